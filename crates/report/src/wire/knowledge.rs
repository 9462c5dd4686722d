//! The shape of `knowledge list` and `knowledge show`.

use super::{SCHEMA_VERSION, text};
use groundplan_knowledge::OptionEntry;
use groundplan_knowledge::rule::{Cite, Concern, Effect, Rule, Source};
use groundplan_knowledge::{Fact, Knowledge};
use serde::Serialize;

/// Everything that is known, or what an id names.
#[derive(Debug, Serialize)]
struct KnowledgeJson<'a> {
    /// Version of this shape.
    schema_version: u32,
    /// Answers to dimensions.
    options: Vec<OptionJson<'a>>,
    /// What speaks for and against them.
    rules: Vec<RuleJson<'a>>,
    /// Numbers with range, source and date.
    facts: Vec<&'a Fact>,
    /// Where it comes from.
    sources: Vec<&'a Source>,
}

/// An answer to a dimension.
#[derive(Debug, Serialize)]
struct OptionJson<'a> {
    dimension: &'a str,
    name: &'a str,
    about: &'a str,
    deployables: u32,
    stores: u32,
    brokers: u32,
    regions: u32,
}

/// A rule.
#[derive(Debug, Serialize)]
struct RuleJson<'a> {
    id: &'a str,
    dimension: &'a str,
    option: &'a str,
    /// `for`, `against`, `impossible` or `unready`.
    effect: &'static str,
    /// `slight`, `normal` or `strong`; null for vetoes.
    grade: Option<&'static str>,
    concern: Concern,
    when: Vec<String>,
    text: &'a str,
    lifted_by: Option<&'a str>,
    sources: &'a [Cite],
}

/// Everything that is known, as JSON text.
#[must_use]
pub fn knowledge(knowledge: &Knowledge) -> String {
    text(&KnowledgeJson {
        schema_version: SCHEMA_VERSION,
        options: knowledge.dimensions().iter().flat_map(|dimension| &dimension.options).map(option).collect(),
        rules: knowledge.rules().iter().map(rule).collect(),
        facts: knowledge.facts().collect(),
        sources: knowledge.sources().collect(),
    })
}

/// What an id names, in the same shape; none where it names nothing.
#[must_use]
pub fn knowledge_entry(knowledge: &Knowledge, id: &str) -> Option<String> {
    let options = knowledge.dimensions().iter().flat_map(|dimension| &dimension.options);
    let is_it = |option: &&OptionEntry| option.name == id || format!("{}/{}", option.dimension, option.name) == id;
    let found = KnowledgeJson {
        schema_version: SCHEMA_VERSION,
        options: options.filter(is_it).map(option).collect(),
        rules: knowledge.rule(id).map(rule).into_iter().collect(),
        facts: knowledge.find_fact(id).into_iter().collect(),
        sources: knowledge.source(id).into_iter().collect(),
    };
    let nothing =
        found.options.is_empty() && found.rules.is_empty() && found.facts.is_empty() && found.sources.is_empty();
    (!nothing).then(|| text(&found))
}

fn option(option: &OptionEntry) -> OptionJson<'_> {
    let [deployables, stores, brokers, regions] = option.runs;
    OptionJson {
        dimension: &option.dimension,
        name: &option.name,
        about: &option.about,
        deployables,
        stores,
        brokers,
        regions,
    }
}

fn rule(rule: &Rule) -> RuleJson<'_> {
    let (effect, grade) = match rule.effect {
        Effect::Argues(groundplan_knowledge::Side::For, grade) => ("for", Some(grade.word())),
        Effect::Argues(groundplan_knowledge::Side::Against, grade) => ("against", Some(grade.word())),
        Effect::Impossible => ("impossible", None),
        Effect::Unready => ("unready", None),
    };
    RuleJson {
        id: &rule.id,
        dimension: &rule.dimension,
        option: &rule.option,
        effect,
        grade,
        concern: rule.concern,
        when: rule.when.iter().map(groundplan_knowledge::predicate::Predicate::text).collect(),
        text: &rule.text,
        lifted_by: rule.lifted_by.as_deref(),
        sources: &rule.sources,
    }
}
