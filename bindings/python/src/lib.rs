//! The extension module behind the Python package: arguments are converted, the engine is called, results are
//! converted back.
//!
//! | question | file |
//! |---|---|
//! | how a call leaves the interpreter and comes back | [`call`] |
//! | which exception an error becomes | [`error`] |
//! | how Python objects become what the engine takes, and back | [`convert`] |
//! | how a database is opened | [`options`] |
//! | how graphs are configured | [`index_config`] |
//! | what can be done with it | [`database`], [`search`], [`bulk`] |
//! | how is somebody told how far it is | [`progress`] |
//! | which order do hits come in, if a function of the caller's decides | [`rerank`] |
//! | one state of it, for a while | [`read_view`] |
//! | several operations as one commit | [`transaction`] |
//! | a directory of databases | [`collections`] |
//! | a database of a copy | [`backup`] |
//! | whether a database is sound, what can be saved of it | [`verify`] |
//! | from text to terms | [`analyzers`] |
//! | what the engine has to say | [`messages`] |
//! | how a notebook shows what is open | [`notebook`] |
//! | the command line | [`command_line`] |
//! | names that are looked up again and again | [`names`] |

#![expect(clippy::doc_lazy_continuation, reason = "the documentation of the stub is not in Rust's markup")]

/// The docstring that the stub has for something, such as `"Database.search"`.
macro_rules! doc {
    ($name:literal) => {
        include_str!(concat!(env!("OUT_DIR"), "/docs/", $name))
    };
}

mod analyzers;
mod backup;
mod bulk;
mod call;
mod collections;
mod command_line;
mod convert;
mod database;
mod error;
mod index_config;
mod messages;
mod names;
mod notebook;
mod options;
mod progress;
mod read_view;
mod rerank;
mod search;
mod transaction;
mod verify;

/// What is allocated in one thread and freed in another is most of a bulk load: engine/docs/design.md has what this one saves.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The native part of `vectlite`; what is public is re-exported there.
#[pyo3::pymodule]
mod _core {
    #[pymodule_export]
    use super::analyzers::{Analyzer, sparse_terms};
    #[pymodule_export]
    use super::backup::restore;
    #[pymodule_export]
    use super::collections::{Store, open_store};
    #[pymodule_export]
    use super::command_line::run_command;
    #[pymodule_export]
    use super::database::keys::Keys;
    #[pymodule_export]
    use super::database::{Database, open};
    #[pymodule_export]
    use super::error::error_classes;
    #[pymodule_export]
    use super::read_view::ReadView;
    #[pymodule_export]
    use super::transaction::Transaction;
    #[pymodule_export]
    use super::verify::verify;

    /// The version of the package, which is that of the engine.
    #[pymodule_export]
    #[expect(non_upper_case_globals, reason = "Python's name for it")]
    const __version__: &str = env!("CARGO_PKG_VERSION");

    #[pymodule_init]
    fn init(module: &pyo3::Bound<'_, pyo3::types::PyModule>) -> pyo3::PyResult<()> {
        super::names::make(module.py());
        super::messages::listen();
        Ok(())
    }
}
