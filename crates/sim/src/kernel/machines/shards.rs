//! Shards: data cut into parts by its keys, each with a leader of its own, and the moves when there are to be more.
//!
//! By hash, a key lies where jump consistent hashing puts it (Lamping and Veach, A fast, minimal memory, consistent hash
//! algorithm, 2014): with n shards made m, a share of 1 - n/m of all keys moves, and only to the new ones. Which keys share
//! a shard is luck, drawn anew in each replication by the name of the data set. By range, keys lie in the order of their
//! ranks. Left out: several owners of a key, and shards that are cut in two when they grow hot.

use super::{Alarm as Due, Machine, Operand};
use crate::kernel::draws::mix;
use crate::kernel::engine::{Engine, Plan};
use crate::kernel::rows;
use crate::kernel::tables::Tables;
use crate::record::Count;

/// Rows: one for each component that is cut into shards.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// How its keys are spread.
    pub maps: Vec<Map>,
}

/// How the keys of a component are spread.
#[derive(Debug, Clone)]
pub struct Map {
    /// The component.
    pub component: u32,
    /// Shards at time zero; its replicas beyond are empty until a move gives them keys.
    pub shards: u32,
    /// Which key lies where.
    pub by: By,
}

/// Which key lies where.
#[derive(Debug, Clone)]
pub enum By {
    /// By a hash of the key.
    Hash,
    /// By its rank: the last of each shard, in order; keys beyond lie in the last shard.
    Range(Vec<u64>),
}

/// What operations ask.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Act {
    /// Goes to `to` while the row of the access is on the move. `unit`: the map.
    IfMoving,
}

/// The move of a map is over.
#[derive(Debug, Clone, Copy)]
pub struct Alarm(u32);

/// A move under way. Unit of times: ns.
#[derive(Debug, Clone, Copy)]
struct Move {
    to: u32,
    start: u64,
    lasts: u64,
}

#[derive(Debug)]
struct State {
    shards: u32,
    moving: Option<Move>,
    /// Accesses of each shard that were counted, and the largest number.
    accesses: Vec<u64>,
    most: u64,
    /// The shard of the most popular key of a data set, with that key; of the last one asked for, while nothing moves.
    top: Option<(u64, u32)>,
}

/// How the keys of every map lie at this moment.
#[derive(Debug)]
pub struct Shards {
    salt: u64,
    states: Vec<State>,
}

/// The bucket of a hash among so many; with more of them it stays or is one of the new.
fn jump(hash: u64, buckets: u32) -> u32 {
    let (mut hash, mut at, mut next) = (hash, 0i64, 0i64);
    while next < i64::from(buckets) {
        at = next;
        hash = hash.wrapping_mul(2_862_933_555_777_941_757).wrapping_add(1);
        next = ((at + 1) as f64 * (2_147_483_648.0 / ((hash >> 33) + 1) as f64)) as i64;
    }
    at as u32
}

/// Where a key lies and where it is going: the second shard where it moves and has not arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    shard: u32,
    going: Option<u32>,
}

impl State {
    fn place(&self, map: &Map, salt: u64, row: u64, now: u64) -> Place {
        let stays = |shard: u32| Place { shard, going: None };
        match &map.by {
            By::Range(ends) => {
                let rank = rows::rank(row);
                stays((ends.partition_point(|end| *end < rank) as u32).min(self.shards - 1))
            }
            By::Hash => {
                let hash = mix(row ^ salt);
                let shard = jump(hash, self.shards);
                let Some(Move { to, start, lasts }) = self.moving else { return stays(shard) };
                let next = jump(hash, to);
                if next == shard {
                    return stays(shard);
                }
                // Keys go one after the other, in an order that has nothing to do with how often they are asked for.
                let turn = ((u128::from(mix(hash)) * u128::from(lasts)) >> 64) as u64;
                if now - start >= turn { stays(next) } else { Place { shard, going: Some(next) } }
            }
        }
    }
}

impl Machine for Shards {
    type Rows = Rows;
    type Act = Act;
    type Alarm = Alarm;

    fn new(tables: &Tables, plan: &Plan) -> Shards {
        let state = |map: &Map| {
            let count = tables.components[map.component as usize].count;
            State { shards: map.shards, moving: None, accesses: vec![0; count as usize], most: 0, top: None }
        };
        Shards {
            salt: mix(mix(plan.seed).wrapping_add(mix(plan.replication))),
            states: tables.machines.shards.maps.iter().map(state).collect(),
        }
    }

    fn act(engine: &mut Engine<'_>, f: u32, act: Act, at: Operand) -> u32 {
        let Act::IfMoving = act;
        let row = engine.cold[f as usize].row;
        let map = &engine.tables.machines.shards.maps[at.unit as usize];
        let shards = &engine.machines.shards;
        let state = &shards.states[at.unit as usize];
        if state.moving.is_some() && state.place(map, shards.salt, row, engine.now).going.is_some() {
            engine.watch.tally(map.component, Count::Moving, 1);
            engine.frames[f as usize].pc = at.to;
        }
        f
    }

    fn due(engine: &mut Engine<'_>, Alarm(nth): Alarm) {
        let state = &mut engine.machines.shards.states[nth as usize];
        // A later move may have begun.
        if let Some(moved) = state.moving.filter(|moved| moved.start + moved.lasts <= engine.now) {
            state.shards = moved.to;
            state.moving = None;
            state.top = None;
        }
    }

    fn forget(engine: &mut Engine<'_>) {
        for state in &mut engine.machines.shards.states {
            state.accesses.fill(0);
            state.most = 0;
        }
    }
}

impl Engine<'_> {
    /// The shard that an access of a frame goes to, counted.
    pub(in crate::kernel) fn shard_for(&mut self, nth: u32, f: u32) -> u32 {
        let row = self.cold.get(f as usize).map_or(0, |cold| cold.row);
        let map = &self.tables.machines.shards.maps[nth as usize];
        let Shards { salt, states } = &mut self.machines.shards;
        let state = &mut states[nth as usize];
        let shard = state.place(map, *salt, row, self.now).shard;
        let accesses = &mut state.accesses[shard as usize];
        *accesses += 1;
        let most = *accesses > state.most;
        state.most = state.most.max(*accesses);
        // The most popular key of this data set.
        let top = row >> rows::KEY_BITS << rows::KEY_BITS | 1;
        let with_top = match state.top {
            Some((key, place)) if key == top => place,
            _ => state.place(map, *salt, top, self.now).shard,
        };
        state.top = state.moving.is_none().then_some((top, with_top));
        let component = map.component;
        self.watch.tally(component, Count::ShardAccesses, 1);
        self.watch.tally(component, Count::HottestShard, u64::from(most));
        self.watch.tally(component, Count::TopKeyShard, u64::from(with_top == shard));
        self.watch.tally(component, Count::TopKey, u64::from(row == top));
        shard
    }

    /// Keys of a map begin to move until there are so many shards; one that is under way is done at once.
    pub(in crate::kernel) fn reshard(&mut self, nth: u32, to: u32, lasts: u64) {
        let now = self.now;
        let state = &mut self.machines.shards.states[nth as usize];
        if let Some(moved) = state.moving.take() {
            state.shards = moved.to;
        }
        state.moving = Some(Move { to, start: now, lasts });
        state.top = None;
        self.remind(now.saturating_add(lasts), Due::Shards(Alarm(nth)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(by: By, shards: u32) -> (Map, State) {
        let state = State { shards, moving: None, accesses: vec![], most: 0, top: None };
        (Map { component: 0, shards, by }, state)
    }

    #[test]
    fn a_hash_spreads_keys_evenly_and_moves_as_few_as_can_be() {
        let n = 40_000u64;
        let mut counts = [0u64; 5];
        let (mut moved, mut elsewhere) = (0, 0);
        for key in 0..n {
            let (four, five) = (jump(mix(key), 4), jump(mix(key), 5));
            counts[five as usize] += 1;
            moved += u64::from(four != five);
            elsewhere += u64::from(four != five && five != 4);
        }
        assert_eq!(elsewhere, 0, "keys move to the new shard only");
        assert!((moved as f64 / n as f64 - 0.2).abs() < 0.01, "{moved}");
        assert!(counts.iter().all(|count| count.abs_diff(n / 5) < 5 * 90), "{counts:?}");
    }

    #[test]
    fn ranges_end_where_they_are_cut() {
        let (map, state) = map(By::Range(vec![1, 10, 100]), 4);
        let shard = |rank: u64| state.place(&map, 7, rank, 0).shard;
        assert_eq!([1, 2, 10, 11, 100, 101, 1 << 39].map(shard), [0, 1, 1, 2, 2, 3, 3]);
    }

    #[test]
    fn keys_move_one_after_the_other() {
        let (map, mut state) = map(By::Hash, 4);
        state.moving = Some(Move { to: 5, start: 1000, lasts: 1_000_000 });
        let on_the_move = |now: u64| (0..20_000).filter(|row| state.place(&map, 7, *row, now).going.is_some()).count();
        let all = on_the_move(1000);
        assert!((3800..4200).contains(&all), "{all}");
        assert!((all / 2).abs_diff(on_the_move(501_000)) < 150);
        assert_eq!(on_the_move(1_001_000), 0);
        let end = |row| state.place(&map, 7, row, 1_001_000).shard == jump(mix(row ^ 7), 5);
        assert!((0..20_000).all(end));
    }
}
