//! Row locks, deadlocks, versions of rows and what a transaction holds, on designs whose right answer is known.
#![allow(clippy::unwrap_used)]

use groundplan_model::reader::read_design;
use groundplan_model::units::Seconds;
use groundplan_sim::lower::{Compiled, RunSpec, VOCABULARY, compile, replicate};
use groundplan_sim::record::{Count, Ending, Kept, Record, Timed};

struct Run {
    compiled: Compiled,
    record: Record,
}

impl Run {
    /// A design without its head, for 100 s from the first instant; with its experiment if it has one.
    fn of(body: &str) -> Run {
        let text = format!("kind: design\nversion: 1\nname: small\n{body}");
        let read = read_design(&text, &VOCABULARY);
        assert_eq!(read.errors().count(), 0, "{:#?}", read.diagnostics);
        let design = read.value.unwrap();
        let compiled = compile(&design).unwrap_or_else(|found| panic!("{found:#?}"));
        assert_eq!(compiled.warnings, [], "{text}");
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
        Run { compiled, record }
    }

    /// A shop and its database `db`; other components; loads and the rest.
    fn shop(steps: &str, db: &str, rest: &str) -> Run {
        Run::of(&format!(
            "components:\n  shop: {{ kind: service, workers: unlimited, operations: {{ order: [ {steps} ] }} }}\n  \
             db: {{ kind: database, {db} }}\n{rest}\n"
        ))
    }

    fn kept(&self) -> &Kept {
        let index = self.compiled.names.components.iter().position(|known| known == "db").unwrap();
        self.record.components[index].kept.as_ref().unwrap()
    }

    fn count(&self, what: Count) -> u64 {
        self.kept().count(what)
    }

    fn ended(&self, load: usize, ending: Ending) -> u64 {
        self.record.entries[load].ended[ending as usize]
    }

    /// Latencies of the ok requests of a load: sum and maximum in ms.
    fn latency_ms(&self, load: usize) -> (f64, f64) {
        let latency = &self.record.entries[load].latency;
        (latency.sum() as f64 / 1e6, latency.max() as f64 / 1e6)
    }
}

const ROW: &str = "keys: uniform(1), read-time: const(1ms), write-time: const(10ms)";

#[test]
fn a_transaction_holds_its_row_to_its_end_and_others_wait_in_order() {
    let steps = "{ transaction: db, steps: [ { write: db }, { wait: 100ms } ] }";
    let run = Run::shop(steps, ROW, "load: [ { operation: shop.order, arrivals: at(0s 3) } ]");
    assert_eq!(run.latency_ms(0), (110.0 + 220.0 + 330.0, 330.0));
    assert_eq!((run.count(Count::Locked), run.count(Count::LockWaits)), (3, 2));
    assert_eq!(run.kept().times(Timed::LockHeld).sum(), 330_000_000);
    assert_eq!(run.kept().times(Timed::LockWait).sum(), (110 + 220) * 1_000_000);
}

#[test]
fn a_plain_write_holds_its_row_for_its_own_time_and_other_rows_wait_for_nothing() {
    let load = "load: [ { operation: shop.order, arrivals: at(0s 4) } ]";
    let run = Run::shop("{ write: db }", ROW, load);
    assert_eq!((run.latency_ms(0), run.record.entries[0].longest), ((100.0, 40.0), 40_000_000));
    // Reads take no lock.
    let run = Run::shop("{ read: db }", ROW, load);
    assert_eq!(run.latency_ms(0), (4.0, 1.0));
    let run = Run::shop("{ write: db }", "locks: rows, write-time: const(10ms)", load);
    assert_eq!((run.latency_ms(0), run.count(Count::LockWaits)), ((40.0, 10.0), 0), "each has a row of its own");
    let run = Run::shop("{ write: db }", &format!("{ROW}, locks: none"), load);
    assert_eq!(run.latency_ms(0), (40.0, 10.0));
    // Rows may be said by the load.
    let keys = "load: [ { operation: shop.order, keys: uniform(1), arrivals: at(0s 4) } ]";
    let run = Run::shop("{ write: db }", "locks: rows, write-time: const(10ms)", keys);
    assert_eq!(run.latency_ms(0), (100.0, 40.0));
}

#[test]
fn a_transaction_waits_for_no_lock_of_its_own() {
    let steps = "{ transaction: db, steps: [ { write: db }, { write: db } ] }";
    let run = Run::shop(steps, ROW, "load: [ { operation: shop.order, arrivals: at(0s 2) } ]");
    assert_eq!(run.latency_ms(0), (60.0, 40.0));
    assert_eq!(run.count(Count::LockWaits), 1);
}

/// Two transactions that lock two rows in opposite order, the second 10 ms later and with another pause in between.
fn opposite(pause: &str) -> Run {
    Run::of(&format!(
        "components:\n  shop:\n    kind: service\n    workers: unlimited\n    operations:\n      \
         one: [ {{ transaction: db, steps: [ {{ write: a }}, {{ wait: 50ms }}, {{ write: b }} ] }} ]\n      \
         two: [ {{ transaction: db, steps: [ {{ write: b }}, {{ wait: {pause} }}, {{ write: a }} ] }} ]\n  \
         db: {{ kind: database, holds: [a, b], keys: uniform(1), write-time: const(1ms) }}\n\
         load:\n  - {{ operation: shop.one, arrivals: at(0s 1) }}\n  - {{ operation: shop.two, arrivals: at(10ms 1) }}\n"
    ))
}

#[test]
fn the_youngest_of_a_circle_is_aborted_whoever_closes_it() {
    // The second asks last, at 61 ms, and fails; the first gets its row then.
    let run = opposite("50ms");
    assert_eq!((run.ended(1, Ending::Conflict), run.count(Count::Deadlocks)), (1, 1));
    assert_eq!(run.latency_ms(0), (62.0, 62.0));
    // The second waits from 21 ms on; the first closes the circle at 51 ms, and it is still the second that fails.
    let run = opposite("10ms");
    assert_eq!((run.ended(1, Ending::Conflict), run.count(Count::Deadlocks)), (1, 1));
    assert_eq!(run.latency_ms(0), (52.0, 52.0));
}

#[test]
fn who_was_aborted_may_try_again() {
    let run = Run::of(
        "components:\n  shop:\n    kind: service\n    workers: unlimited\n    operations:\n      \
         one: [ { transaction: db, steps: [ { write: a }, { wait: 50ms }, { write: b } ] } ]\n      \
         two: [ { transaction: db, steps: [ { write: b }, { wait: 50ms }, { write: a } ] } ]\n  \
         db: { kind: database, holds: [a, b], keys: uniform(1), write-time: const(1ms) }\n\
         load:\n  - { operation: shop.one, arrivals: at(0s 1) }\n  \
         - { operation: shop.two, retry: { on: [conflict], backoff: 10ms }, arrivals: at(10ms 1) }\n",
    );
    // Aborted at 61 ms, it begins anew at 71 ms, when the first is over.
    assert_eq!((run.ended(1, Ending::Ok), run.count(Count::Deadlocks)), (1, 1));
    assert_eq!(run.latency_ms(1), (113.0, 113.0));
}

#[test]
fn a_lock_is_waited_for_no_longer_than_said() {
    let steps = "{ transaction: db, steps: [ { write: db }, { wait: 100ms } ] }";
    let db = format!("{ROW}, lock-timeout: 30ms");
    let load = "load: [ { operation: shop.order, arrivals: at(0s 3) }, { name: later, operation: shop.order, arrivals: at(105ms 1) } ]";
    let run = Run::shop(steps, &db, load);
    assert_eq!((run.ended(0, Ending::Ok), run.ended(0, Ending::Conflict)), (1, 2));
    assert_eq!(run.count(Count::LockTimeouts), 2);
    assert_eq!(run.latency_ms(1), (115.0, 115.0), "it waits 5 ms for the first, and the others are gone");
}

#[test]
fn what_dies_or_is_dropped_frees_its_rows() {
    let steps = "{ transaction: db, steps: [ { write: db }, { wait: 100ms } ] }";
    let patient = "{ operation: shop.order, timeout: 30ms, cancel: running, arrivals: at(0s 1) }";
    let other = "  other: { kind: service, operations: { order: [ { write: db } ] } }\n";
    let next = "{ operation: other.order, arrivals: at(5ms 1) }";
    let run = Run::shop(steps, ROW, &format!("{other}load: [ {patient}, {next} ]"));
    assert_eq!(run.latency_ms(1), (35.0, 35.0), "the caller gave up at 30 ms");
    let plain = "{ operation: shop.order, arrivals: at(0s 1) }";
    for (fault, latency) in [("crash: shop", 35.0), ("machine-loss: shop", 35.0)] {
        let faults = format!("experiments: [ {{ name: x, faults: [ {{ at: 30ms, {fault} }} ] }} ]");
        let run = Run::shop(steps, ROW, &format!("{other}load: [ {plain}, {next} ]\n{faults}"));
        assert_eq!(run.latency_ms(1), (latency, latency), "{fault}");
    }
    // With the database all locks are gone: who comes after its restart waits for nothing.
    let faults = "experiments: [ { name: x, faults: [ { at: 30ms, crash: db } ] } ]";
    let late = "{ operation: other.order, arrivals: at(2s 1) }";
    let run = Run::shop(steps, &format!("{ROW}, restart: 1s"), &format!("{other}load: [ {plain}, {late} ]\n{faults}"));
    assert_eq!((run.ended(0, Ending::Error), run.latency_ms(1)), (1, (10.0, 10.0)));
}

#[test]
fn one_row_is_written_as_often_as_its_lock_is_free() {
    // Held 10 ms each time: a hundred a second, though two hundred are asked for.
    let load = "load: [ { operation: shop.order, arrivals: constant(200/s) } ]";
    let run = Run::shop("{ write: db }", ROW, load);
    let held = run.kept().times(Timed::LockHeld);
    assert_eq!(held.sum() / held.count() as u128, 10_000_000);
    // What is in work at the end of the window is not counted.
    assert!((9_998..=10_000).contains(&held.count()), "{}", held.count());
}

/// A row's lock is a server of its own: with hold times that never vary, M/D/1.
#[test]
fn the_queue_for_a_row_is_that_of_one_server() {
    let load = "load: [ { operation: shop.order, arrivals: poisson(700/s) } ]";
    let run = Run::shop("{ write: db }", "keys: uniform(1), write-time: const(1ms)", load);
    let latency = &run.record.entries[0].latency;
    let mean_ms = latency.sum() as f64 / latency.count() as f64 / 1e6;
    // Pollaczek and Khinchine: rho / (2 (1 - rho)) service times of wait.
    let expected = 1.0 + 0.7 / (2.0 * 0.3);
    assert!((mean_ms / expected - 1.0).abs() < 0.03, "{mean_ms} ms against {expected}");
    let waited = run.count(Count::LockWaits) as f64 / run.count(Count::Locked) as f64;
    assert!((waited - 0.7).abs() < 0.02, "who comes finds the row taken with probability rho: {waited}");
}

const PAIR: &str = "{ read: db, read-version: seen }, { wait: 5ms }, { write: db, write-if: seen }";

#[test]
fn a_write_finds_that_its_row_has_moved() {
    let load = "load: [ { operation: shop.order, arrivals: at(0s 3) } ]";
    let run = Run::shop(PAIR, ROW, load);
    assert_eq!((run.ended(0, Ending::Ok), run.ended(0, Ending::Conflict)), (1, 2));
    assert_eq!((run.count(Count::Conflicts), run.count(Count::Conditional)), (2, 3));
    // Those that come one after the other are not in each other's way.
    let run = Run::shop(PAIR, ROW, "load: [ { operation: shop.order, arrivals: constant(50/s) } ]");
    assert_eq!(run.count(Count::Conflicts), 0);
    let conditional = run.count(Count::Conditional);
    assert!((4_999..=5_000).contains(&conditional), "{conditional}");
    // In other rows nothing moves.
    let run = Run::shop(PAIR, "read-time: const(1ms), write-time: const(10ms)", load);
    assert_eq!((run.ended(0, Ending::Ok), run.count(Count::Conflicts)), (3, 0));
}

#[test]
fn who_reads_again_gets_through() {
    let load = "load: [ { operation: shop.order, retry: { attempts: 5, on: [conflict] }, arrivals: at(0s 3) } ]";
    let run = Run::shop(PAIR, ROW, load);
    // All read at 0; the first has written at 16 ms, the others learn of it at 26 and 36. The second reads at 26 and has written
    // at 46, after the third is out of its way; the third has read at 37, learns of that at 56 and writes at the next try.
    assert_eq!((run.ended(0, Ending::Ok), run.count(Count::Conflicts)), (3, 3));
    assert_eq!(run.count(Count::Conditional), 6);
    let without = "load: [ { operation: shop.order, retry: { attempts: 5 }, arrivals: at(0s 3) } ]";
    assert_eq!(Run::shop(PAIR, ROW, without).ended(0, Ending::Conflict), 2, "conflicts are not retried by themselves");
}

#[test]
fn a_version_moves_with_what_commits_and_with_nothing_else() {
    let conditional = "{ name: reader, operation: shop.order, arrivals: at(0s 1) }";
    let slow = "{ read: db, read-version: seen }, { wait: 200ms }, { write: db, write-if: seen }";
    let writer = |steps: &str| {
        let other = format!("  other: {{ kind: service, operations: {{ change: [ {steps} ] }} }}\n");
        let loads = format!("load: [ {conditional}, {{ operation: other.change, arrivals: at(50ms 1) }} ]");
        Run::shop(slow, ROW, &format!("{other}{loads}")).ended(0, Ending::Conflict)
    };
    assert_eq!(writer("{ write: db }"), 1, "a plain write");
    assert_eq!(writer("{ transaction: db, steps: [ { write: db } ] }"), 1, "a transaction");
    assert_eq!(writer("{ transaction: db, steps: [ { write: db }, { compute: 1ms, fail: 100% } ] }"), 0, "rolled back");
    assert_eq!(writer("{ transaction: db, steps: [ { write: db }, { wait: 10s } ] }"), 1, "after waiting for its end");
    assert_eq!(writer("{ read: db }"), 0, "a read");
    // A read before the other's write has no part in a write that reads again.
    let again = "{ read: db, read-version: seen }, { wait: 200ms }, { read: db, read-version: seen }, { write: db, write-if: seen }";
    let other = "  other: { kind: service, operations: { change: [ { write: db } ] } }\n";
    let loads = format!("load: [ {conditional}, {{ operation: other.change, arrivals: at(50ms 1) }} ]");
    assert_eq!(Run::shop(again, ROW, &format!("{other}{loads}")).ended(0, Ending::Ok), 1);
}

#[test]
fn versions_hold_within_transactions_and_have_names() {
    let steps = "{ transaction: db, steps: [ { read: db, read-version: seen }, { wait: 5ms }, { write: db, write-if: seen } ] }";
    let run = Run::shop(steps, ROW, "load: [ { operation: shop.order, arrivals: at(0s 2) } ]");
    assert_eq!((run.ended(0, Ending::Ok), run.ended(0, Ending::Conflict)), (1, 1));
    // Two versions at once, of two data sets: the first moves, the second does not.
    let body = "components:\n  shop:\n    kind: service\n    workers: unlimited\n    operations:\n      \
                first: [ { read: a, read-version: x }, { read: b, read-version: y }, { wait: 1s }, { write: a, write-if: x } ]\n      \
                second: [ { read: a, read-version: x }, { read: b, read-version: y }, { wait: 1s }, { write: b, write-if: y } ]\n      \
                change: [ { write: a } ]\n  db: { kind: database, holds: [a, b], keys: uniform(1) }\nload:\n  \
                - { operation: shop.first, arrivals: at(0s 1) }\n  - { operation: shop.second, arrivals: at(0s 1) }\n  \
                - { operation: shop.change, arrivals: at(500ms 1) }\n";
    let run = Run::of(body);
    assert_eq!((run.ended(0, Ending::Conflict), run.ended(1, Ending::Ok)), (1, 1));
}

#[test]
fn hundreds_of_attempts_are_made_as_said() {
    let run = Run::of(
        "components: { s: { kind: service, operations: { serve: [ { compute: const(1ms), fail: 100% } ] } } }\n\
         load: [ { operation: s.serve, retry: { attempts: 500 }, arrivals: at(0s 1) } ]\n",
    );
    assert_eq!(run.record.components[0].ended[Ending::Error as usize], 500);
}

const FREE: &str = "read-time: const(1ms), write-time: const(10ms)";

#[test]
fn a_transaction_holds_one_connection_to_its_end() {
    let steps = |settings: &str| {
        format!("{{ transaction: db, {settings} steps: [ {{ write: db }}, {{ wait: 100ms }}, {{ write: db }} ] }}")
    };
    let three = "load: [ { operation: shop.order, arrivals: at(0s 3) } ]";
    let run = Run::shop(&steps(""), FREE, three);
    assert_eq!(run.latency_ms(0), (360.0, 120.0));
    let run = Run::shop(&steps("connections: 1,"), FREE, three);
    assert_eq!(run.latency_ms(0), (120.0 + 240.0 + 360.0, 360.0));
    // Calls and transactions share them; who waits too long is refused.
    let both = format!("{}, {{ read: db, connections: 1 }}", steps("connections: 1, pool-timeout: 130ms,"));
    let run = Run::shop(&both, FREE, three);
    assert_eq!((run.ended(0, Ending::Ok), run.ended(0, Ending::Refused)), (2, 1));
    let call = &run.record.calls[0];
    assert_eq!((call.refused_here, call.calls), (1, 5), "three transactions, two of which go on to read");
    // In other designs nothing is said of connections.
    assert_eq!(Run::shop(&steps("connections: unlimited,"), FREE, three).latency_ms(0), (360.0, 120.0));
}

#[test]
fn a_connection_comes_back_whole_from_a_rollback_and_anew_from_a_caller_that_is_gone() {
    let steps = |fail: &str| {
        format!(
            "{{ transaction: db, connections: 1, connect: const(500ms), steps: [ {{ write: db }}, {{ compute: 90ms{fail} }} ] }}"
        )
    };
    let next = "  other: { kind: service, operations: { order: [ { call: shop.plain } ] } }\n";
    let with = |fail: &str, load: &str| {
        Run::of(&format!(
            "components:\n  shop: {{ kind: service, workers: unlimited, operations: {{ order: [ {} ], plain: [ {{ read: db, \
             connections: 1, connect: const(500ms) }} ] }} }}\n  db: {{ kind: database, {FREE} }}\n{next}load:\n  \
             - {{ operation: shop.order, {load}arrivals: at(0s 1) }}\n  - {{ operation: other.order, arrivals: at(1ms 1) }}\n",
            steps(fail)
        ))
    };
    assert_eq!(with("", "").latency_ms(1), (100.0, 100.0), "committed at 100 ms");
    assert_eq!(with(", fail: 100%", "").latency_ms(1), (100.0, 100.0), "rolled back at 100 ms");
    assert_eq!(with("", "timeout: 50ms, cancel: running, ").latency_ms(1), (550.0, 550.0), "opened anew from 50 ms on");
}

#[test]
fn a_dead_database_gives_connections_back_and_a_dead_caller_has_new_ones() {
    let steps = "{ transaction: db, connections: 1, steps: [ { write: db }, { wait: 1s } ] }";
    for what in ["db", "shop"] {
        let body = format!(
            "load: [ {{ operation: shop.order, arrivals: at(0s 2) }}, {{ name: later, operation: shop.order, arrivals: at(60s 1) }} ]\n\
             experiments: [ {{ name: x, faults: [ {{ at: 500ms, crash: {what} }} ] }} ]"
        );
        let run = Run::shop(steps, &format!("{FREE}, restart: 1s"), &body);
        assert_eq!(run.ended(0, Ending::Error), 2, "{what}");
        assert_eq!(run.latency_ms(1), (1010.0, 1010.0), "{what}");
    }
}

/// Writes come to each of 500 rows twice a second; who holds a version for 200 ms finds it moved with probability
/// 1 - exp(-0.4). So it is though the table of last commits is made anew some hundred times meanwhile.
#[test]
fn versions_move_as_often_as_rows_are_written() {
    let steps = "{ read: db, read-version: seen }, { wait: 200ms }, { write: db, write-if: seen }";
    let other = "  other: { kind: service, workers: unlimited, operations: { change: [ { write: db } ] } }\n";
    let loads = "load: [ { operation: shop.order, arrivals: poisson(40/s) }, { operation: other.change, arrivals: poisson(960/s) } ]";
    let run = Run::shop(steps, "keys: uniform(500), read-time: 0s, write-time: 0s", &format!("{other}{loads}"));
    let share = run.count(Count::Conflicts) as f64 / run.count(Count::Conditional) as f64;
    // Conditional writes that go through move versions too: 27 a second of the 987.
    let expected = 1.0 - (-0.2f64 * (960.0 + 40.0 * 0.674) / 500.0).exp();
    assert!((share - expected).abs() < 0.025, "{share} against {expected}");
}
