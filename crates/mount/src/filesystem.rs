//! The kernel's requests, each a few lines over the tree: ask the tree, ask who is calling, reply.
//!
//! Versions never change, so names, attributes and pages stay in the kernel's cache until the session ends; after the
//! first read an open costs one request. OPEN is never answered with ENOSYS: the kernel would stop to ask, and the
//! host's root would be in.

use crate::caller::Callers;
use crate::content::ContentSource;
use crate::idmap::IdMaps;
use fuser::{
    Errno, FileAttr, FileHandle, FileType, Filesystem, FopenFlags, Generation, INodeNo, LockOwner,
    OpenAccMode, OpenFlags, ReplyAttr, ReplyCreate, ReplyData, ReplyDirectory, ReplyEmpty,
    ReplyEntry, ReplyOpen, ReplyWrite, ReplyXattr, Request,
};
use std::ffi::OsStr;
use std::path::Path;
use std::time::{Duration, SystemTime};
use strongroom_sensitive::SecretBytes;
use strongroom_tree::{Access, Attributes, ContentId, Ino, Node, Tree, TreeError};

/// One container's file system.
#[derive(Debug)]
pub(crate) struct TreeFilesystem<C> {
    pub(crate) tree: Tree,
    pub(crate) contents: C,
    pub(crate) callers: Callers,
    pub(crate) ids: IdMaps,
    /// The time that all files have.
    pub(crate) mounted_at: SystemTime,
}

impl<C: ContentSource> TreeFilesystem<C> {
    fn attributes(&self, attributes: Attributes) -> FileAttr {
        let (kind, size, links) = match attributes.node {
            Node::Directory { directories } => {
                (FileType::Directory, 0, directories.saturating_add(2))
            }
            Node::File { size, .. } => (FileType::RegularFile, u64::from(size.get()), 1),
        };
        FileAttr {
            ino: INodeNo(attributes.ino.get()),
            size,
            blocks: size.div_ceil(512),
            atime: self.mounted_at,
            mtime: self.mounted_at,
            ctime: self.mounted_at,
            crtime: self.mounted_at,
            kind,
            perm: attributes.mode,
            nlink: links,
            uid: self.ids.user(attributes.uid),
            gid: self.ids.group(attributes.gid),
            rdev: 0,
            blksize: 4096,
            flags: 0,
        }
    }

    fn admit(&self, request: &Request, ino: INodeNo) -> Result<(), Errno> {
        if self.callers.admit(request.pid()) {
            return Ok(());
        }
        tracing::warn!(
            pid = request.pid(),
            uid = request.uid(),
            inode = ino.0,
            "refused an open by a process outside of the container"
        );
        Err(Errno::EACCES)
    }

    fn open_file(&self, request: &Request, ino: INodeNo, flags: OpenFlags) -> Result<(), Errno> {
        let access = match flags.acc_mode() {
            OpenAccMode::O_RDONLY if flags.0 & libc::O_TRUNC == 0 => Access::Read,
            _ => Access::Write,
        };
        self.tree.open(Ino::new(ino.0), access).map_err(errno)?;
        self.admit(request, ino)
    }

    fn open_directory(&self, request: &Request, ino: INodeNo) -> Result<(), Errno> {
        match self.tree.attributes(Ino::new(ino.0)).map_err(errno)?.node {
            Node::Directory { .. } => self.admit(request, ino),
            Node::File { .. } => Err(Errno::ENOTDIR),
        }
    }

    fn content(&self, ino: INodeNo, handle: FileHandle) -> Result<(ContentId, SecretBytes), Errno> {
        if handle.0 != ino.0 {
            return Err(Errno::EBADF);
        }
        let opened = self.tree.open(Ino::new(ino.0), Access::Read);
        let (content, size) = opened.map_err(errno)?;
        let bytes = self.contents.read(content).map_err(|error| {
            tracing::error!(%error, "a read failed");
            Errno::EIO
        })?;
        if u64::try_from(bytes.len()) != Ok(u64::from(size.get())) {
            tracing::error!(%content, "a content has another size than its file");
            return Err(Errno::EIO);
        }
        Ok((content, bytes))
    }
}

impl<C: ContentSource> Filesystem for TreeFilesystem<C> {
    fn lookup(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        // Names are UTF-8, so another one is not there.
        let name = name.to_str().ok_or(TreeError::NotFound);
        match name.and_then(|name| self.tree.lookup(Ino::new(parent.0), name)) {
            Ok(found) => reply.entry(&FOR_EVER, &self.attributes(found), Generation(0)),
            Err(error) => reply.error(errno(error)),
        }
    }

    fn getattr(&self, _: &Request, ino: INodeNo, _: Option<FileHandle>, reply: ReplyAttr) {
        match self.tree.attributes(Ino::new(ino.0)) {
            Ok(found) => reply.attr(&FOR_EVER, &self.attributes(found)),
            Err(error) => reply.error(errno(error)),
        }
    }

    fn open(&self, request: &Request, ino: INodeNo, flags: OpenFlags, reply: ReplyOpen) {
        match self.open_file(request, ino, flags) {
            // The handle is the inode: a server that took over would know it.
            Ok(()) => reply.opened(
                FileHandle(ino.0),
                FopenFlags::FOPEN_KEEP_CACHE | FopenFlags::FOPEN_NOFLUSH,
            ),
            Err(error) => reply.error(error),
        }
    }

    fn read(
        &self,
        _: &Request,
        ino: INodeNo,
        handle: FileHandle,
        offset: u64,
        size: u32,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyData,
    ) {
        match self.content(ino, handle) {
            Ok((_, bytes)) => reply.data(part(bytes.expose(), offset, size)),
            Err(error) => reply.error(error),
        }
    }

    fn opendir(&self, request: &Request, ino: INodeNo, _: OpenFlags, reply: ReplyOpen) {
        match self.open_directory(request, ino) {
            Ok(()) => reply.opened(FileHandle(ino.0), FopenFlags::empty()),
            Err(error) => reply.error(error),
        }
    }

    fn readdir(
        &self,
        _: &Request,
        ino: INodeNo,
        _: FileHandle,
        offset: u64,
        mut reply: ReplyDirectory,
    ) {
        let entries = match self.tree.entries(Ino::new(ino.0), offset) {
            Ok(entries) => entries,
            Err(error) => return reply.error(errno(error)),
        };
        for entry in entries {
            let kind = if entry.directory {
                FileType::Directory
            } else {
                FileType::RegularFile
            };
            if reply.add(INodeNo(entry.ino.get()), entry.next, kind, entry.name) {
                break;
            }
        }
        reply.ok();
    }

    // Kernels before 5.16 do not know NOFLUSH; after this answer they do not ask again.
    fn flush(&self, _: &Request, _: INodeNo, _: FileHandle, _: LockOwner, reply: ReplyEmpty) {
        reply.error(Errno::ENOSYS);
    }

    fn getxattr(&self, _: &Request, _: INodeNo, _: &OsStr, _: u32, reply: ReplyXattr) {
        reply.error(Errno::ENOSYS);
    }

    fn listxattr(&self, _: &Request, _: INodeNo, _: u32, reply: ReplyXattr) {
        reply.error(Errno::ENOSYS);
    }

    // What follows changes something. The kernel refuses it before us, unless the mount was made writable in a
    // container with the capability to do so.

    fn setattr(
        &self,
        _: &Request,
        _: INodeNo,
        _: Option<u32>,
        _: Option<u32>,
        _: Option<u32>,
        _: Option<u64>,
        _: Option<fuser::TimeOrNow>,
        _: Option<fuser::TimeOrNow>,
        _: Option<SystemTime>,
        _: Option<FileHandle>,
        _: Option<SystemTime>,
        _: Option<SystemTime>,
        _: Option<SystemTime>,
        _: Option<fuser::BsdFileFlags>,
        reply: ReplyAttr,
    ) {
        reply.error(Errno::EROFS);
    }

    fn mknod(&self, _: &Request, _: INodeNo, _: &OsStr, _: u32, _: u32, _: u32, reply: ReplyEntry) {
        reply.error(Errno::EROFS);
    }

    fn mkdir(&self, _: &Request, _: INodeNo, _: &OsStr, _: u32, _: u32, reply: ReplyEntry) {
        reply.error(Errno::EROFS);
    }

    fn unlink(&self, _: &Request, _: INodeNo, _: &OsStr, reply: ReplyEmpty) {
        reply.error(Errno::EROFS);
    }

    fn rmdir(&self, _: &Request, _: INodeNo, _: &OsStr, reply: ReplyEmpty) {
        reply.error(Errno::EROFS);
    }

    fn symlink(&self, _: &Request, _: INodeNo, _: &OsStr, _: &Path, reply: ReplyEntry) {
        reply.error(Errno::EROFS);
    }

    fn rename(
        &self,
        _: &Request,
        _: INodeNo,
        _: &OsStr,
        _: INodeNo,
        _: &OsStr,
        _: fuser::RenameFlags,
        reply: ReplyEmpty,
    ) {
        reply.error(Errno::EROFS);
    }

    fn link(&self, _: &Request, _: INodeNo, _: INodeNo, _: &OsStr, reply: ReplyEntry) {
        reply.error(Errno::EROFS);
    }

    fn write(
        &self,
        _: &Request,
        _: INodeNo,
        _: FileHandle,
        _: u64,
        _: &[u8],
        _: fuser::WriteFlags,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyWrite,
    ) {
        reply.error(Errno::EROFS);
    }

    fn create(
        &self,
        _: &Request,
        _: INodeNo,
        _: &OsStr,
        _: u32,
        _: u32,
        _: i32,
        reply: ReplyCreate,
    ) {
        reply.error(Errno::EROFS);
    }

    fn setxattr(
        &self,
        _: &Request,
        _: INodeNo,
        _: &OsStr,
        _: &[u8],
        _: i32,
        _: u32,
        reply: ReplyEmpty,
    ) {
        reply.error(Errno::EROFS);
    }

    fn removexattr(&self, _: &Request, _: INodeNo, _: &OsStr, reply: ReplyEmpty) {
        reply.error(Errno::EROFS);
    }

    fn fallocate(
        &self,
        _: &Request,
        _: INodeNo,
        _: FileHandle,
        _: u64,
        _: u64,
        _: i32,
        reply: ReplyEmpty,
    ) {
        reply.error(Errno::EROFS);
    }
}

/// The one place where the tree's refusals become the kernel's numbers.
const fn errno(error: TreeError) -> Errno {
    match error {
        TreeError::NotFound => Errno::ENOENT,
        TreeError::NotADirectory => Errno::ENOTDIR,
        TreeError::IsADirectory => Errno::EISDIR,
        TreeError::ReadOnly => Errno::EROFS,
    }
}

fn part(bytes: &[u8], offset: u64, size: u32) -> &[u8] {
    let start = usize::try_from(offset).map_or(bytes.len(), |start| start.min(bytes.len()));
    let rest = &bytes[start..];
    let size = usize::try_from(size).map_or(rest.len(), |size| size.min(rest.len()));
    &rest[..size]
}

/// A year: longer than any container lives, and far from the kernel's overflow.
const FOR_EVER: Duration = Duration::from_secs(365 * 24 * 60 * 60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_part_of_the_bytes_can_be_asked_for() {
        for (offset, size, expected) in [
            (0, 2, "ab"),
            (1, 9, "bcd"),
            (3, 0, ""),
            (4, 1, ""),
            (u64::MAX, u32::MAX, ""),
            (0, u32::MAX, "abcd"),
        ] {
            assert_eq!(part(b"abcd", offset, size), expected.as_bytes());
        }
    }
}
