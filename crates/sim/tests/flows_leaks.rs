//! Logs, queues and relays drawn at random, with faults: after a load that ends nothing is held, the books of a window are
//! closed, and every record is handled, given up, lost or expired.
#![allow(clippy::unwrap_used)]

use groundplan_model::reader::read_design;
use groundplan_sim::kernel::draws::{Stream, Words as _};
use groundplan_sim::kernel::engine::{Engine, Leftovers, Plan};
use groundplan_sim::lower::{Compiled, VOCABULARY, compile};
use groundplan_sim::record::{Count, Ending};
use groundplan_sim::verdict::{Labels, SelfChecks};

const SECOND: u64 = 1_000_000_000;

fn one<'a>(chance: &mut Stream, of: &[&'a str]) -> &'a str {
    of[(chance.word() % of.len() as u64) as usize]
}

fn design(seed: u64, load: &str, relayed: bool) -> Compiled {
    let chance = &mut Stream::new(seed, 0, 0xF10A);
    let log =
        one(chance, &["", "copies: 2, acks: leader, lag: 50ms, failover: 1s, ", "retention: 20s, ", "limit: 40, "]);
    let topic = one(chance, &["partitions: 1", "partitions: 5", "partitions: 3, key: order"]);
    let queue = one(chance, &["", "visibility: 30ms, ", "group-by: order, ", "delay: 40ms, ", "limit: 20, "]);
    let group =
        one(chance, &["", "batch: 3, commit-time: 5ms, ", "commit: each, ", "poll: 50ms, ", "exactly-once: yes, "]);
    let session = one(
        chance,
        &["session-timeout: 1s, rebalance-time: 200ms, ", "session-timeout: 300ms, rebalance: cooperative, "],
    );
    let failing = one(chance, &["", "on-failure: retry-later, ", "redeliver-after: 20ms, "]);
    let workers = one(chance, &["unlimited", "1", "3"]);
    let relay = if relayed {
        one(chance, &["kind: outbox, poll: 50ms", "kind: change-capture, captures: [rows], lag: 30ms, flush: 500ms"])
    } else {
        ""
    };
    let (write, relay) = match relay {
        "" => (String::new(), String::new()),
        relay => (
            "{ transaction: db, steps: [ { write: rows }, { write: outbox } ] }, ".to_string(),
            format!(
                "  relay: {{ {relay}, of: db, to: changes, restart: 100ms }}\n  db: {{ kind: database, holds: [rows, outbox], workers: 4 }}\n  changes: {{ kind: log, topics: {{ changed: {{ partitions: 2 }} }} }}\n  index: {{ kind: service, operations: {{ put: {{ handles: changed, steps: [ {{ compute: exp(2ms) }} ] }} }} }}\n"
            ),
        ),
    };
    let mut faults = Vec::new();
    for _ in 0..chance.word() % 4 {
        let fault = one(
            chance,
            &[
                "crash: reader/1",
                "crash: reader",
                "machine-loss: reader/2",
                "consumer-stop: reader",
                "leader-loss: events",
                "crash: jobs",
                "poison: { topic: placed, share: 5% }",
                "poison: { topic: jobs, share: 5%, crashes: yes }",
                "incompatible-schema: { topic: placed, share: 30% }",
                "replay: reader",
                if relayed { "crash: relay" } else { "crash: app" },
            ],
        );
        faults.push(format!("{{ at: {}ms, for: {}ms, {fault} }}", chance.word() % 3_000, 100 + chance.word() % 2_000));
    }
    let text = format!(
        "kind: design\nversion: 1\nname: random\ncomponents:\n  app: {{ kind: service, restart: 200ms, operations: {{ place: [ {write}{{ publish: placed }}, {{ enqueue: jobs }} ] }} }}\n  \
         events: {{ kind: log, restart: 500ms, {log}topics: {{ placed: {{ {topic} }} }} }}\n  jobs: {{ kind: queue, restart: 500ms, {queue}keys: uniform(4) }}\n  parked: {{ kind: queue }}\n{relay}  \
         reader:\n    kind: service\n    replicas: 3\n    workers: {workers}\n    restart: 400ms\n    operations:\n      \
         read: {{ handles: placed, dead-letters: parked, {group}{session}{failing}steps: [ {{ compute: exp(5ms), fail: 10% }} ] }}\n      \
         work: {{ handles: jobs, dead-letters: parked, prefetch: 4, redeliver-after: 30ms, steps: [ {{ compute: exp(20ms), fail: 10% }} ] }}\n\
         load: [ {{ operation: app.place, arrivals: {load} }} ]\n\
         experiments: [ {{ name: x, duration: 1min, faults: [ {} ] }} ]\n",
        faults.join(", ")
    );
    let read = read_design(&text, &VOCABULARY);
    assert_eq!(read.errors().count(), 0, "seed {seed}\n{text}\n{:#?}", read.diagnostics);
    compile(&read.value.unwrap()).unwrap_or_else(|found| panic!("seed {seed}\n{text}\n{found:#?}"))
}

fn plan(seed: u64, warm_up: u64, window: u64) -> Plan {
    Plan { seed, replication: 0, warm_up, window, drain_cap: SECOND, slice: SECOND, experiment: Some(0) }
}

#[test]
fn nothing_is_left_in_hand_and_every_record_ends() {
    for seed in 0..300 {
        let compiled = design(seed, "at(1s 100)", false);
        // Long enough for every pause: retries, sessions, hidden messages.
        let (record, leftovers) = Engine::new(&compiled.tables, plan(seed, 0, 600 * SECOND)).run_and_look();
        assert_eq!(leftovers, Leftovers::default(), "seed {seed}");
        let checks = SelfChecks::of(std::slice::from_ref(&record), &Labels::default());
        assert_eq!(checks.violations, [], "seed {seed}");
        let reader = compiled.names.components.iter().position(|name| name == "reader").unwrap();
        let ended = &record.components[reader];
        let all = ended.ended[Ending::Ok as usize]
            + ended.kept().count(Count::DeadLetters)
            + ended.kept().count(Count::Expired);
        let lost: u64 = record.components.iter().map(|component| component.lost_writes).sum();
        let published: u64 = ["events", "jobs"]
            .iter()
            .map(|name| compiled.names.components.iter().position(|known| known == name).unwrap())
            .map(|nth| record.components[nth].ended[Ending::Ok as usize])
            .sum();
        assert!(all + lost >= published, "seed {seed}: {all} and {lost} of {published}");
    }
}

#[test]
fn the_books_of_a_window_are_closed() {
    for seed in 0..150 {
        let compiled = design(seed, "poisson(60/s)", true);
        let record = Engine::new(&compiled.tables, plan(seed, 2 * SECOND, 3 * SECOND)).run();
        let checks = SelfChecks::of(&[record], &Labels::default());
        assert_eq!(checks.violations, [], "seed {seed}");
        assert!(checks.held > 20);
    }
}
