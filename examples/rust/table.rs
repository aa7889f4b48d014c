//! Answers as tables for a terminal of 100 columns.

use comfy_table::presets::UTF8_BORDERS_ONLY;
use comfy_table::{Cell, CellAlignment, ContentArrangement, Table};
use vectlite::{Hit, Value};

use crate::corpus::Question;

/// Columns of a table and of its heading.
const WIDTH: u16 = 100;
/// Longest word and definition shown, in characters; together with the figures they fill a row of `WIDTH`.
const WORD: usize = 18;
const DEFINITION: usize = 32;

/// The lines above a table: what is asked, in its three parts.
pub(crate) fn heading(number: usize, question: &Question) -> String {
    let filter = question.filter.as_ref().map_or("none".to_owned(), ToString::to_string);
    let sentence = shortened(&question.sentence, usize::from(WIDTH) - 16);
    format!("{number:>2}. meaning: {sentence}\n    words:   {}\n    filter:  {filter}", question.words)
}

/// One row a hit: its rank, the fused score with the two it was made of, and what was found.
pub(crate) fn of_hits(hits: &[Hit]) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_BORDERS_ONLY).set_content_arrangement(ContentArrangement::Dynamic).set_width(WIDTH);
    table.set_header(["#", "score", "dense", "text", "word", "lexname", "definition"]);
    for (rank, hit) in hits.iter().enumerate() {
        let definition =
            hit.text.as_deref().and_then(|text| text.split_once(": ")).map_or("", |parts| parts.1);
        table.add_row([
            Cell::new(rank + 1).set_alignment(CellAlignment::Right),
            figure(Some(hit.score)),
            figure(hit.dense_score),
            figure(hit.sparse_score),
            Cell::new(shortened(metadata(hit, "word"), WORD)),
            Cell::new(metadata(hit, "lexname")),
            Cell::new(shortened(definition, DEFINITION)),
        ]);
    }
    table
}

/// A score with three decimals; `-` where the record was not found by that side.
fn figure(score: Option<f64>) -> Cell {
    Cell::new(score.map_or("-".to_owned(), |score| format!("{score:.3}"))).set_alignment(CellAlignment::Right)
}

fn metadata<'a>(hit: &'a Hit, path: &str) -> &'a str {
    match hit.metadata.get(path) {
        Some(Value::String(text)) => text,
        _ => "",
    }
}

/// The text itself, or its beginning with an ellipsis, at most `most` characters.
fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some(_) => text.chars().take(most.saturating_sub(1)).chain(['…']).collect(),
    }
}
