//! Lists: filters, pages and the links between them.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequestParts, OriginalUri};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use model::clock::Time;
use model::refusal::{Fault, Refusal};
use model::shown::is_hidden;
use model::world::Scope;
use serde::Serialize;
use store::{Page, Vault};
use url::form_urlencoded;
use utoipa::{IntoParams, ToSchema};

use crate::problem::Problem;
use crate::query::{Stranger, Strangers};
use crate::state::App;

mod token;

const PER_PAGE: i64 = 25;
const MOST_PER_PAGE: i64 = 100;

/// Which part of a list to show.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes what `Listing` reads")]
pub(crate) struct Paging {
    /// How many rows at most.
    #[param(minimum = 1, maximum = 100, default = 25, example = 25)]
    per_page: Option<i64>,
    /// From `links.next` of the page before; opaque, and good only for the same list and filters.
    #[param(min_length = 1, max_length = 500, pattern = "^[A-Za-z0-9_-]+$", example = "N2Y0YzhlYmRfMDFKVFo4QTFCMkMz")]
    page_token: Option<String>,
}

/// The envelope of a list, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct List<T> {
    /// The rows.
    data: Vec<T>,
    /// Where to go on.
    links: Links,
    /// What this page is.
    meta: Meta,
}

/// Where to go on. The filters are kept.
#[derive(Serialize, ToSchema)]
pub(crate) struct Links {
    /// The first page.
    #[schema(format = "uri", example = "http://localhost:8080/partner/v1/orders?per_page=25")]
    first: String,
    /// The next page; null on the last one.
    #[schema(required, format = "uri", example = "http://localhost:8080/partner/v1/orders?page_token=N2Y0YzhlYmQ")]
    next: Option<String>,
}

/// What this page is.
#[derive(Serialize, ToSchema)]
pub(crate) struct Meta {
    /// The list's address without its query.
    #[schema(format = "uri", example = "http://localhost:8080/partner/v1/orders")]
    path: String,
    /// How many rows a page has at most.
    #[schema(minimum = 1, maximum = 100, example = 25)]
    per_page: i64,
    /// How many rows this one has.
    #[schema(minimum = 0, maximum = 100, example = 25)]
    returned: usize,
    /// Query parameters that this list does not know, when there are any: it is shown as if they had not been sent.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false, max_items = 20, example = json!(["limit"]))]
    ignored: Vec<String>,
    /// For those of them that are near a known one: which was probably meant.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(required = false, example = json!({ "limit": "per_page" }))]
    did_you_mean: BTreeMap<String, String>,
}

/// The query of a list while its filters are read.
pub(crate) struct Listing {
    path: String,
    sent: Vec<(String, String)>,
    kept: Vec<(&'static str, String)>,
    faults: Vec<Fault>,
    strangers: Arc<[Stranger]>,
}

impl FromRequestParts<Arc<App>> for Listing {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |original| &original.0);
        let sent = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
        let path = format!("{}{}", app.settings.public_url.trim_end_matches('/'), uri.path());
        let strangers = parts.extensions.get::<Strangers>().map(|found| found.0.clone()).unwrap_or_default();
        Ok(Self { path, sent, kept: vec![], faults: vec![], strangers })
    }
}

impl Listing {
    /// A filter that was sent, read by `parse`, which says what to send instead of a wrong value.
    pub(crate) fn filter<T>(&mut self, name: &'static str, parse: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        let value = self.value(name)?;
        let parsed = if value.contains(is_hidden) {
            Err("Send a text without control characters and without marks of writing direction.".to_owned())
        } else {
            parse(&value)
        };
        match parsed {
            Ok(read) => {
                self.kept.push((name, value));
                Some(read)
            }
            Err(message) => {
                self.faults.push(Fault::invalid(name, message));
                None
            }
        }
    }

    fn value(&self, name: &str) -> Option<String> {
        self.sent.iter().rev().find(|(sent, _)| sent == name).map(|(_, value)| value.clone())
    }

    /// The page that was asked for, once every filter is read.
    pub(crate) fn page(mut self, vault: &Vault, scope: &Scope, list: &'static str) -> Result<Asked, Refusal> {
        let binding = token::binding(list, scope, &self.kept);
        let per_page = self.filter("per_page", per_page);
        let below = self.value("page_token").map(|token| token::open(vault, &binding, &token));
        if below == Some(None) {
            let message =
                "This is not a page token of this list with these filters. Follow links.next, or leave it out.";
            self.faults.push(Fault::invalid("page_token", message));
        }
        Refusal::unless_empty(self.faults)?;
        let per_page = per_page.unwrap_or(PER_PAGE);
        Ok(Asked {
            path: self.path,
            kept: self.kept,
            per_page,
            // One more than is shown tells whether there is a next page.
            page: Page { below: below.flatten(), limit: per_page + 1 },
            binding,
            strangers: self.strangers,
        })
    }
}

/// A page that was asked for.
pub(crate) struct Asked {
    path: String,
    kept: Vec<(&'static str, String)>,
    per_page: i64,
    /// What to read from the store.
    pub(crate) page: Page,
    binding: String,
    strangers: Arc<[Stranger]>,
}

impl Asked {
    /// The answer with these rows, which came by `page`.
    pub(crate) fn answer<R, V: Serialize>(
        self,
        vault: &Vault,
        mut rows: Vec<R>,
        id: impl Fn(&R) -> &str,
        view: impl Fn(&R) -> V,
    ) -> Response {
        let shown = usize::try_from(self.per_page).unwrap_or(0);
        let more = rows.len() > shown;
        rows.truncate(shown);
        let token = rows.last().filter(|_| more).map(|last| token::seal(vault, &self.binding, id(last)));
        let links = Links { first: self.link(None), next: token.map(|token| self.link(Some(&token))) };
        let meta = self.meta(rows.len());
        Json(List { data: rows.iter().map(view).collect(), links, meta }).into_response()
    }

    fn meta(self, returned: usize) -> Meta {
        let meant = self.strangers.iter().filter_map(|one| Some((one.name.clone(), one.meant.clone()?)));
        Meta {
            did_you_mean: meant.collect(),
            ignored: self.strangers.iter().map(|one| one.name.clone()).collect(),
            path: self.path,
            per_page: self.per_page,
            returned,
        }
    }

    fn link(&self, token: Option<&str>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.kept.iter().map(|(name, value)| (*name, value.as_str())));
        query.extend_pairs(token.map(|token| ("page_token", token)));
        let query = query.finish();
        if query.is_empty() { self.path.clone() } else { format!("{}?{query}", self.path) }
    }
}

fn per_page(text: &str) -> Result<i64, String> {
    let number = text.parse().ok().filter(|number| (1..=MOST_PER_PAGE).contains(number));
    number.ok_or_else(|| format!("Send a whole number from 1 to {MOST_PER_PAGE}."))
}

/// A filter that takes any text but an empty one.
pub(crate) fn any_text(text: &str) -> Result<String, String> {
    if text.is_empty() { Err("Send a value, or leave the filter out.".into()) } else { Ok(text.to_owned()) }
}

/// A filter that takes a time.
pub(crate) fn time(text: &str) -> Result<Time, String> {
    Time::parse(text).ok_or_else(|| "Send a time such as 2026-05-08T12:00:00Z.".into())
}

/// A filter that takes one of a set of names.
pub(crate) fn one_of<T>(names: &[&str], parse: impl Fn(&str) -> Option<T>) -> impl Fn(&str) -> Result<T, String> {
    move |text| parse(text).ok_or_else(|| format!("Send one of: {}.", names.join(", ")))
}
