//! What a body says about an import.

use utoipa::ToSchema;

use crate::body::Fields;

/// Names to import in one call.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what `NewJob` reads")]
pub(crate) struct NewImport {
    /// Root names, such as acme-mail.com. One that cannot be imported becomes a row that says why.
    #[schema(min_items = 1, max_items = 25, example = json!(["acme-mail.com", "acme-team.com"]))]
    domains: Vec<String>,
    /// Whether names at which mail is received now may be taken over. Their mail stops where it is received today
    /// as soon as their nameservers are changed.
    #[schema(default = false, example = false)]
    replace_live_mail: Option<bool>,
}

/// Names to import in the background.
#[derive(ToSchema)]
#[schema(as = NewImportJob)]
pub(crate) struct NewJob {
    /// Root names, such as acme-mail.com. One that cannot be imported becomes a row that says why.
    #[schema(min_items = 1, max_items = 500, example = json!(["acme-mail.com", "acme-team.com"]))]
    pub(super) domains: Vec<String>,
    /// Whether names at which mail is received now may be taken over. Their mail stops where it is received today
    /// as soon as their nameservers are changed.
    #[schema(value_type = Option<bool>, default = false, example = false)]
    pub(super) replace_live_mail: bool,
}

impl NewJob {
    /// Reads it; at most so many names.
    pub(super) fn read(fields: &Fields<'_>, most: usize) -> Option<Self> {
        let domains = fields.required("domains", |spot| spot.list(1..=most, |one| one.any_text().map(str::to_owned)));
        let replace_live_mail = fields.optional("replace_live_mail", crate::body::Spot::flag).unwrap_or(false);
        Some(Self { domains: domains?, replace_live_mail })
    }
}
