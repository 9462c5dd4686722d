//! What the knowledge holds beside options, rules, facts and sources: how options go together and compare, risks with
//! their mitigations, checklists, trends, recommendations, scripts, kinds of sources, products, and what carries each
//! row of the blueprint. Reading it lives in `load`; nothing here decides.

use crate::predicate::Predicate;
use crate::rule::{Cite, Example, Origin, Scope, SourceKind};
use crate::template::Template;
use groundplan_model::span::Span;

/// Where a piece of knowledge stands, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    /// The file's path.
    pub file: String,
    /// Where its id stands in that file.
    pub span: Span,
    /// Whose it is.
    pub origin: Origin,
}

/// An option in full: dimension and name.
pub type OptionId = (String, String);

/// How two options go together.
#[derive(Debug, Clone, PartialEq)]
pub struct Overlap {
    /// Its id.
    pub id: String,
    /// The two.
    pub between: [OptionId; 2],
    /// Whether they stand in each other's way; otherwise one completes the other.
    pub clashes: bool,
    /// Why.
    pub text: String,
    /// Tools or practices that the pair needs.
    pub adds: Vec<String>,
    /// Ids of sources.
    pub sources: Vec<String>,
    /// Where it stands.
    pub at: Place,
}

/// A table that compares options on one aspect.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Its id.
    pub aspect: String,
    /// Its title.
    pub title: String,
    /// The question that it answers.
    pub question: String,
    /// The words of its levels, the least first; may be empty.
    pub scale: Vec<String>,
    /// One row per option.
    pub rows: Vec<ComparisonRow>,
    /// The figure of a plan that measures it for one's own system; may be empty.
    pub measured_by: String,
    /// Ids of sources.
    pub sources: Vec<String>,
    /// Where it stands.
    pub at: Place,
}

/// What a comparison says of one option.
#[derive(Debug, Clone, PartialEq)]
pub struct ComparisonRow {
    /// The option.
    pub option: OptionId,
    /// Places in the scale, from and to; equal for one level, none without a scale.
    pub level: Option<(usize, usize)>,
    /// In words.
    pub text: String,
}

/// Risks of one kind.
#[derive(Debug, Clone, PartialEq)]
pub struct RiskGroup {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Where it stands.
    pub at: Place,
}

/// What may go wrong, when, and what helps.
#[derive(Debug, Clone, PartialEq)]
pub struct Risk {
    /// Its id.
    pub id: String,
    /// The group it belongs to.
    pub group: String,
    /// Its title.
    pub title: String,
    /// What happens.
    pub text: String,
    /// Whom its conditions ask about.
    pub scope: Scope,
    /// All must hold; empty means always.
    pub when: Vec<Predicate>,
    /// What one would see.
    pub signals: Vec<String>,
    /// Faults or experiments of the simulator that show it.
    pub tried_by: Vec<String>,
    /// What helps.
    pub mitigations: Vec<Mitigation>,
    /// Where it comes from.
    pub sources: Vec<Cite>,
    /// Briefs it is tried on.
    pub examples: Vec<Example>,
    /// Where it stands.
    pub at: Place,
}

/// What helps against a risk.
#[derive(Debug, Clone, PartialEq)]
pub struct Mitigation {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// What to do.
    pub text: String,
    /// A policy of designs that does it.
    pub policy: Option<String>,
    /// Where it comes from.
    pub sources: Vec<Cite>,
    /// Where it stands.
    pub at: Place,
}

/// Questions to go through before something is adopted.
#[derive(Debug, Clone, PartialEq)]
pub struct Checklist {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its questions.
    pub items: Vec<ChecklistItem>,
    /// Where it stands.
    pub at: Place,
}

/// A question of a checklist.
#[derive(Debug, Clone, PartialEq)]
pub struct ChecklistItem {
    /// Its id, unique in the checklist.
    pub id: String,
    /// The question.
    pub question: String,
    /// What holds where the brief answers yes; none where only people can say.
    pub holds: Option<Vec<Predicate>>,
    /// Paths of the brief that answer it.
    pub asks: Vec<String>,
    /// What to do where the answer is no.
    pub if_not: String,
    /// Ids of sources.
    pub sources: Vec<String>,
    /// Where it stands.
    pub at: Place,
}

/// Where practice is moving.
#[derive(Debug, Clone, PartialEq)]
pub struct Trend {
    /// Its id.
    pub id: String,
    /// The group it belongs to.
    pub group: String,
    /// Title of the group.
    pub group_title: String,
    /// Its title.
    pub title: String,
    /// What it is.
    pub text: String,
    /// What follows for a design.
    pub consequences: Vec<String>,
    /// Options it speaks for.
    pub serves: Vec<OptionId>,
    /// Ids of sources.
    pub sources: Vec<String>,
    /// Where it stands.
    pub at: Place,
}

/// When a recommendation is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Due {
    /// Before anything else, and throughout.
    Always,
    /// In the first two years.
    YearsOneToTwo,
    /// In years three to five.
    YearsThreeToFive,
    /// Again and again.
    Continuous,
}

impl Due {
    /// All of them, the soonest first.
    pub const ALL: [Due; 4] = [Due::Always, Due::YearsOneToTwo, Due::YearsThreeToFive, Due::Continuous];

    /// The word of the files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Due::Always => "always",
            Due::YearsOneToTwo => "years-1-2",
            Due::YearsThreeToFive => "years-3-5",
            Due::Continuous => "continuous",
        }
    }
}

/// What to do in the years after a decision.
#[derive(Debug, Clone, PartialEq)]
pub struct Recommendation {
    /// Its id, unique in the group.
    pub id: String,
    /// The group it belongs to.
    pub group: String,
    /// Title of the group.
    pub group_title: String,
    /// When it is due.
    pub due: Due,
    /// What to do.
    pub text: String,
    /// Why.
    pub why: String,
    /// What holds where it applies; none where it always does.
    pub holds: Option<Vec<Predicate>>,
    /// Ids of sources.
    pub sources: Vec<String>,
    /// Where it stands.
    pub at: Place,
}

/// A part of what is said about a design.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    /// What is given.
    Constraints,
    /// Loads and sizes.
    Estimate,
    /// What was chosen.
    Architecture,
    /// The objectives.
    Slos,
    /// Both sides.
    TradeOffs,
    /// What breaks.
    FailureModes,
    /// What is watched.
    Metrics,
    /// How it comes to its users.
    Rollout,
}

impl Section {
    /// All of them, in the order they are told.
    pub const ALL: [Section; 8] = [
        Section::Constraints,
        Section::Estimate,
        Section::Architecture,
        Section::Slos,
        Section::TradeOffs,
        Section::FailureModes,
        Section::Metrics,
        Section::Rollout,
    ];

    /// The word of the files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Section::Constraints => "constraints",
            Section::Estimate => "estimate",
            Section::Architecture => "architecture",
            Section::Slos => "slos",
            Section::TradeOffs => "trade-offs",
            Section::FailureModes => "failure-modes",
            Section::Metrics => "metrics",
            Section::Rollout => "rollout",
        }
    }
}

/// What to say in one part of a conversation.
#[derive(Debug, Clone, PartialEq)]
pub struct Script {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The part it belongs to.
    pub section: Section,
    /// Its share of the minutes; 0 to 1.
    pub share: f64,
    /// All must hold; empty means always.
    pub when: Vec<Predicate>,
    /// The sentences.
    pub says: Vec<Template>,
    /// Questions that are likely to follow.
    pub asked: Vec<Asked>,
    /// Where it stands.
    pub at: Place,
}

/// A question that is likely to follow, and its answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// The question.
    pub question: Template,
    /// The answer.
    pub answer: Template,
    /// Ids of sources.
    pub sources: Vec<String>,
}

/// What a kind of sources is good for.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceType {
    /// The kind.
    pub kind: SourceKind,
    /// What part it plays.
    pub role: String,
    /// What it does well.
    pub strength: String,
    /// What it leaves out.
    pub weakness: String,
    /// Ids of sources of this kind.
    pub examples: Vec<String>,
    /// Where it stands.
    pub at: Place,
}

/// What a house says of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stance {
    /// It may be used.
    Approved,
    /// It may not.
    Forbidden,
}

/// A product.
#[derive(Debug, Clone, PartialEq)]
pub struct Technology {
    /// Its id.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Options it provides.
    pub provides: Vec<OptionId>,
    /// What the house says of it.
    pub stance: Option<Stance>,
    /// Why, in the house's words; may be empty.
    pub why: String,
    /// What to take instead; may be empty.
    pub instead: String,
    /// Id of the source of the stance.
    pub source: String,
    /// Where it stands.
    pub at: Place,
}

/// A dimension in which only approved products may be used.
#[derive(Debug, Clone, PartialEq)]
pub struct OnlyApproved {
    /// The dimension.
    pub dimension: String,
    /// Id of the source.
    pub source: String,
    /// Where it stands.
    pub at: Place,
}

/// A row of the blueprint and what carries it.
#[derive(Debug, Clone, PartialEq)]
pub struct CoverageRow {
    /// Its id: section, table, row.
    pub id: String,
    /// Number of the section.
    pub section: u32,
    /// Title of the section.
    pub title: String,
    /// What it says, in our words.
    pub says: String,
    /// What carries it: kind and id.
    pub carried_by: Vec<(Carrier, String)>,
    /// Where it stands.
    pub at: Place,
}

/// What can carry a row of the blueprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Carrier {
    /// `rule:ID`
    Rule,
    /// `option:DIMENSION/OPTION`
    Option,
    /// `overlap:ID`
    Overlap,
    /// `comparison:ASPECT/OPTION`
    Comparison,
    /// `risk:ID`
    Risk,
    /// `mitigation:ID`
    Mitigation,
    /// `checklist:ID/ITEM`
    Checklist,
    /// `trend:ID`
    Trend,
    /// `recommendation:GROUP/ITEM`
    Recommendation,
    /// `script:ID`
    Script,
    /// `source:ID`
    Source,
    /// `source-type:KIND`
    SourceType,
    /// `fact:ID`
    Fact,
    /// `technology:ID`
    Technology,
    /// `dimension:NAME`
    Dimension,
    /// `term:WORDS`: words of the language of briefs or designs.
    Term,
}

impl Carrier {
    /// All of them, with the words of the files.
    pub const WORDS: [(&str, Carrier); 16] = [
        ("rule", Carrier::Rule),
        ("option", Carrier::Option),
        ("overlap", Carrier::Overlap),
        ("comparison", Carrier::Comparison),
        ("risk", Carrier::Risk),
        ("mitigation", Carrier::Mitigation),
        ("checklist", Carrier::Checklist),
        ("trend", Carrier::Trend),
        ("recommendation", Carrier::Recommendation),
        ("script", Carrier::Script),
        ("source", Carrier::Source),
        ("source-type", Carrier::SourceType),
        ("fact", Carrier::Fact),
        ("technology", Carrier::Technology),
        ("dimension", Carrier::Dimension),
        ("term", Carrier::Term),
    ];

    /// The word of the files.
    #[must_use]
    pub fn word(self) -> &'static str {
        Carrier::WORDS.iter().find(|(_, carrier)| *carrier == self).map_or("", |(word, _)| word)
    }
}
