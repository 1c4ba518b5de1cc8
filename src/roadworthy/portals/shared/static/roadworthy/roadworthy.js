// What HTMX does not do: theme, dialogs, copy, tips, digests of uploads. Everything here has a way
// without script; nothing writes a style, so the page's Content-Security-Policy stays strict.
(() => {
  "use strict";
  const root = document.documentElement;
  const closest = (event, selector) => event.target.closest?.(selector);

  const keepTheme = (theme) => {
    root.dataset.theme = theme;
    const secure = location.protocol === "https:" ? ";secure" : "";
    document.cookie = `theme=${theme};path=/;max-age=31536000;samesite=lax${secure}`;
  };

  const isDark = () =>
    root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;

  const copy = async (button) => {
    const text = document.getElementById(button.dataset.copy).textContent.replace(/^\$ /gm, "");
    try {
      await navigator.clipboard.writeText(text);
      button.querySelector("[data-word]").textContent = button.dataset.done;
    } catch {
      getSelection().selectAllChildren(document.getElementById(button.dataset.copy));
    }
  };

  document.addEventListener("click", (event) => {
    const theme = closest(event, "[data-theme-toggle]");
    if (theme) {
      event.preventDefault();
      keepTheme(isDark() ? "light" : "dark");
    }
    const opener = closest(event, "[data-dialog]");
    const dialog = opener && document.getElementById(opener.dataset.dialog);
    if (dialog?.showModal) {
      event.preventDefault(); // without script the link leads to a confirmation page
      dialog.showModal();
    }
    const closer = closest(event, "[data-close]");
    if (closer?.closest("dialog")) {
      event.preventDefault();
      closer.closest("dialog").close();
    }
    const copied = closest(event, "[data-copy]");
    if (copied) copy(copied);
    if (closest(event, "[data-print]")) {
      event.preventDefault();
      print();
    }
    const question = closest(event, "[data-unfold]");
    const folded = question && document.querySelector(question.getAttribute("href"))?.closest("details");
    if (folded) folded.open = true; // then the link leads there
    closest(event, "[data-dismiss]")?.closest(".toast").remove();
  });

  document.addEventListener("change", (event) => {
    const only = closest(event, "[data-only-changes]");
    if (only) only.closest(".card").classList.toggle("only-changes", only.checked);
    if (event.target.matches("[data-digest]")) digest(event.target);
    if (event.target.matches("[data-most]")) bound(event.target);
  });

  // WCAG 1.4.13: Escape hides a tip that hover or focus has opened, until the pointer or focus moves on.
  document.addEventListener("keydown", ({ key }) => key === "Escape" && root.classList.add("tips-off"));
  for (const name of ["pointerover", "focusin"]) {
    document.addEventListener(name, () => root.classList.remove("tips-off"));
  }

  // A file that the server would refuse need not travel there first.
  const bound = (input) => {
    const large = [...input.files].filter((file) => file.size > Number(input.dataset.most));
    input.parentElement.querySelector(".field__error")?.remove();
    if (!large.length) return;
    const line = document.createElement("p");
    line.className = "field__error";
    line.role = "alert";
    line.textContent = `${input.dataset.tooLarge} ${large.map((file) => file.name).join(", ")}`;
    input.before(line);
    input.value = "";
  };

  // The browser computes the digest too; the server compares it with what arrived.
  const digest = async (input) => {
    const list = document.getElementById(input.dataset.digest);
    const declared = document.getElementById(`${input.dataset.digest}-value`);
    const file = input.files[0];
    list.replaceChildren();
    declared.value = "";
    if (!file) return;
    const line = list.appendChild(document.createElement("li"));
    const name = line.appendChild(document.createElement("div"));
    name.append(file.name);
    if (!crypto.subtle || file.size > 512 * 2 ** 20) return; // too large for memory: the server's digest alone
    const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
    declared.value = [...sum].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    const code = name.appendChild(document.createElement("code"));
    code.textContent = `sha256:${declared.value}`;
  };

  // A month of days: one of them is a stop of the keyboard, arrows lead on. Without script its links are.
  const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };
  const DAYS = "#days"; // no element's name: a browser would take the focus there, that is away
  const TURNS = { PageUp: "prev", PageDown: "next" };

  const roving = (table) => {
    const days = [...table.querySelectorAll("td")];
    const go = (day) => {
      for (const one of days) one.tabIndex = one === day ? 0 : -1;
      return day;
    };
    const inside = days.filter((day) => !("outside" in day.dataset));
    const first = go(days.find((day) => day.ariaCurrent) || inside[0]);
    table.setAttribute("role", "grid");
    table.setAttribute("aria-describedby", table.dataset.days);
    if (location.hash === DAYS) first.focus();
    table.addEventListener("keydown", (event) => {
      const at = days.indexOf(event.target.closest("td"));
      if (at < 0 || event.altKey || event.ctrlKey || event.metaKey) return;
      const { key } = event;
      const week = at - (at % 7);
      const to = key in STEPS ? at + STEPS[key] : { Home: week, End: week + 6, Escape: at }[key];
      const turn = key in TURNS && table.closest(".card").querySelector(`a[rel=${TURNS[key]}]`);
      const link = key === "Enter" && event.target === days[at] && days[at].querySelector("a");
      if (!days[to] && !turn && !link) return;
      event.preventDefault();
      if (turn) location.assign(turn.href + DAYS);
      else (link || go(days[to])).focus();
    });
  };
  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-days]").forEach(roving));

  // A form that came back with mistakes: its summary takes the focus. A dialog with mistakes opens.
  const settle = (within) => {
    within.querySelector("[data-focus]")?.focus();
    const open = within.querySelector("dialog[data-open]");
    if (open && !open.open) open.showModal();
    within.querySelector(".nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  };
  document.addEventListener("DOMContentLoaded", () => settle(document));
  document.addEventListener("htmx:afterSwap", (event) => settle(event.target));

  // Do not swap a figure under a reader's open details or while the page is in the background.
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target.matches("[data-live]") && document.hidden) event.preventDefault();
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const kept = [...event.target.querySelectorAll("details[open][id]")].map((one) => one.id);
    document.addEventListener("htmx:afterSwap", () => {
      for (const id of kept) document.getElementById(id)?.setAttribute("open", "");
    }, { once: true });
  });
  document.addEventListener("htmx:responseError", (event) => {
    const line = document.getElementById("connection");
    if (line) line.textContent = line.dataset.lost;
  });
})();
