//! Expectations: `p99(gateway.browse) <= 200ms`, read against the names of a design, and judged against what was measured.
//!
//! One list, `MEASURES`, holds every word with its subject, unit and manual (what machines count, `record::KEPT`). Here is what is asked; how it is measured
//! lives in `verdict`. Left out: arithmetic between measures, and the words `slowdown` (latency by load class says it) and
//! `downtime`, for which records keep nothing.

mod measures;
mod nested;

pub use measures::{Figure, MeasureWord, Of, Quantity, State, Unit, every_measure};

use crate::record::{Ending, How};
use groundplan_model::diagnostic::{Diagnostic, guess};
use groundplan_model::estimate::Estimate;
use groundplan_model::span::Span;
use measures::measure;
use serde::{Deserialize, Serialize};

/// What an expectation is about, by its index in the records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// An entry of the load.
    Operation(usize),
    /// A component.
    Component(usize),
    /// A pair of caller and callee.
    Call(usize),
}

/// How the measure must stand to the threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// `<=` or `<`: continuous figures don't tell them apart.
    AtMost,
    /// `>=` or `>`.
    AtLeast,
    /// `==`.
    Exactly,
}

/// One expectation that names what exists.
#[derive(Debug, Clone, PartialEq)]
pub struct Expectation {
    /// As it was written.
    pub text: String,
    /// What is measured.
    pub quantity: Quantity,
    /// Of what.
    pub subject: Subject,
    /// How it must stand to the threshold.
    pub relation: Relation,
    /// The threshold, in the unit.
    pub threshold: f64,
    /// The unit.
    pub unit: Unit,
    /// What each run by itself must show, where the share of runs that do is asked for: `runs(lost-writes(orders) == 0) >= 90%`.
    /// Relation, threshold and unit above are then those of the share.
    pub each: Option<Condition>,
}

/// How a figure of one run must stand to a threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Condition {
    /// How.
    pub relation: Relation,
    /// To what, in the measure's own unit.
    pub threshold: f64,
}

impl Condition {
    /// Whether a figure stands so.
    #[must_use]
    pub fn met(self, value: f64) -> bool {
        match self.relation {
            Relation::AtMost => value <= self.threshold,
            Relation::AtLeast => value >= self.threshold,
            Relation::Exactly => value == self.threshold,
        }
    }
}

/// The names that expectations may use. Indices are those of the records.
#[derive(Debug, Clone, Copy)]
pub struct Subjects<'a> {
    /// Entries of the load.
    pub operations: &'a [String],
    /// Components.
    pub components: &'a [String],
    /// Pairs of caller and callee, `FROM->TO`.
    pub calls: &'a [String],
}

/// Whether an expectation holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Holds {
    /// The whole interval is on the right side.
    Yes,
    /// The whole interval is on the wrong side.
    No,
    /// The interval does not clear the threshold.
    Undecided,
}

/// Reads one expectation.
///
/// # Errors
/// What is wrong with it, with the nearest word or name that would do.
pub fn parse(text: &str, span: Span, subjects: Subjects<'_>) -> Result<Expectation, Diagnostic> {
    let whole = text.trim();
    let shape = || {
        Diagnostic::error("unreadable-expectation", format!("can't read the expectation `{whole}`"))
            .at(span, "expected here")
            .help("write a measure of something, a comparison and a threshold: `p99(shop.browse) <= 200ms`")
    };
    let open = whole.find('(').ok_or_else(shape)?;
    let close = whole.rfind(')').filter(|close| *close > open).ok_or_else(shape)?;
    let (name, inside, rest) = (whole[..open].trim(), whole[open + 1..close].trim(), whole[close + 1..].trim());
    if name == RUNS {
        let inner = parse(inside, span, subjects)?;
        let (relation, rest) = relation(rest).ok_or_else(shape)?;
        let threshold = number(rest, Unit::Share).ok_or_else(|| unreadable(rest, Unit::Share, span))?;
        if inner.each.is_some() {
            return Err(shape());
        }
        let each = Some(Condition { relation: inner.relation, threshold: inner.threshold });
        return Ok(Expectation { text: whole.into(), relation, threshold, unit: Unit::Share, each, ..inner });
    }
    let (word, mut quantity) = measure(name).ok_or_else(|| unknown_measure(name, span))?;
    let (relation, rest) = relation(rest).ok_or_else(shape)?;
    let mut named = inside;
    let mut unit = word.unit;
    let mut of = word.of;
    match (quantity, nested::read(inside, quantity)) {
        (_, Some(asked)) => {
            let asked = asked.map_err(|help| unreadable_nested(help, span))?;
            (named, quantity, of) = (asked.named, asked.quantity, asked.of);
            unit = asked.unit.unwrap_or(unit);
        }
        (Quantity::InSystem, _) => {
            let (name, state) = nested::state(inside).map_err(|help| unreadable_nested(help, span))?;
            named = name;
            if state != State::default() {
                quantity = Quantity::Level(state, Figure::Mean);
            }
        }
        (Quantity::Within(_), _) => {
            let (operation, limit) = inside.split_once("<=").or_else(|| inside.split_once('<')).ok_or_else(|| {
                Diagnostic::error("unreadable-expectation", "`share` needs a limit")
                    .at(span, "expected here")
                    .help("write `share(shop.browse <= 300ms) >= 99%`")
            })?;
            named = operation.trim();
            let limit =
                number(limit.trim(), Unit::Seconds).ok_or_else(|| unreadable(limit.trim(), Unit::Seconds, span))?;
            quantity = Quantity::Within((limit * 1e9).round() as u64);
        }
        (Quantity::Errors(_), _) => {
            if let Some((operation, cause)) = inside.split_once(char::is_whitespace) {
                named = operation;
                quantity = Quantity::Errors(Some(self::cause(cause.trim(), span)?));
            }
        }
        _ => {}
    }
    let subject = subject(named, of, subjects, span)?;
    let threshold = number(rest, unit).ok_or_else(|| unreadable(rest, unit, span))?;
    Ok(Expectation { text: whole.into(), quantity, subject, relation, threshold, unit, each: None })
}

/// The word for the share of runs that show something by themselves.
const RUNS: &str = "runs";

/// A comparison and what stands behind it.
fn relation(rest: &str) -> Option<(Relation, &str)> {
    [
        ("<=", Relation::AtMost),
        (">=", Relation::AtLeast),
        ("==", Relation::Exactly),
        ("<", Relation::AtMost),
        (">", Relation::AtLeast),
        ("=", Relation::Exactly),
    ]
    .iter()
    .find_map(|(sign, relation)| rest.strip_prefix(sign).map(|rest| (*relation, rest.trim())))
}

/// The unit of what an expectation or a measure speaks of: `p99(shop.browse) <= 200ms`, `mean(in-system(shop))`; none where
/// it can't be read. Names need not exist.
#[must_use]
pub fn unit_of(text: &str) -> Option<Unit> {
    let (name, rest) = text.split_once('(')?;
    let inside = &rest[..rest.rfind(')')?];
    if name.trim() == RUNS {
        return Some(Unit::Share);
    }
    let (word, quantity) = measure(name.trim())?;
    match nested::read(inside.trim(), quantity) {
        Some(asked) => asked.ok().map(|asked| asked.unit.unwrap_or(word.unit)),
        None => Some(word.unit),
    }
}

impl Expectation {
    /// The part of the threshold that is too small to matter: 1% of it, of shares 1% of the nearer end's distance.
    #[must_use]
    pub fn indifference(&self) -> f64 {
        match self.unit {
            Unit::Share => 0.01 * self.threshold.min(1.0 - self.threshold).max(0.0),
            _ => 0.01 * self.threshold.abs(),
        }
    }

    /// How near its threshold a figure can't be told from it: half a bucket of the histograms that quantiles are read from.
    fn resolution(&self) -> f64 {
        match self.quantity {
            _ if self.each.is_some() => 0.0,
            Quantity::Quantile(_) | Quantity::WaitQuantile(_) => 0.002 * self.threshold.abs(),
            _ => 0.0,
        }
    }

    /// Whether it holds: yes or no only when the interval clears the threshold, give or take the indifference zone.
    ///
    /// Of counts that must be exact (`lost-writes(orders) == 0`) every run must have that count.
    #[must_use]
    pub fn judge(&self, measured: &Estimate) -> Holds {
        let Some(value) = measured.value else { return Holds::Undecided };
        let zone = self.indifference();
        let (low, high) = (measured.low, if measured.at_least { None } else { measured.high });
        // A sign that turns "at least" into "at most".
        let (value, low, high, threshold) = match self.relation {
            Relation::AtMost => (value, low, high, self.threshold),
            Relation::AtLeast => (-value, measured.high.map(|high| -high), low.map(|low| -low), -self.threshold),
            Relation::Exactly => {
                let counted = self.each.is_none()
                    && matches!(
                        self.quantity,
                        Quantity::LostWrites | Quantity::Duplicates | Quantity::Kept(How::Count(_))
                    );
                return match (low, high) {
                    _ if counted && self.threshold == 0.0 => {
                        if value == 0.0 {
                            Holds::Yes
                        } else {
                            Holds::No
                        }
                    }
                    (Some(low), _) if low > self.threshold + zone => Holds::No,
                    (_, Some(high)) if high < self.threshold - zone => Holds::No,
                    (Some(low), Some(high)) if low >= self.threshold - zone && high <= self.threshold + zone => {
                        Holds::Yes
                    }
                    _ => Holds::Undecided,
                };
            }
        };
        let threshold_seen = threshold + self.resolution();
        if value <= threshold_seen && high.is_some_and(|high| high <= threshold + zone) {
            Holds::Yes
        } else if value > threshold_seen && low.is_some_and(|low| low >= threshold - zone) {
            Holds::No
        } else if measured.at_least && self.relation == Relation::AtMost && value > threshold + zone {
            // Larger than shown, and what is shown is already too much.
            Holds::No
        } else {
            Holds::Undecided
        }
    }

    /// How many replications would decide it, if the value stays and the interval narrows as it does; none where no number would.
    #[must_use]
    pub fn runs_needed(&self, measured: &Estimate, replications: usize) -> Option<u64> {
        let (value, low, high) = (measured.value?, measured.low?, measured.high?);
        let distance = (value - self.threshold).abs() + self.indifference();
        let half = if value <= self.threshold { high - value } else { value - low };
        if distance <= 0.0 || half <= 0.0 {
            return None;
        }
        let needed = replications as f64 * (half / distance) * (half / distance);
        (needed < 1e6).then(|| (needed.ceil() as u64).max(replications as u64 + 1))
    }
}

fn unknown_measure(name: &str, span: Span) -> Diagnostic {
    let diagnostic =
        Diagnostic::error("unknown-measure", format!("no measure is called `{name}`")).at(span, "asked for here");
    match guess(name, every_measure().map(|word| word.name)) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => {
            let names: Vec<&str> = every_measure().map(|word| word.name).collect();
            diagnostic.help(format!("measures are {}", names.join(", ")))
        }
    }
}

fn cause(word: &str, span: Span) -> Result<Ending, Diagnostic> {
    let bad = || Ending::ALL.iter().copied().filter(|ending| !matches!(ending, Ending::Ok | Ending::Cancelled));
    bad().find(|ending| ending.word() == word).ok_or_else(|| {
        let words: Vec<&str> = bad().map(Ending::word).collect();
        Diagnostic::error("unknown-cause", format!("no request ends by `{word}`"))
            .at(span, "asked for here")
            .help(format!("causes are {}", words.join(", ")))
    })
}

/// The subject of this name: whole, or short where only one ends in it.
fn subject(name: &str, of: Of, subjects: Subjects<'_>, span: Span) -> Result<Subject, Diagnostic> {
    let call = name.replace(' ', "");
    let kinds: &[(Of, &[String])] = match of {
        Of::Operation => &[(Of::Operation, subjects.operations)],
        Of::Component => &[(Of::Component, subjects.components)],
        Of::Call => &[(Of::Call, subjects.calls)],
        Of::Holder => &[(Of::Operation, subjects.operations), (Of::Component, subjects.components)],
        Of::Any => {
            &[(Of::Operation, subjects.operations), (Of::Component, subjects.components), (Of::Call, subjects.calls)]
        }
    };
    let make = |kind: Of, index: usize| match kind {
        Of::Component => Subject::Component(index),
        Of::Call => Subject::Call(index),
        Of::Operation | Of::Any | Of::Holder => Subject::Operation(index),
    };
    for (kind, names) in kinds {
        if let Some(index) = names.iter().position(|known| *known == call) {
            return Ok(make(*kind, index));
        }
    }
    let short: Vec<(Of, usize, &str)> = kinds
        .iter()
        .filter(|(kind, _)| *kind == Of::Operation)
        .flat_map(|(kind, names)| names.iter().enumerate().map(|(index, known)| (*kind, index, known.as_str())))
        .filter(|(_, _, known)| known.rsplit_once('.').is_some_and(|(_, last)| last == name))
        .collect();
    if let [(kind, index, _)] = short[..] {
        return Ok(make(kind, index));
    }
    if !short.is_empty() {
        let whole: Vec<String> = short.iter().map(|(_, _, known)| format!("`{known}`")).collect();
        return Err(Diagnostic::error("ambiguous-name", format!("`{name}` may mean {}", whole.join(" or ")))
            .at(span, "named here")
            .help("write the whole name"));
    }
    Err(unknown_subject(name, &call, of, kinds, subjects, span))
}

fn unknown_subject(
    name: &str,
    call: &str,
    of: Of,
    kinds: &[(Of, &[String])],
    subjects: Subjects<'_>,
    span: Span,
) -> Diagnostic {
    let what = match of {
        Of::Operation => "no load asks for",
        Of::Component => "no component is called",
        Of::Call => "no call goes",
        Of::Any | Of::Holder => "nothing measured is called",
    };
    let all = || kinds.iter().flat_map(|(_, names)| names.iter().map(String::as_str));
    let diagnostic = Diagnostic::error("unknown-subject", format!("{what} `{name}`")).at(span, "named here");
    let is_operation_inside =
        name.split_once('.').is_some_and(|(component, _)| subjects.components.iter().any(|known| known == component));
    if let Some(near) = guess(call, all()) {
        diagnostic.help(format!("did you mean `{near}`?"))
    } else if is_operation_inside && matches!(of, Of::Operation | Of::Any) {
        diagnostic
            .note("operations are measured where load enters")
            .help(format!("one of {}", listed(subjects.operations)))
    } else {
        let known: Vec<String> = all().map(str::to_string).collect();
        diagnostic.help(if known.is_empty() {
            "there is nothing of the kind".into()
        } else {
            format!("one of {}", listed(&known))
        })
    }
}

fn listed(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().take(8).map(|name| format!("`{name}`")).collect();
    if names.len() > 8 { format!("{}, ...", shown.join(", ")) } else { shown.join(", ") }
}

fn unreadable_nested(help: &'static str, span: Span) -> Diagnostic {
    Diagnostic::error("unreadable-expectation", "can't read what is measured").at(span, "expected here").help(help)
}

fn unreadable(text: &str, unit: Unit, span: Span) -> Diagnostic {
    let example = match unit {
        Unit::Seconds | Unit::Minutes => "a duration such as `200ms` or `30s`",
        Unit::Share => "a share such as `99.9%`",
        Unit::PerSecond => "a rate such as `900/s` or `5k/s`",
        Unit::Number => "a number such as `0`, `12` or `3x`",
    };
    Diagnostic::error("unreadable-threshold", format!("`{text}` is no threshold for this measure"))
        .at(span, "expected here")
        .help(format!("write {example}"))
}

/// A threshold in a unit.
fn number(text: &str, unit: Unit) -> Option<f64> {
    let split = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '_'))).unwrap_or(text.len());
    let digits = text[..split].replace('_', "");
    let plain: f64 = digits.parse().ok()?;
    let tail = text[split..].trim();
    // Powers of ten go into the text, so that `99.99%` is 0.9999 to the last digit.
    let (exponent, factor) = match (unit, tail) {
        (Unit::Seconds | Unit::Minutes, _) => match tail {
            "ns" => (-9, 1.0),
            "us" | "µs" => (-6, 1.0),
            "ms" => (-3, 1.0),
            "s" => (0, 1.0),
            "min" => (0, 60.0),
            "h" => (0, 3600.0),
            "d" | "day" | "days" => (0, 86_400.0),
            "" if plain == 0.0 => (0, 1.0),
            _ => return None,
        },
        (Unit::Share, "%") => (-2, 1.0),
        (Unit::PerSecond, "/s") | (Unit::Number, "" | "x") | (Unit::Share, "") => (0, 1.0),
        (Unit::PerSecond, "k/s") | (Unit::Number, "k") => (3, 1.0),
        (Unit::PerSecond, "M/s") | (Unit::Number, "M") => (6, 1.0),
        (Unit::PerSecond, "/min") => (0, 1.0 / 60.0),
        (Unit::PerSecond, "/h") => (0, 1.0 / 3600.0),
        (Unit::PerSecond, "") if plain == 0.0 => (0, 1.0),
        _ => return None,
    };
    let value: f64 = format!("{digits}e{exponent}").parse().ok()?;
    let value = if unit == Unit::Minutes { value * factor / 60.0 } else { value * factor };
    let fits = unit != Unit::Share || value <= 1.0;
    (value.is_finite() && fits).then_some(value)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn read(text: &str) -> Result<Expectation, Diagnostic> {
        let own = |names: &[&str]| names.iter().map(|name| (*name).to_string()).collect::<Vec<_>>();
        let operations = own(&["gateway.browse", "gateway.place-order", "admin.browse"]);
        let components = own(&["gateway", "shop", "payments", "orders", "products"]);
        let calls = own(&["shop->payments", "gateway->shop"]);
        parse(text, Span::NONE, Subjects { operations: &operations, components: &components, calls: &calls })
    }

    #[test]
    fn expectations_of_the_language_are_read() {
        let check = |text: &str, quantity, subject, relation, threshold: f64| {
            let found = read(text).unwrap_or_else(|diagnostic| panic!("{text}: {}", diagnostic.headline));
            assert_eq!((found.quantity, found.subject, found.relation), (quantity, subject, relation), "{text}");
            assert_eq!(found.threshold, threshold, "{text}");
        };
        use Relation::{AtLeast, AtMost, Exactly};
        use Subject::{Call, Component, Operation};
        check("p99(gateway.browse) <= 200ms", Quantity::Quantile(0.99), Operation(0), AtMost, 0.2);
        check("p95(gateway.browse)<=1.5s", Quantity::Quantile(0.95), Operation(0), AtMost, 1.5);
        check("p999(place-order) < 2s", Quantity::Quantile(0.999), Operation(1), AtMost, 2.0);
        check("p99.9(place-order) < 2s", Quantity::Quantile(0.999), Operation(1), AtMost, 2.0);
        check("mean(payments) <= 100us", Quantity::Mean, Component(2), AtMost, 1e-4);
        check("availability(gateway.place-order) >= 99.5%", Quantity::Availability, Operation(1), AtLeast, 0.995);
        check("availability(gateway.place-order) >= 99.99%", Quantity::Availability, Operation(1), AtLeast, 0.9999);
        check("recovery(gateway.browse) <= 30s", Quantity::Recovery, Operation(0), AtMost, 30.0);
        check("lost-writes(orders) == 0", Quantity::LostWrites, Component(3), Exactly, 0.0);
        check("utilisation(orders) <= 70%", Quantity::Utilisation, Component(3), AtMost, 0.7);
        check("amplification(shop->payments) <= 1.1", Quantity::Amplification, Call(0), AtMost, 1.1);
        check("amplification(shop -> payments) <= 3x", Quantity::Amplification, Call(0), AtMost, 3.0);
        check("hit-ratio(products) >= 0.8", Quantity::HitRatio, Component(4), AtLeast, 0.8);
        check("share(gateway.browse <= 300ms) >= 99%", Quantity::Within(300_000_000), Operation(0), AtLeast, 0.99);
        check("errors(place-order timeout) <= 1%", Quantity::Errors(Some(Ending::Timeout)), Operation(1), AtMost, 0.01);
        check("goodput(place-order) >= 5k/s", Quantity::Goodput, Operation(1), AtLeast, 5000.0);
        check("wait-p95(shop) <= 10ms", Quantity::WaitQuantile(0.95), Component(1), AtMost, 0.01);
        check("bad-minutes(place-order) <= 30s", Quantity::BadMinutes, Operation(1), AtMost, 0.5);
    }

    #[test]
    fn every_measure_reads_its_example() {
        let own = |names: &[&str]| names.iter().map(|name| (*name).to_string()).collect::<Vec<_>>();
        let operations = own(&["shop.browse"]);
        let components =
            own(&["counts", "events", "ledger", "mailer", "orders", "payments", "products", "relay", "shop"]);
        let calls = own(&["shop->payments"]);
        let subjects = Subjects { operations: &operations, components: &components, calls: &calls };
        for word in every_measure() {
            let read = parse(word.example, Span::NONE, subjects);
            assert!(read.is_ok(), "{}: {read:?}", word.example);
            assert!(word.example.starts_with(word.name), "{}", word.example);
        }
    }

    #[test]
    fn slips_are_told_with_what_would_do() {
        let check = |text: &str, code: &str, help: &str| {
            let found = read(text).expect_err(text);
            assert_eq!(found.code, code, "{text}");
            assert!(found.help.as_deref().unwrap_or("").contains(help), "{text}: {:?}", found.help);
        };
        check("availabilty(gateway.browse) >= 99%", "unknown-measure", "did you mean `availability`?");
        check("beauty(gateway.browse) >= 99%", "unknown-measure", "measures are mean, p50");
        check("p99(gatway.browse) <= 1s", "unknown-subject", "did you mean `gateway.browse`?");
        check("availability(shop.reserve) >= 99%", "unknown-subject", "`gateway.browse`");
        check("browse <= 1s", "unreadable-expectation", "p99(shop.browse)");
        check("p99(browse) <= 1s", "ambiguous-name", "whole name");
        check("p99(gateway.browse) <= 200", "unreadable-threshold", "200ms");
        check("availability(gateway.browse) >= 101%", "unreadable-threshold", "99.9%");
        check("errors(gateway.browse boredom) <= 1%", "unknown-cause", "timeout");
        check("share(gateway.browse) >= 1%", "unreadable-expectation", "300ms");
        check(")(", "unreadable-expectation", "");
        check("p99(gateway.browse) about 1s", "unreadable-expectation", "");
    }

    #[test]
    fn only_a_cleared_threshold_decides() {
        let check = |text: &str, measured: Estimate, holds: Holds| {
            assert_eq!(read(text).unwrap().judge(&measured), holds, "{text} {measured:?}");
        };
        let p99 = "p99(gateway.browse) <= 200ms";
        check(p99, Estimate::new(0.150, 0.140, 0.160), Holds::Yes);
        check(p99, Estimate::new(0.199, 0.197, 0.2019), Holds::Yes);
        // A constant 200 ms is read from a bucket as wide as 0.4%: as near as that it can't be said to be more.
        check(p99, Estimate::new(0.2003, 0.2002, 0.2004), Holds::Yes);
        check(p99, Estimate::new(0.2005, 0.2004, 0.2006), Holds::No);
        check(p99, Estimate::new(0.199, 0.190, 0.210), Holds::Undecided);
        check(p99, Estimate::new(0.250, 0.240, 0.260), Holds::No);
        check(p99, Estimate { high: None, at_least: true, ..Estimate::new(0.150, 0.14, 0.0) }, Holds::Undecided);
        check(p99, Estimate { low: None, high: None, at_least: true, ..Estimate::exact(0.9) }, Holds::No);
        check(p99, Estimate { low: None, high: None, ..Estimate::exact(0.1) }, Holds::Undecided);
        check(p99, Estimate::unknown("too few"), Holds::Undecided);
        let share = "availability(gateway.browse) >= 99.5%";
        check(share, Estimate::new(0.999, 0.998, 0.9995), Holds::Yes);
        // The zone is a hundredth of the error budget, not of the share: 98.9% is not nearly 99.5%.
        check(share, Estimate::new(0.9955, 0.989, 0.9999), Holds::Undecided);
        check(share, Estimate::new(0.990, 0.985, 0.994), Holds::No);
        check("lost-writes(orders) == 0", Estimate::new(0.0, 0.0, 0.09), Holds::Yes);
        check("lost-writes(orders) == 0", Estimate::new(0.1, 0.001, 0.5), Holds::No);
        check("queue(orders) == 4", Estimate::new(4.0, 3.98, 4.02), Holds::Yes);
        check("queue(orders) == 4", Estimate::new(4.5, 4.4, 4.6), Holds::No);
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in ".{0,40}", name in "[a-z0-9.-]{0,8}", rest in "[<>=]{0,2} ?[0-9.]{0,4}[%a-zµ/]{0,3}") {
            let _ = read(&text);
            let _ = read(&format!("{name}(browse) {rest}"));
            let _ = read(&format!("p99({name}) {rest}"));
            let _ = read(&format!("share({text} <= {rest}) >= 1%"));
        }
    }

    #[test]
    fn undecided_says_how_many_runs_would_do() {
        let expectation = read("p99(gateway.browse) <= 200ms").unwrap();
        // Half-width 10 ms, distance 3 ms and a zone of 2 ms: four times the runs.
        assert_eq!(expectation.runs_needed(&Estimate::new(0.197, 0.187, 0.207), 32), Some(128));
        assert_eq!(expectation.runs_needed(&Estimate::unknown("too few"), 32), None);
    }
}
