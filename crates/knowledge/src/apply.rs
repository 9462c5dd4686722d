//! What of the playbook applies to one brief: risks, recommendations, scripts, answers to checklists, and quantities for
//! texts with names in braces. Nothing here changes a decision.

use crate::evaluate::Evaluator;
use crate::frame::Frame;
use crate::playbook::{Checklist, ChecklistItem, Recommendation, Risk, Script};
use crate::predicate::{Level, Predicate};
use crate::rule::Scope;
use crate::view::{Chosen, Subject, View};
use crate::{Knowledge, decide, measure, unit, weigh};
use groundplan_model::brief::Brief;

/// What applies to a brief.
#[derive(Debug, Clone)]
pub struct Applying<'k> {
    /// Risks, in file order.
    pub risks: Vec<RiskFound<'k>>,
    /// Recommendations, the soonest due first.
    pub recommendations: Vec<&'k Recommendation>,
    /// Scripts, in the order they are told.
    pub scripts: Vec<&'k Script>,
    /// Questions of the checklists, in file order.
    pub answers: Vec<Answer<'k>>,
}

/// A risk that applies.
#[derive(Debug, Clone)]
pub struct RiskFound<'k> {
    /// The risk.
    pub risk: &'k Risk,
    /// Whether it holds only inside the range of a threshold.
    pub inside_range: bool,
    /// The modules, entry points or data sets that it names; empty for risks of the whole.
    pub about: Vec<String>,
}

/// What a brief answers to a question of a checklist.
#[derive(Debug, Clone)]
pub struct Answer<'k> {
    /// The checklist.
    pub checklist: &'k Checklist,
    /// The question.
    pub item: &'k ChecklistItem,
    /// Yes or no; none where only people can say.
    pub holds: Option<bool>,
}

impl Knowledge {
    /// What of the playbook applies to a brief. Cost: one decision.
    #[must_use]
    pub fn applying(&self, brief: &Brief) -> Applying<'_> {
        let frame = Frame::of(brief);
        let view = View::new(brief, &frame);
        let chosen = decide::chosen(self, &decide::weigh_all(self, brief, &Evaluator::new(self, &view)));
        let holds = |when: &[Predicate]| all_hold(when, &view, &chosen);
        let mut recommendations: Vec<&Recommendation> =
            self.recommendations.values().filter(|item| item.holds.as_deref().is_none_or(holds)).collect();
        recommendations.sort_by_key(|item| item.due);
        Applying {
            risks: self.risks.values().filter_map(|risk| found(risk, &view, &chosen)).collect(),
            recommendations,
            scripts: self.scripts().into_iter().filter(|script| holds(&script.when)).collect(),
            answers: self
                .checklists
                .values()
                .flat_map(|checklist| checklist.items.iter().map(move |item| (checklist, item)))
                .map(|(checklist, item)| Answer { checklist, item, holds: item.holds.as_deref().map(holds) })
                .collect(),
        }
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

fn all_hold(when: &[Predicate], view: &View, chosen: &Chosen) -> bool {
    weigh::holds(Scope::Brief, when, view, chosen, Subject::Brief).0 != Level::No
}

fn found<'k>(risk: &'k Risk, view: &View, chosen: &Chosen) -> Option<RiskFound<'k>> {
    let (level, places) = weigh::holds(risk.scope, &risk.when, view, chosen, Subject::Brief);
    let name = |place: usize| match risk.scope {
        Scope::Brief => String::new(),
        Scope::Set => view.brief.data[place].name.value.clone(),
        Scope::Module => view.brief.modules[place].name.value.clone(),
        Scope::Entry => view.brief.load[place].operation.value.clone(),
    };
    (level != Level::No).then(|| RiskFound {
        risk,
        inside_range: level == Level::Inside,
        about: places.into_iter().map(name).collect(),
    })
}
