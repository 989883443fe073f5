import { registry } from "@web/core/registry";
import { graphView } from "@web/views/graph/graph_view";
import { pivotView } from "@web/views/pivot/pivot_view";
import { CallSearchModel } from "../calls/call_search_model";

registry.category("views").add("jsonrpc_call_graph", { ...graphView, SearchModel: CallSearchModel });
registry.category("views").add("jsonrpc_call_pivot", { ...pivotView, SearchModel: CallSearchModel });
