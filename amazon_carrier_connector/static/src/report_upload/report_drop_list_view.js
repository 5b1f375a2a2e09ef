import {useDropzone} from "@web/core/dropzone/dropzone_hook";
import {x2ManyCommands} from "@web/core/orm_service";
import {registry} from "@web/core/registry";
import {ListController} from "@web/views/list/list_controller";
import {listView} from "@web/views/list/list_view";
import {NarrowListRenderer} from "../deliveries/narrow_list_renderer";
import {useReportUpload} from "./report_upload_hook";

/** A list onto which reports can be dropped: the dialog opens with them. */
export class ReportDropListController extends ListController {
    setup() {
        super.setup();
        this.upload = useReportUpload();
        useDropzone(this.rootRef, (ev) => this.openDialog(ev.dataTransfer.files));
    }

    async openDialog(files) {
        const ids = await this.upload(files);
        if (!ids.length) {
            return;
        }
        await this.actionService.doAction(
            "amazon_carrier_connector.amazon_order_import_wizard_action",
            {additionalContext: {default_attachment_ids: [x2ManyCommands.set(ids)]}}
        );
    }
}

registry.category("views").add("amazon_report_drop_list", {
    ...listView,
    Controller: ReportDropListController,
    Renderer: NarrowListRenderer,
});
