//! Whatever can be typed as a secret arrives as it was typed, and shows nowhere.

use emulator::scene;
use serde_json::{Value, json};

use crate::bot::Bot;
use crate::scene::{cluster, on_premises, target};

crate::stories![
    a_secret_of_three_thousand_characters_arrives_whole,
    whatever_characters_a_secret_has_arrive_unchanged,
    a_private_key_has_to_be_pem,
];

/// A cloud source would keep the text as it was sent; a gateway has to open it.
fn opened_password(bot: &Bot) -> String {
    let plain: Value = serde_json::from_str(&bot.world.opened().last().unwrap().plaintext).unwrap();
    plain["credentialData"][1]["value"].as_str().unwrap().to_owned()
}

fn catalog() -> String {
    target("sales-db", "Sales", crate::scene::WINDOWS, &[&on_premises(scene::GATEWAY_SALES, scene::SALES_SQL)])
}

fn a_secret_of_three_thousand_characters_arrives_whole(bot: &mut Bot) {
    bot.knows(&catalog());
    // Three bytes each, and no two neighbours alike.
    let long: String = (0..3000).map(|at| char::from_u32(0x4e00 + at).unwrap()).collect();
    bot.ana_rotates("sales-db", &[("password", &long)], "Rotated and verified, 1 of 1");
    assert_eq!(opened_password(bot), long);
}

fn whatever_characters_a_secret_has_arrive_unchanged(bot: &mut Bot) {
    bot.knows(&catalog());
    let odd = [
        r#"quotes"and'ticks`"#,
        r"C:\back\\slashes\",
        "two\nlines\r\nand\ttabs",
        "  blanks around  ",
        "ümlaut 密码 🔐🏳️‍🌈",
        "a=b&c=d%41+%2B",
        "<@U0BEN> *bold* </script>",
        "\u{202e}backwards\u{0}\u{7f}",
        r#"","name":"username","value":"sa"#,
    ];
    for secret in odd {
        bot.ana_rotates("sales-db", &[("password", secret)], "Rotated and verified, 1 of 1");
        assert_eq!(opened_password(bot), secret);
    }
}

fn a_private_key_has_to_be_pem(bot: &mut Bot) {
    let login = r#"{ kind = "KeyPair", identifier = "SVC_SALES" }"#;
    bot.knows(&target("snow", "Snowflake", login, &[&cluster()]));
    bot.ana_asks("snow");
    for wrong in ["MIIEvQIBADANBgkqhkiG9w0BAQEFAASC", "PuTTY-User-Key-File-3: ssh-rsa"] {
        bot.ana_fills_in(&[("private_key", wrong)]);
        let marks = json!({"private_key": "This is not a PEM key: it begins with -----BEGIN."});
        assert_eq!(bot.modal(scene::ANA).errors, marks);
    }
    bot.only_looked();

    let pem = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----";
    bot.ana_fills_in(&[("private_key", pem)]);
    bot.until_card("Rotated and verified, 1 of 1");
    let plain: Value = serde_json::from_str(&bot.world.opened().last().unwrap().plaintext).unwrap();
    let data = json!([{"name": "identifier", "value": "SVC_SALES"}, {"name": "privateKey", "value": pem}]);
    assert_eq!(plain["credentialData"], data, "without a passphrase");
}
