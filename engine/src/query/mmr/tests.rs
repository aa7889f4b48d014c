use proptest::prelude::*;

use super::*;

fn member(score: f64, vector: &[f32]) -> Member<'_> {
    Member { score, vector: Some(vector) }
}

#[test]
fn a_duplicate_gives_way_to_something_new() {
    let pool = [
        member(1.0, &[1.0, 0.0]),
        member(0.9, &[2.0, 0.0]),
        member(0.5, &[0.0, 1.0]),
        member(0.0, &[0.0, 3.0]),
    ];
    // At 0.5 the twin is worth 0.45 − 0.5, the third 0.25 − 0; then the twin 0.45 − 0.5 against 0 − 0.5.
    assert_eq!(select(&pool, 0.5, 4), [0, 2, 1, 3]);
    // At 0.9 relevance wins: 0.81 − 0.1 against 0.45.
    assert_eq!(select(&pool, 0.9, 3), [0, 1, 2]);
}

#[test]
fn lambda_one_keeps_the_order_and_lambda_zero_looks_at_likeness_only() {
    let pool = [member(3.0, &[1.0, 0.0]), member(2.0, &[1.0, 0.1]), member(1.0, &[-1.0, 0.0])];
    assert_eq!(select(&pool, 1.0, 3), [0, 1, 2]);
    assert_eq!(select(&pool, 0.0, 3), [0, 2, 1]);
}

#[test]
fn the_largest_likeness_to_those_chosen_counts() {
    // The third is opposite to the first and equal to the second: 1 counts, not −1.
    let pool = [
        member(1.0, &[1.0, 0.0]),
        member(1.0, &[-1.0, 0.0]),
        member(1.0, &[-1.0, 0.0]),
        member(1.0, &[0.0, 1.0]),
    ];
    assert_eq!(select(&pool, 0.5, 4), [0, 1, 3, 2]);
}

#[test]
fn of_equals_the_earlier_is_chosen() {
    let twin: &[f32] = &[0.6, 0.8];
    let pool = [member(1.0, twin); 5];
    for lambda in [0.0, 0.3, 1.0] {
        assert_eq!(select(&pool, lambda, 5), [0, 1, 2, 3, 4]);
    }
}

#[test]
fn a_record_without_a_vector_is_like_no_other() {
    let text_only = |score| Member { score, vector: None };
    let pool = [text_only(1.0), member(0.9, &[1.0, 0.0]), member(0.8, &[1.0, 0.0]), text_only(0.0)];
    // After 0 and 1, the third is worth 0.4 − 0.5 and the one without a vector 0 − 0.
    assert_eq!(select(&pool, 0.5, 4), [0, 1, 3, 2]);
}

#[test]
fn k_may_be_anything() {
    let pool = [member(1.0, &[1.0, 0.0]), member(0.5, &[0.0, 1.0])];
    assert_eq!(select(&pool, 0.5, 0), [0; 0]);
    assert_eq!(select(&pool, 0.5, 1), [0]);
    assert_eq!(select(&pool, 0.5, usize::MAX), [0, 1]);
    assert_eq!(select(&[], 0.5, 3), [0; 0]);
}

/// The definition: every likeness to every chosen one anew, in each round.
fn oracle(pool: &[Member<'_>], lambda: f64, k: usize) -> Vec<usize> {
    let hi = pool.iter().map(|member| member.score).fold(f64::NEG_INFINITY, f64::max);
    let lo = pool.iter().map(|member| member.score).fold(f64::INFINITY, f64::min);
    let cosine = |a: Option<&[f32]>, b: Option<&[f32]>| match (a, b) {
        (Some(a), Some(b)) => f64::from(Scorer::new(Metric::Cosine, a).score(b)),
        _ => 0.0,
    };
    let mut chosen: Vec<usize> = Vec::new();
    while chosen.len() < k.min(pool.len()) {
        let worth = |at: usize| {
            let likeness = chosen.iter().map(|&other| cosine(pool[other].vector, pool[at].vector));
            let relevance = if hi == lo { 1.0 } else { (pool[at].score - lo) / (hi - lo) };
            lambda * relevance - (1.0 - lambda) * likeness.fold(f64::NEG_INFINITY, f64::max)
        };
        let mut left: Vec<usize> = (0..pool.len()).filter(|at| !chosen.contains(at)).collect();
        if !chosen.is_empty() {
            // Stable, so equals stay in the pool's order.
            left.sort_by(|&a, &b| worth(b).partial_cmp(&worth(a)).unwrap());
        }
        chosen.push(left[0]);
    }
    chosen
}

proptest! {
    #[test]
    fn agrees_with_the_definition(
        // Few distinct values: many equal scores, many equal vectors, zero vectors among them.
        members in prop::collection::vec(
            ((-3..4i32).prop_map(f64::from), prop::option::of(prop::array::uniform2((-2..3i8).prop_map(f32::from)))),
            0..14,
        ),
        lambda in prop::sample::select(vec![0.0, 0.25, 0.5, 0.7, 1.0]),
        k in 0..16usize,
    ) {
        let mut members = members;
        members.sort_by(|a, b| b.0.total_cmp(&a.0));
        let pool: Vec<Member<'_>> = members
            .iter()
            .map(|(score, vector)| Member { score: *score, vector: vector.as_ref().map(|v| v.as_slice()) })
            .collect();
        prop_assert_eq!(select(&pool, lambda, k), oracle(&pool, lambda, k));
    }
}
