//! Turns offsets in a text into lines, columns and sections.

/// A text with the places where its lines and sections begin.
pub(super) struct Lines<'a> {
    text: &'a str,
    lines: Vec<usize>,
    sections: Vec<usize>,
}

impl<'a> Lines<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let (mut lines, mut sections) = (vec![0], Vec::new());
        for (at, _) in text.match_indices('\n') {
            lines.push(at + 1);
            if text.as_bytes().get(at + 1) == Some(&b'[') {
                sections.push(at + 1);
            }
        }
        Self { text, lines, sections }
    }

    /// The line and the column in characters, both from 1.
    pub(super) fn place(&self, at: usize) -> (usize, usize) {
        let line = begun(&self.lines, at);
        let start = self.lines.get(line.saturating_sub(1)).copied().unwrap_or(0);
        let column = self.text.get(start..at).map_or(0, |before| before.chars().count());
        (line, column + 1)
    }

    /// Which `[header]` the offset stands under, counted from the text's beginning.
    pub(super) fn section(&self, at: usize) -> usize {
        begun(&self.sections, at)
    }
}

/// How many of the places begin at `at` or before.
fn begun(places: &[usize], at: usize) -> usize {
    places.partition_point(|start| *start <= at)
}
