//! `vectlite export`: records into a file.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use indicatif::ProgressBar;
use serde::Serialize;
use tempfile::{Builder, NamedTempFile};
use vectlite::ReadView;

use crate::failure::{Failure, Outcome};
use crate::format::{self, Format};
use crate::opening;
use crate::selection::Selection;
use crate::terminal::{Terminal, Unit};

/// Bytes that are written to the operating system at a time.
const BUFFER_BYTES: usize = 128 << 10;

/// Write records to a file: JSONL, CSV or Parquet
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vectlite export notes.vdb notes.parquet
  vectlite export notes.vdb work.csv --namespace work --no-vectors
  vectlite export notes.vdb - --format csv | head

What is written, import reads back to equal records. In CSV and Parquet, metadata, sparse and vectors are columns of JSON; vector is a list
of floats in Parquet and JSON in CSV, where empty_text is true for a text that is there and empty. A file that exists is
replaced when the new one is whole. All records are of one moment, whatever is written meanwhile. Tables of an application's own (kv_put) are no records, and not among them.

Answer: {\"exported\": 42}; none when the file is -, which is stdout.")]
pub(crate) struct Export {
    /// The database file
    #[arg(value_name = "DB")]
    path: PathBuf,
    /// The file that is written; - for stdout
    file: PathBuf,
    /// What the file is to be; its name says so otherwise
    #[arg(long)]
    format: Option<Format>,
    #[command(flatten)]
    selection: Selection,
    /// Leave out vector and vectors
    #[arg(long)]
    no_vectors: bool,
}

#[derive(Serialize)]
struct Answer {
    exported: u64,
}

impl Export {
    pub(crate) fn run(&self, terminal: &mut Terminal<'_>) -> Outcome {
        let format = Format::of(self.format, &self.file)?;
        let db = opening::for_reading(&self.path)?;
        let view = db.read_view()?;
        let total = view.count(self.selection.namespace.as_deref(), self.selection.filter()?.as_ref())?;
        let bar = terminal.progress("exporting", Some(total), Unit::Records);
        if format::is_stream(&self.file) {
            return self.write(format, &view, &mut terminal.streams.output, &bar).map(drop);
        }
        let exported = self.to_file(format, &view, &bar)?;
        bar.finish_and_clear();
        terminal.answer(&Answer { exported })
    }

    fn to_file(&self, format: Format, view: &ReadView, bar: &ProgressBar) -> Outcome<u64> {
        let name = self.file.display();
        // Of a pipe or a device there is no new one to put in its place.
        if self.file.metadata().is_ok_and(|file| !file.is_file()) {
            let opened = File::options().write(true).open(&self.file);
            let file = opened.map_err(|error| Failure::io(format_args!("could not open {name}"), &error))?;
            return self.write(format, view, BufWriter::with_capacity(BUFFER_BYTES, file), bar);
        }
        let beside = beside(&self.file)
            .map_err(|error| Failure::io(format_args!("could not create a file beside {name}"), &error))?;
        let out = BufWriter::with_capacity(BUFFER_BYTES, beside.as_file());
        let exported = self.write(format, view, out, bar)?;
        beside.as_file().sync_all().map_err(|error| Failure::writing(&name, &error))?;
        beside.persist(&self.file).map_err(|error| Failure::writing(&name, &error.error))?;
        Ok(exported)
    }

    fn write(
        &self,
        format: Format,
        view: &ReadView,
        out: impl Write + Send,
        bar: &ProgressBar,
    ) -> Outcome<u64> {
        let mut sink = format::write_to(format, out, !self.no_vectors)?;
        let mut exported = 0;
        for record in self.selection.records(view)? {
            sink.write(&record?)?;
            exported += 1;
            bar.inc(1);
        }
        sink.finish()?;
        Ok(exported)
    }
}

/// A file in the same directory: what is there stays until the new one is whole.
fn beside(file: &Path) -> io::Result<NamedTempFile> {
    let directory = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // As any new file; without this it would be the owner's only.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.prefix(".vectlite-export").tempfile_in(directory)
}
