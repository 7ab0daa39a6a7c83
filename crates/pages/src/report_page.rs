//! A page about one or several runs.

use std::collections::{BTreeMap, HashSet};
use std::io::Write;
use std::path::PathBuf;

use avibench_media::{Container, MediaFormat};
use avibench_prompts::PromptPack;
use avibench_protocol::{FolderData, Task};
use avibench_results::{Detail, PublicOrder, ScoringMode, StoredRun};
use avibench_score::{ComparedModel, Comparison, FolderVerdicts, GuessBaselines, compare};
use avibench_store::Label;
use maud::{Markup, html};
use serde::Serialize;

use crate::browser::{Browser, SampleSources, rows_of};
use crate::comparison_page::{Ablated, ComparisonPage};
use crate::document::{Document, REPORT, Sources};
use crate::facts::TaskFacts;
use crate::front::Front;
use crate::page_run::{MODES, PageRun};
use crate::task_pages::task_page;
use crate::{MediaLinks, PageError, PageForm, Waveforms};

/// What a page is to be like.
#[derive(Debug)]
pub struct PageSettings<'a> {
    /// Whom it is for.
    pub form: PageForm,
    /// Kind of a generated data set; `None` for the benchmark's own.
    pub generated: Option<&'a str>,
    /// How media are named.
    pub links: MediaLinks,
    /// What a server that answers with the page adds to it; `None` for a file.
    pub serving: Option<Serving>,
    /// The pack of the prompts that the runs were asked with, where it is at hand.
    pub packs: Vec<&'a PromptPack>,
    /// What guessing scores, for levels in comparisons.
    pub baselines: &'a GuessBaselines,
    /// Waveforms of sounds.
    pub waveforms: &'a Waveforms,
    /// Embed media until they take so many bytes.
    pub embed: u64,
}

/// What a server that answers with a page adds to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Serving {
    /// Where doubts about ground truths are read and noted.
    pub doubts: String,
    /// Where news of runs come from, if any of them may still get answers.
    pub news: Option<String>,
    /// How many samples of each run had been asked when the page was made.
    pub asked: Vec<usize>,
    /// What is to be known before anything else, in sentences.
    pub banner: Option<String>,
    /// Whether means of selections have no intervals, because what was asked so far is no random part.
    pub is_so_far: bool,
}

/// A page that takes runs one after the other, so that the rows of only one are in memory.
pub struct ReportPage<'a> {
    settings: PageSettings<'a>,
    folders: &'a [FolderData],
    browser: Browser,
    runs: Vec<PageRun>,
    /// The order of samples on public pages: that of the first run.
    public: Option<PublicOrder>,
}

impl<'a> ReportPage<'a> {
    /// A page without runs yet. `folders` are those of the data set that runs were scored against; public pages take
    /// from them only which samples belong together.
    #[must_use]
    pub fn new(settings: PageSettings<'a>, folders: &'a [FolderData]) -> Self {
        let browser = Browser::new(settings.form);
        Self { settings, folders, browser, runs: Vec::new(), public: None }
    }

    /// Adds a run.
    ///
    /// # Errors
    ///
    /// If it was scored against other data, or its rows lack texts that the page is to have.
    pub fn add(&mut self, mut run: StoredRun) -> Result<(), PageError> {
        if self.settings.form == PageForm::Public {
            run.report.take_out_machine();
        }
        let label = || run.report.label.clone();
        if self.settings.form.has_texts() && run.report.samples.detail == Detail::Slim {
            return Err(PageError::Slim { label: label(), found: Detail::Slim });
        }
        for scored in &run.report.data {
            let folder = scored.folder;
            let data = self.folders.iter().find(|data| data.folder == folder);
            let Some(data) = data else {
                return Err(PageError::NoData { label: label(), folder });
            };
            if data.sha256 != scored.sha256 {
                return Err(PageError::OtherData { label: label(), folder });
            }
        }
        let public = *self.public.get_or_insert_with(|| PublicOrder::of(&run.report));
        let hash = run.report.asking.as_ref().map(|asking| asking.prompt_pack.as_str());
        let pack = self.settings.packs.iter().find(|pack| Some(pack.hash().as_str()) == hash);
        for data in self.folders {
            let rows = rows_of(&run, ScoringMode::Strict, data.folder);
            if rows.is_empty() || self.browser.has(data.folder) {
                continue;
            }
            let sources = SampleSources { pack: pack.copied(), links: &self.settings.links };
            self.browser.add_folder(data, rows, &sources, self.settings.waveforms, public);
        }
        self.browser.add_run(&run, self.folders);
        let with_labels = self.settings.form.has_texts();
        let facts: BTreeMap<Task, TaskFacts> = Task::ALL
            .into_iter()
            .map(|task| (task, TaskFacts::of(&run, task, self.folders, with_labels)))
            .collect();
        let verdicts = MODES.map(|mode| run.verdicts(mode));
        self.runs.push(PageRun { report: run.report, verdicts, facts });
        Ok(())
    }

    /// The labels of the runs that are no ablations, compared in a mode.
    fn comparison(&self, mode: usize) -> Result<Option<Comparison>, PageError> {
        let models: Vec<ComparedModel<'_>> = self
            .runs
            .iter()
            .filter(|run| ablation(&run.report.label).is_none())
            .map(|run| ComparedModel { label: &run.report.label, verdicts: &run.verdicts[mode] })
            .collect();
        if models.len() < 2 {
            return Ok(None);
        }
        Ok(Some(compare(&models, self.settings.baselines)?))
    }

    /// Ablations beside their bases.
    fn ablated(&self) -> Result<Vec<Ablated>, PageError> {
        let mut found = Vec::new();
        for run in &self.runs {
            let Some((base, kind)) = ablation(&run.report.label) else { continue };
            let Some(whole) = self.runs.iter().find(|other| other.report.label == base) else {
                continue;
            };
            let bare = [whole, run].map(|run| -> Vec<FolderVerdicts> {
                let strict = run.verdicts[1].iter().cloned();
                strict.map(FolderVerdicts::without_double_confirm).collect()
            });
            let models = [
                ComparedModel { label: &whole.report.label, verdicts: &bare[0] },
                ComparedModel { label: &run.report.label, verdicts: &bare[1] },
            ];
            if let Some(pair) = compare(&models, self.settings.baselines)?.pairs.pop() {
                found.push(Ablated { kind, pair });
            }
        }
        Ok(found)
    }

    /// Writes the page, and says how many bytes of media were embedded.
    ///
    /// # Errors
    ///
    /// If runs are not about the same samples, or the page cannot be written.
    pub fn write(self, out: &mut dyn Write) -> Result<u64, PageError> {
        let (official, strict) = (self.comparison(0)?, self.comparison(1)?);
        let ablated = self.ablated()?;
        let comparison = ComparisonPage {
            runs: &self.runs,
            official: official.as_ref(),
            strict: strict.as_ref(),
            ablated: &ablated,
        };
        let front = Front {
            runs: &self.runs,
            form: self.settings.form,
            generated: self.settings.generated,
            strict: strict.as_ref(),
        };
        let mut sections = vec![("/".to_owned(), front.draw())];
        if !comparison.is_empty() {
            sections.push(("/comparison".to_owned(), comparison.draw()));
        }
        let tasks: Vec<Task> = Task::ALL
            .into_iter()
            .filter(|task| task.folders().iter().any(|folder| self.browser.has(*folder)))
            .collect();
        for task in &tasks {
            let body = task_page(*task, &self.runs, self.settings.generated);
            sections.push((format!("/task/{task}"), body));
        }
        let media = self.embedded();
        let embedded = media.iter().map(|(_, _, bytes)| bytes.len() as u64).sum();
        let labels: Vec<&str> = self.runs.iter().map(|run| run.report.label.as_str()).collect();
        let document = Document {
            title: labels.join(", "),
            is_restricted: self.settings.generated.is_none(),
            sources: self.sources(),
            links: self.links(&tasks, !comparison.is_empty()),
            body: self.body(sections),
            data: Some(&self.browser.to_json(self.settings.serving.as_ref())?),
            media,
            modules: REPORT,
        };
        document.write(out)?;
        Ok(embedded)
    }

    fn sources(&self) -> Sources {
        match (self.settings.form, &self.settings.serving) {
            (PageForm::Public, _) => Sources { pictures: "data:", media: "'none'", data: "'none'" },
            (PageForm::Private, Some(_)) => {
                Sources { pictures: "'self' blob: data:", media: "'self' blob:", data: "'self'" }
            }
            // Media beside a page that is opened from disk.
            (PageForm::Private, None) => Sources {
                pictures: "'self' file: blob: data:",
                media: "'self' file: blob:",
                data: "'none'",
            },
        }
    }

    fn links(&self, tasks: &[Task], has_comparison: bool) -> Markup {
        html! {
            @if self.settings.serving.is_some() { a href="/" { "All labels" } }
            a href="#/" { "Overview" }
            @if has_comparison { a href="#/comparison" { "Comparison" } }
            details.menu {
                summary { "Tasks" }
                ul { @for task in tasks { li { a href={ "#/task/" (task) } { (task) } } } }
            }
            a href="#/samples" { "Samples" }
        }
    }

    fn body(&self, sections: Vec<(String, Markup)>) -> Markup {
        html! {
            noscript { p.note { "Without JavaScript all pages follow each other here; the sample browser needs it." } }
            @if let Some(serving) = &self.settings.serving {
                @if let Some(banner) = &serving.banner { p.banner role="note" { (banner) } }
                p.banner #news hidden { span {} " " a href="" { "Look at them" } }
            }
            @for (route, body) in sections {
                article.page id=(route) { (body) }
            }
            article.page.scripted id="/samples" hidden {}
            article.page.scripted id="/sample" hidden {}
        }
    }

    /// Media to embed, folder by folder until the limit is reached: key, media type, content.
    fn embedded(&self) -> Vec<(String, &'static str, Vec<u8>)> {
        let mut left = self.settings.embed;
        let mut media = Vec::new();
        let mut seen = HashSet::new();
        if left == 0 || !self.settings.form.has_texts() {
            return media;
        }
        for data in self.folders.iter().filter(|data| self.browser.has(data.folder)) {
            for sample in &data.samples {
                // What leaves its task folder is left out.
                let Ok(files) = sample.media.resolve(&data.path) else { continue };
                for (name, path) in sample.media.iter().zip(files.iter()) {
                    let key = format!("{}/{name}", data.folder);
                    if !seen.insert(key.clone()) {
                        continue;
                    }
                    let Some((kind, bytes)) = read_within(path.to_owned(), left) else { continue };
                    left -= bytes.len() as u64;
                    media.push((key, kind, bytes));
                }
            }
        }
        media
    }
}

/// A medium that fits, with its type by its bytes.
fn read_within(path: PathBuf, most: u64) -> Option<(&'static str, Vec<u8>)> {
    let length = std::fs::metadata(&path).ok()?.len();
    if length > most {
        return None;
    }
    let bytes = std::fs::read(path).ok().filter(|bytes| bytes.len() as u64 <= most)?;
    let container = Container::of(&bytes).ok()?;
    Some((MediaFormat { container, kind: container.usual_kind() }.mime(), bytes))
}

/// The base of an ablation's label, and what was done.
fn ablation(label: &str) -> Option<(String, String)> {
    let (base, kind) = Label::new(label).ok()?.ablation()?;
    Some((base.as_str().to_owned(), kind.name().to_owned()))
}
