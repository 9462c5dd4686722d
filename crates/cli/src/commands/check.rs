//! `groundplan check`: reads briefs and designs and reports everything that is wrong with them.

use crate::args::{CheckOptions, Format};
use crate::house;
use crate::input::{Found, Input, read, to_json};
use crate::output::{Status, print, tell};
use crate::recordings::Beside;
use groundplan_knowledge::Knowledge;
use groundplan_model::brief::Brief;
use groundplan_model::diagnostic::{Diagnostic, Severity};
use groundplan_model::files::attach;
use groundplan_model::reader::{FileKind, kind_of, read_brief, read_design};
use groundplan_model::text::shown;
use groundplan_report::clean::clean;
use groundplan_sim::lower::{VOCABULARY, compile};
use groundplan_sim::run::{Options, foresee};
use std::path::Path;

/// Checks all files; the worst of them decides the status.
pub fn run(options: &CheckOptions) -> Status {
    let mut status = Status::Holds;
    let mut all = Vec::new();
    let knowledge = match options.knowledge.as_deref().map(|folder| house::knowledge(Some(folder), options.format)) {
        Some(Err(status)) => return status,
        Some(Ok(knowledge)) => Some(knowledge),
        None => None,
    };
    for path in &options.files {
        let found = match read(path) {
            Ok(input) => check(&input, path, knowledge.as_ref()),
            Err(unread) => {
                status = status.max(unread.status);
                unread.into()
            }
        };
        if !found.ok {
            status = status.max(Status::Input);
        }
        all.push(found);
    }
    match options.format {
        Format::Json => print(&to_json(&all), status),
        Format::Text => {
            let mut lines = String::new();
            for found in &all {
                tell(&found.to_text());
                lines.push_str(&summary(found));
            }
            print(&lines, status)
        }
    }
}

fn check(input: &Input, path: &Path, knowledge: Option<&Knowledge>) -> Found {
    match kind_of(&input.text) {
        Err(diagnostics) => Found::of(input, None, diagnostics, false),
        Ok(FileKind::Brief) => {
            let read = read_brief(&input.text);
            let mut diagnostics = read.diagnostics;
            if let (Some(brief), Some(knowledge)) = (&read.value, knowledge) {
                diagnostics.extend(decided(knowledge, brief));
            }
            let ok = read.value.is_some() && !diagnostics.iter().any(is_error);
            Found::of(input, Some("brief"), diagnostics, ok)
        }
        Ok(FileKind::Design) => {
            let mut read = read_design(&input.text, &VOCABULARY);
            let mut diagnostics = read.diagnostics;
            if let Some(design) = &mut read.value {
                diagnostics.extend(attach(design, &Beside::of(path)));
            }
            if let Some(design) = read.value.as_ref().filter(|_| !diagnostics.iter().any(is_error)) {
                match compile(design) {
                    Ok(compiled) => {
                        diagnostics.extend(foresee(design, &compiled, &Options::default()));
                        diagnostics.extend(compiled.warnings);
                    }
                    Err(found) => diagnostics.extend(found),
                }
            }
            let ok = read.value.is_some() && !diagnostics.iter().any(is_error);
            Found::of(input, Some("design"), diagnostics, ok)
        }
    }
}

/// What this knowledge says of a brief that it can't be, or that it leaves nothing possible.
fn decided(knowledge: &Knowledge, brief: &Brief) -> Vec<Diagnostic> {
    let decisions = knowledge.decide(brief);
    let mut found = decisions.impossible;
    for conflict in decisions.conflicts {
        let of = conflict.subject.map_or(String::new(), |set| format!(" of {}", shown(&set)));
        let headline = format!("nothing is possible for {}{of}", conflict.dimension);
        let diagnostic = Diagnostic::error("nothing-possible", headline);
        let why = if conflict.text.is_empty() { conflict.conditions.join(" and ") } else { conflict.text };
        let diagnostic = diagnostic.note(why);
        found.push(diagnostic.note(format!("say the rules {}", conflict.rules.join(", "))));
    }
    found
}

fn is_error(diagnostic: &Diagnostic) -> bool {
    diagnostic.severity == Severity::Error
}

fn summary(found: &Found) -> String {
    let count = |severity| found.diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let kind = found.kind.map_or(String::new(), |kind| format!("a {kind}, "));
    let name = clean(&found.name);
    match (errors, warnings) {
        (0, 0) => format!("{name}: {kind}nothing is wrong\n"),
        (0, warnings) => format!("{name}: {kind}{}\n", plural(warnings, "warning")),
        (errors, 0) => format!("{name}: {kind}{}\n", plural(errors, "error")),
        (errors, warnings) => format!("{name}: {kind}{}, {}\n", plural(errors, "error"), plural(warnings, "warning")),
    }
}

fn plural(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
