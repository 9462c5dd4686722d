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
