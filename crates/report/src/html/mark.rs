//! Figures on the page: value, interval, and the mark of where it comes from.

use crate::clean::clean;
use crate::figure::{self, Unit, figure};
use groundplan_model::estimate::{Estimate, Provenance};
use groundplan_planner::plan::Holds;
use maud::{Markup, html};

fn letter(provenance: Provenance) -> (&'static str, &'static str, &'static str) {
    match provenance {
        Provenance::Given => ("g", "p p-given", "given: the brief says so"),
        Provenance::Assumed => ("a", "p p-assumed", "assumed: a default"),
        Provenance::LookedUp => ("l", "p", "looked up: a fact with its source"),
        Provenance::Computed => ("c", "p", "computed: a closed form"),
        Provenance::Simulated => ("s", "p p-simulated", "simulated, with its 95% interval"),
    }
}

/// The mark of a provenance.
pub fn mark(provenance: Provenance) -> Markup {
    let (letter, class, title) = letter(provenance);
    html! { abbr class=(class) title=(title) { (letter) } }
}

/// What the marks mean.
pub fn legend() -> Markup {
    use Provenance::{Assumed, Computed, Given, LookedUp, Simulated};
    html! {
        @for provenance in [Given, Assumed, LookedUp, Computed, Simulated] {
            div { (mark(provenance)) " " (figure::provenance(provenance)) }
        }
    }
}

/// A figure with its interval and mark; the reason where there is none.
pub fn estimate(estimate: &Estimate, unit: Unit, provenance: Provenance) -> Markup {
    let figure = figure(estimate, unit);
    html! {
        @match (&figure.reason, estimate.value) {
            (Some(reason), None) => (none(reason)),
            (reason, _) => {
                span title=[reason.as_deref().map(clean)] { (plain(&figure.value)) }
                @if !figure.spread.is_empty() { " " span.pm { (figure.spread) } }
                (mark(provenance))
            },
        }
    }
}

/// What stands in place of a figure: why there is none, in a few words.
pub fn none(reason: &str) -> Markup {
    html! { span.faint.small title=(clean(&figure::in_full(reason))) { (clean(figure::in_short(reason))) } }
}

/// A figure with its unit set back: `12.3` and `ms`.
pub fn plain(text: &str) -> Markup {
    let split = text.rfind(|c: char| c.is_ascii_digit()).map_or(text.len(), |at| at + 1);
    html! { (text[..split]) @if split < text.len() { span.unit { (text[split..]) } } }
}

/// Whether something holds, as a tag.
pub fn holds(holds: Holds) -> Markup {
    let class = match holds {
        Holds::Yes => "tag good",
        Holds::No => "tag bad",
        Holds::Undecided => "tag warn",
    };
    html! { span class=(class) { (figure::holds(holds)) } }
}

/// Steps of a computation behind a fold.
pub fn steps(summary: &str, steps: &[String]) -> Markup {
    html! {
        @if !steps.is_empty() {
            details { summary { (summary) } ul.steps { @for step in steps { li { (clean(step)) } } } }
        }
    }
}
