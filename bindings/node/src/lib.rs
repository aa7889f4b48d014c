//! The addon behind the npm package: converts arguments, calls the engine, converts results.
//!
//! | file | is |
//! |---|---|
//! | `database` | the class `Database`: opening, writing, reading, upkeep |
//! | `search` | what a search is asked for |
//! | `rerank` | which order do hits come in, if a function of the caller's decides |
//! | `read_view` | the class `ReadView`: one state of a database |
//! | `index_config` | how graphs are configured |
//! | `bulk` | bulk loads |
//! | `transaction` | the class `Transaction` |
//! | `collections` | the class `Store` |
//! | `backup` | a database of a copy |
//! | `verify` | whether a database is sound, what can be saved of it |
//! | `analyzers` | the class `Analyzer` |
//! | `command_line` | what `npx vectlite` runs |
//! | `functions` | functions of JavaScript as steps of one |
//! | `error` | from `ErrorKind` to the classes of errors |
//! | `convert` | JavaScript values in and out |
//! | `call` | one call as a method and as its `Async` twin |
//! | `seats` | how much of the machine searches may take |
//! | `hooks` | what is asked of the package's JavaScript |

#![expect(unreachable_pub, reason = "what the macros of napi export has to be public")]

mod analyzers;
mod backup;
mod bulk;
mod call;
mod collections;
mod command_line;
mod convert;
mod database;
mod error;
mod functions;
mod hooks;
mod index_config;
mod read_view;
mod rerank;
mod search;
mod seats;
mod transaction;
mod verify;

/// What is allocated in one thread and freed in another is most of a bulk load: engine/docs/design.md has what this one saves.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
