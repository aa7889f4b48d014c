//! The calls that cases may make, with the names of their arguments: also steps that fail early, or that Rust passes over,
//! must spell them right.

use serde_json::{Map, Value as Json};

const RECORD: &str = "id vector metadata namespace sparse vectors ttl text";
const SEARCH: &str = "k filter namespace all_namespaces sparse dense_weight sparse_weight fetch_k mmr_lambda \
                      vector_name fusion rrf_k truncate_dim explain query_vectors vector_weights text offset ef_search exact include min_score";
const OPTIONS: &str =
    "dimension read_only lock_timeout metric analyzer sync sparse_scoring positions low_memory verify";
const INDEX: &str = "m ef_construction ef_search parallel_insert_threshold tombstone_rebuild_pct";

/// The names that a call knows; nothing for a call that is none.
fn names(call: &str) -> Option<Vec<&'static str>> {
    let lists: &[&'static str] = match call {
        "insert" | "upsert" => &[RECORD],
        "insert_many" | "upsert_many" => &["records namespace"],
        "bulk_ingest" => &["records namespace batch_size", INDEX],
        "bulk_ingest_array" => &["ids vectors metadata namespace batch_size", INDEX],
        "update_metadata" => &["id metadata namespace"],
        "set_ttl" => &["id ttl namespace"],
        "get" | "exists" | "delete" | "clear_ttl" => &["id namespace"],
        "highlight" => &["id text namespace before after"],
        "get_many" | "delete_many" => &["ids namespace"],
        "delete_by_filter" | "count" => &["namespace filter"],
        "list" => &["namespace filter limit offset"],
        "list_cursor" => &["namespace filter limit cursor"],
        "search" | "search_with_stats" => &["query", SEARCH],
        "search_batch" => &["queries", SEARCH],
        "create_index" => &["field type"],
        "kv_get" | "kv_delete" => &["table key"],
        "kv_put" => &["table key value"],
        "kv_scan" => &["table prefix"],
        "drop_index" => &["field"],
        "set_index_config" => &[INDEX],
        "set_ef_search" => &["n"],
        "snapshot" => &["dest"],
        "wait_for" => &["commit_id timeout"],
        "compact" => &["erase"],
        "backup" => &["dest_dir"],
        "verify" => &["path deep repair_to"],
        "restore" => &["source dest analyzer sync low_memory"],
        "open" => &["path", OPTIONS],
        "open_store" => &["root"],
        "create_collection"
        | "open_collection"
        | "open_collection_read_only"
        | "open_or_create_collection" => &["name", OPTIONS],
        "drop_collection" => &["name"],
        "analyzer" => &["steps preset"],
        "tokenize" | "sparse_terms" | "query_terms" => &["text"],
        "sparse_terms_weighted" => &["fields weights"],
        "namespaces" | "read_view" | "transaction" | "commit" | "rollback" | "flush" | "refresh"
        | "stats" | "close" | "collections" | "index_config" | "list_indexes" | "tombstone_stats" => &[],
        _ => return None,
    };
    Some(lists.iter().flat_map(|list| list.split_whitespace()).collect())
}

/// That a call exists and has these arguments, and that its records have the fields of one.
pub(super) fn check(call: &str, with: &Map<String, Json>) -> Result<(), String> {
    let names = names(call).ok_or_else(|| format!("unknown call {call:?}"))?;
    only(with, &names)?;
    let records = with.get("records").and_then(Json::as_array);
    let fields: Vec<&str> = RECORD.split_whitespace().collect();
    records.into_iter().flatten().filter_map(Json::as_object).try_for_each(|record| only(record, &fields))
}

/// That the options of a case are options.
pub(super) fn check_options(options: &Map<String, Json>) -> Result<(), String> {
    only(options, &OPTIONS.split_whitespace().collect::<Vec<&str>>())
}

fn only(entries: &Map<String, Json>, names: &[&str]) -> Result<(), String> {
    match entries.keys().find(|key| !names.contains(&key.as_str())) {
        Some(key) => Err(format!("unknown argument {key:?}: expected one of {names:?}")),
        None => Ok(()),
    }
}

#[test]
fn slips_are_found() {
    let check = |call: &str, json: Json| check(call, json.as_object().unwrap());
    assert!(check("search", serde_json::json!({"query": [1], "mmr_lambda": 1})).is_ok());
    assert!(check("search", serde_json::json!({"mmr_lamda": 1})).is_err());
    assert!(check("serach", serde_json::json!({})).is_err());
    assert!(check("upsert_many", serde_json::json!({"records": [{"id": "a"}, {"vektor": [1]}]})).is_err());
}
