//! A small icon for each kind of component, drawn with strokes in a square of 16.
//!
//! To add one: a row in [`ICONS`] with the words that name the kind.

use super::Point;
use super::draw::{Paint, Path, Primitive, Step, Stroke};

/// What a kind belongs to; decides its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tint {
    Entry,
    Compute,
    Data,
    Messaging,
    Outside,
}

/// One icon: kinds that contain one of the words get it. Strokes in the small language that [`steps`] reads: `M` move, `L` line,
/// `C` curve, `Z` close, coordinates as in SVG.
pub struct Icon {
    words: &'static [&'static str],
    pub tint: Tint,
    strokes: &'static str,
}

/// Every icon; the first with a fitting word wins, the last fits all.
const ICONS: &[Icon] = &[
    Icon {
        words: &["load source", "client", "user", "source of load"],
        tint: Tint::Entry,
        strokes: "M 8 2 C 9.7 2 11 3.3 11 5 C 11 6.7 9.7 8 8 8 C 6.3 8 5 6.7 5 5 C 5 3.3 6.3 2 8 2 Z M 2 14 C 2.5 11.5 5 10 8 10 C 11 10 13.5 11.5 14 14",
    },
    Icon {
        words: &["balancer", "gateway", "steering", "dns"],
        tint: Tint::Entry,
        strokes: "M 1.5 8 L 6 8 M 6 8 C 9 8 8 3 14.5 3 M 6 8 L 14.5 8 M 6 8 C 9 8 8 13 14.5 13 M 12.8 1.3 L 14.5 3 L 12.8 4.7 M 12.8 6.3 L 14.5 8 L 12.8 9.7 M 12.8 11.3 L 14.5 13 L 12.8 14.7",
    },
    Icon {
        words: &["cdn", "edge"],
        tint: Tint::Entry,
        strokes: "M 8 1.5 C 11.6 1.5 14.5 4.4 14.5 8 C 14.5 11.6 11.6 14.5 8 14.5 C 4.4 14.5 1.5 11.6 1.5 8 C 1.5 4.4 4.4 1.5 8 1.5 Z M 1.5 8 L 14.5 8 M 8 1.5 C 4.5 5 4.5 11 8 14.5 M 8 1.5 C 11.5 5 11.5 11 8 14.5",
    },
    Icon { words: &["cache"], tint: Tint::Data, strokes: "M 9.5 1.5 L 3.5 9 L 8 9 L 6.5 14.5 L 12.5 7 L 8 7 Z" },
    Icon {
        words: &["object", "blob", "bucket"],
        tint: Tint::Data,
        strokes: "M 2 4 C 2 2.6 4.7 2 8 2 C 11.3 2 14 2.6 14 4 C 14 5.4 11.3 6 8 6 C 4.7 6 2 5.4 2 4 Z M 2 4 L 4 13 C 4.3 14 6 14.5 8 14.5 C 10 14.5 11.7 14 12 13 L 14 4",
    },
    Icon {
        words: &["index", "vector", "search"],
        tint: Tint::Data,
        strokes: "M 7 2 C 9.8 2 12 4.2 12 7 C 12 9.8 9.8 12 7 12 C 4.2 12 2 9.8 2 7 C 2 4.2 4.2 2 7 2 Z M 10.6 10.6 L 14.3 14.3",
    },
    Icon {
        words: &["queue"],
        tint: Tint::Messaging,
        strokes: "M 1.5 4 L 4.5 4 L 4.5 12 L 1.5 12 Z M 6.5 4 L 9.5 4 L 9.5 12 L 6.5 12 Z M 11.5 4 L 14.5 4 L 14.5 12 L 11.5 12 Z",
    },
    Icon {
        words: &["log", "topic", "stream", "broker", "outbox", "event"],
        tint: Tint::Messaging,
        strokes: "M 1.5 3.5 L 14.5 3.5 M 1.5 8 L 14.5 8 M 1.5 12.5 L 10 12.5 M 8 6.3 L 8 9.7 M 4.5 1.8 L 4.5 5.2 M 11.5 1.8 L 11.5 5.2",
    },
    Icon {
        words: &["database", "store", "replica", "consensus", "shard", "data"],
        tint: Tint::Data,
        strokes: "M 2.5 4 C 2.5 2.6 5 1.8 8 1.8 C 11 1.8 13.5 2.6 13.5 4 C 13.5 5.4 11 6.2 8 6.2 C 5 6.2 2.5 5.4 2.5 4 Z M 2.5 4 L 2.5 12 C 2.5 13.4 5 14.2 8 14.2 C 11 14.2 13.5 13.4 13.5 12 L 13.5 4 M 2.5 8 C 2.5 9.4 5 10.2 8 10.2 C 11 10.2 13.5 9.4 13.5 8",
    },
    Icon {
        words: &["external", "third party", "vendor", "provider"],
        tint: Tint::Outside,
        strokes: "M 4.5 13 C 2.5 13 1.2 11.7 1.2 10 C 1.2 8.4 2.4 7.2 4 7 C 4.3 4.7 6 3 8.2 3 C 10.3 3 12 4.5 12.4 6.6 C 13.9 6.9 14.9 8.1 14.9 9.7 C 14.9 11.5 13.5 13 11.7 13 Z",
    },
    Icon {
        words: &["function", "lambda"],
        tint: Tint::Compute,
        strokes: "M 3 2 L 5.5 2 L 11 14 L 13.5 14 M 7.2 6 L 3 14",
    },
    Icon {
        words: &["model", "gpu", "inference"],
        tint: Tint::Compute,
        strokes: "M 4 4 L 12 4 L 12 12 L 4 12 Z M 6.5 4 L 6.5 1.5 M 9.5 4 L 9.5 1.5 M 6.5 14.5 L 6.5 12 M 9.5 14.5 L 9.5 12 M 4 6.5 L 1.5 6.5 M 4 9.5 L 1.5 9.5 M 14.5 6.5 L 12 6.5 M 14.5 9.5 L 12 9.5",
    },
    Icon {
        words: &[""],
        tint: Tint::Compute,
        strokes: "M 8 1.5 L 13.8 4.8 L 13.8 11.2 L 8 14.5 L 2.2 11.2 L 2.2 4.8 Z M 2.2 4.8 L 8 8.1 L 13.8 4.8 M 8 8.1 L 8 14.5",
    },
];

/// The icon of a kind.
pub fn of(kind: &str) -> &'static Icon {
    let kind = kind.to_lowercase().replace('-', " ");
    let fits = |icon: &&Icon| icon.words.iter().any(|word| kind.contains(word));
    ICONS.iter().find(fits).unwrap_or(&ICONS[ICONS.len() - 1])
}

/// The icon with its top left corner at `at`.
pub fn draw(icon: &Icon, at: Point, paint: Paint) -> Vec<Primitive> {
    let stroke = Stroke { paint, width: 1.3, dash: &[] };
    vec![Primitive::Path { path: Path(steps(icon.strokes, at)), fill: None, stroke: Some(stroke) }]
}

fn steps(strokes: &str, at: Point) -> Vec<Step> {
    let mut words = strokes.split(' ');
    let mut steps = Vec::new();
    while let Some(word) = words.next() {
        let mut point = || {
            let mut number = || words.next().and_then(|word| word.parse::<f64>().ok()).unwrap_or(0.0);
            Point { x: at.x + number(), y: at.y + number() }
        };
        steps.push(match word {
            "M" => Step::Move(point()),
            "L" => Step::Line(point()),
            "C" => Step::Curve(point(), point(), point()),
            _ => Step::Close,
        });
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_icon_is_well_formed() {
        for icon in ICONS {
            let origin = Point { x: 0.0, y: 0.0 };
            let inside = |p: Point| (0.0..=16.0).contains(&p.x) && (0.0..=16.0).contains(&p.y);
            for step in steps(icon.strokes, origin) {
                match step {
                    Step::Move(p) | Step::Line(p) => assert!(inside(p) && p != origin, "{}", icon.strokes),
                    Step::Curve(a, b, c) => assert!([a, b, c].into_iter().all(inside), "{}", icon.strokes),
                    Step::Close => {}
                }
            }
            let words = icon.strokes.split(' ').filter(|word| word.parse::<f64>().is_err());
            assert!(words.clone().all(|word| ["M", "L", "C", "Z"].contains(&word)), "{}", icon.strokes);
        }
    }

    #[test]
    fn kinds_get_their_icons() {
        for (kind, word) in
            [("load-balancer", "balancer"), ("relational database", "database"), ("Queue", "queue"), ("service", "")]
        {
            assert!(of(kind).words.contains(&word), "{kind}");
        }
    }
}
