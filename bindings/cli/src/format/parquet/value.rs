//! What a typed value of a column is as metadata, and what a list of numbers is as a vector.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, ArrowPrimitiveType};
use arrow_cast::cast;
use arrow_cast::display::array_value_to_string;
use arrow_schema::DataType;
use vectlite::limits::MAX_DEPTH;
use vectlite::{Metadata, Value};

/// The value of a row; `None` where there is none.
pub(super) fn value(column: &ArrayRef, row: usize) -> Result<Option<Value>, String> {
    nested(column, row, MAX_DEPTH)
}

fn nested(column: &ArrayRef, row: usize, levels: usize) -> Result<Option<Value>, String> {
    if column.is_null(row) || *column.data_type() == DataType::Null {
        return Ok(None);
    }
    let inner = || {
        levels
            .checked_sub(1)
            .ok_or_else(|| format!("expected at most {MAX_DEPTH} levels of lists and structs"))
    };
    Ok(Some(match column.data_type() {
        DataType::Boolean => Value::Bool(column.as_boolean().value(row)),
        DataType::Int8 => Value::Int(at::<Int8Type>(column, row).into()),
        DataType::Int16 => Value::Int(at::<Int16Type>(column, row).into()),
        DataType::Int32 => Value::Int(at::<Int32Type>(column, row).into()),
        DataType::Int64 => Value::Int(at::<Int64Type>(column, row)),
        DataType::UInt8 => Value::Int(at::<UInt8Type>(column, row).into()),
        DataType::UInt16 => Value::Int(at::<UInt16Type>(column, row).into()),
        DataType::UInt32 => Value::Int(at::<UInt32Type>(column, row).into()),
        DataType::UInt64 => {
            let number = at::<UInt64Type>(column, row);
            let fits = i64::try_from(number);
            Value::Int(fits.map_err(|_| format!("expected an integer up to {}, got {number}", i64::MAX))?)
        }
        DataType::Float16 => Value::Float(at::<Float16Type>(column, row).into()),
        DataType::Float32 => Value::Float(at::<Float32Type>(column, row).into()),
        DataType::Float64 => Value::Float(at::<Float64Type>(column, row)),
        DataType::Utf8 => Value::from(column.as_string::<i32>().value(row)),
        DataType::LargeUtf8 => Value::from(column.as_string::<i64>().value(row)),
        DataType::Utf8View => Value::from(column.as_string_view().value(row)),
        DataType::Struct(_) => {
            let row_of = |column: &ArrayRef| nested(column, row, inner()?).map(Option::unwrap_or_default);
            let columns = column.as_struct();
            let names = columns.column_names().into_iter().zip(columns.columns());
            let entries = names.map(|(name, column)| Ok((name.to_owned(), row_of(column)?)));
            Value::Map(entries.collect::<Result<Metadata, String>>()?)
        }
        DataType::Map(_, _) => {
            let entries = column.as_map().value(row);
            let (keys, values) = (entries.column(0), entries.column(1));
            let mut map = Metadata::new();
            for row in 0..entries.len() {
                let Some(Value::String(key)) = nested(keys, row, levels)? else {
                    return Err("expected strings as keys of a map".to_owned());
                };
                map.insert(key, nested(values, row, inner()?)?.unwrap_or_default());
            }
            Value::Map(map)
        }
        DataType::Dictionary(_, _) => {
            let dictionary = column.as_any_dictionary();
            let Some(Value::Int(key)) =
                nested(&arrow_array::make_array(dictionary.keys().to_data()), row, levels)?
            else {
                return Ok(None);
            };
            let key = usize::try_from(key).map_err(|_| "expected a key of the dictionary".to_owned())?;
            return nested(dictionary.values(), key, levels);
        }
        DataType::Decimal32(_, _)
        | DataType::Decimal64(_, _)
        | DataType::Decimal128(_, _)
        | DataType::Decimal256(_, _) => {
            let text = shown(column, row)?;
            Value::Float(text.parse().map_err(|_| format!("expected a number, got {text}"))?)
        }
        // Points in time: ISO 8601, which filters compare as strings. With a zone they are points of UTC, whatever the zone is called.
        DataType::Timestamp(unit, Some(_)) => {
            let utc = DataType::Timestamp(*unit, Some("+00:00".into()));
            let moment = cast(&column.slice(row, 1), &utc).map_err(|error| error.to_string())?;
            Value::from(shown(&moment, 0)?)
        }
        DataType::Date32
        | DataType::Date64
        | DataType::Time32(_)
        | DataType::Time64(_)
        | DataType::Timestamp(_, None) => Value::from(shown(column, row)?),
        other => {
            let Some(elements) = elements(column, row) else {
                return Err(format!("values of type {other} have no place in metadata"));
            };
            let levels = inner()?;
            let values = (0..elements.len()).map(|at| Ok(nested(&elements, at, levels)?.unwrap_or_default()));
            Value::List(values.collect::<Result<Vec<Value>, String>>()?)
        }
    }))
}

/// The vector of a row: a list of numbers, or of text a list as JSON.
pub(super) fn vector(column: &ArrayRef, row: usize) -> Result<Option<Vec<f32>>, String> {
    if column.is_null(row) {
        return Ok(None);
    }
    let Some(elements) = elements(column, row) else {
        let expected = || format!("expected a list of numbers, got {}", column.data_type());
        let Some(Value::String(json)) = value(column, row)? else { return Err(expected()) };
        return serde_json::from_str(&json).map(Some).map_err(|error| format!("{}: {error}", expected()));
    };
    if elements.null_count() > 0 {
        return Err("expected a list of numbers, got one with nulls".to_owned());
    }
    Ok(Some(match elements.data_type() {
        DataType::Float32 => elements.as_primitive::<Float32Type>().values().to_vec(),
        DataType::Float64 => numbers::<Float64Type>(&elements, |number| number as f32),
        DataType::Float16 => numbers::<Float16Type>(&elements, f32::from),
        DataType::Int8 => numbers::<Int8Type>(&elements, f32::from),
        DataType::UInt8 => numbers::<UInt8Type>(&elements, f32::from),
        DataType::Int16 => numbers::<Int16Type>(&elements, f32::from),
        DataType::Int32 => numbers::<Int32Type>(&elements, |number| number as f32),
        DataType::Int64 => numbers::<Int64Type>(&elements, |number| number as f32),
        other => return Err(format!("expected a list of numbers, got a list of {other}")),
    }))
}

/// The elements of a list, of whatever kind.
fn elements(column: &ArrayRef, row: usize) -> Option<ArrayRef> {
    Some(match column.data_type() {
        DataType::List(_) => column.as_list::<i32>().value(row),
        DataType::LargeList(_) => column.as_list::<i64>().value(row),
        DataType::FixedSizeList(_, _) => column.as_fixed_size_list().value(row),
        _ => return None,
    })
}

fn shown(column: &ArrayRef, row: usize) -> Result<String, String> {
    array_value_to_string(column, row).map_err(|error| error.to_string())
}

fn at<T: ArrowPrimitiveType>(column: &ArrayRef, row: usize) -> T::Native {
    column.as_primitive::<T>().value(row)
}

fn numbers<T: ArrowPrimitiveType>(elements: &ArrayRef, narrow: impl Fn(T::Native) -> f32) -> Vec<f32> {
    elements.as_primitive::<T>().values().iter().map(|number| narrow(*number)).collect()
}
