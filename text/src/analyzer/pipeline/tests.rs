//! What analyzers do, as their users see it.

use super::*;

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
    let later = AnalyzerDefinition { version: VERSION + 1, steps: Vec::new() };
    assert_eq!(Analyzer::from_definition(later), Err(AnalyzerError::UnknownVersion { version: VERSION + 1 }));
    let misplaced = AnalyzerDefinition { version: VERSION, steps: vec![Step::Lowercase, Step::UnicodeWords] };
    assert_eq!(Analyzer::from_definition(misplaced), Err(AnalyzerError::MisplacedTokenizer));
}

#[test]
fn a_tokenizer_from_outside_works_but_has_no_definition() {
    let analyzer = Analyzer::from_tokenizer(Words).lowercase();
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
        r#"{"version":1,"steps":["unicode_words","lowercase",{"stop_words":"english"},{"stemmer":"english"},"#
            .to_owned() + r#""ascii_folding",{"custom_stop_words":["a","b"]}]}"#
    );
    assert_eq!(Analyzer::from_definition(serde_json::from_str(&stored).unwrap()).unwrap(), analyzer);
    let by_code = r#"{"version":1,"steps":["unicode_words",{"stemmer":"EN"}]}"#;
    let by_code = Analyzer::from_definition(serde_json::from_str(by_code).unwrap()).unwrap();
    assert_eq!(by_code, Analyzer::new().stemmer("english").unwrap());
    for unknown in [
        r#"{"version":1,"steps":["unicode_words","soundex"]}"#,
        r#"{"version":1,"steps":[],"filters":[]}"#,
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
    for name in languages::LANGUAGES.into_iter().chain(["standard", "none"]) {
        let analyzer = Analyzer::preset(name).unwrap();
        let tokens = analyzer.tokenize(&text);
        assert!(tokens.iter().all(|token| !token.is_empty() && token.len() <= MAX_TERM_BYTES), "{name}");
        let counted: f32 = analyzer.terms(&text).values().sum();
        assert_eq!(counted, tokens.len() as f32, "{name}");
    }
}
