//! What the crate promises, held against vectors made by Microsoft's encryptors and against every refusal.

#![cfg(test)]

mod corpus;
mod keys;
mod plaintext;
mod shapes;
mod vectors;
