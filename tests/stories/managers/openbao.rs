//! OpenBao's http audit device: every line of the audit is posted here, and few of them say that a secret has changed.

use bytes::Bytes;
use emulator::scene as company;
use emulator::senders::OpenBaoAudit;
use emulator::{Manager, NewVersion};
use http::Request;
use serde_json::json;

use super::door::{with_header, with_header_twice, without_header};
use super::{Source, VERIFIED, address};
use crate::bot::Bot;
use crate::people::UNAPPROVED;
use crate::scene::ONE_LEAD;

crate::stories![
    a_secret_that_was_written_is_put_in_place,
    a_static_role_that_was_rotated_is_put_in_place,
    the_user_name_changes_with_the_secret,
    what_is_approved_is_what_is_there_then,
    both_keys_count_while_they_overlap,
    what_does_not_bring_the_key_is_refused,
    what_is_proven_and_broken_is_malformed,
    what_is_too_large_is_not_read,
    lines_of_no_interest_are_taken_and_left,
    a_line_sent_twice_is_acted_on_once,
];

const PATH: &str = "teams/sales";
const BINDING: &str = "mount = \"secret\", path = \"teams/sales\", fields = { password = \"pw\" }";

fn bao(keys: &[&str]) -> Source {
    let table =
        "manager = { kind = \"Vault\", url = \"{base}/vault\" }\nevents = { kind = \"OpenBaoAudit\" }".to_owned();
    let (id, secret) = (company::VAULT_ROLE_ID, company::VAULT_SECRET_ID);
    Source { table, secrets: json!({ "keys": keys, "role_id": id, "secret_id": secret }) }
}

/// The bot, bound to a secret whose version is not in place.
fn is_bound(bot: &mut Bot) {
    bot.is_bound(&bao(&[company::HOOK_KEY]), BINDING, "");
    put(bot, "from-openbao");
}

fn put(bot: &Bot, password: &str) {
    let value = json!({ "pw": bot.secret(password), "note": "of no interest" }).to_string();
    bot.world.put_secret(Manager::Vault, PATH, NewVersion::of(&value));
}

fn written(bot: &Bot, id: &str) -> OpenBaoAudit {
    OpenBaoAudit::kv_written(id, PATH, bot.world.now_ms())
}

fn honest(bot: &Bot, id: &str) -> Request<Bytes> {
    written(bot, id).post(&address())
}

fn is_put_in_place(bot: &Bot) {
    bot.until_card(VERIFIED);
    assert_eq!(bot.password().as_deref(), Some("from-openbao"));
}

fn a_secret_that_was_written_is_put_in_place(bot: &mut Bot) {
    is_bound(bot);
    bot.takes(&honest(bot, "line-1"));
    is_put_in_place(bot);
    assert_eq!(bot.opened(), 1);
    assert_eq!(bot.world.manager_logins(Manager::Vault), 0, "no token is left behind");
}

fn a_static_role_that_was_rotated_is_put_in_place(bot: &mut Bot) {
    let role = company::VAULT_STATIC_ROLE;
    let binding = format!("mount = \"database\", role = \"{role}\"");
    bot.is_bound(&bao(&[company::HOOK_KEY]), &binding, "");
    // The password of before is put in place first: nobody has told the bot of it.
    bot.world.set_static_role(role, company::SALES_SQL, 30 * 24 * 3600);
    assert!(bot.world.rotate_static_role(role));
    let password = bot.secret(&bot.world.static_role_password(role).unwrap());
    bot.takes(&OpenBaoAudit::role_rotated("line-1", role, bot.world.now_ms()).post(&address()));
    bot.until_card(VERIFIED);
    let arrived = ["username", "password"].map(|name| bot.opened_field(name));
    assert_eq!(arrived, [company::VAULT_STATIC_USER.to_owned(), password]);
    assert_eq!(bot.opened(), 1);
}

fn the_user_name_changes_with_the_secret(bot: &mut Bot) {
    bot.is_bound(&bao(&[company::HOOK_KEY]), &format!("{BINDING}, username = {{ key = \"user\" }}"), "");
    for (at, (user, password)) in [("feed_blue", "blue-1"), ("feed_green", "green-1")].into_iter().enumerate() {
        let value = json!({ "user": user, "pw": bot.secret(password) }).to_string();
        bot.world.put_secret(Manager::Vault, PATH, NewVersion::of(&value));
        bot.takes(&honest(bot, user));
        bot.until("another password arrives", |world| world.opened().len() == at + 1);
        bot.some_time_later();
        assert_eq!(["username", "password"].map(|name| bot.opened_field(name)), [user, password]);
    }
}

fn what_is_approved_is_what_is_there_then(bot: &mut Bot) {
    bot.is_bound(&bao(&[company::HOOK_KEY]), BINDING, ONE_LEAD);
    put(bot, "the-first-value");
    bot.takes(&honest(bot, "line-1"));
    bot.until_card(UNAPPROVED);
    bot.rest();
    assert!(bot.world.secret_reads().is_empty(), "no value is read before");
    put(bot, "the-second-value");
    bot.taps(company::BEN, "Approve");
    bot.until_card(VERIFIED);
    assert_eq!(bot.password().as_deref(), Some("the-second-value"));
}

fn both_keys_count_while_they_overlap(bot: &mut Bot) {
    bot.is_bound(&bao(&[company::HOOK_KEY, company::HOOK_KEY_OLD]), BINDING, "");
    put(bot, "from-openbao");
    let key = Some(company::HOOK_KEY_OLD.to_owned());
    bot.takes(&OpenBaoAudit { key, ..written(bot, "line-1") }.post(&address()));
    is_put_in_place(bot);
    bot.takes(&honest(bot, "line-2"));
    assert_eq!(bot.opened(), 1);
}

fn what_does_not_bring_the_key_is_refused(bot: &mut Bot) {
    is_bound(bot);
    let name = company::HOOK_KEY_HEADER;
    let good = honest(bot, "line-1");
    let key = company::HOOK_KEY;
    let (missing, wrong) = ("hook-missing", "hook-signature");
    // The Workers runtime makes one text of them.
    let two = if bot.is_here() { "hook-form" } else { wrong };
    bot.believes_none(&[
        ("no key", without_header(good.clone(), name), missing),
        ("cut short", with_header(good.clone(), name, &key[..key.len() - 1]), wrong),
        ("longer", with_header(good.clone(), name, &format!("{key}0")), wrong),
        ("in small letters", with_header(good.clone(), name, &key.to_lowercase()), wrong),
        ("a retired key", with_header(good.clone(), name, company::HOOK_KEY_OLD), wrong),
        ("two keys", with_header_twice(good.clone(), name), two),
    ]);
    bot.takes(&good);
    is_put_in_place(bot);
}

fn what_is_proven_and_broken_is_malformed(bot: &mut Bot) {
    is_bound(bot);
    let body = |text: &str| honest(bot, "line-1").map(|_| Bytes::copy_from_slice(text.as_bytes()));
    let messages = [
        ("nothing", body("")),
        ("cut short", body("{\"type\":\"response\",\"request\":{\"path\":\"secret/da")),
        ("two lines", honest(bot, "line-1").map(|line| [&line[..], &line[..]].concat().into())),
        ("a number for a type", body("{\"type\":7}")),
    ];
    bot.answers_all(&messages, 400, "malformed");
    bot.takes(&honest(bot, "line-2"));
    is_put_in_place(bot);
}

fn what_is_too_large_is_not_read(bot: &mut Bot) {
    is_bound(bot);
    let line = OpenBaoAudit { error: Some("x".repeat(192 * 1024)), ..written(bot, "line-1") };
    bot.answers_all(&[("too large", line.post(&address()))], 413, "too-large");
}

fn lines_of_no_interest_are_taken_and_left(bot: &mut Bot) {
    is_bound(bot);
    let line = || written(bot, "line-1");
    let text = |text: &str| text.to_owned();
    let post = |line: OpenBaoAudit| line.post(&address());
    let messages = [
        ("a request, not yet done", post(OpenBaoAudit { kind: text("request"), ..line() })),
        ("a request that failed", post(OpenBaoAudit { error: Some(text("permission denied")), ..line() })),
        ("a read", post(OpenBaoAudit { operation: text("read"), ..line() })),
        ("a deletion", post(OpenBaoAudit { operation: text("delete"), ..line() })),
        ("another engine", post(OpenBaoAudit { mount_type: text("transit"), ..line() })),
        ("only metadata", post(OpenBaoAudit { path: format!("secret/metadata/{PATH}"), ..line() })),
        ("another path", post(OpenBaoAudit { path: text("secret/data/teams/hr"), ..line() })),
        ("another mount", post(OpenBaoAudit { mount_point: text("kv/"), path: format!("kv/data/{PATH}"), ..line() })),
        ("a static role", post(OpenBaoAudit::role_rotated("line-2", "orders-reader", bot.world.now_ms()))),
    ];
    bot.answers_all(&messages, 200, "nothing-new");
    bot.takes(&honest(bot, "line-1"));
    is_put_in_place(bot);
}

fn a_line_sent_twice_is_acted_on_once(bot: &mut Bot) {
    is_bound(bot);
    let line = honest(bot, "line-1");
    (0..3).for_each(|_| bot.takes(&line));
    is_put_in_place(bot);
    bot.takes(&line);
    // Nothing in it says when it was sent; it is known by its id, and then by the version.
    bot.takes(&honest(bot, "line-2"));
    assert_eq!((bot.opened(), bot.world.opened().len()), (1, 1), "{}", bot.log());
}
