//! Which layer each part stands in and in which order: dagre's ranks and order, made consistent with the frames.
//!
//! Layers of nodes alternate with layers of labels. An edge has one bend in every layer it passes, so that a place is kept
//! free for it beside the boxes; its label stands at one of the bends.

use dagre::graph::{Graph as Dagre, GraphOptions};
use dagre::{EdgeLabel, LayoutOptions, NodeLabel, Ranker};

use super::order;
use super::place::Axis;
use super::sketch::Sketch;

/// A sketch whose parts know their layers.
#[derive(Clone)]
pub struct Layered {
    pub items: Vec<Item>,
    /// By layer: its parts in order, frames as groups.
    pub layers: Vec<Vec<Entity>>,
    /// By edge: its items from the lowest layer to the highest, ends included; empty for loops.
    pub chains: Vec<Vec<usize>>,
    /// By edge: whether it runs against the layers.
    pub backward: Vec<bool>,
    /// By frame: first and last layer.
    pub spans: Vec<(usize, usize)>,
    /// How often edges cross by the order alone.
    pub crossings: usize,
}

#[derive(Clone, Debug)]
pub struct Item {
    pub layer: usize,
    pub what: What,
    pub frame: Option<usize>,
    key: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum What {
    Node(usize),
    /// An edge on its way; `labelled` where its label stands here.
    Bend {
        edge: usize,
        labelled: bool,
    },
}

#[derive(Clone, Debug)]
pub enum Entity {
    Item(usize),
    Frame(usize, Vec<Entity>),
}

impl Entity {
    pub fn items(&self, out: &mut Vec<usize>) {
        match self {
            Entity::Item(item) => out.push(*item),
            Entity::Frame(_, inner) => inner.iter().for_each(|entity| entity.items(out)),
        }
    }
}

/// The items of a layer in order.
pub fn flat(layer: &[Entity]) -> Vec<usize> {
    let mut out = Vec::new();
    layer.iter().for_each(|entity| entity.items(&mut out));
    out
}

/// Different arrangements of one sketch, to choose from.
pub fn arrangements(sketch: &Sketch, axis: Axis) -> Vec<Layered> {
    let small = sketch.nodes.len() <= 60;
    let variants: &[Variant] = if small { VARIANTS } else { &VARIANTS[..1] };
    let parents: Vec<Option<usize>> = sketch.frames.iter().map(|frame| frame.parent).collect();
    let mut arrangements = Vec::new();
    let mut known: Vec<Vec<Vec<usize>>> = Vec::new();
    for &variant in variants {
        let told = arrange(sketch, axis, variant);
        let order: Vec<Vec<usize>> = told.layers.iter().map(|layer| flat(layer)).collect();
        if known.contains(&order) {
            continue;
        }
        known.push(order);
        for starts in [0, STARTS] {
            let mut layered = told.clone();
            order::improve(&mut layered, &parents, starts);
            let is_calm = layered.crossings == 0;
            arrangements.push(layered);
            if is_calm {
                break;
            }
        }
    }
    arrangements
}

/// Orders beside dagre's from which the search for one without crossings starts.
const STARTS: u64 = 10;

/// What dagre is asked to do differently.
#[derive(Clone, Copy)]
struct Variant {
    ranker: Ranker,
    /// How much an edge is to be kept short, by its kind.
    weights: [i32; 3],
}

const VARIANTS: &[Variant] = &[
    Variant { ranker: Ranker::NetworkSimplex, weights: [3, 1, 1] },
    Variant { ranker: Ranker::NetworkSimplex, weights: [1, 1, 1] },
    Variant { ranker: Ranker::TightTree, weights: [2, 1, 1] },
    Variant { ranker: Ranker::LongestPath, weights: [1, 1, 1] },
];

/// What dagre says: rank and place of each node, place of each edge in the ranks it passes, place of each frame.
struct Told {
    rank: Vec<i32>,
    node_at: Vec<f64>,
    frame_at: Vec<f64>,
    /// By edge: from the lower rank to the higher, between the ends.
    bends_at: Vec<Vec<f64>>,
    backward: Vec<bool>,
}

fn run_dagre(sketch: &Sketch, axis: Axis, variant: Variant) -> Dagre<NodeLabel, EdgeLabel> {
    let mut dagre: Dagre<NodeLabel, EdgeLabel> =
        Dagre::with_options(GraphOptions { directed: true, multigraph: true, compound: true });
    for (index, node) in sketch.nodes.iter().enumerate() {
        let (across, along) = axis.sizes(node.w, node.h);
        dagre.set_node(format!("n{index}"), Some(NodeLabel { width: across, height: along, ..NodeLabel::default() }));
    }
    for index in 0..sketch.frames.len() {
        dagre.set_node(format!("f{index}"), Some(NodeLabel::default()));
    }
    for (index, frame) in sketch.frames.iter().enumerate() {
        if let Some(parent) = frame.parent {
            dagre.set_parent(&format!("f{index}"), Some(&format!("f{parent}")));
        }
    }
    for (index, node) in sketch.nodes.iter().enumerate() {
        if let Some(frame) = node.frame {
            dagre.set_parent(&format!("n{index}"), Some(&format!("f{frame}")));
        }
    }
    for (index, edge) in sketch.edges.iter().enumerate() {
        if edge.from != edge.to {
            let weight = variant.weights[edge.kind as usize];
            let label = EdgeLabel { weight, ..EdgeLabel::default() };
            let name = format!("e{index}");
            dagre.set_edge(format!("n{}", edge.from), format!("n{}", edge.to), Some(label), Some(&name));
        }
    }
    let ranker = variant.ranker;
    let options = LayoutOptions { nodesep: 30.0, edgesep: 16.0, ranksep: 80.0, ranker, ..LayoutOptions::default() };
    dagre::layout(&mut dagre, Some(options));
    dagre
}

fn ask_dagre(sketch: &Sketch, axis: Axis, variant: Variant) -> Told {
    let dagre = run_dagre(sketch, axis, variant);
    let node = |id: String| dagre.node(&id).cloned().unwrap_or_default();
    let rank: Vec<i32> = (0..sketch.nodes.len()).map(|index| node(format!("n{index}")).rank.unwrap_or(0)).collect();
    let node_at = (0..sketch.nodes.len()).map(|index| node(format!("n{index}")).x.unwrap_or(0.0)).collect();
    let frame_at = (0..sketch.frames.len()).map(|index| node(format!("f{index}")).x.unwrap_or(0.0)).collect();
    let mut bends_at = Vec::new();
    let mut backward = Vec::new();
    for (index, edge) in sketch.edges.iter().enumerate() {
        let is_backward = rank[edge.from] > rank[edge.to];
        let name = format!("e{index}");
        let found = dagre.edge(&format!("n{}", edge.from), &format!("n{}", edge.to), Some(&name));
        let mut points: Vec<f64> =
            found.map(|edge| edge.points.iter().map(|point| point.x).collect()).unwrap_or_default();
        if is_backward {
            points.reverse();
        }
        let between = if points.len() > 2 { points[1..points.len() - 1].to_vec() } else { Vec::new() };
        bends_at.push(between);
        backward.push(is_backward);
    }
    Told { rank, node_at, frame_at, bends_at, backward }
}

/// How often dagre's own polylines cross, at their best.
#[cfg(test)]
pub fn crossings_of_dagre(sketch: &Sketch) -> usize {
    let mut least = usize::MAX;
    for axis in [Axis::Right, Axis::Down] {
        for &variant in VARIANTS {
            let dagre = run_dagre(sketch, axis, variant);
            let lines: Vec<Vec<dagre::Point>> = dagre
                .edges()
                .iter()
                .filter_map(|e| dagre.edge(&e.v, &e.w, e.name.as_deref()))
                .map(|e| e.points.clone())
                .collect();
            let turn = |a: &dagre::Point, b: &dagre::Point, c: &dagre::Point| {
                ((b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)).signum()
            };
            let mut count = 0;
            for (nth, one) in lines.iter().enumerate() {
                for other in &lines[..nth] {
                    for p in one.windows(2) {
                        for q in other.windows(2) {
                            let apart = turn(&p[0], &p[1], &q[0]) * turn(&p[0], &p[1], &q[1]);
                            let across = turn(&q[0], &q[1], &p[0]) * turn(&q[0], &q[1], &p[1]);
                            count += usize::from(apart < 0.0 && across < 0.0);
                        }
                    }
                }
            }
            least = least.min(count);
        }
    }
    least
}

fn arrange(sketch: &Sketch, axis: Axis, variant: Variant) -> Layered {
    let told = ask_dagre(sketch, axis, variant);
    let mut ranks = told.rank.clone();
    ranks.sort_unstable();
    ranks.dedup();
    let has_labels = sketch.edges.iter().any(|edge| edge.from != edge.to && !edge.label.is_empty());
    // With labels, layers of nodes are the even ones.
    let stride = if has_labels { 2 } else { 1 };
    let layer_of = |rank: i32| ranks.binary_search(&rank).expect("each rank is listed") * stride;

    let mut items: Vec<Item> = (0..sketch.nodes.len())
        .map(|index| Item {
            layer: layer_of(told.rank[index]),
            what: What::Node(index),
            frame: sketch.nodes[index].frame,
            key: told.node_at[index],
        })
        .collect();

    let mut spans = vec![(usize::MAX, 0); sketch.frames.len()];
    for item in &items {
        for frame in sketch.around(item.frame) {
            spans[frame].0 = spans[frame].0.min(item.layer);
            spans[frame].1 = spans[frame].1.max(item.layer);
        }
    }

    let last = ranks.len().saturating_sub(1) * stride;
    let mut label_load = vec![0usize; last + 1];
    let mut chains = vec![Vec::new(); sketch.edges.len()];
    for (index, edge) in sketch.edges.iter().enumerate() {
        if edge.from == edge.to {
            continue;
        }
        let (low, high) = if told.backward[index] { (edge.to, edge.from) } else { (edge.from, edge.to) };
        let (low_layer, high_layer) = (items[low].layer, items[high].layer);
        let labelled = (low_layer + 1..high_layer)
            .filter(|layer| layer % 2 == 1 && !edge.label.is_empty())
            .min_by_key(|&layer| (label_load[layer], layer.abs_diff(items[edge.to].layer)));
        if let Some(layer) = labelled {
            label_load[layer] += 1;
        }
        let mut chain = vec![low];
        for layer in low_layer + 1..high_layer {
            let frame = frame_of_bend(sketch, &spans, low, high, layer);
            let labelled = labelled == Some(layer);
            chain.push(items.len());
            items.push(Item {
                layer,
                what: What::Bend { edge: index, labelled },
                frame,
                key: bend_key(&told, &ranks, index, low, high, layer, stride),
            });
        }
        chain.push(high);
        chains[index] = chain;
    }

    let mut order: Vec<usize> = (0..sketch.frames.len()).collect();
    order.sort_by(|&a, &b| told.frame_at[a].total_cmp(&told.frame_at[b]).then(a.cmp(&b)));
    let mut layers = vec![Vec::new(); last + 1];
    for (layer, entities) in layers.iter_mut().enumerate() {
        let here: Vec<usize> = (0..items.len()).filter(|&item| items[item].layer == layer).collect();
        *entities = group(sketch, &items, &spans, &told, &order, layer, &here, None).0;
    }
    let mut layered = Layered { items, layers, chains, backward: told.backward, spans, crossings: 0 };
    if sketch.nodes.is_empty() {
        layered.layers.clear();
    }
    layered
}

/// The innermost frame that an edge from `low` to `high` passes through in `layer`: it stays in the frames of its low end
/// while they last, then is outside, then in the frames of its high end once they have begun.
fn frame_of_bend(sketch: &Sketch, spans: &[(usize, usize)], low: usize, high: usize, layer: usize) -> Option<usize> {
    let (from, to) = (sketch.nodes[low].frame, sketch.nodes[high].frame);
    let left = sketch.around(from);
    let entered = sketch.around(to);
    left.iter()
        .find(|&&frame| !sketch.within(to, frame) && spans[frame].1 >= layer)
        .or_else(|| entered.iter().find(|&&frame| !sketch.within(from, frame) && spans[frame].0 <= layer))
        .or_else(|| left.iter().find(|&&frame| sketch.within(to, frame)))
        .copied()
}

/// Where dagre ran the edge in this layer; between two layers of nodes, half way.
fn bend_key(told: &Told, ranks: &[i32], edge: usize, low: usize, high: usize, layer: usize, stride: usize) -> f64 {
    let bends = &told.bends_at[edge];
    let at = |rank: i32| {
        let nth = rank - told.rank[low] - 1;
        usize::try_from(nth).ok().and_then(|nth| bends.get(nth)).copied()
    };
    let below = ranks[layer / stride];
    let rank = if layer.is_multiple_of(stride) { below } else { (below + ranks[layer / stride + 1]) / 2 };
    at(rank).unwrap_or((told.node_at[low] + told.node_at[high]) / 2.0)
}

/// The items of one layer as a tree of frames, and the mean of their keys. Sibling frames keep one order in all layers, which
/// is what makes their borders straight.
#[allow(clippy::too_many_arguments)]
fn group(
    sketch: &Sketch,
    items: &[Item],
    spans: &[(usize, usize)],
    told: &Told,
    order: &[usize],
    layer: usize,
    here: &[usize],
    parent: Option<usize>,
) -> (Vec<Entity>, f64) {
    let mut entities: Vec<(f64, Entity)> = Vec::new();
    for &item in here {
        if items[item].frame == parent {
            entities.push((items[item].key, Entity::Item(item)));
        }
    }
    for &frame in order {
        let (first, last) = spans[frame];
        if sketch.frames[frame].parent != parent || layer < first || layer > last {
            continue;
        }
        let inside: Vec<usize> = here.iter().copied().filter(|&item| sketch.within(items[item].frame, frame)).collect();
        let (inner, mean) = group(sketch, items, spans, told, order, layer, &inside, Some(frame));
        let key = if inside.is_empty() { told.frame_at[frame] } else { mean };
        entities.push((key, Entity::Frame(frame, inner)));
    }
    entities.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mean = entities.iter().map(|entity| entity.0).sum::<f64>() / entities.len().max(1) as f64;
    let mut entities: Vec<Entity> = entities.into_iter().map(|entity| entity.1).collect();
    let places: Vec<usize> =
        (0..entities.len()).filter(|&place| matches!(entities[place], Entity::Frame(..))).collect();
    let mut frames: Vec<Entity> = places.iter().map(|&place| entities[place].clone()).collect();
    frames.sort_by_key(|entity| match entity {
        Entity::Frame(frame, _) => order.iter().position(|other| other == frame),
        Entity::Item(_) => None,
    });
    for (place, frame) in places.into_iter().zip(frames) {
        entities[place] = frame;
    }
    (entities, mean)
}
