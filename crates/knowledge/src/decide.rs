//! Every dimension weighed, with the arguments behind it, and conflicts where nothing is possible. What is chosen, and which
//! earlier choices give way, is found by `evaluate`; why it is so is said by `explain`, what would change it by `flip`.

use crate::decision::{Conflict, Flip, Held};
use crate::evaluate::Evaluator;
use crate::held::Telling;
use crate::predicate::{Level, Predicate};
use crate::rule::{Effect, Rule};
use crate::view::{Chosen, Subject};
use crate::weigh::{self, Readiness, Speaking, Standing};
use crate::{Dimension, Knowledge};
use groundplan_model::brief::Brief;
use std::collections::BTreeSet;

/// One dimension, weighed: the options from the best to the worst.
#[derive(Debug, Clone)]
pub struct Weighed<'a> {
    /// Place of the dimension in `Knowledge::dimensions`.
    pub dimension: usize,
    /// The data set, by place in the brief, for dimensions that are decided per data set.
    pub set: Option<usize>,
    /// Options from the best to the worst.
    pub standings: Vec<Standing<'a>>,
    /// The earlier choice that gave way here: dimension and option.
    pub fell_back: Option<(String, String)>,
}

impl Weighed<'_> {
    /// Place of the winner among the dimension's options; none where nothing is possible.
    #[must_use]
    pub fn winner(&self) -> Option<usize> {
        self.standings.first().filter(|best| best.readiness != Readiness::Impossible).map(|best| best.option)
    }
}

/// Weighs every dimension of a brief.
#[must_use]
pub fn weigh_all<'a>(knowledge: &'a Knowledge, brief: &Brief, evaluator: &Evaluator<'a>) -> Vec<Weighed<'a>> {
    let (choices, gave_way) = evaluator.chosen();
    let weigh = |(decision, (d, set)): (usize, &(usize, Option<usize>))| {
        let dimension = &knowledge.dimensions[*d];
        let mut speaking: Vec<Vec<Speaking<'a>>> = vec![Vec::new(); dimension.options.len()];
        for (option, rule, level, subjects) in evaluator.speaking(decision, &choices) {
            if let Some(effect) = weigh::effect_at(rule.effect, level) {
                speaking[option].push(Speaking { rule, effect, lowered: level == Level::Inside, subjects });
            }
        }
        let mut standings = ranked(dimension, speaking, &brief.priorities);
        let given = gave_way.iter().find(|(known, _)| known == d);
        if given.is_some() {
            standings.rotate_left(1);
        }
        let fell_back = given.map(|(_, option)| (dimension.name.clone(), dimension.options[*option].name.clone()));
        Weighed { dimension: *d, set: *set, standings, fell_back }
    };
    evaluator.decisions.iter().enumerate().map(weigh).collect()
}

/// The standings of a dimension's options from what spoke of each, the best first.
#[must_use]
pub fn ranked<'a>(dimension: &Dimension, speaking: Vec<Vec<Speaking<'a>>>, priorities: &[String]) -> Vec<Standing<'a>> {
    let stand = |(option, mut speaking): (usize, Vec<Speaking<'a>>)| {
        speaking.sort_by(|one, other| one.rule.id.cmp(&other.rule.id));
        weigh::standing(option, speaking, priorities)
    };
    let mut list: Vec<Standing<'a>> = speaking.into_iter().enumerate().map(stand).collect();
    let runs: Vec<[u32; 4]> = dimension.options.iter().map(|option| option.runs).collect();
    list.sort_by(|one, other| weigh::compare(one, other, &runs).0);
    list
}

/// What was chosen: dimension and option, of data sets too.
#[must_use]
pub fn chosen(knowledge: &Knowledge, weighed: &[Weighed]) -> Chosen {
    let choice = |item: &Weighed| {
        let dimension = &knowledge.dimensions[item.dimension];
        Some((dimension.name.clone(), dimension.options[item.winner()?].name.clone()))
    };
    weighed.iter().filter_map(choice).collect()
}

fn vetoes<'a, 'b>(standing: &'b Standing<'a>) -> impl Iterator<Item = &'a Rule> + 'b {
    standing.speaking.iter().filter(|item| item.effect == Effect::Impossible).map(|item| item.rule)
}

/// The smallest set of conditions that rules out every option of a dimension.
#[must_use]
pub fn conflict(knowledge: &Knowledge, telling: &Telling, weighed: &Weighed, resolved_by: Vec<Flip>) -> Conflict {
    // One veto per option; the choice with the fewest conditions over all, the first such in rule order.
    let mut best: Option<(BTreeSet<String>, Vec<String>)> = None;
    let choices: Vec<Vec<&Rule>> =
        weighed.standings.iter().map(|standing| vetoes(standing).take(6).collect()).collect();
    let mut stack = vec![(0usize, BTreeSet::new(), Vec::new())];
    while let Some((option, conditions, rules)) = stack.pop() {
        if best.as_ref().is_some_and(|(known, _)| known.len() <= conditions.len() && option < choices.len()) {
            continue;
        }
        if option == choices.len() {
            if best.as_ref().is_none_or(|(known, _)| conditions.len() < known.len()) {
                best = Some((conditions, rules));
            }
            continue;
        }
        // A veto that asks nothing more than is there already leaves nothing to choose.
        let free = choices[option].iter().position(|rule| rule.when.iter().all(|one| conditions.contains(&one.text())));
        let open = match free {
            Some(place) => &choices[option][place..=place],
            None => &choices[option][..],
        };
        for rule in open.iter().rev() {
            let mut conditions: BTreeSet<String> = conditions.clone();
            conditions.extend(rule.when.iter().map(Predicate::text));
            let mut rules: Vec<String> = rules.clone();
            rules.push(rule.id.clone());
            stack.push((option + 1, conditions, rules));
        }
    }
    let (conditions, rules) = best.unwrap_or_default();
    // Each condition once, told of the option that it rules out.
    let mut held: Vec<Held> = Vec::new();
    for item in weighed.standings.iter().flat_map(|standing| &standing.speaking) {
        if rules.contains(&item.rule.id) {
            let subject = weighed.set.map_or(Subject::Brief, Subject::Set);
            for one in telling.rule(item.rule, &item.subjects, subject) {
                if !held.iter().any(|known| known.condition == one.condition) {
                    held.push(one);
                }
            }
        }
    }
    let dimension = knowledge.dimensions[weighed.dimension].name.clone();
    let subject = weighed.set.map(|set| telling.view.brief.data[set].name.value.clone());
    let of = subject.as_ref().map_or(String::new(), |set| format!(" of {set}"));
    let told: Vec<String> =
        held.iter().map(|held| format!("`{}` ({} is {})", held.condition, held.quantity, held.now)).collect();
    let way_out = resolved_by.first().map_or("no single constraint makes an option possible".to_string(), |flip| {
        format!(
            "the nearest way out is {} {} (now {}), which makes {} possible",
            flip.constraint,
            flip.threshold(),
            flip.shown_now,
            flip.option
        )
    });
    Conflict {
        text: format!("{dimension}{of}: together {} rule out every option; {way_out}", told.join(", ")),
        dimension,
        subject,
        conditions: conditions.into_iter().collect(),
        rules,
        held,
        resolved_by,
    }
}
