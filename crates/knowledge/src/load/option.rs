//! `kind: option`: an answer to a dimension, without its rules.

use super::reader::Reader;
use crate::option::{ChosenIn, OptionEntry, Precondition};
use crate::rule::Scope;
use crate::{DIMENSIONS, Knowledge};
use groundplan_model::yaml::Node;

const KEYS: &[&str] = &[
    "kind",
    "dimension",
    "option",
    "title",
    "about",
    "when",
    "when-not",
    "gains",
    "costs",
    "preconditions",
    "to-run",
    "fails",
    "technologies",
    "say",
    "sources",
    "chosen-in",
    "runs",
    "rules",
];
const RUNS: [&str; 4] = ["deployables", "stores", "brokers", "regions"];

/// Its name alone, so that everything can name it.
pub(super) fn name(_: &mut Reader, tree: &Node, knowledge: &mut Knowledge) {
    let (dimension, option) = (tree.get("dimension").and_then(Node::text), tree.get("option").and_then(Node::text));
    let (Some(dimension), Some(option)) = (dimension, option) else { return };
    let Some(place) = DIMENSIONS.iter().position(|(name, _)| *name == dimension.trim()) else { return };
    if !knowledge.names[place].iter().any(|known| known == option.trim()) {
        knowledge.names[place].push(option.trim().to_string());
    }
}

/// Reads one.
pub(super) fn read(reader: &mut Reader, tree: &Node, knowledge: &mut Knowledge) {
    reader.keys(tree, KEYS);
    let (dimension, name) = (reader.text(tree, "dimension"), reader.text(tree, "option"));
    let place = reader.dimension_at(tree.get("dimension").unwrap_or(tree), &dimension);
    let scope = if place.is_some_and(|place| DIMENSIONS[place].1) { Scope::Set } else { Scope::Brief };
    let title = reader.optional(tree, "title").unwrap_or_else(|| name.replace('-', " "));
    let about = reader.text(tree, "about");
    let entry = OptionEntry {
        title,
        about,
        when: reader.list(tree, "when"),
        when_not: reader.list(tree, "when-not"),
        gains: reader.list(tree, "gains"),
        costs: reader.list(tree, "costs"),
        preconditions: preconditions(reader, tree, scope, knowledge),
        to_run: reader.template(tree, "to-run", knowledge),
        fails: reader.list(tree, "fails"),
        technologies: reader.list(tree, "technologies"),
        say: reader.optional(tree, "say").unwrap_or_default(),
        sources: reader.source_ids(tree, "sources", knowledge),
        chosen_in: chosen_in(reader, tree),
        runs: runs(reader, tree),
        file: reader.file.to_string(),
        span: tree.get("option").unwrap_or(tree).span,
        origin: reader.origin,
        dimension,
        name,
    };
    let Some(place) = place else { return };
    let options = &mut knowledge.dimensions[place].options;
    if let Some(known) = options.iter().find(|option| option.name == entry.name) {
        let headline =
            format!("option `{}` of {} is declared twice, also in {}", entry.name, entry.dimension, known.file);
        let help = (!reader.origin.is_ours()).then(|| {
            format!("name the file {} to replace ours, or write a `kind: rules` file to add rules to it", known.file)
        });
        return reader.at("declared-twice", tree.get("option").unwrap_or(tree), headline, help);
    }
    options.push(entry);
}

fn runs(reader: &mut Reader, tree: &Node) -> [u32; 4] {
    let mut runs = [0; 4];
    let Some(node) = tree.get("runs") else { return runs };
    reader.keys(node, &RUNS);
    for (place, key) in RUNS.iter().enumerate() {
        let Some(value) = node.get(key) else { continue };
        match value.text().map(str::parse) {
            Some(Ok(number)) => runs[place] = number,
            _ => reader.at("bad-count", value, format!("`{key}` is no whole number"), None),
        }
    }
    runs
}

fn preconditions(reader: &mut Reader, tree: &Node, scope: Scope, knowledge: &Knowledge) -> Vec<Precondition> {
    let Some(list) = tree.get("preconditions") else { return Vec::new() };
    let mut all = Vec::new();
    for node in list.items() {
        reader.keys(node, &["needs", "text", "to-do"]);
        let before = reader.found.len();
        reader.text(node, "needs");
        let needs = node.get("needs").map(std::slice::from_ref).unwrap_or_default();
        let mut needs = reader.conditions(needs, scope, None, knowledge);
        let (text, to_do) = (reader.text(node, "text"), reader.text(node, "to-do"));
        if reader.found.len() == before
            && let Some(needs) = needs.pop()
        {
            let span = node.get("needs").unwrap_or(node).span;
            all.push(Precondition { needs, text, to_do, span });
        }
    }
    all
}

fn chosen_in(reader: &mut Reader, tree: &Node) -> Option<ChosenIn> {
    let node = tree.get("chosen-in")?;
    reader.keys(node, &["brief", "set"]);
    let set = reader.optional(node, "set");
    reader.brief(node).map(|brief| ChosenIn { brief, set, span: node.span })
}
