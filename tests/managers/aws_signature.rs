//! Our signatures of requests to AWS against those of Amazon's own signer.

use std::time::{Duration, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use bytes::Bytes;
use http::Request;
use pbi_rotate::clients::secrets::aws::SecretsManager;
use pbi_rotate::clients::secrets::{AwsKey, Which};
use pbi_rotate::domain::time::Timestamp;

use crate::scene::{NOW, odd_values, secret};
use crate::wire::{Script, answer, run};

/// What decides a signature.
struct Row<'a> {
    base: &'a str,
    region: &'a str,
    secret: &'a str,
    session: Option<&'a str>,
    now: Timestamp,
    name: &'a str,
}

const PLAIN: Row<'_> = Row {
    base: "https://secretsmanager.eu-central-1.amazonaws.com",
    region: "eu-central-1",
    secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    session: None,
    now: NOW,
    name: "sales-db",
};

#[test]
fn they_are_the_same() {
    let odd = odd_values();
    let long = "IQoJb3JpZ2luX2VjE//+=".repeat(100);
    let mut rows = vec![
        Row { ..PLAIN },
        Row { session: Some("t0k/en+=="), ..PLAIN },
        Row { session: Some(&long), ..PLAIN },
        Row { region: "us-gov-west-1", base: "https://secretsmanager.us-gov-west-1.amazonaws.com", ..PLAIN },
        Row { region: "cn-north-1", base: "https://secretsmanager.cn-north-1.amazonaws.com.cn", ..PLAIN },
        Row { base: "http://127.0.0.1:4566", ..PLAIN },
        Row { secret: "", ..PLAIN },
        Row { secret: "ä🔐 \"", ..PLAIN },
        Row { secret: &long, ..PLAIN },
        Row { now: Timestamp(951_827_696_999), ..PLAIN },
        Row { now: Timestamp(1_798_761_599_999), ..PLAIN },
        Row { name: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:sales/db-a1B2c3", ..PLAIN },
    ];
    rows.extend(odd.iter().map(|name| Row { name, session: Some("t0ken"), ..PLAIN }));
    for row in &rows {
        for which in [None, Some(Which::Current), Some(Which::Previous)] {
            let sent = sent(row, which);
            for (name, value) in expected(row, &sent) {
                assert_eq!(sent.headers()[name.as_str()].to_str().unwrap(), value, "{} {}", row.base, row.name);
            }
        }
    }
}

/// The request that the client sends.
fn sent(row: &Row<'_>, which: Option<Which>) -> Request<Bytes> {
    let key = AwsKey { id: "AKIDEXAMPLE".into(), secret: secret(row.secret), session: row.session.map(secret) };
    let wire = Script::new([answer(500, &[], "")]);
    let manager = SecretsManager { wire: &wire, base: row.base, region: row.region, key: &key, now: row.now };
    match which {
        None => assert!(run(manager.seen(row.name)).is_err()),
        Some(which) => assert!(run(manager.fetch(row.name, which)).is_err()),
    }
    wire.only()
}

/// The headers that Amazon's signer would add to it.
fn expected(row: &Row<'_>, sent: &Request<Bytes>) -> Vec<(String, String)> {
    let session = row.session.map(str::to_owned);
    let identity = Credentials::new("AKIDEXAMPLE", row.secret, session, None, "test").into();
    let params = SigningParams::builder()
        .identity(&identity)
        .region(row.region)
        .name("secretsmanager")
        .time(UNIX_EPOCH + Duration::from_millis(row.now.0.unsigned_abs()))
        .settings(SigningSettings::default())
        .build()
        .unwrap()
        .into();
    let own = ["content-type", "x-amz-target"].map(|name| (name, sent.headers()[name].to_str().unwrap()));
    let url = sent.uri().to_string();
    let signable = SignableRequest::new("POST", url, own.into_iter(), SignableBody::Bytes(sent.body())).unwrap();
    let (instructions, _) = sign(signable, &params).unwrap().into_parts();
    let added: Vec<_> = instructions.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    assert_eq!(added.len(), 2 + usize::from(row.session.is_some()));
    added
}
