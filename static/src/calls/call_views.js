import { onWillUnmount, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useBus } from "@web/core/utils/hooks";
import { KanbanRenderer } from "@web/views/kanban/kanban_renderer";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { ListController } from "@web/views/list/list_controller";
import { ListRenderer } from "@web/views/list/list_renderer";
import { listView } from "@web/views/list/list_view";
import { ActionHelper } from "@web/views/action_helper";
import { CallSearchModel } from "./call_search_model";

/** Milliseconds between two looks at the log while the list follows it. */
const PAUSE = 2000;

/** An empty list, which says what hides the calls that there are. */
export class CallActionHelper extends ActionHelper {
    static template = "jsonrpc_gateway.CallActionHelper";

    setup() {
        useBus(this.env.searchModel, "update", () => this.render());
    }

    get facets() {
        return this.env.searchModel.facets
            .filter(({ type }) => type !== "groupBy")
            .map(({ title, values }) => [title, values.join(", ")].filter(Boolean).join(": "));
    }

    removeFilters() {
        this.env.searchModel.clearFilters();
    }
}

export class CallListRenderer extends ListRenderer {
    static components = { ...ListRenderer.components, ActionHelper: CallActionHelper };
}

export class CallKanbanRenderer extends KanbanRenderer {
    static components = { ...KanbanRenderer.components, ActionHelper: CallActionHelper };
}

/** The list of calls, which can follow the log as it grows. */
export class CallListController extends ListController {
    setup() {
        super.setup();
        this.tail = useState({ follows: false });
        onWillUnmount(() => clearTimeout(this.timer));
    }

    toggleTail() {
        this.tail.follows = !this.tail.follows;
        clearTimeout(this.timer);
        if (this.tail.follows) {
            this.follow();
        }
    }

    async follow() {
        // Not while nobody looks, nor under the hands of somebody who selects.
        if (!document.hidden && !this.hasSelectedRecords) {
            await this.model.load();
        }
        if (this.tail.follows) {
            this.timer = setTimeout(() => this.follow(), PAUSE);
        }
    }
}

registry.category("views").add("jsonrpc_call_list", {
    ...listView,
    Controller: CallListController,
    Renderer: CallListRenderer,
    SearchModel: CallSearchModel,
    buttonTemplate: "jsonrpc_gateway.CallList.Buttons",
});
registry.category("views").add("jsonrpc_call_kanban", {
    ...kanbanView,
    Renderer: CallKanbanRenderer,
    SearchModel: CallSearchModel,
});
