//! What analyzers do, as their users see it.

use proptest::prelude::*;

use super::*;
use crate::analyzer::languages;
use crate::analyzer::synonyms::{MAX_SYNONYMS, MAX_SYNONYMS_OF_TERM};
use crate::analyzer::words::Words;

/// The terms of a query, in order.
fn asked(analyzer: &Analyzer, text: &str) -> Vec<String> {
    analyzer.query_tokens(text).into_iter().map(|token| token.text).collect()
}

/// The terms of a stored text, where each stands in it, and its position.
fn stored<'t>(analyzer: &Analyzer, text: &'t str) -> Vec<(String, &'t str, usize)> {
    let tokens = analyzer.tokens(text).into_iter();
    tokens.map(|token| (token.text, &text[token.start..token.end], token.position)).collect()
}

/// Whether a stored text holds all terms of a query, and the query has some.
fn finds(analyzer: &Analyzer, query: &str, text: &str) -> bool {
    let (wanted, held) = (analyzer.query_terms(query), analyzer.terms(text));
    !wanted.is_empty() && wanted.keys().all(|term| held.contains_key(term))
}

#[test]
fn the_default_is_the_preset_standard() {
    assert_eq!(Analyzer::default(), Analyzer::preset("Standard").unwrap());
    let tokens = Analyzer::default().tokenize("Zoë's CAFÉ, naïve: 3.14 e-mail Straße ŁÓDŹ!");
    assert_eq!(tokens, ["zoe's", "cafe", "naive", "3.14", "e", "mail", "strasse", "lodz"]);
}

#[test]
fn steps_do_what_their_names_say() {
    assert_eq!(Analyzer::new().tokenize("The Fox"), ["The", "Fox"]);
    let custom = Analyzer::new().lowercase().stopwords_from(["fox"]).unwrap();
    assert_eq!(custom.tokenize("The Fox"), ["the"]);
    let german = Analyzer::preset("de").unwrap();
    assert_eq!(german, Analyzer::preset("German").unwrap());
    assert_eq!(german.tokenize("Die Häuser und der Garten"), ["haus", "gart"]);
    assert_eq!(Analyzer::default().terms("a b a"), [("a".to_owned(), 2.0), ("b".to_owned(), 1.0)].into());
}

#[test]
fn marks_of_other_scripts_stay() {
    let folding = Analyzer::new().ascii_folding();
    assert_eq!(folding.tokenize("が é"), ["が", "e"]);
}

#[test]
fn none_gives_no_terms() {
    let none = Analyzer::preset("none").unwrap();
    assert!(!none.indexes_text());
    assert!(none.tokenize("some text").is_empty());
}

#[test]
fn every_language_has_a_preset_and_a_definition_that_round_trips() {
    for language in languages::LANGUAGES {
        let analyzer = Analyzer::preset(language).unwrap();
        let definition = analyzer.definition().unwrap().clone();
        assert_eq!(Analyzer::from_definition(definition).unwrap(), analyzer);
    }
}

#[test]
fn what_cannot_be_is_refused_with_the_choices() {
    let message = Analyzer::preset("klingon").unwrap_err().to_string();
    assert!(message.contains("klingon") && message.contains("english"), "{message}");
    assert!(Analyzer::new().stemmer("xx").is_err());
    for (version, remedy) in
        [(VERSION + 1, "use a newer vectlite"), (VERSION - 1, "create the database again")]
    {
        let other = AnalyzerDefinition { version, steps: Vec::new() };
        let error = Analyzer::from_definition(other).unwrap_err();
        assert_eq!(error, AnalyzerError::UnknownVersion { version });
        assert!(error.to_string().contains(remedy), "{error}");
    }
    let misplaced = AnalyzerDefinition { version: VERSION, steps: vec![Step::Lowercase, Step::UnicodeWords] };
    assert_eq!(Analyzer::from_definition(misplaced), Err(AnalyzerError::MisplacedTokenizer));
}

#[test]
fn a_tokenizer_from_outside_works_but_has_no_definition() {
    let analyzer = Analyzer::from_tokenizer(Words(Side::Index)).lowercase();
    assert_eq!(analyzer.tokenize("A B"), ["a", "b"]);
    assert!(analyzer.definition().is_none());
    assert_ne!(analyzer, analyzer.clone());
}

#[test]
fn a_token_too_long_for_a_key_gives_no_term() {
    let long = "x".repeat(MAX_TERM_BYTES + 1);
    assert_eq!(Analyzer::default().tokenize(&format!("{long} y")), ["y"]);
}

#[test]
fn stop_words_pass_through_the_steps_before() {
    let folded = Analyzer::new().lowercase().ascii_folding().stopwords("german").unwrap();
    assert_eq!(folded.tokenize("Für Über Garten"), ["garten"]);
    let custom = Analyzer::new().lowercase().stopwords_from(["FOX", "two words", "", "…"]).unwrap();
    assert_eq!(custom.tokenize("Fox two words"), ["two", "words"]);
    let plain = Analyzer::new().stopwords_from(["fox"]).unwrap();
    assert_eq!(plain.tokenize("Fox fox"), ["Fox"]);
    let english = Analyzer::preset("english").unwrap();
    assert_eq!(english.tokenize("Don’t you don't JOHN’S houses"), ["john", "hous"]);
}

#[test]
fn a_count_is_exact_beyond_what_f32_can_count_by_ones() {
    let count = (1 << 24) + 2;
    let terms = Analyzer::new().terms(&"a ".repeat(count));
    assert_eq!(terms, [("a".to_owned(), count as f32)].into());
}

#[test]
fn steps_are_limited_and_those_without_effect_are_not_added() {
    let mut analyzer = Analyzer::new();
    for _ in 0..100_000 {
        analyzer = analyzer.lowercase().ascii_folding();
    }
    assert_eq!(analyzer, Analyzer::default());
    while analyzer.definition().unwrap().steps.len() < MAX_STEPS {
        analyzer = analyzer.stopwords_from(["the"]).unwrap();
    }
    assert_eq!(analyzer.clone().stopwords_from(["the"]), Err(AnalyzerError::TooManySteps));
    assert_eq!(analyzer.clone().stemmer("en"), Err(AnalyzerError::TooManySteps));
    assert_eq!(analyzer.tokenize("The Fox"), ["fox"]);
    let definition = analyzer.definition().unwrap().clone();
    assert_eq!(Analyzer::from_definition(definition.clone()).unwrap(), analyzer);
    let longer = AnalyzerDefinition {
        steps: [&definition.steps[..], &[Step::Stemmer("en".into())]].concat(),
        ..definition
    };
    assert_eq!(Analyzer::from_definition(longer), Err(AnalyzerError::TooManySteps));
}

#[test]
fn steps_on_nothing_are_nothing() {
    let none = Analyzer::preset("NONE").unwrap();
    assert_eq!(none.clone().lowercase().stemmer("en").unwrap(), none);
    assert_eq!(Analyzer::from_definition(none.definition().unwrap().clone()).unwrap(), none);
    assert_ne!(none, Analyzer::new());
}

#[test]
fn the_stored_form_is_this() {
    let analyzer = Analyzer::preset("en").unwrap().stopwords_from(["b", "a"]).unwrap();
    let stored = serde_json::to_string(&analyzer.definition().unwrap()).unwrap();
    assert_eq!(
        stored,
        r#"{"version":2,"steps":["unicode_words","lowercase",{"stop_words":"english"},{"stemmer":"english"},"#
            .to_owned() + r#""ascii_folding",{"custom_stop_words":["a","b"]}]}"#
    );
    assert_eq!(Analyzer::from_definition(serde_json::from_str(&stored).unwrap()).unwrap(), analyzer);
    let wide =
        Analyzer::new().edge_ngrams(1, 4).unwrap().synonyms([("b", ["d", "c"]), ("a", ["e", "e"])]).unwrap();
    let stored = serde_json::to_string(&wide.definition().unwrap()).unwrap();
    assert_eq!(
        stored,
        r#"{"version":2,"steps":["unicode_words",{"edge_ngrams":{"min":1,"max":4}},"#.to_owned()
            + r#"{"synonyms":{"a":["e"],"b":["c","d"]}}]}"#
    );
    assert_eq!(Analyzer::from_definition(serde_json::from_str(&stored).unwrap()).unwrap(), wide);
    let trigram = serde_json::to_string(&Analyzer::preset("trigram").unwrap().definition().unwrap()).unwrap();
    assert_eq!(
        trigram,
        r#"{"version":2,"steps":["unicode_words","lowercase","ascii_folding",{"ngrams":3}]}"#
    );
    let by_code = r#"{"version":2,"steps":["unicode_words",{"stemmer":"EN"}]}"#;
    let by_code = Analyzer::from_definition(serde_json::from_str(by_code).unwrap()).unwrap();
    assert_eq!(by_code, Analyzer::new().stemmer("english").unwrap());
    for unknown in [
        r#"{"version":2,"steps":["unicode_words","soundex"]}"#,
        r#"{"version":2,"steps":[],"filters":[]}"#,
        r#"{"steps":[]}"#,
    ] {
        assert!(serde_json::from_str::<AnalyzerDefinition>(unknown).is_err(), "{unknown}");
    }
}

#[test]
fn analyzers_go_from_thread_to_thread() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<Analyzer>();
}

#[test]
fn every_preset_takes_any_text() {
    let text = "Ünïcödé ’’ 日本語 \u{0}\u{301}\u{200D} ﷺ 👩‍👩‍👧 İI 1.2.3 ".repeat(3) + &"é".repeat(2_000);
    for name in languages::LANGUAGES.into_iter().chain(presets::NAMES) {
        let analyzer = Analyzer::preset(name).unwrap();
        let tokens = analyzer.tokenize(&text);
        assert!(tokens.iter().all(|token| !token.is_empty() && token.len() <= MAX_TERM_BYTES), "{name}");
        for token in analyzer.tokens(&text).into_iter().chain(analyzer.query_tokens(&text)) {
            assert!(
                text.get(token.start..token.end).is_some_and(|part| !part.is_empty()),
                "{name}: {token:?}"
            );
        }
        let counted: f32 = analyzer.terms(&text).values().sum();
        assert_eq!(counted, tokens.len() as f32, "{name}");
    }
}

#[test]
fn words_without_spaces_are_found_by_any_part() {
    let standard = Analyzer::default();
    for (query, text) in [
        ("日", "日本語"),
        ("本語", "日本語"),
        ("日本語", "日本語"),
        ("タワー", "東京タワーの下"),
        ("ﾀﾜｰ", "東京タワー"),
        ("ガ", "ｶﾞｷﾞ"),
        ("人々", "人々のために"),
        ("ラーメン", "ﾗｰﾒﾝ屋"),
        ("ไทย", "ภาษาไทย"),
        ("第3回", "第3回大会"),
    ] {
        assert!(finds(&standard, query, text), "{query} in {text}");
    }
    for (query, text) in [("本日", "日本"), ("京都", "東京、都庁"), ("語日", "日本語 日")] {
        assert!(!finds(&standard, query, text), "{query} in {text}");
    }
    assert_eq!(asked(&standard, "日本語"), ["日本", "本語"]);
    let japanese = Analyzer::new().stopwords_from(["の", "これ"]).unwrap();
    assert_eq!(asked(&japanese, "これの本"), ["れの", "の本"], "the stop words この and の are pairs here");
    assert_eq!(asked(&japanese, "これ の"), [""; 0]);
}

#[test]
fn ngrams_find_parts_of_words() {
    let trigram = Analyzer::preset("Trigram").unwrap();
    assert_eq!(
        stored(&trigram, "Café ab 日本"),
        [
            ("caf".into(), "Caf", 0),
            ("afe".into(), "afé", 0),
            ("ab".into(), "ab", 1),
            ("日".into(), "日", 2),
            ("日本".into(), "日本", 2),
            ("本".into(), "本", 3)
        ]
    );
    assert_eq!(
        stored(&trigram, "Maß")[0],
        ("mas".into(), "Maß", 0),
        "where letters changed: the word's place"
    );
    assert!(finds(&trigram, "nect", "Disconnected") && !finds(&trigram, "nekt", "Disconnected"));
    assert_eq!(asked(&trigram, "nect"), ["nec", "ect"]);
}

#[test]
fn edge_ngrams_find_what_is_being_typed() {
    let typed = Analyzer::new().lowercase().edge_ngrams(2, 5).unwrap();
    assert_eq!(
        typed.tokenize("Hello worldwide a"),
        ["he", "hel", "hell", "hello", "wo", "wor", "worl", "world", "a"]
    );
    assert_eq!(asked(&typed, "Hel worldwide a"), ["hel", "world", "a"]);
    assert!(
        finds(&typed, "hel", "Hello")
            && !finds(&typed, "help", "Hello")
            && finds(&typed, "worldwide", "Worldwide")
    );
    assert_eq!(stored(&typed, "Hello")[1], ("hel".into(), "Hel", 0));
    let autocomplete = Analyzer::preset("autocomplete").unwrap();
    assert!(
        finds(&autocomplete, "é", "Ecole")
            && finds(&autocomplete, "internationalisierung", "Internationalisierung")
    );
}

#[test]
fn grams_have_lengths_and_come_once() {
    let words = Analyzer::new;
    for (min, max) in [(0, 3), (3, 2), (1, MAX_GRAM + 1)] {
        assert_eq!(words().edge_ngrams(min, max), Err(AnalyzerError::Grams { min, max }));
    }
    for n in [0, MAX_GRAM + 1, usize::MAX] {
        assert_eq!(words().ngrams(n), Err(AnalyzerError::Grams { min: n, max: n }));
    }
    assert!(words().ngrams(MAX_GRAM).is_ok() && words().edge_ngrams(1, MAX_GRAM).is_ok());
    let twice = words().edge_ngrams(1, 2).unwrap().ngrams(2);
    assert_eq!(twice, Err(AnalyzerError::Repeated { step: "edge_ngrams" }));
    let stored = r#"{"version":2,"steps":["unicode_words",{"ngrams":0}]}"#;
    assert!(Analyzer::from_definition(serde_json::from_str(stored).unwrap()).is_err());
}

#[test]
fn synonyms_are_stored_beside_their_term_and_not_asked_for() {
    let analyzer = Analyzer::preset("english").unwrap();
    let analyzer =
        analyzer.synonyms([("Cars", vec!["automobiles", "Vehicle"]), ("car", vec!["autos", "car"])]).unwrap();
    assert_eq!(
        stored(&analyzer, "my cars"),
        [
            ("car".into(), "cars", 1),
            ("auto".into(), "cars", 1),
            ("automobil".into(), "cars", 1),
            ("vehicl".into(), "cars", 1)
        ]
    );
    assert_eq!(asked(&analyzer, "cars"), ["car"]);
    assert!(finds(&analyzer, "vehicles", "a car") && !finds(&analyzer, "car", "a vehicle"));
    let japanese = Analyzer::new().synonyms([("東京", ["Tokyo"])]).unwrap();
    assert!(finds(&japanese, "Tokyo", "東京タワー") && !finds(&japanese, "Tokyo", "京東"));
}

#[test]
fn synonyms_are_single_terms_and_not_too_many() {
    let words = Analyzer::new;
    let two = words().synonyms([("NYC", ["New York"])]).unwrap_err();
    assert_eq!(
        two,
        AnalyzerError::NotOneTerm { word: "New York".into(), terms: vec!["New".into(), "York".into()] }
    );
    assert!(two.to_string().contains("New York"), "{two}");
    assert!(matches!(words().synonyms([("…", ["dots"])]), Err(AnalyzerError::NotOneTerm { .. })));
    assert!(matches!(words().synonyms([("東京都", ["Tokyo"])]), Err(AnalyzerError::NotOneTerm { .. })));
    let many = |count: usize| (0..count).map(|number| format!("w{number}"));
    assert!(words().synonyms([("a", many(MAX_SYNONYMS_OF_TERM))]).is_ok());
    let synonyms = MAX_SYNONYMS_OF_TERM + 1;
    let error = words().synonyms([("a", many(synonyms))]).unwrap_err();
    assert_eq!(error, AnalyzerError::TooManySynonymsOfTerm { term: "a".into(), synonyms });
    assert!(words().synonyms(many(MAX_SYNONYMS / 2).map(|word| (word, ["a"]))).is_ok());
    let error = words().synonyms(many(MAX_SYNONYMS / 2 + 1).map(|word| (word, ["a"]))).unwrap_err();
    assert_eq!(error, AnalyzerError::TooManySynonyms { words: MAX_SYNONYMS + 2 });
    let once = words().synonyms([("a", ["b"])]).unwrap();
    assert_eq!(once.synonyms([("c", ["d"])]), Err(AnalyzerError::Repeated { step: "synonyms" }));
    let none = Analyzer::preset("none").unwrap();
    assert_eq!(none.clone().synonyms([("a", ["b"])]).unwrap(), none);
}

#[test]
fn fields_have_weights() {
    let words = Analyzer::new().lowercase();
    let fields = [("title", "Oat milk"), ("body", "milk milk"), ("notes", "secret")];
    let terms = words.terms_weighted(fields, [("title", 2.5), ("notes", 0.0), ("absent", 7.0)]).unwrap();
    assert_eq!(terms, [("milk".to_owned(), 4.5), ("oat".to_owned(), 2.5)].into());
    for weight in [-1.0, f64::NAN, f64::INFINITY] {
        let error = words.terms_weighted(fields, [("absent", weight)]).unwrap_err();
        assert!(matches!(&error, AnalyzerError::Weight { field, .. } if field == "absent"), "{error}");
    }
    let error = words.terms_weighted(fields, [("body", 3e38)]).unwrap_err();
    assert_eq!(error, AnalyzerError::Weight { field: "body".into(), weight: 3e38 });
}

#[test]
fn languages_with_stop_words_are_at_least_twelve() {
    let with = languages::LANGUAGES.iter().filter(|name| Analyzer::new().stopwords(name).is_ok());
    assert!(with.count() >= 12);
}

/// Texts of letters in several scripts, marks, signs and spaces, of another width, too.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof!["\\PC{0,60}", "[a-cÀ-Çßİ日本々ーカｶﾞﾟกิ่'’_ 1３\u{301}\u{200D}.]{0,60}"]
}

proptest! {
    #[test]
    fn tokens_stand_in_the_text_and_their_positions_ascend(text in any_text()) {
        let widest = Analyzer::preset("german").unwrap().synonyms([("a", ["b"])]).unwrap().ngrams(2).unwrap();
        let named = ["standard", "english", "trigram", "autocomplete"].map(|name| Analyzer::preset(name).unwrap());
        for analyzer in named.into_iter().chain([widest, Analyzer::new()]) {
            for tokens in [analyzer.tokens(&text), analyzer.query_tokens(&text)] {
                prop_assert!(tokens.is_sorted_by_key(|token| token.position));
                for token in tokens {
                    prop_assert!(text.get(token.start..token.end).is_some_and(|part| !part.is_empty()), "{token:?}");
                }
            }
        }
    }

    /// Whatever is stored is found by itself, and by each of its words where nothing stands between them.
    #[test]
    fn every_text_finds_itself(text in any_text()) {
        for name in ["standard", "english", "trigram", "autocomplete"] {
            let analyzer = Analyzer::preset(name).unwrap();
            let held = analyzer.tokens(&text);
            for wanted in analyzer.query_tokens(&text) {
                prop_assert!(held.contains(&wanted), "{name}: {wanted:?} is not in {held:?}");
            }
        }
    }
}

#[test]
fn functions_are_steps_and_their_failures_are_told() {
    let split = |text: &str| Ok(text.split('-').map(str::to_owned).collect());
    let double = |term: &str| match term {
        "the" => Ok(Vec::new()),
        "bad" => Err("no bad words".into()),
        other => Ok(vec![other.to_owned(), other.to_uppercase()]),
    };
    let analyzer = Analyzer::new().tokenizer(split).unwrap().filter(double).unwrap();
    assert!(analyzer.definition().is_none());
    assert_eq!(
        stored(&analyzer, "a b-the-c"),
        [("a b".into(), "a b", 0), ("A B".into(), "a b", 0), ("c".into(), "c", 2), ("C".into(), "c", 2)]
    );
    assert_eq!(analyzer.tokenize("a-bad-c"), ["a", "A"], "the tokens end where a step fails");
    let failed = analyzer.attempt(|analyzer| analyzer.terms("a-bad-c")).unwrap_err();
    assert_eq!(failed.to_string(), "no bad words");
    assert_eq!(analyzer.attempt(|analyzer| analyzer.query_terms("a")).unwrap().len(), 2);
    let broken = Analyzer::new().tokenizer(|_| Err("no text".into())).unwrap();
    assert!(broken.tokenize("a").is_empty());
    assert_eq!(broken.attempt(|broken| broken.tokenize("a")).unwrap_err().to_string(), "no text");
    // One within the other: what the inner one fails with is its own.
    let nesting = Analyzer::new().filter(move |term| {
        Ok(vec![
            broken
                .attempt(|broken| broken.tokenize(term))
                .map_or_else(|error| error.to_string(), |_| "?".into()),
        ])
    });
    assert_eq!(nesting.unwrap().attempt(|nesting| nesting.tokenize("x y")).unwrap(), ["no text", "no text"]);
}

#[test]
fn functions_stand_where_they_can() {
    let same = |text: &str| Ok(vec![text.to_owned()]);
    for analyzer in
        [Analyzer::default(), Analyzer::from_tokenizer(Words(Side::Index)), Analyzer::preset("none").unwrap()]
    {
        assert_eq!(analyzer.tokenizer(same), Err(AnalyzerError::MisplacedTokenizer));
    }
    let upper = |term: &str| Ok(vec![term.to_uppercase()]);
    let twice = Analyzer::new().lowercase().filter(upper).unwrap().lowercase();
    assert_eq!(twice.tokenize("Fox"), ["fox"], "behind a function a step may have an effect again");
    let mut many = Analyzer::new();
    for _ in 1..MAX_STEPS {
        many = many.filter(same).unwrap();
    }
    assert_eq!(many.filter(same), Err(AnalyzerError::TooManySteps));
    let none = Analyzer::preset("none").unwrap();
    assert_eq!(none.clone().filter(same).unwrap(), none);
    let filtered = Analyzer::new().token_filter(Rewriting(Lowercase)).unwrap();
    assert_eq!((filtered.tokenize("A"), filtered.definition()), (vec!["a".to_owned()], None));
}
