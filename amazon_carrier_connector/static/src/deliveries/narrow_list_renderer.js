import {browser} from "@web/core/browser/browser";
import {SIZES} from "@web/core/ui/ui_service";
import {ListRenderer} from "@web/views/list/list_renderer";

/**
 * A list that leaves out what is only nice to have where the window is narrow: columns
 * with the option "wide_only", until a person chooses the columns.
 */
export class NarrowListRenderer extends ListRenderer {
    computeOptionalActiveFields() {
        const active = super.computeOptionalActiveFields();
        const chosen = browser.localStorage.getItem(this.keyOptionalFields) !== null;
        if (!chosen && this.uiService.size < SIZES.XL) {
            for (const {name, options} of this.allColumns) {
                if (name in active && options?.wide_only) {
                    active[name] = false;
                }
            }
        }
        return active;
    }
}
