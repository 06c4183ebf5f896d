//! A table as one declaration: its columns, what is inserted, what an update changes and how a row is read follow.

use model::action::Action;
use model::bundle::Bundle;
use model::delivery::{Delivery, Endpoint};
use model::dns::HostedZone;
use model::domain::Domain;
use model::event::Event;
use model::evidence::Evidence;
use model::forwarding::Forwarding;
use model::idempotency::Remembered;
use model::import::{Import, ImportRow};
use model::inbox::Inbox;
use model::intent::Intent;
use model::ledger::Line;
use model::notice::{Message, Notice};
use model::order::Order;
use model::partner::{ApiKey, Partner};
use model::pause::Pause;
use model::quote::Quote;
use model::run::Run;
use model::swap::Swap;
use model::task::Task;
use model::user::User;

use crate::record::Record;

/// Declares the table of a thing, a column a line:
///
/// - `name: Kind` is the field of that name; `column from field: Kind` another one.
/// - `column: Kind = value` is worked out of the thing, which `as` gives a name; `read` says what becomes of it.
/// - `written column: Kind = value` is never read back: only statements need it.
///
/// What is `fixed` is inserted, `id` first; what is `changing` is updated too, and guarded by a `version` after it. See
/// [`crate::column`] for the kinds. A row is read into a struct literal, so that a field without a column does not compile.
macro_rules! table {
    ($record:ident in $($rest:tt)*) => { table! { $record as (it, _vault) in $($rest)* } };
    ($record:ident as $it:ident in $($rest:tt)*) => { table! { $record as ($it, _vault) in $($rest)* } };
    ($record:ident as ($it:ident, $vault:ident) in $table:literal
        fixed { $($fixed:tt)* } $(changing { $($changing:tt)* })? $(read { $($read:tt)* })?) => {
        table! {
            @line ($it cells $vault $record $table) ([] [] [] [] [$($($read)*)?])
            $($fixed)* ; $($($changing)* version: i64,)?
        }
    };

    // One line after the other becomes the column's name, its value, how it is read, and the field that it is read into.
    (@line ($it:ident $cells:ident $($of:tt)*) $made:tt written $column:ident: $kind:ty = $value:expr, $($rest:tt)*) => {
        table! {
            @add ($it $cells $($of)*) $made
            ($column) (<$kind as Column<_>>::value(&$value)) ($cells.skip();) () $($rest)*
        }
    };
    (@line ($it:ident $cells:ident $($of:tt)*) $made:tt $column:ident: $kind:ty = $value:expr, $($rest:tt)*) => {
        table! {
            @add ($it $cells $($of)*) $made
            ($column) (<$kind as Column<_>>::value(&$value)) (let $column = <$kind as Column<_>>::take($cells)?;) ()
            $($rest)*
        }
    };
    (@line ($it:ident $cells:ident $($of:tt)*) $made:tt $column:ident: $kind:ty, $($rest:tt)*) => {
        table! {
            @add ($it $cells $($of)*) $made
            ($column) (<$kind as Column<_>>::value(&$it.$column)) (let $column = <$kind as Column<_>>::take($cells)?;)
            ($column,) $($rest)*
        }
    };
    (@line ($it:ident $cells:ident $($of:tt)*) $made:tt $column:ident from $field:ident: $kind:ty, $($rest:tt)*) => {
        table! {
            @add ($it $cells $($of)*) $made
            ($column) (<$kind as Column<_>>::value(&$it.$field)) (let $column = <$kind as Column<_>>::take($cells)?;)
            ($field: $column,) $($rest)*
        }
    };
    // The names so far are those of what is fixed.
    (@line $of:tt ($names:tt [] $($made:tt)*) ; $($rest:tt)*) => {
        table! { @line $of ($names $names $($made)*) $($rest)* }
    };

    (@add $of:tt ([$($names:tt)*] $fixed:tt [$($values:tt)*] [$($reads:tt)*] [$($fields:tt)*])
        ($column:ident) ($($value:tt)*) ($($read:tt)*) ($($field:tt)*) $($rest:tt)*) => {
        table! {
            @line $of ([$($names)* stringify!($column),] $fixed [$($values)* $($value)*,] [$($reads)* $($read)*]
                [$($field)* $($fields)*])
            $($rest)*
        }
    };

    (@line ($it:ident $cells:ident $vault:ident $record:ident $table:literal)
        ([$($names:tt)*] [$($fixed:tt)*] [$($values:tt)*] [$($reads:tt)*] [$($fields:tt)*])) => {
        impl $crate::record::Record for $record {
            const TABLE: &'static str = $table;
            const COLUMNS: &'static [&'static str] = &[$($names)*];
            const FIXED: usize = [$($fixed)*].len();

            fn values(&self, $vault: &$crate::seal::Vault) -> Vec<$crate::db::Value> {
                use $crate::column::Column;
                let $it = self;
                vec![$($values)*]
            }

            fn read($cells: &mut $crate::db::Cells<'_>) -> Result<Self, $crate::error::StoreError> {
                use $crate::column::Column;
                $($reads)*
                Ok(Self { $($fields)* })
            }
        }
    };
}
pub(crate) use table;

/// A table as it is declared: for the tests that compare all of them with the schema and with what comes back.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// Its columns, those that never change first.
    pub columns: &'static [&'static str],
    /// How many of them never change.
    pub fixed: usize,
}

const fn of<R: Record>() -> Table {
    Table { name: R::TABLE, columns: R::COLUMNS, fixed: R::FIXED }
}

/// Every table that is declared.
pub const TABLES: &[Table] = &[
    of::<Partner>(),
    of::<ApiKey>(),
    of::<Endpoint>(),
    of::<User>(),
    of::<Bundle>(),
    of::<Quote>(),
    of::<Order>(),
    of::<Domain>(),
    of::<Inbox>(),
    of::<Action>(),
    of::<Run>(),
    of::<Evidence>(),
    of::<Swap>(),
    of::<Import>(),
    of::<ImportRow>(),
    of::<Forwarding>(),
    of::<Line>(),
    of::<Event>(),
    of::<Delivery>(),
    of::<Task>(),
    of::<Remembered>(),
    of::<Notice>(),
    of::<Message>(),
    of::<Intent>(),
    of::<Pause>(),
    of::<HostedZone>(),
];
