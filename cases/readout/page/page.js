"use strict";
// Curve, slider and maps of a report. What it shows is in #data, made by report_curves.py.
const data = JSON.parse(document.getElementById("data").textContent);
const at = (id) => document.getElementById(id);
const LEFT = 72, RIGHT = 14, TOP = 12, BOTTOM = 46;
const PREFIXED = new Set(["V", "A", "W", "J", "s", "m", "C", "F", "H", "Hz", "ohm"]);
const PREFIX = { "-18": "a", "-15": "f", "-12": "p", "-9": "n", "-6": "µ", "-3": "m", 0: "", 3: "k", 6: "M", 9: "G", 12: "T" };
const DECADES = 12; // below the largest value of a logarithmic axis
const chosen = { curve: 0, row: 0, x: "", y: "", logx: false, logy: false };

function make(name, attributes, parent, text) {
  const svg = ["text", "path", "line", "circle", "g"].includes(name);
  const node = svg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== undefined) node.textContent = text;
  parent?.append(node);
  return node;
}

function split(column) {
  const found = /^(.*) \[(.*)\]$/.exec(column);
  const unit = found && found[2] !== "1" ? found[2] : "";
  return [found ? found[1] : column, unit === "ohm" ? "Ω" : unit, PREFIXED.has(found?.[2])];
}

function thousands(value) { // exponent of the prefix of a value
  const power = 3 * Math.floor(Math.log10(Math.abs(value) * 1.000001) / 3);
  return value && Number.isFinite(power) && PREFIX[power] !== undefined ? power : 0;
}

function written(value, digits = 4) {
  return value === null ? "–" : String(Number(value.toPrecision(digits))).replace("-", "−");
}

function shown(value, column, digits = 4) {
  const [, unit, prefixed] = split(column);
  if (value === null) return "–";
  const power = prefixed ? thousands(value) : 0;
  return written(value / 10 ** power, digits) + " " + PREFIX[power] + unit;
}

const values = (curve, column) => curve.data[curve.columns.indexOf(column)] ?? [];

// An axis of the plot: from a value to pixels, and its ticks.
function axis(column, log, from, to) {
  let all = data.curves.flatMap((curve) => values(curve, column)).filter((v) => v !== null);
  if (log) all = all.map(Math.abs).filter((v) => v > 0);
  let high = all.reduce((a, b) => Math.max(a, b), -Infinity);
  let low = all.reduce((a, b) => Math.min(a, b), Infinity);
  if (!all.length) [low, high] = log ? [1, 10] : [0, 1];
  const scale = log ? Math.log10 : (v) => v;
  if (log) low = Math.max(low, high / 10 ** DECADES);
  let [a, b] = [scale(low), scale(high)];
  const pad = 0.03 * (b - a) || (log ? 1 : Math.abs(b) || 1);
  [a, b] = [a - pad, b + pad];
  const place = (v) => v === null || (log && Math.abs(v) < low) ? null : from + ((to - from) * (scale(log ? Math.abs(v) : v) - a)) / (b - a);
  const [name, unit, prefixed] = split(column);
  const power = prefixed && !log ? thousands(Math.max(Math.abs(low), Math.abs(high))) : 0;
  const steps = [1, 2, 5, 10].map((n) => n * 10 ** Math.floor(Math.log10((b - a) / 6)));
  const step = log ? Math.max(1, Math.ceil((b - a) / 6)) : steps.find((s) => (b - a) / s <= 6.5);
  const ticks = [];
  for (let n = Math.ceil(a / step); n * step <= b; n++) {
    const value = log ? 10 ** (n * step) : n * step;
    ticks.push([place(value), log ? shown(value, column, 1) : written(value / 10 ** power)]);
  }
  const label = name + (unit && !(log && prefixed) ? " (" + PREFIX[power] + unit + ")" : "");
  return { place, ticks, label };
}

let axes, points; // of the present plot; points of the chosen curve in pixels

function draw() {
  const plot = at("plot"), [width, height] = [plot.clientWidth || 640, plot.clientHeight || 480];
  plot.setAttribute("viewBox", "0 0 " + width + " " + height);
  plot.replaceChildren();
  axes = [axis(chosen.x, chosen.logx, LEFT, width - RIGHT), axis(chosen.y, chosen.logy, height - BOTTOM, TOP)];
  for (const [x, text] of axes[0].ticks) {
    make("line", { x1: x, x2: x, y1: TOP, y2: height - BOTTOM, class: "grid" }, plot);
    make("text", { x, y: height - BOTTOM + 16, "text-anchor": "middle" }, plot, text);
  }
  for (const [y, text] of axes[1].ticks) {
    make("line", { x1: LEFT, x2: width - RIGHT, y1: y, y2: y, class: "grid" }, plot);
    make("text", { x: LEFT - 6, y: y + 4, "text-anchor": "end" }, plot, text);
  }
  make("path", { d: "M" + LEFT + " " + TOP + "V" + (height - BOTTOM) + "H" + (width - RIGHT), class: "axis", fill: "none" }, plot);
  make("text", { x: (LEFT + width) / 2, y: height - 8, "text-anchor": "middle" }, plot, axes[0].label);
  make("text", { transform: "translate(14 " + height / 2 + ") rotate(-90)", "text-anchor": "middle" }, plot, axes[1].label);
  data.curves.forEach((curve, number) => number !== chosen.curve && line(curve, "curve other"));
  points = line(data.curves[chosen.curve], "curve");
  for (const state of data.curves[chosen.curve].states) {
    const point = points[state.row];
    if (point) make("circle", { cx: point[0], cy: point[1], r: 4, class: "stop" }, plot);
  }
  make("circle", { r: 6, class: "here", id: "here" }, plot);
}

function line(curve, name) { // draws a curve, dotted where a source does not hold it
  const [x, y] = [values(curve, chosen.x), values(curve, chosen.y)];
  const held = values(curve, "stable");
  const found = x.map((v, i) => {
    const point = [axes[0].place(v), axes[1].place(y[i])];
    return point.includes(null) ? null : point;
  });
  const paths = ["", ""];
  found.forEach((point, i) => {
    const last = found[i - 1];
    if (!point || !last) return;
    paths[held.length && !(held[i] && held[i - 1]) ? 1 : 0] += "M" + last.map((v) => v.toFixed(1)) + "L" + point.map((v) => v.toFixed(1));
  });
  make("path", { d: paths[0], class: name }, at("plot"));
  if (paths[1]) make("path", { d: paths[1], class: name + " loose" }, at("plot"));
  return found;
}

// The stored state that is nearest on the way.
function nearest(curve) {
  return curve.states.reduce((best, state) => (best && Math.abs(best.row - chosen.row) <= Math.abs(state.row - chosen.row) ? best : state), null);
}

let map = ""; // levels of the present map, for the hint
const COLOURS = data.colours.map((colour) => [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16)));

function colour(state) {
  const canvas = at("map"), context = canvas.getContext("2d");
  [canvas.width, canvas.height] = state.size;
  map = atob(state.map);
  const pixels = context.createImageData(...state.size);
  for (let i = 0; i < map.length; i++) {
    const level = map.charCodeAt(i); // 0 is outside of the device
    if (level) pixels.data.set([...COLOURS[level - 1], 255], 4 * i);
  }
  context.putImageData(pixels, 0, 0);
}

function show() { // what belongs to the position of the slider
  const curve = data.curves[chosen.curve], point = points[chosen.row];
  at("slider").max = curve.data[0].length - 1;
  at("slider").value = chosen.row;
  at("here").setAttribute("visibility", point ? "visible" : "hidden");
  if (point) [at("here").cx.baseVal.value, at("here").cy.baseVal.value] = point;
  at("readout").replaceChildren();
  curve.columns.forEach((column, i) => {
    const entry = make("div", {}, at("readout"));
    make("dt", {}, entry, split(column)[0]);
    make("dd", {}, entry, shown(curve.data[i][chosen.row], column, 5));
  });
  const state = nearest(curve), here = state?.exact && state.row === chosen.row;
  at("fields").hidden = !state;

  [...at("stops").children].forEach((button, i) => button.classList.toggle("here", curve.states[i].row === chosen.row));
  if (!state) return;
  const [left, right, bottom, top] = state.box, ratio = (right - left) / (top - bottom);
  at("frame").style.aspectRatio = ratio;
  at("frame").style.maxWidth = "min(100%, " + 440 * ratio + "px)";
  at("caption").textContent = (here ? "" : "nearest stored state: ") + state.title + " · " + written(right - left) + " × " + written(top - bottom) + " " + curve.unit;
  const lines = at("lines");
  lines.setAttribute("viewBox", [left, -top, right - left, top - bottom].join(" "));
  lines.setAttribute("preserveAspectRatio", "none");
  lines.replaceChildren();
  make("path", { d: curve.edges[state.edges], transform: "scale(1 -1)" }, lines);
  if (curve.outlines.length)
    for (const side of [1, -1]) make("path", { d: curve.outlines[chosen.row], transform: "scale(" + side + " -1)", class: "outline" }, lines);
  colour(state);
}

function choose(number) {
  const curve = data.curves[number], middle = curve.states[curve.states.length >> 1];
  Object.assign(chosen, { curve: number, row: middle?.row ?? curve.data[0].length - 1 });
  at("stops").replaceChildren();
  for (const state of curve.states)
    make("button", { type: "button" }, at("stops"), state.title.split(/[:,]/)[0]).onclick = () => { chosen.row = state.row; show(); };
  draw();
  show();
}

function hint(event, text) {
  const box = at("hint");
  box.hidden = !text;
  box.textContent = text;
  box.style.top = event.clientY + 14 + "px";
  box.style.left = Math.min(event.clientX + 14, innerWidth - box.offsetWidth - 8) + "px";
}

function closest(event) { // row of the point of the chosen curve under the pointer
  const box = at("plot").createSVGPoint();
  [box.x, box.y] = [event.clientX, event.clientY];
  const { x, y } = box.matrixTransform(at("plot").getScreenCTM().inverse());
  let best = -1, distance = 30 ** 2;
  points.forEach((point, i) => {
    const far = point ? (point[0] - x) ** 2 + (point[1] - y) ** 2 : Infinity;
    if (far < distance) [best, distance] = [i, far];
  });
  return best;
}

function begin() {
  const first = data.curves[0], choice = at("choice");
  Object.assign(chosen, { x: first.x, y: first.y });
  const sizes = values(first, chosen.y).filter((v) => v > 0).sort((a, b) => a - b);
  chosen.logy = sizes.length > 9 && sizes[sizes.length - 1] > 1e5 * sizes[sizes.length >> 2];
  if (data.curves.length > 1) {
    const label = make("label", {}, choice, "point "), count = data.curves.length - 1;
    const slider = make("input", { type: "range", id: "point", min: 0, max: count, value: 0 }, label);
    const name = make("b", { id: "name" }, label, first.name);
    slider.oninput = () => { choose(Number(slider.value)); name.textContent = data.curves[chosen.curve].name; };
  }
  for (const key of ["x", "y"]) {
    const label = make("label", {}, choice, key), list = make("select", { id: key }, label);
    for (const column of first.columns) make("option", { value: column }, list, column);
    list.value = chosen[key];
    list.onchange = () => { chosen[key] = list.value; draw(); show(); };
    const log = make("label", {}, choice), box = make("input", { type: "checkbox", id: "log" + key }, log);
    log.append("log");
    box.checked = chosen["log" + key];
    box.onchange = () => { chosen["log" + key] = box.checked; draw(); show(); };
  }
  at("viewer").hidden = false;
  at("slider").oninput = (event) => { chosen.row = Number(event.target.value); show(); };
  at("plot").onpointermove = (event) => {
    const row = closest(event), curve = data.curves[chosen.curve];
    hint(event, row < 0 ? "" : [chosen.x, chosen.y].map((c) => split(c)[0] + " = " + shown(values(curve, c)[row], c)).join("\n"));
  };
  at("plot").onclick = (event) => { const row = closest(event); if (row >= 0) { chosen.row = row; show(); } };
  at("frame").onpointermove = (event) => {
    const canvas = at("map"), box = canvas.getBoundingClientRect();
    const [i, j] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    const level = map.charCodeAt(Math.floor(j * canvas.height) * canvas.width + Math.floor(i * canvas.width));
    hint(event, level ? shown(data.low + ((level - 1) / 254) * (data.high - data.low), data.field) : "");
  };
  at("plot").onpointerleave = at("frame").onpointerleave = (event) => hint(event, "");
  [at("low").textContent, at("high").textContent] = [shown(data.low, data.field), shown(data.high, data.field)];
  const context = at("scale").getContext("2d");
  data.colours.forEach((colour, i) => { context.fillStyle = colour; context.fillRect(i, 0, 1, 1); });
  choose(0);
  addEventListener("resize", () => { draw(); show(); });
}

if (data.curves.length) begin();
