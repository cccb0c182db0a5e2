//! Two officers find that a vital interest of a person overrides consent: for 72 hours, for
//! one recipient, and with nothing left of it afterwards.

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
    house::House,
};

pub(crate) fn register(suite: &mut Suite) {
    suite.test(
        "a_vital_interest_overrides_consent_for_72_hours_and_no_longer",
        overrides,
    );
    suite.test("an_override_takes_two_officers_who_are_charged", officers);
    suite.test(
        "an_override_that_is_refused_or_lapses_leaves_nothing",
        lapses,
    );
    suite.test("an_override_ends_by_act_and_by_the_persons_word", ends);
}

const KEEPER: (&str, &str) = (
    "cat.petitions",
    "read:communication@SECRETARIAT read:person@SECRETARIAT read:mechanism@PUBLIC \
     read:communication_person@SECRETARIAT write:communication@SECRETARIAT \
     write:communication_person@SECRETARIAT write:person@VICTIM consent:write",
);
const GRANTS: (&str, &str) = (
    "cat.grants",
    "read:person@SECRETARIAT write:person@SECRETARIAT",
);
const HOUR: i64 = 3_600;

/// A person's file at CAT, which the ACHPR could open but for consent.
struct File {
    house: House,
    person: String,
}

impl File {
    async fn of(backend: Backend) -> Self {
        let house = House::open(backend).await;
        let lodge = json!({
            "kind": "INDIVIDUAL_COMMUNICATION",
            "title": "V v. Examplia (invented)",
            "persons": [{
                "role": "COMPLAINANT",
                "names": [{ "text": "Vvx Invented", "script": "Latn", "language": "en" }],
                "contact": "through Invented Counsel",
            }],
        });
        let keeper = house.token(KEEPER.0, KEEPER.1).await;
        let lodging = ("lodgeCommunication", "LodgeCommunicationInput");
        let made = "communication { persons { edges { node { id } } } }";
        let made = house.act(Some(&keeper), lodging, &lodge, made).await;
        let person = &made["communication"]["persons"]["edges"][0]["node"]["id"];
        let person = person.as_str().unwrap().to_owned();
        let agreement = concluded(&["cat", "achpr"], LATER);
        let clause = opening(agreement.id, "cat", "achpr", Level::Victim, LATER);
        house.add::<Agreement>("cat", agreement).await;
        house.add::<Clause>("cat", clause).await;
        Self { house, person }
    }

    /// Does an act; the code of its refusal, or `DONE`. The token is fresh.
    async fn does(&self, (holder, scope): (&str, &str), name: &str, input: Value) -> String {
        let kind = match name {
            "invokeVitalInterest" => "InvokeVitalInterestInput",
            "recordConsent" => "RecordConsentInput",
            "giveGrant" => "GiveGrantInput",
            "nameMechanism" => "NameMechanismInput",
            _ => "VitalInterestActInput",
        };
        let told = match name {
            "nameMechanism" => "record { id }",
            _ => "person { id }",
        };
        let token = self.house.token(holder, scope).await;
        let answer = self.house.act(Some(&token), (name, kind), &input, told);
        let answer = answer.await;
        let code = answer["userErrors"][0]["code"].as_str();
        code.unwrap_or("DONE").to_owned()
    }

    async fn invoke(&self, who: (&str, &str)) -> String {
        self.does(who, "invokeVitalInterest", finding(&self.person))
            .await
    }

    async fn told(&self, (holder, scope): (&str, &str), person: &str) -> Value {
        let token = self.house.token(holder, scope).await;
        let query = format!(
            "{{ vitalInterests(person: \"{person}\") {{ id recipient purpose fields reason \
             status invokedBy confirmedBy until }} }}"
        );
        let data = self.house.ask(Some(&token), &query).await.data();
        data["vitalInterests"].clone()
    }

    /// The act on the only finding that there is.
    async fn answer(&self, who: (&str, &str), name: &str) -> String {
        let found = self.told(KEEPER, &self.person).await[0]["id"].clone();
        let input = json!({ "person": self.person, "vitalInterest": found });
        self.does(who, name, input).await
    }

    async fn say(&self, basis: &str) -> String {
        let word = json!({
            "person": self.person, "recipient": "achpr", "purpose": "URGENT_PROTECTION",
            "fields": ["CONTACT"], "basis": basis, "validUntil": "2030-01-01T00:00:00Z",
        });
        self.does(KEEPER, "recordConsent", word).await
    }

    async fn grant(&self, until: i64) -> String {
        let until = self.house.clock.now().plus_seconds(until).rfc3339();
        let grant = json!({
            "person": self.person, "holder": "achpr.protection", "mechanism": "achpr",
            "purposes": ["URGENT_PROTECTION"], "fields": ["NAMES"], "validUntil": until,
        });
        self.does(GRANTS, "giveGrant", grant).await
    }

    async fn overridden(&self) {
        assert_eq!(self.invoke(KEEPER).await, "DONE");
        assert_eq!(self.answer(GRANTS, "confirmVitalInterest").await, "DONE");
    }

    /// What the recipient's officer opens.
    async fn opened(&self) -> [Value; 2] {
        let token = self.house.token("achpr.protection", "read:person@VICTIM");
        let token = token.await;
        let query = format!(
            "{{ node(id: \"{}\") {{ ... on Person {{ names {{ text }} contact }} }} }}",
            self.person
        );
        let answer = self.house.ask_for(&token, "URGENT_PROTECTION", &query);
        let person = answer.await.data()["node"].clone();
        [
            person["names"][0]["text"].clone(),
            person["contact"].clone(),
        ]
    }

    /// The types of notifications to a holder, the latest first.
    async fn notified(&self, holder: &str) -> Vec<Value> {
        let token = self.house.token(holder, "read:person@SECRETARIAT").await;
        let query = "{ notifications(first: 100) { edges { node { type } } } }";
        let data = self.house.ask(Some(&token), query).await.data();
        let edges = data["notifications"]["edges"].as_array().unwrap();
        edges
            .iter()
            .map(|edge| edge["node"]["type"].clone())
            .collect()
    }

    async fn leaves(&self) -> i64 {
        self.house.number("SELECT COUNT(*) FROM audit_leaf").await
    }
}

fn finding(person: &str) -> Value {
    json!({
        "person": person, "recipient": "achpr", "purpose": "URGENT_PROTECTION",
        "fields": ["NAMES"], "reason": "a life depends on it (invented)",
    })
}

async fn overrides(backend: Backend) {
    let file = File::of(backend).await;
    let clock = &file.house.clock;
    assert_eq!(file.say("GIVEN").await, "DONE");
    clock.advance(1);
    assert_eq!(file.grant(HOUR).await, "CONFLICT", "not for the names");
    let leaves = file.leaves().await;
    assert_eq!(file.invoke(KEEPER).await, "DONE");
    assert_eq!(file.leaves().await, leaves + 1);
    assert_eq!(file.grant(HOUR).await, "CONFLICT", "one officer is none");
    assert_eq!(file.answer(GRANTS, "confirmVitalInterest").await, "DONE");
    assert_eq!(file.leaves().await, leaves + 2);
    let told = file.told(KEEPER, &file.person).await;
    let one = &told[0];
    assert_eq!(
        [
            &one["status"],
            &one["recipient"],
            &one["invokedBy"],
            &one["confirmedBy"]
        ],
        ["IN_FORCE", "achpr", "cat.petitions", "cat.grants"],
        "{told}"
    );
    assert_eq!(one["reason"], "a life depends on it (invented)");

    // No grant outlasts what it rests on.
    assert_eq!(file.grant(72 * HOUR + 1).await, "INVALID");
    assert_eq!(file.opened().await, [Value::Null, Value::Null]);
    assert_eq!(file.grant(72 * HOUR).await, "DONE");
    assert_eq!(file.opened().await, [json!("Vvx Invented"), Value::Null]);
    clock.advance(72 * HOUR - 1);
    assert_eq!(file.opened().await[0], "Vvx Invented");
    clock.advance(1);
    assert_eq!(file.opened().await, [Value::Null, Value::Null]);
    assert_eq!(file.told(KEEPER, &file.person).await, json!([]));
    assert_eq!(file.grant(HOUR).await, "CONFLICT", "it is over");

    // A row that names a later end overrides no longer.
    let later = "UPDATE consent SET valid_until = 2000000000";
    file.house.meddle(later).await;
    file.house
        .meddle("UPDATE disclosure_grant SET valid_until = 2000000000")
        .await;
    assert_eq!(file.opened().await[0], Value::Null);

    // What the person has said before is as it was.
    let until = clock.now().plus_seconds(HOUR).rfc3339();
    let contact = json!({
        "person": file.person, "holder": "achpr.protection", "mechanism": "achpr",
        "purposes": ["URGENT_PROTECTION"], "fields": ["CONTACT"], "validUntil": until,
    });
    assert_eq!(file.does(GRANTS, "giveGrant", contact).await, "DONE");
    let contact = json!("through Invented Counsel");
    assert_eq!(file.opened().await, [Value::Null, contact]);
    // The secretariat's own officers are told; of the recipient, its officer of the leave.
    for holder in ["cat.petitions", "cat.grants", "cat.secretary"] {
        let told = file.notified(holder).await;
        assert_eq!(
            told[..2],
            ["VITAL_INTEREST_CONFIRMED", "VITAL_INTEREST_INVOKED"],
            "{holder}"
        );
    }
    assert_eq!(
        file.notified("achpr.protection").await[..2],
        ["GRANT_GIVEN", "GRANT_GIVEN"]
    );
    assert!(file.notified("achpr.secretary").await.is_empty());
}

async fn officers(backend: Backend) {
    let file = File::of(backend).await;
    let stranger = ("achpr.protection", KEEPER.1);
    let only_grants = (
        "cat.grants",
        "read:person@SECRETARIAT write:person@SECRETARIAT consent:write",
    );
    let without_right = ("cat.petitions", "read:person@VICTIM write:person@VICTIM");
    let below = (
        "cat.petitions",
        "read:person@VICTIM write:person@SECRETARIAT consent:write",
    );
    for (who, expected) in [
        (stranger, "NOT_FOUND"),
        (only_grants, "FORBIDDEN"),
        (without_right, "FORBIDDEN"),
        (below, "FORBIDDEN"),
    ] {
        assert_eq!(file.invoke(who).await, expected, "{who:?}");
    }
    for (field, wrong) in [
        ("recipient", json!("cat")),
        ("recipient", json!("nobody")),
        ("fields", json!([])),
        ("reason", json!(" ")),
    ] {
        let mut input = finding(&file.person);
        input[field] = wrong;
        let refused = file.does(KEEPER, "invokeVitalInterest", input).await;
        assert_eq!(refused, "INVALID", "{field}");
    }
    assert_eq!(file.invoke(KEEPER).await, "DONE");
    assert_eq!(file.invoke(KEEPER).await, "CONFLICT", "it waits already");

    // Hidden and missing are one: to a stranger, and to whom another file is.
    let none = GlobalId {
        kind: Kind::Person,
        id: RecordId::derived(Kind::Person, "never"),
    };
    let hidden = file.told(stranger, &file.person).await;
    assert_eq!(hidden, file.told(stranger, &none.to_string()).await);
    assert_eq!(hidden, json!([]));
    let confirm = "confirmVitalInterest";
    assert_eq!(file.answer(stranger, confirm).await, "NOT_FOUND");
    assert_eq!(file.answer(stranger, "endVitalInterest").await, "NOT_FOUND");
    let nothing = json!({ "person": file.person, "vitalInterest": none.id.0.to_string() });
    assert_eq!(file.does(GRANTS, confirm, nothing).await, "NOT_FOUND");

    // Not who has found it, charged or not; and nobody who is not charged.
    assert_eq!(file.answer(KEEPER, confirm).await, "FORBIDDEN");
    let charged = "UPDATE holder SET roles = '[\"GRANTS\"]' WHERE subject = 'cat.petitions'";
    assert_eq!(file.house.meddle(charged).await, 1);
    assert_eq!(file.answer(KEEPER, confirm).await, "FORBIDDEN");
    let secretary = ("cat.secretary", GRANTS.1);
    assert_eq!(file.answer(secretary, confirm).await, "FORBIDDEN");
    let only_reads = ("cat.grants", "read:person@SECRETARIAT");
    assert_eq!(file.answer(only_reads, confirm).await, "FORBIDDEN");
    assert_eq!(
        file.told(KEEPER, &file.person).await[0]["status"],
        "PENDING"
    );
    assert_eq!(file.answer(GRANTS, confirm).await, "DONE");
    assert_eq!(file.answer(GRANTS, confirm).await, "CONFLICT");

    // Who is told of the file by name is told of no finding on it, and answers none.
    assert_eq!(file.grant(HOUR).await, "DONE");
    assert_eq!(file.opened().await[0], "Vvx Invented");
    assert_eq!(file.told(stranger, &file.person).await, json!([]));
    let label = (
        "cat.petitions",
        "read:person@SECRETARIAT label:person@SECRETARIAT write:person@SECRETARIAT",
    );
    let named = json!({
        "id": file.person, "mechanism": "achpr", "until": "2027-01-01T00:00:00Z",
    });
    assert_eq!(file.does(label, "nameMechanism", named).await, "DONE");
    assert_eq!(file.told(stranger, &file.person).await, json!([]));
    assert_eq!(file.answer(stranger, confirm).await, "FORBIDDEN");
    assert_eq!(file.answer(stranger, "endVitalInterest").await, "FORBIDDEN");
}

async fn lapses(backend: Backend) {
    let file = File::of(backend).await;
    let clock = &file.house.clock;
    assert_eq!(file.say("REFUSED").await, "DONE");
    clock.advance(1);
    let consents = file.house.number("SELECT COUNT(*) FROM consent").await;
    let rows = "SELECT COUNT(*) FROM vital_interest";
    // Refused by the second officer, and taken back by the first.
    for who in [GRANTS, KEEPER] {
        assert_eq!(file.invoke(KEEPER).await, "DONE");
        assert_eq!(file.answer(who, "endVitalInterest").await, "DONE");
        assert_eq!(file.house.number(rows).await, 0);
        assert_eq!(file.told(KEEPER, &file.person).await, json!([]));
    }
    // After a day it is not there any more.
    assert_eq!(file.invoke(KEEPER).await, "DONE");
    let found = file.told(KEEPER, &file.person).await[0]["id"].clone();
    let input = json!({ "person": file.person, "vitalInterest": found });
    clock.advance(24 * HOUR - 1);
    assert_eq!(
        file.told(KEEPER, &file.person).await[0]["status"],
        "PENDING"
    );
    clock.advance(1);
    assert_eq!(file.told(KEEPER, &file.person).await, json!([]));
    for name in ["confirmVitalInterest", "endVitalInterest"] {
        assert_eq!(file.does(GRANTS, name, input.clone()).await, "NOT_FOUND");
    }
    assert_eq!(file.grant(HOUR).await, "CONFLICT", "refused it stays");
    let now = file.house.number("SELECT COUNT(*) FROM consent").await;
    assert_eq!(now, consents, "nothing is put beside the person's word");
}

async fn ends(backend: Backend) {
    let file = File::of(backend).await;
    let clock = &file.house.clock;
    assert_eq!(file.say("REFUSED").await, "DONE");
    clock.advance(1);
    for by in ["the keeper", "the second officer", "the person"] {
        file.overridden().await;
        assert_eq!(file.grant(HOUR).await, "DONE");
        assert_eq!(file.opened().await[0], "Vvx Invented", "{by}");
        clock.advance(1);
        let ended = match by {
            "the keeper" => file.answer(KEEPER, "endVitalInterest").await,
            "the second officer" => file.answer(GRANTS, "endVitalInterest").await,
            _ => file.say("WITHDRAWN").await,
        };
        assert_eq!(ended, "DONE", "{by}");
        assert_eq!(file.opened().await[0], Value::Null, "{by}");
        assert_eq!(file.told(KEEPER, &file.person).await, json!([]), "{by}");
        assert_eq!(file.grant(HOUR).await, "CONFLICT", "{by}");
        let live = "SELECT COUNT(*) FROM disclosure_grant WHERE ended_at IS NULL AND holder = \
                    'achpr.protection' AND person = ";
        let id = GlobalId::parse(&file.person).unwrap().id;
        let live = format!("{live}{}", file.house.literal(id));
        assert_eq!(file.house.number(&live).await, 0, "{by}");
        clock.advance(1);
    }
    // Leave that is given later opens nothing that was given under an override.
    let names = json!({
        "person": file.person, "recipient": "achpr", "purpose": "URGENT_PROTECTION",
        "fields": ["NAMES"], "basis": "GIVEN", "validUntil": "2030-01-01T00:00:00Z",
    });
    assert_eq!(file.does(KEEPER, "recordConsent", names).await, "DONE");
    assert_eq!(file.opened().await[0], Value::Null);
}
