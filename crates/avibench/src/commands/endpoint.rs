//! Who is asked, and how: the flags that `run` and `smoke` share, and the backend they lead to.

use std::ops::RangeInclusive;
use std::path::Path;
use std::time::Duration;

use avibench_engine::{
    Backend, Exec, ExecSettings, Http, HttpSettings, Local, Packing, Profile, RequestFormat,
    RunSettings, VideoSettings,
};
use avibench_prompts::PromptPack;
use avibench_store::Label;
use clap::Args;
use serde_json::{Map, Value};

use super::backend_name::{self, BackendName};
use super::by_name::by_name;
use super::connection::ConnectionArgs;
use super::ranges::{self, seconds, whole};
use super::serve::BuiltIn;
use super::session;

/// Time for a program to load its model.
const WORKER_START: Duration = Duration::from_mins(30);

/// The model and the way to it.
#[derive(Debug, Clone, Args)]
pub(crate) struct EndpointArgs {
    /// The model's name, as the endpoint knows it
    #[arg(
        long,
        help_heading = "Model",
        visible_alias = "model",
        alias = "model_path",
        env = "MODEL_PATH",
        value_name = "NAME"
    )]
    pub model_path: Option<String>,
    /// Name for the files (default: the model's name)
    #[arg(
        long,
        help_heading = "Model",
        alias = "model_label",
        env = "MODEL_LABEL",
        value_name = "LABEL"
    )]
    pub model_label: Option<Label>,
    /// Who answers: `openai` is any OpenAI-compatible endpoint, NAME the Python adapter
    /// models/NAME/run.py, `adapter:FILE.py` one elsewhere, `exec:COMMAND` a local program; `signal`,
    /// `signal-guessing` and `chance` are built in (see `serve --help`)
    #[arg(long, help_heading = "Model", env = "MODEL_BACKEND", hide_possible_values = true, value_parser = by_name::<BackendName>(backend_name::without_argument()), default_value_t = BackendName::default(), value_name = "BACKEND")]
    pub backend: BackendName,
    /// How many adapters or programs run side by side
    #[arg(long, help_heading = "Model", default_value_t = 1, value_parser = whole::<usize>(ranges::WORKERS), value_name = "N")]
    pub workers: usize,
    // What follows from the table of profiles is said from it.
    #[arg(long, help_heading = "Media", help = profile_help(), hide_possible_values = true, value_parser = by_name::<Profile>(Profile::ALL.map(Profile::name)), default_value_t = Profile::default(), value_name = "PROFILE")]
    pub profile: Profile,
    #[arg(long, help_heading = "Media", help = frames_help(), value_parser = within(VideoSettings::FRAMES), value_name = "N")]
    pub frames: Option<u32>,
    #[arg(long, help_heading = "Media", help = frame_size_help(), value_parser = within(VideoSettings::FRAME_SIZES), value_name = "PIXELS")]
    pub frame_size: Option<u32>,
    #[arg(long, help_heading = "Media", help = sample_rate_help(), value_parser = within(VideoSettings::SAMPLE_RATES), value_name = "HZ")]
    pub sample_rate: Option<u32>,
    #[command(flatten)]
    pub connection: ConnectionArgs,
    /// Most requests in flight; the limit adapts below it
    #[arg(long, help_heading = "Limits", env = "CONCURRENCY", default_value_t = 8, value_parser = whole::<usize>(ranges::CONCURRENCY), value_name = "N")]
    pub concurrency: usize,
    /// Seconds for one request, with decoding its media
    #[arg(long, help_heading = "Limits", default_value_t = 180.0, value_parser = seconds, value_name = "SECONDS")]
    pub timeout: f64,
    /// Most media in memory, with what decoding them takes, in MiB, unless one request alone needs
    /// more
    #[arg(long, help_heading = "Limits", default_value_t = 256, value_parser = whole::<u64>(ranges::INFLIGHT_MIB), value_name = "MIB")]
    pub max_inflight_mib: u64,
    /// Seed of the `chance` and `signal-guessing` backends
    #[arg(long, help_heading = "Model", default_value_t = 0, value_parser = whole::<u64>(ranges::SEED), value_name = "SEED")]
    pub chance_seed: u64,
    /// Let adapters and worker programs have the API key from the environment
    #[arg(long, help_heading = "Model")]
    pub pass_key: bool,
}

/// A number in a range of the library's.
fn within(
    range: RangeInclusive<u32>,
) -> impl Fn(&str) -> Result<u32, String> + Clone + Send + Sync + 'static {
    whole(u64::from(*range.start())..=u64::from(*range.end()))
}

fn profile_help() -> String {
    let each = Profile::ALL.map(|profile| format!("`{profile}` {}", profile.help()));
    format!("How media are packed: {}", each.join(", "))
}

fn frames_help() -> String {
    let mut usual: Vec<u32> = Profile::ALL.into_iter().filter_map(Profile::usual_frames).collect();
    usual.dedup();
    let usual: Vec<String> = usual.iter().map(u32::to_string).collect();
    let profiles = named(Profile::with_frames());
    format!(
        "Evenly spaced frames that stand for a video ({profiles}; default: {})",
        usual.join(" or ")
    )
}

fn frame_size_help() -> String {
    let profiles = named(Profile::with_frames());
    format!("Shrink frames to so many pixels on the longer side ({profiles}; default: as they are)")
}

fn sample_rate_help() -> String {
    let profiles = named(Profile::with_sound());
    format!("Rate of a video's sound track ({profiles}; default: its own)")
}

/// `profile a` or `profiles a and b`.
fn named(profiles: impl Iterator<Item = Profile>) -> String {
    let names: Vec<&str> = profiles.map(Profile::name).collect();
    let noun = if names.len() == 1 { "profile" } else { "profiles" };
    format!("{noun} {}", names.join(" and "))
}

impl EndpointArgs {
    /// The model's name.
    pub(crate) fn model(&self) -> anyhow::Result<String> {
        match &self.backend {
            BackendName::BuiltIn(built_in) => Ok(built_in.name().to_owned()),
            BackendName::Adapter(adapter) => {
                Ok(self.model_path.clone().unwrap_or_else(|| adapter.model()))
            }
            BackendName::OpenAi | BackendName::Exec(_) => {
                self.model_path.clone().ok_or_else(|| {
                    anyhow::anyhow!("no model: name it with --model-path or MODEL_PATH")
                })
            }
        }
    }

    /// The label of its files.
    pub(crate) fn label(&self) -> anyhow::Result<Label> {
        match &self.model_label {
            Some(label) => Ok(label.clone()),
            None => Ok(Label::from_model(&self.model()?)?),
        }
    }

    /// The profile with its settings, where media are packed at all.
    fn packing(&self) -> anyhow::Result<Option<Packing>> {
        let video = VideoSettings {
            frames: self.frames,
            frame_size: self.frame_size,
            sample_rate: self.sample_rate,
        };
        match self.backend {
            BackendName::OpenAi => Ok(Some(Packing::new(self.profile, video)?)),
            BackendName::BuiltIn(_) | BackendName::Adapter(_) | BackendName::Exec(_) => {
                anyhow::ensure!(
                    video == VideoSettings::default(),
                    "--frames, --frame-size and --sample-rate have no effect with the backend \
                     `{}`, which gets the files as they are; leave them out",
                    self.backend
                );
                Ok(None)
            }
        }
    }

    /// Whether a model answers that the program brings along.
    pub(crate) const fn is_built_in(&self) -> bool {
        matches!(self.backend, BackendName::BuiltIn(_))
    }

    /// What requests consist of; `None` for backends that get the files as they are.
    fn request_format(&self) -> anyhow::Result<Option<RequestFormat>> {
        let Some(packing) = self.packing()? else { return Ok(None) };
        let parameters = self.connection.parameters()?;
        let stream = self.connection.stream;
        Ok(Some(RequestFormat::new(&self.model()?, &parameters, stream, Some(packing))?))
    }

    /// What decides the answers besides model and prompts.
    fn deciding(&self) -> anyhow::Result<Map<String, Value>> {
        let seed = ("chance_seed".to_owned(), Value::from(self.chance_seed));
        match self.backend {
            BackendName::BuiltIn(BuiltIn::Signal) => Ok(Map::new()),
            BackendName::BuiltIn(BuiltIn::SignalGuessing | BuiltIn::Chance) => {
                Ok(Map::from_iter([seed]))
            }
            BackendName::OpenAi | BackendName::Adapter(_) | BackendName::Exec(_) => {
                self.connection.parameters()
            }
        }
    }

    /// A run under `label` whose files go below `output_dir`: no price, no cap.
    pub(crate) fn settings(
        &self,
        label: Label,
        output_dir: &Path,
        pack: &PromptPack,
    ) -> anyhow::Result<RunSettings> {
        let directory = output_dir.join(label.as_str());
        if let BackendName::Adapter(adapter) = &self.backend {
            adapter.file()?;
        }
        Ok(RunSettings {
            program: avibench_build::PROGRAM.to_owned(),
            backend: self.backend.to_string(),
            request: self.request_format()?,
            parameters: self.deciding()?,
            prompt_pack: pack.hash(),
            wording: Some(pack.source()),
            concurrency: self.concurrency,
            requests_per_minute: self.connection.rpm,
            tokens_per_minute: self.connection.tpm,
            retry: self.connection.retry(),
            grace: session::GRACE,
            ..RunSettings::new(label, directory, &self.model()?)
        })
    }

    /// The backend itself; nothing is sent yet. `directory` is where a program's log goes.
    pub(crate) fn backend(&self, directory: &Path) -> anyhow::Result<Backend> {
        let inflight_bytes = self.max_inflight_mib << 20;
        let timeout = Duration::from_secs_f64(self.timeout);
        Ok(match &self.backend {
            BackendName::BuiltIn(built_in) => {
                let model = built_in.model(self.chance_seed);
                Backend::Local(Local::new(model, inflight_bytes, timeout))
            }
            BackendName::Exec(command) => {
                self.workers(ExecSettings::split(command)?, inflight_bytes, timeout, directory)?
            }
            BackendName::Adapter(adapter) => {
                let command = adapter.command(self.model_path.as_deref())?;
                self.workers(command, inflight_bytes, timeout, directory)?
            }
            BackendName::OpenAi => {
                let http = Http::new(HttpSettings {
                    profile: self.packing()?,
                    timeout,
                    inflight_bytes,
                    ..self.connection.http(&self.model()?)?
                })?;
                Backend::Http(http.with_installed_ffmpeg())
            }
        })
    }

    /// Worker programs, started by this command.
    fn workers(
        &self,
        command: Vec<String>,
        inflight_bytes: u64,
        timeout: Duration,
        directory: &Path,
    ) -> anyhow::Result<Backend> {
        Ok(Backend::Exec(Box::new(Exec::new(ExecSettings {
            command,
            workers: self.workers,
            model: self.model()?,
            parameters: self.connection.parameters()?,
            timeout,
            inflight_bytes,
            startup: WORKER_START,
            log: directory.join("workers.log"),
            withheld: if self.pass_key {
                Vec::new()
            } else {
                self.connection.route.key_variables()
            },
            secrets: self.connection.route.known_keys().into_iter().collect(),
        })?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        endpoint: EndpointArgs,
    }

    fn parsed(line: &[&str]) -> EndpointArgs {
        Line::parse_from([&["test"], line].concat()).endpoint
    }

    #[test]
    fn help_follows_the_table_of_profiles() {
        assert_eq!(
            profile_help(),
            "How media are packed: `gateway` sends a video where images go, `vllm` as a video part \
             with its sound as audio, `openai` as frames and sound"
        );
        assert!(frames_help().ends_with("(profile openai; default: 16)"), "{}", frames_help());
        assert!(sample_rate_help().contains("profiles vllm and openai"), "{}", sample_rate_help());
    }

    #[test]
    fn the_flags_of_the_original_are_taken() {
        let endpoint = parsed(&["--model_path", "a/b", "--model_label", "x"]);
        assert_eq!(endpoint.label().unwrap().as_str(), "x");
        assert_eq!(parsed(&["--model_path", "a/b"]).label().unwrap().as_str(), "a_b");
        assert_eq!(parsed(&["--backend", "chance"]).label().unwrap().as_str(), "chance");
    }
}
