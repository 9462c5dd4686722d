//! What of a recovery was given: times that a design or its defaults state, which a run then takes as they are.
//!
//! Beside a measured recovery they say how much of it nobody measured. Left out: timeouts and pauses of retries, which
//! stand in the design beside the calls they belong to.

use super::Compiled;
use super::faults::{settings, subject};
use crate::kernel::machines::copies::Group;
use crate::kernel::machines::releases::Manner;
use crate::kernel::network::{Cut, Effect};
use crate::kernel::tables::{Component, Fault, Harm, NONE, Tables};
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
        let name = compiled.names.components.get(id);
        let group = tables.machines.copies.groups.get(tables.machines.copies.unit(id as u32) as usize);
        let (mut struck, mut restarts, mut fails_over) = (false, killed_by_input(experiment, name), false);
        for fault in faults {
            let falls =
                (component.first..component.first + component.count).any(|r| falls(fault.harm, r, component, tables));
            let leads_anew = group.is_some_and(|group| leads_anew(fault, group, component, tables));
            struck |= falls;
            fails_over |= leads_anew;
            restarts |= falls && !leads_anew || starts_anew(fault.harm, id as u32, tables);
        }
        match group {
            Some(group) if fails_over => {
                let promotion = group.failover.saturating_sub(group.detection).saturating_sub(group.hold_down);
                if group.detection > 0 {
                    add("detection".into(), name, group.detection);
                }
                if group.hold_down > 0 {
                    add("hold-down".into(), name, group.hold_down);
                }
                add(if group.detection > 0 { "promotion" } else { "failover" }.into(), name, promotion);
            }
            _ => {}
        }
        match component.failover {
            Some(failover) if struck => add("failover".into(), name, failover),
            _ if restarts => add("restart".into(), name, component.restart),
            _ => {}
        }
        if !struck {
            continue;
        }
        for steers in tables.machines.steering.names.iter().filter(|steers| steers.targets.contains(&(id as u32))) {
            let name = compiled.names.components.get(steers.component as usize);
            let times = |checks: u32| steers.every.saturating_mul(u64::from(checks));
            add("checks take out after".into(), name, times(steers.unhealthy_after));
            add("checks put back after".into(), name, times(steers.healthy_after));
            add("ttl".into(), name, steers.ttl);
            if steers.ignores > 0 {
                add("keeps-for".into(), name, steers.keeps);
            }
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

/// Whether inputs of an experiment kill processes of a component.
fn killed_by_input(experiment: &Experiment, name: Option<&String>) -> bool {
    let poison = experiment.faults.iter().filter(|fault| fault.kind.value == "poison-input");
    poison.filter(|fault| settings(&fault.argument).flag("kills") != Some(false)).any(|fault| {
        let what = subject(&fault.argument).value;
        name.is_some_and(|name| what.split('.').next() == Some(name))
    })
}

/// Whether a release starts processes of a component with another version.
fn starts_anew(harm: Harm, id: u32, tables: &Tables) -> bool {
    let Harm::Release { release } = harm else {
        return false;
    };
    let release = tables.machines.releases.releases.get(release as usize);
    release.is_some_and(|release| release.component == id && release.manner != Manner::InPlace)
}

/// Whether a fault takes a replica of a component down.
fn falls(harm: Harm, r: u32, component: &Component, tables: &Tables) -> bool {
    let among = |first: u32, count: u32| (first..first + count).contains(&r);
    match harm {
        Harm::Crash { first, count } | Harm::Loss { first, count } | Harm::Down { first, count, .. } => {
            among(first, count)
        }
        Harm::RestartLoop(rule) => among(rule.first, rule.count),
        Harm::ZoneLoss { zone } => tables.zones.get(r as usize) == Some(&zone),
        Harm::LeaderLoss { component: struck } => {
            r == component.first && tables.components.get(struck as usize).is_some_and(|struck| struck.first == r)
        }
        _ => false,
    }
}

/// Whether another copy leads because of a fault, before the first leader is back.
fn leads_anew(fault: &Fault, group: &Group, component: &Component, tables: &Tables) -> bool {
    let lasts = fault.until.saturating_sub(fault.at);
    let followers = group.first + 1..group.first + group.copies;
    let away = match fault.harm {
        Harm::Cut(cut) => {
            let apart = followers.filter(|r| parts(&cut, group, *r, tables)).count() as u32;
            return group.promotes && 2 * apart >= group.copies && lasts > group.failover;
        }
        Harm::Crash { .. } => component.restart,
        Harm::Down { at_once: true, .. } => lasts,
        Harm::RestartLoop(rule) => rule.cap.saturating_add(component.restart),
        _ => lasts.saturating_add(component.restart),
    };
    let regions = &tables.machines.copies.regions[group.regions as usize..];
    let may_lead = |r: u32| group.across || regions[(r - group.first) as usize] == regions[0];
    let mut others = followers.filter(|r| may_lead(*r) && !falls(fault.harm, *r, component, tables));
    group.promotes
        && falls(fault.harm, group.first, component, tables)
        && away > group.failover
        && others.next().is_some()
}

/// Whether a cut lies between the first leader and a follower.
fn parts(cut: &Cut, group: &Group, follower: u32, tables: &Tables) -> bool {
    let spot = |r: u32| (group.component, tables.zones.get(r as usize).copied().unwrap_or_default());
    let (leader, other) = (spot(group.first), spot(follower));
    let between = cut.from.has(leader) && cut.to.has(other) || cut.from.has(other) && cut.to.has(leader);
    between && !matches!(cut.effect, Effect::Lose(_))
}
