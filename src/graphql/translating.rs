//! The acts on texts in other languages.

use async_graphql::{Context, ID, InputObject, Object as GraphqlObject, Result, Value};

use super::{
    acts::{Outcome, UserError, perform},
    given::{Given, GivenDate},
    kinds::of_kind,
    node::Node,
    texts::text_field,
};
use crate::{
    confidentiality::{Disclosed, Domain, FieldIndex, Known, scalar::camel},
    id::{GlobalId, RecordId},
    language::{LanguageTag, fields::texts_of},
    store::{
        act::{Act, ActError, RefusalCode, check_text, not_found},
        texts::NewTranslation,
        values::{LINE, TEXT},
    },
    vocabulary::TranslationStatus,
};

/// Languages of one field at most.
const MOST: usize = 40;

/// A text of a record in another language.
#[derive(InputObject)]
pub struct RecordTranslationInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The record's id.
    id: ID,
    /// The field's name, such as `title`.
    field: String,
    /// In which language: BCP 47, such as `fr` or `sw`.
    language: String,
    /// The text; none where you say in which language the field itself is (`ORIGINAL`).
    text: Option<String>,
    /// How it has come to be in that language.
    status: Given<TranslationStatus>,
    /// Who has translated it: an institution, never a person.
    made_by: Option<String>,
    /// When it was translated.
    made_on: Option<GivenDate>,
    /// The record's `version` as you have read it: what was amended since is not what you
    /// have translated.
    expected_version: Option<String>,
}

/// A text in another language that is taken away.
#[derive(InputObject)]
pub struct WithdrawTranslationInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The record's id.
    id: ID,
    /// The field's name, such as `title`.
    field: String,
    /// In which language: BCP 47.
    language: String,
    /// The record's `version` as you have read it.
    expected_version: Option<String>,
}

/// What an act on a text in another language answers.
pub struct TranslationPayload {
    outcome: Outcome,
    id: ID,
}

/// What an act on a text in another language answers.
#[GraphqlObject]
impl TranslationPayload {
    /// The record, as you may be told of it now; `null` where nothing was done.
    async fn record(&self, ctx: &Context<'_>) -> Result<Option<Node>> {
        match self.outcome {
            Ok(_) => Node::find(ctx, &self.id).await,
            Err(_) => Ok(None),
        }
    }

    /// Why nothing was done; empty where it was.
    async fn user_errors(&self) -> Vec<UserError> {
        UserError::all_of(&self.outcome)
    }
}

/// Acts on texts in other languages.
#[derive(Default)]
pub struct TranslationActs;

#[GraphqlObject]
impl TranslationActs {
    /// Records what a field of a record of your mechanism says in another language, in the
    /// place of what was recorded before; or in which language the field itself is. It is
    /// told where that field is, and to nobody else.
    async fn record_translation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: RecordTranslationInput,
    ) -> Result<TranslationPayload> {
        let id = GlobalId::parse(&input.id);
        let asked = (input.field, input.expected_version);
        let language = input.language;
        let new = (input.status.0, input.text, input.made_by);
        let made_on = input.made_on.map(|date| date.0);
        let outcome = perform(ctx, "recordTranslation", input.key.as_deref(), move |act| {
            Box::pin(async move {
                let id = id.ok_or_else(not_found)?;
                let (status, text, made_by) = new;
                let new = NewTranslation {
                    language: tag(&language)?,
                    status,
                    text,
                    made_by,
                    made_on,
                };
                of_kind!(id.kind, |D| record::<D>(act, id.id, asked, new).await, edge Err(not_found()))
            })
        });
        Ok(TranslationPayload {
            outcome: outcome.await?,
            id: input.id,
        })
    }

    /// Takes away what was recorded of a field of a record of your mechanism in a language.
    async fn withdraw_translation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: WithdrawTranslationInput,
    ) -> Result<TranslationPayload> {
        let id = GlobalId::parse(&input.id);
        let asked = (input.field, input.expected_version);
        let language = input.language;
        let outcome = perform(
            ctx,
            "withdrawTranslation",
            input.key.as_deref(),
            move |act| {
                Box::pin(async move {
                    let id = id.ok_or_else(not_found)?;
                    let language = tag(&language)?;
                    of_kind!(id.kind, |D| withdraw::<D>(act, id.id, asked, language).await, edge Err(not_found()))
                })
            },
        );
        Ok(TranslationPayload {
            outcome: outcome.await?,
            id: input.id,
        })
    }
}

fn tag(text: &str) -> std::result::Result<LanguageTag, ActError> {
    let tag = LanguageTag::parse(text).filter(|tag| *tag != LanguageTag::undetermined());
    tag.ok_or_else(|| {
        ActError::invalid(
            "language",
            "it is a tag of BCP 47, such as `fr` or `zh-Hant`",
        )
    })
}

/// The record and the text field that an act is about, for who may write and reads it.
async fn found<D: Domain>(
    act: &Act,
    id: RecordId,
    (field, expected): (String, Option<String>),
) -> std::result::Result<(std::sync::Arc<Known<D>>, FieldIndex), ActError> {
    let record = act.find::<D>(Some(id)).await?;
    let name = texts_of(D::KIND).iter().find(|name| camel(name) == field);
    let Some(field) = name.and_then(|name| text_field::<D>(name)) else {
        let texts: Vec<String> = texts_of(D::KIND).iter().map(|name| camel(name)).collect();
        let sentence = match texts.is_empty() {
            true => "records of this kind have no texts in other languages".to_owned(),
            false => format!("it is one of {}", texts.join(", ")),
        };
        return Err(ActError::invalid("field", sentence));
    };
    act.may_change_field(&*record, field)?;
    // What it says decides what may be done: it is for who may read it, too.
    if !record.sees(field) {
        let sentence = "your token does not let you read what is translated";
        return Err(RefusalCode::Forbidden.says(sentence).into());
    }
    act.expect(&*record, expected.as_deref())?;
    Ok((record, field))
}

async fn record<D: Domain>(
    act: &mut Act,
    id: RecordId,
    asked: (String, Option<String>),
    new: NewTranslation,
) -> std::result::Result<RecordId, ActError> {
    let (record, field) = found::<D>(act, id, asked).await?;
    if let Some(text) = &new.text {
        check_text("text", text, TEXT)?;
    }
    if let Some(made_by) = &new.made_by {
        check_text("madeBy", made_by, LINE)?;
    }
    if !matches!(record.tell(field), Disclosed::Visible(Value::String(_))) {
        return Err(ActError::conflict(
            "the field says nothing that could be translated",
        ));
    }
    let there = act.translated(&*record, field).await?;
    let own = there
        .iter()
        .find(|(_, status)| *status == TranslationStatus::Original);
    let in_language = there.iter().find(|(language, _)| *language == new.language);
    match (new.status, &new.text) {
        (TranslationStatus::Original, Some(_)) => {
            let sentence = "the original is the field itself: say its language alone";
            return Err(ActError::invalid("text", sentence));
        }
        (TranslationStatus::Original, None) => {
            if in_language.is_some_and(|(_, status)| *status != TranslationStatus::Original) {
                let sentence = "there is a translation into this language: withdraw it first";
                return Err(ActError::conflict(sentence));
            }
            if let Some((before, _)) = own {
                act.withdraw_translation(&*record, field, before).await?;
            }
        }
        (_, None) => return Err(ActError::invalid("text", "a translation has a text")),
        (_, Some(_)) if own.is_some_and(|(language, _)| *language == new.language) => {
            return Err(ActError::conflict("the original is in this language"));
        }
        (_, Some(_)) if in_language.is_none() && there.len() >= MOST => {
            let sentence = format!("a field has at most {MOST} languages");
            return Err(ActError::conflict(&sentence));
        }
        (_, Some(_)) => {}
    }
    act.is_about(
        D::rule(field).map(|rule| rule.name).into_iter().collect(),
        None,
    );
    act.translate(&*record, field, new).await?;
    Ok(record.id())
}

async fn withdraw<D: Domain>(
    act: &mut Act,
    id: RecordId,
    asked: (String, Option<String>),
    language: LanguageTag,
) -> std::result::Result<RecordId, ActError> {
    let (record, field) = found::<D>(act, id, asked).await?;
    act.is_about(
        D::rule(field).map(|rule| rule.name).into_iter().collect(),
        None,
    );
    if !act.withdraw_translation(&*record, field, &language).await? {
        return Err(ActError::conflict(
            "there is no text of the field in this language",
        ));
    }
    Ok(record.id())
}
