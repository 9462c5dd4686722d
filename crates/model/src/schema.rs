//! JSON Schema (draft 2020-12) for briefs and designs, from the same tables that the reader reads by.
//!
//! A schema can't say all that the reader checks (that names are declared, that shares add up); what it refuses, the
//! reader refuses too. Editors read `yes` as text and `8` as a number; both are allowed where the language means them.

use crate::reader::laws::{ARRIVALS, DISTRIBUTIONS, Law};
use crate::reader::quantities::{self, Measure, NOUNS};
use crate::vocabulary::{Key, Need, Shape, Vocabulary};
use crate::words::{brief, design};
use serde_json::{Map, Value, json};

const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The schema of a brief.
#[must_use]
pub fn brief_schema() -> Value {
    let mut root = record(&[brief::BRIEF]);
    root["properties"]["version"]["const"] = json!(1);
    head(root, "A brief: what is required of a software system, without technology.")
}

/// The schema of a design, by the words of a vocabulary.
#[must_use]
pub fn design_schema(vocabulary: &Vocabulary) -> Value {
    let policies: Vec<&[Key]> = vocabulary.policies.iter().map(|policy| policy.keys).collect();
    let with_policies = |keys: &'static [Key]| {
        let mut tables = vec![keys];
        tables.extend(&policies);
        record(&tables)
    };
    let mut step = with_policies(design::VERBS);
    let settings = record(&[design::STEP]);
    merge(&mut step, &settings);
    step["oneOf"] = design::VERBS.iter().map(|verb| json!({ "required": [verb.name] })).collect();
    let mut fault = record(&[design::FAULT]);
    for words in vocabulary.faults {
        merge(&mut fault, &record(&[words.keys]));
    }
    fault["oneOf"] = vocabulary.faults.iter().map(|fault| json!({ "required": [fault.name] })).collect();
    let mut yearly = record(&[design::YEARLY]);
    for words in vocabulary.faults {
        merge(&mut yearly, &record(&[words.keys]));
    }
    yearly["oneOf"] = fault["oneOf"].clone();
    let mut experiment = record(&[design::EXPERIMENT]);
    experiment["properties"]["faults"]["items"] = json!({ "$ref": "#/$defs/fault" });

    let mut definitions = Map::new();
    definitions.insert("step".into(), step);
    definitions.insert("steps".into(), json!({ "type": "array", "items": { "$ref": "#/$defs/step" } }));
    let operation = with_policies(design::OPERATION);
    definitions.insert("operation".into(), json!({ "anyOf": [{ "$ref": "#/$defs/steps" }, operation] }));
    definitions.insert("fault".into(), fault);
    let mut kinds = Vec::new();
    for kind in vocabulary.kinds {
        let mut component = record(&[design::COMPONENT, kind.keys]);
        component["description"] = json!(kind.manual);
        component["properties"]["kind"] = json!({ "const": kind.name });
        let name = format!("component-{}", kind.name);
        kinds.push(json!({
            "if": { "properties": { "kind": { "const": kind.name } }, "required": ["kind"] },
            "then": { "$ref": format!("#/$defs/{name}") }
        }));
        definitions.insert(name, component);
    }
    let names: Vec<&str> = vocabulary.kinds.iter().map(|kind| kind.name).collect();
    definitions.insert(
        "component".into(),
        json!({ "type": "object", "required": ["kind"], "properties": { "kind": { "enum": names } }, "allOf": kinds }),
    );

    let mut root = record(&[design::DESIGN]);
    root["properties"]["version"]["const"] = json!(1);
    root["properties"]["components"]["additionalProperties"] = json!({ "$ref": "#/$defs/component" });
    root["properties"]["load"]["items"] = with_policies(design::LOAD);
    root["properties"]["experiments"]["items"] = experiment;
    root["properties"]["year"]["properties"]["faults"]["items"] = yearly;
    root["$defs"] = Value::Object(definitions);
    head(root, "A design: what is built.")
}

fn head(root: Value, description: &str) -> Value {
    let mut out = Map::new();
    out.insert("$schema".into(), json!(DRAFT));
    out.insert("description".into(), json!(description));
    if let Value::Object(object) = root {
        out.extend(object);
    }
    Value::Object(out)
}

/// Adds the properties of another record.
fn merge(into: &mut Value, from: &Value) {
    let Some(properties) = from["properties"].as_object() else {
        return;
    };
    for (key, value) in properties {
        into["properties"][key] = value.clone();
    }
}

fn record(tables: &[&[Key]]) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for key in tables.iter().flat_map(|table| table.iter()) {
        if properties.contains_key(key.name) {
            continue;
        }
        let mut property = shape(&key.shape);
        property["description"] = json!(key.manual);
        match key.need {
            Need::Required => required.push(key.name),
            Need::Optional => {}
            // A map of defaults is said key by key; a list or record is JSON, not text.
            Need::Default(text) if text.starts_with(['{', '[']) => {}
            Need::Default(text) => property["default"] = json!(text),
        }
        properties.insert(key.name.into(), property);
    }
    let mut out = json!({ "type": "object", "additionalProperties": false, "properties": properties });
    if !required.is_empty() {
        out["required"] = json!(required);
    }
    out
}

/// A number as the language writes it.
const NUMBER: &str = r"[0-9]*\.?[0-9]+([eE][+-]?[0-9]+)?";

/// Letters, digits, `-`, `_`, `.`: all of ASCII but these is excluded, for patterns know no classes of Unicode everywhere.
const NAME: &str = r"^[^\u0000-,/:-@\[-\^`{-\u007f]{1,64}$";
/// As a name, with `/` between a region and its zone.
const REFERENCE: &str = r"^[^\u0000-,:-@\[-\^`{-\u007f]{1,129}$";

fn pattern(measure: &Measure) -> String {
    let units: Vec<String> = measure.units.iter().map(|unit| unit.name.replace('/', "\\/")).collect();
    let unit = format!("({})", units.join("|"));
    let one = format!(r"{NUMBER} ?[kMG]? ?{unit}");
    let open = format!(r"{NUMBER} ?[kMG]? ?{unit}?");
    format!(r"^({one}|{open}\.\.{one})$")
}

fn measured(measure: &Measure) -> Value {
    json!({ "type": "string", "pattern": pattern(measure), "examples": [measure.example] })
}

/// A time of the day, a zone, and a day of the year.
const CLOCK: &str = "([01][0-9]|2[0-4]):[0-5][0-9]";
const ZONE: &str = "(UTC|[A-Za-z0-9_+-]+/[A-Za-z0-9_+/-]+)";
const DAY: &str = "(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])";

fn timed(pattern: String, example: &str) -> Value {
    json!({ "type": "string", "pattern": pattern, "examples": [example] })
}

fn names_of(laws: &[Law]) -> String {
    laws.iter().map(|law| law.name).collect::<Vec<_>>().join("|")
}

fn call_pattern(laws: &[Law]) -> String {
    format!(r"^({})\(.*\)$", names_of(laws))
}

fn count() -> Value {
    let pattern = format!(r"^[0-9]*\.?[0-9]+[kMG]?( ({}))?$", NOUNS.join("|"));
    json!({ "anyOf": [{ "type": "integer", "minimum": 0 }, { "type": "string", "pattern": pattern }] })
}

fn any_of(options: Vec<Value>) -> Value {
    json!({ "anyOf": options })
}

fn shape(kind: &Shape) -> Value {
    match kind {
        Shape::Text => json!({ "type": ["string", "number", "boolean"] }),
        Shape::Name => json!({ "type": ["string", "number", "boolean"], "pattern": NAME }),
        Shape::Reference(_) => {
            json!({ "type": ["string", "number", "boolean"], "pattern": REFERENCE })
        }
        Shape::Flag => json!({ "enum": ["yes", "no", true, false] }),
        Shape::Degree => json!({ "enum": ["no", "partial", "yes", true, false] }),
        Shape::Word(words) => json!({ "enum": words }),
        Shape::Count => count(),
        Shape::CountOrUnlimited => any_of(vec![count(), json!({ "const": "unlimited" })]),
        Shape::Number => {
            let pattern = format!(r"^-?{NUMBER}(\.\.-?{NUMBER})?$");
            any_of(vec![json!({ "type": "number" }), json!({ "type": "string", "pattern": pattern })])
        }
        Shape::Duration => measured(&quantities::DURATION),
        Shape::Rate => measured(&quantities::RATE),
        Shape::Size => measured(&quantities::SIZE),
        Shape::Bandwidth => measured(&quantities::BANDWIDTH),
        Shape::Share => measured(&quantities::SHARE),
        Shape::Factor => measured(&quantities::FACTOR),
        Shape::YearlyGrowth => measured(&quantities::GROWTH),
        Shape::Growth => any_of(vec![measured(&quantities::GROWTH), measured(&quantities::GROWTH_AMOUNT)]),
        Shape::MoneyPerMonth => measured(&quantities::MONEY),
        Shape::Distribution => any_of(vec![
            json!({ "type": "string", "pattern": call_pattern(DISTRIBUTIONS) }),
            measured(&quantities::DURATION),
        ]),
        Shape::Numbers => any_of(vec![
            json!({ "type": "number", "minimum": 0 }),
            json!({ "type": "string", "pattern": format!(r"^({NUMBER} ?[kMG]?|({})\(.*\))$", names_of(DISTRIBUTIONS)) }),
        ]),
        Shape::Amount => {
            json!({ "type": "string", "pattern": format!("^{NUMBER} ?[kMG]? [A-Z]{{3}}$"), "examples": ["50 EUR"] })
        }
        Shape::Clock => timed(format!("^{CLOCK}( {ZONE})?$"), "18:00 Europe/Berlin"),
        Shape::Hours => timed(format!("^{CLOCK}-{CLOCK}( {ZONE})?$"), "07:00-18:00"),
        Shape::Days => timed(format!(r"^{DAY}(\.\.{DAY})?$"), "12-20..01-05"),
        Shape::Month => timed("^[12][0-9]{3}-(0[1-9]|1[0-2])$".into(), "2027-06"),
        Shape::Arrivals => json!({ "type": "string", "pattern": call_pattern(ARRIVALS) }),
        Shape::Popularity => json!({ "type": "string", "pattern": r"^(uniform|(zipf|uniform)\(.*\))$" }),
        Shape::Target(inner) => any_of(vec![
            shape(inner),
            json!({
                "type": "object", "additionalProperties": false, "required": ["must"],
                "properties": { "must": shape(inner), "want": shape(inner) }
            }),
        ]),
        Shape::List(inner) => json!({ "type": "array", "items": shape(inner) }),
        Shape::OneOrMany(inner) => any_of(vec![shape(inner), json!({ "type": "array", "items": shape(inner) })]),
        Shape::Map(what, inner) if *what == "share" => {
            json!({ "type": "object", "propertyNames": { "pattern": pattern(&quantities::SHARE) }, "additionalProperties": shape(inner) })
        }
        Shape::Map(_, inner) => json!({ "type": "object", "additionalProperties": shape(inner) }),
        Shape::Record(keys) => record(&[keys]),
        Shape::Short(name, keys) => {
            let short = keys.iter().find(|key| key.name == *name).map(|key| shape(&key.shape));
            any_of(short.into_iter().chain([record(&[keys])]).collect())
        }
        Shape::Either(shapes) => any_of(shapes.iter().map(shape).collect()),
        Shape::Steps => json!({ "$ref": "#/$defs/steps" }),
        Shape::Route => {
            let shares = json!({ "type": "object", "additionalProperties": measured(&quantities::SHARE) });
            json!({
                "type": "object", "required": ["start"],
                "properties": { "start": any_of(vec![json!({ "type": "string", "pattern": NAME }), shares.clone()]) },
                "additionalProperties": { "type": "object", "properties": { "next": shares } }
            })
        }
        Shape::Operation => json!({ "$ref": "#/$defs/operation" }),
    }
}
