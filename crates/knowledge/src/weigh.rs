//! From the rules that speak to the standing of each option, and the order of the options.
//!
//! There are no weights: standings are compared position by position. An option's standing depends on the rules that
//! speak of it and on nothing else, so removing a loser never changes the winner.

use crate::predicate::{Level, Predicate};
use crate::rule::{Concern, Effect, Grade, Rule, Scope, Side};
use crate::view::{Chosen, Subject, View};
use std::cmp::Ordering;

/// A rule that speaks.
#[derive(Debug, Clone)]
pub struct Speaking<'a> {
    /// The rule.
    pub rule: &'a Rule,
    /// What it does here: a range may have lowered it.
    pub effect: Effect,
    /// Whether a range lowered it.
    pub lowered: bool,
    /// Places of the modules or entry points that it matched.
    pub subjects: Vec<usize>,
}

/// Whether an option can be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Readiness {
    /// It can.
    Ready,
    /// A precondition is missing.
    NotYet,
    /// It can't.
    Impossible,
}

/// Where an option stands.
#[derive(Debug, Clone)]
pub struct Standing<'a> {
    /// Place of the option in the registered order of its dimension.
    pub option: usize,
    /// Whether it can be had.
    pub readiness: Readiness,
    /// Concerns with an objection of a grade, contested ones left out: `[grade]`, in the order of the priorities.
    pub objections: [Vec<Rank>; 3],
    /// The same for supports.
    pub supports: [Vec<Rank>; 3],
    /// All that spoke.
    pub speaking: Vec<Speaking<'a>>,
}

/// A concern with its place in the priorities, the most important first.
pub type Rank = (usize, Concern);

/// The positions at which two standings are compared, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Position {
    /// Whether it can be had.
    Readiness,
    /// Objections of a grade.
    Objections(Grade),
    /// Supports of a grade.
    Supports(Grade),
    /// Less to run.
    LessToRun,
    /// The registered order.
    Order,
}

/// The order of comparison.
pub const POSITIONS: [Position; 9] = [
    Position::Readiness,
    Position::Objections(Grade::Strong),
    Position::Supports(Grade::Strong),
    Position::Objections(Grade::Normal),
    Position::Supports(Grade::Normal),
    Position::Objections(Grade::Slight),
    Position::Supports(Grade::Slight),
    Position::LessToRun,
    Position::Order,
];

impl Position {
    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Position::Readiness => "whether it can be had now",
            Position::Objections(Grade::Strong) => "strong objections",
            Position::Objections(Grade::Normal) => "normal objections",
            Position::Objections(Grade::Slight) => "slight objections",
            Position::Supports(Grade::Strong) => "strong supports",
            Position::Supports(Grade::Normal) => "normal supports",
            Position::Supports(Grade::Slight) => "slight supports",
            Position::LessToRun => "less to run",
            Position::Order => "the registered order",
        }
    }
}

/// How far a rule applies, and to which modules, entry points or data sets.
#[must_use]
pub fn applies(rule: &Rule, view: &View, chosen: &Chosen, subject: Subject) -> (Level, Vec<usize>) {
    holds(rule.scope, &rule.when, view, chosen, subject)
}

/// How far conditions hold together, and of which modules, entry points or data sets where one of those is enough.
#[must_use]
pub fn holds(scope: Scope, when: &[Predicate], view: &View, chosen: &Chosen, subject: Subject) -> (Level, Vec<usize>) {
    let level = |subject: Subject| -> Level {
        let levels = when.iter().map(|predicate| predicate.level(view, chosen, subject));
        levels.min().unwrap_or(Level::Full)
    };
    let over = |count: usize, make: fn(usize) -> Subject| {
        let levels: Vec<Level> = (0..count).map(|n| level(make(n))).collect();
        let best = levels.iter().copied().max().unwrap_or(Level::No);
        let matched = (0..count).filter(|n| levels[*n] != Level::No).collect();
        (best, matched)
    };
    match scope {
        Scope::Brief => (level(subject), Vec::new()),
        Scope::Set if matches!(subject, Subject::Set(_)) => (level(subject), Vec::new()),
        Scope::Set => over(view.brief.data.len(), Subject::Set),
        Scope::Module => over(view.brief.modules.len(), Subject::Module),
        Scope::Entry => over(view.brief.load.len(), Subject::Entry),
    }
}

/// What a rule does at a level. Inside a range everything counts one grade lower: a veto becomes an objection.
#[must_use]
pub fn effect_at(effect: Effect, level: Level) -> Option<Effect> {
    match (level, effect) {
        (Level::No, _) => None,
        (Level::Full, effect) => Some(effect),
        (Level::Inside, Effect::Argues(side, grade)) => grade.lower().map(|grade| Effect::Argues(side, grade)),
        (Level::Inside, Effect::Impossible) => Some(Effect::Argues(Side::Against, Grade::Strong)),
        (Level::Inside, Effect::Unready) => Some(Effect::Argues(Side::Against, Grade::Normal)),
    }
}

/// The standing of an option from the rules that speak of it.
#[must_use]
pub fn standing<'a>(option: usize, speaking: Vec<Speaking<'a>>, priorities: &[String]) -> Standing<'a> {
    let rank = |concern: Concern| -> Rank {
        (priorities.iter().position(|word| word == concern.word()).unwrap_or(priorities.len()), concern)
    };
    let strongest = |concern: Concern, side: Side| -> Option<Grade> {
        speaking
            .iter()
            .filter(|item| item.rule.concern == concern)
            .filter_map(|item| match item.effect {
                Effect::Argues(spoken, grade) if spoken == side => Some(grade),
                _ => None,
            })
            .max()
    };
    let readiness = speaking
        .iter()
        .map(|item| match item.effect {
            Effect::Argues(..) => Readiness::Ready,
            Effect::Unready => Readiness::NotYet,
            Effect::Impossible => Readiness::Impossible,
        })
        .max()
        .unwrap_or(Readiness::Ready);
    let (mut objections, mut supports): ([Vec<Rank>; 3], [Vec<Rank>; 3]) = Default::default();
    for concern in Concern::ALL {
        let (against, for_it) = (strongest(concern, Side::Against), strongest(concern, Side::For));
        if against == for_it {
            continue; // Contested, or nobody spoke.
        }
        if let Some(grade) = against {
            objections[grade as usize].push(rank(concern));
        }
        if let Some(grade) = for_it {
            supports[grade as usize].push(rank(concern));
        }
    }
    objections.iter_mut().chain(&mut supports).for_each(|ranks| ranks.sort_unstable());
    Standing { option, readiness, objections, supports, speaking }
}

/// Compares two standings; the better is less. Says at which position they differ. `runs` is indexed by option.
#[must_use]
pub fn compare(one: &Standing, other: &Standing, runs: &[[u32; 4]]) -> (Ordering, Position) {
    for position in POSITIONS {
        let order = compare_at(position, one, other, runs);
        if order != Ordering::Equal {
            return (order, position);
        }
    }
    (Ordering::Equal, Position::Order)
}

/// Compares two standings at one position; the better is less.
#[must_use]
pub fn compare_at(position: Position, one: &Standing, other: &Standing, runs: &[[u32; 4]]) -> Ordering {
    // Fewer objections first; of equally many, the one whose first objected concern matters less.
    let first = |ranks: &[Rank]| ranks.first().map_or(usize::MAX, |(place, _)| *place);
    let objections = |a: &[Rank], b: &[Rank]| a.len().cmp(&b.len()).then_with(|| first(b).cmp(&first(a)));
    // More supports first; of equally many, the one whose first supported concern matters more.
    let supports = |a: &[Rank], b: &[Rank]| b.len().cmp(&a.len()).then_with(|| first(a).cmp(&first(b)));
    match position {
        Position::Readiness => one.readiness.cmp(&other.readiness),
        Position::Objections(grade) => objections(&one.objections[grade as usize], &other.objections[grade as usize]),
        Position::Supports(grade) => supports(&one.supports[grade as usize], &other.supports[grade as usize]),
        Position::LessToRun => runs[one.option].cmp(&runs[other.option]),
        Position::Order => one.option.cmp(&other.option),
    }
}
