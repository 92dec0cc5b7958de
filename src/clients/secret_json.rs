//! JSON that holds a secret, written field by field into a buffer that is wiped, also where it has to grow.

use zeroize::Zeroizing;

use super::secret_bytes::SecretBytes;

/// An object being written. Not printable.
pub struct SecretJson {
    text: Zeroizing<Vec<u8>>,
    /// What closes the objects and lists that are open, the innermost last.
    open: Vec<&'static str>,
}

impl SecretJson {
    /// An object without fields.
    pub fn object() -> Self {
        let mut json = Self { text: Zeroizing::new(Vec::with_capacity(1024)), open: Vec::new() };
        json.begin("{", "}");
        json
    }

    /// A field that is text.
    pub fn text(&mut self, name: &str, value: &str) {
        self.name(name);
        self.quoted(value);
    }

    /// A field that is `true` or `false`.
    pub fn flag(&mut self, name: &str, value: bool) {
        self.name(name);
        self.push(if value { b"true" } else { b"false" });
    }

    /// Begins a field that is an object: what follows is in it, until [`SecretJson::close`].
    pub fn open(&mut self, name: &str) {
        self.name(name);
        self.begin("{", "}");
    }

    /// Begins a field that is a list of objects.
    pub fn open_list(&mut self, name: &str) {
        self.name(name);
        self.begin("[", "]");
    }

    /// Begins an object of the list.
    pub fn open_entry(&mut self) {
        self.comma();
        self.begin("{", "}");
    }

    /// Ends the innermost object or list.
    pub fn close(&mut self) {
        if let Some(closer) = self.open.pop() {
            self.push(closer.as_bytes());
        }
    }

    /// The whole, with everything that is open closed.
    pub fn finish(mut self) -> SecretBytes {
        while !self.open.is_empty() {
            self.close();
        }
        SecretBytes::new(self.text)
    }

    fn begin(&mut self, opener: &str, closer: &'static str) {
        self.push(opener.as_bytes());
        self.open.push(closer);
    }

    fn name(&mut self, name: &str) {
        self.comma();
        self.quoted(name);
        self.push(b":");
    }

    fn comma(&mut self) {
        if !self.text.ends_with(b"{") && !self.text.ends_with(b"[") {
            self.push(b",");
        }
    }

    /// A string (RFC 8259, section 7).
    fn quoted(&mut self, text: &str) {
        self.push(b"\"");
        for byte in text.bytes() {
            match byte {
                b'"' | b'\\' => self.push(&[b'\\', byte]),
                ..=0x1f => {
                    let low = byte & 0xf;
                    let digit = if low < 10 { b'0' + low } else { b'a' + low - 10 };
                    self.push(&[b'\\', b'u', b'0', b'0', b'0' + (byte >> 4), digit]);
                }
                _ => self.push(&[byte]),
            }
        }
        self.push(b"\"");
    }

    fn push(&mut self, bytes: &[u8]) {
        let needed = self.text.len() + bytes.len();
        if needed > self.text.capacity() {
            // A vector that grew by itself would leave a copy of the secret behind.
            let mut larger = Zeroizing::new(Vec::with_capacity(needed * 2));
            larger.extend_from_slice(&self.text);
            self.text = larger;
        }
        self.text.extend_from_slice(bytes);
    }
}
