//! The quick form of the whole set holds; every file of `validation/` is carried, read and named once.

#![allow(clippy::unwrap_used, missing_docs)]

use groundplan_validation::{FILES, Form, Verdict, read_item, run_item};
use std::fs;
use std::path::Path;

#[test]
fn the_quick_form_holds() {
    let mut wrong = Vec::new();
    let mut all = 0;
    for (file, text) in FILES {
        let item = read_item(text).unwrap_or_else(|found| panic!("{file}: {found:#?}"));
        let outcome = run_item(&item, Form::Quick, None, &|_| {}).unwrap_or_else(|found| panic!("{file}: {found:#?}"));
        all += outcome.rows.len();
        for row in outcome.rows.iter().filter(|row| row.verdict != Verdict::Holds) {
            let figure = &row.figure;
            wrong.push(format!(
                "{} {}: {} expected, {:?} measured: {}",
                item.name,
                figure.name,
                figure.expected.text,
                row.sure,
                row.verdict.word()
            ));
        }
    }
    assert!(wrong.is_empty(), "{} of {all} figures do not hold:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_file_is_carried_read_and_named_once() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../validation");
    let mut files: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    files.sort();
    let mut carried: Vec<String> = FILES.iter().map(|(file, _)| (*file).to_string()).collect();
    carried.sort();
    assert_eq!(carried, files, "every file has a line in embedded.rs");
    for (file, text) in FILES {
        let item = read_item(text).unwrap_or_else(|found| panic!("{file}: {found:#?}"));
        assert_eq!(*file, format!("{}.yaml", item.name.to_lowercase()));
        assert_eq!(groundplan_validation::items().iter().filter(|other| other.name == item.name).count(), 1, "{file}");
        // What is run in neither form is said to be left out, with its reason.
        assert!(item.runs.iter().all(|run| run.whole.is_some() || run.quick.is_some()), "{file}");
    }
}
