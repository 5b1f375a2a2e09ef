-- A copy of the database must reach neither Amazon nor a carrier.
UPDATE res_company
   SET amazon_client_secret = NULL,
       myparcel_api_key = NULL,
       myparcel_hook_hash = NULL,
       myparcel_hook_ref = NULL;
DELETE FROM myparcel_hook;
UPDATE delivery_carrier
   SET myparcel_api_key = NULL,
       myparcel_hook_hash = NULL,
       myparcel_hook_ref = NULL;
UPDATE gls_account
   SET password = NULL,
       subscription_key = NULL;
UPDATE amazon_shop
   SET refresh_token = NULL,
       connected_at = NULL,
       consent_expires_at = NULL;
DELETE FROM amazon_consent_wizard;
