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
        steps: vec![format!("{} a month / {} s in 30 days = {mean}", significant(mean.0 * MONTH.0), MONTH.0)],
        provenance: Provenance::Given,
    });
    let peak = entry_rate(brief, entry, LoadLevel::PeakAtHorizon);
    lines.push(EstimateLine {
        name: format!("{operation}: peak at the horizon"),
        value: peak.0,
        unit: "per second",
        shown: peak.to_string(),
        steps: vec![format!(
            "{mean} x peak {} x growth {}^{} years ({}x) = {peak}",
            significant(entry.peak.mid()),
            significant(1.0 + brief.growth.mid()),
            significant(brief.horizon_years()),
            significant(brief.growth_factor())
        )],
        provenance: Provenance::Computed,
    });
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
            steps: vec![format!("{} writes a month x {item} = {month}", significant(writes.0 * MONTH.0))],
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
            shown: format!("{} items", shown_count(items)),
            steps: vec![if written.all_kept {
                format!(
                    "{} today + {} written in {} years = {}",
                    shown_count(today),
                    shown_count(written.items),
                    significant(years),
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
    let step = match data.growth {
        Some(Growth::Relative(growth)) => {
            format!("{} x {}^{} years = {horizon}", data.size, significant(1.0 + growth), significant(years))
        }
        Some(Growth::Amount(amount)) => {
            format!("{} + {amount} a year x {} years = {horizon}", data.size, significant(years))
        }
        None => match data.item {
            Some(item) => {
                let written = written_until_horizon(brief, data);
                let today = if written.all_kept { format!("{} today + ", data.size) } else { String::new() };
                format!("{today}{} kept x {item} = {horizon}", shown_count(written.items))
            }
            None => format!("{} and no growth stated", data.size),
        },
    };
    lines.push(EstimateLine {
        name: format!("{name}: size at the horizon"),
        value: horizon.0,
        unit: "bytes",
        shown: horizon.to_string(),
        steps: vec![step],
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

/// Requests in work at once, by Little's law.
#[must_use]
pub fn at_once(rate: PerSecond, stay: Seconds) -> f64 {
    groundplan_analysis::sizing::in_flight(rate, stay)
}
