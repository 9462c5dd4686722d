//! Lines: waiters in another order than that of their arrival, or with a door before them, or shared by several replicas.
//!
//! A plain queue is a list of frames that the engine walks itself; a line is a heap by (rank, order of arrival), so that
//! coming and going cost the logarithm of its length. Who leaves without being served stays in the heap as a dead entry,
//! told by its token, and is swept out once the dead outnumber the living.

use super::serving::Discipline;
use std::collections::VecDeque;

/// Entries beyond twice the living ones before the dead are swept out.
const SLACK: usize = 64;

/// Someone who waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Waiter {
    /// The smallest goes first.
    rank: u64,
    /// Order of arrival; its low half is the token by which the entry knows its frame.
    order: u64,
    frame: u32,
}

/// One line.
#[derive(Debug, Clone, Default)]
pub struct Line {
    heap: Vec<Waiter>,
    /// Those in the line by age, kept where the oldest may have to go.
    ages: VecDeque<Waiter>,
    keeps_ages: bool,
    /// Those before the line.
    door: VecDeque<Waiter>,
    /// Living waiters in the line.
    pub waiting: u32,
    /// Living waiters before the line.
    pub at_door: u32,
    /// When the integral was brought up to date. Unit: ns.
    last: u64,
    /// Integral of waiters, those at the door included. Unit: frame ns.
    pub area: u128,
    /// Free workers, by replica, of a line that replicas share; one entry a worker.
    pub idle: Vec<u32>,
    /// What CoDel keeps in mind.
    pub codel: Codel,
}

impl Line {
    /// An empty line. With `keeps_ages` the oldest can be asked for.
    #[must_use]
    pub fn new(keeps_ages: bool) -> Line {
        Line { keeps_ages, ..Line::default() }
    }

    /// Brings the integral up to date. Must precede every change of the counts.
    pub fn touch(&mut self, now: u64) {
        self.area += u128::from(self.waiters() * (now - self.last));
        self.last = now;
    }

    /// Living waiters, those before the line included.
    #[must_use]
    pub fn waiters(&self) -> u64 {
        u64::from(self.waiting) + u64::from(self.at_door)
    }

    /// A frame joins the line. `lives` says of a frame and a token whether it still waits with that token.
    pub fn join(&mut self, rank: u64, order: u64, frame: u32, lives: impl Fn(u32, u32) -> bool) {
        self.waiting += 1;
        let living = 2 * self.waiting as usize + SLACK;
        let waiter = Waiter { rank, order, frame };
        if self.heap.len() >= living {
            self.heap.retain(|waiter| lives(waiter.frame, waiter.order as u32));
            // A sorted array is a heap.
            self.heap.sort_unstable();
        }
        self.heap.push(waiter);
        self.up(self.heap.len() - 1);
        if self.keeps_ages {
            if self.ages.len() >= living {
                self.ages.retain(|waiter| lives(waiter.frame, waiter.order as u32));
            }
            self.ages.push_back(waiter);
        }
    }

    /// Takes the next to be served out of the line.
    pub fn next(&mut self, lives: impl Fn(u32, u32) -> bool) -> Option<u32> {
        while let Some(top) = self.heap.first().copied() {
            self.pop();
            if lives(top.frame, top.order as u32) {
                self.waiting -= 1;
                return Some(top.frame);
            }
        }
        None
    }

    /// The next to be served, who stays.
    pub fn peek(&mut self, lives: impl Fn(u32, u32) -> bool) -> Option<u32> {
        while let Some(top) = self.heap.first().copied() {
            if lives(top.frame, top.order as u32) {
                return Some(top.frame);
            }
            self.pop();
        }
        None
    }

    /// The waiter that came first, who stays.
    pub fn oldest(&mut self, lives: impl Fn(u32, u32) -> bool) -> Option<u32> {
        while let Some(first) = self.ages.front() {
            if lives(first.frame, first.order as u32) {
                return Some(first.frame);
            }
            self.ages.pop_front();
        }
        None
    }

    /// A frame stands before the line.
    pub fn stand_at_door(&mut self, order: u64, frame: u32, lives: impl Fn(u32, u32) -> bool) {
        if self.door.len() >= 2 * self.at_door as usize + SLACK {
            self.door.retain(|waiter| lives(waiter.frame, waiter.order as u32));
        }
        self.at_door += 1;
        self.door.push_back(Waiter { rank: 0, order, frame });
    }

    /// Takes the first who stands before the line.
    pub fn enter(&mut self, lives: impl Fn(u32, u32) -> bool) -> Option<u32> {
        while let Some(first) = self.door.pop_front() {
            if lives(first.frame, first.order as u32) {
                self.at_door -= 1;
                return Some(first.frame);
            }
        }
        None
    }

    /// Those who stand before the line, dead entries included.
    pub fn door(&self) -> impl Iterator<Item = (u32, u32)> {
        self.door.iter().map(|waiter| (waiter.frame, waiter.order as u32))
    }

    /// Nobody waits any more.
    pub fn clear(&mut self) {
        self.heap.clear();
        self.ages.clear();
        self.door.clear();
        self.waiting = 0;
        self.at_door = 0;
        self.codel = Codel::default();
    }

    fn pop(&mut self) {
        self.heap.swap_remove(0);
        self.down(0);
    }

    fn up(&mut self, mut at: usize) {
        while at > 0 {
            let parent = (at - 1) / 2;
            if self.heap[parent] <= self.heap[at] {
                break;
            }
            self.heap.swap(parent, at);
            at = parent;
        }
    }

    fn down(&mut self, mut at: usize) {
        loop {
            let mut child = 2 * at + 1;
            if child >= self.heap.len() {
                break;
            }
            if child + 1 < self.heap.len() && self.heap[child + 1] < self.heap[child] {
                child += 1;
            }
            if self.heap[at] <= self.heap[child] {
                break;
            }
            self.heap.swap(at, child);
            at = child;
        }
    }
}

/// Rank of a waiter where order of arrival or its reverse decides.
#[must_use]
pub fn rank_by_order(discipline: Discipline, order: u64) -> u64 {
    if discipline == Discipline::Lifo { u64::MAX - order } else { 0 }
}

/// The state of CoDel, by the pseudocode of RFC 8289. Times in ns.
#[derive(Debug, Clone, Copy, Default)]
pub struct Codel {
    first_above: u64,
    drop_next: u64,
    count: u32,
    last_count: u32,
    dropping: bool,
}

impl Codel {
    /// Nobody waits: what went before is forgotten.
    pub fn empty(&mut self) {
        self.first_above = 0;
        self.dropping = false;
    }

    /// The next one has waited so long, and others wait behind or not: whether it is dropped.
    pub fn drops(&mut self, target: u64, interval: u64, now: u64, waited: u64, others: bool) -> bool {
        let above = if waited < target || !others {
            self.first_above = 0;
            false
        } else if self.first_above == 0 {
            self.first_above = now.saturating_add(interval);
            false
        } else {
            now >= self.first_above
        };
        if self.dropping {
            if !above {
                self.dropping = false;
                return false;
            }
            if now < self.drop_next {
                return false;
            }
            self.count += 1;
            self.drop_next += self.spacing(interval);
            return true;
        }
        if !above {
            return false;
        }
        self.dropping = true;
        // Soon after the last time, dropping goes on at about the rate that it had then.
        let delta = self.count.saturating_sub(self.last_count);
        let soon = now.saturating_sub(self.drop_next) < interval.saturating_mul(16);
        self.count = if delta > 1 && soon { delta } else { 1 };
        self.last_count = self.count;
        self.drop_next = now + self.spacing(interval);
        true
    }

    fn spacing(self, interval: u64) -> u64 {
        (interval as f64 / libm::sqrt(f64::from(self.count.max(1)))) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_rank_goes_first_and_the_dead_are_passed_over() {
        let mut line = Line::new(true);
        let all = |_: u32, _: u32| true;
        for (order, rank) in [5, 3, 9, 3, 1].into_iter().enumerate() {
            line.join(rank, order as u64, order as u32, all);
        }
        assert_eq!(line.oldest(all), Some(0));
        let without = |frame: u32, _: u32| frame != 4 && frame != 0;
        assert_eq!(line.oldest(without), Some(1));
        assert_eq!(line.peek(without), Some(1));
        let served: Vec<Option<u32>> = (0..4).map(|_| line.next(without)).collect();
        assert_eq!(served, [Some(1), Some(3), Some(2), None]);
    }

    #[test]
    fn dead_entries_are_swept_out() {
        let mut line = Line::new(true);
        for order in 0..10_000u64 {
            let lives = |frame: u32, _: u32| frame == 0 || u64::from(frame) + 3 > order;
            line.join(order, order, order as u32, lives);
            line.stand_at_door(order, order as u32, lives);
            if order > 3 {
                line.waiting -= 1;
                line.at_door -= 1;
            }
        }
        assert!(line.heap.len() < 200 && line.ages.len() < 200 && line.door.len() < 200, "{}", line.heap.len());
    }

    #[test]
    fn dropping_begins_after_an_interval_and_grows_faster() {
        let (target, interval) = (5_000, 100_000);
        let mut codel = Codel::default();
        let drops: Vec<u64> =
            (0..=600).step_by(10).filter(|ms| codel.drops(target, interval, ms * 1_000, 50_000, true)).collect();
        // First at 100 ms above; then after 100 / sqrt(1), 100 / sqrt(2), ... of the times that were due.
        assert_eq!(drops, [100, 200, 280, 330, 380, 430, 470, 510, 540, 580]);
        assert!(!codel.drops(target, interval, 610_000, 4_000, true), "a short wait ends it");
        assert!(!codel.drops(target, interval, 700_000, 50_000, true));
    }
}
