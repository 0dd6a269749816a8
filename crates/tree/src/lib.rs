//! The mounted file tree as data: lookup, attributes, directories, which content an inode shows.
