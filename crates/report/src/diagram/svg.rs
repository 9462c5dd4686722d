//! A laid diagram as SVG. Every text is escaped; colours are attributes for viewers without style sheets, and variables that
//! follow the theme for those with them.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::Laid;
use super::draw::{Align, Paint, Path, Primitive, Step, Stroke, groups};
use super::text::escape;

/// What the picture stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    /// A file of its own: it brings its paper.
    File,
    /// Inlined into a page, whose paper shows through.
    Page,
}

const FONT: &str = "Ubuntu, 'Segoe UI', Helvetica, Arial, sans-serif";

/// The picture as SVG. `prefix` begins every id, so that several pictures can stand in one page. Same picture, same bytes.
pub fn svg(laid: &Laid, prefix: &str, ground: Ground) -> String {
    let prefix = Some(slug(prefix)).filter(|slug| !slug.is_empty()).unwrap_or_else(|| "diagram".into());
    let mut out = String::new();
    let (w, h) = (number(laid.width), number(laid.height));
    let space = "xmlns=\"http://www.w3.org/2000/svg\"";
    let class = "class=\"gp-diagram\"";
    let name = if laid.title.is_empty() { "diagram".to_string() } else { escape(&laid.title) };
    put(
        &mut out,
        format_args!(
            "<svg {space} {class} id=\"{prefix}\" role=\"img\" aria-label=\"{name}\" viewBox=\"0 0 {w} {h}\" width=\"{w}\" height=\"{h}\">\n<title>{name}</title>\n"
        ),
    );
    out.push_str(&style(&prefix));
    if ground == Ground::File {
        put(&mut out, format_args!("<rect width=\"{w}\" height=\"{h}\"{}/>\n", paint("fill", Some(Paint::Paper))));
    }
    let mut ids = BTreeSet::new();
    for group in groups(laid) {
        let slugged = [&prefix, group.role, &slug(&group.name)].map(str::to_string);
        let id = slugged.iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join("-");
        let mut unique = id.clone();
        let mut nth = 2;
        while !ids.insert(unique.clone()) {
            unique = format!("{id}-{nth}");
            nth += 1;
        }
        let title = escape(&group.title);
        put(&mut out, format_args!("<g id=\"{unique}\" class=\"gp-{}\"><title>{title}</title>\n", group.role));
        group.primitives.iter().for_each(|primitive| write_primitive(&mut out, primitive));
        out.push_str("</g>\n");
    }
    out.push_str("</svg>\n");
    out
}

/// Light by default, dark where the page or else the reader's system says so, light on paper.
fn style(prefix: &str) -> String {
    let list = |pick: fn(Paint) -> [u8; 3]| {
        let mut list = String::new();
        for (paint, name, ..) in Paint::ALL {
            put(&mut list, format_args!("--gp-{name}:{};", hex(pick(paint))));
        }
        list
    };
    let (light, dark) = (list(Paint::light), list(Paint::dark));
    let me = format!("#{prefix}");
    let mut out = format!("<style>\n{me}{{{light}max-width:100%;height:auto;font-family:{FONT}}}\n");
    put(&mut out, format_args!("@media screen and (prefers-color-scheme:dark){{{me}{{{dark}}}}}\n"));
    put(
        &mut out,
        format_args!("@media screen{{:root[data-theme=light] {me}{{{light}}}:root[data-theme=dark] {me}{{{dark}}}}}\n"),
    );
    for (_, name, ..) in Paint::ALL {
        put(
            &mut out,
            format_args!("{me} .gp-f-{name}{{fill:var(--gp-{name})}}{me} .gp-s-{name}{{stroke:var(--gp-{name})}}\n"),
        );
    }
    out.push_str("</style>\n");
    out
}

fn write_primitive(out: &mut String, primitive: &Primitive) {
    match primitive {
        Primitive::Rect { rect, radius, fill, stroke } => {
            let (x, y, w, h) = (number(rect.x), number(rect.y), number(rect.w), number(rect.h));
            let looks = looks(*fill, *stroke);
            put(
                out,
                format_args!(
                    "<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" rx=\"{}\"{looks}/>\n",
                    number(*radius)
                ),
            );
        }
        Primitive::Path { path, fill, stroke } => {
            put(out, format_args!("<path d=\"{}\"{}/>\n", data(path), looks(*fill, *stroke)));
        }
        Primitive::Text { at, align, size, strong, paint: colour, text } => {
            let (x, y) = (number(at.x), number(at.y));
            let anchor = if *align == Align::Middle { " text-anchor=\"middle\"" } else { "" };
            let weight = if *strong { " font-weight=\"500\"" } else { "" };
            let fill = paint("fill", Some(*colour));
            put(
                out,
                format_args!(
                    "<text x=\"{x}\" y=\"{y}\" font-size=\"{}\"{anchor}{weight}{fill}>{}</text>\n",
                    number(*size),
                    escape(text)
                ),
            );
        }
    }
}

fn looks(fill: Option<Paint>, stroke: Option<Stroke>) -> String {
    let mut classes = Vec::new();
    let mut out = match fill {
        Some(fill) => {
            classes.push(format!("gp-f-{}", fill.name()));
            format!(" fill=\"{}\"", hex(fill.light()))
        }
        None => " fill=\"none\"".to_string(),
    };
    if let Some(stroke) = stroke {
        classes.push(format!("gp-s-{}", stroke.paint.name()));
        put(
            &mut out,
            format_args!(" stroke=\"{}\" stroke-width=\"{}\"", hex(stroke.paint.light()), number(stroke.width)),
        );
        out.push_str(" stroke-linecap=\"round\" stroke-linejoin=\"round\"");
        if !stroke.dash.is_empty() {
            let dash: Vec<String> = stroke.dash.iter().map(|length| number(*length)).collect();
            put(&mut out, format_args!(" stroke-dasharray=\"{}\"", dash.join(" ")));
        }
    }
    if !classes.is_empty() {
        put(&mut out, format_args!(" class=\"{}\"", classes.join(" ")));
    }
    out
}

fn paint(attribute: &str, paint: Option<Paint>) -> String {
    paint.map_or(String::new(), |paint| {
        format!(" {attribute}=\"{}\" class=\"gp-f-{}\"", hex(paint.light()), paint.name())
    })
}

fn data(path: &Path) -> String {
    let mut out = String::new();
    for step in &path.0 {
        let (letter, points) = match *step {
            Step::Move(a) => ("M", vec![a]),
            Step::Line(a) => ("L", vec![a]),
            Step::Curve(a, b, c) => ("C", vec![a, b, c]),
            Step::Close => ("Z", vec![]),
        };
        out.push_str(letter);
        for (nth, point) in points.iter().enumerate() {
            let space = if nth > 0 { " " } else { "" };
            put(&mut out, format_args!("{space}{} {}", number(point.x), number(point.y)));
        }
    }
    out
}

/// At most two digits after the point, none where none are needed.
fn number(value: f64) -> String {
    let rounded = (value * 100.0).round() / 100.0;
    if rounded == 0.0 { "0".to_string() } else { format!("{rounded}") }
}

fn hex([r, g, b]: [u8; 3]) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// `name` as part of an id: letters, digits and dashes.
fn slug(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars().take(80) {
        match c {
            c if c.is_ascii_alphanumeric() => out.push(c.to_ascii_lowercase()),
            _ if out.ends_with('-') => {}
            _ => out.push('-'),
        }
    }
    let out = out.trim_matches('-').to_string();
    if out.starts_with(|c: char| c.is_ascii_digit()) { format!("n{out}") } else { out }
}

fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("a string takes any text");
}
