//! What a body says about a bundle.

use model::bundle::{MAX_VOLUME, Terms, Wish};
use utoipa::ToSchema;

use crate::body::{Fields, Spot};

/// A bundle to be made.
#[derive(ToSchema)]
pub(crate) struct NewBundle {
    /// Shown to people.
    #[schema(min_length = 1, max_length = 120, example = "Starter - 25k emails/month")]
    name: String,
    /// E-mails a month. A volume that needs more domains than one order takes (500) is refused.
    #[schema(minimum = 1, maximum = 10_000_000, example = 25000)]
    monthly_sending_volume: i64,
    /// Google's share of the volume. Send both shares or neither; together they make 100. Null is the
    /// recommended split.
    #[schema(minimum = 0, maximum = 100, example = 50)]
    google_percent: Option<i64>,
    /// Microsoft's share of the volume.
    #[schema(minimum = 0, maximum = 100, example = 50)]
    #[expect(dead_code, reason = "it is always what Google's share leaves")]
    microsoft_percent: Option<i64>,
    /// Whether mail goes out at weekends too.
    #[schema(default = false, example = false)]
    send_on_weekends: Option<bool>,
    /// Inboxes on one Google domain.
    #[schema(minimum = 2, maximum = 3, default = 2, example = 2)]
    google_inboxes_per_domain: Option<i64>,
}

impl NewBundle {
    /// Reads it.
    pub(super) fn read(fields: &Fields<'_>) -> Option<Self> {
        pass_over_relics(fields);
        let name = fields.required(NAME, name);
        let volume = fields.required(VOLUME, volume);
        let google_percent = shares(fields, fields.given(GOOGLE), fields.given(MICROSOFT)).flatten();
        let send_on_weekends = fields.optional(WEEKENDS, Spot::flag);
        let google_inboxes_per_domain = fields.optional(INBOXES, inboxes);
        Some(Self {
            name: name?,
            monthly_sending_volume: volume?,
            google_percent,
            microsoft_percent: google_percent.map(|google| 100 - google),
            send_on_weekends,
            google_inboxes_per_domain,
        })
    }

    /// The terms it asks for.
    pub(super) fn terms(self) -> Terms {
        Terms {
            name: self.name,
            monthly_sending_volume: self.monthly_sending_volume,
            google_percent: self.google_percent,
            send_on_weekends: self.send_on_weekends.unwrap_or(false),
            google_inboxes_per_domain: self.google_inboxes_per_domain.unwrap_or(2),
        }
    }
}

/// What a bundle is to be changed to. Fields left out stay as they are.
#[derive(ToSchema)]
pub(crate) struct ChangedBundle {
    /// Shown to people.
    #[schema(nullable = false, min_length = 1, max_length = 120, example = "Growth - 40k emails/month")]
    name: Option<String>,
    /// E-mails a month. A volume that needs more domains than one order takes (500) is refused.
    #[schema(nullable = false, minimum = 1, maximum = 10_000_000, example = 40000)]
    monthly_sending_volume: Option<i64>,
    /// Google's share of the volume. Send both shares; together they make 100. Both null go back to
    /// the recommended split.
    #[schema(value_type = Option<i64>, minimum = 0, maximum = 100, example = 70)]
    google_percent: Option<Option<i64>>,
    /// Microsoft's share of the volume.
    #[schema(minimum = 0, maximum = 100, example = 30)]
    #[expect(dead_code, reason = "it is always what Google's share leaves")]
    microsoft_percent: Option<i64>,
    /// Whether mail goes out at weekends too.
    #[schema(nullable = false, example = true)]
    send_on_weekends: Option<bool>,
    /// Inboxes on one Google domain.
    #[schema(nullable = false, minimum = 2, maximum = 3, example = 3)]
    google_inboxes_per_domain: Option<i64>,
}

impl ChangedBundle {
    /// Reads it.
    pub(super) fn read(fields: &Fields<'_>) -> Option<Self> {
        pass_over_relics(fields);
        for field in [NAME, VOLUME, WEEKENDS, INBOXES] {
            if fields.present(field) && !fields.given(field) {
                fields.refuse::<()>(field, "This cannot be null. Send a value, or leave it out.");
            }
        }
        let google_percent = shares(fields, fields.present(GOOGLE), fields.present(MICROSOFT));
        Some(Self {
            name: fields.optional(NAME, name),
            monthly_sending_volume: fields.optional(VOLUME, volume),
            google_percent,
            microsoft_percent: google_percent.flatten().map(|google| 100 - google),
            send_on_weekends: fields.optional(WEEKENDS, Spot::flag),
            google_inboxes_per_domain: fields.optional(INBOXES, inboxes),
        })
    }

    /// The wish it carries.
    pub(super) fn wish(self) -> Wish {
        Wish {
            name: self.name,
            monthly_sending_volume: self.monthly_sending_volume,
            google_percent: self.google_percent,
            send_on_weekends: self.send_on_weekends,
            google_inboxes_per_domain: self.google_inboxes_per_domain,
        }
    }
}

const NAME: &str = "name";
const VOLUME: &str = "monthly_sending_volume";
const GOOGLE: &str = "google_percent";
const MICROSOFT: &str = "microsoft_percent";
const WEEKENDS: &str = "send_on_weekends";
const INBOXES: &str = "google_inboxes_per_domain";

/// Fields of the older published version that changed nothing.
fn pass_over_relics(fields: &Fields<'_>) {
    fields.present("customer_price_cents");
    fields.present("currency");
}

fn name(spot: &Spot<'_>) -> Option<String> {
    let text = spot.text(1..=120)?;
    if text.trim().is_empty() { spot.refuse("Send a name that can be seen.") } else { Some(text.to_owned()) }
}

fn volume(spot: &Spot<'_>) -> Option<i64> {
    spot.integer(1..=MAX_VOLUME)
}

fn inboxes(spot: &Spot<'_>) -> Option<i64> {
    spot.integer(2..=3)
}

/// Google's share; `Some(None)` when both shares are null.
fn shares(fields: &Fields<'_>, google_sent: bool, microsoft_sent: bool) -> Option<Option<i64>> {
    let google = fields.optional(GOOGLE, |spot| spot.integer(0..=100));
    let microsoft = fields.optional(MICROSOFT, |spot| spot.integer(0..=100));
    match (google_sent, microsoft_sent) {
        (false, false) => return None,
        (true, false) => return fields.refuse(MICROSOFT, BOTH),
        (false, true) => return fields.refuse(GOOGLE, BOTH),
        (true, true) => {}
    }
    match (fields.given(GOOGLE), fields.given(MICROSOFT)) {
        (false, false) => return Some(None),
        (true, false) => return fields.refuse(MICROSOFT, BOTH),
        (false, true) => return fields.refuse(GOOGLE, BOTH),
        (true, true) => {}
    }
    let (google, microsoft) = (google?, microsoft?);
    if google + microsoft == 100 {
        return Some(Some(google));
    }
    fields
        .refuse(GOOGLE, format!("Send two shares that make 100; {google} and {microsoft} make {}.", google + microsoft))
}

const BOTH: &str = "Send both shares, or neither for the recommended split.";
