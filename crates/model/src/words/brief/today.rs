//! The keys of the system of today.

use super::{DATA_SET, DURATION, SHARE};
use crate::vocabulary::{Key, Shape};

const MODULE: Shape = Shape::Reference("module");

const DEPLOYABLE: &[Key] = &[
    Key::required("modules", Shape::OneOrMany(&MODULE), "The modules in it."),
    Key::optional("replicas", Shape::Count, "How many run."),
    Key::optional("release-every", DURATION, "Time from one release to the next."),
    Key::optional("failed", SHARE, "Share of releases that must be taken back or mended."),
    Key::optional("restore", DURATION, "Time until a failed release is restored."),
];

const STORE: &[Key] = &[
    Key::required("holds", Shape::OneOrMany(&DATA_SET), "The data sets in it."),
    Key::optional("size", Shape::Size, "Its size."),
    Key::optional("cpu-at-peak", SHARE, "How busy its processors are at the peak."),
];

const COUPLING: &[Key] = &[
    Key::required("from", MODULE, "The module that needs the other."),
    Key::required("to", MODULE, "The other."),
    Key::optional(
        "by",
        Shape::Word(&["shared-table", "shared-library", "call", "event"]),
        "What ties them: a table or library that both use, calls, or events.",
    ),
    Key::optional("co-change", SHARE, "Share of the changes of one that come with a change of the other."),
    Key::optional("calls-per-request", Shape::Number, "Calls from one to the other for one request."),
];

const MEASURED: &[Key] = &[
    Key::optional("p99", DURATION, "99th percentile of its answers."),
    Key::optional("availability", SHARE, "Share of its good requests."),
];

const TROUBLE: &[Key] = &[
    Key::required("deploy-blocked", MODULE, "The module whose deployment waits."),
    Key::required("by", MODULE, "The module it waits for."),
    Key::required("times", Shape::Rate, "How often."),
];

const FIXED: &[Key] = &[
    Key::required("keep", Shape::Reference("part of today"), "A store or a deployable of today that must stay."),
    Key::optional("until", Shape::Month, "The month in which it may go; for good where none stands."),
];

const MOVE: &[Key] = &[
    Key::required("people", Shape::Count, "People who move it."),
    Key::required("within", DURATION, "The time in which it is done."),
    Key::optional("downtime", DURATION, "How long the system may stand still for it, in one piece."),
];

pub(super) const TODAY: &[Key] = &[
    Key::optional("deployables", Shape::Map("deployable", &Shape::Record(DEPLOYABLE)), "What is deployed as one."),
    Key::optional("stores", Shape::Map("store", &Shape::Record(STORE)), "Where data lies."),
    Key::optional("coupling", Shape::List(&Shape::Record(COUPLING)), "Modules that hang together, and by what."),
    Key::optional(
        "measured",
        Shape::Map("operation asked for", &Shape::Record(MEASURED)),
        "What was measured, by `module.operation`.",
    ),
    Key::optional("trouble", Shape::List(&Shape::Record(TROUBLE)), "Deployments that wait for others."),
    Key::optional("fixed", Shape::List(&Shape::Record(FIXED)), "What must stay, and until when."),
    Key::optional("move", Shape::Record(MOVE), "The people, the time and the pause that there are for moving."),
];
