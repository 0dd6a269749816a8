//! Where a server is: the text of `--host`, parsed.

use core::fmt;
use std::path::{Path, PathBuf};

/// A server's Unix socket, by its absolute path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint(PathBuf);

/// Why a text names no server.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// Neither `unix://` nor `https://`.
    #[error("the host {0:?} is not an address: write unix:///path or https://host:port")]
    Scheme(String),
    /// `unix://` without an absolute path.
    #[error("the host {0:?} has no absolute path: write unix:///path, with three slashes")]
    Relative(String),
    /// A path that the kernel does not take for a socket.
    #[error("the socket path {0:?} is too long or has a NUL: at most {MAX} bytes", MAX = SUN_PATH)]
    Path(String),
    /// `https://` without host or port.
    #[error("the host {0:?} is not an address: write https://host:port")]
    Authority(String),
    /// A good address that nothing answers yet.
    #[error("cannot reach {0}: this build speaks Unix sockets only, use unix:///path")]
    Tcp(String),
}

impl Endpoint {
    /// Parses `unix:///path`. A good `https://host:port` has an error of its own.
    ///
    /// # Errors
    /// [`EndpointError`].
    pub fn parse(text: &str) -> Result<Self, EndpointError> {
        if let Some(authority) = text.strip_prefix("https://") {
            return Err(if is_authority(authority) {
                EndpointError::Tcp(text.to_owned())
            } else {
                EndpointError::Authority(text.to_owned())
            });
        }
        let path = text
            .strip_prefix("unix://")
            .ok_or_else(|| EndpointError::Scheme(text.to_owned()))?;
        if !path.starts_with('/') || path.ends_with('/') {
            return Err(EndpointError::Relative(text.to_owned()));
        }
        Self::unix(Path::new(path))
    }

    /// The socket at an absolute path.
    ///
    /// # Errors
    /// [`EndpointError::Path`] and [`EndpointError::Relative`].
    pub fn unix(path: &Path) -> Result<Self, EndpointError> {
        let bytes = path.as_os_str().as_encoded_bytes();
        if !path.is_absolute() {
            return Err(EndpointError::Relative(path.display().to_string()));
        }
        if bytes.len() > SUN_PATH || bytes.contains(&0) {
            return Err(EndpointError::Path(path.display().to_string()));
        }
        Ok(Self(path.to_owned()))
    }

    /// The socket's path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl fmt::Display for Endpoint {
    /// As `--host` takes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unix://{}", self.0.display())
    }
}

/// A host name or address and a port, the host not empty; what is behind them is not looked up.
fn is_authority(text: &str) -> bool {
    let Some((host, port)) = text.rsplit_once(':') else {
        return false;
    };
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-.[]:".contains(&byte);
    let port = port.parse::<u16>().is_ok_and(|port| port > 0);
    !host.is_empty() && host.bytes().all(allowed) && port
}

/// `sun_path` of `sockaddr_un` without its NUL, in bytes.
const SUN_PATH: usize = 107;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_absolute_path_is_taken_and_shown_as_it_was_written() {
        let endpoint = Endpoint::parse("unix:///run/x.sock").unwrap();
        assert_eq!(endpoint.path(), Path::new("/run/x.sock"));
        assert_eq!(endpoint.to_string(), "unix:///run/x.sock");
    }

    #[test]
    fn a_good_tcp_address_is_refused_as_not_spoken() {
        for text in [
            "https://vault:8443",
            "https://[::1]:1",
            "https://10.0.0.1:65535",
        ] {
            assert_eq!(
                Endpoint::parse(text),
                Err(EndpointError::Tcp(text.to_owned()))
            );
        }
    }

    #[test]
    fn what_is_no_address_is_refused_in_one_line() {
        let long = format!("unix:///{}", "x".repeat(107));
        for text in [
            "",
            "x",
            "/run/x.sock",
            "unix:",
            "unix://",
            "unix:///",
            "unix://run/x",
            "unix:///a\0",
            "http://a:1",
            "https://",
            "https://a",
            "https://a:",
            "https://a:0",
            "https://:1",
            "https://a:65536",
            "https://a/b:1",
            &long,
        ] {
            let error = Endpoint::parse(text).unwrap_err();
            assert!(!matches!(error, EndpointError::Tcp(_)), "{text:?}");
            assert!(!error.to_string().contains('\n'));
        }
    }
}
