//! Looking before leaping: the dry run.

use avibench_engine::{DryRun, RunError};
use avibench_protocol::Folder;
use avibench_store::{OnDifference, OpenError};

use crate::server::{Act, Server};
use crate::world::World;

const AVM: Folder = Folder::Avm;

fn dry_run(world: &World) -> Result<DryRun, RunError> {
    DryRun::new(&world.settings(), &world.jobs(), &|_, _| ())
}

#[tokio::test]
async fn a_dry_run_counts_and_touches_nothing() {
    let server = Server::start(|_| Act::say("yes")).await;
    let mut world = World::new(&server.url, &[(AVM, 5), (Folder::Avl, 2)]);
    let plan = dry_run(&world).unwrap();
    assert!(!world.settings.directory.exists());
    let folder = plan.folders[&AVM];
    assert_eq!((folder.requests, folder.reused), (5, 0));
    assert!(folder.tokens_in > 0 && folder.cost.unwrap() > 0.0);
    assert_eq!(plan.total().requests, 7);

    world.run().await;
    let sent: usize = server.seen().iter().map(|seen| seen.bytes).sum();
    assert_eq!(plan.total().bytes, Some(sent as u64), "to the byte");
    std::fs::remove_file(world.dir.path().join("levels/AVL/input/a.wav")).unwrap();
    let plan = dry_run(&world).unwrap();
    assert_eq!((plan.total().reused, plan.total().requests), (7, 0));
    world.settings.model = "other".to_owned();
    let refused = dry_run(&world);
    assert!(matches!(refused, Err(RunError::Open(OpenError::Manifest(_)))));
    world.settings.on_difference = OnDifference::Force;
    std::fs::remove_dir_all(world.path("journal")).unwrap();
    std::fs::remove_dir_all(world.path("tasks")).unwrap();
    world.settings.price = None;
    let plan = dry_run(&world).unwrap();
    assert_eq!((plan.folders[&Folder::Avl].rejected, plan.total().requests), (2, 5));
    assert_eq!(plan.total().cost, None);
    assert!(!world.path("tasks").exists());
}
