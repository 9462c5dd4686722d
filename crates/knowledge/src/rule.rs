//! What a rule and a source are. Reading them from files lives in `load`, weighing them in `weigh`.

use crate::predicate::Predicate;
use groundplan_model::span::Span;
use serde::Serialize;

/// What an argument is about: a closed list, in the order they are listed where nothing else orders them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Concern {
    /// What readers and writers of data may see.
    Consistency,
    /// How long an answer takes.
    Latency,
    /// What it carries, and whether parts grow by themselves.
    Scale,
    /// What comes back after a loss, and how soon.
    Recovery,
    /// How far a fault or an intruder gets.
    Isolation,
    /// Whether one team can ship without the others.
    ReleaseIndependence,
    /// What it takes to run it.
    Operability,
    /// Rules from outside.
    Compliance,
    /// Money per month.
    Cost,
    /// How soon the next change is with its users.
    TimeToMarket,
}

impl Concern {
    /// All of them.
    pub const ALL: [Concern; 10] = [
        Concern::Consistency,
        Concern::Latency,
        Concern::Scale,
        Concern::Recovery,
        Concern::Isolation,
        Concern::ReleaseIndependence,
        Concern::Operability,
        Concern::Compliance,
        Concern::Cost,
        Concern::TimeToMarket,
    ];

    /// The word of the language.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Concern::Consistency => "consistency",
            Concern::Latency => "latency",
            Concern::Scale => "scale",
            Concern::Recovery => "recovery",
            Concern::Isolation => "isolation",
            Concern::ReleaseIndependence => "release-independence",
            Concern::Operability => "operability",
            Concern::Compliance => "compliance",
            Concern::Cost => "cost",
            Concern::TimeToMarket => "time-to-market",
        }
    }

    /// The concern of a word.
    #[must_use]
    pub fn of(word: &str) -> Option<Concern> {
        Concern::ALL.into_iter().find(|concern| concern.word() == word)
    }
}

/// How much an argument counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grade {
    /// Settles what nothing else settles.
    Slight,
    /// An ordinary argument.
    Normal,
    /// Outweighs any number of ordinary ones.
    Strong,
}

impl Grade {
    /// All of them, the least first.
    pub const ALL: [Grade; 3] = [Grade::Slight, Grade::Normal, Grade::Strong];

    /// The word of the language.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Grade::Slight => "slight",
            Grade::Normal => "normal",
            Grade::Strong => "strong",
        }
    }

    /// One grade lower, for thresholds that are only known as a range; below `slight` an argument is silent.
    #[must_use]
    pub fn lower(self) -> Option<Grade> {
        match self {
            Grade::Slight => None,
            Grade::Normal => Some(Grade::Slight),
            Grade::Strong => Some(Grade::Normal),
        }
    }
}

/// Which way an argument speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// For the option.
    For,
    /// Against it.
    Against,
}

/// What a rule does when it applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// An argument of this grade.
    Argues(Side, Grade),
    /// A veto that nothing overrides: physics, a missing capability, a must.
    Impossible,
    /// A precondition is missing: not yet.
    Unready,
}

/// What a source gives to a rule; it caps the rule's grade.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// A view that several people hold: slight at most.
    Opinion,
    /// What one expert reports from experience: normal at most.
    Expert,
    /// What happened to one organisation: normal; two independent ones: strong.
    Case,
    /// A capability or limit that its makers document.
    Documented,
    /// A measurement that somebody published.
    Measured,
    /// Arithmetic or physics.
    Arithmetic,
}

/// A source that a rule cites, and what it gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cite {
    /// Id of the source.
    pub source: String,
    /// What it gives.
    pub evidence: Evidence,
}

/// Whom a rule asks about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// The brief as a whole.
    Brief,
    /// The data set that is decided on.
    Set,
    /// Each module: the rule applies if it applies to one.
    Module,
    /// Each entry point of the load: the rule applies if it applies to one.
    Entry,
}

/// A piece of knowledge: when it applies, what it says of which option, why, from where.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Its id, unique in the knowledge.
    pub id: String,
    /// The question.
    pub dimension: String,
    /// The answer it speaks of.
    pub option: String,
    /// Whom its predicates ask about.
    pub scope: Scope,
    /// All must hold.
    pub when: Vec<Predicate>,
    /// What it does then, with the grade already capped by the evidence.
    pub effect: Effect,
    /// The grade its author gave the consequence, before the cap.
    pub consequence: Grade,
    /// What it is about.
    pub concern: Concern,
    /// Why, in a sentence or two.
    pub text: String,
    /// Whether the modules it matches are worth extracting.
    pub extracts: bool,
    /// What would lift it: for `unready` what makes the option ready, for objections the known cure.
    pub lifted_by: Option<String>,
    /// Where it comes from.
    pub sources: Vec<Cite>,
    /// Briefs it is tried on.
    pub examples: Vec<Example>,
    /// Whose it is.
    pub origin: Origin,
    /// The file it stands in.
    pub file: String,
    /// Where its id stands in that file.
    pub span: Span,
}

impl Rule {
    /// Whether it was made from what a house says of products (`house`).
    #[must_use]
    pub fn is_stance(&self) -> bool {
        self.origin == Origin::House && self.id.starts_with(STANCE)
    }
}

/// With what the ids of rules begin that were made from what a house says of products.
pub(crate) const STANCE: &str = "house:";

/// A brief and what a rule must do with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Example {
    /// The whole brief: the sample brief with the example's keys laid over it, as YAML text.
    pub brief: String,
    /// The data set it is about, for rules of data sets; the first of the brief where missing.
    pub set: Option<String>,
    /// Whether the rule speaks: `yes`, `lower` (inside a range) or `no`.
    pub speaks: crate::predicate::Level,
    /// Where it stands.
    pub span: Span,
}

/// Whose a piece of knowledge is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// The binary's own.
    #[default]
    Groundplan,
    /// A folder's that was laid over it.
    House,
}

impl Origin {
    /// Whether the binary carries it.
    #[must_use]
    pub fn is_ours(self) -> bool {
        self == Origin::Groundplan
    }
}

/// Where knowledge comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct Source {
    /// Its id.
    pub id: String,
    /// Title.
    pub title: String,
    /// Who wrote it.
    pub author: String,
    /// When.
    pub year: u32,
    /// Its kind.
    #[serde(rename = "type")]
    pub kind: SourceKind,
    /// Where it was read, or can be.
    pub read_at: String,
    /// How it was read.
    pub mark: crate::fact::Mark,
    /// What it is good for, in our words; may be empty.
    pub about: String,
    /// What it does well.
    pub strengths: Vec<String>,
    /// What it leaves out or gets wrong.
    pub weaknesses: Vec<String>,
    /// How far it carries over to a system of one's own: `high`, `medium` or `low`.
    pub applicability: Option<&'static str>,
    /// To what; may be empty.
    pub applies_to: String,
    /// On which levels it speaks.
    pub depth: Vec<Depth>,
    /// How to use it in a conversation; may be empty.
    #[serde(rename = "use")]
    pub use_it: String,
    /// What part it plays among all sources.
    pub anchor: Option<Anchor>,
    /// Whose it is.
    pub origin: Origin,
}

/// On which level a source speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Depth {
    /// Terms and ways of thinking.
    Conceptual,
    /// Running things.
    Operational,
    /// Teams and who owns what.
    Organisational,
    /// What to do on Monday.
    Practical,
    /// Ways of working.
    Process,
    /// Parts and how they fit.
    Architectural,
    /// Code and settings.
    Implementation,
}

impl Depth {
    /// All of them.
    pub const ALL: [Depth; 7] = [
        Depth::Conceptual,
        Depth::Operational,
        Depth::Organisational,
        Depth::Practical,
        Depth::Process,
        Depth::Architectural,
        Depth::Implementation,
    ];

    /// The word of the files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Depth::Conceptual => "conceptual",
            Depth::Operational => "operational",
            Depth::Organisational => "organisational",
            Depth::Practical => "practical",
            Depth::Process => "process",
            Depth::Architectural => "architectural",
            Depth::Implementation => "implementation",
        }
    }
}

/// What part a source plays among all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Anchor {
    /// An argument may rest on it.
    Primary,
    /// It supports what others say.
    Supplement,
    /// It says how to do it.
    Practical,
}

/// The kinds of sources of the blueprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum SourceKind {
    /// Canonical engineering guidance.
    Official,
    /// A provider's production documentation.
    Enterprise,
    /// A practitioner's book or article.
    #[default]
    Expert,
    /// Research.
    Academic,
    /// What happened somewhere.
    CaseStudy,
}

/// The grade that the evidence allows.
///
/// Opinion gives slight, one expert or one case normal, a documented capability, a measurement, arithmetic or two
/// cases of different authors strong. `authors` gives the author of a source.
#[must_use]
pub fn cap<'a>(cites: &[Cite], author: impl Fn(&str) -> &'a str) -> Grade {
    let cases: Vec<&str> =
        cites.iter().filter(|cite| cite.evidence == Evidence::Case).map(|cite| author(&cite.source)).collect();
    let independent = cases.iter().any(|one| *one != cases[0]);
    let best = cites.iter().map(|cite| cite.evidence).max();
    match best {
        None | Some(Evidence::Opinion) => Grade::Slight,
        Some(Evidence::Documented | Evidence::Measured | Evidence::Arithmetic) => Grade::Strong,
        Some(Evidence::Expert | Evidence::Case) if independent => Grade::Strong,
        Some(Evidence::Expert | Evidence::Case) => Grade::Normal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_caps_the_grade() {
        let check = |cites: &[(&str, Evidence)], expected: Grade| {
            let cites: Vec<Cite> =
                cites.iter().map(|(source, evidence)| Cite { source: (*source).into(), evidence: *evidence }).collect();
            assert_eq!(cap(&cites, |source| if source.starts_with('a') { "a" } else { "b" }), expected);
        };
        check(&[], Grade::Slight);
        check(&[("a", Evidence::Opinion), ("b", Evidence::Opinion)], Grade::Slight);
        check(&[("a", Evidence::Expert)], Grade::Normal);
        check(&[("a", Evidence::Case)], Grade::Normal);
        check(&[("a", Evidence::Case), ("a2", Evidence::Case)], Grade::Normal);
        check(&[("a", Evidence::Case), ("b", Evidence::Case)], Grade::Strong);
        check(&[("a", Evidence::Documented)], Grade::Strong);
    }
}
