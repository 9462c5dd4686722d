//! Tests of what the knowledge tells beside its decisions: risks speak where their examples say, every piece is whole.
//! What designs can be made to suffer and which policies there are is known to `report`, and tested there.

use super::knowledge;
use crate::decide;
use crate::evaluate::Evaluator;
use crate::frame::Frame;
use crate::playbook::{Risk, Section};
use crate::predicate::Level;
use crate::rule::Scope;
use crate::view::{Subject, View};
use groundplan_model::reader;

/// Whether a risk speaks of a brief, at its best subject.
fn level(risk: &Risk, text: &str) -> Level {
    let read = reader::read_brief(text);
    let brief = read.value.unwrap_or_else(|| panic!("{}: {:?}", risk.id, read.diagnostics));
    let frame = Frame::of(&brief);
    let view = View::new(&brief, &frame);
    let evaluator = Evaluator::new(knowledge(), &view);
    let chosen = decide::chosen(knowledge(), &decide::weigh_all(knowledge(), &brief, &evaluator));
    let of = |subject: Subject| {
        risk.when.iter().map(|when| when.level(&view, &chosen, subject)).min().unwrap_or(Level::Full)
    };
    let best = |count: usize, make: fn(usize) -> Subject| (0..count).map(|n| of(make(n))).max().unwrap_or(Level::No);
    match risk.scope {
        Scope::Brief => of(Subject::Brief),
        Scope::Set => best(brief.data.len(), Subject::Set),
        Scope::Module => best(brief.modules.len(), Subject::Module),
        Scope::Entry => best(brief.load.len(), Subject::Entry),
    }
}

#[test]
fn every_risk_speaks_where_its_examples_say() {
    let mut failed = Vec::new();
    for risk in knowledge().risks() {
        let wanted = |wanted: Level| risk.examples.iter().any(|example| example.speaks == wanted);
        if !wanted(Level::No) || !(wanted(Level::Full) || wanted(Level::Inside)) {
            failed.push(format!("{} lacks an example that speaks or one that doesn't", risk.id));
        }
        for (nth, example) in risk.examples.iter().enumerate() {
            let found = level(risk, &example.brief);
            if found != example.speaks {
                failed.push(format!(
                    "{}, example {}: {found:?} where {:?} was expected",
                    risk.id,
                    nth + 1,
                    example.speaks
                ));
            }
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn every_risk_has_signals_and_mitigations_with_sources() {
    assert_eq!(knowledge().risk_groups().count(), 5);
    for group in knowledge().risk_groups() {
        assert!(knowledge().risks().any(|risk| risk.group == group.id), "{} is empty", group.id);
    }
    for risk in knowledge().risks() {
        assert!(!risk.signals.is_empty() && !risk.mitigations.is_empty(), "{}", risk.id);
        for mitigation in &risk.mitigations {
            assert!(!mitigation.sources.is_empty(), "{}", mitigation.id);
        }
    }
}

#[test]
fn every_part_of_a_conversation_has_words_and_the_shares_add_up() {
    let whole = |section: Section| knowledge().scripts().iter().any(|s| s.section == section && s.when.is_empty());
    for section in Section::ALL {
        assert!(whole(section), "nothing to say of {}", section.word());
    }
    // What is said always, and what is said of one of the four styles.
    let always: f64 = knowledge().scripts().iter().filter(|s| s.when.is_empty()).map(|s| s.share).sum();
    let styles = knowledge().scripts().into_iter().filter(|s| s.section == Section::Architecture && !s.when.is_empty());
    let styles: Vec<f64> = styles.map(|script| script.share).collect();
    assert_eq!(styles.len(), 4);
    for style in styles {
        assert!((always + style - 1.0).abs() < 1e-9, "the shares add up to {}", always + style);
    }
    for script in knowledge().scripts() {
        assert!(!script.says.is_empty() && !script.asked.is_empty(), "{}", script.id);
        assert!(script.asked.iter().all(|asked| !asked.sources.is_empty()), "{}", script.id);
    }
}

#[test]
fn each_of_the_five_kinds_of_sources_is_told_with_sources_of_its_own() {
    assert_eq!(knowledge().source_types().count(), 5);
    for kind in knowledge().source_types() {
        assert!(!kind.examples.is_empty());
        for example in &kind.examples {
            assert_eq!(knowledge().source(example).map(|source| source.kind), Some(kind.kind), "{example}");
        }
    }
}

#[test]
fn what_carries_much_says_what_it_is_good_for() {
    // The sources that the field is learnt from, each with its place among them.
    for id in ["sre-book", "ddia", "evans-ddd", "newman-monolith", "gke-production", "sculley-2015"] {
        let source = knowledge().source(id).unwrap_or_else(|| panic!("{id} is missing"));
        assert!(source.anchor.is_some(), "{id} is no anchor");
        assert!(source.applicability == Some("high") && !source.applies_to.is_empty(), "{id}");
        assert!(!source.strengths.is_empty() && !source.weaknesses.is_empty(), "{id}");
        assert!(!source.depth.is_empty() && !source.use_it.is_empty(), "{id}");
    }
}

#[test]
fn products_that_options_name_are_in_the_catalogue_and_provide_them() {
    let mut missing = Vec::new();
    for dimension in knowledge().dimensions() {
        for option in &dimension.options {
            for id in &option.technologies {
                let provides = |product: &crate::playbook::Technology| {
                    product.provides.iter().any(|(of, name)| *of == dimension.name && *name == option.name)
                };
                if !knowledge().technology(id).is_some_and(provides) {
                    missing.push(format!("{id} doesn't provide {}/{}", dimension.name, option.name));
                }
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}
