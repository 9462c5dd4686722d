//! Reads the files of the knowledge: options with their rules, facts, sources. Says everything that is wrong
//! at once, each with its file and place.
//!
//! A file is one map whose `kind` is `option`, `facts` or `sources`. What a rule may say stands in
//! `expression` (its conditions) and here (everything else).

use crate::expression::{self, Names};
use crate::fact::{Fact, Mark};
use crate::predicate::Level;
use crate::rule::{
    self, Cite, Concern, Effect, Evidence, Example, Grade, OptionEntry, Rule, Scope, Side, Source, SourceKind,
};
use crate::{DIMENSIONS, Dimension, Knowledge, sample, unit};
use groundplan_model::diagnostic::{Diagnostic, Severity, guess};
use groundplan_model::yaml::{self, Node, NodeKind};
use indexmap::IndexMap;

/// A file of the knowledge.
pub(crate) struct File<'a> {
    /// Its path under `knowledge/`.
    pub path: &'a str,
    /// Its text.
    pub text: &'a str,
    /// Whether it is embedded; a user's file may replace facts and sources of the same id.
    pub ours: bool,
}

/// Something wrong in a file of the knowledge.
#[derive(Debug, Clone, PartialEq)]
pub struct FileDiagnostic {
    /// The file's path.
    pub file: String,
    /// What is wrong.
    pub diagnostic: Diagnostic,
}

/// Reads all files.
pub(crate) fn load(files: &[File]) -> Result<Knowledge, Vec<FileDiagnostic>> {
    let mut found = Vec::new();
    let mut trees: Vec<(&File, Node)> = Vec::new();
    for file in files {
        let (tree, diagnostics) = yaml::parse(file.text);
        found.extend(diagnostics.into_iter().map(|diagnostic| FileDiagnostic { file: file.path.into(), diagnostic }));
        match tree {
            Some(tree) => trees.push((file, tree)),
            None => continue,
        }
    }
    let mut knowledge = Knowledge {
        dimensions: DIMENSIONS
            .iter()
            .map(|(name, per_set)| Dimension {
                name: (*name).to_string(),
                per_set: *per_set,
                options: Vec::new(),
                rules: Vec::new(),
            })
            .collect(),
        rules: Vec::new(),
        facts: IndexMap::new(),
        sources: IndexMap::new(),
    };
    // Sources before facts and facts before rules: each names the former.
    for wanted in ["sources", "facts", "option", "rules"] {
        for (file, tree) in &trees {
            let mut reader = Reader { file: file.path, found: &mut found };
            match (tree.get("kind").and_then(Node::text), wanted) {
                (Some("sources"), "sources") => reader.sources(tree, file.ours, &mut knowledge),
                (Some("facts"), "facts") => reader.facts(tree, file.ours, &mut knowledge),
                (Some("option"), "option") => reader.option(tree, &mut knowledge),
                (Some("option"), "rules") => reader.rules(tree, &mut knowledge),
                (Some("sources" | "facts" | "option"), _) => {}
                (_, "sources") => {
                    let headline = "a file of the knowledge says its `kind`: option, facts or sources";
                    let place = tree.get("kind").unwrap_or(tree);
                    reader.error(Diagnostic::error("unknown-kind", headline).at(place.span, ""));
                }
                _ => {}
            }
        }
    }
    knowledge.dimensions.retain(|dimension| !dimension.options.is_empty());
    if found.iter().any(|item| item.diagnostic.severity == Severity::Error) { Err(found) } else { Ok(knowledge) }
}

struct Reader<'a> {
    file: &'a str,
    found: &'a mut Vec<FileDiagnostic>,
}

impl Reader<'_> {
    fn error(&mut self, diagnostic: Diagnostic) {
        self.found.push(FileDiagnostic { file: self.file.to_string(), diagnostic });
    }

    fn at(&mut self, code: &'static str, node: &Node, headline: String, help: Option<String>) {
        let diagnostic = Diagnostic::error(code, headline).at(node.span, "");
        self.error(Diagnostic { help, ..diagnostic });
    }

    /// Refuses keys that nobody reads.
    fn keys(&mut self, node: &Node, known: &[&str]) {
        if !matches!(node.kind, NodeKind::Map(_)) {
            self.at("not-a-map", node, format!("a map with {} is expected here", known.join(", ")), None);
        }
        for (key, _) in node.entries() {
            let name = key.text().unwrap_or_default();
            if !known.contains(&name) {
                let help = guess(name, known.iter().copied()).map(|name| format!("did you mean `{name}`?"));
                self.at("unknown-key", key, format!("nothing reads the key `{name}`"), help);
            }
        }
    }

    /// The text of a key that must stand.
    fn text(&mut self, node: &Node, key: &str) -> String {
        match node.get(key).and_then(Node::text) {
            Some(text) if !text.trim().is_empty() => text.trim().to_string(),
            _ => {
                self.at("missing-key", node, format!("`{key}` is missing or empty"), None);
                String::new()
            }
        }
    }

    fn optional(&self, node: &Node, key: &str) -> Option<String> {
        node.get(key).and_then(Node::text).map(|text| text.trim().to_string()).filter(|text| !text.is_empty())
    }

    fn word<T: Copy>(&mut self, node: &Node, key: &str, words: &[(&str, T)]) -> Option<T> {
        let text = self.text(node, key);
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        if found.is_none() && !text.is_empty() {
            let place = node.get(key).unwrap_or(node);
            let list: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            self.at("unknown-word", place, format!("`{key}` is `{text}`, not one of {}", list.join(", ")), None);
        }
        found
    }

    fn sources(&mut self, tree: &Node, ours: bool, knowledge: &mut Knowledge) {
        self.keys(tree, &["kind", "sources"]);
        for (id, node) in tree.get("sources").map(Node::entries).unwrap_or_default() {
            self.keys(node, &["title", "author", "year", "type", "read-at", "mark", "about"]);
            let id_text = id.text().unwrap_or_default().to_string();
            let kind = self.word(node, "type", &SOURCE_KINDS);
            let mark = self.word(node, "mark", &MARKS);
            let year = self.text(node, "year").parse::<u32>().ok().filter(|year| (1900..=2100).contains(year));
            if year.is_none() {
                self.at("bad-year", node, format!("the year of `{id_text}` is no year"), None);
            }
            let (title, author) = (self.text(node, "title"), self.text(node, "author"));
            let source = Source {
                title,
                author,
                year: year.unwrap_or(0),
                kind: kind.unwrap_or(SourceKind::Expert),
                read_at: self.text(node, "read-at"),
                mark: mark.unwrap_or(Mark::Remembered),
                about: self.optional(node, "about").unwrap_or_default(),
                id: id_text.clone(),
            };
            if knowledge.sources.insert(id_text.clone(), source).is_some() && ours {
                self.at("declared-twice", id, format!("source `{id_text}` is declared twice"), None);
            }
        }
    }

    fn facts(&mut self, tree: &Node, ours: bool, knowledge: &mut Knowledge) {
        self.keys(tree, &["kind", "facts"]);
        for (id, node) in tree.get("facts").map(Node::entries).unwrap_or_default() {
            self.keys(node, &["name", "value", "range", "unit", "conditions", "source", "date", "mark"]);
            let id_text = id.text().unwrap_or_default().to_string();
            let own_unit = self.optional(node, "unit");
            let read = |text: &str| -> Option<(f64, String)> {
                let (value, base) = unit::read(text)?;
                match &own_unit {
                    Some(unit) if base == "1" => Some((value, unit.clone())),
                    Some(_) => None,
                    None => Some((value, base.to_string())),
                }
            };
            let value_text = self.text(node, "value");
            let value = read(&value_text);
            if value.is_none() {
                let place = node.get("value").unwrap_or(node);
                self.at("bad-quantity", place, format!("`{value_text}` is no quantity"), Some(QUANTITY.into()));
            }
            let (value, unit) = value.unwrap_or((0.0, "1".into()));
            let (mut low, mut high) = (value, value);
            if let Some(text) = self.optional(node, "range") {
                let ends = text.split_once("..").and_then(|(one, other)| Some((read(one)?, read(other)?)));
                match ends {
                    Some(((one, one_unit), (other, other_unit)))
                        if one <= value && value <= other && one_unit == unit && other_unit == unit =>
                    {
                        (low, high) = (one, other);
                    }
                    _ => {
                        let place = node.get("range").unwrap_or(node);
                        let headline = format!("`{text}` is no range around {value_text} in the same unit");
                        self.at("bad-range", place, headline, Some("write `60s..120s`".into()));
                    }
                }
            }
            let source = self.text(node, "source");
            if !source.is_empty() && !knowledge.sources.contains_key(&source) {
                let help = guess(&source, knowledge.sources.keys().map(String::as_str));
                let place = node.get("source").unwrap_or(node);
                let help = help.map(|name| format!("did you mean `{name}`?"));
                self.at("unknown-source", place, format!("no source is called `{source}`"), help);
            }
            let fact = Fact {
                name: self.text(node, "name"),
                value,
                low,
                high,
                unit,
                conditions: self.optional(node, "conditions").unwrap_or_default(),
                source,
                date: self.text(node, "date"),
                mark: self.word(node, "mark", &MARKS).unwrap_or(Mark::Remembered),
                id: id_text.clone(),
            };
            let known = knowledge.facts.get(&id_text).map(|known| known.unit.clone());
            if let Some(known) = known {
                if ours {
                    self.at("declared-twice", id, format!("fact `{id_text}` is declared twice"), None);
                } else if known != fact.unit {
                    let headline = format!("fact `{id_text}` is in {}, but was in {known}", fact.unit);
                    self.at("unit-changed", id, headline, None);
                }
            }
            knowledge.facts.insert(id_text, fact);
        }
    }

    /// An option without its rules.
    fn option(&mut self, tree: &Node, knowledge: &mut Knowledge) {
        self.keys(tree, &["kind", "dimension", "option", "about", "runs", "rules"]);
        let (dimension, name) = (self.text(tree, "dimension"), self.text(tree, "option"));
        let mut runs = [0; 4];
        if let Some(node) = tree.get("runs") {
            self.keys(node, &RUNS);
            for (place, key) in RUNS.iter().enumerate() {
                match node.get(key).and_then(Node::text).map(str::parse) {
                    None => {}
                    Some(Ok(number)) => runs[place] = number,
                    Some(Err(_)) => self.at("bad-count", node, format!("`{key}` is no whole number"), None),
                }
            }
        }
        let about = self.text(tree, "about");
        let Some(entry) = knowledge.dimensions.iter_mut().find(|item| item.name == dimension) else {
            let known: Vec<&str> = DIMENSIONS.iter().map(|(name, _)| *name).collect();
            let place = tree.get("dimension").unwrap_or(tree);
            let headline = format!("no dimension is called `{dimension}`; there are {}", known.join(", "));
            return self.at("unknown-dimension", place, headline, None);
        };
        if entry.options.iter().any(|option| option.name == name) {
            let place = tree.get("option").unwrap_or(tree);
            return self.at("declared-twice", place, format!("option `{name}` of {dimension} is declared twice"), None);
        }
        entry.options.push(OptionEntry { dimension, name, about, runs, file: self.file.to_string() });
    }

    fn rules(&mut self, tree: &Node, knowledge: &mut Knowledge) {
        let (dimension, option) = (tree.get("dimension").and_then(Node::text), tree.get("option").and_then(Node::text));
        let (Some(dimension), Some(option)) = (dimension, option) else { return };
        let Some(place) = knowledge.dimensions.iter().position(|item| item.name == dimension) else { return };
        let earlier: Vec<(String, Vec<String>)> = knowledge.dimensions[..place]
            .iter()
            .filter(|item| !item.per_set)
            .map(|item| (item.name.clone(), item.options.iter().map(|option| option.name.clone()).collect()))
            .collect();
        let per_set = knowledge.dimensions[place].per_set;
        for node in tree.get("rules").map(Node::items).unwrap_or_default() {
            let Some(mut rule) = self.rule(node, per_set, &earlier, knowledge) else { continue };
            rule.dimension = dimension.to_string();
            rule.option = option.to_string();
            if let Some(known) = knowledge.rules.iter().find(|known| known.id == rule.id) {
                let headline = format!("rule `{}` is declared twice, also in {}", rule.id, known.file);
                self.at("declared-twice", node.get("rule").unwrap_or(node), headline, None);
                continue;
            }
            knowledge.dimensions[place].rules.push(knowledge.rules.len());
            knowledge.rules.push(rule);
        }
    }

    fn rule(
        &mut self,
        node: &Node,
        per_set: bool,
        earlier: &[(String, Vec<String>)],
        knowledge: &Knowledge,
    ) -> Option<Rule> {
        self.keys(
            node,
            &[
                "rule",
                "each",
                "when",
                "for",
                "against",
                "impossible",
                "unready",
                "grade",
                "text",
                "extracts",
                "lifted-by",
                "sources",
                "examples",
            ],
        );
        let before = self.found.len();
        let id = self.text(node, "rule");
        let scope = match node.get("each") {
            None => {
                if per_set {
                    Scope::Set
                } else {
                    Scope::Brief
                }
            }
            Some(_) => self.word(node, "each", &[("module", Scope::Module), ("entry", Scope::Entry)])?,
        };
        let names = Names { facts: &knowledge.facts, earlier, scope };
        let mut when = Vec::new();
        let conditions =
            node.get("when").map(|when| if when.text().is_some() { std::slice::from_ref(when) } else { when.items() });
        for condition in conditions.unwrap_or_default() {
            match expression::predicate(condition.text().unwrap_or_default(), &names) {
                Ok(predicate) => when.push(predicate),
                Err((headline, help)) => self.at("bad-condition", condition, headline, help),
            }
        }
        if conditions.is_none() {
            self.at("missing-key", node, format!("`when` of rule `{id}` is missing; `when: []` means always"), None);
        }
        let (effect, concern, consequence) = self.effect(node, &id)?;
        let sources = self.cites(node, &id, knowledge);
        let cap = rule::cap(&sources, |id| knowledge.sources.get(id).map_or("", |source| source.author.as_str()));
        let effect = match effect {
            Effect::Argues(side, grade) => Effect::Argues(side, grade.min(cap)),
            // A veto that only opinion carries is no veto.
            veto if cap == Grade::Strong || veto == Effect::Unready && cap >= Grade::Normal => veto,
            _ => {
                self.at("weak-veto", node, format!("the sources of rule `{id}` don't carry a veto"), None);
                return None;
            }
        };
        let lifted_by = self.optional(node, "lifted-by");
        if effect == Effect::Unready && lifted_by.is_none() {
            self.at("missing-key", node, format!("`lifted-by` of rule `{id}` is missing: what makes it ready?"), None);
        }
        let examples = self.examples(node);
        let text = self.text(node, "text");
        let rule = Rule {
            id,
            dimension: String::new(),
            option: String::new(),
            scope,
            when,
            effect,
            consequence,
            concern,
            text,
            extracts: node.get("extracts").and_then(Node::text) == Some("yes"),
            lifted_by,
            sources,
            examples,
            file: self.file.to_string(),
            span: node.get("rule").map_or(node.span, |id| id.span),
        };
        (self.found.len() == before).then_some(rule)
    }

    /// The one key among `for`, `against`, `impossible` and `unready`.
    fn effect(&mut self, node: &Node, id: &str) -> Option<(Effect, Concern, Grade)> {
        let keys: Vec<&str> =
            ["for", "against", "impossible", "unready"].into_iter().filter(|key| node.get(key).is_some()).collect();
        let [key] = keys[..] else {
            let headline = format!("rule `{id}` has one of for, against, impossible and unready");
            self.at("unclear-effect", node, headline, None);
            return None;
        };
        let words: Vec<(&str, Concern)> = Concern::ALL.into_iter().map(|concern| (concern.word(), concern)).collect();
        let concern = self.word(node, key, &words)?;
        if key == "impossible" || key == "unready" {
            if let Some(grade) = node.get("grade") {
                self.at("unknown-key", grade, "a veto has no grade".into(), None);
            }
            return Some((
                if key == "impossible" { Effect::Impossible } else { Effect::Unready },
                concern,
                Grade::Strong,
            ));
        }
        let grades: Vec<(&str, Grade)> = Grade::ALL.into_iter().map(|grade| (grade.word(), grade)).collect();
        let grade = self.word(node, "grade", &grades)?;
        let side = if key == "for" { Side::For } else { Side::Against };
        Some((Effect::Argues(side, grade), concern, grade))
    }

    fn cites(&mut self, node: &Node, id: &str, knowledge: &Knowledge) -> Vec<Cite> {
        let mut list = Vec::new();
        for (source, evidence) in node.get("sources").map(Node::entries).unwrap_or_default() {
            let name = source.text().unwrap_or_default();
            if !knowledge.sources.contains_key(name) {
                let help = guess(name, knowledge.sources.keys().map(String::as_str));
                let help = help.map(|name| format!("did you mean `{name}`?"));
                self.at("unknown-source", source, format!("no source is called `{name}`"), help);
            }
            let word = evidence.text().unwrap_or_default();
            match EVIDENCE.iter().find(|(known, _)| *known == word) {
                Some((_, evidence)) => list.push(Cite { source: name.to_string(), evidence: *evidence }),
                None => {
                    let known: Vec<&str> = EVIDENCE.iter().map(|(word, _)| *word).collect();
                    self.at("unknown-word", evidence, format!("`{word}` is not one of {}", known.join(", ")), None);
                }
            }
        }
        if list.is_empty() {
            self.at("missing-key", node, format!("rule `{id}` cites no source"), None);
        }
        list
    }

    fn examples(&mut self, node: &Node) -> Vec<Example> {
        let mut list = Vec::new();
        for example in node.get("examples").map(Node::items).unwrap_or_default() {
            self.keys(example, &["brief", "set", "speaks"]);
            let words = [("yes", Level::Full), ("lower", Level::Inside), ("no", Level::No)];
            let speaks = self.word(example, "speaks", &words);
            let Some(over) = example.get("brief") else {
                self.at(
                    "missing-key",
                    example,
                    "`brief` is missing: the keys that differ from the sample".into(),
                    None,
                );
                continue;
            };
            let brief = sample::over(over);
            if let Some(speaks) = speaks {
                list.push(Example { brief, set: self.optional(example, "set"), speaks, span: example.span });
            }
        }
        list
    }
}

const QUANTITY: &str =
    "write a number with its unit, such as `60s`, `5k/s`, `2 TB`; for a price a plain number and `unit`";
const RUNS: [&str; 4] = ["deployables", "stores", "brokers", "regions"];
const MARKS: [(&str, Mark); 4] =
    [("P", Mark::Primary), ("S", Mark::Secondary), ("R", Mark::Remembered), ("A", Mark::Assumed)];
const SOURCE_KINDS: [(&str, SourceKind); 5] = [
    ("official", SourceKind::Official),
    ("enterprise", SourceKind::Enterprise),
    ("expert", SourceKind::Expert),
    ("academic", SourceKind::Academic),
    ("case-study", SourceKind::CaseStudy),
];
const EVIDENCE: [(&str, Evidence); 6] = [
    ("opinion", Evidence::Opinion),
    ("expert", Evidence::Expert),
    ("case", Evidence::Case),
    ("documented", Evidence::Documented),
    ("measured", Evidence::Measured),
    ("arithmetic", Evidence::Arithmetic),
];
