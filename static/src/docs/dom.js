/** Small helpers to build pages out of data that nobody vouches for: text stays text. */

/**
 * Make an element.
 *
 * @param {string} tag
 * @param {Object<string, string>} [attributes] never of a name that comes with the data
 * @param {...(Node|string)} children strings become text, never markup
 * @returns {HTMLElement}
 */
export function element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
        made.setAttribute(name, value);
    }
    made.append(...children);
    return made;
}

/**
 * A copy of a `<template>` of the page, with its slots filled in and its conditions applied.
 *
 * @param {string} id of the template
 * @param {Object<string, string|Node[]>} slots content by the name in `data-slot`
 * @param {Object<string, boolean>} [conditions] by the name in `data-if`: what is false goes
 * @returns {HTMLElement}
 */
export function fromTemplate(id, slots, conditions = {}) {
    const copy = document.getElementById(id).content.cloneNode(true).firstElementChild;
    for (const node of copy.querySelectorAll("[data-if]")) {
        if (!conditions[node.dataset.if]) {
            node.remove();
        }
    }
    for (const [name, content] of Object.entries(slots)) {
        const slot = copy.querySelector(`[data-slot="${name}"]`);
        slot.replaceChildren(...(Array.isArray(content) ? content : [content]));
    }
    return copy;
}

/** A word of the page in the user's language. */
export function word(name) {
    const words = document.getElementById("words").content;
    return words.querySelector(`[data-word="${name}"]`).textContent;
}

/**
 * The paragraphs of a text in the little Markdown that descriptions use.
 *
 * @param {string} text
 * @returns {HTMLElement[]}
 */
export function paragraphs(text) {
    return (text || "")
        .split(/\n{2,}/)
        .filter((part) => part.trim())
        .map((part) => element("p", {}, ...inline(part)));
}

/** The pieces of one paragraph: `code`, **strong**, and the rest. */
export function inline(text) {
    return (text || "").split(/(`[^`]+`|\*\*[^*]+\*\*)/).map((part) => {
        if (part.length > 2 && part.startsWith("`") && part.endsWith("`")) {
            return element("code", {}, part.slice(1, -1));
        }
        if (part.length > 4 && part.startsWith("**") && part.endsWith("**")) {
            return element("strong", {}, part.slice(2, -2));
        }
        return part;
    });
}
