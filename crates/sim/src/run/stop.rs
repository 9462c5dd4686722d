//! Asking runs to stop: what is finished is kept, what is half done is thrown away.

use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A way to ask a simulation to stop, from any thread; copies ask the same one.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Asks. Runs that are under way stop within a slice of their window.
    pub fn ask(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether somebody asked.
    #[must_use]
    pub fn asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// What a run looks at.
    pub(super) fn flag(&self) -> &AtomicBool {
        &self.0
    }
}

/// Who may ask is no part of how to simulate.
impl PartialEq for Stop {
    fn eq(&self, _: &Stop) -> bool {
        true
    }
}

/// How far a load came before it was interrupted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interrupted {
    /// Runs that were finished, and count.
    pub finished: u64,
    /// Runs that were to be made.
    pub of: u64,
}
