//! House rules as tests: the arrows between the crates, the imports of the simulator's kernel, the opening sentence of
//! each crate, the length of files, and what the repository must hold.

#![allow(clippy::unwrap_used, missing_docs)]

use std::fs;
use std::path::{Path, PathBuf};

/// Which of our crates each crate may depend on. A new arrow is the biggest kind of change: the commit says why.
const ARROWS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("knowledge", &["model"]),
    ("analysis", &["model"]),
    ("sim", &["model"]),
    ("planner", &["model", "knowledge", "analysis", "sim"]),
    ("validation", &["model", "sim"]),
    ("report", &["model", "knowledge", "sim", "validation", "planner"]),
    ("cli", &["model", "knowledge", "sim", "validation", "planner", "report"]),
];

/// What the kernel may import beside the standard library and its own crate.
const KERNEL_IMPORTS: &[&str] = &["std", "core", "libm", "rand_core", "rand_xoshiro", "crate", "super", "self"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let mut entries: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        entries.sort();
        for path in entries {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files
}

#[test]
fn the_arrows_between_the_crates_hold() {
    let mut found: Vec<String> = fs::read_dir(root().join("crates"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    found.sort();
    let mut known: Vec<String> = ARROWS.iter().map(|(name, _)| (*name).to_string()).collect();
    known.sort();
    assert_eq!(found, known, "every crate has a line in ARROWS");
    for (name, allowed) in ARROWS {
        let manifest = fs::read_to_string(root().join("crates").join(name).join("Cargo.toml")).unwrap();
        let dependencies = manifest.split("[dependencies]").nth(1).unwrap().split("\n[").next().unwrap();
        for line in dependencies.lines().filter_map(|line| line.trim().strip_prefix("groundplan-")) {
            let target = line.split(['.', ' ', '=']).next().unwrap();
            assert!(allowed.contains(&target), "{name} may not depend on {target}");
        }
    }
}

#[test]
fn the_kernel_imports_almost_nothing() {
    let files = rust_files(&root().join("crates/sim/src/kernel"));
    assert!(files.len() > 3, "the kernel has moved");
    for file in files {
        for line in fs::read_to_string(&file).unwrap().lines() {
            let Some(import) = line.trim().strip_prefix("use ").or_else(|| line.trim().strip_prefix("pub use ")) else {
                continue;
            };
            let first = import.split([':', ';', ' ', '{']).next().unwrap();
            assert!(KERNEL_IMPORTS.contains(&first), "{}: `{line}`", file.display());
        }
    }
}

#[test]
fn every_file_says_what_lives_in_it_and_stays_short() {
    for file in rust_files(&root().join("crates")) {
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.starts_with("//!"), "{} opens without a word about itself", file.display());
        assert!(text.lines().count() <= 900, "{} is two rooms in one: {} lines", file.display(), text.lines().count());
    }
}

#[test]
fn every_crate_opens_with_its_promise() {
    for (name, _) in ARROWS.iter().filter(|(name, _)| *name != "cli") {
        let text = fs::read_to_string(root().join("crates").join(name).join("src/lib.rs")).unwrap();
        let promise = text.lines().next().unwrap();
        assert!(promise.starts_with(&format!("//! {name}: ")), "{name} opens with `{promise}`");
    }
}

#[test]
fn the_house_has_its_papers() {
    for paper in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE", "deny.toml", ".ci/run"]
    {
        assert!(root().join(paper).is_file(), "{paper} is missing");
    }
}

#[test]
fn every_example_says_its_source() {
    for entry in fs::read_dir(root().join("examples")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "yaml") {
            let text = fs::read_to_string(&path).unwrap();
            assert!(text.starts_with("# Source: "), "{} does not say its source", path.display());
        }
    }
}
