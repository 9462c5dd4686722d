//! What `knowledge check` and `knowledge alone` found, and what carries the blueprint, as text.

use crate::clean::clean;
use crate::terminal::{Page, Rich, Tone};
use crate::told::{self, Changed};
use groundplan_knowledge::Knowledge;
use groundplan_knowledge::alone::{Alone, DecidesAlone};
use groundplan_knowledge::playbook::CoverageRow;

/// The summary of a check: `files` of a folder, or none for our own; what stands above it was told already.
#[must_use]
pub fn knowledge_check(
    files: Option<usize>,
    errors: usize,
    notes: usize,
    changed: &[Changed],
    briefs: usize,
) -> String {
    let mut page = Page::new();
    let what = files.map_or("what Groundplan carries".to_string(), |files| count(files, "file"));
    let said = match (errors, notes) {
        (0, 0) => "nothing is wrong".to_string(),
        (0, notes) => format!("nothing is wrong, {}", count(notes, "note")),
        (errors, 0) => count(errors, "error"),
        (errors, notes) => format!("{}, {}", count(errors, "error"), count(notes, "note")),
    };
    let tone = if errors == 0 { Tone::Good } else { Tone::Bad };
    page.paragraph(0, &Rich::from(format!("{what}: ")).and(tone, &said));
    if files.is_none() {
        return page.finish();
    }
    if changed.is_empty() {
        page.paragraph(0, &Rich::from(format!("No decision of {} changes.", count(briefs, "brief"))));
        return page.finish();
    }
    page.heading(&format!("Decisions that change, of {}", count(briefs, "brief")));
    let mut last = "";
    for change in changed {
        if change.brief != last {
            page.paragraph(2, &Rich::new(Tone::Strong, &change.brief));
            last = &change.brief;
        }
        let of = change.subject.as_ref().map_or(String::new(), |set| format!(" of {}", clean(set)));
        let option =
            |option: &Option<String>| option.as_ref().map_or("nothing possible".into(), |name| told::words(name));
        let rich = Rich::from(format!("{}{of}: {} → ", told::title(&change.dimension), option(&change.from)))
            .and(Tone::Strong, &option(&change.to));
        page.paragraph(4, &rich);
    }
    page.finish()
}

fn count(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// What each rule decides alone over some briefs: those that decide something, those that speak and don't, those that are silent.
#[must_use]
pub fn alone(alone: &[Alone], briefs: usize) -> String {
    let mut page = Page::new();
    page.title(&format!("What each rule decides alone on {}", count(briefs, "brief")));
    page.paragraph(0, &Rich::new(Tone::Dim, "Leave the rule out, and this changes. A rule that decides one brief and speaks in no other may have been fitted to it."));
    let deciding: Vec<&Alone> = alone.iter().filter(|rule| !rule.decides.is_empty()).collect();
    for rule in &deciding {
        page.gap();
        let mut head = Rich::new(Tone::Strong, &rule.rule)
            .and(Tone::Dim, &format!(" {}, speaks in {} of {briefs}", rule.option, rule.speaks.len()));
        if rule.suspect {
            head = head.and(Tone::Warn, " suspect");
        }
        page.paragraph(0, &head);
        for (brief, changes) in &rule.decides {
            let told: Vec<String> = changes.iter().map(decided).collect();
            page.item(2, "·", &Rich::new(Tone::Plain, &format!("{}: ", clean(brief))).and(Tone::Dim, &told.join("; ")));
        }
    }
    page.gap();
    let suspects = deciding.iter().filter(|rule| rule.suspect).count();
    let speaking = alone.iter().filter(|rule| rule.decides.is_empty() && !rule.speaks.is_empty()).count();
    let silent: Vec<&str> = alone.iter().filter(|rule| rule.speaks.is_empty()).map(|rule| rule.rule.as_str()).collect();
    let text = format!(
        "{} decide something alone, {suspects} of them suspect; {speaking} more speak; {} speak in none of these briefs{}",
        count(deciding.len(), "rule"),
        silent.len(),
        if silent.is_empty() { ".".to_string() } else { format!(": {}.", silent.join(", ")) }
    );
    page.paragraph(0, &Rich::new(Tone::Plain, &text));
    page.finish()
}

fn decided(change: &DecidesAlone) -> String {
    let of = change.subject.as_ref().map_or(String::new(), |set| format!(" of {}", clean(set)));
    let option = |option: &Option<String>| option.as_ref().map_or("nothing possible".into(), |name| told::words(name));
    format!("{}{of} {}, without it {}", told::words(&change.dimension), option(&change.with), option(&change.without))
}

/// What carries each row of the blueprint: the row, its gist, the pieces by kind and id.
#[must_use]
pub fn coverage(knowledge: &Knowledge) -> String {
    let mut page = Page::new();
    page.title("What carries the blueprint");
    let mut rows: Vec<&CoverageRow> = knowledge.coverage().collect();
    rows.sort_by_key(|row| row.section);
    let mut last = 0;
    for row in &rows {
        if row.section != last {
            page.heading(&format!("{} {}", row.section, row.title));
            last = row.section;
        }
        page.hanging(2, &Rich::new(Tone::Strong, &row.id), 10, &Rich::from(row.says.as_str()));
        let carried: Vec<String> = row.carried_by.iter().map(|(kind, id)| format!("{}:{id}", kind.word())).collect();
        page.paragraph(10, &Rich::new(Tone::Dim, &carried.join(", ")));
    }
    page.gap();
    page.paragraph(
        0,
        &Rich::new(
            Tone::Dim,
            &format!("{}; `groundplan knowledge show ID` tells each piece", count(rows.len(), "row")),
        ),
    );
    page.finish()
}
