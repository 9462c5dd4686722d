//! `kind: script`: what to say in one part of a conversation, with names for what is told of the user's own system.

use super::keep;
use super::reader::{Reader, one_or_many};
use crate::Knowledge;
use crate::playbook::{Asked, Script, Section};
use crate::rule::Scope;
use groundplan_model::yaml::Node;

/// Reads one.
pub(super) fn read(reader: &mut Reader, tree: &Node, knowledge: &mut Knowledge) {
    reader.keys(tree, &["kind", "script", "title", "section", "share", "when", "says", "asked"]);
    let id = reader.text(tree, "script");
    let words: Vec<(&str, Section)> = Section::ALL.into_iter().map(|section| (section.word(), section)).collect();
    let when = tree.get("when").map(one_or_many).unwrap_or_default();
    let says = reader.nodes(tree, "says");
    if says.is_empty() {
        reader.at("missing-key", tree.get("says").unwrap_or(tree), "`says` is missing or empty", None);
    }
    let mut asked = Vec::new();
    if tree.get("asked").is_some() {
        for node in reader.maps(tree, "asked") {
            reader.keys(node, &["question", "answer", "sources"]);
            reader.text(node, "question");
            reader.text(node, "answer");
            asked.push(Asked {
                question: reader.template(node, "question", knowledge),
                answer: reader.template(node, "answer", knowledge),
                sources: reader.source_ids(node, "sources", knowledge),
            });
        }
    }
    let script = Script {
        title: reader.text(tree, "title"),
        section: reader.word(tree, "section", &words).unwrap_or(Section::Constraints),
        share: if tree.get("share").is_some() { reader.share(tree, "share") } else { 0.0 },
        when: reader.conditions(when, Scope::Brief, None, knowledge),
        says: says.into_iter().map(|node| reader.template_at(node, knowledge)).collect(),
        asked,
        at: reader.place(tree.get("script").unwrap_or(tree)),
        id: id.clone(),
    };
    keep(reader, tree, "script", &mut knowledge.scripts, id, script, |script| &script.at);
}
