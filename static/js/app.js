// What the pages do beyond htmx. Every one of them works without this file.

const htmx = window.htmx;
const dialog = document.getElementById("dialog");
const dialogContent = document.getElementById("dialog-content");
const toasts = document.getElementById("toasts");
const question = document.getElementById("question");

// An error's answer brings its own toast in an <hx-partial>; nothing else of it belongs into the
// page. 422 is not here: it is a form that comes back with its errors, and takes its own place.
htmx.config.noSwap = [204, 304, 400, 401, 403, 404, 405, 409, 413, 415, 429, "5xx"];

// Toasts

const STAYS_FOR = 6000;

function toast(tone, text) {
  const shown = [...toasts.querySelectorAll("[data-text]")].map((node) => node.textContent);
  if (shown.includes(text)) return;
  const copy = document.getElementById(`toast-${tone}`).content.cloneNode(true);
  copy.querySelector("[data-text]").textContent = text;
  toasts.append(copy);
  expire(toasts.lastElementChild);
}

// Good news leaves by itself, but not from under the pointer or the focus. Errors stay.
function expire(node) {
  if (!node.matches(".ok, .info")) return;
  let timer;
  const start = () => { timer = setTimeout(() => node.remove(), STAYS_FOR); };
  const stop = () => clearTimeout(timer);
  node.addEventListener("pointerenter", stop);
  node.addEventListener("pointerleave", start);
  node.addEventListener("focusin", stop);
  node.addEventListener("focusout", start);
  start();
}

htmx.onLoad((root) => {
  if (root.matches(".toast")) expire(root);
  root.querySelectorAll(".toasts > .toast").forEach(expire);
});

document.addEventListener("click", (event) => {
  event.target.closest("[data-dismiss]")?.closest(".toast, .note").remove();
});

// Answers that bring no words of their own

const SENTENCES = {
  403: "You may not do this.",
  404: "This is not there any more. Reload the page to see what is.",
  429: "Too many requests. Wait a little and try again.",
};

document.addEventListener("htmx:response:error", ({ detail: { ctx } }) => {
  const status = ctx.response.status;
  if (status === 422 || ctx.text.includes("<hx-partial")) return;
  toast("bad", SENTENCES[status] ?? `The server answered with an error (${status}). Try again.`);
});

document.addEventListener("htmx:error", ({ detail: { ctx } }) => {
  if (ctx?.request) toast("bad", "Container Monkey does not answer. Is it still running?");
});

// A hidden tab does not poll.
document.addEventListener("htmx:config:request", (event) => {
  const isPoll = event.detail.ctx.sourceEvent?.type === "every";
  if (isPoll && document.hidden) event.preventDefault();
});

// A part that brings itself up to date waits for the answer under way, which may be of before the
// change. By its turn it may show something else: what was typed into a search came first.
document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  const here = ctx.sourceElement.dataset.hxGet;
  if (here && "X-Refresh" in ctx.request.headers) ctx.request.action = here;
});

// A frame of the socket may name an event besides its content; what is to follow it says so
// by data-hx-trigger="<event> from:body".
document.addEventListener("htmx:ws:after:message:incoming", async ({ detail: { message } }) => {
  const text = await message.text();
  if (!text.startsWith("{")) return;
  const { event } = JSON.parse(text);
  if (event) htmx.trigger(document.body, event);
});

// While the Engine is away, what is shown stays: it is asked after beside the page.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-again]");
  if (!link) return;
  event.preventDefault();
  link.setAttribute("aria-busy", "true");
  htmx.trigger(link.closest(".engine-state"), "again");
});

// Pressed buttons are off while they work

function setBusy(button) {
  button.dataset.hadFocus = String(button === document.activeElement);
  button.disabled = true;
  button.setAttribute("aria-busy", "true");
}

function setReady(button) {
  button.disabled = false;
  button.removeAttribute("aria-busy");
  if (button.dataset.hadFocus === "true" && document.activeElement === document.body) button.focus();
  delete button.dataset.hadFocus;
}

function pressed(ctx) {
  const button = ctx.request.submitter ?? ctx.sourceElement;
  return button instanceof HTMLButtonElement ? button : null;
}

document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  const button = pressed(ctx);
  if (button) setBusy(button);
});

document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  const button = pressed(ctx);
  const leavesPage = ctx.hx?.redirect || ctx.hx?.refresh;
  if (button && !leavesPage) setReady(button);
});

document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (event.defaultPrevented || !button || event.target.matches('[method="dialog"], [data-stays]')) return;
  // The browser collects the form after this event; a button that is off would be left out.
  setTimeout(() => setBusy(button));
});

window.addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("button[aria-busy]").forEach(setReady);
});

// Dialogs: a link with data-dialog opens its page in one

// The server asks for the dialog by name, to end it with a redirect of the page.
function intoDialog(method, url, options) {
  const headers = { "HX-Target": "dialog#dialog" };
  return htmx.ajax(method, url, { target: "#dialog-content", swap: "innerHTML", headers, ...options });
}

function showDialog() {
  if (!dialogContent.childElementCount || dialog.open) return;
  // What is outside of an open dialog can be neither read aloud nor pressed.
  dialog.append(toasts);
  dialog.showModal();
}

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-dialog][href]");
  const opensElsewhere = event.button || event.ctrlKey || event.metaKey || event.shiftKey;
  if (!link || opensElsewhere) return;
  event.preventDefault();
  await intoDialog("GET", link.href, { source: link });
  showDialog();
});

// A button with data-dialog: what its form answers is a question, which opens in one.
document.addEventListener("submit", async (event) => {
  const { target: form, submitter } = event;
  if (!submitter?.matches("button[data-dialog]")) return;
  event.preventDefault();
  await intoDialog("POST", form.getAttribute("action"), { source: form, event });
  showDialog();
});

dialog?.addEventListener("click", (event) => {
  const closes = event.target === dialog || event.target.closest("[data-close]");
  if (!closes) return;
  event.preventDefault();
  dialog.close();
});

const placeOfToasts = toasts?.nextElementSibling;

dialog?.addEventListener("close", () => {
  dialogContent.replaceChildren();
  placeOfToasts.before(toasts);
});

dialog?.addEventListener("submit", (event) => {
  const form = event.target;
  event.preventDefault();
  const action = event.submitter?.getAttribute("formaction") ?? form.getAttribute("action");
  intoDialog("POST", action, { source: form, event });
});

// A question before a form is sent: data-confirm on the form or on one of its buttons

let answered = null;

document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  const text = submitter?.dataset.confirm ?? form.dataset.confirm;
  if (!text || answered === form) {
    answered = null;
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  question.querySelector("[data-question]").textContent = text;
  question.returnValue = "";
  question.addEventListener("close", () => {
    if (question.returnValue !== "yes") return;
    answered = form;
    form.requestSubmit(submitter);
  }, { once: true });
  question.showModal();
}, { capture: true });

// Copying

async function copy(text) {
  if (window.isSecureContext) {
    await navigator.clipboard.writeText(text);
    return;
  }
  // Over plain HTTP browsers have only the old way.
  const area = document.createElement("textarea");
  area.value = text;
  (dialog?.open ? dialog : document.body).append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-copy-from]");
  if (!button) return;
  const { copy: text, copyFrom: place } = button.dataset;
  await copy(text ?? document.querySelector(place).textContent);
  button.focus();
  toast("ok", "Copied");
});

// Tables: the box in the head picks every row shown; the bar offers what makes sense for the picked

function showPicked(scope) {
  const all = scope.querySelector("[data-pick-all]");
  const rows = [...scope.querySelectorAll("tbody .pick input")];
  const picked = rows.filter((row) => row.checked);
  if (all) {
    all.checked = picked.length > 0 && picked.length === rows.length;
    all.indeterminate = picked.length > 0 && picked.length < rows.length;
  }
  const states = new Set(picked.map((row) => row.dataset.state));
  scope.querySelectorAll(".bulk [data-states]").forEach((button) => {
    button.hidden = !button.dataset.states.split(" ").some((state) => states.has(state));
  });
}

document.addEventListener("change", (event) => {
  const scope = event.target.closest(".bulk-scope");
  if (!scope) return;
  if (event.target.matches("[data-pick-all]")) {
    scope.querySelectorAll("tbody .pick input").forEach((row) => { row.checked = event.target.checked; });
  }
  showPicked(scope);
});

// What was picked is still picked when its row has been brought up to date.
document.addEventListener("htmx:after:swap", () => {
  document.querySelectorAll(".bulk-scope").forEach(showPicked);
});

// The account's menu closes as menus do.
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && event.target.closest(".me[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

// A strip of tabs that is wider than the screen begins where the current one is.
htmx.onLoad((root) => {
  root.querySelectorAll(".seg > [aria-current]").forEach((tab) => {
    const strip = tab.parentElement;
    const [of, at] = [strip.getBoundingClientRect(), tab.getBoundingClientRect()];
    if (at.left < of.left || at.right > of.right) strip.scrollLeft += at.right - of.right;
  });
});

// Theme

document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-theme-form]");
  if (!form) return;
  event.preventDefault();
  const { value } = event.submitter;
  document.documentElement.dataset.theme = value;
  document.querySelectorAll("[data-theme-form] button").forEach((button) => {
    button.setAttribute("aria-pressed", String(button.value === value));
  });
  const body = new FormData(form, event.submitter);
  fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true" } });
}, { capture: true });

// htmx may have looked at the page before its socket extension was there to look along.
htmx.process(document.body);
