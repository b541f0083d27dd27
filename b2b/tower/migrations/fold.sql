-- ValueDay follows its facts: each statement that changes them adds the difference, whatever it was and whoever ran it.
-- Rows of days are written in the order of their keys: two statements wait for each other and never deadlock.

CREATE FUNCTION tower_changed_rows(operation text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE operation
        WHEN 'INSERT' THEN 'SELECT 1 AS sign, * FROM added'
        WHEN 'DELETE' THEN 'SELECT -1 AS sign, * FROM removed'
        ELSE 'SELECT 1 AS sign, * FROM added UNION ALL SELECT -1, * FROM removed' END
$$;

CREATE FUNCTION tower_fold_lines() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format($query$
        INSERT INTO tower_valueday AS kept (day, currency, dealer_id, factory_id, category, lines, ordered_quantity,
            ordered_amount, delivered_quantity, freight_amount, lines_in_full, lines_on_time_in_full, cycle_s,
            baseline, pooled, dealer_share, platform_share, factory_share)
        SELECT day, currency, dealer_id, factory_id, category, sum(sign), sum(sign * ordered_quantity),
            sum(sign * ordered_amount), sum(sign * delivered_quantity), sum(sign * freight_amount),
            sum(CASE WHEN in_full THEN sign ELSE 0 END),
            sum(CASE WHEN in_full AND (need_by_date IS NULL OR delivered_date <= need_by_date) THEN sign ELSE 0 END),
            sum(CASE WHEN in_full THEN sign * extract(epoch FROM delivered_at - ordered_at)::bigint ELSE 0 END),
            0, 0, 0, 0, 0
        FROM (
            SELECT *, delivered_at IS NOT NULL AND delivered_quantity >= ordered_quantity AS in_full
            FROM (%s) changed WHERE day IS NOT NULL AND cancelled_at IS NULL) fact
        GROUP BY 1, 2, 3, 4, 5
        ORDER BY 1, 2, 3, 4, 5
        ON CONFLICT (day, currency, dealer_id, factory_id, category) DO UPDATE SET
            lines = kept.lines + excluded.lines,
            ordered_quantity = kept.ordered_quantity + excluded.ordered_quantity,
            ordered_amount = kept.ordered_amount + excluded.ordered_amount,
            delivered_quantity = kept.delivered_quantity + excluded.delivered_quantity,
            freight_amount = kept.freight_amount + excluded.freight_amount,
            lines_in_full = kept.lines_in_full + excluded.lines_in_full,
            lines_on_time_in_full = kept.lines_on_time_in_full + excluded.lines_on_time_in_full,
            cycle_s = kept.cycle_s + excluded.cycle_s
        $query$, tower_changed_rows(TG_OP));
    RETURN NULL;
END $$;

CREATE FUNCTION tower_fold_savings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format($query$
        INSERT INTO tower_valueday AS kept (day, currency, dealer_id, factory_id, category, lines, ordered_quantity,
            ordered_amount, delivered_quantity, freight_amount, lines_in_full, lines_on_time_in_full, cycle_s,
            baseline, pooled, dealer_share, platform_share, factory_share)
        SELECT day, currency, dealer_id, factory_id, category, 0, 0, 0, 0, 0, 0, 0, 0, sum(sign * baseline),
            sum(sign * pooled), sum(sign * dealer_share), sum(sign * platform_share), sum(sign * factory_share)
        FROM (%s) fact
        GROUP BY 1, 2, 3, 4, 5
        ORDER BY 1, 2, 3, 4, 5
        ON CONFLICT (day, currency, dealer_id, factory_id, category) DO UPDATE SET
            baseline = kept.baseline + excluded.baseline,
            pooled = kept.pooled + excluded.pooled,
            dealer_share = kept.dealer_share + excluded.dealer_share,
            platform_share = kept.platform_share + excluded.platform_share,
            factory_share = kept.factory_share + excluded.factory_share
        $query$, tower_changed_rows(TG_OP));
    RETURN NULL;
END $$;

CREATE TRIGGER lines_come AFTER INSERT ON tower_orderlinefact REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION tower_fold_lines();
CREATE TRIGGER lines_change AFTER UPDATE ON tower_orderlinefact REFERENCING NEW TABLE AS added OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION tower_fold_lines();
CREATE TRIGGER lines_go AFTER DELETE ON tower_orderlinefact REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION tower_fold_lines();
CREATE TRIGGER savings_come AFTER INSERT ON tower_savinglinefact REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION tower_fold_savings();
CREATE TRIGGER savings_change AFTER UPDATE ON tower_savinglinefact REFERENCING NEW TABLE AS added OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION tower_fold_savings();
CREATE TRIGGER savings_go AFTER DELETE ON tower_savinglinefact REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION tower_fold_savings();
