//! A house's folder of knowledge: every `*.yaml` below it, laid over what the binary carries. Briefs and designs that lie there
//! too are kept apart. All that is wrong is told at once; limits on size, number and depth keep a wrong folder from being read whole.

use crate::args::Format;
use crate::input::{Found, refuse_all};
use crate::output::Status;
use groundplan_knowledge::{FileDiagnostic, Knowledge};
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::reader::kind_of;
use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The most files that are read.
const MAX_FILES: usize = 1_000;
/// The most text that is read. Unit: bytes.
const MAX_BYTES: usize = 16_000_000;
/// How deep folders may lie in folders.
const MAX_DEPTH: usize = 16;

/// What a folder holds.
#[derive(Debug, Default)]
pub struct House {
    /// The folder, as it was named.
    pub folder: PathBuf,
    /// Files of the knowledge: path below the folder, with `/`, and text; in the order of their paths.
    pub files: Vec<(String, String)>,
    /// Briefs: path below the folder and text.
    pub briefs: Vec<(String, String)>,
}

/// The knowledge of the binary, with a folder laid over it where one is named. What is wrong is told already.
pub fn knowledge(folder: Option<&Path>, format: Format) -> Result<Knowledge, Status> {
    let Some(folder) = folder else { return Ok(Knowledge::embedded()) };
    let house = House::read(folder).map_err(|(found, status)| refuse_all(&found, status, format))?;
    house.knowledge().map_err(|found| refuse_all(&found, Status::Input, format))
}

impl House {
    /// Reads the folder, or says everything that keeps it from being read, and whose fault that is.
    pub fn read(folder: &Path) -> Result<House, (Vec<Found>, Status)> {
        let mut reading = Reading::default();
        reading.folder(folder, folder, &mut Vec::new());
        if reading.wrong.is_empty() && reading.files.is_empty() {
            let help = "knowledge lies in files such as `options/messaging/queue.yaml`";
            reading.fail(folder, "no-knowledge", "no `*.yaml` file lies in this folder", Some(help), Status::Input);
        }
        if !reading.wrong.is_empty() {
            return Err((reading.wrong, reading.status));
        }
        let mut house = House { folder: folder.to_path_buf(), ..House::default() };
        for (path, text) in reading.files {
            use groundplan_model::reader::FileKind;
            match kind_of(&text) {
                Ok(FileKind::Brief) => house.briefs.push((path, text)),
                Ok(FileKind::Design) => {}
                // Whatever else it is, the knowledge says what is wrong with it.
                Err(_) => house.files.push((path, text)),
            }
        }
        Ok(house)
    }

    /// The knowledge of the binary with these files laid over it; or what is wrong with them, by file.
    pub fn knowledge(&self) -> Result<Knowledge, Vec<Found>> {
        Knowledge::load(&self.files).map_err(|wrong| self.found(wrong))
    }

    /// A file of the folder by its path below it.
    pub fn file(&self, path: &str) -> Option<&(String, String)> {
        self.files.iter().find(|(known, _)| known == path)
    }

    /// What the knowledge says of its files, each with its text. A file of our own is named as what it is.
    pub fn found(&self, wrong: Vec<FileDiagnostic>) -> Vec<Found> {
        let mut by_file: BTreeMap<String, Vec<Diagnostic>> = BTreeMap::new();
        for item in wrong {
            by_file.entry(item.file).or_default().push(item.diagnostic);
        }
        let found = by_file.into_iter().map(|(file, diagnostics)| {
            let theirs = self.file(&file);
            let (name, text) = match theirs {
                Some((path, text)) => (self.folder.join(path).display().to_string(), text.clone()),
                None => {
                    let text = Knowledge::embedded_file(&file).unwrap_or_default().to_string();
                    (format!("knowledge/{file} (our own)"), text)
                }
            };
            Found { name, text, kind: Some("knowledge"), diagnostics, ok: false }
        });
        found.collect()
    }
}

/// A folder that is being read.
#[derive(Default)]
struct Reading {
    files: Vec<(String, String)>,
    bytes: usize,
    wrong: Vec<Found>,
    status: Status,
    full: bool,
}

impl Reading {
    fn fail(&mut self, path: &Path, code: &'static str, headline: &str, help: Option<&str>, status: Status) {
        let diagnostic = Diagnostic::error(code, headline);
        let diagnostic = match help {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        };
        self.status = self.status.max(status);
        let name = path.display().to_string();
        let kind = Some("knowledge");
        self.wrong.push(Found { name, text: String::new(), kind, diagnostics: vec![diagnostic], ok: false });
    }

    fn unreadable(&mut self, path: &Path, error: &std::io::Error) {
        match error.kind() {
            ErrorKind::NotFound => self.fail(path, "no-such-file", "there is no such folder", None, Status::Input),
            ErrorKind::NotADirectory => {
                self.fail(path, "not-a-folder", "this is a file; a folder is wanted here", None, Status::Input);
            }
            ErrorKind::PermissionDenied => {
                self.fail(path, "unreadable-file", "this may not be read", None, Status::Environment);
            }
            _ => self.fail(path, "unreadable-file", &format!("this can't be read: {error}"), None, Status::Environment),
        }
    }

    /// Reads a folder; `above` are the folders it lies in, without links.
    fn folder(&mut self, root: &Path, folder: &Path, above: &mut Vec<PathBuf>) {
        let place = match fs::canonicalize(folder) {
            Ok(place) => place,
            Err(error) => return self.unreadable(folder, &error),
        };
        if above.contains(&place) {
            let headline = "this link leads back to a folder that it lies in";
            return self.fail(folder, "link-loop", headline, Some("take the link away"), Status::Input);
        }
        if above.len() >= MAX_DEPTH {
            let headline = format!("folders lie more than {MAX_DEPTH} deep here");
            return self.fail(folder, "too-deep", &headline, None, Status::Input);
        }
        let entries = match fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>) {
            Ok(entries) => entries,
            Err(error) => return self.unreadable(folder, &error),
        };
        let mut paths: Vec<PathBuf> = entries.iter().map(fs::DirEntry::path).collect();
        paths.sort();
        above.push(place);
        for path in paths {
            if self.full {
                break;
            }
            self.entry(root, &path, above);
        }
        above.pop();
    }

    fn entry(&mut self, root: &Path, path: &Path, above: &mut Vec<PathBuf>) {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if name.starts_with('.') {
            return; // Version control, editors.
        }
        let is_yaml = path.extension().is_some_and(|extension| extension == "yaml");
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => self.folder(root, path, above),
            Ok(_) if is_yaml => self.file(root, path),
            Ok(_) if path.extension().is_some_and(|extension| extension == "yml") => {
                let help = Some("call it `*.yaml`");
                self.fail(path, "wrong-name", "only files called `*.yaml` are read", help, Status::Input);
            }
            Ok(_) => {}
            Err(error) if is_yaml || error.kind() == ErrorKind::PermissionDenied => match error.kind() {
                ErrorKind::NotFound => {
                    self.fail(path, "no-such-file", "this link leads nowhere", None, Status::Input);
                }
                _ => self.unreadable(path, &error),
            },
            Err(_) => {}
        }
    }

    fn file(&mut self, root: &Path, path: &Path) {
        if self.files.len() >= MAX_FILES {
            self.full = true;
            let headline = format!("more than {MAX_FILES} files lie here; no more are read");
            return self.fail(root, "too-many-files", &headline, Some("is this the right folder?"), Status::Input);
        }
        let Some(below) = path.strip_prefix(root).ok().and_then(Path::to_str) else {
            return self.fail(path, "not-utf-8", "the name is not UTF-8", Some("rename it"), Status::Input);
        };
        let below = below.replace(std::path::MAIN_SEPARATOR, "/");
        match crate::input::read(path) {
            Ok(input) => {
                self.bytes += input.text.len();
                if self.bytes > MAX_BYTES {
                    self.full = true;
                    let headline = format!("more than {MAX_BYTES} bytes lie here; no more are read");
                    let help = Some("is this the right folder?");
                    return self.fail(root, "too-much-text", &headline, help, Status::Input);
                }
                self.files.push((below, input.text));
            }
            Err(unread) => {
                self.status = self.status.max(unread.status);
                self.wrong.push(unread.into());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn codes(folder: &Path) -> Vec<&'static str> {
        let (found, status) = House::read(folder).expect_err("it can't be read");
        assert!(status >= Status::Input);
        found.iter().flat_map(|found| &found.diagnostics).map(|diagnostic| diagnostic.code).collect()
    }

    #[test]
    fn files_are_read_by_path_and_briefs_are_kept_apart() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::create_dir_all(path("options/messaging")).unwrap();
        fs::create_dir(path(".git")).unwrap();
        fs::write(path(".git/x.yaml"), "a: 1\n").unwrap();
        fs::write(path("options/messaging/queue.yaml"), "kind: option\n").unwrap();
        fs::write(path("facts.yaml"), "kind: facts\n").unwrap();
        fs::write(path("shop.brief.yaml"), "kind: brief\n").unwrap();
        fs::write(path("README.md"), "text").unwrap();
        let house = House::read(folder.path()).unwrap();
        let names: Vec<&str> = house.files.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(names, ["facts.yaml", "options/messaging/queue.yaml"]);
        assert_eq!(house.briefs[0].0, "shop.brief.yaml");
    }

    #[test]
    fn what_is_wrong_is_told_all_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        assert_eq!(codes(folder.path()), ["no-knowledge"]);
        assert_eq!(codes(&path("missing")), ["no-such-file"]);
        fs::write(path("a.yaml"), [0xff, b'a']).unwrap();
        fs::write(path("b.yml"), "a: 1\n").unwrap();
        assert_eq!(codes(&path("a.yaml")), ["not-a-folder"]);
        assert_eq!(codes(folder.path()), ["not-utf-8", "wrong-name"]);
        fs::File::create(path("c.yaml")).unwrap().set_len(100_000_000).unwrap();
        assert_eq!(codes(folder.path()), ["not-utf-8", "wrong-name", "file-too-large"]);
    }

    #[test]
    fn too_much_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        for nth in 0..=MAX_FILES {
            fs::write(folder.path().join(format!("{nth}.yaml")), "a: 1\n").unwrap();
        }
        assert_eq!(codes(folder.path()), ["too-many-files"]);
        let deep = tempfile::tempdir().unwrap();
        let path: PathBuf = (0..20).fold(deep.path().to_path_buf(), |path, nth| path.join(nth.to_string()));
        fs::create_dir_all(&path).unwrap();
        assert_eq!(codes(deep.path()), ["too-deep"]);
    }

    #[cfg(unix)]
    #[test]
    fn links_that_lead_back_or_nowhere_are_told() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        symlink(folder.path(), path("back")).unwrap();
        symlink(path("gone.yaml"), path("nowhere.yaml")).unwrap();
        symlink(path("self.yaml"), path("self.yaml")).unwrap();
        assert_eq!(codes(folder.path()), ["link-loop", "no-such-file", "unreadable-file"]);
    }
}
