//! Semantic models in the catalog: every key, and what Power BI takes for them.

use pbi_rotate::codec::catalog;
use pbi_rotate::domain::names::{Guid, TargetName};
use pbi_rotate::domain::target::{ItemId, Model, Privacy, Reach};

use crate::{EVERY_KEY, GOOD, refused};

#[test]
fn models_are_read_with_what_they_take_from_their_target() {
    let catalog = catalog::parse(EVERY_KEY).unwrap();
    let target = &catalog.targets[&TargetName::parse("reports").unwrap()];
    let guid = |text: &str| Guid::parse(text).unwrap();
    let first = Model {
        workspace: guid("f089354e-8366-4e18-aea3-4cb4a3a50b48"),
        id: ItemId::Dataset(guid("cfafbeb1-8037-4d0c-896e-a46fb27ff229")),
        only: None,
        reach: Reach::OnPremises,
        privacy: Privacy::Private,
        encrypted_connection: true,
        end_user_sso: false,
        profile: Some(guid("3f6c2a0e-6f57-4a53-9f43-6d4f4c2a9f01")),
        take_over: false,
        refresh: false,
    };
    let second = Model {
        id: ItemId::Dataset(guid("dfafbeb1-8037-4d0c-896e-a46fb27ff229")),
        only: Some("Sql".into()),
        reach: Reach::Cloud,
        privacy: Privacy::Public,
        encrypted_connection: false,
        end_user_sso: true,
        take_over: true,
        refresh: true,
        ..first.clone()
    };
    let third =
        Model { id: ItemId::Report(guid("6b0f3a6c-9d1e-4f2a-8b3c-7d6e5f4a3b2c")), take_over: true, ..first.clone() };
    assert_eq!(target.models, [first, second, third]);
    assert!(target.destinations.is_empty(), "a model is enough");
}

#[test]
fn a_model_takes_what_power_bi_takes() {
    let model = r#"{ model = { workspace = "44444444-4444-4444-4444-444444444444", dataset = "33333333-3333-3333-3333-333333333333" } }"#;
    let (before, after) = (GOOD.find("{ datasource").unwrap(), GOOD.find("\n]").unwrap());
    let alone = format!("{}{model}{}", &GOOD[..before], &GOOD[after..]);
    let of = |kind: &str, key: &str| {
        let text = alone.replacen(r#"kind = "Basic", username = "svc""#, kind, 1);
        refused(&text.replacen("dataset =", &format!("{key} dataset ="), 1))
    };
    let at = "targets.sales.destinations[0].model";
    for kind in ["KeyPair", "WindowsWithoutImpersonation", "WorkspaceIdentity"] {
        let login =
            if kind == "KeyPair" { r#"kind = "KeyPair", identifier = "svc""# } else { &format!("kind = {kind:?}") };
        let why = "can be set on Fabric connections only, not on Power BI data sources";
        assert_eq!(of(login, ""), [format!("{at}: {kind} {why}")]);
    }
    let why = "has to be AzureBlobs or AzureDataLakeStorage: Power BI takes a SAS for no other type";
    assert_eq!(of(r#"kind = "SAS""#, r#"only = "Sql","#), [format!("{at}.only: {why}")]);
    for only in ["", r#"only = "AzureBlobs","#, r#"only = "AzureDataLakeStorage","#] {
        assert_eq!(of(r#"kind = "SAS""#, only), [""; 0], "{only}");
    }
}
