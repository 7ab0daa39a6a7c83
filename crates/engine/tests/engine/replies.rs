//! Every recorded reply over a real connection: what becomes of the sample, and in what words.

use std::sync::Arc;

use avibench_protocol::Folder;
use avibench_server::{
    AfterReply, FaultPlan, RecordedReply, Scripted, Server, ServerOptions, recorded_replies,
};
use avibench_store::{AskOutcome, Entry};

use crate::world::World;

const AVM: Folder = Folder::Avm;

/// Asks one question of a server that has nothing but this reply.
async fn ask(reply: &RecordedReply) -> (avibench_engine::RunSummary, Option<Entry>, Vec<String>) {
    let mut faults = FaultPlan::default();
    faults.add(&format!("reply name={}", reply.name)).unwrap();
    let options = ServerOptions { faults, ..ServerOptions::default() };
    let server = Server::bind(0, Arc::new(Scripted::echo("echo")), options).unwrap();
    let mut world = World::new(&server.base_url(), &[(AVM, 1)]);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(server.serve_until(async {
        let _ = stopped.await;
    }));
    world.http.stream = reply.stream;
    // However busy the machine is: no reply is to be waited for so long.
    world.http.timeout = std::time::Duration::from_mins(2);
    world.settings.retry.tries = 2;
    // A server that refuses everything ends the run.
    world.settings.retry.max_wait = std::time::Duration::from_millis(30);
    world.pack(avibench_engine::Profile::Gateway.into());
    let (summary, tape) = world.run().await;
    let warnings = tape.events().into_iter().filter_map(|event| match event {
        avibench_engine::Event::Warned { message } => Some(message),
        _ => None,
    });
    let warnings = warnings.collect();
    let entry = world.journal(AVM).entries.into_iter().next();
    drop(stop);
    serving.abort();
    (summary, entry, warnings)
}

/// What is not as it should be.
async fn check(reply: &'static RecordedReply) -> Result<(), String> {
    let RecordedReply { name, expected, .. } = reply;
    let (summary, entry, warnings) = ask(reply).await;
    let kinds: Vec<String> = summary
        .errors
        .keys()
        .map(|kind| serde_json::to_value(kind).unwrap())
        .map(|kind| kind.as_str().unwrap().to_owned())
        .collect();
    let found = format!("{name}: {summary:?} {entry:?} {warnings:?}");
    let ensure =
        |holds: bool, what: &str| if holds { Ok(()) } else { Err(format!("{what}: {found}")) };
    ensure(kinds == Vec::from_iter(expected.class.clone()), "class")?;
    if matches!(expected.class.as_deref(), Some("unauthorized" | "quota" | "rate_limited")) {
        let end = summary.end.describe().unwrap_or_default();
        ensure(end.contains(expected.words.as_deref().unwrap_or_default()), "words")?;
        return ensure(entry.is_none(), "the run stops");
    }
    let Some(entry) = entry else { return Err(format!("no entry: {found}")) };
    let outcome = serde_json::to_value(entry.outcome).unwrap();
    ensure(outcome == *expected.outcome, "outcome")?;
    let has_failed = entry.outcome == AskOutcome::Failed;
    // Rate limits are borne for longer than other failures.
    ensure(if has_failed { entry.tries >= 2 } else { entry.tries == 1 }, "tries")?;
    ensure(entry.error.is_some() == expected.class.is_some(), "error")?;
    if let Some(text) = &expected.text {
        ensure(entry.answer.as_ref() == Some(text), "text")?;
    }
    if has_failed {
        ensure(entry.answer.is_none(), "a failure has no answer")?;
    }
    if let Some(thinking) = &expected.thinking {
        ensure(entry.reasoning.as_deref().unwrap_or_default() == thinking, "thinking")?;
    }
    if let Some(words) = &expected.words {
        let said = entry.error.map(|error| error.message).or(entry.refusal).unwrap_or_default();
        ensure(said.contains(words), "words")?;
    }
    if expected.tokens_out.is_some() {
        ensure(entry.tokens_out == expected.tokens_out, "tokens out")?;
    }
    if expected.tokens_reasoning.is_some() {
        ensure(entry.tokens_reasoning == expected.tokens_reasoning, "tokens of reasoning")?;
    }
    match &expected.remark {
        Some(remark) => ensure(warnings.len() == 1 && warnings[0].contains(remark), "remark"),
        None => ensure(warnings.is_empty(), "nothing to remark"),
    }
}

#[tokio::test]
async fn each_reply_becomes_what_it_should() {
    let places = Arc::new(tokio::sync::Semaphore::new(16));
    let in_turn = |reply: &'static RecordedReply| {
        let places = Arc::clone(&places);
        tokio::spawn(async move {
            let _place = places.acquire().await.unwrap();
            check(reply).await
        })
    };
    let checks: Vec<_> = recorded_replies().iter().map(in_turn).collect();
    let mut wrong = Vec::new();
    for check in checks {
        wrong.extend(check.await.unwrap().err());
    }
    assert!(wrong.is_empty(), "{} of them:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn pieces_of_any_size_say_the_same() {
    for reply in recorded_replies().iter().filter(|reply| reply.status < 300) {
        let is_events = reply.content_type == "text/event-stream";
        let body = reply.body.as_bytes();
        let whole = avibench_engine::Reply::from_body(is_events, [body]);
        for size in 1..40 {
            let pieces = avibench_engine::Reply::from_body(is_events, body.chunks(size));
            assert_eq!(pieces, whole, "{} in pieces of {size}", reply.name);
        }
        if reply.then == AfterReply::End {
            let outcome = whole.map(|reply| reply.outcome());
            let name = outcome.map_or_else(
                |_| "failed".to_owned(),
                |outcome| serde_json::to_value(outcome).unwrap().as_str().unwrap().to_owned(),
            );
            let wanted = reply.expected.outcome.replace("rejected", "failed");
            assert_eq!(name, wanted, "{}", reply.name);
        }
    }
}
