//! Texts in other languages: told where the field is that they translate, and nowhere else;
//! and labels in the six UN languages.

use liaison::{
    communication::Communication, confidentiality::Level, id::RecordId, store::writer::NewRecord,
};
use serde_json::{Value, json};

use crate::support::{
    harness::{Backend, Suite},
    house::{House, mechanism, reads},
};

pub(crate) fn register(suite: &mut Suite) {
    suite.test("a_text_is_told_in_the_language_that_is_asked_for", told);
    suite.test("a_translation_is_told_where_its_field_is", with_its_field);
    suite.test(
        "an_amended_original_leaves_its_translations_out_of_date",
        outdated,
    );
    suite.test("translations_refuse_what_is_not_valid", refused);
    suite.test("what_is_withdrawn_or_expunged_is_translated_no_more", gone);
    suite.test(
        "codes_are_labelled_in_the_language_that_is_asked_for",
        labels,
    );
    suite.test("the_note_is_found_in_french", note);
}

const TEXT: &str = "{ field text language direction status outOfDate madeBy }";

async fn keeper(house: &House, holder: &str) -> String {
    let scope = format!(
        "{} write:communication@SECRETARIAT label:communication@SECRETARIAT \
         write:recommendation@SECRETARIAT label:recommendation@SECRETARIAT",
        reads(Level::Secretariat),
    );
    house.token(holder, &scope).await
}

async fn act(house: &House, token: Option<&str>, name: &str, input: Value) -> String {
    let kind = match name {
        "recordTranslation" => "RecordTranslationInput",
        "withdrawTranslation" => "WithdrawTranslationInput",
        "raiseLevel" => "RaiseLevelInput",
        "retireRecord" => "RetireRecordInput",
        "amendRecommendation" => "AmendRecommendationInput",
        "adoptRecommendation" => "AdoptRecommendationInput",
        "publishRecommendation" => "RecommendationActInput",
        other => panic!("{other}"),
    };
    let answer = house.act(token, (name, kind), &input, "__typename").await;
    let code = answer["userErrors"][0]["code"].as_str();
    code.unwrap_or("DONE").to_owned()
}

/// A communication of CAT that anyone knows of; the docket note is the secretariat's.
async fn case(house: &House) -> String {
    let id = RecordId::random();
    let mut record = NewRecord::of(id, vec![mechanism("cat")], Level::Public);
    record.values = vec![
        ("reference", "CAT-T-1".into()),
        ("title", "On registers (invented)".into()),
        ("docket_note", "Ask the clerk (invented)".into()),
        ("mechanism_id", mechanism("cat").0.into()),
    ];
    house.add::<Communication>("cat", record).await
}

async fn texts(house: &House, token: Option<&str>, id: &str, arguments: &str) -> Value {
    let query = format!("{{ communication(id: \"{id}\") {{ texts{arguments} {TEXT} }} }}");
    house.ask(token, &query).await.data()["communication"]["texts"].clone()
}

async fn translations(house: &House, token: Option<&str>, id: &str) -> Vec<String> {
    let query = format!("{{ communication(id: \"{id}\") {{ translations {TEXT} }} }}");
    let data = house.ask(token, &query).await.data();
    let all = data["communication"]["translations"].as_array().cloned();
    let texts = all.unwrap_or_default().into_iter();
    texts
        .map(|text| text["text"].as_str().unwrap().to_owned())
        .collect()
}

fn in_french(id: &str, field: &str, text: &str) -> Value {
    json!({ "id": id, "field": field, "language": "fr", "text": text, "status": "UNOFFICIAL",
            "madeBy": "A service (invented)" })
}

async fn told(backend: Backend) {
    let house = House::open(backend).await;
    let cat = keeper(&house, "cat.petitions").await;
    let id = case(&house).await;
    // Nobody has said in which language the original is, and it is what there is.
    let plain = texts(&house, None, &id, "(language: FR, fields: [TITLE])").await;
    let original = json!([{
        "field": "title", "text": "On registers (invented)", "language": "und",
        "direction": "LTR", "status": "ORIGINAL", "outOfDate": false, "madeBy": null,
    }]);
    assert_eq!(plain, original);
    let own = json!({ "id": id, "field": "title", "language": "EN", "status": "ORIGINAL" });
    assert_eq!(
        act(&house, Some(&cat), "recordTranslation", own).await,
        "DONE"
    );
    let french = in_french(&id, "title", "Des registres (inventé)");
    assert_eq!(
        act(&house, Some(&cat), "recordTranslation", french).await,
        "DONE"
    );
    let arabic = json!({ "id": id, "field": "title", "language": "ar", "status": "MACHINE",
                         "text": "عن السجلات" });
    assert_eq!(
        act(&house, Some(&cat), "recordTranslation", arabic).await,
        "DONE"
    );
    let french = texts(&house, None, &id, "(language: FR, fields: [TITLE])").await;
    let told = json!([{
        "field": "title", "text": "Des registres (inventé)", "language": "fr",
        "direction": "LTR", "status": "UNOFFICIAL", "outOfDate": false,
        "madeBy": "A service (invented)",
    }]);
    assert_eq!(french, told);
    let arabic = texts(&house, None, &id, "(language: AR)").await;
    assert_eq!(arabic[0]["direction"], "RTL");
    assert_eq!(arabic[0]["status"], "MACHINE");
    // What is not there in that language is told in the original, and says so.
    let russian = texts(&house, None, &id, "(language: RU)").await;
    assert_eq!(russian[0]["language"], "en");
    assert_eq!(russian[0]["status"], "ORIGINAL");
    // The plain field is what it was.
    let query = format!("{{ communication(id: \"{id}\") {{ title }} }}");
    let data = house.ask(None, &query).await.data();
    assert_eq!(data["communication"]["title"], "On registers (invented)");
    assert_eq!(translations(&house, None, &id).await.len(), 3);
}

async fn with_its_field(backend: Backend) {
    let house = House::open(backend).await;
    let cat = keeper(&house, "cat.petitions").await;
    let other = keeper(&house, "achpr.protection").await;
    let id = case(&house).await;
    for (field, text) in [
        ("title", "Des registres"),
        ("docketNote", "Demander au greffe"),
    ] {
        let input = in_french(&id, field, text);
        assert_eq!(
            act(&house, Some(&cat), "recordTranslation", input).await,
            "DONE"
        );
    }
    let has = |all: &[String], text: &str| all.iter().any(|one| one == text);
    for token in [None, Some(other.as_str())] {
        let all = translations(&house, token, &id).await;
        assert!(has(&all, "Des registres") && !has(&all, "Demander au greffe"));
        let query = format!("{{ communication(id: \"{id}\") {{ texts(language: FR) {TEXT} }} }}");
        let answer = house.ask(token, &query).await.json();
        let withheld = &answer["extensions"]["withheld"][0];
        assert_eq!(withheld["path"], "communication.texts", "{answer}");
        assert_eq!(withheld["level"], "SECRETARIAT");
    }
    assert!(has(
        &translations(&house, Some(&cat), &id).await,
        "Demander au greffe"
    ));
    // Its past is told to no others either.
    let past = format!("{{ history(id: \"{id}\") {{ edges {{ node {{ field after }} }} }} }}");
    let fields = |data: &Value| data["history"]["edges"].to_string();
    let open = fields(&house.ask(Some(&other), &past).await.data());
    assert!(
        open.contains("title@fr") && !open.contains("docketNote@fr"),
        "{open}"
    );
    let all = fields(&house.ask(Some(&cat), &past).await.data());
    assert!(all.contains("docketNote@fr"), "{all}");
    // A level that is raised is raised for what translates the field, its past included.
    let raise = json!({ "id": id, "field": "title", "level": "SECRETARIAT" });
    assert_eq!(act(&house, Some(&cat), "raiseLevel", raise).await, "DONE");
    for token in [None, Some(other.as_str())] {
        assert!(translations(&house, token, &id).await.is_empty());
        assert_eq!(fields(&house.ask(token, &past).await.data()), "[]");
    }
    assert!(has(
        &translations(&house, Some(&cat), &id).await,
        "Des registres"
    ));
    // Who reads less of its own than the field, neither reads nor writes what translates it.
    let narrow = format!("{} write:communication@SECRETARIAT", reads(Level::Partner));
    let narrow = house.token("cat.petitions", &narrow).await;
    let input = in_french(&id, "docketNote", "Autre");
    let code = act(&house, Some(&narrow), "recordTranslation", input).await;
    assert_eq!(code, "FORBIDDEN");
    // Others may not, and of what they don't know there is nothing.
    let input = in_french(&id, "title", "Autre");
    assert_eq!(
        act(&house, None, "recordTranslation", input.clone()).await,
        "TOKEN_NEEDED"
    );
    assert_eq!(
        act(&house, Some(&other), "recordTranslation", input).await,
        "FORBIDDEN"
    );
    let raise = json!({ "id": id, "level": "SECRETARIAT" });
    assert_eq!(act(&house, Some(&cat), "raiseLevel", raise).await, "DONE");
    let input = in_french(&id, "title", "Autre");
    assert_eq!(
        act(&house, Some(&other), "recordTranslation", input).await,
        "NOT_FOUND"
    );
}

async fn outdated(backend: Backend) {
    let house = House::open(backend).await;
    let cat = keeper(&house, "cat.petitions").await;
    let draft = json!({ "text": "Keep registers (invented)", "madeIn": "CONCLUDING_OBSERVATIONS" });
    let act_of = ("draftRecommendation", "DraftRecommendationInput");
    let answer = house
        .act(Some(&cat), act_of, &draft, "recommendation { id }")
        .await;
    let id = answer["recommendation"]["id"].as_str().unwrap().to_owned();
    let input = in_french(&id, "text", "Tenir des registres (inventé)");
    assert_eq!(
        act(&house, Some(&cat), "recordTranslation", input).await,
        "DONE"
    );
    let query =
        format!("{{ recommendation(id: \"{id}\") {{ version texts(language: FR) {TEXT} }} }}");
    let told = async || house.ask(Some(&cat), &query).await.data()["recommendation"].clone();
    let before = told().await;
    assert_eq!(before["texts"][0]["outOfDate"], false);
    let amend = json!({ "id": id, "text": "Keep public registers (invented)" });
    assert_eq!(
        act(&house, Some(&cat), "amendRecommendation", amend).await,
        "DONE"
    );
    assert_eq!(told().await["texts"][0]["outOfDate"], true);
    // Who has translated what it was before is told so.
    let mut late = in_french(&id, "text", "Tenir des registres publics (inventé)");
    late["expectedVersion"] = before["version"].clone();
    assert_eq!(
        act(&house, Some(&cat), "recordTranslation", late.clone()).await,
        "CONFLICT"
    );
    late["expectedVersion"] = told().await["version"].clone();
    assert_eq!(
        act(&house, Some(&cat), "recordTranslation", late).await,
        "DONE"
    );
    let after = told().await;
    assert_eq!(
        after["texts"][0]["text"],
        "Tenir des registres publics (inventé)"
    );
    assert_eq!(after["texts"][0]["outOfDate"], false);
    // Written anew and published, it is told in the words that it has now, and in no others.
    let amend = json!({ "id": id, "text": "Keep open registers (invented)" });
    assert_eq!(
        act(&house, Some(&cat), "amendRecommendation", amend).await,
        "DONE"
    );
    let adopt = json!({ "id": id });
    for name in ["adoptRecommendation", "publishRecommendation"] {
        let code = act(&house, Some(&cat), name, adopt.clone()).await;
        assert_eq!(code, "DONE", "{name}");
    }
    let anyone = house.ask(None, &query).await.data();
    let texts = &anyone["recommendation"]["texts"];
    assert_eq!(texts.as_array().unwrap().len(), 1, "{anyone}");
    assert_eq!(texts[0]["text"], "Keep open registers (invented)");
    let all = translations(&house, None, &id).await;
    assert!(!all.iter().any(|text| text.contains("Tenir")), "{all:?}");
}

async fn refused(backend: Backend) {
    let house = House::open(backend).await;
    let cat = keeper(&house, "cat.petitions").await;
    let id = case(&house).await;
    let with = |name: &str, value: Value| {
        let mut input = in_french(&id, "title", "Des registres");
        input[name] = value;
        input
    };
    for (input, code) in [
        (with("field", json!("reference")), "INVALID"),
        (with("field", json!("no such")), "INVALID"),
        (with("language", json!("french!")), "INVALID"),
        (with("language", json!("und")), "INVALID"),
        (with("text", json!(" ")), "INVALID"),
        (with("text", Value::Null), "INVALID"),
        (with("status", json!("ORIGINAL")), "INVALID"),
        (with("field", json!("outcome")), "CONFLICT"),
        (with("id", json!("no id")), "NOT_FOUND"),
    ] {
        let answer = act(&house, Some(&cat), "recordTranslation", input.clone()).await;
        assert_eq!(answer, code, "{input}");
    }
    let own = |language: &str| json!({ "id": id, "field": "title", "language": language, "status": "ORIGINAL" });
    let done = |input| act(&house, Some(&cat), "recordTranslation", input);
    assert_eq!(done(own("fr")).await, "DONE");
    assert_eq!(
        done(in_french(&id, "title", "Des registres")).await,
        "CONFLICT"
    );
    assert_eq!(done(own("en")).await, "DONE");
    assert_eq!(done(in_french(&id, "title", "Des registres")).await, "DONE");
    assert_eq!(done(own("fr")).await, "CONFLICT");
    assert_eq!(translations(&house, None, &id).await.len(), 2);
}

async fn gone(backend: Backend) {
    let house = House::open(backend).await;
    let cat = keeper(&house, "cat.petitions").await;
    let id = case(&house).await;
    let input = in_french(&id, "title", "Des registres");
    assert_eq!(
        act(&house, Some(&cat), "recordTranslation", input.clone()).await,
        "DONE"
    );
    let away = json!({ "id": id, "field": "title", "language": "fr" });
    assert_eq!(
        act(&house, Some(&cat), "withdrawTranslation", away.clone()).await,
        "DONE"
    );
    assert_eq!(
        act(&house, Some(&cat), "withdrawTranslation", away).await,
        "CONFLICT"
    );
    assert_eq!(
        translations(&house, None, &id).await,
        ["On registers (invented)"]
    );
    assert_eq!(
        act(&house, Some(&cat), "recordTranslation", input).await,
        "DONE"
    );
    let retire = json!({ "id": id, "reason": "ENTERED_IN_ERROR", "remark": "A reason" });
    assert_eq!(
        act(&house, Some(&cat), "retireRecord", retire).await,
        "DONE"
    );
    assert!(translations(&house, Some(&cat), &id).await.is_empty());
    let left = "SELECT COUNT(*) FROM translation WHERE text = 'Des registres'";
    assert_eq!(house.number(left).await, 1);
    house.meddle("UPDATE retirement SET keep_until = 0").await;
    let now = liaison::clock::Moment::from_seconds(crate::support::house::NOW);
    house.store.expunge(now).await.unwrap();
    assert_eq!(house.number(left).await, 0);
}

async fn labels(backend: Backend) {
    let house = House::open(backend).await;
    let query = "{ codeLists(names: [\"DocumentKind\"]) { name codes { code
        label { text language direction translationStatus }
        arabic: label(language: AR) { text direction } } } }";
    let data = house.ask(None, query).await.data();
    let codes = data["codeLists"][0]["codes"].as_array().unwrap();
    let found = codes
        .iter()
        .find(|code| code["code"] == "CONCLUDING_OBSERVATIONS");
    let found = found.unwrap();
    assert_eq!(found["label"]["text"], "Concluding observations");
    assert_eq!(found["label"]["translationStatus"], "OFFICIAL");
    assert_eq!(found["arabic"]["text"], "الملاحظات الختامية");
    assert_eq!(found["arabic"]["direction"], "RTL");
    // By `Accept-Language`, and the answer says which was chosen.
    let uri =
        "/graphql?query=%7BcodeLists(names:%5B%22Region%22%5D)%7Bcodes%7Blabel%7Btext%7D%7D%7D%7D";
    let mut tags = Vec::new();
    for (wish, language, word) in [
        ("fr-CH, en;q=0.5", "fr", "Afrique"),
        ("zh", "zh", "非洲"),
        ("de", "en", "Africa"),
    ] {
        let request = axum::http::Request::get(uri).header("accept-language", wish);
        let answer = house
            .send(request.body(axum::body::Body::empty()).unwrap())
            .await;
        assert_eq!(answer.headers["content-language"], language);
        assert!(
            answer.headers["vary"]
                .to_str()
                .unwrap()
                .contains("Accept-Language")
        );
        assert!(
            answer.json().to_string().contains(word),
            "{}",
            answer.json()
        );
        tags.push(answer.headers["etag"].clone());
    }
    tags.dedup();
    assert_eq!(tags.len(), 3, "each language has an answer of its own");
    let unknown = "{ codeLists(names: [\"NoSuchList\"]) { name } }";
    assert_eq!(house.ask(None, unknown).await.code(), "BAD_INPUT");
    every_enumeration(&house).await;
}

/// Each value of each enumeration of the schema has a label; orders and fields apart, which
/// are names of fields.
async fn every_enumeration(house: &House) {
    let query = "{ __schema { types { kind name enumValues { name } } } }";
    let schema = house.ask(None, query).await.data();
    let query = "{ codeLists { name codes { code } } }";
    let spoken = house.ask(None, query).await.data();
    let lists = spoken["codeLists"].as_array().unwrap();
    for ty in schema["__schema"]["types"].as_array().unwrap() {
        let name = ty["name"].as_str().unwrap();
        let of_fields = name.ends_with("OrderField") || name.ends_with("Text");
        if ty["kind"] != "ENUM" || name.starts_with("__") || of_fields {
            continue;
        }
        let list = lists.iter().find(|list| list["name"] == name);
        let list = list.unwrap_or_else(|| panic!("{name} has no labels"));
        for value in ty["enumValues"].as_array().unwrap() {
            let codes = list["codes"].as_array().unwrap();
            let has = codes.iter().any(|code| code["code"] == value["name"]);
            assert!(has, "{name}.{} has no label", value["name"]);
        }
    }
}

async fn note(backend: Backend) {
    let house = House::open(backend).await;
    let query = "{ mechanism(code: \"cat\") { name texts(language: RU, fields: [NAME]) { text status } }
        recommendations(first: 100) { edges { node { texts(language: FR, fields: [TEXT]) { text language } } } } }";
    let data = house.ask(None, query).await.data();
    assert_eq!(data["mechanism"]["name"], "Committee against Torture");
    assert_eq!(
        data["mechanism"]["texts"][0]["text"],
        "Комитет против пыток"
    );
    assert_eq!(data["mechanism"]["texts"][0]["status"], "OFFICIAL");
    let edges = data["recommendations"]["edges"].as_array().unwrap();
    let french = edges
        .iter()
        .filter(|edge| edge["node"]["texts"][0]["language"] == "fr");
    assert!(french.count() >= 90, "{}", edges.len());
}
