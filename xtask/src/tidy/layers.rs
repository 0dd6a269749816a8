//! Which crate may import which: the tables in ARCHITECTURE.md against what cargo says.

use super::Finding;
use crate::{
    document::{Table, tables},
    tree::Tree,
};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const DOCUMENT: &str = "ARCHITECTURE.md";

/// From the bottom up. An import goes down, or sideways where the table lists it.
const ROWS: [&str; 4] = ["leaf", "pure", "edge", "app"];

/// Outside of the rows: they may import whatever they test.
const UNRANKED: [&str; 2] = ["tests", "xtask"];

/// Checks every normal and build dependency of every package.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let text = tree.text(DOCUMENT).unwrap_or_default();
    let mut findings = Vec::new();
    let (Some(crates), Some(homes)) = (
        table(text, &["crate", "row"]),
        table(text, &["foreign crate", "homes"]),
    ) else {
        let what = "needs a table with the columns crate, row, …, may import and one with foreign crate, homes, why";
        return vec![Finding::new(DOCUMENT, 1, what)];
    };
    let listed = listed_crates(&crates, &mut findings);
    let homes: BTreeMap<String, BTreeSet<String>> = homes
        .rows
        .iter()
        .flat_map(|(_, cells)| homes_of(cells))
        .collect();
    for package in tree.metadata["packages"].as_array().into_iter().flatten() {
        let name = short(text_of(&package["name"]));
        if UNRANKED.contains(&name) {
            continue;
        }
        let Some(entry) = listed.get(name) else {
            let what = format!("does not list crate {name}: add its row, and what it may import");
            findings.push(Finding::new(DOCUMENT, 1, what));
            continue;
        };
        check_package(package, entry, &listed, &homes, &mut findings);
    }
    findings
}

/// A crate as the table has it.
#[derive(Debug)]
struct Entry {
    line: usize,
    row: usize,
    imports: BTreeSet<String>,
}

fn listed_crates(table: &Table, findings: &mut Vec<Finding>) -> BTreeMap<String, Entry> {
    let mut listed = BTreeMap::new();
    for (line, cells) in &table.rows {
        let row = cells
            .get(1)
            .and_then(|row| ROWS.iter().position(|known| known == row));
        let (Some(name), Some(row), Some(imports)) = (cells.first(), row, cells.last()) else {
            let what = format!("a crate's row is one of {}", ROWS.join(", "));
            findings.push(Finding::new(DOCUMENT, *line, what));
            continue;
        };
        listed.insert(
            name.clone(),
            Entry {
                line: *line,
                row,
                imports: names(imports),
            },
        );
    }
    listed
}

fn check_package(
    package: &Value,
    entry: &Entry,
    listed: &BTreeMap<String, Entry>,
    homes: &BTreeMap<String, BTreeSet<String>>,
    findings: &mut Vec<Finding>,
) {
    let name = short(text_of(&package["name"]));
    let manifest = format!("crates/{name}/Cargo.toml");
    let mut imported = BTreeSet::new();
    for dependency in package["dependencies"].as_array().into_iter().flatten() {
        if dependency["kind"] == "dev" {
            continue;
        }
        let full = text_of(&dependency["name"]);
        if dependency["path"].is_null() {
            findings.extend(check_home(&manifest, name, entry.row, full, homes));
            continue;
        }
        let other = short(full);
        imported.insert(other.to_owned());
        let up = listed.get(other).is_some_and(|other| other.row > entry.row);
        if up {
            let what =
                format!("{name} imports {other} from a row above it: turn the dependency round");
            findings.push(Finding::new(&manifest, 1, what));
        } else if !entry.imports.contains(other) {
            let what = format!(
                "{name} imports {other}, which {DOCUMENT} does not list: drop it, or list it there"
            );
            findings.push(Finding::new(&manifest, 1, what));
        }
    }
    for unused in entry.imports.difference(&imported) {
        let what = format!("lists that {name} imports {unused}, which it does not: take it out");
        findings.push(Finding::new(DOCUMENT, entry.line, what));
    }
}

/// A listed foreign crate stays in its homes; in leaf and pure crates every foreign crate must be listed.
fn check_home(
    manifest: &str,
    name: &str,
    row: usize,
    foreign: &str,
    homes: &BTreeMap<String, BTreeSet<String>>,
) -> Option<Finding> {
    match homes.get(foreign) {
        Some(homes) if homes.contains(name) || homes.contains("all") => None,
        Some(homes) => {
            let homes = homes
                .iter()
                .map(String::as_str)
                .collect::<Vec<_>>()
                .join(", ");
            let what = format!("{foreign} has its home in {homes}: use it through there");
            Some(Finding::new(manifest, 1, what))
        }
        None if row < 2 => {
            let what = format!(
                "{name} is a {} crate and {foreign} is not listed in {DOCUMENT} for it: do without, or list its home and why",
                ROWS[row]
            );
            Some(Finding::new(manifest, 1, what))
        }
        None => None,
    }
}

/// `tonic, tonic-types | api, client | why` as one entry for each foreign crate.
fn homes_of(cells: &[String]) -> Vec<(String, BTreeSet<String>)> {
    let [foreign, homes, ..] = cells else {
        return Vec::new();
    };
    names(foreign)
        .into_iter()
        .map(|foreign| (foreign, names(homes)))
        .collect()
}

fn names(cell: &str) -> BTreeSet<String> {
    cell.split(',')
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty() && name != "–")
        .collect()
}

fn table(text: &str, header: &[&str]) -> Option<Table> {
    tables(text).into_iter().find(|table| {
        table.header.len() >= header.len() && table.header.iter().zip(header).all(|(a, b)| a == b)
    })
}

fn short(package: &str) -> &str {
    package.strip_prefix("strongroom-").unwrap_or(package)
}

fn text_of(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::{tidy::fixture::lines, tree::Tree};
    use serde_json::{Value, json};

    const TABLES: &str = "\
| crate | row | is for | may import |
| --- | --- | --- | --- |
| `model` | pure | nouns | – |
| `storage` | edge | disk | `model` |
| `server` | app | it | `model`, `storage` |

| foreign crate | homes | why |
| --- | --- | --- |
| `rocksdb` | `storage` | one |
| `thiserror` | all | errors |
";

    fn findings(name: &str, dependencies: Value) -> Vec<String> {
        let mut tree: Tree = crate::tree::tests::tree(&[("ARCHITECTURE.md", TABLES)]);
        tree.metadata = json!({ "packages": [
            { "name": format!("strongroom-{name}"), "dependencies": dependencies },
        ]});
        lines(check(&tree))
    }

    fn ours(name: &str) -> Value {
        json!({ "name": format!("strongroom-{name}"), "kind": null, "path": "/" })
    }

    fn foreign(name: &str) -> Value {
        json!({ "name": name, "kind": null })
    }

    #[test]
    fn imports_that_are_listed_pass() {
        assert!(
            findings(
                "storage",
                json!([ours("model"), foreign("rocksdb"), foreign("tempfile")])
            )
            .is_empty()
        );
    }

    #[test]
    fn an_import_from_a_row_above_is_refused() {
        let found = findings("model", json!([ours("storage"), foreign("thiserror")]));
        assert_eq!(
            found,
            [
                "crates/model/Cargo.toml:1: model imports storage from a row above it: turn the dependency round"
            ]
        );
    }

    #[test]
    fn an_import_that_is_not_listed_is_refused_and_one_that_is_gone_too() {
        let found = findings("storage", json!([ours("tree")]));
        assert_eq!(found.len(), 2);
        assert!(found[0].contains("storage imports tree"), "{found:?}");
        assert!(
            found[1].contains("lists that storage imports model, which it does not"),
            "{found:?}"
        );
    }

    #[test]
    fn a_foreign_crate_stays_at_home() {
        let found = findings(
            "server",
            json!([ours("model"), ours("storage"), foreign("rocksdb")]),
        );
        assert_eq!(
            found,
            ["crates/server/Cargo.toml:1: rocksdb has its home in storage: use it through there"]
        );
    }

    #[test]
    fn a_pure_crate_takes_only_what_is_listed_for_it() {
        let found = findings("model", json!([foreign("tokio")]));
        assert!(
            found[0].contains("model is a pure crate and tokio is not listed"),
            "{found:?}"
        );
    }

    #[test]
    fn dependencies_of_tests_are_free() {
        let dependency = json!({ "name": "rocksdb", "kind": "dev" });
        assert!(findings("model", json!([dependency])).is_empty());
    }
}
