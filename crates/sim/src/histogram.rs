//! Counts of durations in buckets that grow with the value: a fine one for what is reported, a coarse one for what is many.
//!
//! A value of `n` significant bits beyond the bucket's precision shares its bucket with its neighbours: `Fine` keeps 256
//! buckets an octave (relative width at most 0.4%), `Coarse` 16 (at most 6.3%). Sums, counts and the maximum are exact.
//! Buckets are allocated by the octave, from the lowest to the highest in use, so that an unused histogram costs nothing. Negative values, and means
//! over anything but counts, do not live here.

use std::collections::BTreeMap;

/// Buckets of at most 0.4% relative width. Use one per entry of the load.
pub type Fine = Histogram<8>;
/// Buckets of at most 6.3% relative width, small enough to have one per component and per call.
pub type Coarse = Histogram<4>;

/// Counts of values in `2^BITS` buckets an octave; values below `2^BITS` are exact.
///
/// One line of memory: what a zero touches, and what leads to the bucket of everything else.
#[derive(Debug, Clone, Default)]
#[repr(align(64))]
pub struct Histogram<const BITS: u32> {
    /// Whole octaves from `base` on, up to the largest seen. A count is 32 bits wide; `wrapped` has the rest.
    buckets: Box<[u32]>,
    sum: u128,
    max: u64,
    /// Values that are zero. They need no bucket.
    zeros: u64,
    /// By bucket, how often its count came round to zero.
    #[expect(clippy::box_collection, reason = "seldom there, and the histogram is to fit one line")]
    wrapped: Option<Box<BTreeMap<usize, u64>>>,
    /// Index of the first bucket.
    base: u32,
}

/// What was counted is the same, whatever room was made for it.
impl<const BITS: u32> PartialEq for Histogram<BITS> {
    fn eq(&self, other: &Self) -> bool {
        (self.sum, self.max) == (other.sum, other.max) && self.counts().eq(other.counts())
    }
}

impl<const BITS: u32> Eq for Histogram<BITS> {}

/// The bucket of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<const BITS: u32>(usize);

impl Fine {
    /// Counts one value here and in a coarse histogram, which alone keeps its part of the sum and of the maximum until
    /// `take_totals`. Cost: two increments and one search of a bucket.
    #[inline(always)]
    pub fn add_to_both(&mut self, coarse: &mut Coarse, value: u64) {
        let place = Fine::place(value);
        self.count_at(place);
        // Beyond the exact values, sixteen fine buckets are a coarse one, which has four octaves more below it.
        let among = if value < 256 { Coarse::place(value) } else { Place((place.0 >> 4) + 64) };
        coarse.add_at(among, value);
    }

    /// Adds the sum and the maximum of a coarse histogram whose values were counted here already.
    pub fn take_totals(&mut self, coarse: &Coarse) {
        self.sum += coarse.sum;
        self.max = self.max.max(coarse.max);
    }
}

impl<const BITS: u32> Histogram<BITS> {
    /// Counts one value. Unit: whatever the histogram holds, mostly ns. Cost: one increment, no allocation once its
    /// largest value has been seen.
    #[inline(always)]
    pub fn add(&mut self, value: u64) {
        self.add_at(Place(index::<BITS>(value)), value);
    }

    /// Where a value is counted, for adding it to several histograms.
    #[inline(always)]
    #[must_use]
    pub fn place(value: u64) -> Place<BITS> {
        Place(index::<BITS>(value))
    }

    /// Counts one value whose place is known.
    #[inline(always)]
    pub fn add_at(&mut self, place: Place<BITS>, value: u64) {
        self.sum += u128::from(value);
        if value > self.max {
            self.max = value;
        }
        self.count_at(place);
    }

    #[inline(always)]
    fn count_at(&mut self, place: Place<BITS>) {
        match self.buckets.get_mut(place.0.wrapping_sub(self.base as usize)) {
            Some(bucket) => {
                *bucket = bucket.wrapping_add(1);
                if *bucket == 0 {
                    self.wrap(place.0);
                }
            }
            None => self.grow(place.0),
        }
    }

    /// Counts a zero, which most waits are. Cost: one increment.
    #[inline(always)]
    pub fn add_zero(&mut self) {
        self.zeros += 1;
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, index: usize) {
        if index == 0 {
            self.zeros += 1;
        } else {
            self.make_room(index, index);
            self.buckets[index - self.base as usize] += 1;
        }
    }

    /// Makes the room that another one has needed, in one go, if it has none of its own yet.
    #[cold]
    pub fn make_room_like(&mut self, other: &Self) {
        if self.buckets.is_empty() {
            self.buckets = vec![0; other.buckets.len()].into_boxed_slice();
            self.base = other.base;
        }
    }

    #[cold]
    #[inline(never)]
    fn wrap(&mut self, index: usize) {
        *self.wrapped.get_or_insert_default().entry(index).or_default() += 1;
    }

    /// Has buckets for these indices and all between: whole octaves, so that growth is seldom.
    fn make_room(&mut self, first: usize, last: usize) {
        let octave = 1 << BITS;
        let (mut from, mut end) = (first / octave * octave, (last / octave + 1) * octave);
        let base = self.base as usize;
        if !self.buckets.is_empty() {
            (from, end) = (from.min(base), end.max(base + self.buckets.len()));
        }
        if end - from > self.buckets.len() {
            let mut buckets = vec![0; end - from].into_boxed_slice();
            if !self.buckets.is_empty() {
                buckets[base - from..][..self.buckets.len()].copy_from_slice(&self.buckets);
            }
            (self.buckets, self.base) = (buckets, from as u32);
        }
    }

    /// The buckets that are not empty, with their counts, in order.
    fn counts(&self) -> impl Iterator<Item = (usize, u64)> {
        let base = self.base as usize;
        let count = move |(nth, low): (usize, &u32)| {
            let index = base + nth;
            let wraps = self.wrapped.as_ref().and_then(|wrapped| wrapped.get(&index)).copied().unwrap_or(0);
            // Zeros stand apart, but may have been counted in their bucket as well, where there is one.
            let apart = if index == 0 { self.zeros } else { 0 };
            (index, apart + (wraps << 32) + u64::from(*low))
        };
        let apart = (self.zeros > 0 && (base > 0 || self.buckets.is_empty())).then_some((0, self.zeros));
        apart.into_iter().chain(self.buckets.iter().enumerate().map(count)).filter(|(_, count)| *count > 0)
    }

    /// How many values were added. Cost: a sum over the buckets, so that adding need not count.
    #[must_use]
    pub fn count(&self) -> u64 {
        let wraps: u64 = self.wrapped.iter().flat_map(|wrapped| wrapped.values()).sum();
        self.zeros + (wraps << 32) + self.buckets.iter().map(|count| u64::from(*count)).sum::<u64>()
    }

    /// How many of the values were zero: exact.
    #[must_use]
    pub fn zeros(&self) -> u64 {
        self.counts().next().map_or(0, |(index, count)| if index == 0 { count } else { 0 })
    }

    /// Memory of its buckets. Unit: bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        size_of_val(&*self.buckets)
    }

    /// Exact sum of the values.
    #[must_use]
    pub fn sum(&self) -> u128 {
        self.sum
    }

    /// Exact mean; none without values.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        let count = self.count();
        (count > 0).then(|| self.sum as f64 / count as f64)
    }

    /// Sum of the squares, as if values lay evenly inside their buckets.
    #[must_use]
    pub fn sum_of_squares(&self) -> f64 {
        let square = |(index, count): (usize, u64)| {
            let (low, width) = bounds::<BITS>(index);
            let (low, last) = (low as f64, (width - 1) as f64);
            count as f64 * (low * low + low * last + last * (2.0 * last + 1.0) / 6.0)
        };
        self.counts().map(square).sum()
    }

    /// Exact maximum; zero without values.
    #[must_use]
    pub fn max(&self) -> u64 {
        self.max
    }

    /// The value below which a share `q` of all lies, interpolated inside its bucket; none without values.
    /// Range of `q`: 0 to 1, clamped.
    #[must_use]
    pub fn quantile(&self, q: f64) -> Option<u64> {
        let all = self.count();
        if all == 0 {
            return None;
        }
        let rank = q.clamp(0.0, 1.0) * all as f64;
        let mut below = 0.0;
        for (index, count) in self.counts() {
            let upto = below + count as f64;
            if upto >= rank {
                let (low, width) = bounds::<BITS>(index);
                let inside = ((rank - below) / count as f64 * width as f64) as u64;
                return Some((low + inside.min(width - 1)).min(self.max));
            }
            below = upto;
        }
        Some(self.max)
    }

    /// The share of values at or below `value`, interpolated inside its bucket; zero without values.
    #[must_use]
    pub fn share_at_most(&self, value: u64) -> f64 {
        let count = self.count();
        if count == 0 { 0.0 } else { self.at_most(value) / count as f64 }
    }

    /// How many values lie above `value`, interpolated inside its bucket and rounded.
    #[must_use]
    pub fn count_above(&self, value: u64) -> u64 {
        self.count() - (self.at_most(value) + 0.5) as u64
    }

    fn at_most(&self, value: u64) -> f64 {
        if value >= self.max {
            return self.count() as f64;
        }
        let index = index::<BITS>(value);
        let (mut below, mut inside) = (0, 0.0);
        for (at, count) in self.counts().take_while(|(at, _)| *at <= index) {
            if at < index {
                below += count;
            } else {
                inside = count as f64;
            }
        }
        let (low, width) = bounds::<BITS>(index);
        below as f64 + inside * ((value - low + 1) as f64 / width as f64)
    }

    /// Adds all values of another histogram.
    pub fn merge(&mut self, other: &Self) {
        let from = other.base as usize;
        if !other.buckets.is_empty() {
            self.make_room(from, from + other.buckets.len() - 1);
        }
        for (nth, theirs) in other.buckets.iter().enumerate() {
            let index = from + nth;
            let mine = &mut self.buckets[index - self.base as usize];
            let (sum, wraps) = mine.overflowing_add(*theirs);
            *mine = sum;
            if wraps {
                self.wrap(index);
            }
        }
        for (index, wraps) in other.wrapped.iter().flat_map(|wrapped| wrapped.iter()) {
            *self.wrapped.get_or_insert_default().entry(*index).or_default() += wraps;
        }
        self.zeros += other.zeros;
        self.sum += other.sum;
        self.max = self.max.max(other.max);
    }
}

/// The bucket of a value: its octave and the `BITS` bits below its leading one.
#[inline(always)]
fn index<const BITS: u32>(value: u64) -> usize {
    let exact = (1u64 << BITS) - 1;
    // Shift by which the value fits `BITS + 1` bits; zero for the exact range and the first octave above it.
    let shift = (63 - BITS).saturating_sub((value | exact).leading_zeros());
    ((shift as usize) << BITS) + (value >> shift) as usize
}

/// Smallest value of a bucket and the number of values in it; the inverse of `index`.
fn bounds<const BITS: u32>(index: usize) -> (u64, u64) {
    let octave = index >> BITS;
    if octave == 0 {
        return (index as u64, 1);
    }
    let shift = (octave - 1) as u32;
    let mantissa = (index as u64 & ((1 << BITS) - 1)) | 1 << BITS;
    (mantissa << shift, 1 << shift)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn check<const BITS: u32>(value: u64) {
        let (low, width) = bounds::<BITS>(index::<BITS>(value));
        assert!(low <= value && value - low < width, "{value} outside [{low}, {low} + {width})");
        let precision = (1u64 << BITS) as f64;
        assert!(width == 1 || width as f64 <= low as f64 / precision, "{value}: width {width}");
    }

    #[test]
    fn every_value_lies_in_its_bucket_and_the_bucket_is_narrow() {
        for bit in 0..64 {
            for near in [0, 1, 2, 3, 7, 100] {
                let power = 1u64 << bit;
                check::<8>(power.saturating_add(near));
                check::<8>(power.saturating_sub(near));
                check::<4>(power.saturating_add(near));
                check::<4>(power.saturating_sub(near));
            }
        }
        check::<8>(u64::MAX);
        check::<4>(u64::MAX);
    }

    #[test]
    fn buckets_follow_one_another_without_gaps() {
        for at in 0..(8 * 256) {
            let (low, width) = bounds::<8>(at);
            assert_eq!(bounds::<8>(at + 1).0, low + width, "after bucket {at}");
        }
    }

    #[test]
    fn quantiles_of_a_uniform_ramp_are_within_a_bucket() {
        let mut fine = Fine::default();
        for value in 1..=100_000u64 {
            fine.add(value * 1000);
        }
        for q in [0.01, 0.5, 0.9, 0.99, 0.999] {
            let found = fine.quantile(q).unwrap() as f64;
            let exact = q * 1e8;
            assert!((found / exact - 1.0).abs() < 0.004, "{q}: {found} against {exact}");
            assert!((fine.share_at_most(exact as u64) - q).abs() < 0.001);
        }
        assert_eq!(fine.quantile(1.0), Some(100_000_000));
        assert_eq!(fine.count_above(fine.max()), 0);
        assert_eq!(fine.count_above(0), 100_000);
    }

    #[test]
    fn merging_is_adding() {
        let (mut one, mut two, mut both) = (Coarse::default(), Coarse::default(), Coarse::default());
        for value in 0..1000u64 {
            let part = if value % 3 == 0 { &mut one } else { &mut two };
            part.add(value * value);
            both.add(value * value);
        }
        one.merge(&two);
        assert_eq!((one.count(), one.sum(), one.max()), (both.count(), both.sum(), both.max()));
        assert_eq!(one.quantile(0.9), both.quantile(0.9));
    }

    #[test]
    fn adding_to_both_is_adding_to_each() {
        let (mut fine, mut coarse) = (Fine::default(), Coarse::default());
        let (mut alone, mut beside) = (Fine::default(), Coarse::default());
        for value in (0..3000u64).chain((0..60).map(|bit| (3 << bit) - 1)) {
            fine.add_to_both(&mut coarse, value);
            alone.add(value);
            beside.add(value);
        }
        fine.take_totals(&coarse);
        assert_eq!((fine, coarse), (alone, beside));
    }

    #[test]
    fn counts_may_grow_beyond_their_width_and_room_grows_both_ways() {
        let mut many = Coarse::default();
        for value in [5000, 0, 40, 5000, 7] {
            many.add(value);
        }
        many.add_zero();
        // Doubled forty times: counts of more than 32 bits.
        for _ in 0..40 {
            let half = many.clone();
            many.merge(&half);
        }
        let all = 1u64 << 40;
        assert_eq!(many.counts().collect::<Vec<_>>(), [(0, 2 * all), (7, all), (36, all), (147, 2 * all)]);
        assert_eq!((many.count(), many.zeros(), many.sum()), (6 * all, 2 * all, u128::from(all) * 10_047));
        // The last value that fits, and one more.
        let mut full = Coarse::default();
        full.add(5000);
        full.buckets[147 - full.base as usize] = u32::MAX;
        full.add(5000);
        assert_eq!((full.count(), full.quantile(1.0)), (1 << 32, Some(5000)));
        assert_eq!(size_of::<Coarse>(), 64);
    }

    #[test]
    fn an_empty_histogram_has_no_quantile() {
        assert_eq!(Fine::default().quantile(0.5), None);
        assert_eq!(Fine::default().mean(), None);
    }
}
