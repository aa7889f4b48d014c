//! The documentation of the module: the docstrings of the stub, so that `help()`, a notebook and an editor show one text.
//!
//! Each goes into a file of its own, `docs/Class.method` in the output folder, which `doc!` in `src/lib.rs` reads.

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Where the stub is: beside the crate in the repository, above it in a source distribution, whose root maturin makes the package's.
const STUBS: [&str; 2] = ["python/vectlite/_core.pyi", "../../python/vectlite/_core.pyi"];

const QUOTES: &str = "\"\"\"";

fn main() -> io::Result<()> {
    let crate_root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let docs = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("docs");
    let stub = STUBS.iter().map(|stub| crate_root.join(stub)).find(|stub| stub.is_file());
    let stub = stub.ok_or_else(|| io::Error::other(format!("expected the stub at one of {STUBS:?}")))?;
    println!("cargo::rerun-if-changed={}", stub.display());
    fs::create_dir_all(&docs)?;
    write_docs(&fs::read_to_string(&stub)?, &docs)
}

/// Writes every docstring of a stub under the name of what it describes.
fn write_docs(stub: &str, docs: &Path) -> io::Result<()> {
    let mut lines = stub.lines().skip_while(|line| !line.starts_with("def ") && !line.starts_with("class "));
    let (mut class, mut name) = (String::new(), String::new());
    while let Some(line) = lines.next() {
        let text = line.trim_start();
        if let Some(of) = line.strip_prefix("class ") {
            class = identifier(of).to_owned();
            name.clone_from(&class);
        } else if let Some(of) = line.strip_prefix("def ") {
            class.clear();
            identifier(of).clone_into(&mut name);
        } else if let Some(of) = text.strip_prefix("def ") {
            name = format!("{class}.{}", identifier(of));
        } else if let Some(first) = text.strip_prefix(QUOTES) {
            let indentation = line.len() - text.len();
            let doc = match first.strip_suffix(QUOTES) {
                Some(whole) => whole.to_owned(),
                None => {
                    let rest = lines.by_ref().take_while(|line| line.trim() != QUOTES);
                    let rest = rest.map(|line| line.get(indentation..).unwrap_or_default());
                    [first].into_iter().chain(rest).collect::<Vec<_>>().join("\n")
                }
            };
            fs::write(docs.join(&name), doc)?;
        }
    }
    Ok(())
}

fn identifier(text: &str) -> &str {
    text.split(|sign: char| !sign.is_alphanumeric() && sign != '_').next().unwrap_or_default()
}
