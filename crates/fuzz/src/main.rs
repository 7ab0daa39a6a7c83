//! A long run of one target, or of all in turn.

use std::io::Write as _;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use avibench_fuzz::{Campaign, Crash, Target, seeds};
use sha2::{Digest as _, Sha256};

const USAGE: &str = "usage: avibench-fuzz TARGET|all [--seconds N] [--seed N]
       avibench-fuzz TARGET FILE     one input again
Targets: answers, definitions, journal, json, literal, media, model-config, pickle, pytorch, readings, remux,
         replies, rewriting, safetensors, tokenizer, worker-lines.
Exit codes: 0 nothing found; 1 an input fails, and its file is named; 2 wrong usage.";
/// How long a run takes if nothing is said.
const DEFAULT_SECONDS: u64 = 60;
/// How often progress is shown.
const REPORT_EVERY: Duration = Duration::from_secs(10);

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(code) => code,
        Err(message) => {
            say(&format!("{message}\n{USAGE}"));
            ExitCode::from(2)
        }
    }
}

/// Progress and findings are talk: they go to stderr.
fn say(text: &str) {
    drop(writeln!(std::io::stderr(), "{text}"));
}

fn run(arguments: &[String]) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let (target, rest) = arguments.split_first().ok_or("name a target")?;
    let targets =
        if target == "all" { Target::ALL.to_vec() } else { vec![target.parse::<Target>()?] };
    if let ([only], [file]) = (targets.as_slice(), rest) {
        only.run(&std::fs::read(file)?);
        say(&format!("{}: {file} is handled", only.name()));
        return Ok(ExitCode::SUCCESS);
    }
    let (mut seconds, mut seed) = (DEFAULT_SECONDS, 0);
    for pair in rest.chunks(2) {
        match pair {
            [flag, value] if flag == "--seconds" => seconds = value.parse()?,
            [flag, value] if flag == "--seed" => seed = value.parse()?,
            other => return Err(format!("cannot read {}", other.join(" ")).into()),
        }
    }
    let mut code = ExitCode::SUCCESS;
    for target in targets {
        if let Err(crash) = attack(target, Duration::from_secs(seconds), seed)? {
            let name = format!(
                "fuzz-{}-{}.bin",
                target.name(),
                hex::encode(&Sha256::digest(&crash.input)[..4])
            );
            std::fs::write(&name, &crash.input)?;
            say(&format!(
                "{}: failed on an input of {} bytes, now in {name}\n\
                 once mended, keep it in crates/fuzz/corpus/{}/",
                target.name(),
                crash.input.len(),
                target.corpus()
            ));
            code = ExitCode::FAILURE;
        }
    }
    Ok(code)
}

fn attack(
    target: Target,
    time: Duration,
    seed: u64,
) -> Result<Result<(), Crash>, Box<dyn std::error::Error>> {
    let mut campaign = Campaign::new(seeds(target)?, seed);
    let started = Instant::now();
    let mut shown = Duration::ZERO;
    let result = campaign.run(
        |input| target.run(input),
        |so_far| {
            let elapsed = started.elapsed();
            if elapsed >= shown + REPORT_EVERY {
                shown = elapsed;
                say(&format!("{}: {} inputs so far", target.name(), so_far.tried()));
            }
            elapsed < time
        },
    );
    say(&format!(
        "{}: {} inputs in {:.0} s, the slowest took {:.0} ms",
        target.name(),
        campaign.tried(),
        started.elapsed().as_secs_f64(),
        campaign.slowest().as_secs_f64() * 1000.0
    ));
    Ok(result)
}
