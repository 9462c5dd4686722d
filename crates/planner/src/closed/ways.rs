//! What stands on the way to each component of a design: who reaches it, and what there changes how requests arrive.
//!
//! Closed forms are left out where arrivals are far from Poisson, where policies decide who is served, and where attempts
//! fail or are made again often enough to matter. Which form applies where nothing of this stands is told by `closed`.

use super::{all_steps, inner};
use crate::flows::Flows;
use groundplan_model::design::{Design, Load, Step, Verb};
use groundplan_model::estimate::Estimate;
use groundplan_model::quantity::Arrivals;
use groundplan_model::value::Settings;
use groundplan_sim::verdict::{CallVerdict, Verdict};
use std::collections::BTreeSet;

/// Policies of a step that decide how many attempts there are or when they are made.
const STEERING: &[&str] = &["hedge", "throttle", "rate-limit", "breaker", "max-requests", "connections"];
/// The same, of a component.
const STEERED: &[&str] = &["rate-limit", "shed", "max-requests"];
/// Above this many attempts a call, retries matter.
const FEW_ATTEMPTS: f64 = 1.01;
/// Above this share of errors, giving up matters.
const FEW_ERRORS: f64 = 0.01;

/// Names of components, by what stands on the way to them.
#[derive(Debug, Default)]
pub(super) struct Ways {
    /// Flows are not what the load alone says: policies steer them, or attempts fail and are made again.
    pub steered: BTreeSet<String>,
    /// Arrivals are far from Poisson.
    pub bunched: BTreeSet<String>,
    /// Replicas are chosen otherwise than at random.
    pub balanced: BTreeSet<String>,
}

impl Ways {
    pub fn of(design: &Design, work: &Flows, verdict: &Verdict) -> Ways {
        let graph = Graph { design, work };
        let mut ways = Ways::default();
        for component in &design.components {
            let name = component.name.value.as_str();
            if STEERED.iter().any(|key| component.settings.get(key).is_some()) {
                ways.steered.extend(graph.from(name));
            }
            if component.kind.value == "load-balancer" && is_chosen(&component.settings) {
                ways.balanced.extend(graph.next(name));
            }
            // Records come in the order of their partitions and as fast as they are fetched.
            let delivers = |(_, to): &&(String, String)| to == name;
            if work.deliveries.keys().any(|pair| delivers(&pair)) {
                ways.bunched.extend(graph.from(name));
            }
            let steps = component.operations.iter().flat_map(|operation| inner(&operation.steps));
            for step in steps {
                if steers(&step.settings) {
                    ways.steered.extend(graph.from(name));
                }
                ways.parallel(&graph, step);
            }
        }
        for step in all_steps(design) {
            if step.settings.map("balance").is_some_and(is_chosen) {
                ways.balanced.extend(graph.called(step));
            }
        }
        for (pair, call) in &verdict.calls {
            if let Some((caller, _)) = pair.split_once("->")
                && tries_again(call)
            {
                ways.steered.extend(graph.from(caller));
            }
        }
        for load in &design.load {
            ways.load(&graph, load, verdict);
        }
        ways
    }

    fn load(&mut self, graph: &Graph, load: &Load, verdict: &Verdict) {
        let steps = inner(&load.steps);
        let reached = graph.reached_by(load);
        if !matches!(load.arrivals.as_ref().map(|arrivals| &arrivals.value), Some(Arrivals::Poisson(_))) {
            self.bunched.extend(reached.iter().cloned());
        }
        let settings = std::iter::once(&load.settings).chain(steps.iter().map(|step| &step.settings));
        // Retries are judged by what happened; where no call of this load was counted, they are taken to matter.
        let mut made = verdict
            .calls
            .iter()
            .filter(|(pair, _)| pair.split_once("->").is_some_and(|(caller, _)| caller == load.title()));
        let counted = made.clone().next().is_some();
        let often = !counted || made.any(|(_, call)| tries_again(call));
        let again = |settings: &Settings| steers(settings) || (often && settings.get("retry").is_some());
        let gives_up = settings.clone().any(|settings| settings.get("timeout").is_some());
        let available = verdict.operations.get(load.title()).and_then(|operation| operation.availability.value);
        let fails = available.is_some_and(|share| share < 1.0 - FEW_ERRORS);
        if settings.clone().any(again) || (fails && (gives_up || load.steps.len() > 1)) {
            self.steered.extend(reached);
        }
        for step in steps {
            self.parallel(graph, step);
        }
    }

    /// What several branches of a `parallel` reach is reached in batches.
    fn parallel(&mut self, graph: &Graph, step: &Step) {
        let Verb::Parallel(branches) = &step.verb else { return };
        let mut seen = BTreeSet::new();
        for branch in branches {
            let several = branch.settings.count("times").unwrap_or(1) > 1;
            let reached: BTreeSet<String> =
                inner(std::slice::from_ref(branch)).into_iter().flat_map(|step| graph.reached(step)).collect();
            let again = reached.iter().filter(|name| several || seen.contains(*name));
            self.bunched.extend(again.cloned());
            // Each replica has its own visit; what they call in turn is reached by all of them at once.
            if branch.settings.text("to") == Some("each-replica") {
                let called = graph.called(branch);
                self.bunched.extend(reached.iter().filter(|name| Some(*name) != called.as_ref()).cloned());
            }
            seen.extend(reached);
        }
    }
}

/// Whether attempts of this call fail or are made again often enough to matter.
fn tries_again(call: &CallVerdict) -> bool {
    let much = |estimate: &Estimate, few: f64| estimate.value.is_some_and(|value| value > few);
    much(&call.amplification, FEW_ATTEMPTS) || much(&call.errors, FEW_ERRORS)
}

fn steers(settings: &Settings) -> bool {
    STEERING.iter().any(|key| settings.get(key).is_some())
}

fn is_chosen(balancer: &Settings) -> bool {
    balancer.text("algorithm").is_some_and(|word| word != "random")
        || ["max-requests", "outlier"].iter().any(|key| balancer.get(key).is_some())
}

/// Who calls whom.
struct Graph<'a> {
    design: &'a Design,
    work: &'a Flows,
}

impl Graph<'_> {
    /// What a component hands work on to.
    fn next<'a>(&'a self, name: &'a str) -> impl Iterator<Item = String> + 'a {
        let pairs = self.work.calls.keys().chain(self.work.deliveries.keys());
        pairs.filter(move |(from, _)| from == name).map(|(_, to)| to.clone())
    }

    /// A component and everything behind it.
    fn from(&self, name: &str) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut open = vec![name.to_string()];
        while let Some(name) = open.pop() {
            if found.insert(name.clone()) {
                open.extend(self.next(&name));
            }
        }
        found
    }

    /// The component that a step calls, reads, writes or publishes to.
    fn called(&self, step: &Step) -> Option<String> {
        let components = &self.design.components;
        let name = match &step.verb {
            Verb::Call(to) | Verb::Send(to) => to.split('.').next().unwrap_or(to),
            Verb::Read(data) | Verb::Write(data) | Verb::Publish(data) | Verb::Enqueue(data) => {
                let holds = |settings: &Settings| {
                    settings.texts("holds").iter().any(|held| held.value == data.value)
                        || settings.map("topics").is_some_and(|topics| topics.get(data).is_some())
                };
                let holder = components.iter().find(|component| holds(&component.settings));
                holder.map_or(data.value.as_str(), |holder| holder.name.value.as_str())
            }
            _ => return None,
        };
        components.iter().any(|component| component.name.value == name).then(|| name.to_string())
    }

    fn reached(&self, step: &Step) -> BTreeSet<String> {
        self.called(step).map_or_else(BTreeSet::new, |name| self.from(&name))
    }

    fn reached_by(&self, load: &Load) -> BTreeSet<String> {
        let operation = load.operation.iter().map(|operation| operation.split('.').next().unwrap_or(operation));
        let by_operation = operation.flat_map(|name| self.from(name));
        by_operation.chain(inner(&load.steps).into_iter().flat_map(|step| self.reached(step))).collect()
    }
}
