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
}

/// How far the load grows until the horizon.
#[derive(Debug, Clone, Copy)]
pub struct Growing {
    /// A year's growth and the years that it follows from.
    from: (f64, f64),
    /// What the load is multiplied with.
    times: f64,
}

impl Growing {
    /// Of a brief.
    #[must_use]
    pub fn of(brief: &Brief) -> Growing {
        let from = (brief.growth.mid(), brief.horizon_years());
        Growing { from, times: libm::pow(1.0 + from.0, from.1) }
    }

    /// Of another brief; the same number where neither growth nor horizon differ.
    #[must_use]
    pub fn again(self, brief: &Brief) -> Growing {
        if self.from == (brief.growth.mid(), brief.horizon_years()) { self } else { Growing::of(brief) }
    }
}

impl<'a> View<'a> {
    /// Computes the rates; everything else is computed when it is asked for, from the few operations it depends on. Flips are
    /// found by asking single measures of thousands of views.
    #[must_use]
    pub fn new(brief: &'a Brief, frame: &'a Frame) -> View<'a> {
        View::growing(brief, frame, Growing::of(brief))
    }

    /// The same where it is known how far the load grows.
    #[must_use]
    pub fn growing(brief: &'a Brief, frame: &'a Frame, growing: Growing) -> View<'a> {
        let growth = growing.times;
        let rate_now: Vec<f64> = brief.load.iter().map(|entry| entry.rate.mid().0).collect();
        let rate: Vec<f64> =
            brief.load.iter().zip(&rate_now).map(|(entry, now)| now * entry.peak.mid() * growth).collect();
        View { brief, frame, growth, rate_now, rate }
    }

    /// How often an operation runs. Unit: per second.
    fn visits(&self, op: usize) -> f64 {
        self.frame.callers[op].iter().map(|(entry, visits)| self.rate[*entry] * visits).sum()
    }

    /// Reads of a data set. Unit: per second.
    #[must_use]
    pub fn reads(&self, set: usize) -> f64 {
        self.frame.readers[set].iter().map(|(op, times)| self.visits(*op) * times).sum()
    }

    /// Writes of a data set. Unit: per second.
    #[must_use]
    pub fn writes(&self, set: usize) -> f64 {
        self.frame.writers[set].iter().map(|(op, times)| self.visits(*op) * times).sum()
    }

    /// Cores busy with the work of a module.
    #[must_use]
    pub fn module_cores(&self, module: usize) -> f64 {
        self.frame.module_ops[module].clone().map(|op| self.visits(op) * self.frame.work[op]).sum()
    }

    /// Cores busy over all modules.
    #[must_use]
    pub fn cores(&self) -> f64 {
        (0..self.brief.modules.len()).map(|module| self.module_cores(module)).sum()
    }

    /// `[entry]`: messages per request, and their bytes: those of the frame, and writes to sets whose history must be replayable by
    /// operations that emit no event.
    #[must_use]
    pub fn messages(&self) -> (Vec<f64>, Vec<f64>) {
        let frame = self.frame;
        let (mut messages, mut bytes) = (frame.messages.clone(), frame.message_bytes.clone());
        for (set, data) in self.brief.data.iter().enumerate().filter(|(_, data)| data.replay) {
            for (op, times) in frame.writers[set].iter().filter(|(op, _)| frame.silent[*op]) {
                let (m, o) = frame.ops[*op];
                let size = data.item.unwrap_or(self.brief.modules[m].operations[o].request).0;
                for (entry, visits) in &frame.callers[*op] {
                    messages[*entry] += visits * times;
                    bytes[*entry] += visits * times * size;
                }
            }
        }
        (messages, bytes)
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
            Some(Growth::Amount(bytes)) => data.size.0 + bytes.0 * data.years_kept(years),
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
        let targets = self.frame.waiting[set].iter().filter_map(|entry| self.brief.load[*entry].p99);
        targets.map(|target| target.must.0).fold(f64::INFINITY, f64::min)
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
                for (entry, visits) in &self.frame.callers[n] {
                    needed += self.rate[*entry] * self.frame.needed[*entry][n];
                    all += self.rate[*entry] * visits;
                }
            }
        }
        if all > 0.0 { needed / all } else { 1.0 }
    }
}
