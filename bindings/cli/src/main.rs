//! The binary `vectlite`.

use std::io::Write;
use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;

use vectlite_cli::{Streams, run};

/// As in the packages of Python and Node: a bulk load allocates in one thread what another frees.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // The engine turns a panic over a damaged file into an error, which is one line; the hook would write many before it.
    panic::set_hook(Box::new(|_| {}));
    let mut streams = Streams::of_process();
    let ran = panic::catch_unwind(AssertUnwindSafe(|| run(std::env::args_os().skip(1), &mut streams)));
    ExitCode::from(ran.unwrap_or_else(|payload| {
        let text = payload.downcast_ref::<String>().map(String::as_str);
        let what = text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("no message");
        let _ = writeln!(streams.errors, "error: vectlite has a bug, please report it: {what}");
        1
    }))
}
