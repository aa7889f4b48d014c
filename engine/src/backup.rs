//! Copies of a live database, and databases made of copies.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::database::Database;
use crate::error::{Error, ErrorKind, Result, guarded};
use crate::files::FileSystem;
use crate::index::dense::build::{self, SpaceState};
use crate::index::dense::graph::Graph;
use crate::index::dense::graphs::GraphSet;
use crate::index::dense::image::{self, Image};
use crate::options::OpenOptions;
use crate::storage::create::{self, Identity, NewSlots};
use crate::storage::lock::LockFile;
use crate::storage::open::ReaderFile;
use crate::storage::paths::{self, Paths};
use crate::storage::real_files::files_of;
use crate::storage::view::View;
use crate::verify::{VerifyOptions, verify_files};

/// Behind the path of a database that is being restored: what grows there, before it takes its place.
const RESTORING: &str = ".restoring";

/// What is copied: a state, and the graphs that go with it.
pub(crate) struct Original<'a> {
    pub(crate) view: &'a View,
    pub(crate) graphs: &'a GraphSet,
    pub(crate) paths: &'a Paths,
    pub(crate) files: &'a Arc<dyn FileSystem>,
}

impl Original<'_> {
    /// Writes it to files that must not exist. Their uuid is their own, so that no log of the original can ever be taken for theirs.
    pub(crate) fn snapshot(&self, dest: &Paths) -> Result<()> {
        let (view, files) = (self.view, self.files.as_ref());
        expect_nothing(dest, files)?;
        create_directory(&dest.vdb, files)?;
        let identity = Identity {
            uuid: create::random()?,
            slot_epoch: 0,
            commit: view.commit,
            index_config: view.catalog.index_config,
        };
        let new_slots = create::copy(files, &dest.vdb, view, &identity)?;
        create::sync_name(files, &dest.vdb)?;
        self.copy_graphs(&new_slots, dest)
    }

    /// The image of the copy: the same graphs under its slots.
    fn copy_graphs(&self, new_slots: &NewSlots, dest: &Paths) -> Result<()> {
        let graphs = build::renumbered(&self.worthy_graphs(), 0, new_slots);
        let copied: Vec<Arc<Graph>> = graphs.into_iter().map(Arc::new).collect();
        if copied.is_empty() {
            return Ok(());
        }
        let files = self.files.as_ref();
        let Some(file) = ReaderFile::open(files, &dest.vdb)? else { return Ok(()) };
        let copy = View::of(Arc::new(file.snapshot()?));
        image::write(files, &dest.ann, &copy, &copied).map(drop)
    }

    /// Graphs that would not be built anew at the next occasion. Right after opening none of them is compared with its checksums yet; then they
    /// are read again.
    fn worthy_graphs(&self) -> Vec<Arc<Graph>> {
        let view = self.view;
        let mut graphs: Vec<Arc<Graph>> = self.graphs.all(view.catalog.slot_epoch).cloned().collect();
        if graphs.iter().any(|graph| !graph.is_verified()) {
            let image = Image::open(self.files.as_ref(), &self.paths.ann, view).ok().flatten();
            let read = image.map(|image| image.verified_graphs(view)).unwrap_or_default();
            graphs = read.into_iter().map(Arc::new).collect();
        }
        graphs.retain(|graph| {
            let space = view.catalog.space_by_id(graph.space);
            space.is_some_and(|space| {
                let state = SpaceState::of(view, space, graph.index.frontier());
                !state.has_drifted(graph, &view.catalog.index_config)
            })
        });
        graphs
    }

    /// A snapshot in a directory, under the name that the database has; read again before its path is given.
    pub(crate) fn backup(&self, directory: &Path) -> Result<PathBuf> {
        let directory = paths::absolute("dest_dir", directory)?;
        let facts = inspect(&directory, self.files.as_ref())?;
        if facts.is_some_and(|facts| !facts.is_directory) {
            return Err(Error::invalid(format!(
                "dest_dir: {} is a file, expected a directory or nothing",
                directory.display()
            )));
        }
        let name = self.paths.vdb.file_name().unwrap_or(OsStr::new("backup.vdb"));
        let dest = Paths::of("dest_dir", &directory.join(name))?;
        self.snapshot(&dest)?;
        expect_sound(&dest, self.files)?;
        Ok(dest.vdb)
    }
}

/// Makes a database at `dest` of a backup, a snapshot or any other database, and opens it. `source` is its file, or the directory that
/// [`Database::backup`] wrote.
///
/// A database that is at `dest` already is replaced, if nobody has it open. The new one is written beside it and read again before it takes
/// its place, so a damaged source costs nothing. It is one of its own: no log and no graph of what was there before is ever taken for
/// its. Settings, indexes and graphs are those of the source.
///
/// # Errors
/// `NotFound` when there is no database at `source`; `LockContention` while somebody has the one at `dest` open; `InvalidArgument` when they are the same;
/// `Corruption`, `Storage`; those of [`Database::open`].
pub fn restore(source: impl AsRef<Path>, dest: impl AsRef<Path>, options: OpenOptions) -> Result<Database> {
    guarded(|| {
        let files = files_of(&options);
        let source = paths::absolute("source", source.as_ref())?;
        let from = Paths::of("source", &database_in(&source, files.as_ref())?)?;
        let to = Paths::of("dest", dest.as_ref())?;
        if from.vdb == to.vdb {
            return Err(Error::invalid(format!(
                "dest: {} is the source itself; give another path",
                to.vdb.display()
            )));
        }
        // Opened first, by the same options: without a source, or with one that they are not for, nothing is touched.
        let reading = options.clone().read_only(true);
        let source = Database::open(&from.vdb, reading)?;
        create_directory(&to.vdb, files.as_ref())?;
        let held = LockFile::exclusive(files.as_ref(), &to.lock)?;
        let growing = Paths::of("dest", &with_suffix(&to.vdb, RESTORING))?;
        // What an attempt that was cut off has left.
        remove_all(&growing, files.as_ref())?;
        source.snapshot(&growing.vdb)?;
        source.close()?;
        expect_sound(&growing, &files)?;
        // The old log goes first: a crash here leaves the old database without the commits that it had in its log, or the new one.
        create::remove(files.as_ref(), &to.wal)?;
        create::remove(files.as_ref(), &to.ann)?;
        create::sync_name(files.as_ref(), &to.vdb)?;
        rename(&growing.vdb, &to.vdb, files.as_ref())?;
        if inspect(&growing.ann, files.as_ref())?.is_some() {
            rename(&growing.ann, &to.ann, files.as_ref())?;
        }
        create::sync_name(files.as_ref(), &to.vdb)?;
        remove_all(&growing, files.as_ref())?;
        drop(held);
        Database::open(&to.vdb, options)
    })
}

/// The database that `source` is, or that is alone in that directory.
fn database_in(source: &Path, files: &dyn FileSystem) -> Result<PathBuf> {
    if !inspect(source, files)?.is_some_and(|facts| facts.is_directory) {
        return Ok(source.to_owned());
    }
    let names = files
        .list_directory(source)
        .map_err(|error| Error::io(format!("could not list the directory {}", source.display()), error))?;
    // Beside a database stand files whose names begin with its own.
    let is_database = |name: &&std::ffi::OsString| {
        !names.iter().any(|other| *name != other && is_beside(other, name))
            && inspect(&source.join(name), files)
                .is_ok_and(|facts| facts.is_some_and(|facts| !facts.is_directory))
    };
    let databases: Vec<_> = names.iter().filter(is_database).collect();
    match databases[..] {
        [name] => Ok(source.join(name)),
        [] => Err(Error::new(
            ErrorKind::NotFound,
            format!("source: there is no database in {}; give the path of a backup", source.display()),
        )),
        _ => Err(Error::invalid(format!(
            "source: there are {} files in {}; give the path of the one that is the backup",
            databases.len(),
            source.display()
        ))),
    }
}

/// Whether `name` is that of a file beside the database `of`.
fn is_beside(of: &OsStr, name: &OsStr) -> bool {
    let rest = name.as_encoded_bytes().strip_prefix(of.as_encoded_bytes());
    rest.is_some_and(|rest| [&b".wal"[..], b".ann", b".lock"].contains(&rest))
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// The copy holds what it must; one that does not, or of which nobody knows, is removed.
fn expect_sound(copy: &Paths, files: &Arc<dyn FileSystem>) -> Result<()> {
    let report = verify_files(copy, files, &VerifyOptions::new(), None);
    let sound = report.and_then(|report| report.check().map_err(|error| error.context("the copy")));
    match sound {
        // Reading it has made a lock file, which belongs to nobody.
        Ok(()) => create::remove(files.as_ref(), &copy.lock),
        Err(error) => {
            // The error that is to be told is this one.
            let _ = remove_all(copy, files.as_ref());
            Err(error)
        }
    }
}

fn create_directory(of: &Path, files: &dyn FileSystem) -> Result<()> {
    of.parent().map_or(Ok(()), |directory| create::directories(files, directory))
}

fn inspect(path: &Path, files: &dyn FileSystem) -> Result<Option<crate::files::FileFacts>> {
    files.inspect(path).map_err(|error| Error::io(format!("could not look at {}", path.display()), error))
}

fn rename(from: &Path, to: &Path, files: &dyn FileSystem) -> Result<()> {
    files.rename(from, to).map_err(|error| Error::io(format!("could not rename to {}", to.display()), error))
}

/// Removes what there is of a database.
pub(crate) fn remove_all(paths: &Paths, files: &dyn FileSystem) -> Result<()> {
    paths.all().iter().try_for_each(|path| create::remove(files, path))
}

/// There is no file of a database at these paths.
pub(crate) fn expect_nothing(paths: &Paths, files: &dyn FileSystem) -> Result<()> {
    for path in paths.all() {
        if inspect(&path, files)?.is_some() {
            return Err(Error::new(
                ErrorKind::AlreadyExists,
                format!("{} already exists; give a path where there is no database", path.display()),
            ));
        }
    }
    Ok(())
}
