//! `groundplan knowledge`: what decisions rest on; listed, searched, shown, compared, checked.

use crate::args::{Format, KnowledgeCommand, KnowledgeOptions, PageFormat};
use crate::examples::examples;
use crate::house::{self, House};
use crate::input::{Found, read, refuse, refuse_all, tell_all};
use crate::output::{Status, complain, print};
use groundplan_knowledge::Knowledge;
use groundplan_knowledge::outcome::outcomes;
use groundplan_model::brief::Brief;
use groundplan_model::diagnostic::{Diagnostic, Severity, guess};
use groundplan_model::reader::read_brief;
use groundplan_report::catalogue::{self, Entry, Named};
use groundplan_report::told::Changed;
use groundplan_report::{markdown, reference, sheet, text, wire};
use groundplan_sim::lower::VOCABULARY;
use std::path::{Path, PathBuf};

/// Does what is asked.
pub fn run(options: &KnowledgeOptions) -> Status {
    if let KnowledgeCommand::Check { folder, format } = &options.command {
        return check(folder.as_deref().or(options.knowledge.as_deref()), *format);
    }
    let format = match &options.command {
        KnowledgeCommand::List { format, .. }
        | KnowledgeCommand::Search { format, .. }
        | KnowledgeCommand::Show { format, .. }
        | KnowledgeCommand::Compare { format, .. }
        | KnowledgeCommand::Check { format, .. }
        | KnowledgeCommand::Alone { format, .. } => *format,
        KnowledgeCommand::Sheet { format }
        | KnowledgeCommand::Cases { format }
        | KnowledgeCommand::Coverage { format } => plain(*format),
    };
    let knowledge = match house::knowledge(options.knowledge.as_deref(), format) {
        Ok(knowledge) => knowledge,
        Err(status) => return status,
    };
    match &options.command {
        KnowledgeCommand::List { kind, .. } => list(&knowledge, kind.as_deref(), format),
        KnowledgeCommand::Search { words, .. } => search(&knowledge, words, format),
        KnowledgeCommand::Show { id, .. } => show(&knowledge, id, format),
        KnowledgeCommand::Compare { options, .. } => match sheet::compare(&knowledge, options) {
            Ok(compared) if format == Format::Json => print(&wire::knowledge_compare(&compared), Status::Holds),
            Ok(compared) => print(&text::compared(&compared), Status::Holds),
            Err(why) => {
                complain(&why);
                Status::Input
            }
        },
        KnowledgeCommand::Sheet { format } => {
            let gathered = sheet::sheet(&knowledge);
            let told = match format {
                PageFormat::Text => text::sheet(&gathered),
                PageFormat::Json => wire::knowledge_sheet(&gathered),
                PageFormat::Markdown => markdown::sheet(&knowledge, &gathered),
            };
            print(&told, Status::Holds)
        }
        KnowledgeCommand::Check { folder, .. } => check(folder.as_deref(), format),
        KnowledgeCommand::Alone { briefs, .. } => alone(&knowledge, briefs, format),
        KnowledgeCommand::Cases { format } => cases(&knowledge, *format),
        KnowledgeCommand::Coverage { format } => {
            let told = match format {
                PageFormat::Text => text::coverage(&knowledge),
                PageFormat::Json => wire::coverage(&knowledge),
                PageFormat::Markdown => markdown::coverage(&knowledge),
            };
            print(&told, Status::Holds)
        }
    }
}

/// How complaints are told beside a page.
fn plain(format: PageFormat) -> Format {
    if format == PageFormat::Json { Format::Json } else { Format::Text }
}

fn list(knowledge: &Knowledge, kind: Option<&str>, format: Format) -> Status {
    let all = catalogue::entries(knowledge);
    let wanted = match kind.map(|word| (word, catalogue::kind(word))) {
        None => None,
        Some((_, Some(kind))) => Some(kind),
        Some((word, None)) => {
            let words = catalogue::KINDS.map(|(_, many)| many);
            let near = guess(word, words.iter().copied());
            let help = near.map_or(words.join(", "), |near| format!("did you mean `{near}`?"));
            complain(&format!("no kind of knowledge is called `{word}`; {help}"));
            return Status::Input;
        }
    };
    let entries: Vec<&Entry> = all.iter().filter(|entry| wanted.is_none_or(|kind| entry.kind == kind)).collect();
    match format {
        Format::Text => print(&text::knowledge_list(&entries), Status::Holds),
        Format::Json => print(&wire::knowledge(knowledge, &entries), Status::Holds),
    }
}

fn search(knowledge: &Knowledge, words: &[String], format: Format) -> Status {
    if words.iter().all(|word| word.trim().is_empty()) {
        complain("nothing is searched for; write a word or several: `groundplan knowledge search replay history`");
        return Status::Input;
    }
    let all = catalogue::entries(knowledge);
    let hits = catalogue::search(&all, words);
    let status = if hits.is_empty() { Status::Fails } else { Status::Holds };
    match format {
        Format::Json => print(&wire::knowledge_search(&hits), status),
        Format::Text if hits.is_empty() => {
            complain(&format!("nothing says `{}`; fewer words find more", words.join(" ")));
            status
        }
        Format::Text => print(&text::knowledge_search(&hits, words), status),
    }
}

fn show(knowledge: &Knowledge, id: &str, format: Format) -> Status {
    let (all, items) = (catalogue::entries(knowledge), catalogue::items(knowledge));
    let named = match catalogue::find(&all, id) {
        Named::Nothing(near) => match catalogue::find(&items, id) {
            Named::Nothing(item) => Named::Nothing(near.or(item)),
            found => found,
        },
        found => found,
    };
    match named {
        Named::One(entry) => match format {
            Format::Text => print(&text::knowledge_entry(knowledge, entry), Status::Holds),
            Format::Json => print(&wire::knowledge(knowledge, &[entry]), Status::Holds),
        },
        Named::Several(names) => {
            let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            complain(&format!("`{id}` names several things; write {}", names.join(" or ")));
            Status::Input
        }
        Named::Nothing(near) => {
            let help = match near {
                _ if has_word(id) => format!("it is a word of the language: `groundplan reference {id}`"),
                Some(near) => format!("did you mean `{near}`?"),
                None => "`groundplan knowledge list` names all".to_string(),
            };
            complain(&format!("nothing is called `{id}`; {help}"));
            Status::Input
        }
    }
}

/// Whether the language has a word.
fn has_word(word: &str) -> bool {
    !matches!(reference::find(&reference::sections(), &[word.to_string()]), reference::Found::Nothing(_))
}

/// What is wrong with a folder, and which decisions of the examples and of its own briefs it changes. Faults of the files
/// end with status 2; what doesn't do on its examples what it says, with 1.
fn check(folder: Option<&Path>, format: Format) -> Status {
    let house = match folder.map(House::read) {
        None => House::default(),
        Some(Ok(house)) => house,
        Some(Err((found, status))) => return refuse_all(&found, status, format),
    };
    let knowledge = match house.knowledge() {
        Ok(knowledge) => knowledge,
        Err(found) => return refuse_all(&found, Status::Input, format),
    };
    let mut said = knowledge.check();
    said.extend(knowledge.unknown_words(&VOCABULARY));
    if folder.is_some() {
        // Of our own files only what the folder changes is of interest.
        said.retain(|one| house.file(&one.file).is_some() || one.diagnostic.code == "example-fails");
    }
    let mut found = house.found(said);
    let mut briefs = examples();
    let mut unread = Vec::new();
    for (path, text) in &house.briefs {
        let read = read_brief(text);
        let name = house.folder.join(path).display().to_string();
        match read.value {
            Some(brief) => briefs.push((name, brief)),
            None => {
                let (kind, diagnostics) = (Some("brief"), read.diagnostics);
                unread.push(Found { name, text: text.clone(), kind, diagnostics, ok: false });
            }
        }
    }
    let ours = Knowledge::embedded();
    let changed: Vec<Changed> = if folder.is_none() {
        Vec::new()
    } else {
        let changes =
            |(name, brief): &(String, Brief)| Changed::between(name, &ours.choose(brief), &knowledge.choose(brief));
        briefs.iter().flat_map(changes).collect()
    };
    let is_wrong = |found: &Found| found.diagnostics.iter().any(|one| one.severity == Severity::Error);
    // An example that fails is a finding; everything else is a fault of the files.
    let is_fault = |one: &Diagnostic| one.severity == Severity::Error && one.code != "example-fails";
    let status = if !unread.is_empty() || found.iter().flat_map(|one| &one.diagnostics).any(is_fault) {
        Status::Input
    } else if found.iter().any(is_wrong) {
        Status::Fails
    } else {
        Status::Holds
    };
    found.extend(unread);
    found.iter_mut().for_each(|one| one.ok = !is_wrong(one));
    match format {
        Format::Json => {
            let files = found.iter().map(Found::to_checked).collect();
            print(&wire::knowledge_check(files, &changed, briefs.len()), status)
        }
        Format::Text => {
            tell_all(&found);
            let count =
                |severity| found.iter().flat_map(|one| &one.diagnostics).filter(|one| one.severity == severity).count();
            let files = if folder.is_some() { Some(house.files.len()) } else { None };
            let told =
                text::knowledge_check(files, count(Severity::Error), count(Severity::Note), &changed, briefs.len());
            print(&told, status)
        }
    }
}

fn alone(knowledge: &Knowledge, paths: &[PathBuf], format: Format) -> Status {
    let mut briefs: Vec<(String, Brief)> = Vec::new();
    for path in paths {
        let input = match read(path) {
            Ok(input) => input,
            Err(unread) => {
                let status = unread.status;
                return refuse(unread.into(), status, format);
            }
        };
        let read = read_brief(&input.text);
        match read.value {
            Some(brief) => briefs.push((input.name, brief)),
            None => return refuse(Found::of(&input, Some("brief"), read.diagnostics, false), Status::Input, format),
        }
    }
    if paths.is_empty() {
        briefs = examples();
        let cases = outcomes().unwrap_or_default();
        briefs.extend(cases.into_iter().filter_map(|case| Some((case.case, read_brief(&case.brief).value?))));
    }
    let named: Vec<(String, &Brief)> = briefs.iter().map(|(name, brief)| (name.clone(), brief)).collect();
    let alone = knowledge.alone(&named);
    match format {
        Format::Text => print(&text::alone(&alone, briefs.len()), Status::Holds),
        Format::Json => print(&wire::alone(&alone, &named), Status::Holds),
    }
}

fn cases(knowledge: &Knowledge, format: PageFormat) -> Status {
    let held = outcomes().map_err(|found| found.into_iter().map(|one| one.diagnostic).collect());
    let held = held.and_then(|all| all.iter().map(|case| case.hold(knowledge)).collect::<Result<Vec<_>, _>>());
    let held = match held {
        Ok(held) => held,
        Err(diagnostics) => {
            let name = "a known outcome".to_string();
            let found = Found { name, text: String::new(), kind: Some("outcome"), diagnostics, ok: false };
            return refuse(found, Status::Input, plain(format));
        }
    };
    match format {
        PageFormat::Text => print(&text::outcomes(&held), Status::Holds),
        PageFormat::Json => print(&wire::outcomes(&held), Status::Holds),
        PageFormat::Markdown => print(&markdown::outcomes(&held, knowledge), Status::Holds),
    }
}
