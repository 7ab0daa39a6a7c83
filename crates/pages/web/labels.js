// The page of labels: cells follow the news, and chosen labels are compared.

import { follow } from './news.js';

const partsOf = (label) => [...document.querySelectorAll('[data-label]')].filter((part) => part.dataset.label === label);

function show(news) {
  const rows = [...document.querySelectorAll('tr[data-label]')].map((row) => row.dataset.label);
  const labels = news.map(({ label }) => label);
  // Lines, tables and links come with a label, its first answer, or the end of its run.
  const isOther = rows.length !== labels.length || labels.some((label, at) => label !== rows[at]);
  const isChanged = ({ label, cells, pages }) => partsOf(label).some((part) => lacks(part, cells) || (part.dataset.pages ?? pages) !== pages);
  if (isOther || news.some(isChanged)) {
    location.reload();
    return;
  }
  for (const { label, asked, planned, cells } of news) {
    for (const part of partsOf(label)) {
      for (const cell of part.querySelectorAll('[data-cell]')) {
        const text = cells[cell.dataset.cell];
        if (text !== undefined && cell.textContent !== text) cell.textContent = text;
      }
      const bar = part.querySelector('progress');
      if (bar) {
        bar.max = Math.max(1, planned);
        bar.value = asked;
      }
    }
  }
}

/** Whether the page shows a table of tasks that the news no longer have. */
function lacks(part, cells) {
  return [...part.querySelectorAll('[data-cell]')].some((cell) => cells[cell.dataset.cell] === undefined);
}

const together = document.getElementById('together');

function choose() {
  const chosen = [...document.querySelectorAll('[data-choose]')].filter((box) => box.checked).map((box) => box.dataset.choose);
  together.hidden = chosen.length < 2;
  together.href = `/report/${chosen.join('/')}`;
}

for (const box of document.querySelectorAll('[data-choose]')) box.addEventListener('change', choose);
if (together) choose();

follow(document.getElementById('following').dataset.news, show);
