//! Text and sparse search of whole databases: right after every history, and unharmed by any input.
//!
//! | question | file |
//! |---|---|
//! | what must be stored, and what would a naive scorer answer | [`model`] |
//! | which records and queries are made up | [`corpus`] |
//! | is every answer that of the naive scorer, whatever was done before | [`history`] |
//! | are phrases found alike with stored positions and without | [`phrases`] |
//! | what do odd texts, terms and weights give | [`odd_input`] |
//! | what do very long texts and very many terms give | [`large_input`] |

mod corpus;
mod history;
mod large_input;
mod model;
mod odd_input;
mod phrases;
