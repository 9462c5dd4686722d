//! Optimistic writes: a read remembers the version of its row, and a write goes through only if the row has not moved.
//!
//! A version belongs to the list of steps that read it: an operation, the client of a load, or a block. Emitted by the steps'
//! own lowering; what the store does stands in `kernel::machines::locks`.

use super::Policy;
use crate::kernel::machines::locks;
use crate::kernel::tables::{Act, Operand, Step};
use crate::lower::Lowering;
use crate::lower::steps::Context;
use groundplan_model::design::{self, Design, Verb};
use groundplan_model::diagnostic::{Diagnostic, guess};
use groundplan_model::span::Located;
use groundplan_model::text::shown;
use groundplan_model::value::{Settings, Value};
use groundplan_model::vocabulary::{Key, KindWords, Shape};

/// Words of the policy.
pub const WORDS: KindWords = KindWords {
    name: "write-if",
    manual: "Optimistic writes. A `read` with `read-version: NAME` remembers the version of its row under that name; a `write` \
             with `write-if: NAME` is of the same row and goes through only if no other write to it has committed since. Else \
             it fails with `conflict`, after its time at the store. The name is known in the list of steps that it stands in. \
             To read and try again, whoever calls the operation says `retry: { on: [conflict] }`.",
    keys: &[
        Key::optional(
            "read-version",
            Shape::Name,
            "Of a `read`: the name under which the row's version is remembered.",
        ),
        Key::optional(
            "write-if",
            Shape::Name,
            "Of a `write`: the version that its row must still have, by the name that a `read` before it gave it.",
        ),
    ],
    leaves_out: &[
        "A failed write takes as long at the store as one that goes through.",
        "Versions of copies: a read from a copy sees the version of the leader.",
    ],
    goes_with: &["retry", "database"],
    example: crate::lower::example!("policies/write-if"),
    without: &["components.desk.operations.book.2.write-if"],
};

/// The policy: what it does to an access stands in `Lowering::access`.
pub(crate) const POLICY: Policy = Policy { words: WORDS, apply: |_, _, _| {} };

/// The settings of this policy.
pub(crate) const KEYS: [&str; 2] = ["read-version", "write-if"];

/// A version that is known where steps stand: its name, its store, the data set and the key of the row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Version {
    name: String,
    part: u32,
    data: String,
    key: Option<String>,
}

/// Whether some step reads a version of a component, or of a data set that it holds.
pub(crate) fn asked_of(design: &Design, name: &str, settings: &Settings) -> bool {
    let held = settings.texts("holds");
    let of = |asked: &str| asked == name || held.iter().any(|held| held.value == asked);
    let operations = design.components.iter().flat_map(|component| &component.operations);
    let routes = design.load.iter().filter_map(|load| load.route.as_ref()).flat_map(|route| &route.stops);
    design.load.iter().any(|load| any(&load.steps, &of))
        || operations.into_iter().any(|operation| any(&operation.steps, &of))
        || routes.into_iter().any(|stop| any(std::slice::from_ref(&stop.step), &of))
}

fn any(steps: &[design::Step], of: &dyn Fn(&str) -> bool) -> bool {
    steps.iter().any(|step| {
        let fallback = match step.settings.get("fallback") {
            Some(Value::Steps(steps)) => any(steps, of),
            _ => false,
        };
        fallback
            || match &step.verb {
                Verb::Read(name) => step.settings.get("read-version").is_some() && of(&name.value),
                Verb::Parallel(steps) | Verb::Transaction(_, steps) | Verb::Repeat(_, steps) => any(steps, of),
                Verb::Branch(branches) => branches.iter().any(|(_, steps)| any(steps, of)),
                _ => false,
            }
    })
}

impl<'d> Lowering<'d> {
    /// Versions are of reads and writes alone.
    pub(crate) fn stray_versions(&mut self, settings: &Settings, verb: Option<&Verb>) {
        for (key, fits) in
            [("read-version", matches!(verb, Some(Verb::Read(_)))), ("write-if", matches!(verb, Some(Verb::Write(_))))]
        {
            if settings.get(key).is_some() && !fits {
                let on = verb.map_or("a load".to_string(), |verb| format!("`{}`", verb.word()));
                let right = if key == "write-if" { "write" } else { "read" };
                let diagnostic = Diagnostic::error("stray-version", format!("`{key}` says nothing on {on}"))
                    .at(settings.span(key), "")
                    .help(format!("`{key}` is a setting of a `{right}`"));
                self.tell_once(diagnostic);
            }
        }
    }

    /// The number of a version's name.
    fn version_name(&mut self, name: &str) -> u32 {
        let known = self.version_names.iter().position(|known| known == name);
        let nth = known.unwrap_or_else(|| {
            self.version_names.push(name.to_string());
            self.version_names.len() - 1
        });
        self.tables.machines.locks.names = self.version_names.len() as u32;
        nth as u32
    }

    /// Emits that the version just read is remembered, if the step says so.
    pub(crate) fn keep_version(&mut self, context: &mut Context, part: u32, data: &str, settings: &'d Settings) {
        let Some(name) = settings.text("read-version") else {
            return;
        };
        let key = settings.text("key").map(str::to_string);
        context.versions.retain(|version| version.name != name);
        context.versions.push(Version { name: name.to_string(), part, data: data.to_string(), key });
        if !self.tables.machines.locks.stores.iter().any(|store| store.component == part) {
            // A database that should have versions has told what is wrong with it.
            let component = self.parts[part as usize].component;
            if component.kind.value != "database" {
                let (name, kind) = (&component.name.value, &component.kind.value);
                let diagnostic = Diagnostic::error("no-versions", format!("`{name}` ({kind}) has no versions of rows"))
                    .at(settings.span("read-version"), "")
                    .help("read the row from a `database`, `key-value`, `document` or `event-store`");
                self.tell_once(diagnostic);
            }
            return;
        }
        let site = self.version_name(name);
        let act = Act::Locks(locks::Act::Keep);
        self.push(Step::Machine { act, at: Operand { site, ..Operand::default() } });
    }

    /// Emits that the next write expects a version, if the step says so: its row is the one that was read. False where it says
    /// nothing of versions.
    pub(crate) fn expect_version(
        &mut self,
        context: &Context,
        part: u32,
        data: &Located<String>,
        settings: &'d Settings,
    ) -> bool {
        let Some(name) = settings.text("write-if") else {
            return false;
        };
        let span = settings.span("write-if");
        let Some(version) = context.versions.iter().find(|version| version.name == name) else {
            let known: Vec<&str> = context.versions.iter().map(|version| version.name.as_str()).collect();
            let help = match guess(name, known.iter().copied()) {
                Some(right) => format!("did you mean `{right}`?"),
                None => {
                    format!("write `read-version: {name}` on a `read` of the row before it, in the same list of steps")
                }
            };
            let diagnostic =
                Diagnostic::error("unread-version", format!("no step before this one reads a version {}", shown(name)))
                    .at(span, "expected here")
                    .help(help);
            self.tell_once(diagnostic);
            return true;
        };
        if version.part != part || version.data != data.value {
            let diagnostic = Diagnostic::error(
                "other-version",
                format!("{} is a version of a row of `{}`, not of `{}`", shown(name), version.data, data.value),
            )
            .at(data.span, "written here")
            .help(format!("write to `{}`, or read the version of a row of `{}`", version.data, data.value));
            self.tell_once(diagnostic);
        } else if let Some(key) = settings.text("key")
            && version.key.as_deref() != Some(key)
        {
            let read = version.key.as_ref().map_or("without `key`".to_string(), |key| format!("with `key: {key}`"));
            let diagnostic = Diagnostic::error(
                "other-version",
                format!("{} was read {read}, another row than this one", shown(name)),
            )
            .at(settings.span("key"), "")
            .help("leave out `key`: the row is the one that was read");
            self.tell_once(diagnostic);
        }
        let retried = settings.map("retry").map(|retry| retry.texts("on")).unwrap_or_default();
        if let Some(conflict) = retried.iter().find(|ending| ending.value == "conflict") {
            let diagnostic = Diagnostic::error("retries-in-vain", "a version that has moved once has moved for good")
                .at(conflict.span, "tried again with the same version")
                .help(
                    "let the caller of this operation say `retry: { on: [conflict] }`, so that the row is read again",
                );
            self.tell_once(diagnostic);
        }
        let site = self.version_name(name);
        let act = Act::Locks(locks::Act::Expect);
        self.push(Step::Machine { act, at: Operand { site, ..Operand::default() } });
        true
    }
}
