//! What numbers above tasks are called wherever a table or a sentence names them.

use avibench_protocol::Stage;

/// The names of the levels, in their order.
pub(super) const LEVELS: [&str; 4] = ["L1 task", "L2 modality", "L3 stage", "L4 domain"];

/// The title of a stage, Overall or a level by its name in files; any other name as it is.
pub(super) fn shown_name(name: &str) -> &str {
    if let Some(stage) = Stage::ALL.into_iter().find(|stage| stage.name() == name) {
        return stage.title();
    }
    match name {
        "overall" => "Overall",
        "l1" => LEVELS[0],
        "l2" => LEVELS[1],
        "l3" => LEVELS[2],
        "l4" => LEVELS[3],
        other => other,
    }
}
