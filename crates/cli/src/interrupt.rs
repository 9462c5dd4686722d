//! Ctrl-C: runs that are finished are kept and judged; what is half-written is taken away. Either way status 130.
//!
//! A command that can judge what is finished says so with `keep_what_is_finished`; a second Ctrl-C ends it at once.

use crate::output::Status;
use groundplan_sim::run::Stop;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The folder that is being written, if one is. Whoever writes holds the lock for each file, so that nothing appears while the
/// folder is taken away.
static PENDING: Mutex<Option<PathBuf>> = Mutex::new(None);

/// How to ask the runs that are under way to stop, where what is finished can be judged.
static RUNS: Mutex<Option<Stop>> = Mutex::new(None);

/// From now on the first Ctrl-C asks the runs to stop, and leaves the rest to the command.
pub fn keep_what_is_finished() -> Stop {
    let stop = Stop::default();
    *RUNS.lock().unwrap_or_else(PoisonError::into_inner) = Some(stop.clone());
    stop
}

/// The lock on what is being written.
pub fn pending() -> MutexGuard<'static, Option<PathBuf>> {
    PENDING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Listens for Ctrl-C and for being asked to end.
pub fn listen() -> Result<(), ctrlc::Error> {
    ctrlc::set_handler(|| {
        if let Some(stop) = RUNS.lock().unwrap_or_else(PoisonError::into_inner).take() {
            stop.ask();
            return;
        }
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
