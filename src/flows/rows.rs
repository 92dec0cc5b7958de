//! The rows a rotation object keeps, by name.
//!
//! Secrets have rows of their own, so that deleting the row deletes the secret: the entered credential encrypted
//! under the Worker's key, and each destination's ciphertexts.

use crate::codec::record::{CardCopy, Notice, Record, SealedRow, read, write};
use crate::codec::vault::Vaulted;
use crate::domain::rotation::Rotation;
use crate::ports::{Shelf, Unanswered};

const ROTATION: &str = "rotation";
const CARDS: &str = "cards";
const CREDENTIAL: &str = "credential";
const NOTICE: &str = "notice";

/// A rotation object's shelf.
pub struct Rows<'a, S>(pub &'a S);

impl<S: Shelf> Rows<'_, S> {
    /// The rotation, once opened.
    pub fn rotation(&self) -> Result<Option<Rotation>, Unanswered> {
        self.get(ROTATION)
    }

    /// Keeps the rotation.
    pub fn put_rotation(&self, rotation: &Rotation) -> Result<(), Unanswered> {
        self.put(ROTATION, rotation)
    }

    /// Where its cards are.
    pub fn cards(&self) -> Result<Vec<CardCopy>, Unanswered> {
        Ok(self.get(CARDS)?.unwrap_or_default())
    }

    /// Keeps where its cards are.
    pub fn put_cards(&self, cards: Vec<CardCopy>) -> Result<(), Unanswered> {
        self.put(CARDS, &cards)
    }

    /// The entered credential, while it is needed.
    pub fn credential(&self) -> Result<Option<Vaulted>, Unanswered> {
        self.get(CREDENTIAL)
    }

    /// Keeps the entered credential.
    pub fn put_credential(&self, credential: &Vaulted) -> Result<(), Unanswered> {
        self.put(CREDENTIAL, credential)
    }

    /// Forgets the entered credential.
    pub fn delete_credential(&self) -> Result<(), Unanswered> {
        self.0.delete(CREDENTIAL)
    }

    /// The ciphertexts of a destination, while they are needed.
    pub fn sealed(&self, at: usize) -> Result<Option<SealedRow>, Unanswered> {
        self.get(&sealed_key(at))
    }

    /// Keeps the ciphertexts of a destination.
    pub fn put_sealed(&self, at: usize, sealed: &SealedRow) -> Result<(), Unanswered> {
        self.put(&sealed_key(at), sealed)
    }

    /// Forgets the ciphertexts of a destination.
    pub fn delete_sealed(&self, at: usize) -> Result<(), Unanswered> {
        self.0.delete(&sealed_key(at))
    }

    /// How far telling the register has come.
    pub fn notice(&self) -> Result<Option<Notice>, Unanswered> {
        self.get(NOTICE)
    }

    /// Keeps how far telling the register has come.
    pub fn put_notice(&self, notice: Notice) -> Result<(), Unanswered> {
        self.put(NOTICE, &notice)
    }

    fn get<T: Record>(&self, key: &str) -> Result<Option<T>, Unanswered> {
        self.0.get(key)?.map(|text| read(&text).map_err(|_| Unanswered)).transpose()
    }

    fn put(&self, key: &str, value: &dyn Record) -> Result<(), Unanswered> {
        self.0.put(key, &write(value))
    }
}

fn sealed_key(at: usize) -> String {
    format!("sealed/{at}")
}
