//! What must hold of every brief: flips flip, losers don't matter, support never hurts, order doesn't matter.

use super::{knowledge, sample};
use crate::Knowledge;
use crate::constraint::{self, Setting};
use crate::decision::FlipSide;
use groundplan_model::brief::Brief;

fn briefs() -> Vec<Brief> {
    vec![sample::brief(), sample::many_teams(), sample::intake(), sample::one_hot_module()]
}

/// The number behind a setting.
fn number(constraint: &constraint::Constraint, setting: &Setting) -> f64 {
    match (setting, constraint.domain) {
        (Setting::Number(number), _) => *number,
        (Setting::Word(word), constraint::Domain::Words(words)) => {
            words.iter().position(|known| known == word).unwrap() as f64
        }
        (Setting::Word(word), _) => panic!("{word} is no number"),
    }
}

fn chosen(knowledge: &Knowledge, brief: &Brief, dimension: &str, subject: &Option<String>) -> String {
    let choices = knowledge.choose(brief);
    let (_, _, option) = choices.into_iter().find(|(name, set, _)| name == dimension && set == subject).unwrap();
    option.unwrap_or("nothing possible".into())
}

#[test]
fn flips_flip_at_their_value_and_not_just_before() {
    let mut seen = 0;
    for brief in briefs() {
        for decision in &knowledge().decide(&brief).decisions {
            for flip in &decision.flips {
                let all = constraint::constraints(&brief);
                let constraint = all.iter().find(|item| item.path == flip.constraint).unwrap();
                let at = number(constraint, &flip.at);
                let before = match (constraint.domain, flip.side) {
                    (constraint::Domain::Real(..), FlipSide::AtOrAbove) => f64::from_bits(at.to_bits() - 1),
                    (constraint::Domain::Real(..), FlipSide::AtOrBelow) => f64::from_bits(at.to_bits() + 1),
                    (_, FlipSide::AtOrAbove) => at - 1.0,
                    (_, FlipSide::AtOrBelow) => at + 1.0,
                };
                let with = |value: f64| {
                    let mut changed = brief.clone();
                    constraint.set(&mut changed, value);
                    chosen(knowledge(), &changed, &decision.dimension, &decision.subject)
                };
                assert_eq!(with(at), flip.option, "{} {flip:?}", brief.name);
                assert_eq!(with(before), decision.option, "{} just before {flip:?}", brief.name);
                seen += 1;
            }
        }
    }
    assert!(seen > 10, "{seen} flips were tried");
}

#[test]
fn removing_a_loser_never_changes_the_winner() {
    for brief in briefs() {
        for decision in &knowledge().decide(&brief).decisions {
            for loser in decision.ranking.iter().skip(1) {
                let mut fewer = knowledge().clone();
                remove(&mut fewer, &decision.dimension, &loser.option);
                assert_eq!(chosen(&fewer, &brief, &decision.dimension, &decision.subject), decision.option);
            }
        }
    }
}

fn remove(knowledge: &mut Knowledge, dimension: &str, option: &str) {
    let rules = knowledge.rules.clone();
    let entry = knowledge.dimensions.iter_mut().find(|item| item.name == dimension).unwrap();
    entry.options.retain(|item| item.name != option);
    entry.rules.retain(|rule| rules[*rule].option != option);
}

#[test]
fn adding_support_never_hurts() {
    use crate::rule::{Concern, Effect, Grade, Side};
    for brief in briefs() {
        for decision in &knowledge().decide(&brief).decisions {
            for concern in Concern::ALL {
                for grade in Grade::ALL {
                    let mut more = knowledge().clone();
                    let mut rule = more.rules[0].clone();
                    rule.id = "added".into();
                    rule.dimension = decision.dimension.clone();
                    rule.option = decision.option.clone();
                    rule.scope = crate::rule::Scope::Brief;
                    rule.when = Vec::new();
                    rule.effect = Effect::Argues(Side::For, grade);
                    rule.concern = concern;
                    let place = more.rules.len();
                    more.rules.push(rule);
                    more.dimensions.iter_mut().find(|item| item.name == decision.dimension).unwrap().rules.push(place);
                    assert_eq!(chosen(&more, &brief, &decision.dimension, &decision.subject), decision.option);
                }
            }
        }
    }
}

#[test]
fn the_order_of_rules_does_not_matter() {
    let mut turned = knowledge().clone();
    turned.dimensions.iter_mut().for_each(|dimension| dimension.rules.reverse());
    for brief in briefs() {
        let (one, other) = (knowledge().decide(&brief), turned.decide(&brief));
        assert!(one == other, "{}", brief.name);
    }
}
