import {browser} from "@web/core/browser/browser";
import {SIZES} from "@web/core/ui/ui_service";
import {ListRenderer} from "@web/views/list/list_renderer";

/**
 * A list that leaves out what is only nice to have where the window is narrow: columns
 * with the option "shown_from", the size of the narrowest window that has room for
 * them, until a person chooses the columns.
 */
export class NarrowListRenderer extends ListRenderer {
    computeOptionalActiveFields() {
        const active = super.computeOptionalActiveFields();
        const chosen = browser.localStorage.getItem(this.keyOptionalFields) !== null;
        if (!chosen) {
            for (const {name, options} of this.allColumns) {
                if (
                    name in active &&
                    this.uiService.size < SIZES[options?.shown_from]
                ) {
                    active[name] = false;
                }
            }
        }
        return active;
    }
}
