//! The loads and experiments of a design, from their nodes.

use super::Reader;
use super::design::take_text;
use crate::design::{Experiment, Fault, Load, Year, YearlyFault};
use crate::quantity::Arrivals;
use crate::span::Located;
use crate::text::{one_of, shown};
use crate::units::Seconds;
use crate::value::{Settings, Value};
use crate::vocabulary::{Key, KindWords, Shape};
use crate::words::design as words;
use crate::yaml::{self, Node, NodeKind};

/// The shortest experiment: below it slices of a run come to nothing.
const SHORTEST: Seconds = Seconds(0.001);
/// Most samples of the state in an experiment.
const MOST_SAMPLES: f64 = 1e6;

impl Reader<'_> {
    /// The maps of a list under a key of the root; anything else is reported.
    fn maps<'n>(&mut self, root: &'n Node, key: &str) -> Vec<&'n Node> {
        let Some(node) = root.get(key).filter(|node| !node.spoiled) else {
            return Vec::new();
        };
        let span = if node.is_missing() { self.key_span(root, &[key]) } else { node.span };
        if !matches!(node.kind, NodeKind::List(_)) {
            let diagnostic = self
                .error("wrong-shape", format!("`{key}` is no list of maps"), span)
                .help(format!("write `{key}: [ {{ ... }} ]`"));
            self.push(diagnostic);
        }
        let mut maps = Vec::new();
        for item in node.items().iter().filter(|item| !item.spoiled) {
            if let NodeKind::Map(_) = item.kind {
                maps.push(item);
            } else {
                let diagnostic = self
                    .error("wrong-shape", format!("an item of `{key}` is no map"), item.span)
                    .help("write `{ ... }`");
                self.push(diagnostic);
            }
        }
        maps
    }

    pub(super) fn loads(&mut self, root: &Node) -> Vec<Load> {
        let mut loads = Vec::new();
        self.path.push("load".into());
        for node in self.maps(root, "load") {
            let span = yaml::first_line(self.text, node.span);
            let title =
                ["name", "operation"].iter().find_map(|key| node.get(key).and_then(Node::text)).unwrap_or("load");
            self.path.push(title.to_string());
            let mut tables = vec![words::LOAD];
            tables.extend(self.policies());
            let mut settings = self.record_except(node, &tables, span, &["steps", "route"]);
            let operation = take_text(&mut settings, "operation");
            let name = take_text(&mut settings, "name");
            let steps = node.get("steps").map(|steps| self.steps(steps)).unwrap_or_default();
            let has = |key: &str| node.get(key).is_some();
            let route = node.get("route").and_then(|route| self.route(route, self.key_span(node, &["route"])));
            self.check_mix(node, &settings);
            self.check_from(node, &settings);
            self.check_tenants(&settings);
            let replays = matches!(settings.get("arrivals"), Some(Value::Arrivals(Arrivals::Replay(_))));
            let asks: Vec<&str> = ["operation", "mix", "steps", "route"].into_iter().filter(|key| has(key)).collect();
            // A recording may name the operations.
            if asks.len() > 1 || asks.is_empty() && !replays {
                let headline = match asks.as_slice() {
                    [first, second, ..] => format!("{} has both `{first}` and `{second}`", shown(title)),
                    _ => format!("{} has neither an operation nor steps", shown(title)),
                };
                let diagnostic = self.error("load-asks-nothing", headline, span).help(
                    "write `operation: component.operation`, `mix: { ... }` of several, `steps: [ ... ]` of the \
                     client's own, or a `route`",
                );
                self.push(diagnostic);
            }
            if has("arrivals") == has("users") {
                let diagnostic = self
                    .error(
                        "load-never-comes",
                        format!(
                            "{} has {} arrivals {} users",
                            shown(title),
                            if has("users") { "both" } else { "neither" },
                            if has("users") { "and" } else { "nor" }
                        ),
                        span,
                    )
                    .help("write `arrivals: poisson(900/s)` for an open load, `users: 50` for a closed one");
                self.push(diagnostic);
            }
            if has("think") && !has("users") {
                let diagnostic = self
                    .error("stray-think", "only users think", self.key_span(node, &["think"]))
                    .help("write `users: 50` beside it");
                self.push(diagnostic);
            }
            let users = settings.0.shift_remove("users").and_then(|users| match users.value {
                Value::Count(users) => Some(users),
                _ => None,
            });
            let arrivals = settings.0.shift_remove("arrivals").and_then(|arrivals| match arrivals.value {
                Value::Arrivals(law) => Some(Located::new(law, arrivals.span)),
                _ => None,
            });
            let think = settings.0.shift_remove("think").and_then(|think| match think.value {
                Value::Dist(dist) => Some(dist),
                _ => None,
            });
            loads.push(Load { name, operation, steps, route, arrivals, users, think, settings });
            self.path.pop();
        }
        self.path.pop();
        loads
    }

    pub(super) fn experiments(&mut self, root: &Node) -> Vec<Experiment> {
        let mut experiments = Vec::new();
        self.path.push("experiments".into());
        for node in self.maps(root, "experiments") {
            let span = yaml::first_line(self.text, node.span);
            self.path.push(node.get("name").and_then(Node::text).unwrap_or("experiment").to_string());
            let mut settings = self.record_except(node, &[words::EXPERIMENT], span, &["faults"]);
            let name = take_text(&mut settings, "name").unwrap_or_default();
            let duration = settings.duration("duration").unwrap_or(Seconds(600.0));
            self.check_times(node, duration, settings.duration("sample-every"));
            settings.0.shift_remove("duration");
            let expect = settings.texts("expect");
            settings.0.shift_remove("expect");
            let faults = self.maps(node, "faults").into_iter().filter_map(|node| self.fault(node)).collect();
            experiments.push(Experiment { name, duration, faults, expect, settings });
            self.path.pop();
        }
        self.path.pop();
        experiments
    }

    /// An experiment lasts long enough to be observed, and looks at the state no more often than can be kept.
    fn check_times(&mut self, node: &Node, duration: Seconds, every: Option<Seconds>) {
        if duration.0 < SHORTEST.0 {
            let diagnostic = self
                .error(
                    "experiment-too-short",
                    format!("an experiment of {duration} is too short to observe anything: the least is {SHORTEST}"),
                    self.key_span(node, &["duration"]),
                )
                .help("write `duration: 10min`");
            self.push(diagnostic);
        } else if let Some(every) = every
            && every.0 > 0.0
            && duration.0 / every.0 > MOST_SAMPLES
        {
            let diagnostic = self
                .error(
                    "too-many-samples",
                    format!("looking at the state every {every} for {duration} makes more than a million samples"),
                    self.key_span(node, &["sample-every"]),
                )
                .help(format!("write `sample-every: {}` or more", Seconds((duration.0 / MOST_SAMPLES).max(1e-9))));
            self.push(diagnostic);
        }
    }

    /// `year: { faults: [ { crash: shop, rate: 2/year, for: 5min } ] }`.
    pub(super) fn year(&mut self, root: &Node) -> Option<Year> {
        let node = root.get("year").filter(|node| !node.spoiled && matches!(node.kind, NodeKind::Map(_)))?;
        self.path.push("year".into());
        let settings = self.record_except(node, &[words::YEAR], yaml::first_line(self.text, node.span), &["faults"]);
        let mut year = Year { alone: settings.text("others") == Some("none"), ..Year::default() };
        for node in self.maps(node, "faults") {
            let Some((fault, settings)) = self.fault_with(node, words::YEARLY) else { continue };
            let Some(Value::Rate(rate)) = settings.get("rate") else { continue };
            if rate.low.0 <= 0.0 {
                let diagnostic = self
                    .error("out-of-range", "what never happens costs no year", settings.span("rate"))
                    .help("write such as `rate: 2/year`, or leave the fault out");
                self.push(diagnostic);
            }
            let lasts = match settings.get("for") {
                Some(Value::Duration(lasts)) => Some(*lasts),
                _ => None,
            };
            year.faults.push(YearlyFault { fault, rate: *rate, lasts });
        }
        self.path.pop();
        Some(year)
    }

    fn fault(&mut self, node: &Node) -> Option<Fault> {
        self.fault_with(node, words::FAULT).map(|(fault, _)| fault)
    }

    /// A fault with the keys that stand beside its word, and their values.
    fn fault_with(&mut self, node: &Node, beside: &'static [Key]) -> Option<(Fault, Settings)> {
        let span = yaml::first_line(self.text, node.span);
        let faults = self.faults();
        let names: Vec<&str> = faults.iter().map(|fault| fault.name).collect();
        let mut tables = vec![beside];
        tables.extend(faults.iter().map(|fault| fault.keys));
        let settings = self.record_except(node, &tables, span, &names);
        let said: Vec<(&Node, &Node, &KindWords)> = node
            .entries()
            .iter()
            .filter_map(|(key, value)| Some((key, value, faults.iter().find(|fault| key.text() == Some(fault.name))?)))
            .collect();
        let (key, value, fault) = match said.as_slice() {
            [one] => *one,
            [] => {
                if node.entries().iter().all(|(key, _)| beside.iter().any(|word| key.text() == Some(word.name))) {
                    let diagnostic = self
                        .error("no-fault", "nothing is done here", span)
                        .help(format!("the faults are {}", one_of(names, 40)));
                    self.push(diagnostic);
                }
                return None;
            }
            [first, second, ..] => {
                let diagnostic = self
                    .error(
                        "two-faults",
                        format!("two faults stand in one, {} and {}", shown(first.2.name), shown(second.2.name)),
                        second.0.span,
                    )
                    .help("make two of it");
                self.push(diagnostic);
                return None;
            }
        };
        let shape = fault.keys.iter().find(|key| key.name == fault.name).map_or(Shape::Text, |key| key.shape);
        self.path.push(fault.name.to_string());
        let argument = self.value(value, &shape, key.span);
        self.path.pop();
        let fault = Fault {
            kind: Located::new(fault.name.to_string(), key.span),
            argument: argument?,
            at: settings.duration("at").unwrap_or(Seconds(0.0)),
            lasts: settings.duration("for"),
        };
        Some((fault, settings))
    }
}
