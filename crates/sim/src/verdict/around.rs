//! What happens around a fault: the series of slices, blast radius, recovery and collapse.
//!
//! Slices of all replications at one time are added up (faults strike all of them at the same instants), and the figures
//! are read from the sums; their intervals come from drawing whole replications again. So recovery has the grain of a
//! slice, 10 s by default. A peak is the largest of many noisy shares and so a little high where hardly anything happens.

use super::alert::{self, Alert, Tally};
use crate::record::{Ending, Record};
use crate::statistics::{Resampled, bootstrap, reference};
use groundplan_model::design::OperationTarget;
use groundplan_model::estimate::Estimate;
use groundplan_model::units::Seconds;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// Length of the windows that recovery and blast radius are read in.
pub const WINDOW: Seconds = Seconds(10.0);
/// How long each window in a row must meet the target.
const IN_A_ROW: Seconds = Seconds(60.0);
/// Runs that a probability of collapse needs. An experiment that asks for one gets as many.
pub const COLLAPSE_RUNS: usize = 100;
/// A regime is common from this share of the runs on.
const REGIME_COMMON: f64 = 0.05;
/// Why there is nothing to recover from.
const NO_FAULT: &str = "the experiment has no fault";
/// Availability that counts as recovered where nobody said one.
pub const AVAILABILITY_ASSUMED: f64 = 0.99;

/// When the faults of an experiment are active, in seconds after warm-up.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Faulty {
    /// Onset of the first.
    pub from: Seconds,
    /// End of the last; none if one lasts to the end.
    pub until: Option<Seconds>,
}

/// How far a fault reaches, for one operation or for all requests together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BlastRadius {
    /// Largest share of requests in 10 s that failed or were late because of the fault: above the share before it.
    pub peak: Estimate,
    /// That share summed over time. Unit: minutes. `1.5` is as bad for the operation's users as a full outage of 90 s.
    pub bad_user_minutes: Estimate,
}

/// What the slices of one operation say, by slice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// Requests that arrived, per second.
    pub arrivals: Vec<f64>,
    /// Share that ended ok; null where nothing arrived.
    pub ok: Vec<Option<f64>>,
    /// Share that ended ok in time; null where nothing arrived.
    pub in_time: Vec<Option<f64>>,
    /// Share by how they failed; only causes that occurred. Null where nothing arrived.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub errors: IndexMap<String, Vec<Option<f64>>>,
    /// Median latency of the ok ones. Unit: seconds.
    pub p50: Vec<Option<f64>>,
    /// 99th percentile of the latency of the ok ones. Unit: seconds.
    pub p99: Vec<Option<f64>>,
}

/// The series of an operation over all replications.
#[must_use]
pub fn series(records: &[Record], operation: usize) -> Series {
    let mut series =
        Series { arrivals: vec![], ok: vec![], in_time: vec![], errors: IndexMap::new(), p50: vec![], p99: vec![] };
    let Some(first) = records.first() else { return series };
    let slices = first.entries[operation].segments.len();
    let width = records.iter().map(|record| record.window as f64).sum::<f64>() / 1e9 / slices.max(1) as f64;
    for slice in 0..slices {
        let mut latency = crate::histogram::Coarse::default();
        let (mut arrived, mut counted, mut ok, mut in_time) = (0, 0, 0, 0);
        for record in records {
            let segment = &record.entries[operation].segments[slice];
            arrived += segment.arrived;
            counted += segment.arrived - segment.cancelled;
            ok += segment.ok;
            in_time += segment.in_time;
            latency.merge(&segment.latency);
        }
        let share = |part: u64| (counted > 0).then(|| part as f64 / counted as f64);
        let at = |p: f64| latency.quantile(p).map(|ns| ns as f64 / 1e9);
        series.arrivals.push(arrived as f64 / width);
        series.ok.push(share(ok));
        series.in_time.push(share(in_time));
        series.p50.push(at(0.5));
        series.p99.push(at(0.99));
    }
    let failed = |slice: usize, cause: Ending| -> u64 {
        let of =
            |record: &Record| record.entries[operation].failed.get(slice).map_or(0, |failed| failed[cause as usize]);
        records.iter().map(of).sum()
    };
    for cause in Ending::ALL.into_iter().filter(|cause| !matches!(cause, Ending::Ok | Ending::Cancelled)) {
        let counts: Vec<u64> = (0..slices).map(|slice| failed(slice, cause)).collect();
        if counts.iter().any(|count| *count > 0) {
            let share = |(slice, count): (usize, u64)| {
                let segments = records.iter().map(|record| &record.entries[operation].segments[slice]);
                let counted: u64 = segments.map(|segment| segment.arrived - segment.cancelled).sum();
                (counted > 0).then(|| count as f64 / counted as f64)
            };
            series.errors.insert(cause.word().into(), counts.into_iter().enumerate().map(share).collect());
        }
    }
    series
}

/// Counts of one window of one replication.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    counted: f64,
    ok: f64,
    in_time: f64,
    /// Ok within the p99 target that recovery is judged by.
    met: f64,
    /// Neither failed nor late, by the operation's own target or by what the experiment expects.
    good: f64,
}

impl Counts {
    fn add(&mut self, other: &Counts, weight: f64) {
        self.counted += weight * other.counted;
        self.ok += weight * other.ok;
        self.in_time += weight * other.in_time;
        self.met += weight * other.met;
        self.good += weight * other.good;
    }

    fn bad_share(&self) -> f64 {
        if self.counted > 0.0 { 1.0 - self.good / self.counted } else { 0.0 }
    }

    /// Whether the target is met; none where nothing arrived.
    fn meets(&self, target: OperationTarget) -> Option<bool> {
        if self.counted <= 0.0 {
            return None;
        }
        let availability = target.availability.map_or(AVAILABILITY_ASSUMED, |share| share.0);
        let available = self.ok >= availability * self.counted - 1e-9;
        let quick = target.p99.is_none() || self.met >= 0.99 * self.ok - 1e-9;
        Some(available && quick && self.ok > 0.0)
    }
}

/// The windows of some operations around the faults, ready to be asked.
pub struct Around {
    /// By operation, by replication, by window.
    counts: Vec<Vec<Vec<Counts>>>,
    targets: Vec<OperationTarget>,
    /// What an alert sees, by operation, by replication, by slice, and the length of a slice. Unit: seconds.
    tallies: Vec<Vec<Vec<Tally>>>,
    slice: f64,
    alert: Alert,
    /// Length of a window. Unit: seconds.
    width: f64,
    /// Windows wholly before the first onset.
    before: usize,
    onset: f64,
    /// First window wholly after the last fault; none if it lasts.
    after: Option<usize>,
    replications: usize,
    confidence: f64,
    /// Whether there are faults at all.
    faulty: bool,
    /// Runs were added up: which of them collapsed can't be told.
    summed: bool,
}

impl Around {
    /// The same without faults: nothing to recover from, but runs may collapse by themselves.
    #[must_use]
    pub fn faultless(records: &[Record], targets: &[OperationTarget], confidence: f64) -> Around {
        let never = Faulty { from: Seconds(0.0), until: Some(Seconds(0.0)) };
        Around { faulty: false, ..Around::new(records, targets, never, confidence) }
    }

    /// Cuts the records into windows of 10 s (or of one slice, if slices are longer).
    ///
    /// `targets` by operation: what recovery is judged by.
    #[must_use]
    pub fn new(records: &[Record], targets: &[OperationTarget], faulty: Faulty, confidence: f64) -> Around {
        let window = records.first().map_or(0.0, |record| record.window as f64 / 1e9);
        let slices =
            records.first().and_then(|record| record.entries.first()).map_or(1, |entry| entry.segments.len().max(1));
        let slice = window / slices as f64;
        let group = ((WINDOW.0 / slice.max(1e-9)).round() as usize).clamp(1, slices);
        let width = slice * group as f64;
        let windows = slices / group;
        let cut = |record: &Record, operation: usize| -> Vec<Counts> {
            let limit = targets[operation].p99.map(|p99| (p99.0 * 1e9).round() as u64);
            record.entries[operation].segments[..windows * group]
                .chunks(group)
                .map(|segments| {
                    let mut sum = Counts::default();
                    for segment in segments {
                        let met = limit.map_or(1.0, |limit| segment.latency.share_at_most(limit));
                        let ok = segment.ok as f64;
                        let one = Counts {
                            counted: (segment.arrived - segment.cancelled) as f64,
                            ok,
                            in_time: segment.in_time as f64,
                            met: ok * met,
                            good: if segment.in_time < segment.ok { segment.in_time as f64 } else { ok * met },
                        };
                        sum.add(&one, 1.0);
                    }
                    sum
                })
                .collect()
        };
        let tally = |record: &Record, operation: usize| -> Vec<Tally> {
            let segments = record.entries[operation].segments[..slices].iter();
            let one = |counted: u64, ok: u64| Tally { counted: counted as f64, failed: (counted - ok) as f64 };
            segments.map(|segment| one(segment.arrived - segment.cancelled, segment.ok)).collect()
        };
        Around {
            tallies: (0..targets.len())
                .map(|operation| records.iter().map(|record| tally(record, operation)).collect())
                .collect(),
            slice,
            alert: Alert::default(),
            counts: (0..targets.len())
                .map(|operation| records.iter().map(|record| cut(record, operation)).collect())
                .collect(),
            targets: targets.to_vec(),
            width,
            // A hair of slack, so that a fault at 3 min falls on the window that starts there.
            before: ((faulty.from.0 / width + 1e-9) as usize).min(windows),
            onset: faulty.from.0,
            after: faulty.until.map(|until| (until.0 / width - 1e-9).ceil() as usize),
            replications: records.len(),
            confidence,
            faulty: true,
            summed: records.iter().any(|record| record.runs > 1),
        }
    }

    /// The same, with another alert.
    #[must_use]
    pub fn alerting(self, alert: Alert) -> Around {
        Around { alert, ..self }
    }

    /// From the onset of the first fault until an alert on an operation's failures fires. See `Alert`.
    #[must_use]
    pub fn detected_by_alert(&self, operation: usize) -> Estimate {
        if !self.faulty {
            return Estimate::unknown(NO_FAULT);
        }
        let slices = self.tallies[operation].first().map_or(0, Vec::len);
        if self.before >= self.counts[operation].first().map_or(0, Vec::len) {
            return Estimate::unknown("the fault strikes after the end");
        }
        let said = self.targets[operation].availability;
        let budget = 1.0 - said.map_or(AVAILABILITY_ASSUMED, |share| share.0);
        if budget <= 0.0 {
            return Estimate::unknown("an objective of 100% leaves no budget to burn");
        }
        let [found] = bootstrap(self.replications, self.confidence, |weights| {
            let mut pooled = vec![Tally::default(); slices];
            for (tallies, &weight) in self.tallies[operation].iter().zip(weights).filter(|(_, weight)| **weight > 0) {
                for (sum, one) in pooled.iter_mut().zip(tallies) {
                    sum.counted += f64::from(weight) * one.counted;
                    sum.failed += f64::from(weight) * one.failed;
                }
            }
            [alert::fires(&pooled, self.slice, self.onset, budget, self.alert)]
        });
        if found.value.is_some() {
            let found = self.estimate(found);
            let reason = said.is_none().then(|| "no objective was given: 99% is assumed".into());
            return Estimate { reason: found.reason.or(reason), ..found };
        }
        let watched = slices as f64 * self.slice - self.onset;
        Estimate {
            value: Some(watched),
            low: found.low.or(Some(watched)),
            high: None,
            reason: Some("no alert while it was observed".into()),
            at_least: true,
        }
    }

    /// Length of a window.
    #[must_use]
    pub fn width(&self) -> Seconds {
        Seconds(self.width)
    }

    /// Blast radius of one operation.
    #[must_use]
    pub fn blast_radius(&self, operation: usize) -> BlastRadius {
        self.blast_radius_of(&[operation])
    }

    /// Blast radius over all requests, each counting the same.
    #[must_use]
    pub fn blast_radius_total(&self) -> BlastRadius {
        let all: Vec<usize> = (0..self.counts.len()).collect();
        self.blast_radius_of(&all)
    }

    fn blast_radius_of(&self, operations: &[usize]) -> BlastRadius {
        if !self.faulty {
            let none = || Estimate::unknown(NO_FAULT);
            return BlastRadius { peak: none(), bad_user_minutes: none() };
        }
        let [peak, minutes] = bootstrap(self.replications, self.confidence, |weights| {
            let pooled = self.pooled(operations, weights);
            let (before, after) = pooled.split_at(self.before);
            let mut calm = Counts::default();
            before.iter().for_each(|window| calm.add(window, 1.0));
            let usual = calm.bad_share();
            let excess = after.iter().filter(|window| window.counted > 0.0).map(|window| window.bad_share() - usual);
            let peak = excess.clone().fold(0.0, f64::max);
            [Some(peak), Some((excess.sum::<f64>() * self.width / 60.0).max(0.0))]
        });
        BlastRadius { peak: self.estimate(peak), bad_user_minutes: self.estimate(minutes) }
    }

    /// From the onset of the first fault to the start of the first 60 s in which each window meets the target.
    #[must_use]
    pub fn recovery(&self, operation: usize) -> Estimate {
        if !self.faulty {
            return Estimate::unknown(NO_FAULT);
        }
        let windows = self.counts[operation].first().map_or(0, Vec::len);
        if self.before >= windows {
            return Estimate::unknown("the fault strikes after the end");
        }
        let row = ((IN_A_ROW.0 / self.width).round() as usize).max(1);
        if windows - self.before < row {
            return Estimate::unknown("fewer than 60 s are watched after the onset");
        }
        let [found] = bootstrap(self.replications, self.confidence, |weights| {
            let pooled = self.pooled(&[operation], weights);
            let mut met = Vec::with_capacity(windows - self.before);
            for window in &pooled[self.before..] {
                // A window in which nothing arrived goes on as the one before it.
                let last = met.last().copied().unwrap_or(true);
                met.push(window.meets(self.targets[operation]).unwrap_or(last));
            }
            let start = met.windows(row).position(|row| row.iter().all(|met| *met));
            [start.map(|start| ((self.before + start) as f64 * self.width - self.onset).max(0.0))]
        });
        if found.value.is_some() {
            let found = self.estimate(found);
            let assumed = self.targets[operation] == OperationTarget::default();
            let reason = assumed.then(|| "no target was given: 99% ended ok counts as recovered".into());
            return Estimate { reason: found.reason.or(reason), ..found };
        }
        let watched = windows as f64 * self.width - self.onset;
        let mut calm = Counts::default();
        let all = self.pooled(&[operation], &vec![1; self.replications]);
        all[..self.before].iter().for_each(|window| calm.add(window, 1.0));
        let missed = calm.meets(self.targets[operation]) == Some(false);
        let reason = if missed { "not met before the fault" } else { "not recovered when observation ended" };
        Estimate {
            value: Some(watched),
            low: found.low.or(Some(watched)),
            high: None,
            reason: Some(reason.into()),
            at_least: true,
        }
    }

    /// Share of runs that collapse: over the last quarter, goodput below half of demand, or the target (met before the
    /// fault) not met, of any operation. None unless all faults end before that quarter.
    #[must_use]
    pub fn collapse(&self) -> Option<Collapse> {
        self.collapse_among(0..self.counts.len())
    }

    /// The same of one operation.
    #[must_use]
    pub fn collapse_of(&self, operation: usize) -> Option<Collapse> {
        self.collapse_among(operation..operation + 1)
    }

    fn collapse_among(&self, operations: std::ops::Range<usize>) -> Option<Collapse> {
        if self.summed {
            return None;
        }
        let windows = self.counts.first()?.first()?.len();
        let last = windows - windows.div_ceil(4);
        if self.after? > last || self.before > last {
            return None;
        }
        let everyone = vec![1; self.replications];
        let was_met: Vec<bool> = operations
            .clone()
            .map(|operation| {
                let mut calm = Counts::default();
                self.pooled(&[operation], &everyone)[..self.before].iter().for_each(|window| calm.add(window, 1.0));
                calm.meets(self.targets[operation]) == Some(true)
            })
            .collect();
        let collapsed: Vec<bool> = (0..self.replications)
            .map(|replication| {
                operations.clone().zip(&was_met).any(|(operation, was_met)| {
                    let mut end = Counts::default();
                    self.counts[operation][replication][last..].iter().for_each(|window| end.add(window, 1.0));
                    let starved = end.counted > 0.0 && end.in_time < 0.5 * end.counted;
                    starved || (*was_met && end.meets(self.targets[operation]) == Some(false))
                })
            })
            .collect();
        let count = collapsed.iter().filter(|collapsed| **collapsed).count();
        let (low, high) = reference::wilson(count as u64, self.replications as u64, self.confidence);
        let share = count as f64 / self.replications as f64;
        let few = self.replications < COLLAPSE_RUNS;
        let probability = Estimate {
            reason: few.then(|| format!("{} runs; a probability wants {COLLAPSE_RUNS}", self.replications)),
            ..Estimate::new(share, low, high)
        };
        let common = REGIME_COMMON..1.0 - REGIME_COMMON;
        Some(Collapse { probability, two_regimes: share > common.start && share < common.end, collapsed })
    }

    /// All replications added up, each as often as its weight says; by window.
    fn pooled(&self, operations: &[usize], weights: &[u32]) -> Vec<Counts> {
        let windows = self.counts.first().and_then(|by| by.first()).map_or(0, Vec::len);
        let mut pooled = vec![Counts::default(); windows];
        for &operation in operations {
            for (windows, &weight) in self.counts[operation].iter().zip(weights) {
                if weight > 0 {
                    pooled.iter_mut().zip(windows).for_each(|(sum, window)| sum.add(window, f64::from(weight)));
                }
            }
        }
        pooled
    }

    fn estimate(&self, found: Resampled) -> Estimate {
        let value = found.value;
        if self.replications < 2 {
            let reason = Some(crate::statistics::ONE_REPLICATION.into());
            return Estimate { value, low: None, high: None, reason, at_least: false };
        }
        let low = found.low.zip(value).map(|(low, value)| low.min(value));
        let high = found.high.zip(value).map(|(high, value)| high.max(value));
        let reason = (high.is_none()).then(|| "some draws of the runs never come to it".into());
        Estimate { value, low, high, reason, at_least: false }
    }
}

/// Whether runs come back after a fault.
#[derive(Debug, Clone, PartialEq)]
pub struct Collapse {
    /// Share of runs that do not, with Wilson's interval.
    pub probability: Estimate,
    /// Both outcomes are common: means over them say nothing.
    pub two_regimes: bool,
    /// By run: whether it collapsed.
    pub collapsed: Vec<bool>,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::verdict::testing::record_with;
    use groundplan_model::units::Share;

    const TARGET: OperationTarget = OperationTarget { p99: None, availability: Some(Share(0.99)) };

    /// Ten minutes in 60 slices of 100 requests, with this many bad ones by slice.
    fn around(runs: usize, until: f64, bad: impl Fn(usize, usize) -> u64) -> Around {
        let records: Vec<Record> = (0..runs).map(|run| record_with(60, 100, |slice| bad(run, slice))).collect();
        let faulty = Faulty { from: Seconds(180.0), until: Some(Seconds(until)) };
        Around::new(&records, &[TARGET], faulty, 0.95)
    }

    #[test]
    fn an_outage_of_a_minute_and_a_half_is_one_and_a_half_bad_minutes() {
        let around = around(4, 270.0, |_, slice| if (18..27).contains(&slice) { 100 } else { 0 });
        let blast = around.blast_radius(0);
        assert_eq!(blast.peak.value, Some(1.0));
        assert!((blast.bad_user_minutes.value.unwrap() - 1.5).abs() < 1e-9);
        assert_eq!(around.recovery(0).value, Some(90.0));
        assert_eq!(around.width(), Seconds(10.0));
    }

    #[test]
    fn what_is_usual_before_the_fault_is_not_its_doing() {
        let around = around(4, 240.0, |_, slice| if (18..24).contains(&slice) { 30 } else { 10 });
        let blast = around.blast_radius(0);
        assert!((blast.peak.value.unwrap() - 0.2).abs() < 1e-9);
        assert!((blast.bad_user_minutes.value.unwrap() - 0.2).abs() < 1e-9);
        // A tenth fails all the time, so the target is never met.
        let recovery = around.recovery(0);
        assert!(recovery.at_least && recovery.reason.unwrap().contains("not met before the fault"));
        let worse = self::around(4, 240.0, |_, slice| if slice >= 18 { 10 } else { 0 }).recovery(0);
        assert!(worse.at_least && worse.reason.unwrap().contains("not recovered"));
    }

    #[test]
    fn late_by_what_the_experiment_expects_is_bad_too() {
        // Requests take 1 to 100 ms; nobody fails, and the operation has no target of its own.
        let records: Vec<Record> = (0..4).map(|_| record_with(60, 100, |_| 0)).collect();
        let faulty = Faulty { from: Seconds(0.0), until: None };
        let late = OperationTarget { p99: Some(Seconds(0.05)), availability: None };
        let around = Around::new(&records, &[late], faulty, 0.95);
        assert!((around.blast_radius(0).peak.value.unwrap() - 0.5).abs() < 0.02);
        assert!(around.recovery(0).at_least);
        let fine = Around::new(&records, &[OperationTarget::default()], faulty, 0.95);
        assert_eq!(fine.blast_radius(0).peak.value, Some(0.0));
        assert!(fine.recovery(0).reason.unwrap().contains("no target"));
    }

    #[test]
    fn a_relapse_within_a_minute_is_not_recovery() {
        let around = around(2, 200.0, |_, slice| u64::from(slice == 18 || slice == 23) * 50);
        assert_eq!(around.recovery(0).value, Some(60.0));
        let untouched = self::around(2, 200.0, |_, _| 0);
        assert_eq!(untouched.recovery(0).value, Some(0.0));
        assert_eq!(untouched.blast_radius(0).peak.value, Some(0.0));
    }

    #[test]
    fn runs_that_differ_widen_the_interval() {
        let around = around(32, 300.0, |run, slice| if slice >= 18 && slice < 20 + run % 8 { 100 } else { 0 });
        let minutes = around.blast_radius(0).bad_user_minutes;
        assert!(minutes.low.unwrap() < minutes.value.unwrap() && minutes.value.unwrap() < minutes.high.unwrap());
        assert_eq!(around.recovery(0).value, Some(90.0));
    }

    #[test]
    fn some_runs_that_never_come_back_are_two_regimes() {
        let around = around(32, 240.0, |run, slice| if slice >= 18 && (run % 4 == 0 || slice < 24) { 80 } else { 0 });
        let collapse = around.collapse().unwrap();
        assert_eq!(collapse.probability.value, Some(0.25));
        assert!(collapse.two_regimes && collapse.probability.reason.unwrap().contains("100"));
        assert!(self::around(8, 590.0, |_, _| 0).collapse().is_none(), "the fault lasts into the last quarter");
        let calm = self::around(8, 240.0, |_, _| 0).collapse().unwrap();
        assert!(!calm.two_regimes && calm.probability.value == Some(0.0));
    }

    #[test]
    fn the_series_adds_replications_up() {
        let records: Vec<Record> =
            (0..2).map(|run| record_with(60, 100, |slice| if slice == 5 { 50 * run } else { 0 })).collect();
        let series = series(&records, 0);
        assert_eq!((series.arrivals[0], series.ok[5], series.ok[6]), (10.0, Some(0.75), Some(1.0)));
        assert_eq!(series.p99.len(), 60);
        assert_eq!(
            (series.errors.len(), series.errors["timeout"][5], series.errors["timeout"][6]),
            (1, Some(0.25), Some(0.0))
        );
    }
}
