//! Browsing the knowledge from outside, and checking a house's folder: what it changes, what is wrong with it, with which status.
#![allow(clippy::unwrap_used, missing_docs)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn groundplan(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_groundplan")).args(arguments).current_dir(folder).output().unwrap()
}

fn knowledge(arguments: &[&str]) -> Output {
    groundplan(Path::new("."), &[&["knowledge"], arguments].concat())
}

fn status(output: &Output) -> i32 {
    output.status.code().unwrap_or(-1)
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn json(output: &Output) -> serde_json::Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", said(output)))
}

fn narrow(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    text
}

#[test]
fn everything_is_listed_searched_and_shown() {
    let list = json(&knowledge(&["list", "--format", "json"]));
    for kind in ["options", "rules", "facts", "sources", "entries"] {
        assert!(list[kind].as_array().unwrap().len() > 20, "{kind}");
    }
    let rules = json(&knowledge(&["list", "rules", "--format", "json"]));
    assert!(rules["entries"].as_array().unwrap().iter().all(|entry| entry["kind"] == "rule"));
    assert_eq!(rules["facts"].as_array().unwrap().len(), 0);
    let shown = narrow(&knowledge(&["show", "messaging/queue"]));
    for part in ["Work queue", "when not", "fails", "goes with", "rules", "sources", "queue-forgets"] {
        assert!(shown.contains(part), "{part} is missing from\n{shown}");
    }
    let item = narrow(&knowledge(&["show", "engineering-readiness/can-run-stores"]));
    for part in ["checklist engineering-readiness/can-run-stores", "if not", "asks"] {
        assert!(item.contains(part), "{part} is missing from\n{item}");
    }
    let item = json(&knowledge(&["show", "can-run-stores", "--format", "json"]));
    assert_eq!(item["entries"][0]["id"], "engineering-readiness/can-run-stores");
    let hits = json(&knowledge(&["search", "replayable", "history", "--format", "json"]));
    let hits = hits["hits"].as_array().unwrap();
    assert!(hits.iter().any(|hit| hit["id"] == "queue-forgets"), "{hits:?}");
    assert!(narrow(&knowledge(&["search", "replayable"])).contains("queue-forgets"));
}

#[test]
fn an_unknown_name_gets_a_guess_and_an_ambiguous_one_its_full_names() {
    for (arguments, part) in [
        (&["show", "modular-monolit"][..], "did you mean `modular-monolith`?"),
        (&["show", "in-process"], "`communication/in-process` or `messaging/in-process`"),
        (&["list", "optons"], "did you mean `options`?"),
        (&["compare", "queue", "pub-sup"], "did you mean `pub-sub`?"),
        (&["show", "\u{1b}[31m"], "nothing is called"),
        (&["show", "max-requests"], "`groundplan reference max-requests`"),
        (&["show", "today"], "`groundplan reference today`"),
        (&["show", "engineering-readiness/can-run-store"], "did you mean `engineering-readiness/can-run-stores`?"),
        (&["compare", "microservices", "nope"], "`groundplan knowledge list options` names all"),
        (&["search", ""], "write a word"),
        (&["search", " ", "\t"], "write a word"),
    ] {
        let output = knowledge(arguments);
        assert_eq!(status(&output), 2, "{arguments:?}: {}", said(&output));
        assert!(said(&output).contains(part) && !said(&output).contains('\u{1b}'), "{arguments:?}: {}", said(&output));
    }
    assert_eq!(status(&knowledge(&["search", "zzzz"])), 1);
    assert_eq!(status(&knowledge(&["compare", "queue"])), 2);
}

#[test]
fn options_stand_side_by_side_and_all_on_a_sheet() {
    let compared = json(&knowledge(&["compare", "queue", "log", "pub-sub", "--format", "json"]));
    assert_eq!(compared["comparison"]["options"].as_array().unwrap().len(), 3);
    let sheet = json(&knowledge(&["sheet", "--format", "json"]));
    for style in sheet["sheet"]["styles"].as_array().unwrap() {
        for field in ["use_if", "gains", "costs"] {
            assert!(!style[field].as_array().unwrap().is_empty(), "{style}");
        }
        assert_eq!(style["mitigations"].as_array().unwrap().len(), 3, "{style}");
    }
    let page = knowledge(&["sheet", "--format", "markdown"]);
    assert!(said(&page).starts_with("# ") && said(&page).contains("| **Microservices** |"), "{}", said(&page));
}

/// A folder with these files in it.
fn house(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

const SOURCE: &str = "kind: sources\nsources:\n  ours: { title: House rules, author: Us, year: 2025, type: enterprise, read-at: the \
                      wiki, mark: P }\n";

#[test]
fn a_folder_is_checked_and_what_it_changes_is_told() {
    // A new answer that beats all others in every brief.
    let rule = |concern: &str| {
        format!(
            "  - rule: birds-help-{concern}\n    when: [ \"team.teams >= 1\" ]\n    for: {concern}\n    grade: strong\n    text: birds do \
             it\n    sources: {{ ours: documented }}\n    examples: [ {{ brief: {{}}, speaks: yes }} ]\n"
        )
    };
    let rules: String = ["cost", "latency", "scale", "operability", "isolation", "recovery"].map(rule).concat();
    let option = format!(
        "kind: option\ndimension: messaging\noption: pigeons\nabout: Birds.\nruns: {{ brokers: 1 }}\nrules:\n{rules}"
    );
    let brief =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/web-shop.brief.yaml")).unwrap();
    let folder =
        house(&[("sources.yaml", SOURCE), ("options/messaging/pigeons.yaml", &option), ("mine.brief.yaml", &brief)]);
    let checked = json(&groundplan(folder.path(), &["knowledge", "check", ".", "--format", "json"]));
    let changes = checked["changes"].as_array().unwrap();
    assert!(changes.iter().any(|change| change["brief"].as_str().unwrap().contains("mine.brief.yaml")), "{checked}");
    assert!(changes.iter().all(|change| change["to"] == "pigeons" || change["dimension"] != "messaging"), "{checked}");
    assert!(checked["briefs"].as_u64().unwrap() > 5, "{checked}");
    let output = groundplan(folder.path(), &["knowledge", "check", "."]);
    assert!(status(&output) <= 1, "{}", said(&output));
    assert!(said(&output).contains("2 files") && said(&output).contains("mine.brief.yaml"), "{}", said(&output));
    let shown = groundplan(folder.path(), &["knowledge", "show", "ours", "--knowledge", "."]);
    assert!(said(&shown).contains("from your folder"), "{}", said(&shown));
}

#[test]
fn a_rule_that_fails_its_example_gets_status_one() {
    let option = "kind: option\ndimension: messaging\noption: pigeons\nabout: Birds.\nruns: { brokers: 1 }\nrules:\n  - rule: birds-fly\n    \
                  when: [ \"team.teams >= 1\" ]\n    for: cost\n    grade: slight\n    text: they eat little\n    sources: { ours: opinion }\n    \
                  examples:\n      - { brief: {}, speaks: yes }\n      - { brief: {}, speaks: no }\n";
    let folder = house(&[("sources.yaml", SOURCE), ("options/messaging/pigeons.yaml", option)]);
    let output = groundplan(folder.path(), &["knowledge", "check", "."]);
    assert_eq!(status(&output), 1, "{}", said(&output));
    assert!(said(&output).contains("options/messaging/pigeons.yaml:"), "{}", said(&output));
    assert!(said(&output).contains("birds-fly"), "{}", said(&output));
}

#[test]
fn a_folder_that_can_not_be_used_gets_status_two_with_every_fault() {
    let option = "kind: option\ndimension: messaging\noption: pigeons\nabuot: Birds.\nrules:\n  - rule: birds-fly\n    when: [ \"team.tems >= 1\" \
                  ]\n    for: money\n    grade: huge\n    text: they eat little\n    sources: { nobody: opinion }\n";
    let folder = house(&[
        ("options/messaging/pigeons.yaml", option),
        ("broken.yaml", "kind: facts\nfacts: [\n"),
        ("odd.yaml", "kind: elephants\n"),
    ]);
    let empty = house(&[("empty.yaml", ""), ("only.yaml", "kind: technologies\nonly-approved: [storage]\n")]);
    let output = groundplan(empty.path(), &["knowledge", "check", "."]);
    assert!(status(&output) == 2 && said(&output).contains("begin with its `kind`, one of "), "{}", said(&output));
    fs::remove_file(empty.path().join("empty.yaml")).unwrap();
    let output = groundplan(empty.path(), &["knowledge", "check", "."]);
    assert!(status(&output) == 2 && said(&output).contains("only.yaml:2:17"), "{}", said(&output));
    for format in ["text", "json"] {
        let output = groundplan(folder.path(), &["knowledge", "check", ".", "--format", format]);
        assert_eq!(status(&output), 2, "{}", said(&output));
        for part in ["abuot", "team.tems", "nobody", "broken.yaml", "odd.yaml"] {
            assert!(said(&output).contains(part), "{part} is missing from {}", said(&output));
        }
    }
    assert!(said(&groundplan(folder.path(), &["knowledge", "check", "."])).contains("pigeons.yaml:4:1"));
    let missing = groundplan(folder.path(), &["knowledge", "check", "nowhere"]);
    assert_eq!(status(&missing), 2, "{}", said(&missing));
    let brief = house(&[("sources.yaml", SOURCE), ("bad.brief.yaml", "kind: brief\nversion: 1\nnmae: x\n")]);
    let output = groundplan(brief.path(), &["knowledge", "check", "."]);
    assert_eq!(status(&output), 2, "{}", said(&output));
    assert!(said(&output).contains("bad.brief.yaml:3:1"), "{}", said(&output));
}

#[test]
fn what_rules_decide_alone_and_known_outcomes_are_printed() {
    let alone = json(&knowledge(&["alone", "--format", "json"]));
    let names = alone["briefs"].as_array().unwrap();
    assert!(names.iter().any(|name| name == "web-shop") && names.iter().any(|name| name == "D1"), "{names:?}");
    let rules = alone["rules"].as_array().unwrap();
    assert!(rules.iter().any(|rule| !rule["decides"].as_array().unwrap().is_empty()));
    for rule in rules.iter().filter(|rule| rule["suspect"] == true) {
        assert_eq!(rule["speaks"].as_array().unwrap().len(), 1, "{rule}");
    }
    let brief = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/small-team.brief.yaml");
    assert!(narrow(&knowledge(&["alone", brief.to_str().unwrap()])).contains("1 brief"));
    let cases = json(&knowledge(&["cases", "--format", "json"]));
    assert_eq!(cases["cases"].as_array().unwrap().len(), 11, "{cases}");
    narrow(&knowledge(&["cases"]));
}
