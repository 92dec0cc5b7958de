//! Checked names: a value of one of these types is well formed.

use std::fmt;

/// Why a text is not the name it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameError {
    /// Not a target's name.
    Target,
    /// Not a GUID.
    Guid,
    /// Not a rotation's id.
    Rotation,
    /// Not a person.
    Person,
    /// Not a room.
    Room,
    /// Not the name of a time zone.
    Zone,
    /// Not the name of a secret manager.
    Source,
    /// Not a code.
    Code,
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Target => {
                "a target's name is 1 to 63 of a-z, 0-9 and '-', and begins and ends with a letter or digit"
            }
            Self::Guid => "a GUID looks like 1f69e798-5852-4fdd-ab01-33bb14b6e934",
            Self::Rotation => "a rotation's id is 16 letters and digits",
            Self::Person => {
                "a person is written slack:U…, slack:W… or entra:<object id>, a group slack:S… or entra-group:<object id>"
            }
            Self::Source => {
                "a secret manager's name is 1 to 40 of a-z, 0-9 and '-', and begins and ends with a letter or digit"
            }
            Self::Code => "a code is 1 to 120 letters, digits and '._-'",
            Self::Zone => "a time zone is named as in Europe/Vienna, or UTC",
            Self::Room => "a room is written slack:C…, slack:G…, slack:D… or teams:19:…@thread.tacv2",
        })
    }
}

impl std::error::Error for NameError {}

macro_rules! checked_text {
    ($(#[$doc:meta])* $name:ident, $error:expr, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Checks the text.
            ///
            /// # Errors
            /// When the text is not of this form.
            pub fn parse(text: &str) -> Result<Self, NameError> {
                let check: fn(&str) -> Option<String> = $check;
                check(text).map(Self).ok_or($error)
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

checked_text!(
    /// The name people type: `sales-db`. A DNS label in lower case.
    TargetName,
    NameError::Target,
    |text| label(text, 63)
);

checked_text!(
    /// The name of a secret manager in the catalog: `prod-vault`. Shorter than a DNS label, as a variable's name is made of it.
    SourceName,
    NameError::Source,
    |text| label(text, 40)
);

checked_text!(
    /// A GUID, kept in lower case: gateways, data sources, connections, members, tenants.
    Guid,
    NameError::Guid,
    |text| {
        let shape = text.len() == 36
            && text.bytes().enumerate().all(|(at, b)| match at {
                8 | 13 | 18 | 23 => b == b'-',
                _ => b.is_ascii_hexdigit(),
            });
        shape.then(|| text.to_ascii_lowercase())
    }
);

checked_text!(
    /// A rotation's id: 80 random bits as 16 characters of Crockford's base 32.
    RotationId,
    NameError::Rotation,
    |text| {
        let body = text.bytes().all(|b| CROCKFORD.contains(&b));
        (text.len() == 16 && body).then(|| text.to_owned())
    }
);

checked_text!(
    /// A person by the id their platform keeps for life: `slack:U0ANA`, `entra:` and the object id.
    PersonId,
    NameError::Person,
    |text| platform_id(text, &['U', 'W'], "entra:")
);

checked_text!(
    /// A group of people: `slack:S0DATA`, `entra-group:` and the object id.
    GroupId,
    NameError::Person,
    |text| platform_id(text, &['S'], "entra-group:")
);

checked_text!(
    /// A place where cards are shown: `slack:C0DATAOPS`, `teams:` and a conversation's id.
    Room,
    NameError::Room,
    |text| match text.strip_prefix("teams:") {
        Some(id) => conversation(id).then(|| text.to_owned()),
        None => slack_id(text, &['C', 'G', 'D']).then(|| text.to_owned()),
    }
);

checked_text!(
    /// A time zone by its name in the time zone database: `Europe/Vienna`. Well formed; whether it exists is asked of [`Zones`].
    ///
    /// [`Zones`]: super::window::Zones
    Zone,
    NameError::Zone,
    |text| {
        let body = text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'_' | b'-' | b'+'));
        let begins = text.starts_with(|first: char| first.is_ascii_alphabetic());
        (text.len() <= 64 && body && begins).then(|| text.to_owned())
    }
);

checked_text!(
    /// What a service calls an error or a call: `DMTS_GatewayIsDisabled`, `AADSTS7000215`, the id of a request. Anything but
    /// letters, digits and `._-` is free text and dropped whole: what a filter leaves of a sentence could still name an account.
    Code,
    NameError::Code,
    |text| {
        let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
        (plain && (1..=120).contains(&text.len())).then(|| text.to_owned())
    }
);

/// Crockford's base 32 in lower case: no i, l, o or u, so an id can be read aloud.
const CROCKFORD: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

impl RotationId {
    /// An id from 80 bits that nobody can guess.
    pub fn from_bits(bits: [u8; 10]) -> Self {
        let number = bits.iter().fold(0u128, |n, byte| (n << 8) | u128::from(*byte));
        let digit = |place: u32| CROCKFORD.get(((number >> (5 * place)) & 31) as usize).copied().map(char::from);
        Self((0..16).rev().filter_map(digit).collect())
    }

    /// The short form people quote: `7F3K-9QXM`.
    pub fn reference(&self) -> String {
        let (head, tail) = self.0.split_at(4);
        format!("{head}-{}", tail.get(..4).unwrap_or(tail)).to_ascii_uppercase()
    }
}

/// Where people talk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Platform {
    /// Slack, whose people have ids of its own.
    Slack,
    /// Microsoft Teams, whose people and groups are Entra's.
    Teams,
}

macro_rules! platform_id {
    ($name:ident) => {
        impl $name {
            /// From the id Slack uses, without the prefix.
            ///
            /// # Errors
            /// When it is not such an id.
            pub fn slack(id: &str) -> Result<Self, NameError> {
                Self::parse(&format!("slack:{id}"))
            }

            /// The id as Slack writes it.
            pub fn slack_id(&self) -> &str {
                self.0.strip_prefix("slack:").unwrap_or(&self.0)
            }

            /// Whose id it is.
            pub fn platform(&self) -> Platform {
                if self.is_slack() { Platform::Slack } else { Platform::Teams }
            }

            /// Whether it is an id of Slack's.
            pub fn is_slack(&self) -> bool {
                self.0.starts_with("slack:")
            }
        }
    };
}
platform_id!(PersonId);
platform_id!(GroupId);
platform_id!(Room);

impl PersonId {
    /// From the object id in Entra.
    pub fn entra(object: &Guid) -> Self {
        Self(format!("entra:{object}"))
    }

    /// The object id in Entra, for those who are known by it.
    pub fn object(&self) -> Option<Guid> {
        Guid::parse(self.0.strip_prefix("entra:")?).ok()
    }
}

impl GroupId {
    /// From the object id in Entra.
    pub fn entra(object: &Guid) -> Self {
        Self(format!("entra-group:{object}"))
    }

    /// The object id in Entra, for groups that are known by it.
    pub fn object(&self) -> Option<Guid> {
        Guid::parse(self.0.strip_prefix("entra-group:")?).ok()
    }
}

impl Room {
    /// The conversation's id, for rooms in Teams.
    pub fn conversation(&self) -> Option<&str> {
        self.0.strip_prefix("teams:")
    }
}

/// A DNS label in lower case, of at most so many characters.
fn label(text: &str, longest: usize) -> Option<String> {
    let body = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let ends = !text.starts_with('-') && !text.ends_with('-');
    (!text.is_empty() && text.len() <= longest && body && ends).then(|| text.to_owned())
}

/// An id of Slack, or the object id of Entra after its prefix.
fn platform_id(text: &str, slack: &[char], entra: &str) -> Option<String> {
    match text.strip_prefix(entra) {
        Some(object) => Guid::parse(object).ok().map(|object| format!("{entra}{object}")),
        None => slack_id(text, slack).then(|| text.to_owned()),
    }
}

/// The id of a channel or chat in Teams.
fn conversation(id: &str) -> bool {
    let known = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b':' | b'@' | b'.' | b'_' | b'-');
    (8..=160).contains(&id.len()) && id.starts_with("19:") && id.contains('@') && id.bytes().all(known)
}

fn slack_id(text: &str, kinds: &[char]) -> bool {
    text.strip_prefix("slack:").is_some_and(|id| {
        id.starts_with(kinds)
            && (2..=40).contains(&id.len())
            && id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::audit::Hash;

    #[test]
    fn targets_are_dns_labels() {
        for good in ["sales-db", "a", "0", &"x".repeat(63)] {
            assert!(TargetName::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "-a", "a-", "Sales", "a b", "a_b", "ä", &"x".repeat(64)] {
            assert_eq!(TargetName::parse(bad), Err(NameError::Target), "{bad}");
        }
    }

    #[test]
    fn guids_are_kept_in_lower_case() {
        let guid = Guid::parse("1F69E798-5852-4FDD-AB01-33BB14B6E934").unwrap();
        assert_eq!(guid.as_str(), "1f69e798-5852-4fdd-ab01-33bb14b6e934");
        for bad in ["", "1f69e79858524fddab0133bb14b6e934", "1f69e798-5852-4fdd-ab01-33bb14b6e93g", "{}"] {
            assert_eq!(Guid::parse(bad), Err(NameError::Guid), "{bad}");
        }
    }

    #[test]
    fn a_rotation_id_spells_its_bits_and_parses_back() {
        let id = RotationId::from_bits([0xff, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
        assert_eq!(id.as_str(), "zw00000000000001");
        assert_eq!(RotationId::parse(id.as_str()), Ok(id.clone()));
        assert_eq!(id.reference(), "ZW00-0000");
        assert_eq!(RotationId::parse("il0u000000000000"), Err(NameError::Rotation));
    }

    #[test]
    fn codes_are_no_sentences() {
        let longest = "x".repeat(120);
        for good in ["DMTS_GatewayIsDisabled", "AADSTS7000215", "9c1f2f5e-30f1", "a.b", &longest] {
            assert_eq!(Code::parse(good).as_ref().map(Code::as_str), Ok(good));
        }
        for bad in ["", "a b", "ana@contoso.com", "a\nb", "\"", "é", &format!("{longest}x")] {
            assert_eq!(Code::parse(bad), Err(NameError::Code), "{bad}");
        }
    }

    /// What is logged of these stands between quotes and is not escaped.
    #[test]
    fn no_name_has_anything_that_json_escapes() {
        let guid = "1f69e798-5852-4fdd-ab01-33bb14b6e934";
        type Parses = fn(&str) -> bool;
        let parses: [(&str, Parses); 8] = [
            ("sales-db", |text| TargetName::parse(text).is_ok()),
            ("prod-vault", |text| SourceName::parse(text).is_ok()),
            ("zw00000000000001", |text| RotationId::parse(text).is_ok()),
            (guid, |text| Guid::parse(text).is_ok()),
            ("slack:U0ANA", |text| PersonId::parse(text).is_ok()),
            (&format!("entra:{guid}"), |text| PersonId::parse(text).is_ok()),
            ("DMTS_GatewayIsDisabled", |text| Code::parse(text).is_ok()),
            (&"0f".repeat(32), |text| Hash::parse(text).is_some()),
        ];
        for (good, parses) in parses {
            assert!(parses(good), "{good}");
            for bad in ["\"", "\\", "\n", "\u{1f}", "\u{7f}", "é"] {
                for at in [0, 1, good.len() / 2, good.len() - 1, good.len()] {
                    assert!(!parses(&[&good[..at], bad, &good[at..]].concat()), "{good} {bad:?} {at}");
                    // In place of as many bytes as it has.
                    if let Some(rest) = good.get(at + bad.len()..) {
                        assert!(!parses(&[&good[..at], bad, rest].concat()), "{good} {bad:?} {at}");
                    }
                }
            }
        }
    }

    #[test]
    fn zones_are_named_as_in_the_database() {
        for good in ["UTC", "Europe/Vienna", "America/Argentina/Buenos_Aires", "Etc/GMT+3"] {
            assert!(Zone::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "+02:00", "Europe Vienna", "../etc", &"x".repeat(65)] {
            assert_eq!(Zone::parse(bad), Err(NameError::Zone), "{bad}");
        }
    }

    #[test]
    fn platform_ids_say_what_they_are() {
        assert_eq!(PersonId::slack("U0ANA").unwrap().slack_id(), "U0ANA");
        assert!(
            PersonId::slack("C0ROOM").is_err() && Room::slack("U0ANA").is_err() && GroupId::slack("U0ANA").is_err()
        );
        assert!(PersonId::parse("U0ANA").is_err() && PersonId::parse("slack:u0ana").is_err());
        let ana = PersonId::parse("entra:1F69E798-5852-4FDD-AB01-33BB14B6E934").unwrap();
        assert!(ana.as_str() == "entra:1f69e798-5852-4fdd-ab01-33bb14b6e934" && !ana.is_slack());
        assert!(GroupId::parse("entra-group:1f69e798-5852-4fdd-ab01-33bb14b6e934").is_ok());
        assert!(
            GroupId::parse("entra:1f69e798-5852-4fdd-ab01-33bb14b6e934").is_err()
                && PersonId::parse("entra:ana").is_err()
        );
    }
}
