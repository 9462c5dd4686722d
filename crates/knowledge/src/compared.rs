//! Two options beside each other: what counts of each at each position, which arguments are contested, and in which concerns
//! the loser stands better.

use crate::decision::{Better, Compared, Counted};
use crate::rule::{Concern, Effect, Grade, Side};
use crate::weigh::{self, POSITIONS, Position, Rank, Readiness, Speaking, Standing};
use std::cmp::Ordering;

/// The chosen option against another, position by position.
#[must_use]
pub fn comparison(winner: &Standing, other: &Standing, runs: &[[u32; 4]]) -> Vec<Compared> {
    let decided = weigh::compare(winner, other, runs).1;
    let row = |position: Position| Compared {
        position: position.words(),
        chosen: counted(winner, position),
        other: counted(other, position),
        ahead: match weigh::compare_at(position, winner, other, runs) {
            Ordering::Less => "chosen",
            Ordering::Equal => "neither",
            Ordering::Greater => "other",
        },
        decides: position == decided,
    };
    POSITIONS.into_iter().map(row).collect()
}

/// What counts of an option at a position, in the order of the priorities.
fn counted(standing: &Standing, position: Position) -> Vec<Counted> {
    let effects = |wanted: Effect, concerns: Vec<Concern>| -> Vec<Counted> {
        let rules = |concern: Concern| {
            let own = standing.speaking.iter().filter(|item| item.rule.concern == concern && item.effect == wanted);
            own.map(|item| item.rule.id.clone()).collect()
        };
        concerns.into_iter().map(|concern| Counted { concern, rules: rules(concern) }).collect()
    };
    let ranked = |ranks: &[Rank]| ranks.iter().map(|(_, concern)| *concern).collect();
    match position {
        Position::Readiness => {
            let wanted = match standing.readiness {
                Readiness::Ready => return Vec::new(),
                Readiness::NotYet => Effect::Unready,
                Readiness::Impossible => Effect::Impossible,
            };
            let speaks = |concern: &Concern| {
                standing.speaking.iter().any(|item| item.rule.concern == *concern && item.effect == wanted)
            };
            effects(wanted, Concern::ALL.into_iter().filter(speaks).collect())
        }
        Position::Objections(grade) => {
            effects(Effect::Argues(Side::Against, grade), ranked(&standing.objections[grade as usize]))
        }
        Position::Supports(grade) => {
            effects(Effect::Argues(Side::For, grade), ranked(&standing.supports[grade as usize]))
        }
        Position::LessToRun | Position::Order => Vec::new(),
    }
}

/// The strongest argument about a concern on one side.
fn strongest(standing: &Standing, concern: Concern, side: Side) -> Option<Grade> {
    let about = standing.speaking.iter().filter(|item| item.rule.concern == concern);
    about.filter_map(|item| argues(item, side)).max()
}

fn argues(item: &Speaking, side: Side) -> Option<Grade> {
    match item.effect {
        Effect::Argues(spoken, grade) if spoken == side => Some(grade),
        _ => None,
    }
}

/// Concerns with arguments of equal grade both ways.
#[must_use]
pub fn contested(standing: &Standing) -> Vec<Concern> {
    let both = |concern: &Concern| {
        let against = strongest(standing, *concern, Side::Against);
        against.is_some() && against == strongest(standing, *concern, Side::For)
    };
    Concern::ALL.into_iter().filter(both).collect()
}

/// Whether an argument is the strongest of its concern and side.
fn leads(standing: &Standing, item: &Speaking) -> bool {
    match item.effect {
        Effect::Argues(side, grade) => strongest(standing, item.rule.concern, side) == Some(grade),
        Effect::Impossible | Effect::Unready => true,
    }
}

/// Whether an argument counts: the strongest of its concern and side, and not contested.
#[must_use]
pub fn counts(standing: &Standing, item: &Speaking) -> bool {
    leads(standing, item) && !is_contested(standing, item)
}

/// Whether an argument is the strongest of its concern and side, and one of equal grade speaks the other way.
#[must_use]
pub fn is_contested(standing: &Standing, item: &Speaking) -> bool {
    leads(standing, item) && contested(standing).contains(&item.rule.concern)
}

/// Concerns in which the runner-up stands better than the winner, by the brief's priorities: compared one concern at a time, as
/// the whole is compared.
#[must_use]
pub fn better(winner: &Standing, second: &Standing, name: &str) -> Vec<Better> {
    let has = |ranks: &[Rank], concern: Concern| ranks.iter().any(|(_, known)| *known == concern);
    let ahead = |concern: Concern| {
        let at = |position: &Position| match position {
            Position::Objections(grade) => {
                let of = |standing: &Standing| has(&standing.objections[*grade as usize], concern);
                of(winner).cmp(&of(second))
            }
            Position::Supports(grade) => {
                let of = |standing: &Standing| has(&standing.supports[*grade as usize], concern);
                of(second).cmp(&of(winner))
            }
            _ => Ordering::Equal,
        };
        POSITIONS.iter().map(at).find(|order| *order != Ordering::Equal) == Some(Ordering::Greater)
    };
    let mut concerns: Vec<Rank> = [winner, second]
        .iter()
        .flat_map(|standing| standing.objections.iter().chain(&standing.supports).flatten().copied())
        .collect();
    concerns.sort_unstable();
    concerns.dedup();
    let tell = |concern: Concern| {
        let speaking = |standing: &Standing, side: Side| -> Vec<(String, String)> {
            let own = standing.speaking.iter().filter(|item| item.rule.concern == concern);
            let own = own.filter(|item| argues(item, side).is_some() && counts(standing, item));
            own.map(|item| (item.rule.id.clone(), item.rule.text.trim_end_matches('.').to_string())).collect()
        };
        let (supports, objections) = (speaking(second, Side::For), speaking(winner, Side::Against));
        let texts: Vec<&str> = supports.iter().chain(&objections).map(|(_, text)| text.as_str()).collect();
        let ids = |list: &[(String, String)]| list.iter().map(|(id, _)| id.clone()).collect();
        Better {
            concern,
            supports: ids(&supports),
            objections: ids(&objections),
            text: format!("{name} would be better at {}: {}", concern.word(), texts.join("; ")),
        }
    };
    concerns.into_iter().map(|(_, concern)| concern).filter(|concern| ahead(*concern)).map(tell).collect()
}
