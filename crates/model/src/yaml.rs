//! The one module over the YAML parser: text to a tree of nodes with places, or diagnostics.
//!
//! Scalars stay text with their style: `reader` interprets them. What makes a file hard to read aloud is refused here:
//! aliases, anchors, tags, merge keys, directives, several documents. So are files that are too large or too deep.
//! A syntax error ends the reading (the parser can't go on); everything else is gathered.

use crate::diagnostic::Diagnostic;
use crate::span::Span;
use crate::text::shown;
use granit_parser::{Event, Parser, ScalarStyle, ScanError, options};
use std::collections::HashMap;

/// The largest file that is read. Unit: bytes.
pub const MAX_BYTES: usize = 4_000_000;
/// The deepest nesting of lists and maps that is read.
pub const MAX_DEPTH: usize = 64;
/// The largest number of nodes that is read.
pub const MAX_NODES: usize = 200_000;

/// A node of the tree.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// Where it stands; of a list or map from its first to its last byte.
    pub span: Span,
    /// Something about it was reported already: whoever reads it stays silent.
    pub spoiled: bool,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq)]
pub enum NodeKind {
    /// A scalar: its text after unescaping, and how it was written.
    Scalar(String, Style),
    /// A list.
    List(Vec<Node>),
    /// A map in file order; keys are scalars and unique.
    Map(Vec<(Node, Node)>),
}

/// How a scalar was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Without quotes.
    Plain,
    /// In single or double quotes.
    Quoted,
    /// As a block, `|` or `>`.
    Block,
}

impl Node {
    /// The text of a scalar.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            NodeKind::Scalar(text, _) => Some(text),
            _ => None,
        }
    }
    /// The value of a key, in a map.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries().iter().find(|(name, _)| name.text() == Some(key)).map(|(_, value)| value)
    }
    /// The entries of a map; none of anything else.
    #[must_use]
    pub fn entries(&self) -> &[(Node, Node)] {
        match &self.kind {
            NodeKind::Map(entries) => entries,
            _ => &[],
        }
    }
    /// The items of a list; none of anything else.
    #[must_use]
    pub fn items(&self) -> &[Node] {
        match &self.kind {
            NodeKind::List(items) => items,
            _ => &[],
        }
    }
    /// Whether nothing stands there (`key:` and no value).
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(&self.kind, NodeKind::Scalar(text, Style::Plain) if text.is_empty())
    }
}

/// Bytes of a file as text, if they are text.
///
/// # Errors
/// A diagnostic where they are not UTF-8, or hold a NUL and so are no text at all.
pub fn decode(bytes: &[u8]) -> Result<&str, Diagnostic> {
    decode_within(bytes, MAX_BYTES)
}

/// Bytes of a file as text, of at most so many bytes.
///
/// # Errors
/// As `decode`.
pub fn decode_within(bytes: &[u8], most: usize) -> Result<&str, Diagnostic> {
    if bytes.len() > most {
        return Err(too_large(bytes.len(), most));
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(Diagnostic::error("not-utf-8", "the file is UTF-16, not UTF-8").help("save it as UTF-8"));
    }
    if let Some(at) = bytes.iter().position(|byte| *byte == 0) {
        return Err(Diagnostic::error("binary-file", format!("the file is binary: byte {at} is a NUL")));
    }
    std::str::from_utf8(bytes).map_err(|error| {
        let line = 1 + bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
        Diagnostic::error("not-utf-8", format!("line {line} is not UTF-8")).help("save the file as UTF-8")
    })
}

fn too_large(bytes: usize, most: usize) -> Diagnostic {
    Diagnostic::error("file-too-large", format!("the file has {bytes} bytes; at most {most} are read"))
}

/// The tree of a text, if its syntax allows one, and all that is wrong with it.
#[must_use]
pub fn parse(text: &str) -> (Option<Node>, Vec<Diagnostic>) {
    if text.len() > MAX_BYTES {
        return (None, vec![too_large(text.len(), MAX_BYTES)]);
    }
    if let Some(at) = text.find('\0') {
        return (None, vec![Diagnostic::error("binary-file", format!("the file is binary: byte {at} is a NUL"))]);
    }
    let mut builder = Builder { text, diagnostics: Vec::new(), open: Vec::new(), root: None, nodes: 0 };
    let parser = Parser::new_from_str_with_options(
        text,
        options! {
            disallow_directives: true,
            emit_unresolved_aliases: true,
            emit_comments: false,
            flow_nesting_limit: MAX_DEPTH,
            block_nesting_limit: MAX_DEPTH,
        },
    );
    let mut documents = 0;
    for next in parser {
        let (event, span) = match next {
            Ok(pair) => pair,
            Err(error) => {
                builder.diagnostics.push(syntax_error(text, &error));
                return (None, builder.diagnostics);
            }
        };
        let span = range(&span);
        if matches!(event, Event::DocumentStart(..)) {
            documents += 1;
            if documents > 1 {
                let place = Span { start: span.start, end: span.start.saturating_add(3).min(text.len() as u32) };
                builder.diagnostics.push(
                    Diagnostic::error("several-documents", "a second document begins here; a file holds one")
                        .at(place, "")
                        .help("put each document in a file of its own"),
                );
                break;
            }
        }
        if let Err(stop) = builder.event(&event, span) {
            builder.diagnostics.push(stop);
            return (None, builder.diagnostics);
        }
    }
    let empty = Node { kind: NodeKind::Scalar(String::new(), Style::Plain), span: Span::NONE, spoiled: false };
    let root = builder.root.take().unwrap_or(empty);
    if root.is_missing() {
        builder.diagnostics.push(
            Diagnostic::error("empty-file", "the file is empty")
                .help("begin with `kind: brief` or `kind: design`, then `version: 1`"),
        );
        return (None, builder.diagnostics);
    }
    (Some(root), builder.diagnostics)
}

/// Where the comments of a text stand, in its order, each from its `#` to the end of its line.
#[must_use]
pub fn comments(text: &str) -> Vec<Span> {
    let options = options! { emit_unresolved_aliases: true, emit_comments: true };
    let events = Parser::new_from_str_with_options(text, options).map_while(Result::ok);
    events.filter(|(event, _)| matches!(event, Event::Comment(..))).map(|(_, span)| range(&span)).collect()
}

fn range(span: &granit_parser::Span) -> Span {
    let bytes = span.byte_range().unwrap_or(0..0);
    let start = u32::try_from(bytes.start).unwrap_or(0);
    Span { start, end: u32::try_from(bytes.end).unwrap_or(0).max(start) }
}

fn syntax_error(text: &str, error: &ScanError) -> Diagnostic {
    let mut at = error.marker().byte_offset().unwrap_or(0).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let line_start = text[..at].rfind('\n').map_or(0, |found| found + 1);
    let line = text[line_start..].lines().next().unwrap_or("");
    let end = at + text[at..].chars().next().filter(|c| *c != '\n').map_or(0, char::len_utf8);
    let info = error.info();
    let mut info = info.trim().trim_end_matches('.').to_string();
    if info.to_lowercase().contains("nesting") || info.contains("recursion") {
        info = format!("lists and maps are nested deeper than {MAX_DEPTH}");
    }
    let diagnostic = Diagnostic::error("syntax", format!("not valid YAML: {}", shown_message(&info)))
        .at(Span { start: at as u32, end: end as u32 }, "");
    let blank: String = line.chars().take_while(|c| c.is_whitespace()).collect();
    if blank.contains('\t') || text[at..].starts_with('\t') {
        return diagnostic.help("indent with spaces, not tabs");
    }
    if info.starts_with("unexpected character") {
        return diagnostic;
    }
    let first = line.trim_start();
    if first.starts_with('`') || first.starts_with('@') || line.contains(": `") || line.contains(": @") {
        return diagnostic.help("put text that begins with ` or @ in quotes");
    }
    if line.contains(": %") {
        return diagnostic.help("put text that begins with % in quotes");
    }
    if first.matches(": ").count() > 1 && !first.starts_with(['{', '[', '-']) && !first.contains('{') {
        return diagnostic
            .help("a value that holds `: ` wants quotes, a map on one line wants braces: `{ a: 1, b: 2 }`");
    }
    let open = |left: char, right: char| line.matches(left).count() != line.matches(right).count();
    if open('{', '}') || open('[', ']') {
        return diagnostic.help("look for a brace or bracket that isn't closed, or is closed twice");
    }
    if open('"', '"') || line.matches('"').count() % 2 == 1 {
        return diagnostic.help("look for a quote that isn't closed");
    }
    diagnostic.help("look at the indentation of this line and of the line before it")
}

fn shown_message(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(160).collect()
}

enum Open {
    List(Vec<Node>, Span, bool),
    Map(Vec<(Node, Node)>, Option<Node>, Span, bool),
}

struct Builder<'a> {
    text: &'a str,
    diagnostics: Vec<Diagnostic>,
    open: Vec<Open>,
    root: Option<Node>,
    nodes: usize,
}

impl Builder<'_> {
    /// Takes one event. An error ends the reading.
    fn event(&mut self, event: &Event<'_>, span: Span) -> Result<(), Diagnostic> {
        if event.is_node() {
            self.nodes += 1;
            if self.nodes > MAX_NODES {
                return Err(Diagnostic::error("too-many-nodes", format!("the file has more than {MAX_NODES} values"))
                    .at(span, "reading stopped here"));
            }
        }
        let mut spoiled = false;
        if event.anchor_id().is_some_and(|id| id != 0) {
            spoiled = true;
            self.refuse(span, "anchor", "anchors (`&name`) are not read", "write the value where it is needed");
        }
        if event.tag().is_some() {
            spoiled = true;
            self.refuse(span, "tag", "tags (`!name`) are not read", "take the tag away");
        }
        match event {
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                self.refuse(span, "alias", "aliases (`*name`) are not read", "write the value where it is needed");
                self.add(Node { kind: NodeKind::Scalar(String::new(), Style::Plain), span, spoiled: true });
            }
            Event::Scalar(text, style, ..) => {
                let style = match style {
                    ScalarStyle::Plain => Style::Plain,
                    ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
                    ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
                };
                // Where nothing stands the parser says `~`.
                let nothing = style == Style::Plain && span.start == span.end;
                let text = if nothing { String::new() } else { text.to_string() };
                self.add(Node { kind: NodeKind::Scalar(text, style), span, spoiled });
            }
            Event::SequenceStart(..) => self.start(Open::List(Vec::new(), span, spoiled))?,
            Event::MappingStart(..) => self.start(Open::Map(Vec::new(), None, span, spoiled))?,
            Event::SequenceEnd => {
                if let Some(Open::List(items, start, spoiled)) = self.open.pop() {
                    self.add(Node { kind: NodeKind::List(items), span: self.whole(start, span), spoiled });
                }
            }
            Event::MappingEnd => {
                if let Some(Open::Map(entries, _, start, spoiled)) = self.open.pop() {
                    let entries = self.checked(entries);
                    self.add(Node { kind: NodeKind::Map(entries), span: self.whole(start, span), spoiled });
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn start(&mut self, open: Open) -> Result<(), Diagnostic> {
        if self.open.len() >= MAX_DEPTH {
            let (Open::List(_, span, _) | Open::Map(_, _, span, _)) = open;
            return Err(Diagnostic::error(
                "syntax",
                format!("not valid YAML: lists and maps are nested deeper than {MAX_DEPTH}"),
            )
            .at(span, ""));
        }
        self.open.push(open);
        Ok(())
    }

    /// From the first to the last byte, without the blank space a block ends with.
    fn whole(&self, start: Span, end: Span) -> Span {
        let last = end.end.max(start.end) as usize;
        let body = self.text.get(start.start as usize..last).unwrap_or("");
        Span { start: start.start, end: start.start + body.trim_end().len() as u32 }
    }

    fn refuse(&mut self, span: Span, code: &'static str, headline: &str, help: &str) {
        self.diagnostics.push(Diagnostic::error(code, headline).at(span, "").help(help));
    }

    fn add(&mut self, mut node: Node) {
        let in_flow = matches!(self.open.last(), Some(Open::List(_, span, _) | Open::Map(_, _, span, _))
            if self.text[span.start as usize..].starts_with(['[', '{']));
        let is_key = matches!(self.open.last(), Some(Open::Map(_, None, ..)));
        if !node.spoiled && unbalanced(&node, is_key, in_flow) {
            node.spoiled = true;
            // The rest of a text that a comma cut in two is not reported again.
            let after_cut = self.diagnostics.last().is_some_and(|last| {
                last.code == "unbalanced-parentheses"
                    && last.labels.first().is_some_and(|label| {
                        let between = self.text.get(label.span.end as usize..node.span.start as usize).unwrap_or("");
                        between.trim() == "," || between.trim().is_empty()
                    })
            });
            if !after_cut {
                self.diagnostics.push(
                    Diagnostic::error(
                        "unbalanced-parentheses",
                        format!("{} has unbalanced parentheses", shown(node.text().unwrap_or(""))),
                    )
                    .at(node.span, "")
                    .help("write spaces, not commas, inside parentheses: `uniform(150ms 300ms)`"),
                );
            } else if let Some(label) = self.diagnostics.last_mut().and_then(|last| last.labels.first_mut()) {
                label.span.end = node.span.end;
            }
        }
        match self.open.last_mut() {
            None => self.root = self.root.take().or(Some(node)),
            Some(Open::List(items, ..)) => items.push(node),
            Some(Open::Map(entries, key, ..)) => match key.take() {
                None => *key = Some(node),
                Some(key) => entries.push((key, node)),
            },
        }
    }

    /// The entries of a map whose keys are scalars, without those said twice.
    fn checked(&mut self, entries: Vec<(Node, Node)>) -> Vec<(Node, Node)> {
        let mut seen: HashMap<String, Span> = HashMap::new();
        let mut kept = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            let Some(name) = key.text().map(str::to_string) else {
                self.refuse(
                    first_line(self.text, key.span),
                    "key-not-text",
                    "a key is a word, not a list or map",
                    "write `key: value`",
                );
                continue;
            };
            if name == "<<" {
                self.refuse(
                    key.span,
                    "merge-key",
                    "merge keys (`<<`) are not read",
                    "write the values where they are needed",
                );
                continue;
            }
            if let Some(first) = seen.get(&name) {
                self.diagnostics.push(
                    Diagnostic::error("duplicate-key", format!("{} stands here twice", shown(&name)))
                        .at(key.span, "again here")
                        .at(*first, "first here")
                        .help("keep one of them"),
                );
                continue;
            }
            seen.insert(name, key.span);
            kept.push((key, value));
        }
        kept
    }
}

/// The part of a span that stands on its first line.
#[must_use]
pub fn first_line(text: &str, span: Span) -> Span {
    let part = text.get(span.start as usize..span.end as usize).unwrap_or("");
    let line = part.lines().next().unwrap_or("").trim_end();
    Span { start: span.start, end: span.start + line.len() as u32 }
}

/// A key, or a value that looks like `name(...)`, whose parentheses don't match. Quoted text may hold what it likes.
fn unbalanced(node: &Node, is_key: bool, in_flow: bool) -> bool {
    let NodeKind::Scalar(text, Style::Plain) = &node.kind else {
        return false;
    };
    let (mut depth, mut called, mut closed_early) = (0i64, false, false);
    let mut before = ' ';
    for c in text.chars() {
        match c {
            '(' => {
                depth += 1;
                called |= before.is_alphanumeric();
            }
            ')' => {
                depth -= 1;
                closed_early |= depth < 0;
            }
            _ => {}
        }
        before = c;
    }
    if is_key { depth != 0 || closed_early } else { (depth > 0 && called) || (closed_early && in_flow) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let (_, diagnostics) = parse(text);
        let codes: Vec<&str> = diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
        assert_eq!(codes, expected, "{text:?}: {diagnostics:#?}");
    }

    #[test]
    fn what_is_hard_to_read_is_refused() {
        check("a: 1\nb: [x, { c: d }]\n", &[]);
        check("a: 1\na: 2\n", &["duplicate-key"]);
        check("a: &x 1\nb: *x\n", &["anchor", "alias"]);
        check("a: *gone\n", &["alias"]);
        check("a: !!str 1\n", &["tag"]);
        check("<<: { b: 1 }\n", &["merge-key"]);
        check("%YAML 1.1\n---\na: 1\n", &["syntax"]);
        check("a: 1\n---\nb: 1\n", &["several-documents"]);
        check("", &["empty-file"]);
        check("# only words\n", &["empty-file"]);
        check("a: \0\n", &["binary-file"]);
        check("? [a, b]\n: 1\n", &["key-not-text"]);
        check("a: [1, 2\nb: 3\n", &["syntax"]);
        check("a:\n\t- b\n", &["syntax"]);
        check("a: { b: uniform(1ms, 2ms) }\n", &["unbalanced-parentheses"]);
        check("a: [ zipf(0.9, 2M), b ]\n", &["unbalanced-parentheses"]);
        check("a: uniform(1ms\n", &["unbalanced-parentheses"]);
        check("about: we smile :) and (sometimes\n", &[]);
        check(&"[".repeat(5000), &["syntax"]);
        check(&format!("{}{}", "[".repeat(80), "]".repeat(80)), &["syntax"]);
    }

    #[test]
    fn too_much_is_refused_and_not_read() {
        check(&"- a\n".repeat(MAX_NODES + 1), &["too-many-nodes"]);
        check(&"#".repeat(MAX_BYTES + 1), &["file-too-large"]);
        assert_eq!(decode(b"a\xffb").expect_err("not UTF-8").code, "not-utf-8");
        assert_eq!(decode(b"\xff\xfea\0").expect_err("UTF-16").code, "not-utf-8");
        assert_eq!(decode(b"a\0b").expect_err("binary").code, "binary-file");
    }

    #[test]
    fn scalars_keep_text_style_and_place() {
        let text = "\u{feff}größe: 'no'\nlist:\n  - 012\n  - yes\n";
        let (root, diagnostics) = parse(text);
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        let root = root.expect("it is valid");
        let value = root.get("größe").expect("it is there");
        assert_eq!(value.kind, NodeKind::Scalar("no".into(), Style::Quoted));
        assert_eq!(&text[value.span.start as usize..value.span.end as usize], "'no'");
        let list = root.get("list").expect("it is there");
        assert_eq!(&text[list.span.start as usize..list.span.end as usize], "- 012\n  - yes");
        assert_eq!(list.items()[0].text(), Some("012"));
    }
}
