//! Quantities with units, from text; the measures they are read by stand in `measures`.
//!
//! Decimal units (ms, KB, %) shift the decimal point of the text before it becomes a number, so `0.3ms` is the
//! nearest number to 0.0003 and what `writer` prints reads back to the very same number. Distributions, arrivals and
//! popularity stand in `laws`.

pub use super::measures::*;
use crate::diagnostic::guess;
use crate::quantity::{Amount, Ranged};
use crate::text::{one_of, shown};

/// What is wrong with a scalar; the reader adds its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Complaint {
    /// Stable name of the fault.
    pub code: &'static str,
    /// What is wrong.
    pub headline: String,
    /// What would be right.
    pub help: Option<String>,
    /// Arithmetic and background.
    pub notes: Vec<String>,
}

impl Complaint {
    pub(super) fn new(code: &'static str, headline: impl Into<String>) -> Complaint {
        Complaint { code, headline: headline.into(), help: None, notes: Vec::new() }
    }
    pub(super) fn help(mut self, help: impl Into<String>) -> Complaint {
        self.help = Some(help.into());
        self
    }
}

/// Words that may follow a count.
pub const NOUNS: &[&str] = &[
    "items",
    "rows",
    "documents",
    "records",
    "entries",
    "keys",
    "users",
    "people",
    "engineers",
    "teams",
    "requests",
    "messages",
    "events",
    "replicas",
    "partitions",
    "tokens",
    "vectors",
    "points",
    "tenants",
    "workers",
    "permits",
];

/// The number a text begins with, as decimal text, and what follows it.
fn split_number(text: &str) -> Option<(&str, &str)> {
    let bytes = text.as_bytes();
    let mut at = usize::from(bytes.first().is_some_and(|byte| *byte == b'-' || *byte == b'+'));
    let digits_from = at;
    let mut digits = 0;
    while at < bytes.len()
        && (bytes[at].is_ascii_digit() || (bytes[at] == b'.' && !text[digits_from..at].contains('.')))
    {
        if bytes[at] == b'.' && bytes.get(at + 1) == Some(&b'.') {
            break;
        }
        digits += usize::from(bytes[at].is_ascii_digit());
        at += 1;
    }
    if digits == 0 || digits > 40 {
        return None;
    }
    // An exponent, if digits follow the `e`.
    if bytes.get(at).is_some_and(|byte| *byte == b'e' || *byte == b'E') {
        let sign = usize::from(bytes.get(at + 1).is_some_and(|byte| *byte == b'-' || *byte == b'+'));
        let from = at + 1 + sign;
        let end = from + bytes[from.min(bytes.len())..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        if end > from && end - from <= 3 {
            at = end;
        }
    }
    Some(text.split_at(at))
}

/// Decimal text shifted by powers of ten, as the nearest number.
fn shifted(decimal: &str, shift: i32) -> Option<f64> {
    let (mantissa, exponent) = match decimal.find(['e', 'E']) {
        Some(at) => (&decimal[..at], decimal[at + 1..].parse::<i32>().ok()?),
        None => (decimal, 0),
    };
    format!("{mantissa}e{}", exponent + shift).parse::<f64>().ok().filter(|value| value.is_finite())
}

fn check_digits(decimal: &str) -> Result<(), Complaint> {
    let digits = decimal.trim_start_matches(['-', '+']);
    let bytes = digits.as_bytes();
    if bytes.len() > 1 && bytes[0] == b'0' && bytes[1].is_ascii_digit() {
        let plain = digits.trim_start_matches('0');
        let plain = if plain.is_empty() || plain.starts_with('.') { format!("0{plain}") } else { plain.to_string() };
        return Err(Complaint::new("leading-zero", format!("{} begins with a zero", shown(decimal)))
            .help(format!("write `{plain}`")));
    }
    Ok(())
}

const SUFFIXES: &[(char, i32)] = &[('k', 3), ('M', 6), ('G', 9)];

/// One amount of a measure: `None` for the unit's place in the table means that no unit stands there.
fn amount<'t>(text: &'t str, measure: &Measure) -> Result<(&'t str, i32, Option<usize>), Complaint> {
    let text = text.trim();
    let Some((decimal, rest)) = split_number(text) else {
        return Err(not_one(text, measure));
    };
    check_digits(decimal)?;
    let find = |rest: &str| measure.units.iter().position(|unit| unit.name == rest.trim());
    if let Some(index) = find(rest) {
        return Ok((decimal, 0, Some(index)));
    }
    for (suffix, shift) in SUFFIXES {
        if let Some(after) = rest.strip_prefix(*suffix) {
            if let Some(index) = find(after) {
                return Ok((decimal, *shift, Some(index)));
            }
            if after.trim().is_empty() {
                return Ok((decimal, *shift, None));
            }
        }
    }
    if rest.trim().is_empty() {
        return Ok((decimal, 0, None));
    }
    Err(wrong_unit(text, decimal, rest.trim(), measure))
}

fn not_one(text: &str, measure: &Measure) -> Complaint {
    let complaint = Complaint::new("not-a-quantity", format!("{} is not {}", shown(text), measure.what));
    let lower = text.trim_start_matches(['$', '€', '<', '>', '=', '~', ' ']);
    if lower != text && split_number(lower).is_some() {
        return complaint.help(format!("begin with the number, such as `{}`", measure.example));
    }
    complaint.help(format!("write one such as `{}`", measure.example))
}

fn wrong_unit(text: &str, decimal: &str, unit: &str, measure: &Measure) -> Complaint {
    if unit.starts_with(',') || unit.starts_with('_') || unit.starts_with('\'') {
        return Complaint::new("not-a-quantity", format!("{} has a separator among its digits", shown(text)))
            .help("write the digits together, or `k`, `M`, `G` for thousands, millions, billions");
    }
    if measure.what == MONEY.what
        && (unit.contains("EUR") || unit.contains('€') || unit.contains("GBP") || unit.contains("CHF"))
    {
        return Complaint::new("foreign-currency", format!("{} is not in US dollars", shown(text)))
            .help("prices here are dated US dollars: convert it, and say the rate and its date in `about`");
    }
    if measure.what == FACTOR.what
        && unit == "%"
        && let Some(factor) = shifted(decimal, -2)
    {
        return Complaint::new("unknown-unit", format!("{} is a share; {} stands here", shown(text), measure.what))
            .help(format!("write `{factor}x`?"));
    }
    let bare = unit.trim_start_matches(['k', 'M', 'G']).trim();
    let suffix = &unit[..unit.len() - bare.len()];
    let meant = measure
        .slips
        .iter()
        .find(|(slip, _)| *slip == unit || *slip == bare)
        .map(|(_, right)| *right)
        .or_else(|| guess(unit, measure.units.iter().map(|unit| unit.name)));
    let complaint = Complaint::new(
        "unknown-unit",
        format!("{} is not {}: {} is no unit of one", shown(text), measure.what, shown(unit)),
    );
    match meant {
        Some("k/s") => complaint.help(format!("write `{decimal}k/s`")),
        Some(right) => {
            let keep = if measure.slips.iter().any(|(slip, _)| *slip == unit) { "" } else { suffix.trim_end() };
            let gap = if right.starts_with(|c: char| c.is_ascii_uppercase()) { " " } else { "" };
            complaint.help(format!("write `{decimal}{keep}{gap}{right}`?"))
        }
        None if measure.units.is_empty() => {
            complaint.help(format!("write the number alone, such as `{}`", measure.example))
        }
        None => complaint.help(format!("write {}", one_of(measure.units.iter().map(|unit| unit.name), 11))),
    }
}

fn value(decimal: &str, suffix: i32, unit: Option<&Unit>) -> Option<f64> {
    let (shift, times, per) = unit.map_or((0, 1.0, 1.0), |unit| (unit.shift, unit.times, unit.per));
    shifted(decimal, suffix + shift).map(|value| value * times / per).filter(|value| value.is_finite())
}

fn within(text: &str, value: f64, measure: &Measure) -> Result<f64, Complaint> {
    if value < 0.0 && measure.low >= 0.0 {
        return Err(Complaint::new(
            "out-of-range",
            format!("{} is negative; {} is {}", shown(text), measure.what, measure.range),
        ));
    }
    if value < measure.low || value > measure.high {
        return Err(Complaint::new("out-of-range", format!("{} is out of range", shown(text)))
            .help(format!("{} is {}", measure.what, measure.range)));
    }
    // No negative zero.
    Ok(value + 0.0)
}

/// The lower end of a range whose unit is cut short, such as the `20%` of `20%..60%/year`, with its whole unit.
fn whole_unit(part: &str, of_other: Option<usize>, measure: &Measure) -> String {
    let part = part.trim();
    let Some(unit) = of_other.map(|index| measure.units[index].name) else {
        return part.to_string();
    };
    match unit.split_once('/') {
        Some((begun, _)) if !begun.is_empty() && part.ends_with(begun) => {
            format!("{}{unit}", part.strip_suffix(begun).unwrap_or(part))
        }
        _ => part.to_string(),
    }
}

/// A quantity of a measure, or a range of it (`2ms..6ms`, `2..6ms`).
///
/// # Errors
/// What is wrong with the text: no number, no unit, another unit, out of range, the ends of a range the wrong way round.
pub fn measured(text: &str, measure: &Measure) -> Result<Ranged<f64>, Complaint> {
    let one = |part: &str, unit_of_other: Option<usize>| -> Result<(f64, Option<usize>), Complaint> {
        let (decimal, suffix, unit) = amount(&whole_unit(part, unit_of_other, measure), measure)
            .map(|(decimal, suffix, unit)| (decimal.to_string(), suffix, unit))?;
        let decimal = decimal.as_str();
        let unit = unit.or(unit_of_other);
        if unit.is_none() && !measure.units.is_empty() {
            let suffix_text =
                SUFFIXES.iter().find(|(_, shift)| *shift == suffix).map(|(c, _)| c.to_string()).unwrap_or_default();
            if decimal.trim_start_matches('0').trim_start_matches('.').trim_start_matches('0').is_empty() && suffix == 0
            {
                return Err(Complaint::new("missing-unit", format!("{} has no unit", shown(part.trim())))
                    .help(format!("write `0{}`", measure.usual)));
            }
            return Err(Complaint::new("missing-unit", format!("{} has no unit", shown(part.trim())))
                .help(format!("write `{decimal}{suffix_text}{}`?", measure.usual)));
        }
        let unit_row = unit.map(|index| &measure.units[index]);
        let value = value(decimal, suffix, unit_row)
            .ok_or_else(|| Complaint::new("out-of-range", format!("{} is out of range", shown(part))))?;
        Ok((within(part.trim(), value, measure)?, unit))
    };
    let text = text.trim();
    match text.split_once("..") {
        None => Ok(Ranged::exactly(one(text, None)?.0)),
        Some((low, high)) => {
            let (high, unit) = one(high, None)?;
            let (low, _) = one(low, unit)?;
            if low > high {
                return Err(Complaint::new("range-reversed", format!("{} runs downwards", shown(text)))
                    .help("write the smaller end first"));
            }
            Ok(Ranged { low, high })
        }
    }
}

/// A whole number, with a suffix and a noun if it has them: `2M`, `200k items`.
///
/// # Errors
/// As `measured`, and where it is not whole.
pub fn count(text: &str) -> Result<u64, Complaint> {
    let text = text.trim();
    if text.contains("..") {
        return Err(Complaint::new(
            "range-not-here",
            format!("{} is a range; a whole number stands here", shown(text)),
        ));
    }
    let Some((decimal, rest)) = split_number(text) else {
        return Err(not_one(text, &COUNT));
    };
    check_digits(decimal)?;
    let (shift, noun) = match SUFFIXES
        .iter()
        .find(|(suffix, _)| rest.strip_prefix(*suffix).is_some_and(|after| after.is_empty() || after.starts_with(' ')))
    {
        Some((_, shift)) => (*shift, rest[1..].trim()),
        None => (0, rest.trim()),
    };
    if !noun.is_empty() && !NOUNS.contains(&noun) {
        if noun.starts_with([',', '_', '\'']) {
            return Err(wrong_unit(text, decimal, noun, &COUNT));
        }
        let complaint = Complaint::new(
            "unknown-unit",
            format!("{} is not a whole number: {} is no unit of one", shown(text), shown(noun)),
        );
        return Err(match guess(noun, NOUNS.iter().copied()) {
            Some(right) => complaint.help(format!("did you mean {}?", shown(right))),
            None => complaint.help("write the number alone, such as `200k`"),
        });
    }
    let value = value(decimal, shift, None)
        .ok_or_else(|| Complaint::new("out-of-range", format!("{} is out of range", shown(text))))?;
    let value = within(text, value, &COUNT)?;
    if value.fract() != 0.0 {
        return Err(Complaint::new("not-whole", format!("{} is not a whole number", shown(text))));
    }
    Ok(value as u64)
}

/// An amount of money in a currency of its own, such as `50 EUR`.
///
/// # Errors
/// What is wrong with the text.
pub fn sum_of_money(text: &str) -> Result<Amount, Complaint> {
    let text = text.trim();
    let what = "an amount of money";
    let wrong = || {
        Complaint::new("not-a-quantity", format!("{} is not {what}", shown(text)))
            .help("write the number and three letters of its currency, such as `50 EUR`")
    };
    let (decimal, rest) = split_number(text).ok_or_else(wrong)?;
    check_digits(decimal)?;
    let (shift, currency) = match SUFFIXES.iter().find(|(suffix, _)| rest.starts_with(*suffix)) {
        Some((_, shift)) => (*shift, rest[1..].trim()),
        None => (0, rest.trim()),
    };
    if currency.len() != 3 || !currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Err(wrong());
    }
    let value = value(decimal, shift, None).filter(|value| *value >= 0.0 && *value <= 1e15).ok_or_else(wrong)?;
    Ok(Amount { value: value + 0.0, currency: currency.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_read_as_people_write_them() {
        let check = |text: &str, measure: &Measure, expected: f64| {
            assert_eq!(measured(text, measure), Ok(Ranged::exactly(expected)), "{text}");
        };
        check("150ms", &DURATION, 0.15);
        check("0.3ms", &DURATION, 0.0003);
        check("7 years", &DURATION, 7.0 * 365.0 * 86_400.0);
        check("2 weeks", &DURATION, 14.0 * 86_400.0);
        check("10min", &DURATION, 600.0);
        check("1.5 h", &DURATION, 5_400.0);
        check("5k/s", &RATE, 5_000.0);
        check("10M/month", &RATE, 1e7 / (30.0 * 86_400.0));
        check("900 /s", &RATE, 900.0);
        check("2 TB", &SIZE, 2e12);
        check("2TB", &SIZE, 2e12);
        check("4 KiB", &SIZE, 4096.0);
        check("99.95%", &SHARE, 0.9995);
        check("60%/year", &GROWTH, 0.6);
        check("200 GB/year", &GROWTH_AMOUNT, 200e9);
        check("3x", &FACTOR, 3.0);
        check("15k USD/month", &MONEY, 15_000.0);
        check("-0.5", &NUMBER, -0.5);
        check("1e3", &NUMBER, 1000.0);
        assert_eq!(measured("2ms..6ms", &DURATION), Ok(Ranged { low: 0.002, high: 0.006 }));
        assert_eq!(measured("2..6ms", &DURATION), Ok(Ranged { low: 0.002, high: 0.006 }));
        assert_eq!(measured("5%..20%", &SHARE), Ok(Ranged { low: 0.05, high: 0.2 }));
        assert_eq!(measured("20%..60%/year", &GROWTH), Ok(Ranged { low: 0.2, high: 0.6 }));
        assert_eq!(measured("5k..9k/s", &RATE), Ok(Ranged { low: 5_000.0, high: 9_000.0 }));
        assert_eq!(measured("10 GB..20 GB/year", &GROWTH_AMOUNT), Ok(Ranged { low: 10e9, high: 20e9 }));
        assert_eq!(count("200k items"), Ok(200_000));
        assert_eq!(count("2M"), Ok(2_000_000));
        assert_eq!(count("1.5k"), Ok(1500));
        assert_eq!(sum_of_money("50 EUR").map(|amount| amount.to_string()), Ok("50 EUR".into()));
        assert_eq!(sum_of_money("1.5k CHF").map(|amount| amount.value), Ok(1500.0));
        for text in ["50", "EUR 50", "50 eur", "-50 EUR", "50 euros", "050 EUR", "€50"] {
            assert!(sum_of_money(text).is_err(), "{text}");
        }
    }

    #[test]
    fn complaints_say_what_would_be_right() {
        let check = |text: &str, measure: &Measure, headline: &str, help: &str| {
            let complaint = measured(text, measure).expect_err(text);
            assert_eq!(
                (complaint.headline.as_str(), complaint.help.as_deref().unwrap_or("")),
                (headline, help),
                "{text}"
            );
        };
        check("150", &DURATION, "`150` has no unit", "write `150ms`?");
        check("5k", &RATE, "`5k` has no unit", "write `5k/s`?");
        check("0", &DURATION, "`0` has no unit", "write `0ms`");
        check("5m", &DURATION, "`5m` is not a duration: `m` is no unit of one", "write `5min`?");
        check("500 rps", &RATE, "`500 rps` is not a rate: `rps` is no unit of one", "write `500/s`?");
        check("5krps", &RATE, "`5krps` is not a rate: `krps` is no unit of one", "write `5k/s`?");
        check("10 gb", &SIZE, "`10 gb` is not a size: `gb` is no unit of one", "write `10 GB`?");
        check("120%", &SHARE, "`120%` is out of range", "a share is between 0% and 100%");
        check("-5ms", &DURATION, "`-5ms` is negative; a duration is between 0s and 1000 years", "");
        check("2G/s", &RATE, "`2G/s` is out of range", "a rate is between 0/s and 1G/s");
        check(
            "1,000/s",
            &RATE,
            "`1,000/s` has a separator among its digits",
            "write the digits together, or `k`, `M`, `G` for thousands, millions, billions",
        );
        check("soon", &DURATION, "`soon` is not a duration", "write one such as `150ms`");
        check("012ms", &DURATION, "`012` begins with a zero", "write `12`");
        check("6ms..2ms", &DURATION, "`6ms..2ms` runs downwards", "write the smaller end first");
        check(
            "12k EUR/month",
            &MONEY,
            "`12k EUR/month` is not in US dollars",
            "prices here are dated US dollars: convert it, and say the rate and its date in `about`",
        );
        assert_eq!(count("1.5").expect_err("not whole").headline, "`1.5` is not a whole number");
        assert_eq!(count("5 ms").expect_err("a unit").headline, "`5 ms` is not a whole number: `ms` is no unit of one");
        assert_eq!(count("012").expect_err("zero").code, "leading-zero");
    }
}
