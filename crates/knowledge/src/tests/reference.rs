//! Decisions by the plain road, for tests: every rule asked of every option, one pass over the dimensions, as `deciding` is
//! written. What is chosen is held against it.

use crate::Knowledge;
use crate::decide::ranked;
use crate::predicate::{Level, Predicate};
use crate::rule::Effect;
use crate::view::{Chosen, Subject, View};
use crate::weigh::{self, Readiness, Speaking, Standing};

/// The standings of a dimension's options, the best first.
pub(crate) fn standings<'a>(
    knowledge: &'a Knowledge,
    dimension: usize,
    view: &View,
    chosen: &Chosen,
    subject: Subject,
) -> Vec<Standing<'a>> {
    let entry = &knowledge.dimensions[dimension];
    let mut speaking: Vec<Vec<Speaking<'a>>> = vec![Vec::new(); entry.options.len()];
    for rule in &entry.rules {
        let rule = &knowledge.rules[*rule];
        let (level, subjects) = weigh::applies(rule, view, chosen, subject);
        if let Some(effect) = weigh::effect_at(rule.effect, level) {
            let option = entry.options.iter().position(|option| option.name == rule.option).unwrap();
            speaking[option].push(Speaking { rule, effect, lowered: level == Level::Inside, subjects });
        }
    }
    ranked(entry, speaking, &view.brief.priorities)
}

/// What is chosen: dimension, data set, option.
pub(crate) type Answers = Vec<(usize, Option<usize>, Option<usize>)>;

/// Everything chosen; earlier choices give way to later questions that would have no answer, each once.
pub(crate) fn choose(knowledge: &Knowledge, view: &View) -> Answers {
    let stuck = |answers: &Answers| answers.iter().filter(|answer| answer.2.is_none()).count();
    let (mut best, mut named) = pass(knowledge, view, &[]);
    let mut gave_way: Vec<usize> = Vec::new();
    while let Some(dimension) = named {
        if gave_way.contains(&dimension) {
            break;
        }
        gave_way.push(dimension);
        let (trial, next) = pass(knowledge, view, &gave_way);
        let second = |answers: &Answers| answers.iter().find(|answer| answer.0 == dimension).unwrap().2;
        if stuck(&trial) >= stuck(&best) || second(&trial) == second(&best) {
            break;
        }
        (best, named) = (trial, next);
    }
    best
}

/// One pass; and the dimension that the vetoes of the first question without an answer name.
fn pass(knowledge: &Knowledge, view: &View, gave_way: &[usize]) -> (Answers, Option<usize>) {
    let (mut chosen, mut answers, mut stuck): (Chosen, Answers, Option<Option<usize>>) = (vec![], vec![], None);
    for (d, dimension) in knowledge.dimensions.iter().enumerate() {
        let sets = if dimension.per_set { (0..view.brief.data.len()).map(Some).collect() } else { vec![None] };
        for set in sets {
            let subject = set.map_or(Subject::Brief, Subject::Set);
            let mut list = standings(knowledge, d, view, &chosen, subject);
            let has_second = list.get(1).is_some_and(|second| second.readiness != Readiness::Impossible);
            if gave_way.contains(&d) && has_second {
                list.rotate_left(1);
            }
            let winner = list.first().filter(|best| best.readiness != Readiness::Impossible).map(|best| best.option);
            match winner {
                Some(option) if set.is_none() => {
                    chosen.push((dimension.name.clone(), dimension.options[option].name.clone()));
                }
                None if stuck.is_none() => stuck = Some(names(knowledge, &list)),
                _ => {}
            }
            answers.push((d, set, winner));
        }
    }
    (answers, stuck.flatten())
}

/// The earlier dimension that the vetoes name first.
fn names(knowledge: &Knowledge, standings: &[Standing]) -> Option<usize> {
    let vetoes =
        standings.iter().flat_map(|standing| &standing.speaking).filter(|item| item.effect == Effect::Impossible);
    let named = vetoes.flat_map(|item| &item.rule.when).find_map(|predicate| match predicate {
        Predicate::Chosen { dimension, .. } => Some(dimension),
        Predicate::Compare { .. } => None,
    })?;
    knowledge.dimensions.iter().position(|dimension| dimension.name == *named)
}
