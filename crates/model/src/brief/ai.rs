//! What a brief says about people, labels of what they may see, retrieval and models.

use crate::quantity::Dist;
use crate::span::Located;
use crate::units::{Bytes, PerSecond, Seconds, Share};

/// How many people use it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct People {
    /// All who may.
    pub count: f64,
    /// Share of them who are at it at the peak.
    pub active_at_peak: Share,
    /// How often each of those asks.
    pub each: PerSecond,
}

impl People {
    /// People at the peak.
    #[must_use]
    pub fn at_peak(&self) -> f64 {
        self.count * self.active_at_peak.0
    }
    /// What they ask together at the peak.
    #[must_use]
    pub fn rate(&self) -> PerSecond {
        self.each * self.at_peak()
    }
}

/// Labels that items carry, from what all may see to what few may.
#[derive(Debug, Clone, PartialEq)]
pub struct Labels {
    /// The labels, the most open first.
    pub order: Vec<Located<String>>,
    /// Share of the items that carries each, in the same order; empty where the brief doesn't say.
    pub share: Vec<Share>,
    /// Labels whose items may be sent to others (a model of somebody else among them).
    pub may_leave: Vec<Located<String>>,
    /// Labels that are bound to a place: `on-premises` or a region.
    pub places: Vec<(Located<String>, Located<String>)>,
}

impl Labels {
    /// Share of the items that may not leave; by the number of labels where the brief gives no shares.
    #[must_use]
    pub fn kept_share(&self) -> Share {
        let kept = |nth: usize| !self.may_leave.iter().any(|label| label.value == self.order[nth].value);
        let each = |nth: usize| self.share.get(nth).map_or(1.0 / self.order.len().max(1) as f64, |share| share.0);
        Share((0..self.order.len()).filter(|nth| kept(*nth)).map(each).sum())
    }
}

/// Retrieval and models.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Ai {
    /// What is searched.
    pub corpus: Option<Corpus>,
    /// Who may see what.
    pub rights: Option<Rights>,
    /// How fast and how long answers are.
    pub answer: Option<AnswerTargets>,
    /// How good answers are.
    pub quality: Option<Quality>,
    /// How often everything is embedded anew.
    pub reindex_every: Option<Seconds>,
    /// The most graphics processors that can be had.
    pub gpus: Option<f64>,
    /// What is kept of questions and answers.
    pub prompt_log: Option<PromptLog>,
    /// Steps a model takes by itself, and what it may do.
    pub agents: Option<Agents>,
}

/// What is searched.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Corpus {
    /// Documents.
    pub documents: f64,
    /// Their size.
    pub size: Option<Bytes>,
    /// How many change.
    pub changes: Option<PerSecond>,
    /// How old an answer may be: a change is found within this time.
    pub freshness: Option<Seconds>,
}

/// Who may see what.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rights {
    /// What a right is about.
    pub by: RightsBy,
    /// How many rights change.
    pub changes: Option<PerSecond>,
    /// A right that is taken away binds within this time.
    pub revoked_within: Option<Seconds>,
    /// Whether what may not be seen is left out before the search; else after it.
    pub before_retrieval: bool,
}

/// What a right is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RightsBy {
    /// Each document by itself.
    Document,
    /// Its label.
    Label,
    /// The collection it is in.
    Collection,
}

/// How fast and how long answers are.
#[derive(Debug, Clone, PartialEq)]
pub struct AnswerTargets {
    /// 95th percentile until the first token.
    pub first_token: Option<Seconds>,
    /// 95th percentile until the last.
    pub done: Option<Seconds>,
    /// Tokens that go in. Unit of its parameters: tokens.
    pub tokens_in: Dist,
    /// Tokens that come out. Unit of its parameters: tokens.
    pub tokens_out: Dist,
}

/// How good answers are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quality {
    /// Share of answers that the documents found bear out.
    pub grounded: Option<Share>,
    /// Share of what belongs to a question that is among the first ten found.
    pub recall: Option<Share>,
    /// Answers that show what the asker may not see.
    pub leaked: Option<u64>,
}

/// What is kept of questions and answers.
#[derive(Debug, Clone, PartialEq)]
pub struct PromptLog {
    /// How long.
    pub keep: Seconds,
    /// Classes of data that are made unreadable in it.
    pub redact: Vec<String>,
}

/// Steps a model takes by itself, and what it may do.
#[derive(Debug, Clone, PartialEq)]
pub struct Agents {
    /// Steps for one request. Unit of its parameters: steps.
    pub steps: Dist,
    /// What it may do, by name.
    pub tools: Vec<Tool>,
}

/// Something that a model may do.
#[derive(Debug, Clone, PartialEq)]
pub struct Tool {
    /// Its name.
    pub name: Located<String>,
    /// Whether a repeated attempt must not act twice.
    pub effect_once: bool,
    /// The time in which a person approves it, where one must.
    pub approved_within: Option<Seconds>,
}
