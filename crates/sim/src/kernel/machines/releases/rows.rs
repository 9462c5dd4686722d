//! What of releases stays unchanged during a run: versions, where operations begin, contracts, and how each release goes.

/// Versions, doors and releases.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// First of the versions of each component, by component; `NONE` where it has none. Empty where no component has any.
    pub first: Vec<u32>,
    /// Versions, those of a component side by side; the first is the one that runs at the beginning.
    pub versions: Vec<Version>,
    /// Components that only pass requests on, by component.
    pub hops: Vec<bool>,
    /// Where operations of components with versions or contracts begin.
    pub doors: Vec<Door>,
    /// For doors, by version: where its steps begin; `NONE` where they are the first version's.
    pub entries: Vec<u32>,
    /// Contracts between callers and doors.
    pub contracts: Vec<Contract>,
    /// Releases of experiments.
    pub releases: Vec<Release>,
    /// For releases: how many replicas run the new version at the end of each stage.
    pub stages: Vec<u32>,
}

/// What is wrong with a version.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Version {
    /// Share of its operations that fail. Unit: 2^-32.
    pub errors: u32,
    /// How many times as long everything takes.
    pub slow: f64,
    /// How long after a replica's start it is as bad as this; it gets evenly worse until then. Unit: ns.
    pub after: u64,
}

impl Default for Version {
    fn default() -> Version {
        Version { errors: 0, slow: 1.0, after: 0 }
    }
}

/// Where an operation begins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Door {
    /// Its component.
    pub component: u32,
    /// First of its `entries` by version; `NONE` where all do the same.
    pub entries: u32,
    /// First of its contracts, and their number.
    pub contracts: (u32, u32),
}

/// Versions of caller and callee that understand each other: both of the old kind, or both of the new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contract {
    /// The component that calls.
    pub caller: u32,
    /// The component that is called.
    pub callee: u32,
    /// Versions of the caller that are of the new kind: bits.
    pub callers: u32,
    /// Versions of the callee that are of the new kind: bits.
    pub callees: u32,
}

impl Contract {
    pub(super) fn holds(&self, caller: u8, callee: u8) -> bool {
        self.callers >> caller & 1 == self.callees >> callee & 1
    }
}

/// How a new version takes the place of an old one in a replica.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// The replica starts anew.
    Restart,
    /// It is read while the replica runs.
    InPlace,
    /// Another replica starts beside it; then the old one goes.
    Beside,
    /// Likewise, and the old one is kept until the release is over.
    Kept,
}

/// How a release is taken back when the judge says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rollback {
    /// It is not: the release stops where it is.
    None,
    /// By the way it came.
    Automatic,
    /// A switch lets all replicas behave as before, at once.
    Switch,
}

/// A release of a version.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Release {
    /// The component.
    pub component: u32,
    /// Which of its versions.
    pub version: u8,
    /// First of its `stages`, and their number.
    pub stages: (u32, u32),
    /// How long each stage is watched before the next. Unit: ns.
    pub every: u64,
    /// How replicas are replaced.
    pub manner: Manner,
    /// Share of the requests that go to the new version during the first stage, in units of 2^-32; zero for what its
    /// replicas get among all.
    pub weight: u32,
    /// How long a replica that goes has to end its work. Unit: ns.
    pub grace: u64,
    /// Who watches it.
    pub judge: Option<Judge>,
    /// What follows a bad verdict.
    pub rollback: Rollback,
    /// Whether contracts are tested before it begins.
    pub tested: bool,
}

/// Who watches a release.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judge {
    /// Length of the windows that it looks at. Unit: ns.
    pub window: u64,
    /// How long after its end a window is seen. Unit: ns.
    pub delay: u64,
    /// Share of bad requests above which a window is bad.
    pub above: f64,
    /// A window is bad only if its share is this many times that of the old version; zero where that does not matter.
    pub worse: f64,
    /// Requests that take longer are bad as well; `u64::MAX` for none. Unit: ns.
    pub within: u64,
    /// Requests of the new version below which a window says nothing.
    pub minimum: u64,
    /// Whether a stage of which nothing is known at its end is passed; else the release waits.
    pub promotes: bool,
}

