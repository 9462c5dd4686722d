//! The judge of the simulator: items of the validation set as designs in YAML, read, compiled and run; each exact value
//! must lie in the run's own 99.9% interval, and the 95% interval must be as narrow as the item asks. One table:
//! `cargo test -p groundplan-analysis --test validation_sim -- --nocapture`.
//!
//! Seeds are fixed. What the language or the measures can't say is listed with its reason, and nothing stands in for it.
//! Figures that are arithmetic on others (a ratio, minutes a month) have no run. Two figures of O-59 fail so seldom that
//! they take minutes: `-- --ignored --nocapture`.

#![allow(clippy::print_stdout, reason = "the table is what this program is for")]

mod judge;

use groundplan_model::estimate::Estimate;
use groundplan_model::reader::read_design;
use groundplan_model::span::Span;
use groundplan_model::units::Seconds;
use groundplan_sim::expectation::parse;
use groundplan_sim::lower::{VOCABULARY, compile};
use groundplan_sim::run::{Options, with_bench};
use groundplan_sim::verdict::{Observed, measure};
use judge::Row;

/// Confidence of the interval that the exact value must lie in.
const SURE: f64 = 0.999;
/// Confidence of the interval whose half-width is held against the tolerance.
const USUAL: f64 = 0.95;

/// One design of the folder beside this file, and what is read off its run.
struct Case {
    item: &'static str,
    design: &'static str,
    /// Observed time of each of 32 runs. Unit: that of the design, mostly mean services.
    window: f64,
    asked: &'static [Asked],
}

/// A figure, the measure of the language that says it, and in what it differs from the figure.
type Asked = (&'static str, &'static str, Unlike);

/// How the measure stands to the figure of the set.
#[derive(Clone, Copy, PartialEq)]
enum Unlike {
    /// It is the figure.
    Same,
    /// The figure is in ms, the measure in s.
    Milli,
    /// The figure is the share that is up, the measure the share that is down: the tolerance is one of the latter.
    Down,
}

use Unlike::{Down, Milli, Same};

const CASES: &[Case] = &[
    Case {
        item: "O-01",
        design: include_str!("designs/o-01.yaml"),
        window: 500_000.0,
        asked: &[
            ("L", "in-system(server)", Same),
            ("Lq", "queue(server)", Same),
            ("T", "mean(server.serve)", Same),
            ("Wq", "wait(server)", Same),
            ("T p50", "p50(server.serve)", Same),
            ("T p95", "p95(server.serve)", Same),
            ("T p99", "p99(server.serve)", Same),
            ("T p99.9", "p999(server.serve)", Same),
            ("Wq p99", "wait-p99(server)", Same),
        ],
    },
    Case {
        item: "O-02",
        design: include_str!("designs/o-02.yaml"),
        window: 50_000.0,
        asked: &[
            ("Wq", "wait(pool)", Same),
            ("T", "mean(pool.serve)", Same),
            ("Lq", "queue(pool)", Same),
            ("Wq p95", "wait-p95(pool)", Same),
            ("Wq p99", "wait-p99(pool)", Same),
            ("T p99", "p99(pool.serve)", Same),
            ("split T", "mean(split.serve)", Same),
        ],
    },
    Case {
        item: "O-03",
        design: include_str!("designs/o-03-ten.yaml"),
        window: 12_000.0,
        asked: &[
            ("(a) loss", "errors(exponential.hold refused)", Same),
            ("(a) loss", "errors(constant.hold refused)", Same),
            ("(a) loss", "errors(variable.hold refused)", Same),
        ],
    },
    Case {
        item: "O-03",
        design: include_str!("designs/o-03-hundred.yaml"),
        window: 4_000.0,
        asked: &[
            ("(b) loss", "errors(exponential.hold refused)", Same),
            ("(b) loss", "errors(constant.hold refused)", Same),
            ("(b) loss", "errors(variable.hold refused)", Same),
        ],
    },
    Case {
        item: "O-04",
        design: include_str!("designs/o-04.yaml"),
        window: 300_000.0,
        asked: &[
            ("(a) Wq", "wait(lognormal)", Same),
            ("(b) Wq", "wait(hyperexponential)", Same),
            ("(c) Wq", "wait(erlang)", Same),
            ("(a) T", "mean(lognormal.serve)", Same),
            ("(b) T", "mean(hyperexponential.serve)", Same),
            ("(c) T", "mean(erlang.serve)", Same),
        ],
    },
    Case {
        item: "O-07",
        design: include_str!("designs/o-07.yaml"),
        window: 100_000.0,
        asked: &[
            ("T", "mean(constant.serve)", Same),
            ("T", "mean(exponential.serve)", Same),
            ("T", "mean(lognormal.serve)", Same),
        ],
    },
    Case {
        item: "O-14",
        design: include_str!("designs/o-14.yaml"),
        window: 3_000.0,
        asked: &[
            ("X", "throughput(users)", Same),
            ("R", "mean(users)", Same),
            ("utilisation 1", "utilisation(first)", Same),
            ("utilisation 2", "utilisation(second)", Same),
            ("utilisation 3", "utilisation(third)", Same),
        ],
    },
    Case {
        item: "O-16",
        design: include_str!("designs/o-16.yaml"),
        window: 6_000.0,
        asked: &[
            ("mean ms", "mean(chain)", Milli),
            ("p50 ms", "p50(chain)", Milli),
            ("p95 ms", "p95(chain)", Milli),
            ("p99 ms", "p99(chain)", Milli),
            ("p99.9 ms", "p999(chain)", Milli),
        ],
    },
    Case {
        item: "O-21",
        design: include_str!("designs/o-21.yaml"),
        window: 100_000.0,
        asked: &[
            ("(a) loss", "errors(a.serve refused)", Same),
            ("(b) loss", "errors(b.serve refused)", Same),
            ("(c) loss", "errors(c.serve refused)", Same),
            ("(a) T", "mean(a.serve)", Same),
            ("(b) T", "mean(b.serve)", Same),
            ("(c) T", "mean(c.serve)", Same),
            ("(a) throughput", "throughput(a.serve)", Same),
            ("(b) throughput", "throughput(b.serve)", Same),
        ],
    },
    Case {
        item: "O-22",
        design: include_str!("designs/o-22-even.yaml"),
        window: 200_000.0,
        asked: &[("(a) T", "mean(server.serve)", Same), ("(a) p99", "p99(server.serve)", Same)],
    },
    Case {
        item: "O-22",
        design: include_str!("designs/o-22-robin.yaml"),
        window: 36_000.0,
        asked: &[("(b) T", "mean(front.serve)", Same), ("(b) p99", "p99(front.serve)", Same)],
    },
    Case {
        item: "O-42",
        design: include_str!("designs/o-42.yaml"),
        window: 7_000.0,
        asked: &[
            ("p 0.5, 4: attempts", "amplification(caller->half)", Same),
            ("p 0.5, 4: failed", "errors(caller.half)", Same),
            ("p 0.2, 3: attempts", "amplification(caller->fifth)", Same),
            ("p 0.2, 3: failed", "errors(caller.fifth)", Same),
            ("p 0.9, 4: attempts", "amplification(caller->most)", Same),
            ("p 0.9, 4: failed", "errors(caller.most)", Same),
            ("nested p 0.5", "rate(half-lower->half-bottom)", Same),
            ("nested p 0.9", "rate(most-lower->most-bottom)", Same),
            ("nested p 1", "rate(all-lower->all-bottom)", Same),
        ],
    },
    Case {
        item: "O-59",
        design: include_str!("designs/o-59.yaml"),
        window: 800.0,
        asked: &[
            ("3 in series", "errors(series)", Down),
            ("2 in parallel", "errors(pair)", Down),
            ("2 of 3 at 0.99", "errors(two-of-three)", Down),
            ("3 of 5 at 0.95", "errors(three-of-five)", Down),
        ],
    },
    Case {
        item: "O-59",
        design: include_str!("designs/o-59-repair.yaml"),
        window: 4e8,
        asked: &[("1000 h up, 1 h down", "errors(repaired)", Down)],
    },
];

/// What takes minutes, for `--ignored`.
const RARE: &[Case] = &[Case {
    item: "O-59",
    design: include_str!("designs/o-59-rare.yaml"),
    window: 4_000.0,
    asked: &[("3 of 5 at 0.99", "errors(three-of-five)", Down), ("4 of 6 at 0.99", "errors(four-of-six)", Down)],
}];

/// Figures of the set that `analysis` has no closed form for: as the set prints them, and the tolerance of a run.
const WITHOUT_FORM: &[(&str, &str, &str, f64)] = &[
    ("O-14", "X", "32.467150", 0.003),
    ("O-14", "R", "0.540018", 0.015),
    ("O-14", "utilisation 1", "0.162336", 0.003),
    ("O-14", "utilisation 2", "0.974015", 0.003),
    ("O-14", "utilisation 3", "0.876613", 0.003),
];

/// Every figure: those of the closed forms and the others, which have none to show.
fn rows() -> Vec<Row> {
    let others = WITHOUT_FORM.iter().map(|&(item, figure, expected, tolerance)| Row {
        item,
        figure,
        expected,
        closed: f64::NAN,
        tolerance,
    });
    judge::rows().into_iter().chain(others).collect()
}

/// Figures that no run gives, and why.
const UNSAYABLE: &[(&str, &str, &str)] = &[
    ("O-01", "P(N >= 10)", "the number in the system has a mean, no distribution"),
    ("O-02", "C", "no measure `all-busy`, and none for the share that waits"),
    ("O-04", "(a) Var Wq", "no measure `sd` of a wait"),
    ("O-04", "(b) Var Wq", "no measure `sd` of a wait"),
    ("O-07", "T of size 2", "no measure `slowdown`: times are not kept by size"),
    ("O-22", "(a) sigma", "the share that waits has no measure"),
    ("O-22", "(b) sigma", "the share that waits has no measure"),
];

/// Figures that are arithmetic on others, or said twice.
const ARITHMETIC: &[(&str, &str)] = &[
    ("O-02", "split over pooled"),
    ("O-03", "(a) loss, as M/M/c/c"),
    ("O-59", "99.9% a month, min"),
    ("O-59", "99.99% a month, min"),
    ("O-59", "99.99% a year, min"),
    ("O-59", "99.999% a year, min"),
];

/// One line of the table.
struct Line {
    item: &'static str,
    figure: &'static str,
    measure: &'static str,
    expected: f64,
    closed: f64,
    /// Half a unit of the last digit that the set prints.
    slack: f64,
    sure: Estimate,
    usual: Estimate,
    tolerance: f64,
}

impl Line {
    fn half_width(&self) -> f64 {
        match (self.usual.low, self.usual.high) {
            (Some(low), Some(high)) => (high - low) / 2.0 / self.expected.abs(),
            _ => f64::INFINITY,
        }
    }

    fn verdict(&self) -> &'static str {
        let (Some(low), Some(high)) = (self.sure.low, self.sure.high) else { return "UNKNOWN" };
        if self.expected < low - self.slack || self.expected > high + self.slack {
            "DIFFERS"
        } else if self.half_width() > self.tolerance {
            "TOO WIDE"
        } else {
            "agrees"
        }
    }
}

impl std::fmt::Display for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown = |figure: f64| if figure.is_nan() { "-".into() } else { format!("{figure:.6}") };
        let of = |end: Option<f64>| shown(end.unwrap_or(f64::NAN));
        write!(
            f,
            "{:<5} {:<20} {:<34} {:>10} {:>10} {:>10} [{:>10} {:>10}] {:>6.2}% {:>5.1}%  {}",
            self.item,
            self.figure,
            self.measure,
            shown(self.expected),
            shown(self.closed),
            of(self.sure.value),
            of(self.sure.low),
            of(self.sure.high),
            self.half_width() * 100.0,
            self.tolerance * 100.0,
            self.verdict()
        )
    }
}

const HEAD: &str = "item  figure               measure                              expected     closed   measured \
                    [  99.9% interval     ]  95%+- asked  verdict";

/// Runs a design and reads its figures.
fn lines(case: &Case) -> Vec<Line> {
    let read = read_design(case.design, &VOCABULARY);
    assert!(read.diagnostics.is_empty(), "{}: {:#?}", case.item, read.diagnostics);
    let design = read.value.expect("a design without diagnostics is read");
    let compiled = compile(&design).unwrap_or_else(|diagnostics| panic!("{}: {diagnostics:#?}", case.item));
    let options = Options { duration: Seconds(case.window), ..Options::default() };
    let rows = rows();
    with_bench(&design, &compiled, |bench| {
        let (verdict, records) = bench.plain(&options, &|_| {});
        assert!(verdict.warm_up.steady, "{}: {:?}", case.item, verdict.warm_up);
        let at = |measure_text: &str, confidence: f64| {
            let asked = parse(&format!("{measure_text} == 0"), Span::NONE, bench.labels.subjects());
            let asked = asked.unwrap_or_else(|diagnostic| panic!("{measure_text}: {diagnostic:#?}"));
            measure(&asked, Observed { records: &records, confidence }, None)
        };
        let line = |(figure, measure, unlike): &Asked| {
            let row = rows.iter().find(|row| row.item == case.item && row.figure == *figure);
            let row = row.unwrap_or_else(|| panic!("{} {figure}: not in the set", case.item));
            assert!(row.closed.is_nan() || row.agrees(), "{} {figure}: the closed form itself differs", case.item);
            let own = |figure: f64| match unlike {
                Same => figure,
                Milli => figure / 1e3,
                Down => 1.0 - figure,
            };
            let (value, slack) = row.expected();
            Line {
                item: case.item,
                figure,
                measure,
                expected: own(value),
                closed: own(row.closed),
                slack: if *unlike == Milli { slack / 1e3 } else { slack },
                sure: at(measure, SURE),
                usual: at(measure, USUAL),
                tolerance: row.tolerance,
            }
        };
        case.asked.iter().map(line).collect()
    })
    .unwrap_or_else(|diagnostics| panic!("{}: {diagnostics:#?}", case.item))
}

fn judge_all(cases: &[Case]) {
    println!("{HEAD}");
    let mut wrong = Vec::new();
    for line in cases.iter().flat_map(lines) {
        println!("{line}");
        if line.verdict() != "agrees" {
            wrong.push(line.to_string());
        }
    }
    assert!(wrong.is_empty(), "{} do not agree:\n{HEAD}\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_simulator_gives_what_theory_says() {
    judge_all(CASES);
    println!("not sayable yet:");
    for (item, figure, why) in UNSAYABLE {
        println!("{item:<5} {figure:<20} {why}");
    }
}

#[test]
#[ignore = "some minutes: failures that take a hundred thousand requests each"]
fn the_simulator_gives_what_theory_says_of_the_rare() {
    judge_all(RARE);
}

#[test]
fn every_figure_of_an_item_is_run_or_said_to_be_none() {
    for row in rows().iter().filter(|row| CASES.iter().any(|case| case.item == row.item)) {
        let runs = CASES.iter().chain(RARE).filter(|case| case.item == row.item);
        let run = runs.flat_map(|case| case.asked).any(|(figure, ..)| *figure == row.figure);
        let unsayable = UNSAYABLE.iter().any(|(item, figure, _)| (*item, *figure) == (row.item, row.figure));
        let arithmetic = ARITHMETIC.contains(&(row.item, row.figure));
        assert_eq!([run, unsayable, arithmetic].map(u8::from).iter().sum::<u8>(), 1, "{} {}", row.item, row.figure);
    }
}

#[test]
fn this_judge_can_say_no() {
    let mut line = Line {
        item: "O-01",
        figure: "T",
        measure: "mean(server.serve)",
        expected: 5.0,
        closed: 5.0,
        slack: 0.0,
        sure: Estimate::new(5.01, 4.95, 5.07),
        usual: Estimate::new(5.01, 4.98, 5.04),
        tolerance: 0.01,
    };
    assert_eq!(line.verdict(), "agrees");
    line.expected = 5.08;
    assert_eq!(line.verdict(), "DIFFERS");
    line.expected = 5.0;
    line.tolerance = 0.005;
    assert_eq!(line.verdict(), "TOO WIDE");
    line.sure = Estimate::unknown("too few");
    assert_eq!(line.verdict(), "UNKNOWN");
}
