//! Egalitarian processor sharing: n computing frames on c cores each run at min(1, c / n), times the replica's speed.
//!
//! Kept in virtual time (the CPU time a frame alone would have got), so that an arrival changes one number and not the
//! remaining time of everyone. One event is armed per replica and kept while the next finish is not earlier. Cores that
//! go to the best instead are in `ranked`.

use super::ranked::Ranked;
use super::serving::{Discipline, Sharing};
use super::tables::NONE;

/// Virtual time beyond which it begins anew, so that fractions of a nanosecond stay exact however long a run is: a double
/// tells 2^-13 ns apart below it. Unit: ns.
pub(super) const REBASE: f64 = (1u64 << 40) as f64;

/// A frame that computes: the virtual time at which it is done (bits of a non-negative float order like the float), and
/// its turn among equals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Tag {
    done: u64,
    turn: u32,
    frame: u32,
}

/// The cores of one replica.
#[derive(Debug, Clone)]
pub struct Cores {
    /// Virtual time. Unit: ns of CPU a frame.
    virtual_now: f64,
    last: u64,
    /// Cores; infinite for unlimited.
    count: f64,
    /// Speed: 1 is nominal.
    speed: f64,
    /// Number of the armed event and its time; zero for none.
    pub armed: u32,
    /// When the armed event is due. Unit: ns.
    pub armed_at: u64,
    turn: u32,
    /// A binary heap.
    heap: Vec<Tag>,
    /// Integral of cores in use. Unit: core ns.
    pub busy_area: f64,
    /// Where they go to the best.
    ranked: Option<Box<Ranked>>,
}

impl Cores {
    /// Idle cores; `NONE` for unlimited.
    #[must_use]
    pub fn new(count: u32, sharing: Sharing) -> Cores {
        Cores {
            virtual_now: 0.0,
            last: 0,
            count: if count == NONE { f64::INFINITY } else { f64::from(count) },
            speed: 1.0,
            armed: 0,
            armed_at: 0,
            turn: 0,
            heap: Vec::new(),
            busy_area: 0.0,
            ranked: match sharing {
                Sharing::Equal => None,
                Sharing::Ranked(by) => Some(Box::new(Ranked::new(count, by == Discipline::Remaining))),
            },
        }
    }

    /// Whether they go to the best.
    #[must_use]
    pub fn by_rank(&self) -> bool {
        self.ranked.is_some()
    }

    fn rate(&self) -> f64 {
        let n = self.heap.len() as f64;
        if n <= self.count { self.speed } else { self.speed * self.count / n }
    }

    /// Brings virtual time up to date.
    pub fn advance(&mut self, now: u64) {
        let passed = (now - self.last) as f64;
        self.last = now;
        if let Some(ranked) = &mut self.ranked {
            ranked.advance(passed, self.speed);
            self.busy_area += passed * ranked.running() as f64;
        } else if !self.heap.is_empty() {
            self.virtual_now += passed * self.rate();
            self.busy_area += passed * (self.heap.len() as f64).min(self.count);
            if self.virtual_now > REBASE {
                self.rebase();
            }
        }
    }

    /// Virtual time begins anew. Both terms are multiples of one power of two and the difference is smaller, so it is
    /// exact and the order stays.
    #[cold]
    fn rebase(&mut self) {
        for tag in &mut self.heap {
            tag.done = (f64::from_bits(tag.done) - self.virtual_now).max(0.0).to_bits();
        }
        self.virtual_now = 0.0;
        self.heap.sort_unstable();
    }

    /// A frame begins to compute. Unit of `work`: ns of CPU. `rank` counts where cores go to the best.
    pub fn start(&mut self, now: u64, frame: u32, work: u64, rank: u64) {
        self.advance(now);
        if let Some(ranked) = &mut self.ranked {
            ranked.start(frame, work as f64, rank);
            return;
        }
        if self.heap.is_empty() {
            self.virtual_now = 0.0;
            self.turn = 0;
        }
        self.turn = self.turn.wrapping_add(1);
        self.heap.push(Tag { done: (self.virtual_now + work as f64).to_bits(), turn: self.turn, frame });
        self.up(self.heap.len() - 1);
    }

    /// When the next frame is done if no one comes or goes. Unit: ns.
    #[must_use]
    pub fn next_finish(&self) -> Option<u64> {
        let left = match &self.ranked {
            Some(ranked) => ranked.left()? / self.speed,
            None => {
                let (left, rate) = (f64::from_bits(self.heap.first()?.done) - self.virtual_now, self.rate());
                // As a rule no one has to share: no division.
                if rate == 1.0 { left.max(0.0) } else { (left / rate).max(0.0) }
            }
        };
        Some(self.last.saturating_add((left + 0.5) as u64))
    }

    /// Takes a frame that is done, if one is. Half a nanosecond of CPU counts as done.
    pub fn finished(&mut self) -> Option<u32> {
        if let Some(ranked) = &mut self.ranked {
            return ranked.finished(0.5 * self.speed + 1e-3);
        }
        let Tag { done, frame, .. } = *self.heap.first()?;
        if f64::from_bits(done) - self.virtual_now > 0.5 * self.rate() + 1e-3 {
            return None;
        }
        self.remove_at(0);
        Some(frame)
    }

    /// A frame is gone before it was done.
    pub fn remove(&mut self, now: u64, frame: u32) {
        self.advance(now);
        if let Some(ranked) = &mut self.ranked {
            ranked.remove(frame);
            return;
        }
        if let Some(at) = self.heap.iter().position(|entry| entry.frame == frame) {
            self.remove_at(at);
        }
    }

    /// Another speed from now on.
    pub fn set_speed(&mut self, now: u64, speed: f64) {
        self.advance(now);
        self.speed = speed;
    }

    fn remove_at(&mut self, at: usize) {
        let last = self.heap.len() - 1;
        self.heap.swap(at, last);
        self.heap.pop();
        if at < self.heap.len() {
            self.down(at);
            self.up(at);
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_frames_on_one_core_take_turns() {
        let mut cores = Cores::new(1, Sharing::Equal);
        cores.start(0, 1, 100, 0);
        cores.start(50, 2, 100, 0);
        // Frame 1 has 50 left and runs at half speed from 50 on.
        assert_eq!(cores.next_finish(), Some(150));
        cores.advance(150);
        assert_eq!(cores.finished(), Some(1));
        assert_eq!(cores.finished(), None);
        // Frame 2 got 50 in the shared 100 and has the core alone now.
        assert_eq!(cores.next_finish(), Some(200));
        cores.advance(200);
        assert_eq!(cores.finished(), Some(2));
        assert_eq!(cores.next_finish(), None);
        assert!((cores.busy_area - 200.0).abs() < 1e-9);
    }

    #[test]
    fn a_slow_core_takes_longer_and_a_frame_can_leave() {
        let mut cores = Cores::new(2, Sharing::Equal);
        cores.start(0, 1, 100, 0);
        cores.start(0, 2, 60, 0);
        cores.set_speed(20, 0.5);
        assert_eq!(cores.next_finish(), Some(100));
        cores.remove(40, 2);
        assert_eq!(cores.next_finish(), Some(180));
    }

    #[test]
    fn a_core_that_is_never_idle_loses_no_time() {
        // Three frames at a time on one core, each of 1 s, for 20 days: each takes 3 s, to the nanosecond.
        let second = 1_000_000_000;
        let mut cores = Cores::new(1, Sharing::Equal);
        for frame in 0..3 {
            cores.start(u64::from(frame) * second, frame, second, 0);
        }
        let (mut now, mut done) = (0, 0u64);
        while now < 86_400 * 20 * second {
            let next = cores.next_finish().expect("someone computes");
            assert!(next - now <= 3 * second);
            now = next;
            cores.advance(now);
            let frame = cores.finished().expect("it is due");
            cores.start(now, frame, second, 0);
            done += 1;
        }
        // The core has done what it had time for, to the nanosecond a finish.
        assert!((now / second).abs_diff(done) <= 3, "{now} ns, {done} done");
        assert!((cores.busy_area - now as f64).abs() < 1.0, "{}", cores.busy_area);
    }

    #[test]
    fn equals_are_done_in_the_order_of_their_beginning() {
        let mut cores = Cores::new(1, Sharing::Equal);
        for frame in [7, 3, 5] {
            cores.start(0, frame, 100, 0);
        }
        cores.advance(300);
        assert_eq!([cores.finished(), cores.finished(), cores.finished()], [Some(7), Some(3), Some(5)]);
    }
}
