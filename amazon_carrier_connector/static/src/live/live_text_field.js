import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";
import {useLiveRecord} from "./live_record_hook";

/** A sentence on what goes on in the background; without one, nothing goes on. */
export class LiveTextField extends Component {
    static template = "amazon_carrier_connector.LiveTextField";
    static props = {...standardFieldProps};

    setup() {
        useLiveRecord((data) => Boolean(data[this.props.name]));
    }

    get text() {
        return this.props.record.data[this.props.name];
    }
}

registry.category("fields").add("amazon_live_text", {
    component: LiveTextField,
    displayName: _t("Live Text"),
    supportedTypes: ["char"],
});
