//! Copies of data are further behind than usual: a slow link, a long statement that they apply.

use super::{Fault, missing, settings, subject};
use crate::kernel::tables::Harm;
use crate::lower::nanoseconds;
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::text::shown;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

const LAG: &[Key] = &[
    Key::required("what", Shape::Reference("component"), "The database whose copies are behind."),
    Key::required("lag", Shape::Duration, "Added to how far they are behind: `2s`."),
];

/// Words of the fault.
pub const WORDS: KindWords = KindWords {
    name: "replica-lag",
    manual: "The copies of a database have its writes so much later: with `async` in their log, so that more is lost with the \
             leader; else only for who reads there. When it ends they catch up at once, but for `apply-time`.",
    keys: &[Key::optional("replica-lag", Shape::Record(LAG), "Of which database, and by how much.")],
    leaves_out: &["Copies that are behind by different times."],
    goes_with: &["database", "leader-loss", "partition"],
    example: crate::lower::example!("faults/replica-lag"),
    without: &["experiments.0.faults"],
};

/// The fault.
pub(crate) const FAULT: Fault = Fault {
    words: WORDS,
    gates: false,
    harms: |lowering, argument| {
        let said = settings(argument);
        let Some(add) = said.duration("lag") else {
            let diagnostic = missing("replica-lag", "lag", argument.span, "{ what: orders, lag: 2s }");
            lowering.diagnostics.push(diagnostic);
            return Vec::new();
        };
        let what = subject(argument);
        let Some(component) = lowering.part_named(&what) else {
            return Vec::new();
        };
        let copied = lowering.tables.machines.copies.unit(component) != crate::kernel::tables::NONE;
        if !copied {
            let headline =
                format!("`replica-lag` strikes nothing: {} has no copies that follow a leader", shown(&what));
            let help = "name a database with `copies: 2` or more";
            lowering
                .diagnostics
                .push(Diagnostic::error("fault-at-nothing", headline).at(what.span, "aimed at nothing").help(help));
            return Vec::new();
        }
        vec![Harm::ReplicaLag { component, add: nanoseconds(add) }]
    },
};
