//! simcore 0.1, the core of DSLab: one component with an event for each arrival, end of service and end of patience.

use crate::{Case, Chance, Outcome};
use serde::Serialize;
use simcore::{Event, EventHandler, Simulation, SimulationContext, cast};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

#[derive(Clone, Serialize)]
struct Arrive {}

#[derive(Clone, Serialize)]
struct End {
    station: usize,
    born: f64,
}

#[derive(Clone, Serialize)]
struct Leave {
    station: usize,
    ticket: u64,
}

#[derive(Clone, Copy)]
struct Waiter {
    ticket: u64,
    born: f64,
    again: bool,
}

struct Row {
    ctx: SimulationContext,
    case: Case,
    chance: Chance,
    busy: Vec<usize>,
    queues: Vec<VecDeque<Waiter>>,
    arrived: u64,
    tickets: u64,
    outcome: Outcome,
}

impl Row {
    fn serve(&mut self, station: usize, born: f64) {
        let time = self.chance.exponential();
        self.ctx.emit_self(End { station, born }, time);
    }

    fn join(&mut self, station: usize, born: f64, again: bool) {
        if self.busy[station] < self.case.servers {
            self.busy[station] += 1;
            self.serve(station, born);
            return;
        }
        self.tickets += 1;
        let ticket = self.tickets;
        self.queues[station].push_back(Waiter { ticket, born, again });
        if let Some(patience) = self.case.patience {
            self.ctx.emit_self(Leave { station, ticket }, patience);
        }
    }

    fn arrive(&mut self) {
        self.arrived += 1;
        if self.arrived < self.case.jobs {
            let gap = self.chance.exponential() / self.case.rate;
            self.ctx.emit_self(Arrive {}, gap);
        }
        let now = self.ctx.time();
        self.join(0, now, false);
    }

    fn end(&mut self, station: usize, born: f64) {
        match self.queues[station].pop_front() {
            Some(waiter) => self.serve(station, waiter.born),
            None => self.busy[station] -= 1,
        }
        if station + 1 < self.case.stations {
            self.join(station + 1, born, false);
        } else {
            self.outcome.served += 1;
            self.outcome.sum += self.ctx.time() - born;
        }
    }

    fn leave(&mut self, station: usize, ticket: u64) {
        // All have the same patience: who has not been served by then stands first.
        let Some(first) = self.queues[station].front().copied().filter(|first| first.ticket == ticket) else { return };
        self.queues[station].pop_front();
        if first.again {
            self.outcome.failed += 1;
        } else {
            self.join(station, first.born, true);
        }
    }
}

impl EventHandler for Row {
    fn on(&mut self, event: Event) {
        cast!(match event.data {
            End { station, born } => {
                self.end(station, born)
            }
            Arrive {} => {
                self.arrive()
            }
            Leave { station, ticket } => {
                self.leave(station, ticket)
            }
        })
    }
}

pub fn run(case: &Case, seed: u64) -> Outcome {
    let mut simulation = Simulation::new(seed);
    let ctx = simulation.create_context("row");
    let row = Rc::new(RefCell::new(Row {
        ctx,
        case: *case,
        chance: Chance::new(seed),
        busy: vec![0; case.stations],
        queues: vec![VecDeque::new(); case.stations],
        arrived: 0,
        tickets: 0,
        outcome: Outcome::default(),
    }));
    simulation.add_handler("row", row.clone());
    row.borrow().ctx.emit_self(Arrive {}, 0.0);
    simulation.step_until_no_events();
    let outcome = row.borrow().outcome;
    Outcome { jobs: outcome.served + outcome.failed, ..outcome }
}
