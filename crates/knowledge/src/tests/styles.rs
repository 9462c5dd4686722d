//! Briefs whose architecture style is clear, and what is said of them.

use super::knowledge;
use super::sample;

#[test]
fn twelve_engineers_at_three_hundred_a_second_get_a_monolith() {
    let decisions = knowledge().decide(&sample::brief());
    let style = decisions.of("architecture-style", None).unwrap();
    assert_eq!(style.option, "modular-monolith", "{style:#?}");
    let spoke = |rule: &str| style.reasons.iter().any(|reason| reason.rule == rule);
    assert!(spoke("few-teams-one-deployable"));
    assert!(spoke("services-without-teams"));
    assert!(style.not_yet.iter().any(|item| item.option == "microservices"));
}

#[test]
fn many_able_teams_get_services() {
    let style = knowledge().decide(&sample::many_teams());
    let style = style.of("architecture-style", None).unwrap();
    assert_eq!(style.option, "microservices", "{}\n{:#?}", style.explanation, style.ranking);
    let teams = style.flips.iter().find(|flip| flip.constraint == "team.teams").unwrap();
    assert_ne!(teams.option, "microservices");
}

#[test]
fn streams_that_must_replay_get_events() {
    let style = knowledge().decide(&sample::intake());
    let style = style.of("architecture-style", None).unwrap();
    assert_eq!(style.option, "event-driven", "{}\n{:#?}", style.explanation, style.ranking);
    let brokers = style.flips.iter().find(|flip| flip.constraint == "platform.brokers").unwrap();
    assert_ne!(brokers.option, "event-driven");
}

#[test]
fn one_hot_module_is_extracted_or_stays_with_reasons() {
    let decisions = knowledge().decide(&sample::one_hot_module());
    let style = decisions.of("architecture-style", None).unwrap();
    assert!(["hybrid", "modular-monolith"].contains(&style.option.as_str()), "{}", style.explanation);
    assert_eq!(decisions.extractions.len(), 1);
    assert_eq!(decisions.extractions[0].module, "front");
}

fn read(text: &str) -> groundplan_model::brief::Brief {
    let read = groundplan_model::reader::read_brief(text);
    read.value.unwrap_or_else(|| panic!("{:?}", read.diagnostics))
}

#[test]
fn a_deployable_of_today_is_taken_apart_step_by_step() {
    let decisions = knowledge().decide(&read(include_str!("cases/today.brief.yaml")));
    let style = decisions.of("architecture-style", None).unwrap();
    assert_eq!(style.option, "hybrid", "{}", style.explanation);
    // What changes most and is held up leaves first; what shares tables and a release stays.
    assert!(decisions.extractions.len() > 1 && decisions.extractions.iter().all(|item| item.module == "catalogue"));
    let spoke = |rule: &str| style.reasons.iter().any(|reason| reason.rule == rule);
    for rule in ["tables-still-shared", "boundary-in-the-wrong-place", "cut-over-without-a-standstill"] {
        assert!(spoke(rule), "{rule} doesn't speak against services");
    }
    assert_eq!(decisions.option("communication"), Some("mixed"));
}

#[test]
fn a_payments_core_stays_whole_with_a_log_beside_it() {
    let decisions = knowledge().decide(&read(include_str!("cases/payments-core.brief.yaml")));
    let style = decisions.of("architecture-style", None).unwrap();
    assert_eq!(style.option, "modular-monolith", "{}", style.explanation);
    assert!(style.reasons.iter().any(|reason| reason.rule == "central-trail-and-simple-ownership"));
    assert_eq!(decisions.option("communication"), Some("mixed"));
    assert_eq!(decisions.option("messaging"), Some("log"));
}

#[test]
fn communication_follows_the_style() {
    let way = |brief| knowledge().decide(&brief).option("communication").map(str::to_string);
    assert_eq!(way(sample::brief()).as_deref(), Some("in-process"));
    assert_eq!(way(sample::many_teams()).as_deref(), Some("synchronous"));
    assert_eq!(way(sample::intake()).as_deref(), Some("streaming"));
}
