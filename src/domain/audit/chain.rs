//! The chain of the audit: every entry's hash covers its text and the hash before it, so nothing can be changed alone.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

/// SHA-256 as 64 digits of lower-case hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hash(String);

impl Hash {
    /// The hash with these digits; `None` when they are not such digits.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        (text.len() == 64 && digits).then(|| Self(text.to_owned()))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A place in the chain: how many entries there were up to here, and the hash that stands for all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The number of the last entry, counted from 1.
    pub number: u64,
    /// Its hash.
    pub hash: Hash,
}

impl Link {
    /// Before the first entry: a hash of zeros.
    pub fn beginning() -> Self {
        Self { number: 0, hash: Hash("0".repeat(64)) }
    }

    /// The link of the entry that follows: the hash is that of the digits before it and the entry's text.
    pub fn then(&self, text: &str) -> Self {
        let digest = Sha256::new_with_prefix(&self.hash.0).chain_update(text).finalize();
        let mut digits = String::with_capacity(64);
        for byte in digest {
            let _ = write!(digits, "{byte:02x}");
        }
        Self { number: self.number + 1, hash: Hash(digits) }
    }
}

/// An entry as it is kept: what is hashed is its text, to the letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its number, counted from 1.
    pub number: u64,
    /// Its hash, as it stands there.
    pub hash: String,
    /// Its text.
    pub text: String,
}

/// What is wrong with the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Entry `.0` does not follow from those before it: it, or the one before, was changed or exchanged.
    Tampered(u64),
    /// Entry `.0` is not there, though later ones are.
    Missing(u64),
    /// Entry `.0` and all after it are not there, though they were written.
    CutOff(u64),
    /// Entry `.0` is there, though fewer were written; or the record of how many were is gone.
    Surplus(u64),
    /// The entries follow from each other up to `.0`, but that is not the end that was recorded.
    Head(u64),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_covers_the_text_and_all_before_it() {
        let first = Link::beginning().then("one");
        // printf '%064d%s' 0 one | sha256sum
        let by_hand = "b627d25a115ae30803a86662d383ae7f16947a9443c4b7938ee3c0e20f5f3778";
        assert_eq!((first.number, first.hash.as_str()), (1, by_hand));
        let second = first.then("two");
        assert_eq!(second.number, 2);
        assert_ne!(second.hash, Link::beginning().then("two").hash);
        assert_ne!(second.hash, Link::beginning().then("onetwo").hash);
    }

    #[test]
    fn a_hash_is_64_digits() {
        let good = "0123456789abcdef".repeat(4);
        assert_eq!(Hash::parse(&good).as_ref().map(Hash::as_str), Some(good.as_str()));
        for bad in ["", &good[1..], &good.to_uppercase(), &format!("{}g", &good[1..])] {
            assert_eq!(Hash::parse(bad), None, "{bad}");
        }
    }
}
