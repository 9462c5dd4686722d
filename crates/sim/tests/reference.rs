//! Every kind, policy and fault has an example that keeps its expectations, and that fails one without the thing.
//!
//! The examples stand in `examples/reference/`; what is taken away stands beside them in the words. Names, manuals and
//! keys are walked in `words.rs`.
#![allow(clippy::unwrap_used)]

use groundplan_model::reader::read_design;
use groundplan_model::units::Seconds;
use groundplan_model::vocabulary::KindWords;
use groundplan_model::yaml::{self, Node, NodeKind, Style};
use groundplan_sim::expectation::Holds;
use groundplan_sim::lower::{VOCABULARY, compile};
use groundplan_sim::run::{Options, with_bench};

/// What its experiments say of each expectation: its text, whether it holds, and what was measured.
fn judged(name: &str, text: &str) -> Vec<(String, Holds, String)> {
    let read = read_design(text, &VOCABULARY);
    assert!(read.diagnostics.is_empty(), "{name}: {:#?}\n{text}", read.diagnostics);
    let design = read.value.unwrap();
    let compiled = compile(&design).unwrap_or_else(|found| panic!("{name}: {found:#?}\n{text}"));
    assert!(compiled.warnings.is_empty(), "{name}: {:#?}", compiled.warnings);
    let options = Options { threads: Some(1), ..Options::default() };
    let run = with_bench(&design, &compiled, |bench| {
        let experiments = bench.experiments.iter().map(|trial| {
            assert!(trial.warm_up.is_some(), "{name}: an example says its warm-up");
            bench.experiment(trial, &options, Seconds(0.0), &|_| {}).0
        });
        experiments.flat_map(|experiment| experiment.expectations).collect::<Vec<_>>()
    });
    let judged = run.unwrap_or_else(|found| panic!("{name}: {found:#?}"));
    assert!(!judged.is_empty(), "{name} expects nothing");
    judged.into_iter().map(|judged| (judged.text, judged.holds, format!("{:?}", judged.measured))).collect()
}

#[test]
fn every_showcase_fails_without_what_it_shows() {
    walk(groundplan_sim::lower::showcases::SHOWCASES);
}

/// The designs that users are shown first keep what they expect, with a quarter of the usual runs.
#[test]
fn designs_of_the_examples_hold() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let mut found = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !name.ends_with(".design.yaml") || name.starts_with("mm1") {
            continue;
        }
        found += 1;
        let design = read_design(&std::fs::read_to_string(&path).unwrap(), &VOCABULARY).value.unwrap();
        let compiled = compile(&design).unwrap();
        let options = Options { threads: Some(1), replications: 8, ..Options::default() };
        with_bench(&design, &compiled, |bench| {
            for trial in &bench.experiments {
                for judged in bench.experiment(trial, &options, Seconds(30.0), &|_| {}).0.expectations {
                    assert_eq!(judged.holds, Holds::Yes, "{name}: {}: {:?}", judged.text, judged.measured);
                }
            }
        })
        .unwrap();
    }
    assert!(found >= 3, "the examples have moved");
}

/// A design without something: `path`, or `path = what stands there instead`.
fn without(root: &mut Node, change: &str) {
    let (path, instead) = match change.split_once(" = ") {
        Some((path, instead)) => (path, yaml::parse(instead).0),
        None => (change, None),
    };
    let mut node = root;
    let mut keys = path.split('.').peekable();
    while let Some(key) = keys.next() {
        let last = keys.peek().is_none();
        let place = match &node.kind {
            NodeKind::Map(entries) => entries.iter().position(|(name, _)| name.text() == Some(key)),
            NodeKind::List(items) => key.parse().ok().filter(|at: &usize| *at < items.len()),
            NodeKind::Scalar(..) => None,
        };
        let place = place.unwrap_or_else(|| panic!("`{path}` leads nowhere at `{key}`"));
        match (&mut node.kind, last, &instead) {
            (NodeKind::Map(entries), true, None) => {
                entries.remove(place);
                return;
            }
            (NodeKind::List(items), true, None) => {
                items.remove(place);
                return;
            }
            (NodeKind::Map(entries), ..) => node = &mut entries[place].1,
            (NodeKind::List(items), ..) => node = &mut items[place],
            (NodeKind::Scalar(..), ..) => unreachable!("a scalar has no places"),
        }
    }
    *node = instead.unwrap();
}

/// The text of a tree, for reading it again.
fn print(node: &Node, indent: usize, out: &mut String) {
    let pad = " ".repeat(indent);
    match &node.kind {
        NodeKind::Scalar(text, Style::Plain) => out.push_str(text),
        NodeKind::Scalar(text, _) => out.push_str(&format!("'{}'", text.replace('\'', "''"))),
        NodeKind::Map(entries) if entries.is_empty() => out.push_str("{}"),
        NodeKind::List(items) if items.is_empty() => out.push_str("[]"),
        NodeKind::Map(entries) => {
            for (key, value) in entries {
                out.push_str(&format!("\n{pad}{}: ", key.text().unwrap()));
                print(value, indent + 2, out);
            }
        }
        NodeKind::List(items) => {
            for item in items {
                out.push_str(&format!("\n{pad}- "));
                print(item, indent + 2, out);
            }
        }
    }
}

fn walk(words: &[KindWords]) {
    let mut wrong = Vec::new();
    for word in words {
        let name = word.name;
        assert!(word.example.starts_with("# "), "{name}: an example begins with what it shows");
        let wide = word.example.lines().find(|line| line.chars().count() > 76);
        assert_eq!(wide, None, "{name}: the manual shows 76 columns of an example on a terminal");
        for (text, holds, measured) in judged(name, word.example) {
            if holds != Holds::Yes {
                wrong.push(format!("{name}: `{text}` does not hold: {measured}"));
            }
        }
        assert!(!word.without.is_empty(), "{name}: nothing is taken away");
        let mut root = yaml::parse(word.example).0.unwrap();
        word.without.iter().for_each(|change| without(&mut root, change));
        let mut text = String::new();
        print(&root, 0, &mut text);
        let plain = judged(name, text.trim_start());
        if word.manual.contains("changes no figure") {
            assert_eq!(plain, judged(name, word.example), "{name}");
        } else if plain.iter().all(|(_, holds, _)| *holds != Holds::No) {
            wrong.push(format!("{name}: nothing fails without it: {plain:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_kind_has_an_example_that_a_plain_one_fails() {
    walk(VOCABULARY.kinds);
}

#[test]
fn every_policy_has_an_example_that_fails_without_it() {
    walk(VOCABULARY.policies);
}

#[test]
fn every_fault_has_an_example_that_fails_without_it() {
    walk(VOCABULARY.faults);
}
