//! The list of users as a file.

use http::Method;
use postern_worker::platform::native::DatabaseFault;
use serde_json::{Value, json};

use crate::{
    people::{USERS, acme, enroll, person},
    world::World,
};

const CSV: &str = "/v1/organizations/acme/users.csv";

const HEADER: &str = "id,username,name,email,role,groups,state,enrolled,created_at\r\n";

fn put(world: &World, id: &str, body: Value) {
    let made = world.application(Method::PUT, &format!("{USERS}/{id}"), body);
    assert_eq!(made.status, 201, "{}", made.body);
}

#[test]
fn a87_a_file_holds_one_line_of_each_and_no_formula() {
    let world = acme();
    put(
        &world,
        "-1",
        json!({"username": "=1+1", "name": "=HYPERLINK(\"https://evil.test\")",
        "email": "+a@acme.test", "groups": ["@SUM(1)", "a,b"]}),
    );
    put(
        &world,
        "a",
        json!({"name": "<img src=x onerror=alert(1)>", "groups": ["ops", "=2"]}),
    );
    put(
        &world,
        "b",
        json!({"name": "A \"B\", C", "state": "disabled", "role": "admin"}),
    );
    let file = world.application(Method::GET, CSV, Value::Null);
    assert_eq!((file.status, file.trips), (200, 1), "{}", file.text);
    let at = world.now;
    let expected = format!(
        "{HEADER}'-1,'=1+1,\"'=HYPERLINK(\"\"https://evil.test\"\")\",'+a@acme.test,member,\"'@SUM(1); a,b\",active,false,{at}\r\n\
        a,a,<img src=x onerror=alert(1)>,,member,ops; =2,active,false,{at}\r\n\
        b,b,\"A \"\"B\"\", C\",,admin,,disabled,false,{at}\r\n"
    );
    assert_eq!(file.text, expected);
    // The filters of the list.
    let few = world.application(Method::GET, &format!("{CSV}?state=disabled"), Value::Null);
    assert_eq!(few.text.lines().count(), 2, "{}", few.text);
    assert_eq!(
        world.count("event WHERE action = 'user.export' AND actor = 'application'"),
        2
    );
    for query in ["limit=1", "enrollment=some"] {
        let answer = world.application(Method::GET, &format!("{CSV}?{query}"), Value::Null);
        assert_eq!(answer.body["code"], "malformed", "{query}");
    }
    let none = world.application(
        Method::GET,
        "/v1/organizations/nobody/users.csv",
        Value::Null,
    );
    assert_eq!(none.status, 404, "{}", none.body);
    assert_eq!(world.count("event WHERE action = 'user.export'"), 2);
}

#[test]
fn a_file_says_where_the_rest_is() {
    let world = acme();
    world.run("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5001)
        INSERT INTO user (organization, id, external_id, created_at, version, username, role, groups, state, handle)
        SELECT o.id, 'u_' || replace(replace(replace(replace(printf('%025d', i), '0', 'a'), '1', 'b'), '8', 'c'), '9', 'd') || 'a', printf('p+%05d', i), 1, 1, 'p' || i, 'member', '[]', 'active', 'h' || i
        FROM n, organization o");
    let first = world.application(Method::GET, &format!("{CSV}?state=active"), Value::Null);
    assert_eq!(first.text.lines().count(), 5001);
    assert!(first.text.starts_with(HEADER));
    let link = first.link.unwrap();
    assert_eq!(link, "<?state=active&cursor=p%2B05000>; rel=\"next\"");
    let rest = world.application(
        Method::GET,
        &format!("{CSV}?state=active&cursor=p%2B05000"),
        Value::Null,
    );
    assert_eq!(rest.text, "p+05001,p5001,,,member,,active,false,1\r\n");
    assert_eq!(rest.link, None);
    assert_eq!(
        world.count("event WHERE action = 'user.export' AND NOT detail ->> 'first'"),
        1
    );
}

#[test]
fn admins_export_and_it_is_recorded_or_not_done() {
    let world = acme();
    person(&world, "adam", "admin");
    person(&world, "mia", "member");
    let adam = enroll(&world, "adam");
    let mia = enroll(&world, "mia");
    let file = world.call(Method::GET, CSV, Some(&adam), None);
    assert_eq!((file.status, file.trips), (200, 2), "{}", file.text);
    assert!(
        file.text
            .contains("\r\nmia,mia,,mia@acme.test,member,,active,true,"),
        "{}",
        file.text
    );
    let sql = "event WHERE action = 'user.export' AND actor = 'admin' AND actor_name = 'adam'";
    assert_eq!(world.count(sql), 1);
    assert_eq!(world.call(Method::GET, CSV, Some(&mia), None).status, 403);
    let foreign = CSV.replace("acme", "umbrella");
    assert_eq!(
        world.call(Method::GET, &foreign, Some(&adam), None).status,
        404
    );
    let faults = &[(
        2,
        DatabaseFault::Preceded("UPDATE session SET ended_at = 1"),
    )];
    world.native.database.set_faults(faults);
    let file = world.call(Method::GET, CSV, Some(&adam), None);
    assert_eq!(file.status, 409, "{}", file.text);
    assert_eq!(world.count("event WHERE action = 'user.export'"), 1);
}
