//! Tests of the engine and of the embedded knowledge.
#![allow(clippy::unwrap_used)]

mod cases;
mod loading;
mod outcomes;
mod properties;
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
fn every_file_of_the_folder_is_embedded() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../knowledge");
    let mut folders = vec![root.clone()];
    let mut missing = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.ends_with("sample.yaml") {
                continue; // Embedded by `sample`: the base of the examples, no knowledge.
            } else if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ext| ext == "yaml") {
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_string();
                if !crate::embedded::FILES.iter().any(|(known, _)| *known == name) {
                    missing.push(name);
                }
            }
        }
    }
    missing.sort();
    assert!(missing.is_empty(), "no line in `embedded` for {missing:?}");
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
