//! Facts: numbers with a range, a unit, conditions, a source and a date. They are looked up by id, never computed here.

use crate::rule::Origin;
use crate::unit::{self, Dim};
use groundplan_model::span::Span;
use groundplan_model::units::{Bytes, Money, PerSecond, Seconds, Share};
use serde::Serialize;

/// How a fact or source was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Default)]
pub enum Mark {
    /// On the primary page or in the primary repository.
    #[serde(rename = "P")]
    Primary,
    /// On a secondary page.
    #[serde(rename = "S")]
    Secondary,
    /// Remembered: verify before use.
    #[serde(rename = "R")]
    #[default]
    Remembered,
    /// Assumed: nobody measured it; the range is wide on purpose.
    #[serde(rename = "A")]
    Assumed,
}

impl Mark {
    /// The letter of the files.
    #[must_use]
    pub fn letter(self) -> &'static str {
        match self {
            Mark::Primary => "P",
            Mark::Secondary => "S",
            Mark::Remembered => "R",
            Mark::Assumed => "A",
        }
    }
}

/// A number that somebody stated.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fact {
    /// Its id, unique in the knowledge.
    pub id: String,
    /// What it is, for people.
    pub name: String,
    /// The value. Unit: `unit`; durations in seconds, rates per second, sizes in bytes, shares between 0 and 1.
    pub value: f64,
    /// The lower end of what the sources show; equals `value` where only one figure was found.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// The unit: `s`, `/s`, `B`, `B/s`, `share`, `1`, or a price such as `USD/vCPU-hour`.
    pub unit: String,
    /// Under which conditions; may be empty.
    pub conditions: String,
    /// Id of the source.
    pub source: String,
    /// When it was stated or measured.
    pub date: String,
    /// How it was read.
    pub mark: Mark,
    /// Whose it is.
    pub origin: Origin,
    /// The file it stands in.
    #[serde(skip)]
    pub file: String,
    /// Where its id stands in that file.
    #[serde(skip)]
    pub span: Span,
}

impl Fact {
    /// Whether the sources show a range.
    #[must_use]
    pub fn is_range(&self) -> bool {
        self.low < self.high
    }
    /// As a duration, if it is one.
    #[must_use]
    pub fn seconds(&self) -> Option<Seconds> {
        (self.unit == "s").then_some(Seconds(self.value))
    }
    /// As a rate, if it is one.
    #[must_use]
    pub fn per_second(&self) -> Option<PerSecond> {
        (self.unit == "/s").then_some(PerSecond(self.value))
    }
    /// As an amount of data, if it is one.
    #[must_use]
    pub fn bytes(&self) -> Option<Bytes> {
        (self.unit == "B").then_some(Bytes(self.value))
    }
    /// As a share, if it is one.
    #[must_use]
    pub fn share(&self) -> Option<Share> {
        (self.unit == "share").then_some(Share(self.value))
    }
    /// As a price: money for one of what stands after `USD/`.
    #[must_use]
    pub fn money(&self) -> Option<(Money, &str)> {
        self.unit.strip_prefix("USD/").map(|per| (Money(self.value), per))
    }
    /// The dimensions, for predicates that compare with it.
    #[must_use]
    pub fn dim(&self) -> Option<Dim> {
        unit::dim_of(&self.unit)
    }
    /// The value with its unit, as a report shows it.
    #[must_use]
    pub fn shown(&self) -> String {
        unit::shown(self.value, &self.unit)
    }
}
