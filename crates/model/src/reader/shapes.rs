//! Nodes into values, by shape: the one place that knows what may stand behind a key.

use super::quantities::{
    COUNT, Complaint, DURATION, FACTOR, GROWTH, GROWTH_AMOUNT, MONEY, Measure, NUMBER, RATE, SHARE, SIZE, count,
    measured,
};
use super::{Mention, Reader, laws};
use crate::brief::Assumption;
use crate::diagnostic::{Diagnostic, Severity, guess};
use crate::quantity::{Dist, Ranged};
use crate::span::{Located, Span};
use crate::text::{is_unruly, one_of, shown};
use crate::units::{Bytes, Money, PerSecond, Seconds, Share};
use crate::value::{Growth, Settings, Value};
use crate::vocabulary::{Key, Need, Shape};
use crate::words::brief::REASONS;
use crate::yaml::{self, Node, NodeKind, Style};

/// The longest name. Unit: characters.
pub const MAX_NAME: usize = 64;
/// The longest free text. Unit: characters.
pub const MAX_TEXT: usize = 2_000;

/// What stands there, in words, for messages.
pub(crate) fn describe(shape: &Shape) -> String {
    let measure = |measure: &Measure| format!("{} such as `{}`", measure.what, measure.example);
    match shape {
        Shape::Text => "text".into(),
        Shape::Name => "a name".into(),
        Shape::Reference(what) => format!("the name of {}", crate::text::with_article(what)),
        Shape::Flag => "`yes` or `no`".into(),
        Shape::Degree => "`no`, `partial` or `yes`".into(),
        Shape::Word(words) => one_of(words.iter().copied(), 12),
        Shape::Count => measure(&COUNT),
        Shape::CountOrUnlimited => format!("{} or `unlimited`", measure(&COUNT)),
        Shape::Number => measure(&NUMBER),
        Shape::Duration => measure(&DURATION),
        Shape::Rate => measure(&RATE),
        Shape::Size => measure(&SIZE),
        Shape::Share => measure(&SHARE),
        Shape::Factor => measure(&FACTOR),
        Shape::Growth => "a growth such as `60%/year` or `200 GB/year`".into(),
        Shape::YearlyGrowth => measure(&GROWTH),
        Shape::MoneyPerMonth => measure(&MONEY),
        Shape::Distribution => "a distribution such as `exp(10ms)`".into(),
        Shape::Arrivals => "arrivals such as `poisson(900/s)`".into(),
        Shape::Popularity => "a popularity such as `zipf(0.9)`".into(),
        Shape::Target(inner) => format!("{}, or `{{ must: ..., want: ... }}`", describe(inner)),
        Shape::List(inner) => match inner {
            Shape::Record(keys) => format!("a list of maps, each with {}", one_of(keys.iter().map(|key| key.name), 4)),
            inner => format!("a list of {}", plural(inner)),
        },
        Shape::OneOrMany(inner) => format!("{} or a list of them", describe(inner)),
        Shape::Map(what, inner) => format!("a map from {} to {}", crate::text::with_article(what), describe(inner)),
        Shape::Record(keys) => format!("a map with {}", one_of(keys.iter().map(|key| key.name), 4)),
        Shape::Short(name, keys) => match keys.iter().find(|key| key.name == *name) {
            Some(key) => {
                format!("{}, or a map with {}", describe(&key.shape), one_of(keys.iter().map(|key| key.name), 4))
            }
            None => "a map".into(),
        },
        Shape::Either(shapes) => shapes.iter().map(describe).collect::<Vec<_>>().join(", or "),
        Shape::Later => "anything".into(),
        Shape::Steps => "a list of steps".into(),
        Shape::Operation => "a list of steps, or a map with `steps`".into(),
    }
}

fn plural(shape: &Shape) -> String {
    match shape {
        Shape::Name | Shape::Reference(_) => "names".into(),
        Shape::Text => "texts".into(),
        Shape::Duration => "durations".into(),
        Shape::Word(words) => format!("words, each {}", one_of(words.iter().copied(), 12)),
        shape => describe(shape),
    }
}

/// Whether a shape may stand as this kind of node.
fn fits(shape: &Shape, node: &Node) -> bool {
    let (map, list) = (matches!(node.kind, NodeKind::Map(_)), matches!(node.kind, NodeKind::List(_)));
    match shape {
        Shape::Record(_) | Shape::Map(..) => map,
        Shape::Target(inner) => map || fits(inner, node),
        Shape::Short(..) => !list,
        Shape::List(_) | Shape::Steps => list,
        Shape::OneOrMany(inner) => list || fits(inner, node),
        Shape::Operation => map || list,
        Shape::Either(shapes) => shapes.iter().any(|shape| fits(shape, node)),
        Shape::Later => true,
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
];

impl Reader<'_> {
    /// The value of a node, read as a shape. `key` is where its key stands, for what isn't there.
    pub(crate) fn value(&mut self, node: &Node, shape: &Shape, key: Span) -> Option<Located<Value>> {
        if node.spoiled {
            return None;
        }
        if let Shape::Later = shape {
            let what = self.here();
            self.push(
                Diagnostic::warning("not-read-yet", format!("{what} is part of the language but not read yet"))
                    .at(key, "left alone")
                    .note("what it says doesn't change any decision or figure"),
            );
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
            let step = ["operation", "name", "lost", "to", "run"]
                .iter()
                .find_map(|key| item.get(key).and_then(Node::text))
                .or_else(|| item.text().filter(|_| matches!(inner, Shape::Short(..))))
                .map_or_else(|| (nth + 1).to_string(), str::to_string);
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

/// Whether a text may be a name of something.
pub(crate) fn check_name(name: &str, what: &str) -> Result<(), Complaint> {
    let bad = |why: String| {
        Complaint::new("bad-name", format!("{} is no name: {why}", shown(name)))
            .help("names are letters, digits, `-`, `_` and `.`, at most 64 characters")
    };
    if name.is_empty() {
        return Err(bad("it is empty".into()));
    }
    if name.chars().count() > MAX_NAME {
        return Err(bad(format!("it has {} characters", name.chars().count())));
    }
    if let Some(c) = name.chars().find(|c| !c.is_alphanumeric() && !matches!(c, '-' | '_' | '.')) {
        return Err(bad(if c == ' ' {
            "it has a space".into()
        } else {
            format!("it has a {}", shown(&c.to_string()))
        }));
    }
    if name.contains('.') && ["module", "operation", "data set", "outside", "component"].contains(&what) {
        return Err(Complaint::new(
            "bad-name",
            format!("{} is no name of {}: it has a dot", shown(name), crate::text::with_article(what)),
        )
        .help("a dot parts a module from its operation: use `-`"));
    }
    Ok(())
}

/// A scalar's text, read as a shape.
pub(crate) fn scalar(text: &str, shape: &Shape, bare: fn(f64) -> Dist) -> Result<Value, Complaint> {
    fn ranged<T: Copy + PartialEq>(range: Ranged<f64>, wrap: impl Fn(f64) -> T) -> Ranged<T> {
        Ranged { low: wrap(range.low), high: wrap(range.high) }
    }
    Ok(match shape {
        Shape::Text => Value::Text(free_text(text)?),
        Shape::Name => {
            check_name(text, "name")?;
            Value::Text(text.to_string())
        }
        Shape::Reference(what) => {
            if text.is_empty()
                || text.chars().count() > 2 * MAX_NAME + 1
                || text.chars().any(|c| !c.is_alphanumeric() && !matches!(c, '-' | '_' | '.' | '/'))
            {
                return Err(Complaint::new(
                    "bad-name",
                    format!("{} is no name of {}", shown(text), crate::text::with_article(what)),
                )
                .help("names are letters, digits, `-`, `_` and `.`"));
            }
            Value::Text(text.to_string())
        }
        Shape::Flag => match text {
            "yes" | "true" => Value::Flag(true),
            "no" | "false" => Value::Flag(false),
            _ => return Err(not_a_word(text, &["yes", "no"])),
        },
        Shape::Degree => match text {
            "yes" | "true" => Value::Text("yes".into()),
            "no" | "false" => Value::Text("no".into()),
            "partial" => Value::Text("partial".into()),
            _ => return Err(not_a_word(text, &["no", "partial", "yes"])),
        },
        Shape::Word(words) => {
            if !words.contains(&text) {
                return Err(not_a_word(text, words));
            }
            Value::Text(text.to_string())
        }
        Shape::Count => Value::Count(count(text)?),
        Shape::CountOrUnlimited => {
            if text == "unlimited" {
                Value::Unlimited
            } else {
                match count(text) {
                    Err(complaint) if complaint.code == "not-a-quantity" => {
                        let complaint =
                            Complaint::new("not-a-quantity", format!("{} is not a whole number", shown(text)));
                        return Err(match guess(text, ["unlimited"]) {
                            Some(_) => complaint.help("did you mean `unlimited`?"),
                            None => complaint.help("write one such as `200k`, or `unlimited`"),
                        });
                    }
                    other => Value::Count(other?),
                }
            }
        }
        Shape::Number => Value::Number(measured(text, &NUMBER)?),
        Shape::Duration => Value::Duration(ranged(measured(text, &DURATION)?, Seconds)),
        Shape::Rate => Value::Rate(ranged(measured(text, &RATE)?, PerSecond)),
        Shape::Size => Value::Size(ranged(measured(text, &SIZE)?, Bytes)),
        Shape::Share => Value::Share(ranged(measured(text, &SHARE)?, Share)),
        Shape::Factor => Value::Factor(measured(text, &FACTOR)?),
        Shape::YearlyGrowth => Value::Share(ranged(measured(text, &GROWTH)?, Share)),
        Shape::Growth => {
            if text.contains('%') {
                Value::Growth(Growth::Relative(measured(text, &GROWTH)?.mid()))
            } else {
                Value::Growth(Growth::Amount(Bytes(measured(text, &GROWTH_AMOUNT)?.mid())))
            }
        }
        Shape::MoneyPerMonth => Value::Money(ranged(measured(text, &MONEY)?, Money)),
        Shape::Distribution => Value::Dist(laws::distribution(text, bare)?),
        Shape::Arrivals => Value::Arrivals(laws::arrivals(text)?),
        Shape::Popularity => Value::Popularity(laws::popularity(text)?),
        // Everything else is no scalar, and `fits` has said so before.
        _ => {
            return Err(Complaint::new("wrong-shape", format!("{} can't stand here", shown(text)))
                .help(format!("write {}", describe(shape))));
        }
    })
}

fn not_a_word(text: &str, words: &[&str]) -> Complaint {
    let complaint =
        Complaint::new("unknown-word", format!("{} is not one of the words that can stand here", shown(text)));
    let alike = [("on", "yes"), ("off", "no"), ("none", "no"), ("full", "yes"), ("24x7", "always"), ("24/7", "always")];
    let meant = alike
        .iter()
        .find(|(wrong, right)| *wrong == text.to_lowercase() && words.contains(right))
        .map(|(_, right)| *right);
    match meant.or_else(|| guess(text, words.iter().copied())) {
        Some(right) => complaint.help(format!("did you mean {}?", shown(right))),
        None => complaint.help(format!("write {}", one_of(words.iter().copied(), 12))),
    }
}

fn free_text(text: &str) -> Result<String, Complaint> {
    if text.chars().count() > MAX_TEXT {
        return Err(Complaint::new(
            "text-too-long",
            format!("the text has {} characters; at most {MAX_TEXT} are read", text.chars().count()),
        ));
    }
    if let Some(c) = text.chars().find(|c| is_unruly(*c) && !matches!(c, '\n' | '\t')) {
        return Err(Complaint::new(
            "control-character",
            format!("the text has the control character {}", shown(&c.to_string())),
        )
        .help("take it away"));
    }
    if text.contains(['\n', '\t']) {
        return Ok(text.split_whitespace().collect::<Vec<_>>().join(" "));
    }
    Ok(text.to_string())
}
