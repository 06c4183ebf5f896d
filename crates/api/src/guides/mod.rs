//! The guides: for readers as pages, for agents as the Markdown that the pages are made of.

use crate::site::kept::Kept;
use crate::site::prose::{self, Leads};
use crate::site::{Findable, Page};

mod shelf;

use shelf::{Guide, PAGES};

/// The base address that the pages show as they stand in the repository.
const EXAMPLE: &str = "http://127.0.0.1:8080/partner/v1";

/// All guides, in the order in which they are read.
pub(crate) fn pages(base: &str) -> Vec<Page> {
    PAGES.iter().map(|guide| page(guide, base)).collect()
}

/// The same for agents, with what tells them about it: see <https://llmstxt.org>.
pub(crate) fn markdown(base: &str) -> Vec<(String, Kept)> {
    let kept = |text: String| Kept::new("text/markdown; charset=utf-8", text);
    let mut all: Vec<_> = PAGES.iter().map(|guide| (guide.markdown(), kept(moved_up(&guide.here(base))))).collect();
    all.push(("/docs.md".to_owned(), kept(moved_up(shelf::CALLS))));
    all.push(("/llms.txt".to_owned(), Kept::new("text/plain; charset=utf-8", contents(base))));
    all
}

fn contents(base: &str) -> String {
    let list: String = PAGES
        .iter()
        .map(|guide| format!("- [{}]({base}{}): {}\n", guide.title(), guide.markdown(), guide.about))
        .collect();
    format!(
        "# Mailwright\n\n\
         > One idempotent call buys domains, runs their DNS, makes Google and Microsoft inboxes and links them to the \
         sequencer. Keys that begin with pk_test_ speak to a sandbox where every branch can be tested without money.\n\n\
         The API is described at {base}/openapi.json (OpenAPI 3.1), in short at {base}/docs.md. Every page below is \
         Markdown; without `.md` it is for people.\n\n## Guides\n\n{list}"
    )
}

fn page(guide: &Guide, base: &str) -> Page {
    let text = guide.here(base);
    let prose = prose::page(&text, &Leads { link: Some(moved), words: None });
    let path = format!("/guides/{}", guide.slug);
    let findable = prose.headings.iter().zip(&prose.below).map(|(heading, below)| Findable {
        address: if heading.level == 1 { path.clone() } else { format!("{path}#{}", heading.id) },
        heading: heading.text.clone(),
        text: below.clone(),
    });
    Page {
        findable: findable.collect(),
        title: guide.title().to_owned(),
        about: guide.about.to_owned(),
        body: prose.body,
        within: vec![],
        headings: prose.headings,
        markdown: Some(guide.markdown()),
        group: if guide.file.starts_with("guides/") { "" } else { "To look up" },
        path,
    }
}

/// All pages lie in one folder here; in the repository some lie one above.
fn moved_up(text: &str) -> String {
    text.replace("](../errors.md", "](codes.md").replace("](../", "](")
}

/// Links between files of the repository become links between pages.
fn moved(link: &str) -> Option<String> {
    if link.contains("://") {
        return None;
    }
    let above = link.starts_with("../");
    let (name, anchor) = link.rsplit('/').next()?.split_once(".md")?;
    // Two pages have the same file name, in two folders.
    let slug = if above && name == "errors" { "codes" } else { name };
    Some(format!("/guides/{slug}{anchor}"))
}

impl Guide {
    /// Its first heading.
    fn title(&self) -> &'static str {
        self.text.lines().next().unwrap_or_default().trim_start_matches(['#', ' '])
    }

    /// Where it is as Markdown.
    fn markdown(&self) -> String {
        format!("/guides/{}.md", self.slug)
    }

    /// Its text with this server's address in the commands.
    fn here(&self, base: &str) -> String {
        self.text.replace(EXAMPLE, &format!("{base}/partner/v1"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_has_a_heading_and_every_link_between_pages_leads_somewhere() {
        for page in PAGES {
            assert!(!page.title().is_empty(), "{}", page.slug);
            assert_ne!(page.slug, "search", "that is the search's address");
            for link in page.text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
                let name = link.rsplit('/').next().unwrap_or_default();
                let Some((slug, _)) = name.split_once(".md") else { continue };
                assert!(PAGES.iter().any(|page| page.slug == slug), "{}: {link}", page.slug);
            }
        }
    }

    #[test]
    fn pages_are_rendered_with_links_to_pages() {
        let guide = PAGES.iter().find(|page| page.slug == "getting-started").unwrap();
        let html = page(guide, "https://api.acme.com").body.into_string();
        assert!(html.contains(">Getting started</h1>"), "{html}");
        assert!(html.contains(r#"href="/guides/buying""#), "{html}");
        assert!(html.contains("<code class=\"language-sh\">"));
        assert!(html.contains("export BASE=https://api.acme.com/partner/v1\n"), "{html}");
    }
}
