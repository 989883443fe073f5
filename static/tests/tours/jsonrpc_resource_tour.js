import { registry } from "@web/core/registry";

/** The API key that the test issued, as another system would have it. */
function key() {
    return document.cookie.match(/jsonrpc_tour_key=([^;]+)/)[1];
}

async function call(method, params) {
    const response = await fetch("/jsonrpc/2/api", {
        method: "POST",
        headers: { "Content-Type": "application/json", Authorization: `Bearer ${key()}` },
        body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    });
    return response.json();
}

function check(condition, message) {
    if (!condition) {
        throw new Error(message);
    }
}

async function banks(fields) {
    return call("bank.search", { domain: [["name", "=", "Tour Bank"]], ...(fields && { fields }) });
}

/**
 * An administrator exposes a model, another system calls it, a field gets another name.
 */
registry.category("web_tour.tours").add("jsonrpc_resource_tour", {
    url: "/odoo/jsonrpc-resources",
    steps: () => [
        {
            content: "The empty list says what to do",
            trigger: ".o_view_nocontent:contains('Nothing of this database is exposed yet')",
        },
        {
            content: "There is no such method yet",
            trigger: ".o_list_button_add",
            run: async ({ click }) => {
                const { error } = await banks();
                check(error?.code === -32601, `before: ${JSON.stringify(error)}`);
                await click();
            },
        },
        {
            trigger: ".o_field_widget[name=name] input",
            run: "edit bank",
        },
        {
            trigger: ".o_field_widget[name=model_id] input",
            run: "edit Bank",
        },
        {
            trigger: ".o-autocomplete--dropdown-item a:contains(/^Bank$/)",
            run: "click",
        },
        {
            content: "The lines fill themselves",
            trigger: "button[name=action_suggest_fields]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=field_ids] .o_data_row:contains('email')",
        },
        {
            content: "One that was not suggested is added in place",
            trigger: ".o_field_widget[name=field_ids] .o_field_x2many_list_row_add a",
            run: "click",
        },
        {
            trigger: ".o_selected_row .o_field_widget[name=field_id] input",
            run: "edit Bank Identifier",
        },
        {
            trigger: ".o-autocomplete--dropdown-item a:contains('Bank Identifier Code')",
            run: "click",
        },
        {
            content: "Its external name is the field's, until somebody says otherwise",
            trigger: ".o_selected_row .o_field_widget[name=name] input:value(bic)",
        },
        {
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "Another system calls it at once",
            trigger: "body:not(:has(.o_form_dirty)) .o_form_saved",
            run: async () => {
                const { result, error } = await banks();
                check(result?.records[0].bic === "TOURBEBB", `as saved: ${JSON.stringify(error || result)}`);
            },
        },
        {
            content: "The field gets another name",
            trigger: ".o_field_widget[name=field_ids] .o_data_row:contains('bic') td[name=name]",
            run: "click",
        },
        {
            trigger: ".o_selected_row .o_field_widget[name=name] input",
            run: "edit swift",
        },
        {
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "And so it has for callers",
            trigger: "body:not(:has(.o_form_dirty)) .o_form_saved",
            run: async () => {
                const { result, error } = await banks();
                check(result?.records[0].swift === "TOURBEBB", `renamed: ${JSON.stringify(error || result)}`);
                check(!("bic" in result.records[0]), "the old name is gone");
                const refused = await banks(["bic"]);
                check(refused.error?.code === -32602, `old name: ${JSON.stringify(refused)}`);
            },
        },
        {
            trigger: "a[name=preview]",
            run: "click",
        },
        {
            content: "The preview shows what callers get",
            trigger: ".o_field_widget[name=preview_response]:contains('swift')",
        },
        {
            trigger: ".o_field_widget[name=preview_operation] :contains(/^Get$/)",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=preview_request]:contains('bank.get')",
        },
        {
            content: "To look is not to change",
            trigger: ".o_form_button_cancel",
            run: "click",
        },
        {
            trigger: "body:not(:has(.o_form_dirty)) .o_form_saved",
        },
    ],
});
