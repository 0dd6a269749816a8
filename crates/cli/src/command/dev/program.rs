//! The two programs that `dev` starts.

use super::DevError;
use rustix::fs::{Access, access};
use rustix::process::geteuid;
use std::env;
use std::path::{Path, PathBuf};

/// Where they are.
#[derive(Debug)]
pub(crate) struct Programs {
    pub(crate) manager: PathBuf,
    /// `None` without root, which mounting needs.
    pub(crate) agent: Option<PathBuf>,
}

/// The manager's file name.
pub(crate) const MANAGER: &str = "strongroomd";

/// The agent's file name.
pub(crate) const AGENT: &str = "strongroom-agent";

impl Programs {
    /// Looks beside this program first, so that a build runs what was built with it.
    pub(crate) fn find() -> Result<Self, DevError> {
        let root = geteuid().is_root();
        let own = env::current_exe().ok();
        let beside = own.as_deref().and_then(Path::parent).map(Path::to_owned);
        let path = env::var_os("PATH").unwrap_or_default();
        let dirs: Vec<PathBuf> = beside.into_iter().chain(env::split_paths(&path)).collect();
        Ok(Self {
            manager: find(MANAGER, &dirs)?,
            agent: root.then(|| find(AGENT, &dirs)).transpose()?,
        })
    }
}

fn find(program: &'static str, dirs: &[PathBuf]) -> Result<PathBuf, DevError> {
    dirs.iter()
        .filter(|dir| dir.is_absolute())
        .map(|dir| dir.join(program))
        .find(|path| path.is_file() && access(path, Access::EXEC_OK).is_ok())
        .ok_or(DevError::Missing(program))
}
