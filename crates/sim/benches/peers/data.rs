//! What an event takes in designs of machines with state: rows of a service, a cache before a replicated database with row
//! locks, a log and its consumer. The goal is five million events a second.

use crate::sizes::{compiled, run};
use std::fmt::Write as _;

const ROUNDS: u64 = 3;
/// Requests per second of a row.
const RATE: f64 = 100.0;

/// What a row has.
#[derive(Clone, Copy)]
struct Machines {
    cache: &'static str,
    database: &'static str,
    log: &'static str,
    consumer: &'static str,
}

const PLAIN: Machines = Machines { cache: "hit-ratio: 80%", database: "", log: "", consumer: "" };
const STATEFUL: Machines = Machines {
    cache: "capacity: 20k items, ttl: 10min, single-flight: yes",
    database: "copies: 3, replication: semi-sync, locks: rows",
    log: "copies: 3, ",
    consumer: "dedupe: order, ",
};

fn rows(rows: usize, machines: Machines) -> String {
    let mut text = "kind: design\nversion: 1\nname: data\nplaces: { here: { zones: [a, b, c] } }\n\
                    network: { within-zone: 0.2ms, between-zones: 1ms }\ncomponents:\n"
        .to_string();
    let mut load = String::new();
    let Machines { cache, database, log, consumer } = machines;
    for row in 0..rows {
        let _ = write!(
            text,
            "  shop{row}:\n    kind: service\n    place: here\n    workers: 64\n    operations:\n      buy:\n        - compute: exp(1ms)\n        \
             - read: items{row}\n        - transaction: db{row}\n          steps: [ {{ read: db{row}, key: item }}, {{ write: db{row}, key: item }} ]\n        - \
             publish: sold{row}\n  items{row}: {{ kind: cache, place: here, of: db{row}, {cache} }}\n  db{row}: {{ kind: database, place: here, workers: 64, keys: \
             zipf(0.9 200k), read-time: exp(2ms), write-time: exp(2ms), {database} }}\n  log{row}: {{ kind: log, place: here, {log}topics: {{ sold{row}: {{ \
             partitions: 12 }} }} }}\n  mail{row}:\n    kind: service\n    place: here\n    replicas: 3\n    operations:\n      send: {{ handles: sold{row}, {consumer}steps: \
             [ {{ compute: exp(5ms) }} ] }}\n"
        );
        let _ = writeln!(load, "  - {{ operation: shop{row}.buy, arrivals: poisson({RATE}/s) }}");
    }
    text + "load:\n" + &load
}

pub fn table() {
    println!("an event in rows of service, cache, database, log and consumer; CPU time, best of {ROUNDS}");
    println!("                     components  ns/event     events   M events/s   goal");
    for (what, machines) in [("thin", PLAIN), ("with state", STATEFUL)] {
        for many in [2, 6, 20] {
            let compiled = compiled(&rows(many, machines));
            let mut best = f64::INFINITY;
            let mut events = 0;
            for seed in 0..ROUNDS {
                let (took, record) = run(&compiled, RATE * many as f64, seed);
                best = best.min(took / record.events as f64);
                events = record.events;
            }
            let speed = 1e3 / best;
            let goal = if speed >= 5.0 { "5 met" } else { "5 MISSED" };
            println!("{what:<20} {:>10} {best:>9.1} {:>10.1}M {speed:>11.2}   {goal}", many * 5, events as f64 / 1e6);
        }
    }
}
