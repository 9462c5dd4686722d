//! Times of the day and the year as briefs say them: `18:00 Europe/Berlin`, `07:00-18:00`, `12-20..01-05`, `2027-06`.
//!
//! No clock is read and no time zone looked up: a zone is a name that is carried along.

use crate::reader::Complaint;
use crate::text::shown;
use std::fmt;

/// Minutes in a day.
const DAY: u16 = 1_440;
/// Days of the months of a year of 365 days.
const MONTHS: [u16; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// A time of the day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clock {
    /// Minutes since midnight, below 1440.
    pub minute: u16,
    /// Time zone, such as `Europe/Berlin`; `UTC` where the brief says none.
    pub zone: String,
}

/// Hours of the day; over midnight where `to` lies before `from`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hours {
    /// Minutes since midnight at which they begin.
    pub from: u16,
    /// Minutes since midnight at which they end, at most 1440.
    pub to: u16,
    /// Time zone; `UTC` where the brief says none.
    pub zone: String,
}

impl Hours {
    /// How long they last each day. Unit: minutes, above 0 and at most 1440.
    #[must_use]
    pub fn minutes(&self) -> u16 {
        if self.to > self.from { self.to - self.from } else { self.to + DAY - self.from }
    }
}

/// Days of every year, both ends among them; over new year where `to` lies before `from`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days {
    /// First day: month and day, from 1.
    pub from: (u8, u8),
    /// Last day.
    pub to: (u8, u8),
}

impl Days {
    /// How many they are, of 365.
    #[must_use]
    pub fn count(&self) -> u16 {
        let nth =
            |(month, day): (u8, u8)| MONTHS[..usize::from(month).clamp(1, 12) - 1].iter().sum::<u16>() + u16::from(day);
        let (from, to) = (nth(self.from), nth(self.to));
        if to >= from { to - from + 1 } else { to + 365 - from + 1 }
    }
}

/// A month of a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month {
    /// Year, 1970 to 2999.
    pub year: u16,
    /// Month, 1 to 12.
    pub month: u8,
}

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02} {}", self.minute / 60, self.minute % 60, self.zone)
    }
}

impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, to) = (self.from, self.to);
        write!(f, "{:02}:{:02}-{:02}:{:02} {}", from / 60, from % 60, to / 60, to % 60, self.zone)
    }
}

impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}-{:02}..{:02}-{:02}", self.from.0, self.from.1, self.to.0, self.to.1)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

fn complaint(text: &str, what: &str, example: &str) -> Complaint {
    Complaint {
        code: "not-a-time",
        headline: format!("{} is not {what}", shown(text)),
        help: Some(format!("write one such as `{example}`")),
        notes: Vec::new(),
    }
}

/// `18:00` in minutes; `24:00` is the end of the day.
fn minutes(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let two = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    if !two(hour) || !two(minute) {
        return None;
    }
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    (minute < 60 && hour * 60 + minute <= DAY).then_some(hour * 60 + minute)
}

/// A zone behind a time; `UTC` where none stands.
fn zone(text: Option<&str>) -> Option<String> {
    let Some(text) = text.map(str::trim) else { return Some("UTC".into()) };
    let letters = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '-' | '+');
    let known = text == "UTC" || (text.contains('/') && !text.starts_with('/') && !text.ends_with('/'));
    (known && text.len() <= 64 && text.chars().all(letters)).then(|| text.to_string())
}

/// A time of the day, with its zone.
///
/// # Errors
/// What would be right.
pub fn clock(text: &str) -> Result<Clock, Complaint> {
    let (time, rest) = text.split_once(' ').map_or((text, None), |(time, rest)| (time, Some(rest)));
    match (minutes(time).filter(|minute| *minute < DAY), zone(rest)) {
        (Some(minute), Some(zone)) => Ok(Clock { minute, zone }),
        _ => Err(complaint(text, "a time of the day", "18:00 Europe/Berlin")),
    }
}

/// Hours of the day, with their zone.
///
/// # Errors
/// What would be right.
pub fn hours(text: &str) -> Result<Hours, Complaint> {
    let (times, rest) = text.split_once(' ').map_or((text, None), |(times, rest)| (times, Some(rest)));
    let ends = times.split_once('-').and_then(|(from, to)| Some((minutes(from)?, minutes(to)?)));
    match (ends, zone(rest)) {
        (Some((from, to)), Some(zone)) if from != to && from < DAY => Ok(Hours { from, to, zone }),
        _ => Err(complaint(text, "hours of the day", "07:00-18:00 Europe/Berlin")),
    }
}

fn month_day(text: &str) -> Option<(u8, u8)> {
    let (month, day) = text.split_once('-')?;
    if month.len() != 2 || day.len() != 2 {
        return None;
    }
    let (month, day): (u8, u8) = (month.parse().ok()?, day.parse().ok()?);
    let most = *MONTHS.get(usize::from(month).checked_sub(1)?)?;
    (day >= 1 && u16::from(day) <= most).then_some((month, day))
}

/// Days of every year.
///
/// # Errors
/// What would be right.
pub fn days(text: &str) -> Result<Days, Complaint> {
    let ends = text.split_once("..").unwrap_or((text, text));
    match (month_day(ends.0), month_day(ends.1)) {
        (Some(from), Some(to)) => Ok(Days { from, to }),
        _ => Err(complaint(text, "days of the year, month before day", "12-20..01-05")),
    }
}

/// A month of a year.
///
/// # Errors
/// What would be right.
pub fn month(text: &str) -> Result<Month, Complaint> {
    let parts = text.split_once('-').filter(|(year, month)| year.len() == 4 && month.len() == 2);
    match parts.and_then(|(year, month)| Some((year.parse().ok()?, month.parse().ok()?))) {
        Some((year @ 1970..=2999, month @ 1..=12)) => Ok(Month { year, month }),
        _ => Err(complaint(text, "a month of a year", "2027-06")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_written_the_same() {
        for text in ["18:00 Europe/Berlin", "00:05 UTC"] {
            assert_eq!(clock(text).map(|clock| clock.to_string()), Ok(text.to_string()));
        }
        for text in ["07:00-18:00 UTC", "22:00-06:00 Asia/Kolkata", "00:00-24:00 UTC"] {
            assert_eq!(hours(text).map(|hours| hours.to_string()), Ok(text.to_string()));
        }
        assert_eq!(days("12-20..01-05").map(|days| (days.to_string(), days.count())), Ok(("12-20..01-05".into(), 17)));
        assert_eq!(days("05-01").map(|days| days.count()), Ok(1));
        assert_eq!(month("2027-06").map(|month| month.to_string()), Ok("2027-06".to_string()));
        assert_eq!(hours("22:00-06:00").map(|hours| hours.minutes()), Ok(480));
        assert_eq!(hours("00:00-24:00").map(|hours| hours.minutes()), Ok(1440));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in ["", "6pm", "24:00", "18:60", "18:00 Berlin", "8:00", "18:00 /", "-1:00"] {
            assert!(clock(text).is_err(), "{text}");
        }
        for text in ["07:00", "07:00-07:00", "24:00-01:00", "7-18", "07:00..18:00"] {
            assert!(hours(text).is_err(), "{text}");
        }
        for text in ["02-30", "13-01", "00-10", "1-5", "12-20..1-5", "é2-01"] {
            assert!(days(text).is_err(), "{text}");
        }
        for text in ["06-2027", "2027-13", "27-06", "2027", "1200-01"] {
            assert!(month(text).is_err(), "{text}");
        }
    }
}
