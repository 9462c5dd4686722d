//! Groundplan: the case as the YAML that a person would write, to the record of one replication.

use crate::{Case, Outcome};
use groundplan_model::reader::read_design;
use groundplan_model::units::Seconds;
use groundplan_sim::lower::{RunSpec, VOCABULARY, compile, replicate};
use groundplan_sim::record::Ending;
use std::fmt::Write as _;

/// Mean services that are simulated before the window, for one in it.
const WARM_UP: f64 = 0.1;

fn design(case: &Case) -> String {
    let mut text = "kind: design\nversion: 1\nname: bench\ncomponents:\n".to_string();
    let patience = case.patience.map_or(String::new(), |patience| format!(", queue-timeout: {patience}s"));
    let retry = if case.patience.is_some() { ", retry: { attempts: 2 }" } else { "" };
    let mut steps = Vec::new();
    for station in 0..case.stations {
        let servers = case.servers;
        let _ = writeln!(
            text,
            "  s{station}: {{ kind: service, workers: {servers}{patience}, operations: {{ serve: [ {{ compute: exp(1s) }} ] }} }}"
        );
        steps.push(format!("{{ call: s{station}.serve{retry} }}"));
    }
    let rate = case.rate;
    let steps = steps.join(", ");
    let _ = writeln!(text, "load: [ {{ name: jobs, steps: [ {steps} ], arrivals: poisson({rate}/s) }} ]");
    text
}

pub fn run(case: &Case, seed: u64) -> Outcome {
    let read = read_design(&design(case), &VOCABULARY);
    assert!(read.diagnostics.is_empty(), "{:#?}", read.diagnostics);
    let design = read.value.expect("a design without diagnostics is read");
    let compiled = compile(&design).unwrap_or_else(|diagnostics| panic!("{diagnostics:#?}"));
    let window = case.jobs as f64 / case.rate / (1.0 + WARM_UP);
    let spec = RunSpec {
        seed,
        replication: 0,
        warm_up: Seconds(window * WARM_UP),
        window: Seconds(window),
        drain_cap: Seconds(600.0),
        experiment: None,
        segment_width: Seconds(window / 64.0),
    };
    let record = replicate(&compiled, &spec);
    let entry = &record.entries[0];
    let served = entry.ended[Ending::Ok as usize];
    assert!(entry.latency.quantile(0.99).is_some_and(|p99| p99 > 0) && record.components[0].busy > 0);
    Outcome {
        jobs: (entry.arrived as f64 * (1.0 + WARM_UP)) as u64,
        failed: entry.arrived - served,
        sum: entry.latency.sum() as f64 / 1e9,
        served,
    }
}
