//! The few words that differ between the two databases.

/// The few words that differ between the two databases.
pub(super) struct Words {
    pub(super) sqlite: bool,
}

impl Words {
    pub(super) fn series(&self, from: i64, to: i64) -> String {
        let last = to - 1;
        if self.sqlite {
            format!(
                "(WITH RECURSIVE s(i) AS (SELECT {from} UNION ALL SELECT i + 1 FROM s WHERE i < {last}) SELECT i FROM s) AS n"
            )
        } else {
            format!("(SELECT i FROM generate_series(CAST({from} AS BIGINT), {last}) AS s(i)) AS n")
        }
    }

    /// The id of the row with that number.
    pub(super) fn id(&self, prefix: &str, number: &str) -> String {
        if self.sqlite {
            format!("'{prefix}_' || printf('0%07d000000000000000000', {number})")
        } else {
            format!("'{prefix}_0' || lpad(({number})::text, 7, '0') || '000000000000000000'")
        }
    }

    /// One of several words, by the row's number.
    pub(super) fn one_of(&self, words: &[&str], number: &str) -> String {
        let cases: Vec<_> = words.iter().enumerate().map(|(n, word)| format!("WHEN {n} THEN '{word}'")).collect();
        format!("CASE ({number}) % {} {} END", words.len(), cases.join(" "))
    }
}
