//! What is derived from the records and can be rebuilt: live sets, posting lists, graphs. Field indexes
//! are, too: they stand in `storage/fields`, and `filter/candidates` asks them.
//!
//! | question | file |
//! |---|---|
//! | how does one change reach every table and index | [`maintain`]: `apply`, the only way |
//! | which slots may a dense search see, and where does the graph end | [`dense`] |
//! | which postings does a text search read | [`sparse`] |
//! | what does a query ask of texts | [`text_query`], phrases by [`phrase`], words of fields by [`field_words`] |

pub(crate) mod dense;
mod field_words;
pub(crate) mod maintain;
mod phrase;
pub(crate) mod sparse;
pub(crate) mod text_query;
