//! What every kind of file is read with: keys, texts, words, lists, references, and the list of what is wrong.
//!
//! What the keys mean stands with each kind.

use super::FileDiagnostic;
use crate::expression::{self, Names};
use crate::playbook::Place;
use crate::predicate::{Level, Predicate};
use crate::rule::{Cite, Evidence, Example, Origin, Scope};
use crate::template::{self, Template};
use crate::{DIMENSIONS, Knowledge, feasible, sample, unit};
use groundplan_model::diagnostic::{Diagnostic, guess};
use groundplan_model::yaml::{Node, NodeKind};

/// Reads one file.
pub(super) struct Reader<'a> {
    /// The file's path.
    pub file: &'a str,
    /// Whose it is.
    pub origin: Origin,
    /// What is wrong so far, in all files.
    pub found: &'a mut Vec<FileDiagnostic>,
}

impl Reader<'_> {
    /// Notes something that is wrong.
    pub fn error(&mut self, diagnostic: Diagnostic) {
        self.found.push(FileDiagnostic { file: self.file.to_string(), diagnostic });
    }

    /// Notes something that is wrong at a node.
    pub fn at(&mut self, code: &'static str, node: &Node, headline: impl Into<String>, help: Option<String>) {
        let diagnostic = Diagnostic::error(code, headline).at(node.span, "");
        self.error(Diagnostic { help, ..diagnostic });
    }

    /// The place of a node in this file.
    pub fn place(&self, node: &Node) -> Place {
        Place { file: self.file.to_string(), span: node.span, origin: self.origin }
    }

    /// Refuses keys that nobody reads.
    pub fn keys(&mut self, node: &Node, known: &[&str]) {
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
    pub fn text(&mut self, node: &Node, key: &str) -> String {
        match node.get(key).and_then(Node::text) {
            Some(text) if !text.trim().is_empty() => text.trim().to_string(),
            _ => {
                let place = node.get(key).unwrap_or(node);
                self.at("missing-key", place, format!("`{key}` is missing or empty"), None);
                String::new()
            }
        }
    }

    /// The text of a key that may stand.
    pub fn optional(&mut self, node: &Node, key: &str) -> Option<String> {
        let value = node.get(key)?;
        if value.text().is_none() {
            self.at("not-a-text", value, format!("`{key}` is a text"), None);
        }
        value.text().map(|text| text.trim().to_string()).filter(|text| !text.is_empty())
    }

    /// A text of templates that may stand; empty without it.
    pub fn template(&mut self, node: &Node, key: &str, knowledge: &Knowledge) -> Template {
        let Some(value) = node.get(key) else { return Template::default() };
        self.template_at(value, knowledge)
    }

    /// A node as a text with names in braces.
    pub fn template_at(&mut self, node: &Node, knowledge: &Knowledge) -> Template {
        let Some(text) = node.text() else {
            self.at("not-a-text", node, "a text is expected here", None);
            return Template::default();
        };
        match template::read(text, &knowledge.facts) {
            Ok(template) => template,
            Err(wrong) => {
                for (headline, help) in wrong {
                    self.at("unknown-name", node, headline, help);
                }
                Template::default()
            }
        }
    }

    /// The word of a key that must stand.
    pub fn word<T: Copy>(&mut self, node: &Node, key: &str, words: &[(&str, T)]) -> Option<T> {
        let text = self.text(node, key);
        if text.is_empty() { None } else { self.word_at(node.get(key).unwrap_or(node), key, words) }
    }

    /// The word of a key that may stand.
    pub fn word_or_none<T: Copy>(&mut self, node: &Node, key: &str, words: &[(&str, T)]) -> Option<T> {
        let value = node.get(key)?;
        self.word_at(value, key, words)
    }

    /// A node that is one of some words.
    pub fn word_at<T: Copy>(&mut self, node: &Node, what: &str, words: &[(&str, T)]) -> Option<T> {
        let text = node.text().unwrap_or_default().trim();
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        if found.is_none() {
            let list: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let help = guess(text, list.iter().copied()).map(|name| format!("did you mean `{name}`?"));
            self.at("unknown-word", node, format!("`{what}` is `{text}`, not one of {}", list.join(", ")), help);
        }
        found
    }

    /// `yes` or `no`; `no` without the key.
    pub fn flag(&mut self, node: &Node, key: &str) -> bool {
        let words = [("yes", true), ("no", false), ("true", true), ("false", false)];
        self.word_or_none(node, key, &words).unwrap_or(false)
    }

    /// A share of a key that must stand.
    pub fn share(&mut self, node: &Node, key: &str) -> f64 {
        let text = self.text(node, key);
        match unit::read(&text) {
            Some((value, "share")) if value <= 1.0 => value,
            _ if text.is_empty() => 0.0,
            _ => {
                let place = node.get(key).unwrap_or(node);
                self.at("bad-quantity", place, format!("`{text}` is no share"), Some("write `15%`".into()));
                0.0
            }
        }
    }

    /// A list of texts; empty without the key. A single text stands for a list of one.
    pub fn list(&mut self, node: &Node, key: &str) -> Vec<String> {
        self.nodes(node, key).into_iter().filter_map(|item| item.text()).map(|text| text.trim().to_string()).collect()
    }

    /// A list of texts that must stand and hold something.
    pub fn some(&mut self, node: &Node, key: &str) -> Vec<String> {
        let list = self.list(node, key);
        if list.is_empty() {
            self.at("missing-key", node.get(key).unwrap_or(node), format!("`{key}` is missing or empty"), None);
        }
        list
    }

    /// The scalars of a list, with their places.
    pub fn nodes<'n>(&mut self, node: &'n Node, key: &str) -> Vec<&'n Node> {
        let Some(value) = node.get(key) else { return Vec::new() };
        if value.text().is_some() {
            return vec![value];
        }
        if !matches!(value.kind, NodeKind::List(_)) {
            self.at("not-a-list", value, format!("`{key}` is a list of texts"), None);
        }
        let mut list = Vec::new();
        for item in value.items() {
            match item.text().map(str::trim) {
                Some(text) if !text.is_empty() => list.push(item),
                _ => self.at("not-a-text", item, format!("`{key}` is a list of texts"), None),
            }
        }
        list
    }

    /// The maps of a list that must stand.
    pub fn maps<'n>(&mut self, node: &'n Node, key: &str) -> &'n [Node] {
        match node.get(key) {
            Some(value) if matches!(value.kind, NodeKind::List(_)) => value.items(),
            Some(value) => {
                self.at("not-a-list", value, format!("`{key}` is a list"), None);
                &[]
            }
            None => {
                self.at("missing-key", node, format!("`{key}` is missing"), None);
                &[]
            }
        }
    }

    /// Ids of sources: `sources: [ddia, sre-book]`.
    pub fn source_ids(&mut self, node: &Node, key: &str, knowledge: &Knowledge) -> Vec<String> {
        let mut list = Vec::new();
        for item in self.nodes(node, key) {
            let id = item.text().unwrap_or_default().trim();
            self.known_source(item, id, knowledge);
            list.push(id.to_string());
        }
        list
    }

    /// Says so where there is no such source.
    pub fn known_source(&mut self, place: &Node, id: &str, knowledge: &Knowledge) {
        if !knowledge.sources.contains_key(id) {
            let help = guess(id, knowledge.sources.keys().map(String::as_str));
            let help = help.map(|name| format!("did you mean `{name}`?"));
            self.at("unknown-source", place, format!("no source is called `{id}`"), help);
        }
    }

    /// Sources with what each gives: `sources: { ddia: expert }`.
    pub fn cites(&mut self, node: &Node, what: &str, knowledge: &Knowledge) -> Vec<Cite> {
        let mut list = Vec::new();
        for (source, evidence) in node.get("sources").map(Node::entries).unwrap_or_default() {
            let name = source.text().unwrap_or_default();
            self.known_source(source, name, knowledge);
            if let Some(evidence) = self.word_at(evidence, name, &EVIDENCE) {
                list.push(Cite { source: name.to_string(), evidence });
            }
        }
        if list.is_empty() && node.get("sources").map(Node::entries).unwrap_or_default().is_empty() {
            self.at(
                "missing-key",
                node,
                format!("{what} cites no source"),
                Some("write `sources: { ddia: expert }`".into()),
            );
        }
        list
    }

    /// An option in full, `dimension/option`, or of a dimension that is understood.
    pub fn option_id(&mut self, node: &Node, within: Option<&str>, knowledge: &Knowledge) -> Option<(String, String)> {
        let text = node.text().unwrap_or_default().trim();
        let (dimension, option) = match (text.split_once('/'), within) {
            (Some(pair), _) => pair,
            (None, Some(dimension)) => (dimension, text),
            (None, None) => {
                let help = Some("write `dimension/option`, such as `messaging/log`".to_string());
                self.at("unknown-option", node, format!("`{text}` names no option in full"), help);
                return None;
            }
        };
        let known = self.dimension_at(node, dimension)?;
        let options = &knowledge.names[known];
        if !options.iter().any(|name| name == option) {
            let help = guess(option, options.iter().map(String::as_str)).map(|name| format!("did you mean `{name}`?"));
            self.at("unknown-option", node, format!("`{dimension}` has no option `{option}`"), help);
            return None;
        }
        Some((dimension.to_string(), option.to_string()))
    }

    /// The place of a dimension in `DIMENSIONS`.
    pub fn dimension_at(&mut self, node: &Node, name: &str) -> Option<usize> {
        let place = DIMENSIONS.iter().position(|(known, _)| *known == name);
        if place.is_none() {
            let known: Vec<&str> = DIMENSIONS.iter().map(|(name, _)| *name).collect();
            let help = guess(name, known.iter().copied()).map(|name| format!("did you mean `{name}`?"));
            let headline = format!("no dimension is called `{name}`; there are {}", known.join(", "));
            self.at("unknown-dimension", node, headline, help);
        }
        place
    }

    /// Conditions that must all hold. `before` is the place of the dimension that is being decided: choices of earlier
    /// ones may be named; of all where it is none.
    pub fn conditions(
        &mut self,
        list: &[Node],
        scope: Scope,
        before: Option<usize>,
        knowledge: &Knowledge,
    ) -> Vec<Predicate> {
        let earlier = choices(before, knowledge);
        let names = Names { facts: &knowledge.facts, earlier: &earlier, scope };
        let mut when: Vec<(Predicate, &Node)> = Vec::new();
        for condition in list {
            let text = condition.text().unwrap_or_default();
            match expression::predicate(text, &names) {
                Ok(predicate) => when.push((predicate, condition)),
                Err((headline, help)) => {
                    self.at("bad-condition", condition, headline, help);
                    continue;
                }
            }
            for number in expression::bare_numbers(text) {
                let headline = format!("the threshold `{number}` has no source");
                let help = "make it a fact with a source, a range and a date, and write `fact.ID`; 0, 1 and ordered words may stand bare";
                self.at("bare-threshold", condition, headline, Some(help.into()));
            }
        }
        for (n, (predicate, condition)) in when.iter().enumerate() {
            if let Some(why) = feasible::never(predicate) {
                self.at("never-holds", condition, format!("`{}` can never hold: {why}", predicate.text()), None);
            }
            if let Some((other, at)) = when[..n].iter().find(|(other, _)| feasible::exclude(predicate, other)) {
                let headline = format!("`{}` and `{}` can never both hold", other.text(), predicate.text());
                let diagnostic = Diagnostic::error("never-holds", headline).at(condition.span, "").at(at.span, "");
                self.error(diagnostic);
            }
        }
        when.into_iter().map(|(predicate, _)| predicate).collect()
    }

    /// The conditions of a key: a list, or a single one; none without the key.
    pub fn conditions_of(
        &mut self,
        node: &Node,
        key: &str,
        scope: Scope,
        knowledge: &Knowledge,
    ) -> Option<Vec<Predicate>> {
        let value = node.get(key)?;
        Some(self.conditions(one_or_many(value), scope, None, knowledge))
    }

    /// Whom it is asked about.
    pub fn scope(&mut self, node: &Node, otherwise: Scope) -> Scope {
        let words = [("module", Scope::Module), ("entry", Scope::Entry), ("set", Scope::Set)];
        self.word_or_none(node, "each", &words).unwrap_or(otherwise)
    }

    /// Briefs to be tried on.
    pub fn examples(&mut self, node: &Node) -> Vec<Example> {
        let mut list = Vec::new();
        for example in node.get("examples").map(Node::items).unwrap_or_default() {
            self.keys(example, &["brief", "set", "speaks"]);
            let words = [("yes", Level::Full), ("lower", Level::Inside), ("no", Level::No)];
            let speaks = self.word(example, "speaks", &words);
            let set = self.optional(example, "set");
            if let (Some(brief), Some(speaks)) = (self.brief(example), speaks) {
                list.push(Example { brief, set, speaks, span: example.span });
            }
        }
        list
    }

    /// The sample with the keys of `brief` laid over it.
    pub fn brief(&mut self, example: &Node) -> Option<String> {
        match example.get("brief") {
            Some(over) => Some(sample::over(over)),
            None => {
                let headline = "`brief` is missing: the keys that differ from the sample";
                self.at("missing-key", example, headline, None);
                None
            }
        }
    }
}

/// The items of a list, or the one scalar.
pub(super) fn one_or_many(value: &Node) -> &[Node] {
    if value.text().is_some() { std::slice::from_ref(value) } else { value.items() }
}

/// Dimensions whose choice a condition may name, with their options.
pub(super) fn choices(before: Option<usize>, knowledge: &Knowledge) -> Vec<(String, Vec<String>)> {
    let until = before.unwrap_or(DIMENSIONS.len());
    DIMENSIONS[..until]
        .iter()
        .zip(&knowledge.names)
        .filter(|((_, per_set), _)| !per_set)
        .map(|((name, _), options)| ((*name).to_string(), options.clone()))
        .collect()
}

const EVIDENCE: [(&str, Evidence); 6] = [
    ("opinion", Evidence::Opinion),
    ("expert", Evidence::Expert),
    ("case", Evidence::Case),
    ("documented", Evidence::Documented),
    ("measured", Evidence::Measured),
    ("arithmetic", Evidence::Arithmetic),
];
