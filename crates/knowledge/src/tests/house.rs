//! A house's folder: the worked example, and what a house may lay over ours.

use super::{knowledge, shown};
use crate::playbook::{OnlyApproved, Place};
use crate::{Knowledge, Origin};
use groundplan_model::brief::Brief;
use groundplan_model::diagnostic::Severity;
use groundplan_model::reader;
use groundplan_model::span::Span;
use std::path::{Path, PathBuf};

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/house-rules")
}

/// The files of the example's folder, as the command line reads them.
fn files() -> Vec<(String, String)> {
    let root = example().join("knowledge");
    let (mut folders, mut files) = (vec![root.clone()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_string();
                files.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    files.sort();
    files
}

fn brief() -> Brief {
    let text = std::fs::read_to_string(example().join("shipments.brief.yaml")).unwrap();
    let read = reader::read_brief(&text);
    read.value.unwrap_or_else(|| panic!("{:?}", read.diagnostics))
}

#[test]
fn the_worked_example_changes_what_its_readme_says() {
    let house = Knowledge::load(&files()).unwrap_or_else(|found| panic!("{found:#?}"));
    let is_error = |item: &&crate::FileDiagnostic| item.diagnostic.severity == Severity::Error;
    let errors: Vec<String> = house.check().iter().filter(is_error).map(shown).collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
    let brief = brief();
    let (ours, theirs) = (knowledge().decide(&brief), house.decide(&brief));
    let readme = std::fs::read_to_string(example().join("README.md")).unwrap();
    let rows: Vec<Vec<&str>> = readme
        .lines()
        .skip_while(|line| !line.starts_with("| decision"))
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .map(|line| line.split('|').map(|cell| cell.trim().trim_matches('`')).collect())
        .collect();
    assert!(rows.len() >= 2, "{rows:?}");
    for row in rows {
        let [_, dimension, without, with, because, _] = row[..] else { panic!("{row:?}") };
        let found = (ours.option(dimension), theirs.option(dimension));
        assert_eq!(found, (Some(without), Some(with)), "{dimension}");
        let decision = theirs.of(dimension, None).unwrap();
        let reason = decision.reasons.iter().find(|reason| reason.rule == because).unwrap();
        assert_eq!((reason.option.as_str(), reason.origin), (without, Origin::House));
        assert!(decision.not_yet.iter().any(|item| item.option == without && !item.ready_when.is_empty()));
    }
    let marked = |decisions: &crate::Decisions| {
        decisions.decisions.iter().flat_map(|decision| &decision.reasons).filter(|item| !item.origin.is_ours()).count()
    };
    assert_eq!(marked(&ours), 0);
    assert!(marked(&theirs) >= 4);
    assert_eq!(house.fact("egress-gb").value, 0.03);
}

/// What messaging decides for the sample with events, under these files.
fn messaging(files: &[(&str, &str)]) -> crate::Decision {
    let files: Vec<(String, String)> = files.iter().map(|(path, text)| ((*path).into(), (*text).into())).collect();
    let house = Knowledge::load(&files).unwrap_or_else(|found| panic!("{found:#?}"));
    house.decide(&brief()).of("messaging", None).unwrap().clone()
}

#[test]
fn an_option_is_out_when_all_its_products_are_forbidden() {
    let log = knowledge().technologies_of("messaging", "log");
    assert!(log.len() > 1, "{log:?}");
    let forbid = |products: &[&str]| {
        let lines = products.iter().map(|id| {
            format!("  {id}: {{ name: {id}, stance: forbidden, why: \"nobody knows it\", instead: the relay }}\n")
        });
        format!("kind: technologies\ntechnologies:\n{}", lines.collect::<String>())
    };
    assert_eq!(messaging(&[("technologies/a.yaml", &forbid(&log[1..]))]).option, "log", "one is left");
    let without = messaging(&[("technologies/a.yaml", &forbid(&log))]);
    assert_ne!(without.option, "log");
    let veto = without.reasons.iter().find(|reason| reason.rule == "house:forbids-messaging-log").unwrap();
    assert_eq!(veto.veto, Some("impossible"));
    assert!(veto.text.contains("nobody knows it; instead: the relay"), "{}", veto.text);
    assert_eq!(veto.sources[0].source, "house-rules");
}

#[test]
fn an_approval_makes_an_option_ready_again() {
    let only = "kind: technologies\nonly-approved: [messaging]\n";
    let none = messaging(&[("technologies/a.yaml", only)]);
    assert!(none.not_yet.iter().any(|item| item.option == "log"), "{:?}", none.not_yet);
    let kafka = format!("{only}technologies: {{ kafka: {{ name: Kafka, stance: approved }} }}\n");
    let one = messaging(&[("technologies/a.yaml", &kafka)]);
    assert_eq!(one.option, "log");
    assert!(one.not_yet.iter().all(|item| item.option != "log"), "{:?}", one.not_yet);
}

#[test]
fn a_rule_of_ours_can_be_said_otherwise() {
    let rule = "kind: rules
rules:
  - { rule: log-replays, dimension: messaging, option: log, when: [ data.replay-sets >= 1 ], against: cost, grade: slight,
      text: we keep it twice already, sources: { house-rules: opinion } }
";
    let decision = messaging(&[("rules/ours.yaml", rule)]);
    let reason = decision.reasons.iter().find(|reason| reason.rule == "log-replays").unwrap();
    assert_eq!((reason.text.as_str(), reason.origin), ("we keep it twice already", Origin::House));
    let elsewhere = rule.replace("option: log", "option: queue");
    let found = Knowledge::load(&[("rules/ours.yaml".into(), elsewhere)]).unwrap_err();
    assert_eq!(found.iter().map(|item| item.diagnostic.code).collect::<Vec<_>>(), ["declared-twice"]);
}

#[test]
fn what_a_house_changes_of_our_examples_is_a_note() {
    let fact = "kind: facts
facts:
  teams-in-one-deployable: { name: ours, value: 40, unit: teams, source: house-rules, date: '2026', mark: P }
";
    let house = Knowledge::load(&[("facts/ours.yaml".into(), fact.into())]).unwrap();
    let found = house.check();
    let failing: Vec<_> = found.iter().filter(|item| item.diagnostic.code == "example-fails").collect();
    assert!(!failing.is_empty(), "rules with that threshold have examples");
    assert!(failing.iter().all(|item| item.diagnostic.severity == Severity::Note));
}

#[test]
fn a_dimension_of_approved_products_wants_one() {
    let check = |text: &str| {
        let house = Knowledge::load(&[("technologies/a.yaml".into(), text.into())]).unwrap();
        let found = house.check().into_iter().filter(|item| item.diagnostic.code == "nothing-approved");
        let span = |item: crate::load::FileDiagnostic| item.diagnostic.labels[0].span;
        (
            found.map(span).map(|span| text[span.start as usize..span.end as usize].to_string()).collect::<Vec<_>>(),
            house,
        )
    };
    let only = "kind: technologies\nonly-approved: [storage, architecture-style]\n";
    let (found, house) = check(only);
    assert_eq!(found, ["storage", "architecture-style"]);
    let waits = |house: &Knowledge, dimension: &str, option: &str| {
        house.rule(&format!("house:approves-none-{dimension}-{option}")).is_some()
    };
    let storage = house.dimension("storage").unwrap();
    assert!(
        storage.options.iter().all(|option| waits(&house, "storage", &option.name)),
        "none is better off than another"
    );
    assert!(!waits(&house, "architecture-style", "modular-monolith"), "a style is no product");
    let (found, house) = check(
        "kind: technologies\nonly-approved: [storage, messaging]\n\
         technologies: { postgres: { stance: approved }, rabbitmq: { name: Rabbit, stance: approved, provides: [messaging/queue] } }\n",
    );
    assert!(found.is_empty(), "{found:?}");
    assert!(!waits(&house, "storage", "relational") && waits(&house, "storage", "wide-column"));
    assert!(
        !waits(&house, "messaging", "in-process") && waits(&house, "messaging", "log"),
        "what runs nothing needs no product"
    );
}

#[test]
fn an_option_of_which_no_product_is_known_is_not_approved() {
    let mut house = knowledge().clone();
    let storage = house.dimensions.iter_mut().find(|dimension| dimension.name == "storage").unwrap();
    let option = storage.options.iter_mut().find(|option| option.name == "search").unwrap();
    option.technologies.clear();
    house.technologies.values_mut().for_each(|product| product.provides.retain(|(_, option)| option != "search"));
    assert!(house.technologies_of("storage", "search").is_empty());
    let place = Place { file: "a.yaml".into(), span: Span::NONE, origin: Origin::House };
    house.only_approved.push(OnlyApproved { dimension: "storage".into(), source: "house-rules".into(), at: place });
    house.add_stances();
    let rule = house.rule("house:approves-none-storage-search").unwrap();
    assert!(rule.text.contains("none is known that provides it"), "{}", rule.text);
}

#[test]
fn an_empty_file_is_told_what_knowledge_begins_with() {
    let found = Knowledge::load(&[("rules/ours.yaml".into(), String::new())]).unwrap_err();
    assert_eq!(found[0].diagnostic.code, "empty-file");
    let help = found[0].diagnostic.help.as_deref().unwrap();
    assert!(help.contains("technologies") && !help.contains("brief"), "{help}");
}

#[test]
fn a_fact_is_not_from_the_far_future() {
    let of = |date: &str| {
        let fact = format!(
            "kind: facts\nfacts:\n  ours: {{ name: ours, value: 40, unit: teams, source: house-rules, date: '{date}', mark: P }}\n"
        );
        Knowledge::load(&[("facts/ours.yaml".into(), fact)]).err().map(|found| found[0].diagnostic.code)
    };
    assert_eq!(of("2100-12"), None);
    assert_eq!(of("2101"), Some("bad-date"));
    assert_eq!(of("9999"), Some("bad-date"));
}
