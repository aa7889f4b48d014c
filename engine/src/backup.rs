//! Copies of a live database.

use std::path::Path;

use crate::error::{Error, ErrorKind, Result};
use crate::files::FileSystem;
use crate::storage::create::{self, Identity};
use crate::storage::paths::Paths;
use crate::storage::view::View;

/// Writes one consistent state to a file that must not exist. Its uuid is its own, so that no log of the original can
/// ever be taken for its log.
pub(crate) fn snapshot(view: &View, dest: &Path, files: &dyn FileSystem) -> Result<()> {
    let paths = Paths::of("dest", dest)?;
    for path in paths.all() {
        let facts = files
            .inspect(&path)
            .map_err(|error| Error::io(format!("could not look at {}", path.display()), error))?;
        if facts.is_some() {
            return Err(Error::new(
                ErrorKind::AlreadyExists,
                format!("{} already exists; give a path where there is no database", path.display()),
            ));
        }
    }
    if let Some(directory) = paths.vdb.parent() {
        create::directories(files, directory)?;
    }
    let identity = Identity {
        uuid: create::new_uuid()?,
        slot_epoch: 0,
        commit: view.commit,
        index_config: view.catalog.index_config,
    };
    create::copy(files, &paths.vdb, view, &identity)?;
    create::sync_name(files, &paths.vdb)
}
