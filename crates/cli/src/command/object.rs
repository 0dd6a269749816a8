//! The commands that secrets and configs share; each takes the kind that it works on.

pub(crate) mod create;
pub(crate) mod destroy;
pub(crate) mod get;
pub(crate) mod inspect;
pub(crate) mod ls;
pub(crate) mod put;
pub(crate) mod rm;
pub(crate) mod update;
pub(crate) mod versions;
