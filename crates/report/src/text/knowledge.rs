//! The knowledge as text: the list of everything with an id, and one entry in full.

use crate::figure::Unit;
use crate::terminal::{Align, Page, Rich, Tone};
use crate::told;
use groundplan_knowledge::rule::{Effect, Rule, Side, Source};
use groundplan_knowledge::{Fact, Knowledge, OptionEntry};

/// Everything with an id: options with what speaks of them, facts, sources.
#[must_use]
pub fn knowledge_list(knowledge: &Knowledge) -> String {
    let mut page = Page::new();
    for dimension in knowledge.dimensions() {
        page.heading(&told::title(&dimension.name));
        for option in &dimension.options {
            page.paragraph(2, &Rich::new(Tone::Strong, &option.name));
            let rules =
                knowledge.rules().iter().filter(|rule| rule.dimension == dimension.name && rule.option == option.name);
            let rows: Vec<Vec<Rich>> =
                rules.map(|rule| vec![effect(&rule.effect), Rich::from(rule.id.as_str())]).collect();
            page.table(4, &[Align::Left, Align::Left], false, &rows);
        }
    }
    page.heading("Facts");
    let rows: Vec<Vec<Rich>> =
        knowledge.facts().map(|fact| vec![Rich::from(fact.id.as_str()), Rich::new(Tone::Dim, &fact.name)]).collect();
    page.table(2, &[Align::Left, Align::Left], false, &rows);
    page.heading("Sources");
    let rows: Vec<Vec<Rich>> = knowledge
        .sources()
        .map(|source| {
            vec![
                Rich::from(source.id.as_str()),
                Rich::new(Tone::Dim, &format!("{}, {} ({})", source.title, source.author, source.year)),
            ]
        })
        .collect();
    page.table(2, &[Align::Left, Align::Left], false, &rows);
    page.finish()
}

fn effect(effect: &Effect) -> Rich {
    match effect {
        Effect::Argues(Side::For, grade) => Rich::new(Tone::Good, &format!("for, {}", grade.word())),
        Effect::Argues(Side::Against, grade) => Rich::new(Tone::Bad, &format!("against, {}", grade.word())),
        Effect::Impossible => Rich::new(Tone::Bad, "impossible"),
        Effect::Unready => Rich::new(Tone::Warn, "not yet"),
    }
}

/// What a rule, option, fact or source of this id says; none where there is none.
#[must_use]
pub fn knowledge_entry(knowledge: &Knowledge, id: &str) -> Option<String> {
    let mut page = Page::new();
    let options = knowledge.dimensions().iter().flat_map(|dimension| &dimension.options);
    let mut found = false;
    for option in options.filter(|option| option.name == id || format!("{}/{}", option.dimension, option.name) == id) {
        self::option(&mut page, knowledge, option);
        found = true;
    }
    if let Some(rule) = knowledge.rule(id) {
        self::rule(&mut page, knowledge, rule);
        found = true;
    }
    if let Some(fact) = knowledge.find_fact(id) {
        self::fact(&mut page, knowledge, fact);
        found = true;
    }
    if let Some(source) = knowledge.source(id) {
        self::source(&mut page, knowledge, source);
        found = true;
    }
    found.then(|| page.finish())
}

fn pair(page: &mut Page, name: &str, value: impl Into<Rich>) {
    page.hanging(2, &Rich::new(Tone::Dim, name), 14, &value.into());
}

fn option(page: &mut Page, knowledge: &Knowledge, option: &OptionEntry) {
    page.title(&told::title(&option.name));
    page.paragraph(2, &Rich::from(option.about.as_str()));
    page.gap();
    pair(page, "dimension", option.dimension.as_str());
    let [deployables, stores, brokers, regions] = option.runs;
    pair(page, "to run", format!("{deployables} deployables, {stores} stores, {brokers} brokers, {regions} regions"));
    pair(page, "file", option.file.as_str());
    for rule in knowledge.rules().iter().filter(|rule| rule.dimension == option.dimension && rule.option == option.name)
    {
        page.gap();
        page.paragraph(2, &Rich::new(Tone::Strong, &rule.id));
        page.paragraph(
            4,
            &effect(&rule.effect).and(Tone::Plain, &format!(" ({}): {}", told::words(rule.concern.word()), rule.text)),
        );
    }
}

fn rule(page: &mut Page, knowledge: &Knowledge, rule: &Rule) {
    page.title(&rule.id);
    page.paragraph(2, &Rich::from(rule.text.as_str()));
    page.gap();
    pair(page, "speaks of", format!("{} in {}", rule.option, rule.dimension));
    pair(page, "effect", effect(&rule.effect));
    pair(page, "concern", rule.concern.word());
    for (nth, predicate) in rule.when.iter().enumerate() {
        pair(page, if nth == 0 { "when" } else { "and" }, predicate.text());
    }
    if let Some(cure) = &rule.lifted_by {
        pair(page, "lifted by", cure.as_str());
    }
    for cite in &rule.sources {
        let title = knowledge.source(&cite.source).map_or(String::new(), |source| format!(", {}", source.title));
        pair(page, "source", format!("{}{title}", cite.source));
    }
    pair(page, "file", rule.file.as_str());
}

fn fact(page: &mut Page, knowledge: &Knowledge, fact: &Fact) {
    page.title(&fact.name);
    pair(page, "value", value(fact.value, &fact.unit));
    if fact.is_range() {
        pair(page, "range", format!("{} to {}", value(fact.low, &fact.unit), value(fact.high, &fact.unit)));
    }
    if !fact.conditions.is_empty() {
        pair(page, "conditions", fact.conditions.as_str());
    }
    let title = knowledge.source(&fact.source).map_or(String::new(), |source| format!(", {}", source.title));
    pair(page, "source", format!("{}{title}", fact.source));
    pair(page, "date", fact.date.as_str());
    pair(page, "read", mark(fact.mark));
}

fn value(value: f64, unit: &str) -> String {
    match unit {
        "s" => Unit::Seconds.show(value),
        "/s" => Unit::PerSecond.show(value),
        "share" => Unit::Share.show(value),
        "B" => groundplan_model::units::Bytes(value).to_string(),
        "1" => value.to_string(),
        unit => format!("{value} {unit}"),
    }
}

fn mark(mark: groundplan_knowledge::fact::Mark) -> &'static str {
    use groundplan_knowledge::fact::Mark;
    match mark {
        Mark::Primary => "on the primary page",
        Mark::Secondary => "on a secondary page",
        Mark::Remembered => "remembered, to be verified",
        Mark::Assumed => "assumed: nobody measured it, the range is wide on purpose",
    }
}

fn source(page: &mut Page, knowledge: &Knowledge, source: &Source) {
    page.title(&source.title);
    pair(page, "author", source.author.as_str());
    pair(page, "year", source.year.to_string());
    pair(page, "read at", source.read_at.as_str());
    pair(page, "read", mark(source.mark));
    if !source.about.is_empty() {
        pair(page, "about", source.about.as_str());
    }
    let cited = knowledge.rules().iter().filter(|rule| rule.sources.iter().any(|cite| cite.source == source.id));
    for (nth, rule) in cited.enumerate() {
        pair(page, if nth == 0 { "cited by" } else { "" }, rule.id.as_str());
    }
}
