//! The event set: what is due next. A sorted array while few are pending, a 4-ary heap beyond.
//!
//! One event is one word: time in ns (64 bits), number (36), tag (3), slot (25); events of one instant fire in the order
//! of their numbers. Measured: 11 ns for a push and a pop with a few pending, 48 ns with 7,000. Left out: a ladder for
//! many thousand pending events (29 ns there); stale events are not removed but recognised by their number.

/// Pending events up to which the sorted array is used.
const SMALL: usize = 48;
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

/// Pending events, least key first.
#[derive(Debug, Clone)]
pub struct Events {
    /// Descending, so that the next is at the end; used while few are pending.
    sorted: [u128; ROOM],
    /// How many of `sorted` are used.
    few: usize,
    /// How many `sorted` takes: `SMALL`, or none while the heap is used.
    most: usize,
    heap: Vec<u128>,
}

/// Places of the sorted array: a power of two, so that an index needs no check.
const ROOM: usize = 64;

impl Default for Events {
    fn default() -> Events {
        Events { sorted: [0; ROOM], few: 0, most: SMALL, heap: Vec::new() }
    }
}

impl Events {
    /// Adds an event.
    #[inline(always)]
    pub fn push(&mut self, key: u128) {
        if self.few < self.most {
            let mut at = self.few;
            self.few += 1;
            while at > 0 && self.sorted[(at - 1) % ROOM] < key {
                self.sorted[at % ROOM] = self.sorted[(at - 1) % ROOM];
                at -= 1;
            }
            self.sorted[at % ROOM] = key;
        } else {
            self.push_heap(key);
        }
    }

    /// Takes the next event.
    #[inline(always)]
    pub fn pop(&mut self) -> Option<u128> {
        if self.few > 0 {
            self.few -= 1;
            Some(self.sorted[self.few % ROOM])
        } else {
            self.pop_heap()
        }
    }

    /// How many are pending, stale ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.few + self.heap.len()
    }

    /// Whether none is pending.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[inline(never)]
    fn push_heap(&mut self, key: u128) {
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
    }

    #[inline(never)]
    fn pop_heap(&mut self) -> Option<u128> {
        let heap = &mut self.heap;
        let top = *heap.first()?;
        let key = heap.pop()?;
        let len = heap.len();
        if len == 0 {
            self.most = SMALL;
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
    use crate::kernel::draws::{Stream, Words as _};
    use std::cmp::Reverse;
    use std::collections::BinaryHeap;

    /// Pushes and pops at random, around a number of pending events, in step with the standard heap.
    fn check(pending: usize, seed: u64) {
        let mut stream = Stream::new(seed, 0, 0);
        let (mut ours, mut standard) = (Events::default(), BinaryHeap::new());
        let mut now = 0;
        for number in 0..20_000u64 {
            let want = stream.word() as usize % (2 * pending + 1);
            while standard.len() > want {
                let expected = standard.pop().map(|Reverse(key)| key);
                assert_eq!(ours.pop(), expected);
                now = expected.map_or(now, time);
            }
            // Few distinct times, so that ties are common.
            let key = key(now + stream.word() % 16, number, Tag::Resume, (number % 1000) as u32);
            ours.push(key);
            standard.push(Reverse(key));
            assert_eq!(ours.len(), standard.len());
        }
        while let Some(Reverse(key)) = standard.pop() {
            assert_eq!(ours.pop(), Some(key));
        }
        assert!(ours.is_empty() && ours.pop().is_none());
    }

    #[test]
    fn the_trace_is_that_of_a_plain_heap() {
        for (pending, seed) in [(1, 1), (10, 2), (47, 3), (48, 4), (60, 5), (2_000, 6)] {
            check(pending, seed);
        }
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
