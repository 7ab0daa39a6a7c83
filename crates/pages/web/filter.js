// The language of filters: `task == "AVL" and strict < 0.5 and answer contains "piano"`.

import { fieldNamed, fieldNames } from './store.js';

const OPERATORS = ['==', '!=', '<=', '>=', '<', '>', 'contains', 'in'];
const SPOKEN = { '=': '==' };
const WORDS = ['and', 'or', 'not', 'contains', 'in', 'true', 'false', 'none'];

/** What is wrong with a filter, and where. */
export class FilterError extends Error {
  constructor(message, at) {
    super(message);
    this.at = at;
  }
}

function tokensOf(source) {
  const tokens = [];
  const pattern =
    /\s+|(?<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?<number>\d+(?:\.\d+)?%?)|(?<word>[A-Za-z_][\w.]*)|(?<sign>==|!=|<=|>=|[=<>(),+-])/y;
  let at = 0;
  while (at < source.length) {
    pattern.lastIndex = at;
    const found = pattern.exec(source);
    if (!found) {
      const quote = source[at] === '"' || source[at] === "'";
      throw new FilterError(
        quote ? 'this quotation mark is not closed' : `\`${source[at]}\` means nothing here`,
        at,
      );
    }
    const kind = Object.keys(found.groups).find((name) => found.groups[name] !== undefined);
    if (kind) tokens.push({ kind, text: found[0], at });
    at = pattern.lastIndex;
  }
  tokens.push({ kind: 'end', text: '', at: source.length });
  return tokens;
}

class Parser {
  constructor(source) {
    this.tokens = tokensOf(source);
    this.place = 0;
  }

  get token() {
    return this.tokens[this.place];
  }

  is(text) {
    return this.token.kind !== 'text' && this.token.text.toLowerCase() === text;
  }

  takes(text) {
    if (!this.is(text)) return false;
    this.place += 1;
    return true;
  }

  whole() {
    const test = this.either();
    if (this.token.kind !== 'end') {
      throw new FilterError(`\`and\` or \`or\` is missing before \`${this.token.text}\``, this.token.at);
    }
    return test;
  }

  either() {
    let test = this.all();
    while (this.takes('or')) {
      const [left, right] = [test, this.all()];
      test = (row) => truth(left(row)) || truth(right(row));
    }
    return test;
  }

  all() {
    let test = this.negated();
    while (this.takes('and')) {
      const [left, right] = [test, this.negated()];
      test = (row) => truth(left(row)) && truth(right(row));
    }
    return test;
  }

  negated() {
    if (!this.takes('not')) return this.comparison();
    const test = this.negated();
    return (row) => !truth(test(row));
  }

  comparison() {
    const left = this.sum();
    const operator = SPOKEN[this.token.text] ?? OPERATORS.find((known) => this.is(known));
    if (!operator) return left;
    this.place += 1;
    if (operator === 'in') return this.oneOf(left);
    const right = this.sum();
    const compare = COMPARISONS[operator];
    return (row) => compare(left(row), right(row));
  }

  oneOf(left) {
    if (!this.takes('(')) {
      throw new FilterError('after `in` comes a list in parentheses: in ("AVL", "AVM")', this.token.at);
    }
    const values = [this.sum()];
    while (this.takes(',')) values.push(this.sum());
    this.closes();
    return (row) => values.some((value) => COMPARISONS['=='](left(row), value(row)));
  }

  closes() {
    if (!this.takes(')')) throw new FilterError('`)` is missing', this.token.at);
  }

  sum() {
    let sum = this.term();
    for (;;) {
      const sign = this.is('+') ? 1 : this.is('-') ? -1 : 0;
      if (sign === 0) return sum;
      this.place += 1;
      const [left, right] = [sum, this.term()];
      sum = (row) => {
        const [a, b] = [left(row), right(row)];
        return typeof a === 'number' && typeof b === 'number' ? a + sign * b : null;
      };
    }
  }

  term() {
    const { kind, text, at } = this.token;
    this.place += 1;
    if (kind === 'text') {
      const value = text.slice(1, -1).replace(/\\(.)/g, '$1');
      return () => value;
    }
    if (kind === 'number') {
      const value = text.endsWith('%') ? Number(text.slice(0, -1)) / 100 : Number(text);
      return () => value;
    }
    if (text === '(') {
      const inner = this.either();
      this.closes();
      return inner;
    }
    if (text === '-') {
      const inner = this.term();
      return (row) => {
        const value = inner(row);
        return typeof value === 'number' ? -value : null;
      };
    }
    const small = text.toLowerCase();
    if (kind === 'word' && ['true', 'false', 'none'].includes(small)) {
      const value = { true: true, false: false, none: null }[small];
      return () => value;
    }
    if (kind === 'word' && !WORDS.includes(small)) return this.field(text, at);
    throw new FilterError(
      kind === 'end' ? 'a field or a value is missing at the end' : `a field or a value is missing before \`${text}\``,
      at,
    );
  }

  field(name, at) {
    const field = fieldNamed(name) ?? fieldNamed(name.toLowerCase());
    if (field) return field.of;
    const near = nearest(name, fieldNames());
    throw new FilterError(
      `there is no field \`${name}\`${near ? `; did you mean \`${near}\`?` : ''} (texts stand in quotation marks)`,
      at,
    );
  }
}

const truth = (value) => value !== null && value !== false && value !== '' && value !== 0;

/** What is not measured is neither smaller nor greater than anything, and equal to `none` alone. */
function ordered(compare) {
  return (a, b) => typeof a === typeof b && a !== null && b !== null && typeof a !== 'boolean' && compare(a, b);
}

const COMPARISONS = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': ordered((a, b) => a < b),
  '<=': ordered((a, b) => a <= b),
  '>': ordered((a, b) => a > b),
  '>=': ordered((a, b) => a >= b),
  contains: (a, b) => typeof a === 'string' && b !== null && smallOf(a).includes(smallOf(String(b))),
};

/** A text in small letters; texts of samples recur from filter to filter. */
const smallTextsKnown = new Map();
function smallOf(text) {
  let small = smallTextsKnown.get(text);
  if (small === undefined) {
    small = text.toLowerCase();
    smallTextsKnown.set(text, small);
  }
  return small;
}

function nearest(name, known) {
  let best = null;
  let least = 3;
  for (const other of known) {
    const distance = editDistance(name.toLowerCase(), other.toLowerCase());
    if (distance < least) {
      least = distance;
      best = other;
    }
  }
  return best;
}

function editDistance(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length];
}

/** A test of rows. An empty filter takes everything. */
export function filterOf(source) {
  if (source.trim() === '') return () => true;
  const test = new Parser(source).whole();
  return (row) => truth(test(row));
}

/** Fields of which all values are offered. */
const LISTED = [
  'task', 'folder', 'stage', 'outcome', 'verdict', 'official_outcome', 'asked', 'unread', 'subtask', 'kind', 'reasons', 'finish', 'read_by',
];

/** What could stand at the caret: the part that it would replace, and the choices. */
export function completions(source, caret, valuesOf) {
  const before = source.slice(0, caret);
  const value = /([A-Za-z_][\w.]*)\s*(?:==|!=|contains|in\s*\([^)]*?)\s*("?)([^"]*)$/.exec(before);
  if (value) {
    const name = value[1].split('.').at(-1).toLowerCase();
    if (LISTED.includes(name)) {
      const wanted = value[3].toLowerCase();
      const from = caret - value[3].length - value[2].length;
      const found = valuesOf(value[1]).filter((known) => known.toLowerCase().includes(wanted));
      return { from, to: caret, choices: found.slice(0, 12).map((known) => JSON.stringify(known)) };
    }
    return { from: caret, to: caret, choices: [] };
  }
  const word = /[A-Za-z_][\w.]*$/.exec(before);
  const wanted = word ? word[0].toLowerCase() : '';
  const from = caret - wanted.length;
  const rest = before.slice(0, from).trimEnd();
  const isAfterField = /[\w.]$/.test(rest) && !/(^|[\s(])(and|or|not)$/i.test(rest);
  const isAfterValue = /("|\d%?|\)|true|false|none)$/i.test(rest);
  const known = isAfterValue ? ['and', 'or'] : isAfterField ? OPERATORS : [...fieldNames(), 'not'];
  const begin = known.filter((name) => name.toLowerCase().startsWith(wanted));
  const inside = known.filter((name) => !begin.includes(name) && name.toLowerCase().includes(wanted));
  const choices = [...begin, ...inside].filter((name) => name.toLowerCase() !== wanted);
  return { from, to: caret, choices: choices.slice(0, 12) };
}
