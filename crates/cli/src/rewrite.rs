//! A file that is written anew in its place: whole or not at all. The new text is written beside it, flushed, given the same
//! permissions, and renamed over it; a file that somebody changed meanwhile is left as it is. Links are followed to the file.

use crate::output::Status;
use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

/// Why a file can't be written, and whose fault that is.
#[derive(Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub text: String,
    /// Whose fault.
    pub status: Status,
}

/// Where the file really lies, if it may be written: asked before any work is done.
pub fn may_be_written(path: &Path) -> Result<PathBuf, Refusal> {
    let place = fs::canonicalize(path).map_err(|error| failed(path, &error))?;
    let metadata = fs::metadata(&place).map_err(|error| failed(path, &error))?;
    if !metadata.is_file() {
        return Err(Refusal { text: format!("`{}` is no file", path.display()), status: Status::Input });
    }
    if metadata.permissions().readonly() {
        return Err(failed(path, &ErrorKind::PermissionDenied.into()));
    }
    Ok(place)
}

/// Writes the new text in place of the old, unless something else stands there by now.
pub fn rewrite(path: &Path, old: &str, new: &str) -> Result<(), Refusal> {
    let place = may_be_written(path)?;
    let folder = place.parent().unwrap_or(Path::new("/"));
    let written = tempfile::Builder::new().prefix(".groundplan-").tempfile_in(folder).and_then(|mut file| {
        file.write_all(new.as_bytes())?;
        file.as_file().set_permissions(fs::metadata(&place)?.permissions())?;
        file.as_file().sync_all()?;
        Ok(file)
    });
    let written = written.map_err(|error| failed(path, &error))?;
    let mut now = Vec::new();
    let read = File::open(&place).and_then(|file| file.take(old.len() as u64 + 1).read_to_end(&mut now));
    read.map_err(|error| failed(path, &error))?;
    if now != old.as_bytes() {
        let text = format!("`{}` was changed by somebody else meanwhile; nothing was written", path.display());
        return Err(Refusal { text, status: Status::Environment });
    }
    written.persist(&place).map_err(|error| failed(path, &error.error))?;
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}

fn failed(path: &Path, error: &std::io::Error) -> Refusal {
    let shown = path.display();
    let (text, status) = match error.kind() {
        ErrorKind::NotFound => (format!("there is no file `{shown}`"), Status::Input),
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            (format!("`{shown}` may not be written to; nothing was changed"), Status::Environment)
        }
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            (format!("`{shown}` can't be written: the disk is full; nothing was changed"), Status::Environment)
        }
        _ => (format!("`{shown}` can't be written: {error}; nothing was changed"), Status::Environment),
    };
    Refusal { text, status }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_or_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.yaml");
        fs::write(&path, "old").unwrap();
        rewrite(&path, "old", "new").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        let refused = rewrite(&path, "old", "newer").unwrap_err();
        assert!(refused.text.contains("changed by somebody else"), "{refused:?}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        let mut permissions = fs::metadata(&path).unwrap().permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&path, permissions).unwrap();
        assert_eq!(rewrite(&path, "new", "newer").unwrap_err().status, Status::Environment);
        assert_eq!(may_be_written(&folder.path().join("b")).unwrap_err().status, Status::Input);
        assert_eq!(may_be_written(folder.path()).unwrap_err().status, Status::Input);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_and_permissions_too() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("a.yaml"), folder.path().join("link.yaml"));
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        rewrite(&link, "old", "new").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    }
}
