//! Rust source, line by line, with code, comments and the contents of literals told apart.
//!
//! Not a parser: a scanner that knows where comments and literals begin and end is enough for every rule here, needs no
//! dependency, and reads a file that does not compile.

/// A scanned source file.
#[derive(Debug)]
pub(crate) struct Source<'a> {
    /// Relative to the checkout.
    pub(crate) path: &'a str,
    /// All lines.
    pub(crate) lines: Vec<Line<'a>>,
    /// Whether it consists of tests, or of what only tests use.
    pub(crate) test: bool,
}

/// One line of it.
#[derive(Debug)]
pub(crate) struct Line<'a> {
    /// Counted from 1.
    pub(crate) number: usize,
    /// As it is in the file.
    pub(crate) text: &'a str,
    /// Without comments; the contents of string and character literals are left out.
    pub(crate) code: String,
    /// What stands in comments, slashes included.
    pub(crate) comment: String,
    /// In an item that exists only under `cfg(test)`, or in a file that consists of tests.
    pub(crate) test: bool,
}

impl<'a> Source<'a> {
    /// Scans a file's text.
    pub(crate) fn scan(path: &'a str, text: &'a str) -> Self {
        let test = is_test_path(path);
        let mut scanner = Scanner::default();
        let mut lines: Vec<Line<'a>> = text
            .lines()
            .enumerate()
            .map(|(index, text)| {
                let (code, comment) = scanner.line(text);
                Line {
                    number: index + 1,
                    text,
                    code,
                    comment,
                    test,
                }
            })
            .collect();
        if !test {
            mark_test_items(&mut lines);
        }
        Self { path, lines, test }
    }

    /// The files of the modules that exist only for tests, without `.rs`.
    pub(crate) fn test_modules(&self) -> Vec<String> {
        let path = self.path.trim_end_matches(".rs");
        let folder = match path.rsplit_once('/') {
            Some((folder, "lib" | "main")) => folder,
            _ => path,
        };
        let marked = self.lines.iter().filter(|line| line.test);
        marked
            .filter_map(|line| line.code.split_once("mod ")?.1.trim().strip_suffix(';'))
            .map(|name| format!("{folder}/{name}"))
            .collect()
    }

    /// Takes the whole file for tests.
    pub(crate) fn mark_as_tests(&mut self) {
        self.test = true;
        for line in &mut self.lines {
            line.test = true;
        }
    }

    /// Lines outside of tests; all lines of a file that consists of tests.
    pub(crate) fn counted_lines(&self) -> usize {
        if self.test {
            return self.lines.len();
        }
        self.lines.iter().filter(|line| !line.test).count()
    }
}

/// Whether a path alone tells that the file is of tests.
fn is_test_path(path: &str) -> bool {
    let stem = path
        .rsplit('/')
        .next()
        .unwrap_or(path)
        .trim_end_matches(".rs");
    path.starts_with("tests/")
        || path.starts_with("fuzz/")
        || path.contains("/tests/")
        || path.contains("/benches/")
        || stem == "tests"
        || stem.ends_with("_tests")
}

/// Marks each item below a `#[cfg(test)]` attribute, up to its closing brace or its semicolon.
fn mark_test_items(lines: &mut [Line<'_>]) {
    let mut depth = 0_usize;
    let mut marking = false;
    for line in lines {
        let attribute = line
            .code
            .find("#[cfg(test)]")
            .or_else(|| line.code.find("#[cfg(all(test"));
        let code = match attribute {
            Some(at) if !marking => {
                marking = true;
                depth = 0;
                let after = line.code[at..]
                    .find(']')
                    .map_or(line.code.len(), |end| at + end + 1);
                &line.code[after..]
            }
            _ => line.code.as_str(),
        };
        if !marking {
            continue;
        }
        line.test = true;
        for character in code.chars() {
            match character {
                '{' => depth += 1,
                '}' => {
                    depth = depth.saturating_sub(1);
                    marking &= depth > 0;
                }
                ';' if depth == 0 => marking = false,
                _ => {}
            }
        }
    }
}

/// What the scanner is in the middle of, from one line to the next.
#[derive(Debug, Default)]
struct Scanner {
    within: Within,
}

#[derive(Clone, Copy, Debug, Default)]
enum Within {
    #[default]
    Code,
    /// How many `/*` are open.
    BlockComment(usize),
    String,
    /// How many `#` close it.
    RawString(usize),
}

impl Scanner {
    fn line(&mut self, text: &str) -> (String, String) {
        let characters: Vec<char> = text.chars().collect();
        let mut code = String::new();
        let mut comment = String::new();
        let mut at = 0;
        while at < characters.len() {
            at = match self.within {
                Within::Code if characters[at..].starts_with(&['/', '/']) => {
                    comment.extend(&characters[at..]);
                    characters.len()
                }
                Within::Code => self.code(&characters, at, &mut code),
                Within::BlockComment(open) => self.block(&characters, at, open, &mut comment),
                Within::String => match characters[at] {
                    '\\' => at + 2,
                    '"' => self.close(at + 1, &mut code),
                    _ => at + 1,
                },
                Within::RawString(hashes) => {
                    let end = at + 1 + hashes;
                    let closes = characters[at] == '"'
                        && characters
                            .get(at + 1..end)
                            .is_some_and(|rest| rest.iter().all(|c| *c == '#'));
                    if closes {
                        self.close(end, &mut code)
                    } else {
                        at + 1
                    }
                }
            };
        }
        (code, comment)
    }

    fn code(&mut self, characters: &[char], at: usize, code: &mut String) -> usize {
        let rest = &characters[at..];
        if rest.starts_with(&['/', '*']) {
            self.within = Within::BlockComment(1);
            return at + 2;
        }
        if let Some(hashes) = raw_string(characters, at) {
            self.within = Within::RawString(hashes);
            code.push('"');
            return at + hashes + 2;
        }
        match rest[0] {
            '"' => {
                self.within = Within::String;
                code.push('"');
                at + 1
            }
            '\'' => {
                let length = character_literal(rest);
                code.push('\'');
                at + length.max(1)
            }
            other => {
                code.push(other);
                at + 1
            }
        }
    }

    fn block(
        &mut self,
        characters: &[char],
        at: usize,
        open: usize,
        comment: &mut String,
    ) -> usize {
        let rest = &characters[at..];
        if rest.starts_with(&['/', '*']) {
            self.within = Within::BlockComment(open + 1);
            return at + 2;
        }
        if rest.starts_with(&['*', '/']) {
            self.within = if open == 1 {
                Within::Code
            } else {
                Within::BlockComment(open - 1)
            };
            return at + 2;
        }
        comment.push(rest[0]);
        at + 1
    }

    fn close(&mut self, next: usize, code: &mut String) -> usize {
        self.within = Within::Code;
        code.push('"');
        next
    }
}

/// Where a raw string begins with the `r` here: the number of its hashes.
fn raw_string(characters: &[char], at: usize) -> Option<usize> {
    let part_of_word =
        |index: usize| characters[index].is_alphanumeric() || characters[index] == '_';
    if characters[at] != 'r' {
        return None;
    }
    let prefix = at >= 1 && matches!(characters[at - 1], 'b' | 'c');
    let word = if prefix {
        at.checked_sub(2)
    } else {
        at.checked_sub(1)
    };
    if word.is_some_and(part_of_word) {
        return None;
    }
    let hashes = characters[at + 1..]
        .iter()
        .take_while(|c| **c == '#')
        .count();
    (characters.get(at + 1 + hashes) == Some(&'"')).then_some(hashes)
}

/// The length of a character literal at the quote here; 0 where the quote begins a lifetime.
fn character_literal(rest: &[char]) -> usize {
    match rest {
        ['\'', '\\', _, tail @ ..] => tail
            .iter()
            .position(|c| *c == '\'')
            .map_or(rest.len(), |end| end + 4),
        ['\'', _, '\'', ..] => 3,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::Source;

    fn code(text: &str) -> Vec<String> {
        let source = Source::scan("crates/model/src/name.rs", text);
        source.lines.into_iter().map(|line| line.code).collect()
    }

    #[test]
    fn a_comment_in_a_string_is_not_a_comment() {
        assert_eq!(
            code(r#"let url = "unix://x"; // why"#),
            [r#"let url = ""; "#]
        );
    }

    #[test]
    fn raw_strings_end_at_their_own_number_of_hashes() {
        assert_eq!(
            code("let x = br##\"a\"# // b\"##; done()"),
            ["let x = b\"\"; done()"]
        );
        assert_eq!(code("let r#type = 1;"), ["let r#type = 1;"]);
    }

    #[test]
    fn strings_and_block_comments_go_on_over_lines() {
        assert_eq!(
            code("f(\"a\nunsafe b\"); /* /* c */\nd */ e"),
            ["f(\"", "\"); ", " e"]
        );
    }

    #[test]
    fn quotes_of_lifetimes_open_nothing() {
        assert_eq!(
            code("fn f<'a>(x: &'a str) -> char { '\"' }"),
            ["fn f<'a>(x: &'a str) -> char { ' }"]
        );
        assert_eq!(
            code(r"let quote = '\''; let n = '\u{1f}';"),
            ["let quote = '; let n = ';"]
        );
    }

    #[test]
    fn items_under_cfg_test_are_not_counted() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\n#[cfg(test)]\nuse x;\nfn c() {}\n";
        let source = Source::scan("crates/model/src/name.rs", text);
        let tests: Vec<bool> = source.lines.iter().map(|line| line.test).collect();
        assert_eq!(tests, [false, true, true, true, true, true, true, false]);
        assert_eq!(source.counted_lines(), 2);
    }

    #[test]
    fn modules_of_tests_are_named_by_their_file() {
        let text = "#[cfg(test)]\nmod golden;\nmod record;\n";
        let modules = |path| Source::scan(path, text).test_modules();
        assert_eq!(
            modules("crates/crypto/src/lib.rs"),
            ["crates/crypto/src/golden"]
        );
        assert_eq!(
            modules("crates/crypto/src/record.rs"),
            ["crates/crypto/src/record/golden"]
        );
    }

    #[test]
    fn a_file_of_tests_counts_whole() {
        let source = Source::scan("crates/model/src/name/tests.rs", "fn a() {}\nfn b() {}\n");
        assert!(source.lines.iter().all(|line| line.test));
        assert_eq!(source.counted_lines(), 2);
    }
}
