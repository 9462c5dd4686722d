//! By hand: a loop for these cases and no others, which is about what one core can do.
//!
//! One server has two things that can happen next. More of them keep their ends in a sorted array. Patience needs no events
//! at all: the first of a queue is the first to leave it, and nothing is decided before someone comes or goes.

use crate::{Case, Chance, Outcome};
use std::collections::VecDeque;

pub fn run(case: &Case, seed: u64) -> Outcome {
    match (case.stations, case.servers, case.patience) {
        (1, 1, None) => one_server(case, seed),
        (_, _, None) => row::<false>(case, seed),
        _ => row::<true>(case, seed),
    }
}

fn one_server(case: &Case, seed: u64) -> Outcome {
    let mut chance = Chance::new(seed);
    let gap = 1.0 / case.rate;
    let mut queue: VecDeque<f64> = VecDeque::with_capacity(1024);
    let (mut arrival, mut end) = (chance.exponential() * gap, f64::INFINITY);
    let (mut served, mut sum) = (0, 0.0);
    while served < case.jobs {
        if arrival < end {
            queue.push_back(arrival);
            if queue.len() == 1 {
                end = arrival + chance.exponential();
            }
            arrival += chance.exponential() * gap;
        } else {
            sum += end - queue.pop_front().unwrap_or(end);
            served += 1;
            end = if queue.is_empty() { f64::INFINITY } else { end + chance.exponential() };
        }
    }
    Outcome { jobs: served, failed: 0, sum, served }
}

#[derive(Clone, Copy)]
struct End {
    time: f64,
    station: usize,
    born: f64,
}

#[derive(Clone, Copy)]
struct Waiter {
    since: f64,
    born: f64,
    /// Whether it has left a queue before.
    again: bool,
}

struct Station {
    busy: usize,
    queue: VecDeque<Waiter>,
}

impl Station {
    /// Those whose patience has ended leave, and join once more. Returns how many failed.
    fn leave(&mut self, now: f64, patience: f64) -> u64 {
        let mut failed = 0;
        while let Some(first) = self.queue.front().copied().filter(|first| first.since + patience <= now) {
            self.queue.pop_front();
            if first.again {
                failed += 1;
            } else {
                self.queue.push_back(Waiter { since: first.since + patience, again: true, ..first });
            }
        }
        failed
    }
}

fn row<const LEAVING: bool>(case: &Case, seed: u64) -> Outcome {
    let mut chance = Chance::new(seed);
    let gap = 1.0 / case.rate;
    let patience = case.patience.unwrap_or(f64::INFINITY);
    let mut stations: Vec<Station> =
        (0..case.stations).map(|_| Station { busy: 0, queue: VecDeque::with_capacity(256) }).collect();
    // The next one last.
    let mut ends: Vec<End> = Vec::with_capacity(case.stations * case.servers + 1);
    let mut arrival = chance.exponential() * gap;
    let (mut served, mut failed, mut sum) = (0, 0, 0.0);
    while served + failed < case.jobs {
        let next = ends.last().map_or(f64::INFINITY, |end| end.time);
        let (now, to, born) = if arrival < next {
            let now = arrival;
            arrival += chance.exponential() * gap;
            (now, 0, now)
        } else {
            let Some(end) = ends.pop() else { continue };
            let station = &mut stations[end.station];
            if LEAVING {
                failed += station.leave(end.time, patience);
            }
            match station.queue.pop_front() {
                Some(waiter) => {
                    let time = end.time + chance.exponential();
                    insert(&mut ends, End { time, station: end.station, born: waiter.born });
                }
                None => station.busy -= 1,
            }
            (end.time, end.station + 1, end.born)
        };
        if to == stations.len() {
            served += 1;
            sum += now - born;
            continue;
        }
        let station = &mut stations[to];
        if LEAVING {
            failed += station.leave(now, patience);
        }
        if station.busy < case.servers {
            station.busy += 1;
            let time = now + chance.exponential();
            insert(&mut ends, End { time, station: to, born });
        } else {
            station.queue.push_back(Waiter { since: now, born, again: false });
        }
    }
    Outcome { jobs: served + failed, failed, sum, served }
}

#[inline(always)]
fn insert(ends: &mut Vec<End>, end: End) {
    ends.push(end);
    let mut at = ends.len() - 1;
    while at > 0 && ends[at - 1].time < end.time {
        ends[at] = ends[at - 1];
        at -= 1;
    }
    ends[at] = end;
}
