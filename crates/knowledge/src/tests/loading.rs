//! Overlays, what is said of bad files, clashes and conflicts.

use super::sample;
use crate::Knowledge;
use groundplan_model::vocabulary::{KindWords, Vocabulary};

fn file(path: &str, text: &str) -> (String, String) {
    (path.to_string(), text.to_string())
}

/// What is said of these files, each with file, line, column and code.
fn told(files: &[(String, String)], found: &[crate::FileDiagnostic]) -> String {
    let place = |item: &crate::FileDiagnostic| {
        let text = files.iter().find(|(path, _)| *path == item.file).map_or("", |(_, text)| text);
        let before = &text[..item.diagnostic.labels[0].span.start as usize];
        let line = 1 + before.matches('\n').count();
        (line, 1 + before.chars().rev().take_while(|c| *c != '\n').count())
    };
    let line = |item: &crate::FileDiagnostic| {
        let (line, column) = place(item);
        let help = item.diagnostic.help.as_ref().map(|help| format!("\n    {help}")).unwrap_or_default();
        format!("{}:{line}:{column} [{}] {}{help}", item.file, item.diagnostic.code, item.diagnostic.headline)
    };
    found.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// What loading says of these files.
fn refused(files: &[(String, String)]) -> String {
    told(files, &Knowledge::load(files).expect_err("something is wrong with them"))
}

#[test]
fn what_is_wrong_with_the_whole_is_told_with_its_place() {
    let owls = "kind: option
dimension: messaging
option: owls
about: birds of the night
technologies: [ barn-owl ]
chosen-in: { brief: {} }
rules:
  - rule: owls-always
    when: [ team.teams >= 1 ]
    impossible: latency
    text: they sleep by day
    sources: { aws-docs: documented }
    examples: [ { brief: {}, speaks: no } ]
  - rule: owls-see-at-night
    when: [ team.on-call >= always ]
    for: operability
    grade: strong
    text: they are awake
    sources: { ddia: expert }
    examples:
      - { brief: { team: { on-call: always } }, speaks: yes, set: nests }
      - { brief: { team: { on-call: sometimes } }, speaks: yes }
";
    let risks = "kind: risks
group: birds
title: Birds
risks:
  - risk: mice
    title: Mice
    text: the owl stops for a mouse
    when: [ messaging is owls ]
    tried-by: [ crsh ]
    mitigations: [ { mitigation: feed, title: Feed, text: feed it before, policy: hedgy, sources: { ddia: expert } } ]
    sources: { ddia: expert }
    examples: [ { brief: {}, speaks: yes } ]
";
    let coverage = "kind: coverage
section: 99
title: Birds
rows: [ { row: 99-1, says: owls are quiet, carried-by: [ rule:owls-are-quiet, option:messaging/owls ] } ]
";
    let facts = "kind: facts
facts:
  owls-a-barn: { name: owls in a barn, value: 2, source: house, date: '2026', mark: A }
  mice-a-night: { name: mice that an owl eats in a night, value: 3, source: house, date: '1950', mark: R }
";
    let files = [
        file("options/messaging/owls.yaml", owls),
        file("risks/owls.yaml", risks),
        file("coverage/x.yaml", coverage),
        file("facts/owls.yaml", facts),
    ];
    let knowledge = Knowledge::load(&files).unwrap_or_else(|found| panic!("{}", told(&files, &found)));
    let words = |name: &'static str| KindWords {
        name,
        manual: "",
        keys: &[],
        leaves_out: &[],
        goes_with: &[],
        example: "",
        without: &[],
    };
    let (policies, faults) = (Box::leak(Box::new([words("hedge")])), Box::leak(Box::new([words("crash")])));
    let mut found = knowledge.check();
    found.extend(knowledge.unknown_words(&Vocabulary { kinds: &[], policies, faults }));
    found.retain(|item| files.iter().any(|(path, _)| *path == item.file));
    insta::assert_snapshot!(told(&files, &found));
}

#[test]
fn what_makes_no_sense_is_told_with_its_place() {
    let option = |name: &str, rest: &str| {
        let text = format!("kind: option\ndimension: messaging\noption: {name}\nabout: birds\n{rest}");
        file(&format!("options/messaging/{name}.yaml"), &text)
    };
    let pigeons = "preconditions:
  - { needs: scaling is horizontal, text: many birds, to-do: breed }
  - { needs: messaging is owls, text: a night shift, to-do: ask the owls }
rules:
  - rule: many-words
    when: [ team.teams >= 2, platform.brokers > yes, team.teams < 1, messaging is log ]
    for: latency
    grade: slight
    text: they fly
    sources: { house: opinion }
  - { rule: fast-birds, when: [ team.teams > 1, load.max-peak > 0 ], for: latency, grade: normal, text: fast, sources: { ddia: expert } }
  - { rule: slow-birds, when: [ load.max-peak  > 0, team.teams > 1 ], against: latency, grade: slight, text: slow, sources: { ddia: expert } }
  - { rule: no-birds, when: [ team.teams > 1, load.max-peak > 0 ], impossible: cost, text: dear, sources: { aws-docs: documented } }
  - { rule: one-hand, when: [ architecture-style is hybrid, architecture-style is microservices ], for: cost, grade: slight, text: x, sources: { house: opinion } }
  - { rule: hop-cpu, when: [], for: cost, grade: slight, text: x, sources: { house: opinion } }
";
    let owls = "preconditions:
  - { needs: messaging is pigeons, text: somebody for the day, to-do: ask the pigeons }
rules: []
";
    insta::assert_snapshot!(refused(&[option("pigeons", pigeons), option("owls", owls)]));
}

#[test]
fn everything_wrong_with_a_file_is_said_at_once_with_its_place() {
    let text = "kind: option
dimension: architecture-style
option: mesh-of-meshes
about: nothing
rules:
  - rule: bad
    when: [ \"team.temas >= 3\", \"load.total.peak-at-horizon / load.total.rate >= 2\" ]
    for: speed
    grade: strong
    text: no
    sources: { ddai: expert }
  - rule: few-teams-one-deployable
    when: []
    against: cost
    grade: slight
    text: taken
    sources: { ddia: expert }
    colour: red
";
    insta::assert_snapshot!(refused(&[file("options/architecture-style/mesh.yaml", text)]));
}

#[test]
fn a_veto_needs_more_than_opinion() {
    let text = "kind: option
dimension: messaging
option: pigeons
about: birds
rules:
  - { rule: no-birds, when: [], impossible: latency, text: slow, sources: { blueprint: opinion } }
";
    let found = Knowledge::load(&[file("options/messaging/pigeons.yaml", text)]).unwrap_err();
    assert_eq!(found.iter().map(|item| item.diagnostic.code).collect::<Vec<_>>(), ["weak-veto"]);
}

#[test]
fn an_overlay_changes_facts_and_adds_options() {
    let facts = "kind: facts
facts:
  egress-gb: { name: ours, value: 0.01, unit: USD/GB, source: house, date: '2026', mark: P }
";
    let option = "kind: option
dimension: messaging
option: pigeons
about: birds
rules: []
";
    let knowledge =
        Knowledge::load(&[file("facts/prices.yaml", facts), file("options/messaging/pigeons.yaml", option)]);
    let knowledge = knowledge.unwrap_or_else(|found| panic!("{found:?}"));
    assert_eq!(knowledge.fact("egress-gb").money().map(|(money, per)| (money.0, per)), Some((0.01, "GB")));
    assert!(knowledge.fact("vm-vcpu-hour").is_range(), "the other prices are still there");
    assert!(knowledge.option("messaging", "pigeons").is_some());
    let changed = "kind: facts
facts:
  egress-gb: { name: ours, value: 3s, source: house, date: '2026', mark: P }
";
    let found = Knowledge::load(&[file("facts/ours.yaml", changed)]).unwrap_err();
    assert_eq!(found[0].diagnostic.code, "unit-changed");
}

/// All options of messaging, each impossible under these conditions.
fn nothing_if(when: &str) -> Vec<(String, String)> {
    ["in-process", "rpc", "queue", "pub-sub", "log"]
        .iter()
        .map(|option| {
            let text = format!(
                "kind: option\ndimension: messaging\noption: {option}\nabout: x\nrules:\n  - {{ rule: no-{option}, when: {when}, impossible: cost, text: no, sources: {{ blueprint: arithmetic }} }}\n"
            );
            file(&format!("options/messaging/{option}.yaml"), &text)
        })
        .collect()
}

#[test]
fn a_clash_makes_the_earlier_choice_give_way_once() {
    let knowledge = Knowledge::load(&nothing_if("[architecture-style is modular-monolith]")).unwrap();
    let decisions = knowledge.decide(&sample::brief());
    let style = decisions.of("architecture-style", None).unwrap();
    assert_ne!(style.option, "modular-monolith");
    assert_eq!(style.fell_back, Some(("architecture-style".into(), "modular-monolith".into())));
    assert!(style.explanation.contains("gave way"), "{}", style.explanation);
    assert!(decisions.conflicts.is_empty());
    assert!(decisions.of("messaging", None).is_some());
}

#[test]
fn where_nothing_is_possible_the_smallest_conflict_is_shown() {
    let mut files = nothing_if("[\"team.teams >= 1\"]");
    files[0].1 = files[0].1.replace("rules:\n", "rules:\n  - { rule: more, when: [\"team.teams >= 1\", \"team.engineers >= 1\"], impossible: cost, text: no, sources: { blueprint: arithmetic } }\n");
    let decisions = Knowledge::load(&files).unwrap().decide(&sample::brief());
    assert_eq!(decisions.option("architecture-style"), Some("modular-monolith"));
    assert!(decisions.of("messaging", None).is_none());
    assert_eq!(decisions.conflicts.len(), 1);
    assert_eq!(decisions.conflicts[0].conditions, ["team.teams >= 1"]);
    assert_eq!(decisions.conflicts[0].rules.len(), 5);
}
