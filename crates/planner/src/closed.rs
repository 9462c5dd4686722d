//! Closed forms beside simulated figures: what queueing theory says of a part of a design, where it says anything.
//!
//! `analysis` computes, `sim` has measured, and neither knows the other: here the two meet. A form is *exact* where all
//! its assumptions hold (Poisson arrivals straight from the load, service without further calls, nothing that gives up),
//! else it is an approximation and says which assumption is bent. Where one does not hold at all, there is no row: closed
//! loads, disciplines other than first come first served, preferring some replicas over others, arrivals far from Poisson,
//! policies that steer, and attempts that often fail or are made again. Utilisation is the same for all arrivals.

mod ways;

use crate::flows::{Flow, Flows, flows};
use groundplan_analysis::attempts::Attempts;
use groundplan_analysis::queues::{BoundedQueue, ServerPool, SharedServer, approximate_mean_wait};
use groundplan_model::design::{Component, Design, Load, Operation, Step, Verb};
use groundplan_model::estimate::Estimate;
use groundplan_model::quantity::{Arrivals, Dist};
use groundplan_model::units::{PerSecond, Seconds, Share};
use groundplan_model::value::{Settings, Value};
use groundplan_sim::verdict::{ComponentVerdict, Verdict};
use indexmap::IndexMap;
use serde::Serialize;
use ways::Ways;

/// What a form speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    /// Workers in use over workers. Range: 0 to 1.
    Utilisation,
    /// Cores in use over cores. Range: 0 to 1.
    CoreUtilisation,
    /// Mean wait for a worker. Unit: seconds.
    MeanWait,
    /// 99th percentile of the wait for a worker. Unit: seconds.
    WaitP99,
    /// Mean time in the component. Unit: seconds.
    MeanTime,
    /// Mean number waiting or in work.
    InSystem,
    /// Share of arrivals that are refused. Range: 0 to 1.
    Refused,
    /// Attempts over calls.
    Amplification,
}

impl Measure {
    /// The words for it.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Measure::Utilisation => "utilisation",
            Measure::CoreUtilisation => "core utilisation",
            Measure::MeanWait => "mean wait",
            Measure::WaitP99 => "p99 wait",
            Measure::MeanTime => "mean time",
            Measure::InSystem => "in system",
            Measure::Refused => "refused",
            Measure::Amplification => "attempts a call",
        }
    }
}

/// A closed form and the simulated figure that it stands beside.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClosedForm {
    /// The component, or `FROM->TO` for calls.
    pub subject: String,
    /// What it speaks of.
    pub measure: Measure,
    /// The model: `M/M/4`, `utilisation law`.
    pub model: String,
    /// The assumption that is bent; none where the form is exact.
    pub approximate: Option<&'static str>,
    /// What the form says, in the unit of the measure.
    pub value: f64,
    /// What was simulated, with its 95% interval.
    pub simulated: Estimate,
}

impl ClosedForm {
    /// Simulated over closed form, less one; none where either can't be given.
    #[must_use]
    pub fn difference(&self) -> Option<f64> {
        let simulated = self.simulated.value?;
        (self.value.abs() > TINY).then(|| simulated / self.value - 1.0)
    }
}

/// Settings of steps and loads that neither fail nor give up; `flows` counts `times` and `to`.
const HARMLESS: &[&str] = &["as", "idempotency-key", "key", "target", "times", "to", "need"];

/// Below this a figure is nothing. Unit: that of the measure; of times a nanosecond.
const TINY: f64 = 1e-9;

const BENT_ARRIVALS: &str = "arrivals are taken for Poisson";
const BENT_SERVICE: &str = "service is not exponential";
const BENT_WAITS: &str = "waits inside transactions and retries are left out";
const BENT_GIVING_UP: &str = "retries, refusals and giving up are left out";

/// Every closed form that applies to a part of a design, beside what a run of its plain load measured.
#[must_use]
pub fn closed_forms(design: &Design, verdict: &Verdict) -> Vec<ClosedForm> {
    if !design.load.iter().all(is_open) {
        return Vec::new();
    }
    let work = flows(design, &IndexMap::new(), round_trip(design));
    let plain = is_plain(design);
    let ways = Ways::of(design, &work, verdict);
    let mut forms = Vec::new();
    for component in &design.components {
        let name = component.name.value.as_str();
        let (Some(flow), Some(measured)) = (work.components.get(name), verdict.components.get(name)) else { continue };
        if flow.rate.0 <= 0.0 || ways.steered.contains(name) {
            continue;
        }
        match component.kind.value.as_str() {
            "service" => Station::of(design, &work, &ways, component, *flow).forms(&mut forms, measured, plain),
            "database" => forms.extend(leader(component, *flow, measured)),
            _ => {}
        }
    }
    attempts(design, verdict, &mut forms);
    forms
}

/// Mean round trip of a message between replicas that are spread over the zones.
fn round_trip(design: &Design) -> Seconds {
    let zones = design.places.iter().map(|place| place.zones.len()).max().unwrap_or(0);
    if zones == 0 {
        return Seconds(0.0);
    }
    let same = 1.0 / zones as f64;
    design.network.within_zone * same + design.network.between_zones * (1.0 - same)
}

/// Use of the workers of a database's leader, which answers unless reads go to its copies.
fn leader(component: &Component, flow: Flow, measured: &ComponentVerdict) -> Option<ClosedForm> {
    let workers = limit(&component.settings, "workers")?;
    let value = flow.at_once / workers;
    // Copies that answer, and shards, each with workers of its own, are not one leader.
    let leads =
        ["copies", "read-from", "shards", "split-points"].iter().all(|key| component.settings.get(key).is_none());
    (value > 0.0 && value < 1.0 && leads).then(|| ClosedForm {
        subject: component.name.value.clone(),
        measure: Measure::Utilisation,
        model: "Little's law".to_string(),
        approximate: Some(BENT_WAITS),
        value,
        simulated: measured.utilisation.clone(),
    })
}

fn is_open(load: &Load) -> bool {
    // A rate that moves has no steady state to compare with.
    let steady = load.arrivals.as_ref().is_some_and(|arrivals| {
        use Arrivals::{At, Ramp, Replay, Sine, Steps};
        !matches!(arrivals.value, Steps(_) | Ramp(..) | Replay(_) | Sine(..) | At(..))
    });
    load.users.is_none() && steady && (load.operation.is_some() || !load.steps.is_empty())
}

/// Whether nothing in the design gives up, tries again or fails.
fn is_plain(design: &Design) -> bool {
    let harmless = |settings: &Settings| settings.0.iter().all(|(key, _)| HARMLESS.contains(&key.as_str()));
    let loads = design.load.iter().all(|load| harmless(&load.settings));
    let outside = |component: &Component| {
        ["errors", "availability", "outages", "limit", "rate-limit", "queue-timeout", "shed"]
            .iter()
            .all(|key| component.settings.get(key).is_none())
    };
    loads && design.components.iter().all(outside) && all_steps(design).iter().all(|step| harmless(&step.settings))
}

fn all_steps(design: &Design) -> Vec<&Step> {
    let operations = design.components.iter().flat_map(|component| &component.operations);
    let of_operations = operations.flat_map(|operation| inner(&operation.steps));
    of_operations.chain(design.load.iter().flat_map(|load| inner(&load.steps))).collect()
}

/// These steps and all inside them.
fn inner(steps: &[Step]) -> Vec<&Step> {
    let mut found = Vec::new();
    let mut open: Vec<&Step> = steps.iter().collect();
    while let Some(step) = open.pop() {
        found.push(step);
        match &step.verb {
            Verb::Parallel(inner) | Verb::Transaction(_, inner) | Verb::Repeat(_, inner) => open.extend(inner),
            Verb::Branch(ways) => open.extend(ways.iter().flat_map(|(_, inner)| inner)),
            _ => {}
        }
    }
    found
}

/// A service as a queueing station.
struct Station<'a> {
    component: &'a Component,
    flow: Flow,
    /// Whether its arrivals are a Poisson stream, or one split at random over the replicas.
    poisson: bool,
    /// Whether they are near enough to one for an approximation.
    nearly: bool,
    /// Time in work of one visit, where it calls no one.
    service: Option<Service>,
    replicas: f64,
    /// Queues that requests are split over: one for each replica, or one for all.
    queues: f64,
    /// Of a replica.
    workers: Option<f64>,
    /// Of a replica.
    cores: Option<f64>,
    /// Most that may wait in a queue; none for no bound.
    room: Option<f64>,
    fifo: bool,
    /// Whether its modules have workers of their own.
    parted: bool,
}

/// The law of a service time, as far as the forms need it.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Service {
    mean: f64,
    second: f64,
    exponential: bool,
}

impl Service {
    fn of(operation: &Operation) -> Option<Service> {
        let mut laws = Vec::new();
        for step in &operation.steps {
            match &step.verb {
                Verb::Compute(dist) | Verb::Wait(dist) if step.settings.0.is_empty() => laws.push(dist),
                _ => return None,
            }
        }
        let mean: f64 = laws.iter().map(|law| law.mean()).sum();
        let variance: f64 = laws.iter().map(|law| law.scv() * law.mean() * law.mean()).sum();
        let exponential = matches!(laws.as_slice(), [Dist::Exp(_)]);
        (mean > 0.0).then_some(Service { mean, second: variance + mean * mean, exponential })
    }

    fn scv(self) -> f64 {
        self.second / (self.mean * self.mean) - 1.0
    }
}

fn limit(settings: &Settings, key: &str) -> Option<f64> {
    match settings.get(key) {
        Some(Value::Count(count)) => Some(*count as f64),
        _ => None,
    }
}

impl<'a> Station<'a> {
    fn of(design: &'a Design, work: &Flows, ways: &Ways, component: &'a Component, flow: Flow) -> Station<'a> {
        let settings = &component.settings;
        let name = component.name.value.as_str();
        let replicas = limit(settings, "replicas").unwrap_or(1.0);
        let queues = if settings.flag("shared-queue") == Some(true) { 1.0 } else { replicas };
        let otherwise = |key: &str, usual: &str| settings.text(key).is_some_and(|word| word != usual);
        let even = queues == 1.0 || !ways.balanced.contains(name);
        Station {
            component,
            flow,
            poisson: is_poisson(design, work, component),
            nearly: even && !ways.bunched.contains(name),
            service: service(design, component, flow),
            replicas,
            queues,
            workers: limit(settings, "workers"),
            cores: limit(settings, "cores"),
            room: limit(settings, "queue"),
            fifo: !otherwise("discipline", "fifo") && !otherwise("preemptive", "no"),
            parted: settings.get("modules").is_some(),
        }
    }

    fn forms(&self, forms: &mut Vec<ClosedForm>, measured: &ComponentVerdict, plain: bool) {
        if !self.fifo {
            return;
        }
        let bent = (!plain).then_some(BENT_GIVING_UP);
        let mut add = |measure, model: String, approximate, value, simulated: &Estimate| {
            let subject = self.component.name.value.clone();
            forms.push(ClosedForm { subject, measure, model, approximate, value, simulated: simulated.clone() });
        };
        let cores = self.cores.or(self.workers);
        let law = || "utilisation law".to_string();
        // A worker that only computes is a core in use: one row says it.
        let same = self.service.is_some() && cores == self.workers;
        if let Some(cores) = cores
            && !same
            && self.flow.cores > 0.0
            && self.flow.cores < cores * self.replicas
        {
            let refuses = measured.refused.as_ref().is_some_and(|refused| refused.value != Some(0.0));
            let bent = bent.or((self.room.is_some() && refuses).then_some(BENT_GIVING_UP));
            let value = self.flow.cores / (cores * self.replicas);
            add(Measure::CoreUtilisation, law(), bent, value, &measured.core_utilisation);
        }
        let Some(service) = self.service else { return };
        let arrivals = bent.or((!self.poisson).then_some(BENT_ARRIVALS));
        let sharing = self.cores.is_some_and(|cores| self.workers.is_none_or(|workers| cores < workers));
        let Some(workers) = self.workers else {
            match self.cores {
                None => {
                    let value = self.flow.rate.0 * service.mean;
                    add(Measure::InSystem, "Little's law".to_string(), bent, value, &measured.in_system);
                }
                Some(1.0) if self.nearly => {
                    let rate = PerSecond(self.flow.rate.0 / self.replicas);
                    if let Some(shared) = SharedServer::new(rate, Seconds(service.mean)) {
                        let value = shared.mean_sojourn().0;
                        add(Measure::MeanTime, "M/G/1-PS".to_string(), arrivals, value, &measured.time.mean);
                    }
                }
                Some(_) => {}
            }
            return;
        };
        if sharing || self.parted {
            return;
        }
        let rate = PerSecond(self.flow.rate.0 / self.queues);
        let workers = workers * self.replicas / self.queues;
        let rho = rate.0 * service.mean / workers;
        let kendall = |exponential: bool| format!("M/{}/{workers}", if exponential { "M" } else { "G" });
        if let Some(room) = self.room {
            let shape = (!service.exponential).then_some(BENT_SERVICE);
            let queue = BoundedQueue::new(rate, PerSecond(1.0 / service.mean), workers as u32, (workers + room) as u32);
            if let Some(queue) = queue.filter(|_| self.nearly)
                && let Some(refused) = &measured.refused
            {
                let model = format!("M/M/{workers}/{}", workers + room);
                add(Measure::Refused, model, arrivals.or(shape), queue.loss().0, refused);
            }
            return;
        }
        if rho >= 1.0 {
            return;
        }
        add(Measure::Utilisation, law(), bent, rho, &measured.utilisation);
        if !self.nearly {
            return;
        }
        let Some(pool) = ServerPool::new(rate, PerSecond(1.0 / service.mean), workers as u32) else { return };
        let exact = service.exponential || workers == 1.0;
        let shape = (!exact).then_some(BENT_SERVICE);
        let wait = approximate_mean_wait(&pool, 1.0, service.scv());
        add(Measure::MeanWait, kendall(service.exponential), arrivals.or(shape), wait.0, &measured.wait.mean);
        if service.exponential
            && let Some(p99) = pool.wait_quantile(Share(0.99))
        {
            add(Measure::WaitP99, kendall(true), arrivals, p99.0, &measured.wait.p99);
        }
    }
}

/// The service time over all visits, each operation by its share; none if one of them calls someone.
fn service(design: &Design, component: &Component, flow: Flow) -> Option<Service> {
    let visits = visits(design, component);
    let sum: f64 = visits.iter().map(|(_, rate)| rate).sum();
    // Visits by others than the load are not told apart by operation: then one operation must be all there is.
    let known = sum > 0.0 && (sum / flow.rate.0 - 1.0).abs() < 1e-9;
    let laws: Vec<(Service, f64)> = match (known, component.operations.as_slice()) {
        (true, _) => {
            let laws = visits.iter().map(|(operation, rate)| Some((Service::of(operation)?, rate / sum)));
            laws.collect::<Option<_>>()?
        }
        (false, [only]) => vec![(Service::of(only)?, 1.0)],
        _ => return None,
    };
    let (first, _) = *laws.first()?;
    let exponential = laws.iter().all(|(law, _)| law.exponential && law.mean == first.mean);
    let mean = laws.iter().map(|(law, share)| law.mean * share).sum();
    let second = laws.iter().map(|(law, share)| law.second * share).sum();
    Some(Service { mean, second, exponential })
}

/// Operations of a component that the load reaches at once or behind load balancers, with their rates.
fn visits<'a>(design: &Design, component: &'a Component) -> Vec<(&'a Operation, f64)> {
    let mut found = Vec::new();
    for (reference, rate) in first_calls(design) {
        if let Some((name, operation)) = behind_balancers(design, &reference)
            && name == component.name.value
            && let Some(operation) = component.operations.iter().find(|candidate| candidate.name.value == operation)
        {
            found.push((operation, rate));
        }
    }
    found
}

/// What clients call, each step of theirs, with its rate.
fn first_calls(design: &Design) -> Vec<(String, f64)> {
    let mut calls = Vec::new();
    for load in &design.load {
        let rate = load.arrivals.as_ref().map_or(0.0, |arrivals| arrivals.mean_rate().0);
        calls.extend(load.operation.as_ref().map(|operation| (operation.value.clone(), rate)));
        for step in &load.steps {
            if let Verb::Call(name) = &step.verb {
                calls.push((name.value.clone(), rate));
            }
        }
    }
    calls
}

fn behind_balancers(design: &Design, reference: &str) -> Option<(String, String)> {
    let mut reference = reference.to_string();
    for _ in 0..8 {
        let (name, operation) = reference.split_once('.')?;
        let component = design.components.iter().find(|component| component.name.value == name)?;
        if component.kind.value != "load-balancer" {
            return Some((name.to_string(), operation.to_string()));
        }
        reference = match component.settings.get("routes") {
            Some(Value::Map(routes)) => routes.text(operation)?.to_string(),
            _ => format!("{}.{operation}", component.settings.text("to")?),
        };
    }
    None
}

/// Whether a component's arrivals are Poisson: they come from Poisson loads alone, at once or (by Burke's theorem) behind
/// stations with exponential service, and are split at random where it has several replicas.
fn is_poisson(design: &Design, work: &Flows, component: &Component) -> bool {
    let name = component.name.value.as_str();
    let kind = |name: &str| {
        let found = design.components.iter().find(|component| component.name.value == name);
        found.map_or("", |component| component.kind.value.as_str())
    };
    let mut callers = work.calls.keys().filter(|(_, to)| to == name).map(|(from, _)| from.as_str());
    if !callers.all(|from| kind(from) == "load-balancer") {
        return false;
    }
    design.load.iter().all(|load| {
        let poisson = matches!(load.arrivals.as_ref().map(|arrivals| &arrivals.value), Some(Arrivals::Poisson(_)));
        let reaches = |step: &Step| matches!(&step.verb, Verb::Call(to) if to.split('.').next() == Some(name));
        match load.steps.iter().position(reaches) {
            // Each station on the way there must let a Poisson stream out again, and none may come twice.
            Some(at) => {
                poisson
                    && !inner(&load.steps[at + 1..]).into_iter().any(reaches)
                    && load.steps[at].settings.count("times").unwrap_or(1) == 1
                    && load.steps[..at].iter().all(|step| lets_poisson_out(design, work, step))
            }
            // Deep inside `repeat` or `parallel` it may come several times.
            None => !inner(&load.steps).into_iter().any(reaches) && (poisson || load.operation.is_none()),
        }
    })
}

fn lets_poisson_out(design: &Design, work: &Flows, step: &Step) -> bool {
    let Verb::Call(to) = &step.verb else { return false };
    let Some((name, _)) = behind_balancers(design, to) else { return false };
    let component = design.components.iter().find(|component| component.name.value == name);
    let (Some(component), Some(flow)) = (component, work.components.get(&name)) else { return false };
    let visits = first_calls(design).iter().filter(|(to, _)| to.split('.').next() == Some(name.as_str())).count();
    let exponential = service(design, component, *flow).is_some_and(|service| service.exponential);
    exponential && visits == 1 && limit(&component.settings, "queue").is_none()
}

/// Attempts of calls that fail independently: a truncated geometric.
fn attempts(design: &Design, verdict: &Verdict, forms: &mut Vec<ClosedForm>) {
    for component in &design.components {
        let steps = component.operations.iter().flat_map(|operation| &operation.steps);
        for step in steps {
            let Verb::Call(to) = &step.verb else { continue };
            let callee = to.split('.').next().unwrap_or_default();
            let pair = format!("{}->{callee}", component.name.value);
            let (Some(fail), Some(retry)) = (step.settings.share("fail"), step.settings.map("retry")) else { continue };
            let only = all_steps(design)
                .iter()
                .filter(|step| matches!(&step.verb, Verb::Call(to) if to.split('.').next() == Some(callee)))
                .count()
                == 1;
            let most = retry.count("attempts").and_then(|most| u32::try_from(most).ok());
            let form = most.and_then(|most| Attempts::new(fail, most));
            if let (Some(form), Some(call), true) = (form, verdict.calls.get(&pair), only) {
                let bent = retry.get("budget").is_some() || step.settings.get("timeout").is_some();
                forms.push(ClosedForm {
                    subject: pair,
                    measure: Measure::Amplification,
                    model: "truncated geometric".to_string(),
                    approximate: bent.then_some("budget and timeouts are left out"),
                    value: form.mean(),
                    simulated: call.amplification.clone(),
                });
            }
        }
    }
}
