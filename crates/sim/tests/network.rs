//! The network: ways, sizes over bandwidth, loss that becomes delay, partitions. Known to the nanosecond where no chance is
//! in it, within an interval where there is.
#![allow(clippy::unwrap_used)]

use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::reader::read_design;
use groundplan_sim::kernel::engine::{Engine, Leftovers, Plan};
use groundplan_sim::lower::{Compiled, VOCABULARY, compile};
use groundplan_sim::record::{ComponentRecord, Ending, Record};
use groundplan_sim::run::{Options, foresee};

fn compiled(body: &str) -> Result<Compiled, Vec<Diagnostic>> {
    let read = read_design(&format!("kind: design\nversion: 1\nname: network\n{body}"), &VOCABULARY);
    let errors: Vec<Diagnostic> = read.errors().cloned().collect();
    match read.value {
        Some(design) if errors.is_empty() => compile(&design),
        _ => Err(errors),
    }
}

struct Run {
    compiled: Compiled,
    record: Record,
}

impl Run {
    /// A design without its head, for 100 s from the first instant; with its experiment if it has one.
    fn of(body: &str) -> Run {
        let compiled = compiled(body).unwrap_or_else(|found| panic!("{found:#?}"));
        let plan = Plan {
            seed: 5,
            replication: 0,
            warm_up: 0,
            window: 100_000_000_000,
            drain_cap: 100_000_000_000,
            slice: 1_000_000_000,
            experiment: (!compiled.tables.experiments.is_empty()).then_some(0),
        };
        let (record, leftovers) = Engine::new(&compiled.tables, plan).run_and_look();
        // A load without end is at work to the end.
        assert!(body.contains("constant(") || leftovers == Leftovers::default(), "{leftovers:?} are held in the end");
        for entry in &record.entries {
            assert_eq!(entry.arrived, entry.ended.iter().sum::<u64>(), "every request ends once");
        }
        Run { compiled, record }
    }

    fn component(&self, name: &str) -> &ComponentRecord {
        let index = self.compiled.names.components.iter().position(|known| known == name).unwrap();
        &self.record.components[index]
    }

    fn ended(&self, ending: Ending) -> u64 {
        self.record.entries[0].ended[ending as usize]
    }

    /// Latencies of the ok requests: sum and maximum in ms.
    fn latency_ms(&self) -> (f64, f64) {
        let latency = &self.record.entries[0].latency;
        (latency.sum() as f64 / 1e6, latency.max() as f64 / 1e6)
    }
}

/// A caller `a` in one zone, a callee `b` in the other, 2 ms away and back; `b` works for 10 ms.
fn two(network: &str, step: &str, operation: &str, load: &str, rest: &str) -> String {
    format!(
        "places: {{ eu: {{ zones: [x, y] }} }}\nnetwork: {{ between-zones: 2ms, {network} }}\n\
         components:\n  a: {{ kind: service, place: eu/x, operations: {{ ask: [ {{ call: b.serve, {step} }} ] }} }}\n  b: {{ kind: service, place: eu/y, operations: {{ serve: {{ {operation} steps: [ {{ compute: const(10ms) }} ] }} }} }}\n\
         load: [ {{ operation: a.ask, arrivals: {load} }} ]\n{rest}"
    )
}

fn faulted(step: &str, load: &str, fault: &str) -> Run {
    let rest =
        format!("experiments: [ {{ name: x, duration: 100s, faults: [ {{ at: 10s, for: 20s, {fault} }} ] }} ]\n");
    Run::of(&two("", step, "", load, &rest))
}

#[test]
fn a_message_takes_half_the_round_trip_and_its_size_over_bandwidth() {
    let run = Run::of(&two("", "", "", "at(0s 1)", ""));
    assert_eq!(run.latency_ms(), (12.0, 12.0));
    // 2 KB there and 30 KB back at 1 MB/s.
    let run = Run::of(&two("bandwidth: 8 Mbit/s", "", "in: 2 KB, out: 30 KB,", "at(0s 1)", ""));
    assert_eq!(run.latency_ms(), (44.0, 44.0));
    let run = Run::of(&two("bandwidth: 1 MB/s", "request: 5 KB", "in: 2 KB, out: 30 KB,", "at(0s 1)", ""));
    assert_eq!(run.latency_ms(), (47.0, 47.0));
    let run = Run::of(&two("bandwidth: 1 MB/s", "response: 1 MB", "", "at(0s 1)", ""));
    assert_eq!(run.latency_ms(), (1_012.0, 1_012.0));
    let run = Run::of(&two("", "request: 5 KB", "in: 2 KB, out: 30 KB,", "at(0s 1)", ""));
    assert_eq!(run.latency_ms(), (12.0, 12.0), "without a bandwidth sizes take no time");
}

#[test]
fn the_latency_of_a_call_has_both_ways_in_it() {
    for network in ["", "bandwidth: 1 GB/s"] {
        for step in ["", "timeout: 1s", "connections: 5"] {
            let run = Run::of(&two(network, step, "", "constant(10/s)", ""));
            let index = run.compiled.names.calls.iter().position(|known| known == "a->b").unwrap();
            let call = &run.record.calls[index].latency;
            assert_eq!((call.sum(), call.max()), (1_000 * 12_000_000, 12_000_000), "{network} {step}");
            assert_eq!(call.sum(), run.record.entries[0].latency.sum(), "{network} {step}");
        }
    }
}

#[test]
fn a_balancer_passes_sizes_on_and_a_store_has_those_of_the_step() {
    let run = Run::of(
        "places: { eu: { zones: [x] } }\nnetwork: { bandwidth: 1 MB/s }\n\
         components:\n  a: { kind: service, place: eu, operations: { ask: [ { call: lb.serve }, { read: db, response: 7 KB } ] } }\n  lb: { kind: load-balancer, place: eu, to: b }\n  b: { kind: service, place: eu, operations: { serve: { in: 1 KB, out: 2 KB, steps: [ { compute: const(10ms) } ] } } }\n  db: { kind: database, place: eu, read-time: const(5ms) }\n\
         load: [ { operation: a.ask, arrivals: at(0s 1) } ]\n",
    );
    assert_eq!(run.latency_ms().0, 3.0 + 3.0 + 10.0 + 5.0 + 7.0);
}

#[test]
fn a_lost_message_is_sent_again_after_200_ms_doubling() {
    // With a tenth lost, (1/9)(...): sum of 0.1^k (2^k - 1) 0.9 over k is 1/8, so 25 ms more each way on average.
    let run = Run::of(&two("loss: 10%", "", "", "constant(200/s)", ""));
    assert_eq!(run.ended(Ending::Ok), 20_000);
    let (sum, _) = run.latency_ms();
    // Second moment of the delay each way: 200 ms squared times 0.9 sum of 0.1^k (2^k - 1)^2, 0.2083.
    let error = 4.0 * (2.0 * (0.2083f64 - 0.0156) * 40_000.0 / 20_000.0).sqrt();
    assert!((sum / 20_000.0 - 62.0).abs() < error, "{} +- {error}", sum / 20_000.0);
    let latency = &run.record.entries[0].latency;
    let share = |ms: u64| latency.share_at_most(ms * 1_000_000 + 500_000);
    for (ms, expected) in [(12, 0.81), (212, 0.81 + 0.162), (412, 0.81 + 0.162 + 0.0081)] {
        let error = 4.0 * (expected * (1.0 - expected) / 20_000.0f64).sqrt();
        assert!((share(ms) - expected).abs() < error, "{ms} ms: {} for {expected}", share(ms));
    }
}

#[test]
fn a_connection_is_given_up_in_the_end() {
    let loss = "loss: { between: [eu/x, eu/y], share: 100% }";
    let run = faulted("timeout: 5s", "at(10s 3)", loss);
    assert_eq!(run.ended(Ending::Timeout), 3);
    // Sent again after 0.2, 0.6, 1.4, 3, 6.2 and 12.6 s; what is sent after 25.4 s finds that the fault is over.
    let run = faulted("", "at(10s 3)", loss);
    assert_eq!((run.ended(Ending::Ok), run.component("b").accepted), (3, 3));
    assert_eq!(run.latency_ms(), (3.0 * 25_412.0, 25_412.0));
    let for_good = format!("experiments: [ {{ name: x, duration: 100s, faults: [ {{ at: 10s, {loss} }} ] }} ]\n");
    let run = Run::of(&two("", "", "", "at(10s 3)", &for_good));
    assert_eq!(run.ended(Ending::Lost), 3, "after the silence that a caller without a timeout waits for");
    assert_eq!(run.component("b").accepted, 0);
    let run = faulted("", "at(35s 3)", "loss: { between: [eu/x, eu/y], share: 100% }");
    assert_eq!(run.latency_ms(), (36.0, 12.0), "the fault is over");
}

#[test]
fn a_partition_drops_requests_and_answers() {
    for between in ["[a, b]", "[b, a]", "[eu/x, eu/y]", "[eu/x, b]"] {
        // One answer is on its way when it begins, one request is in work, one comes while it lasts, one after.
        let run = Run::of(&format!(
            "{}  - {{ name: during, operation: a.ask, arrivals: at(10s 1) }}\n  - {{ name: after, operation: a.ask, arrivals: at(40s 1) }}\nexperiments: [ {{ name: x, duration: 100s, faults: [ {{ at: 10s, for: 20s, partition: {{ between: {between} }} }} ] }} ]\n",
            two("", "timeout: 1s", "", "at(9995ms 1)", "").replace(
                "load: [ { operation: a.ask, arrivals: at(9995ms 1) } ]",
                "load:\n  - { operation: a.ask, arrivals: at(9995ms 1) }"
            )
        ));
        let ended = |entry: usize, ending: Ending| run.record.entries[entry].ended[ending as usize];
        assert_eq!([ended(0, Ending::Timeout), ended(1, Ending::Timeout), ended(2, Ending::Ok)], [1; 3], "{between}");
        let b = run.component("b");
        assert_eq!((b.ended[Ending::Ok as usize], b.wasted), (2, 10_000_000), "{between}: its answer was lost");
    }
}

#[test]
fn a_one_way_partition_stops_one_direction() {
    let run = faulted("timeout: 1s", "at(12s 3)", "partition: { between: [a, b], one-way: yes }");
    assert_eq!((run.ended(Ending::Timeout), run.component("b").accepted), (3, 0));
    let run = faulted("timeout: 1s", "at(12s 3)", "partition: { between: [b, a], one-way: yes }");
    assert_eq!((run.ended(Ending::Timeout), run.component("b").ended[Ending::Ok as usize]), (3, 3));
    assert_eq!(run.component("b").wasted, 30_000_000);
}

#[test]
fn what_is_held_arrives_at_healing() {
    let run = faulted("", "at(12s 2)", "partition: { between: [a, b], hold: yes }");
    assert_eq!(run.latency_ms(), (2.0 * 18_012.0, 18_012.0), "sent at 12 s, on its way from 30 s on");
    let run = faulted("", "at(9995ms 1)", "partition: { between: [a, b], hold: yes, one-way: no }");
    assert_eq!(run.latency_ms().1, 20_006.0, "the answer was ready at 10.006 s and on its way from 30 s on");
    let run = faulted("timeout: 1s", "at(12s 2)", "partition: { between: [a, b], hold: yes }");
    assert_eq!((run.ended(Ending::Timeout), run.component("b").wasted), (2, 20_000_000), "orphans are worked on");
    let rest = "experiments: [ { name: x, duration: 100s, faults: [ { at: 10s, partition: { between: [a, b], hold: yes } } ] } ]\n";
    let run = Run::of(&two("", "timeout: 1s", "", "at(12s 2)", rest));
    assert_eq!((run.ended(Ending::Timeout), run.component("b").accepted), (2, 0), "never healed, never delivered");
}

#[test]
fn components_without_a_place_can_be_cut_off_as_well() {
    let run = Run::of(
        "components:\n  a: { kind: service, operations: { ask: [ { call: b.serve, timeout: 100ms } ] } }\n  b: { kind: service, operations: { serve: [ { compute: const(10ms) } ] } }\n\
         load: [ { operation: a.ask, arrivals: constant(10/s) } ]\n\
         experiments: [ { name: x, duration: 100s, faults: [ { at: 10s, for: 20s, partition: { between: [a, b] } } ] } ]\n",
    );
    let timeouts = run.ended(Ending::Timeout);
    assert!(timeouts.abs_diff(200) <= 1, "{timeouts}");
    assert_eq!(run.ended(Ending::Ok) + timeouts, 1_000);
}

#[test]
fn a_session_that_is_cut_off_is_rolled_back() {
    let body = |fault: &str| {
        format!(
            "components:\n  app: {{ kind: service, operations: {{ order: [ {{ transaction: db, steps: [ {{ write: db }}, {{ compute: const(50ms) }}, {{ write: db }} ] }} ] }} }}\n  db: {{ kind: database, workers: 1, write-time: const(10ms) }}\n\
             load: [ {{ operation: app.order, timeout: 40s, arrivals: at(990ms 2) }} ]\n\
             experiments: [ {{ name: x, duration: 100s, faults: [ {{ at: 1s, for: 1s, {fault} }} ] }} ]\n"
        )
    };
    let run = Run::of(&body("partition: { between: [app, db] }"));
    assert_eq!(run.ended(Ending::Lost), 2);
    let busy = run.component("db").busy as f64 / 1e6;
    assert!(busy <= 140.0, "the worker is free: {busy}");
    let run = Run::of(&body("partition: { between: [app, db], hold: yes }"));
    assert_eq!(run.ended(Ending::Ok), 2);
}

#[test]
fn the_answer_to_nobody_is_wasted_for_as_long_as_it_was_worked_on() {
    // The caller gives up while the answer is on its way.
    let run = Run::of(&two("", "timeout: 11500us", "", "at(0s 1)", ""));
    assert_eq!((run.ended(Ending::Timeout), run.component("b").wasted), (1, 10_000_000));
    // It gives up while the work is done.
    let run = Run::of(&two("", "timeout: 5ms", "", "at(0s 1)", ""));
    assert_eq!((run.ended(Ending::Timeout), run.component("b").wasted), (1, 10_000_000));
}

#[test]
fn bad_networks_say_what_is_wrong() {
    let check = |network: &str, fault: &str, code: &str, headline: &str| {
        let rest =
            format!("experiments: [ {{ name: x, duration: 100s, faults: [ {{ at: 10s, for: 20s, {fault} }} ] }} ]\n");
        let found = compiled(&two(network, "", "", "at(0s 1)", &rest)).err().unwrap_or_default();
        let said: Vec<(&str, &str)> = found.iter().map(|found| (found.code, found.headline.as_str())).collect();
        assert_eq!(said, [(code, headline)], "{network} {fault}");
        assert!(found[0].help.is_some(), "{fault}");
    };
    let cut = |fault: &str, code: &str, headline: &str| check("", fault, code, headline);
    cut("partition: { between: [a, c] }", "unknown-place", "no component or place is called `c`");
    cut("partition: { between: [a] }", "not-two-sides", "a partition is between two sides");
    cut(
        "partition: { between: [a, a] }",
        "cut-through-nothing",
        "the partition isolates nothing: no call passes between `a` and `a`",
    );
    cut("partition: { one-way: yes }", "missing-key", "`partition` has no `between`");
    cut("loss: { between: [a, b] }", "missing-key", "`loss` has no `share`");
    cut(
        "loss: { between: [eu/x, eu/x], share: 5% }",
        "cut-through-nothing",
        "the loss isolates nothing: no call passes between `eu/x` and `eu/x`",
    );
    let rest = "experiments: [ { name: x, duration: 100s, faults: [ { loss: { between: [a, b], share: 0% } } ] } ]\n";
    let text = format!("kind: design\nversion: 1\nname: network\n{}", two("", "", "", "poisson(1/s)", rest));
    let design = read_design(&text, &VOCABULARY).value.unwrap();
    let found = foresee(&design, &compile(&design).unwrap(), &Options::default());
    assert_eq!(found[0].headline, "`loss` strikes nothing: it loses no message");
    check("bandwidth: 10 Gbps", "crash: b", "unknown-unit", "`10 Gbps` is not a bandwidth: `Gbps` is no unit of one");
    check("bandwidth: 0 B/s", "crash: b", "out-of-range", "`0 B/s` is out of range");
    check("loss: 120%", "crash: b", "out-of-range", "`120%` is out of range");
    let lonely = "places: { eu: { zones: [x, y] } }\ncomponents: { a: { kind: service, place: eu/x, operations: { ask: [ { compute: 1ms } ] } } }\nload: [ { operation: a.ask, arrivals: at(0s 1) } ]\nexperiments: [ { name: x, duration: 10s, faults: [ { partition: { between: [a, eu/y] } } ] } ]\n";
    let found = compiled(lonely).err().unwrap_or_default();
    assert_eq!(found[0].headline, "the partition isolates nothing: no replica stands in `eu/y`");
}
