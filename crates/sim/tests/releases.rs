//! Releases on designs so small that the right answer is known: who meets a new version, when it is noticed and taken back.
#![allow(clippy::unwrap_used)]

use groundplan_model::reader::read_design;
use groundplan_model::units::Seconds;
use groundplan_sim::lower::{RunSpec, VOCABULARY, compile, replicate};
use groundplan_sim::record::{Count, Ending, Record, Timed};

/// A design without its head, for 100 s from the first instant, with its experiment.
fn run(body: &str) -> Record {
    let text = format!("kind: design\nversion: 1\nname: small\n{body}");
    let read = read_design(&text, &VOCABULARY);
    assert_eq!(read.errors().count(), 0, "{text}\n{:#?}", read.diagnostics);
    let design = read.value.unwrap();
    let compiled = compile(&design).unwrap();
    assert_eq!(compiled.pointless, [], "{text}");
    let spec = RunSpec {
        seed: 5,
        replication: 0,
        warm_up: Seconds(0.0),
        window: Seconds(100.0),
        drain_cap: Seconds(100.0),
        experiment: Some(0),
        segment_width: Seconds(1.0),
    };
    let record = replicate(&compiled, &spec);
    let again = replicate(&compiled, &spec);
    assert_eq!((record.events, record.entries[0].arrived), (again.events, again.entries[0].arrived));
    record
}

/// A service of so many replicas in turn, 100 requests a second, and a version that fails them all released at 10 s.
fn shop(replicas: u32, release: &str, fault: &str) -> Record {
    run(&format!(
        "components:\n  s: {{ kind: service, replicas: {replicas}, restart: 1s, operations: {{ serve: [ {{ compute: const(10ms) }} ] }}, \
           versions: {{ bad: {{ errors: 100% }}, good: {{}} }}, release: {{ {release} }} }}\n\
         load: [ {{ operation: s.serve, arrivals: constant(100/s), balance: {{ algorithm: round-robin }} }} ]\n\
         experiments: [ {{ name: x, duration: 100s, faults: [ {{ at: 10s, {fault} }} ] }} ]\n"
    ))
}

fn count(record: &Record, what: Count) -> u64 {
    record.components[0].kept().count(what)
}

fn errors(record: &Record) -> u64 {
    record.entries[0].ended[Ending::Error as usize]
}

/// How long the only rollback took. Unit: s.
fn rolled_back_after(record: &Record) -> f64 {
    let times = record.components[0].kept().times(Timed::RolledBack);
    assert_eq!((times.count(), count(record, Count::RolledBack)), (1, 1));
    times.sum() as f64 / 1e9
}

#[track_caller]
fn near(found: u64, expected: u64, within: u64) {
    assert!(found.abs_diff(expected) <= within, "{found} is not {expected}, up to {within}");
}

const BAD: &str = "release: { what: s, version: bad }";
const JUDGE: &str = "judge: { window: 10s, delay: 5s, above: 5% }";

#[test]
fn a_canary_exposes_its_share_until_the_judge_has_seen_a_window() {
    // It starts anew in a second, is watched for ten, seen after five, and is back a second later.
    let record = shop(10, &format!("strategy: canary, canary: 10%, {JUDGE}"), BAD);
    near(errors(&record), 150, 3);
    assert_eq!(errors(&record), count(&record, Count::Exposed));
    assert!((rolled_back_after(&record) - 17.0).abs() < 0.05, "{}", rolled_back_after(&record));
    assert_eq!(count(&record, Count::Undecided), 0);
    // A good version goes on: two more replicas a stage, and all at the end.
    let stages = format!("strategy: canary, canary: 10%, step: 30%, every: 16s, {JUDGE}");
    let record = shop(10, &stages, "release: { what: s, version: good }");
    assert_eq!((errors(&record), count(&record, Count::RolledBack)), (0, 0));
    // Stages of 1, 4, 7 and 10, each until a window that began in it has been seen.
    let exposed = count(&record, Count::Exposed);
    assert!((3_500..6_500).contains(&exposed), "{exposed}");
    assert_eq!(record.entries[0].ended[Ending::Ok as usize], 10_000);
}

#[test]
fn a_switch_takes_back_at_once() {
    let record = shop(10, &format!("strategy: canary, rollback: kill-switch, {JUDGE}"), BAD);
    near(errors(&record), 150, 3);
    assert!((rolled_back_after(&record) - 16.0).abs() < 0.05);
    let faults = "bad-release: { what: s, errors: 100% } }, { at: 30s, kill-switch: s";
    let record = shop(10, "in-place: yes", faults);
    near(errors(&record), 2_000, 2);
    assert_eq!(rolled_back_after(&record), 20.0);
}

#[test]
fn all_at_once_exposes_all() {
    let record = shop(10, "in-place: yes", &format!("for: 20s, {BAD}"));
    near(errors(&record), 2_000, 2);
    assert_eq!(rolled_back_after(&record), 20.0);
    // Where all start anew, nobody is there meanwhile.
    let record = shop(10, "strategy: all-at-once", "release: { what: s, version: good }");
    let ended = record.entries[0].ended;
    near(ended[Ending::Ok as usize], 9_900, 3);
    near(ended[Ending::Refused as usize], 100, 3);
    near(count(&record, Count::Exposed), 8_900, 3);
}

#[test]
fn steps_follow_one_another() {
    // A fifth more every five seconds, then all for 70.
    let record = shop(5, "strategy: rolling, step: 20%, every: 5s, in-place: yes", BAD);
    near(errors(&record), 500 / 5 * (1 + 2 + 3 + 4) + 7_000, 8);
    assert_eq!(count(&record, Count::RolledBack), 0);
}

#[test]
fn a_rolling_release_takes_capacity_unless_others_start_beside() {
    let two = |surge: &str| {
        run(&format!(
            "components:\n  s: {{ kind: service, replicas: 2, workers: 1, queue: 20, restart: 5s, operations: {{ serve: [ {{ compute: const(10ms) }} ] }}, \
               versions: {{ v2: {{}} }}, release: {{ strategy: rolling, step: 50%, every: 5s{surge} }} }}\n\
             load: [ {{ operation: s.serve, arrivals: constant(150/s), balance: {{ algorithm: round-robin }} }} ]\n\
             experiments: [ {{ name: x, duration: 100s, faults: [ {{ at: 10s, release: {{ what: s, version: v2 }} }} ] }} ]\n"
        ))
    };
    // One server does two thirds of the load; for ten seconds it is alone, and its queue takes some.
    near(two("").entries[0].ended[Ending::Refused as usize], 460, 45);
    let record = two(", surge: yes");
    assert_eq!(record.entries[0].ended[Ending::Ok as usize], 15_000);
    // Replicas that are there only meanwhile are not among those that use is measured by.
    let part = &record.components[0];
    assert!((part.busy as f64 / part.slots as f64 - 0.75).abs() < 0.01);
}

#[test]
fn a_blue_green_switch_loses_nothing_and_goes_back_at_once() {
    let record = shop(4, "strategy: blue-green", "release: { what: s, version: good }");
    assert_eq!(record.entries[0].ended[Ending::Ok as usize], 10_000);
    near(count(&record, Count::Exposed), 8_900, 2);
    let record = shop(4, &format!("strategy: blue-green, {JUDGE}"), BAD);
    near(errors(&record), 1_500, 2);
    assert_eq!(rolled_back_after(&record), 16.0);
    // Once the old ones are gone they have to start.
    let record = shop(4, "strategy: blue-green, every: 5s", &format!("for: 20s, {BAD}"));
    assert_eq!(rolled_back_after(&record), 21.0);
    near(errors(&record), 2_000, 2);
}

#[test]
fn a_judge_that_sees_too_little_says_nothing() {
    let quiet = |undecided: &str| {
        run(&format!(
            "components:\n  s: {{ kind: service, replicas: 2, operations: {{ serve: [ {{ compute: const(10ms) }} ] }}, versions: {{ bad: {{ errors: 100% }} }}, \
               release: {{ strategy: canary, canary: 50%, step: 50%, in-place: yes, every: 20s, judge: {{ window: 10s, delay: 0s, minimum: 10, undecided: {undecided} }} }} }}\n\
             load: [ {{ operation: s.serve, arrivals: constant(1/s), balance: {{ algorithm: round-robin }} }} ]\n\
             experiments: [ {{ name: x, duration: 100s, faults: [ {{ at: 10s, release: {{ what: s, version: bad }} }} ] }} ]\n"
        ))
    };
    // Five requests of a window are too few to say anything, so half of all fail to the end.
    let record = quiet("hold");
    near(errors(&record), 45, 1);
    assert_eq!((count(&record, Count::Undecided), count(&record, Count::RolledBack)), (1, 0));
    // Promoted, all fail after 20 s; now a window holds enough to be judged by.
    let record = quiet("promote");
    near(errors(&record), 10 + 10, 1);
    assert_eq!((count(&record, Count::Undecided), count(&record, Count::RolledBack)), (1, 1));
}

#[test]
fn a_canary_gets_the_weight_it_is_given() {
    let weighed = |algorithm: &str| {
        run(&format!(
            "components:\n  s: {{ kind: service, replicas: 2, operations: {{ serve: [ {{ compute: const(10ms) }} ] }}, versions: {{ bad: {{ errors: 100% }} }}, \
               release: {{ strategy: canary, canary: 50%, weight: 5%, in-place: yes, every: 1000s }} }}\n\
             load: [ {{ operation: s.serve, arrivals: poisson(100/s), balance: {{ algorithm: {algorithm} }} }} ]\n\
             experiments: [ {{ name: x, duration: 100s, faults: [ {{ at: 0s, release: {{ what: s, version: bad }} }} ] }} ]\n"
        ))
    };
    for algorithm in ["random", "round-robin", "least-connections", "power-of-2"] {
        let record = weighed(algorithm);
        let share = errors(&record) as f64 / record.entries[0].arrived as f64;
        // Four standard deviations of 10,000 draws.
        assert!((share - 0.05).abs() < 0.009, "{algorithm}: {share}");
    }
}

#[test]
fn a_version_may_do_something_else_be_slow_or_get_worse() {
    let version = |said: &str| {
        run(&format!(
            "components:\n  s: {{ kind: service, replicas: 2, operations: {{ serve: [ {{ compute: const(1ms) }} ] }}, \
               versions: {{ v2: {{ {said} }} }}, release: {{ in-place: yes }} }}\n  t: {{ kind: service, operations: {{ x: [ {{ wait: const(6ms) }} ] }} }}\n\
             load: [ {{ operation: s.serve, arrivals: constant(100/s) }}, {{ operation: t.x, arrivals: constant(1/s) }} ]\n\
             experiments: [ {{ name: x, duration: 100s, faults: [ {{ at: 50s, release: {{ what: s, version: v2 }} }} ] }} ]\n"
        ))
    };
    let mean =
        |record: &Record| record.entries[0].latency.sum() as f64 / record.entries[0].latency.count() as f64 / 1e6;
    let steps = version("operations: { serve: [ { compute: const(1ms) }, { call: t.x } ] }");
    assert!((mean(&steps) - 4.0).abs() < 0.01, "half of them wait for another 6 ms: {}", mean(&steps));
    assert!((mean(&version("slow: 5x")) - 3.0).abs() < 0.01);
    // In tenths, over the whole of the rest.
    let leak = mean(&version("slow: 11x, after: 50s"));
    assert!((leak - 0.5 * (1.0 + 5.5)).abs() < 0.02, "ten steps from 1 ms to 10 ms: {leak}");
    let record = version("errors: 100%, after: 50s");
    // A share that grows evenly from none to all.
    near(errors(&record), 2_500, 140);
}

#[test]
fn both_sides_of_a_contract_must_change() {
    let pair = |tests: &str, faults: &str| {
        run(&format!(
            "components:\n  shop: {{ kind: service, replicas: 2, operations: {{ buy: [ {{ call: lb.pay }} ] }}, versions: {{ v2: {{ breaks: [payments.pay] }} }}, release: {{ in-place: yes{tests} }} }}\n  \
               lb: {{ kind: load-balancer, to: payments }}\n  \
               payments: {{ kind: service, replicas: 2, operations: {{ pay: [ {{ compute: const(1ms) }} ] }}, versions: {{ v2: {{ breaks: [shop] }} }}, release: {{ in-place: yes }} }}\n\
             load: [ {{ operation: shop.buy, arrivals: constant(100/s) }} ]\n\
             experiments: [ {{ name: x, duration: 100s, faults: [ {faults} ] }} ]\n"
        ))
    };
    let shop = "{ at: 10s, release: { what: shop, version: v2 } }";
    let both = format!("{shop}, {{ at: 30s, release: {{ what: payments, version: v2 }} }}");
    let record = pair("", &both);
    near(errors(&record), 2_000, 2);
    assert_eq!(record.components[2].kept().count(Count::NotUnderstood), errors(&record));
    // Tests find it before it begins, and let it through once the other side is there.
    let record = pair(", contract-tests: yes", shop);
    assert_eq!((errors(&record), count(&record, Count::Stopped), count(&record, Count::Exposed)), (0, 1, 0));
    let after =
        "{ at: 5s, release: { what: payments, version: v2 } }, { at: 10s, release: { what: shop, version: v2 } }";
    let record = pair(", contract-tests: yes", after);
    near(errors(&record), 500, 2);
    assert_eq!(count(&record, Count::Stopped), 0);
    // One of two replicas of the caller: half.
    let half = pair(
        ", strategy: rolling, step: 50%, every: 1000s",
        "{ at: 0s, contract-break: { from: shop, to: payments } }",
    );
    near(errors(&half), 5_000, 220);
}

#[test]
fn work_in_hand_is_ended_within_the_grace() {
    let long = |grace: &str, replicas: u32| {
        run(&format!(
            "components:\n  s: {{ kind: service, replicas: {replicas}, restart: 1s, operations: {{ serve: [ {{ wait: const(20s) }} ] }}, versions: {{ v2: {{}} }}, \
               release: {{ strategy: rolling, step: 50%, grace: {grace}, every: 0s }} }}\n\
             load: [ {{ operation: s.serve, arrivals: at(5s 8), balance: {{ algorithm: round-robin }} }} ]\n\
             experiments: [ {{ name: x, duration: 100s, faults: [ {{ at: 10s, release: {{ what: s, version: v2 }} }} ] }} ]\n"
        ))
    };
    assert_eq!(long("30s", 2).entries[0].ended[Ending::Ok as usize], 8);
    assert_eq!(long("30s", 1).entries[0].ended[Ending::Ok as usize], 8, "nobody takes over, but all is ended");
    // The first replica loses its four after 5 s; the second begins to stop a second later and loses its own.
    assert_eq!(errors(&long("5s", 2)), 8);
    assert_eq!(errors(&long("10s", 2)), 4, "the second has ended its own by then");
}
