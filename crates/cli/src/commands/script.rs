//! `groundplan script`: what to say about a brief in so many minutes.

use super::decide::{Decided, decide};
use crate::args::{Format, PageFormat, ScriptOptions};
use crate::output::{Status, print};
use groundplan_knowledge::Source;
use groundplan_planner::script::talk;
use groundplan_report::{markdown, text, wire};

/// Decides, and tells what to say.
pub fn run(options: &ScriptOptions) -> Status {
    let format = if options.format == PageFormat::Json { Format::Json } else { Format::Text };
    let Decided { brief, knowledge, decisions, .. } = match decide(&options.brief, options.knowledge.as_deref(), format)
    {
        Ok(decided) => decided,
        Err(status) => return status,
    };
    let talk = talk(&knowledge, &brief, &decisions, options.minutes, options.seed);
    match options.format {
        PageFormat::Text => print(&text::script(&brief.name, &talk), Status::Holds),
        PageFormat::Markdown => print(&markdown::script(&brief.name, &talk), Status::Holds),
        PageFormat::Json => {
            let sources: Vec<Source> = knowledge.sources().cloned().collect();
            print(&wire::script(&brief.name, &talk, &sources), Status::Holds)
        }
    }
}
