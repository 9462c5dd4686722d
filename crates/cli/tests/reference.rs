//! The reference: the page in `docs/` is what the binary says, every word has a page, and every example runs as printed.
#![allow(clippy::unwrap_used, missing_docs)]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn reference(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_groundplan"))
        .arg("reference")
        .args(arguments)
        .current_dir(root())
        .env("NO_COLOR", "1")
        .output()
        .unwrap()
}

fn told(arguments: &[&str]) -> String {
    let output = reference(arguments);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_page_is_what_the_binary_says() {
    let page = told(&["--format", "markdown"]);
    let path = root().join("docs/reference.md");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap();
    let differs = kept.lines().zip(page.lines()).find(|(kept, page)| kept != page);
    assert!(
        kept == page,
        "docs/reference.md is older than the words it tells of: write it anew with\n    \
         cargo run -- reference --format markdown > docs/reference.md\nfirst difference: {differs:#?}"
    );
}

#[test]
fn a_word_of_two_meanings_is_told_apart() {
    let both = told(&["errors"]);
    assert!(both.contains("errors (fault)") && both.contains("errors (measure)"), "{both}");
    let one = told(&["fault", "errors"]);
    assert!(one.contains("errors (fault)") && !one.contains("errors (measure)"), "{one}");
    assert!(told(&["jitter"]).contains("of retry (policy)"));
    assert!(told(&["policies"]).contains("breaker"));
}

#[test]
fn what_is_no_word_is_said_with_status_two() {
    for (asked, help) in [
        (&["retri"][..], "did you mean `retry`?"),
        (&["policy", "timout"], "did you mean `timeout`?"),
        (&["elephantine"], "lists all"),
        (&["budget", "--example"], "no design of its own"),
    ] {
        let output = reference(asked);
        let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{complaint}");
        assert!(complaint.contains(help), "{complaint}");
    }
}

#[test]
fn json_holds_every_word_with_its_parameters() {
    let all: serde_json::Value = serde_json::from_str(&told(&["--format", "json"])).unwrap();
    let sections = all["sections"].as_array().unwrap();
    let names: Vec<&str> = sections.iter().map(|section| section["name"].as_str().unwrap()).collect();
    assert_eq!(names[..3], ["components", "policies", "faults"]);
    let retry = sections[1]["entries"].as_array().unwrap().iter().find(|entry| entry["name"] == "retry").unwrap();
    let attempts = &retry["parameters"][0]["parameters"][0];
    assert_eq!((attempts["name"].as_str(), attempts["default"].as_str()), (Some("attempts"), Some("3")));
    let one: serde_json::Value = serde_json::from_str(&told(&["retry", "--format", "json"])).unwrap();
    assert_eq!(one["sections"][0]["entries"][0], *retry);
}

#[test]
fn an_example_runs_as_it_is_printed() {
    let design = told(&["policy", "timeout", "--example"]);
    let mut simulate = Command::new(env!("CARGO_BIN_EXE_groundplan"))
        .args(["simulate", "-", "--replications", "2"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    simulate.stdin.take().unwrap().write_all(design.as_bytes()).unwrap();
    let output = simulate.wait_with_output().unwrap();
    assert!(output.status.code().is_some_and(|code| code <= 1), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stdout).contains("one in fifty hangs"));
}
