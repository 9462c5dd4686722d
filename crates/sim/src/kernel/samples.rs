//! What only some experiments ask to be observed: the state at instants, and latencies and waits held against limits.
//!
//! A design that asks for none of it pays nothing: samples are control events of their own, and requests and frames are
//! held against limits by instructions that only such designs have. A sample looks at every replica and, where requests of a
//! load are counted, at every frame. Left out: waits behind a network or a rate limit, which `wait` of the record has to
//! its bucket.

use super::engine::Engine;
use super::faults::Control;
use super::frames::{Frame, flag};
use super::tables::{NONE, Tables};
use crate::record::{Details, Levels, Sample, Waits, Within};

/// What the experiments of a design ask for.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// By entry: latencies that its requests are held against. Empty where none is asked for. Unit: ns.
    pub limits: Vec<Vec<u64>>,
    /// By component: the waits that its frames are held against, where waits are asked for. Unit: ns.
    pub waits: Vec<Option<Vec<u64>>>,
    /// By experiment: when to look at the state.
    pub samples: Vec<Sampling>,
}

/// When to look at the state. Times count from the start of the window. Unit: ns.
#[derive(Debug, Clone, Default)]
pub struct Sampling {
    /// At these instants.
    pub at: Vec<u64>,
    /// And this often; zero for never.
    pub every: u64,
}

impl Asked {
    /// Nothing counted yet, for one run.
    pub(super) fn blank(&self, tables: &Tables, experiment: Option<usize>) -> Details {
        let limits = |asked: &Vec<u64>, segments: usize| {
            asked.iter().map(|&limit| Within { limit, count: vec![0; segments] }).collect::<Vec<Within>>()
        };
        let sampling = experiment.and_then(|id| self.samples.get(id));
        let sample = |at| Sample {
            at,
            components: tables.components.iter().map(|_| Levels::default()).collect(),
            entries: (0..tables.sources.len() + tables.figures_of.len()).map(|_| Default::default()).collect(),
        };
        let mut samples = Vec::new();
        if let Some(sampling) = sampling {
            samples.extend(sampling.at.iter().map(|&at| sample(Some(at))));
            if sampling.every > 0 {
                samples.push(sample(None));
            }
        }
        Details {
            limits: self.limits.iter().map(|asked| limits(asked, 0)).collect(),
            waits: self
                .waits
                .iter()
                .map(|asked| asked.as_ref().map(|asked| Waits { waits: Default::default(), within: limits(asked, 1) }))
                .collect(),
            samples,
        }
    }
}

impl Engine<'_> {
    /// Schedules the instants at which this run's state is looked at.
    pub(super) fn schedule_samples(&mut self) {
        let tables = self.tables;
        let Some(sampling) = self.plan.experiment.and_then(|id| tables.asked.samples.get(id)) else {
            return;
        };
        for (nth, at) in sampling.at.iter().enumerate() {
            self.schedule(self.plan.warm_up.saturating_add(*at), Control::Sample { nth: nth as u32, every: 0 });
        }
        if sampling.every > 0 {
            let nth = sampling.at.len() as u32;
            let first = self.plan.warm_up.saturating_add(sampling.every);
            self.schedule(first, Control::Sample { nth, every: sampling.every });
        }
    }

    /// Looks at the state.
    pub(super) fn sample(&mut self, nth: u32) {
        let mut details = std::mem::take(&mut self.watch.details);
        if let Some(sample) = details.samples.get_mut(nth as usize) {
            self.look(sample);
        }
        self.watch.details = details;
    }

    fn look(&self, sample: &mut Sample) {
        for (component, levels) in self.tables.components.iter().zip(&mut sample.components) {
            let shared = component.queueing.is_some_and(|queueing| queueing.shared);
            let (mut total, mut all_busy) = (self.waiters_shared(component), component.workers != NONE);
            let mut busy = 0;
            for r in component.first..component.first + component.count {
                let replica = &self.replicas[r as usize];
                let level = u64::from(replica.busy) + self.waiters_at(r);
                total += level;
                levels.each.add(level);
                let idle = !self.conditions[r as usize].present;
                let full = idle || replica.busy >= if shared { component.workers } else { replica.slots };
                all_busy &= full || component.standby > 0;
                busy += u32::from(full && !idle);
            }
            levels.total.add(total);
            levels.all_busy += u64::from(all_busy && (component.standby == 0 || busy > 0));
        }
        let mut requests = vec![0u64; sample.entries.len()];
        let alive = |frame: &&Frame| frame.flags & (flag::ROOT | flag::ALIVE) == flag::ROOT | flag::ALIVE;
        for (f, frame) in self.frames.iter().enumerate().filter(|(_, frame)| alive(frame)) {
            requests[frame.site as usize] += 1;
            let source = &self.tables.sources[frame.site as usize];
            if source.tenants != NONE {
                requests[source.own_figures(self.cold[f].tenant) as usize] += 1;
            }
        }
        for (levels, requests) in sample.entries.iter_mut().zip(requests) {
            levels.add(requests);
        }
    }

    /// A request is about to end ok: its latency is held against the limits of its entry.
    pub(super) fn judge_latency(&mut self, f: u32) {
        let frame = &self.frames[f as usize];
        let (entry, segment, latency) = (frame.site as usize, frame.mark, self.now - frame.start);
        let segments = self.watch.segments();
        let Some(segment) = usize::try_from(segment).ok().filter(|segment| *segment < segments) else { return };
        for entry in [Some(entry), self.figures_of(f as usize)].into_iter().flatten() {
            for within in self.watch.details.limits.get_mut(entry).into_iter().flatten() {
                if within.count.len() < segments {
                    within.count.resize(segments, 0);
                }
                within.count[segment] += u64::from(latency <= within.limit);
            }
        }
    }

    /// A frame has got its worker: how long it waited.
    pub(super) fn judge_wait(&mut self, f: u32) {
        let frame = &self.frames[f as usize];
        let site = &self.tables.sites[frame.site as usize];
        if site.networked || site.gated || self.watch.over {
            return;
        }
        let waited = self.now - frame.start;
        if let Some(Some(waits)) = self.watch.details.waits.get_mut(site.component as usize) {
            waits.waits.add(waited);
            for within in &mut waits.within {
                within.count[0] += u64::from(waited <= within.limit);
            }
        }
    }
}
