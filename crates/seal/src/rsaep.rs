//! The RSA encryption primitive (RFC 8017, section 5.1.1), made for the short exponents of public keys.
//!
//! `rsa`'s own power, `BigUint::modpow`, is made for private keys: it tabulates 16 powers first and multiplies by one
//! of them every four bits. Plain squaring needs a third of the multiplications for 65537. Division is slow in `rsa`,
//! so products are reduced by Barrett's method (Handbook of Applied Cryptography, section 14.3.3), which divides once.
//! Together that takes a third of the time in Wasm (docs/performance.md). The time depends a little on the number,
//! which is new and random at every call.

use rsa::{BigUint, RsaPublicKey, traits::PublicKeyParts as _};
use zeroize::Zeroizing;

/// The block, read as a number smaller than the modulus, to the power of the exponent; as long as the modulus.
pub(crate) fn encrypt(key: &RsaPublicKey, block: &[u8]) -> Vec<u8> {
    // `from_bytes_be` would leave a reversed copy of the block in memory.
    let reversed = Zeroizing::new(block.iter().rev().copied().collect::<Vec<u8>>());
    let number = Zeroizing::new(BigUint::from_bytes_le(&reversed));
    let digits = power(&number, key.e(), key.n()).to_bytes_be();
    [vec![0; key.size() - digits.len()], digits].concat()
}

/// `base` must be smaller than `modulus`.
fn power(base: &BigUint, exponent: &BigUint, modulus: &BigUint) -> Zeroizing<BigUint> {
    let modulus = Modulus::new(modulus);
    let mut power = Zeroizing::new(BigUint::from(1_u32));
    for byte in exponent.to_bytes_be() {
        for bit in (0..8).rev() {
            power = modulus.product(&power, &power);
            if byte >> bit & 1 == 1 {
                power = modulus.product(&power, base);
            }
        }
    }
    power
}

/// A modulus of `bits` bits and its reciprocal, `4^bits / modulus` rounded down.
struct Modulus<'a> {
    modulus: &'a BigUint,
    bits: usize,
    reciprocal: BigUint,
}

impl<'a> Modulus<'a> {
    fn new(modulus: &'a BigUint) -> Modulus<'a> {
        let bits = modulus.bits();
        let reciprocal = (BigUint::from(1_u32) << (2 * bits)) / modulus;
        Modulus { modulus, bits, reciprocal }
    }

    /// The remainder of `a * b`, both of which are smaller than the modulus. What is made on the way is wiped: any of
    /// it would give the number away.
    fn product(&self, a: &BigUint, b: &BigUint) -> Zeroizing<BigUint> {
        let mut rest = Zeroizing::new(a * b);
        let high = Zeroizing::new(&*rest >> (self.bits - 1));
        let scaled = Zeroizing::new(&*high * &self.reciprocal);
        // Right, or too small by one or two.
        let quotient = Zeroizing::new(&*scaled >> (self.bits + 1));
        *rest -= &*Zeroizing::new(&*quotient * self.modulus);
        while *rest >= *self.modulus {
            *rest -= self.modulus;
        }
        rest
    }
}

#[cfg(test)]
mod tests {
    use super::{BigUint, Modulus, RsaPublicKey, encrypt, power};
    use proptest::{collection::vec, prelude::*};

    proptest! {
        #[test]
        fn the_power_is_rsas(
            modulus in vec(any::<u8>(), 1..300),
            base in vec(any::<u8>(), 1..300),
            exponent in any::<u32>(),
        ) {
            // Odd and not 1: what may be a modulus, and what `modpow` takes.
            let modulus = BigUint::from_bytes_be(&modulus) * 2_u32 + 3_u32;
            let base = BigUint::from_bytes_be(&base) % &modulus;
            let exponent = BigUint::from(exponent);
            prop_assert_eq!(&*power(&base, &exponent, &modulus), &base.modpow(&exponent, &modulus));
        }
    }

    #[test]
    fn every_small_square_has_the_right_remainder() {
        // Among them the quotients that are too small by two, such as that of 139 * 139 / 141.
        for modulus in (3_u32..256).step_by(2) {
            for number in 0..modulus {
                let (n, a) = (BigUint::from(modulus), BigUint::from(number));
                assert_eq!(
                    *Modulus::new(&n).product(&a, &a),
                    (number * number % modulus).into(),
                    "{number} % {modulus}"
                );
            }
        }
    }

    #[test]
    fn the_power_is_right_at_the_edges_of_digits() {
        for bits in [31, 32, 33, 63, 64, 65, 1024, 2047, 2048, 2049] {
            let top = BigUint::from(1_u32) << bits;
            for modulus in [&top - 1_u32, &top - 3_u32, &top + 1_u32, &top + 3_u32, &top * 3_u32 / 2_u32 + 1_u32] {
                for base in [BigUint::from(0_u32), BigUint::from(1_u32), &modulus / 2_u32, &modulus - 1_u32] {
                    for exponent in [3_u32, 0x1_0001].map(BigUint::from) {
                        let power = power(&base, &exponent, &modulus);
                        assert_eq!(*power, base.modpow(&exponent, &modulus), "{base} ^ {exponent} % {modulus}");
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
