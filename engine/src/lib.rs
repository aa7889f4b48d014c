//! vectlite: an embedded vector database.

mod clock;
mod error;
mod filter;
pub mod limits;
mod query;
mod stats;
mod value;

pub use clock::{Clock, Millis};
pub use error::{Error, ErrorKind, Result};
pub use filter::Filter;
pub use query::{Explanation, Fusion, Hit, Include, SearchRequest, explain};
pub use stats::{SearchResponse, SearchStats, SearchTimings};
pub use value::{Metadata, Value};
pub use vectlite_ann::Metric;
