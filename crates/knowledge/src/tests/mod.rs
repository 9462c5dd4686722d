//! Tests of the engine and of the embedded knowledge.
#![allow(clippy::unwrap_used)]

mod applying;
mod cases;
mod explained;
mod house;
mod keys;
mod large;
mod loading;
mod manual;
mod outcomes;
mod places;
mod playbook;
mod properties;
mod reference;
mod round_trips;
mod sample;
mod styles;
mod timing;

use crate::Knowledge;
use groundplan_model::diagnostic::Severity;
use std::sync::OnceLock;

/// The embedded knowledge, read once.
pub(crate) fn knowledge() -> &'static Knowledge {
    static KNOWLEDGE: OnceLock<Knowledge> = OnceLock::new();
    KNOWLEDGE.get_or_init(Knowledge::embedded)
}

#[test]
fn every_dimension_has_its_file() {
    let named: Vec<&str> =
        crate::embedded::FILES.iter().filter_map(|(path, _)| path.strip_prefix("dimensions/")).collect();
    assert_eq!(named.len(), crate::DIMENSIONS.len(), "{named:?}");
    for (dimension, _) in crate::DIMENSIONS {
        assert!(named.contains(&format!("{dimension}.yaml").as_str()), "{dimension} has no file");
    }
}

#[test]
fn the_embedded_knowledge_reads_without_complaint() {
    if let Err(found) = Knowledge::load(&[]) {
        let told: Vec<String> = found
            .iter()
            .map(|item| {
                let text = crate::embedded::FILES.iter().find(|(path, _)| *path == item.file).unwrap().1;
                let start = item.diagnostic.labels.first().map_or(0, |label| label.span.start as usize);
                let line = 1 + text[..start.min(text.len())].matches('\n').count();
                format!("{}:{line}: {} {:?}", item.file, item.diagnostic.headline, item.diagnostic.help)
            })
            .collect();
        panic!("{}", told.join("\n"));
    }
}

#[test]
fn the_embedded_knowledge_passes_its_own_check() {
    let found = knowledge().check();
    let is_error = |item: &&crate::FileDiagnostic| item.diagnostic.severity == Severity::Error;
    let errors: Vec<String> = found.iter().filter(is_error).map(shown).collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
}

/// A finding with its place, for people who read tests.
fn shown(item: &crate::FileDiagnostic) -> String {
    let text = crate::embedded::FILES.iter().find(|(path, _)| *path == item.file).map_or("", |(_, text)| text);
    let start = item.diagnostic.labels.first().map_or(0, |label| label.span.start as usize);
    let line = 1 + text[..start.min(text.len())].matches('\n').count();
    format!("{}:{line}: [{}] {}", item.file, item.diagnostic.code, item.diagnostic.headline)
}

#[test]
fn every_registered_option_has_its_file_and_says_both_sides() {
    let mut wrong = Vec::new();
    for ((dimension, _), names) in crate::DIMENSIONS.iter().zip(&knowledge().names) {
        for name in names {
            let Some(option) = knowledge().option(dimension, name) else {
                wrong.push(format!("{dimension}/{name} has no file"));
                continue;
            };
            let parts = [
                ("title", option.title.is_empty()),
                ("when", option.when.is_empty()),
                ("when-not", option.when_not.is_empty()),
                ("gains", option.gains.is_empty()),
                ("costs", option.costs.is_empty()),
                ("to-run", option.to_run.is_empty()),
                ("fails", option.fails.is_empty()),
                ("sources", option.sources.is_empty()),
            ];
            let missing: Vec<&str> = parts.iter().filter(|(_, missing)| *missing).map(|(part, _)| *part).collect();
            if !missing.is_empty() {
                wrong.push(format!("{dimension}/{name} says nothing of {}", missing.join(", ")));
            }
            let unknown = option.technologies.iter().filter(|id| knowledge().technology(id).is_none());
            wrong
                .extend(unknown.map(|id| format!("{dimension}/{name} names `{id}`, which the catalogue doesn't know")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
