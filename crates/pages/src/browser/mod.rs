//! What the sample browser of a page knows: all samples of all runs as columns, in one JSON object.
//!
//! Columns are by folder, because folders of different families have different fields. Texts are numbers
//! into one list of strings and lists of texts are numbers into one list of lists, so that a prompt
//! that 500 samples share stands once. `web/store.js` reads it.

mod column;
mod model_columns;
mod sample_columns;
mod strings;

use avibench_protocol::{Folder, FolderData};
use avibench_results::{PublicOrder, SampleRow, ScoringMode, StoredRun};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{PageForm, Serving, Waveforms};
use column::Columns;
use strings::{Lists, Strings};

pub(crate) use sample_columns::SampleSources;

/// Version of the object's shape: the scripts of a page and its data come from one program.
const VERSION: u32 = 1;

/// Collects the data run by run, so that only one run's rows are in memory at a time.
pub(crate) struct Browser {
    form: PageForm,
    strings: Strings,
    lists: Lists,
    waves: Vec<Value>,
    folders: Vec<BrowserFolder>,
    models: Vec<Value>,
}

/// The samples of one folder.
#[derive(Serialize)]
struct BrowserFolder {
    name: &'static str,
    task: &'static str,
    stage: &'static str,
    family: avibench_protocol::Family,
    /// SHA-256 of its `data.json`: what a doubt about a label refers to.
    data: String,
    /// How many samples there are.
    count: usize,
    /// Address of the task folder, where media are linked.
    #[serde(skip_serializing_if = "Option::is_none")]
    media: Option<String>,
    samples: Columns,
    /// One a run, in the order of runs; null where the run has nothing of the folder.
    models: Vec<Option<Columns>>,
    /// Positions in the order in which the samples are listed.
    #[serde(skip)]
    order: Vec<usize>,
    #[serde(skip)]
    folder: Folder,
}

impl Browser {
    /// A page without runs yet.
    pub(crate) fn new(form: PageForm) -> Self {
        Self {
            form,
            strings: Strings::default(),
            lists: Lists::default(),
            waves: Vec::new(),
            folders: Vec::new(),
            models: Vec::new(),
        }
    }

    /// Whether the samples of a folder are there.
    pub(crate) fn has(&self, folder: Folder) -> bool {
        self.folders.iter().any(|known| known.folder == folder)
    }

    /// Adds the samples of a folder, in their order or, on public pages, in that of `public`. `rows` are
    /// those of any run.
    pub(crate) fn add_folder(
        &mut self,
        data: &FolderData,
        rows: &[SampleRow],
        sources: &SampleSources<'_>,
        waveforms: &Waveforms,
        public: PublicOrder,
    ) {
        let order = match self.form {
            PageForm::Private => (0..data.samples.len()).collect(),
            PageForm::Public => public.positions(data.folder, data.samples.len()),
        };
        let samples = match self.form {
            PageForm::Private => self.sample_columns(data, rows, sources, waveforms),
            PageForm::Public => Self::bare_columns(data, &order),
        };
        let media = if self.form.has_texts() { sources.media_base(data) } else { None };
        let folder = data.folder;
        self.folders.push(BrowserFolder {
            name: folder.name(),
            task: folder.task().name(),
            stage: folder.stage().name(),
            family: folder.family(),
            data: data.sha256.clone(),
            count: data.samples.len(),
            media,
            samples,
            models: self.models.iter().map(|_| None).collect(),
            order,
            folder,
        });
        self.folders.sort_by_key(|known| known.folder);
    }

    /// Adds a run, whose folders must be there.
    pub(crate) fn add_run(&mut self, run: &StoredRun, folders: &[FolderData]) {
        let report = &run.report;
        let asking = report.asking.as_ref();
        self.models.push(json!({
            "label": report.label,
            "model": asking.map(|asking| &asking.model),
            "profile": asking.and_then(|asking| asking.profile.as_ref()),
            "parameters": asking.map(|asking| &asking.parameters),
        }));
        let conventions = model_columns::conventions(run, folders);
        let mut known = std::mem::take(&mut self.folders);
        for folder in &mut known {
            let data = folders.iter().find(|data| data.folder == folder.folder);
            let [official, strict] = [ScoringMode::Official, ScoringMode::Strict]
                .map(|mode| rows_of(run, mode, folder.folder));
            let columns = data.filter(|_| !strict.is_empty() || !official.is_empty()).map(|data| {
                self.model_columns(run, data, &folder.order, [official, strict], &conventions)
            });
            folder.models.push(columns);
        }
        self.folders = known;
    }

    /// The object as JSON that can stand in a script element.
    pub(crate) fn to_json(&self, serving: Option<&Serving>) -> serde_json::Result<Vec<u8>> {
        #[derive(Serialize)]
        struct Data<'a> {
            version: u32,
            form: &'static str,
            #[serde(skip_serializing_if = "Option::is_none")]
            serving: Option<&'a Serving>,
            /// The system line of every request.
            system: &'static str,
            models: &'a [Value],
            folders: &'a [BrowserFolder],
            waves: &'a [Value],
            lists: &'a Lists,
            strings: &'a Strings,
        }
        let form = match self.form {
            PageForm::Private => "private",
            PageForm::Public => "public",
        };
        let Self { models, folders, waves, lists, strings, .. } = self;
        let json = serde_json::to_string(&Data {
            version: VERSION,
            form,
            serving,
            system: avibench_protocol::SYSTEM_PROMPT,
            models,
            folders,
            waves,
            lists,
            strings,
        })?;
        Ok(harmless(json).into_bytes())
    }
}

/// JSON in which nothing can end a script element or open a comment in it.
fn harmless(json: String) -> String {
    if !json.contains('<') {
        return json;
    }
    // Outside of strings JSON has no such character, and within one this means the same.
    json.replace('<', "\\u003c")
}

/// The rows of a mode and folder: those of a run are sorted by both, then by position.
pub(crate) fn rows_of(run: &StoredRun, mode: ScoringMode, folder: Folder) -> &[SampleRow] {
    let place = |row: &SampleRow| (row.mode, row.folder);
    let from = run.rows.partition_point(|row| place(row) < (mode, folder));
    let to = run.rows.partition_point(|row| place(row) <= (mode, folder));
    &run.rows[from..to]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_the_script_that_holds_it() {
        let json = serde_json::to_string(&json!({"a": "</script><!--<script>"})).unwrap();
        let safe = harmless(json.clone());
        assert!(!safe.contains('<'), "{safe}");
        let [one, other]: [Value; 2] =
            [json, safe].map(|json| serde_json::from_str(&json).unwrap());
        assert_eq!(one, other);
    }
}
