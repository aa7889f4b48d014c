//! Whether a database is sound, and what can be saved of it.

use napi::Env;
use napi::bindgen_prelude::{ToNapiValue, Unknown};
use napi_derive::napi;

use crate::call::{self, Call};
use crate::convert::options::{declare, options};
use crate::convert::place::Place;
use crate::convert::scalars::{boolean, string};
use crate::error::Result;

declare! {
    /// What is verified, and whether something is saved.
    VerifyOptions {
        /// Whether what is derived is derived anew from the records and compared: terms and where they stand, lengths, field indexes,
        /// vectors beside the graphs; and free pages with those in use. Takes about as long as loading the records did, without
        /// graphs.
        deep "deep" "boolean | null",
        /// Writes what can be read to a new database at this path, where there must be none, and derives everything else anew. Fails
        /// with a `CorruptionError` where not even the names of namespaces and vector spaces can be read.
        repair_to "repairTo" "string | null",
    }
}

/// What `verify` found.
#[napi(object, js_name = "VerifyReport", object_from_js = false, use_nullable = true)]
pub struct Report {
    /// Whether there is no problem.
    pub sound: bool,
    /// Whether what is derived was derived anew, too.
    pub deep: bool,
    /// The last commit in the file or in the log.
    pub commit_id: f64,
    /// Live records in the file.
    pub records: f64,
    /// Values of tables that were read and decoded.
    pub values: f64,
    /// Their bytes.
    pub bytes: f64,
    /// Commits that were read in the log, behind those of the file.
    pub log_commits: f64,
    /// Graphs in `NAME.vdb.ann`.
    pub graphs: f64,
    /// The first hundred problems.
    #[napi(ts_type = "Problem[]")]
    pub problems: Vec<Found>,
    /// How many there are.
    pub problem_count: f64,
    /// What was saved, when that was asked for.
    #[napi(ts_type = "Repair | null")]
    pub repair: Option<Saved>,
}

/// Something in a file that is not as it must be.
#[napi(object, js_name = "Problem", object_from_js = false)]
pub struct Found {
    /// The extension of the file. Damage in `NAME.vdb.ann` costs a rebuild and no record.
    #[napi(ts_type = "'vdb' | 'wal' | 'ann'")]
    pub file: &'static str,
    /// What was expected, and what is there.
    pub what: String,
}

/// What was saved of a damaged database.
#[napi(object, js_name = "Repair", object_from_js = false)]
pub struct Saved {
    /// Records that were saved, incomplete ones among them.
    pub records: f64,
    /// Records of which nothing could be read.
    pub lost: f64,
    /// Records that were saved without a part.
    #[napi(ts_type = "IncompleteRecord[]")]
    pub incomplete: Vec<Incomplete>,
    /// Values of the application's own tables that were saved.
    pub kv_saved: f64,
    /// Those that could not be read; one more when their table could not be followed to its end, for all that stood behind.
    pub kv_lost: f64,
}

/// A record that was saved without a part of it.
#[napi(object, js_name = "IncompleteRecord", object_from_js = false)]
pub struct Incomplete {
    /// Its namespace; the default one is `""`.
    pub namespace: String,
    /// Its id.
    pub id: String,
    /// What could not be read: `metadata`, `text`, or the name of a vector space in quotation marks.
    #[napi(ts_type = "string[]")]
    pub missing: Vec<String>,
}

/// Reads all files of a database and tells what is wrong with them; also of one that cannot be opened any more. Others may read and
/// write it meanwhile: what is verified is the state of one moment. Damage is no error: it is in the report.
#[napi(ts_args_type = "path: string, options?: VerifyOptions | null", ts_return_type = "VerifyReport")]
pub fn verify<'env>(
    env: &'env Env,
    path: Unknown<'env>,
    given: Unknown<'env>,
) -> napi::Result<Unknown<'env>> {
    call::now(env, verifying(path, given))
}

/// Reads all files of a database and tells what is wrong with them; also of one that cannot be opened any more. Others may read and
/// write it meanwhile: what is verified is the state of one moment. Damage is no error: it is in the report.
///
/// Off the main thread.
#[napi(
    ts_args_type = "path: string, options?: (VerifyOptions & Abortable) | null",
    ts_return_type = "Promise<VerifyReport>"
)]
pub fn verify_async<'env>(
    env: &'env Env,
    path: Unknown<'env>,
    given: Unknown<'env>,
) -> napi::Result<Unknown<'env>> {
    call::later(env, verifying(path, given))
}

fn verifying<'a>(path: Unknown<'a>, given: Unknown<'a>) -> Result<Call<'a, vectlite::VerifyReport>> {
    let path = string(Place::Root("path"), path)?;
    let (options, signal) = options::<VerifyOptions<'a>>(given)?;
    let options = asked(options)?;
    Ok(Call::new(signal, move || Ok(vectlite::verify(path, &options)?), report_out))
}

/// What is verified, as it was given.
pub(crate) fn asked(given: VerifyOptions<'_>) -> Result<vectlite::VerifyOptions> {
    let mut options = vectlite::VerifyOptions::new();
    if let Some(value) = given.deep {
        options = options.deep(boolean(Place::Root("deep"), value)?);
    }
    if let Some(value) = given.repair_to {
        options = options.repair_to(string(Place::Root("repairTo"), value)?);
    }
    Ok(options)
}

/// What was found.
pub(crate) fn report_out(env: &Env, report: vectlite::VerifyReport) -> Result<Unknown<'_>> {
    let report = Report {
        sound: report.is_sound(),
        deep: report.deep,
        commit_id: report.commit_id as f64,
        records: report.records as f64,
        values: report.values as f64,
        bytes: report.bytes as f64,
        log_commits: report.log_commits as f64,
        graphs: report.graphs as f64,
        problems: report.problems.into_iter().map(Found::from).collect(),
        problem_count: report.problem_count as f64,
        repair: report.repair.map(Saved::from),
    };
    Ok(report.into_unknown(env)?)
}

impl From<vectlite::Problem> for Found {
    fn from(problem: vectlite::Problem) -> Found {
        Found { file: problem.file.name(), what: problem.what }
    }
}

impl From<vectlite::Repair> for Saved {
    fn from(repair: vectlite::Repair) -> Saved {
        Saved {
            records: repair.records as f64,
            lost: repair.lost as f64,
            incomplete: repair.incomplete.into_iter().map(Incomplete::from).collect(),
            kv_saved: repair.kv_saved as f64,
            kv_lost: repair.kv_lost as f64,
        }
    }
}

impl From<vectlite::IncompleteRecord> for Incomplete {
    fn from(record: vectlite::IncompleteRecord) -> Incomplete {
        Incomplete { namespace: record.namespace, id: record.id, missing: record.missing }
    }
}
