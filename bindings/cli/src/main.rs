//! The binary `vectlite`.

use std::process::ExitCode;

use vectlite_cli::{Streams, run};

/// As in the packages of Python and Node: a bulk load allocates in one thread what another frees.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    ExitCode::from(run(std::env::args_os().skip(1), &mut Streams::of_process()))
}
