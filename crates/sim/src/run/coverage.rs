//! How often intervals of sequentially stopped studies hold the exact value, measured: each study adds runs of a queue
//! with known answers at the same looks as any other and stops when it is precise.
//!
//! Stopping on a narrow interval favours luck that looks narrow; two looks in a row and looks far apart are there against
//! it, and this is the proof. `cargo test -p groundplan-sim --lib coverage -- --nocapture` prints the table of
//! `docs/statistics.md`.

#![allow(clippy::unwrap_used)]
#![allow(clippy::print_stdout, reason = "a table for who asks for it with --nocapture")]

use super::looks::Load;
use super::*;
use crate::histogram::Fine;
use crate::record::{Details, Ending, EntryRecord, Segment};
use crate::statistics::testing::Luck;
use crate::verdict::Observed;
use groundplan_model::design::OperationTarget;
use groundplan_model::units::Share;

/// Arrivals and services a second; short times keep histograms small.
const ARRIVALS: f64 = 50_000.0;
const SERVICES: f64 = 100_000.0;
/// Length of a run: 1500 requests.
const WINDOW: Seconds = Seconds(0.03);
/// Share of requests that fail, because they take longer than fits it.
const FAILED: f64 = 0.02;
/// What each study stops at.
const PRECISION: f64 = 0.06;

fn entry(slices: usize) -> EntryRecord {
    EntryRecord {
        longest: 0,
        arrived: 0,
        ended: [0; Ending::COUNT],
        in_time: 0,
        latency: Fine::default(),
        segments: vec![Segment::default(); slices],
        settled: Fine::default(),
        failed: vec![],
    }
}

fn count(entry: &mut EntryRecord, slice: usize, ns: u64, ok: bool) {
    let segment = &mut entry.segments[slice];
    entry.arrived += 1;
    segment.arrived += 1;
    if !ok {
        entry.ended[Ending::Timeout as usize] += 1;
        return;
    }
    entry.ended[Ending::Ok as usize] += 1;
    entry.in_time += 1;
    entry.latency.add(ns);
    segment.ok += 1;
    segment.in_time += 1;
    segment.latency_sum += u128::from(ns);
    segment.latency.add(ns);
}

/// M/M/1 in its steady state from the start, by Lindley's recursion. The second entry are the same requests, of which
/// those fail that take too long: failures come in clusters, as they do.
fn queue(run: &Replication) -> Record {
    let mut luck = Luck::new(mixed(run.seed, run.index));
    let slices = run.slices as usize;
    let limit = -libm::log(FAILED) / (SERVICES - ARRIVALS);
    let (mut all, mut patient) = (entry(slices), entry(slices));
    let busy = luck.uniform() < ARRIVALS / SERVICES;
    let mut work = if busy { luck.exponential() / (SERVICES - ARRIVALS) } else { 0.0 };
    let mut clock = 0.0;
    loop {
        let gap = luck.exponential() / ARRIVALS;
        clock += gap;
        if clock >= run.window.0 {
            break;
        }
        work = f64::max(work - gap, 0.0) + luck.exponential() / SERVICES;
        let slice = ((clock / run.window.0 * slices as f64) as usize).min(slices - 1);
        let ns = (work * 1e9) as u64;
        count(&mut all, slice, ns, true);
        count(&mut patient, slice, ns, work <= limit);
    }
    Record {
        window: (run.window.0 * 1e9) as u64,
        entries: vec![all, patient],
        components: vec![],
        calls: vec![],
        in_system: vec![],
        levels: vec![],
        details: Details::default(),
        runs: 1,
        events: 0,
        unbounded: false,
        growth: 0.0,
    }
}

fn mixed(seed: u64, index: u64) -> u64 {
    crate::kernel::draws::mix(crate::kernel::draws::mix(seed) ^ index)
}

/// So many studies; prints the table, and says how often each interval held the exact value.
fn studies(count: u64) -> Vec<(&'static str, f64)> {
    let availability = Some(Share(0.94));
    let labels = Labels {
        operations: vec!["all".into(), "patient".into()],
        targets: vec![OperationTarget::default(), OperationTarget { p99: None, availability }],
        ..Labels::default()
    };
    let bench = Bench { design: "M/M/1".into(), labels, experiments: vec![], replicate: &queue };
    let mean = 1.0 / (SERVICES - ARRIVALS);
    let truths = [
        ("mean", mean),
        ("median", mean * libm::log(2.0)),
        ("p99", mean * libm::log(100.0)),
        ("throughput", ARRIVALS),
        ("share of failures", FAILED),
    ];
    let (mut covered, mut runs, mut widths) = ([0u32; 5], vec![], [0.0; 5]);
    for seed in 0..count {
        let options = Options { seed, duration: WINDOW, precision: Some(PRECISION), ..Options::default() };
        let found = Load::plain(&bench, &options, Seconds(0.0)).run(&bench, &options, &|_| {});
        assert!(found.precision.unwrap().reached, "study {seed}");
        runs.push(found.records.len());
        let observed = Observed { records: &found.records, confidence: options.confidence };
        let (all, patient) = (observed.operation(0), observed.operation(1));
        let found = [
            all.mean(),
            all.quantile(0.5),
            all.quantile(0.99),
            all.throughput(),
            patient.errors(Some(Ending::Timeout)),
        ];
        for (nth, (estimate, (_, truth))) in found.into_iter().zip(truths).enumerate() {
            covered[nth] += u32::from(estimate.contains(truth));
            widths[nth] += (estimate.high.unwrap() - estimate.low.unwrap()) / 2.0 / truth / count as f64;
        }
    }
    runs.sort_unstable();
    let half = runs[runs.len() / 2];
    assert!(runs[0] >= 48 && half > 48, "studies stop at different looks: {runs:?}");
    println!("{count} studies, stopped after {} to {} runs, half of them by {half}", runs[0], runs[runs.len() - 1]);
    let shares = covered.map(|covered| f64::from(covered) / count as f64);
    for ((name, _), (share, width)) in truths.into_iter().zip(shares.into_iter().zip(widths)) {
        println!("| {name} | {:.1}% | {:.1}% |", 100.0 * width, 100.0 * share);
    }
    truths.into_iter().zip(shares).map(|((name, _), share)| (name, share)).collect()
}

/// Of 200 intervals at 95%, fewer than 91% hold once in two hundred times.
#[test]
fn intervals_of_sequentially_stopped_studies_cover_as_often_as_they_say() {
    for (name, share) in studies(200) {
        assert!(share >= 0.91, "{name}: {share}");
    }
}

/// The table of `docs/statistics.md`: a minute of work.
#[test]
#[ignore = "a minute of work; the same on fewer studies is tested always"]
fn coverage_in_full() {
    for (name, share) in studies(3000) {
        assert!(share >= 0.935, "{name}: {share}");
    }
}
