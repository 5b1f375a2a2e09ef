import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {
    PickingTypeDashboardGraphField,
    pickingTypeDashboardGraphField,
} from "@stock/picking_type_dashboard_graph/picking_type_dashboard_graph_field";

/** The open deliveries of a shop by ship-by day; a bar opens its deliveries. */
export class ShipByGraphField extends PickingTypeDashboardGraphField {
    setup() {
        super.setup();
        this.orm = useService("orm");
    }

    renderChart() {
        // The record may have been read again since.
        this.data = JSON.parse(this.props.record.data[this.props.name]);
        super.renderChart();
    }

    getBarChartConfig() {
        const config = super.getBarChartConfig();
        const {options} = config;
        options.onClick = (event, elements, chart) => this.openBar(event, chart);
        options.animation = false;
        options.scales.x = {display: true, grid: {display: false}};
        return config;
    }

    async openBar(event, chart) {
        const mode = {intersect: false};
        const [bar] = chart.getElementsAtEventForMode(event, "index", mode, true);
        if (bar) {
            const {resId, resModel} = this.props.record;
            const {day} = this.data[0].values[bar.index];
            this.actionService.doAction(
                await this.orm.call(resModel, "action_view_ship_by", [[resId], day])
            );
        }
    }
}

registry.category("fields").add("amazon_ship_by_graph", {
    ...pickingTypeDashboardGraphField,
    component: ShipByGraphField,
});
