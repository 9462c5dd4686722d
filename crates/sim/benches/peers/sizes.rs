//! What an event takes by the size of the design: rows of five stations, many of them; one station with many replicas.
//!
//! Every design is YAML text, read and compiled; the load keeps each server busy four fifths of the time.

use crate::cpu_ns;
use groundplan_model::reader::read_design;
use groundplan_model::units::Seconds;
use groundplan_sim::lower::{Compiled, RunSpec, VOCABULARY, compile, replicate};
use groundplan_sim::record::Record;
use std::fmt::Write as _;

/// Jobs of a run at least.
const JOBS: f64 = 400_000.0;
const ROUNDS: u64 = 3;

pub fn compiled(text: &str) -> Compiled {
    let read = read_design(text, &VOCABULARY);
    assert!(read.diagnostics.is_empty(), "{:#?}", read.diagnostics);
    let design = read.value.expect("a design without diagnostics is read");
    compile(&design).unwrap_or_else(|diagnostics| panic!("{diagnostics:#?}"))
}

/// Rows of five stations of four servers, each with its own load.
fn rows(components: usize) -> String {
    let mut text = "kind: design\nversion: 1\nname: rows\ncomponents:\n".to_string();
    let mut load = String::new();
    for row in 0..components / 5 {
        let mut steps = Vec::new();
        for station in 0..5 {
            let _ = writeln!(
                text,
                "  s{row}-{station}: {{ kind: service, workers: 4, operations: {{ serve: [ {{ compute: exp(1s) }} ] }} }}"
            );
            steps.push(format!("{{ call: s{row}-{station}.serve }}"));
        }
        let steps = steps.join(", ");
        let _ = writeln!(load, "  - {{ name: row{row}, steps: [ {steps} ], arrivals: poisson(3.2/s) }}");
    }
    text + "load:\n" + &load
}

/// One station of many replicas behind a balancer that draws one.
fn replicas(count: usize) -> String {
    let rate = 0.8 * count as f64;
    format!(
        "kind: design\nversion: 1\nname: replicas\ncomponents:\n  s: {{ kind: service, replicas: {count}, workers: 1, \
         operations: {{ serve: [ {{ compute: exp(1s) }} ] }} }}\n\
         load: [ {{ name: jobs, steps: [ {{ call: s.serve }} ], arrivals: poisson({rate}/s) }} ]\n"
    )
}

pub fn run(compiled: &Compiled, rate: f64, seed: u64) -> (f64, Record) {
    let window = (JOBS / rate).max(50.0);
    let spec = RunSpec {
        seed,
        replication: 0,
        warm_up: Seconds(window * 0.1),
        window: Seconds(window),
        drain_cap: Seconds(600.0),
        experiment: None,
        segment_width: Seconds(window / 64.0),
    };
    let begin = cpu_ns();
    let record = replicate(compiled, &spec);
    (cpu_ns() - begin, record)
}

fn row(what: &str, size: usize, text: &str, rate: f64) {
    let compiled = compiled(text);
    let mut best = f64::INFINITY;
    let mut last = None;
    for seed in 0..ROUNDS {
        let (took, record) = run(&compiled, rate, seed);
        best = best.min(took / record.events as f64);
        last = Some(record);
    }
    let Some(record) = last else { return };
    let bytes: usize = record.components.iter().map(|component| component.time.bytes() + component.wait.bytes()).sum();
    let busy: u128 = record.components.iter().map(|component| component.busy).sum();
    let slots: u128 = record.components.iter().map(|component| component.slots).sum();
    println!(
        "{what:<10} {size:>6} {best:>9.1} {:>10.1}M {:>12} {:>9.3}",
        record.events as f64 / 1e6,
        bytes / record.components.len(),
        busy as f64 / slots as f64
    );
}

pub fn table() {
    println!("an event, ns, best of {ROUNDS}; histograms of a component in bytes; servers busy (0.8 in theory)");
    println!("                size  ns/event     events    histograms      busy");
    for components in [10, 100, 1_000, 10_000] {
        row("components", components, &rows(components), components as f64 / 5.0 * 3.2);
    }
    for count in [10, 100, 1_000, 10_000, 20_000] {
        row("replicas", count, &replicas(count), 0.8 * count as f64);
    }
}
