//! Decisions with their arguments, and what would change them.

use super::mark::mark;
use crate::clean::clean;
use crate::figure::with_amounts;
use crate::told::{self, Group};
use groundplan_knowledge::decision::{Decision, Flip, Reason};
use groundplan_knowledge::{Side, Source};
use groundplan_planner::plan::Plan;
use maud::{Markup, html};

/// All decisions: the style in full, the others as cards, data sets that read alike on one; then what they do to one another.
pub fn decisions(plan: &Plan, sources: &[Source]) -> Markup {
    let groups = told::groups(&plan.decisions);
    let (style, others): (Vec<_>, Vec<_>) =
        groups.into_iter().partition(|group| group.decisions[0].dimension == told::STYLE);
    let unasked = told::unasked(&plan.decisions);
    html! {
        p.intro { "Reached by rules from the brief alone, each rule with its source; measurements may veto or object, never promote." }
        @for group in style { (in_full(group.first(), sources)) }
        div.cards { @for group in &others { (card(group, sources)) } }
        @if !unasked.is_empty() { p.small.soft { "Not asked for: " (unasked.join(", ")) "." } }
        @for conflict in &plan.decisions.conflicts {
            div.banner {
                h2 { (told::title(&conflict.dimension)) @if let Some(subject) = &conflict.subject { " of " (clean(subject)) } ": nothing is possible" }
                ul { @for condition in &conflict.conditions { li { (clean(condition)) } } }
                @for flip in conflict.resolved_by.iter().take(3) {
                    p.small { "A way out: " code { (clean(&flip.constraint)) } " " (told::flip_at(flip)) ", then " (told::words(&flip.option)) "." }
                }
            }
        }
        (together(plan, sources))
    }
}

/// What the chosen options do to one another.
fn together(plan: &Plan, sources: &[Source]) -> Markup {
    if plan.decisions.combinations.is_empty() {
        return html! {};
    }
    let short = |full: &str| told::words(full.rsplit('/').next().unwrap_or(full));
    html! {
        h3 { "Together" }
        ul.args.small {
            @for one in &plan.decisions.combinations {
                @let clashes = one.how == "clashes";
                li class=[clashes.then_some("against")] {
                    span.s title=(one.how) { (if clashes { "!" } else { "+" }) }
                    span {
                        b { (short(&one.between[0])) " and " (short(&one.between[1])) ": " }
                        (told::sentence(&one.text))
                        span.meta {
                            @if !one.adds.is_empty() { "adds " (clean(&one.adds.join(", "))) }
                            @for source in &one.sources { " · " (cite(source, sources)) }
                        }
                    }
                }
            }
        }
    }
}

fn card(group: &Group<'_>, sources: &[Source]) -> Markup {
    let decision = group.first();
    html! {
        div.card {
            p.dim { (group.title()) }
            p.opt { (told::title(&decision.option)) " " span.tag { @if decision.tie { "a tie" } @else { (decision.confidence.word) } } }
            @for reason in told::main_reasons(decision, 2) {
                p.small.soft {
                    @if reason.option != decision.option { "Not " (told::words(&reason.option)) ": " (told::sentence(&reason.text)) }
                    @else { (told::sentence(&reason.text)) }
                }
            }
            (around(decision))
            details {
                summary { (count(told::arguments(decision).len())) }
                (arguments(&told::arguments(decision), &decision.option, sources))
            }
        }
    }
}

/// What a decision stands before, what it lacks, what is ruled out, until when it stays.
fn around(decision: &Decision) -> Markup {
    let out = told::ruled_out(decision);
    html! {
        @if let Some(runner_up) = &decision.runner_up {
            p.small {
                span.soft { "Before: " } (told::words(runner_up)) span.soft { ", " (told::by(decision)) }
                @if let Some(better) = told::better(decision) { "; it would be better " (better) }
                "."
            }
        }
        @for unmet in &decision.unmet {
            p.small {
                span.tag.warn { "lacks" } " " (told::sentence(&unmet.text)) " "
                span.soft { code { (clean(&unmet.needs)) } ", now " (clean(&unmet.now)) @if unmet.assumed { ", assumed" } ". " }
                (told::sentence(&unmet.to_do))
            }
        }
        @if !out.is_empty() {
            p.small {
                span.soft { "Ruled out: " }
                @for (nth, (option, reason)) in out.iter().enumerate() {
                    @if nth > 0 { ", " }
                    span title=(clean(&reason.text)) { (told::words(option)) @let held = told::held(reason); @if !held.is_empty() { span.soft { " (" (held) ")" } } }
                }
                "."
            }
        }
        @let barred = told::barred(decision);
        @if !barred.is_empty() { p.small { span.tag.warn { "house" } " keeps out " (barred.join(", ")) "." } }
        @if let Some(flip) = decision.flips.first() { p.small { span.soft { "Stays " } (stays(flip)) "." } }
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
                (around(decision))
                @if decision.flips.len() > 1 {
                    h4 { "Also" }
                    @for flip in decision.flips.iter().skip(1).take(4) { div.flip.small { (stays(flip)) } }
                }
                @for option in &decision.not_yet {
                    h4 { "Not yet: " (told::words(&option.option)) }
                    ul.small { @for when in &option.ready_when { li { (clean(when)) } } }
                }
            }
        }
        details {
            summary { "All " (count(told::arguments(decision).len())) }
            (arguments(&told::arguments(decision), &decision.option, sources))
        }
    }
}

fn count(arguments: usize) -> String {
    if arguments == 1 { "1 argument".into() } else { format!("{arguments} arguments") }
}

fn arguments(reasons: &[&Reason], chosen: &str, sources: &[Source]) -> Markup {
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
                        " · " (self::cite(&cite.source, sources))
                    }
                }
            }
        }
    }
}

/// A source, as a link to where it is told.
pub(super) fn cite(id: &str, sources: &[Source]) -> Markup {
    html! {
        @match sources.iter().find(|source| source.id == id) {
            Some(source) => a href={ "#source-" (source.id) } title=(clean(&source.title)) { (clean(&source.id)) },
            None => (clean(id)),
        }
    }
}

fn stays(flip: &Flip) -> Markup {
    html! {
        span.soft { "until " } code { (clean(&flip.constraint)) } span.soft { " is " } (told::flip_at(flip))
        span.soft { " (now " (told::flip_now(flip)) "), then " } (told::words(&flip.option))
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
        @let nearest = told::nearest(&plan.decisions, 8);
        @if !nearest.is_empty() {
            h3 { "What would change first" }
            p.intro.small { "One constraint moves, all others stay: every decision stays until there. Exact, from the rules' own thresholds." }
            div.scroll.wide { table {
                thead { tr { th { "Constraint" } th.n { "Now" } th.n { "All stays until" } th { "Then" } } }
                tbody {
                    @for (leeway, turn) in nearest {
                        tr {
                            th scope="row" { code { (clean(&leeway.constraint)) } }
                            td.n { (with_amounts(&clean(&leeway.shown_now))) }
                            td.n { (with_amounts(&clean(&turn.threshold))) }
                            td { (told::turned(turn, 4)) }
                        }
                    }
                }
            } }
        }
        @if !plan.decisions.questions.is_empty() {
            h3 { "Questions to ask" }
            ul {
                @for question in &plan.decisions.questions {
                    li {
                        code { (clean(&question.constraint)) } span.soft { " taken as " (clean(&question.assumed)) ": " }
                        (told::answers(question, 3)) "."
                    }
                }
            }
        }
        @if !flips.is_empty() {
            details { summary { "Every flip point (" (flips.len()) ")" }
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
            } } }
        }
    }
}
