//! More load: open sources send several times as much. Closed ones have the users they have.

use super::{Fault, missing, settings};
use crate::kernel::tables::{Harm, NONE};
use crate::lower::unknown;
use groundplan_model::span::Located;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

const SPIKE: &[Key] = &[
    Key::required("factor", Shape::Factor, "How many times as much."),
    Key::optional("load", Shape::Reference("load"), "The one load that grows; all of them where it is missing."),
];

/// Words of the fault.
pub const WORDS: KindWords = KindWords {
    name: "spike",
    manual: "Open loads send several times as much until the fault ends. Closed loads have the users they have.",
    keys: &[Key::optional("spike", Shape::Record(SPIKE), "How many times as much, and of which load.")],
    leaves_out: &["Closed loads: they have the users they have."],
    goes_with: &["rate-limit", "queue-timeout"],
    example: crate::lower::example!("faults/spike"),
    without: &["experiments.0.faults"],
};

/// The fault.
pub(crate) const FAULT: Fault = Fault {
    words: WORDS,
    gates: false,
    harms: |lowering, argument| {
        let settings = settings(argument);
        let Some(factor) = settings.number("factor").filter(|factor| *factor > 0.0) else {
            lowering.diagnostics.push(missing("spike", "factor", argument.span, "spike: { factor: 5x }"));
            return Vec::new();
        };
        let Some(load) = settings.text("load") else {
            return vec![Harm::Spike { source: NONE, factor }];
        };
        let loads = &lowering.design.load;
        if let Some(source) = loads.iter().position(|other| other.title() == load) {
            let source = lowering.source_of(source);
            return source.map(|source| Harm::Spike { source, factor }).into_iter().collect();
        }
        let name = Located::new(load.to_string(), settings.span("load"));
        let diagnostic = unknown("load", "unknown-load", &name, loads.iter().map(|load| load.title()));
        lowering.diagnostics.push(diagnostic);
        Vec::new()
    },
};
