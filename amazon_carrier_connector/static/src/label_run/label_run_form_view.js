import {registry} from "@web/core/registry";
import {FormController} from "@web/views/form/form_controller";
import {formView} from "@web/views/form/form_view";

const RUNNING = ["queued", "running"];

/**
 * The form of a label run: whoever comes back from mending finds it checked again.
 */
export class LabelRunFormController extends FormController {
    setup() {
        // Only a form that was left before has a state.
        this.mayBeMended = Boolean(this.props.state);
        super.setup();
    }

    get modelParams() {
        const params = super.modelParams;
        params.hooks.onRootLoaded = this.checkMended.bind(this);
        return params;
    }

    async beforeExecuteActionButton(clickParams) {
        // In a dialog: the form is not left.
        this.mayBeMended ||= clickParams.name === "action_mend";
        return super.beforeExecuteActionButton(clickParams);
    }

    async checkMended(run) {
        const problems = run.data.problem_parcel_ids.currentIds;
        if (!this.mayBeMended || !problems.length || RUNNING.includes(run.data.state)) {
            return;
        }
        this.mayBeMended = false;
        await this.orm.call("delivery.parcel", "action_check", [problems]);
        await this.model.load();
    }
}

registry.category("views").add("amazon_label_run", {
    ...formView,
    Controller: LabelRunFormController,
});
