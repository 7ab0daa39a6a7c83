//! Servers that never stop talking: each costs its sample one outcome, with the bound in its words.

use avibench_protocol::Folder;
use avibench_store::{AskOutcome, FailureKind};

use crate::server::{Act, Server};
use crate::world::World;

const AVM: Folder = Folder::Avm;

fn head(content_type: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nConnection: close\r\n\r\n").into()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_never_ends_is_given_up_at_its_bound() {
    let events = "text/event-stream";
    let event = |delta: &str| {
        let pad = "x".repeat(1 << 10);
        let choice = format!("{{\"index\": 0, \"delta\": {delta}}}");
        format!("data: {{\"pad\": \"{pad}\", \"choices\": [{choice}]}}\n\n").into_bytes()
    };
    let too_long = (FailureKind::Malformed, "longer than 16 MiB");
    let cases = [
        ("comments", head(events), b": still here, and here, and here\n\n".to_vec(), too_long),
        ("empty deltas", head(events), event("{}"), too_long),
        ("text", head(events), event("{\"content\": \"no, \"}"), too_long),
        ("a line", head(events), b"data: xxxxxxxxxxxxxxxxxxxxxxxxxxxx".to_vec(), too_long),
        ("line feeds", head(events), b"\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n".to_vec(), too_long),
        ("blanks", head("application/json"), b"                ".to_vec(), too_long),
        (
            "a string",
            [&head("application/json")[..], b"{\"a\": \""].concat(),
            b"aaaaaaaaaaaaaaaa".to_vec(),
            too_long,
        ),
        ("brackets", head("application/json"), b"[[[[[[[[[[[[[[[[".to_vec(), too_long),
        (
            "headers",
            b"HTTP/1.1 200 OK\r\n".to_vec(),
            b"X-More: and more\r\n".to_vec(),
            (FailureKind::Broken, ""),
        ),
        (
            "one header",
            b"HTTP/1.1 200 OK\r\nX-More: ".to_vec(),
            b"and more".to_vec(),
            (FailureKind::Broken, ""),
        ),
    ];
    let checks = cases.map(|(name, begin, again, (kind, words))| {
        let piece = again.repeat((1 << 16) / again.len());
        tokio::spawn(async move {
            let server = Server::start(move |_| Act::Endless(begin.clone(), piece.clone())).await;
            let mut world = World::new(&server.url, &[(AVM, 1)]);
            world.settings.retry.tries = 1;
            world.http.timeout = std::time::Duration::from_mins(2);
            let (summary, _) = world.run().await;
            let entry = &world.journal(AVM).entries[0];
            assert_eq!(entry.outcome, AskOutcome::Failed, "{name}: {summary:?}");
            let error = entry.error.as_ref().unwrap();
            assert_eq!(error.kind, kind, "{name}: {error:?}");
            assert!(error.message.contains(words), "{name}: {error:?}");
        })
    });
    for check in checks {
        check.await.unwrap();
    }
}

#[tokio::test]
async fn an_endless_error_is_an_error_all_the_same() {
    let begin = b"HTTP/1.1 400 Bad\r\nContent-Type: text/plain\r\n\r\nno such model ".to_vec();
    let server = Server::start(move |_| Act::Endless(begin.clone(), vec![b' '; 1 << 16])).await;
    let world = World::new(&server.url, &[(AVM, 1)]);
    let (summary, _) = world.run().await;
    assert_eq!(summary.total().rejected, 1, "{summary:?}");
    let entry = &world.journal(AVM).entries[0];
    assert_eq!(entry.error.as_ref().unwrap().message, "HTTP 400: no such model");
}
