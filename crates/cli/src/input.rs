//! Reading files: at most a few megabytes of each, `-` for standard input; and telling what is wrong with them.

use crate::args::Format;
use crate::output::{self, Status};
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::render::{self, Look};
use groundplan_model::yaml::{MAX_BYTES, decode_within};
use groundplan_report::wire::{CheckJson, CheckedFile, SCHEMA_VERSION};
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

/// Columns of diagnostics.
const WIDTH: usize = 100;

/// A file that was read.
pub struct Input {
    /// Its path, as it was named; `standard input` for `-`.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// Why a file could not be read.
pub struct Unread {
    /// Its path, as it was named.
    pub name: String,
    /// What is wrong.
    pub diagnostic: Box<Diagnostic>,
    /// Whose fault that is.
    pub status: Status,
}

/// Reads a file whole, or standard input for `-`. A file beyond the limit is refused without reading it all.
pub fn read(path: &Path) -> Result<Input, Unread> {
    read_within(path, MAX_BYTES)
}

/// Reads a file of at most so many bytes.
pub fn read_within(path: &Path, most: usize) -> Result<Input, Unread> {
    let standard = path.as_os_str() == "-";
    let name = if standard { "standard input".to_string() } else { path.display().to_string() };
    let fail = |code, text: String, status| Unread {
        name: name.clone(),
        diagnostic: Box::new(Diagnostic::error(code, text)),
        status,
    };
    let unreadable = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => fail("no-such-file", "there is no such file".into(), Status::Input),
        ErrorKind::PermissionDenied => fail("unreadable-file", "the file may not be read".into(), Status::Environment),
        ErrorKind::IsADirectory => fail("not-a-file", "this is a folder, not a file".into(), Status::Input),
        ErrorKind::NotADirectory | ErrorKind::InvalidInput | ErrorKind::InvalidFilename => {
            fail("no-such-file", format!("there is no such file: {error}"), Status::Input)
        }
        _ => fail("unreadable-file", format!("the file can't be read: {error}"), Status::Environment),
    };
    let mut bytes = Vec::new();
    let limit = most as u64 + 1;
    if standard {
        std::io::stdin().lock().take(limit).read_to_end(&mut bytes).map_err(unreadable)?;
    } else {
        let file = File::open(path).map_err(unreadable)?;
        let metadata = file.metadata().map_err(unreadable)?;
        if metadata.is_dir() {
            return Err(fail("not-a-file", "this is a folder, not a file".into(), Status::Input));
        }
        if metadata.len() > most as u64 {
            let text = format!("the file has {} bytes; at most {most} are read", metadata.len());
            return Err(fail("file-too-large", text, Status::Input));
        }
        file.take(limit).read_to_end(&mut bytes).map_err(unreadable)?;
    }
    match decode_within(&bytes, most) {
        Ok(text) => Ok(Input { text: text.to_string(), name }),
        Err(diagnostic) => Err(Unread { name, diagnostic: Box::new(diagnostic), status: Status::Input }),
    }
}

/// What was found in one file.
#[derive(Debug)]
pub struct Found {
    /// Its name.
    pub name: String,
    /// Its text, as far as it was read.
    pub text: String,
    /// `brief`, `design`, `knowledge`.
    pub kind: Option<&'static str>,
    /// Everything that is wrong.
    pub diagnostics: Vec<Diagnostic>,
    /// Whether it can be used.
    pub ok: bool,
}

impl From<Unread> for Found {
    fn from(unread: Unread) -> Found {
        Found { name: unread.name, text: String::new(), kind: None, diagnostics: vec![*unread.diagnostic], ok: false }
    }
}

impl Found {
    /// What was found in a file that was read.
    pub fn of(input: &Input, kind: Option<&'static str>, diagnostics: Vec<Diagnostic>, ok: bool) -> Found {
        Found { name: input.name.clone(), text: input.text.clone(), kind, diagnostics, ok }
    }

    /// Diagnostics as text, in colour.
    pub fn to_text(&self) -> String {
        render::to_text(&self.name, &self.text, &self.diagnostics, Look { colour: true, width: WIDTH })
    }

    /// In the shape of `check`.
    pub fn to_checked(&self) -> CheckedFile {
        let name = groundplan_report::clean::clean(&self.name);
        let diagnostics = render::to_json(&name, &self.text, &self.diagnostics);
        CheckedFile { file: name, kind: self.kind, ok: self.ok, diagnostics }
    }
}

/// The findings of all files as JSON.
pub fn to_json(found: &[Found]) -> String {
    let files = found.iter().map(Found::to_checked);
    groundplan_report::wire::text(&CheckJson { schema_version: SCHEMA_VERSION, files: files.collect() })
}

/// Tells what is wrong with one file that a command needs: to people on stderr, to programs on stdout.
pub fn refuse(found: Found, status: Status, format: Format) -> Status {
    match format {
        Format::Text => {
            output::tell(&found.to_text());
            status
        }
        Format::Json => output::print(&to_json(&[found]), status),
    }
}

/// Tells people what is said of several files.
pub fn tell_all(found: &[Found]) {
    found.iter().for_each(|found| output::tell(&found.to_text()));
}

/// Tells what is wrong with several files.
pub fn refuse_all(found: &[Found], status: Status, format: Format) -> Status {
    match format {
        Format::Text => {
            tell_all(found);
            status
        }
        Format::Json => output::print(&to_json(found), status),
    }
}

/// Tells warnings and notes of a file that can be used, to people.
pub fn warn(input: &Input, diagnostics: &[Diagnostic]) {
    if !diagnostics.is_empty() {
        output::tell(&render::to_text(&input.name, &input.text, diagnostics, Look { colour: true, width: WIDTH }));
    }
}
