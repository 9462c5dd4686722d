//! Everything that is known as entries of one shape: kind, id, title, fields of text, sources. Made from the knowledge's own
//! values; what is listed, searched, shown and printed as JSON is made from these. How it looks stands in `text` and `wire`.

use crate::clean::clean;
use crate::figure::Unit;
use crate::told;
use groundplan_knowledge::fact::{Fact, Mark};
use groundplan_knowledge::playbook::{
    Checklist, ChecklistItem, CoverageRow, Due, OptionId, Place, Risk, Script, Stance,
};
use groundplan_knowledge::predicate::Predicate;
use groundplan_knowledge::rule::{Anchor, Cite, Effect, Evidence, Origin, Scope, Side, SourceKind};
use groundplan_knowledge::template::{Part, Template};
use groundplan_knowledge::{Knowledge, OptionEntry, Rule, Source};
use groundplan_model::diagnostic::guess;

/// One piece of knowledge.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// What it is: a word of `KINDS`.
    pub kind: &'static str,
    /// Its id in full, such as `messaging/queue`.
    pub id: String,
    /// Its title, or its first sentence where it has none.
    pub title: String,
    /// What it says, in reading order.
    pub fields: Vec<Field>,
    /// Where it comes from: id, and what the source gives where that is said.
    pub sources: Vec<(String, &'static str)>,
    /// The file it stands in.
    pub file: String,
    /// Whose it is.
    pub origin: Origin,
}

/// A part of an entry.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// What it is: `when-not`.
    pub name: &'static str,
    /// Its sentences, or its one value.
    pub lines: Vec<String>,
}

/// The kinds of entries, singular and plural, in the order they are listed.
pub const KINDS: [(&str, &str); 16] = [
    ("dimension", "dimensions"),
    ("option", "options"),
    ("rule", "rules"),
    ("overlap", "overlaps"),
    ("comparison", "comparisons"),
    ("risk", "risks"),
    ("mitigation", "mitigations"),
    ("checklist", "checklists"),
    ("trend", "trends"),
    ("recommendation", "recommendations"),
    ("script", "scripts"),
    ("fact", "facts"),
    ("source-type", "source-types"),
    ("source", "sources"),
    ("technology", "technologies"),
    ("row", "rows"),
];

/// Everything, by kind.
#[must_use]
pub fn entries(knowledge: &Knowledge) -> Vec<Entry> {
    let mut all: Vec<Entry> = Vec::new();
    for dimension in knowledge.dimensions() {
        let options: Vec<String> = dimension.options.iter().map(|option| option.name.clone()).collect();
        let mut entry = Entry::new("dimension", dimension.name.clone(), told::title(&dimension.name));
        entry.file = format!("dimensions/{}.yaml", dimension.name);
        entry.say("question", &dimension.question);
        entry.say("about", &dimension.about);
        entry.say_all("options", &options);
        all.push(entry);
    }
    all.extend(knowledge.dimensions().iter().flat_map(|dimension| &dimension.options).map(|it| option(knowledge, it)));
    all.extend(knowledge.rules().iter().map(rule));
    for overlap in knowledge.overlaps() {
        let [one, other] = &overlap.between;
        let how = if overlap.clashes { "clashes" } else { "complements" };
        let title = format!("{} and {}", told::words(&one.1), told::words(&other.1));
        let mut entry = Entry::new("overlap", overlap.id.clone(), title).from(&overlap.at, &overlap.sources);
        entry.say_all("between", &[full(one), full(other)]);
        entry.say("how", how);
        entry.say("text", &overlap.text);
        entry.say_all("adds", &overlap.adds);
        all.push(entry);
    }
    for comparison in knowledge.comparisons() {
        let mut entry = Entry::new("comparison", comparison.aspect.clone(), comparison.title.clone())
            .from(&comparison.at, &comparison.sources);
        entry.say("question", &comparison.question);
        for row in &comparison.rows {
            let level = level(&comparison.scale, row.level).map_or(String::new(), |level| format!("{level}: "));
            entry.say("row", &format!("{}: {level}{}", told::words(&row.option.1), row.text));
        }
        entry.say("measured-by", &comparison.measured_by);
        all.push(entry);
    }
    all.extend(knowledge.risks().map(|it| risk(knowledge, it)));
    for risk in knowledge.risks() {
        for mitigation in &risk.mitigations {
            if all.iter().any(|entry| entry.kind == "mitigation" && entry.id == mitigation.id) {
                continue;
            }
            let mut entry = Entry::new("mitigation", mitigation.id.clone(), mitigation.title.clone())
                .from(&mitigation.at, &[])
                .citing(&mitigation.sources);
            entry.say("text", &mitigation.text);
            let helps = knowledge.risks().filter(|risk| risk.mitigations.iter().any(|one| one.id == mitigation.id));
            entry.say_all("against", &helps.map(|risk| risk.id.clone()).collect::<Vec<_>>());
            entry.say("policy", mitigation.policy.as_deref().unwrap_or_default());
            all.push(entry);
        }
    }
    for checklist in knowledge.checklists() {
        let mut entry = Entry::new("checklist", checklist.id.clone(), checklist.title.clone()).from(&checklist.at, &[]);
        for item in &checklist.items {
            let asks = if item.asks.is_empty() { String::new() } else { format!(" ({})", item.asks.join(", ")) };
            entry.say("item", &format!("{}: {}{asks} If not: {}", item.id, item.question, item.if_not));
            item.sources.iter().for_each(|source| entry.cite(source, ""));
        }
        all.push(entry);
    }
    for trend in knowledge.trends() {
        let mut entry = Entry::new("trend", trend.id.clone(), trend.title.clone()).from(&trend.at, &trend.sources);
        entry.say("group", &trend.group_title);
        entry.say("text", &trend.text);
        entry.say_all("consequences", &trend.consequences);
        entry.say_all("serves", &trend.serves.iter().map(full).collect::<Vec<_>>());
        all.push(entry);
    }
    for item in knowledge.recommendations() {
        let mut entry = Entry::new("recommendation", format!("{}/{}", item.group, item.id), item.text.clone())
            .from(&item.at, &item.sources);
        entry.say("group", &item.group_title);
        let due = match item.due {
            Due::Always => "always",
            Due::YearsOneToTwo => "in years 1 and 2",
            Due::YearsThreeToFive => "in years 3 to 5",
            Due::Continuous => "continuously",
        };
        entry.say("due", due);
        entry.say("why", &item.why);
        entry.say_all("applies-where", &conditions(item.holds.as_deref().unwrap_or_default()));
        all.push(entry);
    }
    all.extend(knowledge.scripts().into_iter().map(script));
    all.extend(knowledge.facts().map(|it| fact(knowledge, it)));
    for kind in knowledge.source_types() {
        let mut entry = Entry::new("source-type", kind_word(kind.kind).into(), told::title(kind_word(kind.kind)))
            .from(&kind.at, &kind.examples);
        entry.say("role", &kind.role);
        entry.say("strength", &kind.strength);
        entry.say("weakness", &kind.weakness);
        all.push(entry);
    }
    all.extend(knowledge.sources().map(|it| source(knowledge, it)));
    for technology in knowledge.technologies() {
        let mut entry = Entry::new("technology", technology.id.clone(), technology.name.clone())
            .from(&technology.at, std::slice::from_ref(&technology.source));
        entry.say_all("provides", &technology.provides.iter().map(full).collect::<Vec<_>>());
        let stance = technology.stance.map(|stance| match stance {
            Stance::Approved => "approved",
            Stance::Forbidden => "forbidden",
        });
        entry.say("stance", stance.unwrap_or_default());
        entry.say("why", &technology.why);
        entry.say("instead", &technology.instead);
        all.push(entry);
    }
    all.extend(knowledge.coverage().map(row));
    all
}

/// The items of the checklists, each by itself, as `CHECKLIST/ITEM`. Lists and searches have the whole checklists.
#[must_use]
pub fn items(knowledge: &Knowledge) -> Vec<Entry> {
    let of = |(checklist, item): (&Checklist, &ChecklistItem)| {
        let id = format!("{}/{}", checklist.id, item.id);
        let mut entry = Entry::new("checklist", id, item.question.clone()).from(&checklist.at, &item.sources);
        entry.say("of", &checklist.title);
        entry.say_all("holds-where", &conditions(item.holds.as_deref().unwrap_or_default()));
        entry.say_all("asks", &item.asks);
        entry.say("if-not", &item.if_not);
        entry
    };
    let all = knowledge.checklists().flat_map(|checklist| checklist.items.iter().map(move |item| (checklist, item)));
    all.map(of).collect()
}

impl Entry {
    fn new(kind: &'static str, id: String, title: String) -> Entry {
        Entry {
            kind,
            id,
            title: told::sentence(&title).trim_end_matches('.').to_string(),
            fields: Vec::new(),
            sources: Vec::new(),
            file: String::new(),
            origin: Origin::default(),
        }
    }

    fn from(mut self, at: &Place, sources: &[String]) -> Entry {
        (self.file, self.origin) = (at.file.clone(), at.origin);
        sources.iter().for_each(|source| self.cite(source, ""));
        self
    }

    fn citing(mut self, cites: &[Cite]) -> Entry {
        cites.iter().for_each(|cite| self.cite(&cite.source, evidence(cite.evidence)));
        self
    }

    fn cite(&mut self, source: &str, gives: &'static str) {
        if !source.is_empty() && !self.sources.iter().any(|(known, _)| known == source) {
            self.sources.push((source.to_string(), gives));
        }
    }

    /// Adds a line to a field, unless there is nothing to say.
    fn say(&mut self, name: &'static str, text: &str) {
        if text.trim().is_empty() {
            return;
        }
        match self.fields.last_mut().filter(|field| field.name == name) {
            Some(field) => field.lines.push(clean(text)),
            None => self.fields.push(Field { name, lines: vec![clean(text)] }),
        }
    }

    fn say_all(&mut self, name: &'static str, lines: &[String]) {
        lines.iter().for_each(|line| self.say(name, line));
    }

    /// The names by which it is asked for: in full, and the last part alone.
    fn is_called(&self, id: &str) -> bool {
        let short = self.id.rsplit('/').next().unwrap_or(&self.id);
        self.id == id || short == id || id.split_once(':').is_some_and(|(kind, id)| kind == self.kind && self.id == id)
    }
}

/// What an id names.
pub enum Named<'a> {
    /// One entry.
    One(&'a Entry),
    /// Several: their full names.
    Several(Vec<String>),
    /// None; perhaps this was meant.
    Nothing(Option<String>),
}

/// Finds an entry by its id, in full or short where that is clear; `KIND:ID` tells kinds apart.
#[must_use]
pub fn find<'a>(entries: &'a [Entry], id: &str) -> Named<'a> {
    let exact: Vec<&Entry> = entries.iter().filter(|entry| entry.id == id).collect();
    let found = match exact.len() {
        0 => entries.iter().filter(|entry| entry.is_called(id)).collect(),
        _ => exact,
    };
    match found[..] {
        [] => {
            let short = |entry: &Entry| entry.id.rsplit('/').next().unwrap_or_default().to_string();
            let shorts: Vec<String> = entries.iter().map(short).collect();
            let names = entries.iter().map(|entry| entry.id.as_str()).chain(shorts.iter().map(String::as_str));
            Named::Nothing(guess(id, names).map(str::to_string))
        }
        [one] => Named::One(one),
        _ => {
            let same = found.iter().all(|entry| entry.kind == found[0].kind);
            let name = |entry: &&Entry| if same { entry.id.clone() } else { format!("{}:{}", entry.kind, entry.id) };
            Named::Several(found.iter().map(name).collect())
        }
    }
}

/// The entries of a kind, singular or plural; none where there is no such kind.
#[must_use]
pub fn kind(word: &str) -> Option<&'static str> {
    KINDS.iter().find(|(one, many)| *one == word || *many == word).map(|(one, _)| *one)
}

/// Something that was searched for and found.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit<'a> {
    /// The entry.
    pub entry: &'a Entry,
    /// The field in which it was found; `id` and `title` too.
    pub field: &'static str,
    /// The text around the first place, and the rest of it.
    pub text: String,
    /// How well it fits; more is better.
    pub rank: u32,
}

/// Entries in which every word stands somewhere, the best first: in the id before the title before the text, whole words
/// before parts of words.
#[must_use]
pub fn search<'a>(entries: &'a [Entry], words: &[String]) -> Vec<Hit<'a>> {
    let words: Vec<String> = words.iter().flat_map(|word| word.split_whitespace()).map(str::to_lowercase).collect();
    let mut hits: Vec<Hit> = entries.iter().filter_map(|entry| hit(entry, &words)).collect();
    hits.sort_by_key(|hit| std::cmp::Reverse(hit.rank));
    hits
}

fn hit<'a>(entry: &'a Entry, words: &[String]) -> Option<Hit<'a>> {
    let mut rank = 0;
    let mut place: Option<(u32, &'static str, &str)> = None;
    for word in words {
        let mut best: Option<(u32, &'static str, &str)> = None;
        let fields =
            entry.fields.iter().flat_map(|field| field.lines.iter().map(|line| (4, field.name, line.as_str())));
        let heads = [(40, "id", entry.id.as_str()), (20, "title", entry.title.as_str())];
        for (worth, name, text) in heads.into_iter().chain(fields) {
            let lower = text.to_lowercase();
            let Some(at) = lower.find(word.as_str()) else { continue };
            let bounded = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
            let whole = bounded(lower[..at].chars().next_back()) && bounded(lower[at + word.len()..].chars().next());
            let exact = if lower == *word { 3 } else { 1 };
            let worth = worth * exact * if whole { 2 } else { 1 };
            if best.is_none_or(|(known, ..)| worth > known) {
                best = Some((worth, name, text));
            }
        }
        let best = best?;
        rank += best.0;
        // What the rarest kind of place says is the most telling: a sentence rather than the name above it.
        if place.is_none_or(|(known, ..)| best.0 < known) {
            place = Some(best);
        }
    }
    let (_, field, text) = place?;
    Some(Hit { entry, field, text: text.to_string(), rank })
}

fn full(option: &OptionId) -> String {
    format!("{}/{}", option.0, option.1)
}

/// A level of a comparison in words: `low to medium`.
#[must_use]
pub fn level(scale: &[String], level: Option<(usize, usize)>) -> Option<String> {
    let (low, high) = level?;
    let (low, high) = (scale.get(low)?, scale.get(high)?);
    Some(if low == high { told::words(low) } else { format!("{} to {}", told::words(low), told::words(high)) })
}

fn conditions(when: &[Predicate]) -> Vec<String> {
    when.iter().map(Predicate::text).collect()
}

fn option(knowledge: &Knowledge, option: &OptionEntry) -> Entry {
    let mut entry = Entry::new("option", format!("{}/{}", option.dimension, option.name), option.title.clone());
    (entry.file, entry.origin) = (option.file.clone(), option.origin);
    entry.say("about", &option.about);
    entry.say_all("when", &option.when);
    entry.say_all("when-not", &option.when_not);
    entry.say_all("gains", &option.gains);
    entry.say_all("costs", &option.costs);
    for precondition in &option.preconditions {
        let needs = precondition.needs.text();
        entry.say(
            "needs",
            &format!("{} ({needs}). If not: {}", precondition.text.trim_end_matches('.'), precondition.to_do),
        );
    }
    entry.say("to-run", &with_facts(knowledge, &option.to_run));
    entry.say("runs", &runs(option.runs));
    entry.say_all("fails", &option.fails);
    entry.say("technologies", &option.technologies.join(", "));
    entry.say("say", &option.say);
    let own = |overlap: &&groundplan_knowledge::playbook::Overlap| {
        overlap.between.iter().any(|(dimension, name)| *dimension == option.dimension && *name == option.name)
    };
    for overlap in knowledge.overlaps().filter(own) {
        let other = overlap.between.iter().find(|one| **one != (option.dimension.clone(), option.name.clone()));
        let name = if overlap.clashes { "clashes-with" } else { "goes-with" };
        entry.say(name, &format!("{}: {}", other.map_or(String::new(), full), overlap.text));
    }
    let mine = |rule: &&Rule| rule.dimension == option.dimension && rule.option == option.name;
    for rule in knowledge.rules().iter().filter(mine) {
        let when = conditions(&rule.when).join(" and ");
        let when = if when.is_empty() { "always".to_string() } else { format!("when {when}") };
        let text = format!("{} ({}): {}; {when}", effect(rule), told::words(rule.concern.word()), rule.text);
        entry.say("rules", &format!("{}: {text}", rule.id));
    }
    option.sources.iter().for_each(|source| entry.cite(source, ""));
    entry
}

/// What there is to run, in words: `1 broker`.
#[must_use]
pub fn runs(runs: [u32; 4]) -> String {
    let names = [("deployable", "deployables"), ("store", "stores"), ("broker", "brokers"), ("region", "regions")];
    let parts: Vec<String> = runs
        .iter()
        .zip(names)
        .filter(|(count, _)| **count > 0)
        .map(|(count, (one, many))| format!("{count} {}", if *count == 1 { one } else { many }))
        .collect();
    if parts.is_empty() { String::new() } else { parts.join(", ") }
}

/// A template with its facts filled in; what only a brief tells stays as it is named.
#[must_use]
pub fn with_facts(knowledge: &Knowledge, template: &Template) -> String {
    template.filled(|part| match part {
        Part::Fact(id) => {
            knowledge.find_fact(id).map_or(String::new(), |fact| format!("{} ({})", fact.shown(), fact.date))
        }
        Part::Text(text) => text.clone(),
        Part::Measure(name) | Part::Brief(name) => format!("[{name}]"),
        Part::Choice(dimension) => format!("[what is chosen for {dimension}]"),
        Part::RunnerUp(dimension) => format!("[what comes second for {dimension}]"),
        Part::Why(dimension) => format!("[why, for {dimension}]"),
        Part::Flip(dimension) => format!("[what would change {dimension}]"),
    })
}

/// What a rule does: `for, strong`.
#[must_use]
pub fn effect(rule: &Rule) -> String {
    match rule.effect {
        Effect::Argues(Side::For, grade) => format!("for, {}", grade.word()),
        Effect::Argues(Side::Against, grade) => format!("against, {}", grade.word()),
        Effect::Impossible => "impossible".into(),
        Effect::Unready => "not yet".into(),
    }
}

fn rule(rule: &Rule) -> Entry {
    let mut entry = Entry::new("rule", rule.id.clone(), rule.text.clone()).citing(&rule.sources);
    (entry.file, entry.origin) = (rule.file.clone(), rule.origin);
    entry.say("text", &rule.text);
    entry.say("speaks-of", &format!("{}/{}", rule.dimension, rule.option));
    entry.say("effect", &effect(rule));
    entry.say("concern", rule.concern.word());
    let each = match rule.scope {
        Scope::Module => "module",
        Scope::Entry => "entry point",
        Scope::Brief | Scope::Set => "",
    };
    entry.say("each", each);
    entry.say_all("when", &conditions(&rule.when));
    entry.say("lifted-by", rule.lifted_by.as_deref().unwrap_or_default());
    if rule.extracts {
        entry.say("extracts", "the modules it matches are called worth extracting");
    }
    entry
}

fn risk(knowledge: &Knowledge, risk: &Risk) -> Entry {
    let mut entry = Entry::new("risk", risk.id.clone(), risk.title.clone()).from(&risk.at, &[]).citing(&risk.sources);
    let group = knowledge.risk_groups().find(|group| group.id == risk.group);
    entry.say("group", group.map_or("", |group| group.title.as_str()));
    entry.say("text", &risk.text);
    entry.say_all("when", &conditions(&risk.when));
    entry.say_all("signals", &risk.signals);
    entry.say_all("tried-by", &risk.tried_by);
    for mitigation in &risk.mitigations {
        let sources: Vec<&str> = mitigation.sources.iter().map(|cite| cite.source.as_str()).collect();
        let cite = if sources.is_empty() { String::new() } else { format!(" [{}]", sources.join(", ")) };
        entry.say("mitigations", &format!("{}: {}{cite}", mitigation.title, mitigation.text));
    }
    entry
}

fn script(script: &Script) -> Entry {
    let mut entry = Entry::new("script", script.id.clone(), script.title.clone()).from(&script.at, &[]);
    entry.say("section", script.section.word());
    entry.say("share", &Unit::Share.show(script.share));
    entry.say_all("when", &conditions(&script.when));
    entry.say_all("says", &script.says.iter().map(|says| says.text.clone()).collect::<Vec<_>>());
    for asked in &script.asked {
        entry.say("asked", &format!("{} {}", asked.question.text, asked.answer.text));
        asked.sources.iter().for_each(|source| entry.cite(source, ""));
    }
    entry
}

fn fact(knowledge: &Knowledge, fact: &Fact) -> Entry {
    let mut entry = Entry::new("fact", fact.id.clone(), fact.name.clone());
    entry.origin = fact.origin;
    entry.say("value", &value(fact.value, &fact.unit));
    if fact.is_range() {
        entry.say("range", &format!("{} to {}", value(fact.low, &fact.unit), value(fact.high, &fact.unit)));
    }
    entry.say("conditions", &fact.conditions);
    entry.say("date", &fact.date);
    entry.say("read", mark(fact.mark));
    let needle = format!("fact.{}", fact.id);
    let names = |text: &str| {
        text.match_indices(&needle)
            .any(|(at, _)| !text[at + needle.len()..].starts_with(|c: char| c.is_ascii_alphanumeric() || c == '-'))
    };
    let used = knowledge.rules().iter().filter(|rule| rule.when.iter().any(|when| names(&when.text())));
    entry.say_all("decides-in", &used.map(|rule| rule.id.clone()).collect::<Vec<_>>());
    entry.cite(&fact.source, "");
    entry
}

/// A value of a fact in words.
#[must_use]
pub fn value(value: f64, unit: &str) -> String {
    match unit {
        "s" => Unit::Seconds.show(value),
        "/s" => Unit::PerSecond.show(value),
        "share" => Unit::Share.show(value),
        "B" => groundplan_model::units::Bytes(value).to_string(),
        "1" => value.to_string(),
        unit => format!("{value} {unit}"),
    }
}

fn mark(mark: Mark) -> &'static str {
    match mark {
        Mark::Primary => "on the primary page",
        Mark::Secondary => "on a secondary page",
        Mark::Remembered => "remembered, to be verified",
        Mark::Assumed => "assumed: nobody measured it, the range is wide on purpose",
    }
}

/// The word of a kind of sources.
#[must_use]
pub fn kind_word(kind: SourceKind) -> &'static str {
    match kind {
        SourceKind::Official => "official",
        SourceKind::Enterprise => "enterprise",
        SourceKind::Expert => "expert",
        SourceKind::Academic => "academic",
        SourceKind::CaseStudy => "case-study",
    }
}

fn evidence(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::Opinion => "opinion",
        Evidence::Expert => "expert",
        Evidence::Case => "case",
        Evidence::Documented => "documented",
        Evidence::Measured => "measured",
        Evidence::Arithmetic => "arithmetic",
    }
}

fn source(knowledge: &Knowledge, source: &Source) -> Entry {
    let mut entry = Entry::new("source", source.id.clone(), source.title.clone());
    entry.origin = source.origin;
    entry.say("author", &source.author);
    entry.say("year", &source.year.to_string());
    entry.say("type", kind_word(source.kind));
    entry.say("read-at", &source.read_at);
    entry.say("read", mark(source.mark));
    entry.say("about", &source.about);
    entry.say_all("strengths", &source.strengths);
    entry.say_all("weaknesses", &source.weaknesses);
    if let Some(word) = source.applicability {
        let to = if source.applies_to.is_empty() { String::new() } else { format!(": {}", source.applies_to) };
        entry.say("applicability", &format!("{word}{to}"));
    }
    let depth: Vec<&str> = source.depth.iter().map(|depth| depth.word()).collect();
    entry.say("depth", &depth.join(", "));
    entry.say("use", &source.use_it);
    let anchor = source.anchor.map(|anchor| match anchor {
        Anchor::Primary => "primary: an argument may rest on it",
        Anchor::Supplement => "supplement: it supports what others say",
        Anchor::Practical => "practical: it says how to do it",
    });
    entry.say("anchor", anchor.unwrap_or_default());
    let cites = |rule: &&Rule| rule.sources.iter().any(|cite| cite.source == source.id);
    let cited: Vec<String> = knowledge.rules().iter().filter(cites).map(|rule| rule.id.clone()).collect();
    entry.say("cited-by", &cited.join(", "));
    entry
}

fn row(row: &CoverageRow) -> Entry {
    let mut entry = Entry::new("row", row.id.clone(), row.says.clone()).from(&row.at, &[]);
    entry.say("section", &format!("{}: {}", row.section, row.title));
    entry.say("says", &row.says);
    entry.say_all(
        "carried-by",
        &row.carried_by.iter().map(|(kind, id)| format!("{}:{id}", kind.word())).collect::<Vec<_>>(),
    );
    entry
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(entry: &Entry) -> String {
        let fields = entry.fields.iter().flat_map(|field| &field.lines);
        fields.map(|line| line.to_lowercase()).collect()
    }

    #[test]
    fn every_entry_can_be_asked_for_and_says_something() {
        let knowledge = Knowledge::embedded();
        let all = entries(&knowledge);
        for entry in &all {
            let full = format!("{}:{}", entry.kind, entry.id);
            match find(&all, &full) {
                Named::One(one) => assert_eq!(one, entry),
                _ => panic!("{full} is not one entry"),
            }
            assert!(kind(entry.kind).is_some() && !entry.title.is_empty(), "{entry:?}");
            assert!(!texts(entry).is_empty(), "{entry:?}");
            let known = |(source, _): &(String, &str)| knowledge.source(source).is_some();
            assert!(entry.sources.iter().all(known), "{entry:?}");
        }
        for wanted in ["dimension", "option", "rule", "fact", "source"] {
            assert!(all.iter().any(|entry| entry.kind == wanted), "{wanted}");
        }
    }

    #[test]
    fn an_id_of_two_options_asks_for_the_dimension() {
        let all = entries(&Knowledge::embedded());
        let Named::Several(names) = find(&all, "in-process") else { panic!("two dimensions have it") };
        assert_eq!(names, ["communication/in-process", "messaging/in-process"]);
        assert!(matches!(find(&all, "messaging/in-process"), Named::One(_)));
        let Named::Nothing(Some(near)) = find(&all, "modular-monlith") else { panic!("there is none") };
        assert!(near.contains("modular-monolith"), "{near}");
    }

    #[test]
    fn a_search_finds_all_words_and_names_first() {
        let all = entries(&Knowledge::embedded());
        let find = |words: &[&str]| search(&all, &words.iter().map(|word| (*word).to_string()).collect::<Vec<_>>());
        let hits = find(&["Queue"]);
        assert_eq!(hits[0].entry.id, "messaging/queue");
        assert!(hits.windows(2).all(|pair| pair[0].rank >= pair[1].rank));
        let both = find(&["queue", "acknowledged"]);
        assert!(!both.is_empty() && both.len() < hits.len());
        let said = |hit: &Hit| texts(hit.entry) + &hit.entry.id + &hit.entry.title.to_lowercase();
        assert!(both.iter().all(|hit| said(hit).contains("queue") && said(hit).contains("acknowledged")));
        assert!(find(&["zzz"]).is_empty());
    }
}
