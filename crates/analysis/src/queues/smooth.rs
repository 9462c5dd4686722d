//! Arrivals smoother than Poisson before one exponential server: GI/M/1 for constant and Erlang gaps.

use crate::solve::{beyond, positive};
use groundplan_model::units::{PerSecond, Seconds, Share};

/// The law of the gaps between arrivals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gaps {
    /// Always the same: a metronome.
    Constant,
    /// Erlang with this many stages: what strict round robin over as many servers makes of a Poisson stream.
    /// One stage is Poisson. Range: at least 1.
    Erlang(u32),
}

/// GI/M/1: one exponential server, arrivals with independent gaps of law [`Gaps`].
///
/// Time in system is exponential with rate `service (1 - root)`, where `root` is the share of arrivals that
/// wait. Source: Kleinrock, Queueing Systems I (1975), 6.4.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SmoothArrivals {
    service: PerSecond,
    root: f64,
}

impl SmoothArrivals {
    /// Nothing if a rate is not positive, the server does not keep up, or the gaps have no stage.
    #[must_use]
    pub fn new(arrivals: PerSecond, service: PerSecond, gaps: Gaps) -> Option<SmoothArrivals> {
        if !positive(arrivals.0) || !positive(service.0) || arrivals >= service || gaps == Gaps::Erlang(0) {
            return None;
        }
        let intensity = service / arrivals;
        // The transform of the gaps at `service (1 - root)`, and its slope in `root`.
        let transform = |root: f64| match gaps {
            Gaps::Constant => {
                let value = libm::exp(-intensity * (1.0 - root));
                (value, intensity * value)
            }
            Gaps::Erlang(stages) => {
                let stages = f64::from(stages);
                let step = 1.0 + intensity * (1.0 - root) / stages;
                let value = libm::exp(-stages * libm::log(step));
                (value, intensity * value / step)
            }
        };
        // The difference is convex and positive at 0, so Newton's steps climb to the smaller root and stop.
        let mut root = 0.0;
        loop {
            let (value, slope) = transform(root);
            let next = root + (value - root) / (1.0 - slope);
            if next <= root || !next.is_finite() {
                return Some(SmoothArrivals { service, root });
            }
            root = next;
        }
    }

    /// Share of arrivals that wait.
    #[must_use]
    pub fn share_waiting(&self) -> Share {
        Share(self.root)
    }

    /// Mean time from arrival to departure.
    #[must_use]
    pub fn mean_sojourn(&self) -> Seconds {
        Seconds(1.0 / self.drain())
    }

    /// Mean time from arrival to the start of service.
    #[must_use]
    pub fn mean_wait(&self) -> Seconds {
        self.mean_sojourn() * self.root
    }

    /// The time in system that `quantile` of the requests do not exceed. Nothing unless 0 < quantile < 1.
    #[must_use]
    pub fn sojourn_quantile(&self, quantile: Share) -> Option<Seconds> {
        beyond(quantile.0).map(|rest| Seconds(-libm::log(rest) / self.drain()))
    }

    fn drain(&self) -> f64 {
        self.service.0 * (1.0 - self.root)
    }
}
