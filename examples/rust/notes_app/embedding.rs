//! Texts as vectors, by their words and the beginnings and ends of these, hashed (Weinberger et al. 2009, "Feature Hashing for Large Scale
//! Multitask Learning"): related forms of a word come near each other. It stands in for a model, which an application would ask
//! here; nothing else depends on how it is done.

/// Length of the vectors.
pub(crate) const DIMENSION: usize = 256;
/// Letters of the beginnings and ends.
const PART: usize = 4;

pub(crate) fn embed(text: &str) -> Vec<f32> {
    let mut vector = vec![0.0; DIMENSION];
    for word in text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let word = word.to_lowercase();
        let letters: Vec<char> = word.chars().collect();
        let part = |letters: &[char]| letters.iter().collect::<String>();
        add(&word, 1.0, &mut vector);
        if letters.len() > PART {
            add(&format!("{}-", part(&letters[..PART])), 0.5, &mut vector);
            add(&format!("-{}", part(&letters[letters.len() - PART..])), 0.5, &mut vector);
        }
    }
    // A text without words has a direction, too: under cosine zero would be similar to nothing, not even to itself.
    if vector.iter().all(|number| *number == 0.0) {
        vector[0] = 1.0;
    }
    vector
}

/// Half of the features count negatively, so that those that meet by chance cancel out.
fn add(feature: &str, weight: f32, vector: &mut [f32]) {
    // FNV-1a, 64 bits.
    let hash = feature.bytes().fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
    });
    let sign = if hash >> 63 == 0 { 1.0 } else { -1.0 };
    vector[(hash % DIMENSION as u64) as usize] += sign * weight;
}
