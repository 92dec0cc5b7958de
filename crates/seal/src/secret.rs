//! Text that must not be seen.

use zeroize::Zeroizing;

/// Text that must not be seen: a password, a key, a token.
///
/// It cannot be printed, serialized, compared or cloned, and its memory is wiped when it is dropped.
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the text over without copying it.
    pub fn new(text: String) -> Secret {
        Secret(Zeroizing::new(text))
    }

    /// The text itself. Say in a comment at the call why it must be seen there.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing to hide.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
