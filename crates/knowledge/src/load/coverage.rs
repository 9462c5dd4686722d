//! `kind: coverage`: which pieces of the knowledge carry each row of the blueprint.
//!
//! Whether the pieces are there is said by `check`: a house may replace files that our rows name.

use super::keep;
use super::reader::Reader;
use crate::Knowledge;
use crate::playbook::{Carrier, CoverageRow};
use groundplan_model::yaml::Node;

/// Reads one section.
pub(super) fn read(reader: &mut Reader, tree: &Node, knowledge: &mut Knowledge) {
    reader.keys(tree, &["kind", "section", "title", "rows"]);
    let (number, title) = (reader.text(tree, "section"), reader.text(tree, "title"));
    let section = number.parse::<u32>();
    if section.is_err() && !number.is_empty() {
        let place = tree.get("section").unwrap_or(tree);
        reader.at("bad-count", place, format!("`{number}` is no number of a section"), None);
    }
    for node in reader.maps(tree, "rows") {
        reader.keys(node, &["row", "says", "carried-by"]);
        let id = reader.text(node, "row");
        let mut carried_by = Vec::new();
        reader.some(node, "carried-by");
        for item in reader.nodes(node, "carried-by") {
            let text = item.text().unwrap_or_default().trim();
            let Some((kind, name)) = text.split_once(':') else {
                let help = Some("write `rule:ID`, `option:dimension/option`, `fact:ID`".to_string());
                reader.at("unknown-word", item, format!("`{text}` says no kind"), help);
                continue;
            };
            match Carrier::WORDS.iter().find(|(word, _)| *word == kind.trim()) {
                Some((_, carrier)) => carried_by.push((*carrier, name.trim().to_string())),
                None => {
                    let known: Vec<&str> = Carrier::WORDS.iter().map(|(word, _)| *word).collect();
                    reader.at("unknown-word", item, format!("`{kind}` is not one of {}", known.join(", ")), None);
                }
            }
        }
        let row = CoverageRow {
            section: *section.as_ref().unwrap_or(&0),
            title: title.clone(),
            says: reader.text(node, "says"),
            carried_by,
            at: reader.place(node.get("row").unwrap_or(node)),
            id: id.clone(),
        };
        keep(reader, node, "row", &mut knowledge.coverage, id, row, |row| &row.at);
    }
}
