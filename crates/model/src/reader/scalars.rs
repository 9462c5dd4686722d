//! Scalars into values, by shape, and what a shape is called in messages.

use super::laws;
use super::quantities::{
    BANDWIDTH, COUNT, Complaint, DURATION, FACTOR, GROWTH, GROWTH_AMOUNT, MONEY, Measure, NUMBER, RATE, SHARE, SIZE,
    count, measured, sum_of_money,
};
use crate::calendar;
use crate::diagnostic::guess;
use crate::quantity::{Dist, Ranged};
use crate::text::{is_unruly, one_of, shown};
use crate::units::{Bytes, Money, PerSecond, Seconds, Share};
use crate::value::{Growth, Value};
use crate::vocabulary::Shape;

/// The longest name. Unit: characters.
pub const MAX_NAME: usize = 64;
/// The longest free text. Unit: characters.
pub const MAX_TEXT: usize = 2_000;

/// What stands there, in words, for messages.
pub(crate) fn describe(shape: &Shape) -> String {
    let measure = |measure: &Measure| format!("{} such as `{}`", measure.what, measure.example);
    match shape {
        Shape::Text => "text".into(),
        Shape::Name => "a name".into(),
        Shape::Reference(what) => format!("the name of {}", crate::text::with_article(what)),
        Shape::Flag => "`yes` or `no`".into(),
        Shape::Degree => "`no`, `partial` or `yes`".into(),
        Shape::Word(words) => one_of(words.iter().copied(), 12),
        Shape::Count => measure(&COUNT),
        Shape::CountOrUnlimited => format!("{} or `unlimited`", measure(&COUNT)),
        Shape::Number => measure(&NUMBER),
        Shape::Duration => measure(&DURATION),
        Shape::Rate => measure(&RATE),
        Shape::Size => measure(&SIZE),
        Shape::Bandwidth => measure(&BANDWIDTH),
        Shape::Share => measure(&SHARE),
        Shape::Factor => measure(&FACTOR),
        Shape::Growth => "a growth such as `60%/year` or `200 GB/year`".into(),
        Shape::YearlyGrowth => measure(&GROWTH),
        Shape::MoneyPerMonth => measure(&MONEY),
        Shape::Distribution => "a distribution such as `exp(10ms)`".into(),
        Shape::Numbers => "a number such as `500`, or a law such as `lognormal(p50 2k p99 12k)`".into(),
        Shape::Amount => "an amount such as `50 EUR`".into(),
        Shape::Clock => "a time of the day such as `18:00 Europe/Berlin`".into(),
        Shape::Hours => "hours of the day such as `07:00-18:00`".into(),
        Shape::Days => "days of the year such as `12-20..01-05`".into(),
        Shape::Month => "a month such as `2027-06`".into(),
        Shape::Arrivals => "arrivals such as `poisson(900/s)`".into(),
        Shape::Popularity => "a popularity such as `zipf(0.9)`".into(),
        Shape::Target(inner) => format!("{}, or `{{ must: ..., want: ... }}`", describe(inner)),
        Shape::List(inner) => match inner {
            Shape::Record(keys) => format!("a list of maps, each with {}", one_of(keys.iter().map(|key| key.name), 4)),
            inner => format!("a list of {}", plural(inner)),
        },
        Shape::OneOrMany(inner) => format!("{} or a list of them", describe(inner)),
        Shape::Map(what, inner) => format!("a map from {} to {}", crate::text::with_article(what), describe(inner)),
        Shape::Record(keys) => format!("a map with {}", one_of(keys.iter().map(|key| key.name), 4)),
        Shape::Short(name, keys) => match keys.iter().find(|key| key.name == *name) {
            Some(key) => {
                format!("{}, or a map with {}", describe(&key.shape), one_of(keys.iter().map(|key| key.name), 4))
            }
            None => "a map".into(),
        },
        Shape::Either(shapes) => shapes.iter().map(describe).collect::<Vec<_>>().join(", or "),
        Shape::Steps => "a list of steps".into(),
        Shape::Route => "a map of stops with `start`".into(),
        Shape::Operation => "a list of steps, or a map with `steps`".into(),
    }
}

fn plural(shape: &Shape) -> String {
    match shape {
        Shape::Name | Shape::Reference(_) => "names".into(),
        Shape::Text => "texts".into(),
        Shape::Duration => "durations".into(),
        Shape::Word(words) => format!("words, each {}", one_of(words.iter().copied(), 12)),
        shape => describe(shape),
    }
}

/// Whether a text may be a name of something.
pub(crate) fn check_name(name: &str, what: &str) -> Result<(), Complaint> {
    let bad = |why: String| {
        Complaint::new("bad-name", format!("{} is no name: {why}", shown(name)))
            .help("names are letters, digits, `-`, `_` and `.`, at most 64 characters")
    };
    if name.is_empty() {
        return Err(bad("it is empty".into()));
    }
    // An operation that is asked for has the name of its component before it.
    let longest = if what == "operation asked for" { 2 * MAX_NAME + 1 } else { MAX_NAME };
    if name.chars().count() > longest {
        return Err(bad(format!("it has {} characters", name.chars().count())));
    }
    if let Some(c) = name.chars().find(|c| !c.is_alphanumeric() && !matches!(c, '-' | '_' | '.')) {
        return Err(bad(if c == ' ' {
            "it has a space".into()
        } else {
            format!("it has a {}", shown(&c.to_string()))
        }));
    }
    if name.contains('.') && ["module", "operation", "data set", "outside", "component"].contains(&what) {
        return Err(Complaint::new(
            "bad-name",
            format!("{} is no name of {}: it has a dot", shown(name), crate::text::with_article(what)),
        )
        .help("a dot parts a module from its operation: use `-`"));
    }
    Ok(())
}

/// A scalar's text, read as a shape.
pub(crate) fn scalar(text: &str, shape: &Shape, bare: fn(f64) -> Dist) -> Result<Value, Complaint> {
    fn ranged<T: Copy + PartialEq>(range: Ranged<f64>, wrap: impl Fn(f64) -> T) -> Ranged<T> {
        Ranged { low: wrap(range.low), high: wrap(range.high) }
    }
    Ok(match shape {
        Shape::Text => Value::Text(free_text(text)?),
        Shape::Name => {
            check_name(text, "name")?;
            Value::Text(text.to_string())
        }
        Shape::Reference(what) => {
            if text.is_empty()
                || text.chars().count() > 2 * MAX_NAME + 1
                || text.chars().any(|c| !c.is_alphanumeric() && !matches!(c, '-' | '_' | '.' | '/'))
            {
                return Err(Complaint::new(
                    "bad-name",
                    format!("{} is no name of {}", shown(text), crate::text::with_article(what)),
                )
                .help("names are letters, digits, `-`, `_` and `.`"));
            }
            Value::Text(text.to_string())
        }
        Shape::Flag => match text {
            "yes" | "true" => Value::Flag(true),
            "no" | "false" => Value::Flag(false),
            _ => return Err(not_a_word(text, &["yes", "no"])),
        },
        Shape::Degree => match text {
            "yes" | "true" => Value::Text("yes".into()),
            "no" | "false" => Value::Text("no".into()),
            "partial" => Value::Text("partial".into()),
            _ => return Err(not_a_word(text, &["no", "partial", "yes"])),
        },
        Shape::Word(words) => {
            if !words.contains(&text) {
                return Err(not_a_word(text, words));
            }
            Value::Text(text.to_string())
        }
        Shape::Count => Value::Count(count(text)?),
        Shape::CountOrUnlimited => {
            if text == "unlimited" {
                Value::Unlimited
            } else {
                match count(text) {
                    Err(complaint) if complaint.code == "not-a-quantity" => {
                        let complaint =
                            Complaint::new("not-a-quantity", format!("{} is not a whole number", shown(text)));
                        return Err(match guess(text, ["unlimited"]) {
                            Some(_) => complaint.help("did you mean `unlimited`?"),
                            None => complaint.help("write one such as `200k`, or `unlimited`"),
                        });
                    }
                    other => Value::Count(other?),
                }
            }
        }
        Shape::Number => Value::Number(measured(text, &NUMBER)?),
        Shape::Duration => Value::Duration(ranged(measured(text, &DURATION)?, Seconds)),
        Shape::Rate => Value::Rate(ranged(measured(text, &RATE)?, PerSecond)),
        Shape::Size => Value::Size(ranged(measured(text, &SIZE)?, Bytes)),
        Shape::Bandwidth => Value::Bandwidth(ranged(measured(text, &BANDWIDTH)?, Bytes)),
        Shape::Share => Value::Share(ranged(measured(text, &SHARE)?, Share)),
        Shape::Factor => Value::Factor(measured(text, &FACTOR)?),
        Shape::YearlyGrowth => Value::Share(ranged(measured(text, &GROWTH)?, Share)),
        Shape::Growth => {
            if text.contains('%') {
                Value::Growth(Growth::Relative(measured(text, &GROWTH)?.mid()))
            } else {
                Value::Growth(Growth::Amount(Bytes(measured(text, &GROWTH_AMOUNT)?.mid())))
            }
        }
        Shape::MoneyPerMonth => Value::Money(ranged(measured(text, &MONEY)?, Money)),
        Shape::Distribution => Value::Dist(laws::distribution(text, bare)?),
        Shape::Numbers => Value::Numbers(laws::numbers(text)?),
        Shape::Amount => Value::Amount(sum_of_money(text)?),
        Shape::Clock => Value::Clock(calendar::clock(text)?),
        Shape::Hours => Value::Hours(calendar::hours(text)?),
        Shape::Days => Value::Days(calendar::days(text)?),
        Shape::Month => Value::Month(calendar::month(text)?),
        Shape::Arrivals => Value::Arrivals(laws::arrivals(text)?),
        Shape::Popularity => Value::Popularity(laws::popularity(text)?),
        // Everything else is no scalar, and `fits` has said so before.
        _ => {
            return Err(Complaint::new("wrong-shape", format!("{} can't stand here", shown(text)))
                .help(format!("write {}", describe(shape))));
        }
    })
}

fn not_a_word(text: &str, words: &[&str]) -> Complaint {
    let complaint =
        Complaint::new("unknown-word", format!("{} is not one of the words that can stand here", shown(text)));
    let alike = [("on", "yes"), ("off", "no"), ("none", "no"), ("full", "yes"), ("24x7", "always"), ("24/7", "always")];
    let meant = alike
        .iter()
        .find(|(wrong, right)| *wrong == text.to_lowercase() && words.contains(right))
        .map(|(_, right)| *right);
    match meant.or_else(|| guess(text, words.iter().copied())) {
        Some(right) => complaint.help(format!("did you mean {}?", shown(right))),
        None => complaint.help(format!("write {}", one_of(words.iter().copied(), 12))),
    }
}

fn free_text(text: &str) -> Result<String, Complaint> {
    if text.chars().count() > MAX_TEXT {
        return Err(Complaint::new(
            "text-too-long",
            format!("the text has {} characters; at most {MAX_TEXT} are read", text.chars().count()),
        ));
    }
    if let Some(c) = text.chars().find(|c| is_unruly(*c) && !matches!(c, '\n' | '\t')) {
        return Err(Complaint::new(
            "control-character",
            format!("the text has the control character {}", shown(&c.to_string())),
        )
        .help("take it away"));
    }
    if text.contains(['\n', '\t']) {
        return Ok(text.split_whitespace().collect::<Vec<_>>().join(" "));
    }
    Ok(text.to_string())
}
