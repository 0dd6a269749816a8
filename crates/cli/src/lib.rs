//! strongroom: the command line.
