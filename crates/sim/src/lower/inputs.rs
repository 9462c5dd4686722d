//! What of a recovery was given: times that a design or its defaults state, which a run then takes as they are.
//!
//! Beside a measured recovery they say how much of it nobody measured. Left out: timeouts and pauses of retries, which
//! stand in the design beside the calls they belong to.

use super::Compiled;
use crate::kernel::tables::{Component, Fault, Harm, NONE};
use groundplan_model::design::Experiment;
use groundplan_model::units::Seconds;
use serde::{Deserialize, Serialize};

/// A time that was given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Input {
    /// What it is: `restart`, `failover`, `checks notice a loss`.
    pub name: String,
    /// Whose it is; missing for that of a fault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<String>,
    /// The time. Unit: seconds.
    pub value: Seconds,
}

/// What was given of the recovery from the faults of an experiment.
#[must_use]
pub fn inputs(experiment: &Experiment, index: usize, compiled: &Compiled) -> Vec<Input> {
    let mut found = Vec::new();
    let mut add = |name: String, component: Option<&String>, ns: u64| {
        let input = Input { name, component: component.cloned(), value: Seconds(ns as f64 / 1e9) };
        if !found.contains(&input) {
            found.push(input);
        }
    };
    for fault in &experiment.faults {
        if let Some(lasts) = fault.lasts.filter(|lasts| lasts.0 > 0.0) {
            add(format!("{} lasts", fault.kind.value), None, super::nanoseconds(lasts));
        }
    }
    let tables = &compiled.tables;
    let faults: &[Fault] = tables.experiments.get(index).map_or(&[], Vec::as_slice);
    for (id, component) in tables.components.iter().enumerate() {
        let struck = faults.iter().any(|fault| strikes(fault.harm, id as u32, component, &tables.zones));
        if !struck {
            continue;
        }
        let name = compiled.names.components.get(id);
        match component.failover {
            Some(failover) => add("failover".into(), name, failover),
            None => add("restart".into(), name, component.restart),
        }
        let balancers = tables.balancers.iter().filter(|balancer| balancer.component == id as u32);
        let (mut believed, mut any) = (false, false);
        for balancer in balancers {
            any = true;
            if let Some(health) = balancer.health {
                believed = true;
                let times = |checks: u32| health.every.saturating_mul(u64::from(checks));
                add("checks take out after".into(), name, times(health.unhealthy_after));
                add("checks put back after".into(), name, times(health.healthy_after));
            }
            if let Some(outlier) = balancer.outlier {
                believed = true;
                add("first ejection".into(), name, outlier.base);
            }
        }
        if any && !believed {
            add("balancers hear of it after".into(), name, tables.health_delay);
        }
        for group in &tables.groups {
            let consumer = tables.sites.get(group.site as usize).map_or(NONE, |site| site.component);
            if consumer == id as u32 {
                add("consumers are replaced after".into(), name, group.session);
            }
        }
    }
    found
}

/// Whether a fault takes a process of a component down.
fn strikes(harm: Harm, id: u32, component: &Component, zones: &[u16]) -> bool {
    let within = |first: u32, count: u32| first < component.first + component.count && component.first < first + count;
    match harm {
        Harm::Crash { first, count } | Harm::Loss { first, count } | Harm::Down { first, count, .. } => {
            within(first, count)
        }
        Harm::RestartLoop(rule) => within(rule.first, rule.count),
        Harm::ZoneLoss { zone } => {
            let own = component.first as usize..(component.first + component.count) as usize;
            zones.get(own).is_some_and(|zones| zones.contains(&zone))
        }
        Harm::LeaderLoss { component: struck } => struck == id,
        _ => false,
    }
}
