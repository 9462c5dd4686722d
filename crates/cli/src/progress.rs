//! Progress on stderr, only where somebody watches: a terminal that is not dumb, and no CI.

use groundplan_sim::run::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;

/// A line that says how far it is.
pub struct Bar(ProgressBar);

impl Bar {
    /// A bar; hidden where nobody watches.
    pub fn new() -> Bar {
        let bar = ProgressBar::with_draw_target(
            Some(0),
            if watched() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() },
        );
        let style = ProgressStyle::with_template("{bar:24.cyan/black} {pos:>4}/{len:<4} {wide_msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("━━─"));
        Bar(bar)
    }

    /// Shows a step; from any thread.
    pub fn show(&self, progress: Progress<'_>) {
        if self.0.is_hidden() {
            return;
        }
        self.0.set_length(progress.of as u64);
        self.0.set_position(progress.done as u64);
        let stage = groundplan_report::clean::clean(progress.stage);
        if self.0.message() != stage {
            self.0.set_message(stage);
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

#[allow(clippy::disallowed_methods, reason = "whether somebody watches is a fact of the environment")]
fn watched() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    std::io::stderr().is_terminal() && !set("CI") && !dumb
}
