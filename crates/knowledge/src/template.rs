//! Texts with names in braces, such as `{load.total.peak-at-horizon}`: reading them, and which names there are.
//!
//! What a name stands for is told by whoever prints the text.

use crate::fact::Fact;
use crate::rule::Scope;
use crate::{DIMENSIONS, measure};
use groundplan_model::diagnostic::guess;
use indexmap::IndexMap;

/// A text with names in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Template {
    /// As written.
    pub text: String,
    /// Its parts in order.
    pub parts: Vec<Part>,
}

impl Template {
    /// Whether there is nothing to say.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The text with each name replaced.
    #[must_use]
    pub fn filled(&self, mut value: impl FnMut(&Part) -> String) -> String {
        let part = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            name => value(name),
        };
        self.parts.iter().map(part).collect()
    }
}

/// A part of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Plain text.
    Text(String),
    /// `{load.total.rate}`: a measure over the brief, by name.
    Measure(&'static str),
    /// `{fact.ID}`: a fact.
    Fact(String),
    /// `{choice.DIMENSION}`: the title of the chosen option.
    Choice(&'static str),
    /// `{runner-up.DIMENSION}`: the title of what came second.
    RunnerUp(&'static str),
    /// `{why.DIMENSION}`: the explanation.
    Why(&'static str),
    /// `{flip.DIMENSION}`: the nearest flip point as a sentence.
    Flip(&'static str),
    /// One of `WORDS`.
    Brief(&'static str),
}

/// What a template may say of a brief beside its measures.
pub const WORDS: [&str; 6] =
    ["brief.name", "slo.p99", "slo.availability", "recovery.rto", "turn.nearest", "turns.load-tenfold"];

/// Reads a template.
///
/// # Errors
/// For each name that there is not: what is wrong, and sometimes what would be right.
pub fn read(text: &str, facts: &IndexMap<String, Fact>) -> Result<Template, Vec<(String, Option<String>)>> {
    let (mut parts, mut wrong) = (Vec::new(), Vec::new());
    let mut rest = text.trim();
    while let Some(start) = rest.find('{') {
        if start > 0 {
            parts.push(Part::Text(rest[..start].to_string()));
        }
        let Some(end) = rest[start..].find('}') else {
            wrong.push(("a `}` is missing".to_string(), None));
            rest = "";
            break;
        };
        match name(&rest[start + 1..start + end], facts) {
            Ok(part) => parts.push(part),
            Err(error) => wrong.push(error),
        }
        rest = &rest[start + end + 1..];
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest.to_string()));
    }
    if wrong.is_empty() { Ok(Template { text: text.trim().to_string(), parts }) } else { Err(wrong) }
}

fn name(name: &str, facts: &IndexMap<String, Fact>) -> Result<Part, (String, Option<String>)> {
    let near = |what: String, near: Option<&str>| (what, near.map(|name| format!("did you mean `{name}`?")));
    if let Some(id) = name.strip_prefix("fact.") {
        return match facts.get(id) {
            Some(_) => Ok(Part::Fact(id.to_string())),
            None => Err(near(format!("no fact is called `{id}`"), guess(id, facts.keys().map(String::as_str)))),
        };
    }
    for (prefix, make) in DECIDED {
        if let Some(dimension) = name.strip_prefix(prefix) {
            let dimensions = DIMENSIONS.iter().map(|(name, _)| *name);
            return match dimensions.clone().find(|known| *known == dimension) {
                Some(known) => Ok(make(known)),
                None => Err(near(format!("no dimension is called `{dimension}`"), guess(dimension, dimensions))),
            };
        }
    }
    if let Some(word) = WORDS.iter().find(|word| **word == name) {
        return Ok(Part::Brief(word));
    }
    let measures = measure::MEASURES.iter().filter(|measure| measure.scope == Scope::Brief).map(|measure| measure.name);
    match measures.clone().find(|known| *known == name) {
        Some(known) => Ok(Part::Measure(known)),
        None => Err(near(format!("nothing is called `{name}`"), guess(name, measures.chain(WORDS)))),
    }
}

/// Makes a part that asks a decision, from the name of its dimension.
type Ask = fn(&'static str) -> Part;

const DECIDED: [(&str, Ask); 4] =
    [("choice.", Part::Choice), ("runner-up.", Part::RunnerUp), ("why.", Part::Why), ("flip.", Part::Flip)];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_or_refused() {
        let facts = IndexMap::new();
        let read = |text: &str| read(text, &facts);
        let template = read("At {load.total.rate} we take {choice.messaging}.").expect("it reads");
        assert_eq!(template.parts.len(), 5);
        assert_eq!(template.filled(|part| format!("<{part:?}>")).matches('<').count(), 2);
        let told = |text: &str| read(text).expect_err("it is wrong")[0].0.clone();
        assert_eq!(told("{load.totl.rate}"), "nothing is called `load.totl.rate`");
        assert_eq!(told("{fact.none}"), "no fact is called `none`");
        assert_eq!(told("{choice.mesaging}"), "no dimension is called `mesaging`");
        assert_eq!(told("{set.reads}"), "nothing is called `set.reads`", "which data set?");
        assert_eq!(told("half {open"), "a `}` is missing");
        assert_eq!(read("{a} and {b}").expect_err("both are wrong").len(), 2);
    }
}
