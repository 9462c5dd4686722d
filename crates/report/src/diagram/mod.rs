//! Diagrams: boxes in nested frames, joined by edges of three kinds, laid out without a hand on them.
//!
//! ```
//! use groundplan_report::diagram::{Graph, Node, Edge, EdgeKind, Ground, lay_out, svg};
//! let graph = Graph {
//!     title: "Two parts".into(),
//!     nodes: vec![Node::new("shop", "shop", "service"), Node::new("orders", "orders", "database")],
//!     frames: vec![],
//!     edges: vec![Edge::new("shop", "orders", EdgeKind::Call, ["30/s", "p99 12ms"])],
//! };
//! let picture = svg(&lay_out(&graph), "shop", Ground::Page);
//! assert!(picture.starts_with("<svg") && picture.contains("p99 12ms"));
//! ```
//!
//! The way: `sketch` resolves and measures, `layers` asks dagre for ranks and order, `order` takes
//! crossings out, `place` gives every part its place across
//! the layers, `route` runs the edges in the channels between them, `draw` turns the outcome into rectangles, paths and
//! text, `svg` writes those down. The PDF takes the same [`primitives`].
//!
//! Left out: edges that end at a frame, hand-set positions, text that wraps, right-to-left text. An edge whose end no node
//! carries is not drawn; of two nodes with one id the first gets the edges.

mod draw;
mod icons;
mod layers;
mod order;
mod place;
mod route;
mod simplex;
mod sketch;
mod svg;
mod text;

#[cfg(test)]
mod looks;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;

use groundplan_model::units::Share;

pub use draw::{Align, Group, Paint, Path, Primitive, Step, Stroke, groups, primitives};
pub use svg::{Ground, svg};
pub use text::width as text_width;

/// What is to be drawn.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// Read aloud in place of the picture; not drawn.
    pub title: String,
    /// The boxes, in the order that breaks ties.
    pub nodes: Vec<Node>,
    /// The frames around them. One without nodes is drawn empty.
    pub frames: Vec<Frame>,
    /// The lines between boxes.
    pub edges: Vec<Edge>,
}

/// A box.
#[derive(Clone, Debug, Default)]
pub struct Node {
    /// What edges name it by.
    pub id: String,
    /// Its name, as people read it.
    pub title: String,
    /// Its kind in one word or two: `service`, `database`, `load source`; decides its icon and tint.
    pub kind: String,
    /// Annotations below the kind: `6 x 8 vCPU`, `use 61%`. The first six are drawn.
    pub lines: Vec<String>,
    /// How much of it is in use; drawn as a bar along the foot of the box.
    pub used: Option<Share>,
    /// Id of the frame it stands in.
    pub frame: Option<String>,
}

/// A region, a zone, a team: a frame around nodes and other frames.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    /// What nodes and frames name it by.
    pub id: String,
    /// Its name, as people read it.
    pub title: String,
    /// Id of the frame it stands in.
    pub parent: Option<String>,
}

/// A line from one box to another.
#[derive(Clone, Debug)]
pub struct Edge {
    /// Id of the node it leaves.
    pub from: String,
    /// Id of the node its arrow points at.
    pub to: String,
    /// How it is drawn.
    pub kind: EdgeKind,
    /// Annotations: `930/s`, `p99 12ms`. The first four are drawn.
    pub label: Vec<String>,
}

/// What runs along an edge; each has a colour and a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EdgeKind {
    /// Someone waits for the answer. Solid.
    Call,
    /// Nobody waits. Dashed.
    Event,
    /// A copy follows its original. Dotted.
    Replication,
}

impl EdgeKind {
    /// Every kind, in the order of the legend.
    pub const ALL: [EdgeKind; 3] = [EdgeKind::Call, EdgeKind::Event, EdgeKind::Replication];

    /// The word in the legend.
    pub fn word(self) -> &'static str {
        match self {
            EdgeKind::Call => "call",
            EdgeKind::Event => "event",
            EdgeKind::Replication => "replication",
        }
    }
}

impl Node {
    /// A node without annotations, outside every frame.
    pub fn new(id: impl Into<String>, title: impl Into<String>, kind: impl Into<String>) -> Node {
        Node { id: id.into(), title: title.into(), kind: kind.into(), ..Node::default() }
    }
}

impl Edge {
    /// An edge with its annotations.
    pub fn new<S: Into<String>>(
        from: impl Into<String>,
        to: impl Into<String>,
        kind: EdgeKind,
        label: impl IntoIterator<Item = S>,
    ) -> Edge {
        Edge { from: from.into(), to: to.into(), kind, label: label.into_iter().map(Into::into).collect() }
    }
}

/// A point of the picture, in pixels from its top left corner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// To the right.
    pub x: f64,
    /// Down.
    pub y: f64,
}

/// A rectangle of the picture, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Rect {
    /// Left side.
    pub x: f64,
    /// Top side.
    pub y: f64,
    /// Width.
    pub w: f64,
    /// Height.
    pub h: f64,
}

impl Rect {
    /// Whether the two share more than a border.
    pub fn overlaps(&self, other: &Rect) -> bool {
        self.x < other.x + other.w
            && other.x < self.x + self.w
            && self.y < other.y + other.h
            && other.y < self.y + self.h
    }

    /// Whether `other` lies inside, borders included.
    pub fn holds(&self, other: &Rect) -> bool {
        self.x <= other.x
            && self.y <= other.y
            && other.x + other.w <= self.x + self.w
            && other.y + other.h <= self.y + self.h
    }
}

/// A graph with everything in its place. Texts are cleaned and cut to their room.
#[derive(Clone, Debug)]
pub struct Laid {
    /// The title of the graph.
    pub title: String,
    /// Width of the whole picture, in pixels.
    pub width: f64,
    /// Height of the whole picture, legend included, in pixels.
    pub height: f64,
    /// Where the legend begins, in pixels from the top.
    pub legend_y: f64,
    /// One for each node, in their order.
    pub boxes: Vec<LaidBox>,
    /// One for each frame, in their order.
    pub frames: Vec<LaidFrame>,
    /// One for each edge that has both its ends, in their order.
    pub edges: Vec<LaidEdge>,
}

/// A box in its place.
#[derive(Clone, Debug)]
pub struct LaidBox {
    /// Id of the node.
    pub id: String,
    /// Where it stands.
    pub rect: Rect,
    /// Its name in full.
    pub title: String,
    /// Its name as drawn.
    pub title_drawn: String,
    /// Its kind in full.
    pub kind: String,
    /// Its annotations in full.
    pub lines: Vec<String>,
    /// Kind and annotations as drawn.
    pub lines_drawn: Vec<String>,
    /// How much of it is in use, within 0 and 1.
    pub used: Option<Share>,
}

/// A frame in its place.
#[derive(Clone, Debug)]
pub struct LaidFrame {
    /// Id of the frame.
    pub id: String,
    /// Where it stands.
    pub rect: Rect,
    /// How many frames stand around it.
    pub depth: usize,
    /// Its name in full.
    pub title: String,
    /// Its name as drawn.
    pub title_drawn: String,
    /// Where its name stands.
    pub title_rect: Rect,
}

/// An edge on its way.
#[derive(Clone, Debug)]
pub struct LaidEdge {
    /// Index of the node it leaves.
    pub from: usize,
    /// Index of the node it ends at.
    pub to: usize,
    /// How it is drawn.
    pub kind: EdgeKind,
    /// From the side of one box to the side of the other; every step runs along one axis.
    pub points: Vec<Point>,
    /// Its annotations, if it has any.
    pub label: Option<LaidLabel>,
}

/// The annotations of an edge in their place.
#[derive(Clone, Debug)]
pub struct LaidLabel {
    /// Lines as drawn, each with the rectangle it fills.
    pub lines: Vec<(Rect, String)>,
    /// Lines in full.
    pub full: Vec<String>,
    /// Whether the lines are centred on their rectangles (else they begin at the left side).
    pub centred: bool,
}

impl Laid {
    /// How often two edges cross.
    pub fn crossings(&self) -> usize {
        route::crossings(&self.edges)
    }
}

/// Finds a place for everything. Never fails: any graph has a picture, the empty one too.
///
/// Several arrangements are tried (rightwards, downwards, dagre's variants) and the calmest is kept: few crossings, few bends, near
/// the shape of a page. Same graph, same picture.
pub fn lay_out(graph: &Graph) -> Laid {
    let sketch = sketch::Sketch::of(graph);
    let mut best: Option<(f64, Laid)> = None;
    for axis in [place::Axis::Right, place::Axis::Down] {
        for layered in layers::arrangements(&sketch, axis) {
            let laid = route::route(&sketch, &layered, axis);
            let unrest = route::unrest(&laid);
            if best.as_ref().is_none_or(|(least, _)| unrest < *least) {
                best = Some((unrest, laid));
            }
        }
    }
    best.expect("each axis has an arrangement, even of nothing").1
}
