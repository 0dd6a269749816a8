//! Rules for the protocol files: packages apart, distinct messages, and comments that say who may call and what may fail.

use super::Finding;
use crate::tree::{File, Tree};
use std::collections::BTreeSet;

/// A call's comment names its callers with one of these.
const CALLERS: [&str; 3] = ["Administrators", "agent's own node", "Anyone"];

const REASONS: &str = "proto/strongroom/api/v1/error_reason.proto";

/// Checks every `.proto` file.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let reasons = reasons(tree.text(REASONS).unwrap_or_default());
    let mut findings = Vec::new();
    for file in tree
        .files
        .iter()
        .filter(|file| file.path.ends_with(".proto"))
    {
        findings.extend(packages(file));
        findings.extend(calls(file, &reasons));
        findings.extend(enums(file));
    }
    findings
}

/// The package is the folder, and no package uses another one's messages: wire and disk change apart.
fn packages(file: &File) -> Vec<Finding> {
    let folder = file
        .path
        .trim_start_matches("proto/")
        .rsplit_once('/')
        .map_or("", |(folder, _)| folder);
    let package = folder.replace('/', ".");
    let mut findings = Vec::new();
    if !file.text.contains(&format!("package {package};")) {
        let what = format!(
            "lies in the folder of package {package} and is not of it: move it, or change its package"
        );
        findings.push(Finding::new(&file.path, 1, what));
    }
    for (index, line) in file.text.lines().enumerate() {
        let import = line
            .strip_prefix("import \"")
            .and_then(|rest| rest.split('"').next());
        let Some(import) = import.filter(|import| import.starts_with("strongroom/")) else {
            continue;
        };
        if !import.starts_with(&format!("{folder}/")) {
            let what =
                format!("imports {import} from another package: give this one its own message");
            findings.push(Finding::new(&file.path, index + 1, what));
        }
    }
    findings
}

fn calls(file: &File, reasons: &BTreeSet<String>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut comment = String::new();
    for (index, line) in file.text.lines().map(str::trim).enumerate() {
        if let Some(text) = line.strip_prefix("//") {
            comment.push_str(text);
            continue;
        }
        if let Some(call) = line.strip_prefix("rpc ") {
            findings.extend(
                check_call(call, &comment, reasons)
                    .map(|what| Finding::new(&file.path, index + 1, what)),
            );
        }
        comment.clear();
    }
    findings
}

fn check_call(call: &str, comment: &str, reasons: &BTreeSet<String>) -> Option<String> {
    let name = call.split('(').next().unwrap_or_default().trim();
    let messages: Vec<&str> = call
        .split(['(', ')'])
        .skip(1)
        .step_by(2)
        .map(|message| message.trim_start_matches("stream ").trim())
        .collect();
    if messages != [format!("{name}Request"), format!("{name}Response")] {
        return Some(format!(
            "{name} takes {name}Request and returns {name}Response, its own messages: rename them"
        ));
    }
    if comment.is_empty() {
        return Some(format!(
            "{name} has no comment: say what it does, who may call it, whether it is idempotent, its error reasons"
        ));
    }
    if !CALLERS.iter().any(|callers| comment.contains(callers)) {
        return Some(format!(
            "{name}'s comment does not say who may call it ({})",
            CALLERS.join(", ")
        ));
    }
    comment
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| {
            word.contains('_') && word.chars().all(|c| c.is_ascii_uppercase() || c == '_')
        })
        .find(|word| !reasons.contains(*word))
        .map(|word| {
            format!(
                "{name}'s comment names {word}, which {REASONS} does not have: correct one of them"
            )
        })
}

/// The zero value of an enum says that none was given.
fn enums(file: &File) -> Vec<Finding> {
    let mut of_enum = false;
    let mut findings = Vec::new();
    for (index, line) in file.text.lines().map(str::trim).enumerate() {
        if of_enum && line.contains('=') {
            if !line
                .split_whitespace()
                .next()
                .is_some_and(|value| value.ends_with("_UNSPECIFIED"))
            {
                let what =
                    "an enum's first value ends in _UNSPECIFIED: it is what absent fields read as";
                findings.push(Finding::new(&file.path, index + 1, what));
            }
            of_enum = false;
        }
        of_enum |= line.starts_with("enum ");
    }
    findings
}

fn reasons(text: &str) -> BTreeSet<String> {
    text.lines()
        .filter_map(|line| {
            line.trim()
                .strip_prefix("ERROR_REASON_")?
                .split_whitespace()
                .next()
        })
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{REASONS, check};
    use crate::{tidy::fixture::lines, tree::tests::tree};

    const ERRORS: &str = "package strongroom.api.v1;\nenum E {\n  ERROR_REASON_UNSPECIFIED = 0;\n  ERROR_REASON_IN_USE = 1;\n}\n";

    fn findings(text: &str) -> Vec<String> {
        lines(check(&tree(&[
            (REASONS, ERRORS),
            ("proto/strongroom/api/v1/a.proto", text),
        ])))
    }

    fn service(comment: &str) -> String {
        format!(
            "package strongroom.api.v1;\nservice A {{\n  {comment}\n  rpc Get(GetRequest) returns (GetResponse);\n}}\n"
        )
    }

    #[test]
    fn a_call_says_who_may_call_it_and_which_known_reasons_it_has() {
        assert!(
            findings(&service(
                "// Gets. Administrators. Idempotent by request_id. IN_USE."
            ))
            .is_empty()
        );
        assert!(findings(&service(""))[0].contains("Get has no comment"));
        assert!(findings(&service("// Gets."))[0].contains("does not say who may call it"));
        assert!(
            findings(&service("// Gets. Administrators. NOT_HERE."))[0].contains("names NOT_HERE")
        );
    }

    #[test]
    fn a_call_has_its_own_messages() {
        let shared = service("// Gets. Administrators.").replace("GetResponse", "Secret");
        assert!(findings(&shared)[0].contains("returns GetResponse, its own messages"));
    }

    #[test]
    fn packages_do_not_use_each_others_messages() {
        let found = findings(
            "package strongroom.api.v1;\nimport \"strongroom/storage/v1/record.proto\";\n",
        );
        assert!(found[0].contains("from another package"), "{found:?}");
        assert!(findings("package strongroom.api.v2;\n")[0].contains("is not of it"));
    }

    #[test]
    fn the_zero_of_an_enum_is_unspecified() {
        let found = findings(
            "package strongroom.api.v1;\nenum Kind {\n  // The first.\n  KIND_SECRET = 0;\n}\n",
        );
        assert!(found[0].contains("_UNSPECIFIED"), "{found:?}");
    }
}
