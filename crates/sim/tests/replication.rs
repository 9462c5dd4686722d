//! Copies of a database behind a leader: lag, acknowledgements, failover, split brain and reads at followers, on designs
//! so small that the right answer is known.
#![allow(clippy::unwrap_used)]

use groundplan_model::reader::read_design;
use groundplan_model::units::Seconds;
use groundplan_sim::lower::{RunSpec, VOCABULARY, compile, replicate};
use groundplan_sim::record::{Count, Ending, Record, Timed};

const PLACES: &str = "places: { east: { zones: [a, b, c] }, west: { zones: [a, b] } }\nnetwork: { between-zones: 2ms, between-regions: { east: { west: 60ms } } }\n";

/// One run of a design of a shop and its database, with its experiment's faults.
fn run(design: &str, seconds: f64) -> Record {
    let text = format!("kind: design\nversion: 1\nname: t\n{design}");
    let read = read_design(&text, &VOCABULARY);
    assert!(read.diagnostics.is_empty(), "{:?}\n{text}", read.diagnostics);
    let compiled = compile(&read.value.unwrap()).unwrap_or_else(|found| panic!("{found:?}\n{text}"));
    let spec = RunSpec {
        seed: 7,
        replication: 3,
        warm_up: Seconds(0.0),
        window: Seconds(seconds),
        drain_cap: Seconds(120.0),
        experiment: (!compiled.tables.experiments.is_empty()).then_some(0),
        segment_width: Seconds(1.0),
    };
    replicate(&compiled, &spec)
}

/// A shop in zone a of the east that writes 100 times a second, and its database.
fn shop(database: &str, faults: &str) -> String {
    format!(
        "{PLACES}components:\n\
         \x20 app: {{ kind: service, place: east/a, operations: {{ put: [ {{ write: db, timeout: 500ms }} ] }} }}\n\
         \x20 db: {{ kind: database, place: east, write-time: const(1ms), {database} }}\n\
         load: [ {{ operation: app.put, arrivals: constant(100/s) }} ]\n\
         experiments: [ {{ name: e, duration: 60s, faults: [ {faults} ], expect: [ lost-writes(db) == 0 ] }} ]\n"
    )
}

fn lost(record: &Record) -> u64 {
    record.components[1].lost_writes
}

fn count(record: &Record, what: Count) -> u64 {
    record.components[1].kept().count(what)
}

fn ok(record: &Record) -> u64 {
    record.entries[0].ended[Ending::Ok as usize]
}

#[test]
fn with_async_what_was_written_within_the_lag_is_lost() {
    for (lag, expected) in [("1s", 100), ("200ms", 20), ("3s", 300), ("0s", 0)] {
        let record = run(&shop(&format!("copies: 2, lag: {lag}, failover: 5s"), "{ at: 20s, leader-loss: db }"), 60.0);
        // One write every 10 ms; whether the last has been done when the leader goes is a matter of the instant.
        assert!(lost(&record).abs_diff(expected) <= 1, "{lag}: {}", lost(&record));
        assert_eq!(count(&record, Count::Failovers), 1, "{lag}");
        let took = record.components[1].kept().times(Timed::FailoverTime).mean().unwrap() / 1e9;
        assert!((took - 5.0).abs() < 0.01, "{took}");
    }
}

#[test]
fn with_acknowledgements_nothing_is_lost() {
    for mode in ["sync", "quorum", "semi-sync"] {
        let record =
            run(&shop(&format!("copies: 3, replication: {mode}, failover: 5s"), "{ at: 20s, leader-loss: db }"), 60.0);
        assert_eq!((lost(&record), count(&record, Count::Failovers)), (0, 1), "{mode}");
        // Five seconds of a hundred writes fail, all others are good: the copies that are left acknowledge at once.
        let bad = record.entries[0].arrived - ok(&record);
        assert!(bad.abs_diff(500) <= 1, "{mode}: {bad}");
    }
}

#[test]
fn a_write_waits_for_the_round_trips_that_its_mode_names() {
    // Followers in another zone of the region (2 ms) and in two of the other region (60 ms).
    let places = "copies-in: [east/b, west/a, west/b]";
    let cases = [("async", 1.0), ("semi-sync", 3.0), ("quorum", 61.0), ("sync", 61.0)];
    for (mode, expected) in cases {
        let record = run(&shop(&format!("{places}, replication: {mode}"), ""), 10.0);
        let mean = record.components[1].time.mean().unwrap() / 1e6;
        assert!((mean - expected).abs() < 0.05 * expected, "{mode}: {mean}");
    }
    let record =
        run(&shop(&format!("{places}, replication: semi-sync, acknowledgements: 2, flush-time: 9ms"), ""), 10.0);
    assert!((record.components[1].time.mean().unwrap() / 1e6 - 61.0).abs() < 1.0, "received, not flushed");
    let record = run(&shop(&format!("{places}, replication: quorum, acknowledgements: 1, flush-time: 9ms"), ""), 10.0);
    assert!((record.components[1].time.mean().unwrap() / 1e6 - 12.0).abs() < 0.5, "flushed");
}

#[test]
fn semi_sync_that_has_fallen_back_loses_what_it_acknowledged_alone() {
    // The only follower is cut off at 10 s; ten seconds later the leader goes on alone, for five seconds. Then the follower is
    // back for ten, and the leader dies: nothing is lost. If the leader dies first, five seconds of writes are.
    let database = "copies: 2, replication: semi-sync, ack-timeout: 10s, failover: 2s, detection: 1s, hold-down: 30s";
    let cut = "{ at: 10s, for: 15s, partition: { between: [east/a, east/b] } }";
    let healed = run(&shop(database, &format!("{cut}, {{ at: 30s, leader-loss: db }}")), 120.0);
    assert_eq!(lost(&healed), 0);
    assert_eq!(count(&healed, Count::Fallbacks), 1);
    let dead = run(&shop(database, &format!("{cut}, {{ at: 24s, leader-loss: db }}")), 120.0);
    // Of those that waited, half a second's had callers that still waited.
    assert!(lost(&dead).abs_diff(450) <= 2, "{}", lost(&dead));
}

#[test]
fn lag_is_a_queue_of_one_server() {
    // M/M/1 at 0.5: a mean of 10 ms in the queue and in work, beside a way of 1 ms and a lag of nothing.
    let text = shop("copies: 2, lag: 0s, apply-time: exp(5ms)", "")
        .replace("constant", "poisson")
        .replace("const(1ms)", "exp(1ms)");
    let record = run(&text, 2000.0);
    let lag = record.components[1].kept().times(Timed::ReplicaLag).mean().unwrap() / 1e6;
    assert!((lag - 11.0).abs() < 0.5, "{lag}");
}
