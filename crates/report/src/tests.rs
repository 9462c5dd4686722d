//! The whole report of a sample plan, in every target; and of a hostile one.
#![allow(clippy::unwrap_used)]

use crate::clean::columns;
use crate::crib::CribSheet;
use crate::diagram::{Ground, Laid, svg};
use crate::terminal::{WIDTH, plain};
use crate::{html, markdown, pdf, picture, sample, text, wire};
use groundplan_model::estimate::Estimate;
use groundplan_planner::plan::{LedgerLine, Outcome, Plan, Risk};

fn files() -> Vec<String> {
    ["plan.html", "plan.json", "diagram.svg"].map(String::from).to_vec()
}

fn page(plan: &Plan) -> String {
    html::plan(plan, &sample::sources(), &picture::picture(plan.choice()), &files())
}

/// Pages of a file: objects of type `/Page`, not the tree `/Pages` above them.
fn pages(pdf: &[u8]) -> usize {
    let text = String::from_utf8_lossy(pdf);
    text.match_indices("/Type/Page")
        .chain(text.match_indices("/Type /Page"))
        .filter(|(at, found)| !text[at + found.len()..].starts_with('s'))
        .count()
}

fn narrow(text: &str) {
    for line in plain(text).lines() {
        assert!(columns(line) <= WIDTH, "{} columns: {line}", columns(line));
        assert!(!line.chars().any(char::is_control), "{line:?}");
    }
}

#[test]
fn text_keeps_to_eighty_columns_whatever_it_tells() {
    for plan in [sample::plan(), sample::hostile()] {
        narrow(&text::plan(&plan, Some(("shop.plan", &files()))));
    }
    narrow(&text::verdict(&sample::verdict(1.0), &[]));
}

#[test]
fn text_tells_everything_the_main_job_promises() {
    let text = plain(&text::plan(&sample::plan(), Some(("shop.plan", &files()))));
    for promised in [
        "Build a modular monolith",
        "Architecture style",
        "before",
        "stays",
        "until team.engineers is at least",
        "9216/s",
        "Microservices",
        "bad user-minutes",
        "48ms ±2",
        "4,310..8,190",
        "not decided",
        "Breaker",
        "outside.payment-provider.",
        "garbage collection",
        "shop.plan",
        "the same design as modular monolith",
    ] {
        assert!(text.contains(promised), "{promised} is missing from\n{text}");
    }
}

#[test]
fn what_binds_comes_first() {
    let mut plan = sample::plan();
    plan.outcome = Outcome::Missed { binding: "p99 of x".into(), nearest: "p99 300ms".into() };
    let text = plain(&text::plan(&plan, None));
    assert!(text.find("No design that was tried").unwrap() < text.find("Decisions").unwrap());
    let page = page(&plan);
    assert!(page.find("No design that was tried").unwrap() < page.find("Reached by rules").unwrap());
    let sheet = CribSheet::of(&plan);
    assert!(sheet.conditions[1].contains("p99 of x"));
}

#[test]
fn a_dash_in_a_table_has_its_note() {
    let mut plan = sample::plan();
    plan.candidates[1].bands[0].high =
        Estimate::unknown("7 values lie beyond it, 300 are needed: 42.9 times as many runs would do");
    plan.candidates[2].faults.pop();
    let text = plain(&text::plan(&plan, None));
    assert!(text.contains("72ms..–¹"), "{text}");
    assert!(text.contains("¹ too few requests: 7 values lie beyond it") && text.contains("² not measured in this"));
    let page = page(&plan);
    assert!(page.contains("too few requests</span>") && page.contains("not measured in this design</span>"));
    let mut verdict = sample::verdict(1.0);
    verdict.components[0].utilisation = Estimate::unknown("workers are unlimited");
    let text = plain(&text::verdict(&verdict, &[]));
    assert!(text.contains("¹ fewer than 30 sections") && text.contains("² workers are unlimited"), "{text}");
    assert!(!text.contains("\n–"), "{text}");
}

#[test]
fn a_fault_that_strikes_each_design_elsewhere_is_told_by_its_name() {
    let mut plan = sample::plan();
    let same = plain(&text::plan(&plan, None));
    assert!(same.contains("Zone loss (zone a of eu-west is lost for 60s)") && !same.contains("what happens"));
    plan.candidates[1].faults[0].about = "zone b of orders is lost".into();
    let text = plain(&text::plan(&plan, None));
    assert!(!text.contains("Zone loss (") && text.contains("what happens") && text.contains("zone b of"), "{text}");
    assert!(page(&plan).contains("zone b of orders is lost"));
}

#[test]
fn what_was_bad_before_a_fault_says_so() {
    let mut plan = sample::plan();
    let fault = &mut plan.candidates[0].faults[0];
    fault.blast_radius = Estimate::exact(0.0);
    fault.bad_user_minutes = Estimate::exact(0.0);
    fault.recovery = Estimate { at_least: true, ..Estimate::exact(180.0) };
    plan.risks[0].effect = "tried: no request failed or was late".into();
    let text = plain(&text::plan(&plan, None));
    assert!(text.contains("bad before¹") && text.contains("¹ bad before the fault already"), "{text}");
    assert!(text.contains("bad before the fault already;"), "{text}");
    assert!(page(&plan).contains("bad before the fault already</span>"));
    assert!(CribSheet::of(&plan).failures[0].effect.contains("Bad before the fault already"));
    plan.candidates[0].faults[0].recovery = Estimate::exact(0.0);
    assert!(!plain(&text::plan(&plan, None)).contains("bad before"));
}

#[test]
fn the_ledger_marks_estimates_of_the_house_as_assumed() {
    let mut plan = sample::plan();
    let line = plan.candidates[0].year[0].clone();
    let from = |source: &str| LedgerLine { source: source.into(), ..line.clone() };
    plan.candidates[0].year = vec![
        from("spikes (house, 2026)"),
        from("its availability of 99.9% in the brief"),
        from("what fails under the plain load, all year"),
        from("sre-2016"),
    ];
    let text = plain(&text::plan(&plan, None));
    for told in ["assumed: spikes", "given: its", "simulated: what", "looked up: sre-2016"] {
        assert!(text.contains(told), "{told} is missing from\n{text}");
    }
}

#[test]
fn the_crib_sheet_speaks_for_its_choice() {
    let mut plan = sample::plan();
    plan.risks.insert(
        0,
        Risk { effect: "tried: no request failed or was late".into(), mitigations: vec![], ..plan.risks[0].clone() },
    );
    plan.risks[0].title = "The load doubles".into();
    let sheet = CribSheet::of(&plan);
    assert_eq!(sheet.choices[0], ("Second".to_string(), "microservices".to_string()));
    assert!(sheet.numbers.contains(&("requests at all peaks, at the horizon".into(), "9220/s".into())));
    assert!(sheet.numbers.contains(&("cost a month".into(), "4,310..8,190 USD".into())));
    assert!(sheet.opening.contains("First of all: Orders and stock must change together"), "{}", sheet.opening);
    assert!(sheet.failures.iter().all(|failure| failure.title != "The load doubles"));
    plan.risks.truncate(2);
    plan.candidates[0].faults.clear();
    let style = &mut plan.decisions.decisions[0];
    style.reasons.retain(|reason| reason.option != style.option);
    let sheet = CribSheet::of(&plan);
    assert!(sheet.opening.contains("Nothing speaks against it that does not speak louder"), "{}", sheet.opening);
    let last = sheet.failures.last().unwrap();
    assert_eq!((last.title.as_str(), last.mitigation.as_str()), ("The load doubles", "None needed."));
}

#[test]
fn the_page_stands_alone() {
    let page = page(&sample::plan());
    for from_outside in ["<script", "<link", "src=", "@import", "url("] {
        assert!(!page.contains(from_outside), "{from_outside}");
    }
    assert!(
        page.contains("prefers-color-scheme:dark")
            && page.contains("@media print")
            && page.contains("@media (max-width")
    );
    assert_eq!(page.matches("<svg").count(), page.matches("</svg>").count());
}

#[test]
fn nothing_a_user_wrote_becomes_markup() {
    let plan = sample::hostile();
    let page = page(&plan);
    assert!(!page.contains("<script") && !page.contains('\u{1b}') && !page.contains('\u{202e}'));
    let svg = svg(&picture::picture(plan.choice()), "d", Ground::File);
    assert!(!svg.contains("<script") && !svg.contains('\u{1b}'));
    let markdown = markdown::crib_sheet(&CribSheet::of(&plan));
    assert!(!markdown.contains("<script") && !markdown.contains("](javascript") && !markdown.contains('\u{202e}'));
}

#[test]
fn the_crib_sheet_is_one_page_whatever_stands_on_it() {
    let empty: Laid = Laid { boxes: vec![], ..picture::picture(sample::plan().choice()) };
    for plan in [sample::plan(), sample::hostile()] {
        let sheet = CribSheet::of(&plan);
        for diagram in [None, Some(&picture::picture(plan.choice())), Some(&empty)] {
            let one = pdf::crib_sheet(&sheet, diagram).unwrap();
            assert_eq!(one, pdf::crib_sheet(&sheet, diagram).unwrap());
            assert_eq!(pages(&one), 1);
        }
    }
    let bare = pdf::crib_sheet(&CribSheet::default(), None).unwrap();
    assert_eq!(pages(&bare), 1);
}

#[test]
fn json_has_the_documented_shape() {
    let plan = sample::plan();
    let json: serde_json::Value = serde_json::from_str(&wire::plan(&plan, &sample::sources())).unwrap();
    assert_eq!(json["schema_version"], 1);
    assert_eq!(json["kind"], wire::PLAN_KIND);
    let first = &json["decisions"][0];
    assert_eq!(first["dimension"], "architecture-style");
    assert_eq!(first["option"], "modular-monolith");
    assert_eq!(first["reasons"][0]["side"], "for");
    assert_eq!(first["reasons"][0]["sources"][0], "newman-2019");
    assert_eq!(first["flips"][0]["side"], "at-or-above");
    assert_eq!(first["flips"][0]["at"], 45.0);
    assert_eq!(json["chosen"], "modular-monolith");
    let design = &json["designs"][0];
    assert_eq!(design["cost_month"]["currency"], "USD");
    assert_eq!(design["verdict"]["operations"]["catalogue.browse"]["latency"]["p99"]["value"], 0.048);
    assert!(design["verdict"]["operations"]["catalogue.browse"]["latency"]["p999"]["reason"].is_string());
    assert_eq!(json["designs"][3]["same_as"], "modular-monolith");
    assert_eq!(json["slos"][1]["holds"], "undecided");
    assert_eq!(json["risks"][0]["experiment"], "zone-loss");
    let verdict: serde_json::Value = serde_json::from_str(&wire::verdict(&plan.choice().steady, &[], &[])).unwrap();
    assert_eq!(verdict["experiments"][0]["expectations"][0]["holds"], "undecided");
}

/// Writes everything beside each other, to be looked at: `cargo test -p groundplan-report looks -- --ignored`.
#[test]
#[ignore = "for the eye"]
fn looks() {
    let folder = std::env::temp_dir().join("groundplan-looks");
    std::fs::create_dir_all(&folder).unwrap();
    for (name, plan) in [("sample", sample::plan()), ("hostile", sample::hostile())] {
        let laid = picture::picture(plan.choice());
        let sheet = CribSheet::of(&plan);
        let write =
            |ending: &str, bytes: &[u8]| std::fs::write(folder.join(format!("{name}.{ending}")), bytes).unwrap();
        write("html", page(&plan).as_bytes());
        write("svg", svg(&laid, "diagram", Ground::File).as_bytes());
        write("pdf", &pdf::crib_sheet(&sheet, Some(&laid)).unwrap());
        write("md", markdown::crib_sheet(&sheet).as_bytes());
        write("txt", plain(&text::plan(&plan, Some(("shop.plan", &files())))).as_bytes());
        write("verdict.txt", plain(&text::verdict(&plan.choice().steady, &plan.choice().closed_forms)).as_bytes());
        write("json", wire::plan(&plan, &sample::sources()).as_bytes());
    }
}
