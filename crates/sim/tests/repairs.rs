//! What fails by itself and is repaired: known to the instant where times are constant, by theory where they are drawn.
#![allow(clippy::unwrap_used)]

use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::reader::read_design;
use groundplan_sim::kernel::engine::{Engine, Leftovers, Plan};
use groundplan_sim::lower::{Compiled, VOCABULARY, compile};
use groundplan_sim::record::{Count, Ending, Record, Timed};

fn compiled(body: &str) -> Result<Compiled, Vec<Diagnostic>> {
    let read = read_design(&format!("kind: design\nversion: 1\nname: repairs\n{body}"), &VOCABULARY);
    let errors: Vec<Diagnostic> = read.errors().cloned().collect();
    let compiled = match read.value {
        Some(design) if errors.is_empty() => compile(&design)?,
        _ => return Err(errors),
    };
    if compiled.pointless.is_empty() { Ok(compiled) } else { Err(compiled.pointless) }
}

/// From the first instant, for this many seconds.
fn run(body: &str, seconds: u64, replication: u64) -> Record {
    let compiled = compiled(body).unwrap_or_else(|found| panic!("{found:#?}"));
    let plan = Plan {
        seed: 11,
        replication,
        warm_up: 0,
        window: seconds * 1_000_000_000,
        drain_cap: 100_000_000_000,
        slice: seconds * 1_000_000_000 / 64,
        experiment: (!compiled.tables.experiments.is_empty()).then_some(0),
    };
    let (record, leftovers) = Engine::new(&compiled.tables, plan).run_and_look();
    assert_eq!(leftovers, Leftovers::default());
    record
}

fn service(words: &str, seconds: u64) -> Record {
    run(
        &format!(
            "components:\n  shop: {{ kind: service, {words}, operations: {{ ask: [ {{ compute: const(1ms) }} ] }} }}\n\
             load: [ {{ operation: shop.ask, timeout: 100ms, arrivals: constant(1/s) }} ]\n"
        ),
        seconds,
        0,
    )
}

#[test]
fn a_replica_is_down_from_its_failure_to_its_repair() {
    // Down from 10.5 s to 15.5 s, from 26 s to 31 s, ...: a period of 15.5 s, of which five whole seconds fail.
    let record = service("fails: const(10.5s), repair: const(5s), restart: 1h", 93);
    assert_eq!(record.components[0].kept().count(Count::Failures), 6);
    // 11 to 15; 26 exactly at the failure, which was scheduled first, to 30; 42 to 46; 57 to 61; 73 to 77; 88 to 92.
    assert_eq!(record.entries[0].ended[Ending::Timeout as usize], 30);
}

#[test]
fn one_repairer_takes_one_after_the_other() {
    let down = |words: &str| {
        // All fail at 10.5 s; one repairer has the last of three back at 25.5 s.
        let record = service(&format!("replicas: 3, fails: const(10.5s), repair: const(5s), {words}"), 16);
        record.components[0].kept().count(Count::Failures)
    };
    assert_eq!((down("repairers: 3"), down("repairers: unlimited")), (3, 3));
    let alive_at_18 = |words: &str| {
        let text = format!(
            "components:\n  shop: {{ kind: service, replicas: 3, fails: const(10.5s), repair: const(5s), {words}, operations: {{ ask: [ {{ compute: const(1ms) }} ] }} }}\n\
             load: [ {{ name: all, steps: [ {{ parallel: [ {{ call: shop.ask, to: each-replica, timeout: 100ms, fallback: skip }} ] }} ], arrivals: at(18s 1) }} ]\n"
        );
        let record = run(&text, 20, 0);
        record.components[0].ended[Ending::Ok as usize]
    };
    assert_eq!((alive_at_18("repairers: 1"), alive_at_18("repairers: 2"), alive_at_18("repairers: 3")), (1, 2, 3));
}

/// Validation item 60: (3 lambda + r) / (2 lambda^2) for two copies, with lambda 0.01 and r 1.
#[test]
fn data_is_lost_as_late_as_theory_says() {
    let body = "components:\n  orders: { kind: database, copies: 2, fails: exp(100s), repair: exp(1s), repairers: 1 }\n\
                load: [ { name: clerk, steps: [ { read: orders } ], arrivals: constant(1/h) } ]\n\
                experiments: [ { name: x, duration: 10d, until: data-lost } ]\n";
    let runs = 300;
    let times: Vec<f64> = (0..runs)
        .map(|replication| {
            let record = run(body, 864_000, replication);
            let kept = record.components[0].kept();
            assert_eq!(kept.count(Count::DataLosses), 1);
            assert_eq!(u128::from(record.window), kept.times(Timed::DataLost).sum(), "the run is over then");
            record.window as f64 / 1e9
        })
        .collect();
    let mean = times.iter().sum::<f64>() / f64::from(runs as u32);
    // The time is nearly exponential: its standard error is the mean over the root of the number.
    assert!((mean - 5150.0).abs() < 3.5 * 5150.0 / f64::from(runs as u32).sqrt(), "{mean}");
}

#[test]
fn data_without_an_end_is_whole_again_once_all_copies_are() {
    // Both fail at 10 s; the second is back at 30 s, and both fail again at 30 s (the first) and 40 s.
    let body = "components:\n  orders: { kind: database, copies: 2, fails: const(10s), repair: const(10s), repairers: 1, failover: 1s }\n\
                load: [ { name: clerk, steps: [ { read: orders, timeout: 100ms } ], arrivals: constant(1/s) } ]\n";
    let record = run(body, 100, 0);
    let kept = record.components[0].kept();
    assert_eq!(kept.count(Count::DataLosses), 1, "after that one of two is always broken, and never both");
}

#[test]
fn another_copy_leads_while_one_is_left() {
    // Two thirds of the time a copy works. One alone is down for a third of it; two at once for a ninth, and for a second
    // after each failure of the one that leads, which fails once in 100 s.
    let down = |copies: u32| {
        let body = format!(
            "components:\n  orders: {{ kind: database, copies: {copies}, fails: exp(100s), repair: exp(50s), failover: 1s, read-time: const(1ms) }}\n\
             load: [ {{ name: clerk, steps: [ {{ read: orders, timeout: 100ms }} ], arrivals: constant(1/s) }} ]\n"
        );
        let record = run(&body, 200_000, 0);
        record.entries[0].ended[Ending::Timeout as usize] as f64 / record.entries[0].arrived as f64
    };
    let (one, two) = (down(1), down(2));
    assert!((one - 1.0 / 3.0).abs() < 0.03, "{one}");
    assert!((two - (1.0 / 9.0 + 8.0 / 9.0 * 0.01)).abs() < 0.02, "{two}");
}

#[test]
fn what_fails_is_said_in_full() {
    let check = |words: &str, experiment: &str, code: &str| {
        let body = format!(
            "components:\n  shop: {{ kind: service, {words}, operations: {{ ask: [ {{ compute: const(1ms) }} ] }} }}\n\
             load: [ {{ operation: shop.ask, arrivals: constant(1/s) }} ]\nexperiments: [ {{ name: x, duration: 10s{experiment} }} ]\n"
        );
        let found = compiled(&body).err().unwrap_or_default();
        assert_eq!(found.iter().map(|diagnostic| diagnostic.code).collect::<Vec<_>>(), [code], "{words}: {found:#?}");
        assert!(found[0].help.is_some() && !found[0].labels[0].span.is_none(), "{found:#?}");
    };
    check("fails: exp(1h)", "", "missing-key");
    check("repair: exp(1h)", "", "never-fails");
    check("repairers: 2", "", "never-fails");
    check("fails: 0s, repair: 1s", "", "out-of-range");
    check("fails: 1h, repair: 1s, repairers: 0", "", "out-of-range");
    check("fails: 1h, repair: 1s", ", until: data-lost", "never-ends");
    check("fails: 1h, repair: 1s", ", until: tomorrow", "unknown-end");
}
