//! The graph with names resolved to indices, texts cleaned, and every box and label measured.

use std::collections::BTreeMap;

use groundplan_model::units::Share;

use super::text::{clean, fit, width};
use super::{EdgeKind, Graph};

/// Sizes of type, in pixels.
pub const TITLE: f64 = 13.0;
pub const SMALL: f64 = 11.0;
pub const FRAME: f64 = 11.5;
/// Height of a line of small text.
pub const LINE: f64 = 14.0;

/// Room inside a box: at its sides, left of the text (the icon stands there), above the title, below the last line.
pub const SIDE: f64 = 12.0;
pub const INDENT: f64 = 38.0;
pub const TOP: f64 = 9.0;
const FOOT: f64 = 9.0;
const BAR: f64 = 6.0;

/// Narrowest and widest box; all boxes of a picture are equally wide.
const NARROW: f64 = 132.0;
const WIDE: f64 = 192.0;
const LABEL_WIDE: f64 = 130.0;
const LOOP_LABEL_WIDE: f64 = 80.0;

pub struct Sketch {
    pub title: String,
    pub nodes: Vec<Part>,
    pub frames: Vec<Region>,
    pub edges: Vec<Line>,
    /// Edges from a node to itself, as indices into `edges`, by node.
    pub loops: Vec<Vec<usize>>,
}

pub struct Part {
    pub id: String,
    pub title: String,
    pub title_drawn: String,
    pub kind: String,
    pub lines: Vec<String>,
    pub lines_drawn: Vec<String>,
    pub used: Option<Share>,
    pub frame: Option<usize>,
    pub w: f64,
    pub h: f64,
    /// Stands for the nothing in an empty frame.
    pub hidden: bool,
}

pub struct Region {
    pub id: String,
    pub title: String,
    pub parent: Option<usize>,
    pub depth: usize,
}

pub struct Line {
    pub from: usize,
    pub to: usize,
    pub kind: EdgeKind,
    pub label: Vec<String>,
    pub full: Vec<String>,
    pub label_w: f64,
}

impl Sketch {
    pub fn of(graph: &Graph) -> Sketch {
        let frames = regions(graph);
        let frame_ids = first_of_each(graph.frames.iter().map(|frame| frame.id.as_str()));
        let node_ids = first_of_each(graph.nodes.iter().map(|node| node.id.as_str()));
        let mut nodes: Vec<Part> = graph
            .nodes
            .iter()
            .map(|node| {
                let lines: Vec<String> =
                    node.lines.iter().map(|line| clean(line)).filter(|line| !line.is_empty()).collect();
                let title = match clean(&node.title) {
                    title if title.is_empty() => clean(&node.id),
                    title => title,
                };
                Part {
                    id: clean(&node.id),
                    title,
                    title_drawn: String::new(),
                    kind: clean(&node.kind),
                    lines,
                    lines_drawn: Vec::new(),
                    used: node.used.filter(|used| used.0.is_finite()).map(|used| Share(used.0.clamp(0.0, 1.0))),
                    frame: node.frame.as_deref().and_then(|id| frame_ids.get(id).copied()),
                    w: 0.0,
                    h: 0.0,
                    hidden: false,
                }
            })
            .collect();
        measure(&mut nodes);
        fill_empty(&frames, &mut nodes);
        let mut loops = vec![Vec::new(); nodes.len()];
        let mut edges = Vec::new();
        for edge in &graph.edges {
            let (Some(&from), Some(&to)) = (node_ids.get(edge.from.as_str()), node_ids.get(edge.to.as_str())) else {
                continue;
            };
            if from == to {
                loops[from].push(edges.len());
            }
            let full: Vec<String> = edge.label.iter().map(|line| clean(line)).filter(|line| !line.is_empty()).collect();
            let room = if from == to { LOOP_LABEL_WIDE } else { LABEL_WIDE };
            let label: Vec<String> = full.iter().take(4).map(|line| fit(line, SMALL, false, room)).collect();
            let label_w = label.iter().map(|line| width(line, SMALL, false)).fold(0.0, f64::max).ceil();
            edges.push(Line { from, to, kind: edge.kind, label, full, label_w });
        }
        Sketch { title: clean(&graph.title), nodes, frames, edges, loops }
    }

    /// Whether frame `inner` is `outer` or stands in it.
    pub fn within(&self, mut inner: Option<usize>, outer: usize) -> bool {
        while let Some(frame) = inner {
            if frame == outer {
                return true;
            }
            inner = self.frames[frame].parent;
        }
        false
    }

    /// `frame` and all frames around it, innermost first.
    pub fn around(&self, mut frame: Option<usize>) -> Vec<usize> {
        let mut around = Vec::new();
        while let Some(index) = frame {
            around.push(index);
            frame = self.frames[index].parent;
        }
        around
    }
}

fn first_of_each<'a>(ids: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, usize> {
    let mut first = BTreeMap::new();
    for (index, id) in ids.enumerate() {
        first.entry(id).or_insert(index);
    }
    first
}

/// Frames with their parents; a parent that would close a ring is dropped.
fn regions(graph: &Graph) -> Vec<Region> {
    let ids = first_of_each(graph.frames.iter().map(|frame| frame.id.as_str()));
    let mut parents: Vec<Option<usize>> = vec![None; graph.frames.len()];
    for (index, frame) in graph.frames.iter().enumerate() {
        let Some(&parent) = frame.parent.as_deref().and_then(|id| ids.get(id)) else { continue };
        let mut above = Some(parent);
        while let Some(frame) = above {
            if frame == index {
                break;
            }
            above = parents[frame];
        }
        if above.is_none() {
            parents[index] = Some(parent);
        }
    }
    graph
        .frames
        .iter()
        .enumerate()
        .map(|(index, frame)| {
            let mut depth = 0;
            let mut above = parents[index];
            while let Some(frame) = above {
                depth += 1;
                above = parents[frame];
            }
            let title = match clean(&frame.title) {
                title if title.is_empty() => clean(&frame.id),
                title => title,
            };
            Region { id: clean(&frame.id), title, parent: parents[index], depth }
        })
        .collect()
}

fn measure(nodes: &mut [Part]) {
    let needed = nodes.iter().map(|node| {
        let lines = node.lines.iter().chain([&node.kind]).map(|line| width(line, SMALL, false));
        lines.fold(width(&node.title, TITLE, true), f64::max) + INDENT + SIDE
    });
    let wide = (needed.fold(NARROW, f64::max) / 4.0).ceil() * 4.0;
    let wide = wide.min(WIDE);
    let room = wide - INDENT - SIDE;
    for node in nodes {
        node.w = wide;
        node.title_drawn = fit(&node.title, TITLE, true, room);
        let kind = Some(&node.kind).filter(|kind| !kind.is_empty());
        node.lines_drawn =
            kind.into_iter().chain(node.lines.iter().take(6)).map(|line| fit(line, SMALL, false, room)).collect();
        let bar = if node.used.is_some() { BAR } else { 0.0 };
        node.h = TOP + 17.0 + LINE * node.lines_drawn.len() as f64 + bar + FOOT - 2.0;
    }
}

/// Gives each frame without a node an unseen one, so that it has a place.
fn fill_empty(frames: &[Region], nodes: &mut Vec<Part>) {
    let mut full = vec![false; frames.len()];
    for node in nodes.iter() {
        let mut frame = node.frame;
        while let Some(index) = frame {
            full[index] = true;
            frame = frames[index].parent;
        }
    }
    for (index, region) in frames.iter().enumerate() {
        let is_outer = frames.iter().any(|frame| frame.parent == Some(index));
        if full[index] || is_outer {
            continue;
        }
        nodes.push(Part {
            id: String::new(),
            title: String::new(),
            title_drawn: String::new(),
            kind: String::new(),
            lines: Vec::new(),
            lines_drawn: Vec::new(),
            used: None,
            frame: Some(index),
            w: (width(&region.title, FRAME, true) + 8.0).clamp(NARROW, WIDE),
            h: 24.0,
            hidden: true,
        });
    }
}
