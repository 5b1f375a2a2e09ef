"""Of the token of MyParcel's calls only a hash is kept."""


def migrate(cr, version):
    cr.execute(
        """
        ALTER TABLE res_company ADD COLUMN myparcel_hook_hash varchar;
        UPDATE res_company
           SET myparcel_hook_hash = encode(sha256(myparcel_hook_token::bytea), 'hex')
         WHERE myparcel_hook_token IS NOT NULL;
        ALTER TABLE res_company DROP COLUMN myparcel_hook_token;
        """
    )
