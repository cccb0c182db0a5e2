//! Query: the lists, the look-ups, and what the hub says of itself and of the viewer.

use async_graphql::{Context, ID, MergedObject, Object as GraphqlObject, Result};

use super::{
    audit::{AuditEntries, audit_entries},
    code_lists::{CodeListAnswer, code_lists},
    connection::{Asked, Connection, ListName, PageArguments},
    context::{Asking, failed},
    error::Code,
    filter::{Filter, LONGEST, Order},
    given::{Given, GivenDate},
    history::{History, history},
    labels::{LabelActs, Lowering, lowerings},
    lowerings::{LoweringActs, LoweringBatch, lowering_batch},
    node::Node,
    notices::{Notifications, notifications},
    object::{Object, Shown},
    restored::RestoredActs,
    retirement::{RetirementActs, Retirements, retirements},
    service::{AccessExplanation, ServiceLimits, ViewerAnswer, explain},
    translating::TranslationActs,
};
use crate::{
    activity::{JointActivity, JointActivityActs},
    agreement::{Agreement, AgreementActs},
    calendar::{
        CalendarActs, CalendarEvent, CalendarFeed, CalendarFeedActs, EventInvitation, Overlap,
        VisitOverlap, calendar_feeds, overlaps, visit_overlaps,
    },
    communication::{
        Communication, CommunicationActs, DisclosureActs, DisclosureRequest, PersonActs,
        VitalInterest, VitalInterestActs, disclosure_requests, vital_interests,
    },
    confidentiality::Domain,
    country::Country,
    document::Document,
    feed::{Changes, changes},
    holder::{self, Holder, HolderActs, IssuedToken, MappedSubject, MappingActs, TokenActs},
    id::GlobalId,
    import::ImportActs,
    matter::{
        BlindMatter, MatterActs, SameMatterCheck, SameMatterSignal, blind_matters,
        same_matter_checks, same_matter_signals,
    },
    measure::{InterimMeasure, MeasureActs},
    mechanism::{FocalPoint, Mechanism, MechanismActs},
    organisation::Organisation,
    recommendation::{
        Assessment, AssessmentScale, Evidence, Recommendation, RecommendationActs, scales,
    },
    statistics::{self, OwnCount, StatisticActs, StatisticRelease},
    store::{
        page::{ListQuery, Under},
        predicate::{Predicate, Scalar, Test},
    },
    vocabulary::StatisticDimension,
    work_plan::{WorkPlan, WorkPlanActs},
};

/// Where every question begins.
pub struct Query;

/// Writes the lists of all records of a type, and beside them the other root fields.
macro_rules! query {
    (
        lists { $( $(#[doc = $doc:literal])* $list:ident : $Node:ty; )* }
        $($others:tt)*
    ) => {
        /// Where every question begins.
        #[GraphqlObject]
        impl Query {
            $(
                $(#[doc = $doc])*
                #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
                async fn $list(
                    &self,
                    ctx: &Context<'_>,
                    #[graphql(desc = "Only those of which this holds.")] filter: Option<Filter<$Node>>,
                    #[graphql(desc = "In this order; by id where nothing is said.")] order_by: Option<Vec<Order<$Node>>>,
                    #[graphql(desc = "The first so many; 20 where nothing is said, 100 at most.")] first: Option<i32>,
                    #[graphql(desc = "After this cursor.")] after: Option<String>,
                    #[graphql(desc = "The last so many; 100 at most.")] last: Option<i32>,
                    #[graphql(desc = "Before this cursor.")] before: Option<String>,
                ) -> Result<Connection<$Node>> {
                    let page = PageArguments { first, after, last, before };
                    let name = ListName(<$Node as Domain>::KIND.code(), None);
                    Asked::<$Node>::parse(ctx, name, Under::Root, filter, order_by, page)?.connection(ctx, None).await
                }
            )*
            $($others)*
        }
    };
}

query! {
    lists {
        /// Mechanisms.
        mechanisms: Mechanism;
        /// Focal points of all mechanisms.
        focal_points: FocalPoint;
        /// Work plans of all mechanisms; drafts for partners.
        work_plans: WorkPlan;
        /// Communications: decided and published ones for anyone.
        communications: Communication;
        /// Interim, provisional and precautionary measures: published ones for anyone.
        interim_measures: InterimMeasure;
        /// Agreements between mechanisms.
        agreements: Agreement;
        /// Joint activities of mechanisms: those that each owner has published for anyone.
        joint_activities: JointActivity;
        /// Statistics of communications, each counted once and frozen: released ones for anyone.
        statistic_releases: StatisticRelease;
        /// Recommendations: those that were published for anyone.
        recommendations: Recommendation;
        /// The joint calendar: events that were published for anyone.
        calendar_events: CalendarEvent;
        /// Invitations to events: for host and invited.
        event_invitations: EventInvitation;
        /// How far recommendations are carried out: published assessments for anyone.
        assessments: Assessment;
        /// Evidence on recommendations: what was published for anyone.
        evidence: Evidence;
        /// Documents of all mechanisms.
        documents: Document;
        /// States and territories.
        countries: Country;
        /// Organisations and categories of actors.
        organisations: Organisation;
    }

    /// The mechanism with this code, acronym or alias; the canonical code is looked for
    /// first.
    async fn mechanism(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Code, acronym or alias, such as `achpr` or `ACHPR`.")] code: String,
    ) -> Result<Option<Object<Mechanism>>> {
        let is = |field, text: &str| {
            Predicate::Column(field, Test::In(vec![Scalar::Text(text.to_owned())]))
        };
        if code.len() > LONGEST || code.contains('\0') {
            return Err(Code::BadInput.says(format!("`code` has at most {LONGEST} bytes, and no NUL")));
        }
        let alias = serde_json::to_string(&code)?;
        let ways = [
            is(Mechanism::code, &code),
            is(Mechanism::acronym, &code),
            Predicate::Column(Mechanism::aliases, Test::Contains(alias)),
        ];
        for way in ways {
            let found = ctx.asked()?.reader.list::<Mechanism>(&ListQuery::one(way)).await.map_err(failed)?;
            if let Some(placed) = found.rows.into_iter().next() {
                return Ok(Some(Object::of(placed.known)));
            }
        }
        #[cfg(feature = "planted-leaks")]
        if planted!(CodeTellsHidden) {
            let there = ctx.asked()?.reader.is_there::<Mechanism>("code", code).await;
            if there.map_err(failed)? {
                return Err(Code::Forbidden.error());
            }
        }
        Ok(None)
    }

    /// The communication with this id; `null` where you may not know of it, or there is none.
    async fn communication(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id that `communications` gives.")] id: ID,
    ) -> Result<Option<Object<Communication>>> {
        by_id(ctx, &id).await
    }

    /// The interim measure with this id; `null` where you may not know of it, or there is none.
    async fn interim_measure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id that `interimMeasures` gives.")] id: ID,
    ) -> Result<Option<Object<InterimMeasure>>> {
        by_id(ctx, &id).await
    }

    /// The joint activity with this id; `null` where you may not know of it, or there is none.
    async fn joint_activity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id that `jointActivities` gives.")] id: ID,
    ) -> Result<Option<Object<JointActivity>>> {
        by_id(ctx, &id).await
    }

    /// The recommendation with this id; `null` where you may not know of it, or there is none.
    async fn recommendation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id that `recommendations` gives.")] id: ID,
    ) -> Result<Option<Object<Recommendation>>> {
        by_id(ctx, &id).await
    }

    /// What has changed in what you may see, after a cursor: records that have appeared, are
    /// told otherwise, or are gone, also where an agreement, an embargo or a level has changed
    /// and no record did. Without `since` all that is there has appeared; with `first: 0` beside
    /// that, you get the cursor of now alone. A cursor is good for tokens of your mechanism that
    /// may see the same; where you may see otherwise by another token, begin anew. What
    /// identifies a person is in no change.
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "After this cursor, which an earlier answer gave.")] since: Option<String>,
        #[graphql(desc = "Only records of these types of the schema; of all, where nothing is said.")] kinds: Option<Vec<String>>,
        #[graphql(desc = "The first so many; 20 where nothing is said, 100 at most.")] first: Option<i32>,
    ) -> Result<Changes> {
        changes(ctx, since, kinds, first).await
    }

    /// The event with this id; `null` where you may not know of it, or there is none.
    async fn calendar_event(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id that `calendarEvents` gives.")] id: ID,
    ) -> Result<Option<Object<CalendarEvent>>> {
        by_id(ctx, &id).await
    }

    /// What of different mechanisms meets in a window of time: events of the calendar and
    /// items of work plans, as far as you are told of them, that concern the same State, or
    /// the same theme. What was given up or put off meets nothing. At most three years, and
    /// 500 events and items.
    async fn overlaps(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first date of the window, such as `2027-02`.")] from: GivenDate,
        #[graphql(desc = "The last date of the window; that of `from` where nothing is said.")]
        to: Option<GivenDate>,
        #[graphql(desc = "ISO alpha-3 code of the State on which they meet.")] country: Option<String>,
        #[graphql(desc = "Code of the theme on which they meet: on that alone, where no State is named.")]
        theme: Option<String>,
    ) -> Result<Vec<Overlap>> {
        let to = to.map_or_else(|| from.0.clone(), |date| date.0);
        overlaps(ctx, (from.0, to), (country, theme)).await
    }

    /// Signals that another party to an agreement plans to visit a State in the quarter in
    /// which your mechanism does, where both have opted into being told, and neither is told of
    /// the other's plan: for who reads all of your mechanism's events and agreements; the latest
    /// first, at most 200. The hub looks once a week.
    async fn visit_overlaps(&self, ctx: &Context<'_>) -> Result<Vec<VisitOverlap>> {
        visit_overlaps(ctx).await
    }

    /// The scales on which mechanisms assess what became of recommendations.
    async fn assessment_scales(&self) -> Vec<AssessmentScale> {
        scales()
    }

    /// The release of statistics with this id; `null` where you may not know of it, or there
    /// is none.
    async fn statistic_release(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id that `statisticReleases` gives.")] id: ID,
    ) -> Result<Option<Object<StatisticRelease>>> {
        by_id(ctx, &id).await
    }

    /// How many persons your own mechanism's docket holds, exactly: of what you and your token
    /// are told of it, what is published included; empty for anyone else.
    async fn own_counts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "By what is counted: one or two, or three of which one is the year.")] dimensions: Vec<
            Given<StatisticDimension>,
        >,
        #[graphql(desc = "The first quarter, such as `2025-Q1`.")] from: String,
        #[graphql(desc = "The last quarter.")] to: String,
    ) -> Result<Vec<OwnCount>> {
        let dimensions = dimensions.into_iter().map(|dimension| dimension.0).collect();
        statistics::own_counts(ctx, dimensions, (&from, &to)).await
    }

    /// The record with this id, of whatever kind; `null` where you may not know of it, or
    /// there is none.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "An id that this hub gave.")] id: ID,
    ) -> Result<Option<Node>> {
        Node::find(ctx, &id).await
    }

    /// The records with these ids, in this order; `null` where you may not know of one, or
    /// there is none. At most 100.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Ids that this hub gave.")] ids: Vec<ID>,
    ) -> Result<Vec<Option<Node>>> {
        super::connection::within_page(ids.len())?;
        futures::future::try_join_all(ids.iter().map(|id| Node::find(ctx, id))).await
    }

    /// Who you are to this hub, and what your token leaves you.
    async fn viewer(&self, ctx: &Context<'_>) -> Result<ViewerAnswer> {
        Ok(ViewerAnswer::of(ctx.asked()?.reader.viewer()))
    }

    /// What fields of a record said before, the latest change first: of the fields that you
    /// are told now, as far as you reach the higher of the levels before and after.
    async fn history(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The record's id.")] id: ID,
        #[graphql(desc = "The first so many; 20 where nothing is said, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
    ) -> Result<History> {
        history(ctx, &id, first, after).await
    }

    /// The requests to lower a level of a record, the latest first: for its owners.
    async fn lowerings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The record's id.")] record: ID,
    ) -> Result<Vec<Lowering>> {
        lowerings(ctx, &record).await
    }

    /// Requests to lower levels that were asked for together: those on records of your
    /// mechanism.
    async fn lowering_batch(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The batch's id.")] id: ID,
    ) -> Result<Option<LoweringBatch>> {
        lowering_batch(ctx, &id).await
    }

    /// Requests for persons' files: those that you have put, and those to your mechanism
    /// where you are charged with grants; the latest first, at most 100.
    async fn disclosure_requests(&self, ctx: &Context<'_>) -> Result<Vec<DisclosureRequest>> {
        disclosure_requests(ctx).await
    }

    /// Questions of your mechanism whether another holds the same matter, the latest first, at
    /// most 100: by a token with `match:query`. Each is open until it is due.
    async fn same_matter_checks(&self, ctx: &Context<'_>) -> Result<Vec<SameMatterCheck>> {
        same_matter_checks(ctx).await
    }

    /// Signals that a question of another mechanism may be about a matter of yours, the latest
    /// first, at most 200: by a token with `match:answer`.
    async fn same_matter_signals(&self, ctx: &Context<'_>) -> Result<Vec<SameMatterSignal>> {
        same_matter_signals(ctx).await
    }

    /// Matters of yours whose names are not on the hub, the latest first, at most 500: by a
    /// token with `match:query`.
    async fn blind_matters(&self, ctx: &Context<'_>) -> Result<Vec<BlindMatter>> {
        blind_matters(ctx).await
    }

    /// Findings that a vital interest of a person overrides consent, which wait for a second
    /// officer or are in force; the latest first: for the secretariat that keeps the file.
    async fn vital_interests(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The person's id.")] person: ID,
    ) -> Result<Vec<VitalInterest>> {
        vital_interests(ctx, &person).await
    }

    /// What has happened to what concerns your mechanism, and what is due, the latest first:
    /// type, id and time, never content. What is due is told from two weeks before its day,
    /// and goes when it is done or out of your sight. None without a token.
    async fn notifications(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many; 20 where nothing is said, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
    ) -> Result<Notifications> {
        notifications(ctx, first, after).await
    }

    /// The records that your mechanism has retired, the latest first: for its officers who
    /// read all that it keeps of their kind; empty for anyone else.
    async fn retirements(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first so many; 20 where nothing is said, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
    ) -> Result<Retirements> {
        retirements(ctx, first, after).await
    }

    /// What was done to records of your mechanism, by whom, as the log has it, the latest
    /// first: for who reads all of a kind, by a token with `audit:read`; none for anyone else.
    async fn audit_entries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "On the record with this id alone.")] record: Option<ID>,
        #[graphql(desc = "The first so many; 20 where nothing is said, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
    ) -> Result<AuditEntries> {
        audit_entries(ctx, record.as_ref().map(|id| id.as_str()), first, after).await
    }

    /// The holders of your own mechanism, 500 at most: for its officers with the role
    /// `ADMITS`, by a token with `token:issue`; empty for anyone else.
    async fn holders(&self, ctx: &Context<'_>) -> Result<Vec<Holder>> {
        holder::holders(ctx).await
    }

    /// Tokens in force of your own mechanism, the latest 100: for who keeps the list of its
    /// holders; for any other holder the own ones.
    async fn tokens(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Those of the holder of this name alone.")] holder: Option<String>,
    ) -> Result<Vec<IssuedToken>> {
        holder::issued(ctx, holder).await
    }

    /// Feeds of the calendar that are not over, the latest 100: yours, and those of others for
    /// who keeps the list of your mechanism's holders.
    async fn calendar_feeds(&self, ctx: &Context<'_>) -> Result<Vec<CalendarFeed>> {
        calendar_feeds(ctx).await
    }

    /// Subjects of other issuers (OpenID Connect) who are holders of your mechanism, 500 at
    /// most: for who keeps the list of its holders; for any other holder the own ones.
    async fn mapped_subjects(&self, ctx: &Context<'_>) -> Result<Vec<MappedSubject>> {
        holder::mapped(ctx).await
    }

    /// Why you are told a field of a record, or are not: the field's level, and what you
    /// reach. The same for what is hidden and for what is not there.
    async fn explain_access(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The record's id.")] id: ID,
        #[graphql(desc = "The field's name, such as `docketNote`.")] field: String,
    ) -> Result<AccessExplanation> {
        explain(ctx, &id, &field).await
    }

    /// The code lists and enumerations of this schema, each code with what it is called in the
    /// six UN languages.
    async fn code_lists(
        &self,
        #[graphql(desc = "Names of lists, such as `ActivityKind`; all where none is named.")]
        names: Option<Vec<String>>,
    ) -> Result<Vec<CodeListAnswer>> {
        code_lists(names.as_deref())
    }

    /// The limits of this service, with their values.
    async fn service_limits(&self) -> ServiceLimits {
        ServiceLimits::published()
    }
}

async fn by_id<D: Shown>(ctx: &Context<'_>, id: &str) -> Result<Option<Object<D>>> {
    match GlobalId::parse(id) {
        Some(id) if id.kind == D::KIND => super::edges::one(ctx, Some(id.id)).await,
        _ => Ok(None),
    }
}

/// Acts on what mechanisms plan, agree on and decide.
#[derive(MergedObject, Default)]
pub struct RecordActs(
    MechanismActs,
    WorkPlanActs,
    JointActivityActs,
    AgreementActs,
    CommunicationActs,
    MeasureActs,
);

/// Acts on persons' files, and on who may be told what.
#[derive(MergedObject, Default)]
pub struct FileActs(
    PersonActs,
    VitalInterestActs,
    DisclosureActs,
    LabelActs,
    TranslationActs,
    RetirementActs,
    RestoredActs,
    LoweringActs,
);

/// Acts on who may do what, on what comes in, and on the same matter.
#[derive(MergedObject, Default)]
pub struct StandingActs(ImportActs, HolderActs, TokenActs, MappingActs, MatterActs);

/// Acts on what is told of records together.
#[derive(MergedObject, Default)]
pub struct TogetherActs(
    StatisticActs,
    RecommendationActs,
    CalendarActs,
    CalendarFeedActs,
);

// In groups: one after the other, each act would lie as deep on the stack as there are before.
/// What secretariats do here. Each act takes one input, is done whole or not at all, and
/// is on record.
#[derive(MergedObject, Default)]
pub struct Mutation(RecordActs, FileActs, StandingActs, TogetherActs);
