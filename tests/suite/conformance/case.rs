//! A file of cases as it is written. A key that means nothing is refused: a slip of the pen must not pass as a case.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value as Json};
use vectlite::ErrorKind;

use super::{signature, special};

/// The code of steps that no compiler lets through.
const WRONG_TYPE: &str = "type";

/// One file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Topic {
    topic: String,
    cases: Vec<Case>,
}

impl Topic {
    pub(super) fn name(&self) -> &str {
        &self.topic
    }

    pub(super) fn cases(&self) -> &[Case] {
        &self.cases
    }

    /// The codes that Rust's steps of this file fail with.
    pub(super) fn codes(&self) -> impl Iterator<Item = &str> {
        let steps = self.cases.iter().flat_map(|case| &case.steps);
        steps.filter_map(Step::outcome).filter_map(|outcome| outcome.fails.as_ref()).map(|fails| &*fails.code)
    }
}

/// What happens in one directory.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Case {
    name: String,
    /// Options of `db`; `null` opens nothing.
    #[serde(deserialize_with = "options")]
    pub(super) open: Option<Map<String, Json>>,
    pub(super) steps: Vec<Step>,
}

impl Case {
    pub(super) fn name(&self) -> &str {
        &self.name
    }
}

/// One thing that happens.
pub(super) enum Step {
    Call(Call),
    Get(Get),
    Do(FileWork),
}

impl<'de> Deserialize<'de> for Step {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Step, D::Error> {
        let json = Json::deserialize(deserializer)?;
        let shown = json.to_string();
        let step = if json.get("do").is_some() {
            FileWork::deserialize(json).map(Step::Do)
        } else if json.get("get").is_some() {
            Get::deserialize(json).map(Step::Get)
        } else {
            Call::deserialize(json).map(Step::Call)
        };
        let step = step.map_err(|error| D::Error::custom(format!("{error} in {shown}")))?;
        step.check().map_err(|what| D::Error::custom(format!("{what} in {shown}")))?;
        Ok(step)
    }
}

impl Step {
    /// What the types do not say: codes, calls and arguments.
    fn check(&self) -> Result<(), String> {
        if let Step::Call(call) = self {
            signature::check(&call.call, &call.with)?;
        }
        self.outcome().map_or(Ok(()), |outcome| outcome.check())
    }

    fn outcome(&self) -> Option<Outcome<'_>> {
        match self {
            Step::Call(call) => Some(Outcome { gives: &call.gives, fails: &call.fails }),
            Step::Get(get) => Some(Outcome { gives: &get.gives, fails: &get.fails }),
            Step::Do(_) => None,
        }
    }
}

/// A method and what comes of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Call {
    pub(super) call: String,
    #[serde(default = "database")]
    pub(super) on: String,
    #[serde(default)]
    pub(super) with: Map<String, Json>,
    #[serde(rename = "as")]
    pub(super) kept_as: Option<String>,
    #[serde(default, deserialize_with = "given")]
    pub(super) gives: Option<Json>,
    pub(super) fails: Option<Fails>,
}

impl Call {
    /// Whether Rust cannot say it: a wrong type, or a value that Rust's types do not hold.
    pub(super) fn is_for_others(&self) -> bool {
        self.fails.as_ref().is_some_and(|fails| fails.code == WRONG_TYPE)
            || self.with.values().any(special::is_beyond_rust)
    }
}

/// A property and its value.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Get {
    pub(super) get: String,
    #[serde(default = "database")]
    pub(super) on: String,
    #[serde(default, deserialize_with = "given")]
    pub(super) gives: Option<Json>,
    pub(super) fails: Option<Fails>,
}

/// Something done to the files.
#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum FileWork {
    WriteFile { path: String, text: String },
    MakeDirectory { path: String },
    FlipByte { path: String, offset: usize },
    Truncate { path: String, length: u64 },
    CopyGolden { from: String, path: String },
}

/// How a step has to fail.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fails {
    pub(super) code: String,
    #[serde(default)]
    pub(super) says: Vec<String>,
    /// Records that a bulk load committed before.
    pub(super) committed: Option<usize>,
}

struct Outcome<'a> {
    gives: &'a Option<Json>,
    fails: &'a Option<Fails>,
}

impl Outcome<'_> {
    fn check(&self) -> Result<(), String> {
        let Some(fails) = self.fails else { return Ok(()) };
        if self.gives.is_some() {
            return Err("a step cannot both give and fail".to_owned());
        }
        let known = ErrorKind::ALL.iter().any(|kind| kind.code() == fails.code) || fails.code == WRONG_TYPE;
        if known { Ok(()) } else { Err(format!("unknown code {:?}", fails.code)) }
    }
}

fn database() -> String {
    "db".to_owned()
}

/// Options, or `null`, but not nothing.
fn options<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Map<String, Json>>, D::Error> {
    let options = Option::<Map<String, Json>>::deserialize(deserializer)?;
    options.iter().try_for_each(signature::check_options).map_err(D::Error::custom)?;
    Ok(options)
}

/// Tells `null` from nothing.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Json>, D::Error> {
    Json::deserialize(deserializer).map(Some)
}
