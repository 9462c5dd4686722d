//! Ctrl-C: what is half-written is taken away before the process ends with status 130.

use crate::output::Status;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The folder that is being written, if one is. Whoever writes holds the lock for each file, so that nothing appears while the
/// folder is taken away.
static PENDING: Mutex<Option<PathBuf>> = Mutex::new(None);

/// The lock on what is being written.
pub fn pending() -> MutexGuard<'static, Option<PathBuf>> {
    PENDING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Listens for Ctrl-C and for being asked to end.
pub fn listen() -> Result<(), ctrlc::Error> {
    ctrlc::set_handler(|| {
        let pending = pending();
        if let Some(folder) = pending.as_deref() {
            remove(folder);
        }
        // The lock is kept: nobody writes any more.
        std::process::exit(Status::Interrupted as i32);
    })
}

/// Takes a folder of ours away, as far as that goes.
pub fn remove(folder: &Path) {
    let _ = std::fs::remove_dir_all(folder);
}
