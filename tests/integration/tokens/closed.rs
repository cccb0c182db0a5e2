//! What ends access without a token being revoked tells at its commit, too: an agreement,
//! a grant, a consent, a holder's clearance.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use liaison::{
    agreement::{Agreement, Clause},
    clock::Moment,
    communication::{Communication, Person},
    confidentiality::{Domain, FieldIndex, Known, Level, declare::place},
    id::{GlobalId, RecordId},
    identity::{kind::Kind, purpose::Purpose, viewer::Viewer},
    store::{Store, ended::LOOK},
    work_plan::WorkPlanItem,
};
use serde_json::{Value, json};

use crate::support::{
    cast::{LATER, bare, concluded, opening},
    harness::{Backend, Suite},
    house::{House, global, mechanism},
};

const READERS: usize = 64;
const SECOND: Duration = Duration::from_secs(1);
const AGREEMENT: &str = "channel-cat-achpr";

pub(crate) fn register(suite: &mut Suite) {
    suite.test(
        "an_agreement_that_is_closed_closes_what_is_being_answered",
        agreements,
    );
    suite.test(
        "leave_that_is_taken_back_closes_what_is_being_answered",
        leave,
    );
    suite.test("a_raised_level_closes_what_is_being_answered", levels);
    suite.test("a_naming_that_ends_closes_what_is_being_answered", namings);
    suite.test(
        "an_override_that_ends_closes_what_is_being_answered",
        overrides,
    );
    suite.test(
        "a_holder_who_is_amended_is_denied_what_is_being_answered",
        holders,
    );
}

/// Readers of one field whose viewers were made before it is closed, as those of requests
/// under way are: in the process that closes it, and in another.
struct Readers<D> {
    here: Vec<Arc<Known<D>>>,
    there: Vec<Arc<Known<D>>>,
    field: FieldIndex,
}

async fn known<D: Domain>(
    store: &Store,
    house: &House,
    token: &str,
    id: RecordId,
) -> Arc<Known<D>> {
    let now = house.clock.now();
    let claims = house.authority.verify(token, now).unwrap();
    let purpose = Purpose::parse(&json!({ "code": "EXAMINATION", "reason": "a test" }));
    let viewer = store.viewer(&claims, Some(purpose.unwrap()), now).await;
    let reader = store.read_as(Arc::new(viewer.unwrap()));
    reader
        .by_ids::<D>(&[id])
        .await
        .unwrap()
        .remove(&id)
        .unwrap()
}

impl<D: Domain + Send + Sync + 'static> Readers<D> {
    async fn of(
        (house, elsewhere): (&House, &Store),
        token: &str,
        (id, name): (RecordId, &str),
    ) -> Self {
        let (mut here, mut there) = (Vec::new(), Vec::new());
        for _ in 0..READERS {
            here.push(known(&house.store, house, token, id).await);
            there.push(known(elsewhere, house, token, id).await);
        }
        let field = place(D::RULES, name);
        Self { here, there, field }
    }

    /// Reads on and on until each is refused, while something is done that refuses them.
    async fn are_refused(self, what: &str, done: impl Future<Output = ()>) {
        let Self { here, there, field } = self;
        assert!(
            here.iter().chain(&there).all(|known| known.sees(field)),
            "{what}"
        );
        let over = Arc::new(AtomicBool::new(false));
        let read = |known: Arc<Known<D>>| {
            let over = Arc::clone(&over);
            tokio::spawn(async move {
                while known.sees(field) {
                    assert!(!over.load(SeqCst));
                    tokio::time::sleep(Duration::from_micros(200)).await;
                }
                Instant::now()
            })
        };
        let reads =
            [&here, &there].map(|known| known.iter().cloned().map(read).collect::<Vec<_>>());
        done.await;
        let committed = Instant::now();
        assert!(
            here.iter().all(|known| !known.sees(field)),
            "{what}: at the commit"
        );
        while there.iter().any(|known| known.sees(field)) {
            assert!(
                committed.elapsed() < SECOND,
                "{what}: elsewhere within a second"
            );
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let elsewhere = committed.elapsed();
        let mut last = [Duration::ZERO; 2];
        for (reads, last) in reads.into_iter().zip(&mut last) {
            for read in reads {
                *last = (*last).max(read.await.unwrap().saturating_duration_since(committed));
            }
        }
        over.store(true, SeqCst);
        println!(
            "{what}: {READERS} readers each; refused at once here (the last reader noticed after \
             {:?}), in a second store after {elsewhere:?} ({:?})",
            last[0], last[1]
        );
    }
}

/// A house, and a second store on its database that follows what ends.
async fn houses(backend: Backend) -> (House, Store, tokio::task::JoinHandle<()>) {
    let house = House::open(backend).await;
    let elsewhere = house.elsewhere().await;
    let follower = tokio::spawn(elsewhere.clone().follow_revocations(LOOK));
    tokio::time::sleep(2 * LOOK).await;
    (house, elsewhere, follower)
}

async fn act(house: &House, token: &str, act: (&str, &str), input: Value) {
    let answer = house.act(Some(token), act, &input, "__typename").await;
    assert_eq!(answer["userErrors"], json!([]), "{answer}");
}

async fn agreements(backend: Backend) {
    for name in ["suspendAgreement", "terminateAgreement"] {
        let (house, elsewhere, follower) = houses(backend).await;
        let mut item = bare(Kind::WorkPlanItem, "planned", &["cat"]);
        item.values = vec![("places_to_visit", "Example Camp (invented)".into())];
        house.add::<WorkPlanItem>("cat", item).await;
        let id = RecordId::derived(Kind::WorkPlanItem, "planned");
        let field = (id, "places_to_visit");
        let scope = "read:work_plan_item@CHANNEL";
        let partner = house.token("achpr.liaison", scope).await;
        let owner = house.token("cat.secretary", scope).await;
        let stores = (&house, &elsewhere);
        let readers = Readers::<WorkPlanItem>::of(stores, &partner, field).await;
        let owners = Readers::<WorkPlanItem>::of(stores, &owner, field).await;
        let page = known::<WorkPlanItem>(&house.store, &house, &partner, id).await;
        let signs = "read:agreement@SECRETARIAT write:agreement@SECRETARIAT \
                     write:clause@SECRETARIAT read:clause@SECRETARIAT";
        let signs = house.token("cat.secretary", signs).await;
        let input = json!({ "id": global(Kind::Agreement, AGREEMENT) });
        let done = act(&house, &signs, (name, "AgreementActInput"), input);
        readers
            .are_refused(&format!("{backend}, {name}"), done)
            .await;
        // What the same request reads later, it reads without the channel.
        let reader = house.store.read_as(Arc::clone(page.viewer()));
        let later = reader.by_ids::<WorkPlanItem>(&[id]).await.unwrap();
        let told = later.get(&id).is_some_and(|known| known.sees(owners.field));
        assert!(!told, "{name}: nothing kept is told");
        // Closing every channel hides nothing from the owner.
        let mut kept = owners.here.iter().chain(&owners.there);
        assert!(
            kept.all(|known| known.sees(owners.field)),
            "{name}: the owner keeps"
        );
        follower.abort();
    }
}

async fn leave(backend: Backend) {
    let person = global(Kind::Person, "person-01");
    let id = GlobalId::parse(&person).unwrap().id;
    let granting = "read:person@SECRETARIAT write:person@SECRETARIAT";
    let consents = "read:person@VICTIM write:person@VICTIM consent:write";
    for (what, reader, holder, scope, name, kind, input) in [
        (
            "an own officer's grant ended",
            "cat.petitions",
            "cat.grants",
            granting,
            "endGrants",
            "EndGrantsInput",
            json!({ "person": person, "holder": "cat.petitions" }),
        ),
        (
            "another's grant ended",
            "achpr.protection",
            "cat.grants",
            granting,
            "endGrants",
            "EndGrantsInput",
            json!({ "person": person, "holder": "achpr.protection" }),
        ),
        (
            "the consent withdrawn",
            "achpr.protection",
            "cat.petitions",
            consents,
            "recordConsent",
            "RecordConsentInput",
            json!({ "person": person, "recipient": "achpr", "purpose": "EXAMINATION",
                "fields": [], "basis": "WITHDRAWN" }),
        ),
        (
            "the agreement suspended",
            "achpr.protection",
            "cat.secretary",
            "read:agreement@SECRETARIAT write:agreement@SECRETARIAT",
            "suspendAgreement",
            "AgreementActInput",
            json!({ "id": global(Kind::Agreement, AGREEMENT) }),
        ),
    ] {
        let (house, elsewhere, follower) = houses(backend).await;
        let token = house.token(reader, "read:person@VICTIM").await;
        let stores = (&house, &elsewhere);
        let readers = Readers::<Person>::of(stores, &token, (id, "names")).await;
        let under_way = known::<Person>(&elsewhere, &house, &token, id).await;
        let other = if reader == "cat.petitions" {
            "achpr.protection"
        } else {
            "cat.petitions"
        };
        let other = house.token(other, "read:person@VICTIM").await;
        let others = known::<Person>(&house.store, &house, &other, id).await;
        let acts = house.token(holder, scope).await;
        let field = readers.field;
        let done = act(&house, &acts, (name, kind), input);
        readers
            .are_refused(&format!("{backend}, {what}"), done)
            .await;
        assert!(others.sees(field), "{what}: others go on as they were");
        // And no file opens for who is under way elsewhere.
        let files = elsewhere.read_as(Arc::clone(under_way.viewer()));
        let files = liaison::store::Files::of(&files, 10);
        let fields = liaison::confidentiality::FieldSet::NONE.with(field);
        let opened = files.open(&*under_way, fields).await.unwrap();
        assert!(!opened.told.has(field), "{what}");
        follower.abort();
    }
}

async fn levels(backend: Backend) {
    let id = RecordId::derived(Kind::Communication, "raised");
    let global = global(Kind::Communication, "raised");
    let scope = "read:communication@SECRETARIAT";
    for (what, name, input) in [
        (
            "a field raised",
            ("raiseLevel", "RaiseLevelInput"),
            json!({ "id": global, "field": "outcome", "level": "CHANNEL" }),
        ),
        (
            "a record raised",
            ("raiseLevel", "RaiseLevelInput"),
            json!({ "id": global, "level": "SECRETARIAT" }),
        ),
        (
            "a level chosen as the text is written",
            ("amendCommunication", "AmendCommunicationInput"),
            json!({ "id": global, "outcome": "Another (invented)",
                "levels": [{ "field": "outcome", "level": "SECRETARIAT" }] }),
        ),
    ] {
        let (house, elsewhere, follower) = houses(backend).await;
        for key in ["raised", "not-raised"] {
            let mut record = bare(Kind::Communication, key, &["cat"]);
            record.values = vec![
                ("outcome", "A violation (invented)".into()),
                ("title", "R v. Examplia (invented)".into()),
            ];
            house.add::<Communication>("cat", record).await;
        }
        let stranger = house
            .token("iachr.sync", "read:communication@PARTNER")
            .await;
        let owner = house.token("cat.secretary", scope).await;
        let (field, stores) = ((id, "outcome"), (&house, &elsewhere));
        let readers = Readers::<Communication>::of(stores, &stranger, field).await;
        let owners = Readers::<Communication>::of(stores, &owner, field).await;
        let nobodys = anyones(stores, id).await;
        let other = RecordId::derived(Kind::Communication, "not-raised");
        let other = known::<Communication>(&house.store, &house, &stranger, other).await;
        let label =
            format!("{scope} write:communication@SECRETARIAT label:communication@SECRETARIAT");
        let acts = house.token("cat.secretary", &label).await;
        let field = readers.field;
        assert!(nobodys.iter().all(|known| known.sees(field)));
        let done = act(&house, &acts, name, input);
        readers
            .are_refused(&format!("{backend}, {what}"), done)
            .await;
        assert!(
            nobodys.iter().all(|known| !known.sees(field)),
            "{what}: nor anyone"
        );
        assert!(
            nobodys.iter().all(|known| known.tell(field).is_withheld()),
            "{what}"
        );
        let mut kept = owners.here.iter().chain(&owners.there);
        assert!(
            kept.all(|known| known.sees(field)),
            "{what}: the owner keeps"
        );
        assert!(
            other.sees(field),
            "{what}: others' records are as they were"
        );
        let title = place(Communication::RULES, "title");
        let whole = what == "a record raised";
        assert!(
            nobodys.iter().all(|known| known.sees(title) != whole),
            "{what}"
        );
        follower.abort();
    }
}

/// A record as anyone is being told of it, here and elsewhere.
async fn anyones(
    (house, elsewhere): (&House, &Store),
    id: RecordId,
) -> Vec<Arc<Known<Communication>>> {
    let mut all = Vec::new();
    for store in [&house.store, elsewhere] {
        let viewer = Viewer::anyone(house.clock.now()).watched(store.watch().from_now());
        let reader = store.read_as(Arc::new(viewer));
        all.extend(
            reader
                .by_ids::<Communication>(&[id])
                .await
                .unwrap()
                .remove(&id),
        );
    }
    assert_eq!(all.len(), 2);
    all
}

async fn namings(backend: Backend) {
    let (house, elsewhere, follower) = houses(backend).await;
    let id = RecordId::derived(Kind::Communication, "naming");
    let mut noted = bare(Kind::Communication, "naming", &["cat"]);
    noted.values = vec![("docket_note", "a note (invented)".into())];
    noted.named = ["spt", "iachr"]
        .map(|code| (mechanism(code), Moment::from_seconds(LATER)))
        .to_vec();
    house.add::<Communication>("cat", noted).await;
    for code in ["spt", "iachr"] {
        let agreement = concluded(&["cat", code], LATER);
        let clause = opening(agreement.id, "cat", code, Level::Secretariat, LATER);
        house.add::<Agreement>("cat", agreement).await;
        house.add::<Clause>("cat", clause).await;
    }
    house
        .admit("spt", "spt.liaison", Level::Secretariat, false, Some(0))
        .await;
    let scope = "read:communication@SECRETARIAT";
    let token = house.token("spt.liaison", scope).await;
    let other = house.token("iachr.secretary", scope).await;
    let stores = (&house, &elsewhere);
    let field = (id, "docket_note");
    let readers = Readers::<Communication>::of(stores, &token, field).await;
    let others = Readers::<Communication>::of(stores, &other, field).await;
    let label = format!("{scope} label:communication@SECRETARIAT");
    let acts = house.token("cat.secretary", &label).await;
    let input = json!({ "id": global(Kind::Communication, "naming"), "mechanism": "spt" });
    let done = act(&house, &acts, ("endNaming", "EndNamingInput"), input);
    readers
        .are_refused(&format!("{backend}, a naming ended"), done)
        .await;
    let mut kept = others.here.iter().chain(&others.there);
    assert!(
        kept.all(|known| known.sees(others.field)),
        "others are named still"
    );
    follower.abort();
}

/// With the override, the grant that rests on it.
async fn overrides(backend: Backend) {
    let (house, elsewhere, follower) = houses(backend).await;
    let (id, person) = {
        let lodge = json!({
            "kind": "PETITION", "title": "O v. Examplia (invented)",
            "persons": [{ "role": "AUTHOR",
                "names": [{ "text": "Oox Invented", "script": "Latn", "language": "en" }] }],
        });
        let keeper = house.token("cat.petitions", KEEPER).await;
        let lodging = ("lodgeCommunication", "LodgeCommunicationInput");
        let told = "communication { persons { edges { node { id } } } }";
        let made = house.act(Some(&keeper), lodging, &lodge, told).await;
        let person = made["communication"]["persons"]["edges"][0]["node"]["id"].clone();
        (
            GlobalId::parse(person.as_str().unwrap()).unwrap().id,
            person,
        )
    };
    let agreement = concluded(&["cat", "achpr"], LATER);
    let clause = opening(agreement.id, "cat", "achpr", Level::Victim, LATER);
    house.add::<Agreement>("cat", agreement).await;
    house.add::<Clause>("cat", clause).await;
    let keeper = house.token("cat.petitions", KEEPER).await;
    let granting = "read:person@SECRETARIAT write:person@SECRETARIAT";
    let grants = house.token("cat.grants", granting).await;
    let finding = json!({ "person": person, "recipient": "achpr", "purpose": "EXAMINATION",
        "fields": ["NAMES"], "reason": "a life depends on it (invented)" });
    let name = ("invokeVitalInterest", "InvokeVitalInterestInput");
    act(&house, &keeper, name, finding).await;
    let query = format!("{{ vitalInterests(person: {person}) {{ id }} }}");
    let data = house.ask(Some(&grants), &query).await.data();
    let found = json!({ "person": person, "vitalInterest": data["vitalInterests"][0]["id"] });
    let name = ("confirmVitalInterest", "VitalInterestActInput");
    act(&house, &grants, name, found.clone()).await;
    let grant = json!({ "person": person, "holder": "achpr.protection", "mechanism": "achpr",
        "purposes": ["EXAMINATION"], "fields": ["NAMES"],
        "validUntil": house.clock.now().plus_seconds(3_600).rfc3339() });
    act(&house, &grants, ("giveGrant", "GiveGrantInput"), grant).await;
    let token = house.token("achpr.protection", "read:person@VICTIM").await;
    let readers = Readers::<Person>::of((&house, &elsewhere), &token, (id, "names")).await;
    let name = ("endVitalInterest", "VitalInterestActInput");
    let done = act(&house, &keeper, name, found);
    readers
        .are_refused(&format!("{backend}, an override ended"), done)
        .await;
    follower.abort();
}

const KEEPER: &str = "read:communication@SECRETARIAT read:communication_person@SECRETARIAT \
                      read:person@VICTIM write:communication@SECRETARIAT \
                      write:communication_person@SECRETARIAT write:person@VICTIM consent:write";

async fn holders(backend: Backend) {
    let id = RecordId::derived(Kind::Communication, "noted");
    for (what, change) in [
        (
            "a holder suspended",
            json!({ "name": "cat.petitions", "suspended": true }),
        ),
        (
            "a clearance lowered",
            json!({ "name": "cat.petitions", "clearance": "PARTNER" }),
        ),
    ] {
        let (house, elsewhere, follower) = houses(backend).await;
        let mut noted = bare(Kind::Communication, "noted", &["cat"]);
        noted.values = vec![("docket_note", "a note (invented)".into())];
        house.add::<Communication>("cat", noted).await;
        let scope = "read:communication@SECRETARIAT";
        let token = house.token("cat.petitions", scope).await;
        let other = house.token("cat.secretary", scope).await;
        let stores = (&house, &elsewhere);
        let field = (id, "docket_note");
        let readers = Readers::<Communication>::of(stores, &token, field).await;
        let others = known::<Communication>(&house.store, &house, &other, id).await;
        let keeper = house
            .token("cat.secretary", &format!("{scope} token:issue"))
            .await;
        let field = readers.field;
        let done = act(&house, &keeper, ("amendHolder", "AmendHolderInput"), change);
        readers
            .are_refused(&format!("{backend}, {what}"), done)
            .await;
        assert!(others.sees(field), "{what}: others go on as they were");
        follower.abort();
    }
}
