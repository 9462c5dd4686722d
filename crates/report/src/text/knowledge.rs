//! The knowledge as text: the list of everything with an id, what a search found, and one entry in full.

use crate::catalogue::{Entry, Hit, KINDS};
use crate::clean::{clean, columns, shorten};
use crate::terminal::{Align, Page, Rich, Tone, WIDTH};
use crate::told;
use groundplan_knowledge::Knowledge;
use groundplan_knowledge::rule::Origin;

/// Lines in which a search shows where it matched.
const HITS: usize = 40;

/// Everything with an id, by kind; options and rules by what they answer and speak of.
#[must_use]
pub fn knowledge_list(entries: &[&Entry]) -> String {
    let mut page = Page::new();
    for (kind, plural) in KINDS {
        let own: Vec<&&Entry> = entries.iter().filter(|entry| entry.kind == kind).collect();
        if own.is_empty() {
            continue;
        }
        page.heading(&format!("{} ({})", told::title(plural), own.len()));
        let mut group = "";
        let mut rows: Vec<Vec<Rich>> = Vec::new();
        for entry in own {
            let head = head_of(entry);
            if head != group {
                table(&mut page, &std::mem::take(&mut rows));
                page.paragraph(2, &Rich::new(Tone::Strong, head));
                group = head;
            }
            let short = entry.id.strip_prefix(head).and_then(|rest| rest.strip_prefix('/')).unwrap_or(&entry.id);
            let house = if entry.origin == Origin::House { " (yours)" } else { "" };
            rows.push(vec![Rich::from(short).and(Tone::Good, house), Rich::new(Tone::Dim, &tail_of(entry))]);
        }
        table(&mut page, &rows);
    }
    page.finish()
}

fn table(page: &mut Page, rows: &[Vec<Rich>]) {
    let widest = rows.iter().map(|row| row[0].columns()).max().unwrap_or(0).min(36);
    if !rows.is_empty() {
        page.fixed_table(4, &[Align::Left, Align::Left], &[widest, WIDTH - 6 - widest], 2, false, rows);
    }
}

/// What an entry is listed under: the dimension of an option, the option of a rule, the group of a recommendation.
fn head_of(entry: &Entry) -> &str {
    let field =
        |name: &str| entry.fields.iter().find(|field| field.name == name).map_or("", |field| field.lines[0].as_str());
    match entry.kind {
        "option" | "recommendation" => entry.id.split_once('/').map_or("", |(head, _)| head),
        "rule" => field("speaks-of"),
        "risk" | "trend" => field("group"),
        "row" => field("section"),
        "source" => field("type"),
        _ => "",
    }
}

/// What a list says beside an id: one line.
fn tail_of(entry: &Entry) -> String {
    let field =
        |name: &str| entry.fields.iter().find(|field| field.name == name).map_or("", |field| field.lines[0].as_str());
    match entry.kind {
        "rule" => format!("{} ({})", field("effect"), told::words(field("concern"))),
        "fact" => format!("{}: {}", entry.title, field("value")),
        "source" => format!("{}, {} ({})", entry.title, field("author"), field("year")),
        "option" => shorten(field("about"), 90),
        _ => entry.title.clone(),
    }
}

/// One entry in full.
#[must_use]
pub fn knowledge_entry(knowledge: &Knowledge, entry: &Entry) -> String {
    let mut page = Page::new();
    page.title(&entry.title);
    let whose = if entry.origin == Origin::House { ", from your folder" } else { "" };
    page.paragraph(2, &Rich::new(Tone::Dim, &format!("{} {}{whose}", told::words(entry.kind), clean(&entry.id))));
    page.gap();
    let wide = entry.fields.iter().map(|field| columns(field.name)).max().unwrap_or(0).max(7) + 4;
    for field in &entry.fields {
        for (nth, line) in field.lines.iter().enumerate() {
            let name = if nth == 0 { told::words(field.name) } else { String::new() };
            let text = if field.lines.len() > 1 {
                Rich::new(Tone::Dim, "· ").and(Tone::Plain, line)
            } else {
                Rich::from(line.as_str())
            };
            page.hanging(2, &Rich::new(Tone::Dim, &name), wide, &text);
        }
    }
    for (nth, (source, gives)) in entry.sources.iter().enumerate() {
        let name = if nth == 0 { "sources" } else { "" };
        let gives = if gives.is_empty() { String::new() } else { format!(" ({gives})") };
        let told = knowledge.source(source).map_or(String::new(), |source| {
            format!(": {}, {} ({}), {}", source.title, source.author, source.year, source.read_at)
        });
        let rich = Rich::from(source.as_str()).and(Tone::Dim, &format!("{gives}{told}"));
        page.hanging(2, &Rich::new(Tone::Dim, name), wide, &rich);
    }
    if !entry.file.is_empty() {
        page.hanging(2, &Rich::new(Tone::Dim, "file"), wide, &Rich::new(Tone::Dim, &entry.file));
    }
    page.finish()
}

/// What was found, the best first, each with where it matched.
#[must_use]
pub fn knowledge_search(hits: &[Hit], words: &[String]) -> String {
    let mut page = Page::new();
    for hit in hits.iter().take(HITS) {
        let head = Rich::new(Tone::Strong, &hit.entry.id).and(Tone::Dim, &format!(" {}", told::words(hit.entry.kind)));
        page.paragraph(0, &head);
        if hit.field != "title" {
            page.paragraph(4, &Rich::from(hit.entry.title.as_str()));
        }
        if hit.field != "id" {
            let name = if hit.field == "title" { String::new() } else { format!("{}: ", told::words(hit.field)) };
            let mut rich = Rich::new(Tone::Dim, &name);
            rich.0.extend(marked(&around(&hit.text, words, 150), words).0);
            page.paragraph(4, &rich);
        }
    }
    let more = hits.len().saturating_sub(HITS);
    page.gap();
    let found = if hits.len() == 1 { "1 entry".to_string() } else { format!("{} entries", hits.len()) };
    let more = if more > 0 { format!("; {more} more with --format json") } else { String::new() };
    page.paragraph(
        0,
        &Rich::new(Tone::Dim, &format!("{found}{more}; `groundplan knowledge show ID` tells all of one")),
    );
    page.finish()
}

/// The part of a text around the first of some words.
fn around(text: &str, words: &[String], room: usize) -> String {
    let chars: Vec<char> = text.chars().collect();
    if chars.len() <= room {
        return text.to_string();
    }
    let lower: String = chars.iter().map(|c| c.to_lowercase().next().unwrap_or(*c)).collect();
    let first = words.iter().filter_map(|word| lower.find(&word.to_lowercase())).min().unwrap_or(0);
    let at = lower[..first].chars().count();
    let start = at.saturating_sub(room / 3).min(chars.len() - room);
    // From the beginning of a word to the end of one.
    let start =
        if start == 0 { 0 } else { start + chars[start..].iter().position(|c| *c == ' ').map_or(0, |gap| gap + 1) };
    let end = (start + room).min(chars.len());
    let lead = if start > 0 { "… " } else { "" };
    let tail = if end < chars.len() { " …" } else { "" };
    let part: String = chars[start..end].iter().collect();
    let part =
        if tail.is_empty() { part.as_str() } else { part.rsplit_once(' ').map_or(part.as_str(), |(head, _)| head) };
    format!("{lead}{part}{tail}")
}

/// A text with the words that were searched for set off.
fn marked(text: &str, words: &[String]) -> Rich {
    let words: Vec<String> = words.iter().flat_map(|word| word.split_whitespace()).map(str::to_lowercase).collect();
    let mut rich = Rich::default();
    let mut plain = String::new();
    let mut rest = text;
    'text: while !rest.is_empty() {
        for word in &words {
            let head: String = rest.chars().take(word.chars().count()).collect();
            if head.to_lowercase() == *word {
                rich.0.push((Tone::Plain, std::mem::take(&mut plain)));
                rich.0.push((Tone::Strong, head.clone()));
                rest = &rest[head.len()..];
                continue 'text;
            }
        }
        let first = rest.chars().next().unwrap_or(' ');
        plain.push(first);
        rest = &rest[first.len_utf8()..];
    }
    rich.0.push((Tone::Plain, plain));
    rich
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{entries, search};
    use crate::terminal::plain;

    #[test]
    fn all_of_it_keeps_to_eighty_columns() {
        let knowledge = Knowledge::embedded();
        let all = entries(&knowledge);
        let listed: Vec<&Entry> = all.iter().collect();
        let words = ["a".to_string()];
        let texts = all.iter().map(|entry| knowledge_entry(&knowledge, entry));
        let found = knowledge_search(&search(&all, &words), &words);
        for text in texts.chain([knowledge_list(&listed), found]) {
            for line in plain(&text).lines() {
                assert!(columns(line) <= WIDTH, "{line}");
            }
        }
    }

    #[test]
    fn a_match_is_shown_where_it_stands() {
        let words = ["needle".to_string()];
        let text = format!("{}the Needle lies here {}", "hay ".repeat(100), "hay ".repeat(100));
        let shown = around(&text, &words, 60);
        assert!(shown.starts_with("… ") && shown.ends_with(" …") && shown.contains("Needle"), "{shown}");
        let rich = marked("a Needle in needles", &words);
        let strong: Vec<&str> =
            rich.0.iter().filter(|(tone, _)| *tone == Tone::Strong).map(|(_, text)| text.as_str()).collect();
        assert_eq!(strong, ["Needle", "needle"]);
        assert_eq!(around("größe ÄÖ needle", &words, 60), "größe ÄÖ needle");
    }
}
