//! A short campaign against each target, and proof that a campaign finds what there is to find.

use avibench_fuzz::{Campaign, Target, seeds};

/// Inputs a target, seeds included: about half a second each without optimisation.
fn inputs(target: Target) -> u64 {
    match target {
        Target::Readings => 64,
        // Files are waited for until they are on the disk.
        Target::Shards => 50,
        Target::BundleMembers => 60,
        Target::Bundle | Target::Media | Target::Remux => 400,
        Target::Answers | Target::Definitions => 300,
        Target::Rewriting | Target::ModelConfig | Target::Safetensors | Target::Tokenizer => 100,
        Target::Leaderboard | Target::Pickle | Target::Pytorch | Target::Journal => 1_500,
        Target::Json
        | Target::Literal
        | Target::Replies
        | Target::WorkerLines
        | Target::BatchResults => 2_000,
    }
}

fn survives(target: Target) {
    let mut campaign = Campaign::new(seeds(target).expect("a corpus"), 1);
    let result = campaign.run(|input| target.run(input), |so_far| so_far.tried() < inputs(target));
    let crash = result.err().map(|crash| String::from_utf8_lossy(&crash.input).into_owned());
    assert_eq!(crash, None, "{} fails on this input", target.name());
    assert!(campaign.tried() >= inputs(target), "only {} inputs were tried", campaign.tried());
}

#[test]
fn shards_survive() {
    survives(Target::Shards);
}

#[test]
fn answers_survive() {
    survives(Target::Answers);
}

#[test]
fn results_of_batches_survive() {
    survives(Target::BatchResults);
}

#[test]
fn bundles_survive() {
    survives(Target::Bundle);
    survives(Target::BundleMembers);
}

#[test]
fn definitions_survive() {
    survives(Target::Definitions);
}

#[test]
fn replies_survive() {
    survives(Target::Replies);
}

#[test]
fn worker_lines_survive() {
    survives(Target::WorkerLines);
}

#[test]
fn journals_survive() {
    survives(Target::Journal);
}

#[test]
fn json_survives() {
    survives(Target::Json);
}

#[test]
fn documents_of_the_leaderboard_survive() {
    survives(Target::Leaderboard);
}

#[test]
fn literals_survive() {
    survives(Target::Literal);
}

#[test]
fn model_configurations_survive() {
    survives(Target::ModelConfig);
}

#[test]
fn safetensors_survive() {
    survives(Target::Safetensors);
}

#[test]
fn tokenizers_survive() {
    survives(Target::Tokenizer);
}

#[test]
fn media_survive() {
    survives(Target::Media);
}

#[test]
fn remuxing_survives() {
    survives(Target::Remux);
}

#[test]
fn rewriting_survives() {
    survives(Target::Rewriting);
}

#[test]
fn pickles_survive() {
    survives(Target::Pickle);
}

#[test]
fn readings_survive() {
    survives(Target::Readings);
}

#[test]
fn pytorch_files_survive() {
    survives(Target::Pytorch);
}

/// A parser with a fault that needs a valid header first, as real faults do.
fn faulty(bytes: &[u8]) {
    if let Some(length) = bytes.strip_prefix(b"HEAD")
        && let [high, low, rest @ ..] = length
    {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        assert!(length <= rest.len() || length < 0x7f00, "reads behind its end");
    }
}

#[test]
fn a_planted_fault_is_found_and_made_small() {
    let seed = b"HEAD\0\x04abcd and a tail that has nothing to do with it".to_vec();
    let mut campaign = Campaign::new(vec![seed.clone()], 7);
    let crash = campaign.run(faulty, |so_far| so_far.tried() < 200_000).expect_err("a fault");
    assert!(crash.input.starts_with(b"HEAD") && crash.input.len() <= seed.len() + 8, "{crash:?}");
    assert!(campaign.tried() > 1, "the seed itself is not at fault");
}

#[test]
fn a_campaign_can_be_repeated() {
    let collect = |number| {
        let seen = std::sync::Mutex::new(Vec::new());
        let mut campaign = Campaign::new(vec![b"{\"a\": [1, 2]}".to_vec()], number);
        let take = |input: &[u8]| seen.lock().expect("no panic before").push(input.to_vec());
        campaign.run(take, |so_far| so_far.tried() < 300).expect("nothing fails");
        seen.into_inner().expect("no panic before")
    };
    assert_eq!(collect(3), collect(3));
    assert_ne!(collect(3), collect(4));
}
