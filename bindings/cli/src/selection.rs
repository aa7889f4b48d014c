//! Which records a command is about, and all of them one after the other.

use std::vec;

use clap::Args;
use vectlite::limits::DEFAULT_PAGE;
use vectlite::{Filter, ReadView, Record};

use crate::failure::{Failure, Outcome};
use crate::json;

/// Which records are meant; all of them without options.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Selection {
    /// Only records of this namespace ("" is the default one); of all namespaces without this
    #[arg(long, value_name = "NAME")]
    pub(crate) namespace: Option<String>,
    /// Only records whose metadata this filter accepts, e.g. '{"year": {"$gte": 2020}}'
    #[arg(long, value_name = "JSON")]
    filter: Option<String>,
}

impl Selection {
    pub(crate) fn filter(&self) -> Outcome<Option<Filter>> {
        self.filter.as_deref().map(json::filter).transpose()
    }

    /// The records of one state, in the order of their keys, a page at a time: however many there are, memory holds one page.
    pub(crate) fn records<'v>(&'v self, view: &'v ReadView) -> Outcome<Records<'v>> {
        let filter = self.filter()?;
        let namespace = self.namespace.as_deref();
        Ok(Records { view, namespace, filter, page: Vec::new().into_iter(), cursor: Some(None) })
    }
}

/// See [`Selection::records`].
pub(crate) struct Records<'v> {
    view: &'v ReadView,
    namespace: Option<&'v str>,
    filter: Option<Filter>,
    page: vec::IntoIter<Record>,
    /// Where the next page begins, at the start without a cursor; `None` at the end.
    cursor: Option<Option<String>>,
}

impl Iterator for Records<'_> {
    type Item = Outcome<Record>;

    fn next(&mut self) -> Option<Outcome<Record>> {
        if let Some(record) = self.page.next() {
            return Some(Ok(record));
        }
        let cursor = self.cursor.take()?;
        match self.view.list_cursor(self.namespace, self.filter.as_ref(), DEFAULT_PAGE, cursor.as_deref()) {
            Ok((page, next)) => {
                self.page = page.into_iter();
                self.cursor = next.map(Some);
                self.page.next().map(Ok)
            }
            Err(error) => Some(Err(Failure::from(error))),
        }
    }
}
