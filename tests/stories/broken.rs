//! What can be broken, or held up, of a bot in this process alone.

use emulator::Lost;

use crate::bot::Bot;

impl Bot {
    /// The next orders to the register, so many, break in that way or not at all.
    pub fn break_register(&self, how: Option<Lost>, times: usize) {
        self.here().break_register(how, times);
    }

    /// The same for orders to rotations.
    pub fn break_rotation(&self, how: Option<Lost>, times: usize) {
        self.here().break_rotation(how, times);
    }

    /// From now on whatever is done at once is begun before this service answers any of it.
    pub fn answers_late(&self, service: &'static str) {
        self.here().answers_late(service);
    }
}
