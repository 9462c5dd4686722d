//! Flip points: for each numeric or ordered constraint, the values at which a decision changes. Exact.
//!
//! Every predicate is solved for the constraint by halving the interval of floating-point numbers until two neighbours
//! are left, which works because each expression moves one way with each constraint. Between two neighbouring
//! breakpoints no predicate changes, so one decision per cell tells all; the decision itself need not move one way.

use crate::Knowledge;
use crate::OptionEntry;
use crate::constraint::{Class, Constraint, Domain, Setting};
use crate::decide::{self, Weighed};
use crate::decision::{self, Change, Flip, FlipSide, Leeway, Turn};
use crate::frame::Frame;
use crate::predicate::{Level, Predicate};
use crate::rule::Scope;
use crate::unit;
use crate::view::{Chosen, Subject, View};
use groundplan_model::brief::Brief;
use std::collections::BTreeSet;

/// The cells of one constraint: between two neighbouring starts no decision changes.
#[derive(Debug, Clone)]
pub struct Cells {
    /// The constraint.
    pub constraint: Constraint,
    /// Its value in the brief.
    pub now: f64,
    /// Place of the cell in which that value lies.
    pub own: usize,
    /// The cells, ascending; neighbours differ in what is chosen.
    pub cells: Vec<Cell>,
}

/// A range of values within which every decision stands.
#[derive(Debug, Clone)]
pub struct Cell {
    /// The lowest value.
    pub start: f64,
    /// What differs from today: place of the decision, and of the option chosen there; none where nothing is possible.
    pub changed: Vec<(usize, Option<usize>)>,
}

impl Cells {
    /// The nearest cell on a side whose choices satisfy something.
    fn find(&self, side: FlipSide, wanted: impl Fn(&Cell) -> bool) -> Option<usize> {
        match side {
            FlipSide::AtOrAbove => (self.own + 1..self.cells.len()).find(|n| wanted(&self.cells[*n])),
            FlipSide::AtOrBelow => (0..self.own).rev().find(|n| wanted(&self.cells[*n])),
        }
    }

    /// The value of a cell that is nearest to today's.
    fn edge(&self, cell: usize) -> f64 {
        if cell > self.own { self.cells[cell].start } else { self.last(cell) }
    }

    /// The highest value of a cell.
    #[must_use]
    pub fn last(&self, cell: usize) -> f64 {
        match (self.cells.get(cell + 1), self.constraint.domain) {
            (Some(next), domain) => just_below(domain, next.start),
            (None, Domain::Real(_, high)) => high,
            (None, Domain::Whole(_, high)) => high as f64,
            (None, Domain::Words(words)) => words.len().saturating_sub(1) as f64,
        }
    }

    /// Where the next cell begins; the highest value for the last.
    #[must_use]
    pub fn end(&self, cell: usize) -> f64 {
        self.cells.get(cell + 1).map_or_else(|| self.last(cell), |next| next.start)
    }

    /// Whether any decision changes in any cell.
    #[must_use]
    pub fn turns(&self) -> bool {
        self.cells.iter().any(|cell| !cell.changed.is_empty())
    }
}

/// Evaluates every constraint of a brief over all its cells; those that change nothing are left out. `today` holds what is
/// chosen as the brief stands.
#[must_use]
pub fn cells(
    knowledge: &Knowledge,
    brief: &Brief,
    frame: &Frame,
    constraints: &[Constraint],
    today: &[Option<usize>],
) -> Vec<Cells> {
    let all = constraints.iter().filter_map(|item| cells_of(knowledge, brief, frame, item.clone(), today));
    all.filter(Cells::turns).collect()
}

/// None where no rule moves with the constraint.
fn cells_of(
    knowledge: &Knowledge,
    brief: &Brief,
    frame: &Frame,
    constraint: Constraint,
    today: &[Option<usize>],
) -> Option<Cells> {
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
    let place = starts.iter().rposition(|start| *start <= now).unwrap_or(0);
    let (mut cells, mut own): (Vec<Cell>, usize) = (Vec::new(), 0);
    for (n, start) in starts.iter().enumerate() {
        let changed = if n == place {
            Vec::new() // The cell of today is what the brief itself says.
        } else {
            constraint.set(&mut changed, *start);
            let there = choices(&decide::weigh_all(knowledge, &changed, frame));
            let differ = there.into_iter().enumerate().filter(|(n, option)| today[*n] != *option);
            differ.collect()
        };
        let words = matches!(constraint.domain, Domain::Words(_));
        if words || cells.last().is_none_or(|last| last.changed != changed) {
            cells.push(Cell { start: *start, changed });
        }
        if n == place {
            own = cells.len() - 1;
        }
    }
    Some(Cells { constraint, now, own, cells })
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

/// The name of a choice.
fn named(options: &[OptionEntry], choice: Option<usize>) -> Option<String> {
    choice.map(|place| options[place].name.clone())
}

/// The nearest flips of each decision, upward and downward, over all constraints: numbers first, the nearest in ratio
/// before the others, then words. Outer index: place of the decision.
#[must_use]
pub fn flips(knowledge: &Knowledge, cells: &[Cells], weighed: &[Weighed]) -> Vec<Vec<Flip>> {
    let mut lists: Vec<Vec<(f64, Flip)>> = vec![Vec::new(); weighed.len()];
    for item in cells {
        let constraint = &item.constraint;
        let mut decisions: Vec<usize> =
            item.cells.iter().flat_map(|cell| &cell.changed).map(|(decision, _)| *decision).collect();
        decisions.sort_unstable();
        decisions.dedup();
        for decision in decisions {
            let options = &knowledge.dimensions[weighed[decision].dimension].options;
            for side in [FlipSide::AtOrAbove, FlipSide::AtOrBelow] {
                let there = |cell: &Cell| cell.changed.iter().find(|(n, _)| *n == decision).map(|(_, choice)| *choice);
                let Some(place) = item.find(side, |cell| there(cell).is_some()) else { continue };
                let (at, choice) = (item.edge(place), there(&item.cells[place]).flatten());
                let (shown_now, shown) = for_people(constraint, item.now, at, side);
                let flip = Flip {
                    constraint: constraint.path.clone(),
                    unit: constraint.unit,
                    now: constraint.setting(item.now),
                    at: constraint.setting(at),
                    side,
                    option: named(options, choice).unwrap_or_else(|| decision::NOTHING.to_string()),
                    shown,
                    shown_now,
                };
                lists[decision].push((distance(constraint.domain, item.now, at), flip));
            }
        }
    }
    // A number can be watched as it moves; a word is a decision of its own.
    let word = |flip: &Flip| matches!(flip.at, Setting::Word(_));
    for list in &mut lists {
        list.sort_by(|one, other| word(&one.1).cmp(&word(&other.1)).then(one.0.total_cmp(&other.0)));
    }
    lists.into_iter().map(|list| list.into_iter().map(|(_, flip)| flip).collect()).collect()
}

/// How far each constraint can move before any decision changes; those that can move the least first.
#[must_use]
pub fn leeways(knowledge: &Knowledge, brief: &Brief, cells: &[Cells], weighed: &[Weighed]) -> Vec<Leeway> {
    let mut list: Vec<Leeway> = Vec::new();
    for item in cells {
        let constraint = &item.constraint;
        let turn = |side: FlipSide| -> Option<Turn> {
            let place = item.find(side, |cell| !cell.changed.is_empty())?;
            let at = item.edge(place);
            let (_, shown) = for_people(constraint, item.now, at, side);
            let changes = item.cells[place].changed.iter().map(|(decision, choice)| {
                let options = &knowledge.dimensions[weighed[*decision].dimension].options;
                Change {
                    dimension: knowledge.dimensions[weighed[*decision].dimension].name.clone(),
                    subject: weighed[*decision].set.map(|set| brief.data[set].name.value.clone()),
                    from: named(options, weighed[*decision].winner()),
                    to: named(options, *choice),
                }
            });
            let setting = constraint.setting(at);
            Some(Turn {
                changes: changes.collect(),
                threshold: decision::threshold(&setting, side, &shown),
                distance: distance(constraint.domain, item.now, at),
                at: setting,
                side,
                shown,
            })
        };
        let (below, above) = (turn(FlipSide::AtOrBelow), turn(FlipSide::AtOrAbove));
        if below.is_none() && above.is_none() {
            continue;
        }
        list.push(Leeway {
            constraint: constraint.path.clone(),
            unit: constraint.unit,
            now: constraint.setting(item.now),
            shown_now: constraint.setting(item.now).shown(constraint.unit),
            below,
            above,
            given: !unsaid(brief, constraint),
        });
    }
    let near = |leeway: &Leeway| leeway.turns().map(|turn| turn.distance).fold(f64::INFINITY, f64::min);
    list.sort_by(|one, other| near(one).total_cmp(&near(other)));
    list
}

/// Whether a constraint is a default, or nothing at all.
#[must_use]
pub fn unsaid(brief: &Brief, constraint: &Constraint) -> bool {
    let silent = matches!(constraint.class, Class::Access(_)) && brief.data[constraint.index].access.is_empty();
    silent || brief.assumptions.iter().any(|item| item.path == constraint.path)
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
pub fn distance(domain: Domain, now: f64, at: f64) -> f64 {
    match domain {
        Domain::Words(words) if words.len() == 2 => std::f64::consts::LN_10,
        Domain::Words(_) => (at - now).abs() * std::f64::consts::LN_2,
        _ if now > 0.0 && at > 0.0 => libm::log(at / now).abs(),
        _ => 2.0, // From or to nothing: as far as seven times.
    }
}

/// How far away a flip of a constraint is.
#[must_use]
pub fn distance_of(constraint: &Constraint, flip: &Flip) -> f64 {
    let place = |setting: &Setting| match (setting, constraint.domain) {
        (Setting::Number(number), _) => *number,
        (Setting::Word(word), Domain::Words(words)) => words.iter().position(|known| known == word).unwrap_or(0) as f64,
        (Setting::Word(_), _) => 0.0,
    };
    distance(constraint.domain, place(&flip.now), place(&flip.at))
}

/// How near the nearest flip of numbers is: the ratio, at least one; none without one.
#[must_use]
pub fn nearest(flips: &[Flip]) -> Option<(f64, &Flip)> {
    flips
        .iter()
        .filter_map(|flip| match (&flip.now, &flip.at) {
            (Setting::Number(now), Setting::Number(at)) if *now > 0.0 && *at > 0.0 => {
                Some((if at > now { at / now } else { now / at }, flip))
            }
            _ => None,
        })
        .min_by(|one, other| one.0.total_cmp(&other.0))
}
