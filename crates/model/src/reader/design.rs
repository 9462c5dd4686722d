//! A design from its nodes. What the whole file says is checked in `design_checks`.

use super::{FileKind, Read, Reader};

mod variants;

use crate::design::{Component, Design, Keep, Network, Operation, OperationTarget, Place, Step, Verb};
use crate::diagnostic::{Diagnostic, guess};
use crate::physics;
use crate::quantity::Dist;
use crate::span::{Located, Span};
use crate::text::{one_of, shown};
use crate::units::Seconds;
use crate::value::{Settings, Value};
use crate::vocabulary::{Key, KindWords, Shape, Vocabulary};
use crate::words::design as words;
use crate::yaml::{self, Node, NodeKind};
use std::collections::{HashMap, HashSet};

/// A design, read by the words of a vocabulary.
#[must_use]
pub fn read_design(text: &str, vocabulary: &Vocabulary) -> Read<Design> {
    let mut reader = Reader::new(text, Dist::Const);
    reader.vocabulary = Some(vocabulary);
    let Some(root) = reader.root() else {
        return reader.finish(None);
    };
    if !reader.right_kind(&root, FileKind::Design) {
        return reader.finish(None);
    }
    let mut design = reader.design(&root);
    reader.check_design(&design);
    design.variants = variants::of(&mut reader, &root, &design, vocabulary);
    reader.finish(Some(design))
}

/// A design from a changed tree: spans of what was put in are none.
fn read_changed(text: &str, root: &Node, vocabulary: &Vocabulary) -> Read<Design> {
    let mut reader = Reader::new(text, Dist::Const);
    reader.vocabulary = Some(vocabulary);
    let design = reader.design(root);
    reader.check_design(&design);
    reader.finish(Some(design))
}

/// Takes a text out of settings.
pub(super) fn take_text(settings: &mut Settings, key: &str) -> Option<Located<String>> {
    let located = settings.0.shift_remove(key)?;
    match located.value {
        Value::Text(text) => Some(Located::new(text, located.span)),
        _ => None,
    }
}

fn entries(settings: &Settings, key: &str) -> Vec<(String, Located<Value>)> {
    settings
        .map(key)
        .map(|map| map.0.iter().map(|(name, value)| (name.clone(), value.clone())).collect())
        .unwrap_or_default()
}

fn target(settings: &Settings) -> OperationTarget {
    OperationTarget { p99: settings.duration("p99"), availability: settings.share("availability") }
}

impl Reader<'_> {
    fn kinds(&self) -> &'static [KindWords] {
        self.vocabulary.map_or(&[], |vocabulary| vocabulary.kinds)
    }
    pub(super) fn policies(&self) -> Vec<&'static [Key]> {
        self.vocabulary.map_or(&[][..], |vocabulary| vocabulary.policies).iter().map(|policy| policy.keys).collect()
    }
    pub(super) fn faults(&self) -> &'static [KindWords] {
        self.vocabulary.map_or(&[], |vocabulary| vocabulary.faults)
    }

    fn design(&mut self, root: &Node) -> Design {
        let start = Span { start: root.span.start, end: root.span.start };
        let settings =
            self.record_except(root, &[words::DESIGN], start, &["components", "load", "experiments", "year"]);
        self.check_version(&settings);
        let mut design = Design {
            name: settings.text("name").unwrap_or("").to_string(),
            about: settings.text("about").unwrap_or("").to_string(),
            ..Design::default()
        };
        let said = root.get("places").map(Node::entries).unwrap_or_default();
        let spans: HashMap<&str, Span> = said.iter().filter_map(|(key, _)| Some((key.text()?, key.span))).collect();
        for (name, place) in entries(&settings, "places") {
            let Value::Map(place_settings) = &place.value else { continue };
            let zones: Vec<String> = place_settings.texts("zones").into_iter().map(|zone| zone.value).collect();
            let span = spans.get(name.as_str()).copied().unwrap_or(Span::NONE);
            if zones.is_empty() && place_settings.get("zones").is_some() {
                let diagnostic = self
                    .error("no-zones", format!("{} has no zones", shown(&name)), span)
                    .help("write `zones: [a, b, c]`");
                self.push(diagnostic);
            }
            design.places.push(Place { name: Located::new(name, span), zones });
        }
        design.network = self.network(&settings);
        for keep in settings.list("keeps") {
            if let Value::Map(keep) = &keep.value {
                let atomic = keep.texts("atomic").into_iter().map(|name| name.value).collect();
                design.keeps.push(Keep { atomic, by: keep.text("by").unwrap_or("saga").to_string() });
            }
        }
        if let Some(node) = root.get("components") {
            design.components = self.components(node, root);
        }
        self.check_tenants(&settings);
        design.tenants = settings.map("tenants").cloned();
        design.load = self.loads(root);
        design.experiments = self.experiments(root);
        design.year = self.year(root);
        design
    }

    fn network(&mut self, settings: &Settings) -> Network {
        let mut network = Network::default();
        let Some(map) = settings.map("network") else {
            return network;
        };
        network.within_zone = map.duration("within-zone").unwrap_or(Seconds(0.0));
        network.between_zones = map.duration("between-zones").unwrap_or(Seconds(0.0));
        network.bandwidth = map.bandwidth("bandwidth");
        network.loss = map.share("loss").unwrap_or_default();
        network.public = map.text("between-regions") == Some("public");
        let mut said: HashSet<(String, String)> = HashSet::new();
        for (from, inner) in entries(map, "between-regions") {
            let Value::Map(inner) = &inner.value else { continue };
            for (to, time) in &inner.0 {
                let Value::Duration(duration) = &time.value else { continue };
                if !said.insert((from.clone(), to.clone())) || said.contains(&(to.clone(), from.clone())) {
                    let diagnostic = self
                        .error(
                            "duplicate-name",
                            format!("the round trip between {} and {} is said twice", shown(&from), shown(to)),
                            time.span,
                        )
                        .help("a round trip is the same in both directions: keep one");
                    self.push(diagnostic);
                    continue;
                }
                let bound = physics::fibre_round_trip(&from, to).filter(|bound| duration.mid().0 < bound.0);
                if let Some(bound) = bound {
                    let (a, b) = (shown(&from), shown(to));
                    let headline = format!("{} between {a} and {b} is faster than light", duration.mid());
                    let km = physics::distance_km(&from, to).unwrap_or(0.0);
                    let diagnostic = Diagnostic::warning("faster-than-light", headline)
                        .at(time.span, "")
                        .note(format!("{km:.0} km of fibre there and back take {bound}"))
                        .help(
                            "measured round trips are 1.3 to 2.6 times as long; `between-regions: public` takes those",
                        );
                    self.push(diagnostic);
                }
                network.between_regions.push((from.clone(), to.clone(), duration.mid()));
            }
        }
        network
    }

    /// Where a key stands, by the names on the way to it.
    pub(crate) fn key_span(&self, root: &Node, path: &[&str]) -> Span {
        let mut node = root;
        let mut span = Span::NONE;
        for step in path {
            let Some((key, value)) = node.entries().iter().find(|(key, _)| key.text() == Some(*step)) else {
                return span;
            };
            span = key.span;
            node = value;
        }
        span
    }

    fn components(&mut self, node: &Node, root: &Node) -> Vec<Component> {
        let mut components = Vec::new();
        if node.spoiled {
            return components;
        }
        self.path.push("components".into());
        if !matches!(node.kind, NodeKind::Map(_)) {
            let span = if node.is_missing() { self.key_span(root, &["components"]) } else { node.span };
            let diagnostic = self
                .error("wrong-shape", "`components` is no map of components", span)
                .help("write `components: { server: { kind: service, ... } }`");
            self.push(diagnostic);
        }
        for (key, value) in node.entries() {
            if key.spoiled {
                continue;
            }
            let name = key.text().unwrap_or("").to_string();
            if let Err(complaint) = super::scalars::check_name(&name, "component") {
                self.complain(complaint, key.span);
            }
            self.path.push(name.clone());
            components.extend(self.component(Located::new(name, key.span), value, key.span));
            self.path.pop();
        }
        if components.is_empty() && matches!(node.kind, NodeKind::Map(_)) && node.entries().is_empty() {
            let diagnostic = self.error("no-components", "a design has at least one component", node.span);
            self.push(diagnostic);
        }
        self.path.pop();
        components
    }

    fn component(&mut self, name: Located<String>, node: &Node, key: Span) -> Option<Component> {
        if node.spoiled {
            return None;
        }
        if !matches!(node.kind, NodeKind::Map(_)) {
            let diagnostic = self
                .error(
                    "wrong-shape",
                    format!("{} is no map with a `kind`", shown(&name)),
                    if node.is_missing() { key } else { node.span },
                )
                .help("write `{ kind: service, ... }`");
            self.push(diagnostic);
            return None;
        }
        let kinds = self.kinds();
        let said = node.get("kind").and_then(Node::text).unwrap_or("");
        let words = kinds.iter().find(|kind| kind.name == said);
        let mut settings = match words {
            Some(words) => self.record_except(node, &[words::COMPONENT, words.keys], key, &["operations"]),
            None => {
                // Without its kind nothing is known of the other keys: only the kind is reported.
                match node.get("kind") {
                    Some(kind) if !kind.spoiled => {
                        let diagnostic =
                            self.error("unknown-kind", format!("no component is of kind {}", shown(said)), kind.span);
                        let diagnostic = match guess(said, kinds.iter().map(|kind| kind.name)) {
                            Some(right) => diagnostic.help(format!("did you mean {}?", shown(right))),
                            None => diagnostic
                                .help(format!("the kinds are {}", one_of(kinds.iter().map(|kind| kind.name), 40))),
                        };
                        self.push(diagnostic);
                    }
                    Some(_) => {}
                    None => {
                        let diagnostic = self
                            .error("missing-key", format!("{} has no `kind`", shown(&name)), key)
                            .help(format!("the kinds are {}", one_of(kinds.iter().map(|kind| kind.name), 40)));
                        self.push(diagnostic);
                    }
                }
                Settings::new()
            }
        };
        let kind = take_text(&mut settings, "kind").unwrap_or_else(|| said.into());
        let place = take_text(&mut settings, "place");
        let mut operations = Vec::new();
        if let Some(node) = node.get("operations").filter(|node| !node.spoiled) {
            self.path.push("operations".into());
            if !matches!(node.kind, NodeKind::Map(_)) {
                let diagnostic = self
                    .error("wrong-shape", "`operations` is no map of operations", node.span)
                    .help("write `operations: { serve: [ { compute: exp(10ms) } ] }`");
                self.push(diagnostic);
            }
            for (key, value) in node.entries() {
                if key.spoiled || value.spoiled {
                    continue;
                }
                let name = key.text().unwrap_or("").to_string();
                if let Err(complaint) = super::scalars::check_name(&name, "operation") {
                    self.complain(complaint, key.span);
                }
                self.path.push(name.clone());
                if let Some(mut operation) = self.operation(&name, value, key.span) {
                    operation.name.span = key.span;
                    operations.push(operation);
                }
                self.path.pop();
            }
            self.path.pop();
        }
        Some(Component { name, kind, place, operations, settings })
    }

    /// One operation: a list of steps, or a map with `steps`.
    pub(crate) fn operation(&mut self, name: &str, node: &Node, key: Span) -> Option<Operation> {
        let mut operation = Operation::new(name, Vec::new());
        match &node.kind {
            NodeKind::List(_) => operation.steps = self.steps(node),
            NodeKind::Map(entries) => {
                let verb = entries
                    .iter()
                    .filter_map(|(key, _)| key.text())
                    .find(|name| words::VERBS.iter().any(|verb| verb.name == *name));
                if let (None, Some(verb)) = (node.get("steps"), verb) {
                    let diagnostic = self
                        .error("wrong-shape", format!("{} is one step, not a list of steps", self.here()), node.span)
                        .help(format!("write `[ {{ {verb}: ... }} ]`"));
                    self.push(diagnostic);
                    return None;
                }
                let mut tables = vec![words::OPERATION];
                tables.extend(self.policies());
                let mut settings = self.record_except(node, &tables, key, &["steps"]);
                operation.stands_for = take_text(&mut settings, "as");
                operation.handles = take_text(&mut settings, "handles");
                if let Some(Located { value: Value::Map(map), .. }) = settings.0.shift_remove("target") {
                    operation.target = Some(target(&map));
                }
                if let Some(steps) = node.get("steps") {
                    self.path.push("steps".into());
                    operation.steps = self.steps(steps);
                    self.path.pop();
                }
                operation.settings = settings;
            }
            NodeKind::Scalar(..) => {
                let diagnostic = self
                    .error(
                        "wrong-shape",
                        format!("{} is no list of steps", self.here()),
                        if node.is_missing() { key } else { node.span },
                    )
                    .help("write `[ { compute: exp(10ms) } ]`, or a map with `steps`");
                self.push(diagnostic);
                return None;
            }
        }
        Some(operation)
    }

    /// The steps of a list.
    pub(crate) fn steps(&mut self, node: &Node) -> Vec<Step> {
        if node.spoiled {
            return Vec::new();
        }
        if !matches!(node.kind, NodeKind::List(_)) {
            let diagnostic = self
                .error("wrong-shape", format!("{} is no list of steps", self.here()), node.span)
                .help("write `[ { compute: exp(10ms) } ]`");
            self.push(diagnostic);
        }
        let mut steps = Vec::new();
        for (nth, item) in node.items().iter().enumerate() {
            self.path.push((nth + 1).to_string());
            steps.extend(self.step(item));
            self.path.pop();
        }
        steps
    }

    pub(super) fn step(&mut self, node: &Node) -> Option<Step> {
        if node.spoiled {
            return None;
        }
        let verbs = || one_of(words::VERBS.iter().map(|verb| verb.name), 20);
        let span = yaml::first_line(self.text, node.span);
        if !matches!(node.kind, NodeKind::Map(_)) {
            let diagnostic = self
                .error("wrong-shape", "a step is a map with one verb", node.span)
                .help("write such as `{ compute: exp(10ms) }`");
            self.push(diagnostic);
            return None;
        }
        let said: Vec<(&Node, &Node, &Key)> = node
            .entries()
            .iter()
            .filter(|(key, value)| !key.spoiled && !value.spoiled)
            .filter_map(|(key, value)| {
                let verb = words::VERBS.iter().find(|verb| key.text() == Some(verb.name))?;
                Some((key, value, verb))
            })
            .collect();
        let names: Vec<&str> = words::VERBS.iter().map(|verb| verb.name).collect();
        let mut skip = names.clone();
        skip.push("steps");
        let mut tables = vec![words::VERBS, words::STEP];
        tables.extend(self.policies());
        let settings = self.record_except(node, &tables, span, &skip);
        let (key, value, verb) = match said.as_slice() {
            [one] => *one,
            [] => {
                // An unknown key was reported already and may well be the verb.
                if node.entries().iter().all(|(key, _)| {
                    tables.iter().flat_map(|table| table.iter()).any(|word| key.text() == Some(word.name))
                }) {
                    let diagnostic =
                        self.error("no-verb", "the step has no verb", span).help(format!("the verbs are {}", verbs()));
                    self.push(diagnostic);
                }
                return None;
            }
            [first, second, ..] => {
                let diagnostic = self
                    .error(
                        "two-verbs",
                        format!("the step has two verbs, {} and {}", shown(first.2.name), shown(second.2.name)),
                        second.0.span,
                    )
                    .help("make two steps of it");
                self.push(diagnostic);
                return None;
            }
        };
        self.path.push(verb.name.to_string());
        let verb = self.verb(verb, key, value, node);
        self.path.pop();
        Some(Step { verb: verb?, settings, span: key.span })
    }

    fn verb(&mut self, verb: &Key, key: &Node, value: &Node, step: &Node) -> Option<Verb> {
        if let "transaction" | "repeat" = verb.name {
            if step.get("steps").is_none() {
                let diagnostic = self
                    .error("missing-key", format!("`{}` has no `steps` beside it", verb.name), key.span)
                    .help("write `steps: [ ... ]` in the same step");
                self.push(diagnostic);
            }
        } else if step.get("steps").is_some() {
            let diagnostic =
                self.error("stray-steps", format!("`{}` takes no `steps`", verb.name), self.key_span(step, &["steps"]));
            self.push(diagnostic);
        }
        let inner = |reader: &mut Self| step.get("steps").map(|node| reader.steps(node)).unwrap_or_default();
        if verb.name == "branch" {
            return self.branch(value).map(Verb::Branch);
        }
        let read = self.value(value, &verb.shape, key.span);
        if let "transaction" | "repeat" = verb.name {
            // The steps are read even where the verb's own value is wrong, for their diagnostics.
            let steps = inner(self);
            let read = read?;
            return match read.value {
                Value::Text(name) => Some(Verb::Transaction(Located::new(name, read.span), steps)),
                Value::Count(times) if times <= 1_000_000 => Some(Verb::Repeat(times, steps)),
                _ => {
                    let diagnostic = self.error("out-of-range", "`repeat` is at most 1M", value.span);
                    self.push(diagnostic);
                    None
                }
            };
        }
        let read = read?;
        let span = read.span;
        match read.value {
            Value::Steps(steps) => Some(Verb::Parallel(steps)),
            Value::Dist(dist) if verb.name == "compute" => Some(Verb::Compute(dist)),
            Value::Dist(dist) => Some(Verb::Wait(dist)),
            Value::Text(name) => {
                let name = Located::new(name, span);
                Some(match verb.name {
                    "call" => Verb::Call(name),
                    "send" => Verb::Send(name),
                    "read" => Verb::Read(name),
                    "write" => Verb::Write(name),
                    "publish" => Verb::Publish(name),
                    "enqueue" => Verb::Enqueue(name),
                    "local" => Verb::Local(name),
                    _ => Verb::Answer(name),
                })
            }
            _ => None,
        }
    }

    fn branch(&mut self, node: &Node) -> Option<Vec<(crate::units::Share, Vec<Step>)>> {
        if !matches!(node.kind, NodeKind::Map(_)) {
            let diagnostic = self
                .error("wrong-shape", "`branch` is no map from shares to steps", node.span)
                .help("write `branch: { 98%: [ ... ], 2%: [ ... ] }`");
            self.push(diagnostic);
            return None;
        }
        let (mut ways, mut whole) = (Vec::new(), true);
        for (key, steps) in node.entries() {
            if key.spoiled || steps.spoiled {
                whole = false;
                continue;
            }
            let name = key.text().unwrap_or("");
            self.path.push(name.to_string());
            let share = super::scalars::scalar(name, &Shape::Share, self.bare);
            let steps = self.steps(steps);
            match share {
                Ok(Value::Share(share)) => ways.push((share.mid(), steps)),
                Ok(_) => whole = false,
                Err(complaint) => {
                    whole = false;
                    self.complain(complaint, key.span);
                }
            }
            self.path.pop();
        }
        let sum: f64 = ways.iter().map(|(share, _)| share.0).sum();
        if whole && (sum - 1.0).abs() > 1e-9 {
            let shares: Vec<String> = ways.iter().map(|(share, _)| share.to_string()).collect();
            let diagnostic = self
                .error(
                    "shares-not-whole",
                    format!("the shares add up to {}, not 100%", crate::units::Share(sum)),
                    node.span,
                )
                .note(format!("{} = {}", shares.join(" + "), crate::units::Share(sum)));
            self.push(diagnostic);
        }
        Some(ways)
    }
}
