//! The far part of the event set: a ladder of rungs, each a row of buckets of equal width, the lowest the finest (after
//! Tang, Goh and Thng, Ladder queue, ACM TOMACS 15(3), 2005).
//!
//! What is due soon is not here but in the sorted array or the heap of `events`, which the ladder fills, bucket by bucket.
//! Buckets are as wide as a power of two and their limits are whole numbers, so that no event changes its place by
//! rounding. Events of a bucket are a chain in one slab: nothing is allocated once the slab has its size. Order inside
//! a bucket does not live here.

/// No node.
const NIL: u32 = u32::MAX;
/// A bucket with more events than this becomes a rung of its own.
const MANY: u32 = 32;
/// Events for one bucket of a new rung.
const DENSITY: u64 = 2;
/// With fewer than this left, a ladder is not worth its while.
const FEW: u32 = 48;

#[derive(Debug, Clone, Copy)]
struct Node {
    key: u128,
    next: u32,
}

/// A chain of events.
#[derive(Debug, Clone, Copy)]
struct Chain {
    head: u32,
    count: u32,
}

const EMPTY: Chain = Chain { head: NIL, count: 0 };

/// A row of buckets. Times in ns.
#[derive(Debug, Clone)]
struct Rung {
    start: u64,
    /// The first time that is not in it.
    end: u64,
    /// A bucket is 2^shift wide.
    shift: u32,
    /// The first bucket that has not been taken.
    next: usize,
    buckets: Vec<Chain>,
}

/// When an event is due; the last instant of all and the one before it are one.
fn time(key: u128) -> u64 {
    ((key >> 64) as u64).min(u64::MAX - 1)
}

/// Events that are not due before `near`.
#[derive(Debug, Clone)]
pub(super) struct Ladder {
    /// What is due earlier does not belong here. Unit: ns.
    near: u64,
    nodes: Vec<Node>,
    free: u32,
    /// The finest last.
    rungs: Vec<Rung>,
    /// Beyond the coarsest rung, in no order.
    top: Chain,
    len: usize,
    /// Buckets of rungs that are gone, to be used again.
    spare: Vec<Vec<Chain>>,
}

impl Default for Ladder {
    fn default() -> Ladder {
        Ladder { near: 0, nodes: Vec::new(), free: NIL, rungs: Vec::new(), top: EMPTY, len: 0, spare: Vec::new() }
    }
}

impl Ladder {
    /// How many events it holds.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Whether an event belongs here.
    pub(super) fn takes(&self, key: u128) -> bool {
        time(key) >= self.near
    }

    /// Looks at all that it holds.
    pub(super) fn each(&self, mut look: impl FnMut(u128)) {
        for chain in self.rungs.iter().flat_map(|rung| &rung.buckets).chain([&self.top]) {
            let mut at = chain.head;
            while let Some(node) = self.nodes.get(at as usize) {
                look(node.key);
                at = node.next;
            }
        }
    }

    /// Adds an event that it takes.
    pub(super) fn push(&mut self, key: u128) {
        let node = self.free;
        let time = time(key);
        let chain = match self.rungs.iter_mut().rev().find(|rung| time < rung.end) {
            Some(rung) => &mut rung.buckets[((time - rung.start) >> rung.shift) as usize],
            None => &mut self.top,
        };
        let next = std::mem::replace(&mut chain.head, node);
        chain.count += 1;
        self.len += 1;
        match self.nodes.get_mut(node as usize) {
            Some(place) => {
                self.free = place.next;
                *place = Node { key, next };
            }
            None => {
                chain.head = self.nodes.len() as u32;
                self.nodes.push(Node { key, next });
            }
        }
    }

    /// Takes over events, at least one; those due from `end` on go beyond the rungs if it stands yet, `None` if it begins.
    pub(super) fn spread(&mut self, events: &mut Vec<u128>, begins: bool) {
        let (mut least, mut most) = (u64::MAX, 0);
        for key in events.iter() {
            least = least.min(time(*key));
            most = most.max(time(*key));
        }
        let end = if begins { most + 1 } else { self.near };
        self.new_rung(events.len() as u64, least, end);
        for key in events.drain(..) {
            self.push(key);
        }
    }

    /// A finest rung for so many events from `start` to before `end`.
    fn new_rung(&mut self, count: u64, start: u64, end: u64) {
        let span = end - 1 - start;
        let wanted = (count / DENSITY).max(2);
        // The narrowest buckets of which so many suffice.
        let shift = 64 - (span / wanted).leading_zeros();
        let mut buckets = self.spare.pop().unwrap_or_default();
        buckets.clear();
        buckets.resize((span >> shift) as usize + 1, EMPTY);
        self.rungs.push(Rung { start, end, shift, next: 0, buckets });
        self.near = start;
    }

    /// Moves the events of the next bucket to `out`, which is empty. False if there is none left, or so few that all are
    /// moved and the ladder is done.
    pub(super) fn next_bucket(&mut self, out: &mut Vec<u128>) -> bool {
        loop {
            let Some(rung) = self.rungs.last_mut() else {
                let top = std::mem::replace(&mut self.top, EMPTY);
                self.unchain(top, out);
                if top.count <= FEW {
                    self.near = 0;
                    return false;
                }
                self.spread(out, true);
                continue;
            };
            let Some(skipped) = rung.buckets[rung.next..].iter().position(|bucket| bucket.count > 0) else {
                self.near = rung.end;
                if let Some(rung) = self.rungs.pop() {
                    self.spare.push(rung.buckets);
                }
                continue;
            };
            let at = rung.next + skipped;
            rung.next = at + 1;
            let bucket = std::mem::replace(&mut rung.buckets[at], EMPTY);
            let after = u128::from(rung.start) + (((at + 1) as u128) << rung.shift);
            let end = after.min(u128::from(rung.end)) as u64;
            let divisible = rung.shift > 0;
            self.near = end;
            self.unchain(bucket, out);
            if bucket.count <= MANY || !divisible {
                return true;
            }
            self.spread(out, false);
        }
    }

    fn unchain(&mut self, chain: Chain, out: &mut Vec<u128>) {
        let mut at = chain.head;
        while let Some(node) = self.nodes.get_mut(at as usize) {
            out.push(node.key);
            let next = std::mem::replace(&mut node.next, self.free);
            self.free = at;
            at = next;
        }
        self.len -= chain.count as usize;
    }
}
