//! The keys of answers: those of Python's dicts, so that who knows one knows the other.
//!
//! | answer | file |
//! |---|---|
//! | records, as they go out | [`record`] |
//! | hits, and how they were found | [`response`] |
//! | facts about a database | [`facts`] |
//! | what upkeep did or found | [`reports`] |

pub(crate) mod facts;
pub(crate) mod record;
pub(crate) mod reports;
pub(crate) mod response;
