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
mod playbook;
mod properties;
mod reference;
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
    let errors = found.iter().filter(is_error).filter(|item| item.diagnostic.code != "never-chosen");
    let errors: Vec<String> = errors.map(shown).collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
}

/// A finding with its place, for people who read tests.
fn shown(item: &crate::FileDiagnostic) -> String {
    let text = crate::embedded::FILES.iter().find(|(path, _)| *path == item.file).map_or("", |(_, text)| text);
    let start = item.diagnostic.labels.first().map_or(0, |label| label.span.start as usize);
    let line = 1 + text[..start.min(text.len())].matches('\n').count();
    format!("{}:{line}: [{}] {}", item.file, item.diagnostic.code, item.diagnostic.headline)
}
