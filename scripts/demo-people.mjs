// Who is in the demo: three who sign in with a password, and others in every state that the pages show.
// `does` is what happened to them, in order; scripts/seed.mjs does it through the API.

const work = (username, name, groups, does = [], rest = {}) => ({ username, name, groups, does, ...rest });

/** People to sign in as. */
export const SIGN_IN_AS = [
  { username: "ann@demo.test", name: "Ann Archer", role: "owner", password: "copper lantern 41" },
  { username: "bob@demo.test", name: "Bob Baker", role: "member", password: "quiet harbor 73" },
  { username: "cho@demo.test", name: "Cho Carter", role: "admin", password: "velvet orchard 28" },
];

/** Their colleagues, who sign in at an application of their own. */
export const COLLEAGUES = [
  work("dee@demo.test", "Dee Dyer", ["finance"], ["enroll", "sign in"]),
  work("eli@demo.test", "Eli Evans", ["finance"], ["enroll"]),
  work("fay@demo.test", "Fay Fischer", ["finance", "it"], ["enroll", "enroll another"]),
  work("gus@demo.test", "Gus Gómez", ["finance"]),
  work("hana@demo.test", "Hana Haddad", ["finance"]),
  work("ivo@demo.test", "Ivo Ivanov", ["it"], ["enroll", "sign in"], { role: "admin" }),
  work("jun@demo.test", "Jun Jiang", ["it"], ["enroll", "use a backup code"]),
  work("kai@demo.test", "Kai Krüger", ["it"], ["enroll", "guess wrong"]),
  work("lea@demo.test", "Lea Laurent", ["it"], ["enroll", "guess wrong"]),
  work("mia@demo.test", "Mia Müller", ["sales"], ["come by single sign-on"]),
  work("noa@demo.test", "Noa Nowak", ["sales"], ["come by single sign-on"]),
  work("oki@demo.test", "Oki Okafor", ["sales"], ["come by single sign-on"]),
  work("pia@demo.test", "Pia Petrov", ["sales"], ["enroll"]),
  work("quin@demo.test", "Quin Quist", ["sales"]),
  work("rui@demo.test", "Rui Ribeiro", ["sales"]),
  work("sam@demo.test", "Sam Santos", ["support"], ["enroll", "sign in"]),
  work("tea@demo.test", "Tea Tanaka", ["support"]),
  work("uma@demo.test", "Uma Usman", ["support"], ["enroll"], { state: "disabled" }),
  work("vic@demo.test", "Vic Vargas", ["support"], [], { state: "disabled" }),
  work("wen@demo.test", "Wen Wagner", ["support"], ["enroll", "sign out everywhere"]),
  work("xia@demo.test", "Xia Xu", [], ["enroll"]),
  work("yara@demo.test", "Yara Young", []),
  work("zoe@demo.test", "Zoë Zimmermann", ["finance"], ["enroll", "lose the phone"]),
  work("abe@demo.test", null, []),
  work("bea@demo.test", "Bea Brandt", ["finance"]),
  work("cal@demo.test", "Cal Costa", ["it"]),
  work("dov@demo.test", "Dov Dahl", []),
];

/** People of another organization, whom nobody of the demo sees. */
export const OTHERS = [
  work("olive@other.test", "Olive Other", [], [], { role: "owner" }),
  work("otto@other.test", "Otto Other", [], ["enroll"]),
];
