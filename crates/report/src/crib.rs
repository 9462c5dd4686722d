//! The crib sheet's content, made once and written as PDF and as Markdown: constraints, choice, three lines of justification,
//! three failure modes with their mitigations, numbers to remember, the sentence to open with.

mod content;

/// One page to speak from. All texts are cleaned, none is escaped.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CribSheet {
    /// Name of the brief.
    pub name: String,
    /// What it is, in a sentence; may be empty.
    pub about: String,
    /// What does not hold or holds only under conditions; stated first.
    pub conditions: Vec<String>,
    /// What must be met: label and value.
    pub constraints: Vec<(String, String)>,
    /// The style chosen, as a title.
    pub choice: String,
    /// Why this one, in a sentence.
    pub because: String,
    /// What was chosen besides: dimension and option.
    pub choices: Vec<(String, String)>,
    /// Three lines of justification.
    pub reasons: Vec<String>,
    /// Three ways to fail.
    pub failures: Vec<Failure>,
    /// Numbers to remember: what and how much.
    pub numbers: Vec<(String, String)>,
    /// The sentence to open with.
    pub opening: String,
    /// Where the figures come from, in a line.
    pub footer: String,
}

/// A way to fail, with what is done about it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Failure {
    /// What happens.
    pub title: String,
    /// What it does, measured where it was measured.
    pub effect: String,
    /// What is done about it.
    pub mitigation: String,
}
