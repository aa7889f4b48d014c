//! A metric is serialized as its name.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serializer};
use vectlite_ann::Metric;

pub(super) fn serialize<S: Serializer>(metric: &Metric, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(metric.name())
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Metric, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
}
