//! `kind: risks`: what may go wrong, when, and what helps.

use super::keep;
use super::reader::{Reader, one_or_many};
use crate::Knowledge;
use crate::playbook::{Mitigation, Risk, RiskGroup};
use crate::rule::Scope;
use groundplan_model::yaml::Node;

const KEYS: &[&str] =
    &["risk", "title", "text", "each", "when", "signals", "tried-by", "mitigations", "sources", "examples"];

/// Reads one group.
pub(super) fn read(reader: &mut Reader, tree: &Node, knowledge: &mut Knowledge) {
    reader.keys(tree, &["kind", "group", "title", "risks"]);
    let group = reader.text(tree, "group");
    let at = reader.place(tree.get("group").unwrap_or(tree));
    let entry = RiskGroup { title: reader.text(tree, "title"), id: group.clone(), at };
    keep(reader, tree, "group", &mut knowledge.risk_groups, entry.id.clone(), entry, |group| &group.at);
    for node in reader.maps(tree, "risks") {
        reader.keys(node, KEYS);
        let id = reader.text(node, "risk");
        let scope = reader.scope(node, Scope::Brief);
        let when = node.get("when").map(one_or_many).unwrap_or_default();
        let when = reader.conditions(when, scope, None, knowledge);
        let mitigations = mitigations(reader, node, knowledge);
        let risk = Risk {
            group: group.clone(),
            title: reader.text(node, "title"),
            text: reader.text(node, "text"),
            scope,
            when,
            signals: reader.list(node, "signals"),
            tried_by: reader.list(node, "tried-by"),
            mitigations,
            sources: reader.cites(node, &format!("risk `{id}`"), knowledge),
            examples: reader.examples(node),
            at: reader.place(node.get("risk").unwrap_or(node)),
            id,
        };
        keep(reader, node, "risk", &mut knowledge.risks, risk.id.clone(), risk, |risk| &risk.at);
    }
}

fn mitigations(reader: &mut Reader, node: &Node, knowledge: &Knowledge) -> Vec<Mitigation> {
    let mut list: Vec<Mitigation> = Vec::new();
    if node.get("mitigations").is_none() {
        return list;
    }
    for inner in reader.maps(node, "mitigations") {
        reader.keys(inner, &["mitigation", "title", "text", "policy", "sources"]);
        let id = reader.text(inner, "mitigation");
        let place = inner.get("mitigation").unwrap_or(inner);
        let others = knowledge.risks.values().flat_map(|risk| &risk.mitigations).chain(&list);
        let known = others.filter(|known| known.at.origin == reader.origin).find(|known| known.id == id);
        let known = known.map(|known| format!("mitigation `{id}` is declared twice, also in {}", known.at.file));
        if let Some(headline) = known {
            reader.at("declared-twice", place, headline, None);
        }
        list.push(Mitigation {
            title: reader.text(inner, "title"),
            text: reader.text(inner, "text"),
            policy: reader.optional(inner, "policy"),
            sources: reader.cites(inner, &format!("mitigation `{id}`"), knowledge),
            at: reader.place(place),
            id,
        });
    }
    list
}
