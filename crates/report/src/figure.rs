//! Figures as people read them: `12.3ms ±0.2`, `99.93% (99.9..99.96)`, `≥ 4.1s`. Digits follow the interval, so that none is shown
//! that isn't known; a half-width is rounded up, never away.

use groundplan_model::estimate::{Estimate, Provenance};
use groundplan_model::units::{Money, significant};
use groundplan_planner::closed::Measure;
use groundplan_planner::plan::{CostRange, Holds};

/// The unit of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Seconds, scaled to what fits.
    Seconds,
    /// Minutes of everybody being down.
    Minutes,
    /// A share, shown in percent.
    Share,
    /// Per second.
    PerSecond,
    /// A number of things.
    Count,
    /// A number without a unit, or one its place names.
    Number,
    /// Money per month in the plan's currency.
    Money,
}

impl Unit {
    /// Factor from the unit of the value to the unit shown, and that unit.
    fn scale(self, size: f64) -> (f64, &'static str) {
        match self {
            Unit::Seconds => match size.abs() {
                0.0 => (1.0, "s"),
                v if v < 0.999_5e-6 => (1e9, "ns"),
                v if v < 0.999_5e-3 => (1e6, "us"),
                v if v < 0.999_5 => (1e3, "ms"),
                v if v < 120.0 => (1.0, "s"),
                v if v < 7_200.0 => (1.0 / 60.0, "min"),
                v if v < 172_800.0 => (1.0 / 3_600.0, "h"),
                _ => (1.0 / 86_400.0, "d"),
            },
            Unit::PerSecond => match size.abs() {
                v if v >= 999_500_000.0 => (1e-9, "G/s"),
                v if v >= 999_500.0 => (1e-6, "M/s"),
                v if v >= 9_995.0 => (1e-3, "k/s"),
                _ => (1.0, "/s"),
            },
            Unit::Count | Unit::Number | Unit::Money => match size.abs() {
                v if v >= 999_500_000.0 => (1e-9, "G"),
                v if v >= 999_500.0 => (1e-6, "M"),
                v if v >= 99_950.0 => (1e-3, "k"),
                _ => (1.0, ""),
            },
            Unit::Minutes => (1.0, " min"),
            Unit::Share => (100.0, "%"),
        }
    }

    /// Nothing where a value is too small to mean anything: times below a nanosecond, whose digits would fill lines.
    fn sensible(self, value: f64) -> f64 {
        let least = if self == Unit::Seconds { 0.999_5e-9 } else { 1e-12 };
        if value.abs() < least { 0.0 } else { value }
    }

    /// The bare figure: `12.3ms`, `99.95%`.
    #[must_use]
    pub fn show(self, value: f64) -> String {
        if !value.is_finite() {
            return "–".into();
        }
        let value = self.sensible(value);
        let (factor, unit) = self.scale(value);
        let scaled = value * factor;
        if scaled == 0.0 {
            return format!("0{unit}");
        }
        format!("{}{unit}", self.digits(scaled, self.fine(scaled)))
    }

    /// Decimals that show a scaled value well: three significant digits, and two of what is missing to 100%.
    fn fine(self, scaled: f64) -> i32 {
        if self == Unit::Share && scaled > 90.0 && scaled < 100.0 {
            return (1 - exponent(100.0 - scaled)).clamp(1, 9);
        }
        2 - exponent(scaled)
    }

    fn digits(self, scaled: f64, decimals: i32) -> String {
        if decimals <= 0 {
            // Whole numbers keep their digits below ten thousand; a rate of 1234/s is not 1230/s.
            let grouped = if scaled.abs() < 99_950.0 { format!("{scaled:.0}") } else { significant(scaled) };
            return thousands(&grouped, if self == Unit::Money { 4 } else { 5 });
        }
        let text = format!("{scaled:.*}", decimals as usize);
        text.trim_end_matches('0').trim_end_matches('.').to_string()
    }
}

/// `1234567` as `1,234,567`; only where there are so many digits or more.
fn thousands(text: &str, from: usize) -> String {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    if digits.len() < from || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.to_string();
    }
    let mut out = String::new();
    for (nth, digit) in digits.chars().enumerate() {
        if nth > 0 && (digits.len() - nth).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    format!("{sign}{out}")
}

fn exponent(value: f64) -> i32 {
    if value == 0.0 { 0 } else { value.abs().log10().floor() as i32 }
}

/// A figure in its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// The value with its unit: `12.3ms`; a dash where there is none.
    pub value: String,
    /// Its interval: `±0.2` or `(11..15)`; empty for an exact figure.
    pub spread: String,
    /// Why there is no value or no interval.
    pub reason: Option<String>,
}

impl Figure {
    /// Value and interval on one line.
    #[must_use]
    pub fn line(&self) -> String {
        if self.spread.is_empty() { self.value.clone() } else { format!("{} {}", self.value, self.spread) }
    }
}

/// An estimate in its unit.
#[must_use]
pub fn figure(estimate: &Estimate, unit: Unit) -> Figure {
    let sensible = |value: Option<f64>| value.map(|value| unit.sensible(value));
    let Some(value) = sensible(estimate.value.filter(|value| value.is_finite())) else {
        return Figure { value: "–".into(), spread: String::new(), reason: estimate.reason.clone() };
    };
    let at_least = if estimate.at_least { "≥" } else { "" };
    let (low, high) = match (sensible(estimate.low), sensible(estimate.high)) {
        (Some(low), Some(high)) if low.is_finite() && high.is_finite() => (low, high),
        (Some(low), _) if low < value => {
            // Open above: some draws of the runs know no upper end.
            let spread = format!("({}..?)", unit.show(low));
            return Figure {
                value: format!("{at_least}{}", unit.show(value)),
                spread,
                reason: estimate.reason.clone(),
            };
        }
        _ => {
            let value = format!("{at_least}{}", unit.show(value));
            return Figure { value, spread: String::new(), reason: estimate.reason.clone() };
        }
    };
    let (factor, name) = unit.scale(if value == 0.0 { high.abs().max(low.abs()) } else { value });
    let (v, l, h) = (value * factor, low * factor, high * factor);
    let (below, above) = ((v - l).max(0.0), (h - v).max(0.0));
    let half = below.max(above);
    if half <= v.abs() * 1e-9 {
        return Figure { value: format!("{at_least}{}", unit.show(value)), spread: String::new(), reason: None };
    }
    let whole = v == 0.0 || (unit == Unit::Share && v >= 100.0);
    let fine = if whole { 1 - exponent(half) } else { unit.fine(v) };
    let coarse = if v == 0.0 { 0 } else { -exponent(v) };
    let (nearer, lopsided) = (below.min(above), below.max(above) > 1.6 * below.min(above));
    // The nearer end of a lopsided interval still has its digits.
    let told = if lopsided && nearer > 0.0 { nearer } else { half };
    let decimals = (-exponent(told)).max(coarse).min(fine + 1).max(0);
    // All digits up to the last that is known, zeros too; but a whole is 100%.
    let show = |x: f64| {
        let whole = x == 0.0 || (unit == Unit::Share && x == 100.0);
        if decimals == 0 || whole { unit.digits(x, 0) } else { format!("{x:.*}", decimals as usize) }
    };
    let step = 10f64.powi(-decimals);
    let value = format!("{at_least}{}{name}", show(v));
    // One side more than half as wide again as the other, visibly: the ends say more than a plus-minus.
    let spread = if lopsided && (below - above).abs() > step {
        let (l, h) = ((l / step + 1e-9).floor() * step, (h / step - 1e-9).ceil() * step);
        format!("({}..{})", show(l), show(h))
    } else {
        let up = ((half / step) - 1e-9).ceil().max(1.0) * step;
        format!("±{}", show(up))
    };
    // None of a thousand is none: the unit goes where it says something.
    if v == 0.0 && matches!(unit, Unit::Count | Unit::Number | Unit::Money) && !name.is_empty() {
        let spread = spread.strip_suffix(')').map_or(format!("{spread}{name}"), |open| format!("{open}{name})"));
        return Figure { value: format!("{at_least}0"), spread, reason: None };
    }
    Figure { value, spread, reason: None }
}

/// An estimate on one line.
#[must_use]
pub fn line(estimate: &Estimate, unit: Unit) -> String {
    figure(estimate, unit).line()
}

/// A range of money per month, without its currency: `1,240..2,310`.
#[must_use]
pub fn money(range: CostRange) -> String {
    let show =
        |value: f64| if value.abs() >= 99_950.0 { Unit::Money.show(value) } else { thousands(&rounded(value), 4) };
    let (low, high) = (show(range.low.0), show(range.high.0));
    if low == high { low } else { format!("{low}..{high}") }
}

/// Three significant digits below a thousand, whole tens above.
fn rounded(value: f64) -> String {
    if value.abs() < 1000.0 { significant(value) } else { format!("{:.0}", (value / 10.0).round() * 10.0) }
}

/// What the simulator says of too small a sample.
const TOO_FEW: &str = "values lie beyond it";

/// Why there is no figure, so that one need not know the statistics.
#[must_use]
pub fn in_full(reason: &str) -> String {
    if reason.contains(TOO_FEW) { format!("too few requests: {reason}") } else { reason.to_string() }
}

/// The same in a few words, to stand in place of the figure.
#[must_use]
pub fn in_short(reason: &str) -> &str {
    if reason.contains(TOO_FEW) { "too few requests" } else { reason }
}

/// An amount of money with its currency: `10,000 USD`, `1,240..2,310 USD`; the ends of the interval are the range.
#[must_use]
pub fn amount(estimate: &Estimate) -> String {
    match (estimate.low.or(estimate.value), estimate.high.or(estimate.value)) {
        (Some(low), Some(high)) => format!("{} USD", money(CostRange { low: Money(low), high: Money(high) })),
        _ => "–".into(),
    }
}

/// The text with its amounts of money written as everywhere: `15000 USD` as `15,000 USD`.
#[must_use]
pub fn with_amounts(text: &str) -> String {
    let mut words: Vec<String> = text.split(' ').map(str::to_string).collect();
    for at in 1..words.len() {
        if words[at].starts_with("USD") {
            words[at - 1] = thousands(&words[at - 1], 4);
        }
    }
    words.join(" ")
}

/// A range of plain numbers: `0.5..4`.
#[must_use]
pub fn range((low, high): (f64, f64)) -> String {
    let (low, high) = (significant(low), significant(high));
    if low == high { low } else { format!("{low}..{high}") }
}

/// The unit of what a closed form speaks of.
#[must_use]
pub fn of_closed(measure: Measure) -> Unit {
    match measure {
        Measure::Utilisation | Measure::CoreUtilisation | Measure::Refused => Unit::Share,
        Measure::MeanWait | Measure::WaitP99 | Measure::MeanTime => Unit::Seconds,
        Measure::InSystem | Measure::Amplification => Unit::Number,
    }
}

/// The unit of what an expectation measures; a plain number where it can't be read.
#[must_use]
pub fn of_expectation(text: &str) -> Unit {
    use groundplan_sim::expectation::{Unit as Measured, unit_of};
    match unit_of(text) {
        Some(Measured::Seconds) => Unit::Seconds,
        Some(Measured::Share) => Unit::Share,
        Some(Measured::PerSecond) => Unit::PerSecond,
        Some(Measured::Minutes) => Unit::Minutes,
        Some(Measured::Number) | None => Unit::Number,
    }
}

/// The unit of an SLO's or a trial's figure, told by the words that name it.
#[must_use]
pub fn unit_of(measure: &str) -> Unit {
    // Only the words of the measure, not the name it is taken of: `p99 of shop.availability`.
    let measure = measure.split(" of ").next().unwrap_or(measure).to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| measure.contains(word));
    if has(&["minutes"]) {
        Unit::Minutes
    } else if measure == "age" {
        Unit::Seconds
    } else if measure == "use"
        || has(&["availability", "share", "blast", "utilisation", "hit-ratio", "hit ratio", "errors", "collapse"])
    {
        Unit::Share
    } else if has(&["cost", "budget"]) {
        Unit::Money
    } else if has(&["writes", "duplicates", "conflicts"]) {
        Unit::Count
    } else if has(&["goodput", "throughput", "rate"]) {
        Unit::PerSecond
    } else if has(&[
        "p50",
        "p90",
        "p95",
        "p99",
        "mean",
        "latency",
        "recover",
        "rto",
        "rpo",
        "staleness",
        "accepted",
        "settled",
        "wait",
        "lag",
    ]) {
        Unit::Seconds
    } else {
        Unit::Number
    }
}

/// The word of a provenance: `looked up`.
#[must_use]
pub fn provenance(provenance: Provenance) -> &'static str {
    match provenance {
        Provenance::Given => "given",
        Provenance::Assumed => "assumed",
        Provenance::LookedUp => "looked up",
        Provenance::Computed => "computed",
        Provenance::Simulated => "simulated",
    }
}

/// The word of an answer: `holds`.
#[must_use]
pub fn holds(holds: Holds) -> &'static str {
    match holds {
        Holds::Yes => "holds",
        Holds::No => "does not hold",
        Holds::Undecided => "not decided",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_written_in_one_way() {
        assert_eq!(with_amounts("cost a month: at most 15000 USD"), "cost a month: at most 15,000 USD");
        assert_eq!(with_amounts("1500 requests, 12000.5 USD"), "1500 requests, 12000.5 USD");
        assert_eq!(amount(&Estimate::new(22_099.0, 14_707.0, 29_491.0)), "14,710..29,490 USD");
    }

    #[test]
    fn an_interval_that_is_open_above_says_so() {
        let open = Estimate {
            high: None,
            at_least: true,
            reason: Some("not recovered when observation ended".into()),
            ..Estimate::new(180.0, 10.0, 0.0)
        };
        assert_eq!(line(&open, Unit::Seconds), "≥3min (10s..?)");
        assert_eq!(line(&Estimate { low: Some(180.0), ..open }, Unit::Seconds), "≥3min");
    }

    #[test]
    fn digits_follow_the_interval() {
        let check = |value: f64, low: f64, high: f64, unit: Unit, expected: &str| {
            assert_eq!(line(&Estimate::new(value, low, high), unit), expected);
        };
        check(0.0123, 0.0121, 0.0125, Unit::Seconds, "12.3ms ±0.2");
        check(0.0, 0.0, 112_500.0, Unit::Number, "0 (0..113k)");
        check(0.012_345, 0.012_344, 0.012_346, Unit::Seconds, "12.35ms ±0.01");
        check(0.1, 0.096, 0.104, Unit::Share, "10.0% ±0.4");
        check(0.999_3, 0.999_1, 0.999_5, Unit::Share, "99.93% ±0.02");
        check(0.0, 0.0, 0.0, Unit::Count, "0");
        check(1.0, 0.9996, 1.0, Unit::Share, "100% (99.96..100)");
        check(931.2, 929.0, 933.4, Unit::PerSecond, "931/s ±3");
        check(0.0, 0.0, 0.3, Unit::Minutes, "0 min (0..0.3)");
        check(12.0, 4.0, 20.0, Unit::Minutes, "12 min ±8");
        check(0.5, 0.5, 0.5, Unit::Share, "50%");
        check(2.345, 1.9, 5.1, Unit::Seconds, "2.3s (1.9..5.1)");
    }

    #[test]
    fn a_missing_figure_says_why() {
        let none = figure(&Estimate::unknown("fewer than 30 sections"), Unit::Seconds);
        assert_eq!((none.line().as_str(), none.reason.as_deref()), ("–", Some("fewer than 30 sections")));
        let mut least = Estimate::new(4.1, 4.0, 4.2);
        least.at_least = true;
        assert_eq!(line(&least, Unit::Seconds), "≥4.1s ±0.1");
    }

    #[test]
    fn the_unit_is_told_by_the_measure_and_not_by_the_name() {
        let check = |measure: &str, unit: Unit| assert_eq!(unit_of(measure), unit, "{measure}");
        check("p99 of shop.availability", Unit::Seconds);
        check("p99 until accepted of shop.cost", Unit::Seconds);
        check("availability of shop.p99 over a year", Unit::Share);
        check("time to recover from a lost zone", Unit::Seconds);
        check("writes lost with a zone", Unit::Count);
        check("cost a month", Unit::Money);
        check("bad user-minutes", Unit::Minutes);
    }

    #[test]
    fn an_expectation_has_the_unit_of_its_measure() {
        let check = |text: &str, unit: Unit| assert_eq!(of_expectation(text), unit, "{text}");
        check("mean(in-system(s)) <= 1.1", Unit::Number);
        check("p99(in-system(s each)) <= 4", Unit::Number);
        check("share(in-system(s) >= 10) <= 1%", Unit::Share);
        check("share(wait(s) <= 1s) >= 99%", Unit::Share);
        check("sd(s.a) <= 50ms", Unit::Seconds);
        check("p97(wait(s)) <= 50ms", Unit::Seconds);
        check("variance(s.a) <= 0.01", Unit::Number);
        check("all-busy(s) <= 10%", Unit::Share);
        check("refused-here(a->b) <= 1%", Unit::Share);
        check("bad-minutes(a.b) <= 30s", Unit::Minutes);
        check("errors(s.a timeout) <= 0.1%", Unit::Share);
        check("lost-writes(orders) == 0", Unit::Number);
        check("hit-ratio(products) >= 80%", Unit::Share);
        check("amplification(a->b) <= 3x", Unit::Number);
        check("p99(shop.rate) <= 1s", Unit::Seconds);
        check("sum(s.a) <= 3", Unit::Number);
        check("as fast as can be", Unit::Number);
        check(")(", Unit::Number);
    }

    #[test]
    fn what_is_too_small_to_mean_anything_is_nothing() {
        assert_eq!(Unit::Seconds.show(2.5e-68), "0s");
        assert_eq!(Unit::Seconds.show(-3e-10), "0s");
        assert_eq!(Unit::Seconds.show(1e-9), "1ns");
        assert_eq!(Unit::Share.show(1e-70), "0%");
        assert_eq!(Unit::PerSecond.show(3.17e-8), "0.0000000317/s");
        assert_eq!(line(&Estimate::new(1e-30, 0.0, 2e-30), Unit::Seconds), "0s");
        assert_eq!(line(&Estimate::new(1e-30, 0.0, 0.02), Unit::Seconds), "0ms (0..20)");
    }

    #[test]
    fn money_is_a_range() {
        let range = |low, high| money(CostRange { low: Money(low), high: Money(high) });
        assert_eq!(range(1_237.0, 12_314.0), "1,240..12,310");
        assert_eq!(range(84.2, 84.2), "84.2");
        assert_eq!(range(0.0, 230_000.0), "0..230k");
    }
}
