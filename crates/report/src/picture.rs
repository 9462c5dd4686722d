//! A design as a graph: components in their regions and zones, joined by what runs between them, with load, p99, size and use.
//!
//! Edges come from the steps of the design, their figures from the plain load's verdict. A database with copies stands as its first
//! copy and its followers, each in its zone, while there are few of them; else its box says how many there are.

use crate::diagram::{Edge, EdgeKind, Frame, Graph, Laid, Node, lay_out};
use crate::figure::Unit;
use groundplan_model::design::{Component, Design, Operation, Step, Verb};
use groundplan_model::units::{PerSecond, Seconds, Share};
use groundplan_model::value::{Settings, Value};
use groundplan_planner::plan::{Candidate, Delivery, Size};
use groundplan_sim::verdict::Verdict;
use indexmap::IndexMap;

/// Most databases whose copies are drawn one by one.
const COPIES_DRAWN: usize = 2;
/// The box that stands for those who ask.
const USERS: &str = "\u{1}users";

/// The picture of a candidate, laid out.
#[must_use]
pub fn picture(candidate: &Candidate) -> Laid {
    lay_out(&graph(candidate))
}

/// The graph of a candidate.
#[must_use]
pub fn graph(candidate: &Candidate) -> Graph {
    let design = &candidate.design;
    let title = format!("{}: {}", design.name, candidate.style.title().to_lowercase());
    draw(design, Some(&candidate.steady), &candidate.sizes, &candidate.deliveries, title)
}

fn draw(design: &Design, verdict: Option<&Verdict>, sizes: &[Size], deliveries: &[Delivery], title: String) -> Graph {
    let names = Names::of(design);
    let mut graph = Graph { title, ..Graph::default() };
    for place in &design.places {
        graph.frames.push(Frame { id: place.name.value.clone(), title: place.name.value.clone(), parent: None });
    }
    if !design.load.is_empty() {
        let mut users = Node::new(USERS, "users", "load source");
        let total: f64 =
            design.load.iter().filter_map(|load| load.arrivals.as_ref()).map(|arrivals| arrivals.mean_rate().0).sum();
        if total > 0.0 {
            users.lines.push(PerSecond(total).to_string());
        }
        graph.nodes.push(users);
    }
    let copied = design.components.iter().filter(|component| copies(component) > 1).count();
    for component in &design.components {
        let size = sizes.iter().find(|size| size.component == component.name.value);
        node(&mut graph, design, component, size, verdict, copied <= COPIES_DRAWN);
    }
    let mut edges = edges(design, &names);
    annotate(&mut edges, design, verdict);
    deliver(&mut edges, deliveries, verdict);
    graph.edges.extend(edges.into_iter().map(|((from, to), edge)| Edge {
        from: names.box_of(design, &from),
        to: names.box_of(design, &to),
        kind: edge.kind,
        label: edge.label(),
    }));
    graph
}

/// What the calls of a verdict don't count: records handed to those who handle them, with their age when taken.
fn deliver(edges: &mut Runs, deliveries: &[Delivery], verdict: Option<&Verdict>) {
    for delivery in deliveries {
        let Some(run) = edges.get_mut(&(delivery.from.clone(), delivery.to.clone())) else { continue };
        if run.kind == EdgeKind::Event && run.rate <= 0.0 {
            run.rate = delivery.rate.0;
            run.p99 = verdict
                .and_then(|verdict| verdict.components.get(&delivery.from))
                .and_then(|figures| figures.lag.as_ref())
                .and_then(|lag| lag.p99.value);
        }
    }
}

fn copies(component: &Component) -> u64 {
    match component.kind.value.as_str() {
        "database" | "cache" => component.settings.count("copies").unwrap_or(1),
        _ => 1,
    }
}

fn zones<'a>(design: &'a Design, component: &Component) -> &'a [String] {
    let place = component.place.as_ref().map_or("", |place| place.value.as_str());
    design.places.iter().find(|region| region.name.value == place).map_or(&[], |region| &region.zones)
}

fn node(
    graph: &mut Graph,
    design: &Design,
    component: &Component,
    size: Option<&Size>,
    verdict: Option<&Verdict>,
    split: bool,
) {
    let name = &component.name.value;
    let mut node = Node::new(name, name, &component.kind.value);
    let place = component.place.as_ref().map(|place| place.value.clone());
    let zones = zones(design, component);
    let copies = copies(component);
    // Cores say how much room is left; workers only how many wait for others. What is managed has neither.
    let used = verdict
        .and_then(|verdict| verdict.components.get(name))
        .and_then(|figures| figures.core_utilisation.value.or(figures.utilisation.value));
    if size.is_none_or(|size| size.vcpu > 0.0) && component.kind.value != "external" {
        node.used = used.map(Share).or(size.map(|size| size.utilisation)).filter(|used| used.0.is_finite());
    }
    if let Some(size) = size.filter(|size| size.vcpu > 0.0) {
        node.lines.push(format!("{} × {} vCPU, {}", size.replicas, Unit::Number.show(size.vcpu), size.memory));
        if size.storage.0 > 0.0 {
            node.lines.push(format!("{} stored", size.storage));
        }
    } else if let Some(replicas) = component.settings.count("replicas").filter(|replicas| *replicas > 0) {
        node.lines.push(format!(
            "{replicas} × {} workers",
            component.settings.get("workers").map_or("1".into(), Value::to_string)
        ));
    }
    if let Some(used) = node.used {
        node.lines.push(format!("{} in use", Unit::Share.show(used.0)));
    }
    node.frame = place.as_ref().and_then(|place| frame_of(graph, place));
    let apart = copies > 1 && split && zones.len() > 1;
    if copies > 1 && !apart {
        node.lines.push(format!("{copies} copies"));
    }
    if !apart {
        graph.nodes.push(node);
        return;
    }
    let region = place.unwrap_or_default();
    node.frame = frame_of(graph, &format!("{region}/{}", zones[0]));
    node.lines.retain(|line| !line.ends_with("vCPU") || copies == 1);
    let id = node.id.clone();
    graph.nodes.push(node);
    for copy in 1..copies {
        let zone = &zones[copy as usize % zones.len()];
        let copy_id = format!("{id}\u{1}{copy}");
        let mut follower = Node::new(&copy_id, format!("{name}, copy {}", copy + 1), "replica");
        follower.frame = frame_of(graph, &format!("{region}/{zone}"));
        graph.nodes.push(follower);
        let how = component.settings.text("replication").unwrap_or("async");
        graph.edges.push(Edge::new(id.clone(), copy_id, EdgeKind::Replication, [how]));
    }
}

/// The frame of a region or of `region/zone`, made where it is missing.
fn frame_of(graph: &mut Graph, place: &str) -> Option<String> {
    if place.is_empty() {
        return None;
    }
    let (region, zone) = place.split_once('/').map_or((place, None), |(region, zone)| (region, Some(zone)));
    if !graph.frames.iter().any(|frame| frame.id == region) {
        graph.frames.push(Frame { id: region.into(), title: region.into(), parent: None });
    }
    if let Some(zone) = zone
        && !graph.frames.iter().any(|frame| frame.id == place)
    {
        graph.frames.push(Frame { id: place.into(), title: format!("zone {zone}"), parent: Some(region.into()) });
    }
    Some(place.to_string())
}

/// Which component stands behind a name that a step uses.
struct Names {
    /// Data sets and topics to the component that holds them.
    held: IndexMap<String, String>,
}

impl Names {
    fn of(design: &Design) -> Names {
        let mut held = IndexMap::new();
        for component in &design.components {
            for data in component.settings.texts("holds") {
                held.insert(data.value, component.name.value.clone());
            }
            if let Some(topics) = component.settings.map("topics") {
                for topic in topics.0.keys() {
                    held.insert(topic.clone(), component.name.value.clone());
                }
            }
        }
        Names { held }
    }

    fn component(&self, design: &Design, reference: &str) -> Option<String> {
        let known = |name: &str| design.components.iter().any(|component| component.name.value == name);
        if known(reference) {
            return Some(reference.to_string());
        }
        if let Some(holder) = self.held.get(reference) {
            return Some(holder.clone());
        }
        // `payments.authorise`: the longest beginning that is a component.
        reference.rmatch_indices('.').map(|(at, _)| &reference[..at]).find(|name| known(name)).map(str::to_string)
    }

    fn box_of(&self, design: &Design, name: &str) -> String {
        self.component(design, name).unwrap_or_else(|| name.to_string())
    }
}

/// What runs between two components.
struct Run {
    kind: EdgeKind,
    rate: f64,
    p99: Option<f64>,
}

impl Run {
    fn label(&self) -> Vec<String> {
        let rate = (self.rate > 0.0).then(|| PerSecond(self.rate).to_string());
        let p99 = self.p99.map(|p99| format!("p99 {}", Seconds(p99)));
        rate.into_iter().chain(p99).collect()
    }
}

type Runs = IndexMap<(String, String), Run>;

fn edges(design: &Design, names: &Names) -> Runs {
    let mut runs = Runs::new();
    let mut add = |from: &str, to: Option<String>, kind: EdgeKind| {
        if let Some(to) = to.filter(|to| to != from) {
            let run = runs.entry((from.to_string(), to)).or_insert(Run { kind, rate: 0.0, p99: None });
            run.kind = run.kind.min(kind);
        }
    };
    for load in &design.load {
        for operation in load.asked().into_iter().filter_map(|asked| asked.operation) {
            add(USERS, names.component(design, &operation), EdgeKind::Call);
        }
        let stops = load.route.iter().flat_map(|route| &route.stops).map(|stop| std::slice::from_ref(&stop.step));
        for steps in std::iter::once(load.steps.as_slice()).chain(stops) {
            walk(steps, &mut |verb| {
                if let Some((reference, kind)) = references(verb) {
                    add(USERS, names.component(design, reference), kind);
                }
            });
        }
    }
    for component in &design.components {
        let name = component.name.value.as_str();
        for key in ["to", "of", "fallback-to"] {
            let relays = ["outbox", "change-capture"].contains(&component.kind.value.as_str());
            let kind = if relays { EdgeKind::Event } else { EdgeKind::Call };
            for reference in texts(&component.settings, key) {
                if relays && key == "of" {
                    if let Some(store) = names.component(design, &reference) {
                        add(&store, Some(name.to_string()), kind);
                    }
                } else {
                    add(name, names.component(design, &reference), kind);
                }
            }
        }
        // By operation, or by region.
        for ways in ["routes", "to"].into_iter().filter_map(|key| component.settings.map(key)) {
            for value in ways.0.values() {
                if let Value::Text(reference) = &value.value {
                    add(name, names.component(design, reference), EdgeKind::Call);
                }
            }
        }
        for operation in &component.operations {
            steps_of(operation, &mut |verb| {
                if let Some((reference, kind)) = references(verb) {
                    add(name, names.component(design, reference), kind);
                }
            });
            let source =
                operation.settings.text("from").or(operation.handles.as_ref().map(|topic| topic.value.as_str()));
            if let Some(broker) = source.and_then(|source| names.component(design, source)) {
                add(&broker, Some(name.to_string()), EdgeKind::Event);
            }
            if let Some(parked) = operation.settings.text("dead-letters") {
                add(name, names.component(design, parked), EdgeKind::Event);
            }
        }
    }
    runs
}

fn texts(settings: &Settings, key: &str) -> Vec<String> {
    match settings.get(key) {
        Some(Value::Text(text)) => vec![text.clone()],
        _ => settings.texts(key).into_iter().map(|text| text.value).collect(),
    }
}

fn steps_of(operation: &Operation, see: &mut impl FnMut(&Verb)) {
    walk(&operation.steps, see);
}

fn walk(steps: &[Step], see: &mut impl FnMut(&Verb)) {
    for step in steps {
        see(&step.verb);
        match &step.verb {
            Verb::Parallel(steps) | Verb::Transaction(_, steps) | Verb::Repeat(_, steps) => walk(steps, see),
            Verb::Branch(ways) => ways.iter().for_each(|(_, steps)| walk(steps, see)),
            _ => {}
        }
    }
}

fn references(verb: &Verb) -> Option<(&str, EdgeKind)> {
    match verb {
        Verb::Call(to) | Verb::Read(to) | Verb::Write(to) => Some((to, EdgeKind::Call)),
        Verb::Transaction(to, _) => Some((to, EdgeKind::Call)),
        Verb::Send(to) | Verb::Publish(to) | Verb::Enqueue(to) => Some((to, EdgeKind::Event)),
        _ => None,
    }
}

/// Adds load and p99 as measured under the plain load.
fn annotate(runs: &mut Runs, design: &Design, verdict: Option<&Verdict>) {
    let Some(verdict) = verdict else { return };
    let names = Names::of(design);
    for (name, call) in &verdict.calls {
        let Some((from, to)) = name.split_once("->") else { continue };
        let key = (names.box_of(design, from), names.box_of(design, to));
        let Some(run) = runs.get_mut(&key) else { continue };
        run.rate += call.rate.value.unwrap_or(0.0);
        run.p99 = worst(run.p99, call.latency.p99.value);
    }
    for asked in design.load.iter().flat_map(groundplan_model::design::Load::asked) {
        let Some(to) = asked.operation.as_ref().and_then(|operation| names.component(design, operation)) else {
            continue;
        };
        let (Some(run), Some(figures)) = (runs.get_mut(&(USERS.to_string(), to)), verdict.operations.get(&asked.name))
        else {
            continue;
        };
        run.rate += figures.arrivals.value.unwrap_or(0.0);
        run.p99 = worst(run.p99, figures.latency.p99.value);
    }
}

fn worst(one: Option<f64>, other: Option<f64>) -> Option<f64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.max(other)),
        (one, other) => one.or(other),
    }
}
