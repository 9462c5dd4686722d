//! The crib sheet as PDF: A4, always exactly one page, no date, the same bytes for the same sheet.
//!
//! The page is laid out as marks first, by `sheet`, at the largest size at which everything fits; what does not fit at the
//! smallest is cut with an ellipsis. Only then is it drawn. One typeface (Ubuntu Light, from `epaint_default_fonts`) carries
//! it; hierarchy comes from size, colour and rules. Characters the typeface lacks show as `?`. Left out: right-to-left text.

mod face;
mod sheet;

use crate::crib::CribSheet;
use crate::diagram::Laid;
use face::Face;
use krilla::Document;
use krilla::SerializeSettings;
use krilla::color::rgb;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::Metadata;
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, LineCap, LineJoin, Stroke, StrokeDash};
use krilla::surface::Surface;
use krilla::text::{Font, TextDirection};
use sheet::{Ink, Mark};

/// Width and height of A4. Unit: points.
const A4: (f32, f32) = (595.28, 841.89);

/// The sheet as the bytes of a PDF file of one page; the diagram is added where there is room for it.
///
/// # Errors
/// The PDF library's complaint, as text: a fault of ours, not of the sheet.
pub fn crib_sheet(sheet: &CribSheet, diagram: Option<&Laid>) -> Result<Vec<u8>, String> {
    let data = epaint_default_fonts::UBUNTU_LIGHT;
    let font = Font::new(data.to_vec().into(), 0).ok_or("the typeface of the crib sheet can't be read")?;
    let face = Face::read(data).ok_or("the typeface of the crib sheet has no metrics")?;
    let marks = sheet::lay_out(sheet, &face, diagram);

    let mut document = Document::new_with(SerializeSettings { enable_tagging: false, ..SerializeSettings::default() });
    document.set_metadata(
        Metadata::new()
            .title(face.legible(&format!("{}: crib sheet", sheet.name)))
            .creator("groundplan".into())
            .language("en".into()),
    );
    let settings = PageSettings::from_wh(A4.0, A4.1).ok_or("a page has a size")?;
    let mut page = document.start_page_with(settings);
    let mut surface = page.surface();
    for mark in &marks {
        draw(&mut surface, &font, mark);
    }
    surface.finish();
    page.finish();
    document.finish().map_err(|error| format!("{error:?}"))
}

fn draw(surface: &mut Surface<'_>, font: &Font, mark: &Mark) {
    match mark {
        Mark::Text { x, y, size, ink, strong, text } => {
            surface.set_fill(Some(fill(*ink)));
            // A hairline around the letters of the light face makes its medium.
            surface.set_stroke(strong.then(|| Stroke { width: size * 0.028, ..stroke(*ink) }));
            surface.draw_text(Point::from_xy(*x, *y), font.clone(), *size, text, false, TextDirection::Auto);
        }
        Mark::Box { x, y, w, h, ink } => {
            let Some(rect) = Rect::from_xywh(*x, *y, *w, *h) else { return };
            let mut path = PathBuilder::new();
            path.push_rect(rect);
            let Some(path) = path.finish() else { return };
            surface.set_stroke(None);
            surface.set_fill(Some(fill(*ink)));
            surface.draw_path(&path);
        }
        Mark::Path { steps, fill: inside, line, width, dash } => {
            let mut path = PathBuilder::new();
            for step in steps {
                match *step {
                    sheet::Move::To(x, y) => path.move_to(x, y),
                    sheet::Move::Line(x, y) => path.line_to(x, y),
                    sheet::Move::Curve(a, b, c, d, x, y) => path.cubic_to(a, b, c, d, x, y),
                    sheet::Move::Close => path.close(),
                }
            }
            let Some(path) = path.finish() else { return };
            surface.set_fill(inside.map(fill));
            surface.set_stroke(line.map(|ink| Stroke {
                width: *width,
                line_cap: LineCap::Butt,
                line_join: LineJoin::Round,
                dash: (!dash.is_empty()).then(|| StrokeDash { array: dash.clone(), offset: 0.0 }),
                ..stroke(ink)
            }));
            surface.draw_path(&path);
        }
    }
}

fn fill(ink: Ink) -> Fill {
    Fill { paint: rgb::Color::new(ink.0, ink.1, ink.2).into(), opacity: NormalizedF32::ONE, ..Fill::default() }
}

fn stroke(ink: Ink) -> Stroke {
    Stroke { paint: rgb::Color::new(ink.0, ink.1, ink.2).into(), opacity: NormalizedF32::ONE, ..Stroke::default() }
}
