//! Writes the sample pictures as files, to be looked at: `cargo test -p groundplan-report diagram::looks -- --ignored`.

#![allow(clippy::unwrap_used)]

use std::path::Path;

use super::{Ground, lay_out, samples, svg};

#[test]
#[ignore = "writes target/diagrams for the eye; the other tests judge"]
fn write_the_samples() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/diagrams");
    std::fs::create_dir_all(&folder).unwrap();
    for (name, graph) in [
        ("one", samples::one()),
        ("five", samples::five()),
        ("shop", samples::shop()),
        ("sixteen", samples::sixteen()),
        ("forty", samples::forty()),
        ("odd", samples::odd()),
    ] {
        let elk: Vec<_> = graph.nodes.iter().map(|n| (&n.id, &n.frame)).collect();
        let edges: Vec<_> = graph.edges.iter().map(|e| (&e.from, &e.to, &e.label)).collect();
        let frames: Vec<_> = graph.frames.iter().map(|f| (&f.id, &f.parent)).collect();
        std::fs::write(folder.join(format!("{name}.json")), serde_json::to_string(&(elk, frames, edges)).unwrap()).unwrap();
        let sketch = super::sketch::Sketch::of(&graph);
        for axis in [super::place::Axis::Right, super::place::Axis::Down] {
            for (nth, layered) in super::layers::arrangements(&sketch, axis).iter().enumerate() {
                let laid = super::route::route(&sketch, layered, axis);
                let bends: usize = laid.edges.iter().map(|edge| (edge.points.len() - 2) / 2).sum();
                println!("{name} {axis:?} {nth}: {} x {}, {} crossings, {bends} steps, unrest {:.0}", laid.width, laid.height, laid.crossings(), super::route::unrest(&laid));
                std::fs::write(folder.join(format!("{name}-{axis:?}-{nth}.svg")), svg(&laid, name, Ground::File)).unwrap();
            }
        }
        std::fs::write(folder.join(format!("{name}.svg")), svg(&lay_out(&graph), name, Ground::File)).unwrap();
    }
}
