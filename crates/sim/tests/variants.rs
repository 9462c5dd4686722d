//! Experiments that change the design they run on: `set`, `box`, and the share of runs that show something.
#![allow(clippy::unwrap_used)]

use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::reader::read_design;
use groundplan_model::units::Seconds;
use groundplan_sim::expectation::Holds;
use groundplan_sim::lower::{VOCABULARY, compile};
use groundplan_sim::run::{Options, simulate};
use groundplan_sim::verdict::Verdict;

/// A service of so many workers, asked every 10 ms for what takes 15 ms.
fn text(experiment: &str) -> String {
    format!(
        "kind: design\nversion: 1\nname: varied\ncomponents:\n  s: {{ kind: service, workers: 1, queue: 0, operations: \
         {{ serve: [ {{ compute: const(15ms) }} ] }} }}\nload: [ {{ operation: s.serve, arrivals: constant(100/s) }} ]\n\
         experiments:\n  - {{ name: first, duration: 10s, warm-up: 1s }}\n  - name: varied\n    duration: 10s\n    warm-up: 1s\n{experiment}  - {{ name: last, duration: 10s, warm-up: 1s }}\n"
    )
}

fn verdict(experiment: &str) -> Verdict {
    let design = read_design(&text(experiment), &VOCABULARY);
    assert_eq!(design.errors().count(), 0, "{:#?}", design.diagnostics);
    let design = design.value.unwrap();
    let compiled = compile(&design).unwrap();
    let options = Options {
        replications: 4,
        collapse_replications: 4,
        duration: Seconds(10.0),
        warm_up: Some(Seconds(1.0)),
        ..Options::default()
    };
    simulate(&design, &compiled, &options, &|_| {}).unwrap()
}

fn errors(experiment: &str) -> Vec<Diagnostic> {
    let read = read_design(&text(experiment), &VOCABULARY);
    match read.value {
        None => read.diagnostics,
        Some(design) => compile(&design).unwrap_err(),
    }
}

#[test]
fn an_experiment_runs_on_what_it_sets_and_the_others_do_not() {
    let found = verdict("    set: { components.s.workers: 2 }\n    expect: [ availability(s.serve) >= 99% ]\n");
    let names: Vec<&str> = found.experiments.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["first", "varied", "last"], "file order");
    let available = |nth: usize| found.experiments[nth].operations["s.serve"].availability.value.unwrap();
    // One worker takes every other request, two take all.
    assert!((available(0) - 0.5).abs() < 0.01 && (available(2) - 0.5).abs() < 0.01);
    assert_eq!(available(1), 1.0);
    assert_eq!(found.experiments[1].expectations[0].holds, Holds::Yes);
    assert_eq!(found.experiments[1].set["components.s.workers"], "2");
    assert!(found.experiments[1].corners.is_empty());
}

#[test]
fn what_is_expected_of_a_box_must_hold_at_every_corner() {
    let found = verdict(
        "    box: { components.s.workers: [2, 1], load.0.arrivals: [ constant(100/s), constant(50/s) ] }\n    expect: [ availability(s.serve) >= 99%, p99(s.serve) <= 20ms ]\n",
    );
    let varied = &found.experiments[1];
    assert_eq!(varied.corners.len(), 4);
    let holds: Vec<Holds> = varied.corners.iter().map(|corner| corner.expectations[0].holds).collect();
    assert_eq!(holds, [Holds::Yes, Holds::Yes, Holds::No, Holds::Yes], "one worker can't do 100/s");
    assert_eq!(varied.expectations[0].holds, Holds::No);
    assert_eq!(varied.expectations[1].holds, Holds::Yes);
    assert!((varied.operations["s.serve"].availability.value.unwrap() - 0.5).abs() < 0.01, "figures are the worst's");
    assert!(!found.holds());
}

#[test]
fn runs_are_asked_one_by_one() {
    let found = verdict(
        "    expect: [ runs(availability(s.serve) <= 60%) >= 30%, runs(availability(s.serve) >= 90%) >= 90% ]\n",
    );
    let [met, missed] = &found.experiments[1].expectations[..] else { panic!("two expectations") };
    assert_eq!((met.measured.value, met.holds), (Some(1.0), Holds::Yes));
    assert_eq!((missed.measured.value, missed.holds), (Some(0.0), Holds::No));
}

#[test]
fn what_is_wrong_with_a_variant_is_told_where_it_is_set() {
    for (experiment, code) in [
        ("    set: { components.s.wrkers: 2 }\n", "unknown-key"),
        ("    set: { components.s.workers: many }\n", "not-a-quantity"),
        ("    set: { load.3.arrivals: constant(1/s) }\n", "unknown-path"),
        ("    set: { experiments.0.duration: 1h }\n", "experiment-sets-itself"),
        ("    box: { components.s.workers: [] }\n", "empty-box"),
        (
            "    box: { components.s.workers: [1,2,3,4,5,6,7,8,9], components.s.queue: [0,1,2,3,4,5,6,7] }\n",
            "box-too-wide",
        ),
    ] {
        let found = errors(experiment);
        let one = found.iter().find(|one| one.code == code).unwrap_or_else(|| panic!("{experiment}: {found:#?}"));
        assert!(one.labels.iter().any(|label| !label.span.is_none()), "{experiment} has no place: {one:#?}");
    }
}
