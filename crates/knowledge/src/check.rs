//! What `knowledge check` says: whether every rule does on its examples what it says, which grades the evidence caps,
//! which examples a rule decides alone.
//!
//! Which decisions of a folder of briefs a changed rule changes is found by comparing `Knowledge::choose` of both
//! versions over the folder; the face does the reading.

use crate::Knowledge;
use crate::evaluate::Evaluator;
use crate::frame::Frame;
use crate::predicate::Level;
use crate::rule::{Effect, Example, Rule, Scope};
use crate::view::{Subject, View};
use crate::{decide, weigh};
use groundplan_model::brief::Brief;
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::reader;

/// Something that `check` found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// A rule doesn't do on an example what the example says.
    ExampleFails {
        /// The rule.
        rule: String,
        /// Which of its examples, from one.
        nth: usize,
        /// What was wrong.
        why: String,
    },
    /// The evidence allows less than the author wanted. Worth knowing, no fault.
    GradeCapped {
        /// The rule.
        rule: String,
        /// What its author wanted.
        wanted: &'static str,
        /// What the evidence allows.
        allowed: &'static str,
    },
    /// A rule has no example.
    WithoutExample {
        /// The rule.
        rule: String,
    },
}

/// A brief in which leaving out one rule changes a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
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

impl Knowledge {
    /// Tries every rule on its examples and tells what is capped or untried.
    #[must_use]
    pub fn check(&self) -> Vec<Finding> {
        let mut list = Vec::new();
        for rule in &self.rules {
            if rule.examples.is_empty() {
                list.push(Finding::WithoutExample { rule: rule.id.clone() });
            }
            for (nth, example) in rule.examples.iter().enumerate() {
                let why = match self.level_on(rule, example) {
                    Err(diagnostics) => {
                        let told: Vec<String> = diagnostics.into_iter().map(|item| item.headline).collect();
                        format!("the brief can't be read: {}", told.join("; "))
                    }
                    Ok(level) if level == example.speaks => continue,
                    Ok(level) => format!("speaks {}, expected {}", word(level), word(example.speaks)),
                };
                list.push(Finding::ExampleFails { rule: rule.id.clone(), nth: nth + 1, why });
            }
            if let Effect::Argues(_, grade) = rule.effect
                && grade < rule.consequence
            {
                let (wanted, allowed) = (rule.consequence.word(), grade.word());
                list.push(Finding::GradeCapped { rule: rule.id.clone(), wanted, allowed });
            }
        }
        list
    }

    /// How far a rule applies to the brief of an example.
    fn level_on(&self, rule: &Rule, example: &Example) -> Result<Level, Vec<Diagnostic>> {
        let read = reader::read_brief(&example.brief);
        let Some(brief) = read.value else { return Err(read.diagnostics) };
        let frame = Frame::of(&brief);
        let view = View::new(&brief, &frame);
        let subject = match (rule.scope, &example.set) {
            (Scope::Set, Some(name)) => match brief.data.iter().position(|data| data.name.value == *name) {
                Some(place) => Subject::Set(place),
                None => return Err(vec![Diagnostic::error("unknown-set", format!("no data set is called `{name}`"))]),
            },
            (Scope::Set, None) => Subject::Set(0),
            _ => Subject::Brief,
        };
        let evaluator = Evaluator::new(self, &view);
        let chosen = decide::chosen(self, &decide::weigh_all(self, &brief, &evaluator));
        Ok(weigh::applies(rule, &view, &chosen, subject).0)
    }

    /// Rules whose absence alone would change a decision of this brief: what each decides by itself. Cost: one decision
    /// per rule.
    #[must_use]
    pub fn decides_alone(&self, brief: &Brief) -> Vec<DecidesAlone> {
        let with = self.choose(brief);
        let mut list = Vec::new();
        for (place, rule) in self.rules.iter().enumerate() {
            let mut fewer = self.clone();
            fewer.dimensions.iter_mut().for_each(|dimension| dimension.rules.retain(|known| *known != place));
            for (one, other) in with.iter().zip(fewer.choose(brief)) {
                if one.2 != other.2 {
                    list.push(DecidesAlone {
                        rule: rule.id.clone(),
                        dimension: one.0.clone(),
                        subject: one.1.clone(),
                        with: one.2.clone(),
                        without: other.2,
                    });
                }
            }
        }
        list
    }
}

fn word(level: Level) -> &'static str {
    match level {
        Level::No => "no",
        Level::Inside => "lower",
        Level::Full => "yes",
    }
}
