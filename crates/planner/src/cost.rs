//! What a design costs a month: its sizes and its traffic times dated unit prices, as a range.
//!
//! Low: the low end of each price, machines reserved for a year. High: the high end, on demand. Machines are paid for
//! the peak of the horizon; traffic, storage and requests for the mean at the horizon. Left out: people, support,
//! licences, logs and traces, egress to outside dependencies.

use crate::demand::{LoadLevel, entry_rate};
use crate::flows::Flows;
use crate::plan::{Cost, CostPart, CostRange, Size};
use groundplan_knowledge::{Fact, Knowledge};
use groundplan_model::brief::Brief;
use groundplan_model::units::{Bytes, MONTH, Money, significant};

/// Hours of a month.
const HOURS: f64 = MONTH.0 / 3_600.0;

/// The unit prices, each a fact with its range, source and date.
pub struct Prices<'a> {
    knowledge: &'a Knowledge,
}

impl<'a> Prices<'a> {
    /// The prices of a knowledge.
    #[must_use]
    pub fn new(knowledge: &'a Knowledge) -> Prices<'a> {
        Prices { knowledge }
    }

    fn fact(&self, id: &str) -> &'a Fact {
        self.knowledge.fact(id)
    }
}

/// The cost of a sized design. Also writes each component's part into its size.
pub fn cost(brief: &Brief, flows: &Flows, sizes: &mut [Size], prices: &Prices<'_>) -> Cost {
    let mut parts: Vec<CostPart> = Vec::new();
    let busy = mean_over_peak(brief);
    for size in sizes.iter_mut() {
        let (name, range, steps) = match size.kind.as_str() {
            "service" => compute(size, prices),
            "database" => database(size, prices),
            "cache" => cache(size, prices),
            "log" => log(size, busy, prices),
            "queue" => queue(size, busy, prices),
            "load-balancer" => balancer(size, brief, busy, prices),
            _ => continue,
        };
        size.cost = range;
        match parts.iter_mut().find(|part| part.name == name) {
            Some(part) => {
                part.range.low += range.low;
                part.range.high += range.high;
                part.steps.extend(steps);
            }
            None => parts.push(CostPart { name: name.to_string(), range, steps }),
        }
    }
    parts.push(egress(brief, prices));
    parts.push(between_zones(brief, flows, busy, prices));
    let total = CostRange {
        low: parts.iter().map(|part| part.range.low).sum(),
        high: parts.iter().map(|part| part.range.high).sum(),
    };
    Cost { total, parts, currency: "USD" }
}

/// Mean load over peak load, both at the horizon.
fn mean_over_peak(brief: &Brief) -> f64 {
    let sum = |level| brief.load.iter().map(|entry| entry_rate(brief, entry, level).0).sum::<f64>();
    let peak = sum(LoadLevel::PeakAtHorizon);
    if peak > 0.0 { sum(LoadLevel::MeanAtHorizon) / peak } else { 1.0 }
}

fn unit(fact: &Fact) -> String {
    let range = if fact.is_range() { format!("{}-{}", fact.low, fact.high) } else { fact.value.to_string() };
    format!("{range} {} ({}, {})", fact.unit, fact.source, fact.date)
}

/// Machines: reserved at the low end, on demand at the high end.
fn machines(size: &Size, vcpu: &Fact, gb: &Fact, discount: &Fact) -> (CostRange, String) {
    let gigabytes = size.memory.0 / 1e9;
    let copies = size.replicas as f64;
    let hour = |vcpu: f64, gb: f64| size.vcpu * vcpu + gigabytes * gb;
    let reserved = 1.0 - discount.value;
    let range = CostRange {
        low: Money(copies * hour(vcpu.low, gb.low) * HOURS * reserved),
        high: Money(copies * hour(vcpu.high, gb.high) * HOURS),
    };
    let step = format!(
        "{}: {} x ({} vCPU x {} + {} GB x {}) x {HOURS} h; low end with {} off for a reserved year",
        size.component,
        size.replicas,
        size.vcpu,
        unit(vcpu),
        significant(gigabytes),
        unit(gb),
        groundplan_model::units::Share(discount.value)
    );
    (range, step)
}

fn compute(size: &Size, prices: &Prices<'_>) -> (&'static str, CostRange, Vec<String>) {
    let (range, step) =
        machines(size, prices.fact("vm-vcpu-hour"), prices.fact("vm-gb-hour"), prices.fact("reserved-discount"));
    ("services", range, vec![step])
}

fn database(size: &Size, prices: &Prices<'_>) -> (&'static str, CostRange, Vec<String>) {
    let (mut range, step) = machines(
        size,
        prices.fact("database-vcpu-hour"),
        prices.fact("database-gb-hour"),
        prices.fact("reserved-discount"),
    );
    let storage = prices.fact("database-storage-gb-month");
    let gigabytes = size.storage.0 / 1e9 * size.replicas as f64;
    range.low += Money(gigabytes * storage.low);
    range.high += Money(gigabytes * storage.high);
    let stored = format!("{}: {} x {} x {}", size.component, size.replicas, size.storage, unit(storage));
    ("databases", range, vec![step, stored])
}

fn cache(size: &Size, prices: &Prices<'_>) -> (&'static str, CostRange, Vec<String>) {
    let price = prices.fact("cache-gb-hour");
    let gigabytes = size.memory.0 / 1e9 * size.replicas as f64;
    let range = CostRange { low: Money(gigabytes * price.low * HOURS), high: Money(gigabytes * price.high * HOURS) };
    ("caches", range, vec![format!("{}: {} GB x {} x {HOURS} h", size.component, significant(gigabytes), unit(price))])
}

fn log(size: &Size, busy: f64, prices: &Prices<'_>) -> (&'static str, CostRange, Vec<String>) {
    let (broker, storage) = (prices.fact("broker-hour"), prices.fact("broker-storage-gb-month"));
    let discount = prices.fact("reserved-discount");
    // A week of records of 1 KB, on each broker.
    let kept = Bytes(size.load.0 * busy * 1_000.0 * 7.0 * 86_400.0);
    let brokers = size.replicas as f64;
    let stored = kept.0 / 1e9 * brokers * storage.value;
    let range = CostRange {
        low: Money(brokers * broker.value * HOURS * (1.0 - discount.value) + stored),
        high: Money(brokers * broker.value * HOURS + stored),
    };
    let steps = vec![
        format!(
            "{}: {} brokers x {} USD/h ({}, {}) x {HOURS} h",
            size.component, size.replicas, broker.value, broker.source, broker.date
        ),
        format!("{}: a week of records, {kept} on each broker x {}", size.component, unit(storage)),
    ];
    ("brokers", range, steps)
}

fn queue(size: &Size, busy: f64, prices: &Prices<'_>) -> (&'static str, CostRange, Vec<String>) {
    let price = prices.fact("queue-million");
    // A message is sent, received and deleted.
    let millions = size.load.0 * busy * MONTH.0 * 3.0 / 1e6;
    let range = CostRange { low: Money(millions * price.low), high: Money(millions * price.high) };
    (
        "brokers",
        range,
        vec![format!(
            "{}: {} million requests (send, receive, delete) x {}",
            size.component,
            significant(millions),
            unit(price)
        )],
    )
}

fn balancer(size: &Size, brief: &Brief, busy: f64, prices: &Prices<'_>) -> (&'static str, CostRange, Vec<String>) {
    let (hour, unit_hour) = (prices.fact("load-balancer-hour"), prices.fact("load-balancer-unit-hour"));
    // The largest of the unit's dimensions is billed; for answers of a few KB that is the volume, 1 GB an hour.
    let volume = size.load.0 * busy * 3_600.0 * answer_size(brief) / 1e9;
    let range = CostRange {
        low: Money((hour.low + unit_hour.low * volume) * HOURS),
        high: Money((hour.high + unit_hour.high * volume.max(1.0)) * HOURS),
    };
    let step = format!(
        "{}: ({} + {} units x {}) x {HOURS} h",
        size.component,
        unit(hour),
        significant(volume),
        unit(unit_hour)
    );
    ("load balancing", range, vec![step])
}

/// Mean size of an answer over all entry points. Unit: bytes.
fn answer_size(brief: &Brief) -> f64 {
    let (mut bytes, mut requests) = (0.0, 0.0);
    for entry in &brief.load {
        if let Some((_, operation)) = brief.operation(&entry.operation) {
            let rate = entry_rate(brief, entry, LoadLevel::MeanAtHorizon).0;
            bytes += rate * operation.response.0;
            requests += rate;
        }
    }
    if requests > 0.0 { bytes / requests } else { 0.0 }
}

fn egress(brief: &Brief, prices: &Prices<'_>) -> CostPart {
    let price = prices.fact("egress-gb");
    let requests: f64 =
        brief.load.iter().map(|entry| entry_rate(brief, entry, LoadLevel::MeanAtHorizon).0).sum::<f64>() * MONTH.0;
    let gigabytes = requests * answer_size(brief) / 1e9;
    CostPart {
        name: "egress".into(),
        range: CostRange { low: Money(gigabytes * price.low), high: Money(gigabytes * price.high) },
        steps: vec![format!("{} GB of answers a month x {}", significant(gigabytes), unit(price))],
    }
}

/// Traffic between deployables and stores: two thirds of it crosses a zone when copies stand in three.
fn between_zones(brief: &Brief, flows: &Flows, busy: f64, prices: &Prices<'_>) -> CostPart {
    let price = prices.fact("zone-traffic-gb");
    let outside = |name: &str| brief.outside(name).is_some();
    let bytes: f64 =
        flows.traffic.iter().filter(|((_, to), _)| !outside(to)).map(|(_, bytes)| bytes).sum::<f64>() * busy;
    let gigabytes = bytes * MONTH.0 / 1e9 * (2.0 / 3.0);
    CostPart {
        name: "traffic between zones".into(),
        range: CostRange { low: Money(gigabytes * price.low), high: Money(gigabytes * price.high) },
        steps: vec![format!("{} GB crossing a zone a month x {}", significant(gigabytes), unit(price))],
    }
}
