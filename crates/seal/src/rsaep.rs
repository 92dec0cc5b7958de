//! The RSA encryption primitive (RFC 8017, section 5.1.1), made for the short exponents of public keys.
//!
//! `rsa`'s own power, `BigUint::modpow`, is made for private keys: it tabulates 16 powers first and multiplies by one
//! of them every four bits. Plain squaring needs a third of the multiplications for 65537, and Montgomery's product
//! (Handbook of Applied Cryptography, section 14.3.2) does without division. So the Worker carries none of the
//! arithmetic of large numbers in `rsa`, and sealing takes a quarter of the time (docs/performance.md).
//!
//! Numbers are digits of 32 bits, the lowest first, and all as long as the modulus: Wasm multiplies 32 bits by 32.
//! Which steps are taken depends on the key alone, never on the number. Every buffer is wiped.

use std::iter::zip;

use rsa::{RsaPublicKey, traits::PublicKeyParts as _};
use zeroize::Zeroizing;

/// Wiped: any step on the way would give the number away.
type Digits = Zeroizing<Vec<u32>>;

/// The block, read as a number, to the power of the exponent; as long as the modulus. The number must be smaller than
/// the modulus, and the exponent odd, at least 3 and of 32 bits at most, as in every [`crate::GatewayKey`].
pub(crate) fn encrypt(key: &RsaPublicKey, block: &[u8]) -> Vec<u8> {
    let modulus = Modulus::new(&key.n().to_bytes_be());
    let number = digits(block, modulus.digits.len());
    let exponent = key.e().to_bytes_be().into_iter().fold(0, |number, byte| number << 8 | u32::from(byte));
    let bytes: Vec<u8> = modulus.power(&number, exponent).iter().rev().flat_map(|digit| digit.to_be_bytes()).collect();
    bytes.into_iter().skip(modulus.digits.len() * 4 - key.size()).collect()
}

/// `len` digits of an unsigned big-endian number.
fn digits(bytes: &[u8], len: usize) -> Digits {
    let mut digits = Zeroizing::new(vec![0; len]);
    for (digit, bytes) in zip(digits.iter_mut(), bytes.rchunks(4)) {
        *digit = bytes.iter().fold(0, |digit, byte| digit << 8 | u32::from(*byte));
    }
    digits
}

/// An odd modulus `n`, the product of Montgomery for it, and what that needs. `R` is the power of two just beyond its
/// digits, `2^(32 * digits)`.
struct Modulus {
    digits: Digits,
    /// `-1 / n` modulo `2^32`.
    inverse: u32,
}

impl Modulus {
    fn new(bytes: &[u8]) -> Modulus {
        let digits = digits(bytes, bytes.len().div_ceil(4));
        let lowest = digits.first().copied().unwrap_or_default();
        // Newton's iteration: an odd number is its own inverse modulo 8, and each turn doubles the bits that are right.
        let inverse = (0..4).fold(lowest, |x, _| x.wrapping_mul(2_u32.wrapping_sub(lowest.wrapping_mul(x))));
        Modulus { digits, inverse: inverse.wrapping_neg() }
    }

    /// The number, smaller than `n`, to the power of an odd exponent of at least 3.
    fn power(&self, number: &[u32], exponent: u32) -> Digits {
        // Times `R`, which every product below takes away once.
        let base = self.product(number, &self.r_squared());
        let mut power = base.clone();
        // The highest bit is what `power` starts from.
        for bit in (1..32).rev().map(|bit| exponent >> bit & 1).skip_while(|bit| *bit == 0).skip(1) {
            power = self.product(&power, &power);
            if bit == 1 {
                power = self.product(&power, &base);
            }
        }
        // The lowest bit is 1: multiplying by the number itself rather than by `base` leaves the power without `R`.
        self.product(&self.product(&power, &power), number)
    }

    /// `R * R` modulo `n`: doubling gives `R * 2^digits`, and five squarings of that make it `R * 2^(32 * digits)`.
    fn r_squared(&self) -> Digits {
        let mut power = Zeroizing::new(vec![0; self.digits.len()]);
        // The highest power of two below `n`, and how often it is to be doubled.
        let mut doublings = self.digits.len() + 1;
        if let (Some(power), Some(highest)) = (power.last_mut(), self.digits.last()) {
            let spare = highest.leading_zeros();
            *power = 1 << (31 - spare);
            doublings += spare as usize;
        }
        for _ in 0..doublings {
            let mut carry = 0;
            for digit in power.iter_mut() {
                (*digit, carry) = (*digit << 1 | carry, *digit >> 31);
            }
            self.reduce(&mut power, carry);
        }
        (0..5).fold(power, |power, _| self.product(&power, &power))
    }

    /// `a * b / R` modulo `n`, for `a` and `b` smaller than `n`. For every digit of `b`, `a` times the digit is added,
    /// and as much of `n` as makes the lowest digit of the sum 0, which is then dropped. Both happen in one pass. The
    /// sum stays smaller than `2 * n`.
    fn product(&self, a: &[u32], b: &[u32]) -> Digits {
        let mut sum = Zeroizing::new(vec![0; a.len()]);
        let mut top = 0;
        let lowest_of_a = a.first().copied().unwrap_or_default();
        for &digit in b {
            let lowest = sum.first().copied().unwrap_or_default();
            let multiple = digit.wrapping_mul(lowest_of_a).wrapping_add(lowest).wrapping_mul(self.inverse);
            let (mut carry, mut carry_of_n) = (0, 0);
            // Every digit goes to the place below its own, the lowest, which is 0, to none.
            let mut dropped = 0;
            let mut below = &mut dropped;
            for ((place, &a), &n) in zip(zip(sum.iter_mut(), a), self.digits.iter()) {
                // Neither can overflow: (2^32 - 1)^2 + 2 * (2^32 - 1) = 2^64 - 1.
                let with_a = u64::from(a) * u64::from(digit) + u64::from(*place) + carry;
                carry = with_a >> 32;
                let with_n = u64::from(n) * u64::from(multiple) + u64::from(with_a as u32) + carry_of_n;
                carry_of_n = with_n >> 32;
                *below = with_n as u32;
                below = place;
            }
            let highest = carry + carry_of_n + top;
            *below = highest as u32;
            top = highest >> 32;
        }
        self.reduce(&mut sum, top as u32);
        sum
    }

    /// Takes `n` away once, unless the number is smaller; `top` is the number's digit above the others. What is taken
    /// away is masked rather than left out, so that the time is the same.
    fn reduce(&self, number: &mut [u32], top: u32) {
        let smaller = zip(&*number, self.digits.iter()).fold(0, |borrow, (&a, &n)| subtract(a, n, borrow).1);
        let mask = (smaller & !top).wrapping_sub(1);
        let mut borrow = 0;
        for (digit, n) in zip(number, self.digits.iter()) {
            (*digit, borrow) = subtract(*digit, n & mask, borrow);
        }
    }
}

/// `a - b - borrow`, and 1 if that borrows in turn.
fn subtract(a: u32, b: u32, borrow: u32) -> (u32, u32) {
    let difference = u64::from(a).wrapping_sub(u64::from(b) + u64::from(borrow));
    (difference as u32, (difference >> 63) as u32)
}

#[cfg(test)]
mod tests {
    use super::{RsaPublicKey, encrypt};
    use proptest::{collection::vec, prelude::*};
    use rsa::BigUint;

    /// Checks a power against that of `rsa`.
    fn check(number: &BigUint, exponent: u32, modulus: &BigUint) {
        let exponent = BigUint::from(exponent);
        let key = RsaPublicKey::new_unchecked(modulus.clone(), exponent.clone());
        let power = encrypt(&key, &number.to_bytes_be());
        assert_eq!(power.len(), modulus.bits().div_ceil(8));
        assert_eq!(
            BigUint::from_bytes_be(&power),
            number.modpow(&exponent, modulus),
            "{number} ^ {exponent} % {modulus}"
        );
    }

    /// Digits as they come, and those at which carries are made.
    fn digit() -> impl Strategy<Value = u32> {
        prop_oneof![any::<u32>(), Just(0), Just(1), Just(u32::MAX)]
    }

    fn exponent() -> impl Strategy<Value = u32> {
        prop_oneof![Just(3), Just(17), Just(0x1_0001), Just(u32::MAX), (1..=u32::MAX / 2).prop_map(|half| 2 * half + 1)]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn the_power_is_rsas_for_keys(
            bits in prop_oneof![Just(1024), Just(2048), Just(3072), Just(4096)],
            modulus in vec(digit(), 128),
            number in vec(digit(), 128),
            exponent in exponent(),
        ) {
            let modulus = (power_of_two(bits - 1) + BigUint::new(modulus) % power_of_two(bits - 1)) | BigUint::from(1_u32);
            check(&(BigUint::new(number) % &modulus), exponent, &modulus);
        }
    }

    proptest! {
        #[test]
        fn the_power_is_rsas_for_every_length(
            modulus in vec(digit(), 1..20),
            number in vec(digit(), 1..20),
            exponent in exponent(),
        ) {
            // Odd and not 1.
            let modulus = BigUint::new(modulus) * 2_u32 + 3_u32;
            check(&(BigUint::new(number) % &modulus), exponent, &modulus);
        }
    }

    fn power_of_two(bits: usize) -> BigUint {
        BigUint::from(1_u32) << bits
    }

    #[test]
    fn every_power_modulo_a_byte_is_right() {
        for modulus in (3_u32..256).step_by(2) {
            for number in 0..modulus {
                check(&number.into(), 3, &modulus.into());
            }
        }
    }

    #[test]
    fn the_power_is_right_at_the_edges_of_digits() {
        for bits in [31, 32, 33, 63, 64, 65, 1024, 2047, 2048, 2049] {
            let top = power_of_two(bits);
            for modulus in [&top - 1_u32, &top - 3_u32, &top + 1_u32, &top + 3_u32, &top * 3_u32 / 2_u32 + 1_u32] {
                for number in [0_u32.into(), 1_u32.into(), &modulus / 2_u32, &modulus - 1_u32] {
                    for exponent in [3, 0x1_0001] {
                        check(&number, exponent, &modulus);
                    }
                }
            }
        }
    }

    #[test]
    fn a_small_power_is_as_long_as_the_modulus() {
        let key = RsaPublicKey::new(BigUint::from_bytes_be(&[0x8d; 256]), 3_u32.into()).unwrap();
        let mut eight = vec![0; 256];
        eight[255] = 8;
        assert_eq!(encrypt(&key, &[0, 2]), eight);
    }
}
