//! Nothing is allocated for an event once a run has warmed up: counted, over designs that use what allocates most easily.
//!
//! What remains is room for what a run has not seen before: a longer queue, a wait of another octave, the next slices.
//! Such are a handful in a run and not one in ten thousand events.

use allocation_counter::measure;
use groundplan_model::reader::read_design;
use groundplan_sim::kernel::engine::{Engine, Plan};
use groundplan_sim::lower::{VOCABULARY, compile};

const SECOND: u64 = 1_000_000_000;

/// Runs a design for `seconds`, and half as long again while allocations are counted.
fn check(name: &str, text: &str, seconds: u64) {
    let text = format!("kind: design\nversion: 1\nname: {name}\n{text}");
    let read = read_design(&text, &VOCABULARY);
    assert!(read.diagnostics.is_empty(), "{name}: {:#?}", read.diagnostics);
    let compiled = compile(&read.value.expect("no diagnostics")).unwrap_or_else(|found| panic!("{name}: {found:#?}"));
    let plan = Plan {
        seed: 1,
        replication: 0,
        warm_up: seconds * SECOND / 10,
        window: 2 * seconds * SECOND,
        drain_cap: SECOND,
        slice: seconds * SECOND / 10,
        experiment: None,
    };
    let mut engine = Engine::new(&compiled.tables, plan);
    let before = engine.advance(seconds * SECOND);
    let mut fired = 0;
    let info = measure(|| fired = engine.advance(seconds * SECOND * 3 / 2));
    assert!(before > 100_000 && fired > 50_000, "{name}: {before} and {fired} events show nothing");
    let some = 12 + fired / 10_000;
    assert!(info.count_total <= some, "{name}: {} allocations in {fired} events", info.count_total);
}

#[test]
fn a_queue_allocates_nothing() {
    check(
        "queue",
        "components:\n  s: { kind: service, workers: 1, operations: { serve: [ { compute: exp(1ms) } ] } }\n\
         load: [ { operation: s.serve, arrivals: poisson(800/s) } ]\n",
        400,
    );
}

#[test]
fn patience_and_retries_allocate_nothing() {
    check(
        "rejoin",
        "components:\n  s: { kind: service, workers: 4, queue-timeout: 3ms, operations: { serve: [ { compute: exp(1ms) } ] } }\n  \
         t: { kind: service, workers: 4, queue-timeout: 3ms, operations: { serve: [ { compute: exp(1ms) } ] } }\n\
         load: [ { name: jobs, steps: [ { call: s.serve, retry: { attempts: 2 } }, { call: t.serve, retry: { attempts: 2 } } ], \
         arrivals: poisson(3200/s) } ]\n",
        60,
    );
}

#[test]
fn policies_on_a_networked_call_allocate_nothing() {
    check(
        "policies",
        "network: { within-zone: 100us, between-zones: 1ms }\ncomponents:\n  \
         lb: { kind: load-balancer, to: a, algorithm: least-connections }\n  \
         a: { kind: service, replicas: 3, workers: 8, cores: 2, operations: { go: [ { compute: exp(1ms) }, { call: b.go, \
         timeout: 20ms, retry: { attempts: 3, backoff: 5ms, cap: 1s, jitter: full }, breaker: { open-at: 50%, window: 10s }, \
         connections: 8 } ] } }\n  \
         b: { kind: service, replicas: 2, workers: 4, queue: 20, operations: { go: [ { compute: exp(2ms), fail: 2% } ] } }\n\
         load: [ { operation: lb.go, arrivals: poisson(900/s) } ]\n",
        60,
    );
}

#[test]
fn shared_cores_allocate_nothing() {
    check(
        "sharing",
        "components:\n  s: { kind: service, workers: unlimited, cores: 1, operations: { serve: [ { compute: exp(1ms) } ] } }\n\
         load: [ { operation: s.serve, arrivals: poisson(800/s) } ]\n",
        400,
    );
}

#[test]
fn many_pending_events_allocate_nothing() {
    check(
        "pending",
        "components:\n  s: { kind: service, workers: unlimited, operations: { serve: [ { wait: exp(1s) } ] } }\n\
         load: [ { operation: s.serve, arrivals: poisson(3000/s) } ]\n",
        60,
    );
}

#[test]
fn a_log_with_consumers_allocates_nothing() {
    check(
        "log",
        "components:\n  \
         p: { kind: service, workers: 16, operations: { put: [ { compute: exp(0.2ms) }, { publish: t } ] } }\n  \
         l: { kind: log, topics: { t: { partitions: 8 } } }\n  \
         c: { kind: service, replicas: 8, workers: 4, operations: { take: { handles: t, steps: [ { compute: exp(1ms) } ] } } }\n\
         load: [ { operation: p.put, arrivals: poisson(2000/s) } ]\n",
        60,
    );
}

#[test]
fn lines_and_ranked_cores_allocate_nothing() {
    check(
        "lines",
        "components:\n  \
         a: { kind: service, replicas: 3, workers: 2, shared-queue: yes, discipline: sjf, queue: 50, when-full: drop-oldest, \
         queue-timeout: 20ms, operations: { go: [ { compute: exp(1ms) }, { call: b.go } ] } }\n  \
         b: { kind: service, cores: 3, workers: unlimited, discipline: srpt, operations: { go: [ { compute: exp(0.7ms) } ] } }\n\
         load: [ { operation: a.go, arrivals: poisson(2500/s) } ]\n",
        60,
    );
}

#[test]
fn views_beliefs_and_levels_allocate_nothing() {
    check(
        "views",
        "components:\n  \
         lb: { kind: load-balancer, replicas: 2, to: a, algorithm: least-connections, max-requests: 20, \
         outlier: { consecutive: 3, sweep: 1s, base: 1s, at-most: 50% } }\n  \
         a: { kind: service, replicas: 100, workers: 1, operations: { go: [ { compute: exp(30ms), fail: 10% }, \
         { call: b.go, balance: { algorithm: consistent-hash } } ] } }\n  \
         b: { kind: service, replicas: 8, workers: unlimited, operations: { go: [ { compute: exp(1ms) } ] } }\n\
         load: [ { operation: lb.go, arrivals: poisson(2000/s) } ]\n",
        60,
    );
}

#[test]
fn row_locks_and_versions_allocate_nothing() {
    check(
        "locks",
        "components:\n  \
         s: { kind: service, workers: unlimited, operations: { \
         change: [ { read: db, read-version: seen }, { compute: exp(1ms) }, { write: db, write-if: seen } ], \
         order: [ { transaction: db, connections: 30, steps: [ { write: db }, { compute: exp(1ms) }, { write: db } ] } ] } }\n  \
         db: { kind: database, workers: 60, keys: zipf(0.7 3000), lock-timeout: 100ms, read-time: exp(1ms), write-time: exp(1ms) }\n\
         load:\n  - { operation: s.change, retry: { attempts: 4, backoff: 5ms, on: [conflict] }, arrivals: poisson(600/s) }\n  \
         - { operation: s.order, keys: zipf(0.9 100), arrivals: poisson(600/s) }\n",
        60,
    );
}
