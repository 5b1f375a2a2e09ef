"""Amazon's European marketplaces as a seller's participations name them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Market:
    marketplace_ref: str
    country_code: str
    domain: str
    currency: str
    language: str

    @property
    def sales_channel(self) -> str:
        return f"Amazon{self.domain}"


MARKETS = (
    Market("A1805IZSGTT6HS", "NL", ".nl", "EUR", "nl_NL"),
    Market("AMEN7PMS3EDWL", "BE", ".com.be", "EUR", "fr_BE"),
    Market("A1PA6795UKMFR9", "DE", ".de", "EUR", "de_DE"),
    Market("A13V1IB3VIYZZH", "FR", ".fr", "EUR", "fr_FR"),
    Market("A1RKKUPIHCS9HS", "ES", ".es", "EUR", "es_ES"),
    Market("APJ6JRA9NG5V4", "IT", ".it", "EUR", "it_IT"),
    Market("A1F83G8C2ARO7P", "GB", ".co.uk", "GBP", "en_GB"),
    Market("A28R8C7NBKEWEA", "IE", ".ie", "EUR", "en_IE"),
    Market("A2NODRKZP88ZB9", "SE", ".se", "SEK", "sv_SE"),
    Market("A1C3SOZRARQ6R3", "PL", ".pl", "PLN", "pl_PL"),
    Market("ATVPDKIKX0DER", "US", ".com", "USD", "en_US"),
    Market("A1VC38T7YXB528", "JP", ".co.jp", "JPY", "ja_JP"),
)
NETHERLANDS = MARKETS[0].marketplace_ref
BY_REF = {market.marketplace_ref: market for market in MARKETS}
BY_SALES_CHANNEL = {market.sales_channel.lower(): market for market in MARKETS}


def participation(market: Market, store_name: str) -> dict:
    return {
        "marketplace": {
            "id": market.marketplace_ref,
            "name": market.sales_channel,
            "countryCode": market.country_code,
            "defaultCurrencyCode": market.currency,
            "defaultLanguageCode": market.language,
            "domainName": f"www.amazon{market.domain}",
        },
        "participation": {"isParticipating": True, "hasSuspendedListings": False},
        "storeName": store_name,
    }


def other_channel(country_code: str, store_name: str) -> dict:
    """The pseudo-marketplace that Amazon lists beside the real ones."""
    return {
        "marketplace": {
            "id": f"A1NONAMAZON{country_code}",
            "name": f"Non-Amazon {country_code}",
            "countryCode": country_code,
            "defaultCurrencyCode": "EUR",
            "defaultLanguageCode": "en_GB",
            "domainName": f"si-prod-{country_code.lower()}.stores.amazon.com",
        },
        "participation": {"isParticipating": True, "hasSuspendedListings": False},
        "storeName": store_name,
    }
