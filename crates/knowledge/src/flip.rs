//! Flip points: for each numeric or ordered constraint, the values at which a decision changes. Exact.
//!
//! Every predicate is solved for the constraint by halving the interval of floating-point numbers until two neighbours
//! are left, which works because each expression moves one way with each constraint. Between two neighbouring
//! breakpoints no predicate changes, so one decision per cell tells all; the decision itself need not move one way.

use crate::Knowledge;
use crate::constraint::{self, Constraint, Domain};
use crate::decide::{self, Weighed};
use crate::decision::{self, Flip, FlipSide};
use crate::frame::Frame;
use crate::predicate::{Level, Predicate};
use crate::rule::Scope;
use crate::unit;
use crate::view::{Chosen, Subject, View};
use groundplan_model::brief::Brief;
use std::collections::BTreeSet;

/// The cells of one constraint: the lowest value of each, and what is chosen there, by place of the decision.
#[derive(Debug, Clone)]
pub struct Cells {
    /// The constraint.
    pub constraint: Constraint,
    /// Its value in the brief.
    pub now: f64,
    /// Lowest value of each cell, ascending.
    pub starts: Vec<f64>,
    /// `[cell][decision]`: place of the chosen option; none where nothing is possible.
    pub chosen: Vec<Vec<Option<usize>>>,
}

/// Evaluates every constraint of a brief over all its cells.
#[must_use]
pub fn cells(knowledge: &Knowledge, brief: &Brief, frame: &Frame) -> Vec<Cells> {
    constraint::constraints(brief).into_iter().filter_map(|item| cells_of(knowledge, brief, frame, item)).collect()
}

/// None where no rule moves with the constraint.
fn cells_of(knowledge: &Knowledge, brief: &Brief, frame: &Frame, constraint: Constraint) -> Option<Cells> {
    let now = constraint.get(brief);
    let mut changed = brief.clone();
    let mut starts: BTreeSet<u64> = BTreeSet::new();
    let mut moved = false;
    for dimension in &knowledge.dimensions {
        for rule in &dimension.rules {
            let rule = &knowledge.rules[*rule];
            for predicate in rule.when.iter().filter(|predicate| predicate.moves_with(constraint.class)) {
                moved = true;
                for subject in subjects(rule.scope, dimension.per_set, brief) {
                    for level in [Level::Inside, Level::Full] {
                        let found = breakpoint(&constraint, &mut changed, frame, predicate, subject, level);
                        starts.extend(found.map(f64::to_bits));
                    }
                }
            }
        }
    }
    if !moved {
        return None;
    }
    let lowest = match constraint.domain {
        Domain::Real(low, _) => low,
        Domain::Whole(low, _) => low as f64,
        Domain::Words(words) => {
            starts.extend((1..words.len()).map(|place| (place as f64).to_bits()));
            0.0
        }
    };
    starts.insert(lowest.to_bits());
    // A consistency word between two others may stand for a bound that others don't have; the brief's own word stays.
    let starts: Vec<f64> = starts.into_iter().map(f64::from_bits).collect();
    let own = starts.iter().rposition(|start| *start <= now);
    let chosen = starts
        .iter()
        .enumerate()
        .map(|(n, start)| {
            // The cell of today is evaluated as it stands: a range in the brief is not a plain number.
            let value = if Some(n) == own { now } else { *start };
            constraint.set(&mut changed, value);
            choices(&decide::weigh_all(knowledge, &changed, frame))
        })
        .collect();
    Some(Cells { constraint, now, starts, chosen })
}

/// Whom the predicates of a rule are asked about.
fn subjects(scope: Scope, per_set: bool, brief: &Brief) -> Vec<Subject> {
    match scope {
        Scope::Module => (0..brief.modules.len()).map(Subject::Module).collect(),
        Scope::Entry => (0..brief.load.len()).map(Subject::Entry).collect(),
        Scope::Set | Scope::Brief if per_set => (0..brief.data.len()).map(Subject::Set).collect(),
        Scope::Set | Scope::Brief => vec![Subject::Brief],
    }
}

/// Places of the chosen options.
pub(crate) fn choices(weighed: &[Weighed]) -> Vec<Option<usize>> {
    weighed.iter().map(Weighed::winner).collect()
}

/// The lowest value from which on a predicate's answer to "at least this level" differs from that at the lowest value
/// of all; none if it never does.
fn breakpoint(
    constraint: &Constraint,
    brief: &mut Brief,
    frame: &Frame,
    predicate: &Predicate,
    subject: Subject,
    level: Level,
) -> Option<f64> {
    let none: Chosen = Vec::new();
    let mut holds = |value: f64| {
        constraint.set(brief, value);
        predicate.level(&View::new(brief, frame), &none, subject) >= level
    };
    // Whole numbers and the bits of non-negative floats order alike, so both are halved as integers.
    let (mut low, mut high, value): (u64, u64, fn(u64) -> f64) = match constraint.domain {
        Domain::Real(low, high) => (low.to_bits(), high.to_bits(), f64::from_bits),
        Domain::Whole(low, high) => (low, high, |n| n as f64),
        Domain::Words(_) => return None, // Each word is a cell of its own.
    };
    let at_low = holds(value(low));
    if holds(value(high)) == at_low {
        return None;
    }
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if holds(value(middle)) == at_low {
            low = middle;
        } else {
            high = middle;
        }
    }
    Some(value(high))
}

/// The nearest flips of one decision, upward and downward, over all constraints: numbers first, the nearest in ratio
/// before the others, then words.
#[must_use]
pub fn flips(knowledge: &Knowledge, cells: &[Cells], decision: usize, dimension: usize) -> Vec<Flip> {
    let options = &knowledge.dimensions[dimension].options;
    let mut list: Vec<(f64, Flip)> = Vec::new();
    for cell in cells {
        let Some(own) = cell.starts.iter().rposition(|start| *start <= cell.now).or(Some(0)) else { continue };
        let now = cell.chosen[own][decision];
        let mut add = |at: f64, side: FlipSide, option: Option<usize>| {
            let option = option.map_or("nothing possible".to_string(), |place| options[place].name.clone());
            let setting = cell.constraint.setting(at);
            let (shown_now, shown) = for_people(&cell.constraint, cell.now, at, side);
            let flip = Flip {
                constraint: cell.constraint.path.clone(),
                unit: cell.constraint.unit,
                now: cell.constraint.setting(cell.now),
                at: setting,
                side,
                option,
                shown,
                shown_now,
            };
            list.push((distance(cell.constraint.domain, cell.now, at), flip));
        };
        if let Some(above) = (own + 1..cell.starts.len()).find(|n| cell.chosen[*n][decision] != now) {
            add(cell.starts[above], FlipSide::AtOrAbove, cell.chosen[above][decision]);
        }
        if let Some(below) = (0..own).rev().find(|n| cell.chosen[*n][decision] != now) {
            let at = just_below(cell.constraint.domain, cell.starts[below + 1]);
            add(at, FlipSide::AtOrBelow, cell.chosen[below][decision]);
        }
    }
    // A number can be watched as it moves; a word is a decision of its own.
    let word = |flip: &Flip| matches!(flip.at, constraint::Setting::Word(_));
    list.sort_by(|one, other| word(&one.1).cmp(&word(&other.1)).then(one.0.total_cmp(&other.0)));
    list.into_iter().map(|(_, flip)| flip).collect()
}

/// `now` and `at` for people. A flip point of real numbers may be the neighbour of the number that somebody would name;
/// then that number belongs to the other side, and the text says so.
fn for_people(constraint: &Constraint, now: f64, at: f64, side: FlipSide) -> (String, String) {
    if let Domain::Words(_) = constraint.domain {
        return (constraint.setting(now).shown(constraint.unit), constraint.setting(at).shown(constraint.unit));
    }
    let (shown_now, shown) = unit::shown_both(now, at, constraint.unit);
    let (neighbour, just) = match side {
        FlipSide::AtOrAbove => (at.to_bits().saturating_sub(1), decision::JUST_OVER),
        FlipSide::AtOrBelow => (at.to_bits() + 1, decision::JUST_UNDER),
    };
    let named = unit::read(&shown).map(|(number, _)| number);
    let neighbour_named = matches!(constraint.domain, Domain::Real(..)) && named == Some(f64::from_bits(neighbour));
    let text = if neighbour_named || shown == shown_now { format!("{just}{shown}") } else { shown };
    (shown_now, text)
}

/// The highest value under a breakpoint.
fn just_below(domain: Domain, at: f64) -> f64 {
    match domain {
        Domain::Real(..) => f64::from_bits(at.to_bits().saturating_sub(1)),
        Domain::Whole(..) | Domain::Words(_) => at - 1.0,
    }
}

/// How far away a value is: the logarithm of the ratio; a step of a word counts as a doubling, a yes or no as tenfold.
fn distance(domain: Domain, now: f64, at: f64) -> f64 {
    match domain {
        Domain::Words(words) if words.len() == 2 => std::f64::consts::LN_10,
        Domain::Words(_) => (at - now).abs() * std::f64::consts::LN_2,
        _ if now > 0.0 && at > 0.0 => libm::log(at / now).abs(),
        _ => 2.0, // From or to nothing: as far as seven times.
    }
}

/// How near the nearest flip of numbers is: the ratio, at least one; none without one.
#[must_use]
pub fn nearest(flips: &[Flip]) -> Option<(f64, &Flip)> {
    flips
        .iter()
        .filter_map(|flip| match (&flip.now, &flip.at) {
            (constraint::Setting::Number(now), constraint::Setting::Number(at)) if *now > 0.0 && *at > 0.0 => {
                Some((if at > now { at / now } else { now / at }, flip))
            }
            _ => None,
        })
        .min_by(|one, other| one.0.total_cmp(&other.0))
}
