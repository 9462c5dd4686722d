//! Reads predicates from text: `load.cores-at-horizon / domain.modules <= fact.cores-a-service-fills`.
//!
//! Says what is wrong as text; the loader adds the place.

use crate::fact::Fact;
use crate::measure::{self, Measure};
use crate::predicate::{Comparison, Expr, Predicate};
use crate::rule::Scope;
use crate::unit::{self, Dim};
use groundplan_model::diagnostic::guess;
use indexmap::IndexMap;

/// What a predicate may name.
pub struct Names<'a> {
    /// Facts by id.
    pub facts: &'a IndexMap<String, Fact>,
    /// Dimensions that are decided earlier, with their options.
    pub earlier: &'a [(String, Vec<String>)],
    /// Whom the rule asks about.
    pub scope: Scope,
}

/// Reads one predicate.
///
/// # Errors
/// A sentence on what is wrong, and sometimes one on what would be right.
pub fn predicate(text: &str, names: &Names) -> Result<Predicate, (String, Option<String>)> {
    if let Some(chosen) = chosen(text, names) {
        return chosen;
    }
    let (at, comparison, length) = ["<=", ">=", "<", ">"]
        .iter()
        .filter_map(|sign| Some((text.find(sign)?, *sign)))
        .min_by_key(|(at, sign)| (*at, 2 - sign.len()))
        .map(|(at, sign)| {
            let comparison = match sign {
                ">=" => Comparison::AtLeast,
                ">" => Comparison::Over,
                "<=" => Comparison::AtMost,
                _ => Comparison::Under,
            };
            (at, comparison, sign.len())
        })
        .ok_or_else(|| (format!("`{text}` compares nothing"), Some("a predicate has one of >=, >, <=, <".into())))?;
    let (left, left_dim) = expression(&text[..at], names, true, None)?;
    let words = match &left {
        Expr::Measure(measure) => measure.words,
        Expr::Min(parts) | Expr::Max(parts) => match parts.first() {
            Some(Expr::Measure(measure)) => measure.words,
            _ => &[],
        },
        _ => &[],
    };
    let (right, right_dim) = expression(&text[at + length..], names, false, Some(words))?;
    if left_dim != right_dim {
        return Err((format!("the two sides of `{text}` have different units"), None));
    }
    let ways = left.ways().map_err(|class| {
        let help = "write it so that each constraint moves it one way only".to_string();
        (format!("which way `{}` moves with {class:?} can't be derived", text[..at].trim()), Some(help))
    })?;
    let (low, high) = right.range();
    if !(low.is_finite() && high.is_finite() && low <= high) {
        return Err((format!("the threshold of `{text}` is not a number"), None));
    }
    let mut facts = Vec::new();
    right.each(&mut |part| {
        if let Expr::Fact { id, .. } = part {
            facts.push(id.clone());
        }
    });
    Ok(Predicate::Compare { left, comparison, low, high, ways, facts, text: text.trim().to_string() })
}

fn chosen(text: &str, names: &Names) -> Option<Result<Predicate, (String, Option<String>)>> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let [dimension, verb @ ("is" | "is-not"), option] = words[..] else { return None };
    Some(match names.earlier.iter().find(|(name, _)| name == dimension) {
        None => Err((format!("no dimension called `{dimension}` is decided before this one"), None)),
        Some((_, options)) if !options.iter().any(|name| name == option) => {
            let help = guess(option, options.iter().map(String::as_str)).map(|name| format!("did you mean `{name}`?"));
            Err((format!("`{dimension}` has no option `{option}`"), help))
        }
        Some(_) => Ok(Predicate::Chosen {
            dimension: dimension.to_string(),
            option: option.to_string(),
            negated: verb == "is-not",
        }),
    })
}

type Read = Result<(Expr, Dim), (String, Option<String>)>;

fn expression(text: &str, names: &Names, measures: bool, words: Option<&'static [&'static str]>) -> Read {
    let tokens = tokens(text)?;
    let mut reader = Reader { tokens: &tokens, at: 0, depth: 0, names, measures, words: words.unwrap_or(&[]) };
    let read = reader.sum()?;
    match reader.tokens.get(reader.at) {
        None => Ok(read),
        Some(token) => Err((format!("`{token}` is not expected in `{}`", text.trim()), None)),
    }
}

/// Splits at spaces and signs. A number takes its unit with it, also `5k/s` and `2 TB`.
fn tokens(text: &str) -> Result<Vec<String>, (String, Option<String>)> {
    let chars: Vec<char> = text.chars().collect();
    let (mut list, mut at) = (Vec::new(), 0);
    while at < chars.len() {
        let c = chars[at];
        if c.is_whitespace() {
            at += 1;
        } else if "+*/(),".contains(c) {
            list.push(c.to_string());
            at += 1;
        } else if c.is_ascii_digit() {
            let start = at;
            // The longest prefix that reads as a quantity.
            let mut best = None;
            let limit = (start + 24).min(chars.len());
            for end in start + 1..=limit {
                let piece: String = chars[start..end].iter().collect();
                let whole = chars.get(end).is_none_or(|next| !(next.is_ascii_alphanumeric() || *next == '%'));
                if whole && unit::read(&piece).is_some() {
                    best = Some((end, piece));
                }
            }
            let Some((end, piece)) = best else {
                return Err((format!("`{}` is no quantity", chars[start..limit].iter().collect::<String>()), None));
            };
            list.push(piece.trim_end().to_string());
            at = end;
        } else if c.is_alphabetic() {
            let start = at;
            while at < chars.len() && (chars[at].is_alphanumeric() || "-._".contains(chars[at])) {
                at += 1;
            }
            list.push(chars[start..at].iter().collect());
        } else {
            return Err((format!("`{c}` is not expected in `{}`", text.trim()), None));
        }
    }
    Ok(list)
}

/// The numbers of a predicate that stand for a judgement somebody made: all but 0 and a plain 1.
#[must_use]
pub fn bare_numbers(text: &str) -> Vec<String> {
    let sides = text.split(['<', '>']).map(|side| side.trim_start_matches('='));
    let tokens = sides.filter_map(|side| tokens(side).ok()).flatten();
    tokens
        .filter(|token| token.starts_with(|c: char| c.is_ascii_digit()))
        .filter(
            |token| !matches!(unit::read(token), Some((value, unit)) if value == 0.0 || value == 1.0 && unit == "1"),
        )
        .collect()
}

struct Reader<'a> {
    tokens: &'a [String],
    at: usize,
    depth: usize,
    names: &'a Names<'a>,
    measures: bool,
    words: &'static [&'static str],
}

impl Reader<'_> {
    fn take(&mut self, wanted: &str) -> bool {
        let found = self.tokens.get(self.at).is_some_and(|token| token == wanted);
        self.at += usize::from(found);
        found
    }

    fn sum(&mut self) -> Read {
        let (first, dim) = self.product()?;
        let mut parts = vec![first];
        while self.take("+") {
            let (part, other) = self.product()?;
            if other != dim {
                return Err(("what is added has different units".into(), None));
            }
            parts.push(part);
        }
        Ok(if parts.len() == 1 { (parts.remove(0), dim) } else { (Expr::Sum(parts), dim) })
    }

    fn product(&mut self) -> Read {
        let (mut left, mut dim) = self.factor()?;
        loop {
            if self.take("*") {
                let (right, other) = self.factor()?;
                left = Expr::Product(vec![left, right]);
                dim = dim.times(other);
            } else if self.take("/") {
                let (right, other) = self.factor()?;
                left = Expr::Quotient(Box::new(left), Box::new(right));
                dim = dim.over(other);
            } else {
                return Ok((left, dim));
            }
        }
    }

    fn factor(&mut self) -> Read {
        let Some(token) = self.tokens.get(self.at).cloned() else {
            return Err(("a side of the comparison is missing or ends early".into(), None));
        };
        self.at += 1;
        if token == "(" {
            self.depth += 1;
            if self.depth > 32 {
                return Err(("parentheses are nested too deeply".into(), None));
            }
            let inner = self.sum()?;
            self.depth -= 1;
            return if self.take(")") { Ok(inner) } else { Err(("a `)` is missing".into(), None)) };
        }
        if token.starts_with(|c: char| c.is_ascii_digit()) {
            let (value, unit) = unit::read(&token).ok_or_else(|| (format!("`{token}` is no quantity"), None))?;
            return Ok((Expr::Number(value), unit::dim_of(unit).unwrap_or(Dim::NONE)));
        }
        if (token == "min" || token == "max") && self.take("(") {
            let (first, dim) = self.sum()?;
            let mut parts = vec![first];
            while self.take(",") {
                let (part, other) = self.sum()?;
                if other != dim {
                    return Err((format!("what `{token}` compares has different units"), None));
                }
                parts.push(part);
            }
            if !self.take(")") {
                return Err(("a `)` is missing".into(), None));
            }
            return Ok((if token == "min" { Expr::Min(parts) } else { Expr::Max(parts) }, dim));
        }
        if let Some(place) = self.words.iter().position(|word| *word == token) {
            return Ok((Expr::Number(place as f64), Dim::NONE));
        }
        if let Some(id) = token.strip_prefix("fact.") {
            return self.fact(id);
        }
        self.measure(&token)
    }

    fn fact(&self, id: &str) -> Read {
        if self.measures {
            return Err((format!("fact `{id}` stands left of the comparison"), Some("facts stand right of it".into())));
        }
        let Some(fact) = self.names.facts.get(id) else {
            let help = guess(id, self.names.facts.keys().map(String::as_str)).map(|id| format!("did you mean `{id}`?"));
            return Err((format!("no fact is called `{id}`"), help));
        };
        let Some(dim) = fact.dim() else {
            return Err((format!("fact `{id}` is in {}, which nothing can be compared with", fact.unit), None));
        };
        Ok((Expr::Fact { id: id.to_string(), low: fact.low, high: fact.high }, dim))
    }

    fn measure(&self, name: &str) -> Read {
        let fits = |measure: &Measure| measure.scope == Scope::Brief || measure.scope == self.names.scope;
        match measure::find(name) {
            Some(measure) if !self.measures => Err((
                format!("`{}` stands right of the comparison", measure.name),
                Some("divide by it on the left".into()),
            )),
            Some(measure) if !fits(measure) => Err((
                format!("`{name}` is asked about a {:?}, this rule about a {:?}", measure.scope, self.names.scope),
                Some("say `each: module`, `each: entry`, or write the rule in a dimension of data sets".into()),
            )),
            Some(measure) => Ok((Expr::Measure(measure), measure.dim())),
            None => {
                let known = measure::MEASURES.iter().map(|measure| measure.name).chain(self.words.iter().copied());
                Err((
                    format!("nothing is called `{name}`"),
                    guess(name, known).map(|name| format!("did you mean `{name}`?")),
                ))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::constraint::Class;
    use crate::measure::Way;

    fn read(text: &str) -> Result<Predicate, (String, Option<String>)> {
        let facts = IndexMap::new();
        let earlier = [("architecture-style".to_string(), vec!["hybrid".to_string()])];
        predicate(text, &Names { facts: &facts, earlier: &earlier, scope: Scope::Brief })
    }

    #[test]
    fn directions_are_derived_or_refused() {
        let ways = |text: &str| match read(text).unwrap() {
            Predicate::Compare { ways, .. } => ways,
            Predicate::Chosen { .. } => panic!("a comparison"),
        };
        assert_eq!(ways("team.engineers / team.teams >= 8"), [(Class::Engineers, Way::Up), (Class::Teams, Way::Down)]);
        assert_eq!(ways("min(platform.ci-cd, platform.sre) < partial").len(), 2);
        let refused = |text: &str, part: &str| {
            let (headline, _) = read(text).unwrap_err();
            assert!(headline.contains(part), "{headline}");
        };
        refused("load.total.peak-at-horizon / load.total.rate >= 3", "can't be derived");
        refused("load.may-follow-share * load.total.rate >= 3/s", "can't be derived");
        refused("load.total.rate >= 3", "different units");
        refused("load.total.rate + team.teams >= 3/s", "different units");
        refused("load.totl.rate >= 3/s", "nothing is called");
        refused("team.teams >= team.engineers", "right of the comparison");
        refused("module.cores >= 3", "asked about");
        refused("team.teams", "compares nothing");
        refused("team.maturity >= hgh", "nothing is called");
        refused("(((team.teams >= 3", "is missing");
    }

    #[test]
    fn numbers_without_a_source_are_found() {
        let check = |text: &str, expected: &[&str]| assert_eq!(bare_numbers(text), expected, "{text}");
        check("team.teams >= 1", &[]);
        check("set.joins <= 0/s", &[]);
        check("team.teams >= fact.two-pizzas-2", &[]);
        check("team.teams >= 2", &["2"]);
        check("2 * team.teams > fact.x", &["2"]);
        check("module.changes >= 1/day", &["1/day"]);
        check("data.total >= 1 TB", &["1 TB"]);
        check("entry.chain / entry.p99 >= 0.2 / fact.hop-latency", &["0.2"]);
    }

    #[test]
    fn words_and_choices_read() {
        assert!(matches!(read("team.maturity >= medium").unwrap(), Predicate::Compare { low, .. } if low == 1.0));
        assert!(matches!(read("architecture-style is hybrid").unwrap(), Predicate::Chosen { negated: false, .. }));
        assert!(read("architecture-style is monolith").is_err());
        assert!(matches!(read("load.total.rate < 5k/s").unwrap(), Predicate::Compare { high, .. } if high == 5_000.0));
        assert!(
            matches!(read("data.total-at-horizon >= 2 TB * 3").unwrap(), Predicate::Compare { high, .. } if high == 6e12)
        );
    }
}
