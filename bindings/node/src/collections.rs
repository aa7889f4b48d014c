//! A store: a directory of databases, each a collection under a name.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use napi::Env;
use napi::bindgen_prelude::{ToNapiValue, Unknown};
use napi_derive::napi;
use vectlite::ErrorKind;

use crate::call::{self, Call, names, nothing, truth, twins};
use crate::convert::options::{NoOptions, options};
use crate::convert::place::Place;
use crate::convert::scalars::string;
use crate::database::database_out;
use crate::database::open::{OpenOptions, opened_as};
use crate::error::{Failure, Result};

/// A directory of databases: made by `openStore` and `openStoreAsync`.
#[napi]
pub struct Store {
    inner: Arc<Opened>,
}

struct Opened {
    store: vectlite::Store,
    closed: AtomicBool,
}

impl Opened {
    fn store(&self) -> Result<&vectlite::Store> {
        if self.closed.load(Ordering::Acquire) {
            return Err(Failure::own(ErrorKind::Closed, "the store is closed; open it again to use it"));
        }
        Ok(&self.store)
    }
}

/// Opens a directory of databases, creating it when it is missing.
#[napi(ts_args_type = "root: string", ts_return_type = "Store")]
pub fn open_store<'env>(
    env: &'env Env,
    root: Unknown<'env>,
    given: Unknown<'env>,
) -> napi::Result<Unknown<'env>> {
    call::now(env, opening(root, given))
}

/// Opens a directory of databases, creating it when it is missing.
///
/// Off the main thread.
#[napi(ts_args_type = "root: string, options?: Abortable | null", ts_return_type = "Promise<Store>")]
pub fn open_store_async<'env>(
    env: &'env Env,
    root: Unknown<'env>,
    given: Unknown<'env>,
) -> napi::Result<Unknown<'env>> {
    call::later(env, opening(root, given))
}

fn opening<'a>(root: Unknown<'a>, given: Unknown<'a>) -> Result<Call<'a, vectlite::Store>> {
    let root = string(Place::Root("root"), root)?;
    let (NoOptions, signal) = options(given)?;
    Ok(Call::new(signal, move || Ok(vectlite::Store::open(root)?), store_out))
}

fn store_out(env: &Env, store: vectlite::Store) -> Result<Unknown<'_>> {
    let inner = Arc::new(Opened { store, closed: AtomicBool::new(false) });
    Ok(Store { inner }.into_unknown(env)?)
}

twins! { Store {
    /// Creates a collection, which must not exist; `options` must give its dimension.
    create_collection create_collection_async(name, options)
        "name: string, options: OpenOptions" "Database",
        "name: string, options: OpenOptions & Abortable" "Promise<Database>" = creating;

    /// Opens a collection for writing.
    open_collection open_collection_async(name, options)
        "name: string, options?: OpenOptions | null" "Database",
        "name: string, options?: (OpenOptions & Abortable) | null" "Promise<Database>" = opening_for_writing;

    /// Opens a collection for reading, beside its writer.
    open_collection_read_only open_collection_read_only_async(name, options)
        "name: string, options?: OpenOptions | null" "Database",
        "name: string, options?: (OpenOptions & Abortable) | null" "Promise<Database>" = opening_for_reading;

    /// Opens a collection for writing, creating it when it is missing.
    open_or_create_collection open_or_create_collection_async(name, options)
        "name: string, options?: OpenOptions | null" "Database",
        "name: string, options?: (OpenOptions & Abortable) | null" "Promise<Database>" = opening_or_creating;

    /// Removes a collection's files, which nothing may have open; whether there was one.
    drop_collection drop_collection_async(name, options)
        "name: string" "boolean", "name: string, options?: Abortable | null" "Promise<boolean>" = dropping;

    /// The names of the collections, sorted.
    collections collections_async(options)
        "" "string[]", "options?: Abortable | null" "Promise<string[]>" = listing;
} }

#[napi]
impl Store {
    /// Lets go of the directory; its databases stay open. Closing twice is fine; everything else is an error from here on.
    #[napi(ts_args_type = "", ts_return_type = "void")]
    pub fn close<'env>(&self, env: &'env Env, given: Unknown<'env>) -> napi::Result<Unknown<'env>> {
        call::now(env, self.closing(given))
    }

    /// Lets go of the directory; its databases stay open. Closing twice is fine; everything else is an error from here on.
    ///
    /// Off the main thread.
    #[napi(ts_args_type = "options?: Abortable | null", ts_return_type = "Promise<void>")]
    pub fn close_async<'env>(&self, env: &'env Env, given: Unknown<'env>) -> napi::Result<Unknown<'env>> {
        call::later(env, self.closing(given))
    }

    /// The absolute path of the directory.
    #[napi(getter)]
    pub fn root(&self, env: &Env) -> napi::Result<String> {
        let root = self.inner.store().map(|store| store.root().to_string_lossy().into_owned());
        root.map_err(|failure| failure.thrown(env))
    }
}

type Open = fn(&vectlite::Store, &str, vectlite::OpenOptions) -> vectlite::Result<vectlite::Database>;

impl Store {
    fn check_open(&self) -> Result<()> {
        self.inner.store().map(drop)
    }

    fn creating<'a>(
        &self,
        _: &Env,
        name: Unknown<'a>,
        given: Unknown<'a>,
    ) -> Result<Call<'a, vectlite::Database>> {
        self.opened_by(vectlite::Store::create_collection, name, given)
    }

    fn opening_for_writing<'a>(
        &self,
        _: &Env,
        name: Unknown<'a>,
        given: Unknown<'a>,
    ) -> Result<Call<'a, vectlite::Database>> {
        self.opened_by(vectlite::Store::open_collection, name, given)
    }

    fn opening_for_reading<'a>(
        &self,
        _: &Env,
        name: Unknown<'a>,
        given: Unknown<'a>,
    ) -> Result<Call<'a, vectlite::Database>> {
        self.opened_by(vectlite::Store::open_collection_read_only, name, given)
    }

    fn opening_or_creating<'a>(
        &self,
        _: &Env,
        name: Unknown<'a>,
        given: Unknown<'a>,
    ) -> Result<Call<'a, vectlite::Database>> {
        self.opened_by(vectlite::Store::open_or_create_collection, name, given)
    }

    fn opened_by<'a>(
        &self,
        open: Open,
        name: Unknown<'a>,
        given: Unknown<'a>,
    ) -> Result<Call<'a, vectlite::Database>> {
        let name = string(Place::Root("name"), name)?;
        let (options, signal) = options::<OpenOptions<'_>>(given)?;
        let (store, options) = (Arc::clone(&self.inner), opened_as(options)?);
        Ok(Call::new(signal, move || Ok(open(store.store()?, &name, options)?), database_out))
    }

    fn dropping<'a>(&self, _: &Env, name: Unknown<'a>, given: Unknown<'a>) -> Result<Call<'a, bool>> {
        let name = string(Place::Root("name"), name)?;
        let (NoOptions, signal) = options(given)?;
        let store = Arc::clone(&self.inner);
        Ok(Call::new(signal, move || Ok(store.store()?.drop_collection(&name)?), truth))
    }

    fn listing<'a>(&self, _: &Env, given: Unknown<'a>) -> Result<Call<'a, Vec<String>>> {
        let (NoOptions, signal) = options(given)?;
        let store = Arc::clone(&self.inner);
        Ok(Call::new(signal, move || Ok(store.store()?.collections()?), names))
    }

    fn closing<'a>(&self, given: Unknown<'a>) -> Result<Call<'a, ()>> {
        let (NoOptions, signal) = options(given)?;
        let store = Arc::clone(&self.inner);
        let close = move || {
            store.closed.store(true, Ordering::Release);
            Ok(())
        };
        Ok(Call::new(signal, close, nothing))
    }
}
