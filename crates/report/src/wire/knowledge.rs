//! The shapes of `knowledge`: lists, entries, hits, comparisons, the generic sheet, checks, what rules decide alone, known outcomes.

use super::{CheckedFile, SCHEMA_VERSION, text};
use crate::catalogue::{Entry, Hit};
use crate::sheet::{Compared, Sheet};
use crate::told::Changed;
use groundplan_knowledge::alone::Alone;
use groundplan_knowledge::playbook::CoverageRow;
use groundplan_knowledge::rule::{Cite, Concern, Effect, Origin, Rule, Source};
use groundplan_knowledge::{Fact, Knowledge, OptionEntry};
use groundplan_model::brief::Brief;
use serde::Serialize;
use serde_json::{Map, Value, json};

/// Everything that is known, or what an id names.
#[derive(Debug, Serialize)]
struct KnowledgeJson<'a> {
    /// Version of this shape.
    schema_version: u32,
    /// All of it, in one shape.
    entries: Vec<EntryJson<'a>>,
    /// Answers to dimensions.
    options: Vec<OptionJson<'a>>,
    /// What speaks for and against them.
    rules: Vec<RuleJson<'a>>,
    /// Numbers with range, source and date.
    facts: Vec<&'a Fact>,
    /// Where it comes from.
    sources: Vec<&'a Source>,
}

/// A piece of knowledge of any kind.
#[derive(Debug, Serialize)]
struct EntryJson<'a> {
    /// `option`, `rule`, `risk`, ...
    kind: &'static str,
    id: &'a str,
    title: &'a str,
    /// Name of the field to its sentences.
    fields: Map<String, Value>,
    sources: Vec<CiteJson<'a>>,
    file: &'a str,
    /// `groundplan` or `house`.
    origin: Origin,
}

/// A source that an entry names.
#[derive(Debug, Serialize)]
struct CiteJson<'a> {
    source: &'a str,
    /// `opinion`, `expert`, `case`, `documented`, `measured`, `arithmetic`; null where it isn't said.
    evidence: Option<&'static str>,
}

fn entry(entry: &Entry) -> EntryJson<'_> {
    let mut fields = Map::new();
    for field in &entry.fields {
        let lines = fields.entry(field.name.replace('-', "_")).or_insert_with(|| json!([]));
        if let Value::Array(lines) = lines {
            lines.extend(field.lines.iter().map(|line| json!(line)));
        }
    }
    EntryJson {
        kind: entry.kind,
        id: &entry.id,
        title: &entry.title,
        fields,
        sources: entry
            .sources
            .iter()
            .map(|(source, gives)| CiteJson { source, evidence: Some(*gives).filter(|gives| !gives.is_empty()) })
            .collect(),
        file: &entry.file,
        origin: entry.origin,
    }
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

/// These entries, as JSON text: everything, a kind, or one.
#[must_use]
pub fn knowledge(knowledge: &Knowledge, entries: &[&Entry]) -> String {
    let named = |kind: &str, id: &str| entries.iter().any(|entry| entry.kind == kind && entry.id == id);
    let options = knowledge.dimensions().iter().flat_map(|dimension| &dimension.options);
    let options = options.filter(|option| named("option", &format!("{}/{}", option.dimension, option.name)));
    text(&KnowledgeJson {
        schema_version: SCHEMA_VERSION,
        entries: entries.iter().map(|one| entry(one)).collect(),
        options: options.map(option).collect(),
        rules: knowledge.rules().iter().filter(|rule| named("rule", &rule.id)).map(rule).collect(),
        facts: knowledge.facts().filter(|fact| named("fact", &fact.id)).collect(),
        sources: knowledge.sources().filter(|source| named("source", &source.id)).collect(),
    })
}

/// What was found, the best first.
#[must_use]
pub fn knowledge_search(hits: &[Hit]) -> String {
    let hits: Vec<Value> = hits
        .iter()
        .map(|hit| {
            let Entry { kind, id, title, .. } = hit.entry;
            json!({ "kind": kind, "id": id, "title": title, "field": hit.field, "text": hit.text, "rank": hit.rank })
        })
        .collect();
    text(&json!({ "schema_version": SCHEMA_VERSION, "hits": hits }))
}

/// Options side by side.
#[must_use]
pub fn knowledge_compare(compared: &Compared) -> String {
    text(&json!({ "schema_version": SCHEMA_VERSION, "comparison": compared }))
}

/// The generic sheet.
#[must_use]
pub fn knowledge_sheet(sheet: &Sheet) -> String {
    text(&json!({ "schema_version": SCHEMA_VERSION, "sheet": sheet }))
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

/// What is said of a folder: its files with findings, and the decisions that it changes of so many briefs.
#[must_use]
pub fn knowledge_check(files: Vec<CheckedFile>, changed: &[Changed], briefs: usize) -> String {
    text(&json!({ "schema_version": SCHEMA_VERSION, "files": files, "briefs": briefs, "changes": changed }))
}

/// What each rule decides alone.
#[must_use]
pub fn alone(alone: &[Alone], briefs: &[(String, &Brief)]) -> String {
    let names: Vec<&str> = briefs.iter().map(|(name, _)| name.as_str()).collect();
    let rules: Vec<Value> = alone
        .iter()
        .map(|rule| {
            let decides: Vec<Value> = rule
                .decides
                .iter()
                .map(|(brief, changes)| json!({ "brief": brief, "changes": changes }))
                .collect();
            json!({
                "rule": rule.rule, "option": rule.option, "speaks": rule.speaks, "decides": decides, "suspect": rule.suspect
            })
        })
        .collect();
    text(&json!({ "schema_version": SCHEMA_VERSION, "briefs": names, "rules": rules }))
}

/// What carries each row of the blueprint.
#[must_use]
pub fn coverage(knowledge: &Knowledge) -> String {
    let row = |row: &CoverageRow| {
        let carried: Vec<String> = row.carried_by.iter().map(|(kind, id)| format!("{}:{id}", kind.word())).collect();
        json!({ "row": row.id, "section": row.section, "title": row.title, "says": row.says, "carried_by": carried })
    };
    let mut rows: Vec<&CoverageRow> = knowledge.coverage().collect();
    rows.sort_by_key(|row| row.section);
    text(&json!({ "schema_version": SCHEMA_VERSION, "rows": rows.into_iter().map(row).collect::<Vec<_>>() }))
}
