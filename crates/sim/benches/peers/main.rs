//! Groundplan beside its peers, in one run on one core: `cargo bench -p groundplan-sim`.
//!
//! Every case is simulated by Groundplan on its real path (a design as YAML text, read, compiled, replicated, with percentiles,
//! utilisation, queues and errors recorded), by a loop written by hand for exactly these cases, by simcore and by NeXosim. The peers
//! are helped: their models are one component each, so that nothing is handed over by an event, they draw from the same
//! generator as Groundplan, and they keep a mean and nothing else. What is counted is CPU time of the thread, best of five, after
//! another in turn, so that a busy machine is hard on all alike; every mean is held against theory.
//!
//! Names of engines or cases as arguments choose among them: `cargo bench -p groundplan-sim -- a simcore groundplan`. A number
//! makes the runs so many times as long (0.01 under an instruction counter).

#![allow(clippy::print_stdout, missing_docs, reason = "a program that prints a table")]

mod groundplan;
mod hand;
mod nexosim;
mod simcore;

use groundplan_sim::kernel::draws::{Stream, Ziggurat};

/// A row of equal stations with a Poisson stream. Unit of time: one mean service.
#[derive(Clone, Copy)]
pub struct Case {
    pub name: &'static str,
    pub about: &'static str,
    pub stations: usize,
    pub servers: usize,
    /// Arrivals per mean service.
    pub rate: f64,
    /// A job that has waited this long leaves the queue, joins it once more, and fails if that happens again.
    pub patience: Option<f64>,
    pub jobs: u64,
    /// Mean time of a job that is served.
    pub mean: f64,
    /// Share that fails.
    pub failed: f64,
    /// Jobs per second that Groundplan must reach. Unit: million.
    goal: f64,
}

const CASES: &[Case] = &[
    Case {
        name: "a",
        about: "M/M/1 at 0.8",
        stations: 1,
        servers: 1,
        rate: 0.8,
        patience: None,
        jobs: 5_000_000,
        mean: 5.0,
        failed: 0.0,
        goal: 15.0,
    },
    Case {
        name: "b",
        about: "M/M/8 at 0.9",
        stations: 1,
        servers: 8,
        rate: 7.2,
        patience: None,
        jobs: 5_000_000,
        mean: 1.8769,
        failed: 0.0,
        goal: 10.0,
    },
    Case {
        name: "c",
        about: "five stations of four at 0.8",
        stations: 5,
        servers: 4,
        rate: 3.2,
        patience: None,
        jobs: 1_000_000,
        mean: 8.7277,
        failed: 0.0,
        goal: 3.0,
    },
    Case {
        name: "c2",
        about: "c, leaving after 3.0, one more try",
        stations: 5,
        servers: 4,
        rate: 3.2,
        patience: Some(3.0),
        jobs: 1_000_000,
        mean: 8.098,
        failed: 0.01503,
        goal: 2.0,
    },
];

/// What an engine says of a case.
#[derive(Clone, Copy, Default)]
pub struct Outcome {
    pub jobs: u64,
    pub failed: u64,
    /// Sum of the times of those served. Unit: mean services.
    pub sum: f64,
    pub served: u64,
}

type Engine = (&'static str, fn(&Case, u64) -> Outcome);

const ENGINES: &[Engine] =
    &[("groundplan", groundplan::run), ("by hand", hand::run), ("simcore", simcore::run), ("nexosim", nexosim::run)];

/// Chance for the peers: the generator and the exponential draws of Groundplan's sources.
pub struct Chance {
    ziggurat: Box<Ziggurat>,
    stream: Stream,
}

impl Chance {
    pub fn new(seed: u64) -> Chance {
        Chance { ziggurat: Ziggurat::new(), stream: Stream::new(seed, 0, 0) }
    }

    /// An exponential draw of mean one.
    #[inline(always)]
    pub fn exponential(&mut self) -> f64 {
        self.ziggurat.exponential(&mut self.stream)
    }
}

const ROUNDS: u64 = 5;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let asked = |name: &str, names: &[&str]| {
        let some = words.iter().any(|word| names.contains(&word.as_str()));
        !some || words.iter().any(|word| word == name)
    };
    let case_names: Vec<&str> = CASES.iter().map(|case| case.name).collect();
    let engine_names: Vec<&str> = ENGINES.iter().map(|engine| engine.0).collect();
    let scale = words.iter().find_map(|word| word.parse::<f64>().ok()).unwrap_or(1.0);
    println!("one core, CPU time, best of {ROUNDS}; jobs in millions a second; ratio: Groundplan over the peer");
    println!("case engine       ns/job  M jobs/s    ratio  mean (theory)          failed (theory)   goal");
    for case in CASES.iter().filter(|case| asked(case.name, &case_names)) {
        let engines: Vec<&Engine> = ENGINES.iter().filter(|engine| asked(engine.0, &engine_names)).collect();
        compare(&Case { jobs: (case.jobs as f64 * scale) as u64, ..*case }, &engines, scale >= 1.0);
    }
}

fn compare(case: &Case, engines: &[&Engine], check: bool) {
    let mut best = vec![f64::INFINITY; engines.len()];
    let mut all = vec![Outcome::default(); engines.len()];
    for round in 0..ROUNDS {
        for (index, (_, run)) in engines.iter().enumerate() {
            let begin = cpu_ns();
            let outcome = run(case, 42 + round);
            let took = cpu_ns() - begin;
            best[index] = best[index].min(took / outcome.jobs as f64);
            let sum = &mut all[index];
            sum.jobs += outcome.jobs;
            sum.failed += outcome.failed;
            sum.sum += outcome.sum;
            sum.served += outcome.served;
        }
    }
    println!("{} {} ({:.0}M jobs a round)", case.name, case.about, case.jobs as f64 / 1e6);
    for (index, (name, _)) in engines.iter().enumerate() {
        let (ns, outcome) = (best[index], all[index]);
        let mean = outcome.sum / outcome.served as f64;
        let failed = outcome.failed as f64 / (outcome.served + outcome.failed) as f64;
        let speed = 1e3 / ns;
        let goal = match *name {
            "groundplan" if speed >= case.goal => format!("{} met", case.goal),
            "groundplan" => format!("{} MISSED", case.goal),
            _ => String::new(),
        };
        println!(
            "     {name:<10} {ns:>8.1} {speed:>9.2} {:>7.2}x  {mean:>8.4} ({:.4}) {:+.2}%  {:>6.3}% ({:.3}%)  {goal}",
            ns / best[0],
            case.mean,
            (mean / case.mean - 1.0) * 100.0,
            failed * 100.0,
            case.failed * 100.0
        );
        if !check {
            // Too short to be held against theory.
            continue;
        }
        assert!((mean / case.mean - 1.0).abs() < 0.02, "{name}, {}: a mean of {mean} against {}", case.name, case.mean);
        assert!((failed - case.failed).abs() < 0.001, "{name}, {}: {failed} fail, not {}", case.name, case.failed);
    }
}

/// CPU time of this thread: what others do at the same time counts less than on the clock. Unit: ns.
fn cpu_ns() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux says how long a thread has run");
    text.split(' ').next().and_then(|word| word.parse().ok()).expect("the first word is the time in ns")
}
