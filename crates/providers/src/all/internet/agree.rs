//! What several servers say together.

use hickory_proto::rr::Name;

use super::heard::Heard;

/// What they say together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Agreed {
    /// Values that each of them gives.
    Values(Vec<String>),
    /// The name stands for another one.
    Alias(Name),
    /// All of them have nothing.
    Nothing,
    /// Nobody can say, and why.
    Unsure(&'static str),
}

/// What they say together. One that keeps silent takes nothing away from what the others give, because whoever asks goes on
/// to the next one; but that something is missing is not said before each of them has said so.
pub(super) fn agreed(heard: &[Heard]) -> Agreed {
    let said: Vec<_> = heard.iter().filter(|one| !matches!(one, Heard::Silent(_))).collect();
    let Some((first, rest)) = said.split_first() else { return Agreed::Unsure("none of its servers answers") };
    let is_whole = said.len() == heard.len();
    match first {
        Heard::Nothing if rest.iter().any(|one| one != first) => Agreed::Unsure("its servers contradict each other"),
        Heard::Nothing if is_whole => Agreed::Nothing,
        Heard::Nothing => Agreed::Unsure("some of its servers do not answer"),
        Heard::Alias(target) if rest.iter().all(|one| one == first) => Agreed::Alias(target.clone()),
        Heard::Values(values) => shared(values, rest),
        _ => Agreed::Unsure("its servers contradict each other"),
    }
}

fn shared(values: &[String], others: &[&Heard]) -> Agreed {
    let gives = |other: &&Heard, value| matches!(other, Heard::Values(values) if values.contains(value));
    let shared = values.iter().filter(|value| others.iter().all(|other| gives(other, value)));
    match shared.cloned().collect::<Vec<_>>() {
        shared if shared.is_empty() => Agreed::Unsure("its servers contradict each other"),
        shared => Agreed::Values(shared),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::values::name;

    fn values(values: &[&str]) -> Heard {
        Heard::Values(values.iter().map(|value| (*value).to_owned()).collect())
    }

    #[test]
    fn values_are_those_that_everybody_gives() {
        let both = Agreed::Values(vec!["a".into(), "b".into()]);
        let one = Agreed::Values(vec!["a".into()]);
        let (silent, ab) = (Heard::Silent("it has failed"), values(&["a", "b"]));
        assert_eq!(agreed(&[ab.clone(), values(&["b", "a"])]), both);
        assert_eq!(agreed(&[ab.clone(), values(&["a", "c"])]), one);
        assert_eq!(agreed(&[silent, ab]), both, "who asks goes on to the next");
    }

    #[test]
    fn nothing_is_said_only_by_all() {
        let (nothing, silent) = (Heard::Nothing, Heard::Silent("it has failed"));
        assert_eq!(agreed(&[nothing.clone(), nothing.clone()]), Agreed::Nothing);
        for heard in [
            vec![],
            vec![silent.clone()],
            vec![nothing.clone(), silent.clone()],
            vec![silent, nothing.clone()],
            vec![nothing.clone(), values(&["a"])],
            vec![values(&["a"]), nothing],
            vec![values(&["a"]), values(&["b"])],
        ] {
            assert!(matches!(agreed(&heard), Agreed::Unsure(_)), "{heard:?}");
        }
    }

    #[test]
    fn an_alias_is_one_when_all_who_answer_say_so() {
        let alias = |target| Heard::Alias(name(target).unwrap());
        assert_eq!(agreed(&[alias("b.example"), alias("B.example")]), Agreed::Alias(name("b.example").unwrap()));
        assert!(matches!(agreed(&[alias("b.example"), alias("c.example")]), Agreed::Unsure(_)));
        assert!(matches!(agreed(&[alias("b.example"), values(&["a"])]), Agreed::Unsure(_)));
    }
}
