//! What the index costs and finds on 100,000 real sentence embeddings of 384 dimensions.
//!
//! `cargo bench -p vectlite-ann [-- PART…]`, with parts `build scan search filter insert oracle clustered`; all but
//! the last two when none is named. The data is read from `$VECTLITE_DATA` (default: `../shared/data` beside the checkout).

use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use vectlite_ann::{Binding, Ended, Found, Index, Metric, Params, Scorer, Search, rescore};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

const DIMENSION: usize = 384;
const K: usize = 10;
/// Stands for a scan by upper halves among widths of beams.
const SKIM: usize = 1;

fn main() -> Outcome<()> {
    let folder = std::env::var_os("VECTLITE_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"), PathBuf::from);
    let folder = folder.join("wordnet-minilm");
    let mut out = std::io::stdout();
    if !folder.exists() {
        return Ok(writeln!(out, "skipped: no data at {}", folder.display())?);
    }
    let parts: Vec<String> = std::env::args().skip(1).filter(|part| !part.starts_with('-')).collect();
    let wanted = |part: &str| {
        if parts.is_empty() {
            part != "oracle" && part != "clustered"
        } else {
            parts.iter().any(|p| p == part)
        }
    };
    let threads = number("THREADS", 2);

    let params = {
        let mut params = Params::default();
        params.m = number("M", params.m);
        params.ef_construction = number("EFC", params.ef_construction);
        params.seeds = number("SEEDS", params.seeds);
        params
    };
    if wanted("clustered") {
        clustered(&mut out, params, threads)?;
        if parts.len() == 1 {
            return Ok(());
        }
    }
    let data = Data::read(&folder)?;
    let rows: Vec<(u32, &[f32])> = (0..).zip(data.base.chunks(DIMENSION)).collect();
    let index = built(&mut out, params, &rows, threads)?;
    if wanted("scan") {
        scan(&mut out, &data, &index)?;
    }
    if wanted("search") {
        search(&mut out, &data, &index, "graph")?;
    }
    if wanted("filter") {
        filter(&mut out, &data, &index, &folder)?;
    }
    if wanted("insert") {
        insert(&mut out, &data, params, threads)?;
    }
    if wanted("oracle") {
        let mut oracle = params;
        oracle.seeds = usize::MAX;
        let started = Instant::now();
        let index = Index::build(Metric::Cosine, DIMENSION, oracle, &rows, threads)?;
        writeln!(out, "oracle: {:.2} s, {:?}", started.elapsed().as_secs_f64(), index.stats())?;
        search(&mut out, &data, &index, "hnsw_rs")?;
    }
    Ok(())
}

/// Builds the index and takes it through an image; or takes it from the image named by `$INDEX_IMAGE`, if there is one.
fn built(out: &mut impl Write, params: Params, rows: &[(u32, &[f32])], threads: usize) -> Outcome<Index> {
    let binding = Binding { database: [7; 16], slot_epoch: 0, commit_id: 0 };
    let kept = std::env::var_os("INDEX_IMAGE").map(PathBuf::from);
    let path = kept
        .clone()
        .unwrap_or_else(|| std::env::temp_dir().join(format!("wordnet-{}.ann", std::process::id())));
    if !path.exists() {
        let started = Instant::now();
        let index = Index::build(Metric::Cosine, DIMENSION, params, rows, threads)?;
        let took = started.elapsed();
        writeln!(out, "build: {:.2} s with {threads} threads, {:?}", took.as_secs_f64(), index.stats())?;
        let started = Instant::now();
        let bytes = index.write_image(&binding, &mut BufWriter::new(File::create(&path)?))?;
        writeln!(out, "image: {bytes} bytes written in {:.1} ms, not synced", millis(started))?;
    }
    let started = Instant::now();
    let file = File::open(&path)?;
    let mapped = Index::open_image(&file, 0, (&file).seek(SeekFrom::End(0))?, &binding)?;
    write!(out, "image: mapped in {:.2} ms", millis(started))?;
    let started = Instant::now();
    mapped.search(rows.first().ok_or("no rows")?.1, Search::new(K))?;
    writeln!(out, ", first search in {:.2} ms", millis(started))?;
    let started = Instant::now();
    let mut file = File::open(&path)?;
    let length = file.seek(SeekFrom::End(0))?;
    file.rewind()?;
    let index = Index::read_image(&mut file, length, &binding)?;
    writeln!(out, "image: read and verified in {:.1} ms", millis(started))?;
    if kept.is_none() {
        std::fs::remove_file(&path)?;
    }
    Ok(if number("MAPPED", 0) == 1 { mapped } else { index })
}

fn millis(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}

fn number(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

fn search(out: &mut impl Write, data: &Data, index: &Index, name: &str) -> Outcome<()> {
    writeln!(
        out,
        "{name:>8}    ef  recall@10  codes alone   searches/s  distances  candidates  vectors read"
    )?;
    let all = [10, 16, 24, 32, 40, 48, 64, 80, 100, 128, 160, 200, 256];
    let one = [number("EF", 0)];
    for ef in if one == [0] { all.as_slice() } else { &one }.iter().copied() {
        let wanted = Search { ef: Some(ef), ..Search::new(K) };
        let (mut recall, mut raw, mut evaluated, mut candidates, mut read) = (0, 0, 0, 0, 0);
        for (query, truth) in data.queries() {
            let found = index.search(query, wanted)?;
            evaluated += found.evaluated;
            raw += common(truth, found.candidates.iter().take(K).map(|near| near.slot));
            candidates += found.candidates.len();
            rescore(&found.candidates, K, |slot| {
                read += 1;
                Some(f64::from(Scorer::new(Metric::Cosine, query).score(data.vector(slot))))
            });
            recall += common(truth, data.rescored(query, &found).into_iter());
        }
        let rate = rate(number("RUNS", 4), data.count(), || {
            for (query, _) in data.queries() {
                data.rescored(query, &index.search(query, wanted)?);
            }
            Ok(())
        })?;
        let share = |hits: usize| hits as f64 / (data.count() * K) as f64;
        writeln!(
            out,
            "{ef:>14} {:>10.4} {:>12.4} {rate:>12.0} {:>10} {:>11.1} {:>13.1}",
            share(recall),
            share(raw),
            evaluated / data.count(),
            candidates as f64 / data.count() as f64,
            f64::from(read) / data.count() as f64
        )?;
    }
    Ok(())
}

fn scan(out: &mut impl Write, data: &Data, index: &Index) -> Outcome<()> {
    let all = index.len() as u32;
    let (mut recall, mut kept) = (0, 0);
    for (query, truth) in data.queries().take(50) {
        let found = index.scan(query, K, 0..all)?;
        kept += found.candidates.len();
        recall += common(truth, data.rescored(query, &found).into_iter());
    }
    writeln!(out, "scan: recall {:.4}, {} candidates kept", recall as f64 / (50 * K) as f64, kept / 50)?;
    for count in [1_000, 10_000, all] {
        let rate = rate((2_000_000 / count as usize).div_ceil(50), 50, || {
            for (query, _) in data.queries().take(50) {
                index.scan(query, K, (0..all).step_by((all / count) as usize))?;
            }
            Ok(())
        })?;
        writeln!(out, "scan of {count}: {:.1} ns a vector", 1e9 / rate / f64::from(count))?;
    }
    Ok(())
}

fn filter(out: &mut impl Write, data: &Data, index: &Index, folder: &Path) -> Outcome<()> {
    let base = std::fs::read_to_string(folder.join("base.jsonl"))?;
    let field = |line: &str, name: &str| {
        let at = line.find(&format!("\"{name}\":"))? + name.len() + 3;
        Some(line[at..].trim_start().trim_start_matches('"').split(['"', ',', '}']).next()?.to_owned())
    };
    let r: Vec<u32> = base.lines().filter_map(|line| field(line, "r")?.parse().ok()).collect();
    let animal: Vec<bool> =
        base.lines().map(|line| field(line, "lexname").as_deref() == Some("noun.animal")).collect();
    writeln!(out, "  filter  plan  ef  recall@10  searches/s  of unfiltered  distances  gave up")?;
    for (name, file) in [("50 %", "gt_r500"), ("5 %", "gt_r50"), ("0.5 %", "gt_r5"), ("animal", "gt_animal")]
    {
        let limit = match name {
            "50 %" => 500,
            "5 %" => 50,
            "0.5 %" => 5,
            _ => 0,
        };
        let bits: Vec<bool> = if limit > 0 { r.iter().map(|r| *r < limit).collect() } else { animal.clone() };
        let slots: Vec<u32> = (0..).zip(&bits).filter(|(_, passes)| **passes).map(|(slot, _)| slot).collect();
        let truth = read_i32(&folder.join(format!("{file}.npy")))?;
        for ef in [0, SKIM, 23, 46, 64].into_iter().filter(|ef| number("EF", *ef) == *ef) {
            let wanted = Search { k: K, ef: Some(ef), budget: 60_000 };
            let run = |query: &[f32]| -> Outcome<Found> {
                Ok(if ef == 0 {
                    index.scan(query, K, slots.iter().copied())?
                } else if ef == SKIM {
                    index.skim(query, K, slots.iter().copied())?
                } else {
                    index.search_filtered(query, wanted, |slot| {
                        bits.get(slot as usize).copied().unwrap_or(false)
                    })?
                })
            };
            let (mut hits, mut possible, mut evaluated, mut gave_up) = (0, 0, 0, 0);
            for ((query, _), truth) in data.queries().zip(truth.chunks(100)) {
                let truth: Vec<i32> = truth.iter().copied().filter(|id| *id >= 0).take(K).collect();
                let found = run(query)?;
                evaluated += found.evaluated;
                gave_up += usize::from(found.ended == Ended::OverBudget);
                possible += truth.len();
                hits += common(&truth, data.rescored(query, &found).into_iter());
            }
            // In turns: the machine has others to serve.
            let (mut filtered, mut unfiltered) = (Duration::ZERO, Duration::ZERO);
            for _ in 0..number("RUNS", 5) {
                filtered += timed(|| {
                    data.queries().try_for_each(|(query, _)| {
                        data.rescored(query, &run(query)?);
                        Ok(())
                    })
                })?;
                unfiltered += timed(|| {
                    data.queries().try_for_each(|(query, _)| {
                        data.rescored(query, &index.search(query, Search::new(K))?);
                        Ok(())
                    })
                })?;
            }
            let rate = (number("RUNS", 5) * data.count()) as f64 / filtered.as_secs_f64();
            let ratio = unfiltered.as_secs_f64() / filtered.as_secs_f64();
            let plan = match ef {
                0 => "scan",
                SKIM => "skim",
                _ => "beam",
            };
            writeln!(
                out,
                "{name:>8} {plan:>5} {ef:>4} {:>9.4} {rate:>11.0} {ratio:>14.2} {:>10} {gave_up:>7}",
                hits as f64 / possible as f64,
                evaluated / data.count()
            )?;
        }
    }
    Ok(())
}

/// 80,000 in bulk, the others one by one and, for comparison, in batches.
fn insert(out: &mut impl Write, data: &Data, params: Params, threads: usize) -> Outcome<()> {
    let rows: Vec<(u32, &[f32])> = (0..).zip(data.base.chunks(DIMENSION)).collect();
    let (bulk, single) = rows.split_at(80_000);
    let index = Index::build(Metric::Cosine, DIMENSION, params, bulk, threads)?;
    let took = rate(1, single.len(), || {
        for (slot, vector) in single {
            index.insert(*slot, vector)?;
        }
        Ok(())
    })?;
    writeln!(out, "single inserts into 80,000: {took:.0} a second, one thread")?;
    search(out, data, &index, "inserted")?;
    let index = Index::build(Metric::Cosine, DIMENSION, params, bulk, threads)?;
    let took = rate(1, single.len(), || {
        for batch in single.chunks(64) {
            index.insert_many(batch, 1)?;
        }
        Ok(())
    })?;
    writeln!(out, "in batches of 64: {took:.0} a second, one thread")?;
    let index = Index::build(Metric::Cosine, DIMENSION, params, bulk, threads)?;
    let started = Instant::now();
    for batch in single.chunks(2_000) {
        index.insert_many(batch, threads)?;
    }
    let rate = single.len() as f64 / started.elapsed().as_secs_f64();
    writeln!(out, "in batches of 2,000: {rate:.0} a second, {threads} threads, by the clock on the wall")?;
    let started = Instant::now();
    writeln!(out, "repair: {} nodes in {:.1} ms", index.repair(), millis(started))?;
    Ok(())
}

/// Made-up vectors in clusters, `$ROWS` of them, inserted 100,000 at a time.
fn clustered(out: &mut impl Write, params: Params, threads: usize) -> Outcome<()> {
    let rows = u32::try_from(number("ROWS", 200_000))?;
    let index = Index::new(Metric::Cosine, DIMENSION, params)?;
    let mut total = Duration::ZERO;
    for first in (0..rows).step_by(100_000) {
        let slots = first..rows.min(first + 100_000);
        let vectors: Vec<Vec<f32>> = slots.clone().map(made_up).collect();
        let batch: Vec<(u32, &[f32])> = slots.zip(vectors.iter().map(Vec::as_slice)).collect();
        let started = Instant::now();
        index.insert_many(&batch, threads)?;
        let took = started.elapsed();
        total += took;
        writeln!(out, "clustered: {} in all, {:.1} s", index.len(), took.as_secs_f64())?;
    }
    writeln!(out, "clustered: {:.1} s with {threads} threads, {:?}", total.as_secs_f64(), index.stats())?;
    for ef in [32, 64, 128] {
        let wanted = Search { ef: Some(ef), ..Search::new(K) };
        let mut hits = 0;
        for query in (0..100).map(|number| made_up(rows + number)) {
            let scorer = Scorer::new(Metric::Cosine, &query);
            let best = |found: &Found| -> Vec<u32> {
                let score = |slot| Some(f64::from(scorer.score(&made_up(slot))));
                rescore(&found.candidates, K, score).iter().take(K).map(|best| best.slot).collect()
            };
            let truth = best(&index.scan(&query, K, 0..rows)?);
            hits += best(&index.search(&query, wanted)?).iter().filter(|slot| truth.contains(slot)).count();
        }
        writeln!(out, "clustered: ef {ef}, recall {:.3}", hits as f64 / (100 * K) as f64)?;
    }
    Ok(())
}

/// A vector of one of 1,000 clusters, by its number.
fn made_up(number: u32) -> Vec<f32> {
    let mixed = |number: u64| {
        let mut mixed = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    };
    // The sum of four even numbers is nearly a gaussian one.
    let gaussian = |seed: u64| {
        let bits = mixed(seed);
        let sum: f32 = (0..4).map(|part| f32::from((bits >> (16 * part)) as u16)).sum();
        (sum / 65_535.0 - 2.0) * 3.0_f32.sqrt()
    };
    let cluster = mixed(u64::from(number)) % 1_000;
    (0..DIMENSION as u64)
        .map(|at| gaussian(cluster << 32 | at) + gaussian((u64::from(number) + 1_000) << 32 | at))
        .collect()
}

/// The mean of some runs, in calls a second of this thread on its core. Linux counts that time in ticks of some
/// milliseconds, so runs are not timed one by one.
fn rate(runs: usize, calls: usize, mut run: impl FnMut() -> Outcome<()>) -> Outcome<f64> {
    let took = timed(|| (0..runs).try_for_each(|_| run()))?;
    Ok((runs * calls) as f64 / took.as_secs_f64())
}

fn timed(run: impl FnOnce() -> Outcome<()>) -> Outcome<Duration> {
    let started = Clock::start();
    run()?;
    Ok(started.elapsed())
}

/// The time that this thread was on a core, where Linux tells: others on the machine then matter less. Else the time.
struct Clock {
    wall: Instant,
    core: Option<Duration>,
}

impl Clock {
    fn start() -> Clock {
        Clock { wall: Instant::now(), core: Clock::core() }
    }

    fn core() -> Option<Duration> {
        let line = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
        Some(Duration::from_nanos(line.split(' ').next()?.parse().ok()?))
    }

    fn elapsed(&self) -> Duration {
        let core = self.core.zip(Clock::core()).map(|(start, now)| now.saturating_sub(start));
        core.unwrap_or_else(|| self.wall.elapsed())
    }
}

fn common(truth: &[i32], found: impl Iterator<Item = u32>) -> usize {
    found.filter(|slot| truth.iter().any(|id| u32::try_from(*id) == Ok(*slot))).count()
}

struct Data {
    base: Vec<f32>,
    queries: Vec<f32>,
    truth: Vec<i32>,
}

impl Data {
    fn read(folder: &Path) -> Outcome<Data> {
        let bytes = npy(&folder.join("base.f16.npy"))?;
        let mut base: Vec<f32> =
            bytes.chunks_exact(2).map(|b| widened(u16::from_le_bytes([b[0], b[1]]))).collect();
        for row in base.chunks_mut(DIMENSION) {
            let norm = row.iter().map(|x| f64::from(*x) * f64::from(*x)).sum::<f64>().sqrt() as f32;
            row.iter_mut().for_each(|x| *x /= norm);
        }
        let queries = npy(&folder.join("queries.npy"))?;
        let queries = queries.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
        Ok(Data { base, queries, truth: read_i32(&folder.join("gt.npy"))? })
    }

    fn count(&self) -> usize {
        self.queries.len() / DIMENSION
    }

    fn queries(&self) -> impl Iterator<Item = (&[f32], &[i32])> {
        self.queries.chunks(DIMENSION).zip(self.truth.chunks(100).map(|row| &row[..K]))
    }

    fn vector(&self, slot: u32) -> &[f32] {
        &self.base[slot as usize * DIMENSION..][..DIMENSION]
    }

    /// The slots of the best, by their exact scores: what an engine does with candidates of a search.
    fn rescored(&self, query: &[f32], found: &Found) -> Vec<u32> {
        let scorer = Scorer::new(Metric::Cosine, query);
        let best = rescore(&found.candidates, K, |slot| Some(f64::from(scorer.score(self.vector(slot)))));
        best.iter().take(K).map(|candidate| candidate.slot).collect()
    }
}

/// The numbers of an array file, behind its header.
fn npy(path: &Path) -> Outcome<Vec<u8>> {
    let mut bytes = std::fs::read(path)?;
    let header = bytes.get(8..10).map(|length| usize::from(u16::from_le_bytes([length[0], length[1]])) + 10);
    let header = header.filter(|end| *end <= bytes.len()).ok_or("not an array file")?;
    Ok(bytes.split_off(header))
}

fn read_i32(path: &Path) -> Outcome<Vec<i32>> {
    Ok(npy(path)?.chunks_exact(4).map(|b| i32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect())
}

/// From half precision.
fn widened(half: u16) -> f32 {
    let (sign, exponent, mantissa) = (half >> 15, i32::from(half >> 10 & 31), f32::from(half & 1_023));
    let size = if exponent == 0 {
        mantissa * 2.0_f32.powi(-24)
    } else {
        (1.0 + mantissa / 1_024.0) * 2.0_f32.powi(exponent - 15)
    };
    if sign == 1 { -size } else { size }
}
