import { SearchModel } from "@web/search/search_model";

/**
 * Shows the filters of whoever opened the list as facets, which can be seen and removed.
 *
 * They stand in the action's context as `jsonrpc_facets`, each with a description and a domain, so
 * that they are still there when the page is loaded again.
 */
export class CallSearchModel extends SearchModel {
    async load(config) {
        const facets = config.context?.jsonrpc_facets || [];
        await super.load({ ...config, dynamicFilters: [...(config.dynamicFilters || []), ...facets] });
    }

    /** Each in a group of its own: all of them hold, and each is removed alone. */
    _createGroupOfDynamicFilters(dynamicFilters) {
        for (const filter of dynamicFilters) {
            super._createGroupOfDynamicFilters([filter]);
        }
    }
}
