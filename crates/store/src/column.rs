//! How a value stands in a column: what a line of a `table!` says after the colon.
//!
//! `String`, `i64` and the like stand for themselves, and an `Option` of any of them for a column that may be NULL.
//! [`Key`], [`Name`], [`Known`] and [`Json`] stand for whatever the field is.

use model::clock::Time;
use model::domain::DomainName;
use model::id::Id;
use model::named::Named;
use model::trace::TraceParent;
use model::world::World;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::db::{Cells, Value};
use crate::error::StoreError;
use crate::row::Cell;

/// A kind of column that holds `T`s.
pub(crate) trait Column<T> {
    /// What the database keeps.
    type Raw: Raw;

    /// The value as it is kept.
    fn encode(value: &T) -> Self::Raw;
    /// The value again, or what is wrong with it.
    fn decode(raw: Self::Raw) -> Result<T, String>;

    /// The value on its way into a statement.
    fn value(value: &T) -> Value {
        Self::encode(value).into_value()
    }

    /// The value of a row's next column.
    fn take(cells: &mut Cells<'_>) -> Result<T, StoreError> {
        let raw = cells.take()?;
        Self::decode(raw).map_err(|what| cells.broken(what))
    }
}

/// What both databases share: text and whole numbers.
pub(crate) trait Raw: Sized {
    /// None of it.
    const NULL: Value;
    /// The value that a column holds; `None` when it holds something else.
    fn of(cell: &Cell) -> Option<Self>;
    /// The value on its way into a statement.
    fn into_value(self) -> Value;
}

impl Raw for String {
    const NULL: Value = Value::Text(None);
    fn of(cell: &Cell) -> Option<Self> {
        match cell {
            Cell::Text(text) => Some(text.clone()),
            _ => None,
        }
    }
    fn into_value(self) -> Value {
        Value::Text(Some(self))
    }
}

impl Raw for i64 {
    const NULL: Value = Value::Int(None);
    fn of(cell: &Cell) -> Option<Self> {
        match cell {
            Cell::Int(number) => Some(*number),
            _ => None,
        }
    }
    fn into_value(self) -> Value {
        Value::Int(Some(self))
    }
}

impl<R: Raw> Raw for Option<R> {
    const NULL: Value = R::NULL;
    fn of(cell: &Cell) -> Option<Self> {
        match cell {
            Cell::Null => Some(None),
            other => R::of(other).map(Some),
        }
    }
    fn into_value(self) -> Value {
        self.map_or(R::NULL, R::into_value)
    }
}

impl<T, K: Column<T>> Column<Option<T>> for Option<K> {
    type Raw = Option<K::Raw>;
    fn encode(value: &Option<T>) -> Self::Raw {
        value.as_ref().map(K::encode)
    }
    fn decode(raw: Self::Raw) -> Result<Option<T>, String> {
        raw.map(K::decode).transpose()
    }
}

/// Types that are kinds of columns themselves.
macro_rules! stand_for_themselves {
    ($($type:ty as $raw:ty: $value:ident => $encoded:expr, $kept:ident => $decoded:expr;)*) => {
        $(impl Column<Self> for $type {
            type Raw = $raw;
            fn encode($value: &Self) -> $raw { $encoded }
            fn decode($kept: $raw) -> Result<Self, String> { $decoded }
        })*
    };
}

stand_for_themselves! {
    String as Self: text => text.clone(), raw => Ok(raw);
    i64 as Self: number => *number, raw => Ok(raw);
    bool as i64: flag => Self::into(*flag), raw => Ok(raw != 0);
    i8 as i64: number => Self::into(*number), raw => Self::try_from(raw).map_err(|_| format!("number {raw}"));
    u16 as i64: number => Self::into(*number), raw => Self::try_from(raw).map_err(|_| format!("number {raw}"));
    Time as i64: time => time.0, raw => Ok(Self(raw));
    World as String: world => world.as_str().to_owned(), raw => Ok(Self::stored(raw));
    TraceParent as String: parent => parent.to_string(), raw => raw.parse().map_err(|_| format!("trace {raw:?}"));
    DomainName as String: name => name.as_str().to_owned(), raw => Ok(Self::stored(raw));
}

/// An id of any kind.
pub(crate) struct Key;

impl<I: Id> Column<I> for Key {
    type Raw = String;
    fn encode(id: &I) -> String {
        id.as_str().to_owned()
    }
    fn decode(raw: String) -> Result<I, String> {
        Ok(I::opaque(raw))
    }
}

/// One of a set of names.
pub(crate) struct Name;

impl<T: Named> Column<T> for Name {
    type Raw = String;
    fn encode(value: &T) -> String {
        value.name().to_owned()
    }
    fn decode(raw: String) -> Result<T, String> {
        T::named(&raw).ok_or_else(|| format!("unknown name {raw:?}"))
    }
}

/// One of a set of names, or NULL; a name that we do not know reads as NULL.
pub(crate) struct Known;

impl<T: Named> Column<Option<T>> for Known {
    type Raw = Option<String>;
    fn encode(value: &Option<T>) -> Option<String> {
        value.map(|value| value.name().to_owned())
    }
    fn decode(raw: Option<String>) -> Result<Option<T>, String> {
        Ok(raw.as_deref().and_then(T::named))
    }
}

/// Anything that serde writes and reads, as JSON text.
pub(crate) struct Json;

impl<T: Serialize + DeserializeOwned> Column<T> for Json {
    type Raw = String;
    fn encode(value: &T) -> String {
        serde_json::to_string(value).unwrap_or_else(|_| "null".into())
    }
    fn decode(raw: String) -> Result<T, String> {
        serde_json::from_str(&raw).map_err(|error| format!("JSON: {error}"))
    }
}
