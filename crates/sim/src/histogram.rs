//! Counts of durations in buckets that grow with the value: a fine one for what is reported, a coarse one for what is many.
//!
//! A value of `n` significant bits beyond the bucket's precision shares its bucket with its neighbours: `Fine` keeps 256
//! buckets an octave (relative width at most 0.4%), `Coarse` 16 (at most 6.3%). Sums, counts and the maximum are exact.
//! Buckets are allocated as values reach them, so that an unused histogram costs nothing. Negative values, and means
//! over anything but counts, do not live here.

/// Buckets of at most 0.4% relative width. Use one per entry of the load.
pub type Fine = Histogram<8>;
/// Buckets of at most 6.3% relative width, small enough to have one per component and per call.
pub type Coarse = Histogram<4>;

/// Counts of values in `2^BITS` buckets an octave; values below `2^BITS` are exact.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Histogram<const BITS: u32> {
    buckets: Vec<u64>,
    sum: u128,
    max: u64,
}

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
        match self.buckets.get_mut(place.0) {
            Some(bucket) => *bucket += 1,
            None => self.grow(place.0),
        }
    }

    /// Counts a zero, which most waits are. Cost: one increment.
    #[inline(always)]
    pub fn add_zero(&mut self) {
        match self.buckets.first_mut() {
            Some(bucket) => *bucket += 1,
            None => self.grow(0),
        }
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, index: usize) {
        // Whole octaves, so that growth is seldom.
        let octave = 1 << BITS;
        self.buckets.resize((index / octave + 1) * octave, 0);
        self.buckets[index] += 1;
    }

    /// How many values were added. Cost: a sum over the buckets, so that adding need not count.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.buckets.iter().sum()
    }

    /// How many of the values were zero: exact.
    #[must_use]
    pub fn zeros(&self) -> u64 {
        self.buckets.first().copied().unwrap_or(0)
    }

    /// Memory of its buckets. Unit: bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.buckets.capacity() * size_of::<u64>()
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
        let square = |(index, &count): (usize, &u64)| {
            let (low, width) = bounds::<BITS>(index);
            let (low, last) = (low as f64, (width - 1) as f64);
            count as f64 * (low * low + low * last + last * (2.0 * last + 1.0) / 6.0)
        };
        self.buckets.iter().enumerate().filter(|(_, count)| **count > 0).map(square).sum()
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
        for (index, &count) in self.buckets.iter().enumerate() {
            if count == 0 {
                continue;
            }
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
        let below: u64 = self.buckets.iter().take(index).sum();
        let (low, width) = bounds::<BITS>(index);
        let inside = self.buckets.get(index).copied().unwrap_or(0) as f64;
        below as f64 + inside * ((value - low + 1) as f64 / width as f64)
    }

    /// Adds all values of another histogram.
    pub fn merge(&mut self, other: &Self) {
        if self.buckets.len() < other.buckets.len() {
            self.buckets.resize(other.buckets.len(), 0);
        }
        for (mine, theirs) in self.buckets.iter_mut().zip(&other.buckets) {
            *mine += theirs;
        }
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
    fn an_empty_histogram_has_no_quantile() {
        assert_eq!(Fine::default().quantile(0.5), None);
        assert_eq!(Fine::default().mean(), None);
    }
}
