//! What logs and queues do with records: batches, commits, replays, rebalances, visibility, order, dead letters, on designs so
//! small that the right answer is known.
#![allow(clippy::unwrap_used)]

use groundplan_model::reader::read_design;
use groundplan_model::units::Seconds;
use groundplan_sim::lower::{Compiled, RunSpec, VOCABULARY, compile, replicate};
use groundplan_sim::record::{ComponentRecord, Count, Ending, Record, Timed};

struct Run {
    compiled: Compiled,
    record: Record,
}

impl Run {
    /// A design without its head, for 100 s from the first instant; with its experiment if it has one.
    fn of(body: &str) -> Run {
        let text = format!("kind: design\nversion: 1\nname: small\n{body}");
        let read = read_design(&text, &VOCABULARY);
        assert_eq!(read.errors().count(), 0, "{:#?}\n{text}", read.diagnostics);
        let design = read.value.unwrap();
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

    fn count(&self, name: &str, what: Count) -> u64 {
        self.component(name).kept().count(what)
    }

    fn ok(&self, name: &str) -> u64 {
        self.component(name).ended[Ending::Ok as usize]
    }
}

/// A log with one partition (or as `topic` says), a consumer whose handler takes 10 ms, a load and faults.
fn log(topic: &str, replicas: u32, consumer: &str, load: &str, faults: &str) -> Run {
    Run::of(&format!(
        "components:\n  app: {{ kind: service, operations: {{ place: [ {{ publish: placed }} ] }} }}\n  \
         events: {{ kind: log, append-time: const(0s), {topic} }}\n  parked: {{ kind: queue, append-time: const(0s) }}\n  \
         mail: {{ kind: service, replicas: {replicas}, restart: 1s, operations: {{ send: {{ handles: placed, {consumer} \
         steps: [ {{ compute: const(10ms) }} ] }} }} }}\n\
         load: [ {{ operation: app.place, arrivals: {load} }} ]\n\
         experiments: [ {{ name: x, duration: 100s, faults: [ {faults} ] }} ]\n"
    ))
}

const ONE: &str = "topics: { placed: { partitions: 1 } }";

#[test]
fn a_backlog_is_counted_and_drained_as_arithmetic_says() {
    // 100 s at 50/s; handled at 100/s. Down for 20 s: 1000 behind, drained in 20 s.
    let run = log(ONE, 1, "", "constant(50/s)", "{ at: 10s, for: 20s, consumer-stop: mail }");
    let most = run.count("events", Count::LagMost);
    assert!((999..=1001).contains(&most), "{most}");
    let catch_up = run.component("events").kept().times(Timed::CatchUp).max() as f64 / 1e9;
    assert!((catch_up - 20.0).abs() < 0.05, "{catch_up}");
    let behind = run.component("mail").kept().times(Timed::Behind).max() as f64 / 1e9;
    assert!((behind - 40.0).abs() < 0.05, "{behind}");
    let oldest = run.count("mail", Count::LagOldest) as f64 / 1e9;
    assert!((oldest - 20.0).abs() < 0.05, "{oldest}");
    // A triangle of 40 s and 1000, and half a record besides.
    let mean = run.count("mail", Count::LagArea) as f64 / run.count("mail", Count::LagOver) as f64;
    assert!((mean - 200.0).abs() < 2.0, "{mean}");
}

#[test]
fn a_crash_begins_again_at_the_commit() {
    // All 100 come at once: the first is polled alone, then the rest in a batch. After 0.505 s fifty are done, one is in hand.
    let crash = "{ at: 505ms, crash: mail/1 }";
    let run = log(ONE, 1, "", "at(0s 100)", crash);
    assert_eq!(run.component("mail").duplicates, 50, "the whole batch");
    assert_eq!(run.ok("mail"), 149);
    let run = log(ONE, 1, "batch: 20,", "at(0s 100)", crash);
    assert_eq!(run.component("mail").duplicates, 10, "nine of the third batch of twenty, and the one in hand");
    let run = log(ONE, 1, "commit: each,", "at(0s 100)", crash);
    assert_eq!(run.component("mail").duplicates, 1);
    let run = log(ONE, 1, "dedupe: order,", "at(0s 100)", crash);
    assert_eq!(run.component("mail").duplicates, 0, "recognised");
    let run = log(ONE, 1, "exactly-once: yes,", "at(0s 100)", crash);
    assert_eq!(run.component("mail").duplicates, 0, "undone");
}

#[test]
fn commits_cost_once_a_batch() {
    let behind = |consumer: &str| {
        let run = log(ONE, 1, consumer, "at(1s 100)", "");
        run.count("mail", Count::LagOldest) as f64 / 1e9
    };
    // The last of a hundred is taken after 99 handlings, and the commits before it.
    let check = |consumer: &str, expected: f64| {
        let got = behind(consumer);
        assert!((got - expected).abs() < 1e-6, "{consumer}: {got}");
    };
    check("", 0.99);
    check("batch: 25, commit-time: 100ms,", 0.99 + 0.4);
    check("commit: each, commit-time: 10ms,", 1.98);
    check("exactly-once: yes, batch: 50,", 1.01);
    // The first poll finds the first record alone; the next ones come a second later each.
    check("poll: 1s, batch: 33,", 3.0 + 0.32);
}

#[test]
fn a_group_stops_for_its_rebalance_whole_or_in_part() {
    // Eight partitions on four replicas. One is gone at 10 s for good; its session ends at 15 s, the rebalance at 17 s.
    let run = |rule: &str| {
        let consumer = format!("session-timeout: 5s, rebalance-time: 2s, rebalance: {rule},");
        let topic = "topics: { placed: { partitions: 8 } }";
        let run = log(topic, 4, &consumer, "constant(80/s)", "{ at: 10s, machine-loss: mail/1 }");
        assert!((run.count("mail", Count::LagOldest) as f64 / 1e9 - 7.0).abs() < 0.2);
        assert!(run.ok("mail") >= 7990, "all are handled: {}", run.ok("mail"));
        run.count("mail", Count::LagMost)
    };
    // A quarter for 7 s: 140. Eager: besides, the other three quarters for 2 s: 120.
    let (eager, cooperative) = (run("eager"), run("cooperative"));
    assert!((240..280).contains(&eager), "{eager}");
    assert!((120..165).contains(&cooperative), "{cooperative}");
}

#[test]
fn a_member_that_is_back_in_time_keeps_what_it_had() {
    // It restarts within a second: no rebalance, one second of its partitions.
    let topic = "topics: { placed: { partitions: 8 } }";
    let run = log(topic, 4, "rebalance-time: 20s,", "constant(80/s)", "{ at: 10s, crash: mail/1 }");
    assert!(run.count("mail", Count::LagOldest) < 1_200_000_000);
}

#[test]
fn what_is_too_old_is_gone() {
    let topic = "retention: 5s, topics: { placed: { partitions: 1 } }";
    let run = log(topic, 1, "", "constant(50/s)", "{ at: 10s, for: 20s, consumer-stop: mail }");
    // Fifteen of twenty seconds; while it catches up for as long again at half the pace, nothing else ages that far.
    let gone = run.count("events", Count::Expired);
    assert!((748..=752).contains(&gone), "{gone}");
    assert_eq!(gone + run.ok("mail"), run.ok("app") - u64::from(run.ok("app") > gone + run.ok("mail")));
}

#[test]
fn a_poison_record_blocks_its_partition_unless_it_is_parked() {
    let poison = "{ at: 0s, for: 1us, poison: { topic: placed } }";
    let run = log(ONE, 1, "", "constant(10/s)", "{ at: 49950ms, for: 100ms, poison: { topic: placed } }");
    // One record every 100 ms: the one at 50 s never goes, nor does any after it.
    assert!((499..=501).contains(&run.ok("mail")), "{}", run.ok("mail"));
    let run = log(
        ONE,
        1,
        "dead-letters: parked, redeliver-after: 1s,",
        "constant(10/s)",
        "{ at: 49950ms, for: 100ms, poison: { topic: placed } }",
    );
    assert_eq!(run.count("mail", Count::DeadLetters), 1);
    assert!(run.ok("mail") >= 996, "{}", run.ok("mail"));
    assert!((run.count("mail", Count::LagOldest) as f64 / 1e9 - 4.0).abs() < 0.1, "five deliveries, four pauses");
    let run = log(ONE, 1, "on-failure: retry-later,", "at(0s 100)", poison);
    assert_eq!(run.ok("mail"), 0, "all are poison");
}

#[test]
fn poison_that_crashes_consumers_is_not_counted_by_a_log() {
    let fault = "{ at: 49950ms, for: 100ms, poison: { topic: placed, crashes: yes } }";
    let run = log(ONE, 1, "dead-letters: parked,", "constant(10/s)", fault);
    assert_eq!(run.count("mail", Count::DeadLetters), 0);
    // Every second it starts, handles nothing and dies.
    assert!((499..=501).contains(&run.ok("mail")), "{}", run.ok("mail"));
    assert!(run.component("mail").duplicates >= 40, "{}", run.component("mail").duplicates);
}

#[test]
fn a_schema_that_cannot_be_read_holds_up_until_it_can() {
    let fault = "{ at: 20s, for: 30s, incompatible-schema: { topic: placed } }";
    let run = log(ONE, 1, "", "constant(10/s)", fault);
    assert!(run.ok("mail") >= 998, "{}", run.ok("mail"));
    let oldest = run.count("mail", Count::LagOldest) as f64 / 1e9;
    assert!((30.0..=31.1).contains(&oldest), "{oldest}");
}

#[test]
fn a_retry_out_of_turn_breaks_the_order() {
    let run = |consumer: &str| {
        let text = format!(
            "components:\n  app: {{ kind: service, operations: {{ place: [ {{ publish: placed }} ] }} }}\n  \
             events: {{ kind: log, append-time: const(0s), keys: zipf(0 10), topics: {{ placed: {{ partitions: 4, key: order }} }} }}\n  \
             mail: {{ kind: service, operations: {{ send: {{ handles: placed, {consumer} steps: [ {{ compute: const(1ms), fail: 10% }} ] }} }} }}\n\
             load: [ {{ operation: app.place, arrivals: constant(50/s) }} ]\n"
        );
        let run = Run::of(&text);
        assert!(run.ok("mail") > 4_500, "{}", run.ok("mail"));
        run.count("mail", Count::OutOfOrder)
    };
    assert_eq!(run("redeliver-after: 10ms,"), 0, "tried again in its place");
    // A tenth fails. Ten keys: in the second of the pause five others of the key come, nearly always at least one.
    let violations = run("on-failure: retry-later,");
    assert!((400..650).contains(&violations), "{violations}");
}

/// A queue with a handler of a time, for messages of one of ten keys.
fn queue(queue: &str, consumer: &str, handler: &str, load: &str, faults: &str) -> Run {
    Run::of(&format!(
        "components:\n  app: {{ kind: service, operations: {{ place: [ {{ enqueue: jobs }} ] }} }}\n  \
         jobs: {{ kind: queue, append-time: const(0s), keys: zipf(0 10), {queue} }}\n  parked: {{ kind: queue, append-time: const(0s) }}\n  \
         worker: {{ kind: service, workers: 20, restart: 1s, operations: {{ work: {{ handles: jobs, {consumer} \
         steps: [ {{ compute: {handler} }} ] }} }} }}\n\
         load: [ {{ operation: app.place, arrivals: {load} }} ]\n\
         experiments: [ {{ name: x, duration: 100s, faults: [ {faults} ] }} ]\n"
    ))
}

#[test]
fn what_is_hidden_too_briefly_is_handled_twice() {
    let run = queue("visibility: 2s,", "", "const(1s)", "constant(1/s)", "");
    assert_eq!(run.component("worker").duplicates, 0);
    // A handler of 3 s against 2 s: others begin at 2 and at 4 s, when the first has acknowledged at 3 s: too late, another
    // has it. Each delivery but the last is followed by another.
    let run = queue("visibility: 2s,", "deliveries: 3,", "const(3s)", "at(0s 5)", "");
    assert_eq!(run.component("worker").duplicates, 10, "two more deliveries each");
    assert_eq!(run.count("worker", Count::DeadLetters), 5);
    assert_eq!(run.ok("worker"), 15);
    // Without room for another the first acknowledgement is in time.
    let run = queue("visibility: 2s,", "prefetch: 1,", "const(3s)", "at(0s 5)", "");
    assert_eq!((run.component("worker").duplicates, run.ok("worker")), (0, 5));
}

#[test]
fn a_dead_consumers_message_comes_back_when_it_is_not_hidden_any_more() {
    let run = queue("visibility: 20s,", "", "const(1s)", "at(0s 3)", "{ at: 500ms, crash: worker/1 }");
    assert_eq!((run.component("worker").duplicates, run.ok("worker")), (3, 3));
    assert_eq!(run.count("worker", Count::LagOldest), 20_000_000_000);
}

#[test]
fn poison_that_crashes_consumers_is_counted_by_a_queue() {
    let fault = "{ at: 49950ms, for: 100ms, poison: { topic: jobs, crashes: yes } }";
    let run = queue("visibility: 2s,", "dead-letters: parked,", "const(10ms)", "constant(10/s)", fault);
    assert_eq!(run.count("worker", Count::DeadLetters), 1);
    assert!(run.ok("worker") > 990, "{}", run.ok("worker"));
}

#[test]
fn groups_of_messages_keep_their_order() {
    let plain = queue("", "", "exp(100ms)", "constant(50/s)", "");
    // Without groups no message has a key to be judged by.
    assert_eq!(plain.count("worker", Count::OutOfOrder), 0);
    let grouped = queue("group-by: order,", "", "exp(100ms)", "constant(50/s)", "");
    assert_eq!(grouped.count("worker", Count::OutOfOrder), 0);
    assert!(grouped.ok("worker") > 4_900);
    // All of one key: one after the other, whatever the workers.
    let one = queue("group-by: order,", "", "const(100ms)", "at(0s 100)", "").count("worker", Count::LagOldest);
    assert!(one >= 900_000_000, "ten keys, a hundred messages: the longest has ten or more: {one}");
}

#[test]
fn a_delay_hides_what_is_new_and_a_limit_refuses() {
    let run = queue("delay: 5s,", "", "const(1ms)", "constant(10/s)", "");
    let lag = &run.component("jobs").lag;
    assert!(lag.max() < 5_002_000_000 && lag.count() >= 940, "{}", lag.max());
    let run = queue("limit: 30,", "", "const(1s)", "at(0s 100)", "");
    assert_eq!(run.ok("worker"), 30);
    assert_eq!(run.record.entries[0].ended[Ending::Refused as usize], 70);
}

#[test]
fn a_leader_that_does_not_wait_for_its_copies_loses_the_tail() {
    let run = |acks: &str| {
        let topic = format!("copies: 3, acks: {acks}, lag: 500ms, {ONE}");
        let run = log(&topic, 1, "", "constant(100/s)", "{ at: 50s, leader-loss: events }");
        (run.component("events").lost_writes, run.count("events", Count::LagMost))
    };
    let (lost, _) = run("leader");
    assert!((49..=51).contains(&lost), "half a second: {lost}");
    assert_eq!(run("all").0, 0);
}

/// A shop whose orders leave its database by a relay, and what becomes of them.
fn relayed(relay: &str, load: &str, faults: &str) -> Run {
    Run::of(&format!(
        "components:\n  app: {{ kind: service, operations: {{ order: [ {{ transaction: db, steps: [ {{ write: orders }}, {{ write: outbox }} ] }} ] }} }}\n  \
         db: {{ kind: database, holds: [orders, outbox], read-time: const(10ms), write-time: const(10ms) }}\n  relay: {{ {relay}, of: db, to: events, restart: 1s }}\n  \
         events: {{ kind: log, append-time: const(0s), topics: {{ placed: {{ partitions: 1 }} }} }}\n  \
         mail: {{ kind: service, operations: {{ send: {{ handles: placed, steps: [ {{ compute: const(1ms) }} ] }} }} }}\n\
         load: [ {{ operation: app.order, arrivals: {load} }} ]\n\
         experiments: [ {{ name: x, duration: 100s, faults: [ {faults} ] }} ]\n"
    ))
}

#[test]
fn an_outbox_is_read_and_marked_at_its_database() {
    let run = relayed("kind: outbox, poll: 100ms", "at(0s 1)", "");
    // Committed at 20 ms, looked for at 100, found at 110.
    assert_eq!(run.component("events").lag.max(), 90_000_000);
    // A look each 100 ms from the first record on, one mark, and the transaction.
    assert_eq!(run.ok("db"), 999 + 1 + 1);
    // The relay dies while it marks: what it has published goes out again.
    let run = relayed("kind: outbox, poll: 100ms", "at(0s 1)", "{ at: 115ms, crash: relay }");
    assert_eq!((run.count("relay", Count::Republished), run.component("mail").duplicates, run.ok("mail")), (1, 1, 2));
    // While the log is away, orders wait in the database.
    let run = relayed("kind: outbox, poll: 100ms", "constant(1/s)", "{ at: 0s, for: 50s, outage: events }");
    assert!(run.ok("mail") >= 98 && run.count("mail", Count::LagOldest) > 49_000_000_000 - 1_100_000_000);
    assert_eq!(run.component("mail").duplicates, 0);
}

#[test]
fn a_capture_reads_no_rows_and_repeats_what_came_since_its_position() {
    let run = relayed("kind: change-capture, captures: [orders], lag: 500ms, flush: 10s", "constant(1/s)", "");
    assert_eq!(run.component("events").lag.max(), 500_000_000);
    assert_eq!(run.ok("db"), run.ok("app"), "transactions alone");
    assert_eq!(run.component("mail").duplicates, 0);
    let crash = "{ at: 39800ms, crash: relay }";
    let run = relayed("kind: change-capture, captures: [orders], lag: 500ms, flush: 10s", "constant(1/s)", crash);
    // Orders at 30, .. 39 s and a fraction: published since 30 s, those of 29.5 to 39.3.
    let again = run.count("relay", Count::Republished);
    assert!((9..=10).contains(&again), "{again}");
    assert_eq!(run.component("mail").duplicates, again);
}

#[test]
fn a_crash_between_a_write_and_its_event_is_counted() {
    let dual = |order: &str, faults: &str| {
        let run = Run::of(&format!(
            "components:\n  app: {{ kind: service, restart: 0s, operations: {{ order: {order} }} }}\n  db: {{ kind: database, write-time: const(10ms) }}\n  \
             events: {{ kind: log, append-time: const(10ms), topics: {{ placed: {{ partitions: 1, of: db }} }} }}\n  \
             mail: {{ kind: service, operations: {{ send: {{ handles: placed, steps: [ {{ compute: const(1ms) }} ] }} }} }}\n\
             load: [ {{ operation: app.order, arrivals: constant(100/s) }} ]\n\
             experiments: [ {{ name: x, duration: 100s, faults: [ {faults} ] }} ]\n"
        ));
        run.count("events", Count::LostEvents)
    };
    let both = "[ { write: db }, { publish: placed } ]";
    assert_eq!(dual(both, ""), 0);
    // One writes and one publishes at any time: a crash loses that one.
    assert_eq!(dual(both, "{ at: 50005ms, crash: app }"), 1);
    // A log that is away for a second: all of its orders.
    let away = dual(both, "{ at: 50s, for: 1s, outage: events }");
    assert!((99..=101).contains(&away), "{away}");
}

#[test]
fn a_registry_refuses_at_the_producer() {
    let run = Run::of(
        "components:\n  app: { kind: service, operations: { place: [ { publish: placed } ] } }\n  \
         events: { kind: log, topics: { placed: { partitions: 1 } } }\n  gate: { kind: schema-registry, of: events }\n  \
         mail: { kind: service, operations: { send: { handles: placed, steps: [ { compute: const(1ms) } ] } } }\n\
         load: [ { operation: app.place, arrivals: constant(100/s) } ]\n\
         experiments: [ { name: x, duration: 100s, faults: [ { at: 10s, for: 10s, incompatible-schema: { topic: placed, share: 30% } } ] } ]\n",
    );
    let refused = run.record.entries[0].ended[Ending::Error as usize];
    assert!((230..370).contains(&refused), "{refused}");
    assert_eq!(run.count("events", Count::Incompatible), refused);
    assert_eq!(run.component("mail").ended[Ending::Error as usize], 0);
}

/// Ten records a second in four partitions, counted by windows of 10 s.
fn windows(processor: &str, faults: &str) -> Run {
    Run::of(&format!(
        "components:\n  app: {{ kind: service, operations: {{ place: [ {{ publish: placed }} ] }} }}\n  \
         events: {{ kind: log, append-time: const(0s), topics: {{ placed: {{ partitions: 4 }}, counted: {{ partitions: 1 }} }} }}\n  \
         counts: {{ kind: stream-processor, reads: placed, to: counted, window: 10s, process-time: const(1ms), {processor} }}\n  \
         board: {{ kind: service, operations: {{ show: {{ handles: counted, steps: [ {{ compute: const(1ms) }} ] }} }} }}\n\
         load: [ {{ operation: app.place, arrivals: constant(10/s) }} ]\n\
         experiments: [ {{ name: x, duration: 100s, faults: [ {faults} ] }} ]\n"
    ))
}

#[test]
fn windows_give_a_result_for_each_partition_when_they_are_over() {
    let run = windows("", "");
    // Nine windows are over before 100 s; each has records of all four partitions.
    assert_eq!(run.ok("board"), 36);
    assert!(run.component("counts").kept().times(Timed::WindowDelay).max() < 2_000_000);
    let run = windows("allowed-lateness: 3s,", "");
    assert_eq!(run.component("counts").kept().times(Timed::WindowDelay).max(), 3_000_000_000);
    // Windows of 10 s every 5 s: from the one that ends at 10 s to the one that ends at 95 s.
    let run = windows("slide: 5s,", "");
    assert_eq!(run.ok("board"), 18 * 4);
    // With their checkpoint: those that end at 10, 20, 30 at 15, 30, 30 or 45.
    let run = windows("exactly-once: yes, checkpoint: 15s,", "");
    let delay = run.component("counts").kept().times(Timed::WindowDelay);
    assert!(delay.max() <= 15_000_000_000 && delay.max() >= 9_900_000_000, "{}", delay.max());
}

#[test]
fn a_processor_restores_its_state_and_repeats_from_its_checkpoint() {
    // The checkpoint of 17 s; 16 s of records again. Restart 1 s and 400 MB at 100 MB/s: back at 38 s.
    let crash = "{ at: 33s, crash: counts }";
    let run = windows("checkpoint: 17s, restart: 1s, state: 400 MB,", crash);
    let again = run.component("counts").duplicates;
    assert!((158..=162).contains(&again), "{again}");
    let oldest = run.count("counts", Count::LagOldest) as f64 / 1e9;
    assert!((oldest - 21.0).abs() < 0.3, "the first since the checkpoint, taken again at 38 s: {oldest}");
    // The windows that ended at 20 and 30 s go out again.
    assert_eq!(run.component("board").duplicates, 8);
    assert_eq!(run.ok("board"), 44);
    let run = windows("checkpoint: 17s, restart: 1s, state: 400 MB, exactly-once: yes,", crash);
    assert_eq!((run.component("board").duplicates, run.component("counts").duplicates), (0, 0));
    // The one that ends at 90 s goes out at 102 s.
    assert_eq!(run.ok("board"), 32);
}

#[test]
fn late_records_are_dropped_unless_windows_wait() {
    let late = |processor: &str| {
        let run = Run::of(&format!(
            "components:\n  app: {{ kind: service, operations: {{ place: [ {{ wait: const(2s) }}, {{ publish: placed }} ] }} }}\n  \
             now: {{ kind: service, operations: {{ place: [ {{ publish: placed }} ] }} }}\n  \
             events: {{ kind: log, append-time: const(0s), topics: {{ placed: {{ partitions: 1 }} }} }}\n  \
             counts: {{ kind: stream-processor, reads: placed, window: 10s, process-time: const(1ms), {processor} }}\n\
             load: [ {{ operation: app.place, arrivals: constant(10/s) }}, {{ operation: now.place, arrivals: constant(10/s) }} ]\n"
        ));
        run.count("counts", Count::LateRecords)
    };
    // Two of each ten seconds come when their window is over.
    let dropped = late("");
    assert!((178..=182).contains(&dropped), "{dropped}");
    assert_eq!(late("allowed-lateness: 2100ms,"), 0);
}

#[test]
fn a_replay_reads_all_again() {
    // 2000 records and 50/s more, at 100/s: 40 s.
    let run = log(ONE, 1, "", "constant(50/s)", "{ at: 40s, replay: mail }");
    assert!((run.component("events").kept().times(Timed::CatchUp).max() as f64 / 1e9 - 40.0).abs() < 0.1);
    assert!((run.ok("mail") as i64 - 7000).abs() <= 3, "{}", run.ok("mail"));
    assert_eq!(run.component("mail").duplicates, 0, "asked for");
    assert!((run.count("mail", Count::LagOldest) as f64 / 1e9 - 40.0).abs() < 0.1);
}

#[test]
fn a_full_consumer_does_not_walk_through_its_backlog_in_one_hand_over() {
    // A backlog of a million records before a consumer that turns nearly all of them away.
    let run = Run::of(
        "components:\n  p: { kind: service, operations: { go: [ { enqueue: q } ] } }\n  q: { kind: queue, append-time: 0s, visibility: 1h }\n  \
         c: { kind: service, workers: 1, queue: 0, operations: { take: { handles: q, prefetch: 2, steps: [ { compute: const(10s) } ] } } }\n\
         load: [ { operation: p.go, arrivals: at(0s 1000000) } ]\n",
    );
    // One at a time, ten seconds each: what is turned away waits for the pause.
    assert!(run.component("c").ended[Ending::Ok as usize] >= 9, "{:?}", run.component("c").ended);
}
