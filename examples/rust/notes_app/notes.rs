//! The application: its own tables, and what is attached beside them. Each method is one transaction, which changes both or neither.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use vectlite::redb::{
    Database, MultimapTableDefinition, ReadableDatabase, ReadableTable, ReadableTableMetadata,
    TableDefinition, WriteTransaction,
};
use vectlite::{AttachOptions, Attached, FieldType, Filter, Record, SearchRequest, Value, attach};

use crate::Outcome;
use crate::embedding::{DIMENSION, embed};

/// Number → text.
const NOTES: TableDefinition<u64, &str> = TableDefinition::new("notes");
/// Tag → the numbers of the notes that have it.
const TAGS: MultimapTableDefinition<&str, u64> = MultimapTableDefinition::new("tags");
/// The number of the next note, under the empty name.
const NEXT: TableDefinition<&str, u64> = TableDefinition::new("next");
/// Of how many notes the graph may miss one: what is promised of it on average.
const MISSED_OF: usize = 100;

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Note {
    pub(crate) text: String,
    /// Ascending.
    pub(crate) tags: Vec<String>,
}

impl Note {
    pub(crate) fn new(text: &str, tags: &[&str]) -> Note {
        let mut tags: Vec<String> = tags.iter().map(|tag| (*tag).to_owned()).collect();
        tags.sort_unstable();
        tags.dedup();
        Note { text: text.to_owned(), tags }
    }

    /// What the index knows of it: the text for its words, a vector for its meaning, its tags to filter by.
    fn record(&self, number: u64) -> Record {
        let tags = self.tags.iter().map(|tag| Value::from(tag.as_str())).collect();
        Record::new(number.to_string())
            .vector(embed(&self.text))
            .text(self.text.as_str())
            .metadata([("tags", Value::List(tags))])
    }
}

pub(crate) struct Found {
    pub(crate) number: u64,
    pub(crate) score: f64,
    pub(crate) text: String,
    pub(crate) tags: Vec<String>,
}

pub(crate) struct Notes {
    db: Arc<Database>,
    index: Attached<Arc<Database>>,
}

impl Notes {
    pub(crate) fn open(file: &Path) -> Outcome<Notes> {
        Notes::open_with(file, |options| options)
    }

    pub(crate) fn open_with(
        file: &Path,
        change: impl FnOnce(AttachOptions) -> AttachOptions,
    ) -> Outcome<Notes> {
        let db = Arc::new(database(file)?);
        let image = PathBuf::from(format!("{}.ann", file.display()));
        let options =
            AttachOptions::new().prefix("search_").dimension(DIMENSION).analyzer("english").image(image);
        let index = attach(Arc::clone(&db), change(options))?;
        let notes = Notes { db, index };
        notes.write(|notes, transaction| {
            transaction.open_table(NOTES)?;
            transaction.open_multimap_table(TAGS)?;
            notes.index.create_index_in(transaction, "tags", FieldType::Keyword)?;
            Ok(())
        })?;
        Ok(notes)
    }

    /// One transaction: all of it, or nothing when `change` fails.
    fn write<T>(&self, change: impl FnOnce(&Notes, &WriteTransaction) -> Outcome<T>) -> Outcome<T> {
        let transaction = self.db.begin_write()?;
        let changed = change(self, &transaction)?;
        transaction.commit()?;
        Ok(changed)
    }

    pub(crate) fn add(&self, note: &Note) -> Outcome<u64> {
        self.write(|notes, transaction| {
            let mut next = transaction.open_table(NEXT)?;
            let number = next.get("")?.map_or(1, |number| number.value());
            next.insert("", number + 1)?;
            notes.put(transaction, number, note)?;
            Ok(number)
        })
    }

    pub(crate) fn edit(&self, number: u64, note: &Note) -> Outcome<()> {
        self.write(|notes, transaction| {
            notes.take(transaction, number)?;
            notes.put(transaction, number, note)
        })
    }

    pub(crate) fn remove(&self, number: u64) -> Outcome<()> {
        self.write(|notes, transaction| {
            notes.take(transaction, number)?;
            notes.index.delete_in(transaction, &number.to_string(), None)?;
            Ok(())
        })
    }

    /// The note, its tags and what the index knows of it.
    fn put(&self, transaction: &WriteTransaction, number: u64, note: &Note) -> Outcome<()> {
        transaction.open_table(NOTES)?.insert(number, note.text.as_str())?;
        let mut tags = transaction.open_multimap_table(TAGS)?;
        for tag in &note.tags {
            tags.insert(tag.as_str(), number)?;
        }
        self.index.upsert_in(transaction, note.record(number))?;
        Ok(())
    }

    /// Takes a note, which must exist, out of the application's tables. Its tags are in its record.
    fn take(&self, transaction: &WriteTransaction, number: u64) -> Outcome<()> {
        if transaction.open_table(NOTES)?.remove(number)?.is_none() {
            return Err(format!("there is no note {number}").into());
        }
        let record = self.index.get_in(transaction, &number.to_string(), None)?;
        let mut tags = transaction.open_multimap_table(TAGS)?;
        for tag in record.iter().flat_map(|record| tags_of(record.metadata.get("tags"))) {
            tags.remove(tag.as_str(), number)?;
        }
        Ok(())
    }

    /// The best notes, by meaning and by words at once. All that is shown is of one moment: that of the transaction.
    pub(crate) fn search(&self, text: &str, tag: Option<&str>, k: usize) -> Outcome<Vec<Found>> {
        let transaction = self.db.begin_read()?;
        let mut request = SearchRequest::new().vector(embed(text)).text(text).k(k);
        if let Some(tag) = tag {
            request = request.filter(Filter::contains("tags", tag));
        }
        let notes = transaction.open_table(NOTES)?;
        let mut found = Vec::new();
        for hit in self.index.search_in(&transaction, &request)?.hits {
            let number = hit.id.parse()?;
            let text = notes.get(number)?.ok_or("a hit without a note")?.value().to_owned();
            found.push(Found { number, score: hit.score, text, tags: tags_of(hit.metadata.get("tags")) });
        }
        Ok(found)
    }

    pub(crate) fn list(&self, tag: Option<&str>) -> Outcome<Vec<(u64, Note)>> {
        let transaction = self.db.begin_read()?;
        let (notes, tags) = (transaction.open_table(NOTES)?, transaction.open_multimap_table(TAGS)?);
        let mut listed: Vec<(u64, Note)> = Vec::new();
        for entry in notes.iter()? {
            let (number, text) = entry?;
            listed.push((number.value(), Note::new(text.value(), &[])));
        }
        for entry in vectlite::redb::ReadableMultimapTable::iter(&tags)? {
            let (tag, numbers) = entry?;
            for number in numbers {
                let number = number?.value();
                let place = listed.binary_search_by_key(&number, |(number, _)| *number);
                let place = place
                    .map_err(|_| format!("the tag {:?} is on note {number}, which is gone", tag.value()))?;
                listed[place].1.tags.push(tag.value().to_owned());
            }
        }
        listed.retain(|(_, note)| tag.is_none_or(|tag| note.tags.iter().any(|has| has == tag)));
        Ok(listed)
    }

    /// What many removed and edited notes have left behind goes.
    pub(crate) fn compact(&self) -> Outcome<()> {
        self.write(|notes, transaction| Ok(notes.index.compact_in(transaction)?))
    }

    /// That notes, tags and everything in the index agree; how many notes there are.
    pub(crate) fn check(&self) -> Outcome<usize> {
        let listed = self.list(None)?;
        let transaction = self.db.begin_read()?;
        let index = self.index.view_in(&transaction)?;
        if transaction.open_table(NOTES)?.len()? != index.count(None, None)? {
            return Err(
                format!("{} notes, and {} in the index", listed.len(), index.count(None, None)?).into()
            );
        }
        let mut missed = 0;
        for (number, note) in &listed {
            let id = number.to_string();
            let record = index.get(&id, None)?.ok_or_else(|| format!("note {number} is not in the index"))?;
            if record != note.record(*number) {
                return Err(format!("the index has another note {number}: {record:?}").into());
            }
            // By its vector alone it is the nearest; by all of its words, in its postings; by its tags, in their index.
            // A graph may miss one of very many; a graph of other notes would miss most.
            let by_vector = |exact| SearchRequest::new().vector(embed(&note.text)).k(1).exact(exact);
            let must: String = note.text.split_whitespace().map(|word| format!("+{word} ")).collect();
            let mut by_words = SearchRequest::new().text(must).k(usize::from(u16::MAX));
            if let Some(tag) = note.tags.first() {
                by_words = by_words.filter(Filter::contains("tags", tag.as_str()));
            }
            let finds = |exact| -> Outcome<bool> {
                let nearest = self.index.search_in(&transaction, &by_vector(exact))?.hits;
                Ok(nearest.first().and_then(|hit| hit.dense_score).is_some_and(|score| score > 0.999))
            };
            if !finds(true)? {
                return Err(format!("note {number} is not found by its vector").into());
            }
            missed += usize::from(!finds(false)?);
            if !self.index.search_in(&transaction, &by_words)?.hits.iter().any(|hit| hit.id == id) {
                return Err(format!("note {number} is not found by its words and tags").into());
            }
        }
        if missed > 1 + listed.len() / MISSED_OF {
            return Err(format!("of {} notes the graph misses {missed}", listed.len()).into());
        }
        Ok(listed.len())
    }
}

/// The application's file. redb writes the first pages of a new one one by one, and who is killed meanwhile leaves something that cannot be
/// opened: so a new one gets its name when it is whole.
fn database(file: &Path) -> Outcome<Database> {
    if !file.exists() {
        let new = PathBuf::from(format!("{}.new", file.display()));
        match fs::remove_file(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => drop(Database::create(&new)?),
        }
        fs::rename(&new, file)?;
    }
    Ok(Database::open(file)?)
}

fn tags_of(value: Option<&Value>) -> Vec<String> {
    let Some(Value::List(tags)) = value else { return Vec::new() };
    tags.iter()
        .filter_map(|tag| if let Value::String(tag) = tag { Some(tag.to_string()) } else { None })
        .collect()
}
