//! What can be read.

use std::sync::Arc;

use napi::bindgen_prelude::{Null, ToNapiValue, Unknown};
use napi::{Env, JsValue};
use vectlite::limits::DEFAULT_PAGE;
use vectlite::{Filter, Record};

use super::Database;
use crate::call::{Call, count, maybe_text, names, truth, twins};
use crate::convert::bytes::{kv_place, maybe_bytes_out, pairs_out};
use crate::convert::options::{
    NamespaceOptions, NoOptions, SelectOptions, count_of, declare, namespace, options,
};
use crate::convert::place::Place;
use crate::convert::records::{maybe_record_out, maybe_records_out, records_out, strings};
use crate::convert::scalars::{self, string};
use crate::convert::values::filter;
use crate::error::Result;
use crate::read_view::ReadView;

declare! {
    /// How a text is marked.
    HighlightOptions {
        /// The record's namespace; the default one is `""`.
        namespace "namespace" "string | null",
        /// What stands before each part, `<mark>` by default.
        before "before" "string | null",
        /// What stands behind it, `</mark>` by default.
        after "after" "string | null",
    }
}

declare! {
    /// Which records are listed.
    ListOptions {
        /// The namespace; all of them when it is left out.
        namespace "namespace" "string | null",
        /// What their metadata must be.
        filter "filter" "Filter | null",
        /// At most how many; all of them without it.
        limit "limit" "number | null",
        /// How many are left out before them.
        offset "offset" "number | null",
    }
}

declare! {
    /// Which records are listed, page by page.
    ListCursorOptions {
        /// The namespace; all of them when it is left out.
        namespace "namespace" "string | null",
        /// What their metadata must be.
        filter "filter" "Filter | null",
        /// Records of a page, 100 by default.
        limit "limit" "number | null",
        /// Where the page before ended; the first page without it.
        cursor "cursor" "string | null",
    }
}

type Page = (Vec<Record>, Option<String>);

/// What a database answers, and one state of it likewise.
macro_rules! reads {
    ($class:ident) => {
        twins! { $class {
            /// The record with this id, or `null`.
            get get_async(id, options)
                "id: string, options?: NamespaceOptions | null" "StoredRecord | null",
                "id: string, options?: (NamespaceOptions & Abortable) | null" "Promise<StoredRecord | null>" = getting;

            /// The records with these ids, in their order, all of one moment; `null` where there is none.
            get_many get_many_async(ids, options)
                "ids: Iterable<string>, options?: NamespaceOptions | null" "Array<StoredRecord | null>",
                "ids: Iterable<string>, options?: (NamespaceOptions & Abortable) | null" "Promise<Array<StoredRecord | null>>"
                = getting_many;

            /// Whether there is a record with this id.
            exists exists_async(id, options)
                "id: string, options?: NamespaceOptions | null" "boolean",
                "id: string, options?: (NamespaceOptions & Abortable) | null" "Promise<boolean>" = looking_for;

            /// A record's text with marks around what `text` looks for, as a search by it does; `null` when there is no such
            /// record, or it has no text. The text itself is not escaped.
            highlight highlight_async(id, text, options)
                "id: string, text: string, options?: HighlightOptions | null" "string | null",
                "id: string, text: string, options?: (HighlightOptions & Abortable) | null" "Promise<string | null>"
                = highlighting;

            /// How many records match, of all namespaces unless one is given.
            count count_async(options)
                "options?: SelectOptions | null" "number",
                "options?: (SelectOptions & Abortable) | null" "Promise<number>" = counting;

            /// Matching records by namespace and id, of all namespaces unless one is given.
            list list_async(options)
                "options?: ListOptions | null" "StoredRecord[]",
                "options?: (ListOptions & Abortable) | null" "Promise<StoredRecord[]>" = listing;

            /// A page of matching records by namespace and id, and the cursor of the next one: `null` at the end.
            list_cursor list_cursor_async(options)
                "options?: ListCursorOptions | null" "[records: StoredRecord[], cursor: string | null]",
                "options?: (ListCursorOptions & Abortable) | null" "Promise<[records: StoredRecord[], cursor: string | null]>"
                = listing_a_page;

            /// What the application keeps under a key of one of its own tables, or `null`; see `Transaction.kvPut`.
            kv_get kv_get_async(table, key, options)
                "table: string, key: string" "Uint8Array | null",
                "table: string, key: string, options?: Abortable | null" "Promise<Uint8Array | null>" = getting_kv;

            /// All keys of one of the application's own tables that begin with `prefix` (all without it), ascending by their UTF-8
            /// bytes, with their values.
            kv_scan kv_scan_async(table, prefix, options)
                "table: string, prefix?: string | null" "Array<[key: string, value: Uint8Array]>",
                "table: string, prefix?: string | null, options?: Abortable | null" "Promise<Array<[key: string, value: Uint8Array]>>"
                = scanning_kv;

            /// The namespaces that hold a record, sorted by name.
            namespaces namespaces_async(options)
                "" "string[]", "options?: Abortable | null" "Promise<string[]>" = listing_namespaces;
        } }

        impl $class {
            fn getting<'a>(&self, _: &Env, id: Unknown<'a>, given: Unknown<'a>) -> Result<Call<'a, Option<Record>>> {
                let id = string(Place::Root("id"), id)?;
                let (options, signal) = options::<NamespaceOptions<'_>>(given)?;
                let (db, namespace) = (self.engine()?, namespace(options.namespace)?);
                Ok(Call::new(signal, move || Ok(db.get(&id, namespace.as_deref())?), maybe_record_out).computing())
            }

            fn getting_many<'a>(
                &self,
                env: &Env,
                ids: Unknown<'a>,
                given: Unknown<'a>,
            ) -> Result<Call<'a, Vec<Option<Record>>>> {
                let ids = strings(env, Place::Root("ids"), ids)?;
                let (options, signal) = options::<NamespaceOptions<'_>>(given)?;
                let (db, namespace) = (self.engine()?, namespace(options.namespace)?);
                Ok(Call::new(signal, move || Ok(db.get_many(&ids, namespace.as_deref())?), maybe_records_out)
                    .computing())
            }

            fn looking_for<'a>(&self, _: &Env, id: Unknown<'a>, given: Unknown<'a>) -> Result<Call<'a, bool>> {
                let id = string(Place::Root("id"), id)?;
                let (options, signal) = options::<NamespaceOptions<'_>>(given)?;
                let (db, namespace) = (self.engine()?, namespace(options.namespace)?);
                Ok(Call::new(signal, move || Ok(db.exists(&id, namespace.as_deref())?), truth).computing())
            }

            fn highlighting<'a>(
                &self,
                _: &Env,
                id: Unknown<'a>,
                text: Unknown<'a>,
                given: Unknown<'a>,
            ) -> Result<Call<'a, Option<String>>> {
                let (id, text) = (string(Place::Root("id"), id)?, string(Place::Root("text"), text)?);
                let (options, signal) = options::<HighlightOptions<'_>>(given)?;
                let namespace = namespace(options.namespace)?;
                let before = options.before.map(|value| string(Place::Root("before"), value)).transpose()?;
                let after = options.after.map(|value| string(Place::Root("after"), value)).transpose()?;
                let db = self.engine()?;
                let work = move || {
                    let found = db.highlight(&id, &text, namespace.as_deref())?;
                    let (before, after) =
                        (before.as_deref().unwrap_or("<mark>"), after.as_deref().unwrap_or("</mark>"));
                    Ok(found.map(|found| found.marked(before, after)))
                };
                Ok(Call::new(signal, work, maybe_text).computing())
            }

            fn counting<'a>(&self, _: &Env, given: Unknown<'a>) -> Result<Call<'a, usize>> {
                let (options, signal) = options::<SelectOptions<'_>>(given)?;
                let (namespace, filter) = (namespace(options.namespace)?, filter_of(options.filter)?);
                let db = self.engine()?;
                let work = move || Ok(db.count(namespace.as_deref(), filter.as_ref())? as usize);
                Ok(Call::new(signal, work, count).computing())
            }

            fn listing<'a>(&self, _: &Env, given: Unknown<'a>) -> Result<Call<'a, Vec<Record>>> {
                let (options, signal) = options::<ListOptions<'_>>(given)?;
                let (namespace, filter) = (namespace(options.namespace)?, filter_of(options.filter)?);
                let (limit, offset) = (count_of("limit", options.limit)?, count_of("offset", options.offset)?);
                let db = self.engine()?;
                let work = move || {
                    let (limit, offset) = (limit.unwrap_or_default(), offset.unwrap_or_default());
                    Ok(db.list(namespace.as_deref(), filter.as_ref(), limit, offset)?)
                };
                Ok(Call::new(signal, work, records_out).computing())
            }

            fn listing_a_page<'a>(&self, _: &Env, given: Unknown<'a>) -> Result<Call<'a, Page>> {
                let (options, signal) = options::<ListCursorOptions<'_>>(given)?;
                let (namespace, filter) = (namespace(options.namespace)?, filter_of(options.filter)?);
                let limit = count_of("limit", options.limit)?.unwrap_or(DEFAULT_PAGE);
                let cursor = options.cursor.map(|value| string(Place::Root("cursor"), value)).transpose()?;
                let db = self.engine()?;
                let work =
                    move || Ok(db.list_cursor(namespace.as_deref(), filter.as_ref(), limit, cursor.as_deref())?);
                Ok(Call::new(signal, work, page_out).computing())
            }

            fn getting_kv<'a>(
                &self,
                _: &Env,
                table: Unknown<'a>,
                key: Unknown<'a>,
                given: Unknown<'a>,
            ) -> Result<Call<'a, Option<Vec<u8>>>> {
                let (table, key) = kv_place(table, key)?;
                let (NoOptions, signal) = options(given)?;
                let db = self.engine()?;
                Ok(Call::new(signal, move || Ok(db.kv_get(&table, &key)?), maybe_bytes_out).computing())
            }

            fn scanning_kv<'a>(
                &self,
                _: &Env,
                table: Unknown<'a>,
                prefix: Unknown<'a>,
                given: Unknown<'a>,
            ) -> Result<Call<'a, Vec<(String, Vec<u8>)>>> {
                let table = string(Place::Root("table"), table)?;
                let prefix = scalars::given(prefix)?.map(|prefix| string(Place::Root("prefix"), prefix)).transpose()?;
                let (NoOptions, signal) = options(given)?;
                let db = self.engine()?;
                let work = move || Ok(db.kv_scan(&table, prefix.as_deref().unwrap_or_default())?);
                Ok(Call::new(signal, work, pairs_out).computing())
            }

            fn listing_namespaces<'a>(&self, _: &Env, given: Unknown<'a>) -> Result<Call<'a, Vec<String>>> {
                let (NoOptions, signal) = options(given)?;
                let db = self.engine()?;
                Ok(Call::new(signal, move || Ok(db.namespaces()?), names).computing())
            }
        }
    };
}

reads! { Database }
reads! { ReadView }

twins! { Database {
    /// The present state, to read and search at leisure: what is written meanwhile does not change it.
    read_view read_view_async(options)
        "" "ReadView", "options?: Abortable | null" "Promise<ReadView>" = viewing;
} }

impl Database {
    fn viewing<'a>(&self, _: &Env, given: Unknown<'a>) -> Result<Call<'a, ReadView>> {
        let (NoOptions, signal) = options(given)?;
        let db = Arc::clone(&self.inner);
        let work = move || {
            let view = db.read_view()?;
            Ok(ReadView::new(db, view))
        };
        Ok(Call::new(signal, work, |env, view| Ok(view.into_unknown(env)?)))
    }
}

fn filter_of(value: Option<Unknown<'_>>) -> Result<Option<Filter>> {
    value.map(|value| filter(Place::Root("filter"), value)).transpose()
}

fn page_out(env: &Env, (records, cursor): Page) -> Result<Unknown<'_>> {
    let mut pair = env.create_array(2)?;
    pair.set(0, records_out(env, records)?)?;
    match cursor {
        Some(cursor) => pair.set(1, cursor)?,
        None => pair.set(1, Null)?,
    }
    Ok(pair.to_unknown())
}
