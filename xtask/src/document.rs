//! Markdown, as far as the rules need it: tables, links and code spans, with their lines.

/// A table, without its ruler line.
#[derive(Debug)]
pub(crate) struct Table {
    /// The cells of the header.
    pub(crate) header: Vec<String>,
    /// Each row's line and cells, without the backticks around code.
    pub(crate) rows: Vec<(usize, Vec<String>)>,
}

/// All tables of a text, in order.
pub(crate) fn tables(text: &str) -> Vec<Table> {
    let mut tables: Vec<Table> = Vec::new();
    let mut within = false;
    for (number, line) in prose(text) {
        let line = line.trim();
        if !line.starts_with('|') {
            within = false;
            continue;
        }
        let cells: Vec<String> = line
            .trim_matches('|')
            .split('|')
            .map(|cell| cell.trim().replace('`', ""))
            .collect();
        if !within {
            tables.push(Table {
                header: cells,
                rows: Vec::new(),
            });
            within = true;
        } else if !cells
            .iter()
            .all(|cell| cell.chars().all(|c| c == '-' || c == ':'))
        {
            tables
                .last_mut()
                .expect("a table has begun")
                .rows
                .push((number, cells));
        }
    }
    tables
}

/// The targets of inline links, as `(line, target)`.
pub(crate) fn links(text: &str) -> Vec<(usize, String)> {
    let mut links = Vec::new();
    for (number, line) in prose(text) {
        let mut rest = line;
        while let Some(at) = rest.find("](") {
            rest = &rest[at + 2..];
            let Some(end) = rest.find(')') else { break };
            links.push((number, rest[..end].to_owned()));
            rest = &rest[end..];
        }
    }
    links
}

/// What stands between backticks, as `(line, text)`.
pub(crate) fn code_spans(text: &str) -> Vec<(usize, String)> {
    prose(text)
        .flat_map(|(number, line)| {
            line.split('`')
                .skip(1)
                .step_by(2)
                .map(move |span| (number, span.to_owned()))
        })
        .collect()
}

/// The anchors that a text's headings make, as GitHub writes them.
pub(crate) fn anchors(text: &str) -> Vec<String> {
    prose(text)
        .filter(|(_, line)| line.starts_with('#'))
        .map(|(_, line)| {
            line.trim_start_matches('#')
                .trim()
                .chars()
                .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
                .map(|c| {
                    if c == ' ' {
                        '-'
                    } else {
                        c.to_ascii_lowercase()
                    }
                })
                .collect()
        })
        .collect()
}

/// The lines outside of fenced blocks, with their numbers.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    text.lines().enumerate().filter_map(move |(index, line)| {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
            return None;
        }
        (!fenced).then_some((index + 1, line))
    })
}

#[cfg(test)]
mod tests {
    use super::{anchors, code_spans, links, tables};

    #[test]
    fn a_table_has_a_header_and_rows_with_their_lines() {
        let tables = tables("text\n\n| crate | row |\n| --- | --- |\n| `model` | pure |\n\nmore\n");
        assert_eq!(tables.len(), 1);
        assert_eq!(tables[0].header, ["crate", "row"]);
        assert_eq!(
            tables[0].rows,
            [(5, vec!["model".to_owned(), "pure".to_owned()])]
        );
    }

    #[test]
    fn fenced_blocks_hold_no_links_and_no_code_spans() {
        let text = "[a](docs/a.md) and `x`\n```\n[b](b.md) `y`\n```\n";
        assert_eq!(links(text), [(1, "docs/a.md".to_owned())]);
        assert_eq!(code_spans(text), [(1, "x".to_owned())]);
    }

    #[test]
    fn anchors_are_those_that_git_hosts_make() {
        assert_eq!(anchors("## Why, and `how`?\n"), ["why-and-how"]);
    }
}
