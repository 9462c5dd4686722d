//! `groundplan validate`: published and exact results, run as designs and compared.

use crate::args::{Format, ValidateOptions};
use crate::input::{Found, read, refuse};
use crate::output::{Status, complain, print};
use crate::progress::Bar;
use groundplan_model::diagnostic::guess;
use groundplan_report::{text, wire};
use groundplan_sim::run::Progress;
use groundplan_validation::{FILES, Form, Item, items, read_item, run_item};
use std::path::Path;

/// Runs the items that were named, or all, and prints the table.
pub fn run(options: &ValidateOptions) -> Status {
    let items = match chosen(options) {
        Ok(items) => items,
        Err(status) => return status,
    };
    let form = if options.quick { Form::Quick } else { Form::Whole };
    let bar = Bar::new();
    let mut outcomes = Vec::new();
    for item in items {
        let name = item.name.clone();
        let listener = |progress: Progress<'_>| {
            let stage = format!("{name}: {}", progress.stage);
            bar.show(Progress { stage: &stage, ..progress });
        };
        match run_item(&item, form, options.threads.map(usize::from), &listener) {
            Ok(outcome) => outcomes.push(outcome),
            Err(diagnostics) => {
                drop(bar);
                let found = Found { name, text: String::new(), kind: Some("validation"), diagnostics, ok: false };
                return refuse(found, Status::Input, options.format);
            }
        }
    }
    drop(bar);
    let status = if outcomes.iter().all(|outcome| outcome.holds()) { Status::Holds } else { Status::Fails };
    match options.format {
        Format::Text => print(&text::validation(&outcomes, form), status),
        Format::Json => print(&wire::validation(&outcomes, form), status),
    }
}

/// The items that were named: `O-01`, or a file.
fn chosen(options: &ValidateOptions) -> Result<Vec<Item>, Status> {
    let own = items();
    if options.items.is_empty() {
        return Ok(own);
    }
    let mut chosen = Vec::new();
    for wanted in &options.items {
        if let Some(item) = own.iter().find(|item| item.name.eq_ignore_ascii_case(wanted)) {
            chosen.push(item.clone());
        } else if wanted == "-" || wanted.contains(['/', '.']) {
            let input = read(Path::new(wanted)).map_err(|unread| {
                let status = unread.status;
                refuse(unread.into(), status, options.format)
            })?;
            let item = read_item(&input.text).map_err(|diagnostics| {
                refuse(Found::of(&input, Some("validation"), diagnostics, false), Status::Input, options.format)
            })?;
            chosen.push(item);
        } else {
            let near = guess(wanted, own.iter().map(|item| item.name.as_str()));
            let help = near.map_or_else(
                || format!("{} items go from {} on; a file of your own has a path", FILES.len(), own[0].name),
                |near| format!("did you mean {near}?"),
            );
            complain(&format!("no item is called {wanted}: {help}"));
            return Err(Status::Input);
        }
    }
    Ok(chosen)
}
