//! How large each component must be: closed forms over the flows of a design.
//!
//! Cores by Erlang C (few requests wait for one), copies so that what remains after a zone is lost still carries the
//! peak, workers by Little's law, stores by their leader. The same rules for every style; the simulator judges them.

use crate::demand::{Demand, LoadLevel};
use crate::flows::{Flow, Flows};
use crate::parameters::Parameters;
use crate::plan::{CostRange, Size};
use groundplan_analysis::sizing::{Need, smallest_pool, smallest_split};
use groundplan_model::brief::{Brief, DataSet, Lost};
use groundplan_model::design::{Component, Design};
use groundplan_model::quantity::Ranged;
use groundplan_model::units::{Bytes, PerSecond, Seconds, Share, YEAR};
use groundplan_model::value::{Growth, Settings, Value};

/// Of a hundred requests, how many must get a core (or a store's worker) within one mean time of work.
const PROMPT: Share = Share(0.95);

/// Sizes every component of a design in place and says how. What no size could be found for is said in the steps and
/// runs above its planned use.
pub fn size(design: &mut Design, brief: &Brief, flows: &Flows, parameters: &Parameters) -> Vec<Size> {
    let mut sizes = Vec::new();
    for component in &mut design.components {
        let flow = flows.components.get(&component.name.value).copied().unwrap_or_default();
        let sized = match component.kind.value.as_str() {
            "service" => Some(size_service(component, flow, parameters)),
            "database" => Some(size_database(component, brief, flow, parameters)),
            "log" => Some(size_log(component, flow)),
            "queue" | "load-balancer" => Some(managed(component, flow)),
            _ => None,
        };
        sizes.extend(sized);
    }
    sizes
}

fn size_service(component: &mut Component, flow: Flow, parameters: &Parameters) -> Size {
    let mut steps = vec![format!("{} arrive at the peak of the horizon", flow.rate)];
    let mut size = blank(component, flow);
    if !parameters.mechanisms.contention {
        component.settings.set("replicas", Value::Count(parameters.fewest_copies));
        component.settings.set("workers", Value::Unlimited);
        size.replicas = parameters.fewest_copies;
        return size;
    }
    let work = if flow.rate.0 > 0.0 { Seconds(flow.cores / flow.rate.0) } else { Seconds(0.0) };
    steps.push(format!("{} of CPU each: {:.2} cores busy", work, flow.cores));
    let choice = parameters
        .vcpu_sizes
        .iter()
        .filter_map(|&vcpu| Some((vcpu, copies_needed(flow, work, vcpu, parameters)?)))
        .min_by(|a, b| {
            (a.0 * a.1 as f64, a.1).partial_cmp(&(b.0 * b.1 as f64, b.1)).unwrap_or(std::cmp::Ordering::Equal)
        });
    let (vcpu, copies) = choice.unwrap_or((1.0, parameters.fewest_copies));
    let remaining = after_zone_loss(copies, parameters.zones).max(1);
    steps.push(format!(
        "{copies} copies of {vcpu} vCPU: at most {} busy, {} of a hundred get a core within {}, and the {remaining} left after a \
         zone is lost stay under {}",
        parameters.planned_use,
        (PROMPT.0 * 100.0).round(),
        work,
        parameters.use_after_zone_loss
    ));
    // A worker is held while its request waits for others: Little's law over the copies left after a zone is lost,
    // doubled for what waiting adds.
    let per_copy = flow.at_once / remaining as f64;
    let workers = (2.0 * per_copy).ceil().max(4.0 * vcpu).max(16.0) as u64;
    steps.push(format!("{:.1} requests in work at once (Little's law): {workers} workers in each copy", flow.at_once));
    let memory = parameters.memory_per_vcpu * vcpu;
    component.settings.set("replicas", Value::Count(copies));
    component.settings.set("workers", Value::Count(workers));
    component.settings.set("cores", Value::Count(vcpu as u64));
    component.settings.set("queue", Value::Count(parameters.waiting));
    component.settings.set(
        "size",
        Value::Map(
            Settings::new()
                .with("vcpu", Value::Count(vcpu as u64))
                .with("memory", Value::Size(Ranged::exactly(memory))),
        ),
    );
    size.replicas = copies;
    size.vcpu = vcpu;
    size.memory = memory;
    size.utilisation = Share(flow.cores / (vcpu * copies as f64));
    size.steps = steps;
    size
}

/// Copies of this many cores that a load needs; none where no number does.
fn copies_needed(flow: Flow, work: Seconds, vcpu: f64, parameters: &Parameters) -> Option<u64> {
    let mut copies = parameters.fewest_copies;
    if work.0 > 0.0 {
        let service = PerSecond(1.0 / work.0);
        let need = Need::new(flow.rate, service, parameters.planned_use)?.wait_within(work, PROMPT)?;
        copies = copies.max(u64::from(smallest_split(&need, vcpu as u32).ok()?.0));
        if parameters.mechanisms.minimum_sizes {
            while after_zone_loss(copies, parameters.zones) as f64 * vcpu * parameters.use_after_zone_loss.0
                < flow.cores
                && copies < 10_000
            {
                copies += 1;
            }
        }
    }
    Some(copies)
}

/// Copies left when the zone with the most of them is lost; copies are spread over the zones in order.
fn after_zone_loss(copies: u64, zones: u64) -> u64 {
    copies - copies.div_ceil(zones.max(1))
}

fn size_database(component: &mut Component, brief: &Brief, flow: Flow, parameters: &Parameters) -> Size {
    let mut size = blank(component, flow);
    let rate = flow.reads + flow.writes;
    let mut steps = vec![format!("{} reads and {} writes at the peak of the horizon", flow.reads, flow.writes)];
    let (copies, sync) = copies_of_data(brief);
    component.settings.set("copies", Value::Count(copies));
    if copies > 1 {
        component.settings.set("replication", Value::Text(if sync { "sync" } else { "async" }.into()));
        component.settings.set("failover", Value::Duration(Ranged::exactly(parameters.failover)));
        steps.push(format!(
            "{copies} copies in as many zones, {}: {} to fail over",
            if sync { "a write waits for both" } else { "the second one follows" },
            parameters.failover
        ));
    } else {
        steps.push("one copy: recovery allows a restore".to_string());
    }
    size.replicas = copies;
    size.storage = storage_at_horizon(component, brief);
    steps.push(format!("{} of data at the horizon", size.storage));
    if !parameters.mechanisms.contention {
        component.settings.set("workers", Value::Unlimited);
        return size;
    }
    let time = if rate.0 > 0.0 { Seconds(flow.at_once / rate.0) } else { parameters.store_read.mid() };
    let per_vcpu = parameters.store_workers_per_vcpu;
    let needed = Need::new(rate, PerSecond(1.0 / time.0), parameters.planned_use)
        .and_then(|need| need.wait_within(time, PROMPT))
        .and_then(|need| smallest_pool(&need).ok())
        .map_or(f64::INFINITY, |pool| f64::from(pool.servers()));
    let sizes: Vec<f64> = parameters.vcpu_sizes.iter().copied().filter(|vcpu| *vcpu >= 2.0).collect();
    let largest = sizes.last().copied().unwrap_or(32.0);
    let vcpu = sizes.iter().copied().find(|vcpu| vcpu * per_vcpu >= needed).unwrap_or(largest);
    if vcpu * per_vcpu < needed {
        steps.push(format!("no single leader of up to {largest} vCPU carries this within its planned use"));
    }
    let workers = (vcpu * per_vcpu) as u64;
    steps.push(format!("{time} each in {workers} workers ({per_vcpu} for each of {vcpu} vCPU): few wait for one"));
    component.settings.set("workers", Value::Count(workers));
    component.settings.set(
        "size",
        Value::Map(
            Settings::new()
                .with("vcpu", Value::Count(vcpu as u64))
                .with("memory", Value::Size(Ranged::exactly(parameters.memory_per_vcpu * vcpu))),
        ),
    );
    size.vcpu = vcpu;
    size.memory = parameters.memory_per_vcpu * vcpu;
    size.utilisation = Share(rate.0 * time.0 / workers as f64);
    size.steps = steps;
    size
}

/// Copies of a database and whether writes wait for them: by the recovery that the brief asks for when a zone is lost.
#[must_use]
pub fn copies_of_data(brief: &Brief) -> (u64, bool) {
    let zone = brief.recovery.iter().find(|recovery| recovery.lost == Lost::Zone);
    let loses_nothing = zone.is_some_and(|recovery| recovery.rpo.0 <= 0.0);
    let soon = zone.is_none_or(|recovery| recovery.rto.0 < 4.0 * 3_600.0);
    match (loses_nothing, soon) {
        (true, _) => (2, true),
        (false, true) => (2, false),
        (false, false) => (1, false),
    }
}

/// Size of the data a database holds at the horizon.
fn storage_at_horizon(component: &Component, brief: &Brief) -> Bytes {
    component
        .settings
        .texts("holds")
        .iter()
        .filter_map(|held| brief.data_set(held))
        .map(|data| data_at_horizon(brief, data))
        .sum()
}

/// Size of one data set at the horizon: as its own growth says, else as the writes to it and how long they are kept say.
#[must_use]
pub fn data_at_horizon(brief: &Brief, data: &DataSet) -> Bytes {
    let years = brief.horizon_years();
    match (data.growth, data.item) {
        (Some(Growth::Relative(growth)), _) => data.size * libm::pow(1.0 + growth, years),
        (Some(Growth::Amount(amount)), _) => data.size + amount * data.years_kept(years),
        (None, Some(item)) => {
            let written = written_until_horizon(brief, data);
            let kept = item * written.items;
            if written.all_kept { data.size + kept } else { data.size.max(kept) }
        }
        (None, None) => data.size,
    }
}

/// Items written and still kept at the horizon.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Written {
    /// Their number.
    pub items: f64,
    /// Whether all that is written until the horizon is still kept then.
    pub all_kept: bool,
}

/// What is written to a data set until the horizon, at the mean load, which grows; what is kept for less is only what
/// was written last.
#[must_use]
pub fn written_until_horizon(brief: &Brief, data: &DataSet) -> Written {
    let demand = Demand::of(brief, LoadLevel::MeanToday);
    let writes = demand.writes.get(&data.name.value).copied().unwrap_or_default();
    let grown = libm::log(1.0 + brief.growth.mid());
    // The integral of (1 + growth)^t over some years that end at the horizon. Unit: years.
    let integral = |from: f64, until: f64| {
        if grown.abs() < 1e-9 { until - from } else { (libm::exp(grown * until) - libm::exp(grown * from)) / grown }
    };
    let years = brief.horizon_years();
    let kept = data.keep.map_or(f64::INFINITY, |keep| keep / YEAR);
    Written { items: writes.0 * YEAR.0 * integral((years - kept).max(0.0), years), all_kept: kept >= years }
}

fn size_log(component: &mut Component, flow: Flow) -> Size {
    let mut size = blank(component, flow);
    size.replicas = 3;
    size.vcpu = 2.0;
    size.memory = Bytes(8e9);
    component.settings.set(
        "size",
        Value::Map(
            Settings::new().with("vcpu", Value::Count(2)).with("memory", Value::Size(Ranged::exactly(Bytes(8e9)))),
        ),
    );
    size.steps = vec![format!("{} records: three brokers, one in each zone, each with all records", flow.writes)];
    size
}

fn managed(component: &Component, flow: Flow) -> Size {
    let mut size = blank(component, flow);
    size.steps = vec!["managed: paid by use".to_string()];
    size
}

fn blank(component: &Component, flow: Flow) -> Size {
    Size {
        component: component.name.value.clone(),
        kind: component.kind.value.clone(),
        replicas: 1,
        vcpu: 0.0,
        memory: Bytes(0.0),
        storage: Bytes(0.0),
        load: flow.rate,
        utilisation: Share(0.0),
        steps: Vec::new(),
        cost: CostRange::default(),
    }
}
