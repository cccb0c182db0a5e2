//! Texts of a record in its languages: as the gate tells the field that each is of.

use std::{borrow::Cow, marker::PhantomData};

use async_graphql::{
    Context, InputType, InputValueError, InputValueResult, Result, SimpleObject, Value,
    registry::Registry,
};

use super::{
    context::{Asking, failed, pattern},
    inputs::register_enum,
    language::{Language, WritingDirection},
    object::{Shown, Told},
};
use crate::{
    confidentiality::{Disclosed, Domain, FieldIndex, Known, declare::place, scalar::camel},
    date::PartialDate,
    language::{LanguageTag, fields::texts_of},
    store::texts::{TextsOf, Translation, Translations, told_of},
    vocabulary::TranslationStatus,
};

/// A field of a record, as it says it in one language.
#[derive(SimpleObject)]
#[graphql(name = "RecordText")]
pub struct RecordText {
    /// The field.
    field: String,
    /// What it says.
    text: String,
    /// In which language: BCP 47, such as `fr` or `sw`; `und` where nobody has said in which
    /// the original is.
    language: String,
    /// In which direction it is written.
    direction: WritingDirection,
    /// How it has come to be in that language.
    status: Told<TranslationStatus>,
    /// Whether the original has been amended since it was translated.
    out_of_date: bool,
    /// Who has translated it, where that is known.
    made_by: Option<String>,
    /// When it was translated.
    made_on: Option<Told<PartialDate>>,
}

/// A text field of records of type `D`.
pub struct TextField<D> {
    field: FieldIndex,
    domain: PhantomData<fn() -> D>,
}

impl<D> TextField<D> {
    /// The field.
    pub fn index(&self) -> FieldIndex {
        self.field
    }
}

impl<D: Shown> InputType for TextField<D> {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        Cow::Owned(format!("{}Text", D::KIND.type_name()))
    }

    fn create_type_info(registry: &mut Registry) -> String {
        let name = Self::type_name();
        let values = texts_of(D::KIND).iter();
        let values =
            values.map(|field| (field.to_ascii_uppercase(), format!("`{}`.", camel(field))));
        let doc = format!("Texts of records of type `{}`.", D::KIND.type_name());
        register_enum(registry, &name, &doc, values);
        format!("{name}!")
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        let code = match value.unwrap_or_default() {
            Value::Enum(code) => code.to_string(),
            Value::String(code) => code,
            other => return Err(InputValueError::expected_type(other)),
        };
        let field = text_field::<D>(&code.to_ascii_lowercase());
        let field = field.filter(|_| code == code.to_ascii_uppercase());
        let unknown = || InputValueError::custom(format!("no code of `{}`", Self::type_name()));
        let domain = PhantomData;
        field
            .map(|field| Self { field, domain })
            .ok_or_else(unknown)
    }

    fn to_value(&self) -> Value {
        let name = D::rule(self.field).map_or("", |rule| rule.name);
        Value::Enum(async_graphql::Name::new(name.to_ascii_uppercase()))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

/// The text field of this name, as the declaration has it.
pub fn text_field<D: Domain>(name: &str) -> Option<FieldIndex> {
    let known = texts_of(D::KIND).contains(&name);
    known.then(|| place(D::RULES, name))
}

/// The texts of a record in one language: of each field that is told, the text in that
/// language, or else the original.
///
/// # Errors
/// Fails where the database does.
pub async fn texts<D: Shown>(
    ctx: &Context<'_>,
    known: &Known<D>,
    language: Option<Language>,
    fields: Option<Vec<TextField<D>>>,
) -> Result<Vec<RecordText>> {
    let language = language.or(ctx.data_opt().copied()).unwrap_or_default();
    let beside = beside(ctx, known).await?;
    let mut told = Vec::new();
    for field in chosen(ctx, known, fields)? {
        let Some(original) = original(known, field) else {
            continue;
        };
        let all = told_of(known, field, &original, &beside);
        let own = own_language(&all);
        // The original itself goes before what was made of it.
        let in_it = (!own.is_for(language.code())).then(|| {
            all.iter()
                .find(|one| one.text.is_some() && one.language.is_for(language.code()))
        });
        told.extend(match in_it.flatten() {
            Some(found) => translated::<D>(field, &original, found),
            None => original_text::<D>(field, original, &own),
        });
    }
    Ok(told)
}

/// The texts of a record in every language that there is, the original of each field first.
///
/// # Errors
/// Fails where the database does.
pub async fn translations<D: Shown>(
    ctx: &Context<'_>,
    known: &Known<D>,
    fields: Option<Vec<TextField<D>>>,
) -> Result<Vec<RecordText>> {
    let beside = beside(ctx, known).await?;
    let mut told = Vec::new();
    for field in chosen(ctx, known, fields)? {
        let Some(original) = original(known, field) else {
            continue;
        };
        let all = told_of(known, field, &original, &beside);
        let others = all
            .iter()
            .filter_map(|one| translated::<D>(field, &original, one));
        let others: Vec<_> = others.collect();
        told.extend(original_text::<D>(
            field,
            original.clone(),
            &own_language(&all),
        ));
        told.extend(others);
    }
    ctx.asked()?.count(told.len())?;
    Ok(told)
}

/// What is kept beside the record, still closed.
async fn beside<D: Shown>(ctx: &Context<'_>, known: &Known<D>) -> Result<Translations> {
    let found = ctx
        .asked()?
        .loader
        .load_one(TextsOf::<D>::new(known.id()))
        .await;
    Ok(found.map_err(failed)?.unwrap_or_default())
}

/// The fields that are asked for and told; that others are withheld is noted.
fn chosen<D: Shown>(
    ctx: &Context<'_>,
    known: &Known<D>,
    fields: Option<Vec<TextField<D>>>,
) -> Result<Vec<FieldIndex>> {
    let all = texts_of(D::KIND).iter().map(|name| place(D::RULES, name));
    let asked: Vec<FieldIndex> = match fields {
        Some(fields) => {
            let wanted: Vec<_> = fields.iter().map(TextField::index).collect();
            all.filter(|field| wanted.contains(field)).collect()
        }
        None => all.collect(),
    };
    let withheld = &ctx.asked()?.withheld;
    let mut told = Vec::with_capacity(asked.len());
    for field in asked {
        if known.sees(field) {
            told.push(field);
        } else {
            withheld.note(pattern(ctx), known, field);
        }
    }
    #[cfg(feature = "planted-leaks")]
    if planted!(TranslationDespiteLevel) {
        told = texts_of(D::KIND)
            .iter()
            .map(|name| place(D::RULES, name))
            .collect();
    }
    Ok(told)
}

fn original<D: Shown>(known: &Known<D>, field: FieldIndex) -> Option<String> {
    match known.tell(field) {
        Disclosed::Visible(Value::String(text)) => Some(text),
        // What the field says is withheld, and a translation of it is told.
        #[cfg(feature = "planted-leaks")]
        Disclosed::Withheld if planted!(TranslationDespiteLevel) => Some(String::new()),
        Disclosed::Visible(_) | Disclosed::Withheld => None,
    }
}

/// In which language the field itself is.
fn own_language(all: &[&Translation]) -> LanguageTag {
    let said = all.iter().find(|one| one.text.is_none());
    said.map_or_else(LanguageTag::undetermined, |said| said.language.clone())
}

fn original_text<D: Shown>(
    field: FieldIndex,
    text: String,
    language: &LanguageTag,
) -> Option<RecordText> {
    Some(RecordText {
        field: camel(D::rule(field)?.name),
        text,
        language: language.as_str().to_owned(),
        direction: WritingDirection::of(language),
        status: Told(TranslationStatus::Original),
        out_of_date: false,
        made_by: None,
        made_on: None,
    })
}

fn translated<D: Shown>(
    field: FieldIndex,
    original: &str,
    found: &Translation,
) -> Option<RecordText> {
    Some(RecordText {
        field: camel(D::rule(field)?.name),
        text: found.text.clone()?,
        language: found.language.as_str().to_owned(),
        direction: WritingDirection::of(&found.language),
        status: Told(found.status),
        out_of_date: !found.is_of(original),
        made_by: found.made_by.clone(),
        made_on: found.made_on.clone().map(Told),
    })
}
