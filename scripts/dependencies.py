#!/usr/bin/env python3
"""Checks what the workspace depends on, and writes the notices that its licences ask for.

    scripts/dependencies.py check            licences, banned crates, unused dependencies, walls between crates,
                                             that no two crates export a type of the same name, and one test program a crate
    scripts/dependencies.py notices [FILE]   names, licences and licence texts of all crates that the binary contains

Reads `cargo metadata` and the sources that cargo has unpacked; needs no network once `cargo fetch` has run.
Exit code 0: all is well; 1: something is not, and each finding stands on a line of its own.
"""
import collections, json, os, re, subprocess, sys

# Licences under which crates may be used: they allow distribution of a binary under MIT with notices. Of a choice ("OR")
# one must be here, of a sum ("AND") all. MPL-2.0 covers the files of a crate as they are, which we don't change.
ALLOWED = {
    '0BSD', 'Apache-2.0', 'Apache-2.0 WITH LLVM-exception', 'BSD-2-Clause', 'BSD-3-Clause', 'BSL-1.0', 'CC0-1.0',
    'CDLA-Permissive-2.0', 'ISC', 'MIT', 'MPL-2.0', 'Unicode-3.0', 'Unicode-DFS-2016', 'Unlicense', 'Zlib',
}
# Crates that must not come in, and why.
BANNED = {
    'openssl-sys': 'the build must not need a system OpenSSL; use rustls',
    'native-tls': 'the build must not need a system TLS library; use rustls',
    'aws-lc-sys': 'it needs cmake and is a large C build; use ring',
    'lazy_static': None,  # only as a direct dependency: std has LazyLock
}
# Features that must not be switched on, since all crates of a build share them, and why.
BANNED_FEATURES = {
    ('flate2', 'zlib-rs'): 'generated pictures would have other bytes than their seed had so far; leave flate2 its default backend',
    ('flate2', 'zlib-ng'): 'generated pictures would have other bytes than their seed had so far; leave flate2 its default backend',
}
# What a crate must not reach through its own dependencies, however far down.
WALLS = {
    'avibench-store': {'reqwest', 'clap', 'hyper'},
    'avibench-score': {'reqwest', 'clap', 'hyper', 'tokio'},
    'avibench-assess': {'reqwest', 'clap', 'hyper'},
    'avibench-results': {'reqwest', 'clap', 'hyper', 'tokio'},
    'avibench-export': {'reqwest', 'clap', 'hyper', 'tokio'},
    'avibench-doctor': {'reqwest', 'clap', 'hyper', 'tokio'},
    'avibench-protocol': {'reqwest', 'clap', 'hyper', 'tokio', 'ruff_python_parser'},
}

# How many programs of integration tests a crate may have, where it is not one: the browser's tests stand apart.
PROGRAMS = {'avibench': 2}


def metadata():
    command = ['cargo', 'metadata', '--locked', '--format-version', '1']
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def licence_is_allowed(expression):
    """Whether an SPDX expression (or the older form with slashes) leaves an allowed way."""
    if not expression:
        return False
    tokens = re.findall(r'\(|\)|[^()\s]+', expression.replace('/', ' OR '))
    position = 0

    def peek():
        return tokens[position] if position < len(tokens) else None

    def take():
        nonlocal position
        position += 1
        return tokens[position - 1]

    def term():
        if peek() == '(':
            take()
            value = either()
            take()
            return value
        name = take()
        if peek() == 'WITH':
            name = f'{name} {take()} {take()}'
        return name in ALLOWED

    def both():
        value = term()
        while peek() == 'AND':
            take()
            other = term()
            value = value and other
        return value

    def either():
        value = both()
        while peek() == 'OR':
            take()
            other = both()
            value = value or other
        return value

    return either()


class Graph:
    """The resolved dependencies: package id to the ids it needs, by kind."""

    def __init__(self, meta):
        self.packages = {package['id']: package for package in meta['packages']}
        self.members = [self.packages[member] for member in meta['workspace_members']]
        self.needs = {}
        for node in meta['resolve']['nodes']:
            kinds = [(dep['pkg'], {kind['kind'] for kind in dep['dep_kinds']}) for dep in node['deps']]
            self.needs[node['id']] = kinds

    def reached_from(self, start):
        """All packages that a build of `start` contains or runs, development dependencies left out."""
        seen, todo = set(), [start]
        while todo:
            here = todo.pop()
            if here in seen:
                continue
            seen.add(here)
            todo += [to for to, kinds in self.needs[here] if kinds != {'dev'}]
        return [self.packages[here] for here in seen]


def unused(member):
    """Names of dependencies that no source file of a member mentions."""
    folder = os.path.dirname(member['manifest_path'])
    text = []
    for where, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name != 'target']
        text += [open(os.path.join(where, name), encoding='utf-8').read() for name in files if name.endswith('.rs')]
    text = '\n'.join(text)
    for dependency in member['dependencies']:
        name = (dependency['rename'] or dependency['name']).replace('-', '_')
        if not re.search(rf'\b{re.escape(name)}\b', text):
            yield dependency['name']


def exported_types(member):
    """Names of the types that a library exports, and findings about exports that cannot be read here.

    Every library declares its public names in `src/lib.rs`: by `pub use` of its own private modules, or in the file itself.
    """
    path = os.path.join(os.path.dirname(member['manifest_path']), 'src', 'lib.rs')
    if not os.path.exists(path):
        return set(), []
    with open(path, encoding='utf-8') as file:
        text = re.sub(r'//.*', '', file.read())
    names = set(re.findall(r'^pub (?:struct|enum|union|type|trait) (\w+)', text, re.MULTILINE))
    findings = [f"{member['name']}: {name} is public in src/lib.rs, so its types cannot be compared with those of other "
                'crates; keep the module private and export its types by name'
                for name in re.findall(r'^pub mod \w+', text, re.MULTILINE)]
    for path in re.findall(r'^pub use ([^;]+);', text, re.MULTILINE):
        if path.startswith('avibench_'):
            continue  # the same type under another path, not another type
        if '*' in path:
            findings.append(f"{member['name']}: `pub use {path}` in src/lib.rs names no types; name them")
        # The last word of a path, or what it is renamed to: types are in camel case, constants and functions are not.
        exported = re.findall(r'(\w+)\s*(?:[,}]|$)', path)
        names |= {name for name in exported if re.fullmatch(r'[A-Z]\w*', name) and not re.fullmatch(r'[A-Z0-9_]{2,}', name)}
    return names, findings


def shared_names(members):
    """Findings about type names that several libraries export: a reader could not tell which is meant."""
    exporters = collections.defaultdict(list)
    for member in members:
        names, findings = exported_types(member)
        yield from findings
        for name in names:
            exporters[name].append(member['name'])
    for name, crates in sorted(exporters.items()):
        if len(crates) > 1:
            yield f"{' and '.join(sorted(crates))} both export a type `{name}`; rename one, or let one use the other's"


def test_programs(member):
    """More than one program of integration tests, and test files that no program takes as a module."""
    programs = [target for target in member['targets'] if 'test' in target['kind']]
    if len(programs) > PROGRAMS.get(member['name'], 1):
        names = ', '.join(target['name'] for target in programs)
        return [f"{member['name']}: has several test programs ({names}), and each links everything that is tested: make them modules of tests/all.rs"]
    lost = []
    for program in programs:
        root = program['src_path']
        if os.path.basename(root) != 'all.rs':
            continue
        modules = set(re.findall(r'^mod (\w+);', open(root).read(), re.M))
        files = {name[:-3] for name in os.listdir(os.path.dirname(root)) if name.endswith('.rs')} - {'all'}
        lost += [f"{member['name']}: tests/{name}.rs is compiled by nothing: add `mod {name};` to tests/all.rs" for name in sorted(files - modules)]
    return lost


def check():
    found = metadata()
    graph = Graph(found)
    findings = []
    programs = sorted(
        target['name'] for package in found['packages'] if package['id'] in found['workspace_default_members']
        for target in package['targets'] if 'bin' in target['kind'])
    if programs != ['avibench']:
        findings.append(f"`cargo run` must mean avibench, but may mean {', '.join(programs) or 'nothing'}: see default-members in Cargo.toml")
    for package in sorted(graph.packages.values(), key=lambda package: package['name']):
        name = f"{package['name']} {package['version']}"
        if package['source'] and not licence_is_allowed(package['license']):
            findings.append(f"{name}: its licence `{package['license']}` is not among those allowed in {sys.argv[0]}")
        if package['source'] and not package['source'].startswith('registry+'):
            findings.append(f"{name}: comes from {package['source']}; only published crates can be built again later")
        if BANNED.get(package['name']):
            findings.append(f"{name}: banned: {BANNED[package['name']]}; `cargo tree -i {package['name']}` shows who needs it")
    for node in found['resolve']['nodes']:
        name = graph.packages[node['id']]['name']
        findings += [f'{name}: its feature `{feature}` is banned: {BANNED_FEATURES[name, feature]}; `cargo tree -e features -i {name}` shows who switches it on'
                     for feature in node['features'] if (name, feature) in BANNED_FEATURES]
    names = {member['name'] for member in graph.members}
    for member in graph.members:
        findings += [f"{member['name']}: no source file uses its dependency `{name}`; remove it" for name in unused(member)]
        direct = {dependency['name'] for dependency in member['dependencies']}
        findings += [f"{member['name']}: `{name}` has a successor in the standard library"
                     for name in sorted(direct & BANNED.keys()) if not BANNED[name]]
        wall = WALLS.get(member['name'], set())
        reached = {package['name'] for package in graph.reached_from(member['id'])}
        findings += test_programs(member)
        findings += [f"{member['name']}: must not reach `{name}`; `cargo tree -p {member['name']} -i {name}` shows how it does"
                     for name in sorted(reached & wall)]
    findings += shared_names(graph.members)
    findings += [f'{name}: the wall in {sys.argv[0]} names a crate that the workspace does not have'
                 for name in sorted(WALLS.keys() - names)]
    for finding in findings:
        print(finding)
    if not findings:
        print(f'{len(graph.packages)} crates: licences, bans, walls, use, names of types and test programs are as they should be')
    return 1 if findings else 0


def texts_of(package):
    """Licence texts that a crate ships, by file name."""
    folder = os.path.dirname(package['manifest_path'])
    names = [name for name in sorted(os.listdir(folder)) if re.match(r'(?i)(licen[cs]e|copying|notice|unlicense)', name)]
    for name in names:
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            with open(path, encoding='utf-8', errors='replace') as file:
                yield name, file.read().strip()


def notices(out):
    graph = Graph(metadata())
    binary = next(member for member in graph.members if member['name'] == 'avibench')
    packages = [package for package in graph.reached_from(binary['id']) if package['source']]
    packages.sort(key=lambda package: (package['name'], package['version']))
    holders = collections.OrderedDict()
    bare = []
    for package in packages:
        texts = list(texts_of(package))
        if not texts:
            bare.append(package)
        for name, text in texts:
            holders.setdefault(text, []).append(f"{package['name']} {package['version']} ({name})")
    out.write('avibench contains the following crates.\n\n')
    for package in packages:
        place = package['repository'] or package['homepage'] or ''
        out.write(f"{package['name']} {package['version']}: {package['license']}. {place}\n")
    if bare:
        out.write('\nThese ship no licence text of their own; the licence is the one named above:\n')
        out.write(''.join(f"{package['name']} {package['version']}\n" for package in bare))
    for text, who in holders.items():
        out.write(f"\n{'=' * 80}\n{', '.join(who)}\n{'=' * 80}\n\n{text}\n")
    return 0 if packages else 1


def main():
    os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
    match sys.argv[1:]:
        case ['check']:
            return check()
        case ['notices']:
            return notices(sys.stdout)
        case ['notices', path]:
            with open(path, 'w', encoding='utf-8') as out:
                return notices(out)
    print(__doc__, file=sys.stderr)
    return 1


if __name__ == '__main__':
    sys.exit(main())
