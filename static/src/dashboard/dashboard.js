import { Component, onWillStart, onWillUnmount, useState } from "@odoo/owl";
import { Domain } from "@web/core/domain";
import { deserializeDateTime, formatDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { formatInteger } from "@web/views/fields/formatters";

/** Milliseconds between two looks at how far the first steps are. */
const PAUSE = 3000;
const PERIODS = [
    { name: "hour", label: _t("Last hour"), time: { hour: "2-digit", minute: "2-digit" } },
    { name: "day", label: _t("24 hours"), time: { hour: "2-digit", minute: "2-digit" } },
    { name: "week", label: _t("7 days"), time: { weekday: "short", hour: "2-digit", minute: "2-digit" } },
];
// What a bar is made of, from the bottom up.
const OUTCOMES = [
    { name: "done", label: _t("Done") },
    { name: "refused", label: _t("Refused") },
    { name: "failed", label: _t("Failed") },
];

const WORKED = ["done", "dry_run"];

/** The app's first page: what was called in the last hour, day or week, and what needs a look. */
export class Dashboard extends Component {
    static template = "jsonrpc_gateway.Dashboard";
    static components = { Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.periods = PERIODS;
        this.outcomes = OUTCOMES;
        this.display = { controlPanel: {} };
        this.state = useState({ period: "day", figures: null, hovered: null, steps: null });
        onWillStart(async () => {
            this.isManager = await user.hasGroup("jsonrpc_gateway.jsonrpc_gateway_group_manager");
            await this.load();
            await this.followSteps();
        });
        onWillUnmount(() => clearTimeout(this.timer));
    }

    /** The first steps tick themselves off, as long as one is left. */
    async followSteps() {
        const steps = await this.orm.silent.call("jsonrpc.call", "get_first_steps", []);
        const isFirst = !this.state.steps;
        if (isFirst && steps.called) {
            return;
        }
        this.state.steps = steps;
        if (steps.called) {
            await this.load();
        } else {
            this.timer = setTimeout(() => !document.hidden && this.followSteps(), PAUSE);
        }
    }

    async load(period = this.state.period) {
        const figures = await this.orm.call("jsonrpc.call", "get_dashboard", [period]);
        Object.assign(this.state, { period, figures, hovered: null });
    }

    // What the tiles say

    get errorRate() {
        const { calls, refused, failed } = this.state.figures;
        return calls ? ((100 * (refused + failed)) / calls).toFixed(1) + " %" : "–";
    }

    number(value) {
        return formatInteger(value);
    }

    milliseconds(value) {
        if (value === null) {
            return "–";
        }
        return value < 1000 ? `${value.toPrecision(value < 10 ? 2 : 3) * 1} ms` : `${(value / 1000).toFixed(1)} s`;
    }

    // The bars

    get bars() {
        const { series, since, step } = this.state.figures;
        const sum = (bar) => bar.done + bar.refused + bar.failed;
        const most = Math.max(1, ...series.map(sum));
        const start = deserializeDateTime(since);
        return series.map((bar, index) => ({
            index,
            from: start.plus({ seconds: index * step }),
            to: start.plus({ seconds: (index + 1) * step }),
            total: sum(bar),
            parts: OUTCOMES.map(({ name, label }) => ({ name, label, calls: bar[name], height: (100 * bar[name]) / most })),
        }));
    }

    get most() {
        return Math.max(0, ...this.bars.map((bar) => bar.total));
    }

    get ticks() {
        const bars = this.bars;
        const places = [0, 0.25, 0.5, 0.75].map((part) => bars[Math.floor(part * bars.length)]);
        return [...places.map((bar) => this.time(bar.from)), this.time(bars[bars.length - 1].to)];
    }

    time(moment) {
        return moment.toLocaleString(PERIODS.find(({ name }) => name === this.state.period).time);
    }

    /** Arrows lead from bar to bar: one stop of the Tab key for all of them. */
    moveBar(ev) {
        const step = { ArrowLeft: -1, ArrowRight: 1 }[ev.key];
        const bar = step && (step < 0 ? ev.target.previousElementSibling : ev.target.nextElementSibling);
        if (bar?.matches(".o_jsonrpc_bar")) {
            ev.preventDefault();
            bar.focus();
        }
    }

    share(calls) {
        const most = Math.max(1, ...this.state.figures.methods.map((line) => line.calls));
        return (100 * calls) / most;
    }

    days(expires) {
        const days = Math.floor(deserializeDateTime(expires).diffNow("days").days);
        return days < 1 ? _t("today") : days === 1 ? _t("in 1 day") : _t("in %s days", days);
    }

    date(expires) {
        return formatDateTime(deserializeDateTime(expires));
    }

    // Where a click leads

    /**
     * @param {...[string, Array]} facets of each filter the words for people, and its domain
     */
    async openCalls(...facets) {
        const shown = [this.periodFacet, ...facets].map(([description, domain]) => ({
            description: String(description),
            domain: new Domain(domain).toString(),
        }));
        // Without the filter that the action has by itself.
        const action = await this.action.loadAction("jsonrpc_gateway.jsonrpc_call_action");
        return this.action.doAction({ ...action, context: { jsonrpc_facets: shown } });
    }

    get periodFacet() {
        const { label } = PERIODS.find(({ name }) => name === this.state.period);
        return [label, [["called_at", ">=", this.state.figures.since]]];
    }

    openErrors() {
        return this.openCalls([_t("Errors"), [["outcome", "in", ["refused", "failed"]]]]);
    }

    openBar(bar) {
        const utc = (moment) => moment.toUTC().toFormat("yyyy-MM-dd HH:mm:ss");
        const domain = [["called_at", ">=", utc(bar.from)], ["called_at", "<", utc(bar.to)]];
        return this.openCalls([`${this.time(bar.from)} – ${this.time(bar.to)}`, domain]);
    }

    openMethod(line) {
        return this.openCalls([line.method, [["method", "=", line.method]]]);
    }

    openError(line) {
        return this.openCalls(
            [OUTCOMES.find(({ name }) => name === line.outcome).label, [["outcome", "=", line.outcome]]],
            [line.error_type, [["error_type", "=", line.error_type]]],
            [line.method || _t("No method"), [["method", "=", line.method || false]]]
        );
    }

    openWorked() {
        return this.openCalls([_t("Done"), [["outcome", "in", WORKED]]]);
    }

    openSlow() {
        const { p95 } = this.state.figures;
        if (p95 === null) {
            return this.openWorked();
        }
        return this.openCalls(
            [_t("Done"), [["outcome", "in", WORKED]]],
            [_t("Slower than %s", this.milliseconds(p95)), [["duration", ">=", p95]]]
        );
    }

    openKey(key) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "jsonrpc.key",
            res_id: key.id,
            views: [[false, "form"]],
        });
    }

    openIssue() {
        return this.action.doAction("jsonrpc_gateway.jsonrpc_key_issue_action");
    }

    openResources() {
        return this.action.doAction("jsonrpc_gateway.jsonrpc_resource_action");
    }

    openKeys() {
        return this.action.doAction("jsonrpc_gateway.jsonrpc_key_action");
    }
}

registry.category("actions").add("jsonrpc_gateway.dashboard", Dashboard);
