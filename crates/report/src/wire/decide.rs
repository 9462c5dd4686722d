//! The shape of decisions: what `plan.json` says of them, what `decide` and `ask` print.

use super::{SCHEMA_VERSION, text};
use groundplan_knowledge::constraint::Setting;
use groundplan_knowledge::decision::{
    Advice, Answer, Better, Checked, Combination, Compared, Condition, Conflict, Danger, Decision, Decisions,
    Extraction, Flip, FlipSide, Held, Leeway, Question, Ranked, Reason, Unmet,
};
use groundplan_knowledge::rule::{Concern, Grade, Origin, Side, Source};
use groundplan_model::brief::Brief;
use serde::Serialize;
use std::collections::BTreeSet;

/// The answer to one dimension.
#[derive(Debug, Serialize)]
pub struct DecisionJson<'a> {
    /// The dimension.
    pub dimension: &'a str,
    /// The data set, for storage; else null.
    pub subject: Option<&'a str>,
    /// What was chosen.
    pub option: &'a str,
    /// What came second; null where there was nothing else.
    pub runner_up: Option<&'a str>,
    /// Why this one and not the runner-up.
    pub explanation: &'a str,
    /// `high`, `medium` or `low`, and what that rests on.
    pub confidence: ConfidenceJson<'a>,
    /// Whether only the amount to run, or the registered order, set the two apart.
    pub tie: bool,
    /// All that spoke, those about the chosen option first.
    pub reasons: Vec<ReasonJson<'a>>,
    /// Single constraints whose change would change this decision, the nearest first.
    pub flips: Vec<FlipJson<'a>>,
    /// Ids of rules that were overruled.
    pub overruled: &'a [String],
    /// Options that lack a precondition.
    pub not_yet: Vec<NotYetJson<'a>>,
    /// The chosen option against the second, position by position: `position`, `chosen[]`, `other[]` (`concern`, `rules[]`),
    /// `ahead`, `decides`.
    pub comparison: &'a [Compared],
    /// Concerns in which the runner-up stands better: `concern`, `supports[]`, `objections[]`, `text`.
    pub runner_up_better: &'a [Better],
    /// What the chosen option needs and the brief does not give: `needs`, `now`, `text`, `to_do`, `assumed`, `rule`.
    pub unmet: &'a [Unmet],
    /// All options in order: `option`, `readiness`, `objections`, `supports` (strong, normal, slight), `contested`.
    pub ranking: &'a [Ranked],
    /// The earlier dimension and the option that gave way here, where one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fell_back: Option<&'a (String, String)>,
}

/// How sure a decision is.
#[derive(Debug, Serialize)]
pub struct ConfidenceJson<'a> {
    /// `high`, `medium` or `low`.
    pub word: &'a str,
    /// What it rests on.
    pub text: &'a str,
}

/// An argument that was heard.
#[derive(Debug, Serialize)]
pub struct ReasonJson<'a> {
    /// Id of the rule.
    pub rule: &'a str,
    /// The option it speaks of.
    pub option: &'a str,
    /// `for` or `against`.
    pub side: Side,
    /// What it is about.
    pub concern: Concern,
    /// `slight`, `normal` or `strong`.
    pub grade: Grade,
    /// `impossible` or `unready` for vetoes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub veto: Option<&'a str>,
    /// Why.
    pub text: &'a str,
    /// The modules or entry points it matched.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub about: &'a [String],
    /// The conditions that hold, as written in the rule.
    pub because: &'a [String],
    /// The same with today's values: `condition`, `quantity`, `now`, `threshold`, `constraints[]`.
    pub held: &'a [Held],
    /// Whether it counted in the comparison.
    pub counts: bool,
    /// Whether an argument of equal grade spoke the other way.
    pub contested: bool,
    /// What would lift it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifted_by: Option<&'a str>,
    /// Ids of sources.
    pub sources: Vec<&'a str>,
    /// `house` for rules of a folder that was laid over; absent for our own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
}

/// A change of one constraint that changes a decision.
#[derive(Debug, Serialize)]
pub struct FlipJson<'a> {
    /// Path of the constraint.
    pub constraint: &'a str,
    /// Unit of `now` and `at`; `word` for ordered words.
    pub unit: &'a str,
    /// What it is now.
    pub now: &'a Setting,
    /// The first value at which the decision differs.
    pub at: &'a Setting,
    /// `at-or-above`, `at-or-below`, or `above` where `at` is zero.
    pub side: FlipSide,
    /// What is chosen there.
    pub option: &'a str,
}

/// An option that lacks a precondition.
#[derive(Debug, Serialize)]
pub struct NotYetJson<'a> {
    /// The option.
    pub option: &'a str,
    /// What it lacks.
    pub lacks: &'a [String],
    /// What would make it ready.
    pub ready_when: &'a [String],
}

/// Nothing is possible in a dimension.
#[derive(Debug, Serialize)]
pub struct ConflictJson<'a> {
    /// The dimension.
    pub dimension: &'a str,
    /// The data set, for storage.
    pub subject: Option<&'a str>,
    /// The smallest set of conditions that rules out every option.
    pub conditions: &'a [String],
    /// The rules that say so.
    pub rules: &'a [String],
    /// The conditions with today's values.
    pub held: &'a [Held],
    /// Single constraints whose change makes something possible.
    pub resolved_by: Vec<FlipJson<'a>>,
    /// All of it in words.
    pub text: &'a str,
}

/// What to ask.
#[derive(Debug, Serialize)]
pub struct QuestionJson<'a> {
    /// The question.
    pub text: &'a str,
    /// Path of the constraint that nobody gave.
    pub constraint: &'a str,
    /// What was taken instead.
    pub assumed: &'a str,
    /// The decision that hinges on it.
    pub dimension: &'a str,
    /// Its data set, for storage.
    pub subject: Option<&'a str>,
    /// What is chosen as it stands.
    pub now: &'a str,
    /// The nearest other answers.
    pub otherwise: Vec<FlipJson<'a>>,
    /// Unit of its numbers; `word` for ordered words.
    pub unit: &'a str,
    /// The words it may be.
    pub words: &'a [&'static str],
    /// How many decisions hinge on it.
    pub decisions: usize,
    /// All answers: `from`, `to`, `shown`, `taken`, `chosen[]` (`dimension`, `subject`, `option`).
    pub answers: &'a [Answer],
}

/// Something that must be granted.
#[derive(Debug, Serialize)]
pub struct ConditionJson<'a> {
    /// The entry point.
    pub operation: &'a str,
    /// `availability`, `p99` or `rate`.
    pub target: &'a str,
    /// The outside dependencies in the way.
    pub outside: &'a [String],
    /// What can't be met, with the arithmetic.
    pub text: &'a str,
    /// What would lift it.
    pub lifted_by: &'a [String],
}

/// A default that was taken.
#[derive(Debug, Serialize)]
pub struct AssumptionJson<'a> {
    /// Path of the constraint.
    pub path: &'a str,
    /// What was assumed.
    pub value: &'a str,
    /// Why, or what it means.
    pub why: &'a str,
}

/// A source.
#[derive(Debug, Serialize)]
pub struct SourceJson<'a> {
    /// Its id, as reasons name it.
    pub id: &'a str,
    /// Title.
    pub title: &'a str,
    /// Author.
    pub author: &'a str,
    /// Year.
    pub year: u32,
    /// `official`, `enterprise`, `expert`, `academic` or `case-study`.
    #[serde(rename = "type")]
    pub kind: groundplan_knowledge::rule::SourceKind,
    /// Where it was read, or can be.
    pub read_at: &'a str,
}

pub(super) fn decision(decision: &Decision) -> DecisionJson<'_> {
    DecisionJson {
        dimension: &decision.dimension,
        subject: decision.subject.as_deref(),
        option: &decision.option,
        runner_up: decision.runner_up.as_deref(),
        explanation: &decision.explanation,
        confidence: ConfidenceJson { word: decision.confidence.word, text: &decision.confidence.text },
        tie: decision.tie,
        reasons: decision.reasons.iter().map(reason).collect(),
        flips: decision.flips.iter().map(flip).collect(),
        overruled: &decision.overruled,
        not_yet: decision
            .not_yet
            .iter()
            .map(|option| NotYetJson { option: &option.option, lacks: &option.lacks, ready_when: &option.ready_when })
            .collect(),
        comparison: &decision.comparison,
        runner_up_better: &decision.runner_up_better,
        unmet: &decision.unmet,
        ranking: &decision.ranking,
        fell_back: decision.fell_back.as_ref(),
    }
}

pub(super) fn reason(reason: &Reason) -> ReasonJson<'_> {
    ReasonJson {
        rule: &reason.rule,
        option: &reason.option,
        side: reason.side,
        concern: reason.concern,
        grade: reason.grade,
        veto: reason.veto,
        text: &reason.text,
        about: &reason.about,
        because: &reason.because,
        held: &reason.held,
        counts: reason.counts,
        contested: reason.contested,
        lifted_by: reason.lifted_by.as_deref(),
        sources: reason.sources.iter().map(|cite| cite.source.as_str()).collect(),
        origin: (!reason.origin.is_ours()).then_some(reason.origin),
    }
}

pub(super) fn flip(flip: &Flip) -> FlipJson<'_> {
    FlipJson {
        constraint: &flip.constraint,
        unit: flip.unit,
        now: &flip.now,
        at: &flip.at,
        side: flip.side,
        option: &flip.option,
    }
}

pub(super) fn conflict(conflict: &Conflict) -> ConflictJson<'_> {
    ConflictJson {
        dimension: &conflict.dimension,
        subject: conflict.subject.as_deref(),
        conditions: &conflict.conditions,
        rules: &conflict.rules,
        held: &conflict.held,
        resolved_by: conflict.resolved_by.iter().map(flip).collect(),
        text: &conflict.text,
    }
}

pub(super) fn question(question: &Question) -> QuestionJson<'_> {
    QuestionJson {
        text: &question.text,
        constraint: &question.constraint,
        assumed: &question.assumed,
        dimension: &question.dimension,
        subject: question.subject.as_deref(),
        now: &question.now,
        otherwise: question.otherwise.iter().map(flip).collect(),
        unit: question.unit,
        words: &question.words,
        decisions: question.decisions,
        answers: &question.answers,
    }
}

pub(super) fn condition(condition: &Condition) -> ConditionJson<'_> {
    ConditionJson {
        operation: &condition.operation,
        target: condition.target,
        outside: &condition.outside,
        text: &condition.text,
        lifted_by: &condition.lifted_by,
    }
}

/// What `decide` prints: the decisions of a brief without any measurement.
#[derive(Debug, Serialize)]
struct DecisionsJson<'a> {
    /// Version of this shape.
    schema_version: u32,
    /// `groundplan-decisions`.
    kind: &'static str,
    /// Name of the brief.
    name: &'a str,
    /// What it is; may be empty.
    about: &'a str,
    /// The rest as in a plan.
    decisions: Vec<DecisionJson<'a>>,
    conflicts: Vec<ConflictJson<'a>>,
    questions: Vec<QuestionJson<'a>>,
    conditions: Vec<ConditionJson<'a>>,
    assumptions: Vec<AssumptionJson<'a>>,
    #[serde(flatten)]
    around: AroundJson<'a>,
    sources: Vec<SourceJson<'a>>,
}

/// What follows from all decisions together.
#[derive(Debug, Serialize)]
pub struct AroundJson<'a> {
    /// How far each constraint can move before any decision changes, the nearest first: `constraint`, `unit`, `now`,
    /// `shown_now`, `below`, `above` (`at`, `side`, `shown`, `threshold`, `changes[]`, `distance`), `given`.
    pub leeways: &'a [Leeway],
    /// What the chosen options do to one another: `overlap`, `between[]`, `how`, `text`, `adds[]`, `sources[]`.
    pub combinations: &'a [Combination],
    /// Risks of the knowledge whose conditions hold: `risk`, `group`, `title`, `text`, `held[]`, `about[]`, `assumed[]`,
    /// `signals[]`, `tried_by[]`, `mitigations[]`, `sources[]`.
    pub dangers: &'a [Danger],
    /// Checklists, judged: `checklist`, `title`, `items[]` with `state`: `holds`, `not` or `unknown`.
    pub checklists: &'a [Checked],
    /// What to build and do when: `group`, `item`, `due` (`always`, `years-1-2`, `years-3-5`, `continuous`), `text`, `why`,
    /// `held[]`, `sources[]`.
    pub road: &'a [Advice],
    /// Modules worth extracting: `module`, `rule`, `concern`, `why`.
    pub extractions: &'a [Extraction],
}

/// What follows from all decisions together.
pub(super) fn around(decisions: &Decisions) -> AroundJson<'_> {
    AroundJson {
        leeways: &decisions.leeways,
        combinations: &decisions.combinations,
        dangers: &decisions.risks,
        checklists: &decisions.checklists,
        road: &decisions.road,
        extractions: &decisions.extractions,
    }
}

/// The decisions of a brief as JSON text. `sources` are those that they may cite.
#[must_use]
pub fn decisions(brief: &Brief, decisions: &Decisions, sources: &[Source]) -> String {
    let cited = crate::told::cited_by(decisions);
    text(&DecisionsJson {
        schema_version: SCHEMA_VERSION,
        kind: "groundplan-decisions",
        name: &brief.name,
        about: &brief.about,
        decisions: decisions.decisions.iter().map(decision).collect(),
        conflicts: decisions.conflicts.iter().map(conflict).collect(),
        questions: decisions.questions.iter().map(question).collect(),
        conditions: decisions.conditions.iter().map(condition).collect(),
        assumptions: assumptions(brief),
        around: around(decisions),
        sources: self::sources(&cited, sources),
    })
}

/// What `ask` prints without a terminal.
#[derive(Debug, Serialize)]
struct AskJson<'a> {
    /// Version of this shape.
    schema_version: u32,
    /// `groundplan-questions`.
    kind: &'static str,
    /// Name of the brief.
    name: &'a str,
    /// Answers that were written into the file just now.
    answers: Vec<AnswerJson<'a>>,
    /// What is left to ask, what could change most first.
    questions: Vec<QuestionJson<'a>>,
}

/// An answer that was given.
#[derive(Debug, Serialize)]
struct AnswerJson<'a> {
    /// Path of the constraint.
    constraint: &'a str,
    /// The answer, as the language writes it.
    value: &'a str,
}

/// The questions that are left as JSON text, and the answers that were given: path and value.
#[must_use]
pub fn questions(brief: &Brief, decisions: &Decisions, answers: &[(String, String)]) -> String {
    text(&AskJson {
        schema_version: SCHEMA_VERSION,
        kind: "groundplan-questions",
        name: &brief.name,
        answers: answers.iter().map(|(constraint, value)| AnswerJson { constraint, value }).collect(),
        questions: decisions.questions.iter().map(question).collect(),
    })
}

/// Every default that was taken.
pub(super) fn assumptions(brief: &Brief) -> Vec<AssumptionJson<'_>> {
    let all = brief.assumptions.iter();
    all.map(|item| AssumptionJson { path: &item.path, value: &item.value, why: &item.why }).collect()
}

/// The sources of these ids, in the knowledge's order.
pub(super) fn sources<'a>(ids: &BTreeSet<String>, sources: &'a [Source]) -> Vec<SourceJson<'a>> {
    sources
        .iter()
        .filter(|source| ids.contains(&source.id))
        .map(|source| SourceJson {
            id: &source.id,
            title: &source.title,
            author: &source.author,
            year: source.year,
            kind: source.kind,
            read_at: &source.read_at,
        })
        .collect()
}
