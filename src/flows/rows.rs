//! The rows a rotation object keeps, by name, and its rotation in memory.
//!
//! Secrets have rows of their own, so that deleting the row deletes the secret: the entered credential encrypted
//! under the Worker's key, and each place's ciphertexts. Each run has a row of its own, so that a step of one place in
//! two hundred writes one.

use std::cell::RefCell;
use std::rc::Rc;

use super::keys::Gateways;
use super::row;
use crate::codec::json;
use crate::codec::record::{CardCopy, Gateway, GatewayRow, Journal, Notice, Record, SealedRow, Seen, read};
use crate::codec::vault::Vaulted;
use crate::domain::audit::Entry;
use crate::domain::names::Guid;
use crate::domain::rotation::{Rotation, Run};
use crate::domain::time::Timestamp;
use crate::domain::trouble::Service;
use crate::ports::{Range, Shelf, Unanswered};

const ROTATION: &str = "rotation";
const CARDS: &str = "cards";
const CREDENTIAL: &str = "credential";
const NOTICE: &str = "notice";
const JOURNAL: &str = "journal";
const SUBMISSION: &str = "submission";
const PUSHED: &str = "pushed";

/// What an object remembers while it lives, so that it is read once. The rows are the truth.
#[derive(Default)]
pub struct Memory {
    rotation: RefCell<Option<Rc<Rotation>>>,
    cards: Remembered<Rc<[CardCopy]>>,
    notice: Remembered<Option<Notice>>,
    journal: Remembered<Journal>,
    allowances: RefCell<Vec<Allowance>>,
}

/// A row that is looked at several times in each waking, once it was read.
struct Remembered<T>(RefCell<Option<T>>);

impl<T> Default for Remembered<T> {
    fn default() -> Self {
        Self(RefCell::new(None))
    }
}

impl<T: Clone> Remembered<T> {
    /// The row as it was read or written last; otherwise as it is read now.
    fn get(&self, read: impl FnOnce() -> Result<T, Unanswered>) -> Result<T, Unanswered> {
        if let Some(kept) = &*self.0.borrow() {
            return Ok(kept.clone());
        }
        let value = read()?;
        self.0.replace(Some(value.clone()));
        Ok(value)
    }

    /// Remembers what the row is, once it is written: what could not be written is read again.
    fn put(&self, value: T, written: Result<(), Unanswered>) -> Result<(), Unanswered> {
        self.0.replace(written.is_ok().then_some(value));
        written
    }

    fn forget(&self) {
        self.0.replace(None);
    }
}

/// Calls to a service that the register has granted and that were not made yet.
#[derive(Clone, Copy)]
pub(super) struct Allowance {
    /// The service.
    pub(super) service: Service,
    /// How many.
    pub(super) left: usize,
    /// Until when they may be made.
    pub(super) until: Timestamp,
}

/// A rotation object's shelf, and its memory.
pub struct Rows<'a, S> {
    shelf: &'a S,
    memory: &'a Memory,
}

impl<'a, S: Shelf> Rows<'a, S> {
    /// The rows on that shelf.
    pub const fn new(shelf: &'a S, memory: &'a Memory) -> Self {
        Self { shelf, memory }
    }

    /// The shelf itself.
    pub const fn shelf(&self) -> &'a S {
        self.shelf
    }

    /// What is left of the calls granted for a service.
    pub(super) fn allowance(&self, service: Service) -> Option<Allowance> {
        self.memory.allowances.borrow().iter().find(|allowance| allowance.service == service).copied()
    }

    /// Remembers what is left of them.
    pub(super) fn put_allowance(&self, allowance: Allowance) {
        let mut allowances = self.memory.allowances.borrow_mut();
        allowances.retain(|other| other.service != allowance.service);
        allowances.push(allowance);
    }

    /// Forgets everything.
    pub async fn delete_all(&self) -> Result<(), Unanswered> {
        self.memory.rotation.replace(None);
        self.memory.cards.forget();
        self.memory.notice.forget();
        self.memory.journal.forget();
        self.shelf.clear().await
    }

    /// The rotation as it is now, once opened.
    pub fn rotation(&self) -> Result<Option<Rc<Rotation>>, Unanswered> {
        if let Some(rotation) = &*self.memory.rotation.borrow() {
            return Ok(Some(Rc::clone(rotation)));
        }
        let Some(mut rotation) = self.get::<Rotation>(ROTATION)? else { return Ok(None) };
        let runs = Range { from: "run/", to: "run0", most: usize::MAX, backwards: false };
        for (_, row) in self.shelf.range(runs)? {
            rotation.runs.push(read(&row).map_err(|_| Unanswered)?);
        }
        let rotation = Rc::new(rotation);
        *self.memory.rotation.borrow_mut() = Some(Rc::clone(&rotation));
        Ok(Some(rotation))
    }

    /// Keeps a rotation that is new.
    pub fn open(&self, rotation: Rotation) -> Result<(), Unanswered> {
        self.put_all(&rotation)?;
        *self.memory.rotation.borrow_mut() = Some(Rc::new(rotation));
        Ok(())
    }

    /// Changes the rotation, and keeps what has changed: all of it, or the run at `place` when nothing else could have.
    /// What `change` refuses has changed nothing.
    pub fn change<T, E>(
        &self,
        place: Option<usize>,
        change: impl FnOnce(&mut Rotation) -> Result<T, E>,
    ) -> Result<Option<Result<T, E>>, Unanswered> {
        let Some(mut rotation) = self.rotation()? else { return Ok(None) };
        // Taken out, so that there is no second holder and nothing has to be copied.
        self.memory.rotation.replace(None);
        let outline = |rotation: &Rotation| (rotation.stage.clone(), rotation.reminded, rotation.models.clone());
        let before = outline(&rotation);
        let changed = Rc::make_mut(&mut rotation);
        let result = change(changed);
        if result.is_ok() {
            match place.filter(|_| outline(changed) == before).and_then(|at| Some((at, changed.runs.get(at)?))) {
                Some((at, run)) => self.put_run(at, run)?,
                None => self.put_all(changed)?,
            }
        }
        *self.memory.rotation.borrow_mut() = Some(rotation);
        Ok(Some(result))
    }

    fn put_all(&self, rotation: &Rotation) -> Result<(), Unanswered> {
        let mut whole = rotation.to_value();
        if let Some(runs) = whole.get_mut("runs") {
            *runs = serde_json::Value::Array(Vec::new());
        }
        self.shelf.put(ROTATION, &json::text(&whole))?;
        for (at, run) in rotation.runs.iter().enumerate() {
            self.put_run(at, run)?;
        }
        Ok(())
    }

    fn put_run(&self, at: usize, run: &Run) -> Result<(), Unanswered> {
        self.put(&format!("run/{at:04}"), run)
    }

    /// Where its cards are.
    pub fn cards(&self) -> Result<Rc<[CardCopy]>, Unanswered> {
        self.memory.cards.get(|| Ok(self.get::<Vec<CardCopy>>(CARDS)?.unwrap_or_default().into()))
    }

    /// Keeps where its cards are.
    pub fn put_cards(&self, cards: Vec<CardCopy>) -> Result<(), Unanswered> {
        let written = self.put(CARDS, &cards);
        self.memory.cards.put(cards.into(), written)
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
        self.shelf.delete(CREDENTIAL)
    }

    /// The ciphertexts of a place, while they are needed.
    pub fn sealed(&self, at: usize) -> Result<Option<SealedRow>, Unanswered> {
        self.get(&sealed_key(at))
    }

    /// Keeps the ciphertexts of a place.
    pub fn put_sealed(&self, at: usize, sealed: &SealedRow) -> Result<(), Unanswered> {
        self.put(&sealed_key(at), sealed)
    }

    /// Forgets the ciphertexts of a place.
    pub fn delete_sealed(&self, at: usize) -> Result<(), Unanswered> {
        self.shelf.delete(&sealed_key(at))
    }

    /// What a sender sealed to our key, if it did.
    pub fn pushed(&self) -> Result<Option<String>, Unanswered> {
        self.get(PUSHED)
    }

    /// Keeps what a sender sealed to our key.
    pub fn put_pushed(&self, jwe: &String) -> Result<(), Unanswered> {
        self.put(PUSHED, jwe)
    }

    /// Forgets what a sender sealed.
    pub fn delete_pushed(&self) -> Result<(), Unanswered> {
        self.shelf.delete(PUSHED)
    }

    /// Which gateway a place is behind, once it was looked at.
    pub fn way(&self, place: &Guid) -> Result<Option<Guid>, Unanswered> {
        self.get(&way_key(place))
    }

    /// What reading a gateway came to, if that was tried.
    pub fn gateway(&self, service: Service, id: &Guid) -> Result<Option<GatewayRow>, Unanswered> {
        self.get(&gateway_key(service, id))
    }

    /// Keeps what reading a gateway came to.
    pub fn put_gateway(&self, service: Service, id: &Guid, row: &GatewayRow) -> Result<(), Unanswered> {
        self.put(&gateway_key(service, id), row)
    }

    /// The id of the submission that was taken.
    pub fn submission(&self) -> Result<Option<String>, Unanswered> {
        self.get(SUBMISSION)
    }

    /// Keeps the id of the submission that was taken.
    pub fn put_submission(&self, id: &String) -> Result<(), Unanswered> {
        self.put(SUBMISSION, id)
    }

    /// Forgets every gateway, so that their keys are read anew.
    pub fn delete_gateways(&self) -> Result<(), Unanswered> {
        self.gateways()?.into_iter().try_for_each(|(key, _)| self.shelf.delete(&key))
    }

    /// Forgets the gateways that could not be read, so that they are read again.
    pub fn delete_troubled_gateways(&self) -> Result<(), Unanswered> {
        for (key, row) in self.gateways()? {
            let GatewayRow { seen, .. } = read(&row).map_err(|_| Unanswered)?;
            if matches!(seen, Seen::Troubled(_)) {
                self.shelf.delete(&key)?;
            }
        }
        Ok(())
    }

    fn gateways(&self) -> Result<Vec<(String, String)>, Unanswered> {
        self.shelf.range(Range { from: "gateway/", to: "gateway0", most: usize::MAX, backwards: false })
    }

    /// How far telling the register has come.
    pub fn notice(&self) -> Result<Option<Notice>, Unanswered> {
        self.memory.notice.get(|| self.get(NOTICE))
    }

    /// Keeps how far telling the register has come.
    pub fn put_notice(&self, notice: Notice) -> Result<(), Unanswered> {
        self.memory.notice.put(Some(notice), self.put(NOTICE, &notice))
    }

    /// How far writing the audit has come.
    pub fn journal(&self) -> Result<Journal, Unanswered> {
        self.memory.journal.get(|| Ok(self.get(JOURNAL)?.unwrap_or_default()))
    }

    /// Keeps how far writing the audit has come.
    pub fn put_journal(&self, journal: Journal) -> Result<(), Unanswered> {
        self.memory.journal.put(journal, self.put(JOURNAL, &journal))
    }

    /// Writes down what happened, for the audit.
    pub fn write_down(&self, entry: &Entry) -> Result<(), Unanswered> {
        let mut journal = self.journal()?;
        if journal.told == journal.next {
            journal.due = entry.at;
        }
        self.put(&entry_key(journal.next), entry)?;
        journal.next += 1;
        self.put_journal(journal)
    }

    /// The entries from that number on, at most so many.
    pub fn entries(&self, first: u32, most: usize) -> Result<Vec<Entry>, Unanswered> {
        let entries = Range { from: &entry_key(first), to: "entry0", most, backwards: false };
        self.shelf.range(entries)?.into_iter().map(|(_, row)| read(&row).map_err(|_| Unanswered)).collect()
    }

    /// Forgets the entries before that number: the audit has them.
    pub fn delete_entries(&self, before: u32) -> Result<(), Unanswered> {
        let entries = Range { from: "entry/", to: &entry_key(before), most: usize::MAX, backwards: false };
        for (key, _) in self.shelf.range(entries)? {
            self.shelf.delete(&key)?;
        }
        Ok(())
    }

    fn get<T: Record>(&self, key: &str) -> Result<Option<T>, Unanswered> {
        row::get(self.shelf, key)
    }

    fn put(&self, key: &str, value: &dyn Record) -> Result<(), Unanswered> {
        row::put(self.shelf, key, value)
    }
}

fn way_key(place: &Guid) -> String {
    format!("way/{place}")
}

/// The gateways that were read for this run.
impl<S: Shelf> Gateways for Rows<'_, S> {
    fn known(&self, service: Service, id: &Guid) -> Option<Gateway> {
        match self.gateway(service, id).ok()??.seen {
            Seen::Keys(gateway) => Some(gateway),
            Seen::Troubled(_) => None,
        }
    }

    fn lead(&self, place: &Guid, gateway: &Guid) {
        let _ = self.put(&way_key(place), gateway);
    }

    fn keep(&self, service: Service, id: &Guid, gateway: &Gateway, at: Timestamp) {
        let _ = self.put_gateway(service, id, &GatewayRow { seen: Seen::Keys(gateway.clone()), at });
    }
}

fn sealed_key(at: usize) -> String {
    format!("sealed/{at}")
}

/// Of the same gateway Power BI wants one ciphertext, and Fabric one for each member.
fn gateway_key(service: Service, id: &Guid) -> String {
    let service = if service == Service::PowerBi { "powerbi" } else { "fabric" };
    format!("gateway/{service}/{id}")
}

fn entry_key(number: u32) -> String {
    format!("entry/{number:08}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_read_once_and_again_when_it_could_not_be_written() {
        let row = Remembered::default();
        assert_eq!(row.get(|| Err(Unanswered)), Err(Unanswered));
        assert_eq!(row.get(|| Ok(1)), Ok(1));
        assert_eq!(row.put(2, Ok(())), Ok(()));
        assert_eq!(row.get(|| Err(Unanswered)), Ok(2));
        assert_eq!(row.put(3, Err(Unanswered)), Err(Unanswered));
        assert_eq!(row.get(|| Ok(2)), Ok(2), "what is there is not known any more");
        row.forget();
        assert_eq!(row.get(|| Ok(4)), Ok(4));
    }
}
