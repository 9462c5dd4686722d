//! How much each component of a design has to do, from its load alone.
//!
//! Closed form: rates flow along steps, weighted by branches, repeats, `times` and `to: each-replica`. Times are means without waiting; sizing adds
//! the waiting. Retries, failures and cache hits beyond the fixed ratio are left to the simulator.

use groundplan_model::design::{Component, Design, Operation, Step, Verb};
use groundplan_model::units::{Bytes, PerSecond, Seconds};
use groundplan_model::value::Value;
use indexmap::IndexMap;

/// What a message carries where nothing is said: request and answer together.
const USUAL_PAYLOAD: Bytes = Bytes(3_000.0);

/// Work of one component.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Flow {
    /// Frames that enter it.
    pub rate: PerSecond,
    /// CPU it needs. Unit: cores.
    pub cores: f64,
    /// Frames in work on average if nothing waits (Little's law). Unit: frames at once.
    pub at_once: f64,
    /// Reads, for stores.
    pub reads: PerSecond,
    /// Writes, for stores and carriers.
    pub writes: PerSecond,
}

/// Work of all components, and the load of every pair.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Flows {
    /// By component, in the order of the design.
    pub components: IndexMap<String, Flow>,
    /// Calls by caller and callee.
    pub calls: IndexMap<(String, String), PerSecond>,
    /// Records handed on, from where they lie to who handles them. Also in `calls`, but for outboxes, which are polled.
    pub deliveries: IndexMap<(String, String), PerSecond>,
    /// What they carry, request and answer together, by caller and callee. Unit: bytes per second.
    pub traffic: IndexMap<(String, String), f64>,
}

/// The flows of a design at its own load.
#[must_use]
pub fn flows(design: &Design, payloads: &IndexMap<String, Bytes>, round_trip: Seconds) -> Flows {
    let mut walk = Walk { design, payloads, round_trip, flows: Flows::default(), depth: 0, session: None };
    for component in &design.components {
        walk.flows.components.insert(component.name.value.clone(), Flow::default());
    }
    for load in &design.load {
        let Some(rate) = load.arrivals.as_ref().map(|arrivals| arrivals.mean_rate()) else { continue };
        if let Some(operation) = &load.operation {
            walk.enter("", operation, rate);
        }
        for step in &load.steps {
            walk.step("", step, rate);
        }
    }
    walk.flows
}

/// How often a step is done.
fn times(step: &Step) -> f64 {
    step.settings.count("times").unwrap_or(1) as f64
}

struct Walk<'a> {
    design: &'a Design,
    payloads: &'a IndexMap<String, Bytes>,
    round_trip: Seconds,
    flows: Flows,
    depth: usize,
    /// The database whose session is open.
    session: Option<String>,
}

impl<'a> Walk<'a> {
    /// Enters what a call names; answers how long it holds the caller.
    fn enter(&mut self, from: &str, target: &str, rate: PerSecond) -> Seconds {
        // Designs are checked to have no cycle of calls; the bound only guards against ones that were never checked.
        if self.depth > 64 {
            return Seconds(0.0);
        }
        self.depth += 1;
        let held = self.enter_component(from, target, rate);
        self.depth -= 1;
        held
    }

    fn enter_component(&mut self, from: &str, target: &str, rate: PerSecond) -> Seconds {
        let (name, operation) = target.split_once('.').unwrap_or((target, ""));
        let Some(component) = self.component(name) else { return Seconds(0.0) };
        self.count(from, name, target, rate);
        match component.kind.value.as_str() {
            "load-balancer" => {
                let next = match component.settings.get("routes") {
                    Some(Value::Map(routes)) => routes.text(operation).map(str::to_string),
                    _ => component.settings.text("to").map(|to| format!("{to}.{operation}")),
                };
                let held = next.map_or(Seconds(0.0), |next| self.enter(name, &next, rate));
                self.add(name, rate, 0.0, held);
                held + self.round_trip
            }
            "external" => {
                let latency =
                    component.settings.dist("latency").map_or(Seconds(0.0), |latency| Seconds(latency.mean()));
                self.add(name, rate, 0.0, latency);
                latency
            }
            _ => match component.operations.iter().find(|candidate| candidate.name.value == operation) {
                Some(operation) => {
                    let held = self.operation(component, operation, rate);
                    self.add(name, rate, 0.0, held);
                    held + self.round_trip
                }
                None => Seconds(0.0),
            },
        }
    }

    fn operation(&mut self, component: &'a Component, operation: &'a Operation, rate: PerSecond) -> Seconds {
        operation.steps.iter().map(|step| self.step(&component.name, step, rate)).sum()
    }

    fn step(&mut self, at: &str, step: &Step, rate: PerSecond) -> Seconds {
        let times = times(step);
        self.verb(at, step, rate * times) * times
    }

    /// A branch of `parallel`: what it does several times or at several replicas, it does at once.
    fn branch(&mut self, at: &str, step: &Step, rate: PerSecond) -> Seconds {
        let replicas = if step.settings.text("to") == Some("each-replica") { self.replicas_called(step) } else { 1.0 };
        self.verb(at, step, rate * (times(step) * replicas))
    }

    fn replicas_called(&self, step: &Step) -> f64 {
        let callee = match &step.verb {
            Verb::Call(target) => self.component(target.split('.').next().unwrap_or(target)),
            Verb::Read(data) | Verb::Write(data) => self.holder(data),
            _ => None,
        };
        callee.and_then(|callee| callee.settings.count("replicas")).unwrap_or(1) as f64
    }

    fn verb(&mut self, at: &str, step: &Step, rate: PerSecond) -> Seconds {
        match &step.verb {
            Verb::Compute(work) => {
                if let Some(flow) = self.flows.components.get_mut(at) {
                    flow.cores += rate.0 * work.mean();
                }
                Seconds(work.mean())
            }
            Verb::Wait(time) => Seconds(time.mean()),
            Verb::Call(target) => self.enter(at, target, rate),
            Verb::Send(target) => {
                self.enter(at, target, rate);
                Seconds(0.0)
            }
            Verb::Read(data) => self.store(at, data, rate, false),
            Verb::Write(data) => self.store(at, data, rate, true),
            Verb::Publish(topic) | Verb::Enqueue(topic) => self.carry(at, topic, rate),
            Verb::Local(name) => {
                let Some(component) = self.component(at) else { return Seconds(0.0) };
                match component.operations.iter().find(|operation| operation.name.value == name.value) {
                    Some(operation) if self.depth <= 64 => {
                        self.depth += 1;
                        let held = self.operation(component, operation, rate);
                        self.depth -= 1;
                        held
                    }
                    _ => Seconds(0.0),
                }
            }
            Verb::Parallel(steps) => {
                steps.iter().map(|step| self.branch(at, step, rate)).fold(Seconds(0.0), Seconds::max)
            }
            Verb::Branch(ways) => ways
                .iter()
                .map(|(share, steps)| {
                    steps.iter().map(|step| self.step(at, step, rate * share.0)).sum::<Seconds>() * share.0
                })
                .sum(),
            Verb::Transaction(database, steps) => {
                // One worker of the database is held from begin to commit, through everything in between.
                let outer = self.session.replace(database.value.clone());
                let held = steps.iter().map(|step| self.step(at, step, rate)).sum::<Seconds>() + self.round_trip;
                self.session = outer;
                self.add(database, rate, 0.0, held);
                held
            }
            Verb::Repeat(times, steps) => {
                let times = *times as f64;
                steps.iter().map(|step| self.step(at, step, rate * times)).sum::<Seconds>() * times
            }
            Verb::Answer(_) => Seconds(0.0),
        }
    }

    fn store(&mut self, from: &str, data: &str, rate: PerSecond, write: bool) -> Seconds {
        let Some(component) = self.holder(data) else { return Seconds(0.0) };
        let name = component.name.value.clone();
        self.count(from, &name, data, rate);
        if component.kind.value == "cache" {
            let hit = component.settings.dist("hit").map_or(0.0, |hit| hit.mean());
            let ratio = component.settings.share("hit-ratio").map_or(0.0, |share| share.0);
            self.add(&name, rate, 0.0, Seconds(hit));
            let miss = component.settings.text("of").map(str::to_string).map_or(Seconds(0.0), |behind| {
                self.store(&name, &behind, if write { rate } else { rate * (1.0 - ratio) }, write)
            });
            return Seconds(hit) + miss * (1.0 - ratio) + self.round_trip;
        }
        // A write that waits for its copies holds its worker for their round trip too.
        let waits = write && component.settings.text("replication") == Some("sync");
        let acknowledged = if waits { self.round_trip } else { Seconds(0.0) };
        let time =
            component.settings.dist(if write { "write-time" } else { "read-time" }).map_or(0.0, |time| time.mean());
        if self.session.as_ref() != Some(&name) {
            self.add(&name, rate, 0.0, Seconds(time) + acknowledged);
        }
        if let Some(flow) = self.flows.components.get_mut(&name) {
            if write { flow.writes += rate } else { flow.reads += rate }
        }
        if write {
            let outer = self.session.take();
            // Handlers that poll an outbox run for each record in it.
            for (handler, operation) in self.handlers_from(data) {
                self.deliver(&name, &handler.name, rate);
                let held = self.operation(handler, operation, rate);
                self.add(&handler.name, rate, 0.0, held);
            }
            self.session = outer;
        }
        Seconds(time) + acknowledged + self.round_trip
    }

    fn carry(&mut self, from: &str, topic: &str, rate: PerSecond) -> Seconds {
        let carrier = self.design.components.iter().find(|component| {
            component.name.value == topic
                || component.settings.map("topics").is_some_and(|topics| topics.get(topic).is_some())
        });
        let Some(carrier) = carrier else { return Seconds(0.0) };
        let name = carrier.name.value.clone();
        self.count(from, &name, topic, rate);
        self.add(&name, rate, 0.0, Seconds(0.0));
        if let Some(flow) = self.flows.components.get_mut(&name) {
            flow.writes += rate;
        }
        if self.depth <= 64 {
            self.depth += 1;
            for (handler, operation) in self.handlers(topic) {
                self.count(&name, &handler.name, topic, rate);
                self.deliver(&name, &handler.name, rate);
                let held = self.operation(handler, operation, rate);
                self.add(&handler.name, rate, 0.0, held);
            }
            self.depth -= 1;
        }
        self.round_trip * 2.0
    }

    fn handlers(&self, topic: &str) -> Vec<(&'a Component, &'a Operation)> {
        self.operations_where(|operation| {
            operation.handles.as_ref().is_some_and(|handled| handled.value == topic)
                && operation.settings.get("from").is_none()
        })
    }

    fn handlers_from(&self, outbox: &str) -> Vec<(&'a Component, &'a Operation)> {
        self.operations_where(|operation| operation.settings.text("from") == Some(outbox))
    }

    fn operations_where(&self, holds: impl Fn(&Operation) -> bool) -> Vec<(&'a Component, &'a Operation)> {
        self.design
            .components
            .iter()
            .flat_map(|component| component.operations.iter().map(move |operation| (component, operation)))
            .filter(|(_, operation)| holds(operation))
            .collect()
    }

    fn component(&self, name: &str) -> Option<&'a Component> {
        self.design.components.iter().find(|component| component.name.value == name)
    }

    fn holder(&self, data: &str) -> Option<&'a Component> {
        let holds = |component: &&Component| component.settings.texts("holds").iter().any(|held| held.value == data);
        self.design.components.iter().find(holds).or_else(|| self.component(data))
    }

    fn count(&mut self, from: &str, to: &str, what: &str, rate: PerSecond) {
        if !from.is_empty() {
            let pair = (from.to_string(), to.to_string());
            let payload = self.payloads.get(what).copied().unwrap_or(USUAL_PAYLOAD);
            *self.flows.traffic.entry(pair.clone()).or_default() += rate.0 * payload.0;
            *self.flows.calls.entry(pair).or_default() += rate;
        }
    }

    fn deliver(&mut self, from: &str, to: &str, rate: PerSecond) {
        *self.flows.deliveries.entry((from.to_string(), to.to_string())).or_default() += rate;
    }

    fn add(&mut self, name: &str, rate: PerSecond, cores: f64, held: Seconds) {
        if let Some(flow) = self.flows.components.get_mut(name) {
            flow.rate += rate;
            flow.cores += cores;
            flow.at_once += rate.0 * held.0;
        }
    }
}
