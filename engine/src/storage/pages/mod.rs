//! The pages of redb's file: whether each is what was written there.
//!
//! redb keeps a checksum of every page beside the page's number, in its parent, and compares it when it repairs a file or is asked
//! to, but not when it reads: a damaged page then hides records, or shows others. Here it is compared whenever a page
//! comes from the file, before redb sees it.
//!
//! | question | file |
//! |---|---|
//! | where in a page are its children, their checksums, and the bytes that its own one covers | [`layout`] |
//! | what must the page at this place be, and is it | [`checked`] |

mod checked;
mod layout;

pub(super) use checked::CheckedPages;
