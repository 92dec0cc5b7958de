//! What can be broken, held up or forgotten of a bot in this process alone.

use std::time::Duration;

use emulator::Lost as Broke;

use super::InProcess;

impl InProcess {
    /// Puts the bot's clock back.
    pub fn put_clock_back(&self, time: Duration) {
        self.behind.set(self.behind.get() + i64::try_from(time.as_millis()).unwrap());
    }

    /// The next orders to the register, so many, break: before it does them, after it did them, or in a silence that ends
    /// with the isolate. Without a way they are done.
    pub fn break_register(&self, how: Option<Broke>, times: usize) {
        self.register_breaks.borrow_mut().extend(std::iter::repeat_n(how, times));
    }

    /// The same for orders to rotations.
    pub fn break_rotation(&self, how: Option<Broke>, times: usize) {
        self.rotation_breaks.borrow_mut().extend(std::iter::repeat_n(how, times));
    }

    /// Somebody puts this catalog just before the next claim.
    pub fn change_before_claim(&self, catalog: &str) {
        *self.before_claim.borrow_mut() = Some(catalog.to_owned());
    }

    /// From now on whatever is done at once is begun before this service answers any of it.
    pub fn answers_late(&self, service: &'static str) {
        *self.late.borrow_mut() = Some(service);
    }

    /// The next claim takes so long that its rotation has expired, and the register been told, before it is made.
    pub fn claim_late(&self) {
        self.late_claim.set(true);
    }

    /// From now on nothing counts requests.
    pub fn remove_limits(&self) {
        *self.counts.borrow_mut() = None;
    }

    /// That row of every rotation cannot be read once, after it was read so often.
    pub fn break_row(&self, key: &'static str, before: usize) {
        self.rotations.borrow().values().for_each(|object| object.unreadable.set(Some((key, before))));
    }

    /// The platform gives up the alarms of all rotations, as it does with one that failed a few times in a row.
    pub fn forget_alarms(&self) {
        self.rotations.borrow().values().for_each(|object| object.alarm.set(None));
    }
}
