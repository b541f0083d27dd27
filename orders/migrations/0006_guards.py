"""The policy of a frozen cycle, the sums of costs, agreements of one audience that cannot overlap, and storage."""

from django.db import migrations

from b2b.db import operations

KEEP_POLICY = """
    CREATE FUNCTION orders_keep_policy() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'the policy of a frozen cycle cannot be changed' USING ERRCODE = 'restrict_violation';
    END $$;
    CREATE TRIGGER keep_policy BEFORE UPDATE OF policy, policy_hash ON orders_ordercycle FOR EACH ROW
        WHEN (OLD.policy_hash <> '' AND (OLD.policy, OLD.policy_hash) IS DISTINCT FROM (NEW.policy, NEW.policy_hash))
        EXECUTE FUNCTION orders_keep_policy()
"""
# The sums are checked as the platform sees the rows, whoever acts. One pass over a statement's own rows keeps the sum
# on the voucher, so that a hundred thousand shares cost one check.
SUM_SHARES = """
CREATE FUNCTION orders_sum_cost_shares() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    scope text := coalesce(current_setting('midstream.scope', true), '');
BEGIN
    PERFORM set_config('midstream.scope', 'system', true);
    IF TG_OP <> 'DELETE' THEN
        UPDATE orders_costvoucher voucher SET shared_amount = voucher.shared_amount + gained.amount
        FROM (SELECT voucher_id, sum(amount) AS amount FROM new_shares GROUP BY voucher_id) gained
        WHERE voucher.id = gained.voucher_id;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        UPDATE orders_costvoucher voucher SET shared_amount = voucher.shared_amount - lost.amount
        FROM (SELECT voucher_id, sum(amount) AS amount FROM old_shares GROUP BY voucher_id) lost
        WHERE voucher.id = lost.voucher_id;
    END IF;
    PERFORM set_config('midstream.scope', scope, true);
    RETURN NULL;
END $$;
CREATE TRIGGER cost_shares_added AFTER INSERT ON orders_costshare
    REFERENCING NEW TABLE AS new_shares FOR EACH STATEMENT EXECUTE FUNCTION orders_sum_cost_shares();
CREATE TRIGGER cost_shares_changed AFTER UPDATE ON orders_costshare
    REFERENCING OLD TABLE AS old_shares NEW TABLE AS new_shares
    FOR EACH STATEMENT EXECUTE FUNCTION orders_sum_cost_shares();
CREATE TRIGGER cost_shares_removed AFTER DELETE ON orders_costshare
    REFERENCING OLD TABLE AS old_shares FOR EACH STATEMENT EXECUTE FUNCTION orders_sum_cost_shares()
"""
# The shares of a cost voucher sum to it whenever a transaction commits.
CHECK_VOUCHER = """
CREATE FUNCTION orders_check_cost_voucher() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    scope text := coalesce(current_setting('midstream.scope', true), '');
    found record;
BEGIN
    PERFORM set_config('midstream.scope', 'system', true);
    SELECT number, status, amount, shared_amount INTO found FROM orders_costvoucher WHERE id = NEW.id;
    IF found.shared_amount <> (CASE WHEN found.status IN ('SHARED', 'CLOSED') THEN found.amount ELSE 0 END) THEN
        RAISE EXCEPTION 'the shares of % sum to %, not to %', found.number, found.shared_amount, found.amount
            USING ERRCODE = 'check_violation', CONSTRAINT = 'cost_shares_sum_to_voucher';
    END IF;
    PERFORM set_config('midstream.scope', scope, true);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER cost_shares_sum_to_voucher AFTER INSERT OR UPDATE ON orders_costvoucher
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION orders_check_cost_voucher()
"""
# Ranges of one value make a GiST index over plain columns possible without an extension; what tells agreements apart
# best comes first.
NO_OVERLAP = """
    ALTER TABLE orders_priceagreement ADD CONSTRAINT no_two_agreements_on_one_day EXCLUDE USING gist (
        int8range(product_id, product_id, '[]') WITH &&,
        int8range(audience, audience, '[]') WITH &&,
        int8range(seller_id, seller_id, '[]') WITH &&,
        int8range(hashtext(currency), hashtext(currency), '[]') WITH &&,
        int8range(priority, priority, '[]') WITH &&,
        daterange(valid_from, valid_to, '[]') WITH &&)
"""
# All rows of a cycle move at once: half a page takes the next state of the other half, and no index is written.
MOVING = ("orders_orderline", "orders_peg", "orders_purchaseorderline", "orders_scheduleline")
# A session takes so many keys at once of tables that are filled by the hundred thousand and never read in key order.
KEYED = ("orders_quantityevent", "orders_allocationresult", "orders_costshare")
CACHE = """
    DO $$ BEGIN
        EXECUTE format('ALTER SEQUENCE %s CACHE {many}', pg_get_serial_sequence('{table}', 'id'));
    END $$
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0005_children")]

    operations = [
        operations.sql(KEEP_POLICY, "DROP FUNCTION orders_keep_policy() CASCADE"),
        operations.sql(SUM_SHARES, "DROP FUNCTION orders_sum_cost_shares() CASCADE"),
        operations.sql(CHECK_VOUCHER, "DROP FUNCTION orders_check_cost_voucher() CASCADE"),
        operations.sql(
            NO_OVERLAP, "ALTER TABLE orders_priceagreement DROP CONSTRAINT no_two_agreements_on_one_day"
        ),
        *(
            operations.sql(
                f"ALTER TABLE {table} SET (fillfactor = 50)", f"ALTER TABLE {table} RESET (fillfactor)"
            )
            for table in MOVING
        ),
        *(
            operations.sql(CACHE.format(table=table, many=1000), CACHE.format(table=table, many=1))
            for table in KEYED
        ),
    ]
