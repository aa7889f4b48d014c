//! How long searches take.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use serde::Serialize;
use vectlite::{Database, SearchRequest};

use crate::failure::Outcome;

/// How fast a kind of search is.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Speed {
    /// Half of the searches took at most so long, one after the other.
    pub(crate) median_us: f64,
    /// 99 of 100 did.
    pub(crate) p99_us: f64,
    /// Searches in a second on one thread.
    pub(crate) qps_one_thread: f64,
    /// Searches in a second on all threads together.
    pub(crate) qps_all_threads: f64,
}

/// The speed of these searches; the first of them are run once before, unmeasured, as those who search often find things in caches.
pub(crate) fn measure(db: &Database, requests: &[SearchRequest], threads: usize) -> Outcome<Speed> {
    for request in requests.iter().take(requests.len().div_ceil(4)) {
        db.search(request)?;
    }
    let mut times = Vec::with_capacity(requests.len());
    let started = Instant::now();
    for request in requests {
        let before = Instant::now();
        db.search(request)?;
        times.push(before.elapsed().as_secs_f64() * 1e6);
    }
    let one = started.elapsed().as_secs_f64();
    times.sort_by(f64::total_cmp);
    let all = together(db, requests, threads)?;
    Ok(Speed {
        median_us: rounded(quantile(&times, 0.5)),
        p99_us: rounded(quantile(&times, 0.99)),
        qps_one_thread: rounded(requests.len() as f64 / one),
        qps_all_threads: rounded(requests.len() as f64 / all),
    })
}

/// Seconds that all of them take when threads share them.
fn together(db: &Database, requests: &[SearchRequest], threads: usize) -> Outcome<f64> {
    let next = AtomicUsize::new(0);
    let work = || -> vectlite::Result<()> {
        while let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed)) {
            db.search(request)?;
        }
        Ok(())
    };
    let started = Instant::now();
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        // The engine turns panics into errors.
        workers.into_iter().try_for_each(|worker| worker.join().unwrap_or(Ok(())))
    })?;
    Ok(started.elapsed().as_secs_f64())
}

/// The time that a share of them did not exceed.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let rank = (sorted.len() as f64 * share).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

/// To a tenth: more digits say nothing.
pub(crate) fn rounded(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_nearest_ranks() {
        let times: Vec<f64> = (1..=200).map(f64::from).collect();
        assert_eq!(quantile(&times, 0.5), 100.0);
        assert_eq!(quantile(&times, 0.99), 198.0);
        assert_eq!(quantile(&[7.0], 0.99), 7.0);
        assert_eq!(quantile(&[], 0.5), 0.0);
    }
}
