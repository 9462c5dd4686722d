//! Every kind, policy and fault has a name of its own and a manual, and every policy runs beside every fault.
//!
//! Their examples, and what happens without them, stand in `reference.rs`.
#![allow(clippy::unwrap_used)]

use groundplan_model::reader::read_design;
use groundplan_model::units::Seconds;
use groundplan_model::vocabulary::{Key, KindWords, Shape};
use groundplan_sim::lower::{RunSpec, VOCABULARY, compile, replicate};
use std::collections::BTreeSet;

/// Keys and the keys within them have a manual.
fn keys(of: &str, known: &[Key]) {
    for key in known {
        assert!(key.manual.ends_with('.') && key.manual.len() > 5, "{of}.{} has no manual", key.name);
        let shape = if let Shape::Map(_, inner) = key.shape { inner } else { &key.shape };
        if let Shape::Record(inner) | Shape::Short(_, inner) = shape {
            keys(&format!("{of}.{}", key.name), inner);
        }
    }
}

fn walk(words: &[KindWords]) {
    let names: BTreeSet<&str> = words.iter().map(|word| word.name).collect();
    assert_eq!(names.len(), words.len(), "names are unique");
    for word in words {
        assert!(word.manual.ends_with('.') && word.manual.len() > 20, "{}: {}", word.name, word.manual);
        keys(word.name, word.keys);
        assert!(!word.leaves_out.is_empty(), "{}: every model leaves something out", word.name);
        for sentence in word.leaves_out {
            assert!(sentence.ends_with('.') && sentence.len() > 10, "{}: {sentence}", word.name);
        }
        assert!(!word.goes_with.is_empty(), "{} goes with nothing", word.name);
        for other in word.goes_with {
            let lists = [VOCABULARY.kinds, VOCABULARY.policies, VOCABULARY.faults];
            assert!(lists.iter().any(|list| list.iter().any(|known| known.name == *other)), "{}: {other}", word.name);
        }
    }
}

#[test]
fn words_are_unique_and_explained() {
    walk(VOCABULARY.kinds);
    walk(VOCABULARY.policies);
    walk(VOCABULARY.faults);
    let keys: Vec<&str> = VOCABULARY.policies.iter().flat_map(|policy| policy.keys).map(|key| key.name).collect();
    assert_eq!(keys.len(), keys.iter().collect::<BTreeSet<_>>().len(), "policies share the keys of a step");
}

/// An example for each policy: a setting of a load.
fn policy_example(name: &str) -> &'static str {
    match name {
        "fallback" => "fallback: skip",
        "deadline" => "deadline: 1s",
        "retry" => "retry: { attempts: 2, backoff: exp(20ms), jitter: decorrelated, cap: 1s, budget: 10% }",
        "breaker" => "breaker: { open-at: 50%, window: 10s, minimum: 5, cool-down: 5s, trials: 2 }",
        "throttle" => "throttle: { k: 1.5, window: 10s }",
        "rate-limit" => "rate-limit: { rate: 50/s, burst: 10 }",
        "timeout" => "timeout: 100ms",
        "queue-timeout" => "queue-timeout: 50ms",
        "cancel" => "cancel: queued",
        "hedge" => "hedge: { after: 20ms, copies: 2 }",
        "max-requests" => "max-requests: 4",
        "connections" => "connections: 4, pool-timeout: 1s",
        "balance" => "balance: { algorithm: least-connections, panic: 40%, outlier: { consecutive: 3 } }",
        "idempotency-key" => "idempotency-key: order",
        // Said by the operation: a load neither reads nor writes.
        "write-if" => "retry: { attempts: 3, on: [conflict] }",
        other => panic!("the policy {other} has no example"),
    }
}

/// An example for each fault.
fn fault_example(name: &str) -> &'static str {
    match name {
        "crash" => "crash: s/1",
        "machine-loss" => "machine-loss: s/2",
        "zone-loss" => "zone-loss: eu/a",
        "region-loss" => "region-loss: eu",
        "leader-loss" => "leader-loss: db",
        "replica-lag" => "replica-lag: { what: db, lag: 2s }",
        "partition" => "partition: { between: [lb, s] }",
        "loss" => "loss: { between: [eu/a, eu/b], share: 10% }",
        "slow" => "slow: { what: s, factor: 3x }",
        "latency" => "latency: { what: s, add: 10ms }",
        "errors" => "errors: { what: s, share: 20% }",
        "outage" => "outage: { what: db, every: 2s, last: 500ms }",
        "spike" => "spike: { factor: 2x, load: ask }",
        "consumer-stop" => "consumer-stop: s",
        "replay" => "replay: s",
        "poison" => "poison: { topic: done, share: 1% }",
        "incompatible-schema" => "incompatible-schema: { topic: done, share: 20% }",
        "restart-loop" => "restart-loop: { what: s/1, every: 500ms, backoff: 100ms }",
        "flapping" => "flapping: { what: s/1, up: 2s, down: 500ms }",
        "poison-input" => "poison-input: { what: s.serve, share: 0.1% }",
        "config-push" => "config-push: { what: [s, db], errors: 10%, slow: 2x }",
        "certificate-expiry" => "certificate-expiry: { what: s, lives: 10s }",
        "disk-full" => "disk-full: db",
        "clock-skew" => "clock-skew: { what: s, skew: 10ms }",
        "hot-key" => "hot-key: { what: kv, share: 30% }",
        "rebalance" => "rebalance: { what: kv, to: 3, size: 10 MB, rate: 10 MB/s }",
        "release" => "release: { what: s, version: v2 }",
        "bad-release" => "bad-release: { what: s, errors: 10%, slow: 2x }",
        "contract-break" => "contract-break: { from: s, to: t }",
        "kill-switch" => "kill-switch: s",
        "flush" => "flush: hot",
        other => panic!("the fault {other} has no example"),
    }
}

#[test]
fn every_policy_and_fault_has_an_example_that_runs() {
    for policy in VOCABULARY.policies {
        for fault in VOCABULARY.faults {
            let versions = match policy.name {
                "write-if" => "{ read: db, read-version: seen }, { write: db, write-if: seen }, ",
                _ => "",
            };
            let text = format!(
                "kind: design\nversion: 1\nname: example\nplaces: {{ eu: {{ zones: [a, b] }} }}\nnetwork: {{ within-zone: 1ms, between-zones: 2ms }}\ncomponents:\n\
                 \x20 lb: {{ kind: load-balancer, place: eu, algorithm: power-of-2, to: s }}\n\
                 \x20 s:\n    kind: service\n    place: eu\n    replicas: 3\n    workers: 4\n    cores: 2\n    queue: 20\n    operations:\n      serve: [ {{ compute: exp(20ms) }}, {versions}{{ read: hot }}, {{ read: kv }}, {{ transaction: db, steps: [ {{ write: db }} ] }}, {{ publish: done }} ]\n      after: {{ handles: done, dead-letters: parked, steps: [ {{ compute: exp(5ms) }}, {{ call: out }}, {{ call: t.x }} ] }}\n    versions: {{ v2: {{ slow: 2x }} }}\n\
                 \x20 t: {{ kind: service, operations: {{ x: [ {{ compute: 1ms }} ] }} }}\n\
                 \x20 hot: {{ kind: cache, place: eu, of: db, capacity: 100, keys: zipf(1 1000) }}\n\
                 \x20 db: {{ kind: database, place: eu, copies: 2, replication: async }}\n\
                 \x20 kv: {{ kind: key-value, place: eu, shards: 2, copies: 2 }}\n\
                 \x20 events: {{ kind: log, place: eu, topics: {{ done: {{ partitions: 3 }} }} }}\n\
                 \x20 parked: {{ kind: queue, place: eu }}\n\
                 \x20 out: {{ kind: external, latency: exp(10ms), availability: 99.9%, errors: 1%, limit: 100/s }}\n\
                 load: [ {{ name: ask, operation: lb.serve, {}, arrivals: poisson(100/s) }} ]\n\
                 experiments: [ {{ name: x, duration: 20s, faults: [ {{ at: 5s, for: 5s, {} }} ] }} ]\n",
                policy_example(policy.name),
                fault_example(fault.name)
            );
            let read = read_design(&text, &VOCABULARY);
            assert_eq!(read.errors().count(), 0, "{} {}: {:#?}", policy.name, fault.name, read.diagnostics);
            let compiled = compile(&read.value.unwrap()).unwrap();
            let spec = RunSpec {
                seed: 1,
                replication: 0,
                warm_up: Seconds(1.0),
                window: Seconds(20.0),
                drain_cap: Seconds(60.0),
                experiment: Some(0),
                segment_width: Seconds(1.0),
            };
            let record = replicate(&compiled, &spec);
            let entry = &record.entries[0];
            assert!(entry.arrived > 1_500, "{} {}", policy.name, fault.name);
            assert_eq!(entry.arrived, entry.ended.iter().sum::<u64>(), "{} {}", policy.name, fault.name);
            assert!(entry.ended[0] > 200, "{} {}: {:?}", policy.name, fault.name, entry.ended);
        }
    }
}
