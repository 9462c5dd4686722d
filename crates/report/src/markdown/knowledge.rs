//! The generic sheet as a page.

use crate::clean::markdown;
use crate::sheet::{Pattern, Sheet};
use crate::told;
use groundplan_knowledge::Knowledge;
use std::fmt::Write;

/// The generic sheet as a page: constraints, pattern, justification, mitigations.
#[must_use]
pub fn sheet(knowledge: &Knowledge, sheet: &Sheet) -> String {
    let mut out = String::from("# Constraints → pattern → justification → mitigations\n\n");
    out.push_str("| constraints: use if | pattern | justification: gains, and its price | mitigations |\n| --- | --- | --- | --- |\n");
    let lines = |lines: &[String]| lines.iter().map(|line| markdown(line)).collect::<Vec<_>>().join("<br>");
    for style in &sheet.styles {
        let price: Vec<String> = style.costs.iter().map(|line| format!("Price: {}", markdown(line))).collect();
        let _ = writeln!(
            out,
            "| {} | **{}** | {}<br>{} | {} |",
            lines(&style.use_if),
            markdown(&style.title),
            lines(&style.gains),
            price.join("<br>"),
            mitigations(style)
        );
    }
    for others in &sheet.others {
        let _ = write!(out, "\n**{}**\n\n", markdown(&told::title(&others.dimension)));
        for option in &others.options {
            let first =
                |lines: &[String]| lines.first().map_or(String::new(), |line| markdown(line.trim_end_matches('.')));
            let _ = writeln!(
                out,
                "- **{}**: {}. + {}. − {}.",
                markdown(&told::words(&option.option)),
                first(&option.use_if),
                first(&option.gains),
                first(&option.costs)
            );
        }
    }
    out.push_str("\nSources: ");
    let told: Vec<String> = sheet
        .sources
        .iter()
        .map(|id| match knowledge.source(id) {
            Some(source) => format!("{} ({}, {})", markdown(id), markdown(&source.title), source.year),
            None => markdown(id),
        })
        .collect();
    let _ = writeln!(out, "{}.", told.join("; "));
    out
}

fn mitigations(style: &Pattern) -> String {
    let line = |(text, sources): &(String, Vec<String>)| {
        let sources: Vec<String> = sources.iter().map(|source| markdown(source)).collect();
        format!("{} ({})", markdown(text.trim_end_matches('.')), sources.join(", "))
    };
    style.mitigations.iter().map(line).collect::<Vec<_>>().join("<br>")
}
