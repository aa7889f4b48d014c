//! An order in which near vectors come near each other, so that what an insertion or a search reads is often in the
//! cache already.
//!
//! Each vector goes to the closest of some pivots taken from among them, then those of one pivot are divided likewise
//! until few are left. The clusters stand in a chain from one pivot to the next closest. Nothing but speed depends on
//! it.
#![expect(clippy::indexing_slicing, reason = "members are places of the vectors they were made of")]

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::codes::{Codes, Room};
use crate::random;

/// Clusters of this size are left as they are.
const SMALL: usize = 64;
const MOST_PIVOTS: usize = 256;

/// A permutation of the vectors. `like` says how they are coded.
pub(crate) fn by_clusters(like: &Codes, vectors: &[&[f32]], threads: usize) -> io::Result<Vec<u32>> {
    let all: Vec<u32> = (0..vectors.len() as u32).collect();
    let clusters = split(like, vectors, &all, threads)?;
    let results: Vec<Mutex<Vec<u32>>> = clusters.iter().map(|_| Mutex::new(Vec::new())).collect();
    let next = AtomicUsize::new(0);
    in_parallel(threads, || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let (Some(cluster), Some(result)) = (clusters.get(at), results.get(at)) else { return Ok(()) };
            let mut order = Vec::with_capacity(cluster.len());
            divide(like, vectors, cluster, &mut order)?;
            *result.lock().unwrap_or_else(PoisonError::into_inner) = order;
        }
    })?;
    Ok(results
        .into_iter()
        .flat_map(|result| result.into_inner().unwrap_or_else(PoisonError::into_inner))
        .collect())
}

/// Appends the members, divided until few are left together.
fn divide(like: &Codes, vectors: &[&[f32]], members: &[u32], order: &mut Vec<u32>) -> io::Result<()> {
    let parts = split(like, vectors, members, 1)?;
    for part in parts {
        // Equal vectors stay together however often they are divided.
        if part.len() <= SMALL || part.len() == members.len() {
            order.extend(part);
        } else {
            divide(like, vectors, &part, order)?;
        }
    }
    Ok(())
}

/// Distributes some vectors over pivots.
fn split(like: &Codes, vectors: &[&[f32]], members: &[u32], threads: usize) -> io::Result<Vec<Vec<u32>>> {
    if members.len() <= SMALL {
        return Ok(vec![members.to_vec()]);
    }
    let count = (members.len() as f64).sqrt() as usize / 4;
    let pivots = pivots(like, vectors, members, count.clamp(4, MOST_PIVOTS))?;
    let closest = |member: u32| {
        let code = like.encode(vectors[member as usize]);
        let probe = pivots.coarse(code.probe());
        let distances = (0..pivots.len() as u32).map(|pivot| (pivots.distance(&probe, pivot), pivot));
        distances.min_by(|a, b| a.0.total_cmp(&b.0)).map_or(0, |closest| closest.1)
    };
    let clusters: Vec<Mutex<Vec<u32>>> = (0..pivots.len()).map(|_| Mutex::new(Vec::new())).collect();
    let next = AtomicUsize::new(0);
    in_parallel(threads, || {
        loop {
            let start = next.fetch_add(256, Ordering::Relaxed);
            let Some(rest) = members.get(start..).filter(|rest| !rest.is_empty()) else { return Ok(()) };
            for member in rest.iter().take(256) {
                if let Some(cluster) = clusters.get(closest(*member) as usize) {
                    cluster.lock().unwrap_or_else(PoisonError::into_inner).push(*member);
                }
            }
        }
    })?;
    let mut clusters: Vec<Vec<u32>> = clusters
        .into_iter()
        .map(|cluster| cluster.into_inner().unwrap_or_else(PoisonError::into_inner))
        .collect();
    // Threads take turns in no fixed order; sorted, the same vectors give the same order again.
    clusters.iter_mut().for_each(|cluster| cluster.sort_unstable());
    Ok(chain(&pivots)
        .into_iter()
        .filter_map(|pivot| clusters.get_mut(pivot as usize).map(std::mem::take))
        .collect())
}

fn pivots(like: &Codes, vectors: &[&[f32]], members: &[u32], count: usize) -> io::Result<Codes> {
    let pivots = Codes::new(like.metric(), like.dimension(), like.centre().to_vec(), count)?;
    for number in 0..count {
        let at = random::mixed(number as u64) % members.len() as u64;
        if let Some(vector) = members.get(at as usize).and_then(|member| vectors.get(*member as usize)) {
            pivots.push(&like.encode(vector))?;
        }
    }
    Ok(pivots)
}

/// From each pivot to the closest that has not been yet.
fn chain(pivots: &Codes) -> Vec<u32> {
    let mut rest: Vec<u32> = (0..pivots.len() as u32).collect();
    let mut chain = Vec::with_capacity(rest.len());
    let mut at = 0;
    while let Some(pivot) = (at < rest.len()).then(|| rest.swap_remove(at)) {
        chain.push(pivot);
        let mut room = Room::default();
        let Some(probe) = pivots.node(pivot, &mut room) else { continue };
        let distances = rest.iter().map(|other| pivots.distance(&probe, *other)).enumerate();
        at = distances.min_by(|a, b| a.1.total_cmp(&b.1)).map_or(0, |closest| closest.0);
    }
    chain
}

/// Runs the same work in some threads, the current one among them.
pub(crate) fn in_parallel(threads: usize, work: impl Fn() -> io::Result<()> + Sync) -> io::Result<()> {
    let work = &work;
    std::thread::scope(|scope| {
        // A thread that cannot be had is no loss: the others do its work.
        let helpers: Vec<_> =
            (1..threads).filter_map(|_| std::thread::Builder::new().spawn_scoped(scope, work).ok()).collect();
        let mine = work();
        for helper in helpers {
            helper.join().map_err(|_| io::Error::other("a thread of the index panicked"))??;
        }
        mine
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Metric;

    #[test]
    fn it_is_a_permutation_with_near_vectors_side_by_side() {
        let mut state = 5;
        let clustered: Vec<Vec<f32>> = (0..5_000_u64)
            .map(|number| {
                let centre = random::mixed(number) % 50;
                (0..8)
                    .map(|at| {
                        (random::unit(centre * 8 + at) * 10.0 + random::gaussian(&mut state) * 0.1) as f32
                    })
                    .collect()
            })
            .collect();
        let vectors: Vec<&[f32]> = clustered.iter().map(Vec::as_slice).collect();
        let like = Codes::new(Metric::Euclidean, 8, Vec::new(), 0).unwrap();
        let order = by_clusters(&like, &vectors, 2).unwrap();
        assert_eq!(order, by_clusters(&like, &vectors, 1).unwrap());
        let mut sorted = order.clone();
        sorted.sort_unstable();
        assert!(sorted.into_iter().eq(0..5_000));
        let cluster = |vector: &u32| random::mixed(u64::from(*vector)) % 50;
        let changes = order.windows(2).filter(|pair| cluster(&pair[0]) != cluster(&pair[1])).count();
        assert!(changes < 1_000, "{changes} changes of cluster in 5,000 vectors of 50 clusters");
    }
}
