//! Stems by the Snowball algorithms.

use rust_stemmers::{Algorithm, Stemmer};

use super::rewrite::Rewrite;

#[derive(Clone, Copy)]
pub(super) struct Stem(pub(super) Algorithm);

impl Rewrite for Stem {
    fn rewrite(&self, text: &mut String, buffer: &mut String) {
        buffer.clear();
        buffer.push_str(&Stemmer::create(self.0).stem(text));
        std::mem::swap(text, buffer);
    }
}
