//! What a target is bound to in a secret manager: what cannot be, by itself and in the manager it is from.

use crate::{GOOD, refused};

/// The small catalog with a source of that kind, and that `secret` for its target.
fn bound(manager: &str, secret: &str, credential: &str) -> String {
    let target = GOOD.replacen("title =", &format!("secret = {secret}\ntitle ="), 1).replacen(
        "{ kind = \"Basic\", username = \"svc\" }",
        credential,
        1,
    );
    // Power BI's data sources take fewer kinds of credentials than Fabric's connections.
    let lines = target.lines().filter(|line| !line.starts_with("{ datasource"));
    format!("[sources.vault]\nmanager = {manager}\n{}", lines.collect::<Vec<_>>().join("\n"))
}

const BASIC: &str = "{ kind = \"Basic\", username = \"svc\" }";
const KEY_VAULT: &str = "{ kind = \"AzureKeyVault\", vault = \"contoso-data\" }";
const DOPPLER: &str = "{ kind = \"Doppler\", project = \"warehouse\", config = \"prd\" }";
const VAULT: &str = "{ kind = \"Vault\", url = \"https://vault.contoso.example\" }";

/// What is said of that `secret`.
fn told(manager: &str, secret: &str, credential: &str) -> Vec<String> {
    refused(&bound(manager, secret, credential))
}

#[test]
fn what_is_bound_has_to_be_said_whole() {
    let one_of_two = "targets.sales.secret: has to have a name; or, in a Vault, mount and path, or mount and role";
    let user = "targets.sales.secret.username: has to have either key or tag: where the user name stands";
    for (secret, expected) in [
        ("7", "targets.sales.secret: has to be a table, { … }"),
        (r#"{ name = "x" }"#, "targets.sales.secret.from: is missing"),
        (r#"{ from = 7, name = "x" }"#, "targets.sales.secret.from: has to be text in quotation marks"),
        (r#"{ from = "vault" }"#, one_of_two),
        (r#"{ from = "vault", name = "x", role = "y" }"#, one_of_two),
        (r#"{ from = "vault", mount = "x" }"#, one_of_two),
        (r#"{ from = "vault", path = "x" }"#, one_of_two),
        (r#"{ from = "vault", mount = "x", path = "y", role = "z" }"#, one_of_two),
        (r#"{ from = "vault", name = " " }"#, "targets.sales.secret.name: is blank"),
        (
            r#"{ from = "vault", name = "x", nmae = 1 }"#,
            "targets.sales.secret.nmae: is not known here; did you mean name?",
        ),
        (r#"{ from = "vault", name = "x", ask_again = 1 }"#, "targets.sales.secret.ask_again: has to be true or false"),
        (r#"{ from = "vault", name = "x", fields = "pw" }"#, "targets.sales.secret.fields: has to be a table, { … }"),
        (
            r#"{ from = "vault", name = "x", fields = { password = 7 } }"#,
            "targets.sales.secret.fields.password: has to be text in quotation marks",
        ),
        (
            r#"{ from = "vault", name = "x", fields = {} }"#,
            "targets.sales.secret.fields.password: is missing: under which key does it stand?",
        ),
        (
            r#"{ from = "vault", name = "x", username = "user" }"#,
            "targets.sales.secret.username: has to be a table, { … }",
        ),
        (r#"{ from = "vault", name = "x", username = {} }"#, user),
        (r#"{ from = "vault", name = "x", username = { key = "a", tag = "b" } }"#, user),
        (
            r#"{ from = "vault", name = "x", username = { tga = "b", tag = "b" } }"#,
            "targets.sales.secret.username.tga: is not known here; did you mean tag?",
        ),
    ] {
        assert_eq!(told(KEY_VAULT, secret, BASIC), [expected], "{secret}");
    }
    let spelt = r#"{ from = "vault", name = "x", fields = { passwrod = "a", password = "b" } }"#;
    let expected = "targets.sales.secret.fields.passwrod: is not known here; did you mean password?";
    assert_eq!(told(KEY_VAULT, spelt, BASIC), [expected]);
}

#[test]
fn what_is_bound_has_to_fit_its_credential() {
    let plain = r#"{ from = "vault", name = "x" }"#;
    let several = "targets.sales.secret: needs fields: this kind of credential has several values";
    assert_eq!(told(KEY_VAULT, plain, "{ kind = \"KeyPair\", identifier = \"SVC\" }"), [several]);
    let nothing = "targets.sales.secret: is of no use: this kind of credential has nothing secret";
    assert_eq!(told(KEY_VAULT, plain, "{ kind = \"Anonymous\" }"), [nothing]);
    let named = "targets.sales.secret.username: is of no use: this kind of credential has no user name";
    let user = r#"{ from = "vault", name = "x", username = { tag = "login" } }"#;
    assert_eq!(told(KEY_VAULT, user, "{ kind = \"Key\" }"), [named]);
    let other = r#"{ from = "vault", name = "x", fields = { private_key = "pem" } }"#;
    let refused = told(KEY_VAULT, other, BASIC);
    assert!(refused.iter().any(|told| told.starts_with("targets.sales.secret.fields.private_key: ")), "{refused:?}");
}

#[test]
fn what_is_bound_has_to_be_in_its_manager() {
    let of = |manager, secret: &str| told(manager, secret, BASIC);
    let at = |message: &str| [format!("targets.sales.secret: {message}")];
    let keyed = |secret: &str| format!("{{ {secret}, fields = {{ password = \"pw\" }} }}");
    let (kv, role) = (r#"from = "vault", mount = "kv", path = "x""#, r#"from = "vault", mount = "db", role = "x""#);
    let whole = |secret: &str| format!("{{ {secret} }}");

    let elsewhere = r#"{ from = "valut", name = "x" }"#;
    assert_eq!(of(KEY_VAULT, elsewhere), at("is from a secret manager that sources does not have"));
    assert_eq!(of(VAULT, r#"{ from = "vault", name = "x" }"#), at("needs mount, and path or role: it is in a Vault"));
    assert_eq!(of(VAULT, &whole(kv)), at("needs fields: a secret of Vault has its values by name"));
    assert_eq!(of(VAULT, &keyed(role)), at("needs no fields: a static role has one password"));
    for manager in [KEY_VAULT, DOPPLER] {
        for secret in [keyed(kv), whole(role)] {
            assert_eq!(of(manager, &secret), at("needs a name: path and role are for a Vault"), "{secret}");
        }
    }
    let tagged = r#"{ from = "vault", name = "x", username = { tag = "login" } }"#;
    assert_eq!(of(DOPPLER, tagged), at("has its user name in a tag, and only those of Azure Key Vault are read"));
    assert_eq!(of(KEY_VAULT, tagged), [""; 0]);
    assert_eq!((of(VAULT, &keyed(kv)), of(VAULT, &whole(role))), (Vec::new(), Vec::new()));
}

#[test]
fn a_tag_of_a_vaults_secret_is_no_user_name() {
    for secret in [
        r#"{ from = "vault", mount = "kv", path = "x", fields = { password = "pw" }, username = { tag = "login" } }"#,
        r#"{ from = "vault", mount = "db", role = "x", username = { tag = "login" } }"#,
    ] {
        let expected = "targets.sales.secret: has its user name in a tag, and only those of Azure Key Vault are read";
        assert_eq!(told(VAULT, secret, BASIC), [expected], "{secret}");
    }
}
