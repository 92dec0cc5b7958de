//! Static roles of Vault's database engine: accounts whose password Vault changes, when it is due and when it is asked to.

use std::collections::BTreeMap;

use super::{Manager, digits};
use crate::answer;
use crate::scene;
use crate::world::{State, World};

/// How often [`scene::VAULT_STATIC_ROLE`] is rotated unless told, in seconds: once a year, so that no other story meets it.
const PERIOD_S: u64 = 365 * 24 * 3600;

/// An account of one database of the estate.
pub(crate) struct StaticRole {
    pub(super) username: String,
    pub(super) password: String,
    /// The data source or connection whose database the account is of.
    pub(super) place: String,
    pub(super) period_s: u64,
    rotated_ms: u64,
    /// Tells rotations of the same millisecond apart.
    count: u32,
}

impl StaticRole {
    fn due_ms(&self) -> u64 {
        self.rotated_ms + self.period_s * 1000
    }

    /// Seconds until the next rotation.
    pub(super) fn ttl_s(&self, now_ms: u64) -> u64 {
        self.due_ms().saturating_sub(now_ms) / 1000
    }

    /// `last_vault_rotation`: RFC 3339 with nanoseconds.
    pub(super) fn last(&self) -> String {
        let whole = answer::timestamp(self.rotated_ms);
        let fraction = format!("{:03}{:06}Z", self.rotated_ms % 1000, self.count % 1_000_000);
        whole.replace('Z', &format!(".{fraction}"))
    }
}

/// The standard scene's role; its database accepts any password until the first rotation.
pub(super) fn contoso(now_ms: u64) -> BTreeMap<String, StaticRole> {
    let role = StaticRole {
        username: scene::VAULT_STATIC_USER.to_owned(),
        password: "tK4-pW9xQz2LmV7cRn8d".to_owned(),
        place: scene::SALES_ORACLE.to_owned(),
        period_s: PERIOD_S,
        rotated_ms: now_ms,
        count: 0,
    };
    BTreeMap::from([(scene::VAULT_STATIC_ROLE.to_owned(), role)])
}

impl World {
    /// Lets a static role be the account of the database behind this data source or connection, rotated so often; the role
    /// is made if it is new.
    pub fn set_static_role(&self, role: &str, place: &str, period_s: u64) {
        let state = &mut *self.lock();
        let (now_ms, password) = (state.now_ms(), fresh(state));
        let known = state.managers.roles.entry(role.to_owned()).or_insert_with(|| StaticRole {
            username: role.replace('-', "_"),
            password,
            place: String::new(),
            period_s,
            rotated_ms: now_ms,
            count: 0,
        });
        place.clone_into(&mut known.place);
        known.period_s = period_s;
    }

    /// Rotates a static role now, as Vault does when it is due; false when there is no such role.
    pub fn rotate_static_role(&self, role: &str) -> bool {
        let state = &mut *self.lock();
        let now_ms = state.now_ms();
        rotate(state, role, now_ms)
    }

    /// The password that a static role has now.
    pub fn static_role_password(&self, role: &str) -> Option<String> {
        let state = &mut *self.lock();
        rotate_due(state);
        state.managers.roles.get(role).map(|role| role.password.clone())
    }
}

/// Rotates what is due; each at the time it was due last, as if it had been done then.
pub(crate) fn rotate_due(state: &mut State) {
    let now_ms = state.now_ms();
    let due = state.managers.roles.iter().filter(|(_, role)| role.period_s > 0 && role.due_ms() <= now_ms);
    let due: Vec<(String, u64)> =
        due.map(|(name, role)| (name.clone(), now_ms - (now_ms - role.rotated_ms) % (role.period_s * 1000))).collect();
    for (name, at_ms) in due {
        rotate(state, &name, at_ms);
    }
}

/// Gives the account a new password, which is the only one that its database accepts from now on.
pub(super) fn rotate(state: &mut State, name: &str, at_ms: u64) -> bool {
    let password = fresh(state);
    let Some(role) = state.managers.roles.get_mut(name) else { return false };
    role.password.clone_from(&password);
    role.rotated_ms = at_ms;
    role.count += 1;
    let place = role.place.clone();
    state.accept_only(&place, Some(&password));
    true
}

/// Notes that somebody read a role's password.
pub(super) fn note_read(state: &mut State, name: &str, version: &str) {
    let at_ms = state.now_ms();
    state.managers.note_read(Manager::Vault, &format!("static-creds/{name}"), version, at_ms);
}

fn fresh(state: &mut State) -> String {
    let digits = digits(state, 36);
    let (one, other) = digits.split_at(18);
    format!("{}-{other}", one.to_uppercase())
}
