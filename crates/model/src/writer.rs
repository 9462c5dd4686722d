//! Designs as text of the language: short maps in one line, long ones in blocks; what is written reads back the same.

use crate::design::{
    Component, Design, Experiment, Fault, Load, Operation, OperationTarget, Route, Step, Verb, YearlyFault,
};
use crate::quantity::{exact_seconds, exact_share};
use crate::span::Located;
use crate::units::{Seconds, Share};
use crate::value::{Settings, Value, exact_bandwidth};
use crate::words::design as words;

/// Lines are broken into blocks beyond this. Unit: columns.
const WIDTH: usize = 116;

/// A design as the language writes it. Reading it gives the same design.
#[must_use]
pub fn write_design(design: &Design) -> String {
    let mut out = String::new();
    let mut head = vec![
        ("kind".to_string(), scalar("design")),
        ("version".to_string(), scalar("1")),
        ("name".to_string(), text(&design.name)),
    ];
    if !design.about.is_empty() {
        head.push(("about".into(), text(&design.about)));
    }
    block_map(&mut out, &head, 0);
    let mut places = Vec::new();
    if !design.places.is_empty() {
        let all = design.places.iter().map(|place| {
            let zones = place.zones.iter().map(|zone| text(zone)).collect();
            (place.name.value.clone(), Tree::Map(vec![("zones".into(), Tree::List(zones))]))
        });
        places.push(("places".to_string(), Tree::Block(all.collect())));
    }
    let network = &design.network;
    if *network != crate::design::Network::default() {
        let mut map = Vec::new();
        for (key, value) in [("within-zone", network.within_zone), ("between-zones", network.between_zones)] {
            if value.0 > 0.0 {
                map.push((key.to_string(), seconds(value)));
            }
        }
        let mut regions: Vec<(String, Tree)> = Vec::new();
        for (from, to, time) in &network.between_regions {
            let entry = (to.clone(), seconds(*time));
            match regions.iter_mut().find(|(name, _)| name == from) {
                Some((_, Tree::Map(entries))) => entries.push(entry),
                _ => regions.push((from.clone(), Tree::Map(vec![entry]))),
            }
        }
        if network.public {
            map.push(("between-regions".into(), scalar("public")));
        } else if !regions.is_empty() {
            map.push(("between-regions".into(), Tree::Map(regions)));
        }
        if let Some(bandwidth) = network.bandwidth {
            map.push(("bandwidth".into(), Tree::Scalar(exact_bandwidth(bandwidth))));
        }
        if network.loss.0 > 0.0 {
            map.push(("loss".into(), Tree::Scalar(exact_share(network.loss))));
        }
        places.push(("network".into(), Tree::Map(map)));
    }
    let section = |out: &mut String, entries: Vec<(String, Tree)>| {
        if !entries.is_empty() {
            out.push('\n');
            block_map(out, &entries, 0);
        }
    };
    section(&mut out, places);
    let components = design.components.iter().map(|part| (part.name.value.clone(), component(part))).collect();
    section(&mut out, vec![("components".into(), Tree::Block(components))]);
    if let Some(tenants) = &design.tenants {
        section(&mut out, vec![("tenants".into(), Tree::Map(settings(tenants)))]);
    }
    if !design.load.is_empty() {
        section(&mut out, vec![("load".into(), Tree::BlockList(design.load.iter().map(load).collect()))]);
    }
    if !design.experiments.is_empty() {
        let all = design.experiments.iter().map(experiment).collect();
        section(&mut out, vec![("experiments".into(), Tree::BlockList(all))]);
    }
    if let Some(year) = &design.year {
        let mut map = Vec::new();
        if !year.faults.is_empty() {
            map.push(("faults".to_string(), Tree::BlockList(year.faults.iter().map(yearly).collect())));
        }
        if year.alone {
            map.push(("others".to_string(), scalar("none")));
        }
        section(&mut out, vec![("year".into(), if map.is_empty() { Tree::Map(map) } else { Tree::Block(map) })]);
    }
    if !design.keeps.is_empty() {
        let all = design.keeps.iter().map(|keep| {
            let atomic = keep.atomic.iter().map(|name| text(name)).collect();
            Tree::Map(vec![("atomic".into(), Tree::List(atomic)), ("by".into(), text(&keep.by))])
        });
        section(&mut out, vec![("keeps".into(), Tree::BlockList(all.collect()))]);
    }
    out
}

/// What is written: scalars are finished text.
#[derive(Debug, Clone)]
enum Tree {
    Scalar(String),
    List(Vec<Tree>),
    Map(Vec<(String, Tree)>),
    /// A map that is never written in one line.
    Block(Vec<(String, Tree)>),
    /// A list that is never written in one line.
    BlockList(Vec<Tree>),
}

fn scalar(text: &str) -> Tree {
    Tree::Scalar(text.to_string())
}
fn text(text: &str) -> Tree {
    Tree::Scalar(quoted(text))
}
fn seconds(value: Seconds) -> Tree {
    Tree::Scalar(exact_seconds(value.0))
}

/// Text in quotes, if YAML or the language would read it otherwise.
fn quoted(text: &str) -> String {
    let mut depth = 0i64;
    let mut balanced = true;
    for c in text.chars() {
        depth += i64::from(c == '(') - i64::from(c == ')');
        balanced &= depth >= 0;
    }
    let plain = text.starts_with(|c: char| c.is_alphanumeric() || c == '/')
        && !text.ends_with(' ')
        && balanced
        && depth == 0
        && text.chars().all(|c| c.is_alphanumeric() || " _-./%()<>=+*".contains(c));
    if plain {
        return text.to_string();
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if crate::text::is_unruly(c) => out.push_str(&format!("\\U{:08x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn settings(settings: &Settings) -> Vec<(String, Tree)> {
    settings.0.iter().map(|(key, value)| (key.clone(), value_tree(&value.value))).collect()
}

fn value_tree(value: &Value) -> Tree {
    match value {
        Value::Text(words) => text(words),
        Value::List(items) => Tree::List(items.iter().map(|item| value_tree(&item.value)).collect()),
        Value::Map(map) => Tree::Map(settings(map)),
        Value::Steps(all) => steps(all),
        other => Tree::Scalar(other.to_string()),
    }
}

fn component(component: &Component) -> Tree {
    let mut map = vec![("kind".to_string(), text(&component.kind))];
    if let Some(place) = &component.place {
        map.push(("place".into(), text(place)));
    }
    map.extend(settings(&component.settings));
    if component.operations.is_empty() {
        return Tree::Map(map);
    }
    let operations: Vec<(String, Tree)> =
        component.operations.iter().map(|one| (one.name.value.clone(), operation(one))).collect();
    let short = component.operations.len() == 1 && component.operations[0].steps.len() == 1 && map.len() <= 4;
    if short {
        map.push(("operations".into(), Tree::Map(operations)));
        return Tree::Map(map);
    }
    map.push(("operations".into(), Tree::Block(operations)));
    Tree::Block(map)
}

fn target_tree(target: &OperationTarget) -> Tree {
    let mut map = Vec::new();
    map.extend(target.p99.map(|p99| ("p99".to_string(), seconds(p99))));
    map.extend(target.availability.map(|share| ("availability".to_string(), Tree::Scalar(exact_share(share)))));
    Tree::Map(map)
}

fn operation(operation: &Operation) -> Tree {
    let mut map: Vec<(String, Tree)> = Vec::new();
    map.extend(operation.stands_for.as_ref().map(|name| ("as".to_string(), text(name))));
    map.extend(operation.handles.as_ref().map(|name| ("handles".to_string(), text(name))));
    map.extend(operation.target.as_ref().map(|target| ("target".to_string(), target_tree(target))));
    map.extend(settings(&operation.settings));
    if map.is_empty() {
        return steps(&operation.steps);
    }
    map.push(("steps".into(), steps(&operation.steps)));
    Tree::Map(map)
}

/// Steps: one short step stays in the line of its key.
fn steps(steps: &[Step]) -> Tree {
    let all: Vec<Tree> = steps.iter().map(step).collect();
    if all.len() <= 1 { Tree::List(all) } else { Tree::BlockList(all) }
}

fn inner_steps(steps: &[Step]) -> Tree {
    Tree::List(steps.iter().map(step).collect())
}

fn step(step: &Step) -> Tree {
    let dist = |dist: &crate::quantity::Dist| Tree::Scalar(dist.to_string());
    let (value, steps) = match &step.verb {
        Verb::Compute(law) | Verb::Wait(law) => (dist(law), None),
        Verb::Call(name) | Verb::Send(name) | Verb::Read(name) | Verb::Write(name) | Verb::Publish(name) => {
            (text(name), None)
        }
        Verb::Enqueue(name) | Verb::Local(name) | Verb::Answer(name) => (text(name), None),
        Verb::Parallel(steps) => (inner_steps(steps), None),
        Verb::Branch(ways) => {
            (Tree::Map(ways.iter().map(|(share, steps)| (exact_share(*share), inner_steps(steps))).collect()), None)
        }
        Verb::Transaction(name, steps) => (text(name), Some(inner_steps(steps))),
        Verb::Repeat(times, steps) => (Tree::Scalar(times.to_string()), Some(inner_steps(steps))),
    };
    let mut map = vec![(step.verb.word().to_string(), value)];
    map.extend(settings(&step.settings));
    map.extend(steps.map(|steps| ("steps".to_string(), steps)));
    debug_assert!(words::VERBS.iter().any(|verb| verb.name == step.verb.word()));
    Tree::Map(map)
}

fn shares(shares: &[(Located<String>, Share)]) -> Tree {
    Tree::Map(shares.iter().map(|(name, share)| (name.value.clone(), Tree::Scalar(exact_share(*share)))).collect())
}

fn route_tree(route: &Route) -> Tree {
    let start = match route.start.as_slice() {
        [(only, share)] if share.0 == 1.0 => text(only),
        several => shares(several),
    };
    let stops = route.stops.iter().map(|stop| {
        let Tree::Map(mut entries) = step(&stop.step) else { return (stop.name.value.clone(), Tree::List(Vec::new())) };
        if !stop.next.is_empty() {
            entries.push(("next".into(), shares(&stop.next)));
        }
        (stop.name.value.clone(), Tree::Map(entries))
    });
    Tree::Map([("start".to_string(), start)].into_iter().chain(stops).collect())
}

fn load(load: &Load) -> Tree {
    let mut map: Vec<(String, Tree)> = Vec::new();
    map.extend(load.name.as_ref().map(|name| ("name".to_string(), text(name))));
    map.extend(load.operation.as_ref().map(|name| ("operation".to_string(), text(name))));
    if !load.steps.is_empty() {
        map.push(("steps".into(), inner_steps(&load.steps)));
    }
    map.extend(load.route.as_ref().map(|route| ("route".to_string(), route_tree(route))));
    map.extend(load.arrivals.as_ref().map(|law| ("arrivals".to_string(), Tree::Scalar(law.value.to_string()))));
    map.extend(load.users.map(|users| ("users".to_string(), Tree::Scalar(users.to_string()))));
    map.extend(load.think.as_ref().map(|law| ("think".to_string(), Tree::Scalar(law.to_string()))));
    map.extend(settings(&load.settings));
    Tree::Map(map)
}

fn experiment(experiment: &Experiment) -> Tree {
    let mut map = vec![("name".to_string(), text(&experiment.name)), ("duration".into(), seconds(experiment.duration))];
    map.extend(settings(&experiment.settings));
    if !experiment.faults.is_empty() {
        map.push(("faults".into(), Tree::List(experiment.faults.iter().map(fault).collect())));
    }
    if !experiment.expect.is_empty() {
        map.push(("expect".into(), Tree::BlockList(experiment.expect.iter().map(|line| text(line)).collect())));
    }
    Tree::Block(map)
}

fn fault(fault: &Fault) -> Tree {
    let mut map = vec![("at".to_string(), seconds(fault.at))];
    map.extend(fault.lasts.map(|lasts| ("for".to_string(), seconds(lasts))));
    map.push((fault.kind.value.clone(), value_tree(&fault.argument.value)));
    Tree::Map(map)
}

fn yearly(yearly: &YearlyFault) -> Tree {
    let YearlyFault { fault, rate, lasts } = yearly;
    let mut map = vec![(fault.kind.value.clone(), value_tree(&fault.argument.value))];
    map.push(("rate".into(), Tree::Scalar(Value::Rate(*rate).to_string())));
    map.extend(lasts.map(|lasts| ("for".to_string(), Tree::Scalar(Value::Duration(lasts).to_string()))));
    Tree::Map(map)
}

/// A tree in one line, if nothing in it must be a block.
fn flow(tree: &Tree) -> Option<String> {
    Some(match tree {
        Tree::Scalar(text) => text.clone(),
        Tree::List(items) if items.is_empty() => "[]".into(),
        Tree::List(items) => {
            let items: Option<Vec<String>> = items.iter().map(flow).collect();
            let plain = tree_is_flat(tree);
            let joined = items?.join(", ");
            if plain { format!("[{joined}]") } else { format!("[ {joined} ]") }
        }
        Tree::Map(entries) if entries.is_empty() => "{}".into(),
        Tree::Map(entries) => {
            let entries: Option<Vec<String>> =
                entries.iter().map(|(key, value)| Some(format!("{}: {}", quoted(key), flow(value)?))).collect();
            format!("{{ {} }}", entries?.join(", "))
        }
        Tree::Block(_) | Tree::BlockList(_) => return None,
    })
}

fn tree_is_flat(tree: &Tree) -> bool {
    matches!(tree, Tree::List(items) if items.iter().all(|item| matches!(item, Tree::Scalar(_))))
}

fn pad(out: &mut String, indent: usize) {
    out.extend(std::iter::repeat_n(' ', indent));
}

/// The entries of a map, each on a line of its own; the first line's indent is written already if `begun`.
fn map_lines(out: &mut String, entries: &[(String, Tree)], indent: usize, mut begun: bool) {
    for (key, value) in entries {
        if !begun {
            pad(out, indent);
        }
        begun = false;
        let key = quoted(key);
        out.push_str(&key);
        out.push(':');
        // The settings of a step that stand beside its steps are short; lists of steps want lines of their own.
        if let Some(line) = flow(value).filter(|line| indent + key.chars().count() + 2 + line.chars().count() <= WIDTH)
        {
            out.push(' ');
            out.push_str(&line);
            out.push('\n');
            continue;
        }
        match value {
            Tree::Scalar(text) => {
                out.push(' ');
                out.push_str(text);
                out.push('\n');
            }
            Tree::Map(entries) | Tree::Block(entries) if entries.is_empty() => out.push_str(" {}\n"),
            Tree::List(items) | Tree::BlockList(items) if items.is_empty() => out.push_str(" []\n"),
            Tree::Map(entries) | Tree::Block(entries) => {
                out.push('\n');
                map_lines(out, entries, indent + 2, false);
            }
            Tree::List(items) | Tree::BlockList(items) => {
                out.push('\n');
                list_lines(out, items, indent + 2);
            }
        }
    }
}

fn list_lines(out: &mut String, items: &[Tree], indent: usize) {
    for item in items {
        pad(out, indent);
        out.push_str("- ");
        // A map of one key needs no braces; of more, it is written in braces where that is short.
        let line = match item {
            Tree::Map(entries)
                if entries.len() == 1
                    || entries.iter().any(|(key, _)| words::VERBS.iter().any(|verb| verb.name == key)) =>
            {
                None
            }
            item => flow(item).filter(|line| indent + 2 + line.chars().count() <= WIDTH),
        };
        match (line, item) {
            (Some(line), _) => {
                out.push_str(&line);
                out.push('\n');
            }
            (None, Tree::Scalar(text)) => {
                out.push_str(text);
                out.push('\n');
            }
            (None, Tree::Map(entries) | Tree::Block(entries)) if entries.is_empty() => out.push_str("{}\n"),
            (None, Tree::List(items) | Tree::BlockList(items)) if items.is_empty() => out.push_str("[]\n"),
            (None, Tree::Map(entries) | Tree::Block(entries)) => map_lines(out, entries, indent + 2, true),
            (None, Tree::List(items) | Tree::BlockList(items)) => {
                out.push('\n');
                list_lines(out, items, indent + 2);
            }
        }
    }
}

fn block_map(out: &mut String, entries: &[(String, Tree)], indent: usize) {
    map_lines(out, entries, indent, false);
}
