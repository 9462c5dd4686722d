//! The shape of `script`.

use super::decide::{SourceJson, sources};
use super::{SCHEMA_VERSION, text};
use groundplan_knowledge::rule::Source;
use groundplan_planner::script::{Talk, TalkPart};
use serde::Serialize;
use std::collections::BTreeSet;

/// What to say about a brief.
#[derive(Debug, Serialize)]
struct TalkJson<'a> {
    /// Version of this shape.
    schema_version: u32,
    /// `groundplan-script`.
    kind: &'static str,
    /// Name of the brief.
    name: &'a str,
    /// How long it takes.
    minutes: u32,
    /// The parts, in the order they are told.
    sections: Vec<PartJson<'a>>,
    /// What would change the design, the nearest first.
    turns: &'a [String],
    /// The sources of the answers.
    sources: Vec<SourceJson<'a>>,
}

/// A part of a talk.
#[derive(Debug, Serialize)]
struct PartJson<'a> {
    /// `constraints`, `estimate`, `architecture`, `slos`, `trade-offs`, `failure-modes`, `metrics` or `rollout`.
    section: &'static str,
    /// Minutes from the beginning.
    from: f64,
    /// Minutes it takes.
    minutes: f64,
    /// What to say.
    says: &'a [String],
    /// The user's numbers.
    figures: Vec<FigureJson<'a>>,
    /// Questions that are likely to follow.
    asked: Vec<AskedJson<'a>>,
}

/// A number of the estimate.
#[derive(Debug, Serialize)]
struct FigureJson<'a> {
    name: &'a str,
    shown: &'a str,
    steps: &'a [String],
}

/// A question with its answer and the ids of sources.
#[derive(Debug, Serialize)]
struct AskedJson<'a> {
    question: &'a str,
    answer: &'a str,
    sources: &'a [String],
}

/// What to say about a brief as JSON text. `known` are the sources that it may cite.
#[must_use]
pub fn script(name: &str, talk: &Talk, known: &[Source]) -> String {
    let cited: BTreeSet<String> = talk.sources.iter().cloned().collect();
    text(&TalkJson {
        schema_version: SCHEMA_VERSION,
        kind: "groundplan-script",
        name,
        minutes: talk.minutes,
        sections: talk.parts.iter().map(part).collect(),
        turns: &talk.turns,
        sources: sources(&cited, known),
    })
}

fn part(part: &TalkPart) -> PartJson<'_> {
    PartJson {
        section: part.section.word(),
        from: f64::from(part.from) / 2.0,
        minutes: f64::from(part.until - part.from) / 2.0,
        says: &part.says,
        figures: part
            .figures
            .iter()
            .map(|figure| FigureJson { name: &figure.name, shown: &figure.shown, steps: &figure.steps })
            .collect(),
        asked: part
            .asked
            .iter()
            .map(|asked| AskedJson { question: &asked.question, answer: &asked.answer, sources: &asked.sources })
            .collect(),
    }
}
