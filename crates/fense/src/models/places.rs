//! The folders in which models may lie, as the environment states them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Where to look, and where to fetch from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// A folder with `sbert/`, `echecker.ckpt` and `echecker_base/`. If set, nothing else counts.
    pub folder: Option<PathBuf>,
    /// The Hugging Face cache, with one `models--owner--name` folder a repository.
    pub hub_cache: Option<PathBuf>,
    /// Where Sentence Transformers before version 2.3 kept its models.
    pub sentence_transformers: Option<PathBuf>,
    /// Where the Python tools keep the detector's checkpoint.
    pub detector_data: Option<PathBuf>,
    /// Where models are fetched to unless `folder` is set; laid out like it.
    pub own: Option<PathBuf>,
    /// Whether fetching is forbidden.
    pub offline: bool,
    /// The Hugging Face hub's address.
    pub hub_address: String,
    /// The address below which the detector's checkpoint is published.
    pub detector_address: String,
}

impl Places {
    /// Reads the process's environment; `folder` goes before `AVIBENCH_FENSE_MODELS`.
    #[must_use]
    pub fn from_env(folder: Option<PathBuf>) -> Self {
        Self::from_lookup(folder, std::env::home_dir().as_deref(), |name| std::env::var_os(name))
    }

    /// As [`Places::from_env`], from any source of variables. Empty variables count as unset.
    ///
    /// Reads `AVIBENCH_FENSE_MODELS`; `HF_HUB_CACHE`, `HUGGINGFACE_HUB_CACHE`, `HF_HOME`,
    /// `HF_HUB_OFFLINE` and `HF_ENDPOINT`; `SENTENCE_TRANSFORMERS_HOME`; `FENSE_DATA` and
    /// `TORCH_HOME`; `XDG_CACHE_HOME`.
    #[must_use]
    pub fn from_lookup(
        folder: Option<PathBuf>,
        home: Option<&Path>,
        lookup: impl Fn(&str) -> Option<OsString>,
    ) -> Self {
        let variable = |name: &str| lookup(name).filter(|value| !value.is_empty());
        let path = |name: &str| {
            let path = PathBuf::from(variable(name)?);
            Some(match (path.strip_prefix("~"), home) {
                (Ok(rest), Some(home)) => home.join(rest),
                _ => path,
            })
        };
        let text = |name: &str| variable(name).and_then(|value| value.into_string().ok());
        let cache = path("XDG_CACHE_HOME").or_else(|| Some(home?.join(".cache")));
        let cached = |name: &str| cache.as_ref().map(|cache| cache.join(name));
        let torch = path("TORCH_HOME").or_else(|| cached("torch"));
        Self {
            folder: folder.or_else(|| path("AVIBENCH_FENSE_MODELS")),
            hub_cache: path("HF_HUB_CACHE")
                .or_else(|| path("HUGGINGFACE_HUB_CACHE"))
                .or_else(|| Some(path("HF_HOME").or_else(|| cached("huggingface"))?.join("hub"))),
            sentence_transformers: path("SENTENCE_TRANSFORMERS_HOME")
                .or_else(|| Some(torch.as_ref()?.join("sentence_transformers"))),
            detector_data: path("FENSE_DATA")
                .or_else(|| Some(torch.as_ref()?.join("hub").join("fense_data"))),
            own: cached("avibench").map(|cache| cache.join("fense")),
            offline: text("HF_HUB_OFFLINE").is_some_and(|value| {
                ["1", "true", "yes", "on"].contains(&value.to_lowercase().as_str())
            }),
            hub_address: text("HF_ENDPOINT").map_or_else(
                || "https://huggingface.co".to_owned(),
                |address| address.trim_end_matches('/').to_owned(),
            ),
            detector_address: "https://github.com/blmoistawinde/fense/releases/download/V0.1"
                .to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(variables: &[(&str, &str)]) -> Places {
        Places::from_lookup(None, Some(Path::new("/home/me")), |name| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into())
        })
    }

    #[test]
    fn without_variables_everything_is_below_the_home_folder() {
        let places = places(&[]);
        assert_eq!(places.folder, None);
        assert_eq!(places.hub_cache, Some("/home/me/.cache/huggingface/hub".into()));
        assert_eq!(places.detector_data, Some("/home/me/.cache/torch/hub/fense_data".into()));
        assert_eq!(places.own, Some("/home/me/.cache/avibench/fense".into()));
        assert!(!places.offline);
        assert_eq!(places.hub_address, "https://huggingface.co");
    }

    #[test]
    fn variables_move_the_folders() {
        let hub = |variables: &[(&str, &str)]| places(variables).hub_cache.unwrap();
        assert_eq!(hub(&[("HF_HOME", "/hf")]), PathBuf::from("/hf/hub"));
        assert_eq!(hub(&[("HF_HOME", "~/hf")]), PathBuf::from("/home/me/hf/hub"));
        assert_eq!(hub(&[("HF_HOME", "")]), PathBuf::from("/home/me/.cache/huggingface/hub"));
        assert_eq!(
            hub(&[("HF_HOME", "/hf"), ("HUGGINGFACE_HUB_CACHE", "/old")]),
            PathBuf::from("/old")
        );
        assert_eq!(
            hub(&[("HUGGINGFACE_HUB_CACHE", "/old"), ("HF_HUB_CACHE", "/new")]),
            PathBuf::from("/new")
        );
        assert_eq!(hub(&[("XDG_CACHE_HOME", "/x")]), PathBuf::from("/x/huggingface/hub"));
        let data = |variables: &[(&str, &str)]| places(variables).detector_data.unwrap();
        assert_eq!(data(&[("TORCH_HOME", "/t")]), PathBuf::from("/t/hub/fense_data"));
        assert_eq!(data(&[("TORCH_HOME", "/t"), ("FENSE_DATA", "/f")]), PathBuf::from("/f"));
        assert_eq!(places(&[("AVIBENCH_FENSE_MODELS", "/m")]).folder, Some(PathBuf::from("/m")));
    }

    #[test]
    fn offline_is_what_the_hub_takes_for_true() {
        for (value, offline) in
            [("1", true), ("TRUE", true), ("yes", true), ("On", true), ("0", false), ("no", false)]
        {
            assert_eq!(places(&[("HF_HUB_OFFLINE", value)]).offline, offline, "{value}");
        }
    }
}
