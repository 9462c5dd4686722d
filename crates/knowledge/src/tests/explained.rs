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
