//! The four metrics, their names, and the scores they give.
//!
//! A score is higher for the closer vector, whatever the metric:
//!
//! | metric | names, in any case | score | range | lowest score |
//! |---|---|---|---|---|
//! | [`Metric::Cosine`] | `cosine` | `a·b / (‖a‖₂ ‖b‖₂)`, 0 when either is zero | `[-1, 1]` | −1 |
//! | [`Metric::Euclidean`] | `euclidean`, `l2` | `−‖a − b‖₂` | `(-∞, 0]` | none |
//! | [`Metric::DotProduct`] | `dotproduct`, `dot`, `ip`, `inner_product` | `a·b` | `(-∞, ∞)` | none |
//! | [`Metric::Manhattan`] | `manhattan`, `l1` | `−‖a − b‖₁` | `(-∞, 0]` | none |

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
    /// Every metric, in the order of declaration.
    pub const ALL: [Metric; 4] = [Metric::Cosine, Metric::Euclidean, Metric::DotProduct, Metric::Manhattan];

    /// The canonical name, as it is stored and shown.
    ///
    /// ```
    /// use vectlite_ann::Metric;
    ///
    /// assert_eq!("L2".parse(), Ok(Metric::Euclidean));
    /// assert_eq!(Metric::Euclidean.name(), "euclidean");
    /// ```
    pub fn name(self) -> &'static str {
        match self {
            Metric::Cosine => "cosine",
            Metric::Euclidean => "euclidean",
            Metric::DotProduct => "dotproduct",
            Metric::Manhattan => "manhattan",
        }
    }

    /// The score that no pair of vectors can fall below; `None` where scores have no lower bound.
    ///
    /// Fusion maps scores to `[0, 1]` from here: a bound that does not depend on the candidates keeps the mapping
    /// the same when a candidate more or less is found.
    pub fn lowest_score(self) -> Option<f64> {
        match self {
            Metric::Cosine => Some(-1.0),
            Metric::Euclidean | Metric::DotProduct | Metric::Manhattan => None,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_aliases_parse_in_any_case() {
        let aliases = [
            (Metric::Cosine, &["cosine", "COSINE"][..]),
            (Metric::Euclidean, &["euclidean", "l2", "L2"]),
            (Metric::DotProduct, &["dotproduct", "dot", "ip", "inner_product", "DotProduct"]),
            (Metric::Manhattan, &["manhattan", "l1", "Manhattan"]),
        ];
        for (metric, names) in aliases {
            for name in names {
                assert_eq!(name.parse(), Ok(metric), "{name}");
            }
        }
        for name in ["", "hamming", " cosine", "l 2"] {
            let message = name.parse::<Metric>().unwrap_err().to_string();
            assert!(message.contains("unknown distance metric"), "{message}");
        }
    }

    #[test]
    fn every_metric_is_listed_and_reads_its_own_name() {
        for (position, metric) in Metric::ALL.into_iter().enumerate() {
            assert_eq!(metric as usize, position);
            assert_eq!(metric.to_string().parse(), Ok(metric));
        }
        assert_eq!(Metric::ALL.last().map(|last| *last as usize + 1), Some(Metric::ALL.len()));
    }
}
