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

/// Bytes that are read of a passphrase file: more than strongroomd takes, so that it sees one that is too long and says so.
const PASSPHRASE: usize = 8192;

/// The seal that was asked for, else that of the state that is there, else a key file.
pub(crate) async fn choose(
    paths: &Paths,
    asked: Option<Seal>,
    file: Option<&Path>,
) -> Result<Unseal, DevError> {
    let asked = match (asked, file) {
        (Some(Seal::Keyfile), Some(_)) => return Err(DevError::PassphraseForKeyFile),
        (None, Some(_)) => Some(Seal::Passphrase),
        (asked, _) => asked,
    };
    let made = paths.data().join("keys").exists();
    let made_with = match (made, paths.key_file().exists()) {
        (true, true) if asked == Some(Seal::Passphrase) => {
            return Err(DevError::OtherSeal(paths.state.display().to_string()));
        }
        // `dev` puts the key file there, where that is the seal. A lost one is strongroomd's to miss.
        (true, false) => Seal::Passphrase,
        (_, _) => Seal::Keyfile,
    };
    match asked.unwrap_or(made_with) {
        Seal::Keyfile => Ok(Unseal::KeyFile),
        Seal::Passphrase => passphrase(file, !made).await.map(Unseal::Passphrase),
    }
}

/// From a file or the terminal, where a new one is asked for twice. A newline at a file's end is strongroomd's to drop.
async fn passphrase(file: Option<&Path>, new: bool) -> Result<SecretBytes, DevError> {
    let passphrase = match file {
        Some(path) => input::read_file(path, PASSPHRASE)?.0,
        None if new => prompt::twice("New passphrase").await?.0,
        None => prompt::once("Passphrase").await?.0,
    };
    if passphrase.is_empty() {
        return Err(DevError::EmptyPassphrase);
    }
    Ok(passphrase)
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
        let asked = state.choose(Some(Seal::Keyfile), None).await;
        assert!(matches!(asked, Ok(Unseal::KeyFile)));
    }

    #[tokio::test]
    async fn a_passphrase_file_beside_the_key_file_seal_is_refused() {
        let refused = State::new(&[])
            .choose(Some(Seal::Keyfile), Some("passphrase"))
            .await;
        assert!(matches!(refused, Err(DevError::PassphraseForKeyFile)));
    }

    #[tokio::test]
    async fn an_empty_passphrase_is_refused() {
        let state = State::new(&["empty"]);
        let seal = Some(Seal::Passphrase);
        assert!(matches!(
            state.choose(seal, Some("empty")).await,
            Err(DevError::EmptyPassphrase)
        ));
    }
}
