//! A store gets more shards while it is in use: part of its keys moves to them.
//!
//! With n shards made m, a share of 1 - n/m of the data moves, at the rate that is said. A key that has not arrived yet is
//! served by its old shard at twice the cost: what is asked of it is done there and handed on.

use super::{Fault, missing, settings, subject};
use crate::kernel::tables::{Harm, NONE};
use crate::lower::nanoseconds;
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::units::Seconds;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

const REBALANCE: &[Key] = &[
    Key::required("what", Shape::Reference("component"), "The store."),
    Key::required("to", Shape::Count, "How many shards it has in the end."),
    Key::required("size", Shape::Size, "Its data, all shards together."),
    Key::required("rate", Shape::Bandwidth, "At what rate data moves, all shards together: `50 MB/s`."),
];

/// Words of the fault.
pub const WORDS: KindWords = KindWords {
    name: "rebalance",
    manual: "A store with `shards` gets more of them while it is in use: with n made m, a share of 1 - n/m of its data moves \
             to the new ones, which takes its size over `rate`. Keys that are to move and have not yet cost twice as much \
             at their old shard. `for` says nothing here.",
    keys: &[Key::optional(
        "rebalance",
        Shape::Record(REBALANCE),
        "Which store, to how many shards, how much at what rate.",
    )],
    leaves_out: &[
        "Disks and network that the move takes from other work, beside twice the cost of keys that move.",
        "The instant at which a key changes its shard, when accesses to it would wait.",
        "Shards that are taken away, and ranges that are cut anew.",
        "New shards stand idle before, also in other experiments, and count in the store's utilisation.",
    ],
    goes_with: &["key-value", "hot-key", "spike"],
    example: crate::lower::example!("faults/rebalance"),
    without: &["experiments.0.faults"],
};

/// The fault.
pub(crate) const FAULT: Fault = Fault {
    words: WORDS,
    gates: false,
    harms: |lowering, argument| {
        let said = settings(argument);
        let example = "rebalance: { what: orders, to: 20, size: 300 GB, rate: 50 MB/s }";
        let need = |key: &str| missing("rebalance", key, argument.span, example);
        let Some(part) = lowering.part_named(&subject(argument)) else { return Vec::new() };
        let (Some(to), Some(size)) = (said.count("to"), said.size("size")) else {
            lowering.diagnostics.push(need(if said.get("to").is_none() { "to" } else { "size" }));
            return Vec::new();
        };
        let Some(rate) = said.bandwidth("rate").filter(|rate| rate.0 > 0.0) else {
            lowering.diagnostics.push(need("rate"));
            return Vec::new();
        };
        let map = lowering.parts[part as usize].map;
        let name = &lowering.parts[part as usize].component.name.value;
        let refuse = |why: String, help: &str| {
            Diagnostic::error("fault-at-nothing", format!("`rebalance` moves nothing: {why}"))
                .at(argument.span, "aimed at nothing")
                .help(help)
        };
        let Some(row) = lowering.tables.machines.shards.maps.get(map as usize).filter(|_| map != NONE) else {
            let diagnostic = refuse(format!("`{name}` has no shards"), "name a store with `shards: 16`");
            lowering.diagnostics.push(diagnostic);
            return Vec::new();
        };
        if matches!(row.by, crate::kernel::machines::shards::By::Range(_)) {
            let diagnostic = refuse(
                format!("the shards of `{name}` are ranges"),
                "write `sharding: hash`, or try other `split-points` in an experiment's `set`",
            );
            lowering.diagnostics.push(diagnostic);
            return Vec::new();
        }
        let from = u64::from(row.shards);
        if to <= from {
            let diagnostic = refuse(format!("`{name}` has {from} shards already"), "say how many more there are to be");
            lowering.diagnostics.push(diagnostic);
            return Vec::new();
        }
        let share = 1.0 - from as f64 / to as f64;
        let lasts = nanoseconds(Seconds(size.0 * share / rate.0));
        vec![Harm::Rebalance { map, to: to.min(100_000) as u32, lasts }]
    },
};
