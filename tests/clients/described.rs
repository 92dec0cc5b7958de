//! Bodies held against what Microsoft's API descriptions say of them (`tests/fixtures/requests.json`), and not against us.

use serde_json::{Map, Value, json};

/// What is wrong with a body as a request of that type, with its place.
pub fn wrong(request: &str, body: &Value) -> Result<(), String> {
    let described = serde_json::from_str(include_str!("../fixtures/requests.json")).expect("JSON");
    fits(&described, request, body, request)
}

fn fits(described: &Map<String, Value>, kind: &str, value: &Value, place: &str) -> Result<(), String> {
    let demand = |good: bool| if good { Ok(()) } else { Err(format!("{place} is no {kind}: {value}")) };
    match kind.strip_prefix("list of ") {
        Some(entry) => {
            let list = value.as_array().ok_or_else(|| format!("{place} is no list"))?;
            return list.iter().try_for_each(|value| fits(described, entry, value, place));
        }
        None if kind == "text" => return demand(value.is_string()),
        None if kind == "flag" => return demand(value.is_boolean()),
        None => {}
    }
    let description = &described[kind];
    if let Some(values) = description["enum"].as_array() {
        let besides = description["taken though not described"].as_array();
        return demand(values.iter().chain(besides.into_iter().flatten()).any(|known| known == value));
    }
    let fields = value.as_object().ok_or_else(|| format!("{place} is no object"))?;
    let mut parts = vec![description];
    let by = description["by"].as_str();
    if let Some(by) = by {
        let case = fields.get(by).and_then(Value::as_str).ok_or_else(|| format!("{place} has no {by}"))?;
        parts.push(description.get(case).ok_or_else(|| format!("{place} has no {by} {case}"))?);
    }
    let of = |which: &str| parts.iter().filter_map(|part| part[which].as_object()).flatten().collect::<Vec<_>>();
    let (required, optional) = (of("required"), of("optional"));
    if let Some((missing, _)) = required.iter().find(|(name, _)| !fields.contains_key(*name)) {
        return Err(format!("{place} has no {missing}"));
    }
    for (name, value) in fields.iter().filter(|(name, _)| Some(name.as_str()) != by) {
        let known = required.iter().chain(&optional).find(|(known, _)| *known == name);
        let (_, kind) = known.ok_or_else(|| format!("{place} has a {name}, which is not described"))?;
        fits(described, kind.as_str().expect("a type"), value, &format!("{place}.{name}"))?;
    }
    Ok(())
}

#[test]
fn what_is_not_described_is_found() {
    let entry = json!({"gatewayId": "g", "encryptedCredentials": "c"});
    let good = json!({"connectivityType": "OnPremisesGateway", "privacyLevel": "None", "credentialDetails": {
        "skipTestConnection": false, "credentials": {"credentialType": "Key", "values": [entry]},
    }});
    assert_eq!(wrong("UpdateConnectionRequest", &good), Ok(()));
    let credentials = "/credentialDetails/credentials";
    let rows = [
        ("", "connectivityType", None),
        ("", "connectivityType", Some(json!("Automatic"))),
        ("", "privacyLevel", Some(json!("private"))),
        ("", "allowConnectionUsageInGateway", Some(json!(true))),
        ("/credentialDetails", "skipTestConnection", Some(json!("False"))),
        ("/credentialDetails", "encryptedConnection", Some(json!("Encrypted"))),
        (credentials, "credentialType", Some(json!("SAS"))),
        (credentials, "values", None),
        (credentials, "values", Some(json!({}))),
        (credentials, "values", Some(json!([{"gatewayId": "g"}]))),
        (credentials, "password", Some(json!("p"))),
    ];
    for (place, name, value) in rows {
        let mut bad = good.clone();
        let fields = bad.pointer_mut(place).and_then(Value::as_object_mut).unwrap();
        match value {
            Some(value) => fields.insert(name.to_owned(), value),
            None => fields.remove(name),
        };
        assert!(wrong("UpdateConnectionRequest", &bad).is_err(), "{bad}");
    }
}
