//! What of the playbook applies to a brief, and what each rule decides alone over many.

use super::{knowledge, sample};
use crate::alone::Alone;
use crate::decision::CheckState;
use crate::rule::Scope;
use groundplan_model::brief::Brief;
use groundplan_model::reader;

#[test]
fn risks_apply_where_their_conditions_hold() {
    for brief in [sample::brief(), sample::many_teams(), sample::intake()] {
        let decisions = knowledge().decide(&brief);
        for found in &decisions.risks {
            let risk = knowledge().risks().find(|risk| risk.id == found.risk).unwrap();
            assert_eq!(found.about.is_empty(), risk.scope == Scope::Brief, "{}", found.risk);
        }
        let always = knowledge().risks().filter(|risk| risk.when.is_empty()).count();
        assert!(decisions.risks.len() >= always);
        let asked: usize = knowledge().checklists().map(|list| list.items.len()).sum();
        assert_eq!(decisions.checklists.iter().map(|list| list.items.len()).sum::<usize>(), asked);
        for (list, judged) in knowledge().checklists().zip(&decisions.checklists) {
            for (item, judged) in list.items.iter().zip(&judged.items) {
                assert!(item.holds.is_some() || judged.state == CheckState::Unknown, "{}", item.id);
            }
        }
        assert!(!knowledge().scripts_for(&brief).is_empty());
    }
    let some = |brief: &Brief| -> Vec<String> {
        knowledge().decide(brief).risks.into_iter().map(|found| found.risk).collect()
    };
    assert_ne!(some(&sample::brief()), some(&sample::many_teams()), "what is risky depends on the brief");
}

#[test]
fn quantities_are_told_with_their_unit() {
    let brief = sample::brief();
    assert_eq!(crate::Knowledge::quantity(&brief, "team.maturity").as_deref(), Some("medium"));
    assert_eq!(crate::Knowledge::quantity(&brief, "team.teams").as_deref(), Some("1 team"));
    assert_eq!(crate::Knowledge::quantity(&brief, "set.reads"), None);
}

fn examples() -> Vec<Brief> {
    let texts = [
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/web-shop.brief.yaml")),
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/monitoring.brief.yaml")),
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/small-team.brief.yaml")),
    ];
    texts.map(|text| reader::read_brief(text).value.unwrap()).into()
}

#[test]
fn leaving_a_rule_out_is_as_if_it_had_never_been() {
    let mut decided = 0;
    for brief in examples() {
        let told = knowledge().decides_alone(&brief);
        decided += told.len();
        let with = knowledge().choose(&brief);
        // All that decide something, and every ninth of the others.
        let names = |rule: &str| told.iter().any(|item| item.rule == rule);
        let tried = knowledge().rules().iter().enumerate().filter(|(n, rule)| n % 9 == 0 || names(&rule.id));
        for (place, rule) in tried {
            let mut fewer = knowledge().clone();
            fewer.dimensions.iter_mut().for_each(|dimension| dimension.rules.retain(|known| *known != place));
            let without = fewer.choose(&brief);
            let changed = with.iter().zip(without).filter(|(one, other)| one.2 != other.2);
            let changed: Vec<_> = changed.map(|(one, other)| (&one.0, &one.1, &one.2, other.2)).collect();
            let said = told.iter().filter(|item| item.rule == rule.id);
            let said: Vec<_> =
                said.map(|item| (&item.dimension, &item.subject, &item.with, item.without.clone())).collect();
            assert_eq!(said, changed, "{}", rule.id);
        }
    }
    assert!(decided > 0);
}

#[test]
fn a_rule_for_one_brief_is_suspect() {
    let briefs = examples();
    let named: Vec<(String, &Brief)> = briefs.iter().map(|brief| (brief.name.clone(), brief)).collect();
    let all = knowledge().alone(&named);
    assert_eq!(all.len(), knowledge().rules().len());
    let suspect = |item: &Alone| item.speaks.len() == 1 && item.decides.len() == 1;
    assert!(all.iter().all(|item| item.suspect == suspect(item)));
    assert!(all.iter().all(|item| item.decides.iter().all(|(name, _)| item.speaks.contains(name))));
    assert!(all.iter().any(|item| !item.decides.is_empty()));
}
