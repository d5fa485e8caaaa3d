//! Which events the filters of the audit log find, in which order, and how much they read for it.

use std::collections::{BTreeMap, BTreeSet};

use http::Method;
use postern::ids::EventId;
use serde_json::{Value, json};

use crate::{
    people::{USERS, acme, person},
    world::{Answer, World},
};

pub const EVENTS: &str = "/v1/organizations/acme/audit-events";

/// An event as it is stored.
pub struct Stored {
    pub id: String,
    at: u64,
    action: String,
    outcome: String,
    actor: String,
    method: Option<String>,
    /// Internal ids.
    user: Option<String>,
    keeper: Option<String>,
}

/// All events of an organization, the newest first.
pub fn stored(world: &World) -> Vec<Stored> {
    let sql = "SELECT id, at, action, outcome, actor, method, user, actor_id FROM event
        WHERE organization = (SELECT id FROM organization WHERE external_id = 'acme') ORDER BY seq DESC";
    let read = |connection: &rusqlite::Connection| {
        let mut statement = connection.prepare(sql)?;
        let rows = statement.query_map([], |row| {
            Ok(Stored {
                id: row.get(0)?,
                at: row.get(1)?,
                action: row.get(2)?,
                outcome: row.get(3)?,
                actor: row.get(4)?,
                method: row.get(5)?,
                user: row.get(6)?,
                keeper: row.get(7)?,
            })
        })?;
        rows.collect::<Result<Vec<_>, _>>()
    };
    world.native.database.with(read).unwrap()
}

/// Internal ids of each person who is or was there.
pub fn internal_ids(world: &World) -> BTreeMap<String, BTreeSet<String>> {
    let sql = "SELECT external_id, id FROM user UNION SELECT subject, user FROM event WHERE action = 'user.delete'";
    let mut ids = BTreeMap::<String, BTreeSet<String>>::new();
    let read = |connection: &rusqlite::Connection| {
        let mut statement = connection.prepare(sql)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.collect::<Result<Vec<(String, String)>, _>>()
    };
    for (name, id) in world.native.database.with(read).unwrap() {
        ids.entry(name).or_default().insert(id);
    }
    ids
}

/// Whether an event is what a filter asks for, as its documentation says.
pub fn matches(event: &Stored, filter: &str, ids: &BTreeMap<String, BTreeSet<String>>) -> bool {
    let (name, value) = filter.split_once('=').unwrap();
    let is = |internal: &Option<String>| {
        let ids = ids.get(value);
        internal
            .as_ref()
            .is_some_and(|id| ids.is_some_and(|ids| ids.contains(id)))
    };
    let done = ["accepted", "possible_clone"].contains(&&*event.outcome);
    match name {
        "person" => is(&event.user),
        "actor" if ["application", "system", "operator"].contains(&value) => event.actor == value,
        "actor" => is(&event.keeper),
        "action" => value.split(',').any(|word| {
            if word.ends_with('.') {
                event.action.starts_with(word)
            } else {
                event.action == word
            }
        }),
        "outcome" if value == "accepted" => done,
        "outcome" if value == "refused" => !done,
        "outcome" => event.outcome == value,
        "method" => event.method.as_deref() == Some(value),
        "from" => event.at >= value.parse().unwrap(),
        "until" => event.at < value.parse().unwrap(),
        _ => unreachable!("{filter}"),
    }
}

/// A page, after which the plans of its statements are looked at.
pub fn page(world: &World, query: &str) -> Answer {
    let page = world.application(Method::GET, &format!("{EVENTS}?{query}"), Value::Null);
    assert_eq!(page.status, 200, "{query}: {}", page.body);
    assert_eq!(page.trips, 1, "{query}");
    check_plans(world, &page, query);
    page
}

/// The ids on all pages, and how the first one counts.
pub fn listed(world: &World, query: &str) -> (Vec<String>, Value) {
    let (mut ids, mut cursor, mut count) = (vec![], String::new(), Value::Null);
    loop {
        let page = page(world, &format!("limit=23{cursor}&{query}")).body;
        if cursor.is_empty() {
            count = page["count"].clone();
        } else {
            assert_eq!(page["count"], Value::Null, "{query}");
        }
        assert_eq!(page["searched_until"], Value::Null, "{query}");
        ids.extend(ids_of(&page));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return (ids, count),
        }
    }
}

pub fn ids_of(page: &Value) -> Vec<String> {
    let events = page["events"].as_array().unwrap().iter();
    events
        .map(|event| event["id"].as_str().unwrap().to_owned())
        .collect()
}

/// No table is read from end to end, and nothing is sorted.
pub fn check_plans(world: &World, page: &Answer, query: &str) {
    for sql in page.statements.iter().flatten() {
        let plan = world.native.database.with(|database| {
            let mut explained = database.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
            let mut rows = explained.raw_query();
            let mut plan = Vec::<String>::new();
            while let Some(row) = rows.next()? {
                plan.push(row.get("detail")?);
            }
            Ok::<_, rusqlite::Error>(plan)
        });
        let plan = plan.unwrap();
        // What the statements call tables; the others are what they have found.
        let tables = ["event", "user", "e", "l", "d", "p", "h", "a", "o"];
        let bad = plan.iter().find(|step| {
            let scanned = step
                .strip_prefix("SCAN ")
                .and_then(|rest| rest.split(' ').next());
            scanned.is_some_and(|table| tables.contains(&table)) || step.contains("FOR ORDER BY")
        });
        assert_eq!(bad, None, "{query}: {plan:#?}");
    }
}

/// Events of every kind, of people who are there, were deleted and came again, beside those of another
/// organization; the clocks that stamped them differ by up to half a minute either way.
pub fn eventful() -> World {
    let mut world = acme();
    for (id, role) in [
        ("olga", "owner"),
        ("adam", "admin"),
        ("mia", "member"),
        ("gone", "member"),
        ("again", "member"),
    ] {
        person(&world, id, role);
    }
    let other = "/v1/organizations/umbrella";
    world.application(Method::PUT, other, json!({"name": "Umbrella"}));
    let made = world.application(Method::PUT, &format!("{other}/users/mia"), json!({}));
    assert_eq!(made.status, 201, "{}", made.body);
    fill(&mut world, 400, 1);
    for id in ["gone", "again"] {
        let deleted = world.application(Method::DELETE, &format!("{USERS}/{id}"), Value::Null);
        assert_eq!(deleted.status, 204, "{}", deleted.body);
    }
    person(&world, "again", "member");
    fill(&mut world, 100, 2);
    world
}

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % most
    }

    fn one_of<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }
}

/// Adds so many events to all organizations.
fn fill(world: &mut World, events: u64, seed: u64) {
    let mut dice = Dice(seed);
    let insert = |connection: &rusqlite::Connection| {
        let sql = "SELECT organization, id FROM user ORDER BY external_id, organization";
        let mut statement = connection.prepare(sql)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let people = rows.collect::<Result<Vec<(String, String)>, _>>()?;
        let keepers = ids_of_keepers(connection)?;
        let mut insert = connection.prepare(
            "INSERT INTO event (id, organization, user, at, action, actor, actor_id, method, outcome)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?;
        for nth in 0..events {
            let (organization, user) = &people[dice.below(people.len())];
            let actor = dice.one_of(&[
                "user",
                "user",
                "user",
                "owner",
                "admin",
                "application",
                "operator",
                "system",
            ]);
            let keeper = keepers
                .iter()
                .find(|(of, role, _)| of == organization && role == actor);
            let actor = if keeper.is_none() && ["owner", "admin"].contains(&actor) {
                "user"
            } else {
                actor
            };
            let actions = [
                "sign_in.verify",
                "sign_in.first_factor",
                "sign_inner",
                "step_up.verify",
                "reset.start",
                "reset.cancel",
                "policy.put",
            ];
            let outcomes = [
                "accepted",
                "accepted",
                "accepted",
                "possible_clone",
                "wrong",
                "wrong",
                "replayed",
            ];
            insert.execute(rusqlite::params![
                EventId::from_entropy(u128::from(seed * 1_000_000 + nth).to_be_bytes()).to_string(),
                organization,
                (dice.below(7) > 0).then_some(user),
                // The clocks that stamp events differ by up to half a minute either way.
                world.now + nth * 20 + u64::try_from(dice.below(60)).unwrap() - 30,
                dice.one_of(&actions),
                actor,
                keeper.map(|(.., id)| id),
                dice.one_of(&[Some("totp"), Some("passkey"), None]),
                dice.one_of(&outcomes),
            ])?;
        }
        Ok::<_, rusqlite::Error>(())
    };
    world.native.database.with(insert).unwrap();
    world.wait(events * 20);
}

/// Organization, role and internal id of each.
fn ids_of_keepers(
    connection: &rusqlite::Connection,
) -> rusqlite::Result<Vec<(String, String, String)>> {
    let sql = "SELECT organization, role, id FROM user WHERE role <> 'member'";
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    rows.collect()
}

#[test]
fn every_filter_finds_what_it_says_alone_and_beside_another() {
    let world = eventful();
    let (early, late) = (world.now - 6000, world.now - 1500);
    let filters = [
        "person=mia",
        "person=again",
        "person=gone",
        "person=nobody",
        "actor=olga",
        "actor=adam",
        "actor=mia",
        "actor=application",
        "actor=system",
        "actor=operator",
        "action=reset.start",
        "action=sign_in.",
        "action=reset.,policy.put",
        "action=user.delete",
        "action=no.such",
        "outcome=accepted",
        "outcome=refused",
        "outcome=wrong",
        "outcome=possible_clone",
        "outcome=none",
        "method=totp",
        "method=passkey",
        &format!("from={early}"),
        &format!("from={late}"),
        &format!("until={early}"),
        &format!("until={late}"),
        "from=0",
        "until=0",
    ];
    // The first look is recorded, those that follow are not.
    page(&world, "");
    let events = stored(&world);
    let ids = internal_ids(&world);
    let check = |asked: &[&str]| {
        let expected: Vec<_> = events
            .iter()
            .filter(|event| asked.iter().all(|filter| matches(event, filter, &ids)))
            .map(|event| event.id.clone())
            .collect();
        let query = asked.join("&");
        let (found, count) = listed(&world, &query);
        assert_eq!(found, expected, "{query}");
        assert_eq!(
            count,
            json!({"events": expected.len(), "or_more": false}),
            "{query}"
        );
        expected.len()
    };
    assert!(check(&[]) > 300);
    let mut found = 0;
    for (nth, one) in filters.iter().enumerate() {
        found += usize::from(check(&[one]) > 0);
        for other in &filters[nth + 1..] {
            let name = |filter: &&str| filter.split_once('=').unwrap().0.to_owned();
            if name(one) != name(other) {
                check(&[one, other]);
            }
        }
    }
    assert_eq!(found, filters.len() - 5, "all but five find something");
    assert_eq!(world.count("event WHERE action = 'audit.read'"), 1);
}

#[test]
fn a_filter_that_matches_rarely_reads_no_more_than_so_much_of_a_page() {
    let world = acme();
    person(&world, "mia", "member");
    world.run(&format!(
        "INSERT INTO event (id, organization, user, at, action, actor, method, outcome)
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 25000)
         SELECT 'e_' || replace(replace(replace(replace(printf('%025d', i), '0', 'a'), '1', 'b'), '8', 'c'), '9', 'd') || 'a',
           u.organization, u.id, {} + i / 100, 'sign_in.verify', 'user', iif(i = 1, 'sms', 'totp'), 'accepted' FROM n, user u",
        world.now
    ));
    let all = page(&world, "");
    assert_eq!(all.body["count"], json!({"events": 1000, "or_more": true}));
    for (query, pages) in [
        ("method=sms", 2),
        ("person=mia&method=sms", 6),
        ("action=sign_in.&method=sms", 6),
    ] {
        let (mut found, mut cursor, mut looked) = (vec![], String::new(), 0);
        let mut times = vec![u64::MAX];
        loop {
            let page = page(&world, &format!("{query}{cursor}")).body;
            looked += 1;
            found.extend(ids_of(&page));
            if looked == 1 {
                assert_eq!(
                    page["count"],
                    json!({"events": 0, "or_more": true}),
                    "{query}"
                );
            }
            let Some(next) = page["next_cursor"].as_str() else {
                break;
            };
            times.push(page["searched_until"].as_u64().unwrap());
            cursor = format!("&cursor={next}");
        }
        assert_eq!((found.len(), looked), (1, pages), "{query}");
        assert!(
            times.is_sorted_by(|newer, older| newer > older),
            "{query}: {times:?}"
        );
    }
    // The last day's are found without a look at all that came after.
    let until = world.now + 2;
    let old = page(&world, &format!("method=sms&until={until}")).body;
    assert_eq!(
        (ids_of(&old).len(), &old["next_cursor"]),
        (1, &Value::Null),
        "{old}"
    );
}
