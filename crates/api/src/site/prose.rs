//! Markdown as HTML: headings that can be linked to, tables that scroll by themselves, code that can be copied.
//!
//! HTML in the Markdown is shown as it is written and never passed through; nor is a picture, or a link that would run
//! something.

use std::collections::{HashMap, HashSet};

use maud::{Markup, PreEscaped, html};
use pulldown_cmark::{CodeBlockKind, CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html as writer};

use super::{Heading, highlight};

/// A text as HTML.
pub(crate) struct Prose {
    /// The HTML.
    pub(crate) body: Markup,
    /// Its headings, in order.
    pub(crate) headings: Vec<Heading>,
    /// What stands below each heading, as plain words.
    pub(crate) below: Vec<String>,
}

/// Where links and words lead.
#[derive(Default)]
pub(crate) struct Leads<'a> {
    /// The address that takes the place of a link's.
    pub(crate) link: Option<fn(&str) -> Option<String>>,
    /// Words that lead somewhere when they stand as code.
    pub(crate) words: Option<&'a HashMap<String, String>>,
}

/// A whole page.
pub(crate) fn page(text: &str, leads: &Leads<'_>) -> Prose {
    let mut walk = Walk::new(leads);
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        walk.meet(event);
    }
    let mut body = String::new();
    writer::push_html(&mut body, walk.events.into_iter());
    // A column without a name has no heading; a reader of screens would announce an empty one.
    let body = body.replace("<th></th>", "<td></td>");
    Prose { body: PreEscaped(body), headings: walk.headings, below: walk.below }
}

/// A description: a few paragraphs without headings of their own.
pub(crate) fn description(text: &str, words: &HashMap<String, String>) -> Markup {
    page(text, &Leads { words: Some(words), link: None }).body
}

/// A block of code with its language.
pub(crate) fn code(language: &str, text: &str) -> Markup {
    // What programs print is laid out in columns; everything else may be broken into lines.
    let is_laid_out = language == "text";
    html! {
        div class={ "code of-" (language) } {
            pre class=[is_laid_out.then_some("wide")] tabindex=[is_laid_out.then_some("0")] {
                code class={ "language-" (language) } {
                    @if language == "json" { (highlight::json(text)) } @else { (text) }
                }
            }
        }
    }
}

/// A heading with the link that leads to it.
pub(crate) fn heading(level: u8, id: &str, inner: &Markup) -> Markup {
    let link = html! { a.anchor href={ "#" (id) } aria-label="Link to this heading" { "#" } };
    match level {
        1 => html! { h1 id=(id) { (inner) } },
        2 => html! { div.heading { h2 id=(id) { (inner) } (link) } },
        3 => html! { div.heading { h3 id=(id) { (inner) } (link) } },
        _ => html! { div.heading { h4 id=(id) { (inner) } (link) } },
    }
}

/// A heading's name in addresses: its words in small letters with hyphens.
pub(crate) fn slug(text: &str) -> String {
    let kept = text.chars().filter_map(|letter| match letter {
        ' ' | '-' => Some('-'),
        '_' => Some('_'),
        letter if letter.is_alphanumeric() => Some(letter),
        _ => None,
    });
    let slug = kept.collect::<String>().to_lowercase();
    if slug.is_empty() { "section".to_owned() } else { slug }
}

struct Walk<'a> {
    leads: &'a Leads<'a>,
    events: Vec<Event<'a>>,
    headings: Vec<Heading>,
    below: Vec<String>,
    taken: HashSet<String>,
    /// The heading that is being read: what it is made of, and its words.
    open: Option<(Vec<Event<'a>>, String)>,
    /// The block of code that is being read: its language and its text.
    code: Option<(String, String)>,
    /// Whether what is read stands in a link.
    linked: bool,
}

impl<'a> Walk<'a> {
    fn new(leads: &'a Leads<'a>) -> Self {
        Self {
            leads,
            events: vec![],
            headings: vec![],
            below: vec![],
            taken: HashSet::new(),
            open: None,
            code: None,
            linked: false,
        }
    }

    fn meet(&mut self, event: Event<'a>) {
        match event {
            Event::Start(tag) => self.begin(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.words(text),
            Event::Code(text) => self.code_word(text),
            Event::SoftBreak | Event::HardBreak => {
                self.note(" ");
                self.put(event);
            }
            other => self.put(other),
        }
    }

    fn begin(&mut self, tag: Tag<'a>) {
        match tag {
            Tag::Heading { .. } => self.open = Some((vec![], String::new())),
            Tag::CodeBlock(kind) => {
                let language = match kind {
                    CodeBlockKind::Fenced(language) => language.into_string(),
                    CodeBlockKind::Indented => String::new(),
                };
                self.code = Some((language, String::new()));
            }
            Tag::Link { link_type, dest_url, title, id } => {
                let moved = self.leads.link.and_then(|lead| lead(&dest_url)).map_or(dest_url, CowStr::from);
                let dest_url = if is_harmless(&moved) { moved } else { "".into() };
                self.linked = true;
                self.put(Event::Start(Tag::Link { link_type, dest_url, title, id }));
            }
            Tag::Image { .. } | Tag::HtmlBlock => {}
            Tag::Table(columns) => {
                let open = r#"<div class="scroll" tabindex="0" role="group" aria-label="Table">"#;
                self.put(Event::Html(open.into()));
                self.put(Event::Start(Tag::Table(columns)));
            }
            other => self.put(Event::Start(other)),
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(level) => self.end_heading(level),
            TagEnd::CodeBlock => {
                if let Some((language, text)) = self.code.take() {
                    self.put(Event::Html(code(&language, &text).into_string().into()));
                }
            }
            TagEnd::Image | TagEnd::HtmlBlock => {}
            TagEnd::Table => {
                self.put(Event::End(TagEnd::Table));
                self.put(Event::Html("</div>".into()));
            }
            TagEnd::Link => {
                self.linked = false;
                self.put(Event::End(TagEnd::Link));
            }
            other => {
                self.note(" ");
                self.put(Event::End(other));
            }
        }
    }

    fn end_heading(&mut self, level: HeadingLevel) {
        let Some((inner, text)) = self.open.take() else { return };
        let mut markup = String::new();
        writer::push_html(&mut markup, inner.into_iter());
        let id = self.free(slug(text.trim()));
        let level = level as u8;
        let shown = heading(level, &id, &PreEscaped(markup));
        self.headings.push(Heading { level, id, text: text.trim().to_owned() });
        self.below.push(String::new());
        self.put(Event::Html(shown.into_string().into()));
    }

    /// The same name, or the first of its numbered ones that nobody has.
    fn free(&mut self, slug: String) -> String {
        let numbered = (1..).map(|n| format!("{slug}-{n}"));
        let id = std::iter::once(slug.clone()).chain(numbered).find(|id| !self.taken.contains(id)).unwrap_or(slug);
        self.taken.insert(id.clone());
        id
    }

    fn words(&mut self, text: CowStr<'a>) {
        self.note(&text);
        match &mut self.code {
            Some((_, code)) => code.push_str(&text),
            None => self.put(Event::Text(text)),
        }
    }

    fn code_word(&mut self, text: CowStr<'a>) {
        self.note(&text);
        let lead = self.leads.words.filter(|_| !self.linked).and_then(|words| words.get(text.as_ref()));
        match lead {
            Some(address) => {
                let link = html! { a href=(address) { code { (text.as_ref()) } } };
                self.put(Event::Html(link.into_string().into()));
            }
            None => self.put(Event::Code(text)),
        }
    }

    /// Remembers words for the search.
    fn note(&mut self, text: &str) {
        match (&mut self.open, self.below.last_mut()) {
            (Some((_, heading)), _) => heading.push_str(text),
            (None, Some(below)) => below.push_str(text),
            (None, None) => {}
        }
    }

    fn put(&mut self, event: Event<'a>) {
        match &mut self.open {
            Some((inner, _)) => inner.push(event),
            None => self.events.push(event),
        }
    }
}

/// Whether following a link does no more than open a page.
fn is_harmless(link: &str) -> bool {
    let before = link.split(['/', '?', '#']).next().unwrap_or_default();
    let scheme = before.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    scheme.is_none_or(|scheme| ["http", "https", "mailto"].contains(&scheme.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        page(text, &Leads::default()).body.into_string()
    }

    #[test]
    fn what_is_hostile_is_shown_and_not_run() {
        let html = shown(
            "# <script>alert(1)</script>\n\n<img src=x onerror=alert(1)>\n\nA <b onclick=x>b</b> `</code><i>`\n\n\
             ![p](https://evil.test/p.png) [l](javascript:alert(1)) [m](JaVaScRiPt:alert(1)) [d](data:text/html,x)\n\n\
             ```\"><script>\n</pre><script>x</script>\n```\n\n| a |\n|---|\n| <script>t</script> |\n",
        );
        for wrong in ["<script", "<img", "<b ", "<i>", "script:", "data:text", "evil.test"] {
            assert!(!html.to_lowercase().contains(wrong), "{wrong}: {html}");
        }
        assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{html}");
    }

    #[test]
    fn headings_have_names_of_their_own() {
        let prose = page("# A `b`\n\n## Same\n\nx\n\n## Same\n\n## Same-1\n\n## ?!\n", &Leads::default());
        let ids: Vec<_> = prose.headings.iter().map(|one| one.id.as_str()).collect();
        assert_eq!(ids, ["a-b", "same", "same-1", "same-1-1", "section"]);
        assert_eq!(prose.below[1].trim(), "x");
        assert!(prose.body.into_string().contains(r##"<h2 id="same">Same</h2><a class="anchor" href="#same""##));
    }

    #[test]
    fn tables_and_blocks_are_wrapped() {
        assert!(shown("| a |\n|---|\n| 1 |\n").contains(r#"<div class="scroll" tabindex="0""#));
        let html = shown("```sh\nls <x\n```\n");
        assert!(html.contains(r#"<code class="language-sh">ls &lt;x"#), "{html}");
    }

    #[test]
    fn words_lead_where_they_are_told() {
        let words = HashMap::from([("GET /x".to_owned(), "/docs/x#y".to_owned())]);
        let html = description("See `GET /x` and `GET /z`.", &words).into_string();
        assert!(html.contains(r#"<a href="/docs/x#y"><code>GET /x</code></a> and <code>GET /z</code>"#), "{html}");
        let html = description("[`GET /x`](/a)", &words).into_string();
        assert_eq!(html.matches("<a ").count(), 1, "no link in a link: {html}");
    }
}
