//! What goes out: text to stdout, complaints to stderr, and the exit status. Colours are stripped where nobody sees them
//! (`NO_COLOR`, a pipe, a dumb terminal); a closed pipe is no mistake.

use std::io::{ErrorKind, Write};
use std::process::ExitCode;

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Status {
    /// All holds.
    #[default]
    Holds = 0,
    /// A target or expectation does not hold or is not decided.
    Fails = 1,
    /// The input or the arguments are at fault.
    Input = 2,
    /// The environment is, or we are.
    Environment = 3,
    /// Ctrl-C.
    Interrupted = 130,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> ExitCode {
        ExitCode::from(status as u8)
    }
}

/// Writes to stdout. Returns `status`, or what is wrong with stdout itself.
pub fn print(text: &str, status: Status) -> Status {
    let mut out = anstream::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => status,
        // Whoever listened has heard enough.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => status,
        Err(error) => {
            complain(&format!("the output can't be written: {error}"));
            Status::Environment
        }
    }
}

/// Writes to stderr, as it is.
pub fn tell(text: &str) {
    let mut err = anstream::stderr().lock();
    let _ = err.write_all(text.as_bytes()).and_then(|()| err.flush());
}

/// An error without a place in a file.
pub fn complain(text: &str) {
    let text = groundplan_report::clean::clean(text);
    tell(&format!("\u{1b}[1;31merror\u{1b}[0m: {text}\n"));
}

/// Says on stderr that self-checks do not hold, which is our mistake.
pub fn own_mistake(violated: u64) {
    if violated > 0 {
        complain(&format!(
            "{violated} self-checks do not hold: this is a mistake in groundplan and not in your files; please report it with them"
        ));
    }
}
