// Uploads with progress, several at once, from the form or dropped anywhere on the page. Without
// this file the form sends the same files by itself.

const root = document.querySelector("[data-uploads]");
const rows = root.querySelector("[data-upload-list]");
const sample = root.querySelector("[data-upload-row]").content;
const form = document.querySelector("[data-upload-form]");

const AT_ONCE = 2;
const SPEED_OVER = 5000;
const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

const waiting = [];
const running = new Set();

function size(bytes) {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit && value < 100 ? value.toFixed(1) : Math.round(value)} ${UNITS[unit]}`;
}

function duration(seconds) {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  if (seconds < 3600) return `${Math.ceil(seconds / 60)} min`;
  return `${Math.floor(seconds / 3600)} h ${Math.ceil((seconds % 3600) / 60)} min`;
}

// One file on its way: its row, and the request that carries it.

class Upload {
  constructor(file, overwrite) {
    this.file = file;
    this.to = new URL(target(), window.location.href);
    if (overwrite) this.to.searchParams.set("overwrite", "true");
    this.marks = [];
    rows.append(sample.cloneNode(true));
    this.row = rows.lastElementChild;
    this.part("name").textContent = file.name;
    this.part("facts").textContent = size(file.size);
    this.part("cancel").addEventListener("click", () => this.cancel());
    this.part("replace").addEventListener("click", () => this.replace());
  }

  part(name) {
    return this.row.querySelector(`[data-${name}]`);
  }

  get bar() {
    return this.row.querySelector("progress");
  }

  start() {
    const body = new FormData();
    body.append("file", this.file);
    this.call = new XMLHttpRequest();
    this.call.upload.addEventListener("progress", (event) => this.show(event));
    this.call.upload.addEventListener("load", () => this.check());
    this.call.addEventListener("load", () => this.finish());
    this.call.addEventListener("error", () => this.end("The connection was lost.", "bad"));
    this.call.addEventListener("abort", () => this.end("Cancelled", "idle"));
    this.call.open("POST", this.to);
    this.call.setRequestHeader("X-CSRFToken", root.dataset.token);
    this.say("Uploading");
    this.call.send(body);
  }

  show({ loaded, total }) {
    const now = performance.now();
    this.marks = [...this.marks.filter(([at]) => at > now - SPEED_OVER), [now, loaded]];
    const [since, before] = this.marks[0];
    const speed = ((loaded - before) / Math.max(now - since, 1)) * 1000;
    const facts = [`${size(loaded)} of ${size(total)}`];
    if (speed > 0) {
      facts.push(`${(speed / 1e6).toFixed(speed < 1e7 ? 1 : 0)} MB/s`);
      facts.push(`about ${duration((total - loaded) / speed)} left`);
    }
    this.part("facts").textContent = facts.join(" · ");
    this.part("percent").textContent = `${Math.floor((loaded / total) * 100)} %`;
    this.bar.value = (loaded / total) * 100;
  }

  check() {
    this.part("facts").textContent = size(this.file.size);
    this.part("percent").textContent = "";
    this.bar.removeAttribute("value");
    this.part("cancel").hidden = true; // the server goes on without us now
    this.say(root.dataset.arrived);
  }

  finish() {
    const { status, responseText } = this.call;
    let answer = {};
    try {
      answer = JSON.parse(responseText);
    } catch {
      answer = { error: `The server answered with an error (${status}).` };
    }
    if (status >= 400) {
      this.part("replace").hidden = !answer.taken;
      this.end(answer.error, "bad");
      return;
    }
    this.end(this.told(answer, status === 201), "ok");
    bringUpToDate();
  }

  told({ filename }, isNew) {
    if (!filename) return "Uploaded";
    this.link(filename);
    return isNew ? `Checked and listed as ${filename}` : `Here already, as ${filename}`;
  }

  // The same file once more, in place of the one whose name it has.
  replace() {
    this.to.searchParams.set("overwrite", "true");
    const again = new Upload(this.file, true);
    again.to = this.to;
    this.row.remove();
    waiting.push(again);
    next();
  }

  link(filename) {
    const link = this.part("link");
    link.href = `${root.dataset.look}${encodeURIComponent(filename)}/`;
    link.hidden = false;
  }

  say(words) {
    this.part("words").textContent = words;
  }

  end(words, tone) {
    this.say(words);
    this.row.dataset.tone = tone;
    this.bar.remove();
    this.part("percent").textContent = "";
    this.part("cancel").remove();
    running.delete(this);
    next();
  }

  cancel() {
    const place = waiting.indexOf(this);
    if (place < 0) {
      this.call.abort();
    } else {
      waiting.splice(place, 1);
      this.end("Cancelled", "idle");
    }
  }
}

function next() {
  while (waiting.length && running.size < AT_ONCE) {
    const upload = waiting.shift();
    running.add(upload);
    upload.start();
  }
}

function take(files, overwrite = false) {
  waiting.push(...[...files].map((file) => new Upload(file, overwrite)));
  next();
}

// Where files go that are taken now: the page may have been led on to another folder.
function target() {
  return document.querySelector("[data-upload-to]")?.dataset.uploadTo ?? root.dataset.uploads;
}

// The list that they are in then, where it is on this page.
function bringUpToDate() {
  const list = root.dataset.refreshes;
  if (!document.querySelector(list)) return;
  window.htmx.ajax("GET", window.location.href, { target: list, swap: "outerMorph" });
}

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  event.stopImmediatePropagation();
  const { file, overwrite } = form.elements;
  take(file.files, overwrite?.checked);
  form.reset();
}, { capture: true });

function carriesFiles(event) {
  return [...(event.dataTransfer?.types ?? [])].includes("Files");
}

document.addEventListener("dragover", (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  document.documentElement.dataset.dropping = "";
});

document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) delete document.documentElement.dataset.dropping;
});

document.addEventListener("drop", (event) => {
  delete document.documentElement.dataset.dropping;
  if (!carriesFiles(event)) return;
  event.preventDefault();
  take(event.dataTransfer.files);
});

// What is on its way is lost with the page.
window.addEventListener("beforeunload", (event) => {
  if (running.size || waiting.length) event.preventDefault();
});
