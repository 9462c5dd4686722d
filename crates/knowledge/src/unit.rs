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
/// units and the canonical unit. As in briefs, decimal units shift the point of the text before it becomes a number, so
/// that `99.9%` here and there is the same number.
#[must_use]
pub fn read(text: &str) -> Option<(f64, &'static str)> {
    let text = text.trim();
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '_')).unwrap_or(text.len());
    let digits = text[..end].replace('_', "");
    let rest = text[end..].trim_start();
    let (suffix, rest) = match rest.chars().next() {
        Some(c @ ('k' | 'M' | 'G')) if rest.len() == 1 || rest[1..].starts_with('/') || rest[1..].starts_with(' ') => (
            if c == 'k' {
                3
            } else if c == 'M' {
                6
            } else {
                9
            },
            rest[1..].trim_start(),
        ),
        _ => (0, rest),
    };
    let word = unit_of(rest)?;
    let number: f64 = format!("{digits}e{}", suffix + word.shift).parse().ok()?;
    let value = number * word.times / word.per;
    value.is_finite().then_some((value, word.unit))
}

/// A unit word: the number shifted by powers of ten, times this, over that.
struct Word {
    shift: i32,
    times: f64,
    per: f64,
    unit: &'static str,
}

const fn word(shift: i32, times: f64, per: f64, unit: &'static str) -> Word {
    Word { shift, times, per, unit }
}

fn unit_of(text: &str) -> Option<Word> {
    const DAY: f64 = 86_400.0;
    let time = |word: &str| -> Option<(i32, f64)> {
        Some(match word {
            "ns" => (-9, 1.0),
            "us" => (-6, 1.0),
            "ms" => (-3, 1.0),
            "s" => (0, 1.0),
            "min" => (0, 60.0),
            "h" | "hour" | "hours" => (0, 3_600.0),
            "d" | "day" | "days" => (0, DAY),
            "week" | "weeks" => (0, 7.0 * DAY),
            "month" | "months" => (0, 30.0 * DAY),
            "year" | "years" => (0, 365.0 * DAY),
            _ => return None,
        })
    };
    let data = |word: &str| -> Option<(i32, f64)> {
        Some(match word {
            "B" => (0, 1.0),
            "KB" => (3, 1.0),
            "MB" => (6, 1.0),
            "GB" => (9, 1.0),
            "TB" => (12, 1.0),
            "PB" => (15, 1.0),
            "KiB" => (0, 1_024.0),
            "MiB" => (0, 1_048_576.0),
            "GiB" => (0, 1_073_741_824.0),
            "TiB" => (0, 1_099_511_627_776.0),
            _ => return None,
        })
    };
    if let Some((shift, times)) = time(text) {
        return Some(word(shift, times, 1.0, "s"));
    }
    if let Some((shift, times)) = data(text) {
        return Some(word(shift, times, 1.0, "B"));
    }
    if let Some((shift, per)) = text.strip_prefix('/').and_then(time) {
        return Some(word(-shift, 1.0, per, "/s"));
    }
    if let Some((amount, per)) = text.split_once('/')
        && let (Some((shift, times)), Some((per_shift, per))) = (data(amount), time(per))
    {
        return Some(word(shift - per_shift, times, per, "B/s"));
    }
    Some(match text {
        "" => word(0, 1.0, 1.0, "1"),
        "x" => word(0, 1.0, 1.0, "x"),
        "%" => word(-2, 1.0, 1.0, "share"),
        "%/year" => word(-2, 1.0, 1.0, "share/year"),
        "USD/month" => word(0, 1.0, 1.0, "USD/month"),
        _ => return None,
    })
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
