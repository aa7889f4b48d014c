//! The addon behind the npm package.
