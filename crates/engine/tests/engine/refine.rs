//! The same machinery for answers that are formatted rather than asked for the first time.

use std::sync::Arc;

use avibench_engine::{Backend, Finished, FolderJobs, Http, Job, Run, RunSummary, StopHandle};
use avibench_protocol::Folder;
use avibench_store::{AskOutcome, OnDifference, Precomputed};
use serde_json::json;

use crate::server::{Act, Server};
use crate::world::World;

const AVQA: Folder = Folder::Avqa;

/// Jobs that format `raw` answers: those in stars are read by rule, the rest goes to the model.
fn jobs(world: &World, raw: &[&str]) -> Vec<FolderJobs> {
    let mut folders = world.jobs();
    let samples = Arc::clone(&folders[0].samples);
    folders[0].jobs.clear();
    for (answer, sample) in raw.iter().zip(samples.iter()) {
        if answer.starts_with("**") {
            folders[0].precomputed.push(Precomputed {
                position: sample.position,
                answer: (*answer).to_owned(),
                reply: None,
                source: None,
                note: json!({"by": "rule", "rule": "stars", "version": 1}),
                reading: None,
            });
        } else {
            let mut job = Job::without_media(Arc::clone(sample), format!("format: {answer}"));
            job.source = Some((*answer).to_owned());
            folders[0].jobs.push(job);
        }
    }
    folders
}

async fn refine(world: &World, raw: &[&str]) -> RunSummary {
    let mut settings = world.settings.clone();
    settings.finish = Some(Arc::new(|job: &Job, answer: &str| Finished {
        answer: answer.trim().to_owned(),
        note: json!({"by": "llm", "of": job.source}),
        reading: None,
    }));
    let backend = Backend::Http(Http::new(world.http.clone()).unwrap());
    let run = Run::open(settings, jobs(world, raw)).unwrap();
    run.execute(backend, Vec::new(), &StopHandle::new()).await.unwrap()
}

#[tokio::test]
async fn rules_and_models_write_one_journal() {
    let server = Server::start(|seen| {
        assert_eq!(seen.body["messages"][1]["content"].as_array().unwrap().len(), 1);
        Act::say(&format!(" <{}>\n", seen.text))
    })
    .await;
    let world = World::new(&server.url, &[(AVQA, 4)]);
    let raw = ["**yes**", "maybe", "**no**", "I think 4"];
    let summary = refine(&world, &raw).await;
    assert!(summary.is_complete());
    assert_eq!((summary.requests, summary.total().answered), (2, 4));
    let expected = ["**yes**", "<format: maybe>", "**no**", "<format: I think 4>"];
    assert_eq!(world.answers(AVQA), expected.map(|text| Some(text.to_owned())));
    for entry in world.journal(AVQA).entries {
        assert_eq!(entry.outcome, AskOutcome::Answered);
        let by = &entry.note.as_ref().unwrap()["by"];
        if entry.position.0 % 2 == 0 {
            assert_eq!((by.as_str(), entry.tries), (Some("rule"), 0));
        } else {
            assert_eq!((by.as_str(), entry.tries), (Some("llm"), 1));
            assert!(entry.answer.unwrap().starts_with(' '), "the raw answer is kept");
        }
    }
}

#[tokio::test]
async fn what_was_made_of_another_answer_is_made_again() {
    let server = Server::start(|seen| Act::say(&seen.text)).await;
    let world = World::new(&server.url, &[(AVQA, 3)]);
    refine(&world, &["**yes**", "maybe", "perhaps"]).await;
    let again = refine(&world, &["**yes**", "maybe", "perhaps"]).await;
    assert_eq!((again.requests, again.total().reused), (0, 3));
    let changed = refine(&world, &["**no**", "maybe", "probably"]).await;
    assert_eq!((changed.requests, changed.total().reused), (1, 1));
    let expected = ["**no**", "format: maybe", "format: probably"];
    assert_eq!(world.answers(AVQA), expected.map(|text| Some(text.to_owned())));
    let by_rule_now = refine(&world, &["**no**", "**maybe**", "probably"]).await;
    assert_eq!((by_rule_now.requests, by_rule_now.total().reused), (0, 2));
}

#[tokio::test]
async fn one_request_serves_all_with_the_same_source() {
    let server = Server::start(|seen| Act::say(&seen.text)).await;
    let world = World::new(&server.url, &[(AVQA, 4)]);
    let summary = refine(&world, &["maybe", "perhaps", "maybe", "maybe"]).await;
    assert!(summary.is_complete());
    assert_eq!((summary.requests, summary.total().answered), (2, 4));
    let expected = ["format: maybe", "format: perhaps", "format: maybe", "format: maybe"];
    assert_eq!(world.answers(AVQA), expected.map(|text| Some(text.to_owned())));
    let tries: u32 = world.journal(AVQA).entries.iter().map(|entry| entry.tries).sum();
    assert_eq!(tries, 2);
}

#[tokio::test]
async fn those_who_wait_share_a_failure_too() {
    let server = Server::start(|_| Act::status(400, "no")).await;
    let world = World::new(&server.url, &[(AVQA, 3)]);
    let summary = refine(&world, &["maybe", "**yes**", "maybe"]).await;
    assert_eq!((summary.requests, summary.total().rejected, summary.total().answered), (1, 2, 1));
    assert_eq!(world.answers(AVQA), [None, Some("**yes**".to_owned()), None]);
}

#[tokio::test]
async fn what_is_made_anew_leaves_nothing_stale() {
    let server = Server::start(|seen| Act::say(&seen.text)).await;
    let mut world = World::new(&server.url, &[(AVQA, 3)]);
    refine(&world, &["maybe", "perhaps", "**yes**"]).await;
    // Another model, and one answer less: no obstacle where everything is made again.
    world.settings.model = "another".to_owned();
    world.settings.on_difference = OnDifference::Remake;
    let again = refine(&world, &["maybe", "probably"]).await;
    assert_eq!((again.requests, again.total().reused), (1, 1));
    let expected = [Some("format: maybe"), Some("format: probably"), None];
    assert_eq!(world.answers(AVQA), expected.map(|text| text.map(str::to_owned)));
}

#[tokio::test]
async fn what_breaks_off_or_thinks_is_never_a_formatted_answer() {
    let server = Server::start(|seen| {
        let (content, reason) = match seen.text.as_str() {
            "format: cut off" => ("**3 or", "length"),
            "format: failed" => ("**4**", "error"),
            "format: refused" => ("", "content_filter"),
            _ => ("<think>A handful is 5, or 4.</think>\n\n**3**", "stop"),
        };
        let choice = json!({"message": {"content": content}, "finish_reason": reason});
        let usage = json!({"prompt_tokens": 5, "completion_tokens": 3});
        Act::Status(200, "", json!({"choices": [choice], "usage": usage}).to_string())
    })
    .await;
    let world = World::new(&server.url, &[(AVQA, 5)]);
    let raw = ["cut off", "failed", "a handful", "cut off", "refused"];
    let summary = refine(&world, &raw).await;
    assert_eq!(world.answers(AVQA), [None, None, Some("**3**".to_owned()), None, None]);
    assert_eq!((summary.total().answered, summary.total().failed), (1, 4), "{summary:?}");
    for entry in world.journal(AVQA).entries {
        let is_answered = entry.position.0 == 2;
        assert_eq!(entry.answer.is_some(), is_answered);
        assert_eq!(entry.predict.is_some(), is_answered);
        let thinking = is_answered.then(|| "A handful is 5, or 4.".to_owned());
        assert_eq!(entry.reasoning, thinking);
        if entry.position.0 == 0 {
            assert_eq!(entry.tokens_out, Some(3), "what is cut off is paid all the same");
            assert!(entry.error.unwrap().message.contains("--param max_tokens="));
        }
    }
}
