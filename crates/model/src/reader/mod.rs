//! Reading: text to a checked brief or design, with all diagnostics of the file at once.
//!
//! `shapes` turns nodes into values by the tables of words; `brief` and `design` build the types from values; the
//! checks beside them look at what the whole file says. Every message says the place, what is wrong and what would be right.

mod brief;
mod brief_checks;
mod brief_growth;
mod brief_limits;
mod brief_people_checks;
mod brief_topic_checks;
mod brief_topics;
mod defaults;
mod design;
mod design_checks;
mod design_load;
mod design_route;
pub mod laws;
mod measures;
pub(crate) mod overlay;
pub mod quantities;
mod scalars;
mod shapes;

use crate::brief::Assumption;
use crate::diagnostic::{Diagnostic, Severity, guess};
use crate::quantity::Dist;
use crate::span::{Located, Span};
use crate::text::{shown, with_article};
use crate::value::Settings;
use crate::vocabulary::Vocabulary;
use crate::yaml::{self, Node};
use std::collections::HashSet;

pub use brief::read_brief;
pub use defaults::with_defaults;
pub use design::read_design;
pub use overlay::{item_name, read_brief_with};
pub use quantities::Complaint;

/// The most diagnostics that one file gets; the rest is counted.
pub const MAX_DIAGNOSTICS: usize = 200;

/// The most names that a misspelt one is compared with.
const MAX_GUESSES: usize = 2_000;

/// What could be read, and everything that is wrong.
#[derive(Debug, Clone)]
pub struct Read<T> {
    /// The value, checked; none if there is an error.
    pub value: Option<T>,
    /// Errors, warnings and notes, in the order of the file.
    pub diagnostics: Vec<Diagnostic>,
}

impl<T> Read<T> {
    /// The errors alone.
    pub fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error)
    }
}

/// What a file says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// `kind: brief`.
    Brief,
    /// `kind: design`.
    Design,
}

/// Whether a text is a brief or a design.
///
/// # Errors
/// All that keeps it from being either.
pub fn kind_of(text: &str) -> Result<FileKind, Vec<Diagnostic>> {
    let (root, diagnostics) = yaml::parse(text);
    let Some(root) = root else {
        return Err(diagnostics);
    };
    let help = "begin the file with `kind: brief` or `kind: design`";
    let Some(kind) = root.get("kind") else {
        return Err(vec![Diagnostic::error("unknown-kind", "the file doesn't say what it is").help(help)]);
    };
    match kind.text() {
        Some("brief") => Ok(FileKind::Brief),
        Some("design") => Ok(FileKind::Design),
        other => {
            let other = other.unwrap_or("");
            let diagnostic = Diagnostic::error("unknown-kind", format!("no file is of kind {}", shown(other)))
                .at(yaml::first_line(text, kind.span), "");
            Err(vec![match guess(other, ["brief", "design"]) {
                Some(right) => diagnostic.help(format!("did you mean {}?", shown(right))),
                None => diagnostic.help(help),
            }])
        }
    }
}

/// A name that must be declared somewhere.
#[derive(Debug, Clone)]
pub(crate) struct Mention {
    /// Of what: `operation`, `data set`, ...
    pub what: &'static str,
    /// The name and its place.
    pub name: Located<String>,
    /// The path of the place.
    pub path: Vec<String>,
}

/// The state of one reading.
pub(crate) struct Reader<'a> {
    pub text: &'a str,
    /// What a bare duration is where a distribution stands.
    pub bare: fn(f64) -> Dist,
    pub vocabulary: Option<&'a Vocabulary>,
    /// Whether missing keys take their defaults.
    pub defaults: bool,
    pub diagnostics: Vec<Diagnostic>,
    pub assumptions: Vec<Assumption>,
    /// Path and value of each assumption, so that none is listed twice.
    pub assumed: HashSet<String>,
    pub mentions: Vec<Mention>,
    pub path: Vec<String>,
    /// Paths at which a bare duration stood for a distribution.
    pub bare_used: bool,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(text: &'a str, bare: fn(f64) -> Dist) -> Reader<'a> {
        Reader {
            text,
            bare,
            vocabulary: None,
            defaults: false,
            diagnostics: Vec::new(),
            assumptions: Vec::new(),
            assumed: HashSet::new(),
            mentions: Vec::new(),
            path: Vec::new(),
            bare_used: false,
        }
    }

    /// Whether there are more diagnostics than are shown, so that guesses aren't worth their time.
    pub(crate) fn is_full(&self) -> bool {
        self.diagnostics.len() > MAX_DIAGNOSTICS
    }

    pub(crate) fn push(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// An error about the first line of a place.
    pub(crate) fn error(&self, code: &'static str, headline: impl Into<String>, span: Span) -> Diagnostic {
        let diagnostic = Diagnostic::error(code, headline);
        if span.is_none() { diagnostic } else { diagnostic.at(yaml::first_line(self.text, span), "") }
    }

    /// The last step of the path, for messages.
    pub(crate) fn here(&self) -> String {
        shown(self.path.last().map_or("the file", String::as_str))
    }

    pub(crate) fn path_text(&self) -> String {
        self.path.join(".")
    }

    /// The line a place is on, from 1.
    pub(crate) fn line(&self, span: Span) -> usize {
        1 + self.text.as_bytes()[..(span.start as usize).min(self.text.len())]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count()
    }

    /// `no {what} is called ...`, with a guess among the declared names.
    pub(crate) fn unknown_name(
        &self,
        code: &'static str,
        what: &str,
        name: &Located<String>,
        declared: &[(&str, Span)],
    ) -> Diagnostic {
        let diagnostic = self.error(code, format!("no {what} is called {}", shown(name)), name.span);
        if self.is_full() {
            return diagnostic;
        }
        match guess(name, declared.iter().take(MAX_GUESSES).map(|(name, _)| *name)) {
            Some(right) => {
                let span = declared.iter().find(|(name, _)| *name == right).map_or(Span::NONE, |(_, span)| *span);
                if span.is_none() {
                    diagnostic.help(format!("did you mean {}?", shown(right)))
                } else {
                    diagnostic.help(format!("did you mean {}, declared on line {}?", shown(right), self.line(span)))
                }
            }
            None if declared.is_empty() => diagnostic.help(format!("declare {} first", with_article(what))),
            None => {
                diagnostic.help(format!("there is {}", crate::text::one_of(declared.iter().map(|(name, _)| *name), 8)))
            }
        }
    }

    /// The root map of the text, if it has one; syntax diagnostics are kept.
    pub(crate) fn root(&mut self) -> Option<Node> {
        let (root, diagnostics) = yaml::parse(self.text);
        self.diagnostics.extend(diagnostics);
        let root = root?;
        if !matches!(root.kind, yaml::NodeKind::Map(_)) {
            let diagnostic = self
                .error("not-a-map", "the file is no map of keys", root.span)
                .help("begin with `kind: brief` or `kind: design`, then `version: 1`");
            self.push(diagnostic);
            return None;
        }
        Some(root)
    }

    /// Whether the file is of this kind; else that alone is reported, since nothing in it would be known.
    pub(crate) fn right_kind(&mut self, root: &Node, kind: FileKind) -> bool {
        let word = if kind == FileKind::Brief { "brief" } else { "design" };
        let Some(said) = root.get("kind").and_then(Node::text) else {
            return true;
        };
        let other = matches!((said, kind), ("brief", FileKind::Design) | ("design", FileKind::Brief));
        if other {
            let span = root.get("kind").map_or(Span::NONE, |node| node.span);
            let diagnostic = self.error("wrong-kind", format!("this is a {said}; a {word} is wanted here"), span);
            self.push(diagnostic);
        }
        !other
    }

    pub(crate) fn check_version(&mut self, settings: &Settings) {
        if let Some(version) = settings.count("version").filter(|version| *version != 1) {
            let diagnostic = self
                .error(
                    "unknown-version",
                    format!("version {version} of the language isn't known"),
                    settings.span("version"),
                )
                .help("write `version: 1`");
            self.push(diagnostic);
        }
    }

    /// Sorted diagnostics, and the value if none is an error.
    pub(crate) fn finish<T>(self, value: Option<T>) -> Read<T> {
        let mut diagnostics = self.diagnostics;
        diagnostics.sort_by_key(|diagnostic| diagnostic.labels.first().map_or(u32::MAX, |label| label.span.start));
        let failed = diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
        if diagnostics.len() > MAX_DIAGNOSTICS {
            let more = diagnostics.len() - MAX_DIAGNOSTICS;
            let severity = diagnostics[MAX_DIAGNOSTICS..].iter().map(|d| d.severity).max().unwrap_or(Severity::Note);
            diagnostics.truncate(MAX_DIAGNOSTICS);
            diagnostics.push(Diagnostic {
                severity,
                ..Diagnostic::error("too-many-diagnostics", format!("{more} more findings aren't shown"))
            });
        }
        Read { value: if failed { None } else { value }, diagnostics }
    }
}
