//! knowledge: rules, facts and sources as data, and how they become decisions; never projects, sizes or simulates.
//!
//! The data lies in the repository's `knowledge/` folder and in the binary (`embedded`); a user's own folder is laid
//! over it. `load` reads it and says everything that is wrong with it; `decide` weighs it over a brief; `flip` finds
//! what would change the answer; `explain` tells it; `limits` finds what nobody can do.
//!
//! ```
//! use groundplan_knowledge::Knowledge;
//! use groundplan_model::reader;
//!
//! let text = "kind: brief
//! version: 1
//! name: Guest book
//! load: [ { operation: book.sign, rate: 2/s } ]
//! domain: { book: { operations: { sign: { writes: [entries] } } } }
//! data: { entries: { owner: book, size: 1 GB } }
//! team: { engineers: 3, teams: 1 }
//! ";
//! let brief = reader::read_brief(text).value.expect("it is a brief");
//! let decisions = Knowledge::embedded().decide(&brief);
//! let style = decisions.of("architecture-style", None).expect("something is possible");
//! assert_eq!(style.option, "modular-monolith");
//! assert_eq!(decisions.of("storage", Some("entries")).expect("here too").option, "relational");
//! ```
//!
//! Left out: accepting an option that is "not yet" (briefs have no word for it), and measurements, which the planner adds.

pub mod alone;
pub mod apply;
mod ask;
pub mod check;
mod compared;
pub mod constraint;
mod dangers;
mod decide;
pub mod decision;
mod embedded;
mod evaluate;
mod explain;
mod expression;
pub mod fact;
mod feasible;
mod flip;
mod frame;
mod held;
mod house;
mod limits;
mod load;
pub mod measure;
pub mod option;
pub mod outcome;
pub mod playbook;
pub mod predicate;
pub mod rule;
mod sample;
pub mod template;
#[cfg(test)]
mod tests;
pub mod unit;
mod view;
mod weigh;

pub use decision::{Condition, Conflict, Decision, Decisions, Extraction, Flip, FlipSide, Question, Reason};
pub use fact::Fact;
pub use load::FileDiagnostic;
pub use option::OptionEntry;
pub use rule::{Concern, Grade, Origin, Rule, Side, Source};

use evaluate::Evaluator;
use frame::Frame;
use groundplan_model::brief::Brief;
use indexmap::IndexMap;
use playbook::{
    Checklist, Comparison, CoverageRow, OnlyApproved, Overlap, Recommendation, Risk, RiskGroup, Script, SourceType,
    Technology, Trend,
};
use view::View;

/// The questions, in the order they are decided; later ones may be conditioned on earlier ones. The flag says whether
/// a question is asked per data set.
pub const DIMENSIONS: [(&str, bool); 13] = [
    ("architecture-style", false),
    ("communication", false),
    ("storage", true),
    ("messaging", false),
    ("deployment", false),
    ("scaling", false),
    ("resilience", false),
    ("compute", false),
    ("runtime", false),
    ("vector-retrieval", false),
    ("model-serving", false),
    ("agent-orchestration", false),
    ("platform-investment", false),
];

/// One question with its options and the rules that speak of them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Dimension {
    /// Its name.
    pub name: String,
    /// Whether it is asked per data set.
    pub per_set: bool,
    /// The question, in a sentence.
    pub question: String,
    /// What it decides.
    pub about: String,
    /// Options in their registered order.
    pub options: Vec<OptionEntry>,
    /// Places of its rules in `Knowledge::rules`.
    pub rules: Vec<usize>,
}

impl Dimension {
    fn new(name: &str, per_set: bool) -> Dimension {
        Dimension { name: name.to_string(), per_set, ..Dimension::default() }
    }
}

/// Everything known.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Knowledge {
    /// Questions that have options, in the order they are decided.
    pub(crate) dimensions: Vec<Dimension>,
    /// Of each of `DIMENSIONS`, the names of its options in registered order, with those that have no file.
    pub(crate) names: Vec<Vec<String>>,
    /// All rules.
    pub(crate) rules: Vec<Rule>,
    /// Facts by id, in file order.
    pub(crate) facts: IndexMap<String, Fact>,
    /// Sources by id, in file order.
    pub(crate) sources: IndexMap<String, Source>,
    pub(crate) overlaps: IndexMap<String, Overlap>,
    pub(crate) comparisons: IndexMap<String, Comparison>,
    pub(crate) risk_groups: IndexMap<String, RiskGroup>,
    pub(crate) risks: IndexMap<String, Risk>,
    pub(crate) checklists: IndexMap<String, Checklist>,
    pub(crate) trends: IndexMap<String, Trend>,
    /// By `GROUP/ITEM`.
    pub(crate) recommendations: IndexMap<String, Recommendation>,
    pub(crate) scripts: IndexMap<String, Script>,
    /// By the word of the kind.
    pub(crate) source_types: IndexMap<String, SourceType>,
    pub(crate) technologies: IndexMap<String, Technology>,
    pub(crate) only_approved: Vec<OnlyApproved>,
    pub(crate) coverage: IndexMap<String, CoverageRow>,
}

impl Knowledge {
    /// What the binary carries.
    ///
    /// # Panics
    /// Never: a test reads every file that is embedded.
    #[must_use]
    pub fn embedded() -> Knowledge {
        match Knowledge::load(&[]) {
            Ok(knowledge) => knowledge,
            Err(found) => panic!("the embedded knowledge was tested when it was built: {found:?}"),
        }
    }

    /// What the binary carries with a user's files laid over it: paths as in `knowledge/`, and texts. A file of the same
    /// path replaces ours, another is added.
    ///
    /// # Errors
    /// Everything that is wrong with the files.
    pub fn load(overlay: &[(String, String)]) -> Result<Knowledge, Vec<FileDiagnostic>> {
        let theirs = |path: &str| overlay.iter().any(|(other, _)| clean(other) == path);
        // These are laid over one by one: what our own code asks for can't be taken away.
        let by_id = |path: &str| ["facts/", "sources/", "technologies/"].iter().any(|folder| path.starts_with(folder));
        let kept = |path: &str| !theirs(path) || by_id(path);
        let ours = embedded::FILES.iter().filter(|(path, _)| kept(path));
        let ours = ours.map(|(path, text)| load::File { path, text, origin: Origin::Groundplan });
        let over = overlay.iter().map(|(path, text)| load::File { path: clean(path), text, origin: Origin::House });
        load::load(&ours.chain(over).collect::<Vec<_>>())
    }

    /// Puts options in their registered order and leaves out questions that nobody answers.
    pub(crate) fn settle(&mut self) {
        for (dimension, names) in self.dimensions.iter_mut().zip(&self.names) {
            dimension.options.sort_by_key(|option| names.iter().position(|name| *name == option.name));
        }
        self.dimensions.retain(|dimension| !dimension.options.is_empty());
    }

    /// The text of a file that the binary carries, by its path under `knowledge/`.
    #[must_use]
    pub fn embedded_file(path: &str) -> Option<&'static str> {
        embedded::FILES.iter().find(|(known, _)| *known == path).map(|(_, text)| *text)
    }

    /// Decides everything that there are options for.
    ///
    /// Cost: what `choose` takes, and for each constraint what its own breakpoints touch.
    #[must_use]
    pub fn decide(&self, brief: &Brief) -> Decisions {
        let frame = Frame::of(brief);
        let view = View::new(brief, &frame);
        let mut evaluator = Evaluator::new(self, &view);
        let weighed = decide::weigh_all(self, brief, &evaluator);
        let constraints = constraint::constraints(brief);
        let cells = flip::cells(brief, &frame, &constraints, &mut evaluator);
        let chosen = decide::chosen(self, &weighed);
        let telling = held::Telling { view: &view, constraints: &constraints, chosen: &chosen };
        let mut decisions = Decisions {
            extractions: explain::extractions(brief, &weighed),
            conditions: limits::conditions(brief, &frame),
            impossible: limits::impossible(brief, &frame),
            leeways: flip::leeways(self, brief, &cells, &weighed),
            combinations: dangers::combinations(self, &weighed),
            risks: dangers::risks(self, &telling),
            checklists: dangers::checklists(self, &telling),
            road: dangers::road(self, &telling),
            ..Decisions::default()
        };
        for (item, flips) in weighed.iter().zip(flip::flips(self, &cells, &weighed)) {
            if item.winner().is_some() {
                decisions.decisions.extend(explain::decision(self, &telling, item, flips));
            } else {
                decisions.conflicts.push(decide::conflict(self, &telling, item, flips));
            }
        }
        decisions.questions = ask::questions(self, brief, &cells, &weighed, &decisions);
        decisions
    }

    /// The options alone, without reasons and flip points: dimension, data set, option. Fast.
    #[must_use]
    pub fn choose(&self, brief: &Brief) -> Vec<(String, Option<String>, Option<String>)> {
        let frame = Frame::of(brief);
        let evaluator = Evaluator::new(self, &View::new(brief, &frame));
        let (choices, _) = evaluator.chosen();
        evaluator
            .decisions
            .iter()
            .zip(choices)
            .map(|((dimension, set), option)| {
                let dimension = &self.dimensions[*dimension];
                let set = set.map(|set| brief.data[set].name.value.clone());
                (dimension.name.clone(), set, option.map(|option| dimension.options[option].name.clone()))
            })
            .collect()
    }

    /// Questions in the order they are decided.
    #[must_use]
    pub fn dimensions(&self) -> &[Dimension] {
        &self.dimensions
    }

    /// All rules, in file order.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// A rule by id.
    #[must_use]
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == id)
    }

    /// An option of a dimension.
    #[must_use]
    pub fn option(&self, dimension: &str, option: &str) -> Option<&OptionEntry> {
        let dimension = self.dimensions.iter().find(|item| item.name == dimension)?;
        dimension.options.iter().find(|item| item.name == option)
    }

    /// All facts, in file order.
    pub fn facts(&self) -> impl Iterator<Item = &Fact> {
        self.facts.values()
    }

    /// A fact by id, where there is one.
    #[must_use]
    pub fn find_fact(&self, id: &str) -> Option<&Fact> {
        self.facts.get(id)
    }

    /// A fact that our own code relies on.
    ///
    /// # Panics
    /// If there is no such fact: facts can be changed by an overlay but not taken away, so this is our own mistake.
    #[must_use]
    pub fn fact(&self, id: &str) -> &Fact {
        self.facts.get(id).unwrap_or_else(|| panic!("no fact is called `{id}`"))
    }

    /// All sources, in file order.
    pub fn sources(&self) -> impl Iterator<Item = &Source> {
        self.sources.values()
    }

    /// A source by id.
    #[must_use]
    pub fn source(&self, id: &str) -> Option<&Source> {
        self.sources.get(id)
    }

    /// A dimension by name, where it has options.
    #[must_use]
    pub fn dimension(&self, name: &str) -> Option<&Dimension> {
        self.dimensions.iter().find(|dimension| dimension.name == name)
    }

    /// How options go together, in file order.
    pub fn overlaps(&self) -> impl Iterator<Item = &Overlap> {
        self.overlaps.values()
    }

    /// Tables that compare options, in file order.
    pub fn comparisons(&self) -> impl Iterator<Item = &Comparison> {
        self.comparisons.values()
    }

    /// Groups of risks, in file order.
    pub fn risk_groups(&self) -> impl Iterator<Item = &RiskGroup> {
        self.risk_groups.values()
    }

    /// Risks with their mitigations, in file order.
    pub fn risks(&self) -> impl Iterator<Item = &Risk> {
        self.risks.values()
    }

    /// Checklists, in file order.
    pub fn checklists(&self) -> impl Iterator<Item = &Checklist> {
        self.checklists.values()
    }

    /// Trends, in file order.
    pub fn trends(&self) -> impl Iterator<Item = &Trend> {
        self.trends.values()
    }

    /// Recommendations, in file order.
    pub fn recommendations(&self) -> impl Iterator<Item = &Recommendation> {
        self.recommendations.values()
    }

    /// Scripts in the order of their sections, then in file order.
    #[must_use]
    pub fn scripts(&self) -> Vec<&Script> {
        let mut list: Vec<&Script> = self.scripts.values().collect();
        list.sort_by_key(|script| script.section);
        list
    }

    /// What each kind of sources is good for.
    pub fn source_types(&self) -> impl Iterator<Item = &SourceType> {
        self.source_types.values()
    }

    /// Products, in file order.
    pub fn technologies(&self) -> impl Iterator<Item = &Technology> {
        self.technologies.values()
    }

    /// A product by id.
    #[must_use]
    pub fn technology(&self, id: &str) -> Option<&Technology> {
        self.technologies.get(id)
    }

    /// Rows of the blueprint and what carries each, in file order.
    pub fn coverage(&self) -> impl Iterator<Item = &CoverageRow> {
        self.coverage.values()
    }
}

/// A path as in `knowledge/`.
fn clean(path: &str) -> &str {
    path.trim_start_matches("./")
}
