//! From measurements to verdicts of the plan: SLOs, the ledger of a year, the outcome.

use crate::faults::PlannedFault;
use crate::plan::{Cost, FaultResult, Holds, LedgerLine, SloResult};
use groundplan_model::brief::{Answer, Brief, LoadEntry, Lost};
use groundplan_model::estimate::{Estimate, Provenance};
use groundplan_model::quantity::Target;
use groundplan_model::units::{MONTH, Seconds, Share, YEAR};
use groundplan_sim::verdict::Verdict;
use indexmap::IndexMap;

/// Minutes of a year.
const YEAR_MINUTES: f64 = YEAR.0 / 60.0;

/// The ledger: each fault's rate a year times what one occurrence costs, and the outages of what is called outside.
#[must_use]
pub fn ledger(
    brief: &Brief,
    planned: &[PlannedFault],
    results: &[FaultResult],
    operation: Option<&str>,
) -> Vec<LedgerLine> {
    let mut lines = Vec::new();
    for (planned, result) in planned.iter().zip(results) {
        let minutes = match operation {
            None => result.bad_user_minutes.clone(),
            Some(name) => result
                .operations
                .iter()
                .find(|measured| measured.operation == name)
                .map_or_else(|| Estimate::unknown("not measured"), |measured| measured.bad_user_minutes.clone()),
        };
        let (low, high) = (minutes.low.unwrap_or(0.0).max(0.0), minutes.high.unwrap_or(0.0).max(0.0));
        lines.push(LedgerLine {
            fault: result.name.clone(),
            per_year: planned.per_year,
            source: planned.source.clone(),
            minutes_each: minutes,
            minutes_year: (planned.per_year.0 * low, planned.per_year.1 * high),
        });
    }
    for outside in &brief.outside {
        let Some(availability) = outside.availability else { continue };
        let share = match operation {
            Some(name) => f64::from(u8::from(waits_for(brief, name, &outside.name))),
            None => share_waiting_for(brief, &outside.name),
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

/// One minus the ledger's sum over a year.
#[must_use]
pub fn annual_availability(lines: &[LedgerLine]) -> Estimate {
    let lost = |pick: fn(&(f64, f64)) -> f64| lines.iter().map(|line| pick(&line.minutes_year)).sum::<f64>();
    let (low, high) = (lost(|minutes| minutes.0), lost(|minutes| minutes.1));
    let share = |minutes: f64| (1.0 - minutes / YEAR_MINUTES).max(0.0);
    Estimate::new(share((low + high) / 2.0), share(high), share(low))
}

/// Whether an answer to an entry point waits for an outside dependency.
fn waits_for(brief: &Brief, path: &str, outside: &str) -> bool {
    let Some((_, operation)) = brief.operation(path) else { return false };
    operation.calls.iter().any(|call| {
        matches!(call.answer, Answer::Needed) && (call.to.value == outside || waits_for(brief, &call.to, outside))
    })
}

/// Share of all requests whose answer waits for an outside dependency.
fn share_waiting_for(brief: &Brief, outside: &str) -> f64 {
    let (mut waiting, mut all) = (0.0, 0.0);
    for entry in &brief.load {
        let rate = entry.rate.mid().0;
        all += rate;
        if waits_for(brief, &entry.operation, outside) {
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
}

/// All SLOs of a brief, judged.
#[must_use]
pub fn slos(evidence: &Evidence<'_>) -> Vec<SloResult> {
    let mut results = Vec::new();
    for entry in &evidence.brief.load {
        latency(evidence, entry, &mut results);
        availability(evidence, entry, &mut results);
    }
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

fn recovery(evidence: &Evidence<'_>, results: &mut Vec<SloResult>) {
    for recovery in &evidence.brief.recovery {
        if recovery.lost != Lost::Zone {
            continue;
        }
        let Some(zone) = evidence.faults.iter().find(|fault| fault.name == "zone-loss") else { continue };
        results.push(SloResult {
            name: "time to recover from a lost zone".into(),
            operation: None,
            target: format!("at most {}", recovery.rto),
            threshold: recovery.rto.0,
            holds: recovered(&zone.recovery, recovery.rto),
            measured: zone.recovery.clone(),
            must: true,
            provenance: Provenance::Simulated,
        });
        if recovery.rpo.0 <= 0.0 {
            results.push(SloResult {
                name: "writes lost with a zone".into(),
                operation: None,
                target: "none".into(),
                threshold: 0.0,
                holds: at_most(&zone.lost_writes, 0.0),
                measured: zone.lost_writes.clone(),
                must: true,
                provenance: Provenance::Simulated,
            });
        }
    }
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

/// A share as a share of its error budget, for people: `0.4 of the error budget`.
#[must_use]
pub fn of_error_budget(availability: f64, target: Share) -> f64 {
    (1.0 - availability) / (1.0 - target.0).max(1e-12)
}
