// Pictures, sounds and clips of a sample, with boxes, frames and waveforms.

import { DATA, mediaNames, store } from './store.js';
import { drawn, element, shortNumber, visible } from './elements.js';

const FRAMES = 10;

/** The address of a medium; null where it is not there, or leads out of its folder. */
function addressOf(row, name) {
  const folder = store.folder(row);
  const embedded = document.querySelector(`script[data-medium="${CSS.escape(`${folder.name}/${name}`)}"]`);
  if (embedded) return { address: blobOf(embedded), blob: blobs.get(embedded).blob };
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (!folder.media || parts.includes('..') || name.startsWith('/') || parts.length === 0) return null;
  return { address: folder.media + parts.map(encodeURIComponent).join('/'), blob: null };
}

const blobs = new Map();
function blobOf(script) {
  if (!blobs.has(script)) {
    const bytes = Uint8Array.from(atob(script.textContent), (char) => char.charCodeAt(0));
    const blob = new Blob([bytes], { type: script.dataset.type });
    blobs.set(script, { blob, address: URL.createObjectURL(blob) });
  }
  return blobs.get(script).address;
}

function lacking(name, why) {
  return element('p', { class: 'lacking' }, `${visible(name)}: ${why}`);
}

const failed = (name) => (event) => {
  event.target.replaceWith(lacking(name, 'cannot be loaded; is the data set where it was when the page was made?'));
};

/** What a medium is called; candidates of retrieval are counted from 0, as in answers. */
function titleOf(row, kind, number, count) {
  if (count === 1) return kind;
  return store.folder(row).family === 'retrieval' ? `${kind} ${number - 1}` : `${kind} ${number} of ${count}`;
}

/** Area of what two boxes share, by the area that both cover. */
export function overlapOf(a, b) {
  if (!a || !b) return 0;
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  if (width <= 0 || height <= 0) return 0;
  const area = ([left, top, right, bottom]) => (right - left) * (bottom - top);
  return (width * height) / (area(a) + area(b) - width * height);
}

/** Boxes over a picture of this size: those of the truth, and those of each shown run. */
function boxesOver([width, height], truths, ofRuns, hasNames = true) {
  const large = Math.max(width, height);
  const picture = drawn('svg', { class: 'boxes', viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' });
  const add = (name, corners, kind) => {
    if (!corners) return;
    const [left, top, right, bottom] = corners;
    const size = { x: left, y: top, width: Math.max(0, right - left), height: Math.max(0, bottom - top) };
    picture.append(drawn('rect', { ...size, class: `box ${kind}`, 'stroke-width': large / (hasNames ? 160 : 90) }));
    if (!hasNames) return;
    picture.append(
      drawn('text', { x: left + large / 120, y: Math.max(large / 26, top - large / 120), class: `box-name ${kind}`, 'font-size': large / 28 }, visible(name)),
    );
  };
  for (const [name, corners] of truths) add(name, corners, 'truth');
  for (const { run, boxes } of ofRuns) {
    for (const [name, corners] of boxes) add(name, corners, `run-${run % 6}`);
  }
  return picture;
}

const categoryOf = (name) => name.replace(/_\d+$/, '').trim().toLowerCase();

/** The boxes of an answer in words: what stands where, and how it fits. */
function boxTable(truths, ofRuns) {
  const rows = [];
  for (const { run, boxes } of ofRuns) {
    const left = [...boxes];
    for (const [name, corners] of truths) {
      let best = -1;
      let most = 0;
      left.forEach(([other, found], at) => {
        const overlap = categoryOf(other) === categoryOf(name) ? overlapOf(corners, found) : 0;
        if (overlap > most) [best, most] = [at, overlap];
      });
      const answer = best < 0 ? null : left.splice(best, 1)[0];
      rows.push([DATA.models[run].label, name, corners, answer ? answer[1] : null, corners ? most : null]);
    }
    for (const [name, corners] of left) rows.push([DATA.models[run].label, `${name} (not in the truth)`, null, corners, null]);
  }
  const numbers = (corners) => (corners ? corners.map((edge) => edge.toFixed(0)).join(', ') : 'none');
  return element('details', { class: 'box-numbers' },
    element('summary', {}, 'Boxes in numbers'),
    element('table', {},
      element('thead', {}, element('tr', {}, ...['Run', 'What', 'Truth (left, top, right, bottom)', 'Answer', 'IoU'].map((head) => element('th', { scope: 'col' }, head)))),
      element('tbody', {}, ...rows.map(([label, name, right, said, overlap]) => element('tr', {},
        element('td', {}, visible(label)), element('td', {}, visible(name)), element('td', {}, numbers(right)), element('td', {}, numbers(said)),
        element('td', { class: 'number' }, overlap === null ? '–' : overlap.toFixed(2)))))));
}

function boxesOfRuns(row, runs) {
  return runs.map((run) => ({ run, boxes: store.model(row, run, 'boxes') ?? [] }));
}

function pictureOf(row, name, number, count, overlay) {
  const found = addressOf(row, name);
  if (!found) return lacking(name, 'is not linked, because it leads out of its task folder or the page has no media');
  const title = titleOf(row, 'Picture', number, count);
  return element('figure', { class: 'picture-medium' },
    element('div', { class: 'framed' }, element('img', { src: found.address, alt: `${title}: ${visible(name)}`, loading: 'lazy', error: failed(name) }), overlay),
    element('figcaption', {}, `${title}: ${visible(name)}`));
}

/** A waveform that a click seeks in. */
function waveformOf(wave, player) {
  const [seconds, encoded] = DATA.waves[wave];
  const bytes = Int8Array.from(atob(encoded), (char) => (char.charCodeAt(0) << 24) >> 24);
  const pieces = bytes.length / 2;
  let path = '';
  for (let at = 0; at < pieces; at += 1) {
    const low = 64 - bytes[2 * at] / 2;
    const high = 64 - bytes[2 * at + 1] / 2;
    path += `M${at + 0.5} ${high.toFixed(1)}V${Math.max(low, high + 0.6).toFixed(1)}`;
  }
  const line = drawn('line', { class: 'playhead', x1: 0, x2: 0, y1: 0, y2: 128 });
  const picture = drawn('svg', {
    class: 'waveform', viewBox: `0 0 ${pieces} 128`, preserveAspectRatio: 'none', 'aria-hidden': 'true',
    click: (event) => {
      const box = picture.getBoundingClientRect();
      player.currentTime = (seconds * (event.clientX - box.left)) / box.width;
    },
  }, drawn('path', { d: path }), line);
  player.addEventListener('timeupdate', () => {
    const x = seconds > 0 ? (pieces * player.currentTime) / seconds : 0;
    line.setAttribute('x1', x);
    line.setAttribute('x2', x);
  });
  return picture;
}

/** How loud each pitch is over time, from the medium's bytes: 0 to 8 kHz upwards, in 256 steps. */
async function spectrogramOf(buffer) {
  const context = new OfflineAudioContext(1, 1, 16_000);
  const samples = (await context.decodeAudioData(buffer)).getChannelData(0);
  const size = 512;
  const columns = Math.min(600, Math.max(1, Math.floor(samples.length / (size / 2))));
  const canvas = element('canvas', { class: 'spectrogram', width: columns, height: size / 2, role: 'img', 'aria-label': 'Spectrogram, 0 to 8 kHz' });
  const image = canvas.getContext('2d').createImageData(columns, size / 2);
  const real = new Float32Array(size);
  const imaginary = new Float32Array(size);
  for (let column = 0; column < columns; column += 1) {
    const begin = Math.floor((column * Math.max(0, samples.length - size)) / Math.max(1, columns - 1));
    for (let at = 0; at < size; at += 1) {
      real[at] = (samples[begin + at] ?? 0) * (0.5 - 0.5 * Math.cos((2 * Math.PI * at) / size));
      imaginary[at] = 0;
    }
    transform(real, imaginary);
    for (let pitch = 0; pitch < size / 2; pitch += 1) {
      const power = real[pitch] ** 2 + imaginary[pitch] ** 2;
      const level = Math.max(0, Math.min(1, (10 * Math.log10(power + 1e-10) + 60) / 90));
      const pixel = 4 * ((size / 2 - 1 - pitch) * columns + column);
      image.data[pixel] = 255 * level ** 0.8;
      image.data[pixel + 1] = 255 * level ** 1.6;
      image.data[pixel + 2] = 255 * Math.sin(Math.PI * level) * 0.7;
      image.data[pixel + 3] = 255;
    }
  }
  canvas.getContext('2d').putImageData(image, 0, 0);
  return canvas;
}

/** The fast Fourier transform in place (Cooley and Tukey 1965), for a power of two. */
function transform(real, imaginary) {
  const size = real.length;
  for (let at = 1, other = 0; at < size; at += 1) {
    let bit = size >> 1;
    for (; other & bit; bit >>= 1) other ^= bit;
    other ^= bit;
    if (at < other) {
      [real[at], real[other]] = [real[other], real[at]];
      [imaginary[at], imaginary[other]] = [imaginary[other], imaginary[at]];
    }
  }
  for (let length = 2; length <= size; length *= 2) {
    for (let begin = 0; begin < size; begin += length) {
      for (let at = 0; at < length / 2; at += 1) {
        const angle = (-2 * Math.PI * at) / length;
        const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
        const [one, two] = [begin + at, begin + at + length / 2];
        const [x, y] = [real[two] * cosine - imaginary[two] * sine, real[two] * sine + imaginary[two] * cosine];
        [real[two], imaginary[two]] = [real[one] - x, imaginary[one] - y];
        [real[one], imaginary[one]] = [real[one] + x, imaginary[one] + y];
      }
    }
  }
}

/** Reads a sound, where the page may: embedded ones, and those of the server that the page is from. */
function readerOf({ address, blob }) {
  if (blob) return () => blob.arrayBuffer();
  if (!DATA.serving) return null;
  return async () => {
    const answer = await fetch(address);
    if (!answer.ok) throw new Error(await answer.text());
    return answer.arrayBuffer();
  };
}

/** A button that shows the spectrogram, where the page may read the sound. */
function spectrogramButton(found) {
  const read = readerOf(found);
  if (!read) return null;
  return element('button', {
    type: 'button',
    click: async (event) => {
      const button = event.target;
      button.disabled = true;
      try {
        button.replaceWith(await spectrogramOf(await read()));
      } catch {
        button.replaceWith(lacking('Spectrogram', 'the browser cannot load or decode this sound'));
      }
    },
  }, 'Show spectrogram');
}

function soundOf(row, name, wave, number, count) {
  const found = addressOf(row, name);
  if (!found) return lacking(name, 'is not linked, because it leads out of its task folder or the page has no media');
  const title = titleOf(row, 'Sound', number, count);
  const player = element('audio', { controls: true, preload: 'none', src: found.address, 'aria-label': `${title}: ${visible(name)}`, error: failed(name) });
  return element('figure', { class: 'sound-medium' }, wave === null ? null : waveformOf(wave, player), player, spectrogramButton(found), element('figcaption', {}, `${title}: ${visible(name)}`));
}

function videoOf(row, name, wave, runs) {
  const found = addressOf(row, name);
  if (!found) return lacking(name, 'is not linked, because it leads out of its task folder or the page has no media');
  const player = element('video', { controls: true, preload: 'metadata', src: found.address, 'aria-label': `Video: ${visible(name)}`, error: failed(name) });
  const strip = element('div', { class: 'strip' });
  const hasFrames = store.folder(row).family === 'frame_boxes' && store.sampleTexts(row, 'images').length < FRAMES;
  const show = () => fillStrip(strip, row, found.address, runs);
  const button = element('button', { type: 'button', click: (event) => { event.target.remove(); show(); } }, `Show ${FRAMES} frames`);
  if (hasFrames) show();
  return element('figure', { class: 'video-medium' }, player, wave === null ? null : waveformOf(wave, player), hasFrames ? null : button, strip,
    element('figcaption', {}, `Video: ${visible(name)}`));
}

/** The frames of a clip, evenly spaced, cut by seeking in it. */
async function fillStrip(strip, row, address, runs) {
  const clip = element('video', { preload: 'auto', muted: true, src: address });
  const event = (name) => new Promise((done, fail) => {
    clip.addEventListener(name, done, { once: true });
    clip.addEventListener('error', () => fail(new Error('the clip cannot be loaded')), { once: true });
  });
  const isGrounding = store.folder(row).family === 'frame_boxes';
  try {
    if (clip.readyState < 1) await event('loadedmetadata');
    for (let frame = 0; frame < FRAMES; frame += 1) {
      const time = (clip.duration * (frame + 0.5)) / FRAMES;
      const sought = event('seeked');
      clip.currentTime = time;
      await sought;
      const width = Math.min(480, clip.videoWidth);
      const height = Math.round((width * clip.videoHeight) / clip.videoWidth);
      const canvas = element('canvas', { width, height, role: 'img', 'aria-label': `Frame ${frame}, ${time.toFixed(1)} seconds` });
      canvas.getContext('2d').drawImage(clip, 0, 0, width, height);
      strip.append(frameOf(row, runs, frame, canvas, `${time.toFixed(1)} s${isGrounding ? ' (assumed)' : ''}`));
    }
  } catch (error) {
    strip.append(lacking('Frames', error.message));
  } finally {
    end(clip);
  }
}

/** A frame with its boxes and their overlap. */
function frameOf(row, runs, frame, picture, when) {
  const name = `frame_${frame}`;
  const size = store.sample(row, 'size');
  const truths = (store.sample(row, 'truth_boxes') ?? []).filter(([known]) => known === name);
  const ofRuns = boxesOfRuns(row, runs).map(({ run, boxes }) => ({ run, boxes: boxes.filter(([known]) => known === name) }));
  const fits = size === null || truths.length === 0 ? [] : ofRuns.map(({ run, boxes }) => {
    if (!store.model(row, run, 'boxes')) return element('span', { class: `run-${run % 6}` }, 'no boxes given');
    const [right, said] = [truths[0][1], boxes[0]?.[1] ?? null];
    const overlap = right === null ? (said === null ? 'both none' : 'none there') : `IoU ${overlapOf(right, said).toFixed(2)}`;
    return element('span', { class: `run-${run % 6}` }, ` ${overlap}`);
  });
  return element('figure', { class: 'frame' },
    element('div', { class: 'framed' }, picture, size === null ? null : boxesOver(size, truths, ofRuns, false)),
    element('figcaption', {}, `${frame}: ${when}`, ...fits));
}

/** All media of a sample, with the boxes of truth and of the shown runs. */
export function mediaOf(row, runs) {
  const images = store.sampleTexts(row, 'images');
  const sounds = store.sampleTexts(row, 'sounds');
  const video = store.sampleText(row, 'video');
  const waves = store.sample(row, 'waves') ?? [];
  const size = store.sample(row, 'size');
  const family = store.folder(row).family;
  const truths = store.sample(row, 'truth_boxes') ?? [];
  const shown = [];
  const problem = store.sampleText(row, 'media_problem');
  if (problem) shown.push(element('p', { class: 'lacking' }, visible(problem)));
  const isStrip = family === 'frame_boxes' && images.length >= FRAMES;
  if (isStrip) {
    shown.push(element('div', { class: 'strip' }, ...images.map((name, at) => {
      const found = addressOf(row, name);
      if (!found) return lacking(name, 'is not linked');
      return frameOf(row, runs, at, element('img', { src: found.address, alt: `Frame ${at}`, loading: 'lazy', error: failed(name) }), 'as listed');
    })));
  } else {
    images.forEach((name, at) => {
      const hasBoxes = family === 'boxes' && at === 0 && size !== null;
      const overlay = hasBoxes ? boxesOver(size, truths, boxesOfRuns(row, runs)) : null;
      shown.push(pictureOf(row, name, at + 1, images.length, overlay));
    });
  }
  sounds.forEach((name, at) => shown.push(soundOf(row, name, waves[at] ?? null, at + 1, sounds.length)));
  if (video !== null) shown.push(videoOf(row, video, waves[sounds.length] ?? null, runs));
  if (family === 'boxes' && size !== null) shown.push(boxTable(truths, boxesOfRuns(row, runs)));
  if (mediaNames(row).length === 0) shown.push(element('p', { class: 'lacking' }, 'This sample lists no media.'));
  return shown;
}

/** What a stimulus varies, in words. */
export function stimulusOf(row) {
  const kind = store.sampleText(row, 'kind');
  if (kind === null) return null;
  return `${kind}, ${shortNumber(store.sample(row, 'intensity'))} ${store.sampleText(row, 'unit') ?? ''}`;
}

/** Ends what media of a page that goes away still load: a browser opens only a few connections to a server. */
export function letGo(root) {
  root.querySelectorAll('audio, video').forEach(end);
}

function end(medium) {
  medium.pause();
  medium.removeAttribute('src');
  medium.load();
}
