// What stands around the tracks.

const SVG = "http://www.w3.org/2000/svg";

function shape(parent, tag, attributes, words) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (words) made.textContent = words;
  return parent.appendChild(made);
}

function histogram(id, found, fill) {
  const [wide, left, right, high] = [420, 56, 26, 120];
  const classes = found.classes;
  const box = byId(id);
  if (!classes.length) {
    box.textContent = "none";
    return;
  }
  const said = document.createElement("div");
  said.className = "dim";
  said.textContent =
    `50 % up to ${duration(found.p50)}, 99 % up to ${duration(found.p99)} (dashed), ` +
    `longest ${duration(found.longest)}`;
  const svg = shape(box, "svg", { viewBox: `0 0 ${wide} ${high + 46}`, width: "100%", role: "img" });
  box.prepend(said);
  const ten = (value) => Math.log10(Math.max(1, value));
  const low = Math.max(0, Math.floor(ten(classes[0][0]) - 0.1));
  const span = Math.max(1, Math.ceil(ten(Math.max(found.longest, classes[classes.length - 1][0]))) - low);
  const most = Math.max(1, Math.ceil(ten(Math.max(...classes.map(([, count]) => count)))));
  const x = (time) => left + ((ten(time) - low) / span) * (wide - left - right);
  // One is above the axis, or a class with a single member could not be seen.
  const y = (count) => 6 + (1 - (ten(count) + 0.15) / (most + 0.15)) * (high - 6);
  for (let power = 0; power <= most; power += Math.ceil(most / 5)) {
    const at = y(10 ** power);
    shape(svg, "line", { x1: left, x2: wide - right, y1: at, y2: at });
    shape(svg, "text", { x: left - 5, y: at + 4, "text-anchor": "end" },
      power < 6 ? (10 ** power).toLocaleString("en") : `1e${power}`);
  }
  for (let power = low; power <= low + span; ++power) {
    shape(svg, "line", { x1: x(10 ** power), x2: x(10 ** power), y1: high, y2: high + 4 });
    if ((power - low) % Math.ceil(span / 6) == 0)
      shape(svg, "text", { x: x(10 ** power), y: high + 16, "text-anchor": "middle" }, duration(10 ** power));
  }
  const class_width = Math.max(2, (wide - left - right) / span / 13.3 - 0.5); // a quarter of a doubling
  for (const [upTo, count] of classes) {
    const bar = shape(svg, "rect", {
      x: Math.max(left, x(upTo) - class_width), y: y(count), width: class_width, height: high - y(count), fill,
    });
    shape(bar, "title", {}, `up to ${duration(upTo)}: ${count}`);
  }
  for (const time of [found.p50, found.p99])
    shape(svg, "line", { class: "mark", x1: x(time), x2: x(time), y1: 2, y2: high });
  shape(svg, "text", { x: left, y: high + 34 },
    "how long and how many, on logarithmic scales");
}

function table(id, headings, rows, choose) {
  const body = byId(id);
  if (!rows.length) {
    body.createCaption().textContent = "none";
    return;
  }
  const head = body.insertRow();
  for (const heading of headings) {
    const cell = document.createElement("th");
    cell.textContent = heading;
    head.append(cell);
  }
  rows.forEach((values, index) => {
    const row = body.insertRow();
    for (const value of values) row.insertCell().textContent = value;
    if (!choose) return;
    row.className = "go";
    row.tabIndex = 0;
    row.onclick = () => choose(index);
    row.onkeydown = (event) => {
      if (event.key == "Enter") choose(index);
    };
  });
}

function showHold(index) {
  const [, first, last] = DATA.longest[index];
  const around = (last - first) * 0.6 + 1e3;
  show(first - around, last + around);
  canvas.scrollIntoView({ block: "nearest" });
}

for (const id of ["title", "facts", "finding", "remedy"]) byId(id).textContent = DATA[id];
document.title = DATA.title;
// The legend explains only what occurs.
const occurs = (state) => DATA.threads.some((thread) => thread.lane.some((one) => one.shares[state]));
byId("yields").hidden = !occurs(YIELDED);
byId("blocks").hidden = !occurs(BLOCKED);
byId("drains").hidden = !occurs(DRAINS);
byId("works").hidden = !DATA.threads.some((thread) => thread.work.length);
byId("collects").hidden = !DATA.threads.some((thread) => thread.gc.length);
if (DATA.free) byId("runs").textContent = "attached";
byId("lost").hidden = DATA.threads.every((thread) => thread.known <= thread.started);
histogram("waits", DATA.waits, "var(--wait)");
histogram("holds", DATA.holds, "var(--hold)");
table(
  "longest",
  ["where", "thread", "longest", "holds"],
  DATA.longest.map(([thread, first, last, where, many]) => [
    where,
    DATA.threads[thread].name,
    duration(last - first),
    many,
  ]),
  showHold,
);
table(
  "sites",
  ["where", "attaches", "waited", "longest"],
  DATA.sites.map(([where, attaches, waited, longest]) => [
    where,
    attaches,
    duration(waited),
    duration(longest),
  ]),
);
table(
  "threads",
  ["thread", "attaches", "waiting", "attached", "longest wait", "longest hold"],
  DATA.threads.filter((thread) => !thread.worker).map((thread) => [
    thread.name,
    thread.attaches,
    percent(thread.waited),
    percent(thread.held),
    duration(thread.longestWait),
    duration(thread.longestHold),
  ]),
);
const workers = DATA.threads.filter((thread) => thread.worker);
byId("processes").hidden = !workers.length;
table(
  "workers",
  ["worker process", "process", "tasks", "longest task"],
  workers.map((worker) => [worker.name, worker.id, worker.tasks, duration(worker.longestTask)]),
);
for (const [time, text] of DATA.notes) {
  const note = document.createElement("details");
  const heading = document.createElement("summary");
  heading.textContent = "The watchdog's report, after " + duration(time);
  const words = document.createElement("pre");
  words.textContent = text;
  note.open = DATA.notes.length == 1;
  note.append(heading, words);
  byId("notes").append(note);
}
