import { registry } from "@web/core/registry";

/**
 * Ask the gateway who holds the token: `{status, body}`.
 *
 * Odoo's test server wants its cookie, and so gets the session's too; a token wins over it.
 */
async function whoami(token) {
    const response = await fetch("/jsonrpc/2/api", {
        method: "POST",
        headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` },
        body: JSON.stringify({ jsonrpc: "2.0", method: "system.whoami", id: 1 }),
    });
    return { status: response.status, body: await response.json() };
}

function check(condition, message) {
    if (!condition) {
        throw new Error(message);
    }
}

let token;

/**
 * A user issues a key, calls the gateway with it, and revokes it.
 */
registry.category("web_tour.tours").add("jsonrpc_key_tour", {
    url: "/odoo/jsonrpc-keys",
    steps: () => [
        {
            content: "The empty list says what to do",
            trigger: ".o_view_nocontent:contains('Press Issue a key')",
        },
        {
            trigger: ".o_control_panel button:contains('Issue a key')",
            run: "click",
        },
        {
            content: "Say what the key is for",
            trigger: ".modal .o_field_widget[name=name] input",
            run: "edit Web shop",
        },
        {
            content: "A user's key acts as that user",
            trigger: ".modal .o_field_widget[name=user_id]:contains('key.user')",
        },
        {
            trigger: ".modal .o_field_widget[name=access] label:contains('Read and write')",
            run: "click",
        },
        {
            trigger: ".modal button[name=action_issue]",
            run: "click",
        },
        {
            content: "Odoo asks for the password",
            trigger: ".modal .o_field_widget[name=password] input",
            run: "edit key.user",
        },
        {
            trigger: ".modal button[name=run_check]",
            run: "click",
        },
        {
            content: "The curl line carries the token",
            trigger: ".modal .o_field_widget[name=curl]:contains('Authorization: Bearer jrg_sk_')",
        },
        {
            trigger: ".modal .o_field_widget[name=token] .o_clipboard_button",
        },
        {
            content: "Call the gateway with the token on the page",
            trigger: ".modal .o_field_widget[name=token]:contains('jrg_sk_')",
            async run() {
                token = this.anchor.textContent.trim();
                const { status, body } = await whoami(token);
                check(status === 200, `${status} instead of 200`);
                check(body.result.login === "key.user", JSON.stringify(body));
                check(body.result.access === "write", JSON.stringify(body));
            },
        },
        {
            trigger: ".modal button:contains('I have copied it')",
            run: "click",
        },
        {
            content: "The list has the key, and knows that it was used",
            trigger: ".o_data_row:contains('Web shop'):has(.o_field_badge:contains('Active')) [name=name]",
            run: "click",
        },
        {
            content: "The form shows the beginning of the token only",
            trigger: ".o_form_view .o_field_widget[name=token_hint]:contains('jrg_sk_')",
            run() {
                check(!document.body.textContent.includes(token), "The token is still on the page");
                check(token.startsWith(this.anchor.textContent.trim()), "This is another key");
            },
        },
        {
            trigger: ".o_form_view button[name=action_revoke]",
            run: "click",
        },
        {
            trigger: ".modal-footer button:contains('Revoke')",
            run: "click",
        },
        {
            content: "A revoked key cannot be changed, and is refused",
            trigger: ".o_form_view .o_field_widget[name=revoked_at]",
            async run() {
                check(!document.querySelector("button[name=action_revoke]"), "It can be revoked twice");
                const { status, body } = await whoami(token);
                check(status === 401, `${status} instead of 401`);
                check(body.error.data.type === "unauthenticated", JSON.stringify(body));
            },
        },
        {
            trigger: ".o_back_button, .breadcrumb-item.o_back_button a",
            run: "click",
        },
        {
            content: "Only active keys are listed",
            trigger: ".o_list_view:not(:has(.o_data_row)) .o_searchview_facet:contains('Active') .o_facet_remove",
            run: "click",
        },
        {
            content: "Without the filter, revoked keys are found too",
            trigger: ".o_data_row:contains('Web shop') .o_field_badge:contains('Revoked')",
        },
    ],
});
