//! Calls on the package, on a store and on an analyzer, and the options of a database.

use std::time::Duration;

use serde_json::Value as Json;
use vectlite::{Analyzer, AnalyzerChoice, Database, OpenOptions, Store, SyncMode, restore};

use super::arguments::Arguments;
use super::run::{Answer, Handle, Stop, World, json};
use super::{special, verify};

pub(super) fn call(world: &World, method: &str, arguments: &mut Arguments) -> Result<Answer, Stop> {
    match method {
        "open" => {
            let path = world.path(&arguments.needed_string("path")?);
            let options = open_options(arguments)?;
            Ok(Answer::Handle(Handle::Database(Database::open(path, options)?)))
        }
        "open_store" => {
            let root = world.path(&arguments.needed_string("root")?);
            Ok(Answer::Handle(Handle::Store(Store::open(root)?)))
        }
        "restore" => {
            let source = world.path(&arguments.needed_string("source")?);
            let dest = world.path(&arguments.needed_string("dest")?);
            Ok(Answer::Handle(Handle::Database(restore(source, dest, open_options(arguments)?)?)))
        }
        "verify" => {
            let path = world.path(&arguments.needed_string("path")?);
            verify::report(vectlite::verify(path, &verify::options(&world.path(""), arguments)?)?)
        }
        "sparse_terms" => json(Analyzer::default().terms(&arguments.needed_string("text")?)),
        "analyzer" => match (arguments.string("preset")?, arguments.take("steps")) {
            (Some(name), None) => Ok(Answer::Handle(Handle::Analyzer(Analyzer::preset(&name)?))),
            (None, Some(steps)) => Ok(Answer::Handle(Handle::Analyzer(built(&steps)?))),
            _ => Err("an analyzer is a preset or steps".into()),
        },
        other => Err(Stop::Slip(format!("vectlite has no {other:?}"))),
    }
}

pub(super) fn call_store(store: &Store, method: &str, arguments: &mut Arguments) -> Result<Answer, Stop> {
    if method == "collections" {
        return json(store.collections()?);
    }
    let name = arguments.needed_string("name")?;
    let opened = match method {
        "drop_collection" => return json(store.drop_collection(&name)?),
        "create_collection" => store.create_collection(&name, open_options(arguments)?),
        "open_collection" => store.open_collection(&name, open_options(arguments)?),
        "open_collection_read_only" => store.open_collection_read_only(&name, open_options(arguments)?),
        "open_or_create_collection" => store.open_or_create_collection(&name, open_options(arguments)?),
        other => return Err(Stop::Slip(format!("a store has no {other:?}"))),
    };
    Ok(Answer::Handle(Handle::Database(opened?)))
}

pub(super) fn call_analyzer(
    analyzer: &Analyzer,
    method: &str,
    arguments: &mut Arguments,
) -> Result<Answer, Stop> {
    if method == "sparse_terms_weighted" {
        let fields = map_of(&arguments.take("fields").ok_or("fields are missing")?, special::string)?;
        let weights = match arguments.take("weights") {
            Some(weights) => map_of(&weights, special::float)?,
            None => Vec::new(),
        };
        return json(analyzer.terms_weighted(fields, weights)?);
    }
    let text = arguments.needed_string("text")?;
    match method {
        "tokenize" => json(analyzer.tokenize(&text)),
        "sparse_terms" => json(analyzer.terms(&text)),
        "query_terms" => json(analyzer.query_terms(&text)),
        other => Err(Stop::Slip(format!("an analyzer has no {other:?}"))),
    }
}

/// The options of `open` and of a store's collections.
pub(super) fn open_options(arguments: &mut Arguments) -> Result<OpenOptions, Stop> {
    let mut options = OpenOptions::new();
    if let Some(dimension) = arguments.count("dimension")? {
        options = options.dimension(dimension);
    }
    if let Some(read_only) = arguments.flag("read_only")? {
        options = options.read_only(read_only);
    }
    if let Some(low_memory) = arguments.flag("low_memory")? {
        options = options.low_memory(low_memory);
    }
    if let Some(verify) = arguments.flag("verify")? {
        options = options.verify(verify);
    }
    if let Some(seconds) = arguments.float("lock_timeout")? {
        let timeout = Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())?;
        options = options.lock_timeout(timeout);
    }
    if let Some(metric) = arguments.string("metric")? {
        options = options.metric(metric.parse().map_err(vectlite::Error::from)?);
    }
    if let Some(scoring) = arguments.string("sparse_scoring")? {
        options = options.sparse_scoring(scoring.parse()?);
    }
    if let Some(positions) = arguments.flag("positions")? {
        options = options.positions(positions);
    }
    if let Some(sync) = arguments.take("sync") {
        options = options.sync(sync_mode(&sync)?);
    }
    if let Some(analyzer) = arguments.take("analyzer") {
        options = options.analyzer(match analyzer.get("steps") {
            Some(steps) => AnalyzerChoice::from(built(steps)?),
            None => AnalyzerChoice::from(special::string(&analyzer)?),
        });
    }
    Ok(options)
}

fn sync_mode(json: &Json) -> Result<SyncMode, String> {
    match json {
        Json::String(name) if name == "per_op" => Ok(SyncMode::PerOp),
        Json::String(name) if name == "on_flush" => Ok(SyncMode::OnFlush),
        Json::Array(parts) if parts.first().is_some_and(|name| name == "every_n") => {
            let count = parts.get(1).and_then(Json::as_u64).and_then(|count| u32::try_from(count).ok());
            count.map(SyncMode::EveryN).ok_or_else(|| format!("{json}: every how many?"))
        }
        _ => Err(format!("{json}: expected a sync mode")),
    }
}

/// An analyzer from the steps of a case: a name, or a list of a name and its argument.
fn built(steps: &Json) -> Result<Analyzer, Stop> {
    let steps = steps.as_array().ok_or("steps: expected a list")?;
    let mut analyzer = Analyzer::new();
    for step in steps {
        let (name, given): (_, &[Json]) = match step {
            Json::String(name) => (name.as_str(), &[]),
            Json::Array(parts) => match parts.as_slice() {
                [Json::String(name), given @ ..] => (name.as_str(), given),
                _ => return Err(Stop::Slip(format!("{step}: expected a name and arguments"))),
            },
            _ => return Err(Stop::Slip(format!("{step}: expected a step"))),
        };
        analyzer = match (name, given) {
            ("lowercase", []) => analyzer.lowercase(),
            ("ascii_folding", []) => analyzer.ascii_folding(),
            ("stopwords", [Json::Array(words)]) => analyzer.stopwords_from(strings(words)?)?,
            ("stopwords", [language]) => analyzer.stopwords(&special::string(language)?)?,
            ("stemmer", [language]) => analyzer.stemmer(&special::string(language)?)?,
            ("ngrams", [n]) => analyzer.ngrams(count(n)?)?,
            ("edge_ngrams", [min, max]) => analyzer.edge_ngrams(count(min)?, count(max)?)?,
            ("synonyms", [map]) => analyzer.synonyms(map_of(map, |synonyms| {
                strings(synonyms.as_array().ok_or_else(|| format!("{synonyms}: expected a list"))?)
            })?)?,
            _ => return Err(Stop::Slip(format!("{step}: unknown step"))),
        };
    }
    Ok(analyzer)
}

fn strings(words: &[Json]) -> Result<Vec<String>, String> {
    words.iter().map(special::string).collect()
}

fn count(json: &Json) -> Result<usize, String> {
    json.as_u64()
        .and_then(|count| usize::try_from(count).ok())
        .ok_or_else(|| format!("{json}: expected a count"))
}

/// An object of the case's own names.
fn map_of<T>(json: &Json, value: impl Fn(&Json) -> Result<T, String>) -> Result<Vec<(String, T)>, String> {
    let entries = json.as_object().ok_or_else(|| format!("{json}: expected an object"))?;
    entries.iter().map(|(name, json)| Ok((name.clone(), value(json)?))).collect()
}
