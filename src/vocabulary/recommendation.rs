//! Recommendations: where they stand, what they ask for, and whom they are for.

use super::codes::codes;

codes! {
    /// In what kind of text a recommendation stands.
    pub RecommendationSource {
        /// The concluding observations of a treaty body on a State's report.
        ConcludingObservations => "CONCLUDING_OBSERVATIONS",
        /// The Universal Periodic Review: made by a State.
        Upr => "UPR",
        /// The report of a special procedure on a visit.
        SpecialProcedureVisit => "SPECIAL_PROCEDURE_VISIT",
        /// The remedy that Views on an individual communication ask for.
        ViewsRemedy => "VIEWS_REMEDY",
        /// A measure that a judgment orders, or that its execution asks for.
        JudgmentMeasure => "JUDGMENT_MEASURE",
        /// The report on a preventive visit, of the SPT or the CPT.
        PreventiveVisitReport => "PREVENTIVE_VISIT_REPORT",
        /// The report of an inquiry.
        Inquiry => "INQUIRY",
        /// A regional mechanism's report on a country.
        RegionalCountryReport => "REGIONAL_COUNTRY_REPORT",
        /// A regional commission's report on the merits of a case.
        MeritsReport => "MERITS_REPORT",
        /// A friendly settlement.
        FriendlySettlement => "FRIENDLY_SETTLEMENT",
        /// A precautionary measure.
        PrecautionaryMeasure => "PRECAUTIONARY_MEASURE",
        /// A report on a theme.
        ThematicReport => "THEMATIC_REPORT",
        /// A report that several mechanisms have written.
        JointReport => "JOINT_REPORT",
        /// What a conference or a workshop has come to.
        ConferenceOutcome => "CONFERENCE_OUTCOME",
    }

    /// How far a recommendation has come.
    pub RecommendationStatus {
        /// Being prepared: not made yet.
        Draft => "DRAFT",
        /// Adopted, and so made.
        Adopted => "ADOPTED",
        /// No longer followed up.
        Closed => "CLOSED",
    }

    /// What a State has said of a recommendation made to it.
    pub StatePosition {
        /// It supports it.
        Supported => "SUPPORTED",
        /// It supports a part of it.
        SupportedInPart => "SUPPORTED_IN_PART",
        /// It has noted it, and does not support it.
        Noted => "NOTED",
        /// It has yet to say.
        Pending => "PENDING",
        /// The procedure asks for no position.
        NoPosition => "NONE",
    }

    /// How far what a recommendation asks for reaches.
    pub MeasureScope {
        /// One person, or those named.
        Individual => "INDIVIDUAL",
        /// Everybody in the same position.
        General => "GENERAL",
        /// Institutions or the law as such.
        Structural => "STRUCTURAL",
    }

    /// What a recommendation asks for.
    pub RecommendedActionKind {
        /// Ratifying a treaty, or withdrawing a reservation.
        Ratify => "RATIFY",
        /// Making or changing a law.
        Legislate => "LEGISLATE",
        /// A policy, a plan or a programme.
        Policy => "POLICY",
        /// Investigating, prosecuting and punishing.
        InvestigateProsecute => "INVESTIGATE_PROSECUTE",
        /// Reparation to those whose rights were violated.
        Reparation => "REPARATION",
        /// Training, education and raising awareness.
        Training => "TRAINING",
        /// Setting up or strengthening an institution.
        Institution => "INSTITUTION",
        /// Money, staff or buildings.
        Resources => "RESOURCES",
        /// Collecting and publishing data.
        Data => "DATA",
        /// Cooperating with a mechanism: reporting, inviting, replying.
        Cooperate => "COOPERATE",
        /// Not returning a person to where there is danger.
        NonRefoulement => "NON_REFOULEMENT",
        /// Releasing a person.
        Release => "RELEASE",
        /// Anything else.
        Other => "OTHER",
    }

    /// Whom a recommendation is about.
    pub AffectedGroup {
        /// Children.
        Children => "CHILDREN",
        /// Women and girls.
        WomenAndGirls => "WOMEN_AND_GIRLS",
        /// Persons with disabilities.
        PersonsWithDisabilities => "PERSONS_WITH_DISABILITIES",
        /// Indigenous peoples.
        IndigenousPeoples => "INDIGENOUS_PEOPLES",
        /// National, ethnic, religious and linguistic minorities.
        Minorities => "MINORITIES",
        /// Migrants.
        Migrants => "MIGRANTS",
        /// Refugees and asylum seekers.
        RefugeesAndAsylumSeekers => "REFUGEES_AND_ASYLUM_SEEKERS",
        /// Internally displaced persons.
        InternallyDisplaced => "INTERNALLY_DISPLACED",
        /// Stateless persons.
        Stateless => "STATELESS",
        /// Human rights defenders.
        HumanRightsDefenders => "HUMAN_RIGHTS_DEFENDERS",
        /// Journalists.
        Journalists => "JOURNALISTS",
        /// Lesbian, gay, bisexual, transgender and intersex persons.
        LgbtiPersons => "LGBTI_PERSONS",
        /// Older persons.
        OlderPersons => "OLDER_PERSONS",
        /// Persons deprived of liberty.
        PersonsDeprivedOfLiberty => "PERSONS_DEPRIVED_OF_LIBERTY",
        /// Victims of torture.
        VictimsOfTorture => "VICTIMS_OF_TORTURE",
        /// Victims of trafficking.
        VictimsOfTrafficking => "VICTIMS_OF_TRAFFICKING",
        /// Disappeared persons.
        DisappearedPersons => "DISAPPEARED_PERSONS",
        /// Persons of African descent.
        PersonsOfAfricanDescent => "PERSONS_OF_AFRICAN_DESCENT",
        /// Roma people.
        Roma => "ROMA",
        /// Persons in rural areas and in poverty.
        RuralAndPoor => "RURAL_AND_POOR",
        /// Young persons.
        Youth => "YOUTH",
        /// Persons with albinism.
        PersonsWithAlbinism => "PERSONS_WITH_ALBINISM",
        /// Everybody.
        GeneralPopulation => "GENERAL_POPULATION",
    }

    /// What one recommendation is to another.
    pub RecommendationRelation {
        /// It says the same as another one did before.
        Echoes => "ECHOES",
        /// It adds to another one, or gives it weight.
        Reinforces => "REINFORCES",
        /// It asks for what another one speaks against.
        ConflictsWith => "CONFLICTS_WITH",
        /// It follows up on another one.
        FollowsUp => "FOLLOWS_UP",
    }
}
