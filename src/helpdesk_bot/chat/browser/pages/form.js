// A form that the server asks the visitor to fill in.

export class FormDialog {
  #dialog = document.getElementById("form");
  #form = document.getElementById("form-fields");
  #fields = document.getElementById("fields");
  #trouble = document.getElementById("form-trouble");
  #submitButton = document.getElementById("form-submit");
  #send = null;
  #taken = null;

  constructor() {
    document.getElementById("form-cancel").addEventListener("click", () => this.#dialog.close());
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
  }

  /** `send(values)` resolves when the server took it, and `taken` gets what it said; a refusal stays on the form. */
  open(form, send, taken = () => {}) {
    this.#send = () => send(Object.fromEntries(new FormData(this.#form)));
    this.#taken = taken;
    document.getElementById("form-title").textContent = form.title;
    this.#submitButton.textContent = form.submit_label;
    this.#fields.replaceChildren(...form.fields.map(drawField));
    this.#trouble.hidden = true;
    this.#submitButton.disabled = false;
    this.#dialog.showModal();
  }

  async #submit() {
    this.#submitButton.disabled = true;
    try {
      const said = await this.#send();
      this.#dialog.close();
      this.#taken(said);
    } catch (refused) {
      this.#trouble.textContent = refused.message;
      this.#trouble.hidden = false;
      this.#submitButton.disabled = false;
    }
  }
}

function drawField(field) {
  const label = document.createElement("label");
  label.className = "field";
  const name = document.createElement("span");
  name.textContent = field.is_required ? field.label : `${field.label} (optional)`;
  const input = drawInput(field);
  input.name = field.name;
  input.required = field.is_required;
  input.value = field.value;
  label.append(name, input);
  if (field.hint) {
    const hint = document.createElement("small");
    hint.textContent = field.hint;
    label.append(hint);
  }
  return label;
}

function drawInput(field) {
  if (field.kind === "choice") {
    const select = document.createElement("select");
    const none = field.value ? [] : [new Option("Choose…", "")];
    select.append(...none, ...field.choices.map((choice) => new Option(choice.label, choice.value)));
    return select;
  }
  const input = document.createElement(field.kind === "text" ? "textarea" : "input");
  if (field.kind === "date") input.type = "date";
  input.maxLength = field.max_chars;
  return input;
}
