//! The built binary, as a new user meets it: from a folder with nothing in it.
//!
//! | question | file |
//! |---|---|
//! | how is it run here, what does a database for it hold | [`folder`] |
//! | does help suffice | [`help`] |
//! | is what is wrong told in one line | [`bad_input`] |
//! | does a file hold what the database holds | [`round_trip`] |
//! | what do files of others become | [`import`] |
//! | what do typed columns become | [`parquet`] |
//! | are answers those of the library, under the names of Python | [`answers`] |
//! | pipes, and writers beside | [`processes`] |
//! | does the main job work without setup, is a database measured | [`demo`] |

#[cfg(test)]
mod answers;
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod demo;
#[cfg(test)]
mod folder;
#[cfg(test)]
mod help;
#[cfg(test)]
mod import;
#[cfg(test)]
#[cfg(feature = "parquet")]
mod parquet;
#[cfg(test)]
mod processes;
#[cfg(test)]
mod round_trip;
