//! Project chores that neither rustc nor clippy can do. Today: `cargo xtask tidy`, the rules of CONTRIBUTING.md that a
//! program can check.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line tool"
)]

mod document;
mod source;
mod tidy;
mod tree;

use std::process::ExitCode;

const USAGE: &str =
    "usage: cargo xtask tidy    checks what lints cannot see; prints one line for each finding";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["tidy"] => tidy(),
        ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            ExitCode::SUCCESS
        }
        _ => {
            eprintln!("{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn tidy() -> ExitCode {
    let report = match tree::Tree::of_checkout().map(|tree| tidy::check(&tree)) {
        Ok(report) => report,
        Err(error) => {
            eprintln!("tidy: {error}");
            return ExitCode::FAILURE;
        }
    };
    for note in &report.notes {
        println!("note: {note}");
    }
    for finding in &report.findings {
        println!("{finding}");
    }
    if report.findings.is_empty() {
        println!("tidy: {} files, nothing to find fault with", report.files);
        return ExitCode::SUCCESS;
    }
    println!("tidy: {} findings", report.findings.len());
    ExitCode::FAILURE
}
