//! Which row, item or record key an access concerns, where its store tells them apart.
//!
//! A row is a number: the data set in its upper 24 bits, the rank of the key from 1 below (rank 1 is the most asked for), or
//! a number of its own where nothing says how keys are asked for. A rank is a name, not a place: who spreads keys hashes it.
//! Left out: popularity that drifts in the course of a run.

use super::draws::derive;
use super::engine::{Engine, chance};
use super::popularity::Popularity;
use super::tables::NONE;

/// Bits of a row that number the key within its data set.
pub const KEY_BITS: u32 = 40;

/// Sets the draw of whether an access concerns a hot key apart from that of its key.
const HOT: u32 = 0x6807_4E11;

/// How the row of an access is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RowLaw {
    /// Index into `popularities`; `NONE` where the store says nothing of its keys.
    pub popularity: u32,
    /// The data set, in 24 bits.
    pub space: u32,
    /// Site of the draw: of the access, or of the name of the key.
    pub site: u32,
    /// Whether all accesses of a request with this name of a key mean the same row.
    pub named: bool,
}

/// The data set of a row.
#[must_use]
pub fn space(row: u64) -> u64 {
    row >> KEY_BITS
}

/// The rank of a row's key, or the number it goes by.
#[must_use]
pub fn rank(row: u64) -> u64 {
    row & ((1 << KEY_BITS) - 1)
}

impl Engine<'_> {
    /// Says which row the next access of a frame concerns.
    pub(super) fn choose_row(&mut self, f: u32, law: u32) {
        let law = self.tables.row_laws[law as usize];
        let key = self.frames[f as usize].key;
        let cold = &mut self.cold[f as usize];
        let base = if law.named { cold.request } else { key };
        let drawn = derive(base, law.site, 0);
        let popularity = self.tables.popularities.get(law.popularity as usize);
        let mut rank = match popularity {
            Some(popularity) => popularity.draw(drawn),
            None if law.popularity == NONE && cold.data_key != 0 => cold.data_key,
            // A row of its own.
            None => (drawn >> (64 - KEY_BITS)) | 1 << (KEY_BITS - 1),
        };
        cold.version = 0;
        let hot = |(space, share): &(u32, u32)| *space == law.space && chance(base, law.site ^ HOT, *share);
        if !self.hot_keys.is_empty() && self.hot_keys.iter().any(hot) {
            // One that was hardly asked for.
            rank = popularity.map_or(1 << (KEY_BITS - 2), Popularity::items);
        }
        cold.row = (u64::from(law.space) << KEY_BITS) | rank & ((1 << KEY_BITS) - 1);
    }
}
