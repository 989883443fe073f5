/** The page: a list of methods, and the one that the address names after its #. */

import { fetchDocument, send, useKey } from "./client";
import { element, fromTemplate, inline, paragraphs, word } from "./dom";
import { rows } from "./schema";
import { LANGUAGES } from "./snippets";

const page = (selector) => document.querySelector(selector);
let root = null;
let language = "curl";

function errorRows(components) {
    return components.map(({ code, message, data }) =>
        element(
            "tr",
            {},
            element("td", { class: "o_docs_code" }, String(code)),
            element("td", { class: "o_docs_code" }, data.type),
            element("td", {}, ...inline(data.description || message))
        )
    );
}

function byNamespace(methods) {
    const groups = new Map();
    for (const method of methods) {
        const namespace = method.tags?.[0]?.name || "";
        groups.set(namespace, [...(groups.get(namespace) || []), method]);
    }
    return groups;
}

function link(method, text) {
    const anchor = element("a", { href: `#${method.name}` }, text);
    anchor.classList.toggle("o_docs_struck", Boolean(method.deprecated));
    return anchor;
}

function showList() {
    const sought = page(".o_docs_search").value.trim().toLowerCase();
    const fits = ({ name, summary }) => `${name} ${summary || ""}`.toLowerCase().includes(sought);
    const groups = [...byNamespace(root.methods.filter(fits))].map(([namespace, methods]) =>
        element(
            "section",
            {},
            element("h2", {}, namespace),
            ...methods.map((method) => {
                const anchor = link(method, method.name.slice(namespace.length + 1) || method.name);
                anchor.append(element("i", { class: `o_docs_dot o_docs_${method["x-access"]}`, title: method["x-access"] }));
                return anchor;
            })
        )
    );
    page(".o_docs_list").replaceChildren(...groups);
    page(".o_docs_none").hidden = groups.length > 0;
    markCurrent();
}

function markCurrent() {
    for (const anchor of document.querySelectorAll(".o_docs_list a")) {
        const isCurrent = anchor.hash === location.hash;
        anchor.toggleAttribute("aria-current", isCurrent);
        if (isCurrent) {
            anchor.scrollIntoView({ block: "nearest" });
        }
    }
}

function overview() {
    const namespaces = [...byNamespace(root.methods)].map(([namespace, methods]) => {
        const lines = methods.map((method) =>
            element(
                "tr",
                {},
                element("td", {}, link(method, method.name)),
                element("td", {}, ...inline(method.summary))
            )
        );
        const table = element("table", { class: "o_docs_table o_docs_methods" }, element("tbody", {}, ...lines));
        return element("section", {}, element("h2", {}, namespace), table);
    });
    const errors = Object.values(root.components.errors).sort((one, other) => other.code - one.code);
    return fromTemplate("overview", {
        title: root.info.title,
        description: paragraphs(root.info.description),
        server: root.servers[0].url,
        namespaces,
        errors: errorRows(errors),
    });
}

function methodView(method) {
    const sample = method.examples?.[0]?.params || [];
    const params = Object.fromEntries(sample.map(({ name, value }) => [name, value]));
    const errors = method.errors.map(({ $ref }) => root.components.errors[$ref.split("/").at(-1)]);
    const view = fromTemplate(
        "method",
        {
            name: method.name,
            summary: inline(method.summary),
            description: paragraphs(method.description),
            result: rows(root, { ...method.result, name: undefined }, true),
            errors: errorRows(errors),
        },
        {
            [method["x-access"]]: true,
            public: method["x-public"],
            deprecated: method.deprecated,
            params: method.params.length > 0,
            no_params: method.params.length === 0,
        }
    );
    view.querySelector('[data-slot="params"]')?.append(...method.params.flatMap((param) => rows(root, param)));
    const form = view.querySelector("form");
    form.querySelector("textarea").value = JSON.stringify(params, null, 2);
    const request = () => ({ jsonrpc: "2.0", id: 1, method: method.name, params: readParams(form) });
    const snippets = () => showSnippet(view, method, { ...request() });
    showTabs(view, snippets);
    snippets();
    form.addEventListener("input", () => {
        try {
            snippets();
            form.querySelector(".o_docs_invalid").hidden = true;
        } catch {
            // Half a text is no JSON yet; who presses "Send" is told.
        }
    });
    form.addEventListener("submit", (event) => {
        event.preventDefault();
        tryCall(view, form, request);
    });
    view.querySelector(".o_docs_copy").addEventListener("click", copySnippet);
    return view;
}

/** @throws {SyntaxError} what was typed is no JSON */
function readParams(form) {
    return JSON.parse(form.querySelector("textarea").value || "{}");
}

function showTabs(view, refresh) {
    const tabs = Object.keys(LANGUAGES).map((name) => {
        const tab = element("button", { type: "button", role: "tab" }, name);
        tab.setAttribute("aria-selected", String(name === language));
        tab.addEventListener("click", () => {
            language = name;
            tabs.forEach((other) => other.setAttribute("aria-selected", String(other === tab)));
            refresh();
        });
        return tab;
    });
    view.querySelector('[data-slot="tabs"]').replaceChildren(...tabs);
}

function showSnippet(view, method, request) {
    const text = LANGUAGES[language](root.servers[0].url, request, method["x-public"]);
    view.querySelector('[data-slot="snippet"]').textContent = text;
}

async function copySnippet(event) {
    const button = event.currentTarget;
    await navigator.clipboard.writeText(button.parentElement.querySelector("code").textContent);
    const text = button.textContent;
    button.textContent = button.dataset.done;
    setTimeout(() => (button.textContent = text), 1500);
}

async function tryCall(view, form, request) {
    const invalid = form.querySelector(".o_docs_invalid");
    const timing = form.querySelector('[data-slot="timing"]');
    const shown = view.querySelector('[data-slot="answer"]');
    const button = form.querySelector("[type=submit]");
    let payload;
    try {
        payload = request();
    } catch (error) {
        invalid.replaceChildren(invalid.firstChild, error.message);
        invalid.hidden = false;
        return;
    }
    button.disabled = true;
    try {
        const { answer, status, milliseconds } = await send(payload);
        timing.textContent = `HTTP ${status} · ${milliseconds} ms`;
        shown.hidden = false;
        shown.classList.toggle("o_docs_failure", "error" in answer);
        shown.querySelector("code").textContent = JSON.stringify(answer, null, 2);
    } catch {
        timing.textContent = word("unreachable");
    } finally {
        button.disabled = false;
    }
}

function show() {
    const name = decodeURIComponent(location.hash.slice(1));
    const method = root.methods.find((candidate) => candidate.name === name);
    problem(name && !method ? word("unknown") : "");
    page(".o_docs_main").replaceChildren(method ? methodView(method) : overview());
    document.title = method ? `${method.name} · ${root.info.title}` : root.info.title;
    window.scrollTo(0, 0);
    markCurrent();
}

function problem(text) {
    const notice = page(".o_docs_problem");
    notice.textContent = text;
    notice.hidden = !text;
}

async function load() {
    try {
        root = await fetchDocument();
    } catch (error) {
        problem(word(error.status === 401 ? "refused" : "failed"));
        return;
    }
    page('.o_docs_brand [data-slot="title"]').textContent = root.info.title;
    page('.o_docs_brand [data-slot="version"]').textContent = root.info.version;
    showList();
    show();
}

function changeKey(value) {
    useKey(value);
    page(".o_docs_key [type=reset]").hidden = !value;
    return load();
}

page(".o_docs_search").addEventListener("input", showList);
page(".o_docs_key").addEventListener("submit", (event) => {
    event.preventDefault();
    changeKey(page("#key").value);
});
page(".o_docs_key").addEventListener("reset", () => changeKey(""));
window.addEventListener("hashchange", () => root && show());
load();
