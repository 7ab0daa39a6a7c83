//! The file: markup, style, data and scripts, and the policy that lets nothing else in.

use std::io::{self, Write};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest as _, Sha256};

use crate::PageForm;

const STYLE: &str = concat!(include_str!("../web/page.css"), include_str!("../web/browser.css"));

/// The modules of the page in the order in which they need each other.
const MODULES: [(&str, &str); 9] = [
    ("store", include_str!("../web/store.js")),
    ("statistics", include_str!("../web/statistics.js")),
    ("filter", include_str!("../web/filter.js")),
    ("elements", include_str!("../web/elements.js")),
    ("doubts", include_str!("../web/doubts.js")),
    ("media", include_str!("../web/media.js")),
    ("sample", include_str!("../web/sample.js")),
    ("samples", include_str!("../web/samples.js")),
    ("main", include_str!("../web/main.js")),
];

/// A part of the page that is shown by itself.
pub(crate) struct Section {
    /// Where it is: `/`, `/task/AVM`.
    pub(crate) route: String,
    /// Its content.
    pub(crate) body: Markup,
}

/// Everything that a file is made of.
pub(crate) struct Document<'a> {
    pub(crate) title: String,
    pub(crate) form: PageForm,
    /// Whether search engines and model trainers are told to stay away.
    pub(crate) is_restricted: bool,
    pub(crate) sections: Vec<Section>,
    pub(crate) tasks: Vec<&'static str>,
    pub(crate) has_comparison: bool,
    /// The data of the sample browser as JSON without `<`.
    pub(crate) data: &'a [u8],
    /// Embedded media, each with its key, media type and content.
    pub(crate) media: Vec<(String, &'static str, Vec<u8>)>,
    /// Whether media are served or linked.
    pub(crate) is_served: bool,
}

/// All modules as one script: names are unique over all of them, so that imports and exports can go.
pub(crate) fn script() -> String {
    let mut script = String::from("'use strict';\n");
    for (_, module) in MODULES {
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
        let script = script();
        let head = html! {
            meta charset="utf-8";
            meta http-equiv="Content-Security-Policy" content=(self.policy(&script));
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            meta name="referrer" content="no-referrer";
            @if self.is_restricted { meta name="robots" content="noindex, noai, noimageai"; }
            title { (self.title) " – avibench" }
            // The style is the program's own.
            style { (PreEscaped(STYLE)) }
        };
        let markup = html! {
            a.skip href="#content" { "Skip to the content" }
            header.top {
                nav aria-label="Pages" {
                    a href="#/" { "Overview" }
                    @if self.has_comparison { a href="#/comparison" { "Comparison" } }
                    details.menu {
                        summary { "Tasks" }
                        ul { @for task in &self.tasks { li { a href={ "#/task/" (task) } { (task) } } } }
                    }
                    a href="#/samples" { "Samples" }
                }
                p.brand { (self.title) }
            }
            main #content tabindex="-1" {
                noscript { p.note { "Without JavaScript all pages follow each other here; the sample browser needs it." } }
                @for section in &self.sections {
                    article.page id=(section.route) { (section.body) }
                }
                article.page.scripted id="/samples" hidden {}
                article.page.scripted id="/sample" hidden {}
            }
            p.status #status role="status" {}
        };
        write!(
            out,
            "{}<html lang=\"en\"><head>{}</head>\n<body>{}\n",
            DOCTYPE.into_string(),
            head.into_string(),
            markup.into_string()
        )?;
        out.write_all(b"<script type=\"application/json\" id=\"data\">")?;
        out.write_all(self.data)?;
        out.write_all(b"</script>\n")?;
        for (key, media_type, bytes) in &self.media {
            let tag = html! { script type="text/plain" data-medium=(key) data-type=(media_type) { (PreEscaped(BASE64_STANDARD.encode(bytes))) } };
            writeln!(out, "{}", tag.into_string())?;
        }
        // The script is the program's own.
        write!(out, "<script type=\"module\">{script}</script>\n</body></html>\n")
    }

    /// Nothing but this style and this script runs, and nothing is fetched but media that the page names.
    fn policy(&self, script: &str) -> String {
        let hash = |text: &str| BASE64_STANDARD.encode(Sha256::digest(text));
        let media = match (self.form, self.is_served) {
            (PageForm::Public, _) => "'none'",
            (PageForm::Private, true) => "'self' blob:",
            // Media beside a page that is opened from disk.
            (PageForm::Private, false) => "'self' file: blob:",
        };
        let pictures =
            if self.form.has_texts() { format!("{media} data:") } else { "data:".to_owned() };
        format!(
            "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; img-src {pictures}; \
             media-src {media}; connect-src 'none'; base-uri 'none'; form-action 'none'",
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
        let script = script();
        assert!(!script.contains("</script"), "a script must not end itself");
        for line in script.lines() {
            assert!(!line.starts_with("import ") && !line.starts_with("export "), "{line}");
        }
        // What a module imports stands before it.
        let mut seen = Vec::new();
        for (name, module) in MODULES {
            for line in module.lines().filter(|line| line.starts_with("import ")) {
                let from = line.split('\'').nth(1).unwrap_or_default();
                let from = from.trim_start_matches("./").trim_end_matches(".js");
                assert!(seen.contains(&from), "{name} imports {from}");
            }
            seen.push(name);
        }
    }

    #[test]
    fn style_does_not_end_its_element() {
        assert!(!STYLE.contains('<'));
    }
}
