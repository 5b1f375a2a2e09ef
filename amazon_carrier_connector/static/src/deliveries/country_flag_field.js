import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

/** The flag of a country code, with the code beside it unless `flag_only`. */
export class CountryFlagField extends Component {
    static template = "amazon_carrier_connector.CountryFlagField";
    static props = {...standardFieldProps, flagOnly: {type: Boolean, optional: true}};

    get code() {
        return this.props.record.data[this.props.name] || "";
    }

    get source() {
        return `/base/static/img/country_flags/${this.code.toLowerCase()}.png`;
    }
}

registry.category("fields").add("amazon_country_flag", {
    component: CountryFlagField,
    displayName: _t("Country Flag"),
    supportedTypes: ["char"],
    extractProps: ({options}) => ({flagOnly: Boolean(options.flag_only)}),
});
