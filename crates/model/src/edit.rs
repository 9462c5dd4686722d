//! A text with one value set, by path: comments, order and layout stay as they are. Text in, text out, no files.
//!
//! Only the bytes of the value are replaced, or the bytes of a new key are put in; then the result is read again and must be
//! the tree that was asked for, with every comment. What can't be done so is refused, never done by half.
//! Whether a value is right is what `reader` says of the edited text; [`answer`] asks it.

use crate::brief::Brief;
use crate::diagnostic::{Diagnostic, Severity};
use crate::reader;
use crate::reader::overlay::{self, Step};
use crate::span::Span;
use crate::text::shown;
use crate::yaml::{self, Node, NodeKind, Style};

/// The text with this value, written as the language writes it, at this path; keys that are missing are added.
///
/// Paths are those of [`reader::read_brief_with`].
///
/// # Errors
/// What is wrong with the text, the path or the value; or that the value can't be put there without losing a comment.
///
/// ```
/// let text = "team: { engineers: 5 }   # all of us\ndata:\n  orders:\n    size: 1 GB  # today\n";
/// let edited = groundplan_model::edit::set(text, "data.orders.access.join", "5/s").unwrap();
/// let edited = groundplan_model::edit::set(&edited, "team.engineers", "6").unwrap();
/// assert_eq!(
///     edited,
///     "team: { engineers: 6 }   # all of us\ndata:\n  orders:\n    size: 1 GB  # today\n    access: { join: 5/s }\n"
/// );
/// ```
pub fn set(text: &str, path: &str, value: &str) -> Result<String, Diagnostic> {
    let (root, diagnostics) = yaml::parse(text);
    let root = match (root, diagnostics.into_iter().next()) {
        (Some(root), None) => root,
        (_, Some(diagnostic)) => return Err(diagnostic),
        (None, None) => return Err(Diagnostic::error("empty-file", "the file is empty")),
    };
    if !matches!(root.kind, NodeKind::Map(_)) {
        return Err(Diagnostic::error("not-a-map", "the file is no map of keys"));
    }
    if value.contains(['\n', '\r']) {
        return Err(Diagnostic::error("not-one-line", format!("{} is not one line", shown(value))));
    }
    let mut wanted = root.clone();
    overlay::change(&mut wanted, path, value)?;
    let (parsed, _) = yaml::parse(value);
    let source = parsed.map_or(value.trim(), |node| slice(value, node.span));
    let steps: Vec<&str> = path.split('.').collect();
    let Some((place, new)) = place(text, &root, &steps, source) else {
        return Err(cannot(path, value));
    };
    let before = yaml::comments(text);
    if before.iter().any(|comment| comment.start >= place.start && comment.end <= place.end) {
        return Err(Diagnostic::error(
            "comment-in-the-way",
            format!("{} can't be set without losing a comment inside of it", shown(path)),
        )
        .at(yaml::first_line(text, place), "")
        .help("change it by hand, or move the comment before it"));
    }
    let edited = format!("{}{new}{}", &text[..place.start as usize], &text[place.end as usize..]);
    let (tree, diagnostics) = yaml::parse(&edited);
    let is_wanted = diagnostics.is_empty() && tree.is_some_and(|tree| same(&tree, &wanted));
    let words = |text: &str, comments: &[Span]| -> Vec<String> {
        comments.iter().map(|comment| slice(text, *comment).to_string()).collect()
    };
    if !is_wanted || words(&edited, &yaml::comments(&edited)) != words(text, &before) {
        return Err(cannot(path, value));
    }
    Ok(edited)
}

/// An answer that was not taken.
#[derive(Debug, Clone, PartialEq)]
pub struct Refused {
    /// The text in which the places of the diagnostics stand: with the answer in it where that can be written.
    pub text: String,
    /// Everything that is wrong.
    pub diagnostics: Vec<Diagnostic>,
}

/// A brief with this answer in its text, and what it reads as: exactly what was answered and nothing else.
///
/// # Errors
/// Everything that is wrong with the answer, as the language says it.
pub fn answer(text: &str, path: &str, value: &str) -> Result<(String, Brief), Refused> {
    let unwritten = |diagnostics| Refused { text: text.to_string(), diagnostics };
    let one = |diagnostic| unwritten(vec![diagnostic]);
    let (path, value) = &spelt(text, path, value).map_err(one)?;
    let expected = reader::read_brief_with(text, &[(path, value)]);
    let errors = |found: Vec<Diagnostic>| -> Vec<Diagnostic> {
        found.into_iter().filter(|one| one.severity == Severity::Error).collect()
    };
    let edited = set(text, path, value);
    let Some(expected) = expected.value else {
        let unplaced = unwritten(errors(expected.diagnostics));
        let Ok(edited) = edited else { return Err(unplaced) };
        let found = errors(reader::read_brief(&edited).diagnostics);
        return Err(if found.is_empty() { unplaced } else { Refused { text: edited, diagnostics: found } });
    };
    let edited = edited.map_err(one)?;
    let read = reader::read_brief(&edited);
    match read.value {
        None => Err(Refused { diagnostics: errors(read.diagnostics), text: edited }),
        Some(brief) if brief == expected => Ok((edited, brief)),
        Some(_) => Err(one(cannot(path, value))),
    }
}

/// One half of what a lost region or lost data needs, where the brief says nothing of it yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Half {
    /// Path of the whole: `recovery.region`.
    pub whole: String,
    /// What is said: `rto`, or `rpo`.
    pub key: &'static str,
    /// What is still to be said: the other of them.
    pub other: &'static str,
    value: String,
}

impl Half {
    /// Both halves as one answer to the path of the whole.
    #[must_use]
    pub fn with(&self, other: &str) -> String {
        let (rto, rpo) = if self.key == "rto" { (self.value.as_str(), other) } else { (other, self.value.as_str()) };
        format!("{{ rto: {rto}, rpo: {rpo} }}")
    }
}

/// Whether an answer is half of what must be said whole: `recovery.region.rto` and `2h`.
#[must_use]
pub fn half(text: &str, path: &str, value: &str) -> Option<Half> {
    let (lost, rest) = unsaid_loss(text, path)?;
    let (key, other) = match rest[..] {
        ["rto"] => ("rto", "rpo"),
        ["rpo"] => ("rpo", "rto"),
        _ => return None,
    };
    let (parsed, _) = yaml::parse(value);
    let value = parsed.as_ref().and_then(Node::text)?;
    // What could end the value inside of braces is no time.
    let plain = !value.is_empty() && !value.contains([',', ':', '{', '}', '[', ']', '#', '"', '\'']);
    plain.then(|| Half { whole: format!("recovery.{lost}"), key, other, value: value.to_string() })
}

/// Answers that are to be given at once, in order; two halves of what must be said whole are one of them.
#[must_use]
pub fn together(text: &str, answers: &[(String, String)]) -> Vec<(String, String)> {
    let mut list: Vec<(String, String)> = Vec::new();
    let mut joined: Vec<usize> = Vec::new();
    for (n, (path, value)) in answers.iter().enumerate() {
        if joined.contains(&n) {
            continue;
        }
        let pair = half(text, path, value).and_then(|half| {
            let wanted = format!("{}.{}", half.whole, half.other);
            let later = |at: &usize| !joined.contains(at) && answers[*at].0 == wanted;
            let at = (n + 1..answers.len()).find(later)?;
            let other = self::half(text, &answers[at].0, &answers[at].1)?;
            Some((at, half.whole.clone(), half.with(&other.value)))
        });
        match pair {
            Some((at, whole, both)) => {
                joined.push(at);
                list.push((whole, both));
            }
            None => list.push((path.clone(), value.clone())),
        }
    }
    list
}

/// The path that an answer answers: `recovery.region` where both its halves are said under one of them.
#[must_use]
pub fn answered(text: &str, path: &str) -> String {
    unsaid_loss(text, path).map_or_else(|| path.to_string(), |(lost, _)| format!("recovery.{lost}"))
}

/// What is lost, of a path into a recovery of which the brief says nothing yet, and the steps after it.
fn unsaid_loss<'a>(text: &str, path: &'a str) -> Option<(&'a str, Vec<&'a str>)> {
    let steps: Vec<&str> = path.split('.').collect();
    let ["recovery", lost @ ("region" | "data"), ref rest @ ..] = steps[..] else { return None };
    let (root, _) = yaml::parse(text);
    let recovery = root.as_ref().and_then(|root| root.get("recovery")).filter(|node| !node.is_missing());
    let is_it = |node: &Node| node.get("lost").and_then(Node::text) == Some(lost);
    let said = recovery.is_some_and(|node| is_it(node) || node.items().iter().any(is_it));
    (!said && rest.len() <= 1).then(|| (lost, rest.to_vec()))
}

/// Path and value as the language writes them. What is lost beyond a zone stands in a list of recoveries, each with both its
/// halves: `recovery.region.rto`, where nothing is said of regions yet, is answered by `{ rto: 2h, rpo: 5min }`.
fn spelt(text: &str, path: &str, value: &str) -> Result<(String, String), Diagnostic> {
    let Some((lost, _)) = unsaid_loss(text, path) else { return Ok((path.to_string(), value.to_string())) };
    let (root, _) = yaml::parse(text);
    let recovery = root.as_ref().and_then(|root| root.get("recovery")).filter(|node| !node.is_missing());
    let (answer, _) = yaml::parse(value);
    let both = answer.as_ref().filter(|node| node.get("rto").is_some() && node.get("rpo").is_some());
    let Some(both) = both else {
        return Err(Diagnostic::error(
            "half-a-recovery",
            format!("what a lost {lost} needs is its `rto` and its `rpo`"),
        )
        .help(format!("give both, or answer `recovery.{lost}` with `{{ rto: 2h, rpo: 5min }}`")));
    };
    let flow = |text: &str, node: &Node, head: &str| {
        let pair = |(key, item): &(Node, Node)| format!("{}: {}", slice(text, key.span), slice(text, item.span));
        let pairs: Vec<String> = node.entries().iter().map(pair).collect();
        format!("{{ {head}{} }}", pairs.join(", "))
    };
    let mut items: Vec<String> = match recovery {
        // What is assumed of zones where nothing stands stays so.
        None => vec!["{ rto: 1h, rpo: 5min }".into()],
        Some(node) if node.entries().is_empty() => node.items().iter().map(|item| flow(text, item, "")).collect(),
        Some(node) => vec![flow(text, node, "")],
    };
    items.push(flow(value, both, &format!("lost: {lost}, ")));
    Ok(("recovery".to_string(), format!("[ {} ]", items.join(", "))))
}

fn cannot(path: &str, value: &str) -> Diagnostic {
    Diagnostic::error("unsettable", format!("{} can't be set to {} as the file is written", shown(path), shown(value)))
        .help("change it by hand; a value with commas, braces or `#` wants quotes")
}

/// What is replaced, and by what; an insertion replaces nothing.
fn place(text: &str, root: &Node, steps: &[&str], value: &str) -> Option<(Span, String)> {
    let (mut node, mut key, mut at) = (root, None, 0);
    while at < steps.len() {
        match overlay::step(node, &steps[at..]) {
            Step::Item(nth, taken) => {
                node = node.items().get(nth)?;
                key = None;
                at += taken;
            }
            Step::Key(nth, taken) => {
                let (name, value) = node.entries().get(nth)?;
                (node, key) = (value, Some(name));
                at += taken;
            }
            Step::NewKey => {
                let (head, rest) = (steps[at], &steps[at + 1..]);
                return insertion(text, node, &format!("{}: {}", named(head), nested(rest, value)));
            }
            Step::Scalar => break,
            Step::NoItem => return None,
        }
    }
    let new = nested(&steps[at..], value);
    if node.is_missing() {
        return after_key(text, key?).map(|(at, colon)| (empty(at), format!("{colon} {new}")));
    }
    let place = trimmed(text, node.span);
    if let NodeKind::Scalar(_, Style::Block) = node.kind {
        // The place of a block begins behind its `|`.
        let (from, _) = after_key(text, key?)?;
        return Some((Span { start: from, ..place }, format!(" {new}")));
    }
    Some((place, new))
}

/// A value below keys that are new too: `{ access: { join: 5/s } }`.
fn nested(steps: &[&str], value: &str) -> String {
    let open: String = steps.iter().map(|step| format!("{{ {}: ", named(step))).collect();
    format!("{open}{value}{}", " }".repeat(steps.len()))
}

/// A key as it may stand anywhere.
fn named(key: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    if key.chars().all(plain) && key.starts_with(char::is_alphanumeric) {
        key.to_string()
    } else {
        format!("\"{}\"", key.replace('\\', "\\\\").replace('"', "\\\""))
    }
}

/// Puts `key: value` at the end of a map.
fn insertion(text: &str, map: &Node, entry: &str) -> Option<(Span, String)> {
    let Some((key, value)) = map.entries().last() else {
        // `{}`: behind the opening brace.
        let at = map.span.start + 1;
        let close = if text[at as usize..].starts_with('}') { " " } else { "" };
        return slice(text, map.span).starts_with('{').then(|| (empty(at), format!(" {entry}{close}")));
    };
    let end = if value.is_missing() { after_key(text, key)?.0 } else { trimmed(text, value.span).end };
    if slice(text, map.span).starts_with('{') {
        return Some((empty(end), format!(", {entry}")));
    }
    let line = text[..key.span.start as usize].rfind('\n').map_or(0, |at| at + 1);
    let indent = text[line..key.span.start as usize].trim_start_matches('\u{feff}').chars().count();
    let stop = text[end as usize..].find('\n').map_or(text.len(), |at| end as usize + at);
    let newline = if text[..stop].ends_with('\r') || text.contains("\r\n") { "\r\n" } else { "\n" };
    let stop = if text[..stop].ends_with('\r') { stop - 1 } else { stop };
    Some((empty(stop as u32), format!("{newline}{}{entry}", " ".repeat(indent))))
}

/// Where a missing value of this key goes, and the colon if that is missing too.
fn after_key(text: &str, key: &Node) -> Option<(u32, &'static str)> {
    let rest = text.get(key.span.end as usize..)?;
    let blank = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    if rest[blank..].starts_with(':') { Some((key.span.end + blank as u32 + 1, "")) } else { Some((key.span.end, ":")) }
}

fn empty(at: u32) -> Span {
    Span { start: at, end: at }
}

fn slice(text: &str, span: Span) -> &str {
    text.get(span.start as usize..span.end as usize).unwrap_or("")
}

/// Without the blank space that a block ends with.
fn trimmed(text: &str, span: Span) -> Span {
    Span { start: span.start, end: span.start + slice(text, span).trim_end().len() as u32 }
}

/// Whether two trees say the same, wherever it stands.
fn same(one: &Node, other: &Node) -> bool {
    match (&one.kind, &other.kind) {
        (NodeKind::Scalar(a, how_a), NodeKind::Scalar(b, how_b)) => a == b && how_a == how_b,
        (NodeKind::List(a), NodeKind::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (NodeKind::Map(a), NodeKind::Map(b)) => {
            let pairs = || a.iter().zip(b);
            a.len() == b.len() && pairs().all(|(a, b)| a.0.text() == b.0.text() && same(&a.1, &b.1))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, path: &str, value: &str, expected: &str) {
        match set(text, path, value) {
            Ok(edited) => assert_eq!(edited, expected, "{path} = {value} in {text:?}"),
            Err(diagnostic) => panic!("{path} = {value} in {text:?}: {diagnostic:?}"),
        }
    }

    fn refused(text: &str, path: &str, value: &str, code: &str) {
        assert_eq!(set(text, path, value).expect_err("it can't be done").code, code, "{path} = {value} in {text:?}");
    }

    #[test]
    fn values_are_replaced_where_they_stand() {
        check("a: 1 # one\nb: 2\n", "a", "3", "a: 3 # one\nb: 2\n");
        check("a: { b: 1, c: 2 } # x\n", "a.b", "{ d: 1 }", "a: { b: { d: 1 }, c: 2 } # x\n");
        check("a: 'x'\n", "a", "yes", "a: yes\n");
        check("a: 99.9%\n", "a.must", "99.99%", "a: { must: 99.99% }\n");
        check(
            "a:\n  - { operation: s.x, rate: 1/s }\n",
            "a.s.x.rate",
            "2/s",
            "a:\n  - { operation: s.x, rate: 2/s }\n",
        );
        check("a: |\n  long\n  text\nb: 1\n", "a", "short", "a: short\nb: 1\n");
        check("a:\n  b: 1\n  c: 2\nd: 3\n", "a", "4", "a:\n  4\nd: 3\n");
        check("größe: 1\nb: 2\n", "größe", "7", "größe: 7\nb: 2\n");
    }

    #[test]
    fn what_is_missing_is_added_at_its_place() {
        check("a: 1\n", "b", "2", "a: 1\nb: 2\n");
        check("a: 1", "b.c.d", "2", "a: 1\nb: { c: { d: 2 } }");
        check("a:\n  b: 1 # x\n  # y\nc: 2\n", "a.d", "3", "a:\n  b: 1 # x\n  d: 3\n  # y\nc: 2\n");
        check("a:\n- b: 1\n  name: n\n- name: m\n", "a.n.c", "2", "a:\n- b: 1\n  name: n\n  c: 2\n- name: m\n");
        check("a: { b: 1 }\n", "a.c", "2", "a: { b: 1, c: 2 }\n");
        check("a: { b: 1, }\n", "a.c", "2", "a: { b: 1, c: 2, }\n");
        check("a: {}\n", "a.c", "2", "a: { c: 2 }\n");
        check("a: { }\n", "a.c", "2", "a: { c: 2 }\n");
        check("a: {\n  b: 1 # x\n}\n", "a.c", "2", "a: {\n  b: 1, c: 2 # x\n}\n");
        check("a: # soon\nb: 1\n", "a", "2", "a: 2 # soon\nb: 1\n");
        check("a: # soon\nb: 1\n", "a.c", "2", "a: { c: 2 } # soon\nb: 1\n");
        check("a:\n  b:\n  c:\nd: 1\n", "a.e", "2", "a:\n  b:\n  c:\n  e: 2\nd: 1\n");
        check("a: { b, c: 1 }\n", "a.b", "2", "a: { b: 2, c: 1 }\n");
        check("a: |\n  text\n\n# end\n", "b", "2", "a: |\n  text\nb: 2\n\n# end\n");
        check("a: 1\r\nb:\r\n  c: 1\r\n", "b.d", "2", "a: 1\r\nb:\r\n  c: 1\r\n  d: 2\r\n");
        check("\u{feff}a: 1\n", "b", "2", "\u{feff}a: 1\nb: 2\n");
        check("{ a: 1 }", "b", "2", "{ a: 1, b: 2 }");
        check("a: 1\n...\n", "b", "2", "a: 1\nb: 2\n...\n");
    }

    #[test]
    fn what_would_lose_or_change_something_is_refused() {
        refused("a:\n  b: 1 # mine\n  c: 2\n", "a", "4", "comment-in-the-way");
        refused("a: { b: 1 }\n", "a.b", "x, y: 2", "unsettable");
        refused("a: 1\n", "b", "1\nc: 2", "not-one-line");
        refused("a: 1\n", "b", "[", "syntax");
        refused("a: 1\n", "b", " ", "empty-file");
        refused("a: 1\n", "b..c", "1", "unknown-path");
        refused("a: [ { name: x } ]\n", "a.y", "1", "unknown-path");
        refused("- a\n", "b", "1", "not-a-map");
        refused("a: [\n", "b", "1", "syntax");
        refused("a: &x 1\n", "b", "1", "anchor");
        refused("a: 1\n", "b", "*x", "alias");
    }

    #[test]
    fn what_a_lost_region_needs_is_said_whole() {
        let brief = |recovery: &str| {
            format!(
                "kind: brief\nversion: 1\nname: Shop # ours\nload: [ {{ operation: shop.sell, rate: 30/s }} ]\n\
                 domain: {{ shop: {{ operations: {{ sell: {{ work: 5ms }} }} }} }}\n{recovery}"
            )
        };
        let both = "{ rto: 2h, rpo: 5min }";
        for (before, after) in [
            ("", "recovery: [ { rto: 1h, rpo: 5min }, { lost: region, rto: 2h, rpo: 5min } ]\n"),
            (
                "recovery: { rto: 15min, rpo: 0s } # soon\n",
                "recovery: [ { rto: 15min, rpo: 0s }, { lost: region, rto: 2h, rpo: 5min } ] # soon\n",
            ),
            (
                "recovery:\n  rto: 15min\n  rpo: 0s\n",
                "recovery:\n  [ { rto: 15min, rpo: 0s }, { lost: region, rto: 2h, rpo: 5min } ]\n",
            ),
            (
                "recovery: [ { lost: data, rto: 24h, rpo: 1h } ]\n",
                "recovery: [ { lost: data, rto: 24h, rpo: 1h }, { lost: region, rto: 2h, rpo: 5min } ]\n",
            ),
        ] {
            let (text, read) = answer(&brief(before), "recovery.region.rto", both).expect("it is right");
            assert_eq!(text, brief(after));
            assert!(read.recovery.iter().any(|item| item.lost == crate::brief::Lost::Region && item.rto.0 == 7_200.0));
        }
        let code =
            |value: &str| answer(&brief(""), "recovery.region.rto", value).expect_err("it is half").diagnostics[0].code;
        assert_eq!(code("2h"), "half-a-recovery");
        assert_eq!(code("{ rto: 2h }"), "half-a-recovery");
        let known = brief("recovery: [ { lost: region, rto: 24h, rpo: 1h } ]\n");
        let (text, _) = answer(&known, "recovery.region.rto", "2h").expect("both halves are there");
        assert!(text.contains("{ lost: region, rto: 2h, rpo: 1h }"), "{text}");
    }

    #[test]
    fn two_halves_that_come_together_are_one_answer() {
        let text = "kind: brief\nversion: 1\nname: Shop\nrecovery: { rto: 15min, rpo: 0s }\n";
        let pairs = |list: &[(&str, &str)]| -> Vec<(String, String)> {
            list.iter().map(|(path, value)| ((*path).to_string(), (*value).to_string())).collect()
        };
        let check = |given: &[(&str, &str)], wanted: &[(&str, &str)]| {
            assert_eq!(together(text, &pairs(given)), pairs(wanted));
        };
        let (rto, rpo) = (("recovery.region.rto", "2h"), ("recovery.region.rpo", "1min"));
        let whole = ("recovery.region", "{ rto: 2h, rpo: 1min }");
        check(&[rto, rpo], &[whole]);
        check(&[rpo, ("risk", "low"), rto], &[whole, ("risk", "low")]);
        check(&[rto, ("recovery.data.rpo", "1min")], &[rto, ("recovery.data.rpo", "1min")]);
        check(&[rto, rto], &[rto, rto]);
        check(&[("recovery.rto", "2h"), ("recovery.rpo", "0s")], &[("recovery.rto", "2h"), ("recovery.rpo", "0s")]);
        check(&[("recovery.region.rto", "2h, rpo: 0s"), rpo], &[("recovery.region.rto", "2h, rpo: 0s"), rpo]);
        let said = "recovery: [ { lost: region, rto: 24h, rpo: 1h } ]\n";
        assert_eq!(together(said, &pairs(&[rto, rpo])), pairs(&[rto, rpo]));
        assert_eq!(half(text, rpo.0, rpo.1).expect("a half").with("2h"), whole.1);
        assert_eq!(answered(text, rto.0), "recovery.region");
        assert_eq!(answered(said, rto.0), rto.0);
    }

    #[test]
    fn what_is_wrong_is_shown_where_it_would_stand() {
        let text = "kind: brief\nversion: 1\nname: Shop\nload: [ { operation: shop.sell, rate: 30/s } ]\n\
                    domain: { shop: { operations: { sell: { work: 5ms } } } }\nteam: { engineers: 5 }\n";
        let refused = answer(text, "team.engineers", "0").expect_err("nobody builds it");
        assert_eq!(refused.diagnostics[0].code, "no-team");
        let start = refused.diagnostics[0].labels[0].span.start as usize;
        assert!(refused.text[start..].starts_with("engineers: 0"), "{}", &refused.text[start..]);
    }

    #[test]
    fn a_comment_behind_the_value_is_not_part_of_it() {
        check("a: 1\n", "b", " 5/s  # about", "a: 1\nb: 5/s\n");
        check("a: { b: 1 }\n", "a.c", "5/s # about", "a: { b: 1, c: 5/s }\n");
    }
}
