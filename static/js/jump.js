// The field of the top bar: what is found is shown below it, and the arrows go through it. The
// focus stays in the field, and a second Escape gives it back; without what is chosen here, Enter
// leads to the page of what is found.

const field = document.querySelector("[data-jump]");
const hits = document.getElementById("jump-hits");
let before; // what had the focus when the keys asked for the field

function options() {
  return [...hits.querySelectorAll("[role=option]")];
}

function choose(option) {
  for (const each of options()) each.setAttribute("aria-selected", String(each === option));
  if (option) field.setAttribute("aria-activedescendant", option.id);
  else field.removeAttribute("aria-activedescendant");
  option?.scrollIntoView({ block: "nearest" });
}

function chosen() {
  return hits.querySelector("[aria-selected=true]");
}

function show(visible) {
  hits.hidden = !visible;
  field.setAttribute("aria-expanded", String(visible));
  if (!visible) choose(null);
}

function go(steps) {
  const found = options();
  const from = found.indexOf(chosen());
  const start = from < 0 && steps < 0 ? 0 : from;
  choose(found[(start + steps + found.length) % found.length]);
}

function leave() {
  field.value = "";
  hits.replaceChildren();
  before.focus();
}

function press(event) {
  if (event.key === "Escape" && !hits.hidden) show(false);
  else if (event.key === "Escape" && before?.isConnected) leave();
  else if (event.key === "ArrowDown" && !hits.hidden && options().length) go(1);
  else if (event.key === "ArrowUp" && !hits.hidden && options().length) go(-1);
  else if (event.key === "Enter" && chosen()) chosen().click();
  else return;
  event.preventDefault();
}

if (field) {
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  show(false);
  field.addEventListener("keydown", press);
  field.addEventListener("focus", () => show(hits.childElementCount > 0));
  field.addEventListener("htmx:after:swap", () => {
    choose(null); // what was chosen is there no more
    if (field === document.activeElement) show(hits.childElementCount > 0);
  });
  field.form.addEventListener("focusout", ({ relatedTarget }) => {
    if (!field.form.contains(relatedTarget)) show(false);
  });
  // A press beside the field takes the focus away before it is a click on what was found.
  hits.addEventListener("pointerdown", (event) => event.preventDefault());
  document.addEventListener("keydown", (event) => {
    if (event.key !== "k" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    if (document.activeElement !== field) before = document.activeElement;
    field.focus();
    field.select();
  });
}
