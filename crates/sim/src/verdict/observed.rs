//! Figures from the records of one load: every number of a verdict, by index, with its interval.
//!
//! Times leave here in seconds. Where there is one replication, entries of the load are cut into sections of time;
//! components and calls are kept as totals only and get no interval then.

use crate::expectation::Figure;
use crate::histogram::{Coarse, Fine, Histogram};
use crate::record::{CallRecord, ComponentRecord, Ending, EntryRecord, How, KEPT, Record, Segment, Timed};
use crate::statistics::{self, Parts};
use groundplan_model::estimate::Estimate;
use groundplan_model::units::PerSecond;
use std::sync::LazyLock;

const SECOND: f64 = 1e9;

/// The replications of one load, and how sure to be.
#[derive(Debug, Clone, Copy)]
pub struct Observed<'a> {
    /// By replication.
    pub records: &'a [Record],
    /// Confidence of every interval; 0.95 in reports.
    pub confidence: f64,
}

impl<'a> Observed<'a> {
    /// The requests of one entry, for its figures.
    #[must_use]
    pub fn operation(self, index: usize) -> OperationFigures<'a> {
        OperationFigures { observed: self, index }
    }

    /// One component, for its figures.
    #[must_use]
    pub fn component(self, index: usize) -> ComponentFigures<'a> {
        ComponentFigures { observed: self, index }
    }

    /// One pair of caller and callee, for its figures.
    #[must_use]
    pub fn call(self, index: usize) -> CallFigures<'a> {
        CallFigures { observed: self, index }
    }

    /// The reason why nothing settles, if the cap on requests in flight was hit.
    fn unbounded(self) -> Option<Estimate> {
        let hit = self.records.iter().filter(|record| record.unbounded).count();
        (hit > 0).then(|| {
            let rate = self.records.iter().map(|record| record.growth).fold(0.0, f64::max);
            Estimate::unknown(format!(
                "the number in flight grows without bound, at {}, in {hit} of {} runs",
                PerSecond(rate),
                self.records.len()
            ))
        })
    }

    /// Replications, those that were added up counted one by one.
    pub(super) fn runs(self) -> f64 {
        self.records.iter().map(|record| record.runs).sum::<u64>() as f64
    }

    /// A count per run.
    fn count(self, of: impl Fn(&Record) -> u64) -> Estimate {
        let counts: Vec<u64> = self.records.iter().map(of).collect();
        let found = statistics::count(&counts, self.confidence);
        let each = self.runs() / self.records.len().max(1) as f64;
        Estimate {
            value: found.value.map(|value| value / each),
            low: found.low.map(|low| low / each),
            high: found.high.map(|high| high / each),
            ..found
        }
    }

    fn ratio(self, pair: impl Fn(&Record) -> (f64, f64)) -> Estimate {
        let pairs: Vec<(f64, f64)> = self.records.iter().map(pair).collect();
        statistics::ratio(&pairs, Parts::Replications, self.confidence)
    }

    fn share(self, pair: impl Fn(&Record) -> (f64, f64), nothing: &str) -> Estimate {
        let found = self.ratio(pair);
        if found.value.is_none() {
            return Estimate::unknown(nothing);
        }
        Estimate { low: found.low.map(|low| low.max(0.0)), high: found.high.map(|high| high.min(1.0)), ..found }
    }

    /// A figure of how widely something varies. `unit`: how many of its units make one of the figure's.
    pub(super) fn spread(
        self,
        figure: Figure,
        unit: f64,
        nothing: &str,
        moments: impl Fn(&Record) -> [f64; 3],
    ) -> Estimate {
        let parts: Vec<[f64; 3]> = self
            .records
            .iter()
            .map(|record| {
                let [count, sum, squares] = moments(record);
                [count, sum / unit, squares / unit / unit]
            })
            .collect();
        let found = statistics::spread(&parts, figure == Figure::Sd, self.confidence);
        if found.value.is_none() { Estimate::unknown(nothing) } else { found }
    }

    fn quantile<const BITS: u32>(self, histogram: impl Fn(&Record) -> &Histogram<BITS>, p: f64) -> Estimate {
        let histograms: Vec<&Histogram<BITS>> = self.records.iter().map(histogram).collect();
        let none = vec![0; histograms.len()];
        in_seconds(statistics::quantile(&histograms, &none, p, Parts::Replications, self.confidence))
    }
}

/// Figures of one entry of the load.
#[derive(Debug, Clone, Copy)]
pub struct OperationFigures<'a> {
    pub(super) observed: Observed<'a>,
    pub(super) index: usize,
}

impl<'a> OperationFigures<'a> {
    fn entries(self) -> impl Iterator<Item = &'a EntryRecord> {
        self.observed.records.iter().map(move |record| &record.entries[self.index])
    }

    /// One pair per independent part: replications, or the sections of the only one.
    fn pairs<T>(
        self,
        whole: impl Fn(&EntryRecord) -> (T, T),
        slice: impl Fn(&Segment) -> (T, T),
    ) -> (Vec<(T, T)>, Parts)
    where
        T: Copy + std::ops::Add<Output = T>,
    {
        if let [record] = self.observed.records {
            let segments = &record.entries[self.index].segments;
            let sections = statistics::sections(segments.len());
            if sections.len() >= 2 {
                let sum = |range: std::ops::Range<usize>| {
                    let mut pairs = segments[range].iter().map(&slice);
                    let first = pairs.next().expect("a section has a slice");
                    pairs.fold(first, |sum, pair| (sum.0 + pair.0, sum.1 + pair.1))
                };
                return (sections.into_iter().map(sum).collect(), Parts::Sections);
            }
        }
        (self.entries().map(whole).collect(), Parts::Replications)
    }

    fn ratio(self, whole: impl Fn(&EntryRecord) -> (f64, f64), slice: impl Fn(&Segment) -> (f64, f64)) -> Estimate {
        let (pairs, parts) = self.pairs(whole, slice);
        statistics::ratio(&pairs, parts, self.observed.confidence)
    }

    fn share(self, whole: impl Fn(&EntryRecord) -> (u64, u64), slice: impl Fn(&Segment) -> (u64, u64)) -> Estimate {
        let (pairs, parts) = self.pairs(whole, slice);
        statistics::share(&pairs, parts, self.observed.confidence)
    }

    fn rate(self, whole: impl Fn(&EntryRecord) -> u64, slice: impl Fn(&Segment) -> u64) -> Estimate {
        let [record] = self.observed.records else {
            let index = self.index;
            return self.observed.ratio(|record| (whole(&record.entries[index]) as f64, record.window as f64 / SECOND));
        };
        let window = record.window as f64 / SECOND;
        let slices = record.entries[self.index].segments.len().max(1) as f64;
        self.ratio(|entry| (whole(entry) as f64, window), |segment| (slice(segment) as f64, window / slices))
    }

    fn censored(self) -> u64 {
        self.entries().map(|entry| entry.ended[Ending::Censored as usize]).sum()
    }

    /// Mean latency of the ok ones.
    #[must_use]
    pub fn mean(self) -> Estimate {
        if let Some(unbounded) = self.observed.unbounded() {
            return unbounded;
        }
        let found = in_seconds(self.ratio(
            |entry| (entry.latency.sum() as f64, entry.latency.count() as f64),
            |segment| (segment.latency_sum as f64, segment.ok as f64),
        ));
        if found.value.is_none() {
            return Estimate::unknown("no request ended ok");
        }
        Estimate { at_least: self.censored() > 0, ..found }
    }

    /// Quantile of the latency; requests unfinished at the end count as later than all.
    #[must_use]
    pub fn quantile(self, p: f64) -> Estimate {
        if let Some(unbounded) = self.observed.unbounded() {
            return unbounded;
        }
        let fine: Vec<_> = self.entries().map(|entry| &entry.latency).collect();
        let unfinished: Vec<u64> = self.entries().map(|entry| entry.ended[Ending::Censored as usize]).collect();
        let confidence = self.observed.confidence;
        let found = statistics::quantile(&fine, &unfinished, p, Parts::Replications, confidence);
        let [record] = self.observed.records else { return in_seconds(found) };
        // One replication: how sections differ, from their coarse histograms, around the value of the fine one.
        let segments = &record.entries[self.index].segments;
        let sections: Vec<Coarse> = statistics::sections(segments.len())
            .into_iter()
            .map(|range| {
                let mut sum = Coarse::default();
                segments[range].iter().for_each(|segment| sum.merge(&segment.latency));
                sum
            })
            .collect();
        let sections: Vec<&Coarse> = sections.iter().collect();
        let coarse = statistics::quantile(&sections, &vec![0; sections.len()], p, Parts::Sections, confidence);
        let (Some(value), Some(rough)) = (found.value, coarse.value) else { return in_seconds(found) };
        let scale = if rough > 0.0 { value / rough } else { 1.0 };
        in_seconds(Estimate {
            low: coarse.low.map(|low| low * scale),
            high: if found.at_least { None } else { coarse.high.map(|high| high * scale) },
            reason: coarse.reason,
            ..found
        })
    }

    /// Requests that arrived, per second.
    #[must_use]
    pub fn arrivals(self) -> Estimate {
        self.rate(|entry| entry.arrived, |segment| segment.arrived)
    }

    /// Longest latency of a run, of the ok ones.
    #[must_use]
    pub fn longest(self) -> Estimate {
        if self.entries().all(|entry| entry.latency.count() == 0) {
            return Estimate::unknown("no request ended ok");
        }
        in_seconds(self.observed.count(|record| record.entries[self.index].longest))
    }

    /// Requests that ended ok, per second of arrivals.
    #[must_use]
    pub fn throughput(self) -> Estimate {
        self.rate(|entry| entry.ended[Ending::Ok as usize], |segment| segment.ok)
    }

    /// Requests that ended ok within the p99 target (or ok where there is none), per second of arrivals.
    #[must_use]
    pub fn goodput(self) -> Estimate {
        self.rate(|entry| entry.in_time, |segment| segment.in_time)
    }

    /// Ended ok over all but the cancelled.
    #[must_use]
    pub fn availability(self) -> Estimate {
        self.share(
            |entry| (entry.ended[Ending::Ok as usize], counted(entry)),
            |segment| (segment.ok, segment.arrived - segment.cancelled),
        )
    }

    /// Ended in this way (or in any but ok), over all but the cancelled.
    #[must_use]
    pub fn errors(self, cause: Option<Ending>) -> Estimate {
        match cause {
            None => self.share(
                |entry| (counted(entry) - entry.ended[Ending::Ok as usize], counted(entry)),
                |segment| (segment.arrived - segment.cancelled - segment.ok, segment.arrived - segment.cancelled),
            ),
            Some(cause) => {
                let pairs: Vec<(u64, u64)> =
                    self.entries().map(|entry| (entry.ended[cause as usize], counted(entry))).collect();
                statistics::share(&pairs, Parts::Replications, self.observed.confidence)
            }
        }
    }

    /// The ways of not ending ok that occurred.
    pub fn causes(self) -> impl Iterator<Item = Ending> {
        Ending::ALL.into_iter().filter(move |ending| {
            *ending != Ending::Ok && self.entries().any(|entry| entry.ended[*ending as usize] > 0)
        })
    }

    /// Ended ok within this long, over all but the cancelled. Unit of `limit`: ns.
    #[must_use]
    pub fn within(self, limit: u64) -> Estimate {
        if let Some(exact) = self.within_exactly(limit) {
            return exact;
        }
        let early = |count: u64, share: f64| (count as f64 * share).round() as u64;
        self.share(
            |entry| (early(entry.latency.count(), entry.latency.share_at_most(limit)), counted(entry)),
            |segment| {
                let hits = early(segment.latency.count(), segment.latency.share_at_most(limit));
                (hits, segment.arrived - segment.cancelled)
            },
        )
    }

    /// The same, where the experiment asked for this limit: counted to the nanosecond.
    fn within_exactly(self, limit: u64) -> Option<Estimate> {
        let counts: Vec<&[u64]> = self
            .observed
            .records
            .iter()
            .map(|record| {
                let limits = record.details.limits.get(self.index)?;
                limits.iter().find(|within| within.limit == limit).map(|within| within.count.as_slice())
            })
            .collect::<Option<_>>()?;
        let confidence = self.observed.confidence;
        if let ([record], [counts]) = (self.observed.records, &counts[..]) {
            let segments = &record.entries[self.index].segments;
            let sections = statistics::sections(segments.len());
            if sections.len() >= 2 {
                let sum = |range: std::ops::Range<usize>| {
                    let trials = segments[range.clone()].iter().map(|slice| slice.arrived - slice.cancelled).sum();
                    (range.map(|nth| counts.get(nth).copied().unwrap_or(0)).sum(), trials)
                };
                let pairs: Vec<(u64, u64)> = sections.into_iter().map(sum).collect();
                return Some(statistics::share(&pairs, Parts::Sections, confidence));
            }
        }
        let pairs: Vec<(u64, u64)> =
            counts.iter().zip(self.entries()).map(|(counts, entry)| (counts.iter().sum(), counted(entry))).collect();
        Some(statistics::share(&pairs, Parts::Replications, confidence))
    }

    /// How widely the latency of the ok ones varies: standard deviation in seconds, variance in seconds squared.
    #[must_use]
    pub fn spread(self, figure: Figure) -> Estimate {
        self.observed.unbounded().unwrap_or_else(|| {
            self.observed
                .spread(figure, SECOND, "no request ended ok", |record| moments(&record.entries[self.index].latency))
        })
    }

    /// How many replications the `p`-quantile needs to be reported at all; none where no request ended ok.
    #[must_use]
    pub fn runs_for_quantile(self, p: f64) -> Option<u64> {
        let all: u64 = self.entries().map(|entry| entry.latency.count() + entry.ended[Ending::Censored as usize]).sum();
        let each = all as f64 * p.min(1.0 - p) / self.observed.runs();
        (each > 0.0).then(|| (statistics::EXCEEDANCES as f64 / each).ceil() as u64)
    }

    /// Took longer than this or is unfinished, of those that ended ok or are unfinished. Unit of `limit`: ns.
    ///
    /// A quantile lies below a limit when this share lies below what the quantile leaves above it: that can often be told
    /// when the quantile itself can't.
    #[must_use]
    pub fn beyond(self, limit: u64) -> Estimate {
        let pairs: Vec<(u64, u64)> = self
            .entries()
            .map(|entry| {
                let censored = entry.ended[Ending::Censored as usize];
                (entry.latency.count_above(limit) + censored, entry.latency.count() + censored)
            })
            .collect();
        statistics::share(&pairs, Parts::Replications, self.observed.confidence)
    }

    /// Quantile of the time to settle, for operations that are accepted first; none for others.
    #[must_use]
    pub fn settled(self, p: f64) -> Option<Estimate> {
        self.entries()
            .any(|entry| entry.settled.count() > 0)
            .then(|| self.observed.quantile(|record| &record.entries[self.index].settled, p))
    }
}

/// All requests of an entry but the cancelled.
fn counted(entry: &EntryRecord) -> u64 {
    entry.arrived - entry.ended[Ending::Cancelled as usize]
}

/// Figures of one component.
#[derive(Debug, Clone, Copy)]
pub struct ComponentFigures<'a> {
    pub(super) observed: Observed<'a>,
    pub(super) index: usize,
}

impl<'a> ComponentFigures<'a> {
    fn parts(self) -> impl Iterator<Item = &'a ComponentRecord> {
        self.observed.records.iter().map(move |record| &record.components[self.index])
    }

    fn share(self, pair: impl Fn(&ComponentRecord) -> (u128, u128), nothing: &str) -> Estimate {
        self.observed.share(
            |record| {
                let (top, bottom) = pair(&record.components[self.index]);
                (top as f64, bottom as f64)
            },
            nothing,
        )
    }

    fn mean_number(self, integral: impl Fn(&ComponentRecord) -> u128) -> Estimate {
        if let Some(unbounded) = self.observed.unbounded() {
            return unbounded;
        }
        let index = self.index;
        let found = self.observed.ratio(|record| (integral(&record.components[index]) as f64, record.window as f64));
        Estimate { low: found.low.map(|low| low.max(0.0)), ..found }
    }

    fn mean_time(self, histogram: impl Fn(&ComponentRecord) -> &Coarse, nothing: &str) -> Estimate {
        let found = in_seconds(self.observed.ratio(|record| {
            let histogram = histogram(&record.components[self.index]);
            (histogram.sum() as f64, histogram.count() as f64)
        }));
        if found.value.is_none() {
            return Estimate::unknown(nothing);
        }
        Estimate { low: found.low.map(|low| low.max(0.0)), ..found }
    }

    /// Workers in use over workers.
    #[must_use]
    pub fn utilisation(self) -> Estimate {
        self.share(|part| (part.busy, part.slots), "workers are unlimited")
    }

    /// Cores in use over cores.
    #[must_use]
    pub fn core_utilisation(self) -> Estimate {
        self.share(|part| (part.cores_busy, part.cores), "cores are unlimited")
    }

    /// Mean number waiting.
    #[must_use]
    pub fn queue(self) -> Estimate {
        self.mean_number(|part| part.queued)
    }

    /// Arrivals that had to wait for a worker or were turned away, over all arrivals.
    ///
    /// Those who wait are let in without a wait of zero. What came from further down as a refusal is none of this
    /// component's: only those that never got in count.
    #[must_use]
    pub fn saturation(self) -> Estimate {
        let pairs: Vec<(u64, u64)> = self
            .parts()
            .map(|part| {
                let turned_away = part.books.outside.min(part.ended[Ending::Refused as usize]);
                let waited = part.accepted.saturating_sub(part.wait.zeros());
                (waited + turned_away, part.accepted + turned_away)
            })
            .collect();
        if self.parts().all(|part| part.slots == 0) && pairs.iter().all(|pair| pair.0 == 0) {
            return Estimate::unknown("workers are unlimited");
        }
        statistics::share(&pairs, Parts::Replications, self.observed.confidence)
    }

    /// Mean number waiting or in work.
    #[must_use]
    pub fn in_system(self) -> Estimate {
        self.mean_number(|part| part.in_system)
    }

    /// Mean wait for a worker.
    #[must_use]
    pub fn wait_mean(self) -> Estimate {
        self.mean_time(|part| &part.wait, "nothing waited here")
    }

    /// Quantile of the wait for a worker.
    #[must_use]
    pub fn wait_quantile(self, p: f64) -> Estimate {
        if self.fine_waits().is_some() {
            return self.observed.quantile(|record| fine_waits(record, self.index).unwrap_or(&NO_WAITS), p);
        }
        self.observed.quantile(|record| &record.components[self.index].wait, p)
    }

    /// Waits within this long, over all waits, none included. To the nanosecond where the experiment asked for this limit
    /// and calls take no time, else as its bucket says. Unit of `limit`: ns.
    #[must_use]
    pub fn wait_within(self, limit: u64) -> Estimate {
        let pairs: Vec<(u64, u64)> = self
            .observed
            .records
            .iter()
            .map(|record| {
                let waits = &record.components[self.index].wait;
                let asked = record.details.waits.get(self.index).and_then(Option::as_ref);
                let asked = asked.filter(|_| fine_waits(record, self.index).is_some());
                match asked.and_then(|asked| asked.within.iter().find(|within| within.limit == limit)) {
                    Some(within) => (within.count.iter().sum(), waits.count()),
                    None => (waits.count() - waits.count_above(limit), waits.count()),
                }
            })
            .collect();
        statistics::share(&pairs, Parts::Replications, self.observed.confidence)
    }

    /// How widely the wait for a worker varies: standard deviation in seconds, variance in seconds squared.
    #[must_use]
    pub fn wait_spread(self, figure: Figure) -> Estimate {
        let fine = self.fine_waits().is_some();
        self.observed.spread(figure, SECOND, "nothing waited here", |record| match fine_waits(record, self.index) {
            Some(waits) if fine => moments(waits),
            _ => moments(&record.components[self.index].wait),
        })
    }

    /// How widely the time in the component varies.
    #[must_use]
    pub fn time_spread(self, figure: Figure) -> Estimate {
        self.observed
            .spread(figure, SECOND, "nothing ended ok here", |record| moments(&record.components[self.index].time))
    }

    /// Whether every replication has its waits finely.
    fn fine_waits(self) -> Option<()> {
        self.observed.records.iter().map(|record| fine_waits(record, self.index).map(|_| ())).collect()
    }

    /// Mean time in the component.
    #[must_use]
    pub fn time_mean(self) -> Estimate {
        self.mean_time(|part| &part.time, "nothing ended ok here")
    }

    /// Quantile of the time in the component.
    #[must_use]
    pub fn time_quantile(self, p: f64) -> Estimate {
        self.observed.quantile(|record| &record.components[self.index].time, p)
    }

    /// Frames refused, over all that ended here but the cancelled.
    #[must_use]
    pub fn errors(self, cause: Ending) -> Option<Estimate> {
        let pairs: Vec<(u64, u64)> = self
            .parts()
            .map(|part| {
                let ended: u64 = part.ended.iter().sum();
                (part.ended[cause as usize], ended - part.ended[Ending::Cancelled as usize])
            })
            .collect();
        pairs
            .iter()
            .any(|pair| pair.0 > 0)
            .then(|| statistics::share(&pairs, Parts::Replications, self.observed.confidence))
    }

    /// Worker time spent on callers that had given up, over worker time in use.
    #[must_use]
    pub fn wasted(self) -> Option<Estimate> {
        self.parts()
            .any(|part| part.wasted > 0)
            .then(|| self.share(|part| (part.wasted, part.busy), "no worker was in use"))
    }

    /// Most frames waiting at one replica at once, in any run.
    #[must_use]
    pub fn queue_max(self) -> u64 {
        self.parts().map(|part| part.queue_max).max().unwrap_or(0)
    }

    /// Hits over hits and misses; none if nothing was looked up.
    #[must_use]
    pub fn hit_ratio(self) -> Option<Estimate> {
        let looked_up = |part: &ComponentRecord| u128::from(part.hits + part.misses);
        self.parts()
            .any(|part| looked_up(part) > 0)
            .then(|| self.share(|part| (u128::from(part.hits), looked_up(part)), "nothing was looked up"))
    }

    /// Acknowledged writes that no surviving copy holds, per run.
    #[must_use]
    pub fn lost_writes(self) -> Estimate {
        self.observed.count(|record| record.components[self.index].lost_writes)
    }

    /// Records handled more than once, per run.
    #[must_use]
    pub fn duplicates(self) -> Estimate {
        self.observed.count(|record| record.components[self.index].duplicates)
    }

    /// What a machine counts: per run, or one count over another.
    #[must_use]
    pub fn kept(self, how: How) -> Estimate {
        let of = |record: &Record, what| record.components[self.index].kept().count(what);
        match how {
            How::Count(count) => self.observed.count(|record| of(record, count)),
            How::Total(count) => in_seconds(self.observed.count(|record| of(record, count))),
            How::Share(part, whole) => {
                self.observed.share(|record| (of(record, part) as f64, of(record, whole) as f64), "nothing was counted")
            }
            How::Mean(sum, many) => {
                let found = self.observed.ratio(|record| (of(record, sum) as f64, of(record, many) as f64));
                if found.value.is_none() { Estimate::unknown("nothing was counted") } else { found }
            }
            How::Time(timed) => self.kept_quantile(timed, 0.99),
        }
    }

    /// Quantile of what a machine times.
    #[must_use]
    pub fn kept_quantile(self, timed: Timed, p: f64) -> Estimate {
        let found = self.observed.quantile(|record| record.components[self.index].kept().times(timed), p);
        let word = KEPT.iter().find(|word| word.how == How::Time(timed));
        let Some(word) =
            word.filter(|_| timed.is_rare() && found.high.is_none() && self.kept_mean(timed).value.is_some())
        else {
            return found;
        };
        let ask = format!("`{}-mean` can be asked", word.name);
        let reason = found.reason.as_ref().map_or(ask.clone(), |reason| format!("{reason}; {ask}"));
        Estimate { reason: Some(reason), ..found }
    }

    /// Mean of what a machine times.
    #[must_use]
    pub fn kept_mean(self, timed: Timed) -> Estimate {
        self.mean_time(|part| part.kept().times(timed), "nothing was counted")
    }

    /// Standard deviation of what a machine times.
    #[must_use]
    pub fn kept_sd(self, timed: Timed) -> Estimate {
        let of = |record: &Record| moments(record.components[self.index].kept().times(timed));
        self.observed.spread(Figure::Sd, SECOND, "nothing was counted", of)
    }

    /// Whether records were consumed through it.
    #[must_use]
    pub fn has_lag(self) -> bool {
        self.parts().any(|part| part.lag.count() > 0)
    }

    /// Mean age of a record when its consumer took it.
    #[must_use]
    pub fn lag_mean(self) -> Estimate {
        self.mean_time(|part| &part.lag, "nothing was consumed")
    }

    /// Quantile of a record's age when its consumer took it.
    #[must_use]
    pub fn lag_quantile(self, p: f64) -> Estimate {
        self.observed.quantile(|record| &record.components[self.index].lag, p)
    }
}

/// Figures of one pair of caller and callee.
#[derive(Debug, Clone, Copy)]
pub struct CallFigures<'a> {
    observed: Observed<'a>,
    index: usize,
}

impl CallFigures<'_> {
    fn ratio(self, pair: impl Fn(&CallRecord) -> (f64, f64)) -> Estimate {
        self.observed.ratio(|record| pair(&record.calls[self.index]))
    }

    /// Attempts per second.
    #[must_use]
    pub fn rate(self) -> Estimate {
        self.observed.ratio(|record| (record.calls[self.index].attempts as f64, record.window as f64 / SECOND))
    }

    /// Ejections per second.
    #[must_use]
    pub fn ejections(self) -> Estimate {
        self.observed.ratio(|record| (record.calls[self.index].ejections as f64, record.window as f64 / SECOND))
    }

    /// Mean length of an ejection.
    #[must_use]
    pub fn ejected(self) -> Estimate {
        let found = self.ratio(|call| (call.ejected as f64 / SECOND, call.ejections as f64));
        if found.value.is_none() { Estimate::unknown("nothing was ejected") } else { found }
    }

    /// Attempts over calls.
    #[must_use]
    pub fn amplification(self) -> Estimate {
        let found = self.ratio(|call| (call.attempts as f64, call.calls as f64));
        if found.value.is_none() { Estimate::unknown("it was never called") } else { found }
    }

    /// Attempts that the caller's own policies refused, over all that it set out to make; none where it refused none.
    #[must_use]
    pub fn refused_here(self) -> Option<Estimate> {
        let calls = self.observed.records.iter().map(|record| &record.calls[self.index]);
        let pairs: Vec<(u64, u64)> = calls.map(|call| (call.refused_here, call.attempts + call.refused_here)).collect();
        let any = pairs.iter().any(|(refused, _)| *refused > 0);
        any.then(|| statistics::share(&pairs, Parts::Replications, self.observed.confidence))
    }

    /// Attempts whose answer came when the caller waited for it no more, over all attempts; none where there was none.
    #[must_use]
    pub fn wasted(self) -> Option<Estimate> {
        let calls = self.observed.records.iter().map(|record| &record.calls[self.index]);
        // An answer to an attempt of before the window may come in it.
        let pairs: Vec<(u64, u64)> = calls.map(|call| (call.unheard, call.attempts.max(call.unheard))).collect();
        let any = pairs.iter().any(|(unheard, _)| *unheard > 0);
        any.then(|| statistics::share(&pairs, Parts::Replications, self.observed.confidence))
    }

    /// Attempts that did not end ok, over all but those that were dropped or left to themselves.
    #[must_use]
    pub fn errors(self) -> Estimate {
        let pairs: Vec<(u64, u64)> = self
            .observed
            .records
            .iter()
            .map(|record| {
                let ended = &record.calls[self.index].ended;
                let left = ended[Ending::Cancelled as usize] + ended[Ending::Abandoned as usize];
                let counted = ended.iter().sum::<u64>() - left;
                (counted - ended[Ending::Ok as usize], counted)
            })
            .collect();
        statistics::share(&pairs, Parts::Replications, self.observed.confidence)
    }

    /// Mean time of an ok attempt.
    #[must_use]
    pub fn mean(self) -> Estimate {
        let found = in_seconds(self.ratio(|call| (call.latency.sum() as f64, call.latency.count() as f64)));
        if found.value.is_none() { Estimate::unknown("no attempt ended ok") } else { found }
    }

    /// Quantile of the time of an ok attempt.
    #[must_use]
    pub fn quantile(self, p: f64) -> Estimate {
        self.observed.quantile(|record| &record.calls[self.index].latency, p)
    }
}

/// Nothing waited.
static NO_WAITS: LazyLock<Fine> = LazyLock::new(Fine::default);

/// The waits of a component finely, if they were asked for and every wait could be taken (calls take no time).
fn fine_waits(record: &Record, component: usize) -> Option<&Fine> {
    let waits = &record.details.waits.get(component)?.as_ref()?.waits;
    (waits.count() == record.components[component].wait.count()).then_some(waits)
}

/// Number, sum and sum of squares.
pub(super) fn moments<const BITS: u32>(histogram: &Histogram<BITS>) -> [f64; 3] {
    [histogram.count() as f64, histogram.sum() as f64, histogram.sum_of_squares()]
}

/// From ns to seconds.
fn in_seconds(estimate: Estimate) -> Estimate {
    Estimate {
        value: estimate.value.map(|value| value / SECOND),
        low: estimate.low.map(|low| low / SECOND),
        high: estimate.high.map(|high| high / SECOND),
        ..estimate
    }
}
