//! The shape of `reference`: words of the language by section.

use super::{SCHEMA_VERSION, text};
use crate::reference::{Entry, Example, Section};
use groundplan_model::vocabulary::{Key, Need};
use serde::Serialize;

/// The reference, or the part of it that was asked for.
#[derive(Debug, Serialize)]
struct ReferenceJson {
    /// Version of this shape.
    schema_version: u32,
    /// Sections, with those of their entries that were asked for.
    sections: Vec<SectionJson>,
}

/// A section.
#[derive(Debug, Serialize)]
struct SectionJson {
    name: &'static str,
    about: &'static str,
    entries: Vec<EntryJson>,
}

/// A word.
#[derive(Debug, Serialize)]
struct EntryJson {
    name: &'static str,
    manual: String,
    /// `takes`, `default`, `of`, `unit`, `range`: whichever it has.
    facts: serde_json::Map<String, serde_json::Value>,
    parameters: Vec<KeyJson>,
    leaves_out: &'static [&'static str],
    goes_with: &'static [&'static str],
    /// One line, or a whole design.
    example: Option<&'static str>,
    /// What is taken away from a whole design so that an expectation fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    without: Option<&'static [&'static str]>,
}

/// A parameter and those within it.
#[derive(Debug, Serialize)]
struct KeyJson {
    name: &'static str,
    /// What it takes, in words.
    value: String,
    required: bool,
    default: Option<&'static str>,
    manual: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parameters: Vec<KeyJson>,
}

/// Whole sections as JSON text.
#[must_use]
pub fn reference(sections: &[Section]) -> String {
    let sections = sections.iter().map(|section| of(section, section.entries.iter())).collect();
    text(&ReferenceJson { schema_version: SCHEMA_VERSION, sections })
}

/// Some entries as JSON text, each in its section.
#[must_use]
pub fn reference_entries(sections: &[Section], entries: &[&Entry]) -> String {
    let asked = sections.iter().filter_map(|section| {
        let found: Vec<&Entry> = entries.iter().copied().filter(|entry| entry.section == section.name).collect();
        (!found.is_empty()).then(|| of(section, found.into_iter()))
    });
    text(&ReferenceJson { schema_version: SCHEMA_VERSION, sections: asked.collect() })
}

fn of<'a>(section: &Section, entries: impl Iterator<Item = &'a Entry>) -> SectionJson {
    SectionJson { name: section.name, about: section.about, entries: entries.map(entry).collect() }
}

fn entry(entry: &Entry) -> EntryJson {
    let (example, without) = match entry.example {
        None => (None, None),
        Some(Example::Line(line)) => (Some(line), None),
        Some(Example::Design { text, without }) => (Some(text), Some(without)),
    };
    EntryJson {
        name: entry.name,
        manual: entry.manual.clone(),
        facts: entry.facts.iter().map(|(name, fact)| ((*name).to_string(), fact.clone().into())).collect(),
        parameters: keys(entry.keys, 0),
        leaves_out: entry.leaves_out,
        goes_with: entry.goes_with,
        example,
        without,
    }
}

fn keys(known: &'static [Key], depth: usize) -> Vec<KeyJson> {
    let key = |key: &'static Key| KeyJson {
        name: key.name,
        value: key.shape.words(),
        required: matches!(key.need, Need::Required),
        default: key.default_text(),
        manual: key.manual,
        parameters: if depth < crate::reference::DEEPEST { keys(key.shape.keys(), depth + 1) } else { Vec::new() },
    };
    known.iter().map(key).collect()
}
