//! Tells the linker what an addon of Node needs.

use std::env;

fn main() {
    napi_build::setup();
    // What users get has no symbols and no line tables; on other systems the linker leaves those in files of their own. By an argument, as
    // `strip` of the profile would have everything that others share compiled once more.
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    if is("PROFILE", "release") && is("CARGO_CFG_TARGET_OS", "linux") {
        println!("cargo::rustc-link-arg-cdylib=-s");
    }
}
