//! Samples of the rows that objects keep beside a rotation and a catalog.

use pbi_rotate::codec::record::{
    CardCopy, Face, Gateway, GatewayMember, GatewayRow, Journal, Notice, Place, SealedMember, SealedRow, Seen,
};
use pbi_rotate::domain::audit::{Entry, Link, Origin};
use pbi_rotate::domain::listing::{Age, Ending, Last};
use pbi_rotate::domain::trouble::Cause;

use crate::parts::{LATER, Named, OPENED, ana, code, data, guid, id, name, room, text, trouble};

pub fn cards() -> Named<Vec<CardCopy>> {
    let copy = |face, place| CardCopy {
        face,
        place,
        posted: None,
        shown: String::new(),
        shown_at: None,
        failures: 0,
        due: OPENED,
        gone: false,
    };
    let posted = CardCopy {
        posted: Some((text("C0DATAOPS"), text("1795285800.000100"))),
        shown: text("5f2b"),
        shown_at: Some(OPENED),
        failures: 2,
        due: LATER,
        ..copy(Face::Card, Place::Room(room()))
    };
    let person = || Place::Person(ana().id);
    vec![
        ("none", Vec::new()),
        (
            "some",
            vec![
                posted,
                copy(Face::Turn, person()),
                copy(Face::Reminder, Place::Group(data())),
                CardCopy { gone: true, ..copy(Face::Result, person()) },
            ],
        ),
    ]
}

pub fn sealed() -> Named<SealedRow> {
    let member = |first, fingerprint, sealed| SealedMember {
        member: guid(first),
        fingerprint: text(fingerprint),
        sealed: text(sealed),
    };
    let members = vec![member("1f69e798", "ab12", "c2VhbGVk"), member("2f69e798", "cd34", "YWdhaW4=")];
    vec![("two members", SealedRow { members })]
}

pub fn gateways() -> Named<GatewayRow> {
    let member = |first| GatewayMember { member: guid(first), exponent: text("AQAB"), modulus: text("0c2VhbGVk") };
    let seen = Seen::Keys(Gateway { members: vec![member("1f69e798"), member("2f69e798")] });
    vec![
        ("two members", GatewayRow { seen, at: OPENED }),
        ("not read", GatewayRow { seen: Seen::Troubled(trouble(Cause::GatewayOffline)), at: LATER }),
    ]
}

pub fn notices() -> Named<Notice> {
    vec![
        ("not yet", Notice { told: false, failures: 4, due: LATER }),
        ("told", Notice { told: true, failures: 1, due: OPENED }),
    ]
}

pub fn journals() -> Named<Journal> {
    vec![("behind", Journal { next: 12, told: 7, failures: 3, due: LATER })]
}

pub fn entries() -> Named<Entry> {
    let whole = Entry {
        stage: Some(text("applying")),
        who: Some(ana().id),
        name: Some(text("Ana")),
        target: Some(name("sales-db")),
        rotation: Some(id()),
        place: Some(guid("252b9de8")),
        code: Some(code("DMTS_GatewayIsDisabled")),
        status: Some(400),
        request_id: Some(code("9c1f2f5e")),
        reason: Some(text("It expires")),
        note: Some(text("in our own words")),
        break_glass: true,
        ..Entry::new("update", "gateway-offline", Origin::Slack, LATER)
    };
    vec![
        ("with everything", whole),
        ("of an operator", Entry::new("put-catalog", "ok", Origin::Admin, OPENED)),
        ("of a secret manager", Entry::new("open", "ok", Origin::Source, OPENED)),
        ("in Teams", Entry::new("approve", "ok", Origin::Teams, LATER)),
        ("of nobody", Entry::new("tidy", "ok", Origin::Clock, OPENED)),
        ("on the page", Entry::new("supply", "ticket-expired", Origin::Page, LATER)),
    ]
}

pub fn links() -> Named<Link> {
    vec![("the beginning", Link::beginning()), ("the first", Link::beginning().then("one"))]
}

pub fn lasts() -> Named<Last> {
    let last = |how| Last { rotation: id(), how, at: LATER };
    vec![
        ("applied", last(Ending::Applied)),
        ("partly applied", last(Ending::PartlyApplied)),
        ("failed", last(Ending::Failed)),
        ("unsent", last(Ending::Unsent)),
    ]
}

pub fn ages() -> Named<Age> {
    vec![
        ("reminded", Age { since: OPENED, reminded: Some(LATER) }),
        ("not reminded", Age { since: OPENED, reminded: None }),
    ]
}
