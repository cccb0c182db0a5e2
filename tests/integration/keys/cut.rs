//! The main database and the key store have no common commit: what being cut off between the
//! two leaves is closed, and is mended.

use serde_json::{Value, json};

use super::{copies, name, open_file, reason};
use crate::{
    persons::{FAR, File, KEEPER},
    support::harness::{Backend, Suite},
};

pub(crate) fn register(suite: &mut Suite) {
    suite.test("a_grant_that_is_cut_off_opens_nothing", given);
    suite.test("an_end_that_is_cut_off_has_closed_the_file", ended);
    suite.test("an_erasure_that_is_cut_off_has_closed_the_file", erased);
    suite.test("a_correction_that_is_cut_off_loses_no_value", corrected);
    suite.test("a_lodging_that_is_cut_off_leaves_a_key_for_nothing", lodged);
}

/// Lets every commit of the main database fail from now on, or no longer.
async fn cut(file: &File, backend: Backend, off: bool) {
    let sql = match (backend, off) {
        (Backend::Sqlite, true) => {
            "CREATE TRIGGER cut BEFORE INSERT ON audit_leaf BEGIN SELECT RAISE(ABORT, 'cut'); END"
        }
        (Backend::Sqlite, false) => "DROP TRIGGER cut",
        (Backend::Postgres, true) => {
            "ALTER TABLE audit_leaf ADD CONSTRAINT cut CHECK (n < 0) NOT VALID"
        }
        (Backend::Postgres, false) => "ALTER TABLE audit_leaf DROP CONSTRAINT cut",
    };
    file.house.meddle(sql).await;
}

/// Does an act that is cut off at its commit.
async fn cut_off(file: &File, backend: Backend, who: (&str, &str), name: &str, input: &Value) {
    let token = file.house.token(who.0, who.1).await;
    let kind = format!("{}{}Input", name[..1].to_uppercase(), &name[1..]);
    let query = format!(
        "mutation($input: {kind}!) {{ {name}(input: $input) {{ userErrors {{ code }} }} }}"
    );
    let mut request = json!({ "query": query, "variables": { "input": input } });
    request["extensions"] = json!({ "purpose": { "code": "EXAMINATION", "reason": "a test" } });
    cut(file, backend, true).await;
    let answer = file.house.post(Some(&token), &request).await;
    cut(file, backend, false).await;
    assert!(answer.json().get("errors").is_some(), "{}", answer.json());
}

async fn mend(file: &File) -> usize {
    let now = file.house.clock.now();
    file.house.store.mend_copies(now).await.unwrap()
}

const GRANTS: (&str, &str) = (
    "cat.grants",
    "read:person@SECRETARIAT write:person@SECRETARIAT",
);

async fn given(backend: Backend) {
    let file = File::of(backend).await;
    file.open_channel().await;
    assert_eq!(file.say("GIVEN", &["NAMES"], FAR).await, "DONE");
    let before = reason(&file, "achpr.protection").await;
    let grant = json!({
        "person": file.person, "holder": "achpr.protection", "mechanism": "achpr",
        "purposes": ["EXAMINATION"], "fields": ["NAMES"], "validUntil": FAR,
    });
    cut_off(&file, backend, GRANTS, "giveGrant", &grant).await;
    assert_eq!(copies(&file, Some("achpr")).await, 1, "the copy is there");
    assert_eq!(
        reason(&file, "achpr.protection").await,
        before,
        "and opens nothing"
    );
    assert_eq!(mend(&file).await, 1);
    assert_eq!(
        [
            copies(&file, Some("achpr")).await,
            copies(&file, Some("cat")).await
        ],
        [0, 1]
    );
}

async fn ended(backend: Backend) {
    let file = File::of(backend).await;
    open_file(&file).await;
    let withdrawn = json!({
        "person": file.person, "recipient": "achpr", "purpose": "EXAMINATION",
        "fields": [], "basis": "WITHDRAWN", "validUntil": FAR,
    });
    cut_off(
        &file,
        backend,
        ("cat.petitions", KEEPER),
        "recordConsent",
        &withdrawn,
    )
    .await;
    assert_eq!(copies(&file, Some("achpr")).await, 0, "the copy is gone");
    assert_ne!(reason(&file, "achpr.protection").await, "SEAL_BROKEN");
    assert_eq!(name(&file, "cat.petitions").await, "Ppx Wrongly Invented");
    // The grant still stands, since nothing was withdrawn.
    assert_eq!(mend(&file).await, 1);
    assert_eq!(
        name(&file, "achpr.protection").await,
        "Ppx Wrongly Invented"
    );
}

async fn erased(backend: Backend) {
    let file = File::of(backend).await;
    open_file(&file).await;
    let house = &file.house;
    let scope = "read:communication@SECRETARIAT read:communication_person@SECRETARIAT \
                 read:person@SECRETARIAT write:communication@SECRETARIAT \
                 write:communication_person@SECRETARIAT write:person@VICTIM \
                 label:communication@SECRETARIAT label:communication_person@SECRETARIAT \
                 label:person@SECRETARIAT declassify:request";
    let retire = json!({ "id": file.communication, "reason": "ENTERED_IN_ERROR", "remark": "An error (invented)" });
    let retired = file
        .does(("cat.petitions", scope), None, "retireRecord", &retire)
        .await;
    assert_eq!(retired["userErrors"], json!([]), "{retired}");
    let over = house.clock.now().plus_seconds(400 * 24 * 3_600);
    cut(&file, backend, true).await;
    assert!(house.store.expunge(over).await.is_err());
    cut(&file, backend, false).await;
    assert_eq!(
        copies(&file, None).await,
        0,
        "the key is gone before the file is"
    );
    let left = format!("SELECT COUNT(*) FROM person WHERE id = {}", file.id());
    assert_eq!(house.number(&left).await, 1);
    mend(&file).await;
    assert_eq!(copies(&file, None).await, 0, "and comes back by nothing");
    assert_eq!(house.store.expunge(over).await.unwrap().records, 1);
    assert_eq!(house.number(&left).await, 0);
}

async fn corrected(backend: Backend) {
    let file = File::of(backend).await;
    open_file(&file).await;
    let correct = json!({
        "person": file.person, "reason": "It was misread (invented)",
        "names": crate::persons::names("Ppx Cut Off"),
    });
    cut_off(
        &file,
        backend,
        ("cat.petitions", KEEPER),
        "correctPerson",
        &correct,
    )
    .await;
    let marks = format!(
        "SELECT COUNT(*) FROM field_mark WHERE person = {} AND field = 'names'",
        file.id()
    );
    assert_eq!(file.house.number_of_keys(&marks).await, 2);
    assert_eq!(name(&file, "cat.petitions").await, "Ppx Wrongly Invented");
    mend(&file).await;
    assert_eq!(file.house.number_of_keys(&marks).await, 1);
    assert_eq!(name(&file, "cat.petitions").await, "Ppx Wrongly Invented");
    let said = json!({ "names": crate::persons::names("Ppx Rightly Invented") });
    assert_eq!(file.correct(said).await, "DONE");
    assert_eq!(
        name(&file, "achpr.protection").await,
        "Ppx Rightly Invented"
    );
}

async fn lodged(backend: Backend) {
    let file = File::of(backend).await;
    let house = &file.house;
    let all = "SELECT COUNT(DISTINCT person) FROM person_key";
    let before = house.number_of_keys(all).await;
    let lodge = json!({
        "kind": "INDIVIDUAL_COMMUNICATION", "title": "Q v. Examplia (invented)",
        "persons": [{ "role": "COMPLAINANT", "names": crate::persons::names("Qqx Invented") }],
    });
    cut_off(
        &file,
        backend,
        ("cat.petitions", KEEPER),
        "lodgeCommunication",
        &lodge,
    )
    .await;
    assert_eq!(house.number_of_keys(all).await, before + 1);
    // Of whom this database knows nothing, nothing is taken: it may be an older one, put back.
    assert_eq!(mend(&file).await, 0);
    assert_eq!(house.number_of_keys(all).await, before + 1);
}
