//! What a push and a pop take by how many events are pending, beside the standard heap: the hold model with exponential delays.

use crate::{Chance, cpu_ns};
use groundplan_sim::kernel::events::{Events, Tag, key, time};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

const SIZES: [usize; 7] = [2, 20, 100, 400, 1_000, 7_000, 150_000];
const ROUNDS: u64 = 5;

trait Set: Default {
    fn push(&mut self, key: u128);
    fn pop(&mut self) -> Option<u128>;
}

impl Set for Events {
    fn push(&mut self, key: u128) {
        Events::push(self, key);
    }
    fn pop(&mut self) -> Option<u128> {
        Events::pop(self)
    }
}

impl Set for BinaryHeap<Reverse<u128>> {
    fn push(&mut self, key: u128) {
        self.push(Reverse(key));
    }
    fn pop(&mut self) -> Option<u128> {
        self.pop().map(|Reverse(key)| key)
    }
}

/// No set at all: what the draw and the key take.
#[derive(Default)]
struct Nothing(u128);

impl Set for Nothing {
    fn push(&mut self, key: u128) {
        self.0 = key;
    }
    fn pop(&mut self) -> Option<u128> {
        Some(self.0)
    }
}

/// Time of a push and a pop, with their draw. Unit: ns.
fn hold<S: Set>(pending: usize) -> f64 {
    let turns = (20 * pending).max(1_000_000);
    let mut best = f64::INFINITY;
    for round in 0..ROUNDS {
        let mut chance = Chance::new(round);
        let mut set = S::default();
        let mut number = 0;
        let mut next = |set: &mut S, now: u64, number: &mut u64| {
            *number += 1;
            let delay = (chance.exponential() * 1e9) as u64;
            set.push(key(now + delay, *number, Tag::Resume, 1));
        };
        for _ in 0..pending {
            next(&mut set, 0, &mut number);
        }
        for _ in 0..pending {
            let now = set.pop().map_or(0, time);
            next(&mut set, now, &mut number);
        }
        let begin = cpu_ns();
        for _ in 0..turns {
            let now = set.pop().map_or(0, time);
            next(&mut set, now, &mut number);
        }
        best = best.min((cpu_ns() - begin) / turns as f64);
    }
    best
}

pub fn table() {
    println!("a push and a pop, ns, best of {ROUNDS}");
    println!("   pending    ours   standard heap   ratio");
    let nothing = hold::<Nothing>(1);
    for pending in SIZES {
        let ours = hold::<Events>(pending) - nothing;
        let standard = hold::<BinaryHeap<Reverse<u128>>>(pending) - nothing;
        println!("{pending:>10} {ours:>7.1} {standard:>15.1} {:>7.2}", standard / ours);
    }
}
