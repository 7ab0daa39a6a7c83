// The samples of the page as columns: `crates/pages/src/browser` writes them.

export const DATA = JSON.parse(document.getElementById('data').textContent);

/** The letter under which filters know a run: A is the first. */
export const letterOf = (run) => String.fromCharCode(65 + run);

const lists = DATA.lists;
const strings = DATA.strings;

/** The value of a column at a place; null where nothing stands. */
function valueAt(column, at) {
  if (column === undefined) return null;
  if (Array.isArray(column)) return column[at];
  return column['='];
}

const textOf = (number) => (number === null ? null : strings[number]);
const textsOf = (number) => (number === null ? [] : lists[number].map((text) => strings[text]));

/** All samples of all folders, numbered through. */
class Store {
  constructor() {
    this.size = DATA.folders.reduce((sum, folder) => sum + folder.count, 0);
    this.folderNumbers = new Uint8Array(this.size);
    this.places = new Uint32Array(this.size);
    this.begins = [];
    let row = 0;
    DATA.folders.forEach((folder, number) => {
      this.begins.push(row);
      for (let at = 0; at < folder.count; at += 1, row += 1) {
        this.folderNumbers[row] = number;
        this.places[row] = at;
      }
    });
  }

  folder(row) {
    return DATA.folders[this.folderNumbers[row]];
  }

  /** The place in the folder: its position in data.json, but on public pages. */
  place(row) {
    return this.places[row];
  }

  /** The row of a place in a folder, or -1. */
  rowOf(folderName, place) {
    const number = DATA.folders.findIndex((folder) => folder.name === folderName);
    const isThere = number >= 0 && place >= 0 && place < DATA.folders[number].count;
    return isThere ? this.begins[number] + place : -1;
  }

  sample(row, name) {
    return valueAt(this.folder(row).samples[name], this.places[row]);
  }

  sampleText(row, name) {
    return textOf(this.sample(row, name));
  }

  sampleTexts(row, name) {
    return textsOf(this.sample(row, name));
  }

  /** Whether a run has anything of the sample's folder. */
  has(row, run) {
    return Boolean(this.folder(row).models[run]);
  }

  model(row, run, name) {
    const columns = this.folder(row).models[run];
    return columns ? valueAt(columns[name], this.places[row]) : null;
  }

  modelText(row, run, name) {
    return textOf(this.model(row, run, name));
  }

  modelTexts(row, run, name) {
    return textsOf(this.model(row, run, name));
  }

  /** A number of a mode: `score` or a part of it. */
  score(row, run, mode, name = 'score') {
    const columns = this.folder(row).models[run];
    const scores = columns && columns[mode];
    return scores ? valueAt(scores[name], this.places[row]) : null;
  }

  /** A text of a mode: `outcome` or `rule`. */
  verdict(row, run, mode, name = 'outcome') {
    return textOf(this.score(row, run, mode, name));
  }

  /** Folder and number of a cluster: what intervals and tests count as one. */
  cluster(row) {
    return this.folderNumbers[row] * 1e6 + this.sample(row, 'cluster');
  }

  /** The other samples of the same cluster. */
  siblings(row) {
    const begin = this.begins[this.folderNumbers[row]];
    const cluster = this.sample(row, 'cluster');
    const found = [];
    for (let other = begin; other < begin + this.folder(row).count; other += 1) {
      if (other !== row && this.sample(other, 'cluster') === cluster) found.push(other);
    }
    return found;
  }
}

export const store = new Store();

const number = (of) => ({ type: 'number', of });
const text = (of) => ({ type: 'text', of });
const flag = (of) => ({ type: 'flag', of });

/** What filters know of a sample. */
export const SAMPLE_FIELDS = {
  task: text((row) => store.folder(row).task),
  folder: text((row) => store.folder(row).name),
  stage: text((row) => store.folder(row).stage),
  id: text((row) => store.sampleText(row, 'id')),
  position: number((row) => store.place(row)),
  check: flag((row) => store.sample(row, 'check') === true),
  subtask: text((row) => store.sampleText(row, 'subtask')),
  kind: text((row) => store.sampleText(row, 'kind')),
  intensity: number((row) => store.sample(row, 'intensity')),
  unit: text((row) => store.sampleText(row, 'unit')),
  question: text((row) => store.sampleText(row, 'question')),
  options: text((row) => store.sampleTexts(row, 'options').join('; ')),
  truth: text((row) => store.sampleText(row, 'truth')),
  media: text((row) => mediaNames(row).join(' ')),
};

/** What filters know of a run's answer to a sample. */
export const RUN_FIELDS = {
  strict: number((row, run) => store.score(row, run, 'strict')),
  official: number((row, run) => store.score(row, run, 'official')),
  outcome: text((row, run) => store.verdict(row, run, 'strict')),
  verdict: text((row, run) => store.verdict(row, run, 'strict')),
  official_outcome: text((row, run) => store.verdict(row, run, 'official')),
  asked: text((row, run) => store.modelText(row, run, 'asked')),
  answer: text((row, run) => store.modelText(row, run, 'answer')),
  refined: text((row, run) => store.modelText(row, run, 'refined')),
  reading: text((row, run) => store.modelText(row, run, 'reading')),
  unread: text((row, run) => store.modelText(row, run, 'unread')),
  read_by: text((row, run) => store.modelText(row, run, 'read_by')),
  reasoning: text((row, run) => store.modelText(row, run, 'reasoning')),
  parted: flag((row, run) => store.model(row, run, 'parted') !== null),
  reasons: text((row, run) => store.modelTexts(row, run, 'parted').join(' ') || null),
  iou: number((row, run) => store.score(row, run, 'strict', 'iou')),
  error: number((row, run) => store.score(row, run, 'strict', 'error')),
  fense: number((row, run) => store.score(row, run, 'strict', 'fense')),
  stand_in: number((row, run) => store.score(row, run, 'strict', 'stand_in')),
  tokens_in: number((row, run) => store.model(row, run, 'tokens_in')),
  tokens_out: number((row, run) => store.model(row, run, 'tokens_out')),
  latency_ms: number((row, run) => store.model(row, run, 'latency_ms')),
  tries: number((row, run) => store.model(row, run, 'tries')),
  finish: text((row, run) => store.modelText(row, run, 'finish')),
};

/** A field by its name, with the run if it is one of a run: `strict` is `A.strict`. */
export function fieldNamed(name) {
  if (Object.hasOwn(SAMPLE_FIELDS, name)) {
    const { type, of } = SAMPLE_FIELDS[name];
    return { type, of };
  }
  const [prefix, rest] = name.includes('.') ? name.split('.', 2) : ['A', name];
  const run = prefix.length === 1 ? prefix.toUpperCase().charCodeAt(0) - 65 : -1;
  if (run < 0 || run >= DATA.models.length || !Object.hasOwn(RUN_FIELDS, rest)) return null;
  const { type, of } = RUN_FIELDS[rest];
  return { type, of: (row) => of(row, run) };
}

/** The names of all fields that the page has values for. */
export function fieldNames() {
  const names = Object.keys(SAMPLE_FIELDS);
  const ofRuns = Object.keys(RUN_FIELDS);
  names.push(...ofRuns);
  if (DATA.models.length > 1) {
    DATA.models.forEach((_, run) => names.push(...ofRuns.map((name) => `${letterOf(run)}.${name}`)));
  }
  return names;
}

/** The paths of a sample's media as data.json has them: images, sounds, video. */
export function mediaNames(row) {
  const video = store.sampleText(row, 'video');
  return [
    ...store.sampleTexts(row, 'images'),
    ...store.sampleTexts(row, 'sounds'),
    ...(video === null ? [] : [video]),
  ];
}

/** Which texts hold `wanted`, by number; letters of any case. */
export function textsWith(wanted) {
  const small = wanted.toLowerCase();
  const found = new Uint8Array(strings.length);
  smallTexts().forEach((known, at) => {
    if (known.includes(small)) found[at] = 1;
  });
  return found;
}

let smalls = null;
function smallTexts() {
  smalls ??= strings.map((known) => known.toLowerCase());
  return smalls;
}

const SEARCHED_OF_SAMPLE = ['id', 'question', 'truth', 'subtask', 'video'];
const SEARCHED_LISTS = ['options', 'images', 'sounds'];
const SEARCHED_OF_RUN = ['answer', 'refined', 'reasoning'];

/** A test whether a sample says `wanted` anywhere. */
export function searchFor(wanted) {
  const found = textsWith(wanted);
  const isIn = (text) => text !== null && found[text] === 1;
  return (row) =>
    SEARCHED_OF_SAMPLE.some((name) => isIn(store.sample(row, name))) ||
    SEARCHED_LISTS.some((name) => {
      const list = store.sample(row, name);
      return list !== null && lists[list].some((text) => found[text] === 1);
    }) ||
    DATA.models.some((_, run) => SEARCHED_OF_RUN.some((name) => isIn(store.model(row, run, name))));
}
