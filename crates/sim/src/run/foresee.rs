//! What can be told of a simulation before it runs: that it would show nothing, or never come to an end in an hour.
//!
//! What stands in the design in vain, `lower` has found already. Here: expectations that no run could decide or that could
//! not fail, and the time that all runs would take, from what the load is expected to bring.

use super::design::{labels_of, trials};
use super::{FEW, Options, PILOTS, Trial, WARM_UP_LEAST};
use crate::expectation::{Expectation, Quantity, Subject};
use crate::kernel::tables::{Harm, NONE};
use crate::lower::{Compiled, rates};
use groundplan_model::design::Design;
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::span::Span;
use groundplan_model::text::shown;
use groundplan_model::units::{PerSecond, Seconds, significant};

/// Time of one event on one core, as designs of a dozen components take it. Unit: ns. Small ones take half, large ones
/// twice as much.
const EVENT_NS: f64 = 80.0;
/// Longer than this, nobody waits for it.
const LONGEST: Seconds = Seconds(3600.0);

/// Everything that makes a run pointless; empty if it may begin.
#[must_use]
pub fn foresee(design: &Design, compiled: &Compiled, options: &Options) -> Vec<Diagnostic> {
    let mut found = compiled.pointless.clone();
    for (variant, compiled) in design.variants.iter().zip(&compiled.variants) {
        for one in foresee(&variant.design, compiled, options) {
            if !found.contains(&one) {
                found.push(one);
            }
        }
    }
    match trials(design, &labels_of(design, compiled)) {
        Err(diagnostics) => found.extend(diagnostics),
        Ok(trials) => {
            for trial in &trials {
                for (nth, expectation) in trial.expectations.iter().enumerate() {
                    let span = design.experiments[trial.index].expect.get(nth).map_or(Span::NONE, |text| text.span);
                    found.extend(
                        vain(design, compiled, trial, expectation)
                            .map(|diagnostic| diagnostic.at(span, "expected here")),
                    );
                }
            }
            if found.is_empty() {
                found.extend(too_long(design, compiled, options, &trials));
            }
        }
    }
    found
}

/// What is wrong with an expectation about what never happens.
fn vain(design: &Design, compiled: &Compiled, trial: &Trial, expectation: &Expectation) -> Option<Diagnostic> {
    let tables = &compiled.tables;
    let text = &expectation.text;
    let vain = |why: String, help: &str| {
        Some(Diagnostic::error("vain-expectation", format!("no run could decide `{text}`: {why}")).help(help))
    };
    if matches!(
        expectation.quantity,
        Quantity::Recovery
            | Quantity::DetectedByAlert
            | Quantity::BlastRadius
            | Quantity::BadMinutes
            | Quantity::Collapse
    ) {
        let Some(faulty) = trial.faulty else {
            return vain(
                "the experiment has no fault".into(),
                "add one: `faults: [ { at: 3min, for: 1min, crash: shop/1 } ]`",
            );
        };
        if expectation.quantity == Quantity::Recovery && trial.duration.0 - faulty.from.0 < 60.0 {
            return vain(
                format!("fewer than 60 s are watched after the fault at {}", faulty.from),
                "make the experiment longer, or let the fault begin earlier",
            );
        }
        if expectation.quantity == Quantity::Collapse
            && faulty.until.is_none_or(|until| until.0 > 0.75 * trial.duration.0)
        {
            return vain(
                "a fault lasts into the last quarter, by which collapse is told".into(),
                "let it end earlier with `for`, or make the experiment longer",
            );
        }
    }
    let Subject::Component(index) = expectation.subject else { return None };
    let (row, component) = (tables.components.get(index)?, design.components.get(index)?);
    let name = shown(&component.name.value);
    let of_broker = || tables.groups.iter().any(|group| group.broker as usize == index);
    let of_consumer =
        || tables.groups.iter().any(|group| tables.sites[group.site as usize].component as usize == index);
    match expectation.quantity {
        Quantity::Utilisation if row.workers == NONE => {
            vain(format!("{name} has workers without limit"), "give it `workers`, or ask for `in-system`")
        }
        Quantity::CoreUtilisation if row.cores == NONE => {
            vain(format!("{name} has cores without limit"), "give it `cores`, or ask for `in-system`")
        }
        Quantity::HitRatio if !compiled.traffic.looks.get(index).is_some_and(|looks| *looks > 0.0) => vain(
            format!("{name} ({}) is no cache that is read", component.kind.value),
            "name a cache that a step reads",
        ),
        Quantity::LagQuantile(_) if !of_broker() => vain(
            format!("nobody takes records from {name}"),
            "name the log or queue that an operation `handles` records of",
        ),
        Quantity::Duplicates if !of_broker() && !of_consumer() => {
            vain(format!("no records pass through {name}"), "name a component with an operation that `handles` records")
        }
        Quantity::LostWrites if !labels_of(design, compiled).keeps_data.get(index).is_some_and(|keeps| *keeps) => {
            vain(format!("{name} ({}) keeps no data", component.kind.value), "name a database, log or queue")
        }
        _ => None,
    }
}

/// The events of one run of the plain load or an experiment, window and warm-up.
struct Length {
    /// Events in all.
    events: f64,
    /// Simulated time. Unit: s.
    seconds: f64,
}

fn length(design: &Design, compiled: &Compiled, window: Seconds, experiment: Option<usize>) -> Length {
    let (tables, traffic) = (&compiled.tables, &compiled.traffic);
    let faults = experiment.and_then(|index| tables.experiments.get(index)).map_or(&[][..], Vec::as_slice);
    let second = |ns: u64| (ns as f64 / 1e9).min(window.0);
    let spikes: Vec<(u32, f64, f64, f64)> = faults
        .iter()
        .filter_map(|fault| match fault.harm {
            Harm::Spike { source, factor } => Some((source, factor, second(fault.at), second(fault.until))),
            _ => None,
        })
        .collect();
    let mut times: Vec<f64> =
        spikes.iter().flat_map(|(_, _, at, until)| [*at, *until]).chain([0.0, window.0]).collect();
    times.sort_by(f64::total_cmp);
    let demands: Vec<Vec<f64>> =
        tables.sources.iter().map(|source| traffic.demands(source.entry, tables.components.len())).collect();
    // Bursts, steps and recordings as this window has them, the others as they are in the long run.
    let rates: Vec<f64> = (tables.sources.iter().zip(&traffic.loads))
        .map(|(source, (load, share))| match design.load[*load].users {
            Some(_) => traffic.visits(source.entry),
            None => share * rates::requests(&design.load[*load], window.0.max(1e-9)) / window.0.max(1e-9),
        })
        .collect();
    let (mut events, mut waiting, mut seconds) = (0.0, 0.0f64, 0.0);
    for pair in times.windows(2) {
        let (from, width) = (pair[0], pair[1] - pair[0]);
        if width <= 0.0 {
            continue;
        }
        let (mut rate, mut work) = (0.0, vec![0.0; tables.components.len()]);
        for (index, requests) in rates.iter().enumerate() {
            let load = traffic.loads[index].0;
            let of_load =
                |source: u32| source == NONE || traffic.loads.get(source as usize).is_some_and(|of| of.0 == load);
            let on = spikes.iter().filter(|(of, _, at, until)| of_load(*of) && *at <= from && from < *until);
            let requests = requests * on.map(|(_, factor, ..)| factor).product::<f64>();
            rate += requests * traffic.events.get(index).copied().unwrap_or(0.0);
            work.iter_mut().zip(&demands[index]).for_each(|(work, demand)| *work += requests * demand);
        }
        // Where work comes faster than it is done and all may wait, a run ends once as many wait as may.
        let mut growth = 0.0;
        for (row, (work, (usual, visits))) in
            tables.components.iter().zip(work.iter().zip(traffic.work.iter().zip(&traffic.components)))
        {
            if row.queue == NONE && *work > row.speed() && *usual > 0.0 {
                growth += (work - row.speed()) / usual * visits;
            }
        }
        let left = (f64::from(tables.frame_cap) - waiting).max(0.0);
        let lasts = if growth > 0.0 { width.min(left / growth) } else { width };
        events += rate * lasts;
        seconds += lasts;
        waiting += growth * lasts;
        if lasts < width {
            break;
        }
    }
    Length { events, seconds }
}

/// A simulation that would take more than an hour, with the arithmetic.
fn too_long(design: &Design, compiled: &Compiled, options: &Options, trials: &[Trial]) -> Option<Diagnostic> {
    let runs = options.replications.max(1) as f64;
    let threads =
        options.threads.unwrap_or_else(rayon::current_num_threads).min(options.replications.max(1)).max(1) as f64;
    let warm_up = options.warm_up.map_or(options.duration.0 * WARM_UP_LEAST, |warm_up| warm_up.0);
    let window = |window: Seconds| Seconds(window.0 + warm_up);
    let pilot = if options.replications < FEW { options.duration / 4.0 } else { options.duration };
    let pilots = if options.warm_up.is_some() { 0.0 } else { PILOTS as f64 };
    let mut parts = vec![
        (None, length(design, compiled, pilot, None), pilots),
        (None, length(design, compiled, window(options.duration), None), runs),
    ];
    for trial in trials.iter().filter(|_| options.experiments) {
        let chosen = options.experiment.as_ref().is_none_or(|name| *name == trial.name);
        if chosen && !(trial.plain && trial.duration == options.duration) {
            parts.push((Some(trial), length(design, compiled, window(trial.duration), Some(trial.index)), runs));
        }
    }
    let events: f64 = parts.iter().map(|(_, length, runs)| length.events * runs).sum();
    let takes = Seconds(events * EVENT_NS / 1e9 / threads);
    if takes.0 <= LONGEST.0 {
        return None;
    }
    let (trial, longest, runs) = parts.iter().max_by(|a, b| (a.1.events * a.2).total_cmp(&(b.1.events * b.2)))?;
    let too_much = takes.0 / LONGEST.0;
    let sources = compiled.tables.sources.iter().enumerate();
    let (busiest, ..) = sources
        .map(|(index, source)| {
            let rate = compiled.traffic.visits(source.entry);
            (index, rate * compiled.traffic.events.get(index).copied().unwrap_or(0.0))
        })
        .max_by(|a, b| a.1.total_cmp(&b.1))?;
    let load = &design.load[compiled.traffic.loads.get(busiest)?.0];
    let title = load.name.as_ref().or(load.operation.as_ref()).map_or(Span::NONE, |name| name.span);
    let place = load.arrivals.as_ref().map_or(title, |arrivals| arrivals.span);
    let shorter = |seconds: f64| significant_below(seconds / too_much);
    let (what, shorten) = match trial {
        None => ("the plain load".to_string(), format!("`--duration {}s`", shorter(options.duration.0))),
        Some(trial) => (
            format!("the experiment `{}`", trial.name),
            format!("`duration: {}s` for `{}`", shorter(trial.duration.0), trial.name),
        ),
    };
    let fewer = (options.replications as f64 / too_much).floor();
    let fewer = if fewer >= 1.0 { format!(", ask for `--replications {fewer}`") } else { String::new() };
    Some(
        Diagnostic::error(
            "too-much-to-simulate",
            format!("to simulate this would take about {takes}, more than an hour"),
        )
        .at(place, "most of it comes from here")
        .note(format!(
            "{what}: {} events a simulated second, for {}, in {runs} runs: {} events",
            significant(longest.events / longest.seconds.max(1e-9)),
            Seconds(longest.seconds),
            significant(longest.events * runs),
        ))
        .note(format!(
            "{} requests a second of {} bring {} events each; an event takes about {EVENT_NS} ns, on {threads} {}",
            PerSecond(compiled.traffic.visits(compiled.tables.sources[busiest].entry))
                .to_string()
                .trim_end_matches("/s"),
            shown(load.title()),
            significant(compiled.traffic.events.get(busiest).copied().unwrap_or(0.0)),
            if threads > 1.0 { "threads" } else { "thread" },
        ))
        .help(format!("write {shorten}{fewer}, or take a share of the load with the same share of replicas")),
    )
}

/// A figure of one digit that is not above this one.
fn significant_below(value: f64) -> String {
    let step = libm::pow(10.0, libm::floor(libm::log10(value.max(1e-9))));
    significant((value / step).floor() * step)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::lower::{VOCABULARY, compile};
    use groundplan_model::reader::read_design;

    const BUSY: &str = "kind: design\nversion: 1\nname: busy\ncomponents:\n  server: { kind: service, replicas: 64, workers: unlimited, operations: { serve: [ { compute: exp(1ms) } ] } }\nload: [ { operation: server.serve, arrivals: poisson(RATE) } ]\n";

    fn found(rate: &str, options: &Options) -> Vec<Diagnostic> {
        let design = read_design(&BUSY.replace("RATE", rate), &VOCABULARY).value.unwrap();
        foresee(&design, &compile(&design).unwrap(), options)
    }

    #[test]
    fn the_estimate_is_events_times_their_time() {
        // Two events a request; 36 runs of which 4 are pilots: 10 min x (32 x 1.05 + 4) x 2 x 80 ns on one thread.
        let options = Options { threads: Some(1), ..Options::default() };
        let seconds = |rate: f64| rate * 600.0 * (32.0 * 1.05 + 4.0) * 2.0 * 80e-9;
        let limit = 3600.0 / seconds(1.0);
        assert!(found(&format!("{:.0}/s", 0.99 * limit), &options).is_empty());
        let told = found(&format!("{:.0}/s", 1.01 * limit), &options);
        assert_eq!(told[0].code, "too-much-to-simulate");
        assert!(told[0].help.as_deref().unwrap().contains("--replications 31"), "{told:?}");
        assert!(found(&format!("{:.0}/s", 1.01 * limit), &Options { threads: Some(2), ..options.clone() }).is_empty());
        let short = Options { duration: Seconds(60.0), ..options };
        assert!(found(&format!("{:.0}/s", 1.01 * limit), &short).is_empty());
    }

    #[test]
    fn an_overload_that_ends_at_the_cap_is_a_result() {
        let text = BUSY.replace("RATE", "1000000000/s").replace("workers: unlimited", "workers: 1");
        let design = read_design(&text, &VOCABULARY).value.unwrap();
        assert_eq!(foresee(&design, &compile(&design).unwrap(), &Options::default()), []);
    }
}
