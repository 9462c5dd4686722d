//! What a plan measured, read back from its `plan.json` as sentences for a talk. Only keys that `wire` writes are read; what a
//! plan lacks is not said.

use crate::figure::{Unit, money, unit_of};
use crate::told;
use groundplan_knowledge::playbook::Section;
use groundplan_model::units::Money;
use groundplan_planner::plan::CostRange;
use serde_json::Value;

/// Targets, risks and mitigations that are said, each.
const MOST: usize = 3;

/// Sentences by section from the text of a `plan.json`.
///
/// # Errors
/// If it is no plan of ours, or that of a brief of another name.
pub fn measured(text: &str, brief: &str) -> Result<Vec<(Section, String)>, String> {
    let plan: Value = serde_json::from_str(text).map_err(|error| format!("it is no JSON: {error}"))?;
    if plan["kind"] != crate::wire::PLAN_KIND {
        return Err("it is no plan of ours".into());
    }
    let name = plan["name"].as_str().unwrap_or_default();
    if name != brief {
        return Err(format!(
            "it is the plan of `{}`, and the brief is `{}`",
            crate::clean::clean(name),
            crate::clean::clean(brief)
        ));
    }
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let word = |value: &Value| value.as_str().unwrap_or_default().to_string();
    let mut said = Vec::new();
    let chosen =
        list(&plan["designs"]).into_iter().find(|design| design["style"] == plan["chosen"]).unwrap_or_default();
    if let (Some(low), Some(high)) = (chosen["cost_month"]["low"].as_f64(), chosen["cost_month"]["high"].as_f64()) {
        let range = CostRange { low: Money(low), high: Money(high) };
        let currency = word(&chosen["cost_month"]["currency"]);
        said.push((Section::Architecture, format!("Sized for its peak it costs {} {currency} a month.", money(range))));
    }
    for slo in list(&plan["slos"]).iter().take(MOST) {
        let name = word(&slo["name"]);
        if let Some(value) = slo["measured"]["value"].as_f64() {
            let holds = match slo["holds"].as_str() {
                Some("yes") => "it holds",
                Some("no") => "it doesn't hold",
                _ => "that can't be decided yet",
            };
            let shown = match unit_of(&name) {
                Unit::Money => format!("{} USD", Unit::Money.show(value)),
                unit => unit.show(value),
            };
            said.push((
                Section::Slos,
                format!("{} comes out at {shown} against {}: {holds}.", told::capital(&name), word(&slo["target"])),
            ));
        }
    }
    for risk in list(&plan["risks"]).iter().filter(|risk| risk["experiment"].is_string()).take(MOST) {
        said.push((
            Section::FailureModes,
            format!("We tried it in a simulator. {}: {}.", told::capital(&word(&risk["title"])), word(&risk["effect"])),
        ));
    }
    for trial in list(&chosen["trials"]).iter().filter(|trial| trial["kept"] == true).take(MOST) {
        said.push((
            Section::FailureModes,
            format!(
                "Kept because it helps: {} against {}. {}",
                word(&trial["mitigation"]),
                told::words(&word(&trial["against"])),
                told::sentence(&word(&trial["because"]))
            ),
        ));
    }
    let stages: Vec<String> = list(&plan["rollout"]).iter().map(|stage| word(&stage["title"])).collect();
    if !stages.is_empty() {
        said.push((Section::Rollout, format!("Stages: {}.", stages.join(", then "))));
    }
    Ok(said)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{sample, wire};

    #[test]
    fn what_was_measured_is_said_and_other_files_are_not() {
        let plan = sample::plan();
        let text = wire::plan(&plan, &sample::sources());
        let said = measured(&text, &plan.brief.name).expect("it is that plan");
        for section in [Section::Architecture, Section::Slos, Section::FailureModes] {
            assert!(said.iter().any(|(known, _)| *known == section), "{section:?}: {said:?}");
        }
        assert!(measured(&text, "Another").expect_err("another brief").contains("Another"));
        assert!(measured("{}", "x").expect_err("no plan").contains("no plan"));
        assert!(measured("[", "x").expect_err("no JSON").contains("JSON"));
    }
}
