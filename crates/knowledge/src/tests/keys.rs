//! The table of keys that few briefs speak of, and the measures over it: paths that a brief reads, fields that keep what
//! is set, ways that hold, and flip points that flip, on the worked examples.

use super::knowledge;
use super::properties::{number, step_short};
use crate::constraint::{self, Class, Constraint, Domain, Setting, keys};
use crate::frame::Frame;
use crate::measure::{MEASURES, Way};
use crate::rule::Scope;
use crate::view::{Subject, View};
use groundplan_model::brief::Brief;
use groundplan_model::reader::{read_brief, read_brief_with};

const EXAMPLES: [&str; 4] = [
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/payments-core.brief.yaml")),
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/clearance-assistant.brief.yaml")),
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/b2b-tenants.brief.yaml")),
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/monolith-today.brief.yaml")),
];

fn read(text: &str) -> Brief {
    let read = read_brief(text);
    read.value.unwrap_or_else(|| panic!("{:#?}", read.diagnostics))
}

/// The constraints of a brief that stand in the table.
fn tabled(brief: &Brief) -> Vec<Constraint> {
    constraint::constraints(brief).into_iter().filter(|item| matches!(item.class, Class::Key(_))).collect()
}

/// Another value of a constraint, and the text that a brief says it with.
fn another(constraint: &Constraint, brief: &Brief) -> (f64, String) {
    let now = constraint.get(brief);
    if let Domain::Words(words) = constraint.domain {
        let other = if now > 0.0 { 0.0 } else { words.len() as f64 - 1.0 };
        let Setting::Word(word) = constraint.setting(other) else { panic!("words have words") };
        return (other, word.to_string());
    }
    let other = if now > 0.0 { now * 0.5 } else { 0.25 };
    let other = if let Domain::Whole(..) = constraint.domain { other.ceil() + 1.0 } else { other };
    match constraint.unit {
        "s" => (other, format!("{other}s")),
        "/s" => (other, format!("{other}/s")),
        "B" => (other, format!("{other} B")),
        "share" => (other, format!("{}%", other * 100.0)),
        "x" => (other + 1.0, format!("{}x", other + 1.0)),
        _ => {
            let other = other.ceil().max(1.0);
            (other, other.to_string())
        }
    }
}

#[test]
fn every_key_is_in_an_example_reads_at_its_path_and_keeps_what_is_set() {
    let mut seen: Vec<&str> = Vec::new();
    for text in EXAMPLES {
        let brief = read(text);
        for constraint in tabled(&brief) {
            let Class::Key(path) = constraint.class else { unreachable!("only those are looked at") };
            seen.push(path);
            let (value, said) = another(&constraint, &brief);
            let mut changed = brief.clone();
            constraint.set(&mut changed, value);
            let close = |one: f64| (one - value).abs() <= value.abs() * 1e-9;
            assert!(close(constraint.get(&changed)), "{}: {} of {value}", constraint.path, constraint.get(&changed));
            // The same path says the same in the file. A value may contradict another, which errors would say.
            let again = read_brief_with(text, &[(&constraint.path, &said)]);
            let unknown = ["unknown-path", "unknown-key", "wrong-shape", "unknown-word", "unknown-unit", "wrong-value"];
            let found = again.diagnostics.iter().find(|one| unknown.contains(&one.code));
            assert!(found.is_none(), "{} set to {said}: {found:#?}", constraint.path);
            if let Some(again) = again.value {
                let same =
                    tabled(&again).into_iter().find(|item| item.path == constraint.path).map(|item| item.get(&again));
                assert!(same.is_some_and(close), "{} set to {said}: {same:?}", constraint.path);
            }
        }
    }
    let missing: Vec<&str> = keys::KEYS.iter().map(|key| key.path).filter(|path| !seen.contains(path)).collect();
    assert!(missing.is_empty(), "in no example: {missing:?}");
}

#[test]
fn measures_and_keys_know_one_another() {
    let moved = |path: &str| {
        MEASURES.iter().any(|measure| measure.ways.iter().any(|(class, _)| *class == Class::Key(key(path))))
    };
    fn key(path: &str) -> &'static str {
        keys::find(path).map_or("", |key| key.path)
    }
    for measure in MEASURES.iter() {
        for (class, _) in measure.ways {
            if let Class::Key(path) = class {
                assert!(keys::find(path).is_some(), "{} moves with {path}, which is no key", measure.name);
            }
        }
    }
    for (n, key) in keys::KEYS.iter().enumerate() {
        assert!(moved(key.path), "no measure moves with {}", key.path);
        assert!(keys::KEYS[..n].iter().all(|earlier| earlier.path != key.path), "{} stands twice", key.path);
    }
}

/// What flips rest on: a measure moves with each constraint as it says, and not at all with the others.
#[test]
fn measures_of_the_examples_move_as_they_say() {
    for text in EXAMPLES {
        let brief = read(text);
        let frame = Frame::of(&brief);
        for constraint in constraint::constraints(&brief) {
            let at = |share: f64| match constraint.domain {
                Domain::Real(low, high) => low + (high - low) * share * share * share,
                Domain::Whole(low, high) => (low as f64 + (high - low) as f64 * share * share * share).round(),
                Domain::Words(words) => (share * words.len() as f64).floor().min(words.len() as f64 - 1.0),
            };
            let changed = [0.0, 0.02, 1.0].map(|share| {
                let mut changed = brief.clone();
                constraint.set(&mut changed, at(share));
                changed
            });
            let views = changed.each_ref().map(|brief| View::new(brief, &frame));
            for measure in MEASURES.iter() {
                let subjects = match measure.scope {
                    Scope::Brief => vec![Subject::Brief],
                    Scope::Set => (0..brief.data.len()).map(Subject::Set).collect(),
                    Scope::Module => (0..brief.modules.len()).map(Subject::Module).collect(),
                    Scope::Entry => (0..brief.load.len()).map(Subject::Entry).collect(),
                };
                for subject in subjects {
                    let values = views.each_ref().map(|view| (measure.value)(view, subject));
                    let not_less = |a: f64, b: f64| b >= a - a.abs() * 1e-9;
                    let way = measure.ways.iter().find(|(class, _)| *class == constraint.class).map(|(_, way)| *way);
                    let up = values.windows(2).all(|pair| not_less(pair[0], pair[1]));
                    let down = values.windows(2).all(|pair| not_less(pair[1], pair[0]));
                    let holds = match way {
                        None => up && down,
                        Some(Way::Up) => up,
                        Some(Way::Down) => down,
                        Some(Way::Either) => up || down,
                    };
                    assert!(holds, "{} with {}: {values:?}", measure.name, constraint.path);
                    assert!(
                        values.iter().all(|value| *value >= 0.0 && value.is_finite()),
                        "{} {values:?}",
                        measure.name
                    );
                }
            }
        }
    }
}

/// One step short of each flip point the decision stands; at the point it is what was said.
#[test]
fn flips_of_the_keys_flip_at_their_value_and_not_just_before() {
    let mut seen = 0;
    for text in EXAMPLES {
        let brief = read(text);
        let all = tabled(&brief);
        for decision in &knowledge().decide(&brief).decisions {
            for flip in &decision.flips {
                let Some(constraint) = all.iter().find(|item| item.path == flip.constraint) else { continue };
                let at = number(constraint, &flip.at);
                let with = |value: f64| {
                    let mut changed = brief.clone();
                    constraint.set(&mut changed, value);
                    let choices = knowledge().choose(&changed);
                    let mine = |choice: &&(String, Option<String>, Option<String>)| {
                        choice.0 == decision.dimension && choice.1 == decision.subject
                    };
                    choices.iter().find(mine).and_then(|choice| choice.2.clone()).unwrap_or("nothing possible".into())
                };
                assert_eq!(with(at), flip.option, "{} {flip:?}", brief.name);
                assert_eq!(with(step_short(constraint, at, flip.side)), decision.option, "{} {flip:?}", brief.name);
                seen += 1;
            }
        }
    }
    assert!(seen > 10, "{seen} flips of keys were tried");
}

/// A dependency that is closed, or down with nothing said for it, stands in the way; one that may be waited for doesn't.
#[test]
fn hours_and_what_may_be_done_while_it_is_down_are_conditions() {
    let told = |changes: &[(&str, &str)]| -> Vec<String> {
        let brief = read_brief_with(EXAMPLES[0], changes).value.unwrap();
        let conditions = crate::limits::conditions(&brief, &Frame::of(&brief));
        conditions.into_iter().filter(|one| one.target == "availability").map(|one| one.text).collect()
    };
    let as_it_is = told(&[]);
    assert!(as_it_is.len() == 1 && as_it_is[0].contains("fraud-score 99.85% (above 50 EUR)"), "{as_it_is:?}");
    assert!(told(&[("outside.fraud-score.if-down", "{ hold: 1h }")]).is_empty());
    let closed = told(&[("outside.fraud-score.hours", "\"07:00-18:00\"")]);
    assert!(closed[0].contains("45.8%") && closed[0].contains("(open 07:00-18:00 UTC)"), "{closed:?}");
}

#[test]
fn numbers_of_a_domain_are_read() {
    let (mut seen, mut refused) = (0, Vec::new());
    for text in EXAMPLES {
        let brief = read(text);
        for constraint in tabled(&brief) {
            let ("1" | "people" | "teams") = constraint.unit else { continue };
            let tried = match constraint.domain {
                Domain::Whole(low, _) => low as f64,
                _ => constraint.get(&brief).floor() + 0.5,
            };
            let read = read_brief_with(text, &[(&constraint.path, &tried.to_string())]);
            // A biggest tenant below the mean contradicts another key; the number itself is one.
            let code = read.diagnostics.first().map(|one| one.code).unwrap_or_default();
            if read.value.is_none() && code != "biggest-below-mean" {
                refused.push((constraint.path, tried, code));
            }
            seen += 1;
        }
    }
    assert!(refused.is_empty(), "{refused:?}");
    assert!(seen >= 8, "{seen}");
}
