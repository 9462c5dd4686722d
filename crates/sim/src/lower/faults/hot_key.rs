//! One key of a store is suddenly asked for by many: a celebrity, a sale, a default.

use super::{Fault, missing, settings, subject};
use crate::kernel::tables::{Harm, share_bits};
use crate::lower::unknown;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

const HOT_KEY: &[Key] = &[
    Key::required("what", Shape::Reference("store"), "The store, or a data set in one."),
    Key::required("share", Shape::Share, "Share of the accesses that concern this one key."),
];

/// Words of the fault.
pub const WORDS: KindWords = KindWords {
    name: "hot-key",
    manual: "For a while a share of the accesses to a store, reads and writes, concerns one key that was hardly asked for \
             before. All of it meets at one shard, at one row's lock, or at a cache's one item.",
    keys: &[Key::optional("hot-key", Shape::Record(HOT_KEY), "Which store, and the share of its accesses.")],
    leaves_out: &[
        "More accesses in all: add a `spike`.",
        "Stores that do not tell keys apart: there it would change nothing, and is refused.",
    ],
    goes_with: &["key-value", "cache", "rebalance", "spike"],
    example: crate::lower::example!("faults/hot-key"),
    without: &["experiments.0.faults"],
};

/// The fault.
pub(crate) const FAULT: Fault = Fault {
    words: WORDS,
    gates: false,
    harms: |lowering, argument| {
        let name = subject(argument);
        let Some(store) = lowering.holder_of(&name.value) else {
            let known: Vec<&str> = lowering.parts.iter().map(|part| part.component.name.value.as_str()).collect();
            let diagnostic = unknown("store", "unknown-component", &name, known);
            lowering.diagnostics.push(diagnostic);
            return Vec::new();
        };
        let Some(share) = settings(argument).share("share") else {
            lowering.diagnostics.push(missing(
                "hot-key",
                "share",
                argument.span,
                "hot-key: { what: orders, share: 30% }",
            ));
            return Vec::new();
        };
        let whole = lowering.parts[store as usize].component.name.value == name.value;
        let spaces = lowering.spaces_of(store, (!whole).then_some(name.value.as_str()));
        if spaces.is_empty() {
            let why = format!("no access to `{}` says which key it concerns", name.value);
            let diagnostic = groundplan_model::diagnostic::Diagnostic::error(
                "fault-at-nothing",
                format!("`hot-key` strikes nothing: {why}"),
            )
            .at(argument.span, "aimed at nothing")
            .help("name a store that tells keys apart: one with `shards`, row locks or a cache in front, and steps that read it");
            lowering.diagnostics.push(diagnostic);
        }
        spaces.into_iter().map(|space| Harm::HotKey { space, share: share_bits(share.0) }).collect()
    },
};
