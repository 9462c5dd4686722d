//! The units that cross crates: one newtype each, so that no bare `f64` does.
//!
//! Every value is finite; most are non-negative by the way they are read. Arithmetic that mixes units is
//! written out where it is used: these types are labels, not an algebra.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! unit {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub f64);

        impl std::ops::Add for $name {
            type Output = $name;
            fn add(self, other: $name) -> $name { $name(self.0 + other.0) }
        }
        impl std::ops::Sub for $name {
            type Output = $name;
            fn sub(self, other: $name) -> $name { $name(self.0 - other.0) }
        }
        impl std::ops::AddAssign for $name {
            fn add_assign(&mut self, other: $name) { self.0 += other.0; }
        }
        impl std::ops::Mul<f64> for $name {
            type Output = $name;
            fn mul(self, factor: f64) -> $name { $name(self.0 * factor) }
        }
        impl std::ops::Div<f64> for $name {
            type Output = $name;
            fn div(self, factor: f64) -> $name { $name(self.0 / factor) }
        }
        impl std::ops::Div<$name> for $name {
            type Output = f64;
            fn div(self, other: $name) -> f64 { self.0 / other.0 }
        }
        impl std::iter::Sum for $name {
            fn sum<I: Iterator<Item = $name>>(items: I) -> $name { $name(items.map(|item| item.0).sum()) }
        }
        impl $name {
            /// The larger of two.
            #[must_use] pub fn max(self, other: $name) -> $name { $name(self.0.max(other.0)) }
            /// The smaller of two.
            #[must_use] pub fn min(self, other: $name) -> $name { $name(self.0.min(other.0)) }
        }
    };
}

unit!(
    /// A duration. Unit: seconds.
    Seconds
);
unit!(
    /// A rate. Unit: per second.
    PerSecond
);
unit!(
    /// An amount of data. Unit: bytes (KB = 1000 B, KiB = 1024 B).
    Bytes
);
unit!(
    /// A share of a whole. Unit: none; `0.999` is 99.9%.
    Share
);
unit!(
    /// An amount of money in the plan's one currency (USD unless the brief says otherwise).
    Money
);

/// Seconds in the month of this project: 30 days.
pub const MONTH: Seconds = Seconds(30.0 * 86_400.0);
/// Seconds in the year of this project: 365 days.
pub const YEAR: Seconds = Seconds(365.0 * 86_400.0);

/// Three significant digits without trailing zeros, as people write them.
#[must_use]
pub fn significant(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return if value == 0.0 { "0".into() } else { value.to_string() };
    }
    let digits = 2 - libm::log10(value.abs()).floor() as i32;
    let text = if digits > 0 {
        format!("{value:.*}", digits.min(12) as usize)
    } else {
        let step = 10f64.powi(-digits);
        format!("{:.0}", (value / step).round() * step)
    };
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_string() } else { text }
}

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.0;
        let (scaled, unit) = match value.abs() {
            0.0 => (0.0, "s"),
            v if v < 0.999_5e-6 => (value * 1e9, "ns"),
            v if v < 0.999_5e-3 => (value * 1e6, "us"),
            v if v < 0.999_5 => (value * 1e3, "ms"),
            v if v < 120.0 => (value, "s"),
            v if v < 7_200.0 => (value / 60.0, "min"),
            v if v < 172_800.0 => (value / 3_600.0, "h"),
            _ => (value / 86_400.0, "d"),
        };
        write!(f, "{}{unit}", significant(scaled))
    }
}

impl fmt::Display for PerSecond {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.0;
        let (scaled, unit) = match value.abs() {
            v if v >= 999_500_000.0 => (value / 1e9, "G/s"),
            v if v >= 999_500.0 => (value / 1e6, "M/s"),
            v if v >= 9_995.0 => (value / 1e3, "k/s"),
            _ => (value, "/s"),
        };
        write!(f, "{}{unit}", significant(scaled))
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.0;
        let (scaled, unit) = match value.abs() {
            v if v >= 0.999_5e15 => (value / 1e15, "PB"),
            v if v >= 0.999_5e12 => (value / 1e12, "TB"),
            v if v >= 0.999_5e9 => (value / 1e9, "GB"),
            v if v >= 0.999_5e6 => (value / 1e6, "MB"),
            v if v >= 999.5 => (value / 1e3, "KB"),
            _ => (value, "B"),
        };
        write!(f, "{} {unit}", significant(scaled))
    }
}

impl fmt::Display for Share {
    /// Percent with as many nines as the value has: `99.95%`, never rounded up to `100%`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = self.0 * 100.0;
        if percent > 90.0 && percent < 100.0 {
            let missing = 100.0 - percent;
            let digits = (1 - libm::log10(missing).floor() as i32).clamp(1, 9) as usize;
            let text = format!("{percent:.digits$}");
            return write!(f, "{}%", text.trim_end_matches('0').trim_end_matches('.'));
        }
        write!(f, "{}%", significant(percent))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_read_as_people_write_them() {
        let check = |shown: String, expected: &str| assert_eq!(shown, expected);
        check(Seconds(0.15).to_string(), "150ms");
        check(Seconds(90.0).to_string(), "90s");
        check(Seconds(900.0).to_string(), "15min");
        check(Seconds(2.5e-4).to_string(), "250us");
        check(PerSecond(5_000.0).to_string(), "5000/s");
        check(PerSecond(14_400.0).to_string(), "14.4k/s");
        check(Bytes(2e12).to_string(), "2 TB");
        check(Bytes(1270.0).to_string(), "1.27 KB");
        check(Share(0.999).to_string(), "99.9%");
        check(Share(0.9995).to_string(), "99.95%");
        check(Share(0.999_99).to_string(), "99.999%");
        check(Share(0.6).to_string(), "60%");
        check(Share(1.0).to_string(), "100%");
    }
}
