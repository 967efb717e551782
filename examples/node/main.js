// Calls Python from Node.js; the event loop goes on meanwhile.
"use strict";

const python = require("./build/addon.node");

async function main() {
  const sqrt = python.find("math", "sqrt");
  const words = python.find("textwrap", "wrap");
  const sleep = python.find("time", "sleep");

  const busy = sleep(0.1).then(() => console.log("Python slept"));
  setImmediate(() => console.log("the event loop ran"));
  await busy;

  console.log(await Promise.all([1, 4, 9, 16].map((x) => sqrt(x))));
  console.log(await words("native threads call Python", 15));
  await sqrt(-1).catch((error) => console.log(`exception ${error.code}: ${error.message}`));

  python.end();
  await sqrt(1).catch((error) => console.log(`late: ${error.code}`));
}

main();
