//! [`Filter`] through serde: in the form of the filter language, as JSON or MessagePack have it.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};

use super::Filter;
use crate::value::Value;

/// As the value that [`Filter::to_value`] gives.
impl Serialize for Filter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_value().map_err(ser::Error::custom)?.serialize(serializer)
    }
}

/// As by [`Filter::parse`].
impl<'de> Deserialize<'de> for Filter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Filter, D::Error> {
        Filter::parse(&Value::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}
