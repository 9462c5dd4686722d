//! What one replica of a cache holds, in order: the most recently used or filled first, the last gives way.
//!
//! Open addressing over a doubly linked list in one array: a look-up touches a word of the table and the line of its entry.
//! A look-up that moves its item or puts it in takes 30 ns on a shelf of 2,000 items and 75 on one of 200,000. 24 to 32 bytes an
//! item, the table among them, and 16 more where items expire. All room is taken when a shelf is made. What a
//! cache does with it (misses, flights, refreshes) stands in `machines::caches`. Left out: sizes of items.

use super::draws::mix;
use super::tables::NONE;

/// From keys to places: linear probing, at most half full, holes closed at once. The keys stand where the places lead.
#[derive(Debug, Clone, Default)]
pub struct Index {
    table: Vec<u32>,
}

impl Index {
    /// Room for so many keys.
    #[must_use]
    pub fn new(keys: usize) -> Index {
        Index { table: vec![NONE; (2 * keys.max(4)).next_power_of_two()] }
    }

    #[inline(always)]
    fn home(&self, key: u64) -> usize {
        mix(key) as usize & (self.table.len() - 1)
    }

    /// Where a key stands; `key_of` says which key stands at a place.
    #[inline(always)]
    #[must_use]
    pub fn find(&self, key: u64, key_of: impl Fn(u32) -> u64) -> Option<u32> {
        if self.table.is_empty() {
            return None;
        }
        let mut at = self.home(key);
        loop {
            match self.table[at] {
                NONE => return None,
                place if key_of(place) == key => return Some(place),
                _ => at = (at + 1) & (self.table.len() - 1),
            }
        }
    }

    /// Adds a key that is not there. There must be room.
    pub fn add(&mut self, key: u64, place: u32) {
        let mut at = self.home(key);
        while self.table[at] != NONE {
            at = (at + 1) & (self.table.len() - 1);
        }
        self.table[at] = place;
    }

    /// Takes a key away that stands at this place.
    pub fn remove(&mut self, key: u64, place: u32, key_of: impl Fn(u32) -> u64) {
        let mask = self.table.len() - 1;
        let mut hole = self.home(key);
        while self.table[hole] != place {
            hole = (hole + 1) & mask;
        }
        let mut at = hole;
        loop {
            at = (at + 1) & mask;
            let next = self.table[at];
            if next == NONE {
                break;
            }
            // What stands behind the hole and belongs at it or before it moves up.
            let from_home = at.wrapping_sub(self.home(key_of(next))) & mask;
            if from_home >= (at.wrapping_sub(hole) & mask) {
                self.table[hole] = next;
                hole = at;
            }
        }
        self.table[hole] = NONE;
    }

    /// Keys that it has room for.
    #[must_use]
    pub fn room(&self) -> usize {
        self.table.len() / 2
    }

    /// Nothing stands in it any more.
    pub fn clear(&mut self) {
        self.table.fill(NONE);
    }
}

/// An item and its neighbours.
#[derive(Debug, Clone, Copy)]
struct Entry {
    key: u64,
    prev: u32,
    next: u32,
}

/// Until when an item may be used, and what it cost to fetch. Unit: ns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Life {
    /// Absolute time after which it is expired; `u64::MAX` for never.
    pub until: u64,
    /// How long its last fetch took.
    pub took: u64,
}

/// Who gives way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Eviction {
    /// The least recently used.
    #[default]
    Lru,
    /// The first that was filled.
    Fifo,
}

/// Items in order.
#[derive(Debug, Clone, Default)]
pub struct Shelf {
    index: Index,
    entries: Vec<Entry>,
    /// By place; empty where nothing expires.
    lives: Vec<Life>,
    head: u32,
    tail: u32,
    /// First of the places given back; each leads to the next by its `next`.
    free: u32,
    len: u32,
    capacity: u32,
    eviction: Eviction,
}

impl Shelf {
    /// An empty shelf for so many items (at least one).
    #[must_use]
    pub fn new(capacity: u32, eviction: Eviction, expires: bool) -> Shelf {
        let capacity = capacity.max(1);
        Shelf {
            index: Index::new(capacity as usize),
            entries: Vec::with_capacity(capacity as usize),
            lives: if expires { vec![Life::default(); capacity as usize] } else { Vec::new() },
            head: NONE,
            tail: NONE,
            free: NONE,
            len: 0,
            capacity,
            eviction,
        }
    }

    /// Items in it.
    #[must_use]
    pub fn len(&self) -> u32 {
        self.len
    }

    /// Most items in it.
    #[must_use]
    pub fn capacity(&self) -> u32 {
        self.capacity
    }

    /// Whether nothing is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether nothing more goes in without another giving way.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.len >= self.capacity
    }

    /// Where an item stands.
    #[inline(always)]
    #[must_use]
    pub fn find(&self, key: u64) -> Option<u32> {
        self.index.find(key, |place| self.entries[place as usize].key)
    }

    /// How long an item lives; for ever where nothing expires.
    #[inline(always)]
    #[must_use]
    pub fn life(&self, place: u32) -> Life {
        self.lives.get(place as usize).copied().unwrap_or(Life { until: u64::MAX, took: 0 })
    }

    /// Says how long an item lives, where items expire.
    #[inline(always)]
    pub fn live(&mut self, place: u32, life: Life) {
        if let Some(known) = self.lives.get_mut(place as usize) {
            *known = life;
        }
    }

    /// An item is used.
    #[inline(always)]
    pub fn touch(&mut self, place: u32) {
        if self.eviction == Eviction::Lru && self.head != place {
            self.unlink(place);
            self.link_first(place);
        }
    }

    /// Puts an item in, or uses it if it is there. Returns its place, and whether another gave way.
    pub fn put(&mut self, key: u64) -> (u32, bool) {
        if let Some(place) = self.find(key) {
            self.touch(place);
            return (place, false);
        }
        let gives_way = self.is_full();
        if gives_way {
            self.remove(self.tail);
        }
        let place = self.place(key);
        self.link_first(place);
        (place, gives_way)
    }

    /// Adds an item that is not there behind all others, if there is room.
    pub fn put_last(&mut self, key: u64) -> Option<u32> {
        if self.is_full() {
            return None;
        }
        let place = self.place(key);
        let tail = std::mem::replace(&mut self.tail, place);
        self.entries[place as usize].prev = tail;
        match self.entries.get_mut(tail as usize) {
            Some(before) => before.next = place,
            None => self.head = place,
        }
        Some(place)
    }

    /// Takes an item out.
    pub fn remove(&mut self, place: u32) {
        self.unlink(place);
        let key = self.entries[place as usize].key;
        self.index.remove(key, place, |place| self.entries[place as usize].key);
        self.entries[place as usize].next = std::mem::replace(&mut self.free, place);
        self.len -= 1;
    }

    /// Takes all out.
    pub fn clear(&mut self) {
        self.index.clear();
        self.entries.clear();
        (self.head, self.tail, self.free, self.len) = (NONE, NONE, NONE, 0);
    }

    /// A place of its own for a key, not yet in line.
    fn place(&mut self, key: u64) -> u32 {
        let entry = Entry { key, prev: NONE, next: NONE };
        let place = match self.entries.get_mut(self.free as usize) {
            Some(free) => {
                let place = std::mem::replace(&mut self.free, free.next);
                *free = entry;
                place
            }
            None => {
                self.entries.push(entry);
                self.entries.len() as u32 - 1
            }
        };
        self.index.add(key, place);
        self.len += 1;
        place
    }

    fn link_first(&mut self, place: u32) {
        let head = std::mem::replace(&mut self.head, place);
        let entry = &mut self.entries[place as usize];
        (entry.prev, entry.next) = (NONE, head);
        match self.entries.get_mut(head as usize) {
            Some(next) => next.prev = place,
            None => self.tail = place,
        }
    }

    fn unlink(&mut self, place: u32) {
        let Entry { prev, next, .. } = self.entries[place as usize];
        match self.entries.get_mut(prev as usize) {
            Some(before) => before.next = next,
            None => self.head = next,
        }
        match self.entries.get_mut(next as usize) {
            Some(after) => after.prev = prev,
            None => self.tail = prev,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::draws::{Stream, Words as _};

    /// Against a list searched from its front: the same hits, the same order, whatever is asked, taken out or emptied.
    fn check(eviction: Eviction) {
        let mut stream = Stream::new(3, 0, 0);
        let mut shelf = Shelf::new(20, eviction, false);
        let mut list: Vec<u64> = Vec::new();
        for _ in 0..20_000 {
            let key = stream.word() % 40;
            match stream.word() % 100 {
                0..5 => {
                    if let Some(place) = shelf.find(key) {
                        shelf.remove(place);
                        list.retain(|known| *known != key);
                    }
                }
                5 => {
                    shelf.clear();
                    list.clear();
                }
                _ => {
                    let known = list.iter().position(|known| *known == key);
                    assert_eq!(shelf.find(key).is_some(), known.is_some());
                    let (_, gave_way) = shelf.put(key);
                    assert_eq!(gave_way, known.is_none() && list.len() == 20);
                    match known {
                        Some(_) if eviction == Eviction::Fifo => {}
                        Some(at) => {
                            list.remove(at);
                            list.insert(0, key);
                        }
                        None => {
                            list.truncate(19);
                            list.insert(0, key);
                        }
                    }
                }
            }
            assert_eq!(shelf.len() as usize, list.len());
            let mut place = shelf.head;
            for key in &list {
                assert_eq!(shelf.entries[place as usize].key, *key);
                place = shelf.entries[place as usize].next;
            }
            assert_eq!(place, NONE);
        }
    }

    #[test]
    fn the_least_recently_used_gives_way() {
        check(Eviction::Lru);
    }

    #[test]
    fn the_first_that_came_gives_way() {
        check(Eviction::Fifo);
    }

    #[test]
    fn what_is_put_last_stands_last() {
        let mut shelf = Shelf::new(3, Eviction::Lru, true);
        for key in 1..=4 {
            assert_eq!(shelf.put_last(key).is_some(), key <= 3);
        }
        assert!(shelf.put(9).1 && shelf.find(3).is_none() && shelf.find(1).is_some());
    }
}
