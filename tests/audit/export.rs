//! The export: whole in pages, exact as NDJSON, harmless as CSV.

use http::Request;
use pbi_rotate::domain::audit::{Entry, Origin};
use pbi_rotate::domain::names::{Code, Guid, TargetName};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::installation::{BEGINNING, Installation, entries};

fn text(installation: &Installation, path: &str) -> String {
    let response = installation.get(path);
    assert_eq!(response.status(), 200, "{path}");
    String::from_utf8(response.body().to_vec()).unwrap()
}

/// Follows the links from that address on; the pages.
fn pages(installation: &Installation, path: &str) -> Vec<String> {
    let mut pages = Vec::new();
    let mut next = Some(path.to_owned());
    while let Some(path) = next {
        let response = installation.get(&path);
        pages.push(String::from_utf8(response.body().to_vec()).unwrap());
        let link = response.headers().get("link").map(|link| link.to_str().unwrap().to_owned());
        next = link.map(|link| link.strip_prefix('<').unwrap().strip_suffix(">; rel=\"next\"").unwrap().to_owned());
    }
    pages
}

#[test]
fn pages_have_every_entry_once() {
    let installation = Installation::with_entries(25);
    let pages = pages(&installation, "/admin/audit?limit=10");
    let lines: Vec<_> = pages.iter().map(|page| page.lines().count()).collect();
    assert_eq!(lines, [10, 10, 5]);
    let numbers: Vec<_> = pages.concat().lines().map(number).collect();
    assert_eq!(numbers, (1..=25).collect::<Vec<_>>());
    assert_eq!(text(&installation, "/admin/audit?after=24").lines().map(number).collect::<Vec<_>>(), [25]);
    assert_eq!(text(&installation, "/admin/audit?after=999999999999"), "");
    assert_eq!(text(&Installation::new(&[]), "/admin/audit"), "");
}

#[test]
fn a_page_is_at_most_a_thousand() {
    let installation = Installation::with_entries(1_001);
    assert_eq!(text(&installation, "/admin/audit").lines().count(), 1_000);
    assert_eq!(text(&installation, "/admin/audit?limit=1000").lines().count(), 1_000);
}

fn number(line: &str) -> u64 {
    serde_json::from_str::<Value>(line).unwrap()["number"].as_u64().unwrap()
}

#[test]
fn whoever_has_the_lines_can_compute_the_chain() {
    let installation = Installation::with_entries(5);
    let mut hash = "0".repeat(64);
    for line in text(&installation, "/admin/audit").lines() {
        let (_, entry) = line.split_once(r#","entry":"#).unwrap();
        let digest = Sha256::digest(hash + entry.strip_suffix('}').unwrap());
        hash = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(serde_json::from_str::<Value>(line).unwrap()["hash"], hash);
    }
    assert_eq!(installation.verified().1["head"], hash);
}

#[test]
fn one_target_is_found_through_all_pages() {
    let installation = Installation::new(&[]);
    let mut told = entries(0..9);
    told[4].target = TargetName::parse("hr").ok();
    told[8].target = None;
    installation.told("7f3k9qxm2b4c6d8e", 0, &told);
    let of = |name: &str| pages(&installation, &format!("/admin/audit?limit=3&target={name}"));
    assert_eq!(of("hr").concat().lines().map(number).collect::<Vec<_>>(), [5]);
    assert_eq!(of("sales-db").concat().lines().count(), 7);
    assert_eq!(of("hr").len(), 4, "what is looked at is bounded, found or not");
    assert_eq!(of("crm").concat(), "");
}

fn difficult() -> Entry {
    Entry {
        name: Some("=HYPERLINK(\"https://evil\")".to_owned()),
        reason: Some("@one, \"two\"\nthree".to_owned()),
        code: Some(Code::parse("-1").unwrap()),
        request_id: Some(Code::parse("9c1f2f5e").unwrap()),
        note: Some("\tx".to_owned()),
        place: Guid::parse("252b9de8-d915-4788-aaeb-ec8c2395f970").ok(),
        status: Some(429),
        stage: Some("+1".to_owned()),
        break_glass: true,
        ..Entry::new("test", "throttled", Origin::Clock, BEGINNING)
    }
}

/// What is hashed outlives every version: as long as this is what is written, what was written can be computed.
#[test]
fn an_entry_is_written_as_ever() {
    let installation = Installation::new(&[]);
    let mut whole = difficult();
    (whole.who, whole.target, whole.rotation) =
        (entries(0..1)[0].who.clone(), entries(0..1)[0].target.clone(), entries(0..1)[0].rotation.clone());
    installation.told("7f3k9qxm2b4c6d8e", 0, &[whole, Entry::new("tidy", "ok", Origin::Admin, BEGINNING)]);
    let lines = text(&installation, "/admin/audit");
    let written: Vec<_> = lines.lines().map(|line| line.split_once(r#","entry":"#).unwrap().1).collect();
    let expected = [
        r#"{"at":1795285800000,"break_glass":true,"code":"-1","from":"Clock","name":"=HYPERLINK(\"https://evil\")","note":"\tx","outcome":"throttled","place":"252b9de8-d915-4788-aaeb-ec8c2395f970","reason":"@one, \"two\"\nthree","request_id":"9c1f2f5e","rotation":"7f3k9qxm2b4c6d8e","stage":"+1","status":429,"target":"sales-db","what":"test","who":"slack:U0ANA"}}"#,
        r#"{"at":1795285800000,"break_glass":false,"from":"Admin","outcome":"ok","what":"tidy"}}"#,
    ];
    assert_eq!(written, expected);
}

#[test]
fn a_spreadsheet_gets_texts_and_no_formulas() {
    let installation = Installation::new(&[]);
    installation.told("7f3k9qxm2b4c6d8e", 0, &[entries(0..1).remove(0), difficult()]);
    let response = installation.get("/admin/audit?format=csv");
    assert_eq!(response.headers()["content-type"], "text/csv; charset=utf-8; header=present");
    let csv = String::from_utf8(response.body().to_vec()).unwrap();
    let hashes = installation
        .behind_its_back(|rows| ["audit/000000000001", "audit/000000000002"].map(|key| rows[key][..64].to_owned()));
    let expected = [
        "number,hash,at,what,outcome,stage,who,name,from,target,rotation,place,code,status,request_id,reason,note,break_glass",
        &format!(
            "1,{},2026-11-21T18:30:00Z,open,ok,,slack:U0ANA,Ana Ortiz,Slack,sales-db,7f3k9qxm2b4c6d8e,,,,,reason 0,,false",
            hashes[0]
        ),
        &format!(
            "2,{},2026-11-21T18:30:00Z,test,throttled,\"'+1\",,\"'=HYPERLINK(\"\"https://evil\"\")\",Clock,,,252b9de8-d915-4788-aaeb-ec8c2395f970,\"'-1\",429,9c1f2f5e,\"'@one, \"\"two\"\"\nthree\",\"'\tx\",true",
            hashes[1]
        ),
        "",
    ];
    assert_eq!(csv, expected.join("\r\n"));
}

#[test]
fn a_row_that_is_no_entry_any_more_is_told_as_it_is() {
    let installation = Installation::with_entries(3);
    installation.behind_its_back(|rows| {
        rows.insert("audit/000000000002".to_owned(), "zz {\"at\":\n".to_owned());
        rows.insert("audit/000000000003".to_owned(), String::new());
    });
    let lines = text(&installation, "/admin/audit");
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&lines[1]["hash"], &lines[1]["unreadable"]), (&"zz".into(), &"{\"at\":\n".into()));
    assert_eq!(lines[2]["unreadable"], "");
    let csv = text(&installation, "/admin/audit?format=csv");
    installation.behind_its_back(|rows| {
        rows.insert("audit/000000000003".to_owned(), "zz {\"of\":\n\"two lines\"}".to_owned());
        rows.insert("audit/no-number".to_owned(), String::new());
    });
    assert_eq!(text(&installation, "/admin/audit?after=2").lines().count(), 1, "one line an entry");
    assert_eq!(installation.get("/admin/audit?after=3&limit=1").headers().get("link"), None, "that leads nowhere");
    assert!(csv.contains("\r\n2,zz,,unreadable,,,,,,,,,,,,,,\r\n3,,,unreadable,"), "{csv}");
}

#[test]
fn what_is_asked_otherwise_is_refused() {
    let installation = Installation::with_entries(3);
    for query in [
        "limit=0",
        "limit=1001",
        "limit=-1",
        "limit=",
        "limit",
        "after=-1",
        "after=1.0",
        "after=+1",
        "after=1000000000000",
        "after=1&after=2",
        "format=xml",
        "format=CSV",
        "format=",
        "target=",
        "target=Sales",
        "target=a&target=b",
        "x=1",
        "number=1",
        "after=1&x",
    ] {
        assert_eq!(installation.get(&format!("/admin/audit?{query}")).status(), 400, "{query}");
    }
    let hash = "0".repeat(64);
    for query in
        ["x", "after=1", "hash=0", "after=1&hash=0", &format!("after=x&hash={hash}"), &format!("after=1&hash={hash}&x")]
    {
        assert_eq!(installation.get(&format!("/admin/audit/verify?{query}")).status(), 400, "{query}");
    }
    assert_eq!(installation.get("/admin/audit?").status(), 200);
    assert_eq!(installation.get("/admin/audit?after=1&limit=1&format=ndjson&target=sales-db").status(), 200);
}

#[test]
fn only_the_operator_reads_and_verifies() {
    let installation = Installation::with_entries(3);
    for path in ["/admin/audit", "/admin/audit/verify", "/admin/audit?x"] {
        for header in [None, Some("Bearer wrong")] {
            let request = Request::get(path);
            let request = header.iter().fold(request, |request, header| request.header("authorization", *header));
            let response = installation.deliver(request.body(bytes::Bytes::new()).unwrap());
            assert_eq!(response.status(), 401, "{path}");
            assert!(!String::from_utf8_lossy(response.body()).contains("Ana"));
        }
    }
}
