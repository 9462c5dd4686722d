//! A brief with everything that rules ask about computed once: loads at the horizon's peak, cores, reads and writes.

use crate::frame::Frame;
use groundplan_model::brief::Brief;
use groundplan_model::value::Growth;

/// The choices that earlier dimensions made: dimension and option.
pub type Chosen = Vec<(String, String)>;

/// Whom a measure is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// The brief as a whole.
    Brief,
    /// A data set, by place.
    Set(usize),
    /// A module, by place.
    Module(usize),
    /// An entry point, by place.
    Entry(usize),
}

/// What measures read. Rates are those of all peaks at once at the horizon unless a name says otherwise.
#[derive(Debug)]
pub struct View<'a> {
    /// The brief.
    pub brief: &'a Brief,
    /// Its shape.
    pub frame: &'a Frame,
    /// `(1 + growth) ^ years`.
    pub growth: f64,
    /// `[entry]`: mean today. Unit: per second.
    pub rate_now: Vec<f64>,
    /// `[entry]`: peak at the horizon. Unit: per second.
    pub rate: Vec<f64>,
    /// `[entry]`: messages per request: those of the frame, and writes to sets whose history must be replayable by
    /// operations that emit no event.
    pub messages: Vec<f64>,
    /// `[entry]`: bytes of those messages.
    pub message_bytes: Vec<f64>,
    /// `[module]`: cores busy.
    pub module_cores: Vec<f64>,
    /// `[set]`: reads. Unit: per second.
    pub reads: Vec<f64>,
    /// `[set]`: writes. Unit: per second.
    pub writes: Vec<f64>,
}

impl<'a> View<'a> {
    /// Computes it. Cost: entries times operations.
    #[must_use]
    pub fn new(brief: &'a Brief, frame: &'a Frame) -> View<'a> {
        let growth = libm::pow(1.0 + brief.growth.mid(), brief.horizon_years());
        let rate_now: Vec<f64> = brief.load.iter().map(|entry| entry.rate.mid().0).collect();
        let rate: Vec<f64> =
            brief.load.iter().zip(&rate_now).map(|(entry, now)| now * entry.peak.mid() * growth).collect();
        let mut view = View {
            brief,
            frame,
            growth,
            rate_now,
            rate,
            messages: frame.messages.clone(),
            message_bytes: frame.message_bytes.clone(),
            module_cores: vec![0.0; brief.modules.len()],
            reads: vec![0.0; brief.data.len()],
            writes: vec![0.0; brief.data.len()],
        };
        for (n, (m, o)) in frame.ops.iter().enumerate() {
            let visits: f64 = view.rate.iter().zip(&frame.visits).map(|(rate, visits)| rate * visits[n]).sum();
            view.module_cores[*m] += visits * brief.modules[*m].operations[*o].work.mean();
            for (set, times) in &frame.reads[n] {
                view.reads[*set] += visits * times;
            }
            for (set, times) in &frame.writes[n] {
                view.writes[*set] += visits * times;
                if brief.data[*set].replay && frame.silent[n] {
                    let request = brief.modules[*m].operations[*o].request;
                    let bytes = brief.data[*set].item.unwrap_or(request).0;
                    for (entry, visits) in frame.visits.iter().enumerate() {
                        view.messages[entry] += visits[n] * times;
                        view.message_bytes[entry] += visits[n] * times * bytes;
                    }
                }
            }
        }
        view
    }

    /// Cores busy over all modules.
    #[must_use]
    pub fn cores(&self) -> f64 {
        self.module_cores.iter().sum()
    }

    /// A column of the frame, summed over the entry points with their rates.
    #[must_use]
    pub fn per_second(&self, column: &[f64]) -> f64 {
        self.rate.iter().zip(column).map(|(rate, per_request)| rate * per_request).sum()
    }

    /// Size of a data set at the horizon. Unit: bytes. Without a growth of its own it grows as the load does.
    #[must_use]
    pub fn size(&self, set: usize) -> f64 {
        let data = &self.brief.data[set];
        let years = self.brief.horizon_years();
        match data.growth {
            Some(Growth::Relative(share)) => data.size.0 * libm::pow(1.0 + share, years),
            Some(Growth::Amount(bytes)) => {
                let kept = data.keep.map_or(years, |keep| years.min(keep / groundplan_model::units::YEAR));
                data.size.0 + bytes.0 * kept
            }
            None => data.size.0 * self.growth,
        }
    }

    /// Whether an operation reads or writes a data set.
    pub(crate) fn touches(&self, op: usize, set: usize) -> bool {
        self.frame.reads[op].iter().chain(&self.frame.writes[op]).any(|(touched, _)| *touched == set)
    }

    /// The strictest p99 of the entry points whose answer waits for this data set; infinite without one.
    #[must_use]
    pub fn set_p99(&self, set: usize) -> f64 {
        let waits = |entry: usize| {
            self.frame.needed[entry].iter().enumerate().any(|(op, visits)| *visits > 0.0 && self.touches(op, set))
        };
        (0..self.brief.load.len())
            .filter(|entry| waits(*entry))
            .filter_map(|entry| self.brief.load[entry].p99)
            .map(|target| target.must.0)
            .fold(f64::INFINITY, f64::min)
    }

    /// Operations that must change this data set together with another module's.
    #[must_use]
    pub fn set_atomic(&self, set: usize) -> f64 {
        let name = &self.brief.data[set].name.value;
        let ops = self.brief.modules.iter().flat_map(|module| &module.operations);
        ops.filter(|op| op.atomic.len() > 1 && op.atomic.iter().any(|item| item.value == *name)).count() as f64
    }

    /// Operations that change together what different modules own; or, `by_team`, what different teams own.
    #[must_use]
    pub fn atomic_across(&self, by_team: bool) -> f64 {
        let across = |owners: &Vec<usize>| {
            owners.iter().any(|one| {
                owners.iter().any(|other| {
                    if by_team {
                        self.brief.modules[*one].team != self.brief.modules[*other].team
                    } else {
                        one != other
                    }
                })
            })
        };
        self.frame.atomic_modules.iter().filter(|owners| across(owners)).count() as f64
    }

    /// Operations that change together what this module and another own.
    #[must_use]
    pub fn module_atomic(&self, module: usize) -> f64 {
        let across = |owners: &&Vec<usize>| owners.len() > 1 && owners.contains(&module);
        self.frame.atomic_modules.iter().filter(across).count() as f64
    }

    /// Share of the executions of a module that some answer waits for.
    #[must_use]
    pub fn module_needed(&self, module: usize) -> f64 {
        let (mut needed, mut all) = (0.0, 0.0);
        for (n, (m, _)) in self.frame.ops.iter().enumerate() {
            if *m == module {
                for (entry, rate) in self.rate.iter().enumerate() {
                    needed += rate * self.frame.needed[entry][n];
                    all += rate * self.frame.visits[entry][n];
                }
            }
        }
        if all > 0.0 { needed / all } else { 1.0 }
    }
}
