//! Names of scores that the public page does not look up, where it shows a dash.

use avibench_protocol::Task;
use avibench_python::PlacedValue;

use crate::fields::{Fields, closest, listed};
use crate::finding::Examination;
use crate::pointer::{Pointer, shortened};
use crate::{LEVEL_NAMES, STAGE_NAMES};

/// Warns of what the page will not find in the scores, which are valid.
pub(crate) fn check(scores: &Fields<'_>, at: &Pointer<'_>, examination: &mut Examination<'_>) {
    if let Some(overall) = scores.get_some("overall")
        && matches!(overall.value, PlacedValue::Object(_))
    {
        let message = "the page shows a dash for an object; write `overall` as a number";
        examination.warning(&at.key("overall"), overall.place.start, message.to_owned());
    }
    for (group, names) in [("stages", STAGE_NAMES), ("taxonomy", LEVEL_NAMES)] {
        let Some(value) = scores.get_some(group) else { continue };
        let at = &at.key(group);
        let Some(entries) = value.as_object() else {
            let message = format!(
                "the page shows dashes for a number; write an object with {}",
                listed(&names)
            );
            examination.warning(at, value.place.start, message);
            continue;
        };
        for entry in entries {
            let key = entry.key.as_str();
            if !names.iter().any(|name| entry.key == **name) {
                let guess = || closest(key, &names).or_else(|| other_name(key));
                let mend = match examination.keeps_warnings().then(guess).flatten() {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => format!("it knows {}", listed(&names)),
                };
                let message = format!(
                    "the page does not know `{}` and shows a dash; {mend}",
                    shortened(key, 40)
                );
                examination.warning(&at.key(key), entry.key_place.start, message);
            } else if matches!(entry.value.value, PlacedValue::Object(_)) {
                let message =
                    format!("the page shows a dash for an object; write `{key}` as a number");
                examination.warning(&at.key(key), entry.value.place.start, message);
            }
        }
    }
    let tasks = Task::ALL.map(Task::name);
    let at = &at.key("tasks");
    for entry in scores.get("tasks").and_then(|tasks| tasks.as_object()).unwrap_or_default() {
        let key = entry.key.as_str();
        if examination.keeps_warnings()
            && !tasks.iter().any(|name| entry.key == **name)
            && let Some(meant) = closest(key, &tasks)
        {
            let message = format!(
                "the benchmark has no task `{}`; did you mean `{meant}`?",
                shortened(key, 40)
            );
            examination.warning(&at.key(key), entry.key_place.start, message);
        }
    }
}

/// Names under which other tables have the same scores.
fn other_name(key: &str) -> Option<&'static str> {
    Some(match key.trim().to_lowercase().as_str() {
        "understand" => "understanding",
        "prise" | "primitive" | "primitive_sensation" | "primitive sensation" => "sensation",
        "l1" | "task" | "task-adaptive" => "l1_task",
        "l2" | "modality" | "modality-adaptive" => "l2_modality",
        "l3" | "stage" | "stage-adaptive" => "l3_stage",
        "l4" | "domain" | "domain-adaptive" => "l4_domain",
        _ => return None,
    })
}
