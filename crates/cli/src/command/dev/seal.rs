//! Which seal the state has or gets, and the passphrase if that is it.

use super::paths::Paths;
use super::{DevError, Seal};
use crate::{input, prompt};
use std::path::Path;
use strongroom_sensitive::SecretBytes;

/// What strongroomd needs to open its keys.
#[derive(Debug)]
pub(crate) enum Unseal {
    KeyFile,
    Passphrase(SecretBytes),
}

/// The longest passphrase, in bytes; whoever needs more has a key file in mind.
pub(crate) const PASSPHRASE: usize = 4096;

/// The seal that was asked for, else that of the state that is there, else a key file.
pub(crate) async fn choose(
    paths: &Paths,
    asked: Option<Seal>,
    file: Option<&Path>,
) -> Result<Unseal, DevError> {
    let existing = existing(paths);
    let asked = match (asked, file) {
        (Some(Seal::Keyfile), Some(_)) => return Err(DevError::PassphraseForKeyFile),
        (None, Some(_)) => Some(Seal::Passphrase),
        (asked, _) => asked,
    };
    if let (Some(existing), Some(asked)) = (existing, asked)
        && existing != asked
    {
        let state = paths.state.display().to_string();
        return Err(DevError::OtherSeal(state, existing.name(), asked.name()));
    }
    match asked.or(existing).unwrap_or(Seal::Keyfile) {
        Seal::Keyfile => Ok(Unseal::KeyFile),
        Seal::Passphrase => passphrase(file, existing.is_none())
            .await
            .map(Unseal::Passphrase),
    }
}

/// The seal of state that is there: `dev` makes a key file where that is the seal, and none elsewhere.
fn existing(paths: &Paths) -> Option<Seal> {
    paths.data().join("keys").exists().then(|| {
        if paths.key_file().exists() {
            Seal::Keyfile
        } else {
            Seal::Passphrase
        }
    })
}

/// From a file or the terminal, where a new one is asked for twice. A newline at a file's end is strongroomd's to drop.
async fn passphrase(file: Option<&Path>, new: bool) -> Result<SecretBytes, DevError> {
    let (passphrase, origin) = match file {
        Some(path) => input::read_file(path, PASSPHRASE)?,
        None if new => (
            prompt::twice("New passphrase").await?.0,
            "the answer".to_owned(),
        ),
        None => (prompt::once("Passphrase").await?.0, "the answer".to_owned()),
    };
    match passphrase.len() {
        0 => Err(DevError::EmptyPassphrase),
        1..=PASSPHRASE => Ok(passphrase),
        _ => Err(DevError::LongPassphrase(origin)),
    }
}

impl Seal {
    const fn name(self) -> &'static str {
        match self {
            Self::Keyfile => "key file",
            Self::Passphrase => "passphrase",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use strongroom_client::Endpoint;

    struct State {
        dir: tempfile::TempDir,
        paths: Paths,
    }

    impl State {
        fn new(files: &[&str]) -> Self {
            let dir = tempfile::tempdir().unwrap();
            let api = Endpoint::unix(&dir.path().join("api.sock")).unwrap();
            let paths = Paths::resolve(Some(dir.path().to_owned()), api).unwrap();
            fs::create_dir(paths.data()).unwrap();
            for file in files {
                fs::write(dir.path().join(file), "").unwrap();
            }
            fs::write(dir.path().join("passphrase"), "correct horse\n").unwrap();
            Self { dir, paths }
        }

        async fn choose(
            &self,
            asked: Option<Seal>,
            file: Option<&str>,
        ) -> Result<Unseal, DevError> {
            let file = file.map(|file| self.dir.path().join(file));
            choose(&self.paths, asked, file.as_deref()).await
        }
    }

    #[tokio::test]
    async fn new_state_gets_a_key_file_unless_a_passphrase_is_given() {
        let state = State::new(&[]);
        assert!(matches!(
            state.choose(None, None).await,
            Ok(Unseal::KeyFile)
        ));
        let Ok(Unseal::Passphrase(passphrase)) = state.choose(None, Some("passphrase")).await
        else {
            panic!("a passphrase file means the passphrase seal");
        };
        assert_eq!(passphrase.expose(), b"correct horse\n");
    }

    #[tokio::test]
    async fn state_keeps_the_seal_that_it_was_made_with() {
        let state = State::new(&["manager/keys", "seal.key"]);
        assert!(matches!(
            state.choose(None, None).await,
            Ok(Unseal::KeyFile)
        ));
        let other = state.choose(Some(Seal::Passphrase), None).await;
        assert!(matches!(other, Err(DevError::OtherSeal(..))));
        let state = State::new(&["manager/keys"]);
        let asked = state.choose(None, Some("passphrase")).await;
        assert!(matches!(asked, Ok(Unseal::Passphrase(_))));
        let other = state.choose(Some(Seal::Keyfile), None).await;
        assert!(matches!(other, Err(DevError::OtherSeal(..))));
    }

    #[tokio::test]
    async fn a_passphrase_file_beside_the_key_file_seal_is_refused() {
        let refused = State::new(&[])
            .choose(Some(Seal::Keyfile), Some("passphrase"))
            .await;
        assert!(matches!(refused, Err(DevError::PassphraseForKeyFile)));
    }

    #[tokio::test]
    async fn an_empty_or_endless_passphrase_is_refused() {
        let state = State::new(&["empty"]);
        let seal = Some(Seal::Passphrase);
        assert!(matches!(
            state.choose(seal, Some("empty")).await,
            Err(DevError::EmptyPassphrase)
        ));
        fs::write(state.dir.path().join("long"), vec![b'x'; PASSPHRASE + 1]).unwrap();
        assert!(matches!(
            state.choose(seal, Some("long")).await,
            Err(DevError::LongPassphrase(_))
        ));
    }
}
