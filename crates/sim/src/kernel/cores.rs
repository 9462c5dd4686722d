//! Egalitarian processor sharing: n computing frames on c cores each run at min(1, c / n), times the replica's speed.
//!
//! Kept in virtual time (the CPU time a frame alone would have got), so that an arrival changes one number and not the
//! remaining time of everyone. One event is armed per replica and kept while the next finish is not earlier.

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
    /// Finish tags (bits of a non-negative float order like the float) and frames: a binary heap.
    heap: Vec<(u64, u32)>,
    /// Integral of cores in use. Unit: core ns.
    pub busy_area: f64,
}

impl Cores {
    /// Idle cores.
    #[must_use]
    pub fn new(count: f64) -> Cores {
        Cores { virtual_now: 0.0, last: 0, count, speed: 1.0, armed: 0, armed_at: 0, heap: Vec::new(), busy_area: 0.0 }
    }

    fn rate(&self) -> f64 {
        let n = self.heap.len() as f64;
        if n <= self.count { self.speed } else { self.speed * self.count / n }
    }

    /// Brings virtual time up to date.
    pub fn advance(&mut self, now: u64) {
        let passed = (now - self.last) as f64;
        if !self.heap.is_empty() {
            self.virtual_now += passed * self.rate();
            self.busy_area += passed * (self.heap.len() as f64).min(self.count);
        }
        self.last = now;
    }

    /// A frame begins to compute. Unit of `work`: ns of CPU.
    pub fn start(&mut self, now: u64, frame: u32, work: u64) {
        self.advance(now);
        if self.heap.is_empty() {
            self.virtual_now = 0.0;
        }
        self.heap.push(((self.virtual_now + work as f64).to_bits(), frame));
        self.up(self.heap.len() - 1);
    }

    /// When the next frame is done if no one comes or goes. Unit: ns.
    #[must_use]
    pub fn next_finish(&self) -> Option<u64> {
        let (tag, _) = *self.heap.first()?;
        let left = ((f64::from_bits(tag) - self.virtual_now) / self.rate()).max(0.0);
        Some(self.last + (left + 0.5) as u64)
    }

    /// Takes a frame that is done, if one is. Half a nanosecond of CPU counts as done.
    pub fn finished(&mut self) -> Option<u32> {
        let (tag, frame) = *self.heap.first()?;
        if f64::from_bits(tag) - self.virtual_now > 0.5 * self.rate() + 1e-3 {
            return None;
        }
        self.remove_at(0);
        Some(frame)
    }

    /// A frame is gone before it was done.
    pub fn remove(&mut self, now: u64, frame: u32) {
        self.advance(now);
        if let Some(at) = self.heap.iter().position(|entry| entry.1 == frame) {
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
        let mut cores = Cores::new(1.0);
        cores.start(0, 1, 100);
        cores.start(50, 2, 100);
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
        let mut cores = Cores::new(2.0);
        cores.start(0, 1, 100);
        cores.start(0, 2, 60);
        cores.set_speed(20, 0.5);
        assert_eq!(cores.next_finish(), Some(100));
        cores.remove(40, 2);
        assert_eq!(cores.next_finish(), Some(180));
    }
}
