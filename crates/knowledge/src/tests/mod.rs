//! Tests of the engine and of the embedded knowledge.
#![allow(clippy::unwrap_used)]

mod cases;
mod explained;
mod loading;
mod outcomes;
mod playbook;
mod properties;
mod reference;
mod sample;
mod styles;

use crate::Knowledge;
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
fn every_rule_does_on_its_examples_what_it_says() {
    use crate::check::Finding;
    let failed: Vec<String> = knowledge()
        .check()
        .into_iter()
        .filter(|finding| !matches!(finding, Finding::GradeCapped { .. }))
        .map(|finding| format!("{finding:?}"))
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
