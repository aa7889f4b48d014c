//! The suites over the whole system, one module each.
//!
//! `cfg(test)` holds for all of this package; saying it of a module lets its helpers assert as its tests do, for
//! clippy.toml's exceptions go by the attribute.

#[cfg(test)]
mod abort;
#[cfg(test)]
mod attached;
#[cfg(test)]
mod backup;
#[cfg(test)]
mod bulk;
#[cfg(test)]
mod conformance;
#[cfg(test)]
#[cfg(unix)]
mod crafted;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod damage;
#[cfg(test)]
mod database;
#[cfg(test)]
mod durability;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod graph;
#[cfg(test)]
mod held;
#[cfg(test)]
mod model;
#[cfg(test)]
mod power_cut;
#[cfg(test)]
mod processes;
#[cfg(test)]
mod read_only_media;
#[cfg(test)]
mod read_view;
#[cfg(test)]
mod repository;
#[cfg(test)]
mod salvage;
#[cfg(test)]
mod session_analyzer;
#[cfg(test)]
mod slow_repair;
#[cfg(test)]
mod space;
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
