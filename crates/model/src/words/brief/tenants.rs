//! The keys of tenants.

use super::{DURATION, NAME, SHARE};
use crate::vocabulary::{Key, Shape};

const SHARED: &[Key] = &[
    Key::required("biggest", SHARE, "Share of the load that the biggest tenant brings."),
    Key::default(
        "rest",
        Shape::Popularity,
        "zipf(1)",
        "How the rest is spread over the other tenants: `zipf(1.1)` or `uniform`.",
    ),
];

const TIER: &[Key] = &[
    Key::required("count", Shape::Count, "How many tenants are in it."),
    Key::default(
        "isolation",
        Shape::Word(&["shared", "own-schema", "own-store", "own-cell"]),
        "shared",
        "What each of them has for itself: nothing, a schema, a store, or the whole system (a cell).",
    ),
    Key::default(
        "keys",
        Shape::Word(&["shared", "own"]),
        "shared",
        "`own`: each has a key of its own that its data is encrypted with.",
    ),
    Key::optional("residency", NAME, "The region their data must stay in."),
];

const PROMISE: &[Key] = &[
    Key::required(
        "others-p99",
        Shape::Factor,
        "The p99 of the others is at most this many times what it is otherwise.",
    ),
    Key::required("when-one", Shape::Factor, "While one tenant asks this many times what it asks otherwise."),
];

const RESTORE_ONE: &[Key] = &[
    Key::required("rto", DURATION, "Time until one tenant's data is back."),
    Key::required("rpo", DURATION, "How much of it may be lost, as age."),
];

pub(super) const TENANTS: &[Key] = &[
    Key::required("count", Shape::Count, "How many tenants there are."),
    Key::optional("share", Shape::Record(SHARED), "How the load is spread over them."),
    Key::optional("tiers", Shape::Map("tier", &Shape::Record(TIER)), "Tenants with promises of their own, by tier."),
    Key::optional("promise", Shape::Record(PROMISE), "What holds for the others when one asks too much."),
    Key::optional("restore-one", Shape::Record(RESTORE_ONE), "How fast one tenant's data can be restored alone."),
    Key::optional("delete-within", DURATION, "The time in which a tenant's data is gone after it asks for that."),
];
