//! What the engine answers: decisions with their reasons and flip points, conflicts, questions, conditions.

use crate::constraint::Setting;
use crate::rule::{Cite, Concern, Grade, Side};
use groundplan_model::diagnostic::Diagnostic;
use serde::Serialize;

/// Everything that follows from one brief.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Decisions {
    /// One per dimension, and per data set for storage, in the order they were decided.
    pub decisions: Vec<Decision>,
    /// Dimensions in which nothing is possible, with the constraints that conflict.
    pub conflicts: Vec<Conflict>,
    /// What to ask, because the answer would change a decision.
    pub questions: Vec<Question>,
    /// Modules worth extracting from a monolith.
    pub extractions: Vec<Extraction>,
    /// What must be granted before the brief can be met (class 3).
    pub conditions: Vec<Condition>,
    /// What no design can do (class 1), with the arithmetic.
    pub impossible: Vec<Diagnostic>,
}

impl Decisions {
    /// The decision of a dimension; `subject` is the data set for storage.
    #[must_use]
    pub fn of(&self, dimension: &str, subject: Option<&str>) -> Option<&Decision> {
        self.decisions.iter().find(|item| item.dimension == dimension && item.subject.as_deref() == subject)
    }

    /// The option of a dimension that has no subject.
    #[must_use]
    pub fn option(&self, dimension: &str) -> Option<&str> {
        self.of(dimension, None).map(|decision| decision.option.as_str())
    }
}

/// The answer to one dimension.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Decision {
    /// The dimension.
    pub dimension: String,
    /// The data set, for storage.
    pub subject: Option<String>,
    /// What was chosen.
    pub option: String,
    /// What came second, impossible options left out.
    pub runner_up: Option<String>,
    /// All that spoke, those about the chosen option first.
    pub reasons: Vec<Reason>,
    /// Single constraints whose change would change this decision: numbers, the nearest first,
    /// then words.
    pub flips: Vec<Flip>,
    /// Why this one and not the runner-up, in a sentence or two.
    pub explanation: String,
    /// How sure that is.
    pub confidence: Confidence,
    /// Ids of rules that spoke for the runner-up or against the chosen option and were overruled.
    pub overruled: Vec<String>,
    /// Whether only the amount to run, or the registered order, set the two apart.
    pub tie: bool,
    /// All options in order.
    pub ranking: Vec<Ranked>,
    /// Options that lack a precondition, and what would make them ready.
    pub not_yet: Vec<NotYet>,
    /// Where an earlier choice had to give way: the dimension and the option it gave up.
    pub fell_back: Option<(String, String)>,
}

/// An argument that was heard.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reason {
    /// Id of the rule.
    pub rule: String,
    /// The option it speaks of.
    pub option: String,
    /// Which way.
    pub side: Side,
    /// What it is about.
    pub concern: Concern,
    /// How much it counts here; a veto counts as strong.
    pub grade: Grade,
    /// Whether it is a veto: `impossible` or `unready`.
    pub veto: Option<&'static str>,
    /// Whether a range lowered it by one grade.
    pub lowered: bool,
    /// Why.
    pub text: String,
    /// The modules or entry points it matched.
    pub about: Vec<String>,
    /// Where it comes from.
    pub sources: Vec<Cite>,
    /// The conditions that hold, as written.
    pub because: Vec<String>,
}

/// A change of one constraint that changes a decision.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Flip {
    /// Path of the constraint.
    pub constraint: String,
    /// Unit of its numbers; `word` for ordered words.
    pub unit: &'static str,
    /// What it is now.
    pub now: Setting,
    /// The first value at which the decision differs.
    pub at: Setting,
    /// On which side.
    pub side: FlipSide,
    /// What is chosen there.
    pub option: String,
    /// `at` for people: three digits and a unit, or the word. `just under 1/day` or `just over 100ms` where the number
    /// itself still belongs to the other side, or reads as `now` does.
    pub shown: String,
    /// `now` for people, in the unit of `shown`.
    pub shown_now: String,
}

pub(crate) const JUST_UNDER: &str = "just under ";
pub(crate) const JUST_OVER: &str = "just over ";

impl Flip {
    /// Where the other option stands, for people: `at least 4 teams`, `at most 200ms`, `below 1/day`, `above 100ms`, or
    /// the word.
    #[must_use]
    pub fn threshold(&self) -> String {
        if let Setting::Word(word) = self.at {
            return word.to_string();
        }
        match (self.shown.strip_prefix(JUST_UNDER), self.shown.strip_prefix(JUST_OVER), self.side) {
            (Some(number), ..) => format!("below {number}"),
            (_, Some(number), _) => format!("above {number}"),
            (.., FlipSide::AtOrAbove) => format!("at least {}", self.shown),
            (.., FlipSide::AtOrBelow) => format!("at most {}", self.shown),
        }
    }
}

/// On which side of a flip point the other option stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FlipSide {
    /// At the value and above.
    AtOrAbove,
    /// At the value and below.
    AtOrBelow,
}

/// How sure a decision is, in a word and a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Confidence {
    /// `high`, `medium` or `low`.
    pub word: &'static str,
    /// What it rests on.
    pub text: String,
}

/// An option with its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ranked {
    /// The option.
    pub option: String,
    /// `ready`, `not-yet` or `impossible`.
    pub readiness: &'static str,
    /// Concerns with strong, normal, slight objections that nothing contests.
    pub objections: [Vec<Concern>; 3],
    /// Concerns with strong, normal, slight supports that nothing contests.
    pub supports: [Vec<Concern>; 3],
}

/// An option that lacks a precondition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotYet {
    /// The option.
    pub option: String,
    /// What it lacks: the rules' texts.
    pub lacks: Vec<String>,
    /// What would make it ready.
    pub ready_when: Vec<String>,
}

/// Nothing is possible in a dimension.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Conflict {
    /// The dimension.
    pub dimension: String,
    /// The data set, for storage.
    pub subject: Option<String>,
    /// The smallest set of conditions that rules out every option, as written in the rules.
    pub conditions: Vec<String>,
    /// The rules that say so, one per option.
    pub rules: Vec<String>,
}

/// What to ask.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Question {
    /// Path of the constraint that nobody gave.
    pub constraint: String,
    /// What was taken instead.
    pub assumed: String,
    /// The decision that hinges on it.
    pub dimension: String,
    /// Its data set, for storage.
    pub subject: Option<String>,
    /// What is chosen as it stands.
    pub now: String,
    /// The nearest other answers: value, and what is chosen there.
    pub otherwise: Vec<Flip>,
    /// The question itself.
    pub text: String,
}

/// A module worth extracting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Extraction {
    /// The module.
    pub module: String,
    /// The rule that names it.
    pub rule: String,
    /// The concern of the objection that extracting it removes.
    pub concern: Concern,
    /// Why.
    pub why: String,
}

/// Something that must be granted before an operation can meet its targets.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Condition {
    /// The entry point.
    pub operation: String,
    /// Which target: `availability`, `p99` or `rate`.
    pub target: &'static str,
    /// The outside dependencies in the way.
    pub outside: Vec<String>,
    /// Whether it can't be met today already, and not only at the horizon.
    pub today: bool,
    /// What can't be met, with the arithmetic.
    pub text: String,
    /// What would lift it.
    pub lifted_by: Vec<String>,
}
