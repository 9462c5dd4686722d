//! How long deciding takes: `cargo bench -p groundplan-knowledge`.
//!
//! Three briefs (a web shop, a bank's core, and a large one of 30 modules, 60 data sets and 40 entry points) are decided with the
//! knowledge as it is, and with 150 made-up rules on top. Two times are measured, each the CPU time of the
//! thread, best of three: `choose` (which option of each question) against a goal of 10 ms, and `decide` (the same with reasons and
//! every flip point of every constraint) against a goal of 200 ms. The last column says whether both goals are met; the program
//! fails where one is not. Made-up rules are spread over all quantities, which is harder than rules that people write: most of theirs
//! ask of few.

#![allow(clippy::print_stdout, missing_docs, reason = "a program that prints a table")]

#[path = "../src/tests/large.rs"]
mod large;

use groundplan_knowledge::measure::MEASURES;
use groundplan_knowledge::rule::Scope;
use groundplan_knowledge::{DIMENSIONS, Knowledge, constraint};
use groundplan_model::brief::Brief;
use groundplan_model::reader;

/// Goals. Unit: ms.
const CHOOSE: f64 = 10.0;
const DECIDE: f64 = 200.0;
/// How many rules are made up on top of the knowledge.
const MORE: usize = 150;

fn main() {
    let own = Knowledge::embedded();
    let quantities: Vec<large::Quantity> = MEASURES
        .iter()
        .map(|measure| {
            let scope = match measure.scope {
                Scope::Brief => "brief",
                Scope::Set => "set",
                Scope::Module => "module",
                Scope::Entry => "entry",
            };
            (measure.name, measure.unit, scope)
        })
        .collect();
    let grown = Knowledge::load(&large::overlay(MORE, &DIMENSIONS, &quantities));
    let grown = grown.unwrap_or_else(|found| panic!("{found:#?}"));
    let briefs = [
        ("web shop", read(include_str!("../../../examples/web-shop.brief.yaml"))),
        ("bank", read(include_str!("../src/tests/cases/bank.brief.yaml"))),
        ("large", read(&large::brief())),
    ];
    println!(
        "{:>8} {:>6} {:>12} {:>10} {:>6} {:>11} {:>11}",
        "brief", "rules", "constraints", "decisions", "flips", "choose, ms", "decide, ms"
    );
    let mut slow = 0;
    for knowledge in [&own, &grown] {
        for (name, brief) in &briefs {
            let decisions = knowledge.decide(brief);
            let flips: usize = decisions.decisions.iter().map(|decision| decision.flips.len()).sum();
            let choose = best_ms(|| drop(knowledge.choose(brief)));
            let decide = best_ms(|| drop(knowledge.decide(brief)));
            let kept = choose <= CHOOSE && decide <= DECIDE;
            slow += usize::from(!kept);
            println!(
                "{name:>8} {:>6} {:>12} {:>10} {flips:>6} {choose:>11.2} {decide:>11.2}  {}",
                knowledge.rules().len(),
                constraint::constraints(brief).len(),
                decisions.decisions.len() + decisions.conflicts.len(),
                if kept { "ok" } else { "TOO SLOW" }
            );
        }
    }
    println!("goals: choose {CHOOSE} ms, decide {DECIDE} ms");
    assert!(slow == 0, "{slow} of the cases miss a goal");
}

fn read(text: &str) -> Brief {
    let read = reader::read_brief(text);
    read.value.unwrap_or_else(|| panic!("{:#?}", read.diagnostics))
}

/// The shortest of three measurements, each of as many runs as take a fifth of a second: the clock moves in steps.
fn best_ms(mut work: impl FnMut()) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..3 {
        let before = cpu_ns();
        let mut runs = 0.0;
        while cpu_ns() - before < 2e8 {
            work();
            runs += 1.0;
        }
        best = best.min((cpu_ns() - before) / 1e6 / runs);
    }
    best
}

/// CPU time of this thread: what others do at the same time counts less than on the clock. Unit: ns.
fn cpu_ns() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux says how long a thread has run");
    text.split(' ').next().and_then(|word| word.parse().ok()).expect("the first word is the time in ns")
}
