//! The suites over the whole system, one module each.
//!
//! `cfg(test)` holds for all of this package; saying it of a module lets its helpers assert as its tests do, for
//! clippy.toml's exceptions go by the attribute.

#[cfg(test)]
mod bulk;
#[cfg(test)]
mod conformance;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod database;
#[cfg(test)]
mod durability;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod graph;
#[cfg(test)]
mod held;
#[cfg(test)]
mod power_cut;
#[cfg(test)]
mod processes;
#[cfg(test)]
mod read_view;
#[cfg(test)]
mod repository;
#[cfg(test)]
mod session_analyzer;
#[cfg(test)]
mod spaces;
#[cfg(test)]
mod text;
#[cfg(test)]
mod torn_log;
#[cfg(test)]
mod workload;
#[cfg(test)]
mod writers;
