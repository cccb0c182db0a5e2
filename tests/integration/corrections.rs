//! What was entered wrongly of a communication is corrected, and the persons' records follow.

use liaison::{country::Country, id::GlobalId, identity::kind::Kind};
use serde_json::{Value, json};

use crate::support::{
    cast::bare,
    harness::{Backend, Suite},
    house::House,
};

pub(crate) fn register(suite: &mut Suite) {
    suite.test(
        "what_was_entered_wrongly_of_a_communication_is_corrected",
        corrected,
    );
    suite.test(
        "the_files_of_persons_follow_what_their_communications_say",
        followed,
    );
    suite.test("the_files_of_persons_follow_what_an_import_says", imported);
    suite.test(
        "a_correction_is_for_who_reads_and_writes_the_files",
        refused,
    );
}

const KEEPER: &str = "read:communication@SECRETARIAT read:communication_person@SECRETARIAT \
                      read:person@SECRETARIAT read:country@PUBLIC read:mandate@SECRETARIAT \
                      write:communication@SECRETARIAT write:communication_person@SECRETARIAT \
                      write:person@VICTIM";
const PLACED: &str = "communication { id kind receivedOn issues countries { code } \
                      persons { edges { node { id } } } }";

async fn open(backend: Backend) -> House {
    let house = House::open(backend).await;
    for code in ["XXA", "XXB", "XXC"] {
        let mut country = bare(Kind::Country, code, &["cat"]);
        country.values = vec![("code", code.into())];
        house.add::<Country>("cat", country).await;
    }
    house
}

fn code(answer: &Value) -> &str {
    answer["userErrors"][0]["code"].as_str().unwrap_or("DONE")
}

async fn lodge(house: &House, token: &str, countries: &[&str]) -> (String, String) {
    let input = json!({
        "kind": "PETITION", "title": "C v. Examplia (invented)", "receivedOn": "2020-03",
        "countries": countries, "issues": ["torture_prevention"],
        "persons": [{
            "role": "AUTHOR",
            "names": [{ "text": "Ccx Invented", "script": "Latn", "language": "en" }],
        }],
    });
    let act = ("lodgeCommunication", "LodgeCommunicationInput");
    let made = house.act(Some(token), act, &input, PLACED).await;
    let made = &made["communication"];
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (
        text(&made["id"]),
        text(&made["persons"]["edges"][0]["node"]["id"]),
    )
}

async fn amend(house: &House, token: &str, id: &str, said: Value) -> Value {
    let mut input = said;
    input["id"] = json!(id);
    let act = ("amendCommunication", "AmendCommunicationInput");
    house.act(Some(token), act, &input, PLACED).await
}

/// The States and the topics of a record, as they are stored.
async fn of(house: &House, id: &str) -> (Vec<String>, Vec<String>) {
    let id = house.literal(GlobalId::parse(id).unwrap().id);
    let countries = format!("SELECT country FROM record_country WHERE record = {id} ORDER BY 1");
    let topics = format!("SELECT topic FROM record_topic WHERE record = {id} ORDER BY 1");
    (house.texts(&countries).await, house.texts(&topics).await)
}

async fn corrected(backend: Backend) {
    let house = open(backend).await;
    let cat = house.token("cat.petitions", KEEPER).await;
    let (id, _) = lodge(&house, &cat, &["XXA"]).await;
    for (field, wrong) in [
        ("kind", Value::Null),
        ("receivedOn", Value::Null),
        ("receivedOn", json!("2099")),
        ("countries", json!(["XXZ"])),
        ("issues", json!(["Torture"])),
        ("mandates", json!(["none"])),
    ] {
        let answer = amend(&house, &cat, &id, json!({ field: wrong })).await;
        assert_eq!(code(&answer), "INVALID", "{field}: {answer}");
        assert_eq!(answer["userErrors"][0]["field"], field, "{answer}");
    }
    let nothing = amend(&house, &cat, &id, json!({})).await;
    assert_eq!(code(&nothing), "INVALID", "{nothing}");
    let said = json!({
        "kind": "INDIVIDUAL_COMMUNICATION", "receivedOn": "2021", "countries": ["XXC", "XXB"],
        "issues": ["fair_trial"],
    });
    let answer = amend(&house, &cat, &id, said).await;
    assert_eq!(code(&answer), "DONE", "{answer}");
    let told = &answer["communication"];
    assert_eq!(
        [&told["kind"], &told["receivedOn"]],
        ["INDIVIDUAL_COMMUNICATION", "2021"]
    );
    assert_eq!(told["issues"], json!(["fair_trial"]));
    let countries = told["countries"].as_array().unwrap();
    let mut countries: Vec<_> = countries.iter().map(|one| one["code"].clone()).collect();
    countries.sort_by_key(Value::to_string);
    assert_eq!(countries, ["XXB", "XXC"]);
    // Its history says that the edges changed: to the secretariat, without what they led to.
    let query =
        format!("{{ history(id: \"{id}\") {{ edges {{ node {{ field before after }} }} }} }}");
    let data = house.ask(Some(&cat), &query).await.data();
    let past = data["history"]["edges"].as_array().unwrap();
    let of = |field: &str| {
        let found = past.iter().find(|edge| edge["node"]["field"] == field);
        let node = &found.unwrap()["node"];
        [node["before"].clone(), node["after"].clone()]
    };
    assert_eq!(of("countries"), [Value::Null, Value::Null]);
    assert_eq!(of("issues"), [Value::Null, Value::Null]);
    assert_eq!(of("receivedOn"), ["2020-03", "2021"]);
    assert_eq!(of("kind"), ["PETITION", "INDIVIDUAL_COMMUNICATION"]);
    let none = amend(&house, &cat, &id, json!({ "countries": null })).await;
    assert_eq!(none["communication"]["countries"], json!([]), "{none}");
}

async fn followed(backend: Backend) {
    let house = open(backend).await;
    let cat = house.token("cat.petitions", KEEPER).await;
    let (one, person) = lodge(&house, &cat, &["XXA", "XXB"]).await;
    let (two, _) = lodge(&house, &cat, &["XXB"]).await;
    let link = json!({ "communication": two, "person": person, "role": "WITNESS" });
    let act = ("linkPerson", "LinkPersonInput");
    let linked = house.act(Some(&cat), act, &link, "person { id }").await;
    assert_eq!(code(&linked), "DONE", "{linked}");
    let moved = json!({ "countries": ["XXC"], "issues": ["fair_trial"] });
    let answer = amend(&house, &cat, &one, moved).await;
    assert_eq!(code(&answer), "DONE", "{answer}");
    let strings = |all: &[&str]| -> Vec<String> { all.iter().map(|&one| one.into()).collect() };
    // Of the file what the other communication says stays; what nobody says is gone.
    let both = (
        strings(&["XXB", "XXC"]),
        strings(&["fair_trial", "torture_prevention"]),
    );
    assert_eq!(of(&house, &person).await, both);
    let mine = (strings(&["XXC"]), strings(&["fair_trial"]));
    assert_eq!(of(&house, &one).await, mine);
    let id = house.literal(GlobalId::parse(&one).unwrap().id);
    let parts = format!(
        "SELECT c.country FROM record_country c JOIN communication_person p ON p.id = c.record \
         WHERE p.communication_id = {id} ORDER BY 1"
    );
    assert_eq!(house.texts(&parts).await, ["XXC"]);

    // A token that is limited to a State is told of the file as the file stands now.
    let seen = async |states: &str| {
        let scope = format!("read:person@SECRETARIAT st:{states}");
        let token = house.token("cat.petitions", &scope).await;
        let query = format!("{{ node(id: \"{person}\") {{ id }} }}");
        let data = house.ask(Some(&token), &query).await.data();
        !data["node"].is_null()
    };
    assert!(seen("XXB,XXC").await);
    assert!(!seen("XXA,XXB").await);
}

async fn imported(backend: Backend) {
    let house = open(backend).await;
    let mapping = json!({
        "provider": "docket", "kind": "communication", "id": "{no}",
        "fields": {
            "reference": { "column": "no" }, "title": { "column": "title" },
            "countries": { "column": "states", "separator": ";" },
        },
    });
    let import = async |token: &str, title: &str, states: &str| {
        let input = json!({
            "kind": "communication", "columns": ["no", "title", "states"],
            "rows": [["I-1", title, states]], "mapping": mapping.to_string(), "partial": true,
        });
        let act = ("importRows", "ImportRowsInput");
        let told = "rows { outcome } findings { code message }";
        house.act(Some(token), act, &input, told).await
    };
    let outcome = |answer: &Value| answer["rows"][0]["outcome"].clone();
    let cat = house.token("cat.petitions", KEEPER).await;
    let title = "I v. Examplia (invented)";
    let made = import(&cat, title, "KEN;GHA").await;
    assert_eq!(outcome(&made), "CREATED", "{made}");
    let query = "{ communications(filter: {reference: {eq: \"I-1\"}}) { edges { node { id } } } }";
    let data = house.ask(Some(&cat), query).await.data();
    let communication = data["communications"]["edges"][0]["node"]["id"].clone();
    let add = json!({ "communication": communication, "person": {
        "role": "AUTHOR",
        "names": [{ "text": "Iix Invented", "script": "Latn", "language": "en" }],
    } });
    let act = ("addPerson", "AddPersonInput");
    let added = house.act(Some(&cat), act, &add, "person { id }").await;
    let person = added["person"]["id"].as_str().unwrap().to_owned();
    let (other, _) = lodge(&house, &cat, &["XXB"]).await;
    let link = json!({ "communication": other, "person": person, "role": "WITNESS" });
    let act = ("linkPerson", "LinkPersonInput");
    let linked = house.act(Some(&cat), act, &link, "person { id }").await;
    assert_eq!(code(&linked), "DONE", "{linked}");
    assert_eq!(of(&house, &person).await.0, ["GHA", "KEN", "XXB"]);

    // Who could not have the files follow does not move the communication, persons or none.
    let before = of(&house, communication.as_str().unwrap()).await;
    let narrow = "read:communication@SECRETARIAT read:country@PUBLIC \
                  read:mechanism@PUBLIC write:communication@SECRETARIAT";
    let unwritten = KEEPER.replace("write:person@VICTIM", "");
    for scope in [narrow, unwritten.trim()] {
        let token = house.token("cat.petitions", scope).await;
        let answer = import(&token, title, "KEN;FRA").await;
        assert_eq!(outcome(&answer), "REFUSED", "{answer}");
        assert_eq!(answer["findings"][0]["code"], "BEYOND_TOKEN", "{answer}");
        assert_eq!(of(&house, communication.as_str().unwrap()).await, before);
        assert_eq!(of(&house, &person).await.0, ["GHA", "KEN", "XXB"]);
    }
    // What does not touch them is not more than it was.
    let token = house.token("cat.petitions", narrow).await;
    let answer = import(&token, "Ii v. Examplia (invented)", "GHA;KEN").await;
    assert_eq!(outcome(&answer), "CHANGED", "{answer}");

    let answer = import(&cat, title, "KEN;FRA").await;
    assert_eq!(outcome(&answer), "CHANGED", "{answer}");
    assert_eq!(of(&house, &person).await.0, ["FRA", "KEN", "XXB"]);
    let id = house.literal(GlobalId::parse(communication.as_str().unwrap()).unwrap().id);
    let parts = format!(
        "SELECT c.country FROM record_country c JOIN communication_person p ON p.id = c.record \
         WHERE p.communication_id = {id} ORDER BY 1"
    );
    assert_eq!(house.texts(&parts).await, ["FRA", "KEN"]);
    let seen = async |states: &str| {
        let scope = format!("read:person@SECRETARIAT st:{states}");
        let token = house.token("cat.petitions", &scope).await;
        let query = format!("{{ node(id: \"{person}\") {{ id }} }}");
        !house.ask(Some(&token), &query).await.data()["node"].is_null()
    };
    assert!(seen("FRA,KEN,XXB").await);
    assert!(
        !seen("GHA,KEN,XXB").await,
        "a clause on Ghana opens it no more"
    );
}

async fn refused(backend: Backend) {
    let house = open(backend).await;
    let cat = house.token("cat.petitions", KEEPER).await;
    let (id, person) = lodge(&house, &cat, &["XXA"]).await;
    let said = json!({ "countries": ["XXB"] });
    let before = of(&house, &person).await;
    let without = |taken: &str| {
        let left = KEEPER.split(' ').filter(|item| *item != taken);
        left.collect::<Vec<_>>().join(" ")
    };
    for (scope, expected) in [
        (without("read:person@SECRETARIAT"), "FORBIDDEN"),
        (
            without("read:communication_person@SECRETARIAT"),
            "FORBIDDEN",
        ),
        (without("write:person@VICTIM"), "FORBIDDEN"),
        (
            without("write:communication_person@SECRETARIAT"),
            "FORBIDDEN",
        ),
        (format!("{KEEPER} st:XXA,XXB"), "FORBIDDEN"),
        (format!("{KEEPER} st:XXB"), "NOT_FOUND"),
    ] {
        let token = house.token("cat.petitions", &scope).await;
        let answer = amend(&house, &token, &id, said.clone()).await;
        assert_eq!(code(&answer), expected, "{scope}: {answer}");
    }
    let stranger = house.token("achpr.protection", KEEPER).await;
    let hidden = amend(&house, &stranger, &id, said).await;
    assert_eq!(code(&hidden), "NOT_FOUND");
    assert_eq!(of(&house, &person).await, before, "nothing was written");
}
