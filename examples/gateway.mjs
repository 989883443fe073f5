/**
 * A client for the JSON-RPC gateway in one file: for browsers, and for Node.js 18 and later.
 *
 * Run it beside `python3 -m sandbox run` and it calls the sandbox; elsewhere, say where:
 *
 *     GATEWAY_URL=https://odoo.example.com GATEWAY_KEY=jrg_sk_... node examples/gateway.mjs
 */

/** A call that the server refused: `code` is a number, `data.type` a word for programs. */
export class RpcError extends Error {
    constructor({ code, message, data }) {
        super(`${message} (${code})`);
        this.code = code;
        this.data = data;
    }
}

/** The server did not answer: whether the call happened, nobody can tell. */
export class NoAnswer extends Error {
    data = { type: "no_answer" };
}

/** Of errors after which the same call, sent again, may work. */
const RETRIED = new Set(["conflict", "in_progress", "no_answer", "rate_limited", "unavailable"]);

/** Calls the methods of one Odoo database. */
export class Gateway {
    #endpoint;
    #headers;
    #lastId = 0;

    /**
     * @param {string} url where Odoo is, without a path
     * @param {string} key an API key of the gateway
     */
    constructor(url, key) {
        this.#endpoint = `${url}/jsonrpc/2/api`;
        this.#headers = { "Content-Type": "application/json", Authorization: `Bearer ${key}` };
    }

    /** Call one method by named params and return its result. */
    async call(method, params = {}) {
        return result(await this.#post(this.#request(method, params)));
    }

    /** Call one method that changes something: once, whatever happens on the way. */
    async write(method, params = {}) {
        const request = { ...this.#request(method, params), idempotency_key: newKey() };
        for (let attempt = 0; ; attempt++) {
            try {
                return result(await this.#post(request));
            } catch (error) {
                if (attempt === 7 || !RETRIED.has(error.data?.type)) {
                    throw error;
                }
                const wait = error.data.retry_after ?? 2 ** attempt;
                // Not all clients at the same moment.
                await new Promise((resolve) => setTimeout(resolve, wait * (1000 + 200 * Math.random())));
            }
        }
    }

    /** Call one method without waiting for what becomes of it. */
    async notify(method, params = {}) {
        await this.#post({ jsonrpc: "2.0", method, params });
    }

    /**
     * Make several calls in one request.
     *
     * @param {[string, object][]} calls pairs of a method's name and its params
     * @returns for each call, in order, its result or its RpcError
     */
    async batch(calls) {
        const requests = calls.map(([method, params]) => this.#request(method, params));
        const answers = await this.#post(requests);
        if (!Array.isArray(answers)) {
            return result(answers); // the whole batch was refused
        }
        const byId = new Map(answers.map((answer) => [answer.id, answer]));
        return requests.map(({ id }) => {
            const answer = byId.get(id);
            return "error" in answer ? new RpcError(answer.error) : answer.result;
        });
    }

    #request(method, params) {
        return { jsonrpc: "2.0", method, params, id: ++this.#lastId };
    }

    async #post(payload) {
        try {
            const response = await fetch(this.#endpoint, {
                method: "POST",
                headers: this.#headers,
                body: JSON.stringify(payload),
                signal: AbortSignal.timeout(30_000),
            });
            // 401, 413, 429 ... carry a JSON-RPC error too; notifications are answered by nothing.
            const text = await response.text();
            return text ? JSON.parse(text) : null;
        } catch (error) {
            // A connection that broke, or a proxy that answers in the server's place.
            throw new NoAnswer(String(error), { cause: error });
        }
    }
}

/** An idempotency key; randomUUID exists on pages with https only. */
function newKey() {
    return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function result(answer) {
    if ("error" in answer) {
        throw new RpcError(answer.error);
    }
    return answer.result;
}

/** What this file does when Node.js runs it. */
export async function main(url, key, print = console.log) {
    const odoo = new Gateway(url, key);
    print("I am", (await odoo.call("system.whoami")).user.name);

    const { partner_id } = await odoo.write("partner.create_simple", { name: "Grace Hopper" });
    print("Created", await odoo.call("partner.get_info", { partner_id }));

    try {
        await odoo.call("partner.get_info", { partner_id: 2_000_000_000 });
    } catch (error) {
        print("Refused:", error.message, error.data.type);
    }

    print("Batch:", await odoo.batch([["system.version", {}], ["system.echo", { value: "hello" }]]));
}

if (typeof process !== "undefined" && process.argv[1]?.endsWith("gateway.mjs")) {
    const { readFileSync } = await import("node:fs");
    const sandbox = new URL("../.sandbox/connection.json", import.meta.url);
    const found = process.env.GATEWAY_KEY ? {} : JSON.parse(readFileSync(sandbox, "utf8"));
    await main(process.env.GATEWAY_URL ?? found.url, process.env.GATEWAY_KEY ?? found.api_key);
}
