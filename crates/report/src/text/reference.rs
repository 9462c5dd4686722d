//! The reference of the language as text: the list of all words, the words of a section, and one word in full.

use crate::reference::{Entry, Example, Parameter, Section, default};
use crate::terminal::{Align, Page, Rich, Tone, WIDTH};

/// Columns of a name in a list.
const NAME: usize = 18;

/// All words with one line each, or those of one section.
#[must_use]
pub fn reference_list(sections: &[Section]) -> String {
    let mut page = Page::new();
    for section in sections {
        page.heading(section.name);
        page.paragraph(2, &Rich::new(Tone::Dim, section.about));
        for entry in &section.entries {
            page.hanging(2, &Rich::new(Tone::Strong, entry.name), 2 + NAME, &Rich::from(entry.line()));
        }
    }
    page.gap();
    page.paragraph(0, &Rich::new(Tone::Dim, "`groundplan reference NAME` tells more of one."));
    page.finish()
}

/// Some entries in full, one below the other.
#[must_use]
pub fn reference_entries(entries: &[&Entry]) -> String {
    let mut page = Page::new();
    for entry in entries {
        write(&mut page, entry);
    }
    page.finish()
}

/// What is said of a parameter where it belongs.
#[must_use]
pub fn reference_parameters(name: &str, found: &[(&Entry, Parameter)]) -> String {
    let mut page = Page::new();
    page.title(&format!("{name} (parameter)"));
    for (entry, parameter) in found {
        page.gap();
        page.paragraph(
            2,
            &Rich::from("of ").and(Tone::Strong, entry.name).and(Tone::Plain, &format!(" ({})", entry.one)),
        );
        table(&mut page, 4, &[Parameter { depth: 0, ..*parameter }]);
    }
    page.finish()
}

fn write(page: &mut Page, entry: &Entry) {
    page.title(&format!("{} ({})", entry.name, entry.one));
    page.paragraph(2, &Rich::from(entry.manual.as_str()));
    if !entry.facts.is_empty() {
        page.gap();
        for (name, value) in &entry.facts {
            page.hanging(2, &Rich::new(Tone::Dim, name), 14, &Rich::from(value.as_str()));
        }
    }
    let parameters = entry.parameters();
    if !parameters.is_empty() {
        page.heading("Parameters");
        table(page, 2, &parameters);
    }
    if !entry.leaves_out.is_empty() {
        page.heading("Leaves out");
        for sentence in entry.leaves_out {
            page.item(2, "-", &Rich::from(*sentence));
        }
    }
    match entry.example {
        None => {}
        Some(Example::Line(line)) => {
            page.heading("Example");
            page.verbatim(2, line);
        }
        Some(Example::Design { text, without }) => {
            page.heading("Example");
            page.verbatim(2, text);
            page.gap();
            page.paragraph(2, &Rich::from("Run it with"));
            page.verbatim(4, &format!("groundplan reference {} --example | groundplan simulate -", entry.name));
            page.paragraph(2, &Rich::from("An expectation fails without"));
            for change in without {
                page.item(4, "-", &Rich::from(*change));
            }
        }
    }
    let more = entry.more();
    if !more.is_empty() {
        page.heading("More examples");
        page.paragraph(2, &Rich::from(more.join(", ")));
    }
    if !entry.goes_with.is_empty() {
        page.heading("Goes with");
        page.paragraph(2, &Rich::from(entry.goes_with.join(", ")));
    }
}

/// Parameters with value, default and meaning. Keys within a key stand indented below it.
fn table(page: &mut Page, indent: usize, parameters: &[Parameter]) {
    let head = ["key", "value", "default", "meaning"].map(Rich::from).to_vec();
    let rows = parameters.iter().map(|Parameter { key, depth }| {
        vec![
            Rich(vec![(Tone::Plain, " ".repeat(2 * depth)), (Tone::Strong, key.name.to_string())]),
            Rich::from(key.shape.words()),
            Rich::from(default(key)),
            Rich::from(key.manual),
        ]
    });
    let rows: Vec<Vec<Rich>> = std::iter::once(head).chain(rows).collect();
    let wide = |column: usize| rows.iter().map(|row| row[column].columns()).max().unwrap_or(0);
    // Keys are never broken; values and defaults are as wide as they are up to a limit; the meaning takes the rest.
    let (keys, values, defaults) = (wide(0), wide(1).min(16), wide(2).min(11));
    let rest = WIDTH - indent - 6 - keys - values - defaults;
    page.fixed_table(indent, &[Align::Left; 4], &[keys, values, defaults, rest], 2, true, &rows);
}
