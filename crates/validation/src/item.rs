//! What an item is: typed, as it was read. Nothing here runs.

use groundplan_model::design::Design;
use groundplan_model::units::Seconds;

/// A result that the simulator is held against.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Its name: `O-01`.
    pub name: String,
    /// What it is, in a few words.
    pub title: String,
    /// Where the expected values come from.
    pub source: String,
    /// All parameters, in a sentence.
    pub setup: String,
    /// What of the item is not run, and why; empty where all is.
    pub left_out: String,
    /// What is run.
    pub runs: Vec<Run>,
}

/// One design, how long it runs, and what is read off.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// The design, with one experiment that names every measure.
    pub design: Design,
    /// How long the quick form runs; none where this run belongs to the whole form only.
    pub quick: Option<Length>,
    /// How long the whole form runs; none where this run belongs to the quick form only.
    pub whole: Option<Length>,
    /// What is read off.
    pub figures: Vec<Figure>,
}

impl Run {
    /// How long it runs in a form.
    #[must_use]
    pub fn length(&self, form: Form) -> Option<Length> {
        match form {
            Form::Quick => self.quick,
            Form::Whole => self.whole,
        }
    }
}

/// Which of the two sets is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Short runs, for tests: intervals may be wider than the tolerance.
    Quick,
    /// Runs as long as the tolerances need.
    Whole,
}

/// How long, and how often.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Length {
    /// Independent runs.
    pub replications: usize,
    /// Observed time of each, after warm-up.
    pub duration: Seconds,
}

/// One figure of an item.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// What the source calls it.
    pub name: String,
    /// The measure of the language that says it.
    pub measure: String,
    /// A measure that it is divided by, for ratios.
    pub over: Option<String>,
    /// What must be found.
    pub expected: Expected,
    /// How near, or how well known.
    pub tolerance: Option<Tolerance>,
    /// How it is judged.
    pub check: Check,
    /// Half the 95% interval of the expected value itself, where it comes from a simulation. In the unit of the measure.
    pub uncertainty: f64,
}

/// What must be found.
#[derive(Debug, Clone, PartialEq)]
pub struct Expected {
    /// As it was written, with its digits.
    pub text: String,
    /// The smallest and the largest value, in the unit of the measure: the same for a number, infinite for a missing end.
    pub low: f64,
    /// See `low`.
    pub high: f64,
    /// Half a unit of the last digit written.
    pub slack: f64,
    /// How many of the written unit one unit of the measure is: 1000 where it is written in ms.
    pub scale: f64,
    /// The unit it is written in: empty, `ms`, `%` or `h`.
    pub unit: &'static str,
}

/// How near a figure must come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Tolerance {
    /// As a share of the expected value.
    Relative(f64),
    /// In the unit of the measure.
    Absolute(f64),
}

impl Tolerance {
    /// In the unit of the measure.
    #[must_use]
    pub fn around(self, expected: f64) -> f64 {
        match self {
            Tolerance::Relative(share) => share * expected.abs(),
            Tolerance::Absolute(width) => width,
        }
    }
}

/// How a figure is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// The expected value lies in the run's own 99.9% interval, and half the 95% interval is no wider than the tolerance.
    Interval,
    /// The value is the expected one to its last digit.
    Exact,
    /// The value is no further from the expected one than the tolerance: for limits that a run of finite size only nears.
    Near,
    /// The 95% interval lies between the ends: for published shapes.
    Between,
    /// Half the 95% interval is at least as wide as the tolerance: for runs that are too short and must say so.
    Wide,
}

impl Check {
    /// The word of the file.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Check::Interval => "interval",
            Check::Exact => "exact",
            Check::Near => "near",
            Check::Between => "between",
            Check::Wide => "wide",
        }
    }
}
