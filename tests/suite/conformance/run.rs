//! Runs a case: a fresh directory, steps in order, handles by name.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value as Json};
use vectlite::{Analyzer, AnalyzerError, Database, Error, ReadView, Store, Transaction};

use super::arguments::Arguments;
use super::case::{Call, Case, Fails, FileWork, Get, Step};
use super::{command_line, compare, database, package, special};

/// What a name in a case stands for.
pub(super) enum Handle {
    Database(Database),
    View(ReadView),
    Store(Store),
    Transaction(Transaction),
    Analyzer(Analyzer),
}

/// What a call gives.
pub(super) enum Answer {
    Json(Json),
    Handle(Handle),
}

/// Why a call gives nothing.
pub(super) enum Stop {
    /// The library refused, with this code and message, as bindings report it.
    Refused { code: &'static str, message: String, committed: Option<usize> },
    /// The case is not well written.
    Slip(String),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Stop {
        Stop::Refused { code: error.code(), message: error.to_string(), committed: error.committed() }
    }
}

impl From<AnalyzerError> for Stop {
    fn from(error: AnalyzerError) -> Stop {
        Error::from(error).into()
    }
}

impl From<String> for Stop {
    fn from(slip: String) -> Stop {
        Stop::Slip(slip)
    }
}

impl From<&str> for Stop {
    fn from(slip: &str) -> Stop {
        Stop::Slip(slip.to_owned())
    }
}

/// Anything that serialises, as an answer.
pub(super) fn json(result: impl serde::Serialize) -> Result<Answer, Stop> {
    serde_json::to_value(result).map(Answer::Json).map_err(|error| Stop::Slip(error.to_string()))
}

/// The directory of a case and what it has open.
pub(super) struct World {
    directory: PathBuf,
    handles: BTreeMap<String, Handle>,
}

impl World {
    pub(super) fn path(&self, relative: &str) -> PathBuf {
        self.directory.join(relative)
    }
}

/// Who answers the questions of a case.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// The library.
    Library,
    /// The library, and then the command line beside it, as far as it can.
    CommandLine,
}

/// Runs a case; an error says which step differed and how. Gives how many questions were put to the command line.
pub(super) fn case(case: &Case, asked: Asked) -> Result<usize, String> {
    let mut questions = 0;
    let directory = tempfile::tempdir().map_err(|error| error.to_string())?;
    let mut world = World { directory: directory.path().to_owned(), handles: BTreeMap::new() };
    if let Some(options) = &case.open {
        let mut arguments = Arguments::new(options);
        let options = package::open_options(&mut arguments).and_then(|options| {
            arguments.done()?;
            Ok(options)
        });
        let opened = options.and_then(|options| Ok(Database::open(world.path("db.vdb"), options)?));
        let db = opened.map_err(|stop| format!("open: {}", shown(&stop)))?;
        world.handles.insert("db".to_owned(), Handle::Database(db));
    }
    for (number, step) in (1..).zip(&case.steps) {
        let (named, outcome) = match step {
            Step::Call(call) if call.is_for_others() => continue,
            Step::Call(call) => (call.call.as_str(), run_call(&mut world, call)),
            Step::Get(get) => (get.get.as_str(), run_get(&world, get)),
            Step::Do(work) => ("file work", run_file_work(&world, work)),
        };
        let failed = |what| format!("step {number} ({named}): {what}");
        outcome.map_err(failed)?;
        if asked == Asked::CommandLine {
            questions += usize::from(ask_command_line(&world, step).map_err(failed)?);
        }
    }
    if asked == Asked::CommandLine
        && let Some(Handle::Database(db)) = world.handles.get("db")
        && db.check_open().is_ok()
    {
        command_line::round_trip(db, &world.directory)?;
    }
    Ok(questions)
}

/// Puts the question of a step to the command line, if it is one that it knows, of a database that is open; whether it was put.
fn ask_command_line(world: &World, step: &Step) -> Result<bool, String> {
    let (on, question, with, gives, fails) = match step {
        Step::Call(call) if call.is_for_others() => return Ok(false),
        Step::Call(call) => (&call.on, &call.call, &call.with, &call.gives, &call.fails),
        Step::Get(get) => (&get.on, &get.get, &Map::new(), &get.gives, &get.fails),
        Step::Do(_) => return Ok(false),
    };
    let Some(Handle::Database(db)) = world.handles.get(on).filter(|_| on != "vectlite") else {
        return Ok(false);
    };
    if db.check_open().is_err() {
        return Ok(false);
    }
    let Some(answer) = command_line::ask(db, question, with) else { return Ok(false) };
    command_line::judge(&answer, gives.as_ref(), fails.is_some())?;
    Ok(true)
}

fn run_call(world: &mut World, call: &Call) -> Result<(), String> {
    let mut arguments = Arguments::new(&call.with);
    let answer = if call.on == "vectlite" {
        package::call(world, &call.call, &mut arguments)
    } else {
        let name = &call.on;
        match world.handles.get_mut(name).ok_or_else(|| format!("nothing is called {name:?}"))? {
            Handle::Store(store) => package::call_store(store, &call.call, &mut arguments),
            Handle::View(view) => database::call_view(view, &call.call, &mut arguments),
            Handle::Analyzer(analyzer) => package::call_analyzer(analyzer, &call.call, &mut arguments),
            Handle::Transaction(_) if ["commit", "rollback"].contains(&call.call.as_str()) => {
                match world.handles.remove(name) {
                    Some(Handle::Transaction(transaction)) => database::end(transaction, &call.call),
                    _ => Err(Stop::Slip(format!("nothing is called {name:?}"))),
                }
            }
            Handle::Transaction(transaction) => {
                database::call_transaction(transaction, &call.call, &mut arguments)
            }
            Handle::Database(db) => database::call(db, &world.directory, &call.call, &mut arguments),
        }
    };
    // An argument that no call has is a slip even where the call failed, unless it failed before it came to it.
    if answer.is_ok() {
        arguments.done()?;
    }
    let answer = judge(answer, &call.gives, &call.fails)?;
    match (&call.kept_as, answer) {
        (Some(name), Some(Answer::Handle(handle))) => {
            world.handles.insert(name.clone(), handle);
            Ok(())
        }
        (Some(name), _) => Err(format!("nothing to keep as {name:?}")),
        (None, _) => Ok(()),
    }
}

fn run_get(world: &World, get: &Get) -> Result<(), String> {
    let db = match world.handles.get(&get.on) {
        Some(Handle::Database(db)) => db,
        Some(Handle::View(view)) if get.get == "commit_id" => {
            let commit = view.commit_id().map_err(Stop::from).and_then(json);
            return judge(commit, &get.gives, &get.fails).map(drop);
        }
        _ => return Err(format!("no database is called {:?}", get.on)),
    };
    let value = match get.get.as_str() {
        "dimension" => json(db.dimension()),
        "metric" => json(db.metric().name()),
        "read_only" => json(db.read_only()),
        "commit_id" => db.commit_id().map_err(Stop::from).and_then(json),
        other => Err(Stop::Slip(format!("unknown property {other:?}"))),
    };
    judge(value, &get.gives, &get.fails).map(drop)
}

/// Compares what came with what had to come.
fn judge(
    answer: Result<Answer, Stop>,
    gives: &Option<Json>,
    fails: &Option<Fails>,
) -> Result<Option<Answer>, String> {
    match (answer, fails) {
        (Err(Stop::Slip(what)), _) => Err(what),
        (Err(Stop::Refused { code, message, committed }), Some(fails)) => {
            let silent = fails.says.iter().find(|part| !message.contains(*part));
            if code != fails.code {
                return Err(format!("expected code {:?}, found {code:?}: {message}", fails.code));
            }
            if let Some(part) = silent {
                return Err(format!("expected {part:?} in the message, found {message:?}"));
            }
            if fails.committed.is_some() && fails.committed != committed {
                return Err(format!("expected {:?} committed, found {committed:?}", fails.committed));
            }
            Ok(None)
        }
        (Err(stop @ Stop::Refused { .. }), None) => Err(shown(&stop)),
        (Ok(_), Some(fails)) => Err(format!("expected code {:?}, but it succeeded", fails.code)),
        (Ok(answer), None) => {
            if let Some(expected) = gives {
                let Answer::Json(found) = &answer else {
                    return Err("expected a value, found a handle".to_owned());
                };
                if let Some(difference) = compare::difference(&special::plain(expected)?, found) {
                    return Err(difference);
                }
            }
            Ok(Some(answer))
        }
    }
}

fn shown(stop: &Stop) -> String {
    match stop {
        Stop::Slip(what) => what.clone(),
        Stop::Refused { code, message, .. } => format!("failed with {code:?}: {message}"),
    }
}

fn run_file_work(world: &World, work: &FileWork) -> Result<(), String> {
    let done = match work {
        FileWork::WriteFile { path, text } => fs::write(world.path(path), text),
        FileWork::MakeDirectory { path } => fs::create_dir(world.path(path)),
        FileWork::Truncate { path, length } => {
            fs::OpenOptions::new().write(true).open(world.path(path)).and_then(|file| file.set_len(*length))
        }
        FileWork::FlipByte { path, offset } => fs::read(world.path(path)).and_then(|mut bytes| {
            let byte = bytes.get_mut(*offset).ok_or_else(|| std::io::Error::other("no byte there"))?;
            *byte ^= 0xff;
            fs::write(world.path(path), bytes)
        }),
        FileWork::CopyGolden { from, path } => {
            let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden").join(from);
            fs::copy(golden, world.path(path)).map(drop)
        }
    };
    done.map_err(|error| error.to_string())
}
