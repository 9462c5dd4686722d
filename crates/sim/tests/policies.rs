//! What a caller can do about a slow or failing callee, on designs so small that the right answer is known to the
//! nanosecond. What the steps, kinds and faults mean stands in `semantics.rs`.
#![allow(clippy::unwrap_used)]

use groundplan_model::reader::read_design;
use groundplan_model::units::Seconds;
use groundplan_sim::lower::{Compiled, RunSpec, VOCABULARY, compile, replicate};
use groundplan_sim::record::{CallRecord, ComponentRecord, Ending, Record};

struct Run {
    compiled: Compiled,
    record: Record,
}

fn design(body: &str) -> groundplan_model::design::Design {
    let read = read_design(&format!("kind: design\nversion: 1\nname: small\n{body}"), &VOCABULARY);
    assert_eq!(read.errors().count(), 0, "{:#?}", read.diagnostics);
    read.value.unwrap()
}

impl Run {
    /// A design without its head, for 100 s from the first instant; with its experiment if it has one.
    fn of(body: &str) -> Run {
        let design = design(body);
        let compiled = compile(&design).unwrap();
        let spec = RunSpec {
            seed: 5,
            replication: 0,
            warm_up: Seconds(0.0),
            window: Seconds(100.0),
            drain_cap: Seconds(100.0),
            experiment: (!design.experiments.is_empty()).then_some(0),
            segment_width: Seconds(1.0),
        };
        let record = replicate(&compiled, &spec);
        for entry in &record.entries {
            assert_eq!(entry.arrived, entry.ended.iter().sum::<u64>(), "every request ends once");
        }
        Run { compiled, record }
    }

    fn component(&self, name: &str) -> &ComponentRecord {
        let index = self.compiled.names.components.iter().position(|known| known == name).unwrap();
        &self.record.components[index]
    }

    fn call(&self, pair: &str) -> &CallRecord {
        let index = self.compiled.names.calls.iter().position(|known| known == pair).unwrap();
        &self.record.calls[index]
    }

    /// How the requests of the first load ended: ok, refused, timed out, with an error.
    fn ended(&self) -> [u64; 4] {
        [Ending::Ok, Ending::Refused, Ending::Timeout, Ending::Error]
            .map(|ending| self.record.entries[0].ended[ending as usize])
    }

    /// Latencies of the ok requests of a load: sum and maximum in ms.
    fn latency_ms(&self, entry: usize) -> (f64, f64) {
        let latency = &self.record.entries[entry].latency;
        (latency.sum() as f64 / 1e6, latency.max() as f64 / 1e6)
    }
}

/// A component `a` whose operation `go` calls `b.go` with these settings; `b` with its own settings and steps.
fn two(settings: &str, b: &str, steps: &str, load: &str) -> Run {
    Run::of(&format!(
        "components:\n  a: {{ kind: service, operations: {{ go: [ {{ call: b.go, {settings} }} ] }} }}\n  b: {{ kind: service, {b} operations: {{ go: [ {steps} ] }} }}\nload: [ {{ operation: a.go, {load} }} ]\n"
    ))
}

/// Like `two`, with `a` and `b` five milliseconds apart.
fn apart(settings: &str, b: &str, steps: &str, load: &str) -> Run {
    Run::of(&format!(
        "places: {{ eu: {{ zones: [a, b] }} }}\nnetwork: {{ within-zone: 4ms, between-zones: 10ms }}\n\
         components:\n  a: {{ kind: service, place: eu/a, operations: {{ go: [ {{ call: b.go, {settings} }} ] }} }}\n  b: {{ kind: service, place: eu/b, {b} operations: {{ go: [ {steps} ] }} }}\nload: [ {{ operation: a.go, {load} }} ]\n"
    ))
}

const MS: u128 = 1_000_000;

/// Where each worker computes all the time it is held, its core is in use for as long: to the nanosecond.
#[track_caller]
fn cores_like_workers(run: &Run, busy_ms: impl std::ops::RangeBounds<u128> + std::fmt::Debug) {
    let component = run.component("b");
    assert_eq!(component.cores_busy, component.busy);
    assert!(busy_ms.contains(&(component.busy / MS)), "{} for {busy_ms:?}", component.busy / MS);
}

#[test]
fn cores_are_in_use_as_long_as_someone_computes() {
    let copies = two(
        "hedge: { after: 0s, copies: 2, cancel: on-completion }",
        "replicas: 2, workers: 1,",
        "{ compute: exp(10ms) }",
        "arrivals: poisson(100/s)",
    );
    cores_like_workers(&copies, 95_000..105_000);
    let cancelled =
        two("timeout: 5ms, cancel: running", "workers: 10,", "{ compute: const(100ms) }", "arrivals: constant(10/s)");
    cores_like_workers(&cancelled, 5_000..=5_000);
    let on = two("", "workers: 2,", "{ compute: const(300s) }", "arrivals: at(0s 4)");
    cores_like_workers(&on, 200_000..=200_000);
    let split = two(
        "timeout: 5ms, cancel: running",
        "workers: 10,",
        "{ parallel: [ { compute: const(100ms) }, { repeat: 3, steps: [ { compute: const(2ms) } ] } ] }",
        "arrivals: constant(10/s)",
    );
    let component = split.component("b");
    assert_eq!((component.busy / MS, component.cores_busy / MS), (5_000, 10_000));
    for fault in ["crash", "machine-loss"] {
        let run = Run::of(&format!(
            "components: {{ b: {{ kind: service, workers: 1, restart: 1s, operations: {{ go: [ {{ compute: const(10s) }} ] }} }} }}\nload: [ {{ operation: b.go, timeout: 20s, arrivals: at(0s 1) }} ]\nexperiments: [ {{ name: x, duration: 100s, faults: [ {{ at: 3s, {fault}: b }} ] }} ]\n"
        ));
        cores_like_workers(&run, 3_000..=3_000);
    }
}

#[test]
fn a_compute_that_reaches_over_an_edge_of_the_window_counts_for_what_lies_within() {
    for workers in [1, 40, 200] {
        let design = design(&format!(
            "components: {{ b: {{ kind: service, workers: {workers}, operations: {{ go: [ {{ compute: exp(2s) }} ] }} }} }}\nload: [ {{ operation: b.go, arrivals: poisson(100/s) }} ]\n"
        ));
        let compiled = compile(&design).unwrap();
        let spec = RunSpec {
            seed: 5,
            replication: 0,
            warm_up: Seconds(3.0),
            window: Seconds(7.0),
            drain_cap: Seconds(10.0),
            experiment: None,
            segment_width: Seconds(1.0),
        };
        let record = replicate(&compiled, &spec);
        assert_eq!(record.components[0].cores_busy, record.components[0].busy, "{workers} workers");
    }
}

#[test]
fn calls_to_one_callee_share_their_connections() {
    let run = |other: &str| {
        Run::of(&format!(
            "components:\n  a: {{ kind: service, operations: {{ one: [ {{ call: b.go, connections: 1 }} ], two: [ {{ call: {other}.go, connections: 1 }} ] }} }}\n  b: {{ kind: service, operations: {{ go: [ {{ wait: const(10ms) }} ] }} }}\n  c: {{ kind: service, operations: {{ go: [ {{ wait: const(10ms) }} ] }} }}\n\
             load: [ {{ operation: a.one, arrivals: at(0s 1) }}, {{ operation: a.two, arrivals: at(0s 1) }} ]\n"
        ))
    };
    let same = run("b");
    assert_eq!((same.latency_ms(0).1, same.latency_ms(1).1), (10.0, 20.0));
    let others = run("c");
    assert_eq!((others.latency_ms(0).1, others.latency_ms(1).1), (10.0, 10.0));
}

#[test]
fn calls_that_disagree_about_their_connections_are_told() {
    let design = design(
        "components:\n  a: { kind: service, operations: { go: [ { call: b.go, connections: 1 }, { call: b.go, connections: 2 } ] } }\n  b: { kind: service, operations: { go: [ { wait: 1ms } ] } }\nload: [ { operation: a.go, arrivals: at(0s 1) } ]\n",
    );
    let diagnostics = compile(&design).unwrap_err();
    assert_eq!(diagnostics[0].code, "connections-differ");
    assert_eq!(diagnostics[0].headline, "2 connections to `b` here, 1 at another call of a");
}

#[test]
fn a_policy_where_nothing_is_waited_for_is_told() {
    let design = design(
        "components:\n  a: { kind: service, operations: { go: [ { send: b.go, timeout: 1s }, { local: twice }, { transaction: db, steps: [ { write: db, retry: {} } ] } ], twice: [ { wait: 1ms, hedge: { after: 1ms } } ] } }\n  b: { kind: service, operations: { go: [ { compute: 1ms, deadline: 5ms } ] } }\n  db: { kind: database }\n\
         load: [ { name: walk, steps: [ { call: a.go, timeout: 1s } ], cancel: running, arrivals: at(0s 1) } ]\n",
    );
    let mut headlines: Vec<String> =
        compile(&design).unwrap().warnings.into_iter().map(|warning| warning.headline).collect();
    headlines.sort();
    assert_eq!(
        headlines,
        [
            "`cancel` says nothing on a load with steps of its own",
            "`deadline` says nothing on `compute`",
            "`hedge` says nothing on `wait`",
            "`retry` says nothing on a step of a transaction",
            "`timeout` says nothing on `send`",
        ]
    );
}

#[test]
fn unlimited_connections_are_none_to_wait_for() {
    let run = two("connections: unlimited", "", "{ wait: const(10ms) }", "arrivals: at(0s 50)");
    assert_eq!(run.latency_ms(0), (500.0, 10.0));
}

#[test]
fn a_timeout_runs_while_an_attempt_waits_for_its_connection() {
    let run = two("connections: 1, timeout: 15ms", "", "{ wait: const(10ms) }", "arrivals: at(0s 2)");
    assert_eq!(run.ended(), [1, 0, 1, 0]);
    assert_eq!(run.call("a->b").attempts, 2, "the second was sent after ten");
    let run = two("connections: 1, timeout: 9ms", "", "{ wait: const(10ms) }", "arrivals: at(0s 2)");
    assert_eq!(run.ended(), [0, 0, 2, 0]);
    let run = two("connections: 1, pool-timeout: 6ms, timeout: 9ms", "", "{ wait: 5ms }", "arrivals: at(0s 3)");
    assert_eq!(run.ended(), [1, 1, 1, 0], "one answered, one late with its connection, one refused");
}

#[test]
fn a_closed_connection_is_opened_again() {
    let run = |connect: &str| {
        Run::of(&format!(
            "components:\n  a: {{ kind: service, operations: {{ slow: [ {{ call: b.slow, connections: 1, timeout: 8ms {connect} }} ], quick: [ {{ call: b.quick, connections: 1 }} ] }} }}\n  b: {{ kind: service, operations: {{ slow: [ {{ wait: const(10ms) }} ], quick: [ {{ wait: const(1ms) }} ] }} }}\n\
             load: [ {{ operation: a.slow, arrivals: at(0s 1) }}, {{ operation: a.quick, arrivals: at(9ms 1) }} ]\n"
        ))
    };
    assert_eq!(run("").latency_ms(1).1, 1.0, "closed at 8 ms, free at once");
    assert_eq!(run(", connect: const(5ms)").latency_ms(1).1, 5.0, "free at 13 ms");
}

#[test]
fn a_bulkhead_and_connections_are_two_things() {
    let run = two("max-requests: 2, connections: 1", "", "{ wait: const(10ms) }", "arrivals: at(0s 3)");
    assert_eq!(run.ended(), [2, 1, 0, 0]);
    assert_eq!(run.latency_ms(0), (30.0, 20.0));
    assert_eq!(run.call("a->b").refused_here, 1);
}

#[test]
fn refusals_of_ones_own_are_not_retried_and_those_of_the_callee_are() {
    let retry = "retry: { attempts: 20, backoff: 3ms, growth: 1x }";
    let run = two(&format!("max-requests: 1, {retry}"), "", "{ wait: const(10ms) }", "arrivals: at(0s 2)");
    assert_eq!(run.ended(), [1, 1, 0, 0]);
    let call = run.call("a->b");
    assert_eq!((call.calls, call.attempts, call.refused_here), (2, 1, 1));
    let run = two(retry, "workers: 1, queue: 0,", "{ wait: const(10ms) }", "arrivals: at(0s 2)");
    assert_eq!(run.ended(), [2, 0, 0, 0]);
    assert_eq!(run.latency_ms(0).1, 22.0, "asked again at 3, 6, 9 and 12 ms");
    assert_eq!((run.call("a->b").attempts, run.call("a->b").refused_here), (6, 0));
}

#[test]
fn what_exceeds_a_rate_waits_for_its_turn() {
    let run =
        two("rate-limit: { rate: 50/s, burst: 100, excess: wait }", "", "{ wait: const(1ms) }", "arrivals: at(0s 500)");
    assert_eq!(run.ended(), [500, 0, 0, 0]);
    assert_eq!(run.latency_ms(0).1, 8_001.0);
    let latency = &run.record.entries[0].latency;
    assert!(latency.quantile(0.199).unwrap() <= 1_005_000, "a hundred pass at once");
    assert!(latency.quantile(0.203).unwrap() >= 20_900_000, "and the next after 20 ms");
    // The turn is no part of the timeout, but of the deadline.
    let limited = |more: &str| {
        let settings = format!("rate-limit: {{ rate: 50/s, excess: wait }}, {more}");
        two(&settings, "", "{ wait: const(1ms) }", "arrivals: at(0s 10)").ended()
    };
    assert_eq!(limited("timeout: 2ms"), [10, 0, 0, 0]);
    assert_eq!(limited("deadline: 50ms"), [3, 0, 7, 0]);
}

#[test]
fn a_throttle_refuses_what_is_refused_anyway() {
    let run = two(
        "throttle: { k: 2, window: 5s }",
        "rate-limit: { rate: 100/s, burst: 100 },",
        "{ wait: 1ms }",
        "arrivals: constant(500/s)",
    );
    let call = run.call("a->b");
    assert_eq!((call.calls, call.attempts + call.refused_here), (50_000, 50_000));
    let ok = call.ended[Ending::Ok as usize];
    assert_eq!(call.attempts, ok + call.ended[Ending::Refused as usize]);
    assert_eq!(run.ended(), [ok, 50_000 - ok, 0, 0]);
    let share = call.refused_here as f64 / 50_000.0;
    assert!((0.58..0.61).contains(&share), "three in five, once it has learnt: {share}");
    let run = two("throttle: {}", "rate-limit: { rate: 100/s },", "{ wait: 1ms }", "arrivals: constant(150/s)");
    // Up to twice what is accepted nothing is refused here, but for chance at the very start.
    assert!(run.call("a->b").refused_here < 10, "{}", run.call("a->b").refused_here);
}

#[test]
fn a_breaker_counts_and_tries_as_it_says() {
    let run = two(
        "fail: 100%, breaker: { count: 100, minimum: 100, cool-down: 60s, trials: 10 }",
        "",
        "{ wait: const(1ms) }",
        "arrivals: constant(10/s)",
    );
    // Opens on the hundredth; after a minute ten are tried, and it opens for another.
    assert_eq!(run.call("a->b").attempts, 110);
    assert_eq!(run.ended(), [0, 890, 0, 110]);
    let slow = |above: &str| {
        let breaker = format!("breaker: {{ count: 5, minimum: 5, cool-down: 1h, slow: {{ above: {above} }} }}");
        two(&breaker, "", "{ wait: const(6ms) }", "arrivals: constant(10/s)").call("a->b").attempts
    };
    assert_eq!((slow("5ms"), slow("6ms")), (5, 1_000));
    let run = two(
        "fail: 100%, breaker: { in-a-row: 3, cool-down: 1h }",
        "",
        "{ wait: const(1ms) }",
        "arrivals: constant(10/s)",
    );
    assert_eq!(run.call("a->b").attempts, 3);
}

#[test]
fn a_cancel_message_takes_its_way() {
    let run = apart("timeout: 30ms, cancel: running", "", "{ compute: const(100ms) }", "arrivals: at(0s 1)");
    // Asked at 5 ms, given up at 30, told at 35.
    assert_eq!((run.component("b").busy, run.component("b").wasted), (30 * MS, 30 * MS));
    let run = apart("timeout: 30ms, cancel: queued", "workers: 1,", "{ compute: const(100ms) }", "arrivals: at(0s 2)");
    let b = run.component("b");
    assert_eq!((b.busy, b.queued, b.wasted), (100 * MS, 30 * MS, 100 * MS));
    assert_eq!(b.ended[Ending::Cancelled as usize], 1);
    let run = apart("timeout: 103ms, cancel: running", "", "{ compute: const(95ms) }", "arrivals: at(0s 1)");
    let b = run.component("b");
    assert_eq!((b.wasted, b.ended[Ending::Ok as usize]), (95 * MS, 1), "it had answered already");
}

#[test]
fn what_is_dropped_drops_what_it_had_asked_for() {
    let run = |cancel: &str| {
        Run::of(&format!(
            "components:\n  a: {{ kind: service, operations: {{ go: [ {{ call: b.go, timeout: 20ms, cancel: running }} ] }} }}\n  b: {{ kind: service, operations: {{ go: [ {{ call: c.go, {cancel} }} ] }} }}\n  c: {{ kind: service, operations: {{ go: [ {{ compute: const(50ms) }} ] }} }}\n\
             load: [ {{ operation: a.go, arrivals: at(0s 1) }} ]\n"
        ))
    };
    assert_eq!(run("cancel: running").component("c").busy, 20 * MS);
    let without = run("times: 1");
    assert_eq!((without.component("c").busy, without.component("b").busy), (50 * MS, 20 * MS));
    assert_eq!(without.component("c").wasted, 50 * MS);
}

#[test]
fn a_drawn_patience_is_a_calls_own() {
    let run = |patience: &str| {
        let settings = format!("queue-timeout: {patience}");
        two(&settings, "workers: 1,", "{ compute: const(100ms) }", "arrivals: at(0s 3)").ended()
    };
    assert_eq!(run("150ms"), [2, 0, 1, 0]);
    assert_eq!(run("uniform(101ms 199ms)"), [2, 0, 1, 0]);
    assert_eq!(run("uniform(201ms 299ms)"), [3, 0, 0, 0]);
    assert_eq!(run("uniform(1ms 99ms)"), [1, 0, 2, 0], "in work it is left alone");
}

#[test]
fn work_that_fails_late_was_for_nothing_and_waiting_was_no_work() {
    let run = two("timeout: 30ms", "", "{ compute: const(50ms), fail: 100% }", "arrivals: at(0s 1)");
    assert_eq!(run.component("b").wasted, 50 * MS);
    let run =
        two("timeout: 30ms", "workers: 1, queue-timeout: 40ms,", "{ compute: const(100ms) }", "arrivals: at(0s 2)");
    assert_eq!(run.component("b").wasted, 100 * MS, "the second left its queue");
    let run = two("timeout: 30ms", "workers: 1, queue: 0,", "{ compute: const(100ms) }", "arrivals: at(0s 2)");
    assert_eq!(run.component("b").wasted, 100 * MS);
}

/// A request through `a` and `b` to `c`, with a deadline of the load.
fn three(load: &str, a: &str, b: &str, c: &str) -> Run {
    Run::of(&format!(
        "components:\n  a: {{ kind: service, operations: {{ go: [ {a} ] }} }}\n  b: {{ kind: service, operations: {{ go: [ {b} ] }} }}\n  c: {{ kind: service, workers: 1, operations: {{ go: [ {c} ] }} }}\n\
         load: [ {{ operation: a.go, {load} }} ]\n"
    ))
}

#[test]
fn a_deadline_that_is_told_is_kept_at_each_step() {
    let chain = |load: &str| {
        let steps = "{ compute: const(10ms) }, { compute: const(10ms) }, { compute: const(10ms) }";
        three(load, "{ compute: const(10ms) }, { call: b.go }", "{ call: c.go }", steps)
    };
    let told = chain("deadline: 25ms, propagate: yes, arrivals: at(0s 1)");
    assert_eq!(told.ended(), [0, 0, 1, 0]);
    assert_eq!(told.component("c").busy, 20 * MS, "late at 30 ms, before its third step");
    assert_eq!(told.component("c").ended[Ending::Timeout as usize], 1);
    assert_eq!((told.component("b").busy, told.component("a").busy), (15 * MS, 25 * MS), "they wait no longer");
    for kept in ["", "propagate: no,"] {
        let run = chain(&format!("deadline: 25ms, {kept} arrivals: at(0s 1)"));
        assert_eq!((run.component("c").busy, run.component("a").busy), (30 * MS, 40 * MS));
    }
}

#[test]
fn what_is_late_is_not_begun() {
    let load = "deadline: 15ms, propagate: yes, arrivals: at(0s 2)";
    let run = three(load, "{ call: b.go }", "{ call: c.go }", "{ compute: const(20ms) }");
    let c = run.component("c");
    assert_eq!((c.busy, c.accepted, c.ended[Ending::Timeout as usize]), (20 * MS, 2, 1), "late when it got its worker");
    let run = three(load, "{ compute: const(20ms) }, { call: b.go }", "{ call: c.go }", "{ compute: const(20ms) }");
    assert_eq!((run.component("b").accepted, run.component("a").busy), (0, 40 * MS));
    // Late on the way.
    let run = Run::of(
        "components:\n  a: { kind: service, operations: { go: [ { call: b.go, deadline: 15ms, propagate: yes } ] } }\n  b: { kind: service, operations: { go: [ { compute: const(1ms) } ] } }\nload: [ { operation: a.go, arrivals: at(0s 1) } ]\n\
         experiments: [ { name: slow way, duration: 100s, faults: [ { at: 0s, latency: { what: b, add: 20ms } } ] } ]\n",
    );
    assert_eq!((run.component("b").accepted, run.component("b").ended[Ending::Timeout as usize]), (0, 1));
}

#[test]
fn a_child_has_the_smaller_deadline() {
    let run = |own: &str| {
        let inner = format!("{{ call: c.go, {own} fallback: skip }}, {{ compute: const(1ms) }}");
        let run = three(
            "deadline: 25ms, propagate: yes, arrivals: at(0s 1)",
            "{ call: b.go }",
            &inner,
            "{ compute: const(9ms) }, { compute: const(9ms) }, { compute: const(9ms) }",
        );
        (run.ended()[0], run.component("b").busy / MS, run.component("c").busy / MS)
    };
    assert_eq!(run("deadline: 10ms, propagate: yes,"), (1, 11, 18), "its own");
    assert_eq!(run("deadline: 10ms,"), (1, 11, 27), "only what came with the request is told: 25 ms");
    assert_eq!(run("deadline: 40ms, propagate: yes,"), (0, 25, 27), "the parent's");
    assert_eq!(run("timeout: 10ms, propagate: no,"), (1, 11, 27));
}

#[test]
fn copies_go_to_replicas_of_their_own() {
    for algorithm in ["random", "least-connections", "round-robin"] {
        let run = Run::of(&format!(
            "components:\n  lb: {{ kind: load-balancer, algorithm: {algorithm}, to: s }}\n  a: {{ kind: service, operations: {{ go: [ {{ call: s.go, hedge: {{ after: 0s, copies: 6 }} }} ] }} }}\n  s: {{ kind: service, replicas: 6, workers: 1, operations: {{ go: [ {{ compute: const(10ms) }} ] }} }}\n\
             load: [ {{ operation: a.go, arrivals: constant(50/s) }} ]\n"
        ));
        let s = run.component("s");
        assert_eq!((s.accepted, s.queue_max), (30_000, 0));
        assert_eq!(run.latency_ms(0).1, 10.0);
    }
    let asked = design(
        "components:\n  a: { kind: service, operations: { go: [ { call: s.go, hedge: { after: 1ms, copies: 4 } } ] } }\n  s: { kind: service, replicas: 3, operations: { go: [ { wait: 5ms } ] } }\nload: [ { operation: a.go, arrivals: at(0s 1) } ]\n",
    );
    let warnings = compile(&asked).unwrap().warnings;
    assert_eq!(warnings.iter().map(|warning| warning.code).collect::<Vec<_>>(), ["more-copies-than-replicas"]);
    assert_eq!(warnings[0].headline, "4 copies, but `s` has 3 replicas");
}

/// One of two replicas is at work for 100 ms when a request with a copy for each comes; it takes 10 ms.
fn tied(network: &str, cancel: &str) -> Run {
    Run::of(&format!(
        "places: {{ eu: {{ zones: [a] }} }}\n{network}components:\n  a: {{ kind: service, place: eu, operations: {{ block: [ {{ call: s.block }} ], go: [ {{ call: s.go, hedge: {{ after: 0s, copies: 2, cancel: {cancel} }} }} ] }} }}\n  s: {{ kind: service, place: eu, replicas: 2, workers: 1, operations: {{ block: [ {{ compute: const(100ms) }} ], go: [ {{ compute: const(10ms) }} ] }} }}\n\
         load: [ {{ operation: a.go, arrivals: at(50ms 1) }}, {{ operation: a.block, arrivals: at(0s 1) }} ]\n"
    ))
}

#[test]
fn the_other_of_two_tied_requests_is_dropped_when_one_starts() {
    let waits = |network: &str, cancel: &str| {
        let run = tied(network, cancel);
        let s = run.component("s");
        (s.queued / MS, s.busy / MS, s.ended[Ending::Cancelled as usize])
    };
    assert_eq!(waits("", "on-start"), (0, 110, 1));
    assert_eq!(waits("", "on-completion"), (10, 110, 1));
    assert_eq!(waits("", "none"), (50, 120, 0));
    // Two milliseconds each way: from one to the other, or the answer and then the message.
    let network = "network: { within-zone: 4ms }\n";
    assert_eq!(waits(network, "on-start"), (2, 110, 1));
    assert_eq!(waits(network, "on-completion"), (14, 110, 1));
    assert_eq!(tied(network, "on-start").latency_ms(0).1, 14.0);
}

#[test]
fn tied_requests_that_start_together_both_run() {
    let run = Run::of(
        "components:\n  a: { kind: service, operations: { go: [ { call: s.go, hedge: { after: 0s, copies: 3, cancel: on-start } } ] } }\n  s: { kind: service, replicas: 3, operations: { go: [ { compute: const(10ms) } ] } }\nload: [ { operation: a.go, arrivals: at(0s 1) } ]\n",
    );
    // The first starts as it is sent: no copy is sent after it.
    assert_eq!(run.component("s").accepted, 1);
    let run = apart(
        "hedge: { after: 1ms, copies: 3, cancel: on-start }",
        "replicas: 3,",
        "{ compute: const(10ms) }",
        "arrivals: at(0s 1)",
    );
    assert_eq!((run.component("b").accepted, run.component("b").busy), (3, 30 * MS), "the others were on their way");
    assert_eq!(run.latency_ms(0).1, 20.0);
}

#[test]
fn each_copy_goes_through_the_policies_inside() {
    let run = two(
        "hedge: { after: 1ms, copies: 3 }, max-requests: 2",
        "replicas: 3,",
        "{ compute: const(10ms) }",
        "arrivals: at(0s 1)",
    );
    assert_eq!((run.call("a->b").attempts, run.call("a->b").refused_here), (2, 1));
    assert_eq!(run.ended(), [1, 0, 0, 0]);
    // A copy that lost keeps its connection until its own answer.
    let run = two(
        "hedge: { after: 5ms, copies: 2 }, connections: 2",
        "replicas: 2,",
        "{ wait: const(10ms) }",
        "arrivals: at(0s 1)",
    );
    assert_eq!(run.latency_ms(0).1, 10.0);
    let run = Run::of(
        "components:\n  a: { kind: service, operations: { go: [ { call: b.go, hedge: { after: 5ms, copies: 2 }, connections: 2 } ], more: [ { call: b.go, connections: 2 } ] } }\n  b: { kind: service, replicas: 2, operations: { go: [ { wait: const(10ms) } ] } }\n\
         load: [ { operation: a.more, arrivals: at(11ms 2) }, { operation: a.go, arrivals: at(0s 1) } ]\n",
    );
    assert_eq!(run.latency_ms(0), (24.0, 14.0), "one is free at 11 ms, the other at 15");
}

#[test]
fn attempts_without_limit_go_on_until_one_succeeds() {
    let outage = |retry: &str| {
        Run::of(&format!(
            "components:\n  a: {{ kind: service, operations: {{ go: [ {{ call: b.go, retry: {{ attempts: unlimited, {retry} }} }} ] }} }}\n  b: {{ kind: service, operations: {{ go: [ {{ wait: const(1ms) }} ] }} }}\nload: [ {{ operation: a.go, arrivals: at(0s 1) }} ]\n\
             experiments: [ {{ name: away, duration: 100s, faults: [ {{ at: 0s, for: 10s, outage: b }} ] }} ]\n"
        ))
    };
    let run = outage("backoff: 20ms, growth: 1x");
    assert_eq!((run.call("a->b").attempts, run.latency_ms(0).1), (501, 10_001.0));
    let run = outage("jitter: none");
    assert_eq!(run.ended(), [1, 0, 0, 0], "without a pause as well, once time can pass");
    assert!((10_250..10_260).contains(&run.call("a->b").attempts), "{}", run.call("a->b").attempts);
}

#[test]
fn pauses_are_spread_and_cut_as_they_say() {
    let run = two(
        "fail: 100%, retry: { attempts: 4, backoff: 100ms, cap: 150ms }, fallback: skip",
        "",
        "{ wait: const(10ms) }",
        "arrivals: at(0s 1)",
    );
    assert_eq!(run.latency_ms(0).1, 440.0, "four times 10, and 100, 150, 150");
    let pause = |retry: &str| {
        let settings = format!("fail: 100%, retry: {{ attempts: 2, {retry} }}, fallback: skip");
        let run = two(&settings, "", "{ wait: const(1ms) }", "arrivals: constant(100/s)");
        let latency = &run.record.entries[0].latency;
        let ms = |value: u64| (value as f64 / 1e6 - 2.0).round();
        (ms(latency.quantile(1e-9).unwrap()), (latency.mean().unwrap() / 1e6 - 2.0).round(), ms(latency.max()))
    };
    assert_eq!(pause("backoff: 100ms, jitter: none"), (100.0, 100.0, 100.0));
    let near = |found: (f64, f64, f64), expected: (f64, f64, f64)| {
        let close = |a: f64, b: f64| (a - b).abs() <= 1.5;
        assert!(close(found.0, expected.0) && close(found.1, expected.1) && close(found.2, expected.2), "{found:?}");
    };
    near(pause("backoff: 100ms, jitter: full"), (0.0, 50.0, 100.0));
    near(pause("backoff: 100ms, jitter: equal"), (50.0, 75.0, 100.0));
    near(pause("backoff: 100ms, jitter: decorrelated"), (100.0, 200.0, 300.0));
    near(pause("backoff: 100ms, jitter: decorrelated, cap: 250ms"), (100.0, 194.0, 250.0));
}

#[test]
fn layers_of_retries_multiply() {
    let layers = |count: usize, attempts: u32| {
        let mut text = "components:\n".to_string();
        for layer in 0..count {
            text += &format!(
                "  s{layer}: {{ kind: service, operations: {{ go: [ {{ call: s{}.go, retry: {{ attempts: {attempts} }} }} ] }} }}\n",
                layer + 1
            );
        }
        text += &format!(
            "  s{count}: {{ kind: service, operations: {{ go: [ {{ compute: 1ms, fail: 100% }} ] }} }}\nload: [ {{ operation: s0.go, arrivals: at(0s 1) }} ]\n"
        );
        Run::of(&text).component(&format!("s{count}")).ended[Ending::Error as usize]
    };
    assert_eq!(layers(3, 4), 64);
    assert_eq!(layers(5, 3), 243);
}
