//! Private keys in PEM: the one form that is read, and what is said of others.

use pbi_rotate::codec::pem::PemError::{self, Encrypted, Form, Traditional};
use pbi_rotate::codec::pem::private_key;
use rsa::RsaPrivateKey;
use rsa::pkcs8::DecodePrivateKey as _;

pub const KEY: &str = include_str!("../../crates/emulator/src/keys/replacement-2048.pem");
const BEGINS: &str = "-----BEGIN PRIVATE KEY-----";

#[test]
fn a_key_is_what_stands_in_it() {
    let expected = RsaPrivateKey::from_pkcs8_pem(KEY).expect("a key");
    let windows = KEY.replace('\n', "\r\n");
    let (mut head, body) = KEY.split_at(BEGINS.len());
    head = head.trim();
    let one_line = format!(
        "{head}\n{}\n-----END PRIVATE KEY-----",
        body.lines().filter(|line| !line.starts_with('-')).collect::<String>()
    );
    for (name, text) in [
        ("as it comes", KEY.to_owned()),
        ("without the last line end", KEY.trim_end().to_owned()),
        ("blanks around it", format!("\n  {KEY}  \n")),
        ("Windows' line ends", windows),
        ("in one line", one_line),
    ] {
        let key = private_key(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(RsaPrivateKey::from_pkcs8_der(&key.0).expect("PKCS#8"), expected, "{name}");
    }
}

#[test]
fn anything_else_is_refused_for_what_it_is() {
    let of = |name: &str| KEY.replace(" PRIVATE KEY", &format!(" {name}"));
    let second = KEY.lines().nth(1).expect("a line of the key");
    let cases: [(&str, String, PemError); 18] = [
        ("RSA's own form", of("RSA PRIVATE KEY"), Traditional),
        ("EC's own form", of("EC PRIVATE KEY"), Traditional),
        ("encrypted", of("ENCRYPTED PRIVATE KEY"), Encrypted),
        ("a public key", of("PUBLIC KEY"), Form),
        ("a certificate", of("CERTIFICATE"), Form),
        ("empty", String::new(), Form),
        ("no end", KEY.replace("-----END PRIVATE KEY-----", ""), Form),
        ("truncated", KEY[..KEY.len() / 2].to_owned(), Form),
        ("no beginning", KEY.replace(BEGINS, ""), Form),
        ("nothing in it", "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----".to_owned(), Form),
        ("two keys", format!("{KEY}{KEY}"), Form),
        ("line ends written out", KEY.replace('\n', "\\n"), Form),
        ("blanks for line ends", KEY.replace('\n', " "), Form),
        ("a header in it", KEY.replacen('\n', "\nProc-Type: 4,ENCRYPTED\n", 1), Form),
        ("not DER", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----".to_owned(), Form),
        ("too long", KEY.replacen(second, &format!("{second}{}", "\nAAAA".repeat(5000)), 1), Form),
        ("nothing between the first line and the key", KEY.replacen('\n', "", 1), Form),
        ("nothing between the key and the last line", KEY.replace("\n-----END", "-----END"), Form),
    ];
    for (name, text, expected) in cases {
        assert_eq!(private_key(&text).err(), Some(expected), "{name}");
    }
}
