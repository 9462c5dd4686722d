//! What to say about a brief, as a page.

use crate::clean::markdown;
use crate::told;
use groundplan_planner::script::Talk;
use std::fmt::Write;

/// What to say about a brief.
#[must_use]
pub fn script(name: &str, talk: &Talk) -> String {
    let mut out = format!("# {}: {} minutes\n", markdown(name), talk.minutes);
    for part in &talk.parts {
        let _ = write!(
            out,
            "\n## {}–{} {}\n\n",
            told::clock(part.from),
            told::clock(part.until),
            told::section(part.section)
        );
        for text in &part.says {
            let _ = writeln!(out, "{}\n", markdown(text));
        }
        for figure in &part.figures {
            let steps = figure.steps.last().map_or(String::new(), |step| format!(" ({})", markdown(step)));
            let _ = writeln!(out, "- {}: **{}**{steps}", markdown(&figure.name), markdown(&figure.shown));
        }
        if !part.figures.is_empty() {
            out.push('\n');
        }
        for asked in &part.asked {
            let cite = if asked.sources.is_empty() {
                String::new()
            } else {
                format!(" ({})", markdown(&asked.sources.join(", ")))
            };
            let _ = writeln!(out, "> **{}** {}{cite}\n", markdown(&asked.question), markdown(&asked.answer));
        }
    }
    if !talk.turns.is_empty() {
        out.push_str("\n## What would change my mind\n\n");
        for turn in &talk.turns {
            let _ = writeln!(out, "- {}", markdown(turn));
        }
    }
    out
}
