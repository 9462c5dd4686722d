//! What is wrong with how a component says it is released.

use groundplan_model::design::Component;
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::units::Share;
use groundplan_model::value::Settings;

/// What is wrong with how a component is released.
pub(super) fn found(component: &Component, replicas: u32) -> Vec<Diagnostic> {
    let Some(said) = component.settings.map("release") else {
        return Vec::new();
    };
    let name = &component.name.value;
    let strategy = said.text("strategy").unwrap_or("all-at-once");
    let mut found = Vec::new();
    let mut error = |code, headline: String, key: &str, help: &str| {
        let span = if said.span(key).is_none() { component.settings.span("release") } else { said.span(key) };
        found.push(Diagnostic::error(code, headline).at(span, "said here").help(help.to_string()));
    };
    let share = |key| said.share(key).map(|Share(share)| share);
    if share("step").is_some_and(|step| step <= 0.0 || step > 1.0) {
        let headline = format!("a release of `{name}` in steps of {} never ends", Share(share("step").unwrap_or(0.0)));
        error("release-step", headline, "step", "write a share above 0% and up to 100%, as `step: 25%`");
    }
    if strategy == "canary" {
        let canary = share("canary").unwrap_or(0.1);
        if canary <= 0.0 {
            error(
                "no-canary",
                format!("the canary of `{name}` has no replica"),
                "canary",
                "write a share above 0%, as `canary: 10%`",
            );
        }
        let count = (canary * f64::from(replicas) - 1e-9).ceil().max(1.0) as u32;
        if canary > 1.0 || count >= replicas && replicas > 1 {
            let headline = format!("the canary of `{name}` is all of it: {count} of {replicas} replicas");
            error("canary-of-all", headline, "canary", "write a share below 100%, or `strategy: all-at-once`");
        }
        if replicas == 1 {
            let headline = format!("`{name}` has one replica: a canary of it is all of it");
            error("canary-of-one", headline, "strategy", "give it more `replicas`, or write `strategy: blue-green`");
        }
        if share("weight").is_some_and(|weight| weight <= 0.0 || weight >= 1.0) {
            error(
                "canary-weight",
                format!("a canary that gets {} of the requests is none", Share(share("weight").unwrap_or(0.0))),
                "weight",
                "write a share between 0% and 100%, as `weight: 5%`",
            );
        }
    } else {
        for key in ["canary", "weight"].into_iter().filter(|key| said.get(key).is_some()) {
            let headline = format!("`{key}` says nothing of a release that is {strategy}");
            error("idle-release-key", headline, key, "write `strategy: canary`, or take it away");
        }
    }
    if said.get("step").is_some() && !["canary", "rolling"].contains(&strategy) {
        let headline = format!("`step` says nothing of a release that is {strategy}");
        error("idle-release-key", headline, "step", "write `strategy: rolling`, or take it away");
    }
    let flag = |key| said.flag(key) == Some(true);
    if flag("in-place") && (flag("surge") || strategy == "blue-green") {
        error(
            "release-manner",
            "what is read while replicas run needs no replicas beside them".to_string(),
            "in-place",
            "take `in-place` away, or `surge` or `blue-green`",
        );
    }
    if said.get("judge").is_none() && said.text("rollback").is_some_and(|way| way != "none") {
        error(
            "rollback-without-judge",
            format!("nobody watches the releases of `{name}`, so none is taken back"),
            "rollback",
            "add `judge: { above: 5% }`, or end the release in the experiment by `for`",
        );
    }
    if component.settings.flag("shared-queue") == Some(true) && !flag("in-place") {
        let headline = format!("replicas of `{name}`, which share a queue, can't start anew one by one");
        error("release-of-shared-queue", headline, "strategy", "write `in-place: yes`, or take `shared-queue` away");
    }
    let handles = component.operations.iter().any(|operation| operation.handles.is_some());
    if handles && (flag("surge") || strategy == "blue-green") {
        let headline = format!("`{name}` handles records: consumers beside consumers can't be simulated");
        error(
            "release-of-consumers",
            headline,
            "strategy",
            "release it `rolling`, `canary` or `all-at-once`, without `surge`",
        );
    }
    found.extend(said.map("judge").into_iter().flat_map(|judge| of_judge(said, judge)));
    found
}

/// What is wrong with who watches.
fn of_judge(said: &Settings, judge: &Settings) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let span = |key: &str| if judge.span(key).is_none() { said.span("judge") } else { judge.span(key) };
    if judge.duration("window").is_some_and(|window| window.0 <= 0.0) {
        found.push(
            Diagnostic::error("judge-window", "a judge that looks at no time sees nothing")
                .at(span("window"), "no time")
                .help("write `window: 1min`"),
        );
    }
    if judge.share("above").is_some_and(|above| above.0 >= 1.0) {
        found.push(
            Diagnostic::error("judge-never-speaks", "no window has more than 100% of bad requests")
                .at(span("above"), "never exceeded")
                .help("write `above: 5%`"),
        );
    }
    found
}
