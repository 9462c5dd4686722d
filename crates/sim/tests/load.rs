//! Load: what comes when, of what kind, from whom and for which data. Counts and times that are known exactly, queueing
//! networks with exact answers, and what is said of loads that can't be.
#![allow(clippy::unwrap_used)]

use groundplan_model::design::Verb;
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::files::{self, Files};
use groundplan_model::reader::laws::DISTRIBUTIONS;
use groundplan_model::reader::read_design;
use groundplan_model::units::Seconds;
use groundplan_sim::expectation::Holds;
use groundplan_sim::lower::{Compiled, RunSpec, VOCABULARY, compile, replicate};
use groundplan_sim::record::{EntryRecord, Record};
use groundplan_sim::run::{Options, simulate};
use rayon::prelude::*;

/// Files that tests have in mind.
struct Memory(&'static [(&'static str, &'static str)]);

impl Files for Memory {
    fn read(&self, name: &str) -> Result<String, String> {
        let found = self.0.iter().find(|(known, _)| *known == name);
        found.map(|(_, text)| (*text).to_string()).ok_or("there is no such file".into())
    }
}

const RECORDED: Memory = Memory(&[
    ("trace.csv", "at\n1\n1.5\n1.5\n30\n31\n90\n"),
    ("named.csv", "1,s.serve\n2,s.look\n3,s.serve\n4,s.serve\n"),
    ("times.csv", "5ms\n10ms\n10ms\n1s\n"),
    ("torn.csv", "1\n2\nthree\n"),
    ("back.csv", "1\n2\n1.5\n"),
    ("none.csv", "# nobody came\n"),
]);

/// What is wrong with a design, by reader, files or compiler.
fn compiled(body: &str) -> Result<Compiled, Vec<Diagnostic>> {
    let read = read_design(&format!("kind: design\nversion: 1\nname: load\n{body}"), &VOCABULARY);
    let errors: Vec<Diagnostic> = read.errors().cloned().collect();
    let Some(mut design) = read.value.filter(|_| errors.is_empty()) else {
        return Err(errors);
    };
    let diagnostics = files::attach(&mut design, &RECORDED);
    if diagnostics.is_empty() { compile(&design) } else { Err(diagnostics) }
}

struct Run {
    compiled: Compiled,
    record: Record,
}

impl Run {
    /// A design without its head, for 100 s after 10 s; with its experiment if it has one.
    fn of(body: &str) -> Run {
        let compiled = compiled(body).unwrap();
        let spec = RunSpec {
            seed: 5,
            replication: 0,
            warm_up: Seconds(10.0),
            window: Seconds(100.0),
            drain_cap: Seconds(100.0),
            experiment: (!compiled.tables.experiments.is_empty()).then_some(0),
            segment_width: Seconds(1.0),
        };
        let record = replicate(&compiled, &spec);
        assert_eq!(record.entries.len(), compiled.names.entries.len());
        for entry in &record.entries {
            assert_eq!(entry.arrived, entry.ended.iter().sum::<u64>(), "every request ends once");
        }
        Run { compiled, record }
    }

    fn entry(&self, name: &str) -> &EntryRecord {
        let names = &self.compiled.names.entries;
        let index = names.iter().position(|known| known == name);
        &self.record.entries[index.unwrap_or_else(|| panic!("{name} is none of {names:?}"))]
    }

    fn handled(&self, component: &str) -> u64 {
        let index = self.compiled.names.components.iter().position(|known| known == component).unwrap();
        self.record.components[index].ended[0]
    }

    /// Requests that arrived in some seconds of the window.
    fn between(&self, from: usize, to: usize) -> u64 {
        self.record.entries[0].segments[from..to].iter().map(|segment| segment.arrived).sum()
    }
}

/// One service with two operations that take a millisecond, without limits.
const SERVICE: &str = "components: { s: { kind: service, operations: { serve: [ { wait: const(1ms) } ], look: [ { wait: const(2ms) } ] } } }\n";

fn arriving(law: &str) -> Run {
    Run::of(&format!("{SERVICE}load: [ {{ operation: s.serve, arrivals: {law} }} ]\n"))
}

fn spiked(law: &str) -> Run {
    Run::of(&format!(
        "{SERVICE}load: [ {{ operation: s.serve, arrivals: {law} }} ]\n\
         experiments: [ {{ name: sale, duration: 100s, faults: [ {{ at: 20s, for: 20s, spike: {{ factor: 5x }} }}, {{ at: 30s, for: 20s, spike: {{ factor: 2x, load: s.serve }} }} ] }} ]\n"
    ))
}

/// A Poisson count lies within five standard deviations of its mean.
fn near(what: &str, found: u64, expected: f64) {
    assert!((found as f64 - expected).abs() <= 5.0 * expected.sqrt() + 1e-9, "{what}: {found} for {expected}");
}

#[test]
fn a_rate_steps_and_ramps_at_its_instants() {
    let run = arriving("steps(0s 100/s 50s 1k/s 70s 0/s)");
    near("before", run.between(0, 50), 5_000.0);
    near("after", run.between(50, 70), 20_000.0);
    assert_eq!(run.between(70, 100), 0);
    let run = arriving("ramp(0/s 1k/s 80s)");
    near("first half of the ramp", run.between(0, 40), 10_000.0);
    near("second half of the ramp", run.between(40, 80), 30_000.0);
    near("the ramp stays", run.between(80, 100), 20_000.0);
    let run = arriving("ramp(1k/s 0/s 50s)");
    near("falling", run.between(0, 25), 18_750.0);
    near("falling to nothing", run.between(25, 50), 6_250.0);
    assert_eq!(run.between(50, 100), 0);
}

#[test]
fn a_swing_is_at_its_mean_when_the_window_begins() {
    let run = arriving("sine(1k/s 1k/s 100s)");
    let swing = |from: f64, to: f64| {
        let turn = std::f64::consts::TAU / 100.0;
        1_000.0 * (to - from) + 1_000.0 / turn * ((turn * from).cos() - (turn * to).cos())
    };
    for quarter in 0..4 {
        let (from, to) = (quarter * 25, quarter * 25 + 25);
        near("a quarter", run.between(from, to), swing(from as f64, to as f64));
    }
}

#[test]
fn a_spike_multiplies_whatever_the_rate_does() {
    // Twenty seconds of five times as much, the second half of it and ten seconds after twice that.
    let even = spiked("constant(10/s)");
    let seconds: Vec<u64> =
        [(0, 20), (20, 30), (30, 40), (40, 50), (50, 100)].map(|(from, to)| even.between(from, to)).to_vec();
    for (found, expected) in seconds.iter().zip([200, 500, 1_000, 200, 500]) {
        assert!(found.abs_diff(expected) <= 1, "{seconds:?}");
    }
    for law in ["poisson(100/s)", "mmpp(100/s 1s 100/s 3s)", "steps(0s 100/s 35s 100/s)", "sine(100/s 0/s 1h)"] {
        let run = spiked(law);
        for (from, to, times) in [(0, 20, 1.0), (20, 30, 5.0), (30, 40, 10.0), (40, 50, 2.0), (50, 100, 1.0)] {
            near(law, run.between(from, to), 100.0 * (to - from) as f64 * times);
        }
    }
}

#[test]
fn a_recording_is_replayed_to_the_instant() {
    let run = arriving("replay(trace.csv)");
    let arrived = |from, to| run.between(from, to);
    assert_eq!([arrived(0, 1), arrived(1, 2), arrived(30, 31), arrived(31, 32), arrived(90, 91)], [0, 3, 1, 1, 1]);
    assert_eq!(run.record.entries[0].arrived, 6);
    let run = spiked("replay(trace.csv)");
    assert_eq!(run.between(30, 32), 20, "two of them, times five, times two");
    let run = Run::of(&format!("{SERVICE}load: [ {{ name: day, arrivals: replay(named.csv) }} ]\n"));
    assert_eq!(run.compiled.names.entries, ["day/s.serve", "day/s.look"]);
    assert_eq!((run.entry("day/s.serve").arrived, run.entry("day/s.serve").latency.max()), (3, 1_000_000));
    assert_eq!((run.entry("day/s.look").arrived, run.entry("day/s.look").latency.max()), (1, 2_000_000));
}

#[test]
fn recorded_durations_come_as_often_as_they_were() {
    let run = Run::of(
        "components: { s: { kind: service, operations: { serve: [ { wait: empirical(times.csv) } ] } } }\n\
         load: [ { operation: s.serve, arrivals: poisson(400/s) } ]\n",
    );
    let entry = &run.record.entries[0];
    let (n, mean) = (entry.latency.count() as f64, entry.latency.mean().unwrap() / 1e6);
    // Mean 256.25 ms, standard deviation 429.4 ms.
    assert!((mean - 256.25).abs() < 4.0 * 429.4 / n.sqrt(), "{mean}");
    let run = Run::of(
        "components: { s: { kind: service, operations: { serve: [ { wait: mixture(50% empirical(times.csv) 50% geometric(2)) } ] } } }\n\
         load: [ { operation: s.serve, arrivals: poisson(100/s) } ]\n",
    );
    let mean = run.record.entries[0].latency.mean().unwrap() / 1e9;
    assert!((mean - 1.128).abs() < 0.06, "half of 0.256 s and half of 2 s: {mean}");
}

#[test]
fn a_mix_has_figures_for_each_of_its_operations() {
    let run =
        Run::of(&format!("{SERVICE}load: [ {{ mix: {{ s.serve: 90%, s.look: 10% }}, arrivals: poisson(1k/s) }} ]\n"));
    near("browsers", run.entry("s.serve").arrived, 90_000.0);
    near("buyers", run.entry("s.look").arrived, 10_000.0);
    assert_eq!(run.entry("s.serve").latency.max(), 1_000_000);
    assert_eq!(run.entry("s.look").latency.max(), 2_000_000);
    // Users choose anew each time: half of the turns take 1 s and 1 ms, half 1 s and 2 ms.
    let run = Run::of(&format!(
        "{SERVICE}load: [ {{ name: u, mix: {{ s.serve: 50%, s.look: 50% }}, users: 100, think: const(1s) }} ]\n"
    ));
    let (serve, look) = (run.entry("u/s.serve").arrived, run.entry("u/s.look").arrived);
    near("turns", serve, 5_000.0);
    assert!((serve + look).abs_diff(9_985) <= 110, "{serve} and {look}");
}

#[test]
fn tenants_have_figures_of_their_own() {
    let run = Run::of(&format!(
        "{SERVICE}tenants: {{ count: 4000, biggest: 30%, rest: zipf(1.1) }}\nload: [ {{ mix: {{ s.serve: 50%, s.look: 50% }}, arrivals: poisson(1k/s) }} ]\n"
    ));
    let names = ["s.serve", "s.look", "s.serve/biggest", "s.serve/others", "s.look/biggest", "s.look/others"];
    assert_eq!(run.compiled.names.entries, names);
    near("the biggest", run.entry("s.serve/biggest").arrived, 15_000.0);
    let all = run.entry("s.serve");
    let (biggest, others) = (run.entry("s.serve/biggest"), run.entry("s.serve/others"));
    assert_eq!(all.arrived, biggest.arrived + others.arrived);
    assert_eq!(all.latency.count(), biggest.latency.count() + others.latency.count());
    assert_eq!(all.segments[7].ok, biggest.segments[7].ok + others.segments[7].ok);
    // Without a share of its own the biggest has that of the first rank: 1 / (1 + 1/2 + 1/3 + 1/4).
    let run = Run::of(&format!(
        "{SERVICE}load: [ {{ operation: s.serve, tenants: {{ count: 4, rest: zipf(1) }}, arrivals: poisson(1k/s) }} ]\n"
    ));
    near("the first of four", run.entry("s.serve/biggest").arrived, 48_000.0);
}

#[test]
fn a_closed_session_of_several_steps_thinks_once() {
    let run = Run::of(&format!(
        "{SERVICE}load: [ {{ name: visit, steps: [ {{ call: s.serve }}, {{ wait: const(500ms) }}, {{ call: s.look }} ], users: 10, think: const(497ms) }} ]\n"
    ));
    assert_eq!(run.record.entries[0].latency.max(), 503_000_000);
    assert_eq!(run.record.entries[0].arrived, 1_000, "a turn of ten users takes one second");
    assert!(run.handled("s").abs_diff(2_000) <= 10);
}

#[test]
fn a_route_is_walked_stop_by_stop() {
    let run = Run::of(&format!(
        "{SERVICE}load: [ {{ name: walk, route: {{ start: A, A: {{ call: s.serve, next: {{ B: 100% }} }}, B: {{ call: s.look }} }}, arrivals: constant(10/s) }} ]\n"
    ));
    assert_eq!((run.entry("walk").latency.max(), run.handled("s")), (3_000_000, 2_000));
    // Half of the walks go round again, with new luck each time: so many exponential stays are one exponential of 20 ms.
    let run = Run::of(
        "components: { s: { kind: service, operations: { serve: [ { wait: exp(10ms) } ] } } }\n\
         load: [ { name: walk, route: { start: { A: 100% }, A: { call: s.serve, next: { A: 50% } } }, arrivals: poisson(2k/s) } ]\n",
    );
    let latency = &run.entry("walk").latency;
    let mean = latency.mean().unwrap() / 1e6;
    assert!((mean - 20.0).abs() < 0.2, "{mean}");
    let p99 = latency.quantile(0.99).unwrap() as f64 / 1e6;
    assert!((p99 - 20.0 * 100f64.ln()).abs() < 2.0, "{p99}");
}

#[test]
fn bad_loads_say_what_is_wrong() {
    let check = |load: &str, code: &str, headline: &str| {
        let found = compiled(&format!("{SERVICE}load: [ {{ {load} }} ]\n")).err().unwrap_or_default();
        let said: Vec<(&str, &str)> = found.iter().map(|found| (found.code, found.headline.as_str())).collect();
        assert_eq!(said, [(code, headline)], "{load}");
        assert!(found[0].help.is_some() || !found[0].notes.is_empty(), "{load}");
    };
    let check_route = |route: &str, code: &str, headline: &str| {
        check(&format!("name: w, arrivals: poisson(1/s), route: {{ {route} }}"), code, headline);
    };
    check_route(
        "start: A, A: { call: s.serve, next: { A: 100% } }",
        "endless-route",
        "a walk that comes to `A` never leaves",
    );
    check_route(
        "start: A, A: { call: s.serve, next: { B: 70%, A: 40% } }, B: { call: s.look }",
        "shares-beyond-whole",
        "the shares of what follows `A` add up to 110%, beyond 100%",
    );
    check_route("start: C, A: { call: s.serve }", "unknown-stop", "no stop of this route is called `C`");
    check_route("A: { call: s.serve }", "missing-key", "the route has no `start`");
    check_route(
        "start: { A: 50% }, A: { call: s.serve }",
        "shares-not-whole",
        "the shares of `start` add up to 50%, not 100%",
    );
    check_route("start: A, A: { next: { A: 50% } }", "no-verb", "the step has no verb");
    check(
        "mix: { s.serve: 90%, s.look: 20% }, arrivals: poisson(1/s)",
        "shares-not-whole",
        "the shares of the mix add up to 110%, not 100%",
    );
    check(
        "mix: { s.serve: 90%, s.lok: 10% }, arrivals: poisson(1/s)",
        "unknown-operation",
        "`s` has no operation `lok`",
    );
    check(
        "operation: s.serve, mix: { s.serve: 100% }, arrivals: poisson(1/s)",
        "load-asks-nothing",
        "`s.serve` has both `operation` and `mix`",
    );
    check(
        "operation: s.serve, keys: zipf(0.9), arrivals: poisson(1/s)",
        "no-number-of-keys",
        "nothing says how many keys there are",
    );
    check(
        "operation: s.serve, keys: zipf(0.9 0), arrivals: poisson(1/s)",
        "out-of-range",
        "a popularity is over at least one item",
    );
    check(
        "operation: s.serve, tenants: { count: 0 }, arrivals: poisson(1/s)",
        "out-of-range",
        "the number of tenants is out of range",
    );
    check(
        "operation: s.serve, tenants: { count: 1, biggest: 30% }, arrivals: poisson(1/s)",
        "shares-not-whole",
        "the only tenant can't have 30%",
    );
    check(
        "operation: s.serve, tenants: { biggest: 30% }, arrivals: poisson(1/s)",
        "missing-key",
        "`tenants` has no `count`",
    );
    check(
        "operation: s.serve, arrivals: replay(torn.csv)",
        "bad-recording",
        "line 3 of `torn.csv` has no time: `three`",
    );
    check(
        "operation: s.serve, arrivals: replay(back.csv)",
        "bad-recording",
        "line 3 of `back.csv` goes back in time: 1.5 after 2",
    );
    check("operation: s.serve, arrivals: replay(none.csv)", "empty-recording", "`none.csv` holds no values");
    check(
        "operation: s.serve, arrivals: replay(gone.csv)",
        "unreadable-recording",
        "`gone.csv` can't be read: there is no such file",
    );
    check(
        "operation: s.serve, arrivals: replay(named.csv)",
        "load-asks-nothing",
        "`named.csv` names operations, and so does its load",
    );
    check(
        "name: day, arrivals: replay(trace.csv)",
        "load-asks-nothing",
        "neither `trace.csv` nor its load says what is asked for",
    );
    check(
        "operation: s.serve, arrivals: poisson(1/s), users: 3",
        "load-never-comes",
        "`s.serve` has both arrivals and users",
    );
}

/// What a law's own moments say is what its draws show: those of durations by the latencies of a service that waits so long.
#[test]
fn every_law_has_the_moments_it_says() {
    for law in DISTRIBUTIONS {
        let (name, example) = (law.name, if law.name == "geometric" { "geometric(3)" } else { law.example });
        // A tail that reaches a thousand times its mean says little in a hundred seconds.
        let example = if name == "pareto" { "pareto(4.5 1ms 1s)" } else { example };
        let body = format!(
            "components: {{ s: {{ kind: service, operations: {{ serve: [ {{ wait: {example} }} ] }} }} }}\n\
             load: [ {{ operation: s.serve, arrivals: constant(2k/s) }} ]\n"
        );
        let read = read_design(&format!("kind: design\nversion: 1\nname: law\n{body}"), &VOCABULARY);
        let mut design = read.value.unwrap();
        assert_eq!(files::attach(&mut design, &RECORDED).len(), 0);
        let Verb::Wait(dist) = &design.components[0].operations[0].steps[0].verb else { panic!("{name}") };
        let latency = &Run::of(&body).record.entries[0].latency;
        let (n, mean) = (latency.count() as f64, latency.mean().unwrap() / 1e9);
        let error = 5.0 * dist.mean() * (dist.scv() / n).sqrt() + 1e-9;
        assert!((mean - dist.mean()).abs() <= error, "{example}: mean {mean} for {} +- {error}", dist.mean());
        let second = latency.sum_of_squares() / n / 1e18 / (mean * mean) - 1.0;
        assert!((second - dist.scv()).abs() <= 0.1 * dist.scv() + 0.01, "{example}: scv {second} for {}", dist.scv());
    }
}

#[test]
fn expectations_name_operations_of_a_mix_and_tenants() {
    let expect = [
        ("p99(day/s.serve) <= 1.1ms", Holds::Yes),
        ("p99(day/s.look) <= 1.1ms", Holds::No),
        ("p99(day/s.look/biggest) <= 2.1ms", Holds::Yes),
        ("share(day/s.look/others <= 1999us) <= 1%", Holds::Yes),
        ("throughput(day/s.serve/biggest) >= 20/s", Holds::Yes),
    ];
    let lines: String = expect.iter().map(|(text, _)| format!("      - {text}\n")).collect();
    let text = format!(
        "kind: design\nversion: 1\nname: mixed\n{SERVICE}load: [ {{ name: day, mix: {{ s.serve: 80%, s.look: 20% }}, tenants: {{ count: 9, biggest: 30% }}, arrivals: poisson(100/s) }} ]\n\
         experiments:\n  - name: a minute\n    duration: 1min\n    warm-up: 5s\n    expect:\n{lines}"
    );
    let design = read_design(&text, &VOCABULARY).value.unwrap();
    let compiled = compile(&design).unwrap();
    let options = Options { replications: 10, replications_max: 32, threads: Some(1), ..Options::default() };
    let verdict = simulate(&design, &compiled, &options, &|_| {}).unwrap();
    for ((text, holds), judged) in expect.iter().zip(&verdict.experiments[0].expectations) {
        assert_eq!(judged.holds, *holds, "{text}: {judged:?}");
    }
    assert!(verdict.operations["day/s.serve/others"].throughput.contains(56.0));
}

/// Figures of 32 replications: the exact value lies in their 99.9% interval, which is narrow enough to say something.
fn holds(what: &str, figures: &[f64], expected: f64, precision: f64) {
    let n = figures.len() as f64;
    let mean = figures.iter().sum::<f64>() / n;
    let variance = figures.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0);
    let half = 3.633 * (variance / n).sqrt();
    assert!((mean - expected).abs() <= half.max(1e-6 * expected), "{what}: {mean} +- {half} against {expected}");
    assert!(half <= precision * expected, "{what}: too wide to say anything: {mean} +- {half}");
}

fn records(body: &str, warm_up: f64, window: f64, slice: f64) -> Vec<Record> {
    let compiled = compiled(body).unwrap();
    let spec = |replication| RunSpec {
        seed: 3,
        replication,
        warm_up: Seconds(warm_up),
        window: Seconds(window),
        drain_cap: Seconds(window),
        experiment: None,
        segment_width: Seconds(slice),
    };
    (0..32u64).into_par_iter().map(|replication| replicate(&compiled, &spec(replication))).collect()
}

/// Validation item 15. Unit: 10 ms.
#[test]
fn an_open_network_is_as_jackson_says() {
    let body = "components:\n  a: { kind: service, workers: 1, operations: { serve: [ { compute: exp(8.333333333ms) } ] } }\n  b: { kind: service, workers: 1, operations: { serve: [ { compute: exp(10ms) } ] } }\n  c: { kind: service, workers: 1, operations: { serve: [ { compute: exp(9.090909091ms) } ] } }\n\
        load:\n  - name: walk\n    arrivals: poisson(75/s)\n    route:\n      start: { A: 66.6666666667%, B: 33.3333333333% }\n      A: { call: a.serve, next: { B: 60%, C: 40% } }\n      B: { call: b.serve, next: { A: 20%, C: 50% } }\n      C: { call: c.serve, next: { A: 10% } }\n";
    let records = records(body, 20.0, 1_000.0, 100.0);
    let of = |figure: &dyn Fn(&Record) -> f64| records.iter().map(figure).collect::<Vec<f64>>();
    holds("time in the network", &of(&|record| record.entries[0].latency.mean().unwrap() / 1e7), 6.164835, 0.02);
    for (at, (flow, number)) in [(0.694444, 1.373626), (0.666667, 2.0), (0.611111, 1.25)].into_iter().enumerate() {
        let window = |record: &Record| record.window as f64;
        holds("flow", &of(&|record| record.components[at].accepted as f64 / window(record) * 1e7), flow, 0.01);
        holds("number", &of(&|record| record.components[at].in_system as f64 / window(record)), number, 0.03);
    }
}

/// Validation item 16.
#[test]
fn percentiles_of_a_chain_do_not_add_up() {
    let body = "components:\n  a: { kind: service, workers: 1, operations: { serve: [ { compute: exp(5ms) } ] } }\n  b: { kind: service, workers: 1, operations: { serve: [ { compute: exp(6.666666667ms) } ] } }\n  c: { kind: service, workers: 1, operations: { serve: [ { compute: exp(8.333333333ms) } ] } }\n\
        load: [ { name: chain, steps: [ { call: a.serve }, { call: b.serve }, { call: c.serve } ], arrivals: poisson(100/s) } ]\n";
    let records = records(body, 20.0, 1_500.0, 100.0);
    let ms =
        |q: f64| records.iter().map(|record| record.entries[0].latency.quantile(q).unwrap() as f64 / 1e6).collect();
    let ms = |q: f64| -> Vec<f64> { ms(q) };
    let mean: Vec<f64> = records.iter().map(|record| record.entries[0].latency.mean().unwrap() / 1e6).collect();
    holds("mean", &mean, 80.0, 0.02);
    holds("p50", &ms(0.5), 66.8885, 0.02);
    holds("p95", &ms(0.95), 186.3655, 0.03);
    holds("p99", &ms(0.99), 266.9463, 0.04);
}

/// Validation item 26: the number in work swings less than the traffic and later.
#[test]
fn offered_load_lags_behind_traffic() {
    let hour = 3_600.0;
    let body = "components: { s: { kind: service, operations: { stay: [ { wait: exp(2h) } ] } } }\n\
        load: [ { operation: s.stay, arrivals: sine(100/h 60/h 24h) } ]\n";
    let (days, warm_up, slice) = (10.0, 48.0, 0.25);
    let records = records(body, warm_up * hour, days * 24.0 * hour, slice * hour);
    let fitted: Vec<(f64, f64, f64)> = records
        .iter()
        .map(|record| {
            let first = (warm_up / slice) as usize;
            let slices = &record.in_system[first..first + (days * 24.0 / slice) as usize];
            let turn = |nth: usize| std::f64::consts::TAU * (nth as f64 + 0.5) * slice / 24.0;
            let n = slices.len() as f64;
            let part = |wave: &dyn Fn(f64) -> f64| -> f64 {
                slices.iter().enumerate().map(|(nth, number)| number * wave(turn(nth))).sum::<f64>() / n
            };
            (part(&|_| 1.0), 2.0 * part(&f64::sin), 2.0 * part(&f64::cos))
        })
        .collect();
    holds("mean", &fitted.iter().map(|fit| fit.0).collect::<Vec<_>>(), 200.0, 0.01);
    let amplitude: Vec<f64> = fitted.iter().map(|(_, sine, cosine)| sine.hypot(*cosine)).collect();
    holds("amplitude", &amplitude, 106.30899, 0.02);
    let lag: Vec<f64> =
        fitted.iter().map(|(_, sine, cosine)| (-cosine).atan2(*sine) * 24.0 / std::f64::consts::TAU).collect();
    holds("lag", &lag, 1.842433, 0.03);
}

/// Validation item 29: whatever the law, the number in work is Poisson.
#[test]
fn concurrency_of_a_pool_is_poisson() {
    let body = "components: { s: { kind: service, operations: { run: [ { wait: mixture(50% const(100ms) 50% exp(600ms)) } ] } } }\n\
        load: [ { operation: s.run, arrivals: poisson(200/s) } ]\n";
    let records = records(body, 30.0, 150.0, 0.01);
    let mut all: Vec<f64> = records.iter().flat_map(|record| record.in_system[3_000..18_000].iter().copied()).collect();
    all.sort_by(f64::total_cmp);
    let quantile = |q: f64| all[(all.len() as f64 * q) as usize];
    let mean = all.iter().sum::<f64>() / all.len() as f64;
    assert!((mean - 70.0).abs() < 0.7, "{mean}");
    assert!((quantile(0.99) - 90.0).abs() <= 1.5, "{}", quantile(0.99));
    assert!((quantile(0.999) - 97.0).abs() <= 2.0, "{}", quantile(0.999));
    let variance = all.iter().map(|number| (number - 70.0) * (number - 70.0)).sum::<f64>() / all.len() as f64;
    assert!((variance - 70.0).abs() < 5.0, "{variance}");
}
