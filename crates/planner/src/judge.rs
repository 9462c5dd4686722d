//! From measurements to verdicts of the plan: SLOs, the ledger of a year, the outcome.

use crate::faults::PlannedFault;
use crate::plan::{Cost, FaultResult, Holds, LedgerLine, Size, SloResult};
use crate::topology::Topology;
use groundplan_model::brief::{Brief, LoadEntry, Lost};
use groundplan_model::estimate::{Estimate, Provenance};
use groundplan_model::quantity::Target;
use groundplan_model::units::{MONTH, PerSecond, Seconds, YEAR};
use groundplan_sim::verdict::Verdict;
use indexmap::IndexMap;

/// Minutes of a year.
const YEAR_MINUTES: f64 = YEAR.0 / 60.0;

/// What a year's ledger is written from.
pub struct Book<'a> {
    /// The brief.
    pub brief: &'a Brief,
    /// What waits for what.
    pub topology: &'a Topology,
    /// The faults and how often they come.
    pub planned: &'a [PlannedFault],
    /// What each of them does.
    pub results: &'a [FaultResult],
    /// What fails without any fault.
    pub steady: &'a Verdict,
}

/// The ledger of one entry point, or of all requests: what fails without a fault, each fault's rate a year times what one
/// occurrence costs beyond that, and the outages of what is called outside.
#[must_use]
pub fn ledger(book: &Book<'_>, operation: Option<&str>) -> Vec<LedgerLine> {
    let mut lines = vec![without_faults(book, operation)];
    for (planned, result) in book.planned.iter().zip(book.results) {
        let minutes = match operation {
            None => result.bad_user_minutes.clone(),
            Some(name) => result
                .operations
                .iter()
                .find(|measured| measured.operation == name)
                .map_or_else(|| Estimate::unknown("not measured"), |measured| measured.bad_user_minutes.clone()),
        };
        let observed = (crate::faults::LASTS + crate::faults::AFTER).0 / 60.0;
        // What can't be told may be all or nothing.
        let (low, high) = match (minutes.low, minutes.high) {
            (Some(low), Some(high)) => (low.max(0.0), high.clamp(0.0, observed)),
            _ => (minutes.value.unwrap_or(0.0).max(0.0), observed),
        };
        let mut minutes = minutes;
        minutes.at_least |= result.recovery.at_least;
        lines.push(LedgerLine {
            fault: result.name.clone(),
            per_year: planned.per_year,
            source: planned.source.clone(),
            minutes_each: minutes,
            minutes_year: (planned.per_year.0 * low, planned.per_year.1 * high),
        });
    }
    for outside in &book.brief.outside {
        let Some(availability) = outside.availability else { continue };
        let share = match operation {
            Some(name) => f64::from(u8::from(waits_for(book, name, &outside.name))),
            None => share_waiting_for(book, &outside.name),
        };
        if share <= 0.0 {
            continue;
        }
        let each = (1.0 - availability.0) * MONTH.0 / 60.0 * share;
        let months = YEAR.0 / MONTH.0;
        lines.push(LedgerLine {
            fault: format!("outage of {}", outside.name.value),
            per_year: (months, months),
            source: format!("its availability of {availability} in the brief: one outage a month"),
            minutes_each: Estimate::exact(each),
            minutes_year: (months * each, months * each),
        });
    }
    lines
}

/// What fails all year without any fault: errors of dependencies, timeouts that cut a tail.
fn without_faults(book: &Book<'_>, operation: Option<&str>) -> LedgerLine {
    let (mut value, mut low, mut high, mut weight) = (0.0, 0.0, 0.0, 0.0);
    for entry in &book.brief.load {
        if operation.is_some_and(|name| name != entry.operation.value) {
            continue;
        }
        let rate = crate::demand::entry_rate(book.brief, entry, crate::demand::LoadLevel::PeakAtHorizon).0;
        let available = book.steady.operations.get(&entry.operation.value).map(|figures| &figures.availability);
        let of = |pick: fn(&Estimate) -> Option<f64>, otherwise: f64| available.and_then(pick).unwrap_or(otherwise);
        weight += rate;
        value += rate * (1.0 - of(|estimate| estimate.value, 1.0));
        low += rate * (1.0 - of(|estimate| estimate.high, 1.0));
        high += rate * (1.0 - of(|estimate| estimate.low, 0.0));
    }
    let minutes = |failing: f64| if weight > 0.0 { failing / weight * YEAR_MINUTES } else { 0.0 };
    LedgerLine {
        fault: "no fault at all".into(),
        per_year: (1.0, 1.0),
        source: "what fails under the plain load, all year".into(),
        minutes_each: Estimate::new(minutes(value), minutes(low), minutes(high)),
        minutes_year: (minutes(low), minutes(high)),
    }
}

/// One minus the ledger's sum over a year; without a lower end where a fault outlived its observation.
#[must_use]
pub fn annual_availability(lines: &[LedgerLine]) -> Estimate {
    let lost = |pick: fn(&(f64, f64)) -> f64| lines.iter().map(|line| pick(&line.minutes_year)).sum::<f64>();
    let (low, high) = (lost(|minutes| minutes.0), lost(|minutes| minutes.1));
    let share = |minutes: f64| (1.0 - minutes / YEAR_MINUTES).max(0.0);
    let mut estimate = Estimate::new(share((low + high) / 2.0), share(high), share(low));
    if let Some(line) = lines.iter().find(|line| line.minutes_each.at_least) {
        estimate.low = None;
        estimate.reason = Some(format!("{} was not over when observation ended", line.fault));
    }
    estimate
}

/// Whether an answer to an entry point waits for an outside dependency: what the topology hands to a carrier is not
/// waited for, what it calls at once is, even if it might follow.
fn waits_for(book: &Book<'_>, path: &str, outside: &str) -> bool {
    let Some((_, operation)) = book.brief.operation(path) else { return false };
    operation.calls.iter().any(|call| {
        !book.topology.call_is_carried(&call.answer) && (call.to.value == outside || waits_for(book, &call.to, outside))
    })
}

/// Share of all requests whose answer waits for an outside dependency.
fn share_waiting_for(book: &Book<'_>, outside: &str) -> f64 {
    let (mut waiting, mut all) = (0.0, 0.0);
    for entry in &book.brief.load {
        let rate = entry.rate.mid().0;
        all += rate;
        if waits_for(book, &entry.operation, outside) {
            waiting += rate;
        }
    }
    if all > 0.0 { waiting / all } else { 0.0 }
}

/// Everything the SLOs of one candidate are judged by.
pub struct Evidence<'a> {
    /// The brief.
    pub brief: &'a Brief,
    /// The plain load.
    pub steady: &'a Verdict,
    /// The faults.
    pub faults: &'a [FaultResult],
    /// Availability over a year, by entry point.
    pub years: &'a IndexMap<String, Estimate>,
    /// The cost.
    pub cost: &'a Cost,
    /// The sizes.
    pub sizes: &'a [Size],
    /// Writes to all databases.
    pub writes: PerSecond,
}

/// All SLOs of a brief, judged.
#[must_use]
pub fn slos(evidence: &Evidence<'_>) -> Vec<SloResult> {
    let mut results = Vec::new();
    for entry in &evidence.brief.load {
        latency(evidence, entry, &mut results);
        availability(evidence, entry, &mut results);
    }
    capacity(evidence, &mut results);
    recovery(evidence, &mut results);
    budget(evidence, &mut results);
    results
}

fn each<T: Copy>(target: Target<T>) -> impl Iterator<Item = (T, bool)> {
    [(Some(target.must), true), (target.want, false)].into_iter().filter_map(|(value, must)| Some((value?, must)))
}

fn latency(evidence: &Evidence<'_>, entry: &LoadEntry, results: &mut Vec<SloResult>) {
    let name = &entry.operation.value;
    let measured = evidence.steady.operations.get(name);
    for (word, target) in [("p99", entry.p99), ("p99 until accepted", entry.accepted_p99)] {
        let Some(target) = target else { continue };
        for (threshold, must) in each(target) {
            let measured =
                measured.map_or_else(|| Estimate::unknown("not measured"), |figures| figures.latency.p99.clone());
            results.push(SloResult {
                name: format!("{word} of {name}"),
                operation: Some(name.clone()),
                target: format!("at most {threshold}"),
                threshold: threshold.0,
                holds: at_most(&measured, threshold.0),
                measured,
                must,
                provenance: Provenance::Simulated,
            });
        }
    }
}

fn availability(evidence: &Evidence<'_>, entry: &LoadEntry, results: &mut Vec<SloResult>) {
    let name = &entry.operation.value;
    let target = entry.availability.unwrap_or(evidence.brief.availability);
    for (threshold, must) in each(target) {
        let measured = evidence.years.get(name).cloned().unwrap_or_else(|| Estimate::unknown("not measured"));
        results.push(SloResult {
            name: format!("availability of {name} over a year"),
            operation: Some(name.clone()),
            target: format!("at least {threshold}"),
            threshold: threshold.0,
            holds: at_least(&measured, threshold.0),
            measured,
            must,
            provenance: Provenance::Computed,
        });
    }
}

/// Components that are asked for more than they can do: what is measured of them is how long the run was.
fn capacity(evidence: &Evidence<'_>, results: &mut Vec<SloResult>) {
    for size in evidence.sizes.iter().filter(|size| size.utilisation.0 >= 1.0) {
        let measured = Estimate::exact(size.utilisation.0);
        results.insert(
            0,
            SloResult {
                name: format!("use of {} at the peak of the horizon", size.component),
                operation: None,
                target: "under 100%".into(),
                threshold: 1.0,
                holds: Holds::No,
                measured,
                must: true,
                provenance: Provenance::Computed,
            },
        );
    }
}

fn recovery(evidence: &Evidence<'_>, results: &mut Vec<SloResult>) {
    for recovery in &evidence.brief.recovery {
        let (what, zone) = match recovery.lost {
            Lost::Zone => ("a lost zone", evidence.faults.iter().find(|fault| fault.name == "zone-loss")),
            Lost::Region => ("a lost region", None),
            Lost::Data => ("lost data", None),
        };
        let not_run = || Estimate::unknown(format!("{what} is not simulated yet"));
        let time = zone.map_or_else(not_run, |zone| zone.recovery.clone());
        results.push(SloResult {
            name: format!("time to recover from {what}"),
            operation: None,
            target: format!("at most {}", recovery.rto),
            threshold: recovery.rto.0,
            holds: recovered(&time, recovery.rto),
            measured: time,
            must: true,
            provenance: Provenance::Simulated,
        });
        // Lost writes as an age: how long it took to write as many.
        let lost = zone.map_or_else(not_run, |zone| age_of(&zone.lost_writes, evidence.writes));
        results.push(SloResult {
            name: format!("age of the writes lost with {what}"),
            operation: None,
            target: if recovery.rpo.0 > 0.0 { format!("at most {}", recovery.rpo) } else { "none lost".into() },
            threshold: recovery.rpo.0,
            holds: at_most(&lost, recovery.rpo.0),
            measured: lost,
            must: true,
            provenance: Provenance::Simulated,
        });
    }
}

fn age_of(lost: &Estimate, writes: PerSecond) -> Estimate {
    let age = |count: Option<f64>| count.map(|count| if writes.0 > 0.0 { count.max(0.0) / writes.0 } else { 0.0 });
    Estimate { value: age(lost.value), low: age(lost.low), high: age(lost.high), ..lost.clone() }
}

/// A recovery that did not end while it was observed is "at least"; longer targets than that stay undecided.
fn recovered(measured: &Estimate, target: Seconds) -> Holds {
    match (measured.high, measured.at_least) {
        (Some(high), false) if high <= target.0 => Holds::Yes,
        _ if measured.low.is_some_and(|low| low > target.0) => Holds::No,
        _ => Holds::Undecided,
    }
}

fn budget(evidence: &Evidence<'_>, results: &mut Vec<SloResult>) {
    let Some(budget) = evidence.brief.budget else { return };
    let total = evidence.cost.total;
    let measured = Estimate::new((total.low.0 + total.high.0) / 2.0, total.low.0, total.high.0);
    for (threshold, must) in each(budget) {
        results.push(SloResult {
            name: "cost a month".into(),
            operation: None,
            target: format!("at most {} {}", groundplan_model::units::significant(threshold.0), evidence.cost.currency),
            threshold: threshold.0,
            holds: at_most(&measured, threshold.0),
            measured: measured.clone(),
            must,
            provenance: Provenance::Computed,
        });
    }
}

fn at_most(measured: &Estimate, threshold: f64) -> Holds {
    match (measured.low, measured.high) {
        (_, Some(high)) if high <= threshold && !measured.at_least => Holds::Yes,
        (Some(low), _) if low > threshold => Holds::No,
        _ => Holds::Undecided,
    }
}

fn at_least(measured: &Estimate, threshold: f64) -> Holds {
    match (measured.low, measured.high) {
        (Some(low), _) if low >= threshold => Holds::Yes,
        (_, Some(high)) if high < threshold => Holds::No,
        _ => Holds::Undecided,
    }
}
