//! vectlite: an embedded vector database.

mod clock;
mod error;
pub mod limits;
mod value;

pub use clock::{Clock, Millis};
pub use error::{Error, ErrorKind, Result};
pub use value::{Metadata, Value};
pub use vectlite_ann::Metric;
