// Which page is shown: the part of the address behind `#` says it, so that every page has a link.

import { DATA, store } from './store.js';
import { ON_A_PAGE, SamplesPage, queryOf, rowsOf, stateOf } from './samples.js';
import { FilterError } from './filter.js';
import { announce, element } from './elements.js';
import { letGo } from './media.js';
import { samplePage } from './sample.js';
import { fetchDoubts } from './doubts.js';
import { follow } from './news.js';

// Places of the page are found by `data-route`; as ids they would make the browser scroll.
for (const page of document.querySelectorAll('.page')) {
  page.dataset.route = page.id;
  page.removeAttribute('id');
}
const pageAt = (route) => [...document.querySelectorAll('.page')].find((page) => page.dataset.route === route);
const samplesRoot = pageAt('/samples');
const sampleRoot = pageAt('/sample');
const samplesPage = new SamplesPage(samplesRoot, (state) => {
  const address = `#/samples${queryOf(state)}`;
  if (location.hash === address) showRoute();
  else location.hash = address;
});

function routeOf(hash) {
  const whole = hash.startsWith('#') ? hash.slice(1) : hash;
  const question = whole.indexOf('?');
  const path = question < 0 ? whole : whole.slice(0, question);
  return { path: path === '' || path === 'content' ? '/' : path, query: question < 0 ? '' : whole.slice(question + 1) };
}

/** The addresses around a sample in the selection that led to it. */
function neighboursOf(row, state) {
  let rows = [];
  try {
    rows = rowsOf(state);
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
  }
  const at = rows.indexOf(row);
  const page = at < 0 ? 1 : Math.floor(at / ON_A_PAGE) + 1;
  const query = queryOf({ ...state, page });
  const address = (other) => `#/sample/${store.folder(other).name}/${store.place(other)}${query}`;
  return {
    list: `#/samples${query}`,
    before: at > 0 ? address(rows[at - 1]) : null,
    after: at >= 0 && at + 1 < rows.length ? address(rows[at + 1]) : null,
    place: at < 0 ? 'not in the selection' : `${(at + 1).toLocaleString('en')} of ${rows.length.toLocaleString('en')}`,
  };
}

function showRoute() {
  const { path, query } = routeOf(location.hash);
  const parts = path.split('/').filter((part) => part !== '');
  if (parts[0] !== 'samples') samplesPage.forget();
  let shown = pageAt(path);
  if (parts[0] === 'samples') {
    shown = samplesRoot;
    samplesPage.show(stateOf(query));
  } else if (parts[0] === 'sample') {
    shown = sampleRoot;
    const row = store.rowOf(parts[1], Number(parts[2]));
    letGo(sampleRoot);
    sampleRoot.replaceChildren(...(row < 0
      ? [element('h1', {}, 'There is no such sample'), element('p', {}, element('a', { href: '#/samples' }, 'All samples'))]
      : samplePage(row, neighboursOf(row, stateOf(query)))));
  } else if (!shown) {
    shown = sampleRoot;
    sampleRoot.replaceChildren(element('h1', {}, 'There is no such page'), element('p', {}, element('a', { href: '#/' }, 'Overview')));
  }
  for (const page of document.querySelectorAll('.page')) {
    page.classList.toggle('current', page === shown);
    if (page.classList.contains('scripted')) page.hidden = page !== shown;
  }
  // A server's page also links to others, which are never the current one.
  for (const link of document.querySelectorAll('header.top a[href^="#"]')) {
    const target = routeOf(new URL(link.href).hash).path;
    if (target === path || (target === '/samples' && parts[0] === 'sample')) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  document.querySelector('details.menu').open = false;
  const changed = shown !== showRoute.last || parts[0] === 'sample';
  if (changed && showRoute.last !== undefined) {
    window.scrollTo(0, 0);
    if (document.activeElement === document.body || !document.activeElement.isConnected) document.getElementById('content').focus({ preventScroll: true });
  }
  showRoute.last = shown;
}

const isTyping = (target) => target.matches('input, textarea, select, audio, video, [contenteditable]');

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const isList = samplesRoot.classList.contains('current');
  const isSample = sampleRoot.classList.contains('current');
  if (event.key === 'Escape' && isSample) {
    document.getElementById('sample-list')?.click();
    return;
  }
  if (isTyping(event.target)) return;
  const press = (id) => {
    event.preventDefault();
    document.getElementById(id)?.click();
  };
  if (isSample && event.key === 'ArrowLeft') press('sample-before');
  else if (isSample && event.key === 'ArrowRight') press('sample-after');
  else if (event.key === '/' || event.key === 'f') {
    event.preventDefault();
    const focus = () => document.getElementById(event.key === '/' ? 'search' : 'filter')?.focus();
    if (isList) {
      focus();
    } else {
      addEventListener('hashchange', focus, { once: true });
      location.hash = '#/samples';
    }
  } else if (isList && ['ArrowDown', 'j'].includes(event.key)) {
    event.preventDefault();
    samplesPage.move(1);
  } else if (isList && ['ArrowUp', 'k'].includes(event.key)) {
    event.preventDefault();
    samplesPage.move(-1);
  }
});

/** Offers answers that came in after the page was made. */
function offerNews(news) {
  const came = DATA.models.reduce((sum, { label }, run) => {
    const now = news.find((row) => row.label === label);
    return sum + (now ? Math.max(0, now.asked - DATA.serving.asked[run]) : 0);
  }, 0);
  if (came === 0) return;
  const banner = document.getElementById('news');
  banner.hidden = false;
  banner.querySelector('span').textContent = `${came.toLocaleString('en')} more ${came === 1 ? 'sample was' : 'samples were'} asked since this page was made.`;
  banner.querySelector('a').onclick = (event) => {
    event.preventDefault();
    location.reload();
  };
}

if (DATA.serving) {
  fetchDoubts().then((problem) => {
    if (problem) announce(`Doubts cannot be shown: ${problem}`);
    showRoute();
  });
  if (DATA.serving.news) follow(DATA.serving.news, offerNews);
}

document.documentElement.classList.add('scripted');
addEventListener('hashchange', showRoute);
showRoute();
