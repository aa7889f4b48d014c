//! Phrases over random histories: with stored positions and without them the answers are the same, and those of the texts.

use std::collections::BTreeMap;
use std::path::Path;

use vectlite::{Analyzer, Database, OpenOptions, Record, SearchRequest, SyncMode};
use vectlite_tests::campaign;
use vectlite_tests::random::Random;

/// Rounds of changes and queries, unless the environment says otherwise.
const ROUNDS: u64 = 30;
/// After so many rounds there are new databases.
const ROUNDS_PER_DATABASE: u64 = 15;
/// Words from the most frequent on, each half as frequent as the one before: lists of all sizes, in blocks and not.
const WORDS: u64 = 14;
/// Different ids.
const IDS: u64 = 20_000;
/// As often a word stands in a text now and then: more often than positions are kept of it.
const REPEATED: u64 = 300;

/// Two databases with the same records, and their texts.
struct Pair {
    databases: [Database; 2],
    texts: BTreeMap<u64, String>,
    random: Random,
}

fn open(directory: &Path, positions: bool) -> Database {
    let path = directory.join(format!("{positions}.vdb"));
    let options = OpenOptions::new().dimension(1).sync(SyncMode::OnFlush).positions(positions);
    Database::open(path, options).unwrap()
}

impl Pair {
    fn word(&mut self) -> String {
        // One that the tokenizer splits is a phrase by itself.
        if self.random.below(20) == 0 {
            return "a-b".to_owned();
        }
        format!("w{}", (self.random.below(1 << WORDS) | 1 << WORDS).trailing_zeros())
    }

    fn text(&mut self) -> String {
        let count = if self.random.below(400) == 0 { REPEATED } else { 1 + self.random.below(12) };
        let words: Vec<String> = match count {
            REPEATED => (0..count).map(|_| "w0".to_owned()).collect(),
            _ => (0..count).map(|_| self.word()).collect(),
        };
        words.join(" ")
    }

    fn put(&mut self, count: u64) {
        let mut records = Vec::new();
        for _ in 0..count {
            let (id, text) = (self.random.below(IDS), self.text());
            let mut record = Record::new(id.to_string()).text(text.clone());
            if self.random.below(10) == 0 {
                // Words that are in no text: their postings have no positions, or fewer than they weigh.
                record = record.sparse([("w0", 2.0), ("only", 0.5)]);
            }
            self.texts.insert(id, text);
            records.push(record);
        }
        for db in &self.databases {
            db.upsert_many(records.clone()).unwrap();
        }
    }

    fn delete(&mut self, count: u64) {
        let ids: Vec<u64> = (0..count).map(|_| self.random.below(IDS)).collect();
        ids.iter().for_each(|id| drop(self.texts.remove(id)));
        let ids: Vec<String> = ids.iter().map(u64::to_string).collect();
        for db in &self.databases {
            db.delete_many(&ids, None).unwrap();
        }
    }

    fn change(&mut self, directory: &Path) {
        match self.random.below(10) {
            0..4 => {
                let count = 1 + self.random.below(200);
                self.put(count);
            }
            4..6 => {
                let count = self.random.below(3_000);
                self.put(count);
            }
            6 => {
                let count = self.random.below(1_000);
                self.delete(count);
            }
            7 => {
                for db in &self.databases {
                    db.compact().unwrap();
                }
            }
            8 => {
                self.databases.iter().for_each(|db| db.close().unwrap());
                self.databases = [false, true].map(|positions| open(directory, positions));
            }
            _ => self.databases.iter().for_each(|db| db.flush().unwrap()),
        }
    }

    fn check(&mut self, analyzer: &Analyzer) {
        let words: Vec<String> = (0..2 + self.random.below(2)).map(|_| self.word()).collect();
        let phrase = words.join(" ");
        let request = SearchRequest::new().text(format!("\"{phrase}\"")).k(IDS as usize);
        let answers = self.databases.each_ref().map(|db| db.search(&request).unwrap());
        let [without, with] = answers.map(|hits| {
            hits.hits.into_iter().map(|hit| (hit.id.parse::<u64>().unwrap(), hit.score)).collect::<Vec<_>>()
        });
        assert_eq!(without, with, "{phrase}");
        let phrase = analyzer.tokenize(&phrase);
        let holds =
            |text: &String| analyzer.tokenize(text).windows(phrase.len()).any(|words| words == phrase);
        let expected: Vec<u64> =
            self.texts.iter().filter(|(_, text)| holds(text)).map(|(id, _)| *id).collect();
        let mut found: Vec<u64> = with.into_iter().map(|(id, _)| id).collect();
        found.sort_unstable();
        assert_eq!(found, expected, "{phrase:?}");
    }
}

#[test]
fn phrases_are_found_with_stored_positions_and_without() {
    let rounds = campaign::number("VECTLITE_PHRASE_ROUNDS").unwrap_or(ROUNDS);
    let seed = campaign::seed("VECTLITE_PHRASE_SEED");
    println!("VECTLITE_PHRASE_SEED={seed} VECTLITE_PHRASE_ROUNDS={rounds}");
    for number in 0..rounds.div_ceil(ROUNDS_PER_DATABASE) {
        let directory = tempfile::tempdir().unwrap();
        let databases = [false, true].map(|positions| open(directory.path(), positions));
        let mut pair =
            Pair { databases, texts: BTreeMap::new(), random: Random::new(seed.wrapping_add(number)) };
        let analyzer = Analyzer::default();
        // More than a run of the most frequent words.
        pair.put(IDS);
        for _ in 0..ROUNDS_PER_DATABASE.min(rounds - number * ROUNDS_PER_DATABASE) {
            pair.change(directory.path());
            (0..5).for_each(|_| pair.check(&analyzer));
        }
    }
}
