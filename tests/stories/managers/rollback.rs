//! Going back: the value before the current one is put in place again, under the same policy as any other.

use std::time::Duration;

use emulator::slack::Person;
use emulator::{Lost, Manager, NewVersion, scene as company};
use serde_json::json;

use super::static_roles;
use super::vault::{self, card, told};
use super::{Source, VERIFIED, key_vault};
use crate::bot::Bot;
use crate::failures::updates;
use crate::people::UNAPPROVED;
use crate::scene::ONE_LEAD;

crate::stories![
    in_aws,
    in_google,
    in_the_store_of_vault,
    in_infisical,
    it_waits_for_an_approval_and_for_nothing_less,
    of_one_version_there_is_none_before,
    a_version_before_that_is_gone_is_not_put_in_place,
    who_keeps_no_previous_value_is_said_at_the_form;
    here only because "versions of one second have no order in Key Vault, and windows are hours away, and objects of our own are broken":
    in_key_vault,
    it_waits_for_the_window,
    a_register_that_does_not_answer_is_not_called_a_sender,
];

/// A secret manager that keeps what was before.
struct Keeper {
    manager: Manager,
    source: Source,
    /// What `sales-db` is bound to.
    binding: String,
    /// Its name in the manager.
    secret: &'static str,
}

impl Keeper {
    fn named(manager: Manager, secret: &'static str, table: &str, secrets: serde_json::Value) -> Self {
        let source = Source { table: format!("manager = {{ {table} }}"), secrets };
        Self { manager, source, binding: format!("name = \"{secret}\""), secret }
    }

    fn put(&self, bot: &Bot, password: &str) {
        let value = match self.manager {
            Manager::Vault => json!({ "pw": bot.secret(password) }).to_string(),
            _ => bot.secret(password),
        };
        bot.world.put_secret(self.manager, self.secret, NewVersion::of(&value));
        if self.manager == Manager::KeyVault {
            bot.wait(Duration::from_secs(60));
        }
    }
}

fn store() -> Keeper {
    Keeper { manager: Manager::Vault, source: vault::relayed(), binding: vault::KV.to_owned(), secret: vault::PATH }
}

/// Ana asks for the value before the current one, up to the end of the form.
fn ana_goes_back(bot: &Bot) -> Person {
    let ana = bot.world.person(company::ANA);
    bot.types(company::ANA, "rollback sales-db");
    let form = bot.modal(company::ANA);
    bot.does(&ana.submit(&form.id, &[("reason", json!("The new one locks the account"))]).expect("the form"));
    ana.close(&bot.modal(company::ANA).id).expect("a notice that can be closed");
    ana
}

/// The bot looks at what is bound, as it does once a day, and has so often put something in place by then.
fn looks(bot: &Bot, placed: usize) {
    bot.wakes_up();
    is_in_place(bot, placed);
}

fn is_in_place(bot: &Bot, placed: usize) {
    bot.until("it is in place", |_| bot.happened("finish", "ok") == placed);
    bot.until_card(VERIFIED);
    bot.rest();
    assert_eq!(updates(bot), placed);
}

/// Two versions, back to the first, and on to a third.
fn goes_back(bot: &mut Bot, keeper: &Keeper) {
    bot.is_bound(&keeper.source, &keeper.binding, "");
    keeper.put(bot, "the-first");
    keeper.put(bot, "the-second");
    looks(bot, 1);
    assert_eq!(bot.password().as_deref(), Some("the-second"));
    ana_goes_back(bot);
    is_in_place(bot, 2);
    assert_eq!(bot.password().as_deref(), Some("the-first"));
    let card = card(bot);
    assert!(card.contains("Roll back Sales warehouse"), "{card}");
    assert!(card.contains("The value before the current one was read from"), "{card}");
    // Somebody wanted that: it is not undone by the look of the next day, nor asked for again.
    for _ in 0..2 {
        let same = bot.happened("secret", "same");
        bot.wakes_up();
        bot.until("it is looked at", |_| bot.happened("secret", "same") == same + 1);
    }
    bot.rest();
    assert_eq!((bot.happened("open", "ok"), updates(bot)), (2, 2));
    // What comes after it is put in place as ever.
    keeper.put(bot, "the-third");
    looks(bot, 3);
    assert_eq!(bot.password().as_deref(), Some("the-third"));
    assert_eq!(told(bot), [] as [String; 0]);
}

fn in_aws(bot: &mut Bot) {
    let (region, account) = (company::AWS_REGION, company::AWS_ACCOUNT);
    let table = format!(r#"kind = "AwsSecretsManager", region = "{region}", account = "{account}""#);
    let secrets = json!({ "access_key_id": company::AWS_KEY_ID, "secret_access_key": company::AWS_SECRET_KEY });
    goes_back(bot, &Keeper::named(Manager::Aws, "prod/sales-db", &table, secrets));
}

fn in_key_vault(bot: &mut Bot) {
    let table = format!(r#"kind = "AzureKeyVault", vault = "{}""#, company::KEY_VAULT);
    goes_back(bot, &Keeper::named(Manager::KeyVault, key_vault::SECRET, &table, json!({})));
}

fn in_google(bot: &mut Bot) {
    let table = format!(r#"kind = "GoogleSecretManager", project = "{}""#, company::GOOGLE_PROJECT);
    let secrets = json!({
        "client_email": company::GOOGLE_ACCOUNT, "private_key": company::GOOGLE_ACCOUNT_KEY,
        "private_key_id": company::GOOGLE_ACCOUNT_KEY_ID,
    });
    goes_back(bot, &Keeper::named(Manager::Google, "sales-db", &table, secrets));
}

fn in_the_store_of_vault(bot: &mut Bot) {
    goes_back(bot, &store());
}

fn in_infisical(bot: &mut Bot) {
    let (project, environment, folder) =
        (company::INFISICAL_PROJECT, company::INFISICAL_ENVIRONMENT, company::INFISICAL_FOLDER);
    let table =
        format!(r#"kind = "Infisical", project = "{project}", environment = "{environment}", folder = "{folder}""#);
    let secrets = json!({
        "client_id": company::INFISICAL_CLIENT_ID, "client_secret": company::INFISICAL_CLIENT_SECRET,
    });
    goes_back(bot, &Keeper::named(Manager::Infisical, "SALES_DB_PASSWORD", &table, secrets));
}

fn it_waits_for_an_approval_and_for_nothing_less(bot: &mut Bot) {
    let keeper = store();
    // Ana may break glass, which is for other emergencies: the new value, past approvals.
    let emergency = format!(r#"{ONE_LEAD}, break_glass = ["slack:{}"]"#, company::GROUP_DATA);
    bot.is_bound(&keeper.source, &keeper.binding, &emergency);
    keeper.put(bot, "the-first");
    keeper.put(bot, "the-second");
    ana_goes_back(bot);
    bot.until_card(UNAPPROVED);
    bot.rest();
    assert_eq!(bot.world.secret_reads(), [], "nothing is read before");
    let card_then = card(bot);
    assert!(card_then.contains("The value before the current one goes back: teams/sales in vault."), "{card_then}");
    bot.nothing_was_sent();
    bot.taps(company::BEN, "Approve");
    is_in_place(bot, 1);
    assert_eq!(bot.password().as_deref(), Some("the-first"));
    let card = card(bot);
    assert!(card.contains(">: The new one locks the account"), "{card}");
    assert!(!card.contains("BREAK-GLASS"), "{card}");
}

fn it_waits_for_the_window(bot: &mut Bot) {
    let keeper = store();
    // The story begins on a Saturday at 19:30 in Vienna.
    let night = r#"windows = [{ days = ["Sat"], from = "22:00", to = "04:00", zone = "Europe/Vienna" }]"#;
    bot.is_bound(&keeper.source, &keeper.binding, night);
    keeper.put(bot, "the-first");
    keeper.put(bot, "the-second");
    ana_goes_back(bot);
    bot.until_card("Reading the new credential");
    bot.wait(Duration::from_secs(2 * 60 * 60));
    assert_eq!(bot.world.secret_reads(), [], "nothing is read before");
    bot.nothing_was_sent();
    bot.wait(Duration::from_secs(31 * 60));
    is_in_place(bot, 1);
    assert_eq!(bot.password().as_deref(), Some("the-first"));
}

fn of_one_version_there_is_none_before(bot: &mut Bot) {
    let keeper = store();
    bot.is_bound(&keeper.source, &keeper.binding, "");
    keeper.put(bot, "the-only-one");
    ana_goes_back(bot);
    bot.until_card("Not rotated");
    let card = card(bot);
    assert!(card.contains("It keeps no previous version that may be used."), "{card}");
    bot.nothing_was_sent();
    // The one there is stays to be put in place.
    bot.wakes_up();
    bot.until_card(VERIFIED);
    assert_eq!(bot.password().as_deref(), Some("the-only-one"));
}

fn a_version_before_that_is_gone_is_not_put_in_place(bot: &mut Bot) {
    let keeper = store();
    bot.is_bound(&keeper.source, &keeper.binding, "");
    keeper.put(bot, "the-first");
    keeper.put(bot, "the-second");
    bot.world.destroy_secret(Manager::Vault, vault::PATH, "1");
    ana_goes_back(bot);
    bot.until_card("Not rotated");
    let card = card(bot);
    assert!(card.contains("It keeps no previous version that may be used."), "{card}");
    bot.nothing_was_sent();
}

fn who_keeps_no_previous_value_is_said_at_the_form(bot: &mut Bot) {
    let (project, config) = (company::DOPPLER_PROJECT, company::DOPPLER_CONFIG);
    let doppler = Source {
        table: format!(r#"manager = {{ kind = "Doppler", project = "{project}", config = "{config}" }}"#),
        secrets: json!({ "token": company::DOPPLER_TOKEN }),
    };
    let pushed = Source {
        table: "manager = { kind = \"Pushed\" }\nevents = { kind = \"StandardWebhooks\" }".to_owned(),
        secrets: json!({ "private_key": company::WORKER_SEALING_KEY, "keys": [company::WEBHOOK_SECRET] }),
    };
    let named = r#"name = "SALES_DB_PASSWORD""#;
    for (source, binding) in [(doppler, named), (pushed, named), (vault::relayed(), static_roles::ROLE)] {
        bot.is_bound(&source, binding, "");
        bot.types(company::ANA, "rollback sales-db");
        let said = bot.modal_words(company::ANA);
        assert!(
            said.contains("The secret manager of sales-db keeps no previous value. Nothing was changed."),
            "{said}"
        );
        bot.world.person(company::ANA).close(&bot.modal(company::ANA).id).unwrap();
    }
    // And where there is none.
    bot.knows(&crate::scene::ruled(""));
    bot.types(company::ANA, "rollback sales-db");
    let said = bot.modal_words(company::ANA);
    assert!(said.contains("No secret manager supplies the value of sales-db"), "{said}");
    assert_eq!(bot.happened("open", "ok"), 0);
}

fn a_register_that_does_not_answer_is_not_called_a_sender(bot: &mut Bot) {
    let mut said = Vec::new();
    // Whichever of the questions it does not answer; it is asked at least for the target and for the secret manager.
    for answered in 0..6 {
        bot.is_bound(&vault::relayed(), vault::KV, "");
        bot.here().break_register(None, answered);
        bot.here().break_register(Some(Lost::Request), 1);
        bot.types(company::ANA, "rollback sales-db");
        said.push(bot.modal_words(company::ANA));
    }
    assert!(said.iter().all(|words| !words.contains("The sender")), "{said:#?}");
    let ours = "Our own storage did not answer, so nothing was changed. Try again in a minute.";
    assert!(said.iter().filter(|words| words.contains(ours)).count() > 1, "{said:#?}");
}
