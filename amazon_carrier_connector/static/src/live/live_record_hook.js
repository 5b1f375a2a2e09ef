import {onMounted, onWillUnmount, status, useComponent} from "@odoo/owl";
import {browser} from "@web/core/browser/browser";
import {ConnectionLostError} from "@web/core/network/rpc";
import {FetchRecordError} from "@web/model/relational_model/errors";

const DELAY = 2000;

/**
 * Follows work in the background: the record of a field is read again every two seconds
 * as long as the work runs, and all of its view when the work has ended.
 *
 * What a person is editing stays as it is, and nothing is read while nobody looks.
 *
 * @param {function(Object): boolean} isRunning told the values of the record
 */
export function useLiveRecord(isRunning) {
    const component = useComponent();
    let timer = null;

    async function reload(record) {
        if (await record.isDirty()) {
            return;
        }
        await record.load();
        if (!isRunning(record.data)) {
            // The chatter, or another record, tells the result.
            await record.model.load();
        }
    }

    async function refresh() {
        const {record} = component.props;
        if (isRunning(record.data) && !document.hidden) {
            try {
                await reload(record);
            } catch (error) {
                // Nobody looks any more, or somebody deleted what was looked at.
                if (
                    status(component) === "destroyed" ||
                    error instanceof FetchRecordError
                ) {
                    return;
                }
                // Other errors would come again with every reading.
                if (!(error instanceof ConnectionLostError)) {
                    throw error;
                }
            }
        }
        if (status(component) !== "destroyed") {
            schedule();
        }
    }

    function schedule() {
        timer = browser.setTimeout(refresh, DELAY);
    }

    onMounted(schedule);
    onWillUnmount(() => browser.clearTimeout(timer));
}
