import {useRef, useState} from "@odoo/owl";
import {useDropzone} from "@web/core/dropzone/dropzone_hook";
import {registry} from "@web/core/registry";
import {useBus} from "@web/core/utils/hooks";
import {
    Many2ManyBinaryField,
    many2ManyBinaryField,
} from "@web/views/fields/many2many_binary/many2many_binary_field";
import {useReportUpload} from "./report_upload_hook";

/** The reports of the upload dialog: chosen, or dropped anywhere onto the dialog. */
export class ReportFilesField extends Many2ManyBinaryField {
    static template = "amazon_carrier_connector.ReportFilesField";
    static components = {};

    setup() {
        super.setup();
        this.state = useState({uploads: 0});
        this.root = useRef("root");
        this.input = useRef("input");
        this.upload = useReportUpload();
        this.pending = Promise.resolve();
        // Checking waits for the files that are under way.
        useBus(this.props.record.model.bus, "NEED_LOCAL_CHANGES", ({detail}) =>
            detail.proms.push(this.pending)
        );
        const {root} = this;
        const dialog = {
            get el() {
                return root.el && (root.el.closest(".modal-content") || root.el);
            },
        };
        useDropzone(dialog, (ev) => this.add([...ev.dataTransfer.files]));
    }

    get isMissing() {
        return this.props.record.isFieldInvalid(this.props.name);
    }

    onChosen() {
        const files = [...this.input.el.files];
        // So that the same file can be chosen again after it was removed.
        this.input.el.value = null;
        return this.add(files);
    }

    add(files) {
        // One upload after the other: the files are listed in the order of choosing.
        const adding = this.pending.then(() => this.uploadAndLink(files));
        this.pending = Promise.allSettled([adding]);
        return adding;
    }

    async uploadAndLink(files) {
        this.state.uploads++;
        try {
            await this.operations.saveRecord(await this.upload(files));
        } finally {
            this.state.uploads--;
        }
    }
}

registry.category("fields").add("amazon_report_files", {
    ...many2ManyBinaryField,
    component: ReportFilesField,
    supportedOptions: [],
    extractProps: () => ({}),
});
