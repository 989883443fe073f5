import { registry } from "@web/core/registry";

/**
 * A manager follows a fault: from the app's first page to its calls, one of them, and its traceback.
 */
registry.category("web_tour.tours").add("jsonrpc_call_tour", {
    url: "/odoo/jsonrpc-gateway",
    steps: () => [
        {
            content: "The first page counts the calls",
            trigger: ".o_jsonrpc_tile:contains('Calls') .o_jsonrpc_value:contains('3')",
        },
        {
            trigger: ".o_jsonrpc_dashboard button:contains('Last hour'), .o_control_panel button:contains('Last hour')",
            run: "click",
        },
        {
            content: "The period is the chosen one",
            trigger: "button.active:contains('Last hour')",
        },
        {
            content: "A row of the errors leads to its calls",
            trigger: ".o_jsonrpc_card tr:contains('internal_error')",
            run: "click",
        },
        {
            content: "What the list is filtered by is seen, and can be removed",
            trigger: ".o_searchview_facet:contains('Last hour')",
        },
        {
            trigger: ".o_searchview_facet:contains('internal_error')",
        },
        {
            content: "The list follows the log",
            trigger: "button.o_jsonrpc_tail:contains('Follow')",
            run: "click",
        },
        {
            trigger: "button.o_jsonrpc_tail.active",
            run: "click",
        },
        {
            trigger: ".o_list_view .o_data_row:contains('test.surprise') td[name=method]",
            run: "click",
        },
        {
            content: "The call as a line for a shell, without the key",
            trigger: ".o_notebook .nav-link:contains('As curl')",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=curl]:contains('YOUR_API_KEY')",
        },
        {
            trigger: "button.o_clipboard_button:contains('Copy')",
        },
        {
            content: "The traceback is a click away",
            trigger: "button[name=action_open_error]",
            run: "click",
        },
        {
            trigger: ".o_form_view h1:contains('RuntimeError')",
        },
    ],
});

/**
 * A user sees their own calls, and how the app looks without any.
 */
registry.category("web_tour.tours").add("jsonrpc_call_user_tour", {
    url: "/odoo/jsonrpc-gateway",
    steps: () => [
        {
            content: "The first steps wait to be taken",
            trigger: ".o_jsonrpc_steps li:contains('Issue a key') .fa-circle-o",
        },
        {
            trigger: ".o_jsonrpc_curl:contains('YOUR_API_KEY')",
        },
        {
            content: "Calls of others are not counted",
            trigger: ".o_jsonrpc_tile:contains('Calls') .o_jsonrpc_value:contains('0')",
        },
        {
            trigger: ".o_jsonrpc_card:contains('No call in this period')",
        },
        {
            trigger: ".o_menu_sections a:contains('Calls'), .o_menu_sections button:contains('Calls')",
            run: "click",
        },
        {
            trigger: ".o_view_nocontent:contains('No call here')",
        },
        {
            content: "The empty list says what may hide calls",
            trigger: ".o_view_nocontent .badge:contains('Today')",
        },
        {
            trigger: "button.o_jsonrpc_remove_filters",
            run: "click",
        },
        {
            trigger: ".o_view_nocontent:contains('No call here'):not(:has(.o_jsonrpc_remove_filters))",
        },
    ],
});
