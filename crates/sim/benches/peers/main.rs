//! Groundplan beside its peers, in one run on one core: `cargo bench -p groundplan-sim`.
//!
//! Every case is simulated by Groundplan on its real path (a design as YAML text, read, compiled, replicated, with percentiles,
//! utilisation, queues and errors recorded), by a loop written by hand for exactly these cases, by simcore and by NeXosim. The peers
//! are helped: their models are one component each, so that nothing is handed over by an event, they draw from the same
//! generator as Groundplan, and they keep a mean and nothing else. What is counted is CPU time of the thread, best of five, after
//! another in turn, so that a busy machine is hard on all alike; every mean is held against theory. SimPy joins where `python3`,
//! or the Python that the variable `PYTHON` names, can import it; its runs are shorter.
//!
//! Names of engines or cases as arguments choose among them: `cargo bench -p groundplan-sim -- a simcore groundplan`. A number
//! makes the runs so many times as long (0.01 under an instruction counter). Four words print the other tables of
//! `docs/performance.md` instead: `pending` (an event by how many are pending), `sizes` (an event by the size of the design),
//! `data` (an event in designs of machines with state), `budget` (the parts of a hop).

#![allow(clippy::print_stdout, missing_docs, reason = "a program that prints a table")]

mod budget;
mod data;
mod groundplan;
mod hand;
mod nexosim;
mod pending;
mod simcore;
mod simpy;
mod sizes;

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

/// What stands beside each other.
struct Engine {
    name: &'static str,
    /// One run with a seed: its CPU time in ns, and what came out.
    run: fn(&Case, u64) -> (f64, Outcome),
    /// How far its mean may be off: half as many jobs are known 1.4 times as badly.
    off: f64,
}

const ENGINES: &[Engine] = &[
    Engine { name: "groundplan", run: |case, seed| timed(groundplan::run, case, seed), off: 0.02 },
    Engine { name: "by hand", run: |case, seed| timed(hand::run, case, seed), off: 0.02 },
    Engine { name: "simcore", run: |case, seed| timed(simcore::run, case, seed), off: 0.02 },
    Engine { name: "nexosim", run: |case, seed| timed(nexosim::run, case, seed), off: 0.02 },
    // A fiftieth of the jobs.
    Engine { name: simpy::NAME, run: simpy::run, off: 0.06 },
];

fn timed(run: fn(&Case, u64) -> Outcome, case: &Case, seed: u64) -> (f64, Outcome) {
    let begin = cpu_ns();
    let outcome = run(case, seed);
    (cpu_ns() - begin, outcome)
}

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
    match words.first().map(String::as_str) {
        Some("pending") => return pending::table(),
        Some("sizes") => return sizes::table(),
        Some("budget") => return budget::table(),
        Some("data") => return data::table(),
        _ => {}
    }
    let case_names: Vec<&str> = CASES.iter().map(|case| case.name).collect();
    let engine_names: Vec<&str> = ENGINES.iter().map(|engine| engine.name).collect();
    let scale = words.iter().find_map(|word| word.parse::<f64>().ok()).unwrap_or(1.0);
    let simpy = asked(simpy::NAME, &engine_names) && simpy::is_there();
    if asked(simpy::NAME, &engine_names) && !simpy {
        println!("without SimPy, which python3 cannot import: pip install simpy, or PYTHON=... for another Python");
    }
    println!("one core, CPU time, best of {ROUNDS}; jobs in millions a second; ratio: Groundplan over the peer");
    println!("case engine       ns/job  M jobs/s    ratio  mean (theory)          failed (theory)   goal");
    for case in CASES.iter().filter(|case| asked(case.name, &case_names)) {
        let engines: Vec<&Engine> = ENGINES
            .iter()
            .filter(|engine| asked(engine.name, &engine_names) && (engine.name != simpy::NAME || simpy))
            .collect();
        compare(&Case { jobs: (case.jobs as f64 * scale) as u64, ..*case }, &engines, scale >= 1.0);
    }
}

fn compare(case: &Case, engines: &[&Engine], check: bool) {
    let mut best = vec![f64::INFINITY; engines.len()];
    let mut all = vec![Outcome::default(); engines.len()];
    for round in 0..ROUNDS {
        for (index, engine) in engines.iter().enumerate() {
            let (took, outcome) = (engine.run)(case, 42 + round);
            best[index] = best[index].min(took / outcome.jobs as f64);
            let sum = &mut all[index];
            sum.jobs += outcome.jobs;
            sum.failed += outcome.failed;
            sum.sum += outcome.sum;
            sum.served += outcome.served;
        }
    }
    println!("{} {} ({:.0}M jobs a round)", case.name, case.about, case.jobs as f64 / 1e6);
    for (index, Engine { name, off, .. }) in engines.iter().enumerate() {
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
        assert!((mean / case.mean - 1.0).abs() < *off, "{name}, {}: a mean of {mean} against {}", case.name, case.mean);
        assert!((failed - case.failed).abs() < off / 20.0, "{name}, {}: {failed} fail, not {}", case.name, case.failed);
    }
}

/// CPU time of this thread: what others do at the same time counts less than on the clock. Unit: ns.
fn cpu_ns() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux says how long a thread has run");
    text.split(' ').next().and_then(|word| word.parse().ok()).expect("the first word is the time in ns")
}
