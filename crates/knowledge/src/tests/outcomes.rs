//! The known outcomes: each case reads, names what exists, and the count of agreements doesn't fall.

use super::knowledge;
use crate::outcome::{Held, outcomes};

fn held() -> Vec<Held> {
    let list = outcomes().unwrap_or_else(|found| panic!("{found:?}"));
    list.iter().map(|item| item.hold(knowledge()).unwrap_or_else(|found| panic!("{}: {found:?}", item.case))).collect()
}

#[test]
#[ignore = "prints"]
#[allow(clippy::print_stdout)]
fn show() {
    for held in held() {
        for answer in &held.answers {
            println!(
                "{} {} {} -> {:?} (2nd {:?}) agree {:?}: {} | shares {} {:?}\n     twin {:?} {} of {:?}\n     {}",
                held.outcome.case,
                answer.ask.dimension,
                answer.ask.subject.clone().unwrap_or_default(),
                answer.option,
                answer.runner_up,
                answer.ask.agree,
                answer.agrees,
                answer.shares_reasons,
                answer.concerns,
                answer.twin_option,
                answer.twin_agrees,
                answer.ask.twin,
                answer.arguments.iter().map(|item| item.1.clone()).collect::<Vec<_>>().join("; ")
            );
        }
    }
}
