//! Decisions whose outcome is known, and their twins with a hundredth of load and people.
//!
//! The briefs hold what was known before the decision and no names of technology. Rules are not fitted to them: where
//! the engine answers otherwise, that is what stands here, with the known outcome beside it.

use super::knowledge;
use crate::constraint::Setting;
use crate::decision::Flip;
use groundplan_model::brief::Brief;
use groundplan_model::quantity::Ranged;
use groundplan_model::reader;

fn read(text: &str) -> Brief {
    let read = reader::read_brief(text);
    read.value.unwrap_or_else(|| panic!("{:?}", read.diagnostics))
}

/// A hundredth of the load, the data and the people.
fn twin(brief: &Brief) -> Brief {
    let mut twin = brief.clone();
    for entry in &mut twin.load {
        entry.rate = Ranged::exactly(entry.rate.mid() / 100.0);
    }
    for set in &mut twin.data {
        set.size = set.size / 100.0;
    }
    twin.team.engineers = (twin.team.engineers / 100).max(2);
    twin.team.teams = (twin.team.teams / 100).max(1);
    twin
}

fn style(brief: &Brief) -> String {
    knowledge().decide(brief).option("architecture-style").unwrap().to_string()
}

const MONITORING: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/monitoring.brief.yaml"));
const ROUTING: &str = include_str!("cases/routing.brief.yaml");
const COMMERCE: &str = include_str!("cases/commerce.brief.yaml");
const BANK: &str = include_str!("cases/bank.brief.yaml");
const GAMES: &str = include_str!("cases/games.brief.yaml");

#[test]
fn agrees_with_what_the_engineers_chose() {
    assert_eq!(style(&read(MONITORING)), "modular-monolith");
    assert_eq!(style(&read(BANK)), "microservices");
    // One application, with the connections split out: the engine names them as worth extracting.
    let games = knowledge().decide(&read(GAMES));
    assert_eq!(games.option("architecture-style"), Some("modular-monolith"));
    assert_eq!(games.extractions.iter().map(|item| item.module.as_str()).collect::<Vec<_>>(), ["connections"]);
}

#[test]
fn differs_from_what_the_engineers_chose_where_it_does() {
    // Known: a modular monolith with enforced boundaries. The engine takes the storefront out of it; the monolith is
    // second, and services are what both refuse.
    let commerce = knowledge().decide(&read(COMMERCE));
    let style = commerce.of("architecture-style", None).unwrap();
    assert_eq!((style.option.as_str(), style.runner_up.as_deref()), ("hybrid", Some("modular-monolith")));
    // Known: one service fed by one queue. The engine refuses a service per destination too, but puts a log first.
    let routing = knowledge().decide(&read(ROUTING));
    let style = routing.of("architecture-style", None).unwrap();
    assert_eq!((style.option.as_str(), style.runner_up.as_deref()), ("event-driven", Some("modular-monolith")));
    assert_eq!(style.ranking.last().unwrap().option, "microservices");
}

#[test]
fn a_hundredth_of_it_is_a_monolith() {
    for text in [MONITORING, ROUTING, COMMERCE, BANK, GAMES] {
        let twin = twin(&read(text));
        assert_eq!(style(&twin), "modular-monolith", "{}", twin.name);
    }
}

#[test]
fn what_a_dependency_can_not_meet_is_a_condition() {
    let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/web-shop-impossible.brief.yaml"));
    let decisions = knowledge().decide(&read(text));
    let found: Vec<(&str, &str, bool)> =
        decisions.conditions.iter().map(|item| (item.operation.as_str(), item.target, item.today)).collect();
    let order = "checkout.place-order";
    assert_eq!(found, [(order, "availability", true), (order, "p99", true), (order, "rate", true)]);
    assert!(decisions.impossible.is_empty());
}

#[test]
fn a_queue_is_offered_for_a_peak_but_for_no_mean() {
    use groundplan_model::brief::Answer;
    use groundplan_model::units::{PerSecond, Seconds};
    let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/web-shop.brief.yaml"));
    // Of payments: 30/s on average today, 76.8/s at the horizon; ten times that at the peak.
    let told = |limit: f64, follows: bool| {
        let mut brief = read(text);
        brief.outside.iter_mut().find(|item| item.name.value == "payment-provider").unwrap().limit =
            Some(PerSecond(limit));
        if follows {
            let calls = brief.modules.iter_mut().flat_map(|module| &mut module.operations).flat_map(|op| &mut op.calls);
            calls.filter(|call| call.to.value == "payment-provider").for_each(|call| {
                call.answer = Answer::FollowsWithin(Seconds(3_600.0));
            });
        }
        let found = knowledge().decide(&brief).conditions;
        found.into_iter().find(|item| item.target == "rate").map(|item| {
            let queue = item.lifted_by.iter().find(|text| text.contains("queue")).cloned().unwrap_or_default();
            (
                item.today,
                item.text.contains("only a higher limit lifts this"),
                queue.contains("until"),
                !queue.is_empty(),
            )
        })
    };
    assert_eq!(told(1_000.0, false), None);
    assert_eq!(told(500.0, false), Some((false, false, false, true)), "the peak at the horizon is too much");
    assert_eq!(told(100.0, false), Some((true, false, false, true)), "the peak is too much today");
    assert_eq!(told(50.0, false), Some((true, false, true, true)), "a queue holds it until the mean outgrows it");
    assert_eq!(told(20.0, false), Some((true, true, false, false)), "the mean is too much today");
    assert_eq!(told(100.0, true), None, "a queue holds the peak already");
    assert_eq!(told(50.0, true), Some((false, true, false, false)), "the mean outgrows it");
    assert_eq!(told(20.0, true), Some((true, true, false, false)));
}

#[test]
fn faster_than_light_is_impossible() {
    use super::sample;
    use groundplan_model::quantity::Target;
    use groundplan_model::units::{Seconds, Share};
    let mut brief = sample::brief();
    brief.regions = vec![("eu-west".into(), Share(0.5)), ("us-east".into(), Share(0.5))];
    brief.load[1].p99 = Some(Target::must(Seconds(0.02)));
    let found = knowledge().decide(&brief).impossible;
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].headline.contains("orders.place"), "{}", found[0].headline);
    brief.load[1].p99 = Some(Target::must(Seconds(0.2)));
    assert!(knowledge().decide(&brief).impossible.is_empty());
}

#[test]
fn an_unsaid_way_of_asking_becomes_a_question_only_if_it_matters() {
    let mut brief = super::sample::brief();
    assert!(brief.data.iter().all(|set| set.access.is_empty()));
    let asked = |brief: &Brief| -> Vec<(String, Option<String>)> {
        let questions = knowledge().decide(brief).questions.into_iter();
        let of_data = questions.filter(|item| item.constraint.starts_with("data."));
        of_data.map(|item| (item.constraint, item.subject)).collect()
    };
    // Only searches would move the one set that need not be strongly consistent.
    assert_eq!(asked(&brief), [("data.items.access.search".to_string(), Some("items".to_string()))]);
    brief.data[0].access = vec![("get".into(), groundplan_model::units::PerSecond(200.0))];
    assert_eq!(asked(&brief), []);
}

/// The flip of a dimension by a constraint, in a web shop whose catalogue must answer within this.
fn flip_of(p99: f64, constraint: &str) -> Flip {
    let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/web-shop.brief.yaml"));
    let mut brief = read(text);
    brief.load[0].p99 = Some(groundplan_model::quantity::Target::must(groundplan_model::units::Seconds(p99)));
    let decisions = knowledge().decide(&brief);
    let deployment = decisions.of("deployment", None).unwrap();
    deployment.flips.iter().find(|flip| flip.constraint == constraint).unwrap().clone()
}

#[test]
fn a_flip_never_reads_as_what_is() {
    let path = "load.catalogue.browse.p99";
    // A hundred milliseconds still belong to the side that it stands on.
    let at = flip_of(0.1, path);
    assert_eq!((at.shown.as_str(), at.shown_now.as_str()), ("just over 100ms", "100ms"));
    assert_eq!(at.threshold(), "above 100ms");
    assert_eq!(at.at, Setting::Number(0.1f64.next_up()));
    let within = flip_of(0.2, path);
    assert_eq!((within.shown.as_str(), within.shown_now.as_str()), ("100ms", "200ms"));
    assert_eq!(within.threshold(), "at most 100ms");
    // However near: at three digits both would read the same.
    assert_eq!(flip_of(0.100_01, path).threshold(), "below 100ms");
}

#[test]
fn numbers_come_before_words_and_the_nearest_first() {
    for text in [MONITORING, ROUTING, COMMERCE, BANK, GAMES] {
        for decision in knowledge().decide(&read(text)).decisions {
            let words: Vec<bool> = decision.flips.iter().map(|flip| matches!(flip.at, Setting::Word(_))).collect();
            assert!(words.is_sorted(), "{:?}", decision.flips);
            let ratios = decision.flips.iter().filter_map(|flip| match (&flip.now, &flip.at) {
                (Setting::Number(now), Setting::Number(at)) if *now > 0.0 && *at > 0.0 => {
                    Some((at / now).max(now / at))
                }
                _ => None,
            });
            assert!(ratios.is_sorted_by(|one, other| *one <= other * (1.0 + 1e-12)), "{:?}", decision.flips);
        }
    }
}

#[test]
fn what_is_told_of_the_web_shop() {
    let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/web-shop.brief.yaml"));
    let decisions = knowledge().decide(&read(text));
    let mut told = Vec::new();
    for decision in &decisions.decisions {
        let subject = decision.subject.as_ref().map_or(String::new(), |set| format!(" of {set}"));
        told.push(format!("{}{subject}: {}", decision.dimension, decision.explanation));
        told.push(format!("  {}: {}", decision.confidence.word, decision.confidence.text));
        for flip in decision.flips.iter().take(4) {
            let now = &flip.shown_now;
            told.push(format!("  {} {:?} {} (now {now}) -> {}", flip.constraint, flip.side, flip.shown, flip.option));
        }
    }
    told.extend(decisions.questions.iter().map(|question| question.text.clone()));
    told.extend(decisions.conditions.iter().map(|condition| condition.text.clone()));
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn what_a_rule_decides_alone_is_found() {
    let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/web-shop.brief.yaml"));
    let alone = knowledge().decides_alone(&read(text));
    let styles: Vec<&str> =
        alone.iter().filter(|item| item.dimension == "architecture-style").map(|item| item.rule.as_str()).collect();
    assert_eq!(styles, ["modules-change-together"]);
}
