//! Changes to bytes that are sound: from them a fuzzer gets further than from bytes of its own.

use super::input::Input;

/// Changes per input: more of them make less sense, and take longer.
const MOST: usize = 32;

/// Changes `bytes` as the input says, until it ends.
pub(super) fn edit(bytes: &mut Vec<u8>, input: &mut Input<'_>) {
    for _ in 0..MOST {
        if input.is_empty() {
            return;
        }
        let (operation, place) = (input.u8(), input.u16() as usize);
        // Small values are changed everywhere, large ones near their beginning, or anywhere at steps.
        let step = if operation & 0x80 == 0 { 1 } else { bytes.len() / (1 << 16) + 1 };
        let at = (place * step).checked_rem(bytes.len()).unwrap_or(0);
        match operation & 7 {
            0 => overwrite(bytes, at, &[input.u8()]),
            1 => overwrite(bytes, at, &input.u16().to_le_bytes()),
            2 => overwrite(bytes, at, &input.u32().to_le_bytes()),
            3 => overwrite(bytes, at, &input.u64().to_le_bytes()),
            4 => bytes.truncate(at),
            5 => {
                bytes.splice(at..at, input.short().iter().copied());
            }
            6 => {
                let end = (at + usize::from(input.u8())).min(bytes.len());
                bytes.drain(at..end);
            }
            _ => bytes.extend_from_slice(input.short()),
        }
    }
}

/// Puts a part in the place of what stands there, as far as it fits.
pub(super) fn overwrite(bytes: &mut [u8], at: usize, part: &[u8]) {
    let place = bytes.iter_mut().skip(at);
    place.zip(part).for_each(|(byte, new)| *byte = *new);
}

/// The body of a value that stands behind a checksum: of the fuzzer's own bytes, or the stored one with changes.
pub(super) fn body(stored: &[u8], input: &mut Input<'_>) -> Vec<u8> {
    if input.u8().is_multiple_of(4) {
        return input.rest().to_vec();
    }
    let mut body = stored.to_vec();
    edit(&mut body, input);
    body
}
