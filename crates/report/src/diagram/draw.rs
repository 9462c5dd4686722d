//! What a laid diagram looks like: rectangles, paths and text with their paints, in groups that belong together.
//!
//! The one description of the picture, for SVG and PDF alike. Paints are names; [`Paint::light`] and [`Paint::dark`] give their
//! colours.

use super::icons::{self, Tint};
use super::sketch::{FRAME, INDENT, LINE, SIDE, SMALL, TITLE, TOP};
use super::text::width;
use super::{EdgeKind, Laid, LaidBox, LaidEdge, LaidFrame, Point, Rect};

/// A colour by its role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Paint {
    Paper,
    Ink,
    Muted,
    Box,
    BoxLine,
    FrameOuter,
    FrameInner,
    FrameLine,
    Call,
    Event,
    Replication,
    Entry,
    Compute,
    Data,
    Messaging,
    Outside,
    Rail,
    Calm,
    Busy,
    Hot,
}

impl Paint {
    /// Every paint with its name in style sheets and its colours, light and dark.
    pub const ALL: [(Paint, &'static str, u32, u32); 20] = [
        (Paint::Paper, "paper", 0xffffff, 0x14181d),
        (Paint::Ink, "ink", 0x1c2630, 0xe6ebf0),
        (Paint::Muted, "muted", 0x55626f, 0xa3afbb),
        (Paint::Box, "box", 0xffffff, 0x1f262e),
        (Paint::BoxLine, "box-line", 0xbcc6d0, 0x44505c),
        (Paint::FrameOuter, "frame-outer", 0xf5f7f9, 0x181d23),
        (Paint::FrameInner, "frame-inner", 0xedf1f5, 0x1b222a),
        (Paint::FrameLine, "frame-line", 0xcfd7df, 0x36414c),
        (Paint::Call, "call", 0x3d5a80, 0x8fb1dc),
        (Paint::Event, "event", 0x97500f, 0xe5a05c),
        (Paint::Replication, "replication", 0x7a4f9e, 0xc39be6),
        (Paint::Entry, "entry", 0x3d5a80, 0x8fb1dc),
        (Paint::Compute, "compute", 0x2a7a6b, 0x69bfae),
        (Paint::Data, "data", 0x7a4f9e, 0xc39be6),
        (Paint::Messaging, "messaging", 0x97500f, 0xe5a05c),
        (Paint::Outside, "outside", 0x5f6a76, 0x98a4b0),
        (Paint::Rail, "rail", 0xe3e8ed, 0x333d47),
        (Paint::Calm, "calm", 0x5aa596, 0x4f9c8c),
        (Paint::Busy, "busy", 0xd9992b, 0xd9a343),
        (Paint::Hot, "hot", 0xc8443a, 0xe06a5f),
    ];

    fn row(self) -> (Paint, &'static str, u32, u32) {
        Paint::ALL[self as usize]
    }

    /// Its name in style sheets.
    pub fn name(self) -> &'static str {
        self.row().1
    }

    /// Red, green and blue on white paper.
    pub fn light(self) -> [u8; 3] {
        rgb(self.row().2)
    }

    /// Red, green and blue on a dark screen.
    pub fn dark(self) -> [u8; 3] {
        rgb(self.row().3)
    }
}

fn rgb(colour: u32) -> [u8; 3] {
    let [_, r, g, b] = colour.to_be_bytes();
    [r, g, b]
}

/// How a line is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stroke {
    /// Its colour.
    pub paint: Paint,
    /// Its width, in pixels.
    pub width: f64,
    /// Lengths drawn and left out in turn; empty for a solid line. Ends are round.
    pub dash: &'static [f64],
}

/// A step of a path; the first moves.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Step {
    Move(Point),
    Line(Point),
    /// Two control points and the end.
    Curve(Point, Point, Point),
    Close,
}

/// Lines and curves.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Path(pub Vec<Step>);

/// Which point of a text its `x` is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Align {
    Start,
    Middle,
}

/// Something to draw; later ones lie upon earlier ones.
#[derive(Clone, Debug, PartialEq)]
pub enum Primitive {
    /// A rectangle with rounded corners.
    Rect {
        /// Where.
        rect: Rect,
        /// Radius of its corners.
        radius: f64,
        /// What fills it.
        fill: Option<Paint>,
        /// What borders it.
        stroke: Option<Stroke>,
    },
    /// A path.
    Path {
        /// Where.
        path: Path,
        /// What fills it.
        fill: Option<Paint>,
        /// What runs along it.
        stroke: Option<Stroke>,
    },
    /// A line of text, cut to its room already.
    Text {
        /// On the base line.
        at: Point,
        /// Which point of the text that is.
        align: Align,
        /// Size of type, in pixels.
        size: f64,
        /// Medium weight, where there is one.
        strong: bool,
        /// Its colour.
        paint: Paint,
        /// What it says, not escaped.
        text: String,
    },
}

/// Primitives that make one thing: a frame, an edge, a box, the legend.
#[derive(Clone, Debug)]
pub struct Group {
    /// `frame`, `edge`, `node` or `legend`.
    pub role: &'static str,
    /// What tells it from its like: the id of a node or frame, `from-to` for an edge.
    pub name: String,
    /// All that was said of it, in full.
    pub title: String,
    /// From back to front.
    pub primitives: Vec<Primitive>,
}

/// Everything to be drawn, from back to front.
pub fn primitives(laid: &Laid) -> Vec<Primitive> {
    groups(laid).into_iter().flat_map(|group| group.primitives).collect()
}

/// Everything to be drawn, thing by thing, from back to front.
pub fn groups(laid: &Laid) -> Vec<Group> {
    let mut frames: Vec<&LaidFrame> = laid.frames.iter().collect();
    frames.sort_by_key(|frame| frame.depth);
    let mut groups: Vec<Group> = frames.into_iter().map(frame).collect();
    groups.extend(laid.edges.iter().map(|edge| self::edge(laid, edge)));
    groups.extend(laid.boxes.iter().map(node));
    let legend = legend(laid, laid.legend_y);
    if !legend.primitives.is_empty() {
        groups.push(legend);
    }
    groups
}

/// Settles the size of the picture: all that is laid, a margin, the legend.
pub fn close(laid: &mut Laid, margin: f64) {
    let mut corner = Point { x: 0.0, y: 0.0 };
    let mut reach = |rect: Rect| {
        corner.x = corner.x.max(rect.x + rect.w);
        corner.y = corner.y.max(rect.y + rect.h);
    };
    laid.boxes.iter().for_each(|part| reach(part.rect));
    laid.frames.iter().for_each(|frame| reach(frame.rect));
    for edge in &laid.edges {
        edge.points.iter().for_each(|point| reach(Rect { x: point.x, y: point.y, w: 2.0, h: 2.0 }));
        edge.label.iter().flat_map(|label| &label.lines).for_each(|line| reach(line.0));
    }
    laid.width = (corner.x + margin).ceil().max(320.0);
    laid.legend_y = (corner.y + margin).ceil();
    let legend = legend(laid, laid.legend_y);
    let bottom = legend.primitives.iter().filter_map(|primitive| match primitive {
        Primitive::Text { at, .. } => Some(at.y),
        _ => None,
    });
    laid.height = bottom.fold(laid.legend_y, |low, y| low.max(y + 4.0 + margin)).ceil();
}

fn text(x: f64, y: f64, size: f64, strong: bool, paint: Paint, text: &str) -> Primitive {
    Primitive::Text { at: Point { x, y }, align: Align::Start, size, strong, paint, text: text.to_string() }
}

fn frame(frame: &LaidFrame) -> Group {
    let fill = if frame.depth.is_multiple_of(2) { Paint::FrameOuter } else { Paint::FrameInner };
    let stroke = Stroke { paint: Paint::FrameLine, width: 1.0, dash: &[] };
    let at = frame.title_rect;
    Group {
        role: "frame",
        name: frame.id.clone(),
        title: frame.title.clone(),
        primitives: vec![
            Primitive::Rect { rect: frame.rect, radius: 10.0, fill: Some(fill), stroke: Some(stroke) },
            text(at.x, at.y + 12.0, FRAME, true, Paint::Muted, &frame.title_drawn),
        ],
    }
}

fn edge_stroke(kind: EdgeKind) -> Stroke {
    match kind {
        EdgeKind::Call => Stroke { paint: Paint::Call, width: 1.4, dash: &[] },
        EdgeKind::Event => Stroke { paint: Paint::Event, width: 1.5, dash: &[6.0, 4.0] },
        EdgeKind::Replication => Stroke { paint: Paint::Replication, width: 1.8, dash: &[0.1, 4.2] },
    }
}

/// Length of an arrow head and half its width.
const HEAD: (f64, f64) = (8.0, 3.6);

fn edge(laid: &Laid, edge: &LaidEdge) -> Group {
    let stroke = edge_stroke(edge.kind);
    let mut primitives = run(&edge.points, stroke);
    if let Some(label) = &edge.label {
        for (rect, line) in &label.lines {
            primitives.push(Primitive::Text {
                at: Point { x: if label.centred { rect.x + rect.w / 2.0 } else { rect.x }, y: rect.y + 10.5 },
                align: if label.centred { Align::Middle } else { Align::Start },
                size: SMALL,
                strong: false,
                paint: stroke.paint,
                text: line.clone(),
            });
        }
    }
    let (from, to) = (&laid.boxes[edge.from], &laid.boxes[edge.to]);
    let mut title = format!("{} \u{2192} {} ({})", from.title, to.title, edge.kind.word());
    for line in edge.label.iter().flat_map(|label| &label.full) {
        title.push('\n');
        title.push_str(line);
    }
    Group { role: "edge", name: format!("{}-{}", from.id, to.id), title, primitives }
}

/// A line with rounded corners and an arrow head at its end.
fn run(points: &[Point], stroke: Stroke) -> Vec<Primitive> {
    let [.., before, tip] = points else { return Vec::new() };
    let (dx, dy) = ((tip.x - before.x).signum(), (tip.y - before.y).signum());
    let (dx, dy) = if before.x == tip.x { (0.0, dy) } else { (dx, 0.0) };
    let back = |far: f64, aside: f64| Point { x: tip.x - dx * far - dy * aside, y: tip.y - dy * far + dx * aside };
    let mut line = points.to_vec();
    if let Some(last) = line.last_mut() {
        *last = back(HEAD.0 - 2.0, 0.0);
    }
    let head = Path(vec![
        Step::Move(*tip),
        Step::Line(back(HEAD.0, HEAD.1)),
        Step::Line(back(HEAD.0 - 1.8, 0.0)),
        Step::Line(back(HEAD.0, -HEAD.1)),
        Step::Close,
    ]);
    vec![
        Primitive::Path { path: rounded(&line), fill: None, stroke: Some(stroke) },
        Primitive::Path { path: head, fill: Some(stroke.paint), stroke: None },
    ]
}

/// Radius of the corners of an edge, where its steps are long enough.
const CORNER: f64 = 7.0;
/// Distance of control points that makes a curve a quarter of a circle, for a radius of 1.
const QUARTER: f64 = 0.5523;

fn rounded(points: &[Point]) -> Path {
    let toward = |from: Point, to: Point, by: f64| {
        let length = (to.x - from.x).abs() + (to.y - from.y).abs();
        if length == 0.0 {
            return from;
        }
        Point { x: from.x + (to.x - from.x) * by / length, y: from.y + (to.y - from.y) * by / length }
    };
    let distance = |a: Point, b: Point| (a.x - b.x).abs() + (a.y - b.y).abs();
    let mut steps = Vec::new();
    for (nth, &point) in points.iter().enumerate() {
        if nth == 0 {
            steps.push(Step::Move(point));
        } else if nth + 1 == points.len() {
            steps.push(Step::Line(point));
        } else {
            let (before, after) = (points[nth - 1], points[nth + 1]);
            let radius = CORNER.min(distance(before, point) / 2.0).min(distance(point, after) / 2.0);
            let (start, end) = (toward(point, before, radius), toward(point, after, radius));
            let pull = radius * (1.0 - QUARTER);
            steps.push(Step::Line(start));
            steps.push(Step::Curve(toward(point, before, pull), toward(point, after, pull), end));
        }
    }
    Path(steps)
}

fn node(part: &LaidBox) -> Group {
    let rect = part.rect;
    let icon = icons::of(&part.kind);
    let tint = tint(icon.tint);
    let dash: &'static [f64] = if icon.tint == Tint::Outside { &[4.0, 3.5] } else { &[] };
    let border = Stroke { paint: Paint::BoxLine, width: 1.1, dash };
    let mut primitives = vec![Primitive::Rect { rect, radius: 7.0, fill: Some(Paint::Box), stroke: Some(border) }];
    let block = TOP + 17.0 + LINE * part.lines_drawn.len() as f64 + if part.used.is_some() { 6.0 } else { 0.0 } + 7.0;
    // A box that is tall for its many ports holds its text in the middle.
    let top = rect.y + (rect.h - block).max(0.0) / 2.0;
    primitives.extend(icons::draw(icon, Point { x: rect.x + SIDE - 1.0, y: top + TOP - 1.0 }, tint));
    primitives.push(text(rect.x + INDENT, top + TOP + 12.0, TITLE, true, Paint::Ink, &part.title_drawn));
    for (nth, line) in part.lines_drawn.iter().enumerate() {
        let y = top + TOP + 17.0 + LINE * nth as f64 + 10.5;
        let paint = if nth == 0 && !part.kind.is_empty() { tint } else { Paint::Muted };
        primitives.push(text(rect.x + INDENT, y, SMALL, false, paint, line));
    }
    if let Some(used) = part.used {
        let rail = Rect { x: rect.x + SIDE, y: rect.y + rect.h - 9.0, w: rect.w - 2.0 * SIDE, h: 3.0 };
        let filled = Rect { w: (rail.w * used.0).max(3.0), ..rail };
        primitives.push(Primitive::Rect { rect: rail, radius: 1.5, fill: Some(Paint::Rail), stroke: None });
        primitives.push(Primitive::Rect { rect: filled, radius: 1.5, fill: Some(heat(used.0)), stroke: None });
    }
    let mut title = format!("{} ({})", part.title, part.kind);
    for line in &part.lines {
        title.push('\n');
        title.push_str(line);
    }
    Group { role: "node", name: part.id.clone(), title, primitives }
}

fn tint(tint: Tint) -> Paint {
    match tint {
        Tint::Entry => Paint::Entry,
        Tint::Compute => Paint::Compute,
        Tint::Data => Paint::Data,
        Tint::Messaging => Paint::Messaging,
        Tint::Outside => Paint::Outside,
    }
}

/// Shares from which a part counts as busy and as hot.
const BUSY: f64 = 0.6;
const HOT: f64 = 0.8;

fn heat(used: f64) -> Paint {
    match used {
        used if used < BUSY => Paint::Calm,
        used if used < HOT => Paint::Busy,
        _ => Paint::Hot,
    }
}

/// One sample for each kind of edge and each heat that the picture shows.
fn legend(laid: &Laid, top: f64) -> Group {
    let mut primitives = Vec::new();
    let (mut x, mut y) = (16.0, top + 6.0);
    let mut entry = |sample: f64, word: &str, draw: &dyn Fn(f64, f64) -> Vec<Primitive>| {
        let w = sample + 8.0 + width(word, SMALL, false) + 22.0;
        if x > 16.0 && x + w > laid.width {
            (x, y) = (16.0, y + 18.0);
        }
        primitives.extend(draw(x, y));
        primitives.push(text(x + sample + 8.0, y + 4.0, SMALL, false, Paint::Muted, word));
        x += w;
    };
    for kind in EdgeKind::ALL {
        if laid.edges.iter().any(|edge| edge.kind == kind) {
            entry(36.0, kind.word(), &|x, y| run(&[Point { x, y }, Point { x: x + 36.0, y }], edge_stroke(kind)));
        }
    }
    for (paint, word) in [(Paint::Calm, "use below 60%"), (Paint::Busy, "60% to 80%"), (Paint::Hot, "80% and more")] {
        if laid.boxes.iter().any(|part| part.used.is_some_and(|used| heat(used.0) == paint)) {
            entry(20.0, word, &|x, y| {
                let rect = Rect { x, y: y - 1.5, w: 20.0, h: 3.0 };
                vec![Primitive::Rect { rect, radius: 1.5, fill: Some(paint), stroke: None }]
            });
        }
    }
    Group { role: "legend", name: String::new(), title: "legend".into(), primitives }
}
