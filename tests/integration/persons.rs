//! Persons' files: what was entered wrongly is corrected by who may open it, and what was
//! there before is kept nowhere.

use liaison::{
    agreement::{Agreement, Clause},
    confidentiality::Level,
    id::{GlobalId, RecordId},
    identity::kind::Kind,
};
use serde_json::{Value, json};

use crate::support::{
    cast::{LATER, concluded, opening},
    harness::{Backend, Suite},
    house::{House, mechanism},
};

pub(crate) fn register(suite: &mut Suite) {
    suite.test("a_file_is_corrected_by_who_may_open_it", leave);
    suite.test("what_a_file_said_before_is_kept_nowhere", nowhere);
    suite.test("that_a_file_was_corrected_is_told_to_who_may_open_it", told);
    suite.test("a_corrected_value_opens_in_its_place_only", places);
    suite.test("a_persons_part_is_corrected_as_it_is_written", parts);
}

const KEEPER: &str = "read:communication@SECRETARIAT read:communication_person@SECRETARIAT \
                      read:person@VICTIM write:communication@SECRETARIAT \
                      write:communication_person@SECRETARIAT write:person@VICTIM consent:write";
const GRANTS: &str = "read:person@SECRETARIAT write:person@SECRETARIAT";

fn code(answer: &Value) -> &str {
    answer["userErrors"][0]["code"].as_str().unwrap_or("DONE")
}

fn names(text: &str) -> Value {
    json!([{ "text": text, "script": "Latn", "language": "en" }])
}

/// A person's file at CAT, and officers who keep it.
pub(crate) struct File {
    pub(crate) house: House,
    pub(crate) communication: String,
    pub(crate) person: String,
}

impl File {
    pub(crate) async fn of(backend: Backend) -> Self {
        let house = House::open(backend).await;
        let lodge = json!({
            "kind": "INDIVIDUAL_COMMUNICATION", "title": "P v. Examplia (invented)",
            "persons": [{
                "role": "COMPLAINANT", "names": names("Ppx Wrongly Invented"),
                "birthDate": "1980", "contact": "through Invented Counsel",
            }],
        });
        let keeper = house.token("cat.petitions", KEEPER).await;
        let act = ("lodgeCommunication", "LodgeCommunicationInput");
        let told = "communication { id persons { edges { node { id } } } }";
        let made = house.act(Some(&keeper), act, &lodge, told).await["communication"].clone();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Self {
            house,
            communication: text(&made["id"]),
            person: text(&made["persons"]["edges"][0]["node"]["id"]),
        }
    }

    /// The person's id as it stands in SQL.
    pub(crate) fn id(&self) -> String {
        let id = GlobalId::parse(&self.person).unwrap().id;
        self.house.literal(id)
    }

    /// Does an act on a file, with a purpose or none; what it answers.
    pub(crate) async fn does(
        &self,
        (holder, scope): (&str, &str),
        purpose: Option<&str>,
        name: &str,
        input: &Value,
    ) -> Value {
        let token = self.house.token(holder, scope).await;
        let kind = format!("{}{}Input", name[..1].to_uppercase(), &name[1..]);
        let query = format!(
            "mutation($input: {kind}!) {{ {name}(input: $input) {{ \
             userErrors {{ code message field }} }} }}"
        );
        let mut request = json!({ "query": query, "variables": { "input": input } });
        if let Some(code) = purpose {
            request["extensions"] = json!({ "purpose": { "code": code, "reason": "a test" } });
        }
        self.house.post(Some(&token), &request).await.data()[name].clone()
    }

    async fn correct(&self, said: Value) -> String {
        self.correct_as(("cat.petitions", KEEPER), Some("EXAMINATION"), said)
            .await
    }

    async fn correct_as(&self, who: (&str, &str), purpose: Option<&str>, said: Value) -> String {
        let mut input = said;
        input["person"] = json!(self.person);
        if input["reason"].is_null() {
            input["reason"] = json!("It was misread (invented)");
        }
        let answer = self.does(who, purpose, "correctPerson", &input).await;
        code(&answer).to_owned()
    }

    /// Gives an officer leave to open fields until a moment.
    pub(crate) async fn grant(&self, holder: &str, fields: &[&str], until: &str) -> String {
        let mechanism = holder.split('.').next();
        let input = json!({
            "person": self.person, "holder": holder, "mechanism": mechanism,
            "purposes": ["EXAMINATION"], "fields": fields, "validUntil": until,
        });
        let grants = ("cat.grants", GRANTS);
        code(&self.does(grants, None, "giveGrant", &input).await).to_owned()
    }

    /// Records a word of the person's to the ACHPR.
    pub(crate) async fn say(&self, basis: &str, fields: &[&str], until: &str) -> String {
        let input = json!({
            "person": self.person, "recipient": "achpr", "purpose": "EXAMINATION",
            "fields": fields, "basis": basis, "validUntil": until,
        });
        let keeper = ("cat.petitions", KEEPER);
        code(&self.does(keeper, None, "recordConsent", &input).await).to_owned()
    }

    /// A clause of the highest cap between CAT and the ACHPR.
    pub(crate) async fn open_channel(&self) {
        let agreement = concluded(&["cat", "achpr"], LATER);
        let clause = opening(agreement.id, "cat", "achpr", Level::Victim, LATER);
        self.house.add::<Agreement>("cat", agreement).await;
        self.house.add::<Clause>("cat", clause).await;
    }

    /// What an officer is told of the file.
    pub(crate) async fn told(&self, holder: &str, purpose: Option<&str>) -> Value {
        let opens = ["cat.petitions", "achpr.protection"].contains(&holder);
        let scope = match opens {
            true => "read:person@VICTIM",
            false => "read:person@SECRETARIAT",
        };
        let token = self.house.token(holder, scope).await;
        let query = format!(
            "{{ node(id: \"{0}\") {{ ... on Person {{ version names {{ text }} birthDate contact }} }} \
             history(id: \"{0}\") {{ edges {{ node {{ field before after by }} }} }} }}",
            self.person
        );
        match purpose {
            Some(purpose) => self.house.ask_for(&token, purpose, &query).await.data(),
            None => self.house.ask(Some(&token), &query).await.data(),
        }
    }

    /// The sealed values as they are stored: field and version.
    async fn versions(&self) -> Vec<String> {
        let sql = format!(
            "SELECT field || '@' || version FROM sealed_field WHERE record = {} ORDER BY field",
            self.id()
        );
        self.house.texts(&sql).await
    }

    async fn blob(&self, field: &str) -> Vec<u8> {
        let sql = format!(
            "SELECT blob FROM sealed_field WHERE field = '{field}' AND record = {}",
            self.id()
        );
        self.house.bytes(&sql).await
    }

    async fn leaves(&self) -> i64 {
        self.house.number("SELECT COUNT(*) FROM audit_leaf").await
    }
}

pub(crate) const FAR: &str = "2027-01-01T00:00:00Z";
const RIGHT: &str = "Ppx Rightly Invented";

async fn leave(backend: Backend) {
    let file = File::of(backend).await;
    file.open_channel().await;
    let keeper = ("cat.petitions", KEEPER);
    let purpose = Some("EXAMINATION");
    let said = json!({ "names": names(RIGHT) });
    let (blob, leaves) = (file.blob("names").await, file.leaves().await);
    assert_eq!(file.correct(said.clone()).await, "FORBIDDEN", "no grant");
    assert_eq!(file.blob("names").await, blob);
    assert_eq!(file.leaves().await, leaves, "what was refused is no act");

    assert_eq!(file.grant("cat.petitions", &["NAMES"], FAR).await, "DONE");
    let below = KEEPER.replace("write:person@VICTIM", "write:person@SECRETARIAT");
    let unread = KEEPER.replace("read:person@VICTIM", "read:person@SECRETARIAT");
    let both = json!({ "names": names(RIGHT), "contact": null });
    for (what, who, purpose, said, expected) in [
        ("no purpose", keeper, None, &said, "FORBIDDEN"),
        (
            "another purpose",
            keeper,
            Some("FOLLOW_UP"),
            &said,
            "FORBIDDEN",
        ),
        ("one field too many", keeper, purpose, &both, "FORBIDDEN"),
        (
            "writes below",
            ("cat.petitions", &*below),
            purpose,
            &said,
            "FORBIDDEN",
        ),
        (
            "reads below",
            ("cat.petitions", &*unread),
            purpose,
            &said,
            "FORBIDDEN",
        ),
        (
            "a colleague",
            ("cat.secretary", GRANTS),
            purpose,
            &said,
            "FORBIDDEN",
        ),
        (
            "who gives grants",
            ("cat.grants", GRANTS),
            purpose,
            &said,
            "FORBIDDEN",
        ),
        (
            "a stranger",
            ("achpr.protection", KEEPER),
            purpose,
            &said,
            "NOT_FOUND",
        ),
    ] {
        let done = file.correct_as(who, purpose, said.clone()).await;
        assert_eq!(done, expected, "{what}");
    }
    // Another mechanism's officer opens the file, and does not correct it.
    assert_eq!(
        file.say("GIVEN", &["NAMES"], "2030-01-01T00:00:00Z").await,
        "DONE"
    );
    assert_eq!(
        file.grant("achpr.protection", &["NAMES"], FAR).await,
        "DONE"
    );
    let foreign = file.told("achpr.protection", purpose).await;
    assert_eq!(foreign["node"]["names"][0]["text"], "Ppx Wrongly Invented");
    let theirs = file.correct_as(("achpr.protection", KEEPER), purpose, said.clone());
    assert_eq!(theirs.await, "FORBIDDEN");

    for wrong in [
        json!({}),
        json!({ "names": [] }),
        json!({ "names": null }),
        json!({ "names": names(" ") }),
        json!({ "names": [{ "text": "N (invented)", "script": "Latin", "language": "en" }] }),
        json!({ "names": names(RIGHT), "reason": " " }),
    ] {
        assert_eq!(file.correct(wrong.clone()).await, "INVALID", "{wrong}");
    }
    assert_eq!(file.blob("names").await, blob);
    assert_eq!(file.correct(said.clone()).await, "DONE");
    for (holder, expected) in [
        ("cat.petitions", json!(RIGHT)),
        ("achpr.protection", json!(RIGHT)),
    ] {
        let now = file.told(holder, purpose).await;
        assert_eq!(now["node"]["names"][0]["text"], expected, "{holder}");
    }
    // Ended, it is no leave any more; and a file that was erased is not corrected.
    let end = json!({ "person": file.person, "holder": "cat.petitions" });
    let ended = file
        .does(("cat.grants", GRANTS), None, "endGrants", &end)
        .await;
    assert_eq!(code(&ended), "DONE");
    assert_eq!(file.correct(said.clone()).await, "FORBIDDEN");
    let erased = format!("UPDATE person SET erased_at = 1 WHERE id = {}", file.id());
    assert_eq!(file.house.meddle(&erased).await, 1);
    assert_eq!(file.correct(said).await, "CONFLICT");
}

async fn nowhere(backend: Backend) {
    let file = File::of(backend).await;
    let all = ["NAMES", "BIRTH_DATE", "CONTACT"];
    assert_eq!(file.grant("cat.petitions", &all, FAR).await, "DONE");
    assert_eq!(
        file.versions().await,
        ["birth_date@1", "contact@1", "names@1"]
    );
    let old = file.blob("names").await;
    let leaves = file.leaves().await;
    let said = json!({ "names": names(RIGHT), "birthDate": "1981-02", "key": "one" });
    assert_eq!(file.correct(said.clone()).await, "DONE");
    assert_eq!(
        file.versions().await,
        ["birth_date@2", "contact@1", "names@2"]
    );
    assert_eq!(file.leaves().await, leaves + 1, "one act, one entry");
    assert_eq!(file.correct(said).await, "DONE");
    assert_eq!(
        file.versions().await,
        ["birth_date@2", "contact@1", "names@2"],
        "one key, one act"
    );
    let other = json!({ "names": names("Ppx Otherwise Invented"), "key": "one" });
    assert_eq!(file.correct(other).await, "KEY_REUSED");

    let blob = file.house.blob_literal(&old);
    let kept = format!("SELECT COUNT(*) FROM sealed_field WHERE blob = {blob}");
    assert_eq!(file.house.number(&kept).await, 0, "the old value");
    let said = "SELECT COUNT(*) FROM history WHERE field IN ('names', 'birth_date') \
                AND (before IS NOT NULL OR after IS NOT NULL)";
    assert_eq!(file.house.number(said).await, 0);
    // What is taken away is sealed, too: whether there is something is told by opening.
    assert_eq!(file.correct(json!({ "contact": null })).await, "DONE");
    assert_eq!(
        file.versions().await,
        ["birth_date@2", "contact@2", "names@2"]
    );
    let now = file.told("cat.petitions", Some("EXAMINATION")).await["node"].clone();
    assert_eq!(now["names"][0]["text"], RIGHT);
    assert_eq!(
        [&now["birthDate"], &now["contact"]],
        [&json!("1981-02"), &Value::Null]
    );
    if let Some(path) = file.house.url.strip_prefix("sqlite://") {
        let path = path.trim_end_matches("?mode=rwc");
        for place in [path.to_owned(), format!("{path}-wal")] {
            let bytes = std::fs::read(place).unwrap_or_default();
            for word in ["Rightly Invented", "Wrongly Invented", "misread"] {
                let found = bytes
                    .windows(word.len())
                    .any(|part| part == word.as_bytes());
                assert!(!found, "{word}");
            }
        }
    }
    assert!(file.house.store.ledger().verify().await.unwrap().is_ok());
}

async fn told(backend: Backend) {
    let file = File::of(backend).await;
    file.open_channel().await;
    let purpose = Some("EXAMINATION");
    assert_eq!(file.grant("cat.petitions", &["NAMES"], FAR).await, "DONE");
    assert_eq!(
        file.say("GIVEN", &["NAMES"], "2030-01-01T00:00:00Z").await,
        "DONE"
    );
    assert_eq!(
        file.grant("achpr.protection", &["NAMES"], FAR).await,
        "DONE"
    );
    let before = file.told("cat.petitions", purpose).await;
    let unopened = file.told("cat.petitions", None).await;
    let secretary = file.told("cat.secretary", purpose).await;
    assert_eq!(before["history"]["edges"], json!([]));
    let version = before["node"]["version"].clone();
    assert_ne!(version, unopened["node"]["version"]);

    let said = json!({ "names": names(RIGHT), "expectedVersion": version });
    assert_eq!(file.correct(said.clone()).await, "DONE");
    assert_eq!(file.correct(said).await, "CONFLICT", "it has changed since");
    let entry = |by: Value| json!([{ "node": { "field": "names", "before": null, "after": null, "by": by } }]);
    let after = file.told("cat.petitions", purpose).await;
    assert_ne!(after["node"]["version"], version);
    assert_eq!(after["history"]["edges"], entry(json!("cat.petitions")));
    let foreign = file.told("achpr.protection", purpose).await;
    assert_eq!(foreign["node"]["names"][0]["text"], RIGHT);
    assert_eq!(foreign["history"]["edges"], entry(Value::Null));

    // Who may not open it is told the same as before, to the byte.
    assert_eq!(file.told("cat.petitions", None).await, unopened);
    assert_eq!(file.told("cat.secretary", purpose).await, secretary);
    assert_eq!(secretary["history"]["edges"], json!([]));
    assert_eq!(secretary["node"]["version"], unopened["node"]["version"]);
    // Nor does a row that names a value, or a low level, tell one.
    let row = format!(
        "UPDATE history SET level = 0, before = 'Ppx', after = 'Ppy' WHERE record = {}",
        file.id()
    );
    assert_eq!(file.house.meddle(&row).await, 1);
    assert_eq!(file.told("cat.petitions", None).await, unopened);
    let opened = file.told("cat.petitions", purpose).await;
    assert_eq!(opened["history"]["edges"], entry(json!("cat.petitions")));
}

async fn places(backend: Backend) {
    let file = File::of(backend).await;
    let house = &file.house;
    let (id, purpose) = (file.id(), Some("EXAMINATION"));
    assert_eq!(
        file.grant("cat.petitions", &["NAMES", "CONTACT"], FAR)
            .await,
        "DONE"
    );
    let old = file.blob("names").await;
    assert_eq!(file.correct(json!({ "names": names(RIGHT) })).await, "DONE");
    let new = file.blob("names").await;
    let put = async |blob: &[u8], version: i64| {
        let blob = house.blob_literal(blob);
        let sql = format!(
            "UPDATE sealed_field SET blob = {blob}, version = {version} \
             WHERE field = 'names' AND record = {id}"
        );
        assert_eq!(house.meddle(&sql).await, 1);
    };
    let opened = async || file.told("cat.petitions", purpose).await["node"]["names"].clone();
    let contact = file.blob("contact").await;
    for (what, blob, version) in [
        ("the old value in the new one's version", &old, 2),
        ("the new value in the old one's version", &new, 1),
        ("the new value in the next version", &new, 3),
        ("another field's value", &contact, 1),
    ] {
        put(blob, version).await;
        assert_eq!(opened().await, Value::Null, "{what}");
        let again = file
            .correct(json!({ "names": names("Ppz (invented)") }))
            .await;
        assert_eq!(again, "CONFLICT", "{what}: it is not written over");
    }
    put(&new, 2).await;
    assert_eq!(opened().await[0]["text"], RIGHT);

    // A level that is set by hand opens nothing to anybody, and to its officer what it did.
    let lowered = format!(
        "UPDATE person SET existence = 0, overrides = ';names=0;contact=1;' WHERE id = {id}"
    );
    assert_eq!(house.meddle(&lowered).await, 1);
    let query = format!(
        "{{ node(id: \"{}\") {{ ... on Person {{ names {{ text }} }} }} }}",
        file.person
    );
    let anyone = house.ask(None, &query).await.data();
    assert_eq!(anyone["node"], json!({ "names": null }));
    assert_eq!(
        file.told("cat.secretary", purpose).await["node"]["names"],
        Value::Null
    );
    assert_eq!(opened().await[0]["text"], RIGHT);
    assert_eq!(
        file.correct(json!({ "names": names("Ppy (invented)") }))
            .await,
        "DONE"
    );
    assert_eq!(house.ask(None, &query).await.data(), anyone);
    assert_eq!(opened().await[0]["text"], "Ppy (invented)");
    let label = "read:person@SECRETARIAT label:person@SECRETARIAT";
    for level in ["PUBLIC", "SECRETARIAT", "VICTIM"] {
        let input = json!({ "id": file.person, "field": "names", "level": level });
        let raised = file
            .does(("cat.petitions", label), None, "raiseLevel", &input)
            .await;
        assert_eq!(code(&raised), "INVALID", "what is sealed has one level");
    }

    // Nor do owners who are put there by hand open it, or have it sealed to them.
    let ccpr = house.literal(RecordId::from(mechanism("ccpr")));
    let owner = format!("INSERT INTO record_owner (record, mechanism) VALUES ({id}, {ccpr})");
    assert_eq!(house.meddle(&owner).await, 1);
    assert_eq!(opened().await, Value::Null);
    let owned = file.correct(json!({ "names": names(RIGHT) })).await;
    assert_eq!(owned, "CONFLICT");
    let owner = format!("DELETE FROM record_owner WHERE record = {id} AND mechanism = {ccpr}");
    assert_eq!(house.meddle(&owner).await, 1);
    assert_eq!(opened().await[0]["text"], "Ppy (invented)");
}

async fn parts(backend: Backend) {
    let file = File::of(backend).await;
    let keeper = ("cat.petitions", KEEPER);
    let part = json!({ "communication": file.communication, "role": "WITNESS" });
    let role = async || {
        let token = file.house.token(keeper.0, KEEPER).await;
        let query = format!(
            "{{ communication(id: \"{}\") {{ persons {{ edges {{ role }} }} }} }}",
            file.communication
        );
        let data = file.house.ask(Some(&token), &query).await.data();
        data["communication"]["persons"]["edges"][0]["role"].clone()
    };
    let none = GlobalId {
        kind: Kind::Communication,
        id: RecordId::derived(Kind::Communication, "never"),
    };
    let nowhere = json!({ "communication": none.to_string(), "role": "WITNESS" });
    let unwritten = KEEPER.replace("write:communication_person@SECRETARIAT ", "");
    let unread = KEEPER.replace("read:communication_person@SECRETARIAT ", "");
    for (who, part, expected) in [
        (("cat.petitions", &*unwritten), &part, "FORBIDDEN"),
        (("cat.petitions", &*unread), &part, "NOT_FOUND"),
        (keeper, &nowhere, "NOT_FOUND"),
    ] {
        let done = file.correct_as(who, None, json!({ "part": part })).await;
        assert_eq!(done, expected, "{who:?}");
    }
    assert_eq!(role().await, "COMPLAINANT");
    // With a sealed field that the officer may not open, nothing of it is done.
    let both = json!({ "part": part, "names": names(RIGHT) });
    assert_eq!(file.correct_as(keeper, None, both).await, "FORBIDDEN");
    assert_eq!(role().await, "COMPLAINANT");
    assert_eq!(
        file.correct_as(keeper, None, json!({ "part": part })).await,
        "DONE"
    );
    assert_eq!(role().await, "WITNESS");
}
