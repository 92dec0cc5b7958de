//! The sealing page in a real browser: opened from the link in the chat, filled in, and everything that left it looked at.

use anyhow::{Context as _, Result, anyhow, ensure};
use browser::{Browser, Page, Viewport};
use emulator::slack::Message;

use super::{stage::Stage, transcript};

/// What can be read in the page, with each fact beside what it is called.
const TEXT: &str = "[...document.querySelectorAll('dt')].reduce(
  (text, { innerText }) => text.replace(innerText + '\\n', innerText + ': '), document.body.innerText)";

/// One visit to the page, on somebody's phone.
pub(crate) struct Visit<'b> {
    user: &'b str,
    page: Page,
}

impl<'b> Visit<'b> {
    /// Opens the newest link that somebody was given, and waits until the page asks for the credential.
    pub(crate) fn open(stage: &Stage, browser: &Browser, user: &'b str) -> Result<Self> {
        let messages = stage.world.person(user).sees();
        let link = messages.iter().rev().find_map(Message::link);
        Self::to(browser, user, &link.with_context(|| format!("{user} was given no link"))?)
    }

    /// Opens a link that somebody was given, and waits until the page asks for the credential.
    pub(crate) fn to(browser: &Browser, user: &'b str, link: &str) -> Result<Self> {
        transcript::acts(user, "opens the link in a browser");
        let page = browser.page(Viewport::PHONE)?;
        page.open(link)?;
        page.wait_for("document.querySelector('#form')?.checkVisibility()")?;
        Ok(Self { user, page })
    }

    /// Prints what stands in the page.
    pub(crate) fn print(&self) -> Result<()> {
        transcript::page(self.user, self.page.evaluate(TEXT)?.as_str().unwrap_or_default());
        Ok(())
    }

    /// Types the password twice, has it encrypted and sent, and prints what the page says to that.
    pub(crate) fn enter(&self, password: &str) -> Result<()> {
        for (field, label) in [("#field-password", "New password"), ("#field-again", "New password, once more")] {
            self.page.fill(field, password)?;
            transcript::acts(self.user, &format!("enters {label}: {}", transcript::MASK));
        }
        let button = self.page.text_of("#send")?.unwrap_or_default();
        transcript::acts(self.user, &format!("taps [{button}]"));
        self.page.click("#send")?;
        self.page.wait_for_text("The new credential was taken")?;
        let said = self.page.text_of("#notice")?.unwrap_or_default();
        transcript::page(self.user, &said);
        Ok(())
    }

    /// Prints every call the page has made; fails if the password, or a part of it, is in any of its requests.
    pub(crate) fn sent(&self, password: &str) -> Result<()> {
        let half = password.get(..password.len() / 2).ok_or_else(|| anyhow!("a password in ASCII"))?;
        let requests = self.page.requests();
        let posted: Vec<_> = requests.iter().filter(|request| request.method == "POST").collect();
        ensure!(!posted.is_empty(), "the page has sent nothing");
        posted.iter().for_each(|request| transcript::sent(request));
        let held = requests.iter().find(|request| format!("{request:?}").contains(half));
        ensure!(held.is_none(), "what was typed left the browser");
        println!("The password is in none of the {} requests that left the browser.", requests.len());
        Ok(())
    }
}
