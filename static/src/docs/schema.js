/** JSON Schemas as people read them: a type in words, and a table of members. */

import { element, inline, word } from "./dom";

/**
 * What a reference of the document leads to.
 *
 * @param {Object} root the whole document
 * @param {Object|boolean} schema
 * @returns {{schema: Object, name: string}} and the name of the component, if it is one
 */
function resolved(root, schema) {
    let found = schema;
    let name = "";
    const single = found?.allOf?.length === 1 ? found.allOf[0] : null;
    if (single?.$ref) {
        const { allOf, ...siblings } = found;
        const inner = resolved(root, single);
        return { schema: { ...inner.schema, ...siblings }, name: inner.name };
    }
    for (let step = 0; found?.$ref?.startsWith("#/") && step < 16; step++) {
        const path = found.$ref.slice(2).split("/");
        name = path.at(-1);
        found = path.reduce(
            (node, token) => node?.[token.replaceAll("~1", "/").replaceAll("~0", "~")],
            root
        );
    }
    return { schema: found === true || !found ? {} : found, name };
}

/**
 * The type of a value in a few words.
 *
 * @returns {string}
 */
export function typeInWords(root, schema, depth = 0) {
    const { schema: found, name } = resolved(root, schema);
    const alternatives = found.anyOf || found.oneOf;
    if (name && (depth || found.properties)) {
        return name;
    }
    if (alternatives) {
        return [...new Set(alternatives.map((part) => typeInWords(root, part, depth + 1)))].join(" | ");
    }
    if (found.enum || "const" in found) {
        return (found.enum || [found.const]).map((value) => JSON.stringify(value)).join(" | ");
    }
    if (found.type === "array") {
        if (Array.isArray(found.items)) {
            return `[${found.items.map((item) => typeInWords(root, item, depth + 1)).join(", ")}]`;
        }
        return `${word("list")} ${typeInWords(root, found.items, depth + 1)}`;
    }
    if (found.type === "object" && found.additionalProperties?.type) {
        return `${word("mapping")} ${typeInWords(root, found.additionalProperties, depth + 1)}`;
    }
    if (Array.isArray(found.type)) {
        return found.type.join(" | ");
    }
    const type = found.type || word("any");
    return found.format ? `${type} (${found.format})` : type;
}

const LIMITS = {
    minimum: "≥",
    exclusiveMinimum: ">",
    maximum: "≤",
    exclusiveMaximum: "<",
    minLength: "length ≥",
    maxLength: "length ≤",
    minItems: "items ≥",
    maxItems: "items ≤",
    pattern: "matches",
};

/** What a schema demands beyond the type, in signs. */
function limitsInWords(schema) {
    const parts = Object.entries(LIMITS)
        .filter(([keyword]) => keyword in schema)
        .map(([keyword, sign]) => `${sign} ${schema[keyword]}`);
    if ("default" in schema) {
        parts.push(`${word("default")} ${JSON.stringify(schema.default)}`);
    }
    return parts.join(", ");
}

/** The objects that a value may be, or that a list of it holds. */
function objectsOf(root, schema, depth = 0) {
    const { schema: found } = resolved(root, schema);
    if (depth > 4) {
        return [];
    }
    if (found.properties) {
        return [found];
    }
    const parts = [...(found.anyOf || found.oneOf || []), ...(Array.isArray(found.items) ? [] : [found.items])];
    return parts.filter(Boolean).flatMap((part) => objectsOf(root, part, depth + 1));
}

/**
 * The rows that describe one value: what it is, and below, a click away, its members.
 *
 * @param {Object} root the whole document
 * @param {{name?: string, required?: boolean, description?: string, schema: Object}} described
 * @param {boolean} [isAnswer] then it is worth a word what may be missing, and not what is there
 * @returns {HTMLElement[]} of a table of three columns, or of two without a name
 */
export function rows(root, { name, required, description, schema }, isAnswer = false) {
    const { schema: found } = resolved(root, schema);
    const limits = limitsInWords(found);
    const about = element("td", {}, ...inline(description || found.description || ""));
    if (limits) {
        about.append(element("div", { class: "o_docs_limits" }, limits));
    }
    const cells = [element("td", { class: "o_docs_type" }, typeInWords(root, schema)), about];
    if (name !== undefined) {
        const title = element("td", {}, element("code", {}, name));
        if (required && !isAnswer) {
            title.append(element("small", { class: "o_docs_required" }, word("required")));
        } else if (!required && isAnswer) {
            title.append(element("small", { class: "o_docs_quiet" }, word("optional")));
        }
        cells.unshift(title);
    }
    const inside = objectsOf(root, schema).map((object) => members(root, object, isAnswer));
    const made = [element("tr", {}, ...cells)];
    if (inside.length) {
        made[0].className = "o_docs_opens";
        made.push(element("tr", {}, element("td", { colspan: String(cells.length) }, ...inside)));
    }
    return made;
}

/** The members of an object; made when they are opened, for they may hold themselves. */
function members(root, schema, isAnswer) {
    const names = Object.keys(schema.properties);
    const details = element("details", {}, element("summary", {}, `${word("members")} (${names.length})`));
    details.addEventListener(
        "toggle",
        () => {
            const made = names.flatMap((name) => {
                const required = (schema.required || []).includes(name);
                return rows(root, { name, required, schema: schema.properties[name] }, isAnswer);
            });
            details.append(element("table", { class: "o_docs_table" }, element("tbody", {}, ...made)));
        },
        { once: true }
    );
    return details;
}
