//! The rules once more: slow, literal, and written from the page that states them.
//!
//! Nothing here is taken from the hub's own decision. Where the page is silent: an
//! embargo raises existence to `SECRETARIAT` until its moment; a record that concerns no
//! State (or topic) is covered only by what names all of them; several are covered when
//! all are named; whatever is unknown is a denial.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use liaison::{identity::kind::Kind, store::texts::mark};
use uuid::Uuid;

use super::world::{Cell, Declared, Row, World, declared, declared_as};
use crate::support::house::NOW;

pub(crate) const PUBLIC: i64 = 0;
pub(crate) const PARTNER: i64 = 1;
pub(crate) const CHANNEL: i64 = 2;
pub(crate) const SECRETARIAT: i64 = 3;
pub(crate) const VICTIM: i64 = 4;

/// The place of a level in the order.
pub(crate) fn rank(code: &str) -> Option<i64> {
    ["PUBLIC", "PARTNER", "CHANNEL", "SECRETARIAT", "VICTIM"]
        .iter()
        .zip(PUBLIC..)
        .find(|(name, _)| **name == code)
        .map(|(_, rank)| rank)
}

/// Who asks: the words of the token, and the purpose stated beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asker {
    pub(crate) subject: String,
    pub(crate) client: String,
    pub(crate) scope: String,
    pub(crate) purpose: Option<String>,
}

/// What a token's words come to.
#[derive(Debug, Default)]
struct Words {
    reads: BTreeMap<String, i64>,
    states: Option<BTreeSet<String>>,
    topics: Option<BTreeSet<String>>,
    owners: Option<BTreeSet<String>>,
    agreements: Option<BTreeSet<String>>,
}

impl Words {
    fn of(scope: &str) -> Self {
        let mut words = Self::default();
        for item in scope.split(' ') {
            let Some((head, rest)) = item.split_once(':') else {
                continue;
            };
            let list = match head {
                "read" => {
                    if let Some((kind, level)) = rest.split_once('@') {
                        words
                            .reads
                            .insert(kind.to_owned(), rank(level).unwrap_or(PUBLIC));
                    }
                    continue;
                }
                "st" => &mut words.states,
                "tp" => &mut words.topics,
                "own" => &mut words.owners,
                "ch" => &mut words.agreements,
                _ => continue,
            };
            let all = list.get_or_insert_default();
            all.extend(rest.split(',').map(str::to_owned));
        }
        words
    }
}

/// A clause of an agreement in force that names the asker's mechanism as recipient.
#[derive(Debug)]
struct Opening {
    from: Uuid,
    kinds: BTreeSet<&'static str>,
    states: Vec<String>,
    topics: Vec<String>,
    cap: i64,
}

/// A live grant to the asker for the stated purpose.
#[derive(Debug)]
struct Leave {
    person: Uuid,
    granted: BTreeSet<String>,
    consented: BTreeSet<String>,
}

/// What is asked of a world for one asker, looked up once.
pub(crate) struct Reference<'w> {
    world: &'w World,
    now: i64,
    /// The asker's mechanism; none for anyone.
    mechanism: Option<Uuid>,
    state: bool,
    accredited: bool,
    /// Per kind: the least of token, clearance, holder's kind, client.
    caps: HashMap<&'static str, i64>,
    limits: Words,
    openings: Vec<Opening>,
    leaves: Vec<Leave>,
    owners: HashMap<Uuid, Vec<Uuid>>,
    named: HashMap<Uuid, Vec<(Uuid, i64)>>,
    states: HashMap<Uuid, Vec<String>>,
    topics: HashMap<Uuid, Vec<String>>,
    codes: HashMap<Uuid, String>,
    /// Records that are there, and not retired.
    there: HashSet<(Kind, Uuid)>,
}

/// Kinds of record that each kind of information in a clause covers.
fn covered(information: &str) -> &'static [&'static str] {
    match information {
        "WORKING_METHODS" => &["mechanism", "mandate"],
        "CONTACTS" => &["focal_point"],
        "WORK_PLANS" => &[
            "work_plan",
            "objective",
            "work_plan_item",
            "joint_activity",
            "calendar_event",
        ],
        "AGREEMENTS" => &["agreement", "clause"],
        "DOCUMENTS" => &["document"],
        "PENDING_LIST" => &["communication"],
        "INTERIM_MEASURES" => &["interim_measure"],
        "RECOMMENDATIONS" => &[
            "recommendation",
            "assessment",
            "evidence",
            "recommendation_reference",
        ],
        "IDENTITIES" => &["person", "communication_person"],
        "REFERENCE" => &["country", "organisation"],
        _ => &[],
    }
}

/// `all` is named expressly, or every one of the record's is, and it has some.
fn names(list: &[String], values: &[String]) -> bool {
    list.iter().any(|name| name == "ALL")
        || (!values.is_empty() && values.iter().all(|value| list.contains(value)))
}

fn is_state_code(code: &str) -> bool {
    code.len() == 3 && code.bytes().all(|letter| letter.is_ascii_uppercase())
}

impl<'w> Reference<'w> {
    /// The rules of `world` for this asker, or for anyone, at a moment.
    pub(crate) fn of(world: &'w World, asker: Option<&Asker>, now: i64) -> Self {
        let mut this = Self {
            world,
            now,
            mechanism: None,
            state: false,
            accredited: false,
            caps: HashMap::new(),
            limits: Words::default(),
            openings: Vec::new(),
            leaves: Vec::new(),
            owners: HashMap::new(),
            named: HashMap::new(),
            states: HashMap::new(),
            topics: HashMap::new(),
            codes: HashMap::new(),
            there: HashSet::new(),
        };
        for kind in declared() {
            let table = world.table(kind.table);
            let at = table.at("retired_at");
            let rows = table.rows.iter().filter(|row| row[at] == Cell::Null);
            let there = rows.map(|row| (kind.kind, row[0].id().unwrap()));
            this.there.extend(there);
        }
        let id = |row: &Row, at: usize| row[at].id().unwrap();
        for row in &world.table("record_owner").rows {
            this.owners.entry(id(row, 0)).or_default().push(id(row, 1));
        }
        for row in &world.table("record_named").rows {
            let until = row[2].number().unwrap();
            this.named
                .entry(id(row, 0))
                .or_default()
                .push((id(row, 1), until));
        }
        for (table, to) in [
            ("record_country", &mut this.states),
            ("record_topic", &mut this.topics),
        ] {
            for row in &world.table(table).rows {
                let text = row[1].text().unwrap().to_owned();
                to.entry(id(row, 0)).or_default().push(text);
            }
        }
        for row in &world.table("institution").rows {
            this.codes
                .insert(id(row, 0), row[1].text().unwrap().to_owned());
        }
        if let Some(asker) = asker {
            this.let_in(asker);
        }
        this
    }

    /// Holder, mechanism and client of the token, as they stand.
    fn let_in(&mut self, asker: &Asker) {
        let holders = &self.world.table("holder").rows;
        let holder = holders
            .iter()
            .find(|row| row[0].text() == Some(&asker.subject))
            .unwrap();
        let mechanism = holder[1].id().unwrap();
        let institution = self.world.row("institution", mechanism).unwrap();
        let clients = &self.world.table("client").rows;
        let client = clients
            .iter()
            .find(|row| row[0].text() == Some(&asker.client))
            .unwrap();
        self.mechanism = Some(mechanism);
        self.state = institution[2] == Cell::Flag(true);
        let from = institution[4].number();
        let until = institution[5].number();
        self.accredited =
            from.is_some_and(|from| from <= self.now) && until.is_none_or(|until| self.now < until);
        let words = Words::of(&asker.scope);
        let by_kind = if holder[2].text() == Some("DASHBOARD") {
            PARTNER
        } else {
            VICTIM
        };
        let by_standing = if self.state { CHANNEL } else { VICTIM };
        for kind in Kind::ALL {
            let token = words.reads.get(kind.code()).copied().unwrap_or(PUBLIC);
            let clearance = rank(holder[3].text().unwrap()).unwrap();
            let program = rank(client[1].text().unwrap()).unwrap();
            let cap = [token, clearance, program, by_kind, by_standing];
            self.caps
                .insert(kind.code(), cap.into_iter().min().unwrap());
        }
        self.openings = self.openings_to(mechanism, words.agreements.as_ref());
        self.leaves = self.leaves_of(asker, mechanism);
        self.limits = words;
    }

    fn openings_to(&self, to: Uuid, only: Option<&BTreeSet<String>>) -> Vec<Opening> {
        let clauses = self.world.table("clause");
        let agreements = self.world.table("agreement");
        let mut openings = Vec::new();
        for clause in &clauses.rows {
            let cell = |name: &str| &clause[clauses.at(name)];
            if cell("to_mechanism_id").id() != Some(to) {
                continue;
            }
            let Some(agreement) = cell("agreement_id")
                .id()
                .and_then(|id| self.world.row("agreement", id))
            else {
                continue;
            };
            let of_agreement = |name: &str| &agreement[agreements.at(name)];
            // What is retired opens nothing, whatever it says.
            let retired =
                *cell("retired_at") != Cell::Null || *of_agreement("retired_at") != Cell::Null;
            let in_force = of_agreement("status").text() == Some("IN_FORCE") && !retired;
            let runs = |from: &Cell, until: &Cell| match (from.number(), until.number()) {
                (Some(from), Some(until)) => from <= self.now && self.now < until,
                _ => false,
            };
            let in_date = runs(cell("valid_from"), cell("valid_until"))
                && runs(of_agreement("valid_from"), of_agreement("valid_until"));
            let id = agreement[0].id().unwrap().to_string();
            let allowed = only.is_none_or(|only| only.contains(&id));
            let (Some(from), Some(cap)) = (
                cell("from_mechanism_id").id(),
                cell("cap").text().and_then(rank),
            ) else {
                continue;
            };
            if in_force && in_date && allowed {
                let kinds = cell("kinds").list();
                openings.push(Opening {
                    from,
                    kinds: kinds
                        .iter()
                        .flat_map(|kind| covered(kind))
                        .copied()
                        .collect(),
                    states: cell("countries").list(),
                    topics: cell("topics").list(),
                    cap,
                });
            }
        }
        openings
    }

    /// The grants to the asker that are live for the purpose that was stated.
    fn leaves_of(&self, asker: &Asker, mechanism: Uuid) -> Vec<Leave> {
        let Some(purpose) = &asker.purpose else {
            return Vec::new();
        };
        let grants = &self.world.table("disclosure_grant").rows;
        grants
            .iter()
            .filter(|grant| {
                grant[2].text() == Some(&asker.subject)
                    && grant[3].id() == Some(mechanism)
                    && grant[4].list().contains(purpose)
                    && grant[6].number().unwrap() <= self.now
                    && self.now < grant[7].number().unwrap()
                    && grant[8] == Cell::Null
            })
            .map(|grant| {
                let person = grant[1].id().unwrap();
                Leave {
                    person,
                    granted: grant[5].list().into_iter().collect(),
                    consented: self.consented(person, mechanism, purpose),
                }
            })
            .collect()
    }

    /// Fields of which the person's latest word for recipient and purpose is consent.
    fn consented(&self, person: Uuid, recipient: Uuid, purpose: &str) -> BTreeSet<String> {
        let mut words: Vec<&Row> = self
            .world
            .table("consent")
            .rows
            .iter()
            .filter(|word| {
                word[1].id() == Some(person)
                    && word[2].id() == Some(recipient)
                    && word[3].text() == Some(purpose)
            })
            .collect();
        let gives = |word: &Row| {
            matches!(
                word[5].text(),
                Some("GIVEN" | "GIVEN_BY_REPRESENTATIVE" | "VITAL_INTEREST_OVERRIDE")
            )
        };
        words.sort_by_key(|word| (word[6].number(), !gives(word), word[0].id()));
        let mut latest: BTreeMap<String, bool> = BTreeMap::new();
        // What two officers found stands beside what the person has said, until the next word.
        let mut found: BTreeSet<String> = BTreeSet::new();
        for word in words {
            let satisfies = gives(word);
            let (from, mut until) = (word[6].number().unwrap(), word[7].number().unwrap());
            let overrides = word[5].text() == Some("VITAL_INTEREST_OVERRIDE");
            if overrides {
                until = until.min(from + 72 * 3_600);
            }
            if !satisfies {
                // Leave is taken back whole.
                latest.clear();
                found.clear();
            }
            let in_date = from <= self.now && self.now < until;
            if overrides {
                found.extend(word[4].list().into_iter().filter(|_| in_date));
                continue;
            }
            for field in word[4].list() {
                found.remove(&field);
                latest.insert(field, satisfies && in_date);
            }
        }
        let given = latest.into_iter().filter(|(_, given)| *given);
        given.map(|(field, _)| field).chain(found).collect()
    }

    fn of_record<T>(map: &HashMap<Uuid, Vec<T>>, record: Uuid) -> &[T] {
        map.get(&record).map_or(&[], Vec::as_slice)
    }

    fn is_owner(&self, record: Uuid) -> bool {
        let owners = Self::of_record(&self.owners, record);
        !self.state && self.mechanism.is_some_and(|own| owners.contains(&own))
    }

    /// Whether an active channel of at least this cap covers the record.
    fn has_channel(&self, kind: Kind, record: Uuid, cap: i64) -> bool {
        let owners = Self::of_record(&self.owners, record);
        let states = Self::of_record(&self.states, record);
        let topics = Self::of_record(&self.topics, record);
        self.openings.iter().any(|opening| {
            opening.cap >= cap
                && owners.contains(&opening.from)
                && opening.kinds.contains(kind.code())
                && states.iter().all(|state| is_state_code(state))
                && names(&opening.states, states)
                && names(&opening.topics, topics)
        })
    }

    /// Whether States, topic and owners lie within what the token is limited to.
    fn within_limits(&self, record: Uuid) -> bool {
        let lies_in = |limit: &Option<BTreeSet<String>>, values: &[String]| {
            limit.as_ref().is_none_or(|limit| {
                !values.is_empty() && values.iter().all(|value| limit.contains(value))
            })
        };
        let owners = Self::of_record(&self.owners, record);
        lies_in(&self.limits.states, Self::of_record(&self.states, record))
            && lies_in(&self.limits.topics, Self::of_record(&self.topics, record))
            && self.limits.owners.as_ref().is_none_or(|limit| {
                owners.iter().any(|owner| {
                    self.codes
                        .get(owner)
                        .is_some_and(|code| limit.contains(code))
                })
            })
    }

    /// Sealed fields of a person's file that may be opened.
    fn file(&self, kind: Kind, record: Uuid) -> BTreeSet<String> {
        if self.is_retired(kind, record) {
            return BTreeSet::new();
        }
        self.leave_to_open(kind, record)
    }

    /// The same, were it not retired.
    fn leave_to_open(&self, kind: Kind, record: Uuid) -> BTreeSet<String> {
        let capped = self.caps.get("person").copied().unwrap_or(PUBLIC) < VICTIM;
        if kind != Kind::Person || self.state || capped || !self.within_limits(record) {
            return BTreeSet::new();
        }
        let table = self.world.table("person");
        let erased = self
            .world
            .row("person", record)
            .is_none_or(|row| row[table.at("erased_at")] != Cell::Null);
        if erased {
            return BTreeSet::new();
        }
        let sealed: BTreeSet<&str> = declared_as(Kind::Person).sealed_names().collect();
        let mut open = BTreeSet::new();
        for leave in self.leaves.iter().filter(|leave| leave.person == record) {
            let granted = leave
                .granted
                .iter()
                .filter(|name| sealed.contains(name.as_str()));
            if self.is_owner(record) {
                open.extend(granted.cloned());
            } else if self.has_channel(kind, record, VICTIM) {
                open.extend(
                    granted
                        .filter(|name| leave.consented.contains(*name))
                        .cloned(),
                );
            }
        }
        open
    }

    /// The highest level whose condition holds, capped by the token; the file apart.
    pub(crate) fn reach(&self, kind: Kind, record: Uuid) -> i64 {
        let Some(own) = self.mechanism else {
            return PUBLIC;
        };
        if !self.within_limits(record) {
            return PUBLIC;
        }
        let named = Self::of_record(&self.named, record)
            .iter()
            .any(|(mechanism, until)| *mechanism == own && self.now < *until);
        let reached = if !self.file(kind, record).is_empty()
            || self.is_owner(record)
            || (named && self.has_channel(kind, record, SECRETARIAT))
        {
            SECRETARIAT
        } else if self.has_channel(kind, record, CHANNEL) {
            CHANNEL
        } else if self.accredited && !self.state {
            PARTNER
        } else {
            PUBLIC
        };
        reached.min(self.caps[kind.code()])
    }

    /// Level of existence of a record, with its embargo.
    fn existence(&self, row: &Row) -> i64 {
        let existence = row[1].number().unwrap();
        match row[2].number() {
            Some(from) if self.now < from => existence.max(SECRETARIAT),
            _ => existence,
        }
    }

    /// Whether the record was retired: nobody is told of it then.
    fn is_retired(&self, kind: Kind, record: Uuid) -> bool {
        !self.there.contains(&(kind, record))
    }

    /// Whether the asker's own mechanism has retired the record, so that the asker is told
    /// of that, and can bring it back.
    fn keeps(&self, kind: Kind, record: Uuid) -> bool {
        self.is_retired(kind, record)
            && !self.state
            && self.is_owner(record)
            && self.within_limits(record)
            && self
                .caps
                .get(kind.code())
                .is_some_and(|cap| *cap >= SECRETARIAT)
    }

    /// Whether the asker may know that the record is there.
    pub(crate) fn may_know(&self, kind: Kind, row: &Row) -> bool {
        (PUBLIC..=SECRETARIAT).contains(&row[1].number().unwrap())
            && !self.is_retired(kind, row[0].id().unwrap())
            && self.reach(kind, row[0].id().unwrap()) >= self.existence(row)
    }

    /// Whether the asker may be told a field of the record.
    pub(crate) fn may_see(&self, kind: Kind, row: &Row, field: &str) -> bool {
        self.told(&declared_as(kind), row)
            .is_some_and(|told| told.contains(field))
    }

    /// The fields of the record that the asker may be told; none where the asker may not
    /// know of it.
    pub(crate) fn told(&self, kind: &Declared, row: &Row) -> Option<BTreeSet<&'static str>> {
        if !self.may_know(kind.kind, row) {
            return None;
        }
        let record = row[0].id().unwrap();
        let reach = self.reach(kind.kind, record);
        let file = self.file(kind.kind, record);
        let told = kind.rules.iter().filter(|rule| {
            match self.level(row, rule.name, rule.level.rank(), rule.floor.rank()) {
                None => false,
                Some(VICTIM) => file.contains(rule.name),
                Some(level) => reach >= level,
            }
        });
        Some(told.map(|rule| rule.name).collect())
    }

    /// The fields that the asker may be told of a record once it is brought back.
    fn brought_back(&self, kind: &Declared, row: &Row) -> BTreeSet<&'static str> {
        let reach = self.reach(kind.kind, row[0].id().unwrap());
        let file = self.leave_to_open(kind.kind, row[0].id().unwrap());
        let told = kind.rules.iter().filter(|rule| {
            match self.level(row, rule.name, rule.level.rank(), rule.floor.rank()) {
                None => false,
                Some(VICTIM) => file.contains(rule.name),
                Some(level) => reach >= level,
            }
        });
        told.map(|rule| rule.name).collect()
    }

    /// Whether a notification is the asker's to read: to the own mechanism, not to another
    /// holder, of a kind that is read in full, and by a token that nothing else limits.
    fn is_told_of(&self, notice: &Row, asker: Option<&Asker>) -> bool {
        let limits = &self.limits;
        let limited =
            limits.states.is_some() || limits.topics.is_some() || limits.agreements.is_some();
        let own = self.mechanism.is_some_and(|own| {
            let code = self.codes.get(&own);
            let among = |owners: &BTreeSet<String>| code.is_some_and(|code| owners.contains(code));
            notice[1].id() == Some(own) && limits.owners.as_ref().is_none_or(among)
        });
        let personal = match notice[2].text() {
            None => true,
            holder => holder == asker.map(|asker| asker.subject.as_str()),
        };
        let kind = notice[4].text().and_then(|kind| self.caps.get(kind));
        // That there is a signal is for who may answer it.
        let answers = asker.is_some_and(|asker| asker.scope.contains("match:answer"));
        let own = own && (answers || notice[3].text() != Some("SAME_MATTER_SIGNAL"));
        own && personal && !limited && kind.is_some_and(|cap| *cap >= SECRETARIAT)
    }

    /// The effective level of a field on a record; none where it is not understood.
    fn level(&self, row: &Row, field: &str, level: i64, floor: i64) -> Option<i64> {
        let overrides = row[3].text().unwrap_or_default();
        let mut set = overrides
            .split(';')
            .filter_map(|entry| entry.split_once('='))
            .filter(|(name, _)| *name == field)
            .map(|(_, rank)| rank);
        let level = match (set.next(), set.next()) {
            (None, _) => level,
            (Some(one), None) => one
                .parse::<i64>()
                .ok()
                .filter(|rank| (PUBLIC..=VICTIM).contains(rank))?,
            // Twice is no level.
            (Some(_), Some(_)) => return None,
        };
        Some(level.max(floor).max(self.existence(row)))
    }
}

/// Where an edge is kept, on the record whose field it is.
pub(crate) enum Kept {
    /// In a key column.
    Key(&'static str),
    /// In links of this name.
    Link(&'static str),
}

/// The edges that a record of this kind keeps itself; others are these, read backwards.
pub(crate) fn edges(kind: Kind) -> &'static [(&'static str, Kept)] {
    match kind {
        Kind::Country => &[("member_of", Kept::Link("member_of"))],
        Kind::Organisation => &[("parent", Kept::Key("parent_id"))],
        Kind::Mechanism => &[
            ("parent", Kept::Key("parent_id")),
            ("organisation", Kept::Key("organisation_id")),
            ("members", Kept::Link("members")),
        ],
        Kind::Mandate | Kind::FocalPoint | Kind::WorkPlan => {
            &[("mechanism", Kept::Key("mechanism_id"))]
        }
        Kind::Objective => &[("work_plan", Kept::Key("work_plan_id"))],
        Kind::WorkPlanItem => &[
            ("objective", Kept::Key("objective_id")),
            ("responsible", Kept::Link("responsible")),
            ("associated", Kept::Link("associated")),
        ],
        Kind::Agreement => &[
            ("parties", Kept::Link("parties")),
            ("signatories", Kept::Link("signatories")),
            ("suspended_by", Kept::Link("suspended_by")),
        ],
        Kind::Clause => &[
            ("agreement", Kept::Key("agreement_id")),
            ("from_mechanism", Kept::Key("from_mechanism_id")),
            ("to_mechanism", Kept::Key("to_mechanism_id")),
        ],
        Kind::Document => &[
            ("mechanism", Kept::Key("mechanism_id")),
            ("organisation", Kept::Key("organisation_id")),
        ],
        Kind::Communication => &[
            ("mechanism", Kept::Key("mechanism_id")),
            ("mandates", Kept::Link("mandates")),
        ],
        Kind::InterimMeasure => &[
            ("mechanism", Kept::Key("mechanism_id")),
            ("communication", Kept::Key("communication_id")),
            ("beneficiaries", Kept::Link("beneficiaries")),
        ],
        Kind::CommunicationPerson => &[
            ("communication", Kept::Key("communication_id")),
            ("person", Kept::Key("person_id")),
        ],
        Kind::Person => &[],
        Kind::StatisticRelease => &[("mechanisms", Kept::Link("mechanisms"))],
        Kind::Recommendation => &[
            ("mechanism", Kept::Key("mechanism_id")),
            ("document", Kept::Key("document_id")),
            ("addressees", Kept::Link("addressees")),
            ("other_addressees", Kept::Link("other_addressees")),
        ],
        Kind::Assessment | Kind::Evidence => &[
            ("recommendation", Kept::Key("recommendation_id")),
            ("mechanism", Kept::Key("mechanism_id")),
            ("document", Kept::Key("document_id")),
        ],
        Kind::RecommendationReference => &[
            ("from_recommendation", Kept::Key("from_recommendation_id")),
            ("to_recommendation", Kept::Key("to_recommendation_id")),
            ("mechanism", Kept::Key("mechanism_id")),
        ],
        Kind::CalendarEvent => &[
            ("mechanism", Kept::Key("mechanism_id")),
            ("held_in", Kept::Key("held_in_id")),
            ("work_plan_item", Kept::Key("work_plan_item_id")),
            ("joint_activity", Kept::Key("joint_activity_id")),
            ("organisers", Kept::Link("organisers")),
            ("other_organisers", Kept::Link("other_organisers")),
            ("participants", Kept::Link("participants")),
            ("other_participants", Kept::Link("other_participants")),
        ],
        Kind::EventInvitation => &[
            ("calendar_event", Kept::Key("calendar_event_id")),
            ("host", Kept::Key("host_id")),
            ("mechanism", Kept::Key("mechanism_id")),
        ],
        Kind::JointActivity => &[
            ("proposed_by", Kept::Key("proposed_by_id")),
            ("parties", Kept::Link("parties")),
            ("agreed_by", Kept::Link("agreed_by")),
            ("publication_agreed_by", Kept::Link("publication_agreed_by")),
        ],
    }
}

/// The columns of agreements and clauses that decide what they open.
pub(crate) const DECISIVE: [&str; 11] = [
    "status",
    "valid_from",
    "valid_until",
    "kinds",
    "countries",
    "topics",
    "cap",
    "purposes",
    "agreement_id",
    "from_mechanism_id",
    "to_mechanism_id",
];

/// What of a world an asker may not see.
#[derive(Debug, Default)]
pub(crate) struct Hidden {
    /// Records, wholly.
    pub(crate) records: BTreeSet<Uuid>,
    /// Columns of visible records: table, id, column.
    pub(crate) cells: BTreeSet<(&'static str, Uuid, &'static str)>,
    /// Links of visible records, by name.
    pub(crate) links: BTreeSet<(Uuid, &'static str)>,
    /// Sealed fields of visible records.
    pub(crate) sealed: BTreeSet<(Uuid, &'static str)>,
    /// Records that the asker's mechanism has retired: in no answer but as retired.
    pub(crate) retired: BTreeSet<Uuid>,
    /// Agreements and clauses that open something to the asker: they stay, known or not.
    pub(crate) access: BTreeSet<Uuid>,
    /// Changes on the history of records.
    pub(crate) changes: BTreeSet<Uuid>,
    /// Notifications.
    pub(crate) notices: BTreeSet<Uuid>,
    /// Texts in other languages: record, field, language.
    pub(crate) texts: BTreeSet<(Uuid, String, String)>,
}

impl Hidden {
    /// What is hidden from each of several askers.
    pub(crate) fn from_all(of_each: &[Self]) -> Self {
        let mut all = Self::default();
        for hidden in of_each {
            all.access.extend(&hidden.access);
            all.retired.extend(&hidden.retired);
            all.records.extend(&hidden.records);
            all.cells.extend(&hidden.cells);
            all.links.extend(&hidden.links);
            all.sealed.extend(&hidden.sealed);
            all.changes.extend(&hidden.changes);
            all.notices.extend(&hidden.notices);
            all.texts.extend(hidden.texts.iter().cloned());
        }
        let from_each = |is_hidden: &dyn Fn(&Self) -> bool| of_each.iter().all(is_hidden);
        all.records
            .retain(|id| from_each(&|of| of.records.contains(id)));
        let left = all.records.clone();
        // Who does not know of a record is told nothing on it.
        all.cells.retain(|cell| {
            let told = |of: &Self| of.records.contains(&cell.1) || of.cells.contains(cell);
            !left.contains(&cell.1) && from_each(&told)
        });
        all.links.retain(|link| {
            let told = |of: &Self| of.records.contains(&link.0) || of.links.contains(link);
            !left.contains(&link.0) && from_each(&told)
        });
        all.sealed.retain(|field| {
            let told = |of: &Self| of.records.contains(&field.0) || of.sealed.contains(field);
            !left.contains(&field.0) && from_each(&told)
        });
        all.changes
            .retain(|id| from_each(&|of| of.changes.contains(id)));
        all.notices
            .retain(|id| from_each(&|of| of.notices.contains(id)));
        all.texts
            .retain(|text| from_each(&|of| of.texts.contains(text)));
        all
    }
}

/// What the asker may not see.
pub(crate) fn hidden(world: &World, asker: Option<&Asker>, now: i64) -> Hidden {
    let reference = Reference::of(world, asker, now);
    let mut hidden = Hidden::default();
    let clauses = world.table("clause");
    for row in &clauses.rows {
        let to = row[clauses.at("to_mechanism_id")].id();
        if to.is_some() && to == reference.mechanism {
            hidden.access.insert(row[0].id().unwrap());
            hidden.access.extend(row[clauses.at("agreement_id")].id());
        }
    }
    let mut known: HashMap<Uuid, (i64, BTreeSet<&'static str>)> = HashMap::new();
    for kind in declared() {
        for row in &world.table(kind.table).rows {
            if let Some(told) = hide(&mut hidden, &reference, &kind, row) {
                let id = row[0].id().unwrap();
                known.insert(id, (reference.reach(kind.kind, id), told));
            }
        }
    }
    let sealed: BTreeSet<&str> = declared_as(Kind::Person).sealed_names().collect();
    for row in &world.table("history").rows {
        let (field, level) = (row[4].text().unwrap(), row[5].number().unwrap());
        let told = row[1].id().and_then(|record| known.get(&record));
        // A change is told at the level that it had, to who is told the field now: of a
        // sealed one, to who may open it; of a translation, to who is told what it translates.
        let field = field.split('@').next().unwrap_or(field);
        let told = told.is_some_and(|(reach, told)| {
            let sealed = sealed.contains(field);
            (*reach >= level || sealed) && (field == "existence" || told.contains(field))
        });
        if !told {
            hidden.changes.insert(row[0].id().unwrap());
        }
    }
    // A text in another language is told where the field is that it translates.
    for row in &world.table("translation").rows {
        let (record, key) = (row[0].id().unwrap(), translation(row));
        let told = known.get(&record);
        // Of an earlier text it is for who keeps the record.
        let said = declared()
            .into_iter()
            .find_map(|kind| Some((kind.table, world.row(kind.table, record)?)));
        let said = said.and_then(|(table, row)| row[world.table(table).at(&key.1)].text());
        let is_of =
            row[4].text().is_none() || row[7].text() == Some(&mark(said.unwrap_or_default()));
        let told = told.is_some_and(|(reach, told)| {
            told.contains(key.1.as_str()) && (is_of || *reach >= SECRETARIAT)
        });
        if !told {
            hidden.texts.insert(key);
        }
    }
    for row in &world.table("notification").rows {
        if !reference.is_told_of(row, asker) {
            hidden.notices.insert(row[0].id().unwrap());
        }
    }
    hidden
}

/// The key of a text in another language.
pub(crate) fn translation(row: &Row) -> (Uuid, String, String) {
    let text = |at: usize| row[at].text().unwrap_or_default().to_owned();
    (row[0].id().unwrap(), text(1), text(2))
}

fn hide(
    hidden: &mut Hidden,
    reference: &Reference<'_>,
    kind: &Declared,
    row: &Row,
) -> Option<BTreeSet<&'static str>> {
    let id = row[0].id().unwrap();
    let told = if reference.keeps(kind.kind, id) {
        // Brought back, it is the asker's own, with its past.
        hidden.retired.insert(id);
        Some(reference.brought_back(kind, row))
    } else {
        reference.told(kind, row)
    };
    let Some(told) = told else {
        hidden.records.insert(id);
        return None;
    };
    let sees = |field: &str| told.contains(field);
    for (field, _) in kind.fields().filter(|(field, _)| !sees(field)) {
        hidden.cells.insert((kind.table, id, field));
    }
    for field in kind.sealed_names().filter(|field| !sees(field)) {
        hidden.sealed.insert((id, field));
    }
    for (field, kept) in edges(kind.kind).iter().filter(|(field, _)| !sees(field)) {
        let _ = field;
        match kept {
            Kept::Key(column) => {
                hidden.cells.insert((kind.table, id, column));
            }
            Kept::Link(name) => {
                hidden.links.insert((id, name));
            }
        }
    }
    Some(told)
}

/// The world with everything removed that the asker may not see.
pub(crate) fn redact(world: &World, hidden: &Hidden, asker: Option<&Asker>) -> World {
    let mut left = world.clone();
    let recipient = asker.and_then(|asker| {
        let holders = &world.table("holder").rows;
        let holder = holders
            .iter()
            .find(|row| row[0].text() == Some(&asker.subject))?;
        holder[1].id()
    });
    let there: BTreeSet<Uuid> = declared()
        .iter()
        .flat_map(|kind| &world.table(kind.table).rows)
        .filter_map(|row| row[0].id())
        .collect();
    // What does not exist is as gone as what is hidden.
    let gone = |id: &Uuid| hidden.records.contains(id) || !there.contains(id);
    let keeps = |id: &Uuid| hidden.access.contains(id);
    for kind in declared() {
        let table = left.table_mut(kind.table);
        table
            .rows
            .retain(|row| row[0].id().is_some_and(|id| !gone(&id) || keeps(&id)));
        let columns: Vec<&'static str> = table.columns.iter().map(|(name, _)| *name).collect();
        for row in &mut table.rows {
            let id = row[0].id().unwrap();
            for (at, column) in columns.iter().enumerate().skip(4) {
                if *column == "retired_at" {
                    continue;
                }
                let decisive = keeps(&id) && DECISIVE.contains(column);
                let unseen = gone(&id) || hidden.cells.contains(&(kind.table, id, column));
                // A mechanism is named by a decisive key whether it is seen or not.
                let leads_nowhere =
                    kind.keys.contains(column) && row[at].id().is_some_and(|end| gone(&end));
                if !decisive && (unseen || leads_nowhere) {
                    row[at] = Cell::Null;
                }
            }
        }
    }
    for table in [
        "record_owner",
        "record_named",
        "record_country",
        "record_topic",
    ] {
        left.table_mut(table)
            .rows
            .retain(|row| row[0].id().is_some_and(|id| !gone(&id) || keeps(&id)));
    }
    left.table_mut("link").rows.retain(|row| {
        let (source, target) = (row[0].id().unwrap(), row[2].id().unwrap());
        let name = row[1].text().unwrap_or_default();
        let unseen: &BTreeSet<(Uuid, &str)> = &hidden.links;
        !gone(&source) && !gone(&target) && !unseen.contains(&(source, name))
    });
    left.table_mut("sealed_field").rows.retain(|row| {
        let record = row[0].id().unwrap();
        let field = row[1].text().unwrap_or_default();
        let unseen: &BTreeSet<(Uuid, &str)> = &hidden.sealed;
        !gone(&record) && !unseen.contains(&(record, field))
    });
    for table in ["consent", "disclosure_grant"] {
        left.table_mut(table)
            .rows
            .retain(|row| row[1].id().is_some_and(|id| !gone(&id)));
    }
    let files: BTreeSet<Uuid> = match gives_leave(world, asker) {
        None => BTreeSet::new(),
        Some(own) => {
            let owners = world.table("record_owner").rows.iter();
            let owned = owners.filter(|row| row[1].id() == Some(own));
            owned.filter_map(|row| row[0].id()).collect()
        }
    };
    left.table_mut("consent").rows.retain(|row| {
        let of_own_file = row[1].id().is_some_and(|person| files.contains(&person));
        of_own_file || (recipient.is_some() && row[2].id() == recipient)
    });
    let own = |subject: Option<&str>| asker.is_some_and(|asker| subject == Some(&asker.subject));
    left.table_mut("disclosure_grant")
        .rows
        .retain(|row| own(row[2].text()));
    // Who may issue tokens may keep the holders of the own mechanism, and sees them.
    let keeps_holders = asker.is_some_and(|asker| asker.scope.contains("token:issue"));
    left.table_mut("holder")
        .rows
        .retain(|row| own(row[0].text()) || (keeps_holders && row[1].id() == recipient));
    left.table_mut("history").rows.retain(|row| {
        let (id, record) = (row[0].id().unwrap(), row[1].id().unwrap());
        !gone(&record) && !hidden.changes.contains(&id)
    });
    left.table_mut("translation").rows.retain(|row| {
        let key = translation(row);
        !gone(&key.0) && !hidden.texts.contains(&key)
    });
    left.table_mut("notification")
        .rows
        .retain(|row| row[0].id().is_some_and(|id| !hidden.notices.contains(&id)));
    let owned: BTreeSet<Uuid> = world
        .table("record_owner")
        .rows
        .iter()
        .filter(|row| recipient.is_some() && row[1].id() == recipient)
        .filter_map(|row| row[0].id())
        .collect();
    let lowerings = left.table_mut("lowering");
    lowerings.rows.retain(|row| {
        let record = row[1].id().unwrap();
        !gone(&record) && owned.contains(&record)
    });
    let kept: BTreeSet<Cell> = lowerings.rows.iter().map(|row| row[0].clone()).collect();
    left.table_mut("lowering_approval")
        .rows
        .retain(|row| kept.contains(&row[0]));
    left.table_mut("vital_interest").rows.retain(|row| {
        let person = row[1].id().unwrap();
        !gone(&person) && owned.contains(&person)
    });
    let requests = left.table_mut("disclosure_request");
    requests.rows.retain(|row| {
        recipient.is_some() && (row[1].id() == recipient || row[3].id() == recipient)
    });
    for row in &mut requests.rows {
        // To who has asked, a refusal looks as silence.
        if row[3].id() != recipient && row[10].text() == Some("REFUSED") {
            row[10] = Cell::Text("WAITING".to_owned());
        }
        // A file that is hidden is not told of by its id.
        if row[11].id().is_some_and(|person| gone(&person)) {
            row[11] = Cell::Null;
        }
    }
    matters(&mut left, world, recipient);
    left.table_mut("retirement")
        .rows
        .retain(|row| row[0].id().is_some_and(|id| hidden.retired.contains(&id)));
    left.table_mut("retirement_word")
        .rows
        .retain(|row| row[0].id().is_some_and(|id| owned.contains(&id)));
    // A release tells what it tells of hidden records: it stays, with its cells. What it was
    // counted from is told to nobody; the own part is what the next release is counted with.
    left.table_mut("statistic_cell")
        .rows
        .retain(|row| row[0].id().is_some_and(|id| !gone(&id)));
    left.table_mut("statistic_part").rows.retain(|row| {
        let own = recipient.is_some() && row[1].id() == recipient;
        own && row[0].id().is_some_and(|id| !gone(&id))
    });
    left.table_mut("statistic_word").rows.retain(|row| {
        row[0]
            .id()
            .is_some_and(|id| !gone(&id) && owned.contains(&id))
    });
    left.table_mut("provenance")
        .rows
        .retain(|row| recipient.is_some() && row[0].id() == recipient);
    left
}

/// The mechanism in which the asker gives leave to open its files: it is told when what a
/// person has said is about to end.
pub(crate) fn gives_leave(world: &World, asker: Option<&Asker>) -> Option<Uuid> {
    let subject = &asker?.subject;
    let mut holders = world.table("holder").rows.iter();
    let holder = holders.find(|row| row[0].text() == Some(subject))?;
    let gives = holder[4].list().iter().any(|role| role == "GRANTS");
    holder[1].id().filter(|_| gives)
}

/// Takes away of the same-matter check what is others': tokens, questions, signals. To who has
/// asked, a signal is there from the due date on, and where its owner has confirmed it alone.
fn matters(left: &mut World, world: &World, recipient: Option<Uuid>) {
    let own = |id: Option<Uuid>| recipient.is_some() && id == recipient;
    for table in ["match_element", "blind_matter"] {
        left.table_mut(table).rows.retain(|row| own(row[1].id()));
    }
    left.table_mut("match_country")
        .rows
        .retain(|row| own(row[2].id()));
    let elements = left.table("match_element").rows.iter();
    let elements: BTreeSet<Cell> = elements.map(|row| row[0].clone()).collect();
    left.table_mut("match_token")
        .rows
        .retain(|row| elements.contains(&row[0]));
    let asked = world.table("same_matter_check").rows.iter();
    let asked: BTreeSet<Cell> = asked
        .filter(|row| own(row[1].id()))
        .map(|row| row[0].clone())
        .collect();
    let confirmed = |row: &Row| row[11].text() == Some("OVERLAP");
    let signals = left.table_mut("same_matter_signal");
    signals.rows.retain(|row| {
        let due = row[10].number().is_some_and(|due| due <= NOW);
        own(row[2].id()) || (asked.contains(&row[1]) && confirmed(row) && due)
    });
    let known: BTreeSet<Cell> = signals.rows.iter().map(|row| row[0].clone()).collect();
    let of_confirmed: BTreeSet<Cell> = signals
        .rows
        .iter()
        .filter(|row| confirmed(row))
        .map(|row| row[1].clone())
        .collect();
    left.table_mut("same_matter_check")
        .rows
        .retain(|row| asked.contains(&row[0]) || of_confirmed.contains(&row[0]));
    left.table_mut("side_by_side")
        .rows
        .retain(|row| known.contains(&row[0]));
}
