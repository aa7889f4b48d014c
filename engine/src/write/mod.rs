//! The write path: one way from an operation of any size, of any caller, to a durable commit.
//!
//! | step | file |
//! |---|---|
//! | check the form of what came, before anything is locked | [`batch`] |
//! | check it against the current state, give out slots, apply | [`stage`], for several writers [`turn`] |
//! | wait for one's turn at the writer lock: one thread stages for all who came | [`queue`], [`waiter`] |
//! | log it, sync it with everybody else's, publish it | [`commit`] |
//! | move the memtable into `.vdb`; rewrite `.vdb` without what is dead | [`checkpoint`] |
//! | bring what was committed into the graphs, behind the commits | [`indexer`] |
//! | several operations as one commit | [`transaction`] |
//! | very many records, a batch a commit | [`bulk`] |

pub(crate) mod batch;
pub(crate) mod bulk;
pub(crate) mod checkpoint;
pub(crate) mod commit;
pub(crate) mod group;
pub(crate) mod indexer;
mod queue;
pub(crate) mod stage;
pub(crate) mod transaction;
mod turn;
mod waiter;
