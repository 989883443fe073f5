/** One call in the languages of its callers. The key is never in it, only where to put it. */

const VARIABLE = "JSONRPC_KEY";

/** Text for a POSIX shell, in quotes. */
function quoted(text) {
    return `'${text.replaceAll("'", "'\\''")}'`;
}

/** A JSON value as a literal of Python's. */
export function pythonLiteral(value, indent = "") {
    const deeper = `${indent}    `;
    if (value === null || value === true || value === false) {
        return { null: "None", true: "True", false: "False" }[value];
    }
    if (typeof value !== "object") {
        return JSON.stringify(value);
    }
    const [open, close] = Array.isArray(value) ? "[]" : "{}";
    const items = Array.isArray(value)
        ? value.map((item) => pythonLiteral(item, deeper))
        : Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${pythonLiteral(item, deeper)}`);
    if (!items.length) {
        return open + close;
    }
    return `${open}\n${items.map((item) => `${deeper}${item},`).join("\n")}\n${indent}${close}`;
}

function curl(url, request, isPublic) {
    return [
        `curl ${quoted(url)} \\`,
        ...(isPublic ? [] : [`  -H "Authorization: Bearer $${VARIABLE}" \\`]),
        "  -H 'Content-Type: application/json' \\",
        `  -d ${quoted(JSON.stringify(request, null, 2).replaceAll("\n", "\n  "))}`,
    ].join("\n");
}

function python(url, request, isPublic) {
    return [
        ...(isPublic ? [] : ["import os", ""]),
        "import requests",
        "",
        `request = ${pythonLiteral(request)}`,
        "response = requests.post(",
        `    ${JSON.stringify(url)},`,
        "    json=request,",
        ...(isPublic ? [] : [`    headers={"Authorization": "Bearer " + os.environ["${VARIABLE}"]},`]),
        "    timeout=30,",
        ")",
        "answer = response.json()",
        'if "error" in answer:',
        '    raise RuntimeError(answer["error"])',
        'print(answer["result"])',
    ].join("\n");
}

function javascript(url, request, isPublic) {
    return [
        `const response = await fetch(${JSON.stringify(url)}, {`,
        '    method: "POST",',
        "    headers: {",
        '        "Content-Type": "application/json",',
        ...(isPublic ? [] : [`        Authorization: \`Bearer \${process.env.${VARIABLE}}\`,`]),
        "    },",
        `    body: JSON.stringify(${JSON.stringify(request, null, 4).replaceAll("\n", "\n    ")}),`,
        "});",
        "const answer = await response.json();",
        "if (answer.error) {",
        "    throw new Error(JSON.stringify(answer.error));",
        "}",
        "console.log(answer.result);",
    ].join("\n");
}

export const LANGUAGES = { curl, Python: python, JavaScript: javascript };
