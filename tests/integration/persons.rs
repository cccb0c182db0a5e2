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
    suite.test("no_grant_outlasts_the_consent_that_it_rests_on", outlasts);
    suite.test("a_shorter_consent_shortens_grants_and_namings", shortens);
    suite.test("a_later_word_wakes_no_grant", wakes);
    suite.test("a_naming_ends_with_the_last_grant", namings);
    suite.test("leave_is_given_and_taken_within_a_tokens_limits", limits);
    suite.test("who_has_lost_leave_is_told_nothing_of_the_file", lost);
    suite.test("a_persons_part_is_corrected_as_it_is_written", parts);
    suite.test("an_officer_of_forty_thousand_files_opens_one", many);
}

pub(crate) const KEEPER: &str = "read:communication@SECRETARIAT read:communication_person@SECRETARIAT \
                      read:person@VICTIM write:communication@SECRETARIAT \
                      write:communication_person@SECRETARIAT write:person@VICTIM consent:write";
const GRANTS: &str = "read:person@SECRETARIAT write:person@SECRETARIAT";

fn code(answer: &Value) -> &str {
    answer["userErrors"][0]["code"].as_str().unwrap_or("DONE")
}

pub(crate) fn names(text: &str) -> Value {
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
        Self::at(House::open(backend).await).await
    }

    pub(crate) async fn at(house: House) -> Self {
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

    pub(crate) async fn correct(&self, said: Value) -> String {
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

    pub(crate) async fn blob(&self, field: &str) -> Vec<u8> {
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
    assert!(file.house.store.ledger().verify(None).await.is_ok());
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

const END: &str = "2026-09-01T00:00:00Z";
const FURTHER: &str = "2030-01-01T00:00:00Z";
const PURPOSE: Option<&str> = Some("EXAMINATION");
const DAY: i64 = 24 * 3_600;

impl File {
    /// The first name that the ACHPR's officer is told.
    async fn opened(&self) -> Value {
        let file = self.told("achpr.protection", PURPOSE).await;
        file["node"]["names"][0]["text"].clone()
    }

    /// Whether a colleague of that officer knows that there is a file.
    async fn is_known(&self) -> bool {
        let told = self.told("achpr.secretary", None).await;
        !told["node"].is_null()
    }

    /// Lets the clock go on to a moment.
    fn until(&self, moment: &str) {
        let day = |text: &str| text.parse::<i64>().unwrap();
        let (month, of) = (day(&moment[5..7]), day(&moment[8..10]));
        // From the first of June 2026, at noon.
        let days = [30, 31, 31, 30, 31, 30];
        let months: i64 = days.iter().take(usize::try_from(month - 6).unwrap()).sum();
        let then = liaison::clock::Moment::from_seconds(crate::support::house::NOW)
            .plus_seconds((months + of - 1) * DAY - DAY / 2);
        assert_eq!(then.rfc3339(), moment);
        let ahead = then.seconds() - self.house.clock.now().seconds();
        self.house.clock.advance(ahead);
    }

    /// Grants to the ACHPR's officers that nobody has ended and that have not run out.
    async fn live(&self) -> i64 {
        let sql = format!(
            "SELECT COUNT(*) FROM disclosure_grant WHERE ended_at IS NULL AND valid_until > {} \
             AND holder LIKE 'achpr.%' AND person = {}",
            self.house.clock.now().seconds(),
            self.id()
        );
        self.house.number(&sql).await
    }

    /// Two officers find that a vital interest overrides consent.
    async fn overridden(&self) {
        let finding = json!({
            "person": self.person, "recipient": "achpr", "purpose": "EXAMINATION",
            "fields": ["NAMES"], "reason": "a life depends on it (invented)",
        });
        let keeper = ("cat.petitions", KEEPER);
        let found = self
            .does(keeper, None, "invokeVitalInterest", &finding)
            .await;
        assert_eq!(code(&found), "DONE");
        let query = format!("{{ vitalInterests(person: \"{}\") {{ id }} }}", self.person);
        let token = self.house.token("cat.grants", GRANTS).await;
        let data = self.house.ask(Some(&token), &query).await.data();
        let found = &data["vitalInterests"][0]["id"];
        let input = json!({ "person": self.person, "vitalInterest": found });
        let act = ("confirmVitalInterest", "VitalInterestActInput");
        let confirmed = self.house.act(Some(&token), act, &input, "person { id }");
        assert_eq!(code(&confirmed.await), "DONE");
    }

    /// Another's request for the file, granted until a moment; the code of a refusal.
    async fn disclose(&self, holder: &str, until: &str) -> String {
        let scope = "read:person@SECRETARIAT read:mechanism@PUBLIC write:person@SECRETARIAT";
        let token = self.house.token(holder, scope).await;
        let due = self.house.clock.now().plus_seconds(DAY).rfc3339();
        let ask = json!({
            "mechanism": "cat", "reference": "P (invented)", "purpose": "EXAMINATION",
            "fields": ["NAMES"], "reason": "a reason (invented)", "due": due,
        });
        let act = ("askDisclosure", "AskDisclosureInput");
        let asked = self
            .house
            .act(Some(&token), act, &ask, "request { id }")
            .await;
        let grant = json!({
            "request": asked["request"]["id"], "person": self.person, "validUntil": until,
        });
        let grants = ("cat.grants", scope);
        code(&self.does(grants, None, "grantDisclosure", &grant).await).to_owned()
    }
}

async fn outlasts(backend: Backend) {
    let file = File::of(backend).await;
    file.open_channel().await;
    assert_eq!(file.say("GIVEN", &["NAMES"], END).await, "DONE");
    let officer = "achpr.protection";
    assert_eq!(file.grant(officer, &["NAMES"], FAR).await, "INVALID");
    assert_eq!(file.disclose(officer, FAR).await, "INVALID");
    let beyond = "2026-09-01T00:00:01Z";
    assert_eq!(file.grant(officer, &["NAMES"], beyond).await, "INVALID");
    assert_eq!(file.grant(officer, &["NAMES"], END).await, "DONE");
    // The consent for one of the fields ends before that for the other.
    assert_eq!(
        file.say("GIVEN", &["CONTACT"], "2026-08-01T00:00:00Z")
            .await,
        "DONE"
    );
    let both = ["NAMES", "CONTACT"];
    assert_eq!(file.grant(officer, &both, END).await, "INVALID");
    assert_eq!(
        file.grant(officer, &both, "2026-08-01T00:00:00Z").await,
        "DONE"
    );
    // The secretariat's own officers need no consent.
    assert_eq!(file.grant("cat.petitions", &["NAMES"], FAR).await, "DONE");
    assert_eq!(file.opened().await, "Ppx Wrongly Invented");
    file.until("2026-08-31T00:00:00Z");
    assert_eq!(file.opened().await, "Ppx Wrongly Invented");
    file.until(END);
    assert_eq!(file.opened().await, Value::Null);
    assert_eq!(file.live().await, 0);
    assert_eq!(
        file.say("GIVEN", &["NAMES", "CONTACT"], FURTHER).await,
        "DONE"
    );
    assert_eq!(
        file.opened().await,
        Value::Null,
        "what has ended is not woken"
    );
    assert_eq!(file.grant(officer, &["NAMES"], FAR).await, "DONE");
    assert_eq!(file.opened().await, "Ppx Wrongly Invented", "given anew");
}

async fn shortens(backend: Backend) {
    let file = File::of(backend).await;
    file.open_channel().await;
    assert_eq!(
        file.say("GIVEN", &["NAMES", "CONTACT"], FURTHER).await,
        "DONE"
    );
    assert_eq!(file.disclose("achpr.protection", FAR).await, "DONE");
    assert!(file.is_known().await);
    file.house.clock.advance(1);
    // The grant, and the naming, rest from now on on this word.
    assert_eq!(file.say("GIVEN", &["NAMES"], END).await, "DONE");
    assert_eq!(
        file.opened().await,
        "Ppx Wrongly Invented",
        "until then it holds"
    );
    let ends = format!(
        "SELECT COUNT(*) FROM disclosure_grant WHERE valid_until = (SELECT MIN(valid_until) \
         FROM consent WHERE person = {0}) AND person = {0}",
        file.id()
    );
    assert_eq!(file.house.number(&ends).await, 1);
    // A longer one gives no grant more time than it was given.
    file.house.clock.advance(1);
    assert_eq!(
        file.say("GIVEN_BY_REPRESENTATIVE", &["NAMES"], FURTHER)
            .await,
        "DONE"
    );
    file.until(END);
    assert_eq!(file.opened().await, Value::Null);
    assert!(!file.is_known().await, "nor is it named any more");
    assert_eq!(file.live().await, 0);
}

async fn wakes(backend: Backend) {
    for by in ["the person", "two officers"] {
        let file = File::of(backend).await;
        file.open_channel().await;
        assert_eq!(file.say("GIVEN", &["NAMES"], END).await, "DONE");
        assert_eq!(
            file.grant("achpr.protection", &["NAMES"], END).await,
            "DONE"
        );
        // As grants were given once: longer than the consent, after whose end they slept.
        let longer = format!(
            "UPDATE disclosure_grant SET valid_until = {LATER} WHERE person = {}",
            file.id()
        );
        assert_eq!(file.house.meddle(&longer).await, 1);
        file.until(END);
        assert_eq!(file.opened().await, Value::Null);
        assert_eq!(file.live().await, 1);
        if by == "the person" {
            assert_eq!(file.say("GIVEN", &["NAMES"], FURTHER).await, "DONE");
        } else {
            file.overridden().await;
        }
        assert_eq!(file.opened().await, Value::Null, "{by}");
        assert_eq!(file.live().await, 0, "{by}: it is ended");
        let token = file
            .house
            .token("achpr.protection", "read:person@SECRETARIAT")
            .await;
        let query = "{ notifications { edges { node { type } } } }";
        let data = file.house.ask(Some(&token), query).await.data();
        let edges = data["notifications"]["edges"].as_array().unwrap();
        let told: Vec<_> = edges.iter().map(|edge| &edge["node"]["type"]).collect();
        assert!(
            told.contains(&&json!("GRANT_ENDED")),
            "whose it was is told: {told:?}"
        );
        let until = file.house.clock.now().plus_seconds(DAY).rfc3339();
        assert_eq!(
            file.grant("achpr.protection", &["NAMES"], &until).await,
            "DONE"
        );
        assert_eq!(
            file.opened().await,
            "Ppx Wrongly Invented",
            "{by}: given anew"
        );
    }
}

async fn namings(backend: Backend) {
    let file = File::of(backend).await;
    file.open_channel().await;
    assert_eq!(file.say("GIVEN", &["NAMES"], FURTHER).await, "DONE");
    assert_eq!(file.disclose("achpr.secretary", END).await, "DONE");
    assert_eq!(file.disclose("achpr.protection", FAR).await, "DONE");
    assert!(file.is_known().await);
    let end = async |holder: &str| {
        let input = json!({ "person": file.person, "holder": holder });
        let grants = ("cat.grants", GRANTS);
        code(&file.does(grants, None, "endGrants", &input).await).to_owned()
    };
    // The longer one is ended: it is named as long as the other lasts, and no longer.
    assert_eq!(end("achpr.protection").await, "DONE");
    assert!(file.is_known().await);
    file.until("2026-08-31T00:00:00Z");
    assert!(file.is_known().await);
    file.until(END);
    assert!(!file.is_known().await);
    // With the last grant that is ended by an act the naming goes at once.
    assert_eq!(file.disclose("achpr.protection", FAR).await, "DONE");
    assert!(file.is_known().await);
    assert_eq!(end("achpr.protection").await, "DONE");
    assert!(!file.is_known().await);
    let named = format!(
        "SELECT COUNT(*) FROM record_named WHERE record = {}",
        file.id()
    );
    assert_eq!(file.house.number(&named).await, 0);
}

async fn limits(backend: Backend) {
    let file = File::of(backend).await;
    file.open_channel().await;
    assert_eq!(file.say("GIVEN", &["NAMES"], FURTHER).await, "DONE");
    assert_eq!(file.disclose("achpr.protection", FAR).await, "DONE");
    let word = json!({
        "person": file.person, "recipient": "achpr", "purpose": "EXAMINATION",
        "fields": [], "basis": "WITHDRAWN",
    });
    let grant = json!({
        "person": file.person, "holder": "cat.petitions", "mechanism": "cat",
        "purposes": ["EXAMINATION"], "fields": ["NAMES"], "validUntil": FAR,
    });
    let end = json!({ "person": file.person, "holder": "achpr.protection" });
    let said = json!({ "person": file.person, "names": names(RIGHT), "reason": "A reason" });
    let scope = "read:person@SECRETARIAT read:mechanism@PUBLIC write:person@SECRETARIAT";
    let asking = file.house.token("achpr.protection", scope).await;
    let ask = json!({
        "mechanism": "cat", "reference": "P2 (invented)", "purpose": "EXAMINATION",
        "fields": ["NAMES"], "reason": "a reason (invented)", "due": "2026-08-01T00:00:00Z",
    });
    let act = ("askDisclosure", "AskDisclosureInput");
    let asked = file
        .house
        .act(Some(&asking), act, &ask, "request { id }")
        .await;
    let request = asked["request"]["id"].clone();
    let answer = json!({ "request": request, "person": file.person, "validUntil": FAR });
    let refuse = json!({ "request": request });
    // The file is about no State and no theme, and is CAT's own: it lies outside all of them.
    for limit in ["st:KEN", "tp:fair_trial", "own:achpr"] {
        let keeper = format!("{KEEPER} {limit}");
        let grants = format!("{GRANTS} {limit}");
        for (holder, scope, name, input) in [
            ("cat.petitions", &keeper, "recordConsent", &word),
            ("cat.petitions", &keeper, "correctPerson", &said),
            ("cat.grants", &grants, "giveGrant", &grant),
            ("cat.grants", &grants, "endGrants", &end),
            ("cat.grants", &grants, "grantDisclosure", &answer),
            ("cat.grants", &grants, "refuseDisclosure", &refuse),
        ] {
            let done = file.does((holder, scope), PURPOSE, name, input).await;
            assert_eq!(code(&done), "NOT_FOUND", "{limit}: {name}");
        }
        let query = "{ disclosureRequests { id } notifications { edges { node { id } } } }";
        let grants = format!("{GRANTS} {limit}");
        for (holder, scope) in [
            ("cat.grants", grants.as_str()),
            ("achpr.protection", &grants),
        ] {
            // Each is limited to other mechanisms than the own.
            let scope = match (holder, limit) {
                ("achpr.protection", "own:achpr") => scope.replace("own:achpr", "own:cat"),
                _ => scope.to_owned(),
            };
            let token = file.house.token(holder, &scope).await;
            let data = file.house.ask(Some(&token), query).await.data();
            assert_eq!(data["disclosureRequests"], json!([]), "{limit}: {holder}");
            assert_eq!(
                data["notifications"]["edges"],
                json!([]),
                "{limit}: {holder}"
            );
        }
    }
    assert_eq!(
        file.opened().await,
        "Ppx Wrongly Invented",
        "nothing was done"
    );
    assert_eq!(file.live().await, 1);
    // What is asked names no record, and is told to nobody but who is asked: it takes no more
    // than leave to write persons' files.
    for limit in ["st:KEN", "tp:fair_trial", "own:cat"] {
        let token = file
            .house
            .token("achpr.protection", &format!("{scope} {limit}"))
            .await;
        let asked = file
            .house
            .act(Some(&token), act, &ask, "request { id }")
            .await;
        assert_eq!(
            asked["request"],
            Value::Null,
            "{limit}: it is told by no such token"
        );
    }
}

async fn lost(backend: Backend) {
    let file = File::of(backend).await;
    file.open_channel().await;
    let all = ["NAMES", "BIRTH_DATE", "CONTACT"];
    assert_eq!(file.grant("cat.petitions", &all, FAR).await, "DONE");
    assert_eq!(file.say("GIVEN", &["NAMES"], FURTHER).await, "DONE");
    assert_eq!(file.disclose("achpr.protection", FAR).await, "DONE");
    assert_eq!(file.correct(json!({ "names": names(RIGHT) })).await, "DONE");
    let before = file.told("achpr.protection", PURPOSE).await;
    assert_eq!(before["history"]["edges"][0]["node"]["field"], "names");
    let secretary = file.told("achpr.secretary", PURPOSE).await;
    assert_eq!(
        secretary["history"]["edges"],
        json!([]),
        "named, without leave"
    );
    let input = json!({ "person": file.person, "holder": "achpr.protection" });
    let ended = file
        .does(("cat.grants", GRANTS), None, "endGrants", &input)
        .await;
    assert_eq!(code(&ended), "DONE");
    assert_eq!(
        file.correct(json!({ "names": names("Ppw (invented)") }))
            .await,
        "DONE"
    );
    let none = GlobalId {
        kind: Kind::Person,
        id: RecordId::derived(Kind::Person, "never"),
    };
    // The same as of a file that never was, to the byte.
    let other = File {
        person: none.to_string(),
        communication: String::new(),
        house: file.house,
    };
    let missing = other.told("achpr.protection", PURPOSE).await;
    let file = File {
        person: file.person,
        ..other
    };
    let hidden = file.told("achpr.protection", PURPOSE).await;
    assert_eq!(hidden, missing);
    assert_eq!(hidden, json!({ "node": null, "history": { "edges": [] } }));
    // Whose leave it was is told that it has ended, by type, id and time; nobody else is.
    let notices = async |holder: &str| {
        let token = file.house.token(holder, "read:person@SECRETARIAT").await;
        let query = "{ notifications { edges { node { type id at } } } }";
        let data = file.house.ask(Some(&token), query).await.data();
        data["notifications"]["edges"].as_array().unwrap().clone()
    };
    let told = notices("achpr.protection").await;
    assert_eq!(told[0]["node"]["type"], "GRANT_ENDED");
    assert_eq!(
        told.len(),
        3,
        "of the correction there is no word: {told:?}"
    );
    assert!(notices("achpr.secretary").await.is_empty());

    // A token that is revoked tells nothing of any of it.
    let token = file
        .house
        .token("achpr.protection", "read:person@SECRETARIAT")
        .await;
    let keeper = file
        .house
        .token("achpr.secretary", "token:issue read:mechanism@PUBLIC")
        .await;
    let revoke = json!({ "of": { "holder": "achpr.protection" } });
    let act = ("revokeTokens", "RevokeTokensInput");
    let revoked = file
        .house
        .act(Some(&keeper), act, &revoke, "__typename")
        .await;
    assert_eq!(code(&revoked), "DONE", "{revoked}");
    let query = format!(
        "{{ history(id: \"{}\") {{ edges {{ cursor }} }} notifications {{ edges {{ cursor }} }} \
         disclosureRequests {{ id }} }}",
        file.person
    );
    let answer = file.house.ask(Some(&token), &query).await;
    let rubbish = file.house.ask(Some("rubbish"), &query).await;
    assert_eq!((answer.status, answer.body), (rubbish.status, rubbish.body));
}

/// A statement takes only so many values; an officer may have leave to more files.
async fn many(backend: Backend) {
    let file = File::of(backend).await;
    file.grant("cat.petitions", &["NAMES"], "2027-01-01T00:00:00Z")
        .await;
    let numbers = "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers \
                   WHERE n < 40000)";
    let id = match file.house.url.starts_with("sqlite") {
        true => "randomblob(16)",
        false => "gen_random_uuid()",
    };
    let columns = "person, holder, mechanism, purposes, fields, valid_from, valid_until";
    let sql = format!(
        "INSERT INTO disclosure_grant (id, {columns}) {numbers} SELECT {id}, {columns} \
         FROM numbers, (SELECT {columns} FROM disclosure_grant WHERE holder = 'cat.petitions' \
         AND person = {} LIMIT 1) given",
        file.id()
    );
    assert_eq!(file.house.meddle(&sql).await, 40_000);
    let told = file.told("cat.petitions", Some("EXAMINATION")).await;
    assert!(told["node"]["names"].is_array(), "{told}");
    let listed = "{ communications(first: 4) { edges { node { id persons(first: 4) { edges { node { id } } } } } } }";
    let token = file.house.token("cat.petitions", KEEPER).await;
    let answer = file.house.ask_for(&token, "EXAMINATION", listed).await;
    assert!(answer.data()["communications"]["edges"].is_array());
}
