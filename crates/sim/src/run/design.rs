//! From a design and its tables to a verdict: what faces and planner call.

use super::sensitivity::{ENDS, Sensitivity, end, options_at_ends};
use super::variants;
use super::{Bench, Comparison, Listener, Options, Replication, Trial, compare, labels, matching};
use crate::lower::inputs::inputs;
use crate::lower::{Compiled, replicate, replicate_until};
use crate::record::Record;
use crate::verdict::{Labels, Verdict};
use groundplan_model::design::Design;
use groundplan_model::diagnostic::{Diagnostic, guess};

/// Simulates a design: its plain load and its experiments.
///
/// # Errors
/// Everything that is wrong with its expectations, or an experiment asked for that it does not have.
pub fn simulate(
    design: &Design,
    compiled: &Compiled,
    options: &Options,
    listener: Listener<'_>,
) -> Result<Verdict, Vec<Diagnostic>> {
    if let Some(wanted) = &options.experiment
        && !design.experiments.iter().any(|experiment| experiment.name.value == *wanted)
    {
        return Err(vec![unknown_experiment(design, wanted)]);
    }
    let run = |replication: &Replication| replicate_until(compiled, &replication.spec(), options.stop.flag());
    let mut verdict = with_runner(design, compiled, &run, |bench| bench.verdict(options, listener))?;
    variants::run(design, compiled, options, &mut verdict, listener)?;
    // A single run has no interval, so that nothing could be told at the ends either.
    if options.sensitivity && options.replications > 1 {
        verdict.sensitivity = at_both_ends(design, compiled, options, &mut verdict, listener)?;
        if verdict.sensitivity.is_none() {
            verdict.not_run.push("other service times".into());
        }
    }
    Ok(verdict)
}

/// The verdict at shorter and longer service times; their events and self-checks are added to it. None if interrupted.
fn at_both_ends(
    design: &Design,
    compiled: &Compiled,
    options: &Options,
    verdict: &mut Verdict,
    listener: Listener<'_>,
) -> Result<Option<Sensitivity>, Vec<Diagnostic>> {
    let fewer = options_at_ends(options, verdict);
    let mut ends = Vec::new();
    for service_times in ENDS {
        let mut compiled = compiled.clone();
        compiled.tables.slow = service_times;
        let run = |replication: &Replication| replicate_until(&compiled, &replication.spec(), options.stop.flag());
        let found = with_runner(design, &compiled, &run, |bench| end(bench, &fewer, service_times, listener))?;
        let Some((end, events, checks)) = found else { return Ok(None) };
        verdict.events += events;
        verdict.self_checks.add(&checks);
        ends.push(end);
    }
    Ok(Some(Sensitivity { replications: fewer.replications as u64, ends }))
}

/// Everything that is wrong with the expectations of a design; empty if they can be judged.
#[must_use]
pub fn check_expectations(design: &Design, compiled: &Compiled) -> Vec<Diagnostic> {
    let mut found = trials(design, &labels_of(design, compiled)).err().unwrap_or_default();
    for (variant, compiled) in design.variants.iter().zip(&compiled.variants) {
        for one in trials(&variant.design, &labels_of(&variant.design, compiled)).err().unwrap_or_default() {
            if !found.contains(&one) {
                found.push(one);
            }
        }
    }
    found
}

/// Compares the plain load of two designs of one domain under the same luck, by the operations both have.
#[must_use]
pub fn compare_designs(
    first: (&Design, &Compiled),
    second: (&Design, &Compiled),
    options: &Options,
    listener: Listener<'_>,
) -> Comparison {
    let stop = options.stop.flag();
    let one = |replication: &Replication| replicate_until(first.1, &replication.spec(), stop);
    let other = |replication: &Replication| replicate_until(second.1, &replication.spec(), stop);
    let bench = |(design, compiled): (&Design, &Compiled)| (design.name.clone(), labels_of(design, compiled));
    let (design, labels) = bench(first);
    let first_bench = Bench { design, labels, experiments: vec![], replicate: &one };
    let (design, labels) = bench(second);
    let second_bench = Bench { design, labels, experiments: vec![], replicate: &other };
    compare(&first_bench, &second_bench, &matching(first.0, second.0), options, listener)
}

/// Hands a design's bench to some work: for callers that run the plain load and single experiments by themselves.
///
/// # Errors
/// Everything that is wrong with its expectations.
pub fn with_bench<T>(
    design: &Design,
    compiled: &Compiled,
    work: impl FnOnce(&Bench<'_>) -> T,
) -> Result<T, Vec<Diagnostic>> {
    with_runner(design, compiled, &|replication: &Replication| replicate(compiled, &replication.spec()), work)
}

pub(super) fn with_runner<T>(
    design: &Design,
    compiled: &Compiled,
    replicate: &(dyn Fn(&Replication) -> Record + Sync),
    work: impl FnOnce(&Bench<'_>) -> T,
) -> Result<T, Vec<Diagnostic>> {
    let labels = labels_of(design, compiled);
    let mut experiments = trials(design, &labels)?;
    for trial in &mut experiments {
        trial.inputs = inputs(&design.experiments[trial.index], trial.index, compiled);
    }
    Ok(work(&Bench { design: design.name.clone(), labels, experiments, replicate }))
}

pub(super) fn labels_of(design: &Design, compiled: &Compiled) -> Labels {
    let names = &compiled.names;
    let keeps = compiled.tables.components.iter().map(|component| component.keeps).collect();
    Labels { keeps, ..labels(design, &names.entries, &names.components, &names.calls) }
}

pub(super) fn trials(design: &Design, labels: &Labels) -> Result<Vec<Trial>, Vec<Diagnostic>> {
    let (mut trials, mut diagnostics) = (Vec::new(), Vec::new());
    for (index, experiment) in design.experiments.iter().enumerate().filter(|(_, one)| !one.is_varied()) {
        match Trial::read(index, experiment, labels) {
            Ok(trial) => trials.push(trial),
            Err(found) => diagnostics.extend(found),
        }
    }
    if diagnostics.is_empty() { Ok(trials) } else { Err(diagnostics) }
}

fn unknown_experiment(design: &Design, wanted: &str) -> Diagnostic {
    let names = || design.experiments.iter().map(|experiment| experiment.name.value.as_str());
    let diagnostic = Diagnostic::error("unknown-experiment", format!("no experiment is called `{wanted}`"));
    match guess(wanted, names()) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None if design.experiments.is_empty() => diagnostic.help("the design has no experiments"),
        None => diagnostic
            .help(format!("one of {}", names().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "))),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::expectation::Holds;
    use crate::lower::compile;
    use groundplan_model::design::{Component, Experiment, Load, Operation, Step, Verb};
    use groundplan_model::quantity::{Arrivals, Dist};
    use groundplan_model::units::{PerSecond, Seconds};
    use groundplan_model::value::{Settings, Value};

    /// The smallest design of the language, with this service time.
    fn design(service: f64, expect: &[&str]) -> Design {
        let mut server =
            Component::new("server", "service").with("replicas", Value::Count(1)).with("workers", Value::Count(1));
        server.operations.push(Operation::new("serve", vec![Step::new(Verb::Compute(Dist::Exp(service)))]));
        Design {
            name: "M/M/1".into(),
            components: vec![server],
            load: vec![Load {
                name: None,
                operation: Some("server.serve".into()),
                steps: vec![],
                arrivals: Some(Arrivals::Poisson(PerSecond(80.0)).into()),
                ..Load::default()
            }],
            experiments: vec![Experiment {
                name: "a normal hour".into(),
                duration: Seconds(600.0),
                faults: vec![],
                expect: expect.iter().map(|text| (*text).into()).collect(),
                settings: Settings::new(),
            }],
            ..Design::default()
        }
    }

    #[test]
    fn a_design_is_simulated_and_judged() {
        let expect = ["p99(server.serve) <= 300ms", "mean(serve) <= 40ms", "utilisation(server) <= 85%"];
        let design = design(0.01, &expect);
        let compiled = compile(&design).unwrap();
        assert!(check_expectations(&design, &compiled).is_empty());
        let verdict = |threads| {
            let options = Options { threads: Some(threads), ..Options::default() };
            simulate(&design, &compiled, &options, &|_| {}).unwrap()
        };
        let found = verdict(1);
        let holds: Vec<Holds> = found.experiments[0].expectations.iter().map(|judged| judged.holds).collect();
        assert_eq!(holds, [Holds::Yes, Holds::No, Holds::Yes], "{:#?}", found.experiments[0].expectations);
        assert!(!found.holds());
        assert_eq!(found, verdict(8), "the number of threads changes nothing");
    }

    #[test]
    fn the_shop_of_the_language_does_not_stand_the_loss_of_the_zone_with_its_only_catalogue() {
        let text = include_str!("../../tests/designs/shop.yaml");
        let design = groundplan_model::reader::read_design(text, &crate::lower::VOCABULARY).value.unwrap();
        let compiled = compile(&design).unwrap();
        let options = Options { replications: 3, ..Options::default() };
        let verdict = simulate(&design, &compiled, &options, &|_| {}).unwrap();
        assert!(verdict.warm_up.steady, "{:?}", verdict.warm_up);
        let browse = &verdict.operations["gateway.browse"];
        assert!(browse.throughput.contains(900.0), "{:?}", browse.throughput);
        let rate = &verdict.calls["gateway->shop"].rate;
        assert!(rate.contains(930.0), "{rate:?}");
        let experiment = &verdict.experiments[1];
        assert_eq!(experiment.name, "zone a is lost");
        for judged in &experiment.expectations {
            assert!(judged.measured.value.is_some() || judged.measured.reason.is_some(), "{judged:?}");
        }
        // The only copy of the catalogue stands in that zone: while it is gone, nobody browses.
        let blast = &experiment.blast_radius["gateway.browse"];
        assert!(blast.peak.value.unwrap() > 0.99, "{blast:?}");
        let minutes = blast.bad_user_minutes.value.unwrap();
        assert!((2.9..4.5).contains(&minutes), "three minutes and a little after: {minutes}");
        let recovery = experiment.recovery["gateway.browse"].value.unwrap();
        assert!((180.0..300.0).contains(&recovery), "{recovery}");
        let holds: Vec<Holds> = experiment.expectations.iter().map(|judged| judged.holds).collect();
        assert_eq!(holds, [Holds::No, Holds::No, Holds::Yes], "{:#?}", experiment.expectations);
    }

    #[test]
    fn what_can_not_be_judged_is_said_at_once() {
        let design = design(0.01, &["p99(server.server) <= 300ms", "mien(serve) <= 40ms"]);
        let compiled = compile(&design).unwrap();
        assert_eq!(check_expectations(&design, &compiled).len(), 2);
        let options = Options { experiment: Some("a normal our".into()), ..Options::default() };
        let found = simulate(&design, &compiled, &options, &|_| {}).unwrap_err();
        assert_eq!(found[0].help.as_deref(), Some("did you mean `a normal hour`?"));
    }

    #[test]
    fn service_times_a_fifth_longer_are_a_queue_of_another_load() {
        // M/M/1 at 0.8: at 0.64 and at 0.96 the 99th percentile is ln 100 over what is left of the rate.
        let design = design(0.01, &["p99(server.serve) <= 300ms"]);
        let compiled = compile(&design).unwrap();
        let options = Options { sensitivity: true, ..Options::default() };
        let verdict = simulate(&design, &compiled, &options, &|_| {}).unwrap();
        let headroom = verdict.headroom.unwrap();
        assert_eq!(headroom.component, "server");
        assert!(headroom.factor.contains(1.25), "{headroom:?}");
        let Sensitivity { replications, ends } = verdict.sensitivity.unwrap();
        assert_eq!((replications, ends[0].service_times, ends[1].service_times), (8, 0.8, 1.2));
        for (end, service) in ends.iter().zip([0.008, 0.012]) {
            let theory = libm::log(100.0) / (1.0 / service - 80.0);
            let p99 = &end.operations["server.serve"].p99;
            assert!(p99.contains(theory), "{theory}: {p99:?}");
            assert!(end.steady);
        }
        let holds: Vec<Holds> = ends.iter().map(|end| end.expectations[0].holds).collect();
        assert_eq!(holds, [Holds::Yes, Holds::No], "{:?}", verdict.experiments[0].expectations);
        assert_eq!(verdict.self_checks.violated, 0);
    }

    #[test]
    fn two_designs_are_compared_under_the_same_luck() {
        let (one, other) = (design(0.0050, &[]), design(0.0051, &[]));
        let (first, second) = (compile(&one).unwrap(), compile(&other).unwrap());
        let found = compare_designs((&one, &first), (&other, &second), &Options::default(), &|_| {});
        let mean = &found.operations["server.serve"].mean;
        let theory = 1.0 / (1.0 / 0.0051 - 80.0) - 1.0 / (1.0 / 0.0050 - 80.0);
        assert!(mean.difference.contains(theory), "{theory}: {mean:?}");
        assert!(mean.variance_ratio.unwrap() > 5.0, "{mean:?}");
    }
}
