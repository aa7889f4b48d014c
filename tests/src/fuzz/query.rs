//! What a caller gives to reads: filters, text queries, cursors. Answers are compared with naive ones.

use std::sync::{Arc, LazyLock};

use vectlite::{Database, ErrorKind, Filter, OpenOptions, Record, SearchRequest, Value};

use super::database::{BASE, path};
use super::input::Input;

/// The base, for reading, and all of its records.
struct Opened {
    db: Database,
    records: Vec<Record>,
}

static OPENED: LazyLock<Opened> = LazyLock::new(|| {
    let options = OpenOptions::new().files(Arc::new(BASE.files())).read_only(true);
    let db = Database::open(path(), options).unwrap();
    let records = db.list(None, None, 0, 0).unwrap();
    Opened { db, records }
});

fn keys(records: &[Record]) -> Vec<(&str, &str)> {
    records.iter().map(|record| (record.namespace.as_str(), record.id.as_str())).collect()
}

/// A filter as JSON. It is refused, or field indexes, evaluation and the filter that it is written as select the same.
pub(super) fn filter(bytes: &[u8]) {
    let Ok(value) = serde_json::from_slice::<Value>(bytes) else { return };
    let filter = match Filter::parse(&value) {
        Ok(filter) => filter,
        Err(error) => return assert_eq!(error.kind(), ErrorKind::Filter, "{error}"),
    };
    let Opened { db, records } = &*OPENED;
    let naive: Vec<Record> =
        records.iter().filter(|record| filter.matches(&record.metadata).unwrap()).cloned().collect();
    let selected = db.list(None, Some(&filter), 0, 0).unwrap();
    assert_eq!(keys(&selected), keys(&naive), "{value:?}");
    assert_eq!(db.count(None, Some(&filter)).unwrap(), naive.len() as u64, "{value:?}");
    let written = filter.to_value().unwrap();
    // The explicit form may be too deep where the short one was not.
    match Filter::parse(&written) {
        Ok(again) => {
            assert_eq!(again.to_value().unwrap(), written, "{value:?}");
            assert_eq!(db.count(None, Some(&again)).unwrap(), naive.len() as u64, "{value:?}, {written:?}");
        }
        Err(error) => assert!(error.to_string().contains("deep"), "{error}: {value:?}, {written:?}"),
    }
}

/// A text query. It is refused, or finds the same however it is asked, and what it found can be marked.
pub(super) fn text_query(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let Opened { db, records } = &*OPENED;
    let request = SearchRequest::new().text(text.as_ref()).all_namespaces(true);
    let response = match db.search(&request.clone().k(records.len())) {
        Ok(response) => response,
        Err(error) => return assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}"),
    };
    let hits: Vec<_> =
        response.hits.iter().map(|hit| (&hit.namespace, &hit.id, hit.score.to_bits())).collect();
    assert!(response.hits.is_sorted_by(|left, right| left.best_first(right).is_lt()), "{text:?}");
    assert!(response.hits.iter().all(|hit| hit.score.is_finite() && hit.score >= 0.0), "{text:?}");
    // A filter that keeps all, and fewer hits: other ways to the same answer.
    let all = Filter::gte("number", 0);
    let few = db.search(&request.filter(all).k(7)).unwrap().hits;
    let few: Vec<_> = few.iter().map(|hit| (&hit.namespace, &hit.id, hit.score.to_bits())).collect();
    assert_eq!(few, hits[..hits.len().min(7)], "{text:?}");
    for hit in response.hits.iter().take(3) {
        let highlight = db.highlight(&hit.id, &text, Some(&hit.namespace)).unwrap().unwrap();
        let mut end = None;
        for span in &highlight.spans {
            assert!(
                highlight.text.get(span.clone()).is_some_and(|part| !part.is_empty()),
                "{text:?}: {span:?}"
            );
            assert!(end.is_none_or(|end| end < span.start), "{text:?}: {:?}", highlight.spans);
            end = Some(span.end);
        }
    }
}

/// A cursor, of any bytes or for a key. It is refused, or goes on right behind its key.
pub(super) fn cursor(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let Opened { db, records } = &*OPENED;
    let raw = input.u8().is_multiple_of(2);
    let limit = usize::from(input.u8()) + 1;
    let (cursor, key) = if raw {
        let cursor = String::from_utf8_lossy(input.rest()).into_owned();
        let key = key_of(&cursor);
        (cursor, key)
    } else {
        let (namespace, id) = (input.text(), input.text());
        let hexadecimal: String =
            namespace.bytes().chain(id.bytes()).map(|byte| format!("{byte:02x}")).collect();
        (format!("1.{}.{hexadecimal}", namespace.len()), Some((namespace, id)))
    };
    let page = db.list_cursor(None, None, limit, Some(&cursor));
    let Some((namespace, id)) = key else {
        return assert_eq!(page.unwrap_err().kind(), ErrorKind::InvalidArgument, "{cursor:?}");
    };
    let (page, next) = page.unwrap();
    let mut behind = keys(records);
    behind.retain(|key| *key > (namespace.as_str(), id.as_str()));
    assert_eq!(keys(&page), behind[..behind.len().min(limit)], "{cursor:?}");
    assert_eq!(next.is_some(), behind.len() > limit, "{cursor:?}");
}

/// What a cursor says, read naively.
fn key_of(cursor: &str) -> Option<(String, String)> {
    let (version, rest) = cursor.split_once('.')?;
    let (len, digits) = rest.split_once('.')?;
    let len: usize = len.parse().ok()?;
    let digits: Option<Vec<u8>> = digits.chars().map(|digit| Some(digit.to_digit(16)? as u8)).collect();
    let digits = digits.filter(|digits| digits.len().is_multiple_of(2))?;
    let text = String::from_utf8(digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()).ok()?;
    let (namespace, id) = (text.get(..len)?, text.get(len..)?);
    (version == "1").then(|| (namespace.to_owned(), id.to_owned()))
}
