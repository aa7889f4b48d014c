//! `vectlite import`: records of files into a database.

use std::fs::File;
use std::path::{Path, PathBuf};

use clap::Args;
use indicatif::ProgressBar;
use serde::Serialize;
use vectlite::limits::BULK_BATCH_RECORDS;
use vectlite::{BulkLoad, BulkOptions, Database, Metric, OpenOptions, SyncMode};

use crate::failure::{Failure, Outcome};
use crate::format::{self, Columns, Format, Misfit, Placed, Rest, Source};
use crate::opening;
use crate::terminal::{Terminal, Unit};

/// Add the records of files to a database, or replace those with their ids; makes the database if there is none
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vectlite import notes.vdb notes.jsonl
  vectlite import notes.vdb a.parquet b.parquet --analyzer english --metric cosine
  vectlite import notes.vdb table.csv --id-column key --text-column body --namespace work
  vectlite dump notes.vdb | vectlite import copy.vdb -

A line of JSONL is a dict with id and any of vector, vectors, sparse, text, metadata, namespace, ttl, expires_at. A table has them as columns;
in CSV a vector is a list as JSON, and an empty cell is nothing. Its other columns become metadata: in CSV cells that look like JSON numbers,
true, false, lists or dicts are those (--strings leaves them text), in Parquet they have their types and points in time become ISO text.

Batches are committed as they are full. What is wrong is told as FILE:LINE (of Parquet FILE:ROW), with how many records are committed.

Answer: {\"imported\": 42, \"records\": 42}, the second being all that the database holds.")]
pub(crate) struct Import {
    /// The database file
    #[arg(value_name = "DB")]
    path: PathBuf,
    /// Files of records; - for stdin
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// What the files are; their names say so otherwise, and stdin is JSONL
    #[arg(long)]
    format: Option<Format>,
    /// The dimension of a new database; that of the first vector otherwise
    #[arg(long, value_name = "N")]
    dimension: Option<usize>,
    /// The metric of a new database: cosine, euclidean, dotproduct, manhattan
    #[arg(long, value_name = "NAME")]
    metric: Option<String>,
    /// The analyzer of a new database: standard, english, german, ..., trigram, autocomplete, none
    #[arg(long, value_name = "NAME")]
    analyzer: Option<String>,
    /// When commits are synced: per_op, on_flush, or every_n=N
    #[arg(long, value_name = "MODE")]
    sync: Option<String>,
    /// The namespace of records that do not say theirs
    #[arg(long, value_name = "NAME")]
    namespace: Option<String>,
    /// The key or column of ids
    #[arg(long, value_name = "NAME", default_value = "id")]
    id_column: String,
    /// The key or column of vectors
    #[arg(long, value_name = "NAME", default_value = "vector")]
    vector_column: String,
    /// The key or column of texts
    #[arg(long, value_name = "NAME", default_value = "text")]
    text_column: String,
    /// Keys of JSONL that are no part of a record become metadata, instead of an error
    #[arg(long)]
    rest_to_metadata: bool,
    /// Cells of CSV that become metadata stay text, whatever they look like
    #[arg(long)]
    strings: bool,
    /// Leave the graphs to compact, or to who writes next: an import of any size then takes less than 300 MB of memory
    #[arg(long)]
    no_graphs: bool,
    /// Records in one commit
    #[arg(long, value_name = "N", default_value_t = BULK_BATCH_RECORDS)]
    batch_size: usize,
}

#[derive(Serialize)]
struct Answer {
    imported: usize,
    records: u64,
}

/// A load under way.
struct Load {
    db: Database,
    bulk: BulkLoad,
    /// Where the records of the batch under way stand: the number of the file, and the line.
    batch: Vec<(usize, u64)>,
}

impl Import {
    pub(crate) fn run(&self, terminal: &mut Terminal<'_>) -> Outcome {
        let formats = self.formats()?;
        let columns = self.columns();
        let mut load = match self.dimension.is_some() || opening::exists(&self.path) {
            true => Some(self.begin(self.dimension)?),
            false => None,
        };
        // Records that came before the first vector, which tells the dimension.
        let mut waiting = Vec::new();
        for (number, (file, format)) in self.files.iter().zip(formats).enumerate() {
            let (source, bar) = open(file, format, &columns, terminal)?;
            for placed in source {
                let mut placed = placed.map_err(|misfit| self.failed(number, &misfit, load.as_ref()))?;
                if let Some(namespace) =
                    self.namespace.as_ref().filter(|_| placed.record.namespace.is_empty())
                {
                    placed.record.namespace.clone_from(namespace);
                }
                if bar.length().is_none() {
                    bar.inc(1);
                }
                if let Some(load) = &mut load {
                    self.push(load, number, placed)?;
                    continue;
                }
                let dimension = placed.record.vector.as_ref().map(Vec::len);
                waiting.push((number, placed));
                if dimension.is_some() {
                    load = Some(self.begin_with(dimension, &mut waiting)?);
                } else if waiting.len() >= self.batch_size {
                    break;
                }
            }
            bar.finish_and_clear();
        }
        let Some(load) = load else {
            return Err(Failure::because(format!(
                "{} does not exist, and the first {} records have no vector that would tell its dimension; give --dimension",
                self.path.display(),
                waiting.len()
            )));
        };
        if !self.no_graphs {
            terminal.tell("finishing the graphs");
        }
        let answer = self.finish(load)?;
        terminal.answer(&answer)
    }

    /// The format of each file, asked before anything is opened.
    fn formats(&self) -> Outcome<Vec<Format>> {
        if self.files.iter().filter(|file| format::is_stream(file)).count() > 1 {
            return Err(Failure::because("expected - once: stdin can be read once"));
        }
        self.files.iter().map(|file| Format::of(self.format, file)).collect()
    }

    fn columns(&self) -> Columns {
        Columns {
            id: self.id_column.clone(),
            vector: self.vector_column.clone(),
            text: self.text_column.clone(),
            rest: if self.rest_to_metadata { Rest::Metadata } else { Rest::Refused },
            strings: self.strings,
        }
    }

    fn begin(&self, dimension: Option<usize>) -> Outcome<Load> {
        let mut options = OpenOptions::new();
        if let Some(dimension) = dimension {
            options = options.dimension(dimension);
        }
        if let Some(name) = &self.metric {
            options = options.metric(name.parse::<Metric>().map_err(vectlite::Error::from)?);
        }
        if let Some(name) = &self.analyzer {
            options = options.analyzer(name.as_str());
        }
        if let Some(mode) = &self.sync {
            options = options.sync(sync_mode(mode)?);
        }
        let db = Database::open(&self.path, options)?;
        let bulk = db.bulk_load(BulkOptions::new().batch_size(self.batch_size).graphs(!self.no_graphs))?;
        Ok(Load { db, bulk, batch: Vec::new() })
    }

    /// Begins with what has waited for the dimension.
    fn begin_with(&self, dimension: Option<usize>, waiting: &mut Vec<(usize, Placed)>) -> Outcome<Load> {
        let mut load = self.begin(dimension)?;
        waiting.drain(..).try_for_each(|(number, placed)| self.push(&mut load, number, placed))?;
        Ok(load)
    }

    fn push(&self, load: &mut Load, number: usize, placed: Placed) -> Outcome {
        load.batch.push((number, placed.line));
        match load.bulk.push(placed.record) {
            Ok(true) => load.batch.clear(),
            Ok(false) => {}
            Err(error) => return Err(self.told(&error, &load.batch)),
        }
        Ok(())
    }

    fn finish(&self, load: Load) -> Outcome<Answer> {
        let Load { db, bulk, batch } = load;
        let imported = bulk.finish().map_err(|error| self.told(&error, &batch))?;
        let records = db.count(None, None)?;
        db.close()?;
        Ok(Answer { imported, records })
    }

    /// What the engine says of a record of the batch, which may stand before the last one.
    fn told(&self, error: &vectlite::Error, batch: &[(usize, u64)]) -> Failure {
        let place = error.position().and_then(|position| batch.get(position));
        let committed = committed(error.committed().unwrap_or_default());
        match place {
            Some((number, line)) => {
                let misfit = Misfit { line: Some(*line), what: error.to_string() };
                Failure::because(format!("{} ({committed})", misfit.in_file(&self.name(*number))))
            }
            None => Failure::because(format!("{error} ({committed})")),
        }
    }

    /// What is wrong in a file.
    fn failed(&self, number: usize, misfit: &Misfit, load: Option<&Load>) -> Failure {
        let committed = committed(load.map_or(0, |load| load.bulk.committed()));
        Failure::because(format!("{} ({committed})", misfit.in_file(&self.name(number))))
    }

    fn name(&self, number: usize) -> String {
        self.files.get(number).map_or_else(String::new, |file| name_of(file))
    }
}

fn committed(records: usize) -> String {
    match records {
        0 => "no record is committed".to_owned(),
        1 => "1 record is committed".to_owned(),
        _ => format!("{records} records are committed"),
    }
}

fn name_of(file: &Path) -> String {
    if format::is_stream(file) { "stdin".to_owned() } else { file.display().to_string() }
}

/// `per_op`, `on_flush` or `every_n=N`.
fn sync_mode(mode: &str) -> Outcome<SyncMode> {
    let (name, commits) = match mode.split_once('=') {
        None => (mode, None),
        Some((name, commits)) => {
            let number = commits.parse::<usize>();
            let expected =
                |_| Failure::because(format!("--sync: expected a number of commits, got {commits:?}"));
            (name, Some(number.map_err(expected)?))
        }
    };
    Ok(SyncMode::named(name, commits)?)
}

/// The records of a file, and a bar that goes on as they are read.
fn open<'s>(
    file: &Path,
    format: Format,
    columns: &Columns,
    terminal: &'s mut Terminal<'_>,
) -> Outcome<(Source<'s>, ProgressBar)> {
    let told = |misfit: Misfit| Failure::because(misfit.in_file(&name_of(file)));
    if format::is_stream(file) {
        let bar = terminal.progress("importing", None, Unit::Records);
        return Ok((format::read_stream(format, &mut terminal.streams.input, columns).map_err(told)?, bar));
    }
    let failed = |error| Failure::io(format_args!("could not read {}", file.display()), &error);
    let opened = File::open(file).map_err(failed)?;
    let facts = opened.metadata().map_err(failed)?;
    if facts.is_dir() {
        return Err(Failure::because(format!("could not read {}: it is a directory", file.display())));
    }
    if format == Format::Parquet {
        let bar = terminal.progress("importing", None, Unit::Records);
        return Ok((format::read_parquet(opened, columns).map_err(told)?, bar));
    }
    let bar = terminal.progress("importing", Some(facts.len()), Unit::Bytes);
    let source = format::read_stream(format, bar.wrap_read(opened), columns).map_err(told)?;
    Ok((source, bar))
}
