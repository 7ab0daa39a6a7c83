// Doubts about ground truths. A server keeps them in a file; a page from disk keeps them in the browser and saves
// them as a file. Either is what `avibench score --doubts` takes.

import { DATA, store } from './store.js';
import { download } from './elements.js';

const KEY = 'avibench doubts';
const server = DATA.serving?.doubts ?? null;

// Where the browser keeps nothing, doubts live as long as the page.
let memory = {};

// What was changed here: an answer of the server that was under way does not know of it.
const changed = new Set();

const keyed = (data, folder, position) => `${data} ${folder} ${position}`;
const keyOf = (row) => keyed(store.folder(row).data, store.folder(row).name, store.place(row));

/** Fetches the doubts that a server keeps; says why if that fails. */
export async function fetchDoubts() {
  if (server === null) return null;
  try {
    const answer = await fetch(server);
    if (!answer.ok) return await answer.text();
    const { doubts } = await answer.json();
    for (const { data_sha256: data, folder, position, note } of doubts) {
      const key = keyed(data, folder, position);
      if (!changed.has(key)) memory[key] = note;
    }
    return null;
  } catch {
    return 'the server does not answer';
  }
}

function known() {
  if (server !== null) return memory;
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '{}');
  } catch {
    return memory;
  }
}

/** The note on a sample's truth, or null. */
export function doubtOf(row) {
  const note = known()[keyOf(row)];
  return typeof note === 'string' ? note : null;
}

function entryOf(row, note) {
  const folder = store.folder(row);
  return { folder: folder.name, position: store.place(row), data_sha256: folder.data, id: store.sampleText(row, 'id'), note };
}

/** Notes a doubt, or takes it back if the note is null. Says why if that fails. */
export async function setDoubt(row, note) {
  changed.add(keyOf(row));
  if (server !== null) {
    try {
      const headers = { 'Content-Type': 'application/json' };
      const answer = await fetch(server, { method: 'POST', headers, body: JSON.stringify(entryOf(row, note)) });
      if (!answer.ok) return await answer.text();
    } catch {
      return 'the server does not answer';
    }
  }
  const doubts = known();
  if (note === null) delete doubts[keyOf(row)];
  else doubts[keyOf(row)] = note;
  memory = doubts;
  if (server === null) {
    try {
      localStorage.setItem(KEY, JSON.stringify(doubts));
    } catch {
      // The download still has them.
    }
  }
  return null;
}

/** The doubts about samples of this page. */
export function doubtsHere() {
  const doubts = known();
  const found = [];
  for (let row = 0; row < store.size; row += 1) {
    const note = doubts[keyOf(row)];
    if (typeof note === 'string') found.push(entryOf(row, note));
  }
  return found;
}

/** Saves them as a file. */
export function saveDoubts() {
  download('doubts.json', `${JSON.stringify({ kind: 'doubts about labels', version: 1, doubts: doubtsHere() }, null, 2)}\n`);
}
