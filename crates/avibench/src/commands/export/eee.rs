//! `avibench export eee`: records of Every Eval Ever.

use avibench_export::{
    Availability, Deployment, EeeExport, EeeIdentity, ExportFile, ExportFolder, Relationship,
};
use avibench_results::PublicText;
use clap::{Args, ValueEnum};
use jiff::Timestamp;

use super::label::{LabelArgs, form};
use crate::commands::common::quoted;
use crate::exit::Exit;
use crate::terminal::{self, counted};

/// Write records of Every Eval Ever (schema 0.3.0)
///
/// One record of all numbers with their intervals, and one a sample and mode, below `data/` as the
/// datastore has them. The schema allows no null: numbers and samples without a score are left out.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:\n\
\x20 avibench export eee my-model --model-id lab/my-model \\\n\
\x20     --organization Lab --relationship first-party\n\
\x20 avibench export eee my-model --public --developer lab \\\n\
\x20     --organization Us --relationship third-party")]
pub(super) struct Eee {
    #[command(flatten)]
    label: LabelArgs,
    /// Only the record of all numbers, since those of samples hold questions
    #[arg(long, help_heading = "Output")]
    public: bool,
    /// The model, as DEVELOPER/MODEL (default: the name that it was asked under)
    #[arg(long, help_heading = "Record", value_name = "ID")]
    model_id: Option<String>,
    /// Who made the model, where its id does not say so
    #[arg(long, help_heading = "Record", value_name = "NAME")]
    developer: Option<String>,
    /// Who publishes the numbers
    #[arg(long, help_heading = "Record", value_name = "NAME")]
    organization: Option<String>,
    /// How who publishes the numbers and who made the model are related
    #[arg(long, help_heading = "Record", value_name = "RELATION")]
    relationship: Option<RelationName>,
    /// Who controlled the model while it was asked
    #[arg(long, help_heading = "Record", default_value = "unknown", value_name = "WHO")]
    deployment: DeploymentName,
    /// Whether the model's weights can be had
    #[arg(long, help_heading = "Record", default_value = "unknown", value_name = "WEIGHTS")]
    weights: WeightsName,
}

/// `--relationship`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum RelationName {
    FirstParty,
    ThirdParty,
    Collaborative,
    Other,
}

/// `--deployment`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum DeploymentName {
    SelfDeployed,
    ExternallyManaged,
    Unknown,
}

/// `--weights`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum WeightsName {
    Open,
    Closed,
    Unknown,
}

impl From<RelationName> for Relationship {
    fn from(name: RelationName) -> Self {
        match name {
            RelationName::FirstParty => Self::FirstParty,
            RelationName::ThirdParty => Self::ThirdParty,
            RelationName::Collaborative => Self::Collaborative,
            RelationName::Other => Self::Other,
        }
    }
}

impl From<DeploymentName> for Deployment {
    fn from(name: DeploymentName) -> Self {
        match name {
            DeploymentName::SelfDeployed => Self::SelfDeployed,
            DeploymentName::ExternallyManaged => Self::ExternallyManaged,
            DeploymentName::Unknown => Self::Unknown,
        }
    }
}

impl From<WeightsName> for Availability {
    fn from(name: WeightsName) -> Self {
        match name {
            WeightsName::Open => Self::OpenWeights,
            WeightsName::Closed => Self::ClosedWeights,
            WeightsName::Unknown => Self::Unknown,
        }
    }
}

impl Eee {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let exported = self.label.read(form(self.public))?;
        let identity = self.identity(exported.model())?;
        LabelArgs::tell_notes(&exported);
        let export =
            EeeExport { exported: &exported, identity: &identity, retrieved: Timestamp::now() };
        let name = if self.public { "eee-public" } else { "eee" };
        let path = self.label.folder(name);
        let folder = ExportFolder::new(&path, name, self.label.label.as_str());
        let record = ExportFile::new(export.record_name(), |out| export.write_record(out));
        let mut files = vec![record];
        if !self.public {
            let name = export.samples_name();
            files.push(ExportFile::new(name, |out| export.write_samples(out)));
        }
        let written = folder.write(files)?;
        self.label.tell(&exported, &written, &path);
        if !self.public {
            let [with, without] = export.sample_counts();
            terminal::note(format!(
                "{}, one a sample and mode; left out for want of a score: {without}",
                counted(with, "sample record"),
            ));
        }
        let pattern = format!("{}/data/*/*/*/*.json*", path.display());
        terminal::hint(format!(
            "python -m every_eval_ever validate {}",
            quoted(std::path::Path::new(&pattern))
        ));
        Ok(Exit::Done)
    }

    /// Who made the model and who evaluated it. What a run cannot know is told of at once where it lacks.
    fn identity(&self, model: &str) -> anyhow::Result<EeeIdentity> {
        let flags = [
            ("--organization", self.organization.is_some(), "'My Lab'"),
            ("--relationship", self.relationship.is_some(), "third-party"),
        ];
        let lacking: Vec<String> = flags
            .into_iter()
            .filter(|(_, is_told, _)| !is_told)
            .map(|(flag, _, example)| format!("{flag} {example}"))
            .collect();
        anyhow::ensure!(
            lacking.is_empty(),
            "a record says what a run cannot know; add these flags, for example:\n  {}",
            lacking.join("\n  ")
        );
        let is_path = model.starts_with(['/', '.', '~']) || model.contains("://");
        let named = if is_path { PublicText::new([]).name(model) } else { model.to_owned() };
        let model_id = self.model_id.clone().unwrap_or(named);
        let organization = self.organization.clone().unwrap_or_default();
        anyhow::ensure!(
            !organization.trim().is_empty(),
            "--organization is empty; name who publishes the numbers"
        );
        let relationship = self.relationship.map_or(Relationship::Other, Relationship::from);
        let mut identity =
            EeeIdentity::new(&model_id, self.developer.as_deref(), &organization, relationship)?;
        identity.deployment = self.deployment.into();
        identity.availability = self.weights.into();
        Ok(identity)
    }
}
