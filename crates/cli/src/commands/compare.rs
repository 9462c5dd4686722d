//! `groundplan compare`: the plain load of two designs under the same luck, and the difference run by run.

use super::simulate::status;
use crate::args::{CompareOptions, Format};
use crate::input::{Found, Input, read, refuse, warn};
use crate::interrupt;
use crate::output::{Status, complain, own_mistake, print};
use crate::progress::Bar;
use crate::recordings::Beside;
use groundplan_model::design::Design;
use groundplan_model::files::attach;
use groundplan_model::reader::read_design;
use groundplan_report::{text, wire};
use groundplan_sim::lower::{Compiled, VOCABULARY, compile};
use groundplan_sim::run::{Options, Progress, compare_designs, foresee, matching};
use std::path::Path;

/// Simulates two designs in pairs of runs and prints how they differ.
pub fn run(options: &CompareOptions) -> Status {
    let sim = Options { stop: interrupt::keep_what_is_finished(), ..to_sim(options) };
    let mut sides: Vec<(Design, Compiled)> = Vec::new();
    for path in [&options.first, &options.second] {
        match side(path, &sim, options.format) {
            Ok(side) => sides.push(side),
            Err(status) => return status,
        }
    }
    let [first, second] = [0, 1].map(|nth| (&sides[nth].0, &sides[nth].1));
    if matching(first.0, second.0).is_empty() {
        complain("the designs have no operation in common: loads pair up by their name, or by `as: module.operation`");
        return Status::Input;
    }
    let bar = Bar::new();
    let listener = |progress: Progress<'_>| bar.show(progress);
    let comparison = compare_designs(first, second, &sim, &listener);
    drop(bar);
    let violated = comparison.first.self_checks.violated + comparison.second.self_checks.violated;
    let status = status(comparison.holds(), comparison.interrupted(), violated);
    let status = match options.format {
        Format::Text => print(&text::comparison(&comparison), status),
        Format::Json => print(&wire::text(&comparison), status),
    };
    own_mistake(violated);
    status
}

/// Reads one design, or says what is wrong with it.
fn side(path: &Path, sim: &Options, format: Format) -> Result<(Design, Compiled), Status> {
    let input = read(path).map_err(|unread| {
        let status = unread.status;
        refuse(unread.into(), status, format)
    })?;
    let refused = |input: &Input, found| refuse(Found::of(input, Some("design"), found, false), Status::Input, format);
    let read = read_design(&input.text, &VOCABULARY);
    let Some(mut design) = read.value else { return Err(refused(&input, read.diagnostics)) };
    let unread = attach(&mut design, &Beside::of(path));
    if !unread.is_empty() {
        return Err(refused(&input, unread));
    }
    // Experiments are not compared, and may be wrong.
    design.experiments.clear();
    let compiled = compile(&design).map_err(|found| refused(&input, found))?;
    let pointless = foresee(&design, &compiled, sim);
    if !pointless.is_empty() {
        return Err(refused(&input, pointless));
    }
    if format == Format::Text {
        warn(&input, &[read.diagnostics, compiled.warnings.clone()].concat());
    }
    Ok((design, compiled))
}

fn to_sim(options: &CompareOptions) -> Options {
    let mut sim = Options {
        threads: options.threads.map(usize::from),
        seed: options.seed,
        experiments: false,
        ..Options::default()
    };
    if let Some(replications) = options.replications {
        sim.replications = replications as usize;
    }
    if let Some(duration) = options.duration {
        sim.duration = duration;
    }
    sim
}
