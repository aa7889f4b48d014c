//! `vectlite bench`: how well and how fast a database is searched, and which `ef_search` to choose.

use std::num::NonZero;
use std::path::PathBuf;
use std::thread;

use clap::Args;
use fastrand::Rng;
use serde::Serialize;
use vectlite::limits::MAX_EF_SEARCH;
use vectlite::{Database, Include, SearchRequest};

use crate::bench::recall::{answers, recall};
use crate::bench::sample::Sample;
use crate::bench::speed::{Speed, measure};
use crate::failure::{Failure, Outcome};
use crate::opening;
use crate::selection::Selection;
use crate::terminal::{Terminal, Unit};

/// What a recommendation has to reach.
const WANTED_RECALL: f64 = 0.95;
/// Most queries: their vectors and answers are in memory.
const MAX_QUERIES: usize = 100_000;

/// Measure recall and speed of a database's own vectors and texts, and recommend ef_search
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vectlite bench notes.vdb
  vectlite bench notes.vdb --k 20 --queries 1000 --ef 32,64,128 --seed 7

Queries are stored vectors of the default space, over all namespaces; the record of a query is left out of its answers. The truth is an
exact search. A table goes to stderr.

Answer: queries, graph (for each ef: recall, median_us, p99_us, qps_one_thread, qps_all_threads), exact, text, and recommended_ef, the
smallest with a recall of 0.95. It is null where none has that, and where every answer was exact anyway as the database is small: then
used_ann is false.")]
pub(crate) struct Bench {
    /// The database file
    #[arg(value_name = "DB")]
    path: PathBuf,
    /// Hits of a search
    #[arg(long, short, value_name = "N", default_value_t = 10)]
    k: usize,
    /// How many records are asked about
    #[arg(long, value_name = "N", default_value_t = 200)]
    queries: usize,
    /// Values of ef_search, joined by commas
    #[arg(long, value_name = "N,...", value_delimiter = ',', default_values_t = [16, 32, 64, 128, 256])]
    ef: Vec<usize>,
    /// Chooses the queries; the same number chooses the same ones
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
}

#[derive(Serialize)]
struct Answer {
    records: u64,
    dimension: usize,
    k: usize,
    queries: usize,
    seed: u64,
    threads: usize,
    used_ann: bool,
    graph: Vec<Row>,
    exact: Option<Speed>,
    text: Option<Speed>,
    recommended_ef: Option<usize>,
}

#[derive(Serialize)]
struct Row {
    ef: usize,
    recall: f64,
    #[serde(flatten)]
    speed: Speed,
}

impl Bench {
    pub(crate) fn run(&self, terminal: &mut Terminal<'_>) -> Outcome {
        self.check()?;
        // As a process that goes on searching has it open.
        let db = opening::for_searching(&self.path)?;
        let sample = self.sample(&db, terminal)?;
        if sample.queries.is_empty() && sample.texts.is_empty() {
            return Err(Failure::because(format!(
                "{} has no record with a vector in the default space or with a text: nothing to ask about",
                self.path.display()
            )));
        }
        let answer = self.answer(&db, &sample, terminal)?;
        answer.table().iter().for_each(|line| terminal.tell(line));
        terminal.answer(&answer)
    }

    fn check(&self) -> Outcome {
        if self.k == 0 {
            return Err(Failure::because("--k: expected at least 1, got 0"));
        }
        if !(1..=MAX_QUERIES).contains(&self.queries) {
            let queries = self.queries;
            return Err(Failure::because(format!("--queries: expected 1 to {MAX_QUERIES}, got {queries}")));
        }
        match self.ef.iter().find(|ef| !(1..=MAX_EF_SEARCH).contains(*ef)) {
            Some(ef) => Err(Failure::because(format!("--ef: expected 1 to {MAX_EF_SEARCH}, got {ef}"))),
            None => Ok(()),
        }
    }

    fn sample(&self, db: &Database, terminal: &Terminal<'_>) -> Outcome<Sample> {
        let view = db.read_view()?;
        let bar = terminal.progress("choosing queries", Some(view.count(None, None)?), Unit::Records);
        let everything = Selection::default();
        let mut random = Rng::with_seed(self.seed);
        let sample = Sample::of(everything.records(&view)?, self.queries, &mut random, || bar.inc(1));
        bar.finish_and_clear();
        sample
    }

    fn answer(&self, db: &Database, sample: &Sample, terminal: &mut Terminal<'_>) -> Outcome<Answer> {
        let threads = thread::available_parallelism().map_or(1, NonZero::get);
        // The record itself is one of the hits.
        let requests = |set: &dyn Fn(SearchRequest) -> SearchRequest, more: usize| -> Vec<SearchRequest> {
            let request = || self.plain().k(self.k.saturating_add(more));
            sample.queries.iter().map(|query| set(request().vector(query.vector.clone()))).collect()
        };
        let (mut graph, mut exact, mut used_ann) = (Vec::new(), None, false);
        if !sample.queries.is_empty() {
            terminal.tell("searching exactly");
            let exactly = |request: SearchRequest| request.exact(true);
            let truth = answers(db, &sample.queries, &requests(&exactly, 1), self.k)?;
            exact = Some(measure(db, &requests(&exactly, 0), threads)?);
            for ef in &self.ef {
                terminal.tell(&format!("searching with ef {ef}"));
                let with_ef = |request: SearchRequest| request.ef_search(*ef);
                let asked = requests(&with_ef, 1);
                let found = recall(&truth, &answers(db, &sample.queries, &asked, self.k)?);
                if let Some(request) = asked.first() {
                    used_ann |= db.search(request)?.stats.used_ann;
                }
                let speed = measure(db, &requests(&with_ef, 0), threads)?;
                graph.push(Row { ef: *ef, recall: (found * 1e4).round() / 1e4, speed });
            }
        }
        let mut text = None;
        if !sample.texts.is_empty() && db.analyzer().indexes_text() {
            terminal.tell("searching by words");
            let asked: Vec<_> = sample.texts.iter().map(|words| self.plain().k(self.k).text(words)).collect();
            text = Some(measure(db, &asked, threads)?);
        }
        let good = graph.iter().filter(|row| row.recall >= WANTED_RECALL).map(|row| row.ef);
        Ok(Answer {
            records: db.count(None, None)?,
            dimension: db.dimension(),
            k: self.k,
            queries: sample.queries.len(),
            seed: self.seed,
            threads,
            used_ann,
            recommended_ef: good.min().filter(|_| used_ann),
            graph,
            exact,
            text,
        })
    }

    /// Keys and scores are what a search costs; what hits bring along is read for each of them.
    fn plain(&self) -> SearchRequest {
        SearchRequest::new().all_namespaces(true).include(Include::none())
    }
}

impl Answer {
    /// For who looks on.
    fn table(&self) -> Vec<String> {
        let mut lines = vec![format!(
            "{:>10} {:>9} {:>11} {:>10} {:>14} {:>14}",
            "ef",
            format!("recall@{}", self.k),
            "median us",
            "p99 us",
            "per s, 1 thread",
            format!("per s, {}", self.threads)
        )];
        let mut row = |name: String, recall: String, speed: &Speed| {
            lines.push(format!(
                "{name:>10} {recall:>9} {:>11.1} {:>10.1} {:>15.0} {:>14.0}",
                speed.median_us, speed.p99_us, speed.qps_one_thread, speed.qps_all_threads
            ));
        };
        for of_ef in &self.graph {
            row(of_ef.ef.to_string(), format!("{:.4}", of_ef.recall), &of_ef.speed);
        }
        if let Some(speed) = &self.exact {
            row("exact".to_owned(), "1.0000".to_owned(), speed);
        }
        if let Some(speed) = &self.text {
            row("words".to_owned(), String::new(), speed);
        }
        match self.recommended_ef {
            Some(ef) => lines.push(format!("recommended: ef_search {ef}")),
            None if self.graph.is_empty() => {}
            None if !self.used_ann => {
                lines.push("every answer was exact, whatever ef: the database is small".to_owned())
            }
            None => lines.push(format!(
                "no ef reached a recall of {WANTED_RECALL}: search with exact, or try larger ones"
            )),
        }
        lines
    }
}
