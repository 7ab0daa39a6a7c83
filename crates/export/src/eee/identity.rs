//! What a run cannot know of its model and its evaluator, and the folders of the datastore that follow from it.

use serde::{Deserialize, Serialize};

/// Who made the model and who evaluated it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EeeIdentity {
    model_id: String,
    developer: Option<String>,
    developer_folder: String,
    model_folder: String,
    /// Who publishes the numbers.
    pub organization: String,
    /// How that organization and the model's maker are related.
    pub relationship: Relationship,
    /// Who controlled the model while it was asked.
    pub deployment: Deployment,
    /// Whether its weights can be had.
    pub availability: Availability,
}

/// How whoever evaluates and whoever made the model are related.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relationship {
    /// The maker evaluates its own model.
    FirstParty,
    /// Somebody else evaluates it.
    ThirdParty,
    /// Both together.
    Collaborative,
    /// None of these.
    Other,
}

/// Who controlled the model while it was asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deployment {
    /// Whoever evaluated it.
    SelfDeployed,
    /// A provider.
    ExternallyManaged,
    /// Not told.
    #[default]
    Unknown,
}

/// Whether a model's weights can be had.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Availability {
    /// Everybody can have them.
    OpenWeights,
    /// Nobody else has them.
    ClosedWeights,
    /// Not told.
    #[default]
    Unknown,
}

/// A name that the datastore cannot hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EeeError {
    /// There is no folder for it.
    #[error(
        "the {what} `{name}` makes no folder name on every system, and the datastore files records by it; give another \
         with {flag}: not empty, `unknown` or `data`, none of < > \" \\ | ? * or control characters, no dot or space \
         at the end"
    )]
    NoFolder {
        /// `model` or `developer`.
        what: &'static str,
        /// The name.
        name: String,
        /// The flag that sets it.
        flag: &'static str,
    },
    /// A model without its maker.
    #[error(
        "the datastore files records by who made the model, which `{0}` does not say; add --developer NAME, or give \
         the model as --model-id DEVELOPER/MODEL"
    )]
    NoDeveloper(String),
}

impl EeeIdentity {
    /// The identity of a model such as `org/model`, or of one whose developer is named beside it.
    ///
    /// # Errors
    ///
    /// If the datastore has no folder for it.
    pub fn new(
        model_id: &str,
        developer: Option<&str>,
        organization: &str,
        relationship: Relationship,
    ) -> Result<Self, EeeError> {
        let (of_id, model) = match model_id.split_once('/') {
            Some((developer, model)) => (Some(developer), model),
            None => (None, model_id),
        };
        let Some(filed_under) = of_id.or(developer) else {
            return Err(EeeError::NoDeveloper(model_id.to_owned()));
        };
        let flag = if of_id.is_some() { "--model-id" } else { "--developer" };
        let developer_folder = folder_name("developer", filed_under, flag)?;
        let parts: Result<Vec<String>, EeeError> =
            model.split('/').map(|part| folder_name("model", part, "--model-id")).collect();
        Ok(Self {
            model_id: model_id.to_owned(),
            developer: developer.map(str::to_owned),
            developer_folder,
            model_folder: parts?.join("_"),
            organization: organization.to_owned(),
            relationship,
            deployment: Deployment::default(),
            availability: Availability::default(),
        })
    }

    /// The model, as `org/model` or as its name alone.
    #[must_use]
    pub fn model_id(&self) -> &str {
        &self.model_id
    }

    /// Who made the model, if that was named beside it.
    #[must_use]
    pub fn developer(&self) -> Option<&str> {
        self.developer.as_deref()
    }

    pub(super) fn developer_folder(&self) -> &str {
        &self.developer_folder
    }

    pub(super) fn model_folder(&self) -> &str {
        &self.model_folder
    }
}

/// A name as a folder of the datastore, where colons become underscores.
fn folder_name(what: &'static str, name: &str, flag: &'static str) -> Result<String, EeeError> {
    let folder = name.replace(':', "_");
    let stem = folder.split('.').next().unwrap_or_default().to_uppercase();
    let is_device = ["CON", "PRN", "AUX", "NUL"].contains(&stem.as_str())
        || (["COM", "LPT"].iter().any(|device| {
            stem.strip_prefix(device).is_some_and(|number| {
                number.len() == 1 && number.chars().all(|c| ('1'..='9').contains(&c))
            })
        }));
    let is_forbidden = |c: char| "<>\"\\|?*/".contains(c) || c.is_control();
    let is_usable = folder.trim() == folder
        && !folder.is_empty()
        && folder.len() <= 128
        && !folder.eq_ignore_ascii_case("unknown")
        && folder != "data"
        && !folder.ends_with('.')
        && !is_device
        && !folder.contains(is_forbidden);
    if is_usable {
        Ok(folder)
    } else {
        Err(EeeError::NoFolder { what, name: name.to_owned(), flag })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(model: &str, developer: Option<&str>) -> Result<(String, String), String> {
        let found = EeeIdentity::new(model, developer, "lab", Relationship::Other);
        let found = found.map_err(|error| error.to_string())?;
        Ok((found.developer_folder, found.model_folder))
    }

    #[test]
    fn models_are_filed_by_who_made_them() {
        let filed = |developer: &str, model: &str| Ok((developer.to_owned(), model.to_owned()));
        assert_eq!(identity("Org/Omni-7B", None), filed("Org", "Omni-7B"));
        assert_eq!(identity("openai/azure/gpt:4", None), filed("openai", "azure_gpt_4"));
        assert_eq!(identity("omni", Some("lab")), filed("lab", "omni"));
        assert!(identity("omni", None).unwrap_err().contains("--developer"));
    }

    #[test]
    fn names_that_make_no_folder_are_refused() {
        for model in [
            "",
            "/",
            "a//b",
            "../x",
            "a/..",
            "a/b.",
            "a/b ",
            "a/\u{1b}x",
            "a/nul",
            "a/COM1.x",
            "data/x",
            "a\\b/c",
        ] {
            let said = identity(model, None).unwrap_err();
            assert!(said.contains("--"), "{model}: {said}");
        }
        for developer in ["unknown", "Unknown", "", "a/b", "con", "x?"] {
            let said = identity("omni", Some(developer)).unwrap_err();
            assert!(said.contains("--developer"), "{developer}: {said}");
        }
    }
}
