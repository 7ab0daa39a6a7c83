//! Stopping anywhere and going on.

use std::time::Duration;

use avibench_engine::{End, RunError};
use avibench_protocol::Folder;
use avibench_store::{
    IdentityPart, LedgerError, ManifestError, OnDifference, OpenError, SessionEnd,
    write_predictions,
};

use crate::server::{Act, Server};
use crate::world::World;

const AVM: Folder = Folder::Avm;

async fn echo() -> Server {
    Server::start(|seen| Act::say(&format!("to {}", seen.text))).await
}

#[tokio::test]
async fn an_undisturbed_run_leaves_its_files() {
    let server = echo().await;
    let world = World::new(&server.url, &[(AVM, 9), (Folder::Avl, 4)]);
    let (summary, tape) = world.run().await;
    assert!(summary.is_complete());
    assert_eq!((summary.total().answered, summary.requests), (13, 13));
    assert!(
        (summary.spending.cost.unwrap() - 13.0 * (100.0 * 10.0 + 10.0 * 100.0) / 1e6).abs() < 1e-9
    );
    let expected: Vec<_> = (0..9).map(|i| Some(format!("to AVM-{i}"))).collect();
    assert_eq!(world.answers(AVM), expected);

    let snapshot = tape.last_snapshot();
    assert_eq!(snapshot.total(), summary.total());
    assert_eq!((snapshot.in_flight, snapshot.requests), (0, 13));

    let entry = &world.journal(Folder::Avl).entries[0];
    assert_eq!(entry.model.as_deref(), Some("served-1"));
    assert_eq!((entry.tokens_in, entry.tokens_out), (Some(100), Some(10)));
    assert_eq!(entry.finish_reason.as_deref(), Some("stop"));
    assert_eq!(entry.request.as_ref().unwrap().len(), 64);
    assert!(entry.profile.as_ref().unwrap().starts_with("gateway@"));
    assert!(entry.time.to_string().ends_with('Z'));

    let manifest = avibench_store::Manifest::read(&world.settings.directory).unwrap().unwrap();
    assert_eq!(manifest.identity.model, "asked-1");
    assert_eq!(manifest.identity.data.len(), 2);
    assert_eq!(manifest.folders[&AVM].answered, 9);
    assert_eq!(manifest.sessions[0].end, Some(SessionEnd::Finished));

    // A second run has nothing to ask and changes nothing.
    let before = std::fs::read(world.path("tasks/AVM.json")).unwrap();
    let (again, _) = world.run().await;
    assert_eq!((again.requests, again.total().reused), (0, 13));
    assert_eq!(std::fs::read(world.path("tasks/AVM.json")).unwrap(), before);
    assert!((again.spending_total.cost.unwrap() - summary.spending.cost.unwrap()).abs() < 1e-9);
}

#[tokio::test]
async fn a_journal_torn_at_any_byte_is_gone_on_with() {
    let server = echo().await;
    let world = World::new(&server.url, &[(AVM, 6)]);
    world.run().await;
    let journal = std::fs::read(world.path("journal/AVM.jsonl")).unwrap();
    let tasks = std::fs::read(world.path("tasks/AVM.json")).unwrap();
    let order: Vec<String> = world
        .journal(AVM)
        .entries
        .iter()
        .map(|entry| format!("AVM-{}", entry.position.0))
        .collect();
    let ends: Vec<usize> =
        (0..journal.len()).filter(|&i| journal[i] == b'\n').map(|i| i + 1).collect();
    for cut in ends[2]..=journal.len() {
        std::fs::write(world.path("journal/AVM.jsonl"), &journal[..cut]).unwrap();
        let _ = std::fs::remove_file(world.path("tasks/AVM.json"));
        // A line without its line feed is whole; of the others one is torn, the rest is gone.
        let whole = ends.iter().filter(|&&end| end <= cut + 1).count();
        let run = world.open().unwrap();
        assert_eq!(run.remaining(), 6 - whole, "cut at {cut}");
        let torn = !ends.contains(&cut) && !ends.contains(&(cut + 1));
        assert_eq!(run.notices().len(), usize::from(torn), "cut at {cut}");
        drop(run);
        // To ask what is left takes many syncs; places inside a line are alike.
        if ends.iter().all(|end| end.abs_diff(cut) > 2) && cut % 23 > 0 {
            continue;
        }
        let asked = server.seen().len();
        let (summary, _) = world.run().await;
        let seen = server.seen();
        let mut again: Vec<&String> = seen[asked..].iter().map(|seen| &seen.text).collect();
        again.sort();
        let mut lost: Vec<&String> = order[whole..].iter().collect();
        lost.sort();
        assert_eq!(again, lost, "cut at {cut}");
        assert!(summary.is_complete());
        assert_eq!(std::fs::read(world.path("tasks/AVM.json")).unwrap(), tasks, "cut at {cut}");
        let journal = world.journal(AVM);
        assert_eq!((journal.entries.len(), journal.torn, journal.damaged.len()), (6, 0, 0));
    }
}

#[tokio::test]
async fn a_run_dropped_again_and_again_ends_as_an_undisturbed_one() {
    let server = Server::start(|seen| {
        Act::after(seen.index as u64 % 4, Act::say(&format!("to {}", seen.text)))
    })
    .await;
    let world = World::new(&server.url, &[(AVM, 60), (Folder::Avl, 40)]);
    world.run().await;
    let undisturbed =
        ["tasks/AVM.json", "tasks/AVL.json"].map(|path| std::fs::read(world.path(path)).unwrap());
    std::fs::remove_dir_all(&world.settings.directory).unwrap();

    let mut drops: u32 = 0;
    let stop = avibench_engine::StopHandle::new();
    loop {
        // The one before may still be writing what it had.
        let run = loop {
            match world.open() {
                Ok(run) => break run,
                Err(RunError::Open(OpenError::Lock(_))) => {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                Err(error) => panic!("{error}"),
            }
        };
        let http = avibench_engine::Http::new(world.http.clone()).unwrap();
        let execution = run.execute(avibench_engine::Backend::Http(http), Vec::new(), &stop);
        let patience = Duration::from_millis(u64::from(8 + drops));
        if tokio::time::timeout(patience, execution).await.is_ok() {
            break;
        }
        drops += 1;
    }
    assert!(drops >= 3, "it was dropped {drops} times");
    let after =
        ["tasks/AVM.json", "tasks/AVL.json"].map(|path| std::fs::read(world.path(path)).unwrap());
    assert_eq!(after, undisturbed);
}

#[tokio::test]
async fn predictions_of_the_original_are_gone_on_with() {
    let server = echo().await;
    let world = World::new(&server.url, &[(AVM, 6)]);
    std::fs::create_dir_all(world.path("tasks")).unwrap();
    std::fs::write(
        world.path("tasks/AVM.json"),
        r#"[{"task": "AVM", "subtask": null, "id": "00000", "predict": "old"}, null,
            {"task": "AVM", "subtask": null, "id": "00002", "predict": ""},
            {"task": "AVM", "subtask": null, "id": "00003", "predict": null}]"#,
    )
    .unwrap();
    let (summary, _) = world.run().await;
    assert_eq!((summary.total().reused, summary.total().answered), (1, 6));
    assert_eq!(server.seen().len(), 5);
    assert_eq!(server.asked("AVM-0"), 0);
    assert_eq!(world.answers(AVM)[0].as_deref(), Some("old"));
    assert_eq!(world.answers(AVM)[5].as_deref(), Some("to AVM-5"));
}

#[tokio::test]
async fn predictions_for_other_data_are_refused() {
    let server = echo().await;
    let mut world = World::new(&server.url, &[(AVM, 2)]);
    std::fs::create_dir_all(world.path("tasks")).unwrap();
    std::fs::write(
        world.path("tasks/AVM.json"),
        r#"[null, {"task": "AVM", "subtask": null, "id": "77777", "predict": "old"}]"#,
    )
    .unwrap();
    let Err(error) = world.open().map(drop) else { panic!("other data were taken") };
    assert!(
        matches!(
            error,
            RunError::Open(OpenError::Ledger(LedgerError::OtherData { position: 1, .. }))
        ),
        "{error}"
    );
    world.settings.on_difference = OnDifference::Force;
    let (summary, _) = world.run().await;
    assert_eq!(summary.requests, 2);
}

#[tokio::test]
async fn a_label_holds_one_run() {
    let server = echo().await;
    let mut world = World::new(&server.url, &[(AVM, 2)]);
    world.run().await;
    world.settings.prompt_pack = "other".to_owned();
    let Err(RunError::Open(OpenError::Manifest(error @ ManifestError::OtherRun { .. }))) =
        world.open()
    else {
        panic!("another prompt pack was taken")
    };
    assert!(error.to_string().contains("prompt pack was pack, now other"), "{error}");
    world.settings.on_difference = OnDifference::Force;
    world.run().await;
    let manifest = avibench_store::Manifest::read(&world.settings.directory).unwrap().unwrap();
    assert_eq!(manifest.sessions[1].forced[0].what, IdentityPart::PromptPack);
}

#[tokio::test]
async fn two_writers_are_one_too_many() {
    let world = World::new("http://127.0.0.1:1/v1", &[(AVM, 2)]);
    let first = world.open().unwrap();
    assert!(matches!(world.open(), Err(RunError::Open(OpenError::Lock(_)))));
    drop(first);
    assert!(world.open().is_ok());
}

#[tokio::test]
async fn void_checks_and_what_is_beyond_the_limit_are_not_asked() {
    let server = echo().await;
    let world = World::new(&server.url, &[(Folder::VsqaI, 6)]);
    let path = world.dir.path().join("levels/VSQA_I");
    let text = std::fs::read_to_string(path.join("data.json")).unwrap();
    let text = text.replace("\"00001\"", "\"pre_00001\"").replace("\"VSQA_I-1\"", "null");
    std::fs::write(path.join("data.json"), text).unwrap();
    let data = avibench_protocol::FolderData::read(Folder::VsqaI, &path).unwrap();
    let jobs = avibench_engine::FolderJobs::new(&data, Some(4), |sample| {
        sample.text.clone().unwrap_or_default()
    });
    let run = avibench_engine::Run::open(world.settings.clone(), vec![jobs]).unwrap();
    assert_eq!(run.remaining(), 3);
    let backend =
        avibench_engine::Backend::Http(avibench_engine::Http::new(world.http.clone()).unwrap());
    let stop = avibench_engine::StopHandle::new();
    let summary = run.execute(backend, Vec::new(), &stop).await.unwrap();
    assert_eq!(summary.total().answered, 3);
    let answers = world.answers(Folder::VsqaI);
    let given: Vec<bool> = answers.iter().map(Option::is_some).collect();
    assert_eq!(given, [true, false, true, true, false, false]);
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_ends_the_run_with_its_name() {
    let server = echo().await;
    let world = World::new(&server.url, &[(AVM, 40)]);
    // A folder where the prediction file belongs: appending works, saving does not.
    std::fs::create_dir_all(world.path("tasks")).unwrap();
    let run = world.open().unwrap();
    std::fs::create_dir_all(world.path("tasks/AVM.json/in the way")).unwrap();
    let backend =
        avibench_engine::Backend::Http(avibench_engine::Http::new(world.http.clone()).unwrap());
    let stop = avibench_engine::StopHandle::new();
    let summary = run.execute(backend, Vec::new(), &stop).await.unwrap();
    let End::Unwritable { message } = &summary.end else { panic!("{:?}", summary.end) };
    assert!(message.contains("AVM.json"), "{message}");
    std::fs::remove_dir_all(world.path("tasks/AVM.json")).unwrap();
    let (summary, _) = world.run().await;
    assert_eq!((summary.requests, summary.total().reused), (0, 40), "the journal had it all");
}

#[tokio::test]
async fn answers_survive_a_prediction_file_that_was_set_back() {
    let server = echo().await;
    let world = World::new(&server.url, &[(AVM, 3)]);
    world.run().await;
    write_predictions(&world.path("tasks/AVM.json"), &[None]).unwrap();
    let (summary, _) = world.run().await;
    assert_eq!(summary.requests, 0);
    assert_eq!(world.answers(AVM).iter().flatten().count(), 3);
}
