//! A figure and how well it is known.

use serde::{Deserialize, Serialize};

/// A simulated or computed figure with its 95% interval. Unit: the one of its place (seconds, per second, share).
///
/// A figure that can't be given has no value but a reason.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The figure, or none with a reason.
    pub value: Option<f64>,
    /// Lower end of the interval.
    pub low: Option<f64>,
    /// Upper end of the interval.
    pub high: Option<f64>,
    /// Why there is no value or no interval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The true figure is at least this (unfinished requests touch it).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub at_least: bool,
}

impl Estimate {
    /// A figure with its interval.
    #[must_use]
    pub fn new(value: f64, low: f64, high: f64) -> Estimate {
        Estimate { value: Some(value), low: Some(low), high: Some(high), reason: None, at_least: false }
    }

    /// An exact figure: the interval is the point.
    #[must_use]
    pub fn exact(value: f64) -> Estimate {
        Estimate::new(value, value, value)
    }

    /// No figure, and why.
    #[must_use]
    pub fn unknown(reason: impl Into<String>) -> Estimate {
        Estimate { value: None, low: None, high: None, reason: Some(reason.into()), at_least: false }
    }

    /// Whether the interval holds this value.
    #[must_use]
    pub fn contains(&self, value: f64) -> bool {
        matches!((self.low, self.high), (Some(low), Some(high)) if low <= value && value <= high)
    }
}

/// Where a figure comes from. Every figure shown says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Provenance {
    /// Stated in the brief.
    Given,
    /// A default.
    Assumed,
    /// A fact with its source.
    LookedUp,
    /// A closed form.
    Computed,
    /// A simulation, with its interval.
    Simulated,
}
