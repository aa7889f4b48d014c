//! Numbers and bytes out of what a fuzzer gives. Nothing fails: behind the end there are zeros.

/// What is left of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    /// All of it.
    pub(super) fn new(bytes: &'a [u8]) -> Input<'a> {
        Input(bytes)
    }

    /// Whether nothing is left.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next bytes, at most so many.
    pub(super) fn bytes(&mut self, most: usize) -> &'a [u8] {
        let (bytes, rest) = self.0.split_at(most.min(self.0.len()));
        self.0 = rest;
        bytes
    }

    /// Everything that is left.
    pub(super) fn rest(&mut self) -> &'a [u8] {
        self.bytes(usize::MAX)
    }

    fn array<const N: usize>(&mut self) -> [u8; N] {
        let mut array = [0; N];
        let bytes = self.bytes(N);
        array[..bytes.len()].copy_from_slice(bytes);
        array
    }

    /// The next byte.
    pub(super) fn u8(&mut self) -> u8 {
        u8::from_le_bytes(self.array())
    }

    /// The next two bytes.
    pub(super) fn u16(&mut self) -> u16 {
        u16::from_le_bytes(self.array())
    }

    /// The next four bytes.
    pub(super) fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.array())
    }

    /// The next eight bytes.
    pub(super) fn u64(&mut self) -> u64 {
        u64::from_le_bytes(self.array())
    }

    /// The next four bytes as a number of any kind, NaN among them.
    pub(super) fn f32(&mut self) -> f32 {
        f32::from_bits(self.u32())
    }

    /// The next byte, and so many bytes behind it.
    pub(super) fn short(&mut self) -> &'a [u8] {
        let len = self.u8();
        self.bytes(usize::from(len))
    }

    /// A short text; what is not UTF-8 becomes a mark.
    pub(super) fn text(&mut self) -> String {
        String::from_utf8_lossy(self.short()).into_owned()
    }

    /// One of these.
    pub(super) fn choose<'c, T>(&mut self, choices: &'c [T]) -> &'c T {
        let at = usize::from(self.u8()) % choices.len();
        &choices[at]
    }
}
