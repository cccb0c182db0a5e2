//! What releases of statistics are made of: the frozen parts of dockets, the cells, and who
//! has agreed to them.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use sea_orm::QueryResult;

use super::{
    Reader, StoreError, Writer,
    act::{Act, ActError},
    batch::Key,
    writer::WriteError,
};
use crate::{
    confidentiality::Known,
    id::{MechanismId, RecordId},
    identity::kind::{Kind, Right},
    statistics::{
        StatisticRelease,
        quarter::Quarter,
        table::{Atom, CELLS, Coordinates, Shape, Told},
        zeros::{Zero, ZeroList, Zeros},
    },
    vocabulary::{NotificationType, ReleaseStatus, StatisticDimension, codes::Coded},
};

/// A cell of a release, with its place.
pub type Cell = (i64, Coordinates, Option<u64>);

/// Who has agreed to a release: the mechanism, the officer, whether it was proposed so.
pub type Word = (MechanismId, String, bool);

/// A part of the cells of a release, after a place: read in one statement for all releases of
/// which as much is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CellsOf {
    release: RecordId,
    after: i64,
    most: i64,
}

impl CellsOf {
    /// So many cells of a release that the viewer knows of.
    pub fn new(release: &Known<StatisticRelease>, after: i64, most: usize) -> Self {
        Self {
            release: release.id(),
            after,
            most: i64::try_from(most).unwrap_or(i64::MAX - 1),
        }
    }
}

impl Key for CellsOf {
    /// The cells, and whether there are more.
    type Value = Arc<(Vec<Cell>, bool)>;

    async fn load(
        reader: &Reader,
        keys: &[Self],
    ) -> Result<HashMap<Self, Self::Value>, StoreError> {
        let mut alike: BTreeMap<(i64, i64), Vec<RecordId>> = BTreeMap::new();
        for key in keys {
            let releases = alike.entry((key.after, key.most)).or_default();
            releases.push(key.release);
        }
        let mut found = HashMap::with_capacity(keys.len());
        for ((after, most), releases) in alike {
            let mut sql = reader.store().sql();
            sql.push(
                "SELECT place, coordinates, persons, release FROM (SELECT release, place, \
                 coordinates, ",
            );
            sql.push(told_persons()).push(
                " AS persons, ROW_NUMBER() OVER (PARTITION BY release ORDER BY place) AS nth \
                 FROM statistic_cell WHERE release",
            );
            sql.among(releases.iter().map(|release| release.0));
            sql.push(" AND place > ").bind(after);
            // One more than asked for tells whether there are more.
            sql.push(") c WHERE nth <= ").bind(most + 1);
            sql.push(" ORDER BY release, place");
            let mut cells: HashMap<RecordId, Vec<Cell>> = HashMap::new();
            for row in reader.store().all(sql).await? {
                let release = RecordId(row.try_get_by_index(3)?);
                cells.entry(release).or_default().push(cell(&row)?);
            }
            let size = usize::try_from(most).unwrap_or(usize::MAX);
            for release in releases {
                let mut cells = cells.remove(&release).unwrap_or_default();
                let more = cells.len() > size;
                cells.truncate(size);
                let key = Self {
                    release,
                    after,
                    most,
                };
                found.insert(key, Arc::new((cells, more)));
            }
        }
        Ok(found)
    }
}

/// How many persons a cell tells: none where that is withheld.
fn told_persons() -> &'static str {
    #[cfg(feature = "planted-leaks")]
    if planted!(WithheldCellCounted) {
        return "COALESCE(persons, CAST((SELECT SUM(p.persons) FROM statistic_part p \
                WHERE p.release = statistic_cell.release) AS BIGINT))";
    }
    #[cfg(feature = "planted-leaks")]
    if planted!(WithheldCellAsNobody) {
        return "COALESCE(persons, 0)";
    }
    "persons"
}

fn cell(row: &QueryResult) -> Result<Cell, sea_orm::DbErr> {
    let coordinates: String = row.try_get_by_index(1)?;
    let coordinates = serde_json::from_str(&coordinates)
        .map_err(|_| sea_orm::DbErr::Type("a stored cell has no coordinates".to_owned()))?;
    let persons: Option<i64> = row.try_get_by_index(2)?;
    let persons = persons.map(|persons| u64::try_from(persons).unwrap_or_default());
    Ok((row.try_get_by_index(0)?, Coordinates(coordinates), persons))
}

impl Act {
    /// Whether the token releases statistics.
    ///
    /// # Errors
    /// Refuses one that does not.
    pub fn may_release(&self) -> Result<(), ActError> {
        Ok(self.writer.warrant.may(Right::StatsRelease)?)
    }

    /// The viewer's mechanism, where the release counts its docket.
    ///
    /// # Errors
    /// Refuses any other.
    pub fn counts_for(&self, release: &Known<StatisticRelease>) -> Result<MechanismId, ActError> {
        self.owns(release)
    }

    /// The officer who acts.
    pub fn officer(&self) -> &str {
        &self.writer.warrant.actor().subject
    }

    /// Tells each owner of a release what has happened to it.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn tell_parties(
        &self,
        owners: &[MechanismId],
        release: RecordId,
        what: NotificationType,
    ) -> Result<(), ActError> {
        for owner in owners {
            let about = (Kind::StatisticRelease, release);
            self.writer.notify((*owner, None), what, about).await?;
        }
        Ok(())
    }

    /// All that was released so far, the earliest first, whoever is told of it now.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn released(&self) -> Result<Vec<(RecordId, Told)>, ActError> {
        let mut sql = self.writer.sql();
        sql.push(
            "SELECT id, dimensions, first_quarter, last_quarter FROM statistic_release \
             WHERE retired_at IS NULL AND status = ",
        );
        sql.bind(ReleaseStatus::Released.code());
        sql.push(" ORDER BY released_on, id");
        let mut all = Vec::new();
        for row in self.rows(sql).await? {
            let read = || -> Result<_, sea_orm::DbErr> {
                let id: RecordId = row.try_get_by_index(0).map(RecordId)?;
                let dimensions: Option<String> = row.try_get_by_index(1)?;
                let from: Option<String> = row.try_get_by_index(2)?;
                let to: Option<String> = row.try_get_by_index(3)?;
                Ok((id, dimensions, from, to))
            };
            let (id, dimensions, from, to) = read().map_err(WriteError::from)?;
            let quarter = |text: Option<String>| Quarter::parse(&text?);
            let dimensions: Option<Vec<String>> =
                dimensions.and_then(|text| serde_json::from_str(&text).ok());
            let dimensions: Option<Vec<StatisticDimension>> = dimensions.and_then(|codes| {
                let codes = codes.iter().map(|code| StatisticDimension::from_code(code));
                codes.collect()
            });
            // What is not a release that this hub has made tells nothing.
            let (Some(dimensions), Some(from), Some(to)) = (dimensions, quarter(from), quarter(to))
            else {
                continue;
            };
            let mechanisms = self.parties_of(id).await?;
            let shape = Shape {
                dimensions,
                from,
                to,
                mechanisms: mechanisms.into_iter().map(|(_, code)| code).collect(),
            };
            let cells = self.cells_of(id).await?;
            if !cells.is_empty() && shape.check().is_ok() {
                all.push((id, Told { shape, cells }));
            }
        }
        Ok(all)
    }

    /// The mechanisms whose dockets a release counts, with their codes.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn parties_of(
        &self,
        release: RecordId,
    ) -> Result<Vec<(MechanismId, String)>, ActError> {
        let mut sql = self.writer.sql();
        sql.push(
            "SELECT m.id, m.code FROM record_owner o JOIN mechanism m ON m.id = o.mechanism \
             WHERE o.record = ",
        );
        sql.bind(release.0).push(" ORDER BY m.id");
        let rows = self.rows(sql).await?;
        let parties = rows.iter().map(|row| {
            let code: Option<String> = row.try_get_by_index(1)?;
            let id = row.try_get_by_index(0).map(MechanismId)?;
            Ok((id, code.unwrap_or_default()))
        });
        let parties = parties.collect::<Result<_, sea_orm::DbErr>>();
        Ok(parties.map_err(WriteError::from)?)
    }

    /// The cells of a release.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn cells_of(
        &self,
        release: RecordId,
    ) -> Result<BTreeMap<Coordinates, Option<u64>>, ActError> {
        let mut sql = self.writer.sql();
        sql.push("SELECT place, coordinates, persons FROM statistic_cell WHERE release = ");
        sql.bind(release.0);
        let rows = self.rows(sql).await?;
        let cells = rows.iter().map(cell).collect::<Result<Vec<_>, _>>();
        let cells = cells.map_err(WriteError::from)?.into_iter();
        Ok(cells.map(|(_, at, persons)| (at, persons)).collect())
    }

    /// Writes the cells of a release: of what is withheld, nothing.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn put_cells(&mut self, release: RecordId, told: &Told) -> Result<(), ActError> {
        Ok(self.writer.put_cells(release, told).await?)
    }

    /// Freezes what of a mechanism's docket a release counts.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn put_parts(
        &mut self,
        release: RecordId,
        mechanism: MechanismId,
        parts: &[Atom],
    ) -> Result<(), ActError> {
        let number = |persons: u64| i64::try_from(persons).unwrap_or(i64::MAX);
        for part in parts {
            let row = vec![
                release.0.into(),
                mechanism.0.into(),
                part.quarter.to_string().into(),
                part.country.clone().into(),
                part.rights.clone().into(),
                part.outcome.clone().into(),
                number(part.persons).into(),
                number(part.largest).into(),
            ];
            let columns = [
                "release",
                "mechanism",
                "quarter",
                "country",
                "rights",
                "outcome",
                "persons",
                "largest",
            ];
            self.writer.insert("statistic_part", &columns, row).await?;
        }
        Ok(())
    }

    /// What of a mechanism's docket was frozen with these releases.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn parts_of(
        &self,
        releases: &[RecordId],
        (mechanism, code): (MechanismId, &str),
    ) -> Result<Vec<Atom>, ActError> {
        let mut sql = self.writer.sql();
        sql.push(
            "SELECT quarter, country, rights, outcome, persons, largest FROM statistic_part \
             WHERE mechanism = ",
        );
        sql.bind(mechanism.0).push(" AND release");
        sql.among(releases.iter().map(|id| id.0));
        let rows = self.rows(sql).await?;
        let parts = rows.iter().map(|row| {
            let quarter: String = row.try_get_by_index(0)?;
            let number = |at| -> Result<u64, sea_orm::DbErr> {
                Ok(u64::try_from(row.try_get_by_index::<i64>(at)?).unwrap_or_default())
            };
            let quarter = Quarter::parse(&quarter)
                .ok_or_else(|| sea_orm::DbErr::Type("a stored value is no quarter".to_owned()))?;
            Ok(Atom {
                mechanism: code.to_owned(),
                quarter,
                country: row.try_get_by_index(1)?,
                rights: row.try_get_by_index(2)?,
                outcome: row.try_get_by_index(3)?,
                persons: number(4)?,
                largest: number(5)?,
            })
        });
        let parts = parts.collect::<Result<_, sea_orm::DbErr>>();
        Ok(parts.map_err(WriteError::from)?)
    }

    /// Forgets what was frozen of a quarter that another release has frozen before.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn forget_part(
        &mut self,
        release: RecordId,
        mechanism: MechanismId,
        quarter: Quarter,
    ) -> Result<(), ActError> {
        let mut sql = self.writer.sql();
        sql.push("DELETE FROM statistic_part WHERE release = ")
            .bind(release.0);
        sql.push(" AND mechanism = ").bind(mechanism.0);
        sql.push(" AND quarter = ").bind(quarter.to_string());
        self.writer.run(sql).await
    }

    /// Forgets what a release that was refused has counted.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn forget_figures(&mut self, release: RecordId) -> Result<(), ActError> {
        for table in ["statistic_part", "statistic_cell"] {
            let mut sql = self.writer.sql();
            sql.push("DELETE FROM ").push(table);
            sql.push(" WHERE release = ").bind(release.0);
            self.writer.run(sql).await?;
        }
        Ok(())
    }

    /// Who has agreed to a release.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn words_on(&self, release: RecordId) -> Result<Vec<Word>, ActError> {
        let mut sql = self.writer.sql();
        sql.push("SELECT mechanism, subject, proposes FROM statistic_word WHERE release = ");
        sql.bind(release.0);
        let rows = self.rows(sql).await?;
        let words = rows.iter().map(|row| {
            let mechanism = row.try_get_by_index(0).map(MechanismId)?;
            Ok((
                mechanism,
                row.try_get_by_index(1)?,
                row.try_get_by_index(2)?,
            ))
        });
        let words = words.collect::<Result<_, sea_orm::DbErr>>();
        Ok(words.map_err(WriteError::from)?)
    }

    /// Says who agrees to a release: the officer who acts.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn put_word(
        &mut self,
        release: RecordId,
        mechanism: MechanismId,
        proposes: bool,
    ) -> Result<(), ActError> {
        let row = vec![
            release.0.into(),
            mechanism.0.into(),
            self.officer().into(),
            self.writer.at.seconds().into(),
            proposes.into(),
        ];
        let columns = ["release", "mechanism", "subject", "at", "proposes"];
        Ok(self.writer.insert("statistic_word", &columns, row).await?)
    }

    /// How many releases that count a mechanism's docket wait for an answer.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn waiting_releases(&self, mechanism: MechanismId) -> Result<i64, ActError> {
        let mut sql = self.writer.sql();
        sql.push(
            "SELECT COUNT(*) FROM statistic_release t JOIN record_owner o ON o.record = t.id \
             WHERE o.mechanism = ",
        );
        sql.bind(mechanism.0).push(" AND t.status = ");
        sql.bind(ReleaseStatus::Proposed.code());
        let rows = self.rows(sql).await?;
        let count = rows.first().map(|row| row.try_get_by_index(0)).transpose();
        Ok(count.map_err(WriteError::from)?.unwrap_or_default())
    }

    /// Says by which rule, and with which lists, a release is counted.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn cite(&mut self, release: RecordId, algorithm: &str) -> Result<(), ActError> {
        let mut sql = self.writer.sql();
        sql.push("UPDATE statistic_release SET algorithm = ")
            .bind(algorithm);
        sql.push(" WHERE id = ").bind(release.0);
        self.writer.run(sql).await
    }

    /// Puts a list of structural zeros in force for a mechanism, in the place of its last one.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn put_zeros(
        &mut self,
        mechanism: MechanismId,
        list: &ZeroList,
    ) -> Result<RecordId, ActError> {
        let mut sql = self.writer.sql();
        sql.push("SELECT COALESCE(MAX(n), 0) FROM statistic_zero_list WHERE mechanism = ");
        sql.bind(mechanism.0);
        let rows = self.rows(sql).await?;
        let last = rows.first().map(|row| row.try_get_by_index::<i64>(0));
        let last = last.transpose().map_err(WriteError::from)?.unwrap_or(0);
        let id = RecordId::random();
        let row = vec![
            id.0.into(),
            mechanism.0.into(),
            (last + 1).into(),
            list.version().into(),
            self.officer().into(),
            self.writer.at.seconds().into(),
        ];
        let columns = ["id", "mechanism", "n", "version", "subject", "at"];
        self.writer
            .insert("statistic_zero_list", &columns, row)
            .await?;
        for (number, zero) in (1_i64..).zip(list.rows()) {
            let quarter = |at: Option<Quarter>| at.map(|at| at.to_string());
            let row = vec![
                id.0.into(),
                number.into(),
                zero.country.clone().into(),
                zero.rights.clone().into(),
                zero.outcome.clone().into(),
                quarter(zero.from).into(),
                quarter(zero.to).into(),
            ];
            let columns = [
                "list",
                "row",
                "country",
                "rights",
                "outcome",
                "first_quarter",
                "last_quarter",
            ];
            self.writer.insert("statistic_zero", &columns, row).await?;
        }
        Ok(id)
    }

    /// The structural zeros in force of some mechanisms, and what the lists are cited by.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn zeros(&self) -> Result<(Zeros, BTreeMap<String, String>), ActError> {
        let (mut zeros, mut cited) = (Zeros::default(), BTreeMap::new());
        let mut sql = self.writer.sql();
        sql.push(
            "SELECT l.id, m.code, l.version FROM statistic_zero_list l \
             JOIN mechanism m ON m.id = l.mechanism WHERE l.n = (SELECT MAX(o.n) \
             FROM statistic_zero_list o WHERE o.mechanism = l.mechanism) ORDER BY l.id",
        );
        for list in self.rows(sql).await? {
            let read = || -> Result<_, sea_orm::DbErr> {
                let id: RecordId = list.try_get_by_index(0).map(RecordId)?;
                let code: Option<String> = list.try_get_by_index(1)?;
                let version: String = list.try_get_by_index(2)?;
                Ok((id, code.unwrap_or_default(), version))
            };
            let (id, code, version) = read().map_err(WriteError::from)?;
            let mut sql = self.writer.sql();
            sql.push(
                "SELECT country, rights, outcome, first_quarter, last_quarter \
                 FROM statistic_zero WHERE list = ",
            );
            sql.bind(id.0).push(" ORDER BY row");
            let rows = self.rows(sql).await?;
            let rows = rows.iter().map(zero).collect::<Result<Vec<_>, _>>();
            zeros.add(&code, rows.map_err(WriteError::from)?);
            cited.insert(code, version);
        }
        Ok((zeros, cited))
    }
}

impl Writer {
    /// Writes the cells of a release: of what is withheld, nothing.
    ///
    /// # Errors
    /// Fails where the database does.
    pub(super) async fn put_cells(
        &mut self,
        release: RecordId,
        told: &Told,
    ) -> Result<(), WriteError> {
        for (place, (coordinates, persons)) in (1_i64..).zip(told.cells.iter().take(CELLS)) {
            let persons = persons.map(|persons| i64::try_from(persons).unwrap_or(i64::MAX));
            let row = vec![
                release.0.into(),
                place.into(),
                serde_json::json!(coordinates.0).to_string().into(),
                persons.into(),
            ];
            let columns = ["release", "place", "coordinates", "persons"];
            self.insert("statistic_cell", &columns, row).await?;
        }
        Ok(())
    }
}

fn zero(row: &QueryResult) -> Result<Zero, sea_orm::DbErr> {
    let quarter = |at| -> Result<Option<Quarter>, sea_orm::DbErr> {
        let text: Option<String> = row.try_get_by_index(at)?;
        Ok(text.and_then(|text| Quarter::parse(&text)))
    };
    Ok(Zero {
        country: row.try_get_by_index(0)?,
        rights: row.try_get_by_index(1)?,
        outcome: row.try_get_by_index(2)?,
        from: quarter(3)?,
        to: quarter(4)?,
    })
}
