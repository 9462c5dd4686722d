//! What a cache holds in its steady state: drawn back in time from now, so that a run needs no time to fill it.
//!
//! Independent references look the same backwards: the items of an LRU cache are the first distinct ones of a row of draws,
//! the most recent first, and the n-th draw back was n over the rate ago. Given that age, whether an item with a ttl is still
//! fresh follows from the renewals of its fills. For FIFO, the same items are then run through forwards until all have been
//! replaced three times. Left out: jitter of lives, and reads that wait for their fetch.

use super::draws::{Stream, Words as _};
use super::popularity::Popularity;
use super::rows::KEY_BITS;
use super::shelf::{Eviction, Life, Shelf};

/// Most draws of any kind.
const MOST: u64 = 8_000_000;

/// What is known of the reads of one cache.
#[derive(Debug, Clone, PartialEq)]
pub struct Reads {
    /// How often each key is asked for.
    pub popularity: Popularity,
    /// The data sets, each in 24 bits, with the share of reads that is of them or of one before.
    pub spaces: Vec<(f64, u32)>,
    /// Reads per ns of the shelves that are filled together.
    pub rate: f64,
    /// How long a fetch takes, about. Unit: ns.
    pub took: u64,
    /// Draws after which the rest is filled by rank: shelves whose share is smaller than their room would never be full.
    pub most: u64,
}

/// How items of it live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lives {
    /// From a fill, or from the last use. Unit: ns; `u64::MAX` for ever.
    pub ttl: u64,
    /// Whether each use begins it anew.
    pub slides: bool,
}

impl Reads {
    /// A row of one of the data sets, and the share of reads that is of that set.
    fn draw(&self, stream: &mut Stream) -> (u64, f64, u64) {
        let nth = match self.spaces.len() {
            1 => 0,
            _ => {
                let at = stream.unit();
                self.spaces.iter().position(|(upto, _)| at < *upto).unwrap_or(0)
            }
        };
        let rank = self.popularity.draw(stream.word());
        (self.row(nth, rank), self.share(nth), rank)
    }

    fn share(&self, nth: usize) -> f64 {
        let before = nth.checked_sub(1).map_or(0.0, |before| self.spaces[before].0);
        self.spaces[nth].0 - before
    }

    fn row(&self, nth: usize, rank: u64) -> u64 {
        (u64::from(self.spaces[nth].1) << KEY_BITS) | rank
    }

    /// How long an item still lives whose last read was `age` ago, at a rate of its own. Unit: ns, per ns.
    fn left(&self, lives: Lives, age: f64, rate: f64, unit: f64) -> u64 {
        if lives.ttl == u64::MAX {
            return u64::MAX;
        }
        let ttl = lives.ttl as f64;
        if age >= ttl {
            return 0;
        }
        if lives.slides {
            return (ttl - age) as u64;
        }
        // The last read was a fill, or the fill was before it within a ttl, evenly, or it found it expired long ago.
        let at = unit * (1.0 + rate * ttl);
        if at < 1.0 {
            (ttl - age) as u64
        } else if at < 1.0 + rate * (ttl - age) {
            (ttl - age - (at - 1.0) / rate) as u64
        } else {
            0
        }
    }

    /// Fills empty shelves from a stream; `home` says whose a row is.
    pub fn fill(
        &self,
        shelves: &mut [Shelf],
        eviction: Eviction,
        lives: Lives,
        home: impl Fn(u64) -> usize,
        stream: &mut Stream,
    ) {
        let items = self.popularity.items();
        let sets = self.spaces.len();
        let whole = self.popularity.whole();
        let rate_of = |rank: u64| self.rate * self.popularity.weight_of(rank) / whole;
        let (mut draws, mut full) = (0u64, shelves.iter().filter(|shelf| shelf.is_full()).count());
        while full < shelves.len() && draws < self.most.min(MOST) {
            draws += 1;
            let (row, share, rank) = self.draw(stream);
            let shelf = &mut shelves[home(row)];
            if shelf.is_full() || shelf.find(row).is_some() {
                continue;
            }
            let Some(place) = shelf.put_last(row) else { continue };
            let until = self.left(lives, draws as f64 / self.rate.max(1e-300), share * rate_of(rank), stream.unit());
            shelf.live(place, Life { until, took: self.took });
            full += usize::from(shelf.is_full());
        }
        for (rank, nth) in (1..=items).flat_map(|rank| (0..sets).map(move |nth| (rank, nth))) {
            if full == shelves.len() {
                break;
            }
            let row = self.row(nth, rank);
            let shelf = &mut shelves[home(row)];
            if shelf.is_full() || shelf.find(row).is_some() {
                continue;
            }
            let Some(place) = shelf.put_last(row) else { continue };
            let rate = self.share(nth) * rate_of(rank);
            let age = -libm::log(stream.unit()) / rate.max(1e-300);
            let until = self.left(lives, age, rate, stream.unit());
            shelf.live(place, Life { until, took: self.took });
            full += usize::from(shelf.is_full());
        }
        if eviction == Eviction::Fifo && self.most > 0 {
            self.replace(shelves, lives, home, stream);
        }
    }

    /// Runs reads through until all has been replaced three times.
    fn replace(&self, shelves: &mut [Shelf], lives: Lives, home: impl Fn(u64) -> usize, stream: &mut Stream) {
        let held: u64 = shelves.iter().map(|shelf| u64::from(shelf.len())).sum();
        let mut fills = 0;
        for _ in 0..MOST {
            if fills >= 3 * held {
                break;
            }
            let (row, ..) = self.draw(stream);
            let shelf = &mut shelves[home(row)];
            if shelf.find(row).is_none() {
                fills += 1;
                let (place, _) = shelf.put(row);
                // Evenly within its life.
                let until = if lives.ttl == u64::MAX { u64::MAX } else { (stream.unit() * lives.ttl as f64) as u64 };
                shelf.live(place, Life { until, took: self.took });
            }
        }
    }
}
