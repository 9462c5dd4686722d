//! What follows from the chosen options together: how they complete or clash with one another, which risks of the knowledge the
//! brief runs with them, and what the checklists find. Options are chosen without this; what rules say of choices is in `evaluate`.

use crate::Knowledge;
use crate::decide::Weighed;
use crate::decision::{Advice, CheckState, Checked, CheckedItem, Combination, Danger, Remedy};
use crate::held::Telling;
use crate::playbook::{ChecklistItem, Recommendation, Risk};
use crate::predicate::{Level, Predicate};
use crate::view::Subject;
use crate::weigh;

/// How the chosen options complete or clash with one another, in the order of the knowledge. Of data sets one choice is enough.
#[must_use]
pub fn combinations(knowledge: &Knowledge, weighed: &[Weighed]) -> Vec<Combination> {
    let place = |(dimension, option): &(String, String)| {
        weighed.iter().position(|item| {
            let known = &knowledge.dimensions[item.dimension];
            known.name == *dimension && item.winner().is_some_and(|winner| known.options[winner].name == *option)
        })
    };
    let combine = |overlap: &crate::playbook::Overlap| {
        let [one, other] = &overlap.between;
        let (at, other_at) = (place(one)?, place(other)?);
        let full = |(dimension, option): &(String, String)| format!("{dimension}/{option}");
        let (first, second) = if at <= other_at { (one, other) } else { (other, one) };
        Some(Combination {
            overlap: overlap.id.clone(),
            between: [full(first), full(second)],
            how: if overlap.clashes { "clashes" } else { "complements" },
            text: overlap.text.clone(),
            adds: overlap.adds.clone(),
            sources: overlap.sources.clone(),
        })
    };
    knowledge.overlaps().filter_map(combine).collect()
}

/// The risks whose conditions hold for the brief and the choices, in the order of the knowledge.
#[must_use]
pub fn risks(knowledge: &Knowledge, telling: &Telling) -> Vec<Danger> {
    knowledge.risks().filter_map(|risk| danger(risk, telling)).collect()
}

fn danger(risk: &Risk, telling: &Telling) -> Option<Danger> {
    let (level, matched) = weigh::holds(risk.scope, &risk.when, telling.view, telling.chosen, Subject::Brief);
    if level == Level::No {
        return None;
    }
    let mut assumed: Vec<String> = Vec::new();
    for predicate in &risk.when {
        for path in telling.assumed(predicate, telling.subject(risk.scope, &matched, Subject::Brief)) {
            if !assumed.contains(&path) {
                assumed.push(path);
            }
        }
    }
    let remedy = |item: &crate::playbook::Mitigation| Remedy {
        mitigation: item.id.clone(),
        title: item.title.clone(),
        text: item.text.clone(),
        policy: item.policy.clone(),
        sources: item.sources.clone(),
    };
    Some(Danger {
        risk: risk.id.clone(),
        group: risk.group.clone(),
        title: risk.title.clone(),
        text: risk.text.clone(),
        held: telling.all(risk.scope, &risk.when, &matched, Subject::Brief),
        about: telling.names(risk.scope, &matched),
        assumed,
        signals: risk.signals.clone(),
        tried_by: risk.tried_by.clone(),
        mitigations: risk.mitigations.iter().map(remedy).collect(),
        sources: risk.sources.clone(),
    })
}

/// The recommendations that apply, the soonest first, in the order of their files otherwise.
#[must_use]
pub fn road(knowledge: &Knowledge, telling: &Telling) -> Vec<Advice> {
    use crate::rule::Scope;
    let applies = |when: &[Predicate]| {
        weigh::holds(Scope::Brief, when, telling.view, telling.chosen, Subject::Brief).0 != Level::No
    };
    let mut list: Vec<&Recommendation> =
        knowledge.recommendations().filter(|item| item.holds.as_deref().is_none_or(applies)).collect();
    list.sort_by_key(|item| item.due);
    let advice = |item: &Recommendation| Advice {
        group: item.group.clone(),
        item: item.id.clone(),
        due: item.due.word(),
        text: item.text.clone(),
        why: item.why.clone(),
        held: telling.all(Scope::Brief, item.holds.as_deref().unwrap_or_default(), &[], Subject::Brief),
        sources: item.sources.clone(),
    };
    list.into_iter().map(advice).collect()
}

/// The checklists, each item judged by what the brief says.
#[must_use]
pub fn checklists(knowledge: &Knowledge, telling: &Telling) -> Vec<Checked> {
    let judge = |item: &ChecklistItem| CheckedItem {
        item: item.id.clone(),
        question: item.question.clone(),
        state: state(item, telling),
        held: telling.all(crate::rule::Scope::Brief, item.holds.as_deref().unwrap_or_default(), &[], Subject::Brief),
        asks: item.asks.clone(),
        if_not: item.if_not.clone(),
        sources: item.sources.clone(),
    };
    let check = |list: &crate::playbook::Checklist| Checked {
        checklist: list.id.clone(),
        title: list.title.clone(),
        items: list.items.iter().map(judge).collect(),
    };
    knowledge.checklists().map(check).collect()
}

/// An item holds where all its conditions do, and doesn't where one that the brief itself speaks of does not. What rests on
/// defaults is unknown, as is what no condition can tell and what stands without limit because nobody said one.
fn state(item: &ChecklistItem, telling: &Telling) -> CheckState {
    let Some(conditions) = &item.holds else { return CheckState::Unknown };
    let assumptions = &telling.view.brief.assumptions;
    let asked = item.asks.iter().any(|ask| assumptions.iter().any(|assumption| assumption.path == *ask));
    let given = |predicate: &Predicate| {
        !asked && !telling.unlimited(predicate, Subject::Brief) && telling.assumed(predicate, Subject::Brief).is_empty()
    };
    let holds = |predicate: &Predicate| predicate.level(telling.view, telling.chosen, Subject::Brief) != Level::No;
    let failing: Vec<&Predicate> = conditions.iter().filter(|predicate| !holds(predicate)).collect();
    if failing.iter().any(|predicate| given(predicate)) {
        CheckState::Not
    } else if failing.is_empty() && conditions.iter().all(given) {
        CheckState::Holds
    } else {
        CheckState::Unknown
    }
}
