//! Joint activities as mechanisms keep them: proposed to their parties alone, agreed by each,
//! and public with the last owner's word.

use liaison::confidentiality::Level;
use serde_json::{Value, json};

use crate::support::{
    harness::{Backend, Suite},
    house::{House, reads},
};

pub(crate) fn register(suite: &mut Suite) {
    suite.test(
        "a_joint_activity_goes_from_a_proposal_to_what_came_of_it",
        lived,
    );
    suite.test(
        "a_joint_activity_is_its_parties_until_each_of_them_publishes_it",
        published,
    );
    suite.test(
        "who_declines_a_joint_activity_is_told_nothing_more_of_it",
        declined,
    );
    suite.test(
        "an_amendment_of_terms_is_agreed_to_and_published_anew",
        amended,
    );
    suite.test("joint_activities_refuse_what_is_not_valid", refused);
    suite.test("the_notes_joint_activities_are_public", noted);
}

const TOLD: &str = "jointActivity { id version title status startsOn place note outcome
    parties { code } proposedBy { code } agreedBy { code } publicationAgreedBy { code }
    countries { code } themes }";

/// Acts of one officer on joint activities.
struct Officer<'a> {
    house: &'a House,
    token: String,
}

impl<'a> Officer<'a> {
    async fn of(house: &'a House, holder: &str) -> Self {
        let scope = format!(
            "{} write:joint_activity@SECRETARIAT",
            reads(Level::Secretariat)
        );
        let token = house.token(holder, &scope).await;
        Self { house, token }
    }

    async fn act(&self, name: &str, kind: &str, input: &Value) -> Value {
        let act = (name, kind);
        self.house.act(Some(&self.token), act, input, TOLD).await
    }

    async fn propose(&self, parties: &[&str]) -> Value {
        let answer = self
            .act(
                "proposeJointActivity",
                "ProposeJointActivityInput",
                &visit(parties),
            )
            .await;
        assert_eq!(code(&answer), "DONE", "{answer}");
        answer["jointActivity"].clone()
    }

    async fn does(&self, verb: &str, id: &Value) -> Value {
        let name = format!("{verb}JointActivity");
        self.act(&name, "JointActivityActInput", &json!({ "id": id }))
            .await
    }

    async fn amends(&self, id: &Value, mut said: Value) -> Value {
        said["id"] = id.clone();
        self.act("amendJointActivity", "AmendJointActivityInput", &said)
            .await
    }

    async fn completes(&self, id: &Value, outcome: Value) -> Value {
        let input = json!({ "id": id, "outcome": outcome });
        self.act(
            "completeJointActivity",
            "CompleteJointActivityInput",
            &input,
        )
        .await
    }

    async fn notices(&self) -> Vec<String> {
        let query = "{ notifications { edges { node { type } } } }";
        let data = self.house.ask(Some(&self.token), query).await.data();
        let nodes = data["notifications"]["edges"].as_array().unwrap().clone();
        nodes
            .iter()
            .map(|edge| edge["node"]["type"].as_str().unwrap().to_owned())
            .collect()
    }
}

fn visit(parties: &[&str]) -> Value {
    json!({
        "title": "A visit together (invented)", "kind": "JOINT_VISIT", "parties": parties,
        "stage": "PLANNING", "area": "JOINT_ACTIVITIES", "startsOn": "2026-09",
        "summary": "To see (invented)", "place": "Exampleville (invented)",
        "note": "Bring the lists (invented)", "countries": ["SEN"], "themes": ["torture_prevention"],
    })
}

fn code(answer: &Value) -> &str {
    answer["userErrors"][0]["code"].as_str().unwrap_or("DONE")
}

fn codes(list: &Value) -> Vec<&str> {
    let mut codes: Vec<&str> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["code"].as_str().unwrap())
        .collect();
    codes.sort_unstable();
    codes
}

fn status(answer: &Value) -> &str {
    answer["jointActivity"]["status"].as_str().unwrap_or("NONE")
}

/// What a reader is told of an activity, by each of the ways to it; none where by no way.
async fn told(house: &House, token: Option<&str>, id: &Value) -> Option<Value> {
    let fields = "id title status place note parties { code } agreedBy { code }";
    let query = format!(
        "{{ one: jointActivity(id: {id}) {{ {fields} }}
            node: node(id: {id}) {{ ... on JointActivity {{ {fields} }} }}
            list: jointActivities(filter: {{ title: {{ contains: \"together (inv\" }} }}) {{
                totalCount edges {{ node {{ {fields} }} }} }}
            by: mechanism(code: \"cat\") {{ jointActivities(
                filter: {{ title: {{ contains: \"together (inv\" }} }}) {{ totalCount }} }}
            history(id: {id}) {{ edges {{ node {{ field }} }} }} }}"
    );
    let data = house.ask(token, &query).await.data();
    let one = data["one"].clone();
    assert_eq!(data["node"], one);
    let there = usize::from(!one.is_null());
    assert_eq!(data["list"]["totalCount"], there);
    assert_eq!(data["by"]["jointActivities"]["totalCount"], there);
    if one.is_null() {
        assert_eq!(data["history"]["edges"], json!([]));
        return None;
    }
    assert_eq!(data["list"]["edges"][0]["node"], one);
    Some(one)
}

async fn lived(backend: Backend) {
    let house = House::open(backend).await;
    let cat = Officer::of(&house, "cat.secretary").await;
    let achpr = Officer::of(&house, "achpr.secretary").await;
    let made = cat.propose(&["achpr"]).await;
    assert_eq!(made["status"], "PROPOSED");
    assert_eq!(codes(&made["parties"]), ["achpr", "cat"]);
    assert_eq!(codes(&made["agreedBy"]), ["cat"]);
    assert_eq!(made["proposedBy"]["code"], "cat");
    assert_eq!(codes(&made["countries"]), ["SEN"]);
    let id = made["id"].clone();
    for verb in ["confirm", "begin", "postpone", "publish"] {
        assert_eq!(code(&cat.does(verb, &id).await), "CONFLICT", "{verb}");
    }
    assert_eq!(code(&cat.completes(&id, Value::Null).await), "CONFLICT");
    assert_eq!(code(&cat.does("agreeTo", &id).await), "CONFLICT");
    assert_eq!(code(&cat.does("decline", &id).await), "CONFLICT");
    assert_eq!(code(&achpr.does("cancel", &id).await), "FORBIDDEN");

    let old = json!({ "id": id, "expectedVersion": "an older one" });
    let late = achpr.act("agreeToJointActivity", "JointActivityActInput", &old);
    assert_eq!(code(&late.await), "CONFLICT");
    let agreed = achpr.does("agreeTo", &id).await;
    assert_eq!(status(&agreed), "AGREED", "{agreed}");
    assert_eq!(code(&achpr.does("decline", &id).await), "CONFLICT");
    assert_eq!(status(&achpr.does("confirm", &id).await), "CONFIRMED");
    assert_eq!(code(&cat.does("confirm", &id).await), "CONFLICT");
    assert_eq!(status(&cat.does("begin", &id).await), "ONGOING");
    assert_eq!(code(&cat.does("postpone", &id).await), "CONFLICT");
    let done = achpr.completes(&id, json!("Seen (invented)")).await;
    assert_eq!(status(&done), "COMPLETED", "{done}");
    assert_eq!(done["jointActivity"]["outcome"], "Seen (invented)");
    for verb in ["cancel", "agreeTo", "begin", "postpone"] {
        assert_eq!(code(&cat.does(verb, &id).await), "CONFLICT", "{verb}");
    }
    let late = cat.amends(&id, json!({ "title": "Late (invented)" })).await;
    assert_eq!(code(&late), "CONFLICT");
    let more = json!({ "outcome": "More was seen (invented)" });
    assert_eq!(status(&cat.amends(&id, more).await), "COMPLETED");
    assert_eq!(
        cat.notices().await,
        [
            "ACTIVITY_COMPLETED",
            "ACTIVITY_CONFIRMED",
            "ACTIVITY_AGREED"
        ]
    );
    assert_eq!(
        achpr.notices().await,
        ["ACTIVITY_AMENDED", "ACTIVITY_BEGUN", "ACTIVITY_PROPOSED"]
    );
}

async fn published(backend: Backend) {
    let house = House::open(backend).await;
    let cat = Officer::of(&house, "cat.secretary").await;
    let achpr = Officer::of(&house, "achpr.secretary").await;
    let third = Officer::of(&house, "iachr.registry").await;
    let id = cat.propose(&["cat", "achpr"]).await["id"].clone();
    let missing = third.does("publish", &json!("bm90aGluZw")).await;
    assert_eq!(code(&missing), "NOT_FOUND");
    let hidden = async || {
        assert_eq!(told(&house, None, &id).await, None);
        assert_eq!(told(&house, Some(&third.token), &id).await, None);
        for verb in ["publish", "agreeTo", "decline", "cancel"] {
            let theirs = third.does(verb, &id).await;
            assert_eq!(theirs["userErrors"], missing["userErrors"], "{verb}");
        }
        for party in [&cat, &achpr] {
            let seen = told(&house, Some(&party.token), &id).await;
            assert_eq!(seen.unwrap()["place"], "Exampleville (invented)");
        }
    };
    hidden().await;
    achpr.does("agreeTo", &id).await;
    hidden().await;
    let first = cat.does("publish", &id).await;
    assert_eq!(
        codes(&first["jointActivity"]["publicationAgreedBy"]),
        ["cat"]
    );
    assert_eq!(code(&cat.does("publish", &id).await), "CONFLICT");
    hidden().await;
    // What is said between the two words is the word of one: the other's is asked anew.
    let said = json!({ "summary": "Something else (invented)" });
    let said = achpr.amends(&id, said).await;
    assert_eq!(said["jointActivity"]["publicationAgreedBy"], json!([]));
    assert_eq!(status(&said), "AGREED");
    assert_eq!(code(&achpr.does("publish", &id).await), "DONE");
    hidden().await;
    assert_eq!(code(&cat.does("publish", &id).await), "DONE");
    for token in [None, Some(third.token.as_str())] {
        let seen = told(&house, token, &id).await.unwrap();
        assert_eq!(seen["status"], "AGREED");
        assert_eq!(codes(&seen["parties"]), ["achpr", "cat"]);
        for kept in ["place", "note", "agreedBy"] {
            assert_eq!(seen[kept], Value::Null, "{kept}");
        }
    }
    assert_eq!(code(&cat.does("publish", &id).await), "CONFLICT");
    assert_eq!(code(&third.does("cancel", &id).await), "FORBIDDEN");
    let theirs = third
        .amends(&id, json!({ "note": "Ours (invented)" }))
        .await;
    assert_eq!(code(&theirs), "FORBIDDEN");
    // A remark is for the parties, and takes nothing back.
    let remark = json!({ "note": "Bring pens (invented)" });
    assert_eq!(code(&cat.amends(&id, remark).await), "DONE");
    assert!(told(&house, None, &id).await.is_some());
    assert_eq!(status(&cat.does("confirm", &id).await), "CONFIRMED");
    let seen = told(&house, None, &id).await.unwrap();
    assert_eq!(seen["status"], "CONFIRMED");
    let done = cat.completes(&id, json!("Not for anyone yet (invented)"));
    assert_eq!(status(&done.await), "COMPLETED");
    hidden().await;
    assert_eq!(third.notices().await, Vec::<String>::new());
}

async fn declined(backend: Backend) {
    let house = House::open(backend).await;
    let cat = Officer::of(&house, "cat.secretary").await;
    let achpr = Officer::of(&house, "achpr.secretary").await;
    let iachr = Officer::of(&house, "iachr.registry").await;
    let id = cat.propose(&["achpr", "iachr"]).await["id"].clone();
    achpr.does("agreeTo", &id).await;
    let input = json!({ "id": id, "key": "no" });
    let decline = async || {
        iachr
            .act("declineJointActivity", "JointActivityActInput", &input)
            .await
    };
    let left = decline().await;
    assert_eq!(left, json!({ "jointActivity": null, "userErrors": [] }));
    assert_eq!(decline().await, left, "the same key is no second act");
    assert_eq!(told(&house, Some(&iachr.token), &id).await, None);
    assert_eq!(code(&iachr.does("agreeTo", &id).await), "NOT_FOUND");
    let seen = told(&house, Some(&cat.token), &id).await.unwrap();
    assert_eq!(seen["status"], "AGREED", "the others have agreed");
    assert_eq!(codes(&seen["parties"]), ["achpr", "cat"]);
    assert_eq!(
        achpr.notices().await,
        ["ACTIVITY_DECLINED", "ACTIVITY_PROPOSED"]
    );
    assert_eq!(
        iachr.notices().await,
        ["ACTIVITY_AGREED", "ACTIVITY_PROPOSED"]
    );

    let id = cat.propose(&["achpr"]).await["id"].clone();
    achpr.does("decline", &id).await;
    assert_eq!(code(&achpr.does("agreeTo", &id).await), "NOT_FOUND");
    let query = format!("{{ jointActivity(id: {id}) {{ status parties {{ code }} }} }}");
    let seen = house.ask(Some(&cat.token), &query).await.data();
    assert_eq!(seen["jointActivity"]["status"], "CANCELLED");
    assert_eq!(codes(&seen["jointActivity"]["parties"]), ["cat"]);
    let again = cat.amends(&id, json!({ "note": "Why (invented)" })).await;
    assert_eq!(code(&again), "CONFLICT");

    let id = cat.propose(&["achpr"]).await["id"].clone();
    assert_eq!(status(&cat.does("cancel", &id).await), "CANCELLED");
    assert_eq!(code(&achpr.does("decline", &id).await), "CONFLICT");
}

async fn amended(backend: Backend) {
    let house = House::open(backend).await;
    let cat = Officer::of(&house, "cat.secretary").await;
    let achpr = Officer::of(&house, "achpr.secretary").await;
    let id = cat.propose(&["achpr"]).await["id"].clone();
    for said in [
        json!({ "title": "Another visit together (invented)" }),
        json!({ "kind": "WORKSHOP" }),
        json!({ "startsOn": "2026-10" }),
        json!({ "endsOn": "2026-11" }),
        json!({ "place": "Elsewhere (invented)" }),
        json!({ "countries": ["KEN", "SEN"] }),
    ] {
        achpr.does("agreeTo", &id).await;
        cat.does("agreeTo", &id).await;
        cat.does("confirm", &id).await;
        for officer in [&cat, &achpr] {
            officer.does("publish", &id).await;
        }
        let before = told(&house, None, &id).await.expect("anyone is told");
        assert_eq!(before["status"], "CONFIRMED");
        let after = achpr.amends(&id, said.clone()).await;
        assert_eq!(status(&after), "PROPOSED", "{said}");
        let after = &after["jointActivity"];
        assert_eq!(codes(&after["agreedBy"]), ["achpr"], "{said}");
        assert_eq!(after["publicationAgreedBy"], json!([]), "{said}");
        assert_eq!(told(&house, None, &id).await, None, "{said}");
        assert_eq!(cat.notices().await[0], "ACTIVITY_AMENDED");
    }
    cat.does("agreeTo", &id).await;
    assert_eq!(status(&cat.does("postpone", &id).await), "POSTPONED");
    assert_eq!(code(&cat.does("confirm", &id).await), "CONFLICT");
    let dated = cat.amends(&id, json!({ "startsOn": "2026-11" })).await;
    assert_eq!(status(&dated), "PROPOSED", "{dated}");
    assert_eq!(codes(&dated["jointActivity"]["countries"]), ["KEN", "SEN"]);
    let undated = json!({ "startsOn": null, "endsOn": null, "themes": [] });
    assert_eq!(code(&cat.amends(&id, undated).await), "DONE");
    assert_eq!(status(&achpr.does("agreeTo", &id).await), "AGREED");
    let dateless = cat.does("confirm", &id).await;
    assert_eq!(code(&dateless), "CONFLICT", "it has no date");
}

async fn refused(backend: Backend) {
    let house = House::open(backend).await;
    let cat = Officer::of(&house, "cat.secretary").await;
    let propose = async |officer: &Officer<'_>, field: &str, value: Value| {
        let mut input = visit(&["achpr"]);
        input[field] = value;
        let act = ("proposeJointActivity", "ProposeJointActivityInput");
        let answer = officer.act(act.0, act.1, &input).await;
        let field = answer["userErrors"][0]["field"].as_str();
        (code(&answer).to_owned(), field.map(str::to_owned))
    };
    for (field, value) in [
        ("title", json!("")),
        ("parties", json!([])),
        ("parties", json!(["cat"])),
        ("parties", json!(["achpr", "nobody"])),
        ("endsOn", json!("2026-08")),
        ("startsOn", json!("2026-08/2026-09")),
        ("countries", json!(["ZZZ"])),
        ("themes", json!(["No Theme"])),
        ("place", json!("x".repeat(301))),
    ] {
        let (code, named) = propose(&cat, field, value.clone()).await;
        assert_eq!(code, "INVALID", "{field}: {value}");
        assert_eq!(named.as_deref(), Some(field), "{value}");
    }
    let narrow = format!("{} write:joint_activity@PARTNER", reads(Level::Secretariat));
    let narrow = Officer {
        house: &house,
        token: house.token("cat.secretary", &narrow).await,
    };
    let (code_, _) = propose(&narrow, "title", json!("A visit (invented)")).await;
    assert_eq!(code_, "FORBIDDEN");
    let limited = format!(
        "{} write:joint_activity@SECRETARIAT st:KEN",
        reads(Level::Secretariat)
    );
    let limited = Officer {
        house: &house,
        token: house.token("cat.secretary", &limited).await,
    };
    let (code_, _) = propose(&limited, "title", json!("A visit (invented)")).await;
    assert_eq!(code_, "FORBIDDEN", "a limit binds what is written");
    let kenyan = propose(&limited, "countries", json!(["KEN"])).await;
    assert_eq!(kenyan.0, "DONE");
    let made = cat.propose(&["achpr"]).await;
    let id = &made["id"];
    for said in [
        json!({}),
        json!({ "title": null }),
        json!({ "kind": null }),
        json!({ "endsOn": "2026-08-31" }),
    ] {
        assert_eq!(
            code(&cat.amends(id, said.clone()).await),
            "INVALID",
            "{said}"
        );
    }
    let to_kenya = json!({ "countries": ["KEN"] });
    assert_eq!(code(&cat.amends(id, to_kenya).await), "DONE");
    let away = limited.amends(id, json!({ "countries": ["SEN"] })).await;
    assert_eq!(code(&away), "FORBIDDEN", "{away}");
}

async fn noted(backend: Backend) {
    let house = House::open(backend).await;
    let query = "{ jointActivities(orderBy: [{ field: STARTS_ON, direction: ASC }], first: 100,
        filter: { status: { in: [\"COMPLETED\", \"ONGOING\", \"AGREED\"] } }) {
        totalCount edges { node { title kind status startsOn place note parties { code } countries { code } } } } }";
    let backwards =
        "{ mechanisms { edges { node { jointActivities { edges { node { asOf } } } } } } }";
    house.ask(None, backwards).await.data();
    let data = house.ask(None, query).await.data();
    assert_eq!(data["jointActivities"]["totalCount"], 39);
    let edges = data["jointActivities"]["edges"].as_array().unwrap();
    let forum = edges.iter().find(|edge| {
        let title = edge["node"]["title"].as_str().unwrap();
        title.contains("APT Global Forum")
    });
    let forum = &forum.expect("it is told")["node"];
    assert_eq!(forum["place"], "Geneva");
    assert_eq!(forum["startsOn"], "2011-11");
    assert_eq!(forum["kind"], "SEMINAR");
    assert_eq!(codes(&forum["countries"]), ["CHE"]);
    assert_eq!(codes(&forum["parties"]), ["achpr", "spt"]);
}
