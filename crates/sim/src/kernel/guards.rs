//! What callers and callees keep in mind between requests: breakers, throttles, token buckets.
//!
//! Left out: a throttle that forgets continuously (its window moves in twenty-fourths, a breaker's in tenths).

use super::tables;

/// Outcomes of attempts, added up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Tally {
    all: u32,
    bad: u32,
    slow: u32,
}

impl Tally {
    fn add(&mut self, bad: bool, slow: bool) {
        self.all += 1;
        self.bad += u32::from(bad);
        self.slow += u32::from(slow);
    }

    /// Whether either share is at or above its limit.
    fn too_bad(&self, rule: &tables::Breaker) -> bool {
        let all = f64::from(self.all);
        f64::from(self.bad) >= rule.open_at * all || f64::from(self.slow) >= rule.slow_at * all
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Closed,
    /// Until this time.
    Open(u64),
    /// So many trials have been let through.
    HalfOpen(u32),
}

/// A breaker: closed, open until a time, or letting trials through.
///
/// Each change of phase begins an era; an outcome counts only in the era in which its attempt was let through.
#[derive(Debug, Clone)]
pub struct BreakerState {
    phase: Phase,
    era: u32,
    /// Outcomes by tenths of the window, with the number of the tenth.
    tenths: [(u64, Tally); 10],
    /// The last outcomes, where they are counted: bad 1, slow 2; written round and round from `at`.
    last: Box<[u8]>,
    at: usize,
    /// Sum of `last`, or of the trials.
    tally: Tally,
    in_a_row: u32,
}

impl BreakerState {
    /// A closed breaker.
    #[must_use]
    pub fn new(rule: &tables::Breaker) -> BreakerState {
        BreakerState {
            phase: Phase::Closed,
            era: 0,
            tenths: [(u64::MAX, Tally::default()); 10],
            last: vec![0; rule.count as usize].into(),
            at: 0,
            tally: Tally::default(),
            in_a_row: 0,
        }
    }

    /// Begins a phase, with nothing remembered.
    fn turn(&mut self, phase: Phase) {
        self.phase = phase;
        self.era = self.era.wrapping_add(1);
        self.tenths = [(u64::MAX, Tally::default()); 10];
        self.at = 0;
        self.tally = Tally::default();
        self.in_a_row = 0;
    }

    /// Its process is new: closed, with nothing remembered.
    pub fn renew(&mut self) {
        self.turn(Phase::Closed);
    }

    /// Whether an attempt may pass: in which era it does.
    pub fn allows(&mut self, rule: &tables::Breaker, now: u64) -> Option<u32> {
        match self.phase {
            Phase::Closed => {}
            Phase::Open(until) if now < until => return None,
            Phase::Open(_) => self.turn(Phase::HalfOpen(1)),
            Phase::HalfOpen(out) if out >= rule.trials => return None,
            Phase::HalfOpen(out) => self.phase = Phase::HalfOpen(out + 1),
        }
        Some(self.era)
    }

    /// An attempt that was let through has no outcome: another may be tried in its place.
    pub fn forget(&mut self, era: u32) {
        if let Phase::HalfOpen(out) = self.phase
            && era == self.era
        {
            self.phase = Phase::HalfOpen(out.saturating_sub(1));
        }
    }

    /// Tells the outcome of an attempt that was let through in an era and took a while. Unit of times: ns.
    pub fn outcome(&mut self, rule: &tables::Breaker, now: u64, era: u32, bad: bool, took: u64) {
        if era != self.era {
            return;
        }
        let slow = took > rule.slow_above;
        if let Phase::HalfOpen(_) = self.phase {
            self.tally.add(bad, slow);
            if self.tally.all >= rule.trials {
                let too_bad = self.tally.too_bad(rule);
                self.turn(if too_bad { Phase::Open(now.saturating_add(rule.cool_down)) } else { Phase::Closed });
            }
            return;
        }
        self.in_a_row = if bad { self.in_a_row + 1 } else { 0 };
        let judged = if rule.count > 0 { self.count(bad, slow) } else { self.in_window(rule, now, bad, slow) };
        let opens = if rule.in_a_row > 0 {
            self.in_a_row >= rule.in_a_row
        } else {
            judged.all >= rule.minimum && judged.too_bad(rule)
        };
        if opens {
            self.turn(Phase::Open(now.saturating_add(rule.cool_down)));
        }
    }

    /// Adds an outcome to the last ones, and sums them up.
    fn count(&mut self, bad: bool, slow: bool) -> Tally {
        let length = self.last.len();
        let place = &mut self.last[self.at];
        if self.tally.all as usize == length {
            self.tally.all -= 1;
            self.tally.bad -= u32::from(*place & 1);
            self.tally.slow -= u32::from(*place >> 1);
        }
        *place = u8::from(bad) | u8::from(slow) << 1;
        self.at = (self.at + 1) % length;
        self.tally.add(bad, slow);
        self.tally
    }

    /// Adds an outcome to those of the window, and sums them up.
    fn in_window(&mut self, rule: &tables::Breaker, now: u64, bad: bool, slow: bool) -> Tally {
        let tenth = now / (rule.window / 10).max(1);
        let place = &mut self.tenths[(tenth % 10) as usize];
        if place.0 != tenth {
            *place = (tenth, Tally::default());
        }
        place.1.add(bad, slow);
        let mut sum = Tally::default();
        for (_, tally) in self.tenths.iter().filter(|place| place.0 != u64::MAX && place.0 + 10 > tenth) {
            sum.all += tally.all;
            sum.bad += tally.bad;
            sum.slow += tally.slow;
        }
        sum
    }
}

/// Parts of a throttle's window.
const PARTS: usize = 24;

/// A throttle: requests and accepts by twenty-fourths of its window, with the number of the part.
#[derive(Debug, Clone)]
pub struct ThrottleState {
    parts: [(u64, u32, u32); PARTS],
}

impl ThrottleState {
    /// Nothing asked yet.
    #[must_use]
    pub fn new() -> ThrottleState {
        ThrottleState { parts: [(u64::MAX, 0, 0); PARTS] }
    }

    fn part(&mut self, rule: &tables::Throttle, now: u64) -> (u64, &mut (u64, u32, u32)) {
        let nth = now / (rule.window / PARTS as u64).max(1);
        let part = &mut self.parts[(nth % PARTS as u64) as usize];
        if part.0 != nth {
            *part = (nth, 0, 0);
        }
        (nth, part)
    }

    /// Counts a request, and says whether to refuse it here: with probability max(0, (requests - k accepts) /
    /// (requests + 1)). `drawn` is uniform between 0 and 1. Source: Beyer and others, Site Reliability Engineering
    /// (2016), chapter 21.
    pub fn refuses(&mut self, rule: &tables::Throttle, now: u64, drawn: f64) -> bool {
        let (nth, part) = self.part(rule, now);
        part.1 += 1;
        let (mut requests, mut accepts) = (0u64, 0u64);
        for part in self.parts.iter().filter(|part| part.0 != u64::MAX && part.0 + PARTS as u64 > nth) {
            requests += u64::from(part.1);
            accepts += u64::from(part.2);
        }
        // This one is not among those asked before.
        let before = (requests - 1) as f64;
        drawn * (before + 1.0) < before - rule.k * accepts as f64
    }

    /// The callee has taken a request.
    pub fn accepted(&mut self, rule: &tables::Throttle, now: u64) {
        self.part(rule, now).1.2 += 1;
    }
}

impl Default for ThrottleState {
    fn default() -> ThrottleState {
        ThrottleState::new()
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

/// The time of a token bucket's next token, which is taken: now if there is one, later if it has to be waited for.
pub fn reserve_token(next: &mut u64, spacing: u64, burst: u64, now: u64) -> u64 {
    let due = (*next).max(now);
    *next = due.saturating_add(spacing);
    due.saturating_sub(burst).max(now)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const RULE: tables::Breaker = tables::Breaker {
        open_at: 0.5,
        window: 1000,
        count: 0,
        minimum: 4,
        in_a_row: 0,
        slow_above: u64::MAX,
        slow_at: 2.0,
        cool_down: 500,
        trials: 1,
    };

    /// An attempt that ends at once.
    fn attempt(breaker: &mut BreakerState, rule: &tables::Breaker, now: u64, good: bool) -> bool {
        let Some(era) = breaker.allows(rule, now) else { return false };
        breaker.outcome(rule, now, era, !good, 0);
        true
    }

    #[test]
    fn a_breaker_opens_at_its_share_and_closes_after_a_good_trial() {
        let mut breaker = BreakerState::new(&RULE);
        for now in [10, 20] {
            attempt(&mut breaker, &RULE, now, true);
            attempt(&mut breaker, &RULE, now, false);
        }
        assert!(breaker.allows(&RULE, 100).is_none(), "two of four failed");
        let trial = breaker.allows(&RULE, 520).unwrap();
        assert!(breaker.allows(&RULE, 521).is_none(), "only one trial");
        breaker.outcome(&RULE, 530, trial, false, 10);
        assert!(breaker.allows(&RULE, 531).is_some() && breaker.allows(&RULE, 532).is_some());
    }

    #[test]
    fn a_bad_trial_opens_it_again_and_old_failures_are_forgotten() {
        let mut breaker = BreakerState::new(&RULE);
        let before = breaker.allows(&RULE, 0).unwrap();
        for now in 0..4 {
            attempt(&mut breaker, &RULE, now, false);
        }
        let trial = breaker.allows(&RULE, 503).unwrap();
        breaker.outcome(&RULE, 504, before, false, 0);
        assert!(breaker.allows(&RULE, 505).is_none(), "what began before it opened is no trial");
        breaker.forget(trial);
        let trial = breaker.allows(&RULE, 506).unwrap();
        breaker.outcome(&RULE, 510, trial, true, 0);
        assert!(breaker.allows(&RULE, 900).is_none());
        let mut breaker = BreakerState::new(&RULE);
        for now in [0, 1, 2, 1500, 1501] {
            attempt(&mut breaker, &RULE, now, false);
        }
        assert!(breaker.allows(&RULE, 1502).is_some(), "three of five lie outside the window");
    }

    /// The defaults of resilience4j.
    const COUNTED: tables::Breaker = tables::Breaker { count: 100, minimum: 100, trials: 10, ..RULE };

    #[test]
    fn a_count_of_a_hundred_opens_on_call_a_hundred_and_judges_ten_trials() {
        let mut breaker = BreakerState::new(&COUNTED);
        for call in 0..99 {
            assert!(attempt(&mut breaker, &COUNTED, call, false), "{call}");
        }
        assert!(attempt(&mut breaker, &COUNTED, 99, false), "not before the hundredth");
        assert!(!attempt(&mut breaker, &COUNTED, 100, true), "and then");
        for failed in [4, 5] {
            let mut breaker = BreakerState::new(&COUNTED);
            (0..100).for_each(|call| {
                attempt(&mut breaker, &COUNTED, call, false);
            });
            for trial in 0..10 {
                assert!(attempt(&mut breaker, &COUNTED, 700, trial >= failed));
            }
            assert_eq!(attempt(&mut breaker, &COUNTED, 701, true), failed < 5, "{failed} of ten failed");
        }
    }

    #[test]
    fn the_last_hundred_slide() {
        let mut breaker = BreakerState::new(&COUNTED);
        for call in 0..99 {
            attempt(&mut breaker, &COUNTED, call, call >= 49);
        }
        // 49 of the first 99 have failed; each further failure takes the place of one of them.
        for call in 99..149 {
            assert!(attempt(&mut breaker, &COUNTED, call, call == 99), "{call}");
        }
        assert!(attempt(&mut breaker, &COUNTED, 149, false), "the fiftieth of the last hundred");
        assert!(breaker.allows(&COUNTED, 150).is_none());
    }

    /// Share of breakers in whose life something happens, over independent failures of a probability.
    fn share(failing: f64, happens: impl Fn(&mut dyn FnMut() -> bool) -> bool) -> f64 {
        use crate::kernel::draws::{Stream, Words as _};
        let mut stream = Stream::new(1, 0, (failing * 100.0) as u32);
        let runs = 100_000;
        let hits = (0..runs).filter(|_| happens(&mut || stream.unit() >= failing)).count();
        hits as f64 / f64::from(runs)
    }

    /// Binomial sums of the validation set, for resilience4j's defaults.
    #[test]
    fn independent_failures_open_and_close_it_as_often_as_theory_says() {
        for (failing, expected) in [(0.40, 0.027_099), (0.45, 0.182_728), (0.50, 0.539_795)] {
            let opens = share(failing, |good| {
                let mut breaker = BreakerState::new(&COUNTED);
                (0..100).for_each(|call| {
                    attempt(&mut breaker, &COUNTED, call, good());
                });
                breaker.allows(&COUNTED, 100).is_none()
            });
            assert!((opens - expected).abs() < 0.005, "opens at {failing}: {opens} against {expected}");
        }
        for (failing, expected) in [(0.3, 0.849_732), (0.2, 0.967_207), (0.1, 0.998_365)] {
            let mut opened = BreakerState::new(&COUNTED);
            opened.turn(Phase::Open(500));
            let closes = share(failing, |good| {
                let mut breaker = opened.clone();
                (0..10).for_each(|_| {
                    attempt(&mut breaker, &COUNTED, 600, good());
                });
                breaker.phase == Phase::Closed
            });
            assert!((closes - expected).abs() < 0.005, "closes at {failing}: {closes} against {expected}");
        }
    }

    #[test]
    fn slow_attempts_open_it_as_well() {
        let rule = tables::Breaker { count: 4, slow_above: 10, slow_at: 0.75, ..RULE };
        let mut breaker = BreakerState::new(&rule);
        for took in [11, 10, 11, 11] {
            let era = breaker.allows(&rule, 0).unwrap();
            breaker.outcome(&rule, 0, era, false, took);
        }
        assert!(breaker.allows(&rule, 1).is_none(), "three of four took more than ten");
        let rule = tables::Breaker { in_a_row: 2, ..RULE };
        let mut breaker = BreakerState::new(&rule);
        for good in [false, true, false, false] {
            assert!(attempt(&mut breaker, &rule, 0, good));
        }
        assert!(breaker.allows(&rule, 1).is_none(), "two in a row");
    }

    #[test]
    fn a_bucket_spaces_what_exceeds_its_burst() {
        let mut next = 0;
        let asked: Vec<Option<u64>> = [0, 0, 0, 5, 10].map(|now| take_token(&mut next, 10, 10, now)).to_vec();
        assert_eq!(asked, [None, None, Some(10), Some(10), None]);
        let mut next = 0;
        let due: Vec<u64> = [0, 0, 0, 5, 10].map(|now| reserve_token(&mut next, 10, 10, now)).to_vec();
        assert_eq!(due, [0, 0, 10, 20, 30]);
    }

    #[test]
    fn a_throttle_refuses_what_exceeds_k_times_the_accepts() {
        let rule = tables::Throttle { k: 2.0, window: 24_000 };
        let mut throttle = ThrottleState::new();
        assert!(!throttle.refuses(&rule, 0, 0.0), "nothing is known yet");
        // Ten asked, three accepted: the next is refused with probability (10 - 6) / 11.
        for asked in 1..10 {
            throttle.refuses(&rule, asked, 1.0);
        }
        (0..3).for_each(|_| throttle.accepted(&rule, 10));
        assert!(throttle.clone().refuses(&rule, 11, 0.3636) && !throttle.clone().refuses(&rule, 11, 0.3637));
        assert!(throttle.clone().refuses(&rule, 23_999, 0.36), "still in the window");
        assert!(!throttle.clone().refuses(&rule, 24_000, 0.0), "out of the window");
    }
}
