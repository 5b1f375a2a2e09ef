"""Records that programs fill in, and people work on."""

from odoo import api, models


class AmazonGuardedRecord(models.AbstractModel):
    """What carriers or Amazon told, or will be told: nobody writes that by hand.

    Who may write such a record writes by screens and remote calls only the fields that
    are named. The rest is written by the methods that find it out.
    """

    _name = "amazon.guarded.record"
    _description = "Record That People Fill In in Part Only"

    _written_by_people = frozenset()

    def _has_field_access(self, field, operation):
        return super()._has_field_access(field, operation) and (
            operation == "read" or self.env.su or self._is_for_people(field.name)
        )

    @api.model
    def _is_for_people(self, name):
        """Whether people fill in the field of this name."""
        return name in self._written_by_people

    @api.model
    def _begin(self, vals_list):
        """Create records for somebody who may work on them, though not fill them in.

        :raises AccessError: when one is of a company, say, that is not the user's
        """
        self.check_access("write")
        begun = self.sudo().create(vals_list).with_env(self.env)
        begun.check_access("write")
        return begun

    def _record(self, values):
        """Write what was found out, on records that the user may work on."""
        self.check_access("write")
        self.sudo().write(values)


class AmazonGuardedFields(models.AbstractModel):
    """Records of Odoo's own, of which only programs write some of the addon's fields.

    What Amazon is told is counted from them.
    """

    _name = "amazon.guarded.fields"
    _description = "Fields That People Do Not Fill In"

    _written_by_programs = frozenset()

    def _has_field_access(self, field, operation):
        return super()._has_field_access(field, operation) and (
            operation == "read" or self.env.su or self._is_for_people(field.name)
        )

    @api.model
    def _is_for_people(self, name):
        """Whether people fill in the field of this name."""
        return name not in self._written_by_programs
