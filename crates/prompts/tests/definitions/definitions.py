#!/usr/bin/env python3
# -*- coding: utf-8 -*-
"""A file of definitions, made up for the tests: every way of writing that is read as data."""
from __future__ import annotations

import os
import json as _json
from pathlib import Path

# Plain strings, in every kind of quotes.
ROLE = 'listener'
GREETING: str = "You are a careful " "listener" ' and a "patient" one'
RAW = r"no \n escape \d+"
ESCAPES = "tab\t, quote \" and \', backslash \\, \x41\u00e9\N{BULLET}\
 joined"
TRIPLE = '''First line
  second line, indented
'''
EMPTY = ""
UNICODE = "Écoutez la scène 🎵 «bien»"

# Lists, and what Python makes of them in text.
yes_no = ["yes", "no", "not sure"]
quoted = ["it's", 'say "so"', 'both \' and "', "new\nline", "back\\slash", "é", "\u200b", ""]
mixed = ["one", 1, -2.5, 1e20, None, True, ("a",), [], {"k": 'v'}]
more = yes_no + ["no available option"]
more += ("extra",)
more.append("last one")
more.extend(["the very last"])
starred = [*yes_no, "else"]
pair = ("left", "right")
first, (second, third) = "a", ["b", "c"]
nothing = None

# Text made of text.
prompt_avm = f"{GREETING}, {ROLE!r}: {{braces}} {yes_no} {yes_no!s} {UNICODE!r}"
prompt_avh = (
    "Part one, "
    f"part two with {ROLE:>10}|{ROLE:*^12s}|{ROLE:.3}|{7:03d}|{2.5:.2f}|{mixed[1]}|{ROLE=}. "
    'part three {not a field}'
)
prompt_vah = "a" + 'b' + f"{first}{second}{third}" + EMPTY + "-" * 5
prompt_join = ", ".join(yes_no) + "; " + " / ".join(["x", ROLE]).strip()
prompt_format = "{0} and {name!r} and {{}} and {1:>4}".format(ROLE, "z", name="n").replace("and", "&")
prompt_str = str(yes_no) + str(ROLE)
prompt_end = "Ends with a full stop."
prompt_empty = ""
prompt_triple = f"""{TRIPLE}
{ESCAPES} {RAW}"""
prompt_avm_again = prompt_avm

TABLE = {"role": ROLE, "inner": {"text": "deep"}, 3: "three"}
TABLE["added"] = "afterwards"
TABLE.update({"role": "updated"})
prompt_lookup = TABLE["role"] + TABLE["inner"]["text"] + TABLE[3] + TABLE["added"] + yes_no[-1]

# Per folder, in several shapes.
FOLDERS = {
    "AVL": {
        "prompt_avl": f"Categories: {more}",
        "avl_cls_list": ["dog", "cat"],
    },
    "VSQA": {"shared_by_halves": "both halves", "get_from_3d-task1": ["center", "left"]},
    "sensation": {"ASQA": {"prompt_asqa": "deep in a stage"}},
}
AVL_EXTRA = {"prompt_more": "by the variable's name", **{"prompt_unpacked": "unpacked"}}
OPTIONS_VSQA_I = {"get_from_color": ("blue", "puprle")}
BY_KEY = {"prompt_by_key": {"AMIC": "for AMIC", "VMIC": "for VMIC"}}
PROMPTS = {"prompt_loose": "in a dict of its own", "prompt_avm": "never seen: the name goes first"}
PROMPTS |= {"prompt_late": "joined later"}

prompt_counted = 'x'
prompt_counted += f'{prompt_counted}y'
BASE = os.path.join("a", "b")
config = _json.loads("{}")


def build(task):
    """Not executed."""
    prompt_local = "invisible"
    return PROMPTS[task] + prompt_local


class Holder:
    prompt_in_class = "invisible"


if __name__ == "__main__":
    prompt_main = "invisible"
    print(build("prompt_loose"))
