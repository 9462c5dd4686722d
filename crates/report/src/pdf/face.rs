//! The typeface of the PDF: how wide a text is, which characters it has, where a line breaks. Reads the three tables that say so
//! (`hmtx`, `cmap` format 4, `head`) out of the font itself. Kerning is left out: it only ever makes a line a little shorter.

/// A typeface, measured.
pub struct Face {
    units: f32,
    advances: Vec<u16>,
    segments: Vec<Segment>,
}

struct Segment {
    first: u16,
    last: u16,
    delta: u16,
    /// Glyphs by offset from `first`, where the segment lists them.
    glyphs: Option<Vec<u16>>,
}

impl Face {
    /// Reads a TrueType font; `None` where a table is missing.
    pub fn read(font: &[u8]) -> Option<Face> {
        let table = |tag: &[u8; 4]| {
            let count = usize::from(u16_at(font, 4)?);
            (0..count).find_map(|nth| {
                let record = 12 + nth * 16;
                (font.get(record..record + 4)? == tag).then_some(())?;
                let (start, size) = (u32_at(font, record + 8)? as usize, u32_at(font, record + 12)? as usize);
                font.get(start..start + size)
            })
        };
        let units = f32::from(u16_at(table(b"head")?, 18)?);
        let counted = usize::from(u16_at(table(b"hhea")?, 34)?);
        let hmtx = table(b"hmtx")?;
        let advances = (0..counted).map(|nth| u16_at(hmtx, nth * 4)).collect::<Option<Vec<u16>>>()?;
        let cmap = table(b"cmap")?;
        let unicode = (0..usize::from(u16_at(cmap, 2)?)).find_map(|nth| {
            let record = 4 + nth * 8;
            let at = u32_at(cmap, record + 4)? as usize;
            (u16_at(cmap, at)? == 4).then(|| cmap.get(at..))?
        })?;
        Some(Face { units, advances, segments: segments(unicode)? })
    }

    fn glyph(&self, c: char) -> Option<u16> {
        let code = u16::try_from(u32::from(c)).ok()?;
        let segment = self.segments.iter().find(|segment| code <= segment.last)?;
        if code < segment.first {
            return None;
        }
        let glyph = match &segment.glyphs {
            None => code.wrapping_add(segment.delta),
            Some(glyphs) => *glyphs.get(usize::from(code - segment.first))?,
        };
        (glyph != 0).then_some(glyph)
    }

    /// The text with every character that the face lacks replaced by one it has.
    pub fn legible(&self, text: &str) -> String {
        text.chars()
            .map(|c| match c {
                c if self.glyph(c).is_some() => c,
                '\u{2011}' | '\u{2212}' => '-',
                '→' => '›',
                '≥' => '>',
                '≤' => '<',
                _ => '?',
            })
            .collect()
    }

    /// Width of a text. Unit: that of `size`.
    pub fn width(&self, text: &str, size: f32) -> f32 {
        let last = self.advances.last().copied().unwrap_or(0);
        let units: u32 = text
            .chars()
            .map(|c| {
                let glyph = usize::from(self.glyph(c).unwrap_or(0));
                u32::from(self.advances.get(glyph).copied().unwrap_or(last))
            })
            .sum();
        units as f32 * size / self.units
    }

    /// The text, or its beginning with an ellipsis where it is wider than `room`.
    pub fn fit(&self, text: &str, size: f32, room: f32) -> String {
        if self.width(text, size) <= room {
            return text.to_string();
        }
        let mut cut = String::new();
        for c in text.chars() {
            cut.push(c);
            if self.width(&format!("{}…", cut.trim_end()), size) > room {
                cut.pop();
                break;
            }
        }
        format!("{}…", cut.trim_end())
    }

    /// Lines no wider than `room`, at most `most` of them; what does not fit ends in an ellipsis.
    pub fn wrap(&self, text: &str, size: f32, room: f32, most: usize) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        let mut line = String::new();
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            let mut word = word.to_string();
            let longer = if line.is_empty() { word.clone() } else { format!("{line} {word}") };
            if self.width(&longer, size) <= room {
                line = longer;
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            // A word wider than a line is broken where it must be.
            while self.width(&word, size) > room && word.chars().count() > 1 && lines.len() <= most {
                let mut head = String::new();
                for c in word.chars() {
                    head.push(c);
                    if self.width(&head, size) > room && head.chars().count() > 1 {
                        head.pop();
                        break;
                    }
                }
                word = word[head.len()..].to_string();
                lines.push(head);
            }
            line = word;
        }
        if !line.is_empty() {
            lines.push(line);
        }
        if lines.len() > most {
            let rest = lines.split_off(most);
            if let (Some(last), Some(next)) = (lines.last_mut(), rest.first()) {
                *last = self.fit(&format!("{last} {next} {}", "…".repeat(3)), size, room);
            }
        }
        lines
    }
}

fn segments(cmap: &[u8]) -> Option<Vec<Segment>> {
    let count = usize::from(u16_at(cmap, 6)?) / 2;
    let (ends, starts) = (14, 16 + count * 2);
    let (deltas, offsets) = (starts + count * 2, starts + count * 4);
    (0..count)
        .map(|nth| {
            let (first, last) = (u16_at(cmap, starts + nth * 2)?, u16_at(cmap, ends + nth * 2)?);
            let delta = u16_at(cmap, deltas + nth * 2)?;
            let offset = usize::from(u16_at(cmap, offsets + nth * 2)?);
            let glyphs = (offset != 0).then(|| {
                let begin = offsets + nth * 2 + offset;
                (0..=usize::from(last - first))
                    .map(|at| match u16_at(cmap, begin + at * 2) {
                        Some(glyph) if glyph != 0 => glyph.wrapping_add(delta),
                        _ => 0,
                    })
                    .collect()
            });
            Some(Segment { first, last, delta, glyphs })
        })
        .collect()
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn face() -> Face {
        Face::read(epaint_default_fonts::UBUNTU_LIGHT).unwrap()
    }

    #[test]
    fn the_face_has_what_the_sheet_writes() {
        let text = "Groundplan – 12.3ms ±0.2 · 99.95% … “sentence” é ß Ω я €";
        assert_eq!(face().legible(text), text);
        assert_eq!(face().legible("漢 ok"), "? ok");
    }

    #[test]
    fn lines_keep_to_their_room_and_number() {
        let face = face();
        let text = "one two three four five six ".repeat(20) + &"x".repeat(300);
        for most in 1..5 {
            let lines = face.wrap(&text, 10.0, 120.0, most);
            assert_eq!(lines.len(), most);
            assert!(lines.iter().all(|line| face.width(line, 10.0) <= 120.0), "{lines:?}");
            assert!(lines.last().unwrap().ends_with('…'));
        }
        assert_eq!(face.wrap("short", 10.0, 120.0, 2), ["short"]);
    }

    #[test]
    fn wide_letters_are_wider() {
        let face = face();
        assert!(face.width("mmm", 10.0) > 2.0 * face.width("iii", 10.0));
        assert!((face.width("mm", 20.0) - 4.0 * face.width("m", 10.0)).abs() < 1e-3);
    }
}
