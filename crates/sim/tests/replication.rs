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

/// A shop on either coast, each of which writes 100 times a second, a leader with a follower in the east and two in the west,
/// and a cut of 30 s between the coasts.
fn coasts(database: &str) -> Record {
    let service = |name: &str, place: &str| {
        format!(
            "\x20 {name}: {{ kind: service, place: {place}, operations: {{ put: [ {{ write: db, timeout: 500ms }} ] }} }}\n"
        )
    };
    run(
        &format!(
            "{PLACES}components:\n{}\
             \x20 db: {{ kind: database, place: east/a, copies-in: [east/b, west/a, west/b], write-time: const(1ms), {database} }}\n{}\
             load: [ {{ operation: e.put, arrivals: constant(100/s) }}, {{ operation: w.put, arrivals: constant(100/s) }} ]\n\
             experiments: [ {{ name: e, duration: 60s, faults: [ {{ at: 10s, for: 30s, partition: {{ between: [east, west] }} }} ], expect: [ lost-writes(db) == 0 ] }} ]\n",
            service("e", "east/a"),
            service("w", "west/a")
        ),
        60.0,
    )
}

fn bad(record: &Record, nth: usize) -> u64 {
    record.entries[nth].arrived - record.entries[nth].ended[Ending::Ok as usize]
}

/// Within 60 ms of writes: what is under way when something happens.
fn about(measured: u64, expected: u64) -> bool {
    measured.abs_diff(expected) <= 8
}

#[test]
fn a_cut_that_isolates_the_leader_replaces_it_and_both_write_without_fencing() {
    let record = coasts("replication: semi-sync, detection: 4s, promotion: 6s, fencing: no");
    assert_eq!(count(&record, Count::Failovers), 1, "the other side has no say before they meet");
    // The east writes for 30 s what is lost, and 20 s of these against another leader. The west can't for 10 s.
    assert!(about(lost(&record), 3000), "{}", lost(&record));
    assert!(about(count(&record, Count::Conflicting), 2000), "{}", count(&record, Count::Conflicting));
    assert!(about(bad(&record, 0), 0) && about(bad(&record, 1), 1000), "{} {}", bad(&record, 0), bad(&record, 1));
}

#[test]
fn a_fenced_leader_refuses_and_what_it_acknowledged_before_is_lost() {
    let record = coasts("replication: semi-sync, detection: 4s, promotion: 6s");
    // Ten seconds of the east are lost; then it is refused until the coasts meet.
    assert!(about(lost(&record), 1000), "{}", lost(&record));
    assert!(about(bad(&record, 0), 2000) && about(bad(&record, 1), 1000), "{} {}", bad(&record, 0), bad(&record, 1));
}

#[test]
fn without_a_failover_nothing_is_lost_and_the_far_side_waits() {
    for words in ["hold-down: 1min", "across-regions: no", "failover: none", "failover: 40s"] {
        let record = coasts(&format!("replication: async, {words}"));
        assert_eq!((lost(&record), count(&record, Count::Failovers)), (0, 0), "{words}");
        assert!(about(bad(&record, 0), 0) && about(bad(&record, 1), 3000), "{words}: {}", bad(&record, 1));
    }
    // A majority that is not on its side: the leader acknowledges nothing that could be lost.
    let record = coasts("replication: quorum, detection: 4s, promotion: 6s, fencing: no");
    assert_eq!(lost(&record), 0);
    assert!(about(bad(&record, 0), 3000), "{}", bad(&record, 0));
}

#[test]
fn a_follower_that_is_away_holds_up_sync_writes_until_it_is_left_out() {
    let cut = "{ at: 10s, for: 20s, partition: { between: [east/a, east/c] } }";
    let bad_with = |words: &str| bad(&run(&shop(&format!("copies: 3, {words}"), cut), 60.0), 0);
    // Each write in the ten seconds of patience runs into its timeout, but those of the last half second.
    assert!(about(bad_with("replication: sync"), 950), "{}", bad_with("replication: sync"));
    assert!(about(bad_with("replication: sync, ack-timeout: 3s"), 250));
    assert!(
        about(bad_with("replication: sync, ack-timeout: 1h"), 1950),
        "{}",
        bad_with("replication: sync, ack-timeout: 1h")
    );
    for words in ["replication: quorum", "replication: semi-sync", "replication: async"] {
        assert_eq!(bad_with(words), 0, "{words}");
    }
}

#[test]
fn the_most_advanced_follower_in_reach_leads() {
    // Both followers are cut off, one for good, the other until 15 s; the leader dies at 20 s. What the second has is kept,
    // though the first comes first in the order of copies.
    let faults = "{ at: 5s, for: 50s, partition: { between: [east/a, east/b] } }, { at: 5s, for: 10s, partition: { between: [east/a, east/c] } }, { at: 20s, leader-loss: db }";
    let record = run(&shop("copies: 3, lag: 0s, hold-down: 20s, failover: 1s", faults), 60.0);
    assert_eq!((lost(&record), count(&record, Count::Failovers)), (0, 1));
    // A leader whose followers are all gone with it is not replaced before one is back, nor is one that is back in time.
    let zone = |words: &str, faults: &str| run(&shop(words, faults), 60.0);
    let record = zone(
        "copies: 2, failover: 5s, restart: 10s",
        "{ at: 10s, for: 20s, region-loss: east }, { at: 10s, for: 40s, leader-loss: db }",
    );
    let took = record.components[1].kept().times(Timed::FailoverTime).mean().unwrap() / 1e9;
    assert!((took - 30.0).abs() < 0.1, "20 s of the region and 10 s to start again: {took}");
    let record = zone("copies: 2, failover: 40s, restart: 5s", "{ at: 10s, crash: db/1 }");
    assert_eq!((lost(&record), count(&record, Count::Failovers)), (0, 0), "its disk is there when it is back");
}

#[test]
fn a_follower_applies_what_it_has_received_before_it_leads() {
    // A hundred writes a second of 12 ms each: it is behind by a fifth of the time that has passed.
    let record =
        run(&shop("copies: 2, lag: 0s, apply-time: const(12ms), failover: 1s", "{ at: 30s, leader-loss: db }"), 60.0);
    assert_eq!(lost(&record), 0);
    let took = record.components[1].kept().times(Timed::FailoverTime).mean().unwrap() / 1e9;
    assert!((took - 6.0).abs() < 0.1, "{took}");
}

/// Writes and reads of one shop, 20 and 50 a second.
fn readers(database: &str, load: &str, steps: &str) -> Record {
    run(
        &format!(
            "{PLACES}components:\n\
             \x20 app: {{ kind: service, place: east/a, operations: {{ put: [ {{ write: db }} ], get: {steps} }} }}\n\
             \x20 db: {{ kind: database, place: east, write-time: const(0s), read-time: const(1ms), {database} }}\n\
             load: [ {{ operation: app.put, arrivals: poisson(20/s){load} }}, {{ operation: app.get, arrivals: poisson(50/s){load} }} ]\n"
        ),
        2000.0,
    )
}

fn stale(record: &Record) -> f64 {
    count(record, Count::StaleReads) as f64 / count(record, Count::Reads) as f64
}

#[test]
fn reads_at_a_copy_are_as_stale_as_what_it_misses() {
    let get = "[ { read: db } ]";
    // Half of the reads go to the leader. The other copy shows a write 200 ms + 1 ms after: a read misses one where one was
    // written in the last 201 ms, and is as old as the oldest of these; it misses 20/s x 201 ms = 4.02 on average.
    let record = readers("copies: 2, lag: 200ms, read-from: replica", "", get);
    let missed = 1.0 - (-4.02f64).exp();
    assert!((stale(&record) - missed / 2.0).abs() < 0.01, "{}", stale(&record));
    let versions = count(&record, Count::VersionsBehind) as f64 / count(&record, Count::Reads) as f64;
    assert!((versions - 4.02 / 2.0).abs() < 0.05, "{versions}");
    let age = record.components[1].kept().times(Timed::Staleness).mean().unwrap() / 1e9;
    // Mean age of the oldest within a window of w at rate r: w - (1 - exp(-r w)) / r.
    let expected = (0.201 - missed / 20.0) / 2.0;
    assert!((age - expected).abs() < 0.003, "{age} {expected}");
    // By row: each of a thousand alike is written once in 50 s.
    let record = readers("copies: 2, lag: 200ms, read-from: replica, keys: uniform(1000)", "", get);
    assert!((stale(&record) - (1.0 - (-0.00402f64).exp()) / 2.0).abs() < 0.001, "{}", stale(&record));
    let near = readers("copies: 2, lag: 200ms, read-from: nearest", "", get);
    assert_eq!(stale(&near), 0.0, "the leader is in the same zone");
}

#[test]
fn sessions_see_what_they_were_promised() {
    let get = "[ { read: db } ]";
    let sessions = ", sessions: 10";
    let record = readers("copies: 2, lag: 200ms, read-from: replica", sessions, get);
    // A session writes twice a second: it misses one of its own where it wrote within the last 201 ms.
    let broken = count(&record, Count::BrokenOwnWrites) as f64 / count(&record, Count::Reads) as f64;
    assert!((broken - (1.0 - (-0.402f64).exp()) / 2.0).abs() < 0.01, "{broken}");
    assert!(count(&record, Count::BrokenMonotonic) > 1000, "the leader shows more than the copy");
    for (guarantee, own, less) in
        [("read-your-writes", true, false), ("monotonic-reads", false, true), ("session", true, true)]
    {
        for wait in ["1s", "0s", "100ms"] {
            let record = readers(
                &format!("copies: 2, lag: 200ms, read-from: replica, guarantee: {guarantee}, guarantee-wait: {wait}"),
                sessions,
                get,
            );
            let counts = (count(&record, Count::BrokenOwnWrites) == 0, count(&record, Count::BrokenMonotonic) == 0);
            assert!((counts.0 || !own) && (counts.1 || !less), "{guarantee}: {counts:?}");
            assert_eq!(
                count(&record, Count::Redirected) > 0,
                wait != "1s",
                "{guarantee} {wait}: a wait of 201 ms is enough"
            );
            assert_eq!(bad(&record, 1), 0);
            let longest = record.entries[1].latency.max() as f64 / 1e6;
            let expected = match wait {
                "1s" => 200.0..210.0,
                "100ms" => 100.0..112.0,
                _ => 2.0..12.0,
            };
            assert!(expected.contains(&longest), "{guarantee} {wait}: {longest} ms");
        }
    }
    // Without sessions a request is one: it writes, then reads.
    let both = "[ { write: db }, { read: db } ]";
    let record = readers("copies: 2, lag: 200ms, read-from: replica", "", both);
    let share = count(&record, Count::BrokenOwnWrites) as f64 / count(&record, Count::Reads) as f64;
    assert!((share - 0.5).abs() < 0.01, "every read at the copy: {share}");
    let record = readers("copies: 2, lag: 200ms, read-from: replica, guarantee: read-your-writes", "", both);
    assert_eq!(count(&record, Count::BrokenOwnWrites), 0);
}

#[test]
fn a_leader_that_was_replaced_passes_no_read_on_to_itself() {
    // From 20 s to 40 s zones a and b are apart. From 22 s on zone b leads, and sessions write there what zone a lacks.
    let design = |fencing: &str| {
        format!(
            "{PLACES}components:\n\
             \x20 here: {{ kind: service, place: east/a, operations: {{ get: [ {{ read: db }} ] }} }}\n\
             \x20 there: {{ kind: service, place: east/b, operations: {{ put: [ {{ write: db }} ] }} }}\n\
             \x20 db: {{ kind: database, place: east, workers: 1, write-time: const(0s), read-time: const(1ms), copies: 2, read-from: nearest, guarantee: session, guarantee-wait: 20ms, detection: 1s, promotion: 1s, fencing: {fencing} }}\n\
             load: [ {{ operation: here.get, sessions: 10, arrivals: constant(20/s) }}, {{ operation: there.put, sessions: 10, arrivals: constant(50/s) }} ]\n\
             experiments: [ {{ name: e, duration: 60s, faults: [ {{ at: 20s, for: 20s, partition: {{ between: [east/a, east/b] }} }} ], expect: [ lost-writes(db) == 0 ] }} ]\n"
        )
    };
    let read = |fencing: &str, ending: Ending| run(&design(fencing), 60.0).entries[0].ended[ending as usize];
    // 20 reads a second for the 18 s in which it can ask nobody; the first of each session misses nothing yet.
    let refused = read("yes", Ending::Refused);
    assert!((300..=360).contains(&refused), "{refused}");
    assert_eq!(read("yes", Ending::Ok) + refused, 1200, "all others are answered");
    assert_eq!(read("no", Ending::Ok), 1200, "it does not know, and answers");
    assert_eq!(count(&run(&design("yes"), 60.0), Count::Redirected), 0);
}
