//! Inputs that kill whichever copy of a program handles them; who tries again carries them to the next.

use super::{Fault, missing, settings, subject};
use crate::kernel::tables::{Harm, Poison, share_bits};
use crate::lower::Ask;
use groundplan_model::span::Located;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

const POISON_INPUT: &[Key] = &[
    Key::required("what", Shape::Reference("operation"), "`shop.browse`, or `shop` for all that it is asked."),
    Key::required("share", Shape::Share, "Share of requests that carry such an input."),
    Key::default("kills", Shape::Flag, "yes", "Whether the process dies of it; `no`: the operation fails."),
];

/// Words of the fault.
pub const WORDS: KindWords = KindWords {
    name: "poison-input",
    manual: "Some requests carry an input that kills whichever copy of the program handles it, with all that is in work \
             there. The same request does so wherever it is sent: retries, hedges and redelivery carry it from replica to \
             replica until all copies of the one program are down. It strikes once it has a worker.",
    keys: &[Key::optional("poison-input", Shape::Record(POISON_INPUT), "Which operation, and how many requests.")],
    leaves_out: &[
        "Users who send the same again: each request of the load is another.",
        "Work before the input strikes: it strikes at the first step.",
    ],
    goes_with: &["crash", "retry", "hedge", "config-push"],
    example: crate::lower::example!("faults/poison-input"),
    without: &["experiments.0.faults"],
};

/// The fault.
pub(crate) const FAULT: Fault = Fault {
    words: WORDS,
    gates: false,
    harms: |lowering, argument| {
        let said = settings(argument);
        let Some(share) = said.share("share") else {
            let example = "poison-input: { what: shop.browse, share: 0.1% }";
            lowering.diagnostics.push(missing("poison-input", "share", argument.span, example));
            return Vec::new();
        };
        let what = subject(argument);
        let (component, operation) = match what.value.split_once('.') {
            Some((component, operation)) => (component.to_string(), Some(operation.to_string())),
            None => (what.value.clone(), None),
        };
        let Some(part) = lowering.part_named(&Located::new(component, what.span)) else {
            return Vec::new();
        };
        if let Some(operation) = &operation
            && lowering.operation_of(part, operation).is_none()
        {
            let asked = Ask::Operation(operation.clone());
            let diagnostic = crate::lower::kinds::cannot(lowering, part, &asked).at(what.span, "asked for here");
            lowering.diagnostics.push(diagnostic);
            return Vec::new();
        }
        let unit = lowering.looks.unit(part, operation.as_deref());
        let kills = said.flag("kills") != Some(false);
        let harm = |unit| Harm::PoisonInput(Poison { unit, share: share_bits(share.0), kills });
        unit.map(harm).into_iter().collect()
    },
};
