// Tables of scores are sorted by a click on a head. Without this script they are sorted by their main score.

const status = document.getElementById('status');

/** What a cell is sorted by; null where there is nothing. */
function valueOf(cell, kind) {
  const value = cell.dataset.value;
  if (value === undefined) return null;
  return kind === 'number' ? Number(value) : value;
}

/** Sorts by a column. What has no value stands last either way, and equal values stand by name. */
function sort(table, column, direction) {
  const head = table.tHead.rows[0].cells[column];
  const kind = head.dataset.sort;
  const nameOf = (row) => row.querySelector('th').dataset.value;
  const compared = (a, b) => {
    const [left, right] = [valueOf(a.cells[column], kind), valueOf(b.cells[column], kind)];
    if (left === null || right === null) return (left === null) - (right === null);
    return direction * (kind === 'number' ? left - right : left.localeCompare(right, 'en'));
  };
  for (const body of table.tBodies) {
    const rows = [...body.rows];
    rows.sort((a, b) => compared(a, b) || nameOf(a).localeCompare(nameOf(b), 'en'));
    body.append(...rows);
    for (const row of rows) {
      for (const cell of row.cells) cell.classList.toggle('sorted', cell.cellIndex === column);
    }
  }
  for (const cell of table.tHead.rows[0].cells) cell.removeAttribute('aria-sort');
  head.setAttribute('aria-sort', direction < 0 ? 'descending' : 'ascending');
  if (kind === 'number' && head.classList.contains('number')) rank(table, column);
}

/** Ranks by a column of scores: the highest is the first, and equal ones share a rank. */
function rank(table, column) {
  const rows = [...table.tBodies[0].rows].filter((row) => row.querySelector('td.rank') !== null);
  const values = rows.map((row) => valueOf(row.cells[column], 'number'));
  const sorted = values.filter((value) => value !== null).sort((a, b) => b - a);
  const firsts = new Map();
  const counts = new Map();
  sorted.forEach((value, at) => {
    if (!firsts.has(value)) firsts.set(value, at + 1);
    counts.set(value, (counts.get(value) ?? 0) + 1);
  });
  rows.forEach((row, at) => {
    const cell = row.querySelector('td.rank');
    cell.textContent = values[at] === null ? '–' : String(firsts.get(values[at]));
    if (counts.get(values[at]) > 1) {
      const tie = document.createElement('span');
      tie.className = 'tie';
      tie.title = 'shared';
      tie.textContent = '=';
      cell.append(tie);
    }
  });
}

for (const table of document.querySelectorAll('table.board')) {
  // People alone make no table of ranks.
  for (const head of table.tHead.rows[0].cells) {
    if (head.dataset.sort === undefined) continue;
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'sort';
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener('click', () => {
      const first = head.dataset.sort === 'text' ? 1 : -1;
      const now = { ascending: 1, descending: -1 }[head.getAttribute('aria-sort')];
      const direction = now === undefined ? first : -now;
      sort(table, head.cellIndex, direction);
      status.textContent = `Sorted by ${head.textContent}, ${direction < 0 ? 'descending' : 'ascending'}`;
    });
  }
}

document.querySelector('.page').classList.add('current');
