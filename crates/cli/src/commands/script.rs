//! `groundplan script`: what to say about a brief in so many minutes.

use super::decide::{Decided, decide};
use crate::args::{Format, PageFormat, ScriptOptions};
use crate::input::read_within;
use crate::output::{Status, complain, print};
use groundplan_knowledge::Source;
use groundplan_planner::script::talk;
use groundplan_report::measured::measured;
use groundplan_report::{markdown, text, wire};

/// The largest plan that is read. Unit: bytes.
const PLAN_BYTES: usize = 64_000_000;

/// Decides, and tells what to say.
pub fn run(options: &ScriptOptions) -> Status {
    let format = if options.format == PageFormat::Json { Format::Json } else { Format::Text };
    let Decided { brief, knowledge, decisions, .. } = match decide(&options.brief, options.knowledge.as_deref(), format)
    {
        Ok(decided) => decided,
        Err(status) => return status,
    };
    let mut talk = talk(&knowledge, &brief, &decisions, options.minutes, options.seed);
    if let Some(folder) = &options.plan {
        let path = folder.join("plan.json");
        let said = read_within(&path, PLAN_BYTES).map_err(|unread| (unread.diagnostic.headline, unread.status));
        match said.and_then(|input| measured(&input.text, &brief.name).map_err(|why| (why, Status::Input))) {
            Ok(said) => talk.add(said),
            Err((why, status)) => {
                complain(&format!("`{}` can't be told: {why}", path.display()));
                return status;
            }
        }
    }
    match options.format {
        PageFormat::Text => print(&text::script(&brief.name, &talk), Status::Holds),
        PageFormat::Markdown => print(&markdown::script(&brief.name, &talk), Status::Holds),
        PageFormat::Json => {
            let sources: Vec<Source> = knowledge.sources().cloned().collect();
            print(&wire::script(&brief.name, &talk, &sources), Status::Holds)
        }
    }
}
