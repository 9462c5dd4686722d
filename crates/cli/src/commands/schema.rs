//! `groundplan schema`: the JSON Schema of briefs and designs.

use crate::args::{SchemaKind, SchemaOptions};
use crate::output::{Status, print};
use groundplan_model::schema::{brief_schema, design_schema};

/// Prints a schema.
pub fn run(options: &SchemaOptions) -> Status {
    let schema = match options.kind {
        SchemaKind::Brief => brief_schema(),
        SchemaKind::Design => design_schema(&groundplan_sim::lower::VOCABULARY),
    };
    print(&groundplan_report::wire::text(&schema), Status::Holds)
}
