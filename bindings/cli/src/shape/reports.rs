//! What upkeep did or found.

use serde::Serialize;
use vectlite::{CompactReport, IncompleteRecord, Problem, Repair, VerifyReport};

/// What a compaction did.
#[derive(Debug, Serialize)]
pub(crate) struct Compaction {
    records: u64,
    dropped: u64,
    bytes_before: u64,
    bytes_after: u64,
    shrunk: bool,
}

impl From<CompactReport> for Compaction {
    fn from(report: CompactReport) -> Compaction {
        Compaction {
            records: report.records,
            dropped: report.dropped,
            bytes_before: report.bytes_before,
            bytes_after: report.bytes_after,
            shrunk: report.shrunk,
        }
    }
}

/// What `verify` found.
#[derive(Debug, Serialize)]
pub(crate) struct Soundness {
    sound: bool,
    deep: bool,
    commit_id: u64,
    records: u64,
    values: u64,
    bytes: u64,
    log_commits: u64,
    graphs: u64,
    problems: Vec<Fault>,
    problem_count: u64,
    repair: Option<Saved>,
}

impl From<VerifyReport> for Soundness {
    fn from(report: VerifyReport) -> Soundness {
        Soundness {
            sound: report.is_sound(),
            deep: report.deep,
            commit_id: report.commit_id,
            records: report.records,
            values: report.values,
            bytes: report.bytes,
            log_commits: report.log_commits,
            graphs: report.graphs,
            problems: report.problems.into_iter().map(Fault::from).collect(),
            problem_count: report.problem_count,
            repair: report.repair.map(Saved::from),
        }
    }
}

#[derive(Debug, Serialize)]
struct Fault {
    file: &'static str,
    what: String,
}

impl From<Problem> for Fault {
    fn from(problem: Problem) -> Fault {
        Fault { file: problem.file.name(), what: problem.what }
    }
}

#[derive(Debug, Serialize)]
struct Saved {
    records: u64,
    lost: u64,
    incomplete: Vec<Incomplete>,
    kv_saved: u64,
    kv_lost: u64,
}

impl From<Repair> for Saved {
    fn from(repair: Repair) -> Saved {
        let incomplete = repair.incomplete.into_iter().map(Incomplete::from).collect();
        let Repair { records, lost, kv_saved, kv_lost, .. } = repair;
        Saved { records, lost, incomplete, kv_saved, kv_lost }
    }
}

#[derive(Debug, Serialize)]
struct Incomplete {
    namespace: String,
    id: String,
    missing: Vec<String>,
}

impl From<IncompleteRecord> for Incomplete {
    fn from(record: IncompleteRecord) -> Incomplete {
        Incomplete { namespace: record.namespace, id: record.id, missing: record.missing }
    }
}
