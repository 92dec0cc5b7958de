//! From a person in the pretend Teams to the bot and back: signed by the one, believed and read by the other.

use bytes::Bytes;
use emulator::teams::{Forgery, TeamsGesture};
use emulator::{Clock, World, scene};
use http::{Request, Response};
use pbi_rotate::clients::entra::Tokens;
use pbi_rotate::clients::graph::Graph;
use pbi_rotate::clients::keys::{Keys, Published};
use pbi_rotate::clients::teams::Teams;
use pbi_rotate::codec::jwt::{JwtError, Presented};
use pbi_rotate::codec::teams::activity::{Activity, What, decode};
use pbi_rotate::codec::teams::token::{self, Parties, TokenError};
use pbi_rotate::config::{Endpoint, EntraConfig, TeamsConfig};
use pbi_rotate::domain::names::Guid;
use pbi_rotate::domain::time::Timestamp;
use pbi_rotate::domain::trouble::Cause;
use pbi_rotate::ports::{Lost, Wire};
use seal::Secret;
use serde_json::json;

use crate::scene::{NOW, Platform, run};

const BASE: &str = "http://127.0.0.1:9";

/// The pretend world as the way out.
struct Out(World);

impl Wire for Out {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Lost> {
        self.0.serve(request).map_err(|_| Lost)
    }

    fn sent(&self) -> usize {
        0
    }

    fn wait_until(&self, _: Timestamp) {}
}

fn guid(text: &str) -> Guid {
    Guid::parse(text).expect("a GUID")
}

fn config() -> TeamsConfig {
    let endpoint =
        |url: &str, resource: &str| Endpoint { url: format!("{BASE}{url}"), scope: format!("{resource}/.default") };
    TeamsConfig {
        bot: EntraConfig {
            tenant: guid(scene::TENANT_ID),
            client: guid(scene::TEAMS_APP_ID),
            secret: Secret::new(scene::TEAMS_APP_SECRET.to_owned()),
            login_url: format!("{BASE}/login"),
        },
        issuer: "https://api.botframework.com",
        login_url: format!("{BASE}/teams"),
        scope: format!("{}/.default", scene::CONNECTOR_RESOURCE),
        connector_hosts: vec!["127.0.0.1:9".to_owned()],
        service_url: format!("{BASE}/connector"),
        graph: endpoint("/graph/v1.0", scene::GRAPH_RESOURCE),
    }
}

/// The world, the bot's configuration, and the keys it holds.
struct Stage {
    out: Out,
    config: TeamsConfig,
    keys: Keys,
}

impl Stage {
    fn new() -> Self {
        let world = World::contoso(Clock::Manual(NOW.unsigned_abs() * 1000));
        world.set_base_url(BASE);
        Self { out: Out(world), config: config(), keys: Keys::default() }
    }

    fn now(&self) -> Timestamp {
        Timestamp(i64::try_from(self.out.0.now_ms()).expect("a time"))
    }

    /// What the bot makes of a request.
    fn takes(&self, gesture: &TeamsGesture) -> Result<Activity, TokenError> {
        let presented = Presented::read(gesture.request.headers())?;
        let published = Published::BotFramework(&self.config.login_url);
        let keys = run(self.keys.get(&self.out, published, presented.kid(), self.now()));
        let keys = keys.map_err(|_| JwtError::Unchecked)?;
        let parties = Parties { issuer: self.config.issuer, app: &self.config.bot.client };
        let platform = Platform { broken: false };
        let verified = run(token::verify(presented, gesture.request.body(), &keys, parties, self.now(), &platform))?;
        Ok(decode(verified, &self.config.bot.client, &self.config.bot.tenant).expect("an activity"))
    }
}

#[test]
fn a_message_is_believed_and_answered_where_it_was_written() {
    let stage = Stage::new();
    let world = &stage.out.0;
    let said = world.teams_person(scene::ANA_OBJECT).says(scene::THREAD_DATA_OPS, "rotate sales-db");
    let activity = stage.takes(&said).expect("believed");
    let What::Message { by, text, .. } = activity.what else { panic!("a message") };
    assert_eq!((by.object.as_str(), text.as_str()), (scene::ANA_OBJECT, "rotate sales-db"));

    let tokens = Tokens::new();
    let token = |scope: &str| run(tokens.get(&stage.out, &stage.config.bot, scope, stage.now())).expect("a token");
    let connector = token(&stage.config.scope);
    let teams = Teams { wire: &stage.out, config: &stage.config, token: &connector };
    let sent = run(teams.reply(&activity.place, &activity.id, &json!({"type": "message", "text": "a"}))).expect("sent");
    assert_eq!(run(teams.update(&activity.place, &sent, &json!({"type": "message", "text": "b"}))), Ok(()));
    assert_eq!(run(teams.member(&activity.place, &by.id)).expect("a member").object, by.object);
    let direct = run(teams.direct(&activity.place.service_url, &by.id)).expect("a conversation");
    run(teams.send(&direct, &json!({"type": "message", "text": "c"}))).expect("sent");
    let texts: Vec<_> = world.teams_messages().into_iter().map(|message| (message.text, message.reply_to)).collect();
    assert_eq!(texts, [("b".to_owned(), Some(activity.id)), ("c".to_owned(), None)]);
    let large = json!({"type": "message", "text": "a".repeat(60_000)});
    assert_eq!(run(teams.send(&direct, &large)).map_err(|trouble| trouble.status), Err(Some(413)));
    world.set_bot_blocked(scene::ANA_OBJECT, true);
    let blocked = run(teams.send(&direct, &json!({"type": "message", "text": "c"})));
    assert_eq!(blocked.map_err(|trouble| trouble.cause), Err(Cause::NotAllowed));

    let for_graph = token(&stage.config.graph.scope);
    let graph = Graph { wire: &stage.out, base: &stage.config.graph.url, token: &for_graph };
    let groups = [guid(scene::GROUP_LEADS_OBJECT), guid(scene::GROUP_DATA_OBJECT)];
    assert_eq!(run(graph.groups_of(&by.object, &groups)), Ok(vec![groups[1].clone()]));
    assert_eq!(run(graph.user(&by.object)).map(|user| (user.enabled, user.guest)), Ok((true, false)));
}

#[test]
fn a_new_key_is_found_within_five_minutes_after_it_is_used() {
    let stage = Stage::new();
    let says = || stage.out.0.teams_person(scene::ANA_OBJECT).tells("help");
    assert!(stage.takes(&says()).is_ok());
    stage.out.0.rotate_teams_keys();
    assert_eq!(stage.takes(&says()).err(), Some(TokenError::Jwt(JwtError::Unchecked)));
    stage.out.0.advance(5 * 60 * 1000);
    assert!(stage.takes(&says()).is_ok());
}

#[test]
fn a_token_is_refused_an_hour_and_five_minutes_after_it_was_made() {
    let stage = Stage::new();
    let said = stage.out.0.teams_person(scene::ANA_OBJECT).tells("help");
    stage.out.0.advance(65 * 60 * 1000);
    assert!(stage.takes(&said).is_ok());
    stage.out.0.advance(1000);
    assert_eq!(stage.takes(&said).err(), Some(TokenError::Jwt(JwtError::Expired)));
}

#[test]
fn an_activity_that_leads_elsewhere_is_refused() {
    let stage = Stage::new();
    let forgery = Forgery { activity: json!({"/serviceUrl": "https://attacker.example/"}), ..Forgery::default() };
    let said = stage.out.0.teams_person(scene::ANA_OBJECT).forged(forgery).tells("help");
    assert_eq!(stage.takes(&said).err(), Some(TokenError::Service));
}
