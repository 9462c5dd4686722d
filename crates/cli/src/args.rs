//! The words of the command line.

use clap::{Args, Parser, Subcommand, ValueEnum};
use groundplan_model::reader::quantities::{DURATION, Measure, SHARE, measured};
use groundplan_model::units::{Seconds, Share};
use groundplan_planner::script::MINUTES;
use std::path::PathBuf;

/// Proposes an architecture for a brief, with reasons and sizes, and tries to break it in a simulator.
#[derive(Debug, Parser)]
#[command(name = "groundplan", version, about, max_term_width = 80)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a plan of a brief: decisions, sizes, four styles measured, a folder of files
    Design(DesignOptions),
    /// Decide the architecture of a brief by rules alone: reasons, flip points, questions; in milliseconds
    Decide(DecideOptions),
    /// Ask what would change a decision, and write the answers into the brief
    Ask(AskOptions),
    /// Say what to say about a brief in so many minutes: an interview, or a review
    Script(ScriptOptions),
    /// Simulate a design and say what was measured and what holds
    Simulate(SimulateOptions),
    /// Reckon the availability of a design over a year from what may fail, each fault run until it is over
    Availability(AvailabilityOptions),
    /// Simulate the plain load of two designs under the same luck and tell the difference
    Compare(CompareOptions),
    /// Read briefs and designs and report everything that is wrong with them
    Check(CheckOptions),
    /// Show what each word of a design means: its parameters, what it leaves out, an example
    Reference(ReferenceOptions),
    /// Run published and exact results as designs and compare: is the simulator right?
    Validate(ValidateOptions),
    /// Print the JSON Schema that editors use
    Schema(SchemaOptions),
    /// Show the rules, facts and sources that decisions rest on
    Knowledge(KnowledgeOptions),
}

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Options of `design`.
#[derive(Debug, Args)]
pub struct DesignOptions {
    /// The brief; `-` reads standard input
    #[arg(value_name = "BRIEF")]
    pub brief: PathBuf,
    /// The folder to write; `<stem>.plan` if missing
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Threads; all cores if missing. Results do not depend on it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// Seed of all luck
    #[arg(long, value_name = "S")]
    pub seed: Option<u64>,
    /// A folder with knowledge of your own, laid over what Groundplan knows
    #[arg(long, value_name = "DIR")]
    pub knowledge: Option<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

/// Options of `decide`.
#[derive(Debug, Args)]
pub struct DecideOptions {
    /// The brief; `-` reads standard input
    #[arg(value_name = "BRIEF")]
    pub brief: PathBuf,
    /// A folder with knowledge of your own, laid over what Groundplan knows
    #[arg(long, value_name = "DIR")]
    pub knowledge: Option<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

/// Options of `ask`.
#[derive(Debug, Args)]
pub struct AskOptions {
    /// The brief; answers are written into it, its comments and layout stay. `-` reads standard input and only lists
    #[arg(value_name = "BRIEF")]
    pub brief: PathBuf,
    /// Answer without being asked: `team.engineers=12`, as often as you like
    #[arg(long, value_name = "PATH=VALUE", value_parser = answer)]
    pub set: Vec<(String, String)>,
    /// A folder with knowledge of your own, laid over what Groundplan knows
    #[arg(long, value_name = "DIR")]
    pub knowledge: Option<PathBuf>,
    /// How to print; `json` lists and does not ask
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

/// Options of `script`.
#[derive(Debug, Args)]
pub struct ScriptOptions {
    /// The brief; `-` reads standard input
    #[arg(value_name = "BRIEF")]
    pub brief: PathBuf,
    /// How long the conversation takes
    #[arg(long, value_name = "N", default_value = "45", value_parser = minutes())]
    pub minutes: u32,
    /// The folder of its plan: what was measured is said too
    #[arg(long, value_name = "DIR")]
    pub plan: Option<PathBuf>,
    /// Take other questions where there is no room for all
    #[arg(long, value_name = "S")]
    pub seed: Option<u64>,
    /// A folder with knowledge of your own, laid over what Groundplan knows
    #[arg(long, value_name = "DIR")]
    pub knowledge: Option<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: PageFormat,
}

/// Options of `simulate`.
#[derive(Debug, Args)]
pub struct SimulateOptions {
    /// The design; `-` reads standard input
    #[arg(value_name = "DESIGN")]
    pub design: PathBuf,
    /// Only this experiment
    #[arg(long, value_name = "NAME")]
    pub experiment: Option<String>,
    /// Run the plain load for this long after warm-up: `10min`
    #[arg(long, value_name = "D", value_parser = duration)]
    pub duration: Option<Seconds>,
    /// Independent runs
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub replications: Option<u32>,
    /// Threads; all cores if missing. Results do not depend on it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// Seed of all luck
    #[arg(long, value_name = "S", default_value = "1")]
    pub seed: u64,
    /// Follow a typical, a slow and a failed request of each operation, of the plain load or the experiment that is named
    #[arg(long)]
    pub waterfall: bool,
    /// Run on until intervals are this narrow: `2%`
    #[arg(long, value_name = "P", value_parser = precision)]
    pub precision: Option<Share>,
    /// Leave out what shorter and longer service times would do
    #[arg(long)]
    pub no_sensitivity: bool,
    /// How to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

/// Options of `availability`.
#[derive(Debug, Args)]
pub struct AvailabilityOptions {
    /// The design; `-` reads standard input
    #[arg(value_name = "DESIGN")]
    pub design: PathBuf,
    /// What every operation must keep over a year, instead of its own target: `99.9%`
    #[arg(long, value_name = "SHARE", value_parser = target)]
    pub target: Option<Share>,
    /// Independent runs of each fault; a single one would have no interval
    #[arg(long, value_name = "N", default_value = "8", value_parser = clap::value_parser!(u32).range(2..=10_000))]
    pub replications: u32,
    /// Threads; all cores if missing. Results do not depend on it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// Seed of all luck
    #[arg(long, value_name = "S", default_value = "1")]
    pub seed: u64,
    /// A folder with knowledge of your own, laid over what Groundplan knows
    #[arg(long, value_name = "DIR")]
    pub knowledge: Option<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

/// Options of `compare`.
#[derive(Debug, Args)]
pub struct CompareOptions {
    /// A design
    #[arg(value_name = "A")]
    pub first: PathBuf,
    /// Another for the same operations
    #[arg(value_name = "B")]
    pub second: PathBuf,
    /// Run the plain load for this long after warm-up: `10min`
    #[arg(long, value_name = "D", value_parser = duration)]
    pub duration: Option<Seconds>,
    /// Pairs of runs; a single pair would have no interval
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=1000))]
    pub replications: Option<u32>,
    /// Threads; all cores if missing. Results do not depend on it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// Seed of all luck
    #[arg(long, value_name = "S", default_value = "1")]
    pub seed: u64,
    /// How to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

/// Options of `check`.
#[derive(Debug, Args)]
pub struct CheckOptions {
    /// Briefs and designs; `-` reads standard input
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// A folder with knowledge of your own: also say where a brief leaves nothing possible under it
    #[arg(long, value_name = "DIR")]
    pub knowledge: Option<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

/// Options of `reference`.
#[derive(Debug, Args)]
pub struct ReferenceOptions {
    /// A word or a section; a section before a word tells words of one name apart: `fault errors`
    #[arg(value_name = "NAME", num_args = 0..=2)]
    pub names: Vec<String>,
    /// Only the design that shows it, to be run: `| groundplan simulate -`
    #[arg(long, requires = "names")]
    pub example: bool,
    /// How to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: PageFormat,
}

/// How something is printed that is also a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PageFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// As a page.
    Markdown,
}

/// Options of `validate`.
#[derive(Debug, Args)]
pub struct ValidateOptions {
    /// Items such as `O-01`, or files of your own; all items if missing
    #[arg(value_name = "ITEM")]
    pub items: Vec<String>,
    /// Short runs, with wider intervals: seconds instead of minutes
    #[arg(long, conflicts_with = "whole")]
    pub quick: bool,
    /// Runs as long as the tolerances need; what happens anyway
    #[arg(long)]
    pub whole: bool,
    /// Threads; all cores if missing. Results do not depend on it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// How to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

/// Options of `schema`.
#[derive(Debug, Args)]
pub struct SchemaOptions {
    /// Of which kind of file
    #[arg(value_enum)]
    pub kind: SchemaKind,
    /// How to print; a schema is JSON either way
    #[arg(long, value_enum, default_value = "json")]
    pub format: Format,
}

/// Kinds of files that have a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SchemaKind {
    /// Briefs.
    Brief,
    /// Designs.
    Design,
}

/// Options of `knowledge`.
#[derive(Debug, Args)]
pub struct KnowledgeOptions {
    /// What to show.
    #[command(subcommand)]
    pub command: KnowledgeCommand,
    /// A folder with knowledge of your own, laid over what Groundplan knows
    #[arg(long, value_name = "DIR", global = true)]
    pub knowledge: Option<PathBuf>,
}

/// What to show of the knowledge.
#[derive(Debug, Subcommand)]
pub enum KnowledgeCommand {
    /// Everything with an id, or one kind: `options`, `rules`, `risks`, `facts`, `sources`, ...
    List {
        /// A kind
        kind: Option<String>,
        /// How to print
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
    /// Everything in which all these words stand, the best first
    Search {
        /// The words
        #[arg(required = true)]
        words: Vec<String>,
        /// How to print
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
    /// One piece in full, with its sources
    Show {
        /// Its id; `DIMENSION/OPTION` or `KIND:ID` where several share it
        id: String,
        /// How to print
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
    /// Options of one dimension side by side
    Compare {
        /// Two to four options
        #[arg(required = true, num_args = 2..=4)]
        options: Vec<String>,
        /// How to print
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
    /// The generic sheet: constraints, pattern, justification, mitigations, without a brief
    Sheet {
        /// How to print
        #[arg(long, value_enum, default_value = "text")]
        format: PageFormat,
    },
    /// Say what is wrong with a folder of knowledge, and which decisions it changes
    Check {
        /// The folder; what the binary carries if missing
        folder: Option<PathBuf>,
        /// How to print
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
    /// What each rule decides alone: leave it out, and see what changes
    Alone {
        /// Briefs; all examples and known outcomes if missing
        briefs: Vec<PathBuf>,
        /// How to print
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
    /// What carries each row of the blueprint that the knowledge began with
    Coverage {
        /// How to print
        #[arg(long, value_enum, default_value = "text")]
        format: PageFormat,
    },
    /// Known outcomes: what engineers chose, and what is decided from what was known before
    Cases {
        /// How to print
        #[arg(long, value_enum, default_value = "text")]
        format: PageFormat,
    },
}

fn minutes() -> clap::builder::RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(i64::from(*MINUTES.start())..=i64::from(*MINUTES.end()))
}

fn quantity(text: &str, measure: &Measure) -> Result<f64, String> {
    let range = measured(text, measure).map_err(|complaint| match complaint.help {
        Some(help) => format!("{}; {help}", complaint.headline),
        None => complaint.headline,
    })?;
    if range.is_range() { Err("one value stands here, not a range".into()) } else { Ok(range.mid()) }
}

fn duration(text: &str) -> Result<Seconds, String> {
    match quantity(text, &DURATION)? {
        value if value > 0.0 => Ok(Seconds(value)),
        _ => Err("it must be longer than nothing".into()),
    }
}

fn answer(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((path, value)) if !path.trim().is_empty() && !value.trim().is_empty() => {
            Ok((path.trim().to_string(), value.trim().to_string()))
        }
        _ => Err("write a path, `=` and a value: `team.engineers=12`".into()),
    }
}

fn target(text: &str) -> Result<Share, String> {
    match quantity(text, &SHARE)? {
        value if value > 0.0 && value < 1.0 => Ok(Share(value)),
        _ => Err("it must lie between 0% and 100%; nothing is there all year".into()),
    }
}

fn precision(text: &str) -> Result<Share, String> {
    match quantity(text, &SHARE)? {
        value if value > 0.0 && value < 1.0 => Ok(Share(value)),
        _ => Err("it must lie between 0% and 100%".into()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_words_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn quantities_carry_units() {
        assert_eq!(duration("10min").unwrap(), Seconds(600.0));
        assert!(duration("10").unwrap_err().contains("no unit"));
        assert!(duration("0s").is_err() && duration("1s..2s").is_err());
        assert_eq!(precision("2%").unwrap(), Share(0.02));
        assert!(precision("100%").is_err());
    }
}
