//! Servers, queues and cores: who waits where and who goes first, on designs so small that the right answer is known to the
//! nanosecond.
#![allow(clippy::unwrap_used)]

use groundplan_model::reader::read_design;
use groundplan_model::units::Seconds;
use groundplan_sim::lower::{Compiled, RunSpec, VOCABULARY, compile, replicate};
use groundplan_sim::record::{ComponentRecord, Ending, Record};

struct Run {
    compiled: Compiled,
    record: Record,
}

fn design(body: &str) -> groundplan_model::design::Design {
    let text = format!("kind: design\nversion: 1\nname: small\n{body}");
    let read = read_design(&text, &VOCABULARY);
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

    fn ended(&self, entry: usize, ending: Ending) -> u64 {
        self.record.entries[entry].ended[ending as usize]
    }

    fn ok(&self, entry: usize) -> u64 {
        self.ended(entry, Ending::Ok)
    }

    fn refused(&self, entry: usize) -> u64 {
        self.ended(entry, Ending::Refused)
    }

    /// Latencies of the ok requests of an entry, all of them, in ms: least and most.
    fn spread_ms(&self, entry: usize) -> (f64, f64) {
        let latency = &self.record.entries[entry].latency;
        (latency.quantile(1e-9).unwrap() as f64 / 1e6, latency.max() as f64 / 1e6)
    }

    /// Sum of the latencies of the ok requests of an entry, in ms.
    fn total_ms(&self, entry: usize) -> f64 {
        self.record.entries[entry].latency.sum() as f64 / 1e6
    }
}

/// A server `s` of one worker with an operation a job: `(ms of work, settings of its load)`, in order.
fn jobs(server: &str, jobs: &[(u32, &str)]) -> Run {
    let mut operations = String::new();
    let mut loads = String::new();
    for (nth, (work, load)) in jobs.iter().enumerate() {
        operations += &format!("j{nth}: [ {{ compute: const({work}ms) }} ], ");
        loads += &format!("  - {{ operation: s.j{nth}, {load} }}\n");
    }
    Run::of(&format!(
        "components: {{ s: {{ kind: service, {server}, operations: {{ {operations} }} }} }}\nload:\n{loads}"
    ))
}

fn latencies(run: &Run) -> Vec<f64> {
    run.record.entries.iter().map(|entry| entry.latency.max() as f64 / 1e6).collect()
}

const FOUR: [(u32, &str); 4] = [
    (100, "arrivals: at(0s 1)"),
    (50, "arrivals: at(10ms 1)"),
    (10, "arrivals: at(20ms 1)"),
    (30, "arrivals: at(30ms 1)"),
];

#[test]
fn a_discipline_says_who_gets_the_free_worker() {
    assert_eq!(latencies(&jobs("workers: 1, discipline: fifo", &FOUR)), [100.0, 140.0, 140.0, 160.0]);
    assert_eq!(latencies(&jobs("workers: 1, discipline: lifo", &FOUR)), [100.0, 180.0, 120.0, 100.0]);
    assert_eq!(latencies(&jobs("workers: 1, discipline: sjf", &FOUR)), [100.0, 180.0, 90.0, 110.0]);
}

#[test]
fn priorities_go_first_and_in_order_of_arrival_among_equals() {
    let four = [
        (100, "arrivals: at(0s 1), priority: 3"),
        (50, "arrivals: at(10ms 1), priority: 2"),
        (10, "arrivals: at(20ms 1), priority: 2"),
        (30, "arrivals: at(30ms 1)"),
    ];
    assert_eq!(latencies(&jobs("workers: 1, discipline: priority", &four)), [100.0, 170.0, 170.0, 100.0]);
    // The one at work is put off, and goes on where it was.
    let run = jobs("workers: 1, discipline: priority, preemptive: resume", &four);
    assert_eq!(latencies(&run), [190.0, 80.0, 80.0, 30.0]);
    assert_eq!(run.component("s").cores_busy, 190_000_000, "no work is lost or done twice");
}

#[test]
fn the_nearest_deadline_goes_first_and_none_goes_last() {
    let four = [
        (100, "arrivals: at(0s 1)"),
        (50, "arrivals: at(10ms 1)"),
        (10, "arrivals: at(20ms 1), deadline: 5s"),
        (30, "arrivals: at(30ms 1), deadline: 2s"),
    ];
    assert_eq!(latencies(&jobs("workers: 1, discipline: edf", &four)), [100.0, 180.0, 120.0, 100.0]);
    // A deadline that is told on counts behind others as well.
    let run = Run::of(
        "components:\n  front: { kind: service, operations: { go: [ { call: s.serve } ] } }\n  s: { kind: service, workers: 1, discipline: edf, operations: { serve: [ { compute: const(100ms) } ] } }\n\
         load:\n  - { name: one, operation: front.go, arrivals: at(0s 2) }\n  - { name: two, operation: front.go, arrivals: at(1ms 1), deadline: 9s, propagate: yes }\n  - { name: three, operation: front.go, arrivals: at(2ms 1), deadline: 8s, propagate: yes }\n",
    );
    assert_eq!(latencies(&run), [400.0, 299.0, 198.0]);
}

#[test]
fn the_least_that_is_left_takes_the_core() {
    let four = [
        (100, "arrivals: at(0s 1)"),
        (50, "arrivals: at(10ms 1)"),
        (45, "arrivals: at(20ms 1)"),
        (5, "arrivals: at(65ms 1)"),
    ];
    // 50 takes over from the 90 that are left; 45 does not from the 40 left of it; 5 takes over from 40 left of 45.
    assert_eq!(latencies(&jobs("workers: 1, discipline: srpt", &four)), [200.0, 50.0, 90.0, 5.0]);
    assert_eq!(latencies(&jobs("workers: unlimited, cores: 1, discipline: srpt", &four)), [200.0, 50.0, 90.0, 5.0]);
    // With a queue of one, two are in work at most.
    let run = jobs("workers: 1, queue: 1, discipline: srpt", &four);
    assert_eq!((run.refused(2), run.ok(3)), (1, 1));
}

#[test]
fn a_size_is_what_the_operation_will_compute() {
    // Long in wall time, short in work; and a size behind a branch, a loop and an operation in process.
    let run = Run::of(
        "components:\n  s:\n    kind: service\n    workers: 1\n    discipline: sjf\n    operations:\n\
         \x20     first: [ { compute: const(50ms) } ]\n\
         \x20     waits: [ { wait: const(1s) }, { compute: const(1ms) } ]\n\
         \x20     nested: [ { branch: { 100%: [ { repeat: 3, steps: [ { local: inner } ] } ] } } ]\n\
         \x20     inner: [ { compute: const(10ms) } ]\n\
         \x20     plain: [ { compute: const(20ms) } ]\n\
         load:\n  - { operation: s.first, arrivals: at(0s 1) }\n  - { operation: s.nested, arrivals: at(1ms 1) }\n  - { operation: s.plain, arrivals: at(2ms 1) }\n  - { operation: s.waits, arrivals: at(3ms 1) }\n",
    );
    assert_eq!(latencies(&run), [50.0, 1_100.0, 1_069.0, 1_048.0]);
}

#[test]
fn sizes_are_those_that_are_computed() {
    // Random work: with all present at time zero, SJF serves in order of size, so the sum of times is the least there is.
    let times = |discipline: &str| {
        let run = Run::of(&format!(
            "components: {{ s: {{ kind: service, workers: 1, discipline: {discipline}, operations: {{ serve: [ {{ compute: exp(10ms) }}, {{ compute: lognormal(p50 5ms p99 100ms) }} ] }} }} }}\nload: [ {{ operation: s.serve, arrivals: at(0s 200) }} ]\n"
        ));
        (run.total_ms(0), run.spread_ms(0).1)
    };
    let ((fifo, all), (sjf, all_too), (srpt, all_three)) = (times("fifo"), times("sjf"), times("srpt"));
    assert!(
        (all - all_too).abs() < 1e-3 && (all - all_three).abs() < 1e-3,
        "the same work: {all} {all_too} {all_three}"
    );
    assert!(sjf < 0.6 * fifo, "{sjf} {fifo}");
    // The first began before the others came; SRPT puts it off at no cost.
    assert!(srpt <= sjf + 1e-3 && sjf - srpt < 0.05 * sjf, "{srpt} {sjf}");
}

#[test]
fn a_full_queue_refuses_drops_or_holds_up() {
    let full = |how: &str| jobs(&format!("workers: 1, queue: 1, when-full: {how}"), &FOUR);
    let run = full("refuse");
    assert_eq!((run.ok(1), run.refused(2), run.refused(3)), (1, 1, 1));
    let run = full("drop-oldest");
    assert_eq!((run.refused(1), run.refused(2), run.ok(3)), (1, 1, 1));
    assert_eq!(run.spread_ms(3).1, 100.0);
    let run = full("block");
    assert_eq!(latencies(&run), [100.0, 140.0, 140.0, 160.0]);
    assert_eq!(run.component("s").queue_max, 1, "those before the queue have no place in it");
    assert_eq!(run.component("s").queued, (90 + 130 + 130) * 1_000_000, "but they wait");
    let run = jobs("workers: 1, queue: 0, when-full: block, queue-timeout: 100ms", &FOUR);
    assert_eq!((run.ok(0), run.ok(1), run.ended(2, Ending::Timeout), run.ended(3, Ending::Timeout)), (1, 1, 1, 1));
}

#[test]
fn the_oldest_of_a_stack_is_dropped() {
    let run = jobs("workers: 1, queue: 2, discipline: lifo, when-full: drop-oldest", &FOUR);
    assert_eq!((run.refused(1), run.ok(2), run.ok(3)), (1, 1, 1));
    assert_eq!((run.spread_ms(2).1, run.spread_ms(3).1), (120.0, 100.0));
}

#[test]
fn who_sends_to_a_full_queue_is_held_up() {
    let sent = |how: &str| {
        Run::of(&format!(
            "components:\n  a: {{ kind: service, operations: {{ go: [ {{ send: s.serve }} ] }} }}\n  s: {{ kind: service, workers: 1, queue: 1, when-full: {how}, operations: {{ serve: [ {{ compute: const(100ms) }} ] }} }}\n\
             load: [ {{ operation: a.go, arrivals: at(0s 5) }} ]\n"
        ))
    };
    let run = sent("refuse");
    assert_eq!((run.spread_ms(0).1, run.component("s").ended[Ending::Refused as usize]), (0.0, 3));
    let run = sent("block");
    // One at work, one in the queue; the others go on as places become free.
    assert_eq!((run.total_ms(0), run.spread_ms(0).1), (600.0, 300.0));
    assert_eq!(run.component("s").ended[Ending::Ok as usize], 5);
    // A crash lets them go: what they sent is lost.
    let run = Run::of(
        "components:\n  a: { kind: service, operations: { go: [ { send: s.serve } ] } }\n  s: { kind: service, workers: 1, queue: 1, when-full: block, restart: 1s, operations: { serve: [ { compute: const(100ms) } ] } }\n\
         load: [ { operation: a.go, arrivals: at(0s 5) } ]\nexperiments: [ { name: x, duration: 100s, faults: [ { at: 150ms, crash: s } ] } ]\n",
    );
    assert_eq!(run.spread_ms(0).1, 150.0);
    assert_eq!(run.component("s").ended[Ending::Error as usize], 4);
}

#[test]
fn a_shared_queue_wastes_no_worker() {
    // Two replicas; the third request goes to whichever is free first, whatever the balancer would have said.
    let at = |shared: &str| {
        Run::of(&format!(
            "components:\n  s: {{ kind: service, replicas: 2, workers: 1, {shared} restart: 1s, operations: {{ long: [ {{ compute: const(1s) }} ], short: [ {{ compute: const(10ms) }} ] }} }}\n\
             load:\n  - {{ operation: s.long, arrivals: at(0s 1) }}\n  - {{ operation: s.short, arrivals: at(1ms 50) }}\n"
        ))
    };
    let run = at("shared-queue: yes,");
    assert_eq!(run.spread_ms(1).1, 500.0);
    assert!(at("").spread_ms(1).1 > 1_000.0, "random choice sends some behind the long one");
    let run = at("shared-queue: yes, queue: 10,");
    assert_eq!((run.ok(1), run.refused(1)), (11, 39));
}

#[test]
fn a_shared_queue_outlives_its_replicas() {
    let run = Run::of(
        "components:\n  s: { kind: service, replicas: 2, workers: 1, shared-queue: yes, restart: 1s, operations: { serve: [ { compute: const(100ms) } ] } }\n\
         load: [ { operation: s.serve, arrivals: at(0s 6) } ]\nexperiments: [ { name: x, duration: 100s, faults: [ { at: 50ms, crash: s/1 }, { at: 60ms, crash: s/2 } ] } ]\n",
    );
    assert_eq!((run.ok(0), run.ended(0, Ending::Error)), (4, 2), "only those at work die");
    assert_eq!((run.total_ms(0), run.spread_ms(0).1), (4_820.0, 1_260.0));
}

#[test]
fn codel_drops_who_waited_too_long_for_too_long() {
    // Twice what it can do, for good: with CoDel the waits of those served stay near the target, without they grow.
    let run = |discipline: &str| {
        Run::of(&format!(
            "components: {{ s: {{ kind: service, workers: 1, discipline: {discipline}, operations: {{ serve: [ {{ compute: const(1ms) }} ] }} }} }}\nload: [ {{ operation: s.serve, arrivals: poisson(1100/s) }} ]\n"
        ))
    };
    let (codel, fifo) = (run("codel"), run("fifo"));
    let mean = |run: &Run| run.total_ms(0) / run.ok(0) as f64;
    assert!(mean(&codel) < 50.0, "{}", mean(&codel));
    assert!(mean(&fifo) > 2_000.0, "{}", mean(&fifo));
    let share = codel.refused(0) as f64 / codel.record.entries[0].arrived as f64;
    assert!((0.08..0.14).contains(&share), "it drops what it can't serve, hardly more: {share}");
    assert_eq!(fifo.refused(0), 0);
    // A burst that is worked off within the interval is left alone.
    let burst = jobs("workers: 1, discipline: codel", &[(1, "arrivals: at(0s 100)")]);
    assert_eq!(burst.ok(0), 100);
    let burst =
        jobs("workers: 1, discipline: codel, codel: { target: 5ms, interval: 20ms }", &[(1, "arrivals: at(0s 100)")]);
    assert!(burst.refused(0) > 3, "{}", burst.refused(0));
}

#[test]
fn load_is_shed_by_priority() {
    let at = |shed: &str| {
        jobs(
            &format!("workers: 1, queue: 100, {shed}"),
            &[
                (100, "arrivals: at(0s 10), priority: 3"),
                (100, "arrivals: at(1ms 10), priority: 2"),
                (100, "arrivals: at(2ms 10)"),
            ],
        )
    };
    let kept = |run: &Run| [run.ok(0), run.ok(1), run.ok(2)];
    assert_eq!(kept(&at("discipline: fifo")), [10, 10, 10]);
    assert_eq!(kept(&at("shed: { queue: 4 }")), [5, 0, 10], "priority 1 is spared");
    assert_eq!(kept(&at("shed: [ { priority: 3, queue: 2 }, { priority: 2, queue: 6 } ]")), [3, 4, 10]);
    assert_eq!(kept(&at("shed: { priority: 1, queue: 4 }")), [5, 0, 0]);
    // By the wait of the next to be served.
    let run = jobs(
        "workers: 1, shed: { wait: 20ms }",
        &[
            (100, "arrivals: at(0s 2)"),
            (1, "arrivals: at(19ms 1), priority: 2"),
            (1, "arrivals: at(20ms 1), priority: 2"),
        ],
    );
    assert_eq!((run.ok(1), run.refused(2)), (1, 1));
}

#[test]
fn cores_are_shared_by_those_who_hold_a_worker() {
    // Two workers on one core: the third waits for a worker, the first two share.
    let three = [(30, "arrivals: at(0s 1)"), (30, "arrivals: at(0s 1)"), (30, "arrivals: at(0s 1)")];
    assert_eq!(latencies(&jobs("workers: 2, cores: 1", &three)), [60.0, 60.0, 90.0]);
    assert_eq!(latencies(&jobs("workers: unlimited, cores: 1", &three)), [90.0, 90.0, 90.0]);
    assert_eq!(latencies(&jobs("workers: unlimited, cores: 2", &three)), [45.0, 45.0, 45.0]);
    // Cores are as many as workers: two branches of one request share the one core of its one worker.
    let run = Run::of(
        "components: { s: { kind: service, workers: 1, operations: { serve: [ { parallel: [ { compute: const(30ms) }, { compute: const(10ms) } ] } ] } } }\nload: [ { operation: s.serve, arrivals: at(0s 1) } ]\n",
    );
    assert_eq!(run.spread_ms(0).1, 40.0);
}

#[test]
fn what_has_no_meaning_is_said() {
    let said = |service: &str| {
        let body = format!(
            "components: {{ s: {{ kind: service, {service}, operations: {{ serve: [ {{ compute: exp(1ms) }} ] }} }} }}\nload: [ {{ operation: s.serve, arrivals: poisson(1/s) }} ]\n"
        );
        compile(&design(&body)).unwrap_err()[0].code.to_string()
    };
    assert_eq!(said("workers: 1, preemptive: resume"), "nothing-preempts");
    assert_eq!(said("shared-queue: yes"), "nothing-waits");
    assert_eq!(said("shed: { priority: 2 }"), "sheds-always");
}
