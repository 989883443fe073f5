/** What the page asks of the server, as whom. */

/** The key that was pasted: in the memory of this page, and nowhere else. */
let key = "";

export function useKey(value) {
    key = value.trim();
}

function options(more = {}) {
    const headers = { ...more.headers };
    if (key) {
        headers.Authorization = `Bearer ${key}`;
    }
    // The session's cookie may tell the database, also beside a key; it is the key that counts.
    return { ...more, headers, credentials: "same-origin", cache: "no-cache" };
}

/**
 * The OpenRPC document for this caller.
 *
 * @throws {Error} whose `status` is the one of HTTP
 */
export async function fetchDocument() {
    const response = await fetch("/jsonrpc/2/openrpc.json", options());
    if (!response.ok) {
        throw Object.assign(new Error(response.statusText), { status: response.status });
    }
    return response.json();
}

/**
 * Make a call.
 *
 * @returns {Promise<{answer: Object, status: number, milliseconds: number}>}
 */
export async function send(request) {
    const started = performance.now();
    const response = await fetch(
        "/jsonrpc/2/api",
        options({
            method: "POST",
            headers: { "Content-Type": "application/json" },
            body: JSON.stringify(request),
        })
    );
    const answer = await response.json();
    return { answer, status: response.status, milliseconds: Math.round(performance.now() - started) };
}
