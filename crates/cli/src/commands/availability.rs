//! `groundplan availability`: what a year of a design comes to, from what may fail.

use crate::args::{AvailabilityOptions, Format};
use crate::house;
use crate::input::{Found, read, refuse, warn};
use crate::interrupt;
use crate::output::{Status, print};
use crate::progress::Bar;
use crate::recordings::Beside;
use groundplan_model::files::attach;
use groundplan_model::reader::read_design;
use groundplan_planner::annual::{How, annual};
use groundplan_report::{text, wire};
use groundplan_sim::lower::{VOCABULARY, compile};
use groundplan_sim::run::Progress;

/// Reckons a year and prints it.
pub fn run(options: &AvailabilityOptions) -> Status {
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
    let compiled = match compile(&design) {
        Ok(compiled) => compiled,
        Err(found) => return refused(found),
    };
    let knowledge = match house::knowledge(options.knowledge.as_deref(), options.format) {
        Ok(knowledge) => knowledge,
        Err(status) => return status,
    };
    if options.format == Format::Text {
        warn(&input, &[read.diagnostics, compiled.warnings].concat());
    }
    let how = How {
        replications: options.replications as usize,
        threads: options.threads.map(usize::from),
        seed: options.seed,
        target: options.target,
    };
    let bar = Bar::new();
    let listener = |progress: Progress<'_>| bar.show(progress);
    let year = annual(&design, &knowledge, &how, &interrupt::keep_what_is_finished(), &listener);
    drop(bar);
    let year = match year {
        Ok(year) => year,
        Err(found) => return refused(found),
    };
    let status = match (year.interrupted, year.holds()) {
        (true, _) => Status::Interrupted,
        (_, true) => Status::Holds,
        (_, false) => Status::Fails,
    };
    match options.format {
        Format::Text => print(&text::availability(&year), status),
        Format::Json => print(&wire::availability(&year), status),
    }
}
