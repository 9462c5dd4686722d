//! Prints how long the engine takes for a job of the cases that `simulation` sets goals for. CPU time of one thread,
//! best of five: `cargo run --release -p groundplan-sim --example speed`.
#![allow(clippy::print_stdout)]

#[path = "../tests/stations/mod.rs"]
mod stations;

use stations::{Row, UNIT};

fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|word| word.parse::<f64>().ok()).unwrap_or(0.0) / 1e9
}

fn case(name: &str, goal: f64, row: Row, jobs: f64, gap: f64) {
    let mut best = f64::MAX;
    let mut line = String::new();
    for replication in 0..5 {
        let begin = cpu_seconds();
        let record = row.run(42, replication, jobs * gap);
        let took = cpu_seconds() - begin;
        let entry = &record.entries[0];
        let warm_up = 1.0 + (jobs * gap * 0.1).max(2_000.0) / (jobs * gap);
        let ns = took * 1e9 / (entry.arrived as f64 * warm_up);
        best = best.min(ns);
        line = format!(
            "mean {:.4} p99 {:.3} ok {:.4}% events/job {:.2}",
            entry.latency.mean().unwrap_or(0.0) / UNIT,
            entry.latency.quantile(0.99).unwrap_or(0) as f64 / UNIT,
            100.0 * entry.ended[0] as f64 / entry.arrived as f64,
            record.events as f64 / entry.arrived as f64 / warm_up
        );
    }
    println!("{name:24} {best:6.1} ns/job (goal {goal}) {:6.2}M jobs/s  {line}", 1e3 / best);
}

fn main() {
    let scale = std::env::args().nth(1).and_then(|word| word.parse::<f64>().ok()).unwrap_or(1.0);
    case("a M/M/1 0.8", 66.0, Row::new(1, 1, 0.8), 5e6 * scale, 1.0 / 0.8);
    case("b M/M/8 0.9", 100.0, Row::new(1, 8, 7.2), 5e6 * scale, 1.0 / 7.2);
    case("c 5 x M/M/4 0.8", 333.0, Row::new(5, 4, 3.2), 1e6 * scale, 1.0 / 3.2);
    let leaving = Row { patience: Some(3.0), attempts: 2, ..Row::new(5, 4, 3.2) };
    case("c2 leave and rejoin", 500.0, leaving, 1e6 * scale, 1.0 / 3.2);
    case("M/M/1 sharing 0.8", 97.0, Row { sharing: true, ..Row::new(1, 1, 0.8) }, 2e6 * scale, 1.0 / 0.8);
}
