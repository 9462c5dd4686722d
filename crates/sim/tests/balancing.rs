//! Balancers: who is chosen, on which counts and on which beliefs, on designs so small that the right answer is known.
#![allow(clippy::unwrap_used)]

use groundplan_model::reader::read_design;
use groundplan_model::units::Seconds;
use groundplan_sim::lower::{RunSpec, VOCABULARY, compile, replicate};
use groundplan_sim::record::{Ending, Record};

/// A design without its head, for 100 s from the first instant; with its experiment if it has one.
fn run(body: &str) -> Record {
    let text = format!("kind: design\nversion: 1\nname: small\n{body}");
    let read = read_design(&text, &VOCABULARY);
    assert_eq!(read.errors().count(), 0, "{:#?}", read.diagnostics);
    let design = read.value.unwrap();
    let spec = RunSpec {
        seed: 5,
        replication: 0,
        warm_up: Seconds(0.0),
        window: Seconds(100.0),
        drain_cap: Seconds(100.0),
        experiment: (!design.experiments.is_empty()).then_some(0),
        segment_width: Seconds(1.0),
    };
    replicate(&compile(&design).unwrap(), &spec)
}

/// Servers of one worker behind balancers that follow these rules, and a crash of some of the servers, for good.
fn behind(balancers: u32, rules: &str, servers: u32, load: &str, lost: &str) -> Record {
    let crashes: Vec<String> =
        lost.split(' ').filter(|at| !at.is_empty()).map(|at| format!("{{ at: 0s, crash: s/{at} }}")).collect();
    run(&format!(
        "components:\n  lb: {{ kind: load-balancer, replicas: {balancers}, to: s, {rules} }}\n  s: {{ kind: service, replicas: {servers}, workers: 1, restart: 10000s, operations: {{ serve: [ {{ compute: const(10ms) }} ] }} }}\n\
         load: [ {{ operation: lb.serve, {load} }} ]\nexperiments: [ {{ name: x, duration: 100s, faults: [ {} ] }} ]\n",
        crashes.join(", ")
    ))
}

fn ended(record: &Record, ending: Ending) -> u64 {
    record.entries[0].ended[ending as usize]
}

/// Latency of the slowest request that ended ok. Unit: ms.
fn slowest(record: &Record) -> f64 {
    record.entries[0].latency.max() as f64 / 1e6
}

fn share_of_errors(record: &Record) -> f64 {
    ended(record, Ending::Error) as f64 / record.entries[0].arrived as f64
}

#[test]
fn each_balancer_counts_for_itself() {
    let pairs = "arrivals: batch(2 constant(10/s))";
    assert_eq!(slowest(&behind(1, "algorithm: least-connections", 2, pairs, "")), 10.0);
    // With two of them, half the pairs part, and half of these meet at one server.
    let record = behind(2, "algorithm: least-connections", 2, pairs, "");
    let late = record.entries[0].latency.sum() as f64 / 1e7 - record.entries[0].arrived as f64;
    assert!((200.0..300.0).contains(&late), "a quarter of 1,000 pairs: {late}");
    // A balancer without a hop has a view for each replica of the caller as well.
    let direct = |callers: u32| {
        run(&format!(
            "components:\n  a: {{ kind: service, replicas: {callers}, operations: {{ go: [ {{ call: s.serve, balance: {{ algorithm: least-connections }} }} ] }} }}\n  s: {{ kind: service, replicas: 2, workers: 1, operations: {{ serve: [ {{ compute: const(10ms) }} ] }} }}\n\
             load: [ {{ operation: a.go, {pairs} }} ]\n"
        ))
    };
    assert_eq!((slowest(&direct(1)), slowest(&direct(2))), (10.0, 20.0));
}

#[test]
fn the_least_loaded_of_many_are_found() {
    // As many requests as servers: one each, however many there are.
    for servers in [3, 64, 65, 500] {
        let load = format!("arrivals: at(0s {servers})");
        assert_eq!(slowest(&behind(1, "algorithm: least-connections", servers, &load, "")), 10.0, "{servers}");
        let load = format!("arrivals: at(0s {})", servers + 1);
        assert_eq!(slowest(&behind(1, "algorithm: least-connections", servers, &load, "")), 20.0, "{servers}");
    }
    // Known losses are left out of the index: a hundred requests on ninety-eight servers, long after.
    let record = behind(1, "algorithm: least-connections, health: {}", 100, "arrivals: at(50s 98)", "7 93");
    assert_eq!((ended(&record, Ending::Ok), slowest(&record)), (98, 10.0));
}

#[test]
fn ties_are_drawn() {
    // Idle servers, of which one is dead and never found out: it gets its share.
    for algorithm in ["least-connections", "power-of-2", "power-of-4", "random", "round-robin", "consistent-hash"] {
        let rules = format!("algorithm: {algorithm}, health: {{ every: 1000s }}");
        let share = share_of_errors(&behind(1, &rules, 4, "arrivals: constant(50/s)", "3"));
        let spread = if algorithm == "consistent-hash" { 0.08 } else { 0.03 };
        assert!((share - 0.25).abs() < spread, "{algorithm}: {share}");
    }
    let rules = "algorithm: least-connections, health: { every: 1000s }";
    let share = share_of_errors(&behind(1, rules, 80, "arrivals: constant(50/s)", "3"));
    assert!((share - 0.0125).abs() < 0.006, "{share}");
}

#[test]
fn an_endpoint_takes_no_more_than_its_limit() {
    for algorithm in ["least-connections", "power-of-2", "random", "round-robin", "consistent-hash"] {
        let rules = format!("algorithm: {algorithm}, max-requests: 2");
        let record = behind(1, &rules, 3, "arrivals: at(0s 9)", "");
        assert_eq!((ended(&record, Ending::Ok), ended(&record, Ending::Refused)), (6, 3), "{algorithm}");
        assert_eq!(slowest(&record), 20.0);
    }
}

#[test]
fn a_check_notices_in_its_own_time() {
    let errors =
        |rules: &str, lost: &str| ended(&behind(3, rules, 4, "arrivals: constant(100/s)", lost), Ending::Error);
    // Two checks, ten seconds apart: noticed after ten to twenty seconds of 25 errors each.
    let noticed = errors("health: { every: 10s, unhealthy-after: 2 }", "2");
    assert!((230..=520).contains(&noticed), "{noticed}");
    let soon = errors("health: { every: 1s, unhealthy-after: 1 }", "2");
    assert!(soon <= 30, "{soon}");
    // Without checks all hear of it after ten seconds.
    let heard = errors("algorithm: random", "2");
    assert!((200..=300).contains(&heard), "{heard}");
}

#[test]
fn what_is_back_before_it_was_noticed_was_never_away() {
    let crashed = |health: &str| {
        run(&format!(
            "components:\n  lb: {{ kind: load-balancer, replicas: 1, to: s, health: {{ {health} }} }}\n  s: {{ kind: service, replicas: 2, workers: 1, restart: 3s, operations: {{ serve: [ {{ compute: const(12ms) }} ] }} }}\n\
             load: [ {{ operation: lb.serve, arrivals: constant(100/s) }} ]\nexperiments: [ {{ name: x, duration: 100s, faults: [ {{ at: 10s, crash: s/1 }} ] }} ]\n"
        ))
    };
    // One server alone is overloaded: while it is believed alone, the queue grows.
    let never = crashed("every: 2s, unhealthy-after: 3");
    assert!((100..200).contains(&ended(&never, Ending::Error)), "{}", ended(&never, Ending::Error));
    assert!(slowest(&never) < 300.0, "{}", slowest(&never));
    let long = crashed("every: 1s, unhealthy-after: 1, healthy-after: 20");
    assert!(ended(&long, Ending::Error) <= 60, "{}", ended(&long, Ending::Error));
    // Back after 3 s, and believed so 19 to 20 s later: 22 s at 20 requests a second too many, 12 ms each.
    assert!((4_000.0..6_500.0).contains(&slowest(&long)), "{}", slowest(&long));
}

#[test]
fn with_few_believed_healthy_all_are_used() {
    let share = |panic: &str| {
        let rules = format!("algorithm: random, {panic} health: {{ every: 1s, unhealthy-after: 1 }}");
        share_of_errors(&behind(1, &rules, 4, "arrivals: constant(50/s)", "1 2 3"))
    };
    assert!((share("") - 0.75).abs() < 0.05, "{}", share(""));
    assert!(share("panic: 25%,") < 0.02, "{}", share("panic: 25%,"));
    assert!(share("panic: 0%,") < 0.02, "{}", share("panic: 0%,"));
}

/// Errors, ejections and their length in seconds, of servers of which some are dead and not checked.
fn ejected(outlier: &str, lost: &str) -> (u64, u64, u64) {
    let rules = format!("algorithm: round-robin, outlier: {{ {outlier} }}");
    let record = behind(1, &rules, 10, "arrivals: constant(500/s)", lost);
    let calls = &record.calls[0];
    (ended(&record, Ending::Error), calls.ejections, (calls.ejected / 1_000_000_000) as u64)
}

#[test]
fn ejections_grow_and_end_at_a_sweep() {
    // Five failures within 0.1 s; out until 40 s, the first sweep after 30 s; then for 60 s.
    assert_eq!(ejected("", "4"), (10, 2, 90));
    assert_eq!(ejected("consecutive: 3, sweep: 1s", "4"), (9, 3, 180), "out from 0, 31 and 92 s on");
    // 30, 40, 40: out until 40, 90 and 140 s.
    assert_eq!(ejected("max: 40s", "4"), (15, 3, 110));
    // Ten percent of ten is one; and one always may be.
    let (one, ..) = ejected("", "4 7");
    let (both, ..) = ejected("at-most: 20%", "4 7");
    assert_eq!(both, 20);
    assert!(one > 4_000, "{one}");
    assert_eq!(ejected("at-most: 1%", "4").0, 10);
}

#[test]
fn a_sweep_in_service_makes_up_for_an_ejection() {
    // Bad for a while, then good for long, then bad again: the second ejection is as long as the first.
    let body = |pause: u32| {
        format!(
            "components:\n  lb: {{ kind: load-balancer, replicas: 1, algorithm: round-robin, to: s, outlier: {{ sweep: 5s, base: 10s }} }}\n  s: {{ kind: service, replicas: 10, restart: 4s, operations: {{ serve: [ {{ compute: const(1ms) }} ] }} }}\n\
             load: [ {{ operation: lb.serve, arrivals: constant(1k/s) }} ]\nexperiments: [ {{ name: x, duration: 100s, faults: [ {{ at: 1s, crash: s/1 }}, {{ at: {pause}s, crash: s/1 }} ] }} ]\n"
        )
    };
    let lengths = |pause: u32| {
        let record = run(&body(pause));
        (record.calls[0].ejections, (record.calls[0].ejected / 1_000_000_000) as u64)
    };
    // Back at 15 s. At 16 s no sweep has passed, at 21 s one has.
    assert_eq!(lengths(16), (2, 30));
    assert_eq!(lengths(21), (2, 20));
}

#[test]
fn a_ring_sends_a_key_always_to_the_same_and_moves_few_when_one_is_lost() {
    let keyed = |keys: &str, load: &str| {
        run(&format!(
            "components:\n  lb: {{ kind: load-balancer, replicas: 2, algorithm: consistent-hash, to: s }}\n  s: {{ kind: service, replicas: 8, workers: 1, operations: {{ serve: [ {{ compute: const(10ms) }} ] }} }}\n\
             load: [ {{ operation: lb.serve, {keys} {load} }} ]\n"
        ))
    };
    assert_eq!(slowest(&keyed("keys: uniform(1),", "arrivals: at(0s 20)")), 200.0, "one key, one server");
    assert!(slowest(&keyed("keys: uniform(1M),", "arrivals: at(0s 20)")) < 100.0);
    // Every key has lost its server or keeps it: one of eight is down, and known to be down only after ten seconds.
    let lost = |first: &str| {
        behind(
            1,
            "algorithm: consistent-hash, health: { every: 1s, unhealthy-after: 1 }",
            8,
            &format!("{first} arrivals: constant(50/s)"),
            "3",
        )
    };
    let record = lost("keys: uniform(10k),");
    assert!(ended(&record, Ending::Error) < 30, "{}", ended(&record, Ending::Error));
}
