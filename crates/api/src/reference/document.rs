//! The description of the API as it is served, read back in the order in which it is written.

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::{Number, Value};

/// How many references are followed, one after another.
const PATIENCE: usize = 8;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Document {
    pub(super) info: Info,
    pub(super) tags: Vec<Tag>,
    pub(super) paths: IndexMap<String, Item>,
    pub(super) webhooks: IndexMap<String, Item>,
    pub(super) components: Components,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Info {
    pub(super) title: String,
    pub(super) version: String,
    pub(super) description: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Tag {
    pub(super) name: String,
    pub(super) description: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Item {
    pub(super) get: Option<Operation>,
    pub(super) put: Option<Operation>,
    pub(super) post: Option<Operation>,
    pub(super) patch: Option<Operation>,
    pub(super) delete: Option<Operation>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Operation {
    pub(super) tags: Vec<String>,
    pub(super) summary: String,
    pub(super) description: String,
    pub(super) operation_id: String,
    pub(super) parameters: Vec<Parameter>,
    pub(super) request_body: Option<RequestBody>,
    pub(super) responses: IndexMap<String, Answer>,
    /// Its own rule; an empty one needs no key.
    pub(super) security: Option<Vec<Value>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Parameter {
    #[serde(rename = "$ref")]
    pub(super) reference: Option<String>,
    pub(super) name: String,
    #[serde(rename = "in")]
    pub(super) place: String,
    pub(super) description: String,
    pub(super) required: bool,
    pub(super) schema: Schema,
    pub(super) example: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RequestBody {
    pub(super) description: String,
    pub(super) required: bool,
    pub(super) content: IndexMap<String, Media>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Media {
    pub(super) schema: Schema,
    pub(super) example: Option<Value>,
    pub(super) examples: IndexMap<String, Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Answer {
    pub(super) description: String,
    pub(super) headers: IndexMap<String, Value>,
    pub(super) content: IndexMap<String, Media>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Header {
    pub(super) description: String,
    pub(super) schema: Schema,
    pub(super) example: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Example {
    pub(super) value: Value,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Components {
    pub(super) schemas: IndexMap<String, Schema>,
    pub(super) parameters: IndexMap<String, Parameter>,
    pub(super) headers: IndexMap<String, Header>,
    pub(super) examples: IndexMap<String, Example>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Schema {
    #[serde(rename = "$ref")]
    pub(super) reference: Option<String>,
    #[serde(rename = "type")]
    pub(super) kinds: Kinds,
    pub(super) format: Option<String>,
    pub(super) description: String,
    #[serde(rename = "enum")]
    pub(super) values: Vec<Value>,
    pub(super) default: Option<Value>,
    pub(super) example: Option<Value>,
    pub(super) examples: Vec<Value>,
    pub(super) minimum: Option<Number>,
    pub(super) maximum: Option<Number>,
    pub(super) min_length: Option<u64>,
    pub(super) max_length: Option<u64>,
    pub(super) min_items: Option<u64>,
    pub(super) max_items: Option<u64>,
    pub(super) max_properties: Option<u64>,
    pub(super) pattern: Option<String>,
    pub(super) properties: IndexMap<String, Schema>,
    pub(super) required: Vec<String>,
    pub(super) items: Option<Box<Schema>>,
    pub(super) one_of: Vec<Schema>,
    pub(super) any_of: Vec<Schema>,
    pub(super) all_of: Vec<Schema>,
    pub(super) additional_properties: Option<Others>,
    pub(super) write_only: bool,
}

/// The type of a value: one, or several that it may have.
#[derive(Debug, Default, Deserialize)]
#[serde(untagged)]
pub(super) enum Kinds {
    #[default]
    Any,
    One(String),
    Several(Vec<String>),
}

impl Kinds {
    pub(super) fn names(&self) -> &[String] {
        match self {
            Self::Any => &[],
            Self::One(name) => std::slice::from_ref(name),
            Self::Several(names) => names,
        }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.names().iter().any(|one| one == name)
    }
}

/// What an object may hold beside its own fields.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Others {
    Allowed(bool),
    Like(Box<Schema>),
}

/// A call: its method, its path, and what is said of it.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    pub(super) method: &'static str,
    pub(super) path: &'a str,
    pub(super) operation: &'a Operation,
}

impl Item {
    pub(super) fn calls<'a>(&'a self, path: &'a str) -> impl Iterator<Item = Call<'a>> {
        let all = [
            ("GET", &self.get),
            ("POST", &self.post),
            ("PUT", &self.put),
            ("PATCH", &self.patch),
            ("DELETE", &self.delete),
        ];
        all.into_iter()
            .filter_map(move |(method, operation)| Some(Call { method, path, operation: operation.as_ref()? }))
    }
}

impl Operation {
    /// What is read where it is sent as JSON.
    pub(super) fn body(&self) -> Option<(&RequestBody, &Media)> {
        let body = self.request_body.as_ref()?;
        Some((body, body.content.get("application/json")?))
    }

    /// The first answer that is no refusal.
    pub(super) fn success(&self) -> Option<(&str, &Answer)> {
        self.responses
            .iter()
            .map(|(status, answer)| (status.as_str(), answer))
            .find(|(status, _)| status.starts_with('2'))
    }

    /// Whether anybody may make it.
    pub(super) fn is_open(&self) -> bool {
        self.security
            .as_ref()
            .is_some_and(|rules| rules.iter().all(|rule| rule.as_object().is_some_and(serde_json::Map::is_empty)))
    }
}

impl Document {
    pub(super) fn calls(&self) -> impl Iterator<Item = Call<'_>> {
        self.paths.iter().flat_map(|(path, item)| item.calls(path))
    }

    /// What a reference to a schema leads to, with the name it has there.
    pub(super) fn resolve<'a>(&'a self, schema: &'a Schema) -> (Option<&'a str>, &'a Schema) {
        let (mut name, mut found) = (None, schema);
        for _ in 0..PATIENCE {
            let Some(next) = found.reference.as_deref().map(last) else { break };
            let Some(target) = self.components.schemas.get(next) else { break };
            (name, found) = (Some(next), target);
        }
        (name, found)
    }

    pub(super) fn parameter<'a>(&'a self, parameter: &'a Parameter) -> &'a Parameter {
        let target = parameter.reference.as_deref().and_then(|to| self.components.parameters.get(last(to)));
        target.unwrap_or(parameter)
    }

    pub(super) fn example<'a>(&'a self, value: &'a Value) -> Option<&'a Value> {
        match value.get("$ref").and_then(Value::as_str) {
            Some(to) => self.components.examples.get(last(to)).map(|example| &example.value),
            None => value.get("value"),
        }
    }

    /// What an answer holds in its envelope, or itself: the name of an object.
    pub(super) fn held<'a>(&'a self, media: &'a Media) -> Option<&'a str> {
        let (_, envelope) = self.resolve(&media.schema);
        let data = envelope.properties.get("data")?;
        let (name, schema) = self.resolve(data);
        let inner = schema.items.as_deref().map_or(name, |items| self.resolve(items).0)?;
        let is_object = !self.components.schemas.get(inner)?.properties.is_empty();
        is_object.then_some(inner)
    }
}

/// The last part of a reference.
pub(super) fn last(reference: &str) -> &str {
    reference.rsplit('/').next().unwrap_or(reference)
}
