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

# What samples refer to: one dict a folder.
PARTS = {"prompt_unpacked": "unpacked"}
havib_constants = {
    "AVM": {
        "prompt_avm": prompt_avm, "prompt_avh": prompt_avh, "prompt_vah": prompt_vah,
        "prompt_join": prompt_join, "prompt_format": prompt_format, "prompt_str": prompt_str,
        "prompt_end": prompt_end, "prompt_empty": prompt_empty, "prompt_triple": prompt_triple,
        "prompt_lookup": prompt_lookup, "yes_no": yes_no, "quoted": quoted, "mixed": mixed,
        "more": more, "starred": starred, "pair": pair, "nothing": nothing, "UNICODE": UNICODE,
        "in_words": "one of my_cls or other", "classes": ["dog", "cls"], "of_classes": ["my_cls"],
        "table": {"a": [1, None], "b": 'it\'s'}, "class_table": {"cls": 1}, "number": 3, "yes": True,
        "twice": ["a", "a"], "amic_cls_list": ["dog", "cat"], 5: "by number", "empty_list": [],
        **PARTS,
    },
    "VSQA_I": {"prompt_half": "the image half"},
    "VSQA": {"prompt_whole": "of no folder"},
    "shared": {"prompt_shared": "of no folder either"},
}
havib_constants["VSQA_V"] = {"prompt_half": f"the {'video'} half"}
havib_constants.update({"AVL": {"prompt_avl": f"Categories: {more}", "avl_cls_list": ["dog"]}})
prompt_elsewhere = "a name of the file, but not in the dict"

prompt_counted = 'x'
prompt_counted += f'{prompt_counted}y'
BASE = os.path.join("a", "b")
config = _json.loads("{}")


def build(task):
    """Not executed."""
    prompt_local = "invisible"
    return havib_constants[task] + prompt_local


class Holder:
    prompt_in_class = "invisible"


if __name__ == "__main__":
    prompt_main = "invisible"
    print(build("AVM"))
