//! What lies in a partition of a log, or in a queue: records in order, a few bytes each, in chunks that are used again.
//!
//! Sketch: a record takes 16 bytes (when it came, the key of its draws), so that six million that lag take 100 MB; 24 more where
//! a design asks whose request it was. All groups of a topic read the same records by their offsets. Nothing here knows of
//! consumers.

use std::collections::VecDeque;

/// Records of a chunk.
const CHUNK: u64 = 256;
/// Empty chunks that are kept for use.
const SPARE: usize = 64;

/// One record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::kernel) struct Record {
    /// When it came. Unit: ns.
    pub at: u64,
    /// Keys its draws.
    pub key: u64,
    /// What only some designs ask of it.
    pub more: More,
}

/// Whose record it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::kernel) struct More {
    /// When the request behind it arrived. Unit: ns.
    pub born: u64,
    /// Key of the request behind it.
    pub request: u64,
    /// The key that it goes by: a row; zero for none.
    pub row: u64,
}

#[derive(Debug, Default)]
struct Chunk {
    at: Vec<u64>,
    key: Vec<u64>,
    more: Vec<More>,
}

/// Records in order, by offset.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    chunks: VecDeque<Chunk>,
    /// Offset of the first record of the first chunk.
    first: u64,
    /// Offset of the next record.
    end: u64,
    /// Offsets, from and to, of records that lie here for the second time.
    echoes: Vec<(u64, u64)>,
}

/// Chunks that are empty.
#[derive(Debug, Default)]
pub(super) struct Spare(Vec<Chunk>);

impl Shelf {
    /// The offset that the next record will have.
    pub fn end(&self) -> u64 {
        self.end
    }

    /// The offset of the first record that is kept.
    pub fn first(&self) -> u64 {
        self.first
    }

    /// Whether a record lies here for the second time.
    pub fn is_echo(&self, offset: u64) -> bool {
        self.echoes.iter().any(|(from, to)| (*from..*to).contains(&offset))
    }

    /// Puts a record at the end. `whole`: whose it is is kept. `echo`: it lies here once already.
    pub fn push(&mut self, record: Record, whole: bool, echo: bool, spare: &mut Spare) {
        if echo {
            match self.echoes.last_mut() {
                Some((_, to)) if *to == self.end => *to += 1,
                _ => self.echoes.push((self.end, self.end + 1)),
            }
        }
        if self.first + self.chunks.len() as u64 * CHUNK == self.end {
            self.chunks.push_back(spare.0.pop().unwrap_or_default());
        }
        self.end += 1;
        if let Some(chunk) = self.chunks.back_mut() {
            chunk.at.push(record.at);
            chunk.key.push(record.key);
            if whole {
                chunk.more.push(record.more);
            }
        }
    }

    /// The record at an offset that has not been forgotten.
    pub fn get(&self, offset: u64) -> Option<Record> {
        let within = offset.checked_sub(self.first)?;
        let chunk = self.chunks.get((within / CHUNK) as usize)?;
        let nth = (within % CHUNK) as usize;
        let more = chunk.more.get(nth).copied().unwrap_or_default();
        Some(Record { at: *chunk.at.get(nth)?, key: *chunk.key.get(nth)?, more })
    }

    /// When the record at an offset came. Unit: ns.
    pub fn at(&self, offset: u64) -> Option<u64> {
        let within = offset.checked_sub(self.first)?;
        self.chunks.get((within / CHUNK) as usize)?.at.get((within % CHUNK) as usize).copied()
    }

    /// Forgets whole chunks before an offset.
    pub fn forget(&mut self, before: u64, spare: &mut Spare) {
        while self.first + CHUNK <= before
            && let Some(mut chunk) = self.chunks.pop_front()
        {
            self.first += CHUNK;
            if spare.0.len() < SPARE {
                chunk.at.clear();
                chunk.key.clear();
                chunk.more.clear();
                spare.0.push(chunk);
            }
        }
    }

    /// Takes records away from the end, down to an offset. Returns how many went.
    pub fn cut(&mut self, from: u64) -> u64 {
        let mut gone = 0;
        while self.end > from.max(self.first)
            && let Some(chunk) = self.chunks.back_mut()
        {
            chunk.at.pop();
            chunk.key.pop();
            chunk.more.pop();
            if chunk.at.is_empty() {
                self.chunks.pop_back();
            }
            self.end -= 1;
            gone += 1;
        }
        gone
    }
}

/// Numbers by key: open addressing, looked up and never walked but to grow.
#[derive(Debug, Default)]
pub(super) struct Latest {
    places: Vec<(u64, u64)>,
    used: usize,
}

impl Latest {
    /// The number of a key, zero if it has none; the key is never zero.
    pub fn entry(&mut self, key: u64) -> &mut u64 {
        if (self.used + 1) * 2 > self.places.len() {
            let grown = vec![(0, 0); (self.places.len() * 2).max(64)];
            for (key, number) in std::mem::replace(&mut self.places, grown) {
                if key != 0 {
                    let place = self.place(key);
                    self.places[place] = (key, number);
                }
            }
        }
        let place = self.place(key);
        if self.places[place].0 == 0 {
            self.used += 1;
            self.places[place] = (key, 0);
        }
        &mut self.places[place].1
    }

    fn place(&self, key: u64) -> usize {
        let mask = self.places.len() - 1;
        let mut place = (crate::kernel::draws::mix(key) as usize) & mask;
        while self.places[place].0 != 0 && self.places[place].0 != key {
            place = (place + 1) & mask;
        }
        place
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(at: u64) -> Record {
        Record { at, key: at * 7, more: More::default() }
    }

    #[test]
    fn offsets_stay_what_is_forgotten() {
        let (mut shelf, mut spare) = (Shelf::default(), Spare::default());
        for at in 0..1000 {
            shelf.push(record(at), false, at == 800, &mut spare);
        }
        shelf.forget(700, &mut spare);
        assert_eq!(shelf.get(700), Some(record(700)));
        assert_eq!(shelf.get(999).map(|record| record.key), Some(6993));
        assert_eq!((shelf.get(100), shelf.get(1000)), (None, None));
        assert_eq!(shelf.cut(990), 10);
        assert_eq!((shelf.end(), shelf.get(990)), (990, None));
        assert!(shelf.is_echo(800) && !shelf.is_echo(801));
        shelf.push(record(5), false, false, &mut spare);
        assert_eq!(shelf.at(990), Some(5));
        assert_eq!(shelf.cut(0), 991 - 512, "what is forgotten can't be cut");
        shelf.push(record(6), false, false, &mut spare);
        assert_eq!(shelf.at(512), Some(6));
    }

    #[test]
    fn numbers_are_found_by_key() {
        let mut latest = Latest::default();
        for key in 1..500 {
            *latest.entry(key << 20) = key;
        }
        assert!((1..500).all(|key| *latest.entry(key << 20) == key));
        assert_eq!(*latest.entry(9), 0);
    }
}
