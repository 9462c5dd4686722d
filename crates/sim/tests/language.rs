//! The designs of the language's own examples, read from their text and run.
#![allow(clippy::unwrap_used)]

use groundplan_model::reader::read_design;
use groundplan_model::units::Seconds;
use groundplan_sim::lower::{Compiled, RunSpec, VOCABULARY, compile, replicate};
use groundplan_sim::record::{Ending, Record};

fn compiled(text: &str) -> Compiled {
    let read = read_design(text, &VOCABULARY);
    assert_eq!(read.errors().count(), 0, "{:#?}", read.diagnostics);
    compile(&read.value.unwrap()).unwrap()
}

fn run(compiled: &Compiled, replication: u64, window: f64, experiment: Option<usize>) -> Record {
    let spec = RunSpec {
        seed: 1,
        replication,
        warm_up: Seconds(20.0),
        window: Seconds(window),
        drain_cap: Seconds(120.0),
        experiment,
        segment_width: Seconds(10.0),
    };
    replicate(compiled, &spec)
}

/// Mean of a figure over replications with the half-width of its 99.9% interval (16 replications).
fn interval(figures: &[f64]) -> (f64, f64) {
    let n = figures.len() as f64;
    let mean = figures.iter().sum::<f64>() / n;
    let variance = figures.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0);
    assert_eq!(figures.len(), 16, "the quantile below is that of 15 degrees of freedom");
    (mean, 4.073 * (variance / n).sqrt())
}

fn check_mean(text: &str, window: f64, expected_ms: f64, precision: f64) {
    let compiled = compiled(text);
    let means: Vec<f64> = (0..16)
        .map(|replication| run(&compiled, replication, window, None).entries[0].latency.mean().unwrap() / 1e6)
        .collect();
    let (mean, half) = interval(&means);
    assert!((mean - expected_ms).abs() < half, "{mean} +- {half} against {expected_ms}");
    assert!(half < precision * expected_ms, "too wide to say anything: {mean} +- {half}");
}

#[test]
fn the_smallest_design_is_an_mm1_queue() {
    check_mean(include_str!("designs/mm1.yaml"), 4_000.0, 50.0, 0.03);
}

#[test]
fn a_tandem_of_queues_takes_the_sum_of_its_stations() {
    check_mean(include_str!("designs/tandem.yaml"), 2_000.0, 80.0, 0.03);
}

#[test]
fn two_services_and_a_log_run_and_every_request_ends_once() {
    let compiled = compiled(include_str!("designs/shop.yaml"));
    assert_eq!(compiled.names.entries, ["gateway.browse", "gateway.place-order"]);
    let record = run(&compiled, 0, 60.0, None);
    for entry in &record.entries {
        assert_eq!(entry.arrived, entry.ended.iter().sum::<u64>());
        let ok = entry.ended[Ending::Ok as usize] as f64 / entry.arrived as f64;
        assert!(ok > 0.99, "{:?}", entry.ended);
    }
    let of = |name: &str| {
        let index = compiled.names.components.iter().position(|known| known == name).unwrap();
        &record.components[index]
    };
    let (products, mailer) = (of("products"), of("mailer"));
    let hit = products.hits as f64 / (products.hits + products.misses) as f64;
    assert!((0.3..0.95).contains(&hit), "{hit}");
    assert!(mailer.ended[Ending::Ok as usize] > 1_500, "{:?}", mailer.ended);
    let pair = compiled.names.calls.iter().position(|name| name == "shop->payments").unwrap();
    let calls = &record.calls[pair];
    assert!(calls.attempts >= calls.calls && calls.calls > 1_500);
}

#[test]
fn the_same_arguments_give_the_same_record() {
    let compiled = compiled(include_str!("designs/shop.yaml"));
    let text = |replication| format!("{:?}", run(&compiled, replication, 30.0, Some(1)));
    assert_eq!(text(3), text(3));
    assert_ne!(text(3), text(4));
}

#[test]
fn a_lost_zone_hurts_while_no_one_knows_and_while_the_leader_is_away() {
    let compiled = compiled(include_str!("designs/shop.yaml"));
    let record = run(&compiled, 0, 600.0, Some(1));
    let browse = &record.entries[0];
    let good = |segment: usize| browse.segments[segment].ok as f64 / browse.segments[segment].arrived as f64;
    assert!(good(10) > 0.999, "before: {}", good(10));
    assert!(good(18) < 0.9, "at the onset: {}", good(18));
    assert!(good(50) > 0.999, "after: {}", good(50));
    assert_eq!(browse.arrived, browse.ended.iter().sum::<u64>());
    let orders = compiled.names.components.iter().position(|name| name == "orders").unwrap();
    assert_eq!(record.components[orders].lost_writes, 0, "replication is synchronous");
}
