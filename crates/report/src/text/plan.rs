//! A plan as text: what binds first, then decisions, capacity, sizes, styles side by side, targets, mitigations, the year, risks,
//! what matters, assumptions, limits, files.

use super::decisions::{assumptions, dangers, decisions, questions};
use super::notes::Notes;
use crate::figure::{self, Unit, amount, money, range, unit_of, with_amounts};
use crate::terminal::{Align, Page, Rich, Tone};
use crate::told;
use groundplan_model::estimate::Estimate;
use groundplan_planner::plan::{Candidate, FaultResult, Holds, Plan};
use groundplan_sim::verdict::OperationVerdict;

/// Entry points shown side by side.
const ENTRIES: usize = 4;

/// A plan as text of 80 columns. `files` are what was written where, if anything was.
#[must_use]
pub fn plan(plan: &Plan, files: Option<(&str, &[String])>) -> String {
    let mut page = Page::new();
    page.title(&plan.brief.name);
    if !plan.brief.about.is_empty() {
        page.paragraph(0, &Rich::new(Tone::Dim, &plan.brief.about));
    }
    first_of_all(&mut page, plan);
    page.gap();
    let choice = plan.choice();
    page.paragraph(
        0,
        &Rich::new(Tone::Plain, "Build ")
            .and(Tone::Strong, &told::style_clause(choice.style))
            .and(Tone::Plain, ": ")
            .and(Tone::Plain, plan.chosen_because.trim_end_matches('.'))
            .and(Tone::Plain, "."),
    );
    for objection in &choice.objections {
        page.item(2, "!", &Rich::new(Tone::Warn, objection));
    }
    decisions(&mut page, &plan.decisions);
    estimate(&mut page, plan);
    sizes(&mut page, plan);
    side_by_side(&mut page, plan);
    targets(&mut page, plan);
    mitigations(&mut page, plan);
    year(&mut page, plan);
    risks(&mut page, plan);
    rollout(&mut page, plan);
    drivers(&mut page, plan);
    questions(&mut page, &plan.decisions);
    assumptions(&mut page, &plan.brief);
    if !plan.limits.is_empty() {
        page.heading("Not modelled");
        for limit in &plan.limits {
            page.item(2, "·", &Rich::from(limit.as_str()));
        }
    }
    page.gap();
    let legend = format!(
        "Figures with ± or (low..high) are simulated, at 95%, seed {}; the others say whether they are given, assumed, looked up or computed.",
        plan.seed
    );
    page.paragraph(0, &Rich::new(Tone::Dim, &legend));
    if let Some((folder, files)) = files {
        page.heading("Files");
        page.paragraph(2, &Rich::new(Tone::Strong, folder));
        page.paragraph(2, &Rich::from(files.join(", ")));
    }
    page.finish()
}

fn first_of_all(page: &mut Page, plan: &Plan) {
    if let Some((headline, points)) = told::first_of_all(plan) {
        page.gap();
        page.paragraph(0, &Rich::new(Tone::Bad, headline));
        for point in points {
            page.item(2, "!", &Rich::from(point));
        }
    }
}

fn estimate(page: &mut Page, plan: &Plan) {
    if plan.estimate.is_empty() {
        return;
    }
    page.heading("Capacity");
    let rows: Vec<Vec<Rich>> = plan
        .estimate
        .iter()
        .map(|line| {
            vec![
                Rich::from(line.name.as_str()),
                Rich::new(Tone::Strong, &line.shown),
                Rich::new(Tone::Dim, figure::provenance(line.provenance)),
            ]
        })
        .collect();
    page.table(2, &[Align::Left, Align::Right, Align::Left], false, &rows);
}

fn sizes(page: &mut Page, plan: &Plan) {
    let choice = plan.choice();
    let mut notes = Notes::default();
    page.heading(&format!("Sizes of the {} (computed)", choice.style.title().to_lowercase()));
    let mut rows = vec![["", "copies", "each", "storage", "load", "use", "USD a month"].map(Rich::from).to_vec()];
    for size in &choice.sizes {
        let each = if size.vcpu > 0.0 {
            format!("{} vCPU, {}", Unit::Number.show(size.vcpu), size.memory)
        } else if size.memory.0 > 0.0 {
            size.memory.to_string()
        } else {
            "managed".into()
        };
        let copies =
            if size.replicas > 0 { Rich::from(size.replicas.to_string()) } else { notes.none("sized by its provider") };
        let storage =
            if size.storage.0 > 0.0 { Rich::from(size.storage.to_string()) } else { notes.none("keeps nothing") };
        let used = if size.utilisation.0 > 0.0 {
            Rich::from(Unit::Share.show(size.utilisation.0))
        } else {
            notes.none("sized by its provider")
        };
        rows.push(vec![
            Rich::from(size.component.as_str()),
            copies,
            Rich::from(each),
            storage,
            Rich::from(size.load.to_string()),
            used,
            Rich::from(money(size.cost)),
        ]);
    }
    use Align::{Left, Right};
    page.table(2, &[Left, Right, Left, Right, Right, Right, Right], true, &rows);
    notes.write(page);
}

fn side_by_side(page: &mut Page, plan: &Plan) {
    let mut notes = Notes::default();
    let candidates = told::distinct(plan);
    page.heading("Side by side, on the same requests and faults");
    let mut table = Table::new(page, candidates.len());
    table.row(
        Rich::default(),
        candidates.iter().map(|candidate| {
            let tone = if candidate.style == plan.choice().style { Tone::Strong } else { Tone::Plain };
            Rich::new(tone, candidate.style.title())
        }),
    );
    let dim = |text: &str| Rich::new(Tone::Dim, text);
    table.row(dim("variant"), candidates.iter().map(|candidate| dim(&candidate.variant)));
    table.row(dim("deployables"), candidates.iter().map(|candidate| Rich::from(candidate.deployables.to_string())));
    table.row(
        dim("stores, brokers"),
        candidates.iter().map(|candidate| Rich::from(format!("{}, {}", candidate.stores, candidate.brokers))),
    );
    let currency = candidates.first().map_or("USD", |candidate| candidate.cost.currency);
    table.row(
        dim(&format!("{currency} a month")),
        candidates.iter().map(|candidate| Rich::from(money(candidate.cost.total))),
    );
    table.estimates("availability/year", &candidates, &mut notes, Unit::Share, |candidate| {
        Some(&candidate.annual_availability)
    });
    for name in told::entries(plan, ENTRIES) {
        table.group(&name);
        let mut of = |word: &str, unit, pick: fn(&OperationVerdict) -> &Estimate| {
            table.estimates(word, &candidates, &mut notes, unit, |candidate| told::entry(candidate, &name).map(pick));
        };
        of("p50", Unit::Seconds, |figures| &figures.latency.p50);
        of("p99", Unit::Seconds, |figures| &figures.latency.p99);
        of("goodput", Unit::PerSecond, |figures| &figures.goodput);
        if candidates.iter().any(|candidate| told::band(candidate, &name).is_some()) {
            let cells: Vec<Rich> = candidates
                .iter()
                .map(|candidate| match told::band(candidate, &name) {
                    Some((band, Some(reason))) => Rich::from(band).and(Tone::Dim, &notes.mark(reason)),
                    Some((band, None)) => Rich::from(band),
                    None => notes.none(told::NOT_MEASURED),
                })
                .collect();
            table.row(Rich::new(Tone::Dim, "  p99 over inputs"), cells.into_iter());
        }
    }
    for fault in told::faults(&candidates) {
        harm(&mut table, &candidates, fault, &mut notes);
    }
    notes.write(page);
    for candidate in &plan.candidates {
        if let Some(same) = candidate.same_as {
            let text = format!("{}: the same design as {}", candidate.style.title(), same.title().to_lowercase());
            page.item(2, "=", &Rich::from(text));
        }
        for note in &candidate.notes {
            page.item(2, "·", &Rich::new(Tone::Dim, &format!("{}: {note}", candidate.style.title())));
        }
    }
    if !told::inputs(plan).is_empty() {
        let text = format!(
            "p99 over inputs: with these assumed inputs all at their low, then all at their high ends: {}",
            told::inputs(plan).join("; ")
        );
        page.item(2, "·", &Rich::new(Tone::Dim, &text));
    }
    let extra = plan.brief.load.len().saturating_sub(ENTRIES);
    if extra > 0 {
        page.item(2, "·", &Rich::new(Tone::Dim, &format!("{extra} more entry points stand in plan.html")));
    }
}

/// What a fault does to each design.
fn harm(table: &mut Table<'_>, candidates: &[&Candidate], fault: &FaultResult, notes: &mut Notes) {
    let title = told::title(&fault.name);
    let of = |candidate: &'_ Candidate| candidate.faults.iter().position(|one| one.name == fault.name);
    match told::about_all(candidates, &fault.name) {
        Some(about) => table.group(&format!("{title} ({about})")),
        None => {
            table.group(&title);
            let cells = candidates.iter().map(|candidate| {
                Rich::new(Tone::Dim, of(candidate).map_or("", |at| candidate.faults[at].about.as_str()))
            });
            table.row(Rich::new(Tone::Dim, "  what happens"), cells);
        }
    }
    let pick = |candidate: &'_ Candidate| of(candidate).map(|at| (at, told::fault_bad_before(&candidate.faults[at])));
    let mut row = |label: &str, unit: Unit, figure: fn(&FaultResult) -> &Estimate, may_be_bad: bool| {
        let cells: Vec<Rich> = candidates
            .iter()
            .map(|candidate| match pick(candidate) {
                Some((_, true)) if may_be_bad => Rich::from("bad before").and(Tone::Dim, &notes.mark(told::BAD_BEFORE)),
                Some((at, _)) => notes.cell(figure(&candidate.faults[at]), unit),
                None => notes.none(told::NOT_MEASURED),
            })
            .collect();
        table.row(Rich::new(Tone::Dim, &format!("  {label}")), cells.into_iter());
    };
    row("bad user-minutes", Unit::Number, |fault| &fault.bad_user_minutes, false);
    row("worst 10 s", Unit::Share, |fault| &fault.blast_radius, true);
    row("recovery", Unit::Seconds, |fault| &fault.recovery, false);
}

/// Rows of one label and a cell for each candidate.
struct Table<'a> {
    page: &'a mut Page,
    label: usize,
    cell: usize,
    count: usize,
}

impl<'a> Table<'a> {
    fn new(page: &'a mut Page, count: usize) -> Table<'a> {
        let (label, room) = (18, 78);
        let cell = ((room - label) / count.max(1)).saturating_sub(2).clamp(6, 20);
        Table { page, label, cell, count }
    }
    fn row(&mut self, label: Rich, cells: impl Iterator<Item = Rich>) {
        let mut row = vec![label];
        row.extend(cells);
        let mut wide = vec![self.cell; self.count + 1];
        wide[0] = self.label;
        let mut aligns = vec![Align::Right; self.count + 1];
        aligns[0] = Align::Left;
        self.page.fixed_table(2, &aligns, &wide, 2, false, &[row]);
    }
    fn group(&mut self, name: &str) {
        self.page.paragraph(2, &Rich::new(Tone::Strong, name));
    }
    fn estimates<'e>(
        &mut self,
        label: &str,
        candidates: &[&'e Candidate],
        notes: &mut Notes,
        unit: Unit,
        pick: impl Fn(&'e Candidate) -> Option<&'e Estimate>,
    ) {
        let cells: Vec<Rich> = candidates
            .iter()
            .map(|candidate| match pick(candidate) {
                Some(estimate) => notes.cell(estimate, unit),
                None => notes.none(told::NOT_MEASURED),
            })
            .collect();
        self.row(Rich::new(Tone::Dim, &format!("  {label}")), cells.into_iter());
    }
}

fn targets(page: &mut Page, plan: &Plan) {
    let mut notes = Notes::default();
    let slos = &plan.choice().slos;
    if slos.is_empty() {
        return;
    }
    page.heading("Targets");
    let rows: Vec<Vec<Rich>> = slos
        .iter()
        .map(|slo| {
            let tone = match slo.holds {
                Holds::Yes => Tone::Good,
                Holds::No => Tone::Bad,
                Holds::Undecided => Tone::Warn,
            };
            let want = if slo.must { "" } else { " (wanted)" };
            vec![
                Rich::from(slo.name.as_str()),
                Rich::from(with_amounts(&slo.target)).and(Tone::Dim, want),
                match unit_of(&slo.name) {
                    Unit::Money => Rich::from(amount(&slo.measured)),
                    unit => notes.cell(&slo.measured, unit),
                }
                .and(Tone::Dim, &format!(" {}", figure::provenance(slo.provenance))),
                Rich::new(tone, figure::holds(slo.holds)),
            ]
        })
        .collect();
    page.table(2, &[Align::Left, Align::Left, Align::Left, Align::Left], false, &rows);
    notes.write(page);
}

fn mitigations(page: &mut Page, plan: &Plan) {
    let mut notes = Notes::default();
    let trials = &plan.choice().trials;
    page.heading("Mitigations tried");
    if trials.is_empty() {
        page.paragraph(2, &Rich::from("None: no fault costs three seconds, or none on the list applies."));
    }
    for trial in trials {
        let unit = match unit_of(&trial.measure) {
            Unit::Minutes => Unit::Number,
            unit => unit,
        };
        let head = Rich::new(Tone::Strong, &told::title(&trial.mitigation))
            .and(Tone::Plain, &format!(" against {}, {}", told::words(&trial.against), trial.about));
        let (word, tone) = if trial.kept { ("kept", Tone::Good) } else { ("left", Tone::Dim) };
        page.hanging(2, &Rich::new(tone, word), 8, &head);
        let mut change = Rich::new(Tone::Plain, &format!("{}: ", trial.measure));
        change.0.extend(notes.cell(&trial.before, unit).0);
        change = change.and(Tone::Plain, " → ");
        change.0.extend(notes.cell(&trial.after, unit).0);
        change = change.and(Tone::Plain, ", difference ");
        change.0.extend(notes.cell(&trial.difference, unit).0);
        page.paragraph(8, &change);
        page.paragraph(8, &Rich::new(Tone::Dim, &trial.because));
    }
    notes.write(page);
}

fn year(page: &mut Page, plan: &Plan) {
    let mut notes = Notes::default();
    let choice = plan.choice();
    if choice.year.is_empty() {
        return;
    }
    page.heading("A year of faults");
    let mut rows = vec![["", "a year", "bad minutes each", "bad minutes a year", "rate from"].map(Rich::from).to_vec()];
    for line in &choice.year {
        rows.push(vec![
            Rich::from(told::words(&line.fault)),
            Rich::from(range(line.per_year)),
            notes.cell(&line.minutes_each, Unit::Number),
            Rich::from(range(line.minutes_year)),
            Rich::new(Tone::Plain, &format!("{}: ", figure::provenance(told::rate_provenance(line))))
                .and(Tone::Dim, &line.source),
        ]);
    }
    page.table(2, &[Align::Left, Align::Right, Align::Right, Align::Right, Align::Left], true, &rows);
    let mut rich = Rich::from("Availability over a year: ");
    rich.0.extend(notes.cell(&choice.annual_availability, Unit::Share).0);
    page.paragraph(2, &rich);
    notes.write(page);
}

fn risks(page: &mut Page, plan: &Plan) {
    let known = told::unmeasured(&plan.decisions, Some(plan));
    if plan.risks.is_empty() && known.is_empty() {
        return;
    }
    page.heading("What can go wrong");
    for risk in &plan.risks {
        let effect = told::effect(plan, risk);
        page.item(
            2,
            "·",
            &Rich::new(Tone::Strong, &told::capital(&risk.title))
                .and(Tone::Plain, &if effect.is_empty() { String::new() } else { format!(": {effect}") }),
        );
        if !risk.mitigations.is_empty() {
            page.hanging(4, &Rich::new(Tone::Dim, "cure"), 10, &Rich::from(risk.mitigations.join("; ")));
        }
        let from = match &risk.experiment {
            Some(experiment) => format!("experiment \"{experiment}\""),
            None if risk.sources.is_empty() => "computed from the brief".to_string(),
            None => format!("opinion, {}", risk.sources.join(", ")),
        };
        page.hanging(4, &Rich::new(Tone::Dim, "from"), 10, &Rich::new(Tone::Dim, &from));
    }
    if !known.is_empty() {
        page.gap();
        page.paragraph(2, &Rich::new(Tone::Dim, "Known of designs like this one, not measured here:"));
        dangers(page, &known);
    }
}

fn rollout(page: &mut Page, plan: &Plan) {
    if plan.rollout.is_empty() {
        return;
    }
    page.heading("Rollout");
    for (nth, stage) in plan.rollout.iter().enumerate() {
        let text = format!(
            "{}: {} of the traffic for {} at least; goes on if {}",
            stage.title,
            Unit::Share.show(stage.traffic.0),
            stage.lasts,
            stage.gate
        );
        page.item(2, &(nth + 1).to_string(), &Rich::from(text));
    }
}

fn drivers(page: &mut Page, plan: &Plan) {
    if plan.drivers.is_empty() {
        return;
    }
    page.heading("What matters most");
    for driver in &plan.drivers {
        let now = format!(" = {} ({})", driver.now, figure::provenance(driver.provenance));
        page.item(
            2,
            "·",
            &Rich::new(Tone::Strong, &driver.input)
                .and(Tone::Plain, &now)
                .and(Tone::Plain, &format!(": {}", with_amounts(&driver.break_even))),
        );
    }
}
