//! Diagnostics for people (plain or coloured text) and for machines (JSON). Nothing is printed here.
//!
//! Text of the file never steers the terminal: control characters are replaced before they are shown. Only the lines
//! that a diagnostic speaks of are handed on, so the cost is that of those lines and not of the file.

use crate::diagnostic::{Diagnostic, Severity};
use crate::span::Span;
use crate::text::is_unruly;
use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};
use serde_json::{Value, json};

/// How text is drawn.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// With terminal colours.
    pub colour: bool,
    /// The width to keep within. Unit: columns.
    pub width: usize,
}

impl Default for Look {
    fn default() -> Look {
        Look { colour: false, width: 120 }
    }
}

/// Diagnostics of a file as text, one after the other, each ending in a blank line.
///
/// ```text
/// error[unknown-component]: no component is called `databse`
///   --> shop.yaml:14:13
///    |
/// 14 |     - call: databse
///    |             ^^^^^^^
///    |
///    = help: did you mean `database`, declared on line 6?
/// ```
#[must_use]
pub fn to_text(file: &str, text: &str, diagnostics: &[Diagnostic], look: Look) -> String {
    let width = look.width.clamp(40, 400);
    let renderer = if look.colour { Renderer::styled() } else { Renderer::plain() }.term_width(width);
    let file = harmless(file);
    let mut out = String::new();
    for diagnostic in diagnostics {
        out.push_str(renderer_text(&renderer, &file, text, diagnostic, width).trim_end());
        out.push_str("\n\n");
    }
    out
}

fn renderer_text(renderer: &Renderer, file: &str, text: &str, diagnostic: &Diagnostic, width: usize) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let mut group =
        level.primary_title(harmless(&diagnostic.headline)).id(diagnostic.code).elements(Vec::<Origin<'_>>::new());
    let spans: Vec<(Span, &str)> =
        diagnostic.labels.iter().map(|label| (clamp(text, label.span), label.text.as_str())).collect();
    if let (Some(first), Some(last)) =
        (spans.iter().map(|(span, _)| span.start).min(), spans.iter().map(|(span, _)| span.end).max())
    {
        let from = text[..first as usize].rfind('\n').map_or(0, |at| at + 1);
        let to = text[last as usize..].find('\n').map_or(text.len(), |at| last as usize + at);
        let line = 1 + text.as_bytes()[..from].iter().filter(|byte| **byte == b'\n').count();
        let mut snippet = Snippet::source(same_length(&text[from..to])).line_start(line).path(file.to_string());
        for (nth, (span, label)) in spans.iter().enumerate() {
            let kind = if nth == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
            let range = span.start as usize - from..span.end as usize - from;
            let annotation = kind.span(range);
            snippet = snippet.annotation(if label.is_empty() { annotation } else { annotation.label(harmless(label)) });
        }
        group = group.element(snippet);
    } else {
        group = group.element(Origin::path(file.to_string()));
    }
    for note in &diagnostic.notes {
        group = group.element(Level::NOTE.message(wrapped(&harmless(note), width)));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(wrapped(&harmless(help), width)));
    }
    renderer.render(&[group])
}

/// Diagnostics of a file as JSON: a list of `{ file, line, column, end: { line, column }, code, severity, message,
/// help, notes, labels }`. Lines and columns count from 1, columns in characters; a finding about the whole file has
/// neither.
#[must_use]
pub fn to_json(file: &str, text: &str, diagnostics: &[Diagnostic]) -> Value {
    let place = |span: Span| {
        let span = clamp(text, span);
        let (line, column) = position(text, span.start as usize);
        let (end_line, end_column) = position(text, span.end as usize);
        (line, column, json!({ "line": end_line, "column": end_column }))
    };
    let all = diagnostics.iter().map(|diagnostic| {
        let mut object = json!({ "file": file });
        if let Some(first) = diagnostic.labels.first() {
            let (line, column, end) = place(first.span);
            object["line"] = json!(line);
            object["column"] = json!(column);
            object["end"] = end;
        }
        object["code"] = json!(diagnostic.code);
        object["severity"] = json!(diagnostic.severity);
        object["message"] = json!(diagnostic.headline);
        object["help"] = json!(diagnostic.help);
        object["notes"] = json!(diagnostic.notes);
        object["labels"] = diagnostic
            .labels
            .iter()
            .map(|label| {
                let (line, column, end) = place(label.span);
                json!({ "line": line, "column": column, "end": end, "text": label.text })
            })
            .collect();
        object
    });
    Value::Array(all.collect())
}

/// Line and column of a byte, both from 1; columns in characters.
#[must_use]
pub fn position(text: &str, at: usize) -> (usize, usize) {
    let before = &text[..at.min(text.len())];
    let start = before.rfind('\n').map_or(0, |found| found + 1);
    (1 + before.bytes().filter(|byte| *byte == b'\n').count(), 1 + before[start..].chars().count())
}

/// A span inside the text, on the borders of characters.
fn clamp(text: &str, span: Span) -> Span {
    let inside = |at: u32| {
        let mut at = (at as usize).min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at as u32
    };
    let start = inside(span.start);
    Span { start, end: inside(span.end).max(start) }
}

/// Text without characters that steer a terminal.
fn harmless(text: &str) -> String {
    text.chars().map(|c| if is_unruly(c) && c != '\n' { '\u{fffd}' } else { c }).collect()
}

/// As `harmless`, each character as many bytes long as before.
fn same_length(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push('\n'),
            '\t' | '\r' => out.push(' '),
            c if is_unruly(c) => out.extend(std::iter::repeat_n('?', c.len_utf8())),
            c => out.push(c),
        }
    }
    out
}

/// Lines at most so wide that they fit behind `= note: `.
fn wrapped(text: &str, width: usize) -> String {
    let width = width.saturating_sub(16).max(24);
    let mut out = String::new();
    let mut column = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > width {
            out.push('\n');
            column = 0;
        } else if column > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
    }
    out
}
