//! A component answers nothing but errors.

use super::{Fault, missing, settings, subject};
use crate::kernel::tables::Harm;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

const OUTAGE: &[Key] = &[
    Key::required("what", Shape::Reference("component"), "The component."),
    Key::optional("every", Shape::Duration, "From the start of one outage to that of the next, with `last`."),
    Key::optional("last", Shape::Duration, "How long each lasts; without `every` and `last` it is one outage."),
];

/// Words of the fault.
pub const WORDS: KindWords = KindWords {
    name: "outage",
    manual: "A component, mostly an outside dependency, fails every attempt at once, with an error: once, or again and \
             again with `every` and `last`.",
    keys: &[Key::optional(
        "outage",
        Shape::Short("what", OUTAGE),
        "`payment-provider`, or a map that says how often and how long.",
    )],
    leaves_out: &["Silence: every attempt is answered, with an error (`machine-loss` is silent)."],
    goes_with: &["errors", "breaker", "fallback", "external"],
    example: crate::lower::example!("faults/outage"),
    without: &["experiments.0.faults"],
};

/// The fault.
pub(crate) const FAULT: Fault = Fault {
    words: WORDS,
    gates: true,
    harms: |lowering, argument| {
        let said = settings(argument);
        if let [(_, true), (key, false)] | [(key, false), (_, true)] =
            ["every", "last"].map(|key| (key, said.get(key).is_some()))
        {
            let example = "outage: { what: bank, every: 5min, last: 20s }";
            lowering.diagnostics.push(missing("outage", key, argument.span, example));
            return Vec::new();
        }
        let part = lowering.part_named(&subject(argument));
        part.map(|component| Harm::Outage { component }).into_iter().collect()
    },
};
