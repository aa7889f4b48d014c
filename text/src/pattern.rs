//! Terms that a query does not spell out: all that begin alike, or all within some edits of a word.

use std::sync::OnceLock;

use levenshtein_automata::{DFA, Distance, LevenshteinAutomatonBuilder, SINK_STATE};

use crate::clause::MAX_EDITS;

/// Longest fuzzy word, in characters: the automaton takes some kilobytes for each.
pub const MAX_FUZZY_CHARACTERS: usize = 32;

/// See the module.
pub struct TermPattern(Kind);

enum Kind {
    Prefix(String),
    Fuzzy(DFA),
}

/// What a pattern says of a term of a sorted dictionary.
#[derive(Debug, PartialEq, Eq)]
pub enum Look {
    /// It matches.
    Match,
    /// It does not.
    Miss,
    /// Neither it nor any other before this string does.
    SkipTo(String),
    /// Neither it nor any behind it does.
    End,
}

impl TermPattern {
    /// Terms that begin like this.
    pub fn prefix(prefix: impl Into<String>) -> TermPattern {
        TermPattern(Kind::Prefix(prefix.into()))
    }

    /// Terms that become this word by so many edits at most: a character more, less, other, or two neighbours swapped. `None`
    /// for more than [`MAX_EDITS`] edits or [`MAX_FUZZY_CHARACTERS`].
    ///
    /// K. Schulz, S. Mihov, "Fast string correction with Levenshtein automata", 2002.
    pub fn fuzzy(word: &str, edits: u8) -> Option<TermPattern> {
        // The tables that automata are made from depend on nothing but the edits, and take a millisecond.
        static BUILDERS: [OnceLock<LevenshteinAutomatonBuilder>; MAX_EDITS as usize + 1] =
            [const { OnceLock::new() }; MAX_EDITS as usize + 1];
        if word.chars().count() > MAX_FUZZY_CHARACTERS {
            return None;
        }
        let builder = BUILDERS.get(usize::from(edits))?;
        let builder = builder.get_or_init(|| LevenshteinAutomatonBuilder::new(edits, true));
        Some(TermPattern(Kind::Fuzzy(builder.build_dfa(word))))
    }

    /// No term before this string matches.
    pub fn first(&self) -> &str {
        match &self.0 {
            Kind::Prefix(prefix) => prefix,
            Kind::Fuzzy(_) => "",
        }
    }

    /// Whether a term matches.
    pub fn matches(&self, term: &str) -> bool {
        self.look(term) == Look::Match
    }

    /// What a search through a sorted dictionary has to know of a term.
    pub fn look(&self, term: &str) -> Look {
        match &self.0 {
            Kind::Prefix(prefix) if term.starts_with(prefix.as_str()) => Look::Match,
            Kind::Prefix(prefix) if term < prefix.as_str() => Look::Miss,
            Kind::Prefix(_) => Look::End,
            Kind::Fuzzy(automaton) => look(automaton, term),
        }
    }
}

fn look(automaton: &DFA, term: &str) -> Look {
    let mut state = automaton.initial_state();
    for (at, character) in term.char_indices() {
        let mut bytes = [0; 4];
        for byte in character.encode_utf8(&mut bytes).bytes() {
            state = automaton.transition(state, byte);
        }
        if state == SINK_STATE {
            let dead = term.get(..at + character.len_utf8()).unwrap_or_default();
            return successor(dead).map_or(Look::End, Look::SkipTo);
        }
    }
    match automaton.distance(state) {
        Distance::Exact(_) => Look::Match,
        Distance::AtLeast(_) => Look::Miss,
    }
}

/// The first string behind all that begin like this one.
fn successor(prefix: &str) -> Option<String> {
    let mut kept = prefix.to_owned();
    while let Some(last) = kept.pop() {
        // Surrogates are no characters.
        let next = if last == '\u{D7FF}' { Some('\u{E000}') } else { char::from_u32(last as u32 + 1) };
        if let Some(next) = next {
            kept.push(next);
            return Some(kept);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The distance by its definition (optimal string alignment).
    fn distance(left: &str, right: &str) -> usize {
        let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
        let mut rows = vec![vec![0; right.len() + 1]; left.len() + 1];
        for i in 0..=left.len() {
            for j in 0..=right.len() {
                rows[i][j] = if i == 0 || j == 0 {
                    i + j
                } else {
                    let other = usize::from(left[i - 1] != right[j - 1]);
                    let mut least =
                        (rows[i - 1][j] + 1).min(rows[i][j - 1] + 1).min(rows[i - 1][j - 1] + other);
                    if i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1] {
                        least = least.min(rows[i - 2][j - 2] + 1);
                    }
                    least
                };
            }
        }
        rows[left.len()][right.len()]
    }

    proptest! {
        #[test]
        fn fuzzy_is_the_distance_and_skips_no_match(
            word in "[abcé]{0,6}",
            mut terms in proptest::collection::vec("[abcé日]{0,7}", 1..30),
            edits in 0..=2_u8,
        ) {
            let pattern = TermPattern::fuzzy(&word, edits).unwrap();
            terms.sort();
            let mut skipped_to = Some(String::new());
            for term in &terms {
                let near = distance(&word, term) <= usize::from(edits);
                prop_assert_eq!(pattern.matches(term), near, "{} {}", &word, term);
                prop_assert!(!near || skipped_to.as_ref().is_some_and(|to| to <= term), "{} skipped", term);
                match pattern.look(term) {
                    Look::SkipTo(next) => {
                        prop_assert!(&next > term);
                        skipped_to = Some(next);
                    }
                    Look::End => skipped_to = None,
                    _ => {}
                }
            }
        }
    }

    #[test]
    fn a_prefix_ends_where_its_terms_end() {
        let pattern = TermPattern::prefix("ca");
        assert_eq!(pattern.first(), "ca");
        let looks = ["b", "ca", "cat", "cb"].map(|term| pattern.look(term));
        assert_eq!(looks, [Look::Miss, Look::Match, Look::Match, Look::End]);
    }

    #[test]
    fn two_neighbours_swapped_are_one_edit() {
        let pattern = TermPattern::fuzzy("quick", 1).unwrap();
        assert!(pattern.matches("qiuck") && !pattern.matches("iqcuk"));
    }

    #[test]
    fn words_have_a_limit_and_so_have_edits() {
        assert!(TermPattern::fuzzy(&"x".repeat(MAX_FUZZY_CHARACTERS), 2).is_some());
        assert!(TermPattern::fuzzy(&"x".repeat(MAX_FUZZY_CHARACTERS + 1), 1).is_none());
        assert!(TermPattern::fuzzy("x", MAX_EDITS + 1).is_none());
    }

    #[test]
    fn successors() {
        assert_eq!(successor("ab"), Some("ac".into()));
        assert_eq!(successor("a\u{10FFFF}"), Some("b".into()));
        assert_eq!(successor("\u{D7FF}"), Some("\u{E000}".into()));
        assert_eq!(successor("\u{10FFFF}"), None);
    }
}
