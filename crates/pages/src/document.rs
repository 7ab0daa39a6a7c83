//! A file or an answer: markup, style, data and scripts, and the policy that lets nothing else in.

use std::io::{self, Write};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest as _, Sha256};

/// Three bars with their intervals, as an address of its own.
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E\
    %3Crect width='16' height='16' rx='3' fill='%231b66b0'/%3E%3Cpath d='M3 4h7M3 8h10M3 12h5' stroke='white' stroke-width='1.2'/%3E\
    %3Cg fill='white'%3E%3Ccircle cx='6' cy='4' r='1.6'/%3E%3Ccircle cx='9' cy='8' r='1.6'/%3E%3Ccircle cx='5' cy='12' r='1.6'/%3E%3C/g%3E%3C/svg%3E";

const STYLE: &str = concat!(
    include_str!("../web/page.css"),
    include_str!("../web/browser.css"),
    include_str!("../web/labels.css")
);

/// The modules of a page about runs in the order in which they need each other.
pub(crate) const REPORT: &[(&str, &str)] = &[
    ("store", include_str!("../web/store.js")),
    ("statistics", include_str!("../web/statistics.js")),
    ("filter", include_str!("../web/filter.js")),
    ("elements", include_str!("../web/elements.js")),
    ("doubts", include_str!("../web/doubts.js")),
    ("media", include_str!("../web/media.js")),
    ("sample", include_str!("../web/sample.js")),
    ("samples", include_str!("../web/samples.js")),
    ("news", include_str!("../web/news.js")),
    ("main", include_str!("../web/main.js")),
];

/// The modules of the page of labels.
pub(crate) const LABELS: &[(&str, &str)] =
    &[("news", include_str!("../web/news.js")), ("labels", include_str!("../web/labels.js"))];

/// Where a page may have pictures, sounds and data from, as a policy names sources.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sources {
    pub(crate) pictures: &'static str,
    pub(crate) media: &'static str,
    pub(crate) data: &'static str,
}

/// Everything that a page is made of.
pub(crate) struct Document<'a> {
    pub(crate) title: String,
    /// Whether search engines and model trainers are told to stay away.
    pub(crate) is_restricted: bool,
    pub(crate) sources: Sources,
    /// Links at the top.
    pub(crate) links: Markup,
    pub(crate) body: Markup,
    /// The data of the scripts as JSON without `<`.
    pub(crate) data: Option<&'a [u8]>,
    /// Embedded media, each with its key, media type and content.
    pub(crate) media: Vec<(String, &'static str, Vec<u8>)>,
    pub(crate) modules: &'static [(&'static str, &'static str)],
}

/// Modules as one script: names are unique over all of them, so that imports and exports can go.
fn script(modules: &[(&str, &str)]) -> String {
    let mut script = String::from("'use strict';\n");
    for (_, module) in modules {
        for line in module.lines() {
            if line.starts_with("import ") {
                continue;
            }
            script.push_str(line.strip_prefix("export ").unwrap_or(line));
            script.push('\n');
        }
    }
    script
}

impl Document<'_> {
    /// Writes the file.
    pub(crate) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let script = script(self.modules);
        let head = html! {
            meta charset="utf-8";
            meta http-equiv="Content-Security-Policy" content=(self.policy(&script));
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            meta name="referrer" content="no-referrer";
            @if self.is_restricted { meta name="robots" content="noindex, noai, noimageai"; }
            link rel="icon" href=(ICON);
            title { (self.title) " – avibench" }
            // The style is the program's own.
            style { (PreEscaped(STYLE)) }
        };
        let markup = html! {
            a.skip href="#content" { "Skip to the content" }
            header.top {
                nav aria-label="Pages" { (self.links) }
                p.brand { (self.title) }
            }
            main #content tabindex="-1" { (self.body) }
            p.status #status role="status" {}
        };
        write!(
            out,
            "{}<html lang=\"en\"><head>{}</head>\n<body>{}\n",
            DOCTYPE.into_string(),
            head.into_string(),
            markup.into_string()
        )?;
        if let Some(data) = self.data {
            out.write_all(b"<script type=\"application/json\" id=\"data\">")?;
            out.write_all(data)?;
            out.write_all(b"</script>\n")?;
        }
        for (key, media_type, bytes) in &self.media {
            let tag = html! { script type="text/plain" data-medium=(key) data-type=(media_type) { (PreEscaped(BASE64_STANDARD.encode(bytes))) } };
            writeln!(out, "{}", tag.into_string())?;
        }
        // The script is the program's own.
        write!(out, "<script type=\"module\">{script}</script>\n</body></html>\n")
    }

    /// Nothing but this style and this script runs, and nothing is fetched but from the named sources.
    fn policy(&self, script: &str) -> String {
        let hash = |text: &str| BASE64_STANDARD.encode(Sha256::digest(text));
        let Sources { pictures, media, data } = self.sources;
        format!(
            "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; img-src {pictures}; \
             media-src {media}; connect-src {data}; base-uri 'none'; form-action 'none'",
            hash(script),
            hash(STYLE),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_become_one_script_without_imports() {
        for modules in [REPORT, LABELS] {
            let script = script(modules);
            assert!(!script.contains("</script"), "a script must not end itself");
            for line in script.lines() {
                assert!(!line.starts_with("import ") && !line.starts_with("export "), "{line}");
            }
            // What a module imports stands before it.
            let mut seen = Vec::new();
            for (name, module) in modules {
                for line in module.lines().filter(|line| line.starts_with("import ")) {
                    let from = line.split('\'').nth(1).unwrap_or_default();
                    let from = from.trim_start_matches("./").trim_end_matches(".js");
                    assert!(seen.contains(&from), "{name} imports {from}");
                }
                seen.push(*name);
            }
        }
    }

    #[test]
    fn style_does_not_end_its_element() {
        assert!(!STYLE.contains('<'));
    }
}
