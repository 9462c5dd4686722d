//! Faults that strike nothing: an experiment with one of them would prove what it does not try.
//!
//! Names that nothing has are found where each fault reads its argument; here is what a fault of known names comes to.

use super::{settings, subject};
use crate::kernel::network::{Cut, Effect, Pairs};
use crate::kernel::tables::{Expiry, Harm, NONE, Poison};
use crate::lower::{Ask, Lowering};
use groundplan_model::design::{Experiment, Fault};
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::text::shown;

impl Lowering<'_> {
    /// What is wrong with the aim of a fault that has been read.
    pub(crate) fn aim(&self, experiment: &Experiment, fault: &Fault, harms: &[Harm]) -> Option<Diagnostic> {
        let kind = &fault.kind.value;
        let place = if fault.argument.span.is_none() { fault.kind.span } else { fault.argument.span };
        let error = |headline: String| Diagnostic::error("fault-at-nothing", headline);
        if fault.at.0 >= experiment.duration.0 {
            return Some(
                error(format!(
                    "`{kind}` begins at {}, when the experiment of {} is over",
                    fault.at, experiment.duration
                ))
                .at(fault.kind.span, "never happens")
                .help(format!("let it begin before {}, or make the experiment longer", experiment.duration)),
            );
        }
        if fault.lasts.is_some_and(|lasts| lasts.0 <= 0.0)
            && !harms.iter().all(|harm| matches!(harm, Harm::Crash { .. } | Harm::Flush { .. }))
        {
            return Some(
                error(format!("`{kind}` lasts no time"))
                    .at(fault.kind.span, "over at once")
                    .help("write `for: 3min`, or leave `for` out: it lasts to the end"),
            );
        }
        if let Some((headline, span, help)) =
            harms.iter().find_map(|harm| self.judge_comes_late(*harm, fault.at, experiment.duration))
        {
            return Some(Diagnostic::error("judge-never-speaks", headline).at(span, "too long").help(help));
        }
        if let [Harm::KillSwitch { component }] = harms {
            let name = &self.parts[*component as usize].component.name.value;
            let releases = |other: &Fault| {
                let argument = settings(&other.argument);
                let what = [argument.text("what"), argument.text("from")];
                let kinds =
                    [super::release::WORDS.name, super::bad_release::WORDS.name, super::contract_break::WORDS.name];
                kinds.contains(&&*other.kind.value) && other.at.0 <= fault.at.0 && what.contains(&Some(name))
            };
            if !experiment.faults.iter().any(releases) {
                return Some(
                    error(format!("`{kind}` strikes nothing: nothing of {} was released before", shown(name)))
                        .at(place, "nothing to switch off")
                        .help(format!("add `release: {{ what: {name}, version: v2 }}` before it")),
                );
            }
        }
        let misses: Vec<(String, String)> = harms.iter().map_while(|harm| self.misses(fault, harm)).collect();
        // A region is all its zones: one that stands somewhere is enough.
        let (said, help) = misses.first().filter(|_| misses.len() == harms.len())?.clone();
        Some(error(format!("`{kind}` strikes nothing: {said}")).at(place, "aimed at nothing").help(help))
    }

    /// A warning where an expired certificate bites nobody: all who call keep their connections, and nothing in the
    /// experiment ends a process.
    pub(crate) fn never_bites(&self, experiment: &Experiment, fault: &Fault, harms: &[Harm]) -> Option<Diagnostic> {
        let [Harm::Expiry(Expiry { component, lives: u64::MAX })] = *harms else { return None };
        let tables = &self.tables;
        let opens =
            self.pairs.keys().any(|(caller, callee)| {
                *caller as usize >= self.parts.len() && self.reached(*callee).contains(&component)
            }) || tables
                .machines
                .checks
                .probes
                .iter()
                .any(|probe| tables.sites.get(probe.site as usize).is_some_and(|site| site.component == component));
        let ends = experiment.faults.iter().any(|other| other.kind.value != fault.kind.value)
            || !tables.machines.repairs.groups.is_empty();
        if opens || ends {
            return None;
        }
        let name = shown(&self.parts[component as usize].component.name.value);
        Some(
            Diagnostic::warning("fault-bites-nobody", format!("whoever calls {name} is connected and stays so"))
                .at(fault.kind.span, "does nothing until a connection is opened anew")
                .help("say how old a connection gets, as `lives: 1h`, or let a process end too, as with `crash`"),
        )
    }

    /// Why a harm does nothing, and what would; none if it does something.
    fn misses(&self, fault: &Fault, harm: &Harm) -> Option<(String, String)> {
        let what = subject(&fault.argument).value;
        let tables = &self.tables;
        let said = |why: String, help: &str| Some((why, help.to_string()));
        match *harm {
            Harm::ZoneLoss { zone } if !tables.zones.contains(&zone) => {
                let used: Vec<String> = self
                    .places
                    .names()
                    .into_iter()
                    .enumerate()
                    .filter(|(nth, _)| tables.zones.contains(&(*nth as u16)))
                    .map(|(_, name)| name)
                    .collect();
                let help = match used.len() {
                    0 => "give a component a `place`".to_string(),
                    _ => format!(
                        "replicas stand in {}",
                        groundplan_model::text::one_of(used.iter().map(String::as_str), 12)
                    ),
                };
                Some((format!("no replica stands in {}", shown(&what)), help))
            }
            Harm::ConsumerStop { component } | Harm::Replay { component } => {
                let of_log = matches!(harm, Harm::Replay { .. });
                let takes = |group: &crate::kernel::tables::Group| {
                    tables.sites[group.site as usize].component == component && (group.partitions > 0 || !of_log)
                };
                if tables.groups.iter().any(takes) {
                    return None;
                }
                said(
                    format!("{} takes no records", shown(&what)),
                    "name a component with an operation that `handles` a topic or queue",
                )
            }
            Harm::Poison { share: 0, .. } => {
                said("a share of 0% spoils nothing".into(), "write how many, as `share: 1%`")
            }
            Harm::Poison { topic, .. } if tables.topics[topic as usize].groups == 0 => said(
                format!("nobody handles `{}`", self.topics.names[topic as usize].1),
                "name a topic that an operation `handles`",
            ),
            Harm::LeaderLoss { component } => {
                let kind = self.parts[component as usize].kind?;
                if kind.words.keys.iter().any(|key| key.name == "copies") {
                    return None;
                }
                said(
                    format!("{} ({}) has no leader", shown(&what), kind.words.name),
                    "name a database, log or queue, or use `crash` or `machine-loss`",
                )
            }
            Harm::Flush { component } if !self.can_be_emptied(component) => {
                let kind = self.parts[component as usize].component.kind.value.as_str();
                match kind {
                    "cache" | "cdn" => said(
                        format!("what {} holds is not followed item by item", shown(&what)),
                        "say what it holds, with `capacity` and `keys`, or `capacity` beside `hit-ratio`",
                    ),
                    _ => said(format!("{} ({kind}) is no cache", shown(&what)), "name a cache, or use `crash`"),
                }
            }
            Harm::Slow { factor: 1.0, .. } => {
                said("a factor of 1x changes nothing".into(), "write how many times as long, as `factor: 10x`")
            }
            Harm::Cut(Cut { effect: Effect::Lose(0.0), .. }) => {
                said("it loses no message".into(), "write how many, as `share: 5%`")
            }
            Harm::Cut(Cut { pairs: Pairs { share: 0, .. }, .. }) => {
                said("it parts no pair of replicas".into(), "write how many, as `share: 30%`")
            }
            Harm::ReplicaLag { add: 0, .. } => said("it adds no time".into(), "write how much, as `lag: 2s`"),
            Harm::HotKey { share: 0, .. } => {
                said("a share of 0% changes nothing".into(), "write how many accesses concern it, as `share: 30%`")
            }
            Harm::Latency { add: 0, .. } => said("it adds no time".into(), "write how much, as `add: 200ms`"),
            Harm::Errors { share: 0, .. } => {
                said("a share of 0% fails nothing".into(), "write how many fail, as `share: 20%`")
            }
            Harm::PoisonInput(Poison { share: 0, .. }) => {
                said("a share of 0% is no request".into(), "write how many, as `share: 0.1%`")
            }
            Harm::PoisonInput(Poison { unit, .. }) => {
                let (part, _) = *self.looks.poisoned.get(unit as usize)?;
                let kind = self.parts[part as usize].kind.filter(|kind| kind.hop)?;
                said(
                    format!("{} ({}) passes its inputs on", shown(&what), kind.words.name),
                    "name the component that handles them",
                )
            }
            Harm::Down { at_once: true, .. } if fault.lasts.is_none_or(|lasts| lasts.0 > 0.0) => None,
            Harm::Expiry(_) => {
                let warned = settings(&fault.argument).duration("warned")?;
                let lasts = fault.lasts.filter(|lasts| lasts.0 <= warned.0)?;
                said(
                    format!("it is renewed in {lasts}, and {warned} before it expires that begins"),
                    "let the renewal take longer, or the warning come later",
                )
            }
            Harm::DiskFull { component } => {
                let writes = |ask: &Ask| matches!(ask, Ask::Write(_) | Ask::WriteWithin | Ask::Append(_));
                if self.targets.keys().any(|(part, ask)| *part == component && writes(ask)) {
                    return None;
                }
                said(format!("nothing writes to {}", shown(&what)), "name a store that some step writes to")
            }
            Harm::Skew { ahead: 0, .. } => said("clocks are right".into(), "write how far they are off, as `skew: 5s`"),
            Harm::Skew { .. } if !self.tables.deadlines => said(
                "nothing compares the clocks of two components".into(),
                "tell a deadline on: `deadline: 1s, propagate: yes` beside a call",
            ),
            Harm::Spike { factor: 1.0, .. } => {
                said("a factor of 1x changes nothing".into(), "write how many times as much, as `factor: 5x`")
            }
            Harm::Spike { source, .. } => {
                let struck = self.entries.iter().enumerate().filter(|(row, _)| source == NONE || *row as u32 == source);
                if struck.into_iter().any(|(_, entry)| self.design.load[entry.load].users.is_none()) {
                    return None;
                }
                said(
                    "users wait for their answers, and only open loads grow".into(),
                    "give the load `arrivals`, as `poisson(80/s)`",
                )
            }
            _ => None,
        }
    }
}
