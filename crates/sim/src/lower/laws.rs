//! Distributions of the language as laws of the tables: seconds become nanoseconds, medians become parameters.

use super::Lowering;
use crate::kernel::draws::Law;
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::quantity::{Dist, NORMAL_P99};

/// Nanoseconds of a second.
const SECOND: f64 = 1e9;

impl Lowering<'_> {
    /// The law of a distribution of durations.
    pub(crate) fn law(&mut self, dist: &Dist) -> u16 {
        let known = self.laws.iter().position(|other| other == dist);
        if let Some(index) = known {
            return index as u16;
        }
        let law = self.lowered(dist);
        // Parts of mixtures may have come first: both columns stay in step.
        self.add_law(dist.clone(), law)
    }

    fn add_law(&mut self, dist: Dist, law: Law) -> u16 {
        self.laws.push(dist);
        self.tables.laws.laws.push(law);
        (self.laws.len() - 1) as u16
    }

    /// What is wrong where nobody has handed in what a file holds.
    pub(crate) fn unread_recording(&self, word: &str, file: &str) -> Diagnostic {
        Diagnostic::error("unread-recording", format!("`{word}({file})` has not been read"))
            .help("whoever reads the design hands in its recordings: `groundplan_model::files::attach`")
    }

    fn lowered(&mut self, dist: &Dist) -> Law {
        match dist {
            Dist::Const(value) => Law::Const((value * SECOND + 0.5) as u64),
            Dist::Exp(mean) => Law::Exp(mean * SECOND),
            Dist::Uniform(low, high) => Law::Uniform { low: low * SECOND, width: (high - low) * SECOND },
            Dist::Erlang(phases, mean) => Law::Erlang { phases: (*phases).max(1), mean: mean * SECOND },
            Dist::HyperExp(mean, scv) => {
                // Balanced means: both kinds bring half of the total time.
                let share = 0.5 * (1.0 + ((scv - 1.0).max(0.0) / (scv + 1.0)).sqrt());
                let other = 1.0 - share;
                let two = if other > 0.0 { mean / (2.0 * other) } else { 0.0 };
                Law::HyperExp { share, one: mean / (2.0 * share) * SECOND, two: two * SECOND }
            }
            Dist::LogNormal { p50, p99 } => {
                Law::LogNormal { mu: libm::log(p50 * SECOND), sigma: libm::log(p99 / p50) / NORMAL_P99 }
            }
            Dist::LogNormalMean { mean, scv } => {
                let variance = libm::log(1.0 + scv);
                Law::LogNormal { mu: libm::log(mean * SECOND) - variance / 2.0, sigma: variance.sqrt() }
            }
            Dist::Pareto(a, min, max) => Law::Pareto { a: *a, min: min * SECOND, norm: 1.0 - libm::pow(min / max, *a) },
            Dist::Geometric(mean) => {
                let ln_q = if *mean > 1.0 { libm::log(1.0 - 1.0 / mean) } else { 0.0 };
                Law::Geometric { ln_q, unit: SECOND }
            }
            Dist::HalfNormal(sd) => Law::HalfNormal(sd * SECOND),
            Dist::Normal(mean, sd) => Law::Normal { mean: mean * SECOND, sd: sd * SECOND },
            Dist::Mixture(parts) => {
                let laws: Vec<u16> = parts.iter().map(|(_, part)| self.law(part)).collect();
                let first = self.tables.laws.parts.len() as u32;
                let mut sum = 0.0;
                for ((share, _), law) in parts.iter().zip(laws) {
                    sum += share;
                    self.tables.laws.parts.push((sum, law));
                }
                Law::Mixture { first, count: parts.len() as u32 }
            }
            Dist::Empirical(recorded) => {
                if recorded.values.is_empty() {
                    let diagnostic = self.unread_recording("empirical", &recorded.file);
                    self.diagnostics.push(diagnostic);
                    return Law::Const(0);
                }
                let first = self.tables.laws.points.len() as u32;
                self.tables.laws.points.extend(recorded.values.iter().map(|value| value * SECOND));
                Law::Empirical { first, count: recorded.values.len() as u32 }
            }
        }
    }
}
