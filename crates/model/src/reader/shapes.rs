//! Nodes into values, by shape: the one place that knows what may stand behind a key.

use super::overlay::item_name;
use super::quantities::Complaint;
use super::scalars::{check_name, describe, scalar};
use super::{Mention, Reader};
use crate::brief::Assumption;
use crate::diagnostic::{Diagnostic, Severity, guess};
use crate::span::{Located, Span};
use crate::text::{one_of, shown};
use crate::value::{Settings, Value};
use crate::vocabulary::{Key, Need, Shape};
use crate::words::brief::REASONS;
use crate::yaml::{self, Node, NodeKind, Style};

/// Whether a shape may stand as this kind of node.
fn fits(shape: &Shape, node: &Node) -> bool {
    let (map, list) = (matches!(node.kind, NodeKind::Map(_)), matches!(node.kind, NodeKind::List(_)));
    match shape {
        Shape::Record(_) | Shape::Map(..) | Shape::Route => map,
        Shape::Target(inner) => map || fits(inner, node),
        Shape::Short(..) => !list,
        Shape::List(_) | Shape::Steps => list,
        Shape::OneOrMany(inner) => list || fits(inner, node),
        Shape::Operation => map || list,
        Shape::Either(shapes) => shapes.iter().any(|shape| fits(shape, node)),
        _ => !map && !list,
    }
}

/// The unit that people mean where they leave it out, by key; `ms` elsewhere.
const USUAL_UNITS: &[(&str, &str)] = &[
    ("horizon", " years"),
    ("keep", " years"),
    ("rto", "min"),
    ("rpo", "min"),
    ("for", "min"),
    ("at", "min"),
    ("duration", "min"),
    ("ttl", "min"),
    ("warm-up", "min"),
    ("eventual-within", "s"),
    ("follows-within", "s"),
    ("every", "d"),
    ("last", "min"),
    ("restore", "h"),
    ("done-within", "min"),
    ("exit-within", "d"),
    ("hold", "h"),
    ("freshness", "min"),
    ("revoked-within", "min"),
    ("reindex-every", " months"),
    ("delete-within", "d"),
    ("release-every", " weeks"),
    ("downtime", "min"),
];

impl Reader<'_> {
    /// The value of a node, read as a shape. `key` is where its key stands, for what isn't there.
    pub(crate) fn value(&mut self, node: &Node, shape: &Shape, key: Span) -> Option<Located<Value>> {
        if node.spoiled {
            return None;
        }
        if node.is_missing() {
            let place = if key.is_none() { node.span } else { key };
            let diagnostic = self
                .error("missing-value", format!("{} has no value", self.here()), place)
                .help(format!("write {}", describe(shape)));
            self.push(diagnostic);
            return None;
        }
        if !fits(shape, node) {
            let found = match node.kind {
                NodeKind::Scalar(..) => shown(node.text().unwrap_or("")),
                NodeKind::List(_) => "a list".into(),
                NodeKind::Map(_) => "a map".into(),
            };
            let diagnostic = self
                .error("wrong-shape", format!("{} can't be {found}", self.here()), node.span)
                .help(format!("write {}", describe(shape)));
            self.push(diagnostic);
            return None;
        }
        let located = |value: Value| Some(Located::new(value, node.span));
        match shape {
            Shape::Record(keys) => {
                let settings = self.record(node, &[keys], key);
                located(Value::Map(settings))
            }
            Shape::Short(name, keys) => {
                let settings = match node.kind {
                    NodeKind::Map(_) => self.record(node, &[keys], key),
                    _ => {
                        let name = Node { kind: NodeKind::Scalar((*name).to_string(), Style::Plain), ..node.clone() };
                        let map =
                            Node { kind: NodeKind::Map(vec![(name, node.clone())]), span: node.span, spoiled: false };
                        self.record(&map, &[keys], key)
                    }
                };
                located(Value::Map(settings))
            }
            Shape::Target(inner) => match node.kind {
                NodeKind::Map(_) => {
                    let settings = self.target(node, inner, key);
                    located(Value::Map(settings))
                }
                _ => {
                    let value = self.value(node, inner, key)?;
                    let mut settings = Settings::new();
                    settings.0.insert("must".into(), value);
                    located(Value::Map(settings))
                }
            },
            Shape::List(inner) => self.list(node, inner).and_then(located),
            Shape::OneOrMany(inner) => match node.kind {
                NodeKind::List(_) => self.list(node, inner).and_then(located),
                _ => {
                    let one = self.value(node, inner, key)?;
                    located(Value::List(vec![one]))
                }
            },
            Shape::Map(what, inner) => {
                let settings = self.map(node, what, inner);
                located(Value::Map(settings))
            }
            Shape::Either(shapes) => self.either(node, shapes, key),
            Shape::Steps => {
                let steps = self.steps(node);
                located(Value::Steps(steps))
            }
            Shape::Operation => {
                let operation = self.operation("", node, key)?;
                located(Value::Steps(operation.steps))
            }
            _ => self.scalar_node(node, shape),
        }
    }

    fn target(&mut self, node: &Node, inner: &Shape, key: Span) -> Settings {
        let mut settings = Settings::new();
        for (name, value) in node.entries() {
            let word = name.text().unwrap_or("");
            if !["must", "want"].contains(&word) {
                let diagnostic = self.unknown_key(name, &["must", "want"]);
                self.push(diagnostic);
                continue;
            }
            self.path.push(word.to_string());
            if let Some(value) = self.value(value, inner, name.span) {
                settings.0.insert(word.to_string(), value);
            }
            self.path.pop();
        }
        if node.get("must").is_none() {
            let diagnostic = self
                .error("missing-key", format!("{} has no `must`", self.here()), key)
                .help("write `{ must: ..., want: ... }`, or the bare value for a must");
            self.push(diagnostic);
        }
        settings
    }

    fn list(&mut self, node: &Node, inner: &Shape) -> Option<Value> {
        let mut items = Vec::new();
        for (nth, item) in node.items().iter().enumerate() {
            let step = item_name(item)
                .or_else(|| item.text().filter(|_| matches!(inner, Shape::Short(..))).map(str::to_string))
                .unwrap_or_else(|| (nth + 1).to_string());
            self.path.push(step);
            if item.is_missing() {
                let diagnostic = self
                    .error("missing-value", "an item of the list is empty", item.span)
                    .help(format!("write {}, or take the item away", describe(inner)));
                self.push(diagnostic);
            } else if let Some(value) = self.value(item, inner, yaml::first_line(self.text, item.span)) {
                items.push(value);
            }
            self.path.pop();
        }
        Some(Value::List(items))
    }

    fn map(&mut self, node: &Node, what: &str, inner: &Shape) -> Settings {
        let mut settings = Settings::new();
        for (key, value) in node.entries() {
            if key.spoiled {
                continue;
            }
            let name = key.text().unwrap_or("").to_string();
            if let Err(complaint) = check_name(&name, what) {
                self.complain(complaint, key.span);
            }
            self.path.push(name.clone());
            if let Some(value) = self.value(value, inner, key.span) {
                settings.0.insert(name, value);
            }
            self.path.pop();
        }
        settings
    }

    fn either(&mut self, node: &Node, shapes: &[Shape], key: Span) -> Option<Located<Value>> {
        let candidates: Vec<&Shape> = shapes.iter().filter(|shape| fits(shape, node)).collect();
        if let [only] = candidates.as_slice() {
            return self.value(node, only, key);
        }
        let before = (self.diagnostics.len(), self.mentions.len(), self.assumptions.len(), self.bare_used);
        let mut tried: Vec<Vec<Diagnostic>> = Vec::new();
        for shape in &candidates {
            let value = self.value(node, shape, key);
            let failed = self.diagnostics[before.0..].iter().any(|diagnostic| diagnostic.severity == Severity::Error);
            if !failed {
                return value;
            }
            tried.push(self.diagnostics.split_off(before.0));
            self.mentions.truncate(before.1);
            for undone in self.assumptions.split_off(before.2) {
                self.assumed.remove(&format!("{} {}", undone.path, undone.value));
            }
            self.bare_used = before.3;
        }
        // A text that came close to one shape gets that shape's message; else all shapes are named.
        let close = |diagnostics: &Vec<Diagnostic>| {
            let vague = ["not-a-quantity", "unknown-word", "unknown-law", "wrong-shape"];
            let guessed = |diagnostic: &Diagnostic| {
                diagnostic.help.as_deref().is_some_and(|help| help.starts_with("did you mean"))
            };
            diagnostics.iter().all(|diagnostic| !vague.contains(&diagnostic.code) || guessed(diagnostic))
        };
        let scalar = node.text().is_some();
        if !scalar || tried.iter().any(close) {
            let best =
                (0..tried.len()).filter(|nth| !scalar || close(&tried[*nth])).min_by_key(|nth| tried[*nth].len());
            if let Some(best) = best {
                self.diagnostics.append(&mut tried[best]);
                return None;
            }
        }
        let wanted = shapes.iter().map(describe).collect::<Vec<_>>().join(", or ");
        let diagnostic = self
            .error("wrong-value", format!("{} can't be {}", self.here(), shown(node.text().unwrap_or(""))), node.span)
            .help(format!("write {wanted}"));
        self.push(diagnostic);
        None
    }

    /// A map with the keys of some tables. Missing keys are reported, or take their default.
    pub(crate) fn record(&mut self, node: &Node, tables: &[&[Key]], anchor: Span) -> Settings {
        self.record_except(node, tables, anchor, &[])
    }

    /// As `record`, but the values of some keys are left to the caller.
    pub(crate) fn record_except(&mut self, node: &Node, tables: &[&[Key]], anchor: Span, skip: &[&str]) -> Settings {
        let mut settings = Settings::new();
        let mut guessed: Vec<&str> = Vec::new();
        let find = |name: &str| tables.iter().flat_map(|table| table.iter()).find(|key| key.name == name);
        for (key, value) in node.entries() {
            if key.spoiled {
                continue;
            }
            let name = key.text().unwrap_or("");
            let Some(word) = find(name) else {
                let names: Vec<&str> = tables.iter().flat_map(|table| table.iter()).map(|key| key.name).collect();
                guessed.extend(guess(name, names.iter().copied()));
                let diagnostic = self.unknown_key(key, &names);
                self.push(diagnostic);
                continue;
            };
            if skip.contains(&name) {
                continue;
            }
            self.path.push(name.to_string());
            if let Some(value) = self.value(value, &word.shape, key.span) {
                settings.0.insert(name.to_string(), value);
            }
            self.path.pop();
        }
        for word in tables.iter().flat_map(|table| table.iter()) {
            if node.get(word.name).is_some() || guessed.contains(&word.name) {
                continue;
            }
            match word.need {
                Need::Required => {
                    let whose = if self.path.is_empty() { "the file".to_string() } else { self.here() };
                    let diagnostic = self
                        .error("missing-key", format!("{whose} has no `{}`", word.name), anchor)
                        .help(format!("write `{}:` and {}", word.name, describe(&word.shape)));
                    self.push(diagnostic);
                }
                Need::Default(text) if self.defaults => {
                    self.path.push(word.name.to_string());
                    if let Some(value) = self.default_value(word, text) {
                        settings.0.insert(word.name.to_string(), value);
                    }
                    self.path.pop();
                }
                _ => {}
            }
        }
        settings
    }

    /// The value of a default, listed as an assumption unless it only stands for the defaults inside it.
    fn default_value(&mut self, word: &Key, text: &str) -> Option<Located<Value>> {
        let value = self.default_of(&word.shape, text)?;
        if text != "{}" {
            self.assume(text, word.manual);
        }
        Some(value)
    }

    /// A default's text, read as its shape, without places.
    pub(crate) fn default_of(&mut self, shape: &Shape, text: &str) -> Option<Located<Value>> {
        let mut node = yaml::parse(text).0?;
        unplaced(&mut node);
        let bare_used = self.bare_used;
        let value = self.value(&node, shape, Span::NONE);
        self.bare_used = bare_used;
        value
    }

    /// Lists an assumption about the current path.
    pub(crate) fn assume(&mut self, value: &str, why: &str) {
        let matches = |pattern: &str| {
            let steps: Vec<&str> = pattern.split('.').collect();
            steps.len() == self.path.len()
                && steps.iter().zip(&self.path).all(|(step, here)| *step == "*" || step == here)
        };
        let (path, why) = match REASONS.iter().find(|(pattern, ..)| matches(pattern)) {
            Some((pattern, true, why)) => ((*pattern).to_string(), *why),
            Some((_, false, why)) => (self.path_text(), *why),
            None => (self.path_text(), why),
        };
        if self.assumed.insert(format!("{path} {value}")) {
            self.assumptions.push(Assumption { path, value: value.to_string(), why: why.to_string() });
        }
    }

    pub(crate) fn unknown_key(&self, key: &Node, names: &[&str]) -> Diagnostic {
        let name = key.text().unwrap_or("");
        let whose = if self.path.is_empty() { "a file of this kind".to_string() } else { self.here() };
        let diagnostic = self.error("unknown-key", format!("{whose} has no key {}", shown(name)), key.span);
        if self.is_full() {
            return diagnostic;
        }
        match guess(name, names.iter().copied()) {
            Some(right) => diagnostic.help(format!("did you mean {}?", shown(right))),
            None => diagnostic.help(format!("its keys are {}", one_of(names.iter().copied(), 16))),
        }
    }

    pub(crate) fn complain(&mut self, complaint: Complaint, span: Span) {
        let mut diagnostic = self.error(complaint.code, complaint.headline, span);
        diagnostic.help = complaint.help;
        diagnostic.notes = complaint.notes;
        self.push(diagnostic);
    }

    fn scalar_node(&mut self, node: &Node, shape: &Shape) -> Option<Located<Value>> {
        let NodeKind::Scalar(text, _) = &node.kind else {
            return None;
        };
        match scalar(text, shape, self.bare) {
            Err(mut complaint) => {
                if complaint.code == "unknown-word" {
                    complaint.headline = format!("{} can't be {}", self.here(), shown(text));
                }
                let usual = USUAL_UNITS.iter().find(|(key, _)| self.path.last().is_some_and(|here| here == key));
                if let (Shape::Duration, "missing-unit", Some((_, unit))) = (shape, complaint.code, usual) {
                    complaint.help = Some(format!("write `{text}{unit}`?"));
                }
                self.complain(complaint, node.span);
                None
            }
            Ok(Value::Dist(law)) if law.is_recorded() && self.vocabulary.is_none() => {
                let complaint = Complaint::new("recording-in-brief", "a brief names no files of its own")
                    .help("write a law with the file's median and 99th percentile: `lognormal(p50 2ms p99 12ms)`");
                self.complain(complaint, node.span);
                None
            }
            Ok(value) => {
                match (shape, &value) {
                    (Shape::Reference(what), Value::Text(name)) => self.mentions.push(Mention {
                        what,
                        name: Located::new(name.clone(), node.span),
                        path: self.path.clone(),
                    }),
                    (Shape::Distribution, _) if !text.contains('(') => {
                        self.bare_used = true;
                        if text.contains("..") {
                            self.assume(
                                &value.to_string(),
                                "the middle of the range is used; the ends of a distribution aren't varied",
                            );
                        }
                    }
                    _ => {}
                }
                Some(Located::new(value, node.span))
            }
        }
    }
}

/// Takes the places away from a node that no file holds.
pub(crate) fn unplaced(node: &mut Node) {
    node.span = Span::NONE;
    match &mut node.kind {
        NodeKind::Scalar(..) => {}
        NodeKind::List(items) => items.iter_mut().for_each(unplaced),
        NodeKind::Map(entries) => entries.iter_mut().for_each(|(key, value)| {
            unplaced(key);
            unplaced(value);
        }),
    }
}
