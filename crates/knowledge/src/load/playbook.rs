//! `kind: overlap`, `comparison`, `checklist`, `trends`, `recommendations`, `source-types`: what is told beside the
//! decisions. Risks, scripts, products and coverage have modules of their own.

use super::keep;
use super::path::brief_path;
use super::reader::Reader;
use super::source::SOURCE_KINDS;
use crate::Knowledge;
use crate::playbook::{
    Checklist, ChecklistItem, Comparison, ComparisonRow, Due, Overlap, Recommendation, SourceType, Trend,
};
use crate::rule::Scope;
use groundplan_model::yaml::Node;

/// How options go together.
pub(super) fn overlaps(reader: &mut Reader, tree: &Node, knowledge: &mut Knowledge) {
    reader.keys(tree, &["kind", "overlaps"]);
    for node in reader.maps(tree, "overlaps") {
        reader.keys(node, &["id", "between", "how", "text", "adds", "sources"]);
        let id = reader.text(node, "id");
        let between: Vec<_> = reader
            .nodes(node, "between")
            .into_iter()
            .filter_map(|option| reader.option_id(option, None, knowledge))
            .collect();
        let clashes = reader.word(node, "how", &[("complements", false), ("clashes", true)]);
        let text = reader.text(node, "text");
        let (adds, sources) = (reader.list(node, "adds"), reader.source_ids(node, "sources", knowledge));
        let at = reader.place(node.get("id").unwrap_or(node));
        match <[_; 2]>::try_from(between) {
            Ok(between) => {
                let overlap =
                    Overlap { between, clashes: clashes.unwrap_or(false), text, adds, sources, at, id: id.clone() };
                keep(reader, node, "id", &mut knowledge.overlaps, id, overlap, |overlap| &overlap.at);
            }
            Err(_) if reader.nodes(node, "between").len() == 2 => {} // What is wrong with them was said.
            Err(_) => {
                let place = node.get("between").unwrap_or(node);
                let help = "write `between: [messaging/log, storage/event-store]`".to_string();
                reader.at("missing-key", place, "`between` names two options", Some(help));
            }
        }
    }
}

/// One table.
pub(super) fn comparison(reader: &mut Reader, tree: &Node, knowledge: &mut Knowledge) {
    reader.keys(tree, &["kind", "aspect", "title", "question", "scale", "rows", "measured-by", "sources"]);
    let aspect = reader.text(tree, "aspect");
    let scale = reader.list(tree, "scale");
    let words: Vec<(&str, usize)> = scale.iter().enumerate().map(|(place, word)| (word.as_str(), place)).collect();
    let mut rows = Vec::new();
    for (option, node) in tree.get("rows").map(Node::entries).unwrap_or_default() {
        reader.keys(node, &["level", "text"]);
        let id = reader.option_id(option, Some("architecture-style"), knowledge);
        let levels: Vec<usize> = reader
            .nodes(node, "level")
            .into_iter()
            .filter_map(|level| reader.word_at(level, "level", &words))
            .collect();
        let level = match levels[..] {
            [one] => Some((one, one)),
            [one, other] if one <= other => Some((one, other)),
            [] => None,
            _ => {
                let place = node.get("level").unwrap_or(node);
                reader.at(
                    "bad-level",
                    place,
                    "a level is one word of the scale, or the lower and the higher of two",
                    None,
                );
                None
            }
        };
        let text = reader.text(node, "text");
        rows.extend(id.map(|option| ComparisonRow { option, level, text }));
    }
    if rows.is_empty() && tree.get("rows").is_none_or(|rows| rows.entries().is_empty()) {
        reader.at("missing-key", tree.get("rows").unwrap_or(tree), "`rows` is missing or empty", None);
    }
    let comparison = Comparison {
        title: reader.text(tree, "title"),
        question: reader.text(tree, "question"),
        scale,
        rows,
        measured_by: reader.optional(tree, "measured-by").unwrap_or_default(),
        sources: reader.source_ids(tree, "sources", knowledge),
        at: reader.place(tree.get("aspect").unwrap_or(tree)),
        aspect: aspect.clone(),
    };
    keep(reader, tree, "aspect", &mut knowledge.comparisons, aspect, comparison, |comparison| &comparison.at);
}

/// One checklist.
pub(super) fn checklist(reader: &mut Reader, tree: &Node, knowledge: &mut Knowledge) {
    reader.keys(tree, &["kind", "checklist", "title", "items"]);
    let id = reader.text(tree, "checklist");
    let mut items: Vec<ChecklistItem> = Vec::new();
    for node in reader.maps(tree, "items") {
        reader.keys(node, &["item", "question", "holds", "asks", "if-not", "sources"]);
        let item = reader.text(node, "item");
        if items.iter().any(|known| known.id == item) {
            let place = node.get("item").unwrap_or(node);
            reader.at("declared-twice", place, format!("item `{item}` is declared twice"), None);
        }
        for path in reader.nodes(node, "asks") {
            let text = path.text().unwrap_or_default();
            if let Err(near) = brief_path(text) {
                let help = near.map(|near| format!("did you mean `{near}`?"));
                reader.at("unknown-path", path, format!("a brief has no `{text}`"), help);
            }
        }
        items.push(ChecklistItem {
            question: reader.text(node, "question"),
            holds: reader.conditions_of(node, "holds", Scope::Brief, knowledge),
            asks: reader.list(node, "asks"),
            if_not: reader.text(node, "if-not"),
            sources: reader.source_ids(node, "sources", knowledge),
            at: reader.place(node.get("item").unwrap_or(node)),
            id: item,
        });
    }
    let at = reader.place(tree.get("checklist").unwrap_or(tree));
    let checklist = Checklist { title: reader.text(tree, "title"), items, at, id: id.clone() };
    keep(reader, tree, "checklist", &mut knowledge.checklists, id, checklist, |checklist| &checklist.at);
}

/// Trends of one group.
pub(super) fn trends(reader: &mut Reader, tree: &Node, knowledge: &mut Knowledge) {
    reader.keys(tree, &["kind", "trend-group", "title", "trends"]);
    let (group, group_title) = (reader.text(tree, "trend-group"), reader.text(tree, "title"));
    for node in reader.maps(tree, "trends") {
        reader.keys(node, &["trend", "title", "text", "consequences", "serves", "sources"]);
        let id = reader.text(node, "trend");
        let serves = reader.nodes(node, "serves");
        let trend = Trend {
            group: group.clone(),
            group_title: group_title.clone(),
            title: reader.text(node, "title"),
            text: reader.text(node, "text"),
            consequences: reader.list(node, "consequences"),
            serves: serves.into_iter().filter_map(|option| reader.option_id(option, None, knowledge)).collect(),
            sources: reader.source_ids(node, "sources", knowledge),
            at: reader.place(node.get("trend").unwrap_or(node)),
            id: id.clone(),
        };
        keep(reader, node, "trend", &mut knowledge.trends, id, trend, |trend| &trend.at);
    }
}

/// Recommendations of one group.
pub(super) fn recommendations(reader: &mut Reader, tree: &Node, knowledge: &mut Knowledge) {
    reader.keys(tree, &["kind", "group", "title", "items"]);
    let (group, group_title) = (reader.text(tree, "group"), reader.text(tree, "title"));
    let words: Vec<(&str, Due)> = Due::ALL.into_iter().map(|due| (due.word(), due)).collect();
    for node in reader.maps(tree, "items") {
        reader.keys(node, &["item", "when-due", "text", "why", "holds", "sources"]);
        let item = reader.text(node, "item");
        let recommendation = Recommendation {
            group: group.clone(),
            group_title: group_title.clone(),
            due: reader.word(node, "when-due", &words).unwrap_or(Due::Always),
            text: reader.text(node, "text"),
            why: reader.text(node, "why"),
            holds: reader.conditions_of(node, "holds", Scope::Brief, knowledge),
            sources: reader.source_ids(node, "sources", knowledge),
            at: reader.place(node.get("item").unwrap_or(node)),
            id: item.clone(),
        };
        let key = format!("{group}/{item}");
        keep(reader, node, "item", &mut knowledge.recommendations, key, recommendation, |item| &item.at);
    }
}

/// What each kind of sources is good for.
pub(super) fn source_types(reader: &mut Reader, tree: &Node, knowledge: &mut Knowledge) {
    reader.keys(tree, &["kind", "types"]);
    for (name, node) in tree.get("types").map(Node::entries).unwrap_or_default() {
        reader.keys(node, &["role", "strength", "weakness", "examples"]);
        let kind = reader.word_at(name, "types", &SOURCE_KINDS);
        let (role, strength) = (reader.text(node, "role"), reader.text(node, "strength"));
        let weakness = reader.text(node, "weakness");
        let examples = reader.source_ids(node, "examples", knowledge);
        let at = reader.place(name);
        let Some(kind) = kind else { continue };
        let key = name.text().unwrap_or_default().to_string();
        let entry = SourceType { kind, role, strength, weakness, examples, at };
        keep(reader, name, "", &mut knowledge.source_types, key, entry, |entry| &entry.at);
    }
}
