//! What a design says in vain: traffic that never comes, parts that nothing asks for, what grows or goes round for ever.
//!
//! Found by what the load is expected to bring (`traffic`), before anything runs. What makes a run say nothing of the part
//! it is about is an error; what only stands there unused is a warning. Overload is neither: it is what a run shows.
//! Expectations that can't be decided and loads too great to simulate are `run`'s to find.

use super::traffic::{Endless, Traffic};
use super::{Ask, From, Lowering, rates};
use crate::kernel::tables::{NONE, Step};
use groundplan_model::design::Load;
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::span::Span;
use groundplan_model::text::shown;
use groundplan_model::units::PerSecond;
use std::collections::BTreeSet;

impl Lowering<'_> {
    /// What the load brings about, and everything that stands in the design in vain. Of a design without other errors.
    pub(crate) fn sense(&self) -> (Traffic, Vec<Diagnostic>) {
        let means: Vec<f64> = self.laws.iter().map(|law| law.mean() * 1e9).collect();
        let mut found: Vec<Diagnostic> = self.design.load.iter().filter_map(silent).collect();
        let loads: Vec<(usize, f64)> = (self.entries.iter().enumerate())
            .map(|(row, entry)| {
                let first = self.source_of(entry.load).map_or(row, |first| first as usize);
                (entry.load, self.design.load[entry.load].asked().get(row - first).map_or(1.0, |asked| asked.share))
            })
            .collect();
        let timeless = std::cell::RefCell::new(BTreeSet::new());
        let rates = |traffic: &Traffic, source: usize| {
            let (load, share) = loads[source];
            let load = &self.design.load[load];
            if load.users.is_none() {
                return share * rates::open(load);
            }
            let entry = self.tables.sources[source].entry;
            let least = traffic.unloaded(entry) / 1e9;
            let think = load.think.as_ref().map_or(0.0, groundplan_model::quantity::Dist::mean);
            if least + think <= 0.0 {
                timeless.borrow_mut().insert(loads[source].0);
                return 0.0;
            }
            let users = load.users.unwrap_or(0) as f64 / (think + least);
            // Users wait for the busiest component: more than it can do, they can't ask for.
            let demands = traffic.demands(entry, self.tables.components.len());
            let rows = demands.iter().zip(&self.tables.components);
            rows.map(|(demand, row)| row.speed() / demand.max(1e-300)).fold(users, f64::min) * share
        };
        let mut traffic = match Traffic::new(&self.tables, &means, rates) {
            Ok(traffic) => traffic,
            Err(endless) => {
                found.push(self.cascade(&endless));
                return (Traffic::default(), found);
            }
        };
        for load in timeless.into_inner() {
            found.push(no_time(&self.design.load[load]));
        }
        if found.is_empty() {
            let mut explained = BTreeSet::new();
            self.idle_edges(&traffic, &mut found, &mut explained);
            self.undrained(&traffic, &mut found);
            self.unasked(&traffic, &mut found, &explained);
        }
        traffic.loads = loads;
        (traffic, found)
    }

    /// What the design calls the operation that begins at an instruction.
    fn name_at(&self, entry: u32) -> String {
        let found = self.targets.iter().find(|(_, at)| **at == Some(entry));
        found.map_or_else(|| "the load".to_string(), |((part, ask), _)| self.name_of(*part, ask))
    }

    pub(crate) fn name_of(&self, part: u32, ask: &Ask) -> String {
        let component = &self.parts[part as usize].component.name.value;
        match ask {
            Ask::Operation(name) | Ask::Local(name) => format!("{component}.{name}"),
            _ => component.clone(),
        }
    }

    /// What is asked for at each site, as people would say it.
    pub(crate) fn asks_of_sites(&self) -> Vec<String> {
        let by_entry: std::collections::BTreeMap<u32, (u32, &Ask)> =
            self.targets.iter().filter_map(|((part, ask), entry)| Some(((*entry)?, (*part, ask)))).collect();
        let name = |site: &crate::kernel::tables::Site| {
            let (part, ask) = by_entry.get(&site.entry).filter(|_| site.component != NONE)?;
            let name = self.name_of(*part, ask);
            Some(match ask {
                Ask::Read | Ask::ReadWithin => format!("{name} (read)"),
                Ask::ReadBy(by) => format!("{name} ({})", by.word()),
                Ask::Write(_) | Ask::WriteWithin => format!("{name} (write)"),
                Ask::Begin | Ask::Commit(_) => format!("{name} (transaction)"),
                Ask::Append(topic) => format!("{name} ({})", self.topics.names[*topic as usize].1),
                _ => name,
            })
        };
        self.tables.sites.iter().map(|site| name(site).unwrap_or_default()).collect()
    }

    /// Whether what begins at an instruction is ever asked for, also by copies of which the first to start drops the others.
    fn visited(&self, traffic: &Traffic, entry: u32) -> bool {
        let first = self.tables.stubs.min(self.here()) as usize;
        let stubs = self.tables.code[first..].windows(2).enumerate();
        let starts = stubs.filter(|(_, pair)| *pair == [Step::Starts, Step::Jump { to: entry }]);
        traffic.visits(entry) > 0.0 || starts.into_iter().any(|(at, _)| traffic.visits((first + at) as u32) > 0.0)
    }

    fn entry_of(&self, target: Option<u32>) -> Option<u32> {
        self.targets.get_index(target? as usize).and_then(|(_, entry)| *entry)
    }

    /// Sites with where they stand, those of blocks and consumers aside.
    fn edges_of_steps(&self) -> impl Iterator<Item = (usize, From)> {
        let consumers: BTreeSet<u32> = self.tables.groups.iter().map(|group| group.site).collect();
        let origins = self.origins.iter().copied().enumerate();
        origins.filter(move |(site, origin)| !origin.span.is_none() && !consumers.contains(&(*site as u32)))
    }

    /// Steps that ask and handlers that wait in vain. `explained`: components that nothing may ask because of that.
    fn idle_edges(&self, traffic: &Traffic, found: &mut Vec<Diagnostic>, explained: &mut BTreeSet<u32>) {
        // One step may stand for several sites: one of them with traffic is enough.
        let runs = |site: usize| traffic.sites[site] > 0.0;
        let lively: BTreeSet<(u32, u32)> = self
            .edges_of_steps()
            .filter(|(site, _)| runs(*site))
            .map(|(_, origin)| (origin.span.start, origin.span.end))
            .collect();
        let mut told = BTreeSet::new();
        for (site, origin) in self.edges_of_steps() {
            let place = (origin.span.start, origin.span.end);
            let asked = self.entry_of(origin.target).is_none_or(|entry| self.visited(traffic, entry));
            if runs(site) || !asked || lively.contains(&place) || !told.insert(place) {
                continue;
            }
            explained.insert(self.tables.sites[site].component);
            let to = self.name_at(self.tables.sites[site].entry);
            let from = self.entry_of(origin.target).map_or_else(|| "the load".to_string(), |at| self.name_at(at));
            found.push(idle(&from, &to, origin.span));
        }
        for (part, operation, source) in self.handlers() {
            let topic = self.topics.names.iter().position(|(_, name)| *name == source.value);
            if let Some(topic) = topic.filter(|topic| traffic.topics[*topic] <= 0.0) {
                explained.extend([part as u32, self.topics.names[topic].0]);
                let name = format!("{}.{operation}", self.parts[part].component.name.value);
                found.push(
                    Diagnostic::error(
                        "no-traffic",
                        format!("`{name}` handles {}, which nothing publishes", shown(&source)),
                    )
                    .at(source.span, "no record ever comes")
                    .help(format!(
                        "add a step `publish: {}` to what brings it about, or take the handler away",
                        source.value
                    )),
                );
            }
        }
    }

    /// Component, operation and source of every handler of records.
    fn handlers(&self) -> Vec<(usize, String, groundplan_model::span::Located<String>)> {
        let mut handlers = Vec::new();
        for (nth, part) in self.parts.iter().enumerate() {
            for operation in &part.component.operations {
                let Some(handles) = &operation.handles else { continue };
                let from = operation.settings.text("from");
                let source = from.map_or_else(
                    || handles.clone(),
                    |from| groundplan_model::span::Located::new(from.to_string(), operation.settings.span("from")),
                );
                handlers.push((nth, operation.name.value.clone(), source));
            }
        }
        handlers
    }

    /// Records that come, and no one takes. What is only parked there may wait for people.
    fn undrained(&self, traffic: &Traffic, found: &mut Vec<Diagnostic>) {
        for (topic, (part, name)) in self.topics.names.iter().enumerate() {
            let rate = traffic.topics[topic];
            if self.tables.topics[topic].groups > 0 || rate <= 1e-6 {
                continue;
            }
            let component = self.parts[*part as usize].component;
            let span = match component.settings.map("topics") {
                Some(topics) if topics.get(name).is_some() => topics.span(name),
                _ if component.kind.value == "log" => component.settings.span("topics"),
                _ => component.name.span,
            };
            let what = if component.kind.value == "queue" { "queue" } else { "topic" };
            found.push(
                Diagnostic::error("undrained-queue", format!("nobody takes from the {what} `{name}`: it grows by {}", PerSecond(rate)))
                    .at(if span.is_none() { component.name.span } else { span }, "records come, none leaves")
                    .help(format!("give a component an operation that takes them: `work: {{ handles: {name}, steps: [ {{ compute: exp(2ms) }} ] }}`")),
            );
        }
    }

    fn unasked(&self, traffic: &Traffic, found: &mut Vec<Diagnostic>, explained: &BTreeSet<u32>) {
        let carried: BTreeSet<u32> = self
            .topics
            .names
            .iter()
            .enumerate()
            .filter(|(topic, _)| traffic.topics[*topic] > 0.0)
            .map(|(_, (part, _))| *part)
            .collect();
        for (nth, part) in self.parts.iter().enumerate() {
            let component = part.component;
            let name = &component.name.value;
            let asked = traffic.components[nth] > 0.0 || carried.contains(&(nth as u32)) || self.relays(nth, &carried);
            if explained.contains(&(nth as u32)) || self.relays(nth, explained) {
                continue;
            }
            if !asked {
                found.push(
                    Diagnostic::error("unused-component", format!("nothing ever asks `{name}` for anything"))
                        .at(component.name.span, "no call, read, write or record comes here")
                        .help(match component.kind.value.as_str() {
                            "database" | "cache" => {
                                format!("let a step `read: {name}` or `write: {name}`, or take it away")
                            }
                            "queue" => format!("let a step `enqueue: {name}`, or take it away"),
                            "log" => "let a step `publish` one of its topics, or take it away".to_string(),
                            "outbox" => "let a transaction `write: outbox`, or take it away".to_string(),
                            "change-capture" => "let a step write what it captures, or take it away".to_string(),
                            "schema-registry" => "let a step `publish` to its log, or take it away".to_string(),
                            _ => format!(
                                "call it from a step or from `load`, as `{}`, or take it away",
                                example(component)
                            ),
                        }),
                );
                continue;
            }
            for operation in &component.operations {
                let own = [Ask::Operation(operation.name.value.clone()), Ask::Local(operation.name.value.clone())];
                let targets = own.into_iter().filter_map(|ask| self.targets.get(&(nth as u32, ask)).copied().flatten());
                let inline = self.inlined.iter().any(|(at, of, name)| {
                    *of == nth as u32
                        && *name == operation.name.value
                        && traffic.steps.get(*at as usize).is_some_and(|rate| *rate > 0.0)
                });
                if inline
                    || operation.handles.is_some()
                    || targets.into_iter().any(|entry| self.visited(traffic, entry) || self.is_checked(entry))
                {
                    continue;
                }
                found.push(
                    Diagnostic::warning("unused-operation", format!("nothing calls `{name}.{}`", operation.name.value))
                        .at(operation.name.span, "it never runs")
                        .help(format!(
                            "call it from a step or from `load`: `{name}.{}`, or take it away",
                            operation.name.value
                        )),
                );
            }
        }
    }

    /// Whether health checks ask for what begins at an instruction.
    fn is_checked(&self, entry: u32) -> bool {
        let probes = &self.tables.machines.checks.probes;
        probes.iter().any(|probe| self.tables.sites[probe.site as usize].entry == entry)
    }

    /// Whether a relay or a registry stands at something that carries records.
    fn relays(&self, part: usize, carried: &BTreeSet<u32>) -> bool {
        let component = self.parts[part].component;
        let to = component.settings.text("to");
        ["outbox", "change-capture", "schema-registry"].contains(&component.kind.value.as_str())
            && carried.iter().any(|log| {
                let log = self.parts[*log as usize].component;
                to == Some(log.name.value.as_str()) || component.settings.text("of") == Some(log.name.value.as_str())
            })
    }

    /// What brings itself about for ever: sends in a round, handlers that publish what they handle.
    fn cascade(&self, endless: &Endless) -> Diagnostic {
        let round = &endless.0;
        let names: Vec<String> = round.iter().map(|entry| format!("`{}`", self.name_at(*entry))).collect();
        let first = names.first().cloned().unwrap_or_default();
        let mut diagnostic = Diagnostic::error("endless-cascade", format!("{first} brings itself about for ever"));
        let mut places: Vec<Span> = Vec::new();
        for (nth, entry) in round.iter().enumerate() {
            let next = round[(nth + 1) % round.len()];
            let handled = |site: usize| self.tables.groups.iter().any(|group| group.site as usize == site);
            let stands = self.origins.iter().enumerate().find(|(site, origin)| {
                self.tables.sites[*site].entry == next
                    && !origin.span.is_none()
                    && (self.entry_of(origin.target) == Some(*entry) || handled(*site))
            });
            if let Some((_, origin)) = stands
                && !places.contains(&origin.span)
            {
                places.push(origin.span);
            }
        }
        let last = places.len().saturating_sub(1);
        for (nth, span) in places.into_iter().enumerate() {
            diagnostic = diagnostic.at(span, if nth == last { "this closes the circle" } else { "this goes round" });
        }
        if names.len() > 1 {
            diagnostic = diagnostic.note(format!("the round is {} and again {first}", names.join(", ")));
        }
        diagnostic
            .note("each of them brings at least one more, so their number only grows")
            .help("let one of them happen in some cases only (`branch: { 30%: [...], 70%: [] }`), or end the chain")
    }
}

/// Settings that are counted, with the most that a run can hold: kind (any where empty), key, most.
const MOST: &[(&str, &str, u64)] = &[
    ("service", "replicas", 100_000),
    ("load-balancer", "replicas", 10_000),
    ("cache", "replicas", 10_000),
    ("", "workers", u32::MAX as u64 - 1),
    ("", "cores", u32::MAX as u64 - 1),
    ("", "copies", 1_000),
    ("", "partitions", 100_000),
];
/// Users of one load.
const USERS_MOST: u64 = 10_000_000;
/// Replicas, or places of consumers, that one run can tell apart.
const PLACES_MOST: u64 = 1 << 24;

impl Lowering<'_> {
    /// What is counted beyond what a run can hold, and what is none where there must be one.
    pub(crate) fn out_of_bounds(&self) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        let mut check = |what: &str, count: u64, most: u64, span: Span| {
            if count == 0 || count > most {
                let many = if count == 0 { "at least 1".to_string() } else { format!("at most {most}") };
                found.push(
                    Diagnostic::error("out-of-range", format!("`{what}: {count}` can't be simulated"))
                        .at(span, "counted here")
                        .help(format!("write {many}")),
                );
            }
        };
        for component in &self.design.components {
            for (kind, key, most) in MOST {
                if (kind.is_empty() || component.kind.value == *kind)
                    && let Some(count) = component.settings.count(key)
                {
                    check(key, count, *most, component.settings.span(key));
                }
            }
            if let Some(topics) = component.settings.map("topics") {
                for (_, topic) in &topics.0 {
                    if let groundplan_model::value::Value::Map(topic) = &topic.value
                        && let Some(count) = topic.count("partitions")
                    {
                        check("partitions", count, 100_000, topic.span("partitions"));
                    }
                }
            }
        }
        for load in &self.design.load {
            check("users", load.users.unwrap_or(1).max(1), USERS_MOST, place(load));
        }
        let replicas = self.tables.zones.len() as u64;
        let places = self.tables.groups.iter().map(|group| match group.partitions {
            0 => u64::from(self.tables.sites[group.site as usize].count) * u64::from(group.prefetch),
            partitions => u64::from(partitions),
        });
        for (what, count) in
            [("replicas of all components", replicas), ("records in work at all consumers", places.sum())]
        {
            check(what, count.max(1), PLACES_MOST, Span::NONE);
        }
        found
    }
}

fn example(component: &groundplan_model::design::Component) -> String {
    let name = &component.name.value;
    component.operations.first().map_or_else(|| name.clone(), |operation| format!("{name}.{}", operation.name.value))
}

fn idle(from: &str, to: &str, span: Span) -> Diagnostic {
    Diagnostic::error("no-traffic", format!("what `{from}` asks of `{to}` here is never asked"))
        .at(span, "carries no traffic")
        .note("it stands in a branch of 0%, in a loop of 0 times, or behind a step that always fails")
        .help("give the branch a share or the loop a count, or take the step away")
}

/// A step that is done no times, if it was to ask something of another component.
pub(crate) fn done_never(step: &groundplan_model::design::Step) -> Option<Diagnostic> {
    use groundplan_model::design::Verb;
    let name = match &step.verb {
        Verb::Call(name) | Verb::Send(name) | Verb::Read(name) | Verb::Write(name) => name,
        Verb::Publish(name) | Verb::Enqueue(name) => name,
        _ => return None,
    };
    Some(
        Diagnostic::error("no-traffic", format!("{} is asked for 0 times", shown(name)))
            .at(step.settings.span("times"), "carries no traffic")
            .help("write how many times, at least 1, or take the step away"),
    )
}

fn place(load: &Load) -> Span {
    let title = load.name.as_ref().or(load.operation.as_ref()).map_or(Span::NONE, |name| name.span);
    load.arrivals.as_ref().map_or(title, |arrivals| if arrivals.span.is_none() { title } else { arrivals.span })
}

fn silent(load: &Load) -> Option<Diagnostic> {
    let sends = match load.users {
        Some(users) => users > 0,
        // However late: what comes after the run is the experiment's to say.
        None => rates::requests(load, 1e12) > 0.0,
    };
    if sends {
        return None;
    }
    Some(
        Diagnostic::error("silent-load", format!("the load {} sends nothing", shown(load.title())))
            .at(place(load), "no request ever comes")
            .help("write a rate above 0/s, as `arrivals: poisson(80/s)`, or at least one of `users`"),
    )
}

fn no_time(load: &Load) -> Diagnostic {
    Diagnostic::error("no-time-passes", format!("the users of {} ask endlessly at one instant", shown(load.title())))
        .at(place(load), "neither their requests nor their thinking takes time")
        .help("let them think, as `think: exp(1s)`, or let what they ask for take time, as `compute: exp(10ms)`")
}

impl crate::kernel::tables::Component {
    /// Work that it can do in a second, all replicas together. Unit: ns per second.
    pub(crate) fn speed(&self) -> f64 {
        let slots = self.workers.min(self.cores);
        if slots == NONE {
            f64::INFINITY
        } else {
            f64::from(slots) * f64::from(self.count - self.standby - self.spares) * 1e9
        }
    }
}
