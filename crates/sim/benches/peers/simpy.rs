//! SimPy: `stations.py` run by `python3`, or by what the variable `PYTHON` names, where the package can be imported.

use crate::{Case, Outcome};
use std::process::Command;

/// What it is called.
pub const NAME: &str = "simpy";
/// A run of SimPy is so many times shorter than one of the others.
const SHORTER: u64 = 50;

fn python() -> Command {
    #[allow(clippy::disallowed_methods, reason = "a benchmark may be told which Python to use")]
    Command::new(std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_string()))
}

/// Whether it can be run.
pub fn is_there() -> bool {
    python().args(["-c", "import simpy"]).output().is_ok_and(|output| output.status.success())
}

/// One run: its CPU time in ns, and what came out.
pub fn run(case: &Case, seed: u64) -> (f64, Outcome) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peers/stations.py");
    let jobs = (case.jobs / SHORTER).max(1_000);
    let arguments = [
        case.stations.to_string(),
        case.servers.to_string(),
        case.rate.to_string(),
        case.patience.unwrap_or(0.0).to_string(),
        jobs.to_string(),
        seed.to_string(),
    ];
    let output = python().arg(script).args(arguments).output().expect("it ran a moment ago");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout);
    let words: Vec<f64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let [took, served, failed, sum] = words[..] else { panic!("four numbers, not {text:?}") };
    (took, Outcome { jobs: (served + failed) as u64, failed: failed as u64, sum, served: served as u64 })
}
