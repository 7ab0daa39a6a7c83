"""Writes expected.json: what Python itself makes of definitions.py. Run it after changing that file."""

import json
import pathlib

here = pathlib.Path(__file__).parent
names = {"__name__": "definitions", "__file__": "definitions.py"}
exec(compile((here / "definitions.py").read_text(), "definitions.py", "exec"), names)

PLACES = {
    "AVL": [names["FOLDERS"]["AVL"], names["AVL_EXTRA"]],
    "VSQA_I": [names["FOLDERS"]["VSQA"], names["OPTIONS_VSQA_I"]],
    "VSQA_V": [names["FOLDERS"]["VSQA"]],
    "ASQA": [names["FOLDERS"]["sensation"]["ASQA"]],
    "AMIC": [{"prompt_by_key": names["BY_KEY"]["prompt_by_key"]["AMIC"]}],
    "VMIC": [{"prompt_by_key": names["BY_KEY"]["prompt_by_key"]["VMIC"]}],
}


def resolve(folder, key):
    for place in PLACES.get(folder, []) + [names, names["PROMPTS"], names["TABLE"]]:
        if key in place:
            return place[key], False
    return key, True


def ask(folder, prompt, options):
    text, leaked = "", []
    for key, before in [(prompt, ""), (options, "Available options are: ")]:
        if key is not None:
            value, unknown = resolve(folder, key)
            text += f"{before}{value}. "
            leaked += [key] if unknown else []
    return {"folder": folder, "prompt": prompt, "options": options,
            "text": text + "Is it?", "leaked": leaked}


cases = [
    ask("AVM", "prompt_avm", "yes_no"), ask("AVH", "prompt_avh", "quoted"),
    ask("VAH", "prompt_vah", "mixed"), ask("AVM", "prompt_join", "more"),
    ask("AVM", "prompt_format", "starred"), ask("AVM", "prompt_str", "pair"),
    ask("AVM", "prompt_end", None), ask("AVM", "prompt_empty", "yes_no"),
    ask("AVM", "prompt_triple", None), ask("AVM", "prompt_avm_again", "nothing"),
    ask("AVM", "prompt_lookup", None), ask("AVL", "prompt_avl", "avl_cls_list"),
    ask("AVM", "prompt_avl", "avl_cls_list"), ask("VSQA_I", "shared_by_halves", "get_from_color"),
    ask("VSQA_V", "shared_by_halves", "get_from_color"), ask("VSQA_V", None, "get_from_3d-task1"),
    ask("ASQA", "prompt_asqa", "yes_no"), ask("AVL", "prompt_more", None),
    ask("AVL", "prompt_unpacked", None), ask("AMIC", "prompt_by_key", None),
    ask("VMIC", "prompt_by_key", None), ask("AVR", "prompt_loose", None),
    ask("AVR", "prompt_late", None), ask("AVR", "prompt_counted", None),
    ask("AVQA", "prompt_avqa", "avqa_options_list_is"), ask("AVQA", None, None),
    ask("AVR", "prompt_local", None), ask("AVR", "prompt_in_class", None),
    ask("AVR", "prompt_main", None), ask("AVM", "UNICODE", "UNICODE"),
]
(here / "expected.json").write_text(json.dumps(cases, indent=1, ensure_ascii=False) + "\n")
