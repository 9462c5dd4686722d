//! What components had in work and waiting, slice by slice, over all replications: the way of a collapse.
//!
//! Only those that change most are told, so that a verdict stays small. Not here: what operations saw (`around`), and
//! intervals.

use crate::record::Record;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// Components that are told at most.
const COMPONENTS_MOST: usize = 8;

/// One component by slice, over its replicas and all replications.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ComponentSeries {
    /// Mean number of workers in use.
    pub in_use: Vec<f64>,
    /// Mean number waiting.
    pub queue: Vec<f64>,
}

impl ComponentSeries {
    /// How far the number in work or waiting moves.
    fn swing(&self) -> f64 {
        let inside = self.in_use.iter().zip(&self.queue).map(|(busy, queued)| busy + queued);
        let (least, most) = inside.fold((f64::MAX, 0.0f64), |(least, most), one| (least.min(one), most.max(one)));
        most - least
    }
}

/// The series of the components that change most, in the order of the design. Slices that some run did not reach are
/// left out; empty where no levels were kept.
#[must_use]
pub fn component_series(records: &[Record], names: &[String]) -> IndexMap<String, ComponentSeries> {
    let Some(first) = records.first().filter(|_| !names.is_empty()) else { return IndexMap::new() };
    let segments = first.entries.first().map_or(1, |entry| entry.segments.len().max(1));
    let watched = records.iter().map(|record| record.window as f64).sum::<f64>() / 1e9 / segments as f64;
    let slices = records.iter().map(|record| record.levels.len() / names.len()).min().unwrap_or(0);
    let mean = |slice: usize, component: usize, which: usize| {
        let of = |record: &Record| f64::from(record.levels[slice * names.len() + component][which]);
        brief(records.iter().map(of).sum::<f64>() / watched)
    };
    let of = |component: usize| ComponentSeries {
        in_use: (0..slices).map(|slice| mean(slice, component, 0)).collect(),
        queue: (0..slices).map(|slice| mean(slice, component, 1)).collect(),
    };
    let mut all: Vec<(usize, ComponentSeries)> = (0..names.len()).map(|nth| (nth, of(nth))).collect();
    all.retain(|(_, series)| series.swing() > 0.0);
    all.sort_by(|(_, one), (_, other)| other.swing().total_cmp(&one.swing()));
    all.truncate(COMPONENTS_MOST);
    all.sort_by_key(|(nth, _)| *nth);
    all.into_iter().map(|(nth, series)| (names[nth].clone(), series)).collect()
}

/// To four digits, as many as a series is worth.
fn brief(value: f64) -> f64 {
    format!("{value:.3e}").parse().unwrap_or(value)
}
