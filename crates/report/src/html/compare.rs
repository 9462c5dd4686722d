//! The styles side by side, what faults do to each, what was tried against them, what they cost.

use super::mark::{estimate, mark, none, plain};
use crate::charts::{self, Line, Row};
use crate::clean::clean;
use crate::figure::{Unit, money, unit_of};
use crate::told;
use groundplan_model::estimate::{Estimate, Provenance};
use groundplan_planner::plan::{Candidate, CostRange, FaultResult, Plan};
use groundplan_sim::verdict::OperationVerdict;
use maud::{Markup, html};

use Provenance::{Computed, Simulated};

/// The table of all candidates, and their latencies as charts.
pub fn side_by_side(plan: &Plan) -> Markup {
    let candidates = told::distinct(plan);
    let columns = candidates.len() + 1;
    let chosen = plan.choice().style;
    let class = |candidate: &Candidate| if candidate.style == chosen { "n chosen" } else { "n" };
    let row = |label: &str, cell: &dyn Fn(&Candidate) -> Markup| {
        html! { tr { th scope="row" { (label) } @for candidate in &candidates { td class=(class(candidate)) { (cell(candidate)) } } } }
    };
    let group = |title: &str, note: &str| {
        html! { tr.group { th colspan=(columns) { (title) @if !note.is_empty() { span.faint style="text-transform:none;letter-spacing:0;font-weight:400" { " – " (note) } } } } }
    };
    let all: Vec<String> = plan.brief.load.iter().map(|entry| entry.operation.value.clone()).collect();
    html! {
        p.intro { "One domain, " (spelled(candidates.len())) " designs, the same requests with the same luck, the same faults, the same headroom and prices." }
        (key(&candidates))
        div.scroll.wide { table {
            thead { tr { th {} @for candidate in &candidates {
                th scope="col" class=(class(candidate)) { (candidate.style.title()) @if !candidate.variant.is_empty() { br; span.faint style="font-weight:400" { (clean(&candidate.variant)) } } }
            } } }
            tbody {
                (row("Deployables", &|candidate| html! { (candidate.deployables) }))
                (row("Stores, brokers", &|candidate| html! { (candidate.stores) ", " (candidate.brokers) }))
                (row(&format!("Cost a month, {}", candidates.first().map_or("USD", |candidate| candidate.cost.currency)),
                    &|candidate| html! { (money(candidate.cost.total)) (mark(Computed)) }))
                (row("Availability over a year", &|candidate| estimate(&candidate.annual_availability, Unit::Share, Computed)))
                @for name in &all {
                    (group(&clean(name), ""))
                    @for (label, unit, pick) in FIGURES {
                        (row(label, &|candidate| match told::entry(candidate, name) {
                            Some(figures) => estimate(pick(figures), *unit, Simulated),
                            None => none(told::NOT_MEASURED),
                        }))
                    }
                    @if candidates.iter().any(|candidate| told::band(candidate, name).is_some()) {
                        (row("p99 over the assumed inputs", &|candidate| match told::band(candidate, name) {
                            Some((band, reason)) => html! { (band) (mark(Simulated)) @if let Some(reason) = reason { br; (none(reason)) } },
                            None => none(told::NOT_MEASURED),
                        }))
                    }
                }
                @for fault in told::faults(&candidates) {
                    @let about = told::about_all(&candidates, &fault.name);
                    (group(&told::title(&fault.name), about.as_deref().unwrap_or_default()))
                    @if about.is_none() {
                        (row("What happens", &|candidate| {
                            let own = candidate.faults.iter().find(|one| one.name == fault.name);
                            html! { span.small.soft { (own.map_or(String::new(), |fault| clean(&fault.about))) } }
                        }))
                    }
                    @for (label, unit, pick) in HARM {
                        (row(label, &|candidate| match candidate.faults.iter().find(|one| one.name == fault.name) {
                            Some(fault) if *unit == Unit::Share && told::fault_bad_before(fault) => none(told::BAD_BEFORE),
                            Some(fault) => estimate(pick(fault), *unit, Simulated),
                            None => none(told::NOT_MEASURED),
                        }))
                    }
                }
            }
        } }
        @for candidate in &plan.candidates {
            @if let Some(same) = candidate.same_as {
                p.small { (candidate.style.title()) span.soft { ": the same design as " (same.title().to_lowercase()) " but for names, so its figures are the same." } }
            }
        }
        @if plan.candidates.iter().any(|candidate| !candidate.notes.is_empty()) {
            ul.small.soft { @for candidate in &plan.candidates { @for note in &candidate.notes {
                li { (candidate.style.title()) ": " (clean(note)) }
            } } }
        }
        @if !told::inputs(plan).is_empty() {
            p.small.soft { "Over the assumed inputs: all of them at their low ends, then all at their high ends. They are: " (clean(&told::inputs(plan).join("; "))) "." (mark(Provenance::Assumed)) }
        }
        div.charts {
            @for name in told::entries(plan, 4) {
                @let goal = plan.brief.load.iter().find(|entry| entry.operation.value == name).and_then(|entry| entry.p99).map(|target| target.must.0);
                figure.chart {
                    figcaption { b { (clean(&name)) } span.soft { "Latency at all peaks, at the horizon" @if goal.is_some() { "; dashed: the p99 target" } } (mark(Simulated)) }
                    (charts::percentiles(&format!("Latency of {name} in each style"), &latencies(&candidates, &name), goal))
                }
            }
        }
    }
}

type Pick<T> = fn(&T) -> &Estimate;

const FIGURES: &[(&str, Unit, Pick<OperationVerdict>)] = &[
    ("p50", Unit::Seconds, |figures| &figures.latency.p50),
    ("p99", Unit::Seconds, |figures| &figures.latency.p99),
    ("Goodput", Unit::PerSecond, |figures| &figures.goodput),
    ("Availability, no fault", Unit::Share, |figures| &figures.availability),
];

const HARM: &[(&str, Unit, Pick<FaultResult>)] = &[
    ("Bad user-minutes", Unit::Number, |fault| &fault.bad_user_minutes),
    ("Blast radius, worst 10 s", Unit::Share, |fault| &fault.blast_radius),
    ("Recovery", Unit::Seconds, |fault| &fault.recovery),
    ("Writes lost", Unit::Count, |fault| &fault.lost_writes),
];

fn latencies(candidates: &[&Candidate], name: &str) -> Vec<Row> {
    let rows = candidates.iter().filter_map(|candidate| {
        let latency = &told::entry(candidate, name)?.latency;
        let points = vec![("p50", latency.p50.clone()), ("p99", latency.p99.clone())];
        Some(Row { name: candidate.style.title().to_string(), class: told::class(candidate), points })
    });
    rows.collect()
}

fn spelled(count: usize) -> String {
    ["no", "one", "two", "three", "four"].get(count).map_or_else(|| count.to_string(), |word| (*word).to_string())
}

/// What each colour means.
fn key(candidates: &[&Candidate]) -> Markup {
    html! { div.key { @for candidate in candidates { span { i class={ "k" (told::class(candidate)) } {} (candidate.style.title()) } } } }
}

/// What each fault does over time, in every style.
pub fn faults(plan: &Plan) -> Markup {
    let candidates = told::distinct(plan);
    let faults = told::faults(&candidates);
    if faults.is_empty() {
        return html! {};
    }
    let entries = told::entries(plan, 2);
    let unmoved = |fault: &&FaultResult| {
        let mut lines =
            entries.iter().map(|name| in_time(&candidates, fault, name)).filter(|lines| !lines.is_empty()).peekable();
        lines.peek().is_some() && lines.all(|lines| !moves(&lines))
    };
    let calm: Vec<String> = faults.iter().copied().filter(unmoved).map(|fault| told::words(&fault.name)).collect();
    html! {
        p.intro { "Each fault strikes every design at the same moment, with the mitigations that were kept. Shown: the share of requests answered in time." (mark(Simulated)) }
        (key(&candidates))
        div.charts {
            @for fault in &faults {
                @for name in &entries {
                    @let lines = in_time(&candidates, fault, name);
                    @if moves(&lines) {
                        figure.chart {
                            figcaption { b { (told::title(&fault.name)) } span.soft { (clean(name)) @if let Some(about) = told::about_all(&candidates, &fault.name) { ": " (about) } } }
                            (charts::over_time(
                                &format!("Share of {name} answered in time around {}", told::words(&fault.name)),
                                &lines,
                                Unit::Share,
                                candidates.iter().find_map(|candidate| told::experiment(candidate, fault).and_then(told::fault_window)),
                                None,
                            ))
                        }
                    }
                }
            }
        }
        @if !calm.is_empty() { p.small.soft { "Without a mark on these entry points in any design: " (calm.join(", ")) "." } }
        h3 { "By entry point, in the chosen design" }
        div.scroll.wide { table {
            thead { tr { th { "Fault" } th { "Entry point" } th.n { "Worst 10 s" } th.n { "Bad user-minutes" } th.n { "Recovery of all" } } }
            tbody {
                @for fault in &plan.choice().faults {
                    @for (nth, operation) in fault.operations.iter().enumerate() {
                        tr {
                            th scope="row" { @if nth == 0 { (told::title(&fault.name)) } }
                            td { (clean(&operation.operation)) }
                            td.n {
                                @if told::operation_bad_before(plan.choice(), fault, operation) { (none(told::BAD_BEFORE)) }
                                @else { (estimate(&operation.blast_radius, Unit::Share, Simulated)) }
                            }
                            td.n { (estimate(&operation.bad_user_minutes, Unit::Number, Simulated)) }
                            td.n { @if nth == 0 { (estimate(&fault.recovery, Unit::Seconds, Simulated)) } }
                        }
                    }
                }
            }
        } }
    }
}

fn in_time(candidates: &[&Candidate], fault: &FaultResult, name: &str) -> Vec<Line> {
    let lines = candidates.iter().filter_map(|candidate| {
        let fault = candidate.faults.iter().find(|one| one.name == fault.name)?;
        let experiment = told::experiment(candidate, fault)?;
        let series = told::series(candidate, experiment, name)?;
        let slice = experiment.series.slice.0;
        let points = series.in_time.iter().enumerate().map(|(nth, share)| ((nth as f64 + 0.5) * slice, *share));
        Some(Line {
            name: candidate.style.title().to_string(),
            class: told::class(candidate),
            points: points.collect(),
        })
    });
    lines.collect()
}

/// Whether anything happens in a chart: one share in a hundred at least.
fn moves(lines: &[Line]) -> bool {
    let values = || lines.iter().flat_map(|line| line.points.iter().filter_map(|(_, share)| *share));
    values().fold(0.0, f64::max) - values().fold(1.0, f64::min) >= 0.01
}

/// What was tried, with and without, on the same requests.
pub fn mitigations(plan: &Plan) -> Markup {
    let trials = plan.candidates.iter().filter(|candidate| candidate.same_as.is_none() && !candidate.trials.is_empty());
    let trials: Vec<&Candidate> = trials.collect();
    html! {
        p.intro { "A mitigation is kept only if the experiment with it is better than the one without, on the same requests. The difference is paired by run." }
        @if trials.is_empty() { p { "None was tried: no fault costs three seconds, or none on the list applies." } }
        @else { div.scroll.wide { table {
            thead { tr { th { "Against" } th { "Mitigation" } th { "Measured" } th.n { "Without" } th.n { "With" } th.n { "Difference" } th {} } }
            tbody {
                @for candidate in trials {
                    tr.group { th colspan="7" { (candidate.style.title()) } }
                    @for trial in &candidate.trials {
                        @let unit = match unit_of(&trial.measure) { Unit::Minutes => Unit::Number, unit => unit };
                        tr {
                            th scope="row" { (told::title(&trial.against)) }
                            td { (told::title(&trial.mitigation)) br; span.small.soft { (clean(&trial.about)) } }
                            td { (clean(&trial.measure)) }
                            td.n { (estimate(&trial.before, unit, Simulated)) }
                            td.n { (estimate(&trial.after, unit, Simulated)) }
                            td.n { (estimate(&trial.difference, unit, Simulated)) }
                            td { @if trial.kept { span.tag.good { "kept" } } @else { span.tag { "left out" } } br; span.small.soft { (clean(&trial.because)) } }
                        }
                    }
                }
            }
        } } }
    }
}

/// Cost by part, with its arithmetic.
pub fn cost(plan: &Plan) -> Markup {
    let candidates = told::distinct(plan);
    let mut parts: Vec<String> = Vec::new();
    for candidate in &candidates {
        for part in &candidate.cost.parts {
            if !parts.contains(&part.name) {
                parts.push(part.name.clone());
            }
        }
    }
    // Five colours; what is beyond them shares the last.
    let rows: Vec<(String, Vec<CostRange>, CostRange)> = candidates
        .iter()
        .map(|candidate| {
            let of = |name: &String| {
                candidate
                    .cost
                    .parts
                    .iter()
                    .find(|part| part.name == *name)
                    .map_or_else(CostRange::default, |part| part.range)
            };
            (candidate.style.title().to_string(), parts.iter().map(of).collect(), candidate.cost.total)
        })
        .collect();
    let budget = plan.brief.budget.map(|target| target.must.0);
    let choice = plan.choice();
    html! {
        p.intro { "A range, never a figure: reserved machines at the low end of dated unit prices, on demand at the high end." (mark(Computed)) }
        div.pair {
            figure.chart {
                figcaption { b { (choice.cost.currency) " a month" } span.soft { "Bars: the middle, by part. Whisker: the range." @if budget.is_some() { " Dashed: the budget." } } }
                div.key { @for (nth, part) in parts.iter().enumerate() { span { i class={ "k" (nth.min(4)) } {} (clean(part)) } } }
                (charts::costs("Cost a month by part, in each style", &parts, &rows, budget))
            }
            div {
                div.scroll { table {
                    thead { tr { th { (choice.style.title()) } th.n { (choice.cost.currency) " a month" } } }
                    tbody {
                        @for part in &choice.cost.parts {
                            tr { th scope="row" { (clean(&part.name)) (super::mark::steps("how", &part.steps)) } td.n { (money(part.range)) } }
                        }
                        tr { th scope="row" { b { "All" } } td.n { b { (plain(&money(choice.cost.total))) } } }
                    }
                } }
            }
        }
    }
}
