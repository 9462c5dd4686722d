//! The event set: what is due next. A sorted array while few are pending, a 4-ary heap beyond, a ladder above a hundred.
//!
//! One event is one word: time in ns (64 bits), number (36), tag (3), slot (25); events of one instant fire in the order
//! of their numbers. With a ladder, the array (or the heap, after a burst) holds what is due before the ladder begins. How
//! long a push and a pop take by size: `docs/performance.md`. Left out: stale events are not removed but recognised by
//! their number.

use super::ladder::Ladder;

/// Pending events up to which the sorted array is used.
const SMALL: usize = 48;
/// Events in the heap at which a ladder is tried: this many, and each power of two beyond.
const LARGE: usize = 128;
/// Bits of an event's number.
const NUMBER_BITS: u32 = 36;
/// Bits of the slot: what the event is for.
pub const SLOT_BITS: u32 = 25;
const TAG_BITS: u32 = 3;

/// What an event does with its slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Tag {
    /// A frame goes on.
    Resume = 0,
    /// A load source sends its next request.
    Arrive = 1,
    /// The head of a lane is due.
    Lane = 2,
    /// Shared cores may have finished a frame.
    Cores = 3,
    /// A fault, a slice or an end: the entry of the control list.
    Control = 4,
    /// A message reaches its other end.
    Message = 5,
    /// A frame's timer that fits no lane.
    Timer = 6,
    /// A log, queue or relay has something to do.
    Flow = 7,
}

impl Tag {
    /// The tag of a key.
    #[inline(always)]
    #[must_use]
    pub fn of(key: u128) -> Tag {
        match (key as u32 >> SLOT_BITS) & 7 {
            0 => Tag::Resume,
            1 => Tag::Arrive,
            2 => Tag::Lane,
            3 => Tag::Cores,
            4 => Tag::Control,
            5 => Tag::Message,
            6 => Tag::Timer,
            _ => Tag::Flow,
        }
    }
}

/// The word of an event.
#[inline(always)]
#[must_use]
pub fn key(time: u64, number: u64, tag: Tag, slot: u32) -> u128 {
    let low = (number & ((1 << NUMBER_BITS) - 1)) << (TAG_BITS + SLOT_BITS)
        | u64::from(tag as u8) << SLOT_BITS
        | u64::from(slot);
    u128::from(time) << 64 | u128::from(low)
}

/// When an event is due. Unit: ns.
#[inline(always)]
#[must_use]
pub fn time(key: u128) -> u64 {
    (key >> 64) as u64
}

/// The low half of an event's number, by which frames recognise it.
#[inline(always)]
#[must_use]
pub fn number(key: u128) -> u32 {
    (key >> (TAG_BITS + SLOT_BITS)) as u32
}

/// What an event is for.
#[inline(always)]
#[must_use]
pub fn slot(key: u128) -> u32 {
    key as u32 & ((1 << SLOT_BITS) - 1)
}

/// The same event for another slot.
#[inline(always)]
#[must_use]
pub(super) fn of_slot(key: u128, slot: u32) -> u128 {
    key & !((1 << SLOT_BITS) - 1) | u128::from(slot)
}

/// Pending events, least key first.
#[derive(Debug, Clone)]
pub struct Events {
    /// Descending, so that the next is at the end; used while few are pending.
    sorted: [u128; ROOM],
    /// How many of `sorted` are used.
    few: usize,
    /// How many `sorted` takes at once: `SMALL`, or none while the heap or the ladder is used.
    most: usize,
    heap: Vec<u128>,
    ladder: Ladder,
    /// Whether there is a ladder.
    large: bool,
}

/// Places of the sorted array: a power of two, so that an index needs no check.
const ROOM: usize = 64;

impl Default for Events {
    fn default() -> Events {
        Events { sorted: [0; ROOM], few: 0, most: SMALL, heap: Vec::new(), ladder: Ladder::default(), large: false }
    }
}

impl Events {
    /// Adds an event.
    #[inline(always)]
    pub fn push(&mut self, key: u128) {
        if self.few < self.most {
            self.insert(key);
        } else {
            self.push_many(key);
        }
    }

    #[inline(always)]
    fn insert(&mut self, key: u128) {
        let few = self.few % ROOM;
        self.few = few + 1;
        let sorted = &mut self.sorted[..=few];
        let mut at = few;
        while at > 0 {
            let before = sorted[at - 1];
            if before >= key {
                break;
            }
            sorted[at] = before;
            at -= 1;
        }
        sorted[at] = key;
    }

    /// Takes the next event.
    #[inline(always)]
    pub fn pop(&mut self) -> Option<u128> {
        if self.few > 0 {
            self.few -= 1;
            Some(self.sorted[self.few % ROOM])
        } else {
            self.pop_many()
        }
    }

    /// How many are pending, stale ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.few + self.heap.len() + self.ladder.len()
    }

    /// Looks at all that are pending, stale ones included, in no order.
    pub fn each(&self, mut look: impl FnMut(u128)) {
        self.sorted[..self.few].iter().chain(&self.heap).for_each(|key| look(*key));
        self.ladder.each(look);
    }

    /// Whether none is pending.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[inline(never)]
    fn push_many(&mut self, key: u128) {
        if self.large {
            if self.ladder.takes(key) {
                self.ladder.push(key);
                return;
            }
            if self.heap.is_empty() && self.few < SMALL {
                self.insert(key);
                return;
            }
        }
        if self.heap.is_empty() {
            // An ascending array is a heap.
            self.heap.extend(self.sorted[..self.few].iter().rev());
            self.few = 0;
            self.most = 0;
        }
        let heap = &mut self.heap;
        heap.push(key);
        let mut at = heap.len() - 1;
        while at > 0 {
            let parent = (at - 1) / 4;
            if heap[parent] <= key {
                break;
            }
            heap[at] = heap[parent];
            at = parent;
        }
        heap[at] = key;
        if heap.len() >= LARGE && heap.len().is_power_of_two() {
            self.spread();
        }
    }

    /// Turns the heap into a rung of the ladder, unless all it holds is for one instant.
    #[cold]
    fn spread(&mut self) {
        let first = time(self.heap[0]);
        if self.heap.iter().all(|key| time(*key) == first) {
            return;
        }
        self.ladder.spread(&mut self.heap, !self.large);
        self.large = true;
    }

    #[inline(never)]
    fn pop_many(&mut self) -> Option<u128> {
        if !self.heap.is_empty() {
            return self.pop_heap();
        }
        if !self.large {
            return None;
        }
        // The heap's room serves on the way: it is empty.
        self.large = self.ladder.next_bucket(&mut self.heap);
        let count = self.heap.len();
        if count <= SMALL {
            self.sorted[..count].copy_from_slice(&self.heap);
            self.sorted[..count].sort_unstable_by(|one, other| other.cmp(one));
            self.heap.clear();
            self.most = if self.large { 0 } else { SMALL };
            self.few = count.checked_sub(1)?;
            return Some(self.sorted[self.few]);
        }
        self.heap.sort_unstable();
        self.pop_heap()
    }

    #[inline(always)]
    fn pop_heap(&mut self) -> Option<u128> {
        let heap = &mut self.heap;
        let top = *heap.first()?;
        let key = heap.pop()?;
        let len = heap.len();
        if len == 0 {
            self.most = if self.large { 0 } else { SMALL };
        } else {
            let mut at = 0;
            loop {
                let first = 4 * at + 1;
                if first >= len {
                    break;
                }
                let (mut least, mut child) = (heap[first], first);
                let children = &heap[first..(first + 4).min(len)];
                for (nth, &other) in children.iter().enumerate().skip(1) {
                    if other < least {
                        (least, child) = (other, first + nth);
                    }
                }
                if least >= key {
                    break;
                }
                heap[at] = least;
                at = child;
            }
            heap[at] = key;
        }
        Some(top)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::draws::{Stream, Words as _, Ziggurat};
    use std::cmp::Reverse;
    use std::collections::BinaryHeap;

    /// Two event sets in step: ours and the standard heap.
    #[derive(Default)]
    struct Both {
        ours: Events,
        standard: BinaryHeap<Reverse<u128>>,
        number: u64,
        now: u64,
    }

    impl Both {
        fn push(&mut self, time: u64) {
            self.number += 1;
            let key = key(time, self.number, Tag::Resume, (self.number % 1000) as u32);
            self.ours.push(key);
            self.standard.push(Reverse(key));
            assert_eq!(self.ours.len(), self.standard.len());
        }

        fn pop(&mut self) {
            let expected = self.standard.pop().map(|Reverse(key)| key);
            if self.number.is_multiple_of(977) {
                let (mut seen, mut pending) = (expected.into_iter().collect::<Vec<u128>>(), Vec::new());
                self.ours.each(|key| pending.push(key));
                seen.extend(self.standard.iter().map(|Reverse(key)| *key));
                seen.sort_unstable();
                pending.sort_unstable();
                assert_eq!(pending, seen);
            }
            assert_eq!(self.ours.pop(), expected, "with {} pending", self.standard.len());
            self.now = expected.map_or(self.now, time);
        }

        fn drain(&mut self) {
            while !self.standard.is_empty() {
                self.pop();
            }
            assert!(self.ours.is_empty() && self.ours.pop().is_none());
        }
    }

    /// Pushes and pops at random, around a number of pending events, with delays up to a bound.
    fn check(pending: usize, delay: u64, seed: u64) {
        let mut stream = Stream::new(seed, 0, 0);
        let mut both = Both::default();
        for _ in 0..20_000u64 {
            let want = stream.word() as usize % (2 * pending + 1);
            while both.standard.len() > want {
                both.pop();
            }
            both.push(both.now + stream.word() % delay);
        }
        both.drain();
    }

    #[test]
    fn the_trace_is_that_of_a_plain_heap() {
        // Few distinct times, so that ties are common; then many.
        for delay in [16, 1 << 40] {
            for (pending, seed) in [(1, 1), (10, 2), (47, 3), (48, 4), (60, 5), (300, 6), (2_000, 7), (9_000, 8)] {
                check(pending, delay, seed);
            }
        }
    }

    #[test]
    fn the_trace_is_that_of_a_plain_heap_at_a_steady_size() {
        for (pending, seed) in [(40, 1), (400, 2), (520, 3), (7_000, 4), (40_000, 5)] {
            let mut stream = Stream::new(seed, 0, 0);
            let ziggurat = Ziggurat::new();
            let mut both = Both::default();
            for _ in 0..pending {
                both.push((ziggurat.exponential(&mut stream) * 1e9) as u64);
            }
            for _ in 0..2 * pending {
                both.pop();
                both.push(both.now + (ziggurat.exponential(&mut stream) * 1e9) as u64);
            }
            both.drain();
        }
    }

    #[test]
    fn bursts_at_one_instant_and_the_far_future_keep_their_order() {
        let mut stream = Stream::new(9, 0, 0);
        let mut both = Both::default();
        for round in 0..40u64 {
            let burst = both.now + stream.word() % 1000;
            for _ in 0..700 {
                both.push(burst);
            }
            both.push(u64::MAX);
            both.push(u64::MAX - 1);
            both.push(u64::MAX - stream.word() % 1_000_000_000);
            for _ in 0..300 {
                // Delays from 1 ns to 500 years, evenly by their logarithm.
                let delay = stream.word() >> (stream.word() % 64);
                both.push(both.now.saturating_add(delay));
            }
            // Down to a few, to none, or not at all: through all changes of the structure.
            let left = [both.standard.len(), 2_000, 600, 130, 50, 10, 0][round as usize % 7];
            while both.standard.len() > left && both.now < 1 << 50 {
                both.pop();
            }
        }
        both.drain();
    }

    #[test]
    fn a_key_gives_back_its_parts() {
        let word = key(123_456_789_012, (1 << 36) - 2, Tag::Lane, (1 << 25) - 1);
        assert_eq!(time(word), 123_456_789_012);
        assert_eq!(number(word), u32::MAX - 1);
        assert_eq!(Tag::of(word), Tag::Lane);
        assert_eq!(slot(word), (1 << 25) - 1);
    }
}
