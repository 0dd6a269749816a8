//! Rules for every text file: no work left for later, and no path that exists only on its author's machine.

use super::Finding;
use crate::{
    source::Source,
    tree::{File, Tree},
};

/// Marks of work left for later: an issue holds it, not the code.
const LATER: [&str; 3] = ["TODO", "FIXME", "XXX"];

/// First folders of paths that differ from machine to machine.
const MACHINES: [&str; 4] = ["home", "Users", "root", "work"];

/// Checks comments for marks, and every line for paths.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    tree.files.iter().flat_map(check_file).collect()
}

fn check_file(file: &File) -> Vec<Finding> {
    if file.path == "Cargo.lock" || file.path == "LICENSE" || file.path.starts_with("fuzz/corpus/")
    {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for (number, comment) in comments(file) {
        let words = comment.split(|c: char| !c.is_alphanumeric());
        if let Some(word) = words.into_iter().find(|word| LATER.contains(word)) {
            let what = format!("{word} in a comment: do it now, or open an issue");
            findings.push(Finding::new(&file.path, number, what));
        }
    }
    for (index, line) in file.text.lines().enumerate() {
        if let Some(path) = machine_path(line) {
            let what = format!(
                "{path} exists on one machine only: use a relative path, or one that is a setting"
            );
            findings.push(Finding::new(&file.path, index + 1, what));
        }
    }
    findings
}

/// The comments of sources and scripts; documents are prose and have none.
fn comments(file: &File) -> Vec<(usize, String)> {
    if file.path.ends_with(".rs") {
        let source = Source::scan(&file.path, &file.text);
        return source
            .lines
            .into_iter()
            .map(|line| (line.number, line.comment))
            .collect();
    }
    let marker = match file.path.rsplit('.').next() {
        Some("md" | "lock" | "json") => return Vec::new(),
        Some("proto") => "//",
        _ => "#",
    };
    file.text
        .lines()
        .enumerate()
        .filter_map(|(index, line)| Some((index + 1, line.split_once(marker)?.1.to_owned())))
        .collect()
}

/// An absolute path below one of [`MACHINES`].
fn machine_path(line: &str) -> Option<String> {
    line.match_indices('/').find_map(|(at, _)| {
        let before = line[..at].chars().next_back();
        let begins = before.is_none_or(|c| c.is_whitespace() || "\"'`=(:<".contains(c));
        let path: String = line[at..]
            .chars()
            .take_while(|c| c.is_alphanumeric() || "/._-".contains(*c))
            .collect();
        let mut parts = path.split('/').skip(1);
        let machine = parts.next().is_some_and(|first| MACHINES.contains(&first));
        let deeper = parts.next().is_some_and(|second| !second.is_empty());
        (begins && machine && deeper).then_some(path)
    })
}

#[cfg(test)]
mod tests {
    use super::{check, machine_path};
    use crate::tree::tests::tree;

    #[test]
    fn work_left_for_later_is_found_in_comments_only() {
        let rust = "//! x\n// TODO: y\nconst WORD: &str = \"TODO\";\n";
        assert_eq!(check(&tree(&[("a.rs", rust)])).len(), 1);
        assert_eq!(
            check(&tree(&[
                ("scripts/a", "true # FIXME\n"),
                ("a.md", "# TODO\n")
            ]))
            .len(),
            1
        );
    }

    #[test]
    fn paths_of_one_machine_are_found() {
        let folder = ["", "home", "ada", "src"].join("/");
        assert_eq!(machine_path(&format!("see `{folder}`")), Some(folder));
        for fine in [
            "/run/secrets/db",
            "proc/self/root/x",
            "$HOME/.cache",
            "/proc/PID/root/run",
            "/root",
        ] {
            assert_eq!(machine_path(fine), None, "{fine}");
        }
    }
}
