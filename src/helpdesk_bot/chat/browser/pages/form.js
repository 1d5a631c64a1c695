// A form that the server asks the visitor to fill in.

export class FormDialog {
  #dialog = document.getElementById("form");
  #form = document.getElementById("form-fields");
  #fields = document.getElementById("fields");
  #trouble = document.getElementById("form-trouble");
  #send = null;

  /** `send(form, values)` resolves when the server took it; a refusal stays on the form. */
  constructor() {
    document.getElementById("form-cancel").addEventListener("click", () => this.#dialog.close());
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
  }

  open(form, send) {
    this.#send = () => send(form, Object.fromEntries(new FormData(this.#form)));
    document.getElementById("form-title").textContent = form.title;
    document.getElementById("form-submit").textContent = form.submit_label;
    this.#fields.replaceChildren(...form.fields.map(drawField));
    this.#trouble.hidden = true;
    this.#dialog.showModal();
  }

  async #submit() {
    try {
      await this.#send();
      this.#dialog.close();
    } catch (refused) {
      this.#trouble.textContent = refused.message;
      this.#trouble.hidden = false;
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
