"""Files of ``avibench score`` as frames."""

import importlib.util
import json
import os
from pathlib import Path

_REPORT_VERSION = 1

# The columns of the frame of numbers, and the type of each.
_NUMBER_COLUMNS = {
    "label": "string",
    "mode": "string",
    "kind": "string",
    "name": "string",
    "unit": "string",
    "value": "number",
    "low": "number",
    "high": "number",
    "by_stand_in": "flag",
}

# Numbers that rest on captions (AVC), besides the task itself and its parts.
_ON_CAPTIONS = ("overall", "understand", "l1", "l2", "l3", "l4")


class MissingResult(FileNotFoundError):
    """A label has no such file: it was not scored, or lies elsewhere."""


def samples(label, *, eval_dir=None, frame=None):
    """One row a sample and mode, from ``<label>.samples.parquet``.

    label     a label that ``avibench score`` has scored
    eval_dir  the folder of score files; by default the variable EVAL_OUTPUT_DIR, else ``eval_outputs``
    frame     "pandas" or "polars"; by default whichever is installed, pandas first

    Scores are 0 to 1. What was not measured is null. docs/report-schema.md explains every column.
    """
    path = _file(eval_dir, label, "samples.parquet")
    if _library(frame) == "polars":
        import polars

        return polars.read_parquet(path)
    import pandas

    try:
        # Nullable types: a whole number stays one where other rows have none.
        return pandas.read_parquet(path, dtype_backend="numpy_nullable")
    except ImportError as error:
        raise ImportError(
            "pandas reads Parquet files with pyarrow, which is missing: pip install 'avibench[pandas]'"
        ) from error


def report(label, *, eval_dir=None, frame=None):
    """The numbers of ``<label>.report.json``, one row each, with their 95% intervals.

    The columns are: ``label``, ``mode`` (official, strict), ``kind`` (overall, stage, level, task,
    part; mean over several epochs; bounds that a run in a random order found, which have no value),
    ``name`` (a part as TASK/PART), ``unit`` (fraction: 0 to 1; percent: 0 to 100), ``value``,
    ``low``, ``high``, and ``by_stand_in``: whether the number rests on captions that the stand-in
    for FENSE rated, so that it compares with no number by FENSE. What was not measured is null. The
    arguments are those of ``samples``.
    """
    path = _file(eval_dir, label, "report.json")
    with open(path, encoding="utf-8") as file:
        content = json.load(file)
    version = content.get("schema_version")
    if version != _REPORT_VERSION:
        raise ValueError(
            f"{path} has schema version {version}, and this module reads version {_REPORT_VERSION}: "
            "install the avibench that wrote it, or score the label again"
        )
    has_stand_in = "stand_in_version" in (content.get("captions") or {})
    rows = [
        {
            "label": content["label"],
            "mode": mode,
            **row,
            "by_stand_in": has_stand_in and _rests_on_captions(row["name"]),
        }
        for mode in ("official", "strict")
        for row in _numbers(content[mode]["estimates"])
    ]
    rows += [
        {
            "label": content["label"],
            "mode": "strict",
            **row,
            "by_stand_in": has_stand_in and _rests_on_captions(row["name"]),
        }
        for row in _further_numbers(content)
    ]
    columns = {name: [row.get(name) for row in rows] for name in _NUMBER_COLUMNS}
    if _library(frame) == "polars":
        import polars

        types = {"string": polars.String, "number": polars.Float64, "flag": polars.Boolean}
        return polars.DataFrame(
            columns, schema={name: types[kind] for name, kind in _NUMBER_COLUMNS.items()}
        )
    import pandas

    types = {"string": "string", "number": "Float64", "flag": "boolean"}
    return pandas.DataFrame(
        {name: pandas.array(columns[name], dtype=types[kind]) for name, kind in _NUMBER_COLUMNS.items()}
    )


def _numbers(estimates):
    """Every number of one mode with its interval."""
    yield _row("overall", "overall", "fraction", estimates["overall"])
    for stage in estimates["stages"]:
        yield _row("stage", stage["name"], "fraction", stage)
    for level in estimates["levels"]:
        yield _row("level", level["name"], "percent", level)
    for task in estimates["tasks"]:
        yield _row("task", task["task"], "fraction", task["headline"])
        for part in task["parts"]:
            yield _row("part", f"{task['task']}/{part['name']}", "fraction", part)


def _further_numbers(content):
    """Means over epochs, and the bounds of a run in a random order."""
    repeats = content.get("repeats") or {"overall": None, "stages": [], "tasks": []}
    wholes = [repeats["overall"]] if repeats["overall"] else []
    for whole in wholes + repeats["stages"]:
        yield _row("mean", f"{whole['name']}/mean", "fraction", whole["headline"])
    for task in repeats["tasks"]:
        yield _row("mean", f"{task['name'].upper()}/mean", "fraction", task["headline"])
    found = content.get("sequence")
    if found:
        yield _row("bounds", f"{found['of']}/bounds", "fraction", found)


def _rests_on_captions(name):
    return name.split("/")[0] in (*_ON_CAPTIONS, "AVC")


def _row(kind, name, unit, number):
    interval = {end: number.get(end) for end in ("value", "low", "high")}
    return {"kind": kind, "name": name, "unit": unit, **interval}


def _file(eval_dir, label, ending):
    folder = Path(eval_dir or os.environ.get("EVAL_OUTPUT_DIR") or "eval_outputs")
    path = folder / f"{label}.{ending}"
    if not path.is_file():
        raise MissingResult(
            f"{path} does not exist: score the label with `avibench score --models {label}`, "
            "or name the folder of score files by eval_dir"
        )
    return path


def _library(wanted):
    """The library to make frames with."""
    if wanted not in (None, "pandas", "polars"):
        raise ValueError(f'frame is "pandas" or "polars", not {wanted!r}')
    for name in (wanted,) if wanted else ("pandas", "polars"):
        if importlib.util.find_spec(name) is not None:
            return name
    raise ImportError(
        f"{wanted or 'neither pandas nor polars'} is {'not ' if wanted else ''}installed: "
        "pip install 'avibench[pandas]' or pip install 'avibench[polars]'"
    )
