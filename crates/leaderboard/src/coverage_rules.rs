//! Rules of what a run covered.

use avibench_python::{BigInt, PlacedJson, PlacedValue};

use crate::TASKS;
use crate::check::described;
use crate::fields::Fields;
use crate::finding::Examination;
use crate::pointer::Pointer;

const COVERAGE: [&str; 5] =
    ["status", "tasks_completed", "tasks_total", "samples_completed", "samples_total"];

/// The coverage of an entry.
pub(crate) fn check_coverage(
    entry: &Fields<'_>,
    at: &Pointer<'_>,
    examination: &mut Examination<'_>,
) {
    let Some(value) = entry.get("coverage") else {
        let message = "`coverage` is missing; write an object with `status`, `tasks_completed` and \
                       `tasks_total`";
        examination.violation(at, entry.offset, message.to_owned());
        return;
    };
    let at = &at.key("coverage");
    let Some(fields) = Fields::of(value, at, examination) else {
        let what = described(value, examination.text);
        let message = format!("the coverage is {what}; it must be an object");
        examination.violation(at, value.place.start, message);
        return;
    };
    fields.refuse_others(&COVERAGE, at, examination);
    let is_full = check_status(&fields, at, examination);
    let [tasks_done, tasks] = ["tasks_completed", "tasks_total"].map(|name| {
        if fields.get(name).is_none() {
            let message = format!("`{name}` is missing; write how many tasks as an integer");
            examination.violation(at, fields.offset, message);
        }
        count(&fields, name, "write an integer from 0 on", at, examination)
    });
    let [samples_done, samples] = ["samples_completed", "samples_total"]
        .map(|name| count(&fields, name, "write an integer from 0 on, or null", at, examination));
    check_tasks(&fields, is_full, tasks_done.as_ref(), tasks.as_ref(), at, examination);
    let has_both = ["samples_completed", "samples_total"].map(|name| fields.get_some(name));
    if let [Some(one), None] | [None, Some(one)] = has_both {
        let message = "only one count of samples is there; write both, or neither".to_owned();
        examination.violation(at, one.place.start, message);
    }
    if let (Some(done), Some(all), Some(place)) = (&samples_done, &samples, has_both[0]) {
        let at = &at.key("samples_completed");
        if done > all {
            let message = "more samples are completed than there are".to_owned();
            examination.violation(at, place.place.start, message);
        } else if is_full == Some(true) && done < all {
            let message = "the coverage is full, but not every sample is completed; write `partial`, \
                           or the number of all samples";
            examination.violation(at, place.place.start, message.to_owned());
        }
    }
    let covers_all_tasks = tasks_done.is_some() && tasks_done == tasks;
    let lacks_samples = match (&samples_done, &samples) {
        (Some(done), Some(all)) => done != all,
        // A count that is wrong in itself is reported already.
        _ => has_both.iter().any(Option::is_some),
    };
    if is_full == Some(false) && covers_all_tasks && !lacks_samples {
        let message = "the coverage is partial, but nothing is lacking; write `full`, or how many \
                       samples are completed out of how many";
        examination.violation(at, fields.offset, message.to_owned());
    }
}

/// Whether the status is `full`; none if it is neither.
fn check_status(
    fields: &Fields<'_>,
    at: &Pointer<'_>,
    examination: &mut Examination<'_>,
) -> Option<bool> {
    let Some(status) = fields.get("status") else {
        let message = "`status` is missing; write `full` or `partial`".to_owned();
        examination.violation(at, fields.offset, message);
        return None;
    };
    let is = |word: &str| status.as_text().is_some_and(|text| *text == *word);
    if is("full") || is("partial") {
        return Some(is("full"));
    }
    let message = format!(
        "the status is {}; it must be `full` or `partial`, letter for letter",
        described(status, examination.text)
    );
    examination.violation(&at.key("status"), status.place.start, message);
    None
}

/// A count that is there and an integer from 0 on, of any size; reported if it is there and not one.
fn count(
    fields: &Fields<'_>,
    name: &str,
    mend: &str,
    at: &Pointer<'_>,
    examination: &mut Examination<'_>,
) -> Option<BigInt> {
    // Tasks must be counted, so that null is no count of them, but it is one of samples.
    let value = match fields.get(name)? {
        PlacedJson { value: PlacedValue::Null, .. } if name.starts_with("samples") => return None,
        value => value,
    };
    match &value.value {
        PlacedValue::Int(number) if *number >= BigInt::from(0) => Some(number.clone()),
        _ => {
            let message = format!("this is {}; {mend}", described(value, examination.text));
            examination.violation(&at.key(name), value.place.start, message);
            None
        }
    }
}

fn check_tasks(
    fields: &Fields<'_>,
    is_full: Option<bool>,
    done: Option<&BigInt>,
    all: Option<&BigInt>,
    at: &Pointer<'_>,
    examination: &mut Examination<'_>,
) {
    let place = |name| fields.get(name).map_or(fields.offset, |value| value.place.start);
    if all == Some(&BigInt::from(0)) {
        let message = "the benchmark has tasks, so that their total is above 0".to_owned();
        examination.violation(&at.key("tasks_total"), place("tasks_total"), message);
    }
    let (Some(done), Some(all)) = (done, all) else { return };
    let at_done = &at.key("tasks_completed");
    if done > all {
        let message = "more tasks are completed than there are".to_owned();
        examination.violation(at_done, place("tasks_completed"), message);
    } else if is_full == Some(true) && done < all {
        let message = "the coverage is full, but not every task is completed; write `partial`";
        examination.violation(at_done, place("tasks_completed"), message.to_owned());
    } else if is_full == Some(true) && *all > BigInt::from(0) && *all < BigInt::from(TASKS) {
        let message = format!(
            "the coverage is full with fewer than the {TASKS} tasks of the benchmark; write \
             `partial` with {TASKS} in total, unless this version has fewer"
        );
        examination.warning(&at.key("tasks_total"), place("tasks_total"), message);
    }
}
