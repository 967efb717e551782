// The tracks. A track is a chart of shares: in each column of pixels, a state is as high as its part
// of the column's time. Heights are whole pixels; what rounding adds or leaves out is carried to the
// next column, so that areas are true and a single short hold still has a pixel.

const [WAITS, RUNS, YIELDED, BLOCKED, DRAINS, MERGED] = [0, 1, 2, 3, 4, 5]; // as html.py has them
const STATES = 5;
const FROM_BELOW = [RUNS, YIELDED, WAITS, BLOCKED, DRAINS];
const COLOURS = {
  [RUNS]: "--hold", [YIELDED]: "--yield", [WAITS]: "--wait", [BLOCKED]: "--lock", [DRAINS]: "--drain",
};

// CSS pixels.
const LEAST_LEFT = 132; // of the tracks; names stand before them
const MOST_LEFT = 240;
const STRIP_NAMES_AT = 10;
const NAMES_AT = 16;
const MARGIN = 8; // right of the tracks
const TOP = 26;
const STRIP = 22;
const ROW = Math.max(18, Math.min(36, 460 / Math.max(1, DATA.threads.length)));
const BAND = Math.round(ROW * 0.62);
const WORK = 3;
const FIRST = TOP + DATA.gils.length * STRIP + 4;
const HEIGHT = FIRST + DATA.threads.length * ROW + 4;
const LABEL = 92; // between two labels of the axis

const LEAST_SHOWN = 200; // nanoseconds: as far as one can zoom in

const byId = (id) => document.getElementById(id);
const canvas = byId("tracks");
const paint = canvas.getContext("2d");

// What is shown, in nanoseconds, and how wide the canvas is.
let begin = 0;
let end = DATA.duration;
let width = 0;
let tracksAt = LEAST_LEFT;
let ratio = 1; // pixels of the screen per CSS pixel
let order = DATA.threads.map((_, index) => index);

const gilOf = new Map(DATA.gils.flatMap((many, gil) => many.map((number) => [number, gil])));

function readLane(flat) {
  const groups = [];
  for (let at = 0, time = 0; at < flat.length; at += 6) {
    const [gap, length, kind, begun, site, name] = flat.slice(at, at + 6);
    const start = time + gap;
    time = start + length;
    const shares = new Array(STATES).fill(0);
    const merged = kind % 8 == MERGED;
    if (merged) {
      for (let state = 0; state < STATES; ++state) shares[state] = flat[at + 6 + state];
      at += STATES;
    } else shares[kind % 8] = length;
    groups.push({ start, end: time, shares, merged, begun, site, name, interpreter: kind >> 3 });
  }
  return groups;
}

function readCovered(flat) {
  const groups = [];
  for (let at = 0, time = 0; at < flat.length; at += 3) {
    const start = time + flat[at];
    time = start + flat[at + 1];
    groups.push({ start, end: time, shares: [flat[at + 2]] });
  }
  return groups;
}

for (const thread of DATA.threads) {
  thread.lane = readLane(thread.lane);
  thread.work = readCovered(thread.work);
  thread.gc = readCovered(thread.gc);
}

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function rgb(text) {
  const number = parseInt(text.slice(1), 16);
  const [r, g, b] = text.length == 4
    ? [(number >> 8) * 17, ((number >> 4) & 15) * 17, (number & 15) * 17]
    : [number >> 16, (number >> 8) & 255, number & 255];
  return (0xff000000 | (b << 16) | (g << 8) | r) >>> 0; // as ImageData has it
}

function duration(nanoseconds) {
  for (const [size, unit] of [[1e9, "s"], [1e6, "ms"], [1e3, "us"]])
    if (nanoseconds >= size) return +(nanoseconds / size).toPrecision(3) + " " + unit;
  return Math.round(nanoseconds) + " ns";
}

function percent(share) {
  return (100 * share).toFixed(1) + " %";
}

function xOf(time) {
  return tracksAt + ((time - begin) / (end - begin)) * (width - tracksAt - MARGIN);
}

function timeAt(x) {
  return begin + ((x - tracksAt) / (width - tracksAt - MARGIN)) * (end - begin);
}

// The first of the groups that ends after a time.
function firstAfter(groups, time) {
  let [low, high] = [0, groups.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (groups[middle].end > time) high = middle;
    else low = middle + 1;
  }
  return low;
}

// Adds to each column the part of it that a state has. `into(group)` gives the columns of the states.
function addShares(groups, columns, into) {
  const wide = (end - begin) / columns;
  for (let at = firstAfter(groups, begin); at < groups.length && groups[at].start < end; ++at) {
    const group = groups[at];
    const length = group.end - group.start || 1;
    const [from, to] = [(group.start - begin) / wide, (group.end - begin) / wide];
    const first = Math.max(0, Math.floor(from));
    const last = Math.min(columns - 1, Math.floor(to));
    const targets = into(group);
    for (let column = first; column <= last; ++column) {
      const part = ((Math.min(to, column + 1) - Math.max(from, column)) * wide) / length;
      if (part <= 0) continue;
      group.shares.forEach((share, state) => {
        if (share) targets[state][column] += (part * share) / wide;
      });
    }
  }
}

// Draws columns of shares, one above the other, from the bottom of `image`. `filled` has the pixels
// that each column has already.
function stack(image, filled, shares, fill) {
  const { width: columns, height } = image;
  const pixels = new Uint32Array(image.data.buffer);
  let carried = 0;
  for (let column = 0; column < columns; ++column) {
    carried += shares[column] * height;
    if (carried <= 1e-6 || shares[column] <= 0) continue;
    const high = Math.min(carried < 1 ? 1 : Math.round(carried), height - filled[column]);
    carried -= high;
    for (let up = filled[column]; up < filled[column] + high; ++up)
      pixels[(height - 1 - up) * columns + column] = fill(column, up);
    filled[column] += high;
  }
}

function plain(name) {
  const value = rgb(colour(name));
  return () => value;
}

// From the ninth thread on, the colours return with stripes.
function ofThread(index) {
  const value = rgb(DATA.palette[index % DATA.palette.length]);
  const turn = Math.floor(index / DATA.palette.length);
  const dark = rgb(colour("--fg"));
  const period = Math.max(3, 9 - turn) * Math.ceil(ratio);
  return turn == 0
    ? () => value
    : (column, up) => ((turn % 2 ? column + up : column - up + 4096) % period < ratio ? dark : value);
}

function background(image, thread) {
  const { width: columns, height } = image;
  const pixels = new Uint32Array(image.data.buffer);
  const [card, native, line] = ["--card", "--native", "--line"].map((name) => rgb(colour(name)));
  const columnOf = (time) => ((time - begin) / (end - begin)) * columns;
  const from = Math.floor(columnOf(thread.started));
  const known = columnOf(thread.known);
  const to = Math.ceil(columnOf(thread.ended));
  for (let column = 0; column < columns; ++column)
    for (let down = 0; down < height; ++down) {
      let value = card;
      if (column >= from && column < to) {
        value = native;
        if (column + 1 < known) value = (column + down) % 5 < 2 ? line : card;
      }
      pixels[down * columns + column] = value;
    }
}

function drawAxis() {
  const [lines, words] = [colour("--line"), colour("--dim")];
  const most = Math.max(1, (width - tracksAt - MARGIN) / LABEL);
  let step = Math.pow(10, Math.floor(Math.log10((end - begin) / most)));
  step *= [1, 2, 5, 10].find((many) => (end - begin) / (step * many) <= most) || 10;
  // Labels are offsets where those of the time itself would not differ in three digits.
  const base = begin > 100 * step ? Math.ceil(begin / step) * step : 0;
  if (base) {
    paint.fillStyle = words;
    paint.fillText(`from ${+(base / 1e9).toFixed(9)} s`, STRIP_NAMES_AT, 11, tracksAt - STRIP_NAMES_AT - 6);
  }
  for (let time = Math.ceil(begin / step) * step; time <= end; time += step) {
    paint.fillStyle = lines;
    paint.fillRect(xOf(time), TOP - 6, 1, HEIGHT);
    paint.fillStyle = words;
    const label = (base ? "+" : "") + duration(time - base);
    if (xOf(time) + 3 + paint.measureText(label).width < width) paint.fillText(label, xOf(time) + 3, 11);
  }
}

// Without its middle: names of one kind differ at the end.
function cut(text, most) {
  const letters = [...text];
  let shown = text;
  for (let kept = letters.length - 1; kept > 0 && paint.measureText(shown).width > most; --kept) {
    const end = Math.floor((kept * 2) / 5);
    shown = letters.slice(0, kept - end).join("") + "\u2026" + letters.slice(letters.length - end).join("");
  }
  return shown;
}

const stripName = (gil) => (DATA.gils.length > 1 ? `interpreter ${DATA.strips[gil]}` : "who runs Python");

// As wide as the names need, within limits: most of a narrow screen is for the tracks.
function placeTracks() {
  const wide = (text) => paint.measureText(text).width;
  const names = DATA.threads.map((thread) => wide(thread.name) + NAMES_AT + 6);
  const strips = DATA.gils.map((_, gil) => wide(stripName(gil)) + STRIP_NAMES_AT + 6);
  const most = Math.max(LEAST_LEFT, Math.min(MOST_LEFT, width * 0.3));
  tracksAt = Math.ceil(Math.min(most, Math.max(LEAST_LEFT, ...names, ...strips)));
}

function drawNames(thread, index, y) {
  if (DATA.gils.length) {
    const pixels = paint.createImageData(Math.round(7 * ratio), Math.round(10 * ratio));
    const whole = new Float64Array(pixels.width).fill(1);
    stack(pixels, new Int32Array(pixels.width), whole, ofThread(index));
    paint.putImageData(pixels, Math.round(4 * ratio), Math.round((y + BAND / 2 - 5) * ratio));
  }
  paint.fillStyle = colour("--fg");
  paint.fillText(cut(thread.name, tracksAt - NAMES_AT - 6), NAMES_AT, y + BAND / 2);
}

function draw() {
  ratio = devicePixelRatio || 1;
  width = canvas.clientWidth;
  canvas.style.height = HEIGHT + "px";
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(HEIGHT * ratio);
  paint.setTransform(ratio, 0, 0, ratio, 0, 0);
  paint.clearRect(0, 0, width, HEIGHT);
  paint.font = "12px system-ui,sans-serif";
  paint.textBaseline = "middle";
  placeTracks();
  drawAxis();
  const columns = Math.max(1, Math.round((width - tracksAt - MARGIN) * ratio));
  const left = Math.round(tracksAt * ratio);
  const strips = DATA.gils.map(() => ({
    image: paint.createImageData(columns, Math.round((STRIP - 6) * ratio)),
    filled: new Int32Array(columns),
  }));
  for (const { image } of strips) new Uint32Array(image.data.buffer).fill(rgb(colour("--native")));
  const fills = FROM_BELOW.map((state) => plain(COLOURS[state]));
  const zeros = () => new Float64Array(columns);
  order.forEach((index, row) => {
    const thread = DATA.threads[index];
    const y = FIRST + row * ROW;
    const states = Array.from({ length: STATES }, zeros);
    addShares(thread.lane, columns, () => states);
    const image = paint.createImageData(columns, Math.round(BAND * ratio));
    const filled = new Int32Array(columns);
    background(image, thread);
    FROM_BELOW.forEach((state, at) => stack(image, filled, states[state], fills[at]));
    paint.putImageData(image, left, Math.round(y * ratio));
    drawWork(thread, columns, left, y);
    drawNames(thread, index, y);
    strips.forEach((strip, gil) => {
      let runs = states[RUNS];
      if (strips.length > 1) {
        const other = zeros();
        const rest = new Array(STATES).fill(other);
        const mine = rest.slice();
        mine[RUNS] = zeros();
        addShares(thread.lane, columns, (group) => (gilOf.get(group.interpreter) == gil ? mine : rest));
        runs = mine[RUNS];
      }
      stack(strip.image, strip.filled, runs, ofThread(index));
    });
  });
  strips.forEach((strip, gil) => {
    paint.putImageData(strip.image, left, Math.round((TOP + gil * STRIP) * ratio));
    paint.fillStyle = colour("--dim");
    const name = cut(stripName(gil), tracksAt - STRIP_NAMES_AT - 6);
    paint.fillText(name, STRIP_NAMES_AT, TOP + gil * STRIP + (STRIP - 6) / 2);
  });
}

function drawWork(thread, columns, left, y) {
  const image = paint.createImageData(columns, Math.round(WORK * ratio));
  for (const [groups, name] of [[thread.work, "--task"], [thread.gc, "--gc"]]) {
    const covered = new Float64Array(columns);
    addShares(groups, columns, () => [covered]);
    stack(image, new Int32Array(columns), covered, plain(name));
  }
  paint.putImageData(image, left, Math.round((y + BAND + 1) * ratio));
}
