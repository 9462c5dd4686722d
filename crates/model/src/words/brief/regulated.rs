//! The keys of regulated work and of running it: outages, releases, audit, schedule, vendors, change-control, what may
//! be done while something outside is down.

use super::{DATA_SET, DURATION, NAME, SHARE};
use crate::vocabulary::{Key, Shape};

pub(super) const OUTAGES: &[Key] = &[
    Key::required("every", DURATION, "The least time from the start of one outage to the start of the next."),
    Key::required("last", DURATION, "How long one may last."),
];

pub(super) const RELEASES: &[Key] = &[
    Key::optional("failed", SHARE, "Share of releases that must be taken back or mended; may be a range."),
    Key::optional("restore", DURATION, "Time until a failed release is restored."),
];

pub(super) const AUDIT: &[Key] = &[
    Key::required("of", Shape::OneOrMany(&DATA_SET), "The data sets whose changes must be provable."),
    Key::default(
        "order",
        Shape::Word(&["per-item", "total"]),
        "per-item",
        "`total`: all entries stand in one order; `per-item`: those of one item do.",
    ),
    Key::default("tamper-evident", Shape::Flag, "no", "Whether a later change of an entry must be seen."),
    Key::optional("keep", DURATION, "How long entries are kept."),
    Key::default("one-owner", Shape::Flag, "no", "Whether one module alone may write entries."),
];

pub(super) const RUN: &[Key] = &[
    Key::required("run", NAME, "Its name."),
    Key::required("at", Shape::Clock, "When it begins each day, with its time zone; `UTC` where none stands."),
    Key::required("items", Shape::Count, "How many items it handles, today."),
    Key::required("done-within", DURATION, "The time from its beginning in which it must be done."),
];

pub(super) const VENDORS: &[Key] = &[
    Key::optional("exit-within", DURATION, "The time in which a vendor can be left."),
    Key::optional("largest-share", SHARE, "The largest share of the system that one vendor may carry."),
    Key::optional(
        "on-premises",
        Shape::OneOrMany(&NAME),
        "Classes of data that stay on machines of our own, or `keys`: those that data is encrypted with.",
    ),
];

pub(super) const CHANGE_CONTROL: &[Key] = &[
    Key::default(
        "approval",
        Shape::Word(&["one-person", "two-person"]),
        "one-person",
        "`two-person`: nobody's change goes live before a second person approves it.",
    ),
    Key::optional("freeze", Shape::OneOrMany(&Shape::Days), "Days of every year on which nothing is changed."),
];

pub(super) const IF_DOWN: &[Key] = &[
    Key::optional("accept-below", Shape::Amount, "Go on without its answer where less than this is at stake."),
    Key::optional("hold", DURATION, "Keep what is meant for it and send it later, after at most this time."),
];
