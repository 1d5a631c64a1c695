// The source panel: beside the conversation where there is room, a sheet over it on a phone.

import { describe } from "./exchanges.js";

const ROOMY = matchMedia("(min-width: 1080px)");

export class PassagePanel {
  #dialog = document.getElementById("passage");
  #read;
  #opener = null;
  #wanted = 0;

  /** `read` gets a passage by its chunk id. */
  constructor(read) {
    this.#read = read;
    part("close").addEventListener("click", () => this.close());
    this.#dialog.addEventListener("close", () => this.#giveBackFocus());
    this.#dialog.addEventListener("click", (event) => {
      if (event.target === this.#dialog) this.close(); // outside the sheet, on what it dims
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.#dialog.open) this.close();
    });
    ROOMY.addEventListener("change", () => this.close());
  }

  async open(source, opener) {
    const turn = ++this.#wanted;
    this.#mark(opener);
    this.#announce(source);
    this.#show();
    if (source.chunk_id < 0) return this.#tellOfTool(source);
    try {
      const passage = await this.#read(source.chunk_id);
      if (turn === this.#wanted) this.#fill(passage);
    } catch (refused) {
      if (turn === this.#wanted) this.#fail(refused);
    }
  }

  close() {
    this.#wanted += 1;
    if (this.#dialog.open) this.#dialog.close();
  }

  #show() {
    if (!this.#dialog.open) {
      if (ROOMY.matches) this.#dialog.show();
      else this.#dialog.showModal();
    }
    document.body.classList.add("has-passage");
    part("close").focus({ preventScroll: true });
  }

  #announce(source) {
    part("number").textContent = source.number;
    part("title").textContent = source.title;
    part("trail").replaceChildren(...trail(source.heading_path));
    part("facts").replaceChildren(...describe(source, { withTrail: false }));
    part("text").replaceChildren();
    part("text").classList.add("loading");
    part("text").classList.remove("missing");
    part("actions").hidden = true;
  }

  #fill(passage) {
    part("title").textContent = passage.title;
    part("trail").replaceChildren(...trail(passage.heading_path));
    part("facts").replaceChildren(...describe(passage, { withTrail: false }));
    part("text").classList.remove("loading");
    part("text").innerHTML = passage.html; // made on the server from a closed list of elements
    this.#link(passage.url);
  }

  /** No row holds what a tool said: what of it matters stands in the answer. */
  #tellOfTool(source) {
    part("text").classList.remove("loading");
    part("text").textContent = "This was looked up in another system for this answer. It is no page of the knowledge base.";
    this.#link(source.url);
  }

  #link(url) {
    part("actions").hidden = !isWebAddress(url);
    if (isWebAddress(url)) part("original").href = url;
  }

  #fail(refused) {
    part("text").classList.remove("loading");
    part("text").classList.add("missing");
    part("text").textContent = refused.message;
  }

  #mark(opener) {
    this.#opener?.removeAttribute("aria-expanded");
    this.#opener = opener;
    opener.setAttribute("aria-expanded", "true");
  }

  #giveBackFocus() {
    document.body.classList.remove("has-passage");
    this.#opener?.removeAttribute("aria-expanded");
    this.#opener?.focus({ preventScroll: true });
    this.#opener = null;
  }
}

function part(name) {
  return document.getElementById(`passage-${name}`);
}

function trail(headings) {
  return headings.map((heading) => {
    const step = document.createElement("bdi");
    step.textContent = heading;
    return step;
  });
}

function isWebAddress(url) {
  return /^https?:\/\//i.test(url ?? "");
}
