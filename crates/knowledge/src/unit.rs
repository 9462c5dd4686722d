//! Units inside rules and facts: literals such as `5k/s` and `64 TB`, the dimensions they have, and how a number is shown.
//!
//! Only what rules and facts need; briefs and designs are read by `model`.

use groundplan_model::units::{Bytes, Money, PerSecond, Seconds, Share, significant};

/// Exponents of time, data and money. Counts, shares and words have none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Dim {
    /// Of seconds.
    pub time: i8,
    /// Of bytes.
    pub data: i8,
    /// Of money.
    pub money: i8,
}

impl Dim {
    /// No dimension.
    pub const NONE: Dim = Dim { time: 0, data: 0, money: 0 };
    /// Seconds.
    pub const TIME: Dim = Dim { time: 1, data: 0, money: 0 };
    /// Per second.
    pub const RATE: Dim = Dim { time: -1, data: 0, money: 0 };
    /// Bytes.
    pub const DATA: Dim = Dim { time: 0, data: 1, money: 0 };
    /// Bytes per second.
    pub const FLOW: Dim = Dim { time: -1, data: 1, money: 0 };
    /// Money (per month).
    pub const MONEY: Dim = Dim { time: 0, data: 0, money: 1 };

    /// Dimensions of a product.
    #[must_use]
    pub fn times(self, other: Dim) -> Dim {
        Dim { time: self.time + other.time, data: self.data + other.data, money: self.money + other.money }
    }
    /// Dimensions of a quotient.
    #[must_use]
    pub fn over(self, other: Dim) -> Dim {
        Dim { time: self.time - other.time, data: self.data - other.data, money: self.money - other.money }
    }
}

/// Dimensions of a canonical unit; prices and other compound units have none that predicates could compare.
#[must_use]
pub fn dim_of(unit: &str) -> Option<Dim> {
    Some(match unit {
        "1" | "share" | "share/year" | "x" | "people" | "teams" | "vCPU" | "word" => Dim::NONE,
        "s" => Dim::TIME,
        "/s" => Dim::RATE,
        "B" => Dim::DATA,
        "B/s" => Dim::FLOW,
        "USD/month" => Dim::MONEY,
        _ => return None,
    })
}

/// A number with its unit, three digits, as people write it.
#[must_use]
pub fn shown(value: f64, unit: &str) -> String {
    match unit {
        "s" => Seconds(value).to_string(),
        "/s" if value > 0.0 && value < 0.001_2 => format!("{}/day", significant(value * 86_400.0)),
        "/s" => PerSecond(value).to_string(),
        "B" => Bytes(value).to_string(),
        "B/s" => format!("{}/s", Bytes(value)),
        "share" => Share(value).to_string(),
        "share/year" => format!("{}%/year", significant(value * 100.0)),
        "x" => format!("{}x", significant(value)),
        "USD/month" => format!("{} USD/month", significant(Money(value).0)),
        "1" | "" => significant(value),
        other => format!("{} {other}", significant(value)),
    }
}

/// Reads a number with its unit: `5k/s`, `3x`, `150ms`, `2 TB`, `99.95%`, `1/day`, `200 MB/s`. Gives the value in base
/// units and the canonical unit.
#[must_use]
pub fn read(text: &str) -> Option<(f64, &'static str)> {
    let text = text.trim();
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '_')).unwrap_or(text.len());
    let number: f64 = text[..end].replace('_', "").parse().ok()?;
    if !number.is_finite() {
        return None;
    }
    let rest = text[end..].trim_start();
    let (scale, rest) = match rest.chars().next() {
        Some(c @ ('k' | 'M' | 'G')) if rest.len() == 1 || rest[1..].starts_with('/') || rest[1..].starts_with(' ') => (
            match c {
                'k' => 1e3,
                'M' => 1e6,
                _ => 1e9,
            },
            rest[1..].trim_start(),
        ),
        _ => (1.0, rest),
    };
    let (factor, unit) = unit_of(rest)?;
    Some((number * scale * factor, unit))
}

/// Base factor and canonical unit of a unit word.
fn unit_of(word: &str) -> Option<(f64, &'static str)> {
    const DAY: f64 = 86_400.0;
    let time = |word: &str| -> Option<f64> {
        Some(match word {
            "ns" => 1e-9,
            "us" => 1e-6,
            "ms" => 1e-3,
            "s" => 1.0,
            "min" => 60.0,
            "h" | "hour" | "hours" => 3_600.0,
            "d" | "day" | "days" => DAY,
            "week" | "weeks" => 7.0 * DAY,
            "month" | "months" => 30.0 * DAY,
            "year" | "years" => 365.0 * DAY,
            _ => return None,
        })
    };
    let data = |word: &str| -> Option<f64> {
        Some(match word {
            "B" => 1.0,
            "KB" => 1e3,
            "MB" => 1e6,
            "GB" => 1e9,
            "TB" => 1e12,
            "PB" => 1e15,
            "KiB" => 1_024.0,
            "MiB" => 1_048_576.0,
            "GiB" => 1_073_741_824.0,
            "TiB" => 1_099_511_627_776.0,
            _ => return None,
        })
    };
    if word.is_empty() {
        return Some((1.0, "1"));
    }
    if let Some(factor) = time(word) {
        return Some((factor, "s"));
    }
    if let Some(factor) = data(word) {
        return Some((factor, "B"));
    }
    if let Some(per) = word.strip_prefix('/').and_then(time) {
        return Some((1.0 / per, "/s"));
    }
    if let Some((amount, per)) = word.split_once('/')
        && let (Some(amount), Some(per)) = (data(amount), time(per))
    {
        return Some((amount / per, "B/s"));
    }
    match word {
        "x" => Some((1.0, "x")),
        "%" => Some((0.01, "share")),
        "%/year" => Some((0.01, "share/year")),
        "USD/month" => Some((1.0, "USD/month")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_read_in_base_units() {
        let check = |text: &str, expected: Option<(f64, &str)>| match (read(text), expected) {
            (Some((value, unit)), Some((wanted, wanted_unit))) => {
                assert!((value - wanted).abs() <= wanted.abs() * 1e-12, "{text}: {value}");
                assert_eq!(unit, wanted_unit, "{text}");
            }
            (found, wanted) => assert_eq!(found, wanted, "{text}"),
        };
        check("5k/s", Some((5_000.0, "/s")));
        check("1/day", Some((1.0 / 86_400.0, "/s")));
        check("150ms", Some((0.15, "s")));
        check("2 TB", Some((2e12, "B")));
        check("1 MB", Some((1e6, "B")));
        check("2M", Some((2e6, "1")));
        check("605 MB/s", Some((605e6, "B/s")));
        check("99.95%", Some((0.9995, "share")));
        check("0.5/year", Some((0.5 / 31_536_000.0, "/s")));
        check("5 elephants", None);
        check("", None);
        check("1e999", None);
    }
}
