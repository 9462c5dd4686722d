//! Recordings that a design names (`replay(trace.csv)`, `empirical(times.csv)`), from beside the design's own file.
//!
//! What stands in them is checked in `model`; here is only how they come from the disk, and at most so much of each.

use groundplan_model::files::{Files, MAX_RECORDING};
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

/// The files beside a design; beside the current folder for a design from standard input.
pub struct Beside(PathBuf);

impl Beside {
    /// The files beside this one.
    pub fn of(design: &Path) -> Beside {
        let standard = design.as_os_str() == "-";
        Beside(design.parent().filter(|_| !standard).map_or_else(PathBuf::new, Path::to_path_buf))
    }
}

impl Files for Beside {
    fn read(&self, name: &str) -> Result<String, String> {
        let why = |error: std::io::Error| match error.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::InvalidFilename => {
                "there is no such file".to_string()
            }
            ErrorKind::PermissionDenied => "it may not be read".to_string(),
            _ => error.to_string(),
        };
        let path = self.0.join(name);
        // Asked before it is opened: opening a pipe would wait for its writer.
        let metadata = std::fs::metadata(&path).map_err(why)?;
        if !metadata.is_file() {
            return Err(if metadata.is_dir() { "it is a folder".into() } else { "it is no plain file".into() });
        }
        let mut bytes = Vec::new();
        File::open(&path).map_err(why)?.take(MAX_RECORDING + 1).read_to_end(&mut bytes).map_err(why)?;
        if bytes.len() as u64 > MAX_RECORDING {
            return Err(format!("it has more than {MAX_RECORDING} bytes"));
        }
        String::from_utf8(bytes).map_err(|_| "it is no text in UTF-8".to_string())
    }
}
