//! Whom names are registered for.

mod countries;

use std::fmt;

/// A contact as registrars want it (RFC 5733). It is printed nowhere: a person's address is nobody's business.
#[derive(Clone, PartialEq, Eq)]
pub struct Registrant {
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// The organisation, where it is one.
    pub organization: Option<String>,
    /// E-mail address, which registries may ask to be confirmed.
    pub email: String,
    /// Telephone number as `+<country>.<number>`, such as `+1.2125550100`.
    pub phone: String,
    /// Street and number.
    pub street: String,
    /// City.
    pub city: String,
    /// State or province, where the country has them.
    pub state: Option<String>,
    /// Postal code.
    pub postal_code: String,
    /// Country, two capital letters (ISO 3166-1).
    pub country: String,
}

impl fmt::Debug for Registrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Registrant")
    }
}

impl Registrant {
    /// What is wrong with it, each as a field and a sentence that says what to write.
    #[must_use]
    pub fn problems(&self) -> Vec<(&'static str, &'static str)> {
        let filled = [
            ("first_name", &self.first_name),
            ("last_name", &self.last_name),
            ("street", &self.street),
            ("city", &self.city),
            ("postal_code", &self.postal_code),
        ];
        let empty = filled.into_iter().filter(|(_, value)| value.trim().is_empty());
        let mut problems: Vec<_> = empty.map(|(field, _)| (field, "is empty; registries want it")).collect();
        if !is_address(&self.email) {
            problems.push(("email", "is not an e-mail address"));
        }
        if !is_phone(&self.phone) {
            problems.push(("phone", "is not a telephone number; write it as +1.2125550100"));
        }
        if !countries::is_country(&self.country) {
            problems.push(("country", "is not a country; write its two capital letters, such as US"));
        }
        problems
    }
}

fn is_address(text: &str) -> bool {
    text.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.') && !host.ends_with('.'))
        && !text.contains(char::is_whitespace)
}

/// As in RFC 5733, section 2.5.
fn is_phone(text: &str) -> bool {
    let Some((country, number)) = text.strip_prefix('+').and_then(|rest| rest.split_once('.')) else { return false };
    let digits = |part: &str, most| (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    digits(country, 3) && digits(number, 14)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registrant() -> Registrant {
        Registrant {
            first_name: "Alex".into(),
            last_name: "Rivera".into(),
            organization: None,
            email: "alex@acme.example".into(),
            phone: "+1.2125550100".into(),
            street: "1 Main Street".into(),
            city: "New York".into(),
            state: Some("NY".into()),
            postal_code: "10001".into(),
            country: "US".into(),
        }
    }

    #[test]
    fn what_registries_refuse_is_found_before_they_are_asked() {
        assert_eq!(registrant().problems(), []);
        let wrong = Registrant {
            first_name: " ".into(),
            email: "alex at acme".into(),
            phone: "212 555 0100".into(),
            country: "usa".into(),
            ..registrant()
        };
        let fields: Vec<_> = wrong.problems().into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["first_name", "email", "phone", "country"]);
        let nowhere = Registrant { country: "ZZ".into(), ..registrant() };
        assert_eq!(nowhere.problems()[0].0, "country");
    }

    #[test]
    fn a_person_is_not_printed() {
        assert_eq!(format!("{:?}", registrant()), "Registrant");
    }
}
