//! Versions of components and how they are released: the words that services have for it, and what they come to.
//!
//! A component has the version it is written with, those under `versions`, and those that the faults `bad-release` and
//! `contract-break` imply. What meets them at the beginning of operations stands in `doors`; what happens in a run, in
//! `kernel/machines/releases`.

mod doors;
mod wrong;

use super::{Lowering, nanoseconds, unknown};
use crate::kernel::machines::releases::{Judge, Manner, Release, Rollback, Version};
use crate::kernel::tables::{Harm, NONE, share_bits};
use crate::record::Word;
use groundplan_model::design::{Design, Step};
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::span::{Located, Span};
use groundplan_model::units::{Seconds, Share};
use groundplan_model::value::{Settings, Value};
use groundplan_model::vocabulary::{Key, Shape};

/// Most versions of a component: sets of them are bits of a number.
const VERSIONS_MOST: usize = 32;

/// What is wrong with a version.
pub(crate) const EFFECTS: [Key; 3] = [
    Key::optional("errors", Shape::Share, "Share of its operations that fail as they begin."),
    Key::optional("slow", Shape::Factor, "How many times as long everything takes: `3x`."),
    Key::optional(
        "after",
        Shape::Duration,
        "How long after a replica's start it is as bad as that; until then it gets evenly worse, as by a leak. At once where it is \
         missing.",
    ),
];

const VERSION: &[Key] = &[
    EFFECTS[0],
    EFFECTS[1],
    EFFECTS[2],
    Key::optional(
        "operations",
        Shape::Map("operation", &Shape::Steps),
        "What it does otherwise, by operation: the steps that stand instead.",
    ),
    Key::optional(
        "breaks",
        Shape::List(&Shape::Name),
        "Contracts that it changes: components, or operations of components (`payments.authorise`). Calls between it and them fail \
         unless the other side runs a version that changes the same contract.",
    ),
];

/// Versions beside the one a component is written with.
pub(crate) const VERSIONS_KEY: Key = Key::optional(
    "versions",
    Shape::Map("version", &Shape::Record(VERSION)),
    "Other versions that an experiment may release: what is otherwise with them.",
);

const JUDGE: &[Key] = &[
    Key::default(
        "window",
        Shape::Duration,
        "1min",
        "Length of the windows of time that it looks at, one after the other.",
    ),
    Key::default("delay", Shape::Duration, "30s", "How long after its end a window is seen."),
    Key::default("above", Shape::Share, "5%", "Share of bad requests of the new version above which a window is bad."),
    Key::optional("within", Shape::Duration, "Requests that take longer than this are bad as well."),
    Key::optional(
        "worse-by",
        Shape::Factor,
        "A window is bad only if its share is also above this many times that of the old version: `2x`.",
    ),
    Key::default("minimum", Shape::Count, "20", "Requests of the new version below which a window says nothing."),
    Key::default(
        "undecided",
        Shape::Word(&["hold", "promote"]),
        "hold",
        "What happens where it has seen nothing of a stage when that is over: it waits for a window, or goes on.",
    ),
];

const RELEASE: &[Key] = &[
    Key::default(
        "strategy",
        Shape::Word(&["all-at-once", "rolling", "canary", "blue-green"]),
        "all-at-once",
        "In which stages replicas change: all; `step` by `step`; a few and then step by step; or all others beside them, to \
         which requests are switched at once.",
    ),
    Key::default(
        "step",
        Shape::Share,
        "25%",
        "Share of the replicas that change in a stage of `rolling` and, after its first, of `canary`.",
    ),
    Key::default(
        "canary",
        Shape::Share,
        "10%",
        "Share of the replicas that change in the first stage of `canary`; at least one does.",
    ),
    Key::optional(
        "weight",
        Shape::Share,
        "Share of the requests that the canary gets; without it, what its replicas get among all.",
    ),
    Key::default("every", Shape::Duration, "2min", "How long a stage is watched before the next begins."),
    Key::default(
        "surge",
        Shape::Flag,
        "no",
        "`yes`: the replicas of a stage start beside the old ones, which stop then. Otherwise a replica gets no new work, ends \
         what it has and starts anew, and there are so many fewer meanwhile.",
    ),
    Key::default(
        "in-place",
        Shape::Flag,
        "no",
        "`yes`: it is read while replicas run, as a configuration or a flag; nothing starts anew.",
    ),
    Key::default(
        "grace",
        Shape::Duration,
        "30s",
        "How long a replica that stops has to end its work; then that is lost.",
    ),
    Key::optional("judge", Shape::Record(JUDGE), "Who watches the new version, and takes it back."),
    Key::default(
        "rollback",
        Shape::Word(&["automatic", "kill-switch", "none"]),
        "automatic",
        "What follows a bad verdict: the way back, as it came; all replicas behave as before at once; or it stops where it is.",
    ),
    Key::default(
        "contract-tests",
        Shape::Flag,
        "no",
        "`yes`: a version that others would not understand as they are is not released.",
    ),
];

/// How a component is released.
pub(crate) const RELEASE_KEY: Key = Key::optional(
    "release",
    Shape::Record(RELEASE),
    "How another version comes to its replicas, when an experiment releases one.",
);

/// The versions of one component, from the design alone. Index of the columns: the version, the written one first.
#[derive(Debug, Default)]
pub(crate) struct Versions<'d> {
    names: Vec<String>,
    effects: Vec<Version>,
    operations: Vec<Vec<(&'d str, &'d [Step])>>,
    breaks: Vec<Vec<Located<String>>>,
    /// Whether an experiment releases one of them.
    released: bool,
}

impl Versions<'_> {
    fn push(&mut self, name: &str, effects: Version) {
        if self.names.is_empty() {
            self.names.push(String::new());
            self.effects.push(Version::default());
            self.operations.push(Vec::new());
            self.breaks.push(Vec::new());
        }
        self.names.push(name.to_string());
        self.effects.push(effects);
        self.operations.push(Vec::new());
        self.breaks.push(Vec::new());
    }

    /// The version without a name that is like this.
    fn implied(&self, effects: Version, breaks: &[Located<String>]) -> Option<usize> {
        (1..self.names.len())
            .find(|nth| self.names[*nth].is_empty() && self.effects[*nth] == effects && self.breaks[*nth] == breaks)
    }
}

/// What is wrong with a version, by its settings.
pub(crate) fn effects(settings: &Settings) -> Version {
    Version {
        errors: settings.share("errors").map_or(0, |Share(share)| share_bits(share)),
        slow: settings.number("slow").filter(|slow| *slow > 0.0).unwrap_or(1.0),
        after: nanoseconds(settings.duration("after").unwrap_or_default()),
    }
}

/// The versions of every component of a design, those that faults imply included.
pub(crate) fn versions_of(design: &Design) -> Vec<Versions<'_>> {
    let mut all: Vec<Versions<'_>> = Vec::new();
    for component in &design.components {
        let mut versions = Versions::default();
        for (name, said) in component.settings.map("versions").iter().flat_map(|map| &map.0) {
            let Value::Map(said) = &said.value else { continue };
            versions.push(name, effects(said));
            let nth = versions.names.len() - 1;
            versions.breaks[nth] = said.texts("breaks");
            for (operation, steps) in said.map("operations").iter().flat_map(|map| &map.0) {
                if let Value::Steps(steps) = &steps.value {
                    versions.operations[nth].push((operation, steps));
                }
            }
        }
        all.push(versions);
    }
    for fault in design.experiments.iter().flat_map(|experiment| &experiment.faults) {
        let Value::Map(said) = &fault.argument.value else { continue };
        let of =
            |key: &str| design.components.iter().position(|component| said.text(key) == Some(&component.name.value));
        let (part, effects, breaks) = match fault.kind.value.as_str() {
            "release" => (of("what"), None, Vec::new()),
            "bad-release" => (of("what"), Some(effects(said)), Vec::new()),
            "contract-break" => {
                let to = Located::new(said.text("to").unwrap_or("").to_string(), said.span("to"));
                (of("from"), Some(Version::default()), vec![to])
            }
            _ => continue,
        };
        let Some(versions) = part.map(|part| &mut all[part]) else { continue };
        versions.released = true;
        if let Some(effects) = effects
            && versions.implied(effects, &breaks).is_none()
        {
            versions.push("", effects);
            if let Some(last) = versions.breaks.last_mut() {
                *last = breaks;
            }
        }
    }
    all
}

/// How a component is released, as the tables see it.
#[derive(Debug, Clone)]
struct How {
    /// Replicas with the new version at the end of each stage.
    stages: Vec<u32>,
    every: u64,
    manner: Manner,
    weight: u32,
    grace: u64,
    judge: Option<Judge>,
    rollback: Rollback,
    tested: bool,
}

impl How {
    fn of(said: Option<&Settings>, replicas: u32) -> How {
        let none = Settings::new();
        let said = said.unwrap_or(&none);
        let share = |key, otherwise: f64| said.share(key).map_or(otherwise, |Share(share)| share);
        let time = |of: &Settings, key, otherwise| nanoseconds(of.duration(key).unwrap_or(Seconds(otherwise)));
        let part = |share: f64| ((share * f64::from(replicas) - 1e-9).ceil().max(1.0) as u32).min(replicas);
        let step = part(share("step", 0.25));
        let strategy = said.text("strategy").unwrap_or("all-at-once");
        let mut stages: Vec<u32> = match strategy {
            "rolling" => vec![step],
            "canary" => vec![part(share("canary", 0.1))],
            _ => vec![replicas],
        };
        while let Some(last) = stages.last().copied().filter(|last| *last < replicas) {
            stages.push((last + step).min(replicas));
        }
        let flag = |key| said.flag(key) == Some(true);
        How {
            stages,
            every: time(said, "every", 120.0),
            manner: match (strategy, flag("in-place"), flag("surge")) {
                ("blue-green", ..) => Manner::Kept,
                (_, true, _) => Manner::InPlace,
                (_, _, true) => Manner::Beside,
                _ => Manner::Restart,
            },
            weight: if strategy == "canary" { share_bits(share("weight", 0.0)) } else { 0 },
            grace: time(said, "grace", 30.0),
            judge: said.map("judge").map(|judge| Judge {
                window: time(judge, "window", 60.0).max(1),
                delay: time(judge, "delay", 30.0),
                above: judge.share("above").unwrap_or(Share(0.05)).0,
                worse: judge.number("worse-by").unwrap_or(0.0),
                within: judge.duration("within").map_or(u64::MAX, nanoseconds),
                minimum: judge.count("minimum").unwrap_or(20),
                promotes: judge.text("undecided") == Some("promote"),
            }),
            rollback: match said.text("rollback") {
                Some("none") => Rollback::None,
                Some("kill-switch") => Rollback::Switch,
                _ => Rollback::Automatic,
            },
            tested: flag("contract-tests"),
        }
    }

    /// Most replicas that change at once.
    fn batch(&self) -> u32 {
        let from = std::iter::once(&0).chain(&self.stages);
        self.stages.iter().zip(from).map(|(to, from)| to - from).max().unwrap_or(0)
    }
}

impl<'d> Lowering<'d> {
    /// How many replicas a component has beside its own during a release. Says what is wrong with its releases.
    pub(crate) fn spares(&mut self, part: u32, replicas: u32) -> u32 {
        let component = self.parts[part as usize].component;
        let found = wrong::found(component, replicas);
        self.diagnostics.extend(found);
        if !self.versions[part as usize].released {
            return 0;
        }
        let how = How::of(component.settings.map("release"), replicas);
        match how.manner {
            Manner::Beside | Manner::Kept => how.batch(),
            Manner::Restart | Manner::InPlace => 0,
        }
    }

    /// The steps of a component's operations, in all its versions.
    pub(crate) fn steps_of_versions(&self, part: u32) -> impl Iterator<Item = &'d [Step]> {
        let written = self.parts[part as usize].component.operations.iter().map(|operation| operation.steps.as_slice());
        let others = self.versions[part as usize].operations.iter().flatten().map(|(_, steps)| *steps);
        written.chain(others.collect::<Vec<_>>())
    }

    /// What the machines of releases know of each component: its versions, and what it counts.
    pub(crate) fn lower_versions(&mut self) {
        if !(0..self.parts.len() as u32).any(|part| self.has_doors(part)) {
            return;
        }
        for part in 0..self.parts.len() {
            let versions = &self.versions[part];
            let first = self.tables.machines.releases.versions.len() as u32;
            let some = !versions.names.is_empty();
            self.tables.machines.releases.first.push(if some { first } else { NONE });
            self.tables.machines.releases.hops.push(self.parts[part].kind.is_some_and(|kind| kind.hop));
            self.tables.machines.releases.versions.extend(&versions.effects);
            let keeps = &mut self.tables.components[part].keeps;
            if some {
                let words =
                    [Word::Exposed, Word::RolledBack, Word::TimeToRollback, Word::ReleasesStopped, Word::Undecided];
                *keeps |= words.iter().fold(0, |bits, word| bits | word.bit());
            }
            if self.is_called_otherwise(part as u32) {
                self.tables.components[part].keeps |= Word::NotUnderstood.bit();
            }
        }
    }

    /// The release of a version by its name, as a fault says it.
    pub(crate) fn release_named(&mut self, what: &Located<String>, version: &Located<String>) -> Option<Harm> {
        let part = self.released_part(what)?;
        let versions = &self.versions[part as usize];
        let known = versions.names.iter().skip(1).filter(|name| !name.is_empty()).map(String::as_str);
        let nth = versions.names.iter().skip(1).position(|name| *name == version.value && !name.is_empty());
        match nth {
            Some(nth) => Some(self.release_of(part, nth as u8 + 1)),
            None => {
                let mut diagnostic = unknown("version", "unknown-version", version, known);
                if versions.names.iter().all(String::is_empty) {
                    diagnostic = diagnostic.help(format!(
                        "say what is otherwise with it: `{}: {{ versions: {{ {}: {{ errors: 5% }} }} }}`",
                        what.value, version.value
                    ));
                }
                self.diagnostics.push(diagnostic);
                None
            }
        }
    }

    /// The release of a version that a fault implies.
    pub(crate) fn release_implied(
        &mut self,
        what: &Located<String>,
        effects: Version,
        breaks: &[Located<String>],
    ) -> Option<Harm> {
        let part = self.released_part(what)?;
        let nth = self.versions[part as usize].implied(effects, breaks)?;
        Some(self.release_of(part, nth as u8))
    }

    /// The component that is released, or what is wrong with releasing it.
    pub(crate) fn released_part(&mut self, what: &Located<String>) -> Option<u32> {
        let part = self.part_named(what)?;
        let kind = self.parts[part as usize].kind?;
        let error = |headline: String, help: &str| {
            Diagnostic::error("no-release", headline).at(what.span, "released here").help(help.to_string())
        };
        let component = self.parts[part as usize].component;
        if kind.words.keys.iter().all(|key| key.name != RELEASE_KEY.name) {
            let headline = format!("`{}` ({}) has no versions", what.value, kind.words.name);
            self.diagnostics.push(error(headline, "name a service"));
            return None;
        }
        if component.settings.get("release").is_none() && component.settings.flag("shared-queue") == Some(true) {
            let headline = format!("replicas of `{}`, which share a queue, can't start anew one by one", what.value);
            self.diagnostics.push(error(headline, "give it `release: { in-place: yes }`, or take `shared-queue` away"));
            return None;
        }
        if self.versions[part as usize].names.len() > VERSIONS_MOST {
            let headline = format!("`{}` has more than {} versions", what.value, VERSIONS_MOST - 1);
            self.diagnostics.push(error(headline, "keep those that experiments release"));
            return None;
        }
        Some(part)
    }

    fn release_of(&mut self, part: u32, version: u8) -> Harm {
        let row = &self.tables.components[part as usize];
        let how = How::of(self.parts[part as usize].component.settings.map("release"), row.count - row.spares);
        let machines = &mut self.tables.machines.releases;
        let known = machines.releases.iter().position(|known| (known.component, known.version) == (part, version));
        let release = known.unwrap_or_else(|| {
            let stages = (machines.stages.len() as u32, how.stages.len() as u32);
            machines.stages.extend(&how.stages);
            let How { every, manner, weight, grace, judge, rollback, tested, .. } = how;
            let component = part;
            let release = Release { component, version, stages, every, manner, weight, grace, judge, rollback, tested };
            machines.releases.push(release);
            machines.releases.len() - 1
        });
        Harm::Release { release: release as u32 }
    }

    /// Why a release would say nothing: its judge speaks when the experiment is over. The headline, where, what would do.
    pub(crate) fn judge_comes_late(
        &self,
        harm: Harm,
        at: Seconds,
        duration: Seconds,
    ) -> Option<(String, Span, String)> {
        let Harm::Release { release } = harm else { return None };
        let release = &self.tables.machines.releases.releases[release as usize];
        let judge = release.judge?;
        let first = at + Seconds((judge.window + judge.delay) as f64 / 1e9);
        if first <= duration {
            return None;
        }
        let component = self.parts[release.component as usize].component;
        let said = component.settings.map("release")?.map("judge")?;
        let span = if said.span("window").is_none() { component.settings.span("release") } else { said.span("window") };
        Some((
            format!(
                "the judge of `{}` first speaks at {first}, when the experiment of {duration} is over",
                component.name.value
            ),
            span,
            "let its `window` and `delay` be shorter, or the experiment longer".to_string(),
        ))
    }
}
