//! Options beside each other, and the generic sheet: constraints, pattern, justification, mitigations, without a brief. Both are
//! gathered here from the knowledge and told by `text`, `markdown` and `wire`.

use crate::catalogue::{effect, level, runs, with_facts};
use crate::told;
use groundplan_knowledge::predicate::Predicate;
use groundplan_knowledge::{Dimension, Knowledge, OptionEntry, Rule};
use groundplan_model::diagnostic::guess;
use serde::Serialize;
use std::collections::BTreeSet;

/// Options of one dimension side by side.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Compared {
    /// The dimension.
    pub dimension: String,
    /// The question it answers.
    pub question: String,
    /// The options, in the order they were named.
    pub options: Vec<ComparedOption>,
    /// Tables of the knowledge that compare at least two of them.
    pub tables: Vec<ComparedTable>,
    /// How two of them go together.
    pub overlaps: Vec<String>,
    /// Ids of all sources named.
    pub sources: Vec<String>,
}

/// What is said of one option.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ComparedOption {
    /// Its name.
    pub option: String,
    /// Its title.
    pub title: String,
    /// What it is.
    pub about: String,
    /// When to take it.
    pub when: Vec<String>,
    /// When not.
    pub when_not: Vec<String>,
    /// What it gains.
    pub gains: Vec<String>,
    /// What it gives up.
    pub costs: Vec<String>,
    /// What must be there first.
    pub needs: Vec<String>,
    /// What it costs to run.
    pub to_run: String,
    /// What there is to run: `1 broker`.
    pub runs: String,
    /// How it fails.
    pub fails: Vec<String>,
    /// The rules that speak of it and of none of the others alike.
    pub rules: Vec<ComparedRule>,
}

/// A rule that tells options apart.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ComparedRule {
    /// Its id.
    pub rule: String,
    /// `for, strong`; `against, normal`; `impossible`; `not yet`.
    pub effect: String,
    /// What it is about.
    pub concern: &'static str,
    /// Why.
    pub text: String,
    /// When, all of it.
    pub when: Vec<String>,
    /// Ids of sources.
    pub sources: Vec<String>,
}

/// A table of the knowledge, the rows of these options.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ComparedTable {
    /// Its id.
    pub aspect: String,
    /// Its title.
    pub title: String,
    /// By option, in their order: the level and the text; empty where it says nothing.
    pub cells: Vec<(String, String)>,
    /// What measures it for one's own system; may be empty.
    pub measured_by: String,
}

/// Puts options side by side.
///
/// # Errors
/// What is wrong with the names: unknown, of several dimensions, the same twice.
pub fn compare(knowledge: &Knowledge, names: &[String]) -> Result<Compared, String> {
    let short = |name: &str| name.rsplit('/').next().unwrap_or(name).to_string();
    let has = |dimension: &Dimension, name: &str| {
        let asked = name.split_once('/').is_none_or(|(asked, _)| asked == dimension.name);
        asked && dimension.options.iter().any(|option| option.name == short(name))
    };
    for (nth, name) in names.iter().enumerate() {
        if !knowledge.dimensions().iter().any(|dimension| has(dimension, name)) {
            // What stands beside an option answers the same dimension.
            let beside = |one: &&Dimension| {
                let known: Vec<&String> =
                    names.iter().filter(|name| knowledge.dimensions().iter().any(|any| has(any, name))).collect();
                known.iter().all(|name| has(one, name))
            };
            let all = knowledge.dimensions().iter().filter(beside).flat_map(|dimension| &dimension.options);
            let near = guess(&short(name), all.map(|option| option.name.as_str()));
            let help = near.map_or("`groundplan knowledge list options` names all".into(), |near| {
                format!("did you mean `{near}`?")
            });
            return Err(format!("no option is called `{name}`; {help}"));
        }
        if names[..nth].iter().any(|other| short(other) == short(name)) {
            return Err(format!("`{name}` is named twice"));
        }
    }
    let fitting: Vec<&Dimension> =
        knowledge.dimensions().iter().filter(|dimension| names.iter().all(|name| has(dimension, name))).collect();
    let dimension = match fitting[..] {
        [one] => one,
        [] => {
            let of = |name: &String| {
                let of: Vec<&str> =
                    knowledge.dimensions().iter().filter(|one| has(one, name)).map(|one| one.name.as_str()).collect();
                format!("`{name}` answers {}", of.join(" and "))
            };
            let told: Vec<String> = names.iter().map(of).collect();
            return Err(format!("only options of one dimension can be compared: {}", told.join(", ")));
        }
        _ => {
            let dimensions: Vec<String> =
                fitting.iter().map(|one| format!("`{}/{}`", one.name, short(&names[0]))).collect();
            return Err(format!("several dimensions have these options; write {}", dimensions.join(" or ")));
        }
    };
    let options: Vec<&OptionEntry> =
        names.iter().filter_map(|name| dimension.options.iter().find(|option| option.name == short(name))).collect();
    let compared: Vec<ComparedOption> = options.iter().map(|option| compared(knowledge, option, &options)).collect();
    let tables = knowledge.comparisons().filter_map(|comparison| {
        let cell = |option: &&OptionEntry| {
            let row = comparison.rows.iter().find(|row| is(&row.option, option));
            row.map_or_else(Default::default, |row| {
                (level(&comparison.scale, row.level).unwrap_or_default(), row.text.clone())
            })
        };
        let cells: Vec<(String, String)> = options.iter().map(cell).collect();
        let said = cells.iter().filter(|(level, text)| !level.is_empty() || !text.is_empty()).count();
        (said >= 2).then(|| ComparedTable {
            aspect: comparison.aspect.clone(),
            title: comparison.title.clone(),
            cells,
            measured_by: comparison.measured_by.clone(),
        })
    });
    let tables: Vec<ComparedTable> = tables.collect();
    let among = |option: &(String, String)| options.iter().any(|one| is(option, one));
    let overlaps = knowledge.overlaps().filter(|overlap| overlap.between.iter().all(among));
    let mut sources: BTreeSet<String> = options.iter().flat_map(|option| option.sources.iter().cloned()).collect();
    sources.extend(compared.iter().flat_map(|one| &one.rules).flat_map(|rule| rule.sources.iter().cloned()));
    for table in &tables {
        let of = knowledge.comparisons().filter(|comparison| comparison.aspect == table.aspect);
        sources.extend(of.flat_map(|comparison| comparison.sources.iter().cloned()));
    }
    Ok(Compared {
        dimension: dimension.name.clone(),
        question: dimension.question.clone(),
        options: compared,
        tables,
        overlaps: overlaps.map(|overlap| overlap.text.clone()).collect(),
        sources: sources.into_iter().collect(),
    })
}

fn is(id: &(String, String), option: &OptionEntry) -> bool {
    id.0 == option.dimension && id.1 == option.name
}

fn compared(knowledge: &Knowledge, option: &OptionEntry, all: &[&OptionEntry]) -> ComparedOption {
    let of = |rule: &Rule, name: &str| rule.dimension == option.dimension && rule.option == name;
    // What is said of all of them alike, on the same conditions, tells nothing apart.
    let alike = |rule: &Rule| {
        let same = |one: &&Rule| one.when == rule.when && one.effect == rule.effect && one.concern == rule.concern;
        let others = || all.iter().filter(|other| other.name != option.name);
        others().all(|other| knowledge.rules().iter().filter(|rule| of(rule, &other.name)).any(|one| same(&one)))
    };
    let mut rules: Vec<ComparedRule> = knowledge
        .rules()
        .iter()
        .filter(|rule| of(rule, &option.name) && !alike(rule))
        .map(|rule| ComparedRule {
            rule: rule.id.clone(),
            effect: effect(rule),
            concern: rule.concern.word(),
            text: rule.text.clone(),
            when: rule.when.iter().map(Predicate::text).collect(),
            sources: rule.sources.iter().map(|cite| cite.source.clone()).collect(),
        })
        .collect();
    let weight = |rule: &ComparedRule| {
        let grades = ["impossible", "not yet", "for, strong", "against, strong", "for, normal", "against, normal"];
        grades.iter().position(|grade| *grade == rule.effect).unwrap_or(grades.len())
    };
    rules.sort_by_key(weight);
    ComparedOption {
        option: option.name.clone(),
        title: option.title.clone(),
        about: option.about.clone(),
        when: option.when.clone(),
        when_not: option.when_not.clone(),
        gains: option.gains.clone(),
        costs: option.costs.clone(),
        needs: option.preconditions.iter().map(|one| one.text.clone()).collect(),
        to_run: with_facts(knowledge, &option.to_run),
        runs: runs(option.runs),
        fails: option.fails.clone(),
        rules,
    }
}

/// The generic sheet.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sheet {
    /// The styles, in full.
    pub styles: Vec<Pattern>,
    /// The other dimensions with their options, in short.
    pub others: Vec<Others>,
    /// Ids of the sources of the styles and their mitigations.
    pub sources: Vec<String>,
}

/// A pattern on the sheet.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pattern {
    /// The option.
    pub option: String,
    /// Its title.
    pub title: String,
    /// The constraints that call for it, at most three.
    pub use_if: Vec<String>,
    /// What justifies it, at most three.
    pub gains: Vec<String>,
    /// What it costs, at most two.
    pub costs: Vec<String>,
    /// Three things that keep what goes wrong with it small, each with its sources.
    pub mitigations: Vec<(String, Vec<String>)>,
    /// Ids of sources.
    pub sources: Vec<String>,
}

/// A dimension on the sheet.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Others {
    /// The dimension.
    pub dimension: String,
    /// Its options but `none`.
    pub options: Vec<Pattern>,
}

/// Mitigations that a pattern on the sheet names.
const MITIGATIONS: usize = 3;

/// The sheet of everything: constraints, pattern, justification, mitigations.
#[must_use]
pub fn sheet(knowledge: &Knowledge) -> Sheet {
    let patterns = |dimension: &Dimension| -> Vec<Pattern> {
        let real = dimension.options.iter().filter(|option| option.name != "none");
        real.map(|option| pattern(knowledge, option)).collect()
    };
    let styles = knowledge.dimension(told::STYLE).map_or(Vec::new(), patterns);
    let others = knowledge.dimensions().iter().filter(|dimension| dimension.name != told::STYLE);
    let others: Vec<Others> =
        others.map(|dimension| Others { dimension: dimension.name.clone(), options: patterns(dimension) }).collect();
    let all = styles.iter();
    let named = |pattern: &Pattern| -> Vec<String> {
        pattern.sources.iter().chain(pattern.mitigations.iter().flat_map(|(_, sources)| sources)).cloned().collect()
    };
    let sources: BTreeSet<String> = all.flat_map(named).collect();
    Sheet { styles, others, sources: sources.into_iter().collect() }
}

fn pattern(knowledge: &Knowledge, option: &OptionEntry) -> Pattern {
    let first = |lines: &[String], most: usize| lines.iter().take(most).cloned().collect();
    let mut mitigations: Vec<(String, Vec<String>)> = Vec::new();
    let mut add = |text: &str, sources: Vec<String>| {
        if mitigations.len() < MITIGATIONS && !mitigations.iter().any(|(known, _)| known == text) && !text.is_empty() {
            mitigations.push((text.to_string(), sources));
        }
    };
    // What helps against the risks that come with the option, then what its preconditions call for, then what lifts objections.
    let chosen = |predicate: &Predicate| {
        matches!(predicate, Predicate::Chosen { dimension, option: name, negated: false }
            if *dimension == option.dimension && *name == option.name)
    };
    for risk in knowledge.risks().filter(|risk| risk.when.iter().any(chosen)) {
        for mitigation in risk.mitigations.iter().take(2) {
            add(&mitigation.title, mitigation.sources.iter().map(|cite| cite.source.clone()).collect());
        }
    }
    for precondition in &option.preconditions {
        add(&precondition.to_do, option.sources.iter().take(2).cloned().collect());
    }
    let own = knowledge.rules().iter().filter(|rule| rule.dimension == option.dimension && rule.option == option.name);
    for rule in own {
        if let Some(cure) = &rule.lifted_by {
            add(cure, rule.sources.iter().map(|cite| cite.source.clone()).collect());
        }
    }
    Pattern {
        option: option.name.clone(),
        title: option.title.clone(),
        use_if: first(&option.when, 3),
        gains: first(&option.gains, 3),
        costs: first(&option.costs, 2),
        mitigations,
        sources: option.sources.clone(),
    }
}
