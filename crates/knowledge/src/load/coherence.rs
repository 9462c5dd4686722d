//! What only shows when all files are read: ids that two things share, rules that contradict each other, preconditions
//! that go round in a circle.

use super::FileDiagnostic;
use crate::Knowledge;
use crate::playbook::Place;
use crate::predicate::Predicate;
use crate::rule::{Effect, Rule, Side};
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::span::Span;
use std::collections::BTreeMap;

/// Everything that is wrong with the whole.
pub(super) fn check(knowledge: &Knowledge, found: &mut Vec<FileDiagnostic>) {
    shared_ids(knowledge, found);
    contradictions(knowledge, found);
    circles(knowledge, found);
}

fn error(code: &'static str, headline: String, file: &str, span: Span) -> FileDiagnostic {
    FileDiagnostic { file: file.to_string(), diagnostic: Diagnostic::error(code, headline).at(span, "") }
}

/// `knowledge show ID` must mean one thing.
fn shared_ids(knowledge: &Knowledge, found: &mut Vec<FileDiagnostic>) {
    let mut all: Vec<(&str, &str, Place)> = Vec::new();
    for rule in &knowledge.rules {
        all.push(("rule", &rule.id, Place { file: rule.file.clone(), span: rule.span, origin: rule.origin }));
    }
    for fact in knowledge.facts.values() {
        all.push(("fact", &fact.id, Place { file: fact.file.clone(), span: fact.span, origin: fact.origin }));
    }
    for risk in knowledge.risks.values() {
        all.push(("risk", &risk.id, risk.at.clone()));
        all.extend(risk.mitigations.iter().map(|item| ("mitigation", item.id.as_str(), item.at.clone())));
    }
    all.extend(knowledge.overlaps.values().map(|item| ("overlap", item.id.as_str(), item.at.clone())));
    all.extend(knowledge.trends.values().map(|item| ("trend", item.id.as_str(), item.at.clone())));
    all.extend(knowledge.checklists.values().map(|item| ("checklist", item.id.as_str(), item.at.clone())));
    all.extend(knowledge.scripts.values().map(|item| ("script", item.id.as_str(), item.at.clone())));
    all.extend(knowledge.comparisons.values().map(|item| ("comparison", item.aspect.as_str(), item.at.clone())));
    // Ours first, so that a house hears of its own.
    all.sort_by_key(|(.., at)| at.origin);
    let mut ids: BTreeMap<&str, (&str, &str)> = BTreeMap::new();
    for (kind, id, at) in all.iter().filter(|(_, id, _)| !id.is_empty()) {
        match ids.get(id) {
            // Twice in one kind was said where it was read.
            Some((known, _)) if known == kind => {}
            Some((known, other)) => {
                let headline = format!("{kind} `{id}` has the id of a {known} in {other}");
                found.push(error("declared-twice", headline, &at.file, at.span));
            }
            None => {
                ids.insert(id, (kind, &at.file));
            }
        }
    }
}

/// The conditions of a rule in an order of their own, so that two lists of the same conditions are equal.
fn conditions(rule: &Rule) -> Vec<String> {
    let plain = |predicate: &Predicate| predicate.text().split_whitespace().collect::<Vec<_>>().join(" ");
    let mut list: Vec<String> = rule.when.iter().map(plain).collect();
    list.sort();
    list.dedup();
    list
}

/// Rules of one option that say opposite things under the same conditions.
fn contradictions(knowledge: &Knowledge, found: &mut Vec<FileDiagnostic>) {
    let mut alike: BTreeMap<_, Vec<&Rule>> = BTreeMap::new();
    for rule in &knowledge.rules {
        alike.entry((&rule.dimension, &rule.option, rule.scope, conditions(rule))).or_default().push(rule);
    }
    for rules in alike.values() {
        for (n, rule) in rules.iter().enumerate() {
            for other in &rules[..n] {
                if let Some(why) = opposed(rule, other) {
                    let headline =
                        format!("rule `{}` contradicts `{}`: {why} under the same conditions", rule.id, other.id);
                    let item = error("contradiction", headline, &rule.file, rule.span);
                    let help = format!(
                        "`{}` stands in {}; keep one, or say under which conditions each holds",
                        other.id, other.file
                    );
                    found.push(FileDiagnostic { diagnostic: item.diagnostic.help(help), ..item });
                }
            }
        }
    }
}

fn opposed(one: &Rule, other: &Rule) -> Option<String> {
    let supports = |effect: Effect| matches!(effect, Effect::Argues(Side::For, _));
    let vetoes = |effect: Effect| !matches!(effect, Effect::Argues(..));
    match (one.effect, other.effect) {
        (Effect::Argues(side, _), Effect::Argues(other_side, _))
            if side != other_side && one.concern == other.concern =>
        {
            Some(format!("one is for {}, one against it, about {}", one.option, one.concern.word()))
        }
        (a, b) if supports(a) && vetoes(b) || vetoes(a) && supports(b) => {
            Some(format!("one rules {} out, one speaks for it", one.option))
        }
        _ => None,
    }
}

/// Options that need each other's choice before they are taken.
fn circles(knowledge: &Knowledge, found: &mut Vec<FileDiagnostic>) {
    let options: Vec<&crate::OptionEntry> = knowledge.dimensions.iter().flat_map(|item| &item.options).collect();
    let place = |dimension: &str, option: &str| {
        options.iter().position(|item| item.dimension == dimension && item.name == option)
    };
    let needs: Vec<Vec<(usize, Span)>> = options
        .iter()
        .map(|option| {
            let edges = option.preconditions.iter().filter_map(|item| match &item.needs {
                Predicate::Chosen { dimension, option, negated: false } => Some((place(dimension, option)?, item.span)),
                _ => None,
            });
            edges.collect()
        })
        .collect();
    // Each circle is told once, at its option that comes first.
    'starts: for start in 0..options.len() {
        let mut stack: Vec<Vec<usize>> = vec![vec![start]];
        let mut seen = vec![false; options.len()];
        while let Some(way) = stack.pop() {
            let last = way[way.len() - 1];
            for (next, _) in &needs[last] {
                if *next == start {
                    let name = |n: &usize| format!("{}/{}", options[*n].dimension, options[*n].name);
                    let told: Vec<String> = way.iter().chain([&start]).map(name).collect();
                    let headline = format!("preconditions go round in a circle: {}", told.join(" needs "));
                    let second = way.get(1).copied().unwrap_or(start);
                    let span = needs[start]
                        .iter()
                        .find(|(to, _)| *to == second)
                        .map_or(options[start].span, |(_, span)| *span);
                    found.push(error("circle", headline, &options[start].file, span));
                    continue 'starts;
                }
                if *next > start && !seen[*next] {
                    seen[*next] = true;
                    stack.push([&way[..], &[*next]].concat());
                }
            }
        }
    }
}
