//! The crib sheet laid out: labels in the left margin, everything to remember beside them, top to bottom in the order in which one
//! would say it. Sizes go down in steps until it fits on the page; then texts are cut.

use super::A4;
use super::face::Face;
use crate::clean::clean;
use crate::crib::CribSheet;
use crate::diagram::{Align, Laid, Paint, Primitive, Step, Stroke, primitives};

/// A colour: red, green, blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ink(pub u8, pub u8, pub u8);

const INK: Ink = Ink(28, 32, 40);
const SOFT: Ink = Ink(98, 106, 120);
const RULE: Ink = Ink(216, 220, 226);
const ACCENT: Ink = Ink(20, 92, 110);
const WASH: Ink = Ink(238, 244, 246);
const ALARM: Ink = Ink(163, 58, 32);
const ALARM_WASH: Ink = Ink(251, 240, 235);

/// One thing on the page, in points from its top left corner.
#[derive(Debug, Clone, PartialEq)]
pub enum Mark {
    /// A line of text on its baseline.
    Text { x: f32, y: f32, size: f32, ink: Ink, strong: bool, text: String },
    /// A filled rectangle.
    Box { x: f32, y: f32, w: f32, h: f32, ink: Ink },
    /// A path, for diagrams.
    Path { steps: Vec<Move>, fill: Option<Ink>, line: Option<Ink>, width: f32, dash: Vec<f32> },
}

/// A step of a path.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Move {
    /// Starts here.
    To(f32, f32),
    /// A straight line.
    Line(f32, f32),
    /// A cubic curve.
    Curve(f32, f32, f32, f32, f32, f32),
    /// Back to the start.
    Close,
}

const LEFT: f32 = 46.0;
const RIGHT: f32 = 46.0;
const TOP: f32 = 44.0;
const BOTTOM: f32 = 40.0;
/// Where the text beside the labels begins.
const TEXT: f32 = 142.0;
/// Room for text beside the labels.
const ROOM: f32 = A4.0 - TEXT - RIGHT;

/// How much of everything may be shown: a scale of type, and the lines a text may take.
#[derive(Debug, Clone, Copy)]
struct Measure {
    scale: f32,
    lines: usize,
}

/// From roomy to the least that is legible.
const MEASURES: [Measure; 10] = [
    Measure { scale: 1.14, lines: 6 },
    Measure { scale: 1.07, lines: 6 },
    Measure { scale: 1.0, lines: 6 },
    Measure { scale: 0.95, lines: 5 },
    Measure { scale: 0.9, lines: 4 },
    Measure { scale: 0.87, lines: 3 },
    Measure { scale: 0.84, lines: 2 },
    Measure { scale: 0.80, lines: 2 },
    Measure { scale: 0.76, lines: 1 },
    Measure { scale: 0.70, lines: 1 },
];

/// Smallest scale at which a diagram is still worth its room: letters of four and a half points.
const LEAST_SCALE: f32 = 0.4;
/// Most of each list; more would not fit whatever the size.
const CONDITIONS: usize = 3;
const CONSTRAINTS: usize = 12;
const CHOICES: usize = 12;
const THREE: usize = 3;
const NUMBERS: usize = 8;

/// The marks of the page.
pub fn lay_out(sheet: &CribSheet, face: &Face, diagram: Option<&Laid>) -> Vec<Mark> {
    let foot = A4.1 - BOTTOM - 14.0;
    let written = |measure, air| {
        let mut draft = Draft::new(face, measure, air);
        draft.write(sheet);
        draft
    };
    let spare = |draft: &Draft<'_>| foot - draft.y - draft.opening_height(sheet);
    let mut draft = written(MEASURES[0], 0.0);
    for measure in &MEASURES[1..] {
        if spare(&draft) >= 0.0 {
            break;
        }
        draft = written(*measure, 0.0);
    }
    let room = spare(&draft);
    let drawn = diagram.is_some_and(|diagram| draft.diagram(diagram, room));
    if !drawn && room > 0.0 {
        // Nothing else wants the room: let the parts breathe.
        draft = written(draft.measure, (room / PARTS).min(MOST_AIR));
    }
    draft.opening(sheet, foot);
    draft.footer(sheet);
    draft.marks
}

/// How a text is set: size in points before scaling, ink, and whether it is strong.
#[derive(Debug, Clone, Copy)]
struct Hand(f32, Ink, bool);

struct Draft<'a> {
    face: &'a Face,
    measure: Measure,
    marks: Vec<Mark>,
    y: f32,
    /// Where the label of the current part ends: the next one begins below.
    label_end: f32,
    /// Room added to the gap before each part.
    air: f32,
}

/// Parts below the title.
const PARTS: f32 = 5.0;
/// Most room added to a gap.
const MOST_AIR: f32 = 16.0;

impl<'a> Draft<'a> {
    fn new(face: &'a Face, measure: Measure, air: f32) -> Draft<'a> {
        Draft { face, measure, marks: Vec::new(), y: TOP, label_end: 0.0, air }
    }

    fn size(&self, points: f32) -> f32 {
        points * self.measure.scale
    }

    fn clean(&self, text: &str) -> String {
        self.face.legible(&clean(text))
    }

    fn text(&mut self, x: f32, y: f32, size: f32, ink: Ink, strong: bool, text: &str) {
        self.marks.push(Mark::Text { x, y, size, ink, strong, text: text.to_string() });
    }

    /// A wrapped text; advances by its lines and returns how many there were.
    fn block(&mut self, x: f32, room: f32, hand: Hand, text: &str, most: usize) -> usize {
        let Hand(points, ink, strong) = hand;
        let size = self.size(points);
        let text = self.clean(text);
        let lines = self.face.wrap(&text, size, room, most.max(1));
        for line in &lines {
            self.y += size * 1.36;
            self.text(x, self.y - size * 0.34, size, ink, strong, line);
        }
        lines.len()
    }

    /// A hairline over the page, and the label of the part that begins.
    fn part(&mut self, label: &str) {
        self.y = self.y.max(self.label_end) + self.size(9.0) + self.air / 2.0;
        self.marks.push(Mark::Box { x: LEFT, y: self.y, w: A4.0 - LEFT - RIGHT, h: 0.6, ink: RULE });
        self.y += self.size(7.0) + self.air / 2.0;
        let size = self.size(7.6);
        let mut y = self.y + size * 1.18;
        for line in label.split('\n') {
            self.spaced(LEFT, y, size, ACCENT, line);
            y += size * 1.35;
        }
        self.label_end = y - size;
    }

    /// Small capitals with a little air between them.
    fn spaced(&mut self, x: f32, y: f32, size: f32, ink: Ink, text: &str) {
        let mut at = x;
        for c in text.to_uppercase().chars() {
            let one = c.to_string();
            let wide = self.face.width(&one, size);
            if c != ' ' {
                self.text(at, y, size, ink, true, &one);
            }
            at += wide + size * 0.09;
        }
    }

    fn write(&mut self, sheet: &CribSheet) {
        let lines = self.measure.lines;
        self.marks.push(Mark::Box { x: LEFT, y: self.y - 10.0, w: 34.0, h: 3.0, ink: ACCENT });
        self.block(LEFT, A4.0 - LEFT - RIGHT, Hand(23.0, INK, false), &sheet.name, lines.min(2));
        if !sheet.about.is_empty() {
            self.y += self.size(1.5);
            self.block(LEFT, A4.0 - LEFT - RIGHT, Hand(10.0, SOFT, false), &sheet.about, lines.min(2));
        }
        self.conditions(sheet);
        self.part("Constraints");
        self.grid(&sheet.constraints, CONSTRAINTS);
        self.part("Choice");
        self.block(TEXT, ROOM, Hand(17.0, INK, true), &sheet.choice, 1);
        self.block(TEXT, ROOM, Hand(9.4, INK, false), &sheet.because, lines.min(3));
        if !sheet.choices.is_empty() {
            self.y += self.size(3.0);
            self.grid(&sheet.choices, CHOICES);
        }
        self.part("Why");
        for (nth, reason) in sheet.reasons.iter().take(THREE).enumerate() {
            if nth > 0 {
                self.y += self.size(2.4);
            }
            self.numbered(nth + 1);
            self.block(TEXT + 14.0, ROOM - 14.0, Hand(9.4, INK, false), reason, lines.min(4));
        }
        self.part("What fails,\nand the cure");
        for (nth, failure) in sheet.failures.iter().take(THREE).enumerate() {
            if nth > 0 {
                self.y += self.size(3.6);
            }
            self.numbered(nth + 1);
            self.block(TEXT + 14.0, ROOM - 14.0, Hand(9.6, INK, true), &failure.title, lines.min(2));
            if !failure.effect.is_empty() {
                self.block(TEXT + 14.0, ROOM - 14.0, Hand(8.8, SOFT, false), &failure.effect, lines.min(3));
            }
            if !failure.mitigation.is_empty() {
                let top = self.y;
                let count =
                    self.block(TEXT + 24.0, ROOM - 24.0, Hand(9.2, INK, false), &failure.mitigation, lines.min(3));
                let high = self.size(9.2) * 1.36 * count as f32;
                self.marks.push(Mark::Box {
                    x: TEXT + 15.0,
                    y: top + 2.2,
                    w: 1.6,
                    h: (high - 2.4).max(1.0),
                    ink: ACCENT,
                });
            }
        }
        self.part("Numbers\nto remember");
        self.numbers(sheet);
    }

    fn numbered(&mut self, number: usize) {
        let size = self.size(9.4);
        let y = self.y + size * 1.02;
        self.text(TEXT, y, size, ACCENT, true, &number.to_string());
    }

    /// What does not hold, on a wash of its own before all else.
    fn conditions(&mut self, sheet: &CribSheet) {
        if sheet.conditions.is_empty() {
            return;
        }
        self.y += self.size(7.0);
        let (top, at) = (self.y, self.marks.len());
        self.y += self.size(5.0);
        for condition in sheet.conditions.iter().take(CONDITIONS) {
            self.block(
                LEFT + 12.0,
                A4.0 - LEFT - RIGHT - 22.0,
                Hand(9.6, ALARM, true),
                condition,
                self.measure.lines.min(2),
            );
        }
        self.y += self.size(5.0);
        let (w, h) = (A4.0 - LEFT - RIGHT, self.y - top);
        self.marks.insert(at, Mark::Box { x: LEFT, y: top, w, h, ink: ALARM_WASH });
        self.marks.insert(at + 1, Mark::Box { x: LEFT, y: top, w: 3.0, h, ink: ALARM });
    }

    /// Pairs in two columns: what, and how much.
    fn grid(&mut self, pairs: &[(String, String)], most: usize) {
        let size = self.size(9.2);
        let line = size * 1.44;
        let column = ROOM / 2.0 - 6.0;
        let pairs = &pairs[..pairs.len().min(most)];
        let rows = pairs.len().div_ceil(2).max(1);
        // Names take what the longest needs, at most half of a column; figures take the rest.
        let names: Vec<f32> = pairs
            .chunks(rows)
            .map(|chunk| {
                let widest = chunk.iter().map(|(name, _)| self.face.width(&self.clean(name), size)).fold(0.0, f32::max);
                (widest + size * 0.9).min(column * 0.5)
            })
            .collect();
        for (nth, (name, value)) in pairs.iter().enumerate() {
            let (at, row) = (nth / rows, nth % rows);
            let x = TEXT + at as f32 * (column + 12.0);
            let y = self.y + line * row as f32 + size;
            let name = self.clean(name);
            let name = self.face.fit(&name, size, names[at] - size * 0.5);
            let value = self.clean(value);
            let value = self.face.fit(&value, size, column - names[at]);
            self.text(x, y, size, SOFT, false, &name);
            self.text(x + names[at], y, size, INK, true, &value);
        }
        if !pairs.is_empty() {
            self.y += line * rows as f32;
        }
    }

    /// Figures large, what they are small below them, four in a row.
    fn numbers(&mut self, sheet: &CribSheet) {
        let (big, small) = (self.size(13.5), self.size(7.6));
        let column = ROOM / 4.0;
        let numbers = &sheet.numbers[..sheet.numbers.len().min(NUMBERS)];
        for row in numbers.chunks(4) {
            let mut tallest: usize = 1;
            for (nth, (name, value)) in row.iter().enumerate() {
                let x = TEXT + column * nth as f32;
                let value = self.clean(value);
                // A long figure is set smaller before it is cut.
                let wide = self.face.width(&value, big);
                let size = if wide > column - 8.0 { (big * (column - 8.0) / wide).max(big * 0.62) } else { big };
                let value = self.face.fit(&value, size, column - 8.0);
                self.text(x, self.y + big, size, INK, false, &value);
                let name = self.clean(name);
                let lines = self.face.wrap(&name, small, column - 10.0, 2);
                tallest = tallest.max(lines.len());
                for (at, line) in lines.iter().enumerate() {
                    let y = self.y + big + small * 1.35 * (at + 1) as f32;
                    self.text(x, y, small, SOFT, false, line);
                }
            }
            self.y += big + small * 1.35 * tallest as f32 + self.size(7.0);
        }
    }

    fn opening_size(&self) -> f32 {
        self.size(11.4)
    }

    fn opening_lines(&self, sheet: &CribSheet) -> Vec<String> {
        let text = self.clean(&sheet.opening);
        self.face.wrap(&text, self.opening_size(), A4.0 - LEFT - RIGHT - 32.0, self.measure.lines.max(2))
    }

    fn opening_height(&self, sheet: &CribSheet) -> f32 {
        let lines = self.opening_lines(sheet).len() as f32;
        self.size(8.0) + 12.0 + self.size(12.0) + lines * self.opening_size() * 1.4 + 10.0
    }

    /// The sentence to open with, on a wash at the foot of the page.
    fn opening(&mut self, sheet: &CribSheet, foot: f32) {
        let lines = self.opening_lines(sheet);
        let height = self.opening_height(sheet) - self.size(8.0);
        let top = foot - height;
        let w = A4.0 - LEFT - RIGHT;
        self.marks.push(Mark::Box { x: LEFT, y: top, w, h: height, ink: WASH });
        self.marks.push(Mark::Box { x: LEFT, y: top, w: 3.0, h: height, ink: ACCENT });
        let small = self.size(7.6);
        let mut y = top + 12.0 + small * 0.6;
        self.spaced(LEFT + 16.0, y, small, ACCENT, "Open with");
        y += self.size(5.0);
        let size = self.opening_size();
        for line in &lines {
            y += size * 1.4;
            self.text(LEFT + 16.0, y - size * 0.2, size, INK, false, line);
        }
    }

    fn footer(&mut self, sheet: &CribSheet) {
        let text = self.clean(&sheet.footer);
        let text = self.face.fit(&text, 7.0, A4.0 - LEFT - RIGHT);
        self.text(LEFT, A4.1 - BOTTOM + 4.0, 7.0, SOFT, false, &text);
    }

    /// The picture, across the page in the spare room, if it is still legible there.
    fn diagram(&mut self, laid: &Laid, spare: f32) -> bool {
        let (room, high) = (A4.0 - LEFT - RIGHT, spare - 20.0);
        let scale = (room / laid.width as f32).min(high / laid.height as f32).min(0.8);
        if laid.boxes.is_empty() || scale < LEAST_SCALE {
            return false;
        }
        let (w, h) = (laid.width as f32 * scale, laid.height as f32 * scale);
        let (left, top) = (LEFT + (room - w) / 2.0, self.y + 14.0 + (high - h).max(0.0) / 2.0);
        let x = |value: f64| left + value as f32 * scale;
        let y = |value: f64| top + value as f32 * scale;
        let ink = |paint: Paint| {
            let [r, g, b] = paint.light();
            Ink(r, g, b)
        };
        for primitive in primitives(laid) {
            match primitive {
                Primitive::Rect { rect, radius, fill, stroke } => {
                    let steps = rounded(
                        x(rect.x),
                        y(rect.y),
                        rect.w as f32 * scale,
                        rect.h as f32 * scale,
                        radius as f32 * scale,
                    );
                    self.path(steps, fill.map(ink), stroke, scale);
                }
                Primitive::Path { path, fill, stroke } => {
                    let steps = path.0.iter().map(|step| match step {
                        Step::Move(p) => Move::To(x(p.x), y(p.y)),
                        Step::Line(p) => Move::Line(x(p.x), y(p.y)),
                        Step::Curve(a, b, p) => Move::Curve(x(a.x), y(a.y), x(b.x), y(b.y), x(p.x), y(p.y)),
                        Step::Close => Move::Close,
                    });
                    self.path(steps.collect(), fill.map(ink), stroke, scale);
                }
                Primitive::Text { at, align, size, strong, paint, text } => {
                    let text = self.clean(&text);
                    let size = size as f32 * scale;
                    let shift = if align == Align::Middle { self.face.width(&text, size) / 2.0 } else { 0.0 };
                    self.text(x(at.x) - shift, y(at.y), size, ink(paint), strong, &text);
                }
            }
        }
        true
    }

    fn path(&mut self, steps: Vec<Move>, fill: Option<Ink>, stroke: Option<Stroke>, scale: f32) {
        let line = stroke.map(|stroke| {
            let [r, g, b] = stroke.paint.light();
            Ink(r, g, b)
        });
        let width = stroke.map_or(0.0, |stroke| stroke.width as f32 * scale);
        let dash = stroke.map_or(Vec::new(), |stroke| stroke.dash.iter().map(|part| *part as f32 * scale).collect());
        self.marks.push(Mark::Path { steps, fill, line, width, dash });
    }
}

/// A rectangle with rounded corners.
fn rounded(x: f32, y: f32, w: f32, h: f32, radius: f32) -> Vec<Move> {
    let r = radius.min(w / 2.0).min(h / 2.0).max(0.0);
    // Control points of a quarter circle.
    let k = r * 0.4477;
    vec![
        Move::To(x + r, y),
        Move::Line(x + w - r, y),
        Move::Curve(x + w - k, y, x + w, y + k, x + w, y + r),
        Move::Line(x + w, y + h - r),
        Move::Curve(x + w, y + h - k, x + w - k, y + h, x + w - r, y + h),
        Move::Line(x + r, y + h),
        Move::Curve(x + k, y + h, x, y + h - k, x, y + h - r),
        Move::Line(x, y + r),
        Move::Curve(x, y + k, x + k, y, x + r, y),
        Move::Close,
    ]
}
