//! The feed of changes: whoever keeps up with it holds what they may see, and learns nothing
//! else, by whatever a view has changed.

use std::collections::BTreeSet;

use liaison::confidentiality::Level;
use serde_json::{Value, json};

use crate::{
    persons::File,
    support::{
        cast::{Cast, Stage},
        harness::{Backend, Suite},
        house::{House, NOW, reads},
        ready::{Owner, acts, ask_each_other, widest},
    },
};

pub(crate) fn register(suite: &mut Suite) {
    suite.test(
        "who_keeps_up_with_the_feed_holds_what_they_may_see",
        kept_up,
    );
    suite.test(
        "a_feed_tells_of_what_time_and_agreements_have_changed",
        unwritten,
    );
    suite.test(
        "what_a_view_does_not_show_moves_nothing_in_its_feed",
        unmoved,
    );
    suite.test("a_cursor_is_good_for_its_own_view_alone", bound);
    suite.test("what_an_officer_alone_may_know_of_is_in_no_feed", alone);
    suite.test(
        "looking_where_the_outbox_says_finds_all_that_has_changed",
        found,
    );
}

/// Somebody who keeps up.
struct Mirror {
    token: Option<String>,
    cursor: Value,
    held: BTreeSet<String>,
}

impl Mirror {
    fn of(token: Option<&str>) -> Self {
        Self {
            token: token.map(str::to_owned),
            cursor: Value::Null,
            held: BTreeSet::new(),
        }
    }

    /// Reads on until there is no more; what has become of which record.
    async fn reads_on(&mut self, house: &House, first: u32) -> Vec<(String, String)> {
        let mut all = Vec::new();
        loop {
            let query = "query ($since: String, $first: Int) { changes(since: $since, first: $first) \
                         { changes { change id node { id } } cursor hasMore } }";
            let variables = json!({ "since": self.cursor, "first": first });
            let request = json!({ "query": query, "variables": variables });
            let told = house.post(self.token.as_deref(), &request).await.data();
            let told = &told["changes"];
            for change in told["changes"].as_array().unwrap() {
                let id = change["id"].as_str().unwrap().to_owned();
                let what = change["change"].as_str().unwrap().to_owned();
                if what == "GONE" {
                    assert!(change["node"].is_null(), "{change}");
                    assert!(self.held.remove(&id), "{change} was never there");
                } else {
                    assert_eq!(change["node"]["id"], json!(id), "{change}");
                    self.held.insert(id.clone());
                }
                all.push((what, id));
            }
            self.cursor = told["cursor"].clone();
            if told["hasMore"] == false {
                return all;
            }
        }
    }

    /// What somebody holds who begins anew.
    async fn anew(&self, house: &House) -> BTreeSet<String> {
        let mut other = Self::of(self.token.as_deref());
        other.reads_on(house, 100).await;
        other.held
    }
}

async fn done(house: &House, token: &str, (name, kind): (&str, &str), input: Value) -> Value {
    let answer = house.act(Some(token), (name, kind), &input, "").await;
    assert_eq!(answer["userErrors"], json!([]), "{name}: {answer}");
    answer
}

async fn cat(house: &House) -> String {
    widest(house, "cat.secretary").await
}

/// A record of CAT's that anyone may know of.
async fn published(house: &House) -> Value {
    let query = "{ communications(first: 1, filter: { mechanism: { eq: \"cat\" } }) \
                 { edges { node { id } } } }";
    let told = house.ask(None, query).await.data();
    told["communications"]["edges"][0]["node"]["id"].clone()
}

async fn kept_up(backend: Backend) {
    let house = House::open(backend).await;
    let cat = cat(&house).await;
    let mut mirrors = vec![Mirror::of(None), Mirror::of(Some(&cat))];
    for mirror in &mut mirrors {
        let first = mirror.reads_on(&house, 37).await;
        assert!(first.iter().all(|(what, _)| what == "APPEARED"));
        assert_eq!(first.len(), mirror.held.len(), "each once");
        assert!(mirror.held.len() > 100, "{}", mirror.held.len());
        assert_eq!(mirror.reads_on(&house, 37).await, []);
        let same = mirror.held.clone();
        assert_eq!(mirror.anew(&house).await, same);
    }
    let [anyone, owner] = &mut mirrors[..] else {
        unreachable!()
    };
    assert!(anyone.held.is_subset(&owner.held));

    // A plan is drafted: there for its owner, and for nobody else.
    let draft = json!({ "title": "Plan (invented)", "period": "2026" });
    let kind = ("draftWorkPlan", "DraftWorkPlanInput");
    let plan = house.act(Some(&cat), kind, &draft, "workPlan { id }").await;
    let plan = plan["workPlan"]["id"].as_str().unwrap().to_owned();
    assert_eq!(
        owner.reads_on(&house, 100).await,
        [("APPEARED".to_owned(), plan.clone())]
    );
    assert_eq!(anyone.reads_on(&house, 100).await, []);
    let amend = json!({ "id": plan, "title": "Another (invented)" });
    done(&house, &cat, ("amendWorkPlan", "AmendWorkPlanInput"), amend).await;
    assert_eq!(
        owner.reads_on(&house, 100).await,
        [("CHANGED".to_owned(), plan.clone())]
    );
    assert_eq!(anyone.reads_on(&house, 100).await, []);

    // Raised, what anyone knew is gone for them; its owner is told that it is labelled
    // otherwise only where something else is told of it.
    let paper = published(&house).await;
    let raise = json!({ "id": paper, "level": "SECRETARIAT" });
    done(&house, &cat, ("raiseLevel", "RaiseLevelInput"), raise).await;
    let paper = paper.as_str().unwrap().to_owned();
    assert_eq!(
        anyone.reads_on(&house, 100).await,
        [("GONE".to_owned(), paper.clone())]
    );
    assert!(owner.held.contains(&paper));
    owner.reads_on(&house, 100).await;

    // Retired, it is gone for all who held it.
    let retire = json!({ "id": plan, "reason": "ENTERED_IN_ERROR", "remark": "Twice (invented)" });
    done(&house, &cat, ("retireRecord", "RetireRecordInput"), retire).await;
    assert_eq!(
        owner.reads_on(&house, 100).await,
        [("GONE".to_owned(), plan)]
    );
    for mirror in &mut mirrors {
        mirror.reads_on(&house, 100).await;
        assert_eq!(mirror.anew(&house).await, mirror.held);
    }
    let named = "SELECT COUNT(*) FROM feed_record r JOIN retirement t ON t.id = r.record";
    assert!(house.number(named).await > 0);
    let two_years = liaison::clock::Moment::from_seconds(NOW + 2 * 366 * 24 * 3_600);
    assert_eq!(house.store.expunge(two_years).await.unwrap().records, 1);
    let of_none = "SELECT COUNT(*) FROM feed_record WHERE kind = 'work_plan' AND record NOT IN \
                   (SELECT id FROM work_plan)";
    assert_eq!(
        house.number(of_none).await,
        0,
        "an id is kept of what was expunged"
    );
    // Who begins anew is told nothing of what is gone by now, on no page.
    let mut other = Mirror::of(None);
    let first = other.reads_on(&house, 3).await;
    assert!(
        first.iter().all(|(what, _)| what == "APPEARED"),
        "{first:?}"
    );
    // Of some types, and from now on alone.
    let query = "{ changes(kinds: [\"Document\"], first: 100) { changes { recordType } } }";
    let told = house.ask(None, query).await.data();
    let types = told["changes"]["changes"].as_array().unwrap();
    assert!(!types.is_empty() && types.iter().all(|one| one["recordType"] == "Document"));
    let told = house.ask(
        None,
        "{ changes(first: 0) { cursor hasMore changes { id } } }",
    );
    let told = told.await.data();
    assert_eq!(told["changes"]["changes"], json!([]));
    let mut late = Mirror::of(None);
    late.cursor = told["changes"]["cursor"].clone();
    assert_eq!(late.reads_on(&house, 100).await, []);
}

async fn unwritten(backend: Backend) {
    let house = House::open(backend).await;
    let stage = Stage::of(house).await;
    let house = &stage.house;
    let mut channel = Mirror::of(Some(&widest(house, Cast::Channel.holder().unwrap()).await));
    let mut anyone = Mirror::of(None);
    channel.reads_on(house, 100).await;
    anyone.reads_on(house, 100).await;
    // An embargo ends: nothing is written.
    let paper = published(house).await;
    let paper = paper.as_str().unwrap().to_owned();
    let id = liaison::id::GlobalId::parse(&paper).unwrap().id;
    let sql = format!(
        "UPDATE communication SET public_from = {} WHERE id = {}",
        NOW + 60,
        house.literal(id)
    );
    house.meddle(&sql).await;
    // What is changed beside the hub is looked at with the next that it does not know.
    house.meddle("UPDATE feed_view SET at = 0").await;
    assert_eq!(
        anyone.reads_on(house, 100).await,
        [("GONE".to_owned(), paper.clone())]
    );
    house.clock.advance(59);
    assert_eq!(anyone.reads_on(house, 100).await, []);
    house.clock.advance(1);
    assert_eq!(
        anyone.reads_on(house, 100).await,
        [("APPEARED".to_owned(), paper)]
    );
    channel.reads_on(house, 100).await;
    // Agreements are suspended: no record of the other has changed.
    let before = channel.held.clone();
    house
        .meddle("UPDATE agreement SET status = 'SUSPENDED' WHERE status = 'IN_FORCE'")
        .await;
    let gone = channel.reads_on(house, 100).await;
    assert!(gone.iter().any(|(what, _)| what == "GONE"), "{gone:?}");
    assert!(channel.held.len() < before.len());
    assert_eq!(channel.anew(house).await, channel.held);
    house
        .meddle("UPDATE agreement SET status = 'IN_FORCE' WHERE status = 'SUSPENDED'")
        .await;
    channel.reads_on(house, 100).await;
    assert!(before.is_subset(&channel.held), "they are back");
    assert_eq!(channel.anew(house).await, channel.held);
}

async fn unmoved(backend: Backend) {
    let house = House::open(backend).await;
    let cat = cat(&house).await;
    let mut anyone = Mirror::of(None);
    anyone.reads_on(&house, 100).await;
    let cursor = anyone.cursor.clone();
    let view = "SELECT CAST(SUM(last) AS BIGINT) FROM feed_view";
    let before = house.number(view).await;
    for nth in 0..5 {
        let draft = json!({ "title": format!("Plan {nth} (invented)"), "period": "2026" });
        done(&house, &cat, ("draftWorkPlan", "DraftWorkPlanInput"), draft).await;
        assert_eq!(anyone.reads_on(&house, 100).await, []);
        assert_eq!(anyone.cursor, cursor, "to the byte");
    }
    assert_eq!(house.number(view).await, before);
    // Nothing that is told lies in what is remembered.
    let query = "{ documents(first: 5) { edges { node { title } } } }";
    let titles = house.ask(None, query).await.data();
    let told = house.texts("SELECT told FROM feed_record").await.join("\n");
    for edge in titles["documents"]["edges"].as_array().unwrap() {
        let title = edge["node"]["title"].as_str().unwrap();
        assert!(!told.contains(title), "{title}");
    }
}

async fn bound(backend: Backend) {
    let house = House::open(backend).await;
    let cat = cat(&house).await;
    let narrow = house.token("cat.secretary", &reads(Level::Partner)).await;
    let cursor_of = async |token: Option<&str>, query: &str| {
        let told = house.ask(token, query).await.data();
        told["changes"]["cursor"].as_str().unwrap().to_owned()
    };
    let all = "{ changes(first: 0) { cursor } }";
    let own = cursor_of(Some(&cat), all).await;
    let of_documents = "{ changes(first: 0, kinds: [\"Document\"]) { cursor } }";
    let of_documents = cursor_of(Some(&cat), of_documents).await;
    let last = own.chars().last().unwrap();
    let forged = format!(
        "{}{}",
        &own[..own.len() - 1],
        if last == 'A' { 'B' } else { 'A' }
    );
    let of_narrow = cursor_of(Some(&narrow), all).await;
    let asks = async |token: Option<&str>, cursor: &str| {
        let query = format!("{{ changes(since: \"{cursor}\") {{ hasMore }} }}");
        house.ask(token, &query).await.code()
    };
    for (token, cursor) in [
        (None, own.as_str()),
        (Some(narrow.as_str()), &own),
        (Some(&cat), &of_narrow),
        (Some(&cat), &of_documents),
        (Some(&cat), &forged),
        (Some(&cat), "x"),
        (Some(&cat), ""),
    ] {
        assert_eq!(asks(token, cursor).await, "CURSOR_INVALID", "{cursor}");
    }
    let query = format!("{{ changes(since: \"{own}\") {{ hasMore }} }}");
    let told = house.ask(Some(&cat), &query).await.data();
    assert_eq!(told["changes"]["hasMore"], false);
    for query in [
        "{ changes(kinds: [\"CommunicationPerson\"]) { cursor } }",
        "{ changes(kinds: [\"Nothing\"]) { cursor } }",
    ] {
        assert_eq!(house.ask(Some(&cat), query).await.code(), "BAD_INPUT");
    }
    // Where a view begins anew, a place of before is none of it.
    house.meddle("UPDATE feed_view SET begun = begun + 1").await;
    assert_eq!(asks(Some(&cat), &own).await, "CURSOR_INVALID");
}

async fn alone(backend: Backend) {
    let file = File::of(backend).await;
    file.open_channel().await;
    const FAR: &str = "2027-01-01T00:00:00Z";
    assert_eq!(file.say("GIVEN", &["NAMES"], FAR).await, "DONE");
    assert_eq!(
        file.grant("achpr.protection", &["NAMES"], FAR).await,
        "DONE"
    );
    // The officer with leave may know of the person, and states why; a colleague whose token
    // reads as much may not.
    let told = file.told("achpr.protection", Some("EXAMINATION")).await;
    assert!(told["node"]["names"].is_array(), "{told}");
    let house = &file.house;
    let token = house.token("achpr.protection", "read:person@VICTIM").await;
    let feed = "{ changes(kinds: [\"Person\"], first: 100) { changes { change id } cursor } }";
    for purpose in [Some("EXAMINATION"), None, Some("EXAMINATION")] {
        let answer = match purpose {
            Some(purpose) => house.ask_for(&token, purpose, feed).await,
            None => house.ask(Some(&token), feed).await,
        };
        let told = answer.data()["changes"].to_string();
        assert!(!told.contains(&file.person), "{told}");
    }
    let kept = format!(
        "SELECT COUNT(*) FROM feed_record WHERE record = {}",
        house.literal(liaison::id::GlobalId::parse(&file.person).unwrap().id)
    );
    assert_eq!(house.number(&kept).await, 0);
}

/// After every act: who looks where the outbox says finds what who looks at all finds.
async fn found(backend: Backend) {
    let stage = Stage::of(House::open(backend).await).await;
    let house = &stage.house;
    let owner = Owner::of(house).await;
    ask_each_other(house).await;
    let mut tokens = vec![None];
    for holder in ["cat.secretary", "achpr.secretary", "iachr.secretary"] {
        tokens.push(Some(widest(house, holder).await));
    }
    let actor = tokens[1].clone();
    let look = async || {
        for token in &tokens {
            let told = house
                .ask(token.as_deref(), "{ changes(first: 0) { cursor } }")
                .await;
            assert!(told.data()["changes"]["cursor"].is_string());
        }
    };
    let last = "SELECT CAST(SUM(last) AS BIGINT) FROM feed_view";
    look().await;
    let mut told = 0;
    for (name, kind) in acts(house).await {
        let input = owner.ready(&name, false).await;
        look().await;
        let before = house.number(last).await;
        house
            .act(actor.as_deref(), (&name, &kind), &input, "__typename")
            .await;
        look().await;
        let where_it_says = house.number(last).await;
        told += usize::from(where_it_says > before);
        house.meddle("UPDATE feed_view SET at = 0").await;
        look().await;
        assert_eq!(
            house.number(last).await,
            where_it_says,
            "`{name}` changes what its entry does not say"
        );
    }
    assert!(told > 30, "{told} acts have changed a view");
}
