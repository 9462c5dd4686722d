//! `plan.html`: one self-contained page, offline, light and dark, wide, narrow and on paper; no script.
//!
//! Every figure carries the mark of where it comes from. maud escapes every text; what could hide or turn text is cleaned
//! before. The order is that of a reader with one minute, then ten: what binds, the answer, its picture, the comparison,
//! then everything it rests on.

mod compare;
mod decide;
mod mark;
mod rest;

use crate::clean::clean;
use crate::diagram::{Ground, Laid, svg};
use crate::figure::{Unit, money};
use crate::told;
use groundplan_knowledge::Source;
use groundplan_model::estimate::Provenance;
use groundplan_planner::plan::{Holds, Outcome, Plan};
use mark::{estimate, legend, mark, plain};
use maud::{DOCTYPE, Markup, PreEscaped, html};

const STYLE: &str = include_str!("html/style.css");

/// The page of a plan. `diagram` is the picture of the chosen design, `files` what lies beside the page.
#[must_use]
pub fn plan(plan: &Plan, sources: &[Source], diagram: &Laid, files: &[String]) -> String {
    let sections: Vec<(&str, &str, Markup)> = vec![
        ("decisions", "Decisions", decide::decisions(plan, sources)),
        ("picture", "Picture", picture(plan, diagram)),
        ("side-by-side", "Side by side", compare::side_by_side(plan)),
        ("targets", "Targets", rest::targets(plan)),
        ("faults", "Faults", compare::faults(plan)),
        ("mitigations", "Mitigations", compare::mitigations(plan)),
        ("year", "A year", rest::year(plan)),
        ("risks", "Risks", rest::risks(plan, sources)),
        ("checklists", "Before you adopt it", rest::checklists(plan)),
        ("road", "What to build when", rest::road(plan)),
        ("capacity", "Capacity", rest::capacity(plan)),
        ("sizes", "Sizes", rest::sizes(plan)),
        ("cost", "Cost", compare::cost(plan)),
        ("rollout", "Rollout", rest::rollout(plan)),
        ("changes", "What would change it", decide::changes(plan)),
        ("assumptions", "Assumptions", rest::assumptions(plan)),
        ("limits", "Not modelled", rest::limits(plan)),
        ("sources", "Sources", rest::sources(plan, sources)),
    ];
    let sections: Vec<_> = sections.into_iter().filter(|(_, _, body)| !body.0.is_empty()).collect();
    let name = clean(&plan.brief.name);
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="generator" content="groundplan";
                title { (name) " – plan" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                div.frame {
                    nav aria-label="Contents" {
                        b { "Groundplan" }
                        a href="#top" { "The answer" }
                        @for (id, title, _) in &sections { a href={ "#" (id) } { (title) } }
                        div.legend { (legend()) }
                    }
                    main {
                        (header(plan))
                        @for (id, title, body) in &sections {
                            section id=(id) { h2 { (title) } (body) }
                        }
                        footer {
                            p { "Beside this page: " (files.join(", ")) "." }
                            p { "Simulated figures carry their 95% interval and come from seed " (plan.seed) "; the same brief gives the same bytes." }
                        }
                    }
                }
            }
        }
    }
    .into_string()
}

fn header(plan: &Plan) -> Markup {
    let choice = plan.choice();
    html! {
        header id="top" {
            p.kicker { "Plan" }
            h1 { (clean(&plan.brief.name)) }
            @if !plan.brief.about.is_empty() { p.about { (clean(&plan.brief.about)) } }
        }
        @if let Some((headline, points)) = told::first_of_all(plan) {
            div class=(if matches!(plan.outcome, Outcome::Undecided(_)) { "banner warn" } else { "banner" }) role="note" {
                h2 { (headline) }
                ul { @for point in points { li { (point) } } }
            }
        }
        div.verdict {
            p.what { "Build " (told::style_clause(choice.style)) "." }
            p.why { (told::sentence(&plan.chosen_because)) }
            @for objection in &choice.objections { p.why { span.tag.warn { "measured against it" } " " (clean(objection)) } }
            div.strip {
                @for name in told::entries(plan, 2) {
                    @if let Some(figures) = told::entry(choice, &name) {
                        (fact(estimate(&figures.latency.p99, Unit::Seconds, Provenance::Simulated), &format!("p99 of {}", clean(&name))))
                    }
                }
                (fact(estimate(&choice.annual_availability, Unit::Share, Provenance::Computed), "availability over a year"))
                (fact(html! { (plain(&money(choice.cost.total))) (mark(Provenance::Computed)) }, &format!("{} a month", choice.cost.currency)))
                (fact(html! { (choice.deployables) ", " (choice.stores) ", " (choice.brokers) }, "deployables, stores, brokers"))
                (fact(targets_held(plan), "targets that hold"))
            }
        }
        div.narrow-legend { (legend()) }
    }
}

fn fact(value: Markup, label: &str) -> Markup {
    html! { div { div.n { (value) } div.l { (label) } } }
}

fn targets_held(plan: &Plan) -> Markup {
    let slos = &plan.choice().slos;
    let held = slos.iter().filter(|slo| slo.holds == Holds::Yes).count();
    html! { (held) " of " (slos.len()) }
}

fn picture(plan: &Plan, diagram: &Laid) -> Markup {
    if diagram.boxes.is_empty() {
        return html! {};
    }
    html! {
        p.intro { "The " (plan.choice().style.title().to_lowercase()) " as it was simulated: what runs between components, how often, and how long its slowest hundredth takes." (mark(Provenance::Simulated)) }
        // The diagram escapes its own texts.
        div.diagram style={ "--w:" (diagram.width.round()) "px" } { (PreEscaped(svg(diagram, "diagram", Ground::Page))) }
    }
}
