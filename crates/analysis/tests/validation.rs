//! The judge of the closed forms: every figure of the validation set that has one, to the last printed digit,
//! as one table. `cargo test -p groundplan-analysis --test validation -- --nocapture` shows it.

#![allow(clippy::print_stdout, reason = "the table is what this program is for")]

mod judge;

use judge::{ROUNDED, rows};

#[test]
fn every_closed_form_agrees_to_the_last_digit() {
    println!("{:<5} {:<30} {:>12} {:>14}  {:<7} a run may be", "item", "figure", "expected", "closed form", "verdict");
    let rows = rows();
    let mut wrong = Vec::new();
    for row in &rows {
        let verdict = if row.agrees() { "agrees" } else { "DIFFERS" };
        let run = if row.tolerance > 0.0 { format!("+-{}%", row.tolerance * 100.0) } else { "-".into() };
        let line =
            format!("{:<5} {:<30} {:>12} {:>14.8}  {verdict:<7} {run}", row.item, row.figure, row.expected, row.closed);
        println!("{line}");
        if !row.agrees() {
            wrong.push(line);
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

#[test]
fn the_items_asked_for_are_all_here() {
    let rows = rows();
    for item in ["O-01", "O-02", "O-03", "O-04", "O-21", "O-42", "O-59"] {
        assert!(rows.iter().any(|row| row.item == item), "{item}");
    }
    let mut names: Vec<_> = rows.iter().map(|row| (row.item, row.figure)).collect();
    for (item, figure, _) in ROUNDED {
        assert!(names.contains(&(item, figure)), "{item} {figure}");
    }
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), rows.len(), "a figure is named twice");
}

#[test]
fn the_judge_can_say_no() {
    let mut row = rows().swap_remove(0);
    assert_eq!((row.expected, row.agrees()), ("4", true));
    row.closed = 4.000_01;
    assert!(!row.agrees());
    row.expected = "4.0000";
    assert!(row.agrees());
    row.closed = 4.000_06;
    assert!(!row.agrees());
}
