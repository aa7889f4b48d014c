//! Calls on a database and on a transaction.

use std::path::Path;

use serde_json::{Value as Json, json};
use vectlite::limits::DEFAULT_PAGE;
use vectlite::{BulkOptions, Database, ReadView, Transaction};

use super::arguments::Arguments;
use super::run::{Answer, Handle, Stop, json};
use super::special::bytes_out;
use super::{indexes, search, verify};

pub(super) const NOTHING: Answer = Answer::Json(Json::Null);

/// What a database answers, and one state of it likewise.
macro_rules! reads {
    ($db:expr, $method:expr, $arguments:expr) => {{
        let (db, method, arguments) = ($db, $method, $arguments);
        match method {
            "search" => search::hits(db.search(&search::request(arguments)?)?),
            "search_with_stats" => search::hits_and_stats(db.search(&search::request(arguments)?)?),
            "search_batch" => {
                let queries = arguments.needed_vectors("queries")?;
                search::lists_of_hits(db.search_batch(&queries, &search::request(arguments)?)?)
            }
            "namespaces" => json(db.namespaces()?),
            "kv_get" => {
                let (table, key) = (arguments.needed_string("table")?, arguments.needed_string("key")?);
                kv_value(db.kv_get(&table, &key)?)
            }
            "kv_scan" => {
                let table = arguments.needed_string("table")?;
                let found = db.kv_scan(&table, &arguments.string("prefix")?.unwrap_or_default())?;
                json(found.iter().map(|(key, value)| json!([key, bytes_out(value)])).collect::<Vec<Json>>())
            }
            "get" | "exists" | "highlight" | "get_many" | "count" | "list" | "list_cursor" => {
                let namespace = arguments.string("namespace")?;
                let namespace = namespace.as_deref();
                match method {
                    "get" => json(db.get(&arguments.needed_string("id")?, namespace)?),
                    "exists" => json(db.exists(&arguments.needed_string("id")?, namespace)?),
                    "highlight" => {
                        let (id, text) = (arguments.needed_string("id")?, arguments.needed_string("text")?);
                        let before = arguments.string("before")?.unwrap_or_else(|| "<mark>".to_owned());
                        let after = arguments.string("after")?.unwrap_or_else(|| "</mark>".to_owned());
                        let found = db.highlight(&id, &text, namespace)?;
                        json(found.map(|found| found.marked(&before, &after)))
                    }
                    "get_many" => json(db.get_many(arguments.needed_strings("ids")?, namespace)?),
                    _ => {
                        let filter = arguments.filter("filter")?;
                        let filter = filter.as_ref();
                        match method {
                            "count" => json(db.count(namespace, filter)?),
                            "list" => {
                                let limit = arguments.count("limit")?.unwrap_or(0);
                                let offset = arguments.count("offset")?.unwrap_or(0);
                                json(db.list(namespace, filter, limit, offset)?)
                            }
                            _ => {
                                let limit = arguments.count("limit")?.unwrap_or(DEFAULT_PAGE);
                                let cursor = arguments.string("cursor")?;
                                json(db.list_cursor(namespace, filter, limit, cursor.as_deref())?)
                            }
                        }
                    }
                }
            }
            other => Err(Stop::Slip(format!("nothing has {other:?}"))),
        }
    }};
}

pub(super) fn call(
    db: &Database,
    directory: &Path,
    method: &str,
    arguments: &mut Arguments,
) -> Result<Answer, Stop> {
    match method {
        "insert" | "upsert" | "insert_many" | "upsert_many" | "bulk_ingest" | "bulk_ingest_array" => {
            write(db, method, arguments)
        }
        "update_metadata" | "delete" | "delete_many" | "delete_by_filter" | "set_ttl" | "clear_ttl" => {
            change(db, method, arguments)
        }
        "read_view" => Ok(Answer::Handle(Handle::View(db.read_view()?))),
        "create_index" | "drop_index" | "list_indexes" | "index_config" | "set_index_config"
        | "set_ef_search" | "tombstone_stats" => indexes::call(db, method, arguments),
        "transaction" => Ok(Answer::Handle(Handle::Transaction(db.transaction()?))),
        "flush" => db.flush().map(|()| NOTHING).map_err(Stop::from),
        "close" => db.close().map(|()| NOTHING).map_err(Stop::from),
        "snapshot" => {
            let dest = directory.join(arguments.needed_string("dest")?);
            db.snapshot(dest).map(|()| NOTHING).map_err(Stop::from)
        }
        "refresh" => json(db.refresh()?),
        "wait_for" => {
            let commit = arguments.count("commit_id")?.ok_or("the case gives no commit_id")? as u64;
            let timeout = arguments.needed_float("timeout")?;
            json(db.wait_for(commit, vectlite::seconds("timeout", timeout)?)?)
        }
        "backup" => {
            let backup = db.backup(directory.join(arguments.needed_string("dest_dir")?))?;
            json(backup.strip_prefix(directory).map_err(|error| error.to_string())?)
        }
        "verify" => verify::report(db.verify(&verify::options(directory, arguments)?)?),
        "compact" => {
            let erase = arguments.flag("erase")?.unwrap_or_default();
            let report = if erase { db.compact_and_erase()? } else { db.compact()? };
            json(json!({"records": report.records, "dropped": report.dropped, "shrunk": report.shrunk}))
        }
        "stats" => {
            let stats = db.stats()?;
            json(json!({
                "records": stats.records,
                "dead": stats.dead,
                "commit_id": stats.commit_id,
                "checkpoint": stats.checkpoint,
                "wal_entries_replayed": stats.wal_entries_replayed,
                "graphs": stats.graphs.iter().map(indexes::graph).collect::<Vec<Json>>(),
            }))
        }
        other => reads!(db, other, arguments),
    }
}

fn kv_value(value: Option<Vec<u8>>) -> Result<Answer, Stop> {
    json(value.as_deref().map(bytes_out))
}

/// Calls on one state of a database.
pub(super) fn call_view(view: &ReadView, method: &str, arguments: &mut Arguments) -> Result<Answer, Stop> {
    reads!(view, method, arguments)
}

fn write(db: &Database, method: &str, arguments: &mut Arguments) -> Result<Answer, Stop> {
    match method {
        "insert" => db.insert(arguments.record()?).map(|()| NOTHING).map_err(Stop::from),
        "upsert" => db.upsert(arguments.record()?).map(|()| NOTHING).map_err(Stop::from),
        "insert_many" => json(db.insert_many(arguments.records()?)?),
        "upsert_many" => json(db.upsert_many(arguments.records()?)?),
        _ => {
            let mut options = BulkOptions::new().index(indexes::changes(arguments)?);
            if let Some(records) = arguments.count("batch_size")? {
                options = options.batch_size(records);
            }
            let records = if method == "bulk_ingest" { arguments.records()? } else { arguments.columns()? };
            json(db.bulk_ingest(records, options, |_| {})?)
        }
    }
}

fn change(db: &Database, method: &str, arguments: &mut Arguments) -> Result<Answer, Stop> {
    let namespace = arguments.string("namespace")?;
    let namespace = namespace.as_deref();
    match method {
        "delete_many" => return json(db.delete_many(arguments.needed_strings("ids")?, namespace)?),
        "delete_by_filter" => {
            let filter = arguments.filter("filter")?.ok_or("the case gives no filter")?;
            return json(db.delete_by_filter(&filter, namespace)?);
        }
        _ => {}
    }
    let id = arguments.needed_string("id")?;
    match method {
        "update_metadata" => {
            let metadata = arguments.metadata("metadata")?.ok_or("the case gives no metadata")?;
            json(db.update_metadata(&id, metadata, namespace)?)
        }
        "delete" => json(db.delete(&id, namespace)?),
        "set_ttl" => json(db.set_ttl(&id, arguments.needed_float("ttl")?, namespace)?),
        _ => json(db.clear_ttl(&id, namespace)?),
    }
}

pub(super) fn call_transaction(
    transaction: &mut Transaction,
    method: &str,
    arguments: &mut Arguments,
) -> Result<Answer, Stop> {
    match method {
        "insert" => transaction.insert(arguments.record()?)?,
        "upsert" => transaction.upsert(arguments.record()?)?,
        "insert_many" => return json(transaction.insert_many(arguments.records()?)?),
        "upsert_many" => return json(transaction.upsert_many(arguments.records()?)?),
        "kv_put" | "kv_get" | "kv_delete" => {
            let (table, key) = (arguments.needed_string("table")?, arguments.needed_string("key")?);
            match method {
                "kv_put" => transaction.kv_put(&table, &key, arguments.needed_bytes("value")?)?,
                "kv_delete" => transaction.kv_delete(&table, &key)?,
                _ => return kv_value(transaction.kv_get(&table, &key)?),
            }
        }
        _ => {
            let namespace = arguments.string("namespace")?;
            let namespace = namespace.as_deref();
            if method == "delete_many" {
                transaction.delete_many(arguments.needed_strings("ids")?, namespace)?;
                return Ok(NOTHING);
            }
            let id = arguments.needed_string("id")?;
            match method {
                "get" => return json(transaction.get(&id, namespace)?),
                "delete" => transaction.delete(&id, namespace)?,
                "update_metadata" => {
                    let metadata = arguments.metadata("metadata")?.ok_or("the case gives no metadata")?;
                    transaction.update_metadata(&id, metadata, namespace)?;
                }
                "set_ttl" => transaction.set_ttl(&id, arguments.needed_float("ttl")?, namespace)?,
                other => return Err(Stop::Slip(format!("a transaction has no {other:?}"))),
            }
        }
    }
    Ok(NOTHING)
}

/// `commit` and `rollback`, which use a transaction up.
pub(super) fn end(transaction: Transaction, method: &str) -> Result<Answer, Stop> {
    if method == "commit" {
        transaction.commit()?;
    } else {
        transaction.rollback();
    }
    Ok(NOTHING)
}
