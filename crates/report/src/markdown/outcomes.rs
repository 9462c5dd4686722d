//! Known outcomes as one Markdown page, `docs/outcomes.md`. All its text is ours.

use crate::text::outcomes::{chosen, count, question};
use groundplan_knowledge::Knowledge;
use groundplan_knowledge::outcome::Held;
use std::fmt::Write;

const HEAD: &str = "# Known outcomes\n\n\
    Decisions that engineers took and told of, written as briefs that hold only what was known before, and what Groundplan\n\
    decides from them. Which question a case answers, which options count as agreement and what its twin (a hundredth of\n\
    the load, the data, the people and the money, never below one person) should choose was written down before the first\n\
    run, in `outcomes/`. Briefs were mended after it where they said what a case does not: D1 (a decoded frame is 6 MB), D2\n\
    (twelve destinations for the hundred, not three), D5 (one region), D9 (twenty million requests a day, no other\n\
    runtime). Written by `groundplan knowledge cases --format markdown`; a test keeps it.\n\n";

/// The page.
#[must_use]
pub fn outcomes(list: &[Held], knowledge: &Knowledge) -> String {
    let mut out = HEAD.to_string();
    let (agreed, twins) = count(list);
    let _ = writeln!(
        out,
        "**{agreed} of {} cases agree, for a reason that was theirs; {twins} twins do as expected.**\n",
        list.len()
    );
    out.push_str("| case | question | the engineers | here | agrees | its twin, expected | its twin, here |\n");
    out.push_str("| --- | --- | --- | --- | --- | --- | --- |\n");
    for held in list {
        for answer in &held.answers {
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} | {} | {} | {} |",
                held.outcome.case,
                question(answer),
                answer.ask.agree.join(" or "),
                chosen(answer.option.as_ref()),
                if answer.agrees && answer.shares_reasons {
                    "yes"
                } else if answer.agrees {
                    "yes, for another reason"
                } else {
                    "no"
                },
                answer.ask.twin.join(" or "),
                chosen(answer.twin_option.as_ref()),
            );
        }
    }
    for held in list {
        let _ = write!(out, "\n## {} {}\n\n", held.outcome.case, held.outcome.title);
        let about: Vec<&str> = held.outcome.reasons.iter().map(|concern| concern.word()).collect();
        let _ = writeln!(out, "The engineers: {} Their reasons: {}.", held.outcome.chose, about.join(", "));
        let sources: Vec<String> = held
            .outcome
            .sources
            .iter()
            .map(|id| {
                knowledge.source(id).map_or_else(
                    || id.clone(),
                    |source| format!("{}, \"{}\" ({})", source.author, source.title, source.year),
                )
            })
            .collect();
        let _ = writeln!(out, "Source: {}.", sources.join("; "));
        for answer in &held.answers {
            let second = answer.runner_up.as_ref().map_or(String::new(), |option| format!(" before {option}"));
            let _ = writeln!(out, "\nHere, {}: **{}**{second}.\n", question(answer), chosen(answer.option.as_ref()));
            for (concern, argument) in &answer.arguments {
                let shared = if held.outcome.reasons.contains(concern) { ", as theirs" } else { "" };
                let _ = writeln!(out, "- {argument} ({}{shared})", concern.word());
            }
            let twin = if answer.twin_agrees { "" } else { " This was not expected." };
            let _ = writeln!(
                out,
                "\nIts twin: {}.{twin} Expected was {}: {}.",
                chosen(answer.twin_option.as_ref()),
                answer.ask.twin.join(" or "),
                answer.ask.twin_why
            );
        }
        if !(held.agrees() && held.twin_agrees()) {
            let _ = writeln!(out, "\nThe difference: {}", held.outcome.difference);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn the_page_is_as_new_as_the_knowledge() {
        let knowledge = Knowledge::embedded();
        let cases = groundplan_knowledge::outcome::outcomes().expect("ours read");
        let held: Vec<Held> = cases.iter().map(|case| case.hold(&knowledge).expect("ours decide")).collect();
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/outcomes.md");
        let stands = std::fs::read_to_string(path).expect("the page stands in docs");
        assert!(
            stands == outcomes(&held, &knowledge),
            "docs/outcomes.md is older than the knowledge: write it anew with\n    \
             groundplan knowledge cases --format markdown > docs/outcomes.md"
        );
    }
}
