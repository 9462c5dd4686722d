//! `knowledge/README.md`: its examples load, and each kind of file has one.

use crate::Knowledge;

const MANUAL: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../knowledge/README.md"));

fn examples() -> Vec<&'static str> {
    MANUAL.split("```yaml\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

#[test]
fn every_example_of_the_manual_loads() {
    // Dimensions and what others name come by path; each example is a file of its own, and all stand side by side.
    let files: Vec<(String, String)> =
        examples().iter().enumerate().map(|(n, text)| (format!("manual/{n:02}.yaml"), (*text).to_string())).collect();
    if let Err(found) = Knowledge::load(&files) {
        let told: Vec<String> = found
            .iter()
            .map(|item| format!("{}: {} {:?}", item.file, item.diagnostic.headline, item.diagnostic.labels))
            .collect();
        panic!("{}", told.join("\n"));
    }
}

#[test]
fn every_kind_stands_in_the_manual() {
    let kinds = crate::load::kinds();
    assert!(kinds.len() > 12, "{kinds:?}");
    for kind in kinds {
        let line = format!("kind: {kind}\n");
        assert!(examples().iter().any(|text| text.starts_with(&line)), "no example of `{kind}`");
    }
}

#[test]
fn what_the_manual_adds_passes_the_check() {
    let files: Vec<(String, String)> = examples()
        .iter()
        .filter(|text| !text.starts_with("kind: technologies"))
        .enumerate()
        .map(|(n, text)| (format!("manual/{n:02}.yaml"), (*text).to_string()))
        .collect();
    let found = Knowledge::load(&files).unwrap().check();
    let wrong: Vec<&String> = found
        .iter()
        .filter(|item| item.file.starts_with("manual/"))
        .filter(|item| item.diagnostic.severity == groundplan_model::diagnostic::Severity::Error)
        .map(|item| &item.diagnostic.headline)
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}
