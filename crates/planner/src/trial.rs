//! Mitigations tried on a design, one after the other: each by the faults it touches, without it and with it.
//!
//! One stays if the fault that it is meant for gets better beyond doubt and by more than a little, and if the faults it
//! touches cost less in a year together. The order, the list and the budget are the same for every style.

use crate::candidate::Frame;
use crate::faults::PlannedFault;
use crate::measure::{self, Faulted};
use crate::mitigate::{MITIGATIONS, Mitigated};
use crate::plan::Trial;
use groundplan_model::design::Design;
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::estimate::Estimate;
use groundplan_sim::run::Listener;
use rayon::prelude::*;

/// Bad minutes from which on a fault is worth a mitigation. Unit: minutes; three seconds of everybody being down.
const WORTH_MENDING: f64 = 0.05;
/// Share of the bad minutes that a mitigation must save.
const WORTH_KEEPING: f64 = 0.05;

/// A design after all mitigations were tried.
pub struct Tried {
    /// The design with those that were kept.
    pub design: Design,
    /// Each fault, run on that design.
    pub runs: Vec<Faulted>,
    /// Bad minutes of each fault before anything was tried.
    pub before: Vec<Estimate>,
    /// What was tried.
    pub trials: Vec<Trial>,
    /// Whether anything was kept.
    pub kept: bool,
}

/// Tries every mitigation of the list on a design.
///
/// # Errors
/// Whatever the simulator says of a design.
pub fn mitigate(
    frame: &Frame<'_>,
    mut design: Design,
    planned: &[PlannedFault],
    listener: Listener<'_>,
) -> Result<Tried, Vec<Diagnostic>> {
    let run = |design: &Design, nth: usize| measure::fault(design, &planned[nth].name, frame.effort, listener);
    let all = |design: &Design, places: &[usize]| -> Result<Vec<Faulted>, Vec<Diagnostic>> {
        places.par_iter().map(|nth| run(design, *nth)).collect()
    };
    let every: Vec<usize> = (0..planned.len()).collect();
    let mut runs = all(&design, &every)?;
    let before = runs.iter().map(Faulted::bad).collect();
    let mut trials = Vec::new();
    // How many mitigations the design had when a fault was last run with it.
    let mut kept = 0;
    let mut run_with = vec![0; runs.len()];
    for mitigation in MITIGATIONS {
        let named = |nth: usize, names: &[&str]| names.iter().any(|name| planned[nth].name.starts_with(name));
        let needs = |nth: usize| runs[nth].bad().value.is_some_and(|minutes| minutes >= WORTH_MENDING);
        if !every.iter().any(|nth| named(*nth, mitigation.against) && needs(*nth)) {
            continue;
        }
        let touches = |nth: usize| named(nth, mitigation.against) || named(nth, mitigation.also);
        let touched: Vec<usize> = every.iter().copied().filter(|nth| touches(*nth)).collect();
        let Some(mitigated) = (mitigation.apply)(frame.brief, &design) else { continue };
        for nth in &touched {
            if run_with[*nth] != kept {
                runs[*nth] = run(&design, *nth)?;
                run_with[*nth] = kept;
            }
        }
        let with = all(&mitigated.design, &touched)?;
        let without: Vec<&Faulted> = touched.iter().map(|nth| &runs[*nth]).collect();
        let faults: Vec<&PlannedFault> = touched.iter().map(|nth| &planned[*nth]).collect();
        let trial = weigh(&faults, &mitigated, &without, &with);
        if trial.kept {
            kept += 1;
            design = mitigated.design;
            for (nth, with) in touched.iter().zip(with) {
                runs[*nth] = with;
                run_with[*nth] = kept;
            }
        }
        trials.push(trial);
    }
    // Everything that was kept acts together: figures taken with less are taken again.
    let stale: Vec<usize> = every.into_iter().filter(|nth| run_with[*nth] != kept).collect();
    for (nth, again) in stale.iter().zip(all(&design, &stale)?) {
        runs[*nth] = again;
    }
    Ok(Tried { design, runs, before, trials, kept: kept > 0 })
}

/// Compares the faults that a mitigation touches, without it and with it.
fn weigh(faults: &[&PlannedFault], mitigated: &Mitigated, without: &[&Faulted], with: &[Faulted]) -> Trial {
    let change = |nth: usize| measure::paired(&without[nth].bad_minutes, &with[nth].bad_minutes, 0.95);
    // Middle of the range of rates: the geometric one, since rates are known to a factor.
    let rate = |nth: usize| (faults[nth].per_year.0 * faults[nth].per_year.1).max(0.0).sqrt();
    let yearly = |nth: usize| rate(nth) * change(nth).value.unwrap_or(0.0);
    // It is told by the fault that it changes most in a year.
    let main = (0..faults.len()).max_by(|a, b| yearly(*a).abs().total_cmp(&yearly(*b).abs())).unwrap_or(0);
    let difference = change(main);
    let (before, after) = (measure::mean_of(&without[main].bad_minutes), measure::mean_of(&with[main].bad_minutes));
    let saved = match (before.value, difference.value) {
        (Some(before), Some(difference)) if before > 0.0 => -difference / before,
        _ => 0.0,
    };
    let sum: f64 = (0..faults.len()).map(yearly).sum();
    let beyond_doubt = difference.high.is_some_and(|high| high < 0.0);
    let kept = beyond_doubt && saved >= WORTH_KEEPING && sum < 0.0;
    let others: Vec<String> = (0..faults.len())
        .filter(|nth| *nth != main && change(*nth).low.is_some_and(|low| low > 0.0))
        .map(|nth| faults[nth].name.clone())
        .collect();
    let worse = if others.is_empty() { String::new() } else { format!("; {} gets worse", others.join(", ")) };
    let because = if kept {
        format!("{:.0}% fewer bad minutes, and fewer in a year{worse}", 100.0 * saved)
    } else if difference.low.is_some_and(|low| low > 0.0) {
        format!("it makes things worse{worse}")
    } else if beyond_doubt && sum >= 0.0 {
        format!("what it saves here it costs elsewhere{worse}")
    } else if beyond_doubt {
        format!("it saves {:.1}% of the bad minutes: too little for one more thing to run", 100.0 * saved)
    } else {
        format!("no difference that the runs can tell from chance{worse}")
    };
    Trial {
        against: faults[main].name.clone(),
        mitigation: mitigated.mitigation.to_string(),
        about: mitigated.about.clone(),
        measure: "bad user-minutes".into(),
        before,
        after,
        difference,
        kept,
        because,
    }
}
