//! Edges in the channels between layers, then everything in pixels.
//!
//! In a layer an edge runs straight along its own line, which `place` has kept free; between two layers it may step once
//! across, on a track of its own. So no edge can meet a box that isn't its end, and no two edges share a stretch.

use super::layers::{Layered, What};
use super::place::{Axis, LOOP, Placed, along_size, loop_halves, loop_label_extent, place};
use super::sketch::{FRAME, LINE, SMALL, Sketch};
use super::text::{fit, width};
use super::{Laid, LaidBox, LaidEdge, LaidFrame, LaidLabel, Point, Rect};

/// Between two tracks of a channel.
const TRACKS: f64 = 11.0;
/// From a layer of boxes to the first track: an arrow head and the rounding of a corner.
const BESIDE_BOXES: f64 = 20.0;
const BESIDE_LABELS: f64 = 11.0;
/// From a frame's border to what it holds, along the layers.
const PAD: f64 = 15.0;
/// From a frame's border to a track outside.
const PAD_OUTSIDE: f64 = 8.0;
/// Height of the strip with a frame's title.
const STRIP: f64 = 20.0;
/// Around the whole picture.
const MARGIN: f64 = 16.0;
/// Lines nearer than this, in a channel, look like one.
const NEAR: i64 = 7;

/// A step of an edge across a channel.
#[derive(Clone, Copy, Debug)]
struct Crossing {
    edge: usize,
    /// Lines on the lower and on the higher side.
    near: i64,
    far: i64,
    track: usize,
}

impl Crossing {
    fn low(&self) -> i64 {
        self.near.min(self.far)
    }
    fn high(&self) -> i64 {
        self.near.max(self.far)
    }
}

struct Channel {
    crossings: Vec<Crossing>,
    tracks: usize,
}

pub fn route(sketch: &Sketch, layered: &Layered, axis: Axis) -> Laid {
    let placed = place(sketch, layered, axis);
    let channels: Vec<Channel> = (1..layered.layers.len()).map(|layer| channel(layered, &placed, layer - 1)).collect();
    let along = along(sketch, layered, axis, &channels);
    let turn = Turn {
        axis,
        v0: placed
            .v
            .iter()
            .zip(&placed.extents)
            .map(|(v, e)| v - e.before)
            .chain(placed.frames.iter().map(|f| f.0))
            .min()
            .unwrap_or(0) as f64,
    };

    let boxes: Vec<Rect> = (0..sketch.nodes.len())
        .map(|node| {
            let item = node;
            let size = along_size(sketch, axis, node);
            let half = placed.halves[node] as f64;
            let middle = along.middle(layered.items[item].layer);
            turn.rect(
                middle - size / 2.0,
                middle + size / 2.0,
                placed.v[item] as f64 - half,
                placed.v[item] as f64 + half,
            )
        })
        .collect();
    let edges: Vec<LaidEdge> = (0..sketch.edges.len())
        .map(|edge| match layered.chains[edge].is_empty() {
            true => looped(sketch, edge, &boxes, axis),
            false => lead(sketch, layered, &placed, &channels, &along, &turn, edge),
        })
        .collect();
    let mut frames: Vec<LaidFrame> = (0..sketch.frames.len())
        .map(|frame| {
            let region = &sketch.frames[frame];
            let (start, end) = along.frame(layered, sketch, axis, frame);
            let (low, high) = placed.frames[frame];
            LaidFrame {
                id: region.id.clone(),
                rect: turn.rect(start, end, low as f64, high as f64),
                depth: region.depth,
                title: region.title.clone(),
                title_drawn: String::new(),
                title_rect: Rect::default(),
            }
        })
        .collect();
    for frame in &mut frames {
        title(frame, &edges);
    }
    let shown = sketch.nodes.iter().zip(&boxes).filter(|(node, _)| !node.hidden);
    let boxes: Vec<LaidBox> = shown
        .map(|(node, &rect)| LaidBox {
            id: node.id.clone(),
            rect,
            title: node.title.clone(),
            title_drawn: node.title_drawn.clone(),
            kind: node.kind.clone(),
            lines: node.lines.clone(),
            lines_drawn: node.lines_drawn.clone(),
            used: node.used,
        })
        .collect();
    let mut laid = Laid { title: sketch.title.clone(), width: 0.0, height: 0.0, legend_y: 0.0, boxes, frames, edges };
    super::draw::close(&mut laid, MARGIN);
    laid
}

/// From `u` and `v` to `x` and `y`.
struct Turn {
    axis: Axis,
    v0: f64,
}

impl Turn {
    fn point(&self, u: f64, v: f64) -> Point {
        let (u, v) = (u + MARGIN, v - self.v0 + MARGIN);
        match self.axis {
            Axis::Right => Point { x: u, y: v },
            Axis::Down => Point { x: v, y: u },
        }
    }

    fn rect(&self, u0: f64, u1: f64, v0: f64, v1: f64) -> Rect {
        let (a, b) = (self.point(u0, v0), self.point(u1, v1));
        Rect { x: a.x, y: a.y, w: b.x - a.x, h: b.y - a.y }
    }
}

/// Where everything stands along the layers.
struct Along {
    layers: Vec<(f64, f64)>,
    /// By channel: the first track.
    tracks: Vec<f64>,
}

impl Along {
    fn middle(&self, layer: usize) -> f64 {
        (self.layers[layer].0 + self.layers[layer].1) / 2.0
    }

    fn frame(&self, layered: &Layered, sketch: &Sketch, axis: Axis, frame: usize) -> (f64, f64) {
        let (first, last) = layered.spans[frame];
        let (before, after) = frame_room(layered, sketch, axis, frame);
        (self.layers[first].0 - before, self.layers[last].1 + after)
    }
}

/// Room from the border of a frame to its first and from its last layer.
fn frame_room(layered: &Layered, sketch: &Sketch, axis: Axis, frame: usize) -> (f64, f64) {
    let (mut before, mut after) = (0.0f64, 0.0f64);
    for inner in 0..sketch.frames.len() {
        if sketch.frames[inner].parent == Some(frame) {
            let room = frame_room(layered, sketch, axis, inner);
            if layered.spans[inner].0 == layered.spans[frame].0 {
                before = before.max(room.0);
            }
            if layered.spans[inner].1 == layered.spans[frame].1 {
                after = after.max(room.1);
            }
        }
    }
    let strip = if axis == Axis::Down { STRIP } else { 0.0 };
    (before + PAD + strip, after + PAD)
}

fn along(sketch: &Sketch, layered: &Layered, axis: Axis, channels: &[Channel]) -> Along {
    let count = layered.layers.len();
    let mut sizes = vec![0.0f64; count];
    let mut has_boxes = vec![false; count];
    for item in &layered.items {
        let size = match item.what {
            What::Node(node) => {
                has_boxes[item.layer] = true;
                along_size(sketch, axis, node)
            }
            What::Bend { edge, labelled: true } => match axis {
                Axis::Right => sketch.edges[edge].label_w + 6.0,
                Axis::Down => sketch.edges[edge].label.len() as f64 * LINE + 2.0,
            },
            What::Bend { .. } => 0.0,
        };
        sizes[item.layer] = sizes[item.layer].max(size);
    }
    let mut opening = vec![0.0f64; count + 1];
    let mut closing = vec![0.0f64; count + 1];
    for frame in 0..sketch.frames.len() {
        let (first, last) = layered.spans[frame];
        let (before, after) = frame_room(layered, sketch, axis, frame);
        opening[first] = opening[first].max(before);
        closing[last] = closing[last].max(after);
    }
    let mut along = Along { layers: Vec::new(), tracks: Vec::new() };
    let mut u = opening[0];
    for layer in 0..count {
        along.layers.push((u, u + sizes[layer]));
        u += sizes[layer];
        if layer + 1 == count {
            break;
        }
        let beside = |layer: usize, frame_room: f64| {
            let plain = if has_boxes[layer] { BESIDE_BOXES } else { BESIDE_LABELS };
            if frame_room > 0.0 { plain.max(frame_room + PAD_OUTSIDE) } else { plain }
        };
        let between = (channels[layer].tracks.max(1) - 1) as f64 * TRACKS;
        u += beside(layer, closing[layer]);
        along.tracks.push(u);
        u += between + beside(layer + 1, opening[layer + 1]);
    }
    along
}

fn channel(layered: &Layered, placed: &Placed, layer: usize) -> Channel {
    let mut crossings = Vec::new();
    let mut straight = Vec::new();
    for (edge, chain) in layered.chains.iter().enumerate() {
        for (nth, pair) in chain.windows(2).enumerate() {
            if layered.items[pair[0]].layer != layer {
                continue;
            }
            let near = placed.v[pair[0]] + if nth == 0 { placed.ports[edge][0] } else { 0 };
            let far = placed.v[pair[1]] + if nth + 2 == chain.len() { placed.ports[edge][1] } else { 0 };
            if near == far {
                straight.push(near);
            } else {
                crossings.push(Crossing { edge, near, far, track: 0 });
            }
        }
    }
    // Without trading places, those that step back are nested one way and those that step forth the other.
    crossings.sort_by_key(|crossing| {
        let forth = crossing.far > crossing.near;
        (forth, if forth { -crossing.near } else { crossing.near }, crossing.edge)
    });
    order(&mut crossings);
    part_meeting(&mut crossings, &straight);
    let mut tracks = 0;
    for at in 0..crossings.len() {
        let track = (0..at)
            .filter(|&before| depend(&crossings[before], &crossings[at]))
            .map(|before| crossings[before].track + 1)
            .max()
            .unwrap_or(0);
        crossings[at].track = track;
        tracks = tracks.max(track + 1);
    }
    Channel { crossings, tracks }
}

/// Whether the two can't share a track or care which of them comes first.
fn depend(a: &Crossing, b: &Crossing) -> bool {
    (a.low() < b.high() + NEAR && b.low() < a.high() + NEAR) || cost(a, b) != cost(b, a)
}

/// What it costs that `first` steps across nearer to the lower layer than `second`: edges that cross, and, much worse, edges that
/// run upon each other.
fn cost(first: &Crossing, second: &Crossing) -> u32 {
    if first.edge == second.edge {
        return if first.far == second.near { 0 } else { 100_000 };
    }
    let crosses = |line: i64, by: &Crossing| u32::from(by.low() < line && line < by.high());
    crosses(first.far, second) + crosses(second.near, first) + 1000 * u32::from(meet(first, second))
}

/// Edges that trade places can't help running upon each other, whichever steps first; one of them then steps twice, by way of a line
/// that nobody uses.
fn part_meeting(crossings: &mut Vec<Crossing>, straight: &[i64]) {
    for _ in 0..crossings.len() {
        let meeting = (0..crossings.len()).find_map(|second| {
            let first = (0..second).find(|&first| meet(&crossings[first], &crossings[second]))?;
            // The shorter step bends.
            let length = |at: usize| crossings[at].high() - crossings[at].low();
            Some(if length(first) < length(second) { first } else { second })
        });
        let Some(at) = meeting else { break };
        let Crossing { edge, near, far, .. } = crossings[at];
        let is_free = |line: i64| {
            let used = crossings.iter().flat_map(|crossing| [crossing.near, crossing.far]);
            used.chain(straight.iter().copied()).all(|other| (other - line).abs() >= NEAR)
        };
        let middle = (near + far) / 2;
        let Some(line) = (0..).flat_map(|by| [middle + by, middle - by]).find(|&line| is_free(line)) else { break };
        crossings[at] = Crossing { edge, near, far: line, track: 0 };
        crossings.push(Crossing { edge, near: line, far, track: 0 });
        order(crossings);
    }
}

/// Whether the second would run upon the first where that has stepped already.
fn meet(first: &Crossing, second: &Crossing) -> bool {
    first.edge != second.edge && (first.far - second.near).abs() < NEAR
}

/// Most crossings of one channel whose order is searched; beyond, they stay as sorted.
const SEARCHED: usize = 160;

/// Puts crossings in the order of their tracks: each is moved where it costs least, until nothing moves.
fn order(crossings: &mut [Crossing]) {
    let count = crossings.len();
    if count > SEARCHED {
        return;
    }
    for _ in 0..8 {
        let mut moved = false;
        for at in 0..count {
            let here = crossings[at];
            // Cost of each place relative to the present one.
            let (mut best, mut best_place) = (0i64, at);
            let mut change = 0i64;
            for place in (0..at).rev() {
                let other = &crossings[place];
                change += i64::from(cost(&here, other)) - i64::from(cost(other, &here));
                if change < best {
                    (best, best_place) = (change, place);
                }
            }
            change = 0;
            for (place, other) in crossings.iter().enumerate().skip(at + 1) {
                change += i64::from(cost(other, &here)) - i64::from(cost(&here, other));
                if change < best {
                    (best, best_place) = (change, place);
                }
            }
            if best_place < at {
                crossings[best_place..=at].rotate_right(1);
                moved = true;
            } else if best_place > at {
                crossings[at..=best_place].rotate_left(1);
                moved = true;
            }
        }
        if !moved {
            break;
        }
    }
}

fn lead(
    sketch: &Sketch,
    layered: &Layered,
    placed: &Placed,
    channels: &[Channel],
    along: &Along,
    turn: &Turn,
    edge: usize,
) -> LaidEdge {
    let chain = &layered.chains[edge];
    let (low, high) = (chain[0], chain[chain.len() - 1]);
    let box_half = |node: usize| along_size(sketch, turn.axis, node) / 2.0;
    let first_layer = layered.items[low].layer;
    let mut v = placed.v[low] + placed.ports[edge][0];
    let mut points = vec![turn.point(along.middle(first_layer) + box_half(low), v as f64)];
    let passed = first_layer..layered.items[high].layer;
    for (channel, first_track) in channels[passed.clone()].iter().zip(&along.tracks[passed]) {
        // In the order of their tracks, which is the order on the way.
        for crossing in channel.crossings.iter().filter(|crossing| crossing.edge == edge) {
            let u = first_track + crossing.track as f64 * TRACKS;
            points.push(turn.point(u, v as f64));
            v = crossing.far;
            points.push(turn.point(u, v as f64));
        }
    }
    points.push(turn.point(along.middle(layered.items[high].layer) - box_half(high), v as f64));
    if layered.backward[edge] {
        points.reverse();
    }
    let line = &sketch.edges[edge];
    let label = chain.iter().find(|&&item| matches!(layered.items[item].what, What::Bend { labelled: true, .. }));
    let label = label.map(|&item| {
        let middle = turn.point(along.middle(layered.items[item].layer), placed.v[item] as f64);
        label_at(&line.label, &line.full, middle, turn.axis)
    });
    LaidEdge { from: line.from, to: line.to, kind: line.kind, points, label }
}

/// Rightwards, the lines stand half above and half below the edge; downwards, to its right.
fn label_at(lines: &[String], full: &[String], middle: Point, axis: Axis) -> LaidLabel {
    let above = lines.len().div_ceil(2);
    let placed = lines.iter().enumerate().map(|(nth, text)| {
        let w = width(text, SMALL, false);
        let rect = match axis {
            Axis::Right => {
                let y = if nth < above {
                    middle.y - 2.0 - LINE * (above - nth) as f64
                } else {
                    middle.y + 2.0 + LINE * (nth - above) as f64
                };
                Rect { x: middle.x - w / 2.0, y, w, h: LINE }
            }
            Axis::Down => {
                let top = middle.y - LINE * lines.len() as f64 / 2.0;
                Rect { x: middle.x + 6.0, y: top + LINE * nth as f64, w, h: LINE }
            }
        };
        (rect, text.clone())
    });
    LaidLabel { lines: placed.collect(), full: full.to_vec(), centred: axis == Axis::Right }
}

/// An edge from a box to itself, beside the box at the end of its layer; several nest outwards.
fn looped(sketch: &Sketch, edge: usize, boxes: &[Rect], axis: Axis) -> LaidEdge {
    let line = &sketch.edges[edge];
    let rect = boxes[line.from];
    let loops = &sketch.loops[line.from];
    let nth = loops.iter().position(|&other| other == edge).unwrap_or(0);
    let labels: i64 = loops[..nth].iter().map(|&other| loop_label_extent(sketch, axis, other)).sum();
    let out = ((nth as i64 + 1) * LOOP + labels) as f64 - 4.0;
    let half = loop_halves(sketch, axis, line.from)[nth];
    let (points, label) = match axis {
        Axis::Right => {
            let (x, y) = (rect.x + rect.w / 2.0, rect.y + rect.h);
            let points = [(x - half, y), (x - half, y + out), (x + half, y + out), (x + half, y)];
            (points, Point { x, y: y + out + 3.0 })
        }
        Axis::Down => {
            let (x, y) = (rect.x + rect.w, rect.y + rect.h / 2.0);
            let points = [(x, y - half), (x + out, y - half), (x + out, y + half), (x, y + half)];
            (points, Point { x: x + out + 4.0, y: y - LINE * line.label.len() as f64 / 2.0 })
        }
    };
    let points = points.map(|(x, y)| Point { x, y }).to_vec();
    let lines = line.label.iter().enumerate().map(|(nth, text)| {
        let w = width(text, SMALL, false);
        let x = if axis == Axis::Right { label.x - w / 2.0 } else { label.x };
        (Rect { x, y: label.y + LINE * nth as f64, w, h: LINE }, text.clone())
    });
    let label = (!line.label.is_empty()).then(|| LaidLabel {
        lines: lines.collect(),
        full: line.full.clone(),
        centred: axis == Axis::Right,
    });
    LaidEdge { from: line.from, to: line.to, kind: line.kind, points, label }
}

/// Puts the title of a frame into its top strip, where no edge passes; cuts it where there is no such room.
fn title(frame: &mut LaidFrame, edges: &[LaidEdge]) {
    let rect = frame.rect;
    let (left, right) = (rect.x + 12.0, rect.x + rect.w - 12.0);
    let (top, bottom) = (rect.y + 6.0, rect.y + 6.0 + 16.0);
    let mut lines: Vec<f64> = edges
        .iter()
        .flat_map(|edge| edge.points.windows(2))
        .filter(|pair| pair[0].x == pair[1].x)
        .filter(|pair| pair[0].y.min(pair[1].y) < bottom && pair[0].y.max(pair[1].y) > top)
        .map(|pair| pair[0].x)
        .filter(|x| left - 6.0 < *x && *x < right + 6.0)
        .collect();
    lines.sort_by(f64::total_cmp);
    let wanted = width(&frame.title, FRAME, true);
    let mut gaps = Vec::new();
    let mut from = left;
    for x in lines {
        gaps.push((from, x - 6.0));
        from = x + 6.0;
    }
    gaps.push((from, right));
    let fitting = gaps.iter().find(|gap| gap.1 - gap.0 >= wanted);
    let widest = gaps.iter().max_by(|a, b| (a.1 - a.0).total_cmp(&(b.1 - b.0)));
    let (from, to) = fitting.or(widest).copied().unwrap_or((left, right));
    frame.title_drawn = fit(&frame.title, FRAME, true, (to - from).max(0.0));
    let w = width(&frame.title_drawn, FRAME, true).min((to - from).max(0.0));
    frame.title_rect = Rect { x: from, y: top, w, h: 16.0 };
}

/// How often two edges cross, counting a crossing of steps, not of edges.
pub fn crossings(edges: &[LaidEdge]) -> usize {
    let mut upright = Vec::new();
    let mut level = Vec::new();
    for (index, edge) in edges.iter().enumerate() {
        for pair in edge.points.windows(2) {
            let (a, b) = (pair[0], pair[1]);
            if a.x == b.x {
                upright.push((index, a.x, a.y.min(b.y), a.y.max(b.y)));
            } else {
                level.push((index, a.y, a.x.min(b.x), a.x.max(b.x)));
            }
        }
    }
    let mut count = 0;
    for &(edge, x, top, bottom) in &upright {
        for &(other, y, left, right) in &level {
            count += usize::from(edge != other && left < x && x < right && top < y && y < bottom);
        }
    }
    count
}

/// How far a picture is from calm; compares arrangements of one graph.
pub fn unrest(laid: &Laid) -> f64 {
    let mut unrest = 40.0 * crossings(&laid.edges) as f64;
    for edge in &laid.edges {
        unrest += 3.0 * (edge.points.len() - 2) as f64;
        for pair in edge.points.windows(2) {
            unrest += 0.015 * ((pair[0].x - pair[1].x).abs() + (pair[0].y - pair[1].y).abs());
        }
    }
    for frame in &laid.frames {
        if frame.title_drawn != frame.title {
            unrest += 60.0;
        }
    }
    // A page shows about this much without shrinking it, a screen without scrolling.
    let too_wide = (laid.width / 1100.0 - 1.0).max(0.0);
    let too_high = (laid.height / 800.0 - 1.0).max(0.0);
    unrest + 500.0 * too_wide + 220.0 * too_high + 0.08 * laid.height + laid.width * laid.height / 12_000.0
}
