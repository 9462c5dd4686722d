//! The tables of words keep their promises: manuals, valid defaults with reasons, a schema that says the same.
#![allow(clippy::unwrap_used)]

mod common;

use common::VOCABULARY;
use groundplan_model::reader::read_brief;
use groundplan_model::schema::{brief_schema, design_schema};
use groundplan_model::vocabulary::{Key, Need, Shape};
use groundplan_model::words::{brief, design};
use groundplan_model::yaml::{Node, NodeKind};
use serde_json::Value;
use std::collections::HashSet;

/// Calls `see` with each key of a table and its path, and of the tables inside it.
fn walk(keys: &[Key], path: &str, see: &mut dyn FnMut(&str, &Key)) {
    fn inside(shape: &Shape, path: &str, see: &mut dyn FnMut(&str, &Key)) {
        match shape {
            Shape::Record(keys) | Shape::Short(_, keys) => walk(keys, path, see),
            Shape::Map(_, inner) => inside(inner, &format!("{path}.*"), see),
            Shape::List(inner @ (Shape::Record(_) | Shape::Short(..))) => inside(inner, &format!("{path}.*"), see),
            Shape::Target(inner) | Shape::OneOrMany(inner) => inside(inner, path, see),
            Shape::Either(shapes) => shapes.iter().for_each(|shape| inside(shape, path, see)),
            _ => {}
        }
    }
    for key in keys {
        let path = if path.is_empty() { key.name.to_string() } else { format!("{path}.{}", key.name) };
        see(&path, key);
        inside(&key.shape, &path, see);
    }
}

#[test]
fn every_key_has_a_manual_and_a_name_that_yaml_leaves_alone() {
    let mut seen = 0;
    let mut see = |path: &str, key: &Key| {
        seen += 1;
        assert!(key.manual.ends_with('.') && key.manual.len() > 8, "{path}: {}", key.manual);
        let truth = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
        assert!(!truth.contains(&key.name), "{path} is a truth value in YAML 1.1");
    };
    walk(brief::BRIEF, "", &mut see);
    for table in [
        design::DESIGN,
        design::OPERATION,
        design::VERBS,
        design::STEP,
        design::LOAD,
        design::EXPERIMENT,
        design::FAULT,
    ] {
        walk(table, "", &mut see);
    }
    assert!(seen > 100);
}

#[test]
fn every_default_of_a_brief_has_its_reason_and_every_reason_its_default() {
    let mut paths = Vec::new();
    walk(brief::BRIEF, "", &mut |path, key| {
        if let Need::Default(text) = key.need
            && text != "{}"
        {
            paths.push(path.to_string());
        }
    });
    let fits = |pattern: &str, path: &str| {
        let (pattern, path): (Vec<&str>, Vec<&str>) = (pattern.split('.').collect(), path.split('.').collect());
        pattern.len() == path.len() && pattern.iter().zip(&path).all(|(a, b)| *a == "*" || a == b)
    };
    for path in &paths {
        assert!(brief::REASONS.iter().any(|(pattern, ..)| fits(pattern, path)), "{path} has no reason");
    }
    for (pattern, ..) in brief::REASONS {
        assert!(paths.iter().any(|path| fits(pattern, path)), "{pattern} is no default");
    }
}

#[test]
fn every_default_of_a_brief_reads() {
    let text = "kind: brief\nversion: 1\nname: A\nload: [ { operation: a.b, rate: 1/s } ]\n\
                domain: { a: { operations: { b: { reads: [c], writes: [c], calls: [d] } } } }\n\
                data: { c: { owner: a } }\noutside: { d: {} }\naudit: { of: c }\nchange-control: { freeze: [\"12-24..12-26\"] }\npeople: { count: 9 }\n\
                ai: { rights: {}, answer: {}, agents: {} }\n\
                tenants: { count: 9, share: { biggest: 20% }, tiers: { gold: { count: 1 } } }\n";
    let read = read_brief(text);
    assert!(read.diagnostics.is_empty(), "{:#?}", read.diagnostics);
    let assumptions = read.value.unwrap().assumptions;
    for (pattern, grouped, _) in brief::REASONS {
        let first = pattern.split('.').next().unwrap();
        let fits = |path: &str| {
            let last = pattern.rsplit('.').next().unwrap();
            path.starts_with(first) && (path.ends_with(last) || last == "*")
        };
        let listed = assumptions.iter().any(|one| if *grouped { one.path == *pattern } else { fits(&one.path) });
        assert!(listed, "{pattern}: {assumptions:#?}");
    }
}

#[test]
fn the_schemas_hold_every_key() {
    let brief_text = brief_schema().to_string();
    walk(brief::BRIEF, "", &mut |path, key| {
        assert!(brief_text.contains(&format!("\"{}\"", key.name)), "{path}");
    });
    let schema = design_schema(&VOCABULARY);
    let text = schema.to_string();
    for kind in VOCABULARY.kinds {
        assert!(schema["$defs"][format!("component-{}", kind.name)].is_object(), "{}", kind.name);
    }
    for verb in design::VERBS {
        assert!(schema["$defs"]["step"]["properties"][verb.name].is_object(), "{}", verb.name);
    }
    assert!(schema["$defs"]["step"]["properties"]["timeout"].is_object());
    assert!(schema["$defs"]["fault"]["properties"]["zone-loss"].is_object());
    // Every reference leads somewhere.
    for part in text.split("\"#/$defs/").skip(1) {
        let name = part.split('"').next().unwrap();
        assert!(schema["$defs"][name] != Value::Null, "{name}");
    }
}

/// Calls `see` with the path of each key that a file says, as `walk` writes it.
fn said(node: &Node, shape: &Shape, path: &str, see: &mut dyn FnMut(String)) {
    match shape {
        Shape::Record(keys) => {
            for (name, value) in node.entries() {
                if let Some(key) = keys.iter().find(|key| Some(key.name) == name.text()) {
                    let path = if path.is_empty() { key.name.to_string() } else { format!("{path}.{}", key.name) };
                    see(path.clone());
                    said(value, &key.shape, &path, see);
                }
            }
        }
        Shape::Short(name, keys) => match node.kind {
            NodeKind::Map(_) => said(node, &Shape::Record(keys), path, see),
            _ => see(format!("{path}.{name}")),
        },
        Shape::Map(_, inner) => {
            node.entries().iter().for_each(|(_, value)| said(value, inner, &format!("{path}.*"), see));
        }
        Shape::List(inner @ (Shape::Record(_) | Shape::Short(..))) => {
            node.items().iter().for_each(|item| said(item, inner, &format!("{path}.*"), see));
        }
        Shape::Target(inner) | Shape::OneOrMany(inner) => said(node, inner, path, see),
        Shape::Either(shapes) => shapes.iter().for_each(|shape| said(node, shape, path, see)),
        _ => {}
    }
}

#[test]
fn every_key_of_a_brief_stands_in_some_example() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let mut there = HashSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.to_string_lossy().ends_with(".brief.yaml") {
            let text = std::fs::read_to_string(&path).unwrap();
            let read = read_brief(&text);
            let impossible = path.to_string_lossy().contains("impossible");
            assert!(impossible || read.diagnostics.is_empty(), "{}: {:#?}", path.display(), read.diagnostics);
            let root = groundplan_model::yaml::parse(&text).0.unwrap();
            said(&root, &Shape::Record(brief::BRIEF), "", &mut |path| {
                there.insert(path);
            });
        }
    }
    // One thing and a list of it have the same keys.
    let there: HashSet<String> = there.iter().map(|path| path.replace(".*", "")).collect();
    let mut missing = Vec::new();
    walk(brief::BRIEF, "", &mut |path, _| {
        if !there.contains(&path.replace(".*", "")) {
            missing.push(path.to_string());
        }
    });
    assert!(missing.is_empty(), "in no example: {missing:#?}");
}
