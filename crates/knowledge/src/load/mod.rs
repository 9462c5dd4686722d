//! Reads the files of the knowledge, each kind by a module of its own, and says everything that is wrong at once, each
//! with its file and place.
//!
//! A file is one map whose `kind` is one of `KINDS`. What a condition may say stands in `expression`; whether what was
//! read makes sense together is said by `check`.

mod coherence;
mod coverage;
mod dimension;
mod fact;
mod option;
mod path;
mod playbook;
mod reader;
mod risk;
mod rule;
mod script;
mod source;
pub(crate) mod technology;

use crate::playbook::Place;
use crate::rule::Origin;
use crate::{DIMENSIONS, Dimension, Knowledge};
use groundplan_model::diagnostic::{Diagnostic, Severity, guess};
use groundplan_model::yaml::{self, Node};
use indexmap::IndexMap;
use reader::Reader;

/// A file of the knowledge.
pub(crate) struct File<'a> {
    /// Its path under `knowledge/`.
    pub path: &'a str,
    /// Its text.
    pub text: &'a str,
    /// Whose it is; a house's file may replace what has the same id.
    pub origin: Origin,
}

/// Something to say about a file of the knowledge.
#[derive(Debug, Clone, PartialEq)]
pub struct FileDiagnostic {
    /// The file's path.
    pub file: String,
    /// What is wrong.
    pub diagnostic: Diagnostic,
}

/// Reads a file of one kind into the knowledge.
type Read = fn(&mut Reader, &Node, &mut Knowledge);

/// The kinds, each with what reads it, in the order they are read: what is named comes before what names it. Options
/// are read twice, first their names, then what they say.
const KINDS: &[(&str, Read)] = &[
    ("dimension", dimension::read),
    ("option", option::name),
    ("sources", source::read),
    ("facts", fact::read),
    ("option", option::read),
    ("option", rule::of_option),
    ("rules", rule::by_themselves),
    ("technologies", technology::read),
    ("overlap", playbook::overlaps),
    ("comparison", playbook::comparison),
    ("risks", risk::read),
    ("checklist", playbook::checklist),
    ("trends", playbook::trends),
    ("recommendations", playbook::recommendations),
    ("script", script::read),
    ("source-types", playbook::source_types),
    ("coverage", coverage::read),
];

/// Reads all files.
pub(crate) fn load(files: &[File]) -> Result<Knowledge, Vec<FileDiagnostic>> {
    let mut found = Vec::new();
    let mut trees: Vec<(&File, Node)> = Vec::new();
    for file in files {
        let (tree, mut diagnostics) = yaml::parse(file.text);
        for empty in diagnostics.iter_mut().filter(|one| one.code == "empty-file") {
            empty.help = Some(format!("begin with its `kind`, one of {}", kinds().join(", ")));
        }
        found.extend(diagnostics.into_iter().map(|diagnostic| FileDiagnostic { file: file.path.into(), diagnostic }));
        if let Some(tree) = tree {
            trees.push((file, tree));
        }
    }
    let mut knowledge = Knowledge {
        dimensions: DIMENSIONS.iter().map(|(name, per_set)| Dimension::new(name, *per_set)).collect(),
        names: vec![Vec::new(); DIMENSIONS.len()],
        ..Knowledge::default()
    };
    for (file, tree) in &trees {
        let mut reader = Reader { file: file.path, origin: file.origin, found: &mut found };
        unknown_kind(&mut reader, tree);
    }
    for (kind, read) in KINDS {
        for (file, tree) in trees.iter().filter(|(_, tree)| tree.get("kind").and_then(Node::text) == Some(kind)) {
            read(&mut Reader { file: file.path, origin: file.origin, found: &mut found }, tree, &mut knowledge);
        }
    }
    knowledge.settle();
    knowledge.add_stances();
    coherence::check(&knowledge, &mut found);
    let place = |item: &FileDiagnostic| item.diagnostic.labels.first().map_or(0, |label| label.span.start);
    let order = |item: &FileDiagnostic| files.iter().position(|file| file.path == item.file);
    found.sort_by_key(|item| (order(item), place(item)));
    if found.iter().any(|item| item.diagnostic.severity == Severity::Error) { Err(found) } else { Ok(knowledge) }
}

/// Keeps something under its id. A house's replaces ours; twice in one is an error at `key`.
fn keep<T>(
    reader: &mut Reader,
    node: &Node,
    key: &str,
    all: &mut IndexMap<String, T>,
    id: String,
    item: T,
    place: impl Fn(&T) -> &Place,
) {
    if let Some(known) = all.get(&id).map(place).filter(|known| known.origin == reader.origin) {
        let what = if key.is_empty() { "this" } else { key };
        let headline = format!("{what} `{id}` is declared twice, also in {}", known.file);
        reader.at("declared-twice", node.get(key).unwrap_or(node), headline, None);
    }
    all.insert(id, item);
}

/// The words of `kind`, sorted.
pub(crate) fn kinds() -> Vec<&'static str> {
    let mut known: Vec<&str> = KINDS.iter().map(|(kind, _)| *kind).collect();
    known.sort_unstable();
    known.dedup();
    known
}

fn unknown_kind(reader: &mut Reader, tree: &Node) {
    let kind = tree.get("kind").and_then(Node::text);
    let known = kinds();
    if kind.is_none_or(|kind| !known.contains(&kind)) {
        let help = guess(kind.unwrap_or_default(), known.iter().copied()).map(|kind| format!("did you mean `{kind}`?"));
        let headline = format!("a file of the knowledge says its `kind`, one of {}", known.join(", "));
        let place = tree.get("kind").unwrap_or(tree);
        let diagnostic = Diagnostic::error("unknown-kind", headline).at(yaml_line(place), "");
        reader.error(Diagnostic { help, ..diagnostic });
    }
}

/// The place of a scalar, or the beginning of anything larger.
fn yaml_line(node: &Node) -> groundplan_model::span::Span {
    let mut span = node.span;
    if node.text().is_none() {
        span.end = span.start;
    }
    span
}
