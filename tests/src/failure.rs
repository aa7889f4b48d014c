//! How a file operation fails.

use std::io;

/// What is done to files and their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operation {
    /// A file was opened. In a journal: created, too.
    Open,
    /// A file got this name.
    Rename,
    /// A name went.
    Remove,
    /// Somebody looked what is under a name.
    Inspect,
    /// The names in a directory were listed.
    List,
    /// A directory was made.
    CreateDirectories,
    /// The names in a directory were synced.
    SyncDirectory,
    /// The length was asked for.
    Len,
    /// Bytes were read.
    Read,
    /// Bytes were written.
    Write,
    /// The length was set.
    SetLen,
    /// The contents were synced.
    Sync,
    /// A lock was taken or asked for.
    Lock,
    /// A lock was given back, which systems do not fail: it would end with its handle only, and others wait for it till then.
    Unlock,
}

impl Operation {
    /// Whether it changes or syncs what is on the medium.
    pub fn is_change(self) -> bool {
        !matches!(
            self,
            Operation::Open
                | Operation::Inspect
                | Operation::List
                | Operation::Len
                | Operation::Read
                | Operation::Lock
                | Operation::Unlock
        )
    }
}

/// One way to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// `EIO`; nothing is done.
    Io,
    /// `ENOSPC`; of a write, the first half is done, unless it is a small one.
    Full,
    /// `EINTR`; nothing is done.
    Interrupted,
    /// `EACCES`; nothing is done.
    Denied,
    /// A write that is not a small one is half done, then `EIO`.
    Short,
    /// A sync ends with `EIO`, and the system takes what it should have written for written: only what is written again
    /// reaches the medium by a later sync.
    LostSync,
}

impl Failure {
    /// All of them.
    pub const ALL: [Failure; 6] = [
        Failure::Io,
        Failure::Full,
        Failure::Interrupted,
        Failure::Denied,
        Failure::Short,
        Failure::LostSync,
    ];

    /// Whether this operation fails in this way.
    pub fn concerns(self, operation: Operation) -> bool {
        match self {
            Failure::Io | Failure::Interrupted => operation != Operation::Unlock,
            Failure::Full => operation.is_change() || operation == Operation::Open,
            Failure::Denied => matches!(
                operation,
                Operation::Open
                    | Operation::Rename
                    | Operation::Remove
                    | Operation::Inspect
                    | Operation::List
                    | Operation::CreateDirectories
            ),
            Failure::Short => operation == Operation::Write,
            Failure::LostSync => operation == Operation::Sync,
        }
    }

    /// What the operating system says.
    pub fn error(self) -> io::Error {
        let kind = match self {
            Failure::Full => io::ErrorKind::StorageFull,
            Failure::Interrupted => io::ErrorKind::Interrupted,
            Failure::Denied => io::ErrorKind::PermissionDenied,
            Failure::Io | Failure::Short | Failure::LostSync => io::ErrorKind::Other,
        };
        io::Error::new(kind, format!("{self:?}, as the test wants it"))
    }
}
