//! Predicates: a monotone expression over a brief compared with a threshold, or a choice made by an earlier dimension.
//!
//! Left of the comparison stand measures and numbers, joined by `+ * /`, `min(...)` and `max(...)`; right of it numbers
//! and facts. Nothing is subtracted and nothing is negative, so each expression moves one way with each constraint, and
//! one whose way can't be derived is refused when it is read (`expression`). A fact with a range makes the threshold a
//! range: inside it the predicate holds at `Level::Inside`.

use crate::constraint::Class;
use crate::measure::{Measure, Way};
use crate::view::{Chosen, Subject, View};
use serde::Serialize;

/// How far a predicate or a rule applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Not at all.
    No,
    /// Inside the range of its threshold: one grade lower.
    Inside,
    /// Fully.
    Full,
}

/// An expression.
#[derive(Debug, Clone)]
pub enum Expr {
    /// A number in base units.
    Number(f64),
    /// A fact: low, value, high.
    Fact {
        /// Its id.
        id: String,
        /// Lower end.
        low: f64,
        /// Upper end.
        high: f64,
    },
    /// A measure.
    Measure(&'static Measure),
    /// All added.
    Sum(Vec<Expr>),
    /// All multiplied.
    Product(Vec<Expr>),
    /// The first over the second; zero over zero is zero.
    Quotient(Box<Expr>, Box<Expr>),
    /// The smallest.
    Min(Vec<Expr>),
    /// The largest.
    Max(Vec<Expr>),
}

impl PartialEq for Expr {
    fn eq(&self, other: &Expr) -> bool {
        format!("{self:?}") == format!("{other:?}")
    }
}

/// Which end of a range is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Low,
    High,
}

impl Expr {
    /// Its value over a brief; facts stand only in thresholds and give their lower end here.
    #[must_use]
    pub fn value(&self, view: &View, subject: Subject) -> f64 {
        match self {
            Expr::Number(number) => *number,
            Expr::Fact { low, .. } => *low,
            Expr::Measure(measure) => (measure.value)(view, subject),
            Expr::Sum(parts) => parts.iter().map(|part| part.value(view, subject)).sum(),
            Expr::Product(parts) => parts.iter().map(|part| part.value(view, subject)).product(),
            Expr::Quotient(above, below) => divide(above.value(view, subject), below.value(view, subject)),
            Expr::Min(parts) => parts.iter().map(|part| part.value(view, subject)).fold(f64::INFINITY, f64::min),
            Expr::Max(parts) => parts.iter().map(|part| part.value(view, subject)).fold(0.0, f64::max),
        }
    }

    /// The ends of a threshold.
    #[must_use]
    pub fn range(&self) -> (f64, f64) {
        (self.end(End::Low), self.end(End::High))
    }

    fn end(&self, end: End) -> f64 {
        match self {
            Expr::Number(number) => *number,
            Expr::Fact { low, high, .. } => {
                if end == End::Low {
                    *low
                } else {
                    *high
                }
            }
            Expr::Measure(_) => f64::NAN,
            Expr::Sum(parts) => parts.iter().map(|part| part.end(end)).sum(),
            Expr::Product(parts) => parts.iter().map(|part| part.end(end)).product(),
            Expr::Quotient(above, below) => {
                divide(above.end(end), below.end(if end == End::Low { End::High } else { End::Low }))
            }
            Expr::Min(parts) => parts.iter().map(|part| part.end(end)).fold(f64::INFINITY, f64::min),
            Expr::Max(parts) => parts.iter().map(|part| part.end(end)).fold(0.0, f64::max),
        }
    }

    /// Which way it moves with each class of constraints; an error names the class on which its parts disagree.
    ///
    /// # Errors
    /// Where two parts move different ways with one class, or one of them a way that depends on the brief.
    pub fn ways(&self) -> Result<Vec<(Class, Way)>, Class> {
        match self {
            Expr::Number(_) | Expr::Fact { .. } => Ok(Vec::new()),
            Expr::Measure(measure) => Ok(measure.ways.to_vec()),
            Expr::Sum(parts) | Expr::Product(parts) | Expr::Min(parts) | Expr::Max(parts) => {
                let mut all = Vec::new();
                for part in parts {
                    join(&mut all, part.ways()?)?;
                }
                Ok(all)
            }
            Expr::Quotient(above, below) => {
                let mut all = above.ways()?;
                join(&mut all, below.ways()?.into_iter().map(|(class, way)| (class, way.turned())).collect())?;
                Ok(all)
            }
        }
    }

    /// Calls `visit` on every part, itself first.
    pub fn each<'a>(&'a self, visit: &mut impl FnMut(&'a Expr)) {
        visit(self);
        match self {
            Expr::Number(_) | Expr::Fact { .. } | Expr::Measure(_) => {}
            Expr::Sum(parts) | Expr::Product(parts) | Expr::Min(parts) | Expr::Max(parts) => {
                parts.iter().for_each(|part| part.each(visit));
            }
            Expr::Quotient(above, below) => {
                above.each(visit);
                below.each(visit);
            }
        }
    }
}

fn divide(above: f64, below: f64) -> f64 {
    if below > 0.0 {
        above / below
    } else if above > 0.0 {
        f64::MAX
    } else {
        0.0
    }
}

fn join(all: &mut Vec<(Class, Way)>, more: Vec<(Class, Way)>) -> Result<(), Class> {
    for (class, way) in more {
        match all.iter().find(|(known, _)| *known == class) {
            None => all.push((class, way)),
            Some((_, known)) if *known == way && way != Way::Either => {}
            Some(_) => return Err(class),
        }
    }
    Ok(())
}

/// How the two sides are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `>=`
    AtLeast,
    /// `>`
    Over,
    /// `<=`
    AtMost,
    /// `<`
    Under,
}

impl Comparison {
    /// How far a value meets a threshold that lies between two ends.
    #[must_use]
    pub fn level(self, value: f64, low: f64, high: f64) -> Level {
        let (sure, perhaps) = match self {
            Comparison::AtLeast => (value >= high, value >= low),
            Comparison::Over => (value > high, value > low),
            Comparison::AtMost => (value <= low, value <= high),
            Comparison::Under => (value < low, value < high),
        };
        match (sure, perhaps) {
            (true, _) => Level::Full,
            (false, true) => Level::Inside,
            (false, false) => Level::No,
        }
    }
}

/// One condition of a rule.
#[derive(Debug, Clone, PartialEq)]
pub enum Predicate {
    /// An expression against a threshold.
    Compare {
        /// The expression over the brief.
        left: Expr,
        /// How it is compared.
        comparison: Comparison,
        /// Lower end of the threshold.
        low: f64,
        /// Upper end of the threshold; equal for a plain number.
        high: f64,
        /// Which way the expression moves.
        ways: Vec<(Class, Way)>,
        /// Ids of the facts in the threshold.
        facts: Vec<String>,
        /// As written.
        text: String,
    },
    /// `architecture-style is microservices`: what an earlier dimension chose.
    Chosen {
        /// The earlier dimension.
        dimension: String,
        /// The option.
        option: String,
        /// `is-not` instead of `is`.
        negated: bool,
    },
}

impl Predicate {
    /// How far it holds.
    #[must_use]
    pub fn level(&self, view: &View, chosen: &Chosen, subject: Subject) -> Level {
        match self {
            Predicate::Compare { left, comparison, low, high, .. } => {
                comparison.level(left.value(view, subject), *low, *high)
            }
            Predicate::Chosen { dimension, option, negated } => {
                let is = chosen.iter().any(|(known, choice)| known == dimension && choice == option);
                if is != *negated { Level::Full } else { Level::No }
            }
        }
    }

    /// Whether it moves with a class of constraints.
    #[must_use]
    pub fn moves_with(&self, class: Class) -> bool {
        matches!(self, Predicate::Compare { ways, .. } if ways.iter().any(|(known, _)| *known == class))
    }

    /// As written.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Predicate::Compare { text, .. } => text.clone(),
            Predicate::Chosen { dimension, option, negated } => {
                format!("{dimension} {} {option}", if *negated { "is-not" } else { "is" })
            }
        }
    }
}
