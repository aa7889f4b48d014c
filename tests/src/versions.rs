//! What the processes of a campaign write and look at: a few namespaces, each with one batch of records that all have the same
//! version. A writer replaces a whole batch in one commit and then says which version it has acknowledged; so a reader
//! knows of every answer whether it is torn, has gone back, or is older than what had been acknowledged when it was asked for.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use vectlite::files::{File, FileSystem, OpenMode};
use vectlite::{Database, Filter, Metadata, ReadView, RealFileSystem, Record, SearchRequest, Value};

use crate::random::Random;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Namespaces, each with a batch of its own.
pub const NAMESPACES: usize = 3;
/// Records of a batch.
pub const BATCH: usize = 6;
/// Dimension of the vectors.
pub const DIMENSION: usize = 8;

/// How long a reader waits for what is acknowledged already. Time is not what is tested: a busy machine may take it.
const PATIENCE: Duration = Duration::from_secs(20);

/// The name of a namespace.
pub fn namespace(number: usize) -> String {
    format!("n{number}")
}

/// What a writer has acknowledged, in a file beside the database: of each namespace the version, then the commit.
#[derive(Debug)]
pub struct Acknowledged {
    file: Box<dyn File>,
}

/// The numbers that stood there at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbers {
    /// The version of each batch; 0 before the first.
    pub versions: [u64; NAMESPACES],
    /// The last commit.
    pub commit: u64,
}

impl Acknowledged {
    fn path(database: &Path) -> PathBuf {
        database.with_extension("acknowledged")
    }

    /// Makes the file, with nothing acknowledged.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn create(database: &Path) -> io::Result<Acknowledged> {
        let file = RealFileSystem.open(&Acknowledged::path(database), OpenMode::Create)?;
        file.write_at(0, &[0; (NAMESPACES + 1) * 8])?;
        Ok(Acknowledged { file })
    }

    /// Opens it, for the other processes.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn open(database: &Path) -> io::Result<Acknowledged> {
        Ok(Acknowledged { file: RealFileSystem.open(&Acknowledged::path(database), OpenMode::Write)? })
    }

    fn put(&self, place: usize, number: u64) -> io::Result<()> {
        self.file.write_at(place as u64 * 8, &number.to_le_bytes())
    }

    fn look(&self) -> io::Result<Numbers> {
        let mut bytes = [0; (NAMESPACES + 1) * 8];
        self.file.read_at(0, &mut bytes)?;
        let mut numbers = [0; NAMESPACES + 1];
        for (number, bytes) in numbers.iter_mut().zip(bytes.as_chunks::<8>().0) {
            *number = u64::from_le_bytes(*bytes);
        }
        let [versions @ .., commit] = numbers;
        Ok(Numbers { versions, commit })
    }

    /// What stands there now.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn read(&self) -> io::Result<Numbers> {
        // Two equal looks: one alone may fall into the middle of a write.
        let mut before = self.look()?;
        loop {
            let now = self.look()?;
            if now == before {
                return Ok(now);
            }
            before = now;
        }
    }
}

/// The process that writes.
#[derive(Debug)]
pub struct Author<'a> {
    db: &'a Database,
    acknowledged: &'a Acknowledged,
    random: Random,
    version: u64,
    /// Commits that it has made.
    pub commits: u64,
}

impl<'a> Author<'a> {
    /// Goes on with versions above those that are there.
    ///
    /// # Errors
    /// Those of the database.
    pub fn new(db: &'a Database, acknowledged: &'a Acknowledged, seed: u64) -> Outcome<Author<'a>> {
        let versions = db.list(None, None, 0, 0)?;
        let version = versions.iter().filter_map(version).max().unwrap_or(0);
        Ok(Author { db, acknowledged, random: Random::new(seed), version, commits: 0 })
    }

    /// One step: mostly a batch, sometimes upkeep.
    ///
    /// # Errors
    /// Those of the database; there is nothing in a step that a working one refuses.
    pub fn step(&mut self) -> Outcome<()> {
        match self.random.below(100) {
            0..7 => self.db.flush()?,
            7..10 => drop(self.db.compact()?),
            kind => self.write_batch(kind)?,
        }
        Ok(())
    }

    fn write_batch(&mut self, kind: u64) -> Outcome<()> {
        self.version += 1;
        let at = self.random.below(NAMESPACES as u64) as usize;
        let namespace = namespace(at);
        let name = Some(namespace.as_str());
        let ids: Vec<String> = self.db.list(name, None, 0, 0)?.into_iter().map(|record| record.id).collect();
        let metadata = || Metadata::from([("version".to_owned(), Value::Int(self.version as i64))]);
        let mut transaction = self.db.transaction()?;
        if kind < 30 && !ids.is_empty() {
            // In place: no new versions of vectors and texts.
            for id in &ids {
                transaction.update_metadata(id, metadata(), name)?;
            }
        } else {
            // Under the ids that are there, or under others in their place.
            let kept = if kind < 60 && !ids.is_empty() { ids.clone() } else { self.new_ids() };
            for id in ids.iter().filter(|id| !kept.contains(id)) {
                transaction.delete(id, name)?;
            }
            for (number, id) in kept.iter().enumerate() {
                let vector: Vec<f32> =
                    (0..DIMENSION).map(|place| ((number + place) % 5) as f32 + 1.0).collect();
                let record = Record::new(id).namespace(&namespace).vector(vector).text("word and more");
                transaction.upsert(record.metadata(metadata()))?;
            }
        }
        transaction.commit()?;
        self.commits += 1;
        self.acknowledged.put(at, self.version)?;
        self.acknowledged.put(NAMESPACES, self.db.commit_id()?)?;
        Ok(())
    }

    fn new_ids(&self) -> Vec<String> {
        (0..BATCH).map(|number| format!("v{}-{number}", self.version)).collect()
    }
}

fn version(record: &Record) -> Option<u64> {
    of_metadata(&record.metadata)
}

/// An answer that must not be.
#[derive(Debug)]
struct Violation(String);

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Violation {}

fn violation<T>(what: String) -> Outcome<T> {
    Err(Box::new(Violation(what)))
}

/// A process, or a thread, that reads, and remembers what it has seen.
#[derive(Debug)]
pub struct Witness<'a> {
    db: &'a Database,
    acknowledged: &'a Acknowledged,
    random: Random,
    seen: [u64; NAMESPACES],
    commit: u64,
    /// Answers that it has looked at.
    pub reads: u64,
}

impl<'a> Witness<'a> {
    /// One that has seen nothing yet.
    pub fn new(db: &'a Database, acknowledged: &'a Acknowledged, seed: u64) -> Witness<'a> {
        Witness { db, acknowledged, random: Random::new(seed), seen: [0; NAMESPACES], commit: 0, reads: 0 }
    }

    /// One read of some kind.
    ///
    /// # Errors
    /// Those of the database, and a violation: an answer that is torn, has gone back or is stale.
    pub fn step(&mut self) -> Outcome<()> {
        let at = self.random.below(NAMESPACES as u64) as usize;
        let before = self.acknowledged.read()?;
        let name = namespace(at);
        self.reads += 1;
        match self.random.below(7) {
            0 => {
                let records = self.db.list(Some(&name), None, 0, 0)?;
                let found = whole("list", records.iter().map(version))?;
                self.see("list", at, found, &before)
            }
            1 => {
                let by_text = self.random.below(2) == 0;
                let what = if by_text { "search by text" } else { "search by vector" };
                let response = self.db.search(&search(&name, by_text))?;
                let versions = response.hits.iter().map(|hit| of_metadata(&hit.metadata));
                let found = whole(what, versions)?;
                self.see(what, at, found, &before)
            }
            2 => {
                // Of what is acknowledged and of what was seen, every record is at least that new.
                let newest = before.versions[at].max(self.seen[at]);
                let filter = Filter::gte("version", newest as i64);
                let filter = Some(filter).filter(|_| newest > 0);
                match self.db.count(Some(&name), filter.as_ref())? as usize {
                    BATCH => Ok(()),
                    0 if newest == 0 => Ok(()),
                    count => violation(format!("count: {count} records of version {newest} or above")),
                }
            }
            3 => {
                let view = self.db.read_view()?;
                self.see_commit(view.commit_id()?, &before)?;
                for at in 0..NAMESPACES {
                    self.look_at_view(&view, at, &before)?;
                }
                Ok(())
            }
            4 => {
                if !self.db.wait_for(before.commit, PATIENCE)? {
                    return violation(format!("wait_for: commit {} does not come", before.commit));
                }
                // The next one may come or not.
                let next = before.commit + 1;
                let came = self.db.wait_for(next, Duration::from_millis(2))?;
                let commit = self.db.commit_id()?;
                if came && commit < next {
                    return violation(format!("wait_for: {next} had come, and {commit} is shown"));
                }
                self.see_commit(commit, &before)
            }
            5 => {
                let commit = self.db.refresh()?;
                self.see_commit(commit, &before)
            }
            _ => {
                let listed = self.db.list(Some(&name), None, 1, 0)?;
                let Some(first) = listed.first() else { return self.see("list of one", at, 0, &before) };
                // It may have been replaced by another since.
                match self.db.get(&first.id, Some(&name))? {
                    Some(record) => self.see("get", at, version(&record).unwrap_or(0), &before),
                    None => Ok(()),
                }
            }
        }
    }

    fn look_at_view(&mut self, view: &ReadView, at: usize, before: &Numbers) -> Outcome<()> {
        let name = namespace(at);
        let records = view.list(Some(&name), None, 0, 0)?;
        let listed = whole("list of a view", records.iter().map(version))?;
        let hits = view.search(&search(&name, true))?.hits;
        let searched = whole("search of a view", hits.iter().map(|hit| of_metadata(&hit.metadata)))?;
        let got = view.get_many(records.iter().map(|record| &record.id), Some(&name))?;
        let got = whole("get_many of a view", got.iter().map(|record| record.as_ref().and_then(version)))?;
        let count = view.count(Some(&name), None)? as usize;
        if (searched, got, count) != (listed, listed, records.len()) {
            return violation(format!(
                "a view lists {} of version {listed}, finds {searched}, gets {got}, counts {count}",
                records.len()
            ));
        }
        self.see("list of a view", at, listed, before)
    }

    fn see(&mut self, what: &str, at: usize, version: u64, before: &Numbers) -> Outcome<()> {
        if version < self.seen[at] {
            let state = self.state(at);
            return violation(format!(
                "{what}, namespace {at}: version {version} after {}; {state}",
                self.seen[at]
            ));
        }
        if version < before.versions[at] {
            let (acknowledged, state) = (before.versions[at], self.state(at));
            return violation(format!(
                "{what}, namespace {at}: version {version}, and {acknowledged} was acknowledged before; {state}"
            ));
        }
        self.seen[at] = version;
        Ok(())
    }

    /// What is there a moment later: whether an answer that must not be was a moment's.
    fn state(&self, at: usize) -> String {
        let name = namespace(at);
        let look = || -> Outcome<String> {
            let view = self.db.read_view()?;
            let [by_text, by_vector] = [true, false].map(|by_text| view.search(&search(&name, by_text)));
            Ok(format!(
                "then, at commit {}: {} listed, {} found by text, {} by vector, {:?}",
                view.commit_id()?,
                view.list(Some(&name), None, 0, 0)?.len(),
                by_text?.hits.len(),
                by_vector?.hits.len(),
                self.db.stats()?,
            ))
        };
        look().unwrap_or_else(|error| error.to_string())
    }

    fn see_commit(&mut self, commit: u64, before: &Numbers) -> Outcome<()> {
        if commit < self.commit {
            return violation(format!("commit {commit} after {}", self.commit));
        }
        if commit < before.commit {
            return violation(format!("commit {commit}, and {} was acknowledged before", before.commit));
        }
        self.commit = commit;
        Ok(())
    }
}

fn of_metadata(metadata: &Metadata) -> Option<u64> {
    match metadata.get("version") {
        Some(Value::Int(version)) => u64::try_from(*version).ok(),
        _ => None,
    }
}

fn search(namespace: &str, by_text: bool) -> SearchRequest {
    let request = SearchRequest::new().namespace(namespace).k(BATCH * 4);
    if by_text { request.text("word") } else { request.vector(vec![1.0; DIMENSION]) }
}

/// The version of a batch, all of which is there and of one version; 0 where there is none yet.
fn whole(what: &str, versions: impl Iterator<Item = Option<u64>>) -> Outcome<u64> {
    let versions: Vec<Option<u64>> = versions.collect();
    match versions.first() {
        None => Ok(0),
        Some(Some(first))
            if versions.len() == BATCH && versions.iter().all(|other| *other == Some(*first)) =>
        {
            Ok(*first)
        }
        Some(_) => violation(format!("{what}: a torn batch of versions {versions:?}")),
    }
}
