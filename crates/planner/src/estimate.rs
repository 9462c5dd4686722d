//! The capacity estimate: rates, data and traffic, step by step, from the brief alone.

use crate::demand::{Demand, LoadLevel, entry_rate};
use crate::plan::EstimateLine;
use crate::size::{data_at_horizon, written_until_horizon};
use groundplan_model::brief::{Brief, DataSet};
use groundplan_model::estimate::Provenance;
use groundplan_model::units::{Bytes, MONTH, PerSecond, Seconds, significant};
use groundplan_model::value::Growth;

/// All lines, in reading order: rates, then data, then traffic.
#[must_use]
pub fn estimate(brief: &Brief) -> Vec<EstimateLine> {
    let mut lines = Vec::new();
    for entry in &brief.load {
        rates(brief, entry, &mut lines);
    }
    let demand = Demand::of(brief, LoadLevel::MeanToday);
    for data in &brief.data {
        data_lines(brief, data, &demand, &mut lines);
    }
    lines.push(traffic(brief));
    lines
}

fn rates(brief: &Brief, entry: &groundplan_model::brief::LoadEntry, lines: &mut Vec<EstimateLine>) {
    let mean = entry.rate.mid();
    let operation = &entry.operation.value;
    lines.push(EstimateLine {
        name: format!("{operation}: mean"),
        value: mean.0,
        unit: "per second",
        shown: mean.to_string(),
        steps: vec![format!("{mean} as given: {} in a month of 30 days", grouped(mean.0 * MONTH.0))],
        provenance: Provenance::Given,
    });
    let peak = entry_rate(brief, entry, LoadLevel::PeakAtHorizon);
    lines.push(EstimateLine {
        name: format!("{operation}: peak at the horizon"),
        value: peak.0,
        unit: "per second",
        shown: peak.to_string(),
        steps: vec![format!(
            "{mean} x peak {}{} = {peak}",
            significant(entry.peak.mid()),
            match load_growth(brief) {
                Some(growth) => format!(" x {growth}"),
                None => ", no growth".into(),
            }
        )],
        provenance: Provenance::Computed,
    });
}

/// How the load grows until the horizon, in words: `growth 1.6^2 years (2.56x)`; none where it does not.
fn load_growth(brief: &Brief) -> Option<String> {
    (brief.growth.mid() != 0.0).then(|| {
        let (grown, factor) = (significant(1.0 + brief.growth.mid()), significant(brief.growth_factor()));
        format!("growth {grown}^{} ({factor}x)", shown_years(brief.horizon_years()))
    })
}

fn shown_years(years: f64) -> String {
    let shown = significant(years);
    format!("{shown} year{}", if shown == "1" { "" } else { "s" })
}

/// What is assumed of a data set whose growth nobody stated, at the end of a figure.
const EVERY_WRITE: &str = "if every write adds an item";

/// The other reading of a data set whose growth nobody stated; the rules and the script go by it.
fn as_the_load(brief: &Brief, data: &DataSet) -> String {
    match load_growth(brief) {
        Some(growth) => format!("{} x {growth} = {}", data.size, data.size * brief.growth_factor()),
        None => format!("{}, since the load does not grow", data.size),
    }
}

fn data_lines(brief: &Brief, data: &DataSet, demand: &Demand, lines: &mut Vec<EstimateLine>) {
    let name = &data.name.value;
    let writes = demand.writes.get(name).copied().unwrap_or_default();
    let years = brief.horizon_years();
    if let (Some(item), true) = (data.item, writes.0 > 0.0) {
        let month = Bytes(writes.0 * MONTH.0 * item.0);
        lines.push(EstimateLine {
            name: format!("{name}: written a month"),
            value: month.0,
            unit: "bytes per month",
            shown: format!("{month}/month"),
            steps: vec![format!("{} writes a month x {item} = {month}", grouped(writes.0 * MONTH.0))],
            provenance: Provenance::Computed,
        });
        let written = written_until_horizon(brief, data);
        let known = data.items.unwrap_or(if item.0 > 0.0 { data.size.0 / item.0 } else { 0.0 });
        let today = if written.all_kept { known } else { 0.0 };
        let items = today + written.items;
        lines.push(EstimateLine {
            name: format!("{name}: items at the horizon"),
            value: items,
            unit: "items",
            shown: format!("{} items {EVERY_WRITE}", shown_count(items)),
            steps: vec![if written.all_kept {
                format!(
                    "{} today + {} written in {} = {}",
                    shown_count(today),
                    shown_count(written.items),
                    shown_years(years),
                    shown_count(items)
                )
            } else {
                format!(
                    "{} written in the {} that each is kept",
                    shown_count(items),
                    data.keep.unwrap_or(brief.horizon)
                )
            }],
            provenance: Provenance::Computed,
        });
    }
    let horizon = data_at_horizon(brief, data);
    let mut shown = horizon.to_string();
    let steps = match (data.growth, data.item) {
        (Some(Growth::Relative(growth)), _) => {
            vec![format!("{} x {}^{} = {horizon}", data.size, significant(1.0 + growth), shown_years(years))]
        }
        (Some(Growth::Amount(amount)), _) => {
            let kept = data.years_kept(years);
            let only = if kept < years { " that each is kept" } else { "" };
            vec![format!("{} + {amount} a year x {}{only} = {horizon}", data.size, shown_years(kept))]
        }
        (None, Some(item)) if writes.0 > 0.0 => {
            shown = format!("{horizon} {EVERY_WRITE}");
            let written = written_until_horizon(brief, data);
            let kept = format!("{} kept x {item}", shown_count(written.items));
            let sum = match written.all_kept {
                true => format!("{} today + {kept} = {horizon}", data.size),
                false if (item * written.items).0 < data.size.0 => {
                    format!("{kept} = {}, less than the {horizon} of today", item * written.items)
                }
                false => format!("{kept} = {horizon}"),
            };
            vec![
                format!("{EVERY_WRITE}: {sum}"),
                format!("if writes replace items and it grows as the load: {}", as_the_load(brief, data)),
            ]
        }
        (None, _) => {
            shown = format!("{horizon} if it stays as it is");
            vec![
                format!("{}, no growth stated", data.size),
                format!("if it grows as the load: {}", as_the_load(brief, data)),
            ]
        }
    };
    lines.push(EstimateLine {
        name: format!("{name}: size at the horizon"),
        value: horizon.0,
        unit: "bytes",
        shown,
        steps,
        provenance: Provenance::Computed,
    });
}

fn traffic(brief: &Brief) -> EstimateLine {
    let mut steps = Vec::new();
    let mut month = 0.0;
    for entry in &brief.load {
        let Some((_, operation)) = brief.operation(&entry.operation) else { continue };
        let rate = entry_rate(brief, entry, LoadLevel::MeanToday);
        let bytes = rate.0 * MONTH.0 * operation.response.0;
        month += bytes;
        steps.push(format!(
            "{}: {} a month x {} out = {}",
            entry.operation.value,
            shown_count(rate.0 * MONTH.0),
            operation.response,
            Bytes(bytes)
        ));
    }
    EstimateLine {
        name: "answers sent a month".into(),
        value: month,
        unit: "bytes per month",
        shown: format!("{}/month", Bytes(month)),
        steps,
        provenance: Provenance::Computed,
    }
}

/// A count as people write it: `360M`.
#[must_use]
pub fn shown_count(count: f64) -> String {
    match count {
        count if count >= 0.9995e9 => format!("{}bn", significant(count / 1e9)),
        count if count >= 0.9995e6 => format!("{}M", significant(count / 1e6)),
        count if count >= 9_995.0 => format!("{}k", significant(count / 1e3)),
        count => significant(count),
    }
}

/// A whole number with its thousands apart, `12,960,000`; below a thousand three digits.
fn grouped(value: f64) -> String {
    if value < 999.5 {
        return significant(value);
    }
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (nth, digit) in digits.chars().enumerate() {
        if nth > 0 && (digits.len() - nth).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Requests in work at once, by Little's law.
#[must_use]
pub fn at_once(rate: PerSecond, stay: Seconds) -> f64 {
    groundplan_analysis::sizing::in_flight(rate, stay)
}

#[cfg(test)]
mod tests {
    use super::*;
    use groundplan_model::reader::read_brief;

    /// The lines of a brief with one entry point that writes one data set.
    fn lines(rate: &str, more: &str, data: &str) -> Vec<EstimateLine> {
        let text = format!(
            "kind: brief
version: 1
name: Notes
load: [ {{ operation: notes.put, rate: {rate}, peak: 2x }} ]
domain: {{ notes: {{ operations: {{ put: {{ work: 1ms, writes: [notes] }} }} }} }}
data: {{ notes: {{ owner: notes, {data} }} }}
{more}"
        );
        let read = read_brief(&text);
        estimate(&read.value.unwrap_or_else(|| panic!("{:#?}", read.diagnostics)))
    }

    fn line<'a>(lines: &'a [EstimateLine], name: &str) -> &'a EstimateLine {
        lines.iter().find(|line| line.name == name).unwrap_or_else(|| panic!("{name}: {lines:#?}"))
    }

    #[test]
    fn a_rate_is_shown_as_given() {
        let given = lines("5/s", "horizon: 1 year", "size: 1 GB");
        assert_eq!(line(&given, "notes.put: mean").steps, ["5/s as given: 12,960,000 in a month of 30 days"]);
        let given = lines("13M/month", "horizon: 1 year", "size: 1 GB");
        assert_eq!(line(&given, "notes.put: mean").steps, ["5.02/s as given: 13,000,000 in a month of 30 days"]);
        assert_eq!(line(&given, "notes.put: peak at the horizon").steps, ["5.02/s x peak 2, no growth = 10/s"]);
        let given = lines("5/s", "growth: 50%/year\nhorizon: 1 year", "size: 1 GB");
        let peak = line(&given, "notes.put: peak at the horizon");
        assert_eq!(peak.steps, ["5/s x peak 2 x growth 1.5^1 year (1.5x) = 15/s"]);
    }

    #[test]
    fn growth_that_nobody_stated_is_read_both_ways() {
        let size = |data| {
            let lines = lines("10/s", "growth: 50%/year\nhorizon: 2 years", data);
            let line = line(&lines, "notes: size at the horizon");
            (line.shown.clone(), line.steps.clone())
        };
        // 10/s x 31,536,000 s x (1.5^2 - 1) / ln 1.5 = 972M items of 1 KB.
        let (shown, steps) = size("size: 100 GB, item: 1 KB");
        assert_eq!(shown, "1.07 TB if every write adds an item");
        assert_eq!(
            steps,
            [
                "if every write adds an item: 100 GB today + 972M kept x 1 KB = 1.07 TB",
                "if writes replace items and it grows as the load: 100 GB x growth 1.5^2 years (2.25x) = 225 GB"
            ]
        );
        let (shown, steps) = size("size: 100 GB");
        assert_eq!(shown, "100 GB if it stays as it is");
        assert_eq!(steps[1], "if it grows as the load: 100 GB x growth 1.5^2 years (2.25x) = 225 GB");
        let (shown, steps) = size("size: 100 GB, item: 1 KB, growth: 400 GB/year, keep: 365d");
        assert_eq!(shown, "500 GB");
        assert_eq!(steps, ["100 GB + 400 GB a year x 1 year that each is kept = 500 GB"]);
    }
}
