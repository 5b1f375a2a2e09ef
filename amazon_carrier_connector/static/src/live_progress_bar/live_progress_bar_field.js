import {onMounted, onWillUnmount, status} from "@odoo/owl";
import {browser} from "@web/core/browser/browser";
import {ConnectionLostError} from "@web/core/network/rpc";
import {registry} from "@web/core/registry";
import {FetchRecordError} from "@web/model/relational_model/errors";
import {
    ProgressBarField,
    progressBarField,
} from "@web/views/fields/progress_bar/progress_bar_field";

const DELAY = 2000;
const RUNNING = ["queued", "running"];

/**
 * A progress bar of work in the background: it moves by itself.
 *
 * While the record's `state` is queued or running, the record is read again every two
 * seconds. What a person is editing stays as it is.
 */
export class LiveProgressBarField extends ProgressBarField {
    setup() {
        super.setup();
        onMounted(() => this.schedule());
        onWillUnmount(() => browser.clearTimeout(this.timer));
    }

    get isRunning() {
        return RUNNING.includes(this.props.record.data.state);
    }

    schedule() {
        this.timer = browser.setTimeout(() => this.refresh(), DELAY);
    }

    async refresh() {
        if (this.isRunning) {
            try {
                await this.reload();
            } catch (error) {
                // Nobody looks any more, or somebody deleted what was looked at.
                if (status(this) === "destroyed" || error instanceof FetchRecordError) {
                    return;
                }
                // Other errors would come again with every reading.
                if (!(error instanceof ConnectionLostError)) {
                    throw error;
                }
            }
        }
        if (status(this) !== "destroyed") {
            this.schedule();
        }
    }

    async reload() {
        const {record} = this.props;
        if (await record.isDirty()) {
            return;
        }
        await record.load();
        if (!RUNNING.includes(record.data.state)) {
            // All of the view: the chatter tells the result.
            await record.model.load();
        }
    }
}

registry.category("fields").add("amazon_live_progressbar", {
    ...progressBarField,
    component: LiveProgressBarField,
    fieldDependencies: [{name: "state", type: "selection"}],
});
