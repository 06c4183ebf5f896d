//! Pages for people.

use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, html};

use super::{PAGES, Page};

/// The page with this text as HTML, with the list of all pages beside it.
pub(super) fn render(page: &Page, text: &str) -> String {
    let parser = Parser::new_ext(text, Options::ENABLE_TABLES).map(relink);
    let mut body = String::new();
    html::push_html(&mut body, parser);
    let items: String = PAGES
        .iter()
        .map(|one| {
            let here = if one.slug == page.slug { " aria-current=\"page\"" } else { "" };
            format!("<li><a href=\"/guides/{}\"{here}>{}</a></li>", one.slug, one.title())
        })
        .collect();
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{} – Mailwright</title>\
         <link rel=\"alternate\" type=\"text/markdown\" href=\"/guides/{}.md\"><link rel=\"stylesheet\" href=\"{STYLE_PATH}\"></head><body>\
         <nav><a class=\"home\" href=\"/guides/getting-started\">Mailwright</a><ul>{items}</ul>\
         <a href=\"/docs\">API reference</a></nav><main>{body}</main></body></html>",
        page.title(),
        page.slug
    )
}

/// Links between files of the repository become links between pages.
fn relink(event: Event<'_>) -> Event<'_> {
    match event {
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            let dest_url = moved(&dest_url).map_or(dest_url, CowStr::from);
            Event::Start(Tag::Link { link_type, dest_url, title, id })
        }
        other => other,
    }
}

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

/// Where the style is: a file of its own, so that pages need no rule for what stands in them.
pub(super) const STYLE_PATH: &str = "/guides/style.css";

/// How pages look.
pub(super) const STYLE: &str = "\
:root{color-scheme:light dark;--line:#8884;--soft:#8881;--link:#2563eb}\
*{box-sizing:border-box}\
body{margin:0;font:16px/1.6 system-ui,sans-serif;display:flex;gap:2.5rem;max-width:72rem;margin:auto;padding:2rem 1.5rem}\
nav{flex:0 0 12rem;position:sticky;top:2rem;align-self:flex-start;font-size:.95rem}\
nav ul{list-style:none;padding:0;margin:1rem 0}nav li{margin:.15rem 0}\
nav a{color:inherit;text-decoration:none;opacity:.8}nav a:hover,nav a[aria-current]{opacity:1;color:var(--link)}\
.home{font-weight:700;opacity:1}\
main{min-width:0;flex:1}h1{margin-top:0;line-height:1.2}h2{margin-top:2.2rem;line-height:1.3}\
a{color:var(--link)}code{font:.9em ui-monospace,monospace;background:var(--soft);padding:.1em .3em;border-radius:4px}\
pre{background:var(--soft);border:1px solid var(--line);border-radius:8px;padding:.9rem 1rem;overflow:auto;white-space:pre-wrap}\
pre code{background:none;padding:0}\
pre:has(.language-json),pre:has(.language-text){margin-top:-.6rem;opacity:.85}\
table{border-collapse:collapse;display:block;overflow:auto}th,td{border-bottom:1px solid var(--line);padding:.35rem .9rem .35rem 0;text-align:left;vertical-align:top}\
@media(max-width:50rem){body{display:block}nav{position:static;margin-bottom:2rem}nav ul{columns:2}}";
