import {registry} from "@web/core/registry";
import {FormController} from "@web/views/form/form_controller";
import {formView} from "@web/views/form/form_view";

/**
 * The form of an uncertain address: what is confirmed makes way for the next one.
 */
export class AddressWalkFormController extends FormController {
    async afterExecuteActionButton(clickParams) {
        await super.afterExecuteActionButton(clickParams);
        const {root} = this.model;
        if (
            clickParams.name !== "action_confirm_address" ||
            root.data.address_state === "uncertain"
        ) {
            return;
        }
        const offset = root.resIds.indexOf(root.resId) + 1;
        if (offset < root.resIds.length) {
            await this.onPagerUpdate({offset, resIds: root.resIds});
        } else {
            this.env.config.historyBack();
        }
    }
}

registry.category("views").add("amazon_address_walk", {
    ...formView,
    Controller: AddressWalkFormController,
});
