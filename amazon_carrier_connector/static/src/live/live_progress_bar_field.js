import {registry} from "@web/core/registry";
import {
    ProgressBarField,
    progressBarField,
} from "@web/views/fields/progress_bar/progress_bar_field";
import {useLiveRecord} from "./live_record_hook";

const RUNNING = ["queued", "running"];

/** A progress bar that moves by itself while the record's `state` says so. */
export class LiveProgressBarField extends ProgressBarField {
    setup() {
        super.setup();
        useLiveRecord(({state}) => RUNNING.includes(state));
    }
}

registry.category("fields").add("amazon_live_progressbar", {
    ...progressBarField,
    component: LiveProgressBarField,
    fieldDependencies: [{name: "state", type: "selection"}],
});
