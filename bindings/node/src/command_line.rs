//! The command line, for `npx vectlite`.

use napi_derive::napi;
use vectlite_cli::Streams;

/// Runs a command on the streams of the process; returns the exit code. Not a part of the package's interface.
#[napi(js_name = "runCommand", skip_typescript)]
pub fn run_command(arguments: Vec<String>) -> u32 {
    vectlite_cli::run(arguments, &mut Streams::of_process()).into()
}
