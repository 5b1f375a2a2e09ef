"""Lists that are saved as files: what buyers and sellers wrote is never a formula.

Any list may show it, those of contacts and deliveries too.
"""

import json
import re

from werkzeug.datastructures import FileStorage

from odoo import http
from odoo.http import request

from odoo.addons.web.controllers import export, pivot

from ..models.amazon_order_import_download import make_harmless

# What xlsxwriter makes a formula or a link of, or takes for XML of its own.
_LIVELY = re.compile(r"\s*([{=]|<r>|(ftp|http)s?://|file://|mailto:|(in|ex)ternal:)")


class CSVExport(export.CSVExport):
    def from_data(self, fields, columns_headers, rows):
        # Core leaves out the signs that fewer programs take for a formula's.
        harmless = [
            [make_harmless(cell) if isinstance(cell, str) else cell for cell in row]
            for row in rows
        ]
        headers = [make_harmless(header) for header in columns_headers]
        return super().from_data(fields, headers, harmless)


class ExcelExport(export.ExcelExport):
    def from_data(self, fields, columns_headers, rows):
        with _Sheet(fields, columns_headers, len(rows)) as sheet:
            for row, cells in enumerate(rows, start=1):
                for column, cell in enumerate(cells):
                    sheet.write_cell(row, column, cell)
        return sheet.value

    def from_group_data(self, fields, columns_headers, groups):
        with _GroupedSheet(fields, columns_headers, groups.count) as sheet:
            row, column = 1, 0
            for name, group in groups.children.items():
                row, column = sheet.write_group(row, column, name, group)
        return sheet.value


class _TextCells:
    """Core's writer makes a formula, or a link, of a text that looks like one."""

    def write(self, row, column, cell_value, style=None):
        if isinstance(cell_value, str) and cell_value:
            text = f"'{cell_value}" if cell_value.startswith("<r>") else cell_value
            return self.worksheet.write_string(row, column, text, style)
        return super().write(row, column, cell_value, style)


class _Sheet(_TextCells, export.ExportXlsxWriter):
    pass


class _GroupedSheet(_TextCells, export.GroupExportXlsxWriter):
    pass


class TableExporter(pivot.TableExporter):
    @http.route()
    def export_xlsx(self, data, **kw):
        table = json.load(data) if isinstance(data, FileStorage) else json.loads(data)
        if table:
            request.env["amazon.audit.event"]._log_pivot(table["model"])
            for part in ("col_group_headers", "measure_headers", "rows"):
                table[part] = _make_texts_harmless(table[part])
        return super().export_xlsx(json.dumps(table), **kw)


def _make_texts_harmless(part):
    """The same part of a table, whose texts no program computes or follows."""
    if isinstance(part, list):
        return [_make_texts_harmless(item) for item in part]
    if isinstance(part, dict):
        return {name: _make_texts_harmless(item) for name, item in part.items()}
    return f"'{part}" if isinstance(part, str) and _LIVELY.match(part) else part
