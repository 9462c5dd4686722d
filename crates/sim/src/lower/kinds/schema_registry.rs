//! A schema registry: the gate before a log that refuses records that consumers could not read.

use super::{Kind, cannot};
use crate::kernel::tables::Component;
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

/// Words of the component.
pub const WORDS: KindWords = KindWords {
    name: "schema-registry",
    manual: "Holds the schemas of a log's topics. Who publishes a record of a form that consumers could not read is \
             refused: its `publish` fails, and no consumer meets the record.",
    keys: &[Key::required("of", Shape::Reference("component"), "The log.")],
    leaves_out: &[
        "Calls to it: producers keep the schemas that they know, and go on without it while it is away.",
        "Consumers that ask it.",
    ],
    goes_with: &["log"],
    example: crate::lower::example!("components/schema-registry"),
    without: &["components.registry"],
};

/// The kind.
pub(crate) const KIND: Kind = Kind {
    words: WORDS,
    has_operations: false,
    hop: false,
    declare: |lowering, part| {
        lowering.declare(part, Component::default(), 1);
        let own = lowering.parts[part as usize].component;
        let of = own.settings.text("of").unwrap_or("");
        let known = lowering.design.components.iter().find(|other| other.name.value == of);
        if known.is_some_and(|log| log.kind.value != "log") {
            let diagnostic = Diagnostic::error("wrong-component", format!("`{of}` is not a log"))
                .at(own.settings.span("of"), "asked for here")
                .help("a registry stands before the topics of a log");
            lowering.diagnostics.push(diagnostic);
        }
    },
    answers: |lowering, part, ask| Err(cannot(lowering, part, ask)),
    emit: |_, _, _, _| {},
    balances: None,
};
