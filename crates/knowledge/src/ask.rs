//! What to ask: constraints that nobody gave and on which decisions hinge, each with what is chosen at which answer.

use crate::Knowledge;
use crate::constraint::{Class, Constraint, Domain, Setting};
use crate::decide::Weighed;
use crate::decision::{Answer, Choice, Decisions, Flip, NOTHING, Question};
use crate::flip::{self, Cells};
use crate::unit;
use crate::weigh::{self, POSITIONS, Position};
use groundplan_model::brief::Brief;

/// Constraints that nobody gave and on which decisions hinge, in the order that `Question` documents.
#[must_use]
pub fn questions(
    knowledge: &Knowledge,
    brief: &Brief,
    cells: &[Cells],
    weighed: &[Weighed],
    decisions: &Decisions,
) -> Vec<Question> {
    let unsaid = cells.iter().filter(|item| flip::unsaid(brief, &item.constraint));
    let mut list: Vec<(usize, Question)> =
        unsaid.filter_map(|item| question(knowledge, brief, item, weighed, decisions)).collect();
    list.sort_by(|(place, one), (other_place, other)| {
        let more = other.decisions.cmp(&one.decisions);
        let nearer = one.distance.total_cmp(&other.distance);
        more.then(place.cmp(other_place)).then(nearer).then_with(|| one.constraint.cmp(&other.constraint))
    });
    list.into_iter().map(|(_, question)| question).collect()
}

/// One question, with the place of its weightiest position; none where no answer that somebody may give changes anything.
fn question(
    knowledge: &Knowledge,
    brief: &Brief,
    cells: &Cells,
    weighed: &[Weighed],
    decisions: &Decisions,
) -> Option<(usize, Question)> {
    let constraint = &cells.constraint;
    let path = &constraint.path;
    let name = |item: &Weighed| knowledge.dimensions[item.dimension].name.clone();
    let set = |item: &Weighed| item.set.map(|set| brief.data[set].name.value.clone());
    // Of each decision the nearest other answers that somebody may give.
    let near = |place: usize| -> Vec<&Flip> {
        let item = &weighed[place];
        let Some(decision) = decisions.of(&name(item), set(item).as_deref()) else { return Vec::new() };
        decision.flips.iter().filter(|flip| flip.constraint == *path && worth_asking(constraint, flip)).collect()
    };
    let mut hinging: Vec<(usize, usize)> = Vec::new();
    for (decision, _) in cells.cells.iter().flat_map(|cell| &cell.changed) {
        if !hinging.iter().any(|(_, known)| known == decision) && !near(*decision).is_empty() {
            hinging.push((position(knowledge, &weighed[*decision]), *decision));
        }
    }
    hinging.sort_unstable();
    let (weightiest, first) = *hinging.first()?;
    let flips: Vec<&Flip> = hinging.iter().flat_map(|(_, decision)| near(*decision)).collect();
    let distance = flips.iter().map(|flip| flip::distance_of(constraint, flip)).fold(f64::INFINITY, f64::min);
    let assumption = brief.assumptions.iter().find(|item| item.path == *path);
    let nothing = if constraint.said { "none" } else { "no limit" };
    let assumed = assumption.map_or(nothing.to_string(), |item| item.value.clone());
    let told = |(_, decision): &(usize, usize)| {
        let item = &weighed[*decision];
        let subject = set(item).map_or(String::new(), |set| format!(" of {set}"));
        let cases: Vec<String> = near(*decision).into_iter().map(told).collect();
        format!("{}{subject} is {} then, but {}", name(item), chosen(knowledge, item), cases.join(", "))
    };
    let mut parts: Vec<String> = hinging.iter().take(TOLD).map(told).collect();
    if hinging.len() > TOLD {
        parts.push(format!("{} more decisions hinge on it", hinging.len() - TOLD));
    }
    let question = Question {
        constraint: path.clone(),
        unit: constraint.unit,
        words: match constraint.domain {
            Domain::Words(words) => words.to_vec(),
            _ => Vec::new(),
        },
        dimension: name(&weighed[first]),
        subject: set(&weighed[first]),
        now: chosen(knowledge, &weighed[first]),
        otherwise: near(first).into_iter().cloned().collect(),
        decisions: hinging.len(),
        position: POSITIONS[weightiest].words(),
        distance,
        answers: answers(knowledge, brief, cells, weighed, &hinging),
        text: format!("What is {path}? Taken as {assumed}; {}.", parts.join("; ")),
        assumed,
    };
    Some((weightiest, question))
}

/// How many decisions a question tells in its text; all stand in its answers.
const TOLD: usize = 3;

fn chosen(knowledge: &Knowledge, weighed: &Weighed) -> String {
    let options = &knowledge.dimensions[weighed.dimension].options;
    weighed.winner().map_or(NOTHING.to_string(), |place| options[place].name.clone())
}

/// Place in `POSITIONS` of the position that set the winner of a decision apart.
fn position(knowledge: &Knowledge, weighed: &Weighed) -> usize {
    let runs: Vec<[u32; 4]> =
        knowledge.dimensions[weighed.dimension].options.iter().map(|option| option.runs).collect();
    let decided = match &weighed.standings[..] {
        [winner, second, ..] => weigh::compare(winner, second, &runs).1,
        _ => Position::Readiness,
    };
    POSITIONS.iter().position(|position| *position == decided).unwrap_or(POSITIONS.len() - 1)
}

/// All answers, in order, with what is chosen at each of the decisions that hinge on them.
fn answers(
    knowledge: &Knowledge,
    brief: &Brief,
    cells: &Cells,
    weighed: &[Weighed],
    hinging: &[(usize, usize)],
) -> Vec<Answer> {
    let mut places: Vec<usize> = hinging.iter().map(|(_, place)| *place).collect();
    places.sort_unstable();
    // Neighbouring cells that differ only in other decisions are one answer.
    let differs = |cell: usize| -> Vec<(usize, Option<usize>)> {
        cells.cells[cell].changed.iter().filter(|(place, _)| places.contains(place)).copied().collect()
    };
    let words = matches!(cells.constraint.domain, Domain::Words(_));
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for cell in 0..cells.cells.len() {
        match ranges.last_mut() {
            Some((_, last)) if !words && differs(*last) == differs(cell) => *last = cell,
            _ => ranges.push((cell, cell)),
        }
    }
    let count = ranges.len();
    let tell = |(n, (first, last)): (usize, (usize, usize))| {
        let constraint = &cells.constraint;
        let changed = differs(first);
        let choice = |place: &usize| {
            let item = &weighed[*place];
            let dimension = &knowledge.dimensions[item.dimension];
            let there = changed.iter().find(|(known, _)| known == place).map(|(_, choice)| *choice);
            let option = there.unwrap_or_else(|| item.winner());
            Choice {
                dimension: dimension.name.clone(),
                subject: item.set.map(|set| brief.data[set].name.value.clone()),
                option: option.map(|place| dimension.options[place].name.clone()),
            }
        };
        let (from, to) = (cells.cells[first].start, cells.last(last));
        let shown = match constraint.setting(from) {
            Setting::Word(word) => word.to_string(),
            Setting::Number(_) if count == 1 => "any".to_string(),
            Setting::Number(_) => {
                let low = (n > 0).then(|| edge(constraint, from));
                let high = (n + 1 < count).then(|| edge(constraint, cells.end(last)));
                match constraint.domain {
                    Domain::Whole(..) if low.is_some() && high.is_some() => whole(from, to, constraint.unit),
                    _ => between(low, high, constraint.said),
                }
            }
        };
        Answer {
            from: constraint.setting(from),
            to: constraint.setting(to),
            shown,
            taken: (first..=last).contains(&cells.own),
            chosen: places.iter().map(choice).collect(),
        }
    };
    ranges.into_iter().enumerate().map(tell).collect()
}

/// Where a cell begins, for people, and whether the number that is named lies in it: some begin just above it.
fn edge(constraint: &Constraint, start: f64) -> (String, bool) {
    let shown = unit::shown(start, constraint.unit);
    let before = f64::from_bits(start.to_bits().saturating_sub(1));
    let named = unit::read(&shown).map(|(number, _)| number);
    if matches!(constraint.domain, Domain::Real(..)) && named == Some(before) {
        (unit::shown(before, constraint.unit), false)
    } else {
        (shown, true)
    }
}

/// Numbers from one edge to another: `below 5min`, `0s`, `above 0s, below 5min`, `10ms to 100ms`, `24h or more, or no limit`.
fn between(low: Option<(String, bool)>, high: Option<(String, bool)>, said: bool) -> String {
    let beyond = if said { "" } else { ", or no limit" };
    match (low, high) {
        (None, None) => "any".into(),
        (None, Some((high, true))) => format!("below {high}"),
        (None, Some((high, false))) if high.starts_with("0") && !high.starts_with("0.") => high,
        (None, Some((high, false))) => format!("{high} or less"),
        (Some((low, true)), None) => format!("{low} or more{beyond}"),
        (Some((low, false)), None) => format!("above {low}{beyond}"),
        (Some((low, with_low)), Some((high, without_high))) => {
            let from = if with_low { low } else { format!("above {low}") };
            if without_high { format!("{from}, below {high}") } else { format!("{from} to {high}") }
        }
    }
}

/// Whole numbers, both ends among them.
fn whole(from: f64, to: f64, unit: &'static str) -> String {
    let (low, high) = (unit::shown(from, unit), unit::shown(to, unit));
    if low == high { low } else { format!("{low} to {high}") }
}

/// Whether somebody may really answer so: a word, a number within ten times of what was taken, or, from nothing, a growth
/// of up to 300% a year, a question asked up to a thousand times a second, an answer within 10 ms to a minute, a region back within a
/// week, a budget from 100 USD a month.
fn worth_asking(constraint: &Constraint, flip: &Flip) -> bool {
    match (&flip.now, &flip.at) {
        (Setting::Number(_), Setting::Number(at)) if !constraint.said => match constraint.class {
            Class::P99 => (0.01..=60.0).contains(at),
            Class::Budget => *at >= 100.0,
            _ => *at <= 604_800.0,
        },
        (Setting::Number(now), Setting::Number(at)) if *now > 0.0 => at / now <= 10.0 && now / at <= 10.0,
        (Setting::Number(_), Setting::Number(at)) if flip.unit == "share/year" => *at <= 3.0,
        (Setting::Number(_), Setting::Number(at)) => *at <= 1_000.0,
        _ => true,
    }
}

/// A flip as a part of a sentence.
fn told(flip: &Flip) -> String {
    match &flip.at {
        Setting::Word(word) => format!("{} at `{word}`", flip.option),
        Setting::Number(_) => format!("{} if it is {}", flip.option, flip.threshold()),
    }
}
