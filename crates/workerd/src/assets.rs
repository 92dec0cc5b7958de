//! Static assets as the platform serves them in front of a Worker: which path gives which file, with which headers.
//!
//! What is here is the part of Cloudflare's rules that a folder of pages needs: `html_handling = "auto-trailing-slash"` for
//! files that are not called `index`, a `_headers` file with plain paths and paths that end in `*`, compression, and 405 for
//! other methods than GET and HEAD. Not here: ETags, ranges, `_redirects`, placeholders in paths, `! Name` lines.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use serde::Serialize;

use crate::Error;

/// What the platform answers where a file does not say otherwise (Workers, Static Assets: Headers).
const REVALIDATE: (&str, &str) = ("Cache-Control", "public, max-age=0, must-revalidate");

/// How a file is described to browsers, by its extension.
const TYPES: [(&str, &str); 6] = [
    ("css", "text/css; charset=utf-8"),
    ("html", "text/html; charset=utf-8"),
    ("js", "text/javascript; charset=utf-8"),
    ("png", "image/png"),
    ("svg", "image/svg+xml"),
    ("wasm", "application/wasm"),
];

/// What is answered to a path, as the script in front reads it (`front.js`).
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Answer {
    /// The file, from the folder of the assets.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    /// Where else the page is.
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<String>,
    headers: BTreeMap<String, String>,
}

/// What is answered to each path; every other path is the Worker's.
pub(crate) fn answers(folder: &Path) -> Result<BTreeMap<String, Answer>, Error> {
    let wrong = |doing: &str, path: &Path| Error::io(format!("{doing} {}", path.display()));
    let path = folder.join("_headers");
    let rules = match fs::read_to_string(&path) {
        Ok(text) => rules(&text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(wrong("reading", &path)(error)),
    };
    let mut files = Vec::new();
    list(folder, "", &mut files).map_err(wrong("listing", folder))?;
    let mut answers = BTreeMap::new();
    for file in files {
        let path = format!("/{file}");
        match path.strip_suffix(".html") {
            Some(page) => {
                let (page, location) = (page.to_owned(), Some(page.to_owned()));
                for from in [path, format!("{page}/")] {
                    let headers = headers(&rules, &from, None);
                    answers.insert(from, Answer { file: None, location: location.clone(), headers });
                }
                let headers = headers(&rules, &page, Some(&file));
                answers.insert(page, Answer { file: Some(file), location: None, headers });
            }
            None => {
                let headers = headers(&rules, &path, Some(&file));
                answers.insert(path, Answer { file: Some(file), location: None, headers });
            }
        }
    }
    Ok(answers)
}

/// A path, or the beginning of paths, and the headers for it.
struct Rule {
    path: String,
    headers: Vec<(String, String)>,
}

fn rules(text: &str) -> Vec<Rule> {
    let mut rules: Vec<Rule> = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if line.starts_with('/') {
            rules.push(Rule { path: line.to_owned(), headers: Vec::new() });
        } else if let (Some(rule), Some((name, value))) = (rules.last_mut(), line.split_once(':')) {
            rule.headers.push((name.trim().to_owned(), value.trim().to_owned()));
        }
    }
    rules
}

/// The headers of one answer. A header that two rules give is joined by a comma.
fn headers(rules: &[Rule], path: &str, file: Option<&str>) -> BTreeMap<String, String> {
    let mut given: BTreeMap<String, String> = BTreeMap::new();
    let matching = rules.iter().filter(|rule| match rule.path.strip_suffix('*') {
        Some(beginning) => path.starts_with(beginning),
        None => rule.path == path,
    });
    for (name, value) in matching.flat_map(|rule| &rule.headers) {
        given.entry(name.clone()).and_modify(|known| *known = format!("{known}, {value}")).or_insert(value.clone());
    }
    if let Some(file) = file {
        given.entry(REVALIDATE.0.to_owned()).or_insert_with(|| REVALIDATE.1.to_owned());
        let known = |extension| TYPES.iter().find(|(known, _)| *known == extension);
        if let Some((_, kind)) = file.rsplit_once('.').and_then(|(_, extension)| known(extension)) {
            given.insert("Content-Type".to_owned(), (*kind).to_owned());
        }
    }
    given
}

/// The files below a folder; those that tell the platform something are not served.
fn list(folder: &Path, prefix: &str, files: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let path = format!("{prefix}{name}");
        if entry.file_type()?.is_dir() {
            list(&entry.path(), &format!("{path}/"), files)?;
        } else if path != "_headers" {
            files.push(path);
        }
    }
    Ok(())
}

/// The folder that `wrangler.toml` names, if it names one and it is there.
pub(crate) fn folder(project: &Path, named: Option<&Path>) -> Result<Option<PathBuf>, Error> {
    let Some(named) = named else { return Ok(None) };
    let path = project.join(named);
    match fs::canonicalize(&path) {
        Ok(folder) => Ok(Some(folder)),
        Err(_) => Err(Error::Missing { path, remedy: "cargo xtask build" }),
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, answers};
    use std::{collections::BTreeMap, fs};

    fn site() -> BTreeMap<String, Answer> {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("static")).unwrap();
        for file in ["enter.html", "static/a.wasm"] {
            fs::write(folder.path().join(file), file).unwrap();
        }
        let headers =
            "# all\n/*\n  X-One: 1\n\n/enter\n  Cache-Control: no-store\n  X-One: 2\n/static/*\n  X-Two: a: b\n";
        fs::write(folder.path().join("_headers"), headers).unwrap();
        answers(folder.path()).unwrap()
    }

    #[test]
    fn a_page_is_found_without_its_extension_and_nothing_else_is_served() {
        let site = site();
        assert_eq!(site.keys().collect::<Vec<_>>(), ["/enter", "/enter.html", "/enter/", "/static/a.wasm"]);
        assert_eq!(site["/enter"].file.as_deref(), Some("enter.html"));
        assert_eq!(site["/enter.html"].location.as_deref(), Some("/enter"));
    }

    #[test]
    fn headers_come_from_every_rule_that_fits_the_path() {
        let site = site();
        let header = |path: &str, name: &str| site[path].headers.get(name).map(String::as_str);
        assert_eq!(header("/enter", "X-One"), Some("1, 2"));
        assert_eq!(header("/enter", "Cache-Control"), Some("no-store"));
        assert_eq!(header("/enter", "Content-Type"), Some("text/html; charset=utf-8"));
        assert_eq!(header("/enter.html", "X-One"), Some("1"));
        assert_eq!((header("/enter", "X-Two"), header("/static/a.wasm", "X-Two")), (None, Some("a: b")));
        assert_eq!(header("/static/a.wasm", "Cache-Control"), Some("public, max-age=0, must-revalidate"));
        assert_eq!(header("/static/a.wasm", "Content-Type"), Some("application/wasm"));
    }
}
