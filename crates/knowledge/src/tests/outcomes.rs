//! The known outcomes: each case reads, names what exists, and the count of agreements doesn't fall.

use super::knowledge;
use crate::outcome::{Held, outcomes, read};

fn held() -> Vec<Held> {
    let list = outcomes().unwrap_or_else(|found| panic!("{found:?}"));
    list.iter().map(|item| item.hold(knowledge()).unwrap_or_else(|found| panic!("{}: {found:?}", item.case))).collect()
}

#[test]
fn every_case_names_what_exists() {
    let knowledge = knowledge();
    for held in held() {
        let case = &held.outcome.case;
        assert!(
            held.outcome.sources.iter().all(|id| knowledge.source(id).is_some()),
            "{case}: {:?}",
            held.outcome.sources
        );
        for ask in &held.outcome.asks {
            let options = ask.agree.iter().chain(&ask.twin).chain(&ask.instead_of);
            for option in options {
                assert!(knowledge.option(&ask.dimension, option).is_some(), "{case}: {}/{option}", ask.dimension);
            }
        }
        for answer in &held.answers {
            assert!(answer.option.is_some() && answer.twin_option.is_some(), "{case}: {answer:?}");
        }
        assert!(held.agrees() && held.twin_agrees() || !held.outcome.difference.is_empty(), "{case} is not explained");
    }
}

#[test]
fn nine_of_eleven_agree_for_reasons_that_were_theirs() {
    let held = held();
    assert_eq!(held.len(), 11);
    let agreed: Vec<&str> = held.iter().filter(|held| held.agrees()).map(|held| held.outcome.case.as_str()).collect();
    assert!(agreed.len() >= 9, "{agreed:?}");
    let twins: Vec<&str> =
        held.iter().filter(|held| held.twin_agrees()).map(|held| held.outcome.case.as_str()).collect();
    assert!(twins.len() >= 9, "{twins:?}");
}

#[test]
fn everything_wrong_with_a_case_is_said() {
    let found = read("kind: outcome\ncase: X\ncolour: red\nasks: [ { dimension: storage } ]\n").unwrap_err();
    let codes: Vec<&str> = found.iter().map(|item| item.code).collect();
    assert_eq!(codes.iter().filter(|code| **code == "unknown-key").count(), 1);
    assert_eq!(codes.iter().filter(|code| **code == "missing-key").count(), 6, "{found:?}");
}
