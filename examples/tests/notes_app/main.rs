//! The application with notes, killed while it works.

#[path = "../../rust/notes_app/churn.rs"]
#[expect(dead_code, reason = "the application takes the steps, the test only knows what comes of them")]
mod churn;
#[path = "../../rust/notes_app/embedding.rs"]
mod embedding;
#[cfg(test)]
mod kills;
#[path = "../../rust/notes_app/notes.rs"]
#[expect(dead_code, reason = "the application changes and searches notes, the test checks them")]
mod notes;

use std::error::Error;

/// What the application's functions return.
type Outcome<T> = Result<T, Box<dyn Error>>;
