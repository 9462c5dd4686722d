//! The four worked briefs: `check` finds nothing, `decide` decides, and their schema holds all they say. Whole plans of them
//! take minutes and are no golden files.
#![allow(clippy::unwrap_used, missing_docs)]

use std::path::Path;
use std::process::{Command, Output};

fn groundplan(arguments: &[&str]) -> Output {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
    Command::new(env!("CARGO_BIN_EXE_groundplan"))
        .args(arguments)
        .current_dir(root)
        .env("NO_COLOR", "1")
        .output()
        .unwrap()
}

const BRIEFS: [&str; 4] = ["payments-core", "clearance-assistant", "b2b-tenants", "monolith-today"];

#[test]
fn nothing_is_found_in_the_worked_briefs() {
    let files = BRIEFS.map(|name| format!("examples/{name}.brief.yaml"));
    let mut arguments = vec!["check", "--format", "json"];
    arguments.extend(files.iter().map(String::as_str));
    let checked = groundplan(&arguments);
    let told: serde_json::Value = serde_json::from_slice(&checked.stdout).unwrap();
    assert_eq!(checked.status.code(), Some(0), "{told}");
    for nth in 0..BRIEFS.len() {
        assert_eq!(told["files"][nth]["diagnostics"].as_array().map(Vec::len), Some(0), "{told}");
    }
}

#[test]
fn a_worked_brief_is_decided() {
    let decided = groundplan(&["decide", "examples/payments-core.brief.yaml", "--format", "json"]);
    let told: serde_json::Value = serde_json::from_slice(&decided.stdout).unwrap();
    assert!(matches!(decided.status.code(), Some(0 | 1)), "{told}");
    assert_eq!(told["decisions"][0]["dimension"], "architecture-style");
    let flips = told["decisions"].as_array().unwrap().iter().flat_map(|one| one["flips"].as_array().unwrap());
    let mut paths = flips.map(|flip| flip["constraint"].as_str().unwrap());
    assert!(
        paths.any(|path| path.starts_with("audit.")
            || path.starts_with("vendors.")
            || path.starts_with("recovery.data"))
    );
}
