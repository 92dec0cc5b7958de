//! A ticket: leave for one person to enter the credential of one rotation on the sealing page, for a short time.
//!
//! It is encrypted and authenticated under the Worker's own key, so whoever holds one learns nothing from it and cannot
//! make another. What it says is believed; everything else is asked again when it is shown.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};

use crate::domain::names::{PersonId, RotationId};
use crate::domain::time::Timestamp;

const NONCE: usize = 24;
/// What the ticket is for: one for anything else would not open.
const PURPOSE: &[u8] = b"pbi-rotate ticket v1: enter the credential\0";
/// How long after its end a ticket still tells its person what became of what was sent with it. From then on it is worth
/// no more than a text that anybody could make up: links stay in chats and browsers for years.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);
/// No ticket is longer.
const LONGEST: usize = 400;

/// Leave to enter a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Of which rotation.
    pub rotation: RotationId,
    /// For whom.
    pub person: PersonId,
    /// Until when.
    pub until: Timestamp,
}

/// Why a text is no ticket, or not any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TicketError {
    /// Not one of ours, or altered, or its time has long been over.
    Invalid,
    /// Its time is over, for less than a day.
    Expired(Ticket),
}

impl Ticket {
    /// The ticket as text for the fragment of a URL; `None` never for a key of 32 bytes. `nonce` has to be random.
    pub fn write(&self, key: &[u8; 32], nonce: [u8; NONCE]) -> Option<String> {
        let mut plain = self.until.0.to_be_bytes().to_vec();
        plain.extend_from_slice(self.rotation.as_str().as_bytes());
        plain.extend_from_slice(self.person.as_str().as_bytes());
        let payload = Payload { msg: &plain, aad: PURPOSE };
        let sealed = cipher(key).encrypt(XNonce::from_slice(&nonce), payload).ok()?;
        let mut whole = nonce.to_vec();
        whole.extend_from_slice(&sealed);
        Some(URL_SAFE_NO_PAD.encode(whole))
    }

    /// The ticket that a text is.
    ///
    /// # Errors
    /// When it is none of ours, or its time is over.
    pub fn read(text: &str, key: &[u8; 32], now: Timestamp) -> Result<Self, TicketError> {
        let ticket = (text.len() <= LONGEST).then(|| open(text, key)).flatten().ok_or(TicketError::Invalid)?;
        match ticket.until {
            until if now < until => Ok(ticket),
            until if now < until + KEPT => Err(TicketError::Expired(ticket)),
            _ => Err(TicketError::Invalid),
        }
    }
}

fn open(text: &str, key: &[u8; 32]) -> Option<Ticket> {
    let whole = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (nonce, sealed) = whole.split_at_checked(NONCE)?;
    let payload = Payload { msg: sealed, aad: PURPOSE };
    let plain = cipher(key).decrypt(XNonce::from_slice(nonce), payload).ok()?;
    let (until, rest) = plain.split_at_checked(8)?;
    let (rotation, person) = rest.split_at_checked(16)?;
    Some(Ticket {
        rotation: RotationId::parse(std::str::from_utf8(rotation).ok()?).ok()?,
        person: PersonId::parse(std::str::from_utf8(person).ok()?).ok()?,
        until: Timestamp(i64::from_be_bytes(until.try_into().ok()?)),
    })
}

fn cipher(key: &[u8; 32]) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(Key::from_slice(key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::vault::Vaulted;
    use crate::domain::credential::Entered;

    fn ticket() -> Ticket {
        Ticket {
            rotation: RotationId::from_bits([7; 10]),
            person: PersonId::slack("W0ANA").unwrap(),
            until: Timestamp(1_000),
        }
    }

    #[test]
    fn a_ticket_is_good_for_its_time_and_under_its_key() {
        let text = ticket().write(&[1; 32], [9; NONCE]).unwrap();
        assert_eq!(Ticket::read(&text, &[1; 32], Timestamp(999)), Ok(ticket()));
        assert_eq!(Ticket::read(&text, &[1; 32], Timestamp(1_000)), Err(TicketError::Expired(ticket())));
        let kept = Timestamp(1_000) + KEPT;
        assert_eq!(Ticket::read(&text, &[1; 32], Timestamp(kept.0 - 1)), Err(TicketError::Expired(ticket())));
        assert_eq!(Ticket::read(&text, &[1; 32], kept), Err(TicketError::Invalid), "long over");
        assert_eq!(Ticket::read(&text, &[2; 32], Timestamp(0)), Err(TicketError::Invalid));
        assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'), "it goes into a URL");
    }

    #[test]
    fn nothing_else_is_a_ticket() {
        let text = ticket().write(&[1; 32], [9; NONCE]).unwrap();
        let mut altered = text.clone().into_bytes();
        altered[40] ^= 1;
        let vaulted = Vaulted::close(&Entered::new(), &[1; 32], &ticket().rotation, [9; NONCE]).unwrap();
        let vaulted = crate::codec::record::write(&vaulted);
        let cases = ["", "x", &text[..text.len() - 4], &text[..30], &"A".repeat(500), vaulted.trim_matches('"')];
        for case in cases.into_iter().chain([std::str::from_utf8(&altered).unwrap()]) {
            assert_eq!(Ticket::read(case, &[1; 32], Timestamp(0)), Err(TicketError::Invalid), "{case}");
        }
    }
}
