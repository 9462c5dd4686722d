//! A value of the language after reading: typed, with its place; and settings, which are values by key.

use crate::calendar::{Clock, Days, Hours, Month};
use crate::quantity::{
    Amount, Arrivals, Dist, OfNumbers, Popularity, Ranged, exact_decimal, exact_rate, exact_seconds, exact_share,
};
use crate::span::{Located, Span};
use crate::units::{Bytes, Money, PerSecond, Seconds, Share};
use indexmap::IndexMap;
use std::fmt;

/// A growth: relative per year, or an amount per year.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Growth {
    /// `60%/year` is `0.6`.
    Relative(f64),
    /// `200 GB/year`.
    Amount(Bytes),
}

/// One value. Numbers may be ranges.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Text, word, name or reference.
    Text(String),
    /// `yes` or `no`.
    Flag(bool),
    /// A whole number.
    Count(u64),
    /// The word `unlimited`.
    Unlimited,
    /// A plain number.
    Number(Ranged<f64>),
    /// A duration.
    Duration(Ranged<Seconds>),
    /// A rate.
    Rate(Ranged<PerSecond>),
    /// An amount of data.
    Size(Ranged<Bytes>),
    /// Data per second.
    Bandwidth(Ranged<Bytes>),
    /// A share.
    Share(Ranged<Share>),
    /// A factor, `3x`.
    Factor(Ranged<f64>),
    /// A growth.
    Growth(Growth),
    /// Money per month.
    Money(Ranged<Money>),
    /// A distribution.
    Dist(Dist),
    /// A distribution of plain numbers, such as tokens.
    Numbers(Dist),
    /// An amount of money.
    Amount(Amount),
    /// A time of the day.
    Clock(Clock),
    /// Hours of the day.
    Hours(Hours),
    /// Days of the year.
    Days(Days),
    /// A month of a year.
    Month(Month),
    /// Arrivals of an open load.
    Arrivals(Arrivals),
    /// Popularity of keys.
    Popularity(Popularity),
    /// A list.
    List(Vec<Located<Value>>),
    /// A map or record.
    Map(Settings),
    /// Steps of an operation, where they stand as a setting.
    Steps(Vec<crate::design::Step>),
}

/// Values by key, in file order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Settings(pub IndexMap<String, Located<Value>>);

impl Settings {
    /// No settings.
    #[must_use]
    pub fn new() -> Settings {
        Settings::default()
    }
    /// Adds one, for designs that are made and not read.
    #[must_use]
    pub fn with(mut self, key: &str, value: Value) -> Settings {
        self.set(key, value);
        self
    }
    /// Sets one.
    pub fn set(&mut self, key: &str, value: Value) {
        self.0.insert(key.to_string(), value.into());
    }
    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key).map(|located| &located.value)
    }
    /// Where the value of a key stood.
    #[must_use]
    pub fn span(&self, key: &str) -> Span {
        self.0.get(key).map_or(Span::NONE, |located| located.span)
    }
    /// A text, word, name or reference.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&str> {
        match self.get(key)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
    /// A flag.
    #[must_use]
    pub fn flag(&self, key: &str) -> Option<bool> {
        match self.get(key)? {
            Value::Flag(flag) => Some(*flag),
            _ => None,
        }
    }
    /// A whole number; `None` also where it is `unlimited`.
    #[must_use]
    pub fn count(&self, key: &str) -> Option<u64> {
        match self.get(key)? {
            Value::Count(count) => Some(*count),
            _ => None,
        }
    }
    /// A plain number, the middle of a range.
    #[must_use]
    pub fn number(&self, key: &str) -> Option<f64> {
        match self.get(key)? {
            Value::Number(number) | Value::Factor(number) => Some(number.mid()),
            Value::Count(count) => Some(*count as f64),
            _ => None,
        }
    }
    /// A duration, the middle of a range.
    #[must_use]
    pub fn duration(&self, key: &str) -> Option<Seconds> {
        match self.get(key)? {
            Value::Duration(duration) => Some(duration.mid()),
            _ => None,
        }
    }
    /// A rate, the middle of a range.
    #[must_use]
    pub fn rate(&self, key: &str) -> Option<PerSecond> {
        match self.get(key)? {
            Value::Rate(rate) => Some(rate.mid()),
            _ => None,
        }
    }
    /// A size, the middle of a range.
    #[must_use]
    pub fn size(&self, key: &str) -> Option<Bytes> {
        match self.get(key)? {
            Value::Size(size) => Some(size.mid()),
            _ => None,
        }
    }
    /// Data per second, the middle of a range.
    #[must_use]
    pub fn bandwidth(&self, key: &str) -> Option<Bytes> {
        match self.get(key)? {
            Value::Bandwidth(bandwidth) => Some(bandwidth.mid()),
            _ => None,
        }
    }
    /// A share, the middle of a range.
    #[must_use]
    pub fn share(&self, key: &str) -> Option<Share> {
        match self.get(key)? {
            Value::Share(share) => Some(share.mid()),
            _ => None,
        }
    }
    /// A distribution.
    #[must_use]
    pub fn dist(&self, key: &str) -> Option<&Dist> {
        match self.get(key)? {
            Value::Dist(dist) => Some(dist),
            _ => None,
        }
    }
    /// A distribution of plain numbers.
    #[must_use]
    pub fn numbers(&self, key: &str) -> Option<&Dist> {
        match self.get(key)? {
            Value::Numbers(dist) => Some(dist),
            _ => None,
        }
    }
    /// A popularity.
    #[must_use]
    pub fn popularity(&self, key: &str) -> Option<Popularity> {
        match self.get(key)? {
            Value::Popularity(popularity) => Some(*popularity),
            _ => None,
        }
    }
    /// A list (one value that may stand for a list is already one).
    #[must_use]
    pub fn list(&self, key: &str) -> &[Located<Value>] {
        match self.get(key) {
            Some(Value::List(items)) => items,
            _ => &[],
        }
    }
    /// The texts of a list.
    #[must_use]
    pub fn texts(&self, key: &str) -> Vec<Located<String>> {
        self.list(key)
            .iter()
            .filter_map(|item| match &item.value {
                Value::Text(text) => Some(Located::new(text.clone(), item.span)),
                _ => None,
            })
            .collect()
    }
    /// A map.
    #[must_use]
    pub fn map(&self, key: &str) -> Option<&Settings> {
        match self.get(key)? {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }
}

impl Value {
    /// A share, the middle of a range; none for anything else.
    #[must_use]
    pub fn as_share(&self) -> Option<Share> {
        if let Value::Share(share) = self { Some(share.mid()) } else { None }
    }
}

impl fmt::Display for Value {
    /// The text of a scalar as the language reads it; lists and maps in flow style.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn ranged<T: Copy + PartialEq>(
            f: &mut fmt::Formatter<'_>,
            range: &Ranged<T>,
            show: impl Fn(T) -> String,
        ) -> fmt::Result {
            if range.is_range() {
                write!(f, "{}..{}", show(range.low), show(range.high))
            } else {
                write!(f, "{}", show(range.low))
            }
        }
        match self {
            Value::Text(text) => write!(f, "{text}"),
            Value::Flag(flag) => write!(f, "{}", if *flag { "yes" } else { "no" }),
            Value::Count(count) => write!(f, "{}", exact_count(*count)),
            Value::Unlimited => write!(f, "unlimited"),
            Value::Number(number) => ranged(f, number, |value| exact_decimal(value, 0)),
            Value::Duration(duration) => ranged(f, duration, |value| exact_seconds(value.0)),
            Value::Rate(rate) => ranged(f, rate, exact_rate),
            Value::Size(size) => ranged(f, size, exact_size),
            Value::Bandwidth(bandwidth) => ranged(f, bandwidth, exact_bandwidth),
            Value::Share(share) => ranged(f, share, exact_share),
            Value::Factor(factor) => ranged(f, factor, |value| format!("{}x", exact_decimal(value, 0))),
            Value::Growth(Growth::Relative(share)) => {
                write!(f, "{}/year", exact_share(Share(*share)))
            }
            Value::Growth(Growth::Amount(bytes)) => write!(f, "{}/year", exact_size(*bytes)),
            Value::Money(money) => ranged(f, money, exact_money),
            Value::Dist(dist) => write!(f, "{dist}"),
            Value::Numbers(dist) => write!(f, "{}", OfNumbers(dist)),
            Value::Amount(amount) => write!(f, "{amount}"),
            Value::Clock(clock) => write!(f, "{clock}"),
            Value::Hours(hours) => write!(f, "{hours}"),
            Value::Days(days) => write!(f, "{days}"),
            Value::Month(month) => write!(f, "{month}"),
            Value::Arrivals(arrivals) => write!(f, "{arrivals}"),
            Value::Popularity(popularity) => write!(f, "{popularity}"),
            Value::List(items) => {
                write!(f, "[ ")?;
                for (nth, item) in items.iter().enumerate() {
                    write!(f, "{}{}", if nth > 0 { ", " } else { "" }, item.value)?;
                }
                write!(f, " ]")
            }
            Value::Map(settings) => {
                write!(f, "{{ ")?;
                for (nth, (key, value)) in settings.0.iter().enumerate() {
                    write!(f, "{}{key}: {}", if nth > 0 { ", " } else { "" }, value.value)?;
                }
                write!(f, " }}")
            }
            Value::Steps(steps) => write!(f, "{} steps", steps.len()),
        }
    }
}

/// A size with all its digits.
#[must_use]
pub fn exact_size(size: Bytes) -> String {
    let (shift, unit) = match size.0 {
        v if v >= 1e15 => (-15, "PB"),
        v if v >= 1e12 => (-12, "TB"),
        v if v >= 1e9 => (-9, "GB"),
        v if v >= 1e6 => (-6, "MB"),
        v if v >= 1e3 => (-3, "KB"),
        _ => (0, "B"),
    };
    format!("{} {unit}", exact_decimal(size.0, shift))
}

/// Data per second with all its digits.
#[must_use]
pub fn exact_bandwidth(bandwidth: Bytes) -> String {
    format!("{}/s", exact_size(bandwidth))
}

/// Money per month with all its digits.
#[must_use]
pub fn exact_money(money: Money) -> String {
    if money.0 >= 1e3 && money.0 % 100.0 == 0.0 {
        return format!("{}k USD/month", exact_decimal(money.0, -3));
    }
    format!("{} USD/month", exact_decimal(money.0, 0))
}

/// A count with all its digits, in thousands or millions where that is shorter.
#[must_use]
pub fn exact_count(count: u64) -> String {
    match count {
        count if count >= 1_000_000 && count.is_multiple_of(100_000) => format!("{}M", exact_decimal(count as f64, -6)),
        count if count >= 10_000 && count.is_multiple_of(1_000) => format!("{}k", exact_decimal(count as f64, -3)),
        count => count.to_string(),
    }
}
