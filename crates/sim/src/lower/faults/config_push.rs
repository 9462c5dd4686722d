//! A bad configuration that reaches all replicas at one instant.
//!
//! Releases in stages, which would stop at the first of them, stand with versions; here nothing holds it up.

use super::{Fault, settings, subjects};
use crate::kernel::tables::{Harm, share_bits};
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

const CONFIG_PUSH: &[Key] = &[
    Key::required(
        "what",
        Shape::OneOrMany(&Shape::Reference("component")),
        "The component, or all components, that read it.",
    ),
    Key::optional("errors", Shape::Share, "Share of attempts that fail with it, at once."),
    Key::optional("slow", Shape::Either(&[Shape::Factor, Shape::Number]), "How many times as long everything takes."),
    Key::optional("crash", Shape::Flag, "`yes`: processes die of it, and none starts before it is taken back."),
];

/// Words of the fault.
pub const WORDS: KindWords = KindWords {
    name: "config-push",
    manual: "A bad configuration reaches all replicas of one or several components at one instant: they fail a share of \
             what they are asked, are slow, or die and can't start. `for` is the time to find it and take it back; who \
             died then takes its time to start. Redundancy does not help against it: all replicas have it.",
    keys: &[Key::optional("config-push", Shape::Record(CONFIG_PUSH), "Whom it reaches, and what it does to them.")],
    leaves_out: &["Stages: it is everywhere at once.", "A configuration that shows its fault only later."],
    goes_with: &["errors", "slow", "crash", "poison-input"],
    example: crate::lower::example!("faults/config-push"),
    without: &["experiments.0.faults"],
};

/// The fault.
pub(crate) const FAULT: Fault = Fault {
    words: WORDS,
    gates: true,
    harms: |lowering, argument| {
        let said = settings(argument);
        let errors = said.share("errors").map(|share| share_bits(share.0));
        let factor = said.number("slow").filter(|factor| *factor > 0.0);
        let crash = said.flag("crash") == Some(true);
        if errors.is_none() && factor.is_none() && !crash {
            let diagnostic = Diagnostic::error("missing-key", "the fault `config-push` does nothing")
                .at(argument.span, "neither `errors` nor `slow` nor `crash`")
                .help("write `config-push: { what: shop, errors: 50% }`");
            lowering.diagnostics.push(diagnostic);
            return Vec::new();
        }
        let mut harms = Vec::new();
        for name in subjects(argument) {
            let Some(part) = lowering.part_named(&name) else { continue };
            let (first, count) = (lowering.parts[part as usize].first, lowering.parts[part as usize].count);
            harms.extend(errors.map(|share| Harm::Errors { component: part, share }));
            harms.extend(factor.map(|factor| Harm::Slow { first, count, factor }));
            harms.extend(crash.then_some(Harm::Down { first, count, at_once: false }));
        }
        harms
    },
};
