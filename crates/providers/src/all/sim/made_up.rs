//! Values that look random and are not: the same words always give the same value, in every process.

const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// FNV-1a over the words, which are kept apart from each other.
pub(super) fn number(words: &[&str]) -> u64 {
    fnv(words.iter().flat_map(|word| word.bytes().chain([0])))
}

/// FNV-1a over bytes.
pub(super) fn number_of(bytes: &[u8]) -> u64 {
    fnv(bytes.iter().copied())
}

fn fnv(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Letters and digits, `length` of them.
pub(super) fn token(words: &[&str], length: usize) -> String {
    let mut state = number(words);
    let mut draw = || {
        state = scramble(state);
        char::from(ALPHABET[usize::try_from(state % 62).unwrap_or_default()])
    };
    (0..length).map(|_| draw()).collect()
}

/// So many bytes.
pub(super) fn bytes(words: &[&str], length: usize) -> Vec<u8> {
    let mut state = number(words);
    let mut draw = || {
        state = scramble(state);
        state.to_be_bytes()[0]
    };
    (0..length).map(|_| draw()).collect()
}

/// A number of exactly `digits` digits (at most 18), as text.
pub(super) fn digits(words: &[&str], digits: u32) -> String {
    let floor = 10_u64.pow(digits.clamp(1, 18) - 1);
    (floor + scramble(number(words)) % (9 * floor)).to_string()
}

/// One step of SplitMix64: FNV alone leaves its low bits too regular to pick letters by.
const fn scramble(state: u64) -> u64 {
    let mixed = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_words_give_the_same_value() {
        assert_eq!(token(&["a", "b"], 43), token(&["a", "b"], 43));
        assert_ne!(token(&["a", "b"], 43), token(&["ab"], 43));
        assert_eq!(token(&["a"], 43).len(), 43);
    }

    #[test]
    fn numbers_have_as_many_digits_as_asked_for() {
        for word in ["", "a", "acme.com", "jane@acme.com"] {
            assert_eq!(digits(&[word], 15).len(), 15, "{word}");
        }
    }
}
