//! Decisions with their arguments, and what would change them.

use super::mark::mark;
use crate::clean::clean;
use crate::figure::with_amounts;
use crate::told;
use groundplan_knowledge::decision::{Decision, Flip, Reason};
use groundplan_knowledge::{Side, Source};
use groundplan_planner::plan::Plan;
use maud::{Markup, html};

/// All decisions: the style in full, the others as cards.
pub fn decisions(plan: &Plan, sources: &[Source]) -> Markup {
    let (style, others): (Vec<&Decision>, Vec<&Decision>) =
        plan.decisions.decisions.iter().partition(|decision| decision.dimension == told::STYLE);
    html! {
        p.intro { "Reached by rules from the brief alone, each rule with its source; measurements may veto or object, never promote." }
        @for decision in style { (in_full(decision, sources)) }
        div.cards {
            @for decision in others {
                div.card {
                    p.dim { (told::dimension(decision)) }
                    p.opt { (told::title(&decision.option)) }
                    p.small.soft { (told::sentence(&decision.explanation)) }
                    @if let Some(runner_up) = &decision.runner_up { p.small { span.soft { "Second: " } (told::words(runner_up)) } }
                    @if let Some(flip) = decision.flips.first() { p.small { span.soft { "Flips: " } (flip_words(flip)) } }
                    details {
                        summary { (count(decision.reasons.len())) }
                        (arguments(&decision.reasons, &decision.option, sources))
                    }
                }
            }
        }
        @for conflict in &plan.decisions.conflicts {
            div.banner {
                h2 { (told::title(&conflict.dimension)) @if let Some(subject) = &conflict.subject { " of " (clean(subject)) } ": nothing is possible" }
                ul { @for condition in &conflict.conditions { li { (clean(condition)) } } }
            }
        }
    }
}

fn in_full(decision: &Decision, sources: &[Source]) -> Markup {
    let main: Vec<&Reason> = told::main_reasons(decision, 6);
    html! {
        h3 { (told::dimension(decision)) ": " (told::words(&decision.option)) }
        p { (told::sentence(&decision.explanation)) " " span.soft { "Confidence " (decision.confidence.word) ": " (clean(&decision.confidence.text)) "." } }
        div.pair {
            div {
                h4 { "What carried it" }
                ul.args { @for reason in &main { (argument(reason, &decision.option, sources)) } }
                @if let Some(reason) = told::main_objection(decision) {
                    h4 { "What speaks against it" }
                    ul.args { (argument(reason, &decision.option, sources)) }
                }
            }
            div {
                @if let Some(runner_up) = &decision.runner_up { h4 { "Second" } p { (told::title(runner_up)) } }
                @if !decision.flips.is_empty() {
                    h4 { "It flips" }
                    @for flip in decision.flips.iter().take(5) { div.flip.small { (flip_words(flip)) } }
                }
                @for option in &decision.not_yet {
                    h4 { "Not yet: " (told::words(&option.option)) }
                    ul.small { @for when in &option.ready_when { li { (clean(when)) } } }
                }
            }
        }
        details {
            summary { "All " (count(decision.reasons.len())) }
            (arguments(&decision.reasons, &decision.option, sources))
        }
    }
}

fn count(arguments: usize) -> String {
    if arguments == 1 { "1 argument".into() } else { format!("{arguments} arguments") }
}

fn arguments(reasons: &[Reason], chosen: &str, sources: &[Source]) -> Markup {
    html! { ul.args.small { @for reason in reasons { (argument(reason, chosen, sources)) } } }
}

fn argument(reason: &Reason, chosen: &str, sources: &[Source]) -> Markup {
    let against = reason.side == Side::Against;
    html! {
        li class=[against.then_some("against")] {
            span.s title=(if against { "against" } else { "for" }) { (if against { "–" } else { "+" }) }
            span {
                @if reason.option != chosen { span.soft { (told::title(&reason.option)) ": " } }
                (told::sentence(&reason.text))
                span.meta {
                    (reason.grade.word()) ", " (told::words(reason.concern.word()))
                    @if let Some(veto) = reason.veto { ", veto: " (veto) }
                    @if !reason.origin.is_ours() { ", a rule of the house" }
                    @for cite in &reason.sources {
                        " · "
                        @match sources.iter().find(|source| source.id == cite.source) {
                            Some(source) => a href={ "#source-" (source.id) } title=(clean(&source.title)) { (clean(&source.id)) },
                            None => (clean(&cite.source)),
                        }
                    }
                }
            }
        }
    }
}

fn flip_words(flip: &Flip) -> Markup {
    html! {
        (told::title(&flip.option)) span.soft { ", once " code { (clean(&flip.constraint)) } " is " } (told::flip_at(flip))
        span.soft { " (now " (told::flip_now(flip)) ")" }
    }
}

/// Inputs that matter, flips of all decisions, questions.
pub fn changes(plan: &Plan) -> Markup {
    let flips =
        plan.decisions.decisions.iter().flat_map(|decision| decision.flips.iter().map(move |flip| (decision, flip)));
    let flips: Vec<_> = flips.collect();
    if plan.drivers.is_empty() && flips.is_empty() && plan.decisions.questions.is_empty() {
        return html! {};
    }
    html! {
        @if !plan.drivers.is_empty() {
            p.intro { "The inputs that matter most, with the value at which something changes." }
            div.cards {
                @for driver in &plan.drivers {
                    div.card {
                        p.dim { (clean(&driver.input)) }
                        p.opt { (clean(&driver.now)) (mark(driver.provenance)) }
                        p.small.soft { (with_amounts(&clean(&driver.break_even))) }
                    }
                }
            }
        }
        @if !plan.decisions.questions.is_empty() {
            h3 { "Questions to ask" }
            ul {
                @for question in &plan.decisions.questions {
                    li { (clean(&question.text)) " " span.soft { "Taken: " code { (clean(&question.constraint)) } " = " (clean(&question.assumed)) "." } }
                }
            }
        }
        @if !flips.is_empty() {
            h3 { "Every flip point" }
            p.intro.small { "One constraint changes, all others stay: the first value at which the rules decide otherwise. Exact, not estimated." }
            div.scroll.wide { table {
                thead { tr { th { "Decision" } th { "Constraint" } th.n { "Now" } th.n { "Flips at" } th { "To" } } }
                tbody {
                    @for (decision, flip) in flips {
                        tr {
                            th scope="row" { (told::dimension(decision)) }
                            td { code { (clean(&flip.constraint)) } }
                            td.n { (told::flip_now(flip)) }
                            td.n { (told::flip_at(flip)) }
                            td { (told::title(&flip.option)) }
                        }
                    }
                }
            } }
        }
    }
}
