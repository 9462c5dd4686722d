//! Where the runs meet the kernel: one replication as the engine wants it.

use super::Replication;
use crate::lower::RunSpec;
use groundplan_model::units::Seconds;

/// Requests of the window may still end this long after it, and a tenth of the window more.
const DRAIN: Seconds = Seconds(60.0);

impl Replication {
    /// What the kernel is told.
    #[must_use]
    pub fn spec(&self) -> RunSpec {
        // Rounded up to whole ns: a remainder must not become a slice of its own.
        let window = (self.window.0 * 1e9).round().max(1.0) as u64;
        let slice = window.div_ceil(u64::from(self.slices.max(1)));
        RunSpec {
            seed: self.seed,
            replication: self.index,
            warm_up: self.warm_up,
            window: self.window,
            drain_cap: DRAIN + self.window / 10.0,
            experiment: self.experiment,
            segment_width: Seconds(slice as f64 / 1e9),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::kernel::draws::{Law, Laws, site};
    use crate::kernel::tables::Tables;
    use crate::kernel::tables::{Arrivals, Component, Site, Source, Step};
    use crate::lower::traffic::Traffic;
    use crate::lower::{Compiled, Names, replicate};
    use crate::run::{Bench, Options};
    use crate::verdict::Labels;
    use groundplan_model::design::OperationTarget;

    /// M/M/1 with a service of 10 ms.
    fn queue(rate: f64) -> Compiled {
        let tables = Tables {
            code: vec![
                Step::Call { site: 1 },
                Step::End,
                Step::Compute { law: 0, site: site("serve compute 0") },
                Step::Return,
            ],
            laws: Laws { laws: vec![Law::Exp(10e6)], ..Laws::default() },
            sites: vec![Site::default(), Site { entry: 2, key: site("serve"), ..Site::default() }],
            components: vec![Component { workers: 1, cores: 1, ..Component::default() }],
            zones: vec![0],
            sources: vec![Source { arrivals: Arrivals::Poisson(1e9 / rate), name: site("load"), ..Source::default() }],
            ..Tables::default()
        };
        Compiled {
            tables,
            names: Names::default(),
            warnings: vec![],
            pointless: vec![],
            traffic: Traffic::default(),
            variants: vec![],
        }
    }

    fn labels() -> Labels {
        Labels {
            operations: vec!["server.serve".into()],
            targets: vec![OperationTarget::default()],
            components: vec!["server".into()],
            ..Labels::default()
        }
    }

    #[test]
    fn the_engines_queue_is_what_theory_says() {
        let queue = queue(80.0);
        let run = |replication: &Replication| replicate(&queue, &replication.spec());
        let bench = Bench { design: "M/M/1".into(), labels: labels(), experiments: vec![], replicate: &run };
        let options = Options { confidence: 0.999, ..Options::default() };
        let verdict = bench.verdict(&options, &|_| {});
        let operation = &verdict.operations["server.serve"];
        let component = &verdict.components["server"];
        for (estimate, expected) in [
            (&operation.latency.mean, 0.05),
            (&operation.latency.p50, 0.034_657),
            (&operation.latency.p99, 0.230_259),
            (&operation.latency.p999, 0.345_388),
            (&operation.throughput, 80.0),
            (&operation.availability, 1.0),
            (&component.utilisation, 0.8),
            (&component.queue, 3.2),
            (&component.in_system, 4.0),
            (&component.wait.mean, 0.04),
        ] {
            assert!(estimate.contains(expected), "{expected} not in {estimate:?}");
        }
        assert!(verdict.warm_up.steady && verdict.events > 3_000_000);
    }

    #[test]
    fn the_engines_overload_has_no_steady_state() {
        let queue = queue(110.0);
        let run = |replication: &Replication| replicate(&queue, &replication.spec());
        let bench = Bench { design: "M/M/1".into(), labels: labels(), experiments: vec![], replicate: &run };
        let options = Options { replications: 8, ..Options::default() };
        let verdict = bench.verdict(&options, &|_| {});
        let growth = verdict.warm_up.growth.unwrap().0;
        assert!((9.0..11.0).contains(&growth), "{growth}");
        // At the end 6,000 requests wait; a minute of drain serves 6,000: some stay unfinished.
        assert!(!verdict.warm_up.steady);
    }

    #[test]
    fn slices_are_as_many_as_asked_for() {
        let queue = queue(10.0);
        for (window, slices) in [(1.0, 30), (600.0, 60), (7.0, 30)] {
            let replication = Replication {
                experiment: None,
                seed: 1,
                index: 0,
                warm_up: Seconds(1.0),
                window: Seconds(window),
                slices,
            };
            assert_eq!(replicate(&queue, &replication.spec()).entries[0].segments.len(), slices as usize);
        }
    }
}
