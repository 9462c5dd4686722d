//! Rates that change: when the next of arrivals comes whose rate moves, jumps, swings or is multiplied by a fault.
//!
//! Exact by inversion: the expected number of arrivals up to an instant grows by one exponential draw (or by exactly one
//! where gaps are even) from each arrival to the next, whatever the rate does in between. A swinging rate is thinned,
//! which is exact as well. Spikes are known when a run begins, so nothing that was drawn has to be drawn again.

use super::draws::{Stream, Words as _, Ziggurat};
use super::tables::{Arrivals, Fault, Harm, NONE, Tables};

/// A stretch of time over which a rate changes in a straight line, up to the next stretch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stretch {
    /// When it begins, from the start of the window. Unit: ns.
    pub from: f64,
    /// The rate then. Unit: per ns.
    pub rate: f64,
    /// By how much the rate grows. Unit: per ns, per ns.
    pub slope: f64,
}

/// Before every window. Unit: ns.
pub const LONG_BEFORE: f64 = -1e18;

impl Stretch {
    /// Arrivals expected between two instants.
    fn expected(&self, from: f64, to: f64) -> f64 {
        (self.rate + self.slope * ((from + to) / 2.0 - self.from)) * (to - from)
    }

    /// When, counted from an instant on, so many arrivals are expected; not a number or infinite for never.
    fn after(&self, from: f64, expected: f64) -> f64 {
        let rate = self.rate + self.slope * (from - self.from);
        from + 2.0 * expected / (rate + (rate * rate + 2.0 * self.slope * expected).sqrt())
    }
}

/// A source's own pace: what is drawn, and where it stands in what changes.
#[derive(Debug, Clone)]
pub(super) struct Pace {
    pub stream: Stream,
    /// Mean gap where gaps are independent and nothing changes their rate; zero elsewhere. Unit: ns.
    pub mean: f64,
    /// State of a two-state source, and until when; negative before the first. Unit: ns.
    phase: usize,
    phase_until: f64,
    /// Exact time of the last arrival of an evenly spaced source. Unit: ns.
    exact: f64,
    /// From when on it sends how many times as much as usual. Unit: ns.
    factors: Vec<(f64, f64)>,
    /// Place in `factors`, and in the stretches of its rate.
    factor: usize,
    stretch: usize,
}

impl Pace {
    /// The pace of a source in a run with these faults. Unit of `origin`, the start of the window: ns.
    pub fn new(id: u32, arrivals: Arrivals, stream: Stream, faults: &[Fault], origin: u64) -> Pace {
        let mut edges: Vec<(f64, f64)> = Vec::new();
        for fault in faults {
            if let Harm::Spike { source, factor } = fault.harm
                && (source == NONE || source == id)
            {
                edges.push((origin.saturating_add(fault.at) as f64, factor));
                if fault.until != u64::MAX {
                    edges.push((origin.saturating_add(fault.until) as f64, 1.0 / factor));
                }
            }
        }
        edges.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut product = 1.0;
        let mut factors = vec![(f64::NEG_INFINITY, 1.0)];
        for (when, factor) in edges {
            product *= factor;
            factors.push((when, product));
        }
        let mean = match arrivals {
            Arrivals::Poisson(mean) if factors.len() == 1 => mean,
            _ => 0.0,
        };
        Pace { stream, mean, phase: 0, phase_until: -1.0, exact: 0.0, factors, factor: 0, stretch: 0 }
    }

    /// How many times as much as usual is sent at an instant, and until when. Instants must not fall.
    fn factor(&mut self, at: f64) -> (f64, f64) {
        while self.factors.get(self.factor + 1).is_some_and(|(from, _)| *from <= at) {
            self.factor += 1;
        }
        (self.factors[self.factor].1, self.factors.get(self.factor + 1).map_or(f64::INFINITY, |next| next.0))
    }

    /// How many times as much as usual is sent now.
    pub fn factor_at(&mut self, now: u64) -> f64 {
        self.factor(now as f64).0
    }

    /// When the next arrival comes. Unit: ns, infinite for never.
    pub fn next(&mut self, tables: &Tables, arrivals: Arrivals, ziggurat: &Ziggurat, now: u64, origin: u64) -> f64 {
        let origin = origin as f64;
        let (mut at, mut left) = match arrivals {
            // The first comes at a random phase, or all even sources would beat in step.
            Arrivals::Constant(_) if self.exact == 0.0 => (0.0, self.stream.unit()),
            Arrivals::Constant(_) => (self.exact, 1.0),
            _ => (now as f64, ziggurat.exponential(&mut self.stream)),
        };
        let next = loop {
            let (factor, mut end) = self.factor(at);
            let (due, passed) = match arrivals {
                Arrivals::Poisson(gap) | Arrivals::Constant(gap) => {
                    let gap = gap / factor;
                    (at + left * gap, (end - at) / gap)
                }
                Arrivals::Profile { first, count } => {
                    let stretches = &tables.stretches[first as usize..(first + count) as usize];
                    while stretches.get(self.stretch + 1).is_some_and(|next| next.from + origin <= at) {
                        self.stretch += 1;
                    }
                    let stretch = stretches[self.stretch];
                    if let Some(next) = stretches.get(self.stretch + 1) {
                        end = end.min(next.from + origin);
                    }
                    let due = origin + stretch.after(at - origin, left / factor);
                    (due, stretch.expected(at - origin, end - origin) * factor)
                }
                Arrivals::Sine { mean, amplitude, period } => {
                    // Candidates at the highest rate, kept with the share that the rate of the moment has of it.
                    let top = mean + amplitude;
                    let due = at + left / (top * factor);
                    let swing = libm::sin(std::f64::consts::TAU * (due - origin) / period);
                    if due < end && self.stream.unit() * top >= mean + amplitude * swing {
                        at = due;
                        left = ziggurat.exponential(&mut self.stream);
                        continue;
                    }
                    (due, (end - at) * top * factor)
                }
                Arrivals::Mmpp { gaps, stays } => {
                    if self.phase_until < 0.0 {
                        // Starts in its steady state.
                        self.phase = usize::from(self.stream.unit() * (stays[0] + stays[1]) >= stays[0]);
                        self.phase_until = ziggurat.exponential(&mut self.stream) * stays[self.phase];
                    }
                    while self.phase_until <= at {
                        self.phase = 1 - self.phase;
                        self.phase_until += ziggurat.exponential(&mut self.stream) * stays[self.phase];
                    }
                    end = end.min(self.phase_until);
                    let gap = gaps[self.phase] / factor;
                    (at + left * gap, (end - at) / gap)
                }
                _ => break f64::INFINITY,
            };
            if due < end {
                break due;
            }
            if end.is_infinite() {
                break f64::INFINITY;
            }
            left = (left - passed).max(0.0);
            at = end;
        };
        self.exact = next;
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-9 * expected.abs().max(1.0), "{found} for {expected}");
    }

    #[test]
    fn a_stretch_is_inverted_exactly() {
        let up = Stretch { from: 10.0, rate: 1.0, slope: 0.5 };
        close(up.expected(10.0, 14.0), 8.0);
        close(up.after(10.0, 8.0), 14.0);
        close(up.after(12.0, up.expected(12.0, 20.0)), 20.0);
        let down = Stretch { from: 0.0, rate: 2.0, slope: -0.5 };
        close(down.after(0.0, down.expected(0.0, 3.0)), 3.0);
        assert!(down.after(0.0, 4.5).is_nan(), "more than ever come");
        let none = Stretch { from: 0.0, rate: 0.0, slope: 0.0 };
        assert!(none.after(5.0, 1.0).is_infinite());
    }

    /// Even arrivals under a spike: the gaps are exactly those of the rate of the moment.
    #[test]
    fn a_spike_acts_from_its_first_instant_to_its_last() {
        let spike = Fault { at: 1_000, until: 2_000, harm: Harm::Spike { source: NONE, factor: 5.0 } };
        let arrivals = Arrivals::Constant(100.0);
        let mut pace = Pace::new(0, arrivals, Stream::new(1, 0, 1), &[spike], 500);
        let (tables, ziggurat) = (Tables::default(), Ziggurat::new());
        let mut instants = Vec::new();
        for _ in 0..100 {
            let now = instants.last().copied().unwrap_or(0.0);
            instants.push(pace.next(&tables, arrivals, &ziggurat, now as u64, 500));
        }
        let within = |from: f64, to: f64| instants.iter().filter(|at| (from..to).contains(*at)).count();
        assert_eq!((within(0.0, 1_500.0), within(1_500.0, 2_500.0)), (15, 50));
        let phase = instants[0];
        for (nth, at) in instants.iter().enumerate() {
            let expected = phase / 100.0 + nth as f64;
            let passed = at.min(1_500.0) / 100.0 + (at.clamp(1_500.0, 2_500.0) - 1_500.0) / 20.0;
            close(passed + (at - 2_500.0).max(0.0) / 100.0, expected);
        }
    }
}
