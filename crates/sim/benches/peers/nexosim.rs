//! NeXosim 1.0 on one thread: one model that schedules its own arrivals, ends of service and ends of patience.

use crate::{Case, Chance, Outcome};
use nexosim::model::{Context, Model, schedulable};
use nexosim::simulation::{Mailbox, SimInit};
use nexosim::time::MonotonicTime;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// One mean service.
const UNIT: f64 = 1.0;

#[derive(Clone, Copy)]
struct Waiter {
    ticket: u64,
    born: MonotonicTime,
    again: bool,
}

/// What is not saved with the model: all of it, since no bench is ever restored.
struct State {
    case: Case,
    chance: Chance,
    busy: Vec<usize>,
    queues: Vec<VecDeque<Waiter>>,
    arrived: u64,
    tickets: u64,
    outcome: Outcome,
    told: Arc<Mutex<Outcome>>,
}

#[derive(Default, Serialize, Deserialize)]
struct Row {
    #[serde(skip)]
    state: Option<Box<State>>,
}

fn span(units: f64) -> Duration {
    // An event must lie in the future.
    Duration::from_nanos(((units * UNIT * 1e9) as u64).max(1))
}

#[Model]
impl Row {
    #[nexosim(init)]
    async fn init(&mut self, cx: &Context<Self>) {
        cx.schedule_event(span(0.0), schedulable!(Self::arrive), ()).expect("a time in the future");
    }

    fn state(&mut self) -> &mut State {
        self.state.as_mut().expect("the state is set before the model is added")
    }

    fn serve(&mut self, station: usize, born: MonotonicTime, cx: &Context<Self>) {
        let time = span(self.state().chance.exponential());
        cx.schedule_event(time, schedulable!(Self::end), (station, born)).expect("a time in the future");
    }

    fn join(&mut self, station: usize, born: MonotonicTime, again: bool, cx: &Context<Self>) {
        let state = self.state();
        if state.busy[station] < state.case.servers {
            state.busy[station] += 1;
            self.serve(station, born, cx);
            return;
        }
        state.tickets += 1;
        let ticket = state.tickets;
        state.queues[station].push_back(Waiter { ticket, born, again });
        if let Some(patience) = state.case.patience {
            cx.schedule_event(span(patience), schedulable!(Self::leave), (station, ticket))
                .expect("a time in the future");
        }
    }

    #[nexosim(schedulable)]
    fn arrive(&mut self, (): (), cx: &Context<Self>) {
        let state = self.state();
        state.arrived += 1;
        if state.arrived < state.case.jobs {
            let gap = span(state.chance.exponential() / state.case.rate);
            cx.schedule_event(gap, schedulable!(Self::arrive), ()).expect("a time in the future");
        }
        self.join(0, cx.time(), false, cx);
    }

    #[nexosim(schedulable)]
    fn end(&mut self, (station, born): (usize, MonotonicTime), cx: &Context<Self>) {
        let state = self.state();
        match state.queues[station].pop_front() {
            Some(waiter) => self.serve(station, waiter.born, cx),
            None => state.busy[station] -= 1,
        }
        let state = self.state();
        if station + 1 < state.case.stations {
            self.join(station + 1, born, false, cx);
            return;
        }
        state.outcome.served += 1;
        state.outcome.sum += cx.time().duration_since(born).as_secs_f64() / UNIT;
        self.tell();
    }

    #[nexosim(schedulable)]
    fn leave(&mut self, (station, ticket): (usize, u64), cx: &Context<Self>) {
        let state = self.state();
        let Some(first) = state.queues[station].front().copied().filter(|first| first.ticket == ticket) else { return };
        state.queues[station].pop_front();
        if first.again {
            state.outcome.failed += 1;
            self.tell();
        } else {
            self.join(station, first.born, true, cx);
        }
    }

    fn tell(&mut self) {
        let state = self.state();
        if state.outcome.served + state.outcome.failed == state.case.jobs {
            *state.told.lock().expect("no one panics with it") = state.outcome;
        }
    }
}

pub fn run(case: &Case, seed: u64) -> Outcome {
    let told = Arc::new(Mutex::new(Outcome::default()));
    let state = State {
        case: *case,
        chance: Chance::new(seed),
        busy: vec![0; case.stations],
        queues: vec![VecDeque::new(); case.stations],
        arrived: 0,
        tickets: 0,
        outcome: Outcome::default(),
        told: told.clone(),
    };
    let row = Row { state: Some(Box::new(state)) };
    let mut simulation = SimInit::with_num_threads(1)
        .add_model(row, Mailbox::new(), "row")
        .init(MonotonicTime::EPOCH)
        .expect("a model that starts");
    simulation.run().expect("a model that runs");
    let outcome = *told.lock().expect("no one panics with it");
    Outcome { jobs: outcome.served + outcome.failed, ..outcome }
}
