//! Exact search: every vector is scored. The truth that recall is measured against.

use crate::{Candidate, Metric, Scorer, TopK};

/// An exact search in progress. Rows come one by one to [`Flat::visit`], from a loop or a callback, or all together
/// through [`Extend`]; in any order, with the same result.
///
/// ```
/// use vectlite_ann::{Flat, Metric};
///
/// let rows = [1.0, 2.0, 4.0, 8.0_f32];
/// let mut flat = Flat::new(Metric::Euclidean, &[3.0], 1);
/// for (slot, row) in (0..).zip(rows.chunks(1)) {
///     flat.visit(slot, row);
/// }
/// assert_eq!(flat.visited(), 4);
/// let nearest: Vec<_> = flat.finish().iter().map(|candidate| (candidate.slot, candidate.score)).collect();
/// assert_eq!(nearest, [(1, -1.0), (2, -1.0)]); // 2 and 4 are equally near: both come
/// ```
#[derive(Debug, Clone)]
pub struct Flat<'q> {
    scorer: Scorer<'q>,
    best: TopK,
    visited: usize,
}

impl<'q> Flat<'q> {
    /// A search for the `k` vectors that are closest to `query`, whose numbers are finite.
    pub fn new(metric: Metric, query: &'q [f32], k: usize) -> Flat<'q> {
        Flat { scorer: Scorer::new(metric, query), best: TopK::new(k), visited: 0 }
    }

    /// Scores one vector, which is as long as the query and finite. A slot visited twice counts twice.
    pub fn visit(&mut self, slot: u32, vector: &[f32]) {
        self.visited += 1;
        self.best.push(slot, f64::from(self.scorer.score(vector)));
    }

    /// How many vectors were scored so far.
    pub fn visited(&self) -> usize {
        self.visited
    }

    /// The best, by score descending, then slot ascending; more than `k` when the surplus ties with the k-th.
    pub fn finish(self) -> Vec<Candidate> {
        self.best.into_sorted()
    }
}

impl<'v> Extend<(u32, &'v [f32])> for Flat<'_> {
    fn extend<T: IntoIterator<Item = (u32, &'v [f32])>>(&mut self, rows: T) {
        for (slot, vector) in rows {
            self.visit(slot, vector);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn finds_what_scoring_and_sorting_everything_finds(
            k in 0..12_usize,
            query in vec(-2..2_i8, 3),
            rows in vec(vec(-2..2_i8, 3), 0..40),
            rotation in 0..40_usize,
        ) {
            // Small whole numbers: scores are exact and ties are frequent.
            let float = |row: &[i8]| row.iter().map(|number| f32::from(*number)).collect::<Vec<f32>>();
            let query = float(&query);
            let rows: Vec<(u32, Vec<f32>)> = (0..).zip(rows.iter().map(|row| float(row))).collect();
            for metric in Metric::ALL {
                let scorer = Scorer::new(metric, &query);
                let mut expected: Vec<(u32, f64)> =
                    rows.iter().map(|(slot, row)| (*slot, f64::from(scorer.score(row)))).collect();
                expected.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
                let ties = expected.iter().skip(k).take_while(|row| k > 0 && row.1 == expected[k - 1].1).count();
                expected.truncate(k + ties);

                let mut flat = Flat::new(metric, &query, k);
                let start = rotation.min(rows.len());
                flat.extend(rows[start..].iter().chain(&rows[..start]).map(|(slot, row)| (*slot, row.as_slice())));
                prop_assert_eq!(flat.visited(), rows.len());
                let found: Vec<(u32, f64)> = flat.finish().iter().map(|c| (c.slot, c.score)).collect();
                prop_assert_eq!(found, expected, "{}", metric);
            }
        }
    }
}
