//! The scheme of decisions: dimensions in their fixed order, one fall-back on a clash, conflicts where nothing is
//! possible. Why it is so is said by `explain`, what would change it by `flip`.

use crate::Knowledge;
use crate::decision::{Conflict, Flip, Held};
use crate::frame::Frame;
use crate::held::Telling;
use crate::predicate::{Level, Predicate};
use crate::rule::{Effect, Rule};
use crate::view::{Chosen, Subject, View};
use crate::weigh::{self, Readiness, Speaking, Standing};
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
pub fn weigh_all<'a>(knowledge: &'a Knowledge, brief: &Brief, frame: &Frame) -> Vec<Weighed<'a>> {
    let view = View::new(brief, frame);
    let first = pass(knowledge, &view, None);
    // A clash: nothing is possible because of a choice made earlier. That choice gives way, once, if it helps.
    let Some(earlier) = clash(knowledge, &first) else { return first };
    let second = pass(knowledge, &view, Some(earlier));
    let stuck = |weighed: &[Weighed]| weighed.iter().filter(|item| item.winner().is_none()).count();
    if stuck(&second) < stuck(&first) { second } else { first }
}

/// One pass over the dimensions; `avoided` is an option of an earlier dimension that must give way to its runner-up.
fn pass<'a>(knowledge: &'a Knowledge, view: &View, avoided: Option<(usize, usize)>) -> Vec<Weighed<'a>> {
    let mut chosen: Chosen = Vec::new();
    let mut all = Vec::new();
    for (d, dimension) in knowledge.dimensions.iter().enumerate() {
        let sets: Vec<Option<usize>> =
            if dimension.per_set { (0..view.brief.data.len()).map(Some).collect() } else { vec![None] };
        for set in sets {
            let subject = set.map_or(Subject::Brief, Subject::Set);
            let mut standings = standings(knowledge, d, view, &chosen, subject);
            let mut fell_back = None;
            if let Some((_, option)) = avoided.filter(|(dimension, _)| *dimension == d)
                && standings.get(1).is_some_and(|second| second.readiness != Readiness::Impossible)
            {
                standings.rotate_left(1);
                fell_back = Some((dimension.name.clone(), dimension.options[option].name.clone()));
            }
            let weighed = Weighed { dimension: d, set, standings, fell_back };
            if let (None, Some(winner)) = (set, weighed.winner()) {
                chosen.push((dimension.name.clone(), dimension.options[winner].name.clone()));
            }
            all.push(weighed);
        }
    }
    all
}

/// The standings of a dimension's options, the best first.
#[must_use]
pub fn standings<'a>(
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
            let option = entry.options.iter().position(|option| option.name == rule.option);
            let option = option.expect("the loader let in only rules of known options");
            speaking[option].push(Speaking { rule, effect, lowered: level == Level::Inside, subjects });
        }
    }
    let mut list: Vec<Standing<'a>> = speaking
        .into_iter()
        .enumerate()
        .map(|(option, mut speaking)| {
            speaking.sort_by(|one, other| one.rule.id.cmp(&other.rule.id));
            weigh::standing(option, speaking, &view.brief.priorities)
        })
        .collect();
    let runs: Vec<[u32; 4]> = entry.options.iter().map(|option| option.runs).collect();
    list.sort_by(|one, other| weigh::compare(one, other, &runs).0);
    list
}

/// What the dimensions that are decided once chose.
#[must_use]
pub fn chosen(knowledge: &Knowledge, weighed: &[Weighed]) -> Chosen {
    let once = weighed.iter().filter(|item| item.set.is_none());
    once.filter_map(|item| {
        let dimension = &knowledge.dimensions[item.dimension];
        Some((dimension.name.clone(), dimension.options[item.winner()?].name.clone()))
    })
    .collect()
}

/// The earlier dimension and its winner that a dimension without any possible option names.
fn clash(knowledge: &Knowledge, weighed: &[Weighed]) -> Option<(usize, usize)> {
    let stuck = weighed.iter().find(|item| item.winner().is_none())?;
    let named = stuck.standings.iter().flat_map(vetoes).flat_map(|rule| &rule.when).find_map(|predicate| {
        if let Predicate::Chosen { dimension, .. } = predicate { Some(dimension) } else { None }
    })?;
    let earlier = weighed.iter().find(|item| knowledge.dimensions[item.dimension].name == *named)?;
    Some((earlier.dimension, earlier.winner()?))
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
        for rule in choices[option].iter().rev() {
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
