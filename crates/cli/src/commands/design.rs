//! `groundplan design`: a brief becomes a plan, in text and in a folder.

use crate::args::{DesignOptions, Format};
use crate::folder::{Folder, Refusal};
use crate::house;
use crate::input::{Found, Input, read, refuse, warn};
use crate::output::{Status, complain, print, tell};
use crate::progress::Bar;
use groundplan_knowledge::Source;
use groundplan_model::reader::read_brief;
use groundplan_model::writer::write_design;
use groundplan_planner::plan::{Outcome, Plan};
use groundplan_planner::{Failure, Options, plan, schedule};
use groundplan_report::clean::clean;
use groundplan_report::crib::CribSheet;
use groundplan_report::diagram::{Ground, svg};
use groundplan_report::{html, markdown, pdf, picture, text, wire};
use std::path::{Path, PathBuf};

/// Plans a brief, writes the folder, prints the plan.
pub fn run(options: &DesignOptions) -> Status {
    let input = match read(&options.brief) {
        Ok(input) => input,
        Err(unread) => {
            let status = unread.status;
            return refuse(unread.into(), status, options.format);
        }
    };
    let read = read_brief(&input.text);
    let Some(brief) = read.value else {
        return refuse(Found::of(&input, Some("brief"), read.diagnostics, false), Status::Input, options.format);
    };
    if options.format == Format::Text {
        warn(&input, &read.diagnostics);
    }
    let knowledge = match house::knowledge(options.knowledge.as_deref(), options.format) {
        Ok(knowledge) => knowledge,
        Err(status) => return status,
    };
    // The folder is refused before the work is done, not after.
    let target = options.out.clone().unwrap_or_else(|| default_folder(&options.brief));
    let folder = match Folder::at(&target) {
        Ok(folder) => folder,
        Err(refusal) => return refused(refusal),
    };
    let how = Options { seed: options.seed, threads: options.threads.map(usize::from) };
    for line in schedule(&brief, &how) {
        tell(&format!("\u{1b}[2m{}\u{1b}[0m\n", clean(&line)));
    }
    let bar = Bar::new();
    let planned = plan(&brief, &knowledge, &how, &|progress| bar.show(progress));
    drop(bar);
    let plan = match planned {
        Ok(plan) => plan,
        Err(Failure::Impossible(found)) => return impossible(&input, found, options.format),
        Err(Failure::Ours(found)) => {
            let said: Vec<String> = found.iter().map(|diagnostic| diagnostic.headline.clone()).collect();
            complain(&format!(
                "a design that was made from this brief can't be run, which is our fault: {}",
                said.join("; ")
            ));
            return Status::Environment;
        }
    };
    let sources: Vec<Source> = knowledge.sources().cloned().collect();
    let files = match files(&plan, &sources) {
        Ok(files) => files,
        Err(error) => {
            complain(&format!("the crib sheet can't be drawn: {error}"));
            return Status::Environment;
        }
    };
    if let Err(refusal) = folder.write(&files) {
        return refused(refusal);
    }
    let status = if plan.outcome == Outcome::Met { Status::Holds } else { Status::Fails };
    match options.format {
        Format::Text => {
            let names: Vec<String> = files.iter().map(|(name, _)| name.clone()).collect();
            print(&text::plan(&plan, Some((&target.display().to_string(), &names))), status)
        }
        Format::Json => print(&wire::plan(&plan, &sources), status),
    }
}

/// Everything a plan's folder holds.
fn files(plan: &Plan, sources: &[Source]) -> Result<Vec<(String, Vec<u8>)>, String> {
    let choice = plan.choice();
    let laid = picture::picture(choice);
    let sheet = CribSheet::of(plan);
    let mut files: Vec<(String, Vec<u8>)> = vec![
        ("crib-sheet.pdf".into(), pdf::crib_sheet(&sheet, Some(&laid))?),
        ("crib-sheet.md".into(), markdown::crib_sheet(&sheet).into_bytes()),
        ("diagram.svg".into(), svg(&laid, "diagram", Ground::File).into_bytes()),
    ];
    for candidate in &plan.candidates {
        files.push((candidate.file.clone(), write_design(&candidate.design).into_bytes()));
    }
    files.push(("plan.json".into(), wire::plan(plan, sources).into_bytes()));
    let beside: Vec<String> = files.iter().map(|(name, _)| name.clone()).collect();
    files.insert(0, ("plan.html".into(), html::plan(plan, sources, &laid, &beside).into_bytes()));
    Ok(files)
}

fn impossible(input: &Input, found: Vec<groundplan_model::diagnostic::Diagnostic>, format: Format) -> Status {
    refuse(Found::of(input, Some("brief"), found, false), Status::Input, format)
}

fn refused(refusal: Refusal) -> Status {
    match refusal {
        Refusal::Argument(text) => {
            complain(&text);
            Status::Input
        }
        Refusal::Environment(text) => {
            complain(&text);
            Status::Environment
        }
    }
}

/// `shop.brief.yaml` becomes `shop.plan`, where the command runs.
fn default_folder(brief: &Path) -> PathBuf {
    let name = brief.file_name().map_or_else(|| "brief".into(), |name| name.to_string_lossy().into_owned());
    let stem = name.strip_suffix(".yaml").or_else(|| name.strip_suffix(".yml")).unwrap_or(&name);
    let stem = stem.strip_suffix(".brief").unwrap_or(stem);
    let stem = if stem.is_empty() || stem == "-" { "brief" } else { stem };
    PathBuf::from(format!("{stem}.plan"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_is_named_for_the_brief() {
        let check = |brief: &str, expected: &str| assert_eq!(default_folder(Path::new(brief)), PathBuf::from(expected));
        check("examples/shop.brief.yaml", "shop.plan");
        check("shop.yml", "shop.plan");
        check("shop", "shop.plan");
        check("-", "brief.plan");
    }
}
