//! The table of decisions: rules.txt, read by a second and much simpler machine.

use std::{collections::BTreeMap, fmt::Write as _};

use postern::users::Role;

use crate::cases::{
    Case, DEVICE, ENROLLED, FIRST, GRACE, MODE, ROLE, SCOPE, SECOND, SSO, SURFACE, TRUST,
};

const RULES: &str = include_str!("rules.txt");
const DECISIONS: &str = include_str!("decisions.txt");

/// One line: what it matches, what it says, and whether it ever did.
struct Line {
    given: Vec<String>,
    says: Vec<String>,
    used: bool,
}

/// A part of the rules, and the answers already looked up.
#[derive(Default)]
struct Part {
    lines: Vec<Line>,
    known: BTreeMap<Vec<String>, Vec<String>>,
}

impl Part {
    fn answer(&mut self, given: &[&str]) -> Vec<String> {
        let key: Vec<String> = given.iter().map(|word| (*word).to_owned()).collect();
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        let matching: Vec<usize> = (0..self.lines.len())
            .filter(|at| {
                self.lines[*at]
                    .given
                    .iter()
                    .zip(given)
                    .all(|(cell, word)| matches(cell, word))
            })
            .collect();
        let [only] = matching[..] else {
            let lines: Vec<_> = matching
                .iter()
                .map(|at| self.lines[*at].given.join(" "))
                .collect();
            panic!("{given:?}: answered by {} lines: {lines:#?}", lines.len());
        };
        self.lines[only].used = true;
        self.known.insert(key, self.lines[only].says.clone());
        self.lines[only].says.clone()
    }
}

fn matches(cell: &str, word: &str) -> bool {
    let among = |cell: &str| cell.split('|').any(|one| one == word);
    match cell.strip_prefix('!') {
        Some(not) => !among(not),
        None => cell == "*" || among(cell),
    }
}

/// The rules as written.
struct Rules(BTreeMap<String, Part>);

impl Rules {
    fn read() -> Self {
        let mut parts: BTreeMap<String, Part> = BTreeMap::new();
        let mut part = String::new();
        for line in RULES.lines() {
            let line = line.split('#').next().unwrap_or_default().trim();
            if let Some(name) = line.strip_prefix("part ") {
                part = name.trim().to_owned();
            } else if let Some((given, says)) = line.split_once("->") {
                let words = |text: &str| text.split_whitespace().map(str::to_owned).collect();
                let line = Line {
                    given: words(given),
                    says: words(says),
                    used: false,
                };
                parts.entry(part.clone()).or_default().lines.push(line);
            } else {
                assert_eq!(line, "", "neither a part nor a rule");
            }
        }
        Self(parts)
    }

    fn answer(&mut self, part: &str, given: &[&str]) -> Vec<String> {
        self.0.get_mut(part).expect(part).answer(given)
    }

    /// The decision and the reason that decided.
    fn decide(&mut self, case: &Case) -> (String, String) {
        let mut one = |part, given: &[&str]| self.answer(part, given).remove(0);
        let binding = one("binding", &[case.mode, case.scope, case.grace]);
        let first = one("first", &[case.first, case.second, case.sso]);
        let second = one("second", &[case.enrolled, case.second]);
        let device = one("device", &[case.device, case.trust]);
        let answer = self.answer(
            "decision",
            &[
                &binding,
                case.enrolled,
                &first,
                &second,
                &device,
                case.surface,
            ],
        );
        let [decision, why] = answer.try_into().expect("a decision and a reason");
        (decision, why)
    }
}

fn every_case(mut visit: impl FnMut(Case)) {
    let mut cases = vec![Case {
        mode: "",
        scope: "",
        grace: "",
        enrolled: "",
        first: "",
        second: "",
        device: "",
        trust: "",
        sso: "",
        surface: "",
    }];
    let mut by = |words: &'static [&'static str], set: fn(&mut Case, &'static str)| {
        cases = cases
            .iter()
            .flat_map(|case| {
                words.iter().map(move |word| {
                    let mut case = *case;
                    set(&mut case, word);
                    case
                })
            })
            .collect();
    };
    by(MODE, |case, word| case.mode = word);
    by(SCOPE, |case, word| case.scope = word);
    by(GRACE, |case, word| case.grace = word);
    by(ENROLLED, |case, word| case.enrolled = word);
    by(FIRST, |case, word| case.first = word);
    by(SECOND, |case, word| case.second = word);
    by(DEVICE, |case, word| case.device = word);
    by(TRUST, |case, word| case.trust = word);
    by(SSO, |case, word| case.sso = word);
    by(SURFACE, |case, word| case.surface = word);
    cases.into_iter().for_each(&mut visit);
}

#[track_caller]
fn check(case: &Case, role: Role, by_role: bool, expect: &(String, String)) {
    let ruling = case.decide(role, by_role);
    let why = ruling.reasons.last().expect("a reason");
    assert_eq!(
        (ruling.verdict.as_str(), why.as_str()),
        (&*expect.0, &*expect.1),
        "{case:?} {role:?}"
    );
    assert_eq!(ruling.rule, why.rule());
}

#[test]
fn every_case_is_answered_by_one_rule_and_the_core_agrees() {
    let mut rules = Rules::read();
    let mut cases = 0_u32;
    every_case(|case| {
        cases += 1;
        let expect = rules.decide(&case);
        for role in ROLE {
            check(&case, *role, false, &expect);
        }
    });
    assert_eq!(cases, 3 * 3 * 3 * 3 * 6 * 6 * 3 * 2 * 3 * 4);
    for (name, part) in &rules.0 {
        for line in &part.lines {
            assert!(line.used, "part {name}: no case meets {:?}", line.given);
        }
    }
}

/// The table: mode × enrolled × SSO evidence × trusted device × surface rule × grace × role
/// × restricted, as text, with the answers of rules.txt.
fn written_out(rules: &mut Rules) -> String {
    let mut text = String::from(
        "# Every case of the table mode x enrolled x sign-in x trusted device x surface x grace x role x restricted.\n\
         # Worked out from rules.txt, never from the code it tests: `cargo test --test policy` fails when the two\n\
         # part, and leaves the right text in target/decisions.txt.\n\
         # Policy: scope {\"roles\":[\"owner\",\"admin\"]}, trusted devices 7 days, sso `evidence` (`exempt` for the\n\
         # sign-in sso_exempt), the surface's rule: default; asked false; max_age of an hour; every_sign_in.\n\
         # Sign-in: password; sso (amr pwd); sso_mfa (amr pwd, mfa). Device: trusted a second less than 7 days ago.\n\
         # Enrolled: TOTP and backup codes, or nothing. Restricted: a backup code was shown beside.\n\n",
    );
    let row = |cells: [&str; 10]| {
        let widths = [9, 9, 11, 8, 10, 10, 7, 11, 10, 0];
        let cells = cells
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join(" ").trim_end().to_owned() + "\n"
    };
    text += &row([
        "mode",
        "enrolled",
        "sign-in",
        "device",
        "surface",
        "grace",
        "role",
        "restricted",
        "decision",
        "why",
    ]);
    for_each_row(
        |[
            mode,
            enrolled,
            sign_in,
            device,
            surface,
            grace,
            role,
            restricted,
        ],
         case,
         _| {
            let (decision, why) = rules.decide(&case);
            write!(
                text,
                "{}",
                row([
                    mode, enrolled, sign_in, device, surface, grace, role, restricted, &decision,
                    &why
                ])
            )
            .expect("text grows");
        },
    );
    text
}

fn for_each_row(mut visit: impl FnMut([&'static str; 8], Case, Role)) {
    for mode in MODE {
        for enrolled in ["none", "totp"] {
            for (sign_in, first, sso) in [
                ("password", "password", "evidence"),
                ("sso_exempt", "sso", "exempt"),
                ("sso", "sso", "evidence"),
                ("sso_mfa", "mfa", "evidence"),
            ] {
                for device in ["none", "trusted"] {
                    for surface in SURFACE {
                        for grace in GRACE {
                            for (role, scope) in [(Role::Owner, "in"), (Role::Member, "out")] {
                                for (restricted, second) in [("no", "none"), ("yes", "backup")] {
                                    let case = Case {
                                        mode,
                                        scope,
                                        grace,
                                        enrolled,
                                        first,
                                        second,
                                        device,
                                        trust: "on",
                                        sso,
                                        surface,
                                    };
                                    let name = if role == Role::Owner {
                                        "owner"
                                    } else {
                                        "member"
                                    };
                                    visit(
                                        [
                                            mode, enrolled, sign_in, device, surface, grace, name,
                                            restricted,
                                        ],
                                        case,
                                        role,
                                    );
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn decisions_txt_says_what_the_rules_say_and_the_core_agrees() {
    let expected = written_out(&mut Rules::read());
    if expected != DECISIONS {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/target/decisions.txt");
        std::fs::create_dir_all(concat!(env!("CARGO_MANIFEST_DIR"), "/target")).expect("a folder");
        std::fs::write(path, expected).expect("a file");
        panic!("tests/policy/decisions.txt is not what rules.txt says; see {path}");
    }
    let mut rows = DECISIONS
        .lines()
        .skip_while(|line| !line.starts_with("mode"))
        .skip(1);
    for_each_row(|_, case, role| {
        let row: Vec<&str> = rows.next().expect("a row").split_whitespace().collect();
        check(&case, role, true, &(row[8].to_owned(), row[9].to_owned()));
    });
    assert_eq!(rows.next(), None);
}
