//! What is said about one brief: the scripts that apply, and quantities for texts with names in braces. Risks, checklists and
//! recommendations are judged in `dangers`. Nothing here changes a decision.

use crate::evaluate::Evaluator;
use crate::frame::Frame;
use crate::playbook::Script;
use crate::predicate::Level;
use crate::rule::Scope;
use crate::view::{Subject, View};
use crate::{Knowledge, decide, measure, unit, weigh};
use groundplan_model::brief::Brief;

impl Knowledge {
    /// The scripts that apply to a brief and its choices, in the order they are told. Cost: one `choose`.
    #[must_use]
    pub fn scripts_for(&self, brief: &Brief) -> Vec<&Script> {
        let frame = Frame::of(brief);
        let view = View::new(brief, &frame);
        let chosen = decide::chosen(self, &decide::weigh_all(self, brief, &Evaluator::new(self, &view)));
        let holds =
            |script: &&Script| weigh::holds(Scope::Brief, &script.when, &view, &chosen, Subject::Brief).0 != Level::No;
        self.scripts().into_iter().filter(holds).collect()
    }

    /// A quantity of a brief as people write it: `{load.total.rate}` of a template; none where nothing is called that.
    #[must_use]
    pub fn quantity(brief: &Brief, name: &str) -> Option<String> {
        let measure = measure::find(name).filter(|measure| measure.scope == Scope::Brief)?;
        let frame = Frame::of(brief);
        let value = (measure.value)(&View::new(brief, &frame), Subject::Brief);
        let word = measure.words.get(value.max(0.0) as usize).map(|word| (*word).to_string());
        Some(word.unwrap_or_else(|| unit::shown(value, measure.unit)))
    }
}
