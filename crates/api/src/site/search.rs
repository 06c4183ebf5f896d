//! Looking for words in the pages.

use maud::{Markup, html};

use super::Findable;

/// The most letters of a query that are looked at.
pub(crate) const LONGEST: usize = 100;
/// The most words of it.
const MOST_WORDS: usize = 8;
/// The most places that are shown.
const MOST_SHOWN: usize = 30;
/// How much of a text is shown around the first word that was found, in letters.
const AROUND: usize = 110;

/// All that can be found.
#[derive(Default)]
pub(crate) struct Index {
    places: Vec<Place>,
}

struct Place {
    address: String,
    page: String,
    heading: String,
    text: String,
    /// The same in small letters, to compare with.
    low: [String; 3],
}

/// Small letters, each letter still one, so that places in both are the same.
fn low(text: &str) -> String {
    text.chars().map(|letter| letter.to_lowercase().next().unwrap_or(letter)).collect()
}

impl Index {
    /// Adds what can be found in a page.
    pub(crate) fn add(&mut self, page: &str, findable: &[Findable]) {
        self.places.extend(findable.iter().map(|one| Place {
            address: one.address.clone(),
            page: page.to_owned(),
            heading: one.heading.clone(),
            text: one.text.split_whitespace().collect::<Vec<_>>().join(" "),
            low: [low(page), low(&one.heading), low(&one.text.split_whitespace().collect::<Vec<_>>().join(" "))],
        }));
    }

    /// The places that have all the words, best first.
    fn find(&self, words: &[String]) -> Vec<&Place> {
        let mut found: Vec<_> = self.places.iter().filter_map(|place| Some((worth(place, words)?, place))).collect();
        found.sort_by_key(|(worth, _)| std::cmp::Reverse(*worth));
        found.into_iter().map(|(_, place)| place).collect()
    }

    /// What a query finds, as the inside of a page.
    pub(crate) fn show(&self, query: &str) -> Markup {
        let words = words(query);
        let found = if words.is_empty() { vec![] } else { self.find(&words) };
        html! {
            h1 { "Search" }
            form.search.large role="search" aria-label="This search" action="/guides/search" method="get" {
                label for="wanted" { "Words to look for in guides and reference" }
                div.row {
                    input #wanted type="search" name="q" value=(shortened(query)) maxlength=(LONGEST) autocomplete="off";
                    button type="submit" { "Search" }
                }
            }
            @if words.is_empty() {
                p.quiet { "Type a word: the name of a call, a field, an error code, or what you want to do." }
            } @else {
                p.quiet role="status" { (count(found.len())) " for “" (words.join(" ")) "”" }
                ol.found {
                    @for place in found.iter().take(MOST_SHOWN) {
                        li {
                            a href=(place.address) { (marked(&place.heading, &place.low[1], &words)) }
                            @if place.page != place.heading { span.quiet { " in " (place.page) } }
                            @let part = excerpt(place, &words);
                            @if !part.is_empty() { p { (marked(&part, &low(&part), &words)) } }
                        }
                    }
                }
                @if found.is_empty() {
                    p { "Try fewer words, or look through the " a href="/guides" { "guides" } " and the " a href="/docs" { "API reference" } "." }
                }
            }
        }
    }
}

fn count(found: usize) -> String {
    match found {
        0 => "Nothing".to_owned(),
        1 => "1 place".to_owned(),
        n if n > MOST_SHOWN => format!("The first {MOST_SHOWN} of {n} places"),
        n => format!("{n} places"),
    }
}

fn shortened(query: &str) -> String {
    query.chars().take(LONGEST).collect()
}

fn words(query: &str) -> Vec<String> {
    let query = low(&shortened(query));
    let mut words: Vec<_> = query.split_whitespace().map(ToOwned::to_owned).collect();
    words.dedup();
    words.truncate(MOST_WORDS);
    words
}

/// How well a place fits; `None` when a word is missing. A page's name weighs more than a heading, a heading more than text.
fn worth(place: &Place, words: &[String]) -> Option<usize> {
    let [page, heading, text] = &place.low;
    let mut sum = 0;
    for word in words {
        let is_letter = |letter: char| letter.is_alphanumeric() || letter == '_';
        let is_whole = |text: &str| text.split(|letter| !is_letter(letter)).any(|one| one == word);
        let of = |text: &str, weight: usize| match text.contains(word.as_str()) {
            false => 0,
            true if is_whole(text) => weight * 2,
            true => weight,
        };
        let gained = of(page, 6) + of(heading, 12) + of(text, 2);
        if gained == 0 {
            return None;
        }
        sum += gained;
    }
    Some(sum + usize::from(page == heading) * 3)
}

/// The part of a text that has the first word.
fn excerpt(place: &Place, words: &[String]) -> String {
    let text = &place.low[2];
    let at = words.iter().filter_map(|word| text.find(word.as_str())).min().unwrap_or(0);
    let letter = text[..at].chars().count();
    let from = letter.saturating_sub(AROUND / 2);
    let part: String = place.text.chars().skip(from).take(AROUND * 2).collect();
    let goes_on = place.text.chars().count() > from + AROUND * 2;
    format!("{}{}{}", if from > 0 { "…" } else { "" }, part.trim(), if goes_on { "…" } else { "" })
}

/// A text with the words marked; `low` is the same in small letters.
fn marked(text: &str, low: &str, words: &[String]) -> Markup {
    let (letters, small): (Vec<char>, Vec<char>) = (text.chars().collect(), low.chars().collect());
    let mut is_marked = vec![false; letters.len()];
    for word in words {
        let word: Vec<char> = word.chars().collect();
        for at in 0..small.len().saturating_sub(word.len() - 1) {
            if small[at..at + word.len()] == word[..] {
                is_marked[at..at + word.len()].fill(true);
            }
        }
    }
    let mut parts: Vec<(bool, String)> = vec![];
    for (letter, mark) in letters.into_iter().zip(is_marked) {
        match parts.last_mut().filter(|part| part.0 == mark) {
            Some(part) => part.1.push(letter),
            None => parts.push((mark, letter.to_string())),
        }
    }
    html! { @for (mark, part) in &parts { @if *mark { mark { (part) } } @else { (part) } } }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index() -> Index {
        let place = |address: &str, heading: &str, text: &str| Findable {
            address: address.into(),
            heading: heading.into(),
            text: text.into(),
        };
        let mut index = Index::default();
        index.add(
            "Other",
            &[place("/o#a", "Words", "An order is told of here. İstanbul İİİ order"), place("/o#b", "Else", "")],
        );
        index.add("Orders", &[place("/x#place", "Place an order", "Buys names."), place("/x#list", "List orders", "")]);
        index
    }

    fn addresses(query: &str) -> Vec<String> {
        index().find(&words(query)).iter().map(|place| place.address.clone()).collect()
    }

    #[test]
    fn names_come_before_text_and_every_word_is_needed() {
        assert_eq!(addresses("order"), ["/x#place", "/x#list", "/o#a"]);
        assert_eq!(addresses("ORDER buys"), ["/x#place"]);
        assert!(addresses("order nonsense").is_empty());
    }

    #[test]
    fn hostile_queries_are_shown_as_they_are() {
        let index = index();
        let long = "ß".repeat(100_000);
        for query in ["", " \t ", "<script>alert(1)</script>", "\"><img src=x>", "\0\u{202e}", "İİ", "%", &long, "i̇"]
        {
            let page = index.show(query).into_string();
            assert!(!page.contains("<script") && !page.contains("<img"), "{page}");
            assert!(page.len() < 10_000, "{query:.20}");
        }
        assert!(index.show("order").into_string().contains("Place an <mark>order</mark>"));
    }
}
