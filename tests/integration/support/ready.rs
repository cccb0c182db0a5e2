//! What each act is about, made ready by CAT's secretary: an input with which it is done.
//!
//! An act that is new is unknown here, and the tests that do every act fail until it is said
//! what it is about.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering},
};

use liaison::{
    agreement::{Agreement, Clause},
    confidentiality::Level,
    demo::load::CLIENT,
    id::{GlobalId, RecordId},
    identity::holder::entitlement,
};
use serde_json::{Value, json};

use super::{
    cast::{LATER, concluded, opening},
    house::{House, NOW, mechanism},
    issuers::ONE,
};

/// The widest token that a holder can have.
pub(crate) async fn widest(house: &House, holder: &str) -> String {
    let scope = widest_scope(house, holder).await;
    house.token(holder, &scope).await
}

/// Its scope.
pub(crate) async fn widest_scope(house: &House, holder: &str) -> String {
    let now = house.clock.now();
    let known = house.store.holder(holder, CLIENT, now).await.unwrap();
    let (holder, client) = known.unwrap();
    entitlement(&holder, &client).to_string()
}

/// Acts of CAT's secretary, who makes ready what the cast then tries.
pub(crate) struct Owner<'a> {
    house: &'a House,
    token: String,
    second: String,
}

impl<'a> Owner<'a> {
    /// The secretary of a house with the demo in it.
    pub(crate) async fn of(house: &'a House) -> Self {
        Self {
            house,
            token: widest(house, "cat.secretary").await,
            second: widest(house, "cat.petitions").await,
        }
    }

    async fn act(&self, token: &str, name: &str, kind: &str, input: Value, told: &str) -> Value {
        let answer = self
            .house
            .act(Some(token), (name, kind), &input, told)
            .await;
        assert_eq!(answer["userErrors"], json!([]), "{name}: {answer}");
        answer
    }

    async fn does(&self, name: &str, kind: &str, input: Value, record: &str) -> Value {
        let told = format!("{record} {{ id }}");
        self.act(&self.token, name, kind, input, &told).await[record]["id"].clone()
    }

    async fn lodged(&self, discreet: bool) -> (Value, Value) {
        let input = json!({
            "kind": "PETITION",
            "title": "Z v. Examplia (invented)",
            "discreet": discreet,
            "countries": ["SEN"], "happenedOn": "2024-03",
            "persons": [{ "role": "AUTHOR", "names": [{ "text": "Zz Invented", "script": "Latn", "language": "en" }] }],
        });
        let told = "communication { id persons { edges { node { id } } } }";
        let kind = "LodgeCommunicationInput";
        let made = self.act(&self.second, "lodgeCommunication", kind, input, told);
        let made = made.await["communication"].clone();
        (
            made["id"].clone(),
            made["persons"]["edges"][0]["node"]["id"].clone(),
        )
    }

    async fn step(&self, id: &Value, name: &str, kind: &str, said: Value) {
        let mut input = said;
        input["id"] = id.clone();
        self.does(name, kind, input, "communication").await;
    }

    /// A measure that is asked for, or granted already.
    async fn measure(&self, discreet: bool, granted: bool) -> Value {
        let input = json!({ "communication": self.lodged(discreet).await.0, "discreet": discreet });
        let (kind, record) = ("RequestInterimMeasureInput", "interimMeasure");
        let id = self
            .does("requestInterimMeasure", kind, input, record)
            .await;
        if granted {
            let (input, kind) = (json!({ "id": id }), "GrantInterimMeasureInput");
            self.does("grantInterimMeasure", kind, input, record).await;
        }
        id
    }

    async fn agreement(&self, acts: &[(&str, &str)]) -> Value {
        let draft = json!({
            "title": "On plans (invented)", "form": "EXCHANGE_OF_LETTERS",
            "parties": ["cat", "achpr"], "knownTo": "PARTNER",
            "validFrom": "2026-01-01T00:00:00Z", "validUntil": "2030-01-01T00:00:00Z",
            "clauses": [],
        });
        let id = self
            .does("draftAgreement", "DraftAgreementInput", draft, "agreement")
            .await;
        for (who, name) in acts {
            let token = match *who {
                "cat" => self.token.clone(),
                _ => widest(self.house, "achpr.secretary").await,
            };
            let input = json!({ "id": id });
            self.act(&token, name, "AgreementActInput", input, "agreement { id }")
                .await;
        }
        id
    }

    /// An activity that CAT has proposed, after these acts on it.
    async fn activity(&self, acts: &[(&str, &str)]) -> Value {
        let new = json!({
            "title": "A visit (invented)", "kind": "JOINT_VISIT", "parties": ["achpr"],
            "startsOn": "2026-09",
        });
        let (name, kind) = ("proposeJointActivity", "ProposeJointActivityInput");
        let id = self.does(name, kind, new, "jointActivity").await;
        for (who, name) in acts {
            let token = match *who {
                "cat" => self.token.clone(),
                _ => widest(self.house, "achpr.secretary").await,
            };
            let (kind, told) = ("JointActivityActInput", "jointActivity { id }");
            self.act(&token, name, kind, json!({ "id": id }), told)
                .await;
        }
        id
    }

    /// Statistics of CAT, whose docket holds enough for a figure.
    async fn figures_of(&self) -> Value {
        let counts =
            "{ ownCounts(dimensions: [YEAR], from: \"2025-Q1\", to: \"2025-Q1\") { value } }";
        let counts = self.house.ask(Some(&self.token), counts).await.data();
        if counts["ownCounts"] == json!([]) {
            for _ in 0..6 {
                let new = json!({
                    "kind": "PETITION", "title": "Counted (invented)", "discreet": true,
                    "receivedOn": "2025-02-01",
                    "persons": [{ "role": "AUTHOR", "names": [
                        { "text": "Vv Invented", "script": "Latn", "language": "en" }] }],
                });
                let (act, kind) = ("lodgeCommunication", "LodgeCommunicationInput");
                let told = "communication { id }";
                let made = self.act(&self.second, act, kind, new, told).await;
                let id = made["communication"]["id"].clone();
                let on = json!({ "on": "2025-02-03" });
                self.step(&id, "registerCommunication", "DatedStepInput", on)
                    .await;
            }
        }
        json!({ "dimensions": ["YEAR"], "from": "2025-Q1", "to": "2025-Q1" })
    }

    /// A recommendation that CAT prepares, after these acts on it.
    async fn recommended(&self, discreet: bool, acts: &[(&str, &str)]) -> Value {
        let new = json!({
            "text": "Do better (invented)", "madeIn": "CONCLUDING_OBSERVATIONS",
            "countries": ["SEN"], "discreet": discreet,
        });
        let (name, kind) = ("draftRecommendation", "DraftRecommendationInput");
        let id = self.does(name, kind, new, "recommendation").await;
        for (name, kind) in acts {
            let input = json!({ "id": id });
            self.does(name, kind, input, "recommendation").await;
        }
        id
    }

    /// An event that CAT plans, after these acts on it.
    async fn event(&self, acts: &[(&str, &str)]) -> Value {
        let new = json!({
            "title": "A visit (invented)", "kind": "VISIT", "startsOn": "2026-05-04",
            "countries": ["SEN"],
        });
        let (name, kind) = ("planCalendarEvent", "PlanCalendarEventInput");
        let id = self.does(name, kind, new, "calendarEvent").await;
        for (name, kind) in acts {
            let input = json!({ "id": id });
            self.does(name, kind, input, "calendarEvent").await;
        }
        id
    }

    /// An invitation of the ACHPR to an event of CAT.
    async fn invitation(&self) -> Value {
        let input = json!({ "id": self.event(&[]).await, "mechanism": "achpr" });
        let (name, kind) = ("inviteToCalendarEvent", "InviteToCalendarEventInput");
        self.does(name, kind, input, "eventInvitation").await
    }

    /// A request of the ACHPR's to CAT.
    async fn asked(&self) -> Value {
        let token = widest(self.house, "achpr.protection").await;
        let input = json!({
            "mechanism": "cat", "reference": "CAT-1 (invented)", "purpose": "SAME_MATTER",
            "fields": ["NAMES"], "reason": "A reason", "due": "2026-07-01T00:00:00Z",
        });
        let told = "request { id }";
        let asked = self.act(&token, "askDisclosure", "AskDisclosureInput", input, told);
        asked.await["request"]["id"].clone()
    }

    /// A name that no holder has.
    fn fresh(&self) -> String {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        format!("cat.invented{}", COUNT.fetch_add(1, Ordering::Relaxed))
    }

    /// A holder whom CAT's secretary has admitted.
    async fn admitted(&self) -> Value {
        let input = json!({ "name": self.fresh(), "kind": "OFFICER", "clearance": "PARTNER" });
        let told = "holder { name }";
        let kind = "AdmitHolderInput";
        let made = self.act(&self.token, "admitHolder", kind, input, told);
        made.await["holder"]["name"].clone()
    }

    async fn plan(&self) -> [Value; 3] {
        let plan = json!({ "title": "Plan (invented)", "period": "2026" });
        let plan = self
            .does("draftWorkPlan", "DraftWorkPlanInput", plan, "workPlan")
            .await;
        let objective = json!({ "workPlan": plan, "title": "To meet (invented)" });
        let objective = self
            .does("addObjective", "AddObjectiveInput", objective, "objective")
            .await;
        let item = json!({ "objective": objective, "activity": "A meeting (invented)" });
        let item = self
            .does(
                "addWorkPlanItem",
                "AddWorkPlanItemInput",
                item,
                "workPlanItem",
            )
            .await;
        [plan, objective, item]
    }

    /// Makes ready what an act is about, and says its input.
    pub(crate) async fn ready(&self, name: &str, discreet: bool) -> Value {
        if name.ends_with("Statistics") {
            // No release is made while what came back with a restore waits to be confirmed.
            let confirmed = format!("UPDATE restored_mechanism SET confirmed_at = {NOW}");
            self.house.meddle(&confirmed).await;
        }
        let person = json!({ "role": "WITNESS", "names": [{ "text": "Yy Invented", "script": "Latn", "language": "en" }] });
        let registered = async || {
            let (id, _) = self.lodged(discreet).await;
            self.step(&id, "registerCommunication", "DatedStepInput", json!({}))
                .await;
            id
        };
        let on_the_merits = async || {
            let id = registered().await;
            self.step(
                &id,
                "declareAdmissible",
                "DeclareAdmissibleInput",
                json!({}),
            )
            .await;
            self.step(&id, "considerMerits", "CommunicationStepInput", json!({}))
                .await;
            id
        };
        const AGREED: (&str, &str) = ("achpr", "agreeToJointActivity");
        const CONFIRMED: (&str, &str) = ("cat", "confirmJointActivity");
        const BOTH: [(&str, &str); 2] = [("cat", "signAgreement"), ("achpr", "signAgreement")];
        const ADOPTED: (&str, &str) = ("adoptRecommendation", "AdoptRecommendationInput");
        const TOLD: (&str, &str) = ("publishRecommendation", "RecommendationActInput");
        match name {
            "draftRecommendation" => json!({
                "text": "Do better (invented)", "madeIn": "CONCLUDING_OBSERVATIONS",
            }),
            "amendRecommendation" => json!({
                "id": self.recommended(discreet, &[]).await, "reference": "12 (invented)",
            }),
            "adoptRecommendation" => json!({ "id": self.recommended(discreet, &[]).await }),
            "publishRecommendation" | "closeRecommendation" => {
                json!({ "id": self.recommended(discreet, &[ADOPTED]).await })
            }
            "recordStatePosition" => json!({
                "id": self.recommended(discreet, &[ADOPTED]).await, "position": "NOTED",
            }),
            "assessRecommendation" => json!({
                "recommendation": self.recommended(discreet, &[]).await,
                "scale": "CCPR_2016", "value": "B",
            }),
            "publishAssessment" => {
                let of = self.recommended(discreet, &[ADOPTED, TOLD]).await;
                let new = json!({ "recommendation": of, "scale": "CCPR_2016", "value": "B" });
                let (name, kind) = ("assessRecommendation", "AssessRecommendationInput");
                json!({ "id": self.does(name, kind, new, "assessment").await })
            }
            "recordEvidence" => json!({
                "recommendation": self.recommended(discreet, &[]).await,
                "summary": "Not shown (invented)", "sourceName": "An institution (invented)",
            }),
            "publishEvidence" => {
                let of = self.recommended(discreet, &[ADOPTED, TOLD]).await;
                let new = json!({ "recommendation": of, "summary": "Not shown (invented)" });
                let (name, kind) = ("recordEvidence", "RecordEvidenceInput");
                json!({ "id": self.does(name, kind, new, "evidence").await })
            }
            "relateRecommendations" => json!({
                "from": self.recommended(discreet, &[]).await,
                "to": self.recommended(discreet, &[]).await, "relation": "ECHOES",
            }),
            "planCalendarEvent" => json!({ "title": "A visit (invented)", "kind": "VISIT" }),
            "amendCalendarEvent" => {
                json!({ "id": self.event(&[]).await, "startsOn": "2026-11" })
            }
            "confirmCalendarEvent"
            | "postponeCalendarEvent"
            | "cancelCalendarEvent"
            | "recordCalendarEventHeld"
            | "publishCalendarEvent" => json!({ "id": self.event(&[]).await }),
            "inviteToCalendarEvent" => {
                json!({ "id": self.event(&[]).await, "mechanism": "achpr" })
            }
            "answerEventInvitation" => {
                json!({ "id": self.invitation().await, "accepted": true })
            }
            "withdrawEventInvitation" => json!({ "id": self.invitation().await }),
            "createCalendarFeed" => json!({ "name": "A program (invented)" }),
            "revokeCalendarFeed" => {
                let input = json!({ "name": "A program (invented)" });
                let (name, kind) = ("createCalendarFeed", "CreateCalendarFeedInput");
                let id = self.does(name, kind, input, "calendarFeed").await;
                json!({ "feed": id })
            }
            "registerMechanism" => json!({ "name": "Again (invented)" }),
            "amendMechanism" => json!({ "workingMethods": "By letter (invented)" }),
            "appointFocalPoint" => json!({ "title": "Desk (invented)", "role": "COOPERATION" }),
            "relieveFocalPoint" => {
                let input = json!({ "title": "Desk (invented)", "role": "COOPERATION" });
                let kind = "AppointFocalPointInput";
                json!({ "id": self.does("appointFocalPoint", kind, input, "focalPoint").await })
            }
            "draftWorkPlan" => json!({ "title": "Plan (invented)", "period": "2026" }),
            "amendWorkPlan" => json!({ "id": self.plan().await[0], "title": "Other (invented)" }),
            "publishWorkPlan" => json!({ "id": self.plan().await[0] }),
            "completeWorkPlan" => {
                let id = self.plan().await[0].clone();
                let input = json!({ "id": id });
                self.does(
                    "publishWorkPlan",
                    "WorkPlanActInput",
                    input.clone(),
                    "workPlan",
                )
                .await;
                input
            }
            "addObjective" => {
                json!({ "workPlan": self.plan().await[0], "title": "More (invented)" })
            }
            "addWorkPlanItem" => {
                json!({ "objective": self.plan().await[1], "activity": "More (invented)" })
            }
            "amendWorkPlanItem" => json!({ "id": self.plan().await[2], "status": "COMPLETED" }),
            "draftAgreement" => json!({
                "title": "On plans (invented)", "form": "EXCHANGE_OF_LETTERS", "parties": ["cat", "achpr"],
                "validFrom": "2026-01-01T00:00:00Z", "validUntil": "2030-01-01T00:00:00Z", "clauses": [],
            }),
            "signAgreement" => json!({ "id": self.agreement(&[]).await }),
            "suspendAgreement" | "terminateAgreement" => {
                json!({ "id": self.agreement(&BOTH).await })
            }
            "resumeAgreement" => {
                let suspended = [BOTH[0], BOTH[1], ("cat", "suspendAgreement")];
                json!({ "id": self.agreement(&suspended).await })
            }
            "proposeJointActivity" => json!({
                "title": "A visit (invented)", "kind": "JOINT_VISIT", "parties": ["cat", "achpr"],
            }),
            "agreeToJointActivity" | "declineJointActivity" | "cancelJointActivity" => {
                json!({ "id": self.activity(&[]).await })
            }
            "amendJointActivity" => {
                json!({ "id": self.activity(&[]).await, "summary": "Other (invented)" })
            }
            "confirmJointActivity" | "postponeJointActivity" | "publishJointActivity" => {
                json!({ "id": self.activity(&[AGREED]).await })
            }
            "beginJointActivity" | "completeJointActivity" => {
                json!({ "id": self.activity(&[AGREED, CONFIRMED]).await })
            }
            "proposeStatistics" => self.figures_of().await,
            "approveStatistics" | "refuseStatistics" => {
                let input = self.figures_of().await;
                let told = "statisticRelease { id }";
                let kind = "ProposeStatisticsInput";
                let made = self.act(&self.second, "proposeStatistics", kind, input, told);
                json!({ "id": made.await["statisticRelease"]["id"] })
            }
            "lodgeCommunication" => {
                json!({ "kind": "PETITION", "title": "Y v. Examplia (invented)" })
            }
            "amendCommunication" => {
                json!({ "id": self.lodged(discreet).await.0, "title": "W (invented)" })
            }
            "addPerson" => {
                json!({ "communication": self.lodged(discreet).await.0, "person": person })
            }
            "linkPerson" => json!({
                "communication": self.lodged(discreet).await.0,
                "person": self.lodged(discreet).await.1,
                "role": "WITNESS",
            }),
            "unlinkPerson" => {
                let (communication, person) = self.lodged(discreet).await;
                json!({ "communication": communication, "person": person })
            }
            "requestInformation" | "registerCommunication" | "refuseRegistration" => {
                json!({ "id": self.lodged(discreet).await.0 })
            }
            "transmitCommunication"
            | "considerAdmissibility"
            | "declareAdmissible"
            | "suspendCommunication" => {
                json!({ "id": registered().await })
            }
            "declareInadmissible" => json!({ "id": registered().await, "ground": "TIME_LIMIT" }),
            "discontinueCommunication" => json!({ "id": registered().await, "end": "STRUCK_OUT" }),
            "joinCommunication" => json!({ "id": registered().await, "to": registered().await }),
            "considerMerits" => {
                let id = registered().await;
                self.step(
                    &id,
                    "declareAdmissible",
                    "DeclareAdmissibleInput",
                    json!({}),
                )
                .await;
                json!({ "id": id })
            }
            "setHearing" => json!({ "id": on_the_merits().await }),
            "decideCommunication" => json!({ "id": on_the_merits().await, "finding": "VIOLATION" }),
            "followUpCommunication" => {
                let id = on_the_merits().await;
                let kind = "DecideCommunicationInput";
                self.step(
                    &id,
                    "decideCommunication",
                    kind,
                    json!({ "finding": "VIOLATION" }),
                )
                .await;
                json!({ "id": id, "followUp": "ONGOING" })
            }
            "reopenCommunication" => {
                let id = registered().await;
                self.step(
                    &id,
                    "suspendCommunication",
                    "CommunicationStepInput",
                    json!({}),
                )
                .await;
                json!({ "id": id, "reopenAs": "REGISTERED" })
            }
            "requestInterimMeasure" => json!({
                "communication": self.lodged(discreet).await.0,
                "askedOfState": "Not to remove Z (invented)",
                "levels": [{ "field": "askedOfState", "level": "SECRETARIAT" }],
            }),
            "askStateOnInterimMeasure" | "grantInterimMeasure" | "refuseInterimMeasure" => {
                json!({ "id": self.measure(discreet, false).await })
            }
            "extendInterimMeasure" => {
                json!({ "id": self.measure(discreet, true).await, "until": "2027" })
            }
            "modifyInterimMeasure" => json!({
                "id": self.measure(discreet, true).await, "askedOfState": "To care for Z (invented)",
            }),
            "liftInterimMeasure" => json!({
                "id": self.measure(discreet, true).await, "reasonForLifting": "No risk (invented)",
            }),
            "recordInterimMeasureCompliance" => {
                json!({ "id": self.measure(discreet, true).await, "complied": true })
            }
            "correctPerson" => {
                let (communication, person) = self.lodged(discreet).await;
                let part = json!({ "communication": communication, "role": "WITNESS" });
                json!({ "person": person, "reason": "A reason", "part": part })
            }
            "recordConsent" => json!({
                "person": self.lodged(discreet).await.1, "recipient": "achpr", "purpose": "EXAMINATION",
                "fields": ["NAMES"], "basis": "GIVEN", "validUntil": "2030-01-01T00:00:00Z",
            }),
            "giveGrant" => json!({
                "person": self.lodged(discreet).await.1, "holder": "cat.secretary", "mechanism": "cat",
                "purposes": ["EXAMINATION"], "fields": ["NAMES"], "validUntil": "2027-01-01T00:00:00Z",
            }),
            "endGrants" => {
                json!({ "person": self.lodged(discreet).await.1, "holder": "cat.secretary" })
            }
            "invokeVitalInterest" => {
                let (_, person) = self.lodged(discreet).await;
                vital(&person)
            }
            "confirmVitalInterest" | "endVitalInterest" => {
                let (_, person) = self.lodged(discreet).await;
                let (kind, told) = ("InvokeVitalInterestInput", "person { id }");
                let act = "invokeVitalInterest";
                self.act(&self.second, act, kind, vital(&person), told)
                    .await;
                let query = format!("{{ vitalInterests(person: {person}) {{ id }} }}");
                let data = self.house.ask(Some(&self.second), &query).await.data();
                json!({ "person": person, "vitalInterest": data["vitalInterests"][0]["id"] })
            }
            "askDisclosure" => json!({
                "mechanism": "achpr", "reference": "ACHPR-1 (invented)", "purpose": "SAME_MATTER",
                "fields": ["NAMES"], "reason": "A reason", "due": "2026-07-01T00:00:00Z",
            }),
            "grantDisclosure" => json!({
                "request": self.asked().await, "person": self.lodged(discreet).await.1,
                "validUntil": "2027-01-01T00:00:00Z",
            }),
            "refuseDisclosure" => json!({ "request": self.asked().await }),
            "raiseLevel" => {
                json!({ "id": self.lodged(discreet).await.0, "field": "title", "level": "SECRETARIAT" })
            }
            "lowerLevel" => {
                json!({ "id": self.lodged(discreet).await.0, "level": "PUBLIC", "reason": "A reason" })
            }
            "recordTranslation" => json!({
                "id": self.lodged(discreet).await.0, "field": "title", "language": "fr",
                "text": "Un titre (inventé)", "status": "UNOFFICIAL",
            }),
            "withdrawTranslation" => {
                let id = self.lodged(discreet).await.0;
                let new = json!({
                    "id": id, "field": "title", "language": "fr",
                    "text": "Un titre (inventé)", "status": "UNOFFICIAL",
                });
                let (name, kind) = ("recordTranslation", "RecordTranslationInput");
                self.does(name, kind, new, "record").await;
                json!({ "id": id, "field": "title", "language": "fr" })
            }
            "retireRecord" => json!({
                "id": self.lodged(discreet).await.0, "reason": "ENTERED_IN_ERROR", "remark": "A reason",
            }),
            "restoreRecord" => {
                json!({ "id": self.retired(discreet).await, "remark": "A reason" })
            }
            "confirmRestored" => {
                let cat = self.house.literal(RecordId::from(mechanism("cat")));
                let sql = format!(
                    "INSERT INTO restored_mechanism (mechanism, at) VALUES ({cat}, {NOW}) \
                     ON CONFLICT (mechanism) DO UPDATE SET confirmed_at = NULL"
                );
                self.house.meddle(&sql).await;
                json!({ "entries": 0 })
            }
            "holdRecord" => json!({ "id": self.retired(discreet).await, "hold": "A reason" }),
            "lowerLevels" => {
                let (one, other) = (self.lodged(discreet).await.0, self.lodged(discreet).await.0);
                json!({
                    "ids": [one, other], "fields": ["existence", "title"], "level": "PUBLIC",
                    "reason": "A reason",
                })
            }
            "admitHolder" => json!({
                "name": self.fresh(), "kind": "OFFICER", "clearance": "PARTNER",
            }),
            "amendHolder" => json!({ "name": self.admitted().await, "clearance": "PUBLIC" }),
            "mapHolder" => json!({
                "issuer": ONE, "subject": self.fresh(), "scope": "read:mechanism@PUBLIC",
                "cap": "PUBLIC",
            }),
            "unmapHolder" => {
                let input = json!({
                    "issuer": ONE, "subject": self.fresh(), "scope": "read:mechanism@PUBLIC",
                    "cap": "PUBLIC",
                });
                let told = "mapped { subject }";
                let mapped = self.act(&self.token, "mapHolder", "MapHolderInput", input, told);
                json!({ "issuer": ONE, "subject": mapped.await["mapped"]["subject"] })
            }
            "issueToken" => json!({ "scope": "read:mechanism@PUBLIC" }),
            "revokeTokens" => json!({ "of": { "holder": self.admitted().await } }),
            "importRows" => json!({
                "kind": "document", "columns": ["no", "title"], "rows": [["1", "A paper (invented)"]],
                "mapping": r#"{"provider":"archive","kind":"document","id":"{no}","fields":{"title":{"column":"title"}}}"#,
            }),
            "nameMechanism" => json!({
                "id": self.lodged(discreet).await.0, "mechanism": "achpr", "until": "2027-01-01T00:00:00Z",
            }),
            "endNaming" => {
                let (id, _) = self.lodged(discreet).await;
                let input =
                    json!({ "id": id, "mechanism": "achpr", "until": "2027-01-01T00:00:00Z" });
                let told = "record { id }";
                self.act(
                    &self.token,
                    "nameMechanism",
                    "NameMechanismInput",
                    input,
                    told,
                )
                .await;
                json!({ "id": id, "mechanism": "achpr" })
            }
            "approveLowering" | "refuseLowering" => {
                let (id, _) = self.lodged(true).await;
                let input = json!({ "id": id, "level": "PUBLIC", "reason": "A reason" });
                let told = "lowerings { id }";
                let asked = self.act(&self.second, "lowerLevel", "LowerLevelInput", input, told);
                json!({ "record": id, "lowering": asked.await["lowerings"][0]["id"] })
            }
            "approveLowerings" | "refuseLowerings" => {
                let (id, _) = self.lodged(true).await;
                let input = json!({
                    "ids": [id], "fields": ["existence"], "level": "PUBLIC", "reason": "A reason",
                });
                let told = "batch { id }";
                let asked = self.act(&self.second, "lowerLevels", "LowerLevelsInput", input, told);
                json!({ "batch": asked.await["batch"]["id"] })
            }
            "checkSameMatter" => {
                let id = registered().await;
                json!({ "communication": id })
            }
            "answerSameMatter" => {
                json!({ "signal": self.signal(None).await, "answer": "NOT_SAME" })
            }
            "agreeSideBySide" => json!({
                "overlap": self.signal(Some("OVERLAP")).await, "legalBasis": "A basis (invented)",
            }),
            "openSideBySide" => json!({ "overlap": self.signal(Some("OVERLAP")).await }),
            "registerBlindMatter" => self.blind(),
            "withdrawBlindMatter" => {
                let (kind, told) = ("RegisterBlindMatterInput", "blindMatter { id }");
                let made = self.act(&self.token, "registerBlindMatter", kind, self.blind(), told);
                json!({ "blindMatter": made.await["blindMatter"]["id"] })
            }
            "registerCanary" => json!({ "names": ["Zz Invented"], "countries": ["SEN"] }),
            unknown => {
                panic!("`{unknown}` is an act that nobody has tried: say here what it is about")
            }
        }
    }
}

impl Owner<'_> {
    /// A matter without names, under a handle that is none yet.
    fn blind(&self) -> Value {
        json!({
            "handle": self.fresh(), "countries": ["SEN"], "secret": "two-holders-2026",
            "normalisation": "N1",
            "elements": [{ "tokens": [{ "token": "AAAAAAAAAAAAAAAAAAAAAA", "kind": "P_Y" }] }],
        })
    }

    /// A signal on a communication of CAT's, to a question of the ACHPR's; both have agreed
    /// to look at it.
    async fn signal(&self, answer: Option<&str>) -> Value {
        let literal = |id: RecordId| self.house.literal(id);
        let id = |id: &Value| GlobalId::parse(id.as_str().unwrap()).unwrap().id;
        let [ours, theirs] = [self.lodged(true).await.0, self.lodged(true).await.0];
        let [ours, theirs] = [&ours, &theirs].map(|of| literal(id(of)));
        let (check, signal) = (RecordId::random(), RecordId::random());
        let [cat, achpr] = ["cat", "achpr"].map(|code| literal(RecordId::from(mechanism(code))));
        let (of, one, due) = (literal(check), literal(signal), NOW + 1_000_000);
        let told = r#"{"individual":{"band":"LIKELY","found_by":"COMPUTED","reasons":[]},"state":{"band":"YES","found_by":"COMPUTED","reasons":[]},"facts":{"band":"UNKNOWN","found_by":"COMPUTED","reasons":[]},"rights":{"band":"UNKNOWN","found_by":"COMPUTED","reasons":[]},"kinds":["P_Y"],"countries":["SEN"],"weights":1}"#;
        let answer = answer.map_or("NULL".to_owned(), |said| format!("'{said}'"));
        let sql = format!(
            "INSERT INTO same_matter_check (id, mechanism, communication, version, snapshot, tokens, \
             holder, asked_at, due_at, compared_at) VALUES ({of}, {achpr}, {theirs}, 1, '{{}}', 1, \
             'achpr.protection', {NOW}, {due}, {NOW}); \
             INSERT INTO same_matter_signal (id, check_id, mechanism, probe, element, communication, \
             signal, raised_at, due_at, answer) VALUES ({one}, {of}, {cat}, {of}, {of}, {ours}, \
             '{told}', {NOW}, {due}, {answer}); \
             INSERT INTO side_by_side (signal, mechanism, subject, basis, at) VALUES \
             ({one}, {cat}, 'cat.secretary', 'CONSENT', {NOW}), \
             ({one}, {achpr}, 'achpr.protection', 'CONSENT', {NOW});"
        );
        self.house.meddle(&sql).await;
        json!(signal.0.to_string())
    }

    /// A communication that the second officer has retired.
    async fn retired(&self, discreet: bool) -> Value {
        let (id, _) = self.lodged(discreet).await;
        let input = json!({ "id": id, "reason": "ENTERED_IN_ERROR", "remark": "A reason" });
        let told = "retirement { record }";
        let act = ("retireRecord", "RetireRecordInput");
        let retired = self.act(&self.second, act.0, act.1, input, told).await;
        assert_eq!(retired["retirement"]["record"], id, "{retired}");
        id
    }
}

/// A finding on a person's file.
fn vital(person: &Value) -> Value {
    json!({
        "person": person, "recipient": "achpr", "purpose": "URGENT_PROTECTION",
        "fields": ["NAMES"], "reason": "A reason",
    })
}

/// The acts of the schema, each with the type of its input.
pub(crate) async fn acts(house: &House) -> BTreeMap<String, String> {
    let query =
        "{ __schema { mutationType { fields { name args { type { ofType { name } } } } } } }";
    let data = house.ask(None, query).await.data();
    let fields = data["__schema"]["mutationType"]["fields"]
        .as_array()
        .unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let named = fields.iter().map(|field| {
        (
            text(&field["name"]),
            text(&field["args"][0]["type"]["ofType"]["name"]),
        )
    });
    named.collect()
}

/// Lets CAT and the ACHPR ask each other whether they have the same matter.
pub(crate) async fn ask_each_other(house: &House) {
    let agreement = concluded(&["achpr", "cat"], LATER);
    let clauses = [("achpr", "cat"), ("cat", "achpr")].map(|(from, to)| {
        let mut clause = opening(agreement.id, from, to, Level::Channel, LATER);
        let kinds = clause.values.iter_mut().find(|(name, _)| *name == "kinds");
        kinds.unwrap().1 = r#"["SAME_MATTER"]"#.into();
        (from, clause)
    });
    house.add::<Agreement>("achpr", agreement).await;
    for (from, clause) in clauses {
        house.add::<Clause>(from, clause).await;
    }
}
