//! The app for Teams against what can be asked for, and its icons against what Teams takes.

use std::collections::BTreeSet;

use pbi_rotate::codec::content::message;
use pbi_rotate::codec::sheet::{Part, Span};
use pbi_rotate::codec::teams::COMMAND;
use pbi_rotate::codec::wish;
use pbi_rotate::doors::Door;
use serde_json::{Value, json};

use crate::elements::objects;

const TEXT: &str = include_str!("../../manifests/teams/manifest.json");

fn manifest() -> Value {
    serde_json::from_str(TEXT).expect("the manifest is JSON")
}

/// The commands that help names.
fn verbs() -> BTreeSet<String> {
    let help = message::help(COMMAND).body;
    let lines = help.iter().filter_map(|part| if let Part::Paragraph(text) = part { Some(&text.0) } else { None });
    let bold = lines.flatten().filter_map(|span| if let Span::Bold(words) = span { Some(words) } else { None });
    bold.map(|words| words.trim_start_matches(COMMAND).trim_start().to_owned()).collect()
}

#[test]
fn the_commands_are_those_that_help_names_and_each_is_understood() {
    let manifest = manifest();
    assert_eq!(manifest["name"]["short"].as_str().map(|name| format!("@{name}")).as_deref(), Some(COMMAND));
    let lists = manifest["bots"][0]["commandLists"].as_array().unwrap();
    let scopes: Vec<_> = lists.iter().map(|list| (&list["scopes"], &list["triggers"])).collect();
    // A conversation of two is private already: there is no slash in it (Teams, Slash commands).
    let (rooms, alone) = (json!(["team", "groupChat"]), json!(["personal"]));
    assert_eq!(scopes, [(&rooms, &json!(["mention", "slash"])), (&alone, &json!(["mention"]))]);
    for list in lists {
        let commands = list["commands"].as_array().unwrap();
        let titles: Vec<_> = commands.iter().map(|command| command["title"].as_str().unwrap().to_owned()).collect();
        for title in &titles {
            assert_eq!(wish::read(title).name(), title);
        }
        assert_eq!(titles.iter().cloned().collect::<BTreeSet<_>>(), verbs());
        assert_eq!(list["commands"], lists[0]["commands"]);
    }
    assert_eq!(manifest["bots"][0]["supportsTargetedMessages"], true);
    let extension = &manifest["composeExtensions"][0]["commands"];
    assert_eq!(extension.as_array().map(Vec::len), Some(1));
    let rotate = &extension[0];
    assert_eq!(wish::read(rotate["id"].as_str().unwrap()).name(), "rotate");
    assert_eq!((&rotate["fetchTask"], &rotate["triggers"]), (&json!(true), &json!(["slash"])));
}

#[test]
fn one_app_at_one_host_of_this_version() {
    let manifest = manifest();
    assert_eq!(manifest["validDomains"], json!(["{{HOST}}"]));
    for object in objects(&manifest) {
        for (name, value) in object.as_object().unwrap() {
            match name.as_str() {
                "id" if value == "rotate" => {}
                "id" | "botId" => assert_eq!(value, "{{APP_ID}}"),
                name if name.ends_with("Url") => assert!(value.as_str().unwrap().starts_with("https://{{HOST}}/")),
                _ => {}
            }
        }
    }
    assert_eq!(TEXT.matches("{{").count(), 7, "a place that nothing fills");
    assert_eq!(manifest["version"], env!("CARGO_PKG_VERSION"));
    let version = manifest["manifestVersion"].as_str().unwrap();
    assert!(manifest["$schema"].as_str().unwrap().contains(&format!("/v{version}/")));
    assert_eq!(manifest["bots"][0]["scopes"], json!(["personal", "team", "groupChat"]));
}

#[test]
fn the_bot_is_told_the_address_of_its_door() {
    let document = include_str!("../../docs/teams.md");
    assert!(document.contains(&format!("`https://YOUR-WORKER{}`", Door::Teams.path())));
    // A bot has one address; what else the manifest names is the page that dialogs show, which no door answers.
    assert_eq!(TEXT.matches("https://{{HOST}}/enter\"").count(), TEXT.matches("https://{{HOST}}").count());
}

#[test]
fn the_icons_are_as_large_as_teams_wants_them() {
    let manifest = manifest();
    let icons = json!({ "color": "color.png", "outline": "outline.png" });
    assert_eq!(manifest["icons"], icons);
    let color = include_bytes!("../../manifests/teams/color.png");
    let outline = include_bytes!("../../manifests/teams/outline.png");
    // A PNG begins with its signature and the chunk IHDR: width, height, depth, and colour type, where 6 is with alpha.
    let size = |png: &[u8]| (png[16..24].to_vec(), png[25]);
    assert_eq!(size(color).0, [0, 0, 0, 192, 0, 0, 0, 192]);
    assert_eq!(size(outline), (vec![0, 0, 0, 32, 0, 0, 0, 32], 6));
}
