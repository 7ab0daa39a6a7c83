//! Faults of servers and what becomes of the samples.

use std::time::Duration;

use avibench_engine::{End, Event};
use avibench_protocol::Folder;
use avibench_store::{AskOutcome, FailureKind};

use crate::server::{Act, Server, completion};
use crate::world::{KEY, World, any_file_holds};

const AVM: Folder = Folder::Avm;

/// One sample whose tries are answered by these acts, the last one for ever after.
async fn one(acts: Vec<Act>) -> (World, Server, avibench_engine::RunSummary) {
    let server = Server::start(move |seen| acts[seen.attempt.min(acts.len() - 1)].clone()).await;
    let world = World::new(&server.url, &[(AVM, 1)]);
    let (summary, _) = world.run().await;
    (world, server, summary)
}

fn torn() -> Act {
    let body = completion("yes");
    let half = &body[..body.len() / 2];
    let length = body.len();
    Act::Raw(
        format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{half}")
            .into_bytes(),
    )
}

fn ok(body: &str) -> Act {
    Act::Status(200, "", body.to_owned())
}

#[tokio::test]
async fn what_may_pass_is_asked_again() {
    for fault in [
        Act::status(408, "slow"),
        Act::status(429, "slow down"),
        Act::status(500, "oops"),
        Act::status(502, "oops"),
        Act::status(503, "busy"),
        Act::status(504, "oops"),
        Act::Raw(Vec::new()),
        Act::Raw(b"HTTP/1.1 200 OK\r\nContent-Le".to_vec()),
        torn(),
        ok("<html>busy</html>"),
        ok(r#"{"choices": []}"#),
        ok(r#"{"error": {"message": "upstream"}}"#),
        ok(r#"{"error": {"message": "busy", "code": 503}}"#),
    ] {
        let (world, server, summary) =
            one(vec![fault.clone(), fault.clone(), Act::say("yes")]).await;
        assert!(summary.is_complete(), "{fault:?}: {summary:?}");
        assert_eq!(world.answers(AVM), [Some("yes".to_owned())], "{fault:?}");
        assert_eq!(server.seen().len(), 3, "{fault:?}");
        assert_eq!(summary.retries, 2, "{fault:?}");
        assert_eq!(summary.errors.values().sum::<usize>(), 2, "{fault:?}");
        assert_eq!(world.journal(AVM).entries[0].tries, 3);
    }
}

#[tokio::test]
async fn five_tries_then_the_sample_failed() {
    let (world, server, summary) = one(vec![Act::status(500, "oops")]).await;
    assert_eq!(server.seen().len(), 5);
    assert_eq!(summary.end, End::Finished);
    assert_eq!(summary.total().failed, 1);
    assert_eq!(world.answers(AVM), [None]);
    let entry = &world.journal(AVM).entries[0];
    assert_eq!((entry.outcome, entry.tries), (AskOutcome::Failed, 5));
    assert_eq!(entry.error.as_ref().unwrap().message, "HTTP 500: oops");
}

#[tokio::test]
async fn a_lie_that_never_changes_ends_early() {
    let (world, server, summary) = one(vec![ok("<html>welcome</html>")]).await;
    assert_eq!(server.seen().len(), 3);
    assert_eq!(summary.total().failed, 1);
    assert_eq!(world.answers(AVM), [None], "the page never becomes an answer");
    let journal = world.journal(AVM);
    let message = &journal.entries[0].error.as_ref().unwrap().message;
    assert!(message.ends_with(": an HTML page: welcome"), "{message}");
}

#[tokio::test]
async fn what_will_never_pass_is_asked_once() {
    for status in [400, 404, 413, 422] {
        let message = "audio longer than 60 s ".repeat(100);
        let (world, server, summary) = one(vec![Act::status(status, &message)]).await;
        assert_eq!(server.seen().len(), 1, "{status}");
        assert_eq!(summary.total().rejected, 1, "{status}");
        let said = world.journal(AVM).entries[0].error.clone().unwrap();
        assert_eq!(said.kind, FailureKind::Request);
        assert!(said.message.starts_with(&format!("HTTP {status}: audio longer than 60 s")));
        assert!(said.message.chars().count() < 600, "shortened");
    }
}

#[tokio::test]
async fn a_wrong_key_or_an_empty_account_stops_the_run() {
    let quota = r#"{"error": {"message": "no money", "code": "insufficient_quota"}}"#;
    for (act, kind) in [
        (Act::status(401, &format!("bad key {KEY}")), FailureKind::Unauthorized),
        (Act::status(403, "no"), FailureKind::Unauthorized),
        (Act::status(402, "pay"), FailureKind::Quota),
        (Act::Status(429, "", quota.to_owned()), FailureKind::Quota),
    ] {
        let server = Server::start(move |_| act.clone()).await;
        let world = World::new(&server.url, &[(AVM, 50)]);
        let (summary, tape) = world.run().await;
        assert!(matches!(&summary.end, End::Refused { kind: k, .. } if *k == kind));
        assert!(server.seen().len() <= 4, "nothing more is sent");
        assert_eq!(summary.total().not_attempted, 50);
        assert_eq!(summary.errors[&kind], 1);
        assert!(!format!("{summary:?} {:?} {:?}", tape.events(), world.http).contains(KEY));
    }
}

#[tokio::test]
async fn the_key_goes_to_the_server_and_nowhere_else() {
    let server = Server::start(|seen| match seen.index {
        0 => Act::status(500, &format!("you sent {KEY}")),
        1 => Act::status(400, &format!("you sent {KEY}")),
        _ => Act::say(&format!("your key is {KEY}")),
    })
    .await;
    let mut world = World::new(&server.url, &[(AVM, 3)]);
    world.settings.concurrency = 1;
    let log = world.dir.path().join("log.jsonl");
    let backend =
        avibench_engine::Backend::Http(avibench_engine::Http::new(world.http.clone()).unwrap());
    let listeners: Vec<Box<dyn avibench_engine::Listener>> =
        vec![Box::new(avibench_engine::JsonLog::open(&log).unwrap())];
    let stop = avibench_engine::StopHandle::new();
    let summary = world.open().unwrap().execute(backend, listeners, &stop).await.unwrap();
    assert_eq!(summary.total().done(), 3);
    assert!(server.seen()[0].head.contains(&format!("Bearer {KEY}")));
    assert!(any_file_holds(world.dir.path(), "you sent [key]"));
    assert!(!any_file_holds(world.dir.path(), KEY));
}

#[tokio::test]
async fn refusals_and_silence_are_outcomes() {
    let refusal = r#"{"choices": [{"message": {"content": null, "refusal": "I cannot"}, "finish_reason": "stop"}]}"#;
    let filter =
        r#"{"choices": [{"message": {"content": null}, "finish_reason": "content_filter"}]}"#;
    for (body, outcome) in [
        (refusal.to_owned(), AskOutcome::Refused),
        (filter.to_owned(), AskOutcome::Refused),
        (completion(""), AskOutcome::Empty),
        (completion(" \n"), AskOutcome::Empty),
    ] {
        let (world, server, summary) = one(vec![ok(&body)]).await;
        assert_eq!(summary.total().get(outcome), 1, "{body}");
        assert_eq!(server.seen().len(), 1, "an answer of its kind is not asked for again");
        assert_eq!(world.answers(AVM), [Some(String::new())]);
        world.run().await;
        assert_eq!(server.seen().len(), 2, "but the next run asks again");
    }
}

#[tokio::test]
async fn retry_after_holds_back_only_the_request_that_got_it() {
    let wait = "Retry-After: 1\r\n";
    let server = Server::start(move |seen| match (seen.text.as_str(), seen.attempt) {
        ("AVM-0", 0) => Act::Status(429, wait, "{}".to_owned()),
        ("AVM-2", 0) => Act::Status(429, "Retry-After: soon\r\n", "{}".to_owned()),
        _ => Act::say("yes"),
    })
    .await;
    let world = World::new(&server.url, &[(AVM, 30)]);
    let started = std::time::Instant::now();
    let (summary, tape) = world.run().await;
    assert!(started.elapsed().as_secs_f64() >= 1.0);
    let order: Vec<usize> = tape
        .events()
        .iter()
        .filter_map(|event| match event {
            Event::Finished { job, .. } => Some(job.position.0),
            _ => None,
        })
        .collect();
    assert_eq!(order.last(), Some(&0), "the others did not wait for it");
    assert_eq!(summary.total().answered, 30);
}

#[tokio::test]
async fn a_wait_that_outlasts_patience_ends_the_run_with_the_time() {
    let quota = r#"{"error": {"code": 429, "message": "Quota of the day used up.", "details": [
        {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "43000s"}]}}"#;
    let per_day = r#"{"error": {"code": 429, "message": "You exceeded your quota.", "details": [
        {"violations": [{"quotaId": "GenerateRequestsPerDayPerProjectPerModel"}]},
        {"retryDelay": "34s"}]}}"#;
    let header = "Retry-After: 99999999\r\n";
    for (act, words) in [
        (Act::Status(429, "", quota.to_owned()), "asks to wait 11 h 56 min, until 20"),
        (Act::Status(429, "", per_day.to_owned()), "asks to wait 34 s"),
        (Act::Status(503, header, "{}".to_owned()), "longer than --max-wait allows (15 min)"),
        (ok(per_day), "You exceeded your quota"),
    ] {
        let server = Server::start(move |_| act.clone()).await;
        let mut world = World::new(&server.url, &[(AVM, 30)]);
        world.settings.concurrency = 64;
        let (summary, _) = world.run().await;
        let End::Refused { kind: FailureKind::Quota, message } = &summary.end else {
            panic!("{:?}", summary.end)
        };
        assert!(message.contains(words), "{message}");
        assert_eq!(summary.total().not_attempted, 30, "nobody's try is used up");
        assert!(server.seen().len() <= 4, "{}", server.seen().len());
    }
}

#[tokio::test]
async fn a_server_that_refuses_for_ever_pauses_and_ends_the_run_after_few_uploads() {
    for (status, kind) in [(429, FailureKind::RateLimited), (503, FailureKind::Overloaded)] {
        let server = Server::start(move |_| Act::status(status, "not now.")).await;
        let mut world = World::new(&server.url, &[(AVM, 100)]);
        world.settings.concurrency = 64;
        world.settings.retry.max_wait = Duration::from_millis(500);
        let (summary, tape) = world.run().await;
        let End::Refused { kind: found, message } = &summary.end else {
            panic!("{:?}", summary.end)
        };
        assert_eq!(*found, kind);
        assert!(message.contains("has refused every request for") && message.contains("not now."));
        assert_eq!(summary.total().not_attempted, 100);
        assert!(server.seen().len() <= 20, "{}", server.seen().len());
        let paused = |event: &&Event| matches!(event, Event::Paused { .. });
        assert_eq!(tape.events().iter().filter(paused).count(), 1, "it is said once");
    }
}

#[tokio::test]
async fn a_pause_costs_no_tries_and_ends_with_an_answer() {
    let server = Server::start(|seen| match seen.index {
        0..12 => Act::status(429, "not now"),
        _ => Act::say("yes"),
    })
    .await;
    let mut world = World::new(&server.url, &[(AVM, 20)]);
    world.settings.retry.tries = 2;
    let (summary, tape) = world.run().await;
    assert!(summary.is_complete(), "{summary:?}");
    let count =
        |wanted: fn(&Event) -> bool| tape.events().iter().filter(|event| wanted(event)).count();
    assert_eq!(count(|event| matches!(event, Event::Paused { .. })), 1);
    assert_eq!(count(|event| matches!(event, Event::Resumed { .. })), 1);
}

#[tokio::test]
async fn answers_may_arrive_in_pieces() {
    let server = Server::start(|seen| {
        assert_eq!(seen.body["stream"], true);
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n";
        let events = "data: {\"model\":\"s\",\"choices\":[{\"delta\":{\"content\":\"Bä\"}}]}\n\n\
                      data: {\"choices\":[{\"delta\":{\"content\":\"ren\"},\"finish_reason\":\"stop\"}]}\n\n\
                      data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2}}\n\n\
                      data: [DONE]\n\n";
        let whole = format!("{head}{events}").into_bytes();
        // The first try breaks off in the middle of the answer.
        let end = if seen.attempt == 0 { head.len() + 60 } else { whole.len() };
        Act::Pieces(whole[..end].chunks(11).map(<[u8]>::to_vec).collect())
    })
    .await;
    let mut world = World::new(&server.url, &[(AVM, 2)]);
    world.http.stream = true;
    let (summary, _) = world.run().await;
    assert!(summary.is_complete(), "{summary:?}");
    assert_eq!(summary.errors[&FailureKind::Broken], 2);
    assert_eq!(summary.spending.tokens_out, 4);
    assert_eq!(world.answers(AVM), [Some("Bären".to_owned()), Some("Bären".to_owned())]);
}

#[tokio::test]
async fn a_server_that_hangs_is_given_up() {
    let server = Server::start(|seen| match seen.attempt {
        0 => Act::Hang,
        _ => Act::say("yes"),
    })
    .await;
    let mut world = World::new(&server.url, &[(AVM, 1)]);
    world.http.timeout = Duration::from_millis(700);
    let (summary, _) = world.run().await;
    assert!(summary.is_complete());
    assert_eq!(summary.errors[&FailureKind::Timeout], 1);
}

#[tokio::test]
async fn media_outside_their_folder_are_never_sent() {
    let server = Server::start(|_| Act::say("yes")).await;
    let world = World::new(&server.url, &[(AVM, 2)]);
    std::fs::write(world.dir.path().join("levels/secret.wav"), b"RIFF secret").unwrap();
    let data = world.dir.path().join("levels/AVM/data.json");
    let text = std::fs::read_to_string(&data).unwrap();
    std::fs::write(&data, text.replacen("./input/a.wav", "../secret.wav", 1)).unwrap();
    let (summary, _) = world.run().await;
    assert_eq!((summary.total().rejected, summary.total().answered), (1, 1));
    assert_eq!(server.seen().len(), 1);
    let entry = world.journal(AVM).entries.into_iter().find(|entry| entry.position.0 == 0);
    assert_eq!(entry.unwrap().error.unwrap().kind, FailureKind::Medium);
}
