//! The keys of people, labels, retrieval and models.

use super::{DURATION, NAME, SHARE};
use crate::vocabulary::{Key, Shape};

const LABEL: Shape = Shape::Reference("label");

pub(super) const PEOPLE: &[Key] = &[
    Key::required("count", Shape::Count, "All people who may use it."),
    Key::default("active-at-peak", SHARE, "5%", "Share of them who are at it at the peak."),
    Key::default("each", Shape::Rate, "10/h", "How often each of those asks."),
];

pub(super) const LABELS: &[Key] = &[
    Key::required("order", Shape::List(&NAME), "The labels, from what all may see to what few may."),
    Key::optional("share", Shape::List(&SHARE), "Share of the items that carries each label, in the same order."),
    Key::optional(
        "may-leave",
        Shape::OneOrMany(&LABEL),
        "Labels whose items may go to others, a model of somebody else's among them; none where nothing stands.",
    ),
    Key::optional(
        "places",
        Shape::Map("label", &NAME),
        "Labels whose items must stay in one place: `on-premises` or a region.",
    ),
];

const CORPUS: &[Key] = &[
    Key::required("documents", Shape::Count, "Documents that are searched."),
    Key::optional("size", Shape::Size, "Their size together."),
    Key::optional("changes", Shape::Rate, "How many are new or change."),
    Key::optional("freshness", DURATION, "A change is found within this time."),
];

const RIGHTS: &[Key] = &[
    Key::default(
        "by",
        Shape::Word(&["document", "label", "collection"]),
        "document",
        "What a right is about: each `document` by itself, its `label`, or the `collection` it is in.",
    ),
    Key::optional("changes", Shape::Rate, "How many rights are given or taken away."),
    Key::optional("revoked-within", DURATION, "A right that is taken away binds within this time."),
    Key::default(
        "filter",
        Shape::Word(&["after-retrieval", "before-retrieval"]),
        "before-retrieval",
        "Whether what may not be seen is left out before the search or taken out of what was found.",
    ),
];

const P95: &[Key] = &[Key::required("p95", DURATION, "95th percentile of the time it takes.")];

const ANSWER: &[Key] = &[
    Key::optional("first-token", Shape::Record(P95), "Time until the first token."),
    Key::optional("done", Shape::Record(P95), "Time until the last token."),
    Key::default("tokens-in", Shape::Numbers, "2k", "Tokens that go into one answer, as a number or a law."),
    Key::default("tokens-out", Shape::Numbers, "300", "Tokens that come out of it, as a number or a law."),
];

const QUALITY: &[Key] = &[
    Key::optional("grounded", SHARE, "Share of answers that the documents found bear out."),
    Key::optional("recall-at-10", SHARE, "Share of what belongs to a question that is among the first ten found."),
    Key::optional("leaked", Shape::Count, "Answers that may show what the asker may not see; `0` for none."),
];

const GPUS: &[Key] = &[Key::required("at-most", Shape::Count, "The most graphics processors that can be had.")];

const PROMPT_LOG: &[Key] = &[
    Key::required("keep", DURATION, "How long questions and answers are kept."),
    Key::optional("redact", Shape::OneOrMany(&NAME), "Classes of data that are made unreadable in them."),
];

const APPROVE: &[Key] = &[
    Key::required("by", Shape::Word(&["human"]), "`human`: a person approves each use."),
    Key::required("within", DURATION, "How long the approval may take."),
];

const TOOL: &[Key] = &[
    Key::optional(
        "effect",
        Shape::Word(&["any", "once"]),
        "`once`: a repeated attempt must not act twice; `any` where nothing stands.",
    ),
    Key::optional("approve", Shape::Record(APPROVE), "Who approves it before it acts."),
];

const AGENTS: &[Key] = &[
    Key::default("steps", Shape::Numbers, "geometric(4)", "Steps that one request takes, as a number or a law."),
    Key::optional("tools", Shape::Map("tool", &Shape::Record(TOOL)), "What the model may do by itself, by name."),
];

pub(super) const AI: &[Key] = &[
    Key::optional("corpus", Shape::Record(CORPUS), "What is searched."),
    Key::optional("rights", Shape::Record(RIGHTS), "Who may see what."),
    Key::optional("answer", Shape::Record(ANSWER), "How fast answers come and how long they are."),
    Key::optional("quality", Shape::Record(QUALITY), "How good answers are."),
    Key::optional("reindex-every", DURATION, "How often everything is embedded anew, for a new model."),
    Key::optional("gpus", Shape::Record(GPUS), "Graphics processors."),
    Key::optional("prompt-log", Shape::Record(PROMPT_LOG), "What is kept of questions and answers."),
    Key::optional("agents", Shape::Record(AGENTS), "Steps that a model takes by itself, and what it may do."),
];
