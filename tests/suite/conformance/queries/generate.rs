//! Makes the queries, the same ones every time.

use serde_json::{Map, Value as Json, json};
use vectlite::Analyzer;
use vectlite_tests::random::Random;

use super::corpus::Text;
use super::{ANALYZER, Query};

pub(super) const QUERIES: usize = 300;
const SEED: u64 = 3;

/// What a query searches by.
const KINDS: [&str; 6] = ["dense", "text", "linear", "rrf", "mmr", "sparse"];

/// Two thirds ask the default metric.
fn metric(number: usize) -> &'static str {
    match number % 9 {
        0..6 => "cosine",
        6 => "euclidean",
        7 => "dotproduct",
        _ => "manhattan",
    }
}

pub(super) fn queries(texts: &[Text], stored: usize) -> Vec<Query> {
    let analyzer = Analyzer::preset(ANALYZER).unwrap();
    let mut random = Random::new(SEED);
    (0..QUERIES)
        .map(|number| {
            // Metrics turn by nine and kinds by six: one turn of kinds for each turn of metrics keeps both apart.
            let kind = KINDS[(number + number / 9) % KINDS.len()];
            Query {
                metric: metric(number).to_owned(),
                search: search(kind, texts, stored, &analyzer, &mut random),
            }
        })
        .collect()
}

fn search(
    kind: &str,
    texts: &[Text],
    stored: usize,
    analyzer: &Analyzer,
    random: &mut Random,
) -> Map<String, Json> {
    let mut search = Map::new();
    let mut put = |name: &str, value: Json| drop(search.insert(name.to_owned(), value));
    if ["dense", "linear", "rrf", "mmr"].contains(&kind) {
        // Some of the vectors are stored, most are not.
        let row = if random.below(4) == 0 {
            pick(stored, random)
        } else {
            stored + pick(texts.len() - stored, random)
        };
        put("query", json!({"row": row}));
    }
    if ["text", "linear", "rrf"].contains(&kind) || (kind == "mmr" && random.below(2) == 0) {
        put("text", json!(words(&texts[..stored], random).join(" ")));
    }
    if kind == "sparse" {
        // Sparse terms are not analyzed, so they have to be what the analyzer makes of words.
        let text = words(&texts[..stored], random).join(" ");
        let terms = analyzer.tokenize(&text).into_iter().map(|term| (term, weight(random)));
        put("sparse", Json::Object(terms.collect()));
    }
    match kind {
        "linear" | "rrf" => {
            put("fusion", json!(kind));
            if random.below(3) > 0 {
                put("dense_weight", weight(random));
                put("sparse_weight", weight(random));
            }
            if kind == "rrf" && random.below(2) == 0 {
                put("rrf_k", json!(1 + random.below(100)));
            }
            if random.below(4) == 0 {
                put("fetch_k", json!(20 + random.below(100)));
            }
        }
        "mmr" => put("mmr_lambda", json!(random.below(9) as f64 / 8.0)),
        _ => {}
    }
    // Short lists most of the time, up to 50.
    put("k", json!(1 + if random.below(5) == 0 { random.below(50) } else { random.below(12) }));
    if random.below(5) == 0 {
        put("offset", json!(1 + random.below(10)));
    }
    if random.below(2) == 0 {
        put("filter", filter(texts, random));
    }
    // Two graphs may differ, in candidates and so in answers; a scan may not.
    if kind != "sparse" {
        put("exact", json!(true));
    }
    search
}

fn pick(count: usize, random: &mut Random) -> usize {
    random.below(count as u64) as usize
}

/// Eighths, which are exact.
fn weight(random: &mut Random) -> Json {
    json!(random.below(17) as f64 / 8.0)
}

/// One to five words of one stored text.
fn words<'a>(stored: &'a [Text], random: &mut Random) -> Vec<&'a str> {
    let words: Vec<&str> = stored[pick(stored.len(), random)]
        .text
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| word.len() > 3)
        .collect();
    (0..1 + random.below(5)).filter_map(|_| words.get(pick(words.len(), random)).copied()).collect()
}

fn filter(texts: &[Text], random: &mut Random) -> Json {
    let lexname = &texts[pick(texts.len(), random)].lexname;
    let other = &texts[pick(texts.len(), random)].lexname;
    match random.below(8) {
        0 => json!({"pos": "n"}),
        1 => json!({"pos": "v"}),
        2 => json!({"lexname": lexname}),
        3 => json!({"lexname": {"$in": [lexname, other]}}),
        4 => json!({"lexname": {"$ne": lexname}}),
        5 => json!({"$not": {"lexname": lexname}, "pos": {"$exists": true}}),
        6 => json!({"lexname": {"$prefix": "verb."}}),
        _ => json!({"$or": [{"pos": "v"}, {"lexname": {"$regex": "(food|plant)$"}}]}),
    }
}
