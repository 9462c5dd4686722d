//! What people read on a terminal: the plan, a verdict, a check, the knowledge. 80 columns, calm, escapes only for tone.

mod around;
mod ask;
mod availability;
mod checked;
mod closed;
mod comparison;
mod decisions;
mod facts;
mod knowledge;
mod notes;
mod options;
pub(crate) mod outcomes;
mod plan;
mod reference;
mod script;
mod sensitivity;
mod validation;
mod verdict;
mod waterfall;

pub use ask::{difference, greeting, not_taken, other_half, question, questions};
pub use availability::availability;
pub use checked::{alone, coverage, knowledge_check};
pub use comparison::comparison;
pub use decisions::decided;
pub use knowledge::{knowledge_entry, knowledge_list, knowledge_search};
pub use options::{compared, sheet};
pub use outcomes::outcomes;
pub use plan::plan;
pub use reference::{reference_entries, reference_list, reference_parameters};
pub use script::script;
pub use validation::validation;
pub use verdict::verdict;
pub use waterfall::waterfalls;

use crate::figure;
use crate::terminal::{Rich, Tone};
use groundplan_model::estimate::Estimate;

/// A figure with its interval set back.
fn shown(estimate: &Estimate, unit: figure::Unit) -> Rich {
    let figure = figure::figure(estimate, unit);
    let rich = Rich::new(Tone::Plain, &figure.value);
    if figure.spread.is_empty() { rich } else { rich.and(Tone::Dim, &format!(" {}", figure.spread)) }
}
