//! Which characters a label may have, and which are mistaken for others: IDNA2008 (RFC 5892) and what registries refuse
//! beyond it (ICANN's guidelines for the implementation of IDNs: one script in a label).

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};
use unicode_security::RestrictionLevel;
use unicode_security::restriction_level::RestrictionLevelDetection as _;

/// What is in the way of a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Odd {
    /// A character that no registry takes.
    Character(char),
    /// Letters of scripts that are not written together.
    Scripts,
}

/// The first thing that is in the way of a label in Unicode, after it was mapped (UTS 46).
pub(super) fn odd(label: &str) -> Option<Odd> {
    let letters: Vec<char> = label.chars().collect();
    let strange = (0..letters.len()).find(|at| !is_taken(&letters, *at));
    if let Some(at) = strange {
        return Some(Odd::Character(letters[at]));
    }
    let alike = label.check_restriction_level(RestrictionLevel::HighlyRestrictive);
    (!alike).then_some(Odd::Scripts)
}

/// RFC 5892: letters, digits and marks, its exceptions, and the characters that depend on their neighbours. Joiners are
/// looked at by the mapping.
fn is_taken(letters: &[char], at: usize) -> bool {
    use GeneralCategory as G;
    let letter = letters[at];
    let before = at.checked_sub(1).map(|at| letters[at]);
    let after = letters.get(at + 1).copied();
    match letter {
        '-' | '\u{200c}' | '\u{200d}' | '\u{6fd}' | '\u{6fe}' | '\u{f0b}' | '\u{3007}' => true,
        // Tatweel and other lengtheners, tone marks, and the Jamo that syllables are made of.
        '\u{640}' | '\u{7fa}' | '\u{302e}' | '\u{302f}' | '\u{3031}'..='\u{3035}' | '\u{303b}' => false,
        '\u{1100}'..='\u{11ff}' | '\u{a960}'..='\u{a97f}' | '\u{d7b0}'..='\u{d7ff}' => false,
        '\u{b7}' => (before, after) == (Some('l'), Some('l')),
        '\u{375}' => after.is_some_and(|after| ('\u{370}'..='\u{3ff}').contains(&after)),
        '\u{5f3}' | '\u{5f4}' => before.is_some_and(|before| ('\u{5d0}'..='\u{5ea}').contains(&before)),
        '\u{30fb}' => letters.iter().any(|one| is_japanese(*one)),
        '\u{660}'..='\u{669}' => !letters.iter().any(|one| ('\u{6f0}'..='\u{6f9}').contains(one)),
        _ => {
            matches!(
                letter.general_category(),
                G::LowercaseLetter
                    | G::OtherLetter
                    | G::ModifierLetter
                    | G::NonspacingMark
                    | G::SpacingMark
                    | G::DecimalNumber
            ) && !('\u{2b0}'..='\u{2ff}').contains(&letter)
        }
    }
}

fn is_japanese(letter: char) -> bool {
    matches!(letter, '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}' | '\u{3005}' | '\u{4e00}'..='\u{9fff}')
}

/// What somebody probably meant who typed characters that look like others: the dash, and the Latin letter.
pub(super) fn plain(text: &str) -> String {
    text.chars().filter_map(plain_letter).collect()
}

fn plain_letter(letter: char) -> Option<char> {
    Some(match letter {
        '\u{2010}'..='\u{2015}' | '\u{2043}' | '\u{2212}' | '\u{2d7}' | '\u{ad}' | '\u{fe58}' | '\u{fe63}' => '-',
        '\'' | '\u{2018}' | '\u{2019}' | '\u{2bc}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' => return None,
        'а' | 'α' => 'a',
        'с' => 'c',
        'ԁ' => 'd',
        'е' => 'e',
        'һ' => 'h',
        'і' | 'ι' => 'i',
        'ј' => 'j',
        'ӏ' => 'l',
        'о' | 'ο' => 'o',
        'р' | 'ρ' => 'p',
        'ѕ' => 's',
        'υ' => 'u',
        'ν' => 'v',
        'ԝ' => 'w',
        'х' => 'x',
        'у' => 'y',
        other => other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_taken() {
        for label in
            ["acme-mail", "bücher", "привет-мир", "हिन्दी", "東京タワー", "l·l", "λόγος", "שלום", "مرحبا", "ß", "0x"]
        {
            assert_eq!(odd(label), None, "{label}");
        }
    }

    #[test]
    fn what_no_registry_takes_is_named() {
        for letter in "\u{2010}\u{2011}\u{2012}\u{2013}\u{2014}\u{2212}\u{2019}\u{2d7}😀♥½™_\u{640}\u{b7}".chars()
        {
            assert_eq!(odd(&format!("a{letter}b")), Some(Odd::Character(letter)), "{letter:?}");
        }
        // Cyrillic and Latin, Greek and Latin, Hebrew and Arabic.
        for label in ["аcme", "αlpha", "שم"] {
            assert_eq!(odd(label), Some(Odd::Scripts), "{label}");
        }
    }

    #[test]
    fn what_was_meant_is_plain() {
        assert_eq!(plain("acme\u{2011}mail"), "acme-mail");
        assert_eq!(plain("аcmе"), "acme");
        assert_eq!(plain("bob\u{2019}s"), "bobs");
    }
}
