//! What each rule decides alone: leave it out, and see what changes. A rule that decides one brief and is silent on all
//! others may have been made for that one.

use crate::Knowledge;
use crate::evaluate::Evaluator;
use crate::frame::Frame;
use crate::view::View;
use groundplan_model::brief::Brief;
use serde::Serialize;

/// A decision that leaving out one rule changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DecidesAlone {
    /// The rule.
    pub rule: String,
    /// The dimension.
    pub dimension: String,
    /// The data set, for storage.
    pub subject: Option<String>,
    /// What is chosen with it.
    pub with: Option<String>,
    /// What would be chosen without it.
    pub without: Option<String>,
}

/// What a rule does over many briefs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Alone {
    /// The rule.
    pub rule: String,
    /// The option it speaks of, in full.
    pub option: String,
    /// Names of the briefs in which it speaks.
    pub speaks: Vec<String>,
    /// Names of the briefs in which it decides something alone, with what.
    pub decides: Vec<(String, Vec<DecidesAlone>)>,
    /// Whether it decides alone in exactly one brief and speaks in no other: it may have been fitted to it.
    pub suspect: bool,
}

impl Knowledge {
    /// Decisions of this brief that a single rule's absence would change. Cost: for each rule that speaks, the decisions
    /// of its dimension and of those that ask for its choice.
    #[must_use]
    pub fn decides_alone(&self, brief: &Brief) -> Vec<DecidesAlone> {
        self.left_out(brief).into_iter().flat_map(|(_, changed)| changed).collect()
    }

    /// What each rule decides alone over briefs with their names: one entry per rule, in file order.
    #[must_use]
    pub fn alone(&self, briefs: &[(String, &Brief)]) -> Vec<Alone> {
        let mut all: Vec<Alone> = self
            .rules
            .iter()
            .map(|rule| Alone {
                rule: rule.id.clone(),
                option: format!("{}/{}", rule.dimension, rule.option),
                speaks: Vec::new(),
                decides: Vec::new(),
                suspect: false,
            })
            .collect();
        for (name, brief) in briefs {
            for (rule, changed) in self.left_out(brief) {
                all[rule].speaks.push(name.clone());
                if !changed.is_empty() {
                    all[rule].decides.push((name.clone(), changed));
                }
            }
        }
        for item in &mut all {
            item.suspect = item.decides.len() == 1 && item.speaks.len() == 1;
        }
        all
    }

    /// Of each rule that speaks, its place and what its absence changes; in file order.
    fn left_out(&self, brief: &Brief) -> Vec<(usize, Vec<DecidesAlone>)> {
        let frame = Frame::of(brief);
        let view = View::new(brief, &frame);
        let mut evaluator = Evaluator::new(self, &view);
        let (with, _) = evaluator.chosen();
        let mut list = Vec::new();
        for (place, rule) in self.rules.iter().enumerate() {
            if !evaluator.is_heard(&rule.id, &with) {
                continue;
            }
            evaluator.silence(&rule.id);
            evaluator.settle();
            let (without, _) = evaluator.chosen();
            evaluator.rollback();
            let changed = with.iter().zip(&without).enumerate().filter(|(_, (with, without))| with != without);
            let told = changed.map(|(decision, (with, without))| {
                let (d, set) = evaluator.decisions[decision];
                let name = |option: &Option<usize>| option.map(|at| self.dimensions[d].options[at].name.clone());
                DecidesAlone {
                    rule: rule.id.clone(),
                    dimension: self.dimensions[d].name.clone(),
                    subject: set.map(|set| brief.data[set].name.value.clone()),
                    with: name(with),
                    without: name(without),
                }
            });
            list.push((place, told.collect()));
        }
        list
    }
}
