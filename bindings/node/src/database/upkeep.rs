//! Keeping a database in shape.

use std::path::PathBuf;
use std::sync::Arc;

use napi::Env;
use napi::bindgen_prelude::{ToNapiValue, Unknown};
use napi_derive::napi;

use super::Database;
use crate::call::{self, Call, nothing, truth, twins};
use crate::convert::options::{NoOptions, declare, options};
use crate::convert::place::Place;
use crate::convert::scalars::{boolean, count, number, string};
use crate::error::Result;
use crate::verify::{self, VerifyOptions};

/// Facts about a database.
#[napi(object, js_name = "DatabaseStats", object_from_js = false)]
pub struct Facts {
    /// Records, expired ones that await their sweep included.
    pub records: f64,
    /// Versions of records that a compaction would drop.
    pub dead: f64,
    /// The last visible commit.
    pub commit_id: f64,
    /// The last commit that is in the file and not only in the log.
    pub checkpoint: f64,
    /// Bytes of the file; 0 for a read-only handle.
    pub vdb_bytes: f64,
    /// Bytes of the log; 0 for a read-only handle.
    pub wal_bytes: f64,
    /// Commits that opening found in the log, after a crash.
    pub wal_entries_replayed: f64,
    /// Bytes of the image of the graphs; 0 for a read-only handle.
    pub ann_bytes: f64,
    /// The graphs, one for each vector space that has one.
    #[napi(ts_type = "GraphStats[]")]
    pub graphs: Vec<GraphFacts>,
}

/// What the graph of a vector space holds.
#[napi(object, js_name = "GraphStats", object_from_js = false)]
pub struct GraphFacts {
    /// The vector space; `""` is the default one.
    pub space: String,
    /// All nodes, dead ones too.
    pub nodes: f64,
    /// Nodes whose vector was deleted or overwritten.
    pub dead: f64,
    /// Live vectors that are not in the graph yet: scanned exactly.
    pub tail: f64,
    /// Nodes of the seed of a bulk load.
    pub seeded: f64,
    /// Nodes that were inserted behind those.
    pub extended: f64,
    /// Nodes that hang on another one with the same code and have no links.
    pub twins: f64,
    /// Nodes that a bulk load had left out of reach and that were linked to afterwards.
    pub repaired: f64,
    /// Layers above the lowest.
    pub levels: f64,
    /// Bytes of codes and links.
    pub bytes: f64,
    /// Whether it came from `NAME.vdb.ann`.
    pub loaded_from_disk: bool,
    /// The instruction set that distances are computed with.
    pub kernels: String,
}

declare! {
    /// How a file is written anew.
    CompactOptions {
        /// Does so in any case, and with every graph that has a dead node: nothing that was deleted or replaced is in any file of the
        /// database afterwards. What the medium keeps of files that are no more, and copies that were made before, are beyond
        /// its reach.
        erase "erase" "boolean | null",
    }
}

twins! { Database {
    /// Moves every commit from the log into the file, durably, and removes expired records.
    flush flush_async(options) "" "void", "options?: Abortable | null" "Promise<void>" = flushing;

    /// Writes the file anew without deleted and overwritten versions, when there are any or much of it is free. Then builds graphs
    /// anew a tenth of whose nodes is dead, or that were built by another configuration, and returns when that is done.
    compact compact_async(options)
        "options?: CompactOptions | null" "CompactReport",
        "options?: (CompactOptions & Abortable) | null" "Promise<CompactReport>" = compacting;

    /// Writes the present state to `dest` as a database of its own.
    snapshot snapshot_async(dest, options)
        "dest: string" "void", "dest: string, options?: Abortable | null" "Promise<void>" = taking_a_snapshot;

    /// Takes in what was committed by now, by whichever process, and returns the newest commit. Reads do so by themselves:
    /// this only does it ahead of them.
    refresh refresh_async(options) "" "number", "options?: Abortable | null" "Promise<number>" = refreshing;

    /// Waits until this handle shows a commit or a later one; `false` when the time, in seconds, was up first. What one
    /// process has committed, under the number that its `commitId` gives, is then seen by a reader in another. While it
    /// waits it has one of the pool's threads.
    wait_for wait_for_async(commit_id, timeout, options)
        "commitId: number, timeout: number" "boolean",
        "commitId: number, timeout: number, options?: Abortable | null" "Promise<boolean>" = waiting;

    /// A snapshot in a directory, under the name that the database has: gives its path. The copy is read again and compared before
    /// that, and `restore` makes a database of it. Others may read and write meanwhile: it holds the state of one commit.
    backup backup_async(dest_dir, options)
        "destDir: string" "string", "destDir: string, options?: Abortable | null" "Promise<string>" = backing_up;

    /// Reads all files of this database anew and tells what is wrong with them; see the function `verify`. Others may read and
    /// write meanwhile; with `deep`, checkpoints of this handle wait.
    verify verify_async(options)
        "options?: VerifyOptions | null" "VerifyReport",
        "options?: (VerifyOptions & Abortable) | null" "Promise<VerifyReport>" = verifying;

    /// Facts about this database.
    stats stats_async(options)
        "" "DatabaseStats", "options?: Abortable | null" "Promise<DatabaseStats>" = telling_stats;
} }

/// What a compaction did.
#[napi(object, js_name = "CompactReport", object_from_js = false)]
pub struct Compaction {
    /// Records that the database holds.
    pub records: f64,
    /// Versions of records that were dropped: deleted or overwritten ones.
    pub dropped: f64,
    /// Bytes of the file before.
    pub bytes_before: f64,
    /// Bytes of the file after.
    pub bytes_after: f64,
    /// Whether the file was written anew.
    pub shrunk: bool,
}

#[napi]
impl Database {
    /// Moves everything into the file, empties the log and releases the files. Closing twice is fine; everything else is
    /// an error from here on.
    #[napi(ts_args_type = "", ts_return_type = "void")]
    pub fn close<'env>(&self, env: &'env Env, given: Unknown<'env>) -> napi::Result<Unknown<'env>> {
        call::now(env, self.closing(given))
    }

    /// Moves everything into the file, empties the log and releases the files. Closing twice is fine; everything else is
    /// an error from here on.
    ///
    /// Off the main thread.
    #[napi(ts_args_type = "options?: Abortable | null", ts_return_type = "Promise<void>")]
    pub fn close_async<'env>(&self, env: &'env Env, given: Unknown<'env>) -> napi::Result<Unknown<'env>> {
        call::later(env, self.closing(given))
    }
}

impl Database {
    fn flushing<'a>(&self, _: &Env, given: Unknown<'a>) -> Result<Call<'a, ()>> {
        let (NoOptions, signal) = options(given)?;
        let db = Arc::clone(&self.inner);
        Ok(Call::new(signal, move || Ok(db.flush()?), nothing))
    }

    fn compacting<'a>(&self, _: &Env, given: Unknown<'a>) -> Result<Call<'a, vectlite::CompactReport>> {
        let (CompactOptions { erase }, signal) = options(given)?;
        let erase = erase.map(|value| boolean(Place::Root("erase"), value)).transpose()?;
        let erase = erase.unwrap_or_default();
        let db = Arc::clone(&self.inner);
        let compact = move || Ok(if erase { db.compact_and_erase() } else { db.compact() }?);
        Ok(Call::new(signal, compact, report_out))
    }

    fn taking_a_snapshot<'a>(&self, _: &Env, dest: Unknown<'a>, given: Unknown<'a>) -> Result<Call<'a, ()>> {
        let dest = string(Place::Root("dest"), dest)?;
        let (NoOptions, signal) = options(given)?;
        let db = Arc::clone(&self.inner);
        Ok(Call::new(signal, move || Ok(db.snapshot(dest)?), nothing))
    }

    fn refreshing<'a>(&self, _: &Env, given: Unknown<'a>) -> Result<Call<'a, usize>> {
        let (NoOptions, signal) = options(given)?;
        let db = Arc::clone(&self.inner);
        Ok(Call::new(signal, move || Ok(db.refresh()? as usize), call::count))
    }

    fn waiting<'a>(
        &self,
        _: &Env,
        commit_id: Unknown<'a>,
        timeout: Unknown<'a>,
        given: Unknown<'a>,
    ) -> Result<Call<'a, bool>> {
        let commit = count(Place::Root("commitId"), commit_id)? as u64;
        let timeout = vectlite::seconds("timeout", number(Place::Root("timeout"), timeout)?)?;
        let (NoOptions, signal) = options(given)?;
        let db = Arc::clone(&self.inner);
        Ok(Call::new(signal, move || Ok(db.wait_for(commit, timeout)?), truth))
    }

    fn backing_up<'a>(
        &self,
        _: &Env,
        dest_dir: Unknown<'a>,
        given: Unknown<'a>,
    ) -> Result<Call<'a, PathBuf>> {
        let directory = string(Place::Root("destDir"), dest_dir)?;
        let (NoOptions, signal) = options(given)?;
        let db = Arc::clone(&self.inner);
        Ok(Call::new(signal, move || Ok(db.backup(directory)?), path_out))
    }

    fn verifying<'a>(&self, _: &Env, given: Unknown<'a>) -> Result<Call<'a, vectlite::VerifyReport>> {
        let (options, signal) = options::<VerifyOptions<'a>>(given)?;
        let (db, options) = (Arc::clone(&self.inner), verify::asked(options)?);
        Ok(Call::new(signal, move || Ok(db.verify(&options)?), verify::report_out))
    }

    fn telling_stats<'a>(&self, _: &Env, given: Unknown<'a>) -> Result<Call<'a, vectlite::DatabaseStats>> {
        let (NoOptions, signal) = options(given)?;
        let db = Arc::clone(&self.inner);
        Ok(Call::new(signal, move || Ok(db.stats()?), facts_out))
    }

    fn closing<'a>(&self, given: Unknown<'a>) -> Result<Call<'a, ()>> {
        let (NoOptions, signal) = options(given)?;
        let db = Arc::clone(&self.inner);
        Ok(Call::new(signal, move || Ok(db.close()?), nothing))
    }
}

fn report_out(env: &Env, report: vectlite::CompactReport) -> Result<Unknown<'_>> {
    let report = Compaction {
        records: report.records as f64,
        dropped: report.dropped as f64,
        bytes_before: report.bytes_before as f64,
        bytes_after: report.bytes_after as f64,
        shrunk: report.shrunk,
    };
    Ok(report.into_unknown(env)?)
}

fn path_out(env: &Env, path: PathBuf) -> Result<Unknown<'_>> {
    Ok(path.to_string_lossy().into_owned().into_unknown(env)?)
}

fn facts_out(env: &Env, stats: vectlite::DatabaseStats) -> Result<Unknown<'_>> {
    let facts = Facts {
        records: stats.records as f64,
        dead: stats.dead as f64,
        commit_id: stats.commit_id as f64,
        checkpoint: stats.checkpoint as f64,
        vdb_bytes: stats.vdb_bytes as f64,
        wal_bytes: stats.wal_bytes as f64,
        wal_entries_replayed: stats.wal_entries_replayed as f64,
        ann_bytes: stats.ann_bytes as f64,
        graphs: stats.graphs.into_iter().map(GraphFacts::from).collect(),
    };
    Ok(facts.into_unknown(env)?)
}

impl From<vectlite::GraphStats> for GraphFacts {
    fn from(stats: vectlite::GraphStats) -> GraphFacts {
        GraphFacts {
            space: stats.space,
            nodes: stats.nodes as f64,
            dead: stats.dead as f64,
            tail: stats.tail as f64,
            seeded: stats.seeded as f64,
            extended: stats.extended as f64,
            twins: stats.twins as f64,
            repaired: stats.repaired as f64,
            levels: stats.levels as f64,
            bytes: stats.bytes as f64,
            loaded_from_disk: stats.loaded_from_disk,
            kernels: stats.kernels.to_owned(),
        }
    }
}
