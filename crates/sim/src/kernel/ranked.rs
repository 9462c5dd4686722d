//! Cores that go to the best: with c cores, the c best of the frames that compute run at full speed, the others wait.
//!
//! Whoever is better than one that runs takes its core; the one put off resumes where it was. The rank is given (a
//! priority, a size, a deadline) or is the work that is left (SRPT). Among equals who came first goes first.

/// A frame that computes.
#[derive(Debug, Clone, Copy)]
struct Job {
    rank: u64,
    order: u64,
    frame: u32,
    /// While it runs: the virtual time at which it is done. While it waits: the work that is left. Unit: ns of CPU.
    work: f64,
}

/// The ranked cores of one replica.
#[derive(Debug, Clone)]
pub struct Ranked {
    /// Time that a frame on a core has run. Unit: ns of CPU.
    virtual_now: f64,
    count: usize,
    by_remaining: bool,
    order: u64,
    running: Vec<Job>,
    /// A binary heap, best first.
    waiting: Vec<Job>,
}

impl Ranked {
    /// Idle cores; `NONE` stands for any number. With `by_remaining` the rank is the work that is left.
    #[must_use]
    pub fn new(count: u32, by_remaining: bool) -> Ranked {
        let count = count as usize;
        Ranked { virtual_now: 0.0, count, by_remaining, order: 0, running: Vec::new(), waiting: Vec::new() }
    }

    /// Frames that run.
    #[must_use]
    pub fn running(&self) -> usize {
        self.running.len()
    }

    /// The frames on cores have run for so long at this speed.
    pub fn advance(&mut self, passed: f64, speed: f64) {
        self.virtual_now += passed * speed;
        if self.virtual_now > super::cores::REBASE {
            for job in &mut self.running {
                job.work -= self.virtual_now;
            }
            self.virtual_now = 0.0;
        }
    }

    /// A frame begins to compute.
    pub fn start(&mut self, frame: u32, work: f64, rank: u64) {
        let rank = if self.by_remaining { rank_of(work) } else { rank };
        self.order += 1;
        let job = Job { rank, order: self.order, frame, work };
        if self.running.len() < self.count {
            self.run(job);
            return;
        }
        let worst = (0..self.running.len()).max_by_key(|at| self.rank_now(*at));
        match worst {
            Some(at) if self.rank_now(at) > (rank, self.order) => {
                let mut put_off = self.running.swap_remove(at);
                put_off.work = (put_off.work - self.virtual_now).max(0.0);
                if self.by_remaining {
                    put_off.rank = rank_of(put_off.work);
                }
                self.wait(put_off);
                self.run(job);
            }
            _ => self.wait(job),
        }
    }

    /// CPU time until the first of those that run is done. Unit: ns.
    #[must_use]
    pub fn left(&self) -> Option<f64> {
        let least = self.running.iter().map(|job| job.work).min_by(f64::total_cmp)?;
        Some((least - self.virtual_now).max(0.0))
    }

    /// Takes a frame that is done, in order of their beginning if several are. What is left up to `slack` counts as done.
    pub fn finished(&mut self, slack: f64) -> Option<u32> {
        let due = (0..self.running.len()).filter(|at| self.running[*at].work - self.virtual_now <= slack);
        let at = due.min_by_key(|at| self.running[*at].order)?;
        let job = self.running.swap_remove(at);
        self.fill();
        Some(job.frame)
    }

    /// A frame is gone before it was done.
    pub fn remove(&mut self, frame: u32) {
        if let Some(at) = self.running.iter().position(|job| job.frame == frame) {
            self.running.swap_remove(at);
            self.fill();
        } else if let Some(at) = self.waiting.iter().position(|job| job.frame == frame) {
            self.take(at);
        }
    }

    fn rank_now(&self, at: usize) -> (u64, u64) {
        let job = &self.running[at];
        let rank = if self.by_remaining { rank_of(job.work - self.virtual_now) } else { job.rank };
        (rank, job.order)
    }

    fn run(&mut self, mut job: Job) {
        job.work += self.virtual_now;
        self.running.push(job);
    }

    fn fill(&mut self) {
        if !self.waiting.is_empty() && self.running.len() < self.count {
            let job = self.take(0);
            self.run(job);
        }
    }

    fn wait(&mut self, job: Job) {
        self.waiting.push(job);
        self.up(self.waiting.len() - 1);
    }

    fn take(&mut self, at: usize) -> Job {
        let job = self.waiting.swap_remove(at);
        if at < self.waiting.len() {
            self.down(at);
            self.up(at);
        }
        job
    }

    fn key(&self, at: usize) -> (u64, u64) {
        (self.waiting[at].rank, self.waiting[at].order)
    }

    fn up(&mut self, mut at: usize) {
        while at > 0 && self.key((at - 1) / 2) > self.key(at) {
            self.waiting.swap((at - 1) / 2, at);
            at = (at - 1) / 2;
        }
    }

    fn down(&mut self, mut at: usize) {
        loop {
            let mut child = 2 * at + 1;
            if child >= self.waiting.len() {
                break;
            }
            if child + 1 < self.waiting.len() && self.key(child + 1) < self.key(child) {
                child += 1;
            }
            if self.key(at) <= self.key(child) {
                break;
            }
            self.waiting.swap(at, child);
            at = child;
        }
    }
}

/// Bits of a non-negative float order like the float.
fn rank_of(work: f64) -> u64 {
    work.max(0.0).to_bits()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shorter_takes_over_and_the_longer_resumes() {
        let mut cores = Ranked::new(1, true);
        cores.start(1, 100.0, 0);
        cores.advance(30.0, 1.0);
        cores.start(2, 80.0, 0);
        assert_eq!(cores.left(), Some(70.0), "70 are left of the first: the second waits");
        cores.start(3, 20.0, 0);
        assert_eq!(cores.left(), Some(20.0));
        cores.advance(20.0, 1.0);
        assert_eq!(cores.finished(0.5), Some(3));
        assert_eq!(cores.left(), Some(70.0));
        cores.remove(2);
        cores.advance(140.0, 0.5);
        assert_eq!(cores.finished(0.5), Some(1));
        assert_eq!((cores.left(), cores.running()), (None, 0));
    }

    #[test]
    fn two_cores_go_to_the_best_two() {
        let mut cores = Ranked::new(2, false);
        for (frame, rank, work) in [(1, 3, 11.0), (2, 2, 10.0), (3, 2, 10.0), (4, 1, 10.0)] {
            cores.start(frame, work, rank);
        }
        let mut done = Vec::new();
        while let Some(left) = cores.left() {
            cores.advance(left, 1.0);
            while let Some(frame) = cores.finished(1e-9) {
                done.push(frame);
            }
        }
        assert_eq!(done, [2, 4, 3, 1]);
    }
}
