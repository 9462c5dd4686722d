//! `kind: dimension`: a question and its options in their registered order.
//!
//! Which dimensions there are, and their order, stands in `DIMENSIONS`.

use super::reader::Reader;
use crate::Knowledge;
use groundplan_model::yaml::Node;

/// Reads one.
pub(super) fn read(reader: &mut Reader, tree: &Node, knowledge: &mut Knowledge) {
    reader.keys(tree, &["kind", "dimension", "question", "about", "options"]);
    let name = reader.text(tree, "dimension");
    let (question, about) = (reader.text(tree, "question"), reader.text(tree, "about"));
    let options = reader.some(tree, "options");
    let Some(place) = reader.dimension_at(tree.get("dimension").unwrap_or(tree), &name) else { return };
    let entry = &mut knowledge.dimensions[place];
    if !entry.question.is_empty() && reader.origin.is_ours() {
        let at = tree.get("dimension").unwrap_or(tree);
        return reader.at("declared-twice", at, format!("dimension `{name}` is declared twice"), None);
    }
    (entry.question, entry.about) = (question, about);
    let known = &mut knowledge.names[place];
    for option in options {
        if !known.contains(&option) {
            known.push(option);
        } else if reader.origin.is_ours() {
            let at = tree.get("options").unwrap_or(tree);
            reader.at("declared-twice", at, format!("option `{option}` stands here twice"), None);
        }
    }
}
