//! The plaintext of every kind of credential is what Microsoft's .NET SDK would write.

use proptest::prelude::*;
use seal::{Credential, Secret};
use serde_json::{Value, json};

use crate::corpus::{corpus, text, vectors};

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

fn basic(username: &str, password: &str) -> Credential {
    Credential::Basic { username: username.to_owned(), password: secret(password) }
}

#[test]
fn the_texts_of_the_corpus_are_reproduced() {
    let credentials = [
        ("basic_ascii", basic("john", "hunter2")),
        (
            "windows_domain",
            Credential::Windows { username: r"CONTOSO\svc_pbi".to_owned(), password: secret("P@ss w0rd!") },
        ),
        ("quotes_backslash", basic(r#"a"b\c"#, r#""\"\\'{}[]:,"#)),
        ("controls", basic("line1\nline2", "tab\tcr\rbell\u{7}nul\0del\u{7f}")),
        ("apostrophe", basic("o'brien", "it's")),
        ("unicode_cjk_emoji", basic("用户", "密码🔐𝄞")),
        ("key", Credential::Key { key: secret("ec0123456789+/==") }),
        (
            "sas",
            Credential::Sas { token: secret("sp=rl&st=2023-01-16T09:37:25Z&se=2030-01-16&sig=J0%2F0YVkjKxPtEwsyn%3D") },
        ),
        ("anonymous_sdk", Credential::Anonymous),
    ];
    let corpus = corpus();
    for (case, credential) in credentials {
        let vector = vectors(&corpus, "deterministic").iter().find(|vector| vector["case"] == case).unwrap();
        assert_eq!(credential.to_json().expose(), text(vector, "plaintext"), "{case}");
    }
}

#[test]
fn an_access_token_is_the_one_microsoft_encrypted() {
    let corpus = corpus();
    let vector = vectors(&corpus, "vectors").iter().find(|vector| vector["case"] == "oauth2_jwt_2400").unwrap();
    let plaintext: Value = serde_json::from_str(text(vector, "plaintext")).unwrap();
    let token = text(&plaintext["credentialData"][0], "value");
    let credential = Credential::OAuth2 { access_token: secret(token) };
    assert_eq!(credential.to_json().expose(), text(vector, "plaintext"));
}

#[test]
fn the_kinds_without_a_vector_have_their_documented_names() {
    let service_principal = Credential::ServicePrincipal {
        tenant_id: "tenant".to_owned(),
        client_id: "client".to_owned(),
        secret: secret("hush"),
    };
    assert_eq!(
        service_principal.to_json().expose(),
        concat!(
            r#"{"credentialData":[{"name":"tenantId","value":"tenant"},{"name":"servicePrincipalClientId","value":"client"},"#,
            r#"{"name":"servicePrincipalSecret","value":"hush"}]}"#
        )
    );
    assert_eq!(Credential::WindowsWithoutImpersonation.to_json().expose(), r#"{"credentialData":[]}"#);
}

#[test]
fn a_key_pair_names_its_passphrase_only_if_it_has_one() {
    let key_pair = |passphrase| Credential::KeyPair {
        identifier: "user".to_owned(),
        private_key: secret("-----BEGIN"),
        passphrase,
    };
    let without =
        r#"{"credentialData":[{"name":"identifier","value":"user"},{"name":"privateKey","value":"-----BEGIN"}]}"#;
    assert_eq!(key_pair(None).to_json().expose(), without);
    let with = without.replace("]}", r#",{"name":"passphrase","value":"open"}]}"#);
    assert_eq!(key_pair(Some(secret("open"))).to_json().expose(), with);
}

/// Newtonsoft.Json, `JavaScriptUtils`: short forms, lower-case hexadecimal digits, and three separators beyond ASCII.
#[test]
fn escapes_are_newtonsofts() {
    for (character, escaped) in [
        ("\u{8}", r"\b"),
        ("\t", r"\t"),
        ("\n", r"\n"),
        ("\u{c}", r"\f"),
        ("\r", r"\r"),
        ("\u{b}", r"\u000b"),
        ("\u{1b}", r"\u001b"),
        ("\u{1f}", r"\u001f"),
        ("\u{85}", r"\u0085"),
        ("\u{2028}", r"\u2028"),
        ("\u{2029}", r"\u2029"),
        ("\u{7f}\u{84}\u{86}/<>&'é\u{2027}\u{202a}\u{feff}", "\u{7f}\u{84}\u{86}/<>&'é\u{2027}\u{202a}\u{feff}"),
    ] {
        let expected = format!(r#"{{"credentialData":[{{"name":"key","value":"{escaped}"}}]}}"#);
        assert_eq!(Credential::Key { key: secret(character) }.to_json().expose(), expected);
    }
}

proptest! {
    #[test]
    fn any_text_is_read_back_by_a_json_parser(username in any::<String>(), password in "(?s).{0,200}|[\\\\\"\\u{0}-\\u{20}]{0,60}") {
        let read: Value = serde_json::from_str(basic(&username, &password).to_json().expose()).unwrap();
        prop_assert_eq!(read, json!({ "credentialData": [
            { "name": "username", "value": username },
            { "name": "password", "value": password },
        ] }));
    }
}
