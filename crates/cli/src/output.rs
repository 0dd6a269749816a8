//! Standard output: tables for people, JSON for programs, bytes as they are.

use crate::error::CliError;
use clap::ValueEnum;
use core::fmt;
use serde::Serialize;
use std::io::{self, Write as _};

/// What `--format` chooses from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Columns without borders.
    Table,
    /// One JSON document.
    Json,
}

/// How to print.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    format: Option<Format>,
    quiet: bool,
}

impl Output {
    pub(crate) const fn new(format: Option<Format>, quiet: bool) -> Self {
        Self { format, quiet }
    }

    /// Whether only ids are wanted, and no notes.
    pub(crate) const fn quiet(&self) -> bool {
        self.quiet
    }

    /// Whether a list is wanted as JSON; without `--format` it is a table.
    pub(crate) fn json(&self) -> bool {
        self.format == Some(Format::Json)
    }

    /// Whether `inspect` writes for people: with `--pretty` or `--format table`, unless JSON is asked for by name.
    pub(crate) fn pretty(&self, pretty: bool) -> bool {
        !self.json() && (pretty || self.format == Some(Format::Table))
    }

    /// Prints one line.
    pub(crate) fn line(&self, line: &dyn fmt::Display) -> Result<(), CliError> {
        self.bytes(format!("{line}\n").as_bytes())
    }

    /// Prints one line for each, at once.
    pub(crate) fn lines<T: fmt::Display>(
        &self,
        lines: impl Iterator<Item = T>,
    ) -> Result<(), CliError> {
        let text: String = lines.map(|line| format!("{line}\n")).collect();
        self.bytes(text.as_bytes())
    }

    /// Prints one JSON document, indented.
    pub(crate) fn document<T: Serialize>(&self, value: &T) -> Result<(), CliError> {
        let text =
            serde_json::to_string_pretty(value).map_err(|error| CliError::Output(error.into()))?;
        self.line(&text)
    }

    /// Prints bytes and nothing else.
    #[expect(clippy::unused_self, reason = "all output goes through this type")]
    pub(crate) fn bytes(&self, bytes: &[u8]) -> Result<(), CliError> {
        let mut stdout = io::stdout().lock();
        stdout
            .write_all(bytes)
            .and_then(|()| stdout.flush())
            .map_err(CliError::Output)
    }
}

/// Rows under a header, each column as wide as its widest cell; cells are ASCII.
#[derive(Debug)]
pub(crate) struct Table<const COLUMNS: usize>(Vec<[String; COLUMNS]>);

impl<const COLUMNS: usize> Table<COLUMNS> {
    pub(crate) fn new(header: [&str; COLUMNS]) -> Self {
        Self(vec![header.map(str::to_owned)])
    }

    pub(crate) fn push(&mut self, row: [String; COLUMNS]) {
        self.0.push(row);
    }
}

impl<const COLUMNS: usize> fmt::Display for Table<COLUMNS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths: [usize; COLUMNS] = core::array::from_fn(|column| {
            self.0
                .iter()
                .map(|row| row[column].len())
                .max()
                .unwrap_or(0)
        });
        for (number, row) in self.0.iter().enumerate() {
            let cells = row
                .iter()
                .zip(widths)
                .map(|(cell, width)| format!("{cell:width$}"));
            let line = cells.collect::<Vec<_>>().join("   ");
            let end = if number + 1 < self.0.len() { "\n" } else { "" };
            write!(f, "{}{end}", line.trim_end())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell_and_lines_have_no_tail() {
        let mut table = Table::new(["ID", "NAME"]);
        table.push(["longer".to_owned(), "a".to_owned()]);
        table.push(["x".to_owned(), String::new()]);
        assert_eq!(table.to_string(), "ID       NAME\nlonger   a\nx");
    }

    #[test]
    fn inspect_is_json_unless_people_ask_for_more() {
        let output = |format| Output::new(format, false);
        assert!(!output(None).pretty(false));
        assert!(output(None).pretty(true));
        assert!(output(Some(Format::Table)).pretty(false));
        assert!(!output(Some(Format::Json)).pretty(true));
    }
}
