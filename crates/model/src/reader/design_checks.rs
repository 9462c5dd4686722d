//! What a design says as a whole: names that must be declared, duplicates, places.
//!
//! What a kind, policy or fault means is `sim`'s to check when it compiles a design; so are expectations.

use super::Reader;
use crate::design::{Component, Design};
use crate::diagnostic::Diagnostic;
use crate::span::{Located, Span};
use crate::text::shown;
use crate::value::{Settings, Value};
use std::collections::HashMap;

impl Reader<'_> {
    pub(crate) fn check_design(&mut self, design: &Design) {
        self.check_mentions(design);
        let mut names: HashMap<&str, Span> = HashMap::new();
        let titles = design.load.iter().map(|load| {
            let span = load.name.as_ref().or(load.operation.as_ref()).map_or(Span::NONE, |name| name.span);
            ("load", load.title(), span)
        });
        let experiments =
            design.experiments.iter().map(|experiment| ("experiments", experiment.name.as_str(), experiment.name.span));
        let mut found: Vec<Diagnostic> = Vec::new();
        for (list, name, span) in titles {
            if let Some(first) = names.insert(name, span) {
                found.push(
                    Diagnostic::error("duplicate-name", format!("{} stands twice in `{list}`", shown(name)))
                        .at(span, "again here")
                        .at(first, "first here")
                        .help("give each a `name` of its own"),
                );
            }
        }
        names.clear();
        for (list, name, span) in experiments {
            if let Some(first) = names.insert(name, span) {
                found.push(
                    Diagnostic::error("duplicate-name", format!("{} stands twice in `{list}`", shown(name)))
                        .at(span, "again here")
                        .at(first, "first here")
                        .help("give each a name of its own"),
                );
            }
        }
        for (from, to, _) in &design.network.between_regions {
            for name in [from, to] {
                if !design.places.iter().any(|place| place.name.value == *name) {
                    found.push(
                        Diagnostic::error(
                            "unknown-place",
                            format!("the network speaks of {}, which is no place", shown(name)),
                        )
                        .help("declare it under `places`"),
                    );
                }
            }
        }
        let used = |place: &str| {
            design
                .components
                .iter()
                .any(|component| component.place.as_ref().is_some_and(|at| at.split('/').next() == Some(place)))
        };
        for (nth, a) in design.places.iter().enumerate() {
            for b in design.places.iter().skip(nth + 1) {
                let known =
                    design.network.between_regions.iter().any(|(from, to, _)| {
                        (from == &*a.name && to == &*b.name) || (from == &*b.name && to == &*a.name)
                    });
                if !known && used(&a.name) && used(&b.name) {
                    found.push(
                        Diagnostic::warning(
                            "no-round-trip",
                            format!(
                                "the round trip between {} and {} isn't said, so it takes no time",
                                shown(&a.name),
                                shown(&b.name)
                            ),
                        )
                        .at(b.name.span, "")
                        .help(format!(
                            "write `between-regions: {{ {}: {{ {}: 70ms }} }}` under `network`",
                            *a.name, *b.name
                        )),
                    );
                }
            }
        }
        self.diagnostics.append(&mut found);
    }

    fn check_mentions(&mut self, design: &Design) {
        let components: Vec<(&str, Span)> =
            design.components.iter().map(|component| (component.name.as_str(), component.name.span)).collect();
        let operations: Vec<(String, Span)> = design
            .components
            .iter()
            .flat_map(|component| {
                component
                    .operations
                    .iter()
                    .map(move |operation| (format!("{}.{}", *component.name, *operation.name), operation.name.span))
            })
            .collect();
        let operations: Vec<(&str, Span)> = operations.iter().map(|(name, span)| (name.as_str(), *span)).collect();
        let held: Vec<(String, Span)> =
            design.components.iter().flat_map(|component| names_in(&component.settings, "holds")).collect();
        let topics: Vec<(String, Span)> =
            design.components.iter().flat_map(|component| names_in(&component.settings, "topics")).collect();
        let borrow = |names: &'_ [(String, Span)]| -> Vec<(String, Span)> { names.to_vec() };
        let stores: Vec<(String, Span)> =
            components.iter().map(|(name, span)| ((*name).to_string(), *span)).chain(borrow(&held)).collect();
        let stores: Vec<(&str, Span)> = stores.iter().map(|(name, span)| (name.as_str(), *span)).collect();
        let published: Vec<(String, Span)> =
            topics.iter().cloned().chain(stores.iter().map(|(name, span)| ((*name).to_string(), *span))).collect();
        let published: Vec<(&str, Span)> = published.iter().map(|(name, span)| (name.as_str(), *span)).collect();
        let find = |name: &str| design.components.iter().find(|component| component.name.value == name);
        for mention in std::mem::take(&mut self.mentions) {
            let name = &mention.name;
            match mention.what {
                "component" if find(name).is_none() => {
                    let diagnostic = self.unknown_name("unknown-component", "component", name, &components);
                    self.push(diagnostic);
                }
                "operation" => self.check_operation(name, find, &components, &operations),
                "store" | "data set" if !stores.iter().any(|(known, _)| *known == name.as_str()) => {
                    let diagnostic = self.unknown_name("unknown-component", "component", name, &stores);
                    self.push(diagnostic);
                }
                "topic" if !published.iter().any(|(known, _)| *known == name.as_str()) => {
                    let topics: Vec<(&str, Span)> = topics.iter().map(|(name, span)| (name.as_str(), *span)).collect();
                    let diagnostic = self.unknown_name("unknown-topic", "topic", name, &topics);
                    self.push(diagnostic);
                }
                "place" => self.check_place(design, name),
                "local operation" => {
                    let own = mention.path.get(1).and_then(|component| find(component));
                    let Some(own) = own else { continue };
                    if own.operations.iter().any(|operation| operation.name.value == name.value) {
                        continue;
                    }
                    let own: Vec<(&str, Span)> =
                        own.operations.iter().map(|operation| (operation.name.as_str(), operation.name.span)).collect();
                    let diagnostic = self.unknown_name("unknown-operation", "operation of this component", name, &own);
                    self.push(diagnostic);
                }
                _ => {}
            }
        }
    }

    /// `component.operation`, or a component that answers by itself; an operation of a component without operations of
    /// its own (a load balancer's) is resolved by what stands behind it.
    fn check_operation<'d>(
        &mut self,
        name: &Located<String>,
        find: impl Fn(&str) -> Option<&'d Component>,
        components: &[(&str, Span)],
        operations: &[(&str, Span)],
    ) {
        let (component, operation) =
            name.split_once('.').map_or((name.as_str(), None), |(component, operation)| (component, Some(operation)));
        let Some(found) = find(component) else {
            let diagnostic = if operation.is_some() && components.iter().any(|_| true) {
                let guessed = crate::diagnostic::guess(name, operations.iter().map(|(name, _)| *name)).is_some();
                let declared = if guessed { operations } else { components };
                let short = Located::new(if guessed { name.value.clone() } else { component.to_string() }, name.span);
                let mut diagnostic = self.unknown_name("unknown-component", "component", &short, declared);
                diagnostic.headline = format!("no component is called {}", shown(component));
                diagnostic
            } else {
                self.unknown_name("unknown-component", "component", name, components)
            };
            self.push(diagnostic);
            return;
        };
        let own: Vec<(&str, Span)> =
            found.operations.iter().map(|operation| (operation.name.as_str(), operation.name.span)).collect();
        match operation {
            Some(operation) if !own.is_empty() && !own.iter().any(|(known, _)| *known == operation) => {
                let short = Located::new(operation.to_string(), name.span);
                let mut diagnostic = self.unknown_name("unknown-operation", "operation", &short, &own);
                diagnostic.headline = format!("{} has no operation {}", shown(component), shown(operation));
                self.push(diagnostic);
            }
            _ => {}
        }
    }

    fn check_place(&mut self, design: &Design, name: &Located<String>) {
        let (region, zone) = name.split_once('/').map_or((name.as_str(), None), |(region, zone)| (region, Some(zone)));
        let places: Vec<(&str, Span)> =
            design.places.iter().map(|place| (place.name.as_str(), place.name.span)).collect();
        let Some(place) = design.places.iter().find(|place| place.name.value == region) else {
            let short = Located::new(region.to_string(), name.span);
            let mut diagnostic = self.unknown_name("unknown-place", "place", &short, &places);
            if places.is_empty() {
                diagnostic.help = Some(format!("declare it: `places: {{ {region}: {{ zones: [a, b, c] }} }}`"));
            }
            self.push(diagnostic);
            return;
        };
        if let Some(zone) = zone.filter(|zone| !place.zones.iter().any(|known| known == zone)) {
            let zones: Vec<(&str, Span)> = place.zones.iter().map(|zone| (zone.as_str(), Span::NONE)).collect();
            let short = Located::new(zone.to_string(), name.span);
            let mut diagnostic = self.unknown_name("unknown-place", "zone", &short, &zones);
            diagnostic.headline = format!("{} has no zone {}", shown(region), shown(zone));
            self.push(diagnostic);
        }
    }
}

/// The names in a list, or the keys of a map.
fn names_in(settings: &Settings, key: &str) -> Vec<(String, Span)> {
    match settings.get(key) {
        Some(Value::Map(map)) => map.0.iter().map(|(name, value)| (name.clone(), value.span)).collect(),
        _ => settings.texts(key).into_iter().map(|name| (name.value, name.span)).collect(),
    }
}
