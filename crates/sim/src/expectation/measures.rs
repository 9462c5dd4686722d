//! The words of expectations: every measure with its subject, unit and manual, in one list.

use crate::record::{Ending, How, KEPT, KeptWord, Timed};
use groundplan_model::units::significant;

/// What a measure is taken of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// An entry of the load.
    Operation,
    /// A component.
    Component,
    /// A pair of caller and callee, `shop->payments`.
    Call,
    /// Whichever of the three has the name; latencies.
    Any,
    /// An entry of the load or a component.
    Holder,
}

impl Of {
    /// In the manual's words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Of::Operation => "load",
            Of::Component => "component",
            Of::Call => "call, `FROM->TO`",
            Of::Any => "load, component or call",
            Of::Holder => "load or component",
        }
    }
}

/// In what a measure is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Seconds.
    Seconds,
    /// A share between 0 and 1, written as a percentage.
    Share,
    /// Per second.
    PerSecond,
    /// A plain number, or a factor such as `3x`.
    Number,
    /// Minutes of full outage that would be as bad, written as a duration. Unit inside: minutes.
    Minutes,
}

/// One word that expectations may use.
#[derive(Debug, Clone, Copy)]
pub struct MeasureWord {
    /// As it is written.
    pub name: &'static str,
    /// What stands in its parentheses.
    pub of: Of,
    /// Its unit.
    pub unit: Unit,
    /// What it means.
    pub manual: &'static str,
    /// An expectation that uses it.
    pub example: &'static str,
    quantity: Quantity,
}

/// What is measured, of the subject that stands beside it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Quantity {
    /// Mean latency.
    Mean,
    /// Quantile of the latency.
    Quantile(f64),
    /// Longest latency of a run.
    Longest,
    /// Ended ok, per second.
    Throughput,
    /// Ended ok in time, per second.
    Goodput,
    /// Ended ok over all but the cancelled.
    Availability,
    /// Did not end ok (of one cause, if it is named), over all but the cancelled.
    Errors(Option<Ending>),
    /// Ended ok within this long, over all but the cancelled. Unit: ns.
    Within(u64),
    /// From the onset of the first fault to the first minute that meets the target.
    Recovery,
    /// From the onset of the first fault until an alert on the error budget fires.
    DetectedByAlert,
    /// Largest share of requests in 10 s that a fault made bad.
    BlastRadius,
    /// The same, integrated.
    BadMinutes,
    /// Share of runs that do not come back.
    Collapse,
    /// Workers in use over workers.
    Utilisation,
    /// Cores in use over cores.
    CoreUtilisation,
    /// Mean number waiting.
    Queue,
    /// Mean number waiting or in work.
    InSystem,
    /// A figure of the number waiting or in work, where samples were taken.
    Level(State, Figure),
    /// Share of samples that found all workers in use.
    AllBusy,
    /// A figure of the latency's spread.
    Spread(Figure),
    /// A figure of the wait's spread.
    WaitSpread(Figure),
    /// Waits for a worker within this long, over all waits. Unit: ns.
    WaitWithin(u64),
    /// Mean wait for a worker.
    WaitMean,
    /// Quantile of the wait for a worker.
    WaitQuantile(f64),
    /// Hits over hits and misses.
    HitRatio,
    /// Acknowledged writes that no copy holds, per run.
    LostWrites,
    /// Records handled again, per run.
    Duplicates,
    /// Quantile of a record's age when it was taken.
    LagQuantile(f64),
    /// What a machine counts.
    Kept(How),
    /// Quantile of what a machine times.
    KeptQuantile(Timed, f64),
    /// Mean of what a machine times.
    KeptMean(Timed),
    /// Standard deviation of what a machine times.
    KeptSd(Timed),
    /// Attempts over calls.
    Amplification,
    /// Attempts refused by the caller's own policies, over all.
    RefusedHere,
    /// Ejections per second.
    Ejections,
    /// Mean length of an ejection.
    Ejected,
    /// Attempts per second.
    Rate,
}

/// Which numbers in the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct State {
    /// At each replica by itself, instead of all together.
    pub each: bool,
    /// At this instant after the start of the window; at all periodic samples where missing. Unit: ns.
    pub at: Option<u64>,
}

/// What is asked of a number that varies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Figure {
    /// Its mean.
    Mean,
    /// Its standard deviation.
    Sd,
    /// Its variance.
    Variance,
    /// Its quantile.
    Quantile(f64),
    /// How often it lies between these, both included.
    Share(u64, u64),
}

impl Quantity {
    /// Whether it is a mean over all runs, which says nothing where runs are of two kinds.
    #[must_use]
    pub fn is_mean(self) -> bool {
        use Quantity::{
            AllBusy, CoreUtilisation, Goodput, InSystem, Level, Mean, Queue, Rate, Throughput, Utilisation, WaitMean,
        };
        matches!(self, Mean | Throughput | Goodput | Utilisation | CoreUtilisation | Queue | InSystem | WaitMean | Rate)
            || matches!(self, AllBusy | Level(_, Figure::Mean))
    }
}

macro_rules! measures {
    ($($name:literal, $of:ident, $unit:ident, $quantity:expr, $example:literal, $manual:literal;)*) => {
        /// Every measure, in the order the manual lists them. To add one: a line here and its arm in `verdict`.
        pub const MEASURES: &[MeasureWord] = &[$(MeasureWord {
            name: $name, of: Of::$of, unit: Unit::$unit, manual: $manual, example: $example, quantity: $quantity,
        }),*];
    };
}

measures! {
    "mean", Any, Seconds, Quantity::Mean, "mean(shop.browse) <= 20ms", "mean latency of requests that ended ok";
    "p50", Any, Seconds, Quantity::Quantile(0.5), "p50(shop.browse) <= 15ms", "median latency; any quantile may be asked for: p90, p95, p99, p999 (99.9%)";
    "p90", Any, Seconds, Quantity::Quantile(0.9), "p90(shop.browse) <= 50ms", "90th percentile of the latency";
    "p99", Any, Seconds, Quantity::Quantile(0.99), "p99(shop.browse) <= 200ms", "99th percentile of the latency";
    "p999", Any, Seconds, Quantity::Quantile(0.999), "p999(shop.browse) <= 1s", "99.9th percentile of the latency";
    "longest", Operation, Seconds, Quantity::Longest, "longest(shop.browse) <= 10s", "longest latency of a run, of requests that ended ok: its mean over the runs";
    "throughput", Operation, PerSecond, Quantity::Throughput, "throughput(shop.browse) >= 890/s", "requests ended ok, per second";
    "goodput", Operation, PerSecond, Quantity::Goodput, "goodput(shop.browse) >= 880/s", "requests ended ok within the p99 target (or ok where there is none), per second";
    "availability", Operation, Share, Quantity::Availability, "availability(shop.browse) >= 99.9%", "requests ended ok over all but the cancelled";
    "errors", Operation, Share, Quantity::Errors(None), "errors(shop.browse timeout) <= 0.1%", "requests not ended ok over all but the cancelled; `errors(op timeout)` counts one cause";
    "share", Operation, Share, Quantity::Within(0), "share(shop.browse <= 300ms) >= 99%", "`share(op <= 300ms)`: requests ended ok within that time over all but the cancelled; `share(wait(server) <= 1s)`: waits for a worker; `share(in-system(server) >= 10)`: samples of the state";
    "sd", Any, Seconds, Quantity::Spread(Figure::Sd), "sd(shop.browse) <= 50ms", "standard deviation of the latency; also `sd(wait(server))` and `sd(in-system(server))`";
    "variance", Any, Number, Quantity::Spread(Figure::Variance), "variance(shop.browse) <= 0.01", "variance of the latency, in seconds squared; also of `wait(server)` and `in-system(server)`";
    "recovery", Operation, Seconds, Quantity::Recovery, "recovery(shop.browse) <= 30s", "from the onset of the first fault to the start of the first 60 s in which each 10 s meet the target";
    "detected-by-alert", Operation, Seconds, Quantity::DetectedByAlert, "detected-by-alert(shop.browse) <= 5min", "from the onset of the first fault until an alert on the burn rate of its error budget fires (`alert` of the experiment); what lies before the experiment is taken to be as the time before the onset";
    "blast-radius", Operation, Share, Quantity::BlastRadius, "blast-radius(shop.browse) <= 20%", "largest share of requests in 10 s that are bad because of a fault";
    "bad-minutes", Operation, Minutes, Quantity::BadMinutes, "bad-minutes(shop.browse) <= 30s", "bad share because of a fault, summed over time: minutes of full outage that would be as bad";
    "runs", Any, Share, Quantity::Collapse, "runs(lost-writes(orders) == 0) >= 90%", "share of runs that by themselves stand so: `runs(<expectation>) >= 90%`, with the interval of a share (Wilson)";
    "collapse", Operation, Share, Quantity::Collapse, "collapse(shop.browse) <= 5%", "share of runs that do not come back after the faults";
    "utilisation", Component, Share, Quantity::Utilisation, "utilisation(shop) <= 70%", "workers in use over workers";
    "core-utilisation", Component, Share, Quantity::CoreUtilisation, "core-utilisation(shop) <= 60%", "cores in use over cores";
    "queue", Component, Number, Quantity::Queue, "queue(shop) <= 4", "mean number waiting";
    "in-system", Holder, Number, Quantity::InSystem, "in-system(shop) <= 12", "mean number waiting or in work at a component, or of requests of a load; `in-system(server at 10s)` is that of `sample-at`, `in-system(server each)` that of one replica; `p99(in-system(server))` and other figures need samples";
    "all-busy", Component, Share, Quantity::AllBusy, "all-busy(shop) <= 10%", "share of samples (`sample-every`) that found all workers of all replicas in use";
    "wait", Component, Seconds, Quantity::WaitMean, "wait(shop) <= 5ms", "mean wait for a worker; `p99(wait(server))` is its quantile";
    "wait-p50", Component, Seconds, Quantity::WaitQuantile(0.5), "wait-p50(shop) <= 2ms", "median wait for a worker";
    "wait-p99", Component, Seconds, Quantity::WaitQuantile(0.99), "wait-p99(shop) <= 50ms", "99th percentile of the wait for a worker";
    "hit-ratio", Component, Share, Quantity::HitRatio, "hit-ratio(products) >= 80%", "cache hits over hits and misses";
    "lost-writes", Component, Number, Quantity::LostWrites, "lost-writes(orders) == 0", "acknowledged writes that no surviving copy holds, per run";
    "duplicates", Component, Number, Quantity::Duplicates, "duplicates(events) == 0", "deliveries of a record whose handling had begun before, per run";
    "lag", Component, Seconds, Quantity::LagQuantile(0.99), "lag(events) <= 10s", "99th percentile of the age of a log's or queue's records when a consumer took them";
    "lag-p50", Component, Seconds, Quantity::LagQuantile(0.5), "lag-p50(events) <= 1s", "median age of a log's or queue's records when a consumer took them";
    "amplification", Call, Number, Quantity::Amplification, "amplification(shop->payments) <= 1.1", "attempts over calls, the first attempt included";
    "refused-here", Call, Share, Quantity::RefusedHere, "refused-here(shop->payments) <= 1%", "attempts that the caller's own policies refused (breaker, throttle, limits), over these and those that were made";
    "ejections", Call, PerSecond, Quantity::Ejections, "ejections(shop->payments) <= 1/h", "replicas that the balancer of this call ejected for failing in a row, per second";
    "ejected", Call, Seconds, Quantity::Ejected, "ejected(shop->payments) <= 1min", "mean length of these ejections";
    "rate", Call, PerSecond, Quantity::Rate, "rate(shop->payments) <= 40/s", "attempts per second";
}

impl Unit {
    /// In the manual's words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Unit::Seconds => "duration",
            Unit::Share => "share",
            Unit::PerSecond => "rate",
            Unit::Number => "number",
            Unit::Minutes => "duration (minutes of everybody being down)",
        }
    }

    /// A figure as people write it.
    #[must_use]
    pub fn show(self, value: f64) -> String {
        use groundplan_model::units::{PerSecond, Seconds, Share};
        match self {
            Unit::Seconds => Seconds(value).to_string(),
            Unit::Share => Share(value).to_string(),
            Unit::PerSecond => PerSecond(value).to_string(),
            Unit::Number => significant(value),
            Unit::Minutes => format!("{} min", significant(value)),
        }
    }
}

/// The measure of this name; quantiles other than the listed ones included.
pub(super) fn measure(name: &str) -> Option<(MeasureWord, Quantity)> {
    if let Some(word) = MEASURES.iter().find(|word| word.name == name) {
        return Some((*word, word.quantity));
    }
    if let Some((word, quantity)) = kept(name) {
        return Some((word, quantity));
    }
    let (family, digits) = match name.strip_prefix("wait-p") {
        Some(digits) => ("wait-p99", digits),
        None => match name.strip_prefix("lag-p") {
            Some(digits) => ("lag", digits),
            None => ("p99", name.strip_prefix('p')?),
        },
    };
    let p = percentile(digits)?;
    let word = MEASURES.iter().find(|word| word.name == family)?;
    let quantity = match word.quantity {
        Quantity::WaitQuantile(_) => Quantity::WaitQuantile(p),
        Quantity::LagQuantile(_) => Quantity::LagQuantile(p),
        _ => Quantity::Quantile(p),
    };
    Some((*word, quantity))
}

/// A word of what machines count: `conflicts`; of times also `staleness-p50`, `staleness-mean` and `staleness-sd`.
fn kept(name: &str) -> Option<(MeasureWord, Quantity)> {
    let (word, rest) = KEPT.iter().find_map(|word| {
        Some((word, name.strip_prefix(word.name)?))
            .filter(|(_, rest)| rest.is_empty() || matches!(word.how, How::Time(_)) && rest.starts_with('-'))
    })?;
    let quantity = match (word.how, rest) {
        (How::Time(timed), "-mean") => Quantity::KeptMean(timed),
        (How::Time(timed), "-sd") => Quantity::KeptSd(timed),
        (How::Time(timed), "") => Quantity::KeptQuantile(timed, 0.99),
        (How::Time(timed), _) => Quantity::KeptQuantile(timed, percentile(rest.strip_prefix("-p")?)?),
        (how, _) => Quantity::Kept(how),
    };
    Some((measure_of(word), quantity))
}

/// A word of what machines count, as a measure.
fn measure_of(word: &'static KeptWord) -> MeasureWord {
    let (unit, quantity) = match word.how {
        How::Count(_) | How::Mean(..) => (Unit::Number, Quantity::Kept(word.how)),
        How::Share(..) => (Unit::Share, Quantity::Kept(word.how)),
        How::Total(_) => (Unit::Seconds, Quantity::Kept(word.how)),
        How::Time(timed) => (Unit::Seconds, Quantity::KeptQuantile(timed, 0.99)),
    };
    MeasureWord { name: word.name, of: Of::Component, unit, manual: word.manual, example: word.example, quantity }
}

/// Every measure: those of every component, load and call, and behind them what machines count.
pub fn every_measure() -> impl Iterator<Item = MeasureWord> {
    MEASURES.iter().copied().chain(KEPT.iter().map(measure_of))
}

/// `99` is 0.99, `999` and `99.9` are 0.999.
fn percentile(digits: &str) -> Option<f64> {
    let plain: String = digits.chars().filter(|digit| *digit != '.').collect();
    if plain.len() < 2 || plain.len() > 6 || !plain.chars().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    if digits.find('.').is_some_and(|at| at != 2) {
        return None;
    }
    let p: f64 = format!("0.{plain}").parse().ok()?;
    (p > 0.0).then_some(p)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_measure_has_a_manual_and_one_name() {
        for (index, word) in MEASURES.iter().enumerate() {
            assert!(!word.manual.is_empty(), "{}", word.name);
            assert!(MEASURES[index + 1..].iter().all(|other| other.name != word.name), "{}", word.name);
        }
    }
}
