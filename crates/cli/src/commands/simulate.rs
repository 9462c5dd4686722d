//! `groundplan simulate`: a design and its experiments, measured.

use crate::args::{Format, SimulateOptions};
use crate::input::{Found, read, refuse, warn};
use crate::output::{Status, own_mistake, print};
use crate::progress::Bar;
use groundplan_model::reader::read_design;
use groundplan_planner::closed::closed_forms;
use groundplan_report::{text, wire};
use groundplan_sim::lower::{VOCABULARY, compile};
use groundplan_sim::run::{Options, Progress, simulate};

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
    let Some(design) = read.value else {
        return refuse(Found::of(&input, Some("design"), read.diagnostics, false), Status::Input, options.format);
    };
    if options.format == Format::Text {
        warn(&input, &read.diagnostics);
    }
    let bar = Bar::new();
    let listener = |progress: Progress<'_>| bar.show(progress);
    let verdict = compile(&design).and_then(|compiled| simulate(&design, &compiled, &to_sim(options), &listener));
    drop(bar);
    let verdict = match verdict {
        Ok(verdict) => verdict,
        Err(found) => return refuse(Found::of(&input, Some("design"), found, false), Status::Input, options.format),
    };
    let violated = verdict.all_self_checks().violated;
    let status = if verdict.holds() { Status::Holds } else { Status::Fails };
    let status = if violated > 0 { Status::Environment } else { status };
    let closed = closed_forms(&design, &verdict);
    let status = match options.format {
        Format::Text => print(&text::verdict(&verdict, &closed), status),
        Format::Json => print(&wire::verdict(&verdict, &closed), status),
    };
    own_mistake(violated);
    status
}

fn to_sim(options: &SimulateOptions) -> Options {
    let mut sim = Options {
        threads: options.threads.map(usize::from),
        seed: options.seed,
        experiment: options.experiment.clone(),
        precision: options.precision.map(|share| share.0),
        ..Options::default()
    };
    if let Some(replications) = options.replications {
        sim.replications = replications as usize;
        sim.replications_max = sim.replications_max.max(sim.replications);
    }
    if let Some(duration) = options.duration {
        // A duration asks for the plain load; an experiment keeps its own.
        sim.duration = duration;
        sim.experiments = options.experiment.is_some();
    }
    sim
}
