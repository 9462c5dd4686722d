//! The designs that experiments with `set` and `box` run on: the file's tree with other values at some paths, read again.
//!
//! What is wrong with a variant is told at the path that makes it so. Left out: taking a key away; ranges that are walked
//! inside (every value of a box is named, and every combination is tried).

use super::read_changed;
use crate::design::{Design, Experiment, Variant};
use crate::diagnostic::{Diagnostic, Severity};
use crate::reader::{Reader, overlay};
use crate::span::Span;
use crate::text::shown;
use crate::value::Value;
use crate::vocabulary::Vocabulary;
use crate::yaml::{Node, NodeKind};

/// Most combinations of one experiment.
const CORNERS_MOST: usize = 64;

/// A path with the value that is put there, and where the path stands.
type Change = (String, String, Span);

/// All variants of a design that has been read.
pub(super) fn of(reader: &mut Reader<'_>, root: &Node, design: &Design, vocabulary: &Vocabulary) -> Vec<Variant> {
    let mut variants = Vec::new();
    for (nth, experiment) in design.experiments.iter().enumerate() {
        if !experiment.is_varied() {
            continue;
        }
        let Some(node) = root.get("experiments").and_then(|list| list.items().get(nth)) else {
            continue;
        };
        let set = changes(reader, node, experiment, "set");
        let wide = changes(reader, node, experiment, "box");
        let Some(corners) = corners(reader, node, &wide) else { continue };
        let mut told = Vec::new();
        for corner in corners {
            let all: Vec<&Change> = set.iter().flatten().chain(&corner).collect();
            if let Some(design) = variant(reader, root, nth, &all, vocabulary, &mut told) {
                let at = corner.iter().map(|(path, value, _)| (path.clone(), value.clone())).collect();
                variants.push(Variant { experiment: nth, at, design });
            }
        }
    }
    variants
}

/// What `set` or `box` says: by path, the values.
fn changes(reader: &mut Reader<'_>, node: &Node, experiment: &Experiment, key: &str) -> Vec<Vec<Change>> {
    let Some(map) = experiment.settings.map(key) else { return Vec::new() };
    let mut paths = Vec::new();
    for (path, value) in &map.0 {
        let span = reader.key_span(node, &[key, path]);
        let values: Vec<String> = match &value.value {
            Value::Text(text) => vec![text.clone()],
            Value::List(items) => items
                .iter()
                .filter_map(|item| match &item.value {
                    Value::Text(text) => Some(text.clone()),
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        };
        if path.starts_with("experiments") {
            let diagnostic = reader
                .error("experiment-sets-itself", "an experiment can't change experiments", span)
                .help("set what is under `components`, `load`, `network` or `places`");
            reader.push(diagnostic);
        } else if values.is_empty() {
            let diagnostic = reader
                .error("empty-box", format!("{} has no values", shown(path)), span)
                .help("write the values it is tried at: `[4ms, 6ms]`");
            reader.push(diagnostic);
        } else {
            paths.push(values.into_iter().map(|value| (path.clone(), value, span)).collect());
        }
    }
    paths
}

/// Every combination of the values of a box; one without any where there is no box. None if they are too many.
fn corners(reader: &mut Reader<'_>, node: &Node, wide: &[Vec<Change>]) -> Option<Vec<Vec<Change>>> {
    let many = wide.iter().fold(1usize, |many, values| many.saturating_mul(values.len()));
    if many > CORNERS_MOST {
        let span = reader.key_span(node, &["box"]);
        let diagnostic = reader
            .error("box-too-wide", format!("the box has {many} combinations: the most is {CORNERS_MOST}"), span)
            .help("name two values a path, its ends, or make two experiments of it");
        reader.push(diagnostic);
        return None;
    }
    let mut corners = vec![Vec::new()];
    for values in wide {
        corners = corners
            .into_iter()
            .flat_map(|corner: Vec<Change>| {
                values.iter().map(move |value| {
                    let mut longer = corner.clone();
                    longer.push(value.clone());
                    longer
                })
            })
            .collect();
    }
    Some(corners)
}

/// One variant, or what is wrong with it.
fn variant(
    reader: &mut Reader<'_>,
    root: &Node,
    nth: usize,
    changes: &[&Change],
    vocabulary: &Vocabulary,
    told: &mut Vec<String>,
) -> Option<Design> {
    let mut changed = root.clone();
    keep_one_experiment(&mut changed, nth);
    for (path, value, span) in changes.iter().copied() {
        if let Err(mut diagnostic) = overlay::change(&mut changed, path, value) {
            diagnostic.labels.clear();
            if !told.contains(&diagnostic.headline) {
                told.push(diagnostic.headline.clone());
                reader.push(diagnostic.at(*span, "set here"));
            }
            return None;
        }
    }
    let read = read_changed(reader.text, &changed, vocabulary);
    if let Some(design) = read.value {
        return Some(design);
    }
    let wrong = |diagnostic: &Diagnostic| diagnostic.severity == Severity::Error;
    for mut diagnostic in read.diagnostics.into_iter().filter(wrong) {
        // The file's own mistakes are told already.
        let own = |known: &Diagnostic| known.code == diagnostic.code && known.headline == diagnostic.headline;
        if told.contains(&diagnostic.headline) || reader.diagnostics.iter().any(own) {
            continue;
        }
        told.push(diagnostic.headline.clone());
        // What is set comes first: the text beside it may be right as it stands.
        let beside: Vec<_> = diagnostic.labels.drain(..).filter(|label| !label.span.is_none()).collect();
        for (_, value, span) in changes.iter().copied() {
            diagnostic = diagnostic.at(*span, format!("set to {}", shown(value)));
        }
        diagnostic.labels.extend(beside);
        let name = root.get("experiments").and_then(|list| list.items().get(nth)).and_then(|item| item.get("name"));
        let name = name.and_then(Node::text).map_or("this experiment".to_string(), shown);
        reader.push(diagnostic.note(format!("in the design that {name} runs on")));
    }
    None
}

/// The tree with one of its experiments alone, which changes nothing any more.
fn keep_one_experiment(root: &mut Node, nth: usize) {
    let NodeKind::Map(entries) = &mut root.kind else { return };
    for (key, value) in entries {
        if key.text() == Some("experiments")
            && let NodeKind::List(items) = &mut value.kind
        {
            *items = items.drain(..).skip(nth).take(1).collect();
            for item in items {
                if let NodeKind::Map(entries) = &mut item.kind {
                    entries.retain(|(key, _)| !matches!(key.text(), Some("set" | "box")));
                }
            }
        }
    }
}
