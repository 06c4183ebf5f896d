//! The two ways in which a body says how big an order is.

use model::id::{BundleId, Id};
use model::refusal::{Code, Fault};

use crate::body::Fields;

/// The most licences of one kind.
const MOST_LICENSES: i64 = 100_000;

/// The fields of a body that say the size: the bundle, or the rest.
pub(super) struct SizeFields {
    pub(super) bundle_id: Option<BundleId>,
    pub(super) google_licenses: Option<i64>,
    pub(super) microsoft_licenses: Option<i64>,
    pub(super) google_inboxes_per_domain: Option<i64>,
}

const BUNDLE: &str = "bundle_id";
const GOOGLE: &str = "google_licenses";
const MICROSOFT: &str = "microsoft_licenses";
const INBOXES: &str = "google_inboxes_per_domain";

/// Reads the size; exactly one form may be there.
pub(super) fn read(fields: &Fields<'_>) -> Option<SizeFields> {
    let bundle_id = fields.optional(BUNDLE, |spot| spot.text(1..=64).map(BundleId::opaque));
    let google_licenses = fields.optional(GOOGLE, |spot| spot.integer(0..=MOST_LICENSES));
    let microsoft_licenses = fields.optional(MICROSOFT, |spot| spot.integer(0..=MOST_LICENSES));
    let google_inboxes_per_domain = fields.optional(INBOXES, |spot| spot.integer(2..=3));
    let licenses = fields.given(GOOGLE) | fields.given(MICROSOFT);
    match (fields.given(BUNDLE), licenses, fields.given(INBOXES)) {
        (true, true, _) => return conflict(fields, "Send bundle_id or licence counts, not both."),
        (true, false, true) => {
            return conflict(
                fields,
                "Send google_inboxes_per_domain only with licence counts; the bundle has its own.",
            );
        }
        (false, false, _) => {
            return conflict(fields, "Send the size: bundle_id, or google_licenses and microsoft_licenses.");
        }
        (true, false, false) | (false, true, _) => {}
    }
    let unread = |name: &'static str, read: bool| fields.given(name) && !read;
    if unread(BUNDLE, bundle_id.is_some())
        || unread(GOOGLE, google_licenses.is_some())
        || unread(MICROSOFT, microsoft_licenses.is_some())
        || unread(INBOXES, google_inboxes_per_domain.is_some())
    {
        return None;
    }
    if licenses && google_licenses.unwrap_or(0) + microsoft_licenses.unwrap_or(0) == 0 {
        return fields.refuse(GOOGLE, "Send at least one licence in all.");
    }
    Some(SizeFields { bundle_id, google_licenses, microsoft_licenses, google_inboxes_per_domain })
}

fn conflict<T>(fields: &Fields<'_>, message: &str) -> Option<T> {
    fields.fault(Fault::new(Code::OrderShapeConflict, message).at(BUNDLE))
}
