//! Ana opens the page in a real browser, and no byte that reaches the Worker or Slack holds what she types.

use browser::{Browser, Viewport};
use emulator::scene;

use crate::bot::{self, Bot, WAITING};
use crate::page::{OFF, link_in};
use crate::scene::sales_db;

const PASSWORD: &str = "only-this-browser-knows-it \u{1f512} \"\\";

#[test]
#[ignore = "needs the built Worker and Chromium: cargo xtask test"]
fn what_is_typed_in_a_browser_is_opened_by_gateways_alone() {
    bot::in_workerd(|bot: &mut Bot| {
        bot.with(&OFF);
        bot.knows(&sales_db());
        let password = bot.secret(PASSWORD);
        bot.ana_requests("sales-db");
        bot.until_her_card(WAITING);
        bot.ana_opens_the_form();
        bot.rest();
        let messages = bot.world.messages();
        let link = messages.iter().rev().find_map(|message| link_in(message.blocks())).expect("a link");
        let (_, ticket) = link.split_once('#').expect("the ticket is in the fragment");

        let browser = Browser::launch().expect("Chromium");
        let page = browser.page(Viewport::PHONE).expect("a tab");
        page.open(&format!("{}/enter#{ticket}", bot.address())).expect("the page");
        page.wait_for("document.querySelector('#form')?.checkVisibility()").expect("the form");
        let shown = page.text().expect("words");
        for said in ["Sales warehouse", "CONTOSO\\svc_sales", "Ana Ortiz", "Quarterly rotation"] {
            assert!(shown.contains(said), "{said:?} in {shown}");
        }
        page.fill("#field-password", &password).expect("a password");
        page.fill("#field-again", &password).expect("the same again");
        page.click("#send").expect("a button");
        page.wait_for_text("The new credential was taken").expect("a good end");
        bot.until_card("Rotated and verified, 2 of 2");

        let opened = bot.world.opened();
        let members: Vec<_> = opened.iter().map(|opened| opened.member.as_deref().expect("a gateway's")).collect();
        let expected = [scene::GATEWAY_SALES, scene::CLUSTER, scene::CLUSTER_SECOND, scene::CLUSTER_THIRD];
        assert_eq!(members, expected);
        let json = serde_json::to_string(&password).expect("a text");
        assert!(opened.iter().all(|opened| opened.plaintext.contains(json.trim_matches('"'))), "each found it");

        let requests = page.requests();
        let submitted = requests.iter().find(|request| request.url.ends_with("/enter/submit")).expect("a submission");
        assert_eq!(submitted.body.matches("\"sealed\":\"").count(), 4, "what is searched is all that was sent");
        for request in &requests {
            let whole = format!("{request:?}");
            assert!(!whole.contains("only-this-browser"), "{}", request.url);
            assert!(!request.url.contains(ticket), "the ticket travels in no address");
        }
        assert_eq!(page.complaints(), [""; 0]);
    });
}
