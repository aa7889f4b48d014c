use super::*;
use crate::error::ErrorKind;

const SPACE: SpaceFacts = SpaceFacts { metric: Metric::Cosine, dimension: Some(2) };

impl SearchRequest {
    /// Validated by its own vector.
    fn checked(&self, space: SpaceFacts) -> Result<ValidRequest<'_>> {
        self.validate(self.query_vector(), |_| space)
    }
}

fn by_vector() -> SearchRequest {
    SearchRequest::new().vector([0.6, 0.8])
}

fn terms<const N: usize>(terms: [(&str, f32); N]) -> BTreeMap<String, f32> {
    terms.map(|(term, weight)| (term.to_owned(), weight)).into()
}

fn space_query<'r>(name: &'r str, vector: &'r [f32], weight: f64) -> SpaceQuery<'r> {
    SpaceQuery { name, vector, weight, truncated: false }
}

/// Asserts that `request` is refused as an invalid argument with exactly this message.
fn refused(request: &SearchRequest, message: &str) {
    let error = request.checked(SPACE).unwrap_err();
    assert_eq!(error.to_string(), message);
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
}

#[test]
fn defaults() {
    let request = by_vector();
    let valid = request.checked(SPACE).unwrap();
    assert_eq!(valid.dense, [space_query("", &[0.6, 0.8], 1.0)]);
    assert_eq!(valid.sparse, None);
    assert_eq!(valid.space, "");
    assert_eq!(valid.scope, Scope::Namespace(""));
    assert_eq!(valid.filter, None);
    assert_eq!((valid.k, valid.offset, valid.window, valid.fetch_k), (10, 0, 10, 64));
    assert_eq!((valid.dense_weight, valid.sparse_weight), (1.0, 1.0));
    assert_eq!((valid.fusion, valid.rrf_k), (Fusion::Linear, 60));
    assert_eq!((valid.mmr_lambda, valid.min_score), (None, None));
    assert!(!valid.explain);
    assert_eq!(valid.include, Include::default());
}

#[test]
fn what_was_given_arrives() {
    let request = by_vector()
        .vector_name("title")
        .text("red fox")
        .sparse(terms([("fox", 0.5)]))
        .k(3)
        .offset(4)
        .filter(Filter::eq("a", 1))
        .namespace("wild")
        .dense_weight(0.0)
        .sparse_weight(2.5)
        .fusion(Fusion::Rrf)
        .rrf_k(1)
        .fetch_k(9)
        .mmr_lambda(0.25)
        .min_score(-0.5)
        .exact(true)
        .explain(true)
        .include(Include::none());
    let valid = request.checked(SPACE).unwrap();
    assert_eq!(
        valid.sparse,
        Some(SparseQuery { text: Some("red fox"), terms: Some(&terms([("fox", 0.5)])) })
    );
    assert_eq!(valid.space, "title");
    assert_eq!(valid.scope, Scope::Namespace("wild"));
    assert_eq!(valid.filter, Some(&Filter::eq("a", 1)));
    assert_eq!((valid.k, valid.offset, valid.window, valid.fetch_k), (3, 4, 7, 9));
    assert_eq!((valid.dense_weight, valid.sparse_weight), (0.0, 2.5));
    assert_eq!((valid.fusion, valid.rrf_k), (Fusion::Rrf, 1));
    assert_eq!((valid.mmr_lambda, valid.min_score), (Some(0.25), Some(-0.5)));
    assert!(valid.explain);
    assert_eq!(valid.include, Include::none());
}

#[test]
fn something_must_be_searched_by() {
    refused(
        &SearchRequest::new(),
        "a search needs something to search by: give a query vector, text or sparse terms",
    );
    let text = SearchRequest::new().text("");
    let valid = text.checked(SPACE).unwrap();
    assert_eq!((valid.dense, valid.sparse), (vec![], Some(SparseQuery { text: Some(""), terms: None })));
    let sparse = SearchRequest::new().sparse(terms([]));
    let valid = sparse.checked(SPACE).unwrap();
    assert_eq!(
        (valid.dense, valid.sparse),
        (vec![], Some(SparseQuery { text: None, terms: Some(&terms([])) }))
    );
}

#[test]
fn vectors() {
    let refused_vector =
        |vector: &[f32], message: &str| refused(&SearchRequest::new().vector(vector), message);
    refused_vector(&[], "query vector: expected at least one number, got none");
    refused_vector(&[1.0, f32::NAN], "query vector: expected finite numbers, got NaN at position 1");
    refused_vector(
        &[f32::NEG_INFINITY, 1.0],
        "query vector: expected finite numbers, got -inf at position 0",
    );
    refused_vector(
        &[0.0, -0.0],
        "query vector: expected a direction, got a vector of zero norm, which cosine cannot compare with any",
    );
    assert!(SearchRequest::new().vector([0.0, 1e-45]).checked(SPACE).is_ok());

    let error = SearchRequest::new().vector([1.0, 2.0, 3.0]).checked(SPACE).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DimensionMismatch);
    assert_eq!(error.to_string(), "query vector: dimension mismatch: expected 2, found 3");
}

#[test]
fn zero_is_a_point_for_every_metric_but_cosine() {
    for metric in [Metric::Euclidean, Metric::DotProduct, Metric::Manhattan] {
        let space = SpaceFacts { metric, dimension: Some(2) };
        assert!(SearchRequest::new().vector([0.0, 0.0]).checked(space).is_ok());
    }
}

#[test]
fn a_space_without_a_dimension_takes_any_up_to_the_limit() {
    let space = SpaceFacts { metric: Metric::Cosine, dimension: None };
    assert!(SearchRequest::new().vector(vec![1.0; MAX_DIMENSION]).checked(space).is_ok());
    let error = SearchRequest::new().vector(vec![1.0; MAX_DIMENSION + 1]).checked(space).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert_eq!(error.to_string(), "query vector: expected at most 65536 numbers, got 65537");
}

#[test]
fn sparse_terms() {
    let refused_terms = |terms, message: &str| refused(&SearchRequest::new().sparse(terms), message);
    for weight in [-0.5, f32::NAN, f32::INFINITY] {
        refused_terms(
            terms([("a", 1.0), ("b", weight)]),
            &format!("sparse: expected finite weights of at least 0, got {weight} for \"b\""),
        );
    }
    assert!(SearchRequest::new().sparse(terms([("a", 0.0)])).checked(SPACE).is_ok());
    let longest = "x".repeat(MAX_TERM_BYTES);
    assert!(SearchRequest::new().sparse(terms([(&longest, 1.0)])).checked(SPACE).is_ok());
    refused_terms(
        terms([(&format!("{longest}x"), 1.0)]),
        "sparse: a term: expected at most 1024 bytes, got 1025",
    );
    let many: BTreeMap<String, f32> = (0..=MAX_SPARSE_TERMS).map(|term| (term.to_string(), 1.0)).collect();
    refused_terms(many, "sparse: expected at most 1048576 terms, got 1048577");
}

#[test]
fn sizes_of_text_and_names() {
    assert!(SearchRequest::new().text("x".repeat(MAX_TEXT_BYTES)).checked(SPACE).is_ok());
    refused(
        &SearchRequest::new().text("x".repeat(MAX_TEXT_BYTES + 1)),
        "text: expected at most 67108864 bytes, got 67108865",
    );
    let longest = "n".repeat(MAX_NAME_BYTES);
    assert!(by_vector().vector_name(&longest).namespace(&longest).checked(SPACE).is_ok());
    let longer = format!("{longest}n");
    refused(&by_vector().vector_name(&longer), "vector_name: expected at most 255 bytes, got 256");
    refused(&by_vector().namespace(&longer), "namespace: expected at most 255 bytes, got 256");
}

#[test]
fn numbers() {
    for weight in [-1e-9, 1_000_000.1, f64::NAN, f64::INFINITY] {
        let rest = format!("expected a number from 0 to 1000000, got {weight}");
        refused(&by_vector().dense_weight(weight), &format!("dense_weight: {rest}"));
        refused(&by_vector().sparse_weight(weight), &format!("sparse_weight: {rest}"));
    }
    refused(&by_vector().rrf_k(0), "rrf_k: expected at least 1, got 0");
    for lambda in [-0.1, 1.1, f64::NAN] {
        refused(
            &by_vector().mmr_lambda(lambda),
            &format!("mmr_lambda: expected a number from 0 to 1, got {lambda}"),
        );
    }
    for lambda in [0.0, 1.0] {
        assert!(by_vector().mmr_lambda(lambda).checked(SPACE).is_ok());
    }
    for score in [f64::NAN, f64::NEG_INFINITY] {
        refused(&by_vector().min_score(score), &format!("min_score: expected a finite number, got {score}"));
    }
}

#[test]
fn scopes() {
    let everywhere = by_vector().all_namespaces(true);
    assert_eq!(everywhere.checked(SPACE).unwrap().scope, Scope::All);
    for name in ["", "wild"] {
        refused(
            &by_vector().all_namespaces(true).namespace(name),
            &format!("all_namespaces: expected no namespace beside it, got {name:?}; give one of the two"),
        );
    }
}

#[test]
fn window_and_candidates() {
    let sizes = |k, offset, fetch_k| {
        let request = by_vector().k(k).offset(offset).fetch_k(fetch_k);
        let valid = request.checked(SPACE).unwrap();
        (valid.window, valid.fetch_k)
    };
    assert_eq!(sizes(16, 0, 0), (16, 64));
    assert_eq!(sizes(17, 0, 0), (17, 68));
    assert_eq!(sizes(10, 54, 0), (64, 64));
    assert_eq!(sizes(10, 100, 0), (110, 110));
    // Given, it may be small, but never less than what must come back.
    assert_eq!(sizes(3, 0, 5), (3, 5));
    assert_eq!(sizes(3, 4, 5), (7, 7));
    assert_eq!(sizes(0, 7, 0), (0, 0));
    assert_eq!(sizes(0, 7, 9), (0, 0));
    let most = MAX_SLOTS as usize;
    assert_eq!(sizes(most, 0, 0), (most, 4 * most));
    assert_eq!(sizes(most, most, 1), (2 * most, 2 * most));
    for (name, request) in [
        ("k", by_vector().k(most + 1)),
        ("offset", by_vector().offset(most + 1)),
        ("fetch_k", by_vector().fetch_k(most + 1)),
    ] {
        refused(&request, &format!("{name}: expected at most 4294967294 records, got 4294967295"));
    }
}

#[test]
fn several_spaces() {
    let by_spaces = || SearchRequest::new().query_vectors([("b", [1.0, 0.0]), ("", [0.6, 0.8])]);
    let request = by_spaces().vector_weights([("b", 0.25)]);
    let valid = request.checked(SPACE).unwrap();
    assert_eq!(valid.dense, [space_query("", &[0.6, 0.8], 1.0), space_query("b", &[1.0, 0.0], 0.25)]);
    assert_eq!((valid.space, valid.wanted), ("", 64));
    let request = by_spaces().vector_name("b");
    assert_eq!(request.checked(SPACE).unwrap().space, "b");
    let one = SearchRequest::new().query_vectors([("b", [1.0, 0.0])]);
    assert_eq!((one.checked(SPACE).unwrap().space, one.checked(SPACE).unwrap().wanted), ("b", 10));

    refused(
        &by_spaces().vector([1.0, 0.0]),
        "query_vectors: expected no query vector beside them; name its space in query_vectors, \"\" being the default one",
    );
    refused(
        &SearchRequest::new().query_vectors::<&str, Vec<f32>>([]),
        "query_vectors: expected a vector for at least one vector space, got none",
    );
    refused(
        &by_spaces().vector_weights([("c", 1.0)]),
        "vector_weights: expected names among those of query_vectors, got \"c\"",
    );
    refused(
        &by_vector().vector_weights([("", 1.0)]),
        "vector_weights: expected query_vectors beside them, got none",
    );
    for weight in [-1.0, 1e7, f64::NAN] {
        refused(
            &by_spaces().vector_weights([("b", weight)]),
            &format!("vector_weights: \"b\": expected a number from 0 to 1000000, got {weight}"),
        );
    }
    refused(
        &SearchRequest::new().query_vectors([("b", [1.0, f32::NAN])]),
        "query_vectors: \"b\": expected finite numbers, got NaN at position 1",
    );
    refused(
        &SearchRequest::new().query_vectors([("n".repeat(MAX_NAME_BYTES + 1), [1.0, 0.0])]),
        "query_vectors: a name: expected at most 255 bytes, got 256",
    );
    let error = SearchRequest::new().query_vectors([("b", [1.0])]).checked(SPACE).unwrap_err();
    assert_eq!(error.to_string(), "query_vectors: \"b\": dimension mismatch: expected 2, found 1");
}

#[test]
fn prefixes() {
    let cut = |vector: &[f32], n| SearchRequest::new().vector(vector).truncate_dim(n);
    let prefix = |vector: &[f32], n| {
        let request = cut(vector, n);
        let valid = request.checked(SPACE).unwrap();
        (valid.dense[0].vector.to_vec(), valid.dense[0].truncated)
    };
    assert_eq!(prefix(&[0.6, 0.8], 1), (vec![0.6], true));
    assert_eq!(prefix(&[0.6], 1), (vec![0.6], true));
    assert_eq!(prefix(&[0.6, 0.8], 2), (vec![0.6, 0.8], false));
    refused(&cut(&[0.6, 0.8], 0), "truncate_dim: expected at least 1, got 0");
    refused(
        &cut(&[0.6, 0.8], 3),
        "truncate_dim: expected at most the 2 dimensions of the vector space \"\", got 3",
    );
    refused(
        &cut(&[0.0, 0.8], 1),
        "query vector: expected a direction, got a vector of zero norm, which cosine cannot compare with any",
    );
    let error = cut(&[0.6, 0.8, 1.0], 1).checked(SPACE).unwrap_err();
    assert_eq!(error.to_string(), "query vector: dimension mismatch: expected 2, found 3");
    let error = cut(&[0.6], 2).checked(SPACE).unwrap_err();
    assert_eq!(error.to_string(), "query vector: dimension mismatch: expected 2, found 1");
    let unknown = SpaceFacts { dimension: None, ..SPACE };
    let error = cut(&[0.6], 2).checked(unknown).unwrap_err();
    assert_eq!(
        error.to_string(),
        "truncate_dim: expected at most the 1 dimensions of the vector space \"\", got 2"
    );
}
