//! The crib sheet as Markdown. Every text is escaped: nothing a user wrote becomes markup.

mod coverage;
mod knowledge;
mod outcomes;
mod reference;
mod script;

pub use coverage::{coverage, is_term};
pub use knowledge::sheet;
pub use outcomes::outcomes;
pub use reference::{reference, reference_entries};
pub use script::script;

use crate::clean::markdown as escape;
use crate::crib::CribSheet;
use std::fmt::Write;

/// The crib sheet as Markdown.
#[must_use]
pub fn crib_sheet(sheet: &CribSheet) -> String {
    let mut out = format!("# {}\n\n", escape(&sheet.name));
    if !sheet.about.is_empty() {
        paragraph(&mut out, &escape(&sheet.about));
    }
    if !sheet.conditions.is_empty() {
        out.push_str("## First of all\n\n");
        list(&mut out, sheet.conditions.iter().map(|condition| escape(condition)));
    }
    out.push_str("## Constraints\n\n");
    list(&mut out, sheet.constraints.iter().map(|(name, value)| format!("{}: **{}**", escape(name), escape(value))));
    out.push_str("## Choice\n\n");
    paragraph(&mut out, &format!("**{}**. {}", escape(&sheet.choice), escape(&sheet.because)));
    list(&mut out, sheet.choices.iter().map(|(name, value)| format!("{}: {}", escape(name), escape(value))));
    out.push_str("## Why\n\n");
    for (nth, reason) in sheet.reasons.iter().enumerate() {
        let _ = writeln!(out, "{}. {}", nth + 1, escape(reason));
    }
    out.push_str("\n## What fails, and what is done about it\n\n");
    for (nth, failure) in sheet.failures.iter().enumerate() {
        let _ = write!(out, "{}. **{}**", nth + 1, escape(&failure.title));
        if !failure.effect.is_empty() {
            let _ = write!(out, ": {}", escape(&failure.effect));
        }
        let _ = writeln!(out, "\n   Mitigation: {}", escape(&failure.mitigation));
    }
    out.push_str("\n## Numbers to remember\n\n| | |\n| --- | ---: |\n");
    for (name, value) in &sheet.numbers {
        let _ = writeln!(out, "| {} | {} |", escape(name), escape(value));
    }
    let _ = write!(out, "\n## Open with\n\n> {}\n\n", escape(&sheet.opening));
    let _ = writeln!(out, "{}", escape(&sheet.footer));
    out
}

fn paragraph(out: &mut String, text: &str) {
    out.push_str(text);
    out.push_str("\n\n");
}

fn list(out: &mut String, items: impl Iterator<Item = String>) {
    let mut any = false;
    for item in items {
        let _ = writeln!(out, "- {item}");
        any = true;
    }
    if any {
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_user_wrote_is_text() {
        let sheet = CribSheet {
            name: "<script>alert(1)</script>".into(),
            constraints: vec![("p99 | x".into(), "[a](javascript:b)".into())],
            opening: "> # `x`".into(),
            ..CribSheet::default()
        };
        let text = crib_sheet(&sheet);
        assert!(!text.contains("<script") && !text.contains("[a](") && text.contains("p99 \\| x"), "{text}");
    }
}
