//! What a brief says about proof, clocks, vendors and changes: audit, schedule, vendors, change-control; and outages,
//! releases, what may be done while something outside is down.

use crate::calendar::{Clock, Days, Hours};
use crate::quantity::{Amount, Ranged};
use crate::span::Located;
use crate::units::{PerSecond, Seconds, Share};

/// How often outages may come and how long each may last.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outages {
    /// The least time from the start of one to the start of the next.
    pub every: Seconds,
    /// How long one may last.
    pub last: Seconds,
}

/// How releases go today.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Releases {
    /// Share of releases that must be taken back or mended.
    pub failed: Option<Ranged<Share>>,
    /// Time until a failed one is restored.
    pub restore: Option<Seconds>,
}

/// What must be provable afterwards.
#[derive(Debug, Clone, PartialEq)]
pub struct Audit {
    /// The data sets it is about.
    pub of: Vec<Located<String>>,
    /// Whether all entries stand in one order; else only those of one item do.
    pub total_order: bool,
    /// Whether a change of what is written must be seen.
    pub tamper_evident: bool,
    /// How long entries are kept.
    pub keep: Option<Seconds>,
    /// Whether one module alone may write them.
    pub one_owner: bool,
}

/// Work that runs by the clock.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Its name.
    pub name: Located<String>,
    /// When it begins; on every day.
    pub at: Clock,
    /// How many items it handles, today.
    pub items: f64,
    /// When it must be done, from its beginning.
    pub done_within: Seconds,
}

impl Run {
    /// Items it must handle each second to be done in time.
    #[must_use]
    pub fn rate(&self) -> PerSecond {
        PerSecond(if self.done_within.0 > 0.0 { self.items / self.done_within.0 } else { 0.0 })
    }
}

/// How dependent on a vendor the system may be.
#[derive(Debug, Clone, PartialEq)]
pub struct Vendors {
    /// The time in which a vendor can be left.
    pub exit_within: Option<Seconds>,
    /// The largest share of the system that one vendor may carry.
    pub largest_share: Option<Share>,
    /// Classes of data (or `keys`) that stay on machines of our own.
    pub on_premises: Vec<Located<String>>,
}

/// How changes are approved, and when none are made.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangeControl {
    /// Whether a second person must approve each change.
    pub two_person: bool,
    /// Days without changes.
    pub freeze: Vec<Days>,
}

/// What may be done while something outside is down.
#[derive(Debug, Clone, PartialEq)]
pub struct IfDown {
    /// Go on without its answer below this amount.
    pub accept_below: Option<Amount>,
    /// Keep what is meant for it, for at most this long.
    pub hold: Option<Seconds>,
}

/// When something outside is open, and what may be done while it isn't.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Opening {
    /// Hours of the day; always open where the brief says none.
    pub hours: Option<Hours>,
    /// What may be done while it is down.
    pub if_down: Option<IfDown>,
}
