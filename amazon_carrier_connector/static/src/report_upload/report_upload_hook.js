import {useService} from "@web/core/utils/hooks";
import {useFileUploader} from "@web/core/utils/files";

/**
 * Stores files for the dialog that takes the reports.
 *
 * @returns {function(Iterable<File>): Promise<number[]>} the ids of their attachments;
 *      those that could not be stored are told to the user and left out
 */
export function useReportUpload() {
    const notification = useService("notification");
    const uploadFiles = useFileUploader();
    return async (files) => {
        const uploaded = await uploadFiles("/web/binary/upload_attachment", {
            csrf_token: odoo.csrf_token,
            ufile: [...files],
            model: "amazon.order.import.wizard",
            id: 0,
        });
        for (const {error} of uploaded || []) {
            if (error) {
                notification.add(error, {type: "danger"});
            }
        }
        return (uploaded || []).filter((file) => file.id).map((file) => file.id);
    };
}
