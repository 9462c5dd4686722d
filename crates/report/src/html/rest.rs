//! What the answer rests on: targets, the year, risks, capacity, sizes, rollout, assumptions, limits, sources.

use super::mark::{estimate, holds, mark, steps};
use crate::clean::clean;
use crate::figure::{Unit, amount, money, of_closed, range, unit_of, with_amounts};
use crate::told;
use groundplan_knowledge::Source;
use groundplan_knowledge::decision::{CheckState, Danger};
use groundplan_model::estimate::Provenance;
use groundplan_planner::plan::Plan;
use maud::{Markup, html};

use Provenance::{Assumed, Computed, Simulated};

/// Each target and whether it holds.
pub fn targets(plan: &Plan) -> Markup {
    let slos = &plan.choice().slos;
    if slos.is_empty() {
        return html! {};
    }
    html! {
        p.intro { "A target holds or fails only when the whole interval clears it; else it is not decided." }
        div.scroll.wide { table {
            thead { tr { th { "Target" } th { "Must be" } th.n { "Measured" } th {} } }
            tbody {
                @for slo in slos {
                    tr {
                        th scope="row" { (told::capital(&slo.name)) }
                        td { (with_amounts(&clean(&slo.target))) @if !slo.must { span.soft { " (wanted)" } } }
                        td.n {
                            @match unit_of(&slo.name) {
                                Unit::Money => { (super::mark::plain(&amount(&slo.measured))) (mark(slo.provenance)) },
                                unit => (estimate(&slo.measured, unit, slo.provenance)),
                            }
                        }
                        td { (holds(slo.holds)) }
                    }
                }
            }
        } }
    }
}

/// Faults of a year added up.
pub fn year(plan: &Plan) -> Markup {
    let choice = plan.choice();
    if choice.year.is_empty() {
        return html! {};
    }
    html! {
        p.intro { "Availability over a year is one minus the sum of this ledger: how often each fault comes, times what it costs each time." }
        div.scroll.wide { table {
            thead { tr { th { "Fault" } th.n { "A year" } th.n { "Bad minutes each" } th.n { "Bad minutes a year" } th { "Rate from" } } }
            tbody {
                @for line in &choice.year {
                    tr {
                        th scope="row" { (told::title(&line.fault)) }
                        td.n { (range(line.per_year)) (mark(told::rate_provenance(line))) }
                        td.n { (estimate(&line.minutes_each, Unit::Number, Simulated)) }
                        td.n { (range(line.minutes_year)) (mark(Computed)) }
                        td.small.soft { (clean(&line.source)) }
                    }
                }
                tr { th scope="row" { b { "Availability over a year" } } td {} td {} td.n { b { (estimate(&choice.annual_availability, Unit::Share, Computed)) } } td {} }
            }
        } }
    }
}

/// What can go wrong: what was measured, then what is known of designs like this one.
pub fn risks(plan: &Plan, sources: &[Source]) -> Markup {
    let known = told::unmeasured(&plan.decisions, Some(plan));
    if plan.risks.is_empty() && known.is_empty() {
        return html! {};
    }
    html! {
        @if !plan.risks.is_empty() {
            p.intro { "The worst first. What an experiment shows is marked so; the rest is opinion, with its source." }
            div.cards {
                @for risk in &plan.risks {
                    div.card {
                        h3 { (told::capital(&risk.title)) }
                        p.small { (told::sentence(&told::effect(plan, risk))) }
                        @if !risk.mitigations.is_empty() { h4 { "Cure" } ul.small { @for cure in &risk.mitigations { li { (clean(cure)) } } } }
                        p.small.faint {
                            @match &risk.experiment {
                                Some(experiment) => { span.tag.accent { "tried" } " " (clean(experiment)) },
                                None if risk.sources.is_empty() => { span.tag { "computed" } " from the brief" },
                                None => { span.tag { "opinion" } " " (clean(&risk.sources.join(", "))) },
                            }
                        }
                    }
                }
            }
        }
        @if !known.is_empty() {
            h3 { "Known of designs like this one" }
            p.intro.small { "From the knowledge: their conditions hold for this brief and these choices. Not measured here." }
            div.cards {
                @for danger in known { (danger_card(danger, sources)) }
            }
        }
    }
}

fn danger_card(danger: &Danger, sources: &[Source]) -> Markup {
    html! {
        div.card {
            h3 { (told::capital(&danger.title)) }
            @if !danger.about.is_empty() { p.small.faint { (clean(&danger.about.join(", "))) } }
            p.small { (told::sentence(&danger.text)) }
            @if !danger.mitigations.is_empty() {
                h4 { "What helps" }
                ul.small { @for one in &danger.mitigations { li title=(clean(&one.text)) { (clean(&one.title)) } } }
            }
            @if let Some(signal) = danger.signals.first() { p.small { span.soft { "You would see: " } (told::sentence(signal)) } }
            p.small.faint {
                span.tag { "known" }
                @for cite in &danger.sources { " " (super::decide::cite(&cite.source, sources)) }
            }
        }
    }
}

/// The checklists, each item with what the brief answers.
pub fn checklists(plan: &Plan) -> Markup {
    let lists = &plan.decisions.checklists;
    if lists.is_empty() {
        return html! {};
    }
    html! {
        p.intro { "What the brief answers already, what it answers with no and what to do then, and what only you can say." }
        @for list in lists {
            @let count = |state: CheckState| list.items.iter().filter(|item| item.state == state).count();
            details {
                summary {
                    b { (clean(&list.title)) } ": " (count(CheckState::Holds)) " yes, " (count(CheckState::Not)) " no, "
                    (count(CheckState::Unknown)) " nobody said"
                }
                ul.args.small {
                    @for item in &list.items {
                        li class=[(item.state == CheckState::Not).then_some("against")] {
                            span.s { (match item.state { CheckState::Holds => "+", CheckState::Not => "–", CheckState::Unknown => "?" }) }
                            span {
                                (clean(&item.question))
                                @if item.state != CheckState::Holds { " " span.soft { (told::sentence(&item.if_not)) } }
                                @if item.state == CheckState::Unknown && !item.asks.is_empty() { span.meta { "say it with " (clean(&item.asks.join(", "))) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// What to build and do when, with the reason.
pub fn road(plan: &Plan) -> Markup {
    let due = || plan.decisions.road.iter().filter(|advice| !advice.held.is_empty());
    if due().next().is_none() {
        return html! {};
    }
    html! {
        ul.args {
            @for advice in due() {
                li {
                    span.s { "·" }
                    span {
                        b { (told::due(advice.due)) } ": " (told::sentence(&advice.text)) " "
                        span.soft { (told::sentence(&advice.why)) }
                    }
                }
            }
        }
    }
}

/// The capacity estimate with its steps.
pub fn capacity(plan: &Plan) -> Markup {
    if plan.estimate.is_empty() {
        return html! {};
    }
    html! {
        div.scroll { table {
            thead { tr { th { "Figure" } th.n { "Value" } th { "How it was reached" } } }
            tbody {
                @for line in &plan.estimate {
                    tr {
                        th scope="row" { (clean(&line.name)) }
                        td.n { (super::mark::plain(&clean(&line.shown))) (mark(line.provenance)) }
                        td { ul.steps style="margin:0" { @for step in &line.steps { li { (clean(step)) } } } }
                    }
                }
            }
        } }
    }
}

/// Sizes of the chosen design, and of the others behind a fold.
pub fn sizes(plan: &Plan) -> Markup {
    let candidates = told::distinct(plan);
    html! {
        p.intro { "By closed forms, at all peaks at once at the horizon, with what remains after a zone is lost still carrying the load." (mark(Computed)) }
        (size_table(plan.choice()))
        (closed_table(plan.choice()))
        @for candidate in candidates.into_iter().filter(|candidate| candidate.style != plan.choice().style) {
            details { summary { "Sizes of the " (candidate.style.title().to_lowercase()) } (size_table(candidate)) }
        }
    }
}

fn size_table(candidate: &groundplan_planner::plan::Candidate) -> Markup {
    html! {
        div.scroll.wide { table {
            thead { tr { th { "Component" } th.n { "Copies" } th.n { "vCPU each" } th.n { "Memory each" } th.n { "Storage" } th.n { "Load" } th.n { "Use" } th.n { (candidate.cost.currency) " a month" } } }
            tbody {
                @for size in &candidate.sizes {
                    tr {
                        th scope="row" { span style="color:var(--ink)" { (clean(&size.component)) } " " span.faint { (told::words(&size.kind)) } (steps("how", &size.steps)) }
                        td.n { @if size.replicas > 0 { (size.replicas) } @else { span.faint { "managed" } } }
                        td.n { @if size.vcpu > 0.0 { (Unit::Number.show(size.vcpu)) } @else { span.faint { "managed" } } }
                        td.n { @if size.memory.0 > 0.0 { (size.memory) } @else { span.faint { "managed" } } }
                        td.n { @if size.storage.0 > 0.0 { (size.storage) } @else { span.faint { "none" } } }
                        td.n { (size.load) }
                        td.n { @if size.utilisation.0 > 0.0 { (Unit::Share.show(size.utilisation.0)) } @else { span.faint { "managed" } } }
                        td.n { (money(size.cost)) }
                    }
                }
            }
        } }
    }
}

/// What theory says beside what was simulated: two roads to one figure.
fn closed_table(candidate: &groundplan_planner::plan::Candidate) -> Markup {
    let forms = &candidate.closed_forms;
    html! {
        @if !forms.is_empty() {
            h3 { "Beside the simulation" }
            p.intro { "Where a closed form applies to a part of the design, both figures stand here: two roads to one number." }
            div.scroll.wide { table {
                thead { tr { th { "Part" } th { "Figure" } th { "Model" } th.n { "Closed form" } th.n { "Simulated" } } }
                tbody {
                    @for form in forms {
                        tr {
                            th scope="row" { (clean(&form.subject.replace("->", " → "))) }
                            td { (form.measure.words()) }
                            td { (form.model) @if let Some(why) = form.approximate { " " span.faint { "approximate: " (why) } } }
                            td.n { (of_closed(form.measure).show(form.value)) " " (mark(Computed)) }
                            td.n { (estimate(&form.simulated, of_closed(form.measure), Simulated)) }
                        }
                    }
                }
            } }
        }
    }
}

/// How to bring it out.
pub fn rollout(plan: &Plan) -> Markup {
    if plan.rollout.is_empty() {
        return html! {};
    }
    html! {
        div.scroll.wide { table {
            thead { tr { th { "Stage" } th.n { "Traffic" } th.n { "At least" } th { "Goes on if, else it is rolled back" } } }
            tbody { @for stage in &plan.rollout {
                tr { th scope="row" { (clean(&stage.title)) } td.n { (stage.traffic) } td.n { (stage.lasts) } td { (clean(&stage.gate)) } }
            } }
        } }
    }
}

/// Every default that was taken.
pub fn assumptions(plan: &Plan) -> Markup {
    if plan.brief.assumptions.is_empty() {
        return html! {};
    }
    html! {
        p.intro { "What the brief does not say and had to be taken; say it in the brief to change it." }
        div.scroll { table {
            thead { tr { th { "Constraint" } th { "Taken" } th { "Why" } } }
            tbody { @for (path, value, why) in told::assumed(&plan.brief) {
                tr { th scope="row" { code { (path) } } td { (clean(value)) (mark(Assumed)) } td.soft { (clean(why)) } }
            } }
        } }
    }
}

/// What is not modelled.
pub fn limits(plan: &Plan) -> Markup {
    if plan.limits.is_empty() {
        return html! {};
    }
    html! { ul { @for limit in &plan.limits { li { (clean(limit)) } } } }
}

/// The sources that are cited.
pub fn sources(plan: &Plan, sources: &[Source]) -> Markup {
    let cited = told::cited(plan);
    let cited: Vec<&Source> = sources.iter().filter(|source| cited.contains(&source.id)).collect();
    if cited.is_empty() {
        return html! {};
    }
    html! {
        ul.sources {
            @for source in cited {
                li id={ "source-" (source.id) } {
                    b { (clean(&source.title)) } ", " (clean(&source.author)) ", " (source.year) ". "
                    @if source.read_at.starts_with("https://") || source.read_at.starts_with("http://") {
                        a href=(source.read_at) rel="noopener noreferrer" { (clean(&source.read_at)) }
                    } @else { span.soft { (clean(&source.read_at)) } }
                    " " span.faint { "[" (clean(&source.id)) "]" }
                }
            }
        }
    }
}
