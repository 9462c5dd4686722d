//! `groundplan reference`: what each word of a design means.

use crate::args::{PageFormat, ReferenceOptions};
use crate::output::{Status, complain, print};
use groundplan_report::reference::{Entry, Example, Found, find, sections};
use groundplan_report::{markdown, text, wire};

/// Prints the list of all words, a section, or what a name means.
pub fn run(options: &ReferenceOptions) -> Status {
    let all = sections();
    if options.names.is_empty() {
        let told = match options.format {
            PageFormat::Text => text::reference_list(&all),
            PageFormat::Json => wire::reference(&all),
            PageFormat::Markdown => markdown::reference(&all),
        };
        return print(&told, Status::Holds);
    }
    let name = options.names.join(" ");
    match find(&all, &options.names) {
        Found::Section(section) if !options.example => {
            let section = std::slice::from_ref(section);
            let told = match options.format {
                PageFormat::Text => text::reference_list(section),
                PageFormat::Json => wire::reference(section),
                PageFormat::Markdown => markdown::reference(section),
            };
            print(&told, Status::Holds)
        }
        Found::Entries(entries) if options.example => example(&name, &entries),
        Found::Entries(entries) => match options.format {
            PageFormat::Json => print(&wire::reference_entries(&all, &entries), Status::Holds),
            PageFormat::Text => print(&text::reference_entries(&entries), Status::Holds),
            PageFormat::Markdown => print(&markdown::reference_entries(&all, &entries), Status::Holds),
        },
        Found::Parameters(found) if !options.example => {
            let entries: Vec<&Entry> = found.iter().map(|(entry, _)| *entry).collect();
            match options.format {
                PageFormat::Json => print(&wire::reference_entries(&all, &entries), Status::Holds),
                PageFormat::Text => print(&text::reference_parameters(&name, &found), Status::Holds),
                PageFormat::Markdown => print(&markdown::reference_entries(&all, &entries), Status::Holds),
            }
        }
        Found::Section(_) | Found::Parameters(_) => without_example(&name),
        Found::Nothing(near) => {
            let help = near.map_or_else(
                || "`groundplan reference` lists all".to_string(),
                |near| format!("did you mean `{near}`?"),
            );
            complain(&format!("the language has no word `{name}`; {help}"));
            Status::Input
        }
    }
}

/// The design that shows it, by itself, so that it can be run.
fn example(name: &str, entries: &[&Entry]) -> Status {
    let whole = entries.iter().find_map(|entry| match entry.example {
        Some(Example::Design { text, .. }) => Some(text),
        _ => None,
    });
    whole.map_or_else(|| without_example(name), |text| print(text, Status::Holds))
}

fn without_example(name: &str) -> Status {
    complain(&format!("`{name}` has no design of its own as an example; components, policies and faults have"));
    Status::Input
}
