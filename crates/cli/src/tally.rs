//! Several names in one command: the good ones are done, each bad one is reported, the first one's code is the command's.

use crate::error::{CliError, Exit};

/// What became of the names so far.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    first: Option<Exit>,
}

impl Tally {
    /// Takes one name's result: its value, or `None` once its error is reported.
    ///
    /// # Errors
    /// Those that every further name would meet too, such as no server.
    pub(crate) fn note<T>(&mut self, result: Result<T, CliError>) -> Result<Option<T>, CliError> {
        let error = match result {
            Ok(value) => return Ok(Some(value)),
            Err(error) => error,
        };
        match error.exit() {
            exit @ (Exit::Failed | Exit::NotFound | Exit::Conflict) if !is_of_output(&error) => {
                error.report();
                self.first.get_or_insert(exit);
                Ok(None)
            }
            _ => Err(error),
        }
    }

    /// The command's result.
    ///
    /// # Errors
    /// [`CliError::Reported`] with the first error's code.
    pub(crate) fn conclude(self) -> Result<(), CliError> {
        self.first
            .map_or(Ok(()), |exit| Err(CliError::Reported(exit)))
    }
}

const fn is_of_output(error: &CliError) -> bool {
    matches!(error, CliError::Output(_))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::argument::ArgumentError;

    #[test]
    fn the_first_errors_code_is_the_commands() {
        let mut tally = Tally::default();
        assert!(matches!(tally.note(Ok(1)), Ok(Some(1))));
        let bad = ArgumentError::Version("x".to_owned());
        assert!(matches!(tally.note::<()>(Err(bad.into())), Ok(None)));
        assert!(matches!(
            tally.note::<()>(Err(CliError::Reported(Exit::Conflict))),
            Ok(None)
        ));
        assert!(matches!(
            tally.conclude(),
            Err(CliError::Reported(Exit::Failed))
        ));
    }

    #[test]
    fn what_every_name_would_meet_ends_the_command() {
        let mut tally = Tally::default();
        assert!(tally.note::<()>(Err(CliError::Sealed)).is_err());
        assert!(tally.conclude().is_ok());
    }
}
