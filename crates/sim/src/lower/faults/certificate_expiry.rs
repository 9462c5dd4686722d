//! A certificate that expires: who must connect can't, who is connected goes on.

use super::{Fault, settings, subject};
use crate::kernel::tables::{Expiry, Harm};
use crate::lower::nanoseconds;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

const CERTIFICATE_EXPIRY: &[Key] = &[
    Key::required("what", Shape::Reference("component"), "Whose certificate expires: the component that is called."),
    Key::optional(
        "lives",
        Shape::Duration,
        "Longest age of a connection, after which its caller opens another; until a process on either side ends where it \
         is missing.",
    ),
    Key::default(
        "warned",
        Shape::Duration,
        "0s",
        "How long before it expires the renewal begins: `for`, the time that takes, counts from there.",
    ),
];

/// Words of the fault.
pub const WORDS: KindWords = KindWords {
    name: "certificate-expiry",
    manual: "From one instant on nobody can open a connection to a component: who tries fails at once. Connections that \
             stand live on. Users open one for each request; each replica of a caller has one to each replica of the \
             component, of any age up to `lives`, and loses it when a process on either side ends. `for` is the time to \
             renew the certificate.",
    keys: &[Key::optional("certificate-expiry", Shape::Record(CERTIFICATE_EXPIRY), "Whose, and how soon it bites.")],
    leaves_out: &[
        "Connections of a pool that a timeout closes: they are opened anew as if nothing were wrong.",
        "Health checks that nobody asked to be real: they pass.",
        "Clients that do not look at the certificate.",
    ],
    goes_with: &["outage", "errors", "crash", "load-balancer"],
    example: crate::lower::example!("faults/certificate-expiry"),
    without: &["experiments.0.faults"],
};

/// The fault.
pub(crate) const FAULT: Fault = Fault {
    words: WORDS,
    gates: true,
    harms: |lowering, argument| {
        let lives = settings(argument).duration("lives").map_or(u64::MAX, nanoseconds);
        let part = lowering.part_named(&subject(argument));
        part.map(|component| Harm::Expiry(Expiry { component, lives })).into_iter().collect()
    },
};
