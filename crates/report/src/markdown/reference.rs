//! The reference of the language as one Markdown page, `docs/reference.md`. All its text is ours: backticks stay markup.

use crate::reference::{Entry, Example, Parameter, Section, default};
use crate::told;
use groundplan_model::vocabulary::Key;
use std::fmt::Write;

const HEAD: &str = "# Reference of the language\n\n\
    Every word of a design, from the same tables that read it. Written by `groundplan reference --format markdown`;\n\
    `groundplan reference NAME` prints one word in a terminal. How a design hangs together is shown by the examples:\n\
    each runs as it stands (`groundplan simulate FILE`), keeps what it expects, and fails without the thing it shows.\n\n";

/// The whole reference.
#[must_use]
pub fn reference(sections: &[Section]) -> String {
    let mut out = HEAD.to_string();
    for section in sections {
        let names = section.entries.iter().map(|entry| {
            if has_page(entry) { format!("[{}](#{})", entry.name, anchor(entry)) } else { format!("`{}`", entry.name) }
        });
        let title = told::title(section.name);
        let _ = writeln!(
            out,
            "- [{title}](#{}): {}",
            title.to_lowercase().replace(' ', "-"),
            names.collect::<Vec<_>>().join(", ")
        );
    }
    for section in sections {
        let _ = write!(out, "\n## {}\n\n{}\n", told::title(section.name), section.about);
        if section.entries.iter().any(has_page) {
            for entry in &section.entries {
                page(&mut out, sections, entry);
            }
        } else if section.entries.iter().any(|entry| entry.example.is_some()) {
            lines(&mut out, &section.entries);
        } else {
            keys(&mut out, &section.entries);
        }
    }
    out
}

/// Some words, each with a heading of its own.
#[must_use]
pub fn reference_entries(sections: &[Section], entries: &[&Entry]) -> String {
    let mut out = String::new();
    for entry in entries {
        page(&mut out, sections, entry);
    }
    out.trim_start().to_string()
}

fn has_page(entry: &Entry) -> bool {
    matches!(entry.example, Some(Example::Design { .. }))
}

fn heading(entry: &Entry) -> String {
    format!("{} ({})", entry.name, entry.one)
}

fn anchor(entry: &Entry) -> String {
    format!("{}-{}", entry.name.replace('.', ""), entry.one)
}

/// One word in full.
fn page(out: &mut String, sections: &[Section], entry: &Entry) {
    let _ = write!(out, "\n### {}\n\n{}\n", heading(entry), entry.manual);
    if !entry.keys.is_empty() {
        out.push_str("\n| key | value | default | meaning |\n| --- | --- | --- | --- |\n");
        rows(out, &entry.parameters());
    }
    if !entry.leaves_out.is_empty() {
        out.push_str("\nLeaves out:\n\n");
        for sentence in entry.leaves_out {
            let _ = writeln!(out, "- {sentence}");
        }
    }
    if let (Some(Example::Design { text, without }), Some(file)) = (entry.example, entry.file()) {
        let _ = write!(out, "\nExample, [`{file}`](../{file}):\n\n```yaml\n{}\n```\n", text.trim_end());
        let changes: Vec<String> = without.iter().map(|change| format!("`{change}`")).collect();
        let _ = write!(out, "\nAn expectation fails without {}.\n", changes.join(", "));
    }
    let more = entry.more();
    if !more.is_empty() {
        let links: Vec<String> =
            more.iter().map(|name| format!("[{name}](#{}-example)", name.replace('.', ""))).collect();
        let _ = write!(out, "\nMore examples: {}.\n", links.join(", "));
    }
    if !entry.goes_with.is_empty() {
        let link = |name: &&str| {
            let other = sections.iter().flat_map(|section| &section.entries).find(|other| other.name.eq(*name));
            other.map_or_else(|| format!("`{name}`"), |other| format!("[{name}](#{})", anchor(other)))
        };
        let _ = write!(out, "\nGoes with {}.\n", entry.goes_with.iter().map(link).collect::<Vec<_>>().join(", "));
    }
}

/// Rows of parameters, each by its path.
fn rows(out: &mut String, parameters: &[Parameter]) {
    let mut path: Vec<&str> = Vec::new();
    for Parameter { key, depth } in parameters {
        path.truncate(*depth);
        path.push(key.name);
        row(out, &[&code(&path.join(".")), &key.shape.words(), &missing(key), key.manual]);
    }
}

/// A section whose entries are keys.
fn keys(out: &mut String, entries: &[Entry]) {
    out.push_str("\n| key | value | default | meaning |\n| --- | --- | --- | --- |\n");
    for entry in entries {
        let fact = |name: &str| entry.facts.iter().find(|(known, _)| *known == name).map(|(_, fact)| fact.as_str());
        let default =
            if fact("required").is_some() { "required".to_string() } else { code(fact("default").unwrap_or("")) };
        row(out, &[&code(entry.name), fact("takes").unwrap_or(""), &default, &entry.manual]);
        let within: Vec<Parameter> =
            entry.parameters().into_iter().map(|inner| Parameter { depth: inner.depth + 1, ..inner }).collect();
        let mut path = vec![entry.name];
        for Parameter { key, depth } in within {
            path.truncate(depth);
            path.push(key.name);
            row(out, &[&code(&path.join(".")), &key.shape.words(), &missing(key), key.manual]);
        }
    }
}

/// A section whose entries are shown by one line each.
fn lines(out: &mut String, entries: &[Entry]) {
    let facts: Vec<&str> =
        entries.first().map_or(Vec::new(), |entry| entry.facts.iter().map(|(name, _)| *name).collect());
    let mut head = vec!["name"];
    head.extend(&facts);
    head.extend(["meaning", "example"]);
    out.push('\n');
    row(out, &head);
    row(out, &vec!["---"; head.len()]);
    for entry in entries {
        let example = match entry.example {
            Some(Example::Line(line)) => code(line),
            _ => String::new(),
        };
        let name = code(entry.name);
        let mut cells = vec![name.as_str()];
        cells.extend(entry.facts.iter().map(|(_, fact)| fact.as_str()));
        cells.extend([entry.manual.as_str(), example.as_str()]);
        row(out, &cells);
    }
}

/// What stands for a missing key.
fn missing(key: &Key) -> String {
    key.default_text().map_or_else(|| default(key).to_string(), code)
}

fn code(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("`{text}`") }
}

fn row(out: &mut String, cells: &[&str]) {
    let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
    let _ = writeln!(out, "| {} |", cells.join(" | "));
}
