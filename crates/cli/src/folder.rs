//! The folder of a plan: written whole or not at all. It is made beside its place under a temporary name, flushed to the disk, then
//! renamed; an older plan of ours is moved aside first and taken away last. Nothing else is touched: a folder that holds
//! anything but a plan of ours is refused.
//!
//! Left out: a crash of the machine between the two renames leaves the older plan under its temporary name beside.

use crate::interrupt::{pending, remove};
use groundplan_report::wire::PLAN_KIND;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

/// Why a folder can't be written.
#[derive(Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The argument names something that is not ours to replace, or no place at all.
    Argument(String),
    /// The disk, or a permission.
    Environment(String),
}

/// Where a plan goes.
#[derive(Debug)]
pub struct Folder {
    target: PathBuf,
    parent: PathBuf,
    name: String,
}

impl Folder {
    /// Checks that a plan may be written there: before the work is done, and again when it is written.
    pub fn at(target: &Path) -> Result<Folder, Refusal> {
        let shown = target.display();
        let Some(name) = target.file_name() else {
            return Err(Refusal::Argument(format!("`{shown}` names no folder that a plan could be written to")));
        };
        let parent = match target.parent() {
            Some(parent) if parent.as_os_str().is_empty() => PathBuf::from("."),
            Some(parent) => parent.to_path_buf(),
            None => PathBuf::from("."),
        };
        match fs::metadata(&parent) {
            Ok(metadata) if metadata.is_dir() => {}
            Ok(_) => {
                return Err(Refusal::Argument(format!(
                    "`{}` is not a folder, so `{shown}` can't be in it",
                    parent.display()
                )));
            }
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                return Err(Refusal::Argument(format!(
                    "there is no folder `{}` to write `{shown}` into",
                    parent.display()
                )));
            }
            Err(error) => return Err(environment(&parent, &error)),
        }
        let folder = Folder { target: target.to_path_buf(), parent, name: name.to_string_lossy().into_owned() };
        folder.may_be_replaced()?;
        // Whether the parent can be written to is best asked by writing.
        let probe = folder.make_beside("probe")?;
        remove(&probe);
        Ok(folder)
    }

    /// Whether there is nothing in the way, or a plan of ours and nothing else.
    fn may_be_replaced(&self) -> Result<bool, Refusal> {
        let shown = self.target.display();
        let refuse =
            |why: &str| Refusal::Argument(format!("`{shown}` {why}; name another folder with --out, or remove it"));
        let metadata = match fs::symlink_metadata(&self.target) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(environment(&self.target, &error)),
        };
        if metadata.is_symlink() {
            return Err(refuse("is a symbolic link"));
        }
        if !metadata.is_dir() {
            return Err(refuse("is a file"));
        }
        if !is_plan(&self.target.join("plan.json")) {
            return Err(refuse("is there already and holds no plan of ours"));
        }
        let entries = fs::read_dir(&self.target).map_err(|error| environment(&self.target, &error))?;
        for entry in entries {
            let entry = entry.map_err(|error| environment(&self.target, &error))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let file = entry.file_type().is_ok_and(|kind| kind.is_file());
            if !file || !is_ours(&name) {
                let name = groundplan_report::clean::clean(&name);
                return Err(refuse(&format!("holds `{name}` beside a plan, which would be lost")));
            }
        }
        Ok(true)
    }

    /// A new folder beside the target, under a name of its own.
    fn make_beside(&self, what: &str) -> Result<PathBuf, Refusal> {
        for nth in 0..100 {
            let path = self.parent.join(format!(".{}.{what}-{}-{nth}", self.short_name(), std::process::id()));
            match fs::create_dir(&path) {
                Ok(()) => return Ok(path),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(environment(&self.parent, &error)),
            }
        }
        Err(Refusal::Environment(format!("`{}` is full of unfinished plans", self.parent.display())))
    }

    /// The beginning of its name, so that a temporary name stays within what file systems allow.
    fn short_name(&self) -> String {
        let mut name = String::new();
        for c in self.name.chars() {
            if name.len() + c.len_utf8() > 100 {
                break;
            }
            name.push(c);
        }
        name
    }

    /// Writes the folder whole, or leaves things as they were.
    pub fn write(&self, files: &[(String, Vec<u8>)]) -> Result<(), Refusal> {
        let unfinished = {
            let mut pending = pending();
            let unfinished = self.make_beside("unfinished")?;
            *pending = Some(unfinished.clone());
            unfinished
        };
        let done = self.fill(&unfinished, files).and_then(|()| self.put_in_place(&unfinished));
        let mut pending = pending();
        if done.is_err() {
            remove(&unfinished);
        }
        *pending = None;
        done
    }

    fn fill(&self, unfinished: &Path, files: &[(String, Vec<u8>)]) -> Result<(), Refusal> {
        for (name, bytes) in files {
            assert!(is_ours(name), "a plan's files have names of ours: {name}");
            let _writing = pending();
            let path = unfinished.join(name);
            let written = OpenOptions::new().write(true).create_new(true).open(&path).and_then(|mut file| {
                file.write_all(bytes)?;
                file.sync_all()
            });
            written.map_err(|error| environment(&self.target.join(name), &error))?;
        }
        File::open(unfinished).and_then(|folder| folder.sync_all()).map_err(|error| environment(unfinished, &error))
    }

    fn put_in_place(&self, unfinished: &Path) -> Result<(), Refusal> {
        let mut pending = pending();
        let replace = self.may_be_replaced()?;
        let aside = if replace {
            let aside = self.make_beside("older")?;
            // An empty folder may be renamed over.
            fs::rename(&self.target, &aside).map_err(|error| {
                remove(&aside);
                environment(&self.target, &error)
            })?;
            Some(aside)
        } else {
            None
        };
        if let Err(error) = fs::rename(unfinished, &self.target) {
            if let Some(aside) = aside {
                let _ = fs::rename(aside, &self.target);
            }
            return Err(environment(&self.target, &error));
        }
        *pending = None;
        if let Some(aside) = aside {
            remove(&aside);
        }
        // The rename itself reaches the disk with the parent; where that can't be flushed, the plan is there all the same.
        let _ = File::open(&self.parent).and_then(|folder| folder.sync_all());
        Ok(())
    }
}

/// Names of the files of a plan.
fn is_ours(name: &str) -> bool {
    matches!(name, "plan.html" | "plan.json" | "crib-sheet.pdf" | "crib-sheet.md" | "diagram.svg")
        || name.strip_prefix("design-").and_then(|rest| rest.strip_suffix(".yaml")).is_some_and(|style| {
            !style.is_empty() && style.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
        })
}

/// Whether a file begins as our plans do. Reads no more than that.
fn is_plan(path: &Path) -> bool {
    let Ok(metadata) = fs::symlink_metadata(path) else { return false };
    if !metadata.is_file() {
        return false;
    }
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(200).read_to_end(&mut head));
    let head = String::from_utf8_lossy(&head);
    read.is_ok() && head.contains("\"schema_version\"") && head.contains(&format!("\"kind\": \"{PLAN_KIND}\""))
}

fn environment(path: &Path, error: &std::io::Error) -> Refusal {
    let shown = path.display();
    match error.kind() {
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            Refusal::Environment(format!("`{shown}` may not be written to"))
        }
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            Refusal::Environment(format!("`{shown}` can't be written: the disk is full; nothing was left behind"))
        }
        ErrorKind::InvalidFilename | ErrorKind::InvalidInput => {
            Refusal::Argument(format!("`{shown}` can't be a name: {error}"))
        }
        _ => Refusal::Environment(format!("`{shown}` can't be written: {error}")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn files(mark: &str) -> Vec<(String, Vec<u8>)> {
        let json = format!("{{\n  \"schema_version\": 1,\n  \"kind\": \"{PLAN_KIND}\",\n  \"name\": \"{mark}\"\n}}\n");
        vec![("plan.json".into(), json.into_bytes()), ("design-hybrid.yaml".into(), mark.as_bytes().to_vec())]
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    fn argument(target: &Path) -> String {
        match Folder::at(target) {
            Err(Refusal::Argument(text)) => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_plan_is_written_and_replaced_and_nothing_else_appears() {
        let parent = tempfile::tempdir().unwrap();
        let target = parent.path().join("shop.plan");
        Folder::at(&target).unwrap().write(&files("one")).unwrap();
        Folder::at(&target).unwrap().write(&files("two")).unwrap();
        assert_eq!(fs::read_to_string(target.join("design-hybrid.yaml")).unwrap(), "two");
        assert_eq!(names(parent.path()), ["shop.plan"]);
        assert_eq!(names(&target), ["design-hybrid.yaml", "plan.json"]);
    }

    #[test]
    fn what_is_not_ours_stays() {
        let parent = tempfile::tempdir().unwrap();
        let path = |name: &str| parent.path().join(name);
        fs::write(path("file"), "x").unwrap();
        assert!(argument(&path("file")).contains("is a file"));
        fs::create_dir(path("other")).unwrap();
        fs::write(path("other").join("plan.json"), "{ \"kind\": \"something\" }").unwrap();
        assert!(argument(&path("other")).contains("no plan of ours"));
        Folder::at(&path("plan")).unwrap().write(&files("one")).unwrap();
        fs::write(path("plan").join("notes.txt"), "mine").unwrap();
        assert!(argument(&path("plan")).contains("notes.txt"));
        assert!(argument(&path("missing").join("plan")).contains("no folder"));
        assert!(argument(&path("file").join("plan")).contains("file"));
        assert!(argument(Path::new("/")).contains("names no folder"));
        assert!(argument(Path::new("..")).contains("names no folder"));
        assert_eq!(names(parent.path()), ["file", "other", "plan"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_not_followed() {
        let parent = tempfile::tempdir().unwrap();
        let target = parent.path().join("plan");
        Folder::at(&target).unwrap().write(&files("one")).unwrap();
        let link = parent.path().join("link");
        std::os::unix::fs::symlink(&target, &link).unwrap();
        assert!(argument(&link).contains("symbolic link"));
    }

    #[test]
    fn a_failure_leaves_the_older_plan() {
        let parent = tempfile::tempdir().unwrap();
        let target = parent.path().join("plan");
        let folder = Folder::at(&target).unwrap();
        folder.write(&files("one")).unwrap();
        let twice = [files("two"), files("two")].concat();
        assert!(matches!(folder.write(&twice), Err(Refusal::Environment(_))));
        assert_eq!(fs::read_to_string(target.join("design-hybrid.yaml")).unwrap(), "one");
        assert_eq!(names(parent.path()), ["plan"]);
    }
}
