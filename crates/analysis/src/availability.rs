//! Availability: parts in series and parallel, k of n, repair times, allowed downtime, error budgets and how
//! fast they burn.
//!
//! Parts fail independently here. Common causes (a zone, a release) are left out: they are counted by listing
//! them, each as a part of its own in series.
//!
//! ```
//! use groundplan_analysis::availability::{Availability, at_least, in_series};
//! use groundplan_model::units::Share;
//!
//! let replica = Availability::new(Share(0.99)).expect("a share");
//! let service = at_least(2, &[replica; 3]).expect("two of three");
//! let gateway = Availability::new(Share(0.999)).expect("a share");
//! assert_eq!(in_series(&[gateway, service]).to_string(), "99.87%");
//! ```

use crate::solve::{positive, share};
use groundplan_model::units::{MONTH, PerSecond, Seconds, Share, YEAR};
use std::fmt;

/// The share of time, or of requests, for which something works. Unit: none.
///
/// Invariant: 0 to 1. Kept as the share that does not work, so that many nines stay exact.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Availability {
    down: f64,
}

impl Availability {
    /// Nothing unless the share lies in 0 to 1.
    #[must_use]
    pub fn new(up: Share) -> Option<Availability> {
        share(up.0).then_some(Availability { down: 1.0 - up.0 })
    }

    /// Mean time to failure over mean time to failure plus mean time to repair. Nothing unless both are
    /// finite, time to failure is positive and time to repair at least 0.
    #[must_use]
    pub fn from_repair(to_failure: Seconds, to_repair: Seconds) -> Option<Availability> {
        let sane = positive(to_failure.0) && to_repair.0 >= 0.0 && to_repair.0.is_finite();
        sane.then(|| Availability { down: to_repair / (to_failure + to_repair) })
    }

    /// The share that works.
    #[must_use]
    pub fn up(self) -> Share {
        Share(1.0 - self.down)
    }

    /// The share that does not.
    #[must_use]
    pub fn down(self) -> Share {
        Share(self.down)
    }

    /// Expected downtime in a period.
    #[must_use]
    pub fn downtime(self, period: Seconds) -> Seconds {
        period * self.down
    }

    /// Expected downtime in a month of 30 days.
    #[must_use]
    pub fn downtime_per_month(self) -> Seconds {
        self.downtime(MONTH)
    }

    /// Expected downtime in a year of 365 days.
    #[must_use]
    pub fn downtime_per_year(self) -> Seconds {
        self.downtime(YEAR)
    }

    /// How long each outage lasts if an agreement of this availability is used up by outages whose starts lie
    /// `every` apart: 99.9% with one a month is 43.2 minutes.
    #[must_use]
    pub fn outage_length(self, every: Seconds) -> Seconds {
        self.downtime(every)
    }

    /// Mean time to failure that gives this availability at a mean time to repair: infinite if it never fails,
    /// zero if it never works.
    #[must_use]
    pub fn time_to_failure(self, to_repair: Seconds) -> Seconds {
        if self.down == 0.0 {
            return Seconds(f64::INFINITY);
        }
        to_repair * ((1.0 - self.down) / self.down)
    }
}

impl fmt::Display for Availability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.up().fmt(f)
    }
}

/// All parts must work. Works wholly without parts.
#[must_use]
pub fn in_series(parts: &[Availability]) -> Availability {
    // 1 - prod(1 - d), accumulated on the small side.
    let down = parts.iter().fold(0.0, |down, part| down + (1.0 - down) * part.down);
    Availability { down }
}

/// One working part is enough. Fails wholly without parts.
#[must_use]
pub fn in_parallel(parts: &[Availability]) -> Availability {
    Availability { down: parts.iter().map(|part| part.down).product() }
}

/// At least `needed` of the parts must work; the parts may differ. Nothing if more are needed than there are.
/// Cost: parts times needed.
///
/// Source: the binomial law, for unequal parts by adding one part at a time.
#[must_use]
pub fn at_least(needed: u32, parts: &[Availability]) -> Option<Availability> {
    let needed = needed as usize;
    if needed > parts.len() {
        return None;
    }
    // exactly[i]: the probability that i of the parts seen so far work, for i below `needed`; the others are
    // as good as enough.
    let mut exactly = vec![0.0; needed];
    if let Some(none) = exactly.first_mut() {
        *none = 1.0;
    }
    for part in parts {
        for working in (0..needed).rev() {
            let one_less = if working > 0 { exactly[working - 1] } else { 0.0 };
            exactly[working] = exactly[working] * part.down + one_less * (1.0 - part.down);
        }
    }
    Some(Availability { down: exactly.iter().sum::<f64>().min(1.0) })
}

/// An objective over a window, and the budget of failure it leaves.
///
/// Source of all methods: The Site Reliability Workbook (2018), Alerting on SLOs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ErrorBudget {
    allowed: f64,
    window: Seconds,
}

impl ErrorBudget {
    /// Nothing unless the objective is below 1 (a budget of nothing burns at no rate) and the window positive.
    #[must_use]
    pub fn new(objective: Availability, window: Seconds) -> Option<ErrorBudget> {
        (objective.down > 0.0 && positive(window.0)).then_some(ErrorBudget { allowed: objective.down, window })
    }

    /// The share of requests that may fail.
    #[must_use]
    pub fn allowed(&self) -> Share {
        Share(self.allowed)
    }

    /// The window.
    #[must_use]
    pub fn window(&self) -> Seconds {
        self.window
    }

    /// Time of total outage that spends the whole budget.
    #[must_use]
    pub fn outage(&self) -> Seconds {
        self.window * self.allowed
    }

    /// Failed requests that spend the whole budget at this rate of requests. Unit: requests.
    #[must_use]
    pub fn requests(&self, rate: PerSecond) -> f64 {
        rate.0 * self.window.0 * self.allowed
    }

    /// How many times faster than allowed the budget goes at this share of errors. Range: at least 0; 1 spends
    /// the budget exactly at the end of the window.
    #[must_use]
    pub fn burn(&self, errors: Share) -> f64 {
        errors.0 / self.allowed
    }

    /// Time until the budget is spent at a burn rate; infinite at 0.
    #[must_use]
    pub fn time_to_exhaust(&self, burn: f64) -> Seconds {
        self.window / burn
    }

    /// Share of the budget spent by a burn rate over a time. Range: may exceed 1.
    #[must_use]
    pub fn spent(&self, burn: f64, over: Seconds) -> Share {
        Share(burn * (over / self.window))
    }

    /// The burn rate that spends `share` of the budget in `over`: where to set an alert.
    #[must_use]
    pub fn burn_that_spends(&self, share: Share, over: Seconds) -> f64 {
        share.0 * (self.window / over)
    }

    /// Time from the start of a steady share of errors until the mean over `window` reaches `burn`: when the
    /// alert fires. Nothing if it never does (the errors are too few).
    #[must_use]
    pub fn detection(&self, errors: Share, window: Seconds, burn: f64) -> Option<Seconds> {
        let part = burn * self.allowed / errors.0;
        (part <= 1.0).then(|| window * part)
    }

    /// Time from the start of errors that last for `lasted` until the mean over `window` falls below `burn`
    /// again. Nothing if it never reached it.
    #[must_use]
    pub fn recovery(&self, errors: Share, lasted: Seconds, window: Seconds, burn: f64) -> Option<Seconds> {
        let needed = self.detection(errors, window, burn)?;
        (needed <= lasted).then(|| lasted + window - needed)
    }
}

/// One alert of the recommended set: fires while both windows burn faster than `burn`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BurnAlert {
    /// Burn rate of the threshold. Unit: none.
    pub burn: f64,
    /// The window that must be sure.
    pub long: Seconds,
    /// The window that must be fresh, so that the alert clears soon: a twelfth of the long one.
    pub short: Seconds,
    /// Whether someone is woken, or a ticket is enough.
    pub page: bool,
}

/// The recommended set for a window of 30 days: 2% of the budget in an hour, 5% in six, 10% in three days.
///
/// Source: The Site Reliability Workbook (2018), Alerting on SLOs, table 5-8.
pub const BURN_ALERTS: [BurnAlert; 3] = [
    BurnAlert { burn: 14.4, long: Seconds(3_600.0), short: Seconds(300.0), page: true },
    BurnAlert { burn: 6.0, long: Seconds(21_600.0), short: Seconds(1_800.0), page: true },
    BurnAlert { burn: 1.0, long: Seconds(259_200.0), short: Seconds(21_600.0), page: false },
];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn up(share: f64) -> Availability {
        Availability::new(Share(share)).unwrap()
    }

    #[test]
    fn unequal_parts_are_counted_one_by_one() {
        // Two of three: all three, or one of the three missing.
        let (a, b, c) = (0.9, 0.8, 0.7);
        let expected = a * b * c + (1.0 - a) * b * c + a * (1.0 - b) * c + a * b * (1.0 - c);
        let found = at_least(2, &[up(a), up(b), up(c)]).unwrap().up().0;
        assert!((found - expected).abs() < 1e-15, "{found} {expected}");
    }

    #[test]
    fn the_ends_hold() {
        assert_eq!(at_least(0, &[]).unwrap().up(), Share(1.0));
        assert_eq!(at_least(1, &[]), None);
        assert_eq!(in_series(&[]).up(), Share(1.0));
        assert_eq!(in_parallel(&[]).up(), Share(0.0));
        assert_eq!(Availability::new(Share(1.1)), None);
        assert_eq!(Availability::from_repair(Seconds(0.0), Seconds(1.0)), None);
        assert_eq!(ErrorBudget::new(up(1.0), MONTH), None);
    }

    #[test]
    fn many_nines_stay_exact() {
        let down = in_parallel(&[up(0.9999); 5]).down().0;
        assert!((down / 1e-20 - 1.0).abs() < 1e-10, "{down}");
    }

    #[test]
    fn repair_and_failure_undo_each_other() {
        let availability = Availability::from_repair(Seconds(3.6e6), Seconds(3600.0)).unwrap();
        assert!((availability.time_to_failure(Seconds(3600.0)).0 - 3.6e6).abs() < 1e-6);
    }

    #[test]
    fn each_alert_spends_what_its_row_says() {
        let budget = ErrorBudget::new(up(0.999), MONTH).unwrap();
        for (alert, percent) in BURN_ALERTS.iter().zip([2.0, 5.0, 10.0]) {
            let spent = budget.spent(alert.burn, alert.long).0 * 100.0;
            assert!((spent - percent).abs() < 1e-9, "{alert:?}: {spent}");
            assert!((alert.long / alert.short - 12.0).abs() < 1e-12);
        }
    }

    #[test]
    fn errors_too_few_are_never_detected() {
        let budget = ErrorBudget::new(up(0.999), MONTH).unwrap();
        assert_eq!(budget.detection(Share(0.01), Seconds(3600.0), 14.4), None);
        assert_eq!(budget.recovery(Share(0.15), Seconds(10.0), Seconds(300.0), 14.4), None);
    }
}
