//! Links between the pages lead somewhere, on GitHub and in the book, and the book lists every page.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use pulldown_cmark::{Event, Tag, TagEnd};

use super::pages::{Page, pages, root};

/// The page that lists the others.
const SUMMARY: &str = "docs/SUMMARY.md";

/// A heading's anchor: letters in lower case, digits, `-` and `_` stay, white space becomes hyphens, everything else goes.
/// GitHub makes all letters small, mdBook those of ASCII; `None` where the two differ.
fn anchor(heading: &str) -> Option<String> {
    let kept = heading.trim().chars().filter_map(|c| match c {
        '-' | '_' => Some(c),
        _ if c.is_whitespace() => Some('-'),
        _ if c.is_alphanumeric() => Some(c),
        _ => None,
    });
    let kept: String = kept.collect();
    (kept.to_lowercase() == kept.to_ascii_lowercase()).then(|| kept.to_lowercase())
}

/// The anchors of a page; one that comes again gets a number.
fn anchors(page: &Page, faults: &mut Vec<String>) -> BTreeSet<String> {
    let mut anchors = BTreeSet::new();
    let mut heading: Option<String> = None;
    for (event, range) in page.events() {
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::Text(text) | Event::Code(text) => {
                if let Some(heading) = &mut heading {
                    heading.push_str(&text);
                }
            }
            Event::End(TagEnd::Heading(_)) => {
                let heading = heading.take().unwrap_or_default();
                let Some(name) = anchor(&heading) else {
                    let line = page.line_of(range.start);
                    faults.push(format!(
                        "{}:{line}: GitHub and mdBook name `{heading}` differently",
                        page.path
                    ));
                    continue;
                };
                let numbered = (1..).map(|number| format!("{name}-{number}"));
                let free = std::iter::once(name.clone()).chain(numbered);
                let free = free.into_iter().find(|name| !anchors.contains(name));
                anchors.extend(free);
            }
            _ => {}
        }
    }
    anchors
}

/// `path` seen from the root, or `None` if it leads out of the repository.
fn resolved(folder: &Path, path: &str) -> Option<PathBuf> {
    let mut resolved = folder.to_owned();
    for part in Path::new(path).components() {
        match part {
            Component::Normal(name) => resolved.push(name),
            Component::CurDir => {}
            Component::ParentDir => {
                if !resolved.pop() {
                    return None;
                }
            }
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(resolved)
}

/// What is wrong with the links of pages.
fn faults(pages: &[Page], exists: impl Fn(&Path) -> bool) -> Vec<String> {
    let mut faults = Vec::new();
    let mut known: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for page in pages {
        known.insert(&page.path, anchors(page, &mut faults));
    }
    for page in pages {
        let folder = Path::new(&page.path).parent().unwrap();
        for (event, range) in page.events() {
            let Event::Start(
                Tag::Link { dest_url: target, .. } | Tag::Image { dest_url: target, .. },
            ) = event
            else {
                continue;
            };
            if target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            let mut fault = |what: &str| {
                faults.push(format!(
                    "{}:{}: {target}: {what}",
                    page.path,
                    page.line_of(range.start)
                ));
            };
            let (path, wanted) = target.split_once('#').unwrap_or((&target, ""));
            let path = if path.is_empty() {
                Some(page.path.clone().into())
            } else {
                resolved(folder, path)
            };
            let Some(path) = path.filter(|path| exists(path)) else {
                fault("there is no such file");
                continue;
            };
            let is_page = path.extension().is_some_and(|extension| extension == "md");
            let path = path.to_str().unwrap();
            if is_page && page.path.starts_with("docs/") && !path.starts_with("docs/") {
                fault("the book has no such page");
            }
            if !wanted.is_empty()
                && !known.get(path).is_some_and(|anchors| anchors.contains(wanted))
            {
                fault("there is no such heading");
            }
        }
    }
    faults
}

#[test]
fn links_of_pages_lead_somewhere() {
    let pages = pages();
    let faults = faults(&pages, |path| root().join(path).exists());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn dead_links_are_found() {
    let page = |path: &str, text: &str| Page { path: path.into(), text: text.into() };
    let pages = [
        page(
            "README.md",
            "# A\n[1](docs/b.md#the-end_of-1) [2](docs/c.md) [3](#b) [4](https://x/y#z)\n",
        ),
        page(
            "docs/b.md",
            "# The `end_of` \"1\"!\n# A\n## A\n[5](#a-1) [6](#a-2) [7](../README.md)\n![8](x.png)\n",
        ),
    ];
    let there = ["README.md", "docs/b.md"];
    let found = faults(&pages, |path| there.iter().any(|known| Path::new(known) == path));
    let expected = [
        "README.md:2: docs/c.md: there is no such file",
        "README.md:2: #b: there is no such heading",
        "docs/b.md:4: #a-2: there is no such heading",
        "docs/b.md:4: ../README.md: the book has no such page",
        "docs/b.md:5: x.png: there is no such file",
    ];
    assert_eq!(found, expected);
    assert_eq!(anchor("Über uns"), None);
    assert_eq!(resolved(Path::new("docs"), "../../x"), None);
}

#[test]
fn every_page_is_in_the_book_once() {
    let pages = pages();
    let summary = pages.iter().find(|page| page.path == SUMMARY).unwrap();
    let listed: Vec<String> = summary
        .events()
        .filter_map(|(event, _)| match event {
            Event::Start(Tag::Link { dest_url, .. }) => Some(format!("docs/{dest_url}")),
            _ => None,
        })
        .collect();
    let mut sorted = listed.clone();
    sorted.sort();
    let there = pages.iter().map(|page| &page.path);
    let there: Vec<&String> =
        there.filter(|path| path.starts_with("docs/") && *path != SUMMARY).collect();
    assert_eq!(
        sorted.iter().collect::<Vec<_>>(),
        there,
        "docs/SUMMARY.md lists each page of docs/ once"
    );
}
