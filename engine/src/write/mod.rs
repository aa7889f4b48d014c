//! The write path: one way from an operation of any size, of any caller, to a durable commit.
//!
//! | step | file |
//! |---|---|
//! | check the form of what came, before anything is locked | [`batch`] |
//! | check it against the current state, give out slots, apply | [`stage`], for several writers [`turn`] |
//! | join the crew that is synced next: one thread leads it, for all | [`crew`] |
//! | log it, sync it with everybody else's, publish it | [`commit`] |
//! | move the memtable into `.vdb`; rewrite `.vdb` without what is dead | [`checkpoint`] |
//! | bring what was committed into the graphs, behind the commits | [`indexer`] |
//! | add a field index and have it built | [`fields`] |
//! | several operations as one commit | [`transaction`] |
//! | very many records, a batch a commit | [`bulk`] |

pub(crate) mod batch;
pub(crate) mod bulk;
pub(crate) mod checkpoint;
pub(crate) mod commit;
mod crew;
pub(crate) mod fields;
pub(crate) mod group;
pub(crate) mod indexer;
pub(crate) mod stage;
pub(crate) mod transaction;
mod turn;
