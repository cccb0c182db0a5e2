//! Three readings of one rule: the rows that SQL selects, the decision in Rust, and the
//! reference.

use std::{collections::BTreeSet, sync::Arc};

use liaison::{
    activity::JointActivity,
    agreement::{Agreement, Clause},
    calendar::{CalendarEvent, EventInvitation},
    clock::Moment,
    communication::{Communication, CommunicationPerson, Person},
    confidentiality::{
        Domain, FieldIndex, FieldSet, Level,
        facts::{CountryCode, Facts, Naming},
        label::{Label, Overrides},
        reach::sight,
    },
    country::Country,
    document::Document,
    id::{MechanismId, RecordId},
    identity::{purpose::Purpose, viewer::Viewer},
    measure::InterimMeasure,
    mechanism::{FocalPoint, Mandate, Mechanism},
    organisation::Organisation,
    recommendation::{Assessment, Evidence, Recommendation, RecommendationReference},
    statistics::StatisticRelease,
    store::{
        Reader,
        page::{ListQuery, Under, Window},
        predicate::{Predicate, Scalar, Test},
    },
    work_plan::{Objective, WorkPlan, WorkPlanItem},
};
use serde_json::json;
use uuid::Uuid;

use super::{
    chance::{self, Dice},
    reference::{Asker, Reference},
    world::{Cell, World},
};
use crate::support::{
    harness::Suite,
    house::{House, NOW},
};

/// The least number of decisions that are compared on each database.
const LEAST: usize = 10_000;

pub(crate) fn register(suite: &mut Suite) {
    suite.test(
        "sql_and_rust_and_the_reference_agree",
        |backend| async move {
            let house = House::open(backend).await;
            let mut demo = World::read(&house.url).await;
            let mut larger = demo.clone();
            chance::enlarge(&mut larger);
            demo.becomes(&larger, &house.url).await;
            demo = larger.clone();
            let (mut cases, mut known, mut fields) = (0, 0, 0);
            for seed in 0..3 {
                let mut dice = Dice::of(seed);
                let mut world = larger.clone();
                chance::scramble(&mut world, &mut dice, 80);
                demo.becomes(&world, &house.url).await;
                for _ in 0..12 {
                    let asker = chance::asker(&world, &mut dice);
                    let viewer = Arc::new(viewer(&house, asker.as_ref()).await);
                    let reader = house.store.read_as(Arc::clone(&viewer));
                    let reference = Reference::of(&world, asker.as_ref(), NOW);
                    let check = Check {
                        world: &world,
                        reference: &reference,
                        reader: &reader,
                        asker: asker.as_ref(),
                    };
                    for seen in [
                        check.kind::<Country>().await,
                        check.kind::<Organisation>().await,
                        check.kind::<Mechanism>().await,
                        check.kind::<Mandate>().await,
                        check.kind::<FocalPoint>().await,
                        check.kind::<WorkPlan>().await,
                        check.kind::<Objective>().await,
                        check.kind::<WorkPlanItem>().await,
                        check.kind::<Agreement>().await,
                        check.kind::<Clause>().await,
                        check.kind::<Document>().await,
                        check.kind::<Communication>().await,
                        check.kind::<Person>().await,
                        check.kind::<CommunicationPerson>().await,
                        check.kind::<InterimMeasure>().await,
                        check.kind::<JointActivity>().await,
                        check.kind::<StatisticRelease>().await,
                        check.kind::<Recommendation>().await,
                        check.kind::<Assessment>().await,
                        check.kind::<Evidence>().await,
                        check.kind::<RecommendationReference>().await,
                        check.kind::<CalendarEvent>().await,
                        check.kind::<EventInvitation>().await,
                    ] {
                        cases += seen.0;
                        known += seen.1;
                        fields += seen.2;
                    }
                }
                demo = world;
            }
            assert!(cases >= LEAST, "{cases} cases only");
            // Neither reading is empty: some are known, some are not.
            assert!(
                known > cases / 10 && known < cases * 9 / 10,
                "{known} of {cases}"
            );
            println!("{backend}: {cases} decisions on records, {known} known, {fields} on fields");
        },
    );
}

/// The viewer that a token of this asker makes.
pub(crate) async fn viewer(house: &House, asker: Option<&Asker>) -> Viewer {
    let now = Moment::from_seconds(NOW);
    let Some(asker) = asker else {
        return Viewer::anyone(now);
    };
    let token = house.token(&asker.subject, &asker.scope).await;
    let claims = house.authority.verify(&token, now).unwrap();
    let purpose = asker
        .purpose
        .as_ref()
        .map(|code| Purpose::parse(&json!({ "code": code, "reason": "a test" })).unwrap());
    house.store.viewer(&claims, purpose, now).await.unwrap()
}

/// What the rules may know of a record, from the tables.
pub(crate) fn facts<D: Domain>(world: &World, row: &[Cell]) -> (Facts, Label) {
    let id = row[0].id().unwrap();
    let of = |table: &str| -> Vec<&[Cell]> {
        let rows = world.table(table).rows.iter();
        rows.filter(|row| row[0] == Cell::Id(id))
            .map(Vec::as_slice)
            .collect()
    };
    let erased = D::TABLE == "person" && row[world.table("person").at("erased_at")] != Cell::Null;
    let retired = row[world.table(D::TABLE).at("retired_at")] != Cell::Null;
    let facts = Facts {
        kind: D::KIND,
        id: RecordId(id),
        owners: of("record_owner")
            .iter()
            .map(|row| MechanismId(row[1].id().unwrap()))
            .collect(),
        named: of("record_named")
            .iter()
            .map(|row| Naming {
                mechanism: MechanismId(row[1].id().unwrap()),
                until: Moment::from_seconds(row[2].number().unwrap()),
            })
            .collect(),
        countries: of("record_country")
            .iter()
            .map(|row| CountryCode::parse(row[1].text().unwrap()))
            .collect(),
        topics: of("record_topic")
            .iter()
            .map(|row| row[1].text().unwrap().into())
            .collect(),
        erased,
    };
    let label = Label {
        existence: Level::from_rank(row[1].number().unwrap()).filter(|_| !retired),
        public_from: row[2].number().map(Moment::from_seconds),
        overrides: Overrides::stored(row[3].text().map(str::to_owned)),
    };
    (facts, label)
}

struct Check<'a> {
    world: &'a World,
    reference: &'a Reference<'a>,
    reader: &'a Reader,
    asker: Option<&'a Asker>,
}

impl Check<'_> {
    /// Compares every record of a kind: how many, how many known, how many fields.
    async fn kind<D: Domain>(&self) -> (usize, usize, usize) {
        let rows = &self.world.table(D::TABLE).rows;
        let ids: Vec<RecordId> = rows
            .iter()
            .map(|row| RecordId(row[0].id().unwrap()))
            .collect();
        let by_ids = self.reader.by_ids::<D>(&ids).await.unwrap();
        let listed = self.listed::<D>().await;
        let count = self.count::<D>(Predicate::always()).await;
        let mut known = 0;
        let mut fields = 0;
        for row in rows {
            let id = row[0].id().unwrap();
            let (facts, label) = facts::<D>(self.world, row);
            let decided = sight(self.reader.viewer(), &facts, &label, D::RULES);
            let expected = self.reference.may_know(D::KIND, row);
            let place = || format!("{} {id} for {:?}, {row:?}", D::KIND, self.asker);
            assert_eq!(
                decided.is_some(),
                expected,
                "Rust and reference: {}",
                place()
            );
            let read = by_ids.get(&RecordId(id));
            assert_eq!(read.is_some(), expected, "SQL and reference: {}", place());
            assert_eq!(listed.contains(&id), expected, "list: {}", place());
            known += usize::from(expected);
            let (Some(decided), Some(read)) = (decided, read) else {
                continue;
            };
            assert_eq!(read.sight(), decided, "{}", place());
            assert_eq!(
                decided.reach.level.rank(),
                self.reference.reach(D::KIND, id),
                "reach: {}",
                place()
            );
            for (index, rule) in (0u8..).zip(D::RULES) {
                let told = read.sees(FieldIndex(index));
                let expected = self.reference.may_see(D::KIND, row, rule.name);
                assert_eq!(told, expected, "field {}: {}", rule.name, place());
                fields += 1;
            }
        }
        assert_eq!(
            usize::try_from(count).unwrap(),
            known,
            "count of {}",
            D::KIND
        );
        assert_eq!(listed.len(), known, "list of {}", D::KIND);
        self.columns::<D>().await;
        (rows.len(), known, fields)
    }

    /// Each column passes a test in SQL where it is told and there, and nowhere else.
    async fn columns<D: Domain>(&self) {
        let table = self.world.table(D::TABLE);
        for (index, rule) in (0u8..).zip(D::RULES).take(D::COLUMNS.len()) {
            let nothing = match &table.columns[table.at(rule.name)].1 {
                super::world::Holds::Number => Scalar::Number(i64::MIN),
                super::world::Holds::Flag => continue,
                _ => Scalar::Text("\u{1}".to_owned()),
            };
            let test = Predicate::Column(FieldIndex(index), Test::In(vec![nothing]));
            let passed = self.count::<D>(Predicate::Not(Box::new(test))).await;
            let expected = table
                .rows
                .iter()
                .filter(|row| row[table.at(rule.name)] != Cell::Null)
                .filter(|row| self.reference.may_see(D::KIND, row, rule.name))
                .count();
            assert_eq!(
                usize::try_from(passed).unwrap(),
                expected,
                "{}.{} in SQL for {:?}",
                D::KIND,
                rule.name,
                self.asker
            );
        }
    }

    async fn count<D: Domain>(&self, predicate: Predicate) -> i64 {
        let query = ListQuery::one(predicate);
        let counts = self.reader.counts::<D>(&[], &query).await.unwrap();
        counts.get(&None).copied().unwrap_or_default()
    }

    /// The ids of the whole list, page by page.
    async fn listed<D: Domain>(&self) -> BTreeSet<Uuid> {
        let mut listed = BTreeSet::new();
        let mut after = None;
        loop {
            let query = ListQuery {
                under: Under::Root,
                predicate: Predicate::always(),
                order: Vec::new(),
                window: Window {
                    size: 100,
                    backward: false,
                    after: after.take(),
                    before: None,
                },
                columns: FieldSet::ALL,
            };
            let slice = self.reader.list::<D>(&query).await.unwrap();
            listed.extend(slice.rows.iter().map(|placed| placed.known.id().0));
            match slice.rows.last() {
                Some(last) if slice.more => after = Some(last.position.clone()),
                _ => return listed,
            }
        }
    }
}
