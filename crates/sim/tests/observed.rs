//! What only some experiments ask to be observed: sampled states, limits to the nanosecond, waits finely.

#![allow(clippy::unwrap_used, missing_docs)]

use groundplan_model::estimate::Estimate;
use groundplan_model::reader::read_design;
use groundplan_sim::lower::{VOCABULARY, compile};
use groundplan_sim::run::{Options, simulate};

/// The measured figures of the only experiment.
fn measured(design: &str, options: &Options) -> Vec<Estimate> {
    let read = read_design(design, &VOCABULARY);
    assert!(read.diagnostics.is_empty(), "{:#?}", read.diagnostics);
    let design = read.value.unwrap();
    let compiled = compile(&design).unwrap();
    let options = Options { duration: groundplan_model::units::Seconds(1.0), ..options.clone() };
    let verdict = simulate(&design, &compiled, &options, &|_| {}).unwrap();
    verdict.experiments[0].expectations.iter().map(|judged| judged.measured.clone()).collect()
}

const QUEUE: &str = "
kind: design
version: 1
name: M/M/1
components:
  server: { kind: service, workers: 1, operations: { serve: [ { compute: exp(10ms) } ] } }
load: [ { operation: server.serve, arrivals: poisson(80/s) } ]
experiments:
  - name: asked
    duration: 10min
    warm-up: 30s
";

#[test]
fn states_waits_and_limits_of_a_queue_are_what_theory_says() {
    let design = format!(
        "{QUEUE}    sample-every: 100ms
    expect:
      - share(in-system(server) >= 10) <= 1
      - share(in-system(server.serve) == 0) <= 1
      - p99(in-system(server)) <= 1
      - sd(in-system(server)) <= 1
      - all-busy(server) <= 1
      - share(wait(server) <= 0s) <= 1
      - share(wait(server) <= 100ms) <= 1
      - p99(wait(server)) <= 1s
      - sd(wait(server)) <= 1s
      - sd(server.serve) <= 1s
      - share(server.serve <= 50ms) <= 1
      - variance(server.serve) <= 1
"
    );
    let found = measured(&design, &Options { confidence: 0.999, ..Options::default() });
    let expected = [
        0.8f64.powi(10),
        0.2,
        20.0,
        20f64.sqrt(),
        0.8,
        0.2,
        1.0 - 0.8 * (-2.0f64).exp(),
        80f64.ln() / 20.0,
        0.05 * 0.96f64.sqrt(),
        0.05,
        1.0 - (-1.0f64).exp(),
        0.0025,
    ];
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.contains(expected), "{expected} not in {found:?}");
    }
}

#[test]
fn a_queue_that_starts_empty_is_looked_at_as_it_fills() {
    let design = QUEUE.replace("warm-up: 30s", "start: empty").replace("10min", "1s")
        + "    sample-at: [100ms, 1s]
    expect:
      - share(in-system(server at 100ms) == 0) <= 1
      - in-system(server at 1s) <= 1
      - in-system(server each at 1s) <= 1
";
    let found = measured(&design, &Options { confidence: 0.999, replications: 4_000, ..Options::default() });
    // By uniformisation of the birth-death chain at time 10 and 100, in services.
    let expected = [(empty_after(0.8, 10.0), 0.03), (mean_after(0.8, 100.0), 0.3), (mean_after(0.8, 100.0), 0.3)];
    for (found, (expected, half)) in found.iter().zip(expected) {
        assert!(found.contains(expected), "{expected} not in {found:?}");
        assert!(found.high.unwrap() - found.low.unwrap() < 2.0 * half, "{found:?}");
    }
}

/// Shares of the states of an M/M/1 queue that was empty, by uniformisation.
fn after(rho: f64, time: f64) -> Vec<f64> {
    let total = 1.0 + rho;
    let (mut state, mut sum) = (vec![0.0; 400], vec![0.0; 400]);
    state[0] = 1.0;
    let mut weight = (-total * time).exp();
    for step in 0..1000 {
        for (sum, state) in sum.iter_mut().zip(&state) {
            *sum += weight * state;
        }
        weight *= total * time / f64::from(step + 1);
        let last = state.len() - 1;
        state = (0..=last)
            .map(|n| {
                let up = if n > 0 { state[n - 1] * rho } else { 0.0 };
                let down = if n < last { state[n + 1] } else { 0.0 };
                (up + down + if n == 0 { state[0] } else { 0.0 }) / total
            })
            .collect();
    }
    sum
}

fn empty_after(rho: f64, time: f64) -> f64 {
    after(rho, time)[0]
}

fn mean_after(rho: f64, time: f64) -> f64 {
    after(rho, time).iter().enumerate().map(|(n, share)| n as f64 * share).sum()
}

#[test]
fn what_lies_exactly_on_a_limit_is_within_it() {
    let design = "
kind: design
version: 1
name: even
components:
  server: { kind: service, workers: unlimited, operations: { serve: [ { compute: const(100ms) } ] } }
load: [ { operation: server.serve, arrivals: constant(80/s) } ]
experiments:
  - name: asked
    duration: 1min
    expect: [ 'share(server.serve <= 100ms) >= 100%', 'share(server.serve <= 99.9999ms) <= 1%' ]
";
    let found = measured(design, &Options { replications: 2, ..Options::default() });
    assert_eq!((found[0].value, found[1].value), (Some(1.0), Some(0.0)));
}

#[test]
fn what_is_not_looked_at_is_said_at_once() {
    let check = |expect: &str, help: &str| {
        let text = format!("{QUEUE}    sample-at: [1s]\n    expect: [ '{expect}' ]\n");
        let design = read_design(&text, &VOCABULARY).value.unwrap();
        let compiled = compile(&design).unwrap();
        let found = groundplan_sim::run::check_expectations(&design, &compiled);
        assert!(found[0].help.as_deref().unwrap().contains(help), "{expect}: {:?}", found[0]);
    };
    check("all-busy(server) <= 1", "sample-every: 1s");
    check("in-system(server at 2s) <= 1", "sample-at: [2s]");
    check("share(in-system(server) about 2) <= 1", "in-system(server) >= 10");
    check("share(wait(server)) <= 1", "wait(server) <= 1s");
    check("throughput(wait(server)) <= 1", "quantile");
}

#[test]
fn many_short_runs_are_added_up_and_say_the_same() {
    let design = QUEUE.replace("warm-up: 30s", "start: empty").replace("10min", "300ms")
        + "    sample-at: [100ms]
    expect:
      - in-system(server at 100ms) <= 1
      - mean(server.serve) <= 1s
      - throughput(server.serve) <= 100/s
      - queue(server) <= 9
      - share(wait(server) <= 0s) <= 1
";
    // By 1000 single runs, and by three times as many, added up in threes: the intervals must overlap and be narrower.
    let few = measured(&design, &Options { confidence: 0.999, replications: 1_000, ..Options::default() });
    let many = measured(&design, &Options { confidence: 0.999, replications: 3_000, ..Options::default() });
    for (few, many) in few.iter().zip(&many) {
        let ends = |estimate: &Estimate| (estimate.low.unwrap(), estimate.high.unwrap());
        let ((low, high), (lower, higher)) = (ends(few), ends(many));
        assert!(low < higher && lower < high, "{few:?} {many:?}");
        let ratio = (higher - lower) / (high - low);
        assert!((0.5..0.67).contains(&ratio), "{ratio}: {few:?} {many:?}");
    }
}

#[test]
fn who_must_wait_or_is_turned_away_finds_a_component_saturated() {
    let design = "
kind: design
version: 1
name: M/M/1/4
components:
  front: { kind: service, operations: { serve: [ { call: server.serve } ] } }
  server: { kind: service, workers: 1, queue: 3, operations: { serve: [ { compute: exp(10ms) } ] } }
load: [ { operation: front.serve, arrivals: poisson(80/s) } ]
";
    let read = read_design(design, &VOCABULARY);
    assert!(read.diagnostics.is_empty(), "{:#?}", read.diagnostics);
    let design = read.value.unwrap();
    let options = Options { confidence: 0.999, replications: 8, ..Options::default() };
    let verdict = simulate(&design, &compile(&design).unwrap(), &options, &|_| {}).unwrap();
    let expected = 1.0 - 0.2 / (1.0 - 0.8f64.powi(5));
    let found = &verdict.components["server"].saturation;
    assert!(found.contains(expected), "{expected} not in {found:?}");
    // What is refused further down is no want of the front's.
    let front = &verdict.components["front"];
    assert_eq!(front.saturation, Estimate::unknown("workers are unlimited"));
    assert!(verdict.operations["front.serve"].errors.contains_key("refused"));
}

#[test]
fn answers_that_nobody_waits_for_are_counted_as_wasted() {
    let design = "
kind: design
version: 1
name: Too late
components:
  front: { kind: service, operations: { serve: [ { call: back.serve, timeout: 10ms } ] } }
  back: { kind: service, operations: { serve: [ { compute: exp(10ms) } ] } }
load: [ { operation: front.serve, arrivals: poisson(80/s) } ]
";
    let read = read_design(design, &VOCABULARY);
    assert!(read.diagnostics.is_empty(), "{:#?}", read.diagnostics);
    let design = read.value.unwrap();
    let options = Options { confidence: 0.999, replications: 8, ..Options::default() };
    let verdict = simulate(&design, &compile(&design).unwrap(), &options, &|_| {}).unwrap();
    let call = &verdict.calls["front->back"];
    let wasted = call.wasted.as_ref().unwrap();
    assert!(wasted.contains((-1.0f64).exp()), "{wasted:?}");
}

#[test]
fn series_tell_what_a_fault_does_to_queues_and_why_requests_fail() {
    let design = "
kind: design
version: 1
name: Slow for a while
components:
  server: { kind: service, workers: 1, queue: 50, operations: { serve: [ { compute: 10ms } ] } }
load: [ { operation: server.serve, arrivals: poisson(50/s) } ]
experiments:
  - name: slow
    duration: 5min
    warm-up: 13s
    faults: [ { at: 1min, for: 30s, slow: { what: server, factor: 4x } } ]
";
    let read = read_design(design, &VOCABULARY);
    assert!(read.diagnostics.is_empty(), "{:#?}", read.diagnostics);
    let design = read.value.unwrap();
    let options = Options { replications: 8, ..Options::default() };
    let verdict = simulate(&design, &compile(&design).unwrap(), &options, &|_| {}).unwrap();
    let experiment = &verdict.experiments[0];
    let server = &experiment.series.components["server"];
    assert_eq!((server.in_use.len(), server.queue.len()), (30, 30));
    let near = |one: f64, other: f64| (one - other).abs() < 0.03 * other.max(1.0);
    assert!(near(server.in_use[5], 0.5) && near(server.in_use[7], 1.0), "{server:?}");
    // Half of what comes stays: 25 more each second, until the queue is full after two.
    assert!(server.queue[5] < 1.0 && server.queue[8] > 45.0 && server.queue[12] < 1.0, "{server:?}");
    let refused = &experiment.series.operations["server.serve"].errors["refused"];
    assert!(refused[5] == Some(0.0) && near(refused[8].unwrap(), 0.5), "{refused:?}");
    // What slices say together is what the whole says.
    let mean = server.in_use.iter().sum::<f64>() / 30.0;
    assert!((mean - experiment.components["server"].utilisation.value.unwrap()).abs() < 1e-3);
}
