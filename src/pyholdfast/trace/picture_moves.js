// Moving and zooming, and what is under the pointer.

function show(first, last) {
  const length = last - first;
  if (length > DATA.duration) [first, last] = [0, DATA.duration];
  else if (first < 0) [first, last] = [0, length];
  else if (last > DATA.duration) [first, last] = [DATA.duration - length, DATA.duration];
  [begin, end] = [first, last];
  draw();
}

function zoom(factor, time) {
  if ((end - begin) * factor < LEAST_SHOWN) return;
  show(time - (time - begin) * factor, time + (end - time) * factor);
}

function move(share) {
  const step = (end - begin) * share;
  show(begin + step, end + step);
}

canvas.onwheel = (event) => {
  if (event.ctrlKey || event.metaKey) zoom(event.deltaY > 0 ? 1.25 : 0.8, timeAt(event.offsetX));
  else if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) move(event.deltaX / width);
  else return; // the page scrolls
  event.preventDefault();
};

canvas.onkeydown = (event) => {
  const middle = (begin + end) / 2;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key == "ArrowLeft") move(-0.15);
  else if (event.key == "ArrowRight") move(0.15);
  else if (["+", "="].includes(event.key)) zoom(0.7, middle);
  else if (event.key == "-") zoom(1.4, middle);
  else if (["0", "Home"].includes(event.key)) show(0, DATA.duration);
  else return;
  event.preventDefault();
};

const fingers = new Map(); // pointers that are down, and where
let moved = null; // what was shown, and where the pointers were
let tapped = null; // where a finger came down that has not moved since
const SLOP = 8; // CSS pixels that the finger of a tap may move

function spread() {
  const all = [...fingers.values()];
  const middle = all.reduce((sum, x) => sum + x, 0) / all.length;
  return { middle, apart: all.length > 1 ? Math.max(20, Math.abs(all[0] - all[1])) : 0 };
}

function grab() {
  moved = fingers.size ? { begin, end, ...spread() } : null;
}

canvas.onpointerdown = (event) => {
  hideTip();
  const isTap = event.pointerType != "mouse" && !fingers.size;
  tapped = isTap ? { x: event.clientX, y: event.clientY } : null;
  fingers.set(event.pointerId, event.offsetX);
  canvas.setPointerCapture(event.pointerId);
  grab();
};

canvas.onpointerup = canvas.onpointercancel = (event) => {
  fingers.delete(event.pointerId);
  grab();
  if (tapped && event.type == "pointerup") showTip(event);
  tapped = null;
};

function dragged() {
  const now = spread();
  const factor = now.apart && moved.apart ? moved.apart / now.apart : 1;
  const length = Math.max(LEAST_SHOWN, (moved.end - moved.begin) * factor);
  const at = (x) => (x - tracksAt) / (width - tracksAt - MARGIN);
  const held = moved.begin + at(moved.middle) * (moved.end - moved.begin);
  show(held - at(now.middle) * length, held + (1 - at(now.middle)) * length);
}

const WORDS = {
  [RUNS]: DATA.free ? "attached" : "runs Python",
  [YIELDED]: "attached, another thread runs",
  [WAITS]: "waits to attach",
  [BLOCKED]: "waits for a mutex",
  [DRAINS]: "waits in finalize() for other threads",
};

function aboutThread(thread, time) {
  const slack = (end - begin) / width; // a pixel
  if (time < thread.started - slack || time > thread.ended + slack) return thread.name;
  const near = [];
  for (let at = firstAfter(thread.lane, time - slack); at < thread.lane.length; ++at) {
    if (thread.lane[at].start > time + slack) break;
    near.push(thread.lane[at]);
  }
  const inside = near.find((group) => group.start <= time && time < group.end) || near[0];
  if (!inside) return `${thread.name}\n${time < thread.known ? "not recorded" : "native work"}`;
  if (near.length > 2 || inside.merged) return aboutMany(thread, near);
  const state = inside.shares.findIndex((share) => share > 0);
  const where = `${DATA.names[inside.name]} ${DATA.names[inside.site]}`.trim();
  return `${thread.name}\n${WORDS[state]} for ${duration(inside.end - inside.start)}\n${where}`;
}

function aboutMany(thread, near) {
  const length = near[near.length - 1].end - near[0].start;
  const lines = FROM_BELOW.map((state) => [
    WORDS[state],
    near.reduce((sum, group) => sum + group.shares[state], 0) / length,
  ]);
  const attaches = near.reduce((sum, group) => sum + group.begun, 0);
  const said = lines.filter(([, share]) => share > 0).map(([word, share]) => `${percent(share)} ${word}`);
  return `${thread.name}\nin ${duration(length)}: ${attaches} attaches\n${said.join("\n")}`;
}

function aboutGil(gil, time) {
  const slack = (end - begin) / width;
  const shares = [];
  for (const thread of DATA.threads) {
    let sum = 0;
    for (let at = firstAfter(thread.lane, time - slack); at < thread.lane.length; ++at) {
      const group = thread.lane[at];
      if (group.start > time + slack) break;
      if (gilOf.get(group.interpreter) != gil) continue;
      const part = Math.min(group.end, time + slack) - Math.max(group.start, time - slack);
      sum += (Math.max(0, part) * group.shares[RUNS]) / (group.end - group.start || 1);
    }
    if (sum > 0) shares.push([sum / (2 * slack), thread.name]);
  }
  shares.sort(([one], [other]) => other - one);
  if (!shares.length) return "no thread runs Python";
  return shares.slice(0, 8).map(([share, name]) => `${percent(share)} ${name}`).join("\n");
}

function about(event) {
  const row = Math.floor((event.offsetY - FIRST) / ROW);
  const gil = Math.floor((event.offsetY - TOP) / STRIP);
  const time = timeAt(event.offsetX);
  if (event.offsetX < tracksAt) return row in order ? DATA.threads[order[row]].name : "";
  if (row in order) return aboutThread(DATA.threads[order[row]], time);
  return DATA.gils[gil] ? aboutGil(gil, time) : "";
}

function showTip(event) {
  const tip = byId("tip");
  tip.textContent = about(event);
  tip.style.display = tip.textContent ? "block" : "none";
  tip.style.left = Math.max(4, Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8)) + "px";
  const below = event.clientY + 14;
  const above = event.clientY - tip.offsetHeight - 10;
  tip.style.top = (below + tip.offsetHeight > innerHeight ? above : below) + "px";
}

function hideTip() {
  byId("tip").style.display = "none";
}

canvas.onpointermove = (event) => {
  if (!fingers.has(event.pointerId)) return showTip(event);
  if (tapped && Math.hypot(event.clientX - tapped.x, event.clientY - tapped.y) <= SLOP) return;
  tapped = null;
  hideTip();
  fingers.set(event.pointerId, event.offsetX);
  dragged();
};

// A finger that is lifted leaves, too; what a tap shows stays until the next touch.
canvas.onpointerleave = (event) => {
  if (event.pointerType == "mouse") hideTip();
};

addEventListener("scroll", hideTip);
addEventListener("pointerdown", (event) => {
  if (event.target != canvas) hideTip();
});

const BY = {
  seen: (one, other) => one - other,
  name: (one, other) =>
    DATA.threads[one].name.localeCompare(DATA.threads[other].name, "en", { numeric: true }),
  waited: (one, other) => DATA.threads[other].waited - DATA.threads[one].waited,
  held: (one, other) => DATA.threads[other].held - DATA.threads[one].held,
};

byId("order").onchange = (event) => {
  order.sort((one, other) => BY[event.target.value](one, other) || one - other);
  draw();
};

addEventListener("resize", draw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
draw();
