//! Reads other than searches: each takes a view and answers from it.
//!
//! | question | file |
//! |---|---|
//! | what is stored under this key | [`get`] |
//! | which records are there, page by page | [`list`] |
//! | how many | [`count`] |
//! | which of them does a filter select | [`matching`]; in the order of keys [`chosen`] |
//! | what does the application keep beside its records | [`kv`] |
//! | where does a text have what a query looks for | [`highlight`] |
//! | what does a reader process see of the writer's commits | [`follow`] |

mod chosen;
pub(crate) mod count;
pub(crate) mod follow;
pub(crate) mod get;
pub(crate) mod highlight;
pub(crate) mod kv;
pub(crate) mod list;
pub(crate) mod matching;
