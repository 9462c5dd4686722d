//! What is told of decisions beyond the choice: comparison, what the loser would have been better at, what is missing, how far
//! each constraint can move, what to ask.

use super::{knowledge, sample};
use crate::decision::Decision;
use groundplan_model::brief::Brief;

fn style(brief: &Brief) -> Decision {
    knowledge().decide(brief).of("architecture-style", None).unwrap().clone()
}

fn briefs() -> Vec<Brief> {
    vec![sample::brief(), sample::many_teams(), sample::intake(), sample::one_hot_module()]
}

#[test]
fn the_comparison_is_even_down_to_the_position_that_decides() {
    for brief in briefs() {
        for decision in knowledge().decide(&brief).decisions {
            let decides = decision.comparison.iter().position(|row| row.decides).unwrap();
            for row in &decision.comparison[..decides] {
                assert_eq!(row.ahead, "neither", "{decision:#?}");
                assert_eq!(row.chosen.len(), row.other.len(), "{decision:#?}");
            }
            assert_eq!(decision.comparison[decides].ahead, "chosen", "{decision:#?}");
            assert!(decision.explanation.contains(decision.comparison[decides].position) || decides != 1);
        }
    }
}

#[test]
fn reasons_stand_as_they_were_compared() {
    let mut seen = (0, 0);
    for brief in briefs() {
        for decision in knowledge().decide(&brief).decisions {
            let ranks: Vec<usize> = decision
                .reasons
                .iter()
                .map(|reason| decision.ranking.iter().position(|item| item.option == reason.option).unwrap())
                .collect();
            assert!(ranks.is_sorted(), "options as they were ranked");
            for pair in decision.reasons.windows(2).filter(|pair| pair[0].option == pair[1].option) {
                assert!(
                    pair[0].veto.is_some() || pair[1].veto.is_none() && pair[0].grade >= pair[1].grade,
                    "{pair:#?}"
                );
            }
            for reason in &decision.reasons {
                assert_eq!(reason.held.len(), reason.because.len());
                seen.0 += usize::from(reason.counts);
                seen.1 += usize::from(!reason.counts);
                assert!(!(reason.counts && reason.contested));
            }
            // What counts in the comparison is what counts among the reasons.
            for counted in decision.comparison.iter().flat_map(|row| &row.chosen) {
                for rule in &counted.rules {
                    let own = |reason: &&crate::Reason| reason.rule == *rule && reason.option == decision.option;
                    assert!(decision.reasons.iter().find(own).unwrap().counts);
                }
            }
        }
    }
    assert!(seen.0 > 0 && seen.1 > 0, "{seen:?}");
}

#[test]
fn what_the_runner_up_would_be_better_at_is_said() {
    let style = style(&sample::one_hot_module());
    assert!(!style.runner_up_better.is_empty(), "{style:#?}");
    for better in &style.runner_up_better {
        assert!(!better.supports.is_empty() || !better.objections.is_empty());
        assert!(better.text.contains(better.concern.word()));
    }
}

#[test]
fn conditions_are_told_with_todays_values() {
    let style = style(&sample::brief());
    let of = |rule: &str| style.reasons.iter().find(|reason| reason.rule == rule).unwrap();
    let held = &of("few-teams-one-deployable").held[0];
    assert_eq!((held.quantity.as_str(), held.now.as_str()), ("team.teams", "1 team"));
    assert_eq!(held.constraints, ["team.teams"]);
    let veto = style.reasons.iter().find(|reason| reason.veto == Some("unready")).unwrap();
    assert!(veto.lifted_by.is_some() && veto.held.iter().any(|held| held.constraints[0].starts_with("platform.")));
}

#[test]
fn questions_stand_in_the_order_of_what_they_could_change() {
    let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/small-team.brief.yaml"));
    let brief = groundplan_model::reader::read_brief(text).value.unwrap();
    let mut seen = 0;
    for brief in briefs().into_iter().chain([brief]) {
        let decisions = knowledge().decide(&brief);
        let key = |question: &crate::Question| (std::cmp::Reverse(question.decisions), question.constraint.clone());
        assert!(decisions.questions.iter().map(|question| key(question).0).is_sorted());
        for question in &decisions.questions {
            let now = question.answers.iter().find(|answer| answer.taken).unwrap();
            for choice in &now.chosen {
                let decision = decisions.of(&choice.dimension, choice.subject.as_deref());
                assert_eq!(decision.map(|decision| &decision.option), choice.option.as_ref());
            }
            assert!(question.answers.iter().any(|answer| answer.chosen != now.chosen), "{question:#?}");
            seen += 1;
        }
    }
    assert!(seen > 3, "{seen}");
}

fn web_shop() -> Brief {
    let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/web-shop.brief.yaml"));
    groundplan_model::reader::read_brief(text).value.unwrap()
}

#[test]
fn risks_are_those_whose_conditions_hold() {
    let decisions = knowledge().decide(&web_shop());
    assert!(!decisions.risks.is_empty() && decisions.risks.len() < knowledge().risks().count());
    for danger in &decisions.risks {
        let risk = knowledge().risks().find(|risk| risk.id == danger.risk).unwrap();
        assert_eq!(danger.held.len(), risk.when.len());
        assert!(!danger.mitigations.is_empty(), "{danger:#?}");
    }
    // Calls in a row: two modules wait for one another here, not four.
    assert!(!decisions.risks.iter().any(|danger| danger.risk == "chain-that-waits"));
}

#[test]
fn combinations_are_between_chosen_options() {
    let mut seen = 0;
    for brief in briefs().into_iter().chain([web_shop()]) {
        let decisions = knowledge().decide(&brief);
        let chosen: Vec<String> =
            decisions.decisions.iter().map(|item| format!("{}/{}", item.dimension, item.option)).collect();
        for combination in &decisions.combinations {
            assert!(combination.between.iter().all(|option| chosen.contains(option)), "{combination:#?}");
            seen += 1;
        }
    }
    assert!(seen > 0);
}

#[test]
fn checklists_tell_what_is_said_from_what_is_assumed() {
    use crate::decision::CheckState;
    use groundplan_model::brief::{Lost, Recovery};
    use groundplan_model::units::Seconds;
    let state = |brief: &Brief, checklist: &str, item: &str| {
        let decisions = knowledge().decide(brief);
        let list = decisions.checklist(checklist).unwrap();
        list.items.iter().find(|known| known.item == item).unwrap().state
    };
    let shop = web_shop();
    assert_eq!(state(&shop, "engineering-readiness", "pipelines"), CheckState::Holds);
    assert_eq!(state(&shop, "engineering-readiness", "observability"), CheckState::Not, "partial is not yes");
    assert_eq!(state(&shop, "business-alignment", "money-known"), CheckState::Unknown, "only people can say");
    let silent = "kind: brief
version: 1
name: Guest book
load: [ { operation: book.sign, rate: 2/s } ]
domain: { book: { operations: { sign: { writes: [entries] } } } }
data: { entries: { owner: book, size: 1 GB } }
";
    let silent = groundplan_model::reader::read_brief(silent).value.unwrap();
    assert_eq!(state(&silent, "engineering-readiness", "pipelines"), CheckState::Unknown, "a default was taken");
    let region = |rto: f64| {
        let mut brief = shop.clone();
        let (lost, rto, rpo) = (Lost::Region, Seconds(rto), Seconds(0.0));
        brief.recovery.push(Recovery { lost, rto, rpo, offline_copy: false });
        state(&brief, "risk-tolerance", "loss-of-a-region")
    };
    let unsaid = [&silent, &shop].map(|brief| state(brief, "risk-tolerance", "loss-of-a-region"));
    assert_eq!(unsaid, [CheckState::Unknown; 2], "no limit because nobody said one");
    assert_eq!((region(60.0), region(1e8)), (CheckState::Holds, CheckState::Not));
}

#[test]
fn preconditions_that_do_not_hold_are_said_with_what_to_do() {
    let mut brief = web_shop();
    brief.platform.clear();
    let mut seen = 0;
    for decision in knowledge().decide(&brief).decisions {
        let option = knowledge().option(&decision.dimension, &decision.option).unwrap();
        for unmet in decision.unmet.iter().filter(|unmet| unmet.rule.is_none()) {
            let precondition = option.preconditions.iter().find(|item| item.text == unmet.text).unwrap();
            assert_eq!(unmet.needs, precondition.needs.text());
            assert!(!unmet.to_do.is_empty() && unmet.now.contains(" is "), "{unmet:#?}");
            seen += 1;
        }
    }
    assert!(seen > 0);
}

#[test]
fn the_road_says_what_is_due_here_and_when() {
    let brief = sample::brief();
    let here = knowledge().decide(&brief).road;
    assert!(here.is_sorted_by_key(|advice| crate::playbook::Due::ALL.iter().position(|due| due.word() == advice.due)));
    let named = |item: &str| here.iter().any(|advice| advice.item == item);
    assert!(named("pipeline-and-sight"), "the sample has no pipeline");
    assert!(!named("models-stay-governed"), "the sample asks for no model");
    let pipeline = here.iter().find(|advice| advice.item == "pipeline-and-sight").unwrap();
    assert_eq!(pipeline.held.len(), 1, "{pipeline:?}");
}
