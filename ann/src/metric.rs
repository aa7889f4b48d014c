//! The four metrics, their names, and how a distance becomes a score.

use std::fmt;
use std::str::FromStr;

/// How the closeness of two vectors is measured. [`Metric::Cosine`] is the default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Metric {
    /// `a·b / (|a| |b|)`, in `[-1, 1]`; 0 when either vector is zero.
    #[default]
    Cosine,
    /// `−‖a − b‖₂`.
    Euclidean,
    /// `a·b`, unbounded.
    DotProduct,
    /// `−‖a − b‖₁`.
    Manhattan,
}

/// A metric name that is none of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownMetric {
    name: String,
}

impl fmt::Display for UnknownMetric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "unknown distance metric {:?}: expected cosine, euclidean (l2), dotproduct (dot, ip, inner_product) or manhattan (l1)",
            self.name
        )
    }
}

impl std::error::Error for UnknownMetric {}

impl Metric {
    /// The canonical name, as it is stored and shown.
    pub fn name(self) -> &'static str {
        match self {
            Metric::Cosine => "cosine",
            Metric::Euclidean => "euclidean",
            Metric::DotProduct => "dotproduct",
            Metric::Manhattan => "manhattan",
        }
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Metric {
    type Err = UnknownMetric;

    fn from_str(name: &str) -> Result<Metric, UnknownMetric> {
        match name.to_ascii_lowercase().as_str() {
            "cosine" => Ok(Metric::Cosine),
            "euclidean" | "l2" => Ok(Metric::Euclidean),
            "dotproduct" | "dot" | "ip" | "inner_product" => Ok(Metric::DotProduct),
            "manhattan" | "l1" => Ok(Metric::Manhattan),
            _ => Err(UnknownMetric { name: name.to_owned() }),
        }
    }
}
