//! What an option is: an answer to a dimension, with what people ask of it. Reading it lives in `load/option`.

use crate::predicate::Predicate;
use crate::rule::Origin;
use crate::template::Template;
use groundplan_model::span::Span;

/// An answer to a dimension.
#[derive(Debug, Clone, PartialEq)]
pub struct OptionEntry {
    /// The question.
    pub dimension: String,
    /// Its name, unique in the dimension.
    pub name: String,
    /// Its name for people; the name without dashes where nobody gave one.
    pub title: String,
    /// What it is, in a sentence or two.
    pub about: String,
    /// When to take it.
    pub when: Vec<String>,
    /// When not.
    pub when_not: Vec<String>,
    /// What it gains.
    pub gains: Vec<String>,
    /// What it gives up for that.
    pub costs: Vec<String>,
    /// What must be there first.
    pub preconditions: Vec<Precondition>,
    /// What it costs to run, with facts by name.
    pub to_run: Template,
    /// How it fails.
    pub fails: Vec<String>,
    /// Ids of products that provide it.
    pub technologies: Vec<String>,
    /// One line for an interview; may be empty.
    pub say: String,
    /// Ids of sources.
    pub sources: Vec<String>,
    /// A brief in which it is chosen.
    pub chosen_in: Option<ChosenIn>,
    /// What there is to run: deployables, stores, brokers, regions. Less wins a tie.
    pub runs: [u32; 4],
    /// The file it stands in.
    pub file: String,
    /// Where its name stands in that file.
    pub span: Span,
    /// Whose it is.
    pub origin: Origin,
}

/// What must be there before an option is taken.
#[derive(Debug, Clone, PartialEq)]
pub struct Precondition {
    /// What must hold: a comparison over the brief, or a choice of another dimension.
    pub needs: Predicate,
    /// What that means.
    pub text: String,
    /// What to do where it doesn't hold.
    pub to_do: String,
    /// Where it stands.
    pub span: Span,
}

/// A brief in which an option is chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChosenIn {
    /// The whole brief as YAML text.
    pub brief: String,
    /// The data set, for dimensions that are asked per data set; the first where missing.
    pub set: Option<String>,
    /// Where it stands.
    pub span: Span,
}
