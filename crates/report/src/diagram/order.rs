//! Fewer crossings than dagre leaves, above all where frames are: its order is the start, not the end.
//!
//! Sibling frames have one order in all layers; everything else may move within its frame.

use super::layers::{Entity, Layered, flat};

/// Passes over all layers, at most.
const ROUNDS: usize = 12;
/// Sweeps by barycentre in each direction.
const SWEEPS: usize = 4;
/// Most items of a graph that is started from other orders than dagre's.
const SMALL: usize = 400;
/// Most pairs of sibling frames that are tried the other way round.
const PAIRS: usize = 12;

/// Reorders the layers while that takes crossings away, from dagre's order or else from `starts` others. `parents` are those of
/// the frames.
pub fn improve(layered: &mut Layered, parents: &[Option<usize>], starts: u64) {
    let mut next_to: Neighbours = vec![[Vec::new(), Vec::new()]; layered.items.len()];
    for pair in layered.chains.iter().flat_map(|chain| chain.windows(2)) {
        next_to[pair[0]][1].push(pair[1]);
        next_to[pair[1]][0].push(pair[0]);
    }
    let mut place = vec![0usize; layered.items.len()];
    let mut best = refine(layered.layers.clone(), &next_to, &mut place);
    for start in 1..=starts {
        if best.0 == 0 || layered.items.len() > SMALL {
            break;
        }
        let mut layers = layered.layers.clone();
        layers.iter_mut().for_each(|layer| shuffle(layer, start));
        let met = refine(layers, &next_to, &mut place);
        if met.0 < best.0 {
            best = met;
        }
    }
    let mut pairs = Vec::new();
    for a in 0..parents.len() {
        for b in a + 1..parents.len() {
            let shared = layered.spans[a].0.max(layered.spans[b].0) <= layered.spans[a].1.min(layered.spans[b].1);
            if parents[a] == parents[b] && shared {
                pairs.push((a, b));
            }
        }
    }
    for (a, b) in pairs.into_iter().take(PAIRS) {
        let mut turned = best.1.clone();
        turned.iter_mut().for_each(|layer| exchange(layer, a, b));
        if !is_consistent(&turned, parents.len()) {
            continue;
        }
        let turned = refine(turned, &next_to, &mut place);
        if turned.0 < best.0 {
            best = turned;
        }
    }
    layered.layers = best.1;
    layered.crossings = best.0;
}

/// By item: what edges join it to, towards lower layers and towards higher ones.
type Neighbours = Vec<[Vec<usize>; 2]>;

/// Another order, the same each time for the same `start`, and for frames the same in all layers.
fn shuffle(entities: &mut [Entity], start: u64) {
    // The finaliser of SplitMix64 (Steele, Lea and Flood, 2014), as a hash.
    let key = |number: u64| {
        let mut x = (start << 32).wrapping_add(number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    };
    for entity in entities.iter_mut() {
        if let Entity::Frame(_, inner) = entity {
            shuffle(inner, start);
        }
    }
    entities.sort_by_key(|entity| match entity {
        Entity::Item(item) => key(2 * *item as u64),
        Entity::Frame(frame, _) => key(2 * *frame as u64 + 1),
    });
}

/// Lets frames `a` and `b` change places where both are.
fn exchange(entities: &mut [Entity], a: usize, b: usize) {
    let at = |wanted: usize, entities: &[Entity]| {
        entities.iter().position(|entity| matches!(entity, Entity::Frame(frame, _) if *frame == wanted))
    };
    match (at(a, entities), at(b, entities)) {
        (Some(first), Some(second)) => entities.swap(first, second),
        (None, None) => {
            for entity in entities {
                if let Entity::Frame(_, inner) = entity {
                    exchange(inner, a, b);
                }
            }
        }
        _ => {}
    }
}

/// Whether one order of the frames fits all layers.
fn is_consistent(layers: &[Vec<Entity>], frames: usize) -> bool {
    fn collect(entities: &[Entity], after: &mut [Vec<usize>]) {
        let mut last = None;
        for entity in entities {
            if let Entity::Frame(frame, inner) = entity {
                if let Some(last) = last.replace(*frame) {
                    after[last].push(*frame);
                }
                collect(inner, after);
            }
        }
    }
    let mut after = vec![Vec::new(); frames];
    layers.iter().for_each(|layer| collect(layer, &mut after));
    let mut before = vec![0usize; frames];
    after.iter().flatten().for_each(|&frame| before[frame] += 1);
    let mut ready: Vec<usize> = (0..frames).filter(|&frame| before[frame] == 0).collect();
    let mut sorted = 0;
    while let Some(frame) = ready.pop() {
        sorted += 1;
        for &next in &after[frame] {
            before[next] -= 1;
            if before[next] == 0 {
                ready.push(next);
            }
        }
    }
    sorted == frames
}

/// The order with the fewest crossings met on the way, and their number.
fn refine(layers: Vec<Vec<Entity>>, next_to: &Neighbours, place: &mut [usize]) -> (usize, Vec<Vec<Entity>>) {
    let mut layers = layers;
    layers.iter().for_each(|layer| number(layer, place));
    sift_all(&mut layers, next_to, place);
    let mut best = (count(&layers, next_to, place), layers.clone());
    for sweep in 0..2 * SWEEPS {
        if best.0 == 0 {
            break;
        }
        let side = sweep % 2;
        for step in 0..layers.len() {
            let layer = if side == 0 { step } else { layers.len() - 1 - step };
            sort_list(&mut layers[layer], next_to, place, side);
            number(&layers[layer], place);
        }
        let mut sifted = layers.clone();
        sift_all(&mut sifted, next_to, place);
        let crossings = count(&sifted, next_to, place);
        if crossings < best.0 {
            best = (crossings, sifted);
        }
        layers.iter().for_each(|layer| number(layer, place));
    }
    best
}

fn number(layer: &[Entity], place: &mut [usize]) {
    for (nth, item) in flat(layer).into_iter().enumerate() {
        place[item] = nth;
    }
}

fn count(layers: &[Vec<Entity>], next_to: &Neighbours, place: &[usize]) -> usize {
    let mut crossings = 0;
    for layer in layers {
        let mut ends = Vec::new();
        for item in flat(layer) {
            let mut far: Vec<usize> = next_to[item][1].iter().map(|&other| place[other]).collect();
            far.sort_unstable();
            ends.extend(far);
        }
        for (nth, &end) in ends.iter().enumerate() {
            crossings += ends[..nth].iter().filter(|&&before| before > end).count();
        }
    }
    crossings
}

/// Sorts by the mean place of what stands in the neighbouring layer; frames keep their order among themselves.
fn sort_list(entities: &mut Vec<Entity>, next_to: &Neighbours, place: &[usize], side: usize) {
    let mut keyed: Vec<(f64, Entity)> = Vec::new();
    for mut entity in std::mem::take(entities) {
        if let Entity::Frame(_, inner) = &mut entity {
            sort_list(inner, next_to, place, side);
        }
        let mut items = Vec::new();
        entity.items(&mut items);
        let far: Vec<usize> = items.iter().flat_map(|&item| &next_to[item][side]).map(|&other| place[other]).collect();
        let key = if far.is_empty() {
            items.iter().map(|&item| place[item] as f64).sum::<f64>() / items.len().max(1) as f64
        } else {
            far.iter().sum::<usize>() as f64 / far.len() as f64
        };
        keyed.push((key, entity));
    }
    let frames: Vec<Entity> =
        keyed.iter().map(|keyed| &keyed.1).filter(|entity| matches!(entity, Entity::Frame(..))).cloned().collect();
    keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut frames = frames.into_iter();
    for (_, entity) in keyed {
        entities.push(match entity {
            Entity::Frame(..) => frames.next().unwrap_or(entity),
            Entity::Item(_) => entity,
        });
    }
}

fn sift_all(layers: &mut [Vec<Entity>], next_to: &Neighbours, place: &mut [usize]) {
    let count = layers.len();
    for round in 0..ROUNDS {
        let mut moved = false;
        for step in 0..count {
            let layer = if round % 2 == 0 { step } else { count - 1 - step };
            moved |= sift(&mut layers[layer], next_to, place, 0);
        }
        if !moved {
            break;
        }
    }
}

/// Moves each entity of a list, whose first item has place `first`, to where it makes the fewest crossings.
fn sift(entities: &mut [Entity], next_to: &Neighbours, place: &mut [usize], first: usize) -> bool {
    let mut moved = false;
    let mut start = first;
    for entity in entities.iter_mut() {
        let mut items = Vec::new();
        entity.items(&mut items);
        if let Entity::Frame(_, inner) = entity {
            moved |= sift(inner, next_to, place, start);
        }
        start += items.len();
    }
    for at in 0..entities.len() {
        let (mut best, mut best_at) = (0i64, at);
        for (step, end) in [(-1i64, 0), (1, entities.len() - 1)] {
            let mut change = 0;
            let mut to = at;
            while to != end {
                to = to.wrapping_add_signed(step as isize);
                if matches!((&entities[at], &entities[to]), (Entity::Frame(..), Entity::Frame(..))) {
                    break;
                }
                change += if step < 0 {
                    turning(&entities[to], &entities[at], next_to, place)
                } else {
                    turning(&entities[at], &entities[to], next_to, place)
                };
                if change < best {
                    (best, best_at) = (change, to);
                }
            }
        }
        if best_at < at {
            entities[best_at..=at].rotate_right(1);
        } else if best_at > at {
            entities[at..=best_at].rotate_left(1);
        } else {
            continue;
        }
        for (nth, item) in flat(entities).into_iter().enumerate() {
            place[item] = first + nth;
        }
        moved = true;
    }
    moved
}

/// How many crossings more there are when `left` and `right` change places.
fn turning(left: &Entity, right: &Entity, next_to: &Neighbours, place: &[usize]) -> i64 {
    let (mut lefts, mut rights) = (Vec::new(), Vec::new());
    left.items(&mut lefts);
    right.items(&mut rights);
    let mut change = 0;
    for side in [0, 1] {
        for &p in lefts.iter().flat_map(|&item| &next_to[item][side]) {
            for &q in rights.iter().flat_map(|&item| &next_to[item][side]) {
                change += i64::from(place[p] < place[q]) - i64::from(place[p] > place[q]);
            }
        }
    }
    change
}
