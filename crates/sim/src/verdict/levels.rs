//! Figures of sampled states: how many wait or are in work, at instants or over time, in all or at one replica.

use super::observed::{ComponentFigures, Observed, OperationFigures, moments};
use crate::expectation::{Figure, State};
use crate::histogram::Fine;
use crate::record::{Record, Sample};
use crate::statistics::{self, Parts};
use groundplan_model::estimate::Estimate;

/// What is missing where no sample was taken.
const NO_SAMPLES: &str = "no samples were taken: the experiment needs `sample-every` or `sample-at`";

/// The sample that a figure is read from.
fn sample(record: &Record, at: Option<u64>) -> Option<&Sample> {
    record.details.samples.iter().find(|sample| sample.at == at)
}

impl Observed<'_> {
    fn level(self, figure: Figure, levels: impl Fn(&Record) -> Option<&Fine>) -> Estimate {
        let Some(levels) = self.records.iter().map(levels).collect::<Option<Vec<&Fine>>>() else {
            return Estimate::unknown(NO_SAMPLES);
        };
        let confidence = self.confidence;
        let found = match figure {
            Figure::Mean => {
                let pairs: Vec<(f64, f64)> =
                    levels.iter().map(|levels| (levels.sum() as f64, levels.count() as f64)).collect();
                statistics::ratio(&pairs, Parts::Replications, confidence)
            }
            Figure::Share(low, high) => {
                let below = |levels: &Fine| if low == 0 { 0 } else { levels.count() - levels.count_above(low - 1) };
                let pairs: Vec<(u64, u64)> = levels
                    .iter()
                    .map(|levels| (levels.count() - levels.count_above(high) - below(levels), levels.count()))
                    .collect();
                statistics::share(&pairs, Parts::Replications, confidence)
            }
            Figure::Quantile(p) => {
                statistics::quantile(&levels, &vec![0; levels.len()], p, Parts::Replications, confidence)
            }
            Figure::Sd | Figure::Variance => {
                let parts: Vec<[f64; 3]> = levels.iter().map(|levels| moments(levels)).collect();
                statistics::spread(&parts, figure == Figure::Sd, confidence)
            }
        };
        Estimate { low: found.low.map(|low| low.max(0.0)), ..found }
    }
}

impl OperationFigures<'_> {
    /// A figure of the number of its requests in the system, where samples were taken.
    #[must_use]
    pub fn level(self, state: State, figure: Figure) -> Estimate {
        let (observed, index) = (self.observed, self.index);
        observed.level(figure, |record| Some(&sample(record, state.at)?.entries[index]))
    }
}

impl ComponentFigures<'_> {
    /// A figure of the number waiting or in work, where samples were taken.
    #[must_use]
    pub fn level(self, state: State, figure: Figure) -> Estimate {
        let (observed, index) = (self.observed, self.index);
        observed.level(figure, |record| {
            let levels = &sample(record, state.at)?.components[index];
            Some(if state.each { &levels.each } else { &levels.total })
        })
    }

    /// Share of periodic samples that found all workers of all replicas in use.
    #[must_use]
    pub fn all_busy(self) -> Estimate {
        let (observed, index) = (self.observed, self.index);
        let pairs: Option<Vec<(u64, u64)>> = observed
            .records
            .iter()
            .map(|record| {
                let levels = &sample(record, None)?.components[index];
                Some((levels.all_busy, levels.total.count()))
            })
            .collect();
        match pairs {
            Some(pairs) => statistics::share(&pairs, Parts::Replications, observed.confidence),
            None => Estimate::unknown(NO_SAMPLES),
        }
    }
}
