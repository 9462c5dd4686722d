//! What callers and callees keep in mind between requests: breakers, retry budgets, token buckets.

use super::tables;

/// A breaker: closed, open until a time, or letting trials through.
#[derive(Debug, Clone)]
pub struct BreakerState {
    /// Outcomes by tenths of the window: number of the tenth, good ones, bad ones.
    tenths: [(u64, u32, u32); 10],
    in_a_row: u32,
    /// Zero while closed.
    open_until: u64,
    trials_out: u32,
    trials_good: u32,
}

impl BreakerState {
    /// A closed breaker.
    #[must_use]
    pub fn new() -> BreakerState {
        BreakerState { tenths: [(u64::MAX, 0, 0); 10], in_a_row: 0, open_until: 0, trials_out: 0, trials_good: 0 }
    }

    /// Whether an attempt may pass.
    pub fn allows(&mut self, rule: &tables::Breaker, now: u64) -> bool {
        if self.open_until == 0 {
            return true;
        }
        if now < self.open_until || self.trials_out >= rule.trials {
            // A trial whose outcome never comes must not keep it shut for ever.
            if now < self.open_until.saturating_add(rule.cool_down) {
                return false;
            }
            self.trials_out = 0;
            self.trials_good = 0;
            self.open_until = now;
        }
        self.trials_out += 1;
        true
    }

    /// Tells the outcome of an attempt.
    pub fn outcome(&mut self, rule: &tables::Breaker, now: u64, good: bool) {
        if self.open_until > 0 {
            if now < self.open_until {
                // An attempt from before it opened.
            } else if good {
                self.trials_good += 1;
                if self.trials_good >= rule.trials {
                    *self = BreakerState::new();
                }
            } else {
                self.open(rule, now);
            }
            return;
        }
        let width = (rule.window / 10).max(1);
        let tenth = now / width;
        let slot = &mut self.tenths[(tenth % 10) as usize];
        if slot.0 != tenth {
            *slot = (tenth, 0, 0);
        }
        if good {
            slot.1 += 1;
            self.in_a_row = 0;
            return;
        }
        slot.2 += 1;
        self.in_a_row += 1;
        let fresh = self.tenths.iter().filter(|slot| slot.0 != u64::MAX && slot.0 + 10 > tenth);
        let (good, bad) = fresh.fold((0, 0), |sum, slot| (sum.0 + slot.1, sum.1 + slot.2));
        let by_share =
            rule.in_a_row == 0 && good + bad >= rule.minimum && f64::from(bad) >= rule.open_at * f64::from(good + bad);
        if by_share || (rule.in_a_row > 0 && self.in_a_row >= rule.in_a_row) {
            self.open(rule, now);
        }
    }

    fn open(&mut self, rule: &tables::Breaker, now: u64) {
        *self = BreakerState { open_until: now + rule.cool_down, ..BreakerState::new() };
    }
}

impl Default for BreakerState {
    fn default() -> BreakerState {
        BreakerState::new()
    }
}

/// Asks a token bucket: `None` if there is a token, else the time at which there will be one.
///
/// `next` is the bucket's only state: when it would be full again less its burst (GCRA, in whole ns).
pub fn take_token(next: &mut u64, spacing: u64, burst: u64, now: u64) -> Option<u64> {
    let due = (*next).max(now);
    if due - now > burst {
        return Some(due - burst);
    }
    *next = due + spacing;
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: tables::Breaker =
        tables::Breaker { open_at: 0.5, window: 1000, minimum: 4, in_a_row: 0, cool_down: 500, trials: 1 };

    #[test]
    fn a_breaker_opens_at_its_share_and_closes_after_a_good_trial() {
        let mut breaker = BreakerState::new();
        for now in [10, 20] {
            breaker.outcome(&RULE, now, true);
            breaker.outcome(&RULE, now, false);
        }
        assert!(!breaker.allows(&RULE, 100), "two of four failed");
        assert!(breaker.allows(&RULE, 520), "the cool-down is over: one trial");
        assert!(!breaker.allows(&RULE, 521), "but only one");
        breaker.outcome(&RULE, 530, true);
        assert!(breaker.allows(&RULE, 531) && breaker.allows(&RULE, 532));
    }

    #[test]
    fn a_bad_trial_opens_it_again_and_old_failures_are_forgotten() {
        let mut breaker = BreakerState::new();
        for now in 0..4 {
            breaker.outcome(&RULE, now, false);
        }
        assert!(breaker.allows(&RULE, 503));
        breaker.outcome(&RULE, 510, false);
        assert!(!breaker.allows(&RULE, 900));
        let mut breaker = BreakerState::new();
        for now in [0, 1, 2, 1500, 1501] {
            breaker.outcome(&RULE, now, false);
        }
        assert!(breaker.allows(&RULE, 1502), "three of five lie outside the window");
    }

    #[test]
    fn a_bucket_spaces_what_exceeds_its_burst() {
        let mut next = 0;
        let asked: Vec<Option<u64>> = [0, 0, 0, 5, 10].map(|now| take_token(&mut next, 10, 10, now)).to_vec();
        assert_eq!(asked, [None, None, Some(10), Some(10), None]);
    }
}
