//! Availability over a year by performability: the ledger of faults of any design, each made to happen and run until it is over.
//!
//! What fails and how often comes from the design (`year`, `fails` and `repair`, `availability` and `outages` of what is
//! outside) and, for the rest, from facts with ranges. Each cause is an experiment on the design without its own failures: the
//! fault strikes at the start, holds, and the design is watched until it is itself again. A fault that lasts for hours is held
//! for minutes and what it costs then is carried on. Pairs at once are run until what is left out, charged as a total outage,
//! is under a tenth of the error budget. Arithmetic is `sim`'s (`statistics::performability`). Left out: faults that bring one
//! another about (name them as one), lengths as laws instead of means, queues that grow on while a long fault lasts.

mod causes;

pub use causes::{Cause, Strike};

use causes::{causes, counts, without_own_failures};
use groundplan_knowledge::Knowledge;
use groundplan_model::design::{Design, Experiment, Fault};
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::estimate::Estimate;
use groundplan_model::units::{Seconds, Share, YEAR};
use groundplan_model::value::{Settings, Value};
use groundplan_sim::lower::compile;
use groundplan_sim::record::{Ending, Record};
use groundplan_sim::run::{self, Listener, Options};
use groundplan_sim::statistics::performability::{Episode, Mean, Spread, cost, overlap, three_or_more, unavailability};
use groundplan_sim::verdict::{Labels, SelfChecks};

use crate::plan::Holds;

/// How long a fault is held in a run, at most.
const HELD: Seconds = Seconds(120.0);
/// How long a design is watched after a fault, and if it is not itself again by then.
const WATCHED: [Seconds; 2] = [Seconds(180.0), Seconds(900.0)];
/// How long the plain load is run, at first.
const PLAIN: Seconds = Seconds(120.0);
/// Part of the error budget that failures may hide in, when none was seen.
const HIDDEN: f64 = 0.05;
/// Most events that are spent on finding none.
const MOST_EVENTS: f64 = 5e7;
/// More bad requests than usual by this share: the episode is not over.
const STILL_BAD: f64 = 0.01;
/// What is omitted must stay under this part of the error budget.
const OMITTED: f64 = 0.1;
/// Most pairs that are run.
const MOST_PAIRS: usize = 40;
/// Episodes may be under way for this share of the year, or they are too dense for this method.
const DENSE: f64 = 0.1;
/// Confidence of all intervals.
const CONFIDENCE: f64 = 0.95;

/// How to reckon.
#[derive(Debug, Clone)]
pub struct How {
    /// Runs of each episode.
    pub replications: usize,
    /// Threads; all cores where missing.
    pub threads: Option<usize>,
    /// Seed of all luck.
    pub seed: u64,
    /// What every operation must keep, instead of its own target.
    pub target: Option<Share>,
}

/// What a year of a design comes to.
#[derive(Debug, Clone)]
pub struct Annual {
    /// Name of the design.
    pub design: String,
    /// Seed of all luck.
    pub seed: u64,
    /// Runs of each episode.
    pub replications: usize,
    /// By entry of the load.
    pub operations: Vec<OperationYear>,
    /// The ledger: single causes, then pairs.
    pub lines: Vec<Line>,
    /// What was not run.
    pub omitted: Omitted,
    /// Mean length of an episode, weighed by rates.
    pub episode: Seconds,
    /// Mean time between the beginnings of two.
    pub spacing: Seconds,
    /// Whether episodes are so far apart that the method holds.
    pub valid: bool,
    /// Events fired in all runs.
    pub events: u64,
    /// Whether somebody asked to stop before the end.
    pub interrupted: bool,
}

impl Annual {
    /// Whether every target holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        !self.interrupted
            && self.operations.iter().all(|operation| operation.target.is_none() || operation.holds == Holds::Yes)
    }
}

/// One operation over a year.
#[derive(Debug, Clone)]
pub struct OperationYear {
    /// Name of the entry.
    pub name: String,
    /// What fails without any fault: a share of the requests.
    pub steady: Estimate,
    /// One minus the availability of the year, with the delta method's interval.
    pub unavailability: Estimate,
    /// The availability that is asked for.
    pub target: Option<Share>,
    /// Whether it is kept.
    pub holds: Holds,
}

/// One line of the ledger.
#[derive(Debug, Clone)]
pub struct Line {
    /// What happens.
    pub name: String,
    /// How often a year, as a 95% range.
    pub rate: Spread,
    /// How long its cause lasts. Unit: seconds.
    pub lasts: Spread,
    /// Where rate and length come from.
    pub source: String,
    /// How it was found out.
    pub how: Found,
    /// From its beginning until nothing is worse than usual.
    pub episode: Seconds,
    /// By entry of the load: minutes of everybody being down that one is as bad as.
    pub minutes_each: Vec<Estimate>,
    /// By entry of the load: minutes a year.
    pub minutes_year: Vec<Estimate>,
    episodes: Vec<Episode>,
}

/// How the cost of a cause was found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// Run through from the fault until it was over.
    Run,
    /// Run; what a minute of it costs in the end was carried on for as long as it lasts.
    Extended,
    /// Not over when it was watched no more: the true cost is at least this.
    Unfinished,
    /// Not run: everybody is taken to be down while it lasts.
    Charged,
}

/// What was left out, and charged as a total outage.
#[derive(Debug, Clone, Copy, Default)]
pub struct Omitted {
    /// Pairs of causes that were not run.
    pub pairs: usize,
    /// Share of the year in which one of them is under way.
    pub of_pairs: f64,
    /// Share of the year in which three or more causes are.
    pub of_more: f64,
    /// The share that was allowed: a tenth of the smallest error budget; none where no target is said.
    pub allowed: Option<f64>,
}

impl Omitted {
    /// All of it, as a share of the year.
    #[must_use]
    pub fn share(&self) -> f64 {
        self.of_pairs + self.of_more
    }
}

/// Reckons what a year of a design comes to.
///
/// # Errors
/// Whatever the simulator says of the design, or of a fault of its `year`; a design that nobody asks for anything.
pub fn annual(
    design: &Design,
    knowledge: &Knowledge,
    how: &How,
    stop: &run::Stop,
    listener: Listener<'_>,
) -> Result<Annual, Vec<Diagnostic>> {
    let calm = without_own_failures(design);
    let compiled = compile(&calm)?;
    if design.load.is_empty() {
        let headline = "nobody asks for anything: without `load` there is no request that could fail";
        return Err(vec![
            Diagnostic::error("no-load", headline)
                .help("add how it is asked, as `load: [ { operation: shop.browse, arrivals: poisson(50/s) } ]`"),
        ]);
    }
    let causes = causes(design, &counts(&compiled), knowledge)?;
    let mut ledger =
        Ledger { calm, how, stop, listener, events: 0, usual: Vec::new(), warm_up: Seconds(0.0), interrupted: false };
    let (labels, steady) = ledger.plain()?;
    let singles: Vec<&Cause> = causes.iter().collect();
    let mut lines = ledger.run(&singles)?;
    let targets: Vec<Option<Share>> = labels.targets.iter().map(|target| how.target.or(target.availability)).collect();
    let budget = targets.iter().flatten().map(|target| 1.0 - target.0).fold(f64::INFINITY, f64::min);
    let allowed = budget.is_finite().then_some(budget * OMITTED);
    let busy = |line: &Line| line.rate.value * line.episode.0 / YEAR.0;
    let load: f64 = lines.iter().map(busy).sum();
    let mut omitted = Omitted { of_more: three_or_more(load), allowed, ..Omitted::default() };
    let pairs = pairs(&causes, &lines);
    let mut left: f64 = pairs.iter().map(|pair| pair.probability).sum();
    let mut run: Vec<Cause> = Vec::new();
    for pair in &pairs {
        let enough = allowed.is_none_or(|allowed| left + omitted.of_more <= allowed);
        if enough || run.len() >= MOST_PAIRS {
            omitted.pairs += 1;
            omitted.of_pairs += pair.probability;
            continue;
        }
        left -= pair.probability;
        run.push(pair.cause.clone());
    }
    let total: f64 = lines.iter().map(|line| line.rate.value).sum();
    let episode = if total > 0.0 { load / total * YEAR.0 } else { 0.0 };
    if !run.is_empty() {
        lines.extend(ledger.run(&run.iter().collect::<Vec<_>>())?);
    }
    let valid = load < DENSE;
    let interrupted = ledger.interrupted;
    let operations = labels.operations.iter().enumerate().map(|(nth, name)| {
        let episodes: Vec<Episode> = lines.iter().map(|line| line.episodes[nth]).collect();
        let mut lost = unavailability(&steady[nth], &episodes, omitted.share(), CONFIDENCE);
        if let Some(line) = lines.iter().find(|line| line.how == Found::Unfinished) {
            lost.at_least = true;
            lost.high = None;
            lost.reason = Some(format!("{} was not over when it was watched no more", line.name));
        }
        if !valid {
            lost.reason = Some("episodes are too dense to be taken one by one: simulate the design as it is".into());
        }
        let holds = targets[nth].map_or(Holds::Undecided, |target| judge(&lost, 1.0 - target.0, valid));
        OperationYear {
            name: name.clone(),
            steady: steady[nth].clone(),
            unavailability: lost,
            target: targets[nth],
            holds,
        }
    });
    Ok(Annual {
        design: design.name.clone(),
        seed: how.seed,
        replications: how.replications,
        operations: operations.collect(),
        omitted,
        episode: Seconds(episode),
        spacing: Seconds(if total > 0.0 { YEAR.0 / total } else { f64::INFINITY }),
        valid,
        events: ledger.events,
        interrupted,
        lines,
    })
}

/// Whether so much may be lost. Nothing is claimed of a year whose episodes are too dense.
fn judge(lost: &Estimate, budget: f64, valid: bool) -> Holds {
    match (lost.low, lost.high) {
        _ if !valid => Holds::Undecided,
        (_, Some(high)) if high <= budget && !lost.at_least => Holds::Yes,
        (Some(low), _) if low > budget => Holds::No,
        _ => Holds::Undecided,
    }
}

/// Two causes at once.
struct Pair {
    cause: Cause,
    /// Share of the year in which both are under way.
    probability: f64,
}

/// All pairs of causes, the most probable first. What is charged in full needs no pair.
fn pairs(causes: &[Cause], lines: &[Line]) -> Vec<Pair> {
    let mut pairs = Vec::new();
    let ran: Vec<(&Cause, &Line)> = causes.iter().zip(lines).filter(|(cause, _)| !cause.strikes.is_empty()).collect();
    for (nth, (a, line_a)) in ran.iter().enumerate() {
        for (b, line_b) in &ran[nth..] {
            let same = std::ptr::eq(*a, *b);
            let Some((first, second)) = a.beside(b, same) else { continue };
            // Of n alike, n (n - 1) / 2 pairs; `rate` is that of all n together.
            let units = f64::from(a.units);
            let alike = if same { (units - 1.0) / units / 2.0 } else { 1.0 };
            let year = |line: &Line| line.episode.0 / YEAR.0;
            let at = |pick: fn(&Spread) -> f64| {
                let (rate, _) = overlap((pick(&line_a.rate), year(line_a)), (pick(&line_b.rate), year(line_b)));
                rate * alike
            };
            let (_, both) = overlap((1.0, year(line_a)), (1.0, year(line_b)));
            let rate = Spread { low: at(|rate| rate.low), value: at(|rate| rate.value), high: at(|rate| rate.high) };
            if rate.value <= 0.0 {
                continue;
            }
            let lasts = Spread::exactly(both * YEAR.0);
            let cause = Cause {
                name: format!("{} and {}", a.name, b.name),
                rate,
                lasts,
                source: "both at once, by their rates and lengths".into(),
                strikes: vec![first, second],
                units: 1,
                tail: a.tail.max(b.tail).min(lasts.value),
            };
            pairs.push(Pair { probability: rate.value * both, cause });
        }
    }
    pairs.sort_by(|a, b| b.probability.total_cmp(&a.probability));
    pairs
}

/// The runs behind a ledger.
struct Ledger<'a> {
    calm: Design,
    how: &'a How,
    stop: &'a run::Stop,
    listener: Listener<'a>,
    events: u64,
    /// By entry of the load: the share that is bad without a fault.
    usual: Vec<f64>,
    warm_up: Seconds,
    interrupted: bool,
}

impl Ledger<'_> {
    fn options(&self) -> Options {
        Options {
            replications: self.how.replications,
            threads: self.how.threads,
            seed: self.how.seed,
            experiments: false,
            stop: self.stop.clone(),
            ..Options::default()
        }
    }

    /// The plain load: what fails without a fault, by entry.
    fn plain(&mut self) -> Result<(Labels, Vec<Estimate>), Vec<Diagnostic>> {
        let compiled = compile(&self.calm)?;
        let mut options = Options { replications: self.how.replications.max(16), duration: PLAIN, ..self.options() };
        let (labels, verdict, records) = loop {
            let (labels, verdict, records) = run::with_bench(&self.calm, &compiled, |bench| {
                let (verdict, records) = bench.plain(&options, self.listener);
                (bench.labels.clone(), verdict, records)
            })?;
            sound(&verdict.self_checks)?;
            self.events += verdict.events;
            let longer = self.longer(&labels, &records, verdict.events);
            if longer <= 1.0 || options.duration.0 > PLAIN.0 || verdict.interrupted() {
                break (labels, verdict, records);
            }
            options.duration = options.duration * longer;
        };
        self.warm_up = verdict.warm_up.dropped;
        self.interrupted |= verdict.interrupted();
        let failing = labels.operations.iter().map(|name| match verdict.operations.get(name) {
            Some(figures) => complement(&figures.availability),
            None => Estimate::unknown("not measured"),
        });
        let failing = failing.collect();
        self.usual = (0..labels.operations.len())
            .map(|nth| {
                let (bad, all) = records.iter().fold((0, 0), |(bad, all), record| {
                    let entry = &record.entries[nth];
                    let counted = entry.arrived - entry.ended[Ending::Cancelled as usize];
                    (bad + counted - entry.in_time.min(counted), all + counted)
                });
                if all == 0 { 0.0 } else { bad as f64 / all as f64 }
            })
            .collect();
        Ok((labels, failing))
    }

    /// How many times as long the plain load must run, so that no failure among so many says enough: three in n is what none
    /// may hide.
    fn longer(&self, labels: &Labels, records: &[Record], events: u64) -> f64 {
        let needed = labels.targets.iter().enumerate().filter_map(|(nth, target)| {
            let budget = 1.0 - self.how.target.or(target.availability)?.0;
            let arrived: u64 = records.iter().map(|record| record.entries[nth].arrived).sum();
            Some(3.0 / (HIDDEN * budget.max(1e-9)) / arrived.max(1) as f64)
        });
        needed.fold(1.0, f64::max).min(MOST_EVENTS / events.max(1) as f64)
    }

    /// Lets causes happen, one after the other.
    fn run(&mut self, causes: &[&Cause]) -> Result<Vec<Line>, Vec<Diagnostic>> {
        let mut lines: Vec<Option<Line>> = causes.iter().map(|cause| self.charged(cause)).collect();
        for watched in WATCHED {
            let open: Vec<usize> = (0..causes.len())
                .filter(|nth| lines[*nth].as_ref().is_none_or(|line| line.how == Found::Unfinished))
                .collect();
            if open.is_empty() || self.interrupted {
                break;
            }
            let mut design = self.calm.clone();
            design.experiments = open.iter().map(|nth| experiment(causes[*nth], watched)).collect();
            let compiled = compile(&design)?;
            // What facts name strikes something; what the design states may not.
            let idle: Vec<Diagnostic> =
                compiled.pointless.iter().filter(|found| found.code == "fault-at-nothing").cloned().collect();
            if !idle.is_empty() {
                return Err(idle);
            }
            let options = self.options();
            let found = run::with_bench(&design, &compiled, |bench| {
                let run = |trial| bench.experiment(trial, &options, self.warm_up, self.listener);
                bench.experiments.iter().map(run).collect::<Vec<_>>()
            })?;
            for (nth, (verdict, records)) in open.into_iter().zip(found) {
                sound(&verdict.self_checks)?;
                self.events += records.iter().map(|record| record.events).sum::<u64>();
                self.interrupted |= verdict.interrupted.is_some();
                lines[nth] = Some(self.read(causes[nth], &records));
            }
        }
        Ok(causes.iter().zip(lines).map(|(cause, line)| line.unwrap_or_else(|| self.whole(cause))).collect())
    }

    /// A cause that is not run costs everybody all of its length.
    fn charged(&self, cause: &Cause) -> Option<Line> {
        cause.strikes.is_empty().then(|| self.whole(cause))
    }

    fn whole(&self, cause: &Cause) -> Line {
        let Spread { low, value, high } = cause.lasts;
        let loss = Mean { other: (value - low, high - value), ..Mean::exactly(value) };
        line(cause, Found::Charged, value, vec![loss; self.usual.len()])
    }

    /// What the runs of a cause say.
    fn read(&self, cause: &Cause, records: &[Record]) -> Line {
        let (held, lasts) = (cause.held().0, cause.lasts);
        let longer = (lasts.value - cause.tail - held).max(0.0);
        let mut last_bad = 0.0f64;
        let mut watched = 0.0f64;
        let losses = self.usual.iter().enumerate().map(|(nth, usual)| {
            let mut over: Vec<(f64, f64)> = Vec::new();
            let runs = records.iter().map(|record| {
                let entry = &record.entries[nth];
                let width = record.window as f64 / 1e9 / entry.segments.len().max(1) as f64;
                watched = record.window as f64 / 1e9;
                over.resize(entry.segments.len(), (0.0, 0.0));
                let (mut lost, mut late, mut slices) = (0.0, 0.0, 0.0);
                for (at, segment) in entry.segments.iter().enumerate() {
                    let counted = segment.arrived - segment.cancelled;
                    if counted == 0 {
                        continue;
                    }
                    let bad = (counted - segment.in_time.min(counted)) as f64;
                    over[at].0 += bad;
                    over[at].1 += counted as f64;
                    let excess = bad / counted as f64 - usual;
                    lost += excess * width;
                    // The second half of the time for which it is held: what it costs once all has answered to it.
                    let from = at as f64 * width;
                    if from >= held / 2.0 - 1e-9 && from + width <= held + 1e-9 {
                        (late, slices) = (late + excess, slices + 1.0);
                    }
                }
                let plateau = if slices > 0.0 { late / slices } else { 0.0 };
                (lost, plateau)
            });
            let runs: Vec<(f64, f64)> = runs.collect();
            for (at, (bad, all)) in over.iter().enumerate() {
                if *all > 0.0 && bad / all - usual > STILL_BAD {
                    last_bad = last_bad.max((at + 1) as f64 * watched / over.len() as f64);
                }
            }
            let all: Vec<f64> = runs.iter().map(|(lost, plateau)| lost + plateau * longer).collect();
            let plateau = Mean::of(&runs.iter().map(|(_, plateau)| *plateau).collect::<Vec<_>>()).value.max(0.0);
            let other = (plateau * (lasts.value - lasts.low), plateau * (lasts.high - lasts.value));
            Mean { other, ..Mean::of(&all) }
        });
        let losses: Vec<Mean> = losses.collect();
        let how = match () {
            () if watched > 0.0 && last_bad >= watched - 1e-6 => Found::Unfinished,
            () if longer > 0.0 => Found::Extended,
            () => Found::Run,
        };
        // Even where nobody notices it, its cause is there.
        line(cause, how, (last_bad + longer).max(lasts.value), losses)
    }
}

/// Losses in seconds.
fn line(cause: &Cause, how: Found, episode: f64, losses: Vec<Mean>) -> Line {
    let minutes = |seconds: f64| seconds / 60.0;
    let each = |loss: &Mean| {
        let (less, more) = loss.halves(CONFIDENCE);
        let at_least = how == Found::Unfinished;
        Estimate {
            at_least,
            ..Estimate::new(minutes(loss.value), minutes(loss.value - less), minutes(loss.value + more))
        }
    };
    let in_years = |loss: &Mean| Mean {
        value: loss.value / YEAR.0,
        error: loss.error / YEAR.0,
        other: (loss.other.0 / YEAR.0, loss.other.1 / YEAR.0),
        ..*loss
    };
    let episodes: Vec<Episode> = losses.iter().map(|loss| Episode { rate: cause.rate, loss: in_years(loss) }).collect();
    let year_minutes = YEAR.0 / 60.0;
    let a_year = |episode: &Episode| {
        let share = cost(episode, CONFIDENCE);
        let scaled = |part: Option<f64>| part.map(|part| part * year_minutes);
        Estimate { value: scaled(share.value), low: scaled(share.low), high: scaled(share.high), ..share }
    };
    Line {
        name: cause.name.clone(),
        rate: cause.rate,
        lasts: cause.lasts,
        source: cause.source.clone(),
        how,
        episode: Seconds(episode),
        minutes_each: losses.iter().map(each).collect(),
        minutes_year: episodes.iter().map(a_year).collect(),
        episodes,
    }
}

/// The experiment in which a cause happens at once, holds and is over.
fn experiment(cause: &Cause, watched: Seconds) -> Experiment {
    let held = cause.held();
    let faults = cause.strikes.iter().map(|strike| Fault {
        kind: strike.kind.as_str().into(),
        argument: strike.argument.clone(),
        at: Seconds(0.0),
        lasts: (!strike.instant).then_some(held),
    });
    Experiment {
        name: cause.name.as_str().into(),
        duration: held + watched,
        faults: faults.collect(),
        expect: Vec::new(),
        settings: Settings::new(),
    }
}

fn complement(share: &Estimate) -> Estimate {
    let from_one = |part: Option<f64>| part.map(|part| 1.0 - part);
    Estimate { value: from_one(share.value), low: from_one(share.high), high: from_one(share.low), ..share.clone() }
}

/// Refuses runs that do not add up: that is a mistake of the simulator.
fn sound(checks: &SelfChecks) -> Result<(), Vec<Diagnostic>> {
    let Some(violation) = checks.violations.first() else { return Ok(()) };
    let text = format!("a run does not add up: {} at {}", violation.check.words(), violation.subject);
    Err(vec![Diagnostic::error("self-check", text)])
}

/// The text that an argument of a fault names.
fn subject(argument: &Value) -> Option<&str> {
    match argument {
        Value::Text(name) => Some(name),
        Value::Map(settings) => settings.text("what"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use groundplan_model::reader::read_design;
    use groundplan_sim::lower::VOCABULARY;

    /// What facts let fail strikes something in the example of every kind of component.
    #[test]
    fn every_cause_strikes_something() {
        let knowledge = Knowledge::embedded();
        for words in groundplan_sim::lower::kinds::WORDS {
            let design = read_design(words.example, &VOCABULARY).value.unwrap();
            let mut tried = without_own_failures(&design);
            let causes = causes(&design, &counts(&compile(&tried).unwrap()), &knowledge).unwrap();
            let run = causes.iter().filter(|cause| !cause.strikes.is_empty());
            tried.experiments = run.map(|cause| experiment(cause, WATCHED[0])).collect();
            let compiled = compile(&tried).unwrap_or_else(|found| panic!("{}: {found:#?}", words.name));
            let idle = compiled.pointless.iter().find(|found| found.code == "fault-at-nothing");
            assert!(idle.is_none(), "{}: {idle:#?}", words.name);
        }
    }
}
