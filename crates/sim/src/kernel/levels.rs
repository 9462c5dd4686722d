//! Endpoints by the number of requests in flight, so that the least loaded of thousands are known without a search.
//!
//! One array of endpoints in order of load, and where each level begins in it: a request more or less moves one endpoint
//! over one border.

use super::tables::NONE;

/// The endpoints of one view.
#[derive(Debug, Clone, Default)]
pub struct Levels {
    /// The state of beliefs that this was made for.
    pub version: u32,
    /// Endpoints, least loaded first.
    order: Vec<u32>,
    /// Where each endpoint stands in `order`; `NONE` for those that are not to be chosen.
    place: Vec<u32>,
    /// Where each level begins: endpoints with `n` requests stand from `starts[n]` up to `starts[n + 1]`.
    starts: Vec<u32>,
    /// No endpoint has fewer.
    least: usize,
    /// Room for beginning anew.
    counted: Vec<(u32, u32)>,
}

impl Levels {
    /// Begins anew with these endpoints, each with its count, of so many in all.
    pub fn fill(&mut self, all: u32, endpoints: impl Iterator<Item = (u32, u32)>) {
        let counted = &mut self.counted;
        counted.clear();
        counted.extend(endpoints.map(|(endpoint, count)| (count, endpoint)));
        counted.sort_unstable();
        self.order.clear();
        self.order.extend(counted.iter().map(|(_, endpoint)| *endpoint));
        self.place.clear();
        self.place.resize(all as usize, NONE);
        for (at, endpoint) in self.order.iter().enumerate() {
            self.place[*endpoint as usize] = at as u32;
        }
        let most = counted.last().map_or(0, |(count, _)| *count);
        self.starts.clear();
        self.starts.extend((0..=most + 1).map(|level| counted.partition_point(|(count, _)| *count < level) as u32));
        self.least = 0;
    }

    /// The endpoints with the fewest requests, and how many requests that is.
    pub fn least(&mut self) -> (&[u32], u32) {
        while self.least + 2 < self.starts.len() && self.starts[self.least + 1] == 0 {
            self.least += 1;
        }
        let end = self.starts.get(self.least + 1).copied().unwrap_or(0);
        (&self.order[..end as usize], self.least as u32)
    }

    /// An endpoint with `count` requests has one more.
    pub fn more(&mut self, endpoint: u32, count: u32) {
        let at = self.place[endpoint as usize];
        if at == NONE {
            return;
        }
        let level = count as usize;
        if self.starts.len() < level + 3 {
            self.starts.push(self.order.len() as u32);
        }
        let last = self.starts[level + 1] - 1;
        self.swap(at, last);
        self.starts[level + 1] = last;
    }

    /// An endpoint with `count` requests has one less.
    pub fn less(&mut self, endpoint: u32, count: u32) {
        let at = self.place[endpoint as usize];
        if at == NONE || count == 0 {
            return;
        }
        let level = count as usize;
        let first = self.starts[level];
        self.swap(at, first);
        self.starts[level] = first + 1;
        self.least = self.least.min(level - 1);
    }

    fn swap(&mut self, one: u32, other: u32) {
        self.order.swap(one as usize, other as usize);
        for at in [one, other] {
            self.place[self.order[at as usize] as usize] = at;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::draws::{Stream, Words as _};

    #[test]
    fn the_least_loaded_are_those_that_a_search_finds() {
        let mut stream = Stream::new(1, 0, 0);
        let mut counts = [0u32; 70];
        for count in &mut counts {
            *count = (stream.word() % 4) as u32;
        }
        // The last five are not to be chosen.
        let usable = 65;
        let mut levels = Levels::default();
        levels.fill(70, (0..usable).map(|endpoint| (endpoint, counts[endpoint as usize])));
        for turn in 0..20_000 {
            let endpoint = (stream.word() % 70) as usize;
            // Loads go up and down again by turns.
            let up = (turn / 500) % 2 == 0;
            if up {
                levels.more(endpoint as u32, counts[endpoint]);
                counts[endpoint] += 1;
            } else if counts[endpoint] > 0 {
                levels.less(endpoint as u32, counts[endpoint]);
                counts[endpoint] -= 1;
            }
            let least = counts[..usable as usize].iter().copied().min().unwrap_or(0);
            let mut expected: Vec<u32> = (0..usable).filter(|at| counts[*at as usize] == least).collect();
            let (found, count) = levels.least();
            let mut found = found.to_vec();
            found.sort_unstable();
            expected.sort_unstable();
            assert_eq!((found, count), (expected, least));
        }
    }
}
