//! Many requests at a time: limits, replicas, money, stopping.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use avibench_engine::{End, Event, StopHandle};
use avibench_protocol::{Folder, Position};
use avibench_store::{FailureKind, Manifest, SessionEnd};

use crate::server::{Act, Server};
use crate::world::World;

const AVM: Folder = Folder::Avm;

#[tokio::test]
async fn the_limit_settles_below_what_the_server_takes() {
    let server = Server::start(|seen| {
        if seen.in_flight > 5 {
            Act::status(429, "at most 5")
        } else {
            Act::after(4, Act::say("yes"))
        }
    })
    .await;
    let mut world = World::new(&server.url, &[(AVM, 400)]);
    world.settings.concurrency = 64;
    let (summary, tape) = world.run().await;
    assert_eq!(summary.total().answered, 400, "{summary:?}");
    let limits = tape.limits();
    let rise = limits.iter().zip(&limits[1..]).take_while(|(before, now)| now > before).count();
    let settled = &limits[rise + 1..];
    assert!(settled.iter().all(|limit| (2..=12).contains(limit)), "{limits:?}");
    assert!(settled[settled.len() / 2..].iter().all(|limit| (2..=7).contains(limit)), "{limits:?}");
    let refused = summary.errors[&FailureKind::RateLimited];
    assert!(refused < 60, "{refused} of {} requests were refused", summary.requests);
}

#[tokio::test]
async fn the_ceiling_is_kept() {
    let server = Server::start(|_| Act::after(2, Act::say("yes"))).await;
    let mut world = World::new(&server.url, &[(AVM, 60), (Folder::Avl, 60)]);
    world.settings.concurrency = 6;
    world.run().await;
    assert_eq!(server.peak(), 6);
}

#[tokio::test]
async fn a_dead_replica_is_left_alone_and_taken_back() {
    // It breaks off its first requests; the other takes its time until this one is back.
    let broken = AtomicUsize::new(0);
    let back = Arc::new(AtomicBool::new(false));
    let is_back = Arc::clone(&back);
    let flaky = Server::start(move |_| {
        if broken.fetch_add(1, Ordering::Relaxed) < 4 {
            return Act::Raw(Vec::new());
        }
        is_back.store(true, Ordering::Relaxed);
        Act::after(5, Act::say("b"))
    })
    .await;
    let good = Server::start(move |_| {
        Act::after(if back.load(Ordering::Relaxed) { 5 } else { 50 }, Act::say("a"))
    })
    .await;
    let mut world = World::new(&good.url, &[(AVM, 600)]);
    world.http.base_urls.push(flaky.url.clone());
    let (summary, tape) = world.run().await;
    assert!(summary.is_complete(), "{summary:?}");
    let events = tape.events();
    assert!(events.iter().any(|event| matches!(event, Event::CircuitOpened { .. })));
    assert!(events.iter().any(|event| matches!(event, Event::CircuitClosed { .. })));
    // Three failures put it to rest; more than its probes means that it is asked again.
    assert!(flaky.seen().len() > 10, "it works again: {}", flaky.seen().len());
}

#[tokio::test]
async fn nobody_there_ends_the_run_soon() {
    let world = World::new("http://127.0.0.1:1/v1", &[(AVM, 500)]);
    let started = Instant::now();
    let (summary, _) = world.run().await;
    assert!(matches!(summary.end, End::Unreachable { .. }), "{:?}", summary.end);
    assert_eq!(summary.total().not_attempted, 500);
    assert!(started.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn a_server_that_rejects_everything_is_believed() {
    let server = Server::start(|_| Act::status(404, "no model asked-1")).await;
    let world = World::new(&server.url, &[(AVM, 400)]);
    let (summary, _) = world.run().await;
    let End::Refused { kind: FailureKind::Request, message } = &summary.end else {
        panic!("{:?}", summary.end)
    };
    assert!(message.contains("no model asked-1"));
    assert!(server.seen().len() < 110);
}

#[tokio::test]
async fn money_is_not_overspent() {
    // An answer costs 0.002.
    let server = Server::start(|_| Act::after(2, Act::say("yes"))).await;
    let mut world = World::new(&server.url, &[(AVM, 100)]);
    world.settings.max_cost = Some(0.05);
    let (summary, _) = world.run().await;
    assert_eq!(summary.end, End::CostLimit { limit: 0.05 });
    assert!(summary.spending.cost.is_some_and(|cost| cost <= 0.05 && cost > 0.04), "{summary:?}");
    let (again, _) = world.run().await;
    assert_eq!(again.end, End::CostLimit { limit: 0.05 }, "the label as a whole counts");
    assert!(again.spending_total.cost.unwrap() <= 0.05);
    world.settings.max_cost = None;
    assert!(world.run().await.0.is_complete());
    world.settings.price = None;
    world.settings.max_cost = Some(1.0);
    assert!(world.open().is_err());
}

#[tokio::test]
async fn the_first_interrupt_lets_requests_finish() {
    let server = Server::start(|_| Act::after(80, Act::say("yes"))).await;
    let mut world = World::new(&server.url, &[(AVM, 50)]);
    world.settings.grace = Duration::from_mins(1);
    let stop = StopHandle::new();
    let pull = stop.clone();
    let (result, ()) = tokio::join!(world.run_until(&stop), async move {
        server.has_seen(3).await;
        pull.stop();
    });
    let summary = result.0;
    assert_eq!(summary.end, End::Interrupted);
    let answered = summary.total().answered;
    assert_eq!(answered, summary.requests, "what was in flight came through");
    assert!((3..20).contains(&answered), "and nothing new went out");
    assert_eq!(world.answers(AVM).iter().flatten().count(), answered);
    let (summary, _) = world.run().await;
    assert_eq!((summary.total().reused, summary.requests), (answered, 50 - answered));
}

#[tokio::test]
async fn a_run_that_knows_enough_ends_softly_and_in_the_order_that_was_given() {
    let server = Server::start(|_| Act::after(20, Act::say("yes"))).await;
    let mut world = World::new(&server.url, &[(AVM, 50)]);
    world.settings.grace = Duration::from_mins(1);
    let order: Vec<_> = (0..50).rev().map(|at| (AVM, Position(at))).collect();
    world.settings.order = Some(order.into());
    let stop = StopHandle::new();
    let pull = stop.clone();
    let (result, ()) = tokio::join!(world.run_until(&stop), async move {
        server.has_seen(3).await;
        pull.enough();
        assert!(!pull.is_stopped(), "nobody has stopped it");
    });
    let summary = result.0;
    assert_eq!(summary.end, End::Enough);
    assert!(summary.is_complete(), "what was not asked was not needed");
    let answers = world.answers(AVM);
    let answered = answers.iter().flatten().count();
    assert!((3..20).contains(&answered), "{answered}");
    assert!(answers[..50 - answered].iter().all(Option::is_none), "the last were asked first");
    let manifest = Manifest::read(&world.settings.directory).unwrap().unwrap();
    assert_eq!(manifest.sessions[0].end, Some(SessionEnd::Enough));
}

#[tokio::test]
async fn the_second_interrupt_is_immediate() {
    let server = Server::start(|seen| match seen.index {
        0 => Act::say("yes"),
        _ => Act::Hang,
    })
    .await;
    let mut world = World::new(&server.url, &[(AVM, 50)]);
    world.settings.grace = Duration::from_mins(1);
    let stop = StopHandle::new();
    let pull = stop.clone();
    let started = Instant::now();
    let (result, ()) = tokio::join!(world.run_until(&stop), async move {
        server.has_seen(3).await;
        pull.stop();
        tokio::time::sleep(Duration::from_millis(20)).await;
        pull.stop();
    });
    assert!(started.elapsed() < Duration::from_secs(30), "half of the grace");
    assert_eq!(result.0.end, End::Interrupted);
    assert_eq!(world.answers(AVM).iter().flatten().count(), 1);
}

#[tokio::test]
async fn the_grace_has_an_end() {
    let server = Server::start(|_| Act::Hang).await;
    let world = World::new(&server.url, &[(AVM, 5)]);
    let stop = StopHandle::new();
    stop.stop();
    let started = Instant::now();
    let (summary, _) = world.run_until(&stop).await;
    assert_eq!((summary.end, summary.requests), (End::Interrupted, 0), "stopped before it began");
    let stop = StopHandle::new();
    let pull = stop.clone();
    let (result, ()) = tokio::join!(world.run_until(&stop), async move {
        server.has_seen(2).await;
        pull.stop();
    });
    assert_eq!(result.0.total().not_attempted, 5);
    assert!(started.elapsed() < Duration::from_secs(4), "the requests have 5 s each");
}
