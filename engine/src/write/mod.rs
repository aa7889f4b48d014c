//! The write path: one way from an operation of any size, of any caller, to a durable commit.
//!
//! | step | file |
//! |---|---|
//! | check the form of what came, before anything is locked | [`batch`] |
//! | check it against the current state, give out slots, apply | [`stage`] |
//! | log it, sync it with everybody else's, publish it | [`commit`] |
//! | move the memtable into `.vdb`; rewrite `.vdb` without what is dead | [`checkpoint`] |
//! | several operations as one commit | [`transaction`] |

pub(crate) mod batch;
pub(crate) mod checkpoint;
pub(crate) mod commit;
pub(crate) mod group;
pub(crate) mod stage;
pub(crate) mod transaction;
