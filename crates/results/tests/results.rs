//! Writing a run, reading it again, and what changed between two.
#![expect(clippy::unwrap_used, reason = "a test ends at the first thing amiss")]

use std::collections::BTreeMap;
use std::path::Path;

use avibench_protocol::{Folder, Position, Stimulus};
use avibench_results::{
    About, Detail, Divergences, EndingsReport, OriginReport, Program, Report, ResultsError, Row,
    RunFile, ScoredRun, ScoringMode, StoredRun, Texts, Usage, diff, read_run, rows, write_run,
};
use avibench_score::{
    Cluster, Extent, FolderVerdicts, GuessBaselines, MatchParts, Parts, Reason, Resampling,
    ScoringRule, Verdict, VerdictOutcome,
};
use avibench_store::Label;

fn verdicts(wrong: usize) -> Vec<FolderVerdicts> {
    let verdict = |i: usize| Verdict {
        position: Position(i),
        cluster: Cluster(i),
        is_check: false,
        outcome: if i < wrong { VerdictOutcome::Wrong } else { VerdictOutcome::Right },
        parts: Some(Parts::Match(MatchParts { correct: i >= wrong })),
        read: "schwarz \u{1F408}\n\"x\"".to_owned(),
        rule: if i < wrong { ScoringRule::SeveralOptions } else { ScoringRule::OnlyOption },
        span: Some(0..3),
    };
    let folder = |folder: Folder| FolderVerdicts {
        folder,
        records: (0..20).map(verdict).collect(),
        clusters: (0..20).map(|i| format!("id{i}")).collect(),
        diversity: 1.0,
        unscored: None,
        extent: Extent { total: 20, planned: 20, asked: 20, is_drawn: false },
        ceiling: None,
        warnings: Vec::new(),
    };
    vec![folder(Folder::Avm), folder(Folder::Avh)]
}

/// The verdicts of both modes; `wrong` answers of a folder are wrong in strict scoring.
fn judged(wrong: usize) -> [Vec<FolderVerdicts>; 2] {
    [verdicts(0), verdicts(wrong)]
}

fn report(label: &Label, [official, strict]: &[Vec<FolderVerdicts>; 2]) -> Report {
    let divergence = [Divergences::new(Folder::Avm, &[(Reason::Options, vec![Position(0)])])];
    Report::new(ScoredRun {
        label,
        program: Program { version: "0.1.0".to_owned(), ..Program::default() },
        data: &[],
        official,
        strict,
        endings: &EndingsReport::default(),
        formal: &BTreeMap::new(),
        origins: &OriginReport::default(),
        asking: None,
        probe: None,
        formatting: None,
        reading: None,
        divergence: &divergence,
        resampling: Resampling { seed: 1, resamples: 50 },
        baselines: GuessBaselines::embedded(),
        option_chances: &[],
        unscored: &[],
    })
    .expect("both modes have the same samples")
}

fn about<'a>(_: Folder, position: Position) -> About<'a> {
    const IDS: [&str; 3] = ["id0", "id1", "id2"];
    const NO_USAGE: Usage = Usage {
        tokens_in: None,
        tokens_out: None,
        tokens_reasoning: None,
        latency_ms: None,
        tries: None,
    };
    const USAGE: &Usage = &Usage { tokens_in: Some(7), ..NO_USAGE };
    About {
        id: IDS[position.0 % IDS.len()],
        usage: Some(USAGE),
        fluency: Some(&[0.1, 0.2, 0.3, 0.4, 0.5, 0.6]),
        ..About::default()
    }
}

fn rows_of<'a>(
    [official, strict]: &'a [Vec<FolderVerdicts>; 2],
    about: impl Fn(Folder, Position) -> About<'a>,
) -> Vec<Row<'a>> {
    let official = rows(ScoringMode::Official, official, &about);
    official.chain(rows(ScoringMode::Strict, strict, &about)).collect()
}

/// Writes a run below `folder`; gives the report as it is stored.
fn write(folder: &Path, label: &Label, wrong: usize) -> Report {
    let judged = judged(wrong);
    let rows = rows_of(&judged, about);
    write_run(folder, label, report(label, &judged), &rows, Detail::Full).unwrap()
}

/// A run as it is read back.
fn stored(wrong: usize) -> StoredRun {
    let folder = tempfile::tempdir().unwrap();
    let label = Label::new("model").unwrap();
    write(folder.path(), &label, wrong);
    read_run(&RunFile::Report.path(folder.path(), &label)).unwrap()
}

#[test]
fn a_run_is_read_as_it_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let label = Label::new("model").unwrap();
    let written = write(folder.path(), &label, 2);
    let stored = read_run(&RunFile::Report.path(folder.path(), &label)).unwrap();
    assert_eq!(stored.report, written);
    let row = &stored.rows[41];
    assert_eq!((row.mode, row.folder, row.position), (ScoringMode::Strict, Folder::Avm, 1));
    assert_eq!((row.id.as_str(), row.cluster.as_str()), ("id1", "AVM/id1"));
    assert_eq!((row.outcome, row.rule), (VerdictOutcome::Wrong, ScoringRule::SeveralOptions));
    assert_eq!((row.score, row.correct, row.iou), (Some(0.0), Some(false), None));
    assert_eq!(row.read, "schwarz \u{1F408}\n\"x\"");
    assert_eq!((row.usage.tokens_in, row.usage.tries), (Some(7), None));
    assert_eq!((row.p_add_tail, row.p_error), (Some(0.1), Some(0.6)));
    assert_eq!((stored.rows.len(), written.samples.rows), (80, 80));
    let table = std::fs::read(folder.path().join("model.samples.parquet")).unwrap();
    assert_eq!((&table[..4], &table[table.len() - 4..]), (&b"PAR1"[..], &b"PAR1"[..]));
}

#[test]
fn parquet_columns_are_the_fields_of_a_row() {
    let folder = tempfile::tempdir().unwrap();
    let label = Label::new("model").unwrap();
    write(folder.path(), &label, 2);
    let rows = read_run(&RunFile::Report.path(folder.path(), &label)).unwrap().rows;
    let file = std::fs::File::open(folder.path().join("model.samples.parquet")).unwrap();
    let reader = parquet::file::reader::SerializedFileReader::new(file).unwrap();
    let mut read = 0;
    for (found, row) in reader.into_iter().zip(&rows) {
        let found = json(&found.unwrap());
        // Parquet has the reading, which these rows lack, in parts.
        let mut expected = serde_json::Map::new();
        for (name, value) in serde_json::to_value(row).unwrap().as_object().unwrap() {
            match name.as_str() {
                "reading" => {
                    for part in ["kind", "value", "unread", "by", "rule"] {
                        expected.insert(format!("reading_{part}"), serde_json::Value::Null);
                    }
                }
                _ => _ = expected.insert(name.clone(), value.clone()),
            }
        }
        let expected = serde_json::Value::Object(expected);
        assert_eq!(found, expected);
        let names = |value: &serde_json::Value| -> Vec<String> {
            value.as_object().unwrap().keys().cloned().collect()
        };
        assert_eq!(names(&found), names(&expected));
        read += 1;
    }
    assert_eq!(read, 80);
}

fn json(row: &parquet::record::Row) -> serde_json::Value {
    use parquet::record::Field;
    let value = |field: &Field| match field {
        Field::Null => serde_json::Value::Null,
        Field::Bool(flag) => (*flag).into(),
        Field::Long(count) => (*count).into(),
        Field::Double(number) => (*number).into(),
        Field::Str(text) => text.as_str().into(),
        other => unreachable!("a column of another type: {other:?}"),
    };
    row.get_column_iter().map(|(name, field)| (name.clone(), value(field))).collect()
}

#[test]
fn every_field_of_report_and_row_is_documented() {
    let page = include_str!("../../../docs/report-schema.md");
    let StoredRun { report, rows } = stored(2);
    let mut fields = Vec::new();
    collect(&serde_json::to_value(&report).unwrap(), &mut fields);
    collect(&serde_json::to_value(&rows[0]).unwrap(), &mut fields);
    for field in fields {
        // Stages, tasks and parts are names in the data, not fields.
        let named = ["perception", "understand", "reasoning", "sensation", "avm", "avh"];
        let known = named.contains(&field.as_str()) || page.contains(&format!("`{field}`"));
        assert!(known, "`{field}` is not in docs/report-schema.md");
    }
}

fn collect(value: &serde_json::Value, fields: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(object) => {
            for (name, value) in object {
                fields.push(name.clone());
                collect(value, fields);
            }
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| collect(item, fields)),
        _ => {}
    }
}

#[test]
fn a_diff_lists_every_verdict_that_moved() {
    let (before, mut after) = (stored(2), stored(3));
    after.rows.pop();
    let found = diff(&before, &after);
    let places: Vec<_> = found.verdicts.iter().map(|m| (m.mode, m.folder, m.position)).collect();
    assert_eq!(
        places,
        [
            (ScoringMode::Strict, Folder::Avm, 2),
            (ScoringMode::Strict, Folder::Avh, 2),
            (ScoringMode::Strict, Folder::Avh, 19),
        ]
    );
    let moved = &found.verdicts[0];
    assert_eq!(moved.before.as_ref().unwrap().rule, ScoringRule::OnlyOption);
    assert_eq!(moved.after.as_ref().unwrap().rule, ScoringRule::SeveralOptions);
    assert_eq!(found.verdicts[2].after, None);
    let names: Vec<&str> = found.headlines.iter().map(|moved| moved.name.as_str()).collect();
    assert_eq!(names, ["avm", "avh"]);
    assert!(found.same_data && found.same_scoring);
    assert!(diff(&before, &before).verdicts.is_empty());
}

#[test]
fn reports_of_earlier_levels_are_read_and_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let label = Label::new("model").unwrap();
    write(folder.path(), &label, 2);
    let path = RunFile::Report.path(folder.path(), &label);
    let now = read_run(&path).unwrap();
    let mut old: serde_json::Value =
        serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    old["scoring"]["levels_version"] = 1.into();
    for field in ["guess_baselines", "option_chances"] {
        old.as_object_mut().unwrap().remove(field).unwrap();
    }
    for mode in ["official", "strict"] {
        old[mode].as_object_mut().unwrap().remove("summary").unwrap();
        for task in old[mode]["coverage"].as_array_mut().unwrap() {
            for field in ["extent", "completeness", "not_asked", "not_planned"] {
                task.as_object_mut().unwrap().remove(field).unwrap();
            }
        }
    }
    std::fs::write(&path, old.to_string()).unwrap();
    let before = read_run(&path).unwrap();
    assert_eq!(before.report.strict.summary, None);
    let found = diff(&before, &now);
    assert_eq!(found.levels_versions, Some([1, 2]));
    assert!(!found.same_scoring && !found.same_baselines);
    assert_eq!(diff(&now, &now).levels_versions, None);
}

#[test]
fn files_that_do_not_belong_together_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let label = Label::new("model").unwrap();
    write(folder.path(), &label, 2);
    let path = RunFile::Report.path(folder.path(), &label);
    let lines = folder.path().join("model.samples.jsonl");
    let text = std::fs::read_to_string(&lines).unwrap();
    std::fs::write(&lines, text.replace("id1", "id8")).unwrap();
    assert!(matches!(read_run(&path), Err(ResultsError::Stale { .. })));
    std::fs::write(&lines, format!("{text}oops\n")).unwrap();
    assert!(matches!(read_run(&path), Err(ResultsError::Row { line: 81, .. })));
    let report = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, report.replace("\"model.samples.jsonl\"", "\"../x\"")).unwrap();
    assert!(matches!(read_run(&path), Err(ResultsError::SamplesName { .. })));
    std::fs::write(&path, report.replace("\"schema_version\": 1", "\"schema_version\": 9"))
        .unwrap();
    assert!(matches!(read_run(&path), Err(ResultsError::Schema { found: 9, .. })));
    std::fs::write(&path, "{}").unwrap();
    assert!(matches!(read_run(&path), Err(ResultsError::Report { .. })));
}

#[test]
fn a_diff_names_what_the_numbers_rest_on() {
    let before = stored(2);
    let mut after = before.clone();
    assert_eq!(diff(&before, &after).changes, []);
    after.report.program.commit = Some("0123456789ab".to_owned());
    after.report.scoring.strict += 1;
    let told: Vec<String> = diff(&before, &after).changes.iter().map(ToString::to_string).collect();
    let strict = before.report.scoring.strict;
    let expected = [
        format!("strict version: {strict} -> {}", strict + 1),
        "commit: unknown -> 0123456789ab".to_owned(),
    ];
    assert_eq!(told, expected);
}

#[test]
fn slim_rows_lack_texts_and_types_show_in_the_first_lines() {
    let folder = tempfile::tempdir().unwrap();
    let label = Label::new("model").unwrap();
    let judged = judged(2);
    let stimulus = Stimulus {
        kind: "volume".to_owned(),
        intensity: 0.5,
        unit: "dB".to_owned(),
        rest: serde_json::Map::new(),
    };
    let texts = Texts { question: Some("Is it?"), ..Texts::default() };
    let at_the_end = |folder: Folder, position: Position| {
        let known = About { stimulus: Some(&stimulus), texts: Some(&texts), ..About::default() };
        let is_last = (folder, position) == (Folder::Avh, Position(19));
        if is_last { known } else { About::default() }
    };
    let rows = rows_of(&judged, at_the_end);
    let report = report(&label, &judged);
    let read = |detail: Detail| {
        write_run(folder.path(), &label, report.clone(), &rows, detail).unwrap();
        let text = std::fs::read_to_string(folder.path().join("model.samples.jsonl")).unwrap();
        let lines: Vec<serde_json::Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        lines
    };
    let full = read(Detail::Full);
    let slim = read(Detail::Slim);
    assert_eq!((full.len(), slim.len()), (rows.len(), rows.len()));
    assert!(slim.iter().all(|line| line.get("question").is_none()));
    // A reader that looks at few lines finds a value in every column that has one.
    let begins = |lines: &[serde_json::Value], field: &str| {
        lines[..10].iter().any(|line| !line[field].is_null())
    };
    assert!(begins(&full, "intensity") && begins(&full, "question") && begins(&slim, "intensity"));
    let stored = read_run(&RunFile::Report.path(folder.path(), &label)).unwrap();
    assert_eq!(stored.report.samples.detail, Detail::Slim);
    let positions: Vec<_> =
        stored.rows.iter().map(|row| (row.mode, row.folder, row.position)).collect();
    assert!(positions.is_sorted());
}

#[test]
fn rows_give_the_verdicts_that_they_were_written_from() {
    let run = stored(3);
    let [official, strict] =
        [ScoringMode::Official, ScoringMode::Strict].map(|mode| run.verdicts(mode));
    let judged = judged(3);
    for (made, original) in [(&official, &judged[0]), (&strict, &judged[1])] {
        assert_eq!(made.len(), original.len());
        for (made, original) in made.iter().zip(original) {
            assert_eq!((made.folder, &made.clusters), (original.folder, &original.clusters));
            assert_eq!(made.records, original.records);
            assert_eq!(made.extent, original.extent);
        }
    }
}
