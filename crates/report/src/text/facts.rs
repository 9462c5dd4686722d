//! What a component's machines counted and timed, as a line below a table: only what is not zero.
//!
//! Not here: the figures that every component has, which stand in the table itself.

use super::shown;
use crate::figure::Unit;
use crate::terminal::{Page, Rich, Tone};
use groundplan_model::estimate::Estimate;
use groundplan_sim::record::{How, KEPT};
use groundplan_sim::verdict::{ComponentVerdict, KeptVerdict};

/// Words that speak of harm done or of work left behind; an experiment shows these unasked.
const HARMFUL: &[&str] = &[
    "lost writes",
    "duplicates",
    "failovers",
    "fallbacks",
    "conflicting-writes",
    "stale-reads",
    "broken-read-your-writes",
    "broken-monotonic-reads",
    "failures",
    "data-losses",
    "conflicts",
    "deadlocks",
    "lock-timeouts",
    "lag-records",
    "oldest",
    "order-violations",
    "dead-letters",
    "expired",
    "incompatible",
    "republished",
    "lost-events",
    "late-records",
    "crashes",
    "killed",
    "no-space",
    "stale-served",
    "throttled",
    "rolled-back",
    "not-understood",
];

/// A word as the list above has it, and what is shown of it.
type Fact = (String, Rich);

/// Everything there is to say of a component.
pub(super) fn of(component: &ComponentVerdict) -> Vec<Rich> {
    all(component).into_iter().map(|(_, fact)| fact).collect()
}

/// What speaks of harm.
pub(super) fn harmful(component: &ComponentVerdict) -> Vec<Rich> {
    let told = |(word, fact): Fact| HARMFUL.contains(&word.as_str()).then_some(fact);
    all(component).into_iter().filter_map(told).collect()
}

/// `NAME: fact, fact`; nothing where there are none.
pub(super) fn line(page: &mut Page, tone: Tone, name: &str, facts: Vec<Rich>) {
    if facts.is_empty() {
        return;
    }
    let mut rich = Rich::new(tone, &format!("{name}: "));
    for (nth, fact) in facts.into_iter().enumerate() {
        if nth > 0 {
            rich = rich.and(Tone::Dim, ", ");
        }
        rich.0.extend(fact.0);
    }
    page.paragraph(2, &rich);
}

fn all(component: &ComponentVerdict) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut fact = |key: &str, word: &str, estimate: Option<&Estimate>, unit| {
        if let Some(estimate) = estimate.filter(|estimate| estimate.value.is_some_and(|value| value != 0.0)) {
            let mut rich = Rich::new(Tone::Dim, &format!("{word} "));
            rich.0.extend(shown(estimate, unit).0);
            facts.push((key.to_string(), rich));
        }
    };
    let mut plain = |word: &str, estimate: Option<&Estimate>, unit| fact(word, word, estimate, unit);
    plain("refused", component.refused.as_ref(), Unit::Share);
    plain("wasted", component.wasted.as_ref(), Unit::Share);
    plain("hit ratio", component.hit_ratio.as_ref(), Unit::Share);
    plain("lost writes", component.lost_writes.as_ref(), Unit::Count);
    plain("duplicates", component.duplicates.as_ref(), Unit::Count);
    plain("lag p99", component.lag.as_ref().map(|lag| &lag.p99), Unit::Seconds);
    for (name, kept) in &component.kept {
        let (key, word) = (name.replace('_', "-"), name.replace('_', " "));
        let how = KEPT.iter().find(|known| known.name == key).map(|known| known.how);
        match (kept, how) {
            (KeptVerdict::Times(times), _) => fact(&key, &format!("{word} p99"), Some(&times.p99), Unit::Seconds),
            (KeptVerdict::Figure(figure), Some(How::Share(..))) => fact(&key, &word, Some(figure), Unit::Share),
            (KeptVerdict::Figure(figure), Some(How::Total(_))) => fact(&key, &word, Some(figure), Unit::Seconds),
            (KeptVerdict::Figure(figure), Some(How::Mean(..))) => fact(&key, &word, Some(figure), Unit::Number),
            (KeptVerdict::Figure(figure), _) => fact(&key, &word, Some(figure), Unit::Count),
        }
    }
    facts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_harm_is_one_that_is_counted() {
        for word in &HARMFUL[2..] {
            let known = KEPT.iter().find(|known| known.name == *word);
            assert!(known.is_some_and(|known| !matches!(known.how, How::Time(_))), "{word}");
        }
    }
}
