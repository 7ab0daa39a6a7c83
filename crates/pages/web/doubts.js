// Doubts about ground truths: kept in the browser, saved as a file that `avibench score --doubts` takes.

import { store } from './store.js';
import { download } from './elements.js';

const KEY = 'avibench doubts';

function known() {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '{}');
  } catch {
    return memory;
  }
}

// Where the browser keeps nothing, doubts live as long as the page.
let memory = {};

function keep(doubts) {
  memory = doubts;
  try {
    localStorage.setItem(KEY, JSON.stringify(doubts));
  } catch {
    // The download still has them.
  }
}

const keyOf = (row) => `${store.folder(row).data} ${store.folder(row).name} ${store.place(row)}`;

/** The note on a sample's truth, or null. */
export function doubtOf(row) {
  const note = known()[keyOf(row)];
  return typeof note === 'string' ? note : null;
}

/** Notes a doubt, or takes it back if the note is null. */
export function setDoubt(row, note) {
  const doubts = known();
  if (note === null) delete doubts[keyOf(row)];
  else doubts[keyOf(row)] = note;
  keep(doubts);
}

/** The doubts about samples of this page. */
export function doubtsHere() {
  const doubts = known();
  const found = [];
  for (let row = 0; row < store.size; row += 1) {
    const note = doubts[keyOf(row)];
    if (typeof note !== 'string') continue;
    const folder = store.folder(row);
    found.push({ folder: folder.name, position: store.place(row), data_sha256: folder.data, id: store.sampleText(row, 'id'), note });
  }
  return found;
}

/** Saves them as a file. */
export function saveDoubts() {
  download('doubts.json', `${JSON.stringify({ kind: 'doubts about labels', version: 1, doubts: doubtsHere() }, null, 2)}\n`);
}
