//! Where a record's text has what a query looks for.

use std::ops::Range;

use super::get;
use crate::clock::Millis;
use crate::error::{Error, Result};
use crate::index::text_query::TextQuery;
use crate::storage::view::View;

/// A record's text, and the parts of it that a query finds.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Highlight {
    /// The text.
    pub text: String,
    /// The parts, as offsets of bytes on the boundaries of characters: ascending, not empty, none touches another.
    pub spans: Vec<Range<usize>>,
}

impl Highlight {
    /// The text with something before and behind each part, such as `<mark>` and `</mark>`. Nothing else is changed: for a page,
    /// take signs that the text does not have, escape the whole, and put the tags in their places.
    pub fn marked(&self, before: &str, after: &str) -> String {
        let mut marked = String::with_capacity(self.text.len());
        let mut done = 0;
        for span in &self.spans {
            marked.push_str(self.text.get(done..span.start).unwrap_or_default());
            marked.push_str(before);
            marked.push_str(self.text.get(span.clone()).unwrap_or_default());
            marked.push_str(after);
            done = span.end;
        }
        marked.push_str(self.text.get(done..).unwrap_or_default());
        marked
    }
}

/// `None` when there is no such record, or it has no text.
pub(crate) fn highlight(
    view: &View,
    namespace: &str,
    id: &str,
    query: &str,
    now: Millis,
) -> Result<Option<Highlight>> {
    let analyzer = &view.catalog.settings.analyzer;
    if !analyzer.indexes_text() {
        return Err(Error::no_analyzer());
    }
    let query = TextQuery::of_text(query, analyzer, &view.catalog.fields)?;
    let Some((_, row)) = get::row(view, namespace, id, now)? else { return Ok(None) };
    let Some(text) = view.document(row.slot)?.text.as_ref().map(ToString::to_string) else { return Ok(None) };
    let tokens = analyzer.tokens(&text);
    let mut found: Vec<Range<usize>> =
        query.found_in(&tokens).into_iter().map(|token| token.start..token.end).collect();
    found.sort_by_key(|span| (span.start, span.end));
    let mut spans: Vec<Range<usize>> = Vec::with_capacity(found.len());
    for span in found {
        match spans.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => spans.push(span),
        }
    }
    Ok(Some(Highlight { text, spans }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_stand_around_the_parts_and_nothing_else_changes() {
        let highlight = Highlight { text: "a é b".into(), spans: vec![0..1, 2..4] };
        assert_eq!(highlight.marked("[", "]"), "[a] [é] b");
        let none = Highlight { text: "<b>".into(), spans: Vec::new() };
        assert_eq!(none.marked("[", "]"), "<b>");
    }
}
