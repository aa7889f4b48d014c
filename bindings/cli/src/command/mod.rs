//! What each command does, and its options. One file a command, under its name.

pub(crate) mod bench;
pub(crate) mod compact;
pub(crate) mod completions;
pub(crate) mod count;
pub(crate) mod demo;
pub(crate) mod dump;
pub(crate) mod export;
pub(crate) mod import;
pub(crate) mod list;
pub(crate) mod search;
pub(crate) mod stats;
pub(crate) mod verify;
