// One sample: its question and media, and what each run said.

import { DATA, letterOf, mediaNames, store } from './store.js';
import { announce, element, percentOf, shortNumber, visible } from './elements.js';
import { doubtOf, setDoubt } from './doubts.js';
import { mediaOf, stimulusOf } from './media.js';

const LONG = 20_000;

/** What outcomes mean, for chips. */
const TONES = { right: 'good', partly: 'half', wrong: 'bad', unread: 'bad', zeroed: 'bad', missing: 'none', not_asked: 'none', not_planned: 'none', void: 'none', unrated: 'none' };

export function chip(outcome, mode) {
  if (outcome === null) return element('span', { class: 'chip none' }, '–');
  return element('span', { class: `chip ${TONES[outcome] ?? 'none'}`, title: mode ? `${mode} verdict` : null }, outcome.replaceAll('_', ' '));
}

/** A text that may be endless, cut until somebody asks for the rest. */
function longText(text, span = null) {
  const marked = (source, [from, to]) => [visible(source.slice(0, from)), element('mark', {}, visible(source.slice(from, to))), visible(source.slice(to))];
  const parts = (source) => (span && span[1] <= source.length ? marked(source, span) : [visible(source)]);
  const box = element('pre', { class: 'text', tabindex: '0' }, ...parts(text.slice(0, Math.max(LONG, span ? span[1] : 0))));
  if (text.length <= LONG) return box;
  const more = element('button', { type: 'button', click: () => { box.replaceChildren(...parts(text)); more.remove(); } }, `Show all ${text.length.toLocaleString('en')} characters`);
  return element('div', {}, box, more);
}

function facts(pairs) {
  const known = pairs.filter(([, value]) => value !== null && value !== undefined && value !== '');
  return element('dl', { class: 'facts' }, ...known.flatMap(([name, value]) => [element('dt', {}, name), element('dd', {}, value)]));
}

/** The numbers of a mode beside its verdict. */
function scoreLine(row, run, mode) {
  const names = ['semantic', 'category_f1', 'iou', 'error', 'hit_at_1', 'hit_at_3', 'f1', 'discount', 'similarity', 'fense', 'p_error', 'stand_in_similarity', 'stand_in'];
  const parts = names.map((name) => [name, store.score(row, run, mode, name)]).filter(([, value]) => value !== null);
  const score = store.score(row, run, mode);
  return element('p', { class: 'score-line' },
    element('span', { class: 'mode' }, mode), chip(store.verdict(row, run, mode), mode),
    element('strong', {}, score === null ? (store.sample(row, 'check') ? 'a check, which does not count' : 'does not count') : percentOf(score)),
    parts.length === 0 ? null : ` ${parts.map(([name, value]) => `${name} ${shortNumber(value)}`).join(', ')}`,
    store.verdict(row, run, mode) === 'zeroed' ? element('span', {}, ' right in itself, but a check of the same id failed: ', ...checksOf(row)) : null,
    element('span', { class: 'quiet' }, ` rule ${store.verdict(row, run, mode, 'rule') ?? '–'}`));
}

/** Links to the checks of a sample. */
function checksOf(row) {
  const folder = store.folder(row).name;
  return store.siblings(row).filter((other) => store.sample(other, 'check') === true)
    .map((other) => element('a', { href: `#/sample/${folder}/${store.place(other)}` }, `${folder} ${store.place(other)} `));
}

/** The request as it was sent, media by name only. */
function requestOf(row, run) {
  const pieces = store.sampleTexts(row, 'request');
  const model = DATA.models[run];
  if (pieces.length === 0) {
    return element('p', { class: 'quiet' }, 'The prompts of this run are not at hand: name their file with --prompts when the report is made.');
  }
  const content = [...mediaNames(row).map((name) => ({ medium: name })), { text: pieces.join('') }];
  const request = { model: model.model, ...model.parameters, messages: [{ role: 'system', content: DATA.system }, { role: 'user', content }] };
  return element('div', {}, element('p', { class: 'quiet' }, `Media packed as ${model.profile ?? 'they are'}; their bytes are left out.`), longText(JSON.stringify(request, null, 2)));
}

function answerCard(row, run) {
  const model = DATA.models[run];
  const heading = element('h2', { class: `run-${run % 6}` }, element('span', { class: 'swatch' }), DATA.models.length > 1 ? `${letterOf(run)}: ${visible(model.label)}` : visible(model.label));
  if (!store.has(row, run)) return element('section', { class: 'answer' }, heading, element('p', {}, 'This run has nothing of the folder.'));
  const of = (name) => store.modelText(row, run, name);
  const answer = of('answer');
  const refined = of('refined');
  const reading = of('reading');
  const unread = of('unread');
  const reasons = store.modelTexts(row, run, 'parted');
  const reasoning = of('reasoning');
  const section = element('section', { class: 'answer' }, heading, scoreLine(row, run, 'official'), scoreLine(row, run, 'strict'));
  if (reasons.length > 0) section.append(element('p', { class: 'quiet' }, `The modes judge this differently: ${reasons.join(', ').replaceAll('_', ' ')}.`));
  if (DATA.form === 'public') return section;
  section.append(element('h3', {}, 'Answer'));
  if (answer === null || answer === '') {
    section.append(element('p', { class: 'lacking' }, answer === null ? `There is no answer: ${(of('asked') ?? 'not asked').replaceAll('_', ' ')}.` : 'The answer is empty.'));
  } else {
    section.append(longText(answer, store.model(row, run, 'span')));
  }
  section.append(facts([
    ['Read as', reading === null ? (unread === null ? null : `nothing: ${unread.replaceAll('_', ' ')}`) : visible(reading)],
    ['Read by', of('read_by')],
    ['Boxes meant as', of('convention')],
    ['Official reads', of('official_read') === null ? null : visible(of('official_read'))],
    ['Formatted by', of('formatter') ?? of('provenance')],
  ]));
  if (refined !== null && refined !== answer) section.append(element('details', {}, element('summary', {}, 'Formatted answer'), longText(refined)));
  if (reasoning !== null) section.append(element('details', {}, element('summary', {}, 'Thinking'), longText(reasoning)));
  section.append(facts([
    ['Asking ended', (of('asked') ?? '').replaceAll('_', ' ')],
    ['Stopped because', of('finish')],
    ['Tokens', store.model(row, run, 'tokens_in') === null ? null : `${store.model(row, run, 'tokens_in')} in, ${store.model(row, run, 'tokens_out') ?? '–'} out`],
    ['Time', store.model(row, run, 'latency_ms') === null ? null : `${store.model(row, run, 'latency_ms')} ms`],
    ['Tries', store.model(row, run, 'tries')],
  ]));
  const request = element('details', {}, element('summary', {}, 'Request'));
  request.addEventListener('toggle', () => { if (request.open && request.children.length === 1) request.append(requestOf(row, run)); });
  section.append(request);
  return section;
}

function doubtForm(row) {
  const note = element('textarea', { id: 'doubt-note', rows: '2', maxlength: '2000' });
  note.value = doubtOf(row) ?? '';
  const state = element('p', { class: 'quiet state' });
  const noted = DATA.serving ? 'Noted in the file of doubts.' : 'Noted; save all doubts as a file on the page of samples.';
  const tell = (problem) => {
    const said = problem ? `Nothing was noted: ${problem}` : doubtOf(row) === null ? 'No doubt noted.' : noted;
    announce(said);
    // The page may have been drawn again while the server was asked.
    const shown = document.querySelector(`details.doubt[data-row="${row}"]`);
    if (shown === null) return;
    shown.querySelector('.state').textContent = said;
    if (!problem && doubtOf(row) === null) shown.querySelector('textarea').value = '';
  };
  const save = async () => tell(await setDoubt(row, note.value.trim()));
  const clear = async () => tell(await setDoubt(row, null));
  state.textContent = doubtOf(row) === null ? 'No doubt noted.' : noted;
  return element('details', { class: 'doubt', 'data-row': String(row), open: doubtOf(row) !== null }, element('summary', {}, 'Doubt the ground truth'),
    element('label', { for: 'doubt-note' }, 'What is doubtful about it?'), note,
    element('p', {}, element('button', { type: 'button', click: save }, 'Note the doubt'), ' ', element('button', { type: 'button', click: clear }, 'Take it back')), state);
}

/** The page of a sample. `neighbours` has the addresses of the list and of the samples before and after. */
export function samplePage(row, neighbours) {
  const folder = store.folder(row);
  const place = store.place(row);
  const isPublic = DATA.form === 'public';
  const id = store.sampleText(row, 'id');
  const title = `${folder.name} ${place}`;
  const options = store.sampleTexts(row, 'options');
  const question = store.sampleText(row, 'question');
  const truth = store.sampleText(row, 'truth');
  const siblings = store.siblings(row);
  const runs = DATA.models.map((_, run) => run).filter((run) => store.has(row, run));
  const way = element('nav', { class: 'way', 'aria-label': 'Samples' },
    neighbours.before ? element('a', { href: neighbours.before, rel: 'prev', id: 'sample-before' }, '← Previous') : element('span', { class: 'quiet' }, '← Previous'),
    element('a', { href: neighbours.list, id: 'sample-list' }, `List (${neighbours.place})`),
    neighbours.after ? element('a', { href: neighbours.after, rel: 'next', id: 'sample-after' }, 'Next →') : element('span', { class: 'quiet' }, 'Next →'));
  const about = [
    element('h1', {}, title, store.sample(row, 'check') ? element('small', {}, ' check') : null),
    facts([
      ['Task', element('a', { href: `#/task/${folder.task}` }, folder.task)],
      ['Id', id === null ? null : visible(id)],
      ['Kind of question', store.sampleText(row, 'subtask') === null ? null : visible(store.sampleText(row, 'subtask'))],
      ['Stimulus', stimulusOf(row) === null ? null : visible(stimulusOf(row))],
      ['Same id', siblings.length === 0 ? null : element('span', {}, ...siblings.slice(0, 20).flatMap((other) => [
        element('a', { href: `#/sample/${folder.name}/${store.place(other)}` }, `${folder.name} ${store.place(other)}${store.sample(other, 'check') ? ' (check)' : ''}`), ' ']))],
    ]),
  ];
  if (isPublic) return [way, ...about, element('div', { class: 'answers' }, ...runs.map((run) => answerCard(row, run)))];
  const asked = element('section', { class: 'question' }, element('h2', {}, 'Question'),
    question === null ? element('p', { class: 'lacking' }, 'The record has no question.') : longText(question),
    options.length === 0 ? null : element('ul', { class: 'options' }, ...options.map((option) => element('li', { class: option === truth ? 'is-truth' : null }, visible(option)))),
    element('h3', {}, 'Ground truth'),
    truth === null ? element('p', { class: 'lacking' }, 'There is none.') : longText(truth),
    doubtForm(row));
  const media = element('section', { class: 'media' }, element('h2', {}, 'Media'), boxLegend(row, runs), ...mediaOf(row, runs));
  return [way, ...about, element('div', { class: 'sides' }, asked, media), element('div', { class: 'answers' }, ...DATA.models.map((_, run) => answerCard(row, run)))];
}

function boxLegend(row, runs) {
  if (!['boxes', 'frame_boxes'].includes(store.folder(row).family)) return null;
  return element('ul', { class: 'legend' }, element('li', { class: 'truth' }, element('span', { class: 'swatch' }), 'ground truth'),
    ...runs.map((run) => element('li', { class: `run-${run % 6}` }, element('span', { class: 'swatch' }), visible(DATA.models[run].label))));
}
