//! Units inside rules and facts: literals such as `5k/s` and `64 TB`, the dimensions they have, and how a number is shown.
//!
//! Only what rules and facts need; briefs and designs are read by `model`.

use groundplan_model::units::{Bytes, MONTH, Money, PerSecond, Seconds, Share, YEAR, significant};

const DAY: f64 = 86_400.0;

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

/// One of the words in which a quantity is shown: from which value on, how large one of it is, and the word after one
/// and after many.
struct Scale {
    from: f64,
    one: f64,
    word: &'static str,
    words: &'static str,
}

const fn scale(from: f64, one: f64, word: &'static str) -> Scale {
    Scale { from, one, word, words: word }
}

impl Scale {
    fn show(&self, value: f64) -> String {
        let number = significant(value / self.one);
        let word = if number == "1" { self.word } else { self.words };
        format!("{number}{word}")
    }

    /// Whether a number reads well in it: neither many zeros before nor many digits. Nobody says 0.2 min for ten seconds:
    /// parts of minutes and longer have a unit of their own.
    fn fits(&self, value: f64) -> bool {
        let least = if TIMES.iter().any(|time| time.word == self.word) { 0.999_5 } else { 0.1 };
        (least..9_999.5).contains(&(value / self.one))
    }
}

const TIMES: &[Scale] = &[
    scale(0.0, 1e-9, "ns"),
    scale(0.999_5e-6, 1e-6, "us"),
    scale(0.999_5e-3, 1e-3, "ms"),
    scale(0.999_5, 1.0, "s"),
    scale(120.0, 60.0, "min"),
    scale(7_200.0, 3_600.0, "h"),
    scale(2.0 * DAY, DAY, "d"),
    Scale { from: 0.999_5 * YEAR.0, one: YEAR.0, word: " year", words: " years" },
];
const RATES: &[Scale] = &[
    scale(0.0, 1.0 / YEAR.0, "/year"),
    scale(0.999_5 / MONTH.0, 1.0 / MONTH.0, "/month"),
    scale(0.999_5 / (7.0 * DAY), 1.0 / (7.0 * DAY), "/week"),
    scale(0.999_5 / DAY, 1.0 / DAY, "/day"),
    scale(0.001_2, 1.0, "/s"),
    scale(9_995.0, 1e3, "k/s"),
    scale(999_500.0, 1e6, "M/s"),
    scale(999_500_000.0, 1e9, "G/s"),
];
const SIZES: &[Scale] = &[
    scale(0.0, 1.0, " B"),
    scale(999.5, 1e3, " KB"),
    scale(0.999_5e6, 1e6, " MB"),
    scale(0.999_5e9, 1e9, " GB"),
    scale(0.999_5e12, 1e12, " TB"),
    scale(0.999_5e15, 1e15, " PB"),
];

/// The scale in which a number is shown by itself; none for nothing and for units that have only one.
fn scale_of(value: f64, unit: &str) -> Option<&'static Scale> {
    let scales = match unit {
        "s" => TIMES,
        "/s" => RATES,
        "B" => SIZES,
        _ => return None,
    };
    scales.iter().rfind(|scale| !is_nothing(value) && value > 0.0 && scale.from <= value)
}

/// A number with its unit, three digits, as people write it.
#[must_use]
pub fn shown(value: f64, unit: &str) -> String {
    let value = if is_nothing(value) { 0.0 } else { value };
    if let Some(scale) = scale_of(value, unit) {
        return scale.show(value);
    }
    match unit {
        "s" => Seconds(value).to_string(),
        "/s" => PerSecond(value).to_string(),
        "B" => Bytes(value).to_string(),
        "B/s" => format!("{}/s", Bytes(value)),
        "share" => Share(value).to_string(),
        "share/year" => format!("{}%/year", significant(value * 100.0)),
        "x" => format!("{}x", significant(value)),
        "USD/month" => format!("{} USD/month", significant(Money(value).0)),
        "1" | "" => significant(value),
        // Heads are counted, not rounded.
        "people" if value == 1.0 => "1 person".into(),
        "teams" if value == 1.0 => "1 team".into(),
        "people" | "teams" if value.fract() == 0.0 => format!("{value} {unit}"),
        other => format!("{} {other}", significant(value)),
    }
}

/// Whether a number is zero for people: the least numbers that a computer knows stand only for "just above nothing".
#[must_use]
pub fn is_nothing(value: f64) -> bool {
    value.abs() < f64::MIN_POSITIVE
}

/// Two numbers that stand beside each other, in the same unit where both read well in it; the first has its way.
#[must_use]
pub fn shown_both(first: f64, second: f64, unit: &str) -> (String, String) {
    let scales = scale_of(first, unit).zip(scale_of(second, unit));
    let both =
        scales.and_then(
            |(own, other)| {
                if own.fits(second) { Some(own) } else { Some(other).filter(|other| other.fits(first)) }
            },
        );
    match both {
        Some(scale) => (scale.show(first), scale.show(second)),
        None => (shown(first, unit), shown(second, unit)),
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

    #[test]
    fn numbers_are_shown_in_the_unit_that_people_use() {
        let check = |value: f64, unit: &str, expected: &str| assert_eq!(shown(value, unit), expected);
        check(63_072_000.0, "s", "2 years");
        check(31_536_000.0, "s", "1 year");
        check(0.15, "s", "150ms");
        check(0.0, "s", "0s");
        check(5e-324, "s", "0s");
        check(5e-324, "/s", "0/s");
        check(1.0 / DAY, "/s", "1/day");
        check(3.0 / (7.0 * DAY), "/s", "3/week");
        check(5_000.0, "/s", "5000/s");
        check(0.0, "/s", "0/s");
        check(1234.0, "people", "1234 people");
        check(1.0, "teams", "1 team");
        let both = |one: f64, other: f64, unit: &str, expected: [&str; 2]| {
            let (one, other) = shown_both(one, other, unit);
            assert_eq!([one.as_str(), other.as_str()], expected);
        };
        both(2.0 * YEAR.0, 2640.0 * DAY, "s", ["2 years", "7.23 years"]);
        both(2.0 * YEAR.0, 30.0 * DAY, "s", ["730d", "30d"]);
        both(900.0, 10.0, "s", ["900s", "10s"]);
        both(8.0 * 3_600.0, 0.01, "s", ["8h", "10ms"]);
        both(1.0 / DAY, 4.0 / (7.0 * DAY), "/s", ["1/day", "0.571/day"]);
        both(20e9, 1.56e12, "B", ["20 GB", "1560 GB"]);
        both(0.0, 5e-324, "s", ["0s", "0s"]);
        both(0.0, 200.0, "/s", ["0/s", "200/s"]);
    }
}
