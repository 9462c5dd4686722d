//! `groundplan decide`: the decisions of a brief by rules alone, without any measurement.

use crate::args::{DecideOptions, Format};
use crate::house;
use crate::input::{Found, Input, read, refuse, warn};
use crate::output::{Status, print};
use groundplan_knowledge::{Decisions, Knowledge, Source};
use groundplan_model::brief::Brief;
use groundplan_model::reader::read_brief;
use groundplan_report::{text, wire};
use std::path::Path;

/// Decides and prints. What can't be had under the brief ends with status 1, as it does in a plan.
pub fn run(options: &DecideOptions) -> Status {
    let decided = decide(&options.brief, options.knowledge.as_deref(), options.format);
    let Decided { brief, knowledge, decisions, .. } = match decided {
        Ok(decided) => decided,
        Err(status) => return status,
    };
    let holds = decisions.conflicts.is_empty() && decisions.conditions.is_empty();
    let status = if holds { Status::Holds } else { Status::Fails };
    match options.format {
        Format::Text => print(&text::decided(&brief, &decisions), status),
        Format::Json => {
            let sources: Vec<Source> = knowledge.sources().cloned().collect();
            print(&wire::decisions(&brief, &decisions, &sources), status)
        }
    }
}

/// A brief with its decisions.
pub struct Decided {
    /// The file.
    pub input: Input,
    /// What it says.
    pub brief: Brief,
    /// What was decided by.
    pub knowledge: Knowledge,
    /// What was decided.
    pub decisions: Decisions,
}

/// Reads a brief and decides it. What is wrong, or impossible for every design, is told already.
pub fn decide(path: &Path, knowledge: Option<&Path>, format: Format) -> Result<Decided, Status> {
    let input = read(path).map_err(|unread| {
        let status = unread.status;
        refuse(unread.into(), status, format)
    })?;
    let read = read_brief(&input.text);
    let Some(brief) = read.value else {
        return Err(refuse(Found::of(&input, Some("brief"), read.diagnostics, false), Status::Input, format));
    };
    if format == Format::Text {
        warn(&input, &read.diagnostics);
    }
    let knowledge = house::knowledge(knowledge, format)?;
    let mut decisions = knowledge.decide(&brief);
    let impossible = std::mem::take(&mut decisions.impossible);
    if !impossible.is_empty() {
        return Err(refuse(Found::of(&input, Some("brief"), impossible, false), Status::Input, format));
    }
    Ok(Decided { input, brief, knowledge, decisions })
}
