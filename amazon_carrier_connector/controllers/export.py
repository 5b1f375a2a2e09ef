"""Lists that are saved as files: what buyers and sellers wrote is never a formula.

Any list may show it, those of contacts and deliveries too.
"""

from odoo.addons.web.controllers import export

from ..models.amazon_order_import_download import make_harmless


class CSVExport(export.CSVExport):
    def from_data(self, fields, columns_headers, rows):
        # Core leaves out the signs that fewer programs take for a formula's.
        harmless = [
            [make_harmless(cell) if isinstance(cell, str) else cell for cell in row]
            for row in rows
        ]
        return super().from_data(fields, columns_headers, harmless)


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
            return self.worksheet.write_string(row, column, cell_value, style)
        return super().write(row, column, cell_value, style)


class _Sheet(_TextCells, export.ExportXlsxWriter):
    pass


class _GroupedSheet(_TextCells, export.GroupExportXlsxWriter):
    pass
