//! `kind: technologies`: our catalogue of products, and what a house says of them.
//!
//! What follows from what a house says is put into rules by `house`.

use super::reader::Reader;
use crate::Knowledge;
use crate::playbook::{OnlyApproved, Stance, Technology};
use groundplan_model::yaml::Node;

/// Where a house cites nothing of its own.
pub(crate) const HOUSE: &str = "house-rules";

/// Reads one file of them.
pub(super) fn read(reader: &mut Reader, tree: &Node, knowledge: &mut Knowledge) {
    reader.keys(tree, &["kind", "technologies", "only-approved", "source"]);
    let source = reader.optional(tree, "source").unwrap_or_else(|| HOUSE.to_string());
    if let Some(node) = tree.get("source") {
        reader.known_source(node, &source, knowledge);
    }
    for node in reader.nodes(tree, "only-approved") {
        let dimension = node.text().unwrap_or_default().to_string();
        if reader.dimension_at(node, &dimension).is_some() {
            let at = reader.place(node);
            knowledge.only_approved.push(OnlyApproved { dimension, source: source.clone(), at });
        }
    }
    for (id, node) in tree.get("technologies").map(Node::entries).unwrap_or_default() {
        reader.keys(node, &["name", "provides", "stance", "why", "instead"]);
        let id_text = id.text().unwrap_or_default().to_string();
        let known = knowledge.technologies.get(&id_text).cloned();
        if let Some(known) = &known
            && known.at.origin == reader.origin
        {
            let headline = format!("technology `{id_text}` is declared twice, also in {}", known.at.file);
            reader.at("declared-twice", id, headline, None);
        }
        let provides: Vec<_> = reader
            .nodes(node, "provides")
            .into_iter()
            .filter_map(|option| reader.option_id(option, None, knowledge))
            .collect();
        let stance =
            reader.word_or_none(node, "stance", &[("approved", Stance::Approved), ("forbidden", Stance::Forbidden)]);
        // A house says only what differs of what the catalogue knows.
        let name = match (reader.optional(node, "name"), &known) {
            (Some(name), _) => name,
            (None, Some(known)) => known.name.clone(),
            (None, None) => reader.text(node, "name"),
        };
        let why = reader.optional(node, "why").unwrap_or_default();
        if stance == Some(Stance::Forbidden) && why.is_empty() {
            reader.at("missing-key", node, format!("`why` is missing: why is {name} forbidden?"), None);
        }
        let technology = Technology {
            name,
            provides: if node.get("provides").is_some() {
                provides
            } else {
                known.map(|known| known.provides).unwrap_or_default()
            },
            stance,
            why,
            instead: reader.optional(node, "instead").unwrap_or_default(),
            source: source.clone(),
            at: reader.place(id),
            id: id_text.clone(),
        };
        knowledge.technologies.insert(id_text, technology);
    }
}
