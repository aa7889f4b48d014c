//! What is verified, and what is found.

use std::path::Path;

use serde_json::{Value as Json, json};
use vectlite::{VerifyOptions, VerifyReport};

use super::arguments::Arguments;
use super::run::{Answer, Stop, json};

pub(super) fn options(directory: &Path, arguments: &mut Arguments) -> Result<VerifyOptions, Stop> {
    let mut options = VerifyOptions::new();
    if let Some(deep) = arguments.flag("deep")? {
        options = options.deep(deep);
    }
    if let Some(path) = arguments.string("repair_to")? {
        options = options.repair_to(directory.join(path));
    }
    Ok(options)
}

pub(super) fn report(report: VerifyReport) -> Result<Answer, Stop> {
    let problems = report.problems.iter();
    json(json!({
        "sound": report.is_sound(),
        "deep": report.deep,
        "commit_id": report.commit_id,
        "records": report.records,
        "values": report.values,
        "bytes": report.bytes,
        "log_commits": report.log_commits,
        "graphs": report.graphs,
        "problems": problems
            .map(|problem| json!({"file": problem.file.name(), "what": problem.what}))
            .collect::<Vec<Json>>(),
        "problem_count": report.problem_count,
        "repair": report.repair.map(|repair| {
            json!({
                "records": repair.records,
                "lost": repair.lost,
                "incomplete": repair
                    .incomplete
                    .iter()
                    .map(|record| json!({"namespace": record.namespace, "id": record.id, "missing": record.missing}))
                    .collect::<Vec<Json>>(),
                "kv_saved": repair.kv_saved,
                "kv_lost": repair.kv_lost,
            })
        }),
    }))
}
