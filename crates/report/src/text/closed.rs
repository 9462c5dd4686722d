//! Closed forms beside simulated figures, as a table of 80 columns.

use super::shown;
use crate::figure::of_closed;
use crate::terminal::{Align, Page, Rich, Tone};
use groundplan_planner::closed::ClosedForm;

/// The section of a verdict; nothing where no closed form applies.
pub(super) fn section(page: &mut Page, forms: &[ClosedForm]) {
    if forms.is_empty() {
        return;
    }
    page.heading("Beside closed forms");
    let mut bent: Vec<&str> = Vec::new();
    let mut rows = vec![["", "", "model", "says", "simulated"].map(Rich::from).to_vec()];
    for form in forms {
        let mark = form.approximate.map_or(String::new(), |why| {
            if !bent.contains(&why) {
                bent.push(why);
            }
            "≈ ".to_string()
        });
        rows.push(vec![
            Rich::from(form.subject.replace("->", " → ")),
            Rich::new(Tone::Dim, form.measure.words()),
            Rich::new(Tone::Dim, &form.model),
            Rich::from(format!("{mark}{}", of_closed(form.measure).show(form.value))),
            shown(&form.simulated, of_closed(form.measure)),
        ]);
    }
    page.table(2, &[Align::Left, Align::Left, Align::Left, Align::Right, Align::Right], true, &rows);
    if !bent.is_empty() {
        page.paragraph(2, &Rich::new(Tone::Dim, &format!("≈ an approximation: {}", bent.join("; "))));
    }
}
