//! When people would be called: the burn rate of an operation's error budget over two windows, one long and one short.
//!
//! An alert fires once both windows spend the budget faster than `burn` times its even pace (Google, The Site Reliability
//! Workbook, Alerting on SLOs; 14.4 over an hour and five minutes is its page). Experiments are mostly shorter than the long
//! window: what lies before them is taken to have been as the time before the onset was. Bad is what did not end ok: late
//! answers are another objective. Left out: the time until somebody answers the page.

use groundplan_model::units::Seconds;
use serde::{Deserialize, Serialize};

/// An alert on the burn rate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    /// Times the even pace of the budget.
    pub burn: f64,
    /// The long window.
    pub long: Seconds,
    /// The short window, which lets it clear soon.
    pub short: Seconds,
}

impl Default for Alert {
    fn default() -> Alert {
        Alert { burn: 14.4, long: Seconds(3600.0), short: Seconds(300.0) }
    }
}

/// Requests that counted and that failed, by slice.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tally {
    pub counted: f64,
    pub failed: f64,
}

/// Steps within a slice at which the windows are looked at.
const STEPS: usize = 20;

/// From the onset to the first instant at which both windows burn fast enough; none while it is observed. `budget`: the
/// share of requests that may fail. Within a slice failures are spread evenly. Unit: seconds.
pub(super) fn fires(slices: &[Tally], width: f64, onset: f64, budget: f64, alert: Alert) -> Option<f64> {
    let before = ((onset / width + 1e-9) as usize).min(slices.len());
    let mean = |slices: &[Tally]| {
        let sum = slices.iter().fold(Tally::default(), |sum, one| add(sum, *one, 1.0));
        let time = (slices.len() as f64 * width).max(1e-9);
        Tally { counted: sum.counted / time, failed: sum.failed / time }
    };
    // Nothing was seen before: it came as it came later, and all was well.
    let usual = if before > 0 { mean(&slices[..before]) } else { Tally { failed: 0.0, ..mean(slices) } };
    let mut sums = vec![Tally::default()];
    for slice in slices {
        sums.push(add(sums[sums.len() - 1], *slice, 1.0));
    }
    // All up to an instant, counted from the start of the window.
    let upto = |at: f64| {
        if at <= 0.0 {
            return Tally { counted: usual.counted * at, failed: usual.failed * at };
        }
        let nth = ((at / width) as usize).min(slices.len().saturating_sub(1));
        add(sums[nth], slices[nth], (at / width - nth as f64).min(1.0))
    };
    let burns = |at: f64, window: f64| {
        let (now, then) = (upto(at), upto(at - window));
        let (counted, failed) = (now.counted - then.counted, now.failed - then.failed);
        counted > 0.0 && failed >= alert.burn * budget * counted * (1.0 - 1e-9) && failed > 0.0
    };
    let first = (onset / width * STEPS as f64).ceil() as usize;
    let at = |step: usize| step as f64 * width / STEPS as f64;
    (first..=slices.len() * STEPS)
        .map(at)
        .find(|at| burns(*at, alert.long.0) && burns(*at, alert.short.0))
        .map(|at| (at - onset).max(0.0))
}

fn add(sum: Tally, one: Tally, weight: f64) -> Tally {
    Tally { counted: sum.counted + weight * one.counted, failed: sum.failed + weight * one.failed }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Slices of 10 s with 1,000 requests, of which this share fails from the onset on.
    fn fired(minutes: f64, onset: f64, share: f64, alert: Alert) -> Option<f64> {
        let tally = |slice: usize| {
            let bad = slice as f64 * 10.0 >= onset;
            Tally { counted: 1000.0, failed: if bad { 1000.0 * share } else { 0.0 } }
        };
        let slices: Vec<Tally> = (0..(minutes * 6.0) as usize).map(tally).collect();
        fires(&slices, 10.0, onset, 0.001, alert)
    }

    fn near(found: Option<f64>, expected: f64) {
        let found = found.unwrap();
        // A step is half a second.
        assert!(found >= expected - 1e-6 && found <= expected + 0.5, "{found} for {expected}");
    }

    /// The published times until an alert, of an objective of 99.9%: 51.84 s of a total outage at 14.4 over an hour, 129.6 s
    /// at 6 over six hours, 259.2 s at 1 over three days; 15% errors take 5.76 min.
    #[test]
    fn alerts_fire_when_the_workbook_says() {
        let of = |burn, long: f64| Alert { burn, long: Seconds(long), short: Seconds(long / 12.0) };
        for onset in [0.0, 180.0] {
            near(fired(10.0, onset, 1.0, Alert::default()), 51.84);
            near(fired(10.0, onset, 1.0, of(6.0, 21_600.0)), 129.6);
            near(fired(10.0, onset, 1.0, of(1.0, 259_200.0)), 259.2);
            near(fired(10.0, onset, 0.15, Alert::default()), 345.6);
        }
        // A long experiment needs nothing from before.
        near(fired(90.0, 4000.0, 1.0, Alert::default()), 51.84);
        // A burn of 14 is no burn of 14.4.
        assert_eq!(fired(120.0, 60.0, 0.014, Alert::default()), None);
        // The whole budget at this pace is gone after the long window, but not before.
        near(fired(120.0, 60.0, 0.0144, Alert::default()), 3600.0);
    }

    #[test]
    fn what_always_fails_is_seen_in_the_long_window() {
        // 1% fails all the time; with 15% the hour needs (14.4 - 10)/(150 - 10) of its length.
        let tally = |slice: usize| Tally { counted: 1000.0, failed: if slice >= 18 { 150.0 } else { 10.0 } };
        let slices: Vec<Tally> = (0..60).map(tally).collect();
        near(fires(&slices, 10.0, 180.0, 0.001, Alert::default()), 3600.0 * 4.4 / 140.0);
    }
}
