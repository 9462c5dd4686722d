//! groundplan: the command line; parses arguments, prints, and holds no logic of its own.
//!
//! Exit status: 0 all holds; 1 something does not hold or is not decided; 2 the input or the arguments are at fault; 3 the
//! environment is, or we are; 130 interrupted. A closed pipe ends quietly.

mod args;
mod commands;
mod examples;
mod folder;
mod house;
mod input;
mod interrupt;
mod output;
mod progress;
mod recordings;
mod rewrite;

use args::{Arguments, Command};
use clap::Parser;
use output::Status;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version go to stdout with status 0, mistakes to stderr with status 2; a closed pipe is no mistake.
            let _ = error.print();
            return if error.use_stderr() { Status::Input.into() } else { Status::Holds.into() };
        }
    };
    if let Err(error) = interrupt::listen() {
        output::complain(&format!("Ctrl-C can't be listened for: {error}"));
    }
    // A mistake of ours is told as one, with its status, instead of a bare panic's.
    match std::panic::catch_unwind(|| run(&arguments.command)) {
        Ok(status) => status.into(),
        Err(_) => {
            output::complain("this is a mistake in groundplan and not in your files; please report it with them");
            Status::Environment.into()
        }
    }
}

fn run(command: &Command) -> Status {
    match command {
        Command::Design(options) => commands::design::run(options),
        Command::Decide(options) => commands::decide::run(options),
        Command::Ask(options) => commands::ask::run(options),
        Command::Script(options) => commands::script::run(options),
        Command::Simulate(options) => commands::simulate::run(options),
        Command::Availability(options) => commands::availability::run(options),
        Command::Compare(options) => commands::compare::run(options),
        Command::Check(options) => commands::check::run(options),
        Command::Reference(options) => commands::reference::run(options),
        Command::Schema(options) => commands::schema::run(options),
        Command::Validate(options) => commands::validate::run(options),
        Command::Knowledge(options) => commands::knowledge::run(options),
    }
}
