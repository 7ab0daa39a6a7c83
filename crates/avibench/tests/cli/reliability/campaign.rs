//! Runs that are killed at random moments, against a server that does everything wrong.

use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use avibench_protocol::Prediction;
use avibench_store::read_predictions;
use serde_json::Value;

use super::dice::Dice;
use super::evidence::Evidence;
use super::interrupt::interrupt;
use super::questions::Questions;
use super::server::FaultServer;
use crate::program::{Served, avibench, contents, folder, run, smoke_set};

const FAULTS: &str = include_str!("faults.toml");
/// Kills of the short form.
const SHORT: usize = 6;
/// Sessions without a kill after which a run should have come to its end.
const PATIENCE: usize = 40;
/// Time between start and kill, at most.
const LONGEST: Duration = Duration::from_secs(4);
/// Time after which a session that is not killed is interrupted, so that the waits between tries,
/// which grow, begin anew.
const UNINTERRUPTED: Duration = Duration::from_millis(1_500);

/// A number from the environment.
fn setting(name: &str, usual: u64) -> u64 {
    std::env::var(name).map_or(usual, |text| text.parse().expect(name))
}

/// How a session ended.
enum Ended {
    Killed,
    Code(i32),
}

struct Campaign {
    root: PathBuf,
    data: PathBuf,
    server: FaultServer,
    dice: Dice,
    evidence: Evidence,
    kills: usize,
    sessions: usize,
    /// Milliseconds that a session lives on average.
    life: f64,
}

impl Campaign {
    fn command(&mut self, label: &str) -> Child {
        let mut command = avibench(&self.root);
        command.args(["run", "--model-path", "chance", "--timeout", "1.5", "--model-label", label]);
        command.args(["--base-url", self.server.base_url()]);
        command.arg("--data-root").arg(&self.data);
        command.args(["--concurrency", &(1 + self.dice.below(16)).to_string()]);
        // What fails for want of tries is asked again by the next session.
        command.args(["--tries", &(1 + self.dice.below(5)).to_string()]);
        if self.dice.below(2) == 0 {
            command.arg("--stream");
        }
        let errors = std::fs::File::create(self.root.join("stderr.txt")).unwrap();
        command.stdout(Stdio::null()).stderr(errors).spawn().unwrap()
    }

    /// One session: killed after a random time, or interrupted after a fixed one.
    fn session(&mut self, label: &str, kill: bool) -> Ended {
        self.sessions += 1;
        let mut child = self.command(label);
        let life = if kill {
            Duration::from_secs_f64(2.0 * self.life * self.dice.unit() / 1e3).min(LONGEST)
        } else {
            UNINTERRUPTED
        };
        let begun = Instant::now();
        let mut interrupted = false;
        let ended = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break Ended::Code(status.code().unwrap());
            }
            if begun.elapsed() >= life && !kill && !interrupted {
                interrupt(&child);
                interrupted = true;
            }
            assert!(begun.elapsed() < Duration::from_mins(2), "an interrupt has no effect");
            if begun.elapsed() >= life && kill {
                child.kill().unwrap();
                child.wait().unwrap();
                self.kills += 1;
                break Ended::Killed;
            }
            std::thread::sleep(Duration::from_millis(1));
        };
        let lines = self.server.settled_lines();
        let directory = self.root.join("user_outputs").join(label);
        self.evidence.take_session(&lines, &directory);
        check_files(&directory);
        ended
    }

    /// A run under a new label, killed until `kills` are reached or it is done.
    fn round(&mut self, label: &str, kills: usize) {
        self.evidence.next_label();
        let mut unkilled = 0;
        loop {
            let kill = self.kills < kills;
            unkilled += usize::from(!kill);
            assert!(unkilled <= PATIENCE, "the run does not come to its end");
            let before = self.evidence.answered();
            let ended = self.session(label, kill);
            let stderr = || std::fs::read_to_string(self.root.join("stderr.txt")).unwrap();
            match ended {
                // Refusals and empty answers are asked again too.
                Ended::Code(0) if self.evidence.answered() < self.evidence.samples() => {}
                Ended::Code(0) => break,
                // Some samples failed, or a 401 stopped the run: it goes on.
                Ended::Code(code) => {
                    let stopped = code == 1 && stderr().contains("goes on");
                    let goes_on = code == 2 || code == 130 || stopped;
                    assert!(goes_on, "it ended with {code}: {}", stderr());
                }
                Ended::Killed => {
                    // Spread what is left over the kills that are left.
                    let left = (self.evidence.samples() - before) as f64;
                    let share = left / (kills - self.kills + 1) as f64;
                    let gained = (self.evidence.answered() - before) as f64;
                    self.life *= if gained > share { 0.8 } else { 1.08 };
                    self.life = self.life.clamp(4.0, LONGEST.as_millis() as f64 / 2.0);
                }
            }
        }
    }
}

/// Files that are replaced as a whole are whole at any moment.
fn check_files(label: &Path) {
    if !label.exists() {
        // It was killed before it could even lock.
        return;
    }
    for (path, content) in contents(label) {
        let is_json = path.extension().is_some_and(|extension| extension == "json");
        if is_json {
            assert!(
                serde_json::from_slice::<Value>(&content).is_ok(),
                "{} is torn",
                path.display()
            );
        }
    }
}

fn slots(content: &[u8]) -> Vec<Value> {
    serde_json::from_slice(content).unwrap()
}

/// The prediction files of a label.
fn tasks(root: &Path, label: &str) -> std::collections::BTreeMap<PathBuf, Vec<u8>> {
    contents(&root.join("user_outputs").join(label).join("tasks"))
}

/// `RELIABILITY_KILLS` and `RELIABILITY_SEED` make it longer and other.
#[test]
fn a_run_killed_at_random_among_faults_ends_as_an_undisturbed_one() {
    let kills = setting("RELIABILITY_KILLS", SHORT as u64) as usize;
    let seed = setting("RELIABILITY_SEED", 1);
    let begun = Instant::now();
    let root = folder();
    let data = smoke_set();

    let undisturbed = Served::start("--model chance");
    let line = format!(
        "run --base-url {} --model-path chance --data-root {}",
        undisturbed.base_url,
        data.display()
    );
    run(root.path(), &line).expect(0);
    let expected = tasks(root.path(), "chance");
    drop(undisturbed);

    let plan = root.path().join("faults.toml");
    std::fs::write(&plan, FAULTS).unwrap();
    let server = FaultServer::start(&plan, &root.path().join("requests.jsonl"));
    let mut campaign = Campaign {
        root: root.path().to_owned(),
        evidence: Evidence::new(Questions::of(&data)),
        data,
        server,
        dice: Dice::new(seed),
        kills: 0,
        sessions: 0,
        life: (5_000.0 / kills as f64).clamp(25.0, 900.0),
    };
    let mut rounds = 0;
    while campaign.kills < kills {
        rounds += 1;
        let label = format!("round-{rounds}");
        campaign.round(&label, kills);
        let found = tasks(root.path(), &label);
        for (path, content) in &expected {
            let (wanted, found) = (slots(content), slots(&found[path]));
            for (position, (wanted, found)) in wanted.iter().zip(&found).enumerate() {
                assert_eq!(found, wanted, "{label}, {}, {position}", path.display());
            }
        }
        assert!(found == expected, "{label} differs from an undisturbed run");
        for ((folder, position), answer) in campaign.evidence.journaled() {
            let path = root.path().join(format!("user_outputs/{label}/tasks/{folder}.json"));
            let slots = read_predictions(&path).unwrap();
            let place = avibench_protocol::Position(*position);
            assert_eq!(Prediction::at(&slots, place), Prediction::Text(answer));
        }
        let files: Vec<PathBuf> =
            contents(&root.path().join("user_outputs").join(&label)).into_keys().collect();
        let left: Vec<&PathBuf> =
            files.iter().filter(|path| path.extension().is_some_and(|e| e == "partial")).collect();
        assert!(left.is_empty(), "left behind: {left:?}");
    }
    let stats = campaign.server.stats();
    let figures = &campaign.evidence.figures;
    println!(
        "{} kills in {} sessions of {rounds} runs over {} samples, {:.0} s, seed {seed}",
        campaign.kills,
        campaign.sessions,
        campaign.evidence.samples(),
        begun.elapsed().as_secs_f64()
    );
    println!(
        "{} questions reached the model's door, {} of them again in a later session because they \
         were open when one ended; {} journals ended in a torn line",
        figures.asked, figures.asked_again, figures.torn_tails
    );
    println!("answers by status: {}", stats["by_status"]);
    println!("faults that struck: {}", stats["by_fault"]);
}
