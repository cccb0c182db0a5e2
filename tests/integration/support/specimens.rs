//! Specimens: one record for each meaningful combination of kind, stage and label.
//!
//! Every column of a specimen is filled, so that what comes back as null is withheld.
//! They lead to one another and to public records of the demo only, so that what a
//! viewer is told of each can be worked out from this list alone.

use std::collections::BTreeMap;

use liaison::{
    activity::JointActivity,
    agreement::{Agreement, Clause},
    calendar::{CalendarEvent, EventInvitation},
    clock::Moment,
    communication::{Communication, CommunicationPerson, Person},
    confidentiality::grant::ConsentBasis,
    confidentiality::{
        Domain, FieldRule, Level,
        declare::place,
        facts::{CountryCode, Facts, Naming},
        label::{Label, Overrides},
        reach::{Sight, sight},
        stored::Shape,
    },
    country::Country,
    document::Document,
    id::{GlobalId, RecordId},
    identity::{kind::Kind, purpose::PurposeCode, viewer::Viewer},
    measure::InterimMeasure,
    mechanism::{FocalPoint, Mandate, Mechanism},
    organisation::Organisation,
    recommendation::{Assessment, Evidence, Recommendation, RecommendationReference},
    statistics::StatisticRelease,
    store::consent::{NewGrant, NewWord},
    store::{Writer, writer::NewRecord},
    vocabulary::codes::Coded,
    work_plan::{Objective, WorkPlan, WorkPlanItem},
};
use sea_orm::Value;
use zeroize::Zeroizing;

use super::{
    cast::{LATER, OWNER, bare, named},
    house::{House, NOW, mechanism},
};

/// The State that every specimen concerns: a code that ISO 3166 leaves to its users.
pub(crate) const COUNTRY: &str = "QMZ";

/// The code of the mechanism that the specimens belong to.
pub(crate) const BODY: &str = "specimen-body";

/// What stands in every text that is invented for a specimen.
pub(crate) const MARK: &str = "(invented for the matrix)";

/// A record whose label, facts and links the test knows as it knows its own hand.
pub(crate) struct Specimen {
    /// What it is, for the matrix.
    pub(crate) title: &'static str,
    /// Its kind.
    pub(crate) kind: Kind,
    /// Its id.
    pub(crate) id: RecordId,
    /// What it says of its own confidentiality.
    pub(crate) label: Label,
    /// Who holds it and what it concerns.
    pub(crate) facts: Facts,
    /// The rules of its kind.
    pub(crate) rules: &'static [FieldRule],
    /// Records that its keys point to.
    pub(crate) keys: BTreeMap<&'static str, RecordId>,
    /// Records that it links to.
    pub(crate) links: Vec<(&'static str, RecordId)>,
}

impl Specimen {
    /// The id that the API shows.
    pub(crate) fn global_id(&self) -> String {
        GlobalId {
            kind: self.kind,
            id: self.id,
        }
        .to_string()
    }
}

/// The id of the specimen of this kind and key.
pub(crate) fn specimen(kind: Kind, key: &str) -> GlobalId {
    GlobalId {
        kind,
        id: RecordId::derived(kind, &format!("specimen/{key}")),
    }
}

/// A change to a specimen before it is written.
type Change<'a> = &'a dyn Fn(&mut NewRecord);

/// The specimens in the making.
struct Shelf<'a> {
    writer: Writer,
    specimens: Vec<Specimen>,
    /// For whom the world is made; what this viewer is not told is left out.
    redacted: Option<&'a Viewer>,
    /// What was left out: nothing leads to it.
    left_out: Vec<RecordId>,
}

impl Shelf<'_> {
    /// Writes a specimen with every column filled, changed as told.
    async fn put<D: Domain>(
        &mut self,
        key: &str,
        title: &'static str,
        change: Change<'_>,
    ) -> RecordId {
        let mut record = bare(D::KIND, &format!("specimen/{key}"), &[OWNER]);
        record.countries = vec![COUNTRY.to_owned()];
        record.topics = vec!["torture_prevention".to_owned()];
        record.named = named();
        record.values = filled::<D>(key);
        record.sealed = sealed::<D>(key);
        change(&mut record);
        let known = known::<D>(title, &record);
        if let Some(viewer) = self.redacted {
            let Some(sight) = sight(viewer, &known.facts, &known.label, known.rules) else {
                self.left_out.push(record.id);
                return record.id;
            };
            redact::<D>(&mut record, &sight);
            let leads_out = |value: &Value| matches!(value, Value::Uuid(Some(id)) if self.left_out.contains(&RecordId(*id)));
            record.values.retain(|(_, value)| !leads_out(value));
        }
        self.specimens.push(known);
        assert!(
            self.writer
                .add::<D>(&record)
                .await
                .expect("a specimen is written")
        );
        record.id
    }
}

/// A value for each column of a type.
pub(crate) fn filled<D: Domain>(key: &str) -> Vec<(&'static str, Value)> {
    let columns = D::RULES.iter().zip(D::COLUMNS);
    columns
        .map(|(rule, column)| {
            let value: Value = match column.shape {
                Shape::Text => format!("{} of {key} {MARK}", rule.name).into(),
                Shape::Date => "2026-05-01".into(),
                Shape::Code(list) => list.codes[0].code.into(),
                Shape::Number => 1_i64.into(),
                Shape::Time => (NOW - 1_000).into(),
                Shape::Flag => true.into(),
                Shape::List => format!("[\"{} of {key} {MARK}\"]", rule.name).into(),
            };
            (rule.name, value)
        })
        .collect()
}

/// A value for each sealed field: the names have a form of their own.
fn sealed<D: Domain>(key: &str) -> Vec<(&'static str, Zeroizing<String>)> {
    let first = D::COLUMNS.len();
    let rules = D::RULES.iter().skip(first).take(D::SEALED.len());
    rules
        .map(|rule| {
            let text = format!("{} of {key} {MARK}", rule.name);
            let value = match rule.name {
                "names" => {
                    serde_json::json!([{ "text": text, "script": "Latn", "language": "en" }])
                }
                _ => serde_json::json!(text),
            };
            (rule.name, Zeroizing::new(value.to_string()))
        })
        .collect()
}

/// Sets a value, in the place of the one that was there.
pub(crate) fn set(record: &mut NewRecord, column: &'static str, value: impl Into<Value>) {
    record.values.retain(|(name, _)| *name != column);
    record.values.push((column, value.into()));
}

/// Leaves out of a record what is not told: values, and where its edges lead to.
fn redact<D: Domain>(record: &mut NewRecord, sight: &Sight) {
    let told = |name: &str| {
        let field = place(D::RULES, name);
        sight.fields.has(field)
    };
    record
        .values
        .retain(|(name, _)| told(name.strip_suffix("_id").unwrap_or(name)));
    record.links.retain(|(name, _)| told(name));
    record.sealed.retain(|(name, _)| told(name));
}

/// The test's own knowledge of a record.
fn known<D: Domain>(title: &'static str, record: &NewRecord) -> Specimen {
    let keys = record
        .values
        .iter()
        .filter(|(name, _)| D::KEYS.contains(name));
    let keys = keys.map(|(name, value)| match value {
        Value::Uuid(Some(id)) => (*name, RecordId(*id)),
        other => panic!("`{name}` is no id: {other:?}"),
    });
    Specimen {
        title,
        kind: D::KIND,
        id: record.id,
        label: Label {
            existence: Some(record.existence),
            public_from: record.public_from,
            overrides: Overrides::stored(Overrides::text(&record.overrides)),
        },
        facts: Facts {
            kind: D::KIND,
            id: record.id,
            owners: record.owners.clone(),
            named: record
                .named
                .iter()
                .map(|(mechanism, until)| Naming {
                    mechanism: *mechanism,
                    until: *until,
                })
                .collect(),
            countries: record
                .countries
                .iter()
                .map(|code| CountryCode::parse(code))
                .collect(),
            topics: record
                .topics
                .iter()
                .map(|topic| topic.as_str().into())
                .collect(),
            erased: false,
        },
        rules: D::RULES,
        keys: keys.collect(),
        links: record.links.clone(),
    }
}

/// A person's key, the specimen's title, and the basis of the word until a moment.
type Word = (&'static str, &'static str, Option<(&'static str, i64)>);

/// What a person concerned has said, in the order of the specimens.
const WORDS: [Word; 8] = [
    (
        "given",
        "Person · consent given for names and date of birth",
        Some(("GIVEN", LATER)),
    ),
    (
        "withdrawn",
        "Person · consent withdrawn",
        Some(("WITHDRAWN", LATER)),
    ),
    (
        "refused",
        "Person · consent refused",
        Some(("REFUSED", LATER)),
    ),
    (
        "not-asked",
        "Person · not asked",
        Some(("NOT_ASKED", LATER)),
    ),
    (
        "representative",
        "Person · consent given by a representative",
        Some(("GIVEN_BY_REPRESENTATIVE", LATER)),
    ),
    (
        "ended",
        "Person · consent that ended a second ago",
        Some(("GIVEN", NOW - 1)),
    ),
    (
        "vital",
        "Person · decided in their stead, to save a life",
        Some(("VITAL_INTEREST_OVERRIDE", LATER)),
    ),
    ("silent", "Person · no word of theirs on record", None),
];

/// Fields of a person's file, as grants and consents name them.
fn fields(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// Writes all specimens, as the owner's registry, and gives the grants.
pub(crate) async fn collected(house: &House) -> Vec<Specimen> {
    collected_for(house, None).await
}

/// The same, but for what this viewer is not told.
pub(crate) async fn collected_for(house: &House, redacted: Option<&Viewer>) -> Vec<Specimen> {
    let mut shelf = Shelf {
        writer: house.writer("cat.registry").await,
        specimens: Vec::new(),
        redacted,
        left_out: Vec::new(),
    };
    let body = bodies(&mut shelf).await;
    plans(&mut shelf, body).await;
    agreements(&mut shelf, body).await;
    activities(&mut shelf, body).await;
    figures(&mut shelf, body).await;
    papers(&mut shelf, body).await;
    recommendations(&mut shelf, body).await;
    calendar(&mut shelf, body).await;
    let persons = persons(&mut shelf).await;
    docket(&mut shelf, body, &persons).await;
    measures(&mut shelf, body, &persons).await;
    shelf
        .writer
        .commit()
        .await
        .expect("the specimens are written");
    let mut specimens = shelf.specimens;
    let erased = persons["erased"];
    let written = |id: &RecordId| specimens.iter().any(|specimen| specimen.id == *id);
    let persons = persons.into_iter().filter(|(_, id)| written(id)).collect();
    words(house, &persons).await;
    erase(house, &mut specimens, erased).await;
    specimens
}

async fn bodies(shelf: &mut Shelf<'_>) -> RecordId {
    let umbrella = shelf
        .put::<Organisation>("umbrella", "Organisation · without a parent", &|_| {})
        .await;
    let organisation = shelf
        .put::<Organisation>("organisation", "Organisation", &|record| {
            set(record, "parent_id", umbrella.0);
        })
        .await;
    shelf
        .put::<Country>("country", "Country", &|record| {
            set(record, "code", COUNTRY);
            record.links = vec![("member_of", organisation)];
        })
        .await;
    let sister = shelf
        .put::<Mechanism>(
            "sister",
            "Mechanism · methods of work published",
            &|record| {
                set(record, "code", "specimen-sister");
                record.overrides = vec![("working_methods", Level::Public)];
            },
        )
        .await;
    let body = shelf
        .put::<Mechanism>(
            "body",
            "Mechanism · methods of work not published",
            &|record| {
                set(record, "code", BODY);
                set(record, "parent_id", sister.0);
                set(record, "organisation_id", organisation.0);
                record.links = vec![("members", sister)];
            },
        )
        .await;
    shelf
        .put::<Mandate>("mandate", "Mandate", &|record| {
            set(record, "mechanism_id", body.0)
        })
        .await;
    shelf
        .put::<FocalPoint>("desk", "Focal point", &|record| {
            set(record, "mechanism_id", body.0);
        })
        .await;
    shelf
        .put::<FocalPoint>(
            "quiet-desk",
            "Focal point · mailbox raised to CHANNEL",
            &|record| {
                set(record, "mechanism_id", body.0);
                record.overrides = vec![("mailbox", Level::Channel)];
            },
        )
        .await;
    body
}

async fn plans(shelf: &mut Shelf<'_>, body: RecordId) {
    let sister = RecordId::derived(Kind::Mechanism, "specimen/sister");
    for (key, existence, [plan_title, objective_title, item_title]) in [
        (
            "draft",
            Level::Partner,
            [
                "Work plan · draft",
                "Objective · of a draft",
                "Item · of a draft",
            ],
        ),
        (
            "published",
            Level::Public,
            [
                "Work plan · published",
                "Objective · of a published plan",
                "Item · of a published plan",
            ],
        ),
    ] {
        let plan = shelf
            .put::<WorkPlan>(key, plan_title, &|record| {
                record.existence = existence;
                set(record, "mechanism_id", body.0);
            })
            .await;
        let objective = shelf
            .put::<Objective>(key, objective_title, &|record| {
                record.existence = existence;
                set(record, "work_plan_id", plan.0);
            })
            .await;
        shelf
            .put::<WorkPlanItem>(key, item_title, &|record| {
                record.existence = existence;
                set(record, "objective_id", objective.0);
                record.links = vec![("responsible", body), ("associated", sister)];
            })
            .await;
    }
}

async fn agreements(shelf: &mut Shelf<'_>, body: RecordId) {
    let sister = RecordId::derived(Kind::Mechanism, "specimen/sister");
    // Between mechanisms that nobody of the cast acts for, so that they open nothing.
    let (from, to) = (
        RecordId::from(mechanism(OWNER)),
        RecordId::from(mechanism("ccpr")),
    );
    for (key, until, parties, [agreement_title, clause_title]) in [
        (
            "in-force",
            LATER,
            None,
            ["Agreement · in force", "Clause · of an agreement in force"],
        ),
        (
            "expired",
            NOW - 1,
            Some(Level::Public),
            [
                "Agreement · expired, parties published",
                "Clause · of an expired agreement",
            ],
        ),
        (
            "discreet",
            LATER,
            Some(Level::Secretariat),
            [
                "Agreement · parties raised to SECRETARIAT",
                "Clause · of a discreet agreement",
            ],
        ),
    ] {
        let agreement = shelf
            .put::<Agreement>(key, agreement_title, &|record| {
                record.owners.push(mechanism("ccpr"));
                record.overrides = parties
                    .map(|level| ("parties", level))
                    .into_iter()
                    .collect();
                set(record, "status", "IN_FORCE");
                set(record, "valid_until", until);
                record.links = vec![
                    ("parties", body),
                    ("parties", sister),
                    ("signatories", body),
                    ("suspended_by", sister),
                ];
            })
            .await;
        shelf
            .put::<Clause>(key, clause_title, &|record| {
                record.owners.push(mechanism("ccpr"));
                record.existence = Level::Channel;
                set(record, "kinds", r#"["DOCUMENTS"]"#);
                set(record, "purposes", r#"["SAME_MATTER_CHECK"]"#);
                set(record, "valid_until", until);
                set(record, "agreement_id", agreement.0);
                set(record, "from_mechanism_id", from.0);
                set(record, "to_mechanism_id", to.0);
            })
            .await;
    }
}

/// Activities of CAT and the CCPR, which nobody of the cast acts for.
async fn activities(shelf: &mut Shelf<'_>, body: RecordId) {
    let sister = RecordId::derived(Kind::Mechanism, "specimen/sister");
    for (key, title, existence, status) in [
        (
            "proposed",
            "Joint activity · proposed",
            Level::Secretariat,
            "PROPOSED",
        ),
        (
            "done",
            "Joint activity · carried out, published",
            Level::Public,
            "COMPLETED",
        ),
    ] {
        shelf
            .put::<JointActivity>(key, title, &|record| {
                record.owners.push(mechanism("ccpr"));
                record.existence = existence;
                set(record, "status", status);
                set(record, "proposed_by_id", body.0);
                record.links = vec![
                    ("parties", body),
                    ("parties", sister),
                    ("agreed_by", body),
                    ("publication_agreed_by", sister),
                ];
            })
            .await;
    }
}

/// Recommendations of CAT, as they are prepared and as they are published, with what CAT
/// makes of them.
async fn recommendations(shelf: &mut Shelf<'_>, body: RecordId) {
    let organisation = RecordId::derived(Kind::Organisation, "specimen/organisation");
    let paper = RecordId::derived(Kind::Document, "specimen/paper");
    let mut both = Vec::new();
    for (key, title, existence, status) in [
        (
            "prepared",
            "Recommendation · prepared · a clause may open it",
            Level::Channel,
            "DRAFT",
        ),
        (
            "published",
            "Recommendation · adopted, published",
            Level::Public,
            "ADOPTED",
        ),
    ] {
        let id = shelf
            .put::<Recommendation>(key, title, &|record| {
                record.existence = existence;
                set(record, "status", status);
                set(record, "mechanism_id", body.0);
                set(record, "document_id", paper.0);
                set(record, "affected_groups", r#"["CHILDREN"]"#);
                record.links = vec![("addressees", body), ("other_addressees", organisation)];
            })
            .await;
        both.push(id);
    }
    let [prepared, published] = [both[0], both[1]];
    for (key, title, existence, of) in [
        (
            "own",
            "Assessment · not published",
            Level::Secretariat,
            prepared,
        ),
        ("told", "Assessment · published", Level::Public, published),
    ] {
        shelf
            .put::<Assessment>(key, title, &|record| {
                record.existence = existence;
                set(record, "recommendation_id", of.0);
                set(record, "mechanism_id", body.0);
                set(record, "document_id", paper.0);
            })
            .await;
    }
    shelf
        .put::<Evidence>("evidence", "Evidence · published", &|record| {
            set(record, "recommendation_id", published.0);
            set(record, "mechanism_id", body.0);
            set(record, "document_id", paper.0);
        })
        .await;
    let title = "Reference · from one recommendation to another";
    shelf
        .put::<RecommendationReference>("reference", title, &|record| {
            set(record, "from_recommendation_id", published.0);
            set(record, "to_recommendation_id", prepared.0);
            set(record, "mechanism_id", body.0);
        })
        .await;
}

/// Events of CAT, as one is planned and as one is published, with an invitation.
async fn calendar(shelf: &mut Shelf<'_>, body: RecordId) {
    let sister = RecordId::derived(Kind::Mechanism, "specimen/sister");
    let organisation = RecordId::derived(Kind::Organisation, "specimen/organisation");
    let country = RecordId::derived(Kind::Country, "specimen/country");
    let mut last = body;
    for (key, title, existence, status) in [
        (
            "planned",
            "Calendar event · planned · a clause may open it",
            Level::Channel,
            "PLANNED",
        ),
        (
            "announced",
            "Calendar event · confirmed, published",
            Level::Public,
            "CONFIRMED",
        ),
    ] {
        last = shelf
            .put::<CalendarEvent>(key, title, &|record| {
                record.existence = existence;
                set(record, "kind", "VISIT");
                set(record, "status", status);
                set(record, "mechanism_id", body.0);
                set(record, "held_in_id", country.0);
                record.links = vec![
                    ("organisers", body),
                    ("other_organisers", organisation),
                    ("participants", sister),
                    ("other_participants", organisation),
                ];
            })
            .await;
    }
    let title = "Event invitation · of the CCPR to an event of CAT";
    shelf
        .put::<EventInvitation>("invitation", title, &|record| {
            record.owners.push(mechanism("ccpr"));
            record.existence = Level::Secretariat;
            set(record, "calendar_event_id", last.0);
            set(record, "host_id", body.0);
            set(record, "mechanism_id", sister.0);
        })
        .await;
}

/// Statistics of CAT, as they are proposed and as anyone is told them.
async fn figures(shelf: &mut Shelf<'_>, body: RecordId) {
    for (key, title, existence, status) in [
        (
            "proposed",
            "Statistics · proposed",
            Level::Secretariat,
            "PROPOSED",
        ),
        (
            "released",
            "Statistics · released",
            Level::Public,
            "RELEASED",
        ),
    ] {
        shelf
            .put::<StatisticRelease>(key, title, &|record| {
                record.existence = existence;
                set(record, "status", status);
                set(record, "dimensions", r#"["COUNTRY"]"#);
                record.links = vec![("mechanisms", body)];
            })
            .await;
    }
}

async fn papers(shelf: &mut Shelf<'_>, body: RecordId) {
    let organisation = RecordId::derived(Kind::Organisation, "specimen/organisation");
    let issued = |record: &mut NewRecord| {
        set(record, "mechanism_id", body.0);
        set(record, "organisation_id", organisation.0);
    };
    shelf.put::<Document>("paper", "Document", &issued).await;
    shelf
        .put::<Document>(
            "draft",
            "Document · draft for the parties of a channel",
            &|record| {
                issued(record);
                record.existence = Level::Channel;
            },
        )
        .await;
    shelf
        .put::<Document>("embargoed", "Document · embargoed", &|record| {
            issued(record);
            record.public_from = Some(Moment::from_seconds(NOW + 1));
        })
        .await;
    shelf
        .put::<Document>("released", "Document · its embargo ends now", &|record| {
            issued(record);
            record.public_from = Some(Moment::from_seconds(NOW));
        })
        .await;
}

/// Persons, each with what they have said; a source, and one whose file was erased.
async fn persons(shelf: &mut Shelf<'_>) -> BTreeMap<&'static str, RecordId> {
    let mut persons = BTreeMap::new();
    let others = [
        ("source", "Person · source, nobody has a grant"),
        ("erased", "Person · consent given, file erased"),
    ];
    let all = WORDS
        .map(|(key, title, _)| (key, title))
        .into_iter()
        .chain(others);
    for (key, title) in all {
        let id = shelf
            .put::<Person>(key, title, &|record| record.existence = Level::Secretariat)
            .await;
        persons.insert(key, id);
    }
    persons
}

async fn docket(shelf: &mut Shelf<'_>, body: RecordId, persons: &BTreeMap<&'static str, RecordId>) {
    let mandate = RecordId::derived(Kind::Mandate, "specimen/mandate");
    for (key, title, change) in cases() {
        let case = shelf
            .put::<Communication>(key, title, &|record| {
                set(record, "mechanism_id", body.0);
                record.links = vec![("mandates", mandate)];
                change(record);
            })
            .await;
        let parts: &[(&str, &str)] = match key {
            "pending" => &[("given", "ALLEGED_VICTIM"), ("withdrawn", "WITNESS")],
            "anonymous" => &[("source", "SOURCE")],
            "raised" => &[("erased", "ALLEGED_VICTIM")],
            _ => &[("given", "COMPLAINANT")],
        };
        for (person, role) in parts {
            shelf
                .put::<CommunicationPerson>(
                    &format!("{key}/{person}"),
                    "A person's part",
                    &|record| {
                        record.existence = Level::Secretariat;
                        set(record, "role", *role);
                        set(record, "communication_id", case.0);
                        set(record, "person_id", persons[person].0);
                    },
                )
                .await;
        }
    }
}

/// Measures: one whose communication is hidden from partners, one that stands alone.
async fn measures(
    shelf: &mut Shelf<'_>,
    body: RecordId,
    persons: &BTreeMap<&'static str, RecordId>,
) {
    let all: [(&str, &'static str, Option<&str>, Change<'_>); 5] = [
        (
            "asked",
            "InterimMeasure · asked for, in a pending communication",
            Some("pending"),
            &|record| record.existence = Level::Channel,
        ),
        (
            "withdrawn-from-view",
            "InterimMeasure · raised to SECRETARIAT",
            Some("raised"),
            &|record| record.existence = Level::Secretariat,
        ),
        (
            "open",
            "InterimMeasure · published, its communication hidden",
            Some("raised"),
            &|record| set(record, "status", "GRANTED"),
        ),
        (
            "alone",
            "InterimMeasure · published, standing alone, its text too",
            None,
            &|record| record.overrides = vec![("asked_of_state", Level::Public)],
        ),
        (
            "dayless",
            "InterimMeasure · published, its last day raised",
            Some("published"),
            &|record| {
                set(record, "status", "GRANTED");
                record.overrides = vec![("in_force_until", Level::Secretariat)];
            },
        ),
    ];
    for (key, title, communication, change) in all {
        // What is left out of a world can't be pointed to.
        let of = communication.map(|of| specimen(Kind::Communication, of).id);
        let of = of.filter(|of| shelf.specimens.iter().any(|known| known.id == *of));
        shelf
            .put::<InterimMeasure>(key, title, &|record| {
                set(record, "mechanism_id", body.0);
                if let Some(of) = of {
                    set(record, "communication_id", of.0);
                }
                record.links = vec![("beneficiaries", persons["given"])];
                change(record);
            })
            .await;
    }
}

/// A communication's key, the specimen's title, and what is particular to it.
type Case = (&'static str, &'static str, fn(&mut NewRecord));

/// The communications: pending ones exist for the parties of a channel.
fn cases() -> [Case; 8] {
    [
        (
            "pending",
            "Communication · pending, two persons",
            |record| {
                record.existence = Level::Channel;
                set(record, "status", "REGISTERED");
            },
        ),
        (
            "anonymous",
            "Communication · pending, its source anonymous",
            |record| {
                record.existence = Level::Channel;
                set(record, "source_kind", "CIVIL_SOCIETY");
            },
        ),
        (
            "raised",
            "Communication · pending, raised to SECRETARIAT",
            |record| {
                record.existence = Level::Secretariat;
            },
        ),
        (
            "published",
            "Communication · decided and published",
            |record| {
                set(record, "status", "DECIDED_VIOLATION");
            },
        ),
        (
            "embargoed",
            "Communication · decided, embargoed",
            |record| {
                set(record, "status", "DECIDED_VIOLATION");
                record.public_from = Some(Moment::from_seconds(NOW + 1));
            },
        ),
        (
            "joint",
            "Communication · pending, of two owners",
            |record| {
                record.existence = Level::Channel;
                record.owners.insert(0, mechanism("ccpr"));
            },
        ),
        (
            "discreet",
            "Communication · published, its title raised",
            |record| {
                record.overrides = vec![("title", Level::Secretariat)];
            },
        ),
        (
            "detached",
            "Communication · published, its mechanism raised",
            |record| {
                record.overrides = vec![("mechanism", Level::Channel)];
            },
        ),
    ]
}

/// Records what each person has said, and gives the grants to two officers.
async fn words(house: &House, persons: &BTreeMap<&'static str, RecordId>) {
    let owners = [mechanism(OWNER)];
    let always = (
        Moment::from_seconds(NOW - 1_000),
        Moment::from_seconds(LATER),
    );
    let mut writer = house.writer("cat.registry").await;
    let said = WORDS.into_iter().map(|(key, _, word)| (key, word));
    for (key, word) in said.chain([("erased", Some(("GIVEN", LATER)))]) {
        let (Some((basis, until)), Some(person)) = (word, persons.get(key)) else {
            continue;
        };
        let word = NewWord {
            id: RecordId::random(),
            person: *person,
            recipient: mechanism("achpr"),
            purpose: PurposeCode::Examination,
            fields: fields(&["names", "birth_date"]),
            basis: ConsentBasis::from_code(basis).expect("a basis"),
            given_at: always.0,
            until: Moment::from_seconds(until),
        };
        writer
            .record_consent(&owners, &word)
            .await
            .expect("a word is recorded");
    }
    writer.commit().await.expect("the words are recorded");
    let mut writer = house.writer("cat.grants").await;
    for (key, person) in persons {
        if *key == "source" {
            continue;
        }
        for (holder, employer) in [("cat.petitions", "cat"), ("achpr.protection", "achpr")] {
            let grant = NewGrant {
                id: RecordId::random(),
                person: *person,
                holder: holder.to_owned(),
                mechanism: mechanism(employer),
                purposes: vec![PurposeCode::Examination],
                fields: fields(&["names", "birth_date", "contact"]),
                from: always.0,
                until: always.1,
                ended: None,
            };
            writer
                .give_grant(&owners, &grant)
                .await
                .expect("a grant is given");
        }
    }
    writer.commit().await.expect("the grants are given");
}

/// Erasure is an act still to come; here the tombstone is set by hand.
async fn erase(house: &House, specimens: &mut [Specimen], person: RecordId) {
    let id = house.literal(person);
    house
        .meddle(&format!(
            "UPDATE person SET erased_at = {NOW} WHERE id = {id}"
        ))
        .await;
    for specimen in specimens
        .iter_mut()
        .filter(|specimen| specimen.id == person)
    {
        specimen.facts.erased = true;
    }
}
