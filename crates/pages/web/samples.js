// The list of samples: filters, search, order, and the statistics of what is selected.

import { DATA, fieldNamed, fieldNames, letterOf, searchFor, store } from './store.js';
import { differenceOf, meanOf } from './statistics.js';
import { FilterError, completions, filterOf } from './filter.js';
import { announce, element, percentOf, visible } from './elements.js';
import { doubtOf, doubtsHere, saveDoubts } from './doubts.js';
import { chip } from './sample.js';

/** Lines of a page of the list: more take longer than a tenth of a second to draw. */
export const ON_A_PAGE = 50;
const SHOWN = 110;

const strictOf = (run) => (row) => store.score(row, run, 'strict');
const outcomeIs = (outcome) => (row, run) => store.verdict(row, run, 'strict') === outcome;
/** From this score on a sample counts as right; the same share decides what flips between two runs. */
const RIGHT = 0.5;

/** Selections by a button: what they are called, whom they take of a run, and what that means. */
function picksOf() {
  const scored = (test) => (row, run) => {
    const score = store.score(row, run, 'strict');
    return score !== null && test(score);
  };
  const picks = [
    ['all', 'All', () => true, 'All samples and checks'],
    ['right', 'Right', scored((score) => score >= RIGHT), 'Strict score of 50 or more'],
    ['wrong', 'Wrong', scored((score) => score < RIGHT), 'Strict score below 50'],
    ['unread', 'Unread', outcomeIs('unread'), 'The answer says nothing by a careful reading'],
    ['failed', 'No answer', outcomeIs('missing'), 'Asked, without an answer'],
    ['zeroed', 'Zeroed by a check', outcomeIs('zeroed'), 'Right in itself, but the check of the same id failed'],
    ['parted', 'Modes part', (row, run) => store.model(row, run, 'parted') !== null, 'Official and strict scoring judge it differently'],
    ['doubted', 'Doubted', (row) => doubtOf(row) !== null, 'Somebody doubts its ground truth'],
  ];
  if (DATA.models.length > 1) {
    const [a, b] = [strictOf(0), strictOf(1)];
    const apart = (row) => (a(row) === null || b(row) === null ? 0 : a(row) - b(row));
    picks.push(['a-right', 'A right, B wrong', (row) => apart(row) >= RIGHT, 'A scores at least 50 points more'], ['b-right', 'B right, A wrong', (row) => apart(row) <= -RIGHT, 'B scores at least 50 points more']);
    picks.push(['both-wrong', 'Both wrong', (row) => a(row) !== null && b(row) !== null && a(row) < RIGHT && b(row) < RIGHT, 'Both score below 50']);
  }
  return picks;
}

/** Orders: what they are called, and the value they go by, smallest first. */
function ordersOf() {
  const orders = [['data', 'As in the data', null]];
  const last = (value) => (value === null ? Infinity : value);
  DATA.models.forEach((_, run) => {
    const name = DATA.models.length > 1 ? `${letterOf(run)}: ` : '';
    orders.push([`worst-${run}`, `${name}lowest strict score`, (row) => last(store.score(row, run, 'strict'))]);
    orders.push([`best-${run}`, `${name}highest strict score`, (row) => -(store.score(row, run, 'strict') ?? -Infinity)]);
    if (DATA.form === 'private') {
      orders.push([`slow-${run}`, `${name}longest wait`, (row) => -(store.model(row, run, 'latency_ms') ?? -Infinity)]);
      orders.push([`long-${run}`, `${name}longest answer`, (row) => -(store.modelText(row, run, 'answer')?.length ?? -1)]);
    }
  });
  if (DATA.models.length > 1) {
    const gap = (row) => Math.abs((store.score(row, 0, 'strict') ?? 0) - (store.score(row, 1, 'strict') ?? 0));
    orders.push(['apart', 'A and B farthest apart', (row) => -gap(row)]);
  }
  return orders;
}

const PICKS = picksOf();
const ORDERS = ordersOf();

/** What the address says of a selection. */
export function stateOf(query) {
  const known = new URLSearchParams(query);
  const named = (list, name) => (list.some(([key]) => key === name) ? name : list[0][0]);
  return {
    filter: known.get('filter') ?? '',
    search: known.get('search') ?? '',
    pick: named(PICKS, known.get('pick')),
    order: named(ORDERS, known.get('order')),
    of: Math.min(DATA.models.length - 1, Math.max(0, Number.parseInt(known.get('of') ?? '0', 10) || 0)),
    page: Math.max(1, Number.parseInt(known.get('page') ?? '1', 10) || 1),
  };
}

/** A selection as part of an address; what is as always is left out. */
export function queryOf(state) {
  const query = new URLSearchParams();
  if (state.filter) query.set('filter', state.filter);
  if (state.search) query.set('search', state.search);
  if (state.pick !== 'all') query.set('pick', state.pick);
  if (state.of > 0) query.set('of', state.of);
  if (state.order !== 'data') query.set('order', state.order);
  if (state.page > 1) query.set('page', state.page);
  const text = query.toString();
  return text ? `?${text}` : '';
}

let cached = { key: null, rows: [] };

/** The rows of a selection in their order. Throws a FilterError for a filter that says nothing. */
export function rowsOf(state) {
  const key = JSON.stringify([state.filter, state.search, state.pick, state.of, state.order, state.pick === 'doubted' ? doubtsHere().length : 0]);
  if (cached.key === key) return cached.rows;
  const pick = PICKS.find(([name]) => name === state.pick)[2];
  const tests = [filterOf(state.filter), (row) => pick(row, state.of)];
  if (state.search) tests.push(searchFor(state.search));
  const rows = [];
  for (let row = 0; row < store.size; row += 1) {
    if (tests.every((test) => test(row))) rows.push(row);
  }
  const by = ORDERS.find(([name]) => name === state.order)[2];
  if (by) {
    const values = new Map(rows.map((row) => [row, by(row)]));
    rows.sort((a, b) => values.get(a) - values.get(b) || a - b);
  }
  cached = { key, rows };
  return rows;
}

/** All values of a text field, for completion. */
const valuesByField = new Map();
function valuesOf(name) {
  if (!valuesByField.has(name)) {
    const field = fieldNamed(name) ?? fieldNamed(name.toLowerCase());
    const found = new Set();
    for (let row = 0; field && row < store.size && found.size < 500; row += 1) {
      const value = field.of(row);
      if (typeof value === 'string') found.add(value);
    }
    valuesByField.set(name, [...found].sort());
  }
  return valuesByField.get(name);
}

/** The selection in numbers: the mean of each run, and how two of them differ. */
function statisticsOf(rows) {
  const clusterOf = (row) => store.cluster(row);
  const lines = [];
  // What was asked so far is no random part: intervals and tests would say more than is known.
  const isSoFar = DATA.serving?.is_so_far === true;
  const withoutInterval = (found) => (isSoFar && found ? { ...found, low: null, high: null, p: null } : found);
  const interval = ({ low, high }) => (isSoFar ? '–' : `${percentOf(low)} to ${percentOf(high)}`);
  for (const mode of ['strict', 'official']) {
    const scoreOf = (run) => (row) => store.score(row, run, mode);
    DATA.models.forEach((model, run) => {
      const mean = withoutInterval(meanOf(rows, clusterOf, scoreOf(run)));
      if (mean) lines.push([`${DATA.models.length > 1 ? `${letterOf(run)} ` : ''}${visible(model.label)}, ${mode}`, percentOf(mean.value), interval(mean), '', mean.samples, run, mean]);
    });
    for (let second = 1; second < Math.min(3, DATA.models.length); second += 1) {
      for (let first = 0; first < second; first += 1) {
        const found = withoutInterval(differenceOf(rows, clusterOf, scoreOf(first), scoreOf(second)));
        if (found) {
          const p = isSoFar ? '–' : found.p < 0.001 ? '<0.001' : found.p.toFixed(3);
          lines.push([`${letterOf(first)} − ${letterOf(second)}, ${mode}`, percentOf(found.value), interval(found), p, found.samples, null, found]);
        }
      }
    }
  }
  if (lines.length === 0) return element('p', { class: 'quiet' }, 'Nothing in this selection counts.');
  const heads = ['Mean of samples', 'Percent', '95% interval', 'p', 'Samples'];
  const note = element('p', { class: 'quiet keys' }, 'Samples of different tasks are scored by different measures: a mean over tasks is no score of the benchmark. p is of this selection alone, without correction for others that were looked at.');
  return element('div', {}, element('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Statistics of the selection' },
    element('table', { class: 'selection' },
      element('thead', {}, element('tr', {}, ...heads.map((head, at) => element('th', { scope: 'col', class: at > 0 ? 'number' : null }, head)))),
      element('tbody', {}, ...lines.map(([name, value, between, p, samples, run, exact]) => element('tr', { 'data-exact': JSON.stringify(exact) },
        element('th', { scope: 'row', class: run === null ? null : `run-${run % 6}` }, run === null ? null : element('span', { class: 'swatch' }), name),
        ...[value, between, p, samples.toLocaleString('en')].map((text) => element('td', { class: 'number' }, text))))))), note);
}

const cut = (text) => (text === null ? '' : visible(text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text));

function lineOf(row, address) {
  const folder = store.folder(row);
  const name = `${folder.name} ${store.place(row)}`;
  const isPublic = DATA.form === 'public';
  return element('tr', { 'data-row': row },
    element('th', { scope: 'row' }, element('a', { href: address }, name), store.sample(row, 'check') ? element('span', { class: 'chip none' }, 'check') : null, doubtOf(row) === null ? null : element('span', { class: 'chip half' }, 'doubted')),
    isPublic ? null : element('td', { class: 'words' }, cut(store.sampleText(row, 'question'))),
    isPublic ? null : element('td', { class: 'words' }, cut(store.sampleText(row, 'truth'))),
    ...DATA.models.flatMap((_, run) => {
      const said = store.modelText(row, run, 'reading') ?? store.modelText(row, run, 'answer');
      const score = store.score(row, run, 'strict');
      return [
        isPublic ? null : element('td', { class: `words said run-${run % 6}` }, cut(said)),
        element('td', { class: isPublic ? `verdict first run-${run % 6}` : 'verdict' }, chip(store.verdict(row, run, 'strict'), 'strict'), score === null || score === 0 || score === 1 ? null : element('span', { class: 'quiet' }, ` ${percentOf(score)}`)),
      ];
    }));
}

/** Draws the list; `go` leads to another selection. */
export class SamplesPage {
  constructor(root, go) {
    this.root = root;
    this.go = go;
    this.state = null;
    this.build();
  }

  build() {
    this.filter = element('input', { id: 'filter', type: 'text', spellcheck: 'false', autocomplete: 'off', role: 'combobox', 'aria-expanded': 'false', 'aria-controls': 'choices', 'aria-autocomplete': 'list', 'aria-describedby': 'filter-problem', placeholder: DATA.form === 'private' ? 'task == "AVL" and strict < 0.5 and answer contains "piano"' : 'task == "AVL" and strict < 0.5' });
    this.choices = element('ul', { id: 'choices', role: 'listbox', 'aria-label': 'Completions', hidden: true });
    this.problem = element('p', { id: 'filter-problem', class: 'problem' });
    this.search = element('input', { id: 'search', type: 'search', autocomplete: 'off' });
    this.order = element('select', { id: 'order' }, ...ORDERS.map(([key, name]) => element('option', { value: key }, name)));
    this.picks = element('div', { class: 'picks', role: 'group', 'aria-label': 'Selections' }, ...PICKS.map(([key, name, , means]) => element('button', { type: 'button', title: means, 'data-pick': key, 'aria-pressed': 'false', click: () => this.change({ pick: key, page: 1 }) }, name)));
    this.of = element('select', { id: 'of' }, ...DATA.models.map((model, run) => element('option', { value: run }, `${letterOf(run)} ${visible(model.label)}`)));
    this.count = element('p', { class: 'found' });
    this.statistics = element('div', { class: 'statistics' });
    this.body = element('tbody', {});
    this.pages = element('nav', { class: 'way', 'aria-label': 'Pages of the list' });
    const fields = element('details', { class: 'fields' }, element('summary', {}, 'Fields and operators'),
      element('p', {}, 'Compare fields with ==, !=, <, <=, >, >=, contains, in (…); join with and, or, not and parentheses; + and − work on numbers, and none means that nothing is there. Scores go from 0 to 1; 50% is 0.5.'),
      element('p', {}, DATA.models.length > 1 ? 'A field of a run is that of A, unless a letter stands before it: B.strict.' : null),
      element('p', { class: 'quiet' }, fieldNames().join(', ')));
    const heads = ['Sample', ...(DATA.form === 'public' ? [] : ['Question', 'Ground truth']), ...DATA.models.flatMap((model, run) => {
      const name = DATA.models.length > 1 ? `${letterOf(run)} ${visible(model.label)}` : 'Read as';
      return DATA.form === 'public' ? [name] : [name, 'Verdict'];
    })];
    this.root.append(
      element('h1', {}, 'Samples'),
      element('div', { class: 'tools' },
        element('div', { class: 'tool wide' }, element('label', { for: 'filter' }, 'Filter'), element('div', { class: 'combo' }, this.filter, this.choices), this.problem),
        DATA.form === 'public' ? null : element('div', { class: 'tool' }, element('label', { for: 'search' }, 'Search all texts'), this.search),
        element('div', { class: 'tool' }, element('label', { for: 'order' }, 'Order'), this.order)),
      DATA.models.length > 1 ? element('p', { class: 'of' }, element('label', { for: 'of' }, 'Selections are about '), this.of) : null,
      this.picks, fields, this.count, this.statistics,
      element('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'List of samples' },
        element('table', { class: 'list' }, element('thead', {}, element('tr', {}, ...heads.map((head) => element('th', { scope: 'col' }, head)))), this.body)),
      this.pages,
      element('p', { class: 'quiet keys' }, 'Keys: / search, f filter, ↑ ↓ or j k choose, Enter opens, ← → go through samples, Esc back to the list.'));
    if (DATA.form === 'private') {
      this.root.append(element('p', {}, element('button', { type: 'button', id: 'save-doubts', click: saveDoubts }, 'Save doubts as a file')));
    }
    this.filter.addEventListener('input', () => { this.offer(); this.later({ filter: this.filter.value, page: 1 }); });
    this.filter.addEventListener('keydown', (event) => this.onFilterKey(event));
    this.filter.addEventListener('focus', () => this.offer());
    this.filter.addEventListener('blur', () => setTimeout(() => this.offer([]), 150));
    this.search.addEventListener('input', () => this.later({ search: this.search.value, page: 1 }));
    this.of.addEventListener('change', () => this.change({ of: Number(this.of.value), page: 1 }));
    this.order.addEventListener('change', () => this.change({ order: this.order.value, page: 1 }));
  }

  change(part) {
    // What was typed a moment ago belongs to it, and must not come later.
    const { pending } = this;
    this.forget();
    this.go({ ...this.state, ...pending, ...part });
  }

  /** Lets go of what was typed a moment ago, because another page is shown. */
  forget() {
    clearTimeout(this.timer);
    this.pending = {};
  }

  /** A change by typing, which waits until the fingers rest. */
  later(part) {
    clearTimeout(this.timer);
    this.pending = { ...this.pending, ...part };
    this.timer = setTimeout(() => this.change({}), 120);
  }

  /** Offers completions; none closes the list. */
  offer(choices = null) {
    const caret = this.filter.selectionStart ?? this.filter.value.length;
    const found = choices ? { from: 0, to: 0, choices } : completions(this.filter.value, caret, valuesOf);
    this.offered = found;
    this.chosen = -1;
    this.choices.replaceChildren(...found.choices.map((choice, at) => element('li', { role: 'option', id: `choice-${at}`, 'aria-selected': 'false', mousedown: (event) => { event.preventDefault(); this.take(at); } }, visible(choice))));
    const isOpen = found.choices.length > 0 && document.activeElement === this.filter;
    this.choices.hidden = !isOpen;
    this.filter.setAttribute('aria-expanded', String(isOpen));
    this.filter.removeAttribute('aria-activedescendant');
  }

  take(at) {
    const { from, to, choices } = this.offered;
    const value = `${this.filter.value.slice(0, from)}${choices[at]} `;
    this.filter.value = value + this.filter.value.slice(to).trimStart();
    this.filter.setSelectionRange(value.length, value.length);
    this.offer();
    this.later({ filter: this.filter.value, page: 1 });
  }

  onFilterKey(event) {
    const isOpen = !this.choices.hidden;
    const count = this.offered?.choices.length ?? 0;
    if (isOpen && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      event.preventDefault();
      this.chosen = event.key === 'ArrowDown' ? (this.chosen + 1) % count : (this.chosen + count) % (count + 1) - 1;
      if (this.chosen < -1) this.chosen = count - 1;
      [...this.choices.children].forEach((item, at) => item.setAttribute('aria-selected', String(at === this.chosen)));
      if (this.chosen >= 0) this.filter.setAttribute('aria-activedescendant', `choice-${this.chosen}`);
      else this.filter.removeAttribute('aria-activedescendant');
    } else if (isOpen && (event.key === 'Enter' || event.key === 'Tab') && this.chosen >= 0) {
      event.preventDefault();
      this.take(this.chosen);
    } else if (event.key === 'Enter') {
      this.offer([]);
      this.change({ filter: this.filter.value, page: 1 });
    } else if (event.key === 'Escape') {
      event.stopPropagation();
      if (isOpen) this.offer([]);
      else this.filter.blur();
    }
  }

  /** Shows a selection. */
  show(state) {
    this.state = state;
    for (const [input, value] of [[this.filter, state.filter], [this.search, state.search]]) {
      if (document.activeElement !== input && input.value !== value) input.value = value;
    }
    this.order.value = state.order;
    this.of.value = state.of;
    for (const button of this.picks.querySelectorAll('button')) button.setAttribute('aria-pressed', String(button.dataset.pick === state.pick));
    let rows;
    try {
      rows = rowsOf(state);
      this.problem.textContent = '';
      this.filter.removeAttribute('aria-invalid');
    } catch (error) {
      if (!(error instanceof FilterError)) throw error;
      this.problem.textContent = `At character ${error.at + 1}: ${error.message}`;
      this.filter.setAttribute('aria-invalid', 'true');
      return;
    }
    const pages = Math.max(1, Math.ceil(rows.length / ON_A_PAGE));
    const page = Math.min(state.page, pages);
    const begin = (page - 1) * ON_A_PAGE;
    const query = queryOf({ ...state, page });
    const words = `${rows.length.toLocaleString('en')} of ${store.size.toLocaleString('en')} samples and checks`;
    this.count.textContent = words;
    announce(words);
    this.body.replaceChildren(...rows.slice(begin, begin + ON_A_PAGE).map((row) => lineOf(row, `#/sample/${store.folder(row).name}/${store.place(row)}${query}`)));
    this.pages.replaceChildren(
      page > 1 ? element('a', { href: `#/samples${queryOf({ ...state, page: page - 1 })}` }, '← Previous') : element('span', { class: 'quiet' }, '← Previous'),
      element('span', {}, `Page ${page} of ${pages}`),
      page < pages ? element('a', { href: `#/samples${queryOf({ ...state, page: page + 1 })}` }, 'Next →') : element('span', { class: 'quiet' }, 'Next →'));
    this.measure(rows);
  }

  /** Works the statistics out once the list is seen; until then the earlier ones are dimmed. */
  measure(rows) {
    if (this.measured === rows) return;
    this.measured = rows;
    this.statistics.setAttribute('aria-busy', 'true');
    setTimeout(() => {
      if (this.measured !== rows) return;
      this.statistics.replaceChildren(statisticsOf(rows));
      this.statistics.removeAttribute('aria-busy');
    }, 20);
  }

  /** Moves the focus to another line of the list. */
  move(step) {
    const links = [...this.body.querySelectorAll('th a')];
    const at = links.indexOf(document.activeElement);
    const next = at < 0 ? (step > 0 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, at + step));
    links[next]?.focus();
  }
}
