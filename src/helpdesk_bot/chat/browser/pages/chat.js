// The page: a composer, a conversation with the server, and what is shown of it.

import { Composer, MAX_CHARACTERS } from "./composer.js";
import { Conversation, listSuggestions } from "./conversation.js";
import { EarlierDialog } from "./earlier.js";
import { Exchanges, showVote } from "./exchanges.js";
import { FormDialog } from "./form.js";
import { PassagePanel } from "./passage.js";

const LOST_AFTER_MS = 1_500;
const TITLE = document.title;
const STILL = matchMedia("(prefers-reduced-motion: reduce)");

const list = document.getElementById("exchanges");
const log = document.getElementById("log");
const welcome = document.getElementById("welcome");
const newButton = document.getElementById("new-conversation");
const earlierButton = document.getElementById("earlier-conversations");
const connection = document.getElementById("connection");

const conversation = new Conversation({ message, progress: (step) => exchanges.progress(step), ready, connected, changed });
const panel = new PassagePanel((chunkId) => conversation.passage(chunkId));
const formDialog = new FormDialog();
const earlier = new EarlierDialog(turnTo);
const composer = new Composer((text) => ask(text));
const exchanges = new Exchanges(list, {
  retry: send,
  askAgain: (exchange) => ask(exchange.text),
  openSource: (source, opener) => panel.open(source, opener),
  vote,
  press,
  edit: editQuestion,
  takeBack,
});
let isReady = false;
let lost = null;

function ask(text) {
  const exchange = exchanges.ask(newId(), text);
  refresh();
  bringIntoView(exchange.node);
  send(exchange);
}

async function send(exchange) {
  exchange.wait();
  try {
    await conversation.ask(exchange.clientId, exchange.text);
  } catch (refused) {
    exchange.unsent(refused.message);
  }
}

async function vote(reply, messageId, value) {
  const before = Number(reply.querySelector('.vote[aria-pressed="true"]')?.dataset.value ?? 0);
  showVote(reply, value);
  try {
    follow(reply, await conversation.vote(messageId, value));
  } catch (refused) {
    showVote(reply, before);
    reply.querySelector(".votes-text").textContent = refused.message;
  }
}

async function press(node, messageId, button) {
  const pressId = newId();
  const send = () => conversation.press(messageId, button, pressId);
  const confirmation = { title: button.confirm, submit_label: button.label, fields: [] };
  if (button.confirm) return formDialog.open(confirmation, send, (said) => follow(node, said));
  try {
    follow(node, await send());
  } catch (refused) {
    exchanges.whisper(node, refused.message);
  }
}

/** What a press, a vote or a form led to: a form to fill in, or a word for this visitor. */
function follow(node, { form, notice }) {
  if (notice) exchanges.whisper(node, notice, { isHtml: true });
  if (!form) return;
  const pressId = newId();
  formDialog.open(form, (fields) => conversation.fillIn(form, fields, pressId), (said) => follow(node, said));
}

function editQuestion(exchange) {
  const field = { name: "text", label: "Your question", kind: "text", value: exchange.text, is_required: true, max_chars: MAX_CHARACTERS };
  formDialog.open({ title: "Change your question", submit_label: "Ask this instead", fields: [field] }, async ({ text }) => {
    if (text.trim() && text.trim() !== exchange.text) await conversation.edit(exchange.clientId, text);
  });
}

function takeBack(exchange) {
  const form = { title: "Delete this question and its answer?", submit_label: "Delete", fields: [] };
  formDialog.open(form, () => conversation.takeBack(exchange.clientId));
}

function message(told) {
  if (told.kind === "question") exchanges.question(told);
  else if (told.kind === "question_edit") exchanges.questionEdit(told, { isLive: isReady });
  else if (told.kind === "deletion") exchanges.deletion(told);
  else if (told.kind === "vote") exchanges.vote(told);
  else if (told.kind === "notice") exchanges.notice(told);
  else if (told.kind === "edit") exchanges.edit(told);
  else if (told.kind === "withdrawal") exchanges.withdrawal(told);
  else if (told.kind === "reply") {
    const exchange = exchanges.reply(told);
    if (isReady && exchange) bringIntoView(exchange.node);
    if (isReady && document.hidden) document.title = `Answered: ${TITLE}`;
  }
  refresh();
}

/** The page has all that was said. A question still open is sent again: the server knows it by its id. */
function ready() {
  for (const exchange of exchanges.unanswered) send(exchange);
  if (isReady) return;
  isReady = true;
  log.setAttribute("aria-busy", "false");
  list.lastElementChild?.scrollIntoView({ block: "start", behavior: "instant" });
  refresh();
}

function changed() {
  isReady = false;
  panel.close();
  exchanges.clear();
  log.setAttribute("aria-busy", "true");
}

function connected(isConnected) {
  clearTimeout(lost);
  if (isConnected) connection.hidden = true;
  else lost = setTimeout(() => showConnection("Connection lost. Reconnecting…"), LOST_AFTER_MS);
}

function showConnection(text) {
  connection.textContent = text;
  connection.hidden = false;
}

function refresh() {
  welcome.hidden = !isReady || !exchanges.isEmpty;
  newButton.hidden = exchanges.isEmpty;
  earlierButton.hidden = conversation.others.length === 0;
}

function bringIntoView(node) {
  node.scrollIntoView({ block: "start", behavior: STILL.matches ? "instant" : "smooth" });
}

function newId() {
  return crypto.randomUUID?.() ?? randomId();
}

/** A random UUID for pages that came over plain HTTP, where browsers leave `randomUUID` out (RFC 9562, version 4). */
function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

async function showSuggestions() {
  const buttons = (await listSuggestions()).map((text) => {
    const entry = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "suggestion";
    button.textContent = text;
    button.addEventListener("click", () => ask(text));
    entry.append(button);
    return entry;
  });
  document.getElementById("suggestions").replaceChildren(...buttons);
}

async function start() {
  try {
    await conversation.open(history.state?.conversation);
    history.replaceState({ conversation: conversation.id }, "");
  } catch (refused) {
    showConnection(`${refused.message} Trying again…`);
    setTimeout(start, LOST_AFTER_MS * 2);
  }
}

/** Another conversation, or a new one; Back leads to the one before. */
async function turnTo(id) {
  try {
    await conversation.turnTo(id);
    history.pushState({ conversation: conversation.id }, "");
    composer.focus();
  } catch (refused) {
    showConnection(refused.message);
  }
}

/** The stream may have outlived a short loss, and then does not tell that the network is back. */
addEventListener("online", () => exchanges.unanswered.forEach(send));
newButton.addEventListener("click", () => turnTo());
earlierButton.addEventListener("click", () => earlier.open(conversation.list()));
addEventListener("popstate", ({ state }) => {
  if (state?.conversation) conversation.turnTo(state.conversation).catch((refused) => showConnection(refused.message));
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) document.title = TITLE;
  if (!document.hidden) conversation.wake();
  else if (exchanges.unanswered.length === 0) conversation.rest();
});

showSuggestions().catch(() => {}); // the page works without them
start();
if (matchMedia("(hover: hover)").matches) composer.focus(); // a phone's keyboard would hide the page
