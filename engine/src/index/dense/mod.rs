//! The dense side: graphs over the vectors of each space, and what a search finds in them.
//!
//! A graph is derived from `.vdb` and can be dropped at any time. Slots below its *frontier* are its nodes; those above
//! are the *tail*, scanned exactly. Which slots a search may see comes from its view alone, so one graph serves views of
//! every age. All namespaces share the graph of a space: a namespace is a filter like any other.
//!
//! | question | file |
//! |---|---|
//! | what is a graph, and which ones are there | [`graph`], [`graphs`] |
//! | what does a search find | [`search`] |
//! | how do vectors get into a graph, and when is it built anew | [`build`] |
//! | what is in `NAME.vdb.ann` | [`image`], and [`rows`]: the vectors that candidates are rescored by |

pub(crate) mod build;
pub(crate) mod graph;
pub(crate) mod graphs;
pub(crate) mod image;
pub(crate) mod rows;
pub(crate) mod search;

/// Whether this build has graphs at all. Without them every search is exact, and an image that another build has written stays as it is:
/// whatever it holds is checked against the database when it is opened again.
const HAS_GRAPHS: bool = cfg!(feature = "ann");
