//! Places across the layers: least total bending of the edges under the separations that keep parts apart.
//!
//! `u` runs along the layers, `v` across them; an [`Axis`] says which of the two is `x`.

use super::layers::{Entity, Layered, What, flat};
use super::simplex::{Link, solve};
use super::sketch::{LINE, Sketch};

/// The way the layers follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    Right,
    Down,
}

impl Axis {
    /// Sizes across and along, from width and height.
    pub fn sizes(self, w: f64, h: f64) -> (f64, f64) {
        match self {
            Axis::Right => (h, w),
            Axis::Down => (w, h),
        }
    }
}

/// Room that a part needs on both sides of its line.
#[derive(Clone, Copy, Debug, Default)]
pub struct Extent {
    pub before: i64,
    pub after: i64,
}

pub struct Placed {
    /// By item: the middle of a node, the line of an edge.
    pub v: Vec<i64>,
    pub extents: Vec<Extent>,
    /// By frame: both borders.
    pub frames: Vec<(i64, i64)>,
    /// By node: half its size across, enough for its ports.
    pub halves: Vec<i64>,
    /// By edge: offset of its port from the middle of the node, at the low end and at the high end.
    pub ports: Vec<[i64; 2]>,
}

/// Room in a frame beside its members: at the side of the title, at the other.
pub fn frame_pads(axis: Axis) -> (i64, i64) {
    match axis {
        Axis::Right => (32, 14),
        Axis::Down => (14, 14),
    }
}

/// Distance between ports, where the side has room for it.
const PORTS: i64 = 16;
const PORTS_TIGHT: i64 = 11;
/// From the last port to the corner.
const CORNER: i64 = 11;
/// How far a loop reaches out of its box.
pub const LOOP: i64 = 16;

/// Size of a box along the layers, wide enough for its loops.
pub fn along_size(sketch: &Sketch, axis: Axis, node: usize) -> f64 {
    let plain = axis.sizes(sketch.nodes[node].w, sketch.nodes[node].h).1;
    let widest = loop_halves(sketch, axis, node).last().map_or(0.0, |half| 2.0 * (half + 6.0));
    plain.max(widest)
}

/// Half the width of each loop of a node: each goes around the one before and its label.
pub fn loop_halves(sketch: &Sketch, axis: Axis, node: usize) -> Vec<f64> {
    let mut half = 14.0f64;
    let mut halves = Vec::new();
    for &edge in &sketch.loops[node] {
        halves.push(half);
        let edge = &sketch.edges[edge];
        let label_half = match axis {
            Axis::Right => edge.label_w / 2.0,
            Axis::Down => LINE * edge.label.len() as f64 / 2.0,
        };
        half = (half + 10.0).max(label_half + 6.0);
    }
    halves
}

/// Room across the layers that the loops of a node take beside it.
fn loops_extent(sketch: &Sketch, axis: Axis, node: usize) -> i64 {
    let mut extent = 0;
    for &edge in &sketch.loops[node] {
        extent += LOOP + loop_label_extent(sketch, axis, edge);
    }
    extent
}

pub fn loop_label_extent(sketch: &Sketch, axis: Axis, edge: usize) -> i64 {
    let edge = &sketch.edges[edge];
    match (axis, edge.label.len()) {
        (_, 0) => 0,
        (Axis::Right, lines) => lines as i64 * LINE as i64 + 2,
        (Axis::Down, _) => edge.label_w as i64 + 6,
    }
}

pub fn place(sketch: &Sketch, layered: &Layered, axis: Axis) -> Placed {
    let sides = sides(layered, sketch.nodes.len());
    let halves: Vec<i64> = (0..sketch.nodes.len())
        .map(|node| {
            let across = axis.sizes(sketch.nodes[node].w, sketch.nodes[node].h).0;
            let most = sides[node].iter().map(Vec::len).max().unwrap_or(0) as i64;
            let for_ports = (most - 1).max(0) * PORTS_TIGHT + 2 * CORNER;
            (across / 2.0).ceil() as i64 + ((for_ports - across as i64).max(0) + 1) / 2
        })
        .collect();
    let mut ports = vec![[0i64; 2]; sketch.edges.len()];
    for (node, sides) in sides.iter().enumerate() {
        for side in sides {
            let gaps = side.len() as i64 - 1;
            if gaps < 1 {
                continue;
            }
            let apart = PORTS.min((2 * (halves[node] - CORNER)) / gaps);
            for (nth, &(edge, end)) in side.iter().enumerate() {
                ports[edge][end] = nth as i64 * apart - gaps * apart / 2;
            }
        }
    }
    let extents: Vec<Extent> = layered
        .items
        .iter()
        .map(|item| match item.what {
            What::Node(node) => Extent { before: halves[node], after: halves[node] + loops_extent(sketch, axis, node) },
            What::Bend { edge, labelled: true } => label_extent(sketch, axis, edge),
            What::Bend { .. } => Extent::default(),
        })
        .collect();
    let Links { links, count } = links(sketch, layered, axis, &extents, &ports);
    // Sibling frames have one order in all layers, so the separations can't contradict each other.
    let mut x = solve(count, &links).unwrap_or_else(|| vec![0; count]);
    settle(layered, &links, &ports, &mut x);
    let items = layered.items.len();
    let mut placed = Placed {
        v: x[..items].to_vec(),
        extents,
        frames: (0..sketch.frames.len()).map(|frame| (x[items + 2 * frame], x[items + 2 * frame + 1])).collect(),
        halves,
        ports,
    };
    straighten(&mut placed, layered, &sides);
    placed
}

fn label_extent(sketch: &Sketch, axis: Axis, edge: usize) -> Extent {
    let edge = &sketch.edges[edge];
    let lines = edge.label.len() as i64;
    match axis {
        // The first half of the lines stands above the edge, the rest below.
        Axis::Right => Extent { before: (lines + 1) / 2 * LINE as i64 + 3, after: lines / 2 * LINE as i64 + 3 },
        Axis::Down => Extent { before: 4, after: 7 + edge.label_w as i64 },
    }
}

/// By node and side (0 towards lower layers): the edge ends there, in the order of what they lead to.
fn sides(layered: &Layered, nodes: usize) -> Vec<[Vec<(usize, usize)>; 2]> {
    let mut nth = vec![0usize; layered.items.len()];
    for layer in &layered.layers {
        for (place, item) in flat(layer).into_iter().enumerate() {
            nth[item] = place;
        }
    }
    let mut sides: Vec<[Vec<(usize, usize)>; 2]> = vec![[Vec::new(), Vec::new()]; nodes];
    for (edge, chain) in layered.chains.iter().enumerate() {
        if let [low, .., high] = chain[..] {
            sides[low][1].push((edge, 0));
            sides[high][0].push((edge, 1));
        }
    }
    for sides in &mut sides {
        for side in sides {
            side.sort_by_key(|&(edge, end)| {
                let chain = &layered.chains[edge];
                (nth[if end == 0 { chain[1] } else { chain[chain.len() - 2] }], edge)
            });
        }
    }
    sides
}

struct Links {
    links: Vec<Link>,
    count: usize,
}

/// Variables: items, then two borders for each frame, then two for the whole, then one for each pair of items that an edge joins.
fn links(sketch: &Sketch, layered: &Layered, axis: Axis, extents: &[Extent], ports: &[[i64; 2]]) -> Links {
    let borders = layered.items.len();
    let whole = borders + 2 * sketch.frames.len();
    let mut links = Links { links: Vec::new(), count: whole + 2 };
    let bounds =
        |frame: Option<usize>| frame.map_or((whole, whole + 1), |frame| (borders + 2 * frame, borders + 2 * frame + 1));
    for frame in 0..sketch.frames.len() {
        let (left, right) = bounds(Some(frame));
        links.links.push(Link { from: left, to: right, apart: 40, weight: 2 });
    }
    links.links.push(Link { from: whole, to: whole + 1, apart: 0, weight: 1 });
    for layer in &layered.layers {
        separate(layered, axis, extents, layer, None, &bounds, &mut links.links);
    }
    for (edge, chain) in layered.chains.iter().enumerate() {
        for (nth, pair) in chain.windows(2).enumerate() {
            let near = if nth == 0 { ports[edge][0] } else { 0 };
            let far = if nth + 2 == chain.len() { ports[edge][1] } else { 0 };
            let bends = pair.iter().filter(|&&item| matches!(layered.items[item].what, What::Bend { .. })).count();
            let weight = 4 * [1, 2, 8][bends];
            let most = near.max(far);
            let middle = links.count;
            links.count += 1;
            links.links.push(Link { from: middle, to: pair[0], apart: most - near, weight });
            links.links.push(Link { from: middle, to: pair[1], apart: most - far, weight });
        }
    }
    links
}

fn separate(
    layered: &Layered,
    axis: Axis,
    extents: &[Extent],
    entities: &[Entity],
    parent: Option<usize>,
    bounds: &impl Fn(Option<usize>) -> (usize, usize),
    links: &mut Vec<Link>,
) {
    let (start_pad, end_pad) = if parent.is_some() { frame_pads(axis) } else { (0, 0) };
    let (left, right) = bounds(parent);
    // What stands last: its variable, its room after, the space it wants.
    let mut last = (left, 0i64, None);
    for entity in entities {
        let (first_variable, before, last_variable, after, space) = match entity {
            Entity::Item(item) => {
                let extent = extents[*item];
                let space = match layered.items[*item].what {
                    What::Node(_) => 22,
                    What::Bend { .. } => 12,
                };
                (*item, extent.before, *item, extent.after, space)
            }
            Entity::Frame(frame, inner) => {
                separate(layered, axis, extents, inner, Some(*frame), bounds, links);
                let (left, right) = bounds(Some(*frame));
                (left, 0, right, 0, 18)
            }
        };
        let (from, room, wanted) = last;
        let gap = match wanted {
            None => start_pad,
            Some(other) => space_between(space, other),
        };
        links.push(Link { from, to: first_variable, apart: room + gap + before, weight: 0 });
        last = (last_variable, after, Some(space));
    }
    let (from, room, wanted) = last;
    let gap = if wanted.is_some() { end_pad } else { start_pad + end_pad };
    links.push(Link { from, to: right, apart: room + gap, weight: 0 });
}

fn space_between(a: i64, b: i64) -> i64 {
    (a + b) / 2
}

/// Rounds of [`settle`].
const ROUNDS: usize = 10;

/// What a bend costs beside its length, in pixels: rather one long step than two short ones.
const BEND: i64 = 60;

/// Takes bends out: least length alone doesn't tell one long step from two short ones. Each box, and each stretch of an edge that
/// runs on one line, is moved to where it continues a neighbour, if there is room and the whole gets calmer.
fn settle(layered: &Layered, links: &[Link], ports: &[[i64; 2]], x: &mut [i64]) {
    let count = layered.items.len();
    let mut bounds: Vec<Vec<(usize, i64, bool)>> = vec![Vec::new(); count];
    for link in links.iter().filter(|link| link.weight == 0) {
        if link.to < count {
            bounds[link.to].push((link.from, link.apart, true));
        }
        if link.from < count {
            bounds[link.from].push((link.to, link.apart, false));
        }
    }
    // By item: the neighbours along edges, and where this item must stand to be in line with one at 0.
    let mut next_to: Vec<Vec<(usize, i64)>> = vec![Vec::new(); count];
    for (edge, chain) in layered.chains.iter().enumerate() {
        for (nth, pair) in chain.windows(2).enumerate() {
            let near = if nth == 0 { ports[edge][0] } else { 0 };
            let far = if nth + 2 == chain.len() { ports[edge][1] } else { 0 };
            next_to[pair[0]].push((pair[1], far - near));
            next_to[pair[1]].push((pair[0], near - far));
        }
    }
    let is_bend = |item: usize| matches!(layered.items[item].what, What::Bend { .. });
    for _ in 0..ROUNDS {
        let mut moved = false;
        for start in 0..count {
            moved |= settle_run(&[start], &bounds, &next_to, x);
            if is_bend(start) {
                let run = in_line(start, &next_to, x, is_bend);
                moved |= settle_run(&run, &bounds, &next_to, x);
            }
            let run = in_line(start, &next_to, x, |_| true);
            moved |= settle_run(&run, &bounds, &next_to, x);
        }
        if !moved {
            break;
        }
    }
}

/// `start` and what continues it without a step, over items that `counts` admits.
fn in_line(start: usize, next_to: &[Vec<(usize, i64)>], x: &[i64], counts: impl Fn(usize) -> bool) -> Vec<usize> {
    let mut run = vec![start];
    let mut next = 0;
    while next < run.len() {
        for &(other, offset) in &next_to[run[next]] {
            if counts(other) && x[other] + offset == x[run[next]] && !run.contains(&other) {
                run.push(other);
            }
        }
        next += 1;
    }
    run
}

fn settle_run(run: &[usize], bounds: &[Vec<(usize, i64, bool)>], next_to: &[Vec<(usize, i64)>], x: &mut [i64]) -> bool {
    let (mut least, mut most) = (i64::MIN, i64::MAX);
    for &item in run {
        for &(other, apart, is_low) in bounds[item].iter().filter(|bound| !run.contains(&bound.0)) {
            if is_low {
                least = least.max(x[other] + apart - x[item]);
            } else {
                most = most.min(x[other] - apart - x[item]);
            }
        }
    }
    let outside: Vec<(usize, usize, i64)> = run
        .iter()
        .flat_map(|&item| next_to[item].iter().map(move |&(other, offset)| (item, other, offset)))
        .filter(|(_, other, _)| !run.contains(other))
        .collect();
    let cost = |by: i64, x: &[i64]| -> i64 {
        let steps = outside.iter().map(|&(item, other, offset)| (x[other] + offset - x[item] - by).abs());
        steps.map(|step| if step == 0 { 0 } else { step + BEND }).sum()
    };
    let mut best = (cost(0, x), 0);
    for &(item, other, offset) in &outside {
        let by = x[other] + offset - x[item];
        if least <= by && by <= most {
            best = best.min((cost(by, x), by.abs() * 2 + i64::from(by < 0)));
        }
    }
    let by = if best.1 % 2 == 1 { -(best.1 / 2) } else { best.1 / 2 };
    if by == 0 {
        return false;
    }
    for &item in run {
        x[item] += by;
    }
    true
}

/// Moves ports along their sides where that takes the bend out of an edge.
fn straighten(placed: &mut Placed, layered: &Layered, sides: &[[Vec<(usize, usize)>; 2]]) {
    const FAR: i64 = 14;
    for (node, sides) in sides.iter().enumerate() {
        for side in sides {
            for (nth, &(edge, end)) in side.iter().enumerate() {
                let chain = &layered.chains[edge];
                let (next, next_end) = if end == 0 { (chain[1], 1) } else { (chain[chain.len() - 2], 0) };
                let there = match layered.items[next].what {
                    What::Node(_) => placed.v[next] + placed.ports[edge][next_end],
                    What::Bend { .. } => placed.v[next],
                };
                let wanted = there - placed.v[node];
                if wanted == placed.ports[edge][end] || (wanted - placed.ports[edge][end]).abs() > FAR {
                    continue;
                }
                let room = placed.halves[node] - CORNER;
                let clear = |other: Option<&(usize, usize)>| {
                    other.is_none_or(|&(edge, end)| (placed.ports[edge][end] - wanted).abs() >= PORTS_TIGHT)
                };
                let in_order = {
                    let low = nth.checked_sub(1).map_or(-room, |nth| placed.ports[side[nth].0][side[nth].1]);
                    let high = side.get(nth + 1).map_or(room, |&(edge, end)| placed.ports[edge][end]);
                    low <= wanted && wanted <= high
                };
                let beside = nth.checked_sub(1).and_then(|nth| side.get(nth));
                if in_order && clear(beside) && clear(side.get(nth + 1)) {
                    placed.ports[edge][end] = wanted;
                }
            }
        }
    }
}
