//! The project's files as the rules see them: a path from the root, with forward slashes, and a text.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// What is built, fetched or kept by git: not the project.
const NOT_OURS: [&str; 5] = [".git", ".wrangler", "build", "node_modules", "target"];

/// One file. The text of what is not text is empty.
pub struct File {
    pub path: String,
    pub text: String,
}

/// Every file of a project.
pub struct Tree(BTreeMap<String, File>);

impl Tree {
    pub fn of_project() -> Self {
        let mut files = Vec::new();
        read(Path::new(env!("CARGO_MANIFEST_DIR")), "", &mut files);
        Self::of(files)
    }

    pub fn of(files: impl IntoIterator<Item = File>) -> Self {
        Self(files.into_iter().map(|file| (file.path.clone(), file)).collect())
    }

    pub fn files(&self) -> impl Iterator<Item = &File> {
        self.0.values()
    }

    pub fn get(&self, path: &str) -> Option<&File> {
        self.0.get(path)
    }

    /// Whether there is a file or folder of that path.
    pub fn exists(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        let within = |other: &String| other.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'));
        path.is_empty() || self.0.contains_key(path) || self.0.keys().any(within)
    }
}

impl File {
    pub fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    pub fn is(&self, extension: &str) -> bool {
        self.path.rsplit_once('.').is_some_and(|(_, own)| own == extension)
    }

    /// Whether this is Rust that is compiled into something people run, rather than into a test.
    pub fn is_production(&self) -> bool {
        self.is("rs") && (self.path.starts_with("src/") || self.path.contains("/src/"))
    }

    /// The lines that are code, with their number from 1.
    pub fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text
            .lines()
            .enumerate()
            .map(|(at, line)| (at + 1, line.trim()))
            .filter(|(_, line)| !line.starts_with("//"))
    }
}

fn read(folder: &Path, prefix: &str, files: &mut Vec<File>) {
    for entry in fs::read_dir(folder).expect("a readable folder").flatten() {
        let name = entry.file_name().into_string().expect("a name in UTF-8");
        let path = format!("{prefix}{name}");
        if entry.file_type().expect("a file type").is_dir() {
            if !NOT_OURS.contains(&name.as_str()) {
                read(&entry.path(), &format!("{path}/"), files);
            }
        } else {
            files.push(File { path, text: fs::read_to_string(entry.path()).unwrap_or_default() });
        }
    }
}

/// Whether `word` stands in `line` with nothing before it that would make it part of another name.
pub fn names(line: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| !line.get(..at).unwrap_or_default().ends_with(part))
}

#[test]
fn a_word_within_another_is_not_named() {
    assert!(names("use worker::Env;", "worker::") && names("a(worker::Env)", "worker::"));
    assert!(!names("use coworker::Env;", "worker::") && !names("eprintln!()", "println!"));
}

#[test]
fn folders_exist_by_what_is_in_them() {
    let tree = Tree::of([File::new("docs/a.md", "")]);
    assert!(tree.exists("docs") && tree.exists("docs/") && tree.exists("docs/a.md"));
    assert!(!tree.exists("doc") && !tree.exists("docs/a"));
}
