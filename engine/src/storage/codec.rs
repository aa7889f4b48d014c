//! Bytes of table values and log records: little endian, varints, length-checked reads, a CRC over key and value.
//!
//! Every value in `.vdb` is *sealed*: `crc32 (u32) | body`, where the checksum covers the table's name, the encoded
//! key and the body. A value that was altered, or that stands under a key it was not written for, does not open.

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::limits::MAX_DEPTH;
use crate::value::Metadata;

/// Bytes in front of every sealed value.
pub(crate) const SEAL_BYTES: usize = 4;

/// Appends to a byte vector in the project's encoding.
#[derive(Debug, Default)]
pub(crate) struct Encoder {
    bytes: Vec<u8>,
}

impl Encoder {
    pub(crate) fn new() -> Encoder {
        Encoder::default()
    }

    /// An encoder whose bytes start with room for a seal; finish with [`Encoder::seal`].
    pub(crate) fn sealed() -> Encoder {
        Encoder { bytes: vec![0; SEAL_BYTES] }
    }

    pub(crate) fn u8(&mut self, value: u8) -> &mut Self {
        self.bytes.push(value);
        self
    }

    pub(crate) fn u16(&mut self, value: u16) -> &mut Self {
        self.bytes.extend_from_slice(&value.to_le_bytes());
        self
    }

    pub(crate) fn u32(&mut self, value: u32) -> &mut Self {
        self.bytes.extend_from_slice(&value.to_le_bytes());
        self
    }

    pub(crate) fn u64(&mut self, value: u64) -> &mut Self {
        self.bytes.extend_from_slice(&value.to_le_bytes());
        self
    }

    pub(crate) fn f32(&mut self, value: f32) -> &mut Self {
        self.u32(value.to_bits())
    }

    pub(crate) fn f64(&mut self, value: f64) -> &mut Self {
        self.u64(value.to_bits())
    }

    /// LEB128: seven bits a byte, the lowest first, the top bit set on all but the last.
    pub(crate) fn varint(&mut self, mut value: u64) -> &mut Self {
        while value >= 0x80 {
            self.bytes.push((value as u8) | 0x80);
            value >>= 7;
        }
        self.bytes.push(value as u8);
        self
    }

    /// A varint length, then the bytes.
    pub(crate) fn bytes(&mut self, value: &[u8]) -> &mut Self {
        self.varint(value.len() as u64);
        self.raw(value)
    }

    pub(crate) fn string(&mut self, value: &str) -> &mut Self {
        self.bytes(value.as_bytes())
    }

    pub(crate) fn raw(&mut self, value: &[u8]) -> &mut Self {
        self.bytes.extend_from_slice(value);
        self
    }

    /// The components, four bytes each, without a length.
    pub(crate) fn floats(&mut self, values: &[f32]) -> &mut Self {
        append_floats(&mut self.bytes, values);
        self
    }

    /// MessagePack, length first.
    pub(crate) fn metadata(&mut self, metadata: &Metadata) -> Result<&mut Self> {
        let encoded = encode_metadata(metadata)?;
        Ok(self.bytes(&encoded))
    }

    /// Makes room for so many more bytes: one allocation instead of one at each doubling.
    pub(crate) fn reserve(&mut self, bytes: usize) -> &mut Self {
        self.bytes.reserve(bytes);
        self
    }

    /// What was appended so far.
    pub(crate) fn written(&self) -> &[u8] {
        &self.bytes
    }

    /// Forgets what was appended behind the first `len` bytes.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.bytes.truncate(len);
    }

    /// Forgets everything, and keeps memory for at most so many bytes of the next.
    pub(crate) fn recycle(&mut self, kept: usize) {
        self.bytes.clear();
        self.bytes.shrink_to(kept);
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Writes the checksum into the room that [`Encoder::sealed`] left.
    pub(crate) fn seal(mut self, table: &str, key: &[u8]) -> Vec<u8> {
        let crc = checksum(table, key, self.bytes.get(SEAL_BYTES..).unwrap_or_default());
        if let Some(seal) = self.bytes.get_mut(..SEAL_BYTES) {
            seal.copy_from_slice(&crc.to_le_bytes());
        }
        self.bytes
    }
}

/// CRC-32 (ISO-HDLC) over a table's name, a key and a body, so that a value cannot pass under another key.
pub(crate) fn checksum(table: &str, key: &[u8], body: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(table.as_bytes());
    hasher.update(key);
    hasher.update(body);
    hasher.finalize()
}

/// Opens a sealed value: the body, or `Corruption` naming table and key.
pub(crate) fn unseal<'a>(table: &str, key: &[u8], value: &'a [u8]) -> Result<&'a [u8]> {
    let (seal, body) = value.split_at_checked(SEAL_BYTES).ok_or_else(|| damaged(table, key))?;
    if seal == checksum(table, key, body).to_le_bytes() { Ok(body) } else { Err(damaged(table, key)) }
}

/// The error for a stored value that fails its checksum.
pub(crate) fn damaged(table: &str, key: &[u8]) -> Error {
    let key = String::from_utf8_lossy(key).chars().flat_map(char::escape_default).collect::<String>();
    Error::corruption(format!(
        "the value in table {table:?} under key \"{key}\" fails its checksum; restore a backup or run verify"
    ))
}

/// Reads the project's encoding; every length is checked against what is left before anything is allocated.
#[derive(Debug)]
pub(crate) struct Decoder<'a> {
    rest: &'a [u8],
    /// What is being read, for the error message.
    what: &'static str,
}

impl<'a> Decoder<'a> {
    pub(crate) fn new(what: &'static str, bytes: &'a [u8]) -> Decoder<'a> {
        Decoder { rest: bytes, what }
    }

    pub(crate) fn malformed(&self) -> Error {
        Error::corruption(format!("{} has a valid checksum but malformed content; run verify", self.what))
    }

    pub(crate) fn raw(&mut self, len: usize) -> Result<&'a [u8]> {
        let (head, tail) = self.rest.split_at_checked(len).ok_or_else(|| self.malformed())?;
        self.rest = tail;
        Ok(head)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let bytes = self.raw(N)?;
        bytes.try_into().map_err(|_| self.malformed())
    }

    pub(crate) fn u8(&mut self) -> Result<u8> {
        Ok(u8::from_le_bytes(self.array()?))
    }

    pub(crate) fn u16(&mut self) -> Result<u16> {
        Ok(u16::from_le_bytes(self.array()?))
    }

    pub(crate) fn u32(&mut self) -> Result<u32> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    pub(crate) fn u64(&mut self) -> Result<u64> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    pub(crate) fn f32(&mut self) -> Result<f32> {
        Ok(f32::from_bits(self.u32()?))
    }

    pub(crate) fn f64(&mut self) -> Result<f64> {
        Ok(f64::from_bits(self.u64()?))
    }

    pub(crate) fn varint(&mut self) -> Result<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.u8()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(self.malformed())
    }

    /// A varint that must be a count of items of at least `item_bytes` each that still fit into the rest.
    pub(crate) fn count(&mut self, item_bytes: usize) -> Result<usize> {
        let count = usize::try_from(self.varint()?).map_err(|_| self.malformed())?;
        if count.checked_mul(item_bytes.max(1)).is_none_or(|bytes| bytes > self.rest.len()) {
            return Err(self.malformed());
        }
        Ok(count)
    }

    pub(crate) fn bytes(&mut self) -> Result<&'a [u8]> {
        let len = self.count(1)?;
        self.raw(len)
    }

    pub(crate) fn string(&mut self) -> Result<&'a str> {
        let bytes = self.bytes()?;
        std::str::from_utf8(bytes).map_err(|_| self.malformed())
    }

    pub(crate) fn floats(&mut self, count: usize) -> Result<Vec<f32>> {
        let bytes = self.raw(count.checked_mul(4).ok_or_else(|| self.malformed())?)?;
        Ok(decode_floats(bytes))
    }

    pub(crate) fn metadata(&mut self) -> Result<Metadata> {
        let bytes = self.bytes()?;
        decode_metadata(bytes).ok_or_else(|| self.malformed())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// What was not read yet, for a decoder of its own.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Nothing may be left.
    pub(crate) fn finish(self) -> Result<()> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.malformed()) }
    }
}

/// The components as little-endian bytes.
pub(crate) fn append_floats(bytes: &mut Vec<u8>, values: &[f32]) {
    if cfg!(target_endian = "little") {
        bytes.extend_from_slice(bytemuck::cast_slice(values));
    } else {
        bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    }
}

/// Little-endian f32 components from bytes of any alignment.
pub(crate) fn decode_floats(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks::<4>().0.iter().map(|chunk| f32::from_le_bytes(*chunk)).collect()
}

/// Metadata as MessagePack.
pub(crate) fn encode_metadata(metadata: &Metadata) -> Result<Vec<u8>> {
    if metadata.is_empty() {
        return Ok(Vec::new());
    }
    /// What most metadata fits into; less would be allocated again and again as it grows.
    const USUAL_BYTES: usize = 256;
    let mut encoded = Vec::with_capacity(USUAL_BYTES);
    rmp_serde::encode::write(&mut encoded, metadata)
        .map_err(|error| Error::invalid(format!("metadata cannot be encoded: {error}")))?;
    Ok(encoded)
}

/// The inverse of [`encode_metadata`]; `None` for bytes it never wrote.
pub(crate) fn decode_metadata(bytes: &[u8]) -> Option<Metadata> {
    if bytes.is_empty() {
        return Some(Metadata::new());
    }
    let mut deserializer = rmp_serde::Deserializer::from_read_ref(bytes);
    // No deeper than what may be written, so that whoever walks a tree that was read may call itself for each level.
    deserializer.set_max_depth(MAX_DEPTH + 1);
    Metadata::deserialize(&mut deserializer).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{self, Value};

    #[test]
    fn a_sealed_value_opens_only_under_its_table_and_key() {
        let mut encoder = Encoder::sealed();
        encoder.string("hello").u32(7);
        let value = encoder.seal("t", b"key");
        assert!(unseal("t", b"key", &value).is_ok());
        assert!(unseal("u", b"key", &value).is_err());
        assert!(unseal("t", b"kez", &value).is_err());
        for index in 0..value.len() {
            let mut flipped = value.clone();
            flipped[index] ^= 1;
            assert!(unseal("t", b"key", &flipped).is_err(), "flip at byte {index} went unnoticed");
        }
        for len in 0..value.len() {
            assert!(unseal("t", b"key", &value[..len]).is_err(), "cut at {len} went unnoticed");
        }
    }

    #[test]
    fn numbers_and_strings_round_trip() {
        let mut encoder = Encoder::new();
        for value in [0, 1, 127, 128, 300, u64::from(u32::MAX), u64::MAX] {
            encoder.varint(value);
        }
        encoder.string("naïve").floats(&[1.5, -0.0]).f64(2.5).u16(9);
        let bytes = encoder.into_bytes();
        let mut decoder = Decoder::new("test", &bytes);
        for value in [0, 1, 127, 128, 300, u64::from(u32::MAX), u64::MAX] {
            assert_eq!(decoder.varint().unwrap(), value);
        }
        assert_eq!(decoder.string().unwrap(), "naïve");
        assert_eq!(decoder.floats(2).unwrap(), [1.5, -0.0]);
        assert_eq!(decoder.f64().unwrap(), 2.5);
        assert_eq!(decoder.u16().unwrap(), 9);
        decoder.finish().unwrap();
    }

    #[test]
    fn metadata_is_read_as_deep_as_it_may_be_written() {
        for depth in [1, MAX_DEPTH - 1, MAX_DEPTH, MAX_DEPTH + 1, 10 * MAX_DEPTH] {
            let inner = (1..depth).fold(Value::Null, |inner, _| Value::from(vec![inner]));
            let metadata = Metadata::from([("a".to_owned(), inner)]);
            // A map of one entry, lists of one element, nil.
            let bytes = [b"\x81\xa1a".to_vec(), vec![0x91; depth - 1], vec![0xC0]].concat();
            let expected = value::validate(&metadata).is_ok().then_some(metadata);
            assert_eq!(expected.is_some(), depth <= MAX_DEPTH, "{depth} levels");
            assert_eq!(decode_metadata(&bytes), expected, "{depth} levels");
        }
    }

    #[test]
    fn a_count_larger_than_the_rest_allocates_nothing() {
        let mut encoder = Encoder::new();
        encoder.varint(u64::MAX / 2);
        let bytes = encoder.into_bytes();
        assert!(Decoder::new("test", &bytes).bytes().is_err());
        assert!(Decoder::new("test", &bytes).count(1).is_err());
    }
}
