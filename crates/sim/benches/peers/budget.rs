//! The parts of a hop, in ns, beside their budget: each measured by itself on the types of the kernel, in the state that case c
//! keeps them in, or by what a station more costs. What is left is named as well.

use crate::{CASES, Case, Chance, cpu_ns, groundplan};
use groundplan_sim::histogram::Coarse;
use groundplan_sim::kernel::draws::{Keyed, Law, Laws, Ziggurat, derive};
use groundplan_sim::kernel::events::{Events, Tag, key, time};
use groundplan_sim::kernel::frames::{Frame, Replica};
use groundplan_sim::kernel::tables::NONE;
use std::hint::black_box;

const ROUNDS: u64 = 5;
const TURNS: u64 = 2_000_000;

/// The least time of a turn. Unit: ns.
fn least(mut turn: impl FnMut(u64)) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..ROUNDS {
        let begin = cpu_ns();
        for nth in 0..TURNS {
            turn(nth);
        }
        best = best.min((cpu_ns() - begin) / TURNS as f64);
    }
    best
}

/// A push and a pop among as many events as case c has pending: sixteen ends of service, an arrival and the controls.
fn event() -> f64 {
    let mut chance = Chance::new(1);
    let delays: Vec<u64> = (0..1 << 16).map(|_| (chance.exponential() * 1e9) as u64).collect();
    let mut events = Events::default();
    for nth in 0..17u64 {
        events.push(key(delays[nth as usize], nth, Tag::Resume, 1));
    }
    for nth in 17..20 {
        events.push(key(u64::MAX - nth, nth, Tag::Control, 1));
    }
    least(|nth| {
        let now = events.pop().map_or(0, time);
        events.push(key(now + delays[(nth & 0xFFFF) as usize], 20 + nth, Tag::Resume, 1));
    })
}

/// The key of the callee and an exponential draw at a site.
fn draw() -> f64 {
    let ziggurat = Ziggurat::new();
    let laws = Laws { laws: vec![Law::Exp(1e9)], ..Laws::default() };
    least(|nth| {
        let key = derive(nth, 0xABCD_1234, 0);
        black_box(laws.draw(&ziggurat, 0, &mut Keyed::new(key, 0x1234_ABCD)));
    })
}

/// A frame of its own for each of as many as case c keeps, filled and given back through the chain of free ones.
fn frame() -> f64 {
    let mut frames = vec![Frame::BLANK; 64];
    for at in 0..63 {
        frames[at as usize].next = at + 1;
    }
    let mut free = 0u32;
    least(|nth| {
        let f = free;
        let place = &mut frames[f as usize];
        free = place.next;
        *place = Frame { start: nth, mark: nth, key: nth, ticket: nth as u32, flags: 1, ..Frame::BLANK };
        let place = black_box(&mut frames)[f as usize].start as u32;
        frames[f as usize].flags = 0;
        frames[f as usize].next = free;
        free = f;
        black_box(place);
    })
}

/// Both integrals of a replica, at admission and at release; where frames wait, they are linked as well.
fn queue() -> f64 {
    let mut replica = Replica::new(4, NONE);
    least(|nth| {
        let replica = black_box(&mut replica);
        replica.touch(2 * nth);
        replica.busy += 1;
        replica.touch(2 * nth + 1);
        replica.busy -= 1;
        if nth == TURNS - 1 {
            replica.last = 0;
        }
    })
}

/// What a hop counts: a wait, mostly zero; the time in the component and of the call, whose bucket is sought once.
fn statistics() -> f64 {
    let mut chance = Chance::new(2);
    let times: Vec<u64> = (0..1 << 16).map(|_| (chance.exponential() * 1e9) as u64).collect();
    let (mut wait, mut inside, mut call) = (Coarse::default(), Coarse::default(), Coarse::default());
    least(|nth| {
        let time = times[(nth & 0xFFFF) as usize];
        wait.add_zero();
        let place = Coarse::place(time);
        inside.add_at(place, time);
        call.add_at(place, time);
    })
}

/// What a station more adds to a job of a row: a whole hop.
fn hop() -> f64 {
    let row = |stations: usize| {
        let case = &CASES[2];
        let case = Case { stations, ..*case };
        let mut best = f64::INFINITY;
        for round in 0..ROUNDS {
            let begin = cpu_ns();
            let outcome = groundplan::run(&case, 42 + round);
            best = best.min((cpu_ns() - begin) / outcome.jobs as f64);
        }
        best
    };
    (row(5) - row(1)) / 4.0
}

pub fn table() {
    let parts = [
        ("event", 15.0, event(), "a push and a pop with twenty pending"),
        ("draw", 3.0, draw(), "the callee's key and an exponential draw"),
        ("frame", 6.0, frame(), "of call and return: a frame filled and given back"),
        ("queue", 8.0, queue(), "the integrals of a replica, twice"),
        ("statistics", 3.0, statistics(), "a wait, a time, a call's latency"),
    ];
    println!("a hop of case c, ns, best of {ROUNDS}");
    println!("part          budget  measured");
    for (name, budget, measured, about) in parts {
        println!("{name:<12} {budget:>7.0} {measured:>9.1}  {about}");
    }
    let whole = hop();
    let sum: f64 = parts.iter().map(|part| part.2).sum();
    println!(
        "{:<12} {:>7.0} {:>9.1}  the rest: tables, tags, and branches foretold wrongly",
        "call, return",
        18.0,
        whole - sum
    );
    println!("{:<12} {:>7.0} {whole:>9.1}  a quarter of what four stations more add to a job", "whole", 60.0);
}
