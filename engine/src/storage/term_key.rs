//! A term of a namespace as one string of bytes: what maps of terms in memory are keyed by, and looked up with.

use std::borrow::Borrow;
use std::sync::Arc;

use super::record::NamespaceId;

/// Ascending by namespace, then by term: the namespace in big endian, then the term's bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct TermKey(Arc<[u8]>);

impl TermKey {
    /// The bytes of a key.
    pub(crate) fn bytes(namespace: NamespaceId, term: &str) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(size_of::<NamespaceId>() + term.len());
        TermKey::write(namespace, term, &mut bytes);
        bytes
    }

    /// Appends the bytes of a key.
    pub(crate) fn write(namespace: NamespaceId, term: &str, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&namespace.to_be_bytes());
        bytes.extend_from_slice(term.as_bytes());
    }

    /// The namespace and the term.
    pub(crate) fn parts(&self) -> (NamespaceId, &str) {
        let (namespace, term) = self.0.split_first_chunk().unwrap_or((&[0; 4], &[]));
        (NamespaceId::from_be_bytes(*namespace), std::str::from_utf8(term).unwrap_or_default())
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

impl From<&[u8]> for TermKey {
    fn from(bytes: &[u8]) -> TermKey {
        TermKey(Arc::from(bytes))
    }
}

impl Borrow<[u8]> for TermKey {
    fn borrow(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_in_the_order_of_namespaces_and_terms() {
        let mut keys = Vec::new();
        for namespace in [0, 1, 255, 256, 70_000, u32::MAX] {
            for term in ["", "a", "a b", "ab", "z", "ä", "日本"] {
                let key = TermKey::from(TermKey::bytes(namespace, term).as_slice());
                assert_eq!(key.parts(), (namespace, term));
                keys.push(key);
            }
        }
        assert!(keys.is_sorted());
    }
}
