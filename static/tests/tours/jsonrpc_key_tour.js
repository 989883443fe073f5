import { registry } from "@web/core/registry";

/**
 * Call a method with the token: `{status, body}`.
 *
 * Odoo's test server wants its cookie, and so gets the session's too; a token wins over it.
 */
async function call(token, method, params = []) {
    const response = await fetch("/jsonrpc/2/api", {
        method: "POST",
        headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` },
        body: JSON.stringify({ jsonrpc: "2.0", method, params, id: 1 }),
    });
    return { status: response.status, body: await response.json() };
}

const whoami = (token) => call(token, "system.whoami");

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

let oldToken, newToken;

/**
 * A user issues a restricted key, finds it restricted, replaces it, and revokes the old one.
 */
registry.category("web_tour.tours").add("jsonrpc_key_restricted_tour", {
    url: "/odoo/jsonrpc-keys",
    steps: () => [
        {
            trigger: ".o_control_panel button:contains('Issue a key')",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=name] input",
            run: "edit Reports",
        },
        {
            trigger: ".modal .o_field_widget[name=access] label:contains('Read and write')",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=reach] label:contains('Only what is granted')",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=grant_ids] .o_field_x2many_list_row_add a",
            run: "click",
        },
        {
            content: "Choose the namespace",
            trigger: ".modal .o_selected_row .o_field_widget[name=namespace] input",
            run: "click",
        },
        {
            trigger: ".o_select_menu_item:contains(/^partner$/)",
            run: "click",
        },
        {
            content: "Reading is granted unless it is taken away",
            trigger: ".modal .o_selected_row .o_field_widget[name=may_read] input:checked",
        },
        {
            trigger: ".modal button[name=action_issue]",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=password] input",
            run: "edit key.user",
        },
        {
            trigger: ".modal button[name=run_check]",
            run: "click",
        },
        {
            content: "The key does what it was granted, and nothing else",
            trigger: ".modal .o_field_widget[name=token]:contains('jrg_sk_')",
            async run() {
                oldToken = this.anchor.textContent.trim();
                const { body: listed } = await call(oldToken, "system.list_methods");
                check(listed.result.includes("partner.get_info"), JSON.stringify(listed));
                check(!listed.result.includes("partner.create_simple"), JSON.stringify(listed));
                const { body: refused } = await call(oldToken, "partner.create_simple", ["Eve"]);
                check(refused.error.code === -32002, JSON.stringify(refused));
                check(refused.error.data.grant.action === "create", JSON.stringify(refused));
            },
        },
        {
            trigger: ".modal button:contains('I have copied it')",
            run: "click",
        },
        {
            content: "The list says what the key may do",
            trigger: ".o_data_row:contains('Reports'):contains('partner: read') [name=name]",
            run: "click",
        },
        {
            content: "The matrix shows the grant",
            trigger: ".o_form_view .o_field_widget[name=grant_ids] .o_data_row:contains('partner')",
        },
        {
            trigger: ".o_form_view button[name=action_rotate]",
            run: "click",
        },
        {
            trigger: ".modal button[name=action_rotate]",
            run: "click",
        },
        {
            content: "Both keys are good, and the new one has the same grants",
            trigger: ".modal .o_field_widget[name=token]:contains('jrg_sk_')",
            async run() {
                newToken = this.anchor.textContent.trim();
                check(newToken !== oldToken, "This is the old key");
                for (const each of [oldToken, newToken]) {
                    const { status } = await whoami(each);
                    check(status === 200, `${status} instead of 200`);
                    const { body } = await call(each, "partner.create_simple", ["Eve"]);
                    check(body.error?.code === -32002, JSON.stringify(body));
                }
            },
        },
        {
            trigger: ".modal button:contains('I have copied it')",
            run: "click",
        },
        {
            content: "The old key ends, and knows its successor",
            trigger: ".o_form_view .o_arrow_button_current:contains('Expiring')",
        },
        {
            trigger: ".o_form_view .o_field_widget[name=successor_id]:contains('Reports')",
        },
        {
            trigger: ".o_form_view:not(:has(button[name=action_rotate])) button[name=action_revoke]",
            run: "click",
        },
        {
            trigger: ".modal-footer button:contains('Revoke')",
            run: "click",
        },
        {
            content: "The old key is refused, the new one is not",
            trigger: ".o_form_view .o_field_widget[name=revoked_at]",
            async run() {
                const [{ status: old }, { status: current }] = [await whoami(oldToken), await whoami(newToken)];
                check(old === 401 && current === 200, `${old} and ${current}`);
            },
        },
    ],
});

/**
 * A user gives a key more power: the password is asked for, and what was typed before stays.
 */
registry.category("web_tour.tours").add("jsonrpc_key_widen_tour", {
    url: "/odoo/jsonrpc-keys",
    steps: () => [
        {
            trigger: ".o_data_row:contains('Stock levels') [name=name]",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_field_widget[name=name] input",
            run: "edit Stock levels, both ways",
        },
        {
            trigger: ".o_form_view .o_field_widget[name=access] label:contains('Read and write')",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_form_button_save",
            run: "click",
        },
        {
            content: "Odoo says what is missing, and leads there",
            trigger: ".modal button:contains('Confirm my password')",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=password] input",
            run: "edit key.user",
        },
        {
            trigger: ".modal button[name=run_check]",
            run: "click",
        },
        {
            content: "What was typed is still there",
            trigger: "body:not(:has(.modal)) .o_form_view .o_field_widget[name=access] input[data-value=write]:checked",
            run() {
                const name = document.querySelector(".o_form_view .o_field_widget[name=name] input").value;
                check(name === "Stock levels, both ways", `The name is ${name}`);
            },
        },
        {
            trigger: ".o_form_view .o_form_button_save",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_form_saved, .o_form_view:not(:has(.o_form_button_save:visible))",
        },
    ],
});
