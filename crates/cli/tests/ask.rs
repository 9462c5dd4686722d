//! Deciding and asking from outside: answers land in the file or nothing does; a house's folder; bad input of both.
#![allow(clippy::unwrap_used, missing_docs)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn groundplan(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_groundplan"))
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name).canonicalize().unwrap()
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

/// A folder with the web shop in it.
fn workshop() -> (tempfile::TempDir, PathBuf, String) {
    let folder = tempfile::tempdir().unwrap();
    let brief = folder.path().join("shop.yaml");
    fs::copy(example("web-shop.brief.yaml"), &brief).unwrap();
    let text = fs::read_to_string(&brief).unwrap();
    (folder, brief, text)
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn decisions_are_told_without_a_simulation() {
    let (folder, ..) = workshop();
    let output = groundplan(folder.path(), &["decide", "shop.yaml"]);
    assert!(status(&output) <= 1, "{}", said(&output));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("Architecture style") && text.contains("until "), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    let told = json(&groundplan(folder.path(), &["decide", "shop.yaml", "--format", "json"]));
    assert_eq!(told["kind"], "groundplan-decisions");
    assert_eq!(told["decisions"][0]["dimension"], "architecture-style");
    assert!(told["sources"].as_array().unwrap().len() > 3);
    assert_eq!(names(folder.path()), ["shop.yaml"]);
}

#[test]
fn a_script_fits_its_minutes() {
    let (folder, ..) = workshop();
    let told = json(&groundplan(folder.path(), &["script", "shop.yaml", "--minutes", "20", "--format", "json"]));
    let sections = told["sections"].as_array().unwrap();
    assert_eq!(sections.len(), 8);
    let minutes: f64 = sections.iter().map(|section| section["minutes"].as_f64().unwrap()).sum();
    assert_eq!(minutes, 20.0);
    assert!(told["turns"][0].as_str().unwrap().starts_with("If you told me "), "{told}");
    let output = groundplan(folder.path(), &["script", "shop.yaml", "--minutes", "10"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("Web shop: 10 minutes") && text.lines().all(|line| line.chars().count() <= 80), "{text}");
    // A folder without a plan, and one with the plan of another brief.
    fs::create_dir(folder.path().join("empty")).unwrap();
    fs::write(folder.path().join("empty/plan.json"), "{ \"kind\": \"groundplan-plan\", \"name\": \"Other\" }").unwrap();
    for (plan, complaint) in [("missing", "no such file"), ("empty", "Other")] {
        let output = groundplan(folder.path(), &["script", "shop.yaml", "--plan", plan]);
        assert_eq!(status(&output), 2, "{}", said(&output));
        assert!(said(&output).contains(complaint), "{}", said(&output));
    }
    for minutes in ["0", "4", "181", "ten", "-5"] {
        assert_eq!(status(&groundplan(folder.path(), &["script", "shop.yaml", "--minutes", minutes])), 2, "{minutes}");
    }
}

#[test]
fn questions_are_listed_where_nobody_can_be_asked() {
    let (folder, brief, before) = workshop();
    let output = groundplan(folder.path(), &["ask", "shop.yaml"]);
    assert_eq!(status(&output), 0, "{}", said(&output));
    let told = json(&groundplan(folder.path(), &["ask", "shop.yaml", "--format", "json"]));
    for question in told["questions"].as_array().unwrap() {
        let path = question["constraint"].as_str().unwrap();
        assert!(String::from_utf8_lossy(&output.stdout).contains(path), "{path}");
    }
    assert_eq!(fs::read_to_string(&brief).unwrap(), before);
}

#[test]
fn answers_are_written_with_comments_kept() {
    let (folder, brief, before) = workshop();
    let set = ["--set", "team.engineers=23", "--set", "data.products.access.join=5/s", "--set", "risk=high"];
    let told = json(&groundplan(folder.path(), &[&["ask", "shop.yaml", "--format", "json"], &set[..]].concat()));
    assert_eq!(told["answers"][0]["constraint"], "team.engineers");
    let after = fs::read_to_string(&brief).unwrap();
    let expected = before
        .replace("engineers: 14", "engineers: 23")
        .replace("{ eventual-within: 5s } }", "{ eventual-within: 5s }, access: { join: 5/s } }")
        .replace("risk: low", "risk: high");
    assert_eq!(after, expected);
    assert_eq!(names(folder.path()), ["shop.yaml"]);
}

#[test]
fn an_answer_that_does_not_fit_changes_nothing() {
    let (folder, brief, before) = workshop();
    for (answer, complaint) in [
        ("team.engineers=many", "many"),
        ("team.enginers=12", "engineers"),
        ("load.shop.buy.rate=1/s", "no item"),
        ("team=12", "team"),
        ("growth=[", "growth"),
        ("platform.ci-cd=perhaps", "perhaps"),
        ("a..b=1", "no path"),
    ] {
        for format in if answer.starts_with("growth") { &["text", "json"][..] } else { &["text"] } {
            // The first would be right, and is not written either.
            let set = ["--set", "risk=high", "--set", answer, "--format", format];
            let output = groundplan(folder.path(), &[&["ask", "shop.yaml"], &set[..]].concat());
            assert_eq!(status(&output), 2, "{answer}: {}", said(&output));
            assert!(said(&output).contains(complaint), "{answer}: {}", said(&output));
            assert!(!said(&output).contains("panicked"), "{answer}: {}", said(&output));
            assert_eq!(fs::read_to_string(&brief).unwrap(), before, "{answer}");
        }
    }
    for arguments in [&["--set", "risk"][..], &["--set", "=high"], &["--set", "risk="]] {
        assert_eq!(status(&groundplan(folder.path(), &[&["ask", "shop.yaml"], arguments].concat())), 2);
    }
    assert_eq!(names(folder.path()), ["shop.yaml"]);
}

#[test]
fn both_halves_of_a_lost_region_are_one_answer() {
    let (folder, brief, before) = workshop();
    let rto = ["ask", "shop.yaml", "--set", "recovery.region.rto=2h"];
    let half = groundplan(folder.path(), &rto);
    assert_eq!(status(&half), 2, "{}", said(&half));
    assert!(said(&half).contains("answer `recovery.region` with"), "{}", said(&half));
    let both = groundplan(folder.path(), &[&rto[..], &["--set", "recovery.region.rpo=1min"]].concat());
    assert_eq!(status(&both), 0, "{}", said(&both));
    assert!(said(&both).contains("  recovery.region: { rto: 2h, rpo: 1min }\n"), "{}", said(&both));
    let after = fs::read_to_string(&brief).unwrap();
    assert!(after.contains("{ lost: region, rto: 2h, rpo: 1min }") && after != before, "{after}");
}

#[test]
fn what_is_wrong_with_an_answer_is_shown_in_its_line() {
    let (folder, ..) = workshop();
    let output = groundplan(folder.path(), &["ask", "shop.yaml", "--set", "team.engineers=0"]);
    assert_eq!(status(&output), 2, "{}", said(&output));
    assert!(said(&output).contains("engineers: 0"), "{}", said(&output));
}

#[test]
fn a_flip_above_nothing_is_told_as_zero_to_programs() {
    let brief = example("payments-core.brief.yaml");
    let output = groundplan(Path::new("."), &["decide", brief.to_str().unwrap(), "--format", "json"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!text.contains("e-324"), "the least number above zero tells nobody anything");
    let told = json(&output);
    let flips = told["decisions"].as_array().unwrap().iter().flat_map(|one| one["flips"].as_array().unwrap());
    let above: Vec<_> = flips.filter(|flip| flip["side"] == "above").collect();
    assert!(!above.is_empty() && above.iter().all(|flip| flip["at"] == 0.0), "{above:?}");
}

#[test]
fn a_file_that_may_not_be_written_is_told_before_the_work() {
    let (folder, brief, before) = workshop();
    let mut permissions = fs::metadata(&brief).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&brief, permissions).unwrap();
    let output = groundplan(folder.path(), &["ask", "shop.yaml", "--set", "risk=high"]);
    assert_eq!(status(&output), 3, "{}", said(&output));
    assert!(said(&output).contains("may not be written"), "{}", said(&output));
    assert_eq!(fs::read_to_string(&brief).unwrap(), before);
    // Listing needs no permission.
    assert_eq!(status(&groundplan(folder.path(), &["ask", "shop.yaml"])), 0);
    assert_eq!(status(&groundplan(folder.path(), &["ask", "-", "--set", "risk=high"])), 2);
}

#[test]
fn what_is_no_brief_is_refused() {
    let (folder, ..) = workshop();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    write("empty.yaml", b"");
    write("binary.yaml", &[0, 159, 146, 150]);
    write("list.yaml", b"- a\n");
    fs::copy(example("mm1.design.yaml"), folder.path().join("design.yaml")).unwrap();
    fs::create_dir(folder.path().join("folder.yaml")).unwrap();
    for name in ["empty", "binary", "list", "design", "folder", "missing"] {
        let file = format!("{name}.yaml");
        for command in [&["decide"][..], &["script"], &["ask", "--set", "risk=high"]] {
            let output = groundplan(folder.path(), &[command, &[file.as_str()]].concat());
            assert_eq!(status(&output), 2, "{command:?} {file}: {}", said(&output));
            assert!(said(&output).contains("error") && !said(&output).contains("panicked"), "{}", said(&output));
        }
    }
}

#[test]
fn a_folder_of_knowledge_is_laid_over_ours() {
    let (folder, ..) = workshop();
    let house = folder.path().join("house");
    fs::create_dir(&house).unwrap();
    // A team of three counts as many: the style of the shop is another.
    let fact = "kind: facts\nfacts:\n  teams-in-one-deployable: { name: Teams that share one release here, value: 1, unit: teams, source: \
                ours, date: 2025-01, mark: A }\n";
    let source = "kind: sources\nsources:\n  ours: { title: House rules, author: Us, year: 2025, type: enterprise, read-at: the wiki, \
                  mark: P }\n";
    fs::write(house.join("facts.yaml"), fact).unwrap();
    fs::write(house.join("sources.yaml"), source).unwrap();
    let style = |arguments: &[&str]| {
        let output = groundplan(folder.path(), &[&["decide", "shop.yaml", "--format", "json"], arguments].concat());
        json(&output)["decisions"][0].clone()
    };
    let (plain, housed) = (style(&[]), style(&["--knowledge", "house"]));
    let rules = |decision: &serde_json::Value| -> Vec<String> {
        let reasons = decision["reasons"].as_array().unwrap();
        reasons.iter().map(|reason| reason["rule"].as_str().unwrap().to_string()).collect()
    };
    assert!(rules(&plain).contains(&"few-teams-one-deployable".to_string()), "{plain}");
    assert!(!rules(&housed).contains(&"few-teams-one-deployable".to_string()), "{housed}");
    for command in [&["ask", "shop.yaml"][..], &["check", "shop.yaml"]] {
        let output = groundplan(folder.path(), &[command, &["--knowledge", "house"]].concat());
        assert_eq!(status(&output), 0, "{command:?}: {}", said(&output));
    }
}

#[test]
fn a_wrong_folder_of_knowledge_is_told_with_line_and_column() {
    let (folder, ..) = workshop();
    let house = folder.path().join("house");
    fs::create_dir_all(house.join("options")).unwrap();
    fs::create_dir(folder.path().join("empty")).unwrap();
    fs::write(house.join("broken.yaml"), "kind: facts\nfacts: {\n").unwrap();
    fs::write(house.join("options/mine.yaml"), "kind: option\ndimension: mesaging\noption: mine\nabout: A thing.\n")
        .unwrap();
    fs::write(house.join("text.yaml"), [0xff, 0xfe, 0]).unwrap();
    for command in
        [&["decide", "shop.yaml"][..], &["ask", "shop.yaml"], &["check", "shop.yaml"], &["design", "shop.yaml"]]
    {
        for (knowledge, complaint) in [
            ("missing", "no such folder"),
            ("shop.yaml", "a folder is wanted"),
            ("empty", "no `*.yaml` file"),
            ("house", "UTF-16"),
        ] {
            let output = groundplan(folder.path(), &[command, &["--knowledge", knowledge]].concat());
            assert_eq!(status(&output), 2, "{command:?} {knowledge}: {}", said(&output));
            assert!(said(&output).contains(complaint), "{command:?} {knowledge}: {}", said(&output));
        }
    }
    fs::remove_file(house.join("text.yaml")).unwrap();
    let output = groundplan(folder.path(), &["decide", "shop.yaml", "--knowledge", "house"]);
    assert_eq!(status(&output), 2);
    let told = said(&output);
    assert!(told.contains("house/broken.yaml:3:1") || told.contains("house/broken.yaml:2:"), "{told}");
    assert!(told.contains("house/options/mine.yaml:2:12"), "{told}");
    let told = json(&groundplan(folder.path(), &["decide", "shop.yaml", "--knowledge", "house", "--format", "json"]));
    assert_eq!(told["files"].as_array().unwrap().len(), 2, "{told}");
    assert_eq!(names(folder.path()), ["empty", "house", "shop.yaml"], "nothing was planned");
}
