//! Quantities of the language beyond plain units: ranges, targets, distributions, popularity, arrivals.
//!
//! Here are the types, their meaning and their canonical text. Reading them from text lives in `reader`.

use crate::units::{PerSecond, Seconds, Share};
use serde::Serialize;
use std::fmt;
use std::sync::Arc;

/// A number that may be a range (`2ms..6ms`). The middle is used; the ends show what it would change.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Ranged<T> {
    /// Lower end.
    pub low: T,
    /// Upper end; equal to `low` for a plain number.
    pub high: T,
}

impl<T: Copy + PartialEq> Ranged<T> {
    /// A plain number.
    pub fn exactly(value: T) -> Ranged<T> {
        Ranged { low: value, high: value }
    }
    /// Whether it is a range and not a plain number.
    pub fn is_range(&self) -> bool {
        self.low != self.high
    }
}

impl<T: Copy + PartialEq + std::ops::Add<Output = T> + std::ops::Div<f64, Output = T>> Ranged<T> {
    /// The middle, which results are computed with.
    pub fn mid(&self) -> T {
        if self.low == self.high { self.low } else { (self.low + self.high) / 2.0 }
    }
}

impl<T: fmt::Display + Copy + PartialEq> fmt::Display for Ranged<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.low == self.high { write!(f, "{}", self.low) } else { write!(f, "{}..{}", self.low, self.high) }
    }
}

/// A target: what must hold, and what one would rather have (`{ must: 200ms, want: 120ms }`).
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Target<T> {
    /// What must hold.
    pub must: T,
    /// What would be better.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub want: Option<T>,
}

impl<T> Target<T> {
    /// A bare target is a must.
    pub fn must(value: T) -> Target<T> {
        Target { must: value, want: None }
    }
}

/// A distribution of durations (or of sizes and counts where a place says so). Unit of parameters: seconds.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dist {
    /// Always the same: `const(10ms)`.
    Const(f64),
    /// Exponential with this mean: `exp(10ms)`.
    Exp(f64),
    /// Uniform between two ends: `uniform(150ms 300ms)`.
    Uniform(f64, f64),
    /// Erlang of `k` phases with this mean: `erlang(4 10ms)`.
    Erlang(u32, f64),
    /// Hyperexponential with balanced means, mean and squared coefficient of variation: `hyperexp(10ms 10)`.
    HyperExp(f64, f64),
    /// Lognormal by median and 99th percentile: `lognormal(p50 2ms p99 12ms)`.
    LogNormal {
        /// Median.
        p50: f64,
        /// 99th percentile.
        p99: f64,
    },
    /// Lognormal by mean and squared coefficient of variation: `lognormal(mean 2ms scv 4)`.
    LogNormalMean {
        /// Mean.
        mean: f64,
        /// Squared coefficient of variation.
        scv: f64,
    },
    /// Bounded Pareto, exponent and both ends: `pareto(1.5 1ms 10s)`.
    Pareto(f64, f64, f64),
    /// Geometric on 1, 2, ... with this mean: `geometric(100)`.
    Geometric(f64),
    /// Absolute value of a normal with this standard deviation: `half-normal(2ms)`.
    HalfNormal(f64),
    /// Absolute value of a normal with this mean and standard deviation: `normal(10ms 2ms)`.
    Normal(f64, f64),
    /// Shares of other distributions: `mixture(91% exp(1ms) 9% exp(9ms))`.
    Mixture(Vec<(f64, Dist)>),
    /// One of the values recorded in a file, each as often as it stands there: `empirical(times.csv)`.
    Empirical(Recorded),
}

/// Values from a file: its name as written, and what stands in it once a face has read it (`files::attach`).
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Recorded {
    /// The file, relative to the design's.
    pub file: String,
    /// Its values, rising; empty until the file is read. Unit: seconds.
    #[serde(skip)]
    pub values: Arc<[f64]>,
}

impl Recorded {
    /// A file that nobody has read yet.
    #[must_use]
    pub fn unread(file: &str) -> Recorded {
        Recorded { file: file.into(), values: Arc::default() }
    }

    fn mean_of(&self, power: i32) -> f64 {
        let sum: f64 = self.values.iter().map(|value| value.powi(power)).sum();
        if self.values.is_empty() { 0.0 } else { sum / self.values.len() as f64 }
    }
}

/// The standard normal's 99th percentile.
pub const NORMAL_P99: f64 = 2.326_347_874_040_841;

/// Mean of the absolute value of a normal. Source: Leone, Nelson and Nottingham, The folded normal distribution (1961).
fn folded_mean(mean: f64, sd: f64) -> f64 {
    if sd <= 0.0 {
        return mean.abs();
    }
    let z = mean / sd;
    sd * (2.0 / std::f64::consts::PI).sqrt() * libm::exp(-z * z / 2.0) + mean * libm::erf(z / std::f64::consts::SQRT_2)
}

impl Dist {
    /// Mean. Unit: that of the parameters.
    #[must_use]
    pub fn mean(&self) -> f64 {
        match self {
            Dist::Const(value) | Dist::Exp(value) | Dist::Geometric(value) => *value,
            Dist::Uniform(low, high) => (low + high) / 2.0,
            Dist::Erlang(_, mean) | Dist::HyperExp(mean, _) | Dist::LogNormalMean { mean, .. } => *mean,
            Dist::LogNormal { p50, .. } => p50 * libm::exp(self.sigma() * self.sigma() / 2.0),
            Dist::Pareto(..) => self.pareto_moment(1.0),
            Dist::HalfNormal(sd) => sd * (2.0 / std::f64::consts::PI).sqrt(),
            Dist::Normal(mean, sd) => folded_mean(*mean, *sd),
            Dist::Mixture(parts) => parts.iter().map(|(share, dist)| share * dist.mean()).sum(),
            Dist::Empirical(recorded) => recorded.mean_of(1),
        }
    }

    /// Whether it, or a part of it, is recorded in a file.
    #[must_use]
    pub fn is_recorded(&self) -> bool {
        match self {
            Dist::Empirical(_) => true,
            Dist::Mixture(parts) => parts.iter().any(|(_, part)| part.is_recorded()),
            _ => false,
        }
    }

    /// Squared coefficient of variation: variance over squared mean.
    #[must_use]
    pub fn scv(&self) -> f64 {
        match self {
            Dist::Const(_) => 0.0,
            Dist::Exp(_) => 1.0,
            Dist::Uniform(low, high) => {
                let mean = (low + high) / 2.0;
                if mean > 0.0 { (high - low) * (high - low) / 12.0 / (mean * mean) } else { 0.0 }
            }
            Dist::Erlang(k, _) => 1.0 / f64::from((*k).max(1)),
            Dist::HyperExp(_, scv) | Dist::LogNormalMean { scv, .. } => *scv,
            Dist::LogNormal { .. } => libm::exp(self.sigma() * self.sigma()) - 1.0,
            Dist::Geometric(mean) => ((mean - 1.0) / mean).max(0.0),
            _ => {
                let mean = self.mean();
                if mean > 0.0 { self.second_moment() / (mean * mean) - 1.0 } else { 0.0 }
            }
        }
    }

    /// Sigma of the logarithm, for the lognormal forms; zero elsewhere.
    #[must_use]
    pub fn sigma(&self) -> f64 {
        match self {
            Dist::LogNormal { p50, p99 } => libm::log(p99 / p50) / NORMAL_P99,
            Dist::LogNormalMean { scv, .. } => libm::log(1.0 + scv).sqrt(),
            _ => 0.0,
        }
    }

    fn second_moment(&self) -> f64 {
        match self {
            Dist::Pareto(..) => self.pareto_moment(2.0),
            Dist::HalfNormal(sd) => sd * sd,
            Dist::Normal(mean, sd) => mean * mean + sd * sd,
            Dist::Mixture(parts) => parts.iter().map(|(share, dist)| share * dist.second_moment()).sum(),
            Dist::Empirical(recorded) => recorded.mean_of(2),
            _ => {
                let mean = self.mean();
                (self.scv() + 1.0) * mean * mean
            }
        }
    }

    fn pareto_moment(&self, n: f64) -> f64 {
        let Dist::Pareto(a, min, max) = *self else {
            return 0.0;
        };
        let norm = 1.0 - libm::pow(min / max, a);
        if (a - n).abs() < 1e-9 {
            a * libm::pow(min, a) * libm::log(max / min) / norm
        } else {
            a * libm::pow(min, a) / (a - n) * (libm::pow(min, n - a) - libm::pow(max, n - a)) / norm
        }
    }

    /// The same law, `factor` times as long.
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Dist {
        match self {
            Dist::Const(value) => Dist::Const(value * factor),
            Dist::Exp(mean) => Dist::Exp(mean * factor),
            Dist::Uniform(low, high) => Dist::Uniform(low * factor, high * factor),
            Dist::Erlang(k, mean) => Dist::Erlang(*k, mean * factor),
            Dist::HyperExp(mean, scv) => Dist::HyperExp(mean * factor, *scv),
            Dist::LogNormal { p50, p99 } => Dist::LogNormal { p50: p50 * factor, p99: p99 * factor },
            Dist::LogNormalMean { mean, scv } => Dist::LogNormalMean { mean: mean * factor, scv: *scv },
            Dist::Pareto(a, min, max) => Dist::Pareto(*a, min * factor, max * factor),
            Dist::Geometric(mean) => Dist::Geometric(mean * factor),
            Dist::HalfNormal(sd) => Dist::HalfNormal(sd * factor),
            Dist::Normal(mean, sd) => Dist::Normal(mean * factor, sd * factor),
            Dist::Mixture(parts) => {
                Dist::Mixture(parts.iter().map(|(share, dist)| (*share, dist.scaled(factor))).collect())
            }
            Dist::Empirical(Recorded { file, values }) => Dist::Empirical(Recorded {
                file: file.clone(),
                values: values.iter().map(|value| value * factor).collect(),
            }),
        }
    }
}

/// The shortest decimal text of a value with its point moved by powers of ten, so that moving it back gives the very
/// same number.
#[must_use]
pub fn exact_decimal(value: f64, shift: i32) -> String {
    if value == 0.0 || !value.is_finite() {
        return "0".into();
    }
    let text = format!("{value:e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    // The point stands after this many digits.
    let point = 1 + shift + exponent.parse::<i32>().unwrap_or(0);
    let body = if point <= 0 {
        format!("0.{}{digits}", "0".repeat(point.unsigned_abs() as usize))
    } else if point as usize >= digits.len() {
        format!("{digits}{}", "0".repeat(point as usize - digits.len()))
    } else {
        format!("{}.{}", &digits[..point as usize], &digits[point as usize..])
    };
    format!("{sign}{body}")
}

/// A duration with all its digits, so that printing then reading is the identity.
#[must_use]
pub fn exact_seconds(value: f64) -> String {
    for (seconds, unit) in [(86_400.0, "d"), (3_600.0, "h"), (60.0, "min")] {
        let whole = value / seconds;
        if (1.0..1e6).contains(&whole) && whole.fract() == 0.0 && whole * seconds == value {
            return format!("{whole}{unit}");
        }
    }
    let (shift, unit) = match value {
        v if v == 0.0 || v >= 1.0 => (0, "s"),
        v if v >= 1e-3 => (3, "ms"),
        v if v >= 1e-6 => (6, "us"),
        _ => (9, "ns"),
    };
    format!("{}{unit}", exact_decimal(value, shift))
}

/// A rate with all its digits, in thousands or millions where that is shorter.
#[must_use]
pub fn exact_rate(rate: PerSecond) -> String {
    let plain = format!("{}/s", exact_decimal(rate.0, 0));
    let scaled = match rate.0 {
        v if v >= 1e6 => format!("{}M/s", exact_decimal(v, -6)),
        v if v >= 1e3 => format!("{}k/s", exact_decimal(v, -3)),
        _ => return plain,
    };
    if scaled.len() < plain.len() { scaled } else { plain }
}

/// An amount of money in a currency of its own: `50 EUR`. It is told, never reckoned with.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Amount {
    /// How much, not negative.
    pub value: f64,
    /// Three capital letters.
    pub currency: String,
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", exact_decimal(self.value, 0), self.currency)
    }
}

impl fmt::Display for Dist {
    /// The text that the language reads where durations stand.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, exact_seconds)
    }
}

/// A distribution of plain numbers (tokens, steps), as the language reads it.
#[derive(Debug)]
pub struct OfNumbers<'a>(pub &'a Dist);

impl fmt::Display for OfNumbers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.write(f, |value| exact_decimal(value, 0))
    }
}

impl Dist {
    fn write(&self, f: &mut fmt::Formatter<'_>, show: fn(f64) -> String) -> fmt::Result {
        let s = |value: &f64| show(*value);
        match self {
            Dist::Const(value) => write!(f, "const({})", s(value)),
            Dist::Exp(mean) => write!(f, "exp({})", s(mean)),
            Dist::Uniform(low, high) => write!(f, "uniform({} {})", s(low), s(high)),
            Dist::Erlang(k, mean) => write!(f, "erlang({k} {})", s(mean)),
            Dist::HyperExp(mean, scv) => write!(f, "hyperexp({} {scv})", s(mean)),
            Dist::LogNormal { p50, p99 } => write!(f, "lognormal(p50 {} p99 {})", s(p50), s(p99)),
            Dist::LogNormalMean { mean, scv } => write!(f, "lognormal(mean {} scv {scv})", s(mean)),
            Dist::Pareto(a, min, max) => write!(f, "pareto({a} {} {})", s(min), s(max)),
            Dist::Geometric(mean) => write!(f, "geometric({mean})"),
            Dist::HalfNormal(sd) => write!(f, "half-normal({})", s(sd)),
            Dist::Normal(mean, sd) => write!(f, "normal({} {})", s(mean), s(sd)),
            Dist::Mixture(parts) => {
                write!(f, "mixture(")?;
                for (nth, (share, dist)) in parts.iter().enumerate() {
                    write!(f, "{}{} ", if nth > 0 { " " } else { "" }, exact_share(Share(*share)))?;
                    dist.write(f, show)?;
                }
                write!(f, ")")
            }
            Dist::Empirical(recorded) => write!(f, "empirical({})", recorded.file),
        }
    }
}

/// How often each item is asked for: Zipf with this exponent (`zipf(0.9)`, `zipf(0.9 2M)`); exponent zero is uniform.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Popularity {
    /// Zipf exponent; zero for `uniform`.
    pub exponent: f64,
    /// Number of items, where the text says it.
    pub items: Option<f64>,
}

impl fmt::Display for Popularity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.items {
            Some(items) if items.fract() == 0.0 && (1.0..1e15).contains(&items) => {
                write!(f, "zipf({} {})", self.exponent, crate::value::exact_count(items as u64))
            }
            Some(items) => write!(f, "zipf({} {items})", self.exponent),
            None => write!(f, "zipf({})", self.exponent),
        }
    }
}

/// How requests of an open load arrive.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Arrivals {
    /// Poisson with this rate: `poisson(900/s)`.
    Poisson(PerSecond),
    /// Evenly spaced: `constant(80/s)`.
    Constant(PerSecond),
    /// Batches of a fixed size: `batch(5 poisson(16/s))`.
    Batch(u32, Box<Arrivals>),
    /// Two-state Markov-modulated Poisson: rate and mean stay of each state: `mmpp(1.6/s 10s 0.4/s 20s)`.
    Mmpp(PerSecond, Seconds, PerSecond, Seconds),
    /// Sinusoidal rate: mean, amplitude, period: `sine(100/s 60/s 24h)`.
    Sine(PerSecond, PerSecond, Seconds),
    /// A number of requests at one instant: `at(0s 100)`.
    At(Seconds, u32),
    /// Poisson with a rate that changes at given times, counted from the start of the observed window; before it the
    /// first rate holds: `steps(0s 100/s 10min 500/s)`.
    Steps(Vec<(Seconds, PerSecond)>),
    /// Poisson with a rate that goes in a straight line from one to another from the start of the observed window on,
    /// then stays: `ramp(100/s 1k/s 10min)`.
    Ramp(PerSecond, PerSecond, Seconds),
    /// At the instants recorded in a file, counted from the start of the observed window: `replay(trace.csv)`.
    Replay(Trace),
}

/// Arrivals recorded in a file: its name as written, and what stands in it once a face has read it (`files::attach`).
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Trace {
    /// The file, relative to the design's.
    pub file: String,
    /// Its instants, rising; empty until the file is read. Unit: seconds.
    #[serde(skip)]
    pub instants: Arc<[f64]>,
    /// The operations that the file names, in order of their first mention; empty if it names none.
    #[serde(skip)]
    pub operations: Arc<[String]>,
    /// For each instant its operation, as an index into `operations`; empty if the file names none.
    #[serde(skip)]
    pub which: Arc<[u32]>,
}

impl Trace {
    /// A file that nobody has read yet.
    #[must_use]
    pub fn unread(file: &str) -> Trace {
        Trace { file: file.into(), ..Trace::default() }
    }
}

impl Arrivals {
    /// Long-run mean rate: zero for a single burst, the last one of steps and ramps, the mean over a recording.
    #[must_use]
    pub fn mean_rate(&self) -> PerSecond {
        match self {
            Arrivals::Poisson(rate) | Arrivals::Constant(rate) | Arrivals::Sine(rate, ..) => *rate,
            Arrivals::Batch(size, inner) => inner.mean_rate() * f64::from(*size),
            Arrivals::Mmpp(rate_a, stay_a, rate_b, stay_b) => {
                PerSecond((rate_a.0 * stay_a.0 + rate_b.0 * stay_b.0) / (stay_a.0 + stay_b.0))
            }
            Arrivals::At(..) => PerSecond(0.0),
            Arrivals::Steps(steps) => steps.last().map_or(PerSecond(0.0), |step| step.1),
            Arrivals::Ramp(_, to, _) => *to,
            Arrivals::Replay(trace) => match trace.instants.last() {
                Some(last) if *last > 0.0 => PerSecond(trace.instants.len() as f64 / last),
                _ => PerSecond(0.0),
            },
        }
    }
}

impl fmt::Display for Arrivals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Arrivals::Poisson(rate) => write!(f, "poisson({})", exact_rate(*rate)),
            Arrivals::Constant(rate) => write!(f, "constant({})", exact_rate(*rate)),
            Arrivals::Batch(size, inner) => write!(f, "batch({size} {inner})"),
            Arrivals::Mmpp(rate_a, stay_a, rate_b, stay_b) => {
                write!(f, "mmpp({}/s {} {}/s {})", rate_a.0, exact_seconds(stay_a.0), rate_b.0, exact_seconds(stay_b.0))
            }
            Arrivals::Sine(mean, amplitude, period) => {
                write!(f, "sine({}/s {}/s {})", mean.0, amplitude.0, exact_seconds(period.0))
            }
            Arrivals::At(when, count) => write!(f, "at({} {count})", exact_seconds(when.0)),
            Arrivals::Steps(steps) => {
                write!(f, "steps(")?;
                for (nth, (when, rate)) in steps.iter().enumerate() {
                    write!(f, "{}{} {}", if nth > 0 { " " } else { "" }, exact_seconds(when.0), exact_rate(*rate))?;
                }
                write!(f, ")")
            }
            Arrivals::Ramp(from, to, over) => {
                write!(f, "ramp({} {} {})", exact_rate(*from), exact_rate(*to), exact_seconds(over.0))
            }
            Arrivals::Replay(trace) => write!(f, "replay({})", trace.file),
        }
    }
}

/// A share written so that it reads back exactly.
#[must_use]
pub fn exact_share(share: Share) -> String {
    format!("{}%", exact_decimal(share.0, 2))
}
