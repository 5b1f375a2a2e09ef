import {Component, onMounted, useRef, useState} from "@odoo/owl";
import {browser} from "@web/core/browser/browser";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useBus, useService} from "@web/core/utils/hooks";
import {Layout} from "@web/search/layout";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {playTone} from "./tones";

const MODEL = "delivery.label.scan";
// A trigger that is held too long, or a code that is read twice.
const REPEAT_MS = 1500;
const REMEMBERED = 8;
const SOUND_KEY = "amazon_carrier_connector.scan_sound";
const LOOKS = {
    labelled: {color: "success", icon: "fa-check-circle"},
    known: {color: "info", icon: "fa-print"},
    problem: {color: "danger", icon: "fa-exclamation-triangle"},
    unknown: {color: "warning", icon: "fa-question-circle"},
};

/**
 * A barcode field: what is scanned gets its label, one after the other.
 *
 * The field keeps the focus, and what is scanned beside it counts as well.
 */
export class ScanToPrint extends Component {
    static template = "amazon_carrier_connector.ScanToPrint";
    static components = {Layout};
    static props = {...standardActionServiceProps};

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.input = useRef("input");
        this.state = useState({
            answer: null,
            history: [],
            note: "",
            waiting: 0,
            sound: browser.localStorage.getItem(SOUND_KEY) !== "off",
        });
        this.queue = Promise.resolve();
        this.seen = new Map();
        useBus(useService("barcode").bus, "barcode_scanned", ({detail}) =>
            this.take(detail.barcode)
        );
        onMounted(() => this.focus());
    }

    get display() {
        return {controlPanel: {}};
    }

    get soundTitle() {
        return this.state.sound ? _t("Sound is on") : _t("Sound is off");
    }

    get look() {
        return LOOKS[this.state.answer.status];
    }

    getIcon(answer) {
        const {color, icon} = LOOKS[answer.status];
        return `fa ${icon} text-${color}`;
    }

    focus() {
        if (this.input.el) {
            this.input.el.focus();
        }
    }

    onClick(ev) {
        if (!ev.target.closest("button, a, input, label")) {
            this.focus();
        }
    }

    onKeydown(ev) {
        if (ev.key === "Enter") {
            ev.preventDefault();
            this.take(this.input.el.value);
            this.input.el.value = "";
        }
    }

    /** Work on a code when those before it are done; never on the same one at once. */
    take(text) {
        const code = text.trim();
        if (!code) {
            return;
        }
        if (this.isRepeated(code)) {
            this.state.note = _t(
                "%s was scanned twice: the second time is ignored.",
                code
            );
            return;
        }
        this.state.note = "";
        this.state.waiting++;
        this.seen.set(code, Infinity);
        this.queue = this.queue.then(() => this.work(code));
    }

    isRepeated(code) {
        const until = this.seen.get(code);
        return until !== undefined && until > Date.now();
    }

    async work(code) {
        try {
            await this.show(await this.orm.call(MODEL, "scan", [code]));
        } catch (error) {
            this.tell({
                status: "problem",
                title: code,
                message: _t("Odoo did not answer. Scan it again."),
            });
            throw error;
        } finally {
            this.seen.set(code, Date.now() + REPEAT_MS);
            this.state.waiting--;
            this.focus();
        }
    }

    async show(answer) {
        this.tell(answer);
        if (answer.status === "labelled") {
            await this.print(answer.parcels);
        }
    }

    tell(answer) {
        this.state.answer = answer;
        this.state.history.unshift(answer);
        this.state.history.splice(REMEMBERED);
        if (this.state.sound) {
            playTone(answer.status === "labelled");
        }
    }

    async print(parcels) {
        for (const action of await this.orm.call(MODEL, "print_labels", [parcels])) {
            await this.action.doAction(action);
        }
        this.focus();
    }

    open(delivery) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "stock.picking",
            res_id: delivery,
            views: [[false, "form"]],
        });
    }

    toggleSound() {
        this.state.sound = !this.state.sound;
        browser.localStorage.setItem(SOUND_KEY, this.state.sound ? "on" : "off");
        this.focus();
    }
}

registry.category("actions").add("amazon_scan_to_print", ScanToPrint);
