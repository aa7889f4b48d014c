//! How well and how fast a database of the user's is searched.
//!
//! | question | file |
//! |---|---|
//! | what is asked: which of its records, which words | [`sample`] |
//! | how long do searches take, how many are answered in a second | [`speed`] |
//! | how many of the true neighbours are found | [`recall`] |

pub(crate) mod recall;
pub(crate) mod sample;
pub(crate) mod speed;
