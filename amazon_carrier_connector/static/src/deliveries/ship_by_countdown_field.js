import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {capitalize} from "@web/core/utils/strings";
import {formatDateTime} from "@web/views/fields/formatters";
import {
    RemainingDaysField,
    remainingDaysField,
} from "@web/views/fields/remaining_days/remaining_days_field";

const {DateTime} = luxon;
// Until then it is counted in hours.
const NEAR_HOURS = 48;
const URGENT_HOURS = 24;

/** How long there is to ship something: in days, near the end in hours. */
export class ShipByCountdownField extends RemainingDaysField {
    static props = RemainingDaysField.props;
    static defaultProps = {};

    get moment() {
        return this.props.record.data[this.props.name];
    }

    get hours() {
        return this.moment.diff(DateTime.local(), "hours").hours;
    }

    get diffString() {
        if (!this.moment) {
            return "";
        }
        const hours = Math.abs(this.hours);
        let unit = "days";
        if (hours < NEAR_HOURS) {
            unit = hours < 1 ? "minutes" : "hours";
        }
        return capitalize(this.moment.toRelative({unit, style: "short"}));
    }

    get numericValue() {
        return this.moment ? formatDateTime(this.moment) : "";
    }

    get classNames() {
        if (!this.moment || !this.props.record.isActive) {
            return null;
        }
        const isLate = this.hours <= 0;
        const isUrgent = this.hours <= URGENT_HOURS;
        return {
            "fw-bold": isUrgent,
            "text-danger": isLate,
            "text-warning": isUrgent && !isLate,
            "text-nowrap": true,
        };
    }
}

registry.category("fields").add("amazon_ship_by", {
    ...remainingDaysField,
    component: ShipByCountdownField,
    displayName: _t("Time to Ship"),
    supportedTypes: ["datetime"],
});
