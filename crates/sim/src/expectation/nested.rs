//! Measures of measures: `p99(wait(server))`, `share(in-system(server) >= 10)`, `sd(in-system(pool))`; and which numbers in
//! the system are meant: `server`, `server each`, `server at 10s`.

use super::measures::{Figure, Of, Quantity, State, Unit};
use super::number;

/// What a nested measure asks for.
pub(super) struct Nested<'a> {
    /// Of what.
    pub named: &'a str,
    /// What is measured.
    pub quantity: Quantity,
    /// What the name may mean.
    pub of: Of,
    /// Its unit, where it is not that of the outer word.
    pub unit: Option<Unit>,
}

const LEVELS: &str = "write `share(in-system(server) >= 10)`, with a whole number";
const WAITS: &str = "write `share(wait(server) <= 1s)`";
const STATES: &str = "write `in-system(server)`, `in-system(server each)` or `in-system(server at 10s)`";
const NESTED: &str =
    "of a wait or a number in the system, write its mean, a quantile such as `p99`, `sd`, `variance` or `share`";

/// Reads what stands in the parentheses of a measure, if it is a measure itself; with the help where it is a wrong one.
pub(super) fn read(inside: &str, outer: Quantity) -> Option<Result<Nested<'_>, &'static str>> {
    let (word, rest) = inside.split_once('(')?;
    let (argument, limit) = rest.split_once(')')?;
    let (argument, limit) = (argument.trim(), limit.trim());
    match word.trim() {
        "wait" => Some(wait(argument, limit, outer)),
        "in-system" => Some(level(argument, limit, outer)),
        _ => None,
    }
}

fn wait<'a>(named: &'a str, limit: &str, outer: Quantity) -> Result<Nested<'a>, &'static str> {
    let quantity = match outer {
        Quantity::Within(_) => {
            let limit = limit.strip_prefix("<=").or_else(|| limit.strip_prefix('<')).ok_or(WAITS)?;
            let limit = number(limit.trim(), Unit::Seconds).ok_or(WAITS)?;
            Quantity::WaitWithin((limit * 1e9).round() as u64)
        }
        _ if !limit.is_empty() => return Err(WAITS),
        Quantity::Mean => Quantity::WaitMean,
        Quantity::Quantile(p) => Quantity::WaitQuantile(p),
        Quantity::Spread(figure) => Quantity::WaitSpread(figure),
        _ => return Err(NESTED),
    };
    Ok(Nested { named, quantity, of: Of::Component, unit: None })
}

fn level<'a>(argument: &'a str, limit: &str, outer: Quantity) -> Result<Nested<'a>, &'static str> {
    let (named, state) = state(argument)?;
    let (figure, unit) = match outer {
        Quantity::Within(_) => (range(limit).ok_or(LEVELS)?, None),
        _ if !limit.is_empty() => return Err(LEVELS),
        Quantity::Mean => (Figure::Mean, Some(Unit::Number)),
        Quantity::Quantile(p) => (Figure::Quantile(p), Some(Unit::Number)),
        Quantity::Spread(figure) => (figure, Some(Unit::Number)),
        _ => return Err(NESTED),
    };
    Ok(Nested { named, quantity: Quantity::Level(state, figure), of: Of::Holder, unit })
}

/// The whole numbers that `>= 10` means.
fn range(limit: &str) -> Option<Figure> {
    let (sign, digits) = limit.split_at(limit.find(|c: char| c.is_ascii_digit() || c == ' ')?);
    let number: u64 = digits.trim().parse().ok()?;
    match sign {
        ">=" => Some(Figure::Share(number, u64::MAX)),
        ">" => Some(Figure::Share(number.checked_add(1)?, u64::MAX)),
        "<=" => Some(Figure::Share(0, number)),
        "<" => Some(Figure::Share(0, number.checked_sub(1)?)),
        "==" | "=" => Some(Figure::Share(number, number)),
        _ => None,
    }
}

/// `server each at 10s`: the name, and which of its numbers.
pub(super) fn state(argument: &str) -> Result<(&str, State), &'static str> {
    let mut words = argument.split_whitespace();
    let named = words.next().ok_or(STATES)?;
    let mut state = State::default();
    while let Some(word) = words.next() {
        match word {
            "each" if !state.each => state.each = true,
            "at" if state.at.is_none() => {
                let at = number(words.next().ok_or(STATES)?, Unit::Seconds).ok_or(STATES)?;
                state.at = Some((at * 1e9).round() as u64);
            }
            _ => return Err(STATES),
        }
    }
    Ok((named, state))
}
