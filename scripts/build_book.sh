#!/usr/bin/env bash
# Builds the book of docs/ into target/site/docs, and checks that every link in what was built leads somewhere.
#
#   scripts/build_book.sh             installs mdbook into target/mdbook if it is not there (minutes), and builds
#   MDBOOK=FILE scripts/build_book.sh uses that program
#
# The gate checks the pages themselves, without mdbook (crates/avibench/tests/cli/book).
set -euo pipefail
cd "$(dirname "$0")/.."

version=0.5.4
mdbook=${MDBOOK:-$(command -v mdbook || true)}
if [ -z "$mdbook" ]; then
  mdbook=target/mdbook/bin/mdbook
  if [ ! -x "$mdbook" ]; then
    CARGO_TARGET_DIR=target/mdbook/build nice cargo install mdbook --version "$version" --locked \
      --no-default-features --features search --root target/mdbook
  fi
fi

rm -rf target/site
"$mdbook" build docs

# Pages link to scripts beside the book's folder; what is built has copies where those links lead.
python3 - <<'PYTHON'
import html.parser, os, pathlib, shutil, sys, urllib.parse

book = pathlib.Path('target/site/docs')

class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.links, self.ids = [], set()

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name == 'id':
                self.ids.add(value)
            elif name in ('href', 'src') and value:
                self.links.append(value)

pages = {}
for path in sorted(book.rglob('*.html')):
    page = pages[path] = Page()
    page.feed(path.read_text(encoding='utf-8'))

faults = []
for path, page in pages.items():
    # 404.html is served from any address, so that its links start at the root of a site.
    if path.name in ('404.html', 'toc.html'):
        continue
    for link in page.links:
        parts = urllib.parse.urlsplit(link)
        if parts.scheme or parts.netloc:
            continue
        target = path if not parts.path else pathlib.Path(os.path.normpath(path.parent / urllib.parse.unquote(parts.path)))
        if not target.is_relative_to(book):
            source = pathlib.Path(os.path.normpath(pathlib.Path('docs') / path.parent.relative_to(book) / parts.path))
            if source.is_file():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(source, target)
            else:
                faults.append(f'{path}: {link}: there is no such file')
        elif not target.exists():
            faults.append(f'{path}: {link}: there is no such file')
        elif parts.fragment and target.suffix == '.html' and parts.fragment not in pages[target].ids:
            faults.append(f'{path}: {link}: there is no such heading')
print('\n'.join(faults) or f'{len(pages)} pages, and every link leads somewhere')
sys.exit(bool(faults))
PYTHON
