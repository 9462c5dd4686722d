//! `kind: sources`: where knowledge comes from.

use super::reader::Reader;
use crate::Knowledge;
use crate::fact::Mark;
use crate::rule::{Anchor, Depth, Source, SourceKind};
use groundplan_model::yaml::Node;

const KEYS: &[&str] = &[
    "title",
    "author",
    "year",
    "type",
    "read-at",
    "mark",
    "about",
    "strengths",
    "weaknesses",
    "applicability",
    "depth",
    "use",
    "anchor",
];

/// Reads one file of them.
pub(super) fn read(reader: &mut Reader, tree: &Node, knowledge: &mut Knowledge) {
    reader.keys(tree, &["kind", "sources"]);
    for (id, node) in tree.get("sources").map(Node::entries).unwrap_or_default() {
        reader.keys(node, KEYS);
        let id_text = id.text().unwrap_or_default().to_string();
        let kind = reader.word(node, "type", &SOURCE_KINDS);
        let mark = reader.word(node, "mark", &MARKS);
        let year_text = reader.text(node, "year");
        let year = year_text.parse::<u32>().ok().filter(|year| (1900..=2100).contains(year));
        if year.is_none() && !year_text.is_empty() {
            let place = node.get("year").unwrap_or(node);
            reader.at("bad-year", place, format!("the year of `{id_text}` is no year"), None);
        }
        let depth = reader.nodes(node, "depth");
        let depths: Vec<(&str, Depth)> = Depth::ALL.into_iter().map(|depth| (depth.word(), depth)).collect();
        let (applicability, applies_to) = match node.get("applicability") {
            None => (None, String::new()),
            Some(inner) => {
                reader.keys(inner, &["level", "for"]);
                let level = reader.word(inner, "level", &[("high", "high"), ("medium", "medium"), ("low", "low")]);
                (level, reader.text(inner, "for"))
            }
        };
        let source = Source {
            title: reader.text(node, "title"),
            author: reader.text(node, "author"),
            year: year.unwrap_or(0),
            kind: kind.unwrap_or(SourceKind::Expert),
            read_at: reader.text(node, "read-at"),
            mark: mark.unwrap_or(Mark::Remembered),
            about: reader.optional(node, "about").unwrap_or_default(),
            strengths: reader.list(node, "strengths"),
            weaknesses: reader.list(node, "weaknesses"),
            applicability,
            applies_to,
            depth: depth.into_iter().filter_map(|item| reader.word_at(item, "depth", &depths)).collect(),
            use_it: reader.optional(node, "use").unwrap_or_default(),
            anchor: reader.word_or_none(node, "anchor", &ANCHORS),
            origin: reader.origin,
            id: id_text.clone(),
        };
        let known = knowledge.sources.insert(id_text.clone(), source);
        if known.is_some_and(|known| known.origin == reader.origin) {
            reader.at("declared-twice", id, format!("source `{id_text}` is declared twice"), None);
        }
    }
}

pub(super) const MARKS: [(&str, Mark); 4] =
    [("P", Mark::Primary), ("S", Mark::Secondary), ("R", Mark::Remembered), ("A", Mark::Assumed)];
pub(super) const SOURCE_KINDS: [(&str, SourceKind); 5] = [
    ("official", SourceKind::Official),
    ("enterprise", SourceKind::Enterprise),
    ("expert", SourceKind::Expert),
    ("academic", SourceKind::Academic),
    ("case-study", SourceKind::CaseStudy),
];
const ANCHORS: [(&str, Anchor); 3] =
    [("primary", Anchor::Primary), ("supplement", Anchor::Supplement), ("practical", Anchor::Practical)];
