//! Lower case, as Unicode maps it.

use super::rewrite::Rewrite;

#[derive(Debug, Clone, Copy)]
pub(super) struct Lowercase;

impl Rewrite for Lowercase {
    fn rewrite(&self, text: &mut String, _: &mut String) {
        if text.is_ascii() {
            text.make_ascii_lowercase();
        } else {
            *text = text.to_lowercase();
        }
    }
}
