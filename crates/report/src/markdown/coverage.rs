//! What carries each row of the blueprint, as one Markdown page, `docs/coverage.md`. All its text is ours.
//!
//! Whether the pieces that rows name are there is said by `Knowledge::check`; words of the language, which the knowledge
//! doesn't know all of, are looked up here.

use crate::reference;
use groundplan_knowledge::Knowledge;
use groundplan_knowledge::playbook::{Carrier, CoverageRow};
use groundplan_knowledge::predicate::Level;
use groundplan_knowledge::rule::Rule;
use groundplan_model::words::brief::BRIEF;
use std::collections::BTreeSet;
use std::fmt::Write;

const HEAD: &str = "# What carries the blueprint\n\n\
    Groundplan's knowledge began with a blueprint of sixteen sections. Each of its rows stands here with a gist in our own\n\
    words and with what carries it: rules, options, risks and so on, by the ids under which `groundplan knowledge show`\n\
    prints them. Rows of sections 4, 6, 7 and 8 are carried by rules, each tried in tests on briefs in which it speaks and\n\
    on briefs in which it doesn't; how many of both stands behind it. Written by\n\
    `groundplan knowledge coverage --format markdown`; a test keeps it.\n\n";

/// The page.
#[must_use]
pub fn coverage(knowledge: &Knowledge) -> String {
    let mut out = HEAD.to_string();
    let mut rows: Vec<&CoverageRow> = knowledge.coverage().collect();
    // Rows keep the order of their files; files may come in any.
    rows.sort_by_key(|row| row.section);
    let mut sections: Vec<(u32, &str)> = rows.iter().map(|row| (row.section, row.title.as_str())).collect();
    sections.dedup();
    out.push_str("| section | rows | pieces |\n| --- | ---: | ---: |\n");
    for (section, title) in &sections {
        let own: Vec<&&CoverageRow> = rows.iter().filter(|row| row.section == *section).collect();
        let pieces: BTreeSet<String> = own.iter().flat_map(|row| &row.carried_by).map(name).collect();
        let anchor = format!("{section} {title}").to_lowercase().replace([',', ':'], "").replace(' ', "-");
        let _ = writeln!(out, "| [{section} {title}](#{anchor}) | {} | {} |", own.len(), pieces.len());
    }
    for (section, title) in &sections {
        let _ = write!(out, "\n## {section} {title}\n\n| row | what it says | carried by |\n| --- | --- | --- |\n");
        for row in rows.iter().filter(|row| row.section == *section) {
            let carried: Vec<String> =
                row.carried_by.iter().map(|item| format!("{}{}", quoted(item), tried(knowledge, item))).collect();
            let _ = writeln!(out, "| {} | {} | {} |", row.id, row.says, carried.join(", "));
        }
    }
    beyond(&mut out, knowledge, &rows);
    out
}

/// Whether a word of briefs or designs is one: a path through the keys of a brief, or a word of the reference.
#[must_use]
pub fn is_term(text: &str) -> bool {
    let designs = reference::sections().iter().flat_map(|section| &section.entries).any(|entry| entry.name == text);
    let mut keys = BRIEF;
    let brief = text.split('.').all(|word| match keys.iter().find(|key| key.name == word) {
        Some(key) => {
            keys = key.shape.keys();
            true
        }
        None => false,
    });
    designs || brief
}

fn name((carrier, id): &(Carrier, String)) -> String {
    format!("{}:{id}", carrier.word())
}

fn quoted((carrier, id): &(Carrier, String)) -> String {
    format!("{} `{id}`", carrier.word())
}

/// On how many briefs a rule is tried, those in which it speaks first.
fn tried(knowledge: &Knowledge, (carrier, id): &(Carrier, String)) -> String {
    match knowledge.rule(id) {
        Some(rule) if *carrier == Carrier::Rule => {
            let (speaks, silent) = briefs(rule);
            format!(" ({speaks} + {silent})")
        }
        _ => String::new(),
    }
}

/// Briefs in which a rule speaks, and in which it doesn't.
fn briefs(rule: &Rule) -> (usize, usize) {
    let silent = rule.examples.iter().filter(|example| example.speaks == Level::No).count();
    (rule.examples.len() - silent, silent)
}

/// What no row names: nothing is missing there, the knowledge has grown past the blueprint.
fn beyond(out: &mut String, knowledge: &Knowledge, rows: &[&CoverageRow]) {
    let named: BTreeSet<(&str, &str)> =
        rows.iter().flat_map(|row| &row.carried_by).map(|(carrier, id)| (carrier.word(), id.as_str())).collect();
    let left = |carrier: Carrier, ids: Vec<String>| -> Vec<String> {
        ids.into_iter().filter(|id| !named.contains(&(carrier.word(), id.as_str()))).collect()
    };
    let options = knowledge.dimensions().iter().flat_map(|dimension| {
        dimension.options.iter().map(move |option| format!("{}/{}", dimension.name, option.name))
    });
    let items =
        knowledge.checklists().flat_map(|list| list.items.iter().map(move |item| format!("{}/{}", list.id, item.id)));
    let mitigations = knowledge.risks().flat_map(|risk| risk.mitigations.iter().map(|item| item.id.clone()));
    let recommendations = knowledge.recommendations().map(|item| format!("{}/{}", item.group, item.id));
    let lists: [(&str, Carrier, Vec<String>); 8] = [
        ("options", Carrier::Option, options.collect()),
        ("overlaps", Carrier::Overlap, knowledge.overlaps().map(|item| item.id.clone()).collect()),
        ("risks", Carrier::Risk, knowledge.risks().map(|item| item.id.clone()).collect()),
        ("mitigations", Carrier::Mitigation, mitigations.collect()),
        ("checks", Carrier::Checklist, items.collect()),
        ("trends", Carrier::Trend, knowledge.trends().map(|item| item.id.clone()).collect()),
        ("recommendations", Carrier::Recommendation, recommendations.collect()),
        ("scripts", Carrier::Script, knowledge.scripts().iter().map(|item| item.id.clone()).collect()),
    ];
    out.push_str(
        "\n## Beyond the blueprint\n\nWhat no row names. The knowledge has grown past the blueprint here.\n\n",
    );
    for (title, carrier, ids) in lists {
        let whole = ids.len();
        let ids = left(carrier, ids);
        let told: Vec<String> = ids.iter().map(|id| format!("`{id}`")).collect();
        let told = if told.is_empty() { "none".to_string() } else { told.join(", ") };
        let _ = writeln!(out, "- {title}, {} of {whole}: {told}", ids.len());
    }
    let counted = |carrier: Carrier, ids: Vec<String>| (left(carrier, ids.clone()).len(), ids.len());
    let (rules, all_rules) = counted(Carrier::Rule, knowledge.rules().iter().map(|rule| rule.id.clone()).collect());
    let (facts, all_facts) = counted(Carrier::Fact, knowledge.facts().map(|fact| fact.id.clone()).collect());
    let (sources, all_sources) = counted(Carrier::Source, knowledge.sources().map(|item| item.id.clone()).collect());
    let (products, all_products) =
        counted(Carrier::Technology, knowledge.technologies().map(|item| item.id.clone()).collect());
    let _ = writeln!(
        out,
        "- and {rules} of {all_rules} rules, {facts} of {all_facts} facts, {sources} of {all_sources} sources, \
         {products} of {all_products} products"
    );
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use groundplan_sim::lower::VOCABULARY;
    use std::path::Path;

    /// Sections whose rows decide something, so that rules must carry them.
    const DECIDED: [u32; 4] = [4, 6, 7, 8];

    fn knowledge() -> Knowledge {
        Knowledge::embedded()
    }

    #[test]
    fn the_page_is_what_the_knowledge_says() {
        let page = coverage(&knowledge());
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/coverage.md");
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(&path, &page).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        let differs = kept.lines().zip(page.lines()).find(|(kept, page)| kept != page);
        assert!(
            kept == page,
            "docs/coverage.md is older than the knowledge: write it anew with\n    \
             UPDATE_GOLDEN=1 cargo test -p groundplan-report --lib coverage\nfirst difference: {differs:#?}"
        );
    }

    #[test]
    fn all_sixteen_sections_are_there_and_every_piece_that_a_row_names() {
        let knowledge = knowledge();
        let sections: BTreeSet<u32> = knowledge.coverage().map(|row| row.section).collect();
        assert_eq!(sections, (1..=16).collect());
        for row in knowledge.coverage() {
            assert!(!row.carried_by.is_empty(), "nothing carries {}", row.id);
            assert!(row.id.starts_with(&row.section.to_string()), "{} stands in section {}", row.id, row.section);
            for (carrier, id) in &row.carried_by {
                let there = if *carrier == Carrier::Term { is_term(id) } else { knowledge.carries(*carrier, id) };
                assert!(there, "{} names the {} `{id}`, which is not there", row.id, carrier.word());
            }
        }
    }

    #[test]
    fn rows_that_decide_have_rules_tried_both_ways() {
        let knowledge = knowledge();
        for row in knowledge.coverage().filter(|row| DECIDED.contains(&row.section)) {
            let rules = knowledge.rules_of(row);
            assert!(!rules.is_empty(), "no rule carries {}: {}", row.id, row.says);
            for rule in rules {
                let (speaks, silent) = briefs(rule);
                assert!(speaks >= 1 && silent >= 1, "{} of {} is tried {speaks} + {silent}", rule.id, row.id);
            }
        }
    }

    #[test]
    fn risks_are_tried_by_faults_that_there_are_and_mitigated_by_policies_that_there_are() {
        assert_eq!(knowledge().unknown_words(&VOCABULARY), []);
    }

    #[test]
    fn words_of_briefs_and_of_designs_are_terms_and_others_are_not() {
        assert!(is_term("breaker") && is_term("ai.prompt-log") && is_term("today"));
        assert!(!is_term("braker") && !is_term("ai.prompt-lag") && !is_term(""));
    }
}
