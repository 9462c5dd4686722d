//! Golden files: every example is planned whole, and what is printed and written is held against `examples/golden/`.
//!
//! `UPDATE_GOLDEN=1` writes them anew; each difference is read by a person before it is committed. The crib sheet's PDF
//! is held by its text (`pdftotext`). One example runs on one and on two threads: the bytes agree.

#![allow(clippy::unwrap_used, missing_docs)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Every example and the exit status of its plan.
const EXAMPLES: &[(&str, i32)] =
    &[("pastebin", 0), ("small-team", 0), ("monitoring", 0), ("web-shop", 1), ("web-shop-impossible", 1)];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Plans an example into a folder of the temporary folder; answers its status and what it printed.
fn plan(folder: &Path, name: &str, threads: Option<&str>) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_groundplan"));
    command.current_dir(root()).env_remove("COLUMNS").env("NO_COLOR", "1");
    command.arg("design").arg(format!("examples/{name}.brief.yaml")).arg("--out").arg(folder);
    command.args(threads.iter().flat_map(|threads| ["--threads", threads]));
    let output = command.output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap().replace(&*folder.to_string_lossy(), "OUT");
    assert!(output.status.code().is_some_and(|code| code <= 1), "{}", String::from_utf8_lossy(&output.stderr));
    (output.status.code().unwrap(), printed)
}

fn text_of_pdf(path: &Path) -> String {
    let output = Command::new("pdftotext").arg("-layout").arg(path).arg("-").output();
    let output = output.expect("pdftotext is there: scripts/test installs it (Debian package poppler-utils)");
    String::from_utf8(output.stdout).unwrap()
}

/// Holds a text against a golden file; on a difference answers the first lines that differ, old beside new.
fn hold(path: &Path, new: &str) -> Option<String> {
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, new).unwrap();
        return None;
    }
    let old = fs::read_to_string(path).unwrap_or_default();
    if old == new {
        return None;
    }
    let differing = old.lines().zip(new.lines()).enumerate().filter(|(_, (old, new))| old != new);
    let shown: Vec<String> = differing
        .take(5)
        .map(|(line, (old, new))| format!("  line {}\n    old: {old:.160}\n    new: {new:.160}", line + 1))
        .collect();
    Some(format!(
        "{}: {} lines were, {} lines are\n{}",
        path.display(),
        old.lines().count(),
        new.lines().count(),
        shown.join("\n")
    ))
}

#[test]
fn every_example_comes_out_as_it_did() {
    let mut differences = Vec::new();
    let mut statuses = Vec::new();
    for (name, expected) in EXAMPLES {
        let temporary = tempfile::tempdir().unwrap();
        let out = temporary.path().join("plan");
        let (status, printed) = plan(&out, name, None);
        statuses.push((*name, status, *expected));
        let golden = root().join("examples/golden").join(name);
        let read = |file: &str| fs::read_to_string(out.join(file)).unwrap();
        differences.extend(hold(&golden.join("plan.txt"), &printed));
        differences.extend(hold(&golden.join("plan.json"), &read("plan.json")));
        differences.extend(hold(&golden.join("diagram.svg"), &read("diagram.svg")));
        differences.extend(hold(&golden.join("crib-sheet.txt"), &text_of_pdf(&out.join("crib-sheet.pdf"))));
        differences.extend(hold(&golden.join("crib-sheet.md"), &read("crib-sheet.md")));
        assert!(printed.lines().all(|line| line.chars().count() <= 80), "{name}: a line is wider than 80 columns");
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    for (name, status, expected) in statuses {
        assert_eq!(status, expected, "status of {name}");
    }
}

#[test]
fn one_thread_and_two_give_the_same_bytes() {
    let temporary = tempfile::tempdir().unwrap();
    let (one, two) = (temporary.path().join("one"), temporary.path().join("two"));
    let first = plan(&one, "pastebin", Some("1"));
    let second = plan(&two, "pastebin", Some("2"));
    assert_eq!(first, second);
    let mut files: Vec<_> = fs::read_dir(&one).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    files.sort();
    assert!(files.len() >= 8, "{files:?}");
    for file in files {
        assert_eq!(
            fs::read(one.join(&file)).unwrap(),
            fs::read(two.join(&file)).unwrap(),
            "{}",
            file.to_string_lossy()
        );
    }
}

#[test]
fn pastebin_comes_out_as_its_author_computed_it() {
    // Stated by the source: 12.7 GB a month, about 450 GB and 360M links in three years, 4 writes and 40 reads a second.
    let golden = fs::read_to_string(root().join("examples/golden/pastebin/plan.json")).unwrap();
    let plan: serde_json::Value = serde_json::from_str(&golden).unwrap();
    let line = |name: &str| {
        let lines = plan["estimate"].as_array().unwrap();
        let line = lines.iter().find(|line| line["name"] == name).unwrap_or_else(|| panic!("no line is called {name}"));
        assert!(!line["steps"].as_array().unwrap().is_empty(), "{name} says its steps");
        line["value"].as_f64().unwrap()
    };
    let check = |name: &str, stated: f64| {
        let value = line(name);
        assert!((value / stated - 1.0).abs() < 0.05, "{name}: {value} where the source says {stated}");
    };
    check("pastes: written a month", 12.7e9);
    check("pastes: size at the horizon", 450e9);
    check("pastes: items at the horizon", 360e6);
    check("pastes.create: mean", 4.0);
    check("pastes.view: mean", 40.0);
}
