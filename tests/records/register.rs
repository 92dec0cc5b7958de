//! Samples of what the register is asked and answers.

use std::time::Duration;

use pbi_rotate::codec::record::{RegisterOrder, RegisterReply};
use pbi_rotate::domain::audit::{Fault, Kept, Link};
use pbi_rotate::domain::listing::{Ending, Last, Listed};
use pbi_rotate::domain::policy::Subject;
use pbi_rotate::domain::source::SecretId;
use pbi_rotate::domain::trouble::Service;

use crate::parts::{LATER, Named, OPENED, ana, data, id, name, policy, room, target, text};
use crate::rows::entries;
use crate::sources::{hints, seen, settled, source_name};

fn link() -> Link {
    Link::beginning().then("one")
}

pub fn orders() -> Named<RegisterOrder> {
    let finish = |how, version| RegisterOrder::Finish {
        target: name("sales-db"),
        rotation: id(),
        how,
        at: LATER,
        version,
        again: false,
        turned: None,
    };
    let role = SecretId::StaticRole { mount: text("database"), role: text("orders-reader") };
    let turned = RegisterOrder::Finish {
        target: name("sales-db"),
        rotation: id(),
        how: Some(Ending::Failed),
        at: LATER,
        version: None,
        again: true,
        turned: Some((source_name(), role)),
    };
    let [placed, unwanted] = [0, 1].map(|at| Some(settled().remove(at).1));
    let heard = |pushed| RegisterOrder::Heard { source: source_name(), hints: hints(), pushed };
    let entry = entries().remove(1).1;
    let refused = RegisterOrder::Refused { source: text("7f3k9qxm2b4c6d8e"), entry: Box::new(entry.clone()) };
    let roles = |target| RegisterOrder::Roles { target, people: vec![ana().id], groups: vec![data()] };
    let read = |target| RegisterOrder::Read { after: 7, most: 100, target };
    let claim = |instead_of| {
        let (target, plan) = (name("sales-db"), text("9c1f2f5e"));
        RegisterOrder::Claim { target, rotation: id(), plan, instead_of }
    };
    vec![
        ("put catalog", RegisterOrder::PutCatalog { text: text("[targets.sales-db]\n"), dry_run: true }),
        ("catalog", RegisterOrder::Catalog),
        ("find", RegisterOrder::Find(name("sales-db"))),
        ("search", RegisterOrder::Search { words: text("sales ware"), most: 20 }),
        ("live", RegisterOrder::Live { most: 20 }),
        ("roles", roles(None)),
        ("roles in one", roles(Some(name("sales-db")))),
        ("due", RegisterOrder::Due),
        ("reminded", RegisterOrder::Reminded(vec![name("sales-db"), name("hr")])),
        ("claim", claim(None)),
        ("claim instead", claim(Some(id()))),
        ("compare", RegisterOrder::Compare { target: name("sales-db"), plan: text("9c1f2f5e") }),
        ("finish", finish(Some(Ending::PartlyApplied), None)),
        ("finish, a version in place", finish(Some(Ending::Applied), placed)),
        ("finish, a version not wanted", finish(None, unwanted)),
        ("finish, a value changed", turned),
        ("finish, nothing sent", finish(None, None)),
        ("pace", RegisterOrder::Pace { service: Service::Fabric, wanted: 18 }),
        ("record", RegisterOrder::Record { source: text("7f3k9qxm2b4c6d8e"), first: 3, entries: vec![entry.clone()] }),
        ("refused", refused),
        ("read", read(None)),
        ("read one", read(Some(name("sales-db")))),
        ("history", RegisterOrder::History(Some(name("sales-db")))),
        ("verify", RegisterOrder::Verify(Some(link()))),
        ("tidy", RegisterOrder::Tidy),
        ("operators", RegisterOrder::Operators),
        ("also", RegisterOrder::Also(vec![ana().id])),
        ("speak", RegisterOrder::Speak(text("19:x@thread.tacv2"))),
        ("once", RegisterOrder::Once(text("teams/19:x/1"))),
        ("source", RegisterOrder::Source(source_name())),
        ("sources", RegisterOrder::Sources),
        ("heard", heard(None)),
        ("heard, with a value", heard(Some(text("e30.a.b.c.d")))),
        ("unproven", RegisterOrder::Unproven { source: source_name(), why: text("hook-stale") }),
        ("pause", RegisterOrder::Pause { source: source_name(), paused: true, entry: Box::new(entry.clone()) }),
        ("reconcile", RegisterOrder::Reconcile),
    ]
}

/// What is empty when all is missing is no object, so it has only its name.
pub fn bare_orders() -> Named<RegisterOrder> {
    vec![("history of all", RegisterOrder::History(None)), ("verify all", RegisterOrder::Verify(None))]
}

pub fn replies() -> Named<RegisterReply> {
    let last = Last { rotation: id(), how: Ending::Applied, at: LATER };
    let bare = Listed {
        name: name("hr"),
        title: text("People"),
        owner: None,
        askers: vec![Subject::Group(data())],
        approvers: vec![Subject::Person(ana().id)],
        rotate_every: None,
        since: OPENED,
        live: None,
        last: None,
    };
    let entry = Listed {
        name: name("sales-db"),
        title: text("Sales warehouse"),
        owner: Some(text("Data platform")),
        rotate_every: Some(Duration::from_secs(60)),
        live: Some(id()),
        last: Some(last),
        ..bare.clone()
    };
    let replaced = RegisterReply::Replaced {
        added: vec![name("crm")],
        removed: vec![name("old")],
        changed: vec![(name("sales-db"), vec![text("title"), text("policy")])],
        targets: 2,
        notes: vec![text("crm: a note")],
        live: vec![id()],
    };
    let roles = RegisterReply::Roles {
        operators: vec![Subject::Person(ana().id)],
        groups: vec![data()],
        found: vec![(name("sales-db"), policy())],
        more: 3,
    };
    let kept = Kept { number: 1, hash: text(link().hash.as_str()), text: text("one") };
    let page = |next| RegisterReply::Page(vec![kept.clone()], next);
    vec![
        ("replaced", replaced),
        ("problems", RegisterReply::Problems(vec![text("line 1: a problem")])),
        ("catalog", RegisterReply::Catalog(text("[targets.sales-db]\n"))),
        ("found", RegisterReply::Found { target: Box::new(target()), entry: entry.clone() }),
        ("not found", RegisterReply::NotFound(vec![name("sales-dw")])),
        ("listed", RegisterReply::Listed(vec![entry.clone(), bare], 7)),
        ("live", RegisterReply::Live(vec![id()], 7)),
        ("roles", roles),
        ("due", RegisterReply::Due(vec![(entry, vec![room()])])),
        ("claimed", RegisterReply::Claimed),
        ("occupied", RegisterReply::Occupied(id())),
        ("stale", RegisterReply::Stale),
        ("same", RegisterReply::Same),
        ("finished", RegisterReply::Finished),
        ("paced", RegisterReply::Paced { granted: 6, after: Duration::from_millis(1_500) }),
        ("recorded", RegisterReply::Recorded(12)),
        ("page", page(Some(1))),
        ("last page", page(None)),
        ("happened", RegisterReply::Happened(vec![entries().remove(2).1])),
        ("whole to", RegisterReply::WholeTo(link())),
        ("whole", RegisterReply::Whole { first: 1, head: link() }),
        ("tampered", RegisterReply::Broken(Fault::Tampered(2))),
        ("missing", RegisterReply::Broken(Fault::Missing(2))),
        ("cut off", RegisterReply::Broken(Fault::CutOff(2))),
        ("surplus", RegisterReply::Broken(Fault::Surplus(2))),
        ("head", RegisterReply::Broken(Fault::Head(2))),
        ("tidied", RegisterReply::Tidied { head: link(), more: true }),
        ("operators", RegisterReply::Operators(vec![Subject::Person(ana().id), Subject::Group(data())])),
        ("also", RegisterReply::Also(vec![ana().id])),
        ("once", RegisterReply::Once(true)),
        ("source", RegisterReply::Source(Some(seen().remove(0).source))),
        ("sources", RegisterReply::Sources(seen())),
        ("heard", RegisterReply::Heard(3)),
    ]
}
