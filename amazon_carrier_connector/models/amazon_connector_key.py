"""Which keys exist, since when, and when they last worked: never their values."""

from odoo import api, fields, models
from odoo.tools import SQL

from .amazon_shop_connection import SECRET_LIFETIME
from .amazon_shop_health import NOTICE


class AmazonConnectorKey(models.Model):
    """A key, secret or token of a company or shop, whether it is there or not."""

    _name = "amazon.connector.key"
    _description = "Key"
    _auto = False
    _rec_name = "kind"
    _order = "company_id, kind, shop_id"
    _depends = {
        "amazon.shop": [
            *("active", "company_id", "connected_at", "consent_expires_at"),
            *("refresh_token", "tested_at"),
        ],
        "amazon.shop.feed": ["last_import_at", "shop_id"],
        "amazon.shipment.confirmation": ["pushed_at", "shop_id"],
        "delivery.carrier": [
            *("active", "company_id", "delivery_type", "myparcel_api_key"),
            *("myparcel_key_set_at", "myparcel_key_tested_at"),
        ],
        "delivery.parcel": ["company_id", "carrier_id", "is_test", "labelled_at"],
        "gls.account": [
            *("carrier_id", "company_id", "is_test"),
            *("password", "password_set_at", "validated_at"),
        ],
        "res.company": [
            *("amazon_client_secret", "amazon_secret_set_at"),
            *("myparcel_api_key", "myparcel_key_set_at", "myparcel_key_tested_at"),
        ],
    }

    kind = fields.Selection(
        selection=[
            ("amazon_app", "Amazon app secret"),
            ("amazon_token", "Amazon refresh token"),
            ("gls", "GLS login"),
            ("myparcel", "MyParcel API key"),
        ],
        string="Key",
        readonly=True,
    )
    company_id = fields.Many2one("res.company", readonly=True)
    shop_id = fields.Many2one("amazon.shop", readonly=True)
    gls_account_id = fields.Many2one("gls.account", readonly=True)
    carrier_id = fields.Many2one("delivery.carrier", readonly=True)
    owner_name = fields.Char(string="Belongs to", compute="_compute_owner_name")
    state = fields.Selection(
        selection=[
            ("missing", "Missing"),
            ("expired", "Expired"),
            ("expiring", "Expires Soon"),
            ("stored", "Stored"),
        ],
        string="Status",
        readonly=True,
    )
    set_on = fields.Date(string="Since", readonly=True)
    tested_at = fields.Datetime(string="Last Tested", readonly=True)
    used_at = fields.Datetime(
        string="Last Used",
        readonly=True,
        help="When orders were imported, a tracking number sent or a label made.",
    )
    expires_on = fields.Date(string="Expires", readonly=True)

    @property
    def _table_query(self):
        today = fields.Date.today()
        return SQL(
            """
            SELECT row_number() OVER (
                       ORDER BY company_id, kind, shop_id, gls_account_id,
                                carrier_id NULLS FIRST
                   ) AS id,
                   kind, company_id, shop_id, gls_account_id, carrier_id,
                   set_on, tested_at, used_at, expires_on,
                   CASE WHEN NOT is_stored THEN 'missing'
                        WHEN expires_on <= %(today)s THEN 'expired'
                        WHEN expires_on <= %(soon)s THEN 'expiring'
                        ELSE 'stored'
                   END AS state
              FROM (%(keys)s) AS keys
            """,
            keys=SQL(" UNION ALL ").join(self._get_queries()),
            today=today,
            soon=today + NOTICE,
        )

    def _get_queries(self):
        """One query per kind of key, with the same columns."""
        return [
            *(self._query_app(), self._query_tokens()),
            *(self._query_gls(), self._query_myparcel()),
            self._query_methods(),
        ]

    def _query_app(self):
        return SQL(
            """
            SELECT 'amazon_app' AS kind, company.id AS company_id, NULL::int AS shop_id,
                   NULL::int AS gls_account_id, NULL::int AS carrier_id,
                   company.amazon_client_secret IS NOT NULL AS is_stored,
                   company.amazon_secret_set_at AS set_on,
                   MAX(shop.tested_at) AS tested_at,
                   MAX(feed.last_import_at) AS used_at,
                   (company.amazon_secret_set_at + %s)::date AS expires_on
              FROM res_company AS company
              JOIN amazon_shop AS shop ON shop.company_id = company.id AND shop.active
              JOIN amazon_shop_feed AS feed ON feed.shop_id = shop.id
          GROUP BY company.id
            """,
            SECRET_LIFETIME,
        )

    def _query_tokens(self):
        return SQL(
            """
            SELECT 'amazon_token', shop.company_id, shop.id, NULL::int, NULL::int,
                   shop.refresh_token IS NOT NULL, shop.connected_at::date,
                   shop.tested_at,
                   GREATEST(
                       feed.last_import_at,
                       (SELECT MAX(pushed_at) FROM amazon_shipment_confirmation
                         WHERE shop_id = shop.id)
                   ),
                   shop.consent_expires_at::date
              FROM amazon_shop AS shop
              JOIN amazon_shop_feed AS feed ON feed.shop_id = shop.id
             WHERE shop.active
            """
        )

    def _query_gls(self):
        return SQL(
            """
            SELECT 'gls', account.company_id, NULL::int, account.id, NULL::int,
                   account.password IS NOT NULL, account.password_set_at::date,
                   account.validated_at,
                   (SELECT MAX(parcel.labelled_at)
                      FROM delivery_parcel AS parcel
                      JOIN delivery_carrier AS carrier
                        ON carrier.id = parcel.carrier_id
                     WHERE parcel.company_id = account.company_id
                       AND carrier.delivery_type = 'gls_nl'
                       AND COALESCE(parcel.is_test, FALSE)
                           = COALESCE(account.is_test, FALSE)
                       AND (account.carrier_id = carrier.id
                            OR account.carrier_id IS NULL
                               AND NOT EXISTS (
                                   SELECT FROM gls_account AS own
                                    WHERE own.carrier_id = carrier.id
                                      AND own.company_id = account.company_id
                                      AND COALESCE(own.is_test, FALSE)
                                          = COALESCE(account.is_test, FALSE)))),
                   NULL::date
              FROM gls_account AS account
            """
        )

    def _query_myparcel(self):
        return SQL(
            """
            SELECT 'myparcel', company.id, NULL::int, NULL::int, NULL::int,
                   company.myparcel_api_key IS NOT NULL,
                   company.myparcel_key_set_at::date, company.myparcel_key_tested_at,
                   (SELECT MAX(parcel.labelled_at)
                      FROM delivery_parcel AS parcel
                      JOIN delivery_carrier AS carrier
                        ON carrier.id = parcel.carrier_id
                     WHERE parcel.company_id = company.id
                       AND carrier.delivery_type = 'myparcel_nl'
                       AND carrier.myparcel_api_key IS NULL),
                   NULL::date
              FROM res_company AS company
             WHERE company.myparcel_api_key IS NOT NULL
                OR EXISTS (SELECT FROM amazon_shop WHERE company_id = company.id)
            """
        )

    def _query_methods(self):
        """Keys of delivery methods; one without a company is used by all with shops."""
        return SQL(
            """
            SELECT 'myparcel', company.id, NULL::int, NULL::int, carrier.id, TRUE,
                   carrier.myparcel_key_set_at::date, carrier.myparcel_key_tested_at,
                   (SELECT MAX(labelled_at)
                      FROM delivery_parcel
                     WHERE company_id = company.id
                       AND carrier_id = carrier.id),
                   NULL::date
              FROM delivery_carrier AS carrier
              JOIN res_company AS company
                ON company.id = carrier.company_id
                OR carrier.company_id IS NULL
                   AND EXISTS (SELECT FROM amazon_shop WHERE company_id = company.id)
             WHERE carrier.active
               AND carrier.delivery_type = 'myparcel_nl'
               AND carrier.myparcel_api_key IS NOT NULL
            """
        )

    # === COMPUTE METHODS === #

    @api.depends("shop_id", "gls_account_id", "carrier_id")
    def _compute_owner_name(self):
        for key in self:
            account = key.gls_account_id
            key.owner_name = (key.shop_id or account or key.carrier_id).display_name
            if account.is_test:
                key.owner_name = self.env._("%s (test)", account.username)

    # === ACTION METHODS === #

    def action_test(self):
        """Ask its owner's system whether the key works."""
        self.ensure_one()
        if self.gls_account_id:
            return self.gls_account_id.action_validate_login()
        if self.shop_id:
            return self.shop_id.action_test_connection()
        if self.carrier_id:
            return self.carrier_id.action_test_myparcel_key()
        return self.company_id._test_myparcel_key()

    def action_open_owner(self):
        """Where another value is entered, of what is not in the settings."""
        self.ensure_one()
        owner = self.shop_id or self.gls_account_id or self.carrier_id
        return owner.get_formview_action()
