//! Experiments with `set` or `box`: each runs on designs of its own, one for every combination, after a warm-up of its own.
//!
//! Luck is keyed by stable names, so that the same requests meet every variant. What is expected must hold at every
//! combination; the figures that are told are those of the one that fares worst.

use super::design::with_runner;
use super::{Listener, Options, Replication, fired};
use crate::expectation::Holds;
use crate::lower::{Compiled, replicate_until};
use crate::verdict::{CornerVerdict, ExperimentVerdict, Verdict};
use groundplan_model::design::{Design, Variant};
use groundplan_model::diagnostic::Diagnostic;
use indexmap::IndexMap;

/// Runs the varied experiments of a design and puts them into its verdict, in file order.
pub(super) fn run(
    design: &Design,
    compiled: &Compiled,
    options: &Options,
    verdict: &mut Verdict,
    listener: Listener<'_>,
) -> Result<(), Vec<Diagnostic>> {
    if !options.experiments {
        return Ok(());
    }
    for (nth, experiment) in design.experiments.iter().enumerate() {
        let name = &experiment.name.value;
        if !experiment.is_varied() || options.experiment.as_ref().is_some_and(|wanted| wanted != name) {
            continue;
        }
        if options.stop.asked() {
            verdict.not_run.push(name.clone());
            continue;
        }
        let mut corners: Vec<(IndexMap<String, String>, ExperimentVerdict)> = Vec::new();
        let own = design.variants.iter().zip(&compiled.variants).filter(|(variant, _)| variant.experiment == nth);
        for (variant, compiled) in own {
            let (found, events) = corner(variant, compiled, options, listener)?;
            verdict.events += events;
            corners.extend(found.map(|found| (variant.at.iter().cloned().collect(), found)));
        }
        let set = experiment.settings.map("set").map(|set| set.0.keys().map(|path| (path.clone(), set.text(path))));
        let set =
            set.into_iter().flatten().map(|(path, value)| (path, value.unwrap_or_default().to_string())).collect();
        let Some(found) = whole(set, corners) else { continue };
        // In file order: behind what stands before it.
        let before = design.experiments[..nth].iter().map(|earlier| earlier.name.value.as_str());
        let before: Vec<&str> = before.collect();
        let place = verdict.experiments.iter().take_while(|other| before.contains(&other.name.as_str())).count();
        verdict.experiments.insert(place, found);
    }
    Ok(())
}

/// One combination: its verdict, none where the design has lost its experiment; and the events that it took.
fn corner(
    variant: &Variant,
    compiled: &Compiled,
    options: &Options,
    listener: Listener<'_>,
) -> Result<(Option<ExperimentVerdict>, u64), Vec<Diagnostic>> {
    let run = |replication: &Replication| replicate_until(compiled, &replication.spec(), options.stop.flag());
    with_runner(&variant.design, compiled, &run, |bench| {
        let Some(trial) = bench.experiments.first() else { return (None, 0) };
        // An experiment that says how long it warms up needs no pilots.
        let warm_up = trial.warm_up.unwrap_or_else(|| bench.warm_up(options, listener).dropped);
        let (judged, records) = bench.experiment(trial, options, warm_up, listener);
        (Some(judged), fired(&records))
    })
}

/// All combinations as one verdict.
fn whole(
    set: IndexMap<String, String>,
    corners: Vec<(IndexMap<String, String>, ExperimentVerdict)>,
) -> Option<ExperimentVerdict> {
    let badness = |verdict: &ExperimentVerdict| {
        let all = verdict.expectations.iter();
        all.map(|expectation| match expectation.holds {
            Holds::No => 1_000,
            Holds::Undecided => 1,
            Holds::Yes => 0,
        })
        .sum::<u32>()
    };
    let worst = (0..corners.len()).max_by_key(|nth| (badness(&corners[*nth].1), std::cmp::Reverse(*nth)))?;
    let mut told = corners[worst].1.clone();
    told.set = set;
    for (nth, expectation) in told.expectations.iter_mut().enumerate() {
        // Each by itself fares worst somewhere.
        let of = |verdict: &ExperimentVerdict| verdict.expectations.get(nth).map(|found| found.holds);
        let rank = |holds: Option<Holds>| match holds {
            Some(Holds::No) => 2,
            Some(Holds::Undecided) => 1,
            _ => 0,
        };
        let at = (0..corners.len()).max_by_key(|at| (rank(of(&corners[*at].1)), usize::from(*at == worst)));
        if let Some(found) = at.and_then(|at| corners[at].1.expectations.get(nth)) {
            *expectation = found.clone();
        }
    }
    for (_, verdict) in corners.iter().enumerate().filter(|(nth, _)| *nth != worst).map(|(_, corner)| corner) {
        told.self_checks.add(&verdict.self_checks);
    }
    if corners.iter().any(|(at, _)| !at.is_empty()) {
        told.corners = corners
            .into_iter()
            .map(|(at, verdict)| CornerVerdict {
                at,
                replications: verdict.replications,
                expectations: verdict.expectations,
            })
            .collect();
    }
    Some(told)
}
