//! From a topology to a design: one builder for every style.
//!
//! What it keeps: every read, write, call, event and `atomic` of the domain, in one order (work, reads, calls, then the
//! writes in one transaction, then what may follow). What a projection changes: a call inside a deployable is `local`,
//! between deployables it is a `call` with CPU on both sides; data of another deployable is read through its owner;
//! `atomic` over several databases becomes a saga whose record costs one more write. What it leaves out: compensations
//! of a saga that fails halfway, stale copies of another's data, an outbox in front of the log; the plan names them.

use crate::parameters::Parameters;
use crate::topology::{Carrier, Topology};
use groundplan_model::brief::{Access, Answer, Brief, DomainOperation, Module};
use groundplan_model::design::{Component, Design, Keep, Load, Network, Operation, OperationTarget, Place, Step, Verb};
use groundplan_model::quantity::{Arrivals, Dist, Ranged};
use groundplan_model::span::Located;
use groundplan_model::units::{Bytes, Seconds};
use groundplan_model::value::{Settings, Value};
use indexmap::{IndexMap, IndexSet};

/// Name of the component every request enters by, unless the brief has something of that name.
pub const GATEWAY: &str = "gateway";
/// Name of the log of event-driven designs, unless the brief has something of that name.
pub const LOG: &str = "events";

/// A design as projected, with what its messages carry.
#[derive(Debug, Clone, PartialEq)]
pub struct Projected {
    /// The design, not sized yet: one copy of everything.
    pub design: Design,
    /// Request and answer together, by what a step names: `checkout.inventory-reserve`, a data set, a topic.
    pub payloads: IndexMap<String, Bytes>,
}

/// Builds the design of a topology.
#[must_use]
pub fn project(brief: &Brief, topology: &Topology, parameters: &Parameters) -> Projected {
    Projection::new(brief, topology, parameters).build()
}

/// The region that everything is placed in: where data must stay, else where most users are.
#[must_use]
pub fn home_region(brief: &Brief) -> String {
    if let Some((_, region)) = brief.residency.first() {
        return region.clone();
    }
    let mut home: Option<&(String, groundplan_model::units::Share)> = None;
    for region in &brief.regions {
        if home.is_none_or(|best| region.1 > best.1) {
            home = Some(region);
        }
    }
    home.map_or_else(|| "home".to_string(), |(region, _)| region.clone())
}

struct Projection<'a> {
    brief: &'a Brief,
    topology: &'a Topology,
    parameters: &'a Parameters,
    /// Name of each unit's service.
    services: Vec<String>,
    /// Name of each unit's database; none where its modules own no data.
    databases: Vec<Option<String>>,
    /// Operations already built or on the way, by service and name.
    built: IndexMap<(usize, String), Operation>,
    /// Operations still to build.
    wanted: Vec<Wanted>,
    /// Events and calls that go through the carrier.
    topics: IndexSet<String>,
    /// Data sets that the projection adds, by unit: outboxes and records of sagas.
    records: IndexSet<(usize, String)>,
    keeps: Vec<Keep>,
    payloads: IndexMap<String, Bytes>,
    /// The component every request enters by.
    gateway: String,
    /// The log, where there is one.
    log: String,
}

/// An operation that some step refers to.
#[derive(Debug, Clone)]
enum Wanted {
    /// An operation of the domain, entered from outside its deployable.
    Remote { unit: usize, path: String },
    /// The same, called inside its deployable; `within` a transaction that is open already, or not.
    Local { unit: usize, path: String, within: bool },
    /// Reads of a data set by another deployable.
    ReadFor { unit: usize, data: String },
    /// Writes of a data set by another deployable.
    WriteFor { unit: usize, data: String },
    /// An operation of the domain that handles an event or a call that may follow.
    Handler { unit: usize, path: String, topic: String, outbox: bool },
    /// A call of an outside dependency that may follow.
    Deliver { unit: usize, path: String, to: String, topic: String },
}

impl<'a> Projection<'a> {
    fn new(brief: &'a Brief, topology: &'a Topology, parameters: &'a Parameters) -> Projection<'a> {
        let mut taken: IndexSet<String> = brief.outside.iter().map(|outside| outside.name.value.clone()).collect();
        taken.extend(brief.data.iter().map(|data| data.name.value.clone()));
        // The brief's own names go first; what we add gives way.
        let mut ours = |names: [&str; 2]| {
            let free = names.into_iter().find(|name| !taken.contains(*name)).map(String::from);
            let mut name = free.unwrap_or_else(|| format!("{}-2", names[1]));
            while !taken.insert(name.clone()) {
                name.push('-');
                name.push('2');
            }
            name
        };
        let (gateway, log) = (ours([GATEWAY, "front-gateway"]), ours([LOG, "event-log"]));
        let mut unique = |name: &str| {
            let mut candidate = name.to_string();
            if taken.contains(&candidate) {
                candidate = format!("{name}-service");
            }
            let mut nth = 2;
            while !taken.insert(candidate.clone()) {
                candidate = format!("{name}-{nth}");
                nth += 1;
            }
            candidate
        };
        let services: Vec<String> = topology.units.iter().map(|unit| unique(&unit.name)).collect();
        // A unit needs a database for its data, and for outboxes and saga records if it emits or must keep things together.
        let owns = |unit: usize| {
            brief.data.iter().any(|data| topology.unit_of(&data.owner) == Some(unit))
                || brief.modules.iter().filter(|module| topology.unit_of(&module.name) == Some(unit)).any(|module| {
                    module.operations.iter().any(|operation| !operation.emits.is_empty() || operation.atomic.len() > 1)
                })
        };
        let databases = (0..topology.units.len())
            .map(|unit| owns(unit).then(|| unique(&fitting(&format!("{}-db", topology.units[unit].name)))))
            .collect();
        Projection {
            brief,
            topology,
            parameters,
            services,
            databases,
            built: IndexMap::new(),
            wanted: Vec::new(),
            topics: IndexSet::new(),
            records: IndexSet::new(),
            keeps: Vec::new(),
            gateway,
            log,
            payloads: brief.data.iter().map(|data| (data.name.value.clone(), item_size(brief, &data.name))).collect(),
        }
    }

    fn build(mut self) -> Projected {
        let region = home_region(self.brief);
        let mut routes = Settings::new();
        let mut load = Vec::new();
        for entry in &self.brief.load {
            let Some(unit) = entry.operation.split_once('.').and_then(|(module, _)| self.topology.unit_of(module))
            else {
                continue;
            };
            let route = operation_name(&entry.operation);
            routes.set(&route, Value::Text(format!("{}.{route}", self.services[unit])));
            self.wanted.push(Wanted::Remote { unit, path: entry.operation.value.clone() });
            let mut settings = Settings::new();
            settings.set("timeout", Value::Duration(Ranged::exactly(self.parameters.call_timeout)));
            load.push(Load {
                name: Some(entry.operation.value.as_str().into()),
                operation: Some(format!("{}.{route}", self.gateway).into()),
                steps: Vec::new(),
                arrivals: Some(Located::from(Arrivals::Poisson(crate::demand::entry_rate(
                    self.brief,
                    entry,
                    crate::demand::LoadLevel::PeakAtHorizon,
                )))),
                settings,
                ..Load::default()
            });
        }
        while let Some(wanted) = self.wanted.pop() {
            self.build_operation(wanted);
        }

        let mut components = vec![
            Component::new(&self.gateway, "load-balancer")
                .placed(&region)
                .with("algorithm", Value::Text("round-robin".into()))
                .with("routes", Value::Map(routes)),
        ];
        components.extend(self.service_components(&region));
        components.extend(self.database_components(&region));
        components.extend(self.carrier_components(&region));
        components.extend(self.outside_components());
        let design = Design {
            name: format!("{}: {}", self.brief.name, self.topology.style.title().to_lowercase()),
            about: format!("{} ({}), made from the brief.", self.topology.style.title(), self.topology.variant),
            places: vec![Place { name: region.as_str().into(), zones: zone_names(self.parameters.zones) }],
            network: Network {
                within_zone: self.parameters.within_zone,
                between_zones: self.parameters.between_zones,
                ..Network::default()
            },
            components,
            load,
            keeps: self.keeps,
            ..Design::default()
        };
        Projected { design, payloads: self.payloads }
    }

    fn build_operation(&mut self, wanted: Wanted) {
        let (unit, name) = (wanted.unit(), wanted.name());
        if self.built.contains_key(&(unit, name.clone())) {
            return;
        }
        // Reserve the place first: operations that refer to each other are built once.
        self.built.insert((unit, name.clone()), Operation::new(&name, Vec::new()));
        let mut operation = Operation::new(&name, Vec::new());
        match wanted {
            Wanted::Remote { path, .. } => {
                let Some((module, domain)) = self.brief.operation(&path) else { return };
                operation.stands_for = Some(path.as_str().into());
                operation.target = self.target_of(&path);
                let payload = domain.request + domain.response;
                self.payloads.insert(format!("{}.{name}", self.services[unit]), payload);
                operation.steps = self.hop_steps(payload.0, &path, "in");
                operation.steps.extend(self.body(unit, module, domain, false));
            }
            Wanted::Local { path, within, .. } => {
                let Some((module, domain)) = self.brief.operation(&path) else { return };
                operation.stands_for = Some(path.as_str().into());
                operation.steps = self.body(unit, module, domain, within);
            }
            Wanted::ReadFor { data, .. } => {
                self.payloads.insert(format!("{}.{name}", self.services[unit]), item_size(self.brief, &data));
                operation.steps = self.hop_steps(item_size(self.brief, &data).0, &data, "read-in");
                operation.steps.push(Step::new(Verb::Read(data.as_str().into())));
            }
            Wanted::WriteFor { data, .. } => {
                self.payloads.insert(format!("{}.{name}", self.services[unit]), item_size(self.brief, &data));
                operation.steps = self.hop_steps(item_size(self.brief, &data).0, &data, "write-in");
                operation.steps.push(Step::new(Verb::Write(data.as_str().into())));
            }
            Wanted::Handler { path, topic, outbox, .. } => {
                let Some((module, domain)) = self.brief.operation(&path) else { return };
                operation.stands_for = Some(path.as_str().into());
                operation.handles = Some(topic.as_str().into());
                if outbox {
                    operation.settings.set("from", Value::Text(outbox_name(&topic)));
                } else {
                    operation.settings.set("group", Value::Text(self.services[unit].clone()));
                    operation.steps = self.hop_steps(domain.request.0, &path, "in");
                    self.payloads.insert(topic.clone(), domain.request);
                }
                operation.steps.extend(self.body(unit, module, domain, false));
            }
            Wanted::Deliver { path, to, topic, .. } => {
                operation.handles = Some(topic.as_str().into());
                operation.settings.set("group", Value::Text(self.services[unit].clone()));
                operation.steps = self.hop_steps(1_000.0, &path, "deliver");
                operation.steps.push(self.outside_call(&path, &to));
            }
        }
        self.built.insert((unit, name), operation);
    }

    /// Work, reads, calls that are waited for, writes (in one transaction where they must change together), what may follow.
    fn body(&mut self, unit: usize, module: &Module, operation: &DomainOperation, within: bool) -> Vec<Step> {
        let path = crate::demand::path_of(&module.name, operation);
        let stable = |what: &str| Value::Text(format!("{path}.{what}"));
        let mut steps = Vec::new();
        if operation.work.mean() > 0.0 {
            steps.push(Step::new(Verb::Compute(operation.work.clone())).with("as", stable("work")));
        }
        for access in &operation.reads {
            steps.extend(self.access(unit, &path, access, false));
        }

        let atomic: Vec<&str> = operation.atomic.iter().map(|data| data.value.as_str()).collect();
        let mut together = Vec::new();
        let mut following = Vec::new();
        for call in &operation.calls {
            // What must change together can't follow later.
            if self.topology.call_is_carried(&call.answer) && !self.writes_any(&call.to, &atomic, None) {
                following.extend(self.hop_steps(1_000.0, &path, &format!("out-to-{}", call.to.value)));
                following.push(self.follow(unit, &path, &call.to));
            } else if self.brief.outside(&call.to).is_some() {
                steps.extend(self.hop_steps(1_000.0, &path, &format!("out-{}", call.to.value)));
                steps.push(self.outside_call(&path, &call.to));
            } else {
                let Some((target_module, target)) = self.brief.operation(&call.to) else { continue };
                let Some(target_unit) = self.topology.unit_of(&target_module.name) else { continue };
                if target_unit == unit {
                    let joins = within || self.writes_any(&call.to, &atomic, Some(unit));
                    self.wanted.push(Wanted::Local { unit, path: call.to.value.clone(), within: joins });
                    let step = Step::new(Verb::Local(local_name(&call.to, joins).into()));
                    if joins { together.push(step) } else { steps.push(step) }
                } else {
                    self.wanted.push(Wanted::Remote { unit: target_unit, path: call.to.value.clone() });
                    steps.extend(self.hop_steps(
                        target.request.0 + target.response.0,
                        &path,
                        &format!("out-{}", call.to.value),
                    ));
                    steps.push(self.remote_call(target_unit, &operation_name(&call.to)));
                }
            }
        }

        let mut writes = Vec::new();
        for access in &operation.writes {
            let access_steps = self.access(unit, &path, access, true);
            let own = self.owner_unit(&access.to) == Some(unit) || !self.parameters.mechanisms.data_split;
            if own { writes.extend(access_steps) } else { steps.extend(access_steps) }
        }
        let owners: IndexSet<Option<usize>> = atomic.iter().map(|data| self.owner_unit(data)).collect();
        let split = owners.len() > 1 && self.parameters.mechanisms.data_split;
        if atomic.len() > 1 {
            let keep = Keep {
                atomic: atomic.iter().map(|data| (*data).to_string()).collect(),
                by: if split { "saga".into() } else { "transaction".into() },
            };
            if !self.keeps.contains(&keep) {
                self.keeps.push(keep);
            }
        }
        let mut records = Vec::new();
        if split {
            // The record of a saga's progress, in the coordinator's own database.
            records.push(fitting(&format!("{}-sagas", operation_name(&path))));
        }
        for event in &operation.emits {
            let handlers: Vec<(String, String)> = self
                .brief
                .handlers(event)
                .map(|(handler_module, handler)| {
                    (handler_module.name.value.clone(), crate::demand::path_of(&handler_module.name, handler))
                })
                .collect();
            for (handler_module, handler) in handlers {
                let Some(target) = self.topology.unit_of(&handler_module) else { continue };
                if self.topology.event_is_carried(&module.name, &handler_module) {
                    let topic = match self.topology.carrier {
                        Carrier::Log => event.value.clone(),
                        Carrier::Queue => fitting(&format!("{}-for-{}", event.value, operation_name(&handler))),
                    };
                    let step = self.carry(&path, &topic);
                    if !following.contains(&step) {
                        following.extend(self.hop_steps(1_000.0, &path, &format!("out-{topic}")));
                        following.push(step);
                    }
                    self.wanted.push(Wanted::Handler { unit: target, path: handler, topic, outbox: false });
                } else {
                    if !records.contains(&outbox_name(event)) {
                        records.push(outbox_name(event));
                    }
                    self.wanted.push(Wanted::Handler { unit, path: handler, topic: event.value.clone(), outbox: true });
                }
            }
        }
        together.splice(0..0, writes);
        for record in records {
            together
                .push(Step::new(Verb::Write(record.as_str().into())).with("as", stable(&format!("record-{record}"))));
            self.records.insert((unit, record));
        }
        match self.database_of(unit) {
            Some(database) if together.len() > 1 && !within => {
                steps.push(Step::new(Verb::Transaction(database.into(), unrolled(together))));
            }
            _ => steps.extend(together),
        }
        steps.extend(following);
        steps
    }

    /// One read or write, in the own database or through the owner's service.
    fn access(&mut self, unit: usize, path: &str, access: &Access, write: bool) -> Vec<Step> {
        let data = &access.to.value;
        let word = if write { "write" } else { "read" };
        let stable = Value::Text(format!("{path}.{word}-{data}"));
        let owner = self.owner_unit(data).unwrap_or(unit);
        let once = if owner == unit || !self.parameters.mechanisms.data_split {
            let verb = if write { Verb::Write(data.as_str().into()) } else { Verb::Read(data.as_str().into()) };
            vec![Step::new(verb).with("as", stable)]
        } else {
            let wanted = if write {
                Wanted::WriteFor { unit: owner, data: data.clone() }
            } else {
                Wanted::ReadFor { unit: owner, data: data.clone() }
            };
            let name = wanted.name();
            self.wanted.push(wanted);
            let mut steps = self.hop_steps(item_size(self.brief, data).0, path, &format!("out-{word}-{data}"));
            steps.push(self.remote_call(owner, &name));
            steps
        };
        let times = access.times.round() as u64;
        if times > 1 { vec![Step::new(Verb::Repeat(times, once))] } else { once }
    }

    /// A call that may follow, handed to the carrier.
    fn follow(&mut self, unit: usize, path: &str, to: &str) -> Step {
        let outside = self.brief.outside(to).is_some();
        // Who calls an outside dependency delivers to it: one topic for each deployable that does.
        let topic = if outside {
            fitting(&format!("to-{}-from-{}", operation_name(to), self.services[unit]))
        } else {
            fitting(&format!("to-{}", operation_name(to)))
        };
        if outside {
            self.wanted.push(Wanted::Deliver {
                unit,
                path: path.to_string(),
                to: to.to_string(),
                topic: topic.clone(),
            });
        } else if let Some(target) =
            self.brief.operation(to).and_then(|(module, _)| self.topology.unit_of(&module.name))
        {
            self.wanted.push(Wanted::Handler {
                unit: target,
                path: to.to_string(),
                topic: topic.clone(),
                outbox: false,
            });
        }
        self.carry(path, &topic)
    }

    /// Whether an operation, or what it calls, writes one of these data sets; within one deployable, or in any.
    fn writes_any(&self, path: &str, data: &[&str], unit: Option<usize>) -> bool {
        let Some((module, operation)) = self.brief.operation(path) else { return false };
        if unit.is_some() && self.topology.unit_of(&module.name) != unit {
            return false;
        }
        operation.writes.iter().any(|write| data.contains(&write.to.value.as_str()))
            || operation.calls.iter().any(|call| self.writes_any(&call.to, data, unit))
    }

    fn carry(&mut self, path: &str, topic: &str) -> Step {
        self.topics.insert(topic.to_string());
        let verb = match self.topology.carrier {
            Carrier::Log => Verb::Publish(topic.into()),
            Carrier::Queue => Verb::Enqueue(topic.into()),
        };
        Step::new(verb).with("as", Value::Text(format!("{path}.emit-{topic}")))
    }

    fn remote_call(&self, unit: usize, operation: &str) -> Step {
        Step::new(Verb::Call(format!("{}.{operation}", self.services[unit]).into()))
            .with("timeout", Value::Duration(Ranged::exactly(self.parameters.call_timeout)))
    }

    fn outside_call(&self, path: &str, to: &str) -> Step {
        Step::new(Verb::Call(to.into()))
            .with("as", Value::Text(format!("{path}.call-{to}")))
            .with("timeout", Value::Duration(Ranged::exactly(self.parameters.call_timeout)))
    }

    /// CPU of one message on one side.
    fn hop_steps(&self, payload: f64, path: &str, what: &str) -> Vec<Step> {
        let cpu = self.parameters.hop_cpu_of(Bytes(payload));
        if cpu.0 <= 0.0 {
            return Vec::new();
        }
        vec![
            Step::new(Verb::Compute(Dist::Const(cpu.0)))
                .with("as", Value::Text(format!("{path}.hop-{}", what.replace('.', "-")))),
        ]
    }

    fn owner_unit(&self, data: &str) -> Option<usize> {
        self.brief.data_set(data).and_then(|set| self.topology.unit_of(&set.owner))
    }

    fn database_of(&self, unit: usize) -> Option<&str> {
        if self.parameters.mechanisms.data_split {
            self.databases[unit].as_deref()
        } else {
            self.databases.iter().flatten().next().map(String::as_str)
        }
    }

    fn target_of(&self, path: &str) -> Option<OperationTarget> {
        let entry = self.brief.load.iter().find(|entry| entry.operation.value == path)?;
        Some(OperationTarget {
            p99: entry.p99.or(entry.accepted_p99).map(|target| target.must),
            availability: Some(entry.availability.unwrap_or(self.brief.availability).must),
        })
    }

    fn service_components(&self, region: &str) -> Vec<Component> {
        self.services
            .iter()
            .enumerate()
            .filter_map(|(unit, name)| {
                let mut service = Component::new(name, "service").placed(region);
                service.operations = self
                    .built
                    .iter()
                    .filter(|((owner, _), _)| *owner == unit)
                    .map(|(_, operation)| operation.clone())
                    .collect();
                service.operations.sort_by(|a, b| a.name.value.cmp(&b.name.value));
                let start = self.parameters.start_up_of(self.topology.units[unit].modules.len());
                (!service.operations.is_empty()).then(|| {
                    service.with("replicas", Value::Count(1)).with("restart", Value::Duration(Ranged::exactly(start)))
                })
            })
            .collect()
    }

    fn database_components(&self, region: &str) -> Vec<Component> {
        let sets = |unit: usize| -> Vec<Located<Value>> {
            let mut sets: Vec<Located<Value>> = self
                .brief
                .data
                .iter()
                .filter(|data| self.topology.unit_of(&data.owner) == Some(unit))
                .map(|data| Located::from(Value::Text(data.name.value.clone())))
                .collect();
            sets.extend(
                self.records
                    .iter()
                    .filter(|(owner, _)| *owner == unit)
                    .map(|(_, name)| Value::Text(name.clone()).into()),
            );
            sets
        };
        let mut components: Vec<Component> = Vec::new();
        for (unit, name) in self.databases.iter().enumerate() {
            let Some(name) = name else { continue };
            let held = sets(unit);
            if held.is_empty() {
                continue;
            }
            match components.first_mut() {
                Some(shared) if !self.parameters.mechanisms.data_split => {
                    if let Some(Value::List(all)) = shared.settings.0.get_mut("holds").map(|held| &mut held.value) {
                        all.extend(held);
                    }
                }
                _ => components.push(
                    Component::new(name, "database")
                        .placed(region)
                        .with("holds", Value::List(held))
                        .with("read-time", Value::Dist(Dist::Exp(self.parameters.store_read.mid().0)))
                        .with("write-time", Value::Dist(Dist::Exp(self.parameters.store_write.mid().0))),
                ),
            }
        }
        components
    }

    fn carrier_components(&self, region: &str) -> Vec<Component> {
        if self.topics.is_empty() {
            return Vec::new();
        }
        match self.topology.carrier {
            Carrier::Queue => self.topics.iter().map(|topic| Component::new(topic, "queue").placed(region)).collect(),
            Carrier::Log => {
                let mut topics = Settings::new();
                for topic in &self.topics {
                    topics.set(topic, Value::Map(Settings::new().with("partitions", Value::Count(12))));
                }
                vec![
                    Component::new(&self.log, "log")
                        .placed(region)
                        .with("copies", Value::Count(3))
                        .with("acks", Value::Text("all".into()))
                        .with("topics", Value::Map(topics)),
                ]
            }
        }
    }

    fn outside_components(&self) -> Vec<Component> {
        let called: IndexSet<&str> = self
            .built
            .values()
            .flat_map(|operation| &operation.steps)
            .filter_map(|step| match &step.verb {
                Verb::Call(to) => Some(to.value.as_str()),
                _ => None,
            })
            .collect();
        let asked = crate::demand::Demand::of(self.brief, crate::demand::LoadLevel::PeakAtHorizon);
        self.brief
            .outside
            .iter()
            .filter(|outside| called.contains(outside.name.value.as_str()))
            .map(|outside| {
                let mut component =
                    Component::new(&outside.name, "external").with("latency", Value::Dist(outside.latency.clone()));
                // Its outages stand in the ledger of the year, not in the runs: a run of minutes would see one or none.
                if let Some(errors) = outside.errors {
                    component.settings.set("errors", Value::Share(Ranged::exactly(errors)));
                }
                // A limit below what the brief itself asks for is a condition of the plan; measured is the plan with it met.
                if let Some(limit) = outside.limit
                    && limit.0 >= asked.outside.get(outside.name.value.as_str()).map_or(0.0, |rate| rate.0)
                {
                    component.settings.set("limit", Value::Rate(Ranged::exactly(limit)));
                }
                component
            })
            .collect()
    }
}

impl Wanted {
    fn unit(&self) -> usize {
        match self {
            Wanted::Remote { unit, .. }
            | Wanted::Local { unit, .. }
            | Wanted::ReadFor { unit, .. }
            | Wanted::WriteFor { unit, .. }
            | Wanted::Handler { unit, .. }
            | Wanted::Deliver { unit, .. } => *unit,
        }
    }

    fn name(&self) -> String {
        match self {
            Wanted::Remote { path, .. } => operation_name(path),
            Wanted::Local { path, within, .. } => local_name(path, *within),
            Wanted::ReadFor { data, .. } => fitting(&format!("read-{data}")),
            Wanted::WriteFor { data, .. } => fitting(&format!("write-{data}")),
            Wanted::Handler { path, topic, .. } => fitting(&format!("{}-on-{topic}", operation_name(path))),
            Wanted::Deliver { topic, .. } => fitting(&format!("deliver-{topic}")),
        }
    }
}

/// Steps of a transaction, which knows no loops: what is repeated stands as often as it runs.
fn unrolled(steps: Vec<Step>) -> Vec<Step> {
    steps
        .into_iter()
        .flat_map(|step| match step.verb {
            Verb::Repeat(times, inner) => (0..times).flat_map(|_| inner.clone()).collect::<Vec<Step>>(),
            _ => vec![step],
        })
        .collect()
}

/// `checkout.place-order` as the name of one operation in a design.
#[must_use]
pub fn operation_name(path: &str) -> String {
    fitting(&path.replace('.', "-"))
}

fn local_name(path: &str, within: bool) -> String {
    fitting(&format!("{}-{}", operation_name(path), if within { "within" } else { "local" }))
}

/// The longest name of the language.
const LONGEST_NAME: usize = 64;

/// A made name that fits: one too long keeps its beginning and gets a number that tells it from others like it.
fn fitting(name: &str) -> String {
    if name.chars().count() <= LONGEST_NAME {
        return name.to_string();
    }
    // FNV-1a, for the same number on every machine.
    let number = name
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let beginning: String = name.chars().take(LONGEST_NAME - 9).collect();
    format!("{beginning}-{:08x}", number as u32)
}

fn outbox_name(event: &str) -> String {
    fitting(&format!("{event}-outbox"))
}

fn zone_names(zones: u64) -> Vec<String> {
    (0..zones.clamp(1, 26)).map(|nth| char::from(b'a' + nth as u8).to_string()).collect()
}

fn item_size(brief: &Brief, data: &str) -> Bytes {
    let set = brief.data_set(data);
    let of_items = |set: &groundplan_model::brief::DataSet| {
        set.items.filter(|items| *items > 0.0).map(|items| Bytes(set.size.0 / items)).filter(|size| size.0 > 0.0)
    };
    set.and_then(|set| set.item.or_else(|| of_items(set))).unwrap_or(Bytes(2_000.0))
}

/// Whether an operation's answer may come before a call is done.
#[must_use]
pub fn may_follow(answer: &Answer) -> bool {
    matches!(answer, Answer::FollowsWithin(_))
}

/// Twice the time between a caller and a callee in other zones two times out of three.
#[must_use]
pub fn typical_round_trip(parameters: &Parameters) -> Seconds {
    let zones = parameters.zones.max(1) as f64;
    parameters.within_zone * (1.0 / zones) + parameters.between_zones * ((zones - 1.0) / zones)
}
