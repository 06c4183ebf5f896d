//! The frame of every page: head, ways through the site, what is said at its end.

use maud::{DOCTYPE, Markup, html};

use super::{Heading, Page};

/// How pages look.
pub(crate) const STYLE: &str = include_str!("style.css");
/// What buttons do; pages are whole without it.
pub(crate) const SCRIPT: &str = include_str!("script.js");
/// The picture in a browser's tab.
pub(crate) const ICON: &str = include_str!("icon.svg");

/// What is the same on every page.
pub(crate) struct Frame {
    /// The address of the style.
    pub(crate) style: String,
    /// The address of the script.
    pub(crate) script: String,
    /// The address of the icon.
    pub(crate) icon: String,
    /// The pages, in the order in which they are read.
    pub(crate) shelves: Vec<Shelf>,
}

/// A part of the site.
pub(crate) struct Shelf {
    /// What addresses of its pages begin with.
    pub(crate) path: &'static str,
    /// What it is called.
    pub(crate) name: &'static str,
    /// Its groups of pages.
    pub(crate) groups: Vec<Group>,
}

/// Pages that belong together.
pub(crate) struct Group {
    /// What they are.
    pub(crate) name: &'static str,
    /// Their addresses and names.
    pub(crate) pages: Vec<(String, String)>,
}

impl Shelf {
    /// A part of the site with these pages, in their groups.
    pub(crate) fn of(path: &'static str, name: &'static str, pages: &[Page]) -> Self {
        let mut groups: Vec<Group> = vec![];
        for page in pages {
            let entry = (page.path.clone(), page.title.clone());
            match groups.iter_mut().find(|group| group.name == page.group) {
                Some(group) => group.pages.push(entry),
                None => groups.push(Group { name: page.group, pages: vec![entry] }),
            }
        }
        Self { path, name, groups }
    }

    fn holds(&self, path: &str) -> bool {
        path == self.path || path.strip_prefix(self.path).is_some_and(|rest| rest.starts_with('/'))
    }
}

impl Frame {
    /// The whole page.
    pub(crate) fn around(&self, page: &Page) -> String {
        let shelf = self.shelves.iter().find(|shelf| shelf.holds(&page.path));
        let is_found = page.path != "/guides/search" && !page.path.is_empty();
        html! {
            (DOCTYPE)
            html lang="en" {
                (self.head(page, is_found))
                body class=[(!page.within.is_empty()).then_some("wide-page")] {
                    a.skip href="#content" { "Skip to the content" }
                    (self.top(shelf.filter(|_| is_found)))
                    div.frame {
                        @if let Some(shelf) = shelf {
                            nav.side aria-label={ "Pages: " (shelf.name) } { (list(shelf, page)) }
                        }
                        main #content tabindex="-1" {
                            @if let Some(shelf) = shelf {
                                details.menu { summary { "All pages: " (shelf.name) } nav aria-label="All pages" { (list(shelf, page)) } }
                            }
                            @if let Some(outline) = outline(&page.headings) {
                                details.menu.outline { summary { "On this page" } nav aria-label="Headings" { (outline) } }
                            }
                            (page.body)
                            @if let Some(shelf) = shelf.filter(|_| is_found) { (neighbours(shelf, page)) }
                        }
                        @if let Some(outline) = outline(&page.headings) {
                            nav.outline aria-label="On this page" { p { "On this page" } (outline) }
                        }
                    }
                    (foot(page))
                }
            }
        }
        .into_string()
    }

    fn head(&self, page: &Page, is_found: bool) -> Markup {
        html! {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (page.title) " – Mailwright" }
                @if !page.about.is_empty() { meta name="description" content=(page.about); }
                @if !is_found { meta name="robots" content="noindex"; }
                @if let Some(markdown) = &page.markdown { link rel="alternate" type="text/markdown" href=(markdown); }
                link rel="icon" type="image/svg+xml" href=(self.icon);
                link rel="stylesheet" href=(self.style);
                script src=(self.script) defer {}
            }
        }
    }

    fn top(&self, here: Option<&Shelf>) -> Markup {
        html! {
            header.top {
                div.inner {
                    a.home href="/guides/getting-started" { "Mailwright" }
                    nav aria-label="Parts" {
                        @for shelf in &self.shelves {
                            a href=(shelf.path) aria-current=[here.filter(|one| one.path == shelf.path).map(|_| "true")] { (shelf.name) }
                        }
                    }
                    form.search role="search" aria-label="Everywhere" action="/guides/search" method="get" {
                        input type="search" name="q" placeholder="Search" aria-label="Search guides and reference" maxlength=(super::search::LONGEST) autocomplete="off";
                        button type="submit" { "Search" }
                    }
                }
            }
        }
    }
}

fn list(shelf: &Shelf, page: &Page) -> Markup {
    html! {
        @for group in &shelf.groups {
            @if !group.name.is_empty() { p { (group.name) } }
            ul {
                @for (path, title) in &group.pages {
                    li {
                        a href=(path) aria-current=[(*path == page.path).then_some("page")] { (title) }
                        @if *path == page.path && !page.within.is_empty() {
                            ul { @for (address, name) in &page.within { li { a href=(address) { (name) } } } }
                        }
                    }
                }
            }
        }
    }
}

/// The headings below the page's own, when there is a choice.
fn outline(headings: &[Heading]) -> Option<Markup> {
    let below: Vec<_> = headings.iter().filter(|one| one.level == 2 || one.level == 3).collect();
    (below.len() > 1).then(|| {
        html! {
            ul { @for one in below { li class={ "level-" (one.level) } { a href={ "#" (one.id) } { (one.text) } } } }
        }
    })
}

fn neighbours(shelf: &Shelf, page: &Page) -> Markup {
    let all: Vec<_> = shelf.groups.iter().flat_map(|group| &group.pages).collect();
    let Some(at) = all.iter().position(|(path, _)| *path == page.path) else { return html! {} };
    let before = at.checked_sub(1).and_then(|at| all.get(at));
    html! {
        nav.neighbours aria-label="Before and after" {
            @if let Some((path, title)) = before { a.before href=(path) rel="prev" { span { "Before" } (title) } }
            @if let Some((path, title)) = all.get(at + 1) { a.after href=(path) rel="next" { span { "Next" } (title) } }
        }
    }
}

fn foot(page: &Page) -> Markup {
    html! {
        footer {
            @if let Some(markdown) = &page.markdown { a href=(markdown) { "This page as Markdown" } }
            a href="/openapi.json" { "openapi.json" }
            a href="/llms.txt" { "For agents: llms.txt" }
        }
    }
}
