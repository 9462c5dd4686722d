//! Availability over a year against what is known in closed form, and against a long run of the same design as it is.
#![allow(clippy::unwrap_used)]

use groundplan_knowledge::Knowledge;
use groundplan_model::design::Design;
use groundplan_model::reader::read_design;
use groundplan_model::units::{Seconds, Share};
use groundplan_planner::annual::{Annual, Found, How, annual};
use groundplan_planner::plan::Holds;
use groundplan_sim::lower::{VOCABULARY, compile};
use groundplan_sim::run::{Options, Stop, simulate};

fn design(body: &str) -> Design {
    let read = read_design(&format!("kind: design\nversion: 1\nname: a year\n{body}"), &VOCABULARY);
    assert!(read.diagnostics.is_empty(), "{:#?}", read.diagnostics);
    read.value.unwrap()
}

fn year(design: &Design) -> Annual {
    let how = How { replications: 8, threads: Some(1), seed: 3, target: None };
    annual(design, &Knowledge::embedded(), &how, &Stop::default(), &|_| {}).unwrap_or_else(|found| panic!("{found:#?}"))
}

/// `n` replicas of which one is enough, each working and under repair for exponential times; told at once who is down.
fn replicas(n: u32, works: &str, away: &str, target: &str) -> Design {
    design(&format!(
        "components:\n  gate: {{ kind: load-balancer, to: shop, health: {{ every: 10ms, unhealthy-after: 1, healthy-after: 1 }} }}\n  \
         shop: {{ kind: service, replicas: {n}, fails: exp({works}), repair: exp({away}), operations: {{ ask: [ {{ compute: const(5ms) }} ] }} }}\n\
         load: [ {{ operation: gate.ask, timeout: 500ms, target: {{ availability: {target} }}, arrivals: poisson(20/s) }} ]\n\
         year: {{ others: none }}\n"
    ))
}

#[test]
fn one_that_fails_is_away_for_its_repair_over_its_cycle() {
    // Validation O-59: 0.999001.
    let found = year(&replicas(1, "1000h", "1h", "99.8%"));
    let lost = &found.operations[0].unavailability;
    assert!(lost.contains(1.0 / 1001.0), "{lost:?}");
    assert!((lost.value.unwrap() * 1001.0 - 1.0).abs() < 0.005, "{lost:?}");
    assert_eq!(found.operations[0].holds, Holds::Yes);
    assert_eq!(found.lines[0].how, Found::Extended, "an hour is not run, but carried on");
    assert!(found.valid && found.episode.0 < found.spacing.0 / 100.0);
}

#[test]
fn of_two_in_parallel_both_must_be_away() {
    let found = year(&replicas(2, "100h", "1h", "99.99%"));
    let (lost, exact) = (&found.operations[0].unavailability, 1.0 / (101.0 * 101.0));
    assert!(lost.contains(exact), "{lost:?} against {exact}");
    assert!((lost.value.unwrap() / exact - 1.0).abs() < 0.03, "{lost:?} against {exact}");
    assert!(found.omitted.share() <= found.omitted.allowed.unwrap(), "{:?}", found.omitted);
    assert_eq!(found.lines.len(), 2, "the single failure, and the pair that is run because the budget is small");
    // With a budget that the pair is small beside, it is charged and not run.
    let loose = year(&replicas(2, "100h", "1h", "99%"));
    assert_eq!((loose.lines.len(), loose.omitted.pairs), (1, 1));
    assert!((loose.omitted.of_pairs / exact - 1.0).abs() < 0.1, "{:?}", loose.omitted);
}

/// Detection takes 10 s, so that each failure of one of two is felt; the same design, run as it is for long, agrees.
#[test]
fn a_long_run_of_the_design_as_it_is_agrees() {
    let body = |year: &str| {
        design(&format!(
            "components:\n  gate: {{ kind: load-balancer, to: shop }}\n  \
             shop: {{ kind: service, replicas: 2, fails: exp(30min), repair: exp(1min), restart: 1s, operations: {{ ask: [ {{ compute: const(5ms) }} ] }} }}\n\
             load: [ {{ operation: gate.ask, timeout: 500ms, target: {{ availability: 99% }}, arrivals: poisson(2/s) }} ]\n{year}"
        ))
    };
    let found = year(&body("year: { others: none }\n"));
    let long = body("");
    let options =
        Options { threads: Some(1), duration: Seconds(40_000.0), warm_up: Some(Seconds(10.0)), ..Options::default() };
    let verdict = simulate(&long, &compile(&long).unwrap(), &options, &|_| {}).unwrap();
    let measured = &verdict.operations["gate.ask"].availability;
    let (low, high) = (1.0 - measured.high.unwrap(), 1.0 - measured.low.unwrap());
    let lost = &found.operations[0].unavailability;
    assert!(lost.low.unwrap() < high && lost.high.unwrap() > low, "{lost:?} against {low}..{high}");
    let ratio = lost.value.unwrap() / (1.0 - measured.value.unwrap());
    assert!((0.85..1.18).contains(&ratio), "{ratio}: {lost:?} against {low}..{high}");
}

#[test]
fn the_design_says_what_it_knows_and_facts_say_the_rest() {
    let text = "places: { eu: { zones: [a, b] } }\n\
                components:\n  shop: { kind: service, place: eu, replicas: 2, operations: { ask: [ { compute: const(5ms) }, { call: bank } ] } }\n  \
                bank: { kind: external, latency: const(1ms), availability: 99.9% }\n\
                load: [ { operation: shop.ask, timeout: 1s, target: { availability: 99.9% }, arrivals: poisson(5/s) } ]\n";
    let with = year(&design(&format!(
        "{text}year: {{ faults: [ {{ zone-loss: eu/a, rate: 1/year..3/year, for: 30min }} ] }}\n"
    )));
    let line = |name: &str| with.lines.iter().find(|line| line.name == name);
    let stated = line("zone-loss eu/a").unwrap();
    assert!((stated.rate.low - 1.0).abs() < 1e-9 && (stated.rate.value - 2.0).abs() < 1e-9, "{:?}", stated.rate);
    assert!(line("loss of zone eu/a").is_none() && line("loss of zone eu/b").is_some());
    for cause in [
        "crash of shop",
        "loss of a machine of shop",
        "bad change of shop",
        "loss of region eu",
        "an expired certificate",
    ] {
        assert!(line(cause).is_some(), "{cause}");
    }
    // 0.1% of a month, twelve times and a bit a year: every request waits for the bank.
    let bank = line("outage of bank").unwrap();
    assert!((bank.minutes_year[0].value.unwrap() / (0.001 * 525_600.0) - 1.0).abs() < 0.02, "{:?}", bank.minutes_year);
    assert_eq!(with.operations[0].holds, Holds::No, "the bank alone spends the budget");
    let alone = year(&design(&format!("{text}year: {{ others: none }}\n")));
    assert_eq!(alone.lines.len(), 1, "the bank's own words");
}

#[test]
fn nothing_is_claimed_of_a_year_whose_episodes_overlap() {
    let dense = year(&replicas(1, "1h", "1h", "90%"));
    assert!(!dense.valid);
    assert_eq!(dense.operations[0].holds, Holds::Undecided);
    assert!(dense.operations[0].unavailability.reason.as_ref().unwrap().contains("dense"));
}

#[test]
fn faults_of_the_year_that_make_no_sense_are_refused() {
    let code = |fault: &str| {
        let body = format!(
            "components: {{ shop: {{ kind: service, operations: {{ ask: [ {{ compute: const(5ms) }} ] }} }} }}\n\
             load: [ {{ operation: shop.ask, arrivals: poisson(5/s) }} ]\nyear: {{ faults: [ {{ {fault} }} ] }}\n"
        );
        let read = read_design(&format!("kind: design\nversion: 1\nname: a year\n{body}"), &VOCABULARY);
        if let Some(first) = read.diagnostics.first() {
            assert!(!first.labels.is_empty(), "{first:?}");
            return first.code;
        }
        let how = How { replications: 2, threads: Some(1), seed: 1, target: Some(Share(0.99)) };
        let found = annual(&read.value.unwrap(), &Knowledge::embedded(), &how, &Stop::default(), &|_| {});
        let found = found.err().unwrap();
        assert!(!found[0].labels.is_empty(), "{found:?}");
        found[0].code
    };
    assert_eq!(code("crash: shop"), "missing-key");
    assert_eq!(code("crash: shop, rate: 0/year"), "out-of-range");
    assert_eq!(code("crash: shop, rate: 2/year, for: 5min"), "stray-length");
    assert_eq!(code("machine-loss: shop, rate: 2/year"), "missing-key");
    assert_eq!(code("machine-loss: shpo, rate: 2/year, for: 5min"), "unknown-component");
    assert_eq!(code("rate: 2/year"), "no-fault");
    assert_eq!(code("consumer-stop: shop, rate: 2/year, for: 5min"), "fault-at-nothing");
}
