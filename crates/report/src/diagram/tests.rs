//! Geometry: what may not touch does not, on hand-made graphs and on random ones.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

/// Everything wrong with a picture.
fn faults(laid: &Laid) -> Vec<String> {
    let mut faults = Vec::new();
    let paper = Rect { x: 0.0, y: 0.0, w: laid.width, h: laid.height };
    let mut solid: Vec<(String, Rect)> = Vec::new();
    for (nth, part) in laid.boxes.iter().enumerate() {
        solid.push((format!("box {nth}"), part.rect));
    }
    for (nth, edge) in laid.edges.iter().enumerate() {
        for (rect, line) in edge.label.iter().flat_map(|label| &label.lines) {
            solid.push((format!("label {line} of edge {nth}"), *rect));
        }
    }
    for (nth, frame) in laid.frames.iter().enumerate() {
        solid.push((format!("title of frame {nth}"), frame.title_rect));
        if !frame.rect.holds(&frame.title_rect) {
            faults.push(format!("title of frame {nth} leaves its frame"));
        }
    }
    for (nth, (name, rect)) in solid.iter().enumerate() {
        if !paper.holds(rect) {
            faults.push(format!("{name} leaves the paper"));
        }
        for (other, other_rect) in &solid[..nth] {
            if rect.overlaps(other_rect) {
                faults.push(format!("{name} lies on {other}"));
            }
        }
    }
    for (nth, frame) in laid.frames.iter().enumerate() {
        for (other_nth, other) in laid.frames.iter().enumerate().skip(nth + 1) {
            let apart = !frame.rect.overlaps(&other.rect);
            if !apart && !frame.rect.holds(&other.rect) && !other.rect.holds(&frame.rect) {
                faults.push(format!("frames {nth} and {other_nth} overlap"));
            }
        }
        for (name, rect) in &solid {
            let apart = !frame.rect.overlaps(rect);
            if !apart && !frame.rect.holds(rect) {
                faults.push(format!("{name} lies on the border of frame {nth}"));
            }
        }
    }
    faults.extend(faults_of_edges(laid, &solid));
    faults
}

fn faults_of_edges(laid: &Laid, solid: &[(String, Rect)]) -> Vec<String> {
    let mut faults = Vec::new();
    let stretches: Vec<(usize, Point, Point)> = laid
        .edges
        .iter()
        .enumerate()
        .flat_map(|(nth, edge)| edge.points.windows(2).map(move |pair| (nth, pair[0], pair[1])))
        .collect();
    let rect_of =
        |a: Point, b: Point| Rect { x: a.x.min(b.x), y: a.y.min(b.y), w: (a.x - b.x).abs(), h: (a.y - b.y).abs() };
    for &(nth, a, b) in &stretches {
        if a.x != b.x && a.y != b.y {
            faults.push(format!("edge {nth} runs aslant"));
        }
        // Ends touch their boxes, so that a stretch may share a border with a box but nothing inside.
        for (name, rect) in solid {
            if rect_of(a, b).overlaps(rect) {
                faults.push(format!("edge {nth} runs through {name}"));
            }
        }
    }
    for (i, &(nth, a, b)) in stretches.iter().enumerate() {
        for &(other, c, d) in &stretches[..i] {
            if nth == other {
                continue;
            }
            let (one, two) = (rect_of(a, b), rect_of(c, d));
            let upright = a.x == b.x && c.x == d.x && (a.x - c.x).abs() < 3.0;
            let level = a.y == b.y && c.y == d.y && (a.y - c.y).abs() < 3.0;
            let share_y = one.y + 1.0 < two.y + two.h && two.y + 1.0 < one.y + one.h;
            let share_x = one.x + 1.0 < two.x + two.w && two.x + 1.0 < one.x + one.w;
            if (upright && share_y) || (level && share_x) {
                faults.push(format!("edges {nth} and {other} run upon each other: {a:?}-{b:?} and {c:?}-{d:?}"));
            }
        }
    }
    for (nth, edge) in laid.edges.iter().enumerate() {
        let touches = |part: &LaidBox, point: Point| part.rect.holds(&Rect { x: point.x, y: point.y, w: 0.0, h: 0.0 });
        let (first, last) = (edge.points[0], edge.points[edge.points.len() - 1]);
        if !touches(&laid.boxes[edge.from], first) || !touches(&laid.boxes[edge.to], last) {
            faults.push(format!("edge {nth} doesn't reach its boxes"));
        }
    }
    faults
}

fn check(graph: &Graph) -> Laid {
    let laid = lay_out(graph);
    let faults = faults(&laid);
    assert!(faults.is_empty(), "{faults:#?}\n{graph:#?}");
    assert_eq!(laid.boxes.len(), graph.nodes.len());
    laid
}

#[test]
fn nothing_is_drawn_of_nothing() {
    let laid = check(&Graph::default());
    assert!(primitives(&laid).is_empty());
    assert!(svg(&laid, "", Ground::File).ends_with("</svg>\n"));
}

#[test]
fn samples_have_no_faults() {
    for graph in
        [samples::one(), samples::five(), samples::shop(), samples::sixteen(), samples::forty(), samples::odd()]
    {
        check(&graph);
    }
}

#[test]
fn the_sample_of_sixteen_is_what_it_says() {
    let graph = samples::sixteen();
    let labels = graph.edges.iter().filter(|edge| !edge.label.is_empty()).count();
    let nested = graph.frames.iter().filter(|frame| frame.parent.is_some()).count();
    assert_eq!((graph.nodes.len(), graph.frames.len(), nested, graph.edges.len(), labels), (16, 5, 2, 20, 7));
}

/// The router must not lose to the polylines of the layout it stands on. Beside them what ELK made of the same graphs (elkjs 0.12.1,
/// layered, orthogonal, hierarchy included): it wins on the second last, by stretching it over more layers.
#[test]
fn no_more_crossings_than_dagre() {
    for (graph, elk, lost_to_elk) in
        [(samples::five(), 0, 0), (samples::shop(), 0, 0), (samples::sixteen(), 5, 2), (samples::forty(), 15, 0)]
    {
        let dagre = layers::crossings_of_dagre(&sketch::Sketch::of(&graph));
        let ours = lay_out(&graph).crossings();
        assert!(ours <= dagre, "{}: {ours} against dagre's {dagre}", graph.title);
        assert!(ours <= elk + lost_to_elk, "{}: {ours} against ELK's {elk}", graph.title);
    }
}

#[test]
fn a_large_graph_has_no_faults() {
    let node =
        |nth: usize| Node { frame: Some(format!("f{}", nth % 3)), ..Node::new(format!("n{nth}"), "part", "service") };
    let edge = |nth: usize| {
        let (from, to) = (format!("n{}", nth * 7 % 100), format!("n{}", (nth * 13 + 5) % 100));
        Edge::new(from, to, EdgeKind::ALL[nth % 3], ["10/s"])
    };
    let frame = |nth: usize| Frame { id: format!("f{nth}"), title: format!("region {nth}"), parent: None };
    check(&Graph {
        title: "large".into(),
        nodes: (0..100).map(node).collect(),
        frames: (0..3).map(frame).collect(),
        edges: (0..130).map(edge).collect(),
    });
}

#[test]
fn same_graph_same_bytes() {
    let graph = samples::sixteen();
    let once = svg(&lay_out(&graph), "a", Ground::File);
    assert_eq!(once, svg(&lay_out(&graph.clone()), "a", Ground::File));
}

#[test]
fn foreign_text_stays_text() {
    let picture = svg(&lay_out(&samples::odd()), "odd", Ground::Page);
    for bad in ["<b>", "<script", "<i>", "\u{1b}", "[31m", "\"quoted\""] {
        assert!(!picture.contains(bad), "{bad}");
    }
    assert!(picture.contains("&lt;b&gt;bold&lt;/b&gt;"), "the tooltip has the name in full");
    let ids: Vec<&str> = picture.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let mut unique = ids.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(ids.len(), unique.len());
}

#[test]
fn kinds_of_edges_differ_in_colour_and_pattern() {
    let laid = lay_out(&samples::sixteen());
    let mut seen = std::collections::BTreeMap::new();
    for (edge, group) in laid.edges.iter().zip(groups(&laid).into_iter().filter(|group| group.role == "edge")) {
        let Primitive::Path { stroke: Some(stroke), .. } = &group.primitives[0] else { panic!("an edge is a path") };
        seen.insert(edge.kind, (stroke.paint, format!("{:?}", stroke.dash)));
    }
    let looks: Vec<_> = seen.values().collect();
    assert_eq!(looks.len(), 3);
    for (nth, one) in looks.iter().enumerate() {
        assert!(looks[..nth].iter().all(|other| one.0 != other.0 && one.1 != other.1), "{looks:?}");
    }
}

/// Contrast by WCAG 2, between 1 and 21.
fn contrast(a: [u8; 3], b: [u8; 3]) -> f64 {
    let luminance = |colour: [u8; 3]| {
        let [r, g, b] = colour.map(|channel| {
            let c = f64::from(channel) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { libm_pow((c + 0.055) / 1.055, 2.4) }
        });
        0.2126 * r + 0.7152 * g + 0.0722 * b
    };
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

fn libm_pow(x: f64, y: f64) -> f64 {
    (y * x.ln()).exp()
}

#[test]
fn text_can_be_read_in_both_themes() {
    use Paint::*;
    for text in [Ink, Muted, Call, Event, Replication, Entry, Compute, Data, Messaging, Outside] {
        for ground in [Paper, Box, FrameOuter, FrameInner] {
            for (theme, pick) in [("light", Paint::light as fn(Paint) -> [u8; 3]), ("dark", Paint::dark)] {
                let contrast = contrast(pick(text), pick(ground));
                assert!(contrast >= 4.5, "{text:?} on {ground:?}, {theme}: {contrast:.1}");
            }
        }
    }
}

#[test]
fn each_paint_stands_in_its_row() {
    for (nth, row) in Paint::ALL.iter().enumerate() {
        assert_eq!(row.0 as usize, nth);
    }
}

prop_compose! {
    /// Any graph: cycles, loops, twins, frames in frames, with and without labels.
    fn any_graph(most: usize)(
        count in 1..=most,
        frames in proptest::collection::vec(proptest::option::of(0usize..6), 0..6),
        homes in proptest::collection::vec(proptest::option::of(0usize..6), most),
        ends in proptest::collection::vec((0usize..most, 0usize..most, 0usize..3, 0usize..4), 0..2 * most),
        acyclic in any::<bool>(),
    ) -> Graph {
        let nodes = (0..count).map(|nth| {
            let mut node = Node::new(format!("n{nth}"), "part ".repeat(nth % 4 + 1), ["service", "database", "log"][nth % 3]);
            node.lines = (0..nth % 3).map(|line| format!("line {line}")).collect();
            node.frame = homes[nth].map(|frame| format!("f{frame}"));
            node
        });
        let frames = frames.iter().enumerate().map(|(nth, parent)| Frame {
            id: format!("f{nth}"),
            title: "a region with a name".into(),
            parent: parent.map(|parent| format!("f{parent}")),
        });
        let edges = ends.into_iter().map(|(a, b, kind, labels)| {
            let (a, b) = (a % count, b % count);
            let (a, b) = if acyclic { (a.min(b), a.max(b)) } else { (a, b) };
            Edge::new(format!("n{a}"), format!("n{b}"), EdgeKind::ALL[kind], (0..labels).map(|label| format!("{label}00/s")))
        });
        Graph { title: "any".into(), nodes: nodes.collect(), frames: frames.collect(), edges: edges.collect() }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_graphs_have_no_faults(graph in any_graph(14)) {
        let faults = faults(&lay_out(&graph));
        prop_assert!(faults.is_empty(), "{faults:#?}");
    }

    #[test]
    fn any_text_is_cleaned(text in "\\PC*|.*") {
        let node = Node::new("a", text.clone(), text.clone());
        let graph = Graph { title: text, nodes: vec![node], ..Graph::default() };
        let picture = svg(&lay_out(&graph), "x", Ground::File);
        prop_assert!(picture.chars().all(|c| c == '\n' || !c.is_control()));
        prop_assert_eq!(picture.matches("<svg").count(), 1);
    }
}
