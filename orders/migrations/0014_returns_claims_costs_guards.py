"""Row security of returns, claims and costs; the shares of a cost voucher sum to it whenever a transaction commits."""

from django.db import migrations

from b2b.db import operations

# The sums are checked as the platform sees the rows, whoever acts. One pass over a statement's own rows keeps the sum on the voucher, so that a hundred thousand shares cost one check.
SUM = """
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
    REFERENCING OLD TABLE AS old_shares FOR EACH STATEMENT EXECUTE FUNCTION orders_sum_cost_shares();

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
UNSUM = """
DROP TRIGGER cost_shares_sum_to_voucher ON orders_costvoucher;
DROP FUNCTION orders_check_cost_voucher();
DROP TRIGGER cost_shares_added ON orders_costshare;
DROP TRIGGER cost_shares_changed ON orders_costshare;
DROP TRIGGER cost_shares_removed ON orders_costshare;
DROP FUNCTION orders_sum_cost_shares()
"""
OF_DEALERS = ("orders_returnauthorisation", "orders_returnline", "orders_claimshare", "orders_costshare")
OF_FACTORIES = ("orders_claim", "orders_claimline")


class Migration(migrations.Migration):
    dependencies = [("orders", "0013_returns_claims_costs")]

    operations = [
        *(operations.row_security(table, columns=["dealer_id"]) for table in OF_DEALERS),
        *(operations.row_security(table, columns=["factory_id"]) for table in OF_FACTORIES),
        operations.row_security("orders_costvoucher"),
        operations.sql(SUM, UNSUM),
    ]
