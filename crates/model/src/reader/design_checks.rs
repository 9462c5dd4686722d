//! What a design says as a whole: names that must be declared, duplicates, places.
//!
//! What a kind, policy or fault means is `sim`'s to check when it compiles a design; so are expectations.

use super::Reader;
use crate::design::{Component, Design, Place};
use crate::diagnostic::{Diagnostic, guess};
use crate::round_trips;
use crate::span::{Located, Span};
use crate::text::{one_of, shown};
use crate::units::Seconds;
use crate::value::{Settings, Value};
use std::collections::{HashMap, HashSet};

/// The most places whose round trips are asked for.
const MAX_PAIRED: usize = 40;

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
        let mut places: HashSet<&str> = design.places.iter().map(|place| place.name.as_str()).collect();
        places.extend(design.load.iter().flat_map(|load| load.homes().into_iter().map(|(region, _)| region)));
        for (from, to, _) in &design.network.between_regions {
            for name in [from, to].into_iter().filter(|name| !places.contains(name.as_str())) {
                let headline = format!("the network speaks of {}, which is no place", shown(name));
                found.push(Diagnostic::error("unknown-place", headline).help("declare it under `places`"));
            }
        }
        self.diagnostics.append(&mut found);
        self.check_round_trips(design);
    }

    /// The round trip between any two regions of which one may call the other is known.
    fn check_round_trips(&mut self, design: &Design) {
        let used: HashSet<&str> = design
            .components
            .iter()
            .filter_map(|component| component.place.as_ref().and_then(|at| at.split('/').next()))
            .collect();
        let used: Vec<(&str, Span)> = design
            .places
            .iter()
            .map(|place| (place.name.as_str(), place.name.span))
            .filter(|(name, _)| used.contains(name))
            .take(MAX_PAIRED)
            .collect();
        let mut pairs: Vec<(&str, (&str, Span))> = Vec::new();
        for (nth, (a, _)) in used.iter().enumerate() {
            pairs.extend(used[nth + 1..].iter().map(|b| (*a, *b)));
        }
        let mut homes: Vec<&str> = Vec::new();
        for load in design.load.iter().take(MAX_PAIRED) {
            for (home, _) in load.homes().into_iter().take(MAX_PAIRED) {
                if !homes.contains(&home) && !used.iter().any(|(name, _)| *name == home) {
                    homes.push(home);
                    pairs.extend(used.iter().map(|(name, _)| (*name, (home, load.settings.span("from")))));
                }
            }
        }
        for (from, (to, span)) in pairs {
            if design.network.between(from, to).is_some() {
                continue;
            }
            let (a, b) = (shown(from), shown(to));
            let diagnostic = if design.network.public {
                let known = round_trips::measured_from(from);
                let help = if known.is_empty() {
                    format!("measured are those between {}", one_of(round_trips::regions(), 20))
                } else {
                    format!("from {a} the way to {} is measured", one_of(known, 20))
                };
                Diagnostic::error(
                    "no-round-trip",
                    format!("nobody measured the round trip between {a} and {b} in public"),
                )
                .help(format!("{help}; or write `between-regions: {{ {from}: {{ {to}: 70ms }} }}`"))
            } else {
                let headline = format!("the round trip between {a} and {b} isn't said, so it takes no time");
                Diagnostic::warning("no-round-trip", headline)
                    .help(format!("write `between-regions: {{ {from}: {{ {to}: 70ms }} }}` under `network`"))
            };
            self.push(diagnostic.at(span, ""));
        }
    }

    /// Where clients are: a place, or a region that the network knows the way to.
    fn check_home(&mut self, design: &Design, name: &Located<String>) {
        let spoken = |(from, to, _): &(String, String, Seconds)| *from == name.value || *to == name.value;
        let known = design.places.iter().any(|place| place.name.value == name.value)
            || design.network.between_regions.iter().any(spoken)
            || design.network.public && !round_trips::measured_from(name).is_empty();
        if known {
            return;
        }
        let places: Vec<(&str, Span)> =
            design.places.iter().take(2_000).map(|place| (place.name.as_str(), place.name.span)).collect();
        let mut diagnostic = self.unknown_name("unknown-place", "region", name, &places);
        if places.is_empty() {
            diagnostic.help = Some(format!("declare it: `places: {{ {}: {{ zones: [a, b, c] }} }}`", name.value));
        }
        self.push(diagnostic);
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
        let stores: Vec<(&str, Span)> =
            components.iter().copied().chain(held.iter().map(|(name, span)| (name.as_str(), *span))).collect();
        let topics: Vec<(&str, Span)> = topics.iter().map(|(name, span)| (name.as_str(), *span)).collect();
        let known = Known {
            parts: design.components.iter().map(|component| (component.name.as_str(), component)).collect(),
            operations: operations.iter().map(|(name, _)| *name).collect(),
            places: design.places.iter().map(|place| (place.name.as_str(), place)).collect(),
        };
        let in_store: HashSet<&str> = stores.iter().map(|(name, _)| *name).collect();
        let in_topics: HashSet<&str> = topics.iter().map(|(name, _)| *name).collect();
        for mention in std::mem::take(&mut self.mentions) {
            if self.is_full() {
                break;
            }
            let name = &mention.name;
            match mention.what {
                "component" if !known.parts.contains_key(name.as_str()) => {
                    let diagnostic = self.unknown_name("unknown-component", "component", name, &components);
                    self.push(diagnostic);
                }
                "operation" => self.check_operation(name, &known, &components, &operations),
                "store" | "data set" if !in_store.contains(name.as_str()) => {
                    let diagnostic = self.unknown_name("unknown-component", "component", name, &stores);
                    self.push(diagnostic);
                }
                "topic" if !in_topics.contains(name.as_str()) && !in_store.contains(name.as_str()) => {
                    let diagnostic = self.unknown_name("unknown-topic", "topic", name, &topics);
                    self.push(diagnostic);
                }
                "place" => self.check_place(design, &known, name),
                "home" => self.check_home(design, name),
                "replica" => {
                    let (component, _) = name.split_once('/').unwrap_or((name.as_str(), ""));
                    if !known.parts.contains_key(component) {
                        let misspelt = Located::new(component.to_string(), name.span);
                        let diagnostic = self.unknown_name("unknown-component", "component", &misspelt, &components);
                        self.push(diagnostic);
                    }
                }
                "load" if !design.load.iter().any(|load| load.title() == name.as_str()) => {
                    let loads: Vec<(&str, Span)> = design
                        .load
                        .iter()
                        .map(|load| (load.title(), load.arrivals.as_ref().map_or(Span::NONE, |law| law.span)))
                        .collect();
                    let diagnostic = self.unknown_name("unknown-load", "load", name, &loads);
                    self.push(diagnostic);
                }
                "local operation" => {
                    let Some(own) = mention.path.get(1).and_then(|component| known.parts.get(component.as_str()))
                    else {
                        continue;
                    };
                    if !known.operations.contains(format!("{}.{}", *own.name, **name).as_str()) {
                        let own = own_operations(own);
                        let what = "operation of this component";
                        let diagnostic = self.unknown_name("unknown-operation", what, name, &own);
                        self.push(diagnostic);
                    }
                }
                _ => {}
            }
        }
    }

    /// `component.operation`, or a component that answers by itself; an operation of a component without operations of
    /// its own (a load balancer's) is resolved by what stands behind it.
    fn check_operation(
        &mut self,
        name: &Located<String>,
        known: &Known<'_>,
        components: &[(&str, Span)],
        operations: &[(&str, Span)],
    ) {
        let (component, operation) =
            name.split_once('.').map_or((name.as_str(), None), |(component, operation)| (component, Some(operation)));
        let Some(found) = known.parts.get(component) else {
            // A slip may be in either half: the whole name is compared first.
            let names = operations.iter().take(2_000).map(|(name, _)| *name);
            let by_whole = operation.is_some() && guess(name, names).is_some();
            let (declared, text) = if by_whole { (operations, name.as_str()) } else { (components, component) };
            let misspelt = Located::new(text.to_string(), name.span);
            let mut diagnostic = self.unknown_name("unknown-component", "component", &misspelt, declared);
            diagnostic.headline = format!("no component is called {}", shown(component));
            self.push(diagnostic);
            return;
        };
        let Some(operation) = operation else {
            return;
        };
        if !found.operations.is_empty() && !known.operations.contains(name.as_str()) {
            let misspelt = Located::new(operation.to_string(), name.span);
            let own = own_operations(found);
            let mut diagnostic = self.unknown_name("unknown-operation", "operation", &misspelt, &own);
            diagnostic.headline = format!("{} has no operation {}", shown(component), shown(operation));
            self.push(diagnostic);
        }
    }

    fn check_place(&mut self, design: &Design, known: &Known<'_>, name: &Located<String>) {
        let (region, zone) = name.split_once('/').map_or((name.as_str(), None), |(region, zone)| (region, Some(zone)));
        let Some(place) = known.places.get(region) else {
            let places: Vec<(&str, Span)> =
                design.places.iter().take(2_000).map(|place| (place.name.as_str(), place.name.span)).collect();
            let misspelt = Located::new(region.to_string(), name.span);
            let mut diagnostic = self.unknown_name("unknown-place", "place", &misspelt, &places);
            if places.is_empty() {
                diagnostic.help = Some(format!("declare it: `places: {{ {region}: {{ zones: [a, b, c] }} }}`"));
            }
            self.push(diagnostic);
            return;
        };
        if let Some(zone) = zone.filter(|zone| !place.zones.iter().any(|known| known == zone)) {
            let zones: Vec<(&str, Span)> = place.zones.iter().map(|zone| (zone.as_str(), Span::NONE)).collect();
            let misspelt = Located::new(zone.to_string(), name.span);
            let mut diagnostic = self.unknown_name("unknown-place", "zone", &misspelt, &zones);
            diagnostic.headline = format!("{} has no zone {}", shown(region), shown(zone));
            self.push(diagnostic);
        }
    }
}

/// What is declared, for looking up.
struct Known<'d> {
    parts: HashMap<&'d str, &'d Component>,
    operations: HashSet<&'d str>,
    places: HashMap<&'d str, &'d Place>,
}

fn own_operations(component: &Component) -> Vec<(&str, Span)> {
    component.operations.iter().map(|operation| (operation.name.as_str(), operation.name.span)).collect()
}

/// The names in a list, or the keys of a map.
fn names_in(settings: &Settings, key: &str) -> Vec<(String, Span)> {
    match settings.get(key) {
        Some(Value::Map(map)) => map.0.iter().map(|(name, value)| (name.clone(), value.span)).collect(),
        _ => settings.texts(key).into_iter().map(|name| (name.value, name.span)).collect(),
    }
}
