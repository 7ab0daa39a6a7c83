//! Fetches what is missing into a folder of models.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use avibench_fense::{
    FenseError, Located, ModelFiles, PUBLISHED_CHECKPOINT, Part, Places, SENTENCE_MODEL, locate,
};

use avibench_network::{Network, Url};

use crate::FetchError;
use crate::download::{Downloader, Outcome};
use crate::unreachable::UnreachableServer;

/// Before the second try of a file; doubled each time.
const PAUSE: Duration = Duration::from_secs(1);

/// How far a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchProgress {
    /// Where the file comes from.
    pub url: String,
    /// Where it goes.
    pub target: PathBuf,
    /// Bytes so far.
    pub done: u64,
    /// Bytes in all, if the server says.
    pub total: Option<u64>,
}

/// How long a server is waited for that nobody has asked for by name.
pub(crate) const REACH: Duration = Duration::from_secs(3);

/// The model files, fetched first if they are not on this machine. Whoever asks could do without them, so
/// that a network that is not there costs no more than three seconds, and nothing for the next quarter of
/// an hour, which [`fetch`] ends.
///
/// # Errors
///
/// [`FenseError::ModelsMissing`] if fetching is forbidden, [`FetchError::Unreachable`] if there is no network,
/// otherwise as [`fetch`].
pub fn ensure(
    places: &Places,
    progress: &mut dyn FnMut(&FetchProgress),
) -> Result<ModelFiles, FetchError> {
    ensure_within(places, REACH, PAUSE, progress)
}

pub(crate) fn ensure_within(
    places: &Places,
    within: Duration,
    pause: Duration,
    progress: &mut dyn FnMut(&FetchProgress),
) -> Result<ModelFiles, FetchError> {
    match locate(places).files() {
        Err(FenseError::ModelsMissing(_)) if !places.offline => {}
        outcome => return Ok(outcome?),
    }
    let address = &places.hub_address;
    let remembered =
        places.own.as_ref().and_then(|own| UnreachableServer::remembered(own, address));
    if let Some((UnreachableServer { address, reason }, ago)) = remembered {
        return Err(FetchError::Unreachable { address, reason, ago: Some(ago) });
    }
    let reason = match Url::parse(address) {
        Ok(url) => Network::from_env().reach(&url, within).err().map(|error| error.to_string()),
        // What is wrong with the address is told by the download.
        Err(_) => None,
    };
    let failure = match reason {
        Some(reason) => FetchError::Unreachable { address: address.clone(), reason, ago: None },
        None => match fetch_with(places, pause, progress) {
            Err(failure @ FetchError::Download { .. }) => failure,
            outcome => return outcome,
        },
    };
    if let Some(own) = &places.own {
        let reason = match &failure {
            FetchError::Unreachable { reason, .. } => reason.clone(),
            other => other.to_string(),
        };
        UnreachableServer { address: address.clone(), reason }.remember(own);
    }
    Err(failure)
}

/// Fetches the parts that are not on this machine into [`Places::folder`], else [`Places::own`].
///
/// May be called from anywhere: the transfer runs on a thread of its own, `progress` on the
/// caller's. Of several processes one fetches, the others wait for it.
///
/// # Errors
///
/// [`FetchError::Download`], [`FetchError::Checksum`], [`FetchError::Io`], and
/// [`FenseError::ModelsMissing`] if fetching is forbidden or there is no folder to fetch to.
pub fn fetch(
    places: &Places,
    progress: &mut dyn FnMut(&FetchProgress),
) -> Result<ModelFiles, FetchError> {
    let files = fetch_with(places, PAUSE, progress)?;
    if let Some(own) = &places.own {
        UnreachableServer::forget(own);
    }
    Ok(files)
}

pub(crate) fn fetch_with(
    places: &Places,
    pause: Duration,
    progress: &mut dyn FnMut(&FetchProgress),
) -> Result<ModelFiles, FetchError> {
    let (sender, receiver) = mpsc::channel();
    std::thread::scope(|scope| {
        let worker = scope.spawn(move || {
            fetch_missing(places, pause, &mut |event| {
                // Nobody listens once the caller is gone, which waits for this thread.
                let _ = sender.send(event);
            })
        });
        for event in receiver {
            progress(&event);
        }
        worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

fn fetch_missing(
    places: &Places,
    pause: Duration,
    progress: &mut dyn FnMut(FetchProgress),
) -> Result<ModelFiles, FetchError> {
    let located = locate(places);
    if places.offline {
        return Ok(located.files()?);
    }
    let Some(folder) = places.folder.as_ref().or(places.own.as_ref()) else {
        return Ok(located.files()?);
    };
    std::fs::create_dir_all(folder).map_err(FetchError::io(folder))?;
    let lock_path = folder.join(".fetch.lock");
    let lock = File::create(&lock_path).map_err(FetchError::io(&lock_path))?;
    lock.lock().map_err(FetchError::io(&lock_path))?;

    let mut job = Job { downloader: Downloader::new(pause)?, places, progress };
    // Another process may have fetched them while this one waited.
    let located = locate(places);
    if lacks(&located, Part::Sentence) {
        job.sentence(&folder.join(Part::Sentence.file_name()))?;
    }
    if lacks(&located, Part::Checkpoint) {
        let (name, hash) = PUBLISHED_CHECKPOINT;
        let url = format!("{}/{name}", places.detector_address);
        if job.file(&url, &folder.join(Part::Checkpoint.file_name()), Some(hash))?
            == Outcome::NotFound
        {
            return Err(not_found(&url));
        }
    }
    // Which tokenizer is needed may only be known with the checkpoint.
    let located = locate(places);
    if lacks(&located, Part::Base) {
        job.base(&located.base_model, &folder.join(Part::Base.file_name()))?;
    }
    Ok(locate(places).files()?)
}

fn lacks(located: &Located, part: Part) -> bool {
    located.findings.iter().any(|finding| finding.part == part && finding.path().is_none())
}

struct Job<'a> {
    downloader: Downloader,
    places: &'a Places,
    progress: &'a mut dyn FnMut(FetchProgress),
}

impl Job<'_> {
    /// The files of the sentence encoder, `modules.json` last: it makes the folder complete.
    fn sentence(&mut self, folder: &Path) -> Result<(), FetchError> {
        let weights = ["model.safetensors", "pytorch_model.bin"];
        self.first_of(SENTENCE_MODEL, &weights, folder)?;
        self.first_of(SENTENCE_MODEL, &["tokenizer.json", "vocab.txt"], folder)?;
        for name in ["tokenizer_config.json", "sentence_bert_config.json"] {
            self.any_of(SENTENCE_MODEL, &[name], folder)?;
        }
        for name in ["config.json", "1_Pooling/config.json", "modules.json"] {
            self.first_of(SENTENCE_MODEL, &[name], folder)?;
        }
        Ok(())
    }

    /// The tokenizer and configuration of an encoder, the tokenizer last.
    fn base(&mut self, repository: &str, folder: &Path) -> Result<(), FetchError> {
        for name in ["tokenizer_config.json", "config.json"] {
            self.any_of(repository, &[name], folder)?;
        }
        self.first_of(repository, &["tokenizer.json", "vocab.txt"], folder)
    }

    /// Fetches the first of some files that a repository of the hub has; one must be there.
    fn first_of(
        &mut self,
        repository: &str,
        names: &[&str],
        folder: &Path,
    ) -> Result<(), FetchError> {
        if self.any_of(repository, names, folder)? == Outcome::Fetched {
            return Ok(());
        }
        Err(not_found(&self.url(repository, &names.join("|"))))
    }

    /// Fetches the first of some files that a repository of the hub has, if any.
    fn any_of(
        &mut self,
        repository: &str,
        names: &[&str],
        folder: &Path,
    ) -> Result<Outcome, FetchError> {
        for name in names {
            let target = folder.join(name);
            let url = self.url(repository, name);
            if target.is_file() || self.file(&url, &target, None)? == Outcome::Fetched {
                return Ok(Outcome::Fetched);
            }
        }
        Ok(Outcome::NotFound)
    }

    fn url(&self, repository: &str, name: &str) -> String {
        format!("{}/{repository}/resolve/main/{name}", self.places.hub_address)
    }

    fn file(
        &mut self,
        url: &str,
        target: &Path,
        hash: Option<&str>,
    ) -> Result<Outcome, FetchError> {
        if let Some(folder) = target.parent() {
            std::fs::create_dir_all(folder).map_err(FetchError::io(folder))?;
        }
        let mut event =
            FetchProgress { url: url.to_owned(), target: target.to_owned(), done: 0, total: None };
        self.downloader.fetch(url, target, hash, &mut |done, total| {
            (event.done, event.total) = (done, total);
            (self.progress)(event.clone());
        })
    }
}

fn not_found(url: &str) -> FetchError {
    FetchError::download(url, "the server answers 404 Not Found; is the address right?")
}
