//! `groundplan simulate`: a design and its experiments, measured.

use crate::args::{Format, SimulateOptions};
use crate::input::{Found, read, refuse, warn};
use crate::interrupt;
use crate::output::{Status, own_mistake, print};
use crate::progress::Bar;
use crate::recordings::Beside;
use groundplan_model::files::attach;
use groundplan_model::reader::read_design;
use groundplan_planner::closed::closed_forms;
use groundplan_report::{text, wire};
use groundplan_sim::lower::{VOCABULARY, compile};
use groundplan_sim::run::{Options, Progress, foresee, simulate, waterfalls};

/// Simulates a design and prints its verdict.
pub fn run(options: &SimulateOptions) -> Status {
    let input = match read(&options.design) {
        Ok(input) => input,
        Err(unread) => {
            let status = unread.status;
            return refuse(unread.into(), status, options.format);
        }
    };
    let read = read_design(&input.text, &VOCABULARY);
    let Some(mut design) = read.value else {
        return refuse(Found::of(&input, Some("design"), read.diagnostics, false), Status::Input, options.format);
    };
    let refused = |found| refuse(Found::of(&input, Some("design"), found, false), Status::Input, options.format);
    let unread = attach(&mut design, &Beside::of(&options.design));
    if !unread.is_empty() {
        return refused(unread);
    }
    let sim = to_sim(options);
    let compiled = match compile(&design) {
        Ok(compiled) => compiled,
        Err(found) => return refused(found),
    };
    let pointless = foresee(&design, &compiled, &sim);
    if !pointless.is_empty() {
        return refused([pointless, read.diagnostics, compiled.warnings].concat());
    }
    if options.format == Format::Text {
        warn(&input, &[read.diagnostics, compiled.warnings.clone()].concat());
    }
    let sim = Options { stop: interrupt::keep_what_is_finished(), ..to_sim(options) };
    let bar = Bar::new();
    let listener = |progress: Progress<'_>| bar.show(progress);
    let verdict = simulate(&design, &compiled, &sim, &listener);
    drop(bar);
    let verdict = match verdict {
        Ok(verdict) => verdict,
        Err(found) => return refused(found),
    };
    let violated = verdict.all_self_checks().violated;
    let status = status(verdict.holds(), verdict.interrupted(), violated);
    let closed = closed_forms(&design, &verdict);
    let followed = match options.waterfall && !verdict.interrupted() {
        true => waterfalls(&design, &compiled, &sim, verdict.warm_up.dropped),
        false => Vec::new(),
    };
    let status = match options.format {
        Format::Text => print(&(text::verdict(&verdict, &closed) + &text::waterfalls(&followed)), status),
        Format::Json => print(&wire::verdict(&verdict, &closed, &followed), status),
    };
    own_mistake(violated);
    status
}

/// How a simulation ends: our own mistakes first, then an interruption, then what was measured.
pub fn status(holds: bool, interrupted: bool, violated: u64) -> Status {
    match (violated, interrupted, holds) {
        (1.., ..) => Status::Environment,
        (0, true, _) => Status::Interrupted,
        (0, false, true) => Status::Holds,
        (0, false, false) => Status::Fails,
    }
}

fn to_sim(options: &SimulateOptions) -> Options {
    let mut sim = Options {
        threads: options.threads.map(usize::from),
        seed: options.seed,
        experiment: options.experiment.clone(),
        precision: options.precision.map(|share| share.0),
        sensitivity: !options.no_sensitivity,
        ..Options::default()
    };
    if let Some(replications) = options.replications {
        sim.replications = replications as usize;
        sim.collapse_replications = sim.replications;
        sim.replications_max = sim.replications_max.max(sim.replications);
    }
    if let Some(duration) = options.duration {
        // A duration asks for the plain load; an experiment keeps its own.
        sim.duration = duration;
        sim.experiments = options.experiment.is_some();
    }
    sim
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_mistakes_come_first() {
        assert_eq!(status(true, false, 0), Status::Holds);
        assert_eq!(status(false, false, 0), Status::Fails);
        assert_eq!(status(true, true, 0), Status::Interrupted);
        assert_eq!(status(true, true, 1), Status::Environment);
        assert_eq!(status(true, false, 7), Status::Environment);
    }
}
