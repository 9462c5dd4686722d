//! Flip points: for each numeric or ordered constraint, the values at which a decision changes. Exact.
//!
//! Every condition that moves with the constraint is solved for it by narrowing the interval of floating-point numbers until two
//! neighbours are left, which works because each expression moves one way with each constraint. Between two neighbouring
//! breakpoints no condition changes, so one decision per cell tells all; the decision itself need not move one way.

use crate::constraint::{Class, Constraint, Domain, Setting};
use crate::decide::Weighed;
use crate::decision::{self, Change, Flip, FlipSide, Leeway, Turn};
use crate::evaluate::{Condition, Evaluator};
use crate::frame::Frame;
use crate::predicate::Level;
use crate::unit;
use crate::view::{Growing, Subject, View};
use crate::{Knowledge, OptionEntry};
use groundplan_model::brief::Brief;

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
            FlipSide::AtOrAbove | FlipSide::Above => (self.own + 1..self.cells.len()).find(|n| wanted(&self.cells[*n])),
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

/// Evaluates every constraint of a brief over all its cells; those that change nothing are left out.
#[must_use]
pub fn cells(brief: &Brief, frame: &Frame, constraints: &[Constraint], evaluator: &mut Evaluator) -> Vec<Cells> {
    let (today, _) = evaluator.chosen();
    let (mut scratch, growing) = (brief.clone(), Growing::of(brief));
    let mut list = Vec::new();
    for constraint in constraints {
        let moving: Vec<usize> = evaluator.moving(constraint.class).collect();
        if moving.is_empty() {
            continue;
        }
        let mut line = Line { constraint, brief: &mut scratch, frame, growing };
        let mut walk = Walk { evaluator, today: &today };
        let found = match constraint.domain {
            Domain::Words(words) => walk.words(&mut line, words.len(), constraint.get(brief), &moving),
            _ => walk.numbers(&mut line, constraint.get(brief), &moving),
        };
        restore(&mut scratch, brief, constraint);
        list.extend(found.into_iter().filter(Cells::turns));
    }
    list
}

/// Takes back what setting a constraint changed.
pub(crate) fn restore(scratch: &mut Brief, brief: &Brief, constraint: &Constraint) {
    let n = constraint.index;
    match constraint.class {
        Class::Rate | Class::Peak | Class::P99 | Class::EntryAvailability => scratch.load[n].clone_from(&brief.load[n]),
        Class::Changes | Class::Polyglot => scratch.modules[n].clone_from(&brief.modules[n]),
        Class::Size | Class::Consistency | Class::Replay | Class::Access(_) => {
            scratch.data[n].clone_from(&brief.data[n])
        }
        _ => scratch.clone_from(brief),
    }
}

/// The values of one constraint, the others as they are.
struct Line<'a> {
    constraint: &'a Constraint,
    brief: &'a mut Brief,
    frame: &'a Frame,
    growing: Growing,
}

impl Line<'_> {
    /// Looks at the brief with a value of the constraint.
    fn at<T>(&mut self, value: f64, look: impl FnOnce(&View) -> T) -> T {
        self.constraint.set(self.brief, value);
        look(&View::growing(self.brief, self.frame, self.growing.again(self.brief)))
    }

    /// The value of some number. Whole numbers and the bits of non-negative floats order alike, so both are halved as integers.
    fn value(&self, n: u64) -> f64 {
        if let Domain::Whole(..) = self.constraint.domain { n as f64 } else { f64::from_bits(n) }
    }
}

/// A value at which the level of a condition changes.
struct Breakpoint {
    /// The lowest value of the upper side.
    at: f64,
    condition: usize,
    slot: usize,
    below: Level,
    above: Level,
}

/// What is chosen along a constraint.
struct Walk<'a, 'k> {
    evaluator: &'a mut Evaluator<'k>,
    today: &'a [Option<usize>],
}

impl Walk<'_, '_> {
    /// What differs from today as the conditions stand now.
    fn changed(&mut self) -> Vec<(usize, Option<usize>)> {
        self.evaluator.settle();
        let (choices, _) = self.evaluator.chosen();
        let differ = choices.into_iter().enumerate().filter(|(n, option)| self.today[*n] != *option);
        differ.collect()
    }

    /// Each word is a cell of its own.
    fn words(&mut self, line: &mut Line, count: usize, now: f64, moving: &[usize]) -> Option<Cells> {
        let own = (now.max(0.0) as usize).min(count - 1);
        let mut cells = Vec::new();
        for word in 0..count {
            let changed = if word == own {
                Vec::new() // What the brief itself says.
            } else {
                line.at(word as f64, |view| {
                    for at in moving {
                        for (slot, subject) in self.evaluator.subjects(*at) {
                            let condition = self.evaluator.condition(*at);
                            let level = condition.level(condition.value(view, subject));
                            self.evaluator.set_level(*at, slot, level);
                        }
                    }
                });
                let changed = self.changed();
                self.evaluator.rollback();
                changed
            };
            cells.push(Cell { start: word as f64, changed });
        }
        Some(Cells { constraint: line.constraint.clone(), now, own, cells })
    }

    fn numbers(&mut self, line: &mut Line, now: f64, moving: &[usize]) -> Option<Cells> {
        let (low, high) = match line.constraint.domain {
            Domain::Real(low, high) => (low.to_bits(), high.to_bits()),
            Domain::Whole(low, high) => (low, high),
            Domain::Words(_) => return None,
        };
        let mut points = self.breakpoints(line, (low, high), moving);
        if points.is_empty() {
            return None;
        }
        points.sort_by(|one, other| one.at.total_cmp(&other.at));
        let lowest = line.value(low);
        // Points at the same value are passed together.
        let mut starts: Vec<(f64, std::ops::Range<usize>)> = Vec::new();
        for (n, point) in points.iter().enumerate() {
            match starts.last_mut() {
                Some((at, range)) if *at == point.at => range.end = n + 1,
                _ => starts.push((point.at, n..n + 1)),
            }
        }
        let upper = starts.partition_point(|(at, _)| *at <= now);
        let start = |n: usize| if n == 0 { lowest } else { starts[n - 1].0 };

        let mut below = vec![Cell { start: start(upper), changed: Vec::new() }];
        for n in (0..upper).rev() {
            for point in &points[starts[n].1.clone()] {
                self.evaluator.set_level(point.condition, point.slot, point.below);
            }
            let changed = self.changed();
            match below.last_mut() {
                Some(last) if last.changed == changed => last.start = start(n),
                _ => below.push(Cell { start: start(n), changed }),
            }
        }
        self.evaluator.rollback();
        let own = below.len() - 1;
        let mut cells: Vec<Cell> = below.into_iter().rev().collect();
        for (at, range) in &starts[upper..] {
            for point in &points[range.clone()] {
                self.evaluator.set_level(point.condition, point.slot, point.above);
            }
            let changed = self.changed();
            if cells.last().is_none_or(|last| last.changed != changed) {
                cells.push(Cell { start: *at, changed });
            }
        }
        self.evaluator.rollback();
        Some(Cells { constraint: line.constraint.clone(), now, own, cells })
    }

    /// Solves every condition that the constraint moves and that could change a rule.
    fn breakpoints(&self, line: &mut Line, (low, high): (u64, u64), moving: &[usize]) -> Vec<Breakpoint> {
        let values = |view: &View| -> Vec<f64> {
            let of = |at: &usize| {
                let condition = self.evaluator.condition(*at);
                self.evaluator.subjects(*at).map(|(_, subject)| condition.value(view, subject))
            };
            moving.iter().flat_map(of).collect()
        };
        let (lowest, highest) = (line.value(low), line.value(high));
        let (at_low, at_high) = (line.at(lowest, values), line.at(highest, values));
        let ends = at_low.into_iter().zip(at_high);
        let all =
            moving.iter().flat_map(|at| self.evaluator.subjects(*at).map(move |(slot, subject)| (*at, slot, subject)));
        let mut points = Vec::new();
        for ((at, slot, subject), (value_low, value_high)) in all.zip(ends) {
            let condition = self.evaluator.condition(at);
            let (below, above) = (condition.level(value_low), condition.level(value_high));
            if below == above || !self.evaluator.is_live(at, subject, line.constraint.class) {
                continue;
            }
            let mut solve = |wanted: Level| {
                let differs = (below >= wanted) != (above >= wanted);
                differs.then(|| {
                    let ends = [(low, value_low), (high, value_high)];
                    let found = solve(line, condition, subject, wanted, ends);
                    line.value(found)
                })
            };
            let mut add = |at_value: f64, below: Level, above: Level| {
                points.push(Breakpoint { at: at_value, condition: at, slot, below, above });
            };
            match (solve(Level::Inside), solve(Level::Full)) {
                (Some(inside), Some(full)) if inside == full => add(inside, below, above),
                (Some(inside), Some(full)) => {
                    let (first, last) = if below < above { (inside, full) } else { (full, inside) };
                    add(first, below, Level::Inside);
                    add(last, Level::Inside, above);
                }
                (Some(only), None) | (None, Some(only)) => add(only, below, above),
                (None, None) => {}
            }
        }
        points
    }
}

/// The lowest number from which on a condition's answer to "at least this level" differs from that at the lowest of all. The
/// answers at the two ends differ.
///
/// Between the ends the expression is drawn as a straight line, then as a power, and the neighbourhood of where that meets the
/// threshold is searched by growing steps; where this gains little (counts move in steps) the interval is halved. Ten evaluations
/// are usual, seventy the most that a plain halving would take.
fn solve(line: &mut Line, condition: &Condition, subject: Subject, wanted: Level, ends: [(u64, f64); 2]) -> u64 {
    let at_low = condition.level(ends[0].1) >= wanted;
    let whole = matches!(line.constraint.domain, Domain::Whole(..));
    let mut look = |n: u64| {
        let at = line.value(n);
        line.at(at, |view| condition.value(view, subject))
    };
    let below = |value: f64| (condition.level(value) >= wanted) == at_low;
    let target = condition.threshold(wanted);
    let mut between = Between { low: ends[0], high: ends[1] };
    // Whole numbers are few: they are halved from the start.
    let mut misses = if whole { MISSES } else { 0 };
    while between.width() > 1 {
        let before = between.width();
        if misses >= MISSES {
            between.narrow(between.middle(), &mut look, &below);
            continue;
        }
        let guess = between.guess(target, misses % 2 == 1);
        let upwards = between.narrow(guess, &mut look, &below);
        let mut step = 1u64;
        while between.width() > 1 && step < FARTHEST {
            let next = between.beside(upwards, step);
            if between.narrow(next, &mut look, &below) != upwards {
                break;
            }
            step *= 8;
        }
        if between.width() <= FARTHEST {
            misses = MISSES; // Near enough: the rest is halved.
        } else if between.width() > before / 64 {
            misses += 1;
        }
    }
    between.high.0
}

/// After how many guesses that gained little the interval is halved instead.
const MISSES: usize = 4;
/// How far from a guess its neighbourhood is searched, in floating-point numbers.
const FARTHEST: u64 = 1 << 21;

/// Two numbers between which the answer changes, with the values there.
struct Between {
    low: (u64, f64),
    high: (u64, f64),
}

impl Between {
    fn width(&self) -> u64 {
        self.high.0 - self.low.0
    }

    fn middle(&self) -> u64 {
        self.low.0 + self.width() / 2
    }

    /// Moves one of the ends to a number between them; says whether it was the lower one.
    fn narrow(&mut self, n: u64, look: &mut impl FnMut(u64) -> f64, below: &impl Fn(f64) -> bool) -> bool {
        let value = look(n);
        let moved = below(value);
        *(if moved { &mut self.low } else { &mut self.high }) = (n, value);
        moved
    }

    /// A number some steps above the lower end, or below the upper one.
    fn beside(&self, above: bool, step: u64) -> u64 {
        if above {
            self.low.0.saturating_add(step).min(self.high.0 - 1)
        } else {
            self.high.0.saturating_sub(step).max(self.low.0 + 1)
        }
    }

    /// Where a straight line, or a power of the constraint, through both ends meets the threshold.
    fn guess(&self, target: f64, power: bool) -> u64 {
        let (x, y) = ((f64::from_bits(self.low.0), f64::from_bits(self.high.0)), (self.low.1, self.high.1));
        let meet = |x: (f64, f64), y: (f64, f64), target: f64| x.0 + (target - y.0) * ((x.1 - x.0) / (y.1 - y.0));
        let met = if power {
            libm::exp(meet((libm::log(x.0), libm::log(x.1)), (libm::log(y.0), libm::log(y.1)), libm::log(target)))
        } else {
            meet(x, y, target)
        };
        let found = if met.is_finite() && met > 0.0 { met.to_bits() } else { self.middle() };
        found.clamp(self.low.0 + 1, self.high.0 - 1)
    }
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
                    side: side.of(&constraint.setting(at)),
                    option: named(options, choice).unwrap_or_else(|| decision::NOTHING.to_string()),
                    shown,
                    shown_now,
                };
                lists[decision].push((distance(constraint, item.now, at), flip));
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
                distance: distance(constraint, item.now, at),
                side: side.of(&setting),
                at: setting,
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
            shown_now: if constraint.said {
                constraint.setting(item.now).shown(constraint.unit)
            } else {
                decision::NOT_SAID.to_string()
            },
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
    silent || !constraint.said || brief.assumptions.iter().any(|item| item.path == constraint.path)
}

/// `now` and `at` for people. A flip point of real numbers may be the neighbour of the number that somebody would name;
/// then that number belongs to the other side, and the text says so.
fn for_people(constraint: &Constraint, now: f64, at: f64, side: FlipSide) -> (String, String) {
    if let Domain::Words(_) = constraint.domain {
        return (constraint.setting(now).shown(constraint.unit), constraint.setting(at).shown(constraint.unit));
    }
    let (shown_now, shown) = if constraint.said {
        unit::shown_both(now, at, constraint.unit)
    } else {
        (decision::NOT_SAID.to_string(), unit::shown(at, constraint.unit))
    };
    let (neighbour, just) = match side {
        FlipSide::AtOrAbove | FlipSide::Above => (at.to_bits().saturating_sub(1), decision::JUST_OVER),
        FlipSide::AtOrBelow => (at.to_bits() + 1, decision::JUST_UNDER),
    };
    let named = unit::read(&shown).map(|(number, _)| number);
    let neighbour_named = matches!(constraint.domain, Domain::Real(..)) && named == Some(f64::from_bits(neighbour));
    let text = match neighbour_named {
        true if f64::from_bits(neighbour) == 0.0 => format!("{just}{}", unit::shown(0.0, constraint.unit)),
        true => format!("{just}{shown}"),
        false if shown == shown_now => format!("{just}{shown}"),
        false => shown,
    };
    (shown_now, text)
}

/// The highest value under a breakpoint.
fn just_below(domain: Domain, at: f64) -> f64 {
    match domain {
        Domain::Real(..) => f64::from_bits(at.to_bits().saturating_sub(1)),
        Domain::Whole(..) | Domain::Words(_) => at - 1.0,
    }
}

/// How far away a value is: the logarithm of the ratio; a step of a word counts as a doubling, a yes or no as tenfold, and what
/// nobody said is as far as a hundred and fifty times.
fn distance(constraint: &Constraint, now: f64, at: f64) -> f64 {
    match constraint.domain {
        Domain::Words(words) if words.len() == 2 => std::f64::consts::LN_10,
        Domain::Words(_) => (at - now).abs() * std::f64::consts::LN_2,
        _ if !constraint.said => 5.0,
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
    distance(constraint, place(&flip.now), place(&flip.at))
}

/// How near the nearest flip of numbers is: the ratio, at least one; none without one.
#[must_use]
pub fn nearest(flips: &[Flip]) -> Option<(f64, &Flip)> {
    flips
        .iter()
        .filter_map(|flip| match (&flip.now, &flip.at) {
            (Setting::Number(now), Setting::Number(at))
                if *now > 0.0 && *at > 0.0 && flip.shown_now != decision::NOT_SAID =>
            {
                Some((if at > now { at / now } else { now / at }, flip))
            }
            _ => None,
        })
        .min_by(|one, other| one.0.total_cmp(&other.0))
}
